//! Which file goes where.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::Refusal;
use crate::flow::project::{Project, parent};

/// One thing to move, by dotted names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// A module or a package.
    pub from: String,
    /// Its new name.
    pub to: String,
}

/// The new paths.
#[derive(Debug)]
pub(crate) struct Table {
    /// For each file its path to be.
    pub paths: Vec<Arc<str>>,
    /// `__init__` files that the new places need.
    pub created: Vec<String>,
    /// Old and new dotted names and paths, longest first.
    pub names: Vec<(String, String)>,
    /// Folders that move whole.
    pub folders: Vec<(String, String)>,
    /// Files that move.
    pub moved: FxHashSet<u32>,
}

/// What a request means on disk.
struct Place {
    /// Folder of the top-level package or module, empty or with a slash at its end.
    root: String,
    /// Path without extension; for a package its folder.
    stem: String,
    package: bool,
}

impl Table {
    pub fn new(project: &Project, paths: &[Arc<str>], requests: &[Request]) -> Result<Self, Refusal> {
        let mut table =
            Self { paths: paths.to_vec(), created: Vec::new(), names: Vec::new(), folders: Vec::new(), moved: FxHashSet::default() };
        let mut places = Vec::new();
        for request in requests {
            check(request)?;
            let place = place(project, paths, &request.from)?;
            let target = format!("{}{}", place.root, request.to.replace('.', "/"));
            table.names.push((request.from.clone(), request.to.clone()));
            let (old, new) = match place.package {
                true => (format!("{}/", place.stem), format!("{target}/")),
                false => (format!("{}.py", place.stem), format!("{target}.py")),
            };
            table.names.push((old, new));
            if place.package {
                table.folders.push((place.stem.clone(), target.clone()));
            }
            places.push((place, target));
        }
        for (first, (place, _)) in places.iter().enumerate() {
            if let Some(twin) = places[..first].iter().position(|(other, _)| other.stem == place.stem) {
                let (a, b) = (&requests[twin].to, &requests[first].to);
                return Err(refuse(format!("`{}` is moved twice, to `{a}` and to `{b}`", requests[first].from), "name each module once"));
            }
        }
        // The longest name has the last word: a module of a package that moves may go its own way.
        places.sort_by_key(|(place, _)| std::cmp::Reverse(place.stem.len()));
        table.names.sort_by(|a, b| (b.0.len(), &a.0).cmp(&(a.0.len(), &b.0)));
        for (index, path) in paths.iter().enumerate() {
            let stem = path.rsplit_once('.').map_or(&**path, |(stem, _)| stem);
            let moved = places.iter().find_map(|(place, target)| match place.package {
                true => path.strip_prefix(&place.stem).filter(|rest| rest.starts_with('/')).map(|rest| format!("{target}{rest}")),
                false => (stem == place.stem).then(|| format!("{target}{}", &path[stem.len()..])),
            });
            if let Some(new) = moved.filter(|new| **new != **path) {
                table.paths[index] = new.into();
                table.moved.insert(u32::try_from(index).unwrap_or(u32::MAX));
            }
        }
        table.refuse_collisions(paths)?;
        table.packages(project, paths);
        Ok(table)
    }

    fn refuse_collisions(&self, paths: &[Arc<str>]) -> Result<(), Refusal> {
        let mut taken: FxHashMap<&str, usize> = FxHashMap::default();
        for (index, path) in self.paths.iter().enumerate() {
            if let Some(other) = taken.insert(path, index) {
                let (a, b) = (&paths[other], &paths[index]);
                return Err(refuse(format!("`{a}` and `{b}` would both be `{path}`"), "choose a name that is free"));
            }
        }
        for path in &self.paths {
            let Some(stem) = path.strip_suffix(".py").filter(|stem| !stem.ends_with("/__init__")) else { continue };
            if taken.contains_key(format!("{stem}/__init__.py").as_str()) {
                let message = format!("`{path}` would stand beside the package `{stem}/`, which hides it");
                return Err(refuse(message, "choose a name that is free"));
            }
        }
        Ok(())
    }

    /// The `__init__` files that are missing between the root and the new places of files whose old folders were packages.
    fn packages(&mut self, project: &Project, paths: &[Arc<str>]) {
        let known: FxHashSet<&str> = self.paths.iter().map(|path| &**path).collect();
        let mut created = Vec::new();
        for index in &self.moved {
            let (old, new) = (&paths[*index as usize], &self.paths[*index as usize]);
            if !project.is_package(parent(old)) && !old.ends_with("__init__.py") {
                continue;
            }
            let root = project.root_of(old);
            let mut folder = parent(new);
            while folder.len() > root.len() {
                let init = format!("{folder}/__init__.py");
                if !known.contains(init.as_str()) && !created.contains(&init) {
                    created.push(init);
                }
                folder = parent(folder);
            }
        }
        created.sort();
        self.created = created;
    }

    /// Where the folder `old` is afterwards.
    pub fn folder(&self, old: &str) -> String {
        let inside = |(from, to): &(String, String)| {
            old.strip_prefix(from.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/')).map(|rest| format!("{to}{rest}"))
        };
        self.folders.iter().find_map(inside).unwrap_or_else(|| old.to_owned())
    }
}

pub(super) fn check(request: &Request) -> Result<(), Refusal> {
    for name in [&request.from, &request.to] {
        let word = |part: &str| {
            part.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_') && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        if !name.split('.').all(word) {
            return Err(refuse(format!("`{name}` is no dotted name of a module"), "write it as an import would: `package.module`"));
        }
    }
    if request.to.starts_with(&format!("{}.", request.from)) {
        let message = format!("`{}` cannot move into itself, to `{}`", request.from, request.to);
        return Err(refuse(message, "move it aside first"));
    }
    Ok(())
}

fn place(project: &Project, paths: &[Arc<str>], name: &str) -> Result<Place, Refusal> {
    let below = name.replace('.', "/");
    let mut found = project.named(name);
    // Of several names for one file the one below its topmost package counts.
    found.sort_by_key(|file| (project.root_of(project.path(*file)).len(), *file));
    let exact = found.iter().copied().filter(|file| project.name_of(*file) == name).collect::<Vec<_>>();
    let candidates = if exact.is_empty() { found } else { exact };
    match &candidates[..] {
        [file] => {
            let path = project.path(*file);
            let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
            let (stem, package) = match stem.strip_suffix("/__init__") {
                Some(folder) => (folder, true),
                None => (stem, false),
            };
            let root = stem.strip_suffix(below.as_str()).unwrap_or_default();
            Ok(Place { root: root.to_owned(), stem: stem.to_owned(), package })
        }
        [] => {
            // A folder without `__init__` is a package too.
            let inside = |path: &Arc<str>| path.find(&format!("{below}/")).filter(|at| *at == 0 || path.as_bytes()[at - 1] == b'/');
            match paths.iter().find_map(|path| inside(path).map(|at| path[..at].to_owned())) {
                Some(root) => Ok(Place { stem: format!("{root}{below}"), root, package: true }),
                None => {
                    let last = name.rsplit('.').next().unwrap_or(name);
                    let all = (0..project.len()).map(|file| project.name_of(u32::try_from(file).unwrap_or(u32::MAX)));
                    let mut near: Vec<String> =
                        all.filter(|other| other.rsplit('.').next() == Some(last)).map(|n| format!("`{n}`")).collect();
                    near.truncate(5);
                    let help = match near.is_empty() {
                        true => "name a module of the project as an import would".to_owned(),
                        false => format!("did you mean {}?", near.join(" or ")),
                    };
                    Err(refuse(format!("there is no module `{name}` in the project"), help))
                }
            }
        }
        several => {
            let list: Vec<String> = several.iter().map(|file| format!("`{}`", project.path(*file))).collect();
            Err(refuse(format!("`{name}` may be {}", list.join(" or ")), "set `src` in the configuration, or run in the folder you mean"))
        }
    }
}

fn refuse(message: impl Into<String>, help: impl Into<String>) -> Refusal {
    Refusal { message: message.into(), help: help.into() }
}
