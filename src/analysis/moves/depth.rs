//! Folders reckoned from `__file__`: `Path(__file__).parents[2]`, `.parent.parent`, `dirname(dirname(__file__))`. A file that
//! lies deeper than before has to climb further to reach the same folder.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprAttribute, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use super::{Context, Edit, Gathered};
use crate::flow::project::parent;

pub fn edit(context: &Context<'_>, gathered: &mut Gathered) {
    if !context.table.moved.contains(&context.file) || !context.source.text.contains("__file__") {
        return;
    }
    Climbs { context, gathered }.visit_body(&context.module.tree.body);
}

struct Climbs<'a, 'b> {
    context: &'a Context<'b>,
    gathered: &'a mut Gathered,
}

impl<'a> Visitor<'a> for Climbs<'_, '_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Some(steps) = climbed(expr) {
            self.climb(expr, steps);
            return;
        }
        visitor::walk_expr(self, expr);
    }
}

impl Climbs<'_, '_> {
    fn climb(&mut self, expr: &Expr, steps: usize) {
        let (old, new) = (self.context.old.path(self.context.file), self.context.new.path(self.context.file));
        let mut folder = old;
        for _ in 0..steps {
            if folder.is_empty() {
                // Above the project: how far is not ours to know, but it is as far again from there.
                self.above(expr, steps, old, new);
                return;
            }
            folder = parent(folder);
        }
        let wanted = self.context.table.folder(folder);
        let (mut at, mut count) = (new, 0);
        while !at.is_empty() {
            at = parent(at);
            count += 1;
            if at == wanted {
                return self.rewrite(expr, steps, count);
            }
        }
        let text = format!("this leads to `{folder}/`, which is not above `{new}`: name the folder another way");
        self.gathered.remarks.push((expr.range(), text));
    }

    fn above(&mut self, expr: &Expr, steps: usize, old: &str, new: &str) {
        let deeper = new.matches('/').count() as isize - old.matches('/').count() as isize;
        if let Some(count) = steps.checked_add_signed(deeper).filter(|count| *count > 0) {
            self.rewrite(expr, steps, count);
        }
    }

    fn rewrite(&mut self, expr: &Expr, steps: usize, count: usize) {
        if steps == count {
            return;
        }
        match expr {
            // `.parents[n]` counts from zero.
            Expr::Subscript(subscript) => self.gathered.edits.push(Edit::replace(subscript.slice.range(), (count - 1).to_string())),
            Expr::Attribute(_) if count > steps => {
                self.gathered.edits.push(Edit::insert(expr.end(), ".parent".repeat(count - steps)));
            }
            Expr::Attribute(_) => {
                let mut kept = expr;
                for _ in count..steps {
                    if let Expr::Attribute(attribute) = kept {
                        kept = &attribute.value;
                    }
                }
                self.gathered.edits.push(Edit::replace(TextRange::new(kept.end(), expr.end()), ""));
            }
            Expr::Call(call) if count > steps => {
                let function = self.context.text(call.func.range());
                self.gathered.edits.push(Edit::insert(expr.start(), format!("{function}(").repeat(count - steps)));
                self.gathered.edits.push(Edit::insert(expr.end(), ")".repeat(count - steps)));
            }
            Expr::Call(_) => {
                let mut kept = expr;
                for _ in count..steps {
                    if let Expr::Call(call) = kept
                        && let Some(inner) = call.arguments.args.first()
                    {
                        kept = inner;
                    }
                }
                self.gathered.edits.push(Edit::replace(TextRange::new(expr.start(), kept.start()), ""));
                self.gathered.edits.push(Edit::replace(TextRange::new(kept.end(), expr.end()), ""));
            }
            _ => {}
        }
    }
}

/// How many folders `expr` climbs from `__file__`; at least one.
fn climbed(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Attribute(attribute) if attribute.attr.as_str() == "parent" => {
            Some(1 + climbed(&attribute.value).or_else(|| start(&attribute.value))?)
        }
        Expr::Subscript(subscript) => match (&*subscript.value, &*subscript.slice) {
            (Expr::Attribute(ExprAttribute { attr, value, .. }), Expr::NumberLiteral(number)) if attr.as_str() == "parents" => {
                let steps = number.value.as_int()?.as_usize()?;
                start(value).map(|_| steps + 1)
            }
            _ => None,
        },
        Expr::Call(call) if is_call_of(call, "dirname") => {
            let inner = call.arguments.args.first()?;
            Some(1 + climbed(inner).or_else(|| start(inner))?)
        }
        _ => None,
    }
}

/// `Some(0)` for what names the file itself: `__file__`, `Path(__file__).resolve()`, `abspath(__file__)`.
fn start(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Name(name) => (name.id == "__file__").then_some(0),
        Expr::Call(call) => match &*call.func {
            Expr::Attribute(attribute) if matches!(attribute.attr.as_str(), "resolve" | "absolute") => start(&attribute.value),
            _ if ["Path", "PurePath", "abspath", "realpath", "str", "fspath"].iter().any(|name| is_call_of(call, name)) => {
                start(call.arguments.args.first()?)
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_call_of(call: &ExprCall, wanted: &str) -> bool {
    match &*call.func {
        Expr::Name(name) => name.id == wanted,
        Expr::Attribute(attribute) => attribute.attr.as_str() == wanted,
        _ => false,
    }
}
