//! How a call is written for the target: its edits, and the arguments among them.

use std::sync::Arc;

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::arguments::{Argument, Call};
use super::fix::{Refusal, operand};
use super::value::{Atom, Value};
use super::walk::Walker;
use crate::dialect::{self, Operand, Spelled};
use crate::rewrite::{Part, Replacement};
use crate::rules::op::{Form, Op, Piece, Rule, Template};
use crate::rules::signature::Passing;

/// A call that a rule is applied to.
#[derive(Clone, Copy)]
pub(super) struct Applied<'s, 'a> {
    pub rule: &'s Rule,
    /// The call as its signature sees it.
    pub view: &'s Call<'s, 'a>,
    /// Of a method call, what it is called on.
    pub receiver: Option<(&'a Expr, &'s Value)>,
    pub call: &'a ExprCall,
}

/// What an argument form makes: text, the argument of the source call that it is, and whether that went by position.
type Made<'a> = (Vec<Part>, Option<usize>, bool, Option<(&'a Expr, Operand)>);

impl<'a> Walker<'a> {
    pub(super) fn has_comment(&self, range: TextRange) -> bool {
        self.module.comments_in(range).next().is_some()
    }

    /// An expression with its own parentheses, given that the expression around it begins at `start`.
    pub(super) fn outer_range(&self, expr: &Expr, start: TextSize) -> TextRange {
        let mut range = expr.range();
        for token in self.module.tokens_in(TextRange::new(start, range.start())).iter().rev() {
            if token.kind() == TokenKind::Lpar {
                range = TextRange::new(token.range().start(), range.end());
            }
        }
        let opened = self.text[TextRange::new(range.start(), expr.range().start())].matches('(').count();
        let mut closed = 0;
        for token in self.module.tokens_from(expr.range().end()) {
            if closed == opened {
                break;
            }
            match token.kind() {
                TokenKind::Rpar => {
                    closed += 1;
                    range = TextRange::new(range.start(), token.range().end());
                }
                kind if kind.is_trivia() => {}
                _ => break,
            }
        }
        range
    }

    /// The text of a template with its holes filled.
    pub(super) fn fill(&self, template: &Template, applied: Applied<'_, 'a>) -> Result<Vec<Part>, Refusal> {
        let Applied { rule, view, receiver, call } = applied;
        let mut parts = Vec::new();
        for (i, piece) in template.0.iter().enumerate() {
            match piece {
                Piece::Text(text) => parts.push(Part::Text(text.to_string())),
                Piece::Hole(name) => {
                    let before = template.0[..i].last().map_or("", |p| if let Piece::Text(t) = p { t } else { "" });
                    let after = template.0.get(i + 1).map_or("", |p| if let Piece::Text(t) = p { t } else { "" });
                    let enclosed = before.trim_end().ends_with(['(', '[', ',', '=']) && (after.trim_start().starts_with([')', ']', ',']));
                    if let (Some((expr, _)), "self") = (receiver, &**name) {
                        let whole = self.outer_range(expr, call.range().start());
                        let bare = enclosed || is_atomic(expr) || whole != expr.range();
                        push_wrapped(&mut parts, Part::Source(whole), !bare);
                        continue;
                    }
                    let signature = rule.signature.as_deref();
                    let is_star = signature.and_then(|s| s.parameter(name)).is_some_and(|p| p.passing == Passing::Star);
                    let passed = view.passed(name);
                    if is_star {
                        parts.extend(pack_parts(&passed));
                        continue;
                    }
                    match passed.first() {
                        Some(argument) => {
                            let bare =
                                enclosed || is_atomic(argument.expr) || (argument.expr.is_number_literal_expr() && !after.starts_with('.'));
                            push_wrapped(&mut parts, Part::Source(argument.expr.range()), !bare);
                        }
                        None => {
                            let default =
                                signature.and_then(|s| s.parameter(name)).and_then(|p| p.default.as_deref()).filter(|d| *d != "...");
                            match default {
                                Some(default) => parts.push(Part::Text(default.to_owned())),
                                None => return Err(format!("`{name}` has to be passed for this to be rewritten")),
                            }
                        }
                    }
                }
            }
        }
        Ok(parts)
    }

    /// The arguments of the op's call, in their order.
    pub(super) fn new_arguments(
        &self,
        op: &Op,
        args: &[(Arc<str>, Form)],
        applied: Applied<'_, 'a>,
    ) -> Result<Vec<dialect::Argument>, Refusal> {
        let Some(target) = op.signature.as_deref() else { return Err(format!("`{}` of the target is no function", op.name)) };
        let mut positional: Vec<dialect::Argument> = Vec::new();
        let mut keywords: Vec<(usize, dialect::Argument)> = Vec::new();
        let mut unbroken = true;
        for parameter in &target.parameters {
            let Some((_, form)) = args.iter().find(|(name, _)| *name == parameter.name) else {
                unbroken = false;
                continue;
            };
            let star = parameter.passing == Passing::Star;
            let made = self.make(form, applied, star)?;
            if made.is_empty() {
                unbroken = false;
                continue;
            }
            for (parts, source, by_position, known) in made {
                let by_position = match parameter.passing {
                    Passing::Position => {
                        if !unbroken {
                            return Err(format!("`{}` cannot be left out before `{}`", op.name, parameter.name));
                        }
                        true
                    }
                    Passing::Star => true,
                    Passing::Either => unbroken && by_position,
                    Passing::Keyword | Passing::DoubleStar => false,
                };
                let text = match (&parts[..], known) {
                    (_, Some((expr, _))) => self.text[expr.range()].into(),
                    ([Part::Text(text)], None) => text.as_str().into(),
                    _ => parameter.name.clone(),
                };
                let new = dialect::Argument {
                    parameter: Arc::clone(&parameter.name),
                    by_position,
                    parts,
                    source,
                    atomic: known.is_none_or(|(expr, _)| is_atomic(expr)),
                    operand: known.map_or(Operand::Unknown, |(_, operand)| operand),
                    text,
                };
                if by_position {
                    positional.push(new);
                } else {
                    unbroken = false;
                    keywords.push((source.unwrap_or(usize::MAX), new));
                }
            }
        }
        keywords.sort_by_key(|(order, _)| *order);
        positional.extend(keywords.into_iter().map(|(_, new)| new));
        Ok(positional)
    }

    /// What an argument form gives; several only for `*args`.
    fn make(&self, form: &Form, applied: Applied<'_, 'a>, star: bool) -> Result<Vec<Made<'a>>, Refusal> {
        let Applied { rule, view, receiver, call } = applied;
        let index = |argument: &Argument<'a>| view.arguments.iter().position(|a| a.expr.range() == argument.expr.range());
        Ok(match form {
            Form::Value(text) => vec![(vec![Part::Text(text.to_string())], None, false, None)],
            Form::Pack(parameter) => {
                let passed = view.passed(parameter);
                if passed.is_empty() { Vec::new() } else { vec![(pack_parts(&passed), passed.first().and_then(|a| index(a)), true, None)] }
            }
            Form::Tuple(parameters) => {
                let mut parts = vec![Part::Text("(".into())];
                for (i, parameter) in parameters.iter().enumerate() {
                    if i > 0 {
                        parts.push(Part::Text(", ".into()));
                    }
                    match view.passed(parameter).first() {
                        Some(argument) => parts.push(Part::Source(argument.expr.range())),
                        None => match rule.signature.as_ref().and_then(|s| s.parameter(parameter)).and_then(|p| p.default.as_deref()) {
                            Some(default) => parts.push(Part::Text(default.to_owned())),
                            None => return Ok(Vec::new()),
                        },
                    }
                }
                parts.push(Part::Text(")".into()));
                vec![(parts, None, false, None)]
            }
            Form::From { parameter, default, map, template } => {
                if let (Some((expr, value)), "self") = (receiver, &**parameter) {
                    let whole = self.outer_range(expr, call.range().start());
                    let parts = match template {
                        Some(template) => self.fill(template, applied)?,
                        None => vec![Part::Source(whole)],
                    };
                    return Ok(vec![(parts, None, true, Some((expr, operand(value))))]);
                }
                let passed = view.passed(parameter);
                let is_star = rule.signature.as_ref().and_then(|s| s.parameter(parameter)).is_some_and(|p| p.passing == Passing::Star);
                if is_star && star {
                    return Ok(passed
                        .iter()
                        .map(|a| {
                            let mut parts = vec![Part::Source(a.expr.range())];
                            if a.unpacked {
                                parts.insert(0, Part::Text("*".into()));
                            }
                            (parts, index(a), true, Some((a.expr, if a.unpacked { Operand::Unknown } else { operand(&a.value) })))
                        })
                        .collect());
                }
                let Some(argument) = passed.first() else {
                    return Ok(match default {
                        Some(text) => vec![(vec![Part::Text(text.to_string())], None, false, None)],
                        None => Vec::new(),
                    });
                };
                let by_position = argument.name.is_none();
                let parts = match (map, template) {
                    (Some(map), _) => {
                        let text = &self.text[argument.expr.range()];
                        let qualified = match argument.value.single() {
                            Some(Atom::External(name)) => Some(self.context.rules.facts.canonical(name).into_owned()),
                            _ => None,
                        };
                        let literal = text.replace('"', "'");
                        let found = map.iter().find(|(key, _)| **key == *text || **key == *literal || qualified.as_deref() == Some(key));
                        match found {
                            Some((_, value)) => vec![Part::Text(value.to_string())],
                            None => {
                                return Err(format!(
                                    "`{parameter}={text}` has no counterpart: {}",
                                    map.iter().map(|(k, _)| format!("`{k}`")).collect::<Vec<_>>().join(", ")
                                ));
                            }
                        }
                    }
                    (None, Some(template)) => self.fill(template, applied)?,
                    (None, None) => vec![Part::Source(argument.expr.range())],
                };
                let known = (map.is_none() && template.is_none()).then(|| (argument.expr, operand(&argument.value)));
                vec![(parts, index(argument), by_position, known)]
            }
        })
    }

    /// Edits that keep the layout: only the callee and keywords change, all arguments stay where they are.
    pub(super) fn edit_in_place(
        &self,
        call: &'a ExprCall,
        callee: &str,
        new: &[Spelled],
        receiver: Option<(&'a Expr, &Value)>,
        arguments: &[Argument<'a>],
    ) -> Option<Vec<Replacement>> {
        let rest = if let Some((expr, _)) = receiver {
            let first = new.first()?;
            let whole = self.outer_range(expr, call.range().start());
            if first.keyword.is_some() || first.source.is_some() || first.parts != [Part::Source(whole)] {
                return None;
            }
            &new[1..]
        } else {
            new
        };
        let same = rest.len() == arguments.len()
            && rest
                .iter()
                .enumerate()
                .all(|(i, n)| n.source == Some(i) && n.parts == [Part::Source(arguments[i].expr.range())] && !arguments[i].unpacked);
        // The written order is the order in `arguments` only if no keyword stands before a positional argument.
        if !same || arguments.windows(2).any(|w| w[0].expr.range().start() > w[1].expr.range().start()) {
            return None;
        }
        let mut edits = Vec::new();
        match receiver {
            None => edits.push(Replacement { range: call.func.range(), parts: vec![Part::Text(callee.to_owned())] }),
            Some((expr, _)) => {
                let Expr::Attribute(attribute) = &*call.func else { return None };
                let whole = self.outer_range(expr, call.range().start());
                let dot = self
                    .module
                    .tokens_in(TextRange::new(whole.end(), attribute.attr.range().start()))
                    .iter()
                    .find(|t| t.kind() == TokenKind::Dot)?;
                // Parentheses around the receiver become those of the call: `(a * b).sum()` is `ops.sum(a * b)`.
                let (before, after) =
                    (TextRange::new(call.range().start(), expr.range().start()), TextRange::new(expr.range().end(), dot.range().start()));
                let blank = |range: TextRange| self.text[range].chars().all(|c| matches!(c, '(' | ')' | ' '));
                let bare = whole.start() == call.range().start() && is_argument(expr) && blank(before) && blank(after);
                let head = if bare { before } else { TextRange::empty(call.range().start()) };
                edits.push(Replacement { range: head, parts: vec![Part::Text(format!("{callee}("))] });
                let separator = if rest.is_empty() { "" } else { ", " };
                let open = self.module.tokens_from(attribute.attr.range().end()).iter().find(|t| t.kind() == TokenKind::Lpar)?;
                // `x.mean(` on one line is one edit; spread over lines, each token goes by itself so that comments stay.
                let start = if bare { expr.range().end() } else { dot.range().start() };
                let between = TextRange::new(start, open.range().end());
                if self.has_comment(between) || self.text[between].contains('\n') {
                    if bare {
                        edits.push(Replacement { range: after, parts: Vec::new() });
                    }
                    edits.push(Replacement { range: dot.range(), parts: vec![Part::Text(separator.trim_end().to_owned())] });
                    edits.push(Replacement {
                        range: TextRange::new(attribute.attr.range().start(), open.range().end()),
                        parts: vec![Part::Text(if rest.is_empty() { String::new() } else { " ".into() })],
                    });
                } else {
                    // Where the arguments begin on the next line, no blank is left at the end of this one.
                    let breaks = self.text[open.range().end().to_usize()..].starts_with(['\n', '\r']);
                    let separator = if breaks { separator.trim_end() } else { separator };
                    edits.push(Replacement { range: between, parts: vec![Part::Text(separator.to_owned())] });
                }
            }
        }
        for (n, argument) in rest.iter().zip(arguments) {
            let keyword = call.arguments.keywords.iter().find(|k| k.value.range() == argument.expr.range());
            let old = keyword.and_then(|k| k.arg.as_ref());
            match (old, &n.keyword) {
                (Some(old), Some(new)) if old.as_str() != &**new => {
                    edits.push(Replacement { range: old.range(), parts: vec![Part::Text(new.to_string())] })
                }
                (None, Some(new)) => {
                    let start = self.outer_range(argument.expr, self.argument_start(call, argument.expr)).start();
                    edits.push(Replacement { range: TextRange::empty(start), parts: vec![Part::Text(format!("{new}="))] });
                }
                (Some(_), None) => {
                    let keyword = keyword?;
                    edits.push(Replacement {
                        range: TextRange::new(
                            keyword.range().start(),
                            self.outer_range(argument.expr, keyword.arg.as_ref()?.range().end()).start(),
                        ),
                        parts: Vec::new(),
                    });
                }
                _ => {}
            }
        }
        Some(edits)
    }

    /// Where the text before an argument ends: after the comma or the opening parenthesis.
    fn argument_start(&self, call: &ExprCall, expr: &Expr) -> TextSize {
        let open = call.arguments.range().start() + TextSize::new(1);
        let before = self.module.tokens_in(TextRange::new(open, expr.range().start()));
        before.iter().rev().find(|t| t.kind() == TokenKind::Comma).map_or(open, |t| t.range().end())
    }
}

/// A `*shape` as one tuple; a single tuple, list or shape passes as it is.
fn pack_parts(passed: &[&Argument<'_>]) -> Vec<Part> {
    if let [only] = passed {
        // One argument that is not proved to be a number may be the whole shape; the op takes either.
        let number = only.value.operands().next().is_some() && only.value.operands().all(Atom::is_number);
        let display = matches!(only.expr, Expr::Tuple(_) | Expr::List(_));
        if !only.unpacked && (display || !number) {
            return vec![Part::Source(only.expr.range())];
        }
        let star = if only.unpacked { "(*" } else { "(" };
        return vec![Part::Text(star.into()), Part::Source(only.expr.range()), Part::Text(",)".into())];
    }
    let mut parts = vec![Part::Text("(".into())];
    for (i, argument) in passed.iter().enumerate() {
        if i > 0 {
            parts.push(Part::Text(", ".into()));
        }
        if argument.unpacked {
            parts.push(Part::Text("*".into()));
        }
        parts.push(Part::Source(argument.expr.range()));
    }
    parts.push(Part::Text(")".into()));
    parts
}

pub(super) fn push_wrapped(parts: &mut Vec<Part>, part: Part, wrap: bool) {
    dialect::push_wrapped(parts, vec![part], wrap);
}

/// Whether an expression needs no parentheses wherever it stands.
pub(super) fn is_atomic(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Name(_)
            | Expr::Attribute(_)
            | Expr::Call(_)
            | Expr::Subscript(_)
            | Expr::List(_)
            | Expr::Dict(_)
            | Expr::Set(_)
            | Expr::ListComp(_)
            | Expr::SetComp(_)
            | Expr::DictComp(_)
            | Expr::StringLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
    ) || matches!(expr, Expr::Tuple(t) if t.parenthesized)
}

/// Whether an expression needs no parentheses of its own as an argument.
fn is_argument(expr: &Expr) -> bool {
    !matches!(expr, Expr::Named(_) | Expr::Generator(_) | Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Starred(_))
}

/// Whether an expression can stand left of `[...] =` without being evaluated twice to another effect.
pub(super) fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) => true,
        Expr::Attribute(attribute) => is_place(&attribute.value),
        Expr::Subscript(subscript) => is_place(&subscript.value),
        _ => false,
    }
}
