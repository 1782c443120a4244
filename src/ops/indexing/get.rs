//! Subscripts as NumPy has them: integers, slices, ellipsis, new axes, integer tensors and masks, mixed freely.

use smallvec::SmallVec;

use crate::backend::ScatterMode;
use crate::dtype::DType;
use crate::elementwise;
use crate::error::{Error, Result};
use crate::layout::{Layout, Shape, broadcast_shape};
use crate::searching;
use crate::statistical;
use crate::tensor::Tensor;

/// One part of a subscript.
#[derive(Clone, Debug)]
pub enum Index {
    /// One position; the axis disappears.
    Int(i64),
    /// `start:stop:step`
    Slice {
        /// First position.
        start: Option<i64>,
        /// Position to stop before.
        stop: Option<i64>,
        /// Step, not zero.
        step: Option<i64>,
    },
    /// As many whole axes as are left.
    Ellipsis,
    /// A new axis of length one.
    NewAxis,
    /// Positions from an integer tensor.
    IntArray(Tensor),
    /// Positions where a bool tensor is true; it covers as many axes as it has.
    BoolMask(Tensor),
}

impl Index {
    /// The whole axis.
    pub const FULL: Index = Index::Slice { start: None, stop: None, step: None };

    fn axes(&self) -> usize {
        match self {
            Index::Int(_) | Index::Slice { .. } | Index::IntArray(_) => 1,
            Index::BoolMask(m) => m.ndim(),
            Index::Ellipsis | Index::NewAxis => 0,
        }
    }
}

/// Start, length and step of a slice of an axis of `n` elements, as Python's `slice.indices`.
///
/// # Errors
/// [`Error::Value`] for a step of zero.
pub fn slice_range(start: Option<i64>, stop: Option<i64>, step: Option<i64>, n: usize) -> Result<(usize, usize, isize)> {
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(Error::value("index", "a slice step must not be zero"));
    }
    let (n, wide) = (n as i64, i128::from(step));
    let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let resolve = |v: Option<i64>, default: i64| match v {
        None => default,
        Some(v) if v < 0 => v.saturating_add(n).max(low),
        Some(v) => v.min(high),
    };
    let (a, b) = if step > 0 { (resolve(start, low), resolve(stop, high)) } else { (resolve(start, high), resolve(stop, low)) };
    let (from, to) = (i128::from(a), i128::from(b));
    let len = if step > 0 { (to - from + wide - 1).div_euclid(wide) } else { (from - to - wide - 1).div_euclid(-wide) };
    Ok((a.max(0) as usize, len.max(0) as usize, step as isize))
}

/// A subscript applied as far as views go: what remains are index tensors for some axes.
struct Prepared {
    /// Axes with index tensors first, in order, then the others.
    view: Tensor,
    indices: Vec<Tensor>,
    /// Where the axes of the index tensors stand among the others in the result.
    at: usize,
}

fn too_many(x: &Tensor, used: usize) -> Error {
    Error::index("index", format!("{used} indices for a tensor of {} dimensions", x.ndim()))
}

fn prepare(x: &Tensor, index: &[Index]) -> Result<Prepared> {
    let used: usize = index.iter().map(Index::axes).sum();
    if used > x.ndim() {
        return Err(too_many(x, used));
    }
    if index.iter().filter(|i| matches!(i, Index::Ellipsis)).count() > 1 {
        return Err(Error::index("index", "an index can only have one ellipsis"));
    }
    let advanced = index.iter().any(|i| matches!(i, Index::IntArray(_) | Index::BoolMask(_)));
    let mut layout = x.layout().clone();
    let mut axis = 0;
    let mut arrays: SmallVec<[(usize, Tensor); 4]> = SmallVec::new();
    // Whether a slice, ellipsis or new axis stands between two index tensors: then their axes move to the front.
    let (mut gap, mut split) = (false, false);
    let mut seen = |arrays_before: usize, gap: &mut bool| {
        if arrays_before > 0 && *gap {
            split = true;
        }
        *gap = false;
    };
    let with_ellipsis = index.iter().any(|i| matches!(i, Index::Ellipsis));
    let trailing = [Index::Ellipsis];
    let implied: &[Index] = if with_ellipsis { &[] } else { &trailing };
    for part in index.iter().chain(implied) {
        match part {
            Index::Int(i) if !advanced => {
                let size = layout.shape()[axis];
                let at = if *i < 0 { i + size as i64 } else { *i };
                if !(0..size as i64).contains(&at) {
                    let original = axis + x.ndim() - layout.ndim();
                    return Err(Error::OutOfBounds { op: "index", index: *i, axis: original.min(x.ndim() - 1), size });
                }
                layout = layout.select(axis, at as usize);
            }
            Index::Int(i) => {
                seen(arrays.len(), &mut gap);
                arrays.push((axis, checked(&Tensor::scalar(*i)?.to_device(x.device())?, layout.shape()[axis], axis)?));
                axis += 1;
            }
            Index::Slice { start, stop, step } => {
                let (a, len, step) = slice_range(*start, *stop, *step, layout.shape()[axis])?;
                layout = layout.slice(axis, a, len, step);
                axis += 1;
                gap = true;
            }
            Index::Ellipsis => {
                axis += x.ndim() - used;
                gap = true;
            }
            Index::NewAxis => {
                layout = layout.insert_axis(axis);
                axis += 1;
                gap = true;
            }
            Index::IntArray(t) => {
                seen(arrays.len(), &mut gap);
                arrays.push((axis, checked(t, layout.shape()[axis], axis)?));
                axis += 1;
            }
            Index::BoolMask(m) => {
                seen(arrays.len(), &mut gap);
                if m.ndim() == 0 {
                    // A scalar condition selects from a new axis of length one.
                    layout = layout.insert_axis(axis);
                    let count = usize::from(m.item()?.as_bool());
                    arrays.push((axis, Tensor::from_vec(vec![0i64; count], &[count])?.to_device(x.device())?));
                    axis += 1;
                    continue;
                }
                let covered = &layout.shape()[axis..axis + m.ndim()];
                // A mask without elements selects nothing, whatever the length of the axis: NumPy and the standard allow it.
                if !covered.iter().zip(m.shape()).all(|(axis, mask)| *mask == *axis || *mask == 0) {
                    let message = format!("a mask of shape {:?} does not match the axes {covered:?} it covers", m.shape());
                    return Err(Error::index("index", message));
                }
                for positions in searching::nonzero(m)? {
                    arrays.push((axis, positions));
                    axis += 1;
                }
            }
        }
    }
    finish(x, layout, &arrays, split)
}

fn finish(x: &Tensor, layout: Layout, arrays: &[(usize, Tensor)], split: bool) -> Result<Prepared> {
    let at = if split { 0 } else { arrays.first().map_or(0, |a| a.0) };
    let order: SmallVec<[usize; 6]> =
        arrays.iter().map(|a| a.0).chain((0..layout.ndim()).filter(|d| !arrays.iter().any(|a| a.0 == *d))).collect();
    let view = x.with_layout(if arrays.is_empty() { layout } else { layout.permute(&order) });
    let shapes: Vec<&[usize]> = arrays.iter().map(|a| a.1.shape()).collect();
    let shape = broadcast_shape("index", &shapes).map_err(|e| Error::index("index", e.to_string()))?;
    let indices = arrays.iter().map(|a| a.1.broadcast_for("index", &shape)).collect::<Result<_>>()?;
    Ok(Prepared { view, indices, at })
}

/// Index tensors as non-negative `int64`, checked against the axis.
pub(crate) fn checked(index: &Tensor, size: usize, axis: usize) -> Result<Tensor> {
    if !index.dtype().is_integer() {
        // An empty list in Python becomes a float tensor; it selects nothing.
        if index.size() > 0 || index.dtype().is_bool() {
            return Err(Error::index("index", format!("index arrays must be of integer (or bool) type, got {}", index.dtype())));
        }
        return index.astype(DType::Int64);
    }
    let index = index.astype(DType::Int64)?;
    if index.size() == 0 {
        return Ok(index);
    }
    // Negative numbers are huge as unsigned ones: one pass tells whether all is well.
    let largest = statistical::max(&index.bitcast(DType::UInt64)?, None, false)?.item()?.as_i128();
    if largest < size as i128 {
        return Ok(index);
    }
    let (low, high) = (statistical::min(&index, None, false)?.item()?.as_i128(), statistical::max(&index, None, false)?.item()?.as_i128());
    let n = size as i128;
    if low < -n || high >= n {
        let bad = if low < -n { low } else { high };
        return Err(Error::OutOfBounds { op: "index", index: bad as i64, axis, size });
    }
    if low >= 0 {
        return Ok(index);
    }
    elementwise::where_(&elementwise::less(&index, 0)?, &elementwise::add(&index, size)?, &index)
}

impl Prepared {
    fn result_shape(&self) -> Shape {
        let rest = &self.view.shape()[self.indices.len()..];
        let at = self.at.min(rest.len());
        let mut shape = Shape::from_slice(&rest[..at]);
        shape.extend_from_slice(self.indices.first().map_or(&[][..], |t| t.shape()));
        shape.extend_from_slice(&rest[at..]);
        shape
    }
}

impl Tensor {
    /// The part of the tensor that a subscript names: a view without index tensors, else a copy.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`], [`Error::Index`].
    ///
    /// ```
    /// use purify_ops::{Index, Tensor};
    /// let x = Tensor::from_vec((0..6i64).collect(), &[2, 3])?;
    /// let last = x.index(&[Index::Ellipsis, Index::Int(-1)])?;
    /// assert_eq!(last.to_vec::<i64>()?, [2, 5]);
    /// # Ok::<(), purify_ops::Error>(())
    /// ```
    pub fn index(&self, index: &[Index]) -> Result<Tensor> {
        let prepared = prepare(self, index)?;
        if prepared.indices.is_empty() {
            return Ok(prepared.view);
        }
        let out = Tensor::uninit("index", &prepared.result_shape(), self.dtype(), self.device())?;
        self.backend()?.gather(&prepared.view, &prepared.indices, prepared.at, &out)?;
        Ok(out)
    }

    /// Writes `value`, converted and broadcast, to the part of the tensor that a subscript names.
    ///
    /// # Errors
    /// As [`Tensor::index`]; [`Error::Broadcast`], [`Error::ReadOnly`].
    pub fn index_put(&self, index: &[Index], value: &Tensor) -> Result<()> {
        self.index_combine(index, value, ScatterMode::Set)
    }

    /// Combines `value` with the part of the tensor that a subscript names; an element named twice is combined twice.
    ///
    /// # Errors
    /// As [`Tensor::index_put`].
    pub fn index_combine(&self, index: &[Index], value: &Tensor, mode: ScatterMode) -> Result<()> {
        if !self.storage().is_writable() {
            return Err(Error::ReadOnly { op: "index" });
        }
        if let [Index::BoolMask(mask)] = index
            && mode == ScatterMode::Set
            && mask.shape() == self.shape()
            && value.size() == 1
            && value.ndim() <= 1
        {
            let value = value.astype(self.dtype())?.reshape(&[])?.broadcast_to(self.shape())?;
            return self.backend()?.select(mask, &value, self, self);
        }
        let prepared = prepare(self, index)?;
        if prepared.indices.is_empty() && mode == ScatterMode::Set {
            return prepared.view.assign(value);
        }
        let shape = prepared.result_shape();
        let mut value = value.to_device(self.device())?.astype(self.dtype())?;
        if value.may_share_memory(self) {
            value = value.copy()?;
        }
        while value.ndim() > shape.len() && value.shape()[0] == 1 {
            value = value.select(0, 0)?;
        }
        let value = value.broadcast_for("index", &shape)?;
        if prepared.indices.is_empty() {
            // A view names every element once, so the combination is elementwise.
            let one = Tensor::scalar(0i64)?.reshape(&[1])?;
            let view = prepared.view.with_layout(prepared.view.layout().insert_axis(0));
            let value = value.with_layout(value.layout().insert_axis(0));
            return self.backend()?.scatter(&view, &[one], 0, &value, mode);
        }
        self.backend()?.scatter(&prepared.view, &prepared.indices, prepared.at, &value, mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x() -> Tensor {
        Tensor::from_vec((0..24i64).collect(), &[2, 3, 4]).unwrap()
    }

    fn arr(v: &[i64]) -> Index {
        Index::IntArray(Tensor::from_slice(v, &[v.len()]).unwrap())
    }

    fn mask(v: &[bool], shape: &[usize]) -> Index {
        Index::BoolMask(Tensor::from_slice(v, shape).unwrap())
    }

    fn slice(start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Index {
        Index::Slice { start, stop, step }
    }

    #[test]
    fn mixed_subscripts_agree_with_numpy() {
        use Index::{Ellipsis, Int, NewAxis};
        let cases: Vec<(Vec<Index>, &[usize], i64)> = vec![
            // (subscript, shape, sum of the elements), from NumPy 2.4 on arange(24).reshape(2, 3, 4).
            (vec![], &[2, 3, 4], 276),
            (vec![Int(-1)], &[3, 4], 210),
            (vec![slice(None, None, Some(-1)), Int(1), slice(Some(-1), Some(0), Some(-2))], &[2, 2], 48),
            (vec![Index::FULL, arr(&[0]), Ellipsis, arr(&[1])], &[1, 2], 14),
            (vec![Index::FULL, arr(&[0]), arr(&[1])], &[2, 1], 14),
            (vec![Index::FULL, Int(0), arr(&[1, 1])], &[2, 2], 28),
            (vec![Int(0), Index::FULL, arr(&[1, 1])], &[2, 3], 30),
            (vec![Index::FULL, arr(&[0, 1]), NewAxis, arr(&[1, 2])], &[2, 2, 1], 38),
            (vec![NewAxis, arr(&[1, 0])], &[1, 2, 3, 4], 276),
            (vec![mask(&[true, false, true, false, false, true], &[2, 3])], &[3, 4], 6 + 38 + 86),
            (vec![Index::FULL, mask(&[true, false, true], &[3])], &[2, 2, 4], 184),
            (vec![Ellipsis, mask(&[false, false, true, true], &[4]), NewAxis], &[2, 3, 2, 1], 150),
            (vec![mask(&[true], &[])], &[1, 2, 3, 4], 276),
            (vec![mask(&[false], &[])], &[0, 2, 3, 4], 0),
            (vec![arr(&[])], &[0, 3, 4], 0),
            (vec![mask(&[], &[0, 3])], &[0, 4], 0),
            (vec![Index::FULL, mask(&[], &[3, 0])], &[2, 0], 0),
        ];
        for (index, shape, total) in cases {
            let got = x().index(&index).unwrap();
            assert_eq!(got.shape(), shape, "{index:?}");
            assert_eq!(got.to_vec::<i64>().unwrap().iter().sum::<i64>(), total, "{index:?}");
        }
    }

    #[test]
    fn writing_reaches_exactly_the_named_elements() {
        let t = x();
        t.index_put(&[Index::Int(0), Index::FULL, arr(&[1, 3])], &Tensor::from_slice(&[-1i64, -2], &[2]).unwrap()).unwrap_err();
        t.index_put(&[Index::Int(0), Index::FULL, arr(&[1, 3])], &Tensor::from_slice(&[-1i64, -2], &[2, 1]).unwrap()).unwrap();
        assert_eq!(t.to_vec::<i64>().unwrap()[..12], [0, -1, 2, -2, 4, -1, 6, -2, 8, -1, 10, -2]);
        let t = Tensor::from_slice(&[1.0, f64::NAN, 3.0], &[3]).unwrap();
        t.index_put(&[mask(&[false, true, false], &[3])], &Tensor::scalar(0i64).unwrap()).unwrap();
        assert_eq!(t.to_vec::<f64>().unwrap(), [1.0, 0.0, 3.0]);
        let t = Tensor::from_slice(&[0i64; 3], &[3]).unwrap();
        t.index_combine(&[arr(&[0, 2, 0])], &Tensor::scalar(1i64).unwrap(), ScatterMode::Add).unwrap();
        assert_eq!(t.to_vec::<i64>().unwrap(), [2, 0, 1]);
    }

    #[test]
    fn wrong_subscripts_are_index_errors() {
        assert!(matches!(x().index(&[Index::Int(2)]), Err(Error::OutOfBounds { index: 2, axis: 0, size: 2, .. })));
        assert!(matches!(x().index(&[arr(&[0, -3])]), Err(Error::OutOfBounds { index: -3, .. })));
        assert!(x().index(&[Index::Int(0), Index::Int(0), Index::Int(0), Index::Int(0)]).is_err());
        assert!(x().index(&[mask(&[true, false, true], &[3])]).is_err());
        assert!(x().index(&[Index::Ellipsis, Index::Ellipsis]).is_err());
    }

    #[test]
    fn slices_are_pythons() {
        assert_eq!(slice_range(None, None, Some(-1), 5), Ok((4, 5, -1)));
        assert_eq!(slice_range(Some(-100), Some(100), None, 5), Ok((0, 5, 1)));
        assert_eq!(slice_range(Some(100), Some(-100), Some(-2), 5), Ok((4, 3, -2)));
        assert_eq!(slice_range(Some(3), Some(1), None, 5), Ok((3, 0, 1)));
        assert_eq!(slice_range(None, None, Some(i64::MIN), 5).unwrap().1, 1);
        assert!(slice_range(None, None, Some(0), 5).is_err());
    }
}
