//! From findings to the report of a file: health findings added, comments that silence findings taken into account.
//!
//! Forms: `# purify: ignore[PUR101] reason` on the finding's line, or alone on the line before it;
//! `# purify: ignore-file[PUR1] reason` for the whole file; `# purify: ignore-begin[PUR6] reason` … `# purify: ignore-end`
//! for a block. Without brackets every code is meant.

use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::FileReport;
use crate::codes::{self, Code, Selector};
use crate::finding::{Confidence, Finding, Suppressed};
use crate::flow::FileOutput;
use crate::guard::FAULT;
use crate::policy::Policy;
use crate::source::SourceFile;
use crate::syntax::{self, Module, SyntaxError};

/// What a comment for purify begins with.
const MARK: &str = "purify:";

/// A comment that silences findings.
struct Directive {
    /// The comment.
    range: TextRange,
    /// What it silences; empty for everything.
    selectors: Vec<Selector>,
    /// Where it holds.
    extent: TextRange,
    reason: String,
    used: bool,
}

/// Turns what the analysis gave for one file into its report. Without its tree, the file is parsed if a comment may be about it.
pub fn report(source: SourceFile, module: Option<Module>, errors: Vec<SyntaxError>, output: FileOutput, policy: &Policy) -> FileReport {
    let mut findings = output.findings;
    let mut add = |code: Code, range: TextRange, name: &str, message: String, help: Option<String>| {
        if policy.enabled_at(code, &source.path) {
            let severity = policy.severity(code);
            findings.push(Finding {
                code,
                severity,
                confidence: Confidence::Certain,
                range,
                name: name.to_owned(),
                message,
                notes: Vec::new(),
                help,
                scope: String::new(),
            });
        }
    };
    for problem in &source.problems {
        add(codes::UNREADABLE_FILE, TextRange::empty(problem.at.min(TextSize::of(&*source.text))), "", problem.message.clone(), None);
    }
    if let Some(fault) = output.fault {
        let message = format!("{FAULT}: {fault}");
        add(
            codes::UNREADABLE_FILE,
            TextRange::default(),
            "",
            message,
            Some("please report it with the file; the others are analysed".into()),
        );
    }
    for error in errors {
        let end = TextSize::of(&*source.text);
        let range = TextRange::new(error.range.start().min(end), error.range.end().min(end));
        add(codes::SYNTAX_ERROR, range, "", error.message, Some("the rest of the file is still analysed".into()));
    }
    let (mut directives, malformed) = if source.text.contains(MARK) {
        directives(&source, &module.unwrap_or_else(|| syntax::parse(&source)))
    } else {
        Default::default()
    };
    for (range, message) in malformed {
        add(codes::MALFORMED_SUPPRESSION, range, "", message, Some("write `# purify: ignore[CODE] reason`".into()));
    }
    let mut suppressed = Vec::new();
    if !directives.is_empty() {
        let mut kept = Vec::with_capacity(findings.len());
        for finding in findings {
            let directive = directives.iter_mut().find(|d| {
                policy.suppressible(finding.code)
                    && d.extent.contains_inclusive(finding.range.start())
                    && (d.selectors.is_empty() || d.selectors.iter().any(|s| s.contains(finding.code)))
            });
            match directive {
                Some(directive) => {
                    directive.used = true;
                    suppressed.push(Suppressed { finding, reason: directive.reason.clone() });
                }
                None => kept.push(finding),
            }
        }
        findings = kept;
        for directive in &directives {
            let at = |code: Code, message: &str, help: &str| Finding {
                code,
                severity: policy.severity(code),
                confidence: Confidence::Certain,
                range: directive.range,
                name: String::new(),
                message: message.to_owned(),
                notes: Vec::new(),
                help: Some(help.to_owned()),
                scope: String::new(),
            };
            if !directive.used && policy.enabled_at(codes::UNUSED_SUPPRESSION, &source.path) {
                findings.push(at(codes::UNUSED_SUPPRESSION, "this comment silences nothing", "remove it"));
            }
            if directive.reason.is_empty() && policy.enabled_at(codes::SUPPRESSION_WITHOUT_REASON, &source.path) {
                findings.push(at(
                    codes::SUPPRESSION_WITHOUT_REASON,
                    "this comment silences findings without a reason",
                    "say why after the bracket: `# purify: ignore[CODE] reason`",
                ));
            }
        }
    }
    findings.sort_by(|a, b| (a.range.start(), a.range.end(), a.code, &a.name).cmp(&(b.range.start(), b.range.end(), b.code, &b.name)));
    FileReport {
        source,
        findings,
        suppressed,
        unknown_operators: output.unknown_operators,
        sites: output.sites,
        functions: output.functions,
        imports: output.imports,
        named: output.named,
    }
}

/// Where a comment that silences what stands at `offset` can be written: the end of its line. `None` if that lies within a
/// string or a comment, or if the line is continued.
pub fn place(source: &SourceFile, offset: TextSize) -> Option<TextSize> {
    let text = &*source.text;
    let rest = text.get(offset.to_usize()..)?;
    let end = offset.to_usize() + rest.find(['\n', '\r']).unwrap_or(rest.len());
    let place = TextSize::try_from(end).ok()?;
    let taken = |range: TextRange| range.start() < place && (place < range.end() || (place == range.end() && text[range].starts_with('#')));
    let module = syntax::parse(source);
    (!text[..end].ends_with('\\') && !module.tokens.iter().any(|token| taken(token.range()))).then_some(place)
}

/// The directives of a file, and the comments that look like one but are not.
fn directives(source: &SourceFile, module: &Module) -> (Vec<Directive>, Vec<(TextRange, String)>) {
    let text = &*source.text;
    let (mut found, mut malformed) = (Vec::new(), Vec::new());
    let mut open: Option<Directive> = None;
    for range in module.comments_in(TextRange::up_to(TextSize::of(text))) {
        let comment = &text[range];
        let Some(at) = comment.find(MARK) else { continue };
        if !comment[..at].chars().all(|c| c == '#' || c.is_whitespace()) && !comment[..at].trim_end().ends_with('#') {
            continue;
        }
        let body = comment[at + MARK.len()..].trim();
        let verb_end = body.find(|c: char| !(c.is_ascii_alphabetic() || c == '-')).unwrap_or(body.len());
        let (verb, rest) = body.split_at(verb_end);
        let (selectors, reason) = match selectors(rest) {
            Ok(parsed) => parsed,
            Err(message) => {
                malformed.push((range, message));
                continue;
            }
        };
        let directive = |extent: TextRange| Directive { range, selectors: selectors.clone(), extent, reason: reason.clone(), used: false };
        match verb {
            "ignore" => found.push(directive(line_extent(text, range))),
            "ignore-file" => found.push(directive(TextRange::up_to(TextSize::of(text)))),
            "ignore-begin" => open = Some(directive(range)),
            "ignore-end" => match open.take() {
                Some(begun) => found.push(Directive { extent: TextRange::new(begun.range.start(), range.end()), ..begun }),
                None => malformed.push((range, "`ignore-end` without an `ignore-begin` before it".into())),
            },
            other => malformed
                .push((range, format!("`{other}` is not a directive; use `ignore`, `ignore-file`, `ignore-begin` or `ignore-end`"))),
        }
    }
    if let Some(begun) = open {
        malformed.push((begun.range, "`ignore-begin` without an `ignore-end` after it".into()));
    }
    (found, malformed)
}

/// Reads `[PUR101, operators] reason`.
fn selectors(rest: &str) -> Result<(Vec<Selector>, String), String> {
    let rest = rest.trim_start();
    let Some(inner) = rest.strip_prefix('[') else { return Ok((Vec::new(), rest.trim_start_matches([':', '-', '—']).trim().to_owned())) };
    let Some((list, reason)) = inner.split_once(']') else { return Err("the bracket of the codes is not closed".into()) };
    let selectors = list.split(',').map(|s| Selector::parse(s.trim())).collect::<Result<Vec<_>, _>>()?;
    Ok((selectors, reason.trim_start_matches([':', '-', '—', ' ']).trim().to_owned()))
}

/// The lines a line comment is about: its own line; if it stands alone, the next line of code.
fn line_extent(text: &str, comment: TextRange) -> TextRange {
    let (start, end) = (comment.start().to_usize(), comment.end().to_usize());
    let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line_end = text[end..].find(['\n', '\r']).map_or(text.len(), |at| end + at);
    let alone = text[line_start..start].trim().is_empty();
    let mut last = line_end;
    if alone {
        let mut at = line_end;
        // Comments and blank lines in between do not count.
        while at < text.len() {
            let next_start = at + text[at..].find(|c| c != '\n' && c != '\r').unwrap_or(text.len() - at);
            let next_end = text[next_start..].find(['\n', '\r']).map_or(text.len(), |n| next_start + n);
            last = next_end;
            let line = text[next_start..next_end].trim();
            if !line.is_empty() && !line.starts_with('#') {
                break;
            }
            at = next_end;
        }
    }
    let offset = |n: usize| TextSize::try_from(n).unwrap_or_default();
    TextRange::new(offset(line_start), offset(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_goes_where_the_line_ends_and_nowhere_else() {
        let place = |text: &str| place(&SourceFile::from_text("a.py", text), TextSize::new(0)).map(|at| at.to_usize());
        assert_eq!(place("f(x)\ny"), Some(4));
        assert_eq!(place("f(\n  x)"), Some(2));
        assert_eq!(place("f(x)"), Some(4));
        assert_eq!(place("f(x)  # why"), None);
        assert_eq!(place("f(x) + \\\n  1"), None);
        assert_eq!(place("f(\"\"\"a\nb\"\"\")"), None);
    }
}
