//! The plan: what to move, in which order, what stands in the way, and what it costs. Computed from a scan, never written.
//!
//! [`references`] (what a file imports, defines and uses) → [`graph`] (resolved over the project) → [`ties`] (what each symbol
//! has to do with the libraries, and needs of the target's [`inventory`]) → [`survey`] (all of it, with [`deletions`]) →
//! [`status`], [`order`], [`missing`], [`critical`] → [`model`] (the plan). [`handwritten`] reads somebody's own plan and
//! [`diff`] compares it with the graph.

pub mod components;
pub mod critical;
pub mod deletions;
pub mod diff;
mod drawing;
pub mod effort;
pub mod graph;
pub mod handwritten;
pub mod inventory;
pub mod missing;
pub mod model;
pub mod order;
pub mod packages;
pub mod references;
pub mod settings;
pub mod status;
pub mod survey;
pub mod ties;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::FileReport;
use crate::policy::Policy;
use crate::rules::RuleSet;
use components::{Components, reach, reversed};
use effort::{Effort, Sites, Work};
use inventory::Inventory;
use model::{
    Blocker, Coverage, CriticalPath, Cycle, Dependency, Item, LibraryUse, Phase, Plan, Risk, Status, Step, SymbolItem, Target, Totals,
};
use order::Facts;
use references::Scope;
use settings::Settings;
use status::Waiting;
use survey::Survey;

/// What a plan is made from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The files of the project, analysed with [`Policy::fixes`].
    pub files: &'a [FileReport],
    /// The rules they were analysed with.
    pub rules: &'a RuleSet,
    /// The policy they were analysed with.
    pub policy: &'a Policy,
    /// What the project says about its plan.
    pub settings: &'a Settings,
    /// What the target can do.
    pub inventory: &'a Inventory,
    /// The files of the plan before, and whether each was done.
    pub before: &'a BTreeMap<String, bool>,
}

/// Makes the plan.
pub fn build(input: &Input<'_>) -> Plan {
    plan_of(&Survey::new(input), input)
}

/// Makes the plan of a project that is already surveyed.
pub fn plan_of(survey: &Survey<'_>, input: &Input<'_>) -> Plan {
    let needs = survey.needs();
    let importers = survey.importers();
    let graph: components::Adjacency = needs.iter().map(|needs| needs.keys().copied().collect()).collect();
    let dependents: Vec<u32> = reach(&reversed(&graph), &survey.affected).into_iter().map(|(_, affected)| affected).collect();
    let public = order::public(survey);
    let facts = Facts { needs: &needs, importers: &importers, dependents: &dependents, public: &public };
    let order = order::order(survey, &facts);
    let waiting = Waiting::new(survey);
    let by_file = waiting.by_file(survey);
    let runs = reach(&survey.graph.runs, &survey.affected);
    let deletions = deletions::list(survey);
    let missing = missing::rank(survey, &by_file, &survey.settings.effort);
    let mut step_of: FxHashMap<u32, usize> = FxHashMap::default();
    for (index, (_, _, files)) in order.steps.iter().enumerate() {
        step_of.extend(files.iter().map(|file| (*file, index + 1)));
    }
    let mut builder =
        Builder { survey, input, facts: &facts, order: &order, waiting: &waiting, by_file: &by_file, runs: &runs, step_of: &step_of };
    let mut items: Vec<Item> = order.placed.keys().map(|file| builder.item(*file)).collect();
    items.extend(builder.history());
    items.sort_by(|a, b| a.path.cmp(&b.path));
    let known: BTreeSet<&str> = items.iter().map(|item| item.path.as_str()).collect();
    let mut clean: Vec<String> =
        survey.files.iter().map(|file| file.source.path.to_string()).filter(|path| !known.contains(path.as_str())).collect();
    clean.sort();
    let efforts: FxHashMap<&str, Effort> = items.iter().map(|item| (item.path.as_str(), item.effort)).collect();
    let paths = |files: &[u32]| -> Vec<String> { files.iter().map(|file| survey.path(*file).to_owned()).collect() };
    let steps: Vec<Step> = order
        .steps
        .iter()
        .enumerate()
        .map(|(index, (phase, delete, files))| Step {
            number: index + 1,
            phase: *phase,
            level: files.iter().map(|file| order.level[*file as usize]).max().unwrap_or(0),
            delete: *delete,
            files: paths(files),
        })
        .collect();
    let critical_path = critical(survey, &order, &efforts, &missing);
    let phases = phases(&order, &steps, &efforts);
    let totals = builder.totals(&items, &missing);
    let coverage = coverage(survey, &order);
    let mut exceptions: Vec<_> = survey.ties.iter().flat_map(|ties| ties.exceptions.iter().cloned()).collect();
    exceptions.sort();
    Plan {
        target: Target {
            sources: input.inventory.sources.clone(),
            names: input.inventory.names.len(),
            unregistered: input.inventory.unregistered.iter().cloned().collect(),
        },
        totals,
        coverage,
        phases,
        clean,
        steps,
        missing,
        deletions,
        exceptions,
        cycles: cycles(survey, &order),
        packages: packages::list(survey, &runs),
        critical_path,
        risks: risks(survey),
        effort_basis: effort::basis(&survey.settings.effort),
        items,
    }
}

struct Builder<'a> {
    survey: &'a Survey<'a>,
    input: &'a Input<'a>,
    facts: &'a Facts<'a>,
    order: &'a order::Order,
    waiting: &'a Waiting,
    by_file: &'a [BTreeSet<&'a Blocker>],
    runs: &'a [(u32, u32)],
    step_of: &'a FxHashMap<u32, usize>,
}

impl Builder<'_> {
    fn item(&mut self, file: u32) -> Item {
        let (survey, at) = (self.survey, file as usize);
        let source = &survey.files[at].source;
        let lines = source.line_index();
        let line = |range: ruff_text_size::TextRange| source.position(&lines, range.start()).line;
        let goes = survey.going.file(file);
        let mut depends_on: Vec<Dependency> = self.facts.needs[at]
            .iter()
            .map(|(to, (scope, through))| Dependency {
                path: survey.path(*to).to_owned(),
                scope: *scope,
                through: through.map(|through| survey.path(through).to_owned()),
            })
            .collect();
        depends_on.sort_by(|a, b| a.path.cmp(&b.path));
        let mut blocked_by: Vec<Blocker> = if goes { Vec::new() } else { self.by_file[at].iter().map(|b| (*b).clone()).collect() };
        if !goes {
            // Files of one cycle go together and do not wait for each other.
            let step = self.step_of.get(&file);
            let waits = |to: &u32| !survey.going.file(*to) && self.step_of.get(to) != step;
            let mut files: Vec<u32> = self.facts.needs[at].keys().copied().filter(waits).collect();
            files.sort_unstable();
            blocked_by.extend(files.into_iter().map(|to| Blocker::File(survey.path(to).to_owned())));
        }
        let status = match (goes, blocked_by.is_empty()) {
            (true, _) => Status::Delete,
            (false, true) => Status::Ready,
            (false, false) => Status::Blocked,
        };
        let ties = &survey.ties[at];
        let mut sites = Sites::default();
        ties.symbols.iter().for_each(|symbol| sites.add(&symbol.sites));
        let modules = ties.symbols.iter().map(|symbol| symbol.modules).sum();
        let references = survey.graph.edges.iter().filter(|edge| edge.from == file && survey.going.file(edge.to)).count();
        let work = if goes { Work::default() } else { Work { sites, modules, boundaries: ties.exceptions.len(), references } };
        let placed = &self.order.placed[&file];
        let path = source.path.to_string();
        Item {
            phase: placed.phase,
            step: self.step_of.get(&file).copied().unwrap_or(0),
            level: self.order.level[at],
            status,
            regressed: self.input.before.get(&path).copied().unwrap_or(false),
            blocked_by,
            reason: placed.reason(&self.order.names, survey),
            imports: self.libraries(file, &line),
            depends_on,
            imported_by: self.facts.importers[at].len(),
            tests: self.facts.importers[at].iter().map(|user| survey.path(*user)).filter(|path| is_test(path)).map(str::to_owned).collect(),
            dependents: self.facts.dependents[at] as usize,
            public: self.facts.public[at],
            import_runs: [self.runs[at].0, self.runs[at].1],
            lines: source.text.lines().count(),
            findings: ties.findings.clone(),
            quick: !goes && modules + references == 0 && sites.review + sites.refused + sites.unknown == 0,
            sites,
            symbols: self.symbols(file, &line),
            effort: Effort::of(&work, &survey.settings.effort),
            path,
        }
    }

    /// The imports of governed libraries.
    fn libraries(&self, file: u32, line: &dyn Fn(ruff_text_size::TextRange) -> usize) -> Vec<LibraryUse> {
        let edges = &self.survey.graph.libraries;
        let first = edges.partition_point(|edge| edge.from < file);
        let own = edges[first..].iter().take_while(|edge| edge.from == file);
        own.filter_map(|edge| {
            let library = governed(self.survey, &edge.name)?;
            Some(LibraryUse { library, name: edge.name.clone(), scope: edge.scope, line: line(edge.range) })
        })
        .collect()
    }

    fn symbols(&self, file: u32, line: &dyn Fn(ruff_text_size::TextRange) -> usize) -> Vec<SymbolItem> {
        let survey = self.survey;
        let mut symbols = Vec::new();
        for (index, symbol) in (0..).zip(&survey.references[file as usize].symbols) {
            let node = survey.graph.node(file, index);
            let status = status::symbol(survey, self.waiting, node);
            let ties = &survey.ties[file as usize].symbols[index as usize];
            if status == Status::Clean && ties.ties == 0 {
                continue;
            }
            let blocked_by = if status == Status::Delete { Vec::new() } else { ties.needs.keys().cloned().collect() };
            let mut through: Vec<String> = if status == Status::Blocked {
                let uses = survey.uses[node as usize].iter().map(|(to, _)| *to);
                uses.filter(|to| self.waiting.any(*to)).map(|to| survey.symbol_name(to)).collect()
            } else {
                Vec::new()
            };
            through.sort();
            let line = if index == 0 { 1 } else { line(symbol.range) };
            symbols.push(SymbolItem {
                name: symbol.name.to_string(),
                kind: symbol.kind,
                line,
                status,
                blocked_by,
                through,
                sites: ties.sites,
            });
        }
        symbols
    }

    /// Files of the plan before that have nothing to do now: done, or not there any more.
    fn history(&self) -> Vec<Item> {
        let at: FxHashMap<&str, u32> = (0..).zip(self.survey.files).map(|(file, report)| (&*report.source.path, file)).collect();
        let planned = |path: &str| at.get(path).is_some_and(|file| self.order.placed.contains_key(file));
        let gone = self.input.before.keys().filter(|path| !planned(path));
        gone.map(|path| {
            let file = at.get(path.as_str());
            Item {
                path: path.clone(),
                phase: 0,
                step: 0,
                level: 0,
                status: if file.is_some() { Status::Done } else { Status::Absent },
                regressed: false,
                blocked_by: Vec::new(),
                reason: String::new(),
                imports: Vec::new(),
                depends_on: Vec::new(),
                imported_by: file.map_or(0, |file| self.facts.importers[*file as usize].len()),
                tests: Vec::new(),
                dependents: 0,
                public: file.is_some_and(|file| self.facts.public[*file as usize]),
                import_runs: file.map_or([0, 0], |file| [self.runs[*file as usize].0, self.runs[*file as usize].1]),
                lines: file.map_or(0, |file| self.survey.files[*file as usize].source.text.lines().count()),
                findings: file.map(|file| self.survey.ties[*file as usize].findings.clone()).unwrap_or_default(),
                sites: Sites::default(),
                quick: false,
                symbols: Vec::new(),
                effort: Effort::default(),
            }
        })
        .collect()
    }

    fn totals(&self, items: &[Item], missing: &[model::Missing]) -> Totals {
        let survey = self.survey;
        let mut totals = Totals { modules: survey.files.len(), ..Totals::default() };
        totals.affected = survey.affected.iter().filter(|affected| **affected).count();
        let mut importing: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        for edge in &survey.graph.libraries {
            if let Some(library) = governed(survey, &edge.name) {
                importing.entry(library).or_default().insert(edge.from);
            }
        }
        totals.importing = importing.values().flatten().collect::<BTreeSet<_>>().len();
        totals.importers = importing.into_iter().map(|(library, files)| (library, files.len())).collect();
        for item in items {
            *totals.by_status.entry(item.status.as_str().to_owned()).or_insert(0) += 1;
            totals.effort.add(&item.effort);
        }
        let cost: f64 = missing.iter().map(|missing| missing.effort).sum();
        totals.effort.add(&Effort { low: cost / 2.0, likely: cost, high: cost * 2.0 });
        for ties in &survey.ties {
            for (family, count) in &ties.findings {
                *totals.findings.entry(family.clone()).or_insert(0) += count;
            }
            ties.symbols.iter().for_each(|symbol| totals.sites.add(&symbol.sites));
        }
        totals.unknown_operators = survey.files.iter().map(|file| file.unknown_operators).sum();
        totals
    }
}

/// The library that a dotted name belongs to, if it is governed.
fn governed(survey: &Survey<'_>, name: &str) -> Option<String> {
    let facts = &survey.rules.facts;
    let library = facts.library(facts.library_of(name)?);
    let listed = |names: &[String]| names.iter().any(|n| **n == *library.name);
    let governed = (library.governed || listed(&survey.policy.governed)) && !listed(&survey.policy.ungoverned);
    governed.then(|| library.name.to_string())
}

fn coverage(survey: &Survey<'_>, order: &order::Order) -> Coverage {
    let mut coverage = Coverage::default();
    for (file, ties) in (0_u32..).zip(&survey.ties) {
        let open: usize = ties.findings.values().sum();
        coverage.findings += open + ties.excepted;
        coverage.excepted += ties.excepted;
        if order.placed.contains_key(&file) {
            coverage.in_items += open;
        } else {
            coverage.kept += open;
        }
    }
    let covered = coverage.in_items + coverage.excepted + coverage.kept;
    coverage.share = if coverage.findings == 0 { 1.0 } else { covered as f64 / coverage.findings as f64 };
    coverage
}

fn phases(order: &order::Order, steps: &[Step], efforts: &FxHashMap<&str, Effort>) -> Vec<Phase> {
    let mut phases: Vec<Phase> = (1..)
        .zip(&order.names)
        .map(|(number, name)| Phase { number, name: name.clone(), items: Vec::new(), effort: Effort::default() })
        .collect();
    for step in steps {
        let Some(phase) = phases.get_mut(step.phase.wrapping_sub(1)) else { continue };
        for file in &step.files {
            phase.effort.add(&efforts.get(file.as_str()).copied().unwrap_or_default());
            phase.items.push(file.clone());
        }
    }
    phases
}

fn critical(survey: &Survey<'_>, order: &order::Order, efforts: &FxHashMap<&str, Effort>, missing: &[model::Missing]) -> CriticalPath {
    let cost: BTreeMap<Blocker, f64> = missing.iter().map(|missing| (missing.name.clone(), missing.effort)).collect();
    let nodes: Vec<critical::Node> = order
        .steps
        .iter()
        .zip(&order.after)
        .map(|((_, delete, files), after)| critical::Node {
            hours: files.iter().map(|file| efforts.get(survey.path(*file)).map_or(0.0, |effort| effort.likely)).sum(),
            after: after.clone(),
            ops: if *delete {
                Vec::new()
            } else {
                files.iter().flat_map(|file| &survey.ties[*file as usize].symbols).flat_map(|symbol| symbol.needs.keys().cloned()).collect()
            },
            files: files.iter().map(|file| survey.path(*file).to_owned()).collect(),
        })
        .collect();
    critical::longest(&nodes, &cost)
}

fn cycles(survey: &Survey<'_>, order: &order::Order) -> Vec<Cycle> {
    let paths = |files: &mut dyn Iterator<Item = u32>| -> Vec<String> { files.map(|file| survey.path(file).to_owned()).collect() };
    let mut cycles: Vec<Cycle> = order
        .cycles
        .iter()
        .map(|members| Cycle { kind: "references", size: members.len(), affected: paths(&mut members.iter().copied()) })
        .collect();
    let components = Components::new(&survey.graph.runs);
    for members in components.members.iter().filter(|members| members.len() > 1) {
        let affected = paths(&mut members.iter().copied().filter(|file| survey.affected[*file as usize]));
        if !affected.is_empty() {
            cycles.push(Cycle { kind: "packages", size: members.len(), affected });
        }
    }
    cycles.sort_by(|a, b| (a.kind, std::cmp::Reverse(a.size), &a.affected).cmp(&(b.kind, std::cmp::Reverse(b.size), &b.affected)));
    cycles
}

fn risks(survey: &Survey<'_>) -> Vec<Risk> {
    let mut risks = Vec::new();
    for (file, references) in (0_u32..).zip(&survey.references) {
        let source = &survey.files[file as usize].source;
        let lines = source.line_index();
        for (name, range, symbol) in &references.undefined {
            let place = &references.symbols[*symbol as usize].name;
            let place = if place.is_empty() { "the module".to_owned() } else { format!("`{place}`") };
            let line = source.position(&lines, range.start()).line;
            let note = format!("`{name}` is used in {place} and bound nowhere");
            risks.push(Risk { path: source.path.to_string(), line, kind: "undefined-name", note });
        }
    }
    for (file, range, module, name) in &survey.graph.broken {
        let source = &survey.files[*file as usize].source;
        let line = source.position(&source.line_index(), range.start()).line;
        let note = format!("`{}` has no `{name}`", survey.path(*module));
        risks.push(Risk { path: source.path.to_string(), line, kind: "missing-name", note });
    }
    for (file, line, message) in &survey.broken {
        risks.push(Risk { path: survey.path(*file).to_owned(), line: *line, kind: "syntax-error", note: message.clone() });
    }
    risks.sort();
    risks
}

/// Whether pytest or unittest would take the file at `path` for tests.
fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "conftest.py" || name.starts_with("test_") || name.ends_with("_test.py")
}

/// When a file is needed, as a word for people.
pub fn when(scope: Scope) -> &'static str {
    match scope {
        Scope::Top => "when it is imported",
        Scope::Try => "when it is imported, if it is there",
        Scope::Function => "lazily, in a function",
        Scope::Main => "when it is run",
        Scope::Typing => "for type checkers only",
    }
}
