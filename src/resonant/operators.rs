//! Differentiation D, harmonization H and their composition R = H D: diagonal operators with the syntony held fixed.
//!
//! For a mode of radius `m = sqrt(m2)` and syntony `S`, D multiplies by `1 + a m` with `a = phi^-2 (1 - S)`, and H by
//! `1 - b (1 - w)` with `b = S/phi` and the golden weight `w = exp(-m2/phi)`. Both leave the mode of radius zero alone.
//! The product falls below one only above a critical syntony, which [`critical_syntony`] finds.

use crate::constants::{PHI, PHI_INV, PHI_INV_SQUARED};
use crate::error::{Error, Result};
use crate::syntony::golden_weight;

/// How differentiation grows with the radius of a mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Amplify {
    /// By `1 + a m`, without a bound.
    #[default]
    Sqrt,
    /// By `1 + a m/(1 + m)`, at most 1.382: no mode runs away.
    Saturating,
}

impl Amplify {
    /// The law of that name.
    ///
    /// # Errors
    /// [`Error::Value`] for other names.
    pub fn from_name(name: &str) -> Result<Amplify> {
        match name {
            "sqrt" => Ok(Amplify::Sqrt),
            "saturating" => Ok(Amplify::Saturating),
            _ => Err(Error::value("amplify", format!("{name:?} is not one of \"sqrt\", \"saturating\""))),
        }
    }
}

/// `a(S) = phi^-2 (1 - S)`, the strength of differentiation.
#[inline]
pub fn differentiation_strength(syntony: f64) -> f64 {
    PHI_INV_SQUARED * (1.0 - syntony)
}

/// `b(S) = S / phi`, the strength of harmonization.
#[inline]
pub fn harmonization_strength(syntony: f64) -> f64 {
    PHI_INV * syntony
}

/// What D multiplies a mode of norm squared `m2` by.
#[inline]
pub fn d_gain(m2: f64, syntony: f64, amplify: Amplify) -> f64 {
    let m = m2.sqrt();
    let reach = match amplify {
        Amplify::Sqrt => m,
        Amplify::Saturating => m / (1.0 + m),
    };
    1.0 + differentiation_strength(syntony) * reach
}

/// What H multiplies a mode of norm squared `m2` by: between 1 - S/phi and 1.
#[inline]
pub fn h_gain(m2: f64, syntony: f64) -> f64 {
    1.0 - harmonization_strength(syntony) * (1.0 - golden_weight(m2))
}

/// What one cycle without noise multiplies a mode of norm squared `m2` by.
#[inline]
pub fn r_gain(m2: f64, syntony: f64, amplify: Amplify) -> f64 {
    d_gain(m2, syntony, amplify) * h_gain(m2, syntony)
}

/// D, H or R applied to values with one mode norm each and a fixed syntony.
///
/// # Errors
/// [`Error::Shape`] if there is not one norm per value.
pub fn apply(values: &[f64], mode_norm_sq: &[f64], gain: impl Fn(f64) -> f64) -> Result<Vec<f64>> {
    if values.len() != mode_norm_sq.len() {
        return Err(Error::shape("operator", format!("{} values, but {} mode norms", values.len(), mode_norm_sq.len())));
    }
    Ok(values.iter().zip(mode_norm_sq).map(|(x, m2)| x * gain(*m2)).collect())
}

/// The syntony at which a mode of radius `m > 0` neither grows nor shrinks in one cycle: above it, the mode shrinks.
///
/// # Errors
/// [`Error::Value`] unless `m` is positive and finite.
pub fn critical_syntony(m: f64, amplify: Amplify) -> Result<f64> {
    if !(m > 0.0 && m.is_finite()) {
        return Err(Error::value("critical_syntony", format!("the radius of a mode is positive and finite here, not {m}")));
    }
    // At S = 0 the gain is above one and at S = 1 below; log gain is concave in S, so it crosses once.
    let (mut low, mut high) = (0.0f64, 1.0f64);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return Ok(middle);
        }
        if r_gain(m * m, middle, amplify) > 1.0 { low = middle } else { high = middle }
    }
}

/// Strengths of the operators on states (rather than on modes), with their published values as defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateOperators {
    /// Strength of the projectors of D.
    pub alpha: f64,
    /// Strength of the Laplacian of D.
    pub zeta: f64,
    /// Strength of the filters of H.
    pub beta: f64,
    /// Pull of H towards the mean.
    pub gamma: f64,
    /// Strength of H's nonlinear damping.
    pub eta: f64,
}

impl Default for StateOperators {
    fn default() -> Self {
        StateOperators { alpha: 0.1, zeta: 0.01, beta: 0.618, gamma: 0.1, eta: 0.01 }
    }
}

/// Number of Fourier projectors of D.
const PROJECTORS: usize = 8;
/// Number of low-pass filters of H, and the order of their flank.
const FILTERS: usize = 3;
const FILTER_ORDER: f64 = 4.0;
const CUTOFF: f64 = 0.7;

impl StateOperators {
    /// `x + sum_i alpha (1-S) phi^-i P_i x + zeta (1-S) Lap x`: P_i keeps the i-th Fourier mode and its mirror image,
    /// i = 1, ..., 8, and Lap is the periodic three-point Laplacian.
    ///
    /// # Errors
    /// Those of the Fourier transform.
    pub fn differentiate(&self, x: &[f64], syntony: f64) -> Result<Vec<f64>> {
        let n = x.len();
        if n == 0 {
            return Ok(Vec::new());
        }
        let loose = 1.0 - syntony;
        let gain = |k: usize| if (1..=PROJECTORS).contains(&k) { self.alpha * loose * PHI.powi(-(k as i32)) } else { 0.0 };
        let raised = filtered(x, gain)?;
        Ok((0..n)
            .map(|i| {
                let laplacian = x[(i + 1) % n] - 2.0 * x[i] + x[(i + n - 1) % n];
                x[i] + raised[i] + self.zeta * loose * laplacian
            })
            .collect())
    }

    /// `x - sum_i beta S phi^-i min(1+d, 2) (x - Q_i x) + gamma S (mean - x) - eta S x^3/(1+x^2)`, where `d` is how far
    /// differentiation moved the state and Q_i, i = 0, 1, 2, passes frequencies below 0.7 phi^-i of the highest.
    ///
    /// # Errors
    /// Those of the Fourier transform.
    pub fn harmonize(&self, x: &[f64], syntony: f64, moved: f64) -> Result<Vec<f64>> {
        let n = x.len();
        if n == 0 {
            return Ok(Vec::new());
        }
        let mean = crate::syntony::Sum::of(x.iter().copied()) / n as f64;
        let top = (n / 2).max(1) as f64;
        let cut = |k: usize| {
            (0..FILTERS)
                .map(|i| {
                    let pass = 1.0 / (1.0 + (k as f64 / top / (CUTOFF * PHI.powi(-(i as i32)))).powf(FILTER_ORDER));
                    self.beta * syntony * PHI.powi(-(i as i32)) * (1.0 + moved).min(2.0) * (1.0 - pass)
                })
                .sum::<f64>()
        };
        let removed = filtered(x, cut)?;
        Ok((0..n)
            .map(|i| {
                let v = x[i];
                v - removed[i] + self.gamma * syntony * (mean - v) - self.eta * syntony * v * v * v / (1.0 + v * v)
            })
            .collect())
    }
}

/// The state with each frequency multiplied by a gain, in real arithmetic: frequency k and its mirror share one.
fn filtered(x: &[f64], gain: impl Fn(usize) -> f64) -> Result<Vec<f64>> {
    let n = x.len();
    let tau = std::f64::consts::TAU / n as f64;
    let mut out = vec![0.0; n];
    for k in 0..=n / 2 {
        let g = gain(k);
        if g == 0.0 {
            continue;
        }
        let angle = |i: usize| tau * ((i * k) % n) as f64;
        let (mut re, mut im) = (0.0, 0.0);
        for (i, v) in x.iter().enumerate() {
            let (s, c) = angle(i).sin_cos();
            re += v * c;
            im += v * s;
        }
        let share = if k == 0 || 2 * k == n { 1.0 } else { 2.0 };
        for (i, o) in out.iter_mut().enumerate() {
            let (s, c) = angle(i).sin_cos();
            *o += g * share / n as f64 * (re * c + im * s);
        }
    }
    Ok(out)
}
