//! Workflow commands of GitHub Actions: each finding becomes an annotation of the changed file.

use std::io::{self, Write};

use purify_analysis::Severity;

use super::{Context, Emitter, Report};

/// `::warning file=…,line=…::message`.
pub struct Github;

impl Emitter for Github {
    fn emit(&self, report: &Report, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        for (file, finding) in report.findings() {
            let level = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "notice",
            };
            let title = format!("{} {}", finding.code, finding.code.name());
            write!(out, "::{level} title={},file={}", property(&title), property(&file.path))?;
            // Annotations are placed by line of the file; a notebook's file is JSON, whose lines say nothing.
            if finding.start.cell.is_none() {
                let (start, end) = (finding.start, finding.end);
                write!(out, ",line={},endLine={}", start.line, end.line)?;
                // Columns are understood within one line only.
                if start.line == end.line {
                    write!(out, ",col={},endColumn={}", start.column, end.column)?;
                }
            }
            let cell = finding.start.cell.map_or(String::new(), |cell| format!("cell {cell}, line {}: ", finding.start.line));
            let help = finding.help.as_ref().map_or(String::new(), |help| format!("\n{help}"));
            writeln!(out, "::{}", data(&format!("{cell}{}{help}", finding.message)))?;
        }
        for trouble in &report.troubles {
            writeln!(out, "::error file={}::{}", property(&trouble.path), data(&trouble.message))?;
        }
        Ok(())
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::{Format, tests::emitted};

    #[test]
    fn percent_signs_and_line_breaks_are_escaped() {
        let text = emitted(Format::Github);
        let first = text.lines().next().unwrap();
        assert_eq!(
            first,
            "::warning title=PUR101 import,file=pkg/a.py,line=1,endLine=1,col=8,endColumn=19\
             ::import of `numpy` <&\"'>: 100%25%0Asecond line%0Awrite `ops.mean`"
        );
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().nth(2).unwrap().starts_with("::error "));
    }
}
