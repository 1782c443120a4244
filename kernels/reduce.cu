// Reductions over axes, and indices of extremes. Block (o, k) takes slice k of what is reduced to output o; with one slice
// it writes the result, with several it writes what the second kernel combines, in the order of the slices: no atomics, so
// results repeat to the bit.

// What a reduction is: its accumulator, where it starts, how elements come in and how accumulators meet.
template <class C> struct R_sum {
    typedef typename Sum<C>::A A;
    __device__ static A start() { return (A)0; }
    __device__ static A take(C x) { return (A)x; }
    __device__ static A join(A a, A b) { return a + b; }
};
template <class C> struct R_prod {
    typedef typename Sum<C>::A A;
    __device__ static A start() { return (A)1; }
    __device__ static A take(C x) { return (A)x; }
    __device__ static A join(A a, A b) { return a * b; }
};
template <class C> struct R_sum_squares {
    typedef typename Sum<C>::A A;
    __device__ static A start() { return (A)0; }
    __device__ static A take(C x) { return (A)x * (A)x; }
    __device__ static A join(A a, A b) { return a + b; }
};
// The start of an extreme is told apart: integers have no value below all others that could not occur.
template <class C> struct Extreme { C value; uint32 any; };
template <class C> struct R_max {
    typedef Extreme<C> A;
    __device__ static A start() { A a; a.value = (C)0; a.any = 0; return a; }
    __device__ static A take(C x) { A a; a.value = x; a.any = 1; return a; }
    __device__ static A join(A a, A b) {
        if (!b.any) return a;
        if (!a.any) return b;
        return a.value != a.value || (b.value == b.value && a.value >= b.value) ? a : b;
    }
};
template <class C> struct R_min {
    typedef Extreme<C> A;
    __device__ static A start() { return R_max<C>::start(); }
    __device__ static A take(C x) { return R_max<C>::take(x); }
    __device__ static A join(A a, A b) {
        if (!b.any) return a;
        if (!a.any) return b;
        return a.value != a.value || (b.value == b.value && a.value <= b.value) ? a : b;
    }
};
template <class C> struct R_all {
    typedef uint32 A;
    __device__ static A start() { return 1; }
    __device__ static A take(C x) { return x != (C)0; }
    __device__ static A join(A a, A b) { return a & b; }
};
template <class C> struct R_any {
    typedef uint32 A;
    __device__ static A start() { return 0; }
    __device__ static A take(C x) { return x != (C)0; }
    __device__ static A join(A a, A b) { return a | b; }
};
template <class C> struct R_count_nonzero {
    typedef int64 A;
    __device__ static A start() { return 0; }
    __device__ static A take(C x) { return x != (C)0; }
    __device__ static A join(A a, A b) { return a + b; }
};
template <class R, class A> __device__ inline R result(A a) { return store<R>(a); }
template <class R, class C> __device__ inline R result(Extreme<C> a) { return store<R>(a.value); }

template <class Op, class T, class O>
__device__ inline void reduce(const Shape& kept, const Steps& ks, const Shape& gone, const Steps& gs, const T* x, O* out, const Steps& os, uint64 slices, void* partial) {
    typedef typename Op::A A;
    for (uint64 job = blockIdx.x; job < kept.size * slices; job += gridDim.x) {
        uint64 o = job / slices, k = job % slices;
        uint64 from = gone.size / slices * k + (k < gone.size % slices ? k : gone.size % slices);
        uint64 to = from + gone.size / slices + (k < gone.size % slices ? 1 : 0);
        const T* at = x + place(kept, o, ks);
        // Four accumulators hide the latency of loads and shorten the chain of roundings.
        A a[4] = {Op::start(), Op::start(), Op::start(), Op::start()};
        uint64 i = from + threadIdx.x, step = blockDim.x;
        bool along = dense(gone, gs);
        for (; i + 3 * step < to; i += 4 * step)
#pragma unroll
            for (int u = 0; u < 4; u++) a[u] = Op::join(a[u], Op::take(load(at[along ? (int64)(i + u * step) : place(gone, i + u * step, gs)])));
        for (; i < to; i += step) a[0] = Op::join(a[0], Op::take(load(at[along ? (int64)i : place(gone, i, gs)])));
        A total = block_reduce(Op::join(Op::join(a[0], a[1]), Op::join(a[2], a[3])), [](A p, A q) { return Op::join(p, q); });
        if (threadIdx.x == 0) {
            if (slices == 1) out[place(kept, o, os)] = result<O>(total);
            else ((A*)partial)[job] = total;
        }
    }
}

// Few elements per output, or outputs side by side in memory: a thread does an output.
template <class Op, class T, class O>
__device__ inline void reduce_rows(const Shape& kept, const Steps& ks, const Shape& gone, const Steps& gs, const T* x, O* out, const Steps& os) {
    typedef typename Op::A A;
    for (uint64 o = thread_index(); o < kept.size; o += thread_count()) {
        const T* at = x + place(kept, o, ks);
        A a[4] = {Op::start(), Op::start(), Op::start(), Op::start()};
        uint64 i = 0;
        for (; i + 3 < gone.size; i += 4)
#pragma unroll
            for (int u = 0; u < 4; u++) a[u] = Op::join(a[u], Op::take(load(at[place(gone, i + u, gs)])));
        for (; i < gone.size; i++) a[0] = Op::join(a[0], Op::take(load(at[place(gone, i, gs)])));
        out[place(kept, o, os)] = result<O>(Op::join(Op::join(a[0], a[1]), Op::join(a[2], a[3])));
    }
}

template <class Op, class O>
__device__ inline void finish(const Shape& kept, uint64 slices, const void* partial, O* out, const Steps& os) {
    typedef typename Op::A A;
    for (uint64 o = thread_index(); o < kept.size; o += thread_count()) {
        A a = Op::start();
        for (uint64 k = 0; k < slices; k++) a = Op::join(a, ((const A*)partial)[o * slices + k]);
        out[place(kept, o, os)] = result<O>(a);
    }
}

// The dtype of the result.
template <class C, class T> struct Out_sum { typedef typename Sum<C>::A A; typedef A R; };
template <class T> struct Out_sum<float, T> { typedef T R; };
template <class T> struct Out_sum<double, T> { typedef T R; };
template <class C, class T> struct Out_prod : Out_sum<C, T> {};
template <class C, class T> struct Out_sum_squares : Out_sum<C, T> {};
template <class C, class T> struct Out_max { typedef T R; };
template <class C, class T> struct Out_min { typedef T R; };
template <class C, class T> struct Out_all { typedef bool8 R; };
template <class C, class T> struct Out_any { typedef bool8 R; };
template <class C, class T> struct Out_count_nonzero { typedef int64 R; };

#define REDUCE(name, T)                                                                                                   \
    typedef R_##name<typename Number<T>::C> Op_##name##_##T;                                                              \
    typedef typename Out_##name<typename Number<T>::C, T>::R Res_##name##_##T;                                            \
    extern "C" __global__ void reduce_##name##_##T(Fixed(Shape) kept, Fixed(Steps) ks, Fixed(Shape) gone, Fixed(Steps) gs, const T* x,                \
                                                   Res_##name##_##T* out, Fixed(Steps) os, uint64 slices, void* partial) {       \
        reduce<Op_##name##_##T>(kept, ks, gone, gs, x, out, os, slices, partial);                                         \
    }                                                                                                                     \
    extern "C" __global__ void reduce_rows_##name##_##T(Fixed(Shape) kept, Fixed(Steps) ks, Fixed(Shape) gone, Fixed(Steps) gs, const T* x,           \
                                                        Res_##name##_##T* out, Fixed(Steps) os) {                                \
        reduce_rows<Op_##name##_##T>(kept, ks, gone, gs, x, out, os);                                                     \
    }                                                                                                                     \
    extern "C" __global__ void reduce_finish_##name##_##T(Fixed(Shape) kept, uint64 slices, const void* partial,                 \
                                                          Res_##name##_##T* out, Fixed(Steps) os) {                              \
        finish<Op_##name##_##T>(kept, slices, partial, out, os);                                                          \
    }

// The first index of the extreme; the first NaN wins.
template <class C> struct Found { C value; int64 index; };
template <class C, bool LARGEST> __device__ inline Found<C> better(Found<C> a, Found<C> b) {
    if (b.index < 0) return a;
    if (a.index < 0) return b;
    bool an = a.value != a.value, bn = b.value != b.value;
    bool first = a.index < b.index;
    if (an || bn) return an && bn ? (first ? a : b) : an ? a : b;
    if (a.value == b.value) return first ? a : b;
    return (LARGEST ? a.value > b.value : a.value < b.value) ? a : b;
}
template <class T, bool LARGEST>
__device__ inline void arg_reduce(const Shape& kept, const Steps& ks, uint64 n, int64 by, const T* x, int64* out, const Steps& os) {
    typedef typename Number<T>::C C;
    for (uint64 o = blockIdx.x; o < kept.size; o += gridDim.x) {
        const T* at = x + place(kept, o, ks);
        Found<C> best = {(C)0, -1};
        for (uint64 i = threadIdx.x; i < n; i += blockDim.x) {
            Found<C> here = {load(at[(int64)i * by]), (int64)i};
            best = better<C, LARGEST>(best, here);
        }
        best = block_reduce(best, [](Found<C> a, Found<C> b) { return better<C, LARGEST>(a, b); });
        if (threadIdx.x == 0) out[place(kept, o, os)] = best.index;
    }
}
#define ARG_REDUCE(name, T)                                                                                                \
    extern "C" __global__ void arg_reduce_##name##_##T(Fixed(Shape) kept, Fixed(Steps) ks, uint64 n, int64 by, const T* x, int64* out, Fixed(Steps) os) { \
        arg_reduce<T, sizeof(#name) == sizeof("max") && (#name)[1] == 'a'>(kept, ks, n, by, x, out, os);                   \
    }
