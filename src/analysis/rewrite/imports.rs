//! Imports: which go, which take another module's name, and where new ones stand.

use ruff_python_ast::{Alias, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{LibraryImport, Part, Replacement, Spelling, newline_of};
use crate::source::SourceFile;
use crate::syntax::Module;

/// Where a module-level import can stand instead, so that it comes before every use at `uses`: at the head of the outermost
/// functions around them. With the words before the imported name. `None` if a use stands outside of functions, or where there
/// is no line of its own for the statement.
pub(super) fn inner_places(
    source: &SourceFile,
    module: &Module,
    import: &LibraryImport,
    uses: &FxHashSet<TextSize>,
) -> Option<(String, Vec<TextSize>)> {
    let mut statements = Vec::new();
    import_statements(&module.tree.body, true, &mut statements);
    let statement = statements.iter().find(|s| s.range.contains_range(import.range))?;
    // Where a `try` asks whether the library is there, the answer is that what needs it finds out.
    let guarded =
        || module.tree.body.iter().any(|stmt| stmt.as_try_stmt().is_some_and(|s| s.body.iter().any(|b| b.range() == statement.range)));
    let words = &source.text[TextRange::new(statement.range.start(), import.range.start())];
    if uses.is_empty() || !(statement.top || guarded()) || statement.names.len() != 1 || words.contains(['(', '\\']) {
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
    Some((words.to_owned(), places.into_iter().map(|(place, _)| place).collect()))
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
pub(super) fn blocks(stmt: &Stmt) -> Vec<&[Stmt]> {
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

/// The library that a qualified name belongs to.
pub(super) fn root(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
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
pub(super) fn import_edits(
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

pub(super) fn line_start(text: &str, offset: TextSize) -> TextSize {
    let at = text[..offset.to_usize()].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    TextSize::try_from(at).unwrap_or_default()
}
