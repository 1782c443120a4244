//! The data of the page. Findings are columns of numbers into tables of distinct texts, so that 100,000 of them stay small.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use purify_analysis::plan::model::{Item, Plan};
use purify_analysis::rewrite::{self, Outcome};
use purify_analysis::rules::op::Applicability;
use purify_analysis::{Family, RuleSet, SourceFile, codes};
use serde::Serialize;

use super::past::Moment;
use crate::report::{NoteRecord, Report};

/// A site of the rewrite with the file it stands in.
pub struct Site {
    /// Index into the files of the report.
    pub file: usize,
    /// The site.
    pub site: rewrite::Site,
}

/// Everything that the page shows.
#[derive(Default, Serialize)]
pub struct Page {
    /// What the page is about.
    pub title: String,
    /// The day it was made.
    pub date: String,
    /// The version of purify.
    pub version: &'static str,
    families: Vec<&'static str>,
    codes: Vec<CodeRow>,
    files: Vec<String>,
    names: Vec<String>,
    messages: Vec<String>,
    scopes: Vec<String>,
    findings: Columns,
    /// Text of the lines around findings: file → line → text.
    lines: BTreeMap<usize, BTreeMap<usize, String>>,
    /// Findings that comments silence.
    suppressed: usize,
    rewrite: Rewrite,
    history: Vec<MomentRow>,
    /// In which order files move.
    pub order: Order,
}

/// The phases of the plans, and what the target lacks.
#[derive(Default, Serialize)]
pub struct Order {
    phases: Vec<PhaseRow>,
    /// Name, uses, files that wait for it; most files first.
    missing: Vec<(String, usize, usize)>,
}

#[derive(Serialize)]
struct PhaseRow {
    title: String,
    hours: f64,
    /// Path, step, status, why it is in this phase.
    files: Vec<(String, usize, &'static str, String)>,
}

impl Order {
    /// Adds the plan of a project; `shown` gives the path that people see.
    pub fn add(&mut self, plan: &Plan, shown: impl Fn(&str) -> String) {
        for phase in &plan.phases {
            let item = |path: &String| plan.items.iter().find(|item| item.path == *path);
            let row = |item: &Item| (shown(&item.path), item.step, item.status.as_str(), item.reason.clone());
            self.phases.push(PhaseRow {
                title: format!("Phase {}: {}", phase.number, phase.name),
                hours: phase.effort.likely,
                files: phase.items.iter().filter_map(item).map(row).collect(),
            });
        }
        self.missing.extend(plan.missing.iter().map(|one| (one.name.name().to_owned(), one.uses, one.blocks)));
    }
}

#[derive(Serialize)]
struct CodeRow {
    code: String,
    name: &'static str,
    family: usize,
    summary: String,
}

#[derive(Default, Serialize)]
struct Columns {
    file: Vec<usize>,
    line: Vec<usize>,
    column: Vec<usize>,
    /// Characters from the column to the end of the span, or of the line.
    length: Vec<usize>,
    cell: BTreeMap<usize, usize>,
    code: Vec<usize>,
    confidence: Vec<u8>,
    name: Vec<usize>,
    message: Vec<usize>,
    help: Vec<usize>,
    scope: Vec<usize>,
    /// Evidence of a finding: (file, line, text).
    notes: BTreeMap<usize, Vec<(usize, usize, usize)>>,
}

#[derive(Default, Serialize)]
struct Rewrite {
    sites: usize,
    safe: usize,
    #[serde(rename = "unsafe")]
    unsafe_: usize,
    kept: usize,
    refused: usize,
    /// Why sites stay: reason, sites, files; most files first.
    reasons: Vec<(String, usize, usize)>,
}

#[derive(Serialize)]
struct MomentRow {
    commit: String,
    date: String,
    counts: Vec<usize>,
}

/// Distinct texts in the order of their first use.
#[derive(Default)]
struct Table {
    known: HashMap<String, usize>,
    list: Vec<String>,
}

impl Table {
    fn index(&mut self, text: &str) -> usize {
        if let Some(index) = self.known.get(text) {
            return *index;
        }
        self.list.push(text.to_owned());
        self.known.insert(text.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }
}

impl Page {
    /// Gathers the data of a run.
    pub fn new(
        title: &str,
        date: &str,
        report: &Report,
        sources: &[SourceFile],
        sites: &[Site],
        history: &[Moment],
        explanations: &RuleSet,
    ) -> Self {
        let (mut names, mut messages, mut scopes) = (Table::default(), Table::default(), Table::default());
        let mut columns = Columns::default();
        let mut wanted: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        messages.index("");
        for (file, record) in report.files.iter().enumerate() {
            for one in &record.findings {
                let number = columns.file.len();
                columns.file.push(file);
                columns.line.push(one.start.line);
                columns.column.push(one.start.column);
                let same_line = one.end.line == one.start.line;
                columns.length.push(if same_line { one.end.column.saturating_sub(one.start.column) } else { 0 });
                if let Some(cell) = one.start.cell {
                    columns.cell.insert(number, cell);
                }
                columns.code.push(codes::ALL.iter().position(|code| *code == one.code).unwrap_or(0));
                columns.confidence.push(one.confidence as u8);
                columns.name.push(names.index(&one.name));
                columns.message.push(messages.index(&one.message));
                columns.help.push(messages.index(one.help.as_deref().unwrap_or_default()));
                columns.scope.push(scopes.index(&one.scope));
                if !one.notes.is_empty() {
                    let note =
                        |note: &NoteRecord| (note.file.map_or(file, |file| file as usize), note.start.line, messages.index(&note.text));
                    columns.notes.insert(number, one.notes.iter().map(note).collect());
                }
                // Lines of a notebook are counted within its cells, and are not looked up.
                if one.start.cell.is_none() {
                    wanted.entry(file).or_default().extend(one.start.line.saturating_sub(1)..=one.start.line + 1);
                }
            }
        }
        Self {
            title: title.to_owned(),
            date: date.to_owned(),
            version: env!("CARGO_PKG_VERSION"),
            families: Family::ALL.iter().map(|family| family.as_str()).collect(),
            codes: code_rows(explanations),
            files: report.files.iter().map(|file| file.path.clone()).collect(),
            names: names.list,
            messages: messages.list,
            scopes: scopes.list,
            findings: columns,
            lines: lines(sources, &wanted),
            suppressed: report.files.iter().map(|file| file.suppressed.len()).sum(),
            rewrite: Rewrite::of(sites),
            history: history.iter().map(moment).collect(),
            order: Order::default(),
        }
    }
}

fn code_rows(explanations: &RuleSet) -> Vec<CodeRow> {
    let summary = |code: codes::Code| {
        explanations.explanations.iter().find(|one| one.code == code.to_string()).map_or_else(String::new, |one| one.summary.clone())
    };
    let family = |code: codes::Code| Family::ALL.iter().position(|family| *family == code.family()).unwrap_or(0);
    codes::ALL
        .iter()
        .map(|code| CodeRow { code: code.to_string(), name: code.name(), family: family(*code), summary: summary(*code) })
        .collect()
}

/// The wanted lines, each cut where nobody reads on.
fn lines(sources: &[SourceFile], wanted: &BTreeMap<usize, BTreeSet<usize>>) -> BTreeMap<usize, BTreeMap<usize, String>> {
    const LONGEST: usize = 400;
    let of = |(file, numbers): (&usize, &BTreeSet<usize>)| {
        let text = sources.get(*file)?;
        let found = text.text.lines().enumerate().filter(|(index, _)| numbers.contains(&(index + 1)));
        Some((*file, found.map(|(index, line)| (index + 1, line.chars().take(LONGEST).collect())).collect()))
    };
    wanted.iter().filter_map(of).collect()
}

fn moment(moment: &Moment) -> MomentRow {
    let count = |family: &Family| moment.families.get(family.as_str()).copied().unwrap_or(0);
    MomentRow { commit: moment.commit.clone(), date: moment.date.clone(), counts: Family::ALL.iter().map(count).collect() }
}

impl Rewrite {
    fn of(sites: &[Site]) -> Self {
        let mut result = Self { sites: sites.len(), ..Self::default() };
        let mut reasons: BTreeMap<&str, (usize, BTreeSet<usize>)> = BTreeMap::new();
        for one in sites {
            match &one.site.outcome {
                Outcome::Fix { applicability: Applicability::Safe, .. } => {
                    result.safe += 1;
                }
                Outcome::Fix { .. } => {
                    result.unsafe_ += 1;
                }
                Outcome::Kept { .. } => result.kept += 1,
                Outcome::Refused { reason, .. } => {
                    result.refused += 1;
                    let entry = reasons.entry(reason).or_default();
                    entry.0 += 1;
                    entry.1.insert(one.file);
                }
            }
        }
        result.reasons = reasons.into_iter().map(|(reason, (sites, files))| (reason.to_owned(), sites, files.len())).collect();
        result.reasons.sort_by(|a, b| (b.2, b.1, &a.0).cmp(&(a.2, a.1, &b.0)));
        result
    }
}
