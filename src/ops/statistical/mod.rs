//! Reductions: sums, means, extremes, running reductions and what is derived from them.
//!
//! `axis` is `None` for all axes or a list of axes (negative ones count from the end); with `keepdims` the reduced
//! axes stay with length one.
//!
//! ```
//! use purify_ops::{Tensor, mean, var};
//! let x = Tensor::from_vec((0..8).map(f64::from).collect(), &[2, 4])?;
//! assert_eq!(mean(&x, Some(&[-1]), false)?.to_vec::<f64>()?, [1.5, 5.5]);
//! assert_eq!(var(&x, Some(&[0]), 0.0, true)?.shape(), [1, 4]);
//! let error = mean(&x, Some(&[3]), false).unwrap_err();
//! assert_eq!(error.to_string(), "mean: axis 3 is out of range for shape [2, 4]");
//! # Ok::<(), purify_ops::Error>(())
//! ```

mod nan;
mod order;
mod pairs;

pub use nan::*;
pub use order::*;
pub use pairs::*;

use smallvec::SmallVec;

use crate::backend::{ReduceOp, ScanOp};
use crate::dtype::DType;
use crate::elementwise;
use crate::error::{Error, Result};
use crate::kernel_ops::widen;
use crate::layout::{Shape, normalize_axes, normalize_axis};
use crate::tensor::Tensor;

/// The axes to reduce, sorted.
pub(crate) fn reduced_axes(op: &'static str, x: &Tensor, axis: Option<&[i64]>) -> Result<SmallVec<[usize; 6]>> {
    match axis {
        None => Ok((0..x.ndim()).collect()),
        Some(axes) => {
            let mut axes = normalize_axes(op, axes, x.shape())?;
            axes.sort_unstable();
            Ok(axes)
        }
    }
}

/// Number of elements that each result is computed from.
pub(crate) fn count_along(x: &Tensor, axes: &[usize]) -> usize {
    axes.iter().map(|&a| x.shape()[a]).product()
}

/// The shape after a reduction.
pub(crate) fn reduced_shape(shape: &[usize], axes: &[usize], keepdims: bool) -> Shape {
    let axis_length = |(a, &n)| match (axes.contains(&a), keepdims) {
        (false, _) => Some(n),
        (true, true) => Some(1),
        (true, false) => None,
    };
    shape.iter().enumerate().filter_map(axis_length).collect()
}

fn reduce(name: &'static str, op: ReduceOp, x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    let axes = reduced_axes(name, x, axis)?;
    let out = Tensor::uninit(name, &reduced_shape(x.shape(), &axes, false), op.output(x.dtype()), x.device())?;
    x.backend()?.reduce(op, x, &axes, &out)?;
    if keepdims { out.reshape(&reduced_shape(x.shape(), &axes, true)) } else { Ok(out) }
}

/// The operand and result dtype of a sum: integers are widened to 64 bits unless a dtype is given.
fn summed(name: &'static str, op: ReduceOp, x: &Tensor, axis: Option<&[i64]>, dtype: Option<DType>, keepdims: bool) -> Result<Tensor> {
    let target = dtype.unwrap_or(widen(x.dtype()));
    // Integers keep their bits modulo any width, so only a change of kind needs converting first.
    let x = if target.is_floating() || x.dtype().is_floating() { x.astype(target)? } else { x.clone() };
    reduce(name, op, &x, axis, keepdims)?.astype(target)
}

/// Sum. Integers narrower than 64 bits are summed in 64 bits; floats pairwise.
///
/// ```
/// use purify_ops::{Tensor, sum};
/// let x = Tensor::from_vec(vec![1u8, 200, 100, 4], &[2, 2])?;
/// assert_eq!(sum(&x, None, None, false)?.to_vec::<u64>()?, [305]);
/// assert_eq!(sum(&x, Some(&[0]), None, false)?.to_vec::<u64>()?, [101, 204]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn sum(x: &Tensor, axis: Option<&[i64]>, dtype: Option<DType>, keepdims: bool) -> Result<Tensor> {
    summed("sum", ReduceOp::Sum, x, axis, dtype, keepdims)
}

/// Product. Integers narrower than 64 bits are multiplied in 64 bits.
pub fn prod(x: &Tensor, axis: Option<&[i64]>, dtype: Option<DType>, keepdims: bool) -> Result<Tensor> {
    summed("prod", ReduceOp::Prod, x, axis, dtype, keepdims)
}

fn extreme(name: &'static str, op: ReduceOp, x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    let axes = reduced_axes(name, x, axis)?;
    if count_along(x, &axes) == 0 && reduced_shape(x.shape(), &axes, false).iter().all(|&n| n != 0) {
        return Err(Error::value(name, format!("no elements to reduce in shape {:?}; an extreme of nothing has no value", x.shape())));
    }
    reduce(name, op, x, axis, keepdims)
}

/// Largest element; NaN if there is one.
///
/// # Errors
/// [`Error::Value`] without elements.
pub fn max(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    extreme("max", ReduceOp::Max, x, axis, keepdims)
}

/// Smallest element; NaN if there is one.
///
/// # Errors
/// [`Error::Value`] without elements.
pub fn min(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    extreme("min", ReduceOp::Min, x, axis, keepdims)
}

/// Difference between the largest and the smallest element.
pub fn ptp(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    elementwise::subtract(&max(x, axis, keepdims)?, &min(x, axis, keepdims)?)
}

/// Whether all elements are not zero.
pub fn all(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    reduce("all", ReduceOp::All, x, axis, keepdims)
}

/// Whether any element is not zero.
pub fn any(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    reduce("any", ReduceOp::Any, x, axis, keepdims)
}

/// Number of elements that are not zero, as `int64`.
pub fn count_nonzero(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    reduce("count_nonzero", ReduceOp::CountNonzero, x, axis, keepdims)
}

/// The float dtype of a mean: `float64` for bool and integers.
pub(crate) fn mean_dtype(dtype: DType) -> DType {
    if dtype.is_floating() { dtype } else { DType::Float64 }
}

/// Arithmetic mean; NaN without elements. Bool and integers give `float64`, 16-bit floats are summed in `float32`.
///
/// ```
/// use purify_ops::{Tensor, mean};
/// let x = Tensor::from_vec(vec![1.0f32, 2.0, 3.0, 4.0], &[2, 2])?;
/// assert_eq!(mean(&x, Some(&[1]), false)?.to_vec::<f32>()?, [1.5, 3.5]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn mean(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    let axes = reduced_axes("mean", x, axis)?;
    let n = count_along(x, &axes);
    let dtype = mean_dtype(x.dtype());
    let compute = if dtype.is_half() { DType::Float32 } else { dtype };
    let total = sum(x, axis, Some(compute), keepdims)?;
    elementwise::divide(&total, n as f64)?.astype(dtype)
}

/// Weighted mean along axes; weights broadcast against `x` or match the single axis. Also returns the sum of weights.
///
/// # Errors
/// [`Error::Value`] if weights sum to zero, or their shape does not fit.
pub fn average(x: &Tensor, axis: Option<&[i64]>, weights: Option<&Tensor>, keepdims: bool) -> Result<(Tensor, Tensor)> {
    let Some(w) = weights else {
        let axes = reduced_axes("average", x, axis)?;
        let m = mean(x, axis, keepdims)?;
        let count = crate::creation::full(m.shape(), crate::Scalar::Float(count_along(x, &axes) as f64), Some(m.dtype()), m.device())?;
        return Ok((m, count));
    };
    let axes = reduced_axes("average", x, axis)?;
    let w = if w.shape() == x.shape() {
        w.clone()
    } else {
        let lengths: Vec<usize> = axes.iter().map(|&a| x.shape()[a]).collect();
        if axis.is_none() || w.shape() != lengths {
            return Err(Error::ShapeMismatch { op: "average", expected: lengths, got: w.shape().to_vec() });
        }
        let shape: Vec<usize> = (0..x.ndim()).map(|a| if axes.contains(&a) { x.shape()[a] } else { 1 }).collect();
        w.reshape(&shape)?.broadcast_to(x.shape())?
    };
    let dtype = crate::promote_types(mean_dtype(x.dtype()), w.dtype());
    let (x, w) = (x.astype(dtype)?, w.astype(dtype)?);
    let total = sum(&w, axis, None, keepdims)?;
    if any(&elementwise::equal(&total, 0)?, None, false)?.item()?.as_bool() {
        return Err(Error::value("average", "the weights sum to zero, so there is no mean"));
    }
    Ok((elementwise::divide(&sum(&elementwise::multiply(&x, &w)?, axis, None, keepdims)?, &total)?, total))
}

/// Variance: mean of squared distances from the mean, with `n - correction` in the denominator.
///
/// Two passes, so nearly equal large numbers keep their digits. Complex tensors give the real variance.
pub fn var(x: &Tensor, axis: Option<&[i64]>, correction: f64, keepdims: bool) -> Result<Tensor> {
    let axes = reduced_axes("var", x, axis)?;
    let n = count_along(x, &axes) as f64;
    let dtype = mean_dtype(x.dtype());
    let compute = if dtype.is_half() { DType::Float32 } else { dtype };
    let x = x.astype(compute)?;
    let centre = mean(&x, axis, true)?;
    let distance = elementwise::subtract(&x, &centre)?;
    let squares = reduce("var", ReduceOp::SumSquares, &distance, axis, keepdims)?;
    elementwise::divide(&squares, (n - correction).max(0.0))?.astype(dtype.real())
}

/// Standard deviation: the square root of [`var`].
pub fn std(x: &Tensor, axis: Option<&[i64]>, correction: f64, keepdims: bool) -> Result<Tensor> {
    elementwise::sqrt(&var(x, axis, correction, keepdims)?)
}

/// Running reduction along one axis; without an axis the elements in row-major order.
fn cumulative(
    name: &'static str,
    op: ScanOp,
    x: &Tensor,
    axis: Option<i64>,
    dtype: Option<DType>,
    include_initial: bool,
) -> Result<Tensor> {
    let flat;
    let (x, axis) = match axis {
        Some(axis) => (x, normalize_axis(name, axis, x.shape())?),
        None => {
            flat = x.reshape(&[x.size()])?;
            (&flat, 0)
        }
    };
    let sums = matches!(op, ScanOp::Sum | ScanOp::Prod);
    let target = dtype.unwrap_or(if sums { widen(x.dtype()) } else { x.dtype() });
    let x = x.astype(target)?;
    let mut shape = Shape::from_slice(x.shape());
    shape[axis] += usize::from(include_initial);
    let out = Tensor::uninit(name, &shape, target, x.device())?;
    if include_initial {
        let neutral = if op == ScanOp::Prod { 1 } else { 0 };
        out.slice(axis, 0, 1, 1).fill(crate::Scalar::Int(neutral))?;
    }
    let rest = out.slice(axis, usize::from(include_initial), x.shape()[axis], 1);
    x.backend()?.scan(op, &x, axis, &rest)?;
    Ok(out)
}

/// Running sum along an axis, optionally with a leading zero.
///
/// # Errors
/// [`Error::Value`] if no axis is given and the tensor does not have exactly one.
pub fn cumulative_sum(x: &Tensor, axis: Option<i64>, dtype: Option<DType>, include_initial: bool) -> Result<Tensor> {
    cumulative("cumulative_sum", ScanOp::Sum, x, one_axis("cumulative_sum", x, axis)?, dtype, include_initial)
}

/// Running product along an axis, optionally with a leading one.
///
/// # Errors
/// As [`cumulative_sum`].
pub fn cumulative_prod(x: &Tensor, axis: Option<i64>, dtype: Option<DType>, include_initial: bool) -> Result<Tensor> {
    cumulative("cumulative_prod", ScanOp::Prod, x, one_axis("cumulative_prod", x, axis)?, dtype, include_initial)
}

fn one_axis(name: &'static str, x: &Tensor, axis: Option<i64>) -> Result<Option<i64>> {
    match axis {
        None if x.ndim() > 1 => Err(Error::value(name, format!("axis is needed for a tensor of shape {:?}", x.shape()))),
        other => Ok(other),
    }
}

/// Running sum; without an axis over all elements in row-major order.
pub fn cumsum(x: &Tensor, axis: Option<i64>, dtype: Option<DType>) -> Result<Tensor> {
    cumulative("cumsum", ScanOp::Sum, x, axis, dtype, false)
}

/// Running product; without an axis over all elements in row-major order.
pub fn cumprod(x: &Tensor, axis: Option<i64>, dtype: Option<DType>) -> Result<Tensor> {
    cumulative("cumprod", ScanOp::Prod, x, axis, dtype, false)
}

/// Running maximum along an axis.
pub fn cummax(x: &Tensor, axis: i64) -> Result<Tensor> {
    cumulative("cummax", ScanOp::Max, x, Some(axis), None, false)
}

/// Running minimum along an axis.
pub fn cummin(x: &Tensor, axis: i64) -> Result<Tensor> {
    cumulative("cummin", ScanOp::Min, x, Some(axis), None, false)
}

/// Running log of the sum of exponentials along an axis.
pub fn logcumsumexp(x: &Tensor, axis: i64) -> Result<Tensor> {
    cumulative("logcumsumexp", ScanOp::LogSumExp, x, Some(axis), Some(mean_dtype(x.dtype())), false)
}

/// `log(sum(exp(x)))`, without overflow.
pub fn logsumexp(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    let x = x.astype(mean_dtype(x.dtype()))?;
    let axes = reduced_axes("logsumexp", &x, axis)?;
    if count_along(&x, &axes) == 0 {
        return crate::creation::full(
            &reduced_shape(x.shape(), &axes, keepdims),
            crate::Scalar::Float(f64::NEG_INFINITY),
            Some(x.dtype()),
            x.device(),
        );
    }
    let top = max(&x, axis, true)?;
    // Shifting by an infinite maximum would make NaN of it.
    let shift = elementwise::where_(&elementwise::isfinite(&top)?, &top, 0.0)?;
    let total = sum(&elementwise::exp(&elementwise::subtract(&x, &shift)?)?, axis, None, true)?;
    let out = elementwise::add(&elementwise::log(&total)?, &shift)?;
    if keepdims { Ok(out) } else { out.reshape(&reduced_shape(x.shape(), &axes, false)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(data: &[f64], shape: &[usize]) -> Tensor {
        Tensor::from_slice(data, shape).unwrap()
    }

    #[test]
    fn every_axis_combination_sums_the_same_elements() {
        let data: Vec<i64> = (0..2 * 3 * 5 * 7).map(|i| (i * i * 31) % 101 - 50).collect();
        let x = Tensor::from_vec(data, &[2, 3, 5, 7]).unwrap();
        let views = [x.clone(), x.permute(&[3, 1, 0, 2]).unwrap(), x.slice(2, 4, 3, -2), x.slice(3, 1, 3, 2)];
        for v in &views {
            for mask in 0u32..16 {
                let axes: Vec<i64> = (0..4).filter(|a| mask >> a & 1 == 1).collect();
                let got = sum(v, Some(&axes), None, false).unwrap();
                // One axis after the other, last first, by adding slices.
                let mut want = v.copy().unwrap();
                for &a in axes.iter().rev() {
                    let mut acc = want.select(a as usize, 0).unwrap().copy().unwrap();
                    for i in 1..want.shape()[a as usize] {
                        acc = elementwise::add(&acc, &want.select(a as usize, i as i64).unwrap()).unwrap();
                    }
                    want = acc;
                }
                assert_eq!(got.shape(), want.shape());
                assert_eq!(got.to_vec::<i64>().unwrap(), want.to_vec::<i64>().unwrap(), "axes {axes:?}");
            }
        }
    }

    #[test]
    fn empty_reductions_have_neutral_values_or_are_errors() {
        let x = t(&[], &[0, 3]);
        assert_eq!(sum(&x, Some(&[0]), None, false).unwrap().to_vec::<f64>().unwrap(), [0.0; 3]);
        assert_eq!(prod(&x, None, None, false).unwrap().item().unwrap().as_f64(), 1.0);
        assert!(max(&x, Some(&[0]), false).is_err());
        assert_eq!(max(&x, Some(&[1]), false).unwrap().shape(), &[0]);
        assert!(mean(&x, None, false).unwrap().item().unwrap().as_f64().is_nan());
        assert!(all(&x, None, false).unwrap().item().unwrap().as_bool());
    }

    #[test]
    fn sums_are_pairwise_and_do_not_depend_on_threads() {
        let x = Tensor::from_vec(vec![0.1f32; 3_000_000], &[3_000_000]).unwrap();
        let one = {
            crate::pool::set_num_threads(1);
            sum(&x, None, None, false).unwrap().item().unwrap().as_f64()
        };
        crate::pool::set_num_threads(4);
        let four = sum(&x, None, None, false).unwrap().item().unwrap().as_f64();
        crate::pool::set_num_threads(0);
        assert_eq!(one, four);
        assert!((one - 300_000.0).abs() < 0.1, "{one}");
        let tall = x.reshape(&[1_000_000, 3]).unwrap();
        let v = sum(&tall, Some(&[0]), None, false).unwrap().to_vec::<f32>().unwrap();
        assert!((v[0] - 100_000.0).abs() < 1.0, "{v:?}");
    }

    #[test]
    fn nan_wins_in_extremes_of_long_rows() {
        let mut data: Vec<f32> = (0..5000).map(|i| i as f32).collect();
        data[1234] = f32::NAN;
        let x = Tensor::from_vec(data, &[5000]).unwrap();
        assert!(max(&x, None, false).unwrap().item().unwrap().as_f64().is_nan());
        assert!(min(&x, None, false).unwrap().item().unwrap().as_f64().is_nan());
    }

    #[test]
    fn moments_agree_with_numpy() {
        let x = t(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0], &[2, 3]);
        let close = |a: Tensor, b: &[f64]| {
            for (x, y) in a.to_vec::<f64>().unwrap().iter().zip(b) {
                assert!((x - y).abs() < 1e-12 * y.abs(), "{x} {y}");
            }
        };
        close(var(&x, Some(&[1]), 0.0, false).unwrap(), &[1.5555555555555556, 99.55555555555556]);
        close(std(&x, None, 1.0, false).unwrap(), &[11.861703081766969]);
        close(logsumexp(&x, Some(&[0]), false).unwrap(), &[8.000911466453774, 16.000000831528375, 32.00000000000069]);
        let c = cumulative_sum(&x, Some(1), None, true).unwrap();
        assert_eq!(c.to_vec::<f64>().unwrap(), [0.0, 1.0, 3.0, 7.0, 0.0, 8.0, 24.0, 56.0]);
    }
}
