//! The report for people: grouped by file, with excerpts while there are few findings and one line each beyond.

use std::collections::BTreeMap;
use std::io::{self, Write};

use purify_analysis::{Confidence, Family, Severity};

use super::concise::{fit, one_line};
use super::excerpt::Excerpter;
use super::{Context, Emitter, Excerpts, FileRecord, Record, Report, count, grouped};

/// More findings than this are shown one per line: nobody scrolls through a thousand excerpts.
const EXCERPTS_UP_TO: usize = 100;

/// Grouped by file, with a closing summary.
pub struct Text;

impl Emitter for Text {
    fn emit(&self, report: &Report, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        let shown_of = |file: &FileRecord| match context.max_per_file {
            0 => file.findings.len(),
            cap => file.findings.len().min(cap),
        };
        let shown: usize = report.files.iter().map(shown_of).sum();
        let with_excerpts = match context.excerpts {
            Excerpts::Always => true,
            Excerpts::Never => false,
            Excerpts::Auto => shown <= EXCERPTS_UP_TO,
        };
        let mut excerpter = Excerpter::new(report, context);
        for (index, file) in report.files.iter().enumerate().filter(|(_, file)| !file.findings.is_empty()) {
            let head = context.style.bold(one_line(&file.path));
            writeln!(out, "{head} {}", context.style.dim(format!("({})", count(file.findings.len(), "finding"))))?;
            let (visible, hidden) = file.findings.split_at(shown_of(file));
            if with_excerpts {
                for finding in visible {
                    excerpter.write(index, finding, out)?;
                }
            } else {
                lines(visible, context, out)?;
            }
            if !hidden.is_empty() {
                let text = format!("… and {} more in this file: {}", grouped(hidden.len()), by_family(hidden.iter()));
                writeln!(out, "  {}", context.style.dim(text))?;
            }
            writeln!(out)?;
        }
        if context.quiet { Ok(()) } else { closing(report, context, shown, out) }
    }
}

/// One line per finding, columns aligned within the file.
fn lines(findings: &[Record], context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let place = |finding: &Record| {
        let cell = finding.start.cell.map_or(String::new(), |cell| format!("cell {cell}:"));
        format!("{cell}{}:{}", finding.start.line, finding.start.column)
    };
    let width = findings.iter().map(|finding| place(finding).len()).max().unwrap_or(0);
    for finding in findings {
        let code = context.style.severity(finding.severity, finding.code);
        let room = context.width.saturating_sub(width + 12);
        writeln!(out, "  {:>width$}  {code}  {}", place(finding), fit(&one_line(&finding.message), room))?;
    }
    Ok(())
}

fn by_family<'a>(findings: impl Iterator<Item = &'a Record>) -> String {
    let mut counts: BTreeMap<Family, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.code.family()).or_insert(0) += 1;
    }
    counts.iter().map(|(family, number)| format!("{} {}", grouped(*number), family.as_str())).collect::<Vec<_>>().join(", ")
}

fn closing(report: &Report, context: &Context<'_>, shown: usize, out: &mut dyn Write) -> io::Result<()> {
    let style = context.style;
    let total: usize = report.files.iter().map(|file| file.findings.len()).sum();
    let files = count(report.files.len(), "file");
    if total == 0 {
        writeln!(out, "{} {files} scanned", style.good("No findings:"))?;
    } else {
        let with = report.files.iter().filter(|file| !file.findings.is_empty()).count();
        let worst = report.findings().map(|(_, finding)| finding.severity).max().unwrap_or(Severity::Info);
        let found = style.severity(worst, format!("Found {}", count(total, "finding")));
        let families = by_family(report.findings().map(|(_, finding)| finding));
        writeln!(out, "{found} in {} of {files}: {families}", grouped(with))?;
    }
    if shown < total {
        let text = format!("{} not shown; `--max-per-file 0` shows all, `--statistics` counts them", count(total - shown, "finding"));
        writeln!(out, "{}", style.dim(text))?;
    }
    let suppressed: usize = report.files.iter().map(|file| file.suppressed.len()).sum();
    if suppressed > 0 {
        writeln!(out, "{}", style.dim(format!("{} silenced by comments", count(suppressed, "finding"))))?;
    }
    let unknown: usize = report.files.iter().map(|file| file.unknown_operators).sum();
    if unknown > 0 && context.confidence > Confidence::Unknown {
        let text = format!("{} with unknown operands not shown; `--confidence unknown` lists them", count(unknown, "operator"));
        writeln!(out, "{}", style.dim(text))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Format, tests::emitted};

    #[test]
    fn excerpts_show_the_line_the_evidence_and_the_help() {
        let text = emitted(Format::Text);
        assert!(text.contains("pkg/a.py (2 findings)"), "{text}");
        assert!(text.contains("[PUR201] Warning: call of `numpy.mean`"), "{text}");
        assert!(text.contains("pkg/a.py:4:19"), "{text}");
        assert!(text.contains("Help: write `ops.mean`"), "{text}");
        assert!(text.contains("`f` returns a NumPy array") && text.contains("called here"), "{text}");
        assert!(text.contains("Found 3 findings in 2 of 2 files: 1 imports, 1 api, 1 operators"), "{text}");
        assert!(text.contains("4 operators with unknown operands not shown"), "{text}");
    }
}
