//! Python's operators: what they give, and when an operand is an array.

use std::sync::Arc;

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprBoolOp, ExprCompare, ExprUnaryOp, Operator, StmtAugAssign, UnaryOp};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::value::{ArrayTag, Atom, Dtype, How, Origin, Place, Value};
use super::walk::Walker;
use crate::codes;
use crate::rules::Trait;

impl<'a> Walker<'a> {
    /// `l op r`. A chain of operators leans to the left, so its spine is walked in a loop, not by recursion.
    pub(super) fn eval_binary(&mut self, expr: &'a Expr, expected: Option<ArrayTag>) -> Value {
        let mut spine = Vec::new();
        let mut innermost = expr;
        let mut wanted = expected;
        while let Expr::BinOp(binary) = innermost {
            spine.push((binary, wanted));
            // What is an array after a number was added or multiplied was one before.
            wanted = wanted.filter(|_| binary.right.is_number_literal_expr());
            innermost = &binary.left;
        }
        self.expected = wanted.filter(|_| innermost.is_unary_op_expr());
        let mut left = self.eval(innermost);
        self.expected = None;
        for (binary, wanted) in spine.into_iter().rev() {
            let mut right = self.eval(&binary.right);
            if let Some(tag) = wanted {
                self.expect_array(tag, &mut left, &mut right, binary.range);
            }
            let range = self.operator_range(&binary.left, &binary.right);
            self.report_binary(binary.op, range, &left, &right);
            let operands: [(&Expr, &Value); 2] = [(&binary.left, &left), (&binary.right, &right)];
            self.fix_operator(binary.range, binary.op.dunder(), binary.op.as_str(), &operands);
            self.carry_trail(binary.range, &[&left, &right]);
            let mut result = self.binary(binary.op, &left, &right, binary.range);
            result.origin = None;
            left = result.with_origin(self.file, binary.range, How::Expression);
        }
        left
    }

    /// `l op r` goes to a function that takes arrays: where one of them can be anything, it may be an array.
    fn expect_array(&self, tag: ArrayTag, left: &mut Value, right: &mut Value, range: TextRange) {
        if left.array().is_some() || right.array().is_some() {
            return;
        }
        let other = |v: &Value| v.may_be_unknown() || v.operands().all(Atom::is_number);
        if !(other(left) && other(right)) {
            return;
        }
        if let Some(operand) = [left, right].into_iter().find(|v| v.may_be_unknown()) {
            if operand.atoms.contains(&Atom::Crowd) {
                operand.atoms = smallvec::smallvec![Atom::Unknown];
            }
            operand.add(&Atom::Array(tag));
            operand.origin = Some(Origin { file: self.file, range, how: How::Usage });
        }
    }

    /// Where the operator between two operands stands.
    pub(super) fn operator_range(&self, left: &Expr, right: &Expr) -> TextRange {
        let between = TextRange::new(left.range().end(), right.range().start());
        // Only a report needs the exact place.
        if self.quiet() || !self.context.policy.kinds {
            return between;
        }
        symbol(&self.text[between]).map_or(between, |symbol| symbol + between.start())
    }

    /// What `l op r` gives.
    pub(super) fn binary(&mut self, op: Operator, left: &Value, right: &Value, range: TextRange) -> Value {
        let left = self.resolved(left);
        let right = self.resolved(right);
        if left.operands().next().is_none() || right.operands().next().is_none() {
            return Value::unknown();
        }
        let mut result = Value::default();
        for l in left.operands() {
            for r in right.operands() {
                result.join(&self.binary_atoms(op, l, r));
            }
        }
        result.origin = None;
        result.with_origin(self.file, range, How::Expression)
    }

    fn binary_atoms(&mut self, op: Operator, l: &Atom, r: &Atom) -> Value {
        match (l, r) {
            (Atom::Str, _) if op == Operator::Mod => Atom::Str.into(),
            (Atom::Bytes, _) if op == Operator::Mod => Atom::Bytes.into(),
            (Atom::Str, Atom::Array(_)) | (Atom::Array(_), Atom::Str) => Value::unknown(),
            (Atom::Array(a), Atom::Array(b)) => Atom::Array(promote(op, *a, *b)).into(),
            // What meets an array in an operator becomes one, whatever else it is: a number, a sequence, or something unknown.
            (Atom::Array(a), Atom::Object(_) | Atom::Instance(_)) | (Atom::Object(_) | Atom::Instance(_), Atom::Array(a)) => {
                let other = self.reflected(op, l, r);
                if other.may_be_unknown() { Atom::Array(*a).into() } else { other }
            }
            (Atom::Array(a), other) | (other, Atom::Array(a)) => {
                let whole = matches!(other, Atom::List(_) | Atom::Tuple(_) | Atom::TupleOf(_));
                Atom::Array(with_scalar(op, *a, other, whole && a.scalar)).into()
            }
            (Atom::Path, _) | (_, Atom::Path) if op == Operator::Div => Atom::Path.into(),
            (Atom::Str, Atom::Str) if op == Operator::Add => Atom::Str.into(),
            (Atom::Str, Atom::Unknown) | (Atom::Unknown, Atom::Str) if op == Operator::Add => Atom::Str.into(),
            (Atom::Str, _) | (_, Atom::Str) if op == Operator::Mult => Atom::Str.into(),
            (Atom::Bytes, Atom::Bytes) => Atom::Bytes.into(),
            (Atom::Bytes, _) | (_, Atom::Bytes) if op == Operator::Mult => Atom::Bytes.into(),
            (Atom::List(a), Atom::List(b)) if op == Operator::Add => Atom::List(Arc::new((**a).clone().joined(b))).into(),
            (Atom::List(_), Atom::Unknown) if op == Operator::Add => l.clone().into(),
            (Atom::Unknown, Atom::List(_)) if op == Operator::Add => r.clone().into(),
            (Atom::List(_), _) if op == Operator::Mult => l.clone().into(),
            (_, Atom::List(_)) if op == Operator::Mult => r.clone().into(),
            (Atom::Tuple(a), Atom::Tuple(b)) if op == Operator::Add => Atom::Tuple(a.iter().chain(b.iter()).cloned().collect()).into(),
            (Atom::Tuple(_) | Atom::TupleOf(_), Atom::Tuple(_) | Atom::TupleOf(_)) if op == Operator::Add => {
                let mut all = self.element_of_value(&l.clone().into());
                all.join(&self.element_of_value(&r.clone().into()));
                Atom::TupleOf(Arc::new(all)).into()
            }
            (Atom::Tuple(_) | Atom::TupleOf(_), Atom::Unknown) if op == Operator::Add => Atom::TupleOf(Arc::new(Value::unknown())).into(),
            (Atom::Tuple(_) | Atom::TupleOf(_), _) if op == Operator::Mult => {
                let all = self.element_of_value(&l.clone().into());
                Atom::TupleOf(Arc::new(all)).into()
            }
            (Atom::Set(a), Atom::Set(b)) => Atom::Set(Arc::new((**a).clone().joined(b))).into(),
            (Atom::Dict(a), Atom::Dict(b)) if op == Operator::BitOr => {
                let mut both = (**a).clone();
                both.update(b);
                both.into_atom().into()
            }
            (Atom::Object(_) | Atom::Instance(_), _) | (_, Atom::Object(_) | Atom::Instance(_)) => self.reflected(op, l, r),
            (a, b) if a.is_number() && b.is_number() => number(op, a, b).into(),
            _ => Value::unknown(),
        }
    }

    /// What the operator methods of objects give: the left one's, else the right one's reflected.
    fn reflected(&mut self, op: Operator, l: &Atom, r: &Atom) -> Value {
        for (operand, name) in [(l, op.dunder()), (r, op.reflected_dunder())] {
            match operand {
                Atom::Object(class) => {
                    if let Some(Atom::Function(f)) = self.class_member(*class, name).as_ref().and_then(Value::single) {
                        return self.returned(*f);
                    }
                }
                Atom::Instance(class) => {
                    let kind = self.instance_member_kind(class, name);
                    // An instance of a library's class usually stays one: a series plus a number is a series.
                    let closed = self.is_foreign_class(class) || !self.is_open_class(class);
                    return kind.unwrap_or_else(|| if closed { operand.clone().into() } else { Value::unknown() });
                }
                _ => {}
            }
        }
        Value::unknown()
    }

    /// Operands as operators see them: constants of libraries are what they stand for (`np.pi` is a float), and instances of
    /// classes that derive from an array's class are arrays.
    pub(super) fn resolved(&mut self, value: &Value) -> Value {
        if !value.atoms.iter().any(|a| matches!(a, Atom::External(_) | Atom::Object(_))) {
            return value.clone();
        }
        let mut result = Value { origin: value.origin, ..Value::default() };
        for atom in &value.atoms {
            match atom {
                Atom::External(name) => result.join(&self.constant(name)),
                Atom::Object(class) => match self.array_base(*class) {
                    Some(tag) => result.add(&Atom::Array(tag)),
                    None => result.add(atom),
                },
                other => result.add(other),
            }
        }
        result.origin = value.origin;
        result
    }

    pub(super) fn eval_unary(&mut self, unary: &'a ExprUnaryOp, expected: Option<ArrayTag>) -> Value {
        if unary.op == UnaryOp::Not {
            self.truth_value(&unary.operand);
            return self.made(Atom::Bool, unary.range);
        }
        self.expected = expected.filter(|_| matches!(&*unary.operand, Expr::BinOp(_) | Expr::UnaryOp(_)));
        let operand = self.eval(&unary.operand);
        self.expected = None;
        let mut operand = self.resolved(&operand);
        if let Some(tag) = expected
            && operand.array().is_none()
            && operand.may_be_unknown()
        {
            operand.add(&Atom::Array(tag));
        }
        let range = TextRange::at(unary.range.start(), ruff_text_size::TextSize::new(1));
        let symbol = &self.text[range];
        let code = if unary.op == UnaryOp::Invert { codes::BITWISE } else { codes::UNARY };
        self.report_operator(code, symbol, range, &[("operand", &operand)]);
        let method = match unary.op {
            UnaryOp::USub => "__neg__",
            UnaryOp::UAdd => "__pos__",
            UnaryOp::Invert => "__invert__",
            UnaryOp::Not => "",
        };
        let symbol = symbol.to_owned();
        self.fix_operator(unary.range, method, &symbol, &[(&unary.operand, &operand)]);
        let mut result = Value::default();
        for atom in operand.operands() {
            result.join(&match atom {
                Atom::Bool => Atom::Int.into(),
                Atom::Object(_) => Value::unknown(),
                other if other.is_number() || matches!(other, Atom::Array(_) | Atom::Instance(_)) => other.clone().into(),
                _ => Value::unknown(),
            });
        }
        if result.is_bottom() {
            result = Value::unknown();
        }
        result.origin = None;
        result.with_origin(self.file, unary.range, How::Expression)
    }

    pub(super) fn eval_compare(&mut self, compare: &'a ExprCompare, expected: Option<ArrayTag>) -> Value {
        let mut left = self.eval(&compare.left);
        left = self.resolved(&left);
        let mut left_expr: &'a Expr = &compare.left;
        let mut result = Value::default();
        let chained = compare.ops.len() > 1;
        for (op, right_expr) in compare.ops.iter().zip(&compare.comparators) {
            let right = self.eval(right_expr);
            if let (CmpOp::In | CmpOp::NotIn, Expr::StringLiteral(text), Some(Atom::External(table))) = (op, left_expr, right.single())
                && self.context.rules.facts.get(table).is_some_and(|facts| facts.traits.has(Trait::ModuleTable))
            {
                self.note_named(text, text.value.to_str());
            }
            let mut right = self.resolved(&right);
            if let Some(tag) = expected.filter(|_| !chained) {
                self.expect_array(tag, &mut left, &mut right, compare.range);
            }
            if matches!(op, CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn) {
                result.join(&Atom::Bool.into());
            } else {
                let range = self.operator_range(left_expr, right_expr);
                // Comparing with a string or with `None` is how optional and mixed values are told apart: not an array operation.
                let against_text = [&left, &right].iter().any(|v| matches!(v.atoms.as_slice(), [Atom::Str | Atom::None | Atom::Bytes]));
                if !against_text {
                    self.report_operator(codes::COMPARISON, op.as_str(), range, &[("left operand", &left), ("right operand", &right)]);
                    if chained && (left.array().is_some() || right.array().is_some()) {
                        self.report_truth(right_expr, if left.array().is_some() { &left } else { &right }, "a chained comparison");
                    }
                }
                let operands: [(&Expr, &Value); 2] = [(left_expr, &left), (right_expr, &right)];
                if chained && !against_text {
                    let reason = "a chain of comparisons asks arrays for one truth value; join the comparisons with `logical_and`";
                    self.refuse_operator(compare.range, op.as_str(), &operands, reason);
                } else if !against_text {
                    self.fix_operator(compare.range, super::infix::comparison(*op), op.as_str(), &operands);
                }
                result.join(&compare_values(&left, &right, against_text));
            }
            left = right;
            left_expr = right_expr;
        }
        result.origin = None;
        result.with_origin(self.file, compare.range, How::Expression)
    }

    pub(super) fn eval_bool_op(&mut self, bool_op: &'a ExprBoolOp) -> Value {
        let before = self.top().env.clone();
        let mut result = Value::default();
        let last = bool_op.values.len().saturating_sub(1);
        for (i, operand) in bool_op.values.iter().enumerate() {
            let value = self.eval(operand);
            if i < last {
                self.report_truth(operand, &value, if bool_op.op == BoolOp::And { "`and`" } else { "`or`" });
                self.narrow(operand, bool_op.op == BoolOp::And);
            }
            result.join(&value);
        }
        // `x or default`: what is falsy on the left does not come through.
        if bool_op.op == BoolOp::Or && result.atoms.len() > 1 && !matches!(bool_op.values.last(), Some(Expr::NoneLiteral(_))) {
            result.atoms.retain(|a| !matches!(a, Atom::None));
        }
        self.top().env = before;
        if result.origin.is_none() { result.with_origin(self.file, bool_op.range, How::Expression) } else { result }
    }

    /// Evaluates a condition; an array in it is asked for its truth value.
    pub(super) fn truth_value(&mut self, test: &'a Expr) {
        let value = self.eval(test);
        match test {
            Expr::Compare(_) | Expr::BoolOp(_) | Expr::UnaryOp(_) | Expr::BooleanLiteral(_) => {
                if matches!(test, Expr::Compare(_)) {
                    self.report_truth(test, &value, "a condition");
                }
            }
            _ => self.report_truth(test, &value, "a condition"),
        }
    }

    pub(super) fn augmented(&mut self, s: &'a StmtAugAssign) {
        let old = match &*s.target {
            Expr::Name(name) => self.lookup(&name.id),
            Expr::Attribute(attribute) => self.attribute_value(attribute),
            Expr::Subscript(subscript) => {
                let base = self.eval_role(&subscript.value, super::expr::Role::Base);
                self.eval(&subscript.slice);
                self.report_subscript_assignment(subscript, &base);
                let mut value = Value::default();
                for atom in &base.atoms {
                    value.join(&match atom {
                        Atom::Array(tag) => Atom::Array(*tag).into(),
                        Atom::List(v) => (**v).clone(),
                        Atom::Dict(d) => self.dict_item(d, &subscript.slice),
                        _ => Value::unknown(),
                    });
                }
                if value.is_bottom() { Value::unknown() } else { value }
            }
            _ => Value::unknown(),
        };
        let right = self.eval(&s.value);
        let range = self.operator_range(&s.target, &s.value);
        let symbol = self.text[range].to_owned();
        let (left, added) = (self.resolved(&old), self.resolved(&right));
        // A list that grows is a list: `+=` extends it in place.
        if !matches!(left.single(), Some(Atom::List(_) | Atom::Str)) {
            let which: &[(&str, &Value)] = &[("target", &left), ("right operand", &added)];
            self.report_operator(codes::IN_PLACE_OPERATOR, &symbol, range, which);
            self.report_mixed(&symbol, range, &left, &added);
            let reason = "an operator in place writes into the array that other names may hold; \
                          write `a = a + b` if none does, or `a[...] = a + b` to write into it";
            self.refuse_operator(s.range, &symbol, &[(&s.target, &left), (&s.value, &added)], reason);
        }
        let result = match left.single() {
            Some(Atom::List(inner)) if s.op == Operator::Add => {
                let element = self.element_of_value(&added);
                Atom::List(Arc::new((**inner).clone().joined(&element))).into()
            }
            _ => self.binary(s.op, &left, &added, s.range),
        };
        match &*s.target {
            Expr::Subscript(_) => {}
            target => self.assign(target, result, s.range),
        }
    }

    fn report_binary(&mut self, op: Operator, range: TextRange, left: &Value, right: &Value) {
        let code = match op {
            Operator::MatMult => codes::MATMUL,
            Operator::BitAnd | Operator::BitOr | Operator::BitXor | Operator::LShift | Operator::RShift => codes::BITWISE,
            _ => codes::ARITHMETIC,
        };
        let (left, right) = (self.resolved(left), self.resolved(right));
        // `"%s" % x` formats.
        if op == Operator::Mod && matches!(left.single(), Some(Atom::Str | Atom::Bytes)) {
            return;
        }
        // `Tensor | None` in a class body or a default joins types, not arrays.
        self.report_operator(code, op.as_str(), range, &[("left operand", &left), ("right operand", &right)]);
        self.report_mixed(op.as_str(), range, &left, &right);
    }
}

fn compare_values(left: &Value, right: &Value, against_text: bool) -> Value {
    let mut result = Value::default();
    if against_text {
        return Atom::Bool.into();
    }
    let (left_array, right_array) = (left.array(), right.array());
    if let Some(tag) = left_array.or(right_array) {
        // The wider operand decides whether the result is 0-d.
        let scalar = tag.scalar && right_array.is_none_or(|t| t.scalar);
        let tag = if scalar {
            tag
        } else {
            ArrayTag { scalar: false, ..left_array.filter(|t| !t.scalar).or(right_array.filter(|t| !t.scalar)).unwrap_or(tag) }
        };
        result.add(&Atom::Array(ArrayTag { dtype: Dtype::Bool, ..tag }));
        if !(left.is_surely_array() || right.is_surely_array()) {
            result.add(&Atom::Bool);
        }
        return result;
    }
    let plain = |v: &Value| {
        v.operands()
            .all(|a| a.is_number() || matches!(a, Atom::Str | Atom::Bytes | Atom::Path | Atom::List(_) | Atom::Tuple(_) | Atom::TupleOf(_)))
    };
    let instance = |v: &Value| v.operands().find(|a| matches!(a, Atom::Instance(_))).cloned();
    if plain(left) && plain(right) && !left.is_bottom() && !right.is_bottom() {
        return Atom::Bool.into();
    }
    if let Some(instance) = instance(left).or_else(|| instance(right)) {
        return Value::from(instance).joined(&Atom::Bool.into());
    }
    Value::unknown()
}

/// Dtype and place of the result of two arrays.
fn promote(op: Operator, a: ArrayTag, b: ArrayTag) -> ArrayTag {
    // Which library answers when both do cannot be known here; the later one loaded usually wraps the other. An array wins over
    // a 0-d result.
    let mut result = match (a.scalar, b.scalar) {
        (true, false) => b,
        (false, true) => a,
        _ if a.library >= b.library => a,
        _ => b,
    };
    result.dtype =
        if a.dtype == b.dtype { if op == Operator::Div && !a.dtype.is_float() { Dtype::Unknown } else { a.dtype } } else { Dtype::Unknown };
    result.place = if a.place == b.place { a.place } else { Place::Unknown };
    result.part = a.part && b.part;
    result
}

/// Dtype of an array with a Python number, which does not widen a float array.
fn with_scalar(op: Operator, tag: ArrayTag, other: &Atom, whole: bool) -> ArrayTag {
    let keeps = match other {
        Atom::Bool | Atom::Int => op != Operator::Div || tag.dtype.is_float(),
        Atom::Float | Atom::Number => tag.dtype.is_float(),
        _ => false,
    };
    ArrayTag { dtype: if keeps { tag.dtype } else { Dtype::Unknown }, scalar: tag.scalar && !whole, part: tag.part && !whole, ..tag }
}

fn number(op: Operator, a: &Atom, b: &Atom) -> Atom {
    let both_int = matches!(a, Atom::Int | Atom::Bool) && matches!(b, Atom::Int | Atom::Bool);
    match (a, b) {
        (Atom::Complex, _) | (_, Atom::Complex) => Atom::Complex,
        (Atom::Number, _) | (_, Atom::Number) => Atom::Number,
        _ if both_int && op == Operator::Div => Atom::Float,
        // A negative exponent makes a float of two ints.
        _ if both_int && op == Operator::Pow => Atom::Number,
        _ if both_int => Atom::Int,
        _ => Atom::Float,
    }
}

/// The operator's symbol in what stands between two operands: parentheses, blanks and comments beside it. Words have none.
fn symbol(between: &str) -> Option<TextRange> {
    let mut from = 0;
    loop {
        let start = from + between[from..].find(['#', '+', '-', '*', '/', '%', '@', '&', '|', '^', '<', '>', '=', '!'])?;
        let rest = &between[start..];
        if rest.starts_with('#') {
            from = start + rest.find(['\n', '\r'])?;
            continue;
        }
        let end = rest.find(|c| !matches!(c, '+' | '-' | '*' | '/' | '%' | '@' | '&' | '|' | '^' | '<' | '>' | '=' | '!'));
        let end = start + end.unwrap_or(rest.len());
        return Some(TextRange::new(TextSize::try_from(start).ok()?, TextSize::try_from(end).ok()?));
    }
}

#[cfg(test)]
mod tests {
    use super::symbol;

    #[test]
    fn an_operator_is_found_between_parentheses_and_comments() {
        for (between, found) in [
            (" + ", "+"),
            (") ** (", "**"),
            ("\\\n  //= ", "//="),
            (" # a - b\n  @ # c\n", "@"),
            ("<", "<"),
            (" != ", "!="),
            (")>>=(", ">>="),
        ] {
            assert_eq!(symbol(between).map(|range| &between[range]), Some(found), "{between:?}");
        }
        assert_eq!(symbol(" not in "), None);
        assert_eq!(symbol(" # a comment + 1"), None);
    }
}
