//! Functions that leave Q(phi): computed from correctly rounded doubles, then snapped to the lattice.

use purify_ops::normalize_axis;

use super::{GRAIN, ResonantTensor, snap_all};
use crate::error::{Error, Result};
use crate::exact::{Golden, Nonfinite, check_precision, nearest};
use crate::parallel;
use crate::random::{Purpose, Stream};

/// Which form of the Gaussian error linear unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gelu {
    /// `x/2 (1 + erf(x/sqrt 2))`.
    #[default]
    Erf,
    /// `x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`.
    Tanh,
}

pub(crate) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

pub(crate) fn gelu(x: f64, form: Gelu) -> f64 {
    match form {
        Gelu::Erf => 0.5 * x * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2)),
        Gelu::Tanh => {
            let root = (2.0 / std::f64::consts::PI).sqrt();
            0.5 * x * (1.0 + (root * (x + 0.044715 * x * x * x)).tanh())
        }
    }
}

/// Max-shifted softmax of a line.
pub(crate) fn softmax(line: &[f64]) -> Vec<f64> {
    let largest = line.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = line.iter().map(|x| (x - largest).exp()).collect();
    let total = crate::syntony::Sum::of(powers.iter().copied());
    powers.into_iter().map(|p| p / total).collect()
}

impl ResonantTensor {
    /// `snap(f(x))` for each element, under another bound or the tensor's own.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux; [`Error::Value`] for bounds outside `1..=2^52`, and for results that are not finite if
    /// the policy is to fail.
    pub fn apply(
        &self,
        op: &'static str,
        precision: Option<i64>,
        nonfinite: Nonfinite,
        f: impl Fn(f64) -> f64 + Sync,
    ) -> Result<ResonantTensor> {
        self.crystallized(op)?;
        let p = check_precision(op, precision.unwrap_or(self.precision as i64))?;
        let lattice = parallel::try_map(self.size(), GRAIN / 4, |i| {
            let x = self.lattice[i].to_f64();
            nonfinite.apply(op, f(x)).map(|y| nearest(y, p)).map_err(|_| {
                Error::value(op, format!("the result for {x} is not finite; pass nonfinite=\"zero\" or \"saturate\" to go on"))
            })
        })?;
        let mut out = self.like(op, lattice)?;
        out.precision = p;
        Ok(out)
    }

    /// `1 / (1 + e^-x)`.
    ///
    /// # Errors
    /// As [`ResonantTensor::apply`].
    pub fn sigmoid(&self, precision: Option<i64>) -> Result<ResonantTensor> {
        self.apply("sigmoid", precision, Nonfinite::Error, sigmoid)
    }

    /// The hyperbolic tangent.
    ///
    /// # Errors
    /// As [`ResonantTensor::apply`].
    pub fn tanh(&self, precision: Option<i64>) -> Result<ResonantTensor> {
        self.apply("tanh", precision, Nonfinite::Error, f64::tanh)
    }

    /// The Gaussian error linear unit.
    ///
    /// # Errors
    /// As [`ResonantTensor::apply`].
    pub fn gelu(&self, precision: Option<i64>, form: Gelu) -> Result<ResonantTensor> {
        self.apply("gelu", precision, Nonfinite::Error, |x| gelu(x, form))
    }

    /// Softmax along an axis. With `renormalize`, the largest entry takes what snapping left over, so that each line
    /// sums to exactly 1.
    ///
    /// # Errors
    /// As [`ResonantTensor::apply`], and for axes out of range.
    pub fn softmax(&self, axis: i64, precision: Option<i64>, renormalize: bool) -> Result<ResonantTensor> {
        let op = "softmax";
        self.crystallized(op)?;
        let p = check_precision(op, precision.unwrap_or(self.precision as i64))?;
        let axis = if self.ndim() == 0 { None } else { Some(normalize_axis(op, axis, &self.shape)?) };
        let (length, inner) = axis.map_or((1, 1), |a| (self.shape[a], self.shape[a + 1..].iter().product::<usize>()));
        let values = self.to_floats();
        let mut lattice = vec![Golden::ZERO; values.len()];
        for start in 0..values.len() / length.max(1) {
            let at = |k: usize| (start / inner * length + k) * inner + start % inner;
            let line: Vec<f64> = (0..length).map(|k| values[at(k)]).collect();
            let mut snapped = snap_all(&softmax(&line), p);
            // A probability below the resolution may have a negative neighbour that is nearer than any other.
            snapped.iter_mut().filter(|v| v.signum() < 0).for_each(|v| *v = Golden::ZERO);
            if renormalize {
                let largest = (0..length).max_by(|&i, &j| snapped[i].cmp(&snapped[j]).then(j.cmp(&i)));
                if let Some(largest) = largest {
                    let others = (0..length).filter(|&i| i != largest).fold(Golden::ONE, |left, i| &left - &snapped[i]);
                    snapped[largest] = others;
                }
            }
            for (k, v) in snapped.into_iter().enumerate() {
                lattice[at(k)] = v;
            }
        }
        let mut out = self.like(op, lattice)?;
        out.precision = p;
        Ok(out)
    }

    /// Each element zero with probability `p`, else times `1/(1 - p)`, which is snapped: the stream `(seed, Dropout)`.
    ///
    /// # Errors
    /// [`Error::Value`] unless `0 <= p <= 1`, [`Error::Phase`] in flux.
    pub fn dropout(&self, p: f64, seed: u64) -> Result<ResonantTensor> {
        let op = "dropout";
        self.crystallized(op)?;
        if !(0.0..=1.0).contains(&p) {
            return Err(Error::value(op, format!("a probability lies between 0 and 1, not {p}")));
        }
        let scale = if p < 1.0 { nearest(1.0 / (1.0 - p), self.precision) } else { Golden::ZERO };
        let mut stream = Stream::new(seed, Purpose::Dropout, [0; 3]);
        let lattice = self.lattice.iter().map(|x| if stream.uniform() < p { Golden::ZERO } else { x * &scale }).collect();
        self.like(op, lattice)
    }
}
