//! Runs the built `purify` and reads its findings, for the tests of the whole program.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The command under test, with an environment that cannot change what it prints.
pub fn purify(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purify"));
    command.current_dir(folder).env("NO_COLOR", "1").env_remove("COLUMNS").env_remove("FORCE_COLOR");
    command
}

/// A folder of `fixtures/`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// One finding, as far as the tests look at it.
#[derive(Clone, Debug)]
pub struct Found {
    /// Path as reported.
    pub path: String,
    /// The code, `PUR201`.
    pub code: String,
    /// The qualified name.
    pub name: String,
    /// `certain`, `possible` or `unknown`.
    pub confidence: String,
    /// Notebook cell.
    pub cell: Option<u64>,
    /// First line.
    pub line: usize,
    /// First column, in characters.
    pub column: usize,
    /// Byte range in the decoded text.
    pub bytes: (usize, usize),
}

/// Scans `folder` from inside and returns its findings, in the order reported. Panics unless the exit code is 0 or 1.
pub fn scan(folder: &Path, arguments: &[&str]) -> Vec<Found> {
    let output = purify(folder).args(["scan", ".", "--no-cache", "--output-format", "jsonl"]).args(arguments).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{folder:?}: {}", describe(&output));
    findings(&String::from_utf8(output.stdout).unwrap())
}

/// Reads JSON lines.
pub fn findings(text: &str) -> Vec<Found> {
    text.lines().map(|line| found(&serde_json::from_str(line).unwrap())).collect()
}

fn found(item: &Value) -> Found {
    let text = |key: &str| item[key].as_str().unwrap_or_else(|| panic!("`{key}` is missing in {item}")).to_owned();
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    Found {
        path: text("path").replace('\\', "/").trim_start_matches("./").to_owned(),
        code: text("code"),
        name: text("name"),
        confidence: text("confidence"),
        cell: item["cell"].as_u64(),
        line: number(&item["start"]["line"]),
        column: number(&item["start"]["column"]),
        bytes: (number(&item["bytes"][0]), number(&item["bytes"][1])),
    }
}

/// Everything a failed run said.
pub fn describe(output: &Output) -> String {
    format!("{}\nstdout:\n{}\nstderr:\n{}", output.status, String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// All `.py` files below `folder`, as (relative path, text), sorted.
pub fn python_files(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "py") {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                files.push((name, String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned()));
            }
        }
    }
    files.sort();
    files
}
