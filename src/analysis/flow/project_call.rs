//! Calls of the project's own functions and classes: what they give, and what they are told.

use std::sync::Arc;

use super::arguments::{Argument, Call};
use super::defs::{DefaultValue, Handed, ParameterDef};
use super::depend::Key;
use super::dict::Dict;
use super::value::{Atom, ClassId, FunctionId, Value};
use super::walk::Walker;
use crate::rules::signature::Passing;

impl<'a> Walker<'a> {
    /// What a function of the project returns, as far as it is known.
    pub(super) fn returned(&mut self, f: FunctionId) -> Value {
        if f.file == self.file {
            let own = &self.output.summary.returns[f.index as usize];
            if !own.is_bottom() {
                return own.clone();
            }
        }
        self.output.read.insert(Key::returns(f));
        self.context.world.summaries[f.file as usize].returns.get(f.index as usize).cloned().unwrap_or_default()
    }

    /// What a call gives of a function that hands arguments back: these very arguments, and what else it returns.
    fn handed_back(&mut self, f: FunctionId, receiver: Option<&Value>, arguments: &[Argument<'a>]) -> Option<Value> {
        let def = self.context.world.function(f);
        if def.hands_back.is_empty() || arguments.iter().any(|a| a.unpacked) {
            return None;
        }
        self.output.read.insert(Key::returns(f));
        let own = if f.file == self.file { self.output.summary.own_returns[f.index as usize].clone() } else { None };
        let mut value = own.or_else(|| self.context.world.summaries[f.file as usize].own_returns.get(f.index as usize).cloned()?)?;
        let bound = usize::from(receiver.is_some());
        for handed in &def.hands_back {
            let (index, called) = match *handed {
                Handed::Back(index) => (index as usize, false),
                Handed::Called(index) => (index as usize, true),
            };
            let parameter = &def.parameters[index];
            let positional = || arguments.iter().filter(|a| a.name.is_none()).nth(index.checked_sub(bound)?);
            let named = arguments.iter().find(|a| a.name == Some(parameter.name.as_str()));
            let passed = match named.or_else(|| if parameter.passing == Passing::Keyword { None } else { positional() }) {
                Some(argument) => &argument.value,
                None if index < bound => receiver?,
                None if parameter.default == DefaultValue::None => &Value::from(Atom::None),
                None => return None,
            };
            if called {
                for atom in passed.atoms.iter().filter(|a| !matches!(a, Atom::None)) {
                    let result = match atom {
                        Atom::Callable(result) => (**result).clone(),
                        Atom::Function(other) if *other != f => self.returned(*other),
                        Atom::Class(class) => Atom::Object(*class).into(),
                        // What is no function is not called.
                        atom if atom.is_number() || matches!(atom, Atom::Str | Atom::Array(_) | Atom::List(_) | Atom::Tuple(_)) => continue,
                        _ => Value::unknown(),
                    };
                    value.join(&result);
                }
            } else {
                value.join(passed);
            }
        }
        value.origin = None;
        Some(value)
    }

    /// The same, where the function only says that others implement it, with what those return.
    fn returned_by_any(&mut self, f: FunctionId) -> Value {
        let mut value = self.returned(f);
        let world = &self.context.world;
        if world.function(f).is_abstract && value.may_be_unknown() {
            let overriding = world.hierarchy.overrides.get(&f).map_or(&[][..], Vec::as_slice);
            for other in overriding {
                let returned = self.returned(*other);
                value.join(&returned);
            }
        }
        value
    }

    pub(super) fn call_function(&mut self, f: FunctionId, receiver: Option<&Value>, arguments: &[Argument<'a>]) -> Value {
        self.pass(f, receiver.is_some(), arguments);
        let value = self.handed_back(f, receiver, arguments).unwrap_or_else(|| self.returned_by_any(f));
        if value.is_bottom() { Value::unknown() } else { value }
    }

    /// Tells `f` what it is called with.
    pub(super) fn pass(&mut self, f: FunctionId, bound: bool, arguments: &[Argument<'a>]) {
        let def = self.context.world.function(f);
        let mut next = usize::from(bound);
        let note = |index: usize, value: &Value, output: &mut super::FileOutput| {
            if def.parameters[index].annotated {
                return;
            }
            let value = if value.is_bottom() { Value::unknown() } else { value.clone() };
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            output.calls.entry((f.file, f.index, index)).or_default().join(&value);
        };
        let keyword = |name: &str, value: &Value, output: &mut super::FileOutput| {
            let takes = |p: &ParameterDef| p.name == name && matches!(p.passing, Passing::Either | Passing::Keyword);
            if let Some(index) = def.parameters.iter().position(takes) {
                note(index, value, output);
            } else if let Some(index) = def.parameters.iter().position(|p| p.passing == Passing::DoubleStar) {
                let mut dict = Dict::default();
                dict.set(name, if value.is_bottom() { Value::unknown() } else { value.clone() });
                note(index, &dict.into_atom().into(), output);
            }
        };
        for argument in arguments {
            if argument.unpacked {
                for atom in &argument.value.atoms {
                    if let Atom::Dict(dict) = atom {
                        dict.named().for_each(|(name, value)| keyword(name, value, &mut self.output));
                    }
                }
                if argument.name.is_none() {
                    // `f(*args)` passes the elements to whatever parameters are left.
                    let element = match argument.value.single() {
                        Some(Atom::List(v) | Atom::TupleOf(v)) => (**v).clone(),
                        _ => continue,
                    };
                    // What a wrapper passes through unseen says nothing.
                    if matches!(element.atoms.as_slice(), [] | [Atom::Unknown]) {
                        continue;
                    }
                    for index in next..def.parameters.len() {
                        if matches!(def.parameters[index].passing, Passing::Position | Passing::Either) {
                            note(index, &element, &mut self.output);
                        }
                    }
                }
                continue;
            }
            match argument.name {
                None => {
                    match def.parameters.get(next).map(|p| p.passing) {
                        Some(Passing::Position | Passing::Either) => {
                            note(next, &argument.value, &mut self.output);
                            next += 1;
                        }
                        Some(Passing::Star) => note(next, &argument.value, &mut self.output),
                        _ => {}
                    };
                }
                Some(name) => keyword(name, &argument.value, &mut self.output),
            }
        }
    }

    pub(super) fn construct(&mut self, class: ClassId, arguments: &[Argument<'a>]) {
        if let Some(Atom::Function(init)) = self.class_member(class, "__init__").as_ref().and_then(Value::single) {
            self.pass(*init, true, arguments);
            return;
        }
        let def = self.context.world.class(class);
        if !def.dataclass {
            return;
        }
        let mut position = 0;
        for argument in arguments.iter().filter(|a| !a.unpacked) {
            let field = match argument.name {
                Some(name) => def.fields.iter().find(|f| *f == name),
                None => {
                    position += 1;
                    def.fields.get(position - 1)
                }
            };
            if let Some(field) = field {
                if argument.value.may_be_unknown() {
                    continue;
                }
                if class.file == self.file {
                    let known = self.output.summary.attributes[class.index as usize].entry(field.clone()).or_default();
                    if known.may_be_unknown() {
                        known.join(&argument.value);
                    }
                } else {
                    self.output.foreign_attributes.entry((class.file, class.index, field.clone())).or_default().join(&argument.value);
                }
            }
        }
    }

    /// Calling an instance: its `__call__`, or the `forward` of a neural module.
    pub(super) fn call_object(&mut self, class: ClassId, atom: &Atom, arguments: &[Argument<'a>]) -> Value {
        for name in ["__call__", "forward"] {
            if let Some(Atom::Function(f)) = self.class_member(class, name).as_ref().and_then(Value::single) {
                return self.call_function(*f, Some(&atom.clone().into()), arguments);
            }
        }
        for base in self.bases_of(class) {
            for base_atom in &base.atoms {
                if let Atom::External(name) = base_atom {
                    let instance = Atom::Instance(Arc::clone(name));
                    let facts = &self.context.rules.facts;
                    if facts.class_named(name).and_then(|c| facts.inherited(c, |fact| fact.call.clone())).is_some()
                        && let Atom::Instance(class) = &instance
                    {
                        let found = facts
                            .class_named(class)
                            .and_then(|c| facts.inherited(c, |fact| fact.call.clone().map(|kind| (fact.library, kind))));
                        if let Some((library, kind)) = found {
                            return self.kind_value(&kind, library, None, Some(&Call { arguments, signature: None, method: true }));
                        }
                    }
                }
            }
        }
        Value::unknown()
    }
}
