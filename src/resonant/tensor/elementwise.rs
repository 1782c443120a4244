//! Exact operations on single elements: arithmetic with broadcasting, scalars, signs, comparisons, the golden recursion.

use std::cmp::Ordering;

use purify_ops::{Tensor, broadcast_shape};

use super::{GRAIN, ResonantTensor, size_of};
use crate::error::{Error, Result};
use crate::exact::{Golden, check_precision, nearest};
use crate::parallel;

/// For each element of `shape`, the place in a row-major array of shape `from` that broadcasts to it.
pub(super) fn broadcast_index(from: &[usize], shape: &[usize]) -> Vec<usize> {
    let n: usize = shape.iter().product();
    let lead = shape.len() - from.len();
    let mut strides = vec![0usize; shape.len()];
    let mut step = 1;
    for (axis, &length) in from.iter().enumerate().rev() {
        strides[lead + axis] = if length == 1 { 0 } else { step };
        step *= length;
    }
    let mut out = Vec::with_capacity(n);
    let mut index = vec![0usize; shape.len()];
    let mut at = 0usize;
    for _ in 0..n {
        out.push(at);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    out
}

impl ResonantTensor {
    fn map(&self, op: &'static str, f: impl Fn(&Golden) -> Golden + Sync) -> Result<ResonantTensor> {
        self.crystallized(op)?;
        self.like(op, parallel::map(self.size(), GRAIN, |i| f(&self.lattice[i])))
    }

    fn zip(&self, op: &'static str, other: &ResonantTensor, f: impl Fn(&Golden, &Golden) -> Golden + Sync) -> Result<ResonantTensor> {
        self.crystallized(op)?;
        other.crystallized(op)?;
        let precision = self.precision.max(other.precision);
        if self.shape == other.shape {
            let lattice = parallel::map(self.size(), GRAIN, |i| f(&self.lattice[i], &other.lattice[i]));
            return ResonantTensor::build(op, lattice, &self.shape, self.norms.clone(), precision);
        }
        let shape = broadcast_shape(op, &[&self.shape, &other.shape])
            .map_err(|_| Error::shape(op, format!("shapes {:?} and {:?} cannot be broadcast together", self.shape, other.shape)))?;
        let shape: Vec<usize> = shape.to_vec();
        size_of(op, &shape)?;
        let (left, right) = (broadcast_index(&self.shape, &shape), broadcast_index(&other.shape, &shape));
        let lattice = parallel::map(left.len(), GRAIN, |i| f(&self.lattice[left[i]], &other.lattice[right[i]]));
        // The norms of the operand that has the whole shape; of self, if neither has.
        let norms = if other.shape == shape { other.norms.clone() } else { left.iter().map(|&i| self.norms[i]).collect() };
        ResonantTensor::build(op, lattice, &shape, norms, precision)
    }

    /// The sum, with broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] for shapes that cannot be broadcast, [`Error::Phase`] in flux.
    pub fn add(&self, other: &ResonantTensor) -> Result<ResonantTensor> {
        self.zip("add", other, |a, b| a + b)
    }

    /// The difference, with broadcasting.
    ///
    /// # Errors
    /// As [`ResonantTensor::add`].
    pub fn sub(&self, other: &ResonantTensor) -> Result<ResonantTensor> {
        self.zip("sub", other, |a, b| a - b)
    }

    /// The product element by element, with broadcasting.
    ///
    /// # Errors
    /// As [`ResonantTensor::add`].
    pub fn mul(&self, other: &ResonantTensor) -> Result<ResonantTensor> {
        self.zip("mul", other, |a, b| a * b)
    }

    /// The quotient element by element, with broadcasting: exact, in Q(phi).
    ///
    /// # Errors
    /// As [`ResonantTensor::add`], and [`Error::ZeroDivision`] if a divisor is zero.
    pub fn div(&self, other: &ResonantTensor) -> Result<ResonantTensor> {
        if other.lattice.iter().any(Golden::is_zero) {
            return Err(Error::ZeroDivision { op: "div" });
        }
        self.zip("div", other, |a, b| a.checked_div(b).unwrap_or(Golden::ZERO))
    }

    /// Every element plus a number.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux.
    pub fn add_scalar(&self, c: &Golden) -> Result<ResonantTensor> {
        self.map("scalar_add", |a| a + c)
    }

    /// Every element times a number.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux.
    pub fn mul_scalar(&self, c: &Golden) -> Result<ResonantTensor> {
        self.map("scalar_mul", |a| a * c)
    }

    /// The negatives.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux.
    pub fn neg(&self) -> Result<ResonantTensor> {
        self.map("negate", |a| -a)
    }

    /// One minus each element.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux.
    pub fn one_minus(&self) -> Result<ResonantTensor> {
        self.map("one_minus", |a| &Golden::ONE - a)
    }

    /// The absolute values; signs are decided exactly.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux.
    pub fn abs(&self) -> Result<ResonantTensor> {
        self.map("abs", Golden::abs)
    }

    /// Negative elements become zero; signs are decided exactly.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux.
    pub fn relu(&self) -> Result<ResonantTensor> {
        self.map("relu", |a| if a.signum() < 0 { Golden::ZERO } else { a.clone() })
    }

    /// Every element times phi.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux.
    pub fn recursion(&self) -> Result<ResonantTensor> {
        self.map("apply_recursion", Golden::mul_phi)
    }

    /// Every element divided by phi.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux.
    pub fn inverse_recursion(&self) -> Result<ResonantTensor> {
        self.map("apply_inverse_recursion", Golden::div_phi)
    }

    /// Elements below `threshold` in magnitude become zero.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux, [`Error::Value`] for a threshold that is not finite.
    pub fn prune(&self, threshold: f64) -> Result<ResonantTensor> {
        let bound = Golden::from_f64(threshold)
            .ok_or_else(|| Error::value("prune_hierarchy", format!("the threshold {threshold} is not finite")))?;
        self.map("prune_hierarchy", |a| if a.abs() < bound { Golden::ZERO } else { a.clone() })
    }

    /// The nearest lattice points under another bound: short coefficients again after exact products.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux, [`Error::Value`] for bounds outside `1..=2^52`.
    pub fn resnap(&self, precision: i64) -> Result<ResonantTensor> {
        let p = check_precision("resnap", precision)?;
        self.crystallized("resnap")?;
        let lattice = parallel::map(self.size(), GRAIN, |i| {
            let v = &self.lattice[i];
            match v.small_integers() {
                Some((a, b)) if a.unsigned_abs() <= p && b.unsigned_abs() <= p => v.clone(),
                _ => nearest(v.to_f64(), p),
            }
        });
        let mut out = self.like("resnap", lattice)?;
        out.precision = p;
        Ok(out)
    }

    /// How each element compares with that of another tensor, with broadcasting, as booleans.
    ///
    /// # Errors
    /// As [`ResonantTensor::add`].
    pub fn compare(&self, other: &ResonantTensor, holds: impl Fn(Ordering) -> bool + Sync) -> Result<Tensor> {
        let difference = self.zip("compare", other, |a, b| a - b)?;
        let out: Vec<bool> = difference.lattice.iter().map(|d| holds(d.signum().cmp(&0))).collect();
        Ok(Tensor::from_vec(out, &difference.shape)?)
    }

    /// How each element compares with a number, as booleans.
    ///
    /// # Errors
    /// [`Error::Phase`] in flux.
    pub fn compare_scalar(&self, c: &Golden, holds: impl Fn(Ordering) -> bool + Sync) -> Result<Tensor> {
        self.crystallized("compare")?;
        let out: Vec<bool> = self.lattice.iter().map(|a| holds(a.cmp(c))).collect();
        Ok(Tensor::from_vec(out, &self.shape)?)
    }
}
