//! Runs the command as people do. Each folder of `tests/cmd` is a case: its `session.txt` holds commands (`$ …`) with what
//! they print and, unless it is 0, their exit code (`$ cp folder target` copies what is in a folder); the other files are
//! what the commands find. `UPDATE=1 cargo test` refreshes.

use std::fmt::Write;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn sessions_go_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    let mut wrong = String::new();
    for case in cases {
        let expected = fs::read_to_string(case.join("session.txt")).unwrap();
        let actual = replay(&case, &expected);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(case.join("session.txt"), &actual).unwrap();
        } else if actual != expected {
            let name = case.file_name().unwrap().to_string_lossy();
            let diff = similar::TextDiff::from_lines(&expected, &actual);
            write!(wrong, "{}", diff.unified_diff().header(&format!("{name} expected"), &format!("{name} actual"))).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}\nrun `UPDATE=1 cargo test --test cmd` and read the diff");
}

/// Runs the commands of `session` in a copy of `case`.
fn replay(case: &Path, session: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    copy(case, dir.path());
    // The session is the test's: a command that reads texts must not find what is expected of it.
    fs::remove_file(dir.path().join("session.txt")).unwrap();
    let mut out = String::new();
    for line in session.lines().filter_map(|line| line.strip_prefix("$ ")) {
        if let Some((from, to)) = line.strip_prefix("cp ").and_then(|rest| rest.split_once(' ')) {
            copy(&dir.path().join(from), &dir.path().join(to));
            writeln!(out, "$ {line}\n").unwrap();
            continue;
        }
        let (command, input) = line.split_once(" < ").map_or((line, None), |(command, input)| (command, Some(input)));
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("purify"), "{line}");
        let mut child = Command::new(env!("CARGO_BIN_EXE_purify"))
            .args(words)
            .current_dir(dir.path())
            .env_clear()
            .env("COLUMNS", "100")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let bytes = input.map(|name| fs::read(dir.path().join(name)).unwrap()).unwrap_or_default();
        // A command that fails early does not read its input.
        let _ = child.stdin.take().unwrap().write_all(&bytes);
        let result = child.wait_with_output().unwrap();
        writeln!(out, "$ {line}").unwrap();
        for stream in [&result.stdout, &result.stderr] {
            out.push_str(&String::from_utf8_lossy(stream).replace(&*dir.path().to_string_lossy(), "[DIR]"));
        }
        match result.status.code() {
            Some(0) => {}
            code => writeln!(out, "[exit {}]", code.unwrap_or(-1)).unwrap(),
        }
        out.push('\n');
    }
    out
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}
