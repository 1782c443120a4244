//! The resonance cycle: differentiate, disturb, harmonize, snap.

use std::time::Instant;

use super::ResonantTensor;
use crate::error::{Error, Result};
use crate::exact::check_precision;
use crate::operators::{Amplify, d_gain, h_gain};
use crate::random::{Purpose, Stream};
use crate::syntony;

/// What the values are scaled to after a cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rescale {
    /// Nothing: they are left as they came out.
    #[default]
    None,
    /// The Euclidean length they had before.
    L2,
}

/// The settings of a cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CycleOptions {
    /// Width of the noise at syntony zero.
    pub noise_scale: f64,
    /// The coefficient bound of the snap; the tensor's own if `None`.
    pub precision: Option<i64>,
    /// Seed of the noise.
    pub seed: u64,
    /// How differentiation grows with the radius of a mode.
    pub amplify: Amplify,
    /// What the values are scaled to at the end.
    pub rescale: Rescale,
}

impl Default for CycleOptions {
    fn default() -> Self {
        CycleOptions { noise_scale: 0.01, precision: None, seed: 0, amplify: Amplify::Sqrt, rescale: Rescale::None }
    }
}

impl CycleOptions {
    fn check(&self, op: &'static str, own: u64) -> Result<u64> {
        if !(self.noise_scale >= 0.0 && self.noise_scale.is_finite()) {
            return Err(Error::value(op, format!("noise_scale is not negative, not {}", self.noise_scale)));
        }
        check_precision(op, self.precision.unwrap_or(own as i64))
    }

    /// D with noise, and H after it, in place; returns whether some mode grew.
    fn run(&self, values: &mut [f64], norms: &[f64], s: f64, stream: &mut Stream) -> bool {
        let length = |v: &[f64]| syntony::Sum::of(v.iter().map(|x| x * x)).sqrt();
        let before = length(values);
        let mut grew = false;
        for (x, m2) in values.iter_mut().zip(norms) {
            let (d, h) = (d_gain(*m2, s, self.amplify), h_gain(*m2, s));
            grew |= *x != 0.0 && d * h > 1.0;
            let noise = self.noise_scale * (1.0 - s) * (stream.uniform() - 0.5);
            *x = (*x * d + noise) * h;
        }
        let after = length(values);
        if self.rescale == Rescale::L2 && after > 0.0 && after.is_finite() {
            values.iter_mut().for_each(|x| *x *= before / after);
            // Scaling all modes alike is no growth of any against another.
        }
        grew
    }
}

impl ResonantTensor {
    /// One cycle in place: with the syntony S held fixed, each element becomes
    /// `(x (1 + a(S) m) + noise_scale (1 - S) u) (1 - b(S) (1 - w))` with `u` uniform in `[-1/2, 1/2)`, snapped. Returns the
    /// new syntony.
    ///
    /// Noise comes from the stream `(seed, Cycle)` in row-major order.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux; [`Error::Value`] for settings out of range; [`Error::Overflow`] when a value leaves the
    /// range of doubles.
    pub fn cycle(&mut self, options: &CycleOptions) -> Result<f64> {
        let op = "cpu_cycle";
        self.crystallized(op)?;
        let p = options.check(op, self.precision)?;
        let s = self.syntony();
        let started = Instant::now();
        let mut values = self.to_floats();
        let mut stream = Stream::new(options.seed, Purpose::Cycle, [0; 3]);
        let grew = options.run(&mut values, &self.norms, s, &mut stream);
        self.finish(op, &values, p, s, grew, started)
    }

    /// One cycle of each entry of the first axis, with the syntony and the norms of that entry. Returns the syntonies of
    /// the entries after it; the tensor's own is that of the whole.
    ///
    /// # Errors
    /// As [`ResonantTensor::cycle`], and [`Error::Shape`] for fewer than two axes.
    pub fn batch_cycle(&mut self, options: &CycleOptions) -> Result<Vec<f64>> {
        let op = "batch_cpu_cycle";
        self.crystallized(op)?;
        if self.ndim() < 2 {
            return Err(Error::shape(op, format!("needs two or more axes, got {:?}", self.shape)));
        }
        let p = options.check(op, self.precision)?;
        let before = self.syntony();
        let started = Instant::now();
        let mut values = self.to_floats();
        let row = self.size() / self.shape[0].max(1);
        let mut grew = false;
        if row > 0 {
            for (i, (values, norms)) in values.chunks_mut(row).zip(self.norms.chunks(row)).enumerate() {
                let s = syntony::of(values, norms);
                let mut stream = Stream::new(options.seed, Purpose::Cycle, [i as u64, 0, 0]);
                grew |= options.run(values, norms, s, &mut stream);
            }
        }
        self.finish(op, &values, p, before, grew, started)?;
        let values = self.to_floats();
        Ok((0..self.shape[0]).map(|i| syntony::of(&values[i * row..(i + 1) * row], &self.norms[i * row..(i + 1) * row])).collect())
    }

    fn finish(&mut self, op: &'static str, values: &[f64], p: u64, before: f64, grew: bool, started: Instant) -> Result<f64> {
        if values.iter().any(|x| !x.is_finite()) {
            let message = "a value grew beyond the range of doubles; amplify=\"saturating\" or normalize=\"l2\" keep it bounded";
            return Err(Error::Overflow { op, message: message.into() });
        }
        self.d_duration = started.elapsed();
        let snapped = Instant::now();
        self.set_lattice(super::snap_all(values, p));
        self.precision = p;
        self.h_duration = snapped.elapsed();
        let after = self.syntony();
        self.falling = if grew && after < before { self.falling + 1 } else { 0 };
        Ok(after)
    }
}
