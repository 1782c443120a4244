"""Manipulation extensions: joining, splitting, padding and rearranging, over the standard's own functions."""

from purify import ops as xp

from ._creation import atleast_1d, atleast_2d, atleast_3d
from ._shared import along, axis_tuple, int_tuple, one_axis


def concatenate(arrays, /, axis=0, *, dtype=None):
    """Joins arrays along an existing axis; `axis=None` flattens them first. NumPy's spelling of `concat`."""
    out = xp.concat([xp.asarray(a) for a in arrays], axis=axis)
    return out if dtype is None else xp.astype(out, dtype)


def vstack(arrays, /):
    """Stacks row-wise: vectors become rows."""
    return xp.concat([atleast_2d(a) for a in arrays], axis=0)


def hstack(arrays, /):
    """Joins along the second axis, vectors along the first."""
    arrays = [atleast_1d(a) for a in arrays]
    return xp.concat(arrays, axis=0 if arrays and arrays[0].ndim == 1 else 1)


def dstack(arrays, /):
    """Stacks along the third axis."""
    return xp.concat([atleast_3d(a) for a in arrays], axis=2)


def column_stack(arrays, /):
    """Vectors as the columns of a matrix; matrices are joined as they are."""
    arrays = [xp.asarray(a) for a in arrays]
    return xp.concat([xp.reshape(a, (a.size, 1)) if a.ndim < 2 else a for a in arrays], axis=1)


row_stack = vstack


def append(x, values, /, axis=None):
    """`x` with `values` joined at the end of an axis, or of the flattened array."""
    if axis is None:
        return xp.concat([ravel(x), ravel(values)], axis=0)
    return xp.concat([xp.asarray(x), xp.asarray(values)], axis=axis)


def ravel(x, /, order="C"):
    """`x` flattened; `order="F"` reads columns first. A view where the memory allows it."""
    x = xp.asarray(x)
    return xp.reshape(_transposed(x) if order == "F" else x, (-1,))


def _transposed(x):
    return xp.permute_dims(x, tuple(range(x.ndim - 1, -1, -1)))


def transpose(x, /, axes=None):
    """`x` with its axes permuted, reversed by default."""
    x = xp.asarray(x)
    return _transposed(x) if axes is None else xp.permute_dims(x, axis_tuple(axes, x.ndim))


def swapaxes(x, axis1, axis2, /):
    """`x` with two axes exchanged."""
    x = xp.asarray(x)
    order = list(range(x.ndim))
    a, b = one_axis(axis1, x.ndim), one_axis(axis2, x.ndim)
    order[a], order[b] = order[b], order[a]
    return xp.permute_dims(x, tuple(order))


def rollaxis(x, axis, /, start=0):
    """`x` with one axis moved before the position `start`."""
    x = xp.asarray(x)
    axis = one_axis(axis, x.ndim)
    start = start + x.ndim if start < 0 else start
    return xp.moveaxis(x, axis, start - 1 if axis < start else start)


def fliplr(x, /):
    """Columns in reverse order."""
    return xp.flip(xp.asarray(x), axis=1)


def flipud(x, /):
    """Rows in reverse order."""
    return xp.flip(xp.asarray(x), axis=0)


def rot90(x, /, k=1, axes=(0, 1)):
    """Turns the plane of two axes by `k` right angles, from the first axis towards the second."""
    x = xp.asarray(x)
    a, b = axis_tuple(axes, x.ndim)
    k %= 4
    if k == 0:
        return x
    if k == 2:
        return xp.flip(x, axis=(a, b))
    return swapaxes(xp.flip(x, axis=b), a, b) if k == 1 else xp.flip(swapaxes(x, a, b), axis=b)


def array_split(x, indices_or_sections, /, axis=0):
    """Splits into parts at the given indices, or into that many parts of nearly equal length."""
    x = xp.asarray(x)
    axis = one_axis(axis, x.ndim)
    n = x.shape[axis]
    if hasattr(indices_or_sections, "__index__") and getattr(indices_or_sections, "ndim", 0) == 0:
        count = indices_or_sections.__index__()
        if count <= 0:
            raise ValueError("array_split: the number of sections must be larger than 0")
        size, extra = n // count, n % count
        cuts = [i * size + min(i, extra) for i in range(count + 1)]
    else:
        cuts = [0, *int_tuple(indices_or_sections), n]
    return [x[along(axis, x.ndim, slice(a, max(b, a) if b >= 0 else b))] for a, b in zip(cuts, cuts[1:])]


def split(x, indices_or_sections, /, axis=0):
    """As `array_split`, but a number of sections must divide the axis evenly."""
    x = xp.asarray(x)
    if hasattr(indices_or_sections, "__index__") and getattr(indices_or_sections, "ndim", 0) == 0:
        n, count = x.shape[one_axis(axis, x.ndim)], indices_or_sections.__index__()
        if count <= 0 or n % count:
            raise ValueError(f"split: an axis of length {n} does not divide into {count} equal parts")
    return array_split(x, indices_or_sections, axis)


def vsplit(x, indices_or_sections, /):
    """`split` along the first axis."""
    return split(x, indices_or_sections, 0)


def hsplit(x, indices_or_sections, /):
    """`split` along the second axis, of a vector along the first."""
    x = xp.asarray(x)
    return split(x, indices_or_sections, 0 if x.ndim == 1 else 1)


def dsplit(x, indices_or_sections, /):
    """`split` along the third axis."""
    return split(x, indices_or_sections, 2)


def resize(x, new_shape, /):
    """The elements of `x` repeated or cut to fill a shape."""
    shape = int_tuple(new_shape)
    flat = ravel(x)
    size = 1
    for n in shape:
        size *= n
    if flat.size == 0:
        return xp.zeros(shape, dtype=flat.dtype)
    return xp.reshape(flat[xp.remainder(xp.arange(size), flat.size)], shape)


def trim_zeros(x, /, trim="fb"):
    """A vector without its leading ("f") and trailing ("b") zeros."""
    x = xp.asarray(x)
    (where,) = xp.nonzero(x)
    if where.size == 0:
        return x[:0]
    first = int(where[0]) if "f" in trim.lower() else 0
    last = int(where[-1]) + 1 if "b" in trim.lower() else x.shape[0]
    return x[first:last]


def insert(x, obj, values, /, axis=None):
    """`x` with `values` put before the positions `obj` of an axis, or of the flattened array."""
    x = xp.asarray(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = one_axis(axis, x.ndim)
    n = x.shape[axis]
    if isinstance(obj, slice):
        obj = list(range(*obj.indices(n)))
    index = xp.asarray(obj)
    if xp.isdtype(index.dtype, "bool"):
        (index,) = xp.nonzero(index)
    single = index.ndim == 0
    at = [int(i) for i in xp.tolist(xp.reshape(index, (-1,)))]
    for i in at:
        if not -n <= i <= n:
            raise IndexError(f"insert: index {i} is out of bounds for axis {axis} with size {n}")
    at = [i + n if i < 0 else i for i in at]
    values = xp.astype(xp.asarray(values), x.dtype)
    if single and values.ndim:
        # One position takes all of `values` along the axis, as NumPy does.
        values = xp.moveaxis(xp.reshape(values, (1,) * (x.ndim - values.ndim) + tuple(values.shape)), 0, axis)
        count = values.shape[axis]
        at = at * count
    shape = list(x.shape)
    shape[axis] = len(at)
    values = xp.broadcast_to(values, tuple(shape))
    order = sorted(range(len(at)), key=lambda j: at[j])
    out_shape = list(x.shape)
    out_shape[axis] = n + len(at)
    new = {at[j] + k: j for k, j in enumerate(order)}
    source = [new.get(p) for p in range(n + len(at))]
    kept = iter(range(n))
    take = [n + j if j is not None else next(kept) for j in source]
    return xp.take(xp.concat([x, values], axis=axis), xp.asarray(take, dtype=xp.int64), axis=axis)


def delete(x, obj, /, axis=None):
    """`x` without the positions `obj` (an int, a slice, a sequence or a mask) of an axis, or of the flattened array."""
    x = xp.asarray(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = one_axis(axis, x.ndim)
    n = x.shape[axis]
    if isinstance(obj, slice):
        gone = set(range(*obj.indices(n)))
    else:
        index = xp.asarray(obj)
        if index.size and xp.isdtype(index.dtype, "bool"):
            (index,) = xp.nonzero(index)
        gone = set()
        for i in xp.tolist(xp.reshape(index, (-1,))):
            if not -n <= i < n:
                raise IndexError(f"delete: index {i} is out of bounds for axis {axis} with size {n}")
            gone.add(int(i) % n)
    keep = [i for i in range(n) if i not in gone]
    return xp.take(x, xp.asarray(keep, dtype=xp.int64), axis=axis)


def pad(x, pad_width, /, mode="constant", *, constant_values=0, end_values=0, stat_length=None, reflect_type="even"):
    """`x` with margins. `pad_width` is an int, a `(before, after)` pair or one pair per axis.

    Modes: constant, edge, reflect, symmetric, wrap, linear_ramp, maximum, minimum, mean, empty; or a function
    `f(vector, (before, after), axis, kwargs)` that fills each vector in place.
    """
    x = xp.asarray(x)
    pairs = _pairs(pad_width, x.ndim, int)
    if any(p < 0 for pair in pairs for p in pair):
        raise ValueError("pad: widths cannot be negative")
    if callable(mode):
        return _pad_with_function(x, pairs, mode)
    if mode in ("edge", "reflect", "symmetric", "wrap"):
        for axis, pair in enumerate(pairs):
            if any(pair):
                if x.shape[axis] == 0:
                    raise ValueError(f"pad: mode {mode!r} cannot extend the empty axis {axis}")
                x = _pad_by_index(x, axis, pair, mode, reflect_type)
        return x
    if mode not in _FILLED:
        known = ", ".join(sorted([*_FILLED, "edge", "reflect", "symmetric", "wrap"]))
        raise ValueError(f"pad: mode {mode!r} is not one of {known}")
    values = _pairs(constant_values if mode == "constant" else end_values, x.ndim, None)
    lengths = [(None, None)] * x.ndim if stat_length is None else _pairs(stat_length, x.ndim, int)
    for axis, (before, after) in enumerate(pairs):
        if before or after:
            margins = _FILLED[mode](x, axis, (before, after), values[axis], lengths[axis])
            x = xp.concat([margins[0], x, margins[1]], axis=axis)
    return x


def _pairs(value, ndim, convert):
    if isinstance(value, dict):
        return [_pairs(value[a], 1, convert)[0] if a in value else (0, 0) for a in range(ndim)]
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, (tuple, list)):
        value = (value, value)
    if len(value) == 1 and not isinstance(value[0], (tuple, list)):
        value = (value[0], value[0])
    if value and not isinstance(value[0], (tuple, list)):
        value = (tuple(value),) * ndim
    elif len(value) == 1:
        value = (tuple(value[0]),) * ndim
    pairs = [tuple(p) if len(p) == 2 else (p[0], p[0]) for p in value]
    if len(pairs) != ndim:
        raise ValueError(f"pad: {len(pairs)} pairs for {ndim} axes")
    return [tuple(convert(v) for v in p) for p in pairs] if convert else pairs


def _margin(x, axis, width):
    shape = list(x.shape)
    shape[axis] = width
    return tuple(shape)


def _constant(x, axis, widths, values, _):
    return [xp.full(_margin(x, axis, w), v, dtype=x.dtype) for w, v in zip(widths, values)]


def _empty(x, axis, widths, values, _):
    return [xp.zeros(_margin(x, axis, w), dtype=x.dtype) for w in widths]


def _ramp(x, axis, widths, values, _):
    out = []
    for side, (width, end) in enumerate(zip(widths, values)):
        edge = x[along(axis, x.ndim, slice(0, 1) if side == 0 else slice(-1, None))]
        t = xp.arange(width, dtype=xp.float64) / max(width, 1)
        t = xp.reshape(t if side == 0 else xp.flip(t), tuple(-1 if a == axis else 1 for a in range(x.ndim)))
        ramp = end + t * (xp.astype(edge, xp.float64) - end)
        out.append(xp.astype(xp.trunc(ramp) if xp.isdtype(x.dtype, "integral") else ramp, x.dtype))
    return out


def _statistic(function):
    def margins(x, axis, widths, _, lengths):
        out = []
        for side, (width, length) in enumerate(zip(widths, lengths)):
            n = x.shape[axis] if length is None else min(length, x.shape[axis])
            part = x[along(axis, x.ndim, slice(0, n) if side == 0 else slice(x.shape[axis] - n, None))]
            value = function(part, axis)
            if xp.isdtype(x.dtype, "integral"):
                value = xp.round(value)
            out.append(xp.broadcast_to(xp.astype(value, x.dtype), _margin(x, axis, width)))
        return out

    return margins


_FILLED = {
    "constant": _constant,
    "empty": _empty,
    "linear_ramp": _ramp,
    "maximum": _statistic(lambda p, a: xp.max(p, axis=a, keepdims=True)),
    "minimum": _statistic(lambda p, a: xp.min(p, axis=a, keepdims=True)),
    "mean": _statistic(lambda p, a: xp.mean(xp.astype(p, xp.float64) if xp.isdtype(p.dtype, "integral") else p,
                                            axis=a, keepdims=True)),
}


def _pad_by_index(x, axis, widths, mode, reflect_type):
    n = x.shape[axis]
    before, after = widths
    index = xp.arange(-before, n + after)
    if mode == "edge" or (mode == "reflect" and n == 1):
        source = xp.clip(index, 0, n - 1)
    elif mode == "wrap":
        source = xp.remainder(index, n)
    elif mode == "symmetric":
        period = xp.remainder(index, 2 * n)
        source = xp.where(xp.less(period, n), period, 2 * n - 1 - period)
    else:
        period = xp.remainder(index, 2 * n - 2)
        source = xp.where(xp.less(period, n), period, 2 * n - 2 - period)
    out = xp.take(x, source, axis=axis)
    if reflect_type != "odd" or mode not in ("reflect", "symmetric"):
        return out
    # An odd reflection mirrors about the edge value: twice the edge minus the even reflection.
    if before > n - (mode == "reflect") or after > n - (mode == "reflect"):
        raise ValueError("pad: an odd reflection cannot be wider than the axis")
    first = x[along(axis, x.ndim, slice(0, 1))]
    last = x[along(axis, x.ndim, slice(n - 1, n))]
    lead = 2 * first - out[along(axis, x.ndim, slice(0, before))]
    tail = 2 * last - out[along(axis, x.ndim, slice(before + n, None))]
    return xp.concat([lead, x, tail], axis=axis)


def _pad_with_function(x, pairs, function):
    out = pad(x, pairs)
    for axis, pair in enumerate(pairs):
        moved = xp.moveaxis(out, axis, -1)
        for lead in _positions(moved.shape[:-1]):
            vector = xp.asarray(moved[lead], copy=True)
            result = function(vector, pair, axis, {})
            out[lead[:axis] + (slice(None),) + lead[axis:]] = vector if result is None else result
    return out


def _positions(shape):
    from itertools import product

    return product(*(range(n) for n in shape))


def unwrap(x, /, discont=None, axis=-1, *, period=6.283185307179586):
    """Adds multiples of `period` so that neighbours along an axis differ by at most half of it."""
    x = xp.asarray(x)
    if xp.isdtype(x.dtype, "integral") and isinstance(period, float):
        x = xp.astype(x, xp.float64)
    axis = one_axis(axis, x.ndim)
    n = x.shape[axis]
    if n < 2:
        return xp.asarray(x, copy=True)
    step = x[along(axis, x.ndim, slice(1, None))] - x[along(axis, x.ndim, slice(0, n - 1))]
    half = period / 2 if isinstance(period, float) else period // 2
    near = xp.remainder(step + half, period) - half
    near = xp.where(xp.logical_and(xp.equal(near, -half), xp.greater(step, 0)), -near, near)
    correct = near - step
    limit = half if discont is None else max(discont, half)
    correct = xp.where(xp.less(xp.abs(step), limit), xp.zeros_like(correct), correct)
    out = xp.asarray(x, copy=True)
    tail = along(axis, x.ndim, slice(1, None))
    out[tail] = x[tail] + xp.cumulative_sum(correct, axis=axis)
    return out


def block(arrays, /):
    """An array from nested lists of blocks: innermost lists join along the last axis, outer ones along earlier axes."""

    def depth(item):
        return 1 + max((depth(i) for i in item), default=0) if isinstance(item, list) else 0

    levels = depth(arrays)

    def ndim_of(item):
        return max(ndim_of(i) for i in item) if isinstance(item, list) else xp.asarray(item).ndim

    ndim = max(levels, ndim_of(arrays))

    def join(item, level):
        if not isinstance(item, list):
            x = xp.asarray(item)
            return xp.reshape(x, (1,) * (ndim - x.ndim) + tuple(x.shape))
        if not item:
            raise ValueError("block: a list is empty")
        return xp.concat([join(i, level + 1) for i in item], axis=level - levels)

    return join(arrays, 0)


def sliding_window_view(x, window_shape, /, axis=None):
    """All windows of a shape, as additional last axes; a copy."""
    x = xp.asarray(x)
    windows = int_tuple(window_shape)
    axes = tuple(range(x.ndim)) if axis is None else axis_tuple(axis, x.ndim)
    if len(windows) != len(axes):
        raise ValueError(f"sliding_window_view: {len(windows)} window lengths for {len(axes)} axes")
    for a, w in zip(axes, windows):
        n = x.shape[a] - w + 1
        if w < 0 or n < 1:
            raise ValueError(f"sliding_window_view: a window of {w} does not fit axis {a} of length {x.shape[a]}")
        index = xp.reshape(xp.arange(n), (-1, 1)) + xp.reshape(xp.arange(w), (1, -1))
        taken = xp.reshape(xp.take(x, xp.reshape(index, (-1,)), axis=a), tuple(x.shape[:a]) + (n, w) + tuple(x.shape[a + 1 :]))
        x = xp.moveaxis(taken, a + 1, -1)
    return x


def packbits(x, /, axis=None, bitorder="big"):
    """Groups of eight truth values as bytes."""
    x = xp.asarray(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = one_axis(axis, x.ndim)
    bits = xp.astype(xp.moveaxis(xp.not_equal(x, 0), axis, -1), xp.uint8)
    short = -bits.shape[-1] % 8
    if short:
        bits = xp.concat([bits, xp.zeros(tuple(bits.shape[:-1]) + (short,), dtype=xp.uint8)], axis=-1)
    groups = xp.reshape(bits, tuple(bits.shape[:-1]) + (bits.shape[-1] // 8, 8))
    places = [1 << i for i in (range(8) if bitorder == "little" else range(7, -1, -1))]
    packed = xp.sum(groups * xp.asarray(places, dtype=xp.uint8), axis=-1, dtype=xp.uint8)
    return xp.moveaxis(packed, -1, axis)


def unpackbits(x, /, axis=None, count=None, bitorder="big"):
    """The bits of bytes as zeros and ones."""
    x = xp.asarray(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = one_axis(axis, x.ndim)
    moved = xp.moveaxis(x, axis, -1)
    places = xp.asarray(list(range(8) if bitorder == "little" else range(7, -1, -1)), dtype=xp.uint8)
    bits = xp.bitwise_and(xp.bitwise_right_shift(xp.expand_dims(moved, axis=-1), places), xp.asarray(1, dtype=xp.uint8))
    bits = xp.reshape(bits, tuple(moved.shape[:-1]) + (moved.shape[-1] * 8,))
    if count is not None:
        n = bits.shape[-1]
        if count > n:
            extra = xp.zeros(tuple(bits.shape[:-1]) + (count - n,), dtype=xp.uint8)
            bits = xp.concat([bits, extra], axis=-1)
        else:
            bits = bits[..., :count]
    return xp.moveaxis(bits, -1, axis)
