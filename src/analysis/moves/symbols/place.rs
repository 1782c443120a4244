//! Takes definitions out of their old modules and puts them, and the imports that they need, into the new ones.

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::{Moving, Sheet, Work};
use crate::moves::{Edit, Refusal, apply, newline};
use crate::plan::references::Binding;
use crate::syntax::Module;

pub fn put(work: &Work<'_>, sheets: &mut [Sheet]) -> Result<(), Refusal> {
    // In the order of the old modules, so that what builds on something comes after it.
    let mut leaving: Vec<(&Moving, TextRange)> = work
        .moving
        .iter()
        .filter(|moving| !moving.stays())
        .flat_map(|moving| moving.spans.iter().map(move |span| (moving, *span)))
        .collect();
    leaving.sort_by_key(|(moving, span)| (moving.file, span.start()));
    let mut blocks: Vec<Vec<(&Moving, String)>> = (0..sheets.len()).map(|_| Vec::new()).collect();
    let mut gone: Vec<Vec<TextRange>> = (0..sheets.len()).map(|_| Vec::new()).collect();
    for (moving, span) in leaving {
        let gathered = &mut sheets[moving.file as usize].gathered;
        let (inside, rest) = std::mem::take(&mut gathered.edits).into_iter().partition(|edit: &Edit| span.contains_range(edit.range));
        gathered.edits = rest;
        let inside = inside.into_iter().map(|edit: Edit| Edit { range: edit.range - span.start(), text: edit.text }).collect();
        let text = apply(&work.text(moving.file)[span], inside).replace("\r\n", "\n");
        blocks[moving.to as usize].push((moving, text.trim_end().to_owned()));
        gone[moving.file as usize].push(span);
    }
    for (index, spans) in gone.into_iter().enumerate() {
        let text = work.files.get(index).map_or("", |file| &*file.text);
        sheets[index].gathered.edits.extend(cuts(text, spans));
    }
    for (index, blocks) in blocks.into_iter().enumerate() {
        let sheet = &mut sheets[index];
        match work.files.get(index) {
            Some(file) => into_file(work, index, &file.text, blocks, sheet),
            None if !blocks.is_empty() => new_file(work, sheet, &blocks),
            None => {}
        }
    }
    Ok(())
}

/// Takes `spans` out with the blank lines after them.
fn cuts(text: &str, mut spans: Vec<TextRange>) -> Vec<Edit> {
    spans.sort_by_key(|span| span.start());
    let size = |at: usize| TextSize::try_from(at).unwrap_or_default();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for span in spans {
        let rest = &text[span.end().to_usize()..];
        let blank: usize = rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
        let (start, end) = (span.start().to_usize(), span.end().to_usize() + blank);
        match merged.last_mut() {
            Some((_, last)) if *last >= start => *last = end.max(*last),
            _ => merged.push((start, end)),
        }
    }
    if let Some((start, end)) = merged.last_mut()
        && *end == text.len()
    {
        // No blank lines at the end of the file.
        let kept = text[..*start].trim_end().len();
        *start = kept + text[kept..*start].find('\n').map_or(0, |at| at + 1);
    }
    merged.into_iter().map(|(start, end)| Edit::replace(TextRange::new(size(start), size(end)), "")).collect()
}

fn into_file(work: &Work<'_>, index: usize, text: &str, blocks: Vec<(&Moving, String)>, sheet: &mut Sheet) {
    let module = &work.modules[index];
    let line = newline(text);
    let (head, after_imports) = head(text, module);
    let mut lines: Vec<String> = Vec::new();
    if sheet.future {
        let at = docstring_end(text, module);
        sheet.gathered.edits.push(super::names::head_line(text, at, "from __future__ import annotations"));
        let said = "`from __future__ import annotations` comes along: annotations of this module are no longer evaluated".to_owned();
        sheet.gathered.remarks.push((TextRange::empty(at), said));
    }
    lines.extend(sheet.imports.iter().cloned());
    lines.extend(typing(&sheet.typing));
    // What the module uses while it is imported has to come before that.
    let (early, late): (Vec<_>, Vec<_>) = blocks.into_iter().partition(|(moving, _)| used_on_import(work, index, moving));
    let place = main_guard(module).map_or(text.len(), |range| range.start().to_usize());
    let before = text[..place].trim_end();
    // With nothing after the head, imports and definitions are put there together.
    let nothing_between = head.to_usize() >= before.len() && early.is_empty() && !late.is_empty();
    if !nothing_between && (!lines.is_empty() || !early.is_empty()) {
        let mut new = lines.join("\n");
        if !early.is_empty() {
            let apart = if text[head.to_usize()..].trim_start_matches('\r').starts_with(['\n', '\r']) { "" } else { "\n\n" };
            new = format!("{new}\n\n{}{apart}", joined(&early));
        } else if !after_imports {
            new.push_str("\n\n");
        }
        sheet.gathered.edits.push(super::names::head_line(text, head, new.trim_start().replace('\n', line).as_str()));
    }
    let shim = sheet.tail.take().map(|tail| tail.trim_end().replace("\r\n", "\n"));
    if late.is_empty() && shim.is_none() {
        return;
    }
    let close = late.first().is_some_and(|(moving, _)| moving.value);
    let apart = if close { "\n\n" } else { "\n\n\n" };
    let mut gap = if before.is_empty() { String::new() } else { apart.to_owned() };
    if nothing_between && !lines.is_empty() {
        let first = match (before.is_empty(), after_imports) {
            (true, _) => "",
            (false, true) => "\n",
            (false, false) => "\n\n",
        };
        gap = format!("{first}{}{apart}", lines.join("\n"));
    }
    let tail = if place == text.len() { "\n" } else { "\n\n\n" };
    let all: Vec<String> = [(!late.is_empty()).then(|| joined(&late)), shim].into_iter().flatten().collect();
    let new = format!("{gap}{}{tail}", all.join("\n\n\n")).replace('\n', line);
    let size = |at: usize| TextSize::try_from(at).unwrap_or_default();
    let cut = sheet.gathered.edits.iter().find(|edit| edit.text.is_empty() && edit.range.end() == size(place));
    sheet.gathered.edits.push(match cut.map(|cut| cut.range.start().to_usize()) {
        // What stood there goes with the blank lines around it.
        Some(0) => Edit::insert(size(place), new.trim_start().to_owned()),
        Some(_) => Edit::insert(size(place), new.strip_prefix(line).unwrap_or(&new).to_owned()),
        None => Edit::replace(TextRange::new(size(before.len()), size(place)), new),
    });
}

fn new_file(work: &Work<'_>, sheet: &mut Sheet, blocks: &[(&Moving, String)]) {
    let mut text = String::new();
    if sheet.future {
        text.push_str("from __future__ import annotations\n\n");
    }
    // Those of the project last, as they are usually sorted.
    let own = |statement: &&String| {
        statement.starts_with("from .") || work.moving.iter().any(|moving| statement.contains(&work.new.name_of(moving.to)))
    };
    let (first_party, other): (Vec<&String>, Vec<&String>) = sheet.imports.iter().partition(own);
    for group in [other, first_party] {
        group.iter().for_each(|statement| text.push_str(&format!("{statement}\n")));
    }
    typing(&sheet.typing).iter().for_each(|line| text.push_str(&format!("{line}\n")));
    if !text.is_empty() {
        text.push_str(if blocks[0].0.value { "\n" } else { "\n\n" });
    }
    text.push_str(&joined(blocks));
    text.push('\n');
    sheet.gathered.edits.push(Edit::insert(TextSize::new(0), text));
}

/// Imports for type checkers, under their condition.
fn typing(statements: &std::collections::BTreeSet<String>) -> Vec<String> {
    if statements.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["from typing import TYPE_CHECKING".to_owned(), String::new(), "if TYPE_CHECKING:".to_owned()];
    lines.extend(statements.iter().map(|statement| format!("    {statement}")));
    lines
}

/// Values one under the other, functions and classes two lines apart.
fn joined(blocks: &[(&Moving, String)]) -> String {
    let mut text = String::new();
    for (index, (moving, block)) in blocks.iter().enumerate() {
        if index > 0 {
            text.push_str(if moving.value && blocks[index - 1].0.value { "\n" } else { "\n\n\n" });
        }
        text.push_str(block);
    }
    text
}

fn used_on_import(work: &Work<'_>, index: usize, moving: &Moving) -> bool {
    let references = &work.references[index];
    let file = u32::try_from(index).unwrap_or(u32::MAX);
    references.uses.iter().filter(|used| used.scope.on_import() && used.import.is_none()).any(|used| {
        references.bound.get(&used.chain[0]).into_iter().flatten().any(|binding| match binding {
            Binding::Import(import) => {
                let target = work.resolver.bound_by(file, &references.imports[*import as usize]);
                target == crate::plan::graph::Target::Symbol(moving.file, moving.symbol)
            }
            Binding::Symbol(_) => false,
        })
    })
}

/// Where imports can be added: after those at the head of the file. Whether there are any.
fn head(text: &str, module: &Module) -> (TextSize, bool) {
    let mut last = None;
    for (index, stmt) in module.tree.body.iter().enumerate() {
        match stmt {
            Stmt::Import(_) | Stmt::ImportFrom(_) => last = Some(stmt.end()),
            Stmt::Expr(expr) if index == 0 && matches!(&*expr.value, Expr::StringLiteral(_)) => {}
            _ => break,
        }
    }
    match last {
        Some(end) => (line_end(text, end), true),
        None => (docstring_end(text, module), false),
    }
}

/// After the docstring, or after the comments that a file begins with.
fn docstring_end(text: &str, module: &Module) -> TextSize {
    if let Some(Stmt::Expr(expr)) = module.tree.body.first()
        && matches!(&*expr.value, Expr::StringLiteral(_))
    {
        return line_end(text, expr.end());
    }
    let comments: usize = text.split_inclusive('\n').take_while(|line| line.starts_with('#')).map(str::len).sum();
    // A comment right above the first statement is the statement's.
    let belongs = text[comments..].chars().next().is_some_and(|letter| letter != '\n' && letter != '\r') && !text.starts_with("#!");
    TextSize::try_from(if belongs && comments > 0 { 0 } else { comments }).unwrap_or_default()
}

fn line_end(text: &str, at: TextSize) -> TextSize {
    let end = text[at.to_usize()..].find('\n').map_or(text.len(), |newline| at.to_usize() + newline + 1);
    TextSize::try_from(end).unwrap_or(at)
}

/// `if __name__ == "__main__":` at the end of the module.
fn main_guard(module: &Module) -> Option<TextRange> {
    let Stmt::If(last) = module.tree.body.last()? else { return None };
    let Expr::Compare(compare) = &*last.test else { return None };
    compare.left.as_name_expr().filter(|name| name.id == "__name__").map(|_| last.range)
}
