//! Decompositions of stacks of matrices: cholesky, qr, svd, eigh, eig.

use std::sync::Mutex;

use purify_factor::{Failure, Field, General, Outcome};

use crate::cpu::chunks::{Lanes, for_each_matrix};
use crate::dtype::{Complex128, DType};
use crate::elementwise;
use crate::error::{Error, Result};
use crate::linalg::schur;
use crate::memory::zeros;
use crate::storage::Device;
use crate::tensor::Tensor;

/// Runs `$body` with `$T` bound to the type a decomposition is computed in.
macro_rules! dispatch_field {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            DType::Float32 => {
                type $T = f32;
                $body
            }
            DType::Float64 => {
                type $T = f64;
                $body
            }
            _ => {
                type $T = Complex128;
                $body
            }
        }
    };
}
pub(crate) use dispatch_field;

/// A stack of matrices on the host, contiguous, in the dtype it is computed in.
pub(crate) struct Stack {
    /// The matrices.
    pub data: Tensor,
    /// Leading axes.
    pub batch: Vec<usize>,
    /// Number of matrices.
    pub lanes: usize,
    /// Rows of one matrix.
    pub rows: usize,
    /// Columns of one matrix.
    pub cols: usize,
    /// The dtype of results (complex64 is computed in complex128, the 16-bit floats in float32).
    pub dtype: DType,
    /// The device results go back to.
    pub device: Device,
}

/// The dtype linear algebra has results in: integers and bool become float64.
pub(crate) fn result_dtype(dtype: DType) -> DType {
    if dtype.is_floating() { dtype } else { DType::Float64 }
}

/// The dtype linear algebra of results in `dtype` is computed in.
pub(crate) fn compute_dtype(dtype: DType) -> DType {
    match dtype {
        DType::Float16 | DType::BFloat16 | DType::Float32 => DType::Float32,
        d if d.is_complex() => DType::Complex128,
        _ => DType::Float64,
    }
}

impl Stack {
    /// Takes a stack of matrices, computed in the dtype that suits it.
    pub fn new(op: &'static str, x: &Tensor) -> Result<Stack> {
        let dtype = result_dtype(x.dtype());
        Stack::with_dtype(op, x, dtype)
    }

    /// Takes a stack of matrices for results in `dtype`.
    pub fn with_dtype(op: &'static str, x: &Tensor, dtype: DType) -> Result<Stack> {
        let rank = x.ndim();
        if rank < 2 {
            let message = format!("a matrix or a stack of matrices is needed, got shape {:?}", x.shape());
            return Err(Error::linalg(op, message));
        }
        let data = x.to_device(Device::Cpu)?.astype(compute_dtype(dtype))?.contiguous()?;
        let (batch, matrix) = x.shape().split_at(rank - 2);
        let (rows, cols) = (matrix[0], matrix[1]);
        Ok(Stack { data, lanes: batch.iter().product(), batch: batch.to_vec(), rows, cols, dtype, device: x.device() })
    }

    /// As [`Stack::new`], for square matrices.
    pub fn square(op: &'static str, x: &Tensor) -> Result<Stack> {
        let stack = Stack::new(op, x)?;
        stack.check_square(op)?;
        Ok(stack)
    }

    /// An error unless the matrices are square.
    pub fn check_square(&self, op: &'static str) -> Result<()> {
        if self.rows == self.cols {
            return Ok(());
        }
        Err(Error::linalg(op, format!("the last two dimensions must be equal, got {} and {}", self.rows, self.cols)))
    }

    /// The dtype the kernels see.
    pub fn compute(&self) -> DType {
        self.data.dtype()
    }

    /// A result of shape `batch + tail`, in `dtype` and on the device of the input.
    pub fn finish<T: crate::Element>(&self, data: Vec<T>, tail: &[usize], dtype: DType) -> Result<Tensor> {
        let shape: Vec<usize> = self.batch.iter().chain(tail).copied().collect();
        Tensor::from_vec(data, &shape)?.astype(dtype)?.to_device(self.device)
    }

    /// Runs `body(matrix, a, b, c)` for every matrix and reports the first failure.
    pub fn each<T: crate::Element, A: Send, B: Send, C: Send>(
        &self,
        op: &'static str,
        a: Lanes<'_, A>,
        b: Lanes<'_, B>,
        c: Lanes<'_, C>,
        body: impl Fn(usize, &[T], &mut [A], &mut [B], &mut [C]) -> Outcome + Sync,
    ) -> Result<()> {
        let input = self.data.as_slice::<T>()?;
        let size = self.rows * self.cols;
        let failed: Mutex<Option<(usize, Failure)>> = Mutex::new(None);
        // Factorisations cost about ten multiplications per element and column.
        let work = size * self.rows.min(self.cols).max(1) * 4;
        for_each_matrix(self.lanes, work, a, b, c, |lane, a, b, c| {
            if let Err(failure) = body(lane, &input[lane * size..][..size], a, b, c) {
                let mut first = failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if first.is_none_or(|(other, _)| lane < other) {
                    *first = Some((lane, failure));
                }
            }
        });
        match failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            None => Ok(()),
            Some((lane, failure)) => Err(self.failure(op, lane, failure)),
        }
    }

    fn failure(&self, op: &'static str, lane: usize, failure: Failure) -> Error {
        let which = if self.batch.is_empty() { String::new() } else { format!(" (matrix {lane} of the stack)") };
        let reason = match failure {
            Failure::Singular => "the matrix is singular",
            Failure::NotPositiveDefinite => "the matrix is not positive definite",
            Failure::NoConvergence => "the iteration did not converge; does the matrix hold NaN or infinity?",
        };
        Error::linalg(op, format!("{reason}{which}"))
    }
}

/// No output.
pub(crate) fn none<'a>() -> Lanes<'a, u8> {
    Lanes(&mut [], 0)
}

/// The Cholesky factor `L` (`x = L Lᴴ`) of Hermitian positive definite matrices, or `U = Lᴴ` if `upper`. Only that triangle
/// of `x` is read.
///
/// Shapes: `[..., n, n]` to `[..., n, n]`. Floating dtypes; integers are computed in float64.
///
/// # Errors
/// [`Error::LinAlg`] for matrices that are not square or not positive definite.
///
/// ```
/// use purify_ops::{Tensor, linalg};
/// let x = Tensor::from_vec(vec![4.0, 2.0, 2.0, 5.0], &[2, 2])?;
/// assert_eq!(linalg::cholesky(&x, false)?.to_vec::<f64>()?, [2.0, 0.0, 1.0, 2.0]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn cholesky(x: &Tensor, upper: bool) -> Result<Tensor> {
    let op = "cholesky";
    let stack = Stack::square(op, x)?;
    let n = stack.rows;
    dispatch_field!(stack.compute(), T => {
        let mut out = zeros(stack.data.size())?;
        stack.each::<T, _, _, _>(op, Lanes(&mut out, n * n), none(), none(), |_, a, out, _, _| {
            <T as Field>::cholesky(a, n, upper, out)
        })?;
        stack.finish(out, &[n, n], stack.dtype)
    })
}

/// How much of an orthogonal basis [`qr`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum QrMode {
    /// `q` is `[..., m, k]`, `r` is `[..., k, n]` with `k = min(m, n)`.
    #[default]
    Reduced,
    /// `q` is `[..., m, m]`, `r` is `[..., m, n]`.
    Complete,
    /// Only `r`, as in `Reduced`; `q` is empty (`[..., 0, 0]`).
    R,
}

/// The QR decomposition `x = q r` by Householder reflections, with the signs of LAPACK.
///
/// # Errors
/// [`Error::LinAlg`] below two dimensions.
pub fn qr(x: &Tensor, mode: QrMode) -> Result<(Tensor, Tensor)> {
    let op = "qr";
    let stack = Stack::new(op, x)?;
    let (m, n) = (stack.rows, stack.cols);
    let rank = if mode == QrMode::Complete { m } else { m.min(n) };
    let q_size = if mode == QrMode::R { 0 } else { m * rank };
    dispatch_field!(stack.compute(), T => {
        let mut q = zeros(stack.lanes * q_size)?;
        let mut r = zeros(stack.lanes * rank * n)?;
        stack.each::<T, _, _, _>(op, Lanes(&mut q, q_size), Lanes(&mut r, rank * n), none(), |_, a, q, r, _| {
            <T as Field>::qr(a, [m, n], mode == QrMode::Complete, (mode != QrMode::R).then_some(q), r);
            Ok(())
        })?;
        let q_shape = if mode == QrMode::R { [0, 0] } else { [m, rank] };
        Ok((stack.finish(q, &q_shape, stack.dtype)?, stack.finish(r, &[rank, n], stack.dtype)?))
    })
}

/// The singular value decomposition `x = u diag(s) vh`, singular values in descending order.
///
/// Shapes: `[..., m, n]` to `[..., m, k]`, `[..., k]`, `[..., k, n]` with `k = min(m, n)`; with `full_matrices`, `u` is
/// `[..., m, m]` and `vh` is `[..., n, n]`. `s` is real.
///
/// # Errors
/// [`Error::LinAlg`] below two dimensions, for input that is not finite, or if the iteration does not converge.
pub fn svd(x: &Tensor, full_matrices: bool) -> Result<(Tensor, Tensor, Tensor)> {
    let op = "svd";
    if let Some((x, factor)) = scaled(x)? {
        let (u, s, vh) = svd(&x, full_matrices)?;
        return Ok((u, elementwise::multiply(&s, &factor)?, vh));
    }
    let stack = Stack::new(op, x)?;
    let (m, n) = (stack.rows, stack.cols);
    let k = m.min(n);
    let (left, right) = if full_matrices { (m, n) } else { (k, k) };
    dispatch_field!(stack.compute(), T => {
        let mut u = zeros(stack.lanes * m * left)?;
        let mut s = zeros(stack.lanes * k)?;
        let mut vh = zeros(stack.lanes * right * n)?;
        let outputs = (Lanes(&mut u, m * left), Lanes(&mut s, k), Lanes(&mut vh, right * n));
        stack.each::<T, _, _, _>(op, outputs.0, outputs.1, outputs.2, |_, a, u, s, vh| {
            <T as Field>::svd(a, [m, n], full_matrices, s, Some((u, vh)))
        })?;
        Ok((
            stack.finish(u, &[m, left], stack.dtype)?,
            stack.finish(s, &[k], stack.dtype.real())?,
            stack.finish(vh, &[right, n], stack.dtype)?,
        ))
    })
}

/// The singular values in descending order: `[..., m, n]` to `[..., min(m, n)]`, real.
///
/// # Errors
/// As [`svd`].
pub fn svdvals(x: &Tensor) -> Result<Tensor> {
    let op = "svdvals";
    if let Some((x, factor)) = scaled(x)? {
        return elementwise::multiply(&svdvals(&x)?, &factor);
    }
    let stack = Stack::new(op, x)?;
    let (m, n) = (stack.rows, stack.cols);
    let k = m.min(n);
    dispatch_field!(stack.compute(), T => {
        let mut s = zeros(stack.lanes * k)?;
        stack.each::<T, _, _, _>(op, Lanes(&mut s, k), none(), none(), |_, a, s, _, _| {
            <T as Field>::svd(a, [m, n], false, s, None)
        })?;
        stack.finish(s, &[k], stack.dtype.real())
    })
}

/// Matrices whose elements are so large or small that their squares overflow or vanish, divided by powers of two that bring
/// the largest element of each near one, and those powers with the shape `[..., 1]`. `None` if all are in the usual range.
fn scaled(x: &Tensor) -> Result<Option<(Tensor, Tensor)>> {
    if x.ndim() < 2 || x.size() == 0 || !x.dtype().is_floating() {
        return Ok(None);
    }
    let limit = if x.dtype().real() == DType::Float64 { 1e120 } else { 1e12 };
    let largest = crate::statistical::max(&elementwise::abs(x)?, Some(&[-2, -1]), true)?;
    let values = largest.cast_vec::<f64>()?;
    let scalable = |v: f64| v.is_finite() && v > 0.0;
    if !values.iter().any(|&v| scalable(v) && !(1.0 / limit..=limit).contains(&v)) {
        return Ok(None);
    }
    let powers = values.into_iter().map(|v| if scalable(v) { v.log2().floor().exp2() } else { 1.0 }).collect();
    let factor = Tensor::from_vec(powers, largest.shape())?.astype(x.dtype().real())?;
    let lanes = factor.select(factor.ndim() - 1, 0)?;
    Ok(Some((elementwise::divide(x, &factor)?, lanes)))
}

/// Eigenvalues in ascending order and orthonormal eigenvectors (columns) of Hermitian matrices, of which only the lower
/// triangle is read, or the upper one if `upper`.
///
/// Shapes: `[..., n, n]` to `[..., n]` (real) and `[..., n, n]`.
///
/// # Errors
/// [`Error::LinAlg`] for matrices that are not square or not finite, or if the iteration does not converge.
pub fn eigh(x: &Tensor, upper: bool) -> Result<(Tensor, Tensor)> {
    let op = "eigh";
    if let Some((x, factor)) = scaled(x)? {
        let (values, vectors) = eigh(&x, upper)?;
        return Ok((elementwise::multiply(&values, &factor)?, vectors));
    }
    let stack = Stack::square(op, x)?;
    let n = stack.rows;
    dispatch_field!(stack.compute(), T => {
        let mut values = zeros(stack.lanes * n)?;
        let mut vectors = zeros(stack.data.size())?;
        let outputs = (Lanes(&mut values, n), Lanes(&mut vectors, n * n));
        stack.each::<T, _, _, _>(op, outputs.0, outputs.1, none(), |_, a, values, vectors, _| {
            <T as Field>::eigh(a, n, upper, values, Some(vectors))
        })?;
        Ok((stack.finish(values, &[n], stack.dtype.real())?, stack.finish(vectors, &[n, n], stack.dtype)?))
    })
}

/// The eigenvalues of [`eigh`] alone.
///
/// # Errors
/// As [`eigh`].
pub fn eigvalsh(x: &Tensor, upper: bool) -> Result<Tensor> {
    let op = "eigvalsh";
    if let Some((x, factor)) = scaled(x)? {
        return elementwise::multiply(&eigvalsh(&x, upper)?, &factor);
    }
    let stack = Stack::square(op, x)?;
    let n = stack.rows;
    dispatch_field!(stack.compute(), T => {
        let mut values = zeros(stack.lanes * n)?;
        stack.each::<T, _, _, _>(op, Lanes(&mut values, n), none(), none(), |_, a, values, _, _| {
            <T as Field>::eigh(a, n, upper, values, None)
        })?;
        stack.finish(values, &[n], stack.dtype.real())
    })
}

/// Eigenvalues and right eigenvectors (columns of unit length, largest component real) of square matrices.
///
/// Shapes: `[..., n, n]` to `[..., n]` and `[..., n, n]`, both complex, whatever the input; computed in double precision.
///
/// # Errors
/// As [`eigh`].
pub fn eig(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let (values, vectors) = eig_of("eig", x, true)?;
    Ok((values, vectors))
}

/// The eigenvalues of [`eig`] alone.
///
/// # Errors
/// As [`eigh`].
pub fn eigvals(x: &Tensor) -> Result<Tensor> {
    Ok(eig_of("eigvals", x, false)?.0)
}

fn eig_of(op: &'static str, x: &Tensor, wanted: bool) -> Result<(Tensor, Tensor)> {
    let dtype = result_dtype(x.dtype());
    let wide = if dtype.is_complex() { DType::Complex128 } else { DType::Float64 };
    let stack = Stack::with_dtype(op, x, wide)?;
    stack.check_square(op)?;
    let n = stack.rows;
    let size = if wanted { n * n } else { 0 };
    let mut values = zeros(stack.lanes * n)?;
    let mut vectors = zeros(stack.lanes * size)?;
    let outputs = (Lanes(&mut values, n), Lanes(&mut vectors, size));
    if wide == DType::Float64 {
        stack.each::<f64, _, _, _>(op, outputs.0, outputs.1, none(), |_, a, values, vectors, _| {
            let vectors = wanted.then_some(vectors);
            if n > schur::LARGEST || !a.iter().all(|x| x.is_finite()) {
                return purify_factor::eig(General::Real(a), n, values, vectors);
            }
            schur::eig(a, n, values, vectors).ok_or(Failure::NoConvergence)
        })?;
    } else {
        stack.each::<Complex128, _, _, _>(op, outputs.0, outputs.1, none(), |_, a, values, vectors, _| {
            purify_factor::eig(General::Complex(a), n, values, wanted.then_some(vectors))
        })?;
    }
    let tail: &[usize] = if wanted { &[n, n] } else { &[0] };
    Ok((stack.finish(values, &[n], dtype.complex())?, stack.finish(vectors, tail, dtype.complex())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_and_tiny_matrices_are_scaled_first() {
        for size in [9.2e18f32, 1e-22] {
            let x = Tensor::from_vec(vec![size; 8], &[2, 4]).unwrap();
            let (u, s, vh) = svd(&x, false).unwrap();
            let largest = s.to_vec::<f32>().unwrap()[0];
            assert!((largest / (size * 8f32.sqrt()) - 1.0).abs() < 1e-5, "{largest}");
            assert_eq!(svdvals(&x).unwrap().to_vec::<f32>().unwrap()[0], largest);
            assert!(u.to_vec::<f32>().unwrap().iter().chain(&vh.to_vec::<f32>().unwrap()).all(|v| v.abs() <= 1.001));
            let square = Tensor::from_vec(vec![size; 4], &[2, 2]).unwrap();
            let values = eigh(&square, false).unwrap().0.to_vec::<f32>().unwrap();
            assert!((values[1] / (2.0 * size) - 1.0).abs() < 1e-5 && values[0].abs() <= size * 1e-5, "{values:?}");
        }
    }
}
