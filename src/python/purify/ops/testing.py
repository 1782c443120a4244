"""Assertions on arrays with the meaning and the reports of `numpy.testing`, on every backend.

A failed comparison says how many elements differ and where, by how much at most, and shows both sides:

    Not equal to tolerance rtol=1e-07, atol=0

    Mismatched elements: 1 / 3 (33.3%)
    Mismatch at index:
     [2]: 3.0 (ACTUAL), 4.0 (DESIRED)
    Max absolute difference among violations: 1.
    Max relative difference among violations: 0.25
"""

import contextlib
import math
import operator
import struct

from purify import ops as xp

from ._testing_warnings import assert_no_warnings, assert_warns, suppress_warnings

__all__ = [
    "assert_",
    "assert_allclose",
    "assert_almost_equal",
    "assert_approx_equal",
    "assert_array_almost_equal",
    "assert_array_almost_equal_nulp",
    "assert_array_compare",
    "assert_array_equal",
    "assert_array_less",
    "assert_array_max_ulp",
    "assert_equal",
    "assert_no_warnings",
    "assert_raises",
    "assert_raises_regex",
    "assert_string_equal",
    "assert_warns",
    "build_err_msg",
    "print_assert_equal",
    "suppress_warnings",
]

_NAMES = ("ACTUAL", "DESIRED")


class _Objects:
    """An array of anything but numbers: nested sequences of text or other objects."""

    def __init__(self, value):
        self.source = value
        self.shape = _nested_shape(value)
        self.ndim = len(self.shape)
        self.dtype = type(value).__name__
        self.flat = list(_leaves(value, self.shape))

    def __repr__(self):
        return repr(self.source)


def _is_sequence(value):
    return hasattr(value, "__getitem__") and hasattr(value, "__len__") and not isinstance(value, (str, bytes, dict))


def _nested_shape(value):
    shape = ()
    while _is_sequence(value):
        shape += (len(value),)
        if not len(value):
            break
        value = value[0]
    return shape


def _leaves(value, shape):
    if _is_sequence(value) != bool(shape) or (shape and len(value) != shape[0]):
        raise ValueError("nested sequences of different lengths cannot be compared element by element")
    if not shape:
        yield value
        return
    for item in value:
        yield from _leaves(item, shape[1:])


def _array(value):
    if isinstance(value, (str, bytes)):
        return _Objects(value)
    try:
        out = xp.asarray(value)
    except (TypeError, ValueError, OverflowError):
        return _Objects(value)
    # Object arrays of the backend are compared one by one as well.
    return out if _kind(out) else _Objects(value)


def _kind(array):
    """The first letter of NumPy's dtype kinds, or "" for what is not a number."""
    for kind, letter in (("bool", "b"), ("signed integer", "i"), ("unsigned integer", "u"), ("real floating", "f"), ("complex floating", "c")):
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            if xp.isdtype(array.dtype, kind):
                return letter
    name = str(getattr(array, "dtype", "")).rpartition(".")[2]
    return "f" if name in ("float16", "bfloat16") else ""


def _is_array(value):
    return hasattr(value, "shape") and hasattr(value, "dtype")


def _is_scalar(value):
    return not _is_sequence(value) or (_is_array(value) and value.shape == ())


def build_err_msg(arrays, err_msg, header="Items are not equal:", verbose=True, names=_NAMES, precision=8):
    """The text of a failed comparison: the header, the message and, if verbose, up to three lines of each side."""
    err_msg = str(err_msg)
    lines = ["\n" + header]
    if err_msg and "\n" not in err_msg and len(err_msg) < 79 - len(header):
        lines[0] += " " + err_msg
    elif err_msg:
        lines.append(err_msg)
    if verbose:
        for name, array in zip(names, arrays):
            try:
                text = repr(array)
            except Exception as error:  # an object whose own repr fails must not hide the failed comparison
                text = f"[repr failed for <{type(array).__name__}>: {error}]"
            if text.count("\n") > 3:
                text = "\n".join(text.splitlines()[:3]) + "..."
            lines.append(f" {name}: {text}")
    return "\n".join(lines)


def _number_text(value):
    """A number as arrays print it: `1.` for 1.0."""
    if isinstance(value, (bool, int)):
        return str(value)
    text = f"{value:.8g}"
    return text if any(c in text for c in ".enj") else text + "."


def _item(array, index=()):
    value = array[index] if index else array
    return value.item() if hasattr(value, "item") else value


class _Comparison:
    """One comparison of two arrays: what to say when it fails."""

    def __init__(self, x, y, err_msg, verbose, header, precision, names):
        self.x, self.y = x, y
        self.err_msg, self.verbose, self.header, self.precision, self.names = err_msg, verbose, header, precision, names

    def fail(self, remark):
        message = build_err_msg(
            [self.x, self.y], f"{self.err_msg}\n{remark}", verbose=self.verbose, header=self.header, names=self.names, precision=self.precision
        )
        raise AssertionError(message)

    def same_places(self, x_mask, y_mask, what):
        """Both masks, which broadcast, must be equal; gives their common value."""
        if bool(xp.any(xp.not_equal(x_mask, y_mask))):
            self.fail(f"{what} location mismatch:")
        return xp.logical_or(x_mask, y_mask)

    def special(self, x, y, equal_nan, equal_inf):
        """The mask of the places that are NaN or infinite on both sides and agree, or None for dtypes that have neither."""
        floating = [_kind(a) in "fc" for a in (x, y)]
        if not any(floating):
            return None
        never = xp.zeros((), dtype=xp.bool)
        flagged = never
        if equal_nan:
            nans = [xp.isnan(a) if has else never for a, has in zip((x, y), floating)]
            flagged = self.same_places(*nans, "nan")
        if equal_inf:
            infinite = [xp.logical_and(xp.isinf(a), xp.logical_not(flagged)) if has else never for a, has in zip((x, y), floating)]
            places = self.same_places(*infinite, "inf")
            if bool(xp.any(xp.logical_and(places, xp.not_equal(*_alike(x, y))))):
                self.fail("inf values mismatch:")
            flagged = xp.logical_or(flagged, places)
        return flagged

    def report(self, good, differences=True):
        """Fails with the places where `good` is false. `good` has the broadcast shape of both sides."""
        total = math.prod(good.shape)
        bad = _false_places(good)
        if not bad:
            return
        remarks = [f"Mismatched elements: {len(bad)} / {total} ({100 * len(bad) / total:.3g}%)"]
        if good.ndim:
            shown = "\n".join(
                f" {list(place)}: {self.at(self.x, place)} ({self.names[0]}), {self.at(self.y, place)} ({self.names[1]})" for place in bad[:5]
            )
            title = "Mismatch at index" if len(bad) == 1 else "Mismatch at indices" if len(bad) <= 5 else "First 5 mismatches are at indices"
            remarks.append(f"{title}:\n{shown}")
        if differences:
            remarks.extend(self.differences(xp.logical_not(good)))
        self.fail("\n".join(remarks))

    @staticmethod
    def at(array, place):
        return _item(array, place if array.ndim else ())

    def differences(self, bad):
        x, y = (xp.broadcast_to(a, bad.shape) for a in _alike(self.x, self.y))
        if _kind(x) == "b":
            return
        largest = xp.where(xp.greater(x, y), x, y) if _kind(x) == "u" else x
        error = xp.subtract(largest, xp.where(xp.greater(x, y), y, x)) if _kind(x) == "u" else xp.abs(xp.subtract(x, y))
        bad, error, y = (xp.reshape(a, (-1,)) for a in (bad, error, y))
        errors, wanted = error[bad], xp.abs(y[bad])
        yield f"Max absolute difference among violations: {_number_text(_largest(errors))}"
        nonzero = xp.not_equal(wanted, xp.zeros((), dtype=wanted.dtype))
        relative = math.inf
        if bool(xp.any(nonzero)):
            relative = _largest(xp.divide(_floating(errors[nonzero]), _floating(wanted[nonzero])))
        yield f"Max relative difference among violations: {_number_text(relative)}"


def _largest(values):
    """The largest of a vector; NaN if there is one."""
    if _kind(values) == "f" and bool(xp.any(xp.isnan(values))):
        return math.nan
    return _item(xp.max(values))


def _floating(array):
    return array if _kind(array) in "fc" else xp.astype(array, xp.float64)


def _alike(x, y):
    """Both arrays in their common dtype; float64 where the standard has none (uint64 beside int64)."""
    try:
        dtype = xp.result_type(x, y)
    except TypeError:
        dtype = xp.float64
    return tuple(a if a.dtype == dtype else xp.astype(a, dtype) for a in (x, y))


def _false_places(good):
    if not good.ndim:
        return [] if bool(good) else [()]
    columns = [c.tolist() for c in xp.nonzero(xp.logical_not(good))]
    return list(zip(*columns))


def assert_array_compare(
    comparison, x, y, err_msg="", verbose=True, header="", precision=6, equal_nan=True, equal_inf=True, *, strict=False, names=_NAMES
):
    """Fails unless `comparison` holds for every pair of elements.

    Shapes must be equal, or one side a scalar (not with `strict`, which wants equal dtypes too). With `equal_nan` and `equal_inf`,
    NaNs and infinities must be at the same places and are not compared otherwise.
    """
    __tracebackhide__ = True
    x, y = _array(x), _array(y)
    if isinstance(x, _Objects) or isinstance(y, _Objects):
        x, y = (a if isinstance(a, _Objects) else _Objects(a.tolist()) for a in (x, y))
    case = _Comparison(x, y, err_msg, verbose, header, precision, names)
    shapes = tuple(x.shape), tuple(y.shape)
    if shapes[0] != shapes[1] and (strict or () not in shapes):
        case.fail(f"(shapes {shapes[0]}, {shapes[1]} mismatch)")
    if strict and x.dtype != y.dtype:
        case.fail(f"(dtypes {x.dtype}, {y.dtype} mismatch)")
    if isinstance(x, _Objects):
        _compare_objects(case, comparison)
        return
    flagged = case.special(x, y, equal_nan, equal_inf)
    with xp.errstate(all="ignore"):
        good = comparison(*_alike(x, y))
    if isinstance(good, bool):
        good = xp.asarray(good)
    good = xp.logical_or(good, flagged) if flagged is not None else good
    if not bool(xp.all(good)):
        case.report(good)


def _compare_objects(case, comparison):
    x, y = case.x, case.y
    shape = x.shape if x.ndim >= y.ndim else y.shape
    count = math.prod(shape)
    pairs = zip(x.flat if x.ndim else x.flat * count, y.flat if y.ndim else y.flat * count)
    good = [bool(comparison(a, b)) or (a != a and b != b) for a, b in pairs]
    if all(good):
        return
    bad = good.count(False)
    case.fail(f"Mismatched elements: {bad} / {count} ({100 * bad / count:.3g}%)")


def assert_array_equal(actual, desired, err_msg="", verbose=True, *, strict=False):
    """Fails unless both arrays have the same shape and equal elements; NaN equals NaN, -0.0 equals 0.0."""
    __tracebackhide__ = True
    assert_array_compare(operator.eq, actual, desired, err_msg, verbose, "Arrays are not equal", strict=strict)


def assert_allclose(actual, desired, rtol=1e-7, atol=0, equal_nan=True, err_msg="", verbose=True, *, strict=False):
    """Fails unless `abs(actual - desired) <= atol + rtol * abs(desired)` everywhere; infinities must be equal."""
    __tracebackhide__ = True

    def close(x, y):
        if isinstance(x, str) or isinstance(y, str):
            raise TypeError("assert_allclose compares numbers, not text")
        if not _is_array(x):
            return abs(x - y) <= atol + rtol * abs(y)
        return _close(x, y, rtol, atol)

    header = f"Not equal to tolerance rtol={rtol:g}, atol={atol:g}"
    assert_array_compare(close, actual, desired, str(err_msg), verbose, header, equal_nan=equal_nan, strict=strict)


def _close(x, y, rtol, atol):
    if _kind(x) == "b":
        return xp.equal(x, y)
    x, y = _floating(x), _floating(y)
    # An infinity on one side only fails: the difference is infinite, and so may be the tolerance.
    near = xp.less_equal(xp.abs(xp.subtract(x, y)), xp.add(xp.multiply(xp.abs(y), rtol), atol))
    return xp.logical_or(xp.logical_and(near, xp.isfinite(y)), xp.equal(x, y))


def assert_array_almost_equal(actual, desired, decimal=6, err_msg="", verbose=True):
    """Fails unless `abs(actual - desired) < 1.5 * 10**-decimal` everywhere."""
    __tracebackhide__ = True
    bound = 1.5 * 10.0**-decimal

    def near(x, y):
        if not _is_array(x):
            return abs(x - y) < bound
        return xp.less(xp.abs(xp.subtract(_floating(x), _floating(y))), bound)

    header = f"Arrays are not almost equal to {decimal} decimals"
    assert_array_compare(near, actual, desired, err_msg, verbose, header, precision=decimal)


def assert_array_less(x, y, err_msg="", verbose=True, *, strict=False):
    """Fails unless `x < y` everywhere; infinities are compared like other numbers."""
    __tracebackhide__ = True
    header = "Arrays are not strictly ordered `x < y`"
    assert_array_compare(operator.lt, x, y, err_msg, verbose, header, equal_inf=False, strict=strict, names=("x", "y"))


def assert_equal(actual, desired, err_msg="", verbose=True, *, strict=False):
    """Fails unless both objects are equal: dictionaries, lists and tuples item by item, arrays element by element.

    NaN equals NaN; for scalars -0.0 does not equal 0.0.
    """
    __tracebackhide__ = True
    if isinstance(desired, dict):
        if not isinstance(actual, dict):
            raise AssertionError(repr(type(actual)))
        assert_equal(len(actual), len(desired), err_msg, verbose)
        for key, value in desired.items():
            if key not in actual:
                raise AssertionError(repr(key))
            assert_equal(actual[key], value, f"key={key!r}\n{err_msg}", verbose)
        return
    if isinstance(desired, (list, tuple)) and isinstance(actual, (list, tuple)):
        assert_equal(len(actual), len(desired), err_msg, verbose)
        for i, (one, other) in enumerate(zip(actual, desired)):
            assert_equal(one, other, f"item={i!r}\n{err_msg}", verbose)
        return
    if any(_is_array(v) and (v.shape or strict) for v in (actual, desired)):
        assert_array_equal(actual, desired, err_msg, verbose, strict=strict)
        return
    plain = [_item(v) if _is_array(v) else v for v in (actual, desired)]
    if _is_scalar(actual) != _is_scalar(desired) or not _same(*plain):
        raise AssertionError(build_err_msg([actual, desired], err_msg, verbose=verbose))


def _same(actual, desired):
    """Equality of scalars with NaN equal to itself and signed zeros."""
    if isinstance(actual, complex) or isinstance(desired, complex):
        with contextlib.suppress(TypeError, AttributeError):
            return _same(actual.real, desired.real) and _same(actual.imag, desired.imag)
    if isinstance(actual, float) or isinstance(desired, float):
        with contextlib.suppress(TypeError, OverflowError):
            if math.isnan(desired) and math.isnan(actual):
                return True
            if desired == 0 and actual == 0:
                return math.copysign(1, desired) == math.copysign(1, actual)
    return bool(desired == actual)


def assert_almost_equal(actual, desired, decimal=7, err_msg="", verbose=True):
    """Fails unless `abs(desired - actual) < 1.5 * 10**-decimal`; sequences and arrays are compared element by element."""
    __tracebackhide__ = True
    plain = [_item(v) if _is_array(v) and not v.shape else v for v in (actual, desired)]
    if any(_is_sequence(v) for v in plain):
        assert_array_almost_equal(actual, desired, decimal, err_msg)
    elif not _near(*plain, 1.5 * 10.0**-decimal):
        header = f"Arrays are not almost equal to {decimal} decimals"
        raise AssertionError(build_err_msg([actual, desired], err_msg, verbose=verbose, header=header))


def _near(actual, desired, bound):
    """Whether two scalars differ by less than `bound`; NaN and infinities must be equal."""
    if isinstance(actual, complex) or isinstance(desired, complex):
        return _near(actual.real, desired.real, bound) and _near(actual.imag, desired.imag, bound)
    with contextlib.suppress(TypeError, OverflowError):
        if not (math.isfinite(actual) and math.isfinite(desired)):
            return actual == desired or (math.isnan(actual) and math.isnan(desired))
    return abs(desired - actual) < bound


def assert_approx_equal(actual, desired, significant=7, err_msg="", verbose=True):
    """Fails unless two numbers agree to so many significant digits."""
    __tracebackhide__ = True
    actual, desired = float(actual), float(desired)
    if actual == desired:
        return
    middle = 0.5 * (abs(desired) + abs(actual))
    scale = 10.0 ** math.floor(math.log10(middle)) if 0 < middle < math.inf else 1.0
    parts = (value / scale if scale else 0.0 for value in (actual, desired))
    if not _near(*parts, 10.0 ** -(significant - 1)):
        header = f"Items are not equal to {significant} significant digits:"
        raise AssertionError(build_err_msg([actual, desired], err_msg, header=header, verbose=verbose))


def assert_(val, msg=""):
    """Fails unless `val` is true, also under `python -O`. `msg` may be a function that gives the text."""
    __tracebackhide__ = True
    if not val:
        raise AssertionError(msg() if callable(msg) else msg)


def print_assert_equal(test_string, actual, desired):
    """Fails with both sides printed unless they are equal."""
    __tracebackhide__ = True
    if not actual == desired:
        from pprint import pformat

        raise AssertionError(f"{test_string} failed\nACTUAL: \n{pformat(actual)}\nDESIRED: \n{pformat(desired)}\n")


def assert_string_equal(actual, desired):
    """Fails with the lines that differ unless two texts are equal."""
    __tracebackhide__ = True
    for value in (actual, desired):
        if not isinstance(value, str):
            raise AssertionError(repr(type(value)))
    if actual != desired:
        from difflib import ndiff

        lines = ndiff(actual.splitlines(True), desired.splitlines(True))
        different = "".join(line if line.endswith("\n") else line + "\n" for line in lines if not line.startswith("  "))
        raise AssertionError(f"Differences in strings:\n{different}".rstrip())


def assert_raises(*args, **kwargs):
    """Fails unless a call, or the block of a `with`, raises the exception: `assert_raises(ValueError, f, x)`."""
    __tracebackhide__ = True
    from unittest import TestCase

    return TestCase().assertRaises(*args, **kwargs)


def assert_raises_regex(exception_class, expected_regexp, *args, **kwargs):
    """Fails unless a call, or the block of a `with`, raises the exception with a matching text."""
    __tracebackhide__ = True
    from unittest import TestCase

    return TestCase().assertRaisesRegex(exception_class, expected_regexp, *args, **kwargs)


_BITS = {"float16": ("e", "H", 1 << 15), "float32": ("f", "I", 1 << 31), "float64": ("d", "Q", 1 << 63)}


def _ordinals(array):
    """For every float how many floats lie between it and zero, negative below zero."""
    name = str(array.dtype).rpartition(".")[2]
    if name not in _BITS:
        raise NotImplementedError(f"steps between neighbouring values are not counted for {name}")
    code, integer, sign = _BITS[name]
    values = xp.reshape(array, (-1,)).tolist()
    words = struct.unpack(f"<{len(values)}{integer}", struct.pack(f"<{len(values)}{code}", *values))
    return [sign - word if word & sign else word for word in words]


def _steps(x, y, dtype=None):
    """The number of representable values between the elements of two arrays, as float64."""
    x, y = (xp.asarray(v) if dtype is None else xp.asarray(v, dtype=dtype) for v in (x, y))
    x, y = (a if _kind(a) in "fc" else xp.astype(a, xp.float64) for a in (x, y))
    x, y = _alike(x, y)
    if tuple(x.shape) != tuple(y.shape):
        x, y = xp.broadcast_arrays(x, y)
    steps = [float(abs(a - b)) for a, b in zip(_ordinals(x), _ordinals(y))]
    return xp.reshape(xp.asarray(steps, dtype=xp.float64), tuple(x.shape))


def assert_array_max_ulp(a, b, maxulp=1, dtype=None):
    """Fails if any two elements are more than `maxulp` representable values apart; gives the distances."""
    __tracebackhide__ = True
    steps = _steps(a, b, dtype)
    if math.prod(steps.shape) and _item(xp.max(steps)) > maxulp:
        raise AssertionError(f"Arrays are not almost equal up to {maxulp:g} ULP (max difference is {_item(xp.max(steps)):g} ULP)")
    return steps


def assert_array_almost_equal_nulp(x, y, nulp=1):
    """Fails unless `abs(x - y) <= nulp * spacing(max(abs(x), abs(y)))` everywhere."""
    __tracebackhide__ = True
    x, y = _alike(_floating(xp.asarray(x)), _floating(xp.asarray(y)))
    larger = xp.maximum(xp.abs(x), xp.abs(y))
    spacing = xp.subtract(xp.nextafter(larger, xp.asarray(math.inf, dtype=larger.dtype)), larger)
    if bool(xp.all(xp.less_equal(xp.abs(xp.subtract(x, y)), xp.multiply(spacing, float(nulp))))):
        return
    message = f"Arrays are not equal to {nulp} ULP"
    if _kind(x) != "c":
        message += f" (max is {_item(xp.max(_steps(x, y))):g})"
    raise AssertionError(message)
