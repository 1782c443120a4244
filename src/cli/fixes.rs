//! The rewrite of one finding as an edit of its file: what reports for programs propose, and what editors offer.

use std::collections::HashMap;
use std::ops::Range;

use purify_analysis::rewrite::{Outcome, Site, Spelling};
use purify_analysis::rules::op::Applicability;
use purify_analysis::{FileReport, SourceFile, SourceKind, TextRange, TextSize, codes};
use similar::{DiffOp, TextDiff};

use crate::report::{Location, Record};

/// What a project's findings can be rewritten with. Worked out for those that are asked for: most of a scan never are.
#[derive(Debug, Default)]
pub struct Fixes {
    /// By the path people see: the file with the sites that may be rewritten, and the index of its spelling.
    files: HashMap<String, (FileReport, usize)>,
    spellings: Vec<Spelling>,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, and what may differ.
    pub description: String,
    /// What is replaced, from a place up to another, by what.
    pub replacements: Vec<(Location, Location, String)>,
}

impl Fixes {
    /// Takes the files of a project in; `paths` are those that people see.
    pub fn add(&mut self, files: impl Iterator<Item = (String, FileReport)>, spelling: Spelling) {
        let index = self.spellings.len();
        self.spellings.push(spelling);
        // The cells of a notebook are not the lines of its file.
        let python = files.filter(|(_, report)| report.source.kind != SourceKind::Notebook);
        self.files.extend(python.map(|(path, report)| (path, (report, index))));
    }

    /// The rewrite that `finding` in the file at `path` can be answered with.
    pub fn of(&self, path: &str, finding: &Record) -> Option<Fix> {
        let (report, spelling) = self.files.get(path)?;
        let range = TextRange::new(TextSize::new(finding.bytes.0), TextSize::new(finding.bytes.1));
        let (part, most, description) = match report.sites.iter().find(|site| site.is_of(&finding.name, range)) {
            Some(site) => of_site(report, site, finding)?,
            None => of_import(report, range, finding)?,
        };
        let rewrite = part.rewrite(most, &self.spellings[*spelling]);
        rewrite.changed.then(|| Fix { description, replacements: located(&report.source, &rewrite.text) })
    }
}

/// What the rewrite of a site is called, and what may differ; `None` if there is none to offer.
pub fn title(site: &Site) -> Option<(Applicability, String)> {
    let Outcome::Fix { applicability, why, .. } = &site.outcome else { return None };
    let note = match applicability {
        Applicability::Safe => String::new(),
        Applicability::Unsafe if why.is_empty() => " (a value may change)".to_owned(),
        Applicability::Unsafe => format!(" (a value may change: {why})"),
        Applicability::Display => return None,
    };
    Some((*applicability, format!("rewrite `{}`{note}", site.name)))
}

fn of_site(report: &FileReport, site: &Site, finding: &Record) -> Option<(FileReport, Applicability, String)> {
    let (applicability, description) = title(site)?;
    // Both ends of a round trip go together.
    let whole = finding.code == codes::ROUND_TRIP;
    let belongs = |other: &&Site| **other == *site || (whole && site.range.contains_range(other.range));
    let mut part = part(report, report.sites.iter().filter(belongs).cloned().collect());
    // Another import that nothing uses is not the matter of this one.
    let text = report.source.text.get(site.range.start().to_usize()..site.range.end().to_usize()).unwrap_or_default();
    let named = |bound: &str| text.match_indices(bound).any(|(at, _)| !text[..at].ends_with(['.', '_']));
    part.imports.iter_mut().filter(|import| !named(&import.bound)).for_each(|import| (import.offered, import.starred) = (true, false));
    Some((part, applicability, description))
}

/// An import that nothing uses goes.
fn of_import(report: &FileReport, range: TextRange, finding: &Record) -> Option<(FileReport, Applicability, String)> {
    if !matches!(finding.code, codes::UNUSED_IMPORT | codes::IMPORT) {
        return None;
    }
    let mut part = part(report, Vec::new());
    part.imports.retain(|import| import.range.intersect(range).is_some());
    Some((part, Applicability::Safe, format!("remove the import of `{}`", finding.name)))
}

/// The file with nothing to rewrite but `sites`.
fn part(report: &FileReport, sites: Vec<Site>) -> FileReport {
    FileReport {
        source: report.source.clone(),
        findings: Vec::new(),
        suppressed: Vec::new(),
        unknown_operators: 0,
        functions: report.functions.clone(),
        imports: report.imports.clone(),
        named: Vec::new(),
        sites,
    }
}

/// The places in `source` that differ in `after`.
fn located(source: &SourceFile, after: &str) -> Vec<(Location, Location, String)> {
    let lines = source.line_index();
    let at = |offset: usize| {
        let position = source.position(&lines, TextSize::try_from(offset).unwrap_or_default());
        Location { line: position.line, column: position.column, cell: position.cell }
    };
    let edits = line_edits(&source.text, after);
    edits
        .into_iter()
        .map(|(range, text)| narrowed(&source.text, range, text))
        .map(|(range, text)| (at(range.start), at(range.end), text))
        .collect()
}

/// The edit without what stays at its beginning and its end.
fn narrowed(before: &str, range: Range<usize>, text: String) -> (Range<usize>, String) {
    let old = &before[range.clone()];
    let same = |(a, b): &(char, char)| a == b;
    let head: usize = old.chars().zip(text.chars()).take_while(same).map(|(letter, _)| letter.len_utf8()).sum();
    let (old, new) = (&old[head..], &text[head..]);
    let tail: usize = old.chars().rev().zip(new.chars().rev()).take_while(same).map(|(letter, _)| letter.len_utf8()).sum();
    (range.start + head..range.end - tail, new[..new.len() - tail].to_owned())
}

/// The lines that differ, as byte ranges of `before` with their new text.
pub fn line_edits(before: &str, after: &str) -> Vec<(Range<usize>, String)> {
    let diff = TextDiff::from_lines(before, after);
    let starts = |lines: &[&str]| lines.iter().scan(0, |at, line| Some(std::mem::replace(at, *at + line.len()))).collect::<Vec<usize>>();
    let (old, new) = (starts(diff.old_slices()), starts(diff.new_slices()));
    let at = |starts: &[usize], index: usize, text: &str| starts.get(index).copied().unwrap_or(text.len());
    let changed = diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changed
        .map(|op| {
            let (from, to) = (op.old_range(), op.new_range());
            let new_text = after[at(&new, to.start, after)..at(&new, to.end, after)].to_owned();
            (at(&old, from.start, before)..at(&old, from.end, before), new_text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_of_lines_make_the_new_text() {
        let cases = [("a\nb\nc\n", "a\nx\nc\n"), ("a\n", ""), ("", "a"), ("a\r\nb", "a\r\nb\r\nc"), ("x\ny\n", "0\nx\ny\n1\n")];
        for (before, after) in cases {
            let mut text = before.to_owned();
            for (range, new) in line_edits(before, after).into_iter().rev() {
                text.replace_range(range, &new);
            }
            assert_eq!(text, after);
        }
    }

    #[test]
    fn an_edit_keeps_to_what_differs() {
        assert_eq!(narrowed("y = np.mean(ä)\n", 0..16, "y = ops.mean(ä)\n".to_owned()), (4..6, "ops".to_owned()));
        assert_eq!(narrowed("aa", 0..2, "aaa".to_owned()), (2..2, "a".to_owned()));
        assert_eq!(narrowed("aaa", 0..3, "a".to_owned()), (1..3, String::new()));
    }
}
