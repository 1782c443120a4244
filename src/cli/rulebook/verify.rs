//! `purify rules verify`: the user's Python runs each rule's API in the real library and the rewritten call in the ops module.
//!
//! Python makes the calls (`purify._verify`), the rewriter rewrites them here, Python runs both and compares.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use purify_analysis::rewrite::{Outcome, Spelling};
use purify_analysis::rules::op::Applicability;
use purify_analysis::{Policy, Quiet, RuleSet, SourceFile, analyze};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{chosen, settings};
use crate::Status;
use crate::args::{RulesFormat, RulesVerifyArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::paths;
use crate::project::user_rules;
use crate::rules;
use crate::term::{Color, Style};

/// Failures shown per rule.
const SHOWN: usize = 3;

#[derive(Deserialize, Serialize)]
struct Case {
    rule: String,
    name: String,
    before: String,
    after: Option<String>,
    setup: String,
    inputs: String,
    without: Vec<String>,
    tolerance: Option<f64>,
}

#[derive(Deserialize)]
struct Plan {
    cases: Vec<Case>,
    without: Vec<Without>,
}

#[derive(Deserialize, Serialize)]
struct Without {
    rule: String,
    why: String,
}

#[derive(Deserialize, Serialize)]
struct Row {
    rule: String,
    cases: usize,
    /// Cases that both sides refuse.
    raising: usize,
    /// Cases that the library alone refuses.
    laxer: usize,
    failures: Vec<String>,
    max_abs: f64,
    max_ulp: f64,
    skipped: String,
    verdict: String,
    #[serde(default)]
    safe: bool,
}

#[derive(Deserialize, Serialize)]
struct Table {
    rows: Vec<Row>,
    versions: BTreeMap<String, Option<String>>,
    #[serde(default)]
    without: Vec<Without>,
}

/// Runs the command.
pub fn run(args: &RulesVerifyArgs, cwd: &Path, color: Color) -> Result<Status, Failure> {
    let user = user_rules(&settings(&args.files, cwd)?, cwd)?;
    // The inputs are those of `purify.ops`, which is what can be run here.
    let set = rules::with_examples(&user)?;
    let wanted = chosen(&set, &args.texts)?;
    let safe: BTreeMap<&str, bool> = wanted.iter().map(|rule| (&*rule.id, rule.applicability == Applicability::Safe)).collect();
    let python = Python::find(args.python.clone())?;
    let files: BTreeMap<&str, &str> = rules::texts().chain(user.iter().map(|(path, text)| (path.as_str(), text.as_str()))).collect();
    let plan: Plan = python.ask("plan", &json!({ "files": files, "rules": safe.keys().collect::<Vec<_>>() }))?;
    let recorded = args.recorded.as_ref().map(|file| paths::absolute(file, cwd));
    if let Some(file) = recorded.as_ref().filter(|file| !file.is_file()) {
        return Err(Failure::new(format!("cannot find `{}`", file.display())).help("tests/reference/torch_rules.py records such a file"));
    }
    let cases = rewritten(plan.cases, &set);
    let mut table: Table = python.ask("run", &json!({ "cases": cases, "recorded": recorded }))?;
    table.without = plan.without;
    for row in &mut table.rows {
        row.safe = safe.get(row.rule.as_str()).copied().unwrap_or(false);
    }
    let reached: Vec<&str> = table.rows.iter().map(|row| row.rule.as_str()).collect();
    let missed = safe.keys().filter(|rule| !reached.contains(rule) && !table.without.iter().any(|w| w.rule == **rule));
    let missed: Vec<Without> =
        missed.map(|rule| Without { rule: (*rule).to_owned(), why: "no call that can be made up reaches it".to_owned() }).collect();
    table.without.extend(missed);
    table.rows.sort_by(|a, b| a.rule.cmp(&b.rule));
    let output = Output::new(None, color);
    output.with(|out| match args.output_format {
        RulesFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &table)?;
            writeln!(out)
        }
        RulesFormat::Text => table.write(output.style(), out),
    })?;
    let broken = table.rows.iter().any(|row| row.safe && !row.failures.is_empty());
    Ok(if broken { Status::Findings } else { Status::Clean })
}

/// The cases that their rule really rewrites, with what it makes of them.
fn rewritten(cases: Vec<Case>, set: &RuleSet) -> Vec<Case> {
    let policy = Policy { fixes: true, ..Policy::default() };
    let sources = cases.iter().enumerate().map(|(i, case)| SourceFile::from_text(format!("case_{i}.py"), case.before.as_str())).collect();
    let analysis = analyze(sources, set, &policy, &Quiet);
    let spelling = Spelling::of(&set.target);
    let mut kept = Vec::new();
    for (mut case, file) in cases.into_iter().zip(&analysis.files) {
        let made = file.rewrite(Applicability::Unsafe, &spelling);
        let own = made
            .sites
            .iter()
            .zip(&made.applied)
            .any(|(site, applied)| *applied && matches!(&site.outcome, Outcome::Fix { rule, .. } if **rule == *case.rule));
        if own && made.changed && !made.text.contains("import numpy") {
            case.after = Some(made.text);
            kept.push(case);
        }
    }
    kept
}

/// The Python that runs the libraries.
struct Python(PathBuf);

impl Python {
    fn find(given: Option<PathBuf>) -> Result<Self, Failure> {
        let named = given.or_else(|| std::env::var_os("PURIFY_PYTHON").map(PathBuf::from));
        let active = || {
            let name = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
            std::env::var_os("VIRTUAL_ENV").map(|dir| PathBuf::from(dir).join(name))
        };
        Ok(Self(named.or_else(active).unwrap_or_else(|| "python3".into())))
    }

    /// Runs a step of `purify._verify`.
    fn ask<T: serde::de::DeserializeOwned>(&self, step: &str, request: &serde_json::Value) -> Result<T, Failure> {
        let name = self.0.display();
        let help = "name a Python that has purify and NumPy installed: `--python FILE` or PURIFY_PYTHON";
        let fail = |title: String, why: String| Failure::new(title).because(why).help(help);
        let mut child = Command::new(&self.0)
            .args(["-m", "purify._verify", step])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| fail(format!("cannot start `{name}`"), crate::io_message(&error)))?;
        let mut input = child.stdin.take();
        let text = request.to_string();
        // Python reads all before it writes; a Python that fails early does not read its input.
        let writer = std::thread::spawn(move || input.as_mut().map(|pipe| pipe.write_all(text.as_bytes())));
        let result = child.wait_with_output().map_err(|error| fail(format!("cannot run `{name}`"), crate::io_message(&error)))?;
        let _ = writer.join();
        if !result.status.success() {
            let text = String::from_utf8_lossy(&result.stderr);
            let last = text.trim_end().lines().last().unwrap_or("it said nothing").to_owned();
            return Err(fail(format!("`{name} -m purify._verify {step}` failed"), last));
        }
        serde_json::from_slice(&result.stdout)
            .map_err(|error| fail(format!("`{name} -m purify._verify {step}` gave no answer that can be read"), error.to_string()))
    }
}

impl Table {
    fn write(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let head = format!("{:52}{:>7}{:>12}{:>10}  verdict", "rule", "cases", "max abs", "max ulp");
        writeln!(out, "{}", style.bold(head))?;
        for row in &self.rows {
            let verdict = match (&*row.verdict, row.safe) {
                ("not run", _) => format!("not run: {}", if row.skipped.is_empty() { "the inputs do not fit" } else { &row.skipped }),
                ("differs", false) => "differs, and is not safe".to_owned(),
                (verdict, _) => verdict.to_owned(),
            };
            writeln!(out, "{:52}{:>7}{:>12.2e}{:>10.1}  {verdict}", row.rule, row.cases, row.max_abs, row.max_ulp)?;
            for failure in row.failures.iter().take(SHOWN) {
                writeln!(out, "    {}", failure.lines().next().unwrap_or_default())?;
            }
        }
        let count = |verdict: &str| self.rows.iter().filter(|row| row.verdict == verdict).count();
        let libraries: Vec<String> =
            self.versions.iter().filter_map(|(name, version)| version.as_ref().map(|version| format!("{name} {version}"))).collect();
        let cases: usize = self.rows.iter().map(|row| row.cases).sum();
        writeln!(
            out,
            "{}",
            style.bold(format!(
                "{} rules agree on {cases} cases, {} differ, {} not run, {} without a case ({})",
                count("agrees"),
                count("differs"),
                count("not run"),
                self.without.len(),
                if libraries.is_empty() { "no library".to_owned() } else { libraries.join(", ") }
            ))
        )
    }
}
