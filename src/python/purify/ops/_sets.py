"""Set extensions: NumPy's `unique` with its flags, and unions and differences, over the standard's own functions."""

import math

from purify import ops as xp

from ._shared import one_axis


def unique(x, /, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True, sorted=True):
    """The distinct elements (or, with an axis, the distinct slices) in order; with flags a tuple that goes on with the
    first indices, the inverse and the counts."""
    x = xp.asarray(x)
    if axis is not None:
        return _unique_slices(x, one_axis(axis, x.ndim), return_index, return_inverse, return_counts)
    flat = xp.reshape(x, (-1,))
    n = flat.shape[0]
    order = xp.argsort(flat, stable=True)
    ordered = flat[order]
    first = _starts(ordered, equal_nan)
    out = [ordered[first]]
    if not (return_index or return_inverse or return_counts):
        return out[0]
    if return_index:
        out.append(order[first])
    if return_inverse:
        inverse = xp.zeros((n,), dtype=xp.int64)
        if n:
            inverse[order] = xp.cumulative_sum(xp.astype(first, xp.int64)) - 1
        out.append(xp.reshape(inverse, x.shape))
    if return_counts:
        (where,) = xp.nonzero(first)
        edges = xp.concat([where, xp.asarray([n], dtype=where.dtype)])
        out.append(edges[1:] - edges[:-1])
    return tuple(out)


def _starts(ordered, equal_nan):
    """Where a new value begins in a sorted vector."""
    n = ordered.shape[0]
    first = xp.ones((n,), dtype=xp.bool)
    if n > 1:
        differ = xp.not_equal(ordered[1:], ordered[:-1])
        if equal_nan and xp.isdtype(ordered.dtype, ("real floating", "complex floating")):
            gone = xp.isnan(ordered)
            differ = xp.logical_and(differ, xp.logical_not(xp.logical_and(gone[1:], gone[:-1])))
        first[1:] = differ
    return first


def _unique_slices(x, axis, return_index, return_inverse, return_counts):
    moved = xp.moveaxis(x, axis, 0)
    rows = xp.reshape(moved, (moved.shape[0], math.prod(moved.shape[1:])))
    # Sorting by the last column first and the first column last is the lexicographic order of rows.
    order = xp.arange(rows.shape[0])
    for column in range(rows.shape[1] - 1, -1, -1):
        order = order[xp.argsort(rows[order, column], stable=True)]
    ordered = rows[order]
    n = rows.shape[0]
    first = xp.ones((n,), dtype=xp.bool)
    if n > 1:
        first[1:] = xp.any(xp.not_equal(ordered[1:], ordered[:-1]), axis=1)
    picked = moved[order[first]]
    out = [xp.moveaxis(picked, 0, axis)]
    if return_index:
        out.append(order[first])
    if return_inverse:
        inverse = xp.zeros((n,), dtype=xp.int64)
        if n:
            inverse[order] = xp.cumulative_sum(xp.astype(first, xp.int64)) - 1
        out.append(inverse)
    if return_counts:
        (where,) = xp.nonzero(first)
        edges = xp.concat([where, xp.asarray([n], dtype=where.dtype)])
        out.append(edges[1:] - edges[:-1])
    return out[0] if len(out) == 1 else tuple(out)


def union1d(x1, x2, /):
    """The sorted distinct elements of both."""
    return unique(xp.concat([_flat(x1), _flat(x2)]))


def intersect1d(x1, x2, /, assume_unique=False, return_indices=False):
    """The sorted distinct elements that are in both; with flags also their first indices in each."""
    a, b = _flat(x1), _flat(x2)
    values = unique(a)
    values = values[xp.isin(values, b)]
    if not return_indices:
        return values
    return values, _first_index(a, values), _first_index(b, values)


def _first_index(x, values):
    distinct, index = unique(x, return_index=True)
    return index[xp.searchsorted(distinct, values)]


def setdiff1d(x1, x2, /, assume_unique=False):
    """The elements of the first that are not in the second: sorted and distinct, or as they come if they are unique."""
    a = _flat(x1) if assume_unique else unique(x1)
    return a[xp.logical_not(xp.isin(a, _flat(x2)))]


def setxor1d(x1, x2, /, assume_unique=False):
    """The sorted distinct elements that are in exactly one of both."""
    a, b = unique(x1), unique(x2)
    only_a = a[xp.logical_not(xp.isin(a, b))]
    only_b = b[xp.logical_not(xp.isin(b, a))]
    return xp.sort(xp.concat([only_a, only_b]))


def in1d(x1, x2, /, assume_unique=False, invert=False):
    """`isin` of the flattened first operand."""
    return xp.isin(_flat(x1), xp.asarray(x2), invert=invert)


def array_equal(x1, x2, /, equal_nan=False):
    """True if both have the same shape and elements; a Python bool."""
    x1, x2 = xp.asarray(x1), xp.asarray(x2)
    if tuple(x1.shape) != tuple(x2.shape):
        return False
    return bool(xp.all(_same(x1, x2, equal_nan)))


def array_equiv(x1, x2, /):
    """True if both broadcast to the same elements; a Python bool."""
    try:
        return bool(xp.all(xp.equal(xp.asarray(x1), xp.asarray(x2))))
    except ValueError:
        return False


def _same(x1, x2, equal_nan):
    out = xp.equal(x1, x2)
    floating = ("real floating", "complex floating")
    if equal_nan and xp.isdtype(x1.dtype, floating) and xp.isdtype(x2.dtype, floating):
        out = xp.logical_or(out, xp.logical_and(xp.isnan(x1), xp.isnan(x2)))
    return out


def _flat(x):
    return xp.reshape(xp.asarray(x), (-1,))
