//! Quick fixes: the rewrite of one site, the rewrite of all that is safe, a comment that silences a finding.

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier,
    TextDocumentEdit, TextEdit, WorkspaceEdit,
};
use purify_analysis::rewrite::{Site, Spelling};
use purify_analysis::rules::op::Applicability;
use purify_analysis::source::SourceKind;
use purify_analysis::{FileReport, Finding, TextRange, TextSize, suppress};

use super::diagnostics;
use super::documents::Known;
use super::positions::{Encoding, Text};
use super::worker::Analysed;
use crate::fixes::{self, line_edits};
use crate::rewrite;

/// The kind of the action that makes every safe fix of a file; editors run it on save.
pub const FIX_ALL: &str = "source.fixAll.purify";

/// What can be done about the findings in the range that is asked for.
pub fn actions(known: &Known, params: &CodeActionParams, encoding: Encoding) -> Vec<CodeActionOrCommand> {
    let Some(analysed) = &known.analysed else { return Vec::new() };
    let report = analysed.report();
    if report.source.kind == SourceKind::Notebook {
        return Vec::new();
    }
    let text = Text::new(&report.source.text, encoding);
    let asked = TextRange::new(text.offset(params.range.start), text.offset(params.range.end).max(text.offset(params.range.start)));
    let wants = |kind: &str| {
        // `source` asks for `source.fixAll` and all below it.
        let below = |only: &CodeActionKind| kind == only.as_str() || kind.starts_with(&format!("{}.", only.as_str()));
        params.context.only.as_ref().is_none_or(|only| only.iter().any(below))
    };
    let eligible = rewrite::eligible(report.clone(), &analysed.project.settings);
    let maker = Maker { known, analysed, eligible: &eligible, text: &text, encoding };
    let mut actions = Vec::new();
    if wants(CodeActionKind::QUICKFIX.as_str()) {
        let near = |finding: &&Finding| finding.range.intersect(asked).is_some();
        let findings: Vec<&Finding> = report.findings.iter().filter(near).collect();
        for site in eligible.sites.iter().filter(|site| findings.iter().any(|finding| site.is_about(finding))) {
            actions.extend(maker.rewrite_site(site, &findings));
        }
        for finding in findings {
            actions.extend(maker.silence(finding));
        }
    }
    if wants(FIX_ALL) {
        actions.extend(maker.fix_all());
    }
    actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()
}

struct Maker<'a> {
    known: &'a Known,
    analysed: &'a Analysed,
    /// The report with the sites that may be rewritten.
    eligible: &'a FileReport,
    text: &'a Text<'a>,
    encoding: Encoding,
}

impl Maker<'_> {
    /// The rewrite of one site, and of what its import then needs.
    fn rewrite_site(&self, site: &Site, findings: &[&Finding]) -> Option<CodeAction> {
        let (applicability, title) = fixes::title(site)?;
        let after = self.rewritten(applicability, |other| other.range == site.range && other.name == site.name)?;
        let fixed = findings.iter().filter(|finding| site.is_about(finding));
        let diagnostics: Vec<_> = fixed.map(|finding| self.diagnostic(finding)).collect();
        Some(CodeAction {
            title: format!("purify: {title}"),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(diagnostics),
            is_preferred: Some(applicability == Applicability::Safe),
            edit: Some(self.edit(&after)),
            ..CodeAction::default()
        })
    }

    /// Every safe rewrite of the file.
    fn fix_all(&self) -> Option<CodeAction> {
        let after = self.rewritten(Applicability::Safe, |_| true)?;
        Some(CodeAction {
            title: "purify: make every safe rewrite of this file".to_owned(),
            kind: Some(CodeActionKind::from(FIX_ALL)),
            edit: Some(self.edit(&after)),
            ..CodeAction::default()
        })
    }

    /// A comment at the end of the finding's line.
    fn silence(&self, finding: &Finding) -> Option<CodeAction> {
        let at = suppress::place(&self.analysed.report().source, finding.range.start())?;
        let new_text = format!("  # purify: ignore[{}] reason", finding.code);
        let position = self.text.range(TextRange::empty(at));
        Some(CodeAction {
            title: format!("purify: silence {} on this line", finding.code),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![self.diagnostic(finding)]),
            edit: Some(self.changes(vec![TextEdit { range: position, new_text }])),
            ..CodeAction::default()
        })
    }

    /// The file with the fixes of the sites that `wanted` picks; `None` if that changes nothing.
    fn rewritten(&self, most: Applicability, wanted: impl Fn(&Site) -> bool) -> Option<String> {
        let mut report = self.eligible.clone();
        report.sites.retain(wanted);
        let rewrite = report.rewrite(most, &Spelling::of(&self.analysed.project.rules.target));
        rewrite.changed.then_some(rewrite.text)
    }

    fn diagnostic(&self, finding: &Finding) -> lsp_types::Diagnostic {
        diagnostics::diagnostic(&self.known.uri, self.analysed, finding, self.text, self.encoding)
    }

    /// The edit that turns the document into `after`, touching only the lines that differ.
    fn edit(&self, after: &str) -> WorkspaceEdit {
        self.changes(
            line_edits(&self.analysed.report().source.text, after)
                .into_iter()
                .map(|(range, new_text)| {
                    let size = |offset: usize| TextSize::try_from(offset).unwrap_or_default();
                    TextEdit { range: self.text.range(TextRange::new(size(range.start), size(range.end))), new_text }
                })
                .collect(),
        )
    }

    fn changes(&self, edits: Vec<TextEdit>) -> WorkspaceEdit {
        WorkspaceEdit {
            document_changes: Some(DocumentChanges::Edits(vec![TextDocumentEdit {
                text_document: OptionalVersionedTextDocumentIdentifier { uri: self.known.uri.clone(), version: Some(self.known.version) },
                edits: edits.into_iter().map(OneOf::Left).collect(),
            }])),
            ..WorkspaceEdit::default()
        }
    }
}
