"""Arrays of arbitrary Python objects (`dtype=object`): decimals, fractions, mixed values.

Numbers of the machine never come here. `asarray` and the creation functions hand over when an element has no numeric
dtype; from the first object array on, the functions of `ops` look at their arguments and call the versions below where
one is an object array. Elements are kept in a flat list in row-major order.
"""

import operator as _operator
import sys as _sys
from itertools import product
from math import prod

from purify import _native
from purify import ops


class _ObjectDType:
    """The dtype of object arrays."""

    name, kind, itemsize, char, str, hasobject = "object", "O", 8, "O", "|O", True

    def __call__(self, value):
        return value

    def __eq__(self, other):
        return isinstance(other, _ObjectDType) or other is object or other in ("object", "O") if not hasattr(
            other, "shape"
        ) else False

    def __hash__(self):
        return hash("object")

    def __str__(self):
        return "object"

    def __repr__(self):
        return "dtype('O')"

    @property
    def type(self):
        return self


object_ = _ObjectDType()


class _Flat:
    """`x.flat`: the elements in row-major order, to read, write and iterate."""

    def __init__(self, elements):
        self._elements = elements

    def __len__(self):
        return len(self._elements)

    def __iter__(self):
        return iter(self._elements)

    def __getitem__(self, key):
        picked = self._elements[key]
        return ObjectArray(picked, (len(picked),)) if isinstance(key, slice) else picked

    def __setitem__(self, key, value):
        self._elements[key] = value


class ObjectArray:
    """An n-dimensional array whose elements are Python objects."""

    __array_priority__ = 2000.0
    # To `isinstance` it is an array like any other.
    __class__ = property(lambda self: _native.Tensor)
    dtype, device, itemsize = object_, "cpu", 8

    def __init__(self, flat, shape):
        self._flat, self.shape = list(flat), tuple(shape)
        if len(self._flat) != prod(self.shape):
            raise ValueError(f"{len(self._flat)} objects do not fill shape {self.shape}")
        _install()

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: len(self._flat))
    nbytes = property(lambda self: 8 * len(self._flat))
    T = property(lambda self: self.transpose())
    flat = property(lambda self: _Flat(self._flat))

    @property
    def mT(self):
        axes = list(range(self.ndim))
        axes[-2], axes[-1] = axes[-1], axes[-2]
        return self.transpose(axes)

    real = property(lambda self: self._map(lambda v: getattr(v, "real", v)))
    imag = property(lambda self: self._map(lambda v: getattr(v, "imag", 0)))

    def _map(self, function):
        return ObjectArray(map(function, self._flat), self.shape)

    # ---- elements -----------------------------------------------------------------------------

    def __len__(self):
        if not self.shape:
            raise TypeError("len() of a 0-d array")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def _positions(self):
        return ops.reshape(_native.arange(self.size), self.shape)

    def __getitem__(self, key):
        picked = self._positions()[_plain(key)]
        if picked.ndim == 0:
            return self._flat[int(picked)]
        return ObjectArray((self._flat[i] for i in _native.reshape(picked, (-1,)).tolist()), picked.shape)

    def __setitem__(self, key, value):
        picked = self._positions()[_plain(key)]
        values = broadcast(asarray(value), picked.shape)._flat
        for i, v in zip(_native.reshape(picked, (-1,)).tolist(), values):
            self._flat[i] = v

    def item(self, *index):
        if index:
            return self[index]
        if self.size != 1:
            raise ValueError("only an array of one element converts to a scalar")
        return self._flat[0]

    def __bool__(self):
        if self.size != 1:
            raise ValueError(f"the truth value of an array of shape {self.shape} is ambiguous")
        return bool(self._flat[0])

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        return _operator.index(self.item())

    def __format__(self, spec):
        return format(self.item(), spec) if spec else str(self)

    def __round__(self, ndigits=None):
        return self._map(lambda v: round(v) if ndigits is None else round(v, ndigits))

    def __contains__(self, value):
        return value in self._flat

    def tolist(self):
        def nest(offset, shape):
            if not shape:
                return self._flat[offset]
            step = prod(shape[1:])
            return [nest(offset + i * step, shape[1:]) for i in range(shape[0])]

        return nest(0, self.shape)

    def __repr__(self):
        return f"Tensor({_text(self.tolist(), repr)}, dtype=object)"

    def __str__(self):
        return _text(self.tolist(), str, " ")

    # ---- shapes -------------------------------------------------------------------------------

    def reshape(self, *shape, **_):
        shape = shape[0] if len(shape) == 1 and not hasattr(shape[0], "__index__") else shape
        return ObjectArray(self._flat, ops.reshape(self._positions(), tuple(shape)).shape)

    def _by_position(self, function):
        picked = function(self._positions())
        return ObjectArray((self._flat[i] for i in _native.reshape(picked, (-1,)).tolist()), picked.shape)

    def transpose(self, *axes):
        axes = axes[0] if len(axes) == 1 and not hasattr(axes[0], "__index__") else axes
        return self._by_position(lambda p: p.T if not axes else ops.permute_dims(p, tuple(axes)))

    def ravel(self, order="C"):
        return self.reshape(-1)

    flatten = ravel

    def squeeze(self, axis=None):
        return self._by_position(lambda p: p.squeeze(axis))

    def copy(self, order="C"):
        return ObjectArray(self._flat, self.shape)

    __copy__ = copy

    def __deepcopy__(self, memo):
        from copy import deepcopy

        return ObjectArray(deepcopy(self._flat, memo), self.shape)

    def astype(self, dtype, copy=True, **_):
        if dtype is object or dtype == object_ or dtype in ("object", "O"):
            return self.copy()
        target = _native.dtype(dtype)
        convert = {"f": float, "c": complex, "b": bool}.get(target.kind, int)
        return _native.asarray([convert(v) for v in self._flat] or [0][:0], dtype=target).reshape(self.shape)

    def fill(self, value):
        self._flat[:] = [value] * self.size

    # ---- reductions ---------------------------------------------------------------------------

    def _reduce(self, function, axis, keepdims, empty=None):
        axes = range(self.ndim) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
        axes = sorted(a % self.ndim for a in axes) if self.ndim else []
        rest = [a for a in range(self.ndim) if a not in axes]
        lead = tuple(self.shape[a] for a in rest)
        moved = self.transpose(rest + list(axes))._flat if self.ndim else self._flat
        step = prod(self.shape[a] for a in axes)
        out = [function(moved[i * step : (i + 1) * step]) for i in range(prod(lead))]
        if keepdims:
            lead = tuple(1 if a in axes else n for a, n in enumerate(self.shape))
        return out[0] if not lead else ObjectArray(out, lead)

    def sum(self, axis=None, dtype=None, out=None, keepdims=False):
        return self._reduce(lambda v: _fold(_operator.add, v, 0), axis, keepdims)

    def prod(self, axis=None, dtype=None, out=None, keepdims=False):
        return self._reduce(lambda v: _fold(_operator.mul, v, 1), axis, keepdims)

    def mean(self, axis=None, dtype=None, out=None, keepdims=False):
        return self._reduce(lambda v: _fold(_operator.add, v, 0) / len(v), axis, keepdims)

    def var(self, axis=None, dtype=None, out=None, ddof=0, keepdims=False, correction=None):
        free = ddof if correction is None else correction

        def one(v):
            middle = _fold(_operator.add, v, 0) / len(v)
            return _fold(_operator.add, [(x - middle) * (x - middle) for x in v], 0) / (len(v) - int(free))

        return self._reduce(one, axis, keepdims)

    def std(self, axis=None, dtype=None, out=None, ddof=0, keepdims=False, correction=None):
        return sqrt(self.var(axis, ddof=ddof, keepdims=keepdims, correction=correction))

    def max(self, axis=None, out=None, keepdims=False):
        return self._reduce(max, axis, keepdims)

    def min(self, axis=None, out=None, keepdims=False):
        return self._reduce(min, axis, keepdims)

    def any(self, axis=None, out=None, keepdims=False):
        return _numeric(self._reduce(lambda v: any(map(bool, v)), axis, keepdims), bool)

    def all(self, axis=None, out=None, keepdims=False):
        return _numeric(self._reduce(lambda v: all(map(bool, v)), axis, keepdims), bool)

    def argmax(self, axis=None, out=None, *, keepdims=False):
        return _numeric(self._reduce(lambda v: v.index(max(v)), axis, keepdims), int)

    def argmin(self, axis=None, out=None, *, keepdims=False):
        return _numeric(self._reduce(lambda v: v.index(min(v)), axis, keepdims), int)

    def cumsum(self, axis=None, dtype=None, out=None):
        return _running(self, _operator.add, axis)

    def cumprod(self, axis=None, dtype=None, out=None):
        return _running(self, _operator.mul, axis)

    def round(self, decimals=0, out=None):
        return self._map(lambda v: round(v, decimals))

    def clip(self, min=None, max=None, out=None):
        return clip(self, min, max)

    def nonzero(self):
        return ops.nonzero(_native.asarray([bool(v) for v in self._flat]).reshape(self.shape))

    def dot(self, other):
        return matmul(self, other)

    def argsort(self, axis=-1, **_):
        if self.ndim != 1:
            raise NotImplementedError("argsort of object arrays takes vectors")
        return _native.asarray(sorted(range(self.size), key=self._flat.__getitem__))

    def sort(self, axis=-1, **_):
        self[...] = sorted_(self, axis=axis)

    def __array_namespace__(self, *, api_version=None):
        return ops

    @property
    def __array__(self):
        # Only NumPy asks, and it is there when it does; to everybody else this is no array of numbers.
        numpy = _sys.modules.get("numpy")
        if numpy is None:
            raise AttributeError("__array__")
        return lambda dtype=None, copy=None: self._as_numpy(numpy, dtype)

    def _as_numpy(self, numpy, dtype):
        out = numpy.empty(self.shape, dtype=object)
        out.reshape(-1)[:] = self._flat
        return out if dtype is None else out.astype(dtype)

    def __hash__(self):
        raise TypeError("unhashable type: object array")

    def __neg__(self):
        return self._map(_operator.neg)

    def __pos__(self):
        return self._map(_operator.pos)

    def __abs__(self):
        return self._map(abs)

    def __invert__(self):
        return self._map(_operator.invert)

    def __matmul__(self, other):
        return matmul(self, other)

    def __rmatmul__(self, other):
        return matmul(other, self)


def _binary_methods():
    names = "add sub mul truediv floordiv mod pow and_ or_ xor lshift rshift".split()
    for name in names:
        function, plain = getattr(_operator, name), name.rstrip("_")

        def forward(self, other, f=function):
            return NotImplemented if isinstance(other, (str, dict)) or other is None else _apply(f, self, other)

        def reflected(self, other, f=function):
            return NotImplemented if isinstance(other, (str, dict)) or other is None else _apply(f, other, self)

        def in_place(self, other, f=function):
            self[...] = _apply(f, self, other)
            return self

        setattr(ObjectArray, f"__{plain}__", forward)
        setattr(ObjectArray, f"__r{plain}__", reflected)
        setattr(ObjectArray, f"__i{plain}__", in_place)
    for name in "eq ne lt le gt ge".split():

        def compare(self, other, f=getattr(_operator, name)):
            return _numeric(_apply(f, self, other), bool)

        setattr(ObjectArray, f"__{name}__", compare)


_binary_methods()


def _plain(key):
    """Object arrays of integers or truth values as index arrays of numbers."""
    one = lambda k: _native.asarray(k.tolist()) if isinstance(k, ObjectArray) else k  # noqa: E731
    return tuple(map(one, key)) if isinstance(key, tuple) else one(key)


def _text(items, show, separator=", "):
    if isinstance(items, list):
        return "[" + separator.join(_text(i, show, separator) for i in items) + "]"
    return show(items)


def _fold(function, values, start):
    if not values:
        return start
    total = values[0]
    for v in values[1:]:
        total = function(total, v)
    return total


def _numeric(value, kind):
    """An object array of truth values or indices as a numeric one; single values as 0-d."""
    if not isinstance(value, ObjectArray):
        return _native.asarray(kind(value)) if value is not NotImplemented else value
    dtype = _native.bool if kind is bool else _native.int64
    flat = [kind(v) for v in value._flat]
    return _native.reshape(_native.asarray(flat, dtype=dtype), value.shape)


def _running(x, function, axis):
    if axis is None:
        x, axis = x.reshape(-1), 0
    out = x.copy()
    axis %= x.ndim
    for lead in product(*(range(n) for i, n in enumerate(x.shape) if i != axis)):
        total = None
        for i in range(x.shape[axis]):
            index = (*lead[:axis], i, *lead[axis:])
            total = x[index] if total is None else function(total, x[index])
            out[index] = total
    return out


# ---- conversion ------------------------------------------------------------------------------------


def asarray(obj, dtype=None, copy=None):
    """An object array of a value: nested sequences give its shape."""
    if isinstance(obj, ObjectArray):
        if dtype is not None:
            return obj.astype(dtype)
        return obj.copy() if copy else obj
    if isinstance(obj, _native.Tensor):
        return from_tensor(obj)
    shape = _measure(obj)
    flat = []
    _collect(obj, shape, flat)
    out = ObjectArray(flat, shape)
    return out if dtype is None else out.astype(dtype)


def _measure(obj):
    shape = []
    while True:
        if isinstance(obj, (_native.Tensor, ObjectArray)):
            return (*shape, *obj.shape)
        if not isinstance(obj, (list, tuple)):
            return tuple(shape)
        shape.append(len(obj))
        if not obj:
            return tuple(shape)
        obj = obj[0]


def _collect(obj, shape, flat):
    if not shape:
        flat.append(obj.item() if isinstance(obj, (_native.Tensor, ObjectArray)) else obj)
        return
    if isinstance(obj, (_native.Tensor, ObjectArray)):
        obj = obj.tolist()
    if not isinstance(obj, (list, tuple)) or len(obj) != shape[0]:
        raise ValueError("asarray: the nested sequence has an inhomogeneous shape")
    for item in obj:
        _collect(item, shape[1:], flat)


def from_tensor(x):
    """A numeric array as an object array of Python numbers."""
    return ObjectArray(_native.reshape(x, (-1,)).tolist(), x.shape)


def to_numeric(obj):
    """The elements as Python floats (or integers, if they all are), for writing into a numeric array."""
    x = asarray(obj)
    try:
        values = [v if isinstance(v, (bool, int, float, complex)) else float(v) for v in x._flat]
    except (TypeError, ValueError):
        raise TypeError(f"a value of type {type(obj).__name__} cannot be written into a numeric array") from None
    return _native.reshape(_native.asarray(values), x.shape)


def broadcast(x, shape):
    """An object array repeated to a shape."""
    return x if x.shape == tuple(shape) else x._by_position(lambda p: ops.broadcast_to(p, tuple(shape)))


def zeros(shape):
    """An object array of the integer 0."""
    return full(shape, 0)


def ones(shape):
    """An object array of the integer 1."""
    return full(shape, 1)


def empty(shape):
    """An object array of None."""
    return full(shape, None)


def full(shape, fill_value):
    """An object array of one value."""
    shape = (shape.__index__(),) if hasattr(shape, "__index__") else tuple(n.__index__() for n in shape)
    return ObjectArray([fill_value] * prod(shape), shape)


# ---- elementwise -----------------------------------------------------------------------------------


def _apply(function, *args):
    arrays = [asarray(a) for a in args]
    shape = _native.broadcast_shapes(*(a.shape for a in arrays)) if len(arrays) > 1 else arrays[0].shape
    columns = [broadcast(a, shape)._flat for a in arrays]
    return ObjectArray(map(function, *columns), shape)


_OPERATORS = {
    "add": _operator.add, "subtract": _operator.sub, "multiply": _operator.mul, "divide": _operator.truediv,
    "floor_divide": _operator.floordiv, "remainder": _operator.mod, "pow": _operator.pow, "bitwise_and": _operator.and_,
    "bitwise_or": _operator.or_, "bitwise_xor": _operator.xor, "bitwise_left_shift": _operator.lshift,
    "bitwise_right_shift": _operator.rshift, "negative": _operator.neg, "abs": abs, "bitwise_invert": _operator.invert,
    "square": lambda v: v * v, "maximum": lambda a, b: a if a >= b else b, "minimum": lambda a, b: a if a <= b else b,
    "reciprocal": lambda v: 1 / v, "real": lambda v: getattr(v, "real", v), "imag": lambda v: getattr(v, "imag", 0),
    "sign": lambda v: (v > 0) - (v < 0), "conj": lambda v: v.conjugate() if hasattr(v, "conjugate") else v,
}  # fmt: skip
_TESTS = {
    "equal": _operator.eq, "not_equal": _operator.ne, "less": _operator.lt, "less_equal": _operator.le,
    "greater": _operator.gt, "greater_equal": _operator.ge, "logical_not": _operator.not_,
    "logical_and": lambda a, b: bool(a) and bool(b), "logical_or": lambda a, b: bool(a) or bool(b),
    "logical_xor": lambda a, b: bool(a) != bool(b), "isnan": lambda v: v != v, "isfinite": lambda v: _finite(v),
    "isinf": lambda v: v == v and not _finite(v), "signbit": lambda v: v < 0,
}  # fmt: skip


def _finite(v):
    import math

    test = getattr(v, "is_finite", None)
    return test() if test is not None else math.isfinite(v)


def elementwise(name, args):
    """A function of the elementwise category with an argument that is not numeric."""
    for a in args:
        if isinstance(a, (str, bytes)) or a is None:
            raise TypeError(f"{name}: a value of type {type(a).__name__} is no number")
    if name in _TESTS:
        out = _numeric(_apply(_TESTS[name], *args), bool)
    elif name in _OPERATORS:
        out = _apply(_OPERATORS[name], *args)
    else:
        out = _apply(_by_method(name), *args)
    return out.item() if isinstance(out, ObjectArray) and out.ndim == 0 else out


def _by_method(name):
    """`exp`, `sqrt`, `floor`, ...: the element's own method of that name, or the function of `math`."""
    import math

    def call(*values):
        own = getattr(values[0], name, None)
        if own is not None:
            return own(*values[1:])
        if name == "log":
            own = getattr(values[0], "ln", None)
            if own is not None:
                return own()
        function = getattr(math, name, None)
        if function is None:
            raise TypeError(f"{name}: elements of type {type(values[0]).__name__} have no such method")
        return function(*values)

    return call


_ASK = object()
_COMPARISONS = {"equal": "eq", "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge"}


def operator(name, x, other, reflected):
    """An operator of a numeric array with an operand that is not numeric."""
    if type(other) is ObjectArray and not reflected:
        return NotImplemented
    if getattr(type(other), "__array_ufunc__", _ASK) is None:
        # It wants to compare with whole arrays itself (`pytest.approx` does), and with numbers.
        return getattr(_operator, _COMPARISONS[name])(x.item(), other) if x.ndim == 0 and name in _COMPARISONS else NotImplemented
    args = (other, x) if reflected else (x, other)
    if name == "matmul":
        return matmul(*args)
    try:
        return elementwise(name, args)
    except TypeError:
        return NotImplemented


# ---- other functions, for dispatch -----------------------------------------------------------------


def sqrt(x):
    return elementwise("sqrt", (x,))


def where(condition, x1, x2):
    condition = condition if isinstance(condition, ObjectArray) else _native.asarray(condition)
    # As in NumPy, a 0-d array even for operands without axes.
    return _apply(lambda c, a, b: a if c else b, condition, x1, x2)


def _unpack(x):
    return x._flat[0] if isinstance(x, ObjectArray) and x.ndim == 0 else x


def clip(x, min=None, max=None):
    x = asarray(x)
    if min is not None:
        x = _apply(_COMPARISONS["maximum"], x, min)
    if max is not None:
        x = _apply(_COMPARISONS["minimum"], x, max)
    return x


def matmul(a, b):
    a, b = asarray(a), asarray(b)
    rows = a.reshape(1, -1) if a.ndim == 1 else a
    cols = b.reshape(-1, 1) if b.ndim == 1 else b
    if rows.ndim != 2 or cols.ndim != 2 or rows.shape[1] != cols.shape[0]:
        raise ValueError(f"matmul: shapes {a.shape} and {b.shape} do not fit")
    right = cols.T.tolist()
    flat = [_fold(_operator.add, [p * q for p, q in zip(r, c)], 0) for r in rows.tolist() for c in right]
    shape = (() if a.ndim == 1 else (rows.shape[0],)) + (() if b.ndim == 1 else (cols.shape[1],))
    return _unpack(ObjectArray(flat, shape))


def sorted_(x, /, *, axis=-1, descending=False, stable=True):
    x = asarray(x)
    moved = x._by_position(lambda p: ops.moveaxis(p, axis, -1))
    n = moved.shape[-1]
    flat = [v for i in range(0, moved.size, n or 1) for v in sorted(moved._flat[i : i + n], reverse=descending)]
    return ObjectArray(flat, moved.shape)._by_position(lambda p: ops.moveaxis(p, -1, axis))


def _positional(name):
    """A function that only moves elements: done on their positions."""

    def call(x, *args, **kwargs):
        function = ops._default(name)
        return asarray(x)._by_position(lambda p: function(p, *args, **kwargs))

    return call


def _joined(name):
    def call(arrays, *args, **kwargs):
        arrays = [asarray(a) for a in arrays]
        flat, positions = [], []
        for a in arrays:
            positions.append(a._positions() + len(flat))
            flat.extend(a._flat)
        picked = ops._default(name)(positions, *args, **kwargs)
        return ObjectArray((flat[i] for i in _native.reshape(picked, (-1,)).tolist()), picked.shape)

    return call


def _method(name):
    return lambda x, *args, **kwargs: getattr(asarray(x), name)(*args, **kwargs)


def _broadcast_arrays(*arrays):
    arrays = [asarray(a) for a in arrays]
    shape = _native.broadcast_shapes(*(a.shape for a in arrays))
    return tuple(broadcast(a, shape) for a in arrays)


def _like(value):
    def call(x, *args, **kwargs):
        if kwargs.get("dtype") not in (None, object, object_, "object"):
            return ops._default("full")(x.shape, value, dtype=kwargs["dtype"])
        return full(x.shape, args[0] if value is NotImplemented else value)

    return call


def _diff(x, /, *, axis=-1, n=1, prepend=None, append=None):
    x = asarray(x)
    for _ in range(n):
        index = [slice(None)] * x.ndim
        upper, lower = list(index), list(index)
        upper[axis], lower[axis] = slice(1, None), slice(0, -1)
        x = x[tuple(upper)] - x[tuple(lower)]
    return x


def _allclose(a, b, /, rtol=1e-05, atol=1e-08, equal_nan=False):
    return bool(ops.all(_isclose(a, b, rtol, atol, equal_nan)))


def _isclose(a, b, /, rtol=1e-05, atol=1e-08, equal_nan=False):
    return _numeric(_apply(lambda x, y: abs(float(x) - float(y)) <= atol + rtol * abs(float(y)), a, b), bool)


_FUNCTIONS = {
    **{n: _method(n) for n in ("sum", "prod", "mean", "var", "std", "max", "min", "any", "all", "argmax", "argmin", "cumsum",
                               "cumprod", "round", "nonzero", "astype")},
    **{n: _positional(n) for n in ("reshape", "permute_dims", "expand_dims", "squeeze", "flip", "roll", "moveaxis", "swapaxes",
                                   "broadcast_to", "ravel", "transpose", "take", "repeat", "tile", "diag", "diagonal",
                                   "matrix_transpose", "atleast_1d", "atleast_2d", "fliplr", "flipud", "rot90")},
    **{n: _joined(n) for n in ("concat", "stack", "vstack", "hstack", "dstack", "column_stack", "concatenate")},
    "where": where, "clip": clip, "matmul": matmul, "dot": matmul, "sort": sorted_, "argsort": _method("argsort"),
    "broadcast_arrays": _broadcast_arrays, "zeros_like": _like(0), "ones_like": _like(1), "empty_like": _like(None),
    "full_like": _like(NotImplemented), "isclose": _isclose, "allclose": _allclose, "around": _method("round"),
    "cumulative_sum": lambda x, /, *, axis=None, dtype=None, include_initial=False: asarray(x).cumsum(axis),
    "cumulative_prod": lambda x, /, *, axis=None, dtype=None, include_initial=False: asarray(x).cumprod(axis),
    "diff": _diff, "count_nonzero": lambda x, **k: _numeric(x._reduce(lambda v: sum(map(bool, v)), k.get("axis"), False), int),
    "array_equal": lambda a, b, **k: asarray(a).tolist() == asarray(b).tolist(),
    "result_type": lambda *a: object_, "iscomplexobj": lambda x: False, "copy": _method("copy"),
}  # fmt: skip
_installed = False


def _install():
    """Puts functions into `ops` that look for object arrays among their arguments; done once, with the first of them."""
    global _installed
    if _installed:
        return
    _installed = True
    for name, special in _FUNCTIONS.items():
        ops._replace(name, _dispatcher(name, special))


def _dispatcher(name, special):
    def call(*args, **kwargs):
        if any(map(_is_object, args)):
            return special(*args, **kwargs)
        try:
            return ops._default(name)(*args, **kwargs)
        except _native.ObjectNeeded:
            return special(*args, **kwargs)

    call.__name__ = name
    call.__doc__ = ops._default(name).__doc__
    return call


def _is_object(value):
    if isinstance(value, (list, tuple)):
        return any(map(_is_object, value))
    return isinstance(value, ObjectArray)
