//! The findings of an earlier revision, read from git: the baseline that needs no file.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// The folder of the git work tree that holds `dir`.
pub fn top_level(dir: &Path) -> Result<PathBuf, Failure> {
    let output = git(dir, &["rev-parse", "--show-toplevel"])?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output).trim_end()))
}

/// The files of `revision` whose path, relative to the work tree at `top`, `wanted` accepts; with their contents.
///
/// Of `A...B` forms only a plain revision is meant here: what the merge base with it held is what counts as old, so that
/// changes that others made meanwhile are nobody's fault.
pub fn files_at(top: &Path, revision: &str, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let base =
        git(top, &["merge-base", revision, "HEAD"]).or_else(|_| git(top, &["rev-parse", "--verify", &format!("{revision}^{{commit}}")]))?;
    let base = String::from_utf8_lossy(&base).trim_end().to_owned();
    let listing = git(top, &["ls-tree", "-r", "-z", &base])?;
    let mut entries: Vec<(String, String)> = Vec::new();
    for row in listing.split(|byte| *byte == 0).filter(|row| !row.is_empty()) {
        // `100644 blob <id>\t<path>`; links (120000) and submodules (commit) hold no code of the project.
        let row = String::from_utf8_lossy(row);
        let Some((meta, path)) = row.split_once('\t') else { continue };
        let mut words = meta.split(' ');
        let (mode, kind, id) = (words.next(), words.next(), words.next());
        if kind == Some("blob") && mode != Some("120000") && wanted(path) {
            entries.push((path.to_owned(), id.unwrap_or_default().to_owned()));
        }
    }
    contents(top, &entries)
}

/// The contents of blobs, given as (path, what git calls it), by one `git cat-file --batch`.
pub fn contents(top: &Path, entries: &[(String, String)]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut child = Command::new("git")
        .args(["cat-file", "--batch"])
        .current_dir(top)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| no_git(&error))?;
    let broken = |why: &dyn std::fmt::Display| Failure::new("cannot read old files from git").because(why.to_string());
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return Err(broken(&"no pipe")) };
    let ids: String = entries.iter().map(|(_, id)| format!("{id}\n")).collect();
    // A thread of its own, because git writes while it reads and either pipe may fill up.
    let writer = std::thread::spawn(move || input.write_all(ids.as_bytes()));
    let mut reader = BufReader::new(output);
    let mut files = Vec::with_capacity(entries.len());
    for (path, _) in entries {
        let mut header = String::new();
        reader.read_line(&mut header).map_err(|error| broken(&error))?;
        let size =
            header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()).ok_or_else(|| broken(&header.trim_end()))?;
        let mut bytes = vec![0; size + 1];
        reader.read_exact(&mut bytes).map_err(|error| broken(&error))?;
        bytes.pop();
        files.push((path.clone(), bytes));
    }
    let _ = writer.join();
    let _ = child.wait();
    Ok(files)
}

/// What `git` writes when it is called with `arguments` in `dir`.
pub fn git(dir: &Path, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
    let output = Command::new("git").args(arguments).current_dir(dir).output().map_err(|error| no_git(&error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Failure::new(format!("git {} failed", arguments.join(" ")))
        .because(message)
        .help("`--since` needs a git work tree and a revision it knows; a shallow clone may lack it (`git fetch --unshallow`)"))
}

fn no_git(error: &std::io::Error) -> Failure {
    Failure::new("cannot run git").because(crate::io_message(error)).help("install git, or use a baseline file instead of `--since`")
}
