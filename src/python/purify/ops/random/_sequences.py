"""What both generators share: reordering and drawing from Python sequences and arrays of any library."""

from purify import ops as xp


def pick(items, indices):
    """Items of a list at an integer or an array of indices."""
    if isinstance(indices, int):
        return items[indices]
    nested = indices.tolist()

    def at(index):
        return items[index] if isinstance(index, int) else [at(i) for i in index]

    return xp.asarray(at(nested))


def numeric(value):
    """The value as an array, or None when it holds something else than numbers."""
    try:
        out = xp.asarray(value)
    except (TypeError, ValueError):
        return None
    # An array of objects says it is a tensor to those who ask its class.
    return out if issubclass(type(out), xp.Tensor) else None


def reorder(x, order):
    """Brings a mutable sequence or a foreign array into the given order, in place."""
    if hasattr(x, "shape"):
        x[...] = x[order]
    else:
        x[:] = [x[i] for i in order]


def is_integer(value):
    """Integers of Python and 0-d integer arrays."""
    if isinstance(value, int):
        return True
    return hasattr(value, "__index__") and getattr(value, "ndim", 1) == 0 and not isinstance(value, float)


def into(out, size, draw):
    """Draws into the array `out` if one is given, whose shape `size` must agree with."""
    if out is None:
        return draw(size)
    shape = tuple(out.shape)
    if size is not None and (tuple(size) if hasattr(size, "__iter__") else (size,)) != shape:
        raise ValueError("size must match out.shape when used together")
    out[...] = draw(shape)
    return out
