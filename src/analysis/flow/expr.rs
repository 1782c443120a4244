//! Expressions to values.

use std::sync::Arc;

use ruff_python_ast::{AnyStringFlags, Comprehension, Expr, ExprContext, InterpolatedStringElements, Number, StringFlags};
use ruff_text_size::{Ranged, TextRange};
use smallvec::smallvec;

use super::dict::Dict;
use super::value::{ArrayTag, Atom, How, Value};
use super::walk::Walker;

/// What an expression is evaluated for; decides who reports a reference to a library's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// For its value.
    Value,
    /// As the callee: the call reports.
    Callee,
    /// As the object of an attribute access: the longer chain reports.
    Base,
    /// In an annotation.
    Annotation,
    /// As the class of a run-time type check.
    Isinstance,
    /// As a base class.
    BaseClass,
    /// As a decorator.
    Decorator,
}

/// Expressions nested deeper than this are not followed. The stack grows as needed, so this only bounds time.
const DEEPEST: u32 = 20_000;

impl<'a> Walker<'a> {
    /// The value of `expr`.
    pub(super) fn eval(&mut self, expr: &'a Expr) -> Value {
        self.eval_role(expr, Role::Value)
    }

    /// The value of `expr`, evaluated for `role`.
    pub(super) fn eval_role(&mut self, expr: &'a Expr, role: Role) -> Value {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.depth -= 1;
            return Value::unknown();
        }
        let value = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.eval_inner(expr, role));
        self.depth -= 1;
        value
    }

    fn eval_inner(&mut self, expr: &'a Expr, role: Role) -> Value {
        let outer = self.outer.take();
        let expected = self.expected.take();
        let value = match expr {
            Expr::Name(name) => {
                self.missed = false;
                let value = self.lookup(&name.id);
                if self.missed && name.ctx == ExprContext::Load {
                    self.report_undefined(name);
                }
                // Only a name that an import bound names the library here; `dtype` in `dtype = np.float32` was reported there.
                if value.origin.is_some_and(|o| o.how == How::Import) {
                    self.report_reference(expr, &value, role, outer, None);
                }
                return value;
            }
            Expr::Attribute(attribute) => return self.eval_attribute(attribute, expr, role, outer),
            Expr::Call(call) => return self.eval_call(call, outer),
            Expr::BinOp(_) => return self.eval_binary(expr, expected),
            Expr::UnaryOp(unary) => return self.eval_unary(unary, expected),
            Expr::Compare(compare) => return self.eval_compare(compare, expected),
            Expr::BoolOp(bool_op) => return self.eval_bool_op(bool_op),
            Expr::Subscript(subscript) => return self.eval_subscript(subscript, role),
            Expr::StringLiteral(_) | Expr::FString(_) | Expr::TString(_) => {
                self.eval_inside_strings(expr);
                Atom::Str.into()
            }
            Expr::BytesLiteral(_) => Atom::Bytes.into(),
            Expr::NumberLiteral(number) => match number.value {
                Number::Int(_) => Atom::Int.into(),
                Number::Float(_) => Atom::Float.into(),
                Number::Complex { .. } => Atom::Complex.into(),
            },
            Expr::BooleanLiteral(_) => Atom::Bool.into(),
            Expr::NoneLiteral(_) => Atom::None.into(),
            Expr::EllipsisLiteral(_) | Expr::IpyEscapeCommand(_) => Value::unknown(),
            Expr::List(list) => Atom::List(Arc::new(self.eval_elements(&list.elts))).into(),
            Expr::Set(set) => Atom::Set(Arc::new(self.eval_elements(&set.elts))).into(),
            Expr::Tuple(tuple) => {
                if tuple.elts.iter().any(Expr::is_starred_expr) {
                    Atom::TupleOf(Arc::new(self.eval_elements(&tuple.elts))).into()
                } else {
                    let items: Vec<Value> =
                        tuple.elts.iter().map(|e| self.eval_role(e, if role == Role::Isinstance { role } else { Role::Value })).collect();
                    Atom::Tuple(items.into()).into()
                }
            }
            Expr::Dict(dict) => self.dict_display(dict).into_atom().into(),
            Expr::ListComp(comp) => {
                let element = self.comprehension(&comp.generators, &[&comp.elt]);
                Atom::List(Arc::new(element)).into()
            }
            Expr::SetComp(comp) => {
                let element = self.comprehension(&comp.generators, &[&comp.elt]);
                Atom::Set(Arc::new(element)).into()
            }
            Expr::Generator(comp) => {
                let element = self.comprehension(&comp.generators, &[&comp.elt]);
                Atom::Iter(Arc::new(element)).into()
            }
            Expr::DictComp(comp) => {
                self.overlays.push(Vec::new());
                self.generators(&comp.generators);
                let key = comp.key.as_deref().map(|key| self.eval(key)).unwrap_or_default();
                let value = self.eval(&comp.value);
                self.overlays.pop();
                Dict::of(key, value).into_atom().into()
            }
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::If(conditional) => {
                self.truth_value(&conditional.test);
                let before = self.top().env.clone();
                self.narrow(&conditional.test, true);
                let mut value = self.eval(&conditional.body);
                self.top().env.clone_from(&before);
                self.narrow(&conditional.test, false);
                value.join(&self.eval(&conditional.orelse));
                self.top().env = before;
                return value;
            }
            Expr::Named(named) => {
                let value = self.eval(&named.value);
                if let Expr::Name(name) = &*named.target {
                    // A walrus binds in the scope around comprehensions.
                    let overlays = std::mem::take(&mut self.overlays);
                    self.assign_name(&name.id, value.clone());
                    self.overlays = overlays;
                }
                return value;
            }
            Expr::Await(awaited) => return self.eval(&awaited.value),
            Expr::Yield(yielded) => {
                let value = yielded.value.as_deref().map_or_else(|| Atom::None.into(), |value| self.eval(value));
                self.top().yields.join(&value);
                Value::unknown()
            }
            Expr::YieldFrom(yielded) => {
                let value = self.eval(&yielded.value);
                let element = self.element_of_value(&value);
                self.top().yields.join(&element);
                Value::unknown()
            }
            Expr::Starred(starred) => self.eval(&starred.value),
            Expr::Slice(slice) => {
                for part in [&slice.lower, &slice.upper, &slice.step].into_iter().flatten() {
                    self.eval(part);
                }
                Value::unknown()
            }
        };
        if value.origin.is_none() { value.with_origin(self.file, expr.range(), How::Expression) } else { value }
    }

    fn eval_elements(&mut self, elements: &'a [Expr]) -> Value {
        let mut joined = Value::default();
        for element in elements {
            match element {
                Expr::Starred(starred) => {
                    let value = self.eval(&starred.value);
                    joined.join(&self.element_of_value(&value));
                }
                _ => joined.join(&self.eval(element)),
            }
        }
        joined
    }

    /// Expressions within f-strings are code.
    fn eval_inside_strings(&mut self, expr: &'a Expr) {
        let strings: Vec<(AnyStringFlags, &'a InterpolatedStringElements)> = match expr {
            Expr::FString(f) => f.value.f_strings().map(|s| (s.flags.into(), &s.elements)).collect(),
            Expr::TString(t) => t.value.iter().map(|s| (s.flags.into(), &s.elements)).collect(),
            _ => return,
        };
        for (flags, elements) in strings {
            let quote = (!flags.is_triple_quoted()).then(|| flags.quote_style().as_char());
            self.quotes.extend(quote);
            for element in elements {
                self.eval_interpolation(element);
            }
            self.quotes.truncate(self.quotes.len() - usize::from(quote.is_some()));
        }
    }

    fn eval_interpolation(&mut self, element: &'a ruff_python_ast::InterpolatedStringElement) {
        if let ruff_python_ast::InterpolatedStringElement::Interpolation(part) = element {
            self.shown += u32::from(part.debug_text.is_some());
            self.eval(&part.expression);
            self.shown -= u32::from(part.debug_text.is_some());
            if let Some(spec) = &part.format_spec {
                for inner in &spec.elements {
                    self.eval_interpolation(inner);
                }
            }
        }
    }

    fn generators(&mut self, generators: &'a [Comprehension]) {
        for generator in generators {
            let iterated = self.eval(&generator.iter);
            let element = self.element_of(&iterated, &generator.iter);
            self.bind_overlay(&generator.target, element);
            for condition in &generator.ifs {
                self.truth_value(condition);
                self.narrow(condition, true);
            }
        }
    }

    fn bind_overlay(&mut self, target: &'a Expr, value: Value) {
        // The names must exist in the overlay before a pattern is unpacked into them.
        let mut names = Vec::new();
        target_names(target, &mut names);
        if let Some(overlay) = self.overlays.last_mut() {
            overlay.extend(names.into_iter().map(|name| (name, Value::unknown())));
        }
        self.assign(target, value, target.range());
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], results: &[&'a Expr]) -> Value {
        let saved = self.frames.last().map(|f| f.env.places.clone());
        self.overlays.push(Vec::new());
        self.generators(generators);
        let mut value = Value::default();
        // A comprehension is a loop.
        self.top().loops += 1;
        for result in results {
            value.join(&self.eval(result));
        }
        self.top().loops -= 1;
        self.overlays.pop();
        if let (Some(places), Some(frame)) = (saved, self.frames.last_mut()) {
            frame.env.places = places;
        }
        value
    }

    /// What iterating `value` gives, where `expr` is what is iterated.
    pub(super) fn element_of(&mut self, value: &Value, expr: &'a Expr) -> Value {
        let element = self.element_of_value(value);
        if element.origin.is_none() { element.with_origin(self.file, expr.range(), How::Expression) } else { element }
    }

    /// What iterating `value` gives.
    pub(super) fn element_of_value(&mut self, value: &Value) -> Value {
        // An iterator is often its own iterator.
        if self.iterating > 4 {
            return Value::unknown();
        }
        self.iterating += 1;
        let element = self.element_of_atoms(value);
        self.iterating -= 1;
        element
    }

    fn element_of_atoms(&mut self, value: &Value) -> Value {
        let mut element = Value::default();
        for atom in &value.atoms {
            match atom {
                Atom::List(v) | Atom::Set(v) | Atom::Iter(v) | Atom::TupleOf(v) => {
                    element.join(&if v.is_bottom() { Value::unknown() } else { (**v).clone() })
                }
                Atom::Dict(d) => {
                    let keys = d.all_keys();
                    element.join(&if keys.is_bottom() { Value::unknown() } else { keys })
                }
                Atom::Tuple(items) => items.iter().for_each(|item| element.join(item)),
                Atom::Str => element.join(&Atom::Str.into()),
                Atom::Bytes => element.join(&Atom::Int.into()),
                // The rows of an array, or, where it has one axis, its scalars.
                Atom::Array(tag) => element.join(&Atom::Array(ArrayTag { part: true, ..*tag }).into()),
                Atom::None | Atom::Deleted => {}
                Atom::Object(class) => {
                    let found = self.class_member(*class, "__iter__").or_else(|| self.class_member(*class, "__getitem__"));
                    let result = match found.as_ref().and_then(Value::single) {
                        Some(Atom::Function(f)) => {
                            let returned = self.returned(*f);
                            if self.context.world.function(*f).qualname.ends_with("__iter__") {
                                self.element_of_value(&returned)
                            } else {
                                returned
                            }
                        }
                        _ => Value::unknown(),
                    };
                    element.join(&result);
                }
                Atom::Instance(name) => {
                    let iterated = self.instance_element(name);
                    element.join(&iterated);
                }
                _ => element.join(&Value::unknown()),
            }
        }
        if element.is_bottom() {
            return Value::unknown();
        }
        element.origin = value.origin;
        element
    }

    /// The value of `a[i]`.
    fn eval_subscript(&mut self, subscript: &'a ruff_python_ast::ExprSubscript, role: Role) -> Value {
        // `list[np.ndarray]` as a value names types, but so does every other subscript of a class: evaluated like the rest.
        self.outer = Some(subscript.range);
        let whole = matches!(role, Role::Value | Role::Base | Role::Callee);
        let base = self.eval_role(&subscript.value, if whole { Role::Value } else { Role::Base });
        let index = self.eval(&subscript.slice);
        if subscript.ctx == ExprContext::Store {
            return Value::unknown();
        }
        let mut value = Value::default();
        for atom in &base.atoms {
            match self.subscript_atom(atom, &subscript.slice, &index) {
                None if super::defs::along_several_axes(&subscript.slice) && !self.is_table_access(&subscript.value) => {
                    value.join(&Value::unknown());
                    if let Some(tag) = self.array_here() {
                        value.add(&Atom::Array(tag));
                    }
                }
                Some(result) => value.join(&result),
                None => value.join(&Value::unknown()),
            }
        }
        if base.array().is_some() && value.array().is_none() && !value.may_be_unknown() {
            value.join(&Value::unknown());
        }
        value.with_origin(self.file, subscript.range, How::Expression)
    }

    fn subscript_atom(&mut self, atom: &Atom, slice: &'a Expr, index: &Value) -> Option<Value> {
        Some(match atom {
            Atom::Array(tag) => {
                // One integer into an array of unknown rank gives a row or a scalar; both are arrays to us.
                Atom::Array(ArrayTag { part: is_one_index(slice, index), ..*tag }).into()
            }
            Atom::List(v) => {
                if slice.is_slice_expr() {
                    atom.clone().into()
                } else if v.is_bottom() {
                    Value::unknown()
                } else {
                    (**v).clone()
                }
            }
            Atom::Str => Atom::Str.into(),
            Atom::Bytes => {
                if slice.is_slice_expr() {
                    Atom::Bytes.into()
                } else {
                    Atom::Int.into()
                }
            }
            Atom::TupleOf(v) => {
                if slice.is_slice_expr() {
                    atom.clone().into()
                } else {
                    (**v).clone()
                }
            }
            Atom::Tuple(items) => match constant_index(slice) {
                Some(i) => {
                    let at = if i < 0 { i + i64::try_from(items.len()).ok()? } else { i };
                    items.get(usize::try_from(at).ok()?)?.clone()
                }
                None => {
                    let mut all = Value::default();
                    items.iter().for_each(|item| all.join(item));
                    if slice.is_slice_expr() { Atom::TupleOf(Arc::new(all)).into() } else { all }
                }
            },
            Atom::Dict(d) => self.dict_item(d, slice),
            Atom::Object(class) => match self.class_member(*class, "__getitem__").as_ref().and_then(Value::single) {
                Some(Atom::Function(f)) => self.returned(*f),
                _ => return None,
            },
            Atom::Instance(name) => self.instance_getitem(name)?,
            Atom::External(name) => {
                // A generic class subscripted stays the class: `torch.nn.ModuleList[...]`, `np.ndarray[...]`.
                if let Some(kind) = self.context.rules.facts.get(name).and_then(|f| f.kind.clone()) {
                    let plain = self.plain_kind(&kind, name);
                    if let Some(Atom::Instance(class)) = plain.single() {
                        return self.instance_getitem(class);
                    }
                }
                if self.is_constant_name(name) { Value::unknown() } else { atom.clone().into() }
            }
            Atom::Class(_) => atom.clone().into(),
            Atom::None | Atom::Deleted => Value::default(),
            _ => return None,
        })
    }

    /// Whether a library's name is no class and spelled like a constant: what is in `SUPPORTED_NODES[t]` is not the table.
    fn is_constant_name(&self, name: &str) -> bool {
        let last = name.rsplit('.').next().unwrap_or(name);
        self.context.rules.facts.class_named(name).is_none() && last.len() > 1 && !last.contains(|c: char| c.is_ascii_lowercase())
    }

    /// `a[i] = v`: reports writes into arrays and remembers what containers hold.
    pub(super) fn assign_subscript(&mut self, subscript: &'a ruff_python_ast::ExprSubscript, value: &Value) {
        let base = self.eval_role(&subscript.value, Role::Base);
        let key = self.eval(&subscript.slice);
        self.report_subscript_assignment(subscript, &base);
        if let Some(changed) = self.with_item(&base, &subscript.slice, &key, value) {
            self.update_place(&subscript.value, changed);
        }
    }

    /// Replaces what is known of the container that `expr` names, after something was put into it.
    pub(super) fn update_place(&mut self, expr: &'a Expr, value: Value) {
        match expr {
            Expr::Name(name) => {
                let known = self.lookup_is_local(&name.id);
                if known {
                    self.assign_name(&name.id, value);
                }
            }
            Expr::Attribute(attribute) => self.assign_attribute(attribute, value),
            Expr::Subscript(subscript) => self.update_item(subscript, &value),
            _ => {}
        }
    }

    fn lookup_is_local(&self, name: &ruff_python_ast::name::Name) -> bool {
        self.overlays.iter().any(|o| o.iter().any(|(n, _)| n == name))
            || self.frames.last().is_some_and(|f| f.table.slots.contains_key(name) || f.table.globals.contains(name))
    }

    /// The value of a single atom at a place in this file.
    pub(super) fn made(&self, atom: Atom, range: TextRange) -> Value {
        Value { atoms: smallvec![atom], origin: None }.with_origin(self.file, range, How::Expression)
    }
}

/// Whether a subscript is one integer, or one for each of several axes.
fn is_one_index(slice: &Expr, index: &Value) -> bool {
    let integer = |value: &Value| value.operands().next().is_some() && value.operands().all(|a| matches!(a, Atom::Int));
    match index.single() {
        Some(Atom::Tuple(axes)) => !axes.is_empty() && axes.iter().all(integer),
        _ => !slice.is_slice_expr() && integer(index),
    }
}

fn target_names(target: &Expr, names: &mut Vec<ruff_python_ast::name::Name>) {
    match target {
        Expr::Name(name) => names.push(name.id.clone()),
        Expr::Starred(starred) => target_names(&starred.value, names),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|e| target_names(e, names)),
        Expr::List(list) => list.elts.iter().for_each(|e| target_names(e, names)),
        _ => {}
    }
}

/// The integer a literal index stands for.
pub fn constant_index(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(i) => i.as_i64(),
            _ => None,
        },
        Expr::UnaryOp(unary) if unary.op == ruff_python_ast::UnaryOp::USub => constant_index(&unary.operand).map(|i| -i),
        _ => None,
    }
}
