//! Tables in Markdown: for job summaries, issues and pull requests.

use std::io::{self, Write};

use super::concise::one_line;
use super::{Context, Emitter, Report, Statistics, count};

/// A summary per family, then one table of findings per file.
pub struct Markdown;

impl Emitter for Markdown {
    fn emit(&self, report: &Report, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        let statistics = Statistics::new(report);
        writeln!(out, "# purify scan\n")?;
        let (findings, files) = (count(statistics.findings, "finding"), count(statistics.files, "file"));
        writeln!(out, "{findings} in {} of {files}.\n", statistics.files_with_findings)?;
        if statistics.findings > 0 {
            writeln!(out, "| family | findings | files |\n|---|---:|---:|")?;
            for row in &statistics.families {
                writeln!(out, "| {} | {} | {} |", row.name, row.findings, row.files)?;
            }
            writeln!(out)?;
        }
        for file in report.files.iter().filter(|file| !file.findings.is_empty()) {
            writeln!(out, "## {}\n\n| place | code | finding |\n|---|---|---|", escape(&one_line(&file.path)))?;
            let shown = if context.max_per_file == 0 { usize::MAX } else { context.max_per_file };
            for finding in file.findings.iter().take(shown) {
                let cell = finding.start.cell.map_or(String::new(), |cell| format!("cell {cell}, "));
                let (line, column) = (finding.start.line, finding.start.column);
                let (code, name) = (finding.code, finding.code.name());
                writeln!(out, "| {cell}{line}:{column} | {code} {name} | {} |", escape(&one_line(&finding.message)))?;
            }
            let hidden = file.findings.len().saturating_sub(shown);
            if hidden > 0 {
                writeln!(out, "\n… and {hidden} more in this file.")?;
            }
            writeln!(out)?;
        }
        for trouble in &report.troubles {
            writeln!(out, "- **{}**: {}", escape(&one_line(&trouble.path)), escape(&trouble.message))?;
        }
        Ok(())
    }
}

/// Keeps table cells whole and HTML out; code spans stay as they are.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::super::{Format, tests::emitted};

    #[test]
    fn findings_are_table_rows() {
        let text = emitted(Format::Markdown);
        assert!(text.contains("3 findings in 2 of 2 files."));
        assert!(text.contains("| 1:8 | PUR101 import | import of `numpy` &lt;&amp;\"'>: 100% second line |"));
        assert!(text.contains("| operators | 1 | 1 |"));
    }
}
