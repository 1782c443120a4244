//! Round trips: an array that leaves its library and comes straight back. `torch.from_numpy(x.detach().cpu().numpy())` is
//! `x.detach().cpu()`, also where the value between has a name that nothing else uses.

use std::sync::Arc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprCall, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};

use crate::rewrite::{Outcome, Part, Replacement, Site};
use crate::rules::op::{Applicability, Piece, Template};
use crate::rules::target::RoundTrip;
use crate::syntax::Module;

/// The name that stands for the rule in reports.
const RULE: &str = "round-trip";

/// Turns the two ends of round trips into one expression.
pub fn collapse(text: &str, module: &Module, sites: &mut [Site], trips: &[RoundTrip]) {
    if trips.is_empty() || !sites.iter().any(|site| trips.iter().any(|trip| trip.entry.iter().any(|name| **name == *site.name))) {
        return;
    }
    let mut found = Found { functions: Vec::new(), calls: Vec::new(), onward: Vec::new() };
    found.visit_body(&module.tree.body);
    for trip in trips {
        for i in 0..sites.len() {
            if !trip.entry.iter().any(|name| **name == *sites[i].name) {
                continue;
            }
            let Some(entry) = found.calls.iter().copied().find(|call| call.range() == sites[i].range) else { continue };
            let ([argument], []) = (&*entry.arguments.args, &*entry.arguments.keywords) else { continue };
            let exit = |expr: &Expr, sites: &[Site]| {
                let at = sites.iter().position(|site| site.range == expr.range() && *site.name == *trip.exit)?;
                expr.as_call_expr().filter(|call| call.arguments.is_empty()).map(|_| at)
            };
            if let Some(inner) = exit(argument, sites) {
                nested(text, module, &found, trip, sites, i, inner, argument);
            } else if let Expr::Name(name) = argument {
                named(module, &found, trip, sites, i, name.id.as_str(), &exit);
            }
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "the two ends with what surrounds them")]
fn nested(
    text: &str,
    module: &Module,
    found: &Found<'_>,
    trip: &RoundTrip,
    sites: &mut [Site],
    entry: usize,
    exit: usize,
    argument: &Expr,
) {
    let Some(receiver) = receiver(argument) else { return };
    let range = sites[entry].range;
    if comments(module, range, receiver.range()) {
        return;
    }
    let (kept, applicability, why) = home(text, found, trip, sites, range, receiver);
    let x = fill(&trip.keeps, &[Part::Operand(kept)]);
    let parts = fill(&trip.becomes, &x);
    sites[entry].outcome = fix(applicability, why, vec![Replacement { range, parts }]);
    sites[exit].outcome = Outcome::Kept { rule: RULE.into() };
}

/// The array between has a name: it must be bound once, and be used for coming back alone.
#[allow(clippy::too_many_arguments, reason = "the two ends with what surrounds them")]
fn named(
    module: &Module,
    found: &Found<'_>,
    trip: &RoundTrip,
    sites: &mut [Site],
    entry: usize,
    name: &str,
    exit: &dyn Fn(&Expr, &[Site]) -> Option<usize>,
) {
    let range = sites[entry].range;
    let Some(function) = found.functions.iter().filter(|f| f.range().contains_range(range)).min_by_key(|f| f.range().len()) else { return };
    let mut uses = Uses { name, loads: Vec::new(), stores: 0, value: None, other: false };
    uses.visit_parameters(&function.parameters);
    uses.visit_body(&function.body);
    let (1, Some(value), false) = (uses.stores, uses.value, uses.other) else { return };
    let Some(inner) = exit(value, sites) else { return };
    let Some(receiver) = receiver(value) else { return };
    let entries: Vec<usize> = (0..sites.len())
        .filter(|&i| {
            let only =
                |call: &&ExprCall| call.range() == sites[i].range && call.arguments.args.len() == 1 && call.arguments.keywords.is_empty();
            trip.entry.iter().any(|n| **n == *sites[i].name)
                && found.calls.iter().copied().filter(only).any(|call| uses.loads.contains(&call.arguments.args[0].range()))
        })
        .collect();
    if entries.len() != uses.loads.len() || comments(module, value.range(), receiver.range()) {
        return;
    }
    let value_range = value.range();
    sites[inner].outcome = fix(
        Applicability::Safe,
        "",
        vec![Replacement { range: value_range, parts: fill(&trip.keeps, &[Part::Operand(receiver.range())]) }],
    );
    for i in entries {
        let range = sites[i].range;
        sites[i].outcome =
            fix(Applicability::Safe, "", vec![Replacement { range, parts: fill(&trip.becomes, &[Part::Text(name.to_owned())]) }]);
    }
}

/// What stays of the receiver: without the way to the host, if the result goes to a device anyway.
fn home<'s>(
    text: &str,
    found: &Found<'_>,
    trip: &RoundTrip,
    sites: &[Site],
    entry: TextRange,
    receiver_: &Expr,
) -> (TextRange, Applicability, &'s str) {
    let onward = found.onward.iter().find(|(inner, _)| *inner == entry);
    let (sure, device) = match onward {
        Some((_, call)) => match &*call.arguments.args {
            [Expr::StringLiteral(_)] => (true, true),
            [argument] => (false, text[argument.range()].to_ascii_lowercase().ends_with("device")),
            _ => (false, false),
        },
        None => (false, false),
    };
    let goes = device && onward.is_some_and(|(_, call)| sites.iter().any(|s| s.range == call.range() && trip.onward.contains(&s.name)));
    let mut kept = receiver_;
    if goes {
        while let Some(inner) = receiver(kept)
            && sites.iter().any(|s| s.range == kept.range() && trip.host.contains(&s.name))
            && kept.as_call_expr().is_some_and(|call| call.arguments.is_empty())
        {
            kept = inner;
        }
    }
    if kept.range() != receiver_.range() && !sure {
        return (kept.range(), Applicability::Unsafe, "what it is sent to is taken for a device by its name");
    }
    (kept.range(), Applicability::Safe, "")
}

/// The receiver of a method call.
fn receiver(expr: &Expr) -> Option<&Expr> {
    Some(&expr.as_call_expr()?.func.as_attribute_expr()?.value)
}

fn comments(module: &Module, range: TextRange, kept: TextRange) -> bool {
    !module.comments_in(range).all(|comment| kept.contains_range(comment))
}

fn fill(template: &Template, x: &[Part]) -> Vec<Part> {
    let mut parts = Vec::new();
    for piece in &template.0 {
        match piece {
            Piece::Text(text) => parts.push(Part::Text(text.to_string())),
            Piece::Hole(_) => parts.extend(x.iter().cloned()),
        }
    }
    parts
}

fn fix(applicability: Applicability, why: &str, replacements: Vec<Replacement>) -> Outcome {
    Outcome::Fix { rule: Arc::from(RULE), applicability, replacements, why: why.to_owned() }
}

/// Functions, calls, and for calls whose result is called on: (the inner call, the call of its method).
struct Found<'a> {
    functions: Vec<&'a StmtFunctionDef>,
    calls: Vec<&'a ExprCall>,
    onward: Vec<(TextRange, &'a ExprCall)>,
}

impl<'a> Visitor<'a> for Found<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::FunctionDef(def) = stmt {
            self.functions.push(def);
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            self.calls.push(call);
            if let Some(inner) = receiver(expr).filter(|inner| inner.is_call_expr()) {
                self.onward.push((inner.range(), call));
            }
        }
        visitor::walk_expr(self, expr);
    }
}

/// How a function uses a name.
struct Uses<'n, 'a> {
    name: &'n str,
    loads: Vec<TextRange>,
    stores: usize,
    value: Option<&'a Expr>,
    /// Bound or used in a way that is not followed.
    other: bool,
}

impl<'a> Visitor<'a> for Uses<'_, 'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) if matches!(&*assign.targets, [Expr::Name(name)] if name.id.as_str() == self.name) => {
                self.value = Some(&assign.value);
            }
            Stmt::Global(s) => self.other |= s.names.iter().any(|n| n.as_str() == self.name),
            Stmt::Nonlocal(s) => self.other |= s.names.iter().any(|n| n.as_str() == self.name),
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.id.as_str() == self.name => {
                if name.ctx.is_load() {
                    self.loads.push(name.range());
                } else {
                    self.stores += 1;
                }
            }
            // `locals()` shows every name.
            Expr::Call(call) => {
                self.other |= call.func.as_name_expr().is_some_and(|n| matches!(n.id.as_str(), "locals" | "vars" | "eval" | "exec"))
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_parameter(&mut self, parameter: &'a ruff_python_ast::Parameter) {
        self.other |= parameter.name.as_str() == self.name;
        visitor::walk_parameter(self, parameter);
    }
}
