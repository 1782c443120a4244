//! `purify gate`: fails only on what is new or worse than a baseline.

pub(crate) mod baseline;
mod cover;
pub(crate) mod history;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use purify_analysis::{PathGlob, SourceFile};

use crate::Status;
use crate::args::GateArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::paths;
use crate::report::{Excerpts, Report, count};
use crate::scan::{self, Emission, Outcome};
use crate::term::{Color, Style};

use baseline::{Baseline, Comparison, FILE_NAME};

/// Runs the command.
pub fn run(args: &GateArgs, color: Color) -> Result<Status, Failure> {
    let cwd = crate::current_dir()?;
    let mut outcome = scan::scan(&args.input, &cwd, args.output_format.proposes_fixes())?;
    let place = match &args.baseline {
        Some(path) => paths::absolute(path, &cwd),
        None => outcome.root.join(FILE_NAME),
    };
    let base = place.parent().unwrap_or(&cwd).to_owned();
    let path_of = |shown: &str| paths::relative(&paths::absolute(Path::new(shown), &cwd), &base);
    let old = match &args.since {
        Some(revision) => Some(at_revision(revision, args, &outcome, &path_of)?),
        None => Baseline::read(&place)?,
    };
    if old.is_none() && args.baseline.is_some() && !args.update {
        return Err(Failure::new(format!("there is no baseline `{}`", place.display())).help("`purify gate --update` makes it"));
    }
    let first = old.is_none();
    let old = old.unwrap_or_default();
    let scanned: std::collections::HashSet<String> = outcome.report.files.iter().map(|file| path_of(&file.path)).collect();
    let in_view = |path: &str| scanned.contains(path) || !base.join(path).exists();
    let comparison = old.compare(&outcome.report, &path_of, &in_view);
    let gate = Gate { args, cwd: &cwd, place: &place, old: &old, comparison: &comparison };
    if args.update {
        return gate.update(&outcome.report, first, &path_of, &in_view);
    }
    let over = over_budget(&outcome, &path_of);
    let covered = cover::fold(&mut outcome.report, &comparison.new);
    let summary = gate.summary(&outcome.report, covered, &over);
    let failed = outcome.report.fails() || !over.is_empty() || (args.exact && !comparison.stale.is_empty());
    gate.show(&outcome, &summary, failed, color)?;
    Ok(match (outcome.report.troubles.is_empty(), failed) {
        (false, _) => Status::Error,
        (true, true) if !args.exit_zero => Status::Findings,
        (true, _) => Status::Clean,
    })
}

struct Gate<'a> {
    args: &'a GateArgs,
    cwd: &'a Path,
    place: &'a Path,
    old: &'a Baseline,
    comparison: &'a Comparison,
}

impl Gate<'_> {
    /// Writes the baseline anew: what is gone goes, and nothing comes in without a reason.
    fn update(
        &self,
        report: &Report,
        first: bool,
        path_of: &dyn Fn(&str) -> String,
        in_view: &dyn Fn(&str) -> bool,
    ) -> Result<Status, Failure> {
        let Comparison { new, known, stale } = self.comparison;
        if self.args.since.is_some() {
            return Err(Failure::new("`--update` writes the baseline file, and `--since` does without one").help("drop one of the two"));
        }
        if !first && !new.is_empty() && self.args.allow_growth.is_none() {
            return Err(Failure::new(format!("the baseline would grow by {}", count(new.len(), "finding")))
                .because("A baseline only shrinks by itself: letting debt in is a decision.")
                .help("remove them (`purify gate` lists them), or give a reason: `--allow-growth \"…\"`"));
        }
        let mut kept = known.clone();
        kept.extend(new);
        let mut baseline = Baseline::of(report, &kept, path_of);
        baseline.growth = self.old.growth.clone();
        if let (Some(reason), false) = (&self.args.allow_growth, new.is_empty()) {
            baseline.growth.push(reason.clone());
        }
        for (path, entries) in self.old.findings.iter().filter(|(path, _)| !in_view(path)) {
            entries.iter().for_each(|entry| baseline.keep(path, entry));
        }
        baseline.sort();
        baseline.write(self.place)?;
        let place = paths::relative(self.place, self.cwd);
        let (added, gone) = (count(new.len(), "finding"), stale.len());
        Output::new(None, Color::Auto).with(|out| writeln!(out, "{place}: {added} added, {gone} removed, {} in all", baseline.len()))?;
        Ok(Status::Clean)
    }

    /// One line for people, with what to do.
    fn summary(&self, report: &Report, covered: usize, over: &[Budget]) -> Vec<String> {
        let Comparison { new, known, stale } = self.comparison;
        let with = if covered == 0 { String::new() } else { format!(" (and {covered} told with them)") };
        let mut lines = vec![format!("{} new{with}, {} known", count(new.len() - covered, "finding"), known.len())];
        if !stale.is_empty() {
            let advice = if self.args.since.is_some() { "" } else { "; `purify gate --update` takes them out of the baseline" };
            lines.push(format!("{} of the baseline gone{advice}", count(stale.len(), "finding")));
            let shown = if self.args.exact { stale.len() } else { 0 };
            lines.extend(stale.iter().take(shown).map(|(path, entry)| format!("  gone: {path}: {entry}")));
        }
        for budget in over {
            lines.push(format!("{}: {}, budget {}", budget.glob, count(budget.found, "finding"), budget.limit));
        }
        lines.push(format!("{} scanned", count(report.files.len(), "file")));
        lines
    }

    fn show(&self, outcome: &Outcome, summary: &[String], failed: bool, color: Color) -> Result<(), Failure> {
        let args = self.args;
        let output = Output::new(args.output_file.clone(), color);
        let style = output.style();
        let options = Emission { max_per_file: 0, excerpts: Excerpts::Auto, quiet: true };
        scan::emit(args.output_format, options, outcome, &output)?;
        if let Some(path) = &args.summary {
            append(&paths::absolute(path, self.cwd), &markdown(&outcome.report, summary, failed))?;
        }
        if !args.input.quiet {
            // Kept off standard output, where a report for programs may stand.
            let head = verdict(failed, Style::new(style.colored()));
            let _ = writeln!(std::io::stderr(), "{head} {}", summary.join("\n"));
        }
        Ok(())
    }
}

fn verdict(failed: bool, style: Style) -> String {
    if failed { style.severity(purify_analysis::Severity::Error, "Gate closed:").to_string() } else { style.good("Gate open:").to_string() }
}

/// The findings at `revision`, with the same rules and settings.
fn at_revision(revision: &str, args: &GateArgs, outcome: &Outcome, path_of: &dyn Fn(&str) -> String) -> Result<Baseline, Failure> {
    let top = history::top_level(&outcome.root)?;
    let cwd = crate::current_dir()?;
    // The files in view today decide which old ones are compared; a file that is gone since is read by its extension.
    let inputs: Vec<PathBuf> = args.input.paths.iter().map(|path| paths::absolute(path, &cwd)).collect();
    let wanted = |path: &str| {
        let python =
            Path::new(path).extension().is_some_and(|extension| ["py", "pyi", "pyw", "ipynb"].iter().any(|known| extension == *known));
        let full = top.join(path);
        python && inputs.iter().any(|input| full.starts_with(input)) && !outcome.leaves_out(&full)
    };
    let files = history::files_at(&top, revision, &wanted)?;
    let shown: Vec<String> = files.iter().map(|(path, _)| paths::relative(&top.join(path), &cwd)).collect();
    let sources = files.iter().map(|(path, bytes)| SourceFile::decode(paths::relative(&top.join(path), &outcome.root), bytes)).collect();
    let report = scan::analyze_sources(sources, shown, &args.input, outcome)?;
    let all: Vec<(usize, usize)> =
        report.files.iter().enumerate().flat_map(|(file, record)| (0..record.findings.len()).map(move |finding| (file, finding))).collect();
    Ok(Baseline::of(&report, &all, path_of))
}

/// A part of the tree that holds more findings than its budget.
struct Budget {
    glob: String,
    limit: usize,
    found: usize,
}

fn over_budget(outcome: &Outcome, path_of: &dyn Fn(&str) -> String) -> Vec<Budget> {
    let Some(budgets) = &outcome.settings.options.budgets else { return Vec::new() };
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    let globs: Vec<(&String, usize, Option<PathGlob>)> =
        budgets.value.0.iter().map(|(glob, limit)| (glob, *limit, PathGlob::new(glob).ok())).collect();
    for file in &outcome.report.files {
        let path = path_of(&file.path);
        for (glob, _, _) in globs.iter().filter(|(_, _, matcher)| matcher.as_ref().is_some_and(|matcher| matcher.matches(&path))) {
            *found.entry(glob).or_insert(0) += file.findings.len();
        }
    }
    globs
        .into_iter()
        .map(|(glob, limit, _)| Budget { glob: glob.clone(), limit, found: found.get(glob.as_str()).copied().unwrap_or(0) })
        .filter(|budget| budget.found > budget.limit)
        .collect()
}

/// One page for a job summary.
fn markdown(report: &Report, summary: &[String], failed: bool) -> String {
    let mut text = format!("## purify gate: {}\n\n", if failed { "closed" } else { "open" });
    for line in summary {
        text.push_str(&format!("- {}\n", line.trim()));
    }
    let mut rows = report.findings().peekable();
    if rows.peek().is_some() {
        text.push_str("\n| place | code | finding |\n|---|---|---|\n");
        // Summaries are limited in size (GitHub takes 1 MiB a step), and a page is for reading.
        for (file, finding) in rows.by_ref().take(100) {
            let message = finding.message.replace(['\n', '\r'], " ").replace('|', "\\|").replace('<', "&lt;");
            text.push_str(&format!("| {}:{} | {} {} | {message} |\n", file.path, finding.start.line, finding.code, finding.code.name()));
        }
        let more = rows.count();
        if more > 0 {
            text.push_str(&format!("\n… and {more} more.\n"));
        }
    }
    text
}

/// Appends, because job summaries are one file for all steps.
fn append(path: &Path, text: &str) -> Result<(), Failure> {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Failure::new(format!("cannot write the summary `{}`", path.display())).because(crate::io_message(&error)))
}
