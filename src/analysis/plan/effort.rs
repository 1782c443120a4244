//! What a file costs: hours, from its classified sites.

use serde::Serialize;

use super::settings::Costs;

/// Sites by what the rules make of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sites {
    /// A fix that keeps the meaning.
    pub safe: usize,
    /// A fix that may not.
    #[serde(rename = "unsafe")]
    pub review: usize,
    /// No fix: it is written by hand.
    pub refused: usize,
    /// Valid on the target as it stands.
    pub kept: usize,
    /// A tie that no rule looked at, because it is not known for certain what the value is.
    pub unknown: usize,
}

impl Sites {
    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        self.safe += other.safe;
        self.review += other.review;
        self.refused += other.refused;
        self.kept += other.kept;
        self.unknown += other.unknown;
    }

    /// Sites that somebody has to do something about.
    pub fn open(&self) -> usize {
        self.safe + self.review + self.refused + self.unknown
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Work {
    /// Its sites.
    pub sites: Sites,
    /// Classes on a library's module base.
    pub modules: usize,
    /// Decisions to keep.
    pub boundaries: usize,
    /// References to deleted modules that have to go.
    pub references: usize,
}

/// Hours, as a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Effort {
    /// If reviews turn out to be glances and unknown values to be no arrays.
    pub low: f64,
    /// As the settings say.
    pub likely: f64,
    /// If reviews and unknown values turn out to be work by hand.
    pub high: f64,
}

impl Effort {
    /// The hours of `work` in one file.
    pub fn of(work: &Work, costs: &Costs) -> Self {
        let Sites { safe, review, refused, unknown, .. } = work.sites;
        let [safe, review, refused, unknown] = [safe, review, refused, unknown].map(|n| n as f64);
        let (modules, references) = (work.modules as f64, work.references as f64);
        // Costs that a project sets may say that a glance takes longer than a review.
        let glance = costs.safe.min(costs.review);
        let by_hand = costs.manual.max(costs.review);
        let fixed = safe * costs.safe + work.boundaries as f64 * costs.boundary + costs.file;
        let low = fixed + (review + references) * glance + refused * costs.review.min(costs.manual) + modules * costs.module / 2.0;
        let likely = fixed + (review + unknown + references) * costs.review + refused * costs.manual + modules * costs.module;
        let high = fixed + (review + unknown + references) * by_hand + refused * costs.manual * 2.0 + modules * costs.module * 1.5;
        Self { low: rounded(low), likely: rounded(likely), high: rounded(high) }
    }

    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.low = rounded(self.low + other.low);
        self.likely = rounded(self.likely + other.likely);
        self.high = rounded(self.high + other.high);
    }
}

/// Hundredths of an hour: what is shown is what is stored, so that a plan compares equal to itself after being read back.
pub fn rounded(hours: f64) -> f64 {
    (hours * 100.0).round() / 100.0
}

/// What the numbers rest on, for people.
pub fn basis(costs: &Costs) -> String {
    format!(
        "hours per safe fix {}, review {}, site by hand {}, module class {}, missing op {}, decision to keep {}, file {}",
        costs.safe, costs.review, costs.manual, costs.module, costs.missing, costs.boundary, costs.file
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_holds_the_likely_value() {
        let work = Work { sites: Sites { safe: 12, review: 3, refused: 1, kept: 4, unknown: 2 }, modules: 1, boundaries: 1, references: 0 };
        let effort = Effort::of(&work, &Costs::default());
        assert_eq!(effort, Effort { low: 3.8, likely: 7.84, high: 13.09 });
    }

    #[test]
    fn the_range_holds_it_whatever_a_project_says_of_its_costs() {
        let work = Work { sites: Sites { safe: 1, review: 3, refused: 2, kept: 0, unknown: 5 }, modules: 0, boundaries: 0, references: 2 };
        for (safe, review, manual) in [(1.0, 0.15, 0.5), (0.02, 2.0, 0.5), (0.5, 0.5, 0.1), (0.0, 0.0, 0.0)] {
            let Effort { low, likely, high } = Effort::of(&work, &Costs { safe, review, manual, ..Costs::default() });
            assert!(low <= likely && likely <= high, "{low} {likely} {high} for {safe} {review} {manual}");
        }
    }
}
