"""Types of `purify.ops.fft`. Made from the op table: `UPDATE=1 pytest tests/python/test_stubs.py`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, SupportsIndex

from . import Tensor, dtype

ArrayLike = Any
Axis = int | tuple[int, ...] | None
Shape = int | Sequence[int]
DTypeLike = Any

def fft(x: ArrayLike, /, *, n: int | None = ..., axis: Axis = ..., norm: str | None = ...) -> Tensor:
    """Discrete Fourier transform of one axis."""
def fft2(x: ArrayLike, /, s: Any = ..., axes: Any = ..., norm: str | None = ...) -> Tensor:
    """Discrete Fourier transform of two axes."""
def fftfreq(n: SupportsIndex, /, *, d: Any = ..., dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """Sample frequencies of `fft`."""
def fftn(x: ArrayLike, /, *, s: Any = ..., axes: Any = ..., norm: str | None = ...) -> Tensor:
    """Discrete Fourier transform of several axes."""
def fftshift(x: ArrayLike, /, *, axes: Any = ...) -> Tensor:
    """The zero frequency moved to the middle."""
def hfft(x: ArrayLike, /, *, n: int | None = ..., axis: Axis = ..., norm: str | None = ...) -> Tensor:
    """Transform of Hermitian input."""
def ifft(x: ArrayLike, /, *, n: int | None = ..., axis: Axis = ..., norm: str | None = ...) -> Tensor:
    """Inverse of `fft`."""
def ifft2(x: ArrayLike, /, s: Any = ..., axes: Any = ..., norm: str | None = ...) -> Tensor:
    """Inverse of `fft2`."""
def ifftn(x: ArrayLike, /, *, s: Any = ..., axes: Any = ..., norm: str | None = ...) -> Tensor:
    """Inverse of `fftn`."""
def ifftshift(x: ArrayLike, /, *, axes: Any = ...) -> Tensor:
    """Inverse of `fftshift`."""
def ihfft(x: ArrayLike, /, *, n: int | None = ..., axis: Axis = ..., norm: str | None = ...) -> Tensor:
    """Inverse of `hfft`."""
def irfft(x: ArrayLike, /, *, n: int | None = ..., axis: Axis = ..., norm: str | None = ...) -> Tensor:
    """Inverse of `rfft`."""
def irfft2(x: ArrayLike, /, s: Any = ..., axes: Any = ..., norm: str | None = ...) -> Tensor:
    """Inverse of `rfft2`."""
def irfftn(x: ArrayLike, /, *, s: Any = ..., axes: Any = ..., norm: str | None = ...) -> Tensor:
    """Inverse of `rfftn`."""
def rfft(x: ArrayLike, /, *, n: int | None = ..., axis: Axis = ..., norm: str | None = ...) -> Tensor:
    """Transform of real input."""
def rfft2(x: ArrayLike, /, s: Any = ..., axes: Any = ..., norm: str | None = ...) -> Tensor:
    """Transform of two axes of real input."""
def rfftfreq(n: SupportsIndex, /, *, d: Any = ..., dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """Sample frequencies of `rfft`."""
def rfftn(x: ArrayLike, /, *, s: Any = ..., axes: Any = ..., norm: str | None = ...) -> Tensor:
    """Transform of several axes of real input."""
