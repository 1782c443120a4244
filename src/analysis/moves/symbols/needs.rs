//! What a definition has to have at its new place: the imports it uses, and the names of its old module.

use ruff_python_ast::Stmt;
use ruff_python_stdlib::builtins::{is_python_builtin, python_magic_globals};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashSet;

use super::{Moving, Sheet, Work, listed, refuse};
use crate::flow::project::Resolved;
use crate::moves::imports::{Fate, parted, spelled_in, stem, without};
use crate::moves::{Edit, Refusal};
use crate::plan::graph::Target;
use crate::plan::references::{Binding, Import, Scope};

pub fn gather(work: &Work<'_>, sheets: &mut [Sheet]) -> Result<(), Refusal> {
    for moving in work.moving.iter().filter(|moving| !moving.stays()) {
        let remarks = one(work, moving, &mut sheets[moving.to as usize])?;
        // The text still stands in the old file.
        sheets[moving.file as usize].gathered.remarks.extend(remarks);
    }
    refuse_circles(work)?;
    let files: FxHashSet<u32> = work.moving.iter().filter(|moving| !moving.stays()).map(|moving| moving.file).collect();
    for file in files {
        leave_out_unused(work, file, &mut sheets[file as usize]);
    }
    Ok(())
}

/// The module-level names that a definition uses, with the earliest moment it does.
fn used<'a>(work: &Work<'a>, moving: &Moving) -> Vec<(&'a str, Scope, TextRange)> {
    let own = &work.references[moving.file as usize];
    let mut names: Vec<(&str, Scope, TextRange)> = Vec::new();
    for used in own.uses.iter().filter(|used| used.import.is_none() && inside(moving, used.range)) {
        match names.iter_mut().find(|(name, ..)| *name == used.chain[0].as_str()) {
            Some((_, scope, _)) => *scope = (*scope).min(used.scope),
            None => names.push((used.chain[0].as_str(), used.scope, used.range)),
        }
    }
    names
}

fn inside(moving: &Moving, range: TextRange) -> bool {
    moving.spans.iter().any(|span| span.contains_range(range))
}

fn one(work: &Work<'_>, moving: &Moving, sheet: &mut Sheet) -> Result<Vec<(TextRange, String)>, Refusal> {
    let (file, to) = (moving.file, moving.to);
    let mut remarks = Vec::new();
    let own = &work.references[file as usize];
    let has_future = |file: u32| {
        let future = |import: &Import| import.module == "__future__" && import.member.as_deref() == Some("annotations");
        work.references.get(file as usize).is_some_and(|references| references.imports.iter().any(future))
    };
    sheet.future |= has_future(file) && !has_future(to);
    let relative = work.relative(file);
    for (name, scope, range) in used(work, moving) {
        let Some(bindings) = own.bound.get(name) else {
            remarks.extend(unbound(work, moving, name, scope, range)?);
            continue;
        };
        let symbol = bindings.iter().find_map(|binding| if let Binding::Symbol(symbol) = binding { Some(*symbol) } else { None });
        if let Some(symbol) = symbol {
            // What comes along is there; what goes elsewhere is imported from there.
            let statement = match work.moving_of(file, symbol) {
                Some(other) if other.to == to => continue,
                Some(other) => work.statement(to, other, name, relative),
                None => {
                    if at_target(work, moving, name, &Target::Symbol(file, symbol))? {
                        continue;
                    }
                    format!("from {} import {name}", work.base(to, file, relative))
                }
            };
            sheet.imports.insert(statement);
            continue;
        }
        let imports: Vec<&Import> = bindings
            .iter()
            .filter_map(|binding| if let Binding::Import(index) = binding { Some(&own.imports[*index as usize]) } else { None })
            .collect();
        let [import] = &imports[..] else {
            guarded(work, moving, name, &imports, sheet)?;
            continue;
        };
        let target = work.resolver.bound_by(file, import);
        if at_target(work, moving, name, &target)? {
            continue;
        }
        // What is imported may be on its way too.
        if let Target::Symbol(other, symbol) = target
            && let Some(other) = work.moving_of(other, symbol)
        {
            if other.to != to {
                sheet.imports.insert(work.statement(to, other, name, import.level > 0));
            } else if other.new.as_str() != name {
                return Err(clash(work, moving, name));
            }
            continue;
        }
        match import.scope {
            Scope::Top => drop(sheet.imports.insert(statement(work, moving, import)?)),
            Scope::Typing => drop(sheet.typing.insert(statement(work, moving, import)?)),
            _ => guarded(work, moving, name, &imports, sheet)?,
        }
    }
    Ok(remarks)
}

/// Whether the target file has `name` already, for the same thing; an error if it has it for another.
fn at_target(work: &Work<'_>, moving: &Moving, name: &str, wanted: &Target) -> Result<bool, Refusal> {
    if *wanted == Target::Module(moving.to) && work.references.get(moving.to as usize).is_none() {
        return Ok(false);
    }
    let Some(bindings) = work.references.get(moving.to as usize).and_then(|references| references.bound.get(name)) else {
        return Ok(false);
    };
    let references = &work.references[moving.to as usize];
    let same = bindings.iter().any(|binding| match binding {
        Binding::Symbol(symbol) => *wanted == Target::Symbol(moving.to, *symbol),
        Binding::Import(index) => work.resolver.bound_by(moving.to, &references.imports[*index as usize]) == *wanted,
    });
    if same && *wanted != Target::Unknown { Ok(true) } else { Err(clash(work, moving, name)) }
}

fn clash(work: &Work<'_>, moving: &Moving, name: &str) -> Refusal {
    let (from, to) = (work.old.name_of(moving.file), work.new.name_of(moving.to));
    refuse(
        format!("`{}` uses `{name}` of `{from}`, and `{to}` has another `{name}`", moving.name),
        "rename one of the two first, or choose another module",
    )
}

/// A name that the old module does not bind itself; what is to be said of it.
fn unbound(work: &Work<'_>, moving: &Moving, name: &str, scope: Scope, range: TextRange) -> Result<Option<(TextRange, String)>, Refusal> {
    if name == "__file__" {
        return Ok(Some((range, format!("`__file__` is `{}` now", work.new.path(moving.to)))));
    }
    if scope == Scope::Typing || is_python_builtin(name, 14, false) || python_magic_globals(14).any(|magic| magic == name) {
        return Ok(None);
    }
    let own = &work.references[moving.file as usize];
    if own.imports.iter().any(|import| import.star) {
        let from = work.old.name_of(moving.file);
        let message = format!("`{}` uses `{name}`, which a star import of `{from}` brings", moving.name);
        return Err(refuse(message, "import it by its name first"));
    }
    Ok(None)
}

/// The import statement for one name, as the new module writes it.
fn statement(work: &Work<'_>, moving: &Moving, import: &Import) -> Result<String, Refusal> {
    let bound = import.bound.as_str();
    let Some(member) = &import.member else {
        let module = &import.module;
        return Ok(if import.binds_root { format!("import {module}") } else { format!("import {module} as {bound}") });
    };
    let name = if member == bound { bound.to_owned() } else { format!("{member} as {bound}") };
    if import.level == 0 {
        return Ok(format!("from {} import {name}", import.module));
    }
    let target = match work.old.resolve(moving.file, import.level, &import.module) {
        Some(Resolved::File(file)) => stem(work.new.path(file)).to_owned(),
        Some(Resolved::Namespace(namespace)) => namespace.replace('.', "/"),
        None => {
            return Err(refuse(format!("`{}` uses `{bound}`, whose import leads nowhere", moving.name), "mend the import first"));
        }
    };
    let base = spelled_in(work.new, moving.to, &target, true).unwrap_or_else(|| work.new.dotted(&target));
    Ok(format!("from {base} import {name}"))
}

/// An import under `try` or `if` goes along with all of its statement.
fn guarded(work: &Work<'_>, moving: &Moving, name: &str, imports: &[&Import], sheet: &mut Sheet) -> Result<(), Refusal> {
    let text = work.text(moving.file);
    let holds = |stmt: &&Stmt| imports.iter().any(|import| stmt.range().contains_range(import.range));
    let mut statements = work.modules[moving.file as usize].tree.body.iter().filter(holds);
    let (Some(statement), None) = (statements.next(), statements.next()) else { return Err(clash_of_imports(work, moving, name)) };
    let relative = imports.iter().any(|import| import.level > 0);
    let taken = work.references.get(moving.to as usize).is_some_and(|references| references.bound.contains_key(name));
    if relative || !matches!(statement, Stmt::Try(_) | Stmt::If(_)) {
        return Err(clash_of_imports(work, moving, name));
    }
    if taken {
        // The same statement, copied earlier or written by hand, is what it needs.
        let written = text[statement.range()].split_whitespace().collect::<Vec<_>>();
        let body = &work.modules[moving.to as usize].tree.body;
        let same = |stmt: &Stmt| work.text(moving.to)[stmt.range()].split_whitespace().collect::<Vec<_>>() == written;
        return if body.iter().any(same) { Ok(()) } else { Err(clash(work, moving, name)) };
    }
    sheet.imports.insert(text[statement.range()].to_owned());
    Ok(())
}

fn clash_of_imports(work: &Work<'_>, moving: &Moving, name: &str) -> Refusal {
    let from = work.old.name_of(moving.file);
    refuse(format!("`{}` uses `{name}`, which `{from}` imports in more than one way", moving.name), "import it once, at the margin, first")
}

/// A module that imports by name what the other one imports by name from it can be imported from neither side.
fn refuse_circles(work: &Work<'_>) -> Result<(), Refusal> {
    for moving in work.moving.iter().filter(|moving| !moving.stays()) {
        let own = &work.references[moving.file as usize];
        let stays = |name: &&str| {
            own.bound.get(*name).into_iter().flatten().any(|binding| match binding {
                Binding::Symbol(symbol) => work.moving_of(moving.file, *symbol).is_none(),
                Binding::Import(_) => false,
            })
        };
        let needed: FxHashSet<&str> = used(work, moving).into_iter().map(|(name, ..)| name).filter(stays).collect();
        // What stays and uses anything that goes to the same module.
        let back: FxHashSet<&str> = own
            .uses
            .iter()
            .filter(|used| used.import.is_none() && work.home(moving.file, used.range) == moving.file)
            .filter_map(|used| work.moving_named(moving.file, &used.chain[0]).filter(|other| other.to == moving.to))
            .map(|other| other.name.as_str())
            .collect();
        if !needed.is_empty() && !back.is_empty() {
            let (from, to) = (work.old.name_of(moving.file), work.new.name_of(moving.to));
            return Err(refuse(
                format!(
                    "`{}` needs {} of `{from}`, which itself uses {}: `{to}` and `{from}` would import each other",
                    moving.name,
                    listed(&needed),
                    listed(&back)
                ),
                format!("move {} too, or what uses {}", listed(&needed), listed(&back)),
            ));
        }
    }
    Ok(())
}

/// Imports of the old module that only definitions that go have used.
fn leave_out_unused(work: &Work<'_>, file: u32, sheet: &mut Sheet) {
    let own = &work.references[file as usize];
    let path = work.old.path(file);
    let star = |other: usize, import: &Import| {
        import.star
            && work.old.resolve(u32::try_from(other).unwrap_or(u32::MAX), import.level, &import.module) == Some(Resolved::File(file))
    };
    let starred = work.references.iter().enumerate().any(|(other, references)| references.imports.iter().any(|import| star(other, import)));
    if path.ends_with("__init__.py") || starred {
        return;
    }
    let unused: FxHashSet<TextRange> = own
        .imports
        .iter()
        .filter(|import| import.scope == Scope::Top && !import.star && !import.dynamic && import.module != "__future__")
        .filter(|import| own.bound.get(&import.bound).is_some_and(|bindings| bindings.len() == 1))
        .filter(|import| own.all.as_ref().is_none_or(|all| !all.contains(&import.bound)))
        .filter(|import| {
            let uses = || own.uses.iter().filter(|used| used.import.is_none() && used.chain[0] == import.bound);
            uses().next().is_some() && uses().all(|used| work.home(file, used.range) != file)
        })
        .filter(|import| !imported_elsewhere(work, file, &import.bound))
        .map(|import| import.range)
        .collect();
    if unused.is_empty() {
        return;
    }
    let text = work.text(file);
    for stmt in &work.modules[file as usize].tree.body {
        match stmt {
            Stmt::ImportFrom(import) if import.names.iter().any(|alias| unused.contains(&alias.range)) => {
                // What is on its way itself is the matter of `names`.
                let fate = |alias: &ruff_python_ast::Alias| if unused.contains(&alias.range) { Fate::Gone } else { Fate::Stays };
                let fates: Vec<Fate> = import.names.iter().map(fate).collect();
                if !super::names::touches(work, file, import) {
                    parted(text, import, &fates, &mut sheet.gathered);
                }
            }
            Stmt::Import(import) if import.names.iter().all(|alias| unused.contains(&alias.range)) => {
                sheet.gathered.edits.push(without(text, import.range));
            }
            Stmt::Import(import) => {
                let kept: Vec<&str> =
                    import.names.iter().filter(|alias| !unused.contains(&alias.range)).map(|alias| &text[alias.range]).collect();
                if kept.len() < import.names.len() {
                    sheet.gathered.edits.push(Edit::replace(import.range, format!("import {}", kept.join(", "))));
                }
            }
            _ => {}
        }
    }
}

/// Whether another file imports `name` from `file`.
pub fn imported_elsewhere(work: &Work<'_>, file: u32, name: &str) -> bool {
    work.references.iter().enumerate().any(|(other, references)| {
        let other = u32::try_from(other).unwrap_or(u32::MAX);
        references.imports.iter().any(|import| {
            import.member.as_deref() == Some(name) && work.old.resolve(other, import.level, &import.module) == Some(Resolved::File(file))
        })
    })
}
