//! Builtins that follow their arguments, and the methods that change what a container holds.

use std::sync::Arc;

use ruff_python_ast::Expr;
use ruff_text_size::TextRange;

use super::arguments::Argument;
use super::dict::literal_key;
use super::value::{Atom, ClassId, Value};
use super::walk::Walker;

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
            | "dict"
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

/// Whether what a call gives is a name as an import is: a module, or a member of one.
pub fn gives_a_name(callee: &Atom) -> bool {
    matches!(callee, Atom::External(name) if matches!(&**name, "builtins.__import__" | "builtins.getattr" | "importlib.import_module"))
}

impl<'a> Walker<'a> {
    pub(super) fn special_builtin(&mut self, name: &str, range: TextRange, arguments: &[Argument<'a>]) -> Option<Value> {
        let first = arguments.first();
        Some(match name {
            "super" => match self.enclosing_class() {
                Some(index) => Atom::Super(ClassId { file: self.file, index }).into(),
                None => Value::unknown(),
            },
            "isinstance" | "issubclass" | "hasattr" => Atom::Bool.into(),
            "dict" => self.dict_called(arguments).into_atom().into(),
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
                    result.join(&self.call_atom(atom, range, &elements));
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
                    self.binary(ruff_python_ast::Operator::Add, &element, &start, range)
                }
            }
            "getattr" => {
                let attribute = arguments.get(1).and_then(|a| a.expr.as_string_literal_expr());
                match attribute {
                    Some(text) => {
                        let mut value = Value::default();
                        for atom in &first?.value.atoms {
                            value.join(&self.attribute_of_atom(atom, text.value.to_str()));
                            // A name of a library that is looked up as text is not what a reader or a rewrite can rely on.
                            if matches!(atom, Atom::External(_)) {
                                value.add(&Atom::Unknown);
                            }
                        }
                        if let Some(default) = arguments.get(2) {
                            value.join(&default.value);
                        }
                        if value.is_bottom() { Value::unknown() } else { value }
                    }
                    None => Value::unknown(),
                }
            }
            "type" => match first?.value.single() {
                Some(Atom::Object(class)) => Atom::Class(*class).into(),
                _ => Atom::SomeClass.into(),
            },
            "__import__" => match arguments.first().and_then(|a| a.expr.as_string_literal_expr()) {
                Some(text) => {
                    let dotted = text.value.to_str();
                    // Without a list of names it is the outermost package that comes back.
                    let inner = arguments.iter().any(|a| a.name == Some("fromlist")) || arguments.len() > 3;
                    self.imported_module(if inner { dotted } else { dotted.split('.').next().unwrap_or(dotted) })
                }
                None => Value::unknown(),
            },
            _ => return None,
        })
    }

    /// Methods that put something into a list, a set or a dict change what the container holds.
    pub(super) fn container_method(&mut self, attribute: &'a ruff_python_ast::ExprAttribute, base: &Value, arguments: &[Argument<'a>]) {
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
                (Atom::Dict(d), "update") => {
                    let more = self.dict_called(arguments);
                    let mut dict = (**d).clone();
                    dict.update(&more);
                    dict.into_atom()
                }
                (Atom::Dict(d), "setdefault") if arguments.len() > 1 => {
                    let mut dict = (**d).clone();
                    match (self.dict_method(d, name, arguments), literal_key(arguments[0].expr)) {
                        (Some(value), Some(key)) => dict.set(key, value),
                        _ => dict.put(&arguments[0].value, &arguments[1].value),
                    }
                    dict.into_atom()
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
    pub(super) fn eval_context_manager(&mut self, expr: &'a Expr) -> Value {
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
