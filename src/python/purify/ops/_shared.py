"""What the extension functions share: turning arguments into arrays of the current backend."""

from purify import ops as xp


def is_array(value):
    """True for arrays of any library: whatever has a shape and a dtype."""
    return hasattr(value, "shape") and hasattr(value, "dtype")


def as_arrays(*values):
    """Arrays of all arguments. A Python number takes the kind of the first array beside it, as in an operator."""
    first = next((v for v in values if is_array(v)), None)
    if first is None:
        return tuple(xp.asarray(v) for v in values)
    return tuple(_beside(v, first) if type(v) in (bool, int, float, complex) else xp.asarray(v) for v in values)


def _beside(number, array):
    dtype = xp.result_type(array, number)
    return xp.asarray(number, dtype=dtype)


def as_float(x):
    """`x` as an array of a floating-point dtype: integers and booleans become float64."""
    x = xp.asarray(x)
    if xp.isdtype(x.dtype, ("real floating", "complex floating")):
        return x
    return xp.astype(x, xp.float64)


def axis_tuple(axis, ndim):
    """`axis` as a tuple of non-negative axes; None means all of them."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(one_axis(a, ndim) for a in axes)


def one_axis(axis, ndim):
    """`axis` counted from the front, or the error that says what it should have been."""
    axis = axis.__index__()
    if not -ndim <= axis < ndim:
        raise IndexError(f"axis {axis} is out of range for an array of {ndim} dimensions")
    return axis % ndim


def int_tuple(value):
    """An int or a sequence of ints as a tuple of ints."""
    if hasattr(value, "__index__") and getattr(value, "ndim", 0) == 0:
        return (value.__index__(),)
    return tuple(v.__index__() for v in value)


def along(axis, ndim, item):
    """The index that applies `item` on one axis and takes all of the others."""
    return (slice(None),) * axis + (item,) + (slice(None),) * (ndim - axis - 1)


def move_to_last(x, axes):
    """`x` with `axes` flattened into one last axis, and the shape of the axes that stayed in front."""
    keep = tuple(a for a in range(x.ndim) if a not in axes)
    lead = tuple(x.shape[a] for a in keep)
    count = 1
    for a in axes:
        count *= x.shape[a]
    return xp.reshape(xp.permute_dims(x, keep + tuple(axes)), lead + (count,)), lead


def kept_shape(shape, axes):
    """`shape` with the reduced axes of length one."""
    return tuple(1 if i in axes else n for i, n in enumerate(shape))
