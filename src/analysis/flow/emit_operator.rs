//! Findings of operators: arrays as operands, mixed precision, writes and truth values.

use ruff_python_ast::{Expr, ExprSubscript};
use ruff_text_size::{Ranged, TextRange};

use super::emit::sureness;
use super::value::{ArrayTag, Atom, Dtype, Value};
use super::walk::Walker;
use crate::codes::{self, Code};
use crate::finding::Confidence;

impl<'a> Walker<'a> {
    /// An operator of which some operand is, or may be, an array.
    pub(super) fn report_operator(&mut self, code: Code, symbol: &str, range: TextRange, operands: &[(&str, &Value)]) {
        if self.quiet() || !self.context.policy.kinds {
            return;
        }
        let governed = |tag: &ArrayTag| self.context.governed[usize::from(tag.library)];
        let text = |v: &Value| v.operands().next().is_some() && v.operands().all(|a| matches!(a, Atom::Str | Atom::Bytes | Atom::Path));
        if operands.iter().any(|(_, v)| text(v)) {
            return;
        }
        let holder = operands
            .iter()
            .filter(|(_, v)| v.arrays().any(|t| governed(&t)))
            .max_by_key(|(_, v)| (v.is_surely_array(), v.arrays().any(|t| !t.scalar)));
        // What a frame's own reduction gives, a 0-d result or a series, meets the frame as a number does.
        let own = |v: &Value| v.operands().next().is_some() && v.operands().all(|a| matches!(a, Atom::Instance(_)));
        let open = |v: &Value| !v.is_surely_array() && v.arrays().all(|t| t.scalar);
        if operands.iter().any(|(_, v)| own(v)) && holder.is_some_and(|(_, v)| open(v)) {
            return;
        }
        // Python asks the left operand first: what a library nothing is known of makes of an array is its own affair.
        if operands.first().is_some_and(|(_, v)| self.is_foreign(v)) {
            return;
        }
        if let Some((label, value)) = holder {
            let tag = value.arrays().find(|t| governed(t) && !t.scalar).or_else(|| value.arrays().find(governed));
            let Some(tag) = tag else { return };
            let confidence = sureness(value);
            let notes = self.evidence(label, value);
            let help = self.context.rules.operator_counterpart(symbol, operands.len() == 1);
            let maybe = if confidence == Confidence::Certain { "on" } else { "on what may be" };
            self.report(code, confidence, range, symbol, format!("`{symbol}` {maybe} {}", self.describe(tag)), notes, help);
            return;
        }
        // Numbers with something unknown: the unknown may still be an array. Sequences and objects say otherwise.
        let excluded =
            |v: &Value| v.operands().next().is_some() && v.operands().all(|a| !matches!(a, Atom::Unknown | Atom::Crowd) && !a.is_number());
        let unknown = operands.iter().any(|(_, v)| v.may_be_unknown()) && !operands.iter().any(|(_, v)| excluded(v));
        if unknown {
            self.output.unknown_operators += 1;
            if self.context.policy.confidence > Confidence::Unknown {
                return;
            }
            self.report(code, Confidence::Unknown, range, symbol, format!("`{symbol}` on values of unknown kind"), Vec::new(), None);
        }
    }

    /// Two arrays of different precision, or of different libraries, in one operation.
    pub(super) fn report_mixed(&mut self, symbol: &str, range: TextRange, left: &Value, right: &Value) {
        let (Some(l), Some(r)) = (left.array(), right.array()) else { return };
        if self.quiet() || !self.governs(l) || !self.governs(r) || l.scalar || r.scalar {
            return;
        }
        let confidence = sureness(left).min(sureness(right));
        let mut notes = self.evidence("left operand", left);
        notes.extend(self.evidence("right operand", right));
        let wide = |t: ArrayTag| t.dtype == Dtype::Float64;
        let single = |t: ArrayTag| matches!(t.dtype, Dtype::Float32 | Dtype::Float16 | Dtype::BFloat16);
        if l.library != r.library && ((wide(l) && !wide(r)) || (wide(r) && !wide(l))) {
            let message = format!(
                "`{symbol}` lets float64 from {} into {}",
                self.describe(if wide(l) { l } else { r }),
                self.describe(if wide(l) { r } else { l })
            );
            self.report(codes::FLOAT64_LEAK, confidence, range, symbol, message, notes, Some("cast at the boundary, once".into()));
        } else if l.dtype.is_float() && r.dtype.is_float() && l.dtype != r.dtype && (single(l) || single(r)) {
            let message = format!("`{symbol}` joins `{}` and `{}`", l.dtype.name(), r.dtype.name());
            self.report(
                codes::MIXED_PRECISION,
                confidence,
                range,
                symbol,
                message,
                notes,
                Some("cast one operand, so that the result's dtype is chosen, not found out".into()),
            );
        }
    }

    pub(super) fn report_subscript_assignment(&mut self, subscript: &'a ExprSubscript, base: &Value) {
        if let Some(tag) = base.array().filter(|t| self.governs(*t)) {
            let notes = self.evidence("array", base);
            let message = format!("assignment into {}", self.describe(tag));
            self.report(codes::SUBSCRIPT_ASSIGNMENT, sureness(base), subscript.range, "[]=", message, notes, None);
        }
    }

    /// An array where Python asks for true or false.
    pub(super) fn report_truth(&mut self, expr: &'a Expr, value: &Value, place: &str) {
        if self.quiet() {
            return;
        }
        if let Some(tag) = value.array().filter(|t| self.governs(*t)) {
            let notes = self.evidence("value", value);
            let message = format!("{place} asks {} for a truth value", self.describe(tag));
            self.report(codes::TRUTH_VALUE, sureness(value), expr.range(), "bool", message, notes, None);
        }
    }
}
