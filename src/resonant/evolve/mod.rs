//! The resonant evolution strategy: gradient-free search over lattice tensors for the highest fitness.
//!
//! [`Evolver::ask`] gives the candidates of a generation and [`Evolver::tell`] takes their fitness, so the evaluation can
//! run anywhere; [`Evolver::run`] evaluates a [`Fitness`] on the pool. A candidate depends on the seed, the generation and
//! its index alone.

mod attractor;
mod checkpoint;
pub mod compat;
mod config;
mod fitness;
mod lanes;
mod perceptron;
mod strategy;

pub use attractor::Attractors;
pub use config::{Adapt, Config, Filter, Mutation, Strategy};
pub use fitness::{Classification, Distance, Fitness, Regression, Syntony, Wavefunction};
pub use perceptron::{Mlp, Scratch};
use strategy::{Brood, Memory, Scored};

use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::exact::{Snapper, check_precision};
use crate::parallel;
use crate::random::{Purpose, Stream};
use crate::syntony::{golden_weight, weighted};
use crate::tensor::{CycleOptions, ResonantTensor};

/// A tensor with what was found about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Individual {
    /// The tensor.
    pub tensor: ResonantTensor,
    /// Its fitness.
    pub fitness: f64,
    /// Fitness plus weighted syntony.
    pub score: f64,
}

/// One column per quantity, one row per generation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The best score so far.
    pub score: Vec<f64>,
    /// The fitness of the best.
    pub fitness: Vec<f64>,
    /// The syntony of the best.
    pub syntony: Vec<f64>,
    /// The mean fitness of the generation, without those that are not finite.
    pub mean_fitness: Vec<f64>,
    /// Evaluations so far.
    pub evaluations: Vec<f64>,
    /// The share of children that beat their parent, or the best so far.
    pub acceptance: Vec<f64>,
    /// The step size.
    pub scale: Vec<f64>,
}

impl History {
    /// The columns with their names.
    pub fn columns(&self) -> [(&'static str, &[f64]); 7] {
        [
            ("score", &self.score),
            ("fitness", &self.fitness),
            ("syntony", &self.syntony),
            ("mean_fitness", &self.mean_fitness),
            ("evaluations", &self.evaluations),
            ("acceptance", &self.acceptance),
            ("scale", &self.scale),
        ]
    }

    fn column_mut(&mut self, name: &str) -> Option<&mut Vec<f64>> {
        Some(match name {
            "score" => &mut self.score,
            "fitness" => &mut self.fitness,
            "syntony" => &mut self.syntony,
            "mean_fitness" => &mut self.mean_fitness,
            "evaluations" => &mut self.evaluations,
            "acceptance" => &mut self.acceptance,
            "scale" => &mut self.scale,
            _ => return None,
        })
    }

    /// The number of generations.
    pub fn len(&self) -> usize {
        self.score.len()
    }

    /// Whether nothing was recorded yet.
    pub fn is_empty(&self) -> bool {
        self.score.is_empty()
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The number of generations was reached.
    Generations,
    /// The fitness reached the target.
    Target,
    /// No improvement for `patience` generations.
    Plateau,
    /// A callback asked for it.
    Aborted,
}

impl StopReason {
    /// The name of the reason.
    pub fn name(self) -> &'static str {
        match self {
            StopReason::Generations => "generations",
            StopReason::Target => "target",
            StopReason::Plateau => "plateau",
            StopReason::Aborted => "aborted",
        }
    }
}

/// What a run found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The tensor with the highest score.
    pub best: Individual,
    /// Generations of the evolver so far.
    pub generations: u64,
    /// Evaluations of the evolver so far.
    pub evaluations: u64,
    /// How many of them were not finite.
    pub invalid: u64,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// Whether it ended at the target, or on a plateau after it had improved on its start.
    pub converged: bool,
    /// What happened on the way.
    pub history: History,
}

/// A population that evolves towards higher fitness.
pub struct Evolver {
    config: Config,
    template: ResonantTensor,
    seed: u64,
    bound: u64,
    snapper: Snapper,
    weights: Vec<f64>,
    generation: u64,
    evaluations: u64,
    invalid: u64,
    improvements: u64,
    stalled: usize,
    restarted: usize,
    population: usize,
    memory: Memory,
    elites: Vec<Individual>,
    best: Option<Individual>,
    history: History,
    asked: Option<Vec<(usize, usize, ResonantTensor)>>,
    /// Space for the values of a generation, kept between them.
    values: Vec<f64>,
}

/// A child that was evaluated.
struct Child<'a> {
    index: usize,
    parent: usize,
    values: &'a [f64],
    fitness: f64,
}

impl Evolver {
    /// An evolver that starts from a template.
    ///
    /// # Errors
    /// [`Error::Value`] for settings out of range and empty templates, [`Error::Phase`] for a template in flux.
    pub fn new(template: &ResonantTensor, config: Config, seed: u64) -> Result<Evolver> {
        config.check()?;
        if template.size() == 0 {
            return Err(Error::value("ResonantEvolver", "the template has no elements"));
        }
        let bound = check_precision("ResonantEvolver", config.max_coeff.unwrap_or(template.precision() as i64))?;
        let template = template.resnap(bound as i64)?;
        let memory = Memory::new(&config, template.to_floats());
        let population = config.population_size;
        let weights = template.mode_norm_sq().iter().map(|m2| golden_weight(*m2)).collect();
        Ok(Evolver {
            config,
            template,
            seed,
            bound,
            snapper: Snapper::new(bound),
            weights,
            generation: 0,
            evaluations: 0,
            invalid: 0,
            improvements: 0,
            stalled: 0,
            restarted: 0,
            population,
            memory,
            elites: Vec::new(),
            best: None,
            history: History::default(),
            asked: None,
            values: Vec::new(),
        })
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Generations so far.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Evaluations so far.
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// The best so far.
    pub fn best(&self) -> Option<&Individual> {
        self.best.as_ref()
    }

    /// What happened so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The current step size.
    pub fn scale(&self) -> f64 {
        self.memory.scale
    }

    /// The candidates of the current generation; the same ones until [`Evolver::tell`] is called.
    ///
    /// # Errors
    /// When a cycle fails.
    pub fn ask(&mut self) -> Result<Vec<ResonantTensor>> {
        self.prepare()?;
        Ok(self.asked.iter().flatten().map(|(_, _, t)| t.clone()).collect())
    }

    fn prepare(&mut self) -> Result<()> {
        if self.asked.is_none() {
            self.asked = Some(self.breed()?);
        }
        Ok(())
    }

    fn brood(&self) -> Brood<'_> {
        Brood {
            config: &self.config,
            memory: &self.memory,
            elites: &self.elites,
            template: &self.template,
            bound: self.bound,
            snapper: &self.snapper,
            seed: self.seed,
            generation: self.generation,
        }
    }

    /// A generation in which candidates are values in one block of memory; the outcome is that of tensors.
    fn step_by_values(&mut self, fitness: &dyn Fitness) -> Result<()> {
        let (n, population) = (self.template.size(), self.population);
        let mut values = std::mem::take(&mut self.values);
        values.resize(n * population, 0.0);
        let brood = self.brood();
        // Chunks of a few candidates: a thread draws and evaluates them, with one scratch space.
        let rows = population.div_ceil(16).max(1024 / n).max(1);
        let blocks: Vec<Mutex<&mut [f64]>> = values.chunks_mut(rows * n).map(Mutex::new).collect();
        let worth = parallel::map(blocks.len(), 1, |block| {
            let mut block_values = blocks[block].lock().unwrap_or_else(PoisonError::into_inner);
            let mut scratch = Scratch::default();
            let each = block_values.chunks_mut(n).enumerate();
            each.map(|(i, out)| {
                brood.values(block * rows + i, out);
                fitness.evaluate_values(out, &mut scratch)
            })
            .collect::<Vec<f64>>()
        });
        drop(blocks);
        let children: Vec<Child<'_>> = worth
            .into_iter()
            .flatten()
            .zip(values.chunks(n))
            .enumerate()
            .map(|(index, (fitness, values))| Child { index, parent: 0, values, fitness })
            .collect();
        // The few that are kept are drawn again, as lattice numbers; the brood is that of this generation still.
        let (template, bound, config, seed, generation) =
            (self.template.clone(), self.bound, self.config.clone(), self.seed, self.generation);
        let (memory, snapper) = (self.memory.clone(), self.snapper.clone());
        let again =
            Brood { config: &config, memory: &memory, elites: &[], template: &template, bound, snapper: &snapper, seed, generation };
        self.absorb(&children, |place| {
            let mut tensor = template.clone();
            tensor.replace_lattice(again.child(place).0)?;
            Ok(tensor)
        })?;
        drop(children);
        self.values = values;
        Ok(())
    }

    fn breed(&self) -> Result<Vec<(usize, usize, ResonantTensor)>> {
        let brood = self.brood();
        let grain = (2048 / self.template.size()).max(1);
        let mut children = parallel::try_map(self.population, grain, |index| {
            let (lattice, parent) = brood.child(index);
            let mut tensor = self.template.clone();
            tensor.replace_lattice(lattice)?;
            Ok::<_, Error>((index, parent, tensor))
        })?;
        if self.config.filter == Filter::Syntony {
            let syntonies: Vec<f64> = parallel::map(children.len(), grain, |i| children[i].2.syntony());
            let mut order: Vec<usize> = (0..children.len()).collect();
            order.sort_by(|&i, &j| syntonies[j].total_cmp(&syntonies[i]).then(i.cmp(&j)));
            order.truncate(self.config.survivor_count);
            order.sort_unstable();
            let mut kept = order.into_iter().peekable();
            let mut at = 0;
            children.retain(|_| {
                at += 1;
                kept.next_if(|&k| k + 1 == at).is_some()
            });
        }
        if self.config.use_cycle {
            for (index, _, tensor) in &mut children {
                let seed = Stream::new(self.seed, Purpose::Cycle, [self.generation, *index as u64, 1]).word();
                let options = CycleOptions {
                    noise_scale: self.config.noise_scale,
                    precision: Some(self.bound as i64),
                    seed,
                    ..CycleOptions::default()
                };
                tensor.cycle(&options)?;
            }
        }
        Ok(children)
    }

    /// Takes the fitness of the candidates that [`Evolver::ask`] gave, in their order; higher is better. Returns whether
    /// the best improved.
    ///
    /// # Errors
    /// [`Error::Value`] without candidates, [`Error::Shape`] unless there is one fitness for each.
    pub fn tell(&mut self, fitness: &[f64]) -> Result<bool> {
        let op = "tell";
        let count = self.asked.as_ref().map(Vec::len).ok_or_else(|| Error::value(op, "ask() for candidates first"))?;
        if fitness.len() != count {
            return Err(Error::shape(op, format!("{} fitness values for {count} candidates", fitness.len())));
        }
        let asked = self.asked.take().unwrap_or_default();
        let needs_values = matches!(self.config.strategy, Strategy::Separable | Strategy::Gradient) || self.config.lambda_val != 0.0;
        let values: Vec<Vec<f64>> = asked.iter().map(|(_, _, tensor)| if needs_values { tensor.to_floats() } else { Vec::new() }).collect();
        let children: Vec<Child<'_>> = asked
            .iter()
            .zip(&values)
            .zip(fitness)
            .map(|(((index, parent, _), values), &fitness)| Child { index: *index, parent: *parent, values, fitness })
            .collect();
        self.absorb(&children, |place| Ok(asked[place].2.clone()))
    }

    /// Takes evaluated children; `tensor` makes the tensor of the child at a place, for those that are kept.
    fn absorb(&mut self, children: &[Child<'_>], tensor: impl Fn(usize) -> Result<ResonantTensor>) -> Result<bool> {
        let parents: Vec<f64> = self.elites.iter().map(|e| e.score).collect();
        let best_before = self.best.as_ref().map_or(f64::NEG_INFINITY, |b| b.score);
        let (mut scored, mut wins, mut sum, mut finite) = (Vec::with_capacity(children.len()), 0usize, 0.0, 0usize);
        for child in children {
            self.evaluations += 1;
            let syntony = if self.config.lambda_val == 0.0 { 0.0 } else { weighted(child.values, &self.weights) };
            let score = if child.fitness.is_finite() { child.fitness + self.config.lambda_val * syntony } else { f64::NEG_INFINITY };
            if score.is_finite() {
                sum += child.fitness;
                finite += 1;
            } else {
                self.invalid += 1;
            }
            wins += usize::from(score > parents.get(child.parent).copied().unwrap_or(best_before));
            scored.push(Scored { index: child.index, values: child.values, score });
        }
        let acceptance = wins as f64 / children.len().max(1) as f64;
        let first = self.generation == 0;
        // Old ones first, so that they stay where scores are equal; only those that are kept become tensors.
        let mut order: Vec<(f64, usize)> = self.elites.iter().map(|e| e.score).chain(scored.iter().map(|c| c.score)).zip(0..).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        order.truncate(self.config.elite);
        let old = std::mem::take(&mut self.elites);
        let mut elites = Vec::with_capacity(order.len());
        for &(score, place) in &order {
            elites.push(match place.checked_sub(old.len()) {
                None => old[place].clone(),
                Some(place) => Individual { tensor: tensor(place)?, fitness: children[place].fitness, score },
            });
        }
        self.elites = elites;
        let mut improved = false;
        if let Some(top) = self.elites.first()
            && (self.best.is_none() || top.score > best_before)
        {
            improved = top.score > best_before + self.config.convergence_threshold;
            self.best = Some(top.clone());
        }
        if improved && !first {
            self.improvements += 1;
        } else if first {
            // Better than the template, which is the first candidate?
            self.improvements +=
                u64::from(self.best.as_ref().is_some_and(|b| b.score > scored[0].score + self.config.convergence_threshold));
        }
        self.stalled = if improved { 0 } else { self.stalled + 1 };
        self.memory.learn(&self.config, &scored, acceptance, self.bound);
        self.generation += 1;
        self.record(if finite == 0 { f64::NAN } else { sum / finite as f64 }, acceptance);
        Ok(improved)
    }

    fn record(&mut self, mean_fitness: f64, acceptance: f64) {
        let (score, fitness, syntony) =
            self.best.as_ref().map_or((f64::NAN, f64::NAN, f64::NAN), |b| (b.score, b.fitness, b.tensor.syntony()));
        self.history.score.push(score);
        self.history.fitness.push(fitness);
        self.history.syntony.push(syntony);
        self.history.mean_fitness.push(mean_fitness);
        self.history.evaluations.push(self.evaluations as f64);
        self.history.acceptance.push(acceptance);
        self.history.scale.push(self.memory.scale);
    }

    /// Whether the run is over after the last [`Evolver::tell`], and why. A stalled run that may restart does so here.
    pub fn stopped(&mut self, target: Option<f64>, generations: u64) -> Option<StopReason> {
        if let (Some(target), Some(best)) = (target, &self.best)
            && best.fitness >= target
        {
            return Some(StopReason::Target);
        }
        if self.config.patience.is_some_and(|p| self.stalled >= p) {
            if self.restarted >= self.config.restarts {
                return Some(StopReason::Plateau);
            }
            self.restart();
        }
        (self.generation >= generations).then_some(StopReason::Generations)
    }

    /// Another centre, a normal number of width one from each value of the template, and twice the population.
    fn restart(&mut self) {
        self.restarted += 1;
        self.population *= 2;
        self.stalled = 0;
        let mut stream = Stream::new(self.seed, Purpose::Restart, [self.restarted as u64, 0, 0]);
        let start = self.template.to_floats().into_iter().map(|x| x + stream.normal()).collect();
        self.memory = Memory::new(&self.config, start);
        if self.config.strategy == Strategy::Elitist {
            self.elites.clear();
        }
    }

    /// The result as it stands.
    ///
    /// # Errors
    /// [`Error::Value`] before the first generation.
    pub fn outcome(&self, stop_reason: StopReason) -> Result<Outcome> {
        let best = self.best.clone().ok_or_else(|| Error::value("run", "no generation was evaluated; generations is at least 1"))?;
        Ok(Outcome {
            best,
            generations: self.generation,
            evaluations: self.evaluations,
            invalid: self.invalid,
            stop_reason,
            converged: match stop_reason {
                StopReason::Target => true,
                StopReason::Plateau => self.improvements > 0,
                _ => false,
            },
            history: self.history.clone(),
        })
    }

    /// One generation: candidates are evaluated on the pool.
    ///
    /// # Errors
    /// When the fitness does not fit the template, and as [`Evolver::ask`].
    pub fn step(&mut self, fitness: &dyn Fitness) -> Result<()> {
        fitness.check(&self.template)?;
        let plain = self.config.filter == Filter::None && !self.config.use_cycle && self.config.strategy != Strategy::Elitist;
        if plain && self.asked.is_none() && fitness.sees_values_alone() {
            return self.step_by_values(fitness);
        }
        self.prepare()?;
        let values = self.asked.as_ref().map_or_else(Vec::new, |asked| parallel::map(asked.len(), 1, |i| fitness.evaluate(&asked[i].2)));
        self.tell(&values)?;
        Ok(())
    }

    /// Evolves for up to `generations` more generations (by default up to `max_generations` in all), evaluating the
    /// candidates on the pool. `watch` is called after each generation and ends the run by returning `false`.
    ///
    /// # Errors
    /// When the fitness does not fit the template, and as [`Evolver::ask`].
    pub fn run(
        &mut self,
        fitness: &dyn Fitness,
        generations: Option<u64>,
        target: Option<f64>,
        watch: &mut dyn FnMut(&Evolver) -> bool,
    ) -> Result<Outcome> {
        fitness.check(&self.template)?;
        let last = generations.map_or(self.config.max_generations as u64, |n| self.generation + n);
        let mut reason = StopReason::Generations;
        while self.generation < last {
            self.step(fitness)?;
            if !watch(self) {
                reason = StopReason::Aborted;
                break;
            }
            if let Some(found) = self.stopped(target, last) {
                reason = found;
                break;
            }
        }
        self.outcome(reason)
    }
}
