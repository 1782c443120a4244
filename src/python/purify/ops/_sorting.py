"""Sorting extensions, over the standard's own functions."""

from purify import ops as xp

from ._shared import along, one_axis


def lexsort(keys, /, axis=-1):
    """Indices that sort by several keys, the last one first in rank."""
    keys = [xp.asarray(k) for k in keys]
    axis = one_axis(axis, keys[0].ndim)
    order = xp.argsort(keys[0], axis=axis, stable=True)
    for key in keys[1:]:
        step = xp.argsort(xp.take_along_axis(key, order, axis=axis), axis=axis, stable=True)
        order = xp.take_along_axis(order, step, axis=axis)
    return order


def partition(x, kth, /, axis=-1):
    """`x` with the `kth` smallest element in its place, smaller ones before it: here simply sorted."""
    x = xp.asarray(x)
    return xp.sort(xp.reshape(x, (-1,)) if axis is None else x, axis=-1 if axis is None else axis)


def argpartition(x, kth, /, axis=-1):
    """Indices that `partition`: here those that sort."""
    x = xp.asarray(x)
    return xp.argsort(xp.reshape(x, (-1,)) if axis is None else x, axis=-1 if axis is None else axis)


def topk(x, k, /, *, axis=-1, largest=True, sorted=True):
    """The `k` largest (or smallest) elements along an axis and their indices: a named tuple."""
    from ._results import TopkResult

    x = xp.asarray(x)
    axis = one_axis(axis, x.ndim)
    if not 0 <= k <= x.shape[axis]:
        raise ValueError(f"topk: k={k} is out of range for an axis of length {x.shape[axis]}")
    index = xp.argsort(x, axis=axis, descending=largest, stable=True)[along(axis, x.ndim, slice(0, k))]
    return TopkResult(xp.take_along_axis(x, index, axis=axis), index)


def sort_complex(x, /):
    """Sorted along the last axis by real, then imaginary part; complex."""
    x = xp.asarray(x)
    if xp.isdtype(x.dtype, "complex floating"):
        out = x
    else:
        # The narrow integers fit in single precision.
        out = xp.astype(x, xp.complex64 if x.dtype in (xp.int8, xp.uint8, xp.int16, xp.uint16) else xp.complex128)
    return xp.take_along_axis(out, lexsort((xp.imag(out), xp.real(out))), axis=-1)


def msort(x, /):
    """Sorted along the first axis."""
    return xp.sort(xp.asarray(x), axis=0)
