// What every kernel builds on: element types under their names of the array API, shapes and steps, walks over elements.
// Nothing is included: NVRTC comes without headers.

typedef signed char int8;
typedef short int16;
typedef int int32;
typedef long long int64;
typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long long uint64;
typedef float float32;
typedef double float64;
struct bool8 { uint8 bits; };
struct float16 { uint16 bits; };
struct bfloat16 { uint16 bits; };
// Elements that are only moved, of the size of complex128.
struct alignas(16) bits128 { uint64 low, high; };

// The type that a dtype is computed in: 16-bit floats in float, bool8 in bool.
template <class T> struct Number { typedef T C; };
template <> struct Number<bool8> { typedef bool C; };
template <> struct Number<float16> { typedef float C; };
template <> struct Number<bfloat16> { typedef float C; };
template <class T> struct Floating { static const bool yes = false; };
template <> struct Floating<float> { static const bool yes = true; };
template <> struct Floating<double> { static const bool yes = true; };
template <class T> struct Signed { static const bool yes = (T)(-1) < (T)(0); };
template <> struct Signed<bool> { static const bool yes = false; };
// The type that sums are kept in.
template <class C> struct Sum { typedef C A; };
template <> struct Sum<bool> { typedef int64 A; };
template <> struct Sum<int8> { typedef int64 A; };
template <> struct Sum<int16> { typedef int64 A; };
template <> struct Sum<int32> { typedef int64 A; };
template <> struct Sum<uint8> { typedef uint64 A; };
template <> struct Sum<uint16> { typedef uint64 A; };
template <> struct Sum<uint32> { typedef uint64 A; };

__device__ inline float infinity_of(float) { return __int_as_float(0x7f800000); }
__device__ inline double infinity_of(double) { return __longlong_as_double(0x7ff0000000000000LL); }

template <class T> __device__ inline T load(T x) { return x; }
__device__ inline bool load(bool8 x) { return x.bits != 0; }
__device__ inline float load(float16 x) { return half_to_float(x.bits); }
__device__ inline float load(bfloat16 x) { return __int_as_float((int)x.bits << 16); }

// A double as a float whose last bit says whether anything was cut off: rounding that again rounds once.
__device__ inline float odd(double x) {
    float r = __double2float_rz(x);
    if ((double)r != x && x == x) r = __int_as_float(__float_as_int(r) | 1);
    return r;
}
__device__ inline float odd(float x) { return x; }
template <class C> __device__ inline float odd(C x) { return odd((double)x); }

template <class T, class C> struct Store { static __device__ inline T of(C x) { return (T)x; } };
template <class C> struct Store<bool8, C> {
    static __device__ inline bool8 of(C x) { bool8 r; r.bits = x != (C)0; return r; }
};
template <class C> struct Store<float16, C> {
    static __device__ inline float16 of(C x) { float16 r; r.bits = float_to_half(odd(x)); return r; }
};
template <class C> struct Store<bfloat16, C> {
    static __device__ inline bfloat16 of(C x) {
        uint32 b = (uint32)__float_as_int(odd(x));
        bfloat16 r;
        // To nearest, halves to even; a NaN stays one.
        r.bits = (b & 0x7fffffffu) > 0x7f800000u ? (uint16)((b >> 16) | 0x40u) : (uint16)((b + 0x7fffu + ((b >> 16) & 1u)) >> 16);
        return r;
    }
};
template <class T, class C> __device__ inline T store(C x) { return Store<T, C>::of(x); }

// Axes that the host has merged where it could: at most eight, the last one moves fastest. Steps count elements.
struct Shape { uint32 ndim; uint32 unused; uint64 size; uint64 length[8]; };
struct Steps { int64 by[8]; };

// A parameter that stays in the constant bank, where it can be indexed without a copy on the stack.
#define Fixed(T) const __grid_constant__ T

struct Places { int64 a, b, c, d; };

template <class I>
__device__ inline Places places_by(const Shape& s, I i, const Steps& a, const Steps& b, const Steps& c, const Steps& d) {
    Places p = {0, 0, 0, 0};
    for (int axis = (int)s.ndim - 1; axis >= 0; axis--) {
        I n = (I)s.length[axis];
        I q = i / n;
        int64 r = (int64)(i - q * n);
        p.a += r * a.by[axis];
        p.b += r * b.by[axis];
        p.c += r * c.by[axis];
        p.d += r * d.by[axis];
        i = q;
    }
    return p;
}
// Where element `i` lies in up to four operands; divisions of 32 bits are several times quicker than those of 64.
__device__ inline Places places(const Shape& s, uint64 i, const Steps& a, const Steps& b, const Steps& c, const Steps& d) {
    if (s.size <= 0xffffffffULL) return places_by<uint32>(s, (uint32)i, a, b, c, d);
    return places_by<uint64>(s, i, a, b, c, d);
}
__device__ inline int64 place(const Shape& s, uint64 i, const Steps& a) { return places(s, i, a, a, a, a).a; }

__device__ inline bool dense(const Shape& s, const Steps& a) { return s.ndim == 0 || (s.ndim == 1 && (a.by[0] == 1 || s.size <= 1)); }
__device__ inline bool aligned(const void* p, uint64 bytes) { return ((uint64)p & (bytes - 1)) == 0; }
__device__ inline uint64 thread_index() { return (uint64)blockIdx.x * blockDim.x + threadIdx.x; }
__device__ inline uint64 thread_count() { return (uint64)gridDim.x * blockDim.x; }

// Elements that are loaded and stored together.
template <class T, int K> struct alignas(sizeof(T) * K) Pack { T v[K]; };
template <class T, class R> struct Width { static const int K = 16 / (sizeof(T) > sizeof(R) ? sizeof(T) : sizeof(R)); };

// out[i] = f(x[i])
template <class T, class R, class F>
__device__ inline void map1(const Shape& s, const T* x, const Steps& xs, R* out, const Steps& os, F f) {
    const int K = Width<T, R>::K;
    uint64 from = 0;
    if (dense(s, xs) && dense(s, os) && aligned(x, sizeof(T) * K) && aligned(out, sizeof(R) * K)) {
        uint64 packs = s.size / K;
        for (uint64 p = thread_index(); p < packs; p += thread_count()) {
            Pack<T, K> a = ((const Pack<T, K>*)x)[p];
            Pack<R, K> r;
#pragma unroll
            for (int k = 0; k < K; k++) r.v[k] = store<R>(f(load(a.v[k])));
            ((Pack<R, K>*)out)[p] = r;
        }
        from = packs * K;
    }
    for (uint64 i = from + thread_index(); i < s.size; i += thread_count()) {
        Places p = places(s, i, xs, os, os, os);
        out[p.b] = store<R>(f(load(x[p.a])));
    }
}

// out[i] = f(a[i], b[i])
template <class T, class R, class F>
__device__ inline void map2(const Shape& s, const T* a, const Steps& as, const T* b, const Steps& bs, R* out, const Steps& os, F f) {
    const int K = Width<T, R>::K;
    uint64 from = 0;
    if (dense(s, as) && dense(s, bs) && dense(s, os) && aligned(a, sizeof(T) * K) && aligned(b, sizeof(T) * K) && aligned(out, sizeof(R) * K)) {
        uint64 packs = s.size / K;
        for (uint64 p = thread_index(); p < packs; p += thread_count()) {
            Pack<T, K> u = ((const Pack<T, K>*)a)[p], v = ((const Pack<T, K>*)b)[p];
            Pack<R, K> r;
#pragma unroll
            for (int k = 0; k < K; k++) r.v[k] = store<R>(f(load(u.v[k]), load(v.v[k])));
            ((Pack<R, K>*)out)[p] = r;
        }
        from = packs * K;
    }
    for (uint64 i = from + thread_index(); i < s.size; i += thread_count()) {
        Places p = places(s, i, as, bs, os, os);
        out[p.c] = store<R>(f(load(a[p.a]), load(b[p.b])));
    }
}

// Blocks have a multiple of 32 threads, at most 1024, and all of them come here. The order of combining is fixed by the
// number of threads: results repeat to the bit. The result is valid in every thread.
template <class A, class F>
__device__ inline A block_reduce(A x, F f) {
    __shared__ A kept[32];
    for (int step = 16; step > 0; step >>= 1) x = f(x, shuffle_down(x, step));
    if ((threadIdx.x & 31) == 0) kept[threadIdx.x >> 5] = x;
    __syncthreads();
    A total = kept[0];
    for (uint32 w = 1; w < blockDim.x / 32; w++) total = f(total, kept[w]);
    __syncthreads();
    return total;
}
