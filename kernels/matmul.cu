// Batched matrix products of any steps, for where cuBLAS is not: tiles of 64 x 64 in blocks of 256 threads, four by four
// elements each. Sums are kept in float for 16-bit dtypes, in the dtype itself else (integers wrap).

struct Product { uint64 m, n, k; int64 a_row, a_column, b_row, b_column, out_row, out_column; };

#define MATMUL(T)                                                                                                       \
    extern "C" __global__ void matmul_##T(Fixed(Product) p, Fixed(Shape) batch, const T* a, Fixed(Steps) as, const T* b, Fixed(Steps) bs, T* out, Fixed(Steps) os) { \
        typedef typename Number<T>::C C;                                                                                \
        __shared__ C left[16][65], right[16][65];                                                                       \
        uint64 across = (p.n + 63) / 64, tiles = (p.m + 63) / 64 * across;                                              \
        uint32 tx = threadIdx.x & 15, ty = threadIdx.x >> 4;                                                            \
        for (uint64 job = blockIdx.x; job < batch.size * tiles; job += gridDim.x) {                                     \
            uint64 r0 = job % tiles / across * 64, c0 = job % tiles % across * 64;                                      \
            Places at = places(batch, job / tiles, as, bs, os, os);                                     \
            C sum[4][4] = {};                                                                                           \
            for (uint64 k0 = 0; k0 < p.k; k0 += 16) {                                                                   \
                for (uint32 e = threadIdx.x; e < 1024; e += 256) {                                                      \
                    uint32 k = e & 15, r = e >> 4;                                                                      \
                    left[k][r] = r0 + r < p.m && k0 + k < p.k                                                           \
                        ? load(a[at.a + (int64)(r0 + r) * p.a_row + (int64)(k0 + k) * p.a_column]) : (C)0;              \
                    uint32 c = e & 63, h = e >> 6;                                                                      \
                    right[h][c] = c0 + c < p.n && k0 + h < p.k                                                          \
                        ? load(b[at.b + (int64)(k0 + h) * p.b_row + (int64)(c0 + c) * p.b_column]) : (C)0;              \
                }                                                                                                       \
                __syncthreads();                                                                                        \
                for (int k = 0; k < 16; k++)                                                                            \
                    for (int i = 0; i < 4; i++)                                                                         \
                        for (int j = 0; j < 4; j++) sum[i][j] = (C)(sum[i][j] + (C)(left[k][ty + 16 * i] * right[k][tx + 16 * j])); \
                __syncthreads();                                                                                        \
            }                                                                                                           \
            for (int i = 0; i < 4; i++)                                                                                 \
                for (int j = 0; j < 4; j++) {                                                                           \
                    uint64 r = r0 + ty + 16 * i, c = c0 + tx + 16 * j;                                                  \
                    if (r < p.m && c < p.n) out[at.c + (int64)r * p.out_row + (int64)c * p.out_column] = store<T>(sum[i][j]); \
                }                                                                                                       \
        }                                                                                                               \
    }
