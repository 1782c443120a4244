//! [`ResonantTensor`]: exact lattice numbers with a mode norm each, and doubles beside them while in flux.

mod conv;
mod create;
mod cycle;
mod elementwise;
mod flux;
mod linalg;
mod normalize;
mod reduce;
mod shape;
mod snapped;
mod store;

use std::sync::OnceLock;
use std::time::Duration;

use purify_ops::Tensor;

use crate::error::{Error, Result};
use crate::exact::{Golden, Snapper, nearest};
use crate::parallel;
use crate::syntony;

pub use conv::{Layout2d, Pair};
pub use create::Init;
pub use cycle::{CycleOptions, Rescale};
pub use normalize::{BatchNormTarget, batch_norm};
pub use reduce::Extremum;
pub use snapped::Gelu;
pub(crate) use snapped::softmax as softmax_line;
pub use store::{read_tensors, write_tensors};

/// Values handled by one thread at a time where each takes tens of nanoseconds.
pub(crate) const GRAIN: usize = 4096;

/// Which mode norms a tensor gets when none are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModeNorms {
    /// The square of the index along the last axis, the same for every row.
    #[default]
    LastAxis,
    /// The square of the index in row-major order.
    Flat,
}

/// A tensor over Q(phi) with a mode norm per element.
///
/// The lattice numbers are what the tensor is. In flux it also has doubles, on which a D phase works; they become
/// lattice numbers again when the tensor crystallizes. Arithmetic in flux is refused, so that nobody computes with
/// lattice numbers that are about to be replaced. An operation that fails leaves the tensor as it was.
#[derive(Debug)]
pub struct ResonantTensor {
    lattice: Vec<Golden>,
    shape: Vec<usize>,
    norms: Vec<f64>,
    precision: u64,
    syntony: OnceLock<f64>,
    flux: Option<Tensor>,
    d_duration: Duration,
    h_duration: Duration,
    falling: u32,
}

impl Clone for ResonantTensor {
    /// A crystallized copy: flux belongs to one tensor.
    fn clone(&self) -> Self {
        ResonantTensor {
            lattice: self.lattice.clone(),
            shape: self.shape.clone(),
            norms: self.norms.clone(),
            precision: self.precision,
            syntony: self.syntony.clone(),
            flux: None,
            d_duration: self.d_duration,
            h_duration: self.h_duration,
            falling: self.falling,
        }
    }
}

impl PartialEq for ResonantTensor {
    /// Whether lattice, shape, mode norms and precision agree.
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.precision == other.precision && self.norms == other.norms && self.lattice == other.lattice
    }
}

/// The number of elements of a shape.
pub(crate) fn size_of(op: &'static str, shape: &[usize]) -> Result<usize> {
    shape
        .iter()
        .try_fold(1usize, |n, &d| n.checked_mul(d))
        .ok_or_else(|| Error::shape(op, format!("shape {shape:?} has too many elements to address")))
}

/// The default mode norms of a shape.
pub fn default_norms(shape: &[usize], scheme: ModeNorms) -> Vec<f64> {
    let n: usize = shape.iter().product();
    let period = match scheme {
        ModeNorms::LastAxis => shape.last().copied().unwrap_or(1).max(1),
        ModeNorms::Flat => n.max(1),
    };
    (0..n).map(|i| ((i % period) as f64).powi(2)).collect()
}

impl ResonantTensor {
    fn build(op: &'static str, lattice: Vec<Golden>, shape: &[usize], norms: Vec<f64>, precision: u64) -> Result<ResonantTensor> {
        let n = size_of(op, shape)?;
        if lattice.len() != n {
            return Err(Error::shape(op, format!("{} values do not fill shape {shape:?}, which has {n} elements", lattice.len())));
        }
        if norms.len() != n {
            return Err(Error::shape(op, format!("{} mode norms for {n} elements", norms.len())));
        }
        if let Some(bad) = norms.iter().find(|m| !(**m >= 0.0 && m.is_finite())) {
            return Err(Error::value(op, format!("{bad} is not a mode norm; they are squares: finite and not negative")));
        }
        Ok(ResonantTensor {
            lattice,
            shape: shape.to_vec(),
            norms,
            precision,
            syntony: OnceLock::new(),
            flux: None,
            d_duration: Duration::ZERO,
            h_duration: Duration::ZERO,
            falling: 0,
        })
    }

    /// A result with the norms that its shape gives by default.
    fn with_default_norms(op: &'static str, lattice: Vec<Golden>, shape: &[usize], precision: u64) -> Result<ResonantTensor> {
        ResonantTensor::build(op, lattice, shape, default_norms(shape, ModeNorms::LastAxis), precision)
    }

    /// A result of the same shape and norms.
    fn like(&self, op: &'static str, lattice: Vec<Golden>) -> Result<ResonantTensor> {
        ResonantTensor::build(op, lattice, &self.shape, self.norms.clone(), self.precision)
    }

    /// Replaces the lattice by one of the same length.
    fn set_lattice(&mut self, lattice: Vec<Golden>) {
        debug_assert_eq!(lattice.len(), self.lattice.len());
        self.lattice = lattice;
        self.syntony = OnceLock::new();
    }

    fn crystallized(&self, op: &'static str) -> Result<()> {
        if self.flux.is_none() {
            return Ok(());
        }
        Err(Error::Phase { op, phase: "in flux", remedy: "call crystallize() or destroy_shadow() first" })
    }

    /// The exact numbers, in row-major order.
    pub fn lattice(&self) -> &[Golden] {
        &self.lattice
    }

    /// The lengths of the axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// The number of elements.
    pub fn size(&self) -> usize {
        self.lattice.len()
    }

    /// The mode norm squared of each element.
    pub fn mode_norm_sq(&self) -> &[f64] {
        &self.norms
    }

    /// The coefficient bound of the last snap.
    pub fn precision(&self) -> u64 {
        self.precision
    }

    /// The syntony of the lattice under the mode norms; see [`crate::syntony::syntony`].
    pub fn syntony(&self) -> f64 {
        *self.syntony.get_or_init(|| syntony::of(&self.to_floats(), &self.norms))
    }

    /// `"crystallized"` or `"flux"`.
    pub fn phase(&self) -> &'static str {
        if self.flux.is_some() { "flux" } else { "crystallized" }
    }

    /// The numbers, correctly rounded to doubles.
    pub fn to_floats(&self) -> Vec<f64> {
        parallel::map(self.size(), GRAIN, |i| self.lattice[i].to_f64())
    }

    /// The numbers as a tensor of doubles of the same shape.
    ///
    /// # Errors
    /// When memory cannot be allocated.
    pub fn to_ops(&self) -> Result<Tensor> {
        Ok(Tensor::from_vec(self.to_floats(), &self.shape)?)
    }

    /// Bits of the longest coefficient or denominator.
    pub fn max_coeff_bits(&self) -> u64 {
        self.lattice.iter().map(Golden::bits).max().unwrap_or(0)
    }

    /// How long the last D phase took, and the H phase and snap after it.
    pub fn durations(&self) -> (Duration, Duration) {
        (self.d_duration, self.h_duration)
    }

    /// Whether the last three cycles lowered the syntony while some mode grew: the tensor runs away from mode zero.
    pub fn is_diverging(&self) -> bool {
        self.falling >= 3
    }

    /// The same numbers under other mode norms.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Value`] for norms that do not fit.
    pub fn with_mode_norms(&self, norms: Vec<f64>) -> Result<ResonantTensor> {
        self.crystallized("with_mode_norms")?;
        ResonantTensor::build("with_mode_norms", self.lattice.clone(), &self.shape, norms, self.precision)
    }
}

/// Finite doubles on the lattice.
pub(crate) fn snap_all(values: &[f64], precision: u64) -> Vec<Golden> {
    // A table is worth its making only for many values.
    if values.len() < 256 {
        return values.iter().map(|x| nearest(*x, precision)).collect();
    }
    let snapper = Snapper::new(precision);
    parallel::map(values.len(), GRAIN, |i| snapper.nearest(values[i]))
}
