//! Syntony and the other quantities that have gone by that name, each under a name of its own.

use crate::constants::{PHI, PHI_INV};
use crate::error::{Error, Result};

/// The golden weight `exp(-m2/phi)` of a mode whose norm squared is `m2`.
#[inline]
pub fn golden_weight(m2: f64) -> f64 {
    (-m2 / PHI).exp()
}

/// A sum that keeps what each addition rounds off (Neumaier).
#[derive(Clone, Copy, Default)]
pub(crate) struct Sum {
    total: f64,
    rest: f64,
}

impl Sum {
    #[inline]
    pub(crate) fn add(&mut self, x: f64) {
        // The rounding error of the sum, without a branch (Knuth); the same as by comparing the two.
        let t = self.total + x;
        let part = t - self.total;
        self.rest += (self.total - (t - part)) + (x - part);
        self.total = t;
    }

    #[inline]
    pub(crate) fn value(self) -> f64 {
        self.total + self.rest
    }

    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> f64 {
        let mut sum = Sum::default();
        values.into_iter().for_each(|x| sum.add(x));
        sum.value()
    }
}

/// Syntony: the share of `x^2` that the golden weights leave, `sum x_i^2 w(m2_i) / sum x_i^2`; 0 for all zeros.
///
/// Lies between the smallest and the largest weight of the non-zero entries and does not depend on the scale of `x`:
/// the values are divided by the largest first, so that neither tiny nor huge ones are lost.
///
/// # Errors
/// [`Error::Shape`] if there is not one norm per value.
pub fn syntony(values: &[f64], mode_norm_sq: &[f64]) -> Result<f64> {
    if values.len() != mode_norm_sq.len() {
        return Err(Error::shape("syntony", format!("{} values, but {} mode norms", values.len(), mode_norm_sq.len())));
    }
    Ok(of(values, mode_norm_sq))
}

pub(crate) fn of(values: &[f64], norms: &[f64]) -> f64 {
    let weights: Vec<f64> = norms.iter().map(|m2| golden_weight(*m2)).collect();
    weighted(values, &weights)
}

/// Syntony under weights that are known already.
pub(crate) fn weighted(values: &[f64], weights: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return 0.0;
    }
    let (mut weighted, mut total) = (Sum::default(), Sum::default());
    for (x, w) in values.iter().zip(weights) {
        let x = x / largest;
        weighted.add(x * x * w);
        total.add(x * x);
    }
    // Rounding must not lift the ratio out of its range.
    (weighted.value() / total.value()).clamp(0.0, 1.0)
}

/// How several syntonies become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// The arithmetic mean.
    Mean,
    /// The smallest.
    Min,
    /// The geometric mean, with values of at least 1e-10.
    Geometric,
}

/// Several syntonies as one; `None` if there are none.
pub fn aggregate(values: &[f64], how: Aggregate) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    Some(match how {
        Aggregate::Mean => Sum::of(values.iter().copied()) / n,
        Aggregate::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
        Aggregate::Geometric => (Sum::of(values.iter().map(|v| v.max(1e-10).ln())) / n).exp(),
    })
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    Sum::of(a.iter().zip(b).map(|(x, y)| (x - y) * (x - y))).sqrt()
}

fn same_length(op: &'static str, lengths: &[usize]) -> Result<()> {
    if lengths.windows(2).all(|w| w[0] == w[1]) {
        return Ok(());
    }
    Err(Error::shape(op, format!("states of lengths {lengths:?}")))
}

/// The block metric `1 - |D - HD| / (|D - I| + 1e-10)`, within 0 and 1: how little of what differentiation added
/// harmonization changes. Not a syntony, although it has been called one.
///
/// # Errors
/// [`Error::Shape`] for states of different lengths.
pub fn recursion_residual(input: &[f64], differentiated: &[f64], harmonized: &[f64]) -> Result<f64> {
    same_length("recursion_residual", &[input.len(), differentiated.len(), harmonized.len()])?;
    Ok((1.0 - distance(differentiated, harmonized) / (distance(differentiated, input) + 1e-10)).clamp(0.0, 1.0))
}

/// `1 / (1 + |D - I|)`: 1 for a layer that changes nothing.
///
/// # Errors
/// [`Error::Shape`] for states of different lengths.
pub fn state_stability(input: &[f64], output: &[f64]) -> Result<f64> {
    same_length("state_stability", &[input.len(), output.len()])?;
    Ok(1.0 / (1.0 + distance(input, output)))
}

/// One minus the entropy of `weights` over its largest possible value: 1 for a single peak, 0 for a flat distribution.
/// The weights are divided by their sum. A single weight gives 1, none or all zero 0.
///
/// # Errors
/// [`Error::Value`] for a negative weight.
pub fn concentration(weights: &[f64]) -> Result<f64> {
    if let Some(w) = weights.iter().find(|w| w.is_nan() || **w < 0.0) {
        return Err(Error::value("concentration", format!("{w} is not a weight; weights are zero or positive")));
    }
    let total = Sum::of(weights.iter().copied());
    if total == 0.0 {
        return Ok(0.0);
    }
    if weights.len() == 1 {
        return Ok(1.0);
    }
    let entropy = Sum::of(weights.iter().filter(|w| **w > 0.0).map(|w| -(w / total) * (w / total).ln()));
    Ok((1.0 - entropy / (weights.len() as f64).ln()).clamp(0.0, 1.0))
}

/// `1 / (1 + variance)`: how steady a set of outputs is.
pub fn steadiness(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 1.0;
    }
    let n = values.len() as f64;
    let mean = Sum::of(values.iter().copied()) / n;
    1.0 / (1.0 + Sum::of(values.iter().map(|x| (x - mean) * (x - mean))) / n)
}

/// The winding functional `phi sum |c_n|^2 exp(-l_n/phi) / sum |c_n|^2`, between 0 and phi for `l_n >= 0`.
///
/// # Errors
/// [`Error::Shape`] if there is not one eigenvalue per coefficient.
pub fn winding_functional(coefficients: &[f64], eigenvalues: &[f64]) -> Result<f64> {
    Ok(PHI * syntony(coefficients, eigenvalues)?)
}

/// The golden measure of a set of modes: their weights divided by the sum of the weights.
pub fn golden_measure(mode_norm_sq: &[f64]) -> Vec<f64> {
    // Relative to the smallest norm, so that far modes do not all vanish.
    let least = mode_norm_sq.iter().copied().fold(f64::INFINITY, f64::min);
    let weights: Vec<f64> = mode_norm_sq.iter().map(|m2| (-(m2 - least) * PHI_INV).exp()).collect();
    let total = Sum::of(weights.iter().copied());
    weights.into_iter().map(|w| w / total).collect()
}
