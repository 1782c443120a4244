//! What a run of `purify rewrite --apply` or `purify move --apply` changed, kept so that `purify undo` can take it back byte
//! for byte.
//!
//! All originals and the manifest are on disk before the first file changes, and each file changes at once. A run that is
//! killed leaves files that are old or new, and undo puts back the new ones. New files are written before old ones go.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::failure::Failure;
use crate::files::write_atomic;
use crate::paths;

/// The folder beside the configuration.
pub const FOLDER: &str = ".purify_undo";
const MANIFEST: &str = "manifest.json";
const VERSION: u32 = 1;
/// Runs kept.
const RUNS: usize = 20;

/// New content for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file, absolute.
    pub path: PathBuf,
    /// Its bytes when it was read; `None` for a file that is made.
    pub before: Option<Vec<u8>>,
    /// Its bytes to be; `None` for a file that goes.
    pub after: Option<Vec<u8>>,
}

impl Change {
    /// New bytes for a file that stays.
    pub fn edit(path: PathBuf, before: Vec<u8>, after: Vec<u8>) -> Self {
        Self { path, before: Some(before), after: Some(after) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    version: u32,
    files: Vec<Saved>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    path: String,
    original: String,
    /// Hash of the bytes; empty where there is no file.
    before: String,
    after: String,
}

/// What became of each file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Files written, as absolute paths.
    pub written: Vec<PathBuf>,
    /// Files left as they are, with the reason.
    pub skipped: Vec<(PathBuf, String)>,
}

/// The journal of a project.
#[derive(Clone, Debug)]
pub struct Journal {
    root: PathBuf,
}

impl Journal {
    /// The journal of the project at `root`.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Saves the originals of `changes`, then makes the changes. A file that is not what it was when it was read is left alone.
    pub fn apply(&self, changes: &[Change]) -> Result<Done, Failure> {
        if changes.is_empty() {
            return Ok(Done::default());
        }
        let mut changes: Vec<&Change> = changes.iter().collect();
        changes.sort_by_key(|change| (change.after.is_none(), change.before.is_some()));
        self.save(&changes)?;
        let mut done = Done::default();
        for change in changes {
            match replace(&change.path, change.before.as_deref(), change.after.as_deref()) {
                Ok(()) => done.written.push(change.path.clone()),
                Err(why) => done.skipped.push((change.path.clone(), why)),
            }
        }
        Ok(done)
    }

    /// Takes the last run back. Files that were edited since are left alone, and the run stays in the journal for them.
    pub fn undo(&self) -> Result<Done, Failure> {
        let nothing = || {
            Failure::new("there is nothing to undo")
                .help("`purify rewrite --apply` and `purify move --apply` keep what they change in `.purify_undo`")
        };
        let run = self.runs().pop().ok_or_else(nothing)?;
        let unusable = |why: String| Failure::new(format!("the journal `{}` cannot be used", run.display())).because(why);
        let text = fs::read_to_string(run.join(MANIFEST)).map_err(|error| unusable(crate::io_message(&error)))?;
        let manifest: Manifest = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        if manifest.version != VERSION {
            return Err(unusable(format!("it was written by another version of purify (format {})", manifest.version)));
        }
        let mut done = Done::default();
        for saved in &manifest.files {
            let path = paths::absolute(Path::new(&saved.path), &self.root);
            match restore(&run, saved, &path) {
                Ok(true) => done.written.push(path),
                Ok(false) => {}
                Err(why) => done.skipped.push((path, why)),
            }
        }
        if done.skipped.is_empty() {
            let _ = fs::remove_dir_all(&run);
        }
        Ok(done)
    }

    /// The folders of complete runs, oldest first.
    fn runs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root.join(FOLDER)).into_iter().flatten().flatten();
        let mut runs: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.join(MANIFEST).is_file()).collect();
        runs.sort_unstable();
        runs
    }

    fn save(&self, changes: &[&Change]) -> Result<(), Failure> {
        let folder = self.root.join(FOLDER);
        let failed = |error: std::io::Error| {
            Failure::new(format!("cannot write the journal `{}`, so nothing was changed", folder.display()))
                .because(crate::io_message(&error))
        };
        fs::create_dir_all(&folder).map_err(failed)?;
        write_atomic(&folder.join(".gitignore"), b"*\n").map_err(failed)?;
        let runs = self.runs();
        let number = runs.last().and_then(|run| run.file_name()?.to_str()?.parse::<u64>().ok()).unwrap_or(0);
        // Two runs at the same time must not share a folder.
        let run = (number + 1..).map(|number| folder.join(format!("{number:06}"))).find(|run| fs::create_dir(run).is_ok());
        let Some(run) = run else { return Ok(()) };
        let mut manifest = Manifest { version: VERSION, files: Vec::new() };
        for (index, change) in changes.iter().enumerate() {
            let original = format!("{index:05}.original");
            write_atomic(&run.join(&original), change.before.as_deref().unwrap_or_default()).map_err(failed)?;
            manifest.files.push(Saved {
                path: paths::relative(&change.path, &self.root),
                original,
                before: change.before.as_deref().map(hash).unwrap_or_default(),
                after: change.after.as_deref().map(hash).unwrap_or_default(),
            });
        }
        let text = serde_json::to_string_pretty(&manifest).map_err(|error| Failure::new(error.to_string()))?;
        write_atomic(&run.join(MANIFEST), text.as_bytes()).map_err(failed)?;
        for old in runs.iter().rev().skip(RUNS - 1) {
            let _ = fs::remove_dir_all(old);
        }
        Ok(())
    }
}

fn hash(bytes: &[u8]) -> String {
    format!("{:032x}", xxh3_128(bytes))
}

/// Gives the file at `path` the bytes `after`, if its bytes are still `before`. `None` stands for no file.
fn replace(path: &Path, before: Option<&[u8]>, after: Option<&[u8]>) -> Result<(), String> {
    let message = |error: std::io::Error| crate::io_message(&error);
    let Some(before) = before else {
        if path.symlink_metadata().is_ok() {
            return Err("somebody else made a file of this name meanwhile".to_owned());
        }
        fs::create_dir_all(path.parent().unwrap_or(path)).map_err(message)?;
        return write_atomic(path, after.unwrap_or_default()).map_err(message);
    };
    // A link is kept: the file that it leads to is replaced.
    let target = fs::canonicalize(path).map_err(message)?;
    if fs::read(&target).map_err(message)? != before {
        return Err("it was changed by somebody else meanwhile".to_owned());
    }
    match after {
        Some(after) => write_atomic(&target, after).map_err(message),
        None => fs::remove_file(path).map_err(message).map(|()| prune(path)),
    }
}

/// Removes the folders above `path` that hold nothing any more, but for compiled files that Python makes anew.
fn prune(path: &Path) {
    let mut folder = path.parent();
    while let Some(dir) = folder {
        let entries: Vec<_> = fs::read_dir(dir).into_iter().flatten().flatten().collect();
        if entries.iter().any(|entry| entry.file_name() != "__pycache__") {
            return;
        }
        let _ = fs::remove_dir_all(dir.join("__pycache__"));
        if fs::remove_dir(dir).is_err() {
            return;
        }
        folder = dir.parent();
    }
}

/// The bytes of the file at `path`; `None` if there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(crate::io_message(&error)),
    }
}

/// `true` if the file was put back, `false` if it is as it was anyway.
fn restore(run: &Path, saved: &Saved, path: &Path) -> Result<bool, String> {
    let current = read(path)?;
    let found = current.as_deref().map(hash).unwrap_or_default();
    if found == saved.before {
        return Ok(false);
    }
    if found != saved.after {
        return Err("it was edited since".to_owned());
    }
    if saved.before.is_empty() {
        return replace(path, current.as_deref(), None).map(|()| true);
    }
    let original = fs::read(run.join(&saved.original)).map_err(|error| crate::io_message(&error))?;
    if hash(&original) != saved.before {
        return Err("its saved original is damaged".to_owned());
    }
    replace(path, current.as_deref(), Some(&original)).map(|()| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup() -> (tempfile::TempDir, Journal, Vec<Change>) {
        let dir = tempfile::tempdir().unwrap();
        let changes: Vec<Change> = ["a.py", "b.py"]
            .iter()
            .map(|name| {
                let path = dir.path().join(name);
                fs::write(&path, "old\r\n").unwrap();
                Change::edit(path, b"old\r\n".to_vec(), b"new\r\n".to_vec())
            })
            .collect();
        let journal = Journal::new(dir.path());
        (dir, journal, changes)
    }

    #[test]
    fn undo_restores_byte_for_byte_and_once() {
        let (_dir, journal, changes) = setup();
        assert_eq!(journal.apply(&changes).unwrap().written.len(), 2);
        assert_eq!(fs::read(&changes[0].path).unwrap(), b"new\r\n");
        assert_eq!(journal.undo().unwrap().written.len(), 2);
        assert_eq!(fs::read(&changes[1].path).unwrap(), b"old\r\n");
        assert!(journal.undo().unwrap_err().to_string().contains("nothing to undo"));
    }

    #[test]
    fn a_file_changed_meanwhile_is_left_alone() {
        let (_dir, journal, changes) = setup();
        fs::write(&changes[0].path, "mine").unwrap();
        let done = journal.apply(&changes).unwrap();
        assert_eq!((done.written.len(), done.skipped.len()), (1, 1));
        assert_eq!(fs::read(&changes[0].path).unwrap(), b"mine");
        fs::write(&changes[1].path, "edited").unwrap();
        let done = journal.undo().unwrap();
        assert_eq!(done.skipped.len(), 2);
        assert_eq!(fs::read(&changes[1].path).unwrap(), b"edited");
    }

    #[test]
    fn a_run_that_was_killed_halfway_can_be_undone() {
        let (_dir, journal, changes) = setup();
        journal.save(&changes.iter().collect::<Vec<_>>()).unwrap();
        replace(&changes[0].path, changes[0].before.as_deref(), changes[0].after.as_deref()).unwrap();
        assert_eq!(journal.undo().unwrap().written, [changes[0].path.clone()]);
        assert_eq!(fs::read(&changes[0].path).unwrap(), b"old\r\n");
    }

    #[test]
    fn files_that_are_made_and_files_that_go_are_taken_back() {
        let (dir, journal, changes) = setup();
        let made = dir.path().join("sub/deep/new.py");
        let gone = Change { after: None, ..changes[0].clone() };
        let run = [gone, Change { path: made.clone(), before: None, after: Some(b"x".to_vec()) }];
        assert_eq!(journal.apply(&run).unwrap().written, [made.clone(), changes[0].path.clone()]);
        assert!(!changes[0].path.exists() && made.exists());
        assert_eq!(journal.undo().unwrap().written.len(), 2);
        assert_eq!(fs::read(&changes[0].path).unwrap(), b"old\r\n");
        assert!(!dir.path().join("sub").exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_links() {
        let (dir, journal, mut changes) = setup();
        let link = dir.path().join("link.py");
        std::os::unix::fs::symlink(&changes[0].path, &link).unwrap();
        changes.truncate(1);
        let target = std::mem::replace(&mut changes[0].path, link.clone());
        journal.apply(&changes).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(target).unwrap(), b"new\r\n");
    }
}
