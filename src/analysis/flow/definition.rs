//! Functions and classes: parameters, bodies, and the comments that type them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::{Expr, ExprLambda, StmtClassDef, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::decorator::Decorations;
use super::defs::Use;
use super::dict::Dict;
use super::scope::{Closure, FrameKind};
use super::value::{Atom, FunctionId, How, Origin, Value};
use super::walk::Walker;
use crate::rules::signature::Passing;

/// A function body that waits for the scope around it to be finished.
pub struct Deferred<'a> {
    /// Its definition.
    node: &'a StmtFunctionDef,
    /// Its number in the file.
    index: u32,
    /// What its parameters may be.
    parameters: Vec<Value>,
    /// Filled when the enclosing function is finished.
    closure: Rc<RefCell<Option<Rc<Closure<'a>>>>>,
}

impl<'a> Walker<'a> {
    pub(super) fn function_def(&mut self, def: &'a StmtFunctionDef) {
        let Some(id) = self.defs.function_at(self.file, def.name.range().start()) else { return };
        let decorations = self.decorations(def, id);
        if let Some(returns) = &def.returns {
            let declared = self.annotation(returns);
            // A declared return kind holds for callers, even before the body was seen.
            self.output.summary.returns[id.index as usize] = declared;
        }
        let comments = self.signature_comment(def);
        let parameters = self.parameter_values(def, id, comments, &decorations);
        if self.silent == 0 && !self.deferred.iter().any(|d| d.index == id.index) {
            let slot = Rc::new(RefCell::new(None));
            self.pending.push(Rc::clone(&slot));
            self.deferred.push_back(Deferred { node: def, index: id.index, parameters, closure: slot });
        }
        self.assign_name(&def.name.id, decorations.bound);
    }

    /// What each parameter may be: its annotation, else what callers pass and what its default is.
    fn parameter_values(
        &mut self,
        def: &'a StmtFunctionDef,
        id: FunctionId,
        comments: Option<Vec<Value>>,
        decorations: &Decorations,
    ) -> Vec<Value> {
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
                annotation if !self.context.policy.kinds => {
                    annotation.into_iter().for_each(|annotation| drop(self.annotation(annotation)));
                    Value::unknown()
                }
                Some(annotation) if !parameter.annotated => {
                    // `Any` is for readers.
                    self.annotation(annotation);
                    self.inferred_parameter(id, i, default.as_ref(), decorations)
                }
                Some(annotation) => {
                    let declared = self.annotation(annotation);
                    if is_method && !declared.may_be_unknown() {
                        let key = (id.index, u32::try_from(i).unwrap_or(u32::MAX));
                        self.output.summary.declared.insert(key, declared.clone());
                    }
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
                        None => self.inferred_parameter(id, i, default.as_ref(), decorations),
                    }
                }
            };
            if annotations[i].is_some() || !(is_method && i == 0) {
                value = match parameter.passing {
                    Passing::Star => Atom::TupleOf(Arc::new(value)).into(),
                    Passing::DoubleStar if !parameter.annotated && matches!(value.single(), Some(Atom::Dict(_))) => value,
                    Passing::DoubleStar => Dict::of(Atom::Str.into(), value).into_atom().into(),
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

    /// What callers or the test runner pass, what the default is, and, where that leaves everything open, how the body uses it.
    fn inferred_parameter(&mut self, id: FunctionId, index: usize, default: Option<&Value>, decorations: &Decorations) -> Value {
        let mut value = self.passed_by_callers(id, index);
        let function = self.context.world.function(id);
        let name = &function.parameters[index].name;
        if let Some((_, listed)) = decorations.given.iter().find(|(n, _)| n == name) {
            value.join(listed);
        }
        if value.is_bottom() && default.is_none() {
            value = self.fixture(function.class, name).unwrap_or_default();
        }
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
        value.settle_parts();
        if value.is_bottom() {
            value = Value::unknown();
        }
        if let Some(text) = &function.parameters[index].documented {
            let mut documented = self.documented(text);
            let range = self.defs.functions[id.index as usize].named_at;
            documented.origin = Some(Origin { file: self.file, range, how: How::Documented });
            // What the body does with it is the better witness.
            if documented.array().is_some() || self.array_by_use(&function.parameters[index].uses, false).is_none() {
                super::docstring::settle(&mut value, &documented);
            }
        }
        self.settle_by_use(&mut value, &function.parameters[index].uses);
        let uses = &function.parameters[index].uses;
        if let Some(tag) = decorations.kernel
            && value.array().is_none()
            && value.may_be_unknown()
            && uses.iter().any(|u| matches!(u, Use::Index | Use::Axes))
            && !uses.contains(&Use::Key)
        {
            value = Value::unknown().joined(&Atom::Array(tag).into());
            value.origin = Some(Origin { file: self.file, range: function.named_at, how: How::Usage });
        }
        value
    }

    /// What callers pass for a parameter; nothing where none was seen.
    fn passed_by_callers(&self, id: FunctionId, index: usize) -> Value {
        let arguments = &self.context.world.summaries[id.file as usize].arguments;
        let mut value = arguments.get(&(id.index, u32::try_from(index).unwrap_or(u32::MAX))).cloned().unwrap_or_default();
        if let Some(origin) = &mut value.origin {
            origin.how = How::Argument;
        }
        // What a library of its own kind wraps, others pass as an array.
        let passed = value.atoms.len();
        value.atoms.retain(|atom| !matches!(atom, Atom::Instance(class) if self.is_foreign_class(class)));
        if value.atoms.len() < passed {
            value.add(&Atom::Unknown);
        }
        value
    }

    /// Where it is open what a parameter is, its function may use it as an array.
    fn settle_by_use(&mut self, value: &mut Value, uses: &'a [Use]) {
        if value.array().is_some() || !value.may_be_unknown() {
            return;
        }
        let Some(tag) = self.array_by_use(uses, false) else { return };
        if value.atoms.contains(&Atom::Crowd) {
            *value = Value { origin: value.origin, ..Value::unknown() };
        }
        value.add(&Atom::Array(tag));
        // Where callers pass something unknown, it may be in another file.
        let origin = value.origin.unwrap_or(Origin { file: self.file, range: TextRange::default(), how: How::Usage });
        value.origin = Some(Origin { how: How::Usage, ..origin });
    }

    /// A lambda: a function of which the body is evaluated where it stands, with what its callers pass.
    pub(super) fn lambda(&mut self, lambda: &'a ExprLambda) -> Value {
        let id = self.defs.function_at(self.file, lambda.range.start());
        let mut overlay = Vec::new();
        for (i, p) in lambda.parameters.iter().flat_map(|list| list.iter()).enumerate() {
            let default = p.default().map(|default| self.eval(default));
            overlay.push((p.name().id.clone(), self.lambda_parameter(id, i, default)));
        }
        self.overlays.push(overlay);
        let result = self.eval(&lambda.body);
        self.overlays.pop();
        let Some(id) = id else { return Atom::Callable(Arc::new(result)).into() };
        let function = self.context.world.function(id);
        if !function.hands_back.is_empty() {
            let own = if function.only_hands_back(&lambda.body) { Value::default() } else { result.clone() };
            self.output.summary.own_returns[id.index as usize] = Some(own.bounded());
        }
        self.output.summary.returns[id.index as usize] = result.bounded();
        Atom::Function(id).into()
    }

    fn lambda_parameter(&mut self, id: Option<FunctionId>, index: usize, default: Option<Value>) -> Value {
        let Some((id, parameter)) = id.and_then(|id| Some((id, self.context.world.function(id).parameters.get(index)?))) else {
            return default.unwrap_or_else(Value::unknown);
        };
        let mut value = self.passed_by_callers(id, index);
        default.iter().for_each(|default| value.join(default));
        value.settle_parts();
        if value.is_bottom() {
            value = Value::unknown();
        }
        self.settle_by_use(&mut value, &parameter.uses);
        match parameter.passing {
            Passing::Star => Atom::TupleOf(Arc::new(value)).into(),
            Passing::DoubleStar if !matches!(value.single(), Some(Atom::Dict(_))) => Dict::of(Atom::Str.into(), value).into_atom().into(),
            _ => value,
        }
    }

    pub(super) fn function_body(&mut self, deferred: Deferred<'a>) {
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
        let mut own = frame.own_returns;
        if !frame.env.dead {
            returned.join(&Atom::None.into());
            own.join(&Atom::None.into());
        }
        if function.generator {
            returned = Atom::Iter(Arc::new(frame.yields)).into();
        }
        let summary = &mut self.output.summary.returns[deferred.index as usize];
        // An annotation that says something holds; else what the body gives.
        if deferred.node.returns.is_none() || summary.may_be_unknown() {
            let abstract_body = deferred.node.returns.is_none() && function.is_abstract;
            if !function.hands_back.is_empty() {
                self.output.summary.own_returns[deferred.index as usize] = Some(own.bounded());
            }
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

    pub(super) fn class_def(&mut self, def: &'a StmtClassDef) {
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

    /// The `# type:` comment that follows `offset` on its line.
    pub(super) fn type_comment(&mut self, offset: TextSize) -> Option<Value> {
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
    pub(super) fn signature_comment(&mut self, def: &'a StmtFunctionDef) -> Option<Vec<Value>> {
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
