"""Creation extensions: arrays of patterns and grids, over the standard's own functions."""

import math

from purify import ops as xp

from ._shared import as_float, int_tuple


def array(x, /, dtype=None, *, copy=True, ndmin=0, device=None):
    """A new array with the values of `x`; `copy=None` shares memory where possible."""
    out = xp.asarray(x, dtype=dtype, copy=copy, device=device)
    return xp.reshape(out, (1,) * (ndmin - out.ndim) + tuple(out.shape)) if out.ndim < ndmin else out


def ascontiguousarray(x, /, dtype=None):
    """`x` in row-major memory with at least one dimension; a copy only where needed."""
    return atleast_1d(xp.asarray(x, dtype=dtype))


def copy(x, /):
    """A copy that shares nothing with `x`."""
    return xp.asarray(x, copy=True)


def identity(n, /, dtype=None):
    """The identity matrix of order `n`."""
    return xp.eye(n, dtype=dtype)


def logspace(start, stop, /, num=50, *, endpoint=True, base=10.0, dtype=None):
    """`num` numbers from `base**start` to `base**stop`, evenly spaced on a log scale."""
    out = xp.pow(float(base), linspace_nd(start, stop, num, endpoint))
    return out if dtype is None else xp.astype(out, dtype)


def linspace_nd(start, stop, num, endpoint=True):
    """`linspace` whose ends may be arrays; the new axis comes first."""
    if not hasattr(start, "shape") and not hasattr(stop, "shape"):
        return xp.linspace(float(start), float(stop), num, endpoint=endpoint)
    start, stop = xp.broadcast_arrays(as_float(start), as_float(stop))
    unit = xp.linspace(0.0, 1.0, num, endpoint=endpoint)
    unit = xp.reshape(unit, (num,) + (1,) * start.ndim)
    return start + unit * (stop - start)


def geomspace(start, stop, /, num=50, *, endpoint=True, dtype=None):
    """`num` numbers from `start` to `stop` in geometric progression; both ends are exact."""
    start, stop = float(start), float(stop)
    if start == 0 or stop == 0:
        raise ValueError("geomspace: a geometric progression cannot include zero")
    sign = -1.0 if start < 0 and stop < 0 else 1.0
    out = sign * xp.pow(10.0, xp.linspace(math.log10(sign * start), math.log10(sign * stop), num, endpoint=endpoint))
    if num > 0:
        out[0] = start
    if num > 1 and endpoint:
        out[-1] = stop
    return out if dtype is None else xp.astype(out, dtype)


def tri(n, /, m=None, k=0, dtype=None):
    """Ones at and below the `k`-th diagonal, zeros elsewhere; shape `(n, m)`."""
    m = n if m is None else m
    rows = xp.reshape(xp.arange(n), (n, 1))
    cols = xp.reshape(xp.arange(m), (1, m))
    return xp.astype(xp.less_equal(cols, rows + k), xp.float64 if dtype is None else dtype)


def tril_indices(n, /, k=0, m=None):
    """Row and column indices of the lower triangle of an `(n, m)` matrix."""
    return xp.nonzero(tri(n, m, k, dtype=xp.bool))


def triu_indices(n, /, k=0, m=None):
    """Row and column indices of the upper triangle of an `(n, m)` matrix."""
    return xp.nonzero(xp.logical_not(tri(n, m, k - 1, dtype=xp.bool)))


def tril_indices_from(x, /, k=0):
    """`tril_indices` for the shape of the matrix `x`."""
    return tril_indices(x.shape[-2], k, x.shape[-1])


def triu_indices_from(x, /, k=0):
    """`triu_indices` for the shape of the matrix `x`."""
    return triu_indices(x.shape[-2], k, x.shape[-1])


def diag_indices(n, /, ndim=2):
    """Indices of the main diagonal of an array of `ndim` axes of length `n`."""
    return (xp.arange(n),) * ndim


def diag(x, /, k=0):
    """A vector becomes a matrix with it on the `k`-th diagonal; of a matrix, that diagonal."""
    x = xp.asarray(x)
    if x.ndim == 1:
        n = x.shape[0] + abs(k)
        out = xp.zeros((n, n), dtype=x.dtype)
        if x.shape[0]:
            i = xp.arange(x.shape[0])
            out[i + max(-k, 0), i + max(k, 0)] = x
        return out
    if x.ndim == 2:
        return xp.asarray(xp.linalg.diagonal(x, offset=k), copy=True)
    raise ValueError(f"diag: expected 1 or 2 dimensions, got {x.ndim}")


def diagflat(x, /, k=0):
    """A matrix with the flattened `x` on its `k`-th diagonal."""
    return diag(xp.reshape(xp.asarray(x), (-1,)), k)


def vander(x, /, n=None, increasing=False):
    """The Vandermonde matrix: column `j` is `x` to the power `n - 1 - j`, or `j` if increasing."""
    x = xp.asarray(x)
    n = x.shape[0] if n is None else n
    powers = xp.arange(n) if increasing else xp.arange(n - 1, -1, -1)
    return xp.pow(xp.reshape(x, (-1, 1)), xp.astype(xp.reshape(powers, (1, n)), x.dtype))


def indices(dimensions, /, dtype=None, sparse=False):
    """One array of coordinates per axis of a grid: stacked, or a tuple of open grids if `sparse`."""
    dims = int_tuple(dimensions)
    open_grids = []
    for axis, n in enumerate(dims):
        shape = [1] * len(dims)
        shape[axis] = n
        open_grids.append(xp.reshape(xp.arange(n, dtype=xp.int64 if dtype is None else dtype), tuple(shape)))
    if sparse:
        return tuple(open_grids)
    if not dims:
        return xp.zeros((0,), dtype=xp.int64 if dtype is None else dtype)
    return xp.stack([xp.broadcast_to(g, dims) for g in open_grids])


def fromfunction(function, shape, /, *, dtype=float, **kwargs):
    """`function` called with the coordinate arrays of a grid of this shape."""
    return function(*indices(shape, dtype=xp.float64 if dtype is float else dtype), **kwargs)


def fromiter(iterable, /, dtype=None, count=-1):
    """A 1-D array of the items of an iterable, at most `count` of them."""
    items = []
    for item in iterable:
        if count >= 0 and len(items) == count:
            break
        items.append(item)
    if count >= 0 and len(items) < count:
        raise ValueError(f"fromiter: the iterable gave {len(items)} items where {count} were expected")
    return xp.asarray(items, dtype=dtype) if items else xp.zeros((0,), dtype=dtype)


def fromstring(text, /, dtype=float, count=-1, *, sep):
    """A 1-D array of the numbers in a text, separated by `sep`."""
    parts = text.split() if sep.isspace() else [p for p in text.split(sep) if p.strip()]
    parts = parts if count < 0 else parts[:count]
    dtype = xp.float64 if dtype is float else dtype
    read = float if xp.isdtype(dtype, "real floating") else complex if xp.isdtype(dtype, "complex floating") else int
    return xp.asarray([read(p) for p in parts], dtype=dtype) if parts else xp.zeros((0,), dtype=dtype)


def atleast_1d(*arrays):
    """Each argument as an array of at least one dimension; one array, or a tuple of them."""
    return _each(lambda x: xp.reshape(x, (1,)) if x.ndim == 0 else x, arrays)


def atleast_2d(*arrays):
    """Each argument as an array of at least two dimensions; new axes come first."""
    return _each(lambda x: xp.reshape(x, (1,) * (2 - x.ndim) + tuple(x.shape)) if x.ndim < 2 else x, arrays)


def atleast_3d(*arrays):
    """Each argument as an array of at least three dimensions: a vector becomes `(1, n, 1)`, a matrix `(m, n, 1)`."""

    def one(x):
        if x.ndim < 2:
            return xp.reshape(x, (1, x.size, 1))
        return xp.reshape(x, tuple(x.shape) + (1,)) if x.ndim == 2 else x

    return _each(one, arrays)


def _each(function, arrays):
    out = tuple(function(xp.asarray(x)) for x in arrays)
    return out[0] if len(out) == 1 else out


def _range_of(item):
    """The points of one slice of a grid: an imaginary step counts them and includes the end."""
    start = 0 if item.start is None else item.start
    step = 1 if item.step is None else item.step
    if isinstance(step, complex):
        return xp.linspace(float(start), float(item.stop), int(abs(step)))
    return xp.arange(start, item.stop, step)


class _Grid:
    """What `mgrid` and `ogrid` are: grids by slicing."""

    def __init__(self, sparse):
        self.sparse = sparse

    def __getitem__(self, key):
        if isinstance(key, slice):
            return _range_of(key)
        axes = [_range_of(item) for item in key]
        dtype = xp.result_type(*axes)
        axes = [xp.astype(a, dtype) for a in axes]
        grids = xp.meshgrid(*axes, indexing="ij")
        if not self.sparse:
            return xp.stack(list(grids))
        return tuple(
            xp.reshape(a, tuple(-1 if i == j else 1 for j in range(len(axes)))) for i, a in enumerate(axes)
        )

    def __repr__(self):
        return "ops.ogrid" if self.sparse else "ops.mgrid"


class _Concatenator:
    """What `r_` and `c_` are: joining scalars, ranges and arrays by indexing."""

    def __init__(self, axis, ndmin, trans1d):
        self.defaults = (axis, ndmin, trans1d)

    def __getitem__(self, key):
        axis, ndmin, trans1d = self.defaults
        items = list(key) if isinstance(key, tuple) else [key]
        if items and isinstance(items[0], str):
            numbers = [int(part) for part in items.pop(0).split(",")]
            axis = numbers[0]
            ndmin = numbers[1] if len(numbers) > 1 else ndmin
            trans1d = numbers[2] if len(numbers) > 2 else trans1d
        parts = []
        for item in items:
            part = _range_of(item) if isinstance(item, slice) else xp.asarray(item)
            grew = ndmin - part.ndim
            if part.ndim == 0:
                part = xp.reshape(part, (1,) * max(ndmin, 1))
            elif grew > 0:
                lead = grew if trans1d < 0 else min(trans1d, grew)
                part = xp.reshape(part, (1,) * lead + tuple(part.shape) + (1,) * (grew - lead))
            parts.append(part)
        return xp.concat(parts, axis=axis)


class _Index:
    """What `s_` and `index_exp` are: an index expression as a value."""

    def __init__(self, always_tuple):
        self.always_tuple = always_tuple

    def __getitem__(self, key):
        return (key,) if self.always_tuple and not isinstance(key, tuple) else key


mgrid = _Grid(sparse=False)
ogrid = _Grid(sparse=True)
r_ = _Concatenator(0, 1, -1)
c_ = _Concatenator(-1, 2, 0)
s_ = _Index(always_tuple=False)
index_exp = _Index(always_tuple=True)


def ix_(*sequences):
    """Open grids of indices, so that `x[ix_(rows, cols)]` takes the cross product; bool masks become positions."""
    out = []
    for axis, sequence in enumerate(sequences):
        index = xp.asarray(sequence)
        if index.ndim != 1:
            raise ValueError(f"ix_: argument {axis} has {index.ndim} dimensions where 1 is expected")
        if index.size == 0:
            index = xp.astype(index, xp.int64)
        if xp.isdtype(index.dtype, "bool"):
            (index,) = xp.nonzero(index)
        out.append(xp.reshape(index, tuple(-1 if i == axis else 1 for i in range(len(sequences)))))
    return tuple(out)


def bartlett(n, /):
    """The triangular window of `n` points."""
    return _window(n, lambda k: 1.0 - xp.abs(2.0 * k / (n - 1) - 1.0))


def blackman(n, /):
    """The Blackman window of `n` points."""
    return _cosines(n, 0.42, 0.5, 0.08)


def hamming(n, /):
    """The Hamming window of `n` points."""
    return _cosines(n, 0.54, 0.46)


def hanning(n, /):
    """The Hann window of `n` points."""
    return _cosines(n, 0.5, 0.5)


def kaiser(n, beta, /):
    """The Kaiser window of `n` points with shape parameter `beta`."""
    alpha = (n - 1) / 2.0
    top = lambda k: xp.i0(beta * xp.sqrt(xp.clip(1.0 - ((k - alpha) / alpha) ** 2, 0.0, 1.0)))  # noqa: E731
    return _window(n, lambda k: top(k) / xp.i0(xp.asarray(float(beta))))


def _cosines(n, *weights):
    def value(k):
        x = 2.0 * k - (n - 1)
        total = weights[0]
        # cos(pi (2k - n + 1) / (n - 1)) is symmetric about the middle in floating point as well.
        for j, w in enumerate(weights[1:], start=1):
            total = total + w * xp.cos(math.pi * j * x / (n - 1))
        return total

    return _window(n, value)


def _window(n, value):
    n = int(n)
    if n < 1:
        return xp.zeros((0,), dtype=xp.float64)
    if n == 1:
        return xp.ones((1,), dtype=xp.float64)
    return value(xp.arange(n, dtype=xp.float64))


def asarray_chkfinite(x, /, dtype=None):
    """`asarray` that raises ValueError for infinities and NaN."""
    out = xp.asarray(x, dtype=dtype)
    if xp.isdtype(out.dtype, ("real floating", "complex floating")) and not bool(xp.all(xp.isfinite(out))):
        raise ValueError("asarray_chkfinite: the values must be neither infinite nor NaN")
    return out
