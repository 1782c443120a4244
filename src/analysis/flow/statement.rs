//! Statements: what they bind, which way control goes, and what holds after it.

use std::sync::Arc;

use ruff_python_ast::{ExceptHandler, Expr, Pattern, Stmt, StmtFor, StmtIf, StmtTry};
use ruff_text_size::{Ranged, TextRange};

use super::scope::{Env, FrameKind};
use super::value::{Atom, How, Value};
use super::walk::Walker;

impl<'a> Walker<'a> {
    /// Walks statements in order.
    pub(super) fn statements(&mut self, body: &'a [Stmt]) {
        stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || {
            for stmt in body {
                self.statement(stmt);
            }
        });
    }

    fn statement(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Expr(s) => {
                // A string by itself is documentation.
                if !s.value.is_string_literal_expr() {
                    self.statement_call = s.value.as_call_expr().map(|call| call.range());
                    self.eval(&s.value);
                    self.statement_call = None;
                }
            }
            Stmt::Assign(s) => {
                let value = self.eval(&s.value);
                let value = self.type_comment(s.range().end()).unwrap_or(value);
                for target in &s.targets {
                    self.assign(target, value.clone(), s.value.range());
                }
            }
            Stmt::AnnAssign(s) => {
                let declared = self.annotation(&s.annotation);
                let value = s.value.as_deref().map(|value| self.eval(value));
                if let Some(value) = value {
                    // What is assigned is more precise than what is declared, unless nothing is known of it.
                    let value = if value.may_be_unknown() || matches!(value.single(), Some(Atom::None)) { declared } else { value };
                    self.assign(&s.target, value, s.range());
                } else if matches!(self.top().kind, FrameKind::Class(_)) || s.target.is_attribute_expr() {
                    self.assign(&s.target, declared, s.annotation.range());
                } else if let Expr::Name(name) = &*s.target {
                    self.assign_name(&name.id, declared);
                }
            }
            Stmt::AugAssign(s) => self.augmented(s),
            Stmt::Return(s) => {
                let mut value = s.value.as_deref().map_or_else(|| Atom::None.into(), |value| self.eval(value));
                if let Some(Atom::External(name)) = value.single()
                    && let constant = self.constant(&Arc::clone(name))
                    && matches!(constant.atoms.as_slice(), [Atom::None])
                {
                    value = constant;
                }
                let hands_back = match self.top().kind {
                    FrameKind::Function(index) => {
                        s.value.as_deref().is_some_and(|value| self.defs.functions[index as usize].only_hands_back(value))
                    }
                    _ => false,
                };
                let frame = self.top();
                if !frame.env.dead {
                    frame.returns.join(&value);
                    if !hands_back {
                        frame.own_returns.join(&value);
                    }
                }
                frame.env.dead = true;
            }
            Stmt::Raise(s) => {
                for value in [&s.exc, &s.cause].into_iter().flatten() {
                    self.eval(value);
                }
                self.top().env.dead = true;
            }
            Stmt::Assert(s) => {
                self.truth_value(&s.test);
                if let Some(message) = &s.msg {
                    self.eval(message);
                }
                self.narrow(&s.test, true);
            }
            Stmt::If(s) => self.if_statement(s),
            Stmt::For(s) => self.for_statement(s),
            Stmt::While(s) => {
                let always = s.test.as_boolean_literal_expr().is_some_and(|b| b.value);
                self.looped(
                    |walker| {
                        walker.truth_value(&s.test);
                        walker.narrow(&s.test, true);
                        walker.statements(&s.body);
                    },
                    !always,
                );
                self.statements(&s.orelse);
            }
            Stmt::With(s) => {
                for item in &s.items {
                    let value = self.eval_context_manager(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        self.assign(target, value, item.range());
                    }
                }
                self.statements(&s.body);
            }
            Stmt::Try(s) => self.try_statement(s),
            Stmt::Match(s) => {
                let subject = self.eval(&s.subject);
                let before = self.top().env.clone();
                let mut after: Option<Env> = None;
                let mut exhaustive = false;
                for case in &s.cases {
                    self.top().env.clone_from(&before);
                    self.pattern(&case.pattern, &subject);
                    exhaustive |= case.guard.is_none() && case.pattern.is_irrefutable();
                    if let Some(guard) = &case.guard {
                        self.truth_value(guard);
                        self.narrow(guard, true);
                    }
                    self.statements(&case.body);
                    let end = self.top().env.clone();
                    after = Some(match after {
                        None => end,
                        Some(mut joined) => {
                            joined.join(&end);
                            joined
                        }
                    });
                }
                let mut env = after.unwrap_or_else(|| before.clone());
                if !exhaustive {
                    env.join(&before);
                }
                self.top().env = env;
            }
            Stmt::FunctionDef(def) => self.function_def(def),
            Stmt::ClassDef(def) => self.class_def(def),
            Stmt::Import(s) => self.import(s),
            Stmt::ImportFrom(s) => self.import_from(s),
            Stmt::Delete(s) => {
                for target in &s.targets {
                    match target {
                        Expr::Name(name) => self.assign_name(&name.id, Atom::Deleted.into()),
                        Expr::Subscript(sub) => {
                            self.eval(&sub.value);
                            self.eval(&sub.slice);
                        }
                        Expr::Attribute(attribute) => drop(self.eval(&attribute.value)),
                        _ => {}
                    }
                }
            }
            Stmt::TypeAlias(s) => {
                let value = self.annotation(&s.value);
                if let Expr::Name(name) = &*s.name {
                    self.assign_name(&name.id, value);
                }
            }
            Stmt::Break(_) => {
                let env = self.top().env.clone();
                let frame = self.top();
                if let Some(slot) = frame.breaks.last_mut() {
                    match slot {
                        None => *slot = Some(env),
                        Some(joined) => joined.join(&env),
                    }
                }
                frame.env.dead = true;
            }
            Stmt::Continue(_) => self.top().env.dead = true,
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    fn if_statement(&mut self, s: &'a StmtIf) {
        self.truth_value(&s.test);
        let before = self.top().env.clone();
        self.narrow(&s.test, true);
        self.statements(&s.body);
        let mut after = std::mem::take(&mut self.top().env);
        self.top().env = before;
        self.narrow(&s.test, false);
        for clause in &s.elif_else_clauses {
            match &clause.test {
                Some(test) => {
                    self.truth_value(test);
                    let before = self.top().env.clone();
                    self.narrow(test, true);
                    self.statements(&clause.body);
                    after.join(&self.top().env);
                    self.top().env = before;
                    self.narrow(test, false);
                }
                None => {
                    self.statements(&clause.body);
                }
            }
        }
        let last = std::mem::take(&mut self.top().env);
        after.join(&last);
        if after.dead {
            after = Env { dead: true, ..last };
        }
        self.top().env = after;
    }

    fn for_statement(&mut self, s: &'a StmtFor) {
        let iterated = self.eval(&s.iter);
        let element = self.element_of(&iterated, &s.iter);
        self.looped(
            |walker| {
                walker.assign(&s.target, element.clone(), s.iter.range());
                walker.statements(&s.body);
            },
            true,
        );
        self.statements(&s.orelse);
    }

    /// Walks a loop body twice: first to see what it changes, then, with that known, for good. Names alone need no second walk.
    fn looped(&mut self, body: impl Fn(&mut Self), may_skip: bool) {
        let entry = self.top().env.clone();
        let frame = self.top();
        frame.loops += 1;
        frame.breaks.push(None);
        if self.silent == 0 && self.context.policy.kinds {
            self.silent += 1;
            body(self);
            self.silent -= 1;
            let mut again = entry.clone();
            again.join(&self.top().env);
            self.top().env = again;
        }
        body(self);
        let frame = self.top();
        frame.loops -= 1;
        let broke = frame.breaks.pop().flatten();
        let mut after = if may_skip { entry } else { Env { dead: true, ..entry } };
        after.join(&frame.env);
        if let Some(env) = broke {
            after.join(&env);
        }
        frame.env = after;
    }

    fn try_statement(&mut self, s: &'a StmtTry) {
        let before = self.top().env.clone();
        let guards = s.handlers.iter().any(|ExceptHandler::ExceptHandler(h)| catches_import_error(h.type_.as_deref()));
        let guards_names = s.handlers.iter().any(|ExceptHandler::ExceptHandler(h)| catches(h.type_.as_deref(), &["NameError"]));
        self.guarded_imports += u32::from(guards);
        self.guarded_names += u32::from(guards_names);
        self.statements(&s.body);
        self.guarded_imports -= u32::from(guards);
        self.guarded_names -= u32::from(guards_names);
        let body_end = self.top().env.clone();
        self.statements(&s.orelse);
        let mut after = self.top().env.clone();
        // An exception may come from anywhere in the body.
        let mut raised = before.clone();
        raised.dead = false;
        let mut reached = body_end.clone();
        reached.dead = false;
        raised.join(&reached);
        if body_end.dead {
            raised = before.clone();
            raised.join(&Env { dead: false, ..body_end });
        }
        for ExceptHandler::ExceptHandler(handler) in &s.handlers {
            // In the handler of a failed import the names of the body are not bound.
            self.top().env = if catches_import_error(handler.type_.as_deref()) { before.clone() } else { raised.clone() };
            if let Some(class) = &handler.type_ {
                self.eval(class);
            }
            if let Some(name) = &handler.name {
                self.assign_name(&name.id, Value::unknown());
            }
            self.guarded_imports += u32::from(guards);
            self.statements(&handler.body);
            self.guarded_imports -= u32::from(guards);
            let end = self.top().env.clone();
            after.join(&end);
        }
        let dead = after.dead;
        self.top().env = if dead { Env { dead: false, ..raised } } else { after };
        self.statements(&s.finalbody);
        if dead {
            self.top().env.dead = true;
        }
    }

    fn pattern(&mut self, pattern: &'a Pattern, subject: &Value) {
        match pattern {
            Pattern::MatchAs(p) => {
                if let Some(inner) = &p.pattern {
                    self.pattern(inner, subject);
                }
                if let Some(name) = &p.name {
                    let value = match p.pattern.as_deref() {
                        Some(Pattern::MatchClass(class)) => self.instance_of(&class.cls),
                        _ => subject.clone(),
                    };
                    self.assign_name(&name.id, value);
                }
            }
            Pattern::MatchClass(p) => {
                self.eval_role(&p.cls, super::expr::Role::Isinstance);
                for inner in &p.arguments.patterns {
                    self.pattern(inner, &Value::unknown());
                }
                for keyword in &p.arguments.keywords {
                    self.pattern(&keyword.pattern, &Value::unknown());
                }
            }
            Pattern::MatchSequence(p) => {
                let element = self.element_of_value(subject);
                for inner in &p.patterns {
                    self.pattern(inner, &element);
                }
            }
            Pattern::MatchStar(p) => {
                if let Some(name) = &p.name {
                    self.assign_name(&name.id, Atom::List(Arc::new(subject.clone())).into());
                }
            }
            Pattern::MatchMapping(p) => {
                for inner in &p.patterns {
                    self.pattern(inner, &Value::unknown());
                }
                if let Some(rest) = &p.rest {
                    self.assign_name(&rest.id, Value::unknown());
                }
            }
            Pattern::MatchOr(p) => {
                for inner in &p.patterns {
                    self.pattern(inner, subject);
                }
            }
            Pattern::MatchValue(p) => drop(self.eval(&p.value)),
            Pattern::MatchSingleton(_) => {}
        }
    }

    /// Binds a target: a name, an attribute, a subscript, or a pattern of these.
    pub(super) fn assign(&mut self, target: &'a Expr, value: Value, source: TextRange) {
        match target {
            Expr::Name(name) => self.assign_name(&name.id, value),
            Expr::Attribute(attribute) => self.assign_attribute(attribute, value),
            Expr::Subscript(subscript) => self.assign_subscript(subscript, &value),
            Expr::Starred(starred) => self.assign(&starred.value, Atom::List(Arc::new(value)).into(), source),
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, &value, source),
            Expr::List(list) => self.unpack(&list.elts, &value, source),
            _ => {}
        }
    }

    fn unpack(&mut self, targets: &'a [Expr], value: &Value, source: TextRange) {
        let star = targets.iter().position(Expr::is_starred_expr);
        let mut parts: Vec<Value> = vec![Value::default(); targets.len()];
        for atom in &value.atoms {
            match (atom, star) {
                (Atom::Tuple(items), None) if items.len() == targets.len() => {
                    for (part, item) in parts.iter_mut().zip(items.iter()) {
                        part.join(item);
                    }
                }
                (Atom::Tuple(items), Some(star)) if items.len() + 1 >= targets.len() => {
                    let after = targets.len() - star - 1;
                    for (i, item) in items.iter().enumerate() {
                        let at = if i < star {
                            i
                        } else if i >= items.len() - after {
                            targets.len() - (items.len() - i)
                        } else {
                            star
                        };
                        parts[at].join(item);
                    }
                }
                (Atom::None | Atom::Deleted, _) => {}
                (atom, _) => {
                    let element = self.element_of_value(&Value { atoms: smallvec::smallvec![atom.clone()], origin: value.origin });
                    for part in &mut parts {
                        part.join(&element);
                    }
                }
            }
        }
        for (target, part) in targets.iter().zip(parts) {
            let part = if part.is_bottom() { Value::unknown() } else { part };
            let part = if part.origin.is_none() { part.with_origin(self.file, source, How::Expression) } else { part };
            self.assign(target, part, source);
        }
    }
}

/// Whether an `except` clause catches a failed import.
fn catches_import_error(class: Option<&Expr>) -> bool {
    catches(class, &["ImportError", "ModuleNotFoundError"])
}

/// Whether an `except` clause catches one of the errors called `names`, or every error.
fn catches(class: Option<&Expr>, names: &[&str]) -> bool {
    match class {
        None => true,
        Some(Expr::Tuple(tuple)) => tuple.elts.iter().any(|e| catches(Some(e), names)),
        Some(expr) => super::defs::last_name(expr).is_some_and(|n| names.contains(&n) || matches!(n, "Exception" | "BaseException")),
    }
}
