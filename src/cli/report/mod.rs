//! What a run has to tell, in a form that every output format reads, and the formats themselves.

pub(crate) mod concise;
mod excerpt;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod sarif;
mod sarif_limits;
mod sources;
mod statistics;
mod text;

use std::io::{self, Write};
use std::sync::OnceLock;

use purify_analysis::{Analysis, Code, Confidence, FileReport, Finding, LineIndex, RuleSet, Severity, SourceFile, TextSize};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use sources::Sources;
pub use statistics::Statistics;

use crate::fingerprint::Fingerprinter;
use crate::fixes::Fixes;
use crate::term::Style;

/// A place as people and editors name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Location {
    /// 1-based line; within the cell for a notebook.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    /// 1-based number of the notebook cell.
    pub cell: Option<usize>,
}

/// A place with a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRecord {
    /// Index into [`Report::files`]; `None` means the finding's own file.
    pub file: Option<u32>,
    /// First character.
    pub start: Location,
    /// The character after the last.
    pub end: Location,
    /// Bytes of the decoded text.
    pub bytes: (u32, u32),
    /// What is to be seen there.
    pub text: String,
}

/// A finding with its place worked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The stable code.
    #[serde(with = "code_text")]
    pub code: Code,
    /// How serious.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Qualified name of the API, operator or module.
    pub name: String,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Enclosing definition, empty at module level.
    pub scope: String,
    /// First character.
    pub start: Location,
    /// The character after the last.
    pub end: Location,
    /// Bytes of the decoded text.
    pub bytes: (u32, u32),
    /// Evidence, and the steps of a path.
    pub notes: Vec<NoteRecord>,
    /// See [`crate::fingerprint`].
    pub fingerprint: String,
}

/// A finding that a comment silences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressedRecord {
    /// What was silenced.
    pub finding: Record,
    /// The reason given, possibly empty.
    pub reason: String,
}

/// One file of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Path as people see it: relative to the current directory, with forward slashes.
    pub path: String,
    /// Findings, in the order of their position.
    pub findings: Vec<Record>,
    /// Silenced findings.
    pub suppressed: Vec<SuppressedRecord>,
    /// Operators of which nothing is known.
    pub unknown_operators: usize,
}

/// Something that could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Trouble {
    /// Which file or folder.
    pub path: String,
    /// Why.
    pub message: String,
}

/// A whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Every file that was analysed, clean ones too.
    pub files: Vec<FileRecord>,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
}

/// How `Code` is stored: as its text.
mod code_text {
    use purify_analysis::Code;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(code)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
        let text = String::deserialize(deserializer)?;
        Code::parse(&text).ok_or_else(|| D::Error::custom(format!("unknown code {text}")))
    }
}

impl Report {
    /// Works out places and fingerprints of `analysis`. `paths` are the paths people see, one per file.
    pub fn new(analysis: &Analysis, paths: Vec<String>) -> Self {
        Self::of(analysis.clone(), paths)
    }

    /// The same for an analysis that is not needed any more: its texts move into the report.
    pub fn of(analysis: Analysis, paths: Vec<String>) -> Self {
        let sources: Vec<SourceFile> = analysis.files.iter().map(|file| file.source.clone()).collect();
        let lines: Vec<OnceLock<LineIndex>> = sources.iter().map(|_| OnceLock::new()).collect();
        let locate = |file: usize, offset: TextSize| {
            let source = &sources[file];
            let position = source.position(lines[file].get_or_init(|| source.line_index()), offset);
            Location { line: position.line, column: position.column, cell: position.cell }
        };
        let files = (analysis.files.into_par_iter().enumerate().zip(paths))
            .map(|((index, file), path)| file_record(index, file, path, &locate))
            .collect();
        Self { files, troubles: Vec::new() }
    }

    /// Every finding with its file.
    pub fn findings(&self) -> impl Iterator<Item = (&FileRecord, &Record)> {
        self.files.iter().flat_map(|file| file.findings.iter().map(move |finding| (file, finding)))
    }

    /// The path that `note` of a finding in `file` points into.
    pub fn note_path<'a>(&'a self, file: &'a FileRecord, note: &NoteRecord) -> &'a str {
        note.file.and_then(|index| self.files.get(index as usize)).map_or(&file.path, |other| &other.path)
    }

    /// Whether anything fails the run: findings of severity `info` do not.
    pub fn fails(&self) -> bool {
        self.findings().any(|(_, finding)| finding.severity > Severity::Info)
    }

    /// Drops findings below `severity`.
    pub fn retain_severity(&mut self, severity: Severity) {
        for file in &mut self.files {
            file.findings.retain(|finding| finding.severity >= severity);
        }
    }

    /// Appends the files of another part of the run.
    pub fn append(&mut self, mut other: Self) {
        let offset = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        for file in &mut other.files {
            let silenced = file.suppressed.iter_mut().map(|suppressed| &mut suppressed.finding);
            for note in file.findings.iter_mut().chain(silenced).flat_map(|finding| &mut finding.notes) {
                note.file = note.file.map(|index| index + offset);
            }
        }
        self.files.append(&mut other.files);
        self.troubles.append(&mut other.troubles);
    }
}

fn file_record(index: usize, file: FileReport, path: String, locate: &(impl Fn(usize, TextSize) -> Location + Sync)) -> FileRecord {
    let mut fingerprints = Fingerprinter::default();
    let source = &file.source;
    let mut record = |finding: Finding| Record {
        fingerprint: fingerprints.next(&finding, snippet(source, &finding)),
        code: finding.code,
        severity: finding.severity,
        confidence: finding.confidence,
        name: finding.name,
        message: finding.message,
        help: finding.help,
        scope: finding.scope,
        start: locate(index, finding.range.start()),
        end: locate(index, finding.range.end()),
        bytes: (finding.range.start().into(), finding.range.end().into()),
        notes: (finding.notes.into_iter())
            .map(|note| {
                let at = note.file.map_or(index, |file| file as usize);
                NoteRecord {
                    file: note.file.filter(|file| *file as usize != index),
                    start: locate(at, note.range.start()),
                    end: locate(at, note.range.end()),
                    bytes: (note.range.start().into(), note.range.end().into()),
                    text: note.text,
                }
            })
            .collect(),
    };
    // Silenced and loud findings share one count of occurrences, so a new comment changes no other fingerprint.
    let mut order: Vec<(Finding, Option<String>)> = file.findings.into_iter().map(|finding| (finding, None)).collect();
    let (mut findings, mut suppressed) = (Vec::with_capacity(order.len()), Vec::new());
    order.extend(file.suppressed.into_iter().map(|suppressed| (suppressed.finding, Some(suppressed.reason))));
    order.sort_by_key(|(finding, _)| (finding.range.start(), finding.range.end(), finding.code));
    for (finding, reason) in order {
        let finding = record(finding);
        match reason {
            None => findings.push(finding),
            Some(reason) => suppressed.push(SuppressedRecord { finding, reason }),
        }
    }
    FileRecord { path, findings, suppressed, unknown_operators: file.unknown_operators }
}

fn snippet<'a>(source: &'a SourceFile, finding: &Finding) -> &'a str {
    source.text.get(finding.range.start().to_usize()..finding.range.end().to_usize()).unwrap_or("")
}

/// What emitters know besides the report.
pub struct Context<'a> {
    /// Explanations of the codes.
    pub rules: &'a RuleSet,
    /// The texts that findings point into.
    pub sources: &'a Sources,
    /// Whether and how to colour.
    pub style: Style,
    /// Columns of the terminal.
    pub width: usize,
    /// Findings shown per file in `text`; 0 shows all.
    pub max_per_file: usize,
    /// When `text` shows source excerpts.
    pub excerpts: Excerpts,
    /// Lowest confidence that the run reported.
    pub confidence: Confidence,
    /// Findings only, without a summary.
    pub quiet: bool,
    /// What findings can be rewritten with, for the formats that [propose](Format::proposes_fixes) it.
    pub fixes: &'a Fixes,
}

/// When source excerpts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Excerpts {
    /// While there are few findings.
    Auto,
    /// For every finding shown.
    Always,
    /// One line per finding.
    Never,
}

/// One output format.
pub trait Emitter {
    /// Writes `report` to `out`.
    fn emit(&self, report: &Report, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()>;
}

/// The output formats, as `--output-format` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: grouped by file, with source excerpts and evidence.
    Text,
    /// One line per finding: `path:line:column: CODE message`.
    Concise,
    /// One JSON document (schema: docs/schemas/scan.schema.json).
    Json,
    /// One JSON object per line and finding.
    Jsonl,
    /// SARIF 2.1.0, for code scanning services.
    Sarif,
    /// Workflow commands: annotations of GitHub Actions.
    Github,
    /// Code Quality report of GitLab.
    Gitlab,
    /// JUnit XML: a test suite per file.
    Junit,
    /// Tables in Markdown, for job summaries and issues.
    Markdown,
}

impl Format {
    /// Whether the form has a place for rewrites.
    pub fn proposes_fixes(self) -> bool {
        self == Self::Sarif
    }

    /// The emitter of this format.
    pub fn emitter(self) -> &'static dyn Emitter {
        match self {
            Self::Text => &text::Text,
            Self::Concise => &concise::Concise,
            Self::Json => &json::Json,
            Self::Jsonl => &json::JsonLines,
            Self::Sarif => &sarif::Sarif,
            Self::Github => &github::Github,
            Self::Gitlab => &gitlab::Gitlab,
            Self::Junit => &junit::Junit,
            Self::Markdown => &markdown::Markdown,
        }
    }
}

/// `1 finding`, `2 findings`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let digits = grouped(number);
    if number == 1 { format!("{digits} {noun}") } else { format!("{digits} {noun}s") }
}

/// A number with thousands separated, as long numbers are read.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut result = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            result.push(',');
        }
        result.push(digit);
    }
    result
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use purify_analysis::TextRange;
    use purify_analysis::codes;
    use purify_analysis::{Note, Suppressed};

    /// A finding of a NumPy call.
    pub fn finding(range: std::ops::Range<u32>) -> Finding {
        Finding {
            code: codes::API_CALL,
            severity: Severity::Warning,
            confidence: Confidence::Certain,
            range: TextRange::new(TextSize::new(range.start), TextSize::new(range.end)),
            name: "numpy.mean".into(),
            message: "call of `numpy.mean`".into(),
            notes: Vec::new(),
            help: Some("write `ops.mean`".into()),
            scope: "f".into(),
        }
    }

    /// The range of the `nth` occurrence of `needle` in `text`.
    pub fn find(text: &str, needle: &str, nth: usize) -> std::ops::Range<u32> {
        let (at, _) = text.match_indices(needle).nth(nth).unwrap();
        u32::try_from(at).unwrap()..u32::try_from(at + needle.len()).unwrap()
    }

    /// A run over two files that has one of everything: evidence in another file, a tab, a wide character, a silenced finding.
    pub fn example() -> (Analysis, Report) {
        let first = "import numpy as np\r\n\r\ndef f(x):\r\n\ts = 'ä→'; return np.mean(x)\r\n";
        let second = "from a import f\ny = f([1]) + 1\n";
        let mut import = finding(find(first, "numpy as np", 0));
        import.code = codes::IMPORT;
        import.name = "numpy".into();
        import.message = "import of `numpy` <&\"'>: 100%\nsecond line".into();
        import.scope = String::new();
        let mut plus = finding(find(second, "+", 0));
        plus.code = codes::ARITHMETIC;
        plus.name = "+".into();
        plus.message = "`+` on a NumPy array".into();
        plus.confidence = Confidence::Possible;
        plus.severity = Severity::Error;
        plus.help = None;
        let at = |text: &str, needle: &str| {
            let range = find(text, needle, 0);
            TextRange::new(TextSize::new(range.start), TextSize::new(range.end))
        };
        plus.notes = vec![
            Note { file: Some(0), range: at(first, "np.mean(x)"), text: "`f` returns a NumPy array".into() },
            Note { file: None, range: at(second, "f([1])"), text: "called here".into() },
        ];
        let silenced = Suppressed { finding: finding(find(first, "np.mean", 0)), reason: "plotting only".into() };
        let report = |path: &str, text: &str, findings, suppressed| FileReport {
            source: SourceFile::from_text(path, text),
            findings,
            suppressed,
            unknown_operators: 2,
            functions: Vec::new(),
            sites: Vec::new(),
            imports: Vec::new(),
            named: Vec::new(),
        };
        let call = finding(find(first, "np.mean", 0));
        let analysis = Analysis {
            files: vec![report("pkg/a.py", first, vec![import, call], vec![silenced]), report("pkg/b.py", second, vec![plus], Vec::new())],
        };
        let paths = analysis.files.iter().map(|file| file.source.path.to_string()).collect();
        let report = Report::new(&analysis, paths);
        (analysis, report)
    }

    /// What `format` writes for the example, without colour.
    pub fn emitted(format: Format) -> String {
        let (analysis, report) = example();
        let rules = RuleSet::default();
        let sources = Sources::of(&analysis);
        let context = Context {
            rules: &rules,
            sources: &sources,
            style: Style::plain(),
            width: 100,
            max_per_file: 10,
            excerpts: Excerpts::Auto,
            confidence: Confidence::Possible,
            quiet: false,
            fixes: &Fixes::default(),
        };
        let mut out = Vec::new();
        format.emitter().emit(&report, &context, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_count_characters() {
        let (_, report) = example();
        assert_eq!(report.files[0].findings[1].start, Location { line: 4, column: 19, cell: None });
    }

    #[test]
    fn a_silenced_twin_does_not_share_the_fingerprint() {
        let (_, report) = example();
        assert_ne!(report.files[0].findings[1].fingerprint, report.files[0].suppressed[0].finding.fingerprint);
    }

    #[test]
    fn appended_reports_keep_their_notes() {
        let (_, mut report) = example();
        report.append(example().1);
        assert_eq!(report.note_path(&report.files[3], &report.files[3].findings[0].notes[0]), "pkg/a.py");
        assert_eq!(report.files[3].findings[0].notes[0].file, Some(2));
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!([grouped(7), grouped(1234), grouped(1_234_567)], ["7", "1,234", "1,234,567"]);
    }
}
