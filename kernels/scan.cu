// Running reductions along an axis, and positions of what is not zero. A block does a line, chunk by chunk, each as long
// as the block: the order of combining is fixed.

template <class C> __device__ inline C s_sum(C a, C b) { return (C)(a + b); }
template <class C> __device__ inline C s_prod(C a, C b) { return (C)(a * b); }
template <class C> __device__ inline C s_max(C a, C b) { return a != a || (b == b && a >= b) ? a : b; }
template <class C> __device__ inline C s_min(C a, C b) { return a != a || (b == b && a <= b) ? a : b; }
template <class C> __device__ inline C s_logsumexp(C a, C b) {
    if (a == b) return a + (C)0.6931471805599453;
    C d = a - b;
    return d != d ? d : (d > (C)0 ? a : b) + log1p(exp(-fabs(d)));
}

// The running value of each thread over the block: doubling steps through shared memory.
template <class A, class F> __device__ inline A block_scan(A x, F f) {
    __shared__ A line[1024];
    line[threadIdx.x] = x;
    __syncthreads();
    for (uint32 step = 1; step < blockDim.x; step <<= 1) {
        A y = x;
        if (threadIdx.x >= step) y = f(line[threadIdx.x - step], x);
        __syncthreads();
        x = y;
        line[threadIdx.x] = x;
        __syncthreads();
    }
    return x;
}

template <class T, class F>
__device__ inline void scan_lines(const Shape& lines, const Steps& ls, uint64 n, int64 by, const T* x, T* out, const Steps& os, int64 out_by, F f) {
    typedef typename Number<T>::C C;
    __shared__ C carry;
    for (uint64 l = blockIdx.x; l < lines.size; l += gridDim.x) {
        const T* from = x + place(lines, l, ls);
        T* to = out + place(lines, l, os);
        for (uint64 base = 0; base < n; base += blockDim.x) {
            uint64 i = base + threadIdx.x;
            // Past the end the last element stands in: nobody reads what comes of it.
            C v = block_scan(load(from[(int64)(i < n ? i : n - 1) * by]), f);
            if (base > 0) v = f(carry, v);
            __syncthreads();
            if (i < n) to[(int64)i * out_by] = store<T>(v);
            if (threadIdx.x == blockDim.x - 1) carry = v;
            __syncthreads();
        }
    }
}
#define SCAN(name, T)                                                                                                             \
    extern "C" __global__ void scan_##name##_##T(Fixed(Shape) lines, Fixed(Steps) ls, uint64 n, int64 by, const T* x, T* out, Fixed(Steps) os, int64 out_by) { \
        typedef typename Number<T>::C C;                                                                                          \
        scan_lines(lines, ls, n, by, x, out, os, out_by, [](C a, C b) { return s_##name(a, b); });                                \
    }

// Three steps give the flat positions: counts per block, their running sum, and the positions themselves.
#define NONZERO(T)                                                                                                  \
    extern "C" __global__ void nonzero_count_##T(Fixed(Shape) s, const T* x, Fixed(Steps) xs, uint64 chunk, int64* counts) {      \
        uint64 from = blockIdx.x * chunk, to = from + chunk < s.size ? from + chunk : s.size;                       \
        int64 n = 0;                                                                                                \
        for (uint64 i = from + threadIdx.x; i < to; i += blockDim.x) n += load(x[place(s, i, xs)]) != 0;            \
        n = block_reduce(n, [](int64 a, int64 b) { return a + b; });                                                \
        if (threadIdx.x == 0) counts[blockIdx.x] = n;                                                               \
    }                                                                                                               \
    extern "C" __global__ void nonzero_write_##T(Fixed(Shape) s, const T* x, Fixed(Steps) xs, uint64 chunk, const int64* ends, int64* out) { \
        uint64 from = blockIdx.x * chunk, to = from + chunk < s.size ? from + chunk : s.size;                       \
        int64 base = blockIdx.x ? ends[blockIdx.x - 1] : 0;                                                         \
        __shared__ int64 last;                                                                                      \
        for (uint64 at = from; at < to; at += blockDim.x) {                                                         \
            uint64 i = at + threadIdx.x;                                                                            \
            int64 hit = i < to && load(x[place(s, i < to ? i : from, xs)]) != 0;                                    \
            int64 rank = block_scan(hit, [](int64 a, int64 b) { return a + b; });                                   \
            if (hit) out[base + rank - 1] = (int64)i;                                                               \
            if (threadIdx.x == blockDim.x - 1) last = rank;                                                         \
            __syncthreads();                                                                                        \
            base += last;                                                                                           \
            __syncthreads();                                                                                        \
        }                                                                                                           \
    }
