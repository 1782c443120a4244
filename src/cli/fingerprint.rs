//! Names for findings that outlive edits elsewhere: no line number and no path goes into them, so moved lines, renamed
//! files and reformatting keep them.

use std::collections::HashMap;

use purify_analysis::{Code, Finding};
use xxhash_rust::xxh3::xxh3_128;

/// Hands out the fingerprints of one file's findings; ask in the order of their position.
#[derive(Default)]
pub struct Fingerprinter {
    seen: HashMap<(Code, String, String), usize>,
}

impl Fingerprinter {
    /// The fingerprint of `finding`, whose span holds `snippet`: a hash of the code, the enclosing definition, the API's
    /// qualified name with the text as written, and how many of these came before in the same definition.
    pub fn next(&mut self, finding: &Finding, snippet: &str) -> String {
        // White space and line breaks are the formatter's business.
        let text: String = snippet.split_whitespace().collect();
        let subject = format!("{}\n{text}", finding.name);
        let count = self.seen.entry((finding.code, finding.scope.clone(), subject.clone())).or_insert(0);
        let occurrence = *count;
        *count += 1;
        let hash = xxh3_128(format!("1\n{}\n{}\n{subject}\n{occurrence}", finding.code, finding.scope).as_bytes());
        format!("{hash:032x}")
    }
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
        assert_eq!(first.len(), 32);
    }

    #[test]
    fn equal_findings_in_one_definition_are_told_apart() {
        let mut one_file = Fingerprinter::default();
        let (a, b) = (one_file.next(&finding(0..1), "np.mean"), one_file.next(&finding(5..6), "np.mean"));
        assert_ne!(a, b);
    }

    #[test]
    fn another_definition_gives_another_fingerprint() {
        let mut other = finding(0..1);
        other.scope = "g".into();
        assert_ne!(Fingerprinter::default().next(&finding(0..1), "x"), Fingerprinter::default().next(&other, "x"));
    }
}
