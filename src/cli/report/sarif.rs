//! SARIF 2.1.0, the form of code scanning services, within the limits of GitHub's.

use std::collections::BTreeMap;
use std::io::{self, Write};

use purify_analysis::{Code, Severity, codes};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::sarif_limits::{GITHUB, Limits};
use super::{Context, Emitter, FileRecord, Location, NoteRecord, Record, Report};
use crate::fixes::Fix;

/// A log with one run.
pub struct Sarif;

impl Emitter for Sarif {
    fn emit(&self, report: &Report, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (text, cut) = fitting(report, context, &GITHUB);
        for message in &cut {
            // On standard error too, because hardly anybody reads notifications of a log.
            let _ = writeln!(io::stderr(), "warning: {message}");
        }
        out.write_all(text.as_bytes())?;
        writeln!(out)
    }
}

/// A result to be: file, finding, and the reason if it is silenced.
type Row<'a> = (&'a FileRecord, &'a Record, Option<&'a str>);

/// The log within `limits`, and what had to be left out for that.
fn fitting(report: &Report, context: &Context<'_>, limits: &Limits) -> (String, Vec<String>) {
    let mut rows: Vec<Row<'_>> = report.findings().map(|(file, finding)| (file, finding, None)).collect();
    rows.extend(
        report
            .files
            .iter()
            .flat_map(|file| file.suppressed.iter().map(move |suppressed| (file, &suppressed.finding, Some(suppressed.reason.as_str())))),
    );
    let mut most = limits.results;
    loop {
        let (kept, mut cut) = limits.most_severe(&rows, most);
        let results: Vec<Value> = kept
            .par_iter()
            .enumerate()
            .map(|(index, row)| {
                let fix = if index < limits.fixes { context.fixes.of(&row.0.path, row.1) } else { None };
                result(report, row, fix, limits)
            })
            .collect();
        cut.extend(limits.places(kept.iter().map(|(_, finding, _)| finding.notes.len())));
        let text = log(report, context, &kept, results, &cut);
        match limits.too_large(&text, kept.len()) {
            None => return (text, cut),
            // One result alone is let through: nothing smaller would say anything.
            Some(fewer) if fewer < kept.len() => most = fewer,
            Some(_) => return (text, cut),
        }
    }
}

fn log(report: &Report, context: &Context<'_>, rows: &[Row<'_>], mut results: Vec<Value>, cut: &[String]) -> String {
    let mut rules: BTreeMap<Code, usize> = rows.iter().map(|(_, finding, _)| (finding.code, 0)).collect();
    for (index, slot) in rules.values_mut().enumerate() {
        *slot = index;
    }
    for (result, (_, finding, _)) in results.iter_mut().zip(rows) {
        result["ruleIndex"] = json!(rules[&finding.code]);
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
            "invocations": [invocation(report, cut)],
            "results": results,
        }],
    });
    // The value has no keys but texts.
    serde_json::to_string_pretty(&log).unwrap_or_default()
}

fn invocation(report: &Report, cut: &[String]) -> Value {
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
    notifications.extend(cut.iter().map(|text| json!({ "level": "warning", "message": { "text": text } })));
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

fn result(report: &Report, &(file, finding, reason): &Row<'_>, fix: Option<Fix>, limits: &Limits) -> Value {
    let mut location = location(&file.path, finding.start, finding.end);
    if !finding.scope.is_empty() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": finding.scope }]);
    }
    let cell = finding.start.cell.map_or(String::new(), |cell| format!("cell {cell}, line {}: ", finding.start.line));
    let help = finding.help.as_ref().map_or(String::new(), |help| format!("\n{help}"));
    let mut result = json!({
        "ruleId": finding.code.to_string(),
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
        // The place of the result is a location as well.
        let notes = finding.notes.iter().take(limits.locations.saturating_sub(1)).enumerate();
        result["relatedLocations"] = notes.map(|(id, note)| related(report, file, id, note)).collect();
    }
    if finding.code == codes::ROUND_TRIP && !finding.notes.is_empty() {
        let steps = finding.notes.iter().take(limits.steps).enumerate();
        let steps: Vec<Value> = steps.map(|(id, note)| json!({ "location": related(report, file, id, note) })).collect();
        result["codeFlows"] = json!([{ "threadFlows": [{ "locations": steps }] }]);
    }
    if let Some(fix) = fix {
        let replacement = |(start, end, text): &(Location, Location, String)| {
            let mut replacement = json!({ "deletedRegion": region(*start, *end) });
            if !text.is_empty() {
                replacement["insertedContent"] = json!({ "text": text });
            }
            replacement
        };
        result["fixes"] = json!([{
            "description": { "text": fix.description },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(&file.path) },
                "replacements": fix.replacements.iter().map(replacement).collect::<Vec<_>>(),
            }],
        }]);
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
        physical["region"] = region(start, end);
    }
    json!({ "physicalLocation": physical })
}

fn region(start: Location, end: Location) -> Value {
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
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

    /// The log of `report` within `limits`, and what was said of it.
    fn within(report: &Report, limits: &Limits) -> (Value, Vec<String>) {
        let (rules, sources) = (purify_analysis::RuleSet::default(), super::super::Sources::default());
        let context = Context {
            rules: &rules,
            sources: &sources,
            style: crate::term::Style::plain(),
            width: 80,
            max_per_file: 0,
            excerpts: super::super::Excerpts::Never,
            confidence: purify_analysis::Confidence::Possible,
            quiet: true,
            fixes: &crate::fixes::Fixes::default(),
        };
        let (text, cut) = fitting(report, &context, limits);
        (serde_json::from_str(&text).unwrap(), cut)
    }

    fn results(log: &Value) -> &[Value] {
        log["runs"][0]["results"].as_array().unwrap()
    }

    /// `count` findings in one file, every hundredth of them an error.
    fn many(count: usize) -> Report {
        let mut report = super::super::tests::example().1;
        let finding = report.files[0].findings[1].clone();
        let one = |index: usize| {
            let severity = if index % 100 == 99 { Severity::Error } else { Severity::Warning };
            Record { severity, fingerprint: format!("{index:032x}"), ..finding.clone() }
        };
        report.files[0].findings = (0..count).map(one).collect();
        report
    }

    #[test]
    fn more_results_than_github_takes_are_left_out_from_the_least_severe_on() {
        let (log, cut) = within(&many(25_010), &GITHUB);
        assert_eq!(results(&log).len(), 25_000);
        assert_eq!(cut.len(), 1);
        // One error of the other file, and one that is silenced: it goes first.
        assert!(cut[0].starts_with("12 of 25,012 results were left out, none above severity `warning`: a run may have 25,000"), "{cut:?}");
        let errors = results(&log).iter().filter(|result| result["level"] == "error").count();
        assert_eq!(errors, 251);
        assert!(results(&log).iter().all(|result| result["suppressions"].is_null()));
        let said = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert_eq!(*said, *cut[0]);
    }

    #[test]
    fn a_file_that_is_too_large_when_packed_loses_results_until_it_fits() {
        let limits = Limits { bytes: 20_000, ..GITHUB };
        let report = many(3_000);
        let (log, cut) = within(&report, &limits);
        let packed = miniz_oxide::deflate::compress_to_vec(serde_json::to_string_pretty(&log).unwrap().as_bytes(), 1);
        assert!(packed.len() <= limits.bytes, "{}", packed.len());
        assert!((500..3_000).contains(&results(&log).len()), "{}", results(&log).len());
        assert!(cut[0].contains("when it is packed"), "{cut:?}");
    }

    #[test]
    fn places_beyond_the_limit_are_left_out_and_said() {
        let mut report = super::super::tests::example().1;
        let trip = &mut report.files[1].findings[0];
        trip.code = codes::ROUND_TRIP;
        trip.notes = vec![trip.notes[1].clone(); 1_200];
        let (log, cut) = within(&report, &Limits { steps: 700, ..GITHUB });
        let trip = &results(&log)[2];
        assert_eq!(trip["relatedLocations"].as_array().unwrap().len(), 999);
        assert_eq!(trip["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap().len(), 700);
        assert_eq!(cut, ["1 result with more than 700 places: the rest of them was left out"]);
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
