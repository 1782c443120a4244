//! What closes the gate on a project with a baseline, one change at a time; and what does not.

use std::fs;
use std::path::Path;
use std::process::Command;

const MODEL: &str = "import torch\n\n\ndef double(x: torch.Tensor) -> torch.Tensor:\n    return torch.add(x, x)\n\n\n\
                     def measure(x: torch.Tensor):\n    return x.numpy()\n";

/// Exit code and the new findings, as `path:line CODE`.
fn gate(dir: &Path, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let output = Command::new(env!("CARGO_BIN_EXE_purify"))
        .args(["gate", "--no-cache", "--output-format", "concise"])
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let row = |line: &str| {
        let mut parts = line.splitn(4, ':');
        let (path, line) = (parts.next().unwrap().to_owned(), parts.next().unwrap().to_owned());
        format!("{path}:{line} {}", parts.nth(1).unwrap().split_whitespace().next().unwrap())
    };
    (output.status.code(), text.lines().map(row).collect())
}

/// Runs the gate after `change` in a project whose baseline holds what [`MODEL`] has.
fn after(change: impl FnOnce(&Path), arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("pkg")).unwrap();
    fs::write(dir.path().join("purify.toml"), "").unwrap();
    fs::write(dir.path().join("pkg/__init__.py"), "").unwrap();
    fs::write(dir.path().join("pkg/model.py"), MODEL).unwrap();
    assert!(
        Command::new(env!("CARGO_BIN_EXE_purify")).args(["gate", "--update"]).current_dir(dir.path()).output().unwrap().status.success()
    );
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
fn an_operator_closes_it_with_that_operator_alone() {
    assert_eq!(edited("torch.add(x, x)", "torch.add(x, x) + x"), (Some(1), vec!["pkg/model.py:5 PUR601".to_owned()]));
}

#[test]
fn a_round_trip_closes_it_with_the_way_back_and_nothing_else() {
    // That the value leaves is in the baseline already; new are that it comes back, and that both are for nothing.
    let (code, found) = edited("return x.numpy()", "return torch.from_numpy(x.numpy())");
    assert_eq!((code, found), (Some(1), vec!["pkg/model.py:9 PUR502".to_owned(), "pkg/model.py:9 PUR505".to_owned()]));
}

#[test]
fn moved_lines_renames_and_formatting_do_not() {
    let open = (Some(0), Vec::new());
    assert_eq!(edited("import torch", "\"\"\"Models.\"\"\"\n\nimport torch"), open);
    assert_eq!(edited("torch.add(x, x)", "torch.add(\n        x,\n        x,\n    )"), open);
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
