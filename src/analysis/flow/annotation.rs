//! Annotations to values: what a declared type says an expression may be.

use std::sync::Arc;

use ruff_python_ast::{Expr, Operator, StringFlags};
use ruff_text_size::{Ranged, TextRange};

use super::dict::Dict;
use super::expr::Role;
use super::value::{Atom, How, Place, Value};
use super::walk::Walker;
use crate::rules::Trait;

impl<'a> Walker<'a> {
    /// What an annotated name may be. Names in the annotation are reported as types.
    pub(super) fn annotation(&mut self, expr: &'a Expr) -> Value {
        let value = self.annotated(expr);
        let value = if value.is_bottom() { Value::unknown() } else { value };
        value.with_origin(self.file, expr.range(), How::Annotation)
    }

    fn annotated(&mut self, expr: &'a Expr) -> Value {
        stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.annotated_inner(expr))
    }

    fn annotated_inner(&mut self, expr: &'a Expr) -> Value {
        match expr {
            Expr::NoneLiteral(_) => Atom::None.into(),
            Expr::StringLiteral(string) => {
                let Some(part) = string.as_single_part_string() else { return Value::unknown() };
                self.annotation_text(TextRange::new(
                    part.range.start() + part.flags.opener_len(),
                    part.range.end() - part.flags.closer_len(),
                ))
                .unwrap_or_else(Value::unknown)
            }
            Expr::BinOp(binary) if binary.op == Operator::BitOr => {
                let left = self.annotated(&binary.left);
                left.joined(&self.annotated(&binary.right))
            }
            Expr::Name(_) | Expr::Attribute(_) => {
                let named = self.eval_role(expr, Role::Annotation);
                self.instances_of(&named)
            }
            Expr::Subscript(subscript) => self.generic(subscript),
            Expr::List(list) => {
                for element in &list.elts {
                    self.annotated(element);
                }
                Value::unknown()
            }
            Expr::Starred(starred) => self.annotated(&starred.value),
            Expr::EllipsisLiteral(_) => Value::unknown(),
            other => {
                self.eval_role(other, Role::Annotation);
                Value::unknown()
            }
        }
    }

    fn generic(&mut self, subscript: &'a ruff_python_ast::ExprSubscript) -> Value {
        self.outer = Some(subscript.range);
        let base = self.eval_role(&subscript.value, Role::Annotation);
        let arguments: Vec<&'a Expr> = match &*subscript.slice {
            Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            other => vec![other],
        };
        let name = match base.single() {
            Some(Atom::External(name)) => Arc::clone(name),
            Some(Atom::Class(class)) => {
                for argument in arguments {
                    self.annotated(argument);
                }
                return Atom::Object(*class).into();
            }
            _ => {
                let textual = super::defs::last_name(&subscript.value).unwrap_or_default();
                Arc::from(format!("typing.{textual}"))
            }
        };
        let short = name.rsplit('.').next().unwrap_or(&name);
        let typing = name.starts_with("typing") || name.starts_with("builtins.") || name.starts_with("collections.");
        if typing {
            if short == "Literal" {
                let mut value = Value::default();
                for argument in arguments {
                    value.join(&self.eval(argument));
                }
                value.origin = None;
                return value;
            }
            if short == "Annotated" {
                let value = arguments.first().map(|a| self.annotated(a)).unwrap_or_default();
                for extra in arguments.iter().skip(1) {
                    self.eval(extra);
                }
                return value;
            }
            if short == "Callable"
                && let [Expr::List(_) | Expr::EllipsisLiteral(_), result] = arguments.as_slice()
            {
                self.annotated(arguments[0]);
                let result = self.annotated(result);
                return Atom::Callable(Arc::new(result)).into();
            }
            let items: Vec<Value> = arguments.iter().map(|a| self.annotated(a)).collect();
            let item = |i: usize| items.get(i).cloned().unwrap_or_else(Value::unknown);
            let all = || {
                let mut joined = Value::default();
                items.iter().for_each(|v| joined.join(v));
                joined
            };
            return match short {
                "Optional" => item(0).joined(&Atom::None.into()),
                "Union" => all(),
                "List" | "list" | "Sequence" | "MutableSequence" | "deque" | "Deque" => Atom::List(Arc::new(item(0))).into(),
                "Set" | "set" | "FrozenSet" | "frozenset" | "AbstractSet" | "MutableSet" => Atom::Set(Arc::new(item(0))).into(),
                "Iterable" | "Iterator" | "Generator" | "AsyncIterator" | "AsyncIterable" | "AsyncGenerator" | "Collection"
                | "KeysView" | "ValuesView" | "Reversible" => Atom::Iter(Arc::new(item(0))).into(),
                "Dict" | "dict" | "Mapping" | "MutableMapping" | "DefaultDict" | "defaultdict" | "OrderedDict" | "ChainMap" => {
                    Dict::of(item(0), item(1)).into_atom().into()
                }
                "Tuple" | "tuple" => match arguments.as_slice() {
                    [_, Expr::EllipsisLiteral(_)] => Atom::TupleOf(Arc::new(item(0))).into(),
                    [Expr::Tuple(empty)] if empty.elts.is_empty() => Atom::Tuple(Arc::from(Vec::new())).into(),
                    _ => Atom::Tuple(items.into()).into(),
                },
                "Final" | "ClassVar" | "Required" | "NotRequired" | "ReadOnly" | "InitVar" | "Awaitable" | "Coroutine" => {
                    items.last().cloned().unwrap_or_else(Value::unknown)
                }
                "Type" | "type" => Atom::SomeClass.into(),
                "TypeGuard" | "TypeIs" => Atom::Bool.into(),
                _ => Value::unknown(),
            };
        }
        let facts = &self.context.rules.facts;
        let is_wrapper = facts.get(&name).is_some_and(|f| f.traits.has(Trait::Annotation)) && facts.class_named(&name).is_none();
        // A wrapper names the array class first: `Float[Tensor, "batch dim"]`, `NDArray[np.float64]`.
        let mut first = None;
        for (i, argument) in arguments.iter().enumerate() {
            match argument {
                Expr::StringLiteral(_) if i > 0 => {}
                _ => {
                    let value = self.annotated(argument);
                    first.get_or_insert(value);
                }
            }
        }
        let own = self.instances_of(&base);
        if own.array().is_some() {
            return own;
        }
        if is_wrapper {
            return first.unwrap_or_else(Value::unknown);
        }
        if own.is_bottom() { Value::unknown() } else { own }
    }

    /// Instances of the classes that `value` names.
    pub(super) fn instances_of(&mut self, value: &Value) -> Value {
        let mut result = Value::default();
        for atom in &value.atoms {
            result.join(&self.instance_of_atom(atom));
        }
        result.origin = None;
        result
    }

    fn instance_of_atom(&mut self, atom: &Atom) -> Value {
        match atom {
            Atom::Class(class) => Atom::Object(*class).into(),
            // An alias of a type: `Array = Union[np.ndarray, torch.Tensor]` was evaluated as a value; its parts are classes.
            Atom::Tuple(items) => {
                let mut all = Value::default();
                for item in items.iter() {
                    all.join(&self.instances_of(item));
                }
                all
            }
            Atom::None => Atom::None.into(),
            Atom::External(name) => self.named_type(name),
            _ => Value::unknown(),
        }
    }

    fn named_type(&mut self, name: &Arc<str>) -> Value {
        let unknown = || Arc::new(Value::unknown());
        if let Some(builtin) =
            name.strip_prefix("builtins.").or_else(|| name.strip_prefix("typing.")).or_else(|| name.strip_prefix("typing_extensions."))
        {
            return match builtin {
                "int" => Atom::Int.into(),
                "float" => Atom::Float.into(),
                "complex" => Atom::Complex.into(),
                "bool" => Atom::Bool.into(),
                "str" | "Text" | "AnyStr" | "LiteralString" => Atom::Str.into(),
                "bytes" | "bytearray" => Atom::Bytes.into(),
                "list" | "List" | "Sequence" => Atom::List(unknown()).into(),
                "set" | "frozenset" | "Set" => Atom::Set(unknown()).into(),
                "dict" | "Dict" | "Mapping" => Dict::unknown().into_atom().into(),
                "tuple" | "Tuple" => Atom::TupleOf(unknown()).into(),
                "type" | "Type" => Atom::SomeClass.into(),
                _ => Value::unknown(),
            };
        }
        let facts = &self.context.rules.facts;
        if &*facts.canonical(name) == "pathlib.Path" {
            return Atom::Path.into();
        }
        if facts.class_named(name).is_some() {
            return self.instance(name);
        }
        if let Some(fact) = facts.get(name) {
            if fact.traits.has(Trait::Annotation) {
                if let Some(tag) = facts.library_of(name).and_then(|l| self.array_tag(l)) {
                    return Atom::Array(tag).into();
                }
                return Value::unknown();
            }
            // A dtype used as a type is its scalars.
            if fact.dtype.is_some()
                && let Some(library) = facts.library_of(name).filter(|l| facts.library(*l).scalar.is_some())
            {
                return self.kind_value(&crate::rules::kind::Kind::Scalar, library, None, None);
            }
            match &fact.kind {
                Some(crate::rules::kind::Kind::Device) => return Atom::Device(Place::Unknown).into(),
                Some(crate::rules::kind::Kind::Dtype) => return Atom::Dtype(super::value::Dtype::Unknown).into(),
                Some(kind @ crate::rules::kind::Kind::Instance(_)) => {
                    let kind = kind.clone();
                    return self.plain_kind(&kind, name);
                }
                _ => {}
            }
        }
        // A class of a library of which only the name is known.
        let last = name.rsplit('.').next().unwrap_or(name);
        if last.starts_with(|c: char| c.is_ascii_uppercase())
            && facts.library_of(name).is_some()
            && !name.starts_with("typing")
            && !name.starts_with("collections.abc")
        {
            return Atom::Instance(Arc::clone(name)).into();
        }
        Value::unknown()
    }

    /// An annotation given as text within the file: a string annotation or a type comment, parsed beforehand.
    pub(super) fn annotation_text(&mut self, range: TextRange) -> Option<Value> {
        let expr = self.defs.texts.get(&range.start())?;
        Some(self.annotation(expr))
    }

    /// The parameter types of a signature comment.
    pub(super) fn annotation_list(&mut self, range: TextRange) -> Option<Vec<Value>> {
        Some(match self.defs.texts.get(&range.start())? {
            Expr::Tuple(tuple) => tuple.elts.iter().map(|e| self.annotation(e)).collect(),
            other => vec![self.annotation(other)],
        })
    }

    /// Instances of the class that a run-time check names.
    pub(super) fn instance_of(&mut self, class: &'a Expr) -> Value {
        let value = self.eval_role(class, Role::Isinstance);
        self.instances_of(&value)
    }
}
