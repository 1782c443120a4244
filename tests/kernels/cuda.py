"""NVRTC and the CUDA driver through ctypes, real or emulated, as far as the checks of the kernels need them."""

import ctypes
import glob
import os
import site
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OPTIONS = ["--std=c++17"]


class Absent(Exception):
    """A library that is not there; the message says what would bring it."""


class Failure(Exception):
    """A call that failed."""


def wheels(pattern):
    """Files of the `nvidia-*` wheels of this interpreter, newest version last."""
    folders = [*site.getsitepackages(), site.getusersitepackages()] + [p for p in sys.path if p.endswith("-packages")]
    return sorted(p for folder in dict.fromkeys(folders) for p in glob.glob(f"{folder}/nvidia/*/lib/{pattern}"))


def nvrtc(folder=None):
    """The library, from `folder`, the wheels or wherever the loader looks."""
    names = ["libnvrtc.so.13", "libnvrtc.so.12"]
    if folder:
        return ctypes.CDLL(os.path.join(folder, names[0]))
    for builtins in wheels("libnvrtc-builtins.so*"):
        ctypes.CDLL(builtins, ctypes.RTLD_GLOBAL)
    for name in [*wheels("libnvrtc.so.*"), *names]:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise Absent("no NVRTC: pip install nvidia-cuda-nvrtc")


def compile_unit(lib, source, arch, options=()):
    """(cubin, log) of a translation unit; `Failure` with the log if it does not compile."""
    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    if lib.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"unit.cu", 0, None, None):
        raise Failure("nvrtcCreateProgram")
    words = [f"--gpu-architecture=sm_{arch}", *OPTIONS, *options]
    status = lib.nvrtcCompileProgram(program, len(words), (ctypes.c_char_p * len(words))(*[w.encode() for w in words]))
    lib.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    lib.nvrtcGetProgramLog(program, log)
    if status:
        raise Failure(log.value.decode())
    lib.nvrtcGetCUBINSize(program, ctypes.byref(size))
    cubin = ctypes.create_string_buffer(size.value)
    lib.nvrtcGetCUBIN(program, cubin)
    lib.nvrtcDestroyProgram(ctypes.byref(program))
    return cubin.raw, log.value.decode()


class Device:
    """The first device of a driver, with its memory and its kernels."""

    def __init__(self, folder=None):
        try:
            self.driver = ctypes.CDLL(os.path.join(folder, "libcuda.so.1") if folder else "libcuda.so.1")
        except OSError as error:
            raise Absent(f"no CUDA driver ({error})") from None
        self.nvrtc = nvrtc(folder)
        self.call("cuInit", 0)
        device, context, version = ctypes.c_int(), ctypes.c_void_p(), [ctypes.c_int(), ctypes.c_int()]
        self.call("cuDeviceGet", ctypes.byref(device), 0)
        for attribute, part in zip((75, 76), version):
            self.call("cuDeviceGetAttribute", ctypes.byref(part), attribute, device)
        self.arch = version[0].value * 10 + version[1].value
        name = ctypes.create_string_buffer(100)
        self.call("cuDeviceGetName", name, 100, device)
        self.name = name.value.decode()
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self.call("cuCtxSetCurrent", context)

    def call(self, name, *arguments):
        status = getattr(self.driver, name)(*arguments)
        if status:
            text = ctypes.c_char_p()
            self.driver.cuGetErrorName(status, ctypes.byref(text))
            raise Failure(f"{name}: {text.value.decode() if text.value else status}")

    def put(self, array):
        """A copy on the device, as an address."""
        address = self.space(array.nbytes)
        if array.nbytes:
            self.call("cuMemcpyHtoDAsync_v2", address, array.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(array.nbytes), None)
        return address

    def space(self, size):
        address = ctypes.c_uint64()
        self.call("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(max(size, 1)))
        return address

    def get(self, address, array):
        """Fills an array from the device."""
        self.call("cuCtxSynchronize")
        if array.nbytes:
            self.call("cuMemcpyDtoHAsync_v2", array.ctypes.data_as(ctypes.c_void_p), address, ctypes.c_size_t(array.nbytes), None)
            self.call("cuCtxSynchronize")
        return array

    def module(self, source):
        cubin, _ = compile_unit(self.nvrtc, source, self.arch)
        module = ctypes.c_void_p()
        self.call("cuModuleLoadData", ctypes.byref(module), cubin)
        return module

    def launch(self, module, entry, arguments, blocks=3, threads=64, rows=1):
        function = ctypes.c_void_p()
        self.call("cuModuleGetFunction", ctypes.byref(function), module, entry.encode())
        places = (ctypes.c_void_p * len(arguments))(*[ctypes.addressof(a) for a in arguments])
        self.call("cuLaunchKernel", function, blocks, rows, 1, threads, 1, 1, 0, None, places, None)
