//! Shape, strides and offset of a tensor, apart from its storage: every view is a change of layout.

use smallvec::SmallVec;

use crate::error::{Error, Result};

/// Lengths of the axes. Up to six axes need no allocation.
pub type Shape = SmallVec<[usize; 6]>;
/// Steps between neighbours along each axis, counted in elements; may be zero or negative.
pub type Strides = SmallVec<[isize; 6]>;

/// The largest number of dimensions, as in NumPy.
pub const MAX_NDIM: usize = 64;

/// How the elements of a tensor lie in its storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    shape: Shape,
    strides: Strides,
    offset: usize,
}

/// The number of elements of a shape, or an error if it (or its size in bytes at 16 bytes per
/// element) does not fit the address space.
pub fn checked_size(op: &'static str, shape: &[usize]) -> Result<usize> {
    let too_large = || Error::TooLarge { op, shape: shape.to_vec() };
    // As in NumPy, the non-zero lengths alone must be addressable, even if another one is zero.
    let mut nonzero = 1usize;
    for &n in shape.iter().filter(|&&n| n != 0) {
        nonzero = nonzero.checked_mul(n).ok_or_else(too_large)?;
    }
    if nonzero > isize::MAX as usize / 16 {
        return Err(too_large());
    }
    Ok(if shape.contains(&0) { 0 } else { nonzero })
}

/// Strides of a C-contiguous tensor of this shape.
pub fn contiguous_strides(shape: &[usize]) -> Strides {
    let mut strides: Strides = SmallVec::from_elem(0, shape.len());
    let mut step = 1isize;
    for (s, &n) in strides.iter_mut().zip(shape).rev() {
        *s = step;
        step = step.wrapping_mul(n.max(1) as isize);
    }
    strides
}

/// Normalises a possibly negative axis.
#[inline]
pub fn normalize_axis(op: &'static str, axis: i64, shape: &[usize]) -> Result<usize> {
    let ndim = shape.len() as i64;
    let i = if axis < 0 { axis + ndim } else { axis };
    if (0..ndim).contains(&i) { Ok(i as usize) } else { Err(Error::Axis { op, axis, shape: shape.to_vec() }) }
}

/// Normalises several axes and rejects repetitions. The order is kept.
pub fn normalize_axes(op: &'static str, axes: &[i64], shape: &[usize]) -> Result<SmallVec<[usize; 6]>> {
    let mut out: SmallVec<[usize; 6]> = SmallVec::new();
    for &axis in axes {
        let i = normalize_axis(op, axis, shape)?;
        if out.contains(&i) {
            return Err(Error::RepeatedAxis { op, axis });
        }
        out.push(i);
    }
    Ok(out)
}

/// The shape that all `shapes` broadcast to.
pub fn broadcast_shape(op: &'static str, shapes: &[&[usize]]) -> Result<Shape> {
    let ndim = shapes.iter().map(|s| s.len()).max().unwrap_or(0);
    let mut out: Shape = SmallVec::from_elem(1, ndim);
    for shape in shapes {
        for (o, &n) in out[ndim - shape.len()..].iter_mut().zip(shape.iter()) {
            if *o == n || n == 1 {
                continue;
            }
            if *o != 1 {
                return Err(Error::Broadcast { op, shapes: shapes.iter().map(|s| s.to_vec()).collect() });
            }
            *o = n;
        }
    }
    Ok(out)
}

impl Layout {
    /// C-contiguous layout of a shape.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if the size overflows, [`Error::Value`] above 64 dimensions.
    pub fn contiguous(op: &'static str, shape: &[usize]) -> Result<Layout> {
        if shape.len() > MAX_NDIM {
            return Err(Error::value(op, format!("{} dimensions; at most {MAX_NDIM} are supported", shape.len())));
        }
        checked_size(op, shape)?;
        Ok(Layout { shape: Shape::from_slice(shape), strides: contiguous_strides(shape), offset: 0 })
    }

    /// A layout from its parts. The caller answers for it fitting the storage it is used with.
    pub fn new(shape: &[usize], strides: &[isize], offset: usize) -> Layout {
        debug_assert_eq!(shape.len(), strides.len());
        Layout { shape: Shape::from_slice(shape), strides: Strides::from_slice(strides), offset }
    }

    /// The same shape and strides from another first element on.
    #[inline]
    pub fn at(&self, offset: usize) -> Layout {
        Layout { shape: Shape::from_slice(&self.shape), strides: Strides::from_slice(&self.strides), offset }
    }

    /// Lengths of the axes.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Strides in elements.
    #[inline]
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// Index of the first element in the storage.
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Number of axes.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// Number of elements.
    #[inline]
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the elements lie one after another in row-major order.
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        let mut step = 1isize;
        for (&n, &s) in self.shape.iter().zip(&self.strides).rev() {
            if n == 0 {
                return true;
            }
            if n != 1 {
                if s != step {
                    return self.shape.contains(&0);
                }
                step *= n as isize;
            }
        }
        true
    }

    /// Whether the elements lie one after another in column-major order.
    pub fn is_f_contiguous(&self) -> bool {
        self.reversed().is_contiguous()
    }

    /// All axes in reverse order.
    pub fn reversed(&self) -> Layout {
        Layout {
            shape: self.shape.iter().rev().copied().collect(),
            strides: self.strides.iter().rev().copied().collect(),
            offset: self.offset,
        }
    }

    /// Axes in the order given; `axes` must be a permutation.
    pub fn permute(&self, axes: &[usize]) -> Layout {
        Layout {
            shape: axes.iter().map(|&a| self.shape[a]).collect(),
            strides: axes.iter().map(|&a| self.strides[a]).collect(),
            offset: self.offset,
        }
    }

    /// Broadcasts to a shape: missing leading axes and axes of length one get stride zero.
    pub fn broadcast_to(&self, op: &'static str, shape: &[usize]) -> Result<Layout> {
        let fail = || Error::Broadcast { op, shapes: vec![self.shape.to_vec(), shape.to_vec()] };
        if shape.len() < self.ndim() {
            return Err(fail());
        }
        if shape.len() > MAX_NDIM {
            return Err(Error::value(op, format!("{} dimensions; at most {MAX_NDIM} are supported", shape.len())));
        }
        let lead = shape.len() - self.ndim();
        let mut strides: Strides = SmallVec::from_elem(0, shape.len());
        for (i, (&n, &s)) in self.shape.iter().zip(&self.strides).enumerate() {
            if n == shape[lead + i] {
                strides[lead + i] = if n == 1 { 0 } else { s };
            } else if n != 1 {
                return Err(fail());
            }
        }
        Ok(Layout { shape: Shape::from_slice(shape), strides, offset: self.offset })
    }

    /// The same elements under another shape without moving them, if the strides allow it.
    pub fn reshape(&self, shape: &[usize]) -> Option<Layout> {
        if self.is_contiguous() {
            return Some(Layout { shape: Shape::from_slice(shape), strides: contiguous_strides(shape), offset: self.offset });
        }
        // Merge runs of old axes that are contiguous among themselves, then split them anew.
        let old: SmallVec<[(usize, isize); 6]> =
            self.shape.iter().copied().zip(self.strides.iter().copied()).filter(|&(n, _)| n != 1).collect();
        let mut strides: Strides = SmallVec::from_elem(0, shape.len());
        let (mut i, mut j) = (0, 0);
        while i < old.len() && j < shape.len() {
            let (mut have, mut want) = (old[i].0, shape[j]);
            let (i0, j0) = (i, j);
            while have != want {
                if have < want {
                    i += 1;
                    have *= old.get(i)?.0;
                } else {
                    j += 1;
                    want *= *shape.get(j)?;
                }
            }
            if (i0..i).any(|k| old[k].1 != old[k + 1].1 * old[k + 1].0 as isize) {
                return None;
            }
            let mut step = old[i].1;
            for k in (j0..=j).rev() {
                strides[k] = step;
                step *= shape[k] as isize;
            }
            i += 1;
            j += 1;
        }
        if i < old.len() || shape[j..].iter().any(|&n| n != 1) {
            return None;
        }
        Some(Layout { shape: Shape::from_slice(shape), strides, offset: self.offset })
    }

    /// Elements `start`, `start + step`, ... (`len` of them) along an axis.
    pub fn slice(&self, axis: usize, start: usize, len: usize, step: isize) -> Layout {
        let mut out = self.clone();
        if len > 0 {
            out.offset = (out.offset as isize + start as isize * out.strides[axis]) as usize;
        }
        out.shape[axis] = len;
        out.strides[axis] *= step;
        out
    }

    /// The sub-layout at one index along an axis, which disappears.
    pub fn select(&self, axis: usize, index: usize) -> Layout {
        let mut out = self.slice(axis, index, 1, 1);
        out.shape.remove(axis);
        out.strides.remove(axis);
        out
    }

    /// Inserts an axis of length one before `axis`.
    pub fn insert_axis(&self, axis: usize) -> Layout {
        let mut out = self.clone();
        out.shape.insert(axis, 1);
        out.strides.insert(axis, 0);
        out
    }

    /// Removes an axis of length one.
    pub fn remove_axis(&self, axis: usize) -> Layout {
        debug_assert_eq!(self.shape[axis], 1);
        let mut out = self.clone();
        out.shape.remove(axis);
        out.strides.remove(axis);
        out
    }

    /// The lowest and highest element index touched; `None` without elements.
    pub fn span(&self) -> Option<(isize, isize)> {
        if self.shape.contains(&0) {
            return None;
        }
        let (mut lo, mut hi) = (self.offset as isize, self.offset as isize);
        for (&n, &s) in self.shape.iter().zip(&self.strides) {
            let reach = (n as isize - 1) * s;
            if reach < 0 {
                lo += reach;
            } else {
                hi += reach;
            }
        }
        Some((lo, hi))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(shape: &[usize]) -> Layout {
        Layout::contiguous("test", shape).unwrap()
    }

    #[test]
    fn sizes_that_overflow_are_errors() {
        assert_eq!(checked_size("zeros", &[3, 0, 5]), Ok(0));
        assert!(checked_size("zeros", &[usize::MAX, 2]).is_err());
        assert!(checked_size("zeros", &[1 << 40, 1 << 40, 0]).is_err());
        assert_eq!(checked_size("zeros", &[]), Ok(1));
    }

    #[test]
    fn broadcasting_follows_the_standard() {
        assert_eq!(broadcast_shape("t", &[&[8, 1, 6, 1], &[7, 1, 5]]).unwrap().as_slice(), &[8, 7, 6, 5]);
        assert_eq!(broadcast_shape("t", &[&[0], &[1]]).unwrap().as_slice(), &[0]);
        assert!(broadcast_shape("t", &[&[2], &[3]]).is_err());
        assert_eq!(layout(&[3, 1]).broadcast_to("t", &[2, 3, 4]).unwrap().strides(), &[0, 1, 0]);
    }

    #[test]
    fn reshape_is_a_view_exactly_when_strides_allow() {
        let t = layout(&[2, 3, 4]).permute(&[1, 0, 2]);
        assert!(t.reshape(&[6, 4]).is_none());
        assert_eq!(t.reshape(&[3, 2, 2, 2]).unwrap().strides(), &[4, 12, 2, 1]);
        let s = layout(&[4, 6]).slice(1, 0, 3, 2);
        assert_eq!(s.reshape(&[12]).unwrap().strides(), &[2]);
        let r = layout(&[5]).slice(0, 4, 5, -1);
        assert_eq!(r.reshape(&[5, 1]).unwrap().strides()[0], -1);
        assert!(layout(&[4, 6]).slice(1, 0, 2, 2).reshape(&[8]).is_none());
    }

    #[test]
    fn contiguity_ignores_axes_of_length_one() {
        assert!(Layout::new(&[1, 3], &[99, 1], 0).is_contiguous());
        assert!(Layout::new(&[0, 3], &[7, 5], 0).is_contiguous());
        assert!(!layout(&[2, 3]).reversed().is_contiguous());
        assert!(layout(&[2, 3]).reversed().is_f_contiguous());
    }
}
