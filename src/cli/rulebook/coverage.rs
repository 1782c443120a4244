//! `purify rules coverage`: the call sites of a code base by what the rules make of them.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use purify_analysis::rewrite::{NO_RULE, Outcome, Site};
use purify_analysis::rules::op::Applicability;
use serde::Serialize;

use crate::Status;
use crate::args::{RulesCoverageArgs, RulesFormat};
use crate::failure::Failure;
use crate::output::Output;
use crate::scan;
use crate::term::{Color, Style};

/// APIs that the table shows without `--all`.
const SHOWN: usize = 30;

/// Counts of call sites.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Counts {
    sites: usize,
    safe: usize,
    #[serde(rename = "unsafe")]
    unsafe_: usize,
    suggested: usize,
    kept: usize,
    refused: usize,
    unknown: usize,
}

impl Counts {
    fn add(&mut self, site: &Site) {
        self.sites += 1;
        match &site.outcome {
            Outcome::Fix { applicability: Applicability::Safe, .. } => self.safe += 1,
            Outcome::Fix { applicability: Applicability::Unsafe, .. } => self.unsafe_ += 1,
            Outcome::Fix { applicability: Applicability::Display, .. } => self.suggested += 1,
            Outcome::Kept { .. } => self.kept += 1,
            Outcome::Refused { rule: None, reason } if reason.starts_with(NO_RULE) => self.unknown += 1,
            Outcome::Refused { .. } => self.refused += 1,
        }
    }
}

#[derive(Debug, Default, Serialize)]
struct Coverage {
    total: Counts,
    apis: BTreeMap<String, Counts>,
    /// Why sites are refused, with how many.
    refused: BTreeMap<String, usize>,
    /// APIs without a rule, with how many sites.
    unknown: BTreeMap<String, usize>,
}

/// Runs the command.
pub fn run(args: &RulesCoverageArgs, cwd: &Path, color: Color) -> Result<Status, Failure> {
    scan::set_up_threads(args.input.threads);
    let projects = scan::projects(&args.input, cwd)?;
    let mut troubles = projects.troubles;
    let mut coverage = Coverage::default();
    for project in &projects.list {
        let mut read = scan::analyze_for_rewrite(project, &args.input, cwd)?;
        troubles.append(&mut read.troubles);
        for site in read.analysis.files.iter().flat_map(|file| &file.sites) {
            coverage.total.add(site);
            coverage.apis.entry(site.name.to_string()).or_default().add(site);
            if let Outcome::Refused { reason, rule } = &site.outcome {
                let unknown = rule.is_none() && reason.starts_with(NO_RULE);
                let (list, key) = if unknown { (&mut coverage.unknown, &*site.name) } else { (&mut coverage.refused, reason.as_str()) };
                *list.entry(key.to_owned()).or_insert(0) += 1;
            }
        }
    }
    scan::tell_troubles(&troubles);
    let output = Output::new(None, color);
    output.with(|out| match args.output_format {
        RulesFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &coverage)?;
            writeln!(out)
        }
        RulesFormat::Text => coverage.write(args.all, output.style(), out),
    })?;
    Ok(if troubles.is_empty() { Status::Clean } else { Status::Error })
}

impl Coverage {
    fn write(&self, all: bool, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let head = ["sites", "safe", "unsafe", "suggested", "kept", "refused", "unknown"];
        let line = |name: &str, numbers: [String; 7]| {
            format!("{name:44}{}", numbers.iter().map(|n| format!("{n:>11}")).collect::<String>()).trim_end().to_owned()
        };
        let cells = |c: &Counts| [c.sites, c.safe, c.unsafe_, c.suggested, c.kept, c.refused, c.unknown].map(|n| n.to_string());
        writeln!(out, "{}", style.bold(line("api", head.map(str::to_owned))))?;
        let mut apis: Vec<_> = self.apis.iter().collect();
        apis.sort_by(|a, b| b.1.sites.cmp(&a.1.sites).then_with(|| a.0.cmp(b.0)));
        let shown = if all { apis.len() } else { SHOWN };
        for (name, counts) in apis.iter().take(shown) {
            writeln!(out, "{}", line(name, cells(counts)))?;
        }
        let rest = apis.len().saturating_sub(shown);
        if rest > 0 {
            writeln!(out, "… and {rest} more; `--all` shows them")?;
        }
        writeln!(out, "{}", style.bold(line("all", cells(&self.total))))?;
        let most = |list: &BTreeMap<String, usize>| {
            let mut rows: Vec<_> = list.iter().map(|(text, number)| (*number, text.clone())).collect();
            rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            rows.truncate(shown);
            rows
        };
        for (title, list) in [("refused, by reason", &self.refused), ("without a rule", &self.unknown)] {
            if !list.is_empty() {
                writeln!(out, "\n{}", style.bold(title))?;
            }
            for (number, text) in most(list) {
                writeln!(out, "{number:>8}  {text}")?;
            }
        }
        Ok(())
    }
}
