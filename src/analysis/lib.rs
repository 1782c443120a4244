//! Source text to findings and edits. Pure functions: no file is read here, no environment, no clock.
//!
//! The stages, in the order data passes through them:
//! [`source`] (bytes to text) → [`syntax`] (text to tree, always; [`trees`] keeps them) → [`rules`] (what is known of the libraries) →
//! [`project`] (modules and their names) → [`flow`] (names and kinds, over the whole project) → [`report`] (findings,
//! suppressed and sorted).

pub mod adapt;
pub mod bind;
pub mod codes;
pub mod dialect;
pub mod finding;
pub mod flow;
mod guard;
pub mod heads;
pub mod moves;
pub mod plan;
pub mod policy;
pub mod rewrite;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod trees;
pub mod trips;

pub use codes::{Code, Family, Selector};
pub use finding::{Confidence, Finding, Note, Severity, Suppressed};
pub use guard::FAULT;
pub use policy::{Boundary, PathGlob, PathRule, Policy};
pub use purify_rules as rules;
pub use ruff_source_file::{LineIndex, OneIndexed};
pub use ruff_text_size::{TextRange, TextSize};
pub use rules::{RuleError, RuleSet};
pub use source::{Position, SourceFile, SourceKind};

use rayon::prelude::*;

/// What one file gave.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The file.
    pub source: SourceFile,
    /// Its findings, in the order of their position.
    pub findings: Vec<Finding>,
    /// Findings that comments silence.
    pub suppressed: Vec<Suppressed>,
    /// Operators of which neither operand is known: how much stays in the dark. Counted even when not reported.
    pub unknown_operators: usize,
    /// Calls and mentions of library APIs with what the rules make of them; only with [`Policy::fixes`].
    pub sites: Vec<rewrite::Site>,
    /// The functions with the parameters that are arrays; only with [`Policy::fixes`].
    pub functions: Vec<rewrite::ArrayParameters>,
    /// The imports of governed libraries.
    pub imports: Vec<rewrite::LibraryImport>,
    /// The strings that name modules of governed libraries.
    pub named: Vec<rewrite::NamedModule>,
}

impl FileReport {
    /// The file with the edits of its sites made, up to `most`.
    pub fn rewrite(&self, most: rules::op::Applicability, spelling: &rewrite::Spelling) -> rewrite::FileRewrite {
        let module = syntax::parse(&self.source);
        let ties = rewrite::Ties { imports: &self.imports, named: &self.named };
        rewrite::rewrite(&self.source, &module, self.sites.clone(), &self.functions, ties, most, spelling)
    }
}

/// What a whole run gave: one report per input file, in the order of the input.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The reports.
    pub files: Vec<FileReport>,
}

/// Told how far the work is. Called from many threads.
pub trait Progress: Sync {
    /// `done` of `total` steps of `stage` (a short verb phrase: "parsing") are finished.
    fn advance(&self, stage: &'static str, done: usize, total: usize);
}

/// Progress nobody looks at.
pub struct Quiet;

impl Progress for Quiet {
    fn advance(&self, _: &'static str, _: usize, _: usize) {}
}

/// Finds every tie in `files`, taken together as one project. The result does not depend on the number of threads.
pub fn analyze(files: Vec<SourceFile>, rules: &RuleSet, policy: &Policy, progress: &dyn Progress) -> Analysis {
    let (trees, defs) = trees::Trees::plant(&files, progress, |file, module| flow::defs::FileDefs::collect(module, &file.text));
    let outputs = flow::run(&files, &trees, defs, rules, policy, progress);
    let files = files
        .into_par_iter()
        .zip(trees.into_parts())
        .zip(outputs)
        .map(|((source, (module, errors)), output)| suppress::report(source, module, errors, output, policy))
        .collect();
    Analysis { files }
}
