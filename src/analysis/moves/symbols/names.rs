//! Who names what moves: import statements, uses, attributes of modules, `__all__` and strings.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Alias, Stmt, StmtImportFrom};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::{Moving, Sheet, Work, insert_line, refuse};
use crate::flow::project::Resolved;
use crate::moves::imports::{Fate, parted, spelled_in, stem};
use crate::moves::{Edit, Gathered, Refusal, indent, strings};
use crate::plan::graph::Target;
use crate::plan::references::{Binding, Import, Use};

pub fn gather(work: &Work<'_>, sheets: &mut [Sheet]) -> Result<(), Refusal> {
    for index in 0..work.files.len() {
        let file = u32::try_from(index).unwrap_or(u32::MAX);
        if !work.modules[index].errors.is_empty() {
            let named = |moving: &Moving| work.text(file).contains(moving.name.as_str());
            if work.moving.iter().any(named) {
                let text = "the file does not parse and may name what moves: look for it by hand".to_owned();
                sheets[index].gathered.remarks.push((TextRange::default(), text));
            }
            continue;
        }
        One { work, file, sheet: &mut sheets[index] }.all()?;
    }
    Ok(())
}

/// Whether a `from` import names anything that moves.
pub fn touches(work: &Work<'_>, file: u32, import: &StmtImportFrom) -> bool {
    let module = import.module.as_ref().map_or("", |module| module.as_str());
    let Some(Resolved::File(from)) = work.old.resolve(file, import.level, module) else { return false };
    import.names.iter().any(|alias| work.moving_named(from, &alias.name).is_some())
}

struct One<'w, 'a> {
    work: &'w Work<'a>,
    file: u32,
    sheet: &'w mut Sheet,
}

impl<'w, 'a> One<'w, 'a> {
    fn all(&mut self) -> Result<(), Refusal> {
        let mut statements = Statements { found: Vec::new() };
        statements.visit_body(&self.work.modules[self.file as usize].tree.body);
        for import in statements.found {
            self.import(import);
        }
        self.own_uses()?;
        self.attributes();
        self.stars();
        self.offered();
        self.strings();
        Ok(())
    }

    fn own(&self) -> &'w crate::plan::references::References {
        &self.work.references[self.file as usize]
    }

    /// `from a import b`.
    fn import(&mut self, import: &StmtImportFrom) {
        let work = self.work;
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        let home = work.home(self.file, import.range);
        let from = work.old.resolve(self.file, import.level, module);
        let relative = import.level > 0;
        let fate = |one: &mut Self, alias: &Alias| -> Fate {
            let moving = match from {
                Some(Resolved::File(file)) => work.moving_named(file, &alias.name),
                _ => None,
            };
            if let Some(moving) = moving {
                let renamed = one.renames(alias, moving);
                let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                if moving.to == home && !moving.stays() {
                    // It is defined here now.
                    one.rename_uses(alias.range, bound, &moving.new);
                    return Fate::Gone;
                }
                let bound = if renamed { moving.new.as_str() } else { bound };
                if renamed {
                    one.rename_uses(alias.range, &alias.name, &moving.new);
                }
                let text = if *moving.new == *bound { bound.to_owned() } else { format!("{} as {bound}", moving.new) };
                let base = if moving.stays() && home == one.file {
                    super::super::imports::base_range(work.text(one.file), import).map(|range| work.text(one.file)[range].to_owned())
                } else {
                    None
                };
                return Fate::From(base.unwrap_or_else(|| work.base(home, moving.to, relative)), text);
            }
            if home != one.file && relative {
                // Dots count from where the statement goes.
                let target = match &from {
                    Some(Resolved::File(file)) => stem(work.new.path(*file)).to_owned(),
                    Some(Resolved::Namespace(namespace)) => namespace.replace('.', "/"),
                    None => return Fate::Stays,
                };
                if let Some(base) = spelled_in(work.new, home, &target, true) {
                    return Fate::From(base, work.text(one.file)[alias.range].to_owned());
                }
            }
            Fate::Stays
        };
        let fates: Vec<Fate> = import.names.iter().map(|alias| fate(self, alias)).collect();
        if fates.iter().any(|fate| *fate != Fate::Stays) {
            parted(work.text(self.file), import, &fates, &mut self.sheet.gathered);
        }
    }

    /// Whether what `alias` binds gets the new name in this file: nothing else has it, and nobody looks for the old one.
    fn renames(&self, alias: &Alias, moving: &Moving) -> bool {
        let (work, own) = (self.work, self.own());
        let name = alias.name.as_str();
        moving.name != moving.new
            && alias.asname.is_none()
            && !work.has_word(self.file, &moving.new)
            && own.bound.get(name).is_none_or(|bindings| bindings.len() == 1)
            && own.all.as_ref().is_none_or(|all| !all.iter().any(|other| other == name))
            && !work.old.path(self.file).ends_with("__init__.py")
            && !super::needs::imported_elsewhere(work, self.file, name)
    }

    /// Gives the uses of what the alias at `range` binds a new name.
    fn rename_uses(&mut self, range: TextRange, bound: &str, new: &str) {
        let own = self.own();
        let Some(index) = own.imports.iter().position(|import| import.range == range) else { return };
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let at_module = own.bound.get(bound).is_some_and(|bindings| bindings.contains(&Binding::Import(index)));
        let of_it = |used: &&Use| used.chain[0] == *bound && (used.import == Some(index) || (used.import.is_none() && at_module));
        for used in own.uses.iter().filter(of_it) {
            self.rename_use(used, bound, new);
        }
    }

    fn rename_use(&mut self, used: &Use, old: &str, new: &str) {
        if old == new {
            return;
        }
        let text = &self.work.text(self.file)[used.range];
        if text.starts_with(old) {
            self.sheet.gathered.edits.push(Edit::replace(TextRange::at(used.range.start(), TextSize::of(old)), new));
        } else if let Some(edited) = words_replaced(text, old, new) {
            // The string of an annotation; other uses in it come by again and find it edited.
            self.sheet.gathered.edits.push(Edit::replace(used.range, edited));
        }
    }

    /// Uses in the module that defines what moves.
    fn own_uses(&mut self) -> Result<(), Refusal> {
        let (work, file) = (self.work, self.file);
        for moving in work.moving.iter().filter(|moving| moving.file == file) {
            let mut outside = Vec::new();
            for used in self.own().uses.iter().filter(|used| used.import.is_none() && used.chain[0] == moving.name) {
                if moving.stays() || work.home(self.file, used.range) == moving.to {
                    self.rename_use(used, &moving.name, &moving.new);
                } else {
                    outside.push(used);
                }
            }
            for range in moving.names.iter().filter(|_| moving.name != moving.new) {
                self.sheet.gathered.edits.push(Edit::replace(*range, moving.new.as_str()));
            }
            if moving.name != moving.new && work.has_word(self.file, &moving.new) {
                let message = format!("`{}` has the word `{}` already", work.old.path(self.file), moving.new);
                return Err(refuse(message, "a local variable of that name would hide it; choose another"));
            }
            // Uses in other definitions that go elsewhere are imported there.
            let here: Vec<&&Use> = outside.iter().filter(|used| work.home(self.file, used.range) == self.file).collect();
            if here.is_empty() && !self.keeps(moving) {
                continue;
            }
            let rename = moving.name != moving.new && !self.keeps(moving);
            let bound = if rename { &moving.new } else { &moving.name };
            for used in outside.iter().filter(|_| rename) {
                self.rename_use(used, &moving.name, &moving.new);
            }
            let statement = work.statement(self.file, moving, bound, work.relative(self.file));
            self.sheet.imports.insert(statement);
        }
        Ok(())
    }

    /// Whether the old module, a package, goes on offering a name that it lists.
    fn keeps(&self, moving: &Moving) -> bool {
        let listed = self.own().all.as_ref().is_some_and(|all| all.contains(&moving.name));
        !moving.stays() && listed && !self.work.shims && self.work.old.path(self.file).ends_with("__init__.py")
    }

    /// `module.name`, after whatever import brings the module.
    fn attributes(&mut self) {
        let (work, own) = (self.work, self.own());
        for used in &own.uses {
            let import = match used.import {
                Some(index) => own.imports.get(index as usize),
                None => own.bound.get(&used.chain[0]).into_iter().flatten().find_map(|binding| match binding {
                    Binding::Import(index) => own.imports.get(*index as usize),
                    Binding::Symbol(_) => None,
                }),
            };
            let Some(import) = import else { continue };
            for length in 1..used.chain.len() {
                if let Target::Module(module) = work.resolver.imported_chain(self.file, import, &used.chain[..length])
                    && let Some(moving) = work.moving_named(module, &used.chain[length])
                {
                    self.attribute(used, import, length, moving);
                    break;
                }
            }
        }
    }

    fn attribute(&mut self, used: &Use, import: &Import, length: usize, moving: &Moving) {
        let work = self.work;
        let text = &work.text(self.file)[used.range];
        let old = used.chain[..=length].join(".");
        let home = work.home(self.file, used.range);
        let replace = |one: &mut Self, new: &str| match text.starts_with(&old) {
            true => one.sheet.gathered.edits.push(Edit::replace(TextRange::at(used.range.start(), TextSize::of(&*old)), new)),
            false => match words_replaced(text, &old, new) {
                Some(edited) => one.sheet.gathered.edits.push(Edit::replace(used.range, edited)),
                None => one.sheet.gathered.remarks.push((used.range, format!("write `{new}` here by hand"))),
            },
        };
        if moving.stays() {
            return replace(self, &format!("{}.{}", used.chain[..length].join("."), moving.new));
        }
        if home == moving.to {
            return replace(self, &moving.new);
        }
        if home != self.file {
            let text = format!("`{old}` is now `{}.{}`: import that", work.new.name_of(moving.to), moving.new);
            return self.sheet.gathered.remarks.push((used.range, text));
        }
        let name = work.new.name_of(moving.to);
        // `import a.b` and `a.b.f`.
        if import.binds_root && import.member.is_none() && work.old.name_of(moving.file) == used.chain[..length].join(".") {
            replace(self, &format!("{name}.{}", moving.new));
            let known = |other: &Import| other.binds_root && other.member.is_none() && *other.module == *name;
            if !self.own().imports.iter().any(known) {
                self.add_beside(import, format!("import {name}"));
            }
            return;
        }
        // The module under a name of its own, if that is free or means it already.
        let (holder, module) = name.rsplit_once('.').unwrap_or(("", &name));
        let means_it = |binding: &Binding| match binding {
            Binding::Import(index) => {
                let import = &self.own().imports[*index as usize];
                work.resolver.bound_by(self.file, import) == Target::Module(moving.to)
            }
            Binding::Symbol(_) => false,
        };
        let bound = self.own().bound.get(module).is_some_and(|bindings| bindings.iter().any(means_it));
        if bound {
            return replace(self, &format!("{module}.{}", moving.new));
        }
        let target = stem(work.new.path(moving.to));
        let (folder, _) = target.rsplit_once('/').unwrap_or(("", target));
        if !work.has_word(self.file, module) && !holder.is_empty() {
            let base = spelled_in(work.new, self.file, folder, import.level > 0).unwrap_or_else(|| holder.to_owned());
            self.add_beside(import, format!("from {base} import {module}"));
            return replace(self, &format!("{module}.{}", moving.new));
        }
        if !work.has_word(self.file, &moving.new) || moving.new == moving.name && !self.own().bound.contains_key(&moving.new) {
            self.add_beside(import, work.statement(self.file, moving, &moving.new, import.level > 0));
            return replace(self, &moving.new);
        }
        self.sheet.gathered.remarks.push((used.range, format!("`{old}` is now `{name}.{}`: import that", moving.new)));
    }

    /// A statement on the line after the one that `import` is part of.
    fn add_beside(&mut self, import: &Import, statement: String) {
        let text = self.work.text(self.file);
        let mut statements = Statements { found: Vec::new() };
        statements.visit_body(&self.work.modules[self.file as usize].tree.body);
        let mut plain = Plain { at: import.range, found: None };
        plain.visit_body(&self.work.modules[self.file as usize].tree.body);
        let Some(range) = plain.found else {
            self.sheet.imports.insert(statement);
            return;
        };
        let edit = Edit::insert(range.end(), format!("{}{}{statement}", super::super::newline(text), indent(text, range.start())));
        if !self.sheet.gathered.edits.contains(&edit) {
            self.sheet.gathered.edits.push(edit);
        }
    }

    /// A star import that brought the name brings it no more.
    fn stars(&mut self) {
        let (work, own) = (self.work, self.own());
        for import in own.imports.iter().filter(|import| import.star) {
            let Some(Resolved::File(from)) = work.old.resolve(self.file, import.level, &import.module) else { continue };
            for moving in work.moving.iter().filter(|moving| moving.file == from && work.resolver.exports(from, &moving.name)) {
                let wanted = own.uses.iter().any(|used| used.chain[0] == moving.name && !own.bound.contains_key(&moving.name))
                    || work.old.path(self.file).ends_with("__init__.py")
                    || own.all.as_ref().is_some_and(|all| all.contains(&moving.name))
                    || super::needs::imported_elsewhere(work, self.file, &moving.name);
                if wanted && moving.to != self.file {
                    self.add_beside(import, work.statement(self.file, moving, &moving.name, import.level > 0));
                }
            }
        }
    }

    /// `__all__` of the old module and of the new one.
    fn offered(&mut self) {
        let work = self.work;
        for moving in work.moving {
            let listed = |file: u32| work.references.get(file as usize).and_then(|references| references.all.as_ref());
            if moving.file == self.file && listed(self.file).is_some_and(|all| all.contains(&moving.name)) {
                if moving.stays() {
                    self.relist(&moving.name, Some(&moving.new));
                } else if !work.shims && !self.keeps(moving) {
                    self.relist(&moving.name, None);
                }
            }
            let public = listed(moving.file).map_or(!moving.name.starts_with('_'), |all| all.contains(&moving.name));
            if moving.to == self.file && !moving.stays() && public && listed(self.file).is_some_and(|all| !all.contains(&moving.new)) {
                self.list(&moving.new);
            }
        }
    }

    fn relist(&mut self, old: &str, new: Option<&str>) {
        let text = self.work.text(self.file);
        let elements = listing(&self.work.modules[self.file as usize].tree.body).1;
        let Some(index) = elements.iter().position(|(_, name)| name == old) else { return };
        let (range, _) = elements[index];
        let edit = match new {
            Some(new) => Edit::replace(range, text[range].replace(old, new)),
            None => match (elements.get(index + 1), index.checked_sub(1)) {
                (Some((next, _)), _) => Edit::replace(TextRange::new(range.start(), next.start()), ""),
                (None, Some(before)) => Edit::replace(TextRange::new(elements[before].0.end(), range.end()), ""),
                (None, None) => {
                    let rest = &text[range.end().to_usize()..];
                    let comma = if rest.starts_with(',') { TextSize::of(",") } else { TextSize::default() };
                    Edit::replace(TextRange::new(range.start(), range.end() + comma), "")
                }
            },
        };
        self.sheet.gathered.edits.push(edit);
    }

    fn list(&mut self, name: &str) {
        let text = self.work.text(self.file);
        let (list, elements) = listing(&self.work.modules[self.file as usize].tree.body);
        let Some(list) = list else { return };
        let edit = match elements.last() {
            Some((last, _)) => {
                let quote = if text[*last].starts_with('\'') { '\'' } else { '"' };
                let line = text[..last.start().to_usize()].rfind('\n').map_or(0, |at| at + 1);
                let before = &text[line..last.start().to_usize()];
                // One name to a line stays so.
                let between = if before.trim().is_empty() && line > list.start().to_usize() {
                    format!(",{}{before}", super::super::newline(text))
                } else {
                    ", ".to_owned()
                };
                Edit::insert(last.end(), format!("{between}{quote}{name}{quote}"))
            }
            None => Edit::insert(list.start() + TextSize::of("["), format!("\"{name}\"")),
        };
        self.sheet.gathered.edits.push(edit);
    }

    /// Strings that name what moves.
    fn strings(&mut self) {
        let (work, file) = (self.work, self.file);
        let new_text = |text: &str| -> Option<String> {
            let mut module = text;
            loop {
                module = module.rsplit_once('.')?.0;
                if module.is_empty() || text.starts_with('.') {
                    return None;
                }
                if let Some(Resolved::File(found)) = work.old.resolve(file, 0, module) {
                    let rest = &text[module.len() + 1..];
                    let (name, more) = rest.split_once('.').map_or((rest, ""), |(name, more)| (name, more));
                    let moving = work.moving_named(found, name)?;
                    let more = if more.is_empty() { String::new() } else { format!(".{more}") };
                    return Some(format!("{}.{}{more}", work.new.name_of(moving.to), moving.new));
                }
            }
        };
        let mut found = Gathered::default();
        strings::rename(work.text(file), &work.modules[file as usize], self.own(), &new_text, &mut found);
        // Where the old module goes on using the name, a patch of it there may be what is meant.
        let still: Vec<&Moving> = work.moving.iter().filter(|moving| !moving.stays() && uses_still(work, moving)).collect();
        for edit in found.edits {
            let old = &work.text(file)[edit.range];
            let twice = still.iter().find(|moving| old.starts_with(&format!("{}.{}", work.old.name_of(moving.file), moving.name)));
            match twice {
                Some(moving) => {
                    let text = format!(
                        "`{}` goes on using `{}`: write `{}` if it is to be replaced for everybody",
                        work.old.name_of(moving.file),
                        moving.name,
                        edit.text
                    );
                    found.remarks.push((edit.range, text));
                }
                None => self.sheet.gathered.edits.push(edit),
            }
        }
        self.sheet.gathered.remarks.append(&mut found.remarks);
    }
}

/// Whether the old module uses what moves out of it.
fn uses_still(work: &Work<'_>, moving: &Moving) -> bool {
    let own = &work.references[moving.file as usize];
    own.uses.iter().any(|used| used.import.is_none() && used.chain[0] == moving.name && work.home(moving.file, used.range) == moving.file)
}

/// `text` with every whole word `old` made `new`; `None` if there is none.
fn words_replaced(text: &str, old: &str, new: &str) -> Option<String> {
    let mut edited = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let whole = !rest[..at].ends_with(|c: char| word(c) || c == '.') && !rest[at + old.len()..].starts_with(word);
        edited.push_str(&rest[..at]);
        edited.push_str(if whole { new } else { old });
        rest = &rest[at + old.len()..];
    }
    edited.push_str(rest);
    (edited != text).then_some(edited)
}

/// Where `__all__` is written out, and its names.
fn listing(body: &[Stmt]) -> (Option<TextRange>, Vec<(TextRange, String)>) {
    let value = body.iter().find_map(|stmt| match stmt {
        Stmt::Assign(assign) if matches!(&*assign.targets, [target] if target.as_name_expr().is_some_and(|name| name.id == "__all__")) => {
            Some(&*assign.value)
        }
        Stmt::AnnAssign(assign) if assign.target.as_name_expr().is_some_and(|name| name.id == "__all__") => assign.value.as_deref(),
        _ => None,
    });
    let elements = match value {
        Some(ruff_python_ast::Expr::List(list)) => &list.elts,
        Some(ruff_python_ast::Expr::Tuple(tuple)) => &tuple.elts,
        _ => return (None, Vec::new()),
    };
    let names = elements.iter().filter_map(|element| Some((element.range(), element.as_string_literal_expr()?.value.to_str().to_owned())));
    (value.map(Ranged::range), names.collect())
}

/// All `from` imports.
struct Statements<'a> {
    found: Vec<&'a StmtImportFrom>,
}

impl<'a> StatementVisitor<'a> for Statements<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::ImportFrom(import) => self.found.push(import),
            _ => walk_stmt(self, stmt),
        }
    }
}

/// The import statement that holds a range.
struct Plain {
    at: TextRange,
    found: Option<TextRange>,
}

impl<'a> StatementVisitor<'a> for Plain {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::ImportFrom(_) | Stmt::Import(_) if stmt.range().contains_range(self.at) => self.found = Some(stmt.range()),
            _ => walk_stmt(self, stmt),
        }
    }
}

/// The line of a statement at the head of a file.
pub fn head_line(text: &str, at: TextSize, statement: &str) -> Edit {
    insert_line(text, at, statement)
}
