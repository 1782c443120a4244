// Stable sorting of dense lines `[lines, n]`, NaN last in either direction: chunks of 1024 by a bitonic network in shared
// memory, ties settled by position, then passes that merge runs of doubling length. In a merge every element finds its
// place by itself: its own rank and how many of the other run come before it.

template <class C> __device__ inline bool before(C a, C b, bool descending) {
    // Whether a comes strictly before b. NaN comes after everything.
    if (a != a) return false;
    if (b != b) return true;
    return descending ? a > b : a < b;
}

#define SORT(T)                                                                                                             \
    extern "C" __global__ void sort_chunk_##T(uint64 lines, uint64 n, uint32 descending, const T* x, T* keys, int64* order) { \
        typedef typename Number<T>::C C;                                                                                    \
        __shared__ T key[1024];                                                                                             \
        __shared__ int64 at[1024];                                                                                          \
        uint64 chunks = (n + 1023) / 1024;                                                                                  \
        for (uint64 job = blockIdx.x; job < lines * chunks; job += gridDim.x) {                                             \
            uint64 line = job / chunks, base = job % chunks * 1024;                                                         \
            for (uint32 i = threadIdx.x; i < 1024; i += blockDim.x) {                                                       \
                bool there = base + i < n;                                                                                  \
                if (there) key[i] = x[line * n + base + i];                                                                 \
                at[i] = there ? (int64)(base + i) : -1;                                                                     \
            }                                                                                                               \
            __syncthreads();                                                                                                \
            for (uint32 size = 2; size <= 1024; size <<= 1)                                                                 \
                for (uint32 step = size >> 1; step > 0; step >>= 1) {                                                       \
                    for (uint32 t = threadIdx.x; t < 512; t += blockDim.x) {                                                \
                        uint32 i = 2 * t - (t & (step - 1)), j = i + step;                                                  \
                        bool up = (i & size) == 0;                                                                          \
                        bool swap;                                                                                          \
                        /* Places past the end, at -1, go behind all others. */                                            \
                        if (at[i] < 0 || at[j] < 0) swap = up ? at[i] < 0 && at[j] >= 0 : at[j] < 0 && at[i] >= 0;          \
                        else {                                                                                              \
                            C a = load(key[i]), b = load(key[j]);                                                           \
                            bool less = before(a, b, descending != 0) || (!before(b, a, descending != 0) && at[i] < at[j]); \
                            swap = up ? !less : less;                                                                       \
                        }                                                                                                   \
                        if (swap) {                                                                                         \
                            T k = key[i]; key[i] = key[j]; key[j] = k;                                                      \
                            int64 p = at[i]; at[i] = at[j]; at[j] = p;                                                      \
                        }                                                                                                   \
                    }                                                                                                       \
                    __syncthreads();                                                                                        \
                }                                                                                                           \
            for (uint32 i = threadIdx.x; i < 1024 && base + i < n; i += blockDim.x) {                                       \
                keys[line * n + base + i] = key[i];                                                                         \
                order[line * n + base + i] = at[i];                                                                         \
            }                                                                                                               \
            __syncthreads();                                                                                                \
        }                                                                                                                   \
    }                                                                                                                       \
    extern "C" __global__ void sort_merge_##T(uint64 lines, uint64 n, uint64 run, uint32 descending, const T* keys,         \
                                              const int64* order, T* new_keys, int64* new_order) {                          \
        for (uint64 e = thread_index(); e < lines * n; e += thread_count()) {                                               \
            uint64 line = e / n, i = e % n, pair = i / (2 * run) * (2 * run);                                               \
            uint64 middle = pair + run < n ? pair + run : n, end = pair + 2 * run < n ? pair + 2 * run : n;                 \
            bool left = i < middle;                                                                                         \
            const T* k = keys + line * n;                                                                                   \
            typename Number<T>::C mine = load(k[i]);                                                                        \
            uint64 low = left ? middle : pair, high = left ? end : middle;                                                  \
            uint64 start = low;                                                                                             \
            while (low < high) {                                                                                            \
                uint64 m = low + (high - low) / 2;                                                                          \
                typename Number<T>::C other = load(k[m]);                                                                   \
                /* Of equals, those of the left run come first. */                                                         \
                bool ahead = left ? before(other, mine, descending != 0) : !before(mine, other, descending != 0);           \
                if (ahead) low = m + 1; else high = m;                                                                      \
            }                                                                                                               \
            uint64 to = pair + (i - (left ? pair : middle)) + (low - start);                                                \
            new_keys[line * n + to] = k[i];                                                                                 \
            new_order[line * n + to] = order[line * n + i];                                                                 \
        }                                                                                                                   \
    }
