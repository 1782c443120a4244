//! A source file as the analyzer sees it: decoded text, where its lines are, and what stands in the way of reading it.

use std::sync::Arc;

use ruff_notebook::Notebook;
use ruff_source_file::{LineColumn, LineIndex};
use ruff_text_size::{TextRange, TextSize};

/// What a file holds, told by its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// A module, `.py`.
    Python,
    /// A stub, `.pyi`: names are used in annotations only and every definition counts as exported.
    Stub,
    /// A Jupyter notebook, `.ipynb`: its code cells are one module.
    Notebook,
}

impl SourceKind {
    /// The kind that the file name of `path` promises; anything unknown is read as Python.
    pub fn from_path(path: &str) -> Self {
        match path.rsplit_once('.') {
            Some((_, "pyi")) => Self::Stub,
            Some((_, "ipynb")) => Self::Notebook,
            _ => Self::Python,
        }
    }
}

/// Why a file, or a part of it, could not be read as text. The rest of the file is still analysed where that is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadProblem {
    /// What went wrong and what would work.
    pub message: String,
    /// Where, in the decoded text.
    pub at: TextSize,
}

/// One decoded file. Cheap to clone: the text is shared.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path as reports show it: relative to the project root where possible, with forward slashes.
    pub path: Arc<str>,
    /// What the file holds.
    pub kind: SourceKind,
    /// The text that ranges point into. For a notebook: its code cells, joined.
    pub text: Arc<str>,
    /// The encoding the bytes were read with (`utf-8`, `windows-1252`, …), the name to write them back with.
    pub encoding: &'static str,
    /// Whether the bytes began with a UTF-8 byte order mark (it is not part of `text`).
    pub bom: bool,
    /// What could not be read.
    pub problems: Vec<ReadProblem>,
    /// For a notebook: the offset in `text` at which each code cell begins, with the cell's 1-based number in the file.
    pub cells: Vec<(TextSize, usize)>,
    /// For a notebook: the text of the code cells that are not read as Python.
    pub unread: Arc<str>,
    notebook: Option<Arc<Notebook>>,
}

impl SourceFile {
    /// Wraps text that is already decoded.
    pub fn from_text(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let path = path.into();
        let kind = SourceKind::from_path(&path);
        Self {
            path,
            kind,
            text: text.into(),
            encoding: "utf-8",
            bom: false,
            problems: Vec::new(),
            cells: Vec::new(),
            unread: "".into(),
            notebook: None,
        }
    }

    /// Decodes `bytes` as Python would (byte order mark, PEP 263 cookie, else UTF-8) or as a notebook. Never fails:
    /// what cannot be decoded becomes a [`ReadProblem`] and is replaced by U+FFFD.
    pub fn decode(path: impl Into<Arc<str>>, bytes: &[u8]) -> Self {
        let path = path.into();
        match SourceKind::from_path(&path) {
            SourceKind::Notebook => Self::decode_notebook(path, bytes),
            _ => Self::decode_python(path, bytes),
        }
    }

    /// The parsed notebook, when the file is one that could be read.
    pub fn notebook(&self) -> Option<&Notebook> {
        self.notebook.as_deref()
    }

    /// The text of `range`.
    pub fn slice(&self, range: TextRange) -> &str {
        &self.text[range]
    }

    /// An index from offsets to lines and columns. Built on demand, because most files have nothing to report.
    pub fn line_index(&self) -> LineIndex {
        LineIndex::from_source_text(&self.text)
    }

    /// The code cells of a notebook: number in the file, and place in the text.
    pub fn cell_ranges(&self) -> impl Iterator<Item = (usize, TextRange)> + '_ {
        let ends = self.cells.iter().skip(1).map(|(start, _)| *start).chain([TextSize::of(&*self.text)]);
        self.cells.iter().zip(ends).map(|((start, number), end)| (*number, TextRange::new(*start, end)))
    }

    /// Line and column (1-based, in characters) of `offset`; for a notebook the line counts from the cell's first line.
    pub fn position(&self, index: &LineIndex, offset: TextSize) -> Position {
        let LineColumn { line, column } = index.line_column(offset, &self.text);
        let cell = self.cells.iter().rev().find(|(start, _)| *start <= offset);
        match cell {
            None => Position { cell: None, line: line.get(), column: column.get() },
            Some((start, number)) => {
                let first = index.line_index(*start).get();
                Position { cell: Some(*number), line: line.get() - first + 1, column: column.get() }
            }
        }
    }

    fn decode_python(path: Arc<str>, bytes: &[u8]) -> Self {
        let (body, bom) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
            Some(rest) => (rest, true),
            None => (bytes, false),
        };
        let mut file = Self::from_text(path, "");
        file.bom = bom;
        let cookie = encoding_cookie(body);
        let label = cookie.as_deref().unwrap_or("utf-8");
        let Some(encoding) = encoding_for(label) else {
            file.text = String::from_utf8_lossy(body).into();
            file.problems.push(ReadProblem {
                message: format!("unknown encoding `{label}` in the coding cookie; name one that Python knows, such as `utf-8`"),
                at: TextSize::new(0),
            });
            return file;
        };
        file.encoding = if encoding == encoding_rs::UTF_8 { "utf-8" } else { encoding.name() };
        file.text = match (encoding == encoding_rs::UTF_8, std::str::from_utf8(body)) {
            (true, Ok(text)) => text.into(),
            (true, Err(error)) => {
                file.problems.push(ReadProblem {
                    message: format!(
                        "invalid UTF-8 at byte {}; save the file as UTF-8 or declare its encoding in the first line (`# -*- coding: latin-1 -*-`)",
                        error.valid_up_to()
                    ),
                    at: TextSize::try_from(error.valid_up_to()).unwrap_or_default(),
                });
                String::from_utf8_lossy(body).into()
            }
            (false, _) => {
                let (text, had_errors) = encoding.decode_without_bom_handling(body);
                if had_errors {
                    file.problems.push(ReadProblem {
                        message: format!("some bytes are not valid in the declared encoding `{label}`"),
                        at: TextSize::new(0),
                    });
                }
                text.into()
            }
        };
        if let Some(at) = file.text.find('\0') {
            file.problems.push(ReadProblem {
                message: "source code cannot contain NUL bytes; is this a text file?".into(),
                at: TextSize::try_from(at).unwrap_or_default(),
            });
        }
        file
    }

    fn decode_notebook(path: Arc<str>, bytes: &[u8]) -> Self {
        let mut file = Self::from_text(path, "");
        let text = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Into::into);
        if text.trim().is_empty() {
            return file;
        }
        match Notebook::from_source_code(&text) {
            Ok(notebook) if notebook.is_python_notebook() => {
                file.text = notebook.source_code().into();
                file.cells = cell_starts(&notebook, &file.text);
                file.unread = unread(&notebook, &file.cells).into();
                file.notebook = Some(Arc::new(notebook));
            }
            // A notebook of another language has nothing for us.
            Ok(_) => {}
            Err(error) => {
                file.problems.push(ReadProblem { message: format!("not a readable Jupyter notebook: {error}"), at: TextSize::new(0) })
            }
        }
        file
    }
}

/// A place as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Number of the notebook cell, 1-based; `None` outside notebooks.
    pub cell: Option<usize>,
    /// Line, 1-based.
    pub line: usize,
    /// Column, 1-based, in characters.
    pub column: usize,
}

/// The offset of each code cell in the joined text, with the cell's 1-based number among all cells.
fn cell_starts(notebook: &Notebook, text: &str) -> Vec<(TextSize, usize)> {
    let lines = LineIndex::from_source_text(text);
    notebook.index().iter().map(|cell| (lines.line_start(cell.start_row(), text), cell.cell_index().get())).collect()
}

/// The text of the code cells that are not among `cells`.
fn unread(notebook: &Notebook, cells: &[(TextSize, usize)]) -> String {
    let mut text = String::new();
    for (i, cell) in notebook.cells().iter().enumerate() {
        if let (ruff_notebook::Cell::Code(code), false) = (cell, cells.iter().any(|(_, number)| *number == i + 1)) {
            match &code.source {
                ruff_notebook::SourceValue::String(source) => text.push_str(source),
                ruff_notebook::SourceValue::StringArray(lines) => lines.iter().for_each(|line| text.push_str(line)),
            }
            text.push('\n');
        }
    }
    text
}

/// The encoding named in the first or second line, as PEP 263 defines it: a comment that matches
/// `^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)`; the second line counts only if the first is blank or a comment.
fn encoding_cookie(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|&b| b == b'\n').take(2) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let start = line.iter().position(|b| !matches!(b, b' ' | b'\t' | 0x0C)).unwrap_or(line.len());
        match line.get(start) {
            None => continue,
            Some(b'#') => {
                if let Some(label) = cookie_in_comment(&line[start..]) {
                    return Some(label);
                }
            }
            Some(_) => return None,
        }
    }
    None
}

fn cookie_in_comment(comment: &[u8]) -> Option<String> {
    let mut rest = comment;
    while let Some(at) = rest.windows(6).position(|w| w == b"coding") {
        let after = &rest[at + 6..];
        if let Some(value) = after.strip_prefix(b":").or_else(|| after.strip_prefix(b"=")) {
            let value = &value[value.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(value.len())..];
            let end = value.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))).unwrap_or(value.len());
            if end > 0 {
                return Some(String::from_utf8_lossy(&value[..end]).into_owned());
            }
        }
        rest = after;
    }
    None
}

/// Python's codec names that the WHATWG labels of `encoding_rs` lack.
fn encoding_for(label: &str) -> Option<&'static encoding_rs::Encoding> {
    let normal = label.to_ascii_lowercase().replace('_', "-");
    let normal = normal.as_str();
    // Editors append their line-ending preference to the name.
    let normal = ["-unix", "-dos", "-mac"].iter().find_map(|s| normal.strip_suffix(s)).unwrap_or(normal);
    match normal {
        "utf-8" | "utf8" | "u8" | "utf" | "utf-8-sig" | "ascii" | "us-ascii" | "cp65001" => Some(encoding_rs::UTF_8),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" | "8859" | "cp819" => Some(encoding_rs::WINDOWS_1252),
        "cp932" | "ms932" | "mskanji" => Some(encoding_rs::SHIFT_JIS),
        "cp949" | "uhc" => Some(encoding_rs::EUC_KR),
        "cp936" => Some(encoding_rs::GBK),
        "cp950" => Some(encoding_rs::BIG5),
        _ => encoding_rs::Encoding::for_label(normal.as_bytes())
            .or_else(|| encoding_rs::Encoding::for_label(normal.replace("cp", "windows-").as_bytes()))
            .or_else(|| encoding_rs::Encoding::for_label(normal.replace("latin-", "latin").as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_in_the_second_line_counts_after_a_comment() {
        let file = SourceFile::decode("a.py", b"#!/usr/bin/env python\n# -*- coding: latin-1 -*-\ns = '\xe9'\n");
        assert_eq!(&*file.text, "#!/usr/bin/env python\n# -*- coding: latin-1 -*-\ns = '\u{e9}'\n");
        assert!(file.problems.is_empty());
    }

    #[test]
    fn a_cookie_after_code_does_not_count() {
        let file = SourceFile::decode("a.py", b"x = 1\n# coding: latin-1\ns = '\xe9'\n");
        assert_eq!(file.problems.len(), 1);
    }

    #[test]
    fn the_byte_order_mark_is_not_part_of_the_text() {
        let file = SourceFile::decode("a.py", b"\xEF\xBB\xBFx = 1\n");
        assert_eq!((&*file.text, file.bom), ("x = 1\n", true));
    }

    #[test]
    fn an_unknown_encoding_is_named() {
        let file = SourceFile::decode("a.py", b"# coding: klingon\n");
        assert!(file.problems[0].message.contains("klingon"));
    }

    #[test]
    fn notebook_positions_count_within_the_cell() {
        let json = r##"{"cells":[{"cell_type":"markdown","metadata":{},"source":["# t"]},{"cell_type":"code","execution_count":null,"metadata":{},"outputs":[],"source":["a = 1\n","b = 2"]},{"cell_type":"code","execution_count":null,"metadata":{},"outputs":[],"source":["c = 3"]}],"metadata":{"language_info":{"name":"python"}},"nbformat":4,"nbformat_minor":2}"##;
        let file = SourceFile::decode("n.ipynb", json.as_bytes());
        let index = file.line_index();
        let at = TextSize::try_from(file.text.find("c = 3").unwrap()).unwrap();
        assert_eq!(file.position(&index, at), Position { cell: Some(3), line: 1, column: 1 });
    }
}
