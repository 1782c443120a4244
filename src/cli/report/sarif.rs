//! SARIF 2.1.0, the form of code scanning services, within the limits of GitHub's.

use std::collections::BTreeMap;
use std::io::{self, Write};

use purify_analysis::{Code, Severity};
use serde_json::{Map, Value, json};

use super::{Context, Emitter, FileRecord, Location, NoteRecord, Record, Report};

/// GitHub takes at most this many results of one run; the most severe ones are kept.
const MAX_RESULTS: usize = 25_000;
/// GitHub takes at most this many locations of one result.
const MAX_LOCATIONS: usize = 1_000;

/// A log with one run.
pub struct Sarif;

impl Emitter for Sarif {
    fn emit(&self, report: &Report, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut results: Vec<(&FileRecord, &Record, Option<&str>)> =
            report.findings().map(|(file, finding)| (file, finding, None)).collect();
        results.extend(
            report.files.iter().flat_map(|file| {
                file.suppressed.iter().map(move |suppressed| (file, &suppressed.finding, Some(suppressed.reason.as_str())))
            }),
        );
        let dropped = results.len().saturating_sub(MAX_RESULTS);
        if dropped > 0 {
            // A stable sort: within one severity the order of files stays.
            results.sort_by_key(|(_, finding, reason)| (reason.is_some(), std::cmp::Reverse(finding.severity)));
            results.truncate(MAX_RESULTS);
        }
        let mut rules: BTreeMap<Code, usize> = results.iter().map(|(_, finding, _)| (finding.code, 0)).collect();
        for (index, slot) in rules.values_mut().enumerate() {
            *slot = index;
        }
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "purify",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules.keys().map(|code| rule(*code, context)).collect::<Vec<_>>(),
                } },
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation(report, dropped)],
                "results": results
                    .iter()
                    .map(|(file, finding, reason)| result(report, file, finding, *reason, rules[&finding.code]))
                    .collect::<Vec<_>>(),
            }],
        });
        serde_json::to_writer_pretty(&mut *out, &log)?;
        writeln!(out)
    }
}

fn invocation(report: &Report, dropped: usize) -> Value {
    let mut notifications: Vec<Value> = report
        .troubles
        .iter()
        .map(|trouble| {
            json!({
                "level": "error",
                "message": { "text": trouble.message },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&trouble.path) } } }],
            })
        })
        .collect();
    if dropped > 0 {
        let text = format!("{dropped} results of the least severity were left out; a log may hold {MAX_RESULTS}");
        notifications.push(json!({ "level": "warning", "message": { "text": text } }));
    }
    json!({ "executionSuccessful": report.troubles.is_empty(), "toolExecutionNotifications": notifications })
}

fn rule(code: Code, context: &Context<'_>) -> Value {
    let mut rule = json!({
        "id": code.to_string(),
        "name": pascal_case(code.name()),
        "defaultConfiguration": { "level": level(code.default_severity()) },
        "properties": { "tags": [code.family().as_str()] },
    });
    if let Some(explanation) = context.rules.explanations.iter().find(|explanation| explanation.code == code.to_string()) {
        let markdown = crate::explain::markdown_body(explanation);
        rule["shortDescription"] = json!({ "text": explanation.summary });
        rule["fullDescription"] = json!({ "text": explanation.explanation });
        rule["help"] = json!({ "text": markdown, "markdown": markdown });
    }
    rule
}

fn result(report: &Report, file: &FileRecord, finding: &Record, reason: Option<&str>, index: usize) -> Value {
    let mut location = location(&file.path, finding.start, finding.end);
    if !finding.scope.is_empty() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": finding.scope }]);
    }
    let cell = finding.start.cell.map_or(String::new(), |cell| format!("cell {cell}, line {}: ", finding.start.line));
    let help = finding.help.as_ref().map_or(String::new(), |help| format!("\n{help}"));
    let mut result = json!({
        "ruleId": finding.code.to_string(),
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": format!("{cell}{}{help}", finding.message) },
        "locations": [location],
        "partialFingerprints": {
            "purify/v1": finding.fingerprint,
            // The name that GitHub matches alerts by; it makes one from the line where a log has none.
            "primaryLocationLineHash": format!("{}:1", &finding.fingerprint[..16.min(finding.fingerprint.len())]),
        },
        "properties": { "confidence": finding.confidence.as_str(), "name": finding.name },
    });
    if !finding.notes.is_empty() {
        let notes = finding.notes.iter().take(MAX_LOCATIONS).enumerate();
        result["relatedLocations"] = notes.map(|(id, note)| related(report, file, id, note)).collect();
    }
    if let Some(reason) = reason {
        let mut suppression = Map::from_iter([("kind".to_owned(), json!("inSource")), ("status".to_owned(), json!("accepted"))]);
        if !reason.is_empty() {
            suppression.insert("justification".to_owned(), json!(reason));
        }
        result["suppressions"] = json!([suppression]);
    }
    result
}

fn related(report: &Report, file: &FileRecord, id: usize, note: &NoteRecord) -> Value {
    let mut location = location(report.note_path(file, note), note.start, note.end);
    location["id"] = json!(id + 1);
    location["message"] = json!({ "text": note.text });
    location
}

fn location(path: &str, start: Location, end: Location) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(path) } });
    // The lines of a notebook's file are JSON; a region counted within a cell would point at the wrong ones.
    if start.cell.is_none() {
        physical["region"] = json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column });
    }
    json!({ "physicalLocation": physical })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn pascal_case(name: &str) -> String {
    name.split('-').map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

/// `path` as a relative reference of RFC 3986; absolute paths become `file:` URIs.
fn uri(path: &str) -> String {
    let mut result = String::with_capacity(path.len());
    if path.starts_with('/') {
        result.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => result.push(char::from(byte)),
            other => result.push_str(&format!("%{other:02X}")),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::super::{Format, tests::emitted};
    use super::*;

    fn log() -> Value {
        serde_json::from_str(&emitted(Format::Sarif)).unwrap()
    }

    #[test]
    fn results_refer_to_rules_and_carry_fingerprints() {
        let log = log();
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 4);
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
            assert_eq!(result["partialFingerprints"]["purify/v1"].as_str().unwrap().len(), 32);
            let region = &result["locations"][0]["physicalLocation"]["region"];
            assert!(region["startColumn"].as_u64().unwrap() >= 1);
        }
        assert_eq!(results[3]["suppressions"][0]["justification"], "plotting only");
        assert_eq!(results[2]["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"], "pkg/a.py");
    }

    #[test]
    fn paths_are_percent_encoded() {
        assert_eq!(uri("a b/ä%.py"), "a%20b/%C3%A4%25.py");
        assert_eq!(uri("/x/y.py"), "file:///x/y.py");
    }

    #[test]
    fn rule_names_are_pascal_case() {
        assert_eq!(pascal_case("round-trip"), "RoundTrip");
    }
}
