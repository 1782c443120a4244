//! The Code Quality report of GitLab: a JSON array with one entry per finding, told apart by unique fingerprints.

use std::collections::HashMap;
use std::io::{self, Write};

use purify_analysis::Severity;
use serde_json::json;

use super::{Context, Emitter, Report};

/// Entries with `description`, `check_name`, `fingerprint`, `severity` and `location`.
pub struct Gitlab;

impl Emitter for Gitlab {
    fn emit(&self, report: &Report, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
        // Our fingerprints leave the path out, so copies of a file share them; GitLab wants every entry told apart.
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let entries: Vec<_> = report
            .findings()
            .map(|(file, finding)| {
                let copies = seen.entry(&finding.fingerprint).or_insert(0);
                let fingerprint = if *copies == 0 { finding.fingerprint.clone() } else { format!("{}-{copies}", finding.fingerprint) };
                *copies += 1;
                json!({
                    "description": format!("{}: {}", finding.code, finding.message),
                    "check_name": finding.code.name(),
                    "fingerprint": fingerprint,
                    "severity": severity(finding.severity),
                    "location": {
                        "path": file.path,
                        "positions": {
                            "begin": { "line": finding.start.line, "column": finding.start.column },
                            "end": { "line": finding.end.line, "column": finding.end.column },
                        },
                    },
                })
            })
            .collect();
        serde_json::to_writer_pretty(&mut *out, &entries)?;
        writeln!(out)
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, tests::emitted};

    #[test]
    fn fingerprints_are_unique() {
        let entries: Vec<serde_json::Value> = serde_json::from_str(&emitted(Format::Gitlab)).unwrap();
        let mut fingerprints: Vec<_> = entries.iter().map(|entry| entry["fingerprint"].as_str().unwrap()).collect();
        fingerprints.sort_unstable();
        fingerprints.dedup();
        assert_eq!((entries.len(), fingerprints.len()), (3, 3));
        assert_eq!(entries[2]["location"]["positions"]["begin"]["column"], 12);
        assert_eq!(entries[2]["severity"], "major");
    }
}
