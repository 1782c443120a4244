//! The whole corpus of real packages. Needs `cargo xtask corpus`, hence ignored by default:
//! `cargo test --release --test corpus -- --ignored`.

mod scanning;

use std::path::{Path, PathBuf};
use std::process::Command;

use scanning::{Found, describe, findings, purify};

/// Folders of the fetched packages.
fn packages() -> Vec<PathBuf> {
    let root = std::env::var_os("PURIFY_CORPUS").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".corpus"), PathBuf::from);
    let list = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/packages.toml")).unwrap();
    let list: toml::Table = list.parse().unwrap();
    let folders: Vec<_> = list["package"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| root.join(format!("{}-{}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap())))
        .collect();
    for folder in &folders {
        assert!(folder.is_dir(), "{} is missing: run `cargo xtask corpus`", folder.display());
    }
    folders
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = purify(folder);
    command.args(["scan", "--isolated", "--no-respect-gitignore", "--no-cache", "--select", "ALL", "--confidence", "unknown"]);
    command.args(["--output-format", "jsonl"]).args(arguments);
    command
}

fn scan(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder, arguments).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {}", folder.display(), describe(&output));
    assert!(!stderr.contains("purify failed"), "{}: {stderr}", folder.display());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "needs the corpus: cargo xtask corpus"]
fn no_package_breaks_the_scan_and_every_span_is_a_place() {
    let mut total = 0;
    for folder in packages() {
        let found = findings(&scan(&folder, &["."]));
        total += found.len();
        let mut text = (String::new(), String::new());
        for finding in &found {
            if finding.cell.is_some() || !finding.path.ends_with(".py") {
                continue;
            }
            if text.0 != finding.path {
                let bytes = std::fs::read(folder.join(&finding.path)).unwrap();
                let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
                // Other encodings have other byte offsets than the decoded text.
                let Ok(decoded) = std::str::from_utf8(bytes) else { continue };
                text = (finding.path.clone(), decoded.to_owned());
            }
            check_span(&folder, finding, &text.1);
        }
    }
    assert!(total > 100_000, "only {total} findings in the whole corpus");
}

/// The span lies in the text, where line and column say, and spells what the finding names.
fn check_span(folder: &Path, finding: &Found, text: &str) {
    let place = || format!("{}/{}:{}:{} {} {}", folder.display(), finding.path, finding.line, finding.column, finding.code, finding.name);
    let (start, end) = finding.bytes;
    let slice = text.get(start..end).unwrap_or_else(|| panic!("{}: {start}..{end} is no span of the text", place()));
    let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    assert_eq!(text[line_start..start].chars().count() + 1, finding.column, "{}: wrong column", place());
    match &finding.code[..4] {
        "PUR6" if !matches!(finding.code.as_str(), "PUR606" | "PUR607" | "PUR609") => {
            let operators =
                ["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>", "~", "==", "!=", "<", "<=", ">", ">=", "not"];
            let bare = slice.strip_suffix('=').filter(|bare| !bare.is_empty());
            let known = operators.contains(&slice) || bare.is_some_and(|bare| operators.contains(&bare));
            assert!(known, "{}: `{slice}` is no operator", place());
        }
        "PUR1" | "PUR2" => assert!(!slice.trim().is_empty(), "{}: an empty span", place()),
        _ => {}
    }
}

#[test]
#[ignore = "needs the corpus: cargo xtask corpus"]
fn neither_threads_nor_order_change_a_byte() {
    for folder in packages().iter().step_by(4) {
        let first = scan(folder, &["."]);
        assert!(first == scan(folder, &["."]), "{}: two runs differ", folder.display());
        assert!(first == scan(folder, &[".", "--threads", "1"]), "{}: one thread differs", folder.display());
        assert!(first == scan(folder, &[".", "--threads", "7"]), "{}: seven threads differ", folder.display());
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        let forward: Vec<&str> = names.iter().map(String::as_str).collect();
        let backward: Vec<&str> = forward.iter().rev().copied().collect();
        let sorted = |text: String| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert!(sorted(scan(folder, &forward)) == sorted(scan(folder, &backward)), "{}: the order of paths matters", folder.display());
    }
}
