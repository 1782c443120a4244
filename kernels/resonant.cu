// The kernels of resonant tensors, each with its twin on the host (`src/resonant`), whose formulas these are. All of
// them are always there, under the names of the plan; sums go through a fixed tree, never through atomics.

#define PHI 1.618033988749895
#define PHI_INV 0.6180339887498949
#define PHI_INV_SQUARED 0.3819660112501051

template <class C> __device__ inline C golden_weight(C m2) { return exp(-m2 / (C)PHI); }
// 1 + a(S) m, or with m/(1+m) where no mode may run away.
template <class C> __device__ inline C d_gain(C m2, C s, uint32 saturating) {
    C m = sqrt(m2);
    return (C)1 + (C)PHI_INV_SQUARED * ((C)1 - s) * (saturating ? m / ((C)1 + m) : m);
}
template <class C> __device__ inline C h_gain(C m2, C s) { return (C)1 - (C)PHI_INV * s * ((C)1 - golden_weight(m2)); }

extern "C" __global__ void exp_golden_f64(uint64 n, const double* x, double* out) {
    for (uint64 i = thread_index(); i < n; i += thread_count()) out[i] = exp(-x[i] / PHI);
}
extern "C" __global__ void sigmoid_f64(uint64 n, const double* x, double* out) {
    for (uint64 i = thread_index(); i < n; i += thread_count()) {
        double e = exp(-fabs(x[i]));
        out[i] = x[i] >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
    }
}
extern "C" __global__ void tanh_f64(uint64 n, const double* x, double* out) {
    for (uint64 i = thread_index(); i < n; i += thread_count()) out[i] = tanh(x[i]);
}

// Per row of n: (x - mean)/sqrt(var + eps), times sqrt(1/phi) with a golden target, times gamma plus beta (null: 1 and 0).
// A constant row has no direction and gives beta, whatever eps is.
extern "C" __global__ void layer_norm_f64(double* out, const double* x, const double* gamma, const double* beta, double eps, uint64 rows, uint64 n, uint32 golden) {
    for (uint64 r = blockIdx.x; r < rows; r += gridDim.x) {
        const double* row = x + r * n;
        double mean = 0.0, square = 0.0;
        for (uint64 i = threadIdx.x; i < n; i += blockDim.x) mean += row[i];
        mean = block_reduce(mean, [](double a, double b) { return a + b; }) / (double)n;
        for (uint64 i = threadIdx.x; i < n; i += blockDim.x) square += (row[i] - mean) * (row[i] - mean);
        double var = block_reduce(square, [](double a, double b) { return a + b; }) / (double)n;
        double spread = sqrt(var + eps), goal = golden ? sqrt(PHI_INV) : 1.0;
        for (uint64 i = threadIdx.x; i < n; i += blockDim.x) {
            double z = var == 0.0 ? 0.0 : (row[i] - mean) / spread * goal;
            out[r * n + i] = z * (gamma ? gamma[i] : 1.0) + (beta ? beta[i] : 0.0);
        }
    }
}

// The two sums of syntony, of x^2 w(m2) and of x^2, per block into `partial`; `syntony_finish` divides. Sums are doubles, in
// which squares of floats neither vanish nor overflow; doubles are divided by the largest magnitude first, if it is given.
struct Pair { double weighted, all; };
template <class T> __device__ inline void syntony_sums(uint64 n, const T* x, const T* m2, const T* largest, double* partial) {
    Pair sum = {0.0, 0.0};
    double scale = largest ? 1.0 / (double)*largest : 1.0;
    for (uint64 i = thread_index(); i < n; i += thread_count()) {
        double v = (double)x[i] * scale;
        sum.weighted += v * v * (double)golden_weight(m2[i]);
        sum.all += v * v;
    }
    sum = block_reduce(sum, [](Pair a, Pair b) { Pair c = {a.weighted + b.weighted, a.all + b.all}; return c; });
    if (threadIdx.x == 0) partial[2 * blockIdx.x] = sum.weighted, partial[2 * blockIdx.x + 1] = sum.all;
}
extern "C" __global__ void compute_syntony_f32(uint64 n, const float* x, const float* m2, const float* largest, double* partial) {
    syntony_sums(n, x, m2, largest, partial);
}
extern "C" __global__ void compute_syntony_f64(uint64 n, const double* x, const double* m2, const double* largest, double* partial) {
    syntony_sums(n, x, m2, largest, partial);
}
// One block. Zero for all zeros; rounding does not lift the ratio out of its range.
extern "C" __global__ void syntony_finish(uint64 blocks, const double* partial, double* out) {
    Pair sum = {0.0, 0.0};
    for (uint64 i = threadIdx.x; i < blocks; i += blockDim.x) sum.weighted += partial[2 * i], sum.all += partial[2 * i + 1];
    sum = block_reduce(sum, [](Pair a, Pair b) { Pair c = {a.weighted + b.weighted, a.all + b.all}; return c; });
    if (threadIdx.x == 0) *out = sum.all > 0.0 ? fmin(fmax(sum.weighted / sum.all, 0.0), 1.0) : 0.0;
}

// One cycle with the syntony held fixed: (x (1 + a m) + noise (1 - S) u) (1 - b (1 - w)), u uniform in [-1/2, 1/2) from the
// stream of `random.cu` in the order of the elements. `out` may be `x`. The syntony lies on the device: nothing waits for it.
template <class T>
__device__ inline void cycle(uint64 n, const T* x, const T* m2, const double* syntony, double noise_scale, const Philox& p, uint32 saturating, T* out) {
    T s = (T)*syntony;
    T width = (T)noise_scale * ((T)1 - s);
    for (uint64 b = thread_index(); b * 4 < n; b += thread_count()) {
        uint64 w[4] = {0, 0, 0, 0};
        if (noise_scale != 0.0) philox(p, b, w);
        for (int k = 0; k < 4 && b * 4 + k < n; k++) {
            uint64 i = b * 4 + k;
            T noise = noise_scale != 0.0 ? width * ((T)unit(w[k], (T)0) - (T)0.5) : (T)0;
            out[i] = (x[i] * d_gain(m2[i], s, saturating) + noise) * h_gain(m2[i], s);
        }
    }
}
extern "C" __global__ void dhsr_cycle_f32(uint64 n, const float* x, const float* m2, const double* syntony, double noise, Fixed(Philox) p, uint32 saturating, float* out) {
    cycle(n, x, m2, syntony, noise, p, saturating, out);
}
extern "C" __global__ void dhsr_cycle_f64(uint64 n, const double* x, const double* m2, const double* syntony, double noise, Fixed(Philox) p, uint32 saturating, double* out) {
    cycle(n, x, m2, syntony, noise, p, saturating, out);
}

// The loss of every network of a population in one launch: a block does a candidate, a thread every blockDim-th row. The
// layers are affine with tanh between them; the loss is the mean of -ln p of the labels. tanh is the fraction of the host;
// exp and the order of summing are not.
struct Layers { uint32 count; uint32 width[8]; };
#define WIDEST 64
__device__ inline float quick_tanh(float x) {
    x = fminf(fmaxf(x, -7.0f), 7.0f);
    float s = x * x;
    float p = (((55.0f * s + 25740.0f) * s + 2837835.0f) * s + 91891800.0f) * s + 654729075.0f;
    float q = ((((s + 1485.0f) * s + 315315.0f) * s + 18918900.0f) * s + 310134825.0f) * s + 654729075.0f;
    return x * p / q;
}
extern "C" __global__ void population_loss_f32(uint64 candidates, uint64 parameters, const float* weights, Fixed(Layers) net, uint64 rows, const float* data, const int32* labels, double* loss) {
    for (uint64 c = blockIdx.x; c < candidates; c += gridDim.x) {
        double sum = 0.0;
        for (uint64 r = threadIdx.x; r < rows; r += blockDim.x) {
            float state[WIDEST], next[WIDEST];
            for (uint32 i = 0; i < net.width[0]; i++) state[i] = data[r * net.width[0] + i];
            const float* w = weights + c * parameters;
            for (uint32 l = 0; l + 1 < net.count; l++) {
                uint32 in = net.width[l], wide = net.width[l + 1];
                for (uint32 o = 0; o < wide; o++) {
                    float v = w[in * wide + o];
                    for (uint32 i = 0; i < in; i++) v += w[o * in + i] * state[i];
                    next[o] = l + 2 < net.count ? quick_tanh(v) : v;
                }
                w += (uint64)(in + 1) * wide;
                for (uint32 o = 0; o < wide; o++) state[o] = next[o];
            }
            uint32 classes = net.width[net.count - 1];
            float top = state[0], total = 0.0f;
            for (uint32 k = 1; k < classes; k++) top = fmaxf(top, state[k]);
            for (uint32 k = 0; k < classes; k++) total += expf(state[k] - top);
            // -ln p of the label.
            sum += log((double)total) + ((double)top - (double)state[labels[r]]);
        }
        sum = block_reduce(sum, [](double a, double b) { return a + b; });
        if (threadIdx.x == 0) loss[c] = sum / (double)rows;
    }
}
