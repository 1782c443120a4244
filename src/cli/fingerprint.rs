//! Names for findings that outlive edits elsewhere: no line number and no path goes into them, so moved lines, renamed
//! files and reformatting keep them.

use std::fmt::Write;

use purify_analysis::Finding;
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_128;

/// Hands out the fingerprints of one file's findings; ask in the order of their position.
#[derive(Default)]
pub struct Fingerprinter {
    /// How often each finding came up so far, by the hash of all that tells it from others.
    seen: FxHashMap<u128, u32>,
    text: String,
}

impl Fingerprinter {
    /// The fingerprint of `finding`, whose span holds `snippet`: a hash of the code, the enclosing definition, the API's
    /// qualified name with the text as written, and how many of these came before in the same definition.
    pub fn next(&mut self, finding: &Finding, snippet: &str) -> String {
        let text = &mut self.text;
        text.clear();
        // Writing to a string cannot fail.
        let _ = write!(text, "1\n{}\n{}\n{}\n", finding.code, finding.scope, finding.name);
        snippet.split_whitespace().for_each(|word| push(text, word));
        text.push('\n');
        let count = self.seen.entry(xxh3_128(text.as_bytes())).or_insert(0);
        let _ = write!(text, "{count}");
        *count += 1;
        hex(xxh3_128(text.as_bytes()))
    }
}

/// Adds a word of a snippet without what is a formatter's business: white space, line breaks, the kind of quotes, a last comma,
/// which comes with line breaks, and how numbers are written (`.5`, `5.`, `1E5`).
fn push(text: &mut String, word: &str) {
    // Whether the letters before belong to a number, or to a name.
    let mut number = None;
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let digit_follows = letters.peek().is_some_and(char::is_ascii_digit);
        match letter {
            '.' if number.is_none() && digit_follows => {
                text.push_str("0.");
                number = Some(true);
            }
            '.' if number == Some(true) => text.push_str(if digit_follows { "." } else { ".0" }),
            letter if letter.is_alphanumeric() || letter == '_' => {
                let number = *number.get_or_insert(letter.is_ascii_digit());
                text.push(if number { letter.to_ascii_lowercase() } else { letter });
            }
            letter => {
                number = None;
                if matches!(letter, ')' | ']' | '}') && text.ends_with(',') {
                    text.pop();
                }
                text.push(if letter == '\'' { '"' } else { letter });
            }
        }
    }
}

/// 32 hexadecimal digits.
fn hex(number: u128) -> String {
    number
        .to_be_bytes()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::finding;

    #[test]
    fn line_moves_and_reformatting_keep_the_fingerprint() {
        let first = Fingerprinter::default().next(&finding(10..20), "np.mean");
        let moved = Fingerprinter::default().next(&finding(400..412), "np . mean");
        assert_eq!(first, moved);
        let quoted = |snippet| Fingerprinter::default().next(&finding(0..1), snippet);
        assert_eq!(quoted("'np.ndarray'"), quoted("\"np.ndarray\""));
        assert_eq!(quoted("f(.5, 5., 1E5, -.5, not .5, 0XFF, 1.e3)"), quoted("f(0.5, 5.0, 1e5, -0.5, not 0.5, 0xFF, 1.0e3)"));
        assert_ne!(quoted("x.A"), quoted("x.a"));
        assert_ne!(quoted("x1.B"), quoted("x1.b"));
        assert_eq!(quoted("x[i, f(a, b)]"), quoted("x[\n    i,\n    f(\n        a,\n        b,\n    ),\n]"));
        assert_eq!(first.len(), 32);
    }

    #[test]
    fn equal_findings_in_one_definition_are_told_apart() {
        let mut one_file = Fingerprinter::default();
        let (a, b) = (one_file.next(&finding(0..1), "np.mean"), one_file.next(&finding(5..6), "np.mean"));
        assert_ne!(a, b);
    }

    #[test]
    fn fingerprints_stay_what_committed_baselines_hold() {
        let mut one_file = Fingerprinter::default();
        let prints = [one_file.next(&finding(0..1), "np.\n mean"), one_file.next(&finding(5..6), "np.mean")];
        let hashed = |text: &str| format!("{:032x}", xxh3_128(text.as_bytes()));
        assert_eq!(prints, ["1\nPUR201\nf\nnumpy.mean\nnp.mean\n0", "1\nPUR201\nf\nnumpy.mean\nnp.mean\n1"].map(hashed));
    }

    #[test]
    fn another_definition_gives_another_fingerprint() {
        let mut other = finding(0..1);
        other.scope = "g".into();
        assert_ne!(Fingerprinter::default().next(&finding(0..1), "x"), Fingerprinter::default().next(&other, "x"));
    }
}
