//! Which file and which symbol refers to which: the references of all files, resolved.

use std::sync::Arc;

use rayon::prelude::*;
use ruff_python_ast::name::Name;
use ruff_text_size::TextRange;
use rustc_hash::{FxHashMap, FxHashSet};

use super::components::{Adjacency, number};
use super::references::{Binding, Import, References, Scope};
use crate::flow::project::{Project, Resolved};

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A symbol of a file.
    Symbol(u32, u32),
    /// A module of the project.
    Module(u32),
    /// A folder without `__init__`.
    Namespace(Arc<str>),
    /// Something of a library.
    External(String),
    /// A name that a module of the project lacks.
    Missing(u32),
    /// Not known.
    Unknown,
}

/// One import of one file in another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The importing file.
    pub from: u32,
    /// The symbol of it that holds the import.
    pub holder: u32,
    /// The file that defines what is imported.
    pub to: u32,
    /// The symbol that is imported; `None` for a whole module.
    pub symbol: Option<u32>,
    /// The file that the statement names, where another one defines it: a package that re-exports.
    pub via: Option<u32>,
    /// When it happens.
    pub scope: Scope,
    /// Whether it is a call with a literal.
    pub dynamic: bool,
    /// Where.
    pub range: TextRange,
}

/// One import of a library.
#[derive(Clone, Debug)]
pub struct LibraryEdge {
    /// The importing file.
    pub from: u32,
    /// What is imported.
    pub name: String,
    /// When.
    pub scope: Scope,
    /// Where.
    pub range: TextRange,
}

/// A string with the dotted name of a module.
#[derive(Clone, Debug)]
pub struct TextEdge {
    /// The file with the string.
    pub from: u32,
    /// The module.
    pub to: u32,
    /// The symbol below it that the string names.
    pub symbol: Option<u32>,
    /// Where.
    pub range: TextRange,
}

/// The references of a whole project.
#[derive(Debug, Default)]
pub struct Graph {
    /// Imports between files.
    pub edges: Vec<Edge>,
    /// Imports of libraries.
    pub libraries: Vec<LibraryEdge>,
    /// Strings that name modules.
    pub texts: Vec<TextEdge>,
    /// Uses between symbols: (from, to, scope) by global number.
    pub uses: Vec<(u32, u32, Scope)>,
    /// The global number of the first symbol of each file, and of the end.
    pub first: Vec<u32>,
    /// Modules that are run when a file is imported: those its statements name, and the packages it lies in.
    pub runs: Adjacency,
    /// The `__init__` of the folder of each file.
    pub package: Vec<Option<u32>>,
    /// Imports of names that the module lacks: (file, range, module, name).
    pub broken: Vec<(u32, TextRange, u32, String)>,
}

impl Graph {
    /// The global number of a symbol.
    pub fn node(&self, file: u32, symbol: u32) -> u32 {
        self.first[file as usize] + symbol
    }

    /// The file and the symbol of a global number.
    pub fn place(&self, node: u32) -> (u32, u32) {
        let file = self.first.partition_point(|first| *first <= node) - 1;
        (number(file), node - self.first[file])
    }

    /// Resolves `references`, one per file of `project`.
    pub fn new(project: &Project, references: &[References]) -> Self {
        let resolver = Resolver { project, references };
        let mut graph = Self::default();
        let mut next = 0;
        for file in references {
            graph.first.push(next);
            next += number(file.symbols.len());
        }
        graph.first.push(next);
        let package: Vec<Option<u32>> = (0..references.len()).map(|file| package_of(project, number(file))).collect();
        let parts: Vec<Part> = (0..references.len()).into_par_iter().map(|file| resolver.file(number(file), &package)).collect();
        graph.package = package;
        for mut part in parts {
            graph.edges.append(&mut part.edges);
            graph.libraries.append(&mut part.libraries);
            graph.texts.append(&mut part.texts);
            graph.broken.append(&mut part.broken);
            graph.runs.push(part.runs);
            for (from, (file, symbol), scope) in part.uses {
                let to = graph.first[file as usize] + symbol;
                graph.uses.push((graph.first[from.0 as usize] + from.1, to, scope));
            }
        }
        graph
    }
}

fn package_of(project: &Project, file: u32) -> Option<u32> {
    let path = project.path(file);
    // The package of an `__init__` is the folder above its own.
    let level = if is_init(path) { 2 } else { 1 };
    match project.resolve(file, level, "") {
        Some(Resolved::File(init)) if init != file && is_init(project.path(init)) => Some(init),
        _ => None,
    }
}

/// Whether the file at `path` is a package's own module.
pub fn is_init(path: &str) -> bool {
    matches!(path.rsplit('/').next(), Some("__init__.py" | "__init__.pyi"))
}

/// A file and a symbol in it.
type Pair = (u32, u32);

#[derive(Default)]
struct Part {
    edges: Vec<Edge>,
    libraries: Vec<LibraryEdge>,
    texts: Vec<TextEdge>,
    uses: Vec<(Pair, Pair, Scope)>,
    broken: Vec<(u32, TextRange, u32, String)>,
    runs: Vec<u32>,
}

/// Follows names through the imports of a project.
#[derive(Clone, Copy, Debug)]
pub struct Resolver<'a> {
    /// Where the modules are.
    pub project: &'a Project,
    /// What each file refers to.
    pub references: &'a [References],
}

/// How many re-exports are followed.
const DEPTH: u8 = 16;

impl Resolver<'_> {
    fn file(&self, file: u32, package: &[Option<u32>]) -> Part {
        let mut part = Part::default();
        let references = &self.references[file as usize];
        let mut runs: FxHashSet<u32> = package[file as usize].into_iter().collect();
        for import in &references.imports {
            let named = self.module(file, import);
            let target = self.import(file, import, DEPTH);
            if import.scope.on_import() {
                for module in [named.clone(), target.clone()] {
                    if let Target::Module(module) = module {
                        runs.insert(module);
                    }
                }
            }
            let via = if let Target::Module(module) = named { Some(module) } else { None };
            let (to, symbol) = match target {
                Target::Symbol(to, symbol) => (to, Some(symbol)),
                Target::Module(to) => (to, None),
                Target::External(name) => {
                    part.libraries.push(LibraryEdge { from: file, name, scope: import.scope, range: import.range });
                    continue;
                }
                Target::Missing(module) => {
                    let name = import.member.as_ref().map_or_else(|| import.module.to_string(), ToString::to_string);
                    if import.scope != Scope::Try && import.scope != Scope::Typing {
                        part.broken.push((file, import.range, module, name));
                    }
                    (module, None)
                }
                Target::Namespace(_) | Target::Unknown => continue,
            };
            if to != file {
                let via = via.filter(|via| *via != to && *via != file);
                let scope = import.scope;
                part.edges.push(Edge {
                    from: file,
                    holder: import.symbol,
                    to,
                    symbol,
                    via,
                    scope,
                    dynamic: import.dynamic,
                    range: import.range,
                });
            }
        }
        let mut seen: FxHashMap<(Pair, Pair), Scope> = FxHashMap::default();
        for used in &references.uses {
            let target = match used.import {
                Some(import) => self.imported_chain(file, &references.imports[import as usize], &used.chain),
                None => self.chain(file, &used.chain),
            };
            let to = match target {
                Target::Symbol(to, symbol) => (to, symbol),
                Target::Module(to) if to != file => (to, 0),
                _ => continue,
            };
            let from = (file, used.symbol);
            if from != to {
                // What an annotation mentions and the body calls is called.
                seen.entry((from, to)).and_modify(|scope| *scope = (*scope).min(used.scope)).or_insert(used.scope);
            }
        }
        for import in references.imports.iter().filter(|import| import.dynamic || import.star) {
            // What becomes of the module's names is not followed; the module as a whole is used.
            if let Target::Module(to) = self.import(file, import, DEPTH)
                && to != file
            {
                let scope = seen.entry(((file, import.symbol), (to, 0))).or_insert(import.scope);
                *scope = (*scope).min(import.scope);
            }
        }
        part.uses = seen.into_iter().map(|((from, to), scope)| (from, to, scope)).collect();
        part.uses.sort_unstable();
        for text in &references.texts {
            if let Some((to, symbol)) = self.text(file, &text.text)
                && to != file
                && !references.imports.iter().any(|import| import.dynamic && import.range == text.range)
            {
                part.texts.push(TextEdge { from: file, to, symbol, range: text.range });
            }
        }
        part.runs = runs.into_iter().filter(|run| *run != file).collect();
        part.runs.sort_unstable();
        part
    }

    /// The module that an import names, before its member is looked up.
    fn module(&self, file: u32, import: &Import) -> Target {
        match self.project.resolve(file, import.level, &import.module) {
            Some(Resolved::File(module)) => Target::Module(module),
            Some(Resolved::Namespace(name)) => Target::Namespace(name),
            None if import.level == 0 && !self.project.is_first_party(file, &import.module) => Target::External(import.module.to_string()),
            None => Target::Unknown,
        }
    }

    /// What the name that `import` binds in `file` stands for.
    pub fn bound_by(&self, file: u32, import: &Import) -> Target {
        self.imported_chain(file, import, std::slice::from_ref(&import.bound))
    }

    /// What an import imports.
    fn import(&self, file: u32, import: &Import, depth: u8) -> Target {
        let module = self.module(file, import);
        let Some(member) = &import.member else { return module };
        match module {
            Target::Module(module) => self.member(module, member, depth),
            Target::Namespace(name) => self.below(file, &name, member),
            Target::External(name) => Target::External(format!("{name}.{member}")),
            other => other,
        }
    }

    fn below(&self, file: u32, namespace: &str, member: &str) -> Target {
        match self.project.below_namespace(file, namespace, member) {
            Some(Resolved::File(module)) => Target::Module(module),
            Some(Resolved::Namespace(name)) => Target::Namespace(name),
            None => Target::Unknown,
        }
    }

    /// The name `member` of the module `file`.
    fn member(&self, file: u32, member: &Name, depth: u8) -> Target {
        if depth == 0 {
            return Target::Unknown;
        }
        let references = &self.references[file as usize];
        let mut found = Target::Missing(file);
        for binding in references.bound.get(member).into_iter().flatten() {
            match binding {
                Binding::Symbol(symbol) => return Target::Symbol(file, *symbol),
                Binding::Import(index) => {
                    let import = &references.imports[*index as usize];
                    if found == Target::Missing(file) || matches!(found, Target::External(_) | Target::Unknown) {
                        found = if import.binds_root && import.member.is_none() {
                            self.root(file, &import.module)
                        } else {
                            self.import(file, import, depth - 1)
                        };
                    }
                }
            }
        }
        if found != Target::Missing(file) {
            return found;
        }
        for import in references.imports.iter().filter(|import| import.star) {
            match self.module(file, import) {
                Target::Module(other) if other != file && self.exports(other, member) => match self.member(other, member, depth - 1) {
                    Target::Missing(_) | Target::Unknown => {}
                    target => return target,
                },
                Target::External(name) => found = Target::External(format!("{name}.{member}")),
                _ => {}
            }
        }
        match self.project.submodule(file, member) {
            Some(Resolved::File(module)) => return Target::Module(module),
            Some(Resolved::Namespace(name)) => return Target::Namespace(name),
            None => {}
        }
        let open = references.bound.contains_key("__getattr__") || references.all.as_ref().is_some_and(|all| all.contains(member));
        if found == Target::Missing(file) && open { Target::Module(file) } else { found }
    }

    /// Whether a star import of `file` brings `name`.
    pub fn exports(&self, file: u32, name: &Name) -> bool {
        match &self.references[file as usize].all {
            Some(all) => all.contains(name),
            None => !name.starts_with('_'),
        }
    }

    /// The module `a` that `import a.b` binds.
    fn root(&self, file: u32, dotted: &str) -> Target {
        let root = dotted.split('.').next().unwrap_or(dotted);
        match self.project.resolve(file, 0, root) {
            Some(Resolved::File(module)) => Target::Module(module),
            Some(Resolved::Namespace(name)) => Target::Namespace(name),
            None => Target::External(root.to_owned()),
        }
    }

    /// What a dotted use in `file` stands for.
    pub fn chain(&self, file: u32, chain: &[Name]) -> Target {
        let references = &self.references[file as usize];
        let Some(bindings) = references.bound.get(&chain[0]) else {
            // Names that a star brings.
            return references
                .imports
                .iter()
                .filter(|import| import.star)
                .find_map(|import| match self.module(file, import) {
                    Target::Module(other) if other != file && self.exports(other, &chain[0]) => {
                        match self.member(other, &chain[0], DEPTH) {
                            Target::Missing(_) | Target::Unknown => None,
                            target => Some(self.attributes(file, target, &chain[1..])),
                        }
                    }
                    _ => None,
                })
                .unwrap_or(Target::Unknown);
        };
        let mut best = Target::Unknown;
        for binding in bindings {
            let target = match binding {
                Binding::Symbol(symbol) => Target::Symbol(file, *symbol),
                Binding::Import(index) => self.imported_chain(file, &references.imports[*index as usize], chain),
            };
            match target {
                Target::Symbol(..) | Target::Module(_) => return target,
                other => best = other,
            }
        }
        best
    }

    /// What a dotted use that begins with what `import` binds stands for.
    pub fn imported_chain(&self, file: u32, import: &Import, chain: &[Name]) -> Target {
        let start =
            if import.binds_root && import.member.is_none() { self.root(file, &import.module) } else { self.import(file, import, DEPTH) };
        self.attributes(file, start, &chain[1..])
    }

    fn attributes(&self, file: u32, mut target: Target, attributes: &[Name]) -> Target {
        for attribute in attributes {
            target = match target {
                Target::Module(module) => match self.member(module, attribute, DEPTH) {
                    // A name that is set from outside; the module is used.
                    Target::Missing(_) => return Target::Module(module),
                    found => found,
                },
                Target::Namespace(name) => self.below(file, &name, attribute),
                other => return other,
            };
        }
        target
    }

    /// The module, and perhaps the symbol, that a string names.
    fn text(&self, file: u32, text: &str) -> Option<(u32, Option<u32>)> {
        let body = text.trim_start_matches('.');
        let level = number(text.len() - body.len());
        let mut module = body;
        loop {
            if let Some(Resolved::File(found)) = self.project.resolve(file, level, module) {
                let rest = body[module.len()..].trim_start_matches('.').split('.').next().unwrap_or_default();
                // `models.py`, `a.b`: one word says little, and so does a file that is found for another reason.
                if level == 0 && !module.contains('.') && rest.is_empty() {
                    return None;
                }
                let symbol = match self.member(found, &Name::new(rest), DEPTH) {
                    Target::Symbol(other, symbol) if !rest.is_empty() => return Some((other, Some(symbol))),
                    _ if !rest.is_empty() && level == 0 && !module.contains('.') => return None,
                    _ => None,
                };
                return Some((found, symbol));
            }
            module = module.rsplit_once('.')?.0;
        }
    }
}
