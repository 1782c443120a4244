//! What a condition says about the values it tests.

use ruff_python_ast::{BoolOp, CmpOp, Expr, UnaryOp};

use super::value::{Atom, How, Value};
use super::walk::Walker;

impl<'a> Walker<'a> {
    /// Takes into the environment that `test` came out as `positive`.
    pub(super) fn narrow(&mut self, test: &'a Expr, positive: bool) {
        match test {
            Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => self.narrow(&unary.operand, !positive),
            Expr::BoolOp(bool_op) => {
                let all = (bool_op.op == BoolOp::And) == positive;
                if all {
                    for operand in &bool_op.values {
                        self.narrow(operand, positive);
                    }
                }
            }
            Expr::Compare(compare) => {
                if let ([op], [right]) = (&*compare.ops, &*compare.comparators) {
                    let is = match op {
                        CmpOp::Is | CmpOp::Eq => positive,
                        CmpOp::IsNot | CmpOp::NotEq => !positive,
                        _ => return,
                    };
                    if right.is_none_literal_expr() {
                        self.refine(&compare.left, |value| {
                            if is {
                                if value.atoms.contains(&Atom::None) || value.may_be_unknown() { Some(Atom::None.into()) } else { None }
                            } else {
                                Some(without(value, |a| matches!(a, Atom::None)))
                            }
                        });
                    }
                }
            }
            Expr::Call(call) => {
                let Expr::Name(function) = &*call.func else { return };
                match (function.id.as_str(), call.arguments.args.as_ref()) {
                    ("isinstance", [subject, class]) if self.is_builtin(&function.id) => {
                        self.silent += 1;
                        let named = self.eval_role(class, super::expr::Role::Isinstance);
                        self.silent -= 1;
                        let wanted = self.instances_of(&named);
                        self.refine(subject, |value| Some(if positive { only(value, &wanted) } else { except(value, &wanted) }));
                    }
                    ("callable", [subject]) if positive => {
                        self.refine(subject, |value| Some(without(value, |a| a.is_number() || matches!(a, Atom::Array(_) | Atom::Str))))
                    }
                    _ => {}
                }
            }
            Expr::Name(_) | Expr::Attribute(_) if positive => self.refine(test, |value| Some(without(value, |a| matches!(a, Atom::None)))),
            Expr::Named(named) => self.narrow(&named.target, positive),
            _ => {}
        }
    }

    /// Replaces what is known of the name or dotted place `expr`.
    fn refine(&mut self, expr: &'a Expr, change: impl FnOnce(&Value) -> Option<Value>) {
        let known = match expr {
            Expr::Name(name) => self.lookup(&name.id),
            Expr::Attribute(attribute) => {
                self.silent += 1;
                let value = self.attribute_value(attribute);
                self.silent -= 1;
                value
            }
            Expr::Named(named) => return self.refine_named(&named.target, change),
            _ => return,
        };
        let Some(mut new) = change(&known) else { return };
        if new.is_bottom() {
            return;
        }
        new.origin = known.origin;
        self.set_known(expr, new);
    }

    fn refine_named(&mut self, target: &'a Expr, change: impl FnOnce(&Value) -> Option<Value>) {
        if let Expr::Name(name) = target {
            let known = self.lookup(&name.id);
            if let Some(new) = change(&known).filter(|v| !v.is_bottom()) {
                self.set_known(target, new);
            }
        }
    }

    /// Narrowing is not an assignment: it changes what is known here, not what closures see.
    fn set_known(&mut self, expr: &'a Expr, value: Value) {
        match expr {
            Expr::Name(name) => {
                if let Some(overlay) = self.overlays.iter_mut().rev().find(|o| o.iter().any(|(n, _)| *n == name.id)) {
                    if let Some((_, old)) = overlay.iter_mut().rev().find(|(n, _)| *n == name.id) {
                        *old = value;
                    }
                    return;
                }
                let frame = self.top();
                if let Some(&slot) = frame.table.slots.get(&name.id) {
                    frame.env.set(slot as usize, value);
                }
            }
            Expr::Attribute(attribute) => {
                if let Some(place) = super::member::place_of(&attribute.value, &attribute.attr) {
                    self.top().env.set_place(place, value);
                }
            }
            _ => {}
        }
    }
}

fn without(value: &Value, drop: impl Fn(&Atom) -> bool) -> Value {
    Value { atoms: value.atoms.iter().filter(|a| !drop(a)).cloned().collect(), origin: value.origin }
}

/// Whether an atom is an instance of what `wanted` allows.
fn is_one(atom: &Atom, wanted: &Atom) -> bool {
    match (atom, wanted) {
        (Atom::Array(a), Atom::Array(b)) => a.library == b.library && (a.scalar == b.scalar),
        (Atom::List(_), Atom::List(_)) | (Atom::Set(_), Atom::Set(_)) | (Atom::Dict(_), Atom::Dict(_)) => true,
        (Atom::Tuple(_) | Atom::TupleOf(_), Atom::Tuple(_) | Atom::TupleOf(_)) => true,
        (Atom::Bool, Atom::Int) => true,
        (Atom::Number, Atom::Int | Atom::Float) | (Atom::Int | Atom::Float, Atom::Number) => true,
        (a, b) => a == b,
    }
}

/// The part of `value` that passes `isinstance` against `wanted`; what was unknown becomes what was asked for.
fn only(value: &Value, wanted: &Value) -> Value {
    if wanted.may_be_unknown() {
        return value.clone();
    }
    // `isinstance(x, (int, float, np.number))` asks for numbers, of which Python's are the usual ones.
    let numbers = wanted.atoms.iter().any(Atom::is_number);
    let telling = |w: &&Atom| !(numbers && matches!(w, Atom::Array(tag) if tag.scalar));
    let mut kept: Value = Value { origin: value.origin, ..Value::default() };
    for atom in &value.atoms {
        match atom {
            Atom::Unknown | Atom::Crowd | Atom::Object(_) | Atom::Instance(_) if !wanted.atoms.iter().any(|w| is_one(atom, w)) => {
                if matches!(atom, Atom::Unknown | Atom::Crowd) {
                    wanted.atoms.iter().filter(telling).for_each(|w| kept.add(w));
                }
            }
            _ => {
                if wanted.atoms.iter().any(|w| is_one(atom, w)) {
                    kept.add(atom);
                }
            }
        }
    }
    if kept.is_bottom() {
        // The check contradicts what was inferred; the programmer knows better.
        kept = without(wanted, |w| !telling(&w));
        if let (Some(origin), Some(at)) = (&mut kept.origin, value.origin) {
            *origin = at;
            origin.how = How::Expression;
        }
    }
    kept
}

/// The part of `value` that fails `isinstance` against `wanted`.
fn except(value: &Value, wanted: &Value) -> Value {
    if wanted.may_be_unknown() {
        return value.clone();
    }
    without(value, |atom| {
        !matches!(atom, Atom::Unknown | Atom::Crowd)
            && wanted.atoms.iter().any(|w| is_one(atom, w) && !matches!((atom, w), (Atom::Number, Atom::Int | Atom::Float)))
    })
}
