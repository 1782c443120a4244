//! What becomes of operators on arrays, where the target wants functions: `a + b` is `ops.add(a, b)`.

use ruff_python_ast::{CmpOp, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::emit::excerpt;
use super::fix::operand;
use super::fix_text::is_atomic;
use super::value::{Atom, How, Value};
use super::walk::Walker;
use crate::dialect::{self, Operand};
use crate::rewrite::{Outcome, Part, Replacement};
use crate::rules::target::Operators;

/// Rules about operators are those of the functions that Python's own module of this name has for them.
const MODULE: &str = "operator";

/// The special method behind a comparison.
pub(super) fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "__eq__",
        CmpOp::NotEq => "__ne__",
        CmpOp::Lt => "__lt__",
        CmpOp::LtE => "__le__",
        CmpOp::Gt => "__gt__",
        CmpOp::GtE => "__ge__",
        CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn => "",
    }
}

impl<'a> Walker<'a> {
    /// Whether operators on arrays are moved at all.
    fn moves_operators(&self) -> bool {
        !self.quiet() && self.context.policy.fixes && self.context.rules.target.operators == Operators::Functions
    }

    /// Records what becomes of the operator with the special method `method` in the expression at `range`.
    pub(super) fn fix_operator(&mut self, range: TextRange, method: &str, symbol: &str, operands: &[(&'a Expr, &Value)]) {
        if !self.moves_operators() || !self.concerns_arrays(operands) {
            return;
        }
        let outcome = self.operator_outcome(range, method, operands).unwrap_or_else(|reason| Outcome::Refused { reason, rule: None });
        self.push_outcome(range, symbol.into(), outcome);
    }

    /// Records that an operator on arrays stays, and why.
    pub(super) fn refuse_operator(&mut self, range: TextRange, symbol: &str, operands: &[(&'a Expr, &Value)], reason: &str) {
        if self.moves_operators() && self.concerns_arrays(operands) {
            let outcome = Outcome::Refused { reason: reason.to_owned(), rule: None };
            self.push_outcome(range, symbol.into(), outcome);
        }
    }

    /// Whether an operand is an array on every path, and none is text: `"%s" % x` formats.
    fn concerns_arrays(&self, operands: &[(&'a Expr, &Value)]) -> bool {
        let governed = |value: &Value| value.arrays().any(|tag| self.context.governed[usize::from(tag.library)]);
        let text = |value: &Value| value.atoms.iter().any(|a| matches!(a, Atom::Str | Atom::Bytes | Atom::Path));
        operands.iter().any(|(_, v)| v.is_surely_array() && governed(v)) && !operands.iter().any(|(_, v)| text(v))
    }

    fn operator_outcome(&self, range: TextRange, method: &str, operands: &[(&'a Expr, &Value)]) -> Result<Outcome, String> {
        let rules = &self.context.rules;
        let api = format!("{MODULE}.{method}");
        let rule = rules.rules.of(&api).next().ok_or_else(|| format!("no rule for `{api}`"))?;
        let op = rule.op.as_ref().and_then(|name| rules.rules.ops.get(name)).ok_or("the rule names no op")?;
        let signature = op.signature.as_ref().ok_or("the rule names no function")?;
        let mut arguments = Vec::new();
        let mut kept: Vec<TextRange> = Vec::new();
        let mut guessed = false;
        let mut from = range.start();
        for ((expr, value), parameter) in operands.iter().zip(&signature.parameters) {
            let known = operand(value);
            if !matches!(known, Operand::Array | Operand::Int | Operand::Float) {
                let text = excerpt(self.text, expr.range());
                return Err(format!("the other operand, `{text}`, is not known to be an array or a number"));
            }
            guessed |= value.origin.is_some_and(|o| matches!(o.how, How::Usage | How::Documented | How::Argument | How::Default));
            let whole = self.outer_range(expr, from);
            // In an argument list an operation needs no parentheses of its own.
            let source = if matches!(expr, Expr::BinOp(_) | Expr::UnaryOp(_) | Expr::Compare(_)) { expr.range() } else { whole };
            from = whole.end();
            kept.push(source);
            arguments.push(dialect::Argument {
                parameter: parameter.name.clone(),
                by_position: true,
                parts: vec![Part::Source(source)],
                source: None,
                atomic: is_atomic(expr) || source != expr.range(),
                operand: known,
                text: self.text[source].into(),
            });
        }
        if !self.module.comments_in(range).all(|comment| kept.iter().any(|source| source.contains_range(comment))) {
            return Err("a comment between the operands would be lost; move it out".into());
        }
        let (call, doubt) = dialect::spell(&rules.target, op, arguments)?;
        let mut outcome = Outcome::Fix {
            rule: rule.id.clone(),
            applicability: rule.applicability,
            replacements: vec![Replacement { range, parts: call.parts() }],
            why: rule.why.to_string(),
        };
        if let Some(doubt) = doubt {
            outcome.weaken(&doubt);
        }
        if guessed {
            outcome.weaken("an operand is not proved to be an array for every caller");
        }
        Ok(outcome)
    }
}
