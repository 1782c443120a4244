//! Medians and quantiles.

use crate::dtype::DType;
use crate::elementwise;
use crate::error::{Error, Result};
use crate::layout::Shape;
use crate::sorting::sort;
use crate::statistical::{mean_dtype, reduced_axes, reduced_shape};
use crate::tensor::Tensor;

/// How a quantile between two elements is formed; the names are those of NumPy, after R. J. Hyndman and Y. Fan,
/// "Sample quantiles in statistical packages" (1996).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation: NumPy's methods")]
pub enum QuantileMethod {
    InvertedCdf,
    AveragedInvertedCdf,
    ClosestObservation,
    InterpolatedInvertedCdf,
    Hazen,
    Weibull,
    Linear,
    MedianUnbiased,
    NormalUnbiased,
    Lower,
    Higher,
    Midpoint,
    Nearest,
}

impl QuantileMethod {
    /// The method of that name.
    ///
    /// # Errors
    /// [`Error::Value`] for an unknown name.
    pub fn from_name(name: &str) -> Result<QuantileMethod> {
        use QuantileMethod as Q;
        Ok(match name {
            "inverted_cdf" => Q::InvertedCdf,
            "averaged_inverted_cdf" => Q::AveragedInvertedCdf,
            "closest_observation" => Q::ClosestObservation,
            "interpolated_inverted_cdf" => Q::InterpolatedInvertedCdf,
            "hazen" => Q::Hazen,
            "weibull" => Q::Weibull,
            "linear" => Q::Linear,
            "median_unbiased" => Q::MedianUnbiased,
            "normal_unbiased" => Q::NormalUnbiased,
            "lower" => Q::Lower,
            "higher" => Q::Higher,
            "midpoint" => Q::Midpoint,
            "nearest" => Q::Nearest,
            _ => return Err(Error::value("quantile", format!("{name:?} is not a method; use one of NumPy's, such as \"linear\""))),
        })
    }

    /// Whether every quantile is one of the elements, and so keeps their dtype.
    fn is_discrete(self) -> bool {
        use QuantileMethod as Q;
        matches!(self, Q::InvertedCdf | Q::ClosestObservation | Q::Lower | Q::Higher | Q::Nearest)
    }

    /// The positions of the two neighbours and the weight of the second, for `n` elements.
    fn place(self, q: f64, n: usize) -> (usize, usize, f64) {
        use QuantileMethod as Q;
        let last = n as f64 - 1.0;
        // Continuous methods: a virtual position from two parameters alpha and beta.
        let virtual_index = |alpha: f64, beta: f64| n as f64 * q + (alpha + q * (1.0 - alpha - beta)) - 1.0;
        let at = match self {
            Q::Linear => q * last,
            Q::Lower => (q * last).floor(),
            Q::Higher => (q * last).ceil(),
            Q::Nearest => (q * last).round_ties_even(),
            Q::Midpoint => {
                let v = q * last;
                if v == v.floor() { v } else { v.floor() + 0.5 }
            }
            Q::InvertedCdf => (n as f64 * q - 1.0).ceil(),
            Q::AveragedInvertedCdf => {
                let v = n as f64 * q - 1.0;
                if v == v.floor() { v + 0.5 } else { v.ceil() }
            }
            Q::ClosestObservation => {
                // Half-way positions go to the even order statistic, counted from one.
                let v = n as f64 * q - 1.0 - 0.5;
                let whole = v.floor();
                if v == whole && whole.rem_euclid(2.0) == 1.0 { whole } else { whole + 1.0 }
            }
            Q::InterpolatedInvertedCdf => virtual_index(0.0, 1.0),
            Q::Hazen => virtual_index(0.5, 0.5),
            Q::Weibull => virtual_index(0.0, 0.0),
            Q::MedianUnbiased => virtual_index(1.0 / 3.0, 1.0 / 3.0),
            Q::NormalUnbiased => virtual_index(3.0 / 8.0, 3.0 / 8.0),
        };
        let at = at.clamp(0.0, last);
        let low = at.floor();
        (low as usize, (low as usize + 1).min(n - 1), at - low)
    }
}

/// The reduced axes merged into one that comes last.
pub(crate) fn gathered(op: &'static str, x: &Tensor, axis: Option<&[i64]>) -> Result<(Tensor, Vec<usize>)> {
    let axes = reduced_axes(op, x, axis)?;
    let kept: Vec<usize> = (0..x.ndim()).filter(|a| !axes.contains(a)).collect();
    let order: Vec<i64> = kept.iter().chain(&axes).map(|&a| a as i64).collect();
    let mut shape: Vec<usize> = kept.iter().map(|&a| x.shape()[a]).collect();
    shape.push(axes.iter().map(|&a| x.shape()[a]).product());
    Ok((x.permute(&order)?.reshape(&shape)?, axes.to_vec()))
}

/// Quantiles: for each `q` in `0..=1` the value below which that fraction of the elements lies. The axes of `q` come
/// first in the result. A NaN among the elements gives NaN. Between elements the result has the floating dtype of `x`,
/// promoted with that of a `q` with axes; a method that picks elements keeps their dtype.
///
/// # Errors
/// [`Error::Value`] for `q` outside `0..=1` or without elements.
pub fn quantile(x: &Tensor, q: &Tensor, axis: Option<&[i64]>, method: QuantileMethod, keepdims: bool) -> Result<Tensor> {
    quantile_impl("quantile", x, q, axis, method, keepdims, false)
}

/// [`quantile`] with `q` in per cent.
pub fn percentile(x: &Tensor, q: &Tensor, axis: Option<&[i64]>, method: QuantileMethod, keepdims: bool) -> Result<Tensor> {
    quantile_impl("percentile", x, &elementwise::divide(q, 100.0)?, axis, method, keepdims, false)
}

pub(crate) fn quantile_impl(
    op: &'static str,
    x: &Tensor,
    q: &Tensor,
    axis: Option<&[i64]>,
    method: QuantileMethod,
    keepdims: bool,
    skip_nan: bool,
) -> Result<Tensor> {
    if x.dtype().is_complex() {
        return Err(Error::dtype(op, x.dtype(), "it takes real numbers"));
    }
    let fractions = q.cast_vec::<f64>()?;
    if fractions.iter().any(|f| !(0.0..=1.0).contains(f)) {
        return Err(Error::value(op, "quantiles must lie between 0 and 1 (percentiles between 0 and 100)"));
    }
    let own = mean_dtype(x.dtype());
    let dtype = if q.ndim() > 0 && q.dtype().is_floating() && !method.is_discrete() { crate::promote_types(own, q.dtype()) } else { own };
    let (rows, axes) = gathered(op, x, axis)?;
    let n = *rows.shape().last().unwrap_or(&1);
    let kept = reduced_shape(x.shape(), &axes, keepdims);
    if method.is_discrete() && !x.dtype().is_floating() && n > 0 {
        let at: Vec<i64> = fractions.iter().map(|&f| method.place(f, n).0 as i64).collect();
        let sorted = sort(&rows, Some(-1), false)?;
        let picked = crate::indexing::take(&sorted, &Tensor::from_vec(at, &[fractions.len()])?, Some(-1))?;
        let shape: Shape = q.shape().iter().chain(kept.iter()).copied().collect();
        return crate::manipulation::moveaxis(&picked, &[-1], &[0])?.reshape(&shape);
    }
    if n == 0 {
        let shape: Shape = q.shape().iter().chain(kept.iter()).copied().collect();
        return crate::creation::full(&shape, f64::NAN.into(), Some(dtype), x.device());
    }
    let sorted = sort(&rows.astype(if dtype.is_half() { DType::Float32 } else { dtype })?, Some(-1), false)?.cast_vec::<f64>()?;
    let single = Single { elements: own != DType::Float64, weight: dtype != DType::Float64 };
    let count = sorted.len() / n;
    let mut out = Vec::with_capacity(count * fractions.len());
    for &f in &fractions {
        for row in sorted.chunks_exact(n) {
            let valid = if skip_nan { row.partition_point(|v| !v.is_nan()) } else { n };
            if valid == 0 || row[valid - 1].is_nan() {
                out.push(f64::NAN);
                continue;
            }
            let (low, high, weight) = method.place(f, valid);
            out.push(interpolate(row[low], row[high], weight, single));
        }
    }
    let shape: Shape = q.shape().iter().chain(kept.iter()).copied().collect();
    Tensor::from_vec(out, &shape)?.astype(dtype)?.to_device(x.device())
}

/// What is computed in single precision.
#[derive(Clone, Copy)]
struct Single {
    /// The difference of the elements.
    elements: bool,
    /// The rest.
    weight: bool,
}

/// Between two numbers, from the nearer end, as NumPy does it.
fn interpolate(a: f64, b: f64, t: f64, single: Single) -> f64 {
    if a == b || t == 0.0 {
        return a;
    }
    if single.weight {
        let (a, b, t) = (a as f32, b as f32, t as f32);
        let d = b - a;
        return f64::from(if t >= 0.5 { b - d * (1.0 - t) } else { a + d * t });
    }
    let d = if single.elements { f64::from(b as f32 - a as f32) } else { b - a };
    if t >= 0.5 { b - d * (1.0 - t) } else { a + d * t }
}

/// The middle element, or the mean of the two middle ones. A NaN gives NaN; so does an empty axis.
pub fn median(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    median_impl("median", x, axis, keepdims, false)
}

pub(crate) fn median_impl(op: &'static str, x: &Tensor, axis: Option<&[i64]>, keepdims: bool, skip_nan: bool) -> Result<Tensor> {
    if x.dtype().is_complex() {
        return Err(Error::dtype(op, x.dtype(), "it takes real numbers"));
    }
    let dtype = mean_dtype(x.dtype());
    let (rows, axes) = gathered(op, x, axis)?;
    let n = *rows.shape().last().unwrap_or(&1);
    let shape = reduced_shape(x.shape(), &axes, keepdims);
    if n == 0 {
        return crate::creation::full(&shape, f64::NAN.into(), Some(dtype), x.device());
    }
    let sorted = sort(&rows, Some(-1), false)?.cast_vec::<f64>()?;
    let middle = |row: &[f64]| {
        let valid = if skip_nan { row.partition_point(|v| !v.is_nan()) } else { n };
        if valid == 0 || row[valid - 1].is_nan() {
            return f64::NAN;
        }
        let (a, b) = (row[(valid - 1) / 2], row[valid / 2]);
        if a == b { a } else { (a + b) / 2.0 }
    };
    Tensor::from_vec(sorted.chunks_exact(n).map(middle).collect(), &shape)?.astype(dtype)?.to_device(x.device())
}

/// The lower of the two middle elements along an axis and its position, as torch's `median`.
pub fn median_lower(x: &Tensor, axis: i64) -> Result<(Tensor, Tensor)> {
    let a = crate::layout::normalize_axis("median", axis, x.shape())?;
    let n = x.shape()[a];
    crate::sorting::kthvalue(x, n.div_ceil(2), axis)
}

/// The most frequent element along an axis (the smallest of several) and how often it occurs.
pub fn mode(x: &Tensor, axis: i64, keepdims: bool) -> Result<(Tensor, Tensor)> {
    let (rows, axes) = gathered("mode", x, Some(&[axis]))?;
    let n = *rows.shape().last().unwrap_or(&1);
    if n == 0 {
        return Err(Error::value("mode", "an empty axis has no most frequent element"));
    }
    let sorted = sort(&rows, Some(-1), false)?;
    let order: Vec<f64> = sorted.cast_vec()?;
    let (mut at, mut counts) = (Vec::new(), Vec::new());
    for (r, row) in order.chunks_exact(n).enumerate() {
        let (mut best, mut best_len, mut start) = (0, 0, 0);
        for i in 1..=n {
            if i == n || row[i] != row[start] {
                if i - start > best_len {
                    (best, best_len) = (start, i - start);
                }
                start = i;
            }
        }
        at.push((r * n + best) as i64);
        counts.push(best_len as i64);
    }
    let shape = reduced_shape(x.shape(), &axes, keepdims);
    let at = Tensor::from_vec(at, &shape)?.to_device(x.device())?;
    Ok((crate::indexing::take(&sorted, &at, None)?, Tensor::from_vec(counts, &shape)?.to_device(x.device())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_numpy() {
        let x = Tensor::from_slice(&[7.0, 1.0, 3.0, 10.0, 4.0, 2.0], &[6]).unwrap();
        let q = Tensor::from_slice(&[0.0, 0.1, 0.25, 0.5, 0.8, 1.0], &[6]).unwrap();
        let table: [(&str, [f64; 6]); 13] = [
            ("inverted_cdf", [1.0, 1.0, 2.0, 3.0, 7.0, 10.0]),
            ("averaged_inverted_cdf", [1.0, 1.0, 2.0, 3.5, 7.0, 10.0]),
            ("closest_observation", [1.0, 1.0, 2.0, 3.0, 7.0, 10.0]),
            ("interpolated_inverted_cdf", [1.0, 1.0, 1.5, 3.0, 6.4, 10.0]),
            ("hazen", [1.0, 1.1, 2.0, 3.5, 7.9, 10.0]),
            ("weibull", [1.0, 1.0, 1.75, 3.5, 8.8, 10.0]),
            ("linear", [1.0, 1.5, 2.25, 3.5, 7.0, 10.0]),
            ("median_unbiased", [1.0, 1.0, 1.9166666666666665, 3.5, 8.2, 10.0]),
            ("normal_unbiased", [1.0, 1.0, 1.9375, 3.5, 8.125, 10.0]),
            ("lower", [1.0, 1.0, 2.0, 3.0, 7.0, 10.0]),
            ("higher", [1.0, 2.0, 3.0, 4.0, 7.0, 10.0]),
            ("midpoint", [1.0, 1.5, 2.5, 3.5, 7.0, 10.0]),
            ("nearest", [1.0, 1.0, 2.0, 3.0, 7.0, 10.0]),
        ];
        for (name, want) in table {
            let got = quantile(&x, &q, None, QuantileMethod::from_name(name).unwrap(), false).unwrap().to_vec::<f64>().unwrap();
            for (g, w) in got.iter().zip(want) {
                assert!((g - w).abs() < 1e-12, "{name}: {got:?} {want:?}");
            }
        }
    }

    #[test]
    fn medians_and_modes() {
        let x = Tensor::from_slice(&[1i64, 9, 3, 4, 4, 8], &[2, 3]).unwrap();
        assert_eq!(median(&x, Some(&[0]), false).unwrap().to_vec::<f64>().unwrap(), [2.5, 6.5, 5.5]);
        assert_eq!(median(&x, None, true).unwrap().shape(), &[1, 1]);
        assert_eq!(median_lower(&x, 0).unwrap().0.to_vec::<i64>().unwrap(), [1, 4, 3]);
        assert_eq!(mode(&x, 1, false).unwrap().0.to_vec::<i64>().unwrap(), [1, 4]);
        let n = Tensor::from_slice(&[1.0, f64::NAN], &[2]).unwrap();
        assert!(median(&n, None, false).unwrap().item().unwrap().as_f64().is_nan());
    }
}
