"""Applying Python functions over arrays."""

import math
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


class broadcast:
    """Arrays of fitting shapes as one: its shape, and an iterator over the tuples of elements that meet."""

    def __init__(self, *arrays):
        self._arrays = tuple(map(xp.asarray, arrays))
        self.shape = tuple(xp.broadcast_shapes(*(a.shape for a in self._arrays)))
        self.reset()

    ndim = nd = property(lambda self: len(self.shape))
    size = property(lambda self: math.prod(self.shape))
    numiter = property(lambda self: len(self._arrays))
    iters = property(lambda self: tuple(iter(xp.ravel(a)) for a in xp.broadcast_arrays(*self._arrays)))

    def reset(self):
        self.index, self._elements = 0, zip(*self.iters)

    def __iter__(self):
        return self

    def __next__(self):
        values = next(self._elements)
        self.index += 1
        return values


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


class nditer:
    """The elements of one array, or of several that broadcast, one after another: to be read, written, or for their positions.

    Elements are 0-d views, so `v[...] = 2 * v` writes into the array where `op_flags` allow it.
    """

    # Flags that say how NumPy's iterator works inside, and those that ask for a position.
    _ACCEPTED = frozenset(
        "buffered common_dtype copy_if_overlap delay_bufalloc grow_inner ranged reduce_ok refs_ok zerosize_ok "
        "c_index f_index multi_index".split()
    )

    def __init__(self, op, /, flags=None, op_flags=None, *, order="K"):
        self._flags = frozenset(flags or ())
        if not self._flags <= self._ACCEPTED:
            raise NotImplementedError(f"nditer: flag {min(self._flags - self._ACCEPTED)!r} is not supported; write array expressions")
        several = isinstance(op, (list, tuple))
        arrays = [xp.asarray(v) for v in op] if several else [xp.asarray(op)]
        self.operands = tuple(xp.broadcast_arrays(*arrays)) if several else tuple(arrays)
        self._several = several
        self.nop, self.shape, self.ndim = len(self.operands), tuple(self.operands[0].shape), self.operands[0].ndim
        self.itersize = self.operands[0].size
        if self.itersize == 0 and "zerosize_ok" not in self._flags:
            raise ValueError("nditer: there are no elements; pass the flag 'zerosize_ok' if that is fine")
        self.dtypes = tuple(a.dtype for a in self.operands)
        self.has_multi_index = "multi_index" in self._flags
        self.has_index = bool(self._flags & {"c_index", "f_index"})
        self._axes = self._order(order)
        self.reset()

    def _order(self, order):
        """The axes from the slowest to the fastest."""
        axes = list(range(self.ndim))
        if order == "F":
            return axes[::-1]
        if order in ("K", "A") and not self._several:
            # The order in memory.
            strides = self.operands[0].strides
            axes.sort(key=lambda axis: -abs(strides[axis]))
        return axes

    def reset(self):
        """Goes back to the first element."""
        self.iterindex, self._begun = 0, False

    @property
    def finished(self):
        return self.iterindex >= self.itersize

    def _position(self):
        if self.finished:
            raise ValueError("nditer: the iteration is over")
        rest, position = self.iterindex, [0] * self.ndim
        for axis in reversed(self._axes):
            rest, position[axis] = divmod(rest, self.shape[axis])
        return tuple(position)

    @property
    def multi_index(self):
        if not self.has_multi_index:
            raise ValueError("nditer: pass flags=['multi_index'] for positions")
        return self._position()

    @property
    def index(self):
        if not self.has_index:
            raise ValueError("nditer: pass flags=['c_index'] or ['f_index'] for indices")
        place, axes = 0, range(self.ndim) if "c_index" in self._flags else reversed(range(self.ndim))
        position = self._position()
        for axis in axes:
            place = place * self.shape[axis] + position[axis]
        return place

    @property
    def value(self):
        key = (*self._position(), ...)
        views = tuple(a[key] for a in self.operands)
        return views if self._several else views[0]

    def __getitem__(self, i):
        return self.operands[i][(*self._position(), ...)]

    def __setitem__(self, i, value):
        self.operands[i][self._position()] = value

    def __len__(self):
        return self.nop

    def iternext(self):
        """Goes on to the next element; whether there is one."""
        self.iterindex += 1
        return not self.finished

    def __iter__(self):
        return self

    def __next__(self):
        self.iterindex += self._begun
        self._begun = True
        if self.finished:
            raise StopIteration
        return self.value

    def copy(self):
        """Another iterator at the same place."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        return new

    def close(self):
        """Accepted for NumPy's sake; there is no buffer to write back."""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


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
