//! One act, one finding: an import that nothing uses is new once, and so is a round trip with the calls it is made of. What
//! another new finding says as well is told as a place of that one.
//!
//! Only the view of the gate is folded; a scan lists every tie, and a baseline holds every one, because each has to go.

use std::collections::HashSet;

use crate::report::{FileRecord, NoteRecord, Record, Report};

/// Leaves only those of `new` that no other one covers, with the covered ones among their notes; all else goes from `report`.
/// Returns how many were covered.
pub fn fold(report: &mut Report, new: &[(usize, usize)]) -> usize {
    let wanted: HashSet<(usize, usize)> = new.iter().copied().collect();
    let mut covered = 0;
    for (file_index, file) in report.files.iter_mut().enumerate() {
        keep(&mut file.findings, |index| wanted.contains(&(file_index, index)));
        covered += fold_file(file);
    }
    covered
}

fn fold_file(file: &mut FileRecord) -> usize {
    // Which finding each one is told by. A finding that is covered covers nothing itself, so that chains end at one.
    let by: Vec<Option<usize>> = (0..file.findings.len()).map(|inner| covering(&file.findings, inner)).collect();
    let top = |mut at: usize| {
        // Codes cover one another in one direction only; the bound is for those who change the table.
        for _ in 0..file.findings.len() {
            match by[at] {
                Some(outer) => at = outer,
                None => break,
            }
        }
        at
    };
    let told: Vec<(usize, NoteRecord)> = (0..by.len())
        .filter(|inner| by[*inner].is_some())
        .map(|inner| {
            let finding = &file.findings[inner];
            let text = format!("{}: {}", finding.code, finding.message);
            (top(inner), NoteRecord { file: None, start: finding.start, end: finding.end, bytes: finding.bytes, text })
        })
        .collect();
    let covered = told.len();
    for (outer, note) in told {
        let notes = &mut file.findings[outer].notes;
        // A step of a path says what happens there.
        if !notes.iter().any(|known| known.file.is_none() && meet(known.bytes, note.bytes)) {
            notes.push(note);
        }
    }
    keep(&mut file.findings, |index| by[index].is_none());
    covered
}

/// Leaves the findings whose index is wanted.
fn keep(findings: &mut Vec<Record>, wanted: impl Fn(usize) -> bool) {
    let mut indices = 0..;
    findings.retain(|_| indices.next().is_some_and(&wanted));
}

/// The finding that says what `inner` says, the least by its code where there are several.
fn covering(findings: &[Record], inner: usize) -> Option<usize> {
    let covered = &findings[inner];
    let meets = |bytes| meet(bytes, covered.bytes);
    let says = |outer: &Record| {
        // What is less serious would hide that the gate is closed.
        outer.code.covers(covered.code)
            && outer.severity >= covered.severity
            && (meets(outer.bytes) || outer.notes.iter().any(|note| note.file.is_none() && meets(note.bytes)))
    };
    let all = findings.iter().enumerate().filter(|(outer, finding)| *outer != inner && says(finding));
    all.min_by_key(|(_, finding)| (finding.code, finding.bytes)).map(|(outer, _)| outer)
}

/// Whether two places share a character. A call is named by its callee in one finding and by the attribute alone in another.
fn meet(a: (u32, u32), b: (u32, u32)) -> bool {
    a.0 < b.1 && b.0 < a.1
}
