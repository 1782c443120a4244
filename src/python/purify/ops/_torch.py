"""The standard's names over PyTorch, where its own names or keywords differ."""

import torch


def overrides():
    """Functions and dtypes that stand in for PyTorch's own."""
    real = {torch.float16, torch.bfloat16, torch.float32, torch.float64}
    signed = {torch.int8, torch.int16, torch.int32, torch.int64}
    unsigned = {torch.uint8, torch.uint16, torch.uint32, torch.uint64}
    complexes = {torch.complex64, torch.complex128}
    kinds = {
        "bool": {torch.bool}, "signed integer": signed, "unsigned integer": unsigned, "integral": signed | unsigned,
        "real floating": real, "complex floating": complexes, "numeric": signed | unsigned | real | complexes,
    }  # fmt: skip

    def asarray(obj, /, *, dtype=None, device=None, copy=None):
        if not isinstance(obj, torch.Tensor) and hasattr(obj, "__dlpack__"):
            obj = torch.from_dlpack(obj)
        if isinstance(obj, (list, tuple)) and obj and isinstance(obj[0], torch.Tensor):
            obj = torch.stack([asarray(o) for o in obj])
        if dtype is None and not isinstance(obj, torch.Tensor):
            # Python's floats are float64 under the other backends as well.
            probe = torch.asarray(obj)
            dtype = {torch.float32: torch.float64, torch.complex64: torch.complex128}.get(probe.dtype)
        return torch.asarray(obj, dtype=dtype, device=device, copy=copy)

    def isdtype(dtype, kind):
        if isinstance(kind, tuple):
            return any(isdtype(dtype, k) for k in kind)
        return dtype in kinds[kind] if isinstance(kind, str) else dtype == kind

    def result_type(*values):
        values = [v for v in values]
        tensors = [v if not isinstance(v, torch.dtype) else torch.empty(1, dtype=v) for v in values]
        out = None
        for t in tensors:
            t = t if isinstance(t, torch.Tensor) else torch.asarray(t) if out is None else t
            out = t.dtype if out is None else torch.result_type(torch.empty(1, dtype=out), t if not isinstance(
                t, torch.Tensor) or t.ndim else t.reshape(1))
        return out

    def axes_of(x, axis):
        return tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)

    def reduction(function):
        def call(x, /, *, axis=None, keepdims=False):
            x = asarray(x)
            return function(x, dim=axes_of(x, axis), keepdim=keepdims) if x.ndim else function(x, dim=(), keepdim=keepdims)

        return call

    def accumulate(function):
        def call(x, /, *, axis=None, dtype=None, keepdims=False):
            x = asarray(x)
            if dtype is not None:
                x = x.to(dtype)
            elif not isdtype(x.dtype, ("real floating", "complex floating")):
                x = x.to(torch.int64)
            for a in sorted((a % x.ndim for a in axes_of(x, axis)), reverse=True) if x.ndim else ():
                x = function(x, dim=a, keepdim=keepdims)
            return x

        return call

    def spread(function):
        def call(x, /, *, axis=None, correction=0.0, keepdims=False):
            x = asarray(x)
            return function(x, dim=axes_of(x, axis), correction=correction, keepdim=keepdims)

        return call

    def truth(function):
        def call(x, /, *, axis=None, keepdims=False):
            x = asarray(x).to(torch.bool)
            for a in sorted((a % x.ndim for a in axes_of(x, axis)), reverse=True) if x.ndim else ():
                x = function(x, dim=a, keepdim=keepdims)
            return x

        return call

    def mean(x, /, *, axis=None, keepdims=False):
        x = asarray(x)
        x = x if isdtype(x.dtype, ("real floating", "complex floating")) else x.to(torch.float64)
        return torch.mean(x, dim=axes_of(x, axis), keepdim=keepdims)

    def both(name):
        function = getattr(torch, name)

        def call(x1, x2, /):
            if not isinstance(x1, torch.Tensor) and not isinstance(x2, torch.Tensor):
                x1 = asarray(x1)
            like = x1 if isinstance(x1, torch.Tensor) else x2
            one = lambda v: v if isinstance(v, torch.Tensor) else torch.asarray(v, dtype=result_type(like, v))  # noqa: E731
            return function(one(x1), one(x2))

        return call

    def unary(name):
        function = getattr(torch, name)
        return lambda x, /: function(asarray(x))

    def argument(function):
        def call(x, /, *, axis=None, keepdims=False):
            return function(asarray(x), dim=axis, keepdim=keepdims and axis is not None)

        return call

    def running(function, initial):
        def call(x, /, *, axis=None, dtype=None, include_initial=False):
            x = asarray(x)
            axis = 0 if axis is None else axis
            out = function(x, dim=axis, dtype=dtype)
            if not include_initial:
                return out
            shape = list(out.shape)
            shape[axis] = 1
            return torch.cat([torch.full(shape, initial, dtype=out.dtype), out], dim=axis)

        return call

    def take(x, indices, /, *, axis=None):
        x = asarray(x)
        if axis is None:
            return x.reshape(-1)[indices]
        return torch.index_select(x, axis, asarray(indices).reshape(-1)) if asarray(indices).ndim < 2 else torch.moveaxis(
            torch.moveaxis(x, axis, 0)[indices], tuple(range(indices.ndim)), tuple(range(axis % x.ndim, axis % x.ndim + indices.ndim)))

    def full(shape, fill_value, *, dtype=None, device=None):
        if dtype is None and isinstance(fill_value, float):
            dtype = torch.float64
        return torch.full(shape if isinstance(shape, (tuple, list)) else (shape,), fill_value, dtype=dtype, device=device)

    def filled(value):
        return lambda shape, *, dtype=None, device=None: full(shape, value, dtype=dtype or torch.float64, device=device)

    def arange(start, /, stop=None, step=1, *, dtype=None, device=None):
        start, stop = (0, start) if stop is None else (start, stop)
        if dtype is None:
            dtype = torch.float64 if any(isinstance(v, float) for v in (start, stop, step)) else torch.int64
        if step < 0:
            count = max(-int((start - stop) // step), 0)
            return start + step * torch.arange(count, dtype=dtype, device=device)
        return torch.arange(start, max(start, stop), step, dtype=dtype, device=device)

    def linspace(start, stop, /, num=50, *, dtype=None, device=None, endpoint=True):
        if not endpoint:
            return torch.linspace(start, stop, num + 1, dtype=dtype or torch.float64, device=device)[:-1]
        return torch.linspace(start, stop, num, dtype=dtype or torch.float64, device=device)

    def eye(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None):
        n_cols = n_rows if n_cols is None else n_cols
        rows, cols = torch.arange(n_rows).reshape(-1, 1), torch.arange(n_cols)
        return (cols == rows + k).to(dtype or torch.float64)

    def sort(x, /, *, axis=-1, descending=False, stable=True):
        return torch.sort(asarray(x), dim=axis, descending=descending, stable=stable).values

    def clip(x, /, min=None, max=None):
        x = asarray(x)
        return x if min is None and max is None else torch.clip(x, min, max)

    def where(condition, x1, x2, /):
        like = next((v for v in (x1, x2) if isinstance(v, torch.Tensor)), None)
        one = lambda v: v if isinstance(v, torch.Tensor) else asarray(v, dtype=None if like is None else result_type(like, v))  # noqa: E731
        return torch.where(asarray(condition).to(torch.bool), one(x1), one(x2))

    def diff(x, /, *, axis=-1, n=1, prepend=None, append=None):
        return torch.diff(asarray(x), n=n, dim=axis, prepend=prepend, append=append)

    def unique_all(x, /):
        values, inverse, counts = torch.unique(x, return_inverse=True, return_counts=True)
        order = torch.argsort(inverse.reshape(-1), stable=True)
        first = order[torch.cumsum(counts, 0) - counts]
        return values, first, inverse, counts

    functions = {
        **{n: both(n) for n in "add subtract multiply divide floor_divide remainder pow atan2 hypot copysign nextafter logaddexp "
           "maximum minimum equal bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift logical_and "
           "logical_or logical_xor less less_equal greater greater_equal not_equal".split() if n != "equal"},
        "equal": lambda x1, x2, /: torch.eq(asarray(x1), x2 if isinstance(x2, torch.Tensor) else asarray(x2)),
        **{n: unary(n) for n in "abs acos acosh asin asinh atan atanh ceil conj cos cosh exp expm1 floor isfinite isinf isnan log log1p "
           "log2 log10 logical_not negative positive real reciprocal round sign signbit sin sinh sqrt square tan tanh trunc".split()},
        "imag": lambda x, /: torch.imag(x) if x.dtype in complexes else torch.zeros_like(x),
        "real": lambda x, /: torch.real(asarray(x)),
        "bitwise_invert": unary("bitwise_not"),
        "asarray": asarray, "astype": lambda x, dtype, /, *, copy=True, device=None: x.to(dtype, copy=copy), "isdtype": isdtype,
        "result_type": result_type, "sum": accumulate(torch.sum), "prod": accumulate(torch.prod), "max": reduction(torch.amax),
        "min": reduction(torch.amin), "mean": mean, "var": spread(torch.var), "std": spread(torch.std), "any": truth(torch.any),
        "all": truth(torch.all), "argmax": argument(torch.argmax), "argmin": argument(torch.argmin), "take": take,
        "cumulative_sum": running(torch.cumsum, 0), "cumulative_prod": running(torch.cumprod, 1), "sort": sort, "clip": clip,
        "argsort": lambda x, /, *, axis=-1, descending=False, stable=True: torch.argsort(asarray(x), dim=axis, descending=descending, stable=stable),
        "concat": lambda arrays, /, *, axis=0: torch.cat([a.reshape(-1) for a in arrays] if axis is None else list(arrays), dim=axis or 0),
        "stack": lambda arrays, /, *, axis=0: torch.stack(list(arrays), dim=axis),
        "expand_dims": lambda x, /, axis: _each_axis(torch.unsqueeze, x, axis), "squeeze": lambda x, /, axis=None: torch.squeeze(x) if axis is None else torch.squeeze(x, axis),
        "permute_dims": lambda x, /, axes: torch.permute(x, tuple(axes)), "matrix_transpose": lambda x, /: x.mT, "where": where,
        "flip": lambda x, /, *, axis=None: torch.flip(x, axes_of(x, axis)), "roll": lambda x, /, shift, *, axis=None: torch.roll(x, shift, axis),
        "reshape": lambda x, /, shape, *, copy=None: torch.reshape(x, tuple(shape) if not isinstance(shape, int) else (shape,)),
        "broadcast_to": lambda x, /, shape: torch.broadcast_to(x, tuple(shape)), "broadcast_arrays": lambda *a: torch.broadcast_tensors(*a),
        "nonzero": lambda x, /: torch.nonzero(x, as_tuple=True), "unstack": lambda x, /, *, axis=0: torch.unbind(x, axis),
        "searchsorted": lambda x1, x2, /, *, side="left", sorter=None: torch.searchsorted(x1.contiguous(), asarray(x2).contiguous(), side=side, sorter=sorter),
        "take_along_axis": lambda x, indices, /, *, axis=-1: torch.take_along_dim(x, indices, dim=axis), "diff": diff,
        "repeat": lambda x, repeats, /, *, axis=None: torch.repeat_interleave(x, repeats, dim=axis), "tile": lambda x, reps, /: torch.tile(x, reps if isinstance(reps, tuple) else (reps,)),
        "isin": lambda x1, x2, /, *, invert=False: torch.isin(asarray(x1), asarray(x2), invert=invert), "full": full, "zeros": filled(0.0),
        "ones": filled(1.0), "empty": filled(0.0), "arange": arange, "linspace": linspace, "eye": eye, "newaxis": None,
        "meshgrid": lambda *arrays, indexing="xy": torch.meshgrid(*arrays, indexing=indexing), "tensordot": lambda x1, x2, /, *, axes=2: torch.tensordot(x1, x2, dims=axes),
        "vecdot": lambda x1, x2, /, *, axis=-1: torch.linalg.vecdot(x1, x2, dim=axis), "count_nonzero": lambda x, /, *, axis=None, keepdims=False: torch.count_nonzero(x, dim=axis),
        "full_like": lambda x, /, fill_value, *, dtype=None, device=None: torch.full_like(x, fill_value, dtype=dtype),
        "tril": lambda x, /, *, k=0: torch.tril(x, k), "triu": lambda x, /, *, k=0: torch.triu(x, k), "unique_all": unique_all,
        "unique_values": lambda x, /: torch.unique(x), "unique_counts": lambda x, /: torch.unique(x, return_counts=True),
        "unique_inverse": lambda x, /: torch.unique(x, return_inverse=True), "finfo": torch.finfo, "iinfo": torch.iinfo,
        "linalg.diagonal": lambda x, /, *, offset=0: torch.diagonal(x, offset, -2, -1), "linalg.trace": lambda x, /, *, offset=0, dtype=None: torch.diagonal(x, offset, -2, -1).sum(-1),
        "linalg.outer": torch.outer, "linalg.vector_norm": lambda x, /, *, axis=None, keepdims=False, ord=2: torch.linalg.vector_norm(x, ord=ord, dim=axis, keepdim=keepdims),
        "linalg.matrix_norm": lambda x, /, *, keepdims=False, ord="fro": torch.linalg.matrix_norm(x, ord=ord, keepdim=keepdims),
        "linalg.cross": lambda x1, x2, /, *, axis=-1: torch.linalg.cross(x1, x2, dim=axis), "linalg.matrix_transpose": lambda x, /: x.mT,
    }  # fmt: skip
    return functions


def _each_axis(function, x, axis):
    for a in sorted(axis) if isinstance(axis, tuple) else (axis,):
        x = function(x, a)
    return x
