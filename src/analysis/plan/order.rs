//! In which order: which phase a file belongs to and why, and the steps, each of which leaves a working program.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rustc_hash::FxHashMap;

use super::components::{Adjacency, Components, number};
use super::graph::is_init;
use super::references::Scope;
use super::settings::PhaseRule;
use super::survey::Survey;

/// The phases and steps.
#[derive(Debug, Default)]
pub struct Order {
    /// Names of the phases that have files.
    pub names: Vec<String>,
    /// The phase of each file with ties or that goes.
    pub placed: FxHashMap<u32, Placed>,
    /// The steps: phase, whether it deletes, files.
    pub steps: Vec<(usize, bool, Vec<u32>)>,
    /// For each step, the steps before it that it needs.
    pub after: Vec<Vec<usize>>,
    /// Longest chain of files with ties below each.
    pub level: Vec<u32>,
    /// Cycles of files with ties.
    pub cycles: Vec<Vec<u32>>,
}

/// Where a file stands and why.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// Number of its phase, from 1.
    pub phase: usize,
    /// Name of the phase that the rules give it.
    own: String,
    /// What the rules say.
    why: String,
    /// The file that pulls it into an earlier phase, or holds it back in a later one.
    moved_by: Option<u32>,
    delete: bool,
}

impl Placed {
    /// One sentence, for people.
    pub fn reason(&self, names: &[String], survey: &Survey<'_>) -> String {
        let name = self.phase.checked_sub(1).and_then(|index| names.get(index)).map_or("", String::as_str);
        let head = format!("phase {} ({name})", self.phase);
        match (self.moved_by, self.delete) {
            (Some(file), true) => format!("deleted in {head}, after `{}`, which refers to it", survey.path(file)),
            (None, true) => format!("deleted in {head}: nothing of a later phase refers to it"),
            (Some(file), false) => {
                format!("{head} because `{}` of that phase needs it; else {}, because {}", survey.path(file), self.own, self.why)
            }
            (None, false) => format!("{head} because {}", self.why),
        }
    }
}

/// What the order is made from.
pub struct Facts<'a> {
    /// What each file with ties needs of others.
    pub needs: &'a [FxHashMap<u32, (Scope, Option<u32>)>],
    /// The modules that import each file.
    pub importers: &'a [Vec<u32>],
    /// Files with ties that need each file, directly or not.
    pub dependents: &'a [u32],
    /// Whether a top-level package offers names of the file.
    pub public: &'a [bool],
}

/// Makes the order.
pub fn order(survey: &Survey<'_>, facts: &Facts<'_>) -> Order {
    let graph = adjacency(facts.needs);
    let components = Components::new(&graph);
    let condensed = components.condensed(&graph);
    let levels = components.levels(&condensed);
    let level: Vec<u32> = components.of.iter().map(|component| levels[*component as usize]).collect();
    let cycles = components.members.iter().filter(|members| members.len() > 1).cloned().collect();
    let (names, mut placed) = own_phases(survey, facts);
    let normal = |file: u32| survey.affected[file as usize] && !survey.going.file(file);
    // What goes needs nothing: it is not moved. What refers to it comes before it.
    let work: Adjacency = (0..)
        .zip(&graph)
        .map(|(file, targets)| if normal(file) { targets.iter().copied().filter(|to| normal(*to)).collect() } else { Vec::new() })
        .collect();
    let groups = Components::new(&work);
    pull_forward(&groups, &groups.condensed(&work), &mut placed);
    let references = references_to_going(survey);
    for (file, users) in &references {
        // A phase is over when nothing in it refers to what goes any more.
        let last = users.iter().filter_map(|user| placed.get(user).map(|p| (p.phase, *user))).max();
        let Some(own) = placed.get_mut(file) else { continue };
        own.delete = true;
        own.moved_by = None;
        if let Some((phase, user)) = last.filter(|(phase, _)| *phase >= own.phase) {
            own.phase = phase;
            own.moved_by = Some(user);
        }
    }
    let mut result = Order { names, placed, level, cycles, ..Order::default() };
    steps(survey, facts, &groups, &work, &references, &mut result);
    result.close_gaps();
    result
}

fn adjacency(needs: &[FxHashMap<u32, (Scope, Option<u32>)>]) -> Adjacency {
    needs
        .iter()
        .map(|needs| {
            let mut targets: Vec<u32> = needs.keys().copied().collect();
            targets.sort_unstable();
            targets
        })
        .collect()
}

/// For each file that goes, the files with ties that refer to it.
fn references_to_going(survey: &Survey<'_>) -> BTreeMap<u32, Vec<u32>> {
    let mut references: BTreeMap<u32, Vec<u32>> = survey.going.files.keys().map(|file| (*file, Vec::new())).collect();
    let edges = survey.graph.edges.iter().map(|edge| (edge.from, edge.to));
    let texts = survey.graph.texts.iter().map(|edge| (edge.from, edge.to));
    let uses = survey.graph.uses.iter().map(|(from, to, _)| (survey.graph.place(*from).0, survey.graph.place(*to).0));
    for (from, to) in edges.chain(texts).chain(uses) {
        if from != to
            && let Some(users) = references.get_mut(&to)
        {
            users.push(from);
        }
    }
    for users in references.values_mut() {
        users.sort_unstable();
        users.dedup();
    }
    references
}

/// The phase that the rules give each file with ties.
fn own_phases(survey: &Survey<'_>, facts: &Facts<'_>) -> (Vec<String>, FxHashMap<u32, Placed>) {
    let mut names: Vec<String> = Vec::new();
    for rule in &survey.settings.phases {
        if !names.contains(&rule.name) {
            names.push(rule.name.clone());
        }
    }
    let mut phases = FxHashMap::default();
    let mut catch_all = false;
    for file in (0..number(survey.files.len())).filter(|file| survey.affected[*file as usize] || survey.going.file(*file)) {
        let found = survey.settings.phases.iter().find_map(|rule| Some((rule, reason(survey, facts, rule, file)?)));
        let (name, why) = match &found {
            Some((rule, why)) => (rule.name.as_str(), why.clone()),
            None => {
                catch_all = true;
                ("the rest", "no rule of `phases` fits it".to_owned())
            }
        };
        let number = names.iter().position(|known| known == name).map_or(names.len() + 1, |index| index + 1);
        phases.insert(file, Placed { phase: number, own: name.to_owned(), why, ..Placed::default() });
    }
    if catch_all {
        names.push("the rest".to_owned());
    }
    (names, phases)
}

/// Why `rule` takes `file`; `None` if it does not.
fn reason(survey: &Survey<'_>, facts: &Facts<'_>, rule: &PhaseRule, file: u32) -> Option<String> {
    let path = survey.path(file);
    let mut reasons = Vec::new();
    if rule.except.iter().any(|glob| glob.matches(path)) {
        return None;
    }
    if !rule.paths.is_empty() {
        let glob = rule.paths.iter().find(|glob| glob.matches(path))?;
        reasons.push(format!("its path matches `{}`", glob.pattern()));
    }
    if let Some(threshold) = rule.imported_by {
        let (least, importers) = (threshold.of(survey.files.len()), facts.importers[file as usize].len());
        if importers < least {
            return None;
        }
        reasons.push(format!("{importers} modules import it (at least {least})"));
    }
    if let Some(least) = rule.ties {
        let ties = survey.ties[file as usize].ties;
        if ties < least {
            return None;
        }
        reasons.push(format!("it has {ties} ties (at least {least})"));
    }
    if rule.public {
        if !facts.public[file as usize] {
            return None;
        }
        reasons.push("a top-level package offers its names".to_owned());
    }
    Some(if reasons.is_empty() { "no rule of an earlier phase takes it".to_owned() } else { reasons.join(" and ") })
}

/// Moves what a file needs into the phase of the file, where it would come later.
fn pull_forward(groups: &Components, condensed: &Adjacency, placed: &mut FxHashMap<u32, Placed>) {
    let mut pull: Vec<Option<(usize, u32)>> = vec![None; groups.members.len()];
    // From what needs to what is needed.
    for group in (0..groups.members.len()).rev() {
        let own = groups.members[group].iter().filter_map(|file| placed.get(file).map(|p| (p.phase, *file))).min();
        let Some(own) = own else { continue };
        let first = pull[group].filter(|pulled| pulled.0 < own.0).unwrap_or(own);
        for file in &groups.members[group] {
            if let Some(place) = placed.get_mut(file).filter(|place| first.0 < place.phase) {
                place.phase = first.0;
                place.moved_by = Some(first.1);
            }
        }
        for target in &condensed[group] {
            let slot = &mut pull[*target as usize];
            if slot.is_none_or(|(phase, _)| first.0 < phase) {
                *slot = Some(first);
            }
        }
    }
}

fn steps(
    survey: &Survey<'_>,
    facts: &Facts<'_>,
    groups: &Components,
    work: &Adjacency,
    references: &BTreeMap<u32, Vec<u32>>,
    order: &mut Order,
) {
    let condensed = groups.condensed(work);
    let planned = |group: usize| groups.members[group].iter().any(|file| order.placed.contains_key(file));
    // Groups that have to be done before each.
    let mut before: Vec<Vec<u32>> = condensed;
    for (file, users) in references {
        let own = groups.of[*file as usize];
        for user in users {
            // Files that go may refer to each other in a circle: then they go together, in any order.
            let going = survey.going.file(*user);
            if order.placed.contains_key(user) && !(going && references.get(user).is_some_and(|back| back.contains(file))) {
                before[own as usize].push(groups.of[*user as usize]);
            }
        }
    }
    let mut left: Vec<usize> = before.iter().map(|list| list.iter().filter(|g| planned(**g as usize)).count()).collect();
    let mut then: Vec<Vec<u32>> = vec![Vec::new(); before.len()];
    for (group, list) in before.iter().enumerate() {
        for needed in list.iter().filter(|needed| planned(**needed as usize)) {
            then[*needed as usize].push(number(group));
        }
    }
    let key = |group: usize| {
        let members = &groups.members[group];
        let phase = members.iter().filter_map(|file| order.placed.get(file).map(|p| p.phase)).min().unwrap_or(usize::MAX);
        let delete = members.iter().any(|file| survey.going.file(*file));
        let level = members.iter().map(|file| order.level[*file as usize]).max().unwrap_or(0);
        let dependents = members.iter().map(|file| facts.dependents[*file as usize]).max().unwrap_or(0);
        Reverse((phase, delete, level, Reverse(dependents), members[0], group))
    };
    let mut ready: BinaryHeap<_> = (0..before.len()).filter(|group| planned(*group) && left[*group] == 0).map(key).collect();
    let mut place: FxHashMap<u32, usize> = FxHashMap::default();
    let mut remaining: std::collections::BTreeSet<usize> = (0..before.len()).filter(|group| planned(*group)).collect();
    // Longer circles of files that go: the first of them goes first.
    while let Some(group) = ready.pop().map(|Reverse((.., group))| group).or_else(|| remaining.first().copied()) {
        if !remaining.remove(&group) {
            continue;
        }
        let Reverse((phase, delete, ..)) = key(group);
        let mut after: Vec<usize> = before[group].iter().filter_map(|needed| place.get(needed).copied()).collect();
        after.sort_unstable();
        after.dedup();
        place.insert(number(group), order.steps.len());
        order.steps.push((phase, delete, groups.members[group].clone()));
        order.after.push(after);
        for next in &then[group] {
            let next = *next as usize;
            left[next] = left[next].saturating_sub(1);
            if left[next] == 0 {
                ready.push(key(next));
            }
        }
    }
}

impl Order {
    /// Leaves out phases without files and numbers the others anew.
    fn close_gaps(&mut self) {
        let used: std::collections::BTreeSet<usize> = self.placed.values().map(|place| place.phase).collect();
        let new = |old: usize| used.range(..=old).count();
        self.names = used.iter().filter_map(|number| self.names.get(number - 1).cloned()).collect();
        self.placed.values_mut().for_each(|place| place.phase = new(place.phase));
        self.steps.iter_mut().for_each(|(phase, ..)| *phase = new(*phase));
    }
}

/// Whether a top-level package offers names of each file.
pub fn public(survey: &Survey<'_>) -> Vec<bool> {
    let mut public = vec![false; survey.files.len()];
    let top = |file: u32| is_init(survey.path(file)) && survey.graph.package[file as usize].is_none();
    for file in 0..number(survey.files.len()) {
        public[file as usize] = top(file);
    }
    for edge in &survey.graph.edges {
        if top(edge.from) && edge.scope.on_import() {
            public[edge.to as usize] = true;
        }
    }
    public
}
