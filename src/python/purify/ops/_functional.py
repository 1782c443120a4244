"""Applying Python functions over arrays, and NumPy's floating-point error switches."""

import contextlib
from itertools import product

from purify import ops as xp

from ._shared import axis_tuple, one_axis


def apply_along_axis(func1d, axis, x, /, *args, **kwargs):
    """`func1d` of each vector along an axis; what it returns takes the axis' place."""
    x = xp.asarray(x)
    axis = one_axis(axis, x.ndim)
    moved = xp.moveaxis(x, axis, -1)
    lead = tuple(moved.shape[:-1])
    if 0 in lead:
        raise ValueError("apply_along_axis: there is no vector to apply the function to")
    results = [xp.asarray(func1d(moved[i], *args, **kwargs)) for i in product(*(range(n) for n in lead))]
    inner = tuple(results[0].shape)
    out = xp.reshape(xp.stack(results), lead + inner)
    order = list(range(len(lead)))
    order[axis:axis] = range(len(lead), len(lead) + len(inner))
    return xp.permute_dims(out, tuple(order))


def apply_over_axes(func, x, axes, /):
    """`func(x, axis)` over several axes one after another, keeping their number."""
    x = xp.asarray(x)
    # The standard's reductions take the axis by keyword alone.
    apply = (lambda a, axis: func(a, axis=axis)) if getattr(xp, getattr(func, "__name__", ""), None) is func else func
    for axis in axis_tuple(axes, x.ndim):
        out = apply(x, axis)
        x = out if out.ndim == x.ndim else xp.expand_dims(out, axis=axis)
    return x


class vectorize:
    """A Python function of numbers as a function of arrays, called element by element with broadcasting.

    `signature`, such as "(n),(n)->()", makes it a function of the last axes instead.
    """

    def __init__(self, pyfunc=None, otypes=None, doc=None, excluded=None, cache=False, signature=None):
        self.pyfunc, self.otypes, self.signature, self.cache = pyfunc, otypes, signature, cache
        self.excluded = set(excluded or ())
        self._set(pyfunc, doc)

    def _set(self, pyfunc, doc=None):
        self.pyfunc = pyfunc
        self.__doc__ = doc or getattr(pyfunc, "__doc__", None)
        self.__name__ = getattr(pyfunc, "__name__", "vectorize")
        self.__wrapped__ = pyfunc

    def __call__(self, *args, **kwargs):
        if self.pyfunc is None:
            # `@vectorize(otypes=...)` receives the function here.
            self._set(args[0])
            return self
        varying = [i for i in range(len(args)) if i not in self.excluded]
        names = [n for n in kwargs if n not in self.excluded]
        arrays = [_elements(args[i]) for i in varying] + [_elements(kwargs[n]) for n in names]

        def call(values):
            full, keywords = list(args), dict(kwargs)
            for i, v in zip(varying, values):
                full[i] = v
            for n, v in zip(names, values[len(varying) :]):
                keywords[n] = v
            return self.pyfunc(*full, **keywords)

        if not arrays:
            return self.pyfunc(*args, **kwargs)
        if self.signature:
            return self._over_axes(arrays, call)
        arrays = xp.broadcast_arrays(*arrays)
        shape = tuple(arrays[0].shape)
        if 0 in shape and not self.otypes:
            raise ValueError("vectorize: an empty input needs otypes")
        columns = [list(xp.reshape(a, (-1,))) for a in arrays]
        seen = {}
        results = []
        for values in zip(*columns):
            key = tuple(v.item() for v in values) if self.cache else None
            if self.cache and key in seen:
                results.append(seen[key])
                continue
            results.append(call(values))
            if self.cache:
                seen[key] = results[-1]
        several = bool(results) and isinstance(results[0], tuple)
        if not results and self.otypes and len(self.otypes) > 1:
            return tuple(xp.zeros(shape, dtype=t) for t in self.otypes)
        if several:
            return tuple(self._array([r[i] for r in results], shape, i) for i in range(len(results[0])))
        return self._array(results, shape, 0)

    def _array(self, values, shape, i):
        dtype = self.otypes[i] if self.otypes else None
        return xp.reshape(xp.asarray(values, dtype=dtype), shape) if values else xp.zeros(shape, dtype=dtype)

    def _over_axes(self, arrays, call):
        inputs, _, outputs = self.signature.replace(" ", "").partition("->")
        core = [[d for d in part.split(",") if d] for part in inputs.strip("()").split("),(")]
        if len(core) != len(arrays):
            raise TypeError(f"vectorize: the signature has {len(core)} inputs, {len(arrays)} were given")
        leads = [tuple(a.shape[: a.ndim - len(c)]) for a, c in zip(arrays, core)]
        lead = tuple(xp.broadcast_arrays(*(xp.zeros(s) for s in leads))[0].shape)
        spread = [xp.broadcast_to(a, lead + tuple(a.shape[a.ndim - len(c) :])) for a, c in zip(arrays, core)]
        results = [call([a[i] for a in spread]) for i in product(*(range(n) for n in lead))]
        count = outputs.count("(")
        stack = lambda parts: xp.reshape(xp.stack([xp.asarray(p) for p in parts]), lead + tuple(xp.asarray(parts[0]).shape))  # noqa: E731
        return stack(results) if count == 1 else tuple(stack([r[i] for r in results]) for i in range(count))


def _elements(value):
    return value if hasattr(value, "shape") and hasattr(value, "ndim") else xp.asarray(value)


def frompyfunc(func, /, nin, nout, *, identity=None):
    """A Python function as one that is applied element by element."""
    return vectorize(func)


_MODES = ("ignore", "warn", "raise", "call", "print", "log")
_state = {"divide": "ignore", "over": "ignore", "under": "ignore", "invalid": "ignore"}


def geterr():
    """How floating-point errors are treated: always "ignore", whatever was asked for."""
    return dict(_state)


def seterr(all=None, divide=None, over=None, under=None, invalid=None):
    """Accepted for NumPy's sake: floating-point errors give infinities and NaN without a warning. Returns `geterr()`."""
    for mode in (all, divide, over, under, invalid):
        if mode is not None and mode not in _MODES:
            raise ValueError(f"seterr: {mode!r} is not one of {', '.join(_MODES)}")
        if mode == "raise":
            raise NotImplementedError("seterr: floating-point errors cannot raise here; test results with ops.isfinite")
    return geterr()


class errstate(contextlib.ContextDecorator):
    """Accepted for NumPy's sake, as a context and as a decorator; see `seterr`."""

    def __init__(self, *, call=None, all=None, divide=None, over=None, under=None, invalid=None):
        seterr(all, divide, over, under, invalid)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None


def nditer(op, /, flags=None, op_flags=None, **options):
    """The elements in row-major order, for loops that only read."""
    if flags or op_flags or options or isinstance(op, (list, tuple)):
        raise NotImplementedError("nditer: only `for v in ops.nditer(x)` is supported; write ops.ndenumerate or array expressions")
    return iter(xp.reshape(xp.asarray(op), (-1,)))


def iterable(y, /):
    """True if a value can be iterated over."""
    try:
        iter(y)
    except TypeError:
        return False
    return True


def base_repr(number, /, base=2, padding=0):
    """An integer as text in a base from 2 to 36, with zeros in front."""
    if not 2 <= base <= 36:
        raise ValueError(f"base_repr: the base must lie between 2 and 36, got {base}")
    number = int(number)
    n, digits = abs(number), ""
    while n:
        n, d = divmod(n, base)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[d] + digits
    return ("-" if number < 0 else "") + "0" * padding + (digits or ("" if padding else "0"))


def binary_repr(num, /, width=None):
    """An integer in binary; with a width, negative numbers in two's complement."""
    num = int(num)
    if num >= 0 or width is None:
        text = ("-" if num < 0 else "") + format(abs(num), "b")
        if width is not None and len(text) > width:
            raise ValueError(f"binary_repr: {num} does not fit in {width} bits")
        return text.rjust(width or 0, "0")
    if num < -(1 << (width - 1)):
        raise ValueError(f"binary_repr: {num} does not fit in {width} bits")
    return format((1 << width) + num, "b").rjust(width, "1")
