//! The header of an `.npy` file: a Python dictionary literal with the dtype, the order and the shape.

use crate::dtype::DType;
use crate::error::{Error, Result};

/// Longest header that is read. NumPy's own stay below 200 bytes for arrays of numbers.
pub(super) const MAX_HEADER: usize = 1 << 20;
/// NumPy leaves room for the first length to grow to this many digits.
const GROWTH_DIGITS: usize = 21;
const ALIGN: usize = 64;

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) dtype: DType,
    pub(super) big_endian: bool,
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
}

fn bad(message: impl Into<String>) -> Error {
    Error::value("read_npy", message)
}

/// The dtype of a `descr` such as `<f8`, and whether its bytes are big-endian.
fn parse_descr(descr: &str) -> Result<(DType, bool)> {
    let (order, kind) = match descr.as_bytes().first() {
        Some(b'<' | b'>' | b'|' | b'=') => descr.split_at(1),
        _ => ("=", descr),
    };
    let dtype = match kind {
        "b1" | "?" => DType::Bool,
        "i1" | "b" => DType::Int8,
        "i2" => DType::Int16,
        "i4" => DType::Int32,
        "i8" => DType::Int64,
        "u1" | "B" => DType::UInt8,
        "u2" => DType::UInt16,
        "u4" => DType::UInt32,
        "u8" => DType::UInt64,
        "f2" => DType::Float16,
        "f4" => DType::Float32,
        "f8" => DType::Float64,
        "c8" => DType::Complex64,
        "c16" => DType::Complex128,
        "O" => {
            let message = "object arrays need Python's pickle, which can run code from the file, and are not read; \
                           save the array with a number dtype instead";
            return Err(bad(message));
        }
        _ => {
            let known = "bool, int8 to int64, uint8 to uint64, float16, float32, float64, complex64 and complex128";
            return Err(bad(format!("dtype {descr:?} is not supported; {known} are")));
        }
    };
    Ok((dtype, order == ">" || (order == "=" && cfg!(target_endian = "big"))))
}

/// Parses the text of a header.
///
/// # Errors
/// [`Error::Value`] for anything but a dictionary with exactly the three known keys and a supported dtype.
pub(super) fn parse(text: &str) -> Result<Header> {
    let mut parser = Parser { text, rest: text };
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    parser.expect('{')?;
    while !parser.eat('}') {
        let key = parser.string()?;
        parser.expect(':')?;
        match key {
            "descr" if parser.peek() == Some('[') => {
                return Err(bad("structured arrays are not supported; save each field on its own"));
            }
            "descr" => descr = Some(parse_descr(parser.string()?)?),
            "fortran_order" => fortran_order = Some(parser.boolean()?),
            "shape" => shape = Some(parser.shape()?),
            _ => return Err(bad(format!("unknown key {key:?} in the header"))),
        }
        if !parser.eat(',') {
            parser.expect('}')?;
            break;
        }
    }
    if !parser.rest.trim().is_empty() {
        return Err(parser.unexpected("the end of the header"));
    }
    match (descr, fortran_order, shape) {
        (Some((dtype, big_endian)), Some(fortran_order), Some(shape)) => Ok(Header { dtype, big_endian, fortran_order, shape }),
        _ => Err(bad("the header lacks one of 'descr', 'fortran_order' and 'shape'")),
    }
}

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.rest = &self.rest[wanted.len_utf8()..];
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Result<()> {
        if self.eat(wanted) { Ok(()) } else { Err(self.unexpected(&format!("{wanted:?}"))) }
    }

    fn unexpected(&self, wanted: &str) -> Error {
        let position = self.text.len() - self.rest.len();
        let found: String = self.rest.chars().take(12).collect();
        bad(format!("the header has {found:?} at byte {position} where {wanted} belongs"))
    }

    fn string(&mut self) -> Result<&'a str> {
        let quote = match self.peek() {
            Some(quote @ ('\'' | '"')) => quote,
            _ => return Err(self.unexpected("a string")),
        };
        let inner = &self.rest[1..];
        let Some(end) = inner.find(quote) else { return Err(self.unexpected("a closed string")) };
        self.rest = &inner[end + 1..];
        Ok(&inner[..end])
    }

    fn boolean(&mut self) -> Result<bool> {
        self.peek();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(self.unexpected("True or False"))
    }

    fn shape(&mut self) -> Result<Vec<usize>> {
        let mut shape = Vec::new();
        self.expect('(')?;
        while !self.eat(')') {
            self.peek();
            let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
            let Ok(length) = self.rest[..digits].parse() else {
                return Err(self.unexpected("a length"));
            };
            shape.push(length);
            // Python 2 wrote long integers with a suffix.
            self.rest = self.rest[digits..].trim_start_matches('L');
            if !self.eat(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(shape)
    }
}

/// The `descr` of a dtype.
///
/// # Errors
/// [`Error::DType`] for bfloat16, which NumPy's format has no name for.
fn descr(dtype: DType) -> Result<&'static str> {
    Ok(match dtype {
        DType::Bool => "|b1",
        DType::Int8 => "|i1",
        DType::UInt8 => "|u1",
        DType::Int16 => "<i2",
        DType::Int32 => "<i4",
        DType::Int64 => "<i8",
        DType::UInt16 => "<u2",
        DType::UInt32 => "<u4",
        DType::UInt64 => "<u8",
        DType::Float16 => "<f2",
        DType::Float32 => "<f4",
        DType::Float64 => "<f8",
        DType::Complex64 => "<c8",
        DType::Complex128 => "<c16",
        DType::BFloat16 => {
            let expected = "the npy format has no bfloat16: convert to float32, or use safetensors";
            return Err(Error::dtype("write_npy", dtype, expected));
        }
    })
}

/// Magic, version and header, padded as NumPy pads them, so that the files are equal byte for byte.
pub(super) fn write(dtype: DType, fortran_order: bool, shape: &[usize]) -> Result<Vec<u8>> {
    let lengths = match shape {
        [only] => format!("({only},)"),
        _ => format!("({})", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    };
    let order = if fortran_order { "True" } else { "False" };
    let mut text = format!("{{'descr': '{}', 'fortran_order': {order}, 'shape': {lengths}, }}", descr(dtype)?);
    let growing = if fortran_order { shape.last() } else { shape.first() };
    if let Some(length) = growing {
        text.push_str(&" ".repeat(GROWTH_DIGITS.saturating_sub(length.to_string().len())));
    }
    // 64 dimensions of 20 digits stay far below the 64 KiB of version 1.
    let fixed = 10;
    let padding = ALIGN - (fixed + text.len() + 1) % ALIGN;
    text.push_str(&" ".repeat(padding));
    text.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend_from_slice(&(text.len() as u16).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_all_writers_are_read() {
        let expected = Header { dtype: DType::Float64, big_endian: false, fortran_order: false, shape: vec![3, 4] };
        for text in [
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }      \n",
            "{\"shape\":(3,4),\"descr\":\"<f8\",\"fortran_order\":False}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3L, 4L), }",
        ] {
            assert_eq!(parse(text), Ok(expected.clone()), "{text}");
        }
    }

    #[test]
    fn hostile_headers_are_errors() {
        for text in [
            "",
            "{",
            "{'descr'",
            "{'descr': '<f8', 'fortran_order': False}",
            "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}",
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
            "{'descr': '<f8', 'fortran_order': __import__('os'), 'shape': (3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} + 1",
            "{'descr': '<U5', 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '<f8', 'extra': '', 'fortran_order': False, 'shape': (3,)}",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
