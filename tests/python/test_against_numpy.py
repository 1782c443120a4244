"""Functions of `ops` against live NumPy: all dtypes, broadcasting, empty and 0-d arrays, odd strides, special values."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from purify import ops

warnings.simplefilter("ignore")
SETTINGS = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
REALS = ["float32", "float64"]
COMPLEX = ["complex64", "complex128"]
DTYPES = ["bool", *INTEGERS, *REALS, *COMPLEX]

UNARY = {  # name: (NumPy's name, dtypes)
    **{n: (n, REALS + COMPLEX) for n in "sin cos tan sinh cosh tanh exp expm1 log log10 log2 log1p sqrt".split()},
    **{n: ("arc" + n[1:], REALS) for n in "asin acos atan asinh acosh atanh".split()},
    **{n: (n, DTYPES[1:]) for n in "square negative sign".split()},
    **{n: (n, [*INTEGERS, *REALS]) for n in "floor ceil trunc".split()},
    **{n: (n, DTYPES) for n in "isnan isinf isfinite abs real imag conj".split()},
    **{n: (n, REALS) for n in "cbrt exp2 degrees radians signbit rint fabs sinc".split()},
    "logical_not": ("logical_not", DTYPES),
    "bitwise_invert": ("invert", ["bool", *INTEGERS]),
    "round": ("round", [*INTEGERS, *REALS, *COMPLEX]),
    "reciprocal": ("reciprocal", REALS + COMPLEX),
    "angle": ("angle", REALS + COMPLEX),
}  # fmt: skip
BINARY = {
    **{n: (n, DTYPES) for n in "add multiply equal not_equal less less_equal greater greater_equal logical_and logical_or "
       "logical_xor maximum minimum".split()},
    "subtract": ("subtract", DTYPES[1:]),
    "divide": ("divide", [*INTEGERS, *REALS, *COMPLEX]),
    **{n: (n, [*INTEGERS, *REALS]) for n in "floor_divide remainder fmod fmax fmin".split()},
    **{n: (n, ["bool", *INTEGERS]) for n in "bitwise_and bitwise_or bitwise_xor".split()},
    **{n: (n, INTEGERS) for n in "gcd lcm".split()},
    **{n: (n, REALS) for n in "hypot copysign nextafter logaddexp logaddexp2 heaviside".split()},
    "atan2": ("arctan2", REALS),
}  # fmt: skip
REDUCTIONS = {
    **{n: (n, DTYPES) for n in "sum prod any all count_nonzero".split()},
    **{n: (n, [*INTEGERS, *REALS]) for n in "max min".split()},
    **{n: (n, [*INTEGERS, *REALS]) for n in "mean std var median ptp nanmean nansum nanstd nanvar nanmedian".split()},
}


def elements(dtype):
    if dtype in INTEGERS:
        # Small values keep products and powers of different widths comparable.
        return st.integers(0 if dtype.startswith("u") else -20, 20)
    return None


def strided(x, how):
    """The same values in memory that is laid out in another way."""
    if x.ndim == 0 or how == 0:
        return x
    if how == 1:
        return x[::-1][::-1]
    if how == 2:
        return np.repeat(x, 2, axis=-1)[..., ::2]
    return x.T.copy().T


def array(dtype, min_dims=0, max_dims=3, max_side=4, min_side=0):
    shapes = hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, max_side=max_side, min_side=min_side)
    if min_dims == 0:
        shapes = st.one_of(st.just(()), shapes.filter(len)) if max_dims else st.just(())
    return st.builds(strided, hnp.arrays(dtype, shapes, elements=elements(dtype)), st.integers(0, 3))


def same(ours, theirs, *, exact=False, rtol=None):
    theirs = np.asarray(theirs)
    ours = np.asarray(ours)
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    if exact or theirs.dtype.kind in "biu":
        np.testing.assert_array_equal(ours, theirs)
        return
    eps = np.finfo(theirs.dtype).eps
    tiny = np.finfo(theirs.dtype).tiny
    np.testing.assert_allclose(ours, theirs, rtol=rtol or 16 * eps, atol=8 * tiny)


def moderate(x):
    """Away from where the library functions of two platforms may overflow differently."""
    if x.dtype.kind not in "fc":
        return x
    with np.errstate(all="ignore"):
        ok = np.isfinite(x) & (np.abs(x) < 50) & (np.abs(x) > 1e-6)
    return np.where(ok, x, x.dtype.type(0.5))


@pytest.mark.parametrize("name, dtype", [(n, d) for n, (_, ds) in UNARY.items() for d in ds])
def test_unary(name, dtype):
    reference = getattr(np, UNARY[name][0])
    inexact = dtype in COMPLEX or name in ("sinc",)

    @SETTINGS
    @given(array(dtype))
    def check(x):
        x = moderate(x) if inexact else x
        with np.errstate(all="ignore"):
            expected = reference(x)
        if name == "round" and dtype in INTEGERS:
            expected = np.asarray(expected, dtype=dtype)
        expected = np.asarray(expected)
        tolerance = 64 * np.finfo(expected.dtype).eps if expected.dtype.kind in "fc" else None
        if name == "tan" or dtype in COMPLEX:
            tolerance = tolerance and tolerance * 64
        same(getattr(ops, name)(ops.asarray(x)), expected, rtol=tolerance)

    check()


@pytest.mark.parametrize("name, dtype", [(n, d) for n, (_, ds) in BINARY.items() for d in ds])
def test_binary(name, dtype):
    reference = getattr(np, BINARY[name][0])

    @SETTINGS
    @given(st.data())
    def check(data):
        shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3, min_side=0))
        a, b = (data.draw(hnp.arrays(dtype, s, elements=elements(dtype))) for s in shapes.input_shapes)
        if dtype in COMPLEX or name in ("floor_divide", "remainder", "fmod", "logaddexp", "logaddexp2"):
            a, b = moderate(a), moderate(b)
        a = strided(a, data.draw(st.integers(0, 3)))
        with np.errstate(all="ignore"):
            expected = np.asarray(reference(a, b))
        tolerance = 64 * np.finfo(expected.dtype).eps if expected.dtype.kind in "fc" else None
        same(getattr(ops, name)(ops.asarray(a), ops.asarray(b)), expected, rtol=tolerance)

    check()


@pytest.mark.parametrize("name, dtype", [(n, d) for n, (_, ds) in REDUCTIONS.items() for d in ds])
def test_reductions(name, dtype):
    reference = getattr(np, REDUCTIONS[name][0])

    @SETTINGS
    @given(st.data())
    def check(data):
        x = moderate(data.draw(array(dtype, min_dims=1, min_side=1)))
        axis = data.draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
        keepdims = data.draw(st.booleans())
        with np.errstate(all="ignore"):
            expected = np.asarray(reference(x, axis=axis, keepdims=keepdims))
        tolerance = 1e-4 if dtype in ("float32", "complex64") else 1e-10
        got = getattr(ops, name)(ops.asarray(x), axis=axis, keepdims=keepdims)
        if expected.dtype.kind in "fc":
            assert np.asarray(got).shape == expected.shape
            np.testing.assert_allclose(np.asarray(got), expected, rtol=tolerance, atol=tolerance)
            assert np.asarray(got).dtype == expected.dtype
        else:
            same(got, expected)

    check()


def index_of(data, shape):
    """An index expression of slices, integers, ellipsis, new axes, integer arrays and masks."""
    return data.draw(
        st.one_of(
            hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True),
            hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2, max_side=3)) if shape and 0 not in shape else st.just(...),
            hnp.arrays(np.bool_, shape) if shape else st.just(...),
        )
    )


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_reading_by_index(data):
    x = data.draw(array("float64", max_side=4))
    key = index_of(data, x.shape)
    expected = x[key]
    np.testing.assert_array_equal(np.asarray(ops.asarray(x)[key]), expected)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_writing_by_index(data):
    x = data.draw(array("int64", max_side=4)).copy()
    key = index_of(data, x.shape)
    value = np.arange(np.asarray(x[key]).size).reshape(np.asarray(x[key]).shape)
    ours = ops.asarray(x, copy=True)
    x[key] = value
    ours[key] = ops.asarray(value)
    np.testing.assert_array_equal(np.asarray(ours), x)


MIXED = [
    np.s_[:, [0, 2], 1], np.s_[0, :, [1, 0]], np.s_[[0, 1], :, [1, 0]], np.s_[..., [0, 1], 0], np.s_[None, [1], :, 1:],
    np.s_[[True, False], :, [0, 1]], np.s_[[[0], [1]], [0, 2]], np.s_[:, np.array([[True, False], [False, True], [True, True]])],
    np.s_[-1, ::-2], np.s_[[], 0], np.s_[True], np.s_[False], np.s_[1, 2, 0], np.s_[(1, 0), ...], np.s_[..., -1],
]  # fmt: skip


@pytest.mark.parametrize("key", MIXED, ids=str)
def test_mixed_indices(key):
    x = np.arange(12).reshape(2, 3, 2)
    ours = ops.asarray(x, copy=True)
    np.testing.assert_array_equal(np.asarray(ours[key]), x[key])
    changed = x.copy()
    changed[key] = -1
    ours[key] = -1
    np.testing.assert_array_equal(np.asarray(ours), changed)


VALUES = np.array([[3.0, 1.0, 2.0], [9.0, 7.0, 8.0], [4.0, 6.0, 5.0]])
VECTOR = np.array([3, 1, 2, 3, 0, 1, 3])
CALLS = [
    ("reshape", (VALUES, (1, 9)), {}), ("transpose", (VALUES,), {}), ("swapaxes", (VALUES, 0, 1), {}), ("ravel", (VALUES,), {}),
    ("moveaxis", (np.ones((2, 3, 4)), 0, -1), {}), ("roll", (VALUES, 2), {}), ("roll", (VALUES, 1), {"axis": 1}),
    ("flip", (VALUES,), {"axis": 0}), ("rot90", (VALUES,), {}), ("tile", (VALUES, (2, 1)), {}), ("fliplr", (VALUES,), {}),
    ("repeat", (VALUES, 2), {"axis": 0}), ("repeat", (VECTOR, 3), {}), ("stack", ([VALUES, VALUES],), {"axis": 2}),
    ("vstack", ([VECTOR, VECTOR],), {}), ("hstack", ([VECTOR, VECTOR],), {}), ("dstack", ([VALUES, VALUES],), {}),
    ("column_stack", ([VECTOR, VECTOR],), {}), ("append", (VALUES, VECTOR), {}), ("insert", (VECTOR, 2, 9), {}),
    ("insert", (VECTOR, [1, 3], [8, 9]), {}), ("insert", (VALUES, 1, 5), {"axis": 1}), ("delete", (VECTOR, [0, 2]), {}),
    ("delete", (VALUES, 1), {"axis": 0}), ("pad", (VALUES, 1), {}), ("pad", (VALUES, ((1, 2), (0, 1))), {"mode": "reflect"}),
    ("pad", (VALUES, 2), {"mode": "symmetric"}), ("pad", (VALUES, 4), {"mode": "wrap"}), ("pad", (VALUES, 1), {"mode": "edge"}),
    ("pad", (VECTOR, 2), {"mode": "linear_ramp"}), ("pad", (VALUES, 1), {"mode": "mean"}), ("trim_zeros", (np.array([0, 1, 0]),), {}),
    ("array_split", (VECTOR, 3), {}), ("split", (VALUES, 3), {"axis": 1}), ("array_split", (VECTOR, [2, 5]), {}),
    ("hsplit", (VALUES, 3), {}), ("vsplit", (VALUES, [1]), {}), ("squeeze", (np.ones((1, 3, 1)),), {}), ("resize", (VECTOR, (2, 5)), {}),
    ("diag", (VECTOR,), {}), ("diag", (VALUES,), {"k": 1}), ("diagflat", (VECTOR,), {}), ("tri", (3, 4, 1), {}), ("tril", (VALUES,), {}),
    ("triu", (VALUES,), {"k": 1}), ("vander", (VECTOR,), {}), ("eye", (3,), {"k": 1}), ("identity", (3,), {}), ("indices", ((2, 3),), {}),
    ("linspace", (0, 1, 5), {}), ("linspace", (0, 1, 5), {"endpoint": False}), ("logspace", (0, 2, 5), {}), ("geomspace", (1, 1000, 4), {}),
    ("arange", (5,), {}), ("arange", (1, 2, 0.25), {}), ("full", ((2, 2), 7), {}), ("meshgrid", (VECTOR[:2], VECTOR[:3]), {}),
    ("meshgrid", (VECTOR[:2], VECTOR[:3]), {"indexing": "ij"}), ("tril_indices", (3,), {}), ("triu_indices", (3, 1), {}),
    ("atleast_2d", (VECTOR,), {}), ("atleast_3d", (VALUES,), {}), ("ix_", ([0, 1], [2, 0]), {}), ("block", ([[VALUES, VALUES]],), {}),
    ("sort", (VALUES,), {}), ("sort", (VALUES,), {"axis": 0}), ("argsort", (VALUES,), {}), ("lexsort", ((VECTOR, VECTOR[::-1]),), {}),
    ("argmax", (VALUES,), {}), ("argmin", (VALUES,), {"axis": 1}), ("nonzero", (VECTOR,), {}), ("argwhere", (VECTOR,), {}),
    ("flatnonzero", (VECTOR,), {}), ("searchsorted", (np.array([1, 2, 4]), [0, 2, 3]), {}), ("searchsorted", (np.array([1, 2, 4]), 2), {"side": "right"}),
    ("where", (VALUES > 4, VALUES, 0), {}), ("select", ([VALUES > 5, VALUES > 2], [VALUES, -VALUES]), {"default": 1}),
    ("piecewise", (VALUES, [VALUES < 4, VALUES >= 4], [-1, lambda v: v * 2]), {}), ("choose", (np.array([0, 1, 0]), [VECTOR[:3], -VECTOR[:3]]), {}),
    ("extract", (VALUES > 4, VALUES), {}), ("compress", ([True, False, True], VALUES), {"axis": 1}), ("take", (VALUES, [0, 2]), {"axis": 1}),
    ("take_along_axis", (VALUES, np.argsort(VALUES, 1)), {"axis": 1}), ("unravel_index", ([3, 5], (2, 3)), {}),
    ("ravel_multi_index", (([0, 1], [2, 1]), (2, 3)), {}), ("unique", (VECTOR,), {}), ("union1d", (VECTOR, [7, 1]), {}),
    ("unique", (VECTOR,), {"return_index": True, "return_inverse": True, "return_counts": True}),
    ("unique", (np.array([[1, 2], [1, 2], [0, 1]]),), {"axis": 0}), ("intersect1d", (VECTOR, [1, 3, 5]), {}), ("setdiff1d", (VECTOR, [1]), {}),
    ("setxor1d", (VECTOR, [1, 9]), {}), ("isin", (VECTOR, [1, 3]), {}), ("cumsum", (VALUES,), {}), ("cumsum", (VALUES,), {"axis": 0}),
    ("cumprod", (VALUES,), {"axis": 1}), ("diff", (VALUES,), {"axis": 0}), ("diff", (VECTOR,), {"n": 2}), ("ediff1d", (VECTOR,), {"to_begin": 0}),
    ("gradient", (VALUES[0],), {}), ("gradient", (VALUES,), {"axis": 0, "edge_order": 2}), ("gradient", (VALUES[0], 0.5), {}),
    ("gradient", (VALUES[0], np.array([0.0, 1.0, 3.0])), {}), ("trapezoid", (VALUES,), {}), ("trapezoid", (VALUES[0], [0, 1, 3]), {}),
    ("interp", ([0.5, 1.5, -1, 9], [0, 1, 2], [10.0, 20.0, 0.0]), {}), ("interp", ([370.0, -10.0], [0, 90, 180, 270], [0.0, 1, 2, 3]), {"period": 360}),
    ("percentile", (VALUES, 30), {}), ("percentile", (VALUES, [10, 90]), {"axis": 1}), ("quantile", (VALUES, 0.3), {"method": "hazen"}),
    *[("quantile", (VALUES, [0.1, 0.5, 0.8]), {"axis": 0, "method": m}) for m in (
        "linear", "lower", "higher", "midpoint", "nearest", "inverted_cdf", "averaged_inverted_cdf", "closest_observation",
        "interpolated_inverted_cdf", "weibull", "median_unbiased", "normal_unbiased")],
    ("average", (VALUES,), {"weights": VALUES}), ("average", (VALUES,), {"axis": 0, "weights": [1, 2, 3]}), ("bincount", (VECTOR,), {}),
    ("bincount", (VECTOR,), {"weights": VECTOR * 0.5}), ("digitize", (VALUES, [2, 5, 8]), {}), ("digitize", (VALUES, [8, 5, 2]), {"right": True}),
    ("histogram", (VALUES,), {}), ("histogram", (VECTOR,), {"bins": 3, "density": True}), ("histogram", (VALUES, [0, 3, 6, 9]), {}),
    ("histogram", (VALUES,), {"bins": 4, "range": (2, 6), "weights": VALUES}), ("histogram2d", (VALUES[0], VALUES[1]), {"bins": 2}),
    ("histogram_bin_edges", (VALUES,), {"bins": "auto"}), ("cov", (VALUES,), {}), ("cov", (VALUES,), {"rowvar": False, "ddof": 0}),
    ("corrcoef", (VALUES,), {}), ("convolve", (VECTOR, [1, 2, 1]), {}), ("convolve", (VECTOR, [1, 2]), {"mode": "same"}),
    ("convolve", (VALUES[0], VALUES[1]), {"mode": "valid"}), ("correlate", (VECTOR, [1, 2, 0]), {"mode": "full"}),
    ("correlate", (VECTOR, [1, 2]), {}), ("dot", (VALUES, VALUES), {}), ("dot", (VECTOR, VECTOR), {}), ("inner", (VALUES, VALUES), {}),
    ("outer", (VECTOR, VECTOR), {}), ("vdot", (VALUES, VALUES), {}), ("kron", (VALUES, [[1, 2]]), {}), ("cross", (VALUES, VALUES[::-1]), {}),
    ("trace", (VALUES,), {}), ("diagonal", (VALUES,), {}), ("einsum", ("ij,jk->ik", VALUES, VALUES), {}), ("einsum", ("ii", VALUES), {}),
    ("tensordot", (VALUES, VALUES), {"axes": 1}), ("matmul", (VALUES, VALUES), {}), ("polyfit", ([0.0, 1, 2, 3], [1.0, 3, 7, 13], 2), {}),
    ("polyval", ([1, 2, 3], VALUES), {}), ("polyadd", ([1, 2], [1, 2, 3]), {}), ("polymul", ([1, 2], [1, -2]), {}), ("polyder", ([1, 2, 3],), {}),
    ("polyint", ([1.0, 2.0],), {}), ("poly", ([1.0, 2.0, 3.0],), {}), ("unwrap", ([0.0, 4.0, 8.0, 1.0],), {}), ("clip", (VALUES, 2, 6), {}),
    ("nan_to_num", (np.array([np.nan, np.inf, -np.inf, 1.0]),), {}), ("around", (VALUES / 3, 2), {}), ("around", (VECTOR * 15, -1), {}),
    ("hanning", (7,), {}), ("hamming", (7,), {}), ("blackman", (7,), {}), ("bartlett", (6,), {}), ("kaiser", (7, 5.0), {}),
    ("apply_along_axis", (lambda v: v.sum(), 1, VALUES), {}), ("packbits", (VECTOR,), {}), ("unpackbits", (np.array([3, 200], dtype="uint8"),), {}),
    ("broadcast_to", (VECTOR[:3], (2, 3)), {}), ("isclose", (VALUES, VALUES + 1e-9), {}), ("ptp", (VALUES,), {"axis": 0}),
    ("nanargmax", (np.array([np.nan, 2.0, 3.0]),), {}), ("nanpercentile", (np.array([[np.nan, 2.0, 3.0], [1, 2, 4]]), 50), {"axis": 1}),
    ("nancumsum", (np.array([np.nan, 2.0, 3.0]),), {}), ("float_power", (VECTOR, -1.0), {}), ("divmod", (VECTOR, 2), {}), ("modf", (VALUES / 4,), {}),
    ("frexp", (VALUES,), {}), ("sliding_window_view", (VECTOR, 3), {}), ("expand_dims", (VALUES,), {"axis": 1}), ("count_nonzero", (VECTOR,), {}),
]  # fmt: skip
ELSEWHERE = {"sliding_window_view": np.lib.stride_tricks.sliding_window_view}


def ours_of(value):
    if isinstance(value, np.ndarray):
        return ops.asarray(value)
    if isinstance(value, list):
        return [ours_of(v) for v in value]
    return value


def equal(got, expected):
    if isinstance(expected, (tuple, list)):
        assert len(got) == len(expected)
        for g, e in zip(got, expected):
            equal(g, e)
        return
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name, args, kwargs", CALLS, ids=[f"{i}-{c[0]}" for i, c in enumerate(CALLS)])
def test_calls_of_numpys_functions(name, args, kwargs):
    expected = ELSEWHERE.get(name, getattr(np, name, None))(*args, **kwargs)
    got = getattr(ops, name)(*(ours_of(a) for a in args), **{k: ours_of(v) for k, v in kwargs.items()})
    equal(got, expected)


GRIDS = [np.s_[0:3], np.s_[0:3, 1:4], np.s_[0:1:5j], np.s_[0:3:0.5, -1:1:3j]]


@pytest.mark.parametrize("key", GRIDS, ids=str)
def test_grids(key):
    equal(ops.mgrid[key], np.mgrid[key])
    equal(ops.ogrid[key], np.ogrid[key])


def test_concatenators():
    equal(ops.r_[1, 2:5, [7, 8]], np.r_[1, 2:5, [7, 8]])
    equal(ops.c_[[1, 2], [3, 4]], np.c_[[1, 2], [3, 4]])
    equal(ops.r_["0,2", [1, 2], [3, 4]], np.r_["0,2", [1, 2], [3, 4]])
    assert ops.s_[1:2, ...] == np.s_[1:2, ...]
    assert ops.index_exp[1] == np.index_exp[1]
