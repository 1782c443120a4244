//! Kinds of the rules to values.

use std::sync::Arc;

use ruff_text_size::Ranged;

use super::arguments::{Call, first_argument, keeps_axes};
use super::dict::Dict;
use super::dtypes::device_place;
use super::project::Resolved;
use super::value::{ArrayTag, Atom, Dtype, Place, Value};
use super::walk::Walker;
use crate::rules::kind::Kind;
use crate::rules::library::LibraryRef;
use crate::rules::signature::Passing;

impl<'a> Walker<'a> {
    /// The array of a library.
    pub(super) fn array_tag(&self, library: LibraryRef) -> Option<ArrayTag> {
        let facts = &self.context.rules.facts;
        let class = facts.library(library).array?;
        // The arrays that a library gives may be another's: those of pandas are NumPy's.
        let library = facts.class(class).library;
        Some(ArrayTag { class, library, scalar: false, part: false, dtype: Dtype::Unknown, place: Place::Unknown })
    }

    pub(super) fn scalar_tag(&self, library: LibraryRef) -> Option<ArrayTag> {
        let facts = &self.context.rules.facts;
        match facts.library(library).scalar {
            Some(class) => Some(ArrayTag {
                class,
                library: facts.class(class).library,
                scalar: true,
                part: false,
                dtype: Dtype::Unknown,
                place: Place::Unknown,
            }),
            None => self.array_tag(library),
        }
    }

    /// An instance of a library's class.
    pub(super) fn instance(&self, name: &str) -> Value {
        let facts = &self.context.rules.facts;
        match facts.class_named(name) {
            Some(class) if facts.class(class).is_array => {
                let fact = facts.class(class);
                // A class derived from another library's array belongs with that library.
                // Several libraries name `numpy.ndarray` as their array: the one that owns the class counts.
                let library = facts.inherited(class, |f| {
                    facts.libraries.iter().enumerate().position(|(index, l)| {
                        let classes = [l.array, l.scalar].into_iter().flatten().map(|c| facts.class(c));
                        classes.into_iter().any(|c| c.name == f.name && usize::from(c.library) == index)
                    })
                });
                let library = library.and_then(|l| u8::try_from(l).ok()).unwrap_or(fact.library);
                Atom::Array(ArrayTag { class, library, scalar: fact.is_scalar, part: false, dtype: Dtype::Unknown, place: Place::Unknown })
                    .into()
            }
            Some(class) if &*facts.class(class).name == "pathlib.Path" => Atom::Path.into(),
            Some(class) => Atom::Instance(Arc::clone(&facts.class(class).name)).into(),
            None => Atom::Instance(name.into()).into(),
        }
    }

    /// A kind without a call around it.
    pub(super) fn plain_kind(&mut self, kind: &Kind, name: &str) -> Value {
        let library = self.context.rules.facts.library_of(name).unwrap_or(0);
        self.kind_value(kind, library, None, None)
    }

    /// What a constant of a library stands for, when it is one.
    pub(super) fn constant(&mut self, name: &Arc<str>) -> Value {
        let facts = &self.context.rules.facts;
        if let Some(fact) = facts.get(name) {
            let kind = match &fact.kind {
                Some(
                    kind @ (Kind::Int
                    | Kind::Float
                    | Kind::Complex
                    | Kind::Bool
                    | Kind::Number
                    | Kind::Str
                    | Kind::None
                    | Kind::Dtype
                    | Kind::Device),
                ) => kind.clone(),
                _ => return Atom::External(Arc::clone(name)).into(),
            };
            return self.plain_kind(&kind, name);
        }
        // The member of a library's class reached through the class, or through an instance this analysis made a name of.
        Atom::External(Arc::clone(name)).into()
    }

    /// The value a kind stands for.
    pub(super) fn kind_value(&mut self, kind: &Kind, library: LibraryRef, receiver: Option<&Value>, call: Option<&Call<'_, 'a>>) -> Value {
        let array = |w: &Self| w.array_tag(library).map_or_else(Value::unknown, |tag| Atom::Array(tag).into());
        let scalar = |w: &Self| w.scalar_tag(library).map_or_else(Value::unknown, |tag| Atom::Array(tag).into());
        match kind {
            Kind::Array => array(self),
            Kind::Scalar => scalar(self),
            Kind::Reduction => {
                if call.is_some_and(|call| keeps_axes(call, receiver.is_some())) {
                    array(self)
                } else {
                    scalar(self)
                }
            }
            Kind::Elementwise => self.elementwise(library, receiver, call),
            Kind::Sized(otherwise) => {
                let sized = call.is_some_and(|call| {
                    call.arguments.iter().any(|a| match a.name {
                        Some(name) => matches!(name, "size" | "shape") && !a.expr.is_none_literal_expr(),
                        None => false,
                    }) || call.signature.is_some_and(|s| {
                        s.parameters.iter().any(|p| {
                            let is_size = matches!(&*p.name, "size" | "shape") || p.passing == Passing::Star;
                            is_size && call.passed(&p.name).first().is_some_and(|a| !a.expr.is_none_literal_expr())
                        })
                    }) || call.arguments.iter().any(|a| a.value.is_surely_array() && a.value.array().is_some_and(|t| !t.scalar))
                });
                if sized { array(self) } else { self.kind_value(otherwise, library, receiver, call) }
            }
            Kind::Same => match receiver.or_else(|| first_argument(call)) {
                Some(value) if !value.is_bottom() => Value { origin: None, ..value.clone() },
                _ => Value::unknown(),
            },
            Kind::Element => match receiver.or_else(|| first_argument(call)) {
                Some(value) => {
                    let mut element = self.element_of_value(value);
                    element.origin = None;
                    element
                }
                None => Value::unknown(),
            },
            Kind::Int => Atom::Int.into(),
            Kind::Float => Atom::Float.into(),
            Kind::Complex => Atom::Complex.into(),
            Kind::Bool => Atom::Bool.into(),
            Kind::Number => Atom::Number.into(),
            Kind::Str => Atom::Str.into(),
            Kind::Bytes => Atom::Bytes.into(),
            Kind::Path => Atom::Path.into(),
            Kind::None => Atom::None.into(),
            Kind::Dtype => {
                let known = receiver.and_then(Value::array).map_or(Dtype::Unknown, |tag| tag.dtype);
                Atom::Dtype(known).into()
            }
            Kind::Device => {
                let text = call.and_then(|c| c.arguments.first()).and_then(|a| a.expr.as_string_literal_expr());
                let place = text.and_then(|t| device_place(t.value.to_str()));
                let own = receiver.and_then(Value::array).map(|tag| tag.place);
                Atom::Device(place.or(own).unwrap_or_default()).into()
            }
            Kind::Type => Atom::SomeClass.into(),
            Kind::Module => call.map_or_else(Value::unknown, |call| self.named_module(call)),
            Kind::Arguments => call.map_or_else(Value::unknown, |call| {
                let items: Vec<Value> =
                    call.arguments.iter().filter(|a| a.name.is_none() && !a.unpacked).map(|a| a.value.clone()).collect();
                Atom::Tuple(items.into()).into()
            }),
            Kind::Partial => call.map_or_else(Value::unknown, |call| self.partial(call)),
            Kind::Unknown => Value::unknown(),
            Kind::List(k) => Atom::List(Arc::new(self.kind_value(k, library, receiver, call))).into(),
            Kind::Set(k) => Atom::Set(Arc::new(self.kind_value(k, library, receiver, call))).into(),
            Kind::Iter(k) => Atom::Iter(Arc::new(self.kind_value(k, library, receiver, call))).into(),
            Kind::TupleOf(k) => Atom::TupleOf(Arc::new(self.kind_value(k, library, receiver, call))).into(),
            Kind::Dict(k, v) => {
                let (k, v) = (self.kind_value(k, library, receiver, call), self.kind_value(v, library, receiver, call));
                Dict::of(k, v).into_atom().into()
            }
            Kind::Tuple(kinds) => {
                let items: Vec<Value> = kinds.iter().map(|k| self.kind_value(k, library, receiver, call)).collect();
                Atom::Tuple(items.into()).into()
            }
            Kind::Instance(name) => self.instance(name),
            Kind::Union(kinds) => {
                let mut value = Value::default();
                for kind in kinds {
                    value.join(&self.kind_value(kind, library, receiver, call));
                }
                value
            }
            Kind::ByArguments(alternatives) => {
                for (conditions, kind) in alternatives {
                    if conditions.iter().all(|c| call.is_some_and(|call| call.holds(c))) {
                        return self.kind_value(kind, library, receiver, call);
                    }
                }
                Value::unknown()
            }
        }
    }

    /// A function with some of its arguments fixed, as of `functools.partial(f, axis=0)`.
    fn partial(&mut self, call: &Call<'_, 'a>) -> Value {
        let Some((function, fixed)) = call.arguments.split_first() else { return Value::unknown() };
        if fixed.iter().all(|a| a.name.is_some()) {
            // With keywords alone, the positions of what is still to come are those of the function.
            return Value { origin: None, ..function.value.clone() };
        }
        let mut result = Value::default();
        for atom in &function.value.atoms {
            result.join(&self.call_atom(atom, function.expr.range(), fixed));
        }
        Atom::Callable(Arc::new(if result.is_bottom() { Value::unknown() } else { result })).into()
    }

    /// The module that the first argument of a call names, as of `importlib.import_module("numpy.linalg")`.
    fn named_module(&mut self, call: &Call<'_, 'a>) -> Value {
        let Some(text) = call.arguments.first().and_then(|a| a.expr.as_string_literal_expr()) else { return Value::unknown() };
        let dotted = text.value.to_str();
        let name = dotted.trim_start_matches('.');
        match u32::try_from(dotted.len() - name.len()) {
            Ok(0) => {
                self.note_named(text, name);
                self.imported_module(name)
            }
            // Relative to the package that the second argument names, in nearly all code the module's own.
            Ok(level) => match self.context.world.project.resolve(self.file, level, name) {
                Some(Resolved::File(file)) => Atom::Module(file).into(),
                Some(Resolved::Namespace(name)) => Atom::Namespace(name).into(),
                None => Value::unknown(),
            },
            Err(_) => Value::unknown(),
        }
    }

    fn elementwise(&mut self, library: LibraryRef, receiver: Option<&Value>, call: Option<&Call<'_, 'a>>) -> Value {
        let values: Vec<Value> = receiver
            .into_iter()
            .chain(call.into_iter().flat_map(|c| c.arguments.iter().filter(|a| a.name.is_none()).map(|a| &a.value)))
            .cloned()
            .collect();
        let mut values: Vec<Value> = values.iter().map(|v| self.resolved(v)).collect();
        if self.context.rules.facts.library(library).array.is_none() {
            let mut joined = Value::default();
            for value in &values {
                joined.join(value);
            }
            joined.origin = None;
            return if joined.is_bottom() { Value::unknown() } else { joined };
        }
        // Objects that wrap arrays, such as a data frame, come back as themselves.
        let wraps = |a: &Atom| matches!(a, Atom::Instance(n) if !self.is_open_class(n));
        let wrapped = values.iter().flat_map(|v| v.operands()).find(|a| wraps(a)).cloned();
        if let Some(instance) = wrapped {
            if values.iter().any(|v| v.operands().next().is_some() && v.operands().all(wraps)) {
                return instance.into();
            }
            // Where they are one possibility among others, the others give what they would give alone.
            for value in &mut values {
                value.atoms.retain(|a| !matches!(a, Atom::Instance(n) if !self.is_open_class(n)));
            }
            return self.elementwise_of(library, &values).joined(&instance.into());
        }
        self.elementwise_of(library, &values)
    }

    /// The same for values among which no object wraps arrays.
    fn elementwise_of(&mut self, library: LibraryRef, values: &[Value]) -> Value {
        let whole = |v: &Value| {
            v.operands().any(|a| matches!(a, Atom::Array(t) if !t.scalar) || matches!(a, Atom::List(_) | Atom::Tuple(_) | Atom::TupleOf(_)))
        };
        let zero_d =
            |v: &Value| v.operands().next().is_some() && v.operands().all(|a| a.is_number() || matches!(a, Atom::Array(t) if t.scalar));
        let tag = values.iter().filter_map(Value::array).find(|t| !t.scalar);
        if values.iter().any(whole) {
            let mut result = self.array_tag(library).map_or_else(Value::unknown, |t| Atom::Array(t).into());
            if let (Some(tag), [Atom::Array(own)]) = (tag, result.atoms.as_mut_slice()) {
                if tag.dtype.is_float() && values.iter().filter_map(Value::array).all(|t| t.dtype == tag.dtype) {
                    own.dtype = tag.dtype;
                }
                own.place = tag.place;
            }
            return result;
        }
        let scalar = self.scalar_tag(library).map_or_else(Value::unknown, |t| Atom::Array(t).into());
        if !values.is_empty() && values.iter().all(zero_d) {
            return scalar;
        }
        // Either way it is an array of some rank.
        let array = self.array_tag(library).map_or_else(Value::unknown, |t| Atom::Array(t).into());
        array.joined(&scalar)
    }
}
