// Elementwise functions of one operand. `UNARY` keeps the dtype, `TEST` gives bool.

#define ONE(name) template <class C> __device__ inline C u_##name(C x)

ONE(abs) { if constexpr (Floating<C>::yes) return fabs(x); else return x < (C)0 ? (C)-x : x; }
ONE(acos) { return acos(x); }
ONE(acosh) { return acosh(x); }
ONE(asin) { return asin(x); }
ONE(asinh) { return asinh(x); }
ONE(atan) { return atan(x); }
ONE(atanh) { return atanh(x); }
ONE(bitwise_count) {
    uint64 bits = (uint64)(x < (C)0 ? (C)-x : x);
    if (sizeof(C) < 8) bits &= (1ULL << (8 * sizeof(C) % 64)) - 1;
    return (C)__popcll(bits);
}
ONE(bitwise_invert) { return (C)~x; }
template <> __device__ inline bool u_bitwise_invert(bool x) { return !x; }
ONE(cbrt) { return cbrt(x); }
ONE(ceil) { if constexpr (Floating<C>::yes) return ceil(x); else return x; }
ONE(cos) { return cos(x); }
ONE(cosh) { return cosh(x); }
ONE(deg2rad) { return x * (C)0.017453292519943295; }
ONE(erf) { return erf(x); }
ONE(erfc) { return erfc(x); }
ONE(erfinv) { return erfinv(x); }
ONE(exp) { return exp(x); }
ONE(exp2) { return exp2(x); }
ONE(expm1) { return expm1(x); }
ONE(floor) { if constexpr (Floating<C>::yes) return floor(x); else return x; }
ONE(gelu) { return (C)0.5 * x * erfc(x * (C)-0.7071067811865476); }
ONE(i0) { return cyl_bessel_i0(x); }
ONE(lgamma) { return lgamma(x); }
ONE(log) { return log(x); }
ONE(log10) { return log10(x); }
ONE(log1p) { return log1p(x); }
ONE(log2) { return log2(x); }
ONE(log_sigmoid) { return fmin(x, (C)0) - log1p(exp(-fabs(x))); }
ONE(negative) { return (C)-x; }
ONE(rad2deg) { return x * (C)57.29577951308232; }
// Integers as in NumPy: 1/x cut off, and what a division by zero gives there.
ONE(reciprocal) {
    if constexpr (Floating<C>::yes) return (C)1 / x;
    else return x == (C)0 ? (C)0 : (C)((C)1 / x);
}
ONE(relu) { return x > (C)0 || x != x ? x : (C)0; }
ONE(round) { if constexpr (Floating<C>::yes) return rint(x); else return x; }
ONE(rsqrt) { return (C)1 / sqrt(x); }
ONE(sigmoid) {
    C e = exp(-fabs(x));
    return x >= (C)0 ? (C)1 / ((C)1 + e) : e / ((C)1 + e);
}
ONE(sign) { if constexpr (Floating<C>::yes) if (x != x) return x; return (C)((x > (C)0) - (x < (C)0)); }
// x (1 + tanh u)/2 is x sigmoid(2 u), in which nothing cancels.
ONE(gelu_tanh) { return x * u_sigmoid((C)1.5957691216057308 * (x + (C)0.044715 * x * x * x)); }
ONE(silu) { return x * u_sigmoid(x); }
ONE(sin) { return sin(x); }
ONE(sinc) { C y = x * (C)3.141592653589793; return y == (C)0 ? (C)1 : sin(y) / y; }
ONE(sinh) { return sinh(x); }
ONE(sqrt) { return sqrt(x); }
ONE(square) { return (C)(x * x); }
ONE(tan) { return tan(x); }
ONE(tanh) { return tanh(x); }
ONE(gamma) { return tgamma(x); }
ONE(trunc) { if constexpr (Floating<C>::yes) return trunc(x); else return x; }

#define ONE_TEST(name) template <class C> __device__ inline bool t_##name(C x)

ONE_TEST(isnan) { return x != x; }
ONE_TEST(isinf) { if constexpr (Floating<C>::yes) return fabs(x) == infinity_of(x); else return false; }
ONE_TEST(isfinite) { if constexpr (Floating<C>::yes) return fabs(x) < infinity_of(x); else return true; }
ONE_TEST(logical_not) { return x == (C)0; }
ONE_TEST(signbit) {
    if constexpr (sizeof(C) == 4 && Floating<C>::yes) return __float_as_int(x) < 0;
    else if constexpr (Floating<C>::yes) return __double_as_longlong(x) < 0;
    else return x < (C)0;
}

#define UNARY(name, T)                                                                                     \
    extern "C" __global__ void unary_##name##_##T(Fixed(Shape) s, const T* x, Fixed(Steps) xs, T* out, Fixed(Steps) os) {       \
        map1(s, x, xs, out, os, [](typename Number<T>::C v) { return u_##name(v); });                      \
    }
#define TEST(name, T)                                                                                      \
    extern "C" __global__ void test_##name##_##T(Fixed(Shape) s, const T* x, Fixed(Steps) xs, bool8* out, Fixed(Steps) os) {    \
        map1(s, x, xs, out, os, [](typename Number<T>::C v) { return t_##name(v); });                      \
    }
