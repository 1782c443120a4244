//! What the target makes obsolete, and everything that refers to it: imports wherever they stand, calls that import by name,
//! and strings.

use ruff_text_size::{Ranged, TextRange};
use rustc_hash::{FxHashMap, FxHashSet};

use super::model::{Deletion, Reference};
use super::references::{Scope, SymbolKind};
use super::survey::Survey;

/// Files and symbols that go.
#[derive(Clone, Debug, Default)]
pub struct Going {
    /// For each file that goes, why.
    pub files: FxHashMap<u32, String>,
    /// The classes that go, by global number.
    pub symbols: FxHashSet<u32>,
}

impl Going {
    /// Whether the file goes.
    pub fn file(&self, file: u32) -> bool {
        self.files.contains_key(&file)
    }
}

/// Finds what goes.
pub fn find(survey: &Survey<'_>) -> Going {
    let mut going = Going::default();
    for (file, ties) in (0..).zip(&survey.ties) {
        for (symbol, _) in (0..).zip(&ties.symbols).filter(|(_, symbol)| symbol.obsolete) {
            going.symbols.insert(survey.graph.node(file, symbol));
        }
    }
    // A class goes with the one it derives from.
    let mut work: Vec<u32> = going.symbols.iter().copied().collect();
    let mut users: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (from, targets) in (0..).zip(&survey.uses) {
        for (to, _) in targets {
            users.entry(*to).or_default().push(from);
        }
    }
    while let Some(node) = work.pop() {
        let (file, symbol) = survey.graph.place(node);
        let name = survey.references[file as usize].symbols[symbol as usize].name.clone();
        for user in users.get(&node).into_iter().flatten() {
            let (file, symbol) = survey.graph.place(*user);
            let class = &survey.references[file as usize].symbols[symbol as usize];
            let derives = class.bases.iter().any(|base| base.rsplit('.').next() == Some(name.as_str()));
            if class.kind == SymbolKind::Class && derives && going.symbols.insert(*user) {
                work.push(*user);
            }
        }
    }
    for (file, ties) in (0..).zip(&survey.ties) {
        if let Some(glob) = survey.settings.delete.iter().find(|glob| glob.matches(survey.path(file))) {
            going.files.insert(file, format!("`delete` names it: `{}`", glob.pattern()));
            continue;
        }
        // The whole file goes where nothing else in it has a tie of its own.
        let goes = |symbol: u32| going.symbols.contains(&survey.graph.node(file, symbol));
        let mut with_ties = (0..).zip(&ties.symbols).filter(|(_, symbol)| symbol.ties > 0).map(|(index, _)| index).filter(|i| *i != 0);
        let any = (0..).zip(&ties.symbols).any(|(index, _)| goes(index));
        if any && with_ties.all(goes) {
            let names: Vec<String> = (0..)
                .zip(&survey.references[file as usize].symbols)
                .filter(|(index, _)| goes(*index))
                .map(|(_, symbol)| format!("`{}`", symbol.name))
                .collect();
            going.files.insert(file, format!("the target makes {} obsolete, and nothing else in it has ties", names.join(", ")));
        }
    }
    going
}

/// What goes, with what refers to it.
pub fn list(survey: &Survey<'_>) -> Vec<Deletion> {
    let mut by_file: FxHashMap<u32, Vec<Reference>> = FxHashMap::default();
    let mut by_symbol: FxHashMap<u32, Vec<Reference>> = FxHashMap::default();
    let mut told: FxHashSet<(u32, u32)> = FxHashSet::default();
    let mut add = |from: u32, holder: u32, to: u32, symbol: Option<u32>, range: TextRange, scope: Scope, kind: &'static str| {
        let reference = || {
            let source = &survey.files[from as usize].source;
            let line = source.position(&source.line_index(), range.start()).line;
            let holder = survey.references[from as usize].symbols[holder as usize].name.to_string();
            Reference { path: source.path.to_string(), line, scope, holder, kind }
        };
        if survey.going.file(from) {
            return;
        }
        if survey.going.file(to) {
            told.insert((from, to));
            by_file.entry(to).or_default().push(reference());
        } else if let Some(symbol) = symbol.map(|symbol| survey.graph.node(to, symbol)).filter(|node| survey.going.symbols.contains(node)) {
            by_symbol.entry(symbol).or_default().push(reference());
        }
    };
    for edge in &survey.graph.edges {
        let kind = if edge.dynamic { "dynamic" } else { "import" };
        add(edge.from, edge.holder, edge.to, edge.symbol, edge.range, edge.scope, kind);
    }
    for text in &survey.graph.texts {
        let holder = survey.references[text.from as usize].symbol_at(text.range);
        add(text.from, holder, text.to, text.symbol, text.range, Scope::Function, "text");
    }
    // `import pkg` … `pkg.optim.Adam` names the module in no import.
    for (from, to, scope) in &survey.graph.uses {
        let ((from, holder), (to, symbol)) = (survey.graph.place(*from), survey.graph.place(*to));
        if from == to || !(survey.going.file(to) || survey.going.symbols.contains(&survey.graph.node(to, symbol))) {
            continue;
        }
        let imported = survey.graph.edges.iter().any(|edge| edge.from == from && edge.to == to);
        if imported || survey.going.file(from) {
            continue;
        }
        let name = &survey.references[to as usize].symbols[symbol as usize].name;
        let range = survey.references[from as usize]
            .uses
            .iter()
            .find(|used| used.symbol == holder && used.chain.last() == Some(name))
            .map_or_else(|| survey.references[from as usize].symbols[holder as usize].range, |used| used.range.range());
        add(from, holder, to, Some(symbol), range, *scope, "use");
    }
    let mut deletions: Vec<Deletion> = survey
        .going
        .files
        .iter()
        .map(|(file, reason)| Deletion {
            path: survey.path(*file).to_owned(),
            symbol: None,
            reason: reason.clone(),
            references: sorted(by_file.remove(file)),
        })
        .collect();
    for node in &survey.going.symbols {
        let (file, symbol) = survey.graph.place(*node);
        if !survey.going.file(file) {
            deletions.push(Deletion {
                path: survey.path(file).to_owned(),
                symbol: Some(survey.references[file as usize].symbols[symbol as usize].name.to_string()),
                reason: "the target makes its base obsolete".to_owned(),
                references: sorted(by_symbol.remove(node)),
            });
        }
    }
    deletions.sort_by(|a, b| (&a.path, &a.symbol).cmp(&(&b.path, &b.symbol)));
    deletions
}

fn sorted(references: Option<Vec<Reference>>) -> Vec<Reference> {
    let mut references = references.unwrap_or_default();
    references.sort();
    references.dedup();
    references
}
