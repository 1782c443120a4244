//! A memory of good states that pulls later ones towards their weighted mean.

use crate::error::{Error, Result};
use crate::syntony::{Sum, golden_weight};

struct Entry {
    values: Vec<f64>,
    syntony: f64,
    age: u32,
}

/// States with a syntony and an age; the weight of one is `decay^age syntony^2`.
pub struct Attractors {
    capacity: usize,
    min_syntony: f64,
    decay: f64,
    entries: Vec<Entry>,
}

impl Attractors {
    /// An empty memory.
    ///
    /// # Errors
    /// [`Error::Value`] for a capacity of zero and a decay outside `(0, 1]`.
    pub fn new(capacity: usize, min_syntony: f64, decay: f64) -> Result<Attractors> {
        if capacity == 0 || !(decay > 0.0 && decay <= 1.0) {
            return Err(Error::value("Attractors", format!("capacity {capacity} must be positive and decay {decay} within (0, 1]")));
        }
        Ok(Attractors { capacity, min_syntony, decay, entries: Vec::new() })
    }

    /// The number of states.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Remembers a state if its syntony suffices; a full memory gives up its weakest for a stronger one. Returns whether
    /// it was taken.
    pub fn store(&mut self, values: &[f64], syntony: f64) -> bool {
        if syntony.is_nan() || syntony < self.min_syntony || self.entries.first().is_some_and(|e| e.values.len() != values.len()) {
            return false;
        }
        let entry = Entry { values: values.to_vec(), syntony, age: 0 };
        if self.entries.len() < self.capacity {
            self.entries.push(entry);
            return true;
        }
        let weights = self.weights();
        let Some(weakest) = (0..weights.len()).min_by(|&i, &j| weights[i].total_cmp(&weights[j])) else { return false };
        if syntony * syntony <= weights[weakest] {
            return false;
        }
        self.entries[weakest] = entry;
        true
    }

    /// Makes all states one generation older.
    pub fn age(&mut self) {
        self.entries.iter_mut().for_each(|e| e.age += 1);
    }

    /// The weights, in the order of storing.
    pub fn weights(&self) -> Vec<f64> {
        self.entries.iter().map(|e| self.decay.powi(e.age as i32) * e.syntony * e.syntony).collect()
    }

    /// The weighted mean of the states; `None` if there is none or all weights are zero.
    pub fn centroid(&self) -> Option<Vec<f64>> {
        let weights = self.weights();
        let total = Sum::of(weights.iter().copied());
        let n = self.entries.first()?.values.len();
        (total > 0.0).then(|| (0..n).map(|j| Sum::of(self.entries.iter().zip(&weights).map(|(e, w)| w * e.values[j])) / total).collect())
    }

    /// `(1 - l) H[x] + l centroid`: the state harmonized with strength `beta`, drawn towards the mean by `l`. Without a
    /// mean, just `H[x]`.
    ///
    /// # Errors
    /// [`Error::Shape`] for lengths that differ, [`Error::Value`] for `l` outside `[0, 1]`.
    pub fn harmonize(&self, values: &[f64], mode_norm_sq: &[f64], beta: f64, l: f64) -> Result<Vec<f64>> {
        let op = "Attractors.harmonize";
        if !(0.0..=1.0).contains(&l) {
            return Err(Error::value(op, format!("the pull lies between 0 and 1, not {l}")));
        }
        let centroid = self.centroid();
        let known = centroid.as_ref().map_or(values.len(), Vec::len);
        if values.len() != mode_norm_sq.len() || known != values.len() {
            return Err(Error::shape(op, format!("{} values, {} mode norms, attractors of {known}", values.len(), mode_norm_sq.len())));
        }
        let damped = values.iter().zip(mode_norm_sq).map(|(x, m2)| x * (1.0 - beta * (1.0 - golden_weight(*m2))));
        Ok(match centroid {
            None => damped.collect(),
            Some(c) => damped.zip(c).map(|(h, c)| (1.0 - l) * h + l * c).collect(),
        })
    }
}
