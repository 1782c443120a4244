//! Decorators: what they make of a function, and what a test runner passes to it because of them.

use std::sync::Arc;

use ruff_python_ast::name::Name;
use ruff_python_ast::{Expr, ExprCall, StmtFunctionDef};

use super::arguments::Argument;
use super::depend::Key;
use super::expr::Role;
use super::value::{ArrayTag, Atom, ClassId, FunctionId, Value};
use super::walk::Walker;
use crate::rules::library::LibraryRef;
use crate::rules::{Trait, Traits};

/// Bases followed upwards when a fixture is looked up.
const MOST_BASES: u8 = 8;

/// What the decorators of a function say.
pub struct Decorations {
    /// What the function's name is bound to.
    pub bound: Value,
    /// Parameters that the decorators list values for.
    pub given: Vec<(Name, Value)>,
    /// The array that the function is compiled for: what it subscripts is one.
    pub kernel: Option<ArrayTag>,
}

impl<'a> Walker<'a> {
    /// Evaluates the decorators of `def`, the innermost first.
    pub(super) fn decorations(&mut self, def: &'a StmtFunctionDef, id: FunctionId) -> Decorations {
        let mut decorations = Decorations { bound: Atom::Function(id).into(), given: Vec::new(), kernel: None };
        for decorator in def.decorator_list.iter().rev() {
            let value = self.eval_role(&decorator.expression, Role::Decorator);
            if let Some(class) = value.single().and_then(|atom| self.called_instance(atom)) {
                // `@np.vectorize`: calls go to the object that the decorator makes.
                decorations.bound = Atom::Instance(class).into();
            }
            self.pass_decorated(&decorator.expression, &value, id);
            let (traits, library) = self.decorator_traits(&decorator.expression);
            if traits.has(Trait::Kernel) {
                decorations.kernel = library.and_then(|library| self.array_tag(library));
            }
            if traits.has(Trait::Fixture) {
                let renamed = decorator.expression.as_call_expr().and_then(|call| call.arguments.find_keyword("name"));
                let name = match renamed.and_then(|k| k.value.as_string_literal_expr()) {
                    Some(text) => Name::new(text.value.to_str()),
                    None => def.name.id.clone(),
                };
                let class = self.context.world.function(id).class;
                self.output.summary.fixtures.insert((class, name), id.index);
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
    fn decorator_traits(&mut self, decorator: &'a Expr) -> (Traits, Option<LibraryRef>) {
        let callee = match decorator {
            Expr::Call(call) => &*call.func,
            other => other,
        };
        self.silent += 1;
        let value = self.eval_role(callee, Role::Callee);
        self.silent -= 1;
        match value.single() {
            Some(Atom::External(name)) => {
                let facts = &self.context.rules.facts;
                (facts.get(name).map(|f| f.traits).unwrap_or_default(), facts.library_of(name))
            }
            _ => (Traits::default(), None),
        }
    }

    /// A decorator of the project receives the function, and calls it with what it adds.
    fn pass_decorated(&mut self, expr: &'a Expr, decorator: &Value, id: FunctionId) {
        for atom in &decorator.atoms {
            if let Atom::Function(f) = atom {
                let argument = Argument { expr, value: Atom::Function(id).into(), name: None, unpacked: false };
                self.pass(*f, false, &[argument]);
            }
        }
    }

    /// `@pytest.mark.parametrize("x, y", [(1, 2), (3, 4)])`: each name with what the rows hold for it.
    fn parametrized(&mut self, call: &'a ExprCall, given: &mut Vec<(Name, Value)>) {
        let [names, rows, ..] = &*call.arguments.args else { return };
        let names: Vec<Name> = match names {
            Expr::StringLiteral(text) => text.value.to_str().split(',').map(|n| Name::new(n.trim())).collect(),
            Expr::List(list) => list.elts.iter().filter_map(|e| e.as_string_literal_expr()).map(|s| Name::new(s.value.to_str())).collect(),
            Expr::Tuple(tuple) => {
                tuple.elts.iter().filter_map(|e| e.as_string_literal_expr()).map(|s| Name::new(s.value.to_str())).collect()
            }
            _ => return,
        };
        let written = match rows {
            Expr::List(list) => list.elts.as_slice(),
            Expr::Tuple(tuple) => tuple.elts.as_slice(),
            _ => &[],
        };
        self.silent += 1;
        let mut values = vec![Value::default(); names.len()];
        if written.is_empty() {
            let rows = self.eval(rows);
            let row = self.element_of_value(&rows);
            self.join_row(&mut values, &row);
        }
        for row in written {
            if let Some(parts) = row_parts(row, names.len()) {
                values.iter_mut().zip(parts).for_each(|(value, part)| value.join(&self.eval(part)));
                continue;
            }
            let given = self.eval(row);
            match (values.as_mut_slice(), given.single()) {
                // A call that marks a row gives what it was called with.
                ([value], Some(Atom::Tuple(items))) if row.is_call_expr() && items.len() == 1 => value.join(&items[0]),
                _ => self.join_row(&mut values, &given),
            }
        }
        self.silent -= 1;
        given.extend(names.into_iter().zip(values));
    }

    /// Joins what a row gives to each of several names, or to the only one.
    fn join_row(&mut self, values: &mut [Value], row: &Value) {
        if let [value] = values {
            value.join(row);
            return;
        }
        for atom in &row.atoms {
            for (i, value) in values.iter_mut().enumerate() {
                match atom {
                    Atom::Tuple(items) => value.join(&items.get(i).cloned().unwrap_or_else(Value::unknown)),
                    other => value.join(&self.element_of_value(&other.clone().into())),
                }
            }
        }
    }

    /// What the fixture called `name` gives to a test of `class`: of the class or a base of it, of this file, or of the nearest
    /// `conftest.py` around it.
    pub(super) fn fixture(&mut self, class: Option<u32>, name: &Name) -> Option<Value> {
        let own = class.and_then(|index| {
            let class = ClassId { file: self.file, index };
            self.fixture_of(class, name).or_else(|| {
                self.find_in_bases(class, MOST_BASES, &mut |walker, atom| match atom {
                    Atom::Class(parent) => walker.fixture_of(*parent, name),
                    _ => None,
                })
            })
        });
        let around = || {
            let world = &self.context.world;
            let files = std::iter::once(self.file).chain(world.project.conftests(self.file));
            files.into_iter().find_map(|file| {
                self.output.read.insert(Key::fixtures(file));
                world.summaries[file as usize].fixtures.get(&(None, name.clone())).map(|&index| FunctionId { file, index })
            })
        };
        let f = own.or_else(around)?;
        let returned = self.returned(f);
        Some(if self.context.world.function(f).generator { self.element_of_value(&returned) } else { returned })
    }

    /// The fixture called `name` that `class` itself defines.
    fn fixture_of(&mut self, class: ClassId, name: &Name) -> Option<FunctionId> {
        self.output.read.insert(Key::fixtures(class.file));
        let fixtures = &self.context.world.summaries[class.file as usize].fixtures;
        fixtures.get(&(Some(class.index), name.clone())).map(|&index| FunctionId { file: class.file, index })
    }
}

/// What a row that is written out gives to each of `count` names, several.
fn row_parts(row: &Expr, count: usize) -> Option<&[Expr]> {
    let parts = match row {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return None,
    };
    (count > 1 && parts.len() == count && !parts.iter().any(Expr::is_starred_expr)).then_some(parts)
}
