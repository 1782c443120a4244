//! Sets: unique elements and membership.
//!
//! ```
//! use purify_ops::{Tensor, unique};
//! let x = Tensor::from_vec(vec![3i64, 1, 3, 2], &[4])?;
//! let found = unique(&x, true)?;
//! assert_eq!(found.values.to_vec::<i64>()?, [1, 2, 3]);
//! assert_eq!(found.counts.to_vec::<i64>()?, [1, 1, 2]);
//! assert_eq!(found.inverse.to_vec::<i64>()?, [2, 0, 2, 1]);
//! # Ok::<(), purify_ops::Error>(())
//! ```

use crate::dtype::DType;
use crate::elementwise;
use crate::error::Result;
use crate::indexing;
use crate::manipulation::{concat, ravel};
use crate::promote::{Operand, promote_types};
use crate::searching::{self, Side};
use crate::sorting::argsort;
use crate::statistical;
use crate::tensor::Tensor;

/// What there is to know about the unique elements of a tensor.
#[derive(Clone, Debug)]
pub struct Unique {
    /// The elements, sorted.
    pub values: Tensor,
    /// Row-major position of the first occurrence of each.
    pub indices: Tensor,
    /// For each element of the tensor, in its shape, the position of its value.
    pub inverse: Tensor,
    /// How often each occurs.
    pub counts: Tensor,
}

/// The unique elements of the flattened tensor. Every NaN is unique unless `equal_nan`.
pub fn unique(x: &Tensor, equal_nan: bool) -> Result<Unique> {
    let flat = ravel(x)?;
    let n = flat.size();
    let order = argsort(&flat, Some(0), false)?;
    let sorted = indexing::take(&flat, &order, Some(0))?;
    let first = starts(&sorted, equal_nan)?;
    describe(x.shape(), n, &order, &first, |at| indexing::take(&sorted, at, Some(0)))
}

/// For sorted elements, whether each differs from the one before.
fn starts(sorted: &Tensor, equal_nan: bool) -> Result<Tensor> {
    let n = sorted.size();
    let first = Tensor::uninit("unique", &[n], DType::Bool, sorted.device())?;
    if n == 0 {
        return Ok(first);
    }
    first.slice(0, 0, 1, 1).fill(true.into())?;
    let (before, after) = (sorted.slice(0, 0, n - 1, 1), sorted.slice(0, 1, n - 1, 1));
    let mut differs = elementwise::not_equal(&before, &after)?;
    if equal_nan && sorted.dtype().is_floating() {
        let both = elementwise::logical_and(&elementwise::isnan(&before)?, &elementwise::isnan(&after)?)?;
        differs = elementwise::logical_and(&differs, &elementwise::logical_not(&both)?)?;
    }
    first.slice(0, 1, n - 1, 1).assign(&differs)?;
    Ok(first)
}

fn describe(shape: &[usize], n: usize, order: &Tensor, first: &Tensor, values: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Unique> {
    let at = searching::flatnonzero(first)?;
    let group = elementwise::subtract(&statistical::cumsum(first, Some(0), None)?, 1)?;
    let inverse = Tensor::uninit("unique", &[n], DType::Int64, order.device())?;
    inverse.index_put(&[crate::Index::IntArray(order.clone())], &group)?;
    let end = Tensor::from_slice(&[n as i64], &[1])?.to_device(at.device())?;
    let counts = statistical::diff(&concat(&[&at, &end], Some(0))?, 1, 0, None, None)?;
    Ok(Unique { values: values(&at)?, indices: indexing::take(order, &at, Some(0))?, inverse: inverse.reshape(shape)?, counts })
}

/// Values, first positions, inverse and counts of the unique elements; every NaN is unique.
pub fn unique_all(x: &Tensor) -> Result<Unique> {
    unique(x, false)
}

/// Values and counts of the unique elements.
pub fn unique_counts(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let u = unique(x, false)?;
    Ok((u.values, u.counts))
}

/// Values of the unique elements and, for each element, the position of its value.
pub fn unique_inverse(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let u = unique(x, false)?;
    Ok((u.values, u.inverse))
}

/// The unique elements, sorted.
pub fn unique_values(x: &Tensor) -> Result<Tensor> {
    Ok(unique(x, false)?.values)
}

/// The unique slices along an axis, in lexicographic order; the inverse is a vector.
pub fn unique_axis(x: &Tensor, axis: i64, equal_nan: bool) -> Result<Unique> {
    let a = crate::layout::normalize_axis("unique", axis, x.shape())?;
    let n = x.shape()[a];
    let rows = crate::manipulation::moveaxis(x, &[axis], &[0])?.contiguous()?;
    let width = rows.size() / n.max(1);
    let rows2 = rows.reshape(&[n, width])?;
    let columns: Vec<Tensor> = (0..width as i64).rev().map(|j| rows2.select(1, j)).collect::<Result<_>>()?;
    let order = match columns.is_empty() {
        true => crate::creation::arange(0.into(), Some(n.into()), 1.into(), None, x.device())?,
        false => crate::sorting::lexsort(&columns.iter().collect::<Vec<_>>(), -1)?,
    };
    let sorted = indexing::take(&rows2, &order, Some(0))?;
    let first = Tensor::uninit("unique", &[n], DType::Bool, x.device())?;
    if n > 0 {
        first.slice(0, 0, 1, 1).fill(true.into())?;
        let (before, after) = (sorted.slice(0, 0, n - 1, 1), sorted.slice(0, 1, n - 1, 1));
        let mut differs = elementwise::not_equal(&before, &after)?;
        if equal_nan && x.dtype().is_floating() {
            let both = elementwise::logical_and(&elementwise::isnan(&before)?, &elementwise::isnan(&after)?)?;
            differs = elementwise::logical_and(&differs, &elementwise::logical_not(&both)?)?;
        }
        first.slice(0, 1, n - 1, 1).assign(&statistical::any(&differs, Some(&[1]), false)?)?;
    }
    let mut shape = rows.shape().to_vec();
    describe(&[n], n, &order, &first, |at| {
        shape[0] = at.size();
        let values = indexing::take(&sorted, at, Some(0))?.reshape(&shape)?;
        crate::manipulation::moveaxis(&values, &[0], &[axis])
    })
}

/// Runs of equal elements of the flattened tensor: their values, the run of each element, their lengths.
pub fn unique_consecutive(x: &Tensor) -> Result<(Tensor, Tensor, Tensor)> {
    let flat = ravel(x)?;
    let order = crate::creation::arange(0.into(), Some(flat.size().into()), 1.into(), None, x.device())?;
    let first = starts(&flat, false)?;
    let u = describe(x.shape(), flat.size(), &order, &first, |at| indexing::take(&flat, at, Some(0)))?;
    Ok((u.values, u.inverse, u.counts))
}

/// Whether each element of `x1` occurs in `x2`; NaN never does.
pub fn isin<'a>(x1: impl Into<Operand<'a>>, x2: impl Into<Operand<'a>>, invert: bool) -> Result<Tensor> {
    let (a, b) = (crate::creation::from_operand(x1.into())?, crate::creation::from_operand(x2.into())?);
    let dtype = promote_types(a.dtype(), b.dtype());
    let (a, b) = (a.astype(dtype)?, ravel(&b.astype(dtype)?)?);
    if b.size() == 0 {
        return crate::creation::full(a.shape(), invert.into(), Some(DType::Bool), a.device());
    }
    let sorted = crate::sorting::sort(&b, Some(0), false)?;
    let at = searching::searchsorted(&sorted, &a, Side::Left, None)?;
    let at = elementwise::minimum(&at, sorted.size() - 1)?;
    let found = indexing::take(&sorted, &at, Some(0))?;
    if invert { elementwise::not_equal(&found, &a) } else { elementwise::equal(&found, &a) }
}

/// Elements that occur in both, sorted and unique.
pub fn intersect1d(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let (a, b) = (unique(x1, true)?.values, unique(x2, true)?.values);
    indexing::compress(&isin(&a, &b, false)?, &a.astype(promote_types(a.dtype(), b.dtype()))?, Some(0))
}

/// Elements that occur in either, sorted and unique.
pub fn union1d(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    Ok(unique(&concat(&[x1, x2], None)?, true)?.values)
}

/// Elements of the first that do not occur in the second, sorted and unique.
pub fn setdiff1d(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let a = unique(x1, true)?.values;
    indexing::compress(&isin(&a, x2, true)?, &a, Some(0))
}

/// Elements that occur in exactly one, sorted and unique.
pub fn setxor1d(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let (a, b) = (setdiff1d(x1, x2)?, setdiff1d(x2, x1)?);
    union1d(&a, &b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(t: &Tensor) -> Vec<i64> {
        t.cast_vec().unwrap()
    }

    #[test]
    fn unique_elements_with_everything_about_them() {
        let x = Tensor::from_slice(&[3i64, 1, 3, 2, 1, 3], &[2, 3]).unwrap();
        let u = unique_all(&x).unwrap();
        assert_eq!(values(&u.values), [1, 2, 3]);
        assert_eq!(values(&u.indices), [1, 3, 0]);
        assert_eq!(u.inverse.shape(), &[2, 3]);
        assert_eq!(values(&u.inverse), [2, 0, 2, 1, 0, 2]);
        assert_eq!(values(&u.counts), [2, 1, 3]);
    }

    #[test]
    fn every_nan_is_unique_and_zeros_are_equal() {
        let x = Tensor::from_slice(&[f64::NAN, 0.0, -0.0, f64::NAN], &[4]).unwrap();
        assert_eq!(unique_values(&x).unwrap().size(), 3);
        assert_eq!(unique(&x, true).unwrap().values.size(), 2);
        let e = Tensor::from_slice::<f64>(&[], &[0]).unwrap();
        assert_eq!(unique_all(&e).unwrap().counts.size(), 0);
    }

    #[test]
    fn membership_and_set_algebra() {
        let a = Tensor::from_slice(&[1i64, 2, 3, 2], &[4]).unwrap();
        let b = Tensor::from_slice(&[2i64, 5], &[2]).unwrap();
        assert_eq!(isin(&a, &b, false).unwrap().to_vec::<bool>().unwrap(), [false, true, false, true]);
        assert_eq!(values(&intersect1d(&a, &b).unwrap()), [2]);
        assert_eq!(values(&union1d(&a, &b).unwrap()), [1, 2, 3, 5]);
        assert_eq!(values(&setdiff1d(&a, &b).unwrap()), [1, 3]);
        assert_eq!(values(&setxor1d(&a, &b).unwrap()), [1, 3, 5]);
        let rows = Tensor::from_slice(&[1i64, 2, 0, 5, 1, 2], &[3, 2]).unwrap();
        let u = unique_axis(&rows, 0, true).unwrap();
        assert_eq!((values(&u.values), values(&u.inverse)), (vec![0, 5, 1, 2], vec![1, 0, 1]));
    }
}
