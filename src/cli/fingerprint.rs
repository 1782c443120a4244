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
        // White space, line breaks, the kind of quotes and a last comma, which comes with line breaks, are the formatter's business.
        for letter in snippet.split_whitespace().flat_map(str::chars) {
            if matches!(letter, ')' | ']' | '}') && text.ends_with(',') {
                text.pop();
            }
            text.push(if letter == '\'' { '"' } else { letter });
        }
        text.push('\n');
        let count = self.seen.entry(xxh3_128(text.as_bytes())).or_insert(0);
        let _ = write!(text, "{count}");
        *count += 1;
        hex(xxh3_128(text.as_bytes()))
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
