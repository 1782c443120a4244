//! Linear algebra: the `linalg` extension of the array API standard, and what NumPy and torch users know beyond it.
//!
//! All functions take stacks of matrices: the last two axes are the matrix, leading axes are carried along. complex64 is
//! computed in complex128, the 16-bit floats in float32, integers and bool in float64.
//!
//! ```
//! use purify_ops::{Tensor, linalg, matmul};
//! let a = Tensor::from_vec(vec![2.0, 1.0, 1.0, 3.0], &[2, 2])?;
//! let b = Tensor::from_vec(vec![3.0, 5.0], &[2])?;
//! let x = linalg::solve(&a, &b)?;
//! assert!(matmul(&a, &x)?.to_vec::<f64>()?.iter().zip([3.0, 5.0]).all(|(y, b)| (y - b).abs() < 1e-12));
//! let error = linalg::inv(&Tensor::from_vec(vec![0.0; 4], &[2, 2])?).unwrap_err();
//! assert_eq!(error.to_string(), "inv: the matrix is singular");
//! # Ok::<(), purify_ops::Error>(())
//! ```

pub(crate) mod decompositions;
mod einsum;
mod norms;
pub(crate) mod products;
mod schur;
mod solvers;

pub use decompositions::{QrMode, cholesky, eig, eigh, eigvals, eigvalsh, qr, svd, svdvals};
pub use einsum::einsum;
pub use norms::{MatrixOrd, cond, matrix_norm, norm, vector_norm};
pub use products::{
    TensordotAxes, cross, diagonal, diagonal_of, dot, inner, kron, matmul, matrix_power, matrix_transpose, multi_dot, outer, tensordot,
    trace, vdot, vecdot,
};
pub use solvers::{LeastSquares, det, inv, lstsq, matrix_exp, matrix_rank, pinv, slogdet, solve, tensorinv, tensorsolve};
