//! Statistics: sums, means, variances, products and extrema exactly; norms through doubles.

use purify_ops::normalize_axis;

use super::ResonantTensor;
use crate::error::{Error, Result};
use crate::exact::{Golden, check_precision, nearest};
use crate::parallel;

/// The largest or the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extremum {
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

impl ResonantTensor {
    /// One number for each line along an axis, or for all elements. Without an axis the result has shape `[1]` and the
    /// norm 0, as has the mean of a vector along its only axis.
    pub(super) fn reduce(
        &self,
        op: &'static str,
        axis: Option<i64>,
        keepdims: bool,
        f: impl Fn(&[&Golden]) -> Result<Golden> + Sync,
    ) -> Result<ResonantTensor> {
        self.crystallized(op)?;
        let Some(axis) = axis else {
            let all: Vec<&Golden> = self.lattice.iter().collect();
            let shape = if keepdims { vec![1; self.ndim()] } else { vec![1] };
            return ResonantTensor::build(op, vec![f(&all)?], &shape, vec![0.0], self.precision);
        };
        let axis = normalize_axis(op, axis, &self.shape)?;
        let outer: usize = self.shape[..axis].iter().product();
        let (length, inner): (usize, usize) = (self.shape[axis], self.shape[axis + 1..].iter().product());
        let lattice = parallel::try_map(outer * inner, 64, |i| {
            let (o, r) = (i / inner, i % inner);
            let line: Vec<&Golden> = (0..length).map(|k| &self.lattice[(o * length + k) * inner + r]).collect();
            f(&line)
        })?;
        let mut shape = self.shape.clone();
        if keepdims {
            shape[axis] = 1;
        } else {
            shape.remove(axis);
        }
        if shape.is_empty() {
            shape.push(1);
        }
        ResonantTensor::with_default_norms(op, lattice, &shape, self.precision)
    }

    /// The sum, exact.
    ///
    /// # Errors
    /// For axes out of range, [`Error::Phase`] in flux.
    pub fn sum(&self, axis: Option<i64>, keepdims: bool) -> Result<ResonantTensor> {
        self.reduce("sum", axis, keepdims, |line| Ok(sum(line)))
    }

    /// The mean, exact: a fraction over the number of elements.
    ///
    /// # Errors
    /// As [`ResonantTensor::sum`], and [`Error::Value`] for no elements.
    pub fn mean(&self, axis: Option<i64>, keepdims: bool) -> Result<ResonantTensor> {
        self.reduce("mean", axis, keepdims, |line| mean("mean", line))
    }

    /// The population variance, exact.
    ///
    /// # Errors
    /// As [`ResonantTensor::mean`].
    pub fn var(&self, axis: Option<i64>, keepdims: bool) -> Result<ResonantTensor> {
        self.reduce("var", axis, keepdims, |line| {
            let mean = mean("var", line)?;
            let squares: Vec<Golden> = line.iter().map(|x| *x - &mean).map(|d| &d * &d).collect();
            sum(&squares.iter().collect::<Vec<_>>()).checked_div(&Golden::from(line.len() as i64))
        })
    }

    /// The product, exact; 1 for no elements.
    ///
    /// # Errors
    /// As [`ResonantTensor::sum`].
    pub fn prod(&self, axis: Option<i64>, keepdims: bool) -> Result<ResonantTensor> {
        self.reduce("prod", axis, keepdims, |line| Ok(line.iter().fold(Golden::ONE, |p, x| &p * x)))
    }

    /// The largest or smallest element, exact.
    ///
    /// # Errors
    /// As [`ResonantTensor::mean`].
    pub fn extremum(&self, which: Extremum, axis: Option<i64>, keepdims: bool) -> Result<ResonantTensor> {
        let op = if which == Extremum::Max { "max" } else { "min" };
        self.reduce(op, axis, keepdims, |line| {
            let found = match which {
                Extremum::Max => line.iter().max(),
                Extremum::Min => line.iter().min(),
            };
            found.map(|v| (*v).clone()).ok_or_else(|| Error::value(op, "there are no elements"))
        })
    }

    /// `(sum |x|^p)^(1/p)`, snapped; the largest magnitude for an infinite `p`.
    ///
    /// # Errors
    /// [`Error::Value`] unless `p > 0` and for bounds outside `1..=2^52`, axes out of range, [`Error::Phase`] in flux.
    pub fn norm(&self, p: f64, axis: Option<i64>, keepdims: bool, precision: Option<i64>) -> Result<ResonantTensor> {
        let op = "norm";
        if p.is_nan() || p <= 0.0 {
            return Err(Error::value(op, format!("the order of a norm is positive, not {p}")));
        }
        let bound = check_precision(op, precision.unwrap_or(self.precision as i64))?;
        let mut out = self.reduce(op, axis, keepdims, |line| {
            let values: Vec<f64> = line.iter().map(|x| x.to_f64().abs()).collect();
            let largest = values.iter().copied().fold(0.0, f64::max);
            if largest == 0.0 || p.is_infinite() {
                return Ok(nearest(largest, bound));
            }
            let total = crate::syntony::Sum::of(values.iter().map(|v| (v / largest).powf(p)));
            Ok(nearest(largest * total.powf(1.0 / p), bound))
        })?;
        out.precision = bound;
        Ok(out)
    }
}

/// The sum of a line; integers are added in 128 bits.
fn sum(line: &[&Golden]) -> Golden {
    let (mut a, mut b) = (0i128, 0i128);
    for (i, g) in line.iter().enumerate() {
        match g.small_integers() {
            // 2^62 times fewer than 2^64 terms stay in range.
            Some((x, y)) => (a, b) = (a + i128::from(x), b + i128::from(y)),
            None => {
                let start = Golden::integers(a.into(), b.into());
                return line[i..].iter().fold(start, |s, g| &s + g);
            }
        }
    }
    Golden::integers(a.into(), b.into())
}

fn mean(op: &'static str, line: &[&Golden]) -> Result<Golden> {
    if line.is_empty() {
        return Err(Error::value(op, "there are no elements"));
    }
    sum(line).checked_div(&Golden::from(line.len() as i64))
}
