"""Moving values between arrays and the rest of Python."""

from purify import _native
from purify import ops as xp


def to_numpy(x, /):
    """A NumPy array of the values, over the same memory where possible. Needs NumPy."""
    import numpy

    return numpy.asarray(x)


def array_function(self, function, types, arguments, options):
    """What NumPy's own functions make of tensors: the same as of the NumPy arrays over their memory.

    Code that has not moved yet meets tensors of code that has. Without this, NumPy looks for methods of a tensor that take
    all that its own take (`out`, `where`, `dtype`), and finds others.
    """
    import numpy

    def plain(value):
        if isinstance(value, _native.Tensor):
            return numpy.asarray(value)
        if type(value) in (list, tuple):
            return type(value)(map(plain, value))
        return value

    result = function(*map(plain, arguments), **{name: plain(value) for name, value in options.items()})
    out = options.get("out")
    return out if isinstance(out, _native.Tensor) else result


def item(x, /):
    """The one element as a Python number."""
    return x.item() if hasattr(x, "item") else xp.asarray(x).item()


def tolist(x, /):
    """The elements as nested lists of Python numbers."""
    return x.tolist() if hasattr(x, "tolist") else xp.asarray(x).tolist()


def shape(x, /):
    """The lengths of the axes of an array or of nested sequences; a tuple."""
    return tuple(x.shape) if hasattr(x, "shape") else tuple(xp.asarray(x).shape)


def ndim(x, /):
    """The number of axes."""
    return x.ndim if hasattr(x, "ndim") else xp.asarray(x).ndim


def size(x, /, axis=None):
    """The number of elements, or the length of one axis."""
    lengths = shape(x)
    if axis is not None:
        return lengths[axis]
    count = 1
    for n in lengths:
        count *= n
    return count


def to_device(x, device, /):
    """The array on a device."""
    return x.to_device(device) if hasattr(x, "to_device") else x.to(device)


def get_device(x, /):
    """The device an array is on."""
    return x.device


def frombuffer(buffer, /, dtype=float, count=-1, offset=0):
    """A 1-D array over the bytes of an object; the memory is shared."""
    dtype = _native.dtype(dtype)
    data = memoryview(buffer).cast("B")[offset:]
    if count < 0:
        if len(data) % dtype.itemsize:
            raise ValueError(f"frombuffer: {len(data)} bytes are no multiple of the {dtype.itemsize} bytes of {dtype}")
        count = len(data) // dtype.itemsize
    if len(data) < count * dtype.itemsize:
        raise ValueError(f"frombuffer: {count} elements of {dtype} need {count * dtype.itemsize} bytes, there are {len(data)}")
    return _native.asarray(data[: count * dtype.itemsize]).view(dtype)


def require(x, /, dtype=None, requirements=None):
    """`x` as an array of that dtype that is contiguous, writable and owns its memory, as far as required."""
    out = xp.asarray(x, dtype=dtype)
    wanted = {r[0].upper() for r in ([requirements] if isinstance(requirements, str) else requirements or [])}
    copy = ("C" in wanted and not out.flags.c_contiguous) or ("W" in wanted and not out.flags.writeable) or "O" in wanted
    return xp.asarray(out, copy=True) if copy else out


def byte_bounds(x, /):
    """The first address of the memory an array touches, and the one after the last."""
    start, _ = x.__array_interface__["data"]
    low = high = start
    for n, step in zip(x.shape, x.strides):
        if n == 0:
            return start, start
        low, high = min(low, low + (n - 1) * step), max(high, high + (n - 1) * step)
    return low, high + x.itemsize


def may_share_memory(x1, x2, /, max_work=None):
    """Whether the memory bounds of two arrays overlap."""
    (a, b), (c, d) = byte_bounds(xp.asarray(x1)), byte_bounds(xp.asarray(x2))
    return a < d and c < b


def shares_memory(x1, x2, /, max_work=None):
    """Whether two arrays have an element in common."""
    x1, x2 = xp.asarray(x1), xp.asarray(x2)
    if not may_share_memory(x1, x2) or x1.size == 0 or x2.size == 0:
        return False

    def addresses(x):
        from itertools import product

        base, _ = x.__array_interface__["data"]
        for index in product(*(range(n) for n in x.shape)):
            start = base + sum(i * s for i, s in zip(index, x.strides))
            yield from range(start, start + x.itemsize)

    return not set(addresses(x1)).isdisjoint(addresses(x2))
