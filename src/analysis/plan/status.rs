//! How far each symbol is: what the target lacks for it, and for what it uses.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::components::{Adjacency, Components};
use super::model::{Blocker, Status};
use super::survey::Survey;

/// For every symbol, what the target lacks for it and for all that it uses.
#[derive(Debug)]
pub struct Waiting {
    /// By global number; shared between the symbols of a cycle.
    sets: Vec<BTreeSet<u32>>,
    of: Vec<u32>,
    names: Vec<Blocker>,
}

impl Waiting {
    /// Follows the uses of all symbols. What goes is not followed: nobody waits for what is deleted.
    pub fn new(survey: &Survey<'_>) -> Self {
        let mut names: Vec<Blocker> = survey.ties.iter().flat_map(|file| &file.symbols).flat_map(|s| s.needs.keys().cloned()).collect();
        names.sort();
        names.dedup();
        let goes = |node: u32| survey.going.symbols.contains(&node) || survey.going.file(survey.graph.place(node).0);
        let graph: Adjacency = (0..)
            .zip(&survey.uses)
            .map(
                |(node, targets)| if goes(node) { Vec::new() } else { targets.iter().map(|(to, _)| *to).filter(|to| !goes(*to)).collect() },
            )
            .collect();
        let components = Components::new(&graph);
        let condensed = components.condensed(&graph);
        let mut sets: Vec<BTreeSet<u32>> = Vec::with_capacity(condensed.len());
        for (members, targets) in components.members.iter().zip(&condensed) {
            let mut set = BTreeSet::new();
            for member in members.iter().filter(|member| !goes(**member)) {
                let (file, symbol) = survey.graph.place(*member);
                let needs = &survey.ties[file as usize].symbols[symbol as usize].needs;
                set.extend(needs.keys().filter_map(|need| names.binary_search(need).ok()).map(super::components::number));
            }
            for target in targets {
                set.extend(sets[*target as usize].iter().copied());
            }
            sets.push(set);
        }
        Self { sets, of: components.of, names }
    }

    /// What the symbol waits for.
    pub fn of(&self, node: u32) -> impl Iterator<Item = &Blocker> {
        self.sets[self.of[node as usize] as usize].iter().map(|need| &self.names[*need as usize])
    }

    /// Whether the symbol waits for anything.
    pub fn any(&self, node: u32) -> bool {
        !self.sets[self.of[node as usize] as usize].is_empty()
    }

    /// For each file, what its symbols wait for.
    pub fn by_file(&self, survey: &Survey<'_>) -> Vec<BTreeSet<&Blocker>> {
        (0..survey.files.len())
            .into_par_iter()
            .map(|file| {
                let (first, end) = (survey.graph.first[file], survey.graph.first[file + 1]);
                (first..end).flat_map(|node| self.of(node)).collect()
            })
            .collect()
    }
}

/// The status of one symbol.
pub fn symbol(survey: &Survey<'_>, waiting: &Waiting, node: u32) -> Status {
    let (file, index) = survey.graph.place(node);
    if survey.going.file(file) || survey.going.symbols.contains(&node) {
        Status::Delete
    } else if waiting.any(node) {
        Status::Blocked
    } else if survey.ties[file as usize].symbols[index as usize].ties > 0 {
        Status::Ready
    } else {
        Status::Clean
    }
}
