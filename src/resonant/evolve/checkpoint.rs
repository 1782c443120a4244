//! An evolver as bytes and back: a safetensors file from which a run goes on as if it had never stopped.

use std::collections::BTreeMap;

use purify_ops::Tensor;
use purify_ops::io::{read_safetensors, write_safetensors};

use super::strategy::Memory;
use super::{Config, Evolver, History, Individual};
use crate::error::{Error, Result};
use crate::tensor::{ResonantTensor, read_tensors, write_tensors};

const FORMAT: &str = "purify.resonant.evolver/1";

fn bad(message: impl Into<String>) -> Error {
    Error::value("Evolver::restore", message)
}

impl Evolver {
    /// The whole state between two generations.
    ///
    /// # Errors
    /// [`Error::Value`] between [`Evolver::ask`] and [`Evolver::tell`].
    pub fn checkpoint(&self) -> Result<Vec<u8>> {
        if self.asked.is_some() {
            return Err(Error::value("checkpoint", "candidates are out for evaluation; tell() their fitness first"));
        }
        let mut individuals: Vec<(String, &Individual)> = self.elites.iter().enumerate().map(|(i, e)| (format!("elite{i}"), e)).collect();
        if let Some(best) = &self.best {
            individuals.push(("best".to_owned(), best));
        }
        let mut tensors: Vec<(&str, &ResonantTensor)> = individuals.iter().map(|(n, i)| (n.as_str(), &i.tensor)).collect();
        tensors.push(("template", &self.template));
        let blob = write_tensors(&tensors)?;
        let vector = |v: &[f64]| Tensor::from_slice(v, &[v.len()]);
        let worth: Vec<f64> = individuals.iter().flat_map(|(_, i)| [i.fitness, i.score]).collect();
        let memory = &self.memory;
        let mut parts = vec![
            ("tensors".to_owned(), Tensor::from_vec(blob.clone(), &[blob.len()])?),
            ("worth".to_owned(), vector(&worth)?),
            ("mean".to_owned(), vector(&memory.mean)?),
            ("spread".to_owned(), vector(&memory.spread)?),
            ("path".to_owned(), vector(&memory.path)?),
            ("step_path".to_owned(), vector(&memory.step_path)?),
        ];
        for (name, column) in self.history.columns() {
            parts.push((format!("history.{name}"), vector(column)?));
        }
        let mut metadata: BTreeMap<String, String> = BTreeMap::new();
        for name in Config::NAMES {
            metadata.insert(format!("config.{name}"), self.config.get(name)?);
        }
        let numbers: [(&str, String); 11] = [
            ("format", FORMAT.to_owned()),
            ("seed", self.seed.to_string()),
            ("generation", self.generation.to_string()),
            ("evaluations", self.evaluations.to_string()),
            ("invalid", self.invalid.to_string()),
            ("improvements", self.improvements.to_string()),
            ("stalled", self.stalled.to_string()),
            ("restarted", self.restarted.to_string()),
            ("population", self.population.to_string()),
            ("scale", format!("{:?}", memory.scale)),
            ("updates", memory.updates.to_string()),
        ];
        metadata.extend(numbers.into_iter().map(|(k, v)| (k.to_owned(), v)));
        let borrowed: Vec<(&str, &Tensor)> = parts.iter().map(|(n, t)| (n.as_str(), t)).collect();
        Ok(write_safetensors(&borrowed, &metadata)?)
    }

    /// The evolver of such bytes.
    ///
    /// # Errors
    /// [`Error::Value`] for bytes that hold something else.
    pub fn restore(bytes: &[u8]) -> Result<Evolver> {
        let file = read_safetensors(bytes)?;
        let text = |name: &str| file.metadata.get(name).map(String::as_str).ok_or_else(|| bad(format!("{name} is missing")));
        if text("format").ok() != Some(FORMAT) {
            return Err(bad("this file is no checkpoint of an evolver"));
        }
        fn number<T: std::str::FromStr>(name: &str, s: &str) -> Result<T> {
            s.parse().map_err(|_| bad(format!("{name} = {s:?} is damaged")))
        }
        let vector = |name: &str| -> Result<Vec<f64>> {
            Ok(file.tensors.get(name).ok_or_else(|| bad(format!("{name} is missing")))?.to_vec::<f64>()?)
        };
        let mut config = Config::default();
        for name in Config::NAMES {
            config.set(name, text(&format!("config.{name}"))?)?;
        }
        let blob = file.tensors.get("tensors").ok_or_else(|| bad("tensors is missing"))?.to_vec::<u8>()?;
        let worth = vector("worth")?;
        let (mut elites, mut best, mut template) = (Vec::new(), None, None);
        for (i, (name, tensor)) in read_tensors(&blob)?.into_iter().enumerate() {
            if name == "template" {
                template = Some(tensor);
                continue;
            }
            let [fitness, score] = *worth.get(2 * i..2 * i + 2).ok_or_else(|| bad("worth is too short"))? else { return Err(bad("worth")) };
            let individual = Individual { tensor, fitness, score };
            if name == "best" { best = Some(individual) } else { elites.push(individual) }
        }
        let template = template.ok_or_else(|| bad("the template is missing"))?;
        let seed = number("seed", text("seed")?)?;
        let mut out = Evolver::new(&template, config, seed)?;
        let n = template.size();
        out.memory = Memory {
            scale: number("scale", text("scale")?)?,
            mean: vector("mean")?,
            spread: vector("spread")?,
            path: vector("path")?,
            step_path: vector("step_path")?,
            updates: number("updates", text("updates")?)?,
        };
        let memory = &out.memory;
        if [&memory.mean, &memory.spread, &memory.path, &memory.step_path].iter().any(|v| v.len() != n) {
            return Err(bad("the memory does not fit the template"));
        }
        out.generation = number("generation", text("generation")?)?;
        out.evaluations = number("evaluations", text("evaluations")?)?;
        out.invalid = number("invalid", text("invalid")?)?;
        out.improvements = number("improvements", text("improvements")?)?;
        out.stalled = number("stalled", text("stalled")?)?;
        out.restarted = number("restarted", text("restarted")?)?;
        out.population = number("population", text("population")?)?;
        out.elites = elites;
        out.best = best;
        let mut history = History::default();
        for (name, _) in History::default().columns() {
            if let Some(column) = history.column_mut(name) {
                *column = vector(&format!("history.{name}"))?;
            }
        }
        out.history = history;
        Ok(out)
    }
}
