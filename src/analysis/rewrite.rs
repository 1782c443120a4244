//! From the sites of a file to its new text: which edits are made, which imports go, and why the rest stays.

use std::sync::Arc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Alias, Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::finding::Finding;
use crate::rules::op::{ALIAS, Applicability};
use crate::rules::target::{RoundTrip, Target};
use crate::source::{SourceFile, SourceKind};
use crate::syntax::{self, Module};

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
    let follows = |site: &Site| {
        let mut mentions = sites.iter().filter(|other| !other.indirect && other.name == site.name).peekable();
        site.indirect && mentions.peek().is_some() && mentions.all(|other| !stays(other, most) || moves(other))
    };
    let refused: Vec<(TextRange, &str)> = sites
        .iter()
        .filter(|s| stays(s, most) && !matches!(s.outcome, Outcome::Kept { .. }) && !moves(s) && !follows(s))
        .map(|s| (s.range, &*s.name))
        .collect();
    // Operators belong to no library.
    let mixes = |outer: &str, inner: &str| !outer.contains('.') || root(outer) == root(inner);
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
    let gone: Vec<&LibraryImport> = imports
        .iter()
        .filter(|import| {
            let offered = import.offered || (is_init && names.loads(&import.bound) == 0);
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
            import.target.is_some()
                && sure <= most
                && explained.len() == names_after.reads(&import.bound)
                && (offered || !explained.is_empty())
        })
        .collect();
    // What is left of a library inside functions is imported there, so that the module itself no longer needs the library.
    let inner: Vec<(&LibraryImport, Vec<TextSize>)> = imports
        .iter()
        .filter(|import| {
            spelling.leaves
                && most >= Applicability::Unsafe
                && !edits.is_empty()
                && !import.offered
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
    for (import, places) in &inner {
        for place in places {
            let line = line_start(&source.text, *place);
            let text =
                format!("import {}{}{}", &source.text[import.range], newline_of(&source.text), &source.text[TextRange::new(line, *place)]);
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

/// The cells whose text the edits change, without the line break that joins them to the next.
fn changed_cells(source: &SourceFile, edits: &[Edit], alias: &str) -> Vec<(usize, String)> {
    let mut changed = Vec::new();
    for (number, range) in source.cell_ranges() {
        let inside = |e: &&Edit| range.contains_range(e.range) && (e.range.start() < range.end() || range.is_empty());
        let own: Vec<(TextRange, Replacement)> = edits
            .iter()
            .filter(inside)
            .map(|e| (e.owner - range.start(), Replacement { range: e.range - range.start(), parts: shifted(&e.parts, range.start()) }))
            .collect();
        if !own.is_empty() {
            let text = render_edits(&source.text[range], &own).replace(ALIAS, alias);
            changed.push((number, text.strip_suffix('\n').map_or(text.clone(), str::to_owned)));
        }
    }
    changed
}

fn shifted(parts: &[Part], by: TextSize) -> Vec<Part> {
    let part = |part: &Part| match part {
        Part::Text(text) => Part::Text(text.clone()),
        Part::Source(range) => Part::Source(*range - by),
        Part::Operand(range) => Part::Operand(*range - by),
    };
    parts.iter().map(part).collect()
}

fn stays(site: &Site, most: Applicability) -> bool {
    match &site.outcome {
        Outcome::Fix { applicability, .. } => *applicability > most,
        Outcome::Kept { .. } => true,
        Outcome::Refused { .. } => true,
    }
}

/// Where a module-level `import` can stand instead, so that it comes before every use at `uses`: at the head of the outermost
/// functions around them. `None` if a use stands outside of functions, or where there is no line of its own for the statement.
fn inner_places(source: &SourceFile, module: &Module, import: &LibraryImport, uses: &FxHashSet<TextSize>) -> Option<Vec<TextSize>> {
    let mut statements = Vec::new();
    import_statements(&module.tree.body, true, &mut statements);
    let statement = statements.iter().find(|s| s.range.contains_range(import.range))?;
    if uses.is_empty() || !statement.top || statement.from.is_some() || statement.names.len() != 1 {
        return None;
    }
    let own_line = |at: TextSize| source.text[TextRange::new(line_start(&source.text, at), at)].trim().is_empty();
    let mut found: Vec<(TextSize, TextRange)> =
        uses.iter().map(|at| place_in_function(&module.tree.body, *at, None, &own_line)).collect::<Option<_>>()?;
    found.sort_unstable_by_key(|(place, block)| (*place, block.start()));
    // One import serves the whole rest of its block.
    let mut places: Vec<(TextSize, TextRange)> = Vec::new();
    for (place, block) in found {
        if !places.iter().any(|(_, served)| served.contains(place)) {
            places.push((place, block));
        }
    }
    Some(places.into_iter().map(|(place, _)| place).collect())
}

/// Where an import for the use at `at` can stand in the function around it, and the block that it serves: at the head of the
/// function, or in the branch that alone needs it, before the statement. Whoever takes another branch needs no library.
fn place_in_function(
    body: &[Stmt],
    at: TextSize,
    outer: Option<&Stmt>,
    own_line: &dyn Fn(TextSize) -> bool,
) -> Option<(TextSize, TextRange)> {
    let stmt = body.iter().find(|stmt| stmt.range().contains(at))?;
    let docstring = matches!(&body[0], Stmt::Expr(s) if s.value.is_string_literal_expr());
    let place = match outer {
        Some(Stmt::FunctionDef(_)) => body.get(usize::from(docstring)).map(|first| first.range().start()),
        Some(_) => Some(stmt.range().start()),
        None => None,
    };
    let here = place.filter(|at| own_line(*at)).map(|at| (at, TextRange::new(body[0].range().start(), stmt_end(body))));
    let outer = if outer.is_some() || stmt.is_function_def_stmt() { Some(stmt) } else { None };
    blocks(stmt).into_iter().find_map(|block| place_in_function(block, at, outer, own_line)).or(here)
}

fn stmt_end(body: &[Stmt]) -> TextSize {
    body.last().map_or(TextSize::new(0), |stmt| stmt.range().end())
}

/// The blocks of statements that a statement holds.
fn blocks(stmt: &Stmt) -> Vec<&[Stmt]> {
    match stmt {
        Stmt::FunctionDef(s) => vec![&s.body],
        Stmt::ClassDef(s) => vec![&s.body],
        Stmt::If(s) => std::iter::once(&*s.body).chain(s.elif_else_clauses.iter().map(|c| &*c.body)).collect(),
        Stmt::For(s) => vec![&s.body, &s.orelse],
        Stmt::While(s) => vec![&s.body, &s.orelse],
        Stmt::With(s) => vec![&s.body],
        Stmt::Try(s) => {
            let handlers = s.handlers.iter().map(|ruff_python_ast::ExceptHandler::ExceptHandler(h)| &*h.body);
            [&*s.body, &*s.orelse, &*s.finalbody].into_iter().chain(handlers).collect()
        }
        Stmt::Match(s) => s.cases.iter().map(|c| &*c.body).collect(),
        _ => Vec::new(),
    }
}

fn newline_of(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The library that a qualified name belongs to.
fn root(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
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

/// A replacement with the range of the site that makes it.
struct Edit {
    owner: TextRange,
    range: TextRange,
    parts: Vec<Part>,
}

/// The text with all edits made.
fn render_all(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    // Where several edits begin at one place, those of the outermost expression come first, and of one expression its
    // insertions: `np.abs(x).mean()` gets `ops.mean(` before `np.abs` becomes `ops.abs`.
    sorted.sort_by_key(|e| (e.range.start(), std::cmp::Reverse(e.owner.len()), !e.range.is_empty(), std::cmp::Reverse(e.range.end())));
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    render(text, TextRange::up_to(TextSize::of(text)), &sorted, &mut out);
    out
}

/// The text with replacements made, each with the range of the expression that makes it.
pub fn render_edits(text: &str, edits: &[(TextRange, Replacement)]) -> String {
    let edits: Vec<Edit> = edits.iter().map(|(owner, r)| Edit { owner: *owner, range: r.range, parts: r.parts.clone() }).collect();
    render_all(text, &edits)
}

/// Writes the text of `range` with the edits that lie in it.
fn render(text: &str, range: TextRange, sorted: &[&Edit], out: &mut String) {
    let mut at = range.start();
    for (i, edit) in sorted.iter().enumerate() {
        if edit.range.start() < at || edit.range.end() > range.end() {
            continue;
        }
        if edit.range.start() > range.end() {
            break;
        }
        // An insertion at the end of a part belongs to what comes after it.
        if edit.range.is_empty() && edit.range.start() == range.end() && !range.is_empty() && range.end() < TextSize::of(text) {
            continue;
        }
        out.push_str(&text[TextRange::new(at, edit.range.start())]);
        for part in &edit.parts {
            match part {
                Part::Text(new) => out.push_str(new),
                Part::Source(source) | Part::Operand(source) => {
                    let inner: Vec<&Edit> = sorted[i + 1..]
                        .iter()
                        .take_while(|e| e.range.start() <= edit.range.end())
                        .filter(|e| source.contains_range(e.range))
                        .copied()
                        .collect();
                    if matches!(part, Part::Source(_)) {
                        render(text, *source, &inner, out);
                    } else {
                        let mut made = String::new();
                        render(text, *source, &inner, &mut made);
                        out.push_str(&if is_atomic(&made) { made } else { format!("({made})") });
                    }
                }
            }
        }
        at = edit.range.end();
    }
    out.push_str(&text[TextRange::new(at, range.end())]);
}

fn head_text(head: &Replacement) -> String {
    head.parts.iter().map(|part| if let Part::Text(text) = part { text.as_str() } else { "" }).collect()
}

/// Whether an expression needs no parentheses wherever it stands.
fn is_atomic(text: &str) -> bool {
    // The target's alias is not known yet; any name does.
    let parsed = ruff_python_parser::parse_expression(&text.replace(ALIAS, "alias"));
    parsed.is_ok_and(|p| matches!(p.expr(), Expr::Name(_) | Expr::Attribute(_) | Expr::Call(_) | Expr::Subscript(_)))
}

/// A name for the target that the file does not use for anything else.
fn free_name(names: &Names, spelling: &Spelling) -> String {
    if !names.stored.contains(spelling.bound.as_str()) {
        return spelling.bound.clone();
    }
    let mut name = match &spelling.package {
        Some(package) => format!("{}_{}", package.replace('.', "_"), spelling.name),
        None => format!("{}_", spelling.name.replace('.', "_")),
    };
    while names.stored.contains(name.as_str()) || names.loads(&name) > 0 {
        name.push('_');
    }
    name
}

/// The names of a module, by how they are used; scopes are not told apart, which errs on the side of keeping an import.
#[derive(Default)]
struct Names {
    /// With how often each is read, mentioned in a string annotation or listed in `__all__`.
    loaded: FxHashMap<String, usize>,
    /// Of these, what strings say.
    written: FxHashMap<String, usize>,
    /// What `__all__` lists.
    listed: FxHashSet<String>,
    stored: FxHashSet<String>,
    /// Names that imports at module level bind, with what they import.
    imported: Vec<(String, String)>,
}

impl Names {
    fn of(module: &Module) -> Self {
        let mut names = Self::default();
        names.imports(&module.tree.body);
        names.visit_body(&module.tree.body);
        names
    }

    /// The imports of a block at module level.
    fn imports(&mut self, body: &[Stmt]) {
        for stmt in body {
            match stmt {
                Stmt::ImportFrom(import) if import.level == 0 => {
                    let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
                    for alias in &import.names {
                        let bound = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                        self.imported.push((bound, format!("{module}.{}", alias.name)));
                    }
                }
                Stmt::Import(import) => {
                    for alias in &import.names {
                        match &alias.asname {
                            Some(bound) => self.imported.push((bound.to_string(), alias.name.to_string())),
                            None => {
                                let root = alias.name.split('.').next().unwrap_or_default();
                                self.imported.push((root.to_owned(), root.to_owned()));
                            }
                        }
                    }
                }
                Stmt::Try(s) => self.imports(&s.body),
                _ => {}
            }
        }
    }

    /// The name that an import at module level binds to `qualified`, unless something else binds it too.
    fn bound_to(&self, qualified: &str) -> Option<String> {
        let (name, _) = self.imported.iter().find(|(_, imported)| imported == qualified)?;
        self.imported.iter().all(|(other, imported)| other != name || imported == qualified).then(|| name.clone())
    }

    fn loads(&self, name: &str) -> usize {
        self.loaded.get(name).copied().unwrap_or(0)
    }

    /// How often code reads a name.
    fn reads(&self, name: &str) -> usize {
        self.loads(name) - self.written.get(name).copied().unwrap_or(0)
    }

    /// Whether `__all__` lists a name.
    fn offers(&self, name: &str) -> bool {
        self.listed.contains(name)
    }

    fn write(&mut self, name: &str) {
        self.load(name);
        *self.written.entry(name.to_owned()).or_insert(0) += 1;
    }

    fn load(&mut self, name: &str) {
        *self.loaded.entry(name.to_owned()).or_insert(0) += 1;
    }

    fn words(&mut self, text: &str) {
        for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()) {
            self.write(word);
        }
    }
}

impl<'a> Visitor<'a> for Names {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => drop(self.stored.insert(def.name.to_string())),
            Stmt::ClassDef(def) => drop(self.stored.insert(def.name.to_string())),
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.stored.insert(alias.asname.as_ref().unwrap_or(&alias.name).to_string());
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let bound = alias
                        .asname
                        .as_ref()
                        .map_or_else(|| alias.name.split('.').next().unwrap_or_default().to_owned(), ToString::to_string);
                    self.stored.insert(bound);
                }
            }
            Stmt::Assign(assign) if assign.targets.iter().any(|t| t.as_name_expr().is_some_and(|n| n.id == "__all__")) => {
                if let Expr::List(_) | Expr::Tuple(_) = &*assign.value {
                    let elements = match &*assign.value {
                        Expr::List(list) => &list.elts,
                        Expr::Tuple(tuple) => &tuple.elts,
                        _ => return,
                    };
                    for text in elements.iter().filter_map(|e| e.as_string_literal_expr()) {
                        self.write(text.value.to_str());
                        self.listed.insert(text.value.to_str().to_owned());
                    }
                }
            }
            // What a magic is given may be code: `%timeit np.sum(x)`.
            Stmt::IpyEscapeCommand(command) => self.words(&command.value),
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_annotation(&mut self, expr: &'a Expr) {
        struct Strings<'n>(&'n mut Names);
        impl<'a> Visitor<'a> for Strings<'_> {
            fn visit_expr(&mut self, expr: &'a Expr) {
                if let Expr::StringLiteral(text) = expr {
                    self.0.words(text.value.to_str());
                }
                visitor::walk_expr(self, expr);
            }
        }
        Strings(self).visit_expr(expr);
        visitor::walk_annotation(self, expr);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::IpyEscapeCommand(command) = expr {
            self.words(&command.value);
        }
        if let Expr::Name(name) = expr {
            match name.ctx {
                ExprContext::Load | ExprContext::Invalid => self.load(&name.id),
                ExprContext::Store | ExprContext::Del => drop(self.stored.insert(name.id.to_string())),
            }
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_parameter(&mut self, parameter: &'a ruff_python_ast::Parameter) {
        self.stored.insert(parameter.name.to_string());
        visitor::walk_parameter(self, parameter);
    }
}

/// One import statement with what surrounds it.
struct ImportStatement<'a> {
    range: TextRange,
    /// The module of a `from` import.
    from: Option<TextRange>,
    names: &'a [Alias],
    /// The block it stands in, by where that begins, and how many statements the block has.
    block: (TextSize, usize),
    /// Whether it stands at module level, outside any other statement.
    top: bool,
}

/// The first import of each block that has nothing left once its imports are gone: a `pass` takes its place.
fn emptied_blocks(statements: &[ImportStatement<'_>], is_gone: &impl Fn(&Alias) -> bool, moved: &[&LibraryImport]) -> FxHashSet<TextRange> {
    let goes = |s: &&ImportStatement<'_>| s.names.iter().all(is_gone) && s.names.iter().all(|a| moved.iter().all(|m| m.range != a.range));
    let mut count: FxHashMap<TextSize, (usize, TextRange)> = FxHashMap::default();
    for statement in statements.iter().filter(goes) {
        count.entry(statement.block.0).or_insert((0, statement.range)).0 += 1;
    }
    let empty = |s: &&ImportStatement<'_>| count.get(&s.block.0).is_some_and(|(gone, first)| *gone == s.block.1 && *first == s.range);
    statements.iter().filter(empty).map(|s| s.range).collect()
}

fn import_statements<'a>(body: &'a [Stmt], top: bool, found: &mut Vec<ImportStatement<'a>>) {
    let block = (body.first().map_or(TextSize::new(0), |stmt| stmt.range().start()), body.len());
    for stmt in body {
        match stmt {
            Stmt::Import(s) => found.push(ImportStatement { range: s.range, from: None, names: &s.names, block, top }),
            Stmt::ImportFrom(s) => {
                found.push(ImportStatement { range: s.range, from: s.module.as_ref().map(Ranged::range), names: &s.names, block, top })
            }
            _ => blocks(stmt).into_iter().for_each(|block| import_statements(block, false, found)),
        }
    }
}

/// Removes the aliases that are gone and puts the target's import in: in the place of the first import that goes at module
/// level, else after the last import of a library, else after the docstring and `__future__` imports.
fn import_edits(
    source: &SourceFile,
    module: &Module,
    gone: &[&LibraryImport],
    moved: &[&LibraryImport],
    spelling: &Spelling,
    statement: Option<&str>,
) -> Vec<Replacement> {
    let text = &*source.text;
    let mut statements = Vec::new();
    import_statements(&module.tree.body, true, &mut statements);
    let is_gone = |alias: &Alias| gone.iter().chain(moved).any(|g| g.range == alias.range);
    let mut edits = Vec::new();
    let mut placed = statement.is_none();
    let newline = newline_of(text);
    let emptied = emptied_blocks(&statements, &is_gone, moved);
    for import in &statements {
        let moving: Vec<&LibraryImport> = import.names.iter().filter_map(|a| moved.iter().find(|m| m.range == a.range).copied()).collect();
        if !moving.is_empty() {
            let in_place = renamed_in_place(import, &moving, gone, spelling);
            // The target's own import comes before the first one that moves.
            let mut lines: Vec<String> = Vec::new();
            if let (true, false, Some(statement)) = (import.top, placed, statement) {
                placed = true;
                lines.push(statement.to_owned());
            }
            if in_place.is_none() {
                lines.extend(moved_statements(&moving, spelling));
            }
            let line = whole_line(text, import.range);
            let indent: String =
                text[TextRange::new(line.start(), import.range.start())].chars().take_while(|c| c.is_whitespace()).collect();
            let joined = lines.join(&format!("{newline}{indent}"));
            if let Some(renamed) = in_place {
                if !joined.is_empty() {
                    let text = format!("{joined}{newline}{indent}");
                    edits.push(Replacement { range: TextRange::empty(import.range.start()), parts: vec![Part::Text(text)] });
                }
                edits.extend(renamed);
                continue;
            }
            if import.names.iter().all(&is_gone) {
                edits.push(Replacement { range: import.range, parts: vec![Part::Text(joined)] });
                continue;
            }
            edits.push(Replacement {
                range: TextRange::empty(import.range.start()),
                parts: vec![Part::Text(format!("{joined}{newline}{indent}"))],
            });
        }
        let left: Vec<&Alias> = import.names.iter().filter(|a| !is_gone(a)).collect();
        if left.len() == import.names.len() {
            continue;
        }
        if left.is_empty() {
            if import.top && !placed {
                placed = true;
                edits.push(Replacement { range: import.range, parts: vec![Part::Text(statement.unwrap_or_default().to_owned())] });
            } else if emptied.contains(&import.range) {
                edits.push(Replacement { range: import.range, parts: vec![Part::Text("pass".into())] });
            } else {
                let mut line = whole_line(text, import.range);
                // A file does not begin with blank lines.
                if line.start() == TextSize::new(0) {
                    let rest = &text[line.end().to_usize()..];
                    let blank = rest.len() - rest.trim_start_matches(['\n', '\r']).len();
                    line = TextRange::new(line.start(), line.end() + TextSize::try_from(blank).unwrap_or_default());
                }
                edits.push(Replacement { range: line, parts: Vec::new() });
            }
            continue;
        }
        for (i, alias) in import.names.iter().enumerate().filter(|(_, a)| is_gone(a)) {
            // An alias goes with the comma after it, the last one with the comma before it.
            let range = match import.names.get(i + 1) {
                Some(next) => TextRange::new(alias.range.start(), next.range.start()),
                None => {
                    let kept_before = import.names[..i].iter().rev().find(|a| !is_gone(a));
                    let start = kept_before.map_or(alias.range.start(), |a| a.range.end());
                    TextRange::new(start, alias.range.end())
                }
            };
            edits.push(Replacement { range, parts: Vec::new() });
        }
    }
    if let (false, Some(statement)) = (placed, statement) {
        let after_library = statements.iter().filter(|s| s.top).find(|s| {
            let line = &text[s.range];
            !line.starts_with("from __future__")
        });
        match after_library {
            Some(first) => {
                let line = whole_line(text, first.range);
                let indent: String =
                    text[TextRange::new(line.start(), first.range.start())].chars().take_while(|c| c.is_whitespace()).collect();
                edits.push(Replacement {
                    range: TextRange::empty(first.range.start()),
                    parts: vec![Part::Text(format!("{statement}{newline}{indent}"))],
                });
            }
            None => {
                let at = after_preamble(text, module);
                let before = if at > TextSize::new(0) && !text[..at.to_usize()].ends_with(['\n', '\r']) { newline } else { "" };
                edits.push(Replacement { range: TextRange::empty(at), parts: vec![Part::Text(format!("{before}{statement}{newline}"))] });
            }
        }
    }
    edits
}

/// The module and the name under which the target has what an import binds.
fn moved_place(import: &LibraryImport, spelling: &Spelling) -> (Option<String>, String) {
    let target = import.target.as_deref().unwrap_or_default();
    if target.is_empty() {
        return (spelling.package.clone(), spelling.name.clone());
    }
    match target.rsplit_once('.') {
        Some((space, name)) => (Some(format!("{}.{space}", spelling.qualified())), name.to_owned()),
        None => (Some(spelling.qualified()), target.to_owned()),
    }
}

/// The statements that import from the target what `moving` import from their library: one per module.
fn moved_statements(moving: &[&LibraryImport], spelling: &Spelling) -> Vec<String> {
    let mut modules: Vec<(Option<String>, Vec<String>)> = Vec::new();
    for import in moving {
        let (package, name) = moved_place(import, spelling);
        let text = if name == import.bound { name } else { format!("{name} as {}", import.bound) };
        match modules.iter_mut().find(|(other, _)| package.is_some() && *other == package) {
            Some((_, names)) => names.push(text),
            None => modules.push((package, vec![text])),
        }
    }
    let statement = |(package, names): (Option<String>, Vec<String>)| match package {
        Some(package) => format!("from {package} import {}", names.join(", ")),
        None => format!("import {}", names.join(", ")),
    };
    modules.into_iter().map(statement).collect()
}

/// A `from` import all of whose names move to one module keeps its layout: the module changes, and names that are spelled
/// differently there. `None` if it is another statement.
fn renamed_in_place(
    import: &ImportStatement<'_>,
    moving: &[&LibraryImport],
    gone: &[&LibraryImport],
    spelling: &Spelling,
) -> Option<Vec<Replacement>> {
    let from = import.from?;
    let (Some(package), _) = moved_place(moving[0], spelling) else { return None };
    if moving.len() != import.names.len() || !gone.iter().all(|g| import.names.iter().all(|a| a.range != g.range)) {
        return None;
    }
    let mut edits = vec![Replacement { range: from, parts: vec![Part::Text(package.clone())] }];
    for (alias, import) in import.names.iter().zip(moving) {
        let (other, name) = moved_place(import, spelling);
        if other.as_ref() != Some(&package) {
            return None;
        }
        if alias.name.as_str() != name {
            let renamed = if name == import.bound { name } else { format!("{name} as {}", import.bound) };
            edits.push(Replacement { range: alias.range, parts: vec![Part::Text(renamed)] });
        }
    }
    Some(edits)
}

/// The statement's line with its line break, when nothing else stands on it; else the statement and a `;` beside it.
fn whole_line(text: &str, range: TextRange) -> TextRange {
    let (start, end) = (range.start().to_usize(), range.end().to_usize());
    let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line_end = text[end..].find(['\n', '\r']).map_or(text.len(), |at| end + at);
    let break_len = if text[line_end..].starts_with("\r\n") { 2 } else { usize::from(line_end < text.len()) };
    let size = |n: usize| TextSize::try_from(n).unwrap_or_default();
    let before_blank = text[line_start..start].trim().is_empty();
    let after = text[end..line_end].trim();
    if before_blank && after.is_empty() {
        return TextRange::new(size(line_start), size(line_end + break_len));
    }
    if let Some(semicolon) = text[end..line_end].find(';') {
        let rest = &text[end + semicolon + 1..line_end];
        return TextRange::new(range.start(), size(end + semicolon + 1 + rest.len() - rest.trim_start().len()));
    }
    if let Some(semicolon) = text[line_start..start].rfind(';') {
        return TextRange::new(size(line_start + semicolon), range.end());
    }
    range
}

/// Where the first statement may go: after the docstring and the `__future__` imports.
fn after_preamble(text: &str, module: &Module) -> TextSize {
    let mut at = TextSize::new(0);
    for (i, stmt) in module.tree.body.iter().enumerate() {
        let preamble = match stmt {
            Stmt::Expr(s) => i == 0 && s.value.is_string_literal_expr(),
            Stmt::ImportFrom(s) => s.module.as_ref().is_some_and(|m| m.as_str() == "__future__"),
            _ => false,
        };
        if !preamble {
            return if at > TextSize::new(0) { at } else { line_start(text, stmt.range().start()) };
        }
        at = whole_line(text, stmt.range()).end();
    }
    at
}

fn line_start(text: &str, offset: TextSize) -> TextSize {
    let at = text[..offset.to_usize()].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    TextSize::try_from(at).unwrap_or_default()
}
