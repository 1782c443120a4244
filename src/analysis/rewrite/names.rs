//! The names of a module, by how they are used.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext, Stmt};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Spelling;
use crate::syntax::Module;

/// A name for the target that the file does not use for anything else.
pub(super) fn free_name(names: &Names, spelling: &Spelling) -> String {
    if !names.stored.contains(spelling.bound.as_str()) {
        return spelling.bound.clone();
    }
    let mut name = match &spelling.package {
        Some(package) => format!("{}_{}", package.replace('.', "_"), spelling.name),
        None => format!("{}_", spelling.name.replace('.', "_")),
    };
    while names.stored.contains(name.as_str()) || names.loads(&name) > 0 {
        name.push('_');
    }
    name
}

/// The names of a module, by how they are used; scopes are not told apart, which errs on the side of keeping an import.
#[derive(Default)]
pub(super) struct Names {
    /// With how often each is read, mentioned in a string annotation or listed in `__all__`.
    pub(super) loaded: FxHashMap<String, usize>,
    /// Of these, what strings say.
    pub(super) written: FxHashMap<String, usize>,
    /// What `__all__` lists.
    pub(super) listed: FxHashSet<String>,
    pub(super) stored: FxHashSet<String>,
    /// Of these, the variables: what statements and expressions bind.
    pub(super) assigned: FxHashSet<String>,
    /// Names that imports at module level bind, with what they import.
    pub(super) imported: Vec<(String, String)>,
}

impl Names {
    pub(super) fn of(module: &Module) -> Self {
        let mut names = Self::default();
        names.imports(&module.tree.body);
        names.visit_body(&module.tree.body);
        names
    }

    /// The imports of a block at module level.
    pub(super) fn imports(&mut self, body: &[Stmt]) {
        for stmt in body {
            match stmt {
                Stmt::ImportFrom(import) if import.level == 0 => {
                    let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
                    for alias in &import.names {
                        let bound = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                        self.imported.push((bound, format!("{module}.{}", alias.name)));
                    }
                }
                Stmt::Import(import) => {
                    for alias in &import.names {
                        match &alias.asname {
                            Some(bound) => self.imported.push((bound.to_string(), alias.name.to_string())),
                            None => {
                                let root = alias.name.split('.').next().unwrap_or_default();
                                self.imported.push((root.to_owned(), root.to_owned()));
                            }
                        }
                    }
                }
                Stmt::Try(s) => self.imports(&s.body),
                _ => {}
            }
        }
    }

    /// The name that an import at module level binds to `qualified`, unless something else binds it too.
    pub(super) fn bound_to(&self, qualified: &str) -> Option<String> {
        let (name, _) = self.imported.iter().find(|(_, imported)| imported == qualified)?;
        self.imported.iter().all(|(other, imported)| other != name || imported == qualified).then(|| name.clone())
    }

    pub(super) fn loads(&self, name: &str) -> usize {
        self.loaded.get(name).copied().unwrap_or(0)
    }

    /// How often code reads a name.
    pub(super) fn reads(&self, name: &str) -> usize {
        self.loads(name) - self.written.get(name).copied().unwrap_or(0)
    }

    /// Whether `__all__` lists a name.
    pub(super) fn offers(&self, name: &str) -> bool {
        self.listed.contains(name)
    }

    pub(super) fn write(&mut self, name: &str) {
        self.load(name);
        *self.written.entry(name.to_owned()).or_insert(0) += 1;
    }

    pub(super) fn load(&mut self, name: &str) {
        *self.loaded.entry(name.to_owned()).or_insert(0) += 1;
    }

    pub(super) fn words(&mut self, text: &str) {
        for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()) {
            self.write(word);
        }
    }
}

impl<'a> Visitor<'a> for Names {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => drop(self.stored.insert(def.name.to_string())),
            Stmt::ClassDef(def) => drop(self.stored.insert(def.name.to_string())),
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.stored.insert(alias.asname.as_ref().unwrap_or(&alias.name).to_string());
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let bound = alias
                        .asname
                        .as_ref()
                        .map_or_else(|| alias.name.split('.').next().unwrap_or_default().to_owned(), ToString::to_string);
                    self.stored.insert(bound);
                }
            }
            Stmt::Assign(assign) if assign.targets.iter().any(|t| t.as_name_expr().is_some_and(|n| n.id == "__all__")) => {
                if let Expr::List(_) | Expr::Tuple(_) = &*assign.value {
                    let elements = match &*assign.value {
                        Expr::List(list) => &list.elts,
                        Expr::Tuple(tuple) => &tuple.elts,
                        _ => return,
                    };
                    for text in elements.iter().filter_map(|e| e.as_string_literal_expr()) {
                        self.write(text.value.to_str());
                        self.listed.insert(text.value.to_str().to_owned());
                    }
                }
            }
            // What a magic is given may be code: `%timeit np.sum(x)`.
            Stmt::IpyEscapeCommand(command) => self.words(&command.value),
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_annotation(&mut self, expr: &'a Expr) {
        struct Strings<'n>(&'n mut Names);
        impl<'a> Visitor<'a> for Strings<'_> {
            fn visit_expr(&mut self, expr: &'a Expr) {
                if let Expr::StringLiteral(text) = expr {
                    self.0.words(text.value.to_str());
                }
                visitor::walk_expr(self, expr);
            }
        }
        Strings(self).visit_expr(expr);
        visitor::walk_annotation(self, expr);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::IpyEscapeCommand(command) = expr {
            self.words(&command.value);
        }
        if let Expr::Name(name) = expr {
            match name.ctx {
                ExprContext::Load | ExprContext::Invalid => self.load(&name.id),
                ExprContext::Store | ExprContext::Del => {
                    self.stored.insert(name.id.to_string());
                    self.assigned.insert(name.id.to_string());
                }
            }
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_parameter(&mut self, parameter: &'a ruff_python_ast::Parameter) {
        self.stored.insert(parameter.name.to_string());
        visitor::walk_parameter(self, parameter);
    }
}
