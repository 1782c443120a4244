// Elementwise functions of two operands of one dtype. `BINARY` keeps the dtype, `COMPARE` gives bool.

#define TWO(name) template <class C> __device__ inline C b_##name(C a, C b)

// Wrapping, whatever the width: signed overflow has no meaning in C.
template <class C> struct Unsigned { typedef C U; };
template <> struct Unsigned<int8> { typedef uint8 U; };
template <> struct Unsigned<int16> { typedef uint16 U; };
template <> struct Unsigned<int32> { typedef uint32 U; };
template <> struct Unsigned<int64> { typedef uint64 U; };
template <class C> using U = typename Unsigned<C>::U;

TWO(add) { if constexpr (Floating<C>::yes) return a + b; else return (C)((U<C>)a + (U<C>)b); }
TWO(subtract) { if constexpr (Floating<C>::yes) return a - b; else return (C)((U<C>)a - (U<C>)b); }
TWO(multiply) {
    // Through 64 bits: two 16-bit numbers would be multiplied as int.
    if constexpr (Floating<C>::yes) return a * b; else return (C)((uint64)a * (uint64)b);
}
TWO(divide) { return a / b; }
TWO(remainder) {
    if constexpr (Floating<C>::yes) {
        C m = fmod(a, b);
        if (m != (C)0) return (m < (C)0) != (b < (C)0) ? m + b : m;
        return copysign((C)0, b);
    } else {
        if (b == (C)0) return (C)0;
        if (Signed<C>::yes && b == (C)-1) return (C)0;
        C m = (C)(a % b);
        return m != (C)0 && (m < (C)0) != (b < (C)0) ? (C)(m + b) : m;
    }
}
TWO(floor_divide) {
    if constexpr (Floating<C>::yes) {
        if (b == (C)0) return a / b;
        C m = fmod(a, b);
        C q = (a - m) / b;
        if (m != (C)0 && (b < (C)0) != (m < (C)0)) q -= (C)1;
        if (q == (C)0) return copysign((C)0, a / b);
        C f = floor(q);
        return q - f > (C)0.5 ? f + (C)1 : f;
    } else {
        if (b == (C)0) return (C)0;
        if (Signed<C>::yes && b == (C)-1) return (C)((U<C>)0 - (U<C>)a);
        C q = (C)(a / b);
        return (C)(a % b) != (C)0 && (a < (C)0) != (b < (C)0) ? (C)(q - 1) : q;
    }
}
TWO(fmod) {
    if constexpr (Floating<C>::yes) return fmod(a, b);
    else if (b == (C)0 || (Signed<C>::yes && b == (C)-1)) return (C)0;
    else return (C)(a % b);
}
TWO(pow) {
    if constexpr (Floating<C>::yes) return pow(a, b);
    else {
        // The host refuses negative exponents.
        uint64 base = (uint64)a, power = 1;
        for (uint64 e = (uint64)b; e; e >>= 1) {
            if (e & 1) power *= base;
            base *= base;
        }
        return (C)power;
    }
}
TWO(atan2) { return atan2(a, b); }
TWO(copysign) { return copysign(a, b); }
TWO(hypot) { return hypot(a, b); }
TWO(bitwise_and) { return (C)(a & b); }
TWO(bitwise_or) { return (C)(a | b); }
TWO(bitwise_xor) { return (C)(a ^ b); }
TWO(bitwise_left_shift) { return b < (C)0 || (uint64)b >= 8 * sizeof(C) ? (C)0 : (C)((uint64)a << (uint64)b); }
TWO(bitwise_right_shift) {
    if (b < (C)0 || (uint64)b >= 8 * sizeof(C)) return a < (C)0 ? (C)-1 : (C)0;
    return (C)(a >> b);
}
// A NaN wins, the first of two.
TWO(maximum) { return a != a || (b == b && a >= b) ? a : b; }
TWO(minimum) { return a != a || (b == b && a <= b) ? a : b; }
// A number wins over a NaN.
TWO(fmax) { return b != b || a >= b ? a : b; }
TWO(fmin) { return b != b || a <= b ? a : b; }
TWO(gcd) {
    uint64 x = (uint64)(a < (C)0 ? (C)-a : a), y = (uint64)(b < (C)0 ? (C)-b : b);
    if (sizeof(C) < 8) x &= (1ULL << (8 * sizeof(C) % 64)) - 1, y &= (1ULL << (8 * sizeof(C) % 64)) - 1;
    while (y) { uint64 r = x % y; x = y; y = r; }
    return (C)x;
}
TWO(lcm) {
    C g = b_gcd(a, b);
    if (g == (C)0) return (C)0;
    U<C> x = (U<C>)(a < (C)0 ? (C)-a : a), y = (U<C>)(b < (C)0 ? (C)-b : b);
    return (C)((uint64)(x / (U<C>)g) * (uint64)y);
}
TWO(heaviside) { return a != a ? a : a < (C)0 ? (C)0 : a > (C)0 ? (C)1 : b; }
TWO(logaddexp) {
    if (a == b) return a + (C)0.6931471805599453;
    C d = a - b;
    return d != d ? d : (d > (C)0 ? a : b) + log1p(exp(-fabs(d)));
}
TWO(logaddexp2) {
    if (a == b) return a + (C)1;
    C d = a - b;
    return d != d ? d : (d > (C)0 ? a : b) + log1p(exp2(-fabs(d))) * (C)1.4426950408889634;
}
TWO(nextafter) { return nextafter(a, b); }

#define TWO_TEST(name, expression) template <class C> __device__ inline bool c_##name(C a, C b) { return expression; }

TWO_TEST(equal, a == b)
TWO_TEST(not_equal, a != b)
TWO_TEST(less, a < b)
TWO_TEST(less_equal, a <= b)
TWO_TEST(greater, a > b)
TWO_TEST(greater_equal, a >= b)
TWO_TEST(logical_and, a != (C)0 && b != (C)0)
TWO_TEST(logical_or, a != (C)0 || b != (C)0)
TWO_TEST(logical_xor, (a != (C)0) != (b != (C)0))

#define BINARY(name, T)                                                                                                       \
    extern "C" __global__ void binary_##name##_##T(Fixed(Shape) s, const T* a, Fixed(Steps) as, const T* b, Fixed(Steps) bs, T* out, Fixed(Steps) os) {   \
        typedef typename Number<T>::C C;                                                                                      \
        map2(s, a, as, b, bs, out, os, [](C x, C y) { return b_##name(x, y); });                                              \
    }
#define COMPARE(name, T)                                                                                                           \
    extern "C" __global__ void compare_##name##_##T(Fixed(Shape) s, const T* a, Fixed(Steps) as, const T* b, Fixed(Steps) bs, bool8* out, Fixed(Steps) os) {   \
        typedef typename Number<T>::C C;                                                                                           \
        map2(s, a, as, b, bs, out, os, [](C x, C y) { return c_##name(x, y); });                                                   \
    }
