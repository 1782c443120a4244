// Elements that are moved: filled in, converted, chosen, gathered, scattered, joined, transposed. What does not look at
// the values is written for sizes, by the unsigned type of that size.

#define FILL(T)                                                                              \
    extern "C" __global__ void fill_##T(Fixed(Shape) s, T value, T* out, Fixed(Steps) os) {                \
        for (uint64 i = thread_index(); i < s.size; i += thread_count()) out[place(s, i, os)] = value; \
    }

// Floats to integers as on the host, which does what NumPy does on x86-64: through int32 for narrow integers and int64 for
// wide ones, whose minimum stands for NaN and what is out of range; negative numbers wrap to unsigned ones.
__device__ inline int64 whole(double x) {
    return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? (int64)x : (int64)(1ULL << 63);
}
template <class D, class C> __device__ inline D convert(C x) {
    if constexpr (Floating<C>::yes && !Floating<typename Number<D>::C>::yes) {
        double v = x;
        if constexpr (sizeof(D) == 8 && !Signed<D>::yes)
            return v < 9223372036854775808.0 ? (D)whole(v) : (D)whole(v - 9223372036854775808.0) ^ (1ULL << 63);
        else if constexpr (sizeof(D) == 8 || (sizeof(D) == 4 && !Signed<D>::yes)) return (D)whole(v);
        else return (D)(v > -2147483649.0 && v < 2147483648.0 ? (int32)v : (int32)0x80000000u);
    } else return store<D>(x);
}
template <class D> struct Convert { template <class C> static __device__ inline D of(C x) { return convert<D, C>(x); } };
template <> struct Convert<bool8> { template <class C> static __device__ inline bool8 of(C x) { return store<bool8>(x); } };

#define COPY(T, D)                                                                                         \
    extern "C" __global__ void copy_##T##_##D(Fixed(Shape) s, const T* x, Fixed(Steps) xs, D* out, Fixed(Steps) os) {           \
        for (uint64 i = thread_index(); i < s.size; i += thread_count()) {                                 \
            Places p = places(s, i, xs, os, os, os);                                       \
            out[p.b] = Convert<D>::of(load(x[p.a]));                                                       \
        }                                                                                                  \
    }

// Elements of one size, as they are: the quick path of a copy without conversion.
#define MOVE(T)                                                                                            \
    extern "C" __global__ void move_##T(Fixed(Shape) s, const T* x, Fixed(Steps) xs, T* out, Fixed(Steps) os) {                 \
        const int K = 16 / sizeof(T);                                                                      \
        if (dense(s, xs) && dense(s, os) && aligned(x, 16) && aligned(out, 16)) {                          \
            uint64 packs = s.size / K;                                                                     \
            for (uint64 p = thread_index(); p < packs; p += thread_count()) ((bits128*)out)[p] = ((const bits128*)x)[p]; \
            for (uint64 i = packs * K + thread_index(); i < s.size; i += thread_count()) out[i] = x[i];    \
            return;                                                                                        \
        }                                                                                                  \
        for (uint64 i = thread_index(); i < s.size; i += thread_count()) {                                 \
            Places p = places(s, i, xs, os, os, os);                                       \
            out[p.b] = x[p.a];                                                                             \
        }                                                                                                  \
    }

#define SELECT(T)                                                                                                                        \
    extern "C" __global__ void select_##T(Fixed(Shape) s, const bool8* c, Fixed(Steps) cs, const T* a, Fixed(Steps) as, const T* b, Fixed(Steps) bs, T* out, Fixed(Steps) os) { \
        for (uint64 i = thread_index(); i < s.size; i += thread_count()) {                                                               \
            Places p = places(s, i, cs, as, bs, os);                                                                     \
            out[p.d] = c[p.a].bits ? a[p.b] : b[p.c];                                                                                    \
        }                                                                                                                                \
    }

// out[i] = x[rest(i) + offsets[at(i)]]: the host has multiplied the indices by the steps of their axes and added them up.
#define GATHER(T)                                                                                                                   \
    extern "C" __global__ void gather_##T(Fixed(Shape) s, const T* x, Fixed(Steps) xs, const int64* offsets, Fixed(Steps) qs, T* out, Fixed(Steps) os) {        \
        for (uint64 i = thread_index(); i < s.size; i += thread_count()) {                                                          \
            Places p = places(s, i, xs, qs, os, os);                                                                \
            out[p.c] = x[p.a + offsets[p.b]];                                                                                       \
        }                                                                                                                           \
    }

// The writers of an element agree on the last of them: `last[place]` becomes the largest i + 1. The host has cleared it.
extern "C" __global__ void scatter_last(Fixed(Shape) s, uint64* last, Fixed(Steps) xs, const int64* offsets, Fixed(Steps) qs) {
    for (uint64 i = thread_index(); i < s.size; i += thread_count()) {
        Places p = places(s, i, xs, qs, qs, qs);
        atomicMax(last + p.a + offsets[p.b], i + 1);
    }
}
#define SCATTER(T)                                                                                                                      \
    extern "C" __global__ void scatter_##T(Fixed(Shape) s, T* out, Fixed(Steps) xs, const int64* offsets, Fixed(Steps) qs, const T* values, Fixed(Steps) vs, const uint64* last) { \
        for (uint64 i = thread_index(); i < s.size; i += thread_count()) {                                                              \
            Places p = places(s, i, xs, qs, vs, vs);                                                                    \
            int64 to = p.a + offsets[p.b];                                                                                              \
            if (last[to] == i + 1) out[to] = values[p.c];                                                                               \
        }                                                                                                                               \
    }

// Colliding writes that are combined (`index_add` and the like), by comparing and swapping. Sums of floats depend on the
// order in which threads arrive: the one kernel whose result may differ from run to run.
template <class Word, class T, class F> __device__ inline void combine_word(T* at, typename Number<T>::C v, F f) {
    Word old = *(volatile Word*)at, seen;
    do {
        seen = old;
        T now;
        *(Word*)&now = seen;
        T next = store<T>(f(load(now), v));
        old = atomicCAS((Word*)at, seen, *(Word*)&next);
    } while (old != seen);
}
template <class T, class F> __device__ inline void combine(T* at, typename Number<T>::C v, F f) {
    if constexpr (sizeof(T) == 8) {
        combine_word<uint64>(at, v, f);
    } else if constexpr (sizeof(T) == 4) {
        combine_word<uint32>(at, v, f);
    } else {
        // A narrow element is swapped within its word.
        uint32* word = (uint32*)((uint64)at & ~3ULL);
        uint32 shift = 8 * (uint32)((uint64)at & 3), mask = (sizeof(T) == 2 ? 0xffffu : 0xffu) << shift;
        uint32 old = *(volatile uint32*)word, seen;
        do {
            seen = old;
            T now;
            uint16 bits = (uint16)((seen & mask) >> shift);
            if constexpr (sizeof(T) == 2) *(uint16*)&now = bits; else *(uint8*)&now = (uint8)bits;
            T next = store<T>(f(load(now), v));
            uint32 put;
            if constexpr (sizeof(T) == 2) put = *(uint16*)&next; else put = *(uint8*)&next;
            old = atomicCAS(word, seen, (seen & ~mask) | (put << shift));
        } while (old != seen);
    }
}
template <class C> __device__ inline C join_add(C a, C b) { return (C)(a + b); }
template <class C> __device__ inline C join_mul(C a, C b) { return (C)(a * b); }
template <class C> __device__ inline C join_max(C a, C b) { return a != a || (b == b && a >= b) ? a : b; }
template <class C> __device__ inline C join_min(C a, C b) { return a != a || (b == b && a <= b) ? a : b; }
#define COMBINE(name, T)                                                                                                              \
    extern "C" __global__ void combine_##name##_##T(Fixed(Shape) s, T* out, Fixed(Steps) xs, const int64* offsets, Fixed(Steps) qs, const T* values, Fixed(Steps) vs) { \
        typedef typename Number<T>::C C;                                                                                              \
        for (uint64 i = thread_index(); i < s.size; i += thread_count()) {                                                            \
            Places p = places(s, i, xs, qs, vs, vs);                                                                  \
            combine(out + p.a + offsets[p.b], load(values[p.c]), [](C x, C y) { return join_##name(x, y); });                         \
        }                                                                                                                             \
    }

// Up to sixteen dense tensors `[outer, lengths[k], inner]` one after the other along the middle axis.
struct Parts { uint32 count; uint32 unused; uint64 outer, inner, total; uint64 start[17]; const void* part[16]; };
#define CONCAT(T)                                                                                          \
    extern "C" __global__ void concat_##T(Fixed(Parts) p, T* out) {                                               \
        uint64 size = p.outer * p.total * p.inner;                                                         \
        for (uint64 i = thread_index(); i < size; i += thread_count()) {                                   \
            uint64 in = i % p.inner, rest = i / p.inner, at = rest % p.total, o = rest / p.total;          \
            uint32 k = 0;                                                                                  \
            while (at >= p.start[k + 1]) k++;                                                              \
            uint64 length = p.start[k + 1] - p.start[k];                                                   \
            out[i] = ((const T*)p.part[k])[(o * length + (at - p.start[k])) * p.inner + in];               \
        }                                                                                                  \
    }

// `[batch, rows, columns]` to `[batch, columns, rows]`, both dense, by tiles of 32 x 32 in blocks of 32 x 8: reads and
// writes are both along rows. The odd row length keeps columns of the tile in different banks.
#define TRANSPOSE(T)                                                                                       \
    extern "C" __global__ void transpose_##T(uint64 rows, uint64 columns, const T* x, T* out) {            \
        __shared__ T tile[32][33];                                                                         \
        uint64 across = (columns + 31) / 32;                                                               \
        uint64 base = (uint64)blockIdx.y * rows * columns;                                                 \
        uint64 r0 = blockIdx.x / across * 32, c0 = blockIdx.x % across * 32;                               \
        uint32 tx = threadIdx.x & 31, ty = threadIdx.x >> 5;                                               \
        for (uint32 r = ty; r < 32; r += 8)                                                                \
            if (r0 + r < rows && c0 + tx < columns) tile[r][tx] = x[base + (r0 + r) * columns + c0 + tx];  \
        __syncthreads();                                                                                   \
        for (uint32 c = ty; c < 32; c += 8)                                                                \
            if (c0 + c < columns && r0 + tx < rows) out[base + (c0 + c) * rows + r0 + tx] = tile[tx][c];   \
    }
