// Kernels of networks that go over a line at a time: softmax and normalisations. Statistics are kept in float for 16-bit
// dtypes and in the dtype itself else, means before squares, so that nothing cancels. A block does a line of a dense
// `[outer, n, inner]` tensor; its elements are `inner` apart.

template <class C> __device__ inline C total(C x) { return block_reduce(x, [](C a, C b) { return a + b; }); }
template <class C> __device__ inline C largest(C x) { return block_reduce(x, [](C a, C b) { return a != a || (b == b && a >= b) ? a : b; }); }

template <class T, bool LOG> __device__ inline void softmax(uint64 outer, uint64 n, uint64 inner, const T* x, T* out) {
    typedef typename Number<T>::C C;
    for (uint64 l = blockIdx.x; l < outer * inner; l += gridDim.x) {
        uint64 base = l / inner * n * inner + l % inner;
        C top = -infinity_of((C)0);
        for (uint64 i = threadIdx.x; i < n; i += blockDim.x) {
            C v = load(x[base + i * inner]);
            top = top != top || (v == v && top >= v) ? top : v;
        }
        top = largest(top);
        C sum = (C)0;
        for (uint64 i = threadIdx.x; i < n; i += blockDim.x) sum += exp(load(x[base + i * inner]) - top);
        sum = total(sum);
        C log_sum = log(sum);
        for (uint64 i = threadIdx.x; i < n; i += blockDim.x) {
            C d = load(x[base + i * inner]) - top;
            out[base + i * inner] = store<T>(LOG ? d - log_sum : exp(d) / sum);
        }
    }
}
#define SOFTMAX(T)                                                                                                  \
    extern "C" __global__ void softmax_##T(uint64 outer, uint64 n, uint64 inner, const T* x, T* out) { softmax<T, false>(outer, n, inner, x, out); } \
    extern "C" __global__ void log_softmax_##T(uint64 outer, uint64 n, uint64 inner, const T* x, T* out) { softmax<T, true>(outer, n, inner, x, out); }

// (x - mean)/sqrt(var + eps) gain + bias over rows of n; gain and bias may be null. `rms` leaves out the mean.
template <class T, bool RMS>
__device__ inline void row_norm(uint64 rows, uint64 n, const T* x, const T* gain, const T* bias, double eps, T* out) {
    typedef typename Number<T>::C C;
    for (uint64 r = blockIdx.x; r < rows; r += gridDim.x) {
        const T* row = x + r * n;
        C mean = (C)0;
        if (!RMS) {
            for (uint64 i = threadIdx.x; i < n; i += blockDim.x) mean += load(row[i]);
            mean = total(mean) / (C)n;
        }
        C square = (C)0;
        for (uint64 i = threadIdx.x; i < n; i += blockDim.x) {
            C d = load(row[i]) - mean;
            square += d * d;
        }
        C scale = (C)1 / sqrt(total(square) / (C)n + (C)eps);
        for (uint64 i = threadIdx.x; i < n; i += blockDim.x) {
            C v = (load(row[i]) - mean) * scale;
            if (gain) v *= load(gain[i]);
            if (bias) v += load(bias[i]);
            out[r * n + i] = store<T>(v);
        }
    }
}
// `[outer, channels, inner]`: a block does a channel, by its own statistics or by given ones (then `mean` and `var` are read).
template <class T>
__device__ inline void batch_norm(uint64 outer, uint64 channels, uint64 inner, const T* x, const T* gain, const T* bias, double eps,
                                  double target, uint32 given, typename Number<T>::C* mean, typename Number<T>::C* var, T* out) {
    typedef typename Number<T>::C C;
    for (uint64 c = blockIdx.x; c < channels; c += gridDim.x) {
        uint64 n = outer * inner;
        C m, v;
        if (given) m = mean[c], v = var[c];
        else {
            m = (C)0;
            for (uint64 i = threadIdx.x; i < n; i += blockDim.x) m += load(x[(i / inner * channels + c) * inner + i % inner]);
            m = total(m) / (C)n;
            v = (C)0;
            for (uint64 i = threadIdx.x; i < n; i += blockDim.x) {
                C d = load(x[(i / inner * channels + c) * inner + i % inner]) - m;
                v += d * d;
            }
            v = total(v) / (C)n;
            if (threadIdx.x == 0) mean[c] = m, var[c] = v;
        }
        C scale = sqrt((C)target) / sqrt(v + (C)eps);
        C g = gain ? load(gain[c]) : (C)1, b = bias ? load(bias[c]) : (C)0;
        for (uint64 i = threadIdx.x; i < n; i += blockDim.x) {
            uint64 at = (i / inner * channels + c) * inner + i % inner;
            out[at] = store<T>(g * (load(x[at]) - m) * scale + b);
        }
    }
}
#define NORM(T)                                                                                                              \
    extern "C" __global__ void layer_norm_##T(uint64 rows, uint64 n, const T* x, const T* gain, const T* bias, double eps, T* out) { \
        row_norm<T, false>(rows, n, x, gain, bias, eps, out);                                                                \
    }                                                                                                                        \
    extern "C" __global__ void rms_norm_##T(uint64 rows, uint64 n, const T* x, const T* gain, const T* bias, double eps, T* out) { \
        row_norm<T, true>(rows, n, x, gain, bias, eps, out);                                                                 \
    }                                                                                                                        \
    /* The variance aimed at is 1, or 1/phi for the golden batch norm. */                                                    \
    extern "C" __global__ void batch_norm_##T(uint64 outer, uint64 channels, uint64 inner, const T* x, const T* gain, const T* bias, \
                                              double eps, double target, uint32 given, typename Number<T>::C* mean,          \
                                              typename Number<T>::C* var, T* out) {                                          \
        batch_norm<T>(outer, channels, inner, x, gain, bias, eps, target, given, mean, var, out);                            \
    }
