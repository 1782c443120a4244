//! Offsets of the analyzer as positions of the protocol, and back.

use lsp_types::{InitializeParams, Position, PositionEncodingKind, Range};
use purify_analysis::{LineIndex, TextRange, TextSize};

/// What columns count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, what every client can do.
    Utf16,
}

impl Encoding {
    /// Bytes if the client can count them, else code units.
    pub fn agreed(params: &InitializeParams) -> Self {
        let offered = params.capabilities.general.as_ref().and_then(|general| general.position_encodings.as_ref());
        match offered.is_some_and(|kinds| kinds.contains(&PositionEncodingKind::UTF8)) {
            true => Self::Utf8,
            false => Self::Utf16,
        }
    }

    fn width(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.encode_utf16().count(),
        }
    }
}

/// A text with its lines.
pub struct Text<'a> {
    text: &'a str,
    lines: LineIndex,
    encoding: Encoding,
}

impl<'a> Text<'a> {
    /// Indexes `text`.
    pub fn new(text: &'a str, encoding: Encoding) -> Self {
        Self { text, lines: LineIndex::from_source_text(text), encoding }
    }

    /// The range of the protocol for `range`.
    pub fn range(&self, range: TextRange) -> Range {
        Range { start: self.position(range.start()), end: self.position(range.end()) }
    }

    fn position(&self, offset: TextSize) -> Position {
        let line = self.lines.line_index(offset);
        let start = self.lines.line_start(line, self.text);
        let column = self.encoding.width(self.text.get(start.to_usize()..offset.to_usize()).unwrap_or_default());
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Position { line: number(line.to_zero_indexed()), character: number(column) }
    }

    /// The offset of `position`; beyond the end of a line it is the line's end, beyond the last line the end of the text.
    pub fn offset(&self, position: Position) -> TextSize {
        let wanted = position.line as usize;
        if wanted >= self.lines.line_count() {
            return TextSize::of(self.text);
        }
        let line = purify_analysis::OneIndexed::from_zero_indexed(wanted);
        let start = self.lines.line_start(line, self.text).to_usize();
        let end = self.lines.line_end(line, self.text).to_usize();
        let line = self.text[start..end].trim_end_matches(['\n', '\r']);
        let mut column = 0;
        for (at, letter) in line.char_indices() {
            if column >= position.character as usize {
                return TextSize::try_from(start + at).unwrap_or_default();
            }
            column += self.encoding.width(letter.encode_utf8(&mut [0; 4]));
        }
        TextSize::try_from(start + line.len()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_count_what_was_agreed() {
        let text = "a = '🦀'; b\r\nc";
        let b = TextSize::try_from(text.find('b').unwrap()).unwrap();
        for (encoding, column) in [(Encoding::Utf16, 10), (Encoding::Utf8, 12)] {
            let lines = Text::new(text, encoding);
            assert_eq!(lines.position(b), at(0, column));
            assert_eq!(lines.offset(at(0, column)), b);
        }
    }

    #[test]
    fn positions_beyond_the_text_are_its_end() {
        let text = Text::new("ab\r\ncd", Encoding::Utf16);
        assert_eq!(text.offset(at(0, 99)), TextSize::new(2));
        assert_eq!(text.offset(at(9, 0)), TextSize::new(6));
    }
}
