//! `purify rewrite`: what the rules make of the code, as a diff, as JSON, or written to the files; and `purify undo`.

mod interactive;
mod journal;
mod notebook;
mod output;
pub use notebook::replace as replace_cells;
pub use output::diff;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use purify_analysis::rewrite::{FileRewrite, Outcome, Spelling};
use purify_analysis::rules::op::Applicability;
use purify_analysis::{FileReport, SourceFile, SourceKind};
use rayon::prelude::*;

use crate::Status;
use crate::args::{RewriteArgs, UndoArgs};
use crate::config::Settings;
use crate::failure::Failure;
use crate::output::Output;
use crate::paths;
use crate::project::{Configs, Project};
use crate::report::{Trouble, count};
use crate::scan;
use crate::term::{Color, Style};

pub use journal::{Change, Done, FOLDER as UNDO_FOLDER, Journal};

/// One file with what becomes of it.
pub struct Rewritten {
    /// Path as people see it.
    pub shown: String,
    /// The file, absolute.
    pub path: PathBuf,
    /// Its bytes when it was read.
    pub before: Vec<u8>,
    /// What the analyzer knows of it, with the sites that may be rewritten.
    pub report: FileReport,
    /// The rewrite.
    pub rewrite: FileRewrite,
}

impl Rewritten {
    /// The new bytes, in the file's own encoding.
    fn after(&self) -> Result<Vec<u8>, String> {
        if self.report.source.kind == SourceKind::Notebook {
            let json = std::str::from_utf8(&self.before).map_err(|error| error.to_string())?;
            return notebook::replace(json, &self.rewrite.cells).map(String::into_bytes);
        }
        encode(&self.report.source, &self.rewrite.text)
    }
}

/// Runs `purify rewrite`.
pub fn run(args: &RewriteArgs, color: Color) -> Result<Status, Failure> {
    let cwd = crate::current_dir()?;
    let most = if args.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    if args.input.paths.iter().any(|path| path.as_os_str() == "-") {
        return rewrite_stdin(args, most, &cwd);
    }
    scan::set_up_threads(args.input.threads);
    let projects = scan::projects(&args.input, &cwd)?;
    let (mut files, mut changed, mut troubles) = (Vec::new(), 0, projects.troubles);
    for project in &projects.list {
        let (mut part, spelling) = rewrite_project(project, args, most, &cwd, &mut troubles)?;
        if args.interactive {
            interactive::choose(&mut part, most, &spelling, color)?;
        }
        changed += part.iter().filter(|file| file.rewrite.changed).count();
        if args.apply || args.interactive {
            let done = Journal::new(&project.root).apply(&changes(&part)?)?;
            tell(&done, "rewritten", &cwd, args.input.quiet);
        }
        files.append(&mut part);
    }
    scan::tell_troubles(&troubles);
    let out = Output::new(args.output_file.clone(), color);
    output::write(args, &files, &out)?;
    if !args.input.quiet && !args.apply && !args.interactive && changed > 0 {
        let _ = writeln!(std::io::stderr(), "{} would change; `--apply` writes them", count(changed, "file"));
    }
    Ok(match (troubles.is_empty(), args.check && changed > 0) {
        (false, _) => Status::Error,
        (true, true) => Status::Findings,
        (true, false) => Status::Clean,
    })
}

fn rewrite_project(
    project: &Project,
    args: &RewriteArgs,
    most: Applicability,
    cwd: &Path,
    troubles: &mut Vec<Trouble>,
) -> Result<(Vec<Rewritten>, Spelling), Failure> {
    // A name that another file imports must stay, whether or not that file is rewritten too.
    let mut read = scan::analyze_for_rewrite(&scan::whole(project, &args.input, cwd)?, &args.input, cwd)?;
    troubles.append(&mut read.troubles);
    let spelling = read.spelling;
    let chosen = |(_, (path, _)): &(FileReport, (PathBuf, Vec<u8>))| project.files.binary_search(path).is_ok();
    let one = |(report, (path, before)): (FileReport, (PathBuf, Vec<u8>))| {
        let report = eligible(report, &project.settings);
        let rewrite = report.rewrite(most, &spelling);
        let mut file = Rewritten { shown: paths::relative(&path, cwd), path, before, report, rewrite };
        if let (true, Err(why)) = (file.rewrite.changed, verify(&file)) {
            leave(&mut file.rewrite, &file.report.source, why);
        }
        file
    };
    Ok((read.analysis.files.into_par_iter().zip(read.files).filter(chosen).map(one).collect(), spelling))
}

/// Runs `purify undo`.
pub fn undo(args: &UndoArgs) -> Result<Status, Failure> {
    let cwd = crate::current_dir()?;
    let dir = paths::absolute(&args.path, &cwd);
    let mut configs = Configs::new(&[], false, &cwd)?;
    let root = match configs.above(&dir)? {
        Some(file) => file.root().to_owned(),
        // Without a configuration the journal lies at the root that the rewrite found; look for it upwards.
        None => dir.ancestors().find(|dir| dir.join(UNDO_FOLDER).is_dir()).unwrap_or(&dir).to_owned(),
    };
    let done = Journal::new(&root).undo()?;
    tell(&done, "restored", &cwd, false);
    Ok(if done.skipped.is_empty() { Status::Clean } else { Status::Error })
}

/// Says on standard error what became of the files of a run.
pub fn tell(done: &Done, verb: &str, cwd: &Path, quiet: bool) {
    for (path, why) in &done.skipped {
        crate::tell(&Failure::new(format!("`{}` was left as it is", paths::relative(path, cwd))).because(why.clone()));
    }
    if !quiet {
        let _ = writeln!(std::io::stderr(), "{} {verb}", count(done.written.len(), "file"));
    }
}

/// Leaves only the sites that may be rewritten: none that a comment keeps, and, where codes are selected, none whose finding
/// is not among them.
pub fn eligible(mut report: FileReport, settings: &Settings) -> FileReport {
    let chosen = !settings.policy.select.is_empty() || !settings.policy.ignore.is_empty() || !settings.policy.per_path.is_empty();
    let (findings, suppressed) = (std::mem::take(&mut report.findings), &report.suppressed);
    report.sites.retain(|site| {
        !suppressed.iter().any(|silenced| site.is_about(&silenced.finding))
            && (!chosen || findings.iter().any(|finding| site.is_about(finding)))
    });
    report.findings = findings;
    report
}

/// Whether the new text can be written: in the file's encoding, from text that its bytes really hold.
fn verify(file: &Rewritten) -> Result<(), String> {
    if file.report.source.kind == SourceKind::Notebook {
        let read = SourceFile::decode(file.report.source.path.clone(), &file.after()?);
        return if *read.text == *file.rewrite.text { Ok(()) } else { Err("its cells cannot be written one by one".to_owned()) };
    }
    if encode(&file.report.source, &file.report.source.text)? != file.before {
        return Err("its bytes do not survive being read and written in its encoding".to_owned());
    }
    file.after().map(drop)
}

/// `text` in the encoding of `source`.
pub fn encode(source: &SourceFile, text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = if source.bom { b"\xEF\xBB\xBF".to_vec() } else { Vec::new() };
    if source.encoding == "utf-8" {
        bytes.extend_from_slice(text.as_bytes());
        return Ok(bytes);
    }
    let encoding = encoding_rs::Encoding::for_label(source.encoding.as_bytes())
        .ok_or_else(|| format!("it cannot be written in its encoding `{}`", source.encoding))?;
    let (encoded, _, lossy) = encoding.encode(text);
    if lossy {
        return Err(format!("the new text has characters that its encoding `{}` lacks", source.encoding));
    }
    bytes.extend_from_slice(&encoded);
    Ok(bytes)
}

/// Turns `rewrite` into one that changes nothing, for the reason `why`.
fn leave(rewrite: &mut FileRewrite, source: &SourceFile, why: String) {
    rewrite.text = source.text.to_string();
    rewrite.changed = false;
    rewrite.cells.clear();
    rewrite.applied.iter_mut().for_each(|applied| *applied = false);
    rewrite.refused = Some(why);
}

fn changes(files: &[Rewritten]) -> Result<Vec<Change>, Failure> {
    let change = |file: &Rewritten| {
        let after = file.after().map_err(|why| Failure::new(format!("`{}` cannot be rewritten", file.shown)).because(why))?;
        Ok(Change::edit(file.path.clone(), file.before.clone(), after))
    };
    files.iter().filter(|file| file.rewrite.changed).map(change).collect()
}

/// Standard input to standard output, for editors.
fn rewrite_stdin(args: &RewriteArgs, most: Applicability, cwd: &Path) -> Result<Status, Failure> {
    if args.apply || args.interactive {
        return Err(
            Failure::new("standard input cannot be changed in place").help("without `--apply`, the new text goes to standard output")
        );
    }
    let scan::StdinForRewrite { bytes, report, settings, spelling } = scan::analyze_stdin(&args.input, cwd)?;
    let report = eligible(report, &settings);
    let rewrite = report.rewrite(most, &spelling);
    let mut file = Rewritten { shown: "<stdin>".to_owned(), path: PathBuf::new(), before: bytes, report, rewrite };
    if let Err(why) = verify(&file) {
        leave(&mut file.rewrite, &file.report.source, why);
    }
    let after = if file.rewrite.changed { file.after().unwrap_or_else(|_| file.before.clone()) } else { file.before.clone() };
    Output::new(args.output_file.clone(), Color::Never).with(|out| out.write_all(&after))?;
    Ok(if args.check && file.rewrite.changed { Status::Findings } else { Status::Clean })
}

/// Counts of sites by what becomes of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Calls and mentions of library APIs.
    pub sites: usize,
    /// With a fix that keeps the meaning.
    pub safe: usize,
    /// With a fix that may not.
    #[serde(rename = "unsafe")]
    pub unsafe_: usize,
    /// With a suggestion that is only shown.
    pub display: usize,
    /// Valid on the target as they stand.
    pub kept: usize,
    /// That stay.
    pub refused: usize,
    /// Whose fix was made, or would be.
    pub applied: usize,
    /// Why sites stay, with how many, most frequent first.
    pub reasons: Vec<(String, usize)>,
}

impl Counts {
    /// Counts the sites of `files`.
    pub fn of(files: &[Rewritten]) -> Self {
        let mut counts = Self::default();
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for file in files {
            counts.sites += file.rewrite.sites.len();
            counts.applied += file.rewrite.applied.iter().filter(|applied| **applied).count();
            for site in &file.rewrite.sites {
                match &site.outcome {
                    Outcome::Fix { applicability: Applicability::Safe, .. } => counts.safe += 1,
                    Outcome::Fix { applicability: Applicability::Unsafe, .. } => counts.unsafe_ += 1,
                    Outcome::Fix { applicability: Applicability::Display, .. } => counts.display += 1,
                    Outcome::Kept { .. } => counts.kept += 1,
                    Outcome::Refused { reason, .. } => {
                        counts.refused += 1;
                        *reasons.entry(reason).or_insert(0) += 1;
                    }
                }
            }
        }
        counts.reasons = reasons.into_iter().map(|(reason, number)| (reason.to_owned(), number)).collect();
        counts.reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    }

    /// The table of `--stats`.
    pub fn write(&self, style: Style, out: &mut dyn Write) -> std::io::Result<()> {
        let row = |name: &str, number: usize| format!("{name:34}{number:>8}  {:>5.1} %", 100.0 * number as f64 / self.sites.max(1) as f64);
        writeln!(out, "{}", style.bold(format!("{:34}{:>8}", "call sites", self.sites)))?;
        writeln!(out, "{}", row("safe fix", self.safe))?;
        writeln!(out, "{}", row("unsafe fix (`--unsafe`)", self.unsafe_))?;
        writeln!(out, "{}", row("suggestion", self.display))?;
        writeln!(out, "{}", row("valid on the target as it stands", self.kept))?;
        writeln!(out, "{}", row("stays", self.refused))?;
        writeln!(out, "{}", row("fixes made, or to be made", self.applied))?;
        if !self.reasons.is_empty() {
            writeln!(out, "\n{}", style.bold("why sites stay"))?;
        }
        for (reason, number) in self.reasons.iter().take(20) {
            writeln!(out, "{number:>8}  {reason}")?;
        }
        let more = self.reasons.len().saturating_sub(20);
        if more > 0 { writeln!(out, "          … and {more} more reasons") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_written_back_in_its_encoding() {
        let bytes = b"# -*- coding: latin-1 -*-\r\ns = '\xe9'\r\n";
        let source = SourceFile::decode("a.py", bytes);
        assert_eq!(encode(&source, &source.text).unwrap(), bytes);
        assert!(encode(&source, "s = '→'").unwrap_err().contains("lacks"));
        let bom = SourceFile::decode("a.py", b"\xEF\xBB\xBFx = 1\n");
        assert_eq!(encode(&bom, &bom.text).unwrap(), b"\xEF\xBB\xBFx = 1\n");
    }
}
