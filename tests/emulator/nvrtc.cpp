// An NVRTC that compiles with the host's C++ compiler: the "cubin" it gives is a shared object with `emulate_ENTRY` for each
// entry point, which `cuda.cpp` loads. EMULATOR names the folder of these files, CXX the compiler.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>

struct Program { std::string source, log, binary; };
typedef Program* nvrtcProgram;

static std::string text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream s;
    s << file.rdbuf();
    return s.str();
}
static const char* variable(const char* name, const char* otherwise) { const char* v = getenv(name); return v ? v : otherwise; }

// The entry points of the preprocessed unit.
static std::string entries(const std::string& unit) {
    std::string lines;
    std::regex form("extern \"C\"\\s+void\\s+(\\w+)\\s*\\(");
    for (std::sregex_iterator i(unit.begin(), unit.end(), form), end; i != end; ++i) lines += "ENTRY(" + (*i)[1].str() + ")\n";
    return lines;
}
static int run(const std::string& command, const std::string& log) { return system((command + " 2>" + log).c_str()); }

extern "C" {
int nvrtcVersion(int* major, int* minor) { *major = 13; *minor = 0; return 0; }
const char* nvrtcGetErrorString(int e) { return e ? "NVRTC_ERROR_COMPILATION" : "NVRTC_SUCCESS"; }
int nvrtcGetNumSupportedArchs(int* n) { *n = 1; return 0; }
int nvrtcGetSupportedArchs(int* a) { *a = 90; return 0; }
int nvrtcCreateProgram(nvrtcProgram* p, const char* source, const char*, int, const char* const*, const char* const*) {
    *p = new Program;
    (*p)->source = source;
    return 0;
}
int nvrtcDestroyProgram(nvrtcProgram* p) { delete *p; *p = nullptr; return 0; }
int nvrtcCompileProgram(nvrtcProgram p, int, const char* const*) {
    char folder[] = "/tmp/emulator.XXXXXX";
    if (!mkdtemp(folder)) return 8;
    std::string at = folder, cxx = variable("CXX", "g++");
    std::string head = "#include \"" + std::string(variable("EMULATOR", ".")) + "/device.h\"\n";
    std::ofstream(at + "/unit.cpp") << head << "#line 1 \"unit.cu\"\n" << p->source;
    int status = run(cxx + " -std=c++17 -E -P " + at + "/unit.cpp -o " + at + "/flat.cpp", at + "/log");
    if (!status) {
        std::string names = entries(text(at + "/flat.cpp"));
        std::ofstream(at + "/unit.cpp", std::ios::app) << "\n" << names;
        status = run(cxx + " -std=c++17 -O1 -fwrapv -ffp-contract=off -w -fPIC -shared " + at + "/unit.cpp -o " + at + "/unit.so", at + "/log");
    }
    p->log = text(at + "/log");
    if (!status) p->binary = text(at + "/unit.so");
    run("rm -r " + at, "/dev/null");
    return status ? 6 : 0;
}
int nvrtcGetProgramLogSize(nvrtcProgram p, size_t* n) { *n = p->log.size() + 1; return 0; }
int nvrtcGetProgramLog(nvrtcProgram p, char* out) { memcpy(out, p->log.c_str(), p->log.size() + 1); return 0; }
int nvrtcGetCUBINSize(nvrtcProgram p, size_t* n) { *n = p->binary.size(); return 0; }
int nvrtcGetCUBIN(nvrtcProgram p, char* out) { memcpy(out, p->binary.data(), p->binary.size()); return 0; }
}
