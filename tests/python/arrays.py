"""Arrays to test with: every dtype, empty and 0-d shapes, memory laid out in odd ways, values at the edges; and comparison."""

import os
from typing import Any, Callable, NamedTuple

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

# More than these in a longer run: `PURIFY_EXAMPLES=500 pytest tests/python`.
EXAMPLES = int(os.environ.get("PURIFY_EXAMPLES", "15"))
# How long an example takes says something about the machine's load, nothing about the property.
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, derandomize="PURIFY_EXAMPLES" not in os.environ, database=None, suppress_health_check=[HealthCheck.too_slow]
)

SIGNED = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]
INTEGERS = [*SIGNED, *UNSIGNED]
REALS = ["float32", "float64"]
COMPLEX = ["complex64", "complex128"]
NUMBERS = [*INTEGERS, *REALS, *COMPLEX]
DTYPES = ["bool", *NUMBERS]


def small(dtype):
    """Integers whose sums and products stay in every dtype; None, which is everything, for other dtypes."""
    if dtype in INTEGERS:
        return st.integers(0 if dtype.startswith("u") else -20, 20)
    return None


def whole(dtype):
    """Small whole numbers in any dtype: sums and products of these are exact, whatever the order."""
    if dtype == "bool":
        return st.booleans().map(np.bool_)
    low = 0 if dtype.startswith("u") else -9
    return st.integers(low, 9).map(lambda v: np.dtype(dtype).type(v))


def tame(dtype):
    """Numbers of ordinary size, for functions that are not exact."""
    if dtype in REALS:
        return st.integers(-400, 400).map(lambda v: np.dtype(dtype).type(v / 64))
    if dtype in COMPLEX:
        return st.tuples(st.integers(-99, 99), st.integers(-99, 99)).map(lambda v: np.dtype(dtype).type(complex(*v) / 16))
    return whole(dtype)


def strided(x, how):
    """The same values in memory that is laid out in another way."""
    if x.ndim == 0 or how == 0:
        return x
    if how == 1:
        return x[::-1].copy()[::-1]
    if how == 2:
        return np.repeat(x, 2, axis=-1)[..., ::2]
    return x.T.copy().T


@st.composite
def array(draw, dtypes=DTYPES, shape=None, *, min_dims=0, max_dims=3, min_side=0, max_side=4, elements=None):
    """An array. `dtypes` is one or a list, `elements` one of the functions above (by default anything the dtype holds)."""
    dtype = dtypes if isinstance(dtypes, str) else draw(st.sampled_from(dtypes))
    if shape is None:
        shapes = hnp.array_shapes(min_dims=max(min_dims, 1), max_dims=max(max_dims, 1), min_side=min_side, max_side=max_side)
        if min_dims == 0:
            shapes = st.one_of(st.just(()), shapes) if max_dims else st.just(())
        shape = draw(shapes)
    values = draw(hnp.arrays(dtype, shape, elements=elements and elements(dtype)))
    return strided(values, draw(st.integers(0, 3)))


def vector(dtypes=DTYPES, n=None, **options):
    """A vector of `n` elements, by default of any number up to eight."""
    if n is not None:
        return array(dtypes, (n,), **options)
    return array(dtypes, min_dims=1, max_dims=1, **{"max_side": 8, **options})


def call(*positional, **keywords):
    """Arguments of a call: the positional ones always, each keyword in some of the examples."""
    return st.tuples(st.tuples(*positional), st.fixed_dictionaries({}, optional=keywords))


def axis_of(x, *, none=True, several=False):
    """An axis that `x` has, as a number from either end, None or a tuple."""
    choices = [st.integers(-x.ndim, x.ndim - 1)] if x.ndim else []
    if several and x.ndim:
        choices.append(st.lists(st.integers(0, x.ndim - 1), unique=True, min_size=1).map(tuple))
    if none or not choices:
        choices.append(st.none())
    return st.one_of(choices)


@st.composite
def along(draw, source, *before, none=True, several=False, **keywords):
    """A call of an array, further arguments, and an axis as a keyword."""
    x = draw(source)
    args = (x, *(draw(s(x) if callable(s) else s) for s in before))
    kwargs = draw(st.fixed_dictionaries({}, optional=keywords))
    if x.ndim and (not none or draw(st.booleans())):
        kwargs["axis"] = draw(axis_of(x, none=none, several=several))
    return args, kwargs


@st.composite
def broadcast(draw, dtypes=DTYPES, count=2, *, same=True, elements=None, max_side=3):
    """The arrays of a call whose shapes broadcast, of one dtype or each of its own, or one of them a Python number."""
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=count, max_dims=3, max_side=max_side, min_side=0)).input_shapes
    dtype = draw(st.sampled_from(dtypes))
    out = []
    for shape in shapes:
        each = dtype if same else draw(st.sampled_from(dtypes))
        out.append(draw(array(each, shape, elements=elements)))
    return tuple(out), {}


class Case(NamedTuple):
    """A property: on these arguments a function of `ops` gives what the reference gives."""

    arguments: Any
    reference: Callable
    rtol: float | None = None
    # Absolute error beside the relative one, where results cancel.
    atol: float = 0.0
    # What is compared of both results, where not the results themselves.
    view: Callable | None = None
    # Whether functions in the arguments and arrays inside lists are handed over as they are.
    dtype: bool = True


def converted(value, asarray):
    """NumPy arrays in a value as tensors."""
    if isinstance(value, np.ndarray):
        return asarray(value)
    if isinstance(value, (list, tuple)) and any(isinstance(v, (np.ndarray, list, tuple)) for v in value):
        return type(value)(converted(v, asarray) for v in value)
    return value


def agree(got, expected, rtol=None, atol=0.0, dtype=True):
    """Asserts one structure, shape and dtype, and values within a relative error (by default a few units in the last place)."""
    if isinstance(expected, (tuple, list)):
        assert len(got) == len(expected)
        for g, e in zip(got, expected):
            agree(g, e, rtol, atol, dtype)
        return
    if expected is None or isinstance(expected, (str, bytes, type)):
        assert got == expected
        return
    if isinstance(expected, np.dtype):
        assert str(got) == str(expected)
        return
    plain = isinstance(expected, (bool, int, float, complex)) and not isinstance(expected, np.generic)
    expected, got = np.asarray(expected), np.asarray(got)
    assert got.shape == expected.shape, f"shape {got.shape}, expected {expected.shape}"
    if dtype and not plain:
        assert got.dtype == expected.dtype, f"dtype {got.dtype}, expected {expected.dtype}"
    if expected.dtype.kind not in "fc":
        np.testing.assert_array_equal(got, expected)
        return
    precise = np.finfo(expected.dtype)
    rtol = 16 * precise.eps if rtol is None else max(rtol, precise.eps)
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=max(atol, 8 * float(precise.tiny)))
    if rtol <= 16 * precise.eps and expected.dtype.kind == "f" and atol == 0.0:
        zero = (expected == 0) & (np.asarray(got) == 0)
        np.testing.assert_array_equal(np.signbit(got)[zero], np.signbit(expected)[zero], "signs of zeros")
