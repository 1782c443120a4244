//! `purify gate --since`: the baseline is what git held, so a change answers for what it adds and for nothing else.

use std::fs;
use std::path::Path;
use std::process::Command;

fn git(dir: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let status = Command::new("git").args(identity).args(arguments).current_dir(dir).output().unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
}

fn gate(dir: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_purify"))
        .args(["gate", "--output-format", "concise", "--since"])
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

const HELPER: &str = "import numpy as np\n\n\ndef zeros(n):\n    return np.zeros(n)\n";
const USER: &str = "from helper import zeros\n\n\ndef shifted(n):\n    return zeros(n) + 1\n";

#[test]
fn only_what_a_change_adds_closes_the_gate() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    git(dir.path(), &["init", "--quiet", "--initial-branch=main"]);
    fs::write(at("helper.py"), HELPER).unwrap();
    fs::write(at("user.py"), USER).unwrap();
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "--quiet", "-m", "old"]);
    assert_eq!(gate(dir.path(), &["main"]), (Some(0), String::new()));

    // Moved lines and a renamed file are nothing new.
    git(dir.path(), &["mv", "user.py", "renamed.py"]);
    fs::write(at("renamed.py"), format!("\"\"\"Moved.\"\"\"\n\n{USER}")).unwrap();
    assert_eq!(gate(dir.path(), &["main"]), (Some(0), String::new()));

    // A new operator on an array that another file makes is, and it alone.
    fs::write(at("renamed.py"), USER.replace("+ 1", "+ 1 - 2")).unwrap();
    let (code, findings) = gate(dir.path(), &["main"]);
    assert_eq!(code, Some(1));
    assert_eq!(findings.lines().count(), 1, "{findings}");
    assert!(findings.contains("renamed.py:5:25: PUR601"), "{findings}");
}

#[test]
fn a_revision_that_is_not_there_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.py"), "x = 1\n").unwrap();
    assert_eq!(gate(dir.path(), &["main"]).0, Some(2));
}
