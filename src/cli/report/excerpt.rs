//! Source excerpts with carets, drawn by `ariadne`. Each text is prepared once and kept while its file is reported.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::ops::Range;

use ariadne::{Cache, Color, Config, IndexType, Label, Report as Drawing, ReportKind, Source};
use purify_analysis::{Severity, SourceFile};

use super::concise::{fit, one_line};
use super::{Context, Record, Report};

/// Lines longer than this many bytes are shown in part.
const MAX_LINE: usize = 400;
/// Steps of evidence drawn per finding; a longer path is cut, with a count.
const MAX_NOTES: usize = 8;

/// One text that carets point into: a file, or a cell of a notebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Unit {
    file: usize,
    cell: Option<usize>,
}

struct Prepared {
    source: Source<String>,
    /// Offset of the unit in the decoded text of its file.
    offset: usize,
    long_lines: bool,
    title: String,
}

/// Draws excerpts.
pub struct Excerpter<'a> {
    report: &'a Report,
    context: &'a Context<'a>,
    files: HashMap<usize, Option<SourceFile>>,
    units: HashMap<Unit, Prepared>,
    /// Units that are not shown often are dropped when this many are kept.
    capacity: usize,
}

impl<'a> Excerpter<'a> {
    /// For the findings of `report`.
    pub fn new(report: &'a Report, context: &'a Context<'a>) -> Self {
        Self { report, context, files: HashMap::new(), units: HashMap::new(), capacity: 64 }
    }

    /// Draws `finding` of file `index`.
    pub fn write(&mut self, index: usize, finding: &Record, out: &mut dyn Write) -> io::Result<()> {
        if self.units.len() > self.capacity {
            self.units.clear();
            self.files.clear();
        }
        let unit = Unit { file: index, cell: finding.start.cell };
        let Some(range) = self.prepare(unit, finding.bytes) else { return self.without_source(index, finding, out) };
        if self.units[&unit].long_lines {
            return self.clipped(unit, range, finding, out);
        }
        let color = match finding.severity {
            Severity::Error => Color::Red,
            Severity::Warning => Color::Yellow,
            Severity::Info => Color::Blue,
        };
        // An operator's name is what stands there anyway; its code says more.
        let title = if finding.name.contains(char::is_alphanumeric) { finding.name.as_str() } else { finding.code.name() };
        let (own, others): (Vec<_>, Vec<_>) =
            finding.notes.iter().take(MAX_NOTES).partition(|note| note.file.is_none() && note.bytes == finding.bytes);
        // A note about the finding's own text says more than its name.
        let mut labels = vec![(unit, range.clone(), own.first().map_or(title, |note| &note.text), color)];
        for note in others {
            let at = Unit { file: note.file.map_or(index, |file| file as usize), cell: note.start.cell };
            let Some(range) = self.prepare(at, note.bytes) else { continue };
            if !self.units[&at].long_lines {
                labels.push((at, range, note.text.as_str(), Color::Cyan));
            }
        }
        // Top to bottom, the finding's own text first: the drawing starts over for a label that lies above the one before.
        labels.sort_by_key(|(at, range, ..)| (*at != unit, at.file, at.cell, range.start));
        let kind = match finding.severity {
            Severity::Error => ReportKind::Error,
            Severity::Warning => ReportKind::Warning,
            Severity::Info => ReportKind::Advice,
        };
        let config = Config::new().with_color(self.context.style.colored()).with_index_type(IndexType::Byte);
        let mut drawing =
            Drawing::build(kind, (unit, range)).with_config(config).with_code(finding.code).with_message(one_line(&finding.message));
        // Half of the width is left to the text that the label points at.
        let room = (self.context.width / 2).max(60);
        for (order, (at, range, text, color)) in labels.into_iter().enumerate() {
            let order = i32::try_from(order).unwrap_or(i32::MAX);
            drawing =
                drawing.with_label(Label::new((at, range)).with_color(color).with_order(order).with_message(fit(&one_line(text), room)));
        }
        if let Some(help) = &finding.help {
            drawing = drawing.with_help(help);
        }
        let mut text = Vec::new();
        drawing.finish().write(Texts(&self.units), &mut text)?;
        for line in String::from_utf8_lossy(&text).lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        self.cut_notes(finding, out)
    }

    fn cut_notes(&self, finding: &Record, out: &mut dyn Write) -> io::Result<()> {
        match finding.notes.len().saturating_sub(MAX_NOTES) {
            0 => Ok(()),
            more => writeln!(out, "    {}", self.context.style.dim(format!("… and {more} more steps"))),
        }
    }

    /// Makes `unit` ready and gives `bytes` as a range of its text. `None` if the text cannot be read or has changed.
    fn prepare(&mut self, unit: Unit, bytes: (u32, u32)) -> Option<Range<usize>> {
        if !self.units.contains_key(&unit) {
            let sources = self.context.sources;
            let file = self.files.entry(unit.file).or_insert_with(|| sources.get(unit.file)).as_ref()?;
            let title = &self.report.files.get(unit.file)?.path;
            self.units.insert(unit, prepare(file, unit.cell, title)?);
        }
        let prepared = &self.units[&unit];
        let range = (bytes.0 as usize).checked_sub(prepared.offset)?..(bytes.1 as usize).checked_sub(prepared.offset)?;
        prepared.source.text().get(range.clone()).is_some().then_some(range)
    }

    fn heading(&self, title: &str, finding: &Record, out: &mut dyn Write) -> io::Result<()> {
        let style = self.context.style;
        let kind = style.severity(finding.severity, format!("[{}] {}:", finding.code, kind_name(finding.severity)));
        writeln!(out, "{kind} {}", one_line(&finding.message))?;
        writeln!(out, "   {} {}:{}:{} {}", style.dim("╭─["), one_line(title), finding.start.line, finding.start.column, style.dim("]"))
    }

    fn without_source(&self, index: usize, finding: &Record, out: &mut dyn Write) -> io::Result<()> {
        self.heading(&self.report.files[index].path, finding, out)?;
        self.closing(finding, out)
    }

    fn closing(&self, finding: &Record, out: &mut dyn Write) -> io::Result<()> {
        let style = self.context.style;
        if let Some(help) = &finding.help {
            writeln!(out, "   {} {}: {help}", style.dim("│"), style.help("Help"))?;
        }
        writeln!(out, "{}", style.dim("───╯"))
    }

    /// A window of the line, for texts with very long lines.
    fn clipped(&self, unit: Unit, range: Range<usize>, finding: &Record, out: &mut dyn Write) -> io::Result<()> {
        let prepared = &self.units[&unit];
        self.heading(&prepared.title, finding, out)?;
        let text = prepared.source.text();
        let room = self.context.width.saturating_sub(16).max(20);
        let before = text[..range.start].rsplit('\n').next().unwrap_or("");
        let after = text[range.end..].split(['\n', '\r']).next().unwrap_or("");
        let inside: String = text[range].chars().take_while(|c| !matches!(c, '\n' | '\r')).take(room / 2).collect();
        let side = room.saturating_sub(inside.chars().count()) / 2;
        let skip = before.chars().count().saturating_sub(side);
        let left: String = before.chars().skip(skip).map(visible).collect();
        let right: String = after.chars().take(side).map(visible).collect();
        let (open, close) = (if skip > 0 { "…" } else { "" }, if after.chars().nth(side).is_some() { "…" } else { "" });
        let style = self.context.style;
        let mut pointer = String::new();
        for _ in 0..left.chars().count() + open.chars().count() {
            pointer.push(' ');
        }
        let _ = write!(pointer, "{}", style.severity(finding.severity, "─".repeat(inside.chars().count().max(1))));
        writeln!(out, "   {} {open}{left}{inside}{right}{close}", style.dim("│"))?;
        writeln!(out, "   {} {pointer}", style.dim("│"))?;
        self.closing(finding, out)
    }
}

/// The words that `ariadne` uses.
fn kind_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Info => "Advice",
    }
}

fn visible(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

fn prepare(file: &SourceFile, cell: Option<usize>, title: &str) -> Option<Prepared> {
    let (offset, end) = match cell {
        None => (0, file.text.len()),
        Some(number) => {
            let position = file.cells.iter().position(|(_, cell)| *cell == number)?;
            let end = file.cells.get(position + 1).map_or(file.text.len(), |(start, _)| start.to_usize());
            (file.cells[position].0.to_usize(), end)
        }
    };
    let text = drawable(file.text.get(offset..end)?);
    let long_lines = text.split('\n').any(|line| line.len() > MAX_LINE);
    let title = cell.map_or_else(|| title.to_owned(), |cell| format!("{title}:cell {cell}"));
    let title = one_line(&title).into_owned();
    Some(Prepared { source: Source::from(text), offset, long_lines, title })
}

/// `text` with every character replaced that `ariadne` takes for the end of a line and Python does not, and with every
/// other control character but tabs; each by one of the same length in bytes, so that ranges still fit.
fn drawable(text: &str) -> String {
    let replaced = |c: char| match c {
        '\n' | '\r' | '\t' => c,
        '\u{85}' => '\u{a0}',
        '\u{2028}' | '\u{2029}' => '\u{2003}',
        c if c.is_control() && c.len_utf8() == 1 => ' ',
        c if c.is_control() => '\u{a0}',
        c => c,
    };
    text.chars().map(replaced).collect()
}

/// The prepared texts as `ariadne` asks for them.
struct Texts<'a>(&'a HashMap<Unit, Prepared>);

impl Cache<Unit> for Texts<'_> {
    type Storage = String;

    fn fetch(&mut self, unit: &Unit) -> Result<&Source<String>, impl fmt::Debug> {
        self.0.get(unit).map(|prepared| &prepared.source).ok_or("not prepared")
    }

    fn display<'b>(&self, unit: &'b Unit) -> Option<impl fmt::Display + 'b> {
        self.0.get(unit).map(|prepared| prepared.title.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_keep_every_offset() {
        let text = "a\u{c}b\u{2028}c\u{85}d\u{1b}e\u{9f}\tf";
        let drawn = drawable(text);
        assert_eq!(drawn.len(), text.len());
        assert_eq!(Source::from(drawn).lines().len(), 1);
    }

    /// Spans wherever they may fall, over the fixtures and over texts that editors and terminals trip over.
    #[test]
    fn no_span_of_any_text_stops_the_drawing() {
        use super::super::{Excerpts, Format, Sources, tests::finding};
        use crate::term::Style;
        use purify_analysis::{Analysis, Confidence, FileReport, Note, RuleSet, TextRange, TextSize};

        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
        let walk = ignore::WalkBuilder::new(fixtures).build().flatten().filter(|entry| entry.path().is_file());
        let mut texts: Vec<(String, Vec<u8>)> =
            walk.map(|entry| (entry.path().display().to_string(), std::fs::read(entry.path()).unwrap())).collect();
        texts.push(("odd.py".into(), "\u{c}a\r\rb\r\n\té\u{2028}中\u{200d}👩‍👩‍👧 = 1 \u{85}\n\0\u{1b}[31m".into()));
        texts.push(("long.py".into(), ["x = ", &"中+".repeat(5000), "\n"].concat().into()));
        // A small generator of our own keeps the spans the same on every run.
        let mut state = 88_172_645_463_325_252_u64;
        let mut random = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % (below as u64 + 1)).unwrap()
        };
        let mut files = Vec::new();
        for (path, bytes) in texts {
            let source = SourceFile::decode(path, &bytes);
            let mut span = || {
                let start = source.text.floor_char_boundary(random(source.text.len()));
                let end = source.text.floor_char_boundary((start + random(60)).min(source.text.len()));
                TextRange::new(TextSize::try_from(start).unwrap(), TextSize::try_from(end).unwrap())
            };
            let mut findings: Vec<_> = (0..20)
                .map(|_| {
                    let mut one = finding(0..0);
                    one.range = span();
                    one.notes = (0..2).map(|_| Note { file: None, range: span(), text: "seen here".into() }).collect();
                    one
                })
                .collect();
            findings.sort_by_key(|one| one.range.start());
            files.push(FileReport {
                source,
                findings,
                suppressed: Vec::new(),
                unknown_operators: 0,
                functions: Vec::new(),
                sites: Vec::new(),
                imports: Vec::new(),
                named: Vec::new(),
            });
        }
        let analysis = Analysis { files };
        let report = Report::new(&analysis, analysis.files.iter().map(|file| file.source.path.to_string()).collect());
        let (rules, sources) = (RuleSet::default(), Sources::of(&analysis));
        let context = Context {
            rules: &rules,
            sources: &sources,
            style: Style::plain(),
            width: 80,
            max_per_file: 0,
            excerpts: Excerpts::Always,
            confidence: Confidence::Possible,
            quiet: true,
            fixes: &crate::fixes::Fixes::default(),
        };
        let mut out = Vec::new();
        Format::Text.emitter().emit(&report, &context, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let total: usize = analysis.files.iter().map(|file| file.findings.len()).sum();
        assert_eq!(text.matches("Warning:").count(), total);
        assert!(!text.contains(['\0', '\u{1b}']), "control characters of the source reach the terminal");
    }
}
