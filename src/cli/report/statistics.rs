//! The table that purification plans open with: how many files, with what, where.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use purify_analysis::Family;
use serde::Serialize;

use super::{FileRecord, Report, count, grouped};
use crate::paths;
use crate::term::Style;

/// Counts of one group of findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The family, library or code.
    pub name: String,
    /// Findings in the group.
    pub findings: usize,
    /// Files with at least one of them.
    pub files: usize,
}

/// Counts of one top-level directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Directory {
    /// Its path; `.` holds the files that lie directly in the scanned folder.
    pub path: String,
    /// Files analysed in it.
    pub files: usize,
    /// Files with findings.
    pub files_with_findings: usize,
    /// Files with findings of each family.
    pub families: BTreeMap<&'static str, usize>,
    /// Findings in it.
    pub findings: usize,
}

/// Counts of a whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// Version of this form; see [`super::json::VERSION`].
    pub version: u32,
    /// Files analysed.
    pub files: usize,
    /// Files with findings.
    pub files_with_findings: usize,
    /// Findings.
    pub findings: usize,
    /// Silenced findings.
    pub suppressed: usize,
    /// Operators of which neither operand is known.
    pub unknown_operators: usize,
    /// Per family, in the order of the codes.
    pub families: Vec<Row>,
    /// Per library, by the qualified names of imports and API uses; most findings first.
    pub libraries: Vec<Row>,
    /// Per code, in ascending order.
    pub codes: Vec<Row>,
    /// Per top-level directory, by path.
    pub directories: Vec<Directory>,
}

#[derive(Default)]
struct Tally<'a> {
    findings: usize,
    files: BTreeSet<&'a str>,
}

impl Tally<'_> {
    fn row(&self, name: impl Into<String>) -> Row {
        Row { name: name.into(), findings: self.findings, files: self.files.len() }
    }
}

impl Statistics {
    /// Counts `report`.
    pub fn new(report: &Report) -> Self {
        let mut families: BTreeMap<Family, Tally<'_>> = BTreeMap::new();
        let mut libraries: BTreeMap<&str, Tally<'_>> = BTreeMap::new();
        let mut codes: BTreeMap<_, Tally<'_>> = BTreeMap::new();
        for (file, finding) in report.findings() {
            let family = finding.code.family();
            add(families.entry(family).or_default(), file);
            add(codes.entry(finding.code).or_default(), file);
            if matches!(family, Family::Imports | Family::Api | Family::Types) {
                add(libraries.entry(finding.name.split('.').next().unwrap_or_default()).or_default(), file);
            }
        }
        let mut libraries: Vec<Row> = libraries.iter().map(|(name, tally)| tally.row(*name)).collect();
        libraries.sort_by(|a, b| b.findings.cmp(&a.findings).then_with(|| a.name.cmp(&b.name)));
        Self {
            version: super::json::VERSION,
            files: report.files.len(),
            files_with_findings: report.files.iter().filter(|file| !file.findings.is_empty()).count(),
            findings: report.files.iter().map(|file| file.findings.len()).sum(),
            suppressed: report.files.iter().map(|file| file.suppressed.len()).sum(),
            unknown_operators: report.files.iter().map(|file| file.unknown_operators).sum(),
            families: families.iter().map(|(family, tally)| tally.row(family.as_str())).collect(),
            libraries,
            codes: codes.iter().map(|(code, tally)| tally.row(format!("{code} {}", code.name()))).collect(),
            directories: directories(report),
        }
    }

    /// Writes the tables for people.
    pub fn write_text(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let percent = |part: usize, whole: usize| format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64);
        let head = |text: String| style.bold(text);
        writeln!(out, "{} analysed", count(self.files, "file"))?;
        let (with, share) = (grouped(self.files_with_findings), percent(self.files_with_findings, self.files));
        writeln!(out, "{with} of them ({share}) have {}", count(self.findings, "finding"))?;
        writeln!(out, "{} silenced by comments", count(self.suppressed, "finding"))?;
        writeln!(out, "{} with operands of unknown kind", count(self.unknown_operators, "operator"))?;
        for (title, rows) in [("family", &self.families), ("library", &self.libraries), ("code", &self.codes)] {
            if rows.is_empty() {
                continue;
            }
            let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max(12);
            writeln!(out, "\n{}", head(format!("{title:width$}  {:>9}  {:>7}  {:>10}", "findings", "files", "of files")))?;
            for row in rows {
                let share = percent(row.files, self.files);
                writeln!(out, "{:width$}  {:>9}  {:>7}  {share:>10}", row.name, grouped(row.findings), grouped(row.files))?;
            }
        }
        if !self.directories.is_empty() {
            self.write_directories(style, out)?;
        }
        Ok(())
    }

    fn write_directories(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let families: Vec<&str> = self.families.iter().map(|row| row.name.as_str()).collect();
        let width = self.directories.iter().map(|dir| dir.path.chars().count()).max().unwrap_or(0).max(12);
        let column = |name: &str| name.len().max(6);
        let mut title = format!("{:width$}  {:>7}  {:>9}", "directory", "files", "findings");
        for name in &families {
            title.push_str(&format!("  {name:>0$}", column(name)));
        }
        writeln!(out, "\n{}", style.bold(title))?;
        for dir in &self.directories {
            write!(out, "{:width$}  {:>7}  {:>9}", super::concise::one_line(&dir.path), grouped(dir.files), grouped(dir.findings))?;
            for name in &families {
                let files = dir.families.get(name).copied().unwrap_or(0);
                write!(out, "  {:>1$}", grouped(files), column(name))?;
            }
            writeln!(out)?;
        }
        writeln!(out, "{}", style.dim("(under each family: files that have it)"))
    }
}

fn add<'a>(tally: &mut Tally<'a>, file: &'a FileRecord) {
    tally.findings += 1;
    tally.files.insert(&file.path);
}

/// Counts per directory, one level below the deepest folder that holds all files.
fn directories(report: &Report) -> Vec<Directory> {
    let parents: Vec<&Path> = report.files.iter().map(|file| Path::new(&file.path).parent().unwrap_or(Path::new(""))).collect();
    let Some(top) = paths::common_ancestor(parents.iter().copied()) else { return Vec::new() };
    let mut result: BTreeMap<String, Directory> = BTreeMap::new();
    for (file, parent) in report.files.iter().zip(&parents) {
        let below = parent.strip_prefix(&top).ok().and_then(|rest| rest.components().next());
        let path = match below {
            Some(part) => paths::slashes(&top.join(part)),
            None if top.as_os_str().is_empty() => ".".to_owned(),
            None => paths::slashes(&top),
        };
        let directory = result.entry(path.clone()).or_insert_with(|| Directory {
            path,
            files: 0,
            files_with_findings: 0,
            families: BTreeMap::new(),
            findings: 0,
        });
        directory.files += 1;
        directory.files_with_findings += usize::from(!file.findings.is_empty());
        directory.findings += file.findings.len();
        for family in file.findings.iter().map(|finding| finding.code.family()).collect::<BTreeSet<_>>() {
            *directory.families.entry(family.as_str()).or_insert(0) += 1;
        }
    }
    result.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::example;
    use super::*;

    #[test]
    fn files_count_once_per_family() {
        let statistics = Statistics::new(&example().1);
        assert_eq!((statistics.files, statistics.files_with_findings, statistics.findings), (2, 2, 3));
        assert_eq!(statistics.libraries, [Row { name: "numpy".into(), findings: 2, files: 1 }]);
        assert_eq!(statistics.directories.len(), 1);
        assert_eq!(statistics.directories[0].path, "pkg");
        assert_eq!(statistics.directories[0].families["operators"], 1);
    }

    #[test]
    fn the_tables_line_up() {
        let mut out = Vec::new();
        Statistics::new(&example().1).write_text(Style::plain(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("2 files analysed\n2 of them (100.0 %) have 3 findings\n"), "{text}");
        assert!(text.contains("imports               1        1      50.0 %"), "{text}");
    }
}
