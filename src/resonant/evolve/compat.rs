//! The published evolution: mutants are chosen by syntony alone, each survivor goes through a cycle, and the best so far
//! is replaced only by a state of higher syntony. Kept to compare with, and off everywhere else.
//!
//! Above eight or so modes it cannot improve a random tensor: its cycle either collapses onto mode zero or blows the
//! high modes up. Its window of ten generations without change is reported as a plateau here, never as convergence
//! unless something improved.

use super::attractor::Attractors;
use super::{History, Individual, Outcome, StopReason};
use crate::constants::{PHI, Q_DEFICIT};
use crate::error::{Error, Result};
use crate::exact::nearest;
use crate::random::{Purpose, Stream};
use crate::tensor::{CycleOptions, ResonantTensor};

/// The settings of the published evolution, with its defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompatConfig {
    /// Mutants per generation.
    pub population_size: usize,
    /// How many of them go through a cycle.
    pub survivor_count: usize,
    /// Width of a mutation.
    pub mutation_scale: f64,
    /// Coefficient bound of mutation and cycle.
    pub precision: i64,
    /// Noise of the cycle.
    pub noise_scale: f64,
    /// Largest number of generations.
    pub max_generations: usize,
    /// A window of ten syntonies within this counts as a plateau.
    pub convergence_threshold: f64,
    /// Whether survivors are drawn towards remembered states.
    pub retrocausal: bool,
    /// How many states are remembered.
    pub attractor_capacity: usize,
    /// How strongly they pull.
    pub attractor_pull_strength: f64,
    /// The least syntony of a state that is remembered.
    pub attractor_min_syntony: f64,
    /// What a state's weight is multiplied by in each generation.
    pub attractor_decay_rate: f64,
}

impl Default for CompatConfig {
    fn default() -> Self {
        CompatConfig {
            population_size: 64,
            survivor_count: 16,
            mutation_scale: 0.1,
            precision: 100,
            noise_scale: 0.01,
            max_generations: 1000,
            convergence_threshold: 1e-6,
            retrocausal: false,
            attractor_capacity: 32,
            attractor_pull_strength: 0.3,
            attractor_min_syntony: 0.7,
            attractor_decay_rate: 0.98,
        }
    }
}

const WINDOW: usize = 10;

/// Runs the published evolution. Each mutant counts as one evaluation.
///
/// # Errors
/// [`Error::Value`] for settings out of range and empty templates.
pub fn run(template: &ResonantTensor, config: &CompatConfig, seed: u64) -> Result<Outcome> {
    let op = "compat.run";
    if config.survivor_count < 1 || config.survivor_count > config.population_size {
        return Err(Error::value(op, "survivor_count lies between 1 and population_size"));
    }
    if template.size() == 0 {
        return Err(Error::value(op, "the template has no elements"));
    }
    let mut best = template.resnap(config.precision)?;
    let start = best.syntony();
    let p = best.precision();
    let mut memory = Attractors::new(config.attractor_capacity, config.attractor_min_syntony, config.attractor_decay_rate)?;
    let mut history = History::default();
    let mut window = vec![start];
    let (mut evaluations, mut reason, mut generation) = (0u64, StopReason::Generations, 0u64);
    while (generation as usize) < config.max_generations {
        let mut mutants = Vec::with_capacity(config.population_size);
        for index in 0..config.population_size {
            let mut stream = Stream::new(seed, Purpose::Mutation, [generation, index as u64, 0]);
            let s = config.mutation_scale;
            let lattice = best.lattice().iter().map(|x| {
                let step = (stream.uniform() - 0.5) * s + (stream.uniform() - 0.5) * s * PHI;
                x + &nearest(step, p)
            });
            let mut mutant = best.clone();
            mutant.replace_lattice(lattice.collect())?;
            mutants.push(mutant);
        }
        evaluations += mutants.len() as u64;
        // A stable sort: of equal ones, the first stays first.
        mutants.sort_by(|a, b| b.syntony().total_cmp(&a.syntony()));
        mutants.truncate(config.survivor_count);
        for (index, survivor) in mutants.iter_mut().enumerate() {
            if config.retrocausal && !memory.is_empty() {
                let beta = Q_DEFICIT * (1.0 + survivor.syntony()) / 2.0;
                let drawn = memory.harmonize(&survivor.to_floats(), survivor.mode_norm_sq(), beta, config.attractor_pull_strength)?;
                survivor.replace_lattice(drawn.into_iter().map(|x| nearest(x, p)).collect())?;
            }
            let seed = Stream::new(seed, Purpose::Cycle, [generation, index as u64, 2]).word();
            let options =
                CycleOptions { noise_scale: config.noise_scale, precision: Some(config.precision), seed, ..CycleOptions::default() };
            survivor.cycle(&options)?;
        }
        let before = best.syntony();
        if let Some(top) = mutants.iter().max_by(|a, b| a.syntony().total_cmp(&b.syntony()))
            && top.syntony() > best.syntony()
        {
            best = top.clone();
        }
        if config.retrocausal {
            for survivor in &mutants {
                memory.store(&survivor.to_floats(), survivor.syntony());
            }
            memory.age();
        }
        generation += 1;
        let s = best.syntony();
        history.score.push(s);
        history.fitness.push(s);
        history.syntony.push(s);
        history.mean_fitness.push(mutants.iter().map(ResonantTensor::syntony).sum::<f64>() / mutants.len() as f64);
        history.evaluations.push(evaluations as f64);
        history.acceptance.push(f64::from(u8::from(s > before)));
        history.scale.push(config.mutation_scale);
        window.push(s);
        if window.len() > WINDOW {
            window.remove(0);
        }
        let (low, high) = window.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        if window.len() == WINDOW && high - low < config.convergence_threshold {
            reason = StopReason::Plateau;
            break;
        }
    }
    let s = best.syntony();
    Ok(Outcome {
        best: Individual { tensor: best, fitness: s, score: s },
        generations: generation,
        evaluations,
        invalid: 0,
        stop_reason: reason,
        converged: reason == StopReason::Plateau && s > start + config.convergence_threshold,
        history,
    })
}
