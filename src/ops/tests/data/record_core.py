"""Records elementwise functions, reductions, indexing, sorting, sets and shapes from NumPy into core.json.

    python record_core.py        # NumPy 2.4; seed 7
"""

import itertools
import warnings

import numpy as np
from recording import Recorder

warnings.simplefilter("ignore")
np.seterr(all="ignore")
rng = np.random.default_rng(7)
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
REALS = ["float16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
ALL = ["bool", *INTS, *REALS, *COMPLEX]
# Relative tolerance of functions that are not exactly rounded: about two ulp.
ULP = {"float16": 1e-3, "float32": 2.5e-7, "float64": 5e-16, "complex64": 5e-7, "complex128": 2e-15}


def grid(dtype):
    """Values where functions of one operand have something special."""
    d = np.dtype(dtype)
    if d.kind == "b":
        return np.array([False, True])
    if d.kind in "iu":
        i = np.iinfo(d)
        return np.array([0, 1, 2, 3, 7, 100, i.max, i.max - 1, i.min] + ([-1, -2, -7, i.min + 1] if i.min else []), d)
    if d.kind == "f":
        v = [0.0, -0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.75, 10.0, 100.0, 1e-3, 0.3, np.inf, np.nan]
        return np.array(v + [-x for x in v[2:-1]], d)
    parts = [0.0, -0.0, 1.0, -1.5, 0.3, np.inf, -np.inf, np.nan, 20.0]
    return np.array([complex(a, b) for a, b in itertools.product(parts, parts)], d)


def pairs(dtype):
    """Operands that meet each other in every combination."""
    d = np.dtype(dtype)
    if d.kind == "b":
        v = np.array([False, True])
    elif d.kind in "iu":
        i = np.iinfo(d)
        v = np.array([0, 1, 2, 7, i.max, i.min] + ([-1, -2, -7] if i.min else [3]), d)
    elif d.kind == "f":
        v = np.array([0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 0.3, 7.0, np.inf, -np.inf, np.nan], d)
    else:
        v = np.array([0, 1, 1j, -1.5 + 0.5j, 2 - 3j, complex(-0.0, 2)], d)
    return np.repeat(v, len(v)), np.tile(v, len(v))


UNARY = """abs acos acosh asin asinh atan atanh bitwise_invert cbrt ceil conj cos cosh deg2rad exp exp2 expm1 floor isfinite isinf
isnan log log10 log1p log2 logical_not negative rad2deg reciprocal sign signbit sin sinh sqrt square tan tanh trunc""".split()
EXACT = """abs bitwise_invert ceil conj floor isfinite isinf isnan logical_not negative sign signbit square trunc reciprocal sqrt
add subtract multiply bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift copysign equal not_equal less
less_equal greater greater_equal floor_divide remainder fmod fmax fmin gcd lcm heaviside logical_and logical_or logical_xor
maximum minimum nextafter""".split()
BINARY = """add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor copysign divide equal floor_divide
fmax fmin fmod gcd greater greater_equal heaviside hypot lcm less less_equal logaddexp logaddexp2 logical_and logical_or
logical_xor maximum minimum multiply nextafter not_equal pow remainder subtract""".split()


def unary(r):
    for name, dtype in itertools.product(UNARY, ALL):
        x = grid(dtype)
        try:
            out = getattr(np, name)(x)
        except TypeError:
            r.fails("unary", {"x": x}, {"f": name}, "Type")
            continue
        if out.dtype.kind == "c" and name not in EXACT:
            # The C library's special values are checked by the unit tests of the complex functions.
            keep = np.isfinite(x) & np.isfinite(out)
            x, out = x[keep], out[keep]
        if out.dtype.kind == "c" and name == "sign":
            # A NaN part makes the sign NaN, as the standard asks; NumPy looks at infinities first.
            keep = ~np.isnan(x)
            x, out = x[keep], out[keep]
        exact = name in EXACT and out.dtype.kind not in "c"
        r.add("unary", {"x": x}, {"f": name}, out, ULP.get(str(out.dtype), 0), "exact" if exact else "each")


def binary(r):
    for name, dtype in itertools.product(BINARY, ALL):
        x, y = pairs(dtype)
        if name == "pow" and np.dtype(dtype).kind == "i":
            x, y = x[y >= 0], y[y >= 0]
        if name == "floor_divide" and np.dtype(dtype).kind == "f":
            # With infinities the standard asks for other results than NumPy gives; unit tests have those.
            keep = np.isfinite(x) & np.isfinite(y)
            x, y = x[keep], y[keep]
        try:
            out = getattr(np, name)(x, y)
        except TypeError:
            if name in ("gcd", "lcm"):
                continue  # bool counts as int8 here
            r.fails("binary", {"x": x, "y": y}, {"f": name}, "Type")
            continue
        if out.dtype.kind == "c" and name in ("divide", "pow"):
            keep = np.isfinite(out)
            x, y, out = x[keep], y[keep], out[keep]
        exact = name in EXACT and out.dtype.kind not in "c"
        # The sign of zero is not specified for these.
        loose = ("maximum", "minimum", "fmax", "fmin") + (("nextafter",) if dtype == "float16" else ())
        how = "each" if not exact or name in loose else "exact"
        r.add("binary", {"x": x, "y": y}, {"f": name}, out, ULP.get(str(out.dtype), 0), how)
    for a, b in itertools.product(ALL, ALL):
        x, y = np.ones((2, 1), a), np.ones(3, b)
        r.add("binary", {"x": x, "y": y}, {"f": "add"}, x + y, 0, "exact")
        r.add("binary", {"x": x, "y": y}, {"f": "divide"}, x / y, 0, "exact")
        r.add("binary", {"x": x, "y": y}, {"f": "multiply"}, x * y, 0, "exact")


def draw(shape, dtype):
    d = np.dtype(dtype)
    if d.kind == "b":
        return rng.random(shape) < 0.5
    if d.kind in "iu":
        return rng.integers(0 if d.kind == "u" else -9, 10, shape).astype(d)
    x = np.round(rng.standard_normal(shape) * 3, 1)
    if d.kind == "c":
        x = x + 1j * np.round(rng.standard_normal(shape), 1)
    return x.astype(d)


def reductions(r):
    table = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "all": np.all, "any": np.any, "mean": np.mean,
             "var": np.var, "std": np.std, "count_nonzero": np.count_nonzero, "ptp": np.ptp}
    for dtype in ["bool", "int8", "uint16", "int64", "uint64", "float16", "float32", "float64", "complex64", "complex128"]:
        x = draw((2, 3, 4), dtype)
        for (name, f), axis, keep in itertools.product(table.items(), [None, 0, -1, (0, 2), (2, 0, 1), ()], [False, True]):
            if (name == "ptp" and dtype == "bool") or (keep and axis not in (None, -1)):
                continue
            out = f(x, axis=axis, keepdims=keep)
            tol = {"float16": 2e-2, "float32": 2e-6, "complex64": 2e-6}.get(dtype, 1e-13)
            args = {"f": name, "keepdims": keep}
            if axis is not None:
                args["axis"] = list(axis) if isinstance(axis, tuple) else [axis]
            r.add("reduce", {"x": x}, args, out, tol)
    for name, shape, axis in itertools.product(["sum", "prod", "mean", "all", "any", "max"], [(0,), (0, 3), (2, 0)], [None, 0]):
        x = np.ones(shape)
        args = {"f": name, "keepdims": False, **({} if axis is None else {"axis": [axis]})}
        try:
            r.add("reduce", {"x": x}, args, table[name](x, axis=axis), 0)
        except ValueError:
            r.fails("reduce", {"x": x}, args, "Value")
    nan = draw((3, 4), "float64")
    nan[[0, 1, 2, 2], [1, 1, 1, 3]] = np.nan
    for name, axis in itertools.product("nansum nanprod nanmean nanvar nanstd nanmax nanmin nanmedian".split(), [None, 0, 1]):
        args = {"f": name, "keepdims": False, **({} if axis is None else {"axis": [axis]})}
        r.add("reduce", {"x": nan}, args, getattr(np, name)(nan, axis=axis), 1e-13)
    for name, dtype, axis in itertools.product(["cumsum", "cumprod", "argmax", "argmin", "sort", "argsort"],
                                               ["int8", "uint8", "int64", "float32", "float64", "complex128", "bool"], [None, 0, 1, -1]):
        x = draw((3, 4), dtype)
        if dtype.startswith("float"):
            x[1, 2] = np.nan
        kind = {"kind": "stable"} if "sort" in name else {}
        args = {"f": name, **({} if axis is None else {"axis": axis})}
        r.add("along", {"x": x}, args, getattr(np, name)(x, axis=axis, **kind), 1e-6)
    x = draw((3, 5), "float64")
    for name in ["median"]:
        for axis in [None, 0, 1]:
            r.add("reduce", {"x": x}, {"f": name, "keepdims": False, **({} if axis is None else {"axis": [axis]})}, np.median(x, axis=axis), 1e-14)
    q = np.array([0.0, 0.05, 0.25, 0.3, 0.5, 0.77, 1.0])
    for method in """inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf hazen weibull linear
median_unbiased normal_unbiased lower higher midpoint nearest""".split():
        for axis, dtype in itertools.product([None, 0, 1], ["float64", "float32", "int64"]):
            y = x.astype(dtype)
            out = np.asarray(np.quantile(y, q, axis=axis, method=method))
            args = {"method": method, **({} if axis is None else {"axis": [axis]})}
            r.add("quantile", {"x": y, "q": q}, args, out, 2e-6 if dtype == "float32" else 1e-13)


def index_cases(r):
    x = np.arange(60).reshape(3, 4, 5)
    i1, i2, i3 = np.array([2, 0, -1]), np.array([[1], [-2]]), np.array([0, 1, 1])
    m1, m2, m4 = np.array([True, False, True]), rng.random((3, 4)) < 0.5, rng.random((4, 5)) < 0.5
    m3 = rng.random((3, 4, 5)) < 0.3
    s = slice
    cases = [
        (1,), (-1, 2), (0, 0, 0), (Ellipsis,), (Ellipsis, 1), (0, Ellipsis, -1), (None, 1), (s(None), None, 2), (s(1, None),),
        (s(None, None, -1), s(None, None, 2)), (s(5, None, -2),), (s(2, 0, -1), s(-3, -1)), (s(10, 20),), (s(-100, 100, 3),),
        (i1,), (i2,), (i1, i3), (i1, s(None), i3), (s(None), i1, i3), (s(None), i3, s(None, 3)), (i1, None, i3), (i1, Ellipsis, i3),
        (0, s(None), i3), (s(None), 0, i3), (s(None), i2, 1), (i2, i1), (i2, s(None), i1), (None, i1, s(None), 2), (i1, 1, 2),
        (m1,), (m2,), (m3,), (s(None), m4), (m1, s(None), 2), (m1, 1), (m2, 3), (m2, s(None, None, 2)), (0, m4), (m1, s(None), i3[:2]),
        (Ellipsis, None), (None, None, 2, Ellipsis, None), (np.array(True),), (np.array(False),), (s(None), np.array(True), i3[:2]),
        (np.zeros((0,), int),), (np.zeros((2, 0), int), 1), (np.zeros(3, bool),), (i1, s(0, 0)), (np.array(1),), (s(None), np.array(-1), s(1, 3)),
    ]
    for case in cases:
        spec, operands = [], {"x": x}
        for k, part in enumerate(case):
            if part is Ellipsis:
                spec.append("...")
            elif part is None:
                spec.append("new")
            elif isinstance(part, slice):
                spec.append([part.start, part.stop, part.step])
            elif isinstance(part, np.ndarray):
                operands[f"i{k}"] = part
                spec.append(f"i{k}")
            else:
                spec.append(part)
        out = x[case]
        r.add("getitem", operands, {"index": spec}, out, 0, "exact")
        y = x.copy()
        value = rng.integers(100, 999, out.shape)
        if out.size:
            # Duplicated positions: the last value wins in NumPy's order of writing.
            y[case] = value
            r.add("setitem", {**operands, "value": value}, {"index": spec}, y, 0, "exact")
        y = x.copy()
        y[case] = -5
        r.add("setitem", {**operands, "value": np.array(-5)}, {"index": spec}, y, 0, "exact")
        y = x.copy()
        np.add.at(y, case, 2)
        r.add("addat", {**operands, "value": np.array(2)}, {"index": spec}, y, 0, "exact")
    for bad in [[3], [0, 4], [0, 0, 0, 0]]:
        r.fails("getitem", {"x": x}, {"index": bad}, "Index")


def others(r):
    f = draw((3, 4), "float64")
    i = draw((3, 4), "int32")
    for axis, n in itertools.product([0, -1], [0, 1, 2, 5]):
        r.add("diff", {"x": i}, {"axis": axis, "n": n}, np.diff(i, n=n, axis=axis), 0, "exact")
    for shift, axis in [(1, 0), (-2, 1), (5, None), ((1, 2), (0, 1)), (100, 0)]:
        args = {"shift": list(shift) if isinstance(shift, tuple) else [shift]}
        if axis is not None:
            args["axis"] = list(axis) if isinstance(axis, tuple) else [axis]
        r.add("roll", {"x": i}, args, np.roll(i, shift, axis), 0, "exact")
    for mode, widths in itertools.product(["constant", "edge", "reflect", "symmetric", "wrap", "maximum", "minimum", "mean", "median", "linear_ramp"],
                                          [((1, 2), (0, 3)), ((0, 0), (2, 2)), ((5, 7), (1, 9))]):
        r.add("pad", {"x": f}, {"mode": mode, "widths": [list(w) for w in widths]}, np.pad(f, widths, mode), 1e-14)
    for reps in [(2,), (2, 1), (1, 0), (2, 1, 3), ()]:
        r.add("tile", {"x": i}, {"reps": list(reps)}, np.tile(i, reps), 0, "exact")
    for k, axis in [(2, None), (0, 0), (3, 1)]:
        r.add("repeat", {"x": i}, {"k": k, **({} if axis is None else {"axis": axis})}, np.repeat(i, k, axis), 0, "exact")
    counts = np.array([2, 0, 1])
    r.add("repeat", {"x": i, "counts": counts}, {"axis": 0}, np.repeat(i, counts, 0), 0, "exact")
    for dtype in ["int64", "float64", "complex128", "bool", "float32", "uint8"]:
        x = draw((3, 5), dtype)
        u = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
        r.add("unique", {"x": x}, {}, [u[0], u[1], u[2].reshape(x.shape), u[3]], 0, "exact")
        for side in ["left", "right"]:
            s, v = np.sort(draw(9, dtype)), draw((2, 3), dtype)
            r.add("searchsorted", {"s": s, "v": v}, {"side": side}, np.searchsorted(s, v, side), 0, "exact")
        a, b = draw((2, 3), dtype), draw(4, dtype)
        r.add("isin", {"x": a, "y": b}, {}, np.isin(a, b), 0, "exact")
    x, xp, fp = np.array([-1.0, 0, 0.5, 1.7, 2, 3, 9, np.nan]), np.array([0.0, 1, 2, 3]), np.array([3.0, -1, 4, 2])
    r.add("interp", {"x": x, "xp": xp, "fp": fp}, {}, np.interp(x, xp, fp), 1e-15)
    r.add("interp", {"x": x[:-1], "xp": xp, "fp": fp}, {"period": 2.5}, np.interp(x[:-1], xp, fp, period=2.5), 1e-14)
    v = draw(40, "float64")
    for bins in [1, 5, 10]:
        h, e = np.histogram(v, bins)
        r.add("histogram", {"x": v}, {"bins": bins}, [h, e], 1e-14)
    for order, axis in itertools.product([1, 2], [0, 1]):
        r.add("gradient", {"x": f}, {"h": 0.5, "axis": axis, "order": order}, np.gradient(f, 0.5, axis=axis, edge_order=order), 1e-13)
        c = np.sort(draw(f.shape[axis], "float64")) + np.arange(f.shape[axis])
        r.add("gradient", {"x": f, "c": c}, {"axis": axis, "order": order}, np.gradient(f, c, axis=axis, edge_order=order), 1e-12)
        r.add("trapezoid", {"x": f, "c": c}, {"axis": axis}, np.trapezoid(f, c, axis=axis), 1e-13)
    r.add("cov", {"x": f}, {}, np.cov(f), 1e-13)
    r.add("corrcoef", {"x": f}, {}, np.corrcoef(f), 1e-13)
    for mode, n, m in itertools.product(["full", "same", "valid"], [1, 4, 5], [1, 2, 3, 6]):
        for dtype in ["float64", "int64", "complex128"]:
            a, b = draw(n, dtype), draw(m, dtype)
            r.add("convolve", {"a": a, "v": b}, {"mode": mode}, np.convolve(a, b, mode), 1e-14)
            r.add("correlate", {"a": a, "v": b}, {"mode": mode}, np.correlate(a, b, mode), 1e-14)
    for a, b in [((3, 1), (4,)), ((2, 3), (2, 3))]:
        x, y = draw(a, "float32"), draw(b, "int64")
        c = draw(np.broadcast_shapes(a, b), "bool")
        r.add("where", {"c": c, "x": x, "y": y}, {}, np.where(c, x, y), 0, "exact")
    for dtype in ALL:
        if dtype.startswith("complex"):
            continue
        x = grid(dtype)
        for target in ALL:
            if target.startswith("complex") or (x.dtype.kind == "f" and target != "bool" and target[0] in "iu"):
                keep = np.isfinite(x) & (np.abs(x.astype("float64")) < 100) & (x >= 0) if x.dtype.kind == "f" else np.ones(x.shape, bool)
            else:
                keep = np.ones(x.shape, bool)
            r.add("astype", {"x": x[keep]}, {"dtype": target}, x[keep].astype(target), 0, "exact")
    for start, stop, step in [(0, 10, 3), (5, -5, -2), (0.0, 1.0, 0.1), (1, 2, 0.3), (0, 0, 1), (3, 1, 1), (-1.5, 2, 0.5)]:
        r.add("arange", {}, {"start": start, "stop": stop, "step": step}, np.arange(start, stop, step), 0, "exact")
    for start, stop, num, end in [(0, 1, 5, True), (0, 1, 5, False), (2, 3, 1, True), (-1, 1, 0, True), (5, 1, 7, True), (0.1, 0.3, 11, True)]:
        r.add("linspace", {}, {"start": float(start), "stop": float(stop), "num": num, "endpoint": end}, np.linspace(start, stop, num, endpoint=end), 0, "exact")


recorder = Recorder()
for part in (unary, binary, reductions, index_cases, others):
    part(recorder)
recorder.write("core.json")
