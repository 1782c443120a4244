//! The fitness of a perceptron, fused: all layers and the loss in one pass over tiles of rows, in single precision.

use super::fitness::{Fitness, accuracy, check_labels, cross_entropy, exactly, rows};
use super::lanes::{LANES, Lanes, Plain};
use crate::error::{Error, Result};
use crate::tensor::ResonantTensor;

/// Space that an evaluation works in; keep one per thread and pass it again.
#[derive(Default)]
pub struct Scratch {
    weights: Vec<f32>,
    state: Vec<[f32; LANES]>,
    next: Vec<[f32; LANES]>,
}

/// Minus the cross entropy of a perceptron with tanh layers, in single precision, over all rows at once.
///
/// The values are, layer by layer, the weights `[out, in]` and then the biases. tanh is off by less than 3e-6;
/// [`Mlp::loss`] computes in doubles.
pub struct Mlp {
    /// Sixteen rows at a time, and by feature within them; the rows that fill up the last sixteen are zero.
    data: Vec<[f32; LANES]>,
    /// In the same way, by class: one where the row has that label.
    is_class: Vec<[f32; LANES]>,
    /// One for rows, zero for what fills up.
    is_row: Vec<[f32; LANES]>,
    rows: Vec<f64>,
    labels: Vec<usize>,
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
        let classes = layers[layers.len() - 1];
        check_labels(op, &labels, n, classes)?;
        let groups = n.div_ceil(LANES);
        let lanes = |width: usize, value: &dyn Fn(usize, usize) -> f32| -> Vec<[f32; LANES]> {
            let of_row = |g: usize, j: usize, l: usize| if g * LANES + l < n { value(g * LANES + l, j) } else { 0.0 };
            (0..groups * width).map(|i| std::array::from_fn(|l| of_row(i / width, i % width, l))).collect()
        };
        Ok(Mlp {
            data: lanes(layers[0], &|row, f| data[row * layers[0] + f] as f32),
            is_class: lanes(classes, &|row, c| f32::from(labels[row] == c)),
            is_row: lanes(1, &|_, _| 1.0),
            rows: data,
            labels,
            layers,
        })
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
        cross_entropy(&self.logits(weights, &self.rows), &self.labels, self.outputs()).unwrap_or(f64::NAN)
    }

    /// The share of rows that are classified as labelled.
    pub fn accuracy(&self, weights: &[f64]) -> f64 {
        accuracy(&self.logits(weights, &self.rows), &self.labels, self.outputs()).unwrap_or(f64::NAN)
    }

    /// The cross entropy in single precision, fused: the same on every processor, bit for bit.
    pub fn fused_loss(&self, weights: &[f32], scratch: &mut Scratch) -> f64 {
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512f") {
                // SAFETY: the processor has what the function is compiled for.
                return unsafe { self.fused_avx512(weights, scratch) };
            }
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                // SAFETY: the processor has what the function is compiled for.
                return unsafe { self.fused_avx2(weights, scratch) };
            }
        }
        self.fused::<Plain, 1>(weights, scratch)
    }

    /// As [`Mlp::fused_loss`], with instructions that every processor has.
    pub fn plain_loss(&self, weights: &[f32], scratch: &mut Scratch) -> f64 {
        self.fused::<Plain, 1>(weights, scratch)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn fused_avx512(&self, weights: &[f32], scratch: &mut Scratch) -> f64 {
        self.fused::<super::lanes::x86::Avx512, 2>(weights, scratch)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn fused_avx2(&self, weights: &[f32], scratch: &mut Scratch) -> f64 {
        self.fused::<super::lanes::x86::Avx2, 1>(weights, scratch)
    }

    /// `T` groups of sixteen rows pass through all layers together; how many changes the speed, not the result.
    #[inline(always)]
    fn fused<V: Lanes, const T: usize>(&self, weights: &[f32], scratch: &mut Scratch) -> f64 {
        let widest = self.layers.iter().copied().max().unwrap_or(0);
        scratch.state.resize(widest * T, [0.0; LANES]);
        scratch.next.resize(widest * T, [0.0; LANES]);
        let mut loss = Loss::<V>::new(self.outputs());
        let groups = self.is_row.len();
        let whole = groups / T * T;
        for first in (0..whole).step_by(T) {
            self.tile::<V, T>(first, weights, scratch, &mut loss);
        }
        for first in whole..groups {
            self.tile::<V, 1>(first, weights, scratch, &mut loss);
        }
        loss.total() / self.labels.len() as f64
    }

    #[inline(always)]
    fn tile<V: Lanes, const T: usize>(&self, first: usize, weights: &[f32], scratch: &mut Scratch, loss: &mut Loss<V>) {
        let (mut state, mut next) = (&mut scratch.state[..], &mut scratch.next[..]);
        let inputs = self.layers[0];
        for f in 0..inputs {
            for t in 0..T {
                state[f * T + t] = self.data[(first + t) * inputs + f];
            }
        }
        let mut at = 0;
        for (i, w) in self.layers.windows(2).enumerate() {
            let (matrix, bias) = weights[at..at + (w[0] + 1) * w[1]].split_at(w[0] * w[1]);
            at += (w[0] + 1) * w[1];
            let (x, squash) = (&state[..w[0] * T], i + 2 < self.layers.len());
            // Four outputs at a time share what is read of the inputs, and a division.
            let mut o = 0;
            while o + 4 <= w[1] {
                outputs::<V, T, 4>(x, matrix, bias, o, squash, next);
                o += 4;
            }
            if o + 2 <= w[1] {
                outputs::<V, T, 2>(x, matrix, bias, o, squash, next);
                o += 2;
            }
            if o < w[1] {
                outputs::<V, T, 1>(x, matrix, bias, o, squash, next);
            }
            std::mem::swap(&mut state, &mut next);
        }
        let classes = self.outputs();
        for t in 0..T {
            loss.add::<T>(&state[t..], &self.is_class[(first + t) * classes..(first + t + 1) * classes], &self.is_row[first + t]);
        }
    }
}

/// The outputs `o..o + N` of a layer for `T` groups of rows.
#[inline(always)]
fn outputs<V: Lanes, const T: usize, const N: usize>(
    x: &[[f32; LANES]],
    matrix: &[f32],
    bias: &[f32],
    o: usize,
    squash: bool,
    next: &mut [[f32; LANES]],
) {
    let inputs = x.len() / T;
    let lines: [&[f32]; N] = std::array::from_fn(|n| &matrix[(o + n) * inputs..(o + n + 1) * inputs]);
    let mut sums = [[V::splat(0.0); N]; T];
    for sums in &mut sums {
        for n in 0..N {
            sums[n] = V::splat(bias[o + n]);
        }
    }
    for (c, x) in x.chunks_exact(T).enumerate() {
        for t in 0..T {
            let x = V::load(&x[t]);
            for n in 0..N {
                sums[t][n] = x.fma(V::splat(lines[n][c]), sums[t][n]);
            }
        }
    }
    for (t, sums) in sums.into_iter().enumerate() {
        let sums = if squash { tanh(sums) } else { sums };
        for n in 0..N {
            sums[n].store(&mut next[(o + n) * T + t]);
        }
    }
}

/// Adds up -ln p over rows, lane by lane.
struct Loss<V> {
    classes: usize,
    /// Sum of the largest logit less the logit of the label.
    behind: V,
    /// Product of the sums of exp, each between 1 and the number of classes: one logarithm serves for many rows.
    product: V,
    /// Factors in the product, and how many it can take.
    factors: u32,
    room: u32,
    logarithms: f64,
}

impl<V: Lanes> Loss<V> {
    #[inline(always)]
    fn new(classes: usize) -> Self {
        let room = (80.0 / (classes as f32).max(2.0).ln()) as u32;
        Loss { classes, behind: V::splat(0.0), product: V::splat(1.0), factors: 0, room: room.max(1), logarithms: 0.0 }
    }

    #[inline(always)]
    fn add<const T: usize>(&mut self, logits: &[[f32; LANES]], is_class: &[[f32; LANES]], is_row: &[f32; LANES]) {
        let mut top = V::load(&logits[0]);
        for c in 1..self.classes {
            top = top.max(V::load(&logits[c * T]));
        }
        let (mut sum, mut own) = (V::splat(0.0), V::splat(0.0));
        for (c, is_class) in is_class.iter().enumerate() {
            let logit = V::load(&logits[c * T]);
            sum = sum.add(exp(logit.sub(top)));
            own = V::load(is_class).fma(logit, own);
        }
        let row = V::load(is_row);
        self.behind = self.behind.add(top.mul(row).sub(own));
        // For what only fills up, the factor is one.
        self.product = self.product.mul(sum.sub(V::splat(1.0)).fma(row, V::splat(1.0)));
        self.factors += 1;
        if self.factors >= self.room {
            self.flush();
        }
    }

    #[inline(always)]
    fn flush(&mut self) {
        let mut lanes = [0.0; LANES];
        self.product.store(&mut lanes);
        for four in lanes.chunks(4) {
            // Four factors below e^81 are a double.
            self.logarithms += four.iter().map(|x| f64::from(*x)).product::<f64>().ln();
        }
        self.product = V::splat(1.0);
        self.factors = 0;
    }

    #[inline(always)]
    fn total(mut self) -> f64 {
        self.flush();
        let mut lanes = [0.0; LANES];
        self.behind.store(&mut lanes);
        self.logarithms + lanes.iter().map(|x| f64::from(*x)).sum::<f64>()
    }
}

impl Fitness for Mlp {
    fn check(&self, template: &ResonantTensor) -> Result<()> {
        exactly("MLPFitness", template, self.parameters())
    }

    fn evaluate(&self, candidate: &ResonantTensor) -> f64 {
        let weights: Vec<f32> = candidate.lattice().iter().map(|g| g.to_f64() as f32).collect();
        -self.fused_loss(&weights, &mut Scratch::default())
    }

    fn sees_values_alone(&self) -> bool {
        true
    }

    fn evaluate_values(&self, values: &[f64], scratch: &mut Scratch) -> f64 {
        let mut weights = std::mem::take(&mut scratch.weights);
        weights.clear();
        weights.extend(values.iter().map(|v| *v as f32));
        let loss = self.fused_loss(&weights, scratch);
        scratch.weights = weights;
        -loss
    }
}

/// tanh as an odd fraction x P(x^2)/Q(x^2), the best of these degrees on [-7, 7]: off by less than 3e-6.
#[inline(always)]
fn tanh<V: Lanes, const N: usize>(x: [V; N]) -> [V; N] {
    const P: [f32; 4] = [0.9999957, 0.12302187, 0.0022769924, 3.9300276e-06];
    const Q: [f32; 4] = [1.0, 0.45634034, 0.021072196, 0.0001423512];
    // Loops rather than closures: a closure is a function of its own, without the instructions that its caller may use.
    let (mut top, mut bottom) = (x, x);
    let mut first = 0;
    while first < N {
        // Two at a time share the constants that are read.
        let last = if first + 1 < N { first + 1 } else { first };
        let (mut x0, mut x1) = (x[first], x[last]);
        x0 = x0.max(V::splat(-7.0)).min(V::splat(7.0));
        x1 = x1.max(V::splat(-7.0)).min(V::splat(7.0));
        let (s0, s1) = (x0.mul(x0), x1.mul(x1));
        let (mut p0, mut p1) = (V::splat(P[3]), V::splat(P[3]));
        let (mut q0, mut q1) = (V::splat(Q[3]), V::splat(Q[3]));
        for i in [2, 1, 0] {
            let (p, q) = (V::splat(P[i]), V::splat(Q[i]));
            p0 = p0.fma(s0, p);
            p1 = p1.fma(s1, p);
            q0 = q0.fma(s0, q);
            q1 = q1.fma(s1, q);
        }
        top[first] = p0.mul(x0);
        bottom[first] = q0;
        top[last] = p1.mul(x1);
        bottom[last] = q1;
        first += 2;
    }
    // Denominators are between 1 and 91: products of four stay small.
    let inverse = inverses(bottom);
    for n in 0..N {
        top[n] = top[n].mul(inverse[n]);
    }
    top
}

/// The inverses of one, two or four numbers by one division.
#[inline(always)]
fn inverses<V: Lanes, const N: usize>(q: [V; N]) -> [V; N] {
    let one = V::splat(1.0);
    let mut out = q;
    if N == 4 {
        let (low, high) = (q[0].mul(q[1]), q[2].mul(q[3]));
        let all = one.div(low.mul(high));
        let (low, high) = (all.mul(high), all.mul(low));
        out[0] = low.mul(q[1]);
        out[1] = low.mul(q[0]);
        out[2] = high.mul(q[3]);
        out[3] = high.mul(q[2]);
    } else if N == 2 {
        let both = one.div(q[0].mul(q[1]));
        out[0] = both.mul(q[1]);
        out[1] = both.mul(q[0]);
    } else {
        for n in 0..N {
            out[n] = one.div(q[n]);
        }
    }
    out
}

/// e^x for x <= 0 by a power of two and a Taylor polynomial; below -87 it is zero to single precision.
#[inline(always)]
fn exp<V: Lanes>(x: V) -> V {
    let x = x.max(V::splat(-87.0));
    let (power, n) = x.mul(V::splat(std::f32::consts::LOG2_E)).exp2_round();
    // ln 2 in two parts: the first is exact in few bits.
    let r = n.fma(V::splat(2.121_944_4e-4), n.fma(V::splat(-0.693_359_4), x));
    let mut p = V::splat(1.0 / 720.0);
    for k in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = p.fma(r, V::splat(k));
    }
    p.mul(power)
}
