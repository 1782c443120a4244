//! JSON for programs: one document, or one object per line. The form is versioned and described by
//! `docs/schemas/scan.schema.json`.

use std::io::{self, Write};

use serde::Serialize;

use super::{Context, Emitter, FileRecord, Location, NoteRecord, Record, Report, Statistics, Trouble};

/// Raised whenever a field changes its meaning or goes away; new fields do not raise it.
pub const VERSION: u32 = 1;

/// Lines are written in pieces of about this many bytes.
const CHUNK: usize = 1 << 16;

/// One document.
pub struct Json;

/// One object per finding and line.
pub struct JsonLines;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    summary: Summary,
    findings: Vec<Item<'a>>,
    suppressed: Vec<Item<'a>>,
    errors: &'a [Trouble],
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    files_with_findings: usize,
    findings: usize,
    suppressed: usize,
    unknown_operators: usize,
}

#[derive(Serialize)]
struct Item<'a> {
    path: &'a str,
    code: purify_analysis::Code,
    code_name: &'static str,
    family: &'static str,
    severity: &'static str,
    confidence: &'static str,
    name: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    scope: &'a str,
    cell: Option<usize>,
    start: Point,
    end: Point,
    bytes: [u32; 2],
    notes: Vec<NoteItem<'a>>,
    fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct NoteItem<'a> {
    path: &'a str,
    cell: Option<usize>,
    start: Point,
    end: Point,
    bytes: [u32; 2],
    text: &'a str,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
}

impl From<Location> for Point {
    fn from(location: Location) -> Self {
        Self { line: location.line, column: location.column }
    }
}

impl Emitter for Json {
    fn emit(&self, report: &Report, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        let statistics = Statistics::new(report);
        let silenced = |file| suppressed_items(report, file);
        let document = Document {
            version: VERSION,
            tool: Tool { name: "purify", version: env!("CARGO_PKG_VERSION") },
            summary: Summary {
                files: statistics.files,
                files_with_findings: statistics.files_with_findings,
                findings: statistics.findings,
                suppressed: statistics.suppressed,
                unknown_operators: statistics.unknown_operators,
            },
            findings: report.findings().map(|(file, finding)| item(report, file, finding, None)).collect(),
            suppressed: report.files.iter().flat_map(silenced).collect(),
            errors: &report.troubles,
        };
        let mut text = serde_json::to_vec_pretty(&document)?;
        text.push(b'\n');
        out.write_all(&text)
    }
}

impl Emitter for JsonLines {
    fn emit(&self, report: &Report, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        // A buffer of a known type: the many small writes of one line are then copies, not calls.
        let mut buffer = Vec::with_capacity(2 * CHUNK);
        for (file, finding) in report.findings() {
            serde_json::to_writer(&mut buffer, &item(report, file, finding, None))?;
            buffer.push(b'\n');
            if buffer.len() >= CHUNK {
                out.write_all(&buffer)?;
                buffer.clear();
            }
        }
        out.write_all(&buffer)
    }
}

fn suppressed_items<'a>(report: &'a Report, file: &'a FileRecord) -> impl Iterator<Item = Item<'a>> {
    file.suppressed.iter().map(move |suppressed| item(report, file, &suppressed.finding, Some(&suppressed.reason)))
}

fn item<'a>(report: &'a Report, file: &'a FileRecord, finding: &'a Record, reason: Option<&'a str>) -> Item<'a> {
    let note = |note: &'a NoteRecord| NoteItem {
        path: report.note_path(file, note),
        cell: note.start.cell,
        start: note.start.into(),
        end: note.end.into(),
        bytes: note.bytes.into(),
        text: &note.text,
    };
    Item {
        path: &file.path,
        code: finding.code,
        code_name: finding.code.name(),
        family: finding.code.family().as_str(),
        severity: finding.severity.as_str(),
        confidence: finding.confidence.as_str(),
        name: &finding.name,
        message: &finding.message,
        help: finding.help.as_deref(),
        scope: &finding.scope,
        cell: finding.start.cell,
        start: finding.start.into(),
        end: finding.end.into(),
        bytes: finding.bytes.into(),
        notes: finding.notes.iter().map(note).collect(),
        fingerprint: &finding.fingerprint,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, tests::emitted};
    use crate::schema_check;

    const SCHEMA: &str = include_str!("../../../docs/schemas/scan.schema.json");

    #[test]
    fn the_document_follows_its_schema() {
        let schema = serde_json::from_str(SCHEMA).unwrap();
        let document: serde_json::Value = serde_json::from_str(&emitted(Format::Json)).unwrap();
        assert_eq!(schema_check::errors(&schema, &document), Vec::<String>::new());
        assert_eq!(document["findings"].as_array().unwrap().len(), 3);
        assert_eq!(document["findings"][2]["notes"][0]["path"], "pkg/a.py");
        assert_eq!(document["suppressed"][0]["reason"], "plotting only");
        assert_eq!(document["summary"]["unknown_operators"], 4);
    }

    #[test]
    fn lines_hold_one_finding_each() {
        let text = emitted(Format::Jsonl);
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        let mut item = schema["$defs"]["finding"].clone();
        item["$defs"] = schema["$defs"].clone();
        assert_eq!(text.lines().count(), 3);
        for line in text.lines() {
            assert_eq!(schema_check::errors(&item, &serde_json::from_str(line).unwrap()), Vec::<String>::new());
        }
    }
}
