//! From the sites of a file to its new text: which edits are made, which imports go, and why the rest stays.

mod edits;
mod imports;
mod names;

use std::sync::Arc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustc_hash::FxHashSet;

use crate::finding::Finding;
use crate::rules::op::{ALIAS, Applicability};
use crate::rules::target::{RoundTrip, Target};
use crate::source::{SourceFile, SourceKind};
use crate::syntax::{self, Module};
pub use edits::render_edits;
use edits::{Edit, changed_cells, render_all};
use imports::{blocks, import_edits, inner_places, line_start, root};
use names::{Names, free_name};

/// A part of new text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// The source of this range, with the replacements inside it made.
    Source(TextRange),
    /// The same, in parentheses if it needs them to be called or subscripted.
    Operand(TextRange),
}

/// New text for a range of the source. A replacement inside a [`Part::Source`] of another is made within it; one inside the
/// rest of the other's range is dropped with the text it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// What is replaced; empty for an insertion.
    pub range: TextRange,
    /// By what.
    pub parts: Vec<Part>,
}

/// How the reason begins where nothing is known of an API.
pub const NO_RULE: &str = "no rule for ";

/// What the rules make of one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is rewritten.
    Fix {
        /// The rule.
        rule: Arc<str>,
        /// How sure it is that the meaning stays.
        applicability: Applicability,
        /// The edits.
        replacements: Vec<Replacement>,
        /// What may differ.
        why: String,
    },
    /// It is valid on the target as it stands.
    Kept {
        /// The rule.
        rule: Arc<str>,
    },
    /// It stays, and this is why, or what to write instead.
    Refused {
        /// The reason.
        reason: String,
        /// The rule that refused, if one did.
        rule: Option<Arc<str>>,
    },
}

impl Outcome {
    /// Whether both make the same edit.
    pub fn same_edit(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fix { replacements: a, .. }, Self::Fix { replacements: b, .. }) => a == b,
            (Self::Kept { .. }, Self::Kept { .. }) | (Self::Refused { .. }, Self::Refused { .. }) => true,
            _ => false,
        }
    }

    /// Makes a safe fix an unsafe one, with the reason.
    pub fn weaken(&mut self, reason: &str) {
        if let Self::Fix { applicability: applicability @ Applicability::Safe, why, .. } = self {
            *applicability = Applicability::Unsafe;
            reason.clone_into(why);
        }
    }
}

/// A call, an attribute or a mention of a library's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The whole expression.
    pub range: TextRange,
    /// Qualified name.
    pub name: Arc<str>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The rule by which it means the same on the target as it stands, where it is not rewritten.
    pub stays: Option<Arc<str>>,
    /// How sure it is that it means the same as written once the name it begins with is imported from the target.
    pub moved: Option<Applicability>,
    /// Whether it is a call of a variable that may hold something else than the API.
    pub indirect: bool,
    /// Enclosing definition.
    pub scope: String,
}

/// A function with its parameters that are arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayParameters {
    /// The definition.
    pub range: TextRange,
    /// Their names, as arguments of a call: `x`, `*arrays`.
    pub names: Vec<String>,
    /// Whether one of them is known from its use alone.
    pub guessed: bool,
}

impl Site {
    /// Whether the site is what `finding` is about.
    pub fn is_about(&self, finding: &Finding) -> bool {
        self.is_of(&finding.name, finding.range)
    }

    /// Whether the site is what a finding of `name` at `range` is about.
    pub fn is_of(&self, name: &str, range: TextRange) -> bool {
        self.range.contains_range(range) && *self.name == *name
    }
}

/// How rewritten code spells the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// The module that the import statement names, for `from package import name`.
    pub package: Option<String>,
    /// What is imported, as the statement writes it.
    pub name: String,
    /// The name that the import binds.
    pub bound: String,
    /// The name that stands before the dot of an op.
    pub alias: String,
    /// The statement at the head of functions that binds the alias, if the import does not.
    pub bind: Option<String>,
    /// Whether a function is rewritten as a whole or not at all.
    pub whole: bool,
    /// Ways out of a library and back that are taken out.
    pub round_trips: Vec<RoundTrip>,
    /// Whether what is left of a library is imported where it is used.
    pub leaves: bool,
}

impl Spelling {
    /// The spelling of `target`.
    pub fn of(target: &Target) -> Self {
        let parsed = syntax::parse(&SourceFile::from_text("import.py", &*target.import));
        let (package, alias) = match parsed.tree.body.first() {
            Some(Stmt::ImportFrom(import)) => (import.module.as_ref().map(ToString::to_string), import.names.first()),
            Some(Stmt::Import(import)) => (None, import.names.first()),
            _ => (None, None),
        };
        let name = alias.map_or_else(|| target.alias.to_string(), |alias| alias.name.to_string());
        let bound = alias.and_then(|a| a.asname.as_ref()).map_or_else(|| target.alias.to_string(), ToString::to_string);
        let bound = if target.bind.is_some() { name.clone() } else { bound };
        Self {
            package,
            name,
            bound,
            alias: target.alias.to_string(),
            bind: target.bind.as_deref().map(str::to_owned),
            whole: target.whole,
            round_trips: target.round_trips.clone(),
            leaves: target.leaves,
        }
    }

    /// The qualified name of what is imported.
    fn qualified(&self) -> String {
        self.package.as_ref().map_or_else(|| self.name.clone(), |package| format!("{package}.{}", self.name))
    }

    /// The statement that binds `bound`.
    fn statement(&self, bound: &str) -> String {
        let import = match &self.package {
            Some(package) => format!("from {package} import {}", self.name),
            None => format!("import {}", self.name),
        };
        if bound == self.name { import } else { format!("{import} as {bound}") }
    }
}

/// What became of one file.
#[derive(Clone, Debug)]
pub struct FileRewrite {
    /// The new text; the old one where nothing changes.
    pub text: String,
    /// Whether anything changes.
    pub changed: bool,
    /// For a notebook: the new text of each code cell whose text changes, by the cell's number in the file.
    pub cells: Vec<(usize, String)>,
    /// The sites, in source order, each with what became of it.
    pub sites: Vec<Site>,
    /// For each site, whether its edit was made.
    pub applied: Vec<bool>,
    /// Why the whole file was left as it was, if it was.
    pub refused: Option<String>,
}

/// Import bindings of a library as the analysis saw them: where the alias stands, what it binds, what it imports.
#[derive(Clone, Debug)]
pub struct LibraryImport {
    /// The alias within its statement.
    pub range: TextRange,
    /// The name it binds.
    pub bound: String,
    /// Whether other files import the name from this one, or `__init__` offers it.
    pub offered: bool,
    /// Whether it is offered only by star imports of other files, none of which is seen to use it.
    pub starred: bool,
    /// Whether another module of the project passes it on.
    pub passed_on: bool,
    /// The path below the target of what is imported, if the target has it: empty for the library itself.
    pub target: Option<String>,
}

/// A string that names a library as a module, where code asks for the module by name: `pytest.importorskip("numpy")`.
#[derive(Clone, Debug)]
pub struct NamedModule {
    /// The string, with its quotes.
    pub range: TextRange,
    /// What it says.
    pub name: Arc<str>,
    /// The path below the target of the module, if the target has it.
    pub target: Option<String>,
    /// Enclosing definition.
    pub scope: String,
}

/// How a file is tied to libraries, beside its uses of them.
#[derive(Clone, Copy, Debug)]
pub struct Ties<'a> {
    /// By imports.
    pub imports: &'a [LibraryImport],
    /// By strings.
    pub named: &'a [NamedModule],
}

/// Makes the edits of `sites` up to `most`, and what follows from them for the imports.
pub fn rewrite(
    source: &SourceFile,
    module: &Module,
    mut sites: Vec<Site>,
    arrays: &[ArrayParameters],
    ties: Ties<'_>,
    most: Applicability,
    spelling: &Spelling,
) -> FileRewrite {
    let imports = ties.imports;
    sites.sort_by_key(|site| (site.range.start(), std::cmp::Reverse(site.range.end())));
    sites.dedup_by(|a, b| a.range == b.range && a.name == b.name);
    let unchanged = |sites: Vec<Site>, refused: Option<String>| {
        let applied = vec![false; sites.len()];
        FileRewrite { text: source.text.to_string(), changed: false, cells: Vec::new(), sites, applied, refused }
    };
    if !module.errors.is_empty() {
        return unchanged(sites, Some("the file has syntax errors".into()));
    }
    crate::trips::collapse(&source.text, module, &mut sites, &spelling.round_trips);
    let heads = crate::heads::settle(source, module, &mut sites, arrays, &|site| stays(site, most), spelling);
    // A method call that stays but means the same on the target is none of those that stand in the way.
    for site in &mut sites {
        if let (true, Some(rule)) = (stays(site, most), &site.stays) {
            site.outcome = Outcome::Kept { rule: Arc::clone(rule) };
        }
    }
    // What stands inside a refused call stays too, so that no call mixes two libraries. A call of another library mixes them
    // already, and one that moves with its import does not.
    let moves = |site: &Site| site.moved.is_some_and(|sure| sure <= most);
    // A variable that may hold a function of the library holds the target's where every mention of the function becomes that.
    let follows = |site: &Site, sites: &[Site]| {
        let mut mentions = sites.iter().filter(|other| !other.indirect && other.name == site.name).peekable();
        site.indirect && mentions.peek().is_some() && mentions.all(|other| !stays(other, most) || moves(other))
    };
    let holds_back =
        |s: &Site, sites: &[Site]| stays(s, most) && !matches!(s.outcome, Outcome::Kept { .. }) && !moves(s) && !follows(s, sites);
    // Operators belong to no library.
    let mixes = |outer: &str, inner: &str| !outer.contains('.') || root(outer) == root(inner);
    // What may be a call of the library or of something else may turn out to move with what it is called on.
    let open: Vec<(TextRange, Arc<str>)> =
        sites.iter().filter(|s| s.indirect && holds_back(s, &sites)).map(|s| (s.range, Arc::clone(&s.name))).collect();
    let within = |site: &Site| open.iter().any(|(r, name)| r.contains_range(site.range) && *r != site.range && mixes(name, &site.name));
    let doubtful: Vec<usize> = sites.iter().enumerate().filter(|(_, site)| within(site)).map(|(at, _)| at).collect();
    for at in doubtful {
        sites[at].outcome.weaken("the call around it may be one of the library, and stays as it is");
    }
    let refused: Vec<(TextRange, &str)> = sites
        .iter()
        .filter(|s| holds_back(s, &sites) && (!s.indirect || most < Applicability::Unsafe))
        .map(|s| (s.range, &*s.name))
        .collect();
    let wanted = |site: &Site| {
        matches!(&site.outcome, Outcome::Fix { .. })
            && !stays(site, most)
            && !refused.iter().any(|(r, library)| r.contains_range(site.range) && *r != site.range && mixes(library, &site.name))
    };
    let mut applied: Vec<bool> = sites.iter().map(wanted).collect();
    let mut edits: Vec<Edit> = Vec::new();
    for (site, _) in sites.iter().zip(&applied).filter(|(_, applied)| **applied) {
        if let Outcome::Fix { replacements, .. } = &site.outcome {
            edits.extend(replacements.iter().map(|r| Edit { owner: site.range, range: r.range, parts: r.parts.clone() }));
        }
    }
    // Where an edit replaces the name that a site begins with, no use of the name is left there.
    let replaced: FxHashSet<TextSize> = edits
        .iter()
        .filter(|edit| !edit.range.is_empty() && matches!(edit.parts.first(), Some(Part::Text(_))))
        .map(|edit| edit.range.start())
        .collect();
    let left_over = |bound: &str| -> Vec<&Site> {
        let left = sites.iter().zip(&applied).filter(|(site, applied)| !**applied && first_name(&source.text, site.range) == bound);
        left.map(|(site, _)| site).filter(|site| !replaced.contains(&site.range.start())).collect()
    };
    let names = Names::of(module);
    // An edit ends with its cell, if it ends beyond it.
    let ends: Vec<TextSize> = source.cell_ranges().map(|(_, range)| range.end()).collect();
    let bound = names.bound_to(&spelling.qualified()).unwrap_or_else(|| free_name(&names, spelling));
    // Where functions bind the alias, the import is of what they call for it.
    let alias = if spelling.bind.is_some() { spelling.alias.clone() } else { bound.clone() };
    for (owner, mut head) in heads {
        if bound != spelling.bound {
            head.parts = vec![Part::Text(head_text(&head).replace(&format!("{}(", spelling.bound), &format!("{bound}(")))];
        }
        edits.push(Edit { owner, range: head.range, parts: head.parts });
    }
    let edited = render_all(&source.text, &edits);
    let uses_target = edited.contains(ALIAS);
    let body = edited.replace(ALIAS, &alias);
    let Some(after) = parse_clean(&body, source.kind) else {
        return unchanged(sites, Some("the rewritten text does not parse; please report this".into()));
    };
    let mut names_after = Names::of(&after);
    // Cells that are not read as Python may still run it: `%%timeit`.
    names_after.words(&source.unread);
    let is_init = source.path.ends_with("__init__.py");
    // The imports are edited on the original text, so that positions are known; whether they are needed is read off the new tree.
    // What only stars take along is asked for by nobody in the project.
    let unheeded = |import: &LibraryImport| import.starred && most >= Applicability::Unsafe;
    let gone: Vec<&LibraryImport> = imports
        .iter()
        .filter(|import| {
            let offered = (import.offered && !unheeded(import)) || (is_init && names.loads(&import.bound) == 0);
            // One from the project goes with its last use, and stays if it never had one.
            let had_use = !import.passed_on || names.loads(&import.bound) > 0;
            !offered && had_use && names_after.loads(&import.bound) == 0
        })
        .collect();
    // An import whose remaining uses all mean the same on the target is imported from there.
    let moved: Vec<&LibraryImport> = imports
        .iter()
        .filter(|import| !gone.iter().any(|g| g.range == import.range))
        .filter(|import| {
            let offered = import.offered || names_after.offers(&import.bound);
            let mut sure = if offered { Applicability::Unsafe } else { Applicability::Safe };
            let mut explained = FxHashSet::default();
            for site in left_over(&import.bound) {
                let Some(one) = site.moved else { continue };
                explained.insert(site.range.start());
                sure = sure.max(one);
            }
            // The name is a variable as well, which holds the function: what reads it gets the target's.
            let variable = names.assigned.contains(&import.bound) && import.target.as_deref().is_some_and(|path| !path.is_empty());
            let open = left_over(&import.bound).iter().any(|site| site.moved.is_none());
            if variable && most >= Applicability::Unsafe {
                return !open && names_after.reads(&import.bound) > 0;
            }
            import.target.is_some()
                && sure <= most
                && explained.len() == names_after.reads(&import.bound)
                && (offered || !explained.is_empty())
        })
        .collect();
    // What is left of a library inside functions is imported there, so that the module itself no longer needs the library.
    let inner: Vec<(&LibraryImport, (String, Vec<TextSize>))> = imports
        .iter()
        .filter(|import| {
            spelling.leaves
                && most >= Applicability::Unsafe
                && !edits.is_empty()
                && (!import.offered || unheeded(import))
                && !gone.iter().chain(&moved).any(|g| g.range == import.range)
        })
        .filter_map(|import| {
            let left: FxHashSet<TextSize> = left_over(&import.bound).iter().map(|site| site.range.start()).collect();
            (left.len() == names_after.loads(&import.bound)).then_some(())?;
            Some((import, inner_places(source, module, import, &left)?))
        })
        .collect();
    let gone: Vec<&LibraryImport> = gone.into_iter().chain(inner.iter().map(|(import, _)| *import)).collect();
    let named: Vec<(&NamedModule, Replacement)> = if inner.is_empty() {
        ties.named
            .iter()
            .filter_map(|named| {
                // The library is asked for by name, so nothing of it may be left: no import, and no use of what the call gave.
                let from = |import: &&LibraryImport| gone.iter().chain(&moved).all(|g| g.range != import.range);
                let path = named.target.as_deref()?;
                let asked = asked_for(&module.tree.body, named.range);
                let left = match &asked {
                    Asked::Bound(name) => names_after.loads(name) != left_over(name).iter().filter(|s| moves(s)).count(),
                    Asked::Alone => false,
                    Asked::Used => true,
                };
                let bare = !matches!(asked, Asked::Bound(_)) && imports.is_empty();
                let sure = if bare { Applicability::Unsafe } else { Applicability::Safe };
                if left || sure > most || imports.iter().any(|import| !import.passed_on && from(&import)) {
                    return None;
                }
                let place = if path.is_empty() { spelling.qualified() } else { format!("{}.{path}", spelling.qualified()) };
                let quote = &source.text[TextRange::new(named.range.end() - TextSize::new(1), named.range.end())];
                Some((named, Replacement { range: named.range, parts: vec![Part::Text(format!("{quote}{place}{quote}"))] }))
            })
            .collect()
    } else {
        Vec::new()
    };
    edits.extend(named.iter().map(|(_, r)| Edit { owner: r.range, range: r.range, parts: r.parts.clone() }));
    let needs_import = uses_target && names.bound_to(&spelling.qualified()).is_none();
    if gone.is_empty() && moved.is_empty() && !needs_import && edits.is_empty() {
        return unchanged(sites, None);
    }
    let statement = spelling.statement(&bound);
    let imports = import_edits(source, module, &gone, &moved, spelling, needs_import.then_some(statement.as_str()));
    edits.extend(imports.into_iter().map(|r| Edit { owner: r.range, range: r.range, parts: r.parts }));
    for edit in &mut edits {
        if let Some(end) = ends.iter().find(|end| edit.range.start() < **end && **end < edit.range.end()) {
            edit.range = TextRange::new(edit.range.start(), *end);
        }
    }
    for (import, (words, places)) in &inner {
        for place in places {
            let line = line_start(&source.text, *place);
            let text =
                format!("{words}{}{}{}", &source.text[import.range], newline_of(&source.text), &source.text[TextRange::new(line, *place)]);
            // An edit that begins at the statement comes after the import.
            let owner = TextRange::new(*place, TextSize::of(&*source.text));
            edits.push(Edit { owner, range: TextRange::empty(*place), parts: vec![Part::Text(text)] });
        }
    }
    let text = render_all(&source.text, &edits).replace(ALIAS, &alias);
    let Some(finished) = parse_clean(&text, source.kind) else {
        return unchanged(sites, Some("the rewritten imports do not parse; please report this".into()));
    };
    // No name may be left without its import.
    let names_finished = Names::of(&finished);
    for import in &gone {
        if names_finished.loads(&import.bound) > 0 && !names_finished.stored.contains(import.bound.as_str()) {
            return unchanged(sites, Some(format!("`{}` would be used without its import; please report this", import.bound)));
        }
    }
    for (site, applied) in sites.iter_mut().zip(&mut applied) {
        if let (false, Some(applicability)) = (*applied, site.moved)
            && moved.iter().any(|import| first_name(&source.text, site.range) == import.bound)
        {
            let why = if applicability == Applicability::Safe { String::new() } else { "its name is imported from the target".to_owned() };
            site.outcome = Outcome::Fix { rule: "moved-import".into(), applicability, replacements: Vec::new(), why };
            *applied = true;
        }
    }
    for (named, replacement) in named {
        let rule = "named-module".into();
        let outcome = Outcome::Fix { rule, applicability: most, replacements: vec![replacement], why: String::new() };
        let site = Site {
            range: named.range,
            name: Arc::clone(&named.name),
            outcome,
            stays: None,
            moved: None,
            indirect: false,
            scope: named.scope.clone(),
        };
        sites.push(site);
        applied.push(true);
    }
    let changed = *text != *source.text;
    let cells = changed_cells(source, &edits, &alias);
    FileRewrite { text, changed, cells, sites, applied, refused: None }
}

/// What code does with a module that it asks for by name.
enum Asked {
    /// It binds it to a name, in a statement of its own.
    Bound(String),
    /// It asks whether the module is there.
    Alone,
    /// It does something else with it.
    Used,
}

/// What becomes of the module that the string at `range` names.
fn asked_for(body: &[Stmt], range: TextRange) -> Asked {
    let Some(stmt) = body.iter().find(|stmt| stmt.range().contains_range(range)) else { return Asked::Used };
    if let Some(block) = blocks(stmt).into_iter().find(|block| block.iter().any(|s| s.range().contains_range(range))) {
        return asked_for(block, range);
    }
    let holds = |expr: &Expr| expr.as_call_expr().is_some_and(|call| call.arguments.args.iter().any(|a| a.range() == range));
    match stmt {
        Stmt::Expr(s) if holds(&s.value) => Asked::Alone,
        Stmt::Assign(s) if holds(&s.value) => match s.targets.as_slice() {
            [Expr::Name(name)] => Asked::Bound(name.id.to_string()),
            _ => Asked::Used,
        },
        _ => {
            struct Membership(TextRange, bool);
            impl<'a> Visitor<'a> for Membership {
                fn visit_expr(&mut self, expr: &'a Expr) {
                    self.1 |= expr.as_compare_expr().is_some_and(|compare| compare.left.range() == self.0);
                    visitor::walk_expr(self, expr);
                }
            }
            let mut found = Membership(range, false);
            found.visit_stmt(stmt);
            if found.1 { Asked::Alone } else { Asked::Used }
        }
    }
}

fn stays(site: &Site, most: Applicability) -> bool {
    match &site.outcome {
        Outcome::Fix { applicability, .. } => *applicability > most,
        Outcome::Kept { .. } => true,
        Outcome::Refused { .. } => true,
    }
}

fn newline_of(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The name that the text of `range` begins with.
fn first_name(text: &str, range: TextRange) -> &str {
    let text = &text[range];
    &text[..text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len())]
}

fn parse_clean(text: &str, kind: SourceKind) -> Option<Module> {
    let mut source = SourceFile::from_text("rewritten.py", text);
    source.kind = kind;
    let module = syntax::parse(&source);
    module.errors.is_empty().then_some(module)
}

fn head_text(head: &Replacement) -> String {
    head.parts.iter().map(|part| if let Part::Text(text) = part { text.as_str() } else { "" }).collect()
}
