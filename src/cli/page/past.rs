//! How many findings there were: the baselines in the history of the repository.

use std::collections::BTreeMap;
use std::path::Path;

use purify_analysis::Code;

use crate::gate::baseline::{Baseline, FILE_NAME};
use crate::gate::history::{contents, git, top_level};
use crate::paths;

/// The most commits that are looked at; of more, every second, third, … and the newest.
const MOST: usize = 200;

/// A committed state of the baseline.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Abbreviated commit.
    pub commit: String,
    /// The day it was committed.
    pub date: String,
    /// Findings by family.
    pub families: BTreeMap<&'static str, usize>,
}

/// The committed states of the baseline beside `root`, oldest first. Empty where there is no git, no repository or no
/// baseline: a report without a past is still a report.
pub fn of(root: &Path) -> Vec<Moment> {
    let Ok(top) = top_level(root) else { return Vec::new() };
    let path = paths::relative(&root.join(FILE_NAME), &top);
    let Ok(log) = git(&top, &["log", "--reverse", "--format=%h %cs", "--", &path]) else { return Vec::new() };
    let log = String::from_utf8_lossy(&log).into_owned();
    let rows: Vec<(&str, &str)> = log.lines().filter_map(|line| line.split_once(' ')).collect();
    let step = rows.len().div_ceil(MOST).max(1);
    let chosen: Vec<(&str, &str)> = rows.iter().rev().step_by(step).rev().copied().collect();
    let blobs: Vec<(String, String)> = chosen.iter().map(|(commit, _)| ((*commit).to_owned(), format!("{commit}:{path}"))).collect();
    // A commit that deleted the file has no blob; then the whole list is read one by one.
    let read: Vec<Option<Vec<u8>>> = match contents(&top, &blobs) {
        Ok(list) => list.into_iter().map(|(_, bytes)| Some(bytes)).collect(),
        Err(_) => blobs.iter().map(|(_, blob)| git(&top, &["cat-file", "blob", blob]).ok()).collect(),
    };
    let moment = |((commit, date), bytes): (&(&str, &str), Option<Vec<u8>>)| {
        let baseline: Baseline = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Moment { commit: (*commit).to_owned(), date: (*date).to_owned(), families: families(&baseline) }
    };
    chosen.iter().zip(read).map(moment).collect()
}

fn families(baseline: &Baseline) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for entry in baseline.findings.values().flatten() {
        if let Some(code) = entry.split(' ').next().and_then(Code::parse) {
            *counts.entry(code.family().as_str()).or_insert(0) += 1;
        }
    }
    counts
}
