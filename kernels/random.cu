// Philox4x64-10 (J. K. Salmon et al., SC11, 2011): the stream of the host's `Philox`, which is NumPy's. Word w of the stream is
// word w mod 4 of the block under the counter raised by w/4 + 1; a thread makes whole blocks. What is made of the words:
//
//   bits     the words themselves
//   uniform  float64: the upper 53 bits of a word by 2^-53; float32: the upper 24 bits by 2^-24; in [0, 1)
//   normal   Box-Muller on words 2k and 2k+1: r = sqrt(-2 ln(1 - u)), r cos(2 pi v) and r sin(2 pi v). The host draws
//            normals by a ziggurat: normals of the device are a stream of their own
//   integers low + (the upper half of word times range), Lemire's map without rejection: the bias is below range/2^64

struct Philox { uint64 key[2]; uint64 counter[4]; };

__device__ inline void philox(const Philox& p, uint64 block, uint64 w[4]) {
    uint64 c[4] = {p.counter[0], p.counter[1], p.counter[2], p.counter[3]};
    uint64 add = block + 1;
    for (int i = 0; i < 4 && add; i++) {
        c[i] += add;
        add = c[i] < add;
    }
    uint64 k0 = p.key[0], k1 = p.key[1];
#pragma unroll
    for (int round = 0; round < 10; round++) {
        if (round) k0 += 0x9e3779b97f4a7c15ULL, k1 += 0xbb67ae8584caa73bULL;
        uint64 h0 = __umul64hi(c[0], 0xd2e7470ee14c6c93ULL), l0 = c[0] * 0xd2e7470ee14c6c93ULL;
        uint64 h2 = __umul64hi(c[2], 0xca5a826395121157ULL), l2 = c[2] * 0xca5a826395121157ULL;
        c[0] = h2 ^ c[1] ^ k0;
        c[1] = l2;
        c[2] = h0 ^ c[3] ^ k1;
        c[3] = l0;
    }
    for (int i = 0; i < 4; i++) w[i] = c[i];
}

extern "C" __global__ void random_bits(Fixed(Philox) p, uint64 n, uint64* out) {
    for (uint64 b = thread_index(); b * 4 < n; b += thread_count()) {
        uint64 w[4];
        philox(p, b, w);
        for (int i = 0; i < 4 && b * 4 + i < n; i++) out[b * 4 + i] = w[i];
    }
}
extern "C" __global__ void random_integers(Fixed(Philox) p, uint64 n, int64 low, uint64 range, int64* out) {
    for (uint64 b = thread_index(); b * 4 < n; b += thread_count()) {
        uint64 w[4];
        philox(p, b, w);
        for (int i = 0; i < 4 && b * 4 + i < n; i++) out[b * 4 + i] = (int64)((uint64)low + __umul64hi(w[i], range));
    }
}
__device__ inline double unit(uint64 w, double) { return (double)(w >> 11) * (1.0 / 9007199254740992.0); }
__device__ inline float unit(uint64 w, float) { return (float)(w >> 40) * (1.0f / 16777216.0f); }
#define RANDOM(T)                                                                                          \
    extern "C" __global__ void random_uniform_##T(Fixed(Philox) p, uint64 n, double low, double high, T* out) {   \
        for (uint64 b = thread_index(); b * 4 < n; b += thread_count()) {                                  \
            uint64 w[4];                                                                                   \
            philox(p, b, w);                                                                               \
            for (int i = 0; i < 4 && b * 4 + i < n; i++) out[b * 4 + i] = (T)low + (T)(high - low) * unit(w[i], (T)0); \
        }                                                                                                  \
    }                                                                                                      \
    extern "C" __global__ void random_normal_##T(Fixed(Philox) p, uint64 n, double mean, double deviation, T* out) { \
        for (uint64 b = thread_index(); b * 4 < n; b += thread_count()) {                                  \
            uint64 w[4];                                                                                   \
            philox(p, b, w);                                                                               \
            T z[4];                                                                                        \
            for (int i = 0; i < 4; i += 2) {                                                               \
                T r = sqrt((T)-2 * log((T)1 - unit(w[i], (T)0))), turn = (T)6.283185307179586 * unit(w[i + 1], (T)0); \
                z[i] = r * cos(turn);                                                                      \
                z[i + 1] = r * sin(turn);                                                                  \
            }                                                                                              \
            for (int i = 0; i < 4 && b * 4 + i < n; i++) out[b * 4 + i] = (T)mean + (T)deviation * z[i];   \
        }                                                                                                  \
    }
