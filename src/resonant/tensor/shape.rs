//! Rearrangements: numbers and mode norms move together, nothing is computed.

use purify_ops::{DType, Tensor, normalize_axes, normalize_axis};

use super::elementwise::broadcast_index;
use super::{ResonantTensor, size_of};
use crate::error::{Error, Result};

/// A shape as three lengths around an axis.
fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product())
}

/// Indices as places on an axis of the given length; negative ones count from the end.
fn places(op: &'static str, indices: &Tensor, length: usize) -> Result<Vec<usize>> {
    if !indices.dtype().is_integer() {
        return Err(Error::value(op, format!("indices are integers, not {}", indices.dtype())));
    }
    let all = indices.astype(DType::Int64)?.to_vec::<i64>()?;
    all.into_iter()
        .map(|i| {
            let at = if i < 0 { i + length as i64 } else { i };
            usize::try_from(at)
                .ok()
                .filter(|&at| at < length)
                .ok_or_else(|| Error::Index { op, message: format!("index {i} is out of bounds for an axis of length {length}") })
        })
        .collect()
}

impl ResonantTensor {
    /// The elements at the given places of the row-major order.
    fn pick(&self, op: &'static str, at: impl IntoIterator<Item = usize>, shape: &[usize]) -> Result<ResonantTensor> {
        let (lattice, norms) = at.into_iter().map(|i| (self.lattice[i].clone(), self.norms[i])).unzip();
        ResonantTensor::build(op, lattice, shape, norms, self.precision)
    }

    /// The same elements in another shape; one length may be -1.
    ///
    /// # Errors
    /// [`Error::Shape`] if the number of elements differs, [`Error::Phase`] in flux.
    pub fn reshape(&self, shape: &[i64]) -> Result<ResonantTensor> {
        let op = "reshape";
        self.crystallized(op)?;
        let fail = || Error::shape(op, format!("{:?} has {} elements, which do not fill {shape:?}", self.shape, self.size()));
        let known: usize = shape.iter().filter(|&&d| d >= 0).map(|&d| d as usize).product();
        let mut out = Vec::with_capacity(shape.len());
        for &d in shape {
            out.push(match d {
                0.. => d as usize,
                -1 if shape.iter().filter(|&&d| d == -1).count() == 1 && known > 0 && self.size().is_multiple_of(known) => {
                    self.size() / known
                }
                _ => return Err(fail()),
            });
        }
        if size_of(op, &out)? != self.size() {
            return Err(fail());
        }
        ResonantTensor::build(op, self.lattice.clone(), &out, self.norms.clone(), self.precision)
    }

    /// The axes in another order.
    ///
    /// # Errors
    /// For axes that are not each named once, [`Error::Phase`] in flux.
    pub fn permute(&self, axes: &[i64]) -> Result<ResonantTensor> {
        let op = "permute";
        self.crystallized(op)?;
        if axes.len() != self.ndim() {
            return Err(Error::shape(op, format!("{} axes named for shape {:?}", axes.len(), self.shape)));
        }
        let axes = normalize_axes(op, axes, &self.shape)?;
        let mut strides = vec![1usize; self.ndim()];
        for axis in (1..self.ndim()).rev() {
            strides[axis - 1] = strides[axis] * self.shape[axis];
        }
        let shape: Vec<usize> = axes.iter().map(|&a| self.shape[a]).collect();
        let mut at: Vec<usize> = vec![0];
        for &axis in &axes {
            at = at
                .into_iter()
                .flat_map(|base| (0..self.shape[axis]).map(move |i| (base, i)))
                .map(|(base, i)| base + i * strides[axis])
                .collect();
        }
        self.pick(op, at, &shape)
    }

    /// Two axes exchanged.
    ///
    /// # Errors
    /// For axes out of range, [`Error::Phase`] in flux.
    pub fn transpose(&self, first: i64, second: i64) -> Result<ResonantTensor> {
        let (i, j) = (normalize_axis("transpose", first, &self.shape)?, normalize_axis("transpose", second, &self.shape)?);
        let mut axes: Vec<i64> = (0..self.ndim() as i64).collect();
        axes.swap(i, j);
        self.permute(&axes)
    }

    /// Tensors joined along an axis; all other axes agree.
    ///
    /// # Errors
    /// [`Error::Value`] for an empty list, [`Error::Shape`] for shapes that do not fit.
    pub fn concat(tensors: &[&ResonantTensor], axis: i64) -> Result<ResonantTensor> {
        let op = "concat";
        let first = tensors.first().ok_or_else(|| Error::value(op, "needs at least one tensor"))?;
        let axis = normalize_axis(op, axis, &first.shape)?;
        for t in tensors {
            t.crystallized(op)?;
            let same = t.ndim() == first.ndim() && t.shape.iter().zip(&first.shape).enumerate().all(|(i, (a, b))| i == axis || a == b);
            if !same {
                return Err(Error::shape(op, format!("shapes {:?} and {:?} differ outside axis {axis}", first.shape, t.shape)));
            }
        }
        let (outer, _, inner) = around(&first.shape, axis);
        let (mut lattice, mut norms) = (Vec::new(), Vec::new());
        for o in 0..outer {
            for t in tensors {
                let run = t.shape[axis] * inner;
                lattice.extend_from_slice(&t.lattice[o * run..(o + 1) * run]);
                norms.extend_from_slice(&t.norms[o * run..(o + 1) * run]);
            }
        }
        let mut shape = first.shape.clone();
        shape[axis] = tensors.iter().map(|t| t.shape[axis]).sum();
        let precision = tensors.iter().map(|t| t.precision).max().unwrap_or(first.precision);
        ResonantTensor::build(op, lattice, &shape, norms, precision)
    }

    /// The entries of an axis at the given indices, in that order.
    ///
    /// # Errors
    /// [`Error::Index`] for indices out of range, [`Error::Shape`] unless they are a vector, [`Error::Phase`] in flux.
    pub fn index_select(&self, axis: i64, indices: &Tensor) -> Result<ResonantTensor> {
        let op = "index_select";
        self.crystallized(op)?;
        if indices.ndim() != 1 {
            return Err(Error::shape(op, format!("the indices are a vector, not of shape {:?}", indices.shape())));
        }
        let axis = normalize_axis(op, axis, &self.shape)?;
        let (outer, length, inner) = around(&self.shape, axis);
        let chosen = places(op, indices, length)?;
        let mut shape = self.shape.clone();
        shape[axis] = chosen.len();
        let at = (0..outer).flat_map(|o| chosen.iter().flat_map(move |&i| (0..inner).map(move |r| (o * length + i) * inner + r)));
        self.pick(op, at, &shape)
    }

    /// The elements where a mask, broadcast to the shape, is true, as a vector.
    ///
    /// # Errors
    /// [`Error::Shape`] if the mask does not broadcast, [`Error::Value`] if it is not boolean, [`Error::Phase`] in flux.
    pub fn masked_select(&self, mask: &Tensor) -> Result<ResonantTensor> {
        let op = "masked_select";
        self.crystallized(op)?;
        if mask.dtype() != DType::Bool {
            return Err(Error::value(op, format!("the mask is boolean, not {}", mask.dtype())));
        }
        let fits = mask.ndim() <= self.ndim() && mask.shape().iter().rev().zip(self.shape.iter().rev()).all(|(m, s)| m == s || *m == 1);
        if !fits {
            return Err(Error::shape(op, format!("a mask of shape {:?} does not broadcast to {:?}", mask.shape(), self.shape)));
        }
        let bits = mask.to_vec::<bool>()?;
        let at: Vec<usize> =
            broadcast_index(mask.shape(), &self.shape).into_iter().enumerate().filter(|(_, m)| bits[*m]).map(|(i, _)| i).collect();
        let n = at.len();
        self.pick(op, at, &[n])
    }

    /// Where each element of an index tensor points along an axis, as places in `self` and their shape.
    fn along(&self, op: &'static str, axis: i64, index: &Tensor) -> Result<Vec<usize>> {
        self.crystallized(op)?;
        let axis = normalize_axis(op, axis, &self.shape)?;
        let fits = index.ndim() == self.ndim() && index.shape().iter().zip(&self.shape).enumerate().all(|(i, (a, b))| i == axis || a <= b);
        if !fits {
            return Err(Error::shape(op, format!("an index of shape {:?} does not fit {:?} along axis {axis}", index.shape(), self.shape)));
        }
        let chosen = places(op, index, self.shape[axis])?;
        let mut at = vec![0usize; index.ndim()];
        let mut out = Vec::with_capacity(chosen.len());
        for i in chosen {
            let place = (0..at.len()).fold(0, |sum, d| sum * self.shape[d] + if d == axis { i } else { at[d] });
            out.push(place);
            for d in (0..at.len()).rev() {
                at[d] += 1;
                if at[d] < index.shape()[d] {
                    break;
                }
                at[d] = 0;
            }
        }
        Ok(out)
    }

    /// `out[i][j][k] = self[index[i][j][k]][j][k]` for axis 0, and likewise for the others.
    ///
    /// # Errors
    /// [`Error::Index`] for indices out of range, [`Error::Shape`] for an index that does not fit, [`Error::Phase`] in flux.
    pub fn gather(&self, axis: i64, index: &Tensor) -> Result<ResonantTensor> {
        let at = self.along("gather", axis, index)?;
        self.pick("gather", at, index.shape())
    }

    /// `self[index[i][j][k]][j][k] = source[i][j][k]` for axis 0, and likewise for the others; the last of several
    /// values for one place stays.
    ///
    /// # Errors
    /// As [`ResonantTensor::gather`], and [`Error::Shape`] if source and index differ in shape.
    pub fn scatter(&self, axis: i64, index: &Tensor, source: &ResonantTensor) -> Result<ResonantTensor> {
        let op = "scatter";
        source.crystallized(op)?;
        if source.shape != index.shape() {
            return Err(Error::shape(op, format!("the source has shape {:?}, the index {:?}", source.shape, index.shape())));
        }
        let at = self.along(op, axis, index)?;
        let mut out = self.clone();
        for (place, value) in at.into_iter().zip(&source.lattice) {
            out.lattice[place] = value.clone();
        }
        out.precision = self.precision.max(source.precision);
        out.syntony = std::sync::OnceLock::new();
        Ok(out)
    }
}
