//! What is not Python: files that lie in a package that moves, entry points, and texts that mention old names.

use std::path::{Path, PathBuf};

use purify_analysis::moves::Outcome;

use crate::failure::Failure;
use crate::paths;

/// Extensions of texts that name modules and paths.
const TEXTS: &[&str] = &["cfg", "ini", "json", "md", "rst", "sh", "toml", "txt", "yaml", "yml"];
/// Files without an extension that do.
const NAMED: &[&str] = &["Dockerfile", "Makefile", "MANIFEST.in"];
/// Beyond this a file is data.
const LARGEST: u64 = 1 << 20;
/// Tables of `pyproject.toml` whose values are entry points.
const ENTRY_POINTS: &[&str] =
    &["project.scripts", "project.gui-scripts", "project.entry-points", "tool.poetry.scripts", "tool.poetry.plugins"];

/// A file that moves with its package.
pub struct MovedFile {
    pub from: PathBuf,
    pub to: PathBuf,
    pub bytes: Vec<u8>,
}

/// A text that is edited.
pub struct Edited {
    pub path: PathBuf,
    pub before: String,
    pub after: String,
}

/// A line that mentions an old name.
pub struct Mention {
    pub path: PathBuf,
    pub line: usize,
    pub old: String,
    pub new: String,
}

/// All of it.
#[derive(Default)]
pub struct Others {
    pub moved: Vec<MovedFile>,
    pub edited: Vec<Edited>,
    pub mentions: Vec<Mention>,
}

/// Looks through the project at `root`; `plan`, the file with the moves, names them all and is left alone.
pub fn look(root: &Path, plan: Option<&Path>, outcome: &Outcome) -> Result<Others, Failure> {
    let mut others = Others::default();
    let walk = ignore::WalkBuilder::new(root).hidden(true).git_ignore(true).require_git(false).sort_by_file_name(Ord::cmp).build();
    // What cannot be read was reported when the Python files were looked for.
    for entry in walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
        let path = entry.path();
        let name = paths::relative(path, root);
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if matches!(extension, "py" | "pyi" | "pyw" | "ipynb" | "pyc") || Some(path) == plan {
            continue;
        }
        if let Some((from, to)) = outcome.folders.iter().find(|(from, _)| name.starts_with(&format!("{from}/"))) {
            let failed = |error: std::io::Error| {
                Failure::new(format!("cannot read `{name}`, which moves with its package"))
                    .because(crate::io_message(&error))
                    .help("nothing was changed")
            };
            let bytes = std::fs::read(path).map_err(failed)?;
            others.moved.push(MovedFile { from: path.to_owned(), to: root.join(format!("{to}{}", &name[from.len()..])), bytes });
            continue;
        }
        let is_text =
            TEXTS.contains(&extension) || path.file_name().and_then(|name| name.to_str()).is_some_and(|name| NAMED.contains(&name));
        if !is_text || entry.metadata().map_or(true, |meta| meta.len() > LARGEST) {
            continue;
        }
        if let Ok(text) = std::fs::read_to_string(path) {
            text_file(path, &name, text, outcome, &mut others);
        }
    }
    Ok(others)
}

fn text_file(path: &Path, name: &str, text: String, outcome: &Outcome, others: &mut Others) {
    let setup = name.rsplit('/').next().unwrap_or(name);
    let mut section = String::new();
    let mut after = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if let Some(head) = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = head.trim().to_owned();
        }
        let entry_point = match setup {
            "pyproject.toml" => ENTRY_POINTS.iter().any(|table| section == *table || section.starts_with(&format!("{table}."))),
            "setup.cfg" => section == "options.entry_points",
            _ => false,
        };
        let edited = if entry_point { entry(line, outcome) } else { None };
        match edited {
            Some(new) => after.push_str(&new),
            None => {
                after.push_str(line);
                let mentioned = outcome.names.iter().find(|(old, _)| mentions(line, old));
                others.mentions.extend(mentioned.map(|(old, new)| Mention {
                    path: path.to_owned(),
                    line: index + 1,
                    old: old.clone(),
                    new: new.clone(),
                }));
            }
        }
    }
    if after != text {
        others.edited.push(Edited { path: path.to_owned(), before: text, after });
    }
}

/// `name = "old.module:function"` with the new module.
fn entry(line: &str, outcome: &Outcome) -> Option<String> {
    let (key, value) = line.split_once('=')?;
    let start = value.len() - value.trim_start_matches([' ', '\t', '"', '\'']).len();
    let (old, new) = outcome.names.iter().find(|(old, _)| {
        // `module:function` of a function that moved, else the module alone.
        let ends = |rest: &str| match old.contains(':') {
            true => !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_'),
            false => rest.starts_with([':', '.']),
        };
        !old.contains('/') && value[start..].strip_prefix(old.as_str()).is_some_and(ends)
    })?;
    Some(format!("{key}={}{new}{}", &value[..start], &value[start + old.len()..]))
}

/// Whether `line` has `name` as a word. One word alone says little: only dotted names and paths count.
fn mentions(line: &str, name: &str) -> bool {
    if !name.contains(['.', '/']) || name.contains(':') {
        return false;
    }
    let word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(name)
        .any(|(at, _)| !line[..at].ends_with(word) && (name.ends_with('/') || !line[at + name.len()..].starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        Outcome { names: vec![("pkg.old".into(), "pkg.new".into())], ..Outcome::default() }
    }

    #[test]
    fn entry_points_follow_and_others_of_that_beginning_stay() {
        assert_eq!(entry("run = \"pkg.old:main\"\n", &outcome()).as_deref(), Some("run = \"pkg.new:main\"\n"));
        assert_eq!(entry("run = \"pkg.older:main\"\n", &outcome()), None);
        let symbol = Outcome { names: vec![("pkg.old:main".into(), "pkg.new:start".into())], ..Outcome::default() };
        assert_eq!(entry("run = \"pkg.old:main\"\n", &symbol).as_deref(), Some("run = \"pkg.new:start\"\n"));
        assert_eq!(entry("run = \"pkg.old:main_2\"\n", &symbol), None);
    }

    #[test]
    fn names_count_as_words() {
        assert!(mentions("see `pkg.old.f`", "pkg.old"));
        assert!(!mentions("see pkg.older", "pkg.old"));
        assert!(!mentions("a util", "util"));
    }
}
