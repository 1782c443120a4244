//! What `purify plan --diff` found, for people and for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use purify_analysis::plan::diff::{Difference, Kind};
use purify_analysis::plan::handwritten::Handwritten;
use serde::Serialize;

use crate::report::count;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    plan: &'a str,
    differences: &'a [Difference],
}

/// One document.
pub fn json(found: &[Difference], plan: &str, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Document { version: super::json::VERSION, plan, differences: found })?;
    writeln!(out)
}

/// One line for each, by kind.
pub fn text(found: &[Difference], plan: &str, written: &Handwritten, out: &mut dyn Write) -> io::Result<()> {
    let mut by_kind: BTreeMap<Kind, Vec<&Difference>> = BTreeMap::new();
    for difference in found {
        by_kind.entry(difference.kind).or_default().push(difference);
    }
    for (kind, list) in by_kind {
        writeln!(out, "{} ({})", kind.as_str(), list.len())?;
        for difference in list {
            let place = if difference.line == 0 { plan.to_owned() } else { format!("{plan}:{}", difference.line) };
            writeln!(out, "  {place}: {}", clean(&difference.message))?;
        }
        writeln!(out)?;
    }
    let files = count(written.named.len(), "file");
    match found.len() {
        0 => writeln!(out, "The plan agrees with the code: it names {files}."),
        number => writeln!(out, "{} between the plan, which names {files}, and the code", count(number, "difference")),
    }
}

/// Text of the plan and of file names without control characters.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
