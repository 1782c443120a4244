//! Maintainers' chores, run as `cargo xtask <chore>`.
//!
//! The chores themselves are Python scripts next to the data they work on, because they need Python's own `ast`, pip
//! or nothing but text. This program finds the interpreter and the repository and passes the arguments on.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

/// A chore: its name, the script below the repository's root, whether it runs the built `purify`, and one line of help.
struct Chore {
    name: &'static str,
    script: &'static str,
    needs_purify: bool,
    help: &'static str,
}

const CHORES: &[Chore] = &[
    Chore { name: "corpus", script: "tests/corpus/fetch.py", needs_purify: false, help: "download the pinned real packages into .corpus/" },
    Chore { name: "labels", script: "tests/labels/score.py", needs_purify: true, help: "score operator findings against the hand labels" },
    Chore {
        name: "oracle",
        script: "tests/oracle/compare.py",
        needs_purify: true,
        help: "compare import and API findings with a slow resolver on Python's ast",
    },
    Chore {
        name: "rewrites",
        script: "tests/corpus/rewrite.py",
        needs_purify: true,
        help: "rewrite a copy of every corpus package and check what must hold of any rewrite",
    },
    Chore {
        name: "steps",
        script: "tests/corpus/steps.py",
        needs_purify: true,
        help: "execute the plan of a package level by level, importing everything and running its tests after each",
    },
    Chore {
        name: "kernels",
        script: "tests/kernels/compile.py",
        needs_purify: false,
        help: "compile every CUDA kernel for every architecture with NVRTC, without a GPU",
    },
    Chore {
        name: "moves",
        script: "tests/corpus/moves.py",
        needs_purify: true,
        help: "execute a plan of moves on a copy of a package, run its tests, and take the moves back",
    },
    Chore {
        name: "sarif",
        script: "tests/sarif.py",
        needs_purify: true,
        help: "validate what `--output-format sarif` writes against the schema of OASIS, given by path",
    },
    Chore { name: "bench", script: "benches/scan.py", needs_purify: true, help: "time `purify scan` beside ruff and ast-grep" },
];

fn main() -> Result<ExitCode> {
    let mut arguments = env::args().skip(1);
    let Some(name) = arguments.next() else {
        print_help();
        return Ok(ExitCode::from(2));
    };
    if matches!(name.as_str(), "-h" | "--help" | "help") {
        print_help();
        return Ok(ExitCode::SUCCESS);
    }
    let Some(chore) = CHORES.iter().find(|chore| chore.name == name) else {
        print_help();
        bail!("unknown chore `{name}`");
    };
    run(chore, &arguments.collect::<Vec<_>>())
}

fn print_help() {
    println!("usage: cargo xtask <chore> [arguments]\n");
    for chore in CHORES {
        println!("  {:<8} {}", chore.name, chore.help);
    }
    println!("\n`cargo xtask <chore> --help` lists a chore's own arguments. PYTHON names the interpreter.");
}

fn run(chore: &Chore, arguments: &[String]) -> Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the xtask folder has no parent")?;
    let mut command = Command::new(env::var_os("PYTHON").unwrap_or_else(|| "python3".into()));
    command.arg(root.join(chore.script)).args(arguments).current_dir(root);
    let wants_help = arguments.iter().any(|argument| argument == "--help" || argument == "-h");
    if chore.needs_purify && !wants_help && env::var_os("PURIFY").is_none() {
        command.env("PURIFY", build_purify(root)?);
    }
    let status =
        command.status().with_context(|| format!("cannot start {:?}; set PYTHON to a Python 3.11 or newer", command.get_program()))?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2)))
}

/// Builds the release binary: debug builds would make every figure meaningless.
fn build_purify(root: &Path) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--release", "--package", "purify", "--bin", "purify"])
        .current_dir(root)
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("purify does not build");
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release").join(format!("purify{}", env::consts::EXE_SUFFIX)))
}
