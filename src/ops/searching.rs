//! Positions: of extremes, of non-zero elements, of values in sorted tensors.
//!
//! ```
//! use purify_ops::{Tensor, argmax, nonzero};
//! let x = Tensor::from_vec(vec![0, 5, 3, 0i64], &[2, 2])?;
//! assert_eq!(argmax(&x, Some(1), false)?.to_vec::<i64>()?, [1, 0]);
//! let axes = nonzero(&x)?;
//! assert_eq!((axes[0].to_vec::<i64>()?, axes[1].to_vec::<i64>()?), (vec![0, 1], vec![1, 0]));
//! # Ok::<(), purify_ops::Error>(())
//! ```

use crate::backend::ArgReduceOp;
use crate::dispatch;
use crate::dtype::DType;
use crate::elementwise;
use crate::error::{Error, Result};
use crate::indexing;
use crate::layout::{Shape, normalize_axis};
use crate::manipulation;
use crate::promote::{Operand, Participant, result_type};
use crate::tensor::Tensor;

pub use crate::elementwise::where_;

fn arg_extreme(name: &'static str, op: ArgReduceOp, x: &Tensor, axis: Option<i64>, keepdims: bool) -> Result<Tensor> {
    let Some(axis) = axis else {
        let flat = arg_extreme(name, op, &manipulation::ravel(x)?, Some(0), false)?;
        return if keepdims { flat.reshape(&Shape::from_elem(1, x.ndim())) } else { Ok(flat) };
    };
    let a = normalize_axis(name, axis, x.shape())?;
    let mut shape = Shape::from_slice(x.shape());
    let n = shape.remove(a);
    if n == 0 {
        return Err(Error::value(name, format!("axis {axis} of shape {:?} has no elements", x.shape())));
    }
    let out = Tensor::uninit(name, &shape, DType::Int64, x.device())?;
    x.backend()?.arg_reduce(op, x, a, &out)?;
    if keepdims { manipulation::expand_dims(&out, &[a as i64]) } else { Ok(out) }
}

/// Position of the first largest element along an axis, or in row-major order. The first NaN counts as largest.
///
/// # Errors
/// [`Error::Value`] without elements.
pub fn argmax(x: &Tensor, axis: Option<i64>, keepdims: bool) -> Result<Tensor> {
    arg_extreme("argmax", ArgReduceOp::ArgMax, x, axis, keepdims)
}

/// Position of the first smallest element along an axis, or in row-major order. The first NaN counts as smallest.
///
/// # Errors
/// [`Error::Value`] without elements.
pub fn argmin(x: &Tensor, axis: Option<i64>, keepdims: bool) -> Result<Tensor> {
    arg_extreme("argmin", ArgReduceOp::ArgMin, x, axis, keepdims)
}

/// Coordinates of the elements that are not zero, one `int64` tensor per axis.
///
/// # Errors
/// [`Error::Value`] for a 0-d tensor.
pub fn nonzero(x: &Tensor) -> Result<Vec<Tensor>> {
    if x.ndim() == 0 {
        return Err(Error::value("nonzero", "a 0-d array has no axes; use `atleast_1d` first"));
    }
    let flat = flatnonzero(x)?;
    if x.ndim() == 1 {
        return Ok(vec![flat]);
    }
    indexing::unravel_index(&flat, x.shape())
}

/// Row-major positions of the elements that are not zero.
pub fn flatnonzero(x: &Tensor) -> Result<Tensor> {
    x.backend()?.nonzero(x)
}

/// Coordinates of the elements that are not zero, one row for each.
pub fn argwhere(x: &Tensor) -> Result<Tensor> {
    if x.ndim() == 0 {
        let n = usize::from(x.item()?.as_bool());
        return Tensor::from_slice::<i64>(&[], &[n, 0])?.to_device(x.device());
    }
    let coordinates = nonzero(x)?;
    manipulation::stack(&coordinates.iter().collect::<Vec<_>>(), 1)
}

/// On which side of equal elements a value is inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before them.
    Left,
    /// Behind them.
    Right,
}

/// Positions (`int64`) at which the elements of `x2` keep `x1`, a sorted vector, sorted. NaN sorts last.
///
/// # Errors
/// [`Error::Value`] if `x1` is no vector.
pub fn searchsorted<'a>(x1: &Tensor, x2: impl Into<Operand<'a>>, side: Side, sorter: Option<&Tensor>) -> Result<Tensor> {
    let op = "searchsorted";
    if x1.ndim() != 1 {
        return Err(Error::value(op, format!("the sorted array must have one dimension, got shape {:?}", x1.shape())));
    }
    let x2 = x2.into();
    let mut dtype = result_type(&[Participant::DType(x1.dtype()), x2.participant()])?;
    if dtype.is_half() {
        dtype = DType::Float32;
    }
    let values = match x2 {
        Operand::Tensor(t) => t.astype(dtype)?,
        Operand::Scalar(s) => Tensor::from_scalar(op, s, dtype)?,
    };
    let sorted = match sorter {
        Some(s) => indexing::take(x1, s, Some(0))?.astype(dtype)?,
        None => x1.astype(dtype)?,
    };
    let out = Tensor::uninit(op, values.shape(), DType::Int64, x1.device())?;
    macro_rules! search {
        ($t:ty, $less:expr) => {{
            let (sorted, values) = (sorted.to_cow::<$t>()?, values.to_cow::<$t>()?);
            let less: fn(&$t, &$t) -> bool = $less;
            // SAFETY: `out` is fresh.
            let out = unsafe { out.as_mut_slice::<i64>()? };
            for (o, v) in out.iter_mut().zip(values.iter()) {
                *o = match side {
                    Side::Left => sorted.partition_point(|s| less(s, v)),
                    Side::Right => sorted.partition_point(|s| !less(v, s)),
                } as i64;
            }
        }};
    }
    match dtype {
        DType::Bool => search!(bool, |a, b| a < b),
        DType::Complex64 => search!(crate::Complex64, |a, b| complex_less(a.re.into(), a.im.into(), b.re.into(), b.im.into())),
        DType::Complex128 => search!(crate::Complex128, |a, b| complex_less(a.re, a.im, b.re, b.im)),
        DType::Float32 => search!(f32, |a, b| a < b || (b.is_nan() && !a.is_nan())),
        DType::Float64 => search!(f64, |a, b| a < b || (b.is_nan() && !a.is_nan())),
        _ => dispatch!(int: dtype, T => search!(T, |a, b| a < b), else ()),
    }
    Ok(out)
}

fn complex_less(ar: f64, ai: f64, br: f64, bi: f64) -> bool {
    let less = |a: f64, b: f64| a < b || (b.is_nan() && !a.is_nan());
    less(ar, br) || ((ar == br || (ar.is_nan() && br.is_nan())) && less(ai, bi))
}

/// The bin of each element, for monotonic bin edges: `bins[i-1] <= x < bins[i]`, or with `right` `bins[i-1] < x <= bins[i]`.
///
/// # Errors
/// [`Error::Value`] if the edges are neither increasing nor decreasing.
pub fn digitize(x: &Tensor, bins: &Tensor, right: bool) -> Result<Tensor> {
    let op = "digitize";
    if bins.ndim() != 1 {
        return Err(Error::value(op, format!("the bins must have one dimension, got shape {:?}", bins.shape())));
    }
    let edges = bins.cast_vec::<f64>()?;
    let rising = edges.windows(2).all(|w| w[0] <= w[1]);
    if !rising && !edges.windows(2).all(|w| w[0] >= w[1]) {
        return Err(Error::value(op, "the bins must increase or decrease monotonically"));
    }
    let side = if right { Side::Left } else { Side::Right };
    if rising {
        return searchsorted(bins, x, side, None);
    }
    let found = searchsorted(&manipulation::flip(bins, None)?, x, side, None)?;
    elementwise::subtract(edges.len(), &found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_are_found_along_any_axis() {
        let x = Tensor::from_slice(&[3.0, 1.0, f64::NAN, 7.0, 7.0, -2.0], &[2, 3]).unwrap();
        assert_eq!(argmax(&x, Some(1), false).unwrap().to_vec::<i64>().unwrap(), [2, 0]);
        assert_eq!(argmin(&x, Some(0), false).unwrap().to_vec::<i64>().unwrap(), [0, 0, 0]);
        assert_eq!(argmax(&x, None, true).unwrap().shape(), &[1, 1]);
        assert!(argmax(&Tensor::from_slice::<f64>(&[], &[0]).unwrap(), None, false).is_err());
    }

    #[test]
    fn values_are_placed_on_the_right_side() {
        let s = Tensor::from_slice(&[1.0, 2.0, 2.0, f64::NAN], &[4]).unwrap();
        let v = Tensor::from_slice(&[0.0, 2.0, 3.0, f64::NAN], &[4]).unwrap();
        assert_eq!(searchsorted(&s, &v, Side::Left, None).unwrap().to_vec::<i64>().unwrap(), [0, 1, 3, 3]);
        assert_eq!(searchsorted(&s, &v, Side::Right, None).unwrap().to_vec::<i64>().unwrap(), [0, 3, 3, 4]);
        let x = Tensor::from_slice(&[0.2, 6.4, 3.0, 1.6], &[4]).unwrap();
        let bins = Tensor::from_slice(&[0.0, 1.0, 2.5, 4.0, 10.0], &[5]).unwrap();
        assert_eq!(digitize(&x, &bins, false).unwrap().to_vec::<i64>().unwrap(), [1, 4, 3, 2]);
        let falling = manipulation::flip(&bins, None).unwrap();
        assert_eq!(digitize(&x, &falling, false).unwrap().to_vec::<i64>().unwrap(), [4, 1, 2, 3]);
        // On an edge: the bin that begins there, whichever way the edges run.
        let edge = Tensor::from_slice(&[2.5], &[1]).unwrap();
        assert_eq!(digitize(&edge, &falling, false).unwrap().to_vec::<i64>().unwrap(), [2]);
        assert_eq!(digitize(&edge, &falling, true).unwrap().to_vec::<i64>().unwrap(), [3]);
    }

    #[test]
    fn nonzero_gives_one_tensor_per_axis() {
        let x = Tensor::from_slice(&[0i32, 5, 0, 0, 0, -1], &[2, 3]).unwrap();
        let n = nonzero(&x).unwrap();
        assert_eq!((n[0].to_vec::<i64>().unwrap(), n[1].to_vec::<i64>().unwrap()), (vec![0, 1], vec![1, 2]));
        assert_eq!(argwhere(&x).unwrap().shape(), &[2, 2]);
    }
}
