//! Repeating elements and padding.

use crate::dtype::DType;
use crate::elementwise;
use crate::error::{Error, Result};
use crate::layout::{Shape, normalize_axis};
use crate::manipulation::ravel;
use crate::scalar::Scalar;
use crate::statistical;
use crate::tensor::Tensor;

/// How often to repeat elements.
#[derive(Clone, Copy, Debug)]
pub enum Repeats<'a> {
    /// Every element this often.
    Each(usize),
    /// Each position along the axis as often as this integer tensor of one axis says.
    Counts(&'a Tensor),
}

/// Repeats elements along an axis, or of the flattened tensor.
///
/// # Errors
/// [`Error::Value`] if counts are negative or their number does not fit.
pub fn repeat(x: &Tensor, repeats: Repeats<'_>, axis: Option<i64>) -> Result<Tensor> {
    let Some(axis) = axis else { return repeat(&ravel(x)?, repeats, Some(0)) };
    let a = normalize_axis("repeat", axis, x.shape())?;
    let n = x.shape()[a];
    match repeats {
        Repeats::Each(k) => {
            let mut wide = Shape::from_slice(x.shape());
            wide.insert(a + 1, k);
            let mut shape = Shape::from_slice(x.shape());
            shape[a] = n.checked_mul(k).ok_or_else(|| Error::TooLarge { op: "repeat", shape: vec![n, k] })?;
            x.with_layout(x.layout().insert_axis(a + 1)).broadcast_to(&wide)?.copy()?.reshape(&shape)
        }
        Repeats::Counts(counts) => {
            if !counts.dtype().is_integer() && !counts.dtype().is_bool() {
                return Err(Error::dtype("repeat", counts.dtype(), "counts must be integers"));
            }
            let counts = counts.cast_vec::<i64>()?;
            if counts.len() == 1 && n != 1 {
                let each = usize::try_from(counts[0]).map_err(|_| negative())?;
                return repeat(x, Repeats::Each(each), Some(axis));
            }
            if counts.len() != n {
                return Err(Error::value("repeat", format!("{} counts for an axis of {n}", counts.len())));
            }
            let mut index = Vec::new();
            for (i, &c) in counts.iter().enumerate() {
                let c = usize::try_from(c).map_err(|_| negative())?;
                index.extend(std::iter::repeat_n(i as i64, c));
            }
            let index = Tensor::from_vec(index.clone(), &[index.len()])?.to_device(x.device())?;
            crate::indexing::take(x, &index, Some(axis))
        }
    }
}

fn negative() -> Error {
    Error::value("repeat", "counts must not be negative")
}

/// The whole tensor repeated along each axis; missing axes are added in front.
pub fn tile(x: &Tensor, repetitions: &[usize]) -> Result<Tensor> {
    let ndim = x.ndim().max(repetitions.len());
    let lead = ndim - x.ndim();
    let reps: Vec<usize> = std::iter::repeat_n(1, ndim - repetitions.len()).chain(repetitions.iter().copied()).collect();
    let mut layout = x.layout().clone();
    for _ in 0..lead {
        layout = layout.insert_axis(0);
    }
    let shape = layout.shape().to_vec();
    for a in (0..ndim).rev() {
        layout = layout.insert_axis(a);
    }
    let wide: Vec<usize> = (0..ndim).flat_map(|a| [reps[a], shape[a]]).collect();
    let last: Vec<usize> = (0..ndim).map(|a| reps[a].saturating_mul(shape[a])).collect();
    crate::layout::checked_size("tile", &last)?;
    let out = Tensor::uninit("tile", &wide, x.dtype(), x.device())?;
    out.assign(&x.with_layout(layout))?;
    out.reshape(&last)
}

/// What [`pad`] fills the borders with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PadMode {
    /// A constant.
    Constant(Scalar),
    /// The edge element.
    Edge,
    /// The mirror image without the edge element.
    Reflect,
    /// The mirror image with the edge element.
    Symmetric,
    /// The elements of the other end.
    Wrap,
    /// The largest element along the axis.
    Maximum,
    /// The smallest element along the axis.
    Minimum,
    /// The mean along the axis.
    Mean,
    /// The median along the axis.
    Median,
    /// A ramp from the edge to this value.
    LinearRamp(f64),
    /// Unspecified (zeros).
    Empty,
}

/// Adds elements before and after each axis.
///
/// # Errors
/// [`Error::Value`] if there is not one pair of widths per axis, or nothing to reflect.
pub fn pad(x: &Tensor, widths: &[(usize, usize)], mode: PadMode) -> Result<Tensor> {
    let op = "pad";
    if widths.len() != x.ndim() {
        return Err(Error::value(op, format!("{} pairs of widths for {} axes", widths.len(), x.ndim())));
    }
    let too_large = || Error::TooLarge { op, shape: x.shape().to_vec() };
    let mut shape = Shape::from_slice(x.shape());
    for (n, (before, after)) in shape.iter_mut().zip(widths) {
        *n = n.checked_add(*before).and_then(|n| n.checked_add(*after)).ok_or_else(too_large)?;
    }
    let out = Tensor::uninit(op, &shape, x.dtype(), x.device())?;
    if matches!(mode, PadMode::Constant(_) | PadMode::Empty) {
        out.fill(if let PadMode::Constant(v) = mode { v } else { Scalar::Bool(false) })?;
    }
    let mut centre = out.clone();
    for (a, (before, _)) in widths.iter().enumerate() {
        centre = centre.slice(a, *before, x.shape()[a], 1);
    }
    centre.assign(x)?;
    if matches!(mode, PadMode::Constant(_) | PadMode::Empty) {
        return Ok(out);
    }
    for (a, &(before, after)) in widths.iter().enumerate() {
        let n = x.shape()[a];
        if before + after == 0 {
            continue;
        }
        if n == 0 {
            return Err(Error::value(op, format!("axis {a} has no elements to extend; only a constant can fill it")));
        }
        // Later axes are still unfilled, so only the part between their borders is read and written.
        let mut part = out.clone();
        for (b, (lead, _)) in widths.iter().enumerate().skip(a + 1) {
            part = part.slice(b, *lead, x.shape()[b], 1);
        }
        let inner = part.slice(a, before, n, 1);
        match mode {
            PadMode::Edge | PadMode::Reflect | PadMode::Symmetric | PadMode::Wrap => {
                let source: Vec<i64> = (0..before + n + after).map(|i| mirrored(mode, i as i64 - before as i64, n as i64)).collect();
                let index = Tensor::from_vec(source, &[before + n + after])?.to_device(x.device())?;
                part.assign(&crate::indexing::take(&inner, &index, Some(a as i64))?)?;
            }
            PadMode::LinearRamp(end) => ramp(&part, &inner, a, before, after, end)?,
            _ => {
                let axis = Some(&[a as i64][..]);
                let value = match mode {
                    PadMode::Maximum => statistical::max(&inner, axis, true)?,
                    PadMode::Minimum => statistical::min(&inner, axis, true)?,
                    PadMode::Mean => statistical::mean(&inner, axis, true)?,
                    _ => statistical::median(&inner, axis, true)?,
                };
                let value = if x.dtype().is_integer() && value.dtype().is_floating() { elementwise::round(&value)? } else { value };
                part.slice(a, 0, before, 1).assign(&value)?;
                part.slice(a, before + n, after, 1).assign(&value)?;
            }
        }
    }
    Ok(out)
}

/// Which element of `0..n` stands at position `i`, which may lie outside.
fn mirrored(mode: PadMode, i: i64, n: i64) -> i64 {
    match mode {
        PadMode::Edge => i.clamp(0, n - 1),
        PadMode::Wrap => i.rem_euclid(n),
        PadMode::Symmetric => {
            let j = i.rem_euclid(2 * n);
            j.min(2 * n - 1 - j)
        }
        _ if n == 1 => 0,
        _ => {
            let period = 2 * (n - 1);
            let j = i.rem_euclid(period);
            j.min(period - j)
        }
    }
}

/// Fills both borders of an axis with straight lines between the edge element and `end`.
fn ramp(part: &Tensor, inner: &Tensor, a: usize, before: usize, after: usize, end: f64) -> Result<()> {
    let n = inner.shape()[a];
    for (edge, start, len, rising) in [(0, 0, before, true), (n - 1, before + n, after, false)] {
        let value = inner.slice(a, edge, 1, 1).astype(DType::Float64)?;
        let weights: Vec<f64> = (0..len).map(|i| if rising { i } else { len - 1 - i } as f64 / len as f64).collect();
        let mut line: Shape = Shape::from_elem(1, part.ndim());
        line[a] = len;
        let weights = Tensor::from_vec(weights, &line)?.to_device(inner.device())?;
        let span = elementwise::subtract(&value, end)?;
        let filled = elementwise::add(&elementwise::multiply(&span, &weights)?, end)?;
        part.slice(a, start, len, 1).assign(&filled)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(t: &Tensor) -> Vec<i64> {
        t.cast_vec().unwrap()
    }

    #[test]
    fn padding_agrees_with_numpy() {
        let x = Tensor::from_slice(&[1i64, 2, 3], &[3]).unwrap();
        let p = |mode| ints(&pad(&x, &[(4, 3)], mode).unwrap());
        assert_eq!(p(PadMode::Constant(Scalar::Int(7))), [7, 7, 7, 7, 1, 2, 3, 7, 7, 7]);
        assert_eq!(p(PadMode::Edge), [1, 1, 1, 1, 1, 2, 3, 3, 3, 3]);
        assert_eq!(p(PadMode::Reflect), [1, 2, 3, 2, 1, 2, 3, 2, 1, 2]);
        assert_eq!(p(PadMode::Symmetric), [3, 3, 2, 1, 1, 2, 3, 3, 2, 1]);
        assert_eq!(p(PadMode::Wrap), [3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
        assert_eq!(p(PadMode::Maximum)[..2], [3, 3]);
        let f = x.astype(DType::Float64).unwrap();
        let r = pad(&f, &[(2, 2)], PadMode::LinearRamp(0.0)).unwrap().to_vec::<f64>().unwrap();
        assert_eq!(r, [0.0, 0.5, 1.0, 2.0, 3.0, 1.5, 0.0]);
        let two = Tensor::from_slice(&[1i64, 2, 3, 4], &[2, 2]).unwrap();
        assert_eq!(ints(&pad(&two, &[(1, 0), (0, 1)], PadMode::Edge).unwrap()), [1, 2, 2, 1, 2, 2, 3, 4, 4]);
    }

    #[test]
    fn tiling_and_repeating() {
        let x = Tensor::from_slice(&[1i64, 2, 3, 4], &[2, 2]).unwrap();
        assert_eq!(ints(&tile(&x, &[1, 2]).unwrap()), [1, 2, 1, 2, 3, 4, 3, 4]);
        assert_eq!(tile(&x, &[2, 1, 1]).unwrap().shape(), &[2, 2, 2]);
        assert_eq!(tile(&x, &[0]).unwrap().shape(), &[2, 0]);
        assert_eq!(ints(&repeat(&x, Repeats::Each(2), Some(1)).unwrap()), [1, 1, 2, 2, 3, 3, 4, 4]);
        let counts = Tensor::from_slice(&[0i64, 2], &[2]).unwrap();
        assert_eq!(ints(&repeat(&x, Repeats::Counts(&counts), Some(0)).unwrap()), [3, 4, 3, 4]);
    }
}
