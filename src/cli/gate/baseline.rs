//! The baseline: which findings a project already had. A committed file with one line per finding, sorted, without line
//! numbers and without counts, so that it merges, survives moved lines and renamed files, and can only shrink.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::files::write_atomic;
use crate::report::{Record, Report};

/// The name of the file beside the configuration.
pub const FILE_NAME: &str = "purify.baseline.json";
const VERSION: u32 = 1;

/// Known findings by file, and the reasons why more were let in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    /// Reasons given to `--allow-growth`, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub growth: Vec<String>,
    /// Path relative to the baseline's folder → entries, each `CODE fingerprint name (scope)`. Only the fingerprint counts.
    pub findings: BTreeMap<String, Vec<String>>,
}

/// Findings of a run beside those of a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Findings that the baseline does not hold, as (file, finding) indexes.
    pub new: Vec<(usize, usize)>,
    /// Findings that it holds.
    pub known: Vec<(usize, usize)>,
    /// Entries whose finding is gone, as (path, entry).
    pub stale: Vec<(String, String)>,
}

impl Baseline {
    /// Reads the file at `path`; `None` if there is none.
    pub fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Failure::new(format!("cannot read the baseline `{}`", path.display())).because(crate::io_message(&error)));
            }
        };
        let broken = |why: String| {
            Failure::new(format!("the baseline `{}` cannot be used", path.display()))
                .because(why)
                .help("after a merge conflict take the lines of both sides and run `purify gate --update`; otherwise bring back the committed file")
        };
        let baseline: Self = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
        if baseline.version != VERSION {
            return Err(broken(format!("it has version {}; this purify reads version {VERSION}", baseline.version)));
        }
        Ok(Some(baseline))
    }

    /// Writes it to `path`.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Failure::new(error.to_string()))? + "\n";
        write_atomic(path, text.as_bytes())
            .map_err(|error| Failure::new(format!("cannot write the baseline `{}`", path.display())).because(crate::io_message(&error)))
    }

    /// The baseline of some findings of `report`; `path_of` gives the path of a file relative to the baseline.
    pub fn of(report: &Report, findings: &[(usize, usize)], path_of: &dyn Fn(&str) -> String) -> Self {
        let mut result = Self { version: VERSION, ..Self::default() };
        for (file, finding) in findings {
            let file = &report.files[*file];
            result.findings.entry(path_of(&file.path)).or_default().push(entry(&file.findings[*finding]));
        }
        result.sort();
        result
    }

    /// Adds an entry as it stands in a file.
    pub fn keep(&mut self, path: &str, entry: &str) {
        self.findings.entry(path.to_owned()).or_default().push(entry.to_owned());
    }

    /// Brings the entries into their order.
    pub fn sort(&mut self) {
        self.findings.values_mut().for_each(|entries| entries.sort_unstable());
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.findings.values().map(Vec::len).sum()
    }

    /// Compares `report` with this baseline. `in_view` tells whether an entry of a path can be compared at all: its file
    /// was scanned, or is gone.
    ///
    /// A finding is known if its file has an entry for it, or else if an entry for it is left over elsewhere: then the code
    /// was moved, or the file renamed.
    pub fn compare(&self, report: &Report, path_of: &dyn Fn(&str) -> String, in_view: &dyn Fn(&str) -> bool) -> Comparison {
        let mut left: HashMap<&str, Vec<(&str, &str)>> = HashMap::new();
        for (path, entries) in self.findings.iter().rev().filter(|(path, _)| in_view(path)) {
            for entry in entries.iter().rev() {
                left.entry(fingerprint(entry)).or_default().push((path, entry));
            }
        }
        let mut result = Comparison::default();
        let mut homeless = Vec::new();
        for (file_index, file) in report.files.iter().enumerate().filter(|(_, file)| !file.findings.is_empty()) {
            let path = path_of(&file.path);
            for (index, finding) in file.findings.iter().enumerate() {
                let entries = left.get_mut(short(finding));
                let own = entries.as_ref().and_then(|entries| entries.iter().rposition(|(entry_path, _)| *entry_path == path));
                match (entries, own) {
                    (Some(entries), Some(own)) => {
                        entries.remove(own);
                        result.known.push((file_index, index));
                    }
                    _ => homeless.push((file_index, index)),
                }
            }
        }
        for (file, index) in homeless {
            let moved = left.get_mut(short(&report.files[file].findings[index])).and_then(Vec::pop).is_some();
            if moved { result.known.push((file, index)) } else { result.new.push((file, index)) }
        }
        result.known.sort_unstable();
        result.stale = left.into_values().flatten().map(|(path, entry)| (path.to_owned(), entry.to_owned())).collect();
        result.stale.sort_unstable();
        result
    }
}

/// Half of a fingerprint is enough to tell the findings of one project apart, and keeps the file small.
fn short(finding: &Record) -> &str {
    finding.fingerprint.get(..16).unwrap_or(&finding.fingerprint)
}

fn entry(finding: &Record) -> String {
    let scope = if finding.scope.is_empty() { String::new() } else { format!(" in {}", finding.scope) };
    format!("{} {} {}{scope}", finding.code, short(finding), finding.name)
}

fn fingerprint(entry: &str) -> &str {
    entry.split(' ').nth(1).unwrap_or(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::example;

    fn all(report: &Report) -> Vec<(usize, usize)> {
        let of = |(index, file): (usize, &crate::report::FileRecord)| {
            (0..file.findings.len()).map(move |finding| (index, finding)).collect::<Vec<_>>()
        };
        report.files.iter().enumerate().flat_map(of).collect()
    }

    fn same(path: &str) -> String {
        path.to_owned()
    }

    #[test]
    fn a_baseline_knows_its_own_findings() {
        let report = example().1;
        let baseline = Baseline::of(&report, &all(&report), &same);
        let comparison = baseline.compare(&report, &same, &|_| true);
        assert_eq!((comparison.new.len(), comparison.known.len(), comparison.stale.len()), (0, 3, 0));
    }

    #[test]
    fn a_renamed_file_brings_nothing_new() {
        let mut report = example().1;
        let baseline = Baseline::of(&report, &all(&report), &same);
        report.files[0].path = "pkg/renamed.py".into();
        let comparison = baseline.compare(&report, &same, &|_| true);
        assert_eq!((comparison.new.len(), comparison.stale.len()), (0, 0));
    }

    #[test]
    fn a_copied_file_is_new_although_its_fingerprints_are_known() {
        let mut report = example().1;
        let baseline = Baseline::of(&report, &all(&report), &same);
        let mut copy = report.files[0].clone();
        copy.path = "pkg/copy.py".into();
        report.files.push(copy);
        let comparison = baseline.compare(&report, &same, &|_| true);
        assert_eq!(comparison.new, [(2, 0), (2, 1)]);
    }

    #[test]
    fn what_is_gone_is_stale_unless_it_was_not_looked_at() {
        let mut report = example().1;
        let baseline = Baseline::of(&report, &all(&report), &same);
        report.files[1].findings.clear();
        assert_eq!(baseline.compare(&report, &same, &|_| true).stale.len(), 1);
        assert_eq!(baseline.compare(&report, &same, &|path| path != "pkg/b.py").stale.len(), 0);
    }

    #[test]
    fn the_file_is_read_back_and_a_broken_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        assert_eq!(Baseline::read(&path).unwrap(), None);
        let report = example().1;
        let baseline = Baseline::of(&report, &all(&report), &same);
        baseline.write(&path).unwrap();
        assert_eq!(Baseline::read(&path).unwrap(), Some(baseline));
        std::fs::write(&path, "<<<<<<< HEAD\n").unwrap();
        assert!(Baseline::read(&path).unwrap_err().to_string().contains("merge conflict"));
        std::fs::write(&path, "{\"version\": 9, \"findings\": {}}").unwrap();
        assert!(Baseline::read(&path).unwrap_err().to_string().contains("version 9"));
    }
}
