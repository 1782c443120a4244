//! Aims the rules at a target: texts that rules write out (`ops.nonzero({condition})[0]`) are put into its words once, so
//! that applying a rule need not know of targets. What the target cannot say becomes a refusal with the reason.

use std::sync::Arc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use crate::bind::bind;
use crate::dialect::{self, Argument, Operand};
use crate::rewrite::{self, Part, Replacement};
use crate::rules::RuleSet;
use crate::rules::op::{ALIAS, Action, Form, Piece, Rules, Template};
use crate::rules::signature::Passing;
use crate::rules::target::Target;

/// Stands for the alias while a text is read as Python.
const NAME: &str = "purify_target_";

/// Begins the names that stand for the holes of a template.
const HOLE: &str = "purify_hole_";

/// Aims `set` at the target called `name`, whose ops may lie in another module than its file says. The error lists the
/// targets there are.
pub fn aim(set: &mut RuleSet, name: &str, module: Option<&str>) -> Result<(), String> {
    set.choose(name, module)?;
    // The rules are written in the words of a plain target; they stay packed until they are needed.
    if !set.target.plain {
        adapt(&mut set.rules, &set.target);
    }
    Ok(())
}

/// Puts what the rules write out into the words of `target`.
fn adapt(rules: &mut Rules, target: &Target) {
    let mut adapted = std::mem::take(&mut rules.rules);
    for rule in &mut adapted {
        let mut needs = Vec::new();
        let made = match &rule.action {
            Action::Template(template) => adapt_template(template, rules, target, &mut needs).map(Action::Template),
            Action::Statement(template) => adapt_template(template, rules, target, &mut needs).map(Action::Statement),
            Action::Call(args) => args
                .iter()
                .map(|(name, form)| Ok((Arc::clone(name), adapt_form(form, rules, target)?)))
                .collect::<Result<_, String>>()
                .map(Action::Call),
            _ => continue,
        };
        rule.action = made.unwrap_or_else(|reason| Action::Refuse(reason.into()));
        rule.needs_arrays = needs;
    }
    rules.rules = adapted;
}

fn adapt_form(form: &Form, rules: &Rules, target: &Target) -> Result<Form, String> {
    let text = |text: &Arc<str>| adapt_text(text, rules, target).map(Arc::<str>::from);
    Ok(match form {
        Form::Value(value) => Form::Value(text(value)?),
        Form::From { parameter, default, map, template } => Form::From {
            parameter: Arc::clone(parameter),
            default: default.as_ref().map(text).transpose()?,
            map: map.as_ref().map(|map| map.iter().filter_map(|(key, value)| Some((Arc::clone(key), text(value).ok()?))).collect()),
            template: template.as_ref().map(|t| adapt_template(t, rules, target, &mut Vec::new())).transpose()?,
        },
        Form::Pack(_) | Form::Tuple(_) => form.clone(),
    })
}

fn adapt_text(text: &str, rules: &Rules, target: &Target) -> Result<String, String> {
    if text.contains(ALIAS) { translate(&text.replace(ALIAS, NAME), rules, target, &mut Vec::new()) } else { Ok(text.to_owned()) }
}

fn adapt_template(template: &Template, rules: &Rules, target: &Target, needs: &mut Vec<Arc<str>>) -> Result<Template, String> {
    if !template.0.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains(ALIAS))) {
        return Ok(template.clone());
    }
    let mut text = String::new();
    for piece in &template.0 {
        match piece {
            Piece::Text(plain) => text.push_str(&plain.replace(ALIAS, NAME)),
            Piece::Hole(name) => {
                text.push_str(HOLE);
                text.push_str(name);
                text.push_str("__");
            }
        }
    }
    let text = translate(&text, rules, target, needs)?;
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(HOLE) {
        let after = &rest[at + HOLE.len()..];
        let end = after.find("__").unwrap_or(after.len());
        if at > 0 {
            pieces.push(Piece::Text(rest[..at].into()));
        }
        pieces.push(Piece::Hole(after[..end].into()));
        rest = after.get(end + 2..).unwrap_or_default();
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.into()));
    }
    Ok(Template(pieces))
}

/// Python text with all it says of the target in the target's words.
fn translate(text: &str, rules: &Rules, target: &Target, needs: &mut Vec<Arc<str>>) -> Result<String, String> {
    let source = crate::SourceFile::from_text("template.py", text);
    let module = crate::syntax::parse(&source);
    if !module.errors.is_empty() {
        return Err(format!("`{}` cannot be put into the words of {}", text.replace(NAME, "ops"), target.title));
    }
    let mut visitor = Texts { text, rules, target, needs, edits: Vec::new(), failed: None };
    visitor.visit_body(&module.tree.body);
    match visitor.failed {
        Some(reason) => Err(reason),
        None => Ok(rewrite::render_edits(text, &visitor.edits)),
    }
}

struct Texts<'t> {
    text: &'t str,
    rules: &'t Rules,
    target: &'t Target,
    needs: &'t mut Vec<Arc<str>>,
    edits: Vec<(TextRange, Replacement)>,
    failed: Option<String>,
}

impl Texts<'_> {
    /// The op that an attribute chain below the alias names.
    fn op(&self, expr: &Expr) -> Option<&str> {
        expr.is_attribute_expr().then(|| self.text[expr.range()].strip_prefix(NAME)?.strip_prefix('.'))?
    }

    fn call(&mut self, call: &ExprCall, name: &str) -> Result<(), String> {
        let op = self.rules.ops.get(name).ok_or_else(|| format!("{} has no `{name}`", self.target.title))?;
        let signature = op.signature.as_ref().ok_or_else(|| format!("`{name}` is no function"))?;
        let bound =
            bind(signature, &call.arguments, false).map_err(|_| format!("`{name}` is called in a way that {} lacks", self.target.title))?;
        let mut arguments = Vec::new();
        let mut unbroken = true;
        for (parameter, passed) in signature.parameters.iter().zip(&bound.slots) {
            unbroken &= !passed.is_empty() || parameter.passing == Passing::Star;
            for expr in passed {
                let keyword = call.arguments.keywords.iter().any(|k| k.value.range() == expr.range());
                let text = &self.text[expr.range()];
                let hole = text.strip_prefix(HOLE).and_then(|rest| rest.strip_suffix("__"));
                let takes_array = self.target.arrays.contains(&parameter.name);
                if let (Some(hole), true, false) = (hole, takes_array, self.target.scalars) {
                    self.needs.push(hole.into());
                }
                arguments.push(Argument {
                    parameter: Arc::clone(&parameter.name),
                    by_position: !keyword && unbroken && matches!(parameter.passing, Passing::Position | Passing::Either | Passing::Star),
                    parts: vec![Part::Source(expr.range())],
                    source: None,
                    atomic: matches!(expr, Expr::Name(_) | Expr::Attribute(_) | Expr::Call(_) | Expr::Subscript(_)),
                    operand: match expr {
                        Expr::NumberLiteral(number) if number.value.is_int() => Operand::Int,
                        Expr::NumberLiteral(_) => Operand::Float,
                        Expr::UnaryOp(unary) if unary.operand.is_number_literal_expr() => Operand::Int,
                        _ => Operand::Array,
                    },
                    text: text.into(),
                });
            }
        }
        let (spelled, _) = dialect::spell(self.target, op, arguments)?;
        let parts = spelled.parts();
        self.edits.push((call.range(), Replacement { range: call.range(), parts }));
        Ok(())
    }
}

impl<'a> Visitor<'a> for Texts<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && let Some(name) = self.op(&call.func).map(str::to_owned)
        {
            if let Err(reason) = self.call(call, &name) {
                self.failed.get_or_insert(reason);
            }
            self.visit_arguments(&call.arguments);
            return;
        }
        if let Some(name) = self.op(expr) {
            let spelled = self.rules.ops.get(name).map_or_else(|| Ok(name.into()), |op| self.target.spelled(op));
            match spelled {
                Ok(spelled) => {
                    let parts = vec![Part::Text(format!("{ALIAS}.{spelled}"))];
                    self.edits.push((expr.range(), Replacement { range: expr.range(), parts }));
                }
                Err(reason) => drop(self.failed.get_or_insert(reason)),
            }
            return;
        }
        visitor::walk_expr(self, expr);
    }
}
