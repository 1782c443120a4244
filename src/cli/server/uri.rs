//! `file:` URIs and the paths they name.

use std::path::{Path, PathBuf};

use lsp_types::Uri;

/// The path of a `file:` URI, absolute and normalised; `None` for other schemes, such as unsaved documents.
pub fn to_path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    // What stands before the first slash is a host: empty, or this machine.
    let path = &rest[rest.find('/')?..];
    let path = decoded(path.split(['?', '#']).next().unwrap_or(path))?;
    // `/c:/x` is how a URI spells a path with a drive.
    let drive = cfg!(windows) && path.as_bytes().get(2) == Some(&b':');
    Some(crate::paths::normalize(Path::new(if drive { &path[1..] } else { &path })))
}

/// The `file:` URI of an absolute path.
pub fn from_path(path: &Path) -> Option<Uri> {
    let text = crate::paths::slashes(path);
    let mut uri = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(byte as char),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.parse().ok()
}

/// `text` with its percent escapes undone; `None` if what they stand for is not UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        match rest.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                bytes.push(value);
                rest = &rest[at + 3..];
            }
            None => {
                bytes.push(b'%');
                rest = &rest[at + 1..];
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_the_way_there_and_back() {
        for path in ["/a/b.py", "/with space/é%20#?.py", "/a+b/[c].py"] {
            assert_eq!(to_path(&from_path(Path::new(path)).unwrap()).as_deref(), Some(Path::new(path)));
        }
    }

    #[test]
    fn other_schemes_name_no_file() {
        assert_eq!(to_path(&"untitled:Untitled-1".parse().unwrap()), None);
    }

    #[test]
    fn escapes_that_are_none_stay() {
        assert_eq!(decoded("100%").as_deref(), Some("100%"));
        assert_eq!(decoded("%zz%41").as_deref(), Some("%zzA"));
    }
}
