//! Attribute access: what `x.y` is, on every kind of value.

use std::sync::Arc;

use ruff_python_ast::name::Name;
use ruff_python_ast::{Expr, ExprAttribute, ExprContext};
use ruff_text_size::TextRange;

use super::arguments::Argument;
use super::defs::Use;
use super::depend::Key;
use super::expr::Role;
use super::project::Resolved;
use super::value::{ArrayTag, Atom, ClassId, How, Value};
use super::walk::Walker;
use crate::rules::Trait;
use crate::rules::kind::Kind;
use crate::rules::library::{ClassRef, Member};

/// Classes whose attributes are asked on behalf of their base.
const MOST_DERIVED: usize = 8;
/// Bases followed when a member is looked up.
pub(super) const DEEPEST_MRO: u8 = 12;

impl<'a> Walker<'a> {
    /// The value of `x.y`.
    pub(super) fn eval_attribute(&mut self, attribute: &'a ExprAttribute, expr: &'a Expr, role: Role, outer: Option<TextRange>) -> Value {
        self.expect_by_member(attribute);
        self.outer = Some(attribute.range);
        let base = self.eval_role(&attribute.value, Role::Base);
        let value = self.attribute_of(attribute, &base);
        if attribute.ctx == ExprContext::Load {
            if value.atoms.iter().any(|a| matches!(a, Atom::External(_))) {
                self.report_reference(expr, &value, role, outer, Some(&base));
            }
            if role != Role::Callee {
                self.check_own_member(expr, attribute, &base);
                self.report_attribute(attribute, &base, outer);
            }
        }
        value
    }

    /// The value of `x.y` without reporting anything.
    pub(super) fn attribute_value(&mut self, attribute: &'a ExprAttribute) -> Value {
        let base = self.eval_role(&attribute.value, Role::Base);
        self.attribute_of(attribute, &base)
    }

    fn attribute_of(&mut self, attribute: &ExprAttribute, base: &Value) -> Value {
        if let Some(value) = self.known_place(attribute) {
            return value.clone();
        }
        let name = attribute.attr.as_str();
        let mut value = Value::default();
        for atom in &base.atoms {
            value.join(&self.attribute_of_one(base, atom, name));
        }
        if value.is_bottom() {
            value = Value::unknown();
        }
        let is_name = value.atoms.iter().any(|a| matches!(a, Atom::External(_)));
        if is_name {
            value.origin = None;
            return value.with_origin(self.file, attribute.range, How::Reference);
        }
        if value.origin.is_none() { value.with_origin(self.file, attribute.range, How::Expression) } else { value }
    }

    /// What is known of the dotted place that `attribute` is, beyond what its class says.
    pub(super) fn known_place(&self, attribute: &ExprAttribute) -> Option<&Value> {
        let places = &self.frames.last()?.env.places;
        if places.is_empty() {
            return None;
        }
        places.get(&place_of(&attribute.value, &attribute.attr)?)
    }

    /// The attribute `name` of `atom`, which `base` is or may be.
    pub(super) fn attribute_of_one(&mut self, base: &Value, atom: &Atom, name: &str) -> Value {
        // Of what is one of several things, a constant is the number that it stands for: nothing of its library is below it.
        let number = match atom {
            Atom::External(constant) if base.atoms.len() > 1 => self.constant(constant).single().filter(|a| a.is_number()).cloned(),
            _ => None,
        };
        self.attribute_of_atom(number.as_ref().unwrap_or(atom), name)
    }

    pub(super) fn attribute_of_atom(&mut self, atom: &Atom, name: &str) -> Value {
        match atom {
            Atom::External(qualified) => {
                let whole = self.context.rules.facts.joined(qualified, name);
                Atom::External(whole.unwrap_or_else(Arc::from)).into()
            }
            Atom::Module(file) => {
                self.output.read.insert(Key::global(*file, name));
                if let Some(value) = self.context.world.global(*file, name) {
                    self.output.used_elsewhere.insert((*file, name.into()));
                    // Evidence is the name as written here, not the import in the other module.
                    return Value { origin: None, ..value };
                }
                match self.context.world.project.submodule(*file, name) {
                    Some(Resolved::File(sub)) => Atom::Module(sub).into(),
                    Some(Resolved::Namespace(dotted)) => Atom::Namespace(dotted).into(),
                    None => Value::unknown(),
                }
            }
            Atom::Namespace(dotted) => match self.context.world.project.below_namespace(self.file, dotted, name) {
                Some(Resolved::File(file)) => Atom::Module(file).into(),
                Some(Resolved::Namespace(dotted)) => Atom::Namespace(dotted).into(),
                None => Value::unknown(),
            },
            Atom::Array(tag) => self.array_member(*tag, name),
            Atom::Object(class) => self.object_member(*class, name, atom),
            Atom::Super(class) => {
                let bases = self.bases_of(*class);
                for base in &bases {
                    for base_atom in &base.atoms {
                        let found = match base_atom {
                            Atom::Class(parent) => self.class_member(*parent, name).map(|v| self.bound(v, &Atom::Object(*class))),
                            Atom::External(external) => Some(self.library_member(external, name)),
                            _ => None,
                        };
                        if let Some(value) = found {
                            return value;
                        }
                    }
                }
                Value::unknown()
            }
            Atom::Class(class) => self.class_member(*class, name).map(|v| self.bound_to_class(v, *class)).unwrap_or_else(Value::unknown),
            Atom::Instance(class) => self.library_member(class, name),
            Atom::None | Atom::Deleted => Value::default(),
            Atom::Dtype(_) if name == "type" => atom.clone().into(),
            Atom::Unknown | Atom::Crowd => self.telling_attribute(name),
            other => match builtin_class(other).and_then(|class| self.context.rules.facts.class_named(class)) {
                Some(class) => self.library_class_member(class, name, other),
                None => Value::unknown(),
            },
        }
    }

    fn array_member(&mut self, tag: ArrayTag, name: &str) -> Value {
        let facts = &self.context.rules.facts;
        match facts.member(tag.class, name) {
            Some((_, Member::Attribute(kind))) => {
                let library = facts.class(tag.class).library;
                self.member_kind(kind, library, &Atom::Array(tag))
            }
            Some((_, Member::Method(_))) => Atom::LibraryMethod(Arc::new(Atom::Array(tag).into()), name.into()).into(),
            // Where the value may be an array or a 0-d result, and only arrays have the member, it is the array.
            None if tag.scalar => Value::default(),
            None => Value::unknown(),
        }
    }

    /// Evaluates a member's kind with the receiver in the place of the first argument.
    fn member_kind(&mut self, kind: &Kind, library: u8, receiver: &Atom) -> Value {
        let receiver = Value::from(receiver.clone());
        let mut value = self.kind_value(kind, library, Some(&receiver), None);
        // A view of an array is as precise and as far away as the array itself.
        if let (Some(tag), [Atom::Array(own)]) = (value.array(), receiver.atoms.as_slice())
            && tag.library == own.library
        {
            for atom in &mut value.atoms {
                if let Atom::Array(t) = atom {
                    t.dtype = own.dtype;
                    t.place = own.place;
                    t.scalar = if own.scalar { t.scalar } else { t.scalar && own.scalar };
                    t.class = if t.scalar == own.scalar && !own.scalar { own.class } else { t.class };
                }
            }
        }
        value
    }

    /// A member of an instance of a library's class.
    pub(super) fn library_member(&mut self, class: &Arc<str>, name: &str) -> Value {
        match self.context.rules.facts.class_named(class) {
            Some(reference) => self.library_class_member(reference, name, &Atom::Instance(Arc::clone(class))),
            None => self.telling_attribute(name),
        }
    }

    /// Whether a value is an object of a library that the rules do not know.
    pub(super) fn is_foreign(&self, value: &Value) -> bool {
        matches!(value.single(), Some(Atom::Instance(class)) if self.is_foreign_class(class))
    }

    pub(super) fn is_foreign_class(&self, class: &str) -> bool {
        self.context.rules.facts.library_of(class).is_none()
    }

    fn library_class_member(&mut self, class: ClassRef, name: &str, receiver: &Atom) -> Value {
        let facts = &self.context.rules.facts;
        match facts.member(class, name) {
            Some((owner, Member::Attribute(kind))) => {
                let library = owner.library;
                self.member_kind(kind, library, receiver)
            }
            Some((_, Member::Method(_))) => Atom::LibraryMethod(Arc::new(receiver.clone().into()), name.into()).into(),
            None => Value::unknown(),
        }
    }

    /// What a member of a library's class gives, as a plain value.
    pub(super) fn instance_member_kind(&mut self, class: &Arc<str>, name: &str) -> Option<Value> {
        let facts = &self.context.rules.facts;
        let reference = facts.class_named(class)?;
        let (owner, member) = facts.member(reference, name)?;
        let (library, kind) = (
            owner.library,
            match member {
                Member::Attribute(kind) | Member::Method(kind) => kind,
            },
        );
        let receiver = Value::from(Atom::Instance(Arc::clone(class)));
        Some(self.kind_value(kind, library, Some(&receiver), None))
    }

    /// Whether nothing is known of a library's class but its name.
    pub(super) fn is_open_class(&self, class: &str) -> bool {
        self.context.rules.facts.class_named(class).is_none_or(|c| {
            let fact = self.context.rules.facts.class(c);
            fact.methods.is_empty() && fact.attributes.is_empty() && fact.bases.is_empty()
        })
    }

    /// What subscripting an instance of a library's class gives.
    pub(super) fn instance_getitem(&mut self, class: &Arc<str>) -> Option<Value> {
        let facts = &self.context.rules.facts;
        let reference = facts.class_named(class)?;
        let (library, kind) = facts.inherited(reference, |fact| fact.getitem.clone().map(|kind| (fact.library, kind)))?;
        let receiver = Value::from(Atom::Instance(Arc::clone(class)));
        Some(self.kind_value(&kind, library, Some(&receiver), None))
    }

    /// What iterating an instance of a library's class gives.
    pub(super) fn instance_element(&mut self, class: &Arc<str>) -> Value {
        match self.instance_member_kind(class, "__iter__") {
            Some(iterated) => self.element_of_value(&iterated),
            None => self.instance_getitem(class).unwrap_or_else(Value::unknown),
        }
    }

    // --- classes of the project ----------------------------------------------------------------------------------

    /// The bases of a class: from this walk where it is this file's, else from the previous round.
    pub(super) fn bases_of(&mut self, class: ClassId) -> Vec<Value> {
        if class.file == self.file {
            let own = &self.output.summary.bases[class.index as usize];
            if !own.is_empty() {
                return own.clone();
            }
        }
        self.output.read.insert(Key::bases(class));
        self.context.world.bases(class).to_vec()
    }

    /// The member `name` of a class of the project, unbound: a method, an attribute of the class or of its instances.
    pub(super) fn class_member(&mut self, class: ClassId, name: &str) -> Option<Value> {
        self.class_member_within(class, name, DEEPEST_MRO)
    }

    fn class_member_within(&mut self, class: ClassId, name: &str, depth: u8) -> Option<Value> {
        if depth == 0 {
            return None;
        }
        let def = self.context.world.class(class);
        if let Some(&index) = def.methods.get(name) {
            return Some(Atom::Function(super::value::FunctionId { file: class.file, index }).into());
        }
        let mut value = Value::default();
        self.output.read.insert(Key::attribute(class, name));
        let summary = &self.context.world.summaries[class.file as usize];
        if let Some(known) = summary.attributes[class.index as usize].get(name) {
            value.join(known);
        }
        if let Some(known) = summary.foreign_attributes.get(&(class.index, name.into())) {
            value.join(known);
        }
        if class.file == self.file
            && let Some(known) = self.output.summary.attributes[class.index as usize].get(name)
        {
            value.join(known);
        }
        if !value.is_bottom() {
            return Some(value);
        }
        for base in self.bases_of(class) {
            for atom in &base.atoms {
                let found = match atom {
                    Atom::Class(parent) => self.class_member_within(*parent, name, depth - 1),
                    Atom::External(external) => {
                        let facts = &self.context.rules.facts;
                        facts.class_named(external).filter(|c| facts.member(*c, name).is_some()).map(|_| {
                            let instance: Arc<str> = Arc::clone(external);
                            self.library_member(&instance, name)
                        })
                    }
                    _ => None,
                };
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// The member `name` of an instance, bound.
    pub(super) fn object_member(&mut self, class: ClassId, name: &str, receiver: &Atom) -> Value {
        match self.class_member(class, name) {
            Some(value) if value.operands().next().is_some() => self.bound(value, receiver),
            // A base that says `None`, or nothing, leaves it to the classes derived from it.
            Some(none) => none.joined(&self.derived_attribute(class, name)),
            None => self.derived_attribute(class, name),
        }
    }

    /// What the classes derived from `class` set as `name`: a base often uses what each of them provides.
    fn derived_attribute(&mut self, class: ClassId, name: &str) -> Value {
        let mut value = Value::unknown();
        let world = &self.context.world;
        for derived in world.hierarchy.derived.get(&class).into_iter().flatten().take(MOST_DERIVED) {
            self.output.read.insert(Key::attribute(*derived, name));
            if let Some(known) = world.summaries[derived.file as usize].attributes[derived.index as usize].get(name) {
                value.join(known);
            }
        }
        value.origin = None;
        value
    }

    /// An attribute that only arrays have, of a value nothing is known of.
    fn telling_attribute(&mut self, name: &str) -> Value {
        let Some((class, Member::Attribute(kind))) = self.telling_member(name) else { return Value::unknown() };
        let Some(tag) = self.array_of_class(class) else { return Value::unknown() };
        let mut value = self.member_kind(kind, tag.library, &Atom::Array(tag));
        if value.array().is_some() {
            value.add(&Atom::Unknown);
        }
        value
    }

    /// What a method that only arrays have gives, on a receiver nothing is known of.
    pub(super) fn telling_result(&mut self, name: &str) -> Option<Value> {
        let (class, Member::Method(kind)) = self.telling_member(name)? else { return None };
        let tag = self.array_of_class(class)?;
        let mut value = self.kind_value(kind, tag.library, Some(&Atom::Array(tag).into()), None);
        value.add(&Atom::Unknown);
        Some(value)
    }

    /// The member `name` of the arrays of a library that this file may use, if only arrays have such a member.
    fn telling_member(&self, name: &str) -> Option<(ClassRef, Member<'a>)> {
        let facts = &self.context.rules.facts;
        self.array_classes().find_map(|class| {
            let (_, member) = facts.member(class, name)?;
            facts.member_traits(class, name).has(Trait::ArrayOnly).then_some((class, member))
        })
    }

    /// `(x - y).mean()`: what an operator gives has a member that Python's own values lack and arrays have.
    pub(super) fn expect_by_member(&mut self, attribute: &'a ExprAttribute) {
        if super::call::is_operation(&attribute.value) {
            self.expected = self.array_with(&attribute.attr);
        }
    }

    /// The array of a library at hand that has a member called `name`, if nothing else that this file uses has one.
    fn array_with(&self, name: &str) -> Option<ArrayTag> {
        let facts = &self.context.rules.facts;
        let class = self.array_classes().next().filter(|class| self.is_near(*class))?;
        facts.member(class, name)?;
        let imported = |library: u8| 1u64.checked_shl(u32::from(library)).is_some_and(|bit| self.imported_libraries & bit != 0);
        let another = facts.classes.iter().any(|other| {
            let near = imported(other.library) || facts.is_absolute(other.library);
            // What can be subscripted holds values, and may compute with them.
            near && !other.is_array
                && (other.getitem.is_some() || facts.is_absolute(other.library))
                && (other.methods.contains_key(name) || other.attributes.contains_key(name))
        });
        if another { None } else { self.array_of_class(class) }
    }

    /// The array classes of the governed libraries, those that this file imports first.
    fn array_classes(&self) -> impl Iterator<Item = ClassRef> + 'a {
        let facts = &self.context.rules.facts;
        let imported = self.imported_libraries;
        let governed = &self.context.governed;
        let of =
            move |wanted: bool| {
                facts.libraries.iter().enumerate().filter_map(move |(i, library)| {
                    (governed[i] && (imported & (1 << i) != 0) == wanted).then_some(library.array).flatten()
                })
            };
        of(true).chain(of(false))
    }

    /// Whether `expr` ends in an attribute that no array has but some other class of a library: `frame.iloc`.
    pub(super) fn is_table_access(&self, expr: &Expr) -> bool {
        let Expr::Attribute(attribute) = expr else { return false };
        let has = |wanted: bool| {
            let classes = self.context.rules.facts.classes.iter().filter(|class| class.is_array == wanted);
            classes.into_iter().any(|class| class.attributes.contains_key(attribute.attr.as_str()))
        };
        has(false) && !has(true)
    }

    /// The array of the library that this file most likely means, if any is near.
    pub(super) fn array_here(&self) -> Option<ArrayTag> {
        self.array_classes().next().filter(|class| self.is_near(*class)).and_then(|class| self.array_of_class(class))
    }

    /// Whether this file, or a module of the project that it imports, imports the library of an array class.
    fn is_near(&self, class: ClassRef) -> bool {
        self.imported_libraries & (1 << self.context.rules.facts.class(class).library) != 0
    }

    fn array_of_class(&self, class: ClassRef) -> Option<ArrayTag> {
        self.array_tag(self.context.rules.facts.class(class).library)
    }

    /// Functions found on a class, bound to the instance they were found through; properties are called.
    fn bound(&mut self, value: Value, receiver: &Atom) -> Value {
        if !value.atoms.iter().any(|a| matches!(a, Atom::Function(_))) {
            return value;
        }
        let mut result = Value { origin: value.origin, ..Value::default() };
        for atom in &value.atoms {
            match atom {
                Atom::Function(f) => {
                    let def = self.context.world.function(*f);
                    if def.property {
                        let returned = self.returned(*f);
                        result.join(&returned);
                    } else if def.is_static || def.class.is_none() {
                        result.add(atom);
                    } else {
                        result.add(&Atom::Method(*f, Arc::new(receiver.clone().into())));
                    }
                }
                other => result.add(other),
            }
        }
        result
    }

    fn bound_to_class(&mut self, value: Value, class: ClassId) -> Value {
        let mut result = Value { origin: value.origin, ..Value::default() };
        for atom in &value.atoms {
            match atom {
                Atom::Function(f) if self.context.world.function(*f).is_classmethod => {
                    result.add(&Atom::Method(*f, Arc::new(Atom::Class(class).into())))
                }
                other => result.add(other),
            }
        }
        result
    }

    /// `x.y = v`.
    pub(super) fn assign_attribute(&mut self, attribute: &'a ExprAttribute, value: Value) {
        let base = self.eval_role(&attribute.value, Role::Base);
        let name = &attribute.attr.id;
        let value = value.bounded();
        self.store_attribute(&base, name, &value);
        for atom in &base.atoms {
            if let Atom::External(owner) = atom {
                self.report_setting(attribute, owner);
            }
        }
        if let Some(place) = place_of(&attribute.value, name) {
            let frame = self.top();
            frame.env.forget_below(&place);
            frame.env.set_place(place, value);
        }
    }

    /// Notes that objects of the project have the attribute `name`.
    fn store_attribute(&mut self, base: &Value, name: &Name, value: &Value) {
        for atom in &base.atoms {
            let (Atom::Object(class) | Atom::Class(class)) = atom else { continue };
            if class.file == self.file {
                self.output.summary.attributes[class.index as usize].entry(name.clone()).or_default().join(value);
            } else {
                self.output.foreign_attributes.entry((class.file, class.index, name.clone())).or_default().join(value);
            }
        }
    }

    /// `self.register_buffer("y", v)`: a library's method that sets the attribute that its first argument names.
    pub(super) fn set_by_name(&mut self, callee: &Value, base: &Value, arguments: &[Argument<'a>]) {
        let facts = &self.context.rules.facts;
        let sets = |name: &str| facts.get(name).is_some_and(|fact| fact.traits.has(Trait::SetsAttribute));
        let named = callee.atoms.iter().any(|atom| match atom {
            Atom::External(name) => sets(name),
            Atom::LibraryMethod(on, name) => on.atoms.iter().any(|atom| {
                matches!(atom, Atom::Instance(class) if facts.class_named(class).is_some_and(|c| facts.member_traits(c, name).has(Trait::SetsAttribute)))
            }),
            _ => false,
        });
        if let (true, [first, second, ..]) = (named, arguments)
            && let Some(text) = first.expr.as_string_literal_expr()
        {
            let value = second.value.clone().bounded();
            self.store_attribute(base, &Name::new(text.value.to_str()), &value);
        }
    }

    /// The array tag that a library's module receives in its `forward`, for a class derived from such a module.
    pub(super) fn module_input(&mut self, class: Option<u32>) -> Option<ArrayTag> {
        self.module_array_of(ClassId { file: self.file, index: class? })
    }

    /// The array of the library whose neural module `class` derives from.
    pub(super) fn module_array_of(&mut self, class: ClassId) -> Option<ArrayTag> {
        self.find_in_bases(class, DEEPEST_MRO, &mut |walker, atom| {
            let Atom::External(name) = atom else { return None };
            let facts = &walker.context.rules.facts;
            facts.get(name).filter(|fact| fact.traits.has(Trait::ModuleBase))?;
            walker.array_tag(facts.library_of(name)?)
        })
    }

    /// The array whose class `class` derives from.
    pub(super) fn array_base(&mut self, class: ClassId) -> Option<ArrayTag> {
        if let Some(known) = self.array_bases.get(&class) {
            return *known;
        }
        // A class that derives from itself, which broken code may say, derives from nothing more.
        self.array_bases.insert(class, None);
        let mut found = None;
        for atom in self.bases_of(class).iter().flat_map(|base| &base.atoms) {
            found = match atom {
                Atom::Class(parent) => self.array_base(*parent),
                Atom::External(name) => self.instance(name).arrays().find(|tag| !tag.scalar),
                _ => None,
            };
            if found.is_some() {
                break;
            }
        }
        self.array_bases.insert(class, found);
        found
    }

    /// The first thing that `look` sees in what `class` derives from, at most `depth` classes up: in a base, then in its bases,
    /// then in the next.
    pub(super) fn find_in_bases<T>(&mut self, class: ClassId, depth: u8, look: &mut dyn FnMut(&mut Self, &Atom) -> Option<T>) -> Option<T> {
        let depth = depth.checked_sub(1)?;
        let bases = self.bases_of(class);
        bases.iter().flat_map(|base| &base.atoms).find_map(|atom| match (look(self, atom), atom) {
            (None, Atom::Class(parent)) => self.find_in_bases(*parent, depth, look),
            (found, _) => found,
        })
    }

    /// The array that a name of a function is, going by what the function does with it. With `strictly` nothing counts that
    /// objects which wrap arrays can be asked as well.
    pub(super) fn array_by_use(&mut self, uses: &'a [Use], strictly: bool) -> Option<ArrayTag> {
        if uses.iter().all(|u| matches!(u, Use::Index)) || uses.contains(&Use::Key) {
            return None;
        }
        let facts = &self.context.rules.facts;
        let attributes: Vec<&str> =
            uses.iter().filter_map(|u| if let Use::Attribute(name) = u { Some(name.as_str()) } else { None }).collect();
        let plain: Vec<ClassRef> =
            ["str", "list", "dict", "set", "bytes", "tuple"].iter().filter_map(|n| facts.class_named(&format!("builtins.{n}"))).collect();
        for class in self.array_classes() {
            let has = |name: &&str| facts.member(class, name).is_some();
            // Methods that something common has and arrays have not say that it is something common.
            if !attributes.iter().all(has) {
                continue;
            }
            let telling = |name: &&str| facts.member_traits(class, name).has(Trait::ArrayOnly);
            let common = |name: &&str| plain.iter().any(|class| facts.member(*class, name).is_some());
            let own = attributes.iter().filter(|name| !common(name)).count();
            // Where no array library is near, `f.mul(g)` is a polynomial's and `m[1, :]` a symbolic matrix's. One method alone,
            // such as `mean`, could be any object's.
            let shaped = uses.iter().any(|u| matches!(u, Use::Axes | Use::MatMul));
            if strictly {
                if shaped && self.is_near(class) || attributes.iter().any(|name| telling(name) && self.array_with(name).is_some()) {
                    return self.array_of_class(class);
                }
                continue;
            }
            if attributes.iter().any(telling) || (self.is_near(class) && (own > 1 || shaped)) {
                return self.array_of_class(class);
            }
        }
        uses.iter().find_map(|u| if let Use::PassedTo(callee) = u { self.array_that(callee) } else { None })
    }

    /// The array that the function called `callee` here takes first, if it takes nothing else.
    fn array_that(&mut self, callee: &str) -> Option<ArrayTag> {
        let (root, rest) = callee.split_once('.').map_or((callee, None), |(root, rest)| (root, Some(rest)));
        let Some(Atom::External(module)) = self.lookup(&root.into()).single().cloned() else { return None };
        let name = rest.map_or_else(|| module.to_string(), |rest| format!("{module}.{rest}"));
        let facts = &self.context.rules.facts;
        let library = facts.library_of(&name).filter(|l| self.context.governed[usize::from(*l)])?;
        facts.get(&name).filter(|fact| fact.traits.has(Trait::TakesArray)).and_then(|_| self.array_tag(library))
    }
}

/// The dotted text under which what is known of `base.name` is kept, when `base` is a chain of names.
pub fn place_of(base: &Expr, name: &str) -> Option<String> {
    match base {
        Expr::Name(n) => Some(format!("{}.{name}", n.id)),
        Expr::Attribute(a) => Some(format!("{}.{name}", place_of(&a.value, &a.attr)?)),
        _ => None,
    }
}

/// The class in which the members of a Python value are listed.
pub fn builtin_class(atom: &Atom) -> Option<&'static str> {
    Some(match atom {
        Atom::Str => "builtins.str",
        Atom::Bytes => "builtins.bytes",
        Atom::Int | Atom::Bool => "builtins.int",
        Atom::Float | Atom::Number => "builtins.float",
        Atom::Complex => "builtins.complex",
        Atom::List(_) => "builtins.list",
        Atom::Tuple(_) | Atom::TupleOf(_) => "builtins.tuple",
        Atom::Dict(_) => "builtins.dict",
        Atom::Set(_) => "builtins.set",
        Atom::Path => "pathlib.Path",
        _ => return None,
    })
}
