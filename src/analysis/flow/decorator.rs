//! Decorators: what they make of a function, and what a test runner passes to it because of them.

use std::sync::Arc;

use ruff_python_ast::name::Name;
use ruff_python_ast::{Expr, ExprCall, StmtFunctionDef};

use super::depend::Key;
use super::expr::Role;
use super::value::{Atom, FunctionId, Value};
use super::walk::Walker;
use crate::rules::{Trait, Traits};

/// What the decorators of a function say.
pub struct Decorations {
    /// What the function's name is bound to.
    pub bound: Value,
    /// Parameters that the decorators list values for.
    pub given: Vec<(Name, Value)>,
}

impl<'a> Walker<'a> {
    /// Evaluates the decorators of `def`, the innermost first.
    pub(super) fn decorations(&mut self, def: &'a StmtFunctionDef, id: FunctionId) -> Decorations {
        let mut decorations = Decorations { bound: Atom::Function(id).into(), given: Vec::new() };
        for decorator in def.decorator_list.iter().rev() {
            let value = self.eval_role(&decorator.expression, Role::Decorator);
            if let Some(class) = value.single().and_then(|atom| self.called_instance(atom)) {
                // `@np.vectorize`: calls go to the object that the decorator makes.
                decorations.bound = Atom::Instance(class).into();
            }
            let traits = self.decorator_traits(&decorator.expression);
            if traits.has(Trait::Fixture) {
                let renamed = decorator.expression.as_call_expr().and_then(|call| call.arguments.find_keyword("name"));
                let name = match renamed.and_then(|k| k.value.as_string_literal_expr()) {
                    Some(text) => Name::new(text.value.to_str()),
                    None => def.name.id.clone(),
                };
                self.output.summary.fixtures.insert(name, id.index);
            }
            if traits.has(Trait::Parametrize)
                && let Expr::Call(call) = &decorator.expression
            {
                self.parametrized(call, &mut decorations.given);
            }
        }
        decorations
    }

    /// The class of a library whose instances are called in place of the function.
    fn called_instance(&self, atom: &Atom) -> Option<Arc<str>> {
        let facts = &self.context.rules.facts;
        let class = match atom {
            Atom::Instance(class) => class,
            Atom::External(name) => match facts.get(name)?.kind.as_ref()? {
                crate::rules::kind::Kind::Instance(class) => class,
                _ => return None,
            },
            _ => return None,
        };
        facts.inherited(facts.class_named(class)?, |fact| fact.call.clone())?;
        Some(Arc::clone(class))
    }

    /// The traits of the API that a decorator is, or is a call of.
    fn decorator_traits(&mut self, decorator: &'a Expr) -> Traits {
        let callee = match decorator {
            Expr::Call(call) => &*call.func,
            other => other,
        };
        self.silent += 1;
        let value = self.eval_role(callee, Role::Callee);
        self.silent -= 1;
        match value.single() {
            Some(Atom::External(name)) => self.context.rules.facts.get(name).map(|f| f.traits).unwrap_or_default(),
            _ => Traits::default(),
        }
    }

    /// `@pytest.mark.parametrize("x, y", [(1, 2), (3, 4)])`: each name with what the rows hold for it.
    fn parametrized(&mut self, call: &'a ExprCall, given: &mut Vec<(Name, Value)>) {
        let [names, rows, ..] = &*call.arguments.args else { return };
        self.silent += 1;
        let rows = self.eval(rows);
        self.silent -= 1;
        let row = self.element_of_value(&rows);
        let names: Vec<Name> = match names {
            Expr::StringLiteral(text) => text.value.to_str().split(',').map(|n| Name::new(n.trim())).collect(),
            Expr::List(list) => list.elts.iter().filter_map(|e| e.as_string_literal_expr()).map(|s| Name::new(s.value.to_str())).collect(),
            Expr::Tuple(tuple) => {
                tuple.elts.iter().filter_map(|e| e.as_string_literal_expr()).map(|s| Name::new(s.value.to_str())).collect()
            }
            _ => return,
        };
        if let [name] = names.as_slice() {
            given.push((name.clone(), row));
            return;
        }
        for (i, name) in names.into_iter().enumerate() {
            let mut value = Value::default();
            for atom in &row.atoms {
                match atom {
                    Atom::Tuple(items) => value.join(&items.get(i).cloned().unwrap_or_else(Value::unknown)),
                    other => value.join(&self.element_of_value(&other.clone().into())),
                }
            }
            given.push((name, value));
        }
    }

    /// What the fixture called `name` gives: of this file, or of the nearest `conftest.py` around it.
    pub(super) fn fixture(&mut self, name: &Name) -> Option<Value> {
        let world = &self.context.world;
        let around = world.project.conftests(self.file);
        for file in std::iter::once(self.file).chain(around) {
            self.output.read.insert(Key::fixtures(file));
            if let Some(&index) = world.summaries[file as usize].fixtures.get(name) {
                let f = FunctionId { file, index };
                let returned = self.returned(f);
                return Some(if world.function(f).generator { self.element_of_value(&returned) } else { returned });
            }
        }
        None
    }
}
