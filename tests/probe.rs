//! The resolution probe: does a name mean NumPy or PyTorch? `fixtures/resolution/README.md` explains the marks.

mod scanning;

use std::collections::{BTreeMap, BTreeSet};

use scanning::{Found, fixture, python_files, scan};

/// What is expected of one line: (qualified name, confidence).
type Names = BTreeSet<(String, &'static str)>;

/// Modules: a bare mention of one (`h = np`) is not a use of its API.
const MODULES: &[&str] = &["numpy", "numpy.linalg", "torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.utils.data"];

#[test]
fn every_name_is_resolved_and_nothing_else_is() {
    let folder = fixture("resolution");
    let expected = expectations(&python_files(&folder));
    let found = names(&scan(&folder, &["--confidence", "possible"]));
    let lines: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let none = Names::new();
    let mut wrong = Vec::new();
    for line in lines {
        let (path, number) = line;
        let (wanted, found) = (expected.get(line).unwrap_or(&none), found.get(line).unwrap_or(&none));
        let gap = wanted.iter().any(|(_, confidence)| *confidence == "todo");
        if gap && !found.is_empty() {
            wrong.push(format!("{path}:{number}: the gap is closed, raise the mark; found {found:?}"));
        } else if !gap && wanted != found {
            wrong.push(format!("{path}:{number}: expected {wanted:?}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} lines differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_probe_has_its_22_positive_and_5_negative_constructs() {
    let text: String = python_files(&fixture("resolution")).into_iter().map(|(_, text)| text).collect();
    // `P07` in prose, `p07_…` in a function's name.
    let lower = text.to_lowercase();
    let numbered = |letter: &str| (1..100).filter(|n| lower.contains(&format!("{letter}{n:02}"))).count();
    assert!(numbered("p") >= 22, "{} positive constructs", numbered("p"));
    assert!(numbered("n") >= 5, "{} negative constructs", numbered("n"));
}

/// The marks of all files.
fn expectations(files: &[(String, String)]) -> BTreeMap<(String, usize), Names> {
    let mut expected = BTreeMap::<_, Names>::new();
    for (path, text) in files {
        for (number, line) in text.lines().enumerate() {
            let Some((_, mark)) = line.split_once("# expect") else { continue };
            let (confidence, next, names) = if let Some(names) = mark.strip_prefix(": ") {
                ("certain", 0, names)
            } else if let Some(names) = mark.strip_prefix("-possible: ") {
                ("possible", 0, names)
            } else if let Some(names) = mark.strip_prefix("-next: ") {
                ("certain", 1, names)
            } else if let Some(names) = mark.strip_prefix("-todo: ") {
                ("todo", 0, names)
            } else {
                assert_eq!(mark.trim(), "-none", "{path}:{}: unknown mark `# expect{mark}`", number + 1);
                continue;
            };
            let names = names.split(", ").map(|name| (name.trim().to_owned(), confidence));
            expected.entry((path.clone(), number + 1 + next)).or_default().extend(names);
        }
    }
    expected
}

/// The names found per line, without imports, module mentions and what follows from values (operators, casts, methods).
fn names(findings: &[Found]) -> BTreeMap<(String, usize), Names> {
    let mut found = BTreeMap::<_, Names>::new();
    for finding in findings {
        let family = &finding.code[..4];
        let about_values = matches!(family, "PUR0" | "PUR1" | "PUR4" | "PUR5" | "PUR6" | "PUR7");
        // `torch.nn.init.zeros_` writes in place, and is a name all the same.
        let about_values = about_values && finding.code != "PUR609";
        if about_values || matches!(finding.code.as_str(), "PUR203" | "PUR204") || MODULES.contains(&finding.name.as_str()) {
            continue;
        }
        let confidence = if finding.confidence == "certain" { "certain" } else { "possible" };
        found.entry((finding.path.clone(), finding.line)).or_default().insert((finding.name.clone(), confidence));
    }
    found
}
