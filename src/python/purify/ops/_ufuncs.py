"""What NumPy's functions of two arrays have as methods: `np.maximum.accumulate(x)` is `ops.accumulate(ops.maximum, x)`."""

from purify import ops as xp

from ._shared import along, one_axis

_LOGICAL = ("logical_and", "logical_or", "logical_xor")


def _operand(f, x):
    x = xp.asarray(x)
    return xp.astype(x, xp.bool) if getattr(f, "__name__", "") in _LOGICAL else x


def accumulate(f, x, /, axis=0):
    """What an associative function of two arrays makes of all elements up to each one, along an axis."""
    out = xp.asarray(_operand(f, x), copy=True)
    axis = one_axis(axis, out.ndim)
    # Every step joins runs of twice the length.
    step = 1
    while step < out.shape[axis]:
        joined = f(out[along(axis, out.ndim, slice(None, -step))], out[along(axis, out.ndim, slice(step, None))])
        out[along(axis, out.ndim, slice(step, None))] = joined
        step *= 2
    return out


def reduce(f, x, /, axis=0, *, keepdims=False):
    """What an associative function of two arrays makes of all elements along an axis; there must be one."""
    x = _operand(f, x)
    axis = one_axis(axis, x.ndim)
    if x.shape[axis] == 0:
        raise ValueError("reduce: there are no elements along the axis")
    while (n := x.shape[axis]) > 1:
        half = n // 2
        joined = f(x[along(axis, x.ndim, slice(0, 2 * half, 2))], x[along(axis, x.ndim, slice(1, 2 * half, 2))])
        x = xp.concat([joined, x[along(axis, x.ndim, slice(2 * half, None))]], axis=axis) if n % 2 else joined
    return x if keepdims else xp.squeeze(x, axis=axis)


def reduceat(f, x, indices, /, axis=0):
    """What an associative function of two arrays makes of the slices between neighbouring indices; an index that is not below the
    next one gives its element alone."""
    x = _operand(f, x)
    axis = one_axis(axis, x.ndim)
    starts = [int(i) for i in xp.asarray(indices)]
    for start in starts:
        if not 0 <= start < x.shape[axis]:
            raise IndexError(f"reduceat: index {start} is out of range for an axis of length {x.shape[axis]}")
    if not starts:
        return x[along(axis, x.ndim, slice(0, 0))]
    ends = [*starts[1:], x.shape[axis]]
    parts = [x[along(axis, x.ndim, slice(a, max(b, a + 1) if b > a else a + 1))] for a, b in zip(starts, ends)]
    return xp.concat([reduce(f, part, axis, keepdims=True) for part in parts], axis=axis)


def update_at(f, x, indices, values=None, /):
    """Replaces the elements at `indices` by `f` of them and `values`; an element that is named twice is replaced twice."""
    places = xp.reshape(xp.arange(x.size), tuple(x.shape))[indices]
    shape = tuple(places.shape)
    places = xp.reshape(places, (-1,))
    if values is not None:
        values = xp.reshape(xp.broadcast_to(xp.asarray(values), shape), (-1,))
    flat = xp.asarray(xp.reshape(x, (-1,)), copy=True)
    for turn in _turns(places):
        old = flat[places[turn]]
        new = f(old) if values is None else f(old, values[turn])
        if not xp.can_cast(new.dtype, flat.dtype, casting="same_kind"):
            raise TypeError(f"update_at: an array of {flat.dtype} cannot hold a result of {new.dtype}")
        flat[places[turn]] = new
    x[...] = xp.reshape(flat, tuple(x.shape))


def _turns(places):
    """The positions in `places`, in groups that name each place once: first occurrences, second ones, and so on."""
    order = xp.argsort(places)
    ordered = places[order]
    at = xp.arange(places.size)
    first = xp.concat([xp.ones((1,), dtype=xp.bool), ordered[1:] != ordered[:-1]])[: places.size]
    rank = at - accumulate(xp.maximum, xp.where(first, at, 0)) if places.size else at
    for turn in range(int(xp.max(rank)) + 1 if places.size else 0):
        yield order[rank == turn]


def apply_outer(f, a, b, /):
    """`f` of every element of `a` with every element of `b`; the axes of `a` come first."""
    a, b = xp.asarray(a), xp.asarray(b)
    return f(xp.reshape(a, tuple(a.shape) + (1,) * b.ndim), b)
