"""Types of `purify.ops`. Made from the op table: `UPDATE=1 pytest tests/python/test_stubs.py`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, SupportsIndex

from . import fft, io, linalg, nn, random, testing

ArrayLike = Any
Axis = int | tuple[int, ...] | None
Shape = int | Sequence[int]
DTypeLike = Any

class dtype:
    name: str
    itemsize: int
    kind: str
    str: str
    char: str
    def __init__(self, spec: Any, /) -> None: ...
    def __call__(self, value: ArrayLike = ..., /) -> Tensor: ...
    def __or__(self, other: Any, /) -> Any: ...
    def __ror__(self, other: Any, /) -> Any: ...

class Tensor:
    @property
    def T(self) -> Tensor: ...
    def __abs__(self) -> Tensor: ...
    def __add__(self, other: ArrayLike, /) -> Tensor: ...
    def __and__(self, other: ArrayLike, /) -> Tensor: ...
    def __array__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __array_function__(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def __array_interface__(self) -> Any: ...
    def __array_namespace__(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def __array_priority__(self) -> Any: ...
    def __bool__(self) -> bool: ...
    @property
    def __class__(self) -> Any: ...
    def __complex__(self) -> complex: ...
    def __contains__(self, value: object, /) -> bool: ...
    def __copy__(self) -> Tensor: ...
    def __deepcopy__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __delitem__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __divmod__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __dlpack__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __dlpack_device__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __eq__(self, other: object, /) -> Tensor: ...  # type: ignore[override]
    def __float__(self) -> float: ...
    def __floordiv__(self, other: ArrayLike, /) -> Tensor: ...
    def __format__(self, spec: str, /) -> str: ...
    def __ge__(self, other: ArrayLike, /) -> Tensor: ...
    def __getitem__(self, key: Any, /) -> Tensor: ...
    def __gt__(self, other: ArrayLike, /) -> Tensor: ...
    def __iadd__(self, other: ArrayLike, /) -> Tensor: ...
    def __iand__(self, other: ArrayLike, /) -> Tensor: ...
    def __ifloordiv__(self, other: ArrayLike, /) -> Tensor: ...
    def __ilshift__(self, other: ArrayLike, /) -> Tensor: ...
    def __imatmul__(self, other: ArrayLike, /) -> Tensor: ...
    def __imod__(self, other: ArrayLike, /) -> Tensor: ...
    def __imul__(self, other: ArrayLike, /) -> Tensor: ...
    def __index__(self) -> int: ...
    def __int__(self) -> int: ...
    def __invert__(self) -> Tensor: ...
    def __ior__(self, other: ArrayLike, /) -> Tensor: ...
    def __ipow__(self, other: ArrayLike, /) -> Tensor: ...
    def __irshift__(self, other: ArrayLike, /) -> Tensor: ...
    def __isub__(self, other: ArrayLike, /) -> Tensor: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __itruediv__(self, other: ArrayLike, /) -> Tensor: ...
    def __ixor__(self, other: ArrayLike, /) -> Tensor: ...
    def __le__(self, other: ArrayLike, /) -> Tensor: ...
    def __len__(self) -> int: ...
    def __lshift__(self, other: ArrayLike, /) -> Tensor: ...
    def __lt__(self, other: ArrayLike, /) -> Tensor: ...
    def __matmul__(self, other: ArrayLike, /) -> Tensor: ...
    def __mod__(self, other: ArrayLike, /) -> Tensor: ...
    def __mul__(self, other: ArrayLike, /) -> Tensor: ...
    def __ne__(self, other: object, /) -> Tensor: ...  # type: ignore[override]
    def __neg__(self) -> Tensor: ...
    def __or__(self, other: ArrayLike, /) -> Tensor: ...
    def __pos__(self) -> Tensor: ...
    def __pow__(self, other: ArrayLike, /) -> Tensor: ...
    def __radd__(self, other: ArrayLike, /) -> Tensor: ...
    def __rand__(self, other: ArrayLike, /) -> Tensor: ...
    def __rdivmod__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __reduce__(self) -> Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: ArrayLike, /) -> Tensor: ...
    def __rlshift__(self, other: ArrayLike, /) -> Tensor: ...
    def __rmatmul__(self, other: ArrayLike, /) -> Tensor: ...
    def __rmod__(self, other: ArrayLike, /) -> Tensor: ...
    def __rmul__(self, other: ArrayLike, /) -> Tensor: ...
    def __ror__(self, other: ArrayLike, /) -> Tensor: ...
    def __round__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __rpow__(self, other: ArrayLike, /) -> Tensor: ...
    def __rrshift__(self, other: ArrayLike, /) -> Tensor: ...
    def __rshift__(self, other: ArrayLike, /) -> Tensor: ...
    def __rsub__(self, other: ArrayLike, /) -> Tensor: ...
    def __rtruediv__(self, other: ArrayLike, /) -> Tensor: ...
    def __rxor__(self, other: ArrayLike, /) -> Tensor: ...
    def __setitem__(self, key: Any, value: Any, /) -> None: ...
    def __str__(self) -> str: ...
    def __sub__(self, other: ArrayLike, /) -> Tensor: ...
    def __truediv__(self, other: ArrayLike, /) -> Tensor: ...
    def __trunc__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __xor__(self, other: ArrayLike, /) -> Tensor: ...
    def all(self, *args: Any, **kwargs: Any) -> Any: ...
    def any(self, *args: Any, **kwargs: Any) -> Any: ...
    def argmax(self, *args: Any, **kwargs: Any) -> Any: ...
    def argmin(self, *args: Any, **kwargs: Any) -> Any: ...
    def argpartition(self, *args: Any, **kwargs: Any) -> Any: ...
    def argsort(self, *args: Any, **kwargs: Any) -> Any: ...
    def astype(self, dtype: DTypeLike, *args: Any, **kwargs: Any) -> Tensor: ...
    @property
    def base(self) -> Any: ...
    def byteswap(self, *args: Any, **kwargs: Any) -> Any: ...
    def choose(self, *args: Any, **kwargs: Any) -> Any: ...
    def clip(self, *args: Any, **kwargs: Any) -> Any: ...
    def compress(self, *args: Any, **kwargs: Any) -> Any: ...
    def conj(self, *args: Any, **kwargs: Any) -> Any: ...
    def conjugate(self, *args: Any, **kwargs: Any) -> Any: ...
    def copy(self, order: str = ...) -> Tensor: ...
    def cumprod(self, *args: Any, **kwargs: Any) -> Any: ...
    def cumsum(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def device(self) -> str: ...
    def diagonal(self, *args: Any, **kwargs: Any) -> Any: ...
    def dot(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def dtype(self) -> dtype: ...
    def fill(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def flags(self) -> Any: ...
    @property
    def flat(self) -> Any: ...
    def flatten(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def imag(self) -> Tensor: ...
    def item(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def itemsize(self) -> int: ...
    @property
    def mT(self) -> Tensor: ...
    def max(self, *args: Any, **kwargs: Any) -> Any: ...
    def mean(self, axis: Axis = ..., dtype: DTypeLike | None = ..., out: Any = ..., keepdims: bool = ...) -> Tensor: ...
    def min(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def ndim(self) -> int: ...
    def nonzero(self, *args: Any, **kwargs: Any) -> Any: ...
    def numpy(self, *args: Any, **kwargs: Any) -> Any: ...
    def partition(self, *args: Any, **kwargs: Any) -> Any: ...
    def prod(self, axis: Axis = ..., dtype: DTypeLike | None = ..., out: Any = ..., keepdims: bool = ...) -> Tensor: ...
    def ptp(self, *args: Any, **kwargs: Any) -> Any: ...
    def put(self, *args: Any, **kwargs: Any) -> Any: ...
    def ravel(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def real(self) -> Tensor: ...
    def repeat(self, *args: Any, **kwargs: Any) -> Any: ...
    def reshape(self, *shape: Any, order: str = ..., copy: bool | None = ...) -> Tensor: ...
    def round(self, *args: Any, **kwargs: Any) -> Any: ...
    def searchsorted(self, *args: Any, **kwargs: Any) -> Any: ...
    def setflags(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def size(self) -> int: ...
    def sort(self, axis: int = ..., kind: Any = ..., order: Any = ..., *, stable: bool | None = ...) -> None: ...
    def squeeze(self, *args: Any, **kwargs: Any) -> Any: ...
    def std(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def strides(self) -> tuple[int, ...]: ...
    def sum(self, axis: Axis = ..., dtype: DTypeLike | None = ..., out: Any = ..., keepdims: bool = ...) -> Tensor: ...
    def swapaxes(self, *args: Any, **kwargs: Any) -> Any: ...
    def take(self, *args: Any, **kwargs: Any) -> Any: ...
    def to_device(self, *args: Any, **kwargs: Any) -> Any: ...
    def tobytes(self, order: str = ...) -> bytes: ...
    def tofile(self, *args: Any, **kwargs: Any) -> Any: ...
    def tolist(self) -> Any: ...
    def trace(self, *args: Any, **kwargs: Any) -> Any: ...
    def transpose(self, *args: Any, **kwargs: Any) -> Any: ...
    def var(self, *args: Any, **kwargs: Any) -> Any: ...
    def view(self, *args: Any, **kwargs: Any) -> Any: ...

bfloat16: dtype
bool: dtype
bool_: dtype
byte: dtype
cdouble: dtype
complex128: dtype
complex64: dtype
csingle: dtype
double: dtype
float16: dtype
float32: dtype
float64: dtype
half: dtype
int16: dtype
int32: dtype
int64: dtype
int8: dtype
int_: dtype
intc: dtype
intp: dtype
longlong: dtype
short: dtype
single: dtype
ubyte: dtype
uint: dtype
uint16: dtype
uint32: dtype
uint64: dtype
uint8: dtype
uintp: dtype
ushort: dtype

class AxisError(ValueError, IndexError): ...
class LinAlgError(ValueError): ...

__array_api_version__: str
def __array_namespace_info__() -> Any: ...

ComplexWarning: Any
ModuleDeprecationWarning: Any
VisibleDeprecationWarning: Any
def abs(x: ArrayLike, /) -> Tensor:
    """Absolute value of every element."""
def accumulate(f: ArrayLike, x: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """What an associative function of two arrays makes of all elements up to each one, along an axis."""
def acos(x: ArrayLike, /) -> Tensor:
    """Inverse cosine, in radians."""
def acosh(x: ArrayLike, /) -> Tensor:
    """Inverse hyperbolic cosine."""
def add(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Sum of two arrays."""
def all(x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ...) -> Tensor:
    """Whether all elements are true."""
def allclose(a: ArrayLike, b: ArrayLike, /, rtol: float = ..., atol: float = ..., equal_nan: bool = ...) -> bool:
    """Whether all elements are equal within a tolerance."""
def angle(z: ArrayLike, /, deg: Any = ...) -> Tensor:
    """Argument of a complex number."""
def any(x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ...) -> Tensor:
    """Whether any element is true."""
def append(x: ArrayLike, values: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """Values joined to the end of an array."""
def apply_along_axis(func1d: ArrayLike, axis: Axis, x: ArrayLike, /, *args: Any, **kwargs: Any) -> Tensor:
    """A function of vectors called along an axis."""
def apply_outer(f: ArrayLike, a: ArrayLike, b: ArrayLike, /) -> Tensor:
    """A function of every element of one array with every element of another."""
def apply_over_axes(func: ArrayLike, x: ArrayLike, axes: ArrayLike, /) -> Tensor:
    """A function called over several axes in turn."""
def arange(start: ArrayLike, /, stop: Any = ..., step: Any = ..., *, dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """Evenly spaced values of a half-open range."""
def argmax(x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ...) -> Tensor:
    """Position of the largest element."""
def argmin(x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ...) -> Tensor:
    """Position of the smallest element."""
def argpartition(x: ArrayLike, kth: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """The positions of the elements around the k-th smallest."""
def argsort(x: ArrayLike, /, *, axis: Axis = ..., descending: bool = ..., stable: bool = ...) -> Tensor:
    """The positions that put the elements in order."""
def argwhere(x: ArrayLike, /) -> Tensor:
    """Positions of the nonzero elements, one row each."""
def around(x: ArrayLike, /, decimals: int = ...) -> Tensor:
    """Elements rounded to a number of decimals, halves to even."""
def array(x: ArrayLike, /, dtype: DTypeLike | None = ..., *, copy: bool | None = ..., ndmin: Any = ..., device: str | None = ...) -> Tensor:
    """A new array with the values of an object."""
def array2string(a: ArrayLike, /, max_line_width: Any = ..., precision: Any = ..., suppress_small: Any = ..., separator: Any = ..., prefix: Any = ..., *, formatter: Any = ..., threshold: Any = ..., edgeitems: Any = ..., sign: Any = ..., floatmode: Any = ..., suffix: Any = ...) -> str:
    """An array as text."""
def array_equal(x1: ArrayLike, x2: ArrayLike, /, equal_nan: bool = ...) -> bool:
    """Whether two arrays have the same shape and elements."""
def array_equiv(x1: ArrayLike, x2: ArrayLike, /) -> bool:
    """Whether two arrays are equal after broadcasting."""
def array_repr(x: ArrayLike, /, max_line_width: Any = ..., precision: Any = ..., suppress_small: Any = ...) -> str:
    """An array as `repr` shows it."""
def array_split(x: ArrayLike, indices_or_sections: ArrayLike, /, axis: Axis = ...) -> list[Tensor]:
    """Parts along an axis of nearly equal length."""
def array_str(x: ArrayLike, /, max_line_width: Any = ..., precision: Any = ..., suppress_small: Any = ...) -> str:
    """An array as `str` shows it."""
def asarray(obj: ArrayLike, /, *, dtype: DTypeLike | None = ..., device: str | None = ..., copy: bool | None = ...) -> Tensor:
    """An array of the values of an object; no copy where none is needed."""
def asarray_chkfinite(x: ArrayLike, /, dtype: DTypeLike | None = ...) -> Tensor:
    """An array, or an error if it holds NaN or infinities."""
def ascontiguousarray(x: ArrayLike, /, dtype: DTypeLike | None = ...) -> Tensor:
    """An array in row-major memory, of at least one dimension."""
def asin(x: ArrayLike, /) -> Tensor:
    """Inverse sine, in radians."""
def asinh(x: ArrayLike, /) -> Tensor:
    """Inverse hyperbolic sine."""
def astype(x: ArrayLike, dtype: DTypeLike | None, /, *, copy: bool | None = ..., device: str | None = ...) -> Tensor:
    """The elements converted to a dtype."""
def atan(x: ArrayLike, /) -> Tensor:
    """Inverse tangent, in radians."""
def atan2(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Angle of the point `(x2, x1)`, in radians."""
def atanh(x: ArrayLike, /) -> Tensor:
    """Inverse hyperbolic tangent."""
def atleast_1d(*arrays: Any) -> Tensor:
    """Arrays of at least one dimension."""
def atleast_2d(*arrays: Any) -> Tensor:
    """Arrays of at least two dimensions."""
def atleast_3d(*arrays: Any) -> Tensor:
    """Arrays of at least three dimensions."""
def average(x: ArrayLike, /, axis: Axis = ..., weights: Any = ..., returned: Any = ..., *, keepdims: bool = ...) -> Any:
    """Mean with weights."""
def bartlett(n: SupportsIndex, /) -> Tensor:
    """The Bartlett window."""
def base_repr(number: ArrayLike, /, base: Any = ..., padding: Any = ...) -> str:
    """A number in another base, as text."""
def binary_repr(num: SupportsIndex, /, width: Any = ...) -> str:
    """A number in binary, as text."""
def bincount(x: ArrayLike, /, weights: Any = ..., minlength: Any = ...) -> Tensor:
    """How often each nonnegative integer occurs."""
def bitwise_and(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Bits set in both."""
def bitwise_count(x: ArrayLike, /) -> Tensor:
    """Number of bits set in the absolute value."""
def bitwise_invert(x: ArrayLike, /) -> Tensor:
    """Every bit flipped; logical not for booleans."""
def bitwise_left_shift(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Bits shifted to the left."""
def bitwise_or(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Bits set in either."""
def bitwise_right_shift(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Bits shifted to the right."""
def bitwise_xor(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Bits set in one of the two."""
def blackman(n: SupportsIndex, /) -> Tensor:
    """The Blackman window."""
def block(arrays: ArrayLike, /) -> Tensor:
    """An array put together from nested lists of blocks."""
def broadcast(*arrays: Any) -> Any:
    """Arrays of fitting shapes as one: its shape, and its elements in turn."""
def broadcast_arrays(*arrays: Any) -> tuple[Tensor, ...]:
    """Arrays broadcast against each other."""
def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape that shapes broadcast to."""
def broadcast_to(x: ArrayLike, /, shape: Shape) -> Tensor:
    """A read-only view of a larger shape."""
bytes_: Any
c_: Any
def can_cast(from_: ArrayLike, to: ArrayLike, /, casting: Any = ...) -> bool:
    """Whether one dtype converts to another under a rule."""
def cbrt(x: ArrayLike, /) -> Tensor:
    """Cube root."""
def ceil(x: ArrayLike, /) -> Tensor:
    """The smallest integer not below each element."""
character: Any
def choose(x: ArrayLike, choices: ArrayLike, /, mode: str = ...) -> Tensor:
    """Elements of several arrays by an array of numbers."""
def clip(x: ArrayLike, /, min: Any = ..., max: Any = ...) -> Tensor:
    """Elements limited to a range."""
def column_stack(arrays: ArrayLike, /) -> Tensor:
    """Vectors as the columns of a matrix."""
complexfloating: Any
def compress(condition: ArrayLike, x: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """Slices where a condition holds."""
def concat(arrays: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """Arrays joined along an axis."""
def conj(x: ArrayLike, /) -> Tensor:
    """Complex conjugate."""
def convolve(a: ArrayLike, v: ArrayLike, /, mode: str = ...) -> Tensor:
    """Convolution of two vectors."""
def copy(x: ArrayLike, /) -> Tensor:
    """A copy that shares nothing with the original."""
def copysign(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """The magnitude of `x1` with the sign of `x2`."""
def copyto(dst: ArrayLike, src: ArrayLike, /, casting: Any = ..., where: Any = ...) -> Any:
    """Values written into an array, in place."""
def corrcoef(x: ArrayLike, /, y: Any = ..., rowvar: Any = ...) -> Tensor:
    """Correlation coefficients."""
def correlate(a: ArrayLike, v: ArrayLike, /, mode: str = ...) -> Tensor:
    """Cross-correlation of two vectors."""
def cos(x: ArrayLike, /) -> Tensor:
    """Cosine of an angle in radians."""
def cosh(x: ArrayLike, /) -> Tensor:
    """Hyperbolic cosine."""
def count_nonzero(x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ...) -> Tensor:
    """How many elements are not zero."""
def cov(m: ArrayLike, /, y: Any = ..., rowvar: Any = ..., bias: Any = ..., ddof: Any = ..., fweights: Any = ..., aweights: Any = ...) -> Tensor:
    """Covariance matrix."""
def cross(a: ArrayLike, b: ArrayLike, /, axisa: Any = ..., axisb: Any = ..., axisc: Any = ..., axis: Axis = ...) -> Tensor:
    """Cross product of vectors."""
def cumprod(x: ArrayLike, /, axis: Axis = ..., dtype: DTypeLike | None = ...) -> Tensor:
    """Running product; over the flattened array without an axis."""
def cumsum(x: ArrayLike, /, axis: Axis = ..., dtype: DTypeLike | None = ...) -> Tensor:
    """Running sum; over the flattened array without an axis."""
def cumulative_prod(x: ArrayLike, /, *, axis: Axis = ..., dtype: DTypeLike | None = ..., include_initial: bool = ...) -> Tensor:
    """Running product along an axis."""
def cumulative_sum(x: ArrayLike, /, *, axis: Axis = ..., dtype: DTypeLike | None = ..., include_initial: bool = ...) -> Tensor:
    """Running sum along an axis."""
datetime64: Any
def degrees(x: ArrayLike, /) -> Tensor:
    """Radians to degrees."""
def delete(x: ArrayLike, obj: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """Positions left out."""
def diag(x: ArrayLike, /, k: int = ...) -> Tensor:
    """A diagonal taken out, or a matrix made of one."""
def diag_indices(n: SupportsIndex, /, ndim: Any = ...) -> tuple[Tensor, ...]:
    """Positions of a diagonal."""
def diag_indices_from(x: ArrayLike, /) -> tuple[Tensor, ...]:
    """Positions of the diagonal of an array."""
def diagflat(x: ArrayLike, /, k: int = ...) -> Tensor:
    """A matrix with the flattened input on a diagonal."""
def diagonal(x: ArrayLike, /, offset: Any = ..., axis1: Any = ..., axis2: Any = ...) -> Tensor:
    """A diagonal of two axes."""
def diff(x: ArrayLike, /, *, axis: Axis = ..., n: int = ..., prepend: Any = ..., append: Any = ...) -> Tensor:
    """Differences of neighbouring elements."""
def digitize(x: ArrayLike, bins: ArrayLike, /, right: Any = ...) -> Tensor:
    """Which bin each element falls into."""
def divide(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Quotient as a float."""
def divmod(x1: ArrayLike, x2: ArrayLike, /) -> tuple[Tensor, ...]:
    """Quotient rounded down and remainder."""
def dot(a: ArrayLike, b: ArrayLike, /) -> Tensor:
    """Product of vectors, matrices, or the last axis with the last but one."""
def dsplit(x: ArrayLike, indices_or_sections: ArrayLike, /) -> list[Tensor]:
    """Parts along the third axis."""
def dstack(arrays: ArrayLike, /) -> Tensor:
    """Arrays stacked along the third axis."""
e: float
def ediff1d(x: ArrayLike, /, to_end: Any = ..., to_begin: Any = ...) -> Tensor:
    """Differences of neighbouring elements of the flattened array."""
def einsum(subscripts: str | ArrayLike, /, *operands: Any, out: Any = ...) -> Tensor:
    """Sums of products in Einstein notation."""
def empty(shape: Shape, *, dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """An array whose elements are not set."""
def empty_like(x: ArrayLike, /, *, dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """An array like another whose elements are not set."""
def equal(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Whether elements are equal."""
def errstate(*, call: Any = ..., all: Any = ..., divide: Any = ..., over: Any = ..., under: Any = ..., invalid: Any = ...) -> Any:
    """How floating-point errors are treated inside a `with` block."""
euler_gamma: float
def exp(x: ArrayLike, /) -> Tensor:
    """Exponential."""
def exp2(x: ArrayLike, /) -> Tensor:
    """Two to the power of each element."""
def expand_dims(x: ArrayLike, /, axis: Axis) -> Tensor:
    """A new axis of length one."""
def expm1(x: ArrayLike, /) -> Tensor:
    """`exp(x) - 1`, precise near zero."""
def extract(condition: ArrayLike, x: ArrayLike, /) -> Tensor:
    """Elements where a condition holds."""
def eye(n_rows: ArrayLike, n_cols: ArrayLike = ..., /, *, k: int = ..., dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """Ones on a diagonal, zeros elsewhere."""
def fabs(x: ArrayLike, /) -> Tensor:
    """Absolute value as a float."""
def fill_diagonal(x: ArrayLike, value: ArrayLike, /, wrap: Any = ...) -> Any:
    """The diagonal of an array written in place."""
def finfo(type: ArrayLike, /) -> Any:
    """Limits of a float dtype."""
def fix(x: ArrayLike, /) -> Tensor:
    """Elements rounded towards zero."""
def flatnonzero(x: ArrayLike, /) -> Tensor:
    """Positions of the nonzero elements of the flattened array."""
flexible: Any
def flip(x: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """The elements of an axis in reverse order."""
def fliplr(x: ArrayLike, /) -> Tensor:
    """Columns in reverse order."""
def flipud(x: ArrayLike, /) -> Tensor:
    """Rows in reverse order."""
def float_power(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Power computed in float64 at least."""
floating: Any
def floor(x: ArrayLike, /) -> Tensor:
    """The largest integer not above each element."""
def floor_divide(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Quotient rounded down."""
def fmax(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """The larger element; NaN loses."""
def fmin(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """The smaller element; NaN loses."""
def fmod(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Remainder with the sign of the dividend."""
def format_float_positional(x: ArrayLike, /, precision: Any = ..., *, unique: Any = ..., fractional: Any = ..., trim: Any = ..., sign: Any = ..., pad_left: Any = ..., pad_right: Any = ..., min_digits: Any = ...) -> str:
    """A number in decimal notation."""
def format_float_scientific(x: ArrayLike, /, precision: Any = ..., *, unique: Any = ..., trim: Any = ..., sign: Any = ..., pad_left: Any = ..., exp_digits: Any = ..., min_digits: Any = ...) -> str:
    """A number in scientific notation."""
def frexp(x: ArrayLike, /) -> tuple[Tensor, ...]:
    """Mantissa and exponent to base two."""
def from_dlpack(x: ArrayLike, /, *, device: str | None = ..., copy: bool | None = ...) -> Tensor:
    """An array of another library, without a copy where possible."""
def frombuffer(buffer: ArrayLike, /, dtype: DTypeLike | None = ..., count: Any = ..., offset: Any = ...) -> Tensor:
    """A view of bytes as an array."""
def fromfile(file: ArrayLike, /, dtype: DTypeLike | None = ..., count: Any = ..., sep: Any = ..., offset: Any = ...) -> Tensor:
    """Numbers read from a binary or text file."""
def fromfunction(function: ArrayLike, shape: Shape, /, *, dtype: DTypeLike | None = ..., **kwargs: Any) -> Tensor:
    """A function called with the coordinates of a grid."""
def fromiter(iterable: ArrayLike, /, dtype: DTypeLike | None = ..., count: Any = ...) -> Tensor:
    """An array of the items of an iterable."""
def frompyfunc(func: ArrayLike, /, nin: Any, nout: Any, *, identity: Any = ...) -> Tensor:
    """A function of scalars made elementwise."""
def fromstring(text: ArrayLike, /, dtype: DTypeLike | None = ..., count: Any = ..., *, sep: Any) -> Tensor:
    """An array of the numbers in a text."""
def full(shape: Shape, fill_value: Any, *, dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """An array filled with one value."""
def full_like(x: ArrayLike, /, fill_value: Any, *, dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """One value with the shape and dtype of an array."""
def gcd(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Greatest common divisor."""
generic: Any
def genfromtxt(file: ArrayLike, /, dtype: DTypeLike | None = ..., comments: Any = ..., delimiter: Any = ..., skip_header: Any = ..., skip_footer: Any = ..., converters: Any = ..., missing_values: Any = ..., filling_values: Any = ..., usecols: Any = ..., unpack: Any = ..., max_rows: Any = ..., encoding: Any = ..., *, ndmin: Any = ..., names: Any = ...) -> Any:
    """Numbers read from text with gaps."""
def geomspace(start: ArrayLike, stop: ArrayLike, /, num: int = ..., *, endpoint: bool = ..., dtype: DTypeLike | None = ...) -> Tensor:
    """Values of a geometric progression."""
def get_printoptions() -> Any:
    """How arrays are printed."""
def geterr() -> Any:
    """How floating-point errors are treated."""
def geterrcall() -> Tensor:
    """The function or log that is told of floating-point errors."""
def gradient(f: ArrayLike, /, *varargs: Any, axis: Axis = ..., edge_order: Any = ...) -> Any:
    """Numerical gradient by central differences."""
def greater(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Whether `x1 > x2`."""
def greater_equal(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Whether `x1 >= x2`."""
def hamming(n: SupportsIndex, /) -> Tensor:
    """The Hamming window."""
def hanning(n: SupportsIndex, /) -> Tensor:
    """The Hann window."""
def heaviside(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """The step function, `x2` where `x1` is zero."""
def histogram(x: ArrayLike, /, bins: Any = ..., range: Any = ..., density: Any = ..., weights: Any = ...) -> Any:
    """Counts and edges of a histogram."""
def histogram2d(x: ArrayLike, y: ArrayLike, /, bins: Any = ..., range: Any = ..., density: Any = ..., weights: Any = ...) -> Any:
    """Counts and edges of a histogram in two dimensions."""
def histogram_bin_edges(x: ArrayLike, /, bins: Any = ..., range: Any = ..., weights: Any = ...) -> Tensor:
    """Edges that `histogram` would use."""
def histogramdd(sample: ArrayLike, /, bins: Any = ..., range: Any = ..., density: Any = ..., weights: Any = ...) -> Any:
    """Counts and edges of a histogram in many dimensions."""
def hsplit(x: ArrayLike, indices_or_sections: ArrayLike, /) -> list[Tensor]:
    """Parts along the second axis, or the only one."""
def hstack(arrays: ArrayLike, /) -> Tensor:
    """Arrays stacked by columns."""
def hypot(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Length of the hypotenuse."""
def i0(x: ArrayLike, /) -> Tensor:
    """Modified Bessel function of the first kind, order zero."""
def identity(n: SupportsIndex, /, dtype: DTypeLike | None = ...) -> Tensor:
    """The identity matrix."""
def iinfo(type: ArrayLike, /) -> Any:
    """Limits of an integer dtype."""
def imag(x: ArrayLike, /) -> Tensor:
    """Imaginary part."""
index_exp: Any
def indices(dimensions: ArrayLike, /, dtype: DTypeLike | None = ..., sparse: Any = ...) -> Tensor:
    """Coordinate arrays of a grid of a shape."""
inexact: Any
inf: float
def inner(a: ArrayLike, b: ArrayLike, /) -> Tensor:
    """Products summed over the last axes."""
def insert(x: ArrayLike, obj: ArrayLike, values: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """Values inserted before positions."""
integer: Any
def interp(x: ArrayLike, xp: ArrayLike, fp: ArrayLike, /, left: Any = ..., right: Any = ..., period: Any = ...) -> Tensor:
    """Piecewise linear interpolation."""
def intersect1d(x1: ArrayLike, x2: ArrayLike, /, assume_unique: Any = ..., return_indices: Any = ...) -> Any:
    """The elements of both arrays."""
def isclose(a: ArrayLike, b: ArrayLike, /, rtol: float = ..., atol: float = ..., equal_nan: bool = ...) -> Tensor:
    """Whether elements are equal within a tolerance."""
def iscomplex(x: ArrayLike, /) -> Tensor:
    """Whether elements have an imaginary part."""
def iscomplexobj(x: ArrayLike, /) -> bool:
    """Whether the dtype is complex."""
def isdtype(dtype: DTypeLike | None, kind: Any) -> bool:
    """Whether a dtype is of a kind."""
def isfinite(x: ArrayLike, /) -> Tensor:
    """Whether each element is neither infinite nor NaN."""
def isin(element: ArrayLike, test_elements: ArrayLike, /, assume_unique: Any = ..., invert: Any = ...) -> Tensor:
    """Which elements occur in another array."""
def isinf(x: ArrayLike, /) -> Tensor:
    """Whether each element is infinite."""
def isnan(x: ArrayLike, /) -> Tensor:
    """Whether each element is NaN."""
def isneginf(x: ArrayLike, /) -> Tensor:
    """Whether elements are negative infinity."""
def isposinf(x: ArrayLike, /) -> Tensor:
    """Whether elements are positive infinity."""
def isreal(x: ArrayLike, /) -> Tensor:
    """Whether elements have no imaginary part."""
def isrealobj(x: ArrayLike, /) -> bool:
    """Whether the dtype is not complex."""
def isscalar(element: ArrayLike, /) -> bool:
    """Whether an object is a scalar."""
def issctype(value: ArrayLike, /) -> Tensor:
    """Whether a value names a dtype."""
def issubdtype(dtype: DTypeLike | None, family: ArrayLike, /) -> bool:
    """Whether a dtype belongs to a family of dtypes, or is that dtype."""
def iterable(y: ArrayLike, /) -> bool:
    """Whether an object can be iterated."""
def ix_(*sequences: Any) -> tuple[Tensor, ...]:
    """Open grids of positions for a cross product."""
def kaiser(n: SupportsIndex, beta: ArrayLike, /) -> Tensor:
    """The Kaiser window."""
def kron(a: ArrayLike, b: ArrayLike, /) -> Tensor:
    """Kronecker product."""
def lcm(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Least common multiple."""
def ldexp(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """`x1 * 2**x2`."""
def less(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Whether `x1 < x2`."""
def less_equal(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Whether `x1 <= x2`."""
def lexsort(keys: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """Order by several keys, the last one first."""
def linspace(start: ArrayLike, stop: ArrayLike, /, num: int = ..., *, dtype: DTypeLike | None = ..., device: str | None = ..., endpoint: bool = ..., retstep: Any = ...) -> Tensor:
    """Evenly spaced values of a closed range."""
def load(file: ArrayLike, /, mmap_mode: Any = ...) -> Any:
    """Arrays read from a `.npy` or `.npz` file."""
def loadtxt(file: ArrayLike, /, dtype: DTypeLike | None = ..., comments: Any = ..., delimiter: Any = ..., converters: Any = ..., skiprows: Any = ..., usecols: Any = ..., unpack: Any = ..., ndmin: Any = ..., encoding: Any = ..., max_rows: Any = ...) -> Any:
    """Numbers read from text."""
def log(x: ArrayLike, /) -> Tensor:
    """Natural logarithm."""
def log10(x: ArrayLike, /) -> Tensor:
    """Logarithm to base 10."""
def log1p(x: ArrayLike, /) -> Tensor:
    """`log(1 + x)`, precise near zero."""
def log2(x: ArrayLike, /) -> Tensor:
    """Logarithm to base 2."""
def logaddexp(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """`log(exp(x1) + exp(x2))` without overflow."""
def logaddexp2(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """`log2(2**x1 + 2**x2)` without overflow."""
def logical_and(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Whether both are nonzero."""
def logical_not(x: ArrayLike, /) -> Tensor:
    """Whether each element is zero."""
def logical_or(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Whether either is nonzero."""
def logical_xor(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Whether exactly one is nonzero."""
def logspace(start: ArrayLike, stop: ArrayLike, /, num: int = ..., *, endpoint: bool = ..., base: Any = ..., dtype: DTypeLike | None = ...) -> Tensor:
    """Values evenly spaced on a logarithmic scale, by exponents."""
def mask_indices(n: SupportsIndex, mask_func: ArrayLike, /, k: int = ...) -> tuple[Tensor, ...]:
    """Positions that a triangle function keeps."""
def matmul(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Matrix product."""
matrix: Any
def matrix_transpose(x: ArrayLike, /) -> Tensor:
    """The last two axes exchanged."""
def max(x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ...) -> Tensor:
    """Largest element; NaN wins."""
def maximum(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """The larger element; NaN wins."""
def may_share_memory(x1: ArrayLike, x2: ArrayLike, /, max_work: Any = ...) -> Tensor:
    """Whether the memory bounds of two arrays overlap."""
def mean(x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ...) -> Tensor:
    """Arithmetic mean."""
def median(x: ArrayLike, /, axis: Axis = ..., *, keepdims: bool = ...) -> Tensor:
    """The middle element, or the mean of the middle two."""
def meshgrid(*arrays: Any, indexing: str = ..., sparse: Any = ..., copy: bool | None = ...) -> tuple[Tensor, ...]:
    """Coordinate arrays of a grid."""
mgrid: Any
def min(x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ...) -> Tensor:
    """Smallest element; NaN wins."""
def min_scalar_type(value: ArrayLike, /) -> Tensor:
    """The smallest dtype that holds a number."""
def minimum(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """The smaller element; NaN wins."""
def mintypecode(typechars: ArrayLike, /, typeset: Any = ..., default: Any = ...) -> Tensor:
    """The code of the smallest dtype to which all of the codes convert."""
def modf(x: ArrayLike, /) -> tuple[Tensor, ...]:
    """Fraction and integer part."""
def moveaxis(x: ArrayLike, source: ArrayLike, destination: ArrayLike, /) -> Tensor:
    """Axes moved to other positions."""
def multiply(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Product of two arrays."""
nan: float
def nan_to_num(x: ArrayLike, /, copy: bool | None = ..., nan: Any = ..., posinf: Any = ..., neginf: Any = ...) -> Tensor:
    """NaN and infinities replaced by numbers."""
def nanargmax(x: ArrayLike, /, axis: Axis = ..., *, keepdims: bool = ...) -> Tensor:
    """Position of the largest element that is not NaN."""
def nanargmin(x: ArrayLike, /, axis: Axis = ..., *, keepdims: bool = ...) -> Tensor:
    """Position of the smallest element that is not NaN."""
def nancumprod(x: ArrayLike, /, axis: Axis = ..., *, dtype: DTypeLike | None = ...) -> Tensor:
    """Running product that counts NaN as one."""
def nancumsum(x: ArrayLike, /, axis: Axis = ..., *, dtype: DTypeLike | None = ...) -> Tensor:
    """Running sum that counts NaN as zero."""
def nanmax(x: ArrayLike, /, axis: Axis = ..., *, keepdims: bool = ...) -> Tensor:
    """Largest element that is not NaN."""
def nanmean(x: ArrayLike, /, axis: Axis = ..., *, keepdims: bool = ...) -> Tensor:
    """Mean of the elements that are not NaN."""
def nanmedian(x: ArrayLike, /, axis: Axis = ..., *, keepdims: bool = ...) -> Tensor:
    """Median of the elements that are not NaN."""
def nanmin(x: ArrayLike, /, axis: Axis = ..., *, keepdims: bool = ...) -> Tensor:
    """Smallest element that is not NaN."""
def nanpercentile(x: ArrayLike, q: ArrayLike, /, axis: Axis = ..., *, method: Any = ..., keepdims: bool = ...) -> Tensor:
    """`percentile` of the elements that are not NaN."""
def nanprod(x: ArrayLike, /, axis: Axis = ..., *, dtype: DTypeLike | None = ..., keepdims: bool = ...) -> Tensor:
    """Product of the elements that are not NaN."""
def nanquantile(x: ArrayLike, q: ArrayLike, /, axis: Axis = ..., *, method: Any = ..., keepdims: bool = ...) -> Tensor:
    """`quantile` of the elements that are not NaN."""
def nanstd(x: ArrayLike, /, axis: Axis = ..., *, ddof: Any = ..., keepdims: bool = ...) -> Tensor:
    """Standard deviation of the elements that are not NaN."""
def nansum(x: ArrayLike, /, axis: Axis = ..., *, dtype: DTypeLike | None = ..., keepdims: bool = ...) -> Tensor:
    """Sum of the elements that are not NaN."""
def nanvar(x: ArrayLike, /, axis: Axis = ..., *, ddof: Any = ..., keepdims: bool = ...) -> Tensor:
    """Variance of the elements that are not NaN."""
def ndenumerate(x: ArrayLike, /) -> Any:
    """Positions and elements in turn."""
def ndim(x: ArrayLike, /) -> int:
    """The number of axes of an array or nested sequence."""
def ndindex(*shape: Shape) -> Any:
    """Positions of a shape in turn."""
def nditer(op: ArrayLike, /, flags: Any = ..., op_flags: Any = ..., *, order: Any = ...) -> Tensor:
    """The elements one after another, with their positions."""
def negative(x: ArrayLike, /) -> Tensor:
    """Each element with its sign changed."""
newaxis: None
def nextafter(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """The next float after `x1` towards `x2`."""
def nonzero(x: ArrayLike, /) -> tuple[Tensor, ...]:
    """Positions of the elements that are not zero, one array per axis."""
def not_equal(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Whether elements differ."""
number: Any
numpy_version: Any
object_: Any
ogrid: Any
def ones(shape: Shape, *, dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """An array of ones."""
def ones_like(x: ArrayLike, /, *, dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """Ones with the shape and dtype of an array."""
def outer(a: ArrayLike, b: ArrayLike, /) -> Tensor:
    """All products of the elements of two flattened arrays."""
def packbits(x: ArrayLike, /, axis: Axis = ..., bitorder: Any = ...) -> Tensor:
    """Bits packed into bytes."""
def pad(x: ArrayLike, pad_width: ArrayLike, /, mode: str = ..., *, constant_values: Any = ..., end_values: Any = ..., stat_length: Any = ..., reflect_type: Any = ...) -> Tensor:
    """An array with margins."""
def partition(x: ArrayLike, kth: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """The elements around the k-th smallest."""
def percentile(x: ArrayLike, q: ArrayLike, /, axis: Axis = ..., *, method: Any = ..., keepdims: bool = ...) -> Tensor:
    """Value below which a percentage of the elements falls."""
def permute_dims(x: ArrayLike, /, axes: Any) -> Tensor:
    """The axes in another order."""
pi: float
def piecewise(x: ArrayLike, conditions: ArrayLike, functions: ArrayLike, /, *args: Any, **kwargs: Any) -> Any:
    """A function given by pieces."""
def place(x: ArrayLike, mask: ArrayLike, values: ArrayLike, /) -> Any:
    """Values written in turn where a mask holds, in place."""
def poly(roots: ArrayLike, /) -> Tensor:
    """Coefficients of the polynomial with these roots."""
def poly1d(c_or_r: Any, r: Any = ..., variable: Any = ...) -> Tensor:
    """A polynomial as an object."""
def polyadd(a: ArrayLike, b: ArrayLike, /) -> Tensor:
    """Sum of polynomials."""
def polyder(p: ArrayLike, /, m: Any = ...) -> Tensor:
    """Derivative of a polynomial."""
def polydiv(u: ArrayLike, v: ArrayLike, /) -> Any:
    """Quotient and remainder of polynomials."""
def polyfit(x: ArrayLike, y: ArrayLike, deg: ArrayLike, /, rcond: Any = ..., full: Any = ..., w: Any = ..., cov: Any = ...) -> Any:
    """Least-squares fit of a polynomial."""
def polyint(p: ArrayLike, /, m: Any = ..., k: int | None = ...) -> Tensor:
    """Integral of a polynomial."""
def polymul(a: ArrayLike, b: ArrayLike, /) -> Tensor:
    """Product of polynomials."""
def polysub(a: ArrayLike, b: ArrayLike, /) -> Tensor:
    """Difference of polynomials."""
def polyval(p: ArrayLike, x: ArrayLike, /) -> Tensor:
    """Value of a polynomial."""
def positive(x: ArrayLike, /) -> Tensor:
    """A copy of the elements."""
def pow(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """`x1` to the power of `x2`."""
def printoptions(precision: Any = ..., threshold: Any = ..., edgeitems: Any = ..., linewidth: Any = ..., suppress: Any = ..., nanstr: Any = ..., infstr: Any = ..., formatter: Any = ..., sign: Any = ..., floatmode: Any = ...) -> Any:
    """How arrays are printed inside a `with` block."""
def prod(x: ArrayLike, /, *, axis: Axis = ..., dtype: DTypeLike | None = ..., keepdims: bool = ...) -> Tensor:
    """Product of the elements."""
def ptp(x: ArrayLike, /, axis: Axis = ..., *, keepdims: bool = ...) -> Tensor:
    """Largest minus smallest element."""
def put(x: ArrayLike, indices: ArrayLike, values: ArrayLike, /, mode: str = ...) -> Any:
    """Values written to positions of the flattened array, in place."""
def put_along_axis(x: ArrayLike, indices: ArrayLike, values: ArrayLike, /, axis: Axis) -> Any:
    """Values written by position, one per slice."""
def putmask(x: ArrayLike, mask: ArrayLike, values: ArrayLike, /) -> Any:
    """Values written by position where a mask holds, in place."""
def quantile(x: ArrayLike, q: ArrayLike, /, axis: Axis = ..., *, method: Any = ..., keepdims: bool = ...) -> Tensor:
    """Value below which a fraction of the elements falls."""
r_: Any
def radians(x: ArrayLike, /) -> Tensor:
    """Degrees to radians."""
def ravel(x: ArrayLike, /, order: Any = ...) -> Tensor:
    """The elements as a vector."""
def ravel_multi_index(multi_index: ArrayLike, dims: ArrayLike, /, mode: str = ..., order: Any = ...) -> Tensor:
    """Positions per axis as flat positions."""
def real(x: ArrayLike, /) -> Tensor:
    """Real part."""
def real_if_close(x: ArrayLike, /, tol: Any = ...) -> Tensor:
    """The real part, if all imaginary parts are tiny."""
recarray: Any
def reciprocal(x: ArrayLike, /) -> Tensor:
    """One divided by each element."""
record: Any
def reduce(f: ArrayLike, x: ArrayLike, /, axis: Axis = ..., *, keepdims: bool = ...) -> Tensor:
    """What an associative function of two arrays makes of all elements along an axis."""
def reduceat(f: ArrayLike, x: ArrayLike, indices: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """What an associative function of two arrays makes of the slices between neighbouring indices."""
def remainder(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Remainder with the sign of the divisor."""
def repeat(x: ArrayLike, repeats: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """Each element repeated."""
def require(x: ArrayLike, /, dtype: DTypeLike | None = ..., requirements: Any = ...) -> Tensor:
    """An array that is contiguous, writable and owns its memory, as far as required."""
def reshape(x: ArrayLike, /, shape: Shape, *, copy: bool | None = ...) -> Tensor:
    """The elements in another shape."""
def resize(x: ArrayLike, new_shape: ArrayLike, /) -> Tensor:
    """The elements repeated to fill a shape."""
def result_type(*arrays_and_dtypes: Any) -> dtype:
    """The dtype that an operation on these would have."""
def rint(x: ArrayLike, /) -> Tensor:
    """Nearest integer as a float, halves to even."""
def roll(x: ArrayLike, /, shift: Any, *, axis: Axis = ...) -> Tensor:
    """Elements moved along an axis, around the end."""
def rollaxis(x: ArrayLike, axis: Axis, /, start: Any = ...) -> Tensor:
    """An axis moved to before another."""
def roots(p: ArrayLike, /) -> Tensor:
    """Roots of a polynomial."""
def rot90(x: ArrayLike, /, k: int = ..., axes: Any = ...) -> Tensor:
    """Rotation by right angles in a plane of two axes."""
def round(x: ArrayLike, /) -> Tensor:
    """Nearest integers, halves to even."""
s_: Any
def save(file: ArrayLike, x: ArrayLike, /) -> Any:
    """An array written to a `.npy` file."""
def savetxt(file: ArrayLike, x: ArrayLike, /, fmt: Any = ..., delimiter: Any = ..., newline: Any = ..., header: Any = ..., footer: Any = ..., comments: Any = ..., encoding: Any = ...) -> Any:
    """An array written as text."""
def savez(file: Any, *args: Any, **kwds: Any) -> Any:
    """Arrays written to a `.npz` archive."""
def savez_compressed(file: Any, *args: Any, **kwds: Any) -> Any:
    """Arrays written to a compressed `.npz` archive."""
def searchsorted(x1: ArrayLike, x2: ArrayLike, /, *, side: str = ..., sorter: Any = ...) -> Tensor:
    """Where values would be inserted to keep the order."""
def select(conditions: ArrayLike, choices: ArrayLike, /, default: Any = ...) -> Tensor:
    """Elements by the first condition that holds."""
def set_printoptions(precision: Any = ..., threshold: Any = ..., edgeitems: Any = ..., linewidth: Any = ..., suppress: Any = ..., nanstr: Any = ..., infstr: Any = ..., formatter: Any = ..., sign: Any = ..., floatmode: Any = ...) -> Any:
    """How arrays are printed from now on."""
def setdiff1d(x1: ArrayLike, x2: ArrayLike, /, assume_unique: Any = ...) -> Tensor:
    """The elements of the first array that are not in the second."""
def seterr(all: Any = ..., divide: Any = ..., over: Any = ..., under: Any = ..., invalid: Any = ...) -> Any:
    """How floating-point errors are treated from now on."""
def seterrcall(func: ArrayLike, /) -> Tensor:
    """Which function or log is told of floating-point errors."""
def setxor1d(x1: ArrayLike, x2: ArrayLike, /, assume_unique: Any = ...) -> Tensor:
    """The elements that are in one array only."""
def shape(x: ArrayLike, /) -> tuple[int, ...]:
    """The shape of an array or nested sequence."""
def shares_memory(x1: ArrayLike, x2: ArrayLike, /, max_work: Any = ...) -> bool:
    """Whether two arrays share an element in memory."""
def sign(x: ArrayLike, /) -> Tensor:
    """-1, 0 or 1 by the sign of each element."""
def signbit(x: ArrayLike, /) -> Tensor:
    """Whether the sign bit is set."""
signedinteger: Any
def sin(x: ArrayLike, /) -> Tensor:
    """Sine of an angle in radians."""
def sinc(x: ArrayLike, /) -> Tensor:
    """`sin(pi x) / (pi x)`."""
def sinh(x: ArrayLike, /) -> Tensor:
    """Hyperbolic sine."""
def size(x: ArrayLike, /, axis: Axis = ...) -> int:
    """The number of elements."""
def sliding_window_view(x: ArrayLike, window_shape: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """A view of all windows of a shape."""
def sort(x: ArrayLike, /, *, axis: Axis = ..., descending: bool = ..., stable: bool = ...) -> Tensor:
    """The elements in order."""
def sort_complex(x: ArrayLike, /) -> Tensor:
    """The elements in order, as complex numbers."""
def spacing(x: ArrayLike, /) -> Tensor:
    """Distance to the next float away from zero."""
def split(x: ArrayLike, indices_or_sections: ArrayLike, /, axis: Axis = ...) -> list[Tensor]:
    """Equal parts along an axis, or parts between indices."""
def sqrt(x: ArrayLike, /) -> Tensor:
    """Square root."""
def square(x: ArrayLike, /) -> Tensor:
    """Each element times itself."""
def squeeze(x: ArrayLike, /, axis: Axis = ...) -> Tensor:
    """Axes of length one removed."""
def stack(arrays: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """Arrays joined along a new axis."""
def std(x: ArrayLike, /, *, axis: Axis = ..., correction: float = ..., keepdims: bool = ...) -> Tensor:
    """Standard deviation, over n unless a correction is given."""
str_: Any
def subtract(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Difference of two arrays."""
def sum(x: ArrayLike, /, *, axis: Axis = ..., dtype: DTypeLike | None = ..., keepdims: bool = ...) -> Tensor:
    """Sum of the elements."""
def swapaxes(x: ArrayLike, axis1: ArrayLike, axis2: ArrayLike, /) -> Tensor:
    """Two axes exchanged."""
def take(x: ArrayLike, indices: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """Elements by position along an axis."""
def take_along_axis(x: ArrayLike, indices: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """Elements by position, with one position per slice."""
def tan(x: ArrayLike, /) -> Tensor:
    """Tangent of an angle in radians."""
def tanh(x: ArrayLike, /) -> Tensor:
    """Hyperbolic tangent."""
def tensordot(x1: ArrayLike, x2: ArrayLike, /, *, axes: Any = ...) -> Tensor:
    """Products summed over several axes."""
def tile(x: ArrayLike, repetitions: ArrayLike, /) -> Tensor:
    """An array repeated as a whole."""
timedelta64: Any
def trace(x: ArrayLike, /, offset: Any = ..., axis1: Any = ..., axis2: Any = ..., *, dtype: DTypeLike | None = ...) -> Tensor:
    """Sum of a diagonal."""
def transpose(x: ArrayLike, /, axes: Any = ...) -> Tensor:
    """All axes in reverse order, or in the given order."""
def trapezoid(y: ArrayLike, /, x: Any = ..., dx: Any = ..., axis: Axis = ...) -> Tensor:
    """Integral by the trapezoidal rule."""
def tri(n: SupportsIndex, /, m: Any = ..., k: int = ..., dtype: DTypeLike | None = ...) -> Tensor:
    """Ones at and below a diagonal."""
def tril(x: ArrayLike, /, *, k: int = ...) -> Tensor:
    """Lower triangle, zeros elsewhere."""
def tril_indices(n: SupportsIndex, /, k: int = ..., m: Any = ...) -> tuple[Tensor, ...]:
    """Positions of the lower triangle."""
def tril_indices_from(x: ArrayLike, /, k: int = ...) -> tuple[Tensor, ...]:
    """Positions of the lower triangle of an array."""
def trim_zeros(x: ArrayLike, /, trim: Any = ...) -> Tensor:
    """Leading and trailing zeros removed."""
def triu(x: ArrayLike, /, *, k: int = ...) -> Tensor:
    """Upper triangle, zeros elsewhere."""
def triu_indices(n: SupportsIndex, /, k: int = ..., m: Any = ...) -> tuple[Tensor, ...]:
    """Positions of the upper triangle."""
def triu_indices_from(x: ArrayLike, /, k: int = ...) -> tuple[Tensor, ...]:
    """Positions of the upper triangle of an array."""
def trunc(x: ArrayLike, /) -> Tensor:
    """Each element without its fraction."""
def union1d(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """The elements of either array."""
def unique(x: ArrayLike, /, return_index: Any = ..., return_inverse: Any = ..., return_counts: Any = ..., axis: Axis = ..., *, equal_nan: bool = ..., sorted: Any = ...) -> Any:
    """The different elements, in order."""
def unique_all(x: ArrayLike, /) -> Any:
    """The different elements, with positions, inverse and counts."""
def unique_counts(x: ArrayLike, /) -> Any:
    """The different elements and how often they occur."""
def unique_inverse(x: ArrayLike, /) -> Any:
    """The different elements and where each came from."""
def unique_values(x: ArrayLike, /) -> Tensor:
    """The different elements."""
def unpackbits(x: ArrayLike, /, axis: Axis = ..., count: Any = ..., bitorder: Any = ...) -> Tensor:
    """Bytes unpacked into bits."""
def unravel_index(indices: ArrayLike, shape: Shape, /, order: Any = ...) -> tuple[Tensor, ...]:
    """Flat positions as positions per axis."""
unsignedinteger: Any
def unstack(x: ArrayLike, /, *, axis: Axis = ...) -> tuple[Tensor, ...]:
    """The slices along an axis."""
def unwrap(x: ArrayLike, /, discont: Any = ..., axis: Axis = ..., *, period: Any = ...) -> Tensor:
    """Jumps of a phase removed."""
def update_at(f: ArrayLike, x: ArrayLike, indices: ArrayLike, values: ArrayLike = ..., /) -> Tensor:
    """Replaces the elements at some indices by a function of them and of values; indices may repeat."""
def vander(x: ArrayLike, /, n: int | None = ..., increasing: Any = ...) -> Tensor:
    """Vandermonde matrix."""
def var(x: ArrayLike, /, *, axis: Axis = ..., correction: float = ..., keepdims: bool = ...) -> Tensor:
    """Variance, over n unless a correction is given."""
def vdot(a: ArrayLike, b: ArrayLike, /) -> Tensor:
    """Product of flattened arrays, the first conjugated."""
def vecdot(x1: ArrayLike, x2: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """Products summed over one axis, the first conjugated."""
def vectorize(pyfunc: Any = ..., otypes: Any = ..., doc: Any = ..., excluded: Any = ..., cache: Any = ..., signature: Any = ...) -> Any:
    """A function of scalars made elementwise."""
void: Any
def vsplit(x: ArrayLike, indices_or_sections: ArrayLike, /) -> list[Tensor]:
    """Parts along the first axis."""
def vstack(arrays: ArrayLike, /) -> Tensor:
    """Arrays stacked by rows."""
def where(condition: ArrayLike, x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Elements of one array or another by a condition."""
def zeros(shape: Shape, *, dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """An array of zeros."""
def zeros_like(x: ArrayLike, /, *, dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """Zeros with the shape and dtype of an array."""

# Further names of NumPy's.
absolute: Any
amax: Any
amin: Any
arccos: Any
arccosh: Any
arcsin: Any
arcsinh: Any
arctan: Any
arctan2: Any
arctanh: Any
asanyarray: Any
available_backends: Any
bitwise_not: Any
byte_bounds: Any
concatenate: Any
conjugate: Any
deg2rad: Any
get_backend: Any
get_device: Any
in1d: Any
index_update: Any
invert: Any
item: Any
left_shift: Any
mod: Any
msort: Any
norm: Any
power: Any
product: Any
rad2deg: Any
right_shift: Any
row_stack: Any
set_backend: Any
to_device: Any
to_numpy: Any
tolist: Any
topk: Any
true_divide: Any
using_backend: Any
