//! New tensors: from numbers, filled, and random.

use purify_ops::{DType, Tensor};

use super::{ModeNorms, ResonantTensor, default_norms, size_of, snap_all};
use crate::constants::PHI;
use crate::error::{Error, Result};
use crate::exact::{Golden, Nonfinite, check_precision, resolution};
use crate::random::{Purpose, Stream};

/// How the weights of a layer start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Init {
    /// Uniform within `1/sqrt(fan_in)`.
    Uniform,
    /// Uniform with variance `2/(fan_in + fan_out)`.
    Xavier,
    /// Uniform, falling off by `exp(-m2/(2 phi))` with the index along the last axis, then scaled so that the mean
    /// square is `1/fan_in`. The fall-off stops where it would reach the resolution of the lattice.
    GoldenNorm,
    /// Uniform within `1/sqrt(fan_in)` times `exp(-(i + o)/(2 phi))`: kept for comparison. Nearly every weight of a
    /// large layer is below the resolution of the lattice and becomes zero.
    GoldenLegacy,
}

impl Init {
    /// The initialisation of that name.
    ///
    /// # Errors
    /// [`Error::Value`] for other names.
    pub fn from_name(name: &str) -> Result<Init> {
        match name {
            "uniform" => Ok(Init::Uniform),
            "xavier" => Ok(Init::Xavier),
            "golden_norm" => Ok(Init::GoldenNorm),
            "golden_legacy" => Ok(Init::GoldenLegacy),
            _ => Err(Error::value("init", format!("{name:?} is not one of \"uniform\", \"xavier\", \"golden_norm\", \"golden_legacy\""))),
        }
    }
}

impl ResonantTensor {
    /// The lattice points nearest to the values.
    ///
    /// # Errors
    /// For lengths that do not fit the shape, values that are not finite and bounds outside `1..=2^52`.
    pub fn from_floats(values: &[f64], shape: &[usize], norms: Option<Vec<f64>>, precision: i64) -> Result<ResonantTensor> {
        ResonantTensor::from_floats_with(values, shape, norms, precision, Nonfinite::Error)
    }

    /// As [`ResonantTensor::from_floats`], with a policy for NaN and infinities.
    ///
    /// # Errors
    /// As there.
    pub fn from_floats_with(
        values: &[f64],
        shape: &[usize],
        norms: Option<Vec<f64>>,
        precision: i64,
        nonfinite: Nonfinite,
    ) -> Result<ResonantTensor> {
        let op = "ResonantTensor";
        let p = check_precision(op, precision)?;
        let values = values.iter().map(|x| nonfinite.apply(op, *x)).collect::<Result<Vec<_>>>()?;
        let norms = norms.unwrap_or_else(|| default_norms(shape, ModeNorms::LastAxis));
        ResonantTensor::build(op, snap_all(&values, p), shape, norms, p)
    }

    /// The values of a real tensor, snapped.
    ///
    /// # Errors
    /// As [`ResonantTensor::from_floats`], and for complex tensors.
    pub fn from_ops(t: &Tensor, norms: Option<Vec<f64>>, precision: i64, nonfinite: Nonfinite) -> Result<ResonantTensor> {
        if t.dtype().is_complex() {
            return Err(Error::value("ResonantTensor", "complex numbers have no place on the real lattice; pass real and imaginary parts"));
        }
        let values = t.astype(DType::Float64)?.to_vec::<f64>()?;
        ResonantTensor::from_floats_with(&values, t.shape(), norms, precision, nonfinite)
    }

    /// The very numbers, which need not lie within the bound.
    ///
    /// # Errors
    /// For lengths that do not fit the shape and bounds outside `1..=2^52`.
    pub fn from_lattice(lattice: Vec<Golden>, shape: &[usize], norms: Option<Vec<f64>>, precision: i64) -> Result<ResonantTensor> {
        let p = check_precision("from_golden_exact", precision)?;
        let norms = norms.unwrap_or_else(|| default_norms(shape, ModeNorms::LastAxis));
        ResonantTensor::build("from_golden_exact", lattice, shape, norms, p)
    }

    /// A tensor filled with one number.
    ///
    /// # Errors
    /// For shapes that cannot be addressed and bounds outside `1..=2^52`.
    pub fn full(shape: &[usize], value: Golden, precision: i64) -> Result<ResonantTensor> {
        let p = check_precision("full", precision)?;
        ResonantTensor::with_default_norms("full", vec![value; size_of("full", shape)?], shape, p)
    }

    /// Zeros.
    ///
    /// # Errors
    /// As [`ResonantTensor::full`].
    pub fn zeros(shape: &[usize], precision: i64) -> Result<ResonantTensor> {
        ResonantTensor::full(shape, Golden::ZERO, precision)
    }

    /// Ones.
    ///
    /// # Errors
    /// As [`ResonantTensor::full`].
    pub fn ones(shape: &[usize], precision: i64) -> Result<ResonantTensor> {
        ResonantTensor::full(shape, Golden::ONE, precision)
    }

    /// Normal numbers, snapped: the stream `(seed, Init)` in row-major order.
    ///
    /// # Errors
    /// As [`ResonantTensor::from_floats`].
    pub fn randn(shape: &[usize], mean: f64, std: f64, precision: i64, seed: u64) -> Result<ResonantTensor> {
        let mut stream = Stream::new(seed, Purpose::Init, [0; 3]);
        let n = size_of("randn", shape)?;
        let values: Vec<f64> = (0..n).map(|_| mean + std * stream.normal()).collect();
        ResonantTensor::from_floats(&values, shape, None, precision)
    }

    /// Uniform numbers in `[low, high)`, snapped: the stream `(seed, Init)` in row-major order.
    ///
    /// # Errors
    /// As [`ResonantTensor::from_floats`].
    pub fn uniform(shape: &[usize], low: f64, high: f64, precision: i64, seed: u64) -> Result<ResonantTensor> {
        let mut stream = Stream::new(seed, Purpose::Init, [0; 3]);
        let n = size_of("uniform", shape)?;
        let values: Vec<f64> = (0..n).map(|_| low + (high - low) * stream.uniform()).collect();
        ResonantTensor::from_floats(&values, shape, None, precision)
    }

    /// Golden initial values `u exp(-m2/(2 phi))` under the given norms (or the default ones), with `u` uniform within
    /// `scale`. The bound is raised until the weakest mode whose attenuation exceeds `floor` is above the resolution.
    ///
    /// # Errors
    /// As [`ResonantTensor::from_floats`].
    pub fn golden(shape: &[usize], scale: f64, norms: Option<Vec<f64>>, precision: i64, floor: f64, seed: u64) -> Result<ResonantTensor> {
        let op = "golden";
        let n = size_of(op, shape)?;
        let norms = norms.unwrap_or_else(|| default_norms(shape, ModeNorms::LastAxis));
        if norms.len() != n {
            return Err(Error::shape(op, format!("{} mode norms for {n} elements", norms.len())));
        }
        let mut p = check_precision(op, precision)?;
        let weakest = norms.iter().map(|m2| attenuation(*m2)).filter(|a| *a >= floor).fold(1.0, f64::min);
        // A uniform number within s has standard deviation s/sqrt 3.
        while resolution(p) > weakest * scale.abs() / 3f64.sqrt() && scale != 0.0 && p < 1 << 40 {
            p *= 2;
        }
        let mut stream = Stream::new(seed, Purpose::Init, [0; 3]);
        let values: Vec<f64> = norms.iter().map(|m2| scale * (2.0 * stream.uniform() - 1.0) * attenuation(*m2)).collect();
        ResonantTensor::from_floats(&values, shape, Some(norms), p as i64)
    }

    /// The weight matrix `[out, in]` of a layer. Norms are `i + o`.
    ///
    /// # Errors
    /// For shapes without inputs and bounds outside `1..=2^52`.
    pub fn weights(fan_out: usize, fan_in: usize, init: Init, precision: i64, seed: u64) -> Result<ResonantTensor> {
        let op = "weights";
        if fan_in == 0 {
            return Err(Error::shape(op, "a layer needs at least one input"));
        }
        let p = check_precision(op, precision)?;
        let mut stream = Stream::new(seed, Purpose::Init, [0; 3]);
        let bound = match init {
            Init::Xavier => (6.0 / (fan_in + fan_out) as f64).sqrt(),
            _ => 1.0 / (fan_in as f64).sqrt(),
        };
        let per_feature: Vec<f64> = match init {
            Init::GoldenNorm => golden_profile(fan_in, p),
            _ => vec![1.0; fan_in],
        };
        let mut values = Vec::with_capacity(fan_in * fan_out);
        let mut norms = Vec::with_capacity(fan_in * fan_out);
        for o in 0..fan_out {
            for (i, scale) in per_feature.iter().enumerate() {
                let fade = if init == Init::GoldenLegacy { (-((i + o) as f64) / (2.0 * PHI)).exp() } else { 1.0 };
                values.push(bound * scale * fade * (2.0 * stream.uniform() - 1.0));
                norms.push((i + o) as f64);
            }
        }
        ResonantTensor::from_floats(&values, &[fan_out, fan_in], Some(norms), precision)
    }
}

fn attenuation(m2: f64) -> f64 {
    (-m2 / (2.0 * PHI)).exp()
}

/// Factors per input feature: a golden fall-off that keeps the weakest well above the resolution of the lattice, scaled
/// so that a uniform number within `1/sqrt(n)` times its factor has the mean square `1/n`.
fn golden_profile(n: usize, precision: u64) -> Vec<f64> {
    // Nine in ten weights of the weakest feature are above half the resolution if its range is ten times that.
    let needed = 10.0 * resolution(precision) * 0.5 * (n as f64).sqrt() / 3f64.sqrt();
    let floor = needed.min(1.0);
    let raw: Vec<f64> = (0..n).map(|i| attenuation((i as f64).powi(2)).max(floor)).collect();
    let mean_square = raw.iter().map(|a| a * a).sum::<f64>() / n as f64;
    // Uniform within 1/sqrt n has the mean square 1/(3n).
    let scale = (3.0 / mean_square).sqrt();
    raw.into_iter().map(|a| a * scale).collect()
}
