//! JUnit XML: a test suite per file, a failed test case per finding, one passed case for a clean file.

use std::io::{self, Write};

use super::{Context, Emitter, Report};

/// The form that Jenkins, GitLab and others read.
pub struct Junit;

impl Emitter for Junit {
    fn emit(&self, report: &Report, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        let total: usize = report.files.iter().map(|file| file.findings.len()).sum();
        let tests: usize = report.files.iter().map(|file| file.findings.len().max(1)).sum();
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"purify\" tests=\"{tests}\" failures=\"{total}\" errors=\"{}\">", report.troubles.len())?;
        for file in &report.files {
            let (path, failures) = (escape(&file.path), file.findings.len());
            writeln!(out, "  <testsuite name=\"{path}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\">", failures.max(1))?;
            if file.findings.is_empty() {
                writeln!(out, "    <testcase name=\"purify\" classname=\"{path}\" file=\"{path}\"/>")?;
            }
            for finding in &file.findings {
                let (line, column) = (finding.start.line, finding.start.column);
                let name = escape(&format!("{} {} ({line}:{column})", finding.code, finding.code.name()));
                writeln!(out, "    <testcase name=\"{name}\" classname=\"{path}\" file=\"{path}\" line=\"{line}\">")?;
                let kind = finding.severity.as_str();
                write!(out, "      <failure type=\"{kind}\" message=\"{}\">", escape(&finding.message))?;
                let cell = finding.start.cell.map_or(String::new(), |cell| format!("cell {cell}, "));
                write!(out, "{cell}line {line}, column {column}: {}", escape(&finding.message))?;
                if let Some(help) = &finding.help {
                    write!(out, "\n{}", escape(help))?;
                }
                writeln!(out, "</failure>\n    </testcase>")?;
            }
            writeln!(out, "  </testsuite>")?;
        }
        for trouble in &report.troubles {
            let path = escape(&trouble.path);
            writeln!(out, "  <testsuite name=\"{path}\" tests=\"1\" failures=\"0\" errors=\"1\">")?;
            writeln!(out, "    <testcase name=\"read\" classname=\"{path}\"><error message=\"{}\"/></testcase>", escape(&trouble.message))?;
            writeln!(out, "  </testsuite>")?;
        }
        writeln!(out, "</testsuites>")
    }
}

/// XML 1.0 has no way to write most control characters, so they become U+FFFD.
fn escape(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => result.push_str("&amp;"),
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '"' => result.push_str("&quot;"),
            '\'' => result.push_str("&apos;"),
            '\n' => result.push_str("&#10;"),
            '\r' => result.push_str("&#13;"),
            '\t' => result.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => result.push('\u{fffd}'),
            other => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::super::{Format, tests::emitted};

    #[test]
    fn text_is_escaped_and_counted() {
        let text = emitted(Format::Junit);
        assert!(text.contains("<testsuites name=\"purify\" tests=\"3\" failures=\"3\" errors=\"0\">"));
        assert!(text.contains("message=\"import of `numpy` &lt;&amp;&quot;&apos;&gt;: 100%&#10;second line\""));
        assert_eq!(text.matches("<testcase").count(), text.matches("</testcase>").count());
    }
}
