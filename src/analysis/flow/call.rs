//! Calls: what they give, by what is called.

use std::sync::Arc;

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use super::arguments::{Argument, Call};
use super::defs::ParameterDef;
use super::expr::Role;
use super::value::{ArrayTag, Atom, Dtype, How, Place, Value};
use super::walk::Walker;
use crate::rules::Trait;
use crate::rules::kind::Kind;
use crate::rules::library::{LibraryRef, Member};
use crate::rules::signature::Passing;

/// Whether `expr` is an operator with operands of its own.
pub fn is_operation(expr: &Expr) -> bool {
    matches!(expr, Expr::BinOp(_) | Expr::UnaryOp(_) | Expr::Compare(_))
}

/// Whether a qualified name ends as classes are called: `cvxpy.Variable`.
fn is_class_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    name.contains('.') && last.starts_with(|c: char| c.is_ascii_uppercase()) && last.contains(|c: char| c.is_ascii_lowercase())
}

impl<'a> Walker<'a> {
    /// The value of a call.
    pub(super) fn eval_call(&mut self, call: &'a ExprCall, outer: Option<TextRange>) -> Value {
        let range = call.range();
        let (callee, receiver) = match &*call.func {
            Expr::Attribute(attribute) => {
                self.expect_by_member(attribute);
                let base = self.eval_role(&attribute.value, Role::Base);
                let callee = self.eval_member_callee(attribute, &base);
                (callee, Some(base))
            }
            func => (self.eval_role(func, Role::Callee), None),
        };
        let arguments = self.arguments(call, &callee);
        if !self.context.policy.kinds && !callee.single().is_some_and(super::builtins::gives_a_name) {
            let unknown = Value::unknown();
            self.report_call(call, &callee, receiver.as_ref(), &arguments, &unknown, outer);
            return unknown;
        }
        let mut value = Value::default();
        for atom in &callee.atoms {
            let result = self.call_atom(atom, range, &arguments);
            value.join(&result);
        }
        if let (Expr::Attribute(attribute), Some(base)) = (&*call.func, &receiver) {
            self.container_method(attribute, base, &arguments);
            self.set_by_name(&callee, base, &arguments);
        }
        self.report_call(call, &callee, receiver.as_ref(), &arguments, &value, outer);
        if value.is_bottom() {
            value = Value::unknown();
        }
        if let (Expr::Attribute(attribute), Some(Atom::Unknown | Atom::Crowd)) = (&*call.func, callee.single())
            && receiver.as_ref().is_some_and(|r| r.array().is_none() && (r.may_be_unknown() || self.is_foreign(r)))
            && let Some(result) = self.telling_result(&attribute.attr)
        {
            value = result;
        }
        // What a library's class or function gives was made here.
        let how = value.origin.filter(|o| o.how == How::Import).map_or(How::Expression, |o| o.how);
        value.origin = None;
        value.with_origin(self.file, range, how)
    }

    fn eval_member_callee(&mut self, attribute: &'a ruff_python_ast::ExprAttribute, base: &Value) -> Value {
        if let Some(value) = self.known_place(attribute) {
            return value.clone();
        }
        let mut callee = Value::default();
        for atom in &base.atoms {
            callee.join(&self.attribute_of_one(base, atom, &attribute.attr));
        }
        callee.origin = None;
        callee.with_origin(self.file, attribute.range, How::Reference)
    }

    fn arguments(&mut self, call: &'a ExprCall, callee: &Value) -> Vec<Argument<'a>> {
        let isinstance =
            matches!(callee.single(), Some(Atom::External(name)) if matches!(&**name, "builtins.isinstance" | "builtins.issubclass"));
        let mapping = matches!(callee.single(), Some(Atom::External(name)) if &**name == "builtins.map") && call.arguments.args.len() == 2;
        let expected = self.array_taken(callee);
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for (i, expr) in call.arguments.args.iter().enumerate() {
            match expr {
                Expr::Starred(starred) => {
                    let value = self.eval(&starred.value);
                    arguments.push(Argument { expr: &starred.value, value, name: None, unpacked: true });
                }
                _ => {
                    self.mapped = mapping && i == 0;
                    self.expected = expected.filter(|_| i == 0 && is_operation(expr));
                    let value = self.eval_role(expr, if isinstance && i == 1 { Role::Isinstance } else { Role::Value });
                    self.mapped = false;
                    self.expected = None;
                    arguments.push(Argument { expr, value, name: None, unpacked: false });
                }
            }
        }
        for keyword in &call.arguments.keywords {
            if keyword.arg.as_ref().is_some_and(|name| name.as_str() == "dtype") && self.is_strange(callee) {
                self.strange_dtype = Some(keyword.value.range());
            }
            let value = self.eval(&keyword.value);
            arguments.push(Argument {
                expr: &keyword.value,
                value,
                name: keyword.arg.as_ref().map(|n| n.as_str()),
                unpacked: keyword.arg.is_none(),
            });
        }
        arguments
    }

    /// Whether a callee may be of a library that is not rewritten.
    fn is_strange(&self, callee: &Value) -> bool {
        let facts = &self.context.rules.facts;
        let governed = |name: &str| facts.library_of(name).is_some_and(|library| self.context.governed[usize::from(library)]);
        callee.atoms.iter().any(|atom| match atom {
            Atom::Unknown | Atom::Crowd => true,
            Atom::External(name) => !name.starts_with("builtins.") && !governed(name) && self.context.rules.target.own(name).is_none(),
            Atom::LibraryMethod(on, _) => on.atoms.iter().any(|on| matches!(on, Atom::Instance(class) if !governed(class))),
            _ => false,
        })
    }

    /// The array that `callee` takes as its first argument, if it takes nothing else.
    fn array_taken(&self, callee: &Value) -> Option<ArrayTag> {
        let Some(Atom::External(name)) = callee.single() else { return None };
        let facts = &self.context.rules.facts;
        facts.get(name).filter(|fact| fact.traits.has(Trait::TakesArray))?;
        self.array_tag(facts.library_of(name)?)
    }

    /// What calling one atom gives.
    pub(super) fn call_atom(&mut self, atom: &Atom, range: TextRange, arguments: &[Argument<'a>]) -> Value {
        match atom {
            Atom::External(name) => {
                if let Some(builtin) = name.strip_prefix("builtins.")
                    && let Some(value) = self.special_builtin(builtin, range, arguments)
                {
                    return value;
                }
                self.call_external(name, arguments)
            }
            Atom::Function(f) => self.call_function(*f, None, arguments),
            Atom::Method(f, receiver) => self.call_function(*f, Some(receiver), arguments),
            Atom::Class(class) => {
                self.construct(*class, arguments);
                Atom::Object(*class).into()
            }
            Atom::Object(class) => self.call_object(*class, atom, arguments),
            Atom::LibraryMethod(receiver, name) => self.call_library_method(receiver, name, arguments),
            Atom::Instance(class) => {
                let facts = &self.context.rules.facts;
                let found =
                    facts.class_named(class).and_then(|c| facts.inherited(c, |fact| fact.call.clone().map(|kind| (fact.library, kind))));
                match found {
                    Some((library, kind)) => {
                        self.kind_value(&kind, library, None, Some(&Call { arguments, signature: None, method: true }))
                    }
                    None => Value::unknown(),
                }
            }
            Atom::Callable(result) => (**result).clone(),
            Atom::Dtype(_) => Value::unknown(),
            Atom::None | Atom::Deleted => Value::default(),
            _ => Value::unknown(),
        }
    }

    // --- the libraries' functions --------------------------------------------------------------------------------

    pub(super) fn call_external(&mut self, name: &Arc<str>, arguments: &[Argument<'a>]) -> Value {
        let facts = &self.context.rules.facts;
        let fact = facts.get(name);
        let library = facts.library_of(name);
        if let (Some(fact), Some(library)) = (fact, library) {
            self.tell_callback(&fact.callback, library, arguments);
            if let Some(kind) = &fact.kind {
                let call = Call { arguments, signature: fact.signature.as_deref(), method: false };
                let mut value = self.kind_value(kind, library, None, Some(&call));
                self.refine_dtype(&mut value, fact, library, None, &call);
                return value;
            }
            if fact.class.is_some() {
                return self.instance(name);
            }
            if fact.dtype.is_some() && facts.library(library).scalar.is_some() {
                return self.kind_value(&Kind::Scalar, library, None, None);
            }
        }
        // `Class.method(instance, …)`: the method of a library's class, unbound.
        if let Some((class, method)) = name.rsplit_once('.')
            && let Some(class) = facts.class_named(class)
            && let Some((owner, Member::Method(kind))) = facts.member(class, method)
        {
            let library = owner.library;
            let receiver = arguments.first().map(|a| a.value.clone());
            let rest = arguments.get(1..).unwrap_or(&[]);
            return self.kind_value(kind, library, receiver.as_ref(), Some(&Call { arguments: rest, signature: None, method: true }));
        }
        match library {
            Some(library) => {
                let kind = facts.library(library).default.clone();
                let call = Call { arguments, signature: fact.and_then(|f| f.signature.as_deref()), method: false };
                let mut value = self.kind_value(&kind, library, None, Some(&call));
                if let Some(fact) = fact {
                    self.refine_dtype(&mut value, fact, library, None, &call);
                }
                value
            }
            // An object of a library nothing is known of: it computes by rules of its own, also with arrays.
            None if is_class_name(name) => Atom::Instance(Arc::clone(name)).into(),
            None => Value::unknown(),
        }
    }

    /// A library calls the function that is passed to it first: what it passes is known.
    fn tell_callback(&mut self, kinds: &[Kind], library: LibraryRef, arguments: &[Argument<'a>]) {
        let Some(function) = arguments.first().filter(|a| !kinds.is_empty() && a.name.is_none() && !a.unpacked) else { return };
        for atom in &function.value.atoms {
            let (f, bound) = match atom {
                Atom::Function(f) => (*f, 0),
                Atom::Method(f, _) => (*f, 1),
                _ => continue,
            };
            let parameters = &self.context.world.function(f).parameters;
            for (i, kind) in kinds.iter().enumerate() {
                let at = i + bound;
                let plain = |p: &ParameterDef| !p.annotated && matches!(p.passing, Passing::Position | Passing::Either);
                if parameters.get(at).is_some_and(plain) {
                    let value = self.kind_value(kind, library, None, None);
                    let at = u32::try_from(at).unwrap_or(u32::MAX);
                    self.output.calls.entry((f.file, f.index, at)).or_default().join(&value);
                }
            }
        }
    }

    fn call_library_method(&mut self, receiver: &Value, name: &Arc<str>, arguments: &[Argument<'a>]) -> Value {
        let mut value = Value::default();
        for atom in &receiver.atoms {
            let facts = &self.context.rules.facts;
            let class = match atom {
                Atom::Array(tag) => Some(tag.class),
                Atom::Instance(class) => facts.class_named(class),
                other => super::member::builtin_class(other).and_then(|class| facts.class_named(class)),
            };
            let Some((owner, Member::Method(kind))) = class.and_then(|class| facts.member(class, name)) else {
                value.join(&Value::unknown());
                continue;
            };
            if let Atom::Dict(dict) = atom
                && let Some(item) = self.dict_method(dict, name, arguments)
            {
                value.join(&item);
                continue;
            }
            let library = owner.library;
            let fact = class.and_then(|class| facts.member_fact(class, name));
            let receiver = Value::from(if matches!(kind, Kind::Same) { atom.clone() } else { self.method_receiver(atom) });
            let call = Call { arguments, signature: fact.and_then(|f| f.signature.as_deref()), method: true };
            let mut result = self.kind_value(kind, library, Some(&receiver), Some(&call));
            if let Atom::Array(tag) = atom {
                self.carry_over(&mut result, *tag);
            }
            if let Some(fact) = fact {
                self.refine_dtype(&mut result, fact, library, Some(&receiver), &call);
            }
            value.join(&result);
        }
        value
    }

    /// The receiver as `element` sees it: for a dict, its values.
    fn method_receiver(&self, atom: &Atom) -> Atom {
        match atom {
            Atom::Dict(d) => Atom::List(Arc::new(d.all())),
            other => other.clone(),
        }
    }

    /// The result of a method is where its receiver was, and of its dtype unless the method says otherwise.
    fn carry_over(&self, result: &mut Value, receiver: ArrayTag) {
        for atom in &mut result.atoms {
            if let Atom::Array(tag) = atom
                && tag.library == receiver.library
            {
                if tag.place == Place::Unknown {
                    tag.place = receiver.place;
                }
                if tag.dtype == Dtype::Unknown && receiver.dtype.is_float() {
                    tag.dtype = receiver.dtype;
                }
                if !tag.scalar && !receiver.scalar {
                    // A subclass stays itself only through views; its results are what the library says.
                    tag.class = tag.class.min(receiver.class).max(tag.class);
                }
            }
        }
    }
}
