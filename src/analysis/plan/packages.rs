//! Packages whose `__init__` draws in files with ties: whoever imports anything below them runs all of these.

use rustc_hash::{FxHashMap, FxHashSet};

use super::components::{Components, number};
use super::graph::is_init;
use super::model::Package;
use super::survey::Survey;

/// The packages, those that draw in most first. `runs` says for each file what its import runs.
pub fn list(survey: &Survey<'_>, runs: &[(u32, u32)]) -> Vec<Package> {
    let components = Components::new(&survey.graph.runs);
    let mut packages = Vec::new();
    let mut imported: FxHashMap<u32, FxHashSet<u32>> = FxHashMap::default();
    for edge in &survey.graph.edges {
        if edge.scope.on_import() && survey.affected[edge.to as usize] {
            imported.entry(edge.from).or_default().insert(edge.to);
        }
    }
    for file in 0..number(survey.files.len()) {
        if !is_init(survey.path(file)) || runs[file as usize].1 == 0 {
            continue;
        }
        let direct = imported.get(&file).map_or(0, FxHashSet::len);
        let members = &components.members[components.of[file as usize] as usize];
        let cycle = members.len() > 1;
        if direct == 0 && !cycle {
            continue;
        }
        let advice = match (cycle, direct) {
            (true, _) => {
                "its exports have to become lazy (a module `__getattr__`) before its files can be moved one by one and imported alone"
            }
            (false, 0) => "",
            (false, _) => "nothing below it can be imported without a library until these files are moved, or its exports are lazy",
        };
        packages.push(Package {
            path: survey.path(file).to_owned(),
            imports_affected: direct,
            runs_affected: runs[file as usize].1,
            cycle,
            advice: advice.to_owned(),
        });
    }
    packages.sort_by(|a, b| b.runs_affected.cmp(&a.runs_affected).then_with(|| a.path.cmp(&b.path)));
    packages
}
