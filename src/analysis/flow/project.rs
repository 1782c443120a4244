//! The files of a run as one project: which dotted name is which file, and what every file exports so far.

use std::sync::Arc;

use ruff_python_ast::name::Name;
use rustc_hash::{FxHashMap, FxHashSet};

use super::defs::FileDefs;
use super::hierarchy::Hierarchy;
use super::value::{Atom, ClassId, FileId, FunctionId, Value};

/// Which module a dotted name or a relative import stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// A file of the project.
    File(FileId),
    /// A folder of the project without an `__init__` file.
    Namespace(Arc<str>),
}

/// Where the modules of the project are.
#[derive(Debug, Default)]
pub struct Project {
    paths: Vec<Arc<str>>,
    by_path: FxHashMap<Arc<str>, FileId>,
    by_name: FxHashMap<Arc<str>, Vec<FileId>>,
    /// Stubs by path without extension.
    stubs: FxHashMap<Arc<str>, FileId>,
    folders: FxHashSet<Arc<str>>,
    /// Folders with an `__init__` file.
    packages: FxHashSet<Arc<str>>,
    namespaces: FxHashSet<Arc<str>>,
    roots: Vec<String>,
}

/// Folders that usually hold the top-level packages of a project.
const USUAL_ROOTS: &[&str] = &["", "src", "lib", "python"];

impl Project {
    /// Indexes the files at `paths`; `roots` are configured folders of top-level modules.
    pub fn new(paths: Vec<Arc<str>>, roots: &[String]) -> Self {
        let mut project =
            Self { roots: roots.iter().map(|r| r.trim_matches('/').trim_start_matches("./").to_owned()).collect(), ..Self::default() };
        for (id, path) in (0..).zip(&paths) {
            // A stub speaks for its module only where the module itself is not there.
            let stem = path.rsplit_once('.').map_or(&**path, |(stem, _)| stem);
            if path.ends_with(".pyi") {
                project.stubs.insert(stem.into(), id);
            }
            project
                .by_path
                .entry(stem.into())
                .and_modify(|known| {
                    if path.ends_with(".py") {
                        *known = id
                    }
                })
                .or_insert(id);
            if let Some(package) = stem.strip_suffix("/__init__") {
                project.packages.insert(package.into());
            }
            let mut folder = parent(path);
            while project.folders.insert(folder.into()) && !folder.is_empty() {
                folder = parent(folder);
            }
        }
        for (id, path) in (0..).zip(&paths) {
            if path.ends_with(".ipynb") {
                continue;
            }
            for name in project.names_of(path) {
                let list = project.by_name.entry(name.as_str().into()).or_default();
                if !list.contains(&id) {
                    list.push(id);
                }
                let mut package = name.as_str();
                while let Some((head, _)) = package.rsplit_once('.') {
                    project.namespaces.insert(head.into());
                    package = head;
                }
            }
        }
        project.paths = paths;
        project
    }

    /// The path of a file.
    pub fn path(&self, file: FileId) -> &str {
        &self.paths[file as usize]
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// The dotted names a file can be imported by: below its topmost package, and below the project root.
    fn names_of(&self, path: &str) -> Vec<String> {
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        let mut root = parent(path);
        while !root.is_empty() && self.is_package(root) {
            root = parent(root);
        }
        let below = |root: &str| -> Option<String> {
            let rest = if root.is_empty() { Some(stem) } else { stem.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')) };
            rest.filter(|rest| !rest.is_empty()).map(|rest| rest.replace('/', "."))
        };
        let mut names: Vec<String> = below(root).into_iter().collect();
        for usual in self.roots.iter().map(String::as_str).chain(USUAL_ROOTS.iter().copied()) {
            names.extend(below(usual));
        }
        names.sort();
        names.dedup();
        names
    }

    /// The files that `dotted` may name, as an absolute import.
    pub fn named(&self, dotted: &str) -> Vec<FileId> {
        self.by_name.get(dotted).cloned().unwrap_or_default()
    }

    /// The folder that the topmost package, or the module, at `path` lies in; with a slash at its end unless it is empty.
    pub fn root_of(&self, path: &str) -> String {
        let mut root = parent(path);
        while !root.is_empty() && self.is_package(root) {
            root = parent(root);
        }
        if root.is_empty() { String::new() } else { format!("{root}/") }
    }

    /// The dotted name of the module or package at `stem`, a path without extension, below its topmost package. For a folder
    /// without packages around it, the name below the usual folders of top-level modules.
    pub fn dotted(&self, stem: &str) -> String {
        let inside = format!("{stem}/x");
        let root = if self.is_package(stem) { self.root_of(&inside) } else { self.root_of(stem) };
        let below = stem.strip_prefix(root.as_str()).unwrap_or(stem);
        let usual = |below: &str| {
            let roots = self.roots.iter().map(String::as_str).chain(USUAL_ROOTS.iter().copied().filter(|root| !root.is_empty()));
            roots.filter_map(|root| below.strip_prefix(root)?.strip_prefix('/')).next().unwrap_or(below).to_owned()
        };
        // A module outside any package is named by its whole path below a usual root: a namespace package.
        let name = if self.is_package(parent(stem)) || self.is_package(stem) { below.to_owned() } else { usual(stem) };
        name.replace('/', ".")
    }

    /// The dotted name of a file.
    pub fn name_of(&self, file: FileId) -> String {
        let stem = self.path(file);
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        self.dotted(stem.strip_suffix("/__init__").unwrap_or(stem))
    }

    /// Whether `folder` has an `__init__` file.
    pub fn is_package(&self, folder: &str) -> bool {
        self.packages.contains(folder)
    }

    /// The file at a path without extension, or the package in the folder of that name.
    fn at(&self, stem: &str) -> Option<Resolved> {
        if let Some(file) = self.by_path.get(format!("{stem}/__init__").as_str()).or_else(|| self.by_path.get(stem)) {
            return Some(Resolved::File(*file));
        }
        self.folders.contains(stem).then(|| Resolved::Namespace(stem.replace('/', ".").into()))
    }

    /// Resolves `from <level dots><module> import …` as seen from `importer`. Level 0 is an absolute import.
    pub fn resolve(&self, importer: FileId, level: u32, module: &str) -> Option<Resolved> {
        if level == 0 {
            return self.resolve_absolute(importer, module);
        }
        let mut folder = parent(self.path(importer));
        for _ in 1..level {
            if folder.is_empty() {
                return None;
            }
            folder = parent(folder);
        }
        let stem = if module.is_empty() { folder.to_owned() } else { join(folder, &module.replace('.', "/")) };
        self.at(&stem)
    }

    fn resolve_absolute(&self, importer: FileId, module: &str) -> Option<Resolved> {
        let path = self.path(importer);
        // A script sees the modules beside it.
        if !self.is_package(parent(path))
            && let Some(Resolved::File(file)) = self.at(&join(parent(path), &module.replace('.', "/")))
        {
            return Some(Resolved::File(file));
        }
        if let Some(candidates) = self.by_name.get(module) {
            let usable = candidates.iter().copied().filter(|&file| self.reaches(path, file));
            if let Some(file) = usable.max_by_key(|&file| (common_prefix(path, self.path(file)), std::cmp::Reverse(file))) {
                return Some(Resolved::File(file));
            }
        }
        self.namespaces.contains(module).then(|| Resolved::Namespace(module.into()))
    }

    /// A lone module far away is not what `import utils` means; packages can be imported from anywhere.
    fn reaches(&self, importer: &str, file: FileId) -> bool {
        let target = self.path(file);
        let folder = parent(target);
        let in_package = self.is_package(folder);
        in_package
            || folder.is_empty()
            || USUAL_ROOTS.contains(&folder)
            || self.roots.iter().any(|r| r == folder)
            || importer.starts_with(folder)
            || {
                // Namespace packages: the folder is reached by a longer dotted name.
                target.matches('/').count() > 1 && common_prefix(importer, target) > 0
            }
    }

    /// The submodule `name` of the package whose `__init__` is `file`.
    pub fn submodule(&self, file: FileId, name: &str) -> Option<Resolved> {
        let path = self.path(file);
        let folder = path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix("/__init__.pyi"))?;
        self.at(&join(folder, name))
    }

    /// The `conftest.py` files of the folder of `file` and of the folders around it, the nearest first.
    pub fn conftests(&self, file: FileId) -> Vec<FileId> {
        let mut folder = parent(self.path(file));
        let mut found = Vec::new();
        loop {
            if let Some(&conftest) = self.by_path.get(join(folder, "conftest").as_str()).filter(|id| **id != file) {
                found.push(conftest);
            }
            if folder.is_empty() {
                return found;
            }
            folder = parent(folder);
        }
    }

    /// The stub beside a module, which names what the module loads lazily.
    pub fn stub_of(&self, file: FileId) -> Option<FileId> {
        self.stubs.get(self.path(file).strip_suffix(".py")?).copied()
    }

    /// The submodule `name` of a namespace.
    pub fn below_namespace(&self, importer: FileId, namespace: &str, name: &str) -> Option<Resolved> {
        let dotted = format!("{namespace}.{name}");
        self.at(&dotted.replace('.', "/")).or_else(|| self.resolve_absolute(importer, &dotted))
    }

    /// Whether the first part of `module` is a package at one of the roots of the project, or beside `importer` or the package
    /// that it is part of.
    pub fn has_package(&self, importer: FileId, module: &str) -> bool {
        let root = module.split('.').next().unwrap_or(module);
        let mut beside = parent(self.path(importer));
        while !beside.is_empty() && self.is_package(beside) {
            beside = parent(beside);
        }
        let roots = self.roots.iter().map(String::as_str).chain(USUAL_ROOTS.iter().copied());
        roots.chain([beside]).any(|folder| self.is_package(&join(folder, root)))
    }

    /// Whether the first part of `module` names something in the project.
    pub fn is_first_party(&self, importer: FileId, module: &str) -> bool {
        let root = module.split('.').next().unwrap_or(module);
        self.resolve_absolute(importer, root).is_some()
    }
}

/// The folder of `path`; empty at the top.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn common_prefix(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(x, y)| x == y).count()
}

/// What is known of one file between rounds.
#[derive(Clone, Debug, Default)]
pub struct FileSummary {
    /// Module-level names.
    pub globals: FxHashMap<Name, Value>,
    /// Module-level names that functions assign through `global`.
    pub global_writes: FxHashMap<Name, Value>,
    /// What each function returns.
    pub returns: Vec<Value>,
    /// The same without what is handed back of the arguments, for functions whose annotation does not say it.
    pub own_returns: Vec<Option<Value>>,
    /// What callers pass for each parameter of each function.
    pub arguments: FxHashMap<(u32, u32), Value>,
    /// Attributes of the instances of each class.
    pub attributes: Vec<FxHashMap<Name, Value>>,
    /// Attributes that other files set.
    pub foreign_attributes: FxHashMap<(u32, Name), Value>,
    /// Bases of each class.
    pub bases: Vec<Vec<Value>>,
    /// What annotations say of the parameters of methods, for the methods that override them.
    pub declared: FxHashMap<(u32, u32), Value>,
    /// Functions whose result test functions receive by naming a parameter so, by the class that they stand in.
    pub fixtures: FxHashMap<(Option<u32>, Name), u32>,
}

impl FileSummary {
    /// The summary of a file whose walk begins: room for its functions and classes, of which nothing is known.
    pub fn of(defs: &FileDefs) -> Self {
        let (functions, classes) = (defs.functions.len(), defs.classes.len());
        Self {
            returns: vec![Value::default(); functions],
            own_returns: vec![None; functions],
            attributes: vec![FxHashMap::default(); classes],
            bases: vec![Vec::new(); classes],
            ..Self::default()
        }
    }
}

/// The state of the whole project between rounds, and the definitions that never change.
#[derive(Debug)]
pub struct World {
    /// Where the modules are.
    pub project: Project,
    /// Definitions per file.
    pub defs: Vec<FileDefs>,
    /// Summaries per file, from the previous round.
    pub summaries: Vec<FileSummary>,
    /// Classes and methods by what they derive from, from the previous round.
    pub hierarchy: Hierarchy,
}

impl World {
    /// The value of the module-level name `name` of `file`, as far as it is known: from evaluation, else from definitions and
    /// imports alone, so that names resolve through files in the first round already.
    pub fn global(&self, file: FileId, name: &str) -> Option<Value> {
        if let Some(value) = self.summaries[file as usize].globals.get(name)
            && !value.is_bottom()
        {
            return Some(value.clone());
        }
        self.static_global(file, name, 16)
    }

    fn static_global(&self, file: FileId, name: &str, depth: u8) -> Option<Value> {
        if depth == 0 {
            return None;
        }
        let defs = &self.defs[file as usize];
        if let Some(&index) = defs.top_functions.get(name) {
            return Some(Atom::Function(FunctionId { file, index }).into());
        }
        if let Some(&index) = defs.top_classes.get(name) {
            return Some(Atom::Class(ClassId { file, index }).into());
        }
        if let Some(targets) = defs.imports.get(name) {
            let mut value = Value::default();
            for target in targets {
                value.join(&self.imported(file, target.level, &target.module, target.member.as_deref(), depth - 1));
            }
            return Some(value);
        }
        for (level, module) in &defs.stars {
            if let Some(Resolved::File(other)) = self.project.resolve(file, *level, module)
                && other != file
                && self.exports(other, name)
                && let Some(value) = self.static_global(other, name, depth - 1)
            {
                return Some(value);
            }
        }
        // A module that loads its names on first use says in a stub beside it what they are.
        self.project.stub_of(file).and_then(|stub| self.static_global(stub, name, depth - 1))
    }

    /// Whether a star import of `file` brings `name`.
    pub fn exports(&self, file: FileId, name: &str) -> bool {
        match &self.defs[file as usize].all {
            Some(all) => all.iter().any(|n| n == name),
            None => !name.starts_with('_'),
        }
    }

    /// What `from <module> import <member>` (or `import <module>`) gives, without evaluating anything.
    pub fn imported(&self, importer: FileId, level: u32, module: &str, member: Option<&str>, depth: u8) -> Value {
        match self.project.resolve(importer, level, module) {
            Some(Resolved::File(file)) => match member {
                None => Atom::Module(file).into(),
                Some(member) => {
                    if let Some(value) = self.summaries[file as usize].globals.get(member).filter(|v| !v.is_bottom()) {
                        return value.clone();
                    }
                    if let Some(value) = self.static_global(file, member, depth)
                        && !value.is_bottom()
                    {
                        return value;
                    }
                    match self.project.submodule(file, member) {
                        Some(Resolved::File(sub)) => Atom::Module(sub).into(),
                        Some(Resolved::Namespace(name)) => Atom::Namespace(name).into(),
                        None => Value::default(),
                    }
                }
            },
            Some(Resolved::Namespace(name)) => match member {
                None => Atom::Namespace(name).into(),
                Some(member) => match self.project.below_namespace(importer, &name, member) {
                    Some(Resolved::File(file)) => Atom::Module(file).into(),
                    Some(Resolved::Namespace(name)) => Atom::Namespace(name).into(),
                    None => Value::default(),
                },
            },
            None if level == 0 => {
                let qualified = member.map_or_else(|| module.to_owned(), |member| format!("{module}.{member}"));
                Atom::External(qualified.into()).into()
            }
            None => Value::unknown(),
        }
    }

    /// The definition of a function.
    pub fn function(&self, id: FunctionId) -> &super::defs::FunctionDef {
        &self.defs[id.file as usize].functions[id.index as usize]
    }

    /// The definition of a class.
    pub fn class(&self, id: ClassId) -> &super::defs::ClassDef {
        &self.defs[id.file as usize].classes[id.index as usize]
    }

    /// The bases of a class, as evaluated in the previous round.
    pub fn bases(&self, id: ClassId) -> &[Value] {
        self.summaries[id.file as usize].bases.get(id.index as usize).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(paths: &[&str]) -> Project {
        Project::new(paths.iter().map(|p| Arc::from(*p)).collect(), &[])
    }

    #[test]
    fn packages_are_found_below_src() {
        let p = project(&["src/pkg/__init__.py", "src/pkg/a.py", "tests/test_a.py"]);
        assert_eq!(p.resolve(2, 0, "pkg.a"), Some(Resolved::File(1)));
        assert_eq!(p.resolve(1, 1, ""), Some(Resolved::File(0)));
        assert_eq!(p.resolve(2, 0, "numpy"), None);
    }

    #[test]
    fn relative_imports_climb() {
        let p = project(&["pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/m.py", "pkg/util.py"]);
        assert_eq!(p.resolve(2, 2, "util"), Some(Resolved::File(3)));
        assert_eq!(p.resolve(2, 1, "m"), Some(Resolved::File(2)));
    }

    #[test]
    fn scripts_see_their_neighbours_only() {
        let p = project(&["a/run.py", "a/utils.py", "b/run.py", "b/utils.py"]);
        assert_eq!(p.resolve(0, 0, "utils"), Some(Resolved::File(1)));
        assert_eq!(p.resolve(2, 0, "utils"), Some(Resolved::File(3)));
    }
}
