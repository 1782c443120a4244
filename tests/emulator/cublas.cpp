// The one function of cuBLAS that the runtime calls, by its definition: C = op(A) op(B) for matrices by columns, sums in double.
#include <dlfcn.h>
#include <string.h>

#include <complex>

typedef std::complex<double> Number;

static Number load(const void* p, int type, long long i) {
    switch (type) {
        case 0: return ((const float*)p)[i];
        case 1: return ((const double*)p)[i];
        case 2: return (double)((const _Float16*)p)[i];
        case 4: return Number(((const float*)p)[2 * i], ((const float*)p)[2 * i + 1]);
        case 5: return Number(((const double*)p)[2 * i], ((const double*)p)[2 * i + 1]);
        case 14: {
            unsigned bits = (unsigned)((const unsigned short*)p)[i] << 16;
            float f;
            memcpy(&f, &bits, 4);
            return f;
        }
    }
    return 0;
}
static void store(void* p, int type, long long i, Number v) {
    switch (type) {
        case 0: ((float*)p)[i] = (float)v.real(); break;
        case 1: ((double*)p)[i] = v.real(); break;
        case 2: ((_Float16*)p)[i] = (_Float16)v.real(); break;
        case 4: ((float*)p)[2 * i] = (float)v.real(), ((float*)p)[2 * i + 1] = (float)v.imag(); break;
        case 5: ((double*)p)[2 * i] = v.real(), ((double*)p)[2 * i + 1] = v.imag(); break;
        case 14: {
            float f = (float)v.real();
            unsigned bits;
            memcpy(&bits, &f, 4);
            ((unsigned short*)p)[i] = (unsigned short)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
        }
    }
}

extern "C" {
int cublasCreate_v2(void** h) { *h = new int; return 0; }
int cublasSetStream_v2(void* h, void*) { return h ? 0 : 1; }
const char* cublasGetStatusString(int) { return "an error"; }
int cublasGemmStridedBatchedEx(void* h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int type_a, int lda,
                               long long step_a, const void* b, int type_b, int ldb, long long step_b, const void* beta, void* c, int type_c,
                               int ldc, long long step_c, int count, int compute, int) {
    // The scalars are of the type that is computed in; the caller gives one and zero.
    bool wide = compute == 70;
    double one = wide ? *(const double*)alpha : *(const float*)alpha, zero = wide ? *(const double*)beta : *(const float*)beta;
    if (!h || one != 1.0 || zero != 0.0 || type_a != type_b || type_b != type_c || (wide != (type_c == 1 || type_c == 5))) return 7;
    if (lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m || m < 1 || n < 1 || k < 0 || count < 1) return 7;
    // Device memory is out of bounds between calls of the driver, whose library opens it.
    auto open = (void (*)(int))dlsym(RTLD_DEFAULT, "emulated_open");
    if (!open) return 1;
    open(1);
    for (int batch = 0; batch < count; batch++)
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) {
                Number sum = 0;
                for (int p = 0; p < k; p++)
                    sum += load(a, type_a, batch * step_a + (ta ? p + (long long)i * lda : i + (long long)p * lda)) *
                           load(b, type_b, batch * step_b + (tb ? j + (long long)p * ldb : p + (long long)j * ldb));
                store(c, type_c, batch * step_c + i + (long long)j * ldc, sum);
            }
    open(0);
    return 0;
}
}
