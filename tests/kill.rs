//! A run of `purify rewrite --apply` that is killed leaves every file old or new, and `undo` gives every byte back.
//!
//! `KILLS=200 cargo test --test kill` kills as often; `cargo xtask rewrites --kill N` does it on real packages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FILES: usize = 120;

fn purify(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purify"));
    command.args(arguments).current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(dir).expect("the folder can be read").flatten();
    let files = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "py"));
    files.map(|path| (path.clone(), fs::read(&path).expect("a file can be read"))).collect()
}

#[test]
fn a_killed_run_leaves_no_file_between_old_and_new() {
    let dir = tempfile::tempdir().expect("a folder can be made");
    for i in 0..FILES {
        let text =
            format!("# file {i}\nimport numpy as np\n\n\ndef f(x: np.ndarray):\n    return np.mean(x, axis={}) + np.sqrt(x)\n", i % 2);
        fs::write(dir.path().join(format!("m{i}.py")), text).expect("a file can be written");
    }
    let old = contents(dir.path());
    let started = Instant::now();
    assert!(purify(dir.path(), &["rewrite", "--apply"]).status().expect("the command runs").success());
    let whole = started.elapsed();
    let new = contents(dir.path());
    assert!(old.iter().all(|(path, text)| new[path] != *text), "every file changes");
    assert!(purify(dir.path(), &["undo"]).status().expect("the command runs").success());
    assert!(contents(dir.path()) == old, "undo gives every byte back");

    let kills: u32 = std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(12);
    for number in 0..kills {
        // Moments over the whole run, closer together at its end, where the files are written.
        let share = f64::from(number % 97) / 97.0;
        let moment = whole.mul_f64(if number % 2 == 0 { share } else { 0.7 + 0.35 * share });
        let mut child = purify(dir.path(), &["rewrite", "--apply"]).spawn().expect("the command starts");
        std::thread::sleep(moment.max(Duration::from_millis(1)));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let now = contents(dir.path());
        for (path, text) in &now {
            assert!(*text == old[path] || *text == new[path], "{} is neither old nor new after {moment:?}", path.display());
        }
        if now != old {
            purify(dir.path(), &["undo"]).status().expect("the command runs");
        }
        assert!(contents(dir.path()) == old, "undo does not give every byte back after {moment:?}");
    }
}
