"""Elementwise extensions: what NumPy and PyTorch users call that the standard lacks, over the standard's own functions."""

import math

from purify import ops as xp

from ._shared import as_arrays, as_float

_EULER_TO_DEGREES = 180.0 / math.pi


def _unary_float(x):
    """`x` in a floating-point dtype; booleans become float16, as in NumPy's functions of one argument."""
    x = xp.asarray(x)
    return xp.astype(x, xp.float16) if x.dtype == xp.bool else as_float(x)


def degrees(x, /):
    """Angles in degrees from radians; floating-point dtype, the shape of `x`."""
    return xp.multiply(_unary_float(x), _EULER_TO_DEGREES)


def radians(x, /):
    """Angles in radians from degrees; floating-point dtype, the shape of `x`."""
    return xp.multiply(_unary_float(x), math.pi / 180.0)


rad2deg = degrees
deg2rad = radians


def angle(z, /, deg=False):
    """The argument of complex numbers: `atan2(imag, real)`, in radians or degrees. Real input gives 0 or pi."""
    z = xp.asarray(z)
    if xp.isdtype(z.dtype, "complex floating"):
        out = xp.atan2(xp.imag(z), xp.real(z))
    else:
        z = as_float(z)
        out = xp.atan2(xp.zeros_like(z), z)
    return degrees(out) if deg else out


def fmod(x1, x2, /):
    """The remainder whose sign is that of the dividend: C's `fmod`. Zero divisors give NaN (0 for integers)."""
    x1, x2 = as_arrays(x1, x2)
    dtype = xp.result_type(x1, x2)
    if xp.isdtype(dtype, "integral"):
        r = xp.remainder(xp.abs(x1), xp.abs(x2)) if not xp.isdtype(dtype, "unsigned integer") else xp.remainder(x1, x2)
        return xp.where(xp.less(x1, 0), xp.negative(r), r) if not xp.isdtype(dtype, "unsigned integer") else r
    return xp.copysign(xp.remainder(xp.abs(x1), xp.abs(x2)), xp.astype(x1, dtype))


def fmax(x1, x2, /):
    """The larger of two values; where one is NaN, the other."""
    x1, x2 = as_arrays(x1, x2)
    both = xp.maximum(x1, x2)
    if not xp.isdtype(both.dtype, ("real floating", "complex floating")):
        return both
    a, b = xp.broadcast_arrays(xp.astype(x1, both.dtype), xp.astype(x2, both.dtype))
    return xp.where(xp.isnan(a), b, xp.where(xp.isnan(b), a, both))


def fmin(x1, x2, /):
    """The smaller of two values; where one is NaN, the other."""
    x1, x2 = as_arrays(x1, x2)
    both = xp.minimum(x1, x2)
    if not xp.isdtype(both.dtype, ("real floating", "complex floating")):
        return both
    a, b = xp.broadcast_arrays(xp.astype(x1, both.dtype), xp.astype(x2, both.dtype))
    return xp.where(xp.isnan(a), b, xp.where(xp.isnan(b), a, both))


def fabs(x, /):
    """The absolute value in floating point."""
    return xp.abs(_unary_float(x))


def exp2(x, /):
    """Two to the power of `x`."""
    return xp.pow(2.0, as_float(x))


def cbrt(x, /):
    """The real cube root; negative input gives the negative root."""
    x = as_float(x)
    root = xp.pow(xp.abs(x), 1.0 / 3.0)
    # One Newton step brings the power's few units in the last place down to about one.
    safe = xp.where(xp.greater(root, 0.0) & xp.isfinite(root), root, xp.ones_like(root))
    better = safe - (safe * safe * safe - xp.abs(x)) / (3.0 * safe * safe)
    return xp.copysign(xp.where(xp.greater(root, 0.0) & xp.isfinite(root), better, root), x)


def sinc(x, /):
    """`sin(pi x) / (pi x)`, which is 1 at 0."""
    y = xp.multiply(as_float(x), math.pi)
    zero = xp.equal(y, 0.0)
    y = xp.where(zero, xp.ones_like(y), y)
    return xp.where(zero, xp.ones_like(y), xp.divide(xp.sin(y), y))


def heaviside(x1, x2, /):
    """0 below zero, 1 above it, and `x2` at zero."""
    x1, x2 = xp.broadcast_arrays(*(as_float(v) for v in as_arrays(x1, x2)))
    dtype = xp.result_type(x1, x2)
    step = xp.astype(xp.greater(x1, 0), dtype)
    return xp.where(xp.isnan(x1), xp.astype(x1, dtype), xp.where(xp.equal(x1, 0), xp.astype(x2, dtype), step))


def float_power(x1, x2, /):
    """`x1` to the power `x2` in at least float64, so that negative integer exponents are fine."""
    x1, x2 = as_arrays(x1, x2)
    dtype = xp.result_type(x1, x2)
    wide = xp.complex128 if xp.isdtype(dtype, "complex floating") else xp.float64
    return xp.pow(xp.astype(x1, wide), xp.astype(x2, wide))


def logaddexp2(x1, x2, /):
    """`log2(2**x1 + 2**x2)` without overflow."""
    ln2 = math.log(2.0)
    x1, x2 = as_arrays(x1, x2)
    return xp.divide(xp.logaddexp(xp.multiply(as_float(x1), ln2), xp.multiply(as_float(x2), ln2)), ln2)


def nan_to_num(x, /, copy=True, nan=0.0, posinf=None, neginf=None):
    """Replaces NaN by `nan` and infinities by `posinf`/`neginf`, by default the largest finite numbers of the dtype."""
    x = xp.asarray(x)
    if xp.isdtype(x.dtype, "complex floating"):
        parts = (nan_to_num(part, True, nan, posinf, neginf) for part in (xp.real(x), xp.imag(x)))
        re, im = parts
        return xp.astype(re + 1j * im, x.dtype)
    if not xp.isdtype(x.dtype, "real floating"):
        return xp.asarray(x, copy=True) if copy else x
    info = xp.finfo(x.dtype)
    fill = lambda value: xp.asarray(value, dtype=x.dtype)  # noqa: E731
    out = xp.where(xp.isnan(x), fill(nan), x)
    out = xp.where(xp.equal(x, math.inf), fill(info.max if posinf is None else posinf), out)
    out = xp.where(xp.equal(x, -math.inf), fill(info.min if neginf is None else neginf), out)
    if not copy:
        x[...] = out
        return x
    return out


def isclose(a, b, /, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Where `|a - b| <= atol + rtol * |b|`; infinities are close only to themselves. A bool array."""
    a, b = as_arrays(a, b)
    dtype = xp.result_type(a, b)
    if not xp.isdtype(dtype, ("real floating", "complex floating")):
        a, b = xp.astype(a, xp.float64), xp.astype(b, xp.float64)
    finite = xp.logical_and(xp.isfinite(a), xp.isfinite(b))
    near = xp.less_equal(xp.abs(xp.subtract(a, b)), xp.add(atol, xp.multiply(rtol, xp.abs(b))))
    out = xp.logical_or(xp.logical_and(finite, near), xp.equal(a, b))
    if equal_nan:
        out = xp.logical_or(out, xp.logical_and(xp.isnan(a), xp.isnan(b)))
    return out


def allclose(a, b, /, rtol=1e-05, atol=1e-08, equal_nan=False):
    """True if all pairs are close (see `isclose`); a Python bool."""
    return bool(xp.all(xp.isclose(a, b, rtol, atol, equal_nan)))


def isneginf(x, /):
    """Where `x` is minus infinity."""
    return xp.equal(xp.asarray(x), -math.inf)


def isposinf(x, /):
    """Where `x` is plus infinity."""
    return xp.equal(xp.asarray(x), math.inf)


def iscomplex(x, /):
    """Where the imaginary part is not zero."""
    x = xp.asarray(x)
    if xp.isdtype(x.dtype, "complex floating"):
        return xp.not_equal(xp.imag(x), 0)
    return xp.zeros(x.shape, dtype=xp.bool)


def isreal(x, /):
    """Where the imaginary part is zero."""
    return xp.logical_not(iscomplex(x))


def iscomplexobj(x, /):
    """True if the dtype is complex; the values do not matter."""
    return xp.isdtype(xp.asarray(x).dtype, "complex floating")


def isrealobj(x, /):
    """True if the dtype is not complex."""
    return not iscomplexobj(x)


def divmod(x1, x2, /):  # noqa: A001 - the name is NumPy's
    """The pair `(floor_divide(x1, x2), remainder(x1, x2))`."""
    return xp.floor_divide(x1, x2), xp.remainder(x1, x2)


def modf(x, /):
    """The fractional and the integral part, both with the sign of `x`."""
    x = _unary_float(x)
    whole = xp.trunc(x)
    part = xp.where(xp.isinf(x), xp.zeros_like(x), xp.subtract(x, whole))
    return xp.copysign(part, x), whole


def frexp(x, /):
    """Mantissa in [0.5, 1) and integer exponent, so that `x = mantissa * 2**exponent`."""
    x = _unary_float(x)
    flat = [math.frexp(v) if math.isfinite(v) else (v, 0) for v in xp.tolist(xp.reshape(x, (-1,)))]
    mantissa = xp.reshape(xp.asarray([m for m, _ in flat], dtype=x.dtype), x.shape)
    return mantissa, xp.reshape(xp.asarray([e for _, e in flat], dtype=xp.int32), x.shape)


def ldexp(x1, x2, /):
    """`x1 * 2**x2`, the inverse of `frexp`."""
    x1 = as_float(x1)
    half = xp.floor_divide(xp.asarray(x2), 2)
    rest = xp.subtract(xp.asarray(x2), half)
    # Two steps keep the factors finite where only the product is small or large.
    two = xp.asarray(2.0, dtype=x1.dtype)
    return xp.multiply(xp.multiply(x1, xp.pow(two, xp.astype(half, x1.dtype))), xp.pow(two, xp.astype(rest, x1.dtype)))


def spacing(x, /):
    """The distance to the next representable number away from zero."""
    x = _unary_float(x)
    far = xp.copysign(xp.full_like(x, math.inf), x)
    return xp.subtract(xp.nextafter(x, far), x)


def gcd(x1, x2, /):
    """Greatest common divisors of integers, never negative."""
    x1, x2 = as_arrays(x1, x2)
    dtype = xp.result_type(x1, x2)
    a, b = (xp.astype(v, dtype) for v in xp.broadcast_arrays(x1, x2))
    if not xp.isdtype(dtype, "unsigned integer"):
        a, b = xp.abs(a), xp.abs(b)
    while bool(xp.any(xp.not_equal(b, 0))):
        stop = xp.equal(b, 0)
        a, b = xp.where(stop, a, b), xp.where(stop, b, xp.remainder(a, xp.where(stop, xp.ones_like(b), b)))
    return a


def lcm(x1, x2, /):
    """Least common multiples of integers, never negative."""
    x1, x2 = as_arrays(x1, x2)
    g = gcd(x1, x2)
    return xp.abs(xp.multiply(xp.floor_divide(x1, xp.where(xp.equal(g, 0), xp.ones_like(g), g)), x2))


def around(x, /, decimals=0):
    """Rounds half to even at a decimal place; negative places round to tens, hundreds, ..."""
    x = xp.asarray(x)
    if decimals == 0:
        return xp.round(_unary_float(x) if x.dtype == xp.bool else x)
    if xp.isdtype(x.dtype, "integral"):
        if decimals > 0:
            return xp.asarray(x, copy=True)
        step = 10 ** -decimals
        return xp.astype(xp.multiply(xp.round(xp.divide(x, step)), step), x.dtype)
    step = 10.0 ** builtin_abs(decimals)
    if decimals > 0:
        return xp.divide(xp.round(xp.multiply(x, step)), step)
    return xp.multiply(xp.round(xp.divide(x, step)), step)


def fix(x, /):
    """Rounds towards zero."""
    return xp.trunc(x)


def i0(x, /):
    """The modified Bessel function of the first kind, order 0.

    The ascending series (Abramowitz & Stegun 9.6.12) for small arguments and the asymptotic one (9.7.1) for large.
    """
    x = xp.abs(as_float(x))
    x64 = xp.astype(x, xp.float64)
    small = xp.where(xp.less(x64, 25.0), x64, xp.zeros_like(x64))
    quarter = small * small / 4.0
    term = total = xp.ones_like(x64)
    for k in range(1, 80):
        term = term * quarter / float(k * k)
        total = total + term
    large = xp.where(xp.less(x64, 25.0), xp.full_like(x64, 25.0), x64)
    term = series = xp.ones_like(x64)
    for k in range(1, 26):
        term = term * (2 * k - 1) ** 2 / (8.0 * k * large)
        series = series + term
    big = xp.exp(large) / xp.sqrt(2.0 * math.pi * large) * series
    return xp.astype(xp.where(xp.less(x64, 25.0), total, big), x.dtype)


def bitwise_count(x, /):
    """The number of one bits in the absolute value; uint8."""
    x = xp.asarray(x)
    if not xp.isdtype(x.dtype, "unsigned integer"):
        x = xp.abs(x)
    count = xp.zeros_like(x)
    for _ in range(xp.iinfo(x.dtype).bits):
        count = count + xp.bitwise_and(x, 1)
        x = xp.bitwise_right_shift(x, 1)
    return xp.astype(count, xp.uint8)


builtin_abs = abs


def rint(x, /):
    """Rounds to the nearest integer, halves to even; floating point."""
    return xp.round(_unary_float(x))


def real_if_close(x, /, tol=100):
    """The real parts, if all imaginary parts are within `tol` machine epsilons of zero; else `x`."""
    x = xp.asarray(x)
    if not xp.isdtype(x.dtype, "complex floating"):
        return x
    limit = tol * float(xp.finfo(x.dtype).eps) if tol > 1 else tol
    return xp.real(x) if bool(xp.all(xp.less(xp.abs(xp.imag(x)), limit))) else x
