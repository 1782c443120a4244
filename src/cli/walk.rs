//! Which files a run looks at: walks folders, respects ignore files, and goes on where something cannot be read.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ignore::{DirEntry, WalkBuilder, WalkState};
use purify_analysis::PathGlob;

use crate::paths;

/// Folders that hold no code of the project.
const EXCLUDED: &[&str] = &[
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pixi",
    ".purify_cache",
    ".purify_undo",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".vscode",
    "__pycache__",
    "__pypackages__",
    "_build",
    "build",
    "buck-out",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
];

/// Extensions of files that hold Python.
const EXTENSIONS: [&str; 4] = ["py", "pyi", "pyw", "ipynb"];

/// What is left out of a walk, and what is taken. Globs are relative to `root`.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    /// The folder that globs are relative to, absolute.
    pub root: &'a Path,
    /// Globs of files to take; empty takes every Python file and notebook.
    pub include: &'a [PathGlob],
    /// Globs to leave out instead of the default list.
    pub exclude: Option<&'a [PathGlob]>,
    /// Globs to leave out besides.
    pub extend_exclude: &'a [PathGlob],
    /// Whether ignore files count.
    pub respect_gitignore: bool,
}

/// A file or folder that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WalkError {
    /// Which one.
    pub path: PathBuf,
    /// Why.
    pub message: String,
}

/// What a walk found, sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    /// Absolute paths of files.
    pub files: Vec<PathBuf>,
    /// What could not be read.
    pub errors: Vec<WalkError>,
}

impl Filter<'_> {
    /// Whether the file or folder at `path`, met below an argument, is left out by name or glob.
    pub fn excludes(&self, path: &Path) -> bool {
        let by_default =
            self.exclude.is_none() && path.file_name().and_then(|name| name.to_str()).is_some_and(|name| EXCLUDED.contains(&name));
        if by_default {
            return true;
        }
        let mut globs = self.exclude.into_iter().flatten().chain(self.extend_exclude).peekable();
        if globs.peek().is_none() {
            return false;
        }
        let relative = paths::relative(path, self.root);
        globs.any(|glob| glob.matches(&relative))
    }

    /// Whether the file at `path` is excluded itself or lies in an excluded folder below the root.
    pub fn excludes_deep(&self, path: &Path) -> bool {
        path.ancestors().take_while(|part| part.starts_with(self.root) && *part != self.root).any(|part| self.excludes(part))
    }

    /// Whether a file met in a folder is one to scan.
    pub fn includes(&self, path: &Path) -> bool {
        if self.include.is_empty() {
            return path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| EXTENSIONS.contains(&extension));
        }
        let relative = paths::relative(path, self.root);
        self.include.iter().any(|glob| glob.matches(&relative))
    }
}

/// Finds the files below the folders `dirs`, which are absolute. Symbolic links are not followed, so loops do no harm
/// and nothing is scanned twice.
pub fn walk(dirs: &[PathBuf], filter: &Filter<'_>, threads: usize) -> Walked {
    let Some((first, rest)) = dirs.split_first() else { return Walked::default() };
    let mut builder = WalkBuilder::new(first);
    for dir in rest {
        builder.add(dir);
    }
    let respect = filter.respect_gitignore;
    builder
        .hidden(false)
        .parents(respect)
        .ignore(respect)
        .git_ignore(respect)
        .git_exclude(respect)
        .git_global(respect)
        // A `.gitignore` means the same in an unpacked archive as in a repository.
        .require_git(false)
        .threads(threads);
    let found = Mutex::new(Walked::default());
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            let lock = || found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match entry {
                Ok(entry) => {
                    if entry.depth() > 0 && filter.excludes(entry.path()) {
                        return WalkState::Skip;
                    }
                    if is_file(&entry) && filter.includes(entry.path()) {
                        lock().files.push(entry.into_path());
                    }
                }
                Err(error) => lock().errors.extend(walk_error(&error)),
            }
            WalkState::Continue
        })
    });
    let mut walked = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    walked.files.sort_unstable();
    walked.files.dedup();
    walked.errors.sort_unstable();
    walked.errors.dedup();
    walked
}

fn is_file(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file())
}

/// What is worth telling of an error of the walk: nothing if the entry is gone, because then there is nothing to scan.
fn walk_error(error: &ignore::Error) -> Option<WalkError> {
    fn path_of(error: &ignore::Error) -> Option<&Path> {
        match error {
            ignore::Error::WithPath { path, .. } => Some(path),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
            _ => None,
        }
    }
    let message = match error.io_error() {
        Some(io) if io.kind() == std::io::ErrorKind::NotFound => return None,
        Some(io) => crate::io_message(io),
        None => error.to_string(),
    };
    Some(WalkError { path: path_of(error).unwrap_or(Path::new("")).to_owned(), message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        dir
    }

    fn names(dir: &Path, filter: &Filter<'_>) -> Vec<String> {
        walk(&[dir.to_owned()], filter, 2).files.iter().map(|path| paths::relative(path, dir)).collect()
    }

    fn filter(root: &Path) -> Filter<'_> {
        Filter { root, include: &[], exclude: None, extend_exclude: &[], respect_gitignore: true }
    }

    #[test]
    fn default_folders_and_ignored_files_are_left_out() {
        let dir = tree(&["b.py", "a/x.pyi", "a/n.ipynb", ".venv/v.py", "build/g.py", "skip.py", "notes.txt"]);
        std::fs::write(dir.path().join(".gitignore"), "skip.py\n").unwrap();
        assert_eq!(names(dir.path(), &filter(dir.path())), ["a/n.ipynb", "a/x.pyi", "b.py"]);
        let all = Filter { respect_gitignore: false, exclude: Some(&[]), ..filter(dir.path()) };
        assert_eq!(names(dir.path(), &all).len(), 6);
    }

    #[test]
    fn globs_include_and_exclude() {
        let dir = tree(&["pkg/a.py", "pkg/gen/b.py", "tests/t.py"]);
        let gen_dir = [PathGlob::new("pkg/gen").unwrap()];
        assert_eq!(names(dir.path(), &Filter { extend_exclude: &gen_dir, ..filter(dir.path()) }), ["pkg/a.py", "tests/t.py"]);
        let tests = [PathGlob::new("tests/**").unwrap()];
        assert_eq!(names(dir.path(), &Filter { include: &tests, ..filter(dir.path()) }), ["tests/t.py"]);
        assert!(Filter { extend_exclude: &gen_dir, ..filter(dir.path()) }.excludes_deep(&dir.path().join("pkg/gen/b.py")));
    }

    #[cfg(unix)]
    #[test]
    fn links_that_form_a_loop_are_not_followed() {
        let dir = tree(&["pkg/a.py"]);
        std::os::unix::fs::symlink(dir.path(), dir.path().join("pkg/loop")).unwrap();
        assert_eq!(names(dir.path(), &filter(dir.path())), ["pkg/a.py"]);
    }

    #[test]
    fn a_folder_that_is_gone_is_no_error() {
        let walked = walk(&[PathBuf::from("/nonexistent/purify")], &filter(Path::new("/")), 1);
        assert!(walked.files.is_empty() && walked.errors.is_empty());
    }
}
