//! Shuffles, permutations and choices: which indices are drawn, and tensors rearranged by them.

use std::collections::HashSet;

use super::bits::BitSource;
use super::bounded::{self, Buffer, Method, Word};
use super::params::{Size, filled};
use crate::dispatch;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::{Shape, normalize_axis};
use crate::storage::Device;
use crate::tensor::Tensor;

/// The order in which a shuffle of `n` items puts them: place `i` of the result takes item `order[i]`.
///
/// # Errors
/// [`Error::OutOfMemory`].
pub(crate) fn shuffled<S: BitSource>(source: &mut S, n: usize) -> Result<Vec<i64>> {
    let mut order = crate::memory::zeros::<i64>(n)?;
    shuffle_into(source, &mut order);
    Ok(order)
}

/// As [`shuffled`], into memory that is there.
fn shuffle_into<S: BitSource>(source: &mut S, order: &mut [i64]) {
    order.iter_mut().zip(0..).for_each(|(slot, i)| *slot = i);
    for i in (1..order.len()).rev() {
        order.swap(i, bounded::interval(source, i as u64) as usize);
    }
}

/// The shuffle inside `choice`, which draws by Lemire's method and may stop early.
fn shuffle_choice<S: BitSource>(source: &mut S, first: usize, items: &mut [i64]) {
    for i in (first..items.len()).rev() {
        let j = u64::bounded(source, i as u64, Method::Lemire, &mut Buffer::default());
        items.swap(i, j as usize);
    }
}

/// Distinct integers below `population` without weights: the tail of a shuffle for large shares, else Floyd's method.
pub(crate) fn sample_without_replacement<S: BitSource>(source: &mut S, population: usize, count: usize, shuffle: bool) -> Result<Vec<i64>> {
    let cutoff = if shuffle { 50 } else { 20 };
    if population > 10_000 && count > population / cutoff {
        let mut items = crate::memory::zeros::<i64>(population)?;
        items.iter_mut().zip(0..).for_each(|(slot, i)| *slot = i);
        shuffle_choice(source, (population - count).max(1), &mut items);
        return Ok(items.split_off(population - count));
    }
    let mut seen = HashSet::with_capacity(count);
    let mut out = Vec::with_capacity(count);
    for j in population - count..population {
        let value = u64::bounded(source, j as u64, Method::Lemire, &mut Buffer::default());
        let value = if seen.insert(value) { value } else { j as u64 };
        seen.insert(value);
        out.push(value as i64);
    }
    if shuffle {
        shuffle_choice(source, 1, &mut out);
    }
    Ok(out)
}

/// Checked probabilities of a weighted choice.
///
/// # Errors
/// [`Error::Value`] when they are not one-dimensional, of another number than the population, negative, NaN, or do
/// not sum to 1 within the square root of the dtype's precision.
pub(crate) fn probabilities(op: &'static str, p: &Tensor, population: usize) -> Result<Vec<f64>> {
    let fail = |message: &str| Err(Error::value(op, message));
    if p.ndim() != 1 {
        return fail("p must be 1-dimensional");
    }
    if p.size() != population {
        return fail("a and p must have same size");
    }
    let precision = match p.dtype() {
        DType::Float32 => f64::from(f32::EPSILON),
        DType::Float16 => f64::powi(2.0, -10),
        DType::BFloat16 => f64::powi(2.0, -7),
        _ => f64::EPSILON,
    };
    let values = p.cast_vec::<f64>()?;
    let sum = kahan_sum(&values);
    if sum.is_nan() {
        return fail("Probabilities contain NaN");
    }
    if values.iter().any(|&v| v < 0.0) {
        return fail("Probabilities are not non-negative");
    }
    if (sum - 1.0).abs() > precision.sqrt() {
        return fail("Probabilities do not sum to 1; divide them by their sum");
    }
    Ok(values)
}

/// Compensated sum, which the checks of probabilities use.
pub(crate) fn kahan_sum(values: &[f64]) -> f64 {
    let Some((&first, rest)) = values.split_first() else { return 0.0 };
    let (mut sum, mut lost) = (first, 0.0);
    for &value in rest {
        let y = value - lost;
        let t = sum + y;
        lost = (t - sum) - y;
        sum = t;
    }
    sum
}

fn cumulative(p: &[f64]) -> Vec<f64> {
    let mut total = 0.0;
    let mut cdf: Vec<f64> = p
        .iter()
        .enumerate()
        .map(|(i, &v)| {
            total = if i == 0 { v } else { total + v };
            total
        })
        .collect();
    cdf.iter_mut().for_each(|v| *v /= total);
    cdf
}

fn search(cdf: &[f64], x: f64) -> i64 {
    cdf.partition_point(|&c| c <= x) as i64
}

/// Weighted draws with replacement.
pub(crate) fn weighted<S: BitSource>(source: &mut S, p: &[f64], count: usize) -> Result<Vec<i64>> {
    let cdf = cumulative(p);
    let mut out = crate::memory::zeros::<i64>(count)?;
    out.iter_mut().for_each(|slot| *slot = search(&cdf, source.next_f64()));
    Ok(out)
}

/// Weighted draws without replacement: rounds of draws, after each of which the weights of what was found become 0.
pub(crate) fn weighted_distinct<S: BitSource>(op: &'static str, source: &mut S, mut p: Vec<f64>, count: usize) -> Result<Vec<i64>> {
    if p.iter().filter(|&&v| v > 0.0).count() < count {
        return Err(Error::value(op, "Fewer non-zero entries in p than size"));
    }
    let mut found: Vec<i64> = Vec::with_capacity(count);
    let mut seen = HashSet::new();
    while found.len() < count {
        let draws: Vec<f64> = (found.len()..count).map(|_| source.next_f64()).collect();
        for &index in &found {
            p[index as usize] = 0.0;
        }
        let cdf = cumulative(&p);
        for x in draws {
            let index = search(&cdf, x);
            if seen.insert(index) {
                found.push(index);
            }
        }
    }
    Ok(found)
}

/// What a choice draws from, and how.
pub(crate) struct Choice<'a> {
    pub(crate) op: &'static str,
    pub(crate) population: usize,
    pub(crate) replace: bool,
    pub(crate) p: Option<&'a Tensor>,
    pub(crate) shuffle: bool,
    /// `RandomState`: masked rejection, and a whole permutation where `Generator` samples.
    pub(crate) legacy: bool,
}

impl Choice<'_> {
    /// The chosen indices as an `int64` tensor of the given shape.
    ///
    /// # Errors
    /// [`Error::Value`] for an empty population, bad probabilities, or more draws without replacement than items.
    pub(crate) fn indices<S: BitSource>(&self, source: &mut S, size: &Size) -> Result<Tensor> {
        let Choice { op, population, .. } = *self;
        let count = crate::layout::checked_size(op, size.shape())?;
        if population == 0 && count != 0 {
            return Err(Error::value(op, "a must be a positive integer unless no samples are taken"));
        }
        let p = self.p.map(|p| probabilities(op, p, population)).transpose()?;
        if !self.replace && count > population {
            let message = "Cannot take a larger sample than population when replace is False";
            return Err(Error::value(op, message));
        }
        let indices = match (p, self.replace) {
            (Some(p), true) => weighted(source, &p, count)?,
            (Some(p), false) => weighted_distinct(op, source, p, count)?,
            (None, true) if count == 0 => Vec::new(),
            (None, true) => {
                let method = if self.legacy { Method::Masked } else { Method::Lemire };
                let mut out = crate::memory::zeros::<u64>(count)?;
                bounded::fill(source, 0, population as u64 - 1, method, &mut out);
                out.into_iter().map(|v| v as i64).collect()
            }
            (None, false) if self.legacy => {
                let mut order = shuffled(source, population)?;
                order.truncate(count);
                order
            }
            (None, false) => sample_without_replacement(source, population, count, self.shuffle)?,
        };
        Tensor::from_vec(indices, size.shape())
    }
}

/// Items of `x` along an axis in the order of `indices` (which must be in range); the axis takes `indices`' length.
pub(crate) fn take(op: &'static str, x: &Tensor, indices: &[i64], axis: usize) -> Result<Tensor> {
    let x = x.to_device(Device::Cpu)?.contiguous()?;
    let mut shape = Shape::from_slice(x.shape());
    let length = shape[axis];
    shape[axis] = indices.len();
    let inner: usize = shape[axis + 1..].iter().product();
    dispatch!(x.dtype(), T => {
        let data = x.as_slice::<T>()?;
        filled(op, &shape, |out: &mut [T]| {
            if out.is_empty() {
                return;
            }
            for (block, source) in
                out.chunks_exact_mut(indices.len() * inner).zip(data.chunks_exact(length * inner))
            {
                for (row, &index) in block.chunks_exact_mut(inner).zip(indices) {
                    row.copy_from_slice(&source[index as usize * inner..][..inner]);
                }
            }
        })
    })
}

/// A copy of `x` whose slices along `axis` are in a random order.
pub(crate) fn permutation<S: BitSource>(op: &'static str, source: &mut S, x: &Tensor, axis: i64) -> Result<Tensor> {
    let axis = normalize_axis(op, axis, x.shape())?;
    let order = shuffled(source, x.shape()[axis])?;
    take(op, x, &order, axis)
}

/// Whether a copy that keeps the order of the axes in memory would be column-major and not row-major.
fn keeps_column_major(x: &Tensor) -> bool {
    let strides = x.shape().iter().zip(x.strides()).filter(|(n, _)| **n > 1).map(|(_, s)| s.abs());
    let strides: Vec<isize> = strides.collect();
    strides.len() > 1 && strides.is_sorted()
}

/// A copy of `x` with the elements along `axis` shuffled independently in every line, or all elements with no axis.
pub(crate) fn permuted<S: BitSource>(op: &'static str, source: &mut S, x: &Tensor, axis: Option<i64>) -> Result<Tensor> {
    let Some(axis) = axis else {
        // NumPy shuffles in memory order, so a column-major array is shuffled through its transpose.
        let flipped = keeps_column_major(x);
        let view = if flipped { x.transpose() } else { x.clone() };
        let order = shuffled(source, x.size())?;
        let flat = take(op, &view.reshape(&[x.size()])?, &order, 0)?.reshape(view.shape())?;
        return Ok(if flipped { flat.transpose() } else { flat });
    };
    let axis = normalize_axis(op, axis, x.shape())?;
    let x = x.to_device(Device::Cpu)?.contiguous()?;
    let length = x.shape()[axis];
    let inner: usize = x.shape()[axis + 1..].iter().product();
    let mut order = crate::memory::zeros::<i64>(length)?;
    dispatch!(x.dtype(), T => {
        let data = x.as_slice::<T>()?;
        filled(op, x.shape(), |out: &mut [T]| {
            for start in (0..out.len()).step_by((length * inner).max(1)) {
                for column in start..start + inner {
                    shuffle_into(source, &mut order);
                    for (i, &from) in order.iter().enumerate() {
                        out[column + i * inner] = data[column + from as usize * inner];
                    }
                }
            }
        })
    })
}

/// [`take`] with indices of any shape: the axis is replaced by the axes of `indices`.
pub(crate) fn take_shaped(op: &'static str, x: &Tensor, indices: &Tensor, axis: usize) -> Result<Tensor> {
    let flat = take(op, x, &indices.to_vec::<i64>()?, axis)?;
    let mut shape = Shape::from_slice(&x.shape()[..axis]);
    shape.extend_from_slice(indices.shape());
    shape.extend_from_slice(&x.shape()[axis + 1..]);
    flat.reshape(&shape)
}
