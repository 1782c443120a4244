//! Joining tensors and splitting them.

use crate::backend::common_device;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::{Shape, normalize_axis};
use crate::manipulation::{atleast_1d, atleast_2d, atleast_3d, expand_dims};
use crate::promote::promote_types;
use crate::tensor::Tensor;

/// The dtype all tensors promote to.
fn common_dtype(op: &'static str, tensors: &[&Tensor]) -> Result<DType> {
    tensors.iter().map(|t| t.dtype()).reduce(promote_types).ok_or_else(|| Error::value(op, "at least one array is needed"))
}

/// Joins tensors along an existing axis; `None` joins all their elements in row-major order.
///
/// # Errors
/// [`Error::Value`] without tensors, [`Error::ShapeMismatch`] if they differ in another axis.
pub fn concat(tensors: &[&Tensor], axis: Option<i64>) -> Result<Tensor> {
    let op = "concat";
    let dtype = common_dtype(op, tensors)?;
    let device = common_device(op, tensors)?;
    let Some(axis) = axis else {
        let flat = tensors.iter().map(|t| t.reshape(&[t.size()])).collect::<Result<Vec<_>>>()?;
        return concat(&flat.iter().collect::<Vec<_>>(), Some(0));
    };
    let first = tensors[0];
    if first.ndim() == 0 {
        return Err(Error::value(op, "0-d arrays cannot be joined; use `stack`"));
    }
    let a = normalize_axis(op, axis, first.shape())?;
    let mut shape = Shape::from_slice(first.shape());
    shape[a] = 0;
    for t in tensors {
        let fits = t.ndim() == first.ndim() && (0..t.ndim()).all(|i| i == a || t.shape()[i] == first.shape()[i]);
        if !fits {
            return Err(Error::ShapeMismatch { op, expected: first.shape().to_vec(), got: t.shape().to_vec() });
        }
        shape[a] += t.shape()[a];
    }
    let out = Tensor::uninit(op, &shape, dtype, device)?;
    let mut at = 0;
    for t in tensors {
        let n = t.shape()[a];
        t.backend()?.copy(t, &out.slice(a, at, n, 1))?;
        at += n;
    }
    Ok(out)
}

/// Joins tensors of one shape along a new axis.
///
/// # Errors
/// [`Error::ShapeMismatch`] if the shapes differ.
pub fn stack(tensors: &[&Tensor], axis: i64) -> Result<Tensor> {
    let op = "stack";
    let dtype = common_dtype(op, tensors)?;
    let device = common_device(op, tensors)?;
    let first = tensors[0];
    let mut shape = Shape::from_slice(first.shape());
    shape.push(1);
    let a = normalize_axis(op, axis, &shape)?;
    shape.pop();
    shape.insert(a, tensors.len());
    let out = Tensor::uninit(op, &shape, dtype, device)?;
    for (i, t) in tensors.iter().enumerate() {
        if t.shape() != first.shape() {
            return Err(Error::ShapeMismatch { op, expected: first.shape().to_vec(), got: t.shape().to_vec() });
        }
        t.backend()?.copy(t, &out.select(a, i as i64)?)?;
    }
    Ok(out)
}

/// The slices along an axis, as views.
///
/// # Errors
/// [`Error::Value`] for a 0-d tensor.
pub fn unstack(x: &Tensor, axis: i64) -> Result<Vec<Tensor>> {
    if x.ndim() == 0 {
        return Err(Error::value("unstack", "a 0-d array has no axis to unstack"));
    }
    let a = normalize_axis("unstack", axis, x.shape())?;
    (0..x.shape()[a] as i64).map(|i| x.select(a, i)).collect()
}

/// Joins along the first axis, vectors as rows.
pub fn vstack(tensors: &[&Tensor]) -> Result<Tensor> {
    let parts = tensors.iter().map(|t| atleast_2d(t)).collect::<Result<Vec<_>>>()?;
    concat(&parts.iter().collect::<Vec<_>>(), Some(0))
}

/// Joins along the second axis, vectors along their only one.
pub fn hstack(tensors: &[&Tensor]) -> Result<Tensor> {
    let parts = tensors.iter().map(|t| atleast_1d(t)).collect::<Result<Vec<_>>>()?;
    let axis = i64::from(parts.first().is_some_and(|t| t.ndim() > 1));
    concat(&parts.iter().collect::<Vec<_>>(), Some(axis))
}

/// Joins along the third axis.
pub fn dstack(tensors: &[&Tensor]) -> Result<Tensor> {
    let parts = tensors.iter().map(|t| atleast_3d(t)).collect::<Result<Vec<_>>>()?;
    concat(&parts.iter().collect::<Vec<_>>(), Some(2))
}

/// Joins along the second axis, vectors as columns.
pub fn column_stack(tensors: &[&Tensor]) -> Result<Tensor> {
    let column = |t: &&Tensor| match t.ndim() {
        0 | 1 => t.reshape(&[t.size(), 1]),
        _ => Ok((*t).clone()),
    };
    let parts = tensors.iter().map(column).collect::<Result<Vec<_>>>()?;
    concat(&parts.iter().collect::<Vec<_>>(), Some(1))
}

/// Assembles blocks from nested lists: the innermost lists are joined along the last axis, the next along the one
/// before, and so on.
#[derive(Clone, Debug)]
pub enum Block {
    /// One block.
    Tensor(Tensor),
    /// Blocks side by side.
    List(Vec<Block>),
}

/// Assembles a tensor from nested lists of blocks, as NumPy's `block`.
///
/// # Errors
/// [`Error::Value`] if the lists are nested unevenly or empty.
pub fn block(blocks: &Block) -> Result<Tensor> {
    fn depth(b: &Block) -> Result<usize> {
        match b {
            Block::Tensor(_) => Ok(0),
            Block::List(items) => {
                let depths = items.iter().map(depth).collect::<Result<Vec<_>>>()?;
                match depths.as_slice() {
                    [] => Err(Error::value("block", "an empty list has no shape")),
                    [d, rest @ ..] if rest.iter().all(|r| r == d) => Ok(d + 1),
                    _ => Err(Error::value("block", "the lists must be nested to one depth")),
                }
            }
        }
    }
    fn widest(b: &Block) -> usize {
        match b {
            Block::Tensor(t) => t.ndim(),
            Block::List(items) => items.iter().map(widest).max().unwrap_or(0),
        }
    }
    fn join(b: &Block, level: usize, ndim: usize) -> Result<Tensor> {
        match b {
            Block::Tensor(t) => {
                let lead: Vec<i64> = (0..(ndim - t.ndim()) as i64).collect();
                expand_dims(t, &lead)
            }
            Block::List(items) => {
                let parts = items.iter().map(|b| join(b, level - 1, ndim)).collect::<Result<Vec<_>>>()?;
                concat(&parts.iter().collect::<Vec<_>>(), Some(-(level as i64)))
            }
        }
    }
    let levels = depth(blocks)?;
    join(blocks, levels, widest(blocks).max(levels))
}

/// Where to cut.
#[derive(Clone, Debug)]
pub enum Sections<'a> {
    /// Into this many parts.
    Count(usize),
    /// Before these positions; negative ones count from the end.
    At(&'a [i64]),
}

fn cut(op: &'static str, x: &Tensor, axis: i64, bounds: &[usize]) -> Result<Vec<Tensor>> {
    let a = normalize_axis(op, axis, x.shape())?;
    Ok(bounds.windows(2).map(|w| x.slice(a, w[0].min(x.shape()[a]), w[1].saturating_sub(w[0]), 1)).collect())
}

/// Parts of a tensor along an axis, as views; a count that does not divide the axis gives unequal parts.
pub fn array_split(x: &Tensor, sections: &Sections<'_>, axis: i64) -> Result<Vec<Tensor>> {
    let op = "array_split";
    let n = x.shape()[normalize_axis(op, axis, x.shape())?];
    let bounds: Vec<usize> = match sections {
        Sections::Count(0) => return Err(Error::value(op, "the number of parts must be at least one")),
        Sections::Count(k) => (0..=*k).map(|i| i * (n / k) + i.min(n % k)).collect(),
        Sections::At(points) => {
            let clamp = |&p: &i64| if p < 0 { (p + n as i64).max(0) as usize } else { (p as usize).min(n) };
            std::iter::once(0).chain(points.iter().map(clamp)).chain([n]).collect()
        }
    };
    cut(op, x, axis, &bounds)
}

/// Equal parts of a tensor along an axis, or parts cut at given positions, as views.
///
/// # Errors
/// [`Error::Value`] if the count does not divide the axis.
pub fn split(x: &Tensor, sections: &Sections<'_>, axis: i64) -> Result<Vec<Tensor>> {
    if let Sections::Count(k) = sections {
        let n = x.shape()[normalize_axis("split", axis, x.shape())?];
        if *k == 0 || !n.is_multiple_of(*k) {
            return Err(Error::value("split", format!("an axis of {n} elements does not split into {k} equal parts; use `array_split`")));
        }
    }
    array_split(x, sections, axis)
}

/// Parts of the given lengths along an axis, as torch's `split` with a list; views.
///
/// # Errors
/// [`Error::Value`] if the lengths do not add up to the axis.
pub fn split_sizes(x: &Tensor, sizes: &[usize], axis: i64) -> Result<Vec<Tensor>> {
    let n = x.shape()[normalize_axis("split", axis, x.shape())?];
    if sizes.iter().sum::<usize>() != n {
        return Err(Error::value("split", format!("lengths {sizes:?} do not add up to {n}")));
    }
    let mut bounds = vec![0];
    for s in sizes {
        bounds.push(bounds[bounds.len() - 1] + s);
    }
    cut("split", x, axis, &bounds)
}

/// At most `chunks` parts of one length, the last possibly shorter, as torch's `chunk`; views.
pub fn chunk(x: &Tensor, chunks: usize, axis: i64) -> Result<Vec<Tensor>> {
    let n = x.shape()[normalize_axis("chunk", axis, x.shape())?];
    if chunks == 0 {
        return Err(Error::value("chunk", "the number of parts must be at least one"));
    }
    split_every(x, n.div_ceil(chunks).max(1), axis)
}

/// Parts of length `size`, the last possibly shorter, as torch's `split` with a number; views.
pub fn split_every(x: &Tensor, size: usize, axis: i64) -> Result<Vec<Tensor>> {
    let n = x.shape()[normalize_axis("split", axis, x.shape())?];
    if size == 0 && n > 0 {
        return Err(Error::value("split", "the length of a part must be at least one"));
    }
    let mut bounds: Vec<usize> = (0..n).step_by(size.max(1)).collect();
    if bounds.is_empty() {
        bounds.push(0);
    }
    bounds.push(n);
    cut("split", x, axis, &bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(n: i64, shape: &[usize]) -> Tensor {
        Tensor::from_vec((0..n).collect(), shape).unwrap()
    }

    #[test]
    fn joining_promotes_and_keeps_order() {
        let (a, b) = (range(4, &[2, 2]), Tensor::from_slice(&[0.5f32, 1.5], &[2, 1]).unwrap());
        let c = concat(&[&a, &b], Some(-1)).unwrap();
        assert_eq!((c.dtype(), c.to_vec::<f64>().unwrap()), (DType::Float64, vec![0.0, 1.0, 0.5, 2.0, 3.0, 1.5]));
        assert!(concat(&[&a, &b], Some(0)).is_err() && concat(&[], Some(0)).is_err());
        assert_eq!(stack(&[&a, &a], -1).unwrap().shape(), &[2, 2, 2]);
        assert_eq!(concat(&[&a, &b], None).unwrap().shape(), &[6]);
    }

    #[test]
    fn splitting_follows_numpy() {
        let x = range(7, &[7]);
        let lens = |parts: Vec<Tensor>| parts.iter().map(|p| p.size()).collect::<Vec<_>>();
        assert_eq!(lens(array_split(&x, &Sections::Count(3), 0).unwrap()), [3, 2, 2]);
        assert_eq!(lens(array_split(&x, &Sections::At(&[2, 2, 9, 5]), 0).unwrap()), [2, 0, 5, 0, 2]);
        assert!(split(&x, &Sections::Count(3), 0).is_err());
        assert_eq!(lens(chunk(&x, 3, 0).unwrap()), [3, 3, 1]);
        assert_eq!(lens(split_sizes(&x, &[1, 6], 0).unwrap()), [1, 6]);
    }
}
