//! Moving and renaming single functions, classes and values of a module.
//!
//! [`find`] (requests → definitions and their new places) → [`needs`] (what a definition has to have where it goes) and
//! [`names`] (who names it) → edits of every file → [`place`] (definitions put into their new modules) → [`shim`].

mod find;
mod names;
mod needs;
mod place;
pub mod shim;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use ruff_python_ast::name::Name;
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Edit, Gathered, Input, Moved, Outcome, Refusal, Remark, apply, still_parses};
use crate::flow::project::{Project, parent};
use crate::plan::graph::Resolver;
use crate::plan::references::{Import, References};
use crate::source::SourceFile;
use crate::syntax::{self, Module};

pub use find::is_symbol;

/// One symbol on its way.
#[derive(Clone, Debug)]
struct Moving {
    /// The file that defines it, and the symbol there.
    file: u32,
    symbol: u32,
    name: Name,
    /// The file it goes to, by its number in the new project; the same file for a mere new name.
    to: u32,
    new: Name,
    /// Its definitions with the comments above them.
    spans: Vec<TextRange>,
    /// Where its definitions write its name.
    names: Vec<TextRange>,
    /// Whether it is an assignment.
    value: bool,
}

impl Moving {
    fn stays(&self) -> bool {
        self.file == self.to
    }
}

/// Everything that is known.
struct Work<'a> {
    files: &'a [SourceFile],
    modules: &'a [Module],
    references: &'a [References],
    old: &'a Project,
    new: &'a Project,
    resolver: Resolver<'a>,
    moving: &'a [Moving],
    by_symbol: FxHashMap<(u32, u32), usize>,
    shims: bool,
}

/// What is to be written into one file.
#[derive(Default)]
struct Sheet {
    gathered: Gathered,
    /// Import statements for the head of the file.
    imports: BTreeSet<String>,
    /// Those that only type checkers run.
    typing: BTreeSet<String>,
    /// Whether it needs `from __future__ import annotations`.
    future: bool,
    /// What comes after everything else.
    tail: Option<String>,
}

impl<'a> Work<'a> {
    fn moving_of(&self, file: u32, symbol: u32) -> Option<&'a Moving> {
        self.by_symbol.get(&(file, symbol)).map(|index| &self.moving[*index])
    }

    /// The symbol on its way that `name` of the module `file` is.
    fn moving_named(&self, file: u32, name: &str) -> Option<&'a Moving> {
        self.moving.iter().find(|moving| moving.file == file && moving.name.as_str() == name)
    }

    /// The file that the text at `range` of `file` ends up in.
    fn home(&self, file: u32, range: TextRange) -> u32 {
        let holds = |moving: &&Moving| moving.file == file && moving.spans.iter().any(|span| span.contains_range(range));
        self.moving.iter().find(holds).map_or(file, |moving| moving.to)
    }

    fn text(&self, file: u32) -> &'a str {
        self.files.get(file as usize).map_or("", |file| &file.text)
    }

    /// `from … import …` of a symbol at its new place, as `file` writes it.
    fn statement(&self, file: u32, moving: &Moving, bound: &str, relative: bool) -> String {
        let what = if *moving.new == *bound { bound.to_owned() } else { format!("{} as {bound}", moving.new) };
        format!("from {} import {what}", self.base(file, moving.to, relative))
    }

    /// How `file` names the module `to` in a `from` statement.
    fn base(&self, file: u32, to: u32, relative: bool) -> String {
        let target = super::imports::stem(self.new.path(to));
        super::imports::spelled_in(self.new, file, target, relative).unwrap_or_else(|| self.new.name_of(to))
    }

    /// Whether `file` imports by dots, which new imports then do too.
    fn relative(&self, file: u32) -> bool {
        let style = |file: u32| {
            let of_project = |import: &&Import| import.level > 0 || self.old.resolve(file, 0, &import.module).is_some();
            self.references.get(file as usize)?.imports.iter().find(of_project).map(|import| import.level > 0)
        };
        // A file without an opinion does as its neighbours do.
        let folder = parent(self.new.path(file));
        let neighbours = || (0..).zip(self.files).filter(|(_, other)| parent(&other.path) == folder).find_map(|(other, _)| style(other));
        style(file).or_else(neighbours).unwrap_or(false)
    }

    /// Whether any word of `file` is `name`: then nothing there can get that name.
    fn has_word(&self, file: u32, name: &str) -> bool {
        let (Some(module), text) = (self.modules.get(file as usize), self.text(file)) else { return false };
        module.tokens.iter().any(|token| token.kind() == ruff_python_ast::token::TokenKind::Name && text[token.range()] == *name)
    }
}

/// Works out what the requests for symbols come to.
pub fn work_out(input: &Input<'_>) -> Result<Outcome, Refusal> {
    let paths: Vec<Arc<str>> = input.files.iter().map(|file| file.path.clone()).collect();
    let old = Project::new(paths.clone(), input.roots);
    let modules: Vec<Module> = input.files.par_iter().map(syntax::parse).collect();
    let references: Vec<References> =
        input.files.par_iter().zip(&modules).map(|(source, module)| References::collect(source, module)).collect();
    let found = find::all(input, &paths, &old, &modules, &references)?;
    let mut new_paths = paths;
    new_paths.extend(found.created.iter().map(|path| Arc::from(path.as_str())));
    let new = Project::new(new_paths, input.roots);
    let by_symbol = found.moving.iter().enumerate().map(|(index, moving)| ((moving.file, moving.symbol), index)).collect();
    let work = Work {
        files: input.files,
        modules: &modules,
        references: &references,
        old: &old,
        new: &new,
        resolver: Resolver { project: &old, references: &references },
        moving: &found.moving,
        by_symbol,
        shims: input.shims,
    };
    let mut sheets: Vec<Sheet> = (0..new.len()).map(|_| Sheet::default()).collect();
    needs::gather(&work, &mut sheets)?;
    names::gather(&work, &mut sheets)?;
    if input.shims {
        shim::gather(&work, input.until, &mut sheets);
    }
    finish(input, &work, sheets, found.created)
}

fn finish(input: &Input<'_>, work: &Work<'_>, mut sheets: Vec<Sheet>, created: Vec<String>) -> Result<Outcome, Refusal> {
    let mut outcome = Outcome::default();
    place::put(work, &mut sheets)?;
    for (index, sheet) in sheets.into_iter().enumerate() {
        match input.files.get(index) {
            Some(source) => {
                outcome.remarks.extend(sheet.gathered.remarks.into_iter().map(|(range, text)| Remark { file: index, range, text }));
                if sheet.gathered.edits.is_empty() {
                    continue;
                }
                let (text, cells) = super::edited(source, sheet.gathered.edits);
                still_parses(source, &work.modules[index], &text)?;
                outcome.files.push(Moved { file: index, path: None, text: Some(text), cells });
            }
            None => outcome.created.push((created[index - input.files.len()].clone(), apply("", sheet.gathered.edits))),
        }
    }
    for moving in work.moving {
        let (from, to) = (work.old.name_of(moving.file), work.new.name_of(moving.to));
        outcome.names.push((format!("{from}.{}", moving.name), format!("{to}.{}", moving.new)));
        outcome.names.push((format!("{from}:{}", moving.name), format!("{to}:{}", moving.new)));
    }
    outcome.names.sort_by(|a, b| (b.0.len(), &a.0).cmp(&(a.0.len(), &b.0)));
    Ok(outcome)
}

/// The names that several refusals list.
fn listed(names: &FxHashSet<&str>) -> String {
    let mut names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.sort();
    names.join(", ")
}

fn refuse(message: impl Into<String>, help: impl Into<String>) -> Refusal {
    Refusal { message: message.into(), help: help.into() }
}

/// A statement without what is around it, for the edits of [`Edit`].
fn insert_line(text: &str, at: ruff_text_size::TextSize, line: &str) -> Edit {
    let newline = super::newline(text);
    let before = if at.to_usize() == text.len() && !text.is_empty() && !text.ends_with(['\n', '\r']) { newline } else { "" };
    Edit::insert(at, format!("{before}{line}{newline}"))
}
