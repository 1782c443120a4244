"""Dtype functions beyond the standard's: limits, families of dtypes, tests for them."""

from purify import _native
from purify import ops as xp


class finfo:
    """Limits of a floating-point dtype, for a complex one those of its parts. Takes a dtype or an array."""

    __slots__ = ("dtype", "bits", "eps", "max", "min", "smallest_normal", "smallest_subnormal", "precision")

    def __new__(cls, type, /):
        dtype = _dtype_of(type)
        if not isinstance(dtype, _native.dtype):
            return xp.__getattr__("finfo")(type)
        self = super().__new__(cls)
        values = _native._finfo(dtype)
        for name, value in zip(cls.__slots__, values):
            object.__setattr__(self, name, value)
        return self

    def __setattr__(self, name, value):
        raise AttributeError("limits of a dtype cannot be changed")

    @property
    def tiny(self):
        """NumPy's older name of `smallest_normal`."""
        return self.smallest_normal

    @property
    def resolution(self):
        """Ten to the power of minus the decimal digits."""
        return 10.0 ** -self.precision

    @property
    def nmant(self):
        """Number of bits of the mantissa."""
        import math

        return -int(math.log2(self.eps))

    def __repr__(self):
        return f"finfo(dtype={self.dtype}, min={self.min!r}, max={self.max!r}, eps={self.eps!r})"


class iinfo:
    """Limits of an integer dtype. Takes a dtype or an array."""

    __slots__ = ("dtype", "bits", "max", "min")

    def __new__(cls, type, /):
        self = super().__new__(cls)
        for name, value in zip(cls.__slots__, _native._iinfo(_dtype_of(type))):
            object.__setattr__(self, name, value)
        return self

    def __setattr__(self, name, value):
        raise AttributeError("limits of a dtype cannot be changed")

    def __repr__(self):
        return f"iinfo(dtype={self.dtype}, min={self.min}, max={self.max})"


def _dtype_of(value):
    inner = getattr(value, "dtype", None)
    if inner is not None and not isinstance(value, type):
        return inner
    if isinstance(value, bool):
        return _native.bool
    if isinstance(value, int):
        return _native.int64
    if isinstance(value, complex):
        return _native.complex128
    if isinstance(value, float):
        return _native.float64
    return value if isinstance(value, _native.dtype) else _native.dtype(value)


class _Family(type):
    """Families of dtypes as classes, so that `isinstance(x, ops.integer)` and `issubdtype(d, ops.integer)` work."""

    def __instancecheck__(cls, value):
        return isinstance(value, _native.Tensor) and value.ndim == 0 and value.dtype.kind in cls.kinds

    def __getitem__(cls, item):
        """`floating[Any]`, as annotations have it, is the family."""
        return cls

    def __repr__(cls):
        return f"ops.{cls.__name__}"


class generic(metaclass=_Family):
    """Every dtype."""

    kinds = "biufc"


class number(generic):
    """Every dtype but bool."""

    kinds = "iufc"


class integer(number):
    """Signed and unsigned integers."""

    kinds = "iu"


class signedinteger(integer):
    """Signed integers."""

    kinds = "i"


class unsignedinteger(integer):
    """Unsigned integers."""

    kinds = "u"


class inexact(number):
    """Real and complex floating point."""

    kinds = "fc"


class floating(inexact):
    """Real floating point."""

    kinds = "f"


class complexfloating(inexact):
    """Complex floating point."""

    kinds = "c"


def issubdtype(dtype, family, /):
    """Whether a dtype belongs to a family (`ops.floating`, `ops.integer`, ...) or is that dtype.

    Classes that stand for no dtype (`list`, an array class) count as `object`, as in NumPy.
    """
    dtype, kind = _with_kind(dtype)
    if isinstance(family, _Family) or type(family).__name__ == "_Absent":
        return family is generic or kind in family.kinds
    letter = {object: "O", str: "U", bytes: "S"}.get(family) if isinstance(family, type) else getattr(family, "kind", None)
    if letter in _NOT_NUMERIC:
        return kind == letter
    named = {float: "float64", int: "int64", bool: "bool", complex: "complex128"}.get(family, family)
    return dtype == named


# The kinds of dtypes that are no numbers: objects, texts, bytes, records, dates, spans of time.
_NOT_NUMERIC = frozenset("OUSVMm")


def _with_kind(dtype):
    """A dtype, or what stands for one, with the letter of its kind."""
    if dtype is str or dtype is bytes:
        return dtype, "U" if dtype is str else "S"
    if getattr(dtype, "kind", None) in _NOT_NUMERIC:
        return dtype, dtype.kind
    try:
        found = _dtype_of(dtype)
    except _native.ObjectNeeded:
        return object, "O"
    except TypeError:
        if not isinstance(dtype, type):
            raise
        return object, "O"
    return found, found.kind


def issctype(value, /):
    """Whether a value is a dtype or a type that stands for one."""
    if not isinstance(value, (type, _native.dtype)):
        return False
    try:
        _dtype_of(value)
    except TypeError:
        return False
    return True


def isscalar(element, /):
    """True for Python numbers, texts and 0-d tensors: what a reduction or an element of an array gives."""
    if isinstance(element, (bool, int, float, complex, str, bytes)):
        return True
    return isinstance(element, _native.Tensor) and element.ndim == 0


def min_scalar_type(value, /):
    """The smallest dtype that holds a number."""
    if isinstance(value, bool):
        return _native.bool
    if isinstance(value, int):
        names = ("uint8", "uint16", "uint32", "uint64") if value >= 0 else ("int8", "int16", "int32", "int64")
        for name in names:
            info = iinfo(getattr(_native, name))
            if info.min <= value <= info.max:
                return info.dtype
        raise OverflowError(f"min_scalar_type: no dtype holds {value}")
    if isinstance(value, (float, complex)):
        size = max(abs(value.real), abs(value.imag))
        kinds = ("float16", "float32", "float64") if isinstance(value, float) else ("complex64", "complex128")
        for name in kinds:
            if size != size or size == xp.inf or size <= finfo(getattr(_native, name)).max:
                return getattr(_native, name)
    return _dtype_of(value)


def mintypecode(typechars, /, typeset="GDFgdf", default="d"):
    """The character code of the smallest dtype to which all of the codes convert."""
    present = [c for c in "GDFgdf" if c in typeset and c in typechars]
    if not present:
        return default
    if "F" in present and "d" in present:
        return "D"
    return present[0]
