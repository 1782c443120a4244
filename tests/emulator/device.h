// The part of CUDA C++ that the kernels use, for a host compiler: the threads of a block are fibers that run in turn from
// one barrier to the next, blocks run one after the other. Included before a unit by `nvrtc.cpp`.
#pragma once
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __shared__ static
#define __grid_constant__

struct Index3 { unsigned x, y, z; };
static Index3 threadIdx, blockIdx, blockDim, gridDim;

namespace emulator {
struct Fiber { ucontext_t context; Index3 index; bool done; char* stack; };
static ucontext_t scheduler;
static Fiber* running;
static void (*body)(void**);
static void** arguments;

static void start() {
    body(arguments);
    running->done = true;
    swapcontext(&running->context, &scheduler);
}
static void barrier() {
    Fiber* me = running;
    swapcontext(&me->context, &scheduler);
    threadIdx = me->index;
}
static const size_t STACK = 64 * 1024;

// All fibers of a block to their next barrier, until all are done. That some end where others wait is an error: on a device
// such a barrier has no meaning.
static int block(std::vector<Fiber>& fibers) {
    for (auto& f : fibers) {
        getcontext(&f.context);
        f.context.uc_stack.ss_sp = f.stack;
        f.context.uc_stack.ss_size = STACK;
        f.context.uc_link = nullptr;
        f.done = false;
        makecontext(&f.context, start, 0);
    }
    for (;;) {
        size_t done = 0;
        for (auto& f : fibers) {
            running = &f;
            threadIdx = f.index;
            swapcontext(&scheduler, &f.context);
            done += f.done;
        }
        if (done == fibers.size()) return 0;
        if (done) return 719;  // CUDA_ERROR_LAUNCH_FAILED
    }
}
static int launch(void (*f)(void**), Index3 grid, Index3 threads, void** a) {
    body = f;
    arguments = a;
    gridDim = grid;
    blockDim = threads;
    std::vector<Fiber> fibers(threads.x);
    for (unsigned i = 0; i < threads.x; i++) fibers[i].index = {i, 0, 0}, fibers[i].stack = (char*)malloc(STACK);
    int status = 0;
    for (unsigned y = 0; y < grid.y && !status; y++)
        for (unsigned x = 0; x < grid.x && !status; x++) {
            blockIdx = {x, y, 0};
            status = block(fibers);
        }
    for (auto& f : fibers) free(f.stack);
    return status;
}
template <class... P, size_t... I> void unpack(void (*f)(P...), void** a, std::index_sequence<I...>) {
    f(*(typename std::remove_const<P>::type*)a[I]...);
}
template <class... P> void call(void (*f)(P...), void** a) { unpack(f, a, std::index_sequence_for<P...>()); }
}  // namespace emulator

#define ENTRY(name) \
    extern "C" int emulate_##name(unsigned gx, unsigned gy, unsigned threads, void** a) { \
        return emulator::launch([](void** b) { emulator::call(name, b); }, {gx, gy, 1}, {threads, 1, 1}, a); \
    }

#define __syncthreads() emulator::barrier()
template <class A> inline A shuffle_down(A x, int step) {
    static A slot[1024];
    unsigned t = threadIdx.x;
    slot[t] = x;
    emulator::barrier();
    A r = slot[(int)(t & 31) + step < 32 ? t + step : t];
    emulator::barrier();
    return r;
}

template <class To, class From> inline To bits_of(From x) { To r; memcpy(&r, &x, sizeof r); return r; }
inline float half_to_float(unsigned short h) { return (float)bits_of<_Float16>(h); }
inline unsigned short float_to_half(float f) { return bits_of<unsigned short>((_Float16)f); }
inline int __float_as_int(float x) { return bits_of<int>(x); }
inline float __int_as_float(int x) { return bits_of<float>(x); }
inline long long __double_as_longlong(double x) { return bits_of<long long>(x); }
inline double __longlong_as_double(long long x) { return bits_of<double>(x); }
inline float __double2float_rz(double x) {
    float f = (float)x;
    if (fabs((double)f) > fabs(x) && x == x) f = nextafterf(f, 0.0f);
    return f;
}
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) { return (unsigned long long)((unsigned __int128)a * b >> 64); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
template <class T> inline T atomicCAS(T* at, T seen, T next) { T old = *at; if (old == seen) *at = next; return old; }
template <class T> inline T atomicMax(T* at, T v) { T old = *at; if (v > old) *at = v; return old; }
template <class C> inline C erfinv(C y) {
    if (!(fabs(y) < 1)) return y == 1 ? (C)INFINITY : y == -1 ? (C)-INFINITY : (C)NAN;
    double x = 0, t = y, low = -6.5, high = 6.5;
    for (int i = 0; i < 80; i++) { x = 0.5 * (low + high); (::erf(x) < t ? low : high) = x; }
    for (int i = 0; i < 4; i++) x -= (::erf(x) - t) / (1.1283791670955126 * ::exp(-x * x));
    return (C)x;
}
template <class C> inline C cyl_bessel_i0(C x) { return fabs((double)x) < 700 ? (C)std::cyl_bessel_i(0.0, fabs((double)x)) : x * x; }
