"""Run the kernels and compare them with NumPy: on a GPU, or on the emulator of `tests/emulator`.

    python tests/kernels/run.py --emulated             any machine with a C++ compiler
    python tests/kernels/run.py                        a machine with a driver and NVRTC
    python tests/kernels/run.py --only snap softmax

The emulator compiles the same sources for the host and runs the threads of a block as fibers between barriers: it shows
that indices, formulas, barriers and orders are right, and nothing about speed, races within a warp or the device's
mathematics. `cargo run -p purify-kernels --example units` makes the sources; `--units FOLDER` takes ready ones, for machines
without Rust. Where nothing can run this says SKIPPED and exits with 0, with --require with 1.
"""

import argparse
import ctypes
import math
import os
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction

import compile as kernels
import cuda
import numpy as np

BF16 = "bfloat16"
TYPES = {"bool8": np.bool_, "float16": np.float16, "float32": np.float32, "float64": np.float64,
         **{f"{s}int{n}": np.dtype(f"{s}int{n}").type for s in ("", "u") for n in (8, 16, 32, 64)}}  # fmt: skip
FLOATS = ["float16", BF16, "float32", "float64"]
INTS = [name for name in TYPES if "int" in name]
EPS = {"float16": 2**-10, BF16: 2**-7, "float32": 2**-22, "float64": 2**-50}


class Shape(ctypes.Structure):
    _fields_ = [("ndim", ctypes.c_uint32), ("unused", ctypes.c_uint32), ("size", ctypes.c_uint64), ("length", ctypes.c_uint64 * 8)]


class Steps(ctypes.Structure):
    _fields_ = [("by", ctypes.c_int64 * 8)]


class Philox(ctypes.Structure):
    _fields_ = [("key", ctypes.c_uint64 * 2), ("counter", ctypes.c_uint64 * 4)]


class Parts(ctypes.Structure):
    _fields_ = [("count", ctypes.c_uint32), ("unused", ctypes.c_uint32), ("outer", ctypes.c_uint64), ("inner", ctypes.c_uint64),
                ("total", ctypes.c_uint64), ("start", ctypes.c_uint64 * 17), ("part", ctypes.c_void_p * 16)]  # fmt: skip


class Layers(ctypes.Structure):
    _fields_ = [("count", ctypes.c_uint32), ("width", ctypes.c_uint32 * 8)]


class Product(ctypes.Structure):
    _fields_ = [(n, ctypes.c_uint64) for n in "mnk"] + [
        (n, ctypes.c_int64) for n in ("a_row", "a_column", "b_row", "b_column", "out_row", "out_column")]  # fmt: skip


def shape(lengths):
    s = Shape(len(lengths), 0, math.prod(lengths))
    s.length[: len(lengths)] = lengths
    return s


def steps(array):
    s = Steps()
    s.by[: array.ndim] = [n // array.itemsize for n in array.strides]
    return s


def flat(*lengths):
    return steps(np.empty(lengths, np.int8))


def rounded(x, dtype):
    """Doubles as values of the dtype, in doubles or the NumPy type; bfloat16 rounds to nearest, halves to even."""
    if dtype != BF16:
        return x.astype(TYPES[dtype])
    return decode(encode(x, dtype), dtype)


def encode(x, dtype):
    """The bytes that stand for values."""
    if dtype != BF16:
        return np.ascontiguousarray(x.astype(TYPES[dtype]))
    bits = np.asarray(x, np.float32).view(np.uint32).astype(np.uint64)
    return np.where(np.isnan(np.asarray(x, np.float32)), 0x7FC0, (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def decode(x, dtype):
    return (x.astype(np.uint32) << 16).view(np.float32) if dtype == BF16 else x


def storage(dtype):
    return np.uint16 if dtype == BF16 else TYPES[dtype]


class Checker:
    """Runs kernels on the device of a run and counts what differs."""

    def __init__(self, device, folder, known):
        self.device, self.folder, self.known = device, folder, known
        self.modules, self.bad, self.ran, self.rng = {}, 0, 0, np.random.default_rng(20261128)

    def unit(self, name):
        if name not in self.modules:
            self.modules[name] = self.device.module(kernels.text(self.folder, name))
        return self.modules[name]

    def run(self, unit, entry, arguments, out, **launch):
        """Launch with arrays and ctypes values as arguments; `out` (an array or a list) comes back filled."""
        outs = out if isinstance(out, list) else [out]
        places = [self.device.put(a) if isinstance(a, np.ndarray) else a for a in arguments]
        self.device.launch(self.unit(unit), entry, places, **launch)
        self.ran += 1
        for array in outs:
            at = next(i for i, a in enumerate(arguments) if a is array)
            self.device.get(places[at], array)
        for place, a in zip(places, arguments):
            if isinstance(a, np.ndarray):
                self.device.call("cuMemFree_v2", place)
        return out

    def same(self, what, found, expected, tolerance=0.0, floor=1e-3):
        found, expected = np.asarray(found), np.asarray(expected)
        if found.shape != expected.shape:
            ok, worst = False, f"shape {found.shape} for {expected.shape}"
        elif tolerance == 0.0:
            ok = np.array_equal(found, expected, equal_nan=found.dtype.kind in "fc")
            worst = np.flatnonzero(~((found == expected) | ((found != found) & (expected != expected))).ravel())[:3]
        else:
            f, e = found.astype(np.float64), expected.astype(np.float64)
            with np.errstate(invalid="ignore", over="ignore"):
                close = (np.abs(f - e) <= tolerance * np.maximum(np.abs(e), floor)) | (f == e) | (np.isnan(f) & np.isnan(e))
            ok, worst = bool(close.all()), np.flatnonzero(~close.ravel())[:3]
        if not ok:
            self.bad += 1
            at = worst if isinstance(worst, str) else [(int(i), found.ravel()[i], expected.ravel()[i]) for i in worst]
            print(f"{what}: differs at {at}", flush=True)

    def values(self, lengths, dtype, low=-3.0, high=3.0, special=True):
        x = self.rng.uniform(low, high, lengths)
        if dtype == "bool8":
            return x > 0
        if "int" in dtype:
            info = np.iinfo(TYPES[dtype])
            x = self.rng.integers(max(info.min, -100), min(info.max, 100), lengths).astype(TYPES[dtype])
            if special and x.size > 4:
                x.ravel()[:3] = [info.min, info.max, 0]
            return x
        if special and x.size > 8:
            x.ravel()[:5] = [np.nan, np.inf, -np.inf, 0.0, -0.0]
        return rounded(x, dtype)


def i0(x):
    return np.where(np.isinf(x), np.inf, np.i0(x.astype(np.float64)))


def vector(f):
    def one(v):
        try:
            return f(v)
        except (ValueError, OverflowError, ZeroDivisionError):
            return math.nan
    return lambda x: np.array([one(float(v)) for v in x.ravel()]).reshape(x.shape)


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


erf, erfc = vector(math.erf), vector(math.erfc)
UNARY = {
    "abs": np.abs, "acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin, "asinh": np.arcsinh, "atan": np.arctan,
    "atanh": np.arctanh, "bitwise_count": np.bitwise_count if hasattr(np, "bitwise_count") else None,
    "bitwise_invert": np.invert, "cbrt": np.cbrt, "ceil": np.ceil, "cos": np.cos, "cosh": np.cosh, "deg2rad": np.deg2rad,
    "erf": erf, "erfc": erfc, "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "floor": np.floor,
    "gelu": lambda x: 0.5 * x * erfc(-x / math.sqrt(2)),
    "gelu_tanh": lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "i0": i0, "lgamma": vector(lambda v: math.inf if v <= 0 and (math.isinf(v) or v == math.floor(v)) else math.lgamma(v)), "log": np.log, "log10": np.log10, "log1p": np.log1p, "log2": np.log2,
    "log_sigmoid": lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))), "negative": lambda x: 0 - x if x.dtype.kind in "iu" else -x,
    "rad2deg": np.rad2deg, "reciprocal": np.reciprocal, "relu": lambda x: np.maximum(x, 0), "round": np.rint,
    "rsqrt": lambda x: 1 / np.sqrt(x), "sigmoid": sigmoid, "sign": np.sign, "silu": lambda x: x * sigmoid(x), "sin": np.sin,
    "sinc": np.sinc, "sinh": np.sinh, "sqrt": np.sqrt, "square": np.square, "tan": np.tan, "tanh": np.tanh,
    "gamma": vector(lambda v: math.copysign(math.inf, v) if v == 0 else math.gamma(v)), "trunc": np.trunc,
}  # fmt: skip
TEST = {"isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite, "logical_not": np.logical_not, "signbit": np.signbit}
BINARY = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide, "remainder": np.remainder,
    "floor_divide": np.floor_divide, "fmod": np.fmod, "pow": np.power, "atan2": np.arctan2, "copysign": np.copysign,
    "hypot": np.hypot, "bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor,
    "bitwise_left_shift": np.left_shift, "bitwise_right_shift": np.right_shift, "maximum": np.maximum, "minimum": np.minimum,
    "fmax": np.fmax, "fmin": np.fmin, "gcd": np.gcd, "lcm": np.lcm, "heaviside": np.heaviside, "logaddexp": np.logaddexp,
    "logaddexp2": np.logaddexp2, "nextafter": np.nextafter,
}  # fmt: skip
COMPARE = {n: getattr(np, n) for n in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
                                      "logical_and", "logical_or", "logical_xor")}  # fmt: skip
EXACT = {"abs", "ceil", "floor", "trunc", "round", "negative", "relu", "sign", "maximum", "minimum", "fmax", "fmin",
         "copysign", "nextafter", "heaviside", "bitwise_invert", "bitwise_count"}  # fmt: skip


def wide(x):
    """What the reference computes in: floats in doubles."""
    return x.astype(np.float64) if x.dtype.kind == "f" else x


def layouts(c, dtype, lengths=(3, 4, 37)):
    """Arrays of one shape laid out densely, transposed, with a gap and backwards: (values, base array, first element)."""
    full = c.values(lengths, dtype)
    yield full, encode(full, dtype), 0
    turned = c.values(lengths[::-1], dtype)
    raw = encode(turned, dtype)
    yield turned.T, raw.T, 0


def unary(c, dtype):
    for op in (e.removeprefix("unary_").removesuffix(f"_{dtype}") for e in c.known[f"unary_{dtype}"]):
        for values, raw, _ in layouts(c, dtype):
            if op in ("bitwise_invert", "bitwise_count", "reciprocal", "square", "abs", "negative") and dtype not in FLOATS:
                expected = UNARY[op](np.where(raw == 0, 1, raw) if op == "reciprocal" else raw) if UNARY[op] else None
                if op == "reciprocal":
                    expected = np.where(raw == 0, 0, expected)
            elif op == "erfinv":
                values = np.clip(values, -0.99, 0.99)
                raw = encode(values, dtype)
                expected = None
            else:
                expected = values if op in ("round", "ceil", "floor", "trunc") and dtype in INTS else UNARY[op](wide(values))
            base = raw if raw.flags.c_contiguous else raw.T
            # One axis where the elements are dense: the path by packs; else the walk over axes.
            dims, by = (shape([raw.size]), flat(raw.size)) if raw.flags.c_contiguous else (shape(raw.shape), steps(raw))
            out = np.zeros(raw.shape, raw.dtype)
            c.run(f"unary_{dtype}", f"unary_{op}_{dtype}", [dims, base, by, out, flat(raw.size) if raw.flags.c_contiguous else flat(*raw.shape)], out)
            found = decode(out, dtype)
            if op == "erfinv":
                c.same(f"erf of erfinv {dtype}", erf(wide(found)), wide(values), 8 * EPS[dtype])
            elif expected is not None and dtype in FLOATS:
                scale = 1.0 if op in EXACT else 4.0 if op not in ("lgamma", "gamma", "tan", "sinh", "cosh", "i0", "digamma", "gelu", "log_sigmoid", "sinc") else 64.0
                c.same(f"{op} {dtype}", found, rounded(np.asarray(expected, np.float64), dtype), 0.0 if op in EXACT else scale * EPS[dtype],
                       1.0 if op in ("sinc", "sin", "cos", "lgamma") else 1e-3)  # near a zero of theirs, the error is absolute
            elif expected is not None:
                c.same(f"{op} {dtype}", found, np.asarray(expected).astype(raw.dtype))


def test(c, dtype):
    for op in (e.removeprefix("test_").removesuffix(f"_{dtype}") for e in c.known[f"test_{dtype}"]):
        values = c.values((5, 7), dtype)
        raw, out = encode(values, dtype), np.zeros((5, 7), np.bool_)
        c.run(f"test_{dtype}", f"test_{op}_{dtype}", [shape([35]), raw, flat(35), out, flat(35)], out)
        c.same(f"{op} {dtype}", out, TEST[op](wide(values)) if op != "signbit" or dtype in FLOATS else values < 0)


def pair(c, dtype, op):
    a, b = c.values((4, 37), dtype), c.values((4, 37), dtype)
    if "shift" in op:
        b = (np.abs(b.astype(np.float64)) % (2 * 8 * a.itemsize)).astype(a.dtype)
    if op == "pow" and dtype in INTS:
        b = (np.abs(b.astype(np.float64)) % 7).astype(a.dtype)
    if op in ("gcd", "lcm") and dtype in INTS:
        a.ravel()[:2], b.ravel()[:2] = 12, 18
    return a, b


def binary(c, dtype, family="binary", table=BINARY):
    for op in (e.removeprefix(f"{family}_").removesuffix(f"_{dtype}") for e in c.known[f"{family}_{dtype}"]):
        a, b = pair(c, dtype, op)
        for row in (False, True):
            ra, rb = encode(a, dtype), encode(b, dtype)
            out = np.zeros(a.shape, np.bool_ if family == "compare" else ra.dtype)
            if row:  # the second operand is broadcast from its first row
                second = b[:1]
                dims, bs, by = shape(a.shape), flat(*a.shape), flat(*a.shape)
                bs.by[0] = 0
            else:
                second, dims, bs, by = b, shape([a.size]), flat(a.size), flat(a.size)
            c.run(f"{family}_{dtype}", f"{family}_{op}_{dtype}", [dims, ra, by, rb, bs, out, by], out)
            with np.errstate(all="ignore"):
                expected = table[op](wide(a), wide(second))
            what = f"{op} {dtype}{' broadcast' if row else ''}"
            if family == "compare":
                c.same(what, out, expected)
            elif dtype in FLOATS:
                if op == "nextafter":
                    expected = np.nextafter(a, second)
                # Of floats, remainders and quotients are those of the dtype: in doubles they may fall on the other side.
                if op in ("remainder", "floor_divide", "fmod") and dtype in ("float32", "float64"):
                    expected = table[op](a, second)
                elif op in ("remainder", "floor_divide", "fmod"):
                    expected = table[op](a.astype(np.float32), np.asarray(second).astype(np.float32))
                c.same(what, decode(out, dtype), rounded(np.asarray(expected, np.float64), dtype), 0.0 if op in EXACT else 16 * EPS[dtype])
            else:
                c.same(what, out, np.asarray(expected).astype(ra.dtype))


def reduce(c, dtype):
    table = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "all": np.all, "any": np.any,
             "count_nonzero": np.count_nonzero, "sum_squares": lambda x, axis: np.sum(np.square(x), axis=axis)}  # fmt: skip
    for op in sorted({e.removeprefix("reduce_").removesuffix(f"_{dtype}") for e in c.known[f"reduce_{dtype}"] if not e.startswith(("reduce_rows_", "reduce_finish_"))}):
        for lengths, axes in (((5, 300), (1,)), ((64, 7), (0,)), ((3, 4, 50), (0, 2)), ((1000,), (0,))):
            x = c.values(lengths, dtype, 0.5, 1.5, special=op in ("max", "min", "all", "any"))
            if dtype in INTS and op in ("prod", "sum_squares"):
                x = (np.abs(x.astype(np.float64)) % 3 + 1).astype(x.dtype)
            raw = encode(x, dtype)
            kept = [i for i in range(x.ndim) if i not in axes]
            k, g = [lengths[i] for i in kept], [lengths[i] for i in axes]
            order = raw.transpose([*kept, *axes])
            ks, gs = Steps(), Steps()
            ks.by[: len(k)] = [s // raw.itemsize for s in order.strides[: len(k)]]
            gs.by[: len(g)] = [s // raw.itemsize for s in order.strides[len(k) :]]
            result = np.bool_ if op in ("all", "any") else np.int64 if op == "count_nonzero" else raw.dtype
            if op in ("sum", "prod", "sum_squares") and dtype not in FLOATS:
                result = np.uint64 if dtype.startswith("u") else np.int64
            grown = wide(x) if dtype in FLOATS else x.astype(result) if op in ("sum", "prod", "sum_squares") else x
            expected = table[op](grown, axis=axes)
            tolerance = 0.0 if op in ("max", "min", "all", "any", "count_nonzero") or dtype not in FLOATS else max(EPS[dtype] * 8, 0)
            expected = rounded(np.asarray(expected, np.float64), dtype) if dtype in FLOATS and result == raw.dtype else np.asarray(expected).astype(result)
            one = ctypes.c_uint64
            for slices in (1, 3):
                out = np.zeros(k, result)
                partial = np.zeros(16 * max(1, math.prod(k)) * slices, np.uint8)
                c.run(f"reduce_{dtype}", f"reduce_{op}_{dtype}", [shape(k), ks, shape(g), gs, raw, out, flat(*k), one(slices), partial], [out, partial])
                if slices > 1:
                    c.run(f"reduce_{dtype}", f"reduce_finish_{op}_{dtype}", [shape(k), one(slices), partial, out, flat(*k)], out)
                c.same(f"{op} {dtype} over {axes} of {lengths}, {slices} slices", decode(out, dtype) if result == raw.dtype else out, expected, tolerance)
            out = np.zeros(k, result)
            c.run(f"reduce_{dtype}", f"reduce_rows_{op}_{dtype}", [shape(k), ks, shape(g), gs, raw, out, flat(*k)], out)
            c.same(f"{op} {dtype} by rows over {axes} of {lengths}", decode(out, dtype) if result == raw.dtype else out, expected, tolerance)


def arg_reduce(c, dtype):
    for op, reference in (("max", np.argmax), ("min", np.argmin)):
        x = c.values((6, 203), dtype)
        x[2, 50:] = x[2, :1]  # ties
        out = np.zeros(6, np.int64)
        c.run(f"arg_reduce_{dtype}", f"arg_reduce_{op}_{dtype}", [shape([6]), flat_by(203), ctypes.c_uint64(203), ctypes.c_int64(1), encode(x, dtype), out, flat(6)], out)
        c.same(f"arg{op} {dtype}", out, reference(x, axis=1))


def flat_by(*by):
    s = Steps()
    s.by[: len(by)] = by
    return s


def scan(c, dtype):
    table = {"sum": np.cumsum, "prod": np.cumprod, "max": np.maximum.accumulate, "min": np.minimum.accumulate, "logsumexp": np.logaddexp.accumulate}
    for op in (e.removeprefix("scan_").removesuffix(f"_{dtype}") for e in c.known[f"scan_{dtype}"]):
        x = c.values((4, 150), dtype, 0.9, 1.1, special=op in ("max", "min"))
        raw, out = encode(x, dtype), np.zeros((4, 150), storage(dtype))
        c.run(f"scan_{dtype}", f"scan_{op}_{dtype}",
              [shape([4]), flat_by(150), ctypes.c_uint64(150), ctypes.c_int64(1), raw, out, flat_by(150), ctypes.c_int64(1)], out)  # fmt: skip
        with np.errstate(all="ignore"):
            expected = table[op](wide(x), axis=1, **({"dtype": raw.dtype} if dtype in INTS and op in ("sum", "prod") else {}))
        expected = rounded(np.asarray(expected, np.float64), dtype) if dtype in FLOATS else expected.astype(raw.dtype)
        c.same(f"cumulative {op} {dtype}", decode(out, dtype), expected, 0.0 if dtype in INTS or op in ("max", "min") else 32 * EPS[dtype])


def nonzero(c, dtype):
    x = c.values((1000,), dtype)
    x[c.rng.random(1000) < 0.5] = 0
    chunk, blocks = 300, 4
    counts = np.zeros(blocks, np.int64)
    c.run(f"nonzero_{dtype}", f"nonzero_count_{dtype}", [shape([1000]), encode(x, dtype), flat(1000), ctypes.c_uint64(chunk), counts], counts, blocks=blocks)
    out = np.zeros(int(counts.sum()), np.int64)
    c.run(f"nonzero_{dtype}", f"nonzero_write_{dtype}", [shape([1000]), encode(x, dtype), flat(1000), ctypes.c_uint64(chunk), np.cumsum(counts), out], out, blocks=blocks)
    c.same(f"nonzero {dtype}", out, np.flatnonzero(x != 0))


def sort(c, dtype):
    for n, descending in ((5, 0), (700, 1), (2500, 0), (3000, 1)):
        x = c.values((2, n), dtype)
        keys, order = np.zeros((2, n), storage(dtype)), np.zeros((2, n), np.int64)
        c.run(f"sort_{dtype}", f"sort_chunk_{dtype}", [ctypes.c_uint64(2), ctypes.c_uint64(n), ctypes.c_uint32(descending), encode(x, dtype), keys, order], [keys, order])
        run = 1024
        while run < n:
            new, at = np.zeros_like(keys), np.zeros_like(order)
            c.run(f"sort_{dtype}", f"sort_merge_{dtype}",
                  [ctypes.c_uint64(2), ctypes.c_uint64(n), ctypes.c_uint64(run), ctypes.c_uint32(descending), keys, order, new, at], [new, at])  # fmt: skip
            keys, order, run = new, at, 2 * run
        rank = wide(x) if dtype in FLOATS else x.astype(np.float64) if x.itemsize < 8 else x.astype(object)
        for line in range(2):
            column = list(rank[line])
            nan = lambda v: v != v  # noqa: E731
            expected = sorted(range(n), key=lambda i: (nan(column[i]), 0 if nan(column[i]) else -column[i] if descending else column[i], i))
            c.same(f"argsort {dtype} of {n}", order[line], expected)
        c.same(f"sort {dtype} of {n}", decode(keys, dtype), np.take_along_axis(x, order, 1))


def softmax(c, dtype):
    x = c.values((3, 70, 2), dtype, special=False)
    w = wide(x)
    e = np.exp(w - w.max(axis=1, keepdims=True))
    for name, expected in (("softmax", e / e.sum(axis=1, keepdims=True)), ("log_softmax", w - w.max(axis=1, keepdims=True) - np.log(e.sum(axis=1, keepdims=True)))):
        out = np.zeros(x.shape, storage(dtype))
        c.run(f"softmax_{dtype}", f"{name}_{dtype}", [ctypes.c_uint64(3), ctypes.c_uint64(70), ctypes.c_uint64(2), encode(x, dtype), out], out)
        c.same(f"{name} {dtype}", decode(out, dtype), rounded(expected, dtype), 8 * EPS[dtype])


def norm(c, dtype):
    x, g, b = (c.values(s, dtype, special=False) for s in ((5, 130), (130,), (130,)))
    w = wide(x)
    z = (w - w.mean(axis=1, keepdims=True)) / np.sqrt(w.var(axis=1, keepdims=True) + 1e-5)
    r = w / np.sqrt((w * w).mean(axis=1, keepdims=True) + 1e-5)
    for name, base in (("layer_norm", z), ("rms_norm", r)):
        out = np.zeros(x.shape, storage(dtype))
        c.run(f"norm_{dtype}", f"{name}_{dtype}",
              [ctypes.c_uint64(5), ctypes.c_uint64(130), encode(x, dtype), encode(g, dtype), encode(b, dtype), ctypes.c_double(1e-5), out], out)  # fmt: skip
        c.same(f"{name} {dtype}", decode(out, dtype), rounded(base * wide(g) + wide(b), dtype), 8 * EPS[dtype], 1.0)
    x, g, b = (c.values(s, dtype, special=False) for s in ((4, 3, 25), (3,), (3,)))
    w, compute = wide(x), np.float64 if dtype == "float64" else np.float32
    for target in (1.0, 0.6180339887498949):
        mean, var, out = np.zeros(3, compute), np.zeros(3, compute), np.zeros(x.shape, storage(dtype))
        c.run(f"norm_{dtype}", f"batch_norm_{dtype}",
              [ctypes.c_uint64(4), ctypes.c_uint64(3), ctypes.c_uint64(25), encode(x, dtype), encode(g, dtype), encode(b, dtype),
               ctypes.c_double(1e-5), ctypes.c_double(target), ctypes.c_uint32(0), mean, var, out], [mean, var, out])  # fmt: skip
        m, v = w.mean(axis=(0, 2)), w.var(axis=(0, 2))
        s = lambda a: a[None, :, None]  # noqa: E731
        expected = s(wide(g)) * (w - s(m)) / np.sqrt(s(v) + 1e-5) * math.sqrt(target) + s(wide(b))
        c.same(f"batch_norm {dtype}", decode(out, dtype), rounded(expected, dtype), 8 * EPS[dtype], 1.0)
        c.same(f"batch mean {dtype}", mean, m, 1e-5)
        c.same(f"batch variance {dtype}", var, v, 1e-5)


def random(c, dtype):
    key, counter, n = [7, 11], [3, 2**64 - 1, 5, 0], 1003
    p = Philox((ctypes.c_uint64 * 2)(*key), (ctypes.c_uint64 * 4)(*counter))
    words = np.random.Philox(counter=sum(v << 64 * i for i, v in enumerate(counter)), key=sum(v << 64 * i for i, v in enumerate(key))).random_raw(n + 1)
    bits, size = np.zeros(n, np.uint64), ctypes.c_uint64(n)
    c.run("fixed_random_bits", "random_bits", [p, size, bits], bits)
    c.same("the words of NumPy's Philox", bits, words[:n])
    last = Philox((ctypes.c_uint64 * 2)(*key), (ctypes.c_uint64 * 4)(2**64 - 3, 2**64 - 1, 0, 0))
    carried = np.random.Philox(counter=(2**64 - 3) + ((2**64 - 1) << 64), key=key[0] + (key[1] << 64)).random_raw(n)
    c.run("fixed_random_bits", "random_bits", [last, size, bits], bits)
    c.same("the words across a carry of the counter", bits, carried)
    whole = np.zeros(n, np.int64)
    c.run("fixed_random_bits", "random_integers", [p, size, ctypes.c_int64(-5), ctypes.c_uint64(11), whole], whole)
    c.same("integers", whole, [-5 + (int(w) * 11 >> 64) for w in words[:n]])
    t = TYPES[dtype]
    unit = ((words >> np.uint64(11)) * 2.0**-53 if dtype == "float64" else (words >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)).astype(t)
    out = np.zeros(n, t)
    c.run(f"random_{dtype}", f"random_uniform_{dtype}", [p, size, ctypes.c_double(-1), ctypes.c_double(3), out], out)
    c.same(f"uniform {dtype}", out, t(-1) + t(4) * unit[:n])
    u, v = unit[0::2].astype(np.float64), unit[1::2].astype(np.float64)
    r = np.sqrt(-2 * np.log1p(-u))
    normal = np.stack([r * np.cos(2 * np.pi * v), r * np.sin(2 * np.pi * v)], 1).ravel()[:n]
    c.run(f"random_{dtype}", f"random_normal_{dtype}", [p, size, ctypes.c_double(0.5), ctypes.c_double(2), out], out)
    c.same(f"normal {dtype}", out, 0.5 + 2 * normal, 1e-3 if dtype == "float32" else 1e-10)


def matmul(c, dtype):
    a, b = c.values((2, 70, 33), dtype, special=False), c.values((2, 50, 33), dtype, special=False)
    out = np.zeros((2, 70, 50), storage(dtype))
    p = Product(70, 50, 33, 33, 1, 1, 33, 50, 1)  # b is read transposed
    c.run(f"matmul_{dtype}", f"matmul_{dtype}",
          [p, shape([2]), encode(a, dtype), flat_by(70 * 33), encode(b, dtype), flat_by(50 * 33), out, flat_by(70 * 50)], out, threads=256)  # fmt: skip
    expected = (wide(a) if dtype in FLOATS else a.astype(np.int64)) @ (wide(b) if dtype in FLOATS else b.astype(np.int64)).transpose(0, 2, 1)
    if dtype in FLOATS:
        scale = np.abs(wide(a)) @ np.abs(wide(b)).transpose(0, 2, 1)
        c.same(f"matmul {dtype}", (decode(out, dtype) - expected) / scale, np.zeros_like(expected), 1e3 * 4 * EPS[dtype])
    else:
        c.same(f"matmul {dtype}", out, expected.astype(storage(dtype)))


def copy(c, dtype):
    for entry in c.known[f"copy_{dtype}"]:
        source = entry.removeprefix("copy_").removesuffix(f"_{dtype}")
        if entry != f"copy_{source}_{dtype}" or (source not in TYPES and source != BF16):
            continue
        x = c.values((6, 7), source)
        if source in FLOATS and dtype in INTS:
            x = np.clip(np.nan_to_num(wide(x), nan=0), -100 if not dtype.startswith("u") else 0, 100)
            x = rounded(x * 20 if source != "float16" else x, source)
        raw, out = encode(x, source), np.zeros((7, 6), storage(dtype))
        c.run(f"copy_{dtype}", entry, [shape([7, 6]), raw, flat_by(1, 7), out, flat(7, 6)], out)
        expected = encode(x.T if source != "float64" or dtype != BF16 else x.T, dtype)
        c.same(f"{source} to {dtype}", decode(out, dtype), decode(expected, dtype))


def moving(c, dtype):
    """Fill, move, select, gather, scatter, concat, transpose of one size."""
    pair_of = dtype == "bits128"
    t = np.dtype([("low", np.uint64), ("high", np.uint64)]) if pair_of else np.dtype(TYPES[dtype])

    def some(*lengths):
        raw = c.rng.integers(0, 256, (*lengths, t.itemsize), dtype=np.uint8)
        return raw.view(t).reshape(lengths)

    def same(what, found, expected):
        c.same(f"{what} {dtype}", np.ascontiguousarray(found).view(np.uint8), np.ascontiguousarray(expected).view(np.uint8))

    value, out = some(1), some(5, 6)
    scalar = (ctypes.c_uint64 * 2)(*value[0].tolist()) if pair_of else np.ctypeslib.as_ctypes_type(t)(value[0])
    c.run(f"fill_{dtype}", f"fill_{dtype}", [shape([30]), scalar, out, flat(30)], out)
    same("fill", out, np.broadcast_to(value, (5, 6)))
    x, out = some(5, 7), some(7, 5)
    c.run(f"move_{dtype}", f"move_{dtype}", [shape([7, 5]), x, flat_by(1, 7), out, flat(7, 5)], out)
    same("move", out, x.T)
    out = some(5, 7)
    c.run(f"move_{dtype}", f"move_{dtype}", [shape([35]), x, flat(35), out, flat(35)], out)
    same("move, dense", out, x)
    cond, a, b, out = c.rng.random((5, 7)) < 0.5, some(5, 7), some(7), some(5, 7)
    c.run(f"select_{dtype}", f"select_{dtype}", [shape([5, 7]), cond, flat(5, 7), a, flat(5, 7), b, flat_by(0, 1), out, flat(5, 7)], out)
    same("select", out, np.where(cond, a, np.broadcast_to(b, (5, 7))))
    x, at, out = some(9, 4), c.rng.integers(0, 9, 6), some(6, 4)
    c.run(f"gather_{dtype}", f"gather_{dtype}", [shape([6, 4]), x, flat_by(0, 1), at * 4, flat_by(1, 0), out, flat(6, 4)], out)
    same("gather", out, x[at])
    values, out, last = some(6, 4), some(9, 4), np.zeros((9, 4), np.uint64)
    at[3:] = at[:3]  # collisions
    expected = out.copy()
    expected[at] = values
    c.run("fixed_scatter_last", "scatter_last", [shape([6, 4]), last, flat_by(0, 1), at * 4, flat_by(1, 0)], last)
    c.run(f"scatter_{dtype}", f"scatter_{dtype}", [shape([6, 4]), out, flat_by(0, 1), at * 4, flat_by(1, 0), values, flat(6, 4), last], out)
    same("scatter", out, expected)
    parts = [some(3, n, 2) for n in (4, 1, 5)]
    places = [c.device.put(p) for p in parts]
    p = Parts(3, 0, 3, 2, 10, (ctypes.c_uint64 * 17)(0, 4, 5, 10), (ctypes.c_void_p * 16)(*[a.value for a in places]))
    out = some(3, 10, 2)
    c.run(f"concat_{dtype}", f"concat_{dtype}", [p, out], out)
    same("concat", out, np.concatenate(parts, axis=1))
    x, out = some(2, 45, 70), some(2, 70, 45)
    c.run(f"transpose_{dtype}", f"transpose_{dtype}", [ctypes.c_uint64(45), ctypes.c_uint64(70), x, out], out, blocks=2 * 3, rows=2, threads=256)
    same("transpose", out, x.transpose(0, 2, 1))


def combine(c, dtype):
    table = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}
    for op, f in table.items():
        values, base, at = c.values((40,), dtype, 0.5, 1.5, special=False), c.values((9,), dtype, 0.5, 1.5, special=False), c.rng.integers(0, 9, 40)
        expected = wide(base) if dtype in FLOATS else base.copy()
        with np.errstate(all="ignore"):
            f.at(expected, at, wide(values) if dtype in FLOATS else values)
        out = encode(base, dtype)
        c.run(f"combine_{dtype}", f"combine_{op}_{dtype}", [shape([40]), out, flat_by(0), at, flat_by(1), encode(values, dtype), flat(40)], out)
        c.same(f"index {op} {dtype}", decode(out, dtype), rounded(expected, dtype) if dtype in FLOATS else expected, 16 * EPS[dtype] if dtype in FLOATS else 0.0)


def resonant(c, _):
    u, size = "fixed_exp_golden_f64", ctypes.c_uint64
    x = c.values((501,), "float64", -30, 30, special=False)
    phi = (1 + 5**0.5) / 2
    for name, expected in (("exp_golden_f64", np.exp(-x / phi)), ("sigmoid_f64", sigmoid(x)), ("tanh_f64", np.tanh(x))):
        out = np.zeros(501)
        c.run(u, name, [size(501), x, out], out)
        c.same(name, out, expected, 1e-14)
    rows, gamma, beta = c.values((4, 100), "float64", special=False), c.values((100,), "float64", special=False), c.values((100,), "float64", special=False)
    rows[3] = 2.5
    for golden in (0, 1):
        out = np.zeros((4, 100))
        c.run(u, "layer_norm_f64", [out, rows, gamma, beta, ctypes.c_double(1e-8), size(4), size(100), ctypes.c_uint32(golden)], out)
        z = (rows - rows.mean(axis=1, keepdims=True)) / np.sqrt(rows.var(axis=1, keepdims=True) + 1e-8) * (phi**-0.5 if golden else 1.0)
        z[3] = 0.0
        c.same("layer_norm_f64", out, z * gamma + beta, 1e-13, 1.0)
    norms = c.rng.integers(0, 12, 501).astype(np.float64)
    expected = (x * x * np.exp(-norms / phi)).sum() / (x * x).sum()
    for suffix, t, tolerance in (("f32", np.float32, 1e-6), ("f64", np.float64, 1e-13)):
        partial, out, largest = np.zeros(6), np.zeros(1), np.array([np.abs(x).max()], t)
        c.run(u, f"compute_syntony_{suffix}", [size(501), x.astype(t), norms.astype(t), largest, partial], partial)
        c.run(u, "syntony_finish", [size(3), partial, out], out, blocks=1)
        c.same(f"syntony {suffix}", out, [expected], tolerance)
        p = Philox((ctypes.c_uint64 * 2)(5, 2), (ctypes.c_uint64 * 4)(0, 1, 0, 0))
        words = np.random.Philox(counter=1 << 64, key=5 + (2 << 64)).random_raw(501)
        unit = (words >> np.uint64(11)) * 2.0**-53 if suffix == "f64" else (words >> np.uint64(40)) * 2.0**-24
        s, m = expected, np.sqrt(norms)
        for saturating in (0, 1):
            reach = m / (1 + m) if saturating else m
            want = (x * (1 + (1 - s) / phi**2 * reach) + 0.01 * (1 - s) * (unit - 0.5)) * (1 - s / phi * (1 - np.exp(-norms / phi)))
            y = np.zeros(501, t)
            c.run(u, f"dhsr_cycle_{suffix}", [size(501), x.astype(t), norms.astype(t), np.array([s]), ctypes.c_double(0.01), p, ctypes.c_uint32(saturating), y], y)
            c.same(f"dhsr_cycle_{suffix}", y, want, 1e-4 if suffix == "f32" else 1e-13)
    widths, n = [2, 16, 16, 3], 90
    parameters = sum((a + 1) * b for a, b in zip(widths, widths[1:]))
    weights, data, labels = (c.rng.normal(size=(7, parameters)).astype(np.float32), c.rng.normal(size=(n, 2)).astype(np.float32), c.rng.integers(0, 3, n).astype(np.int32))
    loss, net = np.zeros(7), Layers(4, (ctypes.c_uint32 * 8)(*widths))
    c.run(u, "population_loss_f32", [size(7), size(parameters), weights, net, size(n), data, labels, loss], loss)
    expected = []
    for w in weights.astype(np.float64):
        state, at = data.astype(np.float64), 0
        for i, (a, b) in enumerate(zip(widths, widths[1:])):
            state = state @ w[at : at + a * b].reshape(b, a).T + w[at + a * b : at + (a + 1) * b]
            at += (a + 1) * b
            if i + 2 < len(widths):
                state = np.tanh(state)
        top = state.max(axis=1)
        expected.append(np.mean(np.log(np.exp(state - top[:, None]).sum(axis=1)) + top - state[np.arange(n), labels]))
    c.same("population_loss_f32", loss, expected, 1e-4)


def snap(c, _):
    """Against the nearest of all lattice points, by exact arithmetic on 1/2^110 steps of phi."""
    phi = Fraction(math.isqrt(5 << 220), 2 << 110) + Fraction(1, 2)

    def nearest(x, p):
        n, best = round_away(x), None
        for low, high in ([(-p - n, p - n)] if abs(x) <= p / 2 else [(-p, p), (-p - n, p - n)]):
            for b in range(-p, p + 1):
                rest = Fraction(x) - b * phi
                a = math.floor(rest + Fraction(1, 2))
                if low <= a - n <= high:
                    key = (abs(rest - a), abs(a + b * phi))
                    if best is None or key < best[0]:
                        best = (key, a, b)
        return best[1:]

    def round_away(x):
        return int(math.floor(abs(x) + 0.5)) * (1 if x >= 0 else -1)

    for bound in (1, 3, 10, 100, 300):
        x = np.concatenate([c.rng.uniform(-2, 2, 12), c.rng.uniform(-1.5, 1.5, 12) * bound, [0.0, 0.5, -0.5, 1.0, 1e-12, 7.25 * bound]])
        a, b, ask = np.zeros(len(x), np.int64), np.zeros(len(x), np.int64), np.zeros(len(x), np.uint8)
        c.run("fixed_snap_f64", "snap_f64", [ctypes.c_uint64(len(x)), x, ctypes.c_int64(bound), a, b, ask], [a, b, ask])
        sure = ask == 0
        expected = np.array([nearest(float(v), bound) for v in x])
        c.same(f"snapped within {bound}", np.stack([a, b], 1)[sure], expected[sure])
        # Midway between two integers each point has a mirror image as far away: only there may the host be asked.
        if sure[(2 * x) % 2 != 1].sum() < ((2 * x) % 2 != 1).sum():
            c.bad += 1
            print(f"snap within {bound}: the host is asked about {(~sure).sum()} of {len(x)}")
        back, unsure = np.zeros(len(x)), np.zeros(len(x), np.uint8)
        c.run("fixed_snap_f64", "unsnap_f64", [ctypes.c_uint64(len(x)), a, b, back, unsure], [back, unsure])
        c.same("values of pairs", back[unsure == 0], [float(int(p) + int(q) * phi) for p, q in zip(a[unsure == 0], b[unsure == 0])])
    x = np.array([np.nan, np.inf, 2.0**60])
    a, b, ask = np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3, np.uint8)
    c.run("fixed_snap_f64", "snap_f64", [ctypes.c_uint64(3), x, ctypes.c_int64(100), a, b, ask], [a, b, ask])
    c.same("what the host decides", ask, [1, 1, 1])


FAMILIES = {
    "unary": unary, "test": test, "binary": binary, "compare": lambda c, d: binary(c, d, "compare", COMPARE), "reduce": reduce,
    "arg_reduce": arg_reduce, "scan": scan, "nonzero": nonzero, "sort": sort, "softmax": softmax, "norm": norm, "random": random,
    "matmul": matmul, "copy": copy, "combine": combine, "fill": moving, "fixed_exp_golden_f64": resonant, "fixed_snap_f64": snap,
}  # fmt: skip


def emulator():
    """The emulated driver and compiler, built into a folder."""
    compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    if not compiler:
        raise cuda.Absent("no C++ compiler for the emulator: install g++, or name one in CXX")
    os.environ["CXX"], here = compiler, os.path.join(cuda.ROOT, "tests", "emulator")
    os.environ["EMULATOR"] = here
    folder = tempfile.mkdtemp()
    for name, library in (("cuda", "libcuda.so.1"), ("nvrtc", "libnvrtc.so.13"), ("cublas", "libcublas.so.13")):
        # The soname is what the runtime asks the loader for first, so that nothing else of the machine is taken.
        command = [compiler, "-std=c++17", "-O1", "-fPIC", "-shared", f"{here}/{name}.cpp", "-o", f"{folder}/{library}", "-ldl", f"-Wl,-soname,lib{name}.so"]
        subprocess.run(command, check=True)
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--emulated", action="store_true", help="run on the emulator instead of a GPU")
    parser.add_argument("--only", nargs="+", default=[], help="units whose name starts so, such as unary_float32 snap")
    parser.add_argument("--units", help="a folder that the example `units` has written")
    parser.add_argument("--require", action="store_true", help="fail where nothing can run")
    options = parser.parse_args()
    np.seterr(all="ignore")
    try:
        device = cuda.Device(emulator() if options.emulated else None)
    except cuda.Absent as absent:
        print(f"SKIPPED: {absent}", file=sys.stderr)
        return 1 if options.require else 0
    with tempfile.TemporaryDirectory() as folder:
        if options.units:
            folder = options.units
            known = {w[0]: w[1:] for w in map(str.split, open(os.path.join(folder, "units.txt")).read().splitlines()[1:])}
        else:
            _, known = kernels.units(folder)
        checker = Checker(device, folder, known)
        covered = set()
        for unit in known:
            family = next((f for f in sorted(FAMILIES, key=len, reverse=True) if unit == f or unit.startswith(f + "_")), None)
            wanted = not options.only or any(unit.startswith(word) or unit.startswith(f"fixed_{word}") for word in options.only)
            if family and wanted:
                FAMILIES[family](checker, unit.removeprefix(family).removeprefix("_"))
                covered.add(unit)
        print(f"{checker.ran} launches on {device.name} (sm_{device.arch}) from {len(checker.modules)} units, {checker.bad} differences")
    return 1 if checker.bad else 0


if __name__ == "__main__":
    sys.exit(main())
