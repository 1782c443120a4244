"""Properties of the elementwise functions and the reductions: arguments and NumPy's answer, for each."""

import numpy as np
from hypothesis import strategies as st
from arrays import COMPLEX, DTYPES, INTEGERS, NUMBERS, REALS, SIGNED, Case, along, array, broadcast, call, small, tame, whole


def of_one(name, dtypes, reference=None, elements=None, **options):
    """A function of one array."""
    return Case(call(array(dtypes, elements=elements)), reference or getattr(np, name), **options)


def of_two(name, dtypes, elements=None, same=True, reference=None, **options):
    """A function of two arrays that broadcast."""
    return Case(broadcast(dtypes, same=same, elements=elements), reference or getattr(np, name), **options)


def ulps(dtype_count):
    return dtype_count * float(np.finfo(np.float32).eps)


LOOSE = ulps(16)
"""Single precision decides: both libraries are off by some units in the last place there."""


def rounded(x):
    """`np.round` gives integers back as they are."""
    return x if x.dtype.kind in "biu" else np.round(x)


def shift_counts(draw_dtype):
    return st.integers(0, 70 if not draw_dtype.startswith("u") else 70)


@st.composite
def shifted(draw):
    dtype = draw(st.sampled_from(INTEGERS))
    (a, _), _ = draw(broadcast([dtype]))
    b = draw(array(dtype, a.shape, elements=lambda d: st.integers(0, np.dtype(d).itemsize * 8 - 1)))
    return (a, b), {}


@st.composite
def powers(draw):
    dtype = draw(st.sampled_from([*INTEGERS, *REALS]))
    if dtype in INTEGERS:
        (a, b), _ = draw(broadcast([dtype], elements=small))
        return (a, np.abs(b)), {}
    return draw(broadcast([dtype], elements=tame))


@st.composite
def limits(draw):
    dtype = draw(st.sampled_from([*INTEGERS, *REALS]))
    x = draw(array(dtype))
    low, high = (draw(st.one_of(st.none(), array(dtype, (), elements=whole))) for _ in range(2))
    return (x, low, high), {}


@st.composite
def chosen(draw):
    """Conditions, choices and a default of one shape."""
    shape = tuple(draw(st.lists(st.integers(0, 3), max_size=2)))
    n = draw(st.integers(1, 3))
    dtype = draw(st.sampled_from(["int64", "float32", "float64"]))
    conditions = [draw(array("bool", shape)) for _ in range(n)]
    choices = [draw(array(dtype, shape)) for _ in range(n)]
    return (conditions, choices), {"default": draw(st.integers(-3, 3))}


@st.composite
def pieces(draw):
    shape = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)))
    x = draw(array("float64", shape))
    n = draw(st.integers(1, 2))
    functions = [draw(st.sampled_from([-1.0, 2.0, np.negative, lambda v: v * 2])) for _ in range(n + draw(st.integers(0, 1)))]
    return (x, [draw(array("bool", shape)) for _ in range(n)], functions), {}


def piecewise(x, conditions, functions):
    return np.piecewise(x, conditions, functions)


def integers_with(dtypes, low, high):
    return broadcast(dtypes, elements=lambda d: st.integers(low, high))


UNARY = {
    **{n: [of_one(n, REALS, rtol=LOOSE), of_one(n, COMPLEX, elements=tame, rtol=2e-4, atol=1e-5), of_one(n, [*SIGNED, "bool"], elements=tame)]
       for n in "sin cos tan sinh cosh tanh exp expm1 log log10 log2 log1p sqrt".split()},
    **{n: [of_one(n, REALS, rtol=LOOSE), of_one(n, COMPLEX, elements=tame, rtol=2e-4, atol=1e-5)]
       for n in "acos acosh asin asinh atan atanh".split()},
    **{n: [of_one(n, NUMBERS, elements=small)] for n in ("negative", "positive")},
    "sign": [of_one("sign", [*INTEGERS, *REALS]), of_one("sign", COMPLEX, elements=tame, rtol=1e-6)],
    "square": [of_one("square", [*INTEGERS, *REALS]), of_one("square", COMPLEX, elements=tame)],
    **{n: [of_one(n, [*INTEGERS, *REALS])] for n in "floor ceil trunc".split()},
    **{n: [of_one(n, DTYPES)] for n in "isnan isinf isfinite real imag logical_not iscomplex isreal".split()},
    "conj": [of_one("conj", NUMBERS)],
    "abs": [of_one("abs", DTYPES, rtol=LOOSE)],
    **{n: [of_one(n, REALS, rtol=LOOSE)] for n in "cbrt exp2 signbit rint fabs isneginf isposinf spacing".split()},
    **{n: [of_one(n, [*REALS, *INTEGERS], elements=tame, rtol=LOOSE)] for n in "degrees radians i0 fix".split()},
    # NumPy multiplies by pi in single precision, which shows near the zeros.
    "sinc": [of_one("sinc", [*REALS, *INTEGERS], elements=tame, rtol=LOOSE, atol=1e-6)],
    "bitwise_invert": [of_one("bitwise_invert", ["bool", *INTEGERS])],
    "bitwise_count": [of_one("bitwise_count", INTEGERS)],
    "round": [of_one("round", [*INTEGERS, *REALS, *COMPLEX], reference=rounded)],
    "reciprocal": [of_one("reciprocal", REALS), of_one("reciprocal", COMPLEX, elements=tame, rtol=LOOSE)],
    "angle": [Case(call(array([*REALS, *COMPLEX], elements=tame), deg=st.booleans()), np.angle, rtol=LOOSE)],
    "around": [Case(call(array([*REALS, *SIGNED], elements=tame), decimals=st.integers(-1, 3)), np.around, rtol=LOOSE)],
    "frexp": [of_one("frexp", REALS)],
    "modf": [of_one("modf", REALS)],
    "nan_to_num": [Case(call(array([*INTEGERS, *REALS, *COMPLEX]), nan=st.just(2.0), posinf=st.just(7.0), neginf=st.just(-7.0)), np.nan_to_num)],
    "real_if_close": [of_one("real_if_close", [*REALS, *COMPLEX])],
    "unwrap": [Case(along(array(["float64"], min_dims=1, min_side=1, elements=tame), none=False, discont=st.just(4.0)), np.unwrap, atol=1e-12)],
}  # fmt: skip
BINARY = {
    **{n: [of_two(n, DTYPES), of_two(n, ["bool", *INTEGERS, *REALS], same=False, elements=small)]
       for n in "add multiply maximum minimum".split() if n != "multiply"},
    "multiply": [of_two("multiply", ["bool", *INTEGERS, *REALS]), of_two("multiply", COMPLEX, elements=tame, rtol=LOOSE)],
    "subtract": [of_two("subtract", NUMBERS), of_two("subtract", [*INTEGERS, *REALS], same=False, elements=small)],
    **{n: [of_two(n, DTYPES), of_two(n, ["bool", *INTEGERS, *REALS], same=False)]
       for n in "equal not_equal less less_equal greater greater_equal".split()},
    **{n: [of_two(n, DTYPES, same=False)] for n in "logical_and logical_or logical_xor".split()},
    "divide": [of_two("divide", [*INTEGERS, *REALS]), of_two("divide", COMPLEX, elements=tame, rtol=1e-5, atol=1e-5)],
    **{n: [of_two(n, INTEGERS), of_two(n, REALS, elements=tame)] for n in "floor_divide remainder divmod".split()},
    "fmod": [of_two("fmod", [*INTEGERS, *REALS])],
    **{n: [of_two(n, [*INTEGERS, *REALS])] for n in "fmax fmin".split()},
    **{n: [of_two(n, ["bool", *INTEGERS]), of_two(n, ["bool", "int8", "int32", "uint8", "uint16"], same=False)]
       for n in "bitwise_and bitwise_or bitwise_xor".split()},
    **{n: [Case(shifted(), getattr(np, n))] for n in "bitwise_left_shift bitwise_right_shift".split()},
    **{n: [of_two(n, INTEGERS, elements=small)] for n in "gcd lcm".split()},
    **{n: [of_two(n, REALS, rtol=LOOSE)] for n in "hypot copysign nextafter heaviside".split()},
    **{n: [of_two(n, REALS, elements=tame, rtol=LOOSE)] for n in "logaddexp logaddexp2".split()},
    "atan2": [of_two("atan2", REALS, rtol=LOOSE)],
    "pow": [Case(powers(), np.pow, rtol=1e-5)],
    "float_power": [of_two("float_power", [*INTEGERS, *REALS], elements=tame, rtol=1e-12)],
    "ldexp": [Case(st.tuples(st.tuples(array(REALS, (3,)), array(["int32"], (3,), elements=lambda d: st.integers(-1100, 1100))), st.just({})), np.ldexp)],
    "isclose": [Case(call(array(REALS, (4,)), array(REALS, (4,)), rtol=st.just(0.1), atol=st.just(1.0), equal_nan=st.booleans()), np.isclose)],
    "clip": [Case(limits(), np.clip)],
    "select": [Case(chosen(), np.select)],
    "piecewise": [Case(pieces(), piecewise)],
}  # fmt: skip


def exact(name, dtypes=DTYPES, **options):
    """A reduction whose result does not depend on the order, because the numbers are whole."""
    return Case(along(array(dtypes, elements=whole), several=True, keepdims=st.booleans()), getattr(np, name), **options)


def nonempty(name, dtypes, elements=None, reference=None, several=True, none=True, **options):
    source = array(dtypes, min_dims=1, min_side=1, elements=elements)
    return Case(along(source, several=several, none=none, keepdims=st.booleans()), reference or getattr(np, name), **options)


def positions(name):
    return Case(along(array([*INTEGERS, *REALS], min_dims=1, min_side=1), keepdims=st.booleans()), getattr(np, name))


def running(name, dtypes=DTYPES, none=True):
    return Case(along(array(dtypes, min_dims=1, elements=whole), none=none), getattr(np, name), rtol=1e-5)


@st.composite
def quantiles(draw, scale):
    from_methods = st.sampled_from(
        "linear lower higher midpoint nearest inverted_cdf averaged_inverted_cdf closest_observation "
        "interpolated_inverted_cdf hazen weibull median_unbiased normal_unbiased".split()
    )
    (x,), kwargs = draw(along(array([*INTEGERS, *REALS], min_dims=1, min_side=1, elements=tame), several=True, keepdims=st.booleans()))
    q = draw(st.one_of(st.integers(0, 8).map(lambda v: v / 8 * scale), st.just(np.array([0.25, 0.5, 1.0]) * scale)))
    return (x, q), {**kwargs, "method": draw(from_methods)}


@st.composite
def weighted(draw):
    (x,), kwargs = draw(along(array(["float64", "int32"], min_dims=1, min_side=1, elements=tame), keepdims=st.booleans()))
    if draw(st.booleans()):
        kwargs["weights"] = draw(array("float64", x.shape, elements=lambda d: st.integers(1, 9).map(float)))
    return (x,), kwargs


WITH_NAN = lambda d: st.one_of(tame(d), st.just(np.dtype(d).type(np.nan)))  # noqa: E731

REDUCTIONS = {
    **{n: [exact(n)] for n in "sum prod any all count_nonzero".split()},
    **{n: [nonempty(n, [*INTEGERS, *REALS, "bool"])] for n in "max min".split()},
    "ptp": [nonempty("ptp", [*INTEGERS, *REALS], elements=whole)],
    "mean": [nonempty("mean", DTYPES, elements=tame, rtol=1e-5, atol=1e-5)],
    **{n: [Case(along(array([*INTEGERS, *REALS, *COMPLEX], min_dims=1, min_side=2, elements=tame), several=True, keepdims=st.booleans(),
                      correction=st.sampled_from([0, 1, 0.5])), getattr(np, n), rtol=1e-4, atol=1e-5)] for n in ("std", "var")},
    "median": [nonempty("median", [*INTEGERS, *REALS], elements=tame, rtol=1e-6), nonempty("median", REALS, elements=WITH_NAN, rtol=1e-6)],
    **{n: [nonempty(n, REALS, elements=WITH_NAN, rtol=1e-4, atol=1e-5)] for n in "nanmean nanmedian nanstd nanvar".split()},
    **{n: [nonempty(n, REALS, elements=lambda d: st.one_of(whole(d), st.just(np.nan)))] for n in "nansum nanprod nanmax nanmin".split()},
    **{n: [Case(along(array(REALS, min_dims=1, min_side=1, elements=WITH_NAN), keepdims=st.booleans()), getattr(np, n))] for n in ("nanargmax", "nanargmin")},
    **{n: [Case(along(array(REALS, min_dims=1, elements=lambda d: st.one_of(whole(d), st.just(np.nan)))), getattr(np, n))] for n in ("nancumsum", "nancumprod")},
    **{n: [positions(n)] for n in ("argmax", "argmin")},
    **{n: [running(n)] for n in ("cumsum", "cumprod")},
    **{n: [Case(along(array(DTYPES, min_dims=1, elements=whole), none=False, include_initial=st.booleans()), getattr(np, n), rtol=1e-5)]
       for n in ("cumulative_sum", "cumulative_prod")},
    **{n: [Case(quantiles(1), getattr(np, n), rtol=1e-5, atol=1e-6)] for n in ("quantile", "nanquantile")},
    # Of float32, NumPy's percentiles at an array of places are float64, its quantiles float32; here both keep the dtype.
    **{n: [Case(quantiles(100), getattr(np, n), rtol=1e-5, atol=1e-6, dtype=False)] for n in ("percentile", "nanpercentile")},
    "average": [Case(weighted(), np.average, rtol=1e-12, atol=1e-12)],
}  # fmt: skip

CASES = {**UNARY, **BINARY, **REDUCTIONS}
