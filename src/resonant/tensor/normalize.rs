//! Normalisation to zero mean and a chosen variance: per row and per channel.

use super::{ResonantTensor, snap_all};
use crate::constants::PHI_INV;
use crate::error::{Error, Result};
use crate::syntony::Sum;

/// The variance that batch normalisation leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BatchNormTarget {
    /// 1/phi.
    Golden,
    /// 1.
    Standard,
    /// Any positive number.
    Custom(f64),
}

impl BatchNormTarget {
    /// The variance.
    pub fn variance(self) -> f64 {
        match self {
            BatchNormTarget::Golden => PHI_INV,
            BatchNormTarget::Standard => 1.0,
            BatchNormTarget::Custom(v) => v,
        }
    }
}

/// Mean and population variance, in two passes.
pub(crate) fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count().max(1) as f64;
    let mean = Sum::of(values.clone()) / n;
    (mean, Sum::of(values.map(|x| (x - mean) * (x - mean))) / n)
}

fn parameter(op: &'static str, name: &str, t: Option<&ResonantTensor>, n: usize, neutral: f64) -> Result<Vec<f64>> {
    match t {
        None => Ok(vec![neutral; n]),
        Some(t) if t.size() == n => Ok(t.to_floats()),
        Some(t) => Err(Error::shape(op, format!("{name} has {} elements, the axis {n}", t.size()))),
    }
}

/// Batch normalisation of doubles `[B, F]` (`inner` 1) or `[B, C, H, W]` (`inner` H W): per channel
/// `gamma (x - mean)/sqrt(var + eps) sqrt(target) + beta`. Returns the values, and mean and population variance per channel.
///
/// # Errors
/// [`Error::Shape`] for lengths that do not fit, [`Error::Value`] for a target variance that is not positive.
pub fn batch_norm(
    values: &[f64],
    channels: usize,
    inner: usize,
    target: BatchNormTarget,
    eps: f64,
    gamma: &[f64],
    beta: &[f64],
) -> Result<(Vec<f64>, Vec<f64>, Vec<f64>)> {
    let op = "batch_norm";
    if gamma.len() != channels || beta.len() != channels || (channels * inner > 0 && !values.len().is_multiple_of(channels * inner)) {
        let message =
            format!("{} values, {} gammas and {} betas for {channels} channels of {inner}", values.len(), gamma.len(), beta.len());
        return Err(Error::shape(op, message));
    }
    let goal = target.variance();
    if !(goal > 0.0 && goal.is_finite()) {
        return Err(Error::value(op, format!("the target variance is positive, not {goal}")));
    }
    let mut out = vec![0.0; values.len()];
    let (mut means, mut variances) = (Vec::new(), Vec::new());
    let batch = values.len().checked_div(channels * inner).unwrap_or(0);
    for c in 0..channels {
        let places = (0..batch).flat_map(|b| (0..inner).map(move |i| (b * channels + c) * inner + i));
        let (mean, var) = moments(places.clone().map(|i| values[i]));
        let scale = goal.sqrt() / (var + eps).sqrt();
        places.for_each(|i| out[i] = gamma[c] * (values[i] - mean) * scale + beta[c]);
        means.push(mean);
        variances.push(var);
    }
    Ok((out, means, variances))
}

impl ResonantTensor {
    /// Per row of the last axis `(x - mean)/sqrt(var + eps)`, times sqrt(1/phi) with a golden target, times gamma plus
    /// beta, snapped.
    ///
    /// # Errors
    /// [`Error::Shape`] for no axes and for parameters that are not as long as the last axis, [`Error::Phase`] in flux.
    pub fn layer_norm(
        &self,
        gamma: Option<&ResonantTensor>,
        beta: Option<&ResonantTensor>,
        eps: f64,
        golden_target: bool,
    ) -> Result<ResonantTensor> {
        let op = "layer_norm";
        self.crystallized(op)?;
        let n = *self.shape.last().ok_or_else(|| Error::shape(op, "needs at least one axis"))?;
        let gamma = parameter(op, "gamma", gamma, n, 1.0)?;
        let beta = parameter(op, "beta", beta, n, 0.0)?;
        if !(eps >= 0.0 && eps.is_finite()) {
            return Err(Error::value(op, format!("eps is not negative, not {eps}")));
        }
        let goal = if golden_target { PHI_INV.sqrt() } else { 1.0 };
        let mut values = self.to_floats();
        for row in values.chunks_mut(n.max(1)) {
            let (mean, var) = moments(row.iter().copied());
            let spread = (var + eps).sqrt();
            for ((x, g), b) in row.iter_mut().zip(&gamma).zip(&beta) {
                // A constant row has no direction, whatever eps is.
                let z = if var == 0.0 { 0.0 } else { (*x - mean) / spread * goal };
                *x = z * g + b;
            }
        }
        self.like(op, snap_all(&values, self.precision))
    }

    /// Batch normalisation of `[B, F]` or `[B, C, H, W]` by the statistics of the batch, snapped; see [`batch_norm`].
    ///
    /// # Errors
    /// As [`batch_norm`], and [`Error::Phase`] in flux.
    pub fn batch_norm(
        &self,
        target: BatchNormTarget,
        eps: f64,
        gamma: Option<&ResonantTensor>,
        beta: Option<&ResonantTensor>,
    ) -> Result<ResonantTensor> {
        let op = "batch_norm";
        self.crystallized(op)?;
        if self.ndim() != 2 && self.ndim() != 4 {
            return Err(Error::shape(op, format!("expected [B, F] or [B, C, H, W], got {:?}", self.shape)));
        }
        let (channels, inner) = (self.shape[1], self.shape[2..].iter().product());
        let gamma = parameter(op, "gamma", gamma, channels, 1.0)?;
        let beta = parameter(op, "beta", beta, channels, 0.0)?;
        let (values, _, _) = batch_norm(&self.to_floats(), channels, inner, target, eps, &gamma, &beta)?;
        self.like(op, snap_all(&values, self.precision))
    }
}
