//! Norms of vectors and matrices, condition numbers.

use crate::compose;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::{normalize_axes, normalize_axis};
use crate::linalg::decompositions::{result_dtype, svdvals};
use crate::linalg::solvers::inv;
use crate::tensor::Tensor;

/// Which matrix norm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MatrixOrd {
    /// Root of the sum of squares of all elements.
    Fro,
    /// Sum of the singular values.
    Nuc,
    /// `1`, `-1`: largest, smallest column sum; `2`, `-2`: largest, smallest singular value; `inf`, `-inf`: largest,
    /// smallest row sum.
    P(f64),
}

/// The norm of `x` over `axis` (all axes by default, as one vector): `(Σ |x|^ord)^(1/ord)`; the largest and smallest
/// absolute value for `inf` and `-inf`, the number of non-zero elements for 0.
///
/// Floating dtypes; integers are computed in float64. The result is real.
///
/// # Errors
/// [`Error::Axis`], [`Error::RepeatedAxis`]; [`Error::Value`] for the largest or smallest of no elements.
pub fn vector_norm(x: &Tensor, axis: Option<&[i64]>, keepdims: bool, ord: f64) -> Result<Tensor> {
    let op = "vector_norm";
    let dtype = result_dtype(x.dtype());
    let real = dtype.real();
    let compute = if real.is_half() { DType::Float32 } else { real };
    let axes = match axis {
        Some(axes) => normalize_axes(op, axes, x.shape())?.iter().map(|&a| a as i64).collect(),
        None => (0..x.ndim() as i64).collect::<Vec<_>>(),
    };
    let axes = Some(&axes[..]);
    let x = x.astype(if dtype.is_half() { DType::Float32 } else { dtype })?;
    let magnitude = compose::abs(&x)?;
    let sum = |x: &Tensor| compose::sum(x, axes, Some(compute), keepdims);
    let out = if ord == f64::INFINITY {
        // The norm of no elements is 0.
        if x.size() == 0 { sum(&magnitude)? } else { compose::max(&magnitude, axes, keepdims)? }
    } else if ord == f64::NEG_INFINITY {
        compose::min(&magnitude, axes, keepdims)?
    } else if ord == 0.0 {
        compose::count_nonzero(&x, axes, keepdims)?.astype(compute)?
    } else if ord == 1.0 {
        sum(&magnitude)?
    } else if ord == 2.0 {
        compose::sqrt(&compose::sum_squares(&x, axes, keepdims)?)?
    } else {
        compose::pow(&sum(&compose::pow(&magnitude, ord)?)?, 1.0 / ord)?
    };
    out.astype(real)
}

/// The norm of the matrices in the last two axes: `[..., m, n]` to `[...]`, or `[..., 1, 1]` with `keepdims`.
///
/// # Errors
/// [`Error::Value`] below two dimensions or for another `ord`; [`Error::LinAlg`] if singular values do not converge.
pub fn matrix_norm(x: &Tensor, keepdims: bool, ord: MatrixOrd) -> Result<Tensor> {
    let op = "matrix_norm";
    if x.ndim() < 2 {
        return Err(Error::value(op, format!("at least 2 dimensions are needed, got shape {:?}", x.shape())));
    }
    let rank = x.ndim();
    let restore = |norm: Tensor| {
        if !keepdims {
            return Ok(norm);
        }
        let shape: Vec<usize> = x.shape()[..rank - 2].iter().copied().chain([1, 1]).collect();
        norm.reshape(&shape)
    };
    let empty = x.shape()[rank - 1] == 0 || x.shape()[rank - 2] == 0;
    let (largest, smallest) = (|x: &Tensor| compose::max(x, Some(&[-1]), false), |x: &Tensor| compose::min(x, Some(&[-1]), false));
    let norm = match ord {
        MatrixOrd::Fro => vector_norm(x, Some(&[-2, -1]), false, 2.0)?,
        // Norms of no elements are 0, except where a smallest one is asked for.
        MatrixOrd::P(p) if empty && p > 0.0 => vector_norm(x, Some(&[-2, -1]), false, 1.0)?,
        MatrixOrd::Nuc => compose::sum(&svdvals(x)?, Some(&[-1]), None, false)?,
        MatrixOrd::P(2.0) => largest(&svdvals(x)?)?,
        MatrixOrd::P(-2.0) => smallest(&svdvals(x)?)?,
        MatrixOrd::P(p) if p.abs() == 1.0 || p.is_infinite() => {
            let sums = vector_norm(x, Some(if p.abs() == 1.0 { &[-2] } else { &[-1] }), false, 1.0)?;
            if p > 0.0 { largest(&sums)? } else { smallest(&sums)? }
        }
        MatrixOrd::P(p) => {
            let message = format!("ord {p} is not a matrix norm; use 'fro', 'nuc', 1, -1, 2, -2, inf or -inf");
            return Err(Error::value(op, message));
        }
    };
    restore(norm)
}

/// NumPy's `linalg.norm`: without `ord` the 2-norm of all elements (or of the vectors along `axis`, or the Frobenius norm
/// of the matrices along two axes); with `ord` a vector norm along one axis or a matrix norm along two.
///
/// # Errors
/// [`Error::Value`] if `ord` is given for more than two axes, or is no norm.
pub fn norm(x: &Tensor, ord: Option<MatrixOrd>, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    let op = "norm";
    let Some(ord) = ord else { return vector_norm(x, axis, keepdims, 2.0) };
    let axes = match axis {
        Some(axes) => normalize_axes(op, axes, x.shape())?.to_vec(),
        None => (0..x.ndim()).collect(),
    };
    match (&axes[..], ord) {
        ([axis], MatrixOrd::P(p)) => vector_norm(x, Some(&[*axis as i64]), keepdims, p),
        ([_], _) => Err(Error::value(op, "'fro' and 'nuc' are norms of matrices; give a number for vectors")),
        (&[row, col], ord) => {
            let order: Vec<i64> = (0..x.ndim()).filter(|a| *a != row && *a != col).chain([row, col]).map(|a| a as i64).collect();
            let out = matrix_norm(&x.permute(&order)?, false, ord)?;
            if !keepdims {
                return Ok(out);
            }
            let shape: Vec<usize> = x.shape().iter().enumerate().map(|(a, &n)| if a == row || a == col { 1 } else { n }).collect();
            out.reshape(&shape)
        }
        _ => Err(Error::value(op, format!("ord needs one or two axes, got {}", axes.len()))),
    }
}

/// The condition number of matrices, `[..., m, n]` to `[...]`: the ratio of largest to smallest singular value by default
/// (and for `P(2.0)`; inverted for `P(-2.0)`), else the product of the norms of `x` and its inverse. Singular matrices
/// give infinity.
///
/// # Errors
/// [`Error::LinAlg`] for an empty matrix or, with other norms, one that is not square.
pub fn cond(x: &Tensor, p: Option<MatrixOrd>) -> Result<Tensor> {
    let op = "cond";
    if x.ndim() < 2 || x.shape()[x.ndim() - 2..].contains(&0) {
        return Err(Error::linalg(op, format!("matrices that are not empty are needed, got shape {:?}", x.shape())));
    }
    match p {
        None | Some(MatrixOrd::P(2.0 | -2.0)) => {
            let s = svdvals(x)?;
            let last = normalize_axis(op, -1, s.shape())?;
            let (largest, smallest) = (s.select(last, 0)?, s.select(last, -1)?);
            if p == Some(MatrixOrd::P(-2.0)) { compose::divide(&smallest, &largest) } else { compose::divide(&largest, &smallest) }
        }
        Some(ord) => {
            let inverse = match inv(x) {
                Ok(inverse) => inverse,
                Err(Error::LinAlg { message, .. }) if message.contains("singular") && x.ndim() == 2 => {
                    return Tensor::scalar(f64::INFINITY)?.astype(result_dtype(x.dtype()).real())?.to_device(x.device());
                }
                Err(error) => return Err(error),
            };
            compose::multiply(&matrix_norm(x, false, ord)?, &matrix_norm(&inverse, false, ord)?)
        }
    }
}
