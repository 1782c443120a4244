"""Indexing extensions: reading and writing at positions, over the standard's own functions."""

import math
from itertools import product

from purify import ops as xp

from ._shared import as_arrays, int_tuple, one_axis


def index_update(x, index, value, /):
    """A copy of `x` with `value` written at `index`; `x` itself stays as it is."""
    out = xp.asarray(x, copy=True)
    out[index] = value
    return out


def argwhere(x, /):
    """The indices of the elements that are not zero, one row each; shape `(n, x.ndim)`."""
    x = xp.asarray(x)
    if x.ndim == 0:
        return xp.zeros((int(bool(x)), 0), dtype=xp.int64)
    return xp.stack(list(xp.nonzero(x)), axis=1)


def flatnonzero(x, /):
    """The flat positions of the elements that are not zero."""
    return xp.nonzero(xp.reshape(xp.asarray(x), (-1,)))[0]


def diagonal(x, /, offset=0, axis1=0, axis2=1):
    """The diagonal of two axes, as NumPy counts them: by default the first two."""
    x = xp.asarray(x)
    a, b = one_axis(axis1, x.ndim), one_axis(axis2, x.ndim)
    rest = tuple(i for i in range(x.ndim) if i not in (a, b))
    return xp.linalg.diagonal(xp.permute_dims(x, (*rest, a, b)), offset=offset)


def extract(condition, x, /):
    """The elements of the flattened `x` where the condition holds."""
    mask = xp.astype(xp.reshape(xp.asarray(condition), (-1,)), xp.bool)
    flat = xp.reshape(xp.asarray(x), (-1,))
    return flat[: mask.shape[0]][mask[: flat.shape[0]]]


def compress(condition, x, /, axis=None):
    """The parts of `x` along an axis (or of the flattened array) where a vector of conditions holds."""
    x = xp.asarray(x)
    if axis is None:
        x, axis = xp.reshape(x, (-1,)), 0
    (where,) = xp.nonzero(xp.astype(xp.asarray(condition), xp.bool))
    return xp.take(x, where, axis=axis)


def choose(x, choices, /, mode="raise"):
    """At each place the element of the array that `x` numbers there."""
    choices = xp.broadcast_arrays(*(xp.asarray(c) for c in choices))
    index = _bounded(xp.asarray(x), len(choices), mode, "choose")
    index, *choices = xp.broadcast_arrays(index, *choices)
    out = choices[0]
    for i, choice in enumerate(choices[1:], start=1):
        out = xp.where(xp.equal(index, i), choice, out)
    return xp.asarray(out, copy=True)


def _bounded(index, n, mode, name):
    if mode == "clip":
        return xp.clip(index, 0, n - 1)
    if mode == "wrap":
        return xp.remainder(index, n)
    if index.size and bool(xp.any(xp.logical_or(xp.less(index, -n), xp.greater_equal(index, n)))):
        raise IndexError(f"{name}: an index is out of bounds for size {n}")
    return xp.where(xp.less(index, 0), index + n, index)


def put(x, indices, values, /, mode="raise"):
    """Writes values, repeated as needed, at flat positions of `x`, in place."""
    index = xp.reshape(_bounded(xp.asarray(indices), x.size, mode, "put"), (-1,))
    values = xp.reshape(xp.asarray(values), (-1,))
    if index.size == 0:
        return
    if values.size == 0:
        raise ValueError("put: there are positions but no values")
    values = values[xp.remainder(xp.arange(index.size), values.size)]
    x[unravel_index(index, x.shape)] = values


def place(x, mask, values, /):
    """Writes values, repeated as needed, where the mask holds, in place."""
    mask = xp.astype(xp.asarray(mask), xp.bool)
    count = int(xp.sum(xp.astype(mask, xp.int64)))
    values = xp.reshape(xp.asarray(values), (-1,))
    if count:
        if values.size == 0:
            raise ValueError("place: there are places but no values")
        x[mask] = values[xp.remainder(xp.arange(count), values.size)]


def putmask(x, mask, values, /):
    """Writes where the mask holds, each place from the same flat position of `values` (repeated as needed), in place."""
    values = xp.reshape(xp.asarray(values), (-1,))
    mask = xp.astype(xp.asarray(mask), xp.bool)
    if values.size:
        spread = xp.reshape(values[xp.remainder(xp.arange(x.size), values.size)], x.shape)
        x[mask] = spread[mask]


def copyto(dst, src, /, casting="same_kind", where=True):
    """Writes `src`, broadcast, into `dst`, in place; only where `where` holds."""
    if where is True:
        dst[...] = src
        return
    mask = xp.broadcast_to(xp.astype(xp.asarray(where), xp.bool), dst.shape)
    dst[mask] = xp.broadcast_to(xp.asarray(src), dst.shape)[mask]


def _axis_index(x, indices, axis):
    """The index tuple that pairs positions along one axis with all others."""
    indices = xp.asarray(indices)
    if indices.ndim != x.ndim:
        raise ValueError(f"the indices have {indices.ndim} dimensions where the array has {x.ndim}")
    shape = [1] * x.ndim
    out = []
    for i in range(x.ndim):
        if i == axis:
            out.append(indices)
        else:
            shape[i] = x.shape[i]
            out.append(xp.reshape(xp.arange(x.shape[i]), tuple(shape)))
            shape[i] = 1
    return tuple(out)


def put_along_axis(x, indices, values, /, axis):
    """Writes values at positions along an axis, in place: the counterpart of `take_along_axis`."""
    if axis is None:
        put(x, indices, values)
        return
    x[_axis_index(x, indices, one_axis(axis, x.ndim))] = values


def fill_diagonal(x, value, /, wrap=False):
    """Writes on the main diagonal, in place; `wrap` continues it in tall matrices."""
    if x.ndim < 2:
        raise ValueError("fill_diagonal: at least 2 dimensions are needed")
    if x.ndim > 2 and len(set(x.shape)) != 1:
        raise ValueError(f"fill_diagonal: all axes must be of one length, got shape {tuple(x.shape)}")
    value = xp.asarray(value)
    if x.ndim == 2:
        rows, cols = x.shape
        count = min(rows, cols)
        i, j = xp.arange(count), xp.arange(count)
        if wrap and rows > cols:
            flat = xp.arange(0, rows * cols, cols + 1)
            i, j = xp.floor_divide(flat, cols), xp.remainder(flat, cols)
        index = (i, j)
    else:
        index = (xp.arange(x.shape[0]),) * x.ndim
    n = index[0].shape[0]
    if value.ndim:
        flat = xp.reshape(value, (-1,))
        value = flat[xp.remainder(xp.arange(n), flat.size)]
    x[index] = value


def unravel_index(indices, shape, /, order="C"):
    """Flat positions as a tuple of index arrays for a shape."""
    shape = int_tuple(shape)
    index = xp.asarray(indices)
    if not xp.isdtype(index.dtype, "integral"):
        raise TypeError(f"unravel_index: indices must be integers, got {index.dtype}")
    size = math.prod(shape)
    if index.size and bool(xp.any(xp.logical_or(xp.less(index, 0), xp.greater_equal(index, size)))):
        raise ValueError(f"unravel_index: an index is out of bounds for an array with size {size}")
    out = []
    for n in shape if order == "F" else reversed(shape):
        out.append(xp.remainder(index, n))
        index = xp.floor_divide(index, n)
    return tuple(out if order == "F" else reversed(out))


def ravel_multi_index(multi_index, dims, /, mode="raise", order="C"):
    """A tuple of index arrays as flat positions for a shape; `mode` is "raise", "wrap" or "clip", one or one per axis."""
    dims = int_tuple(dims)
    modes = (mode,) * len(dims) if isinstance(mode, str) else tuple(mode)
    parts = []
    for part, n, how in zip(multi_index, dims, modes):
        part = xp.asarray(part)
        if how == "raise" and part.size and bool(xp.any(xp.less(part, 0))):
            raise ValueError("ravel_multi_index: an index is negative; use mode='wrap'")
        try:
            parts.append(_bounded(part, n, how, "ravel_multi_index"))
        except IndexError as error:
            raise ValueError(str(error)) from None
    pairs = list(zip(parts, dims))
    out = None
    for part, n in reversed(pairs) if order == "F" else pairs:
        out = part if out is None else out * n + part
    return out


def select(conditions, choices, /, default=0):
    """At each place the choice of the first condition that holds there, else the default."""
    conditions, choices = list(conditions), list(choices)
    if len(conditions) != len(choices) or not conditions:
        raise ValueError(f"select: {len(conditions)} conditions for {len(choices)} choices")
    *choices, default = as_arrays(*choices, default)
    dtype = xp.result_type(*choices, default)
    out = xp.astype(default, dtype)
    for condition, choice in zip(reversed(conditions), reversed(choices)):
        condition = xp.asarray(condition)
        if not xp.isdtype(condition.dtype, "bool"):
            raise TypeError("select: conditions must be bool arrays")
        out = xp.where(condition, xp.astype(choice, dtype), out)
    return out


def piecewise(x, conditions, functions, /, *args, **kwargs):
    """A function in pieces: where a condition holds, its function (or constant) of the elements there.

    One function more than conditions is for the places where none holds; otherwise those are zero.
    """
    x = xp.asarray(x)
    if not isinstance(conditions, (list, tuple)):
        conditions = [conditions]
    elif conditions and not hasattr(conditions[0], "__len__") and not hasattr(conditions[0], "ndim"):
        conditions = [conditions] if x.ndim else list(conditions)
    conditions = [xp.astype(xp.asarray(c), xp.bool) for c in conditions]
    functions = list(functions)
    if len(functions) == len(conditions) + 1:
        rest = xp.ones(x.shape, dtype=xp.bool)
        for c in conditions:
            rest = xp.logical_and(rest, xp.logical_not(c))
        conditions.append(rest)
    elif len(functions) != len(conditions):
        raise ValueError(f"piecewise: {len(functions)} functions for {len(conditions)} conditions")
    out = xp.zeros_like(x)
    for condition, function in zip(conditions, functions):
        condition = xp.broadcast_to(condition, x.shape)
        if bool(xp.any(condition)):
            out[condition] = function(x[condition], *args, **kwargs) if callable(function) else function
    return out


class ndindex:
    """Iterates over all index tuples of a shape in row-major order."""

    def __init__(self, *shape):
        shape = shape[0] if len(shape) == 1 and not hasattr(shape[0], "__index__") else shape
        self._positions = product(*(range(n) for n in int_tuple(shape)))

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._positions)


class ndenumerate:
    """Iterates over pairs of index tuple and element in row-major order."""

    def __init__(self, x, /):
        x = xp.asarray(x)
        self._items = zip(product(*(range(n) for n in x.shape)), xp.reshape(x, (-1,)))

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._items)




def diag_indices_from(x, /):
    """The indices of the main diagonal of an array whose axes are of one length."""
    if x.ndim < 2 or len(set(x.shape)) != 1:
        raise ValueError(f"diag_indices_from: all axes must be of one length, got shape {tuple(x.shape)}")
    return (xp.arange(x.shape[0]),) * x.ndim


def mask_indices(n, mask_func, /, k=0):
    """The indices of an `(n, n)` matrix that a function like `triu` keeps."""
    return xp.nonzero(mask_func(xp.ones((n, n)), k=k) if k else mask_func(xp.ones((n, n))))
