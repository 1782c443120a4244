//! Edits of a text, and the text with them made.

use ruff_python_ast::Expr;
use ruff_text_size::{TextRange, TextSize};

use super::{Part, Replacement};
use crate::rules::op::ALIAS;
use crate::source::SourceFile;

/// The cells whose text the edits change, without the line break that joins them to the next.
pub(super) fn changed_cells(source: &SourceFile, edits: &[Edit], alias: &str) -> Vec<(usize, String)> {
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

/// A replacement with the range of the site that makes it.
pub(super) struct Edit {
    pub(super) owner: TextRange,
    pub(super) range: TextRange,
    pub(super) parts: Vec<Part>,
}

/// The text with all edits made.
pub(super) fn render_all(text: &str, edits: &[Edit]) -> String {
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

/// Whether an expression needs no parentheses wherever it stands.
fn is_atomic(text: &str) -> bool {
    // The target's alias is not known yet; any name does.
    let parsed = ruff_python_parser::parse_expression(&text.replace(ALIAS, "alias"));
    parsed.is_ok_and(|p| matches!(p.expr(), Expr::Name(_) | Expr::Attribute(_) | Expr::Call(_) | Expr::Subscript(_)))
}
