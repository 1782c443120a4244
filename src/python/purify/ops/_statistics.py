"""Statistical extensions: order statistics, NaN-ignoring reductions, histograms, covariances, running sums."""

import math

from purify import ops as xp

from ._shared import along, as_float, axis_tuple, is_array, kept_shape, move_to_last, one_axis


def _dtyped(x, dtype):
    x = xp.asarray(x)
    return x if dtype is None else xp.astype(x, dtype)


def cumsum(x, /, axis=None, dtype=None):
    """Running sums along an axis, or of the flattened array."""
    return _running(xp.cumulative_sum, x, axis, dtype)


def cumprod(x, /, axis=None, dtype=None):
    """Running products along an axis, or of the flattened array."""
    return _running(xp.cumulative_prod, x, axis, dtype)


def _running(function, x, axis, dtype):
    x = xp.asarray(x)
    if axis is None:
        x, axis = xp.reshape(x, (-1,)), 0
    return function(x, axis=axis, dtype=dtype)


def amax(x, /, axis=None, *, keepdims=False):
    """`max`, under NumPy's other name."""
    return xp.max(x, axis=axis, keepdims=keepdims)


def amin(x, /, axis=None, *, keepdims=False):
    """`min`, under NumPy's other name."""
    return xp.min(x, axis=axis, keepdims=keepdims)


def product(x, /, axis=None, *, dtype=None, keepdims=False):
    """`prod`, under NumPy's other name."""
    return xp.prod(x, axis=axis, dtype=dtype, keepdims=keepdims)


def ptp(x, /, axis=None, *, keepdims=False):
    """The largest minus the smallest element."""
    x = xp.asarray(x)
    return xp.subtract(xp.max(x, axis=axis, keepdims=keepdims), xp.min(x, axis=axis, keepdims=keepdims))


def average(x, /, axis=None, weights=None, returned=False, *, keepdims=False):
    """The mean, weighted; with `returned` a pair with the sum of the weights."""
    x = as_float(x)
    if weights is None:
        out = xp.mean(x, axis=axis, keepdims=keepdims)
        count = x.size // max(out.size, 1)
        return (out, xp.full_like(out, float(count))) if returned else out
    w = as_float(weights)
    if tuple(w.shape) != tuple(x.shape):
        if axis is None or isinstance(axis, (tuple, list)) and len(axis) != w.ndim:
            raise TypeError("average: weights of another shape than the array need an axis")
        axes = axis_tuple(axis, x.ndim)
        if tuple(x.shape[a] for a in axes) != tuple(w.shape):
            raise ValueError(f"average: weights of shape {tuple(w.shape)} do not fit axis {axis} of shape {tuple(x.shape)}")
        w = xp.reshape(w, tuple(x.shape[i] if i in axes else 1 for i in range(x.ndim)))
    total = xp.sum(xp.broadcast_to(w, x.shape), axis=axis, keepdims=keepdims)
    if bool(xp.any(xp.equal(total, 0.0))):
        raise ZeroDivisionError("average: the weights sum to zero")
    out = xp.divide(xp.sum(xp.multiply(x, w), axis=axis, keepdims=keepdims), total)
    return (out, total) if returned else out


def median(x, /, axis=None, *, keepdims=False):
    """The middle value, of an even number the mean of the middle two; NaN if there is one."""
    return quantile(x, 0.5, axis, keepdims=keepdims)


def percentile(x, q, /, axis=None, *, method="linear", keepdims=False):
    """`quantile` with `q` between 0 and 100."""
    return quantile(x, xp.divide(xp.asarray(q), 100.0), axis, method=method, keepdims=keepdims)


def quantile(x, q, /, axis=None, *, method="linear", keepdims=False):
    """The values below which the fractions `q` (a number or an array) of the elements lie.

    Methods (Hyndman and Fan 1996): linear, lower, higher, midpoint, nearest, inverted_cdf, averaged_inverted_cdf,
    closest_observation, interpolated_inverted_cdf, hazen, weibull, median_unbiased, normal_unbiased.
    """
    return _quantile(as_float(x), q, axis, method, keepdims)


def _quantile(x, q, axis, method, keepdims):
    axes = axis_tuple(axis, x.ndim)
    flat, lead = move_to_last(x, axes)
    if flat.shape[-1] == 0:
        raise IndexError("quantile: the axis is empty")
    out = _quantile_last(flat, _fractions(q), method)
    return _with_axes(out, x, axes, lead, keepdims)


def _fractions(q):
    q = xp.astype(xp.asarray(q), xp.float64)
    if bool(xp.any(xp.logical_or(xp.less(q, 0.0), xp.greater(q, 1.0)))):
        raise ValueError("quantile: fractions must lie between 0 and 1 (percentiles between 0 and 100)")
    return q


def _with_axes(out, x, axes, lead, keepdims):
    """Results shaped `q.shape + lead` with the reduced axes put back as ones if asked for."""
    front = tuple(out.shape)[: out.ndim - len(lead)]
    return xp.reshape(out, front + kept_shape(x.shape, axes)) if keepdims else out


def _quantile_last(flat, q, method):
    ordered = xp.sort(flat, axis=-1)
    n = flat.shape[-1]
    low, high, t = _positions(q, n, method)
    a, b = xp.take(ordered, _flat(low), axis=-1), xp.take(ordered, _flat(high), axis=-1)
    t = xp.astype(_flat(t), flat.dtype)
    # The form with the smaller error from the nearer end, so that results are monotonic in q.
    step = b - a
    mixed = xp.where(xp.greater_equal(t, 0.5), b - step * (1.0 - t), a + step * t)
    mixed = xp.where(xp.equal(a, b), a, mixed)
    mixed = xp.where(xp.equal(t, 0.0), a, xp.where(xp.equal(t, 1.0), b, mixed))
    if xp.isdtype(flat.dtype, "real floating"):
        bad = xp.isnan(ordered[..., n - 1 : n])
        mixed = xp.where(bad, xp.full_like(mixed, math.nan), mixed)
    mixed = xp.moveaxis(mixed, -1, 0)
    return xp.reshape(mixed, tuple(q.shape) + tuple(flat.shape[:-1]))


def _flat(x):
    return xp.reshape(x, (-1,))


# Plotting positions of the continuous methods: (alpha, beta) in `n q + alpha + q (1 - alpha - beta)`.
_CONTINUOUS = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1.0 / 3.0, 1.0 / 3.0),
    "normal_unbiased": (3.0 / 8.0, 3.0 / 8.0),
}


def _positions(q, n, method):
    """The neighbours and the weight of the upper one, for each fraction."""
    if method in _CONTINUOUS:
        alpha, beta = _CONTINUOUS[method]
        virtual = (n - 1) * q if method == "linear" else n * q + (alpha + q * (1.0 - alpha - beta)) - 1.0
    elif method in ("lower", "higher", "midpoint", "nearest"):
        virtual = (n - 1) * q
        if method == "nearest":
            virtual = xp.round(virtual)
        elif method != "midpoint":
            virtual = xp.floor(virtual) if method == "lower" else xp.ceil(virtual)
        else:
            virtual = 0.5 * (xp.floor(virtual) + xp.ceil(virtual))
    elif method in ("inverted_cdf", "averaged_inverted_cdf"):
        position = n * q
        virtual = xp.ceil(position) - 1.0
        if method == "averaged_inverted_cdf":
            virtual = xp.where(xp.equal(position, xp.floor(position)), position - 0.5, virtual)
    elif method == "closest_observation":
        # Halfway between two observations, the one with the even number (counted from one) is the closest.
        below = xp.floor(n * q - 1.5)
        halfway = xp.logical_and(xp.equal(n * q - 1.5, below), xp.equal(xp.remainder(below, 2.0), 1.0))
        virtual = xp.where(halfway, below, below + 1.0)
    else:
        known = ", ".join([*_CONTINUOUS, "lower", "higher", "midpoint", "nearest", "inverted_cdf",
                           "averaged_inverted_cdf", "closest_observation"])  # fmt: skip
        raise ValueError(f"quantile: method {method!r} is not one of {known}")
    virtual = xp.clip(virtual, 0.0, float(n - 1))
    low = xp.floor(virtual)
    high = xp.clip(low + 1.0, 0.0, float(n - 1))
    return xp.astype(low, xp.int64), xp.astype(high, xp.int64), virtual - low


# ---- ignoring NaN ----------------------------------------------------------------------------------


def _without_nan(x, fill, dtype=None):
    x = _dtyped(x, dtype)
    if not xp.isdtype(x.dtype, ("real floating", "complex floating")):
        return x, None
    gone = xp.isnan(x)
    return xp.where(gone, xp.full_like(x, fill), x), gone


def nansum(x, /, axis=None, *, dtype=None, keepdims=False):
    """The sum of the elements that are not NaN."""
    return xp.sum(_without_nan(x, 0, dtype)[0], axis=axis, keepdims=keepdims)


def nanprod(x, /, axis=None, *, dtype=None, keepdims=False):
    """The product of the elements that are not NaN."""
    return xp.prod(_without_nan(x, 1, dtype)[0], axis=axis, keepdims=keepdims)


def nancumsum(x, /, axis=None, *, dtype=None):
    """Running sums with NaN counted as zero."""
    return cumsum(_without_nan(x, 0, dtype)[0], axis)


def nancumprod(x, /, axis=None, *, dtype=None):
    """Running products with NaN counted as one."""
    return cumprod(_without_nan(x, 1, dtype)[0], axis)


def _nan_extreme(function, x, axis, keepdims, fill):
    filled, gone = _without_nan(x, fill)
    out = function(filled, axis=axis, keepdims=keepdims)
    if gone is None:
        return out
    return xp.where(xp.all(gone, axis=axis, keepdims=keepdims), xp.full_like(out, math.nan), out)


def nanmax(x, /, axis=None, *, keepdims=False):
    """The largest element that is not NaN; NaN if there is none."""
    return _nan_extreme(xp.max, x, axis, keepdims, -math.inf)


def nanmin(x, /, axis=None, *, keepdims=False):
    """The smallest element that is not NaN; NaN if there is none."""
    return _nan_extreme(xp.min, x, axis, keepdims, math.inf)


def _nan_position(function, x, axis, keepdims, fill, name):
    filled, gone = _without_nan(x, fill)
    if gone is not None and bool(xp.any(xp.all(gone, axis=axis))):
        raise ValueError(f"{name}: a slice holds only NaN")
    return function(filled, axis=axis, keepdims=keepdims)


def nanargmax(x, /, axis=None, *, keepdims=False):
    """The index of the largest element that is not NaN."""
    return _nan_position(xp.argmax, x, axis, keepdims, -math.inf, "nanargmax")


def nanargmin(x, /, axis=None, *, keepdims=False):
    """The index of the smallest element that is not NaN."""
    return _nan_position(xp.argmin, x, axis, keepdims, math.inf, "nanargmin")


def _count(gone, x, axis, keepdims):
    there = xp.ones_like(x, dtype=xp.float64) if gone is None else xp.astype(xp.logical_not(gone), xp.float64)
    return xp.sum(there, axis=axis, keepdims=keepdims)


def nanmean(x, /, axis=None, *, keepdims=False):
    """The mean of the elements that are not NaN; NaN if there is none."""
    filled, gone = _without_nan(as_float(x), 0)
    count = xp.astype(_count(gone, filled, axis, keepdims), _real(filled.dtype))
    return xp.divide(xp.sum(filled, axis=axis, keepdims=keepdims), count)


def nanvar(x, /, axis=None, *, ddof=0, keepdims=False):
    """The variance of the elements that are not NaN, with divisor `n - ddof`."""
    filled, gone = _without_nan(as_float(x), 0)
    count = xp.astype(_count(gone, filled, axis, True), _real(filled.dtype))
    mean = xp.divide(xp.sum(filled, axis=axis, keepdims=True), count)
    apart = filled - mean
    if gone is not None:
        apart = xp.where(gone, xp.zeros_like(apart), apart)
    square = xp.square(xp.abs(apart))
    free = _count(gone, filled, axis, keepdims) - ddof
    free = xp.astype(xp.where(xp.greater(free, 0.0), free, xp.full_like(free, math.nan)), square.dtype)
    return xp.divide(xp.sum(square, axis=axis, keepdims=keepdims), free)


def nanstd(x, /, axis=None, *, ddof=0, keepdims=False):
    """The standard deviation of the elements that are not NaN."""
    return xp.sqrt(nanvar(x, axis, ddof=ddof, keepdims=keepdims))


def _real(dtype):
    names = {"complex64": xp.float32, "complex128": xp.float64}
    return names.get(getattr(dtype, "name", str(dtype).rpartition(".")[2]), dtype)


def nanmedian(x, /, axis=None, *, keepdims=False):
    """The median of the elements that are not NaN."""
    return nanquantile(x, 0.5, axis, keepdims=keepdims)


def nanpercentile(x, q, /, axis=None, *, method="linear", keepdims=False):
    """`nanquantile` with `q` between 0 and 100."""
    return nanquantile(x, xp.divide(xp.asarray(q), 100.0), axis, method=method, keepdims=keepdims)


def nanquantile(x, q, /, axis=None, *, method="linear", keepdims=False):
    """The quantiles of the elements that are not NaN; NaN where there is none."""
    x = as_float(x)
    gone = xp.isnan(x)
    if not bool(xp.any(gone)):
        return _quantile(x, q, axis, method, keepdims)
    axes = axis_tuple(axis, x.ndim)
    flat, lead = move_to_last(x, axes)
    rows = xp.reshape(flat, (-1, flat.shape[-1]))
    q = _fractions(q)
    out = []
    for i in range(rows.shape[0]):
        row = rows[i, :]
        row = row[xp.logical_not(xp.isnan(row))]
        out.append(_quantile_last(row, q, method) if row.size else xp.full(tuple(q.shape), math.nan, dtype=x.dtype))
    stacked = xp.stack(out, axis=-1) if out else xp.zeros(tuple(q.shape) + (0,), dtype=x.dtype)
    return _with_axes(xp.reshape(stacked, tuple(q.shape) + lead), x, axes, lead, keepdims)


# ---- counting --------------------------------------------------------------------------------------


def bincount(x, /, weights=None, minlength=0):
    """How often each non-negative integer occurs; with weights, the sum of the weights of its places."""
    x = _flat(xp.asarray(x))
    if x.size == 0:
        return xp.zeros((minlength,), dtype=xp.int64 if weights is None else xp.float64)
    if not xp.isdtype(x.dtype, "integral"):
        raise TypeError(f"bincount: the values must be integers, got {x.dtype}")
    if bool(xp.any(xp.less(x, 0))):
        raise ValueError("bincount: the values must not be negative")
    n = max(int(xp.max(x)) + 1, minlength)
    order = xp.argsort(x, stable=True)
    edges = xp.searchsorted(x[order], xp.arange(n + 1, dtype=x.dtype))
    if weights is None:
        return xp.astype(edges[1:] - edges[:-1], xp.int64)
    w = xp.astype(_flat(xp.asarray(weights)), xp.float64)
    if w.shape != x.shape:
        raise ValueError("bincount: the weights must be as many as the values")
    # Per group rather than by differences of one running sum, whose rounding would leak between groups.
    out = xp.zeros((n,), dtype=xp.float64)
    w, ends = w[order], xp.tolist(edges)
    for value in sorted(set(xp.tolist(x))):
        out[value] = xp.sum(w[ends[value] : ends[value + 1]])
    return out


def digitize(x, bins, /, right=False):
    """The number of the bin that each element falls in; `bins` is monotonic."""
    x, bins = xp.asarray(x), xp.asarray(bins)
    n = bins.shape[0]
    dtype = xp.result_type(x, bins)
    x, bins = xp.astype(x, dtype), xp.astype(bins, dtype)
    falling = n > 1 and bool(xp.less(bins[n - 1], bins[0]))
    step = bins[1:] - bins[:-1]
    if n > 1 and bool(xp.any(xp.greater(step, 0) if falling else xp.less(step, 0))):
        raise ValueError("digitize: the bins must be monotonic")
    if falling:
        return n - xp.searchsorted(xp.flip(bins), x, side="left" if right else "right")
    return xp.searchsorted(bins, x, side="left" if right else "right")


def histogram_bin_edges(x, /, bins=10, range=None, weights=None):
    """The edges that `histogram` would use; `bins` is a number, edges, or the name of a rule ("auto", "fd", "doane",
    "scott", "stone", "rice", "sturges", "sqrt")."""
    x = _flat(xp.asarray(x))
    if isinstance(bins, str):
        bins = _bin_count(x, bins, range)
    elif not hasattr(bins, "__index__") or getattr(bins, "ndim", 0):
        edges = xp.asarray(bins)
        if edges.ndim != 1:
            raise ValueError("histogram: bins must be a number or a vector of edges")
        if bool(xp.any(xp.less(edges[1:], edges[:-1]))):
            raise ValueError("histogram: the edges must increase")
        return edges
    count = bins.__index__()
    if count < 1:
        raise ValueError(f"histogram: bins={count}, but at least one bin is needed")
    low, high = _outer_edges(x, range)
    return xp.linspace(low, high, count + 1, dtype=x.dtype if xp.isdtype(x.dtype, "real floating") else xp.float64)


def _outer_edges(x, limits):
    if limits is not None:
        low, high = float(limits[0]), float(limits[1])
        if low > high:
            raise ValueError("histogram: the upper limit of the range must not be below the lower one")
    elif x.size == 0:
        low, high = 0.0, 1.0
    else:
        low, high = float(xp.min(x)), float(xp.max(x))
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"histogram: the range from {low} to {high} is not finite")
    return (low - 0.5, high + 0.5) if low == high else (low, high)


def _bin_count(x, rule, limits):
    x = as_float(x)
    if limits is not None:
        x = x[xp.logical_and(xp.greater_equal(x, limits[0]), xp.less_equal(x, limits[1]))]
    n = x.size
    if n == 0:
        return 1
    spread = float(ptp(x))
    widths = {
        "sqrt": lambda: spread / math.sqrt(n),
        "sturges": lambda: spread / (math.log2(n) + 1.0),
        "rice": lambda: spread / (2.0 * n ** (1.0 / 3)),
        "scott": lambda: (24.0 * math.sqrt(math.pi) / n) ** (1.0 / 3.0) * float(xp.std(x)),
        "fd": lambda: 2.0 * float(percentile(x, 75) - percentile(x, 25)) / n ** (1.0 / 3.0),
        "doane": lambda: _doane(x, n, spread),
        "stone": lambda: _stone(x, n, spread, limits),
    }
    if rule == "auto":
        fd, sturges = widths["fd"](), widths["sturges"]()
        # The wider rule is a floor where the interquartile range is tiny against the data.
        width = min(max(fd, widths["sqrt"]() / 2), sturges) if fd else sturges
    elif rule in widths:
        width = widths[rule]()
    else:
        raise ValueError(f"histogram: the rule {rule!r} is not one of auto, {', '.join(widths)}")
    low, high = _outer_edges(x, limits)
    if not width:
        return 1
    if xp.isdtype(x.dtype, "integral") and width < 1:
        width = 1
    return max(int(math.ceil((high - low) / width)), 1)


def _doane(x, n, spread):
    if n < 3:
        return 0.0
    deviation = float(xp.std(x))
    if deviation <= 0:
        return 0.0
    unit = math.sqrt(6.0 * (n - 2) / ((n + 1.0) * (n + 3)))
    skew = float(xp.mean(((x - xp.mean(x)) / deviation) ** 3))
    return spread / (1.0 + math.log2(n) + math.log2(1.0 + abs(skew) / unit))


def _stone(x, n, spread, limits):
    if n <= 1 or spread == 0:
        return 0.0

    def risk(count):
        h = spread / count
        p = xp.tolist(histogram(x, count, limits)[0])
        return (2 - (n + 1) * sum((c / n) ** 2 for c in p)) / h

    return spread / min(range(1, max(100, int(math.sqrt(n))) + 1), key=risk)


def histogram(x, /, bins=10, range=None, density=None, weights=None):
    """Counts (or sums of weights, or densities) of the elements in bins, and the edges of the bins: a pair."""
    x = _flat(xp.asarray(x))
    if xp.isdtype(x.dtype, "bool"):
        x = xp.astype(x, xp.uint8)
    edges = histogram_bin_edges(x, bins, range)
    n = edges.shape[0] - 1
    if weights is not None:
        weights = _flat(xp.asarray(weights))
        if weights.shape != x.shape:
            raise ValueError("histogram: the weights must be as many as the values")
    values = xp.astype(x, xp.float64) if not xp.isdtype(xp.result_type(x, edges), "integral") else x
    limits = xp.astype(edges, values.dtype)
    place = xp.searchsorted(limits, values, side="right") - 1
    # The last bin includes its right edge.
    place = xp.where(xp.equal(values, limits[n]), n - 1, place)
    inside = xp.logical_and(xp.greater_equal(place, 0), xp.less(place, n))
    if xp.isdtype(values.dtype, "real floating"):
        inside = xp.logical_and(inside, xp.logical_not(xp.isnan(values)))
    place = place[inside]
    if weights is None:
        counts = bincount(place, minlength=n)
    else:
        inner = weights[inside]
        if xp.isdtype(inner.dtype, "complex floating"):
            counts = bincount(place, xp.real(inner), n) + 1j * bincount(place, xp.imag(inner), n)
        else:
            counts = bincount(place, inner, n)
            if xp.isdtype(inner.dtype, "integral"):
                counts = xp.astype(counts, inner.dtype)
    if density:
        widths = xp.astype(edges[1:] - edges[:-1], xp.float64)
        return counts / widths / xp.sum(xp.astype(counts, xp.float64)), edges
    return counts, edges


def histogramdd(sample, /, bins=10, range=None, density=None, weights=None):
    """Counts of points (rows of `sample`) in a grid of bins, and the list of the edges per dimension."""
    points = sample if hasattr(sample, "ndim") else xp.stack([xp.asarray(c) for c in sample], axis=1)
    points = xp.reshape(points, (-1, 1)) if points.ndim == 1 else points
    n, dims = points.shape
    per_axis = [bins] * dims if hasattr(bins, "__index__") and not getattr(bins, "ndim", 0) else list(bins)
    if len(per_axis) != dims:
        raise ValueError(f"histogramdd: {len(per_axis)} bins for {dims} dimensions")
    limits = [None] * dims if range is None else list(range)
    edges, places, inside = [], [], xp.ones((n,), dtype=xp.bool)
    for d in builtin_range(dims):
        column = xp.astype(points[:, d], xp.float64)
        edge = xp.astype(histogram_bin_edges(column, per_axis[d], limits[d]), xp.float64)
        last = edge.shape[0] - 1
        place = xp.searchsorted(edge, column, side="right") - 1
        place = xp.where(xp.equal(column, edge[last]), last - 1, place)
        inside = xp.logical_and(inside, xp.logical_and(xp.greater_equal(place, 0), xp.less(place, last)))
        edges.append(edge)
        places.append(place)
    shape = tuple(e.shape[0] - 1 for e in edges)
    flat = None
    for place, length in zip(places, shape):
        flat = place if flat is None else flat * length + place
    w = None if weights is None else _flat(xp.asarray(weights))[inside]
    counts = xp.reshape(xp.astype(bincount(flat[inside], w, math.prod(shape)), xp.float64), shape)
    if density:
        total = xp.sum(counts)
        for d, edge in enumerate(edges):
            width = edge[1:] - edge[:-1]
            counts = counts / xp.reshape(width, tuple(-1 if i == d else 1 for i in builtin_range(dims)))
        counts = counts / total
    return counts, edges


def histogram2d(x, y, /, bins=10, range=None, density=None, weights=None):
    """Counts of points in a grid of bins, and the edges along x and y."""
    single = not hasattr(bins, "__index__") and not (hasattr(bins, "__len__") and len(bins) == 2)
    if single:
        bins = [xp.asarray(bins)] * 2
    points = xp.stack([_flat(xp.asarray(x)), _flat(xp.asarray(y))], axis=1)
    counts, edges = histogramdd(points, bins, range, density, weights)
    return counts, edges[0], edges[1]


# ---- pairs of variables, signals -------------------------------------------------------------------


def cov(m, /, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None):
    """The covariance matrix of variables in rows (or columns): divisor `n - 1`, or `n` if biased, or `n - ddof`."""
    x = as_float(m)
    if x.ndim > 2:
        raise ValueError(f"cov: at most 2 dimensions are possible, got {x.ndim}")
    if not rowvar and x.ndim == 2:
        x = xp.matrix_transpose(x)
    x = xp.reshape(x, (1, -1)) if x.ndim < 2 else x
    if y is not None:
        other = as_float(y)
        other = xp.reshape(other, (1, -1)) if other.ndim < 2 else other
        x = xp.concat([x, xp.matrix_transpose(other) if not rowvar and other.shape[0] != 1 else other], axis=0)
    ddof = (0 if bias else 1) if ddof is None else ddof
    n = x.shape[1]
    w = None
    for weights in (fweights, aweights):
        if weights is not None:
            weights = xp.astype(xp.asarray(weights), xp.float64)
            if weights.ndim != 1 or weights.shape[0] != n:
                raise ValueError(f"cov: weights must be a vector of {n} values")
            w = weights if w is None else w * weights
    if w is None:
        mean, free = xp.mean(x, axis=1, keepdims=True), n - ddof
    else:
        total = float(xp.sum(w))
        mean = xp.sum(x * w, axis=1, keepdims=True) / total
        if ddof == 0:
            free = total
        elif aweights is None:
            free = total - ddof
        else:
            free = total - ddof * float(xp.sum(w * xp.astype(xp.asarray(aweights), xp.float64))) / total
    apart = x - mean
    right = apart if w is None else apart * w
    right = xp.matrix_transpose(xp.conj(right) if xp.isdtype(x.dtype, "complex floating") else right)
    product = xp.matmul(apart, right)
    scale = 1.0 / free if free > 0 else math.nan if free == 0 and n == 0 else math.inf if free == 0 else 1.0 / free
    out = xp.multiply(product, scale)
    return xp.reshape(out, ()) if out.shape == (1, 1) else out


def corrcoef(x, /, y=None, rowvar=True):
    """The matrix of Pearson's correlation coefficients of variables in rows (or columns)."""
    c = cov(x, y, rowvar)
    if c.ndim == 0:
        return xp.divide(c, c)
    d = xp.sqrt(xp.real(xp.linalg.diagonal(c)) if xp.isdtype(c.dtype, "complex floating") else xp.linalg.diagonal(c))
    out = c / xp.reshape(d, (-1, 1)) / d
    if xp.isdtype(out.dtype, "complex floating"):
        return xp.clip(xp.real(out), -1, 1) + 1j * xp.clip(xp.imag(out), -1, 1)
    return xp.clip(out, -1.0, 1.0)


def convolve(a, v, /, mode="full"):
    """The discrete convolution of two vectors; `mode` is "full", "same" or "valid"."""
    a, v = xp.asarray(a), xp.asarray(v)
    a, v = (xp.reshape(x, (1,)) if x.ndim == 0 else x for x in (a, v))
    if v.shape[0] > a.shape[0]:
        a, v = v, a
    if v.shape[0] == 0:
        raise ValueError("convolve: an operand is empty")
    return _slide(a, xp.flip(v), mode, "convolve")


def correlate(a, v, /, mode="valid"):
    """The cross-correlation of two vectors, the second conjugated."""
    a, v = xp.asarray(a), xp.asarray(v)
    if a.shape[0] == 0 or v.shape[0] == 0:
        raise ValueError("correlate: an operand is empty")
    v = xp.conj(v) if xp.isdtype(v.dtype, "complex floating") else v
    if v.shape[0] > a.shape[0]:
        return xp.flip(_slide(v, a, mode, "correlate"))
    return _slide(a, v, mode, "correlate")


def _slide(a, v, mode, name):
    """Sums of products of `v` with each stretch of `a`."""
    dtype = xp.result_type(a, v)
    a, v = xp.astype(a, dtype), xp.astype(v, dtype)
    n, k = a.shape[0], v.shape[0]
    if mode == "full":
        left = right = k - 1
    elif mode == "same":
        left, right = k // 2, k - 1 - k // 2
    elif mode == "valid":
        left = right = 0
    else:
        raise ValueError(f"{name}: mode {mode!r} is not one of full, same, valid")
    padded = xp.concat([xp.zeros((left,), dtype=dtype), a, xp.zeros((right,), dtype=dtype)])
    count = padded.shape[0] - k + 1
    index = xp.reshape(xp.arange(count), (-1, 1)) + xp.reshape(xp.arange(k), (1, -1))
    if count * k <= 1 << 22:
        return xp.matmul(padded[index], v)
    out = xp.zeros((count,), dtype=dtype)
    for j in builtin_range(k):
        out = out + padded[j : j + count] * v[j]
    return out


def gradient(f, /, *varargs, axis=None, edge_order=1):
    """Second-order differences inside and first- or second-order ones at the edges; one array per axis.

    Spacings: none (1), one for all axes, or one number or coordinate vector per axis.
    """
    f = as_float(f)
    axes = axis_tuple(axis, f.ndim)
    spacings = list(varargs) or [1.0]
    if len(spacings) == 1 and not (is_array(spacings[0]) and getattr(spacings[0], "ndim", 0)):
        spacings = spacings * len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"gradient: {len(spacings)} spacings for {len(axes)} axes")
    out = tuple(xp.astype(_gradient_axis(f, a, s, edge_order), f.dtype) for a, s in zip(axes, spacings))
    return out[0] if len(axes) == 1 else out


def _gradient_axis(f, axis, spacing, edge_order):
    n = f.shape[axis]
    if n < edge_order + 1:
        raise ValueError(f"gradient: axis {axis} needs at least {edge_order + 1} elements, it has {n}")
    at = lambda i, j: f[along(axis, f.ndim, slice(i, j))]  # noqa: E731
    spacing = xp.asarray(spacing) if is_array(spacing) or isinstance(spacing, (list, tuple)) else spacing
    if is_array(spacing) and spacing.ndim:
        if spacing.shape[0] != n:
            raise ValueError(f"gradient: {spacing.shape[0]} coordinates for an axis of length {n}")
        h = as_float(spacing[1:] - spacing[:-1])
        if n > 1 and bool(xp.all(xp.equal(h, h[0]))):
            spacing = h[0]
    if not (is_array(spacing) and spacing.ndim):
        h = spacing
        inside = (at(2, n) - at(0, n - 2)) / (2.0 * h)
        if edge_order == 1:
            first, last = (at(1, 2) - at(0, 1)) / h, (at(n - 1, n) - at(n - 2, n - 1)) / h
        else:
            first = (-1.5 * at(0, 1) + 2.0 * at(1, 2) - 0.5 * at(2, 3)) / h
            last = (0.5 * at(n - 3, n - 2) - 2.0 * at(n - 2, n - 1) + 1.5 * at(n - 1, n)) / h
        return xp.concat([first, inside, last], axis=axis)
    shape = tuple(-1 if i == axis else 1 for i in builtin_range(f.ndim))
    left, right = xp.reshape(h[:-1], shape), xp.reshape(h[1:], shape)
    inside = (
        -right / (left * (left + right)) * at(0, n - 2)
        + (right - left) / (left * right) * at(1, n - 1)
        + left / (right * (left + right)) * at(2, n)
    )
    if edge_order == 1:
        first, last = (at(1, 2) - at(0, 1)) / h[0], (at(n - 1, n) - at(n - 2, n - 1)) / h[n - 2]
    else:
        a, b = h[0], h[1]
        first = -(2.0 * a + b) / (a * (a + b)) * at(0, 1) + (a + b) / (a * b) * at(1, 2) - a / (b * (a + b)) * at(2, 3)
        a, b = h[n - 3], h[n - 2]
        last = (b / (a * (a + b)) * at(n - 3, n - 2) - (b + a) / (a * b) * at(n - 2, n - 1)
                + (2.0 * b + a) / (b * (a + b)) * at(n - 1, n))  # fmt: skip
    return xp.concat([first, inside, last], axis=axis)


def ediff1d(x, /, to_end=None, to_begin=None):
    """Differences of neighbours of the flattened array, with values put before and after."""
    x = _flat(xp.asarray(x))
    parts = [x[1:] - x[:-1]]
    if to_begin is not None:
        parts.insert(0, xp.astype(_flat(xp.asarray(to_begin)), x.dtype))
    if to_end is not None:
        parts.append(xp.astype(_flat(xp.asarray(to_end)), x.dtype))
    return xp.concat(parts) if len(parts) > 1 else parts[0]


def trapezoid(y, /, x=None, dx=1.0, axis=-1):
    """The integral along an axis by the trapezoidal rule."""
    y = as_float(y)
    axis = one_axis(axis, y.ndim)
    n = y.shape[axis]
    if x is None:
        step = dx
    else:
        x = as_float(x)
        step = x[1:] - x[:-1] if x.ndim == 1 else None
        if step is None:
            step = x[along(axis, x.ndim, slice(1, None))] - x[along(axis, x.ndim, slice(0, n - 1))]
        else:
            step = xp.reshape(step, tuple(-1 if i == axis else 1 for i in builtin_range(y.ndim)))
    ends = y[along(axis, y.ndim, slice(1, None))] + y[along(axis, y.ndim, slice(0, n - 1))]
    return xp.sum(step * ends / 2.0, axis=axis)


def interp(x, xp_, fp, /, left=None, right=None, period=None):
    """Piecewise linear interpolation through the points `(xp, fp)` at the places `x`; `xp` increases."""
    x, px, py = as_float(x), as_float(xp_), as_float(fp)
    if px.ndim != 1 or py.shape[0] != px.shape[0]:
        raise ValueError("interp: the points must be two vectors of one length")
    if px.shape[0] == 0:
        raise ValueError("interp: there are no points")
    if period is not None:
        if period == 0:
            raise ValueError("interp: the period must not be zero")
        period = abs(period)
        x, px = xp.remainder(x, period), xp.remainder(px, period)
        order = xp.argsort(px, stable=True)
        px, py = px[order], py[order]
        n = px.shape[0]
        px = xp.concat([px[n - 1 :] - period, px, px[:1] + period])
        py = xp.concat([py[n - 1 :], py, py[:1]])
        left = right = None
    n = px.shape[0]
    flat = _flat(xp.astype(x, xp.float64))
    px = xp.astype(px, xp.float64)
    place = xp.clip(xp.searchsorted(px, flat, side="right") - 1, 0, max(n - 2, 0))
    after = xp.clip(place + 1, 0, n - 1)
    x0, x1, y0, y1 = px[place], px[after], py[place], py[after]
    wide = xp.where(xp.equal(x1, x0), xp.ones_like(x0), x1 - x0)
    slope = (y1 - y0) / wide
    out = slope * (flat - x0) + y0
    # Exact at the points, also where a neighbour is infinite.
    out = xp.where(xp.equal(flat, x0), y0, xp.where(xp.equal(flat, x1), y1, out))
    fill = lambda v: xp.full_like(out, v) if not is_array(v) else xp.broadcast_to(v, out.shape)  # noqa: E731
    out = xp.where(xp.less(flat, px[0]), fill(py[0] if left is None else left), out)
    out = xp.where(xp.greater(flat, px[n - 1]), fill(py[n - 1] if right is None else right), out)
    if xp.isdtype(flat.dtype, "real floating"):
        out = xp.where(xp.isnan(flat), xp.astype(flat, out.dtype), out)
    return xp.reshape(out, x.shape)


builtin_range = range
