//! What is known at a place: the finding with its evidence, what becomes of the call, what the code stands for.

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};
use purify_analysis::rewrite::{Outcome, Site};
use purify_analysis::{Finding, RuleSet};

use super::documents::Known;
use super::positions::{Encoding, Text};
use super::worker::Analysed;

/// The hover at `position`: what the narrowest findings there have to say.
pub fn hover(known: &Known, position: Position, encoding: Encoding) -> Option<Hover> {
    let analysed = known.analysed.as_ref()?;
    let report = analysed.report();
    let text = Text::new(&report.source.text, encoding);
    let offset = text.offset(position);
    let here = || report.findings.iter().filter(|finding| finding.range.contains_inclusive(offset));
    let range = here().map(|finding| finding.range).min_by_key(|range| range.len())?;
    let parts: Vec<String> = here().filter(|finding| finding.range == range).map(|finding| describe(analysed, finding)).collect();
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: parts.join("\n\n---\n\n") }),
        range: Some(text.range(range)),
    })
}

fn describe(analysed: &Analysed, finding: &Finding) -> String {
    let rules = &analysed.project.rules;
    let mut parts = vec![format!("**{}** ({}, {})  \n{}", finding.code, finding.code.name(), finding.confidence.as_str(), finding.message)];
    let notes: Vec<String> = finding.notes.iter().map(|note| format!("- {}{}", note.text, place(analysed, note))).collect();
    parts.extend((!notes.is_empty()).then(|| notes.join("\n")));
    let site = analysed.report().sites.iter().find(|site| site.is_about(finding));
    match site {
        Some(site) => parts.push(fate(rules, site)),
        None => parts.extend(finding.help.clone()),
    }
    let explanation = rules.explanations.iter().find(|explanation| explanation.code == finding.code.to_string());
    parts.extend(explanation.map(|one| format!("*{}*", one.summary.trim_end_matches('.'))));
    parts.join("\n\n")
}

/// Where a step of the evidence stands, if in another file.
fn place(analysed: &Analysed, note: &purify_analysis::Note) -> String {
    let file = note.file.map_or(analysed.file, |file| file as usize);
    let Some(report) = analysed.project.analysis.files.get(file) else { return String::new() };
    let line = report.source.position(&report.source.line_index(), note.range.start()).line;
    match file == analysed.file {
        true => format!(" (line {line})"),
        false => format!(" (`{}`, line {line})", report.source.path),
    }
}

/// What the rules make of a site: the op with its signature, what the rule says of itself, or why the site stays.
fn fate(rules: &RuleSet, site: &Site) -> String {
    let rule = |id: &str| rules.rules.rules.iter().find(|rule| *rule.id == *id);
    let documented = |id: &str| {
        let Some(rule) = rule(id) else { return String::new() };
        let op = rule.op.as_ref().and_then(|name| rules.rules.ops.get(&**name));
        let op = op.map(|op| match op.signature_text.is_empty() {
            true => format!("`{}.{}`: {}", rules.target.alias, op.name, op.summary),
            false => format!("`{}.{}{}`: {}", rules.target.alias, op.name, op.signature_text, op.summary),
        });
        let parts: Vec<String> = op.into_iter().chain((!rule.docs.is_empty()).then(|| rule.docs.to_string())).collect();
        parts.join("\n\n")
    };
    match &site.outcome {
        Outcome::Fix { rule, why, .. } if why.is_empty() => documented(rule),
        Outcome::Fix { rule, why, .. } => format!("{}\n\nWhat may differ: {why}", documented(rule)),
        Outcome::Kept { .. } => "Valid on the target as it stands.".to_owned(),
        Outcome::Refused { reason, .. } => format!("Stays: {reason}"),
    }
}
