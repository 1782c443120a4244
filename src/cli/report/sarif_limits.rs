//! What a code scanning service takes of one SARIF file. Beyond a limit GitHub refuses the whole file, so what is least
//! severe is left out here, and said.

use std::cmp::Reverse;

use purify_analysis::Severity;

use super::{FileRecord, Record, count, grouped};

/// The most of everything.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Results of a run.
    pub results: usize,
    /// Locations of a result.
    pub locations: usize,
    /// Steps of the paths of a result.
    pub steps: usize,
    /// Bytes of the file, packed by gzip as it is uploaded.
    pub bytes: usize,
    /// Results that get fixes: no service shows more, and working them out takes time.
    pub fixes: usize,
}

/// <https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads>, as of November 2026. A run may
/// also have 25,000 rules with 20 tags each, which is more than there are codes, with one tag each.
pub const GITHUB: Limits = Limits { results: 25_000, locations: 1_000, steps: 10_000, bytes: 10_000_000, fixes: 5_000 };

/// A finding of a file, and why it is silenced.
type Row<'a> = (&'a FileRecord, &'a Record, Option<&'a str>);

impl Limits {
    /// The `most` results that matter most, in the order they came in, and what is to be said of the rest.
    pub fn most_severe<'a>(&self, rows: &[Row<'a>], most: usize) -> (Vec<Row<'a>>, Vec<String>) {
        let dropped = rows.len().saturating_sub(most);
        if dropped == 0 {
            return (rows.to_vec(), Vec::new());
        }
        // Silenced ones go first. The sort is stable: within one severity the order of files stays.
        let weight = |index: &usize| (rows[*index].2.is_some(), Reverse(rows[*index].1.severity));
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(weight);
        let least: Severity = rows[order[most.saturating_sub(1)]].1.severity;
        order.truncate(most);
        order.sort_unstable();
        let why = match most == self.results {
            true => format!("a run may have {}", grouped(self.results)),
            false => format!("the file may have {} MB when it is packed", self.bytes / 1_000_000),
        };
        let text = format!(
            "{} of {} results were left out, none above severity `{}`: {why}. `--min-severity`, `--select` or fewer paths make a scan smaller",
            grouped(dropped),
            grouped(rows.len()),
            least.as_str()
        );
        (order.into_iter().map(|index| rows[index]).collect(), vec![text])
    }

    /// What is to be said where results have more places than they may; `notes` gives how many each has beside its own.
    pub fn places(&self, notes: impl Iterator<Item = usize>) -> Option<String> {
        let most = self.locations.saturating_sub(1).min(self.steps);
        let cut = notes.filter(|number| *number > most).count();
        (cut > 0).then(|| format!("{} with more than {} places: the rest of them was left out", count(cut, "result"), grouped(most)))
    }

    /// How many results are worth another try, if `text` with `results` of them is too large.
    pub fn too_large(&self, text: &str, results: usize) -> Option<usize> {
        // Packing never makes a text larger by more than a few bytes.
        if text.len() + 64 <= self.bytes {
            return None;
        }
        let packed = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 1).len() + 18;
        // A little less than the share, because explanations of the codes stay.
        (packed > self.bytes).then(|| (results * self.bytes / packed * 9 / 10).clamp(1, results.saturating_sub(1).max(1)))
    }
}
