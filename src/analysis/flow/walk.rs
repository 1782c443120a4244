//! The walk over one file: frames, environments, statements.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::name::Name;
use ruff_python_ast::{ExceptHandler, Expr, Pattern, Stmt, StmtClassDef, StmtFor, StmtFunctionDef, StmtIf, StmtTry};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustc_hash::{FxHashMap, FxHashSet};

use super::defs::{FileDefs, ScopeTable};
use super::value::{Atom, FileId, FunctionId, How, Value};
use super::{Context, FileOutput};
use crate::rules::signature::Passing;

/// The values of the names of one scope at one point of the walk.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// By slot.
    pub slots: Vec<Value>,
    /// What is known of dotted places such as `self.x`, beyond what their class says.
    pub places: FxHashMap<String, Value>,
    /// Whether this point cannot be reached.
    pub dead: bool,
}

impl Env {
    /// What holds after either of two branches.
    pub fn join(&mut self, other: &Self) {
        if other.dead {
            return;
        }
        if self.dead {
            self.clone_from(other);
            return;
        }
        for (mine, theirs) in self.slots.iter_mut().zip(&other.slots) {
            // A name that only one branch binds is that value wherever it is used without failing.
            mine.join(theirs);
        }
        self.places.retain(|place, _| other.places.contains_key(place));
        for (place, value) in &mut self.places {
            value.join(&other.places[place]);
        }
    }
}

/// What a frame belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// The module.
    Module,
    /// A function.
    Function(u32),
    /// A class body.
    Class(u32),
}

/// One scope being walked.
pub struct Frame<'a> {
    /// What it belongs to.
    pub kind: FrameKind,
    /// Its names.
    pub table: &'a ScopeTable,
    /// Its values now.
    pub env: Env,
    /// For each name, everything ever assigned: what closures see.
    pub ever: Vec<Value>,
    /// What `return` gave so far.
    pub returns: Value,
    /// What `yield` gave so far.
    pub yields: Value,
    /// Environments at the `break`s of the loops around this point.
    pub breaks: Vec<Option<Env>>,
    /// Loops around this point within this frame.
    pub loops: u32,
}

/// A finished function frame, as its inner functions see it.
pub struct Closure<'a> {
    table: &'a ScopeTable,
    values: Vec<Value>,
    class: Option<u32>,
    parent: Option<Rc<Closure<'a>>>,
}

/// A function body that waits for the scope around it to be finished.
struct Deferred<'a> {
    node: &'a StmtFunctionDef,
    index: u32,
    parameters: Vec<Value>,
    /// Filled when the enclosing function is finished.
    closure: Rc<RefCell<Option<Rc<Closure<'a>>>>>,
}

/// Names bound by a comprehension or a lambda.
pub type Overlay = Vec<(Name, Value)>;

/// The walk over one file.
pub struct Walker<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) file: FileId,
    pub(super) text: &'a str,
    pub(super) defs: &'a FileDefs,
    pub(super) output: FileOutput,
    pub(super) frames: Vec<Frame<'a>>,
    pub(super) overlays: Vec<Overlay>,
    pub(super) closure: Option<Rc<Closure<'a>>>,
    /// Values of the module's names once its body is finished.
    pub(super) globals: Option<Vec<Value>>,
    /// Names brought by star imports.
    pub(super) star_names: FxHashMap<Name, Value>,
    deferred: std::collections::VecDeque<Deferred<'a>>,
    pending: Vec<Rc<RefCell<Option<Rc<Closure<'a>>>>>>,
    /// Above zero while a walk only collects values.
    pub(super) silent: u32,
    /// Names (scope, slot) that are used somewhere.
    pub(super) used: FxHashSet<(u32, u32)>,
    /// Import bindings: where they stand, and what they import.
    pub(super) imported: Vec<super::imports::Binding>,
    pub(super) qualname: Vec<Arc<str>>,
    /// Nesting of `try` bodies that catch ImportError.
    pub(super) guarded_imports: u32,
    /// Nesting of the expression being evaluated.
    pub(super) depth: u32,
    /// The attribute or subscript directly around the expression that is evaluated next.
    pub(super) outer: Option<TextRange>,
    /// The call that is the whole of the current statement.
    pub(super) statement_call: Option<TextRange>,
    /// Whether the expression that is evaluated next is mapped over one sequence.
    pub(super) mapped: bool,
    /// Nesting of questions for what iterating something gives.
    pub(super) iterating: u8,
    /// What became of values that left their library or their device, by the call that gave them.
    pub(super) trails: FxHashMap<TextRange, super::emit::Trail>,
    /// Nesting of f-string fields that show their own text: `{a + b=}`.
    pub(super) shown: u32,
}

impl<'a> Walker<'a> {
    /// A walk over `file`.
    pub fn new(context: &'a Context<'a>, file: FileId) -> Self {
        let index = file as usize;
        let defs = &context.world.defs[index];
        let mut output = FileOutput::default();
        output.summary.returns = vec![Value::default(); defs.functions.len()];
        output.summary.attributes = vec![FxHashMap::default(); defs.classes.len()];
        output.summary.bases = vec![Vec::new(); defs.classes.len()];
        Self {
            context,
            file,
            text: &context.files[index].text,
            defs,
            output,
            frames: Vec::new(),
            overlays: Vec::new(),
            closure: None,
            globals: None,
            star_names: FxHashMap::default(),
            deferred: std::collections::VecDeque::new(),
            pending: Vec::new(),
            silent: 0,
            used: FxHashSet::default(),
            imported: Vec::new(),
            qualname: Vec::new(),
            guarded_imports: 0,
            depth: 0,
            trails: FxHashMap::default(),
            iterating: 0,
            outer: None,
            statement_call: None,
            mapped: false,
            shown: 0,
        }
    }

    /// Walks the file.
    pub fn run(mut self) -> FileOutput {
        let module = &self.context.modules[self.file as usize];
        self.push_frame(FrameKind::Module, &self.defs.scope);
        for (name, value) in &self.context.world.summaries[self.file as usize].global_writes {
            if let Some(&slot) = self.defs.scope.slots.get(name) {
                self.frames[0].ever[slot as usize].join(value);
            }
        }
        self.statements(&module.tree.body);
        if let Some(frame) = self.frames.pop() {
            self.finish_module(frame);
        }
        while let Some(next) = self.deferred.pop_front() {
            self.function_body(next);
        }
        self.read_stars();
        let mut output = self.output;
        super::imports::report_unused(self.context, self.file, &self.imported, &self.used, &mut output);
        output
            .findings
            .sort_by(|a, b| (a.range.start(), a.range.end(), a.code, &a.name).cmp(&(b.range.start(), b.range.end(), b.code, &b.name)));
        output.findings.dedup_by(|a, b| a.range == b.range && a.code == b.code && a.name == b.name);
        output
    }

    fn read_stars(&mut self) {
        if let Some(all) = &self.defs.all {
            for name in all {
                if let Some(&slot) = self.defs.scope.slots.get(name) {
                    self.used.insert((self.defs.scope.id, slot));
                }
            }
        }
    }

    fn finish_module(&mut self, frame: Frame<'a>) {
        let writes = &self.context.world.summaries[self.file as usize].global_writes;
        let mut values = if frame.env.dead { frame.ever } else { frame.env.slots };
        for (name, &slot) in &self.defs.scope.slots {
            let value = &mut values[slot as usize];
            if let Some(written) = writes.get(name) {
                value.join(written);
            }
            if !value.is_bottom() {
                self.output.summary.globals.insert(name.clone(), value.clone());
            }
        }
        for (name, value) in &self.star_names {
            self.output.summary.globals.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self.globals = Some(values);
    }

    pub(super) fn push_frame(&mut self, kind: FrameKind, table: &'a ScopeTable) {
        let n = table.slots.len();
        self.frames.push(Frame {
            kind,
            table,
            env: Env { slots: vec![Value::default(); n], ..Env::default() },
            ever: vec![Value::default(); n],
            returns: Value::default(),
            yields: Value::default(),
            breaks: Vec::new(),
            loops: 0,
        });
    }

    /// The innermost frame. There is always one while statements are walked.
    pub(super) fn top(&mut self) -> &mut Frame<'a> {
        self.frames.last_mut().expect("a frame is pushed before anything is walked")
    }

    // --- names ---------------------------------------------------------------------------------------------------

    /// The value of `name` at this point.
    pub(super) fn lookup(&mut self, name: &Name) -> Value {
        for overlay in self.overlays.iter().rev() {
            if let Some((_, value)) = overlay.iter().rev().find(|(n, _)| n == name) {
                return value.clone();
            }
        }
        let top = self.frames.len().saturating_sub(1);
        let mut forced_global = false;
        for at in (0..self.frames.len()).rev() {
            let frame = &self.frames[at];
            if at != top && matches!(frame.kind, FrameKind::Class(_)) {
                continue;
            }
            if frame.table.globals.contains(name) {
                forced_global = true;
                break;
            }
            if let Some(&slot) = frame.table.slots.get(name) {
                self.used.insert((frame.table.id, slot));
                let value = &frame.env.slots[slot as usize];
                if !value.is_bottom() {
                    return value.clone();
                }
                if matches!(frame.kind, FrameKind::Function(_)) {
                    return frame.ever[slot as usize].clone();
                }
            }
        }
        if !forced_global {
            let mut closure = self.closure.as_deref();
            while let Some(scope) = closure {
                if let Some(&slot) = scope.table.slots.get(name) {
                    self.used.insert((scope.table.id, slot));
                    return scope.values[slot as usize].clone();
                }
                closure = scope.parent.as_deref();
            }
        }
        if let Some(&slot) = self.defs.scope.slots.get(name) {
            self.used.insert((self.defs.scope.id, slot));
            if let Some(globals) = &self.globals {
                let value = &globals[slot as usize];
                if !value.is_bottom() {
                    return value.clone();
                }
            }
        }
        if let Some(value) = self.star_names.get(name) {
            return value.clone();
        }
        // Builtins are facts like any other, under their own names.
        let builtin = format!("builtins.{name}");
        if self.context.rules.facts.get(&builtin).is_some() || super::call::is_special_builtin(name) {
            return Atom::External(builtin.into()).into();
        }
        Value::unknown()
    }

    /// Whether `name` is a builtin here: bound by no scope.
    pub(super) fn is_builtin(&mut self, name: &Name) -> bool {
        matches!(self.lookup(name).single(), Some(Atom::External(q)) if q.strip_prefix("builtins.") == Some(name.as_str()))
    }

    /// Binds `name`.
    pub(super) fn assign_name(&mut self, name: &Name, value: Value) {
        let value = value.bounded();
        if let Some(overlay) = self.overlays.last_mut()
            && let Some((_, old)) = overlay.iter_mut().rev().find(|(n, _)| n == name)
        {
            *old = value;
            return;
        }
        let is_global = self.top().table.globals.contains(name);
        let at_module = matches!(self.top().kind, FrameKind::Module);
        if is_global && !at_module {
            self.output.summary.global_writes.entry(name.clone()).or_default().join(&value);
            return;
        }
        let frame = self.top();
        if let Some(&slot) = frame.table.slots.get(name) {
            let slot = slot as usize;
            frame.ever[slot].join(&value);
            frame.env.slots[slot] = value;
            let prefix = format!("{name}.");
            frame.env.places.retain(|place, _| !place.starts_with(&prefix));
        }
        if let FrameKind::Class(class) = self.top().kind {
            let value = self.top_value(name);
            self.output.summary.attributes[class as usize].entry(name.clone()).or_default().join(&value);
        }
    }

    fn top_value(&self, name: &Name) -> Value {
        let Some(frame) = self.frames.last() else { return Value::default() };
        frame.table.slots.get(name).map(|&slot| frame.env.slots[slot as usize].clone()).unwrap_or_default()
    }

    // --- statements ----------------------------------------------------------------------------------------------

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
                let value = s.value.as_deref().map_or_else(|| Atom::None.into(), |value| self.eval(value));
                let frame = self.top();
                if !frame.env.dead {
                    frame.returns.join(&value);
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
                    let value = self.eval_context_manager(&item.context_expr, s.is_async);
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

    /// Walks a loop body twice: first to see what it changes, then, with that known, for good.
    fn looped(&mut self, body: impl Fn(&mut Self), may_skip: bool) {
        let entry = self.top().env.clone();
        let frame = self.top();
        frame.loops += 1;
        frame.breaks.push(None);
        if self.silent == 0 {
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
        self.guarded_imports += u32::from(guards);
        self.statements(&s.body);
        self.guarded_imports -= u32::from(guards);
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

    // --- definitions ---------------------------------------------------------------------------------------------

    fn function_def(&mut self, def: &'a StmtFunctionDef) {
        let Some(id) = self.defs.function_at(self.file, def.name.range().start()) else { return };
        for decorator in &def.decorator_list {
            self.eval_role(&decorator.expression, super::expr::Role::Decorator);
        }
        if let Some(returns) = &def.returns {
            let declared = self.annotation(returns);
            // A declared return kind holds for callers, even before the body was seen.
            self.output.summary.returns[id.index as usize] = declared;
        }
        let comments = self.signature_comment(def);
        let parameters = self.parameter_values(def, id, comments);
        if self.silent == 0 && !self.deferred.iter().any(|d| d.index == id.index) {
            let slot = Rc::new(RefCell::new(None));
            self.pending.push(Rc::clone(&slot));
            self.deferred.push_back(Deferred { node: def, index: id.index, parameters, closure: slot });
        }
        let decorated = def.decorator_list.iter().any(|d| !keeps_the_function(&d.expression));
        let value =
            if decorated { Value { atoms: smallvec::smallvec![Atom::Function(id)], origin: None } } else { Atom::Function(id).into() };
        self.assign_name(&def.name.id, value);
    }

    /// What each parameter may be: its annotation, else what callers pass and what its default is.
    fn parameter_values(&mut self, def: &'a StmtFunctionDef, id: FunctionId, comments: Option<Vec<Value>>) -> Vec<Value> {
        let mut values = Vec::new();
        let function = self.context.world.function(id);
        let mut annotations: Vec<Option<&'a Expr>> = Vec::new();
        let mut defaults: Vec<Option<&'a Expr>> = Vec::new();
        let list = &def.parameters;
        for p in list.posonlyargs.iter().chain(&list.args) {
            annotations.push(p.parameter.annotation.as_deref());
            defaults.push(p.default());
        }
        if let Some(p) = &list.vararg {
            annotations.push(p.annotation.as_deref());
            defaults.push(None);
        }
        for p in &list.kwonlyargs {
            annotations.push(p.parameter.annotation.as_deref());
            defaults.push(p.default());
        }
        if let Some(p) = &list.kwarg {
            annotations.push(p.annotation.as_deref());
            defaults.push(None);
        }
        let is_method = function.class.is_some() && !function.is_static;
        for (i, parameter) in function.parameters.iter().enumerate() {
            let default = defaults[i].map(|default| self.eval(default));
            let mut value = match annotations[i] {
                Some(annotation) => {
                    let declared = self.annotation(annotation);
                    let mut declared = declared.with_origin(self.file, annotation.range(), How::Annotation);
                    if let Some(default) = &default
                        && default.single().is_none()
                        && default.atoms.contains(&Atom::None)
                    {
                        declared.add(&Atom::None);
                    }
                    declared
                }
                None if is_method && i == 0 => self.receiver_value(function.class, function.is_classmethod),
                None => {
                    let offset = i.wrapping_sub(usize::from(is_method));
                    match comments
                        .as_ref()
                        .and_then(|list| if list.len() == function.parameters.len() { list.get(i) } else { list.get(offset) })
                    {
                        Some(value) => value.clone(),
                        None => self.inferred_parameter(id, i, default.as_ref()),
                    }
                }
            };
            if annotations[i].is_some() || !(is_method && i == 0) {
                value = match parameter.passing {
                    Passing::Star => Atom::TupleOf(Arc::new(value)).into(),
                    Passing::DoubleStar => Atom::Dict(Arc::new((Atom::Str.into(), value))).into(),
                    _ => value,
                };
            }
            values.push(value);
        }
        values
    }

    fn receiver_value(&self, class: Option<u32>, is_classmethod: bool) -> Value {
        let Some(index) = class else { return Value::unknown() };
        let id = super::value::ClassId { file: self.file, index };
        if is_classmethod { Atom::Class(id).into() } else { Atom::Object(id).into() }
    }

    /// What callers pass, what the default is, and, where that leaves everything open, how the body uses it.
    fn inferred_parameter(&mut self, id: FunctionId, index: usize, default: Option<&Value>) -> Value {
        let mut value = self.context.world.summaries[id.file as usize]
            .arguments
            .get(&(id.index, u32::try_from(index).unwrap_or(u32::MAX)))
            .cloned()
            .unwrap_or_default();
        if let Some(origin) = &mut value.origin {
            origin.how = How::Argument;
        }
        let function = self.context.world.function(id);
        if function.qualname.ends_with("forward")
            && value.is_bottom()
            && index > 0
            && let Some(tag) = self.module_input(function.class)
        {
            return Value::from(Atom::Array(tag));
        }
        if let Some(default) = default {
            let says_nothing = default.atoms.iter().all(|a| matches!(a, Atom::None));
            if value.is_bottom() {
                value = if says_nothing { Value::unknown() } else { default.clone() };
                if let Some(origin) = &mut value.origin {
                    origin.how = How::Default;
                }
            }
            value.join(default);
        }
        if value.is_bottom() {
            value = Value::unknown();
        }
        if value.array().is_none() && value.may_be_unknown() {
            let uses = &function.parameters[index].used_attributes;
            if let Some(tag) = self.array_by_use(uses) {
                value.add(&Atom::Array(tag));
                let at = value.origin.map_or(TextRange::default(), |o| o.range);
                value = value.with_origin(self.file, at, How::Usage);
            }
        }
        value
    }

    fn function_body(&mut self, deferred: Deferred<'a>) {
        let function = &self.defs.functions[deferred.index as usize];
        self.closure = deferred.closure.borrow().clone();
        self.overlays.clear();
        self.pending.clear();
        self.qualname = vec![Arc::clone(&function.qualname)];
        self.push_frame(FrameKind::Function(deferred.index), &function.scope);
        if self.context.policy.fixes {
            self.note_array_parameters(deferred.node, deferred.index, &deferred.parameters);
        }
        for (parameter, value) in function.parameters.iter().zip(deferred.parameters) {
            self.assign_name(&parameter.name, value);
        }
        self.statements(&deferred.node.body);
        let Some(frame) = self.frames.pop() else { return };
        let mut returned = frame.returns;
        if !frame.env.dead {
            returned.join(&Atom::None.into());
        }
        if function.generator {
            returned = Atom::Iter(Arc::new(frame.yields)).into();
        }
        let summary = &mut self.output.summary.returns[deferred.index as usize];
        // An annotation that says something holds; else what the body gives.
        if deferred.node.returns.is_none() || summary.may_be_unknown() {
            let abstract_body = deferred.node.returns.is_none() && is_abstract(&deferred.node.body);
            *summary = if abstract_body { Value::unknown() } else { returned.bounded() };
        }
        let parent = self.closure.take();
        let closure = Rc::new(Closure { table: frame.table, values: frame.ever, class: function.class, parent });
        for slot in self.pending.drain(..) {
            *slot.borrow_mut() = Some(Rc::clone(&closure));
        }
        self.qualname.clear();
    }

    /// Remembers which parameters are arrays, for targets whose functions begin by asking them for their namespace.
    fn note_array_parameters(&mut self, def: &StmtFunctionDef, index: u32, values: &[Value]) {
        let mut found = crate::rewrite::ArrayParameters { range: def.range(), names: Vec::new(), guessed: false };
        for (parameter, value) in self.defs.functions[index as usize].parameters.iter().zip(values) {
            let (name, value) = match (parameter.passing, value.single()) {
                (Passing::Star, Some(Atom::TupleOf(element))) => (format!("*{}", parameter.name), (**element).clone()),
                (Passing::Star | Passing::DoubleStar, _) => continue,
                _ => (parameter.name.to_string(), value.clone()),
            };
            if value.is_surely_array() && value.arrays().any(|tag| !tag.scalar) {
                found.guessed |= !parameter.annotated;
                found.names.push(name);
            }
        }
        self.output.functions.push(found);
    }

    /// The class whose method is being walked, for `super()`.
    pub(super) fn enclosing_class(&self) -> Option<u32> {
        for frame in self.frames.iter().rev() {
            match frame.kind {
                FrameKind::Function(index) => {
                    if let Some(class) = self.defs.functions[index as usize].class {
                        return Some(class);
                    }
                }
                FrameKind::Class(class) => return Some(class),
                FrameKind::Module => {}
            }
        }
        let mut closure = self.closure.as_deref();
        while let Some(scope) = closure {
            if scope.class.is_some() {
                return scope.class;
            }
            closure = scope.parent.as_deref();
        }
        None
    }

    fn class_def(&mut self, def: &'a StmtClassDef) {
        let Some(id) = self.defs.class_at(self.file, def.name.range().start()) else { return };
        for decorator in &def.decorator_list {
            self.eval_role(&decorator.expression, super::expr::Role::Decorator);
        }
        let mut bases = Vec::new();
        if let Some(arguments) = &def.arguments {
            for base in &arguments.args {
                let value = self.eval_role(base, super::expr::Role::BaseClass);
                bases.push(value);
            }
            for keyword in &arguments.keywords {
                self.eval(&keyword.value);
            }
        }
        self.report_class(def, &bases);
        self.output.summary.bases[id.index as usize] = bases;
        let class = &self.defs.classes[id.index as usize];
        self.push_frame(FrameKind::Class(id.index), &class.scope);
        self.qualname.push(Arc::clone(&class.qualname));
        let overlays = std::mem::take(&mut self.overlays);
        self.statements(&def.body);
        self.overlays = overlays;
        self.qualname.pop();
        self.frames.pop();
        self.assign_name(&def.name.id, Atom::Class(id).into());
    }

    /// Dotted name of the definition around this point.
    pub(super) fn scope_name(&self) -> String {
        self.qualname.last().map(|name| name.to_string()).unwrap_or_default()
    }

    /// Whether this point lies in a loop of its function.
    pub(super) fn in_loop(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.loops > 0)
    }

    /// The `# type:` comment that follows `offset` on its line.
    fn type_comment(&mut self, offset: TextSize) -> Option<Value> {
        if self.defs.type_comments.is_empty() {
            return None;
        }
        let at = self.defs.type_comments.partition_point(|range| range.start() < offset);
        let comment = *self.defs.type_comments.get(at)?;
        let between = self.text.get(offset.to_usize()..comment.start().to_usize())?;
        if between.contains('\n') {
            return None;
        }
        let (range, _) = self.type_comment_body(comment)?;
        self.annotation_text(range)
    }

    fn type_comment_body(&self, comment: TextRange) -> Option<(TextRange, &'a str)> {
        let (start, body) = super::defs::type_comment_body(comment, self.text)?;
        Some((TextRange::at(start, TextSize::try_from(body.len()).ok()?), body))
    }

    /// The signature comment of a function: `# type: (int, str) -> float` in the first line of its body.
    fn signature_comment(&mut self, def: &'a StmtFunctionDef) -> Option<Vec<Value>> {
        if self.defs.type_comments.is_empty() {
            return None;
        }
        let first = def.body.first()?;
        let from = self.defs.type_comments.partition_point(|range| range.start() < def.parameters.range().end());
        let comment = *self.defs.type_comments.get(from).filter(|range| range.end() <= first.range().start())?;
        let (range, body) = self.type_comment_body(comment)?;
        let arrow = body.rfind("->")?;
        let open = body.find('(')?;
        let close = body[..arrow].rfind(')')?;
        let inner = TextRange::new(range.start() + TextSize::try_from(open).ok()?, range.start() + TextSize::try_from(close + 1).ok()?);
        let returns = TextRange::new(
            range.start() + TextSize::try_from(arrow + 2 + (body[arrow + 2..].len() - body[arrow + 2..].trim_start().len())).ok()?,
            range.end(),
        );
        if let (Some(value), Some(id)) = (self.annotation_text(returns), self.defs.function_at(self.file, def.name.range().start())) {
            self.output.summary.returns[id.index as usize] = value;
        }
        match body[open..=close].trim() {
            "()" | "(...)" => None,
            _ => self.annotation_list(inner),
        }
    }
}

/// Decorators that leave a function what it is for its callers.
fn keeps_the_function(decorator: &Expr) -> bool {
    matches!(
        super::defs::last_name(decorator),
        Some("staticmethod" | "classmethod" | "property" | "wraps" | "lru_cache" | "cache" | "abstractmethod" | "override")
    )
}

/// A body that only says that others implement it.
fn is_abstract(body: &[Stmt]) -> bool {
    body.iter().all(|stmt| match stmt {
        Stmt::Pass(_) | Stmt::Raise(_) => true,
        Stmt::Expr(s) => matches!(&*s.value, Expr::StringLiteral(_) | Expr::EllipsisLiteral(_)),
        _ => false,
    })
}

/// Whether an `except` clause catches a failed import.
fn catches_import_error(class: Option<&Expr>) -> bool {
    match class {
        None => true,
        Some(Expr::Tuple(tuple)) => tuple.elts.iter().any(|e| catches_import_error(Some(e))),
        Some(expr) => matches!(super::defs::last_name(expr), Some("ImportError" | "ModuleNotFoundError" | "Exception" | "BaseException")),
    }
}
