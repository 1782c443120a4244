//! Findings as diagnostics.

use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location, NumberOrString, PublishDiagnosticsParams, Uri,
};
use purify_analysis::source::SourceKind;
use purify_analysis::{Finding, Note, Severity, codes};

use super::documents::Known;
use super::positions::{Encoding, Text};
use super::uri;
use super::worker::Analysed;

/// What the editor is told of a document.
pub fn publish(uri: Uri, version: i32, known: &Known, encoding: Encoding) -> PublishDiagnosticsParams {
    let diagnostics = known.analysed.as_ref().map_or_else(Vec::new, |analysed| diagnostics(&known.uri, analysed, encoding));
    PublishDiagnosticsParams { uri, diagnostics, version: Some(version) }
}

/// Takes back what was told of a document that was closed.
pub fn none(uri: Uri) -> PublishDiagnosticsParams {
    PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: None }
}

/// The diagnostics of a file. A notebook opened as text has none: its findings are about its cells, not about the JSON.
fn diagnostics(uri: &Uri, analysed: &Analysed, encoding: Encoding) -> Vec<Diagnostic> {
    let report = analysed.report();
    if report.source.kind == SourceKind::Notebook {
        return Vec::new();
    }
    let text = Text::new(&report.source.text, encoding);
    report.findings.iter().map(|finding| diagnostic(uri, analysed, finding, &text, encoding)).collect()
}

/// One finding.
pub fn diagnostic(uri: &Uri, analysed: &Analysed, finding: &Finding, text: &Text, encoding: Encoding) -> Diagnostic {
    let message = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let related: Vec<DiagnosticRelatedInformation> =
        finding.notes.iter().filter_map(|note| related(uri, analysed, note, text, encoding)).collect();
    let unused = matches!(finding.code, codes::UNUSED_IMPORT | codes::UNUSED_SUPPRESSION);
    Diagnostic {
        range: text.range(finding.range),
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(finding.code.to_string())),
        source: Some("purify".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        tags: unused.then(|| vec![DiagnosticTag::UNNECESSARY]),
        ..Diagnostic::default()
    }
}

/// A step of the evidence, which may lie in another file.
fn related(uri: &Uri, analysed: &Analysed, note: &Note, text: &Text, encoding: Encoding) -> Option<DiagnosticRelatedInformation> {
    let location = match note.file.map(|file| file as usize).filter(|file| *file != analysed.file) {
        None => Location { uri: uri.clone(), range: text.range(note.range) },
        Some(file) => {
            let other = Text::new(&analysed.project.analysis.files.get(file)?.source.text, encoding);
            Location { uri: uri::from_path(analysed.project.paths.get(file)?)?, range: other.range(note.range) }
        }
    };
    Some(DiagnosticRelatedInformation { location, message: note.text.clone() })
}
