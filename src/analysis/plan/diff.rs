//! A plan that somebody wrote, compared with the graph: what it leaves out, what it gets in the wrong order, and what it
//! names that is not there.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_stdlib::builtins::is_python_builtin;
use ruff_python_stdlib::keyword::is_keyword;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::handwritten::{Claim, Entry, Handwritten};
use super::inventory::Inventory;
use super::model::{Blocker, Item, Plan, Status};
use super::references::Scope;
use super::survey::Survey;

/// What is wrong with a line of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A file with ties that the plan does not name.
    UndeclaredFile,
    /// A file that the plan names and the project does not have.
    AbsentFile,
    /// A file that is said to be done and has ties.
    ClaimedDone,
    /// A file without ties that has nothing to be done in it.
    CleanFile,
    /// A file comes before, or beside, another that it needs.
    WrongOrder,
    /// An order between files that do not need each other.
    NoDependency,
    /// A file needs one that the plan does not name.
    HiddenDependency,
    /// Something goes before what refers to it.
    EarlyDeletion,
    /// What a file is said to wait for, and what it does wait for.
    WrongBlocker,
    /// Something that the target lacks and the plan does not list.
    UnlistedNeed,
    /// A name that neither the project nor the target nor a library has.
    UnknownName,
    /// Two statements of the plan that cannot both hold.
    Contradiction,
}

impl Kind {
    /// The spelling in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UndeclaredFile => "undeclared-file",
            Self::AbsentFile => "absent-file",
            Self::ClaimedDone => "claimed-done",
            Self::CleanFile => "clean-file",
            Self::WrongOrder => "wrong-order",
            Self::NoDependency => "no-dependency",
            Self::HiddenDependency => "hidden-dependency",
            Self::EarlyDeletion => "early-deletion",
            Self::WrongBlocker => "wrong-blocker",
            Self::UnlistedNeed => "unlisted-need",
            Self::UnknownName => "unknown-name",
            Self::Contradiction => "contradiction",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// What is wrong.
    pub kind: Kind,
    /// 1-based line of the plan; 0 where the plan says nothing.
    pub line: usize,
    /// What it is about: a path or a name.
    pub subject: String,
    /// One sentence.
    pub message: String,
}

/// Compares `written` with the graph of the project.
pub fn compare(written: &Handwritten, plan: &Plan, survey: &Survey<'_>, inventory: &Inventory) -> Vec<Difference> {
    let mut compared = Compared::new(written, plan, survey, inventory);
    compared.files();
    compared.phases();
    compared.arrows();
    compared.deletions();
    compared.blockers();
    compared.names();
    compared.contradictions();
    let mut found = compared.found;
    found.sort();
    found.dedup();
    found
}

struct Compared<'a> {
    written: &'a Handwritten,
    plan: &'a Plan,
    survey: &'a Survey<'a>,
    inventory: &'a Inventory,
    items: FxHashMap<&'a str, &'a Item>,
    /// The first entry about each file.
    entries: BTreeMap<&'a str, &'a Entry>,
    /// All files that each file needs, directly or not.
    below: FxHashMap<&'a str, FxHashSet<&'a str>>,
    /// Pairs of files with an import for type checkers only.
    typing: FxHashSet<(&'a str, &'a str)>,
    /// Pairs that a drawn order is about.
    drawn: FxHashSet<(&'a str, &'a str)>,
    found: Vec<Difference>,
}

impl<'a> Compared<'a> {
    fn new(written: &'a Handwritten, plan: &'a Plan, survey: &'a Survey<'a>, inventory: &'a Inventory) -> Self {
        let items: FxHashMap<&str, &Item> = plan.items.iter().map(|item| (item.path.as_str(), item)).collect();
        let mut entries: BTreeMap<&str, &Entry> = BTreeMap::new();
        for entry in &written.entries {
            entries.entry(&entry.path).or_insert(entry);
        }
        let mut below: FxHashMap<&str, FxHashSet<&str>> = FxHashMap::default();
        for item in &plan.items {
            let mut seen: FxHashSet<&str> = FxHashSet::default();
            let mut work = vec![item];
            while let Some(next) = work.pop() {
                for dependency in &next.depends_on {
                    if seen.insert(&dependency.path)
                        && let Some(item) = items.get(dependency.path.as_str())
                    {
                        work.push(item);
                    }
                }
            }
            below.insert(&item.path, seen);
        }
        let typing = survey
            .graph
            .edges
            .iter()
            .filter(|edge| edge.scope == Scope::Typing)
            .map(|edge| (survey.path(edge.from), survey.path(edge.to)))
            .collect();
        Self { written, plan, survey, inventory, items, entries, below, typing, drawn: FxHashSet::default(), found: Vec::new() }
    }

    fn add(&mut self, kind: Kind, line: usize, subject: &str, message: String) {
        self.found.push(Difference { kind, line, subject: subject.to_owned(), message });
    }

    fn needs(&self, file: &str, other: &str) -> bool {
        self.below.get(file).is_some_and(|below| below.contains(other))
    }

    fn direct(&self, file: &str, other: &str) -> bool {
        self.items.get(file).is_some_and(|item| item.depends_on.iter().any(|dependency| dependency.path == other))
    }

    /// Files that are left out, that are not there, that are done or are not.
    fn files(&mut self) {
        for item in &self.plan.items {
            if self.written.named.contains(&item.path) || !matches!(item.status, Status::Ready | Status::Blocked | Status::Delete) {
                continue;
            }
            let imports: Vec<String> =
                item.imports.iter().map(|i| format!("{} ({})", i.library, i.scope.as_str())).collect::<BTreeSet<_>>().into_iter().collect();
            let what = if imports.is_empty() {
                "has ties without an import of its own".to_owned()
            } else {
                format!("imports {}", imports.join(", "))
            };
            let mut message = format!("`{}` {what}, and the plan does not name it", item.path);
            if let Some(package) = self.root_that_runs(item) {
                message.push_str(&format!(
                    "; importing `{package}` runs it, so that nothing in that package can be imported without these libraries"
                ));
            }
            self.add(Kind::UndeclaredFile, 0, &item.path, message);
        }
        let entries: Vec<&Entry> = self.entries.values().copied().collect();
        for entry in entries {
            if !entry.exists {
                self.add(Kind::AbsentFile, entry.line, &entry.path, format!("`{}` is not in the project", entry.path));
                continue;
            }
            let done =
                entry.claims.contains(&Claim::Done) && !entry.claims.contains(&Claim::Blocked) && !entry.claims.contains(&Claim::Delete);
            match self.items.get(entry.path.as_str()).filter(|item| !matches!(item.status, Status::Done | Status::Absent)) {
                Some(item) if done => {
                    let ties: usize = item.findings.values().sum();
                    self.add(
                        Kind::ClaimedDone,
                        entry.line,
                        &entry.path,
                        format!("`{}` is said to be done and has {ties} findings", entry.path),
                    );
                }
                None if !done && !entry.claims.contains(&Claim::Delete) => {
                    self.add(
                        Kind::CleanFile,
                        entry.line,
                        &entry.path,
                        format!("`{}` has no ties: there is nothing to do in it", entry.path),
                    );
                }
                _ => {}
            }
        }
    }

    /// The top-level package whose import runs a file that imports a library when it is imported.
    fn root_that_runs(&self, item: &Item) -> Option<&'a str> {
        if !item.imports.iter().any(|import| import.scope.on_import()) {
            return None;
        }
        let survey = self.survey;
        let file = (0_u32..).zip(survey.files).find(|(_, report)| *report.source.path == item.path)?.0;
        let mut root = survey.graph.package[file as usize]?;
        while let Some(above) = survey.graph.package[root as usize] {
            root = above;
        }
        // Breadth first over what an import runs.
        let mut seen = FxHashSet::from_iter([root]);
        let mut work = vec![root];
        while let Some(at) = work.pop() {
            for next in &survey.graph.runs[at as usize] {
                if seen.insert(*next) {
                    work.push(*next);
                }
            }
        }
        seen.contains(&file).then(|| survey.path(root))
    }

    /// The order of sections and of numbered lists.
    fn phases(&mut self) {
        let entries: Vec<&'a Entry> = self.entries.values().copied().collect();
        for entry in entries {
            let Some(item) = self.items.get(entry.path.as_str()).copied() else { continue };
            for dependency in &item.depends_on {
                let Some(needed) = self.items.get(dependency.path.as_str()).copied() else { continue };
                let scope = super::when(dependency.scope);
                let through = dependency.through.as_ref().map_or(String::new(), |through| format!(" through `{through}`"));
                match self.entries.get(needed.path.as_str()).copied() {
                    None if !self.written.named.contains(&needed.path) => {
                        let message = format!("`{}` needs `{}`{through} ({scope}), which the plan does not name", item.path, needed.path);
                        self.add(Kind::HiddenDependency, entry.line, &item.path, message);
                    }
                    // What goes comes after what refers to it.
                    Some(other) if other.claims.contains(&Claim::Delete) || needed.status == Status::Delete => {}
                    Some(other) if entry.section < other.section => {
                        let message = format!(
                            "`{}` (in \"{}\") needs `{}`{through} ({scope}), which comes later (in \"{}\")",
                            item.path, self.written.sections[entry.section], needed.path, self.written.sections[other.section]
                        );
                        self.add(Kind::WrongOrder, entry.line, &item.path, message);
                    }
                    Some(other) if entry.section == other.section && entry.position.is_some() && entry.position < other.position => {
                        let message = format!("`{}` needs `{}`{through} ({scope}), which stands below it", item.path, needed.path);
                        self.add(Kind::WrongOrder, entry.line, &item.path, message);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Orders that are drawn or said.
    fn arrows(&mut self) {
        let written = self.written;
        for (line, rank) in &written.ranks {
            for a in rank {
                for b in rank {
                    if self.direct(a, b) {
                        self.add(Kind::WrongOrder, *line, a, format!("`{a}` and `{b}` share a rank, and `{a}` needs `{b}`"));
                    }
                }
            }
        }
        for arrow in &written.arrows {
            for first in &arrow.first {
                for then in &arrow.then {
                    if first == then || !self.drawn.insert((first, then)) {
                        continue;
                    }
                    let goes = |file: &str| {
                        self.items.get(file).is_some_and(|item| item.status == Status::Delete)
                            || self.entries.get(file).is_some_and(|entry| entry.claims.contains(&Claim::Delete))
                    };
                    if self.needs(first, then) && !goes(then) {
                        self.add(Kind::WrongOrder, arrow.line, first, format!("`{first}` is put before `{then}`, and needs it"));
                    } else if !self.needs(then, first) && !goes(first) && !goes(then) {
                        let only = if self.typing.contains(&(then.as_str(), first.as_str()))
                            || self.typing.contains(&(first.as_str(), then.as_str()))
                        {
                            " but for type checkers"
                        } else {
                            ""
                        };
                        let message =
                            format!("`{first}` is put before `{then}`, and neither needs the other{only}{}", self.real_needs(then));
                        self.add(Kind::NoDependency, arrow.line, then, message);
                    }
                }
            }
        }
    }

    fn real_needs(&self, file: &str) -> String {
        let Some(item) = self.items.get(file) else { return String::new() };
        let needs: Vec<String> = item.depends_on.iter().take(4).map(|d| format!("`{}` ({})", d.path, d.scope.as_str())).collect();
        if needs.is_empty() { format!("; `{file}` needs no file with ties") } else { format!("; `{file}` needs {}", needs.join(", ")) }
    }

    /// What goes before what refers to it.
    fn deletions(&mut self) {
        let entries: Vec<&'a Entry> = self.entries.values().copied().filter(|entry| entry.claims.contains(&Claim::Delete)).collect();
        for entry in entries {
            let mut references: BTreeMap<(&str, usize), (Scope, &'static str)> = BTreeMap::new();
            let survey = self.survey;
            for edge in survey.graph.edges.iter().filter(|edge| survey.path(edge.to) == entry.path) {
                let source = &survey.files[edge.from as usize].source;
                let line = source.position(&source.line_index(), edge.range.start()).line;
                references.insert((survey.path(edge.from), line), (edge.scope, "imports it"));
            }
            for text in survey.graph.texts.iter().filter(|edge| survey.path(edge.to) == entry.path) {
                let source = &survey.files[text.from as usize].source;
                let line = source.position(&source.line_index(), text.range.start()).line;
                references.entry((survey.path(text.from), line)).or_insert((Scope::Function, "names it in a string"));
            }
            for ((user, line), (scope, how)) in references {
                let later = match self.entries.get(user) {
                    // Both go together.
                    Some(other) if other.claims.contains(&Claim::Delete) && other.section <= entry.section => continue,
                    Some(other) if other.section <= entry.section => continue,
                    Some(other) => format!("which comes later (in \"{}\")", self.written.sections[other.section]),
                    None if self.written.named.contains(user) => continue,
                    None => "which the plan does not name".to_owned(),
                };
                let message = format!("deleting `{}` breaks `{user}`, {later}: line {line} {how} ({})", entry.path, super::when(scope));
                self.add(Kind::EarlyDeletion, entry.line, &entry.path, message);
            }
        }
    }

    /// What files wait for.
    fn blockers(&mut self) {
        let listed: BTreeSet<&str> = self.written.needs.keys().map(|name| last(name)).collect();
        let mut unlisted: BTreeMap<&Blocker, Vec<&str>> = BTreeMap::new();
        for item in self.plan.items.iter().filter(|item| matches!(item.status, Status::Ready | Status::Blocked)) {
            let entry = self.entries.get(item.path.as_str()).copied();
            let own: BTreeMap<&Blocker, Vec<&str>> = item.symbols.iter().fold(BTreeMap::new(), |mut own, symbol| {
                for need in &symbol.blocked_by {
                    own.entry(need).or_insert_with(Vec::new).push(symbol.name.as_str());
                }
                own
            });
            for (need, symbols) in &own {
                if !listed.contains(last(need.name())) {
                    unlisted.entry(need).or_default().push(&item.path);
                } else if let Some(entry) = entry.filter(|entry| !entry.waits_for.iter().any(|name| last(name) == last(need.name()))) {
                    let message = format!(
                        "{} of `{}` waits for `{}`, which the plan says of other files only",
                        quoted(symbols),
                        item.path,
                        need.name()
                    );
                    self.add(Kind::WrongBlocker, entry.line, &item.path, message);
                }
            }
            let Some(entry) = entry else { continue };
            for name in &entry.waits_for {
                let free: Vec<&str> = item
                    .symbols
                    .iter()
                    .filter(|symbol| !symbol.name.is_empty() && !symbol.blocked_by.iter().any(|need| last(need.name()) == last(name)))
                    .map(|symbol| symbol.name.as_str())
                    .collect();
                let needed = own.keys().any(|need| last(need.name()) == last(name));
                if self.is_file(name) {
                    continue;
                }
                if !needed {
                    let message = match self.plan.missing.iter().any(|missing| last(missing.name.name()) == last(name)) {
                        true => format!("nothing in `{}` uses `{name}`", item.path),
                        false => format!("nothing in `{}` waits for `{name}`: nothing there uses it, or the target has it", item.path),
                    };
                    self.add(Kind::WrongBlocker, entry.line, &item.path, message);
                } else if !free.is_empty() {
                    let message = format!("{} of `{}` does not need `{name}` and can be done now", quoted(&free), item.path);
                    self.add(Kind::WrongBlocker, entry.line, &item.path, message);
                }
            }
            let ops: Vec<&str> = item.blocked_by.iter().filter(|b| !matches!(b, Blocker::File(_))).map(Blocker::name).collect();
            if entry.claims.contains(&Claim::Ready) && !entry.claims.contains(&Claim::Blocked) && !ops.is_empty() {
                let message = format!("`{}` is said to be ready and waits for {}", item.path, quoted(&ops));
                self.add(Kind::WrongBlocker, entry.line, &item.path, message);
            }
        }
        for (need, files) in unlisted {
            let shown: Vec<&str> = files.iter().copied().take(5).collect();
            let more = if files.len() > shown.len() { format!(" and {} more", files.len() - shown.len()) } else { String::new() };
            let message = format!("the target lacks `{}`, which {}{more} need, and the plan does not list it", need.name(), quoted(&shown));
            self.add(Kind::UnlistedNeed, 0, need.name(), message);
        }
    }

    fn is_file(&self, name: &str) -> bool {
        self.survey.files.iter().any(|file| {
            let stem = file.source.path.rsplit_once('.').map_or(&*file.source.path, |(stem, _)| stem);
            stem.rsplit('/').next() == Some(name)
        })
    }

    /// Names that nothing has.
    fn names(&mut self) {
        let mut known: FxHashSet<&str> = FxHashSet::default();
        for (references, report) in self.survey.references.iter().zip(self.survey.files) {
            known.extend(references.bound.keys().map(|name| name.as_str()));
            for import in &references.imports {
                known.extend(import.module.split('.'));
                known.extend(import.member.iter().map(|name| name.as_str()));
            }
            // Methods, attributes and keywords: every word that the project's code has anywhere.
            known.extend(report.source.text.split(|c: char| !(c.is_alphanumeric() || c == '_')));
            known.extend(report.source.path.split(['/', '.']));
        }
        known.extend(self.inventory.names.iter().flat_map(|name| name.split('.')));
        let rules = &self.survey.rules.rules;
        known.extend(rules.rules.iter().flat_map(|rule| &rule.apis).flat_map(|api| api.split('.')));
        known.extend(rules.rules.iter().filter_map(|rule| rule.op.as_ref()).flat_map(|op| op.split('.')));
        known.extend(self.plan.missing.iter().flat_map(|missing| missing.name.name().split('.')));
        let mut told: FxHashSet<&str> = FxHashSet::default();
        let mut found = Vec::new();
        for mention in &self.written.mentions {
            let name = mention.name.as_str();
            let somewhere = known.contains(name)
                || self.written.defined.contains(name)
                || self.written.needs.keys().any(|need| last(need) == name)
                || self.written.values.contains_key(name)
                || self.survey.rules.facts.library_of(name).is_some()
                || is_python_builtin(name, 14, false)
                || is_keyword(name)
                || PYTHON.contains(&name);
            // Words in code marks that are no code: a status, a path, a flag.
            let word = name.chars().all(|c| c.is_uppercase())
                || (name.chars().all(|c| c.is_lowercase()) && !mention.text.contains(['.', '(', '_']));
            if !somewhere && !word && told.insert(name) {
                let message = format!(
                    "`{name}` (in `{}`) is in neither the project, nor the target, nor a library that is known",
                    mention.text.trim()
                );
                found.push((mention.line, name, message));
            }
        }
        // A method of Python's own lists or strings is no method of the target's arrays.
        for mention in &self.written.mentions {
            let name = mention.name.as_str();
            let call = format!(".{name}(");
            let as_method = mention.text.contains(&call) && is_python_builtin(name, 14, false);
            if as_method && !self.inventory.keeps_operators() && !self.inventory.has(name) && told.insert(name) {
                found.push((mention.line, name, format!("`.{name}()` is no method of the target; Python's `{name}(…)` is a function")));
            }
        }
        for (line, name, message) in found {
            self.add(Kind::UnknownName, line, name, message);
        }
    }

    /// Statements that cannot both hold.
    fn contradictions(&mut self) {
        let written = self.written;
        for (name, values) in &written.values {
            let distinct: BTreeMap<&str, usize> = values.iter().rev().map(|(value, line)| (value.as_str(), *line)).collect();
            if distinct.len() > 1 && distinct.keys().any(|value| value.parse::<f64>().is_ok()) {
                let line = distinct.values().copied().max().unwrap_or(0);
                let told: Vec<String> = distinct.iter().map(|(value, line)| format!("`{value}` (line {line})")).collect();
                self.add(Kind::Contradiction, line, name, format!("`{name}` is given different values: {}", told.join(", ")));
            }
        }
        let libraries: BTreeSet<&str> =
            self.plan.items.iter().flat_map(|item| &item.imports).map(|import| import.library.as_str()).collect();
        for library in libraries {
            let zero = written.without.iter().find(|(word, _)| word == library).map(|(_, line)| *line);
            let kept: BTreeSet<usize> = written.keeping.iter().filter(|(word, _)| word == library).map(|(_, line)| *line).collect();
            for line in kept.into_iter().filter(|line| zero.is_some_and(|zero| zero != *line)) {
                let message = format!("a version on {library} is to be kept, and line {} promises to have none", zero.unwrap_or(0));
                self.add(Kind::Contradiction, line, library, message);
            }
        }
    }
}

/// Names of Python's own types and modules that plans mention and projects need not.
const PYTHON: &[&str] = &[
    "self",
    "cls",
    "append",
    "extend",
    "items",
    "keys",
    "values",
    "join",
    "split",
    "format",
    "math",
    "random",
    "json",
    "pytest",
    "pip",
    "python",
    "os",
    "sys",
    "pathlib",
    "dataclass",
    "typing",
    "args",
    "kwargs",
    "git",
    "main",
];

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| if name.is_empty() { "the module".to_owned() } else { format!("`{name}`") }).collect();
    names.join(", ")
}
