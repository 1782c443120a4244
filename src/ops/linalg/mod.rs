//! Linear algebra: the `linalg` extension of the array API standard, and what NumPy and torch users know beyond it.
//!
//! All functions take stacks of matrices: the last two axes are the matrix, leading axes are carried along. complex64 is
//! computed in complex128, the 16-bit floats in float32, integers and bool in float64.

pub(crate) mod decompositions;
mod einsum;
mod norms;
pub(crate) mod products;
mod solvers;

pub use decompositions::{QrMode, cholesky, eig, eigh, eigvals, eigvalsh, qr, svd, svdvals};
pub use einsum::einsum;
pub use norms::{MatrixOrd, cond, matrix_norm, norm, vector_norm};
pub use products::{
    TensordotAxes, cross, diagonal, diagonal_of, dot, inner, kron, matmul, matrix_power, matrix_transpose, multi_dot, outer, tensordot,
    trace, vdot, vecdot,
};
pub use solvers::{LeastSquares, det, inv, lstsq, matrix_exp, matrix_rank, pinv, slogdet, solve, tensorinv, tensorsolve};
