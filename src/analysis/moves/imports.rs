//! Import statements: each name goes where it went, in the style it was written in.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Alias, Stmt, StmtImport, StmtImportFrom};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::{Context, Edit, Gathered, ends_line, indent, newline};
use crate::flow::project::{Project, Resolved, parent};
use crate::plan::references::{Binding, Import};

pub fn edit(context: &Context<'_>, gathered: &mut Gathered) {
    let mut statements = Statements { context, gathered };
    statements.visit_body(&context.module.tree.body);
}

struct Statements<'a, 'b> {
    context: &'a Context<'b>,
    gathered: &'a mut Gathered,
}

impl<'a> StatementVisitor<'a> for Statements<'_, '_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => plain(self.context, import, self.gathered),
            Stmt::ImportFrom(import) => from(self.context, import, self.gathered),
            _ => walk_stmt(self, stmt),
        }
    }
}

/// `import a.b`, `import a.b as c`. What then becomes of `a.b.f` is the matter of [`super::uses`].
fn plain(context: &Context<'_>, import: &StmtImport, gathered: &mut Gathered) {
    for alias in &import.names {
        if let Some(name) = new_name(context, &alias.name) {
            gathered.edits.push(Edit::replace(alias.name.range, name));
        }
    }
}

/// What the absolute name `module` is called afterwards, where that is something else.
pub fn new_name(context: &Context<'_>, module: &str) -> Option<String> {
    let Some(Resolved::File(file)) = context.old.resolve(context.file, 0, module) else { return None };
    if context.new.resolve(context.file, 0, module) == Some(Resolved::File(file)) {
        return None;
    }
    // The folder that the name was written from is still the one to write it from, if the file lies below it.
    let below = module.replace('.', "/");
    let root = stem(context.old.path(file)).strip_suffix(below.as_str()).map(str::to_owned);
    let new = stem(context.new.path(file));
    let rest = root.and_then(|root| new.strip_prefix(root.as_str()).map(|rest| rest.replace('/', ".")));
    Some(rest.unwrap_or_else(|| context.new.name_of(file)))
}

/// Where a name of a `from` import comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It is a name in this module.
    Name(u32),
    /// It is this module.
    Module(u32),
    /// It is of no module of the project.
    Foreign,
}

fn origin(context: &Context<'_>, project: &Project, import: &StmtImportFrom, alias: &Alias) -> Origin {
    let module = import.module.as_ref().map_or("", |module| module.as_str());
    let name = alias.name.as_str();
    match project.resolve(context.file, import.level, module) {
        Some(Resolved::File(file)) => {
            // What the package itself binds comes before its submodules.
            match project.submodule(file, name) {
                Some(Resolved::File(submodule)) if name != "*" && !bound_otherwise(context, file, name) => Origin::Module(submodule),
                _ => Origin::Name(file),
            }
        }
        Some(Resolved::Namespace(namespace)) => match project.below_namespace(context.file, &namespace, name) {
            Some(Resolved::File(submodule)) => Origin::Module(submodule),
            _ => Origin::Foreign,
        },
        None => Origin::Foreign,
    }
}

/// Whether the package `file` binds `name` to something else than its submodule of that name.
fn bound_otherwise(context: &Context<'_>, file: u32, name: &str) -> bool {
    let Some(references) = context.references.get(file as usize) else { return false };
    let itself = |import: &Import| {
        import.member.as_deref() == Some(name) && context.old.resolve(file, import.level, &import.module) == Some(Resolved::File(file))
    };
    references.bound.get(name).into_iter().flatten().any(|binding| match binding {
        Binding::Symbol(_) => true,
        Binding::Import(index) => !itself(&references.imports[*index as usize]),
    })
}

/// `from a.b import c`.
fn from(context: &Context<'_>, import: &StmtImportFrom, gathered: &mut Gathered) {
    let fate = |alias: &Alias| -> Option<Fate> {
        let before = origin(context, context.old, import, alias);
        if before == Origin::Foreign || before == origin(context, context.new, import, alias) {
            return None;
        }
        let relative = import.level > 0;
        let (base, name) = match before {
            Origin::Module(file) => {
                let path = stem(context.new.path(file));
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
                match spelled(context, folder, relative) {
                    Some(base) => (base, name.to_owned()),
                    // A module at the top has no package to be imported from.
                    None => return None,
                }
            }
            Origin::Name(file) => (spelled(context, stem(context.new.path(file)), relative)?, alias.name.to_string()),
            Origin::Foreign => return None,
        };
        let text = if *name == *alias.name { context.text(alias.range).to_owned() } else { renamed(alias, &name) };
        Some(Fate::From(base, text))
    };
    let fates: Vec<Fate> = import.names.iter().map(|alias| fate(alias).unwrap_or(Fate::Stays)).collect();
    if fates.iter().all(|fate| *fate == Fate::Stays) {
        return top_level_modules(context, import, gathered);
    }
    parted(&context.source.text, import, &fates, gathered);
}

/// What becomes of one name of a `from` import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Stays,
    /// It is imported from this module, and written so.
    From(String, String),
    /// It goes.
    Gone,
}

/// Splits a `from` import by where its names now come from.
pub fn parted(text: &str, import: &StmtImportFrom, fates: &[Fate], gathered: &mut Gathered) {
    let Some(base) = base_range(text, import) else { return };
    if fates.iter().all(|fate| *fate == Fate::Gone) {
        return gathered.edits.push(without(text, import.range));
    }
    let bases: Vec<Option<&str>> =
        fates.iter().map(|fate| if let Fate::From(base, _) = fate { Some(base.as_str()) } else { None }).collect();
    // What stays in the statement: the names that do not move, else those that go where the first one goes.
    let stays = if fates.contains(&Fate::Stays) { None } else { bases.iter().copied().flatten().next() };
    let kept = |index: usize| fates[index] != Fate::Gone && bases[index] == stays;
    if let Some(new) = stays {
        let space = if text[..base.start().to_usize()].ends_with("from") { " " } else { "" };
        gathered.edits.push(Edit::replace(base, format!("{space}{new}")));
    }
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for (index, alias) in import.names.iter().enumerate() {
        if let (true, Fate::From(_, new)) = (kept(index), &fates[index]) {
            if text[alias.range] != **new {
                gathered.edits.push(Edit::replace(alias.range, new.as_str()));
            }
            continue;
        }
        if fates[index] == Fate::Stays {
            continue;
        }
        if let Fate::From(base, new) = &fates[index] {
            match groups.iter_mut().find(|(known, _)| known == base) {
                Some((_, names)) => names.push(new.clone()),
                None => groups.push((base, vec![new.clone()])),
            }
        }
        gathered.edits.push(Edit::replace(with_comma(import, index, kept), ""));
    }
    let between = match ends_line(text, import) {
        true => format!("{}{}", newline(text), indent(text, import.start())),
        false => "; ".to_owned(),
    };
    let more: String = groups.iter().map(|(base, names)| format!("{between}from {base} import {}", names.join(", "))).collect();
    if !more.is_empty() {
        gathered.edits.push(Edit::insert(import.end(), more));
    }
}

/// `from a import b` where `b` is a module that is now at the top: only `import` can name it.
fn top_level_modules(context: &Context<'_>, import: &StmtImportFrom, gathered: &mut Gathered) {
    for alias in &import.names {
        let before = origin(context, context.old, import, alias);
        if let Origin::Module(file) = before
            && origin(context, context.new, import, alias) != before
        {
            let name = stem(context.new.path(file)).to_owned();
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            if import.names.len() == 1 && !name.contains('/') {
                let text = if *bound.as_str() == name { format!("import {name}") } else { format!("import {name} as {bound}") };
                gathered.edits.push(Edit::replace(import.range, text));
            } else {
                gathered.remarks.push((alias.range, format!("`{}` is now `{}`: import it by hand", alias.name, context.new.name_of(file))));
            }
        }
    }
}

fn renamed(alias: &Alias, name: &str) -> String {
    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
    match (&alias.asname, bound.as_str() == name) {
        (Some(asname), _) => format!("{name} as {asname}"),
        (None, true) => name.to_owned(),
        (None, false) => format!("{name} as {bound}"),
    }
}

/// The alias with the comma that goes with it: the one after it, or the one before it if no name that stays follows.
fn with_comma(import: &StmtImportFrom, index: usize, stays: impl Fn(usize) -> bool) -> TextRange {
    let alias = &import.names[index];
    let follows = (index + 1..import.names.len()).any(&stays);
    if follows {
        return TextRange::new(alias.start(), import.names[index + 1].start());
    }
    let before = (0..index).rev().find(|other| stays(*other)).map_or(alias.start(), |other| import.names[other].end());
    // Only the first of several names at the end takes the comma with it.
    let first = (0..index).rev().take_while(|other| !stays(*other)).count() == 0;
    let start = if first { before } else { import.names[index - 1].end() };
    TextRange::new(start, alias.end())
}

/// The edit that takes the statement at `range` out, with its line where it has one to itself at the margin.
pub fn without(text: &str, range: TextRange) -> Edit {
    let whole = (indent(text, range.start()).is_empty() && starts_line(text, range.start())) && ends_line(text, &Spot(range));
    if !whole {
        return Edit::replace(range, "pass");
    }
    let end = text[range.end().to_usize()..].find('\n').map_or(text.len(), |at| range.end().to_usize() + at + 1);
    Edit::replace(TextRange::new(range.start(), TextSize::try_from(end).unwrap_or(range.end())), "")
}

fn starts_line(text: &str, at: TextSize) -> bool {
    at.to_usize() == 0 || text[..at.to_usize()].ends_with(['\n', '\r'])
}

/// A range as something that has one.
struct Spot(TextRange);

impl Ranged for Spot {
    fn range(&self) -> TextRange {
        self.0
    }
}

/// The dots and the module between `from` and `import`.
pub fn base_range(all: &str, import: &StmtImportFrom) -> Option<TextRange> {
    let text = &all[import.range];
    let rest = text.strip_prefix("from")?;
    let start = import.start() + TextSize::of("from") + TextSize::of(&rest[..rest.len() - rest.trim_start().len()]);
    let end = match &import.module {
        Some(module) => module.end(),
        None => {
            let dots = &all[start.to_usize()..import.names.first()?.start().to_usize()];
            start + TextSize::try_from(dots.rfind('.')? + 1).ok()?
        }
    };
    Some(TextRange::new(start, end))
}

/// How the file names what is at `target`, a path without extension: relative if that is the style and possible.
fn spelled(context: &Context<'_>, target: &str, relative: bool) -> Option<String> {
    spelled_in(context.new, context.file, target, relative)
}

/// How `file` of `project` names what is at `target`.
pub fn spelled_in(project: &Project, file: u32, target: &str, relative: bool) -> Option<String> {
    let own = project.path(file);
    let root = project.root_of(own);
    let parts = |path: &str| -> Vec<String> { path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect() };
    if relative {
        let (from, to) = (parts(parent(own)), parts(target));
        let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        if shared > parts(&root).len() {
            let dots = ".".repeat(from.len() - shared + 1);
            return Some(format!("{dots}{}", to[shared..].join(".")));
        }
    }
    let absolute = project.dotted(target);
    (!absolute.is_empty()).then_some(absolute)
}

/// A path without its extension; a package's `__init__` stands for its folder.
pub fn stem(path: &str) -> &str {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    stem.strip_suffix("/__init__").unwrap_or(stem)
}
