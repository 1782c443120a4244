//! Sorting, always stable; NaN sorts last (first when descending).
//!
//! ```
//! use purify_ops::{Tensor, argsort, sort, topk};
//! let x = Tensor::from_vec(vec![3.0, f64::NAN, 1.0, 2.0], &[4])?;
//! assert_eq!(sort(&x, Some(-1), false)?.to_vec::<f64>()?[..3], [1.0, 2.0, 3.0]);
//! assert_eq!(argsort(&x, Some(-1), false)?.to_vec::<i64>()?, [2, 3, 0, 1]);
//! let small = Tensor::from_vec(vec![5i64, 9, 7], &[3])?;
//! assert_eq!(topk(&small, 2, -1, true)?.0.to_vec::<i64>()?, [9, 7]);
//! # Ok::<(), purify_ops::Error>(())
//! ```

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::indexing;
use crate::layout::normalize_axis;
use crate::manipulation::{moveaxis, ravel};
use crate::tensor::Tensor;

fn sorted(name: &'static str, x: &Tensor, axis: i64, descending: bool, want_indices: bool) -> Result<Tensor> {
    if x.ndim() == 0 {
        return Err(Error::Axis { op: name, axis, shape: vec![] });
    }
    let a = normalize_axis(name, axis, x.shape())? as i64;
    let last = moveaxis(x, &[a], &[-1])?;
    let dtype = if want_indices { DType::Int64 } else { x.dtype() };
    let out = Tensor::uninit(name, last.shape(), dtype, x.device())?;
    let (values, indices) = if want_indices { (None, Some(&out)) } else { (Some(&out), None) };
    x.backend()?.sort(&last, descending, values, indices)?;
    let out = moveaxis(&out, &[-1], &[a])?;
    out.contiguous()
}

/// Elements in ascending (or descending) order along an axis; `None` sorts the flattened tensor.
///
/// # Errors
/// [`Error::Axis`] for a 0-d tensor or a bad axis.
pub fn sort(x: &Tensor, axis: Option<i64>, descending: bool) -> Result<Tensor> {
    match axis {
        Some(axis) => sorted("sort", x, axis, descending, false),
        None => sorted("sort", &ravel(x)?, 0, descending, false),
    }
}

/// Positions (`int64`) of the elements in ascending (or descending) order; equal elements keep their order.
///
/// # Errors
/// As [`sort`].
pub fn argsort(x: &Tensor, axis: Option<i64>, descending: bool) -> Result<Tensor> {
    match axis {
        Some(axis) => sorted("argsort", x, axis, descending, true),
        None => sorted("argsort", &ravel(x)?, 0, descending, true),
    }
}

/// The `k` largest (or smallest) elements along an axis in order, and their positions.
///
/// # Errors
/// [`Error::Value`] if the axis is shorter than `k`.
pub fn topk(x: &Tensor, k: usize, axis: i64, largest: bool) -> Result<(Tensor, Tensor)> {
    let a = normalize_axis("topk", axis, x.shape())?;
    if k > x.shape()[a] {
        return Err(Error::value("topk", format!("{k} elements of an axis of {}", x.shape()[a])));
    }
    let order = argsort(x, Some(axis), largest)?.slice(a, 0, k, 1).contiguous()?;
    Ok((indexing::take_along_axis(x, &order, axis)?, order))
}

/// The `k`-th smallest element (counting from one) along an axis, and its position, as torch's `kthvalue`.
///
/// # Errors
/// [`Error::Value`] if there is no such element.
pub fn kthvalue(x: &Tensor, k: usize, axis: i64) -> Result<(Tensor, Tensor)> {
    let a = normalize_axis("kthvalue", axis, x.shape())?;
    if k == 0 || k > x.shape()[a] {
        return Err(Error::value("kthvalue", format!("element {k} of an axis of {}", x.shape()[a])));
    }
    let order = argsort(x, Some(axis), false)?.slice(a, k - 1, 1, 1).contiguous()?;
    let value = indexing::take_along_axis(x, &order, axis)?;
    Ok((value.select(a, 0)?, order.select(a, 0)?))
}

/// Elements arranged so that the `kth` are where sorting would put them, with no larger ones before and no smaller behind.
///
/// # Errors
/// [`Error::Value`] if a position does not exist.
pub fn partition(x: &Tensor, kth: &[i64], axis: Option<i64>) -> Result<Tensor> {
    check_kth(x, kth, axis)?;
    sort(x, axis, false)
}

/// Positions of the elements in the order of [`partition`].
///
/// # Errors
/// As [`partition`].
pub fn argpartition(x: &Tensor, kth: &[i64], axis: Option<i64>) -> Result<Tensor> {
    check_kth(x, kth, axis)?;
    argsort(x, axis, false)
}

fn check_kth(x: &Tensor, kth: &[i64], axis: Option<i64>) -> Result<()> {
    let n = match axis {
        Some(axis) => x.shape()[normalize_axis("partition", axis, x.shape())?],
        None => x.size(),
    } as i64;
    match kth.iter().find(|k| !(-n..n).contains(*k)) {
        Some(k) => Err(Error::value("partition", format!("position {k} is out of range for {n} elements"))),
        None => Ok(()),
    }
}

/// Positions that sort by several keys, the last key first, along the last axis.
///
/// # Errors
/// [`Error::Value`] without keys, [`Error::ShapeMismatch`] if their shapes differ.
pub fn lexsort(keys: &[&Tensor], axis: i64) -> Result<Tensor> {
    let Some((first, rest)) = keys.split_first() else {
        return Err(Error::value("lexsort", "at least one key is needed"));
    };
    if first.ndim() == 0 {
        return Tensor::scalar(0i64);
    }
    let mut order = argsort(first, Some(axis), false)?;
    for key in rest {
        if key.shape() != first.shape() {
            return Err(Error::ShapeMismatch { op: "lexsort", expected: first.shape().to_vec(), got: key.shape().to_vec() });
        }
        let arranged = indexing::take_along_axis(key, &order, axis)?;
        order = indexing::take_along_axis(&order, &argsort(&arranged, Some(axis), false)?, axis)?;
    }
    Ok(order)
}

/// The inverse of a permutation given as a vector.
pub fn invert_permutation(order: &Tensor) -> Result<Tensor> {
    argsort(order, Some(0), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_along_axes() {
        let x = Tensor::from_slice(&[3.0f32, f32::NAN, -1.0, 2.0, -0.0, 0.0], &[2, 3]).unwrap();
        assert_eq!(argsort(&x, Some(1), false).unwrap().to_vec::<i64>().unwrap(), [2, 0, 1, 1, 2, 0]);
        assert_eq!(argsort(&x, Some(1), true).unwrap().to_vec::<i64>().unwrap(), [1, 0, 2, 0, 1, 2]);
        assert_eq!(argsort(&x, Some(0), false).unwrap().to_vec::<i64>().unwrap(), [1, 1, 0, 0, 0, 1]);
        let v = sort(&x, None, false).unwrap().to_vec::<f32>().unwrap();
        assert_eq!(v[..5], [-1.0, -0.0, 0.0, 2.0, 3.0]);
        assert!(v[5].is_nan() && sort(&Tensor::scalar(1i64).unwrap(), Some(-1), false).is_err());
    }

    #[test]
    fn several_keys_and_largest() {
        let a = Tensor::from_slice(&[1i64, 5, 1, 4, 3, 4, 4], &[7]).unwrap();
        let b = Tensor::from_slice(&[9i64, 4, 0, 4, 0, 2, 1], &[7]).unwrap();
        assert_eq!(lexsort(&[&b, &a], -1).unwrap().to_vec::<i64>().unwrap(), [2, 0, 4, 6, 5, 3, 1]);
        let (v, i) = topk(&a, 3, -1, true).unwrap();
        assert_eq!((v.to_vec::<i64>().unwrap(), i.to_vec::<i64>().unwrap()), (vec![5, 4, 4], vec![1, 3, 5]));
    }
}
