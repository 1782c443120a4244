// A driver whose device is this process: memory that nobody else can read, and kernels that `nvrtc.cpp` compiled. Device
// memory is out of bounds between calls, so a host that follows a device pointer stops with a segmentation fault. Everything
// is done at once; streams and events are names only. EMULATED_MEMORY is the size of the device's memory in bytes.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <string>

typedef unsigned long long Address;
static const int INVALID = 1, NO_MEMORY = 2, NOT_INITIALIZED = 3, BAD_IMAGE = 200, BAD_CONTEXT = 201, NOT_FOUND = 500;

static std::mutex guard;
static char* arena;
static size_t capacity, used;
static std::map<size_t, size_t> blocks;  // offset to size
static bool initialized;
static thread_local void* current;
static int context;

static size_t page(size_t n) { return (n + 255) / 256 * 256; }

// Device memory is open while one of these lives.
struct Open {
    std::lock_guard<std::mutex> lock;
    Open() : lock(guard) { if (arena) mprotect(arena, capacity, PROT_READ | PROT_WRITE); }
    ~Open() { if (arena) mprotect(arena, capacity, PROT_NONE); }
};
struct Module { void* handle; };
struct Function { int (*launch)(unsigned, unsigned, unsigned, void**); };

extern "C" {
// For the other emulated libraries.
void emulated_open(int yes) { if (arena) mprotect(arena, capacity, yes ? PROT_READ | PROT_WRITE : PROT_NONE); }
int cuInit(unsigned) {
    std::lock_guard<std::mutex> lock(guard);
    if (initialized) return 0;
    const char* size = getenv("EMULATED_MEMORY");
    capacity = size ? strtoull(size, nullptr, 10) : 256u << 20;
    capacity = (capacity + 4095) / 4096 * 4096;
    arena = (char*)mmap(nullptr, capacity, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (arena == MAP_FAILED) return NO_MEMORY;
    initialized = true;
    return 0;
}
int cuDriverGetVersion(int* v) { *v = 13000; return 0; }
int cuDeviceGetCount(int* n) { *n = 1; return initialized ? 0 : NOT_INITIALIZED; }
int cuDeviceGet(int* device, int ordinal) { *device = ordinal; return ordinal == 0 ? 0 : 101; }
int cuDeviceGetName(char* name, int n, int) { snprintf(name, n, "emulated"); return 0; }
int cuDeviceTotalMem_v2(size_t* n, int) { *n = capacity; return 0; }
// 75, 76: compute capability; 16: multiprocessors.
int cuDeviceGetAttribute(int* v, int attribute, int) { *v = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 16 ? 2 : 0; return 0; }
int cuDevicePrimaryCtxRetain(void** c, int) { *c = &context; return initialized ? 0 : NOT_INITIALIZED; }
int cuDevicePrimaryCtxRelease_v2(int) { return 0; }
int cuCtxSetCurrent(void* c) { current = c; return 0; }
int cuCtxGetCurrent(void** c) { *c = current; return 0; }
int cuCtxSynchronize() { return 0; }
int cuStreamCreate(void** s, unsigned) { *s = malloc(1); return current ? 0 : BAD_CONTEXT; }
int cuStreamDestroy_v2(void* s) { free(s); return 0; }
int cuStreamSynchronize(void*) { return 0; }
int cuStreamWaitEvent(void*, void*, unsigned) { return 0; }
int cuEventCreate(void** e, unsigned) { *e = malloc(1); return 0; }
int cuEventDestroy_v2(void* e) { free(e); return 0; }
int cuEventRecord(void*, void*) { return 0; }
int cuEventSynchronize(void*) { return 0; }
int cuEventElapsedTime_v2(float* ms, void*, void*) { *ms = 0; return 0; }
int cuMemGetInfo_v2(size_t* free_bytes, size_t* total) { *free_bytes = capacity - used; *total = capacity; return 0; }
int cuMemAlloc_v2(Address* p, size_t n) {
    if (!current) return BAD_CONTEXT;
    std::lock_guard<std::mutex> lock(guard);
    n = page(n);
    size_t at = 0;
    for (auto& b : blocks) {
        if (b.first - at >= n) break;
        at = b.first + b.second;
    }
    if (!n || at + n > capacity) return NO_MEMORY;
    blocks[at] = n;
    used += n;
    *p = (Address)(arena + at);
    return 0;
}
int cuMemFree_v2(Address p) {
    std::lock_guard<std::mutex> lock(guard);
    auto b = blocks.find((size_t)(p - (Address)arena));
    if (b == blocks.end()) return INVALID;
    used -= b->second;
    blocks.erase(b);
    return 0;
}
int cuMemAllocHost_v2(void** p, size_t n) { *p = malloc(n); return *p ? 0 : NO_MEMORY; }
int cuMemFreeHost(void* p) { free(p); return 0; }

// Whether a range lies within one block.
static bool inside(Address p, size_t n) {
    if (!n) return true;
    size_t at = (size_t)(p - (Address)arena);
    auto b = blocks.upper_bound(at);
    if (b == blocks.begin()) return false;
    --b;
    return at + n <= b->first + b->second;
}
int cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t n, void*) {
    Open open;
    if (!inside(to, n)) return INVALID;
    memcpy((void*)to, from, n);
    return 0;
}
int cuMemcpyDtoHAsync_v2(void* to, Address from, size_t n, void*) {
    Open open;
    if (!inside(from, n)) return INVALID;
    memcpy(to, (void*)from, n);
    return 0;
}
int cuMemcpyDtoDAsync_v2(Address to, Address from, size_t n, void*) {
    Open open;
    if (!inside(to, n) || !inside(from, n)) return INVALID;
    memmove((void*)to, (void*)from, n);
    return 0;
}
int cuMemsetD8Async(Address to, unsigned char v, size_t n, void*) {
    Open open;
    if (!inside(to, n)) return INVALID;
    memset((void*)to, v, n);
    return 0;
}

int cuModuleLoadData(void** module, const void* image) {
    if (memcmp(image, "\177ELF", 4)) return BAD_IMAGE;
    // The length stands in the image: the section headers are its end.
    const unsigned char* e = (const unsigned char*)image;
    unsigned long long sections;
    unsigned short size, count;
    memcpy(&sections, e + 40, 8);
    memcpy(&size, e + 58, 2);
    memcpy(&count, e + 60, 2);
    char path[] = "/tmp/emulated.XXXXXX";
    int file = mkstemp(path);
    size_t n = sections + (size_t)size * count;
    bool whole = write(file, image, n) == (ssize_t)n;
    close(file);
    void* handle = whole ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    unlink(path);
    if (!handle) return BAD_IMAGE;
    *module = new Module{handle};
    return 0;
}
int cuModuleUnload(void* m) { dlclose(((Module*)m)->handle); delete (Module*)m; return 0; }
int cuModuleGetFunction(void** f, void* m, const char* name) {
    void* p = dlsym(((Module*)m)->handle, (std::string("emulate_") + name).c_str());
    if (!p) return NOT_FOUND;
    *f = new Function{(int (*)(unsigned, unsigned, unsigned, void**))p};
    return 0;
}
int cuLaunchKernel(void* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned, void*, void** params, void**) {
    if (!current) return BAD_CONTEXT;
    if (!gx || !gy || gz != 1 || !bx || by != 1 || bz != 1 || bx > 1024) return INVALID;
    Open open;
    return ((Function*)f)->launch(gx, gy, bx, params);
}
int cuGetErrorName(int e, const char** s) {
    *s = e == NO_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : e == 719 ? "CUDA_ERROR_LAUNCH_FAILED" : "CUDA_ERROR";
    return 0;
}
int cuGetErrorString(int e, const char** s) { *s = e == NO_MEMORY ? "out of memory" : e == 719 ? "unspecified launch failure" : "an error"; return 0; }
}
