"""Methods of `Tensor` in NumPy's style, for code that calls them on results: each forwards to the function."""

from purify import _native
from purify import ops as xp


class Flags:
    """What NumPy's `flags` tells about the memory."""

    def __init__(self, c_contiguous, f_contiguous, writeable, owndata):
        self.c_contiguous, self.f_contiguous = c_contiguous, f_contiguous
        self.writeable, self.owndata = writeable, owndata
        self.contiguous, self.aligned = c_contiguous, True

    def __getitem__(self, name):
        return getattr(self, name.lower())

    def __repr__(self):
        return "\n".join(f"  {name.upper()} : {value}" for name, value in vars(self).items())


class Flat:
    """`x.flat`: the elements in row-major order, to read, write and iterate."""

    def __init__(self, base):
        self.base = base

    def __len__(self):
        return self.base.size

    def __iter__(self):
        return iter(_native.reshape(self.base, (-1,)))

    def __getitem__(self, key):
        out = _native.reshape(self.base, (-1,))[key]
        return out.copy() if out.ndim else out

    def __setitem__(self, key, value):
        index = _native.reshape(_native.arange(self.base.size), self.base.shape)
        flat = _native.reshape(self.base, (-1,))
        flat[key] = value
        if not self.base.flags.c_contiguous:
            self.base[...] = _native.reshape(flat, self.base.shape)
        del index

    def __array__(self, dtype=None, copy=None):
        return _native.reshape(self.base, (-1,)).__array__(dtype, copy=copy)


def _shape(args):
    return args[0] if len(args) == 1 and not hasattr(args[0], "__index__") else args


def _into(out, value):
    if out is None:
        return value
    out[...] = value
    return out


def _reduction(name):
    def method(self, axis=None, dtype=None, out=None, keepdims=False):
        x = self if dtype is None else self.astype(dtype)
        return _into(out, getattr(xp, name)(x, axis=axis, keepdims=keepdims))

    method.__doc__ = f"`ops.{name}` of this tensor."
    return method


def _extreme(name):
    def method(self, axis=None, out=None, keepdims=False, initial=None):
        value = getattr(xp, name)(self, axis=axis, keepdims=keepdims)
        if initial is not None:
            value = (xp.maximum if name == "max" else xp.minimum)(value, initial)
        return _into(out, value)

    method.__doc__ = f"`ops.{name}` of this tensor."
    return method


def _spread(name):
    def method(self, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, correction=None):
        x = self if dtype is None else self.astype(dtype)
        correction = ddof if correction is None else correction
        return _into(out, getattr(xp, name)(x, axis=axis, correction=correction, keepdims=keepdims))

    method.__doc__ = f"`ops.{name}` of this tensor."
    return method


def _forward(name):
    def method(self, *args, **kwargs):
        return getattr(xp, name)(self, *args, **kwargs)

    method.__doc__ = f"`ops.{name}` of this tensor."
    return method


def transpose(self, *axes):
    """Axes permuted, by default reversed."""
    if not axes or axes == (None,):
        return self.T
    return xp.permute_dims(self, tuple(_shape(axes)))


def flatten(self, order="C"):
    """A flat copy."""
    return _native.reshape(self.T if order == "F" else self, (-1,)).copy()


def ravel(self, order="C"):
    """A flat view where the memory allows it."""
    return _native.reshape(self.T if order == "F" else self, (-1,))


def squeeze(self, axis=None):
    """Without the axes of length one, or without those given."""
    if axis is None:
        axis = tuple(i for i, n in enumerate(self.shape) if n == 1)
    return xp.squeeze(self, axis)


def sort(self, axis=-1, kind=None, order=None, *, stable=None):
    """Sorts in place."""
    self[...] = xp.sort(self, axis=axis)


def partition(self, kth, axis=-1):
    """Partitions in place."""
    self[...] = xp.partition(self, kth, axis=axis)


def argsort(self, axis=-1, kind=None, order=None, *, stable=None):
    """Indices that sort."""
    if axis is None:
        return xp.argsort(ravel(self))
    return xp.argsort(self, axis=axis)


def _arg(name):
    def method(self, axis=None, out=None, *, keepdims=False):
        return _into(out, getattr(xp, name)(self, axis=axis, keepdims=keepdims))

    method.__doc__ = f"`ops.{name}` of this tensor."
    return method


def clip(self, min=None, max=None, out=None):
    """Values limited to an interval."""
    return _into(out, xp.clip(self, min, max))


def round_(self, decimals=0, out=None):
    """Rounded half to even at a decimal place."""
    return _into(out, xp.around(self, decimals))


def conj(self):
    """Complex conjugates."""
    return xp.conj(self)


def put(self, indices, values, mode="raise"):
    """Writes values at flat positions, in place."""
    xp.put(self, indices, values, mode)


def tofile(self, file, sep="", format="%s"):
    """Writes the elements to a file, as bytes or as text."""
    import os

    data = self.tobytes() if sep == "" else sep.join(format % v for v in ravel(self).tolist()).encode()
    if isinstance(file, (str, os.PathLike)):
        with open(file, "wb") as f:
            f.write(data)
    else:
        file.write(data)


def byteswap(self, inplace=False):
    """The bytes of each element in reverse order."""
    size = self.itemsize if self.dtype.kind != "c" else self.itemsize // 2
    data = _native.reshape(_native.from_bytes(self.tobytes(), _native.uint8), (-1, size))
    out = _native.reshape(_native.from_bytes(data[:, ::-1].tobytes(), self.dtype), self.shape)
    if inplace:
        self[...] = out
        return self
    return out


def setflags(self, write=None, align=None, uic=None):
    """Accepted for NumPy's sake; memory of ours stays writable."""
    if write and not self.flags.writeable:
        raise ValueError("setflags: the memory belongs to someone else and is read-only; copy it first")


def searchsorted(self, v, side="left", sorter=None):
    """Positions where values would be inserted."""
    return xp.searchsorted(self, v, side=side, sorter=sorter)


def diagonal(self, offset=0, axis1=0, axis2=1):
    """The diagonal of two axes."""
    return xp.diagonal(self, offset, axis1, axis2)


def numpy(self):
    """A NumPy array over the same memory where possible."""
    return self.__array__()


def array_function(self, function, types, arguments, options):
    """NumPy's own functions take tensors as the arrays over their memory."""
    from purify.ops._interchange import array_function

    return array_function(self, function, types, arguments, options)


def real_set(self, value):
    if self.dtype.kind == "c":
        xp.real(self)[...] = value
    else:
        self[...] = value


def imag_set(self, value):
    if self.dtype.kind != "c":
        raise TypeError(f"a tensor of {self.dtype} has no imaginary part to set")
    xp.imag(self)[...] = value


def install():
    """Puts the methods on the class."""
    methods = {
        **{n: _reduction(n) for n in ("sum", "prod", "mean")},
        **{n: _extreme(n) for n in ("max", "min")},
        **{n: _spread(n) for n in ("std", "var")},
        **{n: _arg(n) for n in ("argmax", "argmin")},
        **{n: _forward(n) for n in ("all", "any", "dot", "repeat", "swapaxes", "nonzero", "take", "trace", "ptp", "cumsum",
                                    "cumprod", "compress", "choose", "argpartition")},
        "transpose": transpose, "flatten": flatten, "ravel": ravel, "squeeze": squeeze, "sort": sort,
        "partition": partition, "argsort": argsort, "clip": clip, "round": round_, "conj": conj, "conjugate": conj,
        "put": put, "tofile": tofile, "byteswap": byteswap, "setflags": setflags, "searchsorted": searchsorted,
        "diagonal": diagonal, "numpy": numpy, "__array_function__": array_function,
        "real": property(lambda self: xp.real(self), real_set, doc="The real parts; of a complex tensor a view."),
        "imag": property(lambda self: xp.imag(self), imag_set, doc="The imaginary parts; of a complex tensor a view."),
        "flat": property(Flat, lambda self, value: Flat(self).__setitem__(slice(None), value), doc=Flat.__doc__),
        "base": property(lambda self: None, doc="None: views do not name their source."),
    }  # fmt: skip
    # `isinstance(x, ops.float64)` asks for a 0-d result of that dtype, as `isinstance(x, numpy.float64)` does.
    _native.dtype.__instancecheck__ = lambda self, x: isinstance(x, _native.Tensor) and x.ndim == 0 and x.dtype == self
    for name, method in methods.items():
        if callable(method):
            method.__name__ = name
            method.__qualname__ = "Tensor." + name
        setattr(_native.Tensor, name, method)


install()
