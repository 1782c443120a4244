//! Reading and writing along one axis: take, gather, scatter, masks.

use crate::backend::ScatterMode;
use crate::creation::arange;
use crate::dtype::DType;
use crate::elementwise;
use crate::error::{Error, Result};
use crate::indexing::{Index, checked};
use crate::layout::{Shape, normalize_axis};
use crate::manipulation::ravel;
use crate::promote::promote_types;
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// What to do with positions outside the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexMode {
    /// An error; negative positions count from the end.
    Raise,
    /// Modulo the length.
    Wrap,
    /// The nearest end.
    Clip,
}

/// Elements at integer positions along an axis (of the flattened tensor without one). The axes of `indices` take the
/// place of that axis.
///
/// # Errors
/// [`Error::OutOfBounds`], [`Error::Index`] if the indices are no integers.
pub fn take(x: &Tensor, indices: &Tensor, axis: Option<i64>) -> Result<Tensor> {
    take_mode(x, indices, axis, IndexMode::Raise)
}

/// [`take`] with a choice of what positions outside the axis mean.
pub fn take_mode(x: &Tensor, indices: &Tensor, axis: Option<i64>, mode: IndexMode) -> Result<Tensor> {
    let Some(axis) = axis else { return take_mode(&ravel(x)?, indices, Some(0), mode) };
    let a = normalize_axis("take", axis, x.shape())?;
    let n = x.shape()[a];
    let indices = match mode {
        _ if n == 0 && indices.size() > 0 => return Err(Error::index("take", "positions cannot be taken from an empty axis")),
        IndexMode::Raise => indices.clone(),
        IndexMode::Wrap => elementwise::remainder(&indices.astype(DType::Int64)?, n)?,
        IndexMode::Clip => elementwise::clip(&indices.astype(DType::Int64)?, Some(0.into()), Some((n - 1).into()))?,
    };
    let indices = checked(&indices.to_device(x.device())?, n, a)?;
    let mut shape = Shape::from_slice(&x.shape()[..a]);
    shape.extend_from_slice(indices.shape());
    shape.extend_from_slice(&x.shape()[a + 1..]);
    let out = Tensor::uninit("take", &shape, x.dtype(), x.device())?;
    x.backend()?.gather(&axis_first(x, a), &[indices], a, &out)?;
    Ok(out)
}

/// A view with one axis moved to the front.
fn axis_first(x: &Tensor, axis: usize) -> Tensor {
    let order: Vec<usize> = std::iter::once(axis).chain((0..x.ndim()).filter(|&d| d != axis)).collect();
    x.with_layout(x.layout().permute(&order))
}

/// Row-major positions in a tensor of shape `shape` of the elements `[.., index[i, j, ..], ..]`: each element of `index`
/// names the position along `axis`, its own position the rest.
fn flat_positions(op: &'static str, shape: &[usize], index: &Tensor, axis: usize) -> Result<Tensor> {
    if index.ndim() != shape.len() {
        let message = format!("the index has {} dimensions, the tensor has {}", index.ndim(), shape.len());
        return Err(Error::value(op, message));
    }
    let strides = crate::layout::contiguous_strides(shape);
    let index = checked(index, shape[axis], axis)?;
    let mut flat = elementwise::multiply(&index, strides[axis] as i64)?;
    for (d, &n) in index.shape().iter().enumerate() {
        if d == axis {
            continue;
        }
        if n > shape[d] {
            return Err(Error::ShapeMismatch { op, expected: shape.to_vec(), got: index.shape().to_vec() });
        }
        let mut one: Shape = Shape::from_elem(1, shape.len());
        one[d] = n;
        let range = arange(Scalar::Int(0), Some(Scalar::from(n)), Scalar::Int(1), None, index.device())?;
        flat = elementwise::add(&flat, &elementwise::multiply(&range.reshape(&one)?, strides[d] as i64)?)?;
    }
    Ok(flat)
}

/// Elements along an axis at the positions in `indices`, which has as many dimensions as `x` and broadcasts in the others.
///
/// # Errors
/// [`Error::OutOfBounds`], [`Error::Value`] if the numbers of dimensions differ.
pub fn take_along_axis(x: &Tensor, indices: &Tensor, axis: i64) -> Result<Tensor> {
    let op = "take_along_axis";
    let a = normalize_axis(op, axis, x.shape())?;
    if indices.ndim() != x.ndim() {
        return Err(Error::value(op, format!("the indices have {} dimensions, the tensor has {}", indices.ndim(), x.ndim())));
    }
    let with_axis = |shape: &[usize], n: usize| {
        let mut s = Shape::from_slice(shape);
        s[a] = n;
        s
    };
    let common = crate::layout::broadcast_shape(op, &[&with_axis(x.shape(), 1), &with_axis(indices.shape(), 1)])?;
    let x = x.broadcast_for(op, &with_axis(&common, x.shape()[a]))?;
    gather(&x, &indices.broadcast_for(op, &with_axis(&common, indices.shape()[a]))?, axis)
}

/// Elements along an axis at the positions in `index`, as torch's `gather`: in the other axes `index` may be shorter than `x`.
pub fn gather(x: &Tensor, index: &Tensor, axis: i64) -> Result<Tensor> {
    let op = "gather";
    let a = normalize_axis(op, axis, x.shape())?;
    let x = x.contiguous()?;
    let flat = flat_positions(op, x.shape(), index, a)?;
    let out = Tensor::uninit(op, flat.shape(), x.dtype(), x.device())?;
    x.backend()?.gather(&x.reshape(&[x.size()])?, &[flat], 0, &out)?;
    Ok(out)
}

/// A copy of `x` in which the elements at `index` along an axis are combined with those of `src`, as torch's `scatter`.
///
/// # Errors
/// [`Error::OutOfBounds`], [`Error::ShapeMismatch`].
pub fn scatter(x: &Tensor, index: &Tensor, src: &Tensor, axis: i64, mode: ScatterMode) -> Result<Tensor> {
    let op = "scatter";
    let a = normalize_axis(op, axis, x.shape())?;
    let out = x.copy()?;
    let flat = flat_positions(op, x.shape(), index, a)?;
    let mut src = src.astype(x.dtype())?;
    if src.ndim() == flat.ndim() {
        for (d, &n) in flat.shape().iter().enumerate() {
            if src.shape()[d] > n {
                src = src.slice(d, 0, n, 1);
            }
        }
    }
    let src = src.broadcast_for(op, flat.shape())?;
    out.backend()?.scatter(&out.reshape(&[out.size()])?, &[flat], 0, &src, mode)?;
    Ok(out)
}

/// Writes `values` at the positions in `indices` along an axis of `x` itself, as NumPy's `put_along_axis`.
pub fn put_along_axis(x: &Tensor, indices: &Tensor, values: &Tensor, axis: i64) -> Result<()> {
    let a = normalize_axis("put_along_axis", axis, x.shape())?;
    let mut shape = Shape::from_slice(x.shape());
    shape[a] = indices.shape().get(a).copied().unwrap_or(1);
    let out = scatter(
        x,
        &indices.broadcast_for("put_along_axis", &shape)?,
        &values.broadcast_for("put_along_axis", &shape)?,
        axis,
        ScatterMode::Set,
    )?;
    x.assign(&out)
}

/// A copy of `x` in which the slices at a vector of positions along an axis are combined with those of `src`.
///
/// # Errors
/// [`Error::OutOfBounds`], [`Error::Broadcast`].
pub fn index_combine(x: &Tensor, axis: i64, index: &Tensor, src: &Tensor, mode: ScatterMode) -> Result<Tensor> {
    let a = normalize_axis("index_add", axis, x.shape())?;
    let out = x.copy()?;
    let mut subscript = vec![Index::FULL; a];
    subscript.push(Index::IntArray(index.clone()));
    out.index_combine(&subscript, src, mode)?;
    Ok(out)
}

/// A copy of `x` with `src` times `alpha` added to the slices at a vector of positions, as torch's `index_add`.
pub fn index_add(x: &Tensor, axis: i64, index: &Tensor, src: &Tensor, alpha: f64) -> Result<Tensor> {
    let scaled = if alpha == 1.0 { src.clone() } else { elementwise::multiply(src, alpha)? };
    index_combine(x, axis, index, &scaled, ScatterMode::Add)
}

/// A copy of `x` with elements written at a subscript: a functional `x[index] = value`.
pub fn index_update(x: &Tensor, index: &[Index], value: &Tensor) -> Result<Tensor> {
    let out = x.copy()?;
    out.index_put(index, value)?;
    Ok(out)
}

/// A copy of `x` with `value` where the mask, broadcast, is true.
pub fn masked_fill(x: &Tensor, mask: &Tensor, value: &Tensor) -> Result<Tensor> {
    elementwise::where_(mask, &value.astype(x.dtype())?, x)
}

/// The elements where the mask is true, in row-major order; both broadcast.
pub fn masked_select(x: &Tensor, mask: &Tensor) -> Result<Tensor> {
    let shape = crate::layout::broadcast_shape("masked_select", &[x.shape(), mask.shape()])?;
    let mask = mask.astype(DType::Bool)?.broadcast_for("masked_select", &shape)?;
    x.broadcast_for("masked_select", &shape)?.index(&[Index::BoolMask(mask)])
}

/// The elements where the condition, flattened, is not zero, as NumPy's `extract`.
pub fn extract(condition: &Tensor, x: &Tensor) -> Result<Tensor> {
    compress(&ravel(condition)?, x, None)
}

/// The slices along an axis (elements of the flattened tensor) where a vector condition is not zero.
pub fn compress(condition: &Tensor, x: &Tensor, axis: Option<i64>) -> Result<Tensor> {
    let keep = crate::searching::nonzero(&condition.astype(DType::Bool)?)?;
    match keep.as_slice() {
        [positions] => take(x, positions, axis),
        _ => Err(Error::value("compress", format!("the condition must have one dimension, got shape {:?}", condition.shape()))),
    }
}

/// Writes values at row-major positions of `x`, repeating the values as needed, as NumPy's `put`.
pub fn put(x: &Tensor, indices: &Tensor, values: &Tensor) -> Result<()> {
    let index = checked(&ravel(indices)?, x.size(), 0)?;
    if index.size() == 0 || values.size() == 0 {
        return Ok(());
    }
    let copies = index.size().div_ceil(values.size());
    let values = crate::manipulation::tile(&ravel(values)?, &[copies])?.slice(0, 0, index.size(), 1);
    let flat = ravel(x)?;
    flat.index_put(&[Index::IntArray(index)], &values)?;
    if flat.storage().same(x.storage()) { Ok(()) } else { x.assign(&flat.reshape(x.shape())?) }
}

/// Elements of one of several tensors of choices, by position in an integer tensor; all broadcast.
///
/// # Errors
/// [`Error::OutOfBounds`] for a choice that does not exist.
pub fn choose(selector: &Tensor, choices: &[&Tensor]) -> Result<Tensor> {
    let shapes: Vec<&[usize]> = std::iter::once(selector.shape()).chain(choices.iter().map(|c| c.shape())).collect();
    let shape = crate::layout::broadcast_shape("choose", &shapes)?;
    let wide = choices.iter().map(|c| c.broadcast_for("choose", &shape)).collect::<Result<Vec<_>>>()?;
    let stacked = crate::manipulation::stack(&wide.iter().collect::<Vec<_>>(), 0)?;
    let selector = selector.broadcast_for("choose", &shape)?;
    let picked = take_along_axis(&stacked, &selector.with_layout(selector.layout().insert_axis(0)), 0)?;
    picked.reshape(&shape)
}

/// For each element the choice of the first condition that holds there, else the default; all broadcast.
///
/// # Errors
/// [`Error::Value`] if the numbers of conditions and choices differ.
pub fn select(conditions: &[&Tensor], choices: &[&Tensor], default: &Tensor) -> Result<Tensor> {
    if conditions.len() != choices.len() || conditions.is_empty() {
        return Err(Error::value("select", format!("{} conditions for {} choices", conditions.len(), choices.len())));
    }
    let dtype = choices.iter().fold(default.dtype(), |d, c| promote_types(d, c.dtype()));
    let mut out = default.astype(dtype)?;
    for (condition, choice) in conditions.iter().zip(choices).rev() {
        out = elementwise::where_(condition, &choice.astype(dtype)?, &out)?;
    }
    Ok(out)
}

/// Row-major positions of coordinates in a shape.
///
/// # Errors
/// [`Error::OutOfBounds`], [`Error::Value`] if the number of coordinates is not that of the axes.
pub fn ravel_multi_index(coordinates: &[&Tensor], shape: &[usize]) -> Result<Tensor> {
    if coordinates.len() != shape.len() {
        return Err(Error::value("ravel_multi_index", format!("{} coordinates for {} axes", coordinates.len(), shape.len())));
    }
    let strides = crate::layout::contiguous_strides(shape);
    let mut out = Tensor::scalar(0i64)?;
    for (d, c) in coordinates.iter().enumerate() {
        let c = checked(c, shape[d], d)?;
        out = elementwise::add(&out, &elementwise::multiply(&c, strides[d] as i64)?)?;
    }
    Ok(out)
}

/// Coordinates in a shape of row-major positions.
pub fn unravel_index(index: &Tensor, shape: &[usize]) -> Result<Vec<Tensor>> {
    let index = checked(index, crate::layout::checked_size("unravel_index", shape)?, 0)?;
    let strides = crate::layout::contiguous_strides(shape);
    shape.iter().zip(&strides).map(|(&n, &s)| elementwise::remainder(&elementwise::floor_divide(&index, s as i64)?, n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(v: &[i64], shape: &[usize]) -> Tensor {
        Tensor::from_slice(v, shape).unwrap()
    }

    #[test]
    fn take_replaces_the_axis_by_the_index_axes() {
        let x = t(&(0..12).collect::<Vec<_>>(), &[3, 4]);
        let y = take(&x, &t(&[3, -1, 0, 1], &[2, 2]), Some(1)).unwrap();
        assert_eq!(y.shape(), &[3, 2, 2]);
        assert_eq!(y.to_vec::<i64>().unwrap()[..4], [3, 3, 0, 1]);
        assert_eq!(take(&x, &t(&[11, 0], &[2]), None).unwrap().to_vec::<i64>().unwrap(), [11, 0]);
        assert!(take(&x, &t(&[4], &[1]), Some(1)).is_err());
        assert_eq!(take_mode(&x, &t(&[9, -9], &[2]), Some(0), IndexMode::Clip).unwrap().to_vec::<i64>().unwrap()[..4], [8, 9, 10, 11]);
    }

    #[test]
    fn gather_and_scatter_are_those_of_torch() {
        let x = t(&[1, 2, 3, 4], &[2, 2]);
        assert_eq!(gather(&x, &t(&[0, 0, 1, 0], &[2, 2]), 1).unwrap().to_vec::<i64>().unwrap(), [1, 1, 4, 3]);
        assert_eq!(gather(&x, &t(&[1], &[1, 1]), 0).unwrap().to_vec::<i64>().unwrap(), [3]);
        let z = t(&[0; 6], &[2, 3]);
        let s = scatter(&z, &t(&[2, 2], &[1, 2]), &t(&[5, 7], &[1, 2]), 1, ScatterMode::Add).unwrap();
        assert_eq!(s.to_vec::<i64>().unwrap(), [0, 0, 12, 0, 0, 0]);
        let a = index_add(&z, 0, &t(&[1, 1], &[2]), &t(&[1, 2, 3, 4, 5, 6], &[2, 3]), 1.0).unwrap();
        assert_eq!(a.to_vec::<i64>().unwrap(), [0, 0, 0, 5, 7, 9]);
        let best = take_along_axis(&x, &t(&[1, 0], &[2, 1]), -1).unwrap();
        assert_eq!((best.shape(), best.to_vec::<i64>().unwrap()), (&[2, 1][..], vec![2, 3]));
    }

    #[test]
    fn positions_and_coordinates_are_inverse() {
        let flat = t(&[0, 5, 23], &[3]);
        let c = unravel_index(&flat, &[2, 3, 4]).unwrap();
        let back = ravel_multi_index(&c.iter().collect::<Vec<_>>(), &[2, 3, 4]).unwrap();
        assert_eq!(back.to_vec::<i64>().unwrap(), [0, 5, 23]);
    }
}
