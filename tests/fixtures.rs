//! Scans each fixture project: the marks in its sources must hold, and the report must be the one on record.
//! `UPDATE=1 cargo test --test fixtures` writes the reports anew.

mod scanning;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use scanning::{describe, fixture, purify, python_files, scan};

/// Folders of `fixtures/` that are scanned as one project each.
const PROJECTS: &[&str] = &[
    "broken",
    "casts",
    "conversions",
    "encodings",
    "example",
    "gradients",
    "notebooks",
    "operators",
    "precision",
    "returns",
    "state",
    "suppressions",
    "types",
];

#[test]
fn reports_are_those_on_record() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut stale = Vec::new();
    for name in PROJECTS {
        let folder = fixture(name);
        let output = purify(&folder).args(["scan", ".", "--no-cache", "--output-format", "concise"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {}", describe(&output));
        let report = String::from_utf8(output.stdout).unwrap().replace('\\', "/");
        let record = folder.join("report.txt");
        if update {
            fs::write(&record, &report).unwrap();
        } else if fs::read_to_string(&record).unwrap_or_default() != report {
            stale.push(format!("{name}:\n{}", first_difference(&record, &report)));
        }
    }
    assert!(stale.is_empty(), "reports differ; `UPDATE=1 cargo test --test fixtures` writes them anew\n{}", stale.join("\n"));
}

fn first_difference(record: &Path, report: &str) -> String {
    let old = fs::read_to_string(record).unwrap_or_default();
    let mut pairs = old.lines().zip(report.lines());
    match pairs.find(|(a, b)| a != b) {
        Some((a, b)) => format!("  on record: {a}\n  now:       {b}"),
        None => format!("  {} lines on record, now {}", old.lines().count(), report.lines().count()),
    }
}

#[test]
fn marks_hold() {
    let mut wrong = Vec::new();
    for name in PROJECTS {
        let folder = fixture(name);
        let findings = scan(&folder, &["--select", "ALL", "--confidence", "possible"]);
        for (path, text) in python_files(&folder) {
            let Some(checked) = checked_codes(&text) else { continue };
            let mut found = BTreeMap::<usize, Vec<(String, bool)>>::new();
            for finding in findings.iter().filter(|f| f.path == path && checked.iter().any(|c| f.code.starts_with(c.as_str()))) {
                found.entry(finding.line).or_default().push((finding.code.clone(), finding.confidence == "certain"));
            }
            for (number, line) in text.lines().enumerate() {
                let mut actual = found.remove(&(number + 1)).unwrap_or_default();
                let mut expected = marks(line);
                actual.sort();
                expected.sort();
                let todo = line.contains("# todo-finds");
                if todo && actual == expected {
                    wrong.push(format!("fixtures/{name}/{path}:{}: the gap is closed, raise the mark: {line}", number + 1));
                } else if !todo && actual != expected {
                    wrong.push(format!("fixtures/{name}/{path}:{}: {line}\n    found {}", number + 1, show(&actual)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} lines differ from their marks:\n{}", wrong.len(), wrong.join("\n"));
}

/// The codes or families named by `# checks:` in the first lines of a file.
fn checked_codes(text: &str) -> Option<Vec<String>> {
    let list = text.lines().take(5).find_map(|line| line.strip_prefix("# checks: "))?;
    Some(list.split(", ").map(|code| code.trim().to_owned()).collect())
}

/// The codes a line is marked with, and whether each is certain.
fn marks(line: &str) -> Vec<(String, bool)> {
    let (list, certain) = match (line.split_once("finds: "), line.split_once("finds-possible: ")) {
        (Some((_, list)), _) => (list, true),
        (_, Some((_, list))) => (list, false),
        _ => return Vec::new(),
    };
    list.split(", ").map(|code| (code.trim().to_owned(), certain)).collect()
}

fn show(codes: &[(String, bool)]) -> String {
    let words: Vec<_> = codes.iter().map(|(code, certain)| format!("{code}{}", if *certain { "" } else { " (possible)" })).collect();
    if words.is_empty() { "nothing".into() } else { words.join(", ") }
}
