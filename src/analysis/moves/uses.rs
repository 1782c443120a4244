//! `a.b.c` after `import a.b`: the statement binds `a`, so what follows the dots has to change with the module's name.

use std::collections::BTreeSet;

use ruff_python_ast::Stmt;
use ruff_python_ast::name::Name;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::token::TokenKind;
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::imports::{new_name, stem};
use super::{Context, Edit, Gathered, indent, newline};
use crate::flow::project::Resolved;
use crate::plan::references::{Binding, Import, Use};

pub fn edit(context: &Context<'_>, gathered: &mut Gathered) {
    let references = context.own();
    // What the `import` statements give afterwards, by the names they then have.
    let plain: Vec<&Import> = references.imports.iter().filter(|import| import.binds_root && import.member.is_none()).collect();
    let given: BTreeSet<String> =
        plain.iter().map(|import| new_name(context, &import.module).unwrap_or_else(|| import.module.to_string())).collect();
    let mut wanted: BTreeSet<(TextSize, String)> = BTreeSet::new();
    for used in &references.uses {
        match bound_by(context, used) {
            Some(import) if import.binds_root && import.member.is_none() => chain(context, used, import, &given, &mut wanted, gathered),
            Some(import) => through_a_package(context, used, import, gathered),
            None => {}
        }
    }
    let text = &*context.source.text;
    for (at, module) in wanted {
        gathered.edits.push(Edit::insert(at, format!("import {module}{}{}", newline(text), indent(text, at))));
    }
}

/// The import that binds the first name of `used`.
fn bound_by<'a>(context: &'a Context<'_>, used: &Use) -> Option<&'a Import> {
    let references = context.own();
    if let Some(index) = used.import {
        return references.imports.get(index as usize);
    }
    references.bound.get(&used.chain[0])?.iter().find_map(|binding| match binding {
        Binding::Import(index) => references.imports.get(*index as usize),
        Binding::Symbol(_) => None,
    })
}

fn chain(
    context: &Context<'_>,
    used: &Use,
    import: &Import,
    given: &BTreeSet<String>,
    wanted: &mut BTreeSet<(TextSize, String)>,
    gathered: &mut Gathered,
) {
    let Some((length, old)) = longest_module(context, &used.chain) else { return };
    let statement = statement_start(context, import);
    match new_name(context, &old) {
        Some(new) => {
            rename(context, used, length, &old, &new, gathered);
            if !given.contains(&new) {
                wanted.insert((statement, new));
            }
        }
        // The name stays; something has to bind its root still.
        None => {
            let root = used.chain[0].as_str();
            let bound = given.iter().any(|module| module.split('.').next() == Some(root));
            if !bound {
                wanted.insert((statement, old));
            }
        }
    }
}

/// How many names of `chain` make the longest module name, and that name.
fn longest_module(context: &Context<'_>, chain: &[Name]) -> Option<(usize, String)> {
    (1..=chain.len()).rev().find_map(|length| {
        let name = chain[..length].join(".");
        matches!(context.old.resolve(context.file, 0, &name), Some(Resolved::File(_))).then_some((length, name))
    })
}

fn rename(context: &Context<'_>, used: &Use, length: usize, old: &str, new: &str, gathered: &mut Gathered) {
    let text = context.text(used.range);
    if text.starts_with(old) && text == used.chain.join(".") {
        let range = TextRange::at(used.range.start(), TextSize::of(old));
        gathered.edits.push(Edit::replace(range, new));
        return;
    }
    if text.starts_with(['"', '\'']) {
        // The string of an annotation: every mention of the name in it.
        let mut edited = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(old) {
            let whole = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
                && !rest[at + old.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            edited.push_str(&rest[..at]);
            edited.push_str(if whole { new } else { old });
            rest = &rest[at + old.len()..];
        }
        edited.push_str(rest);
        if edited != text {
            gathered.edits.push(Edit::replace(used.range, edited));
        }
        return;
    }
    let shown = used.chain[..length].join(".");
    gathered.remarks.push((used.range, format!("`{shown}` is spread over spaces or lines: write `{new}` by hand")));
}

/// `pkg.old.f` after `import …` or `from … import pkg`, where the package no longer holds the module.
fn through_a_package(context: &Context<'_>, used: &Use, import: &Import, gathered: &mut Gathered) {
    let mut at = match &import.member {
        None => context.old.resolve(context.file, import.level, &import.module),
        Some(member) => match context.old.resolve(context.file, import.level, &import.module) {
            Some(Resolved::File(file)) if !bound_in(context, file, member) => context.old.submodule(file, member),
            Some(Resolved::Namespace(name)) => context.old.below_namespace(context.file, &name, member),
            _ => None,
        },
    };
    for (index, attribute) in used.chain.iter().enumerate().skip(1) {
        let Some(Resolved::File(package)) = at else { return };
        if bound_in(context, package, attribute) {
            return;
        }
        at = context.old.submodule(package, attribute);
        let Some(Resolved::File(module)) = at else { return };
        if context.new.submodule(package, attribute) != Some(Resolved::File(module)) {
            if !reached_anew(context, used, import, index, module, gathered) {
                let new = context.new.name_of(module);
                let text = format!("`{}` is reached through its package and is now `{new}`: import that", stem(context.old.path(module)));
                gathered.remarks.push((used.range, text));
            }
            return;
        }
    }
}

/// Imports `module` under its own name, if nothing in the file has that name, and writes it instead of the way through packages.
fn reached_anew(context: &Context<'_>, used: &Use, import: &Import, index: usize, module: u32, gathered: &mut Gathered) -> bool {
    let text = context.text(used.range);
    let old = used.chain[..=index].join(".");
    let path = stem(context.new.path(module));
    let Some((folder, name)) = path.rsplit_once('/') else { return false };
    let taken = context
        .module
        .tokens
        .iter()
        .any(|token| token.kind() == TokenKind::Name && context.text(token.range()) == name && !is_attribute(context, token.range()));
    let base = super::imports::spelled_in(context.new, context.file, folder, import.level > 0);
    let (Some(base), true, false) = (base, text.starts_with(&old), taken) else { return false };
    let Some(statement) = statement_of(context, import) else { return false };
    let line = format!("{}{}from {base} import {name}", newline(&context.source.text), indent(&context.source.text, statement.start()));
    let edit = Edit::insert(statement.end(), line);
    if !gathered.edits.contains(&edit) {
        gathered.edits.push(edit);
    }
    gathered.edits.push(Edit::replace(TextRange::at(used.range.start(), TextSize::of(&*old)), name));
    true
}

/// Whether a dot stands before the word at `range`.
fn is_attribute(context: &Context<'_>, range: TextRange) -> bool {
    context.source.text[..range.start().to_usize()].trim_end().ends_with('.')
}

/// The statement that `import` is part of.
fn statement_of(context: &Context<'_>, import: &Import) -> Option<TextRange> {
    struct Holder {
        at: TextRange,
        found: Option<TextRange>,
    }
    impl<'a> StatementVisitor<'a> for Holder {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match stmt {
                Stmt::Import(_) | Stmt::ImportFrom(_) if stmt.range().contains_range(self.at) => self.found = Some(stmt.range()),
                _ => walk_stmt(self, stmt),
            }
        }
    }
    let mut holder = Holder { at: import.range, found: None };
    holder.visit_body(&context.module.tree.body);
    holder.found
}

fn bound_in(context: &Context<'_>, file: u32, name: &str) -> bool {
    context.references[file as usize].bound.contains_key(name)
}

/// The start of the statement that `import` stands in.
fn statement_start(context: &Context<'_>, import: &Import) -> TextSize {
    let text = &context.source.text[..import.range.start().to_usize()];
    let at = text.rfind("import").unwrap_or(text.len());
    TextSize::try_from(at).unwrap_or_default()
}
