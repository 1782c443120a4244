//! Adding and removing elements along an axis; results are new tensors.

use crate::creation::arange;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::indexing::{checked, take};
use crate::layout::{Shape, normalize_axis};
use crate::manipulation::{concat, ravel};
use crate::searching;
use crate::tensor::Tensor;

/// `values` behind the elements of `x` along an axis, or behind its flattened elements.
///
/// # Errors
/// [`Error::ShapeMismatch`] if the other axes differ.
pub fn append(x: &Tensor, values: &Tensor, axis: Option<i64>) -> Result<Tensor> {
    match axis {
        Some(_) => concat(&[x, values], axis),
        None => concat(&[&ravel(x)?, &ravel(values)?], Some(0)),
    }
}

/// The tensor without some positions along an axis (or of the flattened tensor): integers or a mask.
///
/// # Errors
/// [`Error::OutOfBounds`] for a position that does not exist.
pub fn delete(x: &Tensor, positions: &Tensor, axis: Option<i64>) -> Result<Tensor> {
    let Some(axis) = axis else { return delete(&ravel(x)?, positions, Some(0)) };
    let a = normalize_axis("delete", axis, x.shape())?;
    let n = x.shape()[a];
    let mut keep = vec![true; n];
    if positions.dtype().is_bool() {
        if positions.size() != n {
            return Err(Error::ShapeMismatch { op: "delete", expected: vec![n], got: positions.shape().to_vec() });
        }
        keep = positions.to_vec::<bool>()?.into_iter().map(|drop| !drop).collect();
    } else {
        for i in checked(positions, n, a)?.to_vec::<i64>()? {
            keep[i as usize] = false;
        }
    }
    let kept = searching::flatnonzero(&Tensor::from_vec(keep, &[n])?.to_device(x.device())?)?;
    take(x, &kept, Some(axis))
}

/// `values` inserted before positions along an axis (or of the flattened tensor). With one position all values go there;
/// with several, one slice goes before each. Positions refer to the tensor before the insertion.
///
/// # Errors
/// [`Error::OutOfBounds`] for a position beyond the end, [`Error::Broadcast`] if the values do not fit.
pub fn insert(x: &Tensor, positions: &Tensor, values: &Tensor, axis: Option<i64>) -> Result<Tensor> {
    let op = "insert";
    let Some(axis) = axis else { return insert(&ravel(x)?, positions, values, Some(0)) };
    let a = normalize_axis(op, axis, x.shape())?;
    let n = x.shape()[a];
    let positions = if positions.dtype().is_bool() { searching::flatnonzero(positions)? } else { positions.astype(DType::Int64)? };
    let mut at: Vec<i64> = Vec::with_capacity(positions.size());
    for p in ravel(&positions)?.to_vec::<i64>()? {
        let q = if p < 0 { p + n as i64 } else { p };
        if !(0..=n as i64).contains(&q) {
            return Err(Error::OutOfBounds { op, index: p, axis: a, size: n });
        }
        at.push(q);
    }
    let values = values.astype(x.dtype())?;
    // A 0-d position takes the values as they are along the axis.
    let values = if positions.ndim() == 0 && values.ndim() == x.ndim() - 1 && values.ndim() > 0 {
        values.with_layout(values.layout().insert_axis(a))
    } else {
        values
    };
    let along = |t: &Tensor| t.ndim().checked_sub(x.ndim() - a).map_or(1, |d| t.shape()[d]);
    if at.len() == 1 {
        at = vec![at[0]; along(&values)];
    }
    let mut shape = Shape::from_slice(x.shape());
    shape[a] = at.len();
    let values = values.broadcast_for(op, &shape)?;
    // Stable order of positions: old elements keep their place behind what is inserted before them.
    let mut order: Vec<(i64, u8, usize)> = at.iter().enumerate().map(|(i, &p)| (p, 0, n + i)).collect();
    order.extend((0..n).map(|i| (i as i64, 1, i)));
    order.sort();
    let order: Vec<i64> = order.into_iter().map(|o| o.2 as i64).collect();
    let order = Tensor::from_slice(&order, &[order.len()])?.to_device(x.device())?;
    take(&concat(&[x, &values], Some(axis))?, &order, Some(axis))
}

/// A new tensor of another shape, filled with the elements in row-major order, over and over if there are too few.
pub fn resize(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let n = crate::layout::checked_size("resize", shape)?;
    if x.size() == 0 {
        return crate::creation::zeros(shape, Some(x.dtype()), x.device());
    }
    let at = crate::elementwise::remainder(&arange(0.into(), Some(n.into()), 1.into(), None, x.device())?, x.size())?;
    take(x, &at, None)?.reshape(shape)
}

/// A vector without the zeros at its start, its end, or both.
pub fn trim_zeros(x: &Tensor, front: bool, back: bool) -> Result<Tensor> {
    let at = searching::flatnonzero(x)?.to_vec::<i64>()?;
    let (Some(&first), Some(&last)) = (at.first(), at.last()) else { return Ok(x.slice(0, 0, 0, 1)) };
    let start = if front { first as usize } else { 0 };
    let end = if back { last as usize + 1 } else { x.size() };
    Ok(x.slice(0, start, end - start, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(v: &[i64], shape: &[usize]) -> Tensor {
        Tensor::from_slice(v, shape).unwrap()
    }

    #[test]
    fn inserting_and_deleting_agree_with_numpy() {
        let x = t(&[1, 2, 3, 4], &[2, 2]);
        let v = |r: Result<Tensor>| r.unwrap().to_vec::<i64>().unwrap();
        assert_eq!(v(insert(&x, &Tensor::scalar(1i64).unwrap(), &t(&[9], &[]), Some(1))), [1, 9, 2, 3, 9, 4]);
        assert_eq!(v(insert(&x, &Tensor::scalar(1i64).unwrap(), &t(&[8, 9], &[2]), Some(1))), [1, 8, 2, 3, 9, 4]);
        assert_eq!(v(insert(&x, &t(&[0, 4], &[2]), &t(&[8, 9], &[2]), None)), [8, 1, 2, 3, 4, 9]);
        assert_eq!(v(insert(&x, &Tensor::scalar(2i64).unwrap(), &t(&[8, 9], &[2]), None)), [1, 2, 8, 9, 3, 4]);
        assert_eq!(v(delete(&x, &t(&[-1], &[1]), Some(0))), [1, 2]);
        assert_eq!(v(delete(&x, &t(&[0, 2], &[2]), None)), [2, 4]);
        assert_eq!(v(append(&x, &t(&[5, 6], &[1, 2]), Some(0))), [1, 2, 3, 4, 5, 6]);
        assert_eq!(v(resize(&x, &[3, 2])), [1, 2, 3, 4, 1, 2]);
        assert_eq!(v(trim_zeros(&t(&[0, 0, 3, 0, 1, 0], &[6]), true, true)), [3, 0, 1]);
        assert!(delete(&x, &t(&[2], &[1]), Some(0)).is_err());
    }
}
