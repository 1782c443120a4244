//! One line per finding, in the form that editors and `grep` understand.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Context, Emitter, Report};

/// `path:line:column: CODE message`, with `:cell N` after a notebook's path.
pub struct Concise;

impl Emitter for Concise {
    fn emit(&self, report: &Report, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        for (file, finding) in report.findings() {
            let code = context.style.severity(finding.severity, finding.code);
            write!(out, "{}", one_line(&file.path))?;
            if let Some(cell) = finding.start.cell {
                write!(out, ":cell {cell}")?;
            }
            writeln!(out, ":{}:{}: {code} {}", finding.start.line, finding.start.column, one_line(&finding.message))?;
        }
        Ok(())
    }
}

/// `text` with line breaks turned into spaces and other control characters escaped, so that no file under scan, nor its
/// name, can write to the terminal.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text.into();
    }
    let mut line = String::with_capacity(text.len());
    for part in text.split(['\n', '\r']).filter(|part| !part.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        for c in part.chars() {
            if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
        }
    }
    line.into()
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
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(one_line("a\nb\x1b[31m.py"), "a b\\u{1b}[31m.py");
    }

    #[test]
    fn long_messages_are_cut_to_the_width() {
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("abcd", 4), "abcd");
    }
}
