"""`ops.nn`: functions of neural networks, with the meaning they have in `torch.nn.functional` and the names of `ops`.

The functions are those of the compiled core; what moves or selects elements is written here.
"""

import contextlib
import math
from collections import namedtuple

from purify import _native
from purify import ops as xp

from ._shared import along, one_axis
from ._sorting import topk  # noqa: F401 - part of this namespace

for _name, _value in vars(_native.nn).items():
    if not _name.startswith("_"):
        globals()[_name] = _value
erf, erfc = _native.erf, _native.erfc

_Pair = namedtuple("ValuesIndices", "values indices")


def tensor(data, /, *, dtype=None, device=None):
    """A new array with the values of `data`; Python floats become float32, as torch has them."""
    out = xp.asarray(data, dtype=dtype, device=device, copy=True if hasattr(data, "dtype") else None)
    if dtype is None and not hasattr(data, "dtype"):
        narrow = {"float64": xp.float32, "complex128": xp.complex64}.get(out.dtype.name)
        return out if narrow is None else xp.astype(out, narrow)
    return out


@contextlib.contextmanager
def no_grad():
    """A context without effect: nothing here records gradients."""
    yield


def dropout(x, /, p=0.5, *, training=True):
    """Zeros elements with probability `p` and scales the others by `1 / (1 - p)`; without training, `x` itself."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout: p={p} is not a probability")
    x = xp.asarray(x)
    if not training or p == 0.0:
        return x
    if p == 1.0:
        return xp.zeros_like(x)
    keep = xp.greater_equal(xp.random.random(x.shape), p)
    return xp.multiply(x, xp.divide(xp.astype(keep, x.dtype), 1.0 - p))


def flatten(x, /, *, start_axis=0, end_axis=-1):
    """A range of axes joined into one."""
    x = xp.asarray(x)
    if x.ndim == 0:
        return xp.reshape(x, (1,))
    a, b = one_axis(start_axis, x.ndim), one_axis(end_axis, x.ndim)
    if a > b:
        raise ValueError(f"flatten: start_axis {start_axis} lies behind end_axis {end_axis}")
    return xp.reshape(x, tuple(x.shape[:a]) + (math.prod(x.shape[a : b + 1]),) + tuple(x.shape[b + 1 :]))


def unflatten(x, /, axis, shape):
    """One axis split into several; one length may be -1."""
    x = xp.asarray(x)
    axis = one_axis(axis, x.ndim)
    shape = list(shape)
    if -1 in shape:
        rest = -math.prod(shape)
        shape[shape.index(-1)] = x.shape[axis] // rest if rest else 0
    return xp.reshape(x, tuple(x.shape[:axis]) + tuple(shape) + tuple(x.shape[axis + 1 :]))


def expand(x, shape, /):
    """`broadcast_to` where -1 keeps a length."""
    x = xp.asarray(x)
    lead = len(shape) - x.ndim
    return xp.broadcast_to(x, tuple(x.shape[i - lead] if n == -1 else n for i, n in enumerate(shape)))


def split(x, lengths, /, *, axis=0):
    """Parts of the given lengths along an axis, or all of one length but the last; a tuple of views."""
    x = xp.asarray(x)
    axis = one_axis(axis, x.ndim)
    n = x.shape[axis]
    if hasattr(lengths, "__index__"):
        step = lengths.__index__()
        if step <= 0:
            raise ValueError(f"split: the length must be positive, got {step}")
        lengths = [min(step, n - start) for start in range(0, n, step)] or [0]
    if sum(lengths) != n:
        raise ValueError(f"split: lengths {list(lengths)} do not add up to {n}")
    out, start = [], 0
    for length in lengths:
        out.append(x[along(axis, x.ndim, slice(start, start + length))])
        start += length
    return tuple(out)


def chunk(x, n, /, *, axis=0):
    """At most `n` parts of equal length, the last one shorter; a tuple of views."""
    x = xp.asarray(x)
    length = x.shape[one_axis(axis, x.ndim)]
    return split(x, max(-(-length // n), 1), axis=axis)


def pad(x, pad, /, mode="constant", value=0):
    """Margins given as a flat list that starts with the last axis; modes constant, reflect, replicate and circular."""
    x = xp.asarray(x)
    pairs = [(0, 0)] * x.ndim
    for i in range(len(pad) // 2):
        pairs[x.ndim - 1 - i] = (pad[2 * i], pad[2 * i + 1])
    # Negative margins cut.
    index = tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(pairs, x.shape))
    x = x[index]
    widths = [(max(a, 0), max(b, 0)) for a, b in pairs]
    if mode == "constant":
        return xp.pad(x, widths, constant_values=value)
    names = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    if mode not in names:
        raise ValueError(f"pad: mode {mode!r} is not one of constant, {', '.join(names)}")
    return xp.pad(x, widths, mode=names[mode])


def _grid(indices, axis):
    """Index arrays that pair `indices` along one axis with their own positions along the others."""
    out = []
    for i, n in enumerate(indices.shape):
        shape = [1] * indices.ndim
        shape[i] = n
        out.append(indices if i == axis else xp.reshape(xp.arange(n), tuple(shape)))
    return tuple(out)


def gather(x, indices, /, *, axis):
    """The elements at positions along an axis; `indices` may be smaller than `x` along the others."""
    x, indices = xp.asarray(x), xp.asarray(indices)
    return x[_grid(indices, one_axis(axis, x.ndim))]


def scatter(x, indices, values, /, *, axis, reduction=None):
    """A copy of `x` with values written at positions along an axis; `reduction` is None, "add" or "multiply"."""
    x, indices = xp.asarray(x), xp.asarray(indices)
    axis = one_axis(axis, x.ndim)
    values = xp.astype(xp.asarray(values), x.dtype)
    values = xp.broadcast_to(values, indices.shape) if values.ndim == 0 else values[tuple(slice(0, n) for n in indices.shape)]
    out = xp.asarray(x, copy=True)
    if reduction is None:
        out[_grid(indices, axis)] = values
        return out
    if reduction not in ("add", "multiply", "sum", "prod"):
        raise ValueError(f"scatter: reduction {reduction!r} is not one of None, 'add', 'multiply'")
    # One slice along the axis at a time: within it no position occurs twice.
    for i in range(indices.shape[axis]):
        part = along(axis, indices.ndim, slice(i, i + 1))
        place = _grid(indices[part], axis)
        out[place] = out[place] + values[part] if reduction in ("add", "sum") else out[place] * values[part]
    return out


def index_add(x, indices, values, /, *, axis, alpha=1):
    """A copy of `x` with slices added at positions along an axis; positions may repeat."""
    out = xp.asarray(x, copy=True)
    axis = one_axis(axis, out.ndim)
    values = xp.asarray(values)
    for j, i in enumerate(xp.asarray(indices).tolist()):
        place = along(axis, out.ndim, i)
        out[place] = out[place] + xp.multiply(values[along(axis, out.ndim, j)], alpha)
    return out


def index_copy(x, indices, values, /, *, axis):
    """A copy of `x` with slices written at positions along an axis."""
    out = xp.asarray(x, copy=True)
    out[along(one_axis(axis, out.ndim), out.ndim, xp.asarray(indices))] = values
    return out


def index_fill(x, indices, value, /, *, axis):
    """A copy of `x` with one value written at positions along an axis."""
    out = xp.asarray(x, copy=True)
    out[along(one_axis(axis, out.ndim), out.ndim, xp.asarray(indices))] = value
    return out


def sort_with_indices(x, /, *, axis=-1, descending=False, stable=True):
    """The sorted elements along an axis and their indices: a named tuple."""
    index = xp.argsort(x, axis=axis, descending=descending, stable=stable)
    return _Pair(xp.take_along_axis(xp.asarray(x), index, axis=axis), index)


def max_with_indices(x, /, *, axis, keepdims=False):
    """The largest elements along an axis and their first indices: a named tuple."""
    return _Pair(xp.max(x, axis=axis, keepdims=keepdims), xp.argmax(x, axis=axis, keepdims=keepdims))


def min_with_indices(x, /, *, axis, keepdims=False):
    """The smallest elements along an axis and their first indices: a named tuple."""
    return _Pair(xp.min(x, axis=axis, keepdims=keepdims), xp.argmin(x, axis=axis, keepdims=keepdims))


def kthvalue(x, k, /, *, axis=-1, keepdims=False):
    """The `k`-th smallest elements along an axis, counted from 1, and their indices: a named tuple."""
    x = xp.asarray(x)
    axis = one_axis(axis, x.ndim)
    if not 1 <= k <= x.shape[axis]:
        raise ValueError(f"kthvalue: k={k} is out of range for an axis of length {x.shape[axis]}")
    place = slice(k - 1, k) if keepdims else k - 1
    index = xp.argsort(x, axis=axis)[along(axis, x.ndim, slice(k - 1, k))]
    values = xp.take_along_axis(x, index, axis=axis)
    del place
    return _Pair(values, index) if keepdims else _Pair(xp.squeeze(values, axis), xp.squeeze(index, axis))


def _windows(x, kernel_size, stride, padding, dilation, ceil_mode, fill):
    """The windows over the last three axes, as three last axes more; and which of their elements are padding."""
    axes = 3
    three = lambda v: (v,) * axes if hasattr(v, "__index__") else tuple(v)  # noqa: E731
    kernel, padding, dilation = three(kernel_size), three(padding), three(dilation)
    stride = kernel if stride is None else three(stride)
    inside = xp.ones(x.shape, dtype=xp.bool)
    for i in range(axes):
        axis = x.ndim - axes + i
        n = x.shape[axis]
        span = dilation[i] * (kernel[i] - 1) + 1
        room = n + 2 * padding[i] - span
        count = (-(-room // stride[i]) if ceil_mode else room // stride[i]) + 1
        if ceil_mode and (count - 1) * stride[i] >= n + padding[i]:
            count -= 1
        extra = max((count - 1) * stride[i] + span - n - padding[i], padding[i])
        widths = [(0, 0)] * x.ndim
        widths[axis] = (padding[i], extra)
        x = xp.pad(x, widths, constant_values=fill)
        inside = xp.pad(inside, widths, constant_values=False)
        index = (xp.reshape(xp.arange(count) * stride[i], (-1, 1)) + xp.arange(kernel[i]) * dilation[i])
        take = lambda v: xp.moveaxis(xp.reshape(  # noqa: E731
            xp.take(v, xp.reshape(index, (-1,)), axis=axis),
            tuple(v.shape[:axis]) + (count, kernel[i]) + tuple(v.shape[axis + 1 :])), axis + 1, -1)
        x, inside = take(x), take(inside)
        # The kernel axis went to the end, so the next spatial axis keeps its place from the front.
        if i < axes - 1:
            order = list(range(x.ndim))
            order.insert(0, order.pop())
            x, inside = xp.permute_dims(x, tuple(order)), xp.permute_dims(inside, tuple(order))
    return x, inside


def _pool3d(x, kernel_size, stride, padding, dilation, ceil_mode, fill, reduce):
    x = xp.asarray(x)
    windows, inside = _windows(x, kernel_size, stride, padding, dilation, ceil_mode, fill)
    # Two kernel axes were moved to the front, the last one is at the end.
    return reduce(windows, inside, (0, 1, windows.ndim - 1))


def max_pool3d(x, kernel_size, /, stride=None, padding=0, dilation=1, ceil_mode=False):
    """The largest element of each window over the last three axes."""
    return _pool3d(x, kernel_size, stride, padding, dilation, ceil_mode, -math.inf,
                   lambda w, inside, axes: xp.max(w, axis=axes))  # fmt: skip


def avg_pool3d(x, kernel_size, /, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of each window over the last three axes."""

    def mean(w, inside, axes):
        if count_include_pad:
            return xp.mean(w, axis=axes)
        return xp.divide(xp.sum(w, axis=axes), xp.astype(xp.sum(xp.astype(inside, xp.int64), axis=axes), w.dtype))

    return _pool3d(x, kernel_size, stride, padding, 1, ceil_mode, 0, mean)



def _fans(shape):
    """How many inputs and outputs each element of a weight has a part in."""
    if len(shape) < 2:
        raise ValueError(f"a weight of shape {tuple(shape)} has no inputs and outputs; it needs two axes")
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def _gain(nonlinearity, a):
    """By how much weights before a nonlinearity are larger, so that what comes after it keeps its spread."""
    gains = {"relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + a**2)), "tanh": 5 / 3, "selu": 3 / 4}
    return gains.get(nonlinearity, 1.0)


def _deviation(x, a, mode, nonlinearity):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode {mode!r} is neither 'fan_in' nor 'fan_out'")
    return _gain(nonlinearity, a) / math.sqrt(_fans(x.shape)[mode == "fan_out"])


def _filled(x, values):
    x[...] = values
    return x


def kaiming_uniform_(x, /, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    """Fills `x` evenly so that activations keep their spread from layer to layer; gives back `x`."""
    bound = math.sqrt(3) * _deviation(x, a, mode, nonlinearity)
    return _filled(x, xp.random.uniform(-bound, bound, x.shape))


def kaiming_normal_(x, /, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    """Fills `x` with normal numbers so that activations keep their spread from layer to layer; gives back `x`."""
    return _filled(x, xp.random.normal(0.0, _deviation(x, a, mode, nonlinearity), x.shape))


def xavier_uniform_(x, /, gain=1.0):
    """Fills `x` evenly by its numbers of inputs and outputs together; gives back `x`."""
    bound = gain * math.sqrt(6 / sum(_fans(x.shape)))
    return _filled(x, xp.random.uniform(-bound, bound, x.shape))


def xavier_normal_(x, /, gain=1.0):
    """Fills `x` with normal numbers by its numbers of inputs and outputs together; gives back `x`."""
    return _filled(x, xp.random.normal(0.0, gain * math.sqrt(2 / sum(_fans(x.shape))), x.shape))


def trunc_normal_(x, /, mean=0.0, std=1.0, a=-2.0, b=2.0):
    """Fills `x` with normal numbers between a and b; gives back `x`."""
    values = xp.random.normal(mean, std, x.shape)
    while bool(xp.any(outside := (values < a) | (values > b))):
        values = xp.where(outside, xp.random.normal(mean, std, x.shape), values)
    return _filled(x, values)


# Models and layers, which call the functions above.
from ._layers import *  # noqa: E402, F403
from ._modules import (  # noqa: E402, F401 - part of this namespace
    Identity, Module, ModuleDict, ModuleList, Parameter, ParameterDict, ParameterList, Sequential,
)  # fmt: skip
