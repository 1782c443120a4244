//! What a call passes, and what conditions on it hold.

use ruff_python_ast::Expr;

use super::value::{Atom, Value};
use crate::rules::kind::{Condition, Test};
use crate::rules::signature::{Passing, Signature};

/// One evaluated argument.
pub struct Argument<'a> {
    /// The expression.
    pub expr: &'a Expr,
    /// Its value.
    pub value: Value,
    /// The keyword, if any.
    pub name: Option<&'a str>,
    /// Whether it is unpacked (`*x`, `**x`).
    pub unpacked: bool,
}

/// The call that a kind is evaluated for.
pub struct Call<'c, 'a> {
    /// The arguments.
    pub arguments: &'c [Argument<'a>],
    /// The parameters of the callee, where they are known.
    pub signature: Option<&'c Signature>,
    /// Whether the callee is a method, so that its first parameter is the receiver.
    pub method: bool,
}

impl<'c, 'a> Call<'c, 'a> {
    /// The arguments passed for `parameter`.
    pub fn passed(&self, parameter: &str) -> Vec<&'c Argument<'a>> {
        if let Some(argument) = self.arguments.iter().find(|a| a.name == Some(parameter)) {
            return vec![argument];
        }
        let Some(signature) = self.signature else { return Vec::new() };
        let Some(at) = signature.parameters.iter().position(|p| &*p.name == parameter) else { return Vec::new() };
        let shift = usize::from(self.method && signature.parameters.first().is_some_and(|p| &*p.name == "self"));
        let mut positional = self.arguments.iter().filter(|a| a.name.is_none());
        match signature.parameters[at].passing {
            Passing::Keyword | Passing::DoubleStar => Vec::new(),
            Passing::Star => positional.skip(at.saturating_sub(shift)).collect(),
            Passing::Position | Passing::Either => {
                let before = at.checked_sub(shift);
                before.and_then(|n| positional.nth(n)).into_iter().collect()
            }
        }
    }

    /// Whether `condition` holds.
    pub fn holds(&self, condition: &Condition) -> bool {
        let passed = self.passed(&condition.parameter);
        let first = passed.first();
        let default = || self.signature.and_then(|s| s.parameter(&condition.parameter)).and_then(|p| p.default.as_deref());
        let value = first.map(|a| &a.value);
        let is = |test: fn(&Atom) -> bool| value.is_some_and(|v| v.operands().next().is_some() && v.operands().all(test));
        match &condition.test {
            Test::Given => first.is_some(),
            Test::Absent => first.is_none(),
            Test::Several => passed.len() > 1 || passed.iter().any(|a| a.unpacked),
            Test::IsNone => first.map_or_else(|| default() == Some("None"), |a| a.expr.is_none_literal_expr()),
            Test::NotNone => first.is_some_and(|a| !a.expr.is_none_literal_expr()),
            Test::Int => is(|a| matches!(a, Atom::Int)),
            Test::Float => is(|a| matches!(a, Atom::Float)),
            Test::Bool => is(|a| matches!(a, Atom::Bool)),
            Test::Device => is(|a| matches!(a, Atom::Device(_) | Atom::Str)),
            Test::Tuple => is(|a| matches!(a, Atom::Tuple(_) | Atom::TupleOf(_) | Atom::List(_))),
            Test::Literal => first.is_some_and(|a| is_display(a.expr)),
            Test::Array => is(|a| matches!(a, Atom::Array(_))),
            Test::Number => is(Atom::is_number),
            Test::Str => is(|a| matches!(a, Atom::Str)),
            Test::Dtype => is(|a| matches!(a, Atom::Dtype(_))),
            Test::Callable => is(|a| matches!(a, Atom::Callable(_) | Atom::Function(_) | Atom::Method(..))),
            // Asked only where it is known that the receiver may be several things (see `fix`).
            Test::Mixed => false,
            Test::Equals(text) => match first {
                Some(argument) => literal_text(argument.expr).is_some_and(|t| t == **text),
                None => default() == Some(&**text),
            },
        }
    }
}

/// The value of the first argument.
pub fn first_argument<'v>(call: Option<&'v Call<'_, '_>>) -> Option<&'v Value> {
    call.and_then(|c| c.arguments.first()).map(|a| &a.value)
}

/// Whether a reduction leaves axes: an axis is named, or the dimensions are kept.
pub fn keeps_axes(call: &Call<'_, '_>, method: bool) -> bool {
    let named = call.arguments.iter().any(|a| match a.name {
        Some("axis" | "dim" | "axes" | "dims") => !a.expr.is_none_literal_expr(),
        Some("keepdims" | "keepdim") => !matches!(a.expr, Expr::BooleanLiteral(b) if !b.value),
        _ => false,
    });
    // By position the axis comes right after the array; an argument that is itself an array is no axis.
    let position = usize::from(!method);
    let positional = call.arguments.iter().filter(|a| a.name.is_none()).nth(position);
    named || positional.is_some_and(|a| !a.expr.is_none_literal_expr() && !a.value.is_surely_array())
}

/// Whether an expression is a literal, or a list or tuple of literals.
fn is_display(expr: &Expr) -> bool {
    match expr {
        Expr::List(list) => list.elts.iter().all(is_display),
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_display),
        Expr::UnaryOp(unary) => is_display(&unary.operand),
        other => other.is_literal_expr(),
    }
}

/// The text of a literal as conditions spell it.
fn literal_text(expr: &Expr) -> Option<String> {
    Some(match expr {
        Expr::BooleanLiteral(b) => {
            if b.value {
                "True".into()
            } else {
                "False".into()
            }
        }
        Expr::NoneLiteral(_) => "None".into(),
        Expr::StringLiteral(s) => format!("'{}'", s.value.to_str()),
        Expr::NumberLiteral(_) | Expr::UnaryOp(_) => super::expr::constant_index(expr)?.to_string(),
        _ => return None,
    })
}
