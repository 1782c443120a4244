//! A plan as plain values: what can be printed, stored, compared and tested alone. `docs/schemas/plan.schema.json`
//! describes their form.

use std::collections::BTreeMap;

use serde::Serialize;

use super::effort::{Effort, Sites};
use super::references::{Scope, SymbolKind};

/// How far a file or a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Can be done now.
    Ready,
    /// Waits for an op of the target or for another file.
    Blocked,
    /// Goes, once nothing refers to it.
    Delete,
    /// Has no ties and had none in the plan before.
    Clean,
    /// Stood in the plan before and is not in the tree.
    Absent,
    /// Stood in the plan before and has no ties any more.
    Done,
}

impl Status {
    /// The spelling in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Blocked => "BLOCKED",
            Self::Delete => "DELETE",
            Self::Clean => "CLEAN",
            Self::Absent => "ABSENT",
            Self::Done => "DONE",
        }
    }
}

/// What something waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Blocker {
    /// An op that rules lead to and the target lacks.
    Op(String),
    /// An API that no rule is about and the target lacks.
    Api(String),
    /// A file that comes first.
    File(String),
}

impl Blocker {
    /// The name of the op, the API or the file.
    pub fn name(&self) -> &str {
        match self {
            Self::Op(name) | Self::Api(name) | Self::File(name) => name,
        }
    }
}

/// A whole plan.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// What is moved to.
    pub target: Target,
    /// Counts.
    pub totals: Totals,
    /// How much of the findings the plan holds.
    pub coverage: Coverage,
    /// The phases, in their order; empty ones are left out.
    pub phases: Vec<Phase>,
    /// Files with something to do, or that stood in the plan before; by path.
    pub items: Vec<Item>,
    /// Files without ties, by path.
    pub clean: Vec<String>,
    /// What is done one after the other. Files of one step form a cycle and go together.
    pub steps: Vec<Step>,
    /// What the target lacks, that which blocks most files first.
    pub missing: Vec<Missing>,
    /// What goes, with what refers to it.
    pub deletions: Vec<Deletion>,
    /// Where a library is kept, and why.
    pub exceptions: Vec<Exception>,
    /// Files that need each other.
    pub cycles: Vec<Cycle>,
    /// Packages whose `__init__` draws other files in.
    pub packages: Vec<Package>,
    /// The longest chain of work.
    pub critical_path: CriticalPath,
    /// What may go wrong beside the ties.
    pub risks: Vec<Risk>,
    /// What the hours rest on.
    pub effort_basis: String,
}

/// What is moved to.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// Where its inventory was read.
    pub sources: Vec<String>,
    /// How many names it offers.
    pub names: usize,
    /// Names that are defined and cannot be reached.
    pub unregistered: Vec<String>,
}

/// Counts of the whole project.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    /// Python files.
    pub modules: usize,
    /// Files with ties.
    pub affected: usize,
    /// Files that import a library, by library.
    pub importers: BTreeMap<String, usize>,
    /// Files that import any.
    pub importing: usize,
    /// Items by status.
    pub by_status: BTreeMap<String, usize>,
    /// Findings by family.
    pub findings: BTreeMap<String, usize>,
    /// Sites by what the rules make of them.
    pub sites: Sites,
    /// Operators on values of which nothing is known.
    pub unknown_operators: usize,
    /// Hours of all items and of what the target lacks.
    pub effort: Effort,
}

/// How much of what was found the plan says something about.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coverage {
    /// All findings, silenced ones included.
    pub findings: usize,
    /// Those of files in a phase.
    pub in_items: usize,
    /// Those that are kept, with a reason.
    pub excepted: usize,
    /// Those that the target takes as they are, in files that need no work.
    pub kept: usize,
    /// Share of the findings that fall under one of these.
    pub share: f64,
}

/// A phase.
#[derive(Clone, Debug, Serialize)]
pub struct Phase {
    /// Number, from 1.
    pub number: usize,
    /// Name.
    pub name: String,
    /// Paths of its items, in the order of the steps.
    pub items: Vec<String>,
    /// Hours.
    pub effort: Effort,
}

/// One file.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// Path relative to the project.
    pub path: String,
    /// Number of the phase; 0 for files without work.
    pub phase: usize,
    /// Number of the step; 0 for files without work.
    pub step: usize,
    /// Longest chain of files with ties below it.
    pub level: u32,
    /// How far it is.
    pub status: Status,
    /// Whether it was done before and has ties again.
    pub regressed: bool,
    /// What it waits for.
    pub blocked_by: Vec<Blocker>,
    /// Why it is in its phase.
    pub reason: String,
    /// Its imports of libraries.
    pub imports: Vec<LibraryUse>,
    /// Files with ties that it needs.
    pub depends_on: Vec<Dependency>,
    /// Modules that import it.
    pub imported_by: usize,
    /// Those of them that are tests: they are run, and move along, since they hand it what it works on.
    pub tests: Vec<String>,
    /// Files with ties that need it, directly or not.
    pub dependents: usize,
    /// Whether a top-level package offers its names.
    pub public: bool,
    /// Modules that are run when it is imported, and those of them with ties.
    pub import_runs: [u32; 2],
    /// Lines of code.
    pub lines: usize,
    /// Open findings by family.
    pub findings: BTreeMap<String, usize>,
    /// Sites by what the rules make of them.
    pub sites: Sites,
    /// Whether every site has a safe fix.
    pub quick: bool,
    /// Its symbols with ties, or that wait.
    pub symbols: Vec<SymbolItem>,
    /// Hours.
    pub effort: Effort,
}

/// An import of a library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LibraryUse {
    /// The library.
    pub library: String,
    /// What is imported.
    pub name: String,
    /// When.
    pub scope: Scope,
    /// 1-based line.
    pub line: usize,
}

/// A file that another one needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// The file.
    pub path: String,
    /// When it is needed.
    pub scope: Scope,
    /// The file without ties through which it is needed.
    pub through: Option<String>,
}

/// One symbol.
#[derive(Clone, Debug, Serialize)]
pub struct SymbolItem {
    /// Name; empty for the statements of the module.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// 1-based line.
    pub line: usize,
    /// How far it is.
    pub status: Status,
    /// Ops and APIs that the target lacks for it.
    pub blocked_by: Vec<Blocker>,
    /// Symbols, as `path:name`, that it uses and that wait for something the target lacks.
    pub through: Vec<String>,
    /// Its sites.
    pub sites: Sites,
}

/// Files that are done together.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Number, from 1.
    pub number: usize,
    /// Number of the phase.
    pub phase: usize,
    /// The level of its files.
    pub level: u32,
    /// Whether the files are deleted.
    pub delete: bool,
    /// The files.
    pub files: Vec<String>,
}

/// What the target lacks.
#[derive(Clone, Debug, Serialize)]
pub struct Missing {
    /// The op, or the API.
    pub name: Blocker,
    /// Sites that need it.
    pub uses: usize,
    /// The APIs that lead to it.
    pub apis: Vec<String>,
    /// Files with such sites.
    pub files: Vec<String>,
    /// Files that wait for it, directly or through symbols of other files.
    pub blocks: usize,
    /// Files that wait for nothing else the target lacks.
    pub unblocks: usize,
    /// Hours.
    pub effort: f64,
}

/// A file or a class that goes.
#[derive(Clone, Debug, Serialize)]
pub struct Deletion {
    /// The file.
    pub path: String,
    /// The class; `None` for the whole file.
    pub symbol: Option<String>,
    /// Why.
    pub reason: String,
    /// What refers to it and has to change first.
    pub references: Vec<Reference>,
}

/// A place that refers to something that goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reference {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: usize,
    /// When.
    pub scope: Scope,
    /// The symbol that holds it, empty for the module.
    pub holder: String,
    /// `import`, `dynamic`, `use` or `text`.
    pub kind: &'static str,
}

/// A place where a library is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Exception {
    /// The file.
    pub path: String,
    /// 1-based line of the first.
    pub line: usize,
    /// The name.
    pub name: String,
    /// How many.
    pub findings: usize,
    /// The reason, as documented; empty if there is none.
    pub reason: String,
    /// `comment` or `boundary`.
    pub by: &'static str,
}

/// Files that need each other.
#[derive(Clone, Debug, Serialize)]
pub struct Cycle {
    /// `references`: through what they use. `packages`: through the `__init__` files that importing one of them runs.
    pub kind: &'static str,
    /// How many files.
    pub size: usize,
    /// Those with ties.
    pub affected: Vec<String>,
}

/// A package whose `__init__` runs files with ties.
#[derive(Clone, Debug, Serialize)]
pub struct Package {
    /// The `__init__` file.
    pub path: String,
    /// Files with ties that it imports itself.
    pub imports_affected: usize,
    /// Files with ties that are run when anything in the package is imported.
    pub runs_affected: u32,
    /// Whether some of these import the package in turn, so that all of them form one cycle.
    pub cycle: bool,
    /// What would help.
    pub advice: String,
}

/// The longest chain of work, by hours.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CriticalPath {
    /// Hours.
    pub hours: f64,
    /// The ops and files along it.
    pub nodes: Vec<Blocker>,
}

/// Something that may go wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Risk {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: usize,
    /// `undefined-name`, `missing-name` or `syntax-error`.
    pub kind: &'static str,
    /// One sentence.
    pub note: String,
}
