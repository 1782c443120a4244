//! Calls: what they give, and what they tell the functions they reach.

use std::sync::Arc;

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use super::expr::Role;
use super::value::{ArrayTag, Atom, ClassId, Dtype, FunctionId, How, Place, Value};
use super::walk::Walker;
use crate::rules::kind::{Condition, Kind, Test};
use crate::rules::library::{Fact, LibraryRef, Member};
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
            Test::Equals(text) => match first {
                Some(argument) => literal_text(argument.expr).is_some_and(|t| t == **text),
                None => default() == Some(&**text),
            },
        }
    }
}

/// Builtins that the walk follows itself, because what they give depends on more than their first argument.
pub fn is_special_builtin(name: &str) -> bool {
    matches!(
        name,
        "super"
            | "isinstance"
            | "map"
            | "filter"
            | "zip"
            | "getattr"
            | "hasattr"
            | "float"
            | "int"
            | "bool"
            | "complex"
            | "__import__"
            | "enumerate"
            | "sorted"
            | "reversed"
            | "sum"
            | "type"
    )
}

impl<'a> Walker<'a> {
    /// The value of a call.
    pub(super) fn eval_call(&mut self, call: &'a ExprCall, outer: Option<TextRange>) -> Value {
        let range = call.range();
        let (callee, receiver) = match &*call.func {
            Expr::Attribute(attribute) => {
                let base = self.eval_role(&attribute.value, Role::Base);
                let callee = self.eval_member_callee(attribute, &base);
                (callee, Some(base))
            }
            func => (self.eval_role(func, Role::Callee), None),
        };
        let arguments = self.arguments(call, &callee);
        let mut value = Value::default();
        for atom in &callee.atoms {
            let result = self.call_atom(atom, call, &arguments);
            value.join(&result);
        }
        if let (Expr::Attribute(attribute), Some(base)) = (&*call.func, &receiver) {
            self.container_method(attribute, base, &arguments);
        }
        self.report_call(call, &callee, receiver.as_ref(), &arguments, &value, outer);
        if value.is_bottom() {
            value = Value::unknown();
        }
        // What a library's class or function gives was made here.
        let how = value.origin.filter(|o| o.how == How::Import).map_or(How::Expression, |o| o.how);
        value.origin = None;
        value.with_origin(self.file, range, how)
    }

    fn eval_member_callee(&mut self, attribute: &'a ruff_python_ast::ExprAttribute, base: &Value) -> Value {
        if let Some(place) = super::member::place_of(&attribute.value, &attribute.attr)
            && let Some(value) = self.frames.last().and_then(|f| f.env.places.get(&place))
        {
            return value.clone();
        }
        let mut callee = Value::default();
        for atom in &base.atoms {
            callee.join(&self.attribute_of_atom(atom, &attribute.attr));
        }
        callee.origin = None;
        callee.with_origin(self.file, attribute.range, How::Reference)
    }

    fn arguments(&mut self, call: &'a ExprCall, callee: &Value) -> Vec<Argument<'a>> {
        let isinstance =
            matches!(callee.single(), Some(Atom::External(name)) if matches!(&**name, "builtins.isinstance" | "builtins.issubclass"));
        let mapping = matches!(callee.single(), Some(Atom::External(name)) if &**name == "builtins.map") && call.arguments.args.len() == 2;
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for (i, expr) in call.arguments.args.iter().enumerate() {
            match expr {
                Expr::Starred(starred) => {
                    let value = self.eval(&starred.value);
                    arguments.push(Argument { expr: &starred.value, value, name: None, unpacked: true });
                }
                _ => {
                    self.mapped = mapping && i == 0;
                    let value = self.eval_role(expr, if isinstance && i == 1 { Role::Isinstance } else { Role::Value });
                    self.mapped = false;
                    arguments.push(Argument { expr, value, name: None, unpacked: false });
                }
            }
        }
        for keyword in &call.arguments.keywords {
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

    /// What calling one atom gives.
    pub(super) fn call_atom(&mut self, atom: &Atom, call: &'a ExprCall, arguments: &[Argument<'a>]) -> Value {
        match atom {
            Atom::External(name) => {
                if let Some(builtin) = name.strip_prefix("builtins.")
                    && let Some(value) = self.special_builtin(builtin, call, arguments)
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

    // --- the project's functions ---------------------------------------------------------------------------------

    /// What a function of the project returns, as far as it is known.
    pub(super) fn returned(&mut self, f: FunctionId) -> Value {
        if f.file == self.file {
            let own = &self.output.summary.returns[f.index as usize];
            if !own.is_bottom() {
                return own.clone();
            }
        } else {
            self.output.read.insert(f.file);
        }
        self.context.world.summaries[f.file as usize].returns.get(f.index as usize).cloned().unwrap_or_default()
    }

    fn call_function(&mut self, f: FunctionId, receiver: Option<&Value>, arguments: &[Argument<'a>]) -> Value {
        self.pass(f, receiver.is_some(), arguments);
        let value = self.returned(f);
        if value.is_bottom() { Value::unknown() } else { value }
    }

    /// Tells `f` what it is called with.
    fn pass(&mut self, f: FunctionId, bound: bool, arguments: &[Argument<'a>]) {
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
        for argument in arguments {
            if argument.unpacked {
                if argument.name.is_none() {
                    // `f(*args)` passes the elements to whatever parameters are left.
                    let element = match argument.value.single() {
                        Some(Atom::List(v) | Atom::TupleOf(v)) => (**v).clone(),
                        _ => continue,
                    };
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
                Some(name) => {
                    if let Some(index) =
                        def.parameters.iter().position(|p| p.name == name && matches!(p.passing, Passing::Either | Passing::Keyword))
                    {
                        note(index, &argument.value, &mut self.output);
                    } else if let Some(index) = def.parameters.iter().position(|p| p.passing == Passing::DoubleStar) {
                        note(index, &argument.value, &mut self.output);
                    }
                }
            }
        }
    }

    fn construct(&mut self, class: ClassId, arguments: &[Argument<'a>]) {
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
    fn call_object(&mut self, class: ClassId, atom: &Atom, arguments: &[Argument<'a>]) -> Value {
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

    // --- the libraries' functions --------------------------------------------------------------------------------

    fn call_external(&mut self, name: &Arc<str>, arguments: &[Argument<'a>]) -> Value {
        let facts = &self.context.rules.facts;
        let fact = facts.get(name);
        let library = facts.library_of(name);
        if let (Some(fact), Some(library)) = (fact, library) {
            if let Some(kind) = &fact.kind {
                let call = Call { arguments, signature: fact.signature.as_deref(), method: false };
                let mut value = self.kind_value(kind, library, None, Some(&call));
                self.refine_dtype(&mut value, fact, name, &call);
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
                let call = Call { arguments, signature: None, method: false };
                self.kind_value(&kind, library, None, Some(&call))
            }
            // A class of a library nothing is known of: an object that is certainly no array of ours, but may be anything else.
            None => Value::unknown(),
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
            let library = owner.library;
            let fact = class.and_then(|class| facts.member_fact(class, name));
            let receiver = Value::from(self.method_receiver(atom));
            let call = Call { arguments, signature: fact.and_then(|f| f.signature.as_deref()), method: true };
            let mut result = self.kind_value(kind, library, Some(&receiver), Some(&call));
            if let Atom::Array(tag) = atom {
                self.carry_over(&mut result, *tag, name);
                if let Some(fact) = fact {
                    self.refine_dtype(&mut result, fact, name, &call);
                }
            }
            value.join(&result);
        }
        value
    }

    /// The receiver as `element` sees it: for a dict, its values.
    fn method_receiver(&self, atom: &Atom) -> Atom {
        match atom {
            Atom::Dict(d) => Atom::List(Arc::new(d.1.clone())),
            other => other.clone(),
        }
    }

    /// The result of a method is where its receiver was, and of its dtype unless the method says otherwise.
    fn carry_over(&self, result: &mut Value, receiver: ArrayTag, _name: &str) {
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

    /// Dtype and device of what a call gives, where the call says so.
    fn refine_dtype(&mut self, value: &mut Value, fact: &Fact, name: &str, call: &Call<'_, 'a>) {
        use crate::rules::Trait;
        if value.array().is_none() {
            return;
        }
        let mut dtype = None;
        let mut place = None;
        if let Some(cast) = &fact.cast {
            dtype = Some(Dtype::parse(cast));
        } else if let Some(argument) = call.arguments.iter().find(|a| a.name == Some("dtype")) {
            dtype = Some(self.dtype_of(&argument.value, argument.expr));
        } else if fact.traits.has(Trait::Cast) || fact.traits.has(Trait::DeviceByArg) {
            for argument in call.arguments.iter().filter(|a| a.name.is_none()) {
                let found = self.dtype_of(&argument.value, argument.expr);
                if found != Dtype::Unknown {
                    dtype = Some(found);
                }
            }
            if dtype.is_none() && fact.traits.has(Trait::Cast) && !fact.traits.has(Trait::DeviceByArg) {
                dtype = Some(Dtype::Unknown);
            }
        }
        if fact.traits.has(Trait::ToHost) {
            place = Some(Place::Host);
        } else if fact.traits.has(Trait::ToDevice) {
            place = Some(Place::Accelerator);
        } else {
            let device = call.arguments.iter().find(|a| a.name == Some("device"));
            let positional = fact.traits.has(Trait::DeviceByArg).then(|| call.arguments.iter().find(|a| a.name.is_none())).flatten();
            if let Some(argument) = device.or(positional) {
                if let Some(found) = self.place_of_device(&argument.value, argument.expr) {
                    place = Some(found);
                } else if device.is_some() || dtype.is_none_or(|d| d == Dtype::Unknown) {
                    place = Some(Place::Unknown);
                }
            }
        }
        let _ = name;
        for atom in &mut value.atoms {
            if let Atom::Array(tag) = atom {
                if let Some(dtype) = dtype {
                    tag.dtype = dtype;
                }
                if let Some(place) = place {
                    tag.place = place;
                }
            }
        }
    }

    /// The dtype that an argument names.
    pub(super) fn dtype_of(&self, value: &Value, expr: &Expr) -> Dtype {
        if let Expr::StringLiteral(text) = expr {
            return Dtype::parse(text.value.to_str());
        }
        match value.single() {
            Some(Atom::Dtype(dtype)) => *dtype,
            Some(Atom::External(name)) => match &**name {
                "builtins.float" => Dtype::Float64,
                "builtins.int" => Dtype::Int64,
                "builtins.bool" => Dtype::Bool,
                "builtins.complex" => Dtype::Complex128,
                name => self.context.rules.facts.get(name).and_then(|f| f.dtype.as_deref()).map_or(Dtype::Unknown, Dtype::parse),
            },
            _ => Dtype::Unknown,
        }
    }

    /// Where a device argument says an array goes.
    pub(super) fn place_of_device(&self, value: &Value, expr: &Expr) -> Option<Place> {
        if let Expr::StringLiteral(text) = expr {
            return device_place(text.value.to_str());
        }
        match value.single() {
            Some(Atom::Device(place)) if *place != Place::Unknown => Some(*place),
            _ => None,
        }
    }

    // --- kinds to values -----------------------------------------------------------------------------------------

    /// The array of a library.
    pub(super) fn array_tag(&self, library: LibraryRef) -> Option<ArrayTag> {
        let facts = &self.context.rules.facts;
        let class = facts.library(library).array?;
        // The arrays that a library gives may be another's: those of pandas are NumPy's.
        let library = facts.class(class).library;
        Some(ArrayTag { class, library, scalar: false, dtype: Dtype::Unknown, place: Place::Unknown })
    }

    fn scalar_tag(&self, library: LibraryRef) -> Option<ArrayTag> {
        let facts = &self.context.rules.facts;
        match facts.library(library).scalar {
            Some(class) => {
                Some(ArrayTag { class, library: facts.class(class).library, scalar: true, dtype: Dtype::Unknown, place: Place::Unknown })
            }
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
                Atom::Array(ArrayTag { class, library, scalar: fact.is_scalar, dtype: Dtype::Unknown, place: Place::Unknown }).into()
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
            Kind::Module | Kind::Unknown => Value::unknown(),
            Kind::List(k) => Atom::List(Arc::new(self.kind_value(k, library, receiver, call))).into(),
            Kind::Set(k) => Atom::Set(Arc::new(self.kind_value(k, library, receiver, call))).into(),
            Kind::Iter(k) => Atom::Iter(Arc::new(self.kind_value(k, library, receiver, call))).into(),
            Kind::TupleOf(k) => Atom::TupleOf(Arc::new(self.kind_value(k, library, receiver, call))).into(),
            Kind::Dict(k, v) => {
                let (k, v) = (self.kind_value(k, library, receiver, call), self.kind_value(v, library, receiver, call));
                Atom::Dict(Arc::new((k, v))).into()
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

    fn elementwise(&mut self, library: LibraryRef, receiver: Option<&Value>, call: Option<&Call<'_, 'a>>) -> Value {
        let values: Vec<Value> = receiver
            .into_iter()
            .chain(call.into_iter().flat_map(|c| c.arguments.iter().filter(|a| a.name.is_none()).map(|a| &a.value)))
            .cloned()
            .collect();
        let values: Vec<Value> = values.iter().map(|v| self.resolved(v)).collect();
        if self.context.rules.facts.library(library).array.is_none() {
            let mut joined = Value::default();
            for value in &values {
                joined.join(value);
            }
            joined.origin = None;
            return if joined.is_bottom() { Value::unknown() } else { joined };
        }
        let whole = |v: &Value| {
            v.operands().any(|a| matches!(a, Atom::Array(t) if !t.scalar) || matches!(a, Atom::List(_) | Atom::Tuple(_) | Atom::TupleOf(_)))
        };
        let zero_d =
            |v: &Value| v.operands().next().is_some() && v.operands().all(|a| a.is_number() || matches!(a, Atom::Array(t) if t.scalar));
        // Objects that wrap arrays, such as a data frame, come back as themselves.
        if let Some(instance) = values.iter().flat_map(|v| v.operands()).find(|a| matches!(a, Atom::Instance(n) if !self.is_open_class(n)))
        {
            return instance.clone().into();
        }
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

    // --- builtins that follow their arguments --------------------------------------------------------------------

    fn special_builtin(&mut self, name: &str, call: &'a ExprCall, arguments: &[Argument<'a>]) -> Option<Value> {
        let first = arguments.first();
        Some(match name {
            "super" => match self.enclosing_class() {
                Some(index) => Atom::Super(ClassId { file: self.file, index }).into(),
                None => Value::unknown(),
            },
            "isinstance" | "issubclass" | "hasattr" => Atom::Bool.into(),
            "float" => Atom::Float.into(),
            "int" => Atom::Int.into(),
            "bool" => Atom::Bool.into(),
            "complex" => Atom::Complex.into(),
            "map" => {
                let elements: Vec<Argument<'a>> = arguments
                    .iter()
                    .skip(1)
                    .map(|a| Argument { expr: a.expr, value: self.element_of_value(&a.value), name: None, unpacked: false })
                    .collect();
                // The list that is mapped keeps its length when its elements are known one by one.
                let mut result = Value::default();
                for atom in &first?.value.atoms {
                    result.join(&self.call_atom(atom, call, &elements));
                }
                Atom::Iter(Arc::new(if result.is_bottom() { Value::unknown() } else { result })).into()
            }
            "filter" => {
                let element = self.element_of_value(&arguments.get(1)?.value);
                Atom::Iter(Arc::new(element)).into()
            }
            "zip" => {
                let items: Vec<Value> =
                    arguments.iter().filter(|a| a.name.is_none() && !a.unpacked).map(|a| self.element_of_value(&a.value)).collect();
                let element = if arguments.iter().any(|a| a.unpacked) {
                    let inner = first.map(|a| self.element_of_value(&a.value)).unwrap_or_default();
                    Atom::TupleOf(Arc::new(self.element_of_value(&inner))).into()
                } else {
                    Value::from(Atom::Tuple(items.into()))
                };
                Atom::Iter(Arc::new(element)).into()
            }
            "enumerate" => {
                let element = self.element_of_value(&first?.value);
                let pair: Arc<[Value]> = vec![Value::from(Atom::Int), element].into();
                Atom::Iter(Arc::new(Atom::Tuple(pair).into())).into()
            }
            "sorted" => Atom::List(Arc::new(self.element_of_value(&first?.value))).into(),
            "reversed" => Atom::Iter(Arc::new(self.element_of_value(&first?.value))).into(),
            "sum" => {
                let element = self.element_of_value(&first?.value);
                let start = arguments.get(1).map(|a| a.value.clone()).unwrap_or_else(|| Atom::Int.into());
                if element.operands().all(|a| matches!(a, Atom::Bool)) && arguments.len() == 1 {
                    Atom::Int.into()
                } else {
                    self.binary(ruff_python_ast::Operator::Add, &element, &start, call.range())
                }
            }
            "getattr" => {
                let attribute = arguments.get(1).and_then(|a| a.expr.as_string_literal_expr());
                match attribute {
                    Some(text) => {
                        let mut value = Value::default();
                        for atom in &first?.value.atoms {
                            value.join(&self.attribute_of_atom(atom, text.value.to_str()));
                        }
                        if let Some(default) = arguments.get(2) {
                            value.join(&default.value);
                        }
                        if value.is_bottom() { Value::unknown() } else { value }
                    }
                    // Some member of a library's module, chosen at run time.
                    None => match first?.value.single() {
                        Some(Atom::External(module)) => self.call_default(module),
                        _ => Value::unknown(),
                    },
                }
            }
            "type" => match first?.value.single() {
                Some(Atom::Object(class)) => Atom::Class(*class).into(),
                _ => Atom::SomeClass.into(),
            },
            "__import__" => match arguments.first().and_then(|a| a.expr.as_string_literal_expr()) {
                Some(text) => self.imported_module(text.value.to_str(), true),
                None => Value::unknown(),
            },
            _ => return None,
        })
    }

    fn call_default(&self, _module: &Arc<str>) -> Value {
        Value::unknown()
    }

    /// Methods that put something into a list, a set or a dict change what the container holds.
    fn container_method(&mut self, attribute: &'a ruff_python_ast::ExprAttribute, base: &Value, arguments: &[Argument<'a>]) {
        let name = attribute.attr.as_str();
        if !matches!(name, "append" | "add" | "insert" | "extend" | "update" | "setdefault" | "appendleft") || arguments.is_empty() {
            return;
        }
        let mut changed = base.clone();
        let mut any = false;
        for atom in &mut changed.atoms {
            let added = match (&*atom, name) {
                (Atom::List(v), "append" | "appendleft") => Atom::List(Arc::new((**v).clone().joined(&arguments[0].value))),
                (Atom::List(v), "insert") => Atom::List(Arc::new((**v).clone().joined(&arguments[arguments.len() - 1].value))),
                (Atom::List(v), "extend") => {
                    let element = self.element_of_value(&arguments[0].value);
                    Atom::List(Arc::new((**v).clone().joined(&element)))
                }
                (Atom::Set(v), "add") => Atom::Set(Arc::new((**v).clone().joined(&arguments[0].value))),
                (Atom::Dict(d), "update") => match arguments[0].value.single() {
                    Some(Atom::Dict(more)) => Atom::Dict(Arc::new((d.0.clone().joined(&more.0), d.1.clone().joined(&more.1)))),
                    _ => continue,
                },
                (Atom::Dict(d), "setdefault") if arguments.len() > 1 => {
                    Atom::Dict(Arc::new((d.0.clone().joined(&arguments[0].value), d.1.clone().joined(&arguments[1].value))))
                }
                _ => continue,
            };
            any |= added != *atom;
            *atom = added;
        }
        if any {
            self.update_place(&attribute.value, changed.bounded());
        }
    }

    /// The value of the expression of a `with` item.
    pub(super) fn eval_context_manager(&mut self, expr: &'a Expr, _is_async: bool) -> Value {
        let value = self.eval(expr);
        let mut entered = Value::default();
        for atom in &value.atoms {
            entered.join(&match atom {
                Atom::Object(class) => match self.class_member(*class, "__enter__").as_ref().and_then(Value::single) {
                    Some(Atom::Function(f)) => self.returned(*f),
                    _ => Value::unknown(),
                },
                // Files and most others give themselves.
                Atom::Instance(_) => atom.clone().into(),
                Atom::Iter(v) => (**v).clone(),
                _ => Value::unknown(),
            });
        }
        if entered.is_bottom() { Value::unknown() } else { entered }
    }
}

fn first_argument<'v>(call: Option<&'v Call<'_, '_>>) -> Option<&'v Value> {
    call.and_then(|c| c.arguments.first()).map(|a| &a.value)
}

/// Whether a reduction leaves axes: an axis is named, or the dimensions are kept.
fn keeps_axes(call: &Call<'_, '_>, method: bool) -> bool {
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

/// Where the device called `name` is.
pub fn device_place(name: &str) -> Option<Place> {
    match name.split(':').next() {
        Some("cpu") => Some(Place::Host),
        Some("cuda" | "mps" | "xpu" | "hip" | "gpu" | "tpu") => Some(Place::Accelerator),
        _ => None,
    }
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
