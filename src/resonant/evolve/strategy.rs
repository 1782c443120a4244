//! Where candidates come from and what is learnt from their scores.

use super::Individual;
use super::config::{Adapt, Config, Mutation, Strategy};
use crate::ResonantTensor;
use crate::exact::{Golden, Snapper, resolution};
use crate::random::{Purpose, Stream};

/// What a strategy remembers between generations: plain numbers, so that a checkpoint can hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The step size.
    pub scale: f64,
    /// The centre of the samples.
    pub mean: Vec<f64>,
    /// Variance per element (separable), or second moment of the gradient.
    pub spread: Vec<f64>,
    /// Evolution path of the covariance, or first moment of the gradient.
    pub path: Vec<f64>,
    /// Evolution path of the step size.
    pub step_path: Vec<f64>,
    /// Updates so far.
    pub updates: u64,
}

impl Memory {
    /// The memory at the start, with the centre at the given values.
    pub fn new(config: &Config, start: Vec<f64>) -> Memory {
        let n = start.len();
        let spread = if config.strategy == Strategy::Separable { 1.0 } else { 0.0 };
        Memory {
            scale: config.mutation_scale,
            mean: start,
            spread: vec![spread; n],
            path: vec![0.0; n],
            step_path: vec![0.0; n],
            updates: 0,
        }
    }
}

/// What is the same for all children of a generation.
pub struct Brood<'a> {
    /// The settings.
    pub config: &'a Config,
    /// What the strategy remembers.
    pub memory: &'a Memory,
    /// The best so far, best first; empty before the first evaluation.
    pub elites: &'a [Individual],
    /// The tensor that candidates look like.
    pub template: &'a ResonantTensor,
    /// The coefficient bound.
    pub bound: u64,
    /// Snaps to that bound.
    pub snapper: &'a Snapper,
    /// Seed of the run.
    pub seed: u64,
    /// The generation.
    pub generation: u64,
}

impl Brood<'_> {
    /// The lattice of a child and the index of its parent.
    ///
    /// Child 0 of the first generation is the template itself; of later ones, the centre of the samples, where there is one.
    pub fn child(&self, index: usize) -> (Vec<Golden>, usize) {
        let mut stream = Stream::new(self.seed, Purpose::Mutation, [self.generation, index as u64, 0]);
        if self.generation == 0 && index == 0 {
            return (self.template.lattice().to_vec(), 0);
        }
        match self.config.strategy {
            Strategy::Elitist => self.mutant(&mut stream),
            Strategy::Random => {
                let scale = self.memory.scale;
                (self.memory.mean.iter().map(|x| self.snapper.nearest(x + scale * stream.normal())).collect(), 0)
            }
            Strategy::Separable | Strategy::Gradient if index == 0 => {
                (self.memory.mean.iter().map(|x| self.snapper.nearest(*x)).collect(), 0)
            }
            Strategy::Separable => {
                let scale = self.memory.scale;
                let each = self.memory.mean.iter().zip(&self.memory.spread);
                (each.map(|(x, v)| self.snapper.nearest(x + scale * v.sqrt() * stream.normal())).collect(), 0)
            }
            Strategy::Gradient => {
                // Children 1 and 2, 3 and 4, ... are mirror images.
                let mut stream = Stream::new(self.seed, Purpose::Mutation, [self.generation, (index as u64).div_ceil(2), 1]);
                let scale = if index % 2 == 1 { self.memory.scale } else { -self.memory.scale };
                (self.memory.mean.iter().map(|x| self.snapper.nearest(x + scale * stream.normal())).collect(), 0)
            }
        }
    }

    /// The values of [`Brood::child`], without its lattice: for strategies that sample around a centre.
    pub fn values(&self, index: usize, out: &mut [f64]) {
        let (memory, snapper) = (self.memory, self.snapper);
        let scale = memory.scale;
        if self.generation == 0 && index == 0 {
            out.iter_mut().zip(self.template.lattice()).for_each(|(o, x)| *o = x.to_f64());
            return;
        }
        let each = out.iter_mut().zip(&memory.mean);
        match self.config.strategy {
            Strategy::Separable | Strategy::Gradient if index == 0 => each.for_each(|(o, x)| *o = snapper.nearest_value(*x)),
            Strategy::Separable => {
                let mut stream = Stream::new(self.seed, Purpose::Mutation, [self.generation, index as u64, 0]);
                each.zip(&memory.spread).for_each(|((o, x), v)| *o = snapper.nearest_value(x + scale * v.sqrt() * stream.normal()));
            }
            Strategy::Gradient => {
                let mut stream = Stream::new(self.seed, Purpose::Mutation, [self.generation, (index as u64).div_ceil(2), 1]);
                let scale = if index % 2 == 1 { scale } else { -scale };
                each.for_each(|(o, x)| *o = snapper.nearest_value(x + scale * stream.normal()));
            }
            Strategy::Random | Strategy::Elitist => {
                let mut stream = Stream::new(self.seed, Purpose::Mutation, [self.generation, index as u64, 0]);
                each.for_each(|(o, x)| *o = snapper.nearest_value(x + scale * stream.normal()));
            }
        }
    }

    fn mutant(&self, stream: &mut Stream) -> (Vec<Golden>, usize) {
        // The best of k parents is chosen k times as often as the worst.
        let k = self.elites.len();
        if k == 0 {
            return (self.mutate(self.template, stream), 0);
        }
        let mut ticket = stream.below(k * (k + 1) / 2);
        let mut parent = 0;
        while ticket >= k - parent {
            ticket -= k - parent;
            parent += 1;
        }
        (self.mutate(&self.elites[parent].tensor, stream), parent)
    }

    fn mutate(&self, parent: &ResonantTensor, stream: &mut Stream) -> Vec<Golden> {
        let (s, rate, p) = (self.memory.scale, self.config.mutation_rate, self.bound);
        let fits = |v: &Golden| v.small_integers().is_some_and(|(a, b)| a.unsigned_abs() <= p && b.unsigned_abs() <= p);
        let mut out: Vec<Golden> = parent
            .lattice()
            .iter()
            .map(|x| {
                if rate < 1.0 && stream.uniform() >= rate {
                    return x.clone();
                }
                match self.config.mutation {
                    Mutation::Lattice => {
                        let step = (stream.uniform() - 0.5) * s + (stream.uniform() - 0.5) * s * crate::constants::PHI;
                        let moved = x + &self.snapper.nearest(step);
                        if fits(&moved) { moved } else { self.snapper.nearest(moved.to_f64()) }
                    }
                    Mutation::Gaussian | Mutation::Sparse => self.snapper.nearest(x.to_f64() + s * stream.normal()),
                }
            })
            .collect();
        if self.config.mutation == Mutation::Sparse && out == parent.lattice() && !out.is_empty() {
            let i = stream.below(out.len());
            out[i] = self.snapper.nearest(out[i].to_f64() + s * stream.normal());
        }
        out
    }
}

/// A scored child: its index, its values, its score, and whether it beat its parent.
pub struct Scored<'a> {
    /// Its index in the generation.
    pub index: usize,
    /// Its values.
    pub values: &'a [f64],
    /// Its score.
    pub score: f64,
}

impl Memory {
    /// Learns from the children of a generation; `success` is the share of them that beat their parent.
    pub fn learn(&mut self, config: &Config, children: &[Scored<'_>], success: f64, bound: u64) {
        // Below half the resolution of the lattice a step leads nowhere.
        let floor = 0.5 * resolution(bound);
        match config.strategy {
            Strategy::Elitist => {
                if config.adapt == Adapt::OneFifth {
                    self.scale = if success > 0.2 { self.scale * 1.22 } else { self.scale / 1.05 };
                    self.scale = self.scale.max(floor.min(config.mutation_scale));
                }
            }
            Strategy::Random => {}
            Strategy::Separable => self.separable(children, floor.min(config.mutation_scale)),
            Strategy::Gradient => self.gradient(config, children),
        }
        self.updates += 1;
    }

    fn separable(&mut self, children: &[Scored<'_>], floor: f64) {
        let mut ranked: Vec<&Scored<'_>> = children.iter().filter(|c| c.index != 0 && c.score.is_finite()).collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
        let mu = ranked.len() / 2;
        if mu == 0 || self.scale == 0.0 {
            return;
        }
        let n = self.mean.len() as f64;
        let raw: Vec<f64> = (0..mu).map(|i| (mu as f64 + 0.5).ln() - (i as f64 + 1.0).ln()).collect();
        let total: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|w| w / total).collect();
        let effective = 1.0 / weights.iter().map(|w| w * w).sum::<f64>();
        let cs = (effective + 2.0) / (n + effective + 5.0);
        let damping = 1.0 + cs + 2.0 * (((effective - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0);
        let cc = (4.0 + effective / n) / (n + 4.0 + 2.0 * effective / n);
        // A diagonal has fewer numbers to learn than a matrix, so it may learn faster by (n + 2)/3.
        let faster = (n + 2.0) / 3.0;
        let c1 = (faster * 2.0 / ((n + 1.3).powi(2) + effective)).min(0.5);
        let cm = (faster * 2.0 * (effective - 2.0 + 1.0 / effective) / ((n + 2.0).powi(2) + effective)).min(1.0 - c1);
        // Child by child, so that values are read in the order they lie in.
        let (mut step, mut scatter) = (vec![0.0; self.mean.len()], vec![0.0; self.mean.len()]);
        for (w, c) in weights.iter().zip(&ranked) {
            for (((step, scatter), x), m) in step.iter_mut().zip(&mut scatter).zip(c.values).zip(&self.mean) {
                let d = x - m;
                *step += w * d;
                *scatter += w * (d * d);
            }
        }
        let (scale, scale_squared) = (self.scale, self.scale * self.scale);
        step.iter_mut().for_each(|y| *y /= scale);
        scatter.iter_mut().for_each(|y| *y /= scale_squared);
        let keep = (cs * (2.0 - cs) * effective).sqrt();
        for (j, y) in step.iter().enumerate() {
            self.step_path[j] = (1.0 - cs) * self.step_path[j] + keep * y / self.spread[j].sqrt();
        }
        let length = self.step_path.iter().map(|p| p * p).sum::<f64>().sqrt();
        let expected = n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
        let long = length / (1.0 - (1.0 - cs).powi(2 * (self.updates as i32 + 1))).sqrt() / expected;
        let moving = if long < 1.4 + 2.0 / (n + 1.0) { 1.0 } else { 0.0 };
        let keep = moving * (cc * (2.0 - cc) * effective).sqrt();
        for j in 0..self.mean.len() {
            self.path[j] = (1.0 - cc) * self.path[j] + keep * step[j];
            self.spread[j] = (1.0 - c1 - cm) * self.spread[j] + c1 * self.path[j].powi(2) + cm * scatter[j];
            self.spread[j] = self.spread[j].clamp(1e-12, 1e12);
        }
        for (m, y) in self.mean.iter_mut().zip(&step) {
            *m += self.scale * y;
        }
        self.scale *= ((cs / damping) * (length / expected - 1.0)).clamp(-1.0, 1.0).exp();
        // The typical deviation, not the scale alone, is what the lattice has to resolve.
        let typical = (self.spread.iter().sum::<f64>() / n).sqrt();
        self.scale = self.scale.max(floor / typical);
    }

    fn gradient(&mut self, config: &Config, children: &[Scored<'_>]) {
        let mut ranked: Vec<&Scored<'_>> = children.iter().filter(|c| c.index != 0).collect();
        if ranked.len() < 2 || self.scale == 0.0 {
            return;
        }
        ranked.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.index.cmp(&b.index)));
        let top = (ranked.len() - 1) as f64;
        let (first, second) = (0.9f64, 0.999f64);
        let t = self.updates as i32 + 1;
        let mut sums = vec![0.0; self.mean.len()];
        for (r, c) in ranked.iter().enumerate() {
            let rank = r as f64 / top - 0.5;
            sums.iter_mut().zip(c.values).zip(&self.mean).for_each(|((sum, x), m)| *sum += rank * (x - m));
        }
        for (j, sum) in sums.iter().enumerate() {
            let g = sum / (ranked.len() as f64 * self.scale * self.scale);
            self.path[j] = first * self.path[j] + (1.0 - first) * g;
            self.spread[j] = second * self.spread[j] + (1.0 - second) * g * g;
        }
        for j in 0..self.mean.len() {
            let (m, v) = (self.path[j] / (1.0 - first.powi(t)), self.spread[j] / (1.0 - second.powi(t)));
            self.mean[j] += config.learning_rate * m / (v.sqrt() + 1e-8);
        }
    }
}
