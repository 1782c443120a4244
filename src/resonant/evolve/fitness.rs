//! What a candidate is worth: the interface, and the functions that come with the crate.

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
        -candidate.lattice().iter().zip(&self.target).map(|(x, t)| (x.to_f64() - t).powi(2)).sum::<f64>()
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
        -candidate.lattice().iter().zip(&self.target).map(|(x, t)| (x.to_f64() - t).powi(2)).sum::<f64>().sqrt()
    }
}

fn exactly(op: &'static str, template: &ResonantTensor, n: usize) -> Result<()> {
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

fn rows(op: &'static str, values: &[f64], columns: usize) -> Result<usize> {
    if columns == 0 || values.is_empty() || !values.len().is_multiple_of(columns) {
        return Err(Error::shape(op, format!("{} values are no rows of {columns}", values.len())));
    }
    if let Some(bad) = values.iter().find(|v| !v.is_finite()) {
        return Err(Error::value(op, format!("the data contains {bad}")));
    }
    Ok(values.len() / columns)
}

fn check_labels(op: &'static str, labels: &[usize], n: usize, classes: usize) -> Result<()> {
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
}

/// Minus the cross entropy of a perceptron with tanh layers, fused: single precision, over all rows at once.
///
/// The values are, layer by layer, the weights `[out, in]` and then the biases. tanh is off by less than 5e-6;
/// [`Mlp::loss`] computes in doubles.
pub struct Mlp {
    /// By feature, so that rows lie side by side in memory.
    data: Vec<f32>,
    rows: Vec<f64>,
    labels: Vec<usize>,
    n: usize,
    layers: Vec<usize>,
}

impl Mlp {
    /// Rows of features, a label each, and the widths of all layers from the input to the output.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Value`] for data that does not fit.
    pub fn new(data: Vec<f64>, labels: Vec<usize>, layers: Vec<usize>) -> Result<Mlp> {
        let op = "MLPFitness";
        if layers.len() < 2 || layers.contains(&0) {
            return Err(Error::value(op, format!("layers {layers:?} need an input and an output, all at least 1 wide")));
        }
        let n = rows(op, &data, layers[0])?;
        check_labels(op, &labels, n, layers[layers.len() - 1])?;
        let by_feature = (0..layers[0]).flat_map(|f| data.iter().skip(f).step_by(layers[0]).map(|v| *v as f32)).collect();
        Ok(Mlp { data: by_feature, rows: data, labels, n, layers })
    }

    /// The number of features.
    pub fn inputs(&self) -> usize {
        self.layers[0]
    }

    /// The number of classes.
    pub fn outputs(&self) -> usize {
        self.layers[self.layers.len() - 1]
    }

    /// The number of weights and biases.
    pub fn parameters(&self) -> usize {
        self.layers.windows(2).map(|w| (w[0] + 1) * w[1]).sum()
    }

    /// The logits of all rows, in doubles.
    pub fn logits(&self, weights: &[f64], rows: &[f64]) -> Vec<f64> {
        let mut out = Vec::new();
        for row in rows.chunks(self.layers[0]) {
            let (mut state, mut at) = (row.to_vec(), 0);
            for (i, w) in self.layers.windows(2).enumerate() {
                let (matrix, bias) = (&weights[at..at + w[0] * w[1]], &weights[at + w[0] * w[1]..at + (w[0] + 1) * w[1]]);
                at += (w[0] + 1) * w[1];
                state = (0..w[1])
                    .map(|o| bias[o] + matrix[o * w[0]..(o + 1) * w[0]].iter().zip(&state).map(|(a, b)| a * b).sum::<f64>())
                    .collect();
                if i + 2 < self.layers.len() {
                    state.iter_mut().for_each(|v| *v = v.tanh());
                }
            }
            out.extend(state);
        }
        out
    }

    /// The cross entropy, in doubles.
    pub fn loss(&self, weights: &[f64]) -> f64 {
        cross_entropy(&self.logits(weights, &self.rows), &self.labels, self.layers[self.layers.len() - 1]).unwrap_or(f64::NAN)
    }

    /// The share of rows that are classified as labelled.
    pub fn accuracy(&self, weights: &[f64]) -> f64 {
        accuracy(&self.logits(weights, &self.rows), &self.labels, self.layers[self.layers.len() - 1]).unwrap_or(f64::NAN)
    }

    /// The cross entropy in single precision, fused.
    pub fn fused_loss(&self, weights: &[f32]) -> f64 {
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("fma") {
                // SAFETY: the processor has what the function is compiled for.
                return unsafe { self.fused_avx512(weights) };
            }
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                // SAFETY: the processor has what the function is compiled for.
                return unsafe { self.fused_avx2(weights) };
            }
        }
        self.fused(weights)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    fn fused_avx512(&self, weights: &[f32]) -> f64 {
        self.fused(weights)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn fused_avx2(&self, weights: &[f32]) -> f64 {
        self.fused(weights)
    }

    #[inline(always)]
    fn fused(&self, weights: &[f32]) -> f64 {
        /// Rows that are carried through all layers at a time: three layers of them fit the first cache.
        const BLOCK: usize = 64;
        let widest = self.layers.iter().copied().max().unwrap_or(0);
        let classes = self.layers[self.layers.len() - 1];
        let (mut state, mut next) = (vec![[0f32; BLOCK]; widest], vec![[0f32; BLOCK]; widest]);
        let (mut log_sum, mut product, mut linear) = (0f64, 1f64, 0f64);
        for start in (0..self.n).step_by(BLOCK) {
            let len = BLOCK.min(self.n - start);
            for f in 0..self.layers[0] {
                state[f][..len].copy_from_slice(&self.data[f * self.n + start..f * self.n + start + len]);
            }
            let mut at = 0;
            for (i, w) in self.layers.windows(2).enumerate() {
                let (matrix, bias) = weights[at..at + (w[0] + 1) * w[1]].split_at(w[0] * w[1]);
                at += (w[0] + 1) * w[1];
                for o in 0..w[1] {
                    let mut sum = [bias[o]; BLOCK];
                    for (x, c) in state[..w[0]].iter().zip(&matrix[o * w[0]..(o + 1) * w[0]]) {
                        for (s, v) in sum.iter_mut().zip(x) {
                            *s += c * v;
                        }
                    }
                    if i + 2 < self.layers.len() {
                        sum.iter_mut().for_each(|v| *v = tanh(*v));
                    }
                    next[o] = sum;
                }
                std::mem::swap(&mut state, &mut next);
            }
            let mut top = state[0];
            for row in &state[1..classes] {
                top.iter_mut().zip(row).for_each(|(t, v)| *t = t.max(*v));
            }
            let mut sums = [0f32; BLOCK];
            for row in &state[..classes] {
                sums.iter_mut().zip(row.iter().zip(&top)).for_each(|(s, (v, t))| *s += exp(v - t));
            }
            for r in 0..len {
                // -ln p = ln(sum) - (logit - top); products of sums, each between 1 and the number of classes, save logarithms.
                linear += f64::from(top[r]) - f64::from(state[self.labels[start + r]][r]);
                product *= f64::from(sums[r]);
                if product > 1e200 {
                    log_sum += product.ln();
                    product = 1.0;
                }
            }
        }
        (log_sum + product.ln() + linear) / self.n as f64
    }
}

impl Fitness for Mlp {
    fn check(&self, template: &ResonantTensor) -> Result<()> {
        exactly("MLPFitness", template, self.parameters())
    }

    fn evaluate(&self, candidate: &ResonantTensor) -> f64 {
        let weights: Vec<f32> = candidate.lattice().iter().map(|g| g.to_f64() as f32).collect();
        -self.fused_loss(&weights)
    }
}

/// tanh by Lambert's continued fraction `x/(1 + x^2/(3 + x^2/(5 + ...)))`, cut off after the ninth quotient and written
/// as one fraction.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    // Here both the fraction and tanh are within 4e-6 of one.
    let x = x.clamp(-7.0, 7.0);
    let s = x * x;
    let p = (((55.0 * s + 25_740.0) * s + 2_837_835.0) * s + 91_891_800.0) * s + 654_729_075.0;
    let q = ((((s + 1_485.0) * s + 315_315.0) * s + 18_918_900.0) * s + 310_134_825.0) * s + 654_729_075.0;
    x * p / q
}

/// e^x for x <= 0 by a power of two and a Taylor polynomial; below -87 it is zero to single precision.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = x.max(-87.0);
    let n = (x * std::f32::consts::LOG2_E).round_ties_even();
    // ln 2 in two parts: the first is exact in few bits.
    let r = (x - n * 0.693_359_4) + n * 2.121_944_4e-4;
    let p = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0))))));
    p * f32::from_bits(((n as i32 + 127) << 23) as u32)
}
