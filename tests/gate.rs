//! What closes the gate on a project with a baseline, one change at a time; and what does not.

use std::fs;
use std::path::Path;
use std::process::Command;

const MODEL: &str = "import torch\n\n\ndef double(x: torch.Tensor) -> torch.Tensor:\n    return torch.add(x, x)\n\n\n\
                     def measure(x: 'torch.Tensor'):\n    return x.numpy()\n";

/// Exit code and standard output of `purify` in `dir`.
fn purify(dir: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_purify")).args(arguments).current_dir(dir).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// Exit code and the new findings, as `path:line CODE`.
fn gate(dir: &Path, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let (code, text) = purify(dir, &[&["gate", "--no-cache", "--output-format", "concise"], arguments].concat());
    let row = |line: &str| {
        let mut parts = line.splitn(4, ':');
        let (path, line) = (parts.next().unwrap().to_owned(), parts.next().unwrap().to_owned());
        format!("{path}:{line} {}", parts.nth(1).unwrap().split_whitespace().next().unwrap())
    };
    (code, text.lines().map(row).collect())
}

/// A project whose baseline holds what [`MODEL`] has.
fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("pkg")).unwrap();
    fs::write(dir.path().join("purify.toml"), "").unwrap();
    fs::write(dir.path().join("pkg/__init__.py"), "").unwrap();
    fs::write(dir.path().join("pkg/model.py"), MODEL).unwrap();
    assert_eq!(purify(dir.path(), &["gate", "--update"]).0, Some(0));
    dir
}

/// Runs the gate after `change` in such a project.
fn after(change: impl FnOnce(&Path), arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let dir = project();
    change(dir.path());
    gate(dir.path(), arguments)
}

fn edited(from: &str, to: &str) -> (Option<i32>, Vec<String>) {
    assert!(MODEL.contains(from));
    after(|dir| fs::write(dir.join("pkg/model.py"), MODEL.replace(from, to)).unwrap(), &[])
}

#[test]
fn an_import_closes_it_with_that_import_alone() {
    let (code, found) = after(|dir| fs::write(dir.join("pkg/new.py"), "import numpy as np\n__all__ = [\"np\"]\n").unwrap(), &[]);
    assert_eq!((code, found), (Some(1), vec!["pkg/new.py:1 PUR101".to_owned()]));
}

#[test]
fn more_comes_into_the_baseline_with_a_reason_that_says_something() {
    let dir = project();
    fs::write(dir.path().join("pkg/new.py"), "import numpy as np\n__all__ = [\"np\"]\n").unwrap();
    let baseline = || fs::read_to_string(dir.path().join("purify.baseline.json")).unwrap();
    let before = baseline();
    for reason in ["", "  "] {
        assert_eq!(purify(dir.path(), &["gate", "--update", "--allow-growth", reason]).0, Some(2));
        assert_eq!(baseline(), before);
    }
    assert_eq!(purify(dir.path(), &["gate", "--update", "--allow-growth", "the new reader"]).0, Some(0));
    assert!(baseline().contains("the new reader"));
}

#[test]
fn an_operator_closes_it_with_that_operator_alone() {
    assert_eq!(edited("torch.add(x, x)", "torch.add(x, x) + x"), (Some(1), vec!["pkg/model.py:5 PUR601".to_owned()]));
}

#[test]
fn an_import_that_nothing_uses_is_one_finding() {
    assert_eq!(edited("import torch", "import torch\nimport numpy as np"), (Some(1), vec!["pkg/model.py:2 PUR101".to_owned()]));
    // The use of a known import goes: the import was known, that nothing uses it is new.
    let unused = |dir: &Path| {
        fs::write(dir.join("pkg/old.py"), "import numpy as np\nx = np.zeros(3)\n").unwrap();
        purify(dir, &["gate", "--update", "--allow-growth", "as it was"]);
        fs::write(dir.join("pkg/old.py"), "import numpy as np\n").unwrap();
    };
    assert_eq!(after(unused, &[]), (Some(1), vec!["pkg/old.py:1 PUR104".to_owned()]));
}

#[test]
fn an_import_across_a_boundary_is_told_as_that() {
    let breach = |dir: &Path| {
        fs::write(dir.join("purify.toml"), "[[boundaries]]\nmodule = \"numpy\"\nallow = []\nreason = \"one bridge\"\n").unwrap();
        fs::write(dir.join("pkg/new.py"), "import numpy as np\n").unwrap();
    };
    assert_eq!(after(breach, &[]), (Some(1), vec!["pkg/new.py:1 PUR106".to_owned()]));
}

#[test]
fn a_round_trip_closes_it_with_that_round_trip_alone() {
    let one = |line: usize| (Some(1), vec![format!("pkg/model.py:{line} PUR505")]);
    // That the value leaves is in the baseline already; new are that it comes back, and that both are for nothing.
    assert_eq!(edited("return x.numpy()", "return torch.from_numpy(x.numpy())"), one(9));
    // A way through the host, all of it new.
    assert_eq!(edited("torch.add(x, x)", "torch.add(x.cpu().to(\"cuda\"), x)"), one(5));
    // The longest way: every step and the way on to the device are told as places of the one finding.
    let long = "for _ in range(3):\n        x = torch.from_numpy(x.detach().cpu().numpy()).to(\"cuda\")\n    return torch.add(x, x)";
    assert_eq!(edited("return torch.add(x, x)", long), one(6));
}

#[test]
fn what_a_round_trip_is_made_of_is_told_as_its_places() {
    let dir = project();
    let long = MODEL.replace("return x.numpy()", "return torch.from_numpy(x.detach().cpu().numpy()).to(\"cuda\")");
    fs::write(dir.path().join("pkg/model.py"), long).unwrap();
    let (_, text) = purify(dir.path(), &["gate", "--no-cache", "--output-format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&text).unwrap();
    let [result] = log["runs"][0]["results"].as_array().unwrap().as_slice() else { panic!("{text}") };
    let told: Vec<&str> = result["relatedLocations"].as_array().unwrap().iter().map(|at| at["message"]["text"].as_str().unwrap()).collect();
    for wanted in ["sets out through", "leaves the device through", "leaves PyTorch through", "comes back through", "goes on through"] {
        assert_eq!(told.iter().filter(|text| text.contains(wanted)).count(), 1, "{wanted}: {told:?}");
    }
}

#[test]
fn a_finding_that_only_informs_hides_none_that_closes_the_gate() {
    let informed = |dir: &Path| {
        fs::write(dir.join("purify.toml"), "severities = { PUR101 = \"info\" }\n").unwrap();
        fs::write(dir.join("pkg/new.py"), "import numpy as np\n").unwrap();
    };
    assert_eq!(after(informed, &[]), (Some(1), vec!["pkg/new.py:1 PUR101".to_owned(), "pkg/new.py:1 PUR104".to_owned()]));
}

#[test]
fn moved_lines_renames_and_formatting_do_not() {
    let open = (Some(0), Vec::new());
    assert_eq!(edited("import torch", "\"\"\"Models.\"\"\"\n\nimport torch"), open);
    assert_eq!(edited("torch.add(x, x)", "torch.add(\n        x,\n        x,\n    )"), open);
    // A formatter that breaks a subscript ends it with a comma.
    let subscript = |text: &str| format!("import numpy as np\n\n\ndef f(x: np.ndarray, i: int):\n    x[{text}] = True\n");
    let dir = project();
    fs::write(dir.path().join("pkg/sub.py"), subscript("i, i + 1")).unwrap();
    assert_eq!(purify(dir.path(), &["gate", "--update", "--allow-growth", "another module"]).0, Some(0));
    fs::write(dir.path().join("pkg/sub.py"), subscript("\n        i,\n        i + 1,\n    ")).unwrap();
    assert_eq!(gate(dir.path(), &["--exact"]), open);
    assert_eq!(edited("'torch.Tensor'", "\"torch.Tensor\""), open);
    assert_eq!(after(|dir| fs::rename(dir.join("pkg/model.py"), dir.join("pkg/renamed.py")).unwrap(), &[]), open);
    let both = |dir: &Path| {
        fs::create_dir(dir.join("pkg/sub")).unwrap();
        fs::remove_file(dir.join("pkg/model.py")).unwrap();
        fs::write(dir.join("pkg/sub/model.py"), format!("# Moved.\n{MODEL}")).unwrap();
    };
    assert_eq!(after(both, &["--exact"]), open);
}

#[test]
fn what_is_gone_fails_only_where_the_baseline_has_to_be_exact() {
    let less = |dir: &Path| fs::write(dir.join("pkg/model.py"), MODEL.replace("torch.add(x, x)", "x")).unwrap();
    assert_eq!(after(less, &[]).0, Some(0));
    assert_eq!(after(less, &["--exact"]).0, Some(1));
}

/// The text of a file with the edits of a SARIF fix made.
fn fixed(text: &str, fix: &serde_json::Value) -> String {
    let [change] = fix["artifactChanges"].as_array().unwrap().as_slice() else { panic!("{fix}") };
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let offset = |line: &serde_json::Value, column: &serde_json::Value| {
        let start = starts[usize::try_from(line.as_u64().unwrap()).unwrap() - 1];
        let column = usize::try_from(column.as_u64().unwrap()).unwrap() - 1;
        start + text[start..].chars().take(column).map(char::len_utf8).sum::<usize>()
    };
    let mut result = text.to_owned();
    for replacement in change["replacements"].as_array().unwrap().iter().rev() {
        let region = &replacement["deletedRegion"];
        let range = offset(&region["startLine"], &region["startColumn"])..offset(&region["endLine"], &region["endColumn"]);
        result.replace_range(range, replacement["insertedContent"]["text"].as_str().unwrap_or_default());
    }
    result
}

#[test]
fn sarif_proposes_what_a_rewrite_would_do() {
    let dir = project();
    let text = "import numpy as np\nimport torch\n\n\ndef f(ä: np.ndarray):\n    return np.mean(ä, 0), ä.item()\n";
    fs::write(dir.path().join("pkg/new.py"), text).unwrap();
    // What is cached has no rewrites; it must not be taken for that.
    purify(dir.path(), &["gate"]);
    let (code, sarif) = purify(dir.path(), &["gate", "--output-format", "sarif"]);
    assert_eq!(code, Some(1));
    let log: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let of = |code: &str| {
        let results = log["runs"][0]["results"].as_array().unwrap();
        let texts = results.iter().filter(|result| result["ruleId"] == code && !result["fixes"].is_null());
        texts.map(|result| fixed(text, &result["fixes"][0])).collect::<Vec<_>>()
    };
    assert_eq!(of("PUR201"), [format!("from purify import ops\n{text}").replace("np.mean(ä, 0)", "ops.mean(ä, axis=0)")]);
    assert_eq!(of("PUR101"), [text.replace("import torch\n", "")]);
}
