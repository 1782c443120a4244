// What only the device has: conversions of halves and moves within a warp, by instructions of PTX. The emulator of
// `tests/emulator` brings its own.
#ifdef __CUDACC_RTC__

__device__ inline float half_to_float(unsigned short h) {
    float f;
    asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(h));
    return f;
}
__device__ inline unsigned short float_to_half(float f) {
    unsigned short h;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h) : "f"(f));
    return h;
}

// The value of the thread `step` lanes up, for any type of whole words.
template <class A> __device__ inline A shuffle_down(A x, int step) {
    union Words { A a; int w[(sizeof(A) + 3) / 4]; __device__ Words() {} } u;
    u.a = x;
#pragma unroll
    for (int i = 0; i < (int)((sizeof(A) + 3) / 4); i++) u.w[i] = __shfl_down_sync(0xffffffffu, u.w[i], step);
    return u.a;
}
#endif
