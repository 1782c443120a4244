"""Types of `purify.ops.linalg`. Made from the op table: `UPDATE=1 pytest tests/python/test_stubs.py`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, SupportsIndex

from . import Tensor, dtype

ArrayLike = Any
Axis = int | tuple[int, ...] | None
Shape = int | Sequence[int]
DTypeLike = Any

LinAlgError: Any
def cholesky(x: ArrayLike, /, *, upper: bool = ...) -> Tensor:
    """Cholesky factor."""
def cond(x: ArrayLike, /, p: Any = ...) -> Tensor:
    """Condition number."""
def cross(x1: ArrayLike, x2: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """Cross product of vectors with three elements."""
def det(x: ArrayLike, /) -> Tensor:
    """Determinant."""
def diagonal(x: ArrayLike, /, *, offset: Any = ...) -> Tensor:
    """A diagonal of the last two axes."""
def eig(x: ArrayLike, /) -> Any:
    """Eigenvalues and eigenvectors of a square matrix."""
def eigh(x: ArrayLike, /, UPLO: Any = ...) -> Any:
    """Eigenvalues and eigenvectors of a symmetric matrix."""
def eigvals(x: ArrayLike, /) -> Tensor:
    """Eigenvalues of a square matrix."""
def eigvalsh(x: ArrayLike, /, UPLO: Any = ...) -> Tensor:
    """Eigenvalues of a symmetric matrix."""
def inv(x: ArrayLike, /) -> Tensor:
    """Inverse matrix."""
def lstsq(a: ArrayLike, b: ArrayLike, /, rcond: Any = ...) -> Any:
    """Least-squares solution, residuals, rank and singular values."""
def matrix_norm(x: ArrayLike, /, *, keepdims: bool = ..., ord: Any = ...) -> Tensor:
    """Norm of the last two axes."""
def matrix_power(x: ArrayLike, n: SupportsIndex, /) -> Tensor:
    """A square matrix multiplied by itself."""
def matrix_rank(x: ArrayLike, /, *, rtol: float | None = ...) -> Tensor:
    """Rank of a matrix."""
def multi_dot(arrays: ArrayLike, /) -> Tensor:
    """Product of several matrices in the cheapest order."""
def norm(x: ArrayLike, /, ord: Any = ..., axis: Axis = ..., keepdims: bool = ...) -> Tensor:
    """Norm of a vector or matrix."""
def outer(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """All products of the elements of two vectors."""
def pinv(x: ArrayLike, /, *, rtol: float | None = ..., hermitian: Any = ...) -> Tensor:
    """Pseudo-inverse."""
def qr(x: ArrayLike, /, *, mode: str = ...) -> Any:
    """Factors Q and R."""
def slogdet(x: ArrayLike, /) -> Any:
    """Sign and logarithm of the determinant."""
def solve(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """Solution of a linear system."""
def svd(x: ArrayLike, /, *, full_matrices: bool = ...) -> Any:
    """Singular value decomposition."""
def svdvals(x: ArrayLike, /) -> Tensor:
    """Singular values."""
def tensorinv(a: ArrayLike, /, ind: Any = ...) -> Tensor:
    """Inverse of a tensor with respect to `tensordot`."""
def tensorsolve(a: ArrayLike, b: ArrayLike, /, axes: Any = ...) -> Tensor:
    """Solution of a tensor equation."""
def trace(x: ArrayLike, /, *, offset: Any = ..., dtype: DTypeLike | None = ...) -> Tensor:
    """Sum of a diagonal of the last two axes."""
def vector_norm(x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ..., ord: Any = ...) -> Tensor:
    """Norm of vectors."""
