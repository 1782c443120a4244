//! What the target lacks, ranked by how many files wait for it.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Blocker, Missing};
use super::settings::Costs;
use super::survey::Survey;

/// Ranks what the target lacks. `waiting` says for each file what it waits for.
pub fn rank(survey: &Survey<'_>, waiting: &[BTreeSet<&Blocker>], costs: &Costs) -> Vec<Missing> {
    let mut found: BTreeMap<&Blocker, Missing> = BTreeMap::new();
    for (file, ties) in (0..).zip(&survey.ties) {
        if survey.going.file(file) {
            continue;
        }
        for (index, symbol) in (0..).zip(&ties.symbols) {
            if survey.going.symbols.contains(&survey.graph.node(file, index)) {
                continue;
            }
            for (need, uses) in &symbol.needs {
                let entry = found.entry(need).or_insert_with(|| Missing {
                    name: need.clone(),
                    uses: 0,
                    apis: Vec::new(),
                    files: Vec::new(),
                    blocks: 0,
                    unblocks: 0,
                    effort: costs.missing,
                });
                entry.uses += uses;
                let path = survey.path(file);
                if entry.files.last().map(String::as_str) != Some(path) {
                    entry.files.push(path.to_owned());
                }
                for api in ties.apis.get(need).into_iter().flatten() {
                    if !entry.apis.iter().any(|known| *known == **api) {
                        entry.apis.push(api.to_string());
                    }
                }
            }
        }
    }
    for (file, needs) in (0_u32..).zip(waiting) {
        // A file without ties waits as well: it calls what does not work yet. It is not counted, for there is nothing to do in it.
        if !survey.affected[file as usize] || survey.going.file(file) {
            continue;
        }
        for need in needs {
            if let Some(entry) = found.get_mut(need) {
                entry.blocks += 1;
                entry.unblocks += usize::from(needs.len() == 1);
            }
        }
    }
    let mut list: Vec<Missing> = found.into_values().collect();
    for missing in &mut list {
        missing.apis.sort();
        missing.files.sort();
    }
    list.sort_by(|a, b| (b.blocks, b.files.len(), b.uses).cmp(&(a.blocks, a.files.len(), a.uses)).then_with(|| a.name.cmp(&b.name)));
    list
}
