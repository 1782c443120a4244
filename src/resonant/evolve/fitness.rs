//! What a candidate is worth: the interface, and the functions that come with the crate.

use super::perceptron::Scratch;
use crate::error::{Error, Result};
use crate::tensor::ResonantTensor;

/// A function to be maximised. It is called from several threads at a time.
pub trait Fitness: Sync {
    /// Whether candidates like this one can be evaluated.
    ///
    /// # Errors
    /// What is wrong with them.
    fn check(&self, _template: &ResonantTensor) -> Result<()> {
        Ok(())
    }

    /// The worth of a candidate; higher is better. Numbers that are not finite rank last.
    fn evaluate(&self, candidate: &ResonantTensor) -> f64;

    /// Whether the worth depends on the values of a candidate alone, correctly rounded to doubles. Then
    /// [`Fitness::evaluate_values`] is asked, and no tensor is made of candidates that nobody keeps.
    fn sees_values_alone(&self) -> bool {
        false
    }

    /// The worth of a candidate with these values; the same as [`Fitness::evaluate`] gives.
    fn evaluate_values(&self, _values: &[f64], _scratch: &mut Scratch) -> f64 {
        f64::NAN
    }
}

impl<F: Fn(&ResonantTensor) -> f64 + Sync> Fitness for F {
    fn evaluate(&self, candidate: &ResonantTensor) -> f64 {
        self(candidate)
    }
}

/// `-|x - target|^2`.
pub struct Distance {
    /// The values to come close to.
    pub target: Vec<f64>,
}

impl Fitness for Distance {
    fn check(&self, template: &ResonantTensor) -> Result<()> {
        exactly("Distance", template, self.target.len())
    }

    fn evaluate(&self, candidate: &ResonantTensor) -> f64 {
        self.evaluate_values(&candidate.to_floats(), &mut Scratch::default())
    }

    fn sees_values_alone(&self) -> bool {
        true
    }

    fn evaluate_values(&self, values: &[f64], _: &mut Scratch) -> f64 {
        -values.iter().zip(&self.target).map(|(x, t)| (x - t).powi(2)).sum::<f64>()
    }
}

/// The syntony itself.
pub struct Syntony;

impl Fitness for Syntony {
    fn evaluate(&self, candidate: &ResonantTensor) -> f64 {
        candidate.syntony()
    }
}

/// `-|x - target|` over the first four values.
pub struct Wavefunction {
    /// The values to come close to.
    pub target: [f64; 4],
}

impl Fitness for Wavefunction {
    fn check(&self, template: &ResonantTensor) -> Result<()> {
        at_least("WavefunctionFitness", template, 4)
    }

    fn evaluate(&self, candidate: &ResonantTensor) -> f64 {
        self.evaluate_values(&candidate.to_floats(), &mut Scratch::default())
    }

    fn sees_values_alone(&self) -> bool {
        true
    }

    fn evaluate_values(&self, values: &[f64], _: &mut Scratch) -> f64 {
        -values.iter().zip(&self.target).map(|(x, t)| (x - t).powi(2)).sum::<f64>().sqrt()
    }
}

pub(super) fn exactly(op: &'static str, template: &ResonantTensor, n: usize) -> Result<()> {
    if template.size() == n {
        return Ok(());
    }
    Err(Error::shape(op, format!("needs tensors of {n} elements, not {}", template.size())))
}

fn at_least(op: &'static str, template: &ResonantTensor, n: usize) -> Result<()> {
    if template.size() >= n {
        return Ok(());
    }
    Err(Error::shape(op, format!("needs tensors of {n} or more elements, not {}", template.size())))
}

pub(super) fn rows(op: &'static str, values: &[f64], columns: usize) -> Result<usize> {
    if columns == 0 || values.is_empty() || !values.len().is_multiple_of(columns) {
        return Err(Error::shape(op, format!("{} values are no rows of {columns}", values.len())));
    }
    if let Some(bad) = values.iter().find(|v| !v.is_finite()) {
        return Err(Error::value(op, format!("the data contains {bad}")));
    }
    Ok(values.len() / columns)
}

pub(super) fn check_labels(op: &'static str, labels: &[usize], n: usize, classes: usize) -> Result<()> {
    if labels.len() != n {
        return Err(Error::shape(op, format!("{} labels for {n} rows", labels.len())));
    }
    match labels.iter().find(|l| **l >= classes) {
        Some(bad) => Err(Error::value(op, format!("label {bad} is out of range for {classes} classes"))),
        None => Ok(()),
    }
}

/// The mean of `-ln p` over rows, with the probability `p` of the label clipped to `[1e-10, 1]`.
///
/// # Errors
/// [`Error::Shape`] or [`Error::Value`] for logits and labels that do not fit.
pub fn cross_entropy(logits: &[f64], labels: &[usize], classes: usize) -> Result<f64> {
    let n = rows("cross_entropy", logits, classes)?;
    check_labels("cross_entropy", labels, n, classes)?;
    let total: f64 = logits.chunks(classes).zip(labels).map(|(row, &l)| -crate::tensor::softmax_line(row)[l].clamp(1e-10, 1.0).ln()).sum();
    Ok(total / n as f64)
}

/// The share of rows whose first largest logit is at the label.
///
/// # Errors
/// As [`cross_entropy`].
pub fn accuracy(logits: &[f64], labels: &[usize], classes: usize) -> Result<f64> {
    let n = rows("accuracy", logits, classes)?;
    check_labels("accuracy", labels, n, classes)?;
    let hits = logits.chunks(classes).zip(labels).filter(|(row, l)| {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.iter().position(|v| *v == largest) == Some(**l)
    });
    Ok(hits.count() as f64 / n as f64)
}

/// Minus the cross entropy of a linear classifier: the first `features * classes` values are its weights, by feature.
pub struct Classification {
    data: Vec<f64>,
    labels: Vec<usize>,
    features: usize,
    classes: usize,
}

impl Classification {
    /// Rows of features with a label each.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Value`] for data that does not fit.
    pub fn new(data: Vec<f64>, labels: Vec<usize>, features: usize, classes: usize) -> Result<Classification> {
        let op = "ClassificationFitness";
        let n = rows(op, &data, features)?;
        if classes == 0 {
            return Err(Error::value(op, "there is at least one class"));
        }
        check_labels(op, &labels, n, classes)?;
        Ok(Classification { data, labels, features, classes })
    }

    /// The logits of all rows; missing weights count as zero.
    pub fn logits(&self, weights: &[f64]) -> Vec<f64> {
        let weight = |f: usize, c: usize| weights.get(f * self.classes + c).copied().unwrap_or(0.0);
        let each = self.data.chunks(self.features);
        each.flat_map(|row| (0..self.classes).map(|c| row.iter().enumerate().map(|(f, x)| x * weight(f, c)).sum()).collect::<Vec<f64>>())
            .collect()
    }

    /// The cross entropy.
    pub fn loss(&self, weights: &[f64]) -> f64 {
        cross_entropy(&self.logits(weights), &self.labels, self.classes).unwrap_or(f64::NAN)
    }

    /// The share of rows that are classified as labelled.
    pub fn accuracy(&self, weights: &[f64]) -> f64 {
        accuracy(&self.logits(weights), &self.labels, self.classes).unwrap_or(f64::NAN)
    }
}

impl Fitness for Classification {
    fn evaluate(&self, candidate: &ResonantTensor) -> f64 {
        -self.loss(&candidate.to_floats())
    }

    fn sees_values_alone(&self) -> bool {
        true
    }

    fn evaluate_values(&self, values: &[f64], _: &mut Scratch) -> f64 {
        -self.loss(values)
    }
}

/// Minus the mean squared error of a linear map over all outputs: weights `[features, outputs]`, missing ones zero.
pub struct Regression {
    data: Vec<f64>,
    targets: Vec<f64>,
    features: usize,
    outputs: usize,
}

impl Regression {
    /// Rows of features with a row of targets each.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Value`] for data that does not fit.
    pub fn new(data: Vec<f64>, targets: Vec<f64>, features: usize, outputs: usize) -> Result<Regression> {
        let op = "RegressionFitness";
        let n = rows(op, &data, features)?;
        if rows(op, &targets, outputs)? != n {
            return Err(Error::shape(op, format!("{n} rows of data, but {} of targets", targets.len() / outputs)));
        }
        Ok(Regression { data, targets, features, outputs })
    }

    /// The mean squared error.
    pub fn loss(&self, weights: &[f64]) -> f64 {
        let weight = |f: usize, o: usize| weights.get(f * self.outputs + o).copied().unwrap_or(0.0);
        let pairs = self.data.chunks(self.features).zip(self.targets.chunks(self.outputs));
        let total: f64 = pairs
            .flat_map(|(x, y)| {
                y.iter().enumerate().map(move |(o, t)| (x.iter().enumerate().map(|(f, v)| v * weight(f, o)).sum::<f64>() - t).powi(2))
            })
            .sum();
        total / self.targets.len() as f64
    }
}

impl Fitness for Regression {
    fn evaluate(&self, candidate: &ResonantTensor) -> f64 {
        -self.loss(&candidate.to_floats())
    }

    fn sees_values_alone(&self) -> bool {
        true
    }

    fn evaluate_values(&self, values: &[f64], _: &mut Scratch) -> f64 {
        -self.loss(values)
    }
}
