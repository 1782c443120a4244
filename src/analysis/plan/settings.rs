//! What a project says about its plan: phases, what the target makes obsolete, names of the target, and what work costs.

use std::collections::BTreeMap;

use crate::codes::Selector;
use crate::policy::PathGlob;

/// The settings of a plan.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The phases, in the order in which their rules are tried; rules of one name are one phase.
    pub phases: Vec<PhaseRule>,
    /// Codes whose classes the target makes obsolete: a class that derives from such an API is deleted, not ported.
    pub obsolete: Vec<Selector>,
    /// Files that the target makes obsolete.
    pub delete: Vec<PathGlob>,
    /// Names of the target's inventory for names of ops and APIs: `concat` → `cat`, `torch.nn.Linear` → `Linear`.
    pub names: BTreeMap<String, String>,
    /// What work costs.
    pub effort: Costs,
}

impl Default for Settings {
    fn default() -> Self {
        Self { phases: default_phases(), obsolete: Vec::new(), delete: Vec::new(), names: BTreeMap::new(), effort: Costs::default() }
    }
}

/// When a file belongs to a phase. All conditions that are given have to hold; without any, every file belongs.
#[derive(Clone, Debug, Default)]
pub struct PhaseRule {
    /// Name of the phase.
    pub name: String,
    /// The file matches one of these.
    pub paths: Vec<PathGlob>,
    /// The file matches none of these.
    pub except: Vec<PathGlob>,
    /// At least so many modules import it.
    pub imported_by: Option<Threshold>,
    /// It has at least so many ties.
    pub ties: Option<usize>,
    /// A package that others import offers its names: the `__init__` of a top-level package re-exports them.
    pub public: bool,
}

/// A number of importers, or one that grows with the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// So many.
    Count(usize),
    /// Two of a hundred modules of the project, three at least.
    Share,
}

impl Threshold {
    /// The number for a project of `modules`.
    pub fn of(self, modules: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Share => (modules / 50).max(3),
        }
    }
}

/// Hours of a person who works with the tool. Start values: they come from counting what people edited in the histories of
/// projects that moved, and are there to be replaced by a project's own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A safe fix: a glance.
    pub safe: f64,
    /// An unsafe fix: a review.
    pub review: f64,
    /// A site that is rewritten by hand.
    pub manual: f64,
    /// An op that the target lacks, with its tests.
    pub missing: f64,
    /// A class on a library's module base.
    pub module: f64,
    /// A decision to keep, with its reason.
    pub boundary: f64,
    /// A file that is touched: running its tests.
    pub file: f64,
}

impl Default for Costs {
    fn default() -> Self {
        Self { safe: 0.02, review: 0.15, manual: 0.5, missing: 4.0, module: 6.0, boundary: 0.1, file: 0.25 }
    }
}

/// Folders and names that hold what uses a library rather than being it.
pub const AROUND: &[&str] = &[
    "test",
    "tests",
    "testing",
    "test_*.py",
    "*_test.py",
    "conftest.py",
    "example",
    "examples",
    "benchmark",
    "benchmarks",
    "asv_bench",
    "doc",
    "docs",
    "tutorial",
    "tutorials",
    "notebooks",
    "scripts",
    "tools",
    "setup.py",
];

fn default_phases() -> Vec<PhaseRule> {
    let around: Vec<PathGlob> = AROUND.iter().filter_map(|glob| PathGlob::new(glob).ok()).collect();
    let rule = |name: &str| PhaseRule { name: name.to_owned(), except: around.clone(), ..PhaseRule::default() };
    vec![
        PhaseRule { imported_by: Some(Threshold::Share), ..rule("core components") },
        PhaseRule { imported_by: Some(Threshold::Count(2)), ..rule("high impact") },
        PhaseRule { ties: Some(50), ..rule("high impact") },
        PhaseRule { public: true, ..rule("public API") },
        rule("the rest of the library"),
        PhaseRule { name: "examples and tests".to_owned(), ..PhaseRule::default() },
    ]
}
