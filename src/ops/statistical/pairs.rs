//! What is computed from neighbours, pairs and bins: differences, integrals, histograms, covariance, interpolation.

use crate::dtype::DType;
use crate::elementwise::{self, add, divide, multiply, subtract};
use crate::error::{Error, Result};
use crate::layout::{Shape, normalize_axis};
use crate::manipulation::{concat, ravel};
use crate::statistical::{self, mean_dtype};
use crate::tensor::Tensor;

/// Differences of neighbours along an axis, `n` times over, after attaching `prepend` and `append`.
///
/// # Errors
/// [`Error::Axis`]; [`Error::ShapeMismatch`] if what is attached does not fit.
pub fn diff(x: &Tensor, n: usize, axis: i64, prepend: Option<&Tensor>, append: Option<&Tensor>) -> Result<Tensor> {
    let a = normalize_axis("diff", axis, x.shape())?;
    let attach = |t: &Tensor| {
        if t.ndim() > 0 {
            return Ok(t.clone());
        }
        let mut shape = Shape::from_slice(x.shape());
        shape[a] = 1;
        t.broadcast_to(&shape)
    };
    let before = prepend.map(attach).transpose()?;
    let after = append.map(attach).transpose()?;
    let parts: Vec<&Tensor> = before.iter().chain([x]).chain(after.iter()).collect();
    let mut out = if parts.len() > 1 { concat(&parts, Some(axis))? } else { x.clone() };
    for _ in 0..n {
        let len = out.shape()[a].saturating_sub(1);
        let (low, high) = (out.slice(a, 0, len, 1), out.slice(a, out.shape()[a] - len, len, 1));
        out = if out.dtype().is_bool() { elementwise::not_equal(&high, &low)? } else { subtract(&high, &low)? };
    }
    Ok(out)
}

/// Differences of neighbours of the flattened tensor, with optional elements around them.
pub fn ediff1d(x: &Tensor, to_end: Option<&Tensor>, to_begin: Option<&Tensor>) -> Result<Tensor> {
    let middle = diff(&ravel(x)?, 1, 0, None, None)?;
    let mut parts = Vec::new();
    for t in to_begin.into_iter().chain([&middle]).chain(to_end) {
        parts.push(ravel(&t.astype(x.dtype())?)?);
    }
    concat(&parts.iter().collect::<Vec<_>>(), Some(0))
}

/// Distances between the samples of a gradient or integral.
#[derive(Clone, Copy, Debug)]
pub enum Spacing<'a> {
    /// One distance everywhere.
    Uniform(f64),
    /// The coordinates along the axis.
    Coordinates(&'a Tensor),
}

/// Derivative along one axis by second-order differences, first-order (`edge_order` 1) or second-order ones at the ends.
///
/// # Errors
/// [`Error::Value`] if the axis is shorter than `edge_order + 1`, or the coordinates do not fit.
pub fn gradient(x: &Tensor, spacing: Spacing<'_>, axis: i64, edge_order: usize) -> Result<Tensor> {
    let op = "gradient";
    let a = normalize_axis(op, axis, x.shape())?;
    let n = x.shape()[a];
    if !(1..=2).contains(&edge_order) || n < edge_order + 1 {
        return Err(Error::value(op, format!("edge order {edge_order} needs 1 or 2 and at least {} samples, got {n}", edge_order + 1)));
    }
    let x = x.astype(mean_dtype(x.dtype()))?;
    let line = |v: Vec<f64>| -> Result<Tensor> {
        let mut shape: Shape = Shape::from_elem(1, x.ndim());
        shape[a] = v.len();
        Tensor::from_vec(v, &shape)?.astype(x.dtype())?.to_device(x.device())
    };
    let at = |i: usize| x.slice(a, i, 1, 1);
    let steps: Vec<f64> = match spacing {
        Spacing::Uniform(h) => vec![h; n - 1],
        Spacing::Coordinates(c) if c.ndim() == 1 && c.size() == n => c.cast_vec::<f64>()?.windows(2).map(|w| w[1] - w[0]).collect(),
        Spacing::Coordinates(c) => return Err(Error::ShapeMismatch { op, expected: vec![n], got: c.shape().to_vec() }),
    };
    let out = Tensor::uninit(op, x.shape(), x.dtype(), x.device())?;
    if n > 2 {
        let m = n - 2;
        let (low, mid, high) = (x.slice(a, 0, m, 1), x.slice(a, 1, m, 1), x.slice(a, 2, m, 1));
        let inner = match spacing {
            Spacing::Uniform(h) => divide(&subtract(&high, &low)?, 2.0 * h)?,
            Spacing::Coordinates(_) => {
                let pairs = || steps.windows(2).map(|w| (w[0], w[1]));
                let wl = line(pairs().map(|(l, r)| -r / (l * (l + r))).collect())?;
                let wm = line(pairs().map(|(l, r)| (r - l) / (l * r)).collect())?;
                let wh = line(pairs().map(|(l, r)| l / (r * (l + r))).collect())?;
                add(&add(&multiply(&low, &wl)?, &multiply(&mid, &wm)?)?, &multiply(&high, &wh)?)?
            }
        };
        out.slice(a, 1, m, 1).assign(&inner)?;
    }
    let edge = |i: usize, j: usize, k: usize, l: f64, r: f64, target: usize| -> Result<()> {
        let value = if edge_order == 1 {
            // Only the two samples nearest the end.
            let (p, q, h) = if target == 0 { (i, j, l) } else { (j, k, r) };
            divide(&subtract(&at(q), &at(p))?, h)?
        } else {
            let (wi, wj, wk) = if target == 0 {
                (-(2.0 * l + r) / (l * (l + r)), (l + r) / (l * r), -l / (r * (l + r)))
            } else {
                (r / (l * (l + r)), -(r + l) / (l * r), (2.0 * r + l) / (r * (l + r)))
            };
            add(&add(&multiply(&at(i), wi)?, &multiply(&at(j), wj)?)?, &multiply(&at(k), wk)?)?
        };
        out.slice(a, target, 1, 1).assign(&value)
    };
    let third = 2.min(n - 1);
    edge(0, 1, third, steps[0], steps[1.min(n - 2)], 0)?;
    let before = n.saturating_sub(3);
    edge(before, n - 2, n - 1, steps[n.saturating_sub(3)], steps[n - 2], n - 1)?;
    Ok(out)
}

/// Integral along an axis by the trapezoidal rule.
pub fn trapezoid(y: &Tensor, spacing: Spacing<'_>, axis: i64) -> Result<Tensor> {
    let a = normalize_axis("trapezoid", axis, y.shape())?;
    let n = y.shape()[a];
    let m = n.saturating_sub(1);
    let y = y.astype(mean_dtype(y.dtype()))?;
    let sums = add(&y.slice(a, 0, m, 1), &y.slice(a, n - m, m, 1))?;
    let weighted = match spacing {
        Spacing::Uniform(h) => multiply(&sums, h)?,
        Spacing::Coordinates(c) if c.ndim() == 1 => {
            let mut shape: Shape = Shape::from_elem(1, y.ndim());
            shape[a] = m;
            multiply(&sums, &diff(c, 1, 0, None, None)?.reshape(&shape)?)?
        }
        Spacing::Coordinates(c) => multiply(&sums, &diff(c, 1, axis, None, None)?)?,
    };
    divide(&statistical::sum(&weighted, Some(&[axis]), None, false)?, 2.0)
}

/// How often each non-negative integer occurs, or the sum of its weights.
///
/// # Errors
/// [`Error::Value`] for negative elements, [`Error::Type`] for other than integers.
pub fn bincount(x: &Tensor, weights: Option<&Tensor>, min_length: usize) -> Result<Tensor> {
    let op = "bincount";
    if !x.dtype().is_integer() && !x.dtype().is_bool() && x.size() > 0 {
        return Err(Error::dtype(op, x.dtype(), "it counts non-negative integers"));
    }
    let values = ravel(x)?.cast_vec::<i64>()?;
    if values.iter().any(|&v| v < 0) {
        return Err(Error::value(op, "the elements must not be negative"));
    }
    let len = values.iter().max().map_or(0, |&m| m as usize + 1).max(min_length);
    crate::layout::checked_size(op, &[len])?;
    match weights {
        None => {
            let mut out = crate::memory::zeros::<i64>(len)?;
            values.iter().for_each(|&v| out[v as usize] += 1);
            Tensor::from_vec(out, &[len])?.to_device(x.device())
        }
        Some(w) => {
            let w = ravel(w)?.cast_vec::<f64>()?;
            if w.len() != values.len() {
                return Err(Error::ShapeMismatch { op, expected: vec![values.len()], got: vec![w.len()] });
            }
            let mut out = crate::memory::zeros::<f64>(len)?;
            values.iter().zip(&w).for_each(|(&v, w)| out[v as usize] += w);
            Tensor::from_vec(out, &[len])?.to_device(x.device())
        }
    }
}

/// The bins of a histogram.
#[derive(Clone, Copy, Debug)]
pub enum Bins<'a> {
    /// This many of one width.
    Count(usize),
    /// Their edges, increasing.
    Edges(&'a Tensor),
}

/// The edges of the bins of [`histogram`].
///
/// # Errors
/// [`Error::Value`] for a range that is empty or not finite, or edges that do not increase.
pub fn histogram_bin_edges(x: &Tensor, bins: Bins<'_>, range: Option<(f64, f64)>) -> Result<Tensor> {
    let op = "histogram";
    match bins {
        Bins::Edges(e) => {
            let edges = e.cast_vec::<f64>()?;
            if e.ndim() != 1 || edges.windows(2).any(|w| w[0] > w[1]) {
                return Err(Error::value(op, "the bin edges must be a vector that increases monotonically"));
            }
            Ok(e.clone())
        }
        Bins::Count(0) => Err(Error::value(op, "at least one bin is needed")),
        Bins::Count(n) => {
            let (low, high) = match range {
                Some(r) => r,
                None if x.size() == 0 => (0.0, 1.0),
                None => (statistical::min(x, None, false)?.item()?.as_f64(), statistical::max(x, None, false)?.item()?.as_f64()),
            };
            if !low.is_finite() || !high.is_finite() || low > high {
                return Err(Error::value(op, format!("the range [{low}, {high}] is not finite and increasing")));
            }
            let (low, high) = if low == high { (low - 0.5, high + 0.5) } else { (low, high) };
            let dtype = if x.dtype().is_real_float() { x.dtype() } else { DType::Float64 };
            crate::creation::linspace(low.into(), high.into(), n + 1, Some(dtype), x.device(), true)
        }
    }
}

/// Counts of elements in bins, and the edges. The last bin includes its right edge; `density` divides by the total and the
/// widths.
///
/// # Errors
/// As [`histogram_bin_edges`].
pub fn histogram(
    x: &Tensor,
    bins: Bins<'_>,
    range: Option<(f64, f64)>,
    density: bool,
    weights: Option<&Tensor>,
) -> Result<(Tensor, Tensor)> {
    let edges = histogram_bin_edges(x, bins, range)?;
    let e = edges.cast_vec::<f64>()?;
    let values = ravel(x)?.cast_vec::<f64>()?;
    let w = weights.map(|w| ravel(w)?.cast_vec::<f64>()).transpose()?;
    let cells = e.len().saturating_sub(1);
    let mut counts = crate::memory::zeros::<f64>(cells)?;
    for (i, &v) in values.iter().enumerate() {
        if let Some(cell) = cell_of(&e, v) {
            counts[cell] += w.as_ref().map_or(1.0, |w| w[i]);
        }
    }
    if density {
        let total: f64 = counts.iter().sum();
        let out = counts.iter().enumerate().map(|(i, c)| c / (e[i + 1] - e[i]) / total).collect();
        return Ok((Tensor::from_vec(out, &[cells])?.to_device(x.device())?, edges));
    }
    let out = Tensor::from_vec(counts, &[cells])?.to_device(x.device())?;
    let out = match weights {
        Some(w) if !w.dtype().is_floating() => out.astype(w.dtype())?,
        Some(_) => out,
        None => out.astype(DType::Int64)?,
    };
    Ok((out, edges))
}

/// The bin of a value among edges, if any.
fn cell_of(edges: &[f64], v: f64) -> Option<usize> {
    let (first, last) = (*edges.first()?, *edges.last()?);
    if !(first..=last).contains(&v) || edges.len() < 2 {
        return None;
    }
    Some((edges.partition_point(|e| *e <= v).max(1) - 1).min(edges.len() - 2))
}

/// Counts of points, the columns of `sample`, in a grid of bins, and the edges along each dimension.
///
/// # Errors
/// As [`histogram_bin_edges`]; [`Error::Value`] if the number of bins is not that of dimensions.
pub fn histogramdd(
    sample: &Tensor,
    bins: &[Bins<'_>],
    ranges: Option<&[(f64, f64)]>,
    density: bool,
    weights: Option<&Tensor>,
) -> Result<(Tensor, Vec<Tensor>)> {
    let op = "histogramdd";
    if sample.ndim() != 2 || sample.shape()[1] != bins.len() || ranges.is_some_and(|r| r.len() != bins.len()) {
        return Err(Error::value(op, format!("a sample of shape {:?} with {} kinds of bins", sample.shape(), bins.len())));
    }
    let mut edges = Vec::new();
    for (d, b) in bins.iter().enumerate() {
        edges.push(histogram_bin_edges(&sample.select(1, d as i64)?, *b, ranges.map(|r| r[d]))?);
    }
    let e = edges.iter().map(|t| t.cast_vec::<f64>()).collect::<Result<Vec<_>>>()?;
    let shape: Vec<usize> = e.iter().map(|e| e.len() - 1).collect();
    let points = sample.cast_vec::<f64>()?;
    let w = weights.map(|w| ravel(w)?.cast_vec::<f64>()).transpose()?;
    let mut counts = crate::memory::zeros::<f64>(crate::layout::checked_size(op, &shape)?)?;
    for (i, point) in points.chunks_exact(bins.len().max(1)).enumerate() {
        let cell = point.iter().zip(&e).zip(&shape).try_fold(0, |at, ((&v, e), n)| cell_of(e, v).map(|c| at * n + c));
        if let Some(cell) = cell {
            counts[cell] += w.as_ref().map_or(1.0, |w| w[i]);
        }
    }
    let mut out = Tensor::from_vec(counts, &shape)?;
    if density {
        let total = statistical::sum(&out, None, None, false)?;
        for (d, t) in edges.iter().enumerate() {
            let mut one: Shape = Shape::from_elem(1, bins.len());
            one[d] = shape[d];
            out = divide(&out, &diff(t, 1, 0, None, None)?.reshape(&one)?)?;
        }
        out = divide(&out, &total)?;
    }
    Ok((out, edges))
}

/// Rows of observations as floats, with their means removed.
fn centred(op: &'static str, m: &Tensor, row_variables: bool) -> Result<Tensor> {
    if m.ndim() > 2 {
        return Err(Error::value(op, format!("at most 2 dimensions are possible, got shape {:?}", m.shape())));
    }
    let x = crate::manipulation::atleast_2d(&m.astype(if m.dtype().is_floating() && !m.dtype().is_half() {
        m.dtype()
    } else {
        DType::Float64
    })?)?;
    let x = if !row_variables && m.ndim() == 2 { x.transpose() } else { x };
    subtract(&x, &statistical::mean(&x, Some(&[1]), true)?)
}

/// Covariance matrix of variables in rows (or columns), with `n - correction` in the denominator.
///
/// # Errors
/// [`Error::Value`] above two dimensions.
pub fn cov(m: &Tensor, y: Option<&Tensor>, row_variables: bool, correction: f64) -> Result<Tensor> {
    let x = match y {
        None => centred("cov", m, row_variables)?,
        Some(y) => concat(&[&centred("cov", m, row_variables)?, &centred("cov", y, row_variables)?], Some(0))?,
    };
    let n = x.shape()[1] as f64;
    let out = divide(&crate::linalg::matmul(&x, &elementwise::conj(&x.transpose())?)?, (n - correction).max(0.0))?;
    if out.size() == 1 { out.reshape(&[]) } else { Ok(out) }
}

/// Matrix of correlation coefficients of variables in rows (or columns).
pub fn corrcoef(x: &Tensor, y: Option<&Tensor>, row_variables: bool) -> Result<Tensor> {
    let c = cov(x, y, row_variables, 1.0)?;
    if c.ndim() == 0 {
        return divide(&c, &c);
    }
    let d = elementwise::sqrt(&elementwise::real(&crate::linalg::diagonal(&c, 0)?)?)?;
    let n = d.size();
    let scaled = divide(&divide(&c, &d.reshape(&[n, 1])?)?, &d.reshape(&[1, n])?)?;
    // Rounding must not push a coefficient beyond one.
    if scaled.dtype().is_complex() { Ok(scaled) } else { elementwise::clip(&scaled, Some((-1.0).into()), Some(1.0.into())) }
}

/// Linear interpolation at `x` of points with increasing coordinates `xp` and values `fp`; beyond the ends `left` and
/// `right`, by default the end values. With a `period` the coordinates are taken modulo it.
///
/// # Errors
/// [`Error::Value`] without points or for lengths that differ.
pub fn interp(x: &Tensor, xp: &Tensor, fp: &Tensor, left: Option<f64>, right: Option<f64>, period: Option<f64>) -> Result<Tensor> {
    let op = "interp";
    let (mut px, mut py) = (xp.cast_vec::<f64>()?, fp.cast_vec::<f64>()?);
    if px.is_empty() || px.len() != py.len() {
        return Err(Error::value(
            op,
            format!("{} coordinates with {} values; the same number, at least one, is needed", px.len(), py.len()),
        ));
    }
    let mut at = x.cast_vec::<f64>()?;
    let (mut left, mut right) = (left, right);
    if let Some(p) = period {
        if p == 0.0 {
            return Err(Error::value(op, "the period must not be zero"));
        }
        let p = p.abs();
        at.iter_mut().for_each(|v| *v = v.rem_euclid(p));
        let mut points: Vec<(f64, f64)> = px.iter().map(|v| v.rem_euclid(p)).zip(py).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (first, last) = (points[0], points[points.len() - 1]);
        points.insert(0, (last.0 - p, last.1));
        points.push((first.0 + p, first.1));
        (px, py) = points.into_iter().unzip();
        (left, right) = (None, None);
    }
    let n = px.len();
    let value = |v: f64| {
        if v.is_nan() && n > 1 {
            return v;
        }
        if v < px[0] {
            return left.unwrap_or(py[0]);
        }
        if v > px[n - 1] {
            return right.unwrap_or(py[n - 1]);
        }
        let j = px.partition_point(|p| *p <= v).max(1) - 1;
        if j == n - 1 || px[j] == v {
            return py[j];
        }
        let slope = (py[j + 1] - py[j]) / (px[j + 1] - px[j]);
        let out = slope * (v - px[j]) + py[j];
        if !out.is_nan() {
            return out;
        }
        // From the other side, in case the first end is infinite.
        let out = slope * (v - px[j + 1]) + py[j + 1];
        if out.is_nan() && py[j] == py[j + 1] { py[j] } else { out }
    };
    Tensor::from_vec(at.into_iter().map(value).collect(), x.shape())?.to_device(x.device())
}

/// Which part of a convolution to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConvolveMode {
    /// Every overlap.
    Full,
    /// As long as the longer operand, centred.
    Same,
    /// Only complete overlaps.
    Valid,
}

/// Discrete convolution of two vectors.
///
/// # Errors
/// [`Error::Value`] for an empty operand or more than one dimension.
pub fn convolve(a: &Tensor, v: &Tensor, mode: ConvolveMode) -> Result<Tensor> {
    let op = "convolve";
    if a.ndim() > 1 || v.ndim() > 1 || a.size() == 0 || v.size() == 0 {
        return Err(Error::value(op, format!("two vectors with elements are needed, got shapes {:?} and {:?}", a.shape(), v.shape())));
    }
    let dtype = crate::promote_types(a.dtype(), v.dtype());
    let (a, v) = (ravel(&a.astype(dtype)?)?, ravel(&v.astype(dtype)?)?);
    let (a, v) = if v.size() > a.size() { (v, a) } else { (a, v) };
    let (n, m) = (a.size(), v.size());
    let out = crate::creation::zeros(&[n + m - 1], Some(dtype), a.device())?;
    for j in 0..m {
        let term = multiply(&a, &v.slice(0, j, 1, 1))?;
        elementwise::binary_inplace(crate::BinaryOp::Add, &out.slice(0, j, n, 1), (&term).into())?;
    }
    let (start, len) = match mode {
        ConvolveMode::Full => (0, n + m - 1),
        ConvolveMode::Same => ((m - 1) / 2, n),
        ConvolveMode::Valid => (m - 1, n - m + 1),
    };
    out.slice(0, start, len, 1).contiguous()
}

/// Cross-correlation of two vectors: `c[k] = sum_n a[n + k] conj(v[n])`.
///
/// # Errors
/// As [`convolve`].
pub fn correlate(a: &Tensor, v: &Tensor, mode: ConvolveMode) -> Result<Tensor> {
    let v = crate::manipulation::flip(&elementwise::conj(v)?.astype(v.dtype())?, None)?;
    if mode == ConvolveMode::Full || v.size() <= a.size() {
        return convolve(a, &v, mode);
    }
    // The operands change roles in `convolve`, which shifts the centre of an even window.
    let full = convolve(a, &v, ConvolveMode::Full)?;
    let (n, m) = (a.size(), v.size());
    let (start, len) = if mode == ConvolveMode::Same { (n / 2, m) } else { (n - 1, m - n + 1) };
    full.slice(0, start, len, 1).contiguous()
}

/// Counts in equal bins as floats, as torch's `histc`; a range of zero means that of the elements.
pub fn histc(x: &Tensor, bins: usize, min: f64, max: f64) -> Result<Tensor> {
    let range = if min == 0.0 && max == 0.0 { None } else { Some((min, max)) };
    let dtype = x.dtype();
    histogram(x, Bins::Count(bins), range, false, None)?.0.astype(if dtype.is_floating() { dtype } else { DType::Float32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(v: &[f64]) -> Tensor {
        Tensor::from_slice(v, &[v.len()]).unwrap()
    }

    fn close(got: &Tensor, want: &[f64]) {
        let got = got.cast_vec::<f64>().unwrap();
        assert_eq!(got.len(), want.len());
        for (g, w) in got.iter().zip(want) {
            assert!((g - w).abs() <= 1e-12 * w.abs().max(1.0), "{got:?} {want:?}");
        }
    }

    #[test]
    fn derivatives_and_integrals_agree_with_numpy() {
        let y = t(&[1.0, 2.0, 4.0, 7.0, 11.0]);
        let x = t(&[0.0, 1.0, 1.5, 3.5, 4.0]);
        close(&gradient(&y, Spacing::Uniform(2.0), 0, 1).unwrap(), &[0.5, 0.75, 1.25, 1.75, 2.0]);
        close(&gradient(&y, Spacing::Coordinates(&x), 0, 1).unwrap(), &[1.0, 3.0, 3.5, 6.7, 8.0]);
        close(&gradient(&y, Spacing::Uniform(1.0), 0, 2).unwrap(), &[0.5, 1.5, 2.5, 3.5, 4.5]);
        close(&trapezoid(&y, Spacing::Coordinates(&x), 0).unwrap(), &[18.5]);
        close(&diff(&y, 2, -1, None, None).unwrap(), &[1.0, 1.0, 1.0]);
        close(&diff(&y, 9, -1, None, None).unwrap(), &[]);
    }

    #[test]
    fn histograms_agree_with_numpy() {
        let x = t(&[1.0, 2.0, 1.0, 4.0, 3.0, 2.5]);
        let (h, e) = histogram(&x, Bins::Count(3), None, false, None).unwrap();
        assert_eq!(h.to_vec::<i64>().unwrap(), [2, 2, 2]);
        close(&e, &[1.0, 2.0, 3.0, 4.0]);
        let (h, _) = histogram(&x, Bins::Edges(&t(&[0.0, 2.0, 4.0])), None, true, None).unwrap();
        close(&h, &[1.0 / 6.0, 1.0 / 3.0]);
        let b = Tensor::from_slice(&[0i64, 1, 1, 3], &[4]).unwrap();
        assert_eq!(bincount(&b, None, 0).unwrap().to_vec::<i64>().unwrap(), [1, 2, 0, 1]);
    }

    #[test]
    fn interpolation_and_convolution_agree_with_numpy() {
        let (x, xp, fp) = (t(&[0.0, 1.0, 1.5, 2.72, 3.5]), t(&[1.0, 2.0, 3.0]), t(&[3.0, 2.0, 0.0]));
        close(&interp(&x, &xp, &fp, None, None, None).unwrap(), &[3.0, 3.0, 2.5, 0.56, 0.0]);
        let (a, v) = (t(&[1.0, 2.0, 3.0, 4.0]), t(&[0.0, 1.0, 0.5]));
        close(&convolve(&a, &v, ConvolveMode::Full).unwrap(), &[0.0, 1.0, 2.5, 4.0, 5.5, 2.0]);
        close(&convolve(&a, &v, ConvolveMode::Same).unwrap(), &[1.0, 2.5, 4.0, 5.5]);
        close(&correlate(&a, &v, ConvolveMode::Valid).unwrap(), &[3.5, 5.0]);
        close(&correlate(&v, &a, ConvolveMode::Same).unwrap(), &[4.0, 5.0, 3.5, 2.0]);
        close(&correlate(&v.slice(0, 0, 2, 1), &a, ConvolveMode::Same).unwrap(), &[4.0, 3.0, 2.0, 1.0]);
    }

    #[test]
    fn covariance_agrees_with_numpy() {
        let m = Tensor::from_slice(&[0.0, 2.0, 1.0, 1.0, 2.0, 0.0], &[2, 3]).unwrap();
        close(&cov(&m, None, true, 1.0).unwrap(), &[1.0, 0.5, 0.5, 1.0]);
        close(
            &corrcoef(&t(&[1.0, 2.0, 3.0]), Some(&t(&[1.0, 2.0, 2.5])), true).unwrap(),
            &[1.0, 0.9819805060619657, 0.9819805060619657, 1.0],
        );
        close(&cov(&t(&[1.0, 3.0]), None, true, 1.0).unwrap(), &[2.0]);
    }
}
