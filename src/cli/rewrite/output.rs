//! What a rewrite prints: a unified diff, tables, or JSON with every site and what became of it.

use std::io::{self, Write};

use purify_analysis::LineIndex;
use purify_analysis::rewrite::{Outcome, Site};
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use super::{Counts, Rewritten};
use crate::args::{RewriteArgs, RewriteFormat};
use crate::failure::Failure;
use crate::output::Output;
use crate::report::concise::one_line;
use crate::term::Style;

/// Version of the JSON form.
const VERSION: u32 = 1;

/// Writes what `args` ask for.
pub fn write(args: &RewriteArgs, files: &[Rewritten], output: &Output) -> Result<(), Failure> {
    let style = output.style();
    output.with(|out| match args.output_format {
        RewriteFormat::Json => {
            let document = json!({
                "version": VERSION,
                "tool": { "name": "purify", "version": env!("CARGO_PKG_VERSION") },
                "summary": Counts::of(files),
                "files": files.iter().map(file).collect::<Vec<_>>(),
            });
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)
        }
        RewriteFormat::Text if args.stats => Counts::of(files).write(style, out),
        RewriteFormat::Text => {
            // What is written needs no diff: version control shows it better.
            if !args.apply && !args.interactive {
                for file in files.iter().filter(|file| file.rewrite.changed) {
                    diff(&file.shown, &file.report.source.text, &file.rewrite.text, style, out)?;
                }
            }
            for file in files {
                if let Some(why) = &file.rewrite.refused {
                    writeln!(out, "{}", style.dim(format!("{} stays as it is: {why}", file.shown)))?;
                }
            }
            if args.refused { refusals(files, style, out) } else { Ok(()) }
        }
    })
}

/// A unified diff that `patch` and `git apply` take.
pub fn diff(path: &str, before: &str, after: &str, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let lines = TextDiff::from_lines(before, after);
    writeln!(out, "{}\n{}", style.bold(format!("--- a/{path}")), style.bold(format!("+++ b/{path}")))?;
    for hunk in lines.unified_diff().context_radius(3).iter_hunks() {
        writeln!(out, "{}", style.help(hunk.header().to_string().trim_end()))?;
        for change in hunk.iter_changes() {
            let text = change.value().trim_end_matches(['\n', '\r']);
            let ending = &change.value()[text.len()..];
            let (line, ending) = (text, if ending.is_empty() { "\n\\ No newline at end of file\n" } else { ending });
            match change.tag() {
                ChangeTag::Equal => write!(out, " {line}{ending}")?,
                ChangeTag::Delete => write!(out, "{}{ending}", style.bad(format!("-{line}")))?,
                ChangeTag::Insert => write!(out, "{}{ending}", style.good(format!("+{line}")))?,
            }
        }
    }
    Ok(())
}

/// One line per site that stays.
fn refusals(files: &[Rewritten], style: Style, out: &mut dyn Write) -> io::Result<()> {
    for file in files {
        let index = file.report.source.line_index();
        for site in &file.rewrite.sites {
            if let Outcome::Refused { reason, .. } = &site.outcome {
                let at = file.report.source.position(&index, site.range.start());
                let place = format!("{}:{}:{}:", file.shown, at.line, at.column);
                writeln!(out, "{place} {} stays: {}", style.bold(&*site.name), one_line(reason))?;
            }
        }
    }
    Ok(())
}

fn file(file: &Rewritten) -> Value {
    let index = file.report.source.line_index();
    let sites = file.rewrite.sites.iter().zip(&file.rewrite.applied).map(|(one, applied)| site(file, &index, one, *applied));
    json!({
        "path": file.shown,
        "changed": file.rewrite.changed,
        "refused": file.rewrite.refused,
        "sites": sites.collect::<Vec<_>>(),
    })
}

fn site(file: &Rewritten, index: &LineIndex, site: &Site, applied: bool) -> Value {
    let point = |offset| {
        let at = file.report.source.position(index, offset);
        json!({ "line": at.line, "column": at.column })
    };
    let mut value = json!({
        "name": *site.name,
        "scope": site.scope,
        "start": point(site.range.start()),
        "end": point(site.range.end()),
        "bytes": [u32::from(site.range.start()), u32::from(site.range.end())],
        "applied": applied,
    });
    match &site.outcome {
        Outcome::Fix { rule, applicability, why, .. } => {
            value["outcome"] = json!("fix");
            value["rule"] = json!(**rule);
            value["applicability"] = json!(applicability);
            value["why"] = json!(why);
        }
        Outcome::Kept { rule } => {
            value["outcome"] = json!("kept");
            value["rule"] = json!(**rule);
        }
        Outcome::Refused { reason, rule } => {
            value["outcome"] = json!("refused");
            value["rule"] = json!(rule.as_deref());
            value["reason"] = json!(reason);
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_keeps_line_endings_and_a_missing_last_one() {
        let mut out = Vec::new();
        diff("a.py", "a\r\nb", "a\r\nc", Style::plain(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+c\n"), "{text:?}");
    }
}
