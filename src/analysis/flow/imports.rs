//! Imports: what they bind, which libraries they tie to, and which of them nothing uses.

use std::sync::Arc;

use ruff_python_ast::name::Name;
use ruff_python_ast::{ExprStringLiteral, StmtImport, StmtImportFrom};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashSet;

use super::depend::Key;
use super::project::Resolved;
use super::scope::FrameKind;
use super::value::{Atom, FileId, How, Value};
use super::walk::Walker;
use super::{Context, FileOutput};
use crate::codes;
use crate::finding::{Confidence, Finding};
use crate::source::SourceKind;

/// A name that an import binds.
#[derive(Debug)]
pub struct Binding {
    /// Scope and slot.
    pub slot: (u32, u32),
    /// The bound name.
    pub name: Name,
    /// What is imported.
    pub qualified: Arc<str>,
    /// Where the alias stands.
    pub range: TextRange,
    /// Whether the import is bound at module level.
    pub at_module: bool,
    /// Where it is taken from.
    from: Source,
    /// Whether it may be there only to see whether it works, or to be re-exported.
    pub excused: bool,
}

/// Where an import takes a name from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// A library.
    Library,
    /// A module of the project that has it from a library.
    PassedOn,
    /// The project: it is this module.
    Module(FileId),
}

impl<'a> Walker<'a> {
    pub(super) fn import(&mut self, stmt: &'a StmtImport) {
        for alias in &stmt.names {
            let dotted = alias.name.as_str();
            let root = dotted.split('.').next().unwrap_or(dotted);
            let whole = self.imported_module(dotted);
            let value = if alias.asname.is_some() { whole } else { self.imported_module(root) };
            let value = value.with_origin(self.file, alias.range, How::Import);
            let bound = alias.asname.as_ref().map_or_else(|| Name::new(root), |n| n.id.clone());
            let external = value.atoms.iter().any(|a| matches!(a, Atom::External(_)));
            if external {
                self.report_import(dotted, alias.name.range(), codes::IMPORT);
                let reexport = alias.asname.as_ref().is_some_and(|n| n.as_str() == dotted);
                self.note_binding(&bound, dotted, alias.range, reexport, Source::Library);
            } else if let (Some(Atom::Module(file)), true) = (value.single(), alias.asname.is_some() || root == dotted) {
                self.note_binding(&bound, dotted, alias.range, false, Source::Module(*file));
            } else if value.may_be_unknown() {
                self.report_unresolved(dotted, alias.name.range());
            }
            self.assign_name(&bound, value);
        }
    }

    /// Whether a module is a library's. What the rules know is that library, even if the project has a module of the same name;
    /// but a project that is itself such a library, as scikit-learn is, is read, not presumed.
    fn is_library(&self, dotted: &str) -> bool {
        let facts = &self.context.rules.facts;
        facts.library_of(dotted).is_some_and(|library| {
            let presumed = facts.is_absolute(library) || self.context.governed[usize::from(library)];
            presumed || !self.context.world.project.has_package(self.file, dotted)
        })
    }

    /// The module that `dotted` names.
    pub(super) fn imported_module(&mut self, dotted: &str) -> Value {
        if self.is_library(dotted) {
            return Atom::External(dotted.into()).into();
        }
        match self.context.world.project.resolve(self.file, 0, dotted) {
            Some(Resolved::File(file)) => Atom::Module(file).into(),
            Some(Resolved::Namespace(name)) => Atom::Namespace(name).into(),
            None if self.context.world.project.is_first_party(self.file, dotted) => Value::unknown(),
            None => Atom::External(dotted.into()).into(),
        }
    }

    pub(super) fn import_from(&mut self, stmt: &'a StmtImportFrom) {
        let module = stmt.module.as_ref().map(|m| m.as_str()).unwrap_or_default();
        let is_library = stmt.level == 0 && self.is_library(module);
        let resolved = if is_library { None } else { self.context.world.project.resolve(self.file, stmt.level, module) };
        let first_party =
            stmt.level > 0 || (resolved.is_none() && !is_library && self.context.world.project.is_first_party(self.file, module));
        for alias in &stmt.names {
            let member = alias.name.as_str();
            if member == "*" {
                self.import_star(stmt, module, resolved.as_ref(), alias.range);
                continue;
            }
            let bound = alias.asname.as_ref().map_or_else(|| alias.name.id.clone(), |n| n.id.clone());
            let value = match &resolved {
                Some(_) => {
                    if let Some(Resolved::File(file)) = &resolved {
                        self.output.used_elsewhere.insert((*file, alias.name.id.clone()));
                        self.output.read.insert(Key::global(*file, member));
                    }
                    let value = self.context.world.imported(self.file, stmt.level, module, Some(member), 16);
                    if value.is_bottom() && !self.known_dynamically(resolved.as_ref(), member) {
                        self.report_unresolved(&format!("{}{module}.{member}", ".".repeat(stmt.level as usize)), alias.name.range());
                    }
                    value
                }
                None if first_party => {
                    if self.guarded_imports == 0 {
                        self.report_unresolved(
                            &format!("{}{module}", ".".repeat(stmt.level as usize)),
                            stmt.module.as_ref().map_or(alias.range, Ranged::range),
                        );
                    }
                    Value::unknown()
                }
                None => Atom::External(format!("{module}.{member}").into()).into(),
            };
            let value = if value.is_bottom() { Value::unknown() } else { value };
            match (&resolved, value.single()) {
                (None, Some(Atom::External(name))) => {
                    let name = Arc::clone(name);
                    self.report_import(&name, alias.name.range(), codes::IMPORT);
                    let reexport = alias.asname.as_ref().is_some_and(|n| n.as_str() == member);
                    self.note_binding(&bound, &name, alias.range, reexport, Source::Library);
                    self.check_own_import(alias, &name);
                }
                (Some(_), Some(Atom::External(name))) => {
                    let name = Arc::clone(name);
                    self.report_import(&name, alias.name.range(), codes::REEXPORTED_IMPORT);
                    self.note_binding(&bound, &name, alias.range, false, Source::PassedOn);
                }
                (Some(_), Some(Atom::Module(file))) => self.note_binding(&bound, member, alias.range, false, Source::Module(*file)),
                // What a branch takes from one place and another from elsewhere: `AxisError` of old versions and new ones.
                (Some(_), None) => {
                    let names = value.atoms.iter().map(|a| if let Atom::External(name) = a { Some(name) } else { None });
                    if let Some(names) = names.collect::<Option<Vec<_>>>().filter(|names| !names.is_empty()) {
                        self.note_binding(&bound, &Arc::clone(names[0]), alias.range, false, Source::PassedOn);
                    }
                }
                _ => {}
            }
            let value = Value { origin: None, ..value }.with_origin(self.file, alias.range, How::Import);
            self.assign_name(&bound, value);
        }
    }

    /// A module with its own `__getattr__`, or whose names are set through `globals()`, may have any name.
    pub(super) fn known_dynamically(&self, resolved: Option<&Resolved>, member: &str) -> bool {
        let Some(Resolved::File(file)) = resolved else { return true };
        let defs = &self.context.world.defs[*file as usize];
        let text = &self.context.files[*file as usize].text;
        // A name that is bound in a way that leaves no value behind is still a name.
        defs.top_functions.contains_key("__getattr__")
            || !defs.stars.is_empty()
            || text.contains("globals()")
            || text.contains("setattr(")
            || defs.scope.slots.contains_key(member)
    }

    fn import_star(&mut self, stmt: &'a StmtImportFrom, module: &str, resolved: Option<&Resolved>, range: TextRange) {
        match resolved {
            Some(Resolved::File(file)) => {
                let file = *file;
                let world = &self.context.world;
                self.output.read.insert(Key::globals(file));
                let mut names: Vec<Name> = world.summaries[file as usize].globals.keys().cloned().collect();
                let defs = &world.defs[file as usize];
                names.extend(defs.top_functions.keys().chain(defs.top_classes.keys()).chain(defs.imports.keys()).cloned());
                names.sort();
                names.dedup();
                for name in names {
                    if world.exports(file, &name)
                        && let Some(value) = world.global(file, &name)
                    {
                        self.output.taken_along.insert((file, name.clone()));
                        let how = if value.atoms.iter().any(|a| matches!(a, Atom::External(_))) { How::Import } else { How::Expression };
                        let value = Value { origin: None, ..value }.with_origin(self.file, range, how);
                        if self.defs.scope.slots.contains_key(&name) {
                            self.output.used_elsewhere.insert((file, name.clone()));
                            self.assign_name(&name, value);
                        } else {
                            self.star_files.insert(name.clone(), file);
                            self.star_names.insert(name, value);
                        }
                    }
                }
            }
            Some(Resolved::Namespace(_)) => {}
            None if stmt.level == 0 => {
                self.report_import(module, stmt.module.as_ref().map_or(range, Ranged::range), codes::STAR_IMPORT);
                // Every name the library is known to have is now bound.
                let names: Vec<(Name, Arc<str>)> =
                    self.context.rules.facts.members_of(module).map(|(short, full)| (Name::new(short), Arc::from(full))).collect();
                for (name, full) in names {
                    let value = Value::from(Atom::External(full)).with_origin(self.file, range, How::Import);
                    if self.defs.scope.slots.contains_key(&name) {
                        self.assign_name(&name, value);
                    } else {
                        self.star_names.insert(name, value);
                    }
                }
            }
            None => {}
        }
    }

    fn note_binding(&mut self, bound: &Name, qualified: &str, range: TextRange, reexport: bool, from: Source) {
        if self.quiet() {
            return;
        }
        let excused = self.guarded_imports > 0 || reexport || bound.starts_with('_');
        let frame = self.top();
        let at_module = frame.kind == FrameKind::Module;
        let table = if frame.table.globals.contains(bound) { &self.defs.scope } else { frame.table };
        if let Some(&slot) = table.slots.get(bound) {
            self.imported.push(Binding {
                slot: (table.id, slot),
                name: bound.clone(),
                qualified: qualified.into(),
                range,
                at_module,
                from,
                excused,
            });
        }
    }

    /// Notes a string that names a library as a module: `importorskip("numpy")`.
    pub(super) fn note_named(&mut self, text: &ExprStringLiteral, dotted: &str) {
        let governed = |library| self.context.governed[usize::from(library)];
        if !self.quiet() && self.context.rules.facts.library_of(dotted).is_some_and(governed) {
            self.output.named.push(crate::rewrite::NamedModule {
                range: text.range(),
                name: dotted.into(),
                target: self.context.rules.target_of(dotted),
                scope: self.scope_name(),
            });
        }
    }

    fn report_unresolved(&mut self, module: &str, range: TextRange) {
        if self.guarded_imports > 0 {
            return;
        }
        self.report(
            codes::UNRESOLVED_IMPORT,
            Confidence::Certain,
            range,
            module,
            format!("`{module}` resolves to nothing in this project"),
            Vec::new(),
            Some("check the module's path, or list its folder under `roots` in the configuration".into()),
        );
    }
}

/// Imports of governed libraries that nothing in their file uses.
pub fn report_unused(context: &Context<'_>, file: FileId, bindings: &[Binding], used: &FxHashSet<(u32, u32)>, output: &mut FileOutput) {
    let source = &context.files[file as usize];
    let is_init = source.path.ends_with("__init__.py") || source.kind == SourceKind::Stub;
    let governs = |qualified: &str| context.rules.facts.library_of(qualified).is_some_and(|l| context.governed[usize::from(l)]);
    // Through a module of the project, names of libraries are reached as well: `testing.assert_equal`.
    let passes_on = |module: FileId| {
        output.used_elsewhere.iter().filter(|(file, _)| *file == module).any(|(file, name)| {
            let value = context.world.global(*file, name);
            value.is_some_and(|v| v.atoms.iter().any(|a| matches!(a, Atom::External(qualified) if governs(qualified))))
        })
    };
    let passing: Vec<bool> = bindings
        .iter()
        .map(|binding| match binding.from {
            Source::Module(file) => passes_on(file),
            Source::Library | Source::PassedOn => governs(&binding.qualified),
        })
        .collect();
    for (binding, passing) in bindings.iter().zip(passing) {
        let passed_on = binding.from != Source::Library;
        if passing {
            output.imports.push(crate::rewrite::LibraryImport {
                range: binding.range,
                bound: binding.name.to_string(),
                offered: false,
                starred: false,
                passed_on,
                // `import numpy.linalg` binds `numpy`.
                target: match binding.qualified.split_once('.') {
                    _ if passed_on => None,
                    Some((root, _)) if root == binding.name.as_str() => context.rules.target_of(root),
                    _ => context.rules.target_of(&binding.qualified),
                },
            });
        }
        if passed_on || binding.excused || used.contains(&binding.slot) || (is_init && binding.at_module) {
            continue;
        }
        // `import torch.nn` and `import torch` bind one name: either serves the uses of both.
        if !governs(&binding.qualified) || !context.policy.enabled_at(codes::UNUSED_IMPORT, &source.path) {
            continue;
        }
        output.findings.push(Finding {
            code: codes::UNUSED_IMPORT,
            severity: context.policy.severity(codes::UNUSED_IMPORT),
            confidence: Confidence::Certain,
            range: binding.range,
            name: binding.qualified.to_string(),
            message: format!("`{}` is imported and never used", binding.name),
            notes: Vec::new(),
            help: Some("remove the import".into()),
            scope: String::new(),
        });
    }
}

/// Drops findings of unused imports that another file of the project uses after all.
pub fn unused(context: &Context<'_>, outputs: &mut [FileOutput]) {
    let used = used_elsewhere(outputs);
    let taken: FxHashSet<(FileId, Name)> = outputs.iter().flat_map(|o| o.taken_along.iter().cloned()).collect();
    for (i, output) in outputs.iter_mut().enumerate() {
        let file = FileId::try_from(i).unwrap_or(FileId::MAX);
        let text = &context.files[i].text;
        for import in &mut output.imports {
            let name = (file, Name::new(&import.bound));
            import.starred = !used.contains(&name) && taken.contains(&name);
            import.offered = import.starred || used.contains(&name);
        }
        output.findings.retain(|finding| {
            finding.code != codes::UNUSED_IMPORT || {
                let alias = &text[finding.range];
                let bound = alias.rsplit(" as ").next().unwrap_or(alias).trim();
                let bound = bound.split('.').next().unwrap_or(bound);
                let name = (file, Name::new(bound));
                !used.contains(&name) && !taken.contains(&name)
            }
        });
    }
}

/// The names that other files use: also those that reach them through the stars of files in between.
fn used_elsewhere(outputs: &[FileOutput]) -> FxHashSet<(FileId, Name)> {
    let mut used: FxHashSet<(FileId, Name)> = FxHashSet::default();
    let mut open: Vec<(FileId, Name)> = outputs.iter().flat_map(|o| o.used_elsewhere.iter().cloned()).collect();
    while let Some(name) = open.pop() {
        if used.insert(name.clone())
            && let Some(through) = outputs.get(name.0 as usize)
        {
            open.extend(through.taken_along.iter().filter(|(_, taken)| *taken == name.1).cloned());
        }
    }
    used
}
