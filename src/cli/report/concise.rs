//! One line per finding, in the form that editors and `grep` understand.

use std::io::{self, Write};

use super::{Context, Emitter, FileRecord, Record, Report};

/// `path:line:column: CODE message`, with `:cell N` after a notebook's path.
pub struct Concise;

impl Emitter for Concise {
    fn emit(&self, report: &Report, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        for (file, finding) in report.findings() {
            let (style, code) = (context.style, finding.code);
            writeln!(out, "{} {} {}", place(file, finding), style.severity(finding.severity, code), one_line(&finding.message))?;
        }
        Ok(())
    }
}

/// `path:line:column:` of a finding.
pub fn place(file: &FileRecord, finding: &Record) -> String {
    let cell = finding.start.cell.map_or(String::new(), |cell| format!(":cell {cell}"));
    format!("{}{cell}:{}:{}:", file.path, finding.start.line, finding.start.column)
}

/// `text` with line breaks turned into spaces and other control characters escaped, so that no file under scan can
/// write to the terminal.
pub fn one_line(text: &str) -> String {
    let line = text.split(['\n', '\r']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if !line.contains(char::is_control) {
        return line;
    }
    line.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// `text` cut to `room` characters, with an ellipsis.
pub fn fit(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Format, tests::emitted};
    use super::*;

    #[test]
    fn every_finding_takes_one_line() {
        assert_eq!(
            emitted(Format::Concise),
            "pkg/a.py:1:8: PUR101 import of `numpy` <&\"'>: 100% second line\n\
             pkg/a.py:4:19: PUR201 call of `numpy.mean`\n\
             pkg/b.py:2:12: PUR601 `+` on a NumPy array\n"
        );
    }

    #[test]
    fn long_messages_are_cut_to_the_width() {
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("abcd", 4), "abcd");
    }
}
