//! Names and kinds: one forward walk over every file says what each expression may be, repeated until what the files
//! tell each other no longer changes.

pub mod annotation;
pub mod arguments;
pub mod builtins;
pub mod call;
pub mod decorator;
pub mod definition;
pub mod defs;
pub mod depend;
pub mod dict;
pub mod docstring;
mod dtypes;
pub mod emit;
pub mod emit_call;
pub mod emit_operator;
pub mod expr;
pub mod fix;
mod fix_text;
pub mod hierarchy;
pub mod imports;
pub mod infix;
pub mod kinds;
pub mod member;
pub mod narrow;
pub mod operators;
pub mod own;
pub mod project;
pub mod project_call;
pub mod scope;
pub mod statement;
pub mod trail;
pub mod undefined;
pub mod value;
pub mod walk;

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::guard::guarded;
use crate::policy::Policy;
use crate::rules::{RuleSet, Trait};
use crate::source::SourceFile;
use crate::trees::Trees;
use crate::{Finding, Progress};
use defs::FileDefs;
use depend::Key;
use hierarchy::Hierarchy;
use project::{FileSummary, Project, World};
use value::{FileId, Value};
use walk::Walker;

/// Rounds after which what still changes is left as it is. Measured on the corpus: three suffice for most projects.
const MOST_ROUNDS: usize = 6;

/// What the walk over one file gives.
#[derive(Debug, Default)]
pub struct FileOutput {
    /// What other files may know.
    pub summary: FileSummary,
    /// What callers in this file pass to functions anywhere.
    pub calls: FxHashMap<(FileId, u32, u32), Value>,
    /// Attributes this file sets on instances of classes of other files.
    pub foreign_attributes: FxHashMap<(FileId, u32, ruff_python_ast::name::Name), Value>,
    /// The findings.
    pub findings: Vec<Finding>,
    /// Operators of which neither operand is known.
    pub unknown_operators: usize,
    /// Calls and mentions of library APIs with what the rules make of them.
    pub sites: Vec<crate::rewrite::Site>,
    /// Functions with the parameters that are arrays.
    pub functions: Vec<crate::rewrite::ArrayParameters>,
    /// Imports of governed libraries.
    pub imports: Vec<crate::rewrite::LibraryImport>,
    /// Strings that name modules of governed libraries.
    pub named: Vec<crate::rewrite::NamedModule>,
    /// What was read of the summaries.
    pub read: FxHashSet<Key>,
    /// Names of other files' imports that are used from here: (file, name).
    pub used_elsewhere: FxHashSet<(FileId, ruff_python_ast::name::Name)>,
    /// Names of other files that a star import takes along, whether anything uses them or not.
    pub taken_along: FxHashSet<(FileId, ruff_python_ast::name::Name)>,
    /// The fault of ours that stopped the walk, if one did; nothing else is told then.
    pub fault: Option<String>,
}

/// Everything the walks share.
pub struct Context<'a> {
    /// What is known of the libraries.
    pub rules: &'a RuleSet,
    /// What to report.
    pub policy: &'a Policy,
    /// The project so far.
    pub world: World,
    /// The files.
    pub files: &'a [SourceFile],
    /// For each library, whether it is governed.
    pub governed: Vec<bool>,
    /// For each library, whether some file may change the dtype that floats have by default.
    pub changed_floats: Vec<bool>,
}

/// Walks all files until the project is settled; gives the findings per file.
pub fn run(
    files: &[SourceFile],
    trees: &Trees,
    defs: Vec<FileDefs>,
    rules: &RuleSet,
    policy: &Policy,
    progress: &dyn Progress,
) -> Vec<FileOutput> {
    let summaries =
        defs.iter().map(|d| FileSummary { attributes: vec![FxHashMap::default(); d.classes.len()], ..FileSummary::default() }).collect();
    let project = Project::new(files.iter().map(|f| Arc::clone(&f.path)).collect(), &policy.roots);
    let governed = rules
        .facts
        .libraries
        .iter()
        .map(|library| {
            let listed = |names: &[String]| names.iter().any(|n| **n == *library.name);
            (library.governed || listed(&policy.governed)) && !listed(&policy.ungoverned)
        })
        .collect();
    let changed_floats = changed_floats(files, rules);
    let mut context = Context {
        rules,
        policy,
        world: World { project, defs, summaries, hierarchy: Hierarchy::default() },
        files,
        governed,
        changed_floats,
    };
    let mut outputs: Vec<FileOutput> = Vec::new();
    outputs.resize_with(files.len(), FileOutput::default);
    let mut stale: Vec<bool> = vec![true; files.len()];
    let rounds = if policy.kinds { MOST_ROUNDS } else { 1 };
    for round in 0..rounds {
        let todo: Vec<usize> = (0..files.len()).filter(|&i| stale[i]).collect();
        if todo.is_empty() {
            break;
        }
        // What the first round finds is found again in the second, which walks every file with what the first told.
        let reporting = round > 0 || rounds == 1;
        let done = std::sync::atomic::AtomicUsize::new(0);
        let fresh: Vec<(usize, FileOutput)> = todo
            .par_iter()
            .map(|&i| {
                let file = FileId::try_from(i).unwrap_or(FileId::MAX);
                let walk = || trees.look(&files[i], i, |module| Walker::new(&context, module, file, reporting).run());
                let output = guarded(walk).unwrap_or_else(|fault| {
                    let summary = FileSummary::of(&context.world.defs[i]);
                    FileOutput { summary, fault: Some(fault), ..FileOutput::default() }
                });
                progress.advance("analysing", 1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed), todo.len());
                (i, output)
            })
            .collect();
        for (i, output) in fresh {
            outputs[i] = output;
        }
        let changed = merge(&mut context.world, &mut outputs, &stale);
        if reporting && changed.is_empty() {
            break;
        }
        for (i, output) in outputs.iter().enumerate() {
            let told = Key::told(FileId::try_from(i).unwrap_or(FileId::MAX));
            stale[i] = !reporting || changed.contains(&told) || output.read.iter().any(|read| changed.contains(read));
        }
    }
    imports::unused(&context, &mut outputs);
    outputs
}

/// For each library, whether a file mentions what changes the default dtype of its floats, at whatever point of the run.
fn changed_floats(files: &[SourceFile], rules: &RuleSet) -> Vec<bool> {
    let mut changed = vec![false; rules.facts.libraries.len()];
    for name in rules.facts.names_with(Trait::SetsDefaultFloat) {
        let short = name.rsplit('.').next().unwrap_or(name);
        if let Some(library) = rules.facts.library_of(name) {
            changed[usize::from(library)] |= files.par_iter().any(|file| file.text.contains(short));
        }
    }
    changed
}

/// Takes what the walks found into the world, the summaries of the `walked` files in whole; gives the keys of what changed.
fn merge(world: &mut World, outputs: &mut [FileOutput], walked: &[bool]) -> FxHashSet<Key> {
    let mut changed = FxHashSet::default();
    let mut arguments: Vec<FxHashMap<(u32, u32), Value>> = vec![FxHashMap::default(); outputs.len()];
    let mut foreign: Vec<FxHashMap<(u32, ruff_python_ast::name::Name), Value>> = vec![FxHashMap::default(); outputs.len()];
    // In file order, so that the order of atoms does not depend on which walk finished first.
    for output in outputs.iter() {
        let mut calls: Vec<_> = output.calls.iter().collect();
        calls.sort_by_key(|(key, _)| **key);
        for ((file, function, parameter), value) in calls {
            arguments[*file as usize].entry((*function, *parameter)).or_default().join(value);
        }
        let mut attributes: Vec<_> = output.foreign_attributes.iter().collect();
        attributes.sort_by(|a, b| a.0.cmp(b.0));
        for ((file, class, name), value) in attributes {
            foreign[*file as usize].entry((*class, name.clone())).or_default().join(value);
        }
    }
    // What the summaries were; of a file that was not walked, what others say alone.
    let mut old: Vec<FileSummary> = Vec::with_capacity(outputs.len());
    for (i, output) in outputs.iter_mut().enumerate() {
        let summary = &mut world.summaries[i];
        let foreign_attributes = std::mem::take(&mut foreign[i]);
        old.push(if walked[i] {
            std::mem::replace(summary, FileSummary { foreign_attributes, ..std::mem::take(&mut output.summary) })
        } else {
            FileSummary {
                foreign_attributes: std::mem::replace(&mut summary.foreign_attributes, foreign_attributes),
                arguments: std::mem::take(&mut summary.arguments),
                ..FileSummary::default()
            }
        });
    }
    let hierarchy = Hierarchy::new(world);
    hierarchy.pass_on(world, &mut arguments);
    for (i, mut told) in arguments.into_iter().enumerate() {
        told.values_mut().for_each(Value::lose_what_everything_is_passed_with);
        world.summaries[i].arguments = told;
        let file = FileId::try_from(i).unwrap_or(FileId::MAX);
        if walked[i] {
            depend::changes(file, &old[i], &world.summaries[i], &mut changed);
        }
        depend::changes_by_others(file, &old[i], &world.summaries[i], &mut changed);
    }
    for (method, overriding) in &hierarchy.overrides {
        if world.hierarchy.overrides.get(method) != Some(overriding) {
            changed.insert(Key::returns(*method));
        }
    }
    world.hierarchy = hierarchy;
    changed
}
