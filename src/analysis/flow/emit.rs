//! Findings: what the walk reports, with the evidence for it.

use std::sync::Arc;

use ruff_python_ast::{Expr, ExprAttribute, ExprCall, ExprSubscript, StmtClassDef};
use ruff_text_size::{Ranged, TextRange};

use super::call::Argument;
use super::expr::Role;
use super::value::{ArrayTag, Atom, Dtype, How, Place, Value};
use super::walk::Walker;
use crate::codes::{self, Code};
use crate::finding::{Confidence, Finding, Note};
use crate::rules::library::Member;
use crate::rules::{Trait, Traits};

/// Evidence longer than this is cut.
const LONGEST_EXCERPT: usize = 60;

impl<'a> Walker<'a> {
    /// Adds a finding, unless this walk is silent or nobody wants it.
    #[allow(clippy::too_many_arguments, reason = "a finding has as many parts")]
    pub(super) fn report(
        &mut self,
        code: Code,
        confidence: Confidence,
        range: TextRange,
        name: &str,
        message: String,
        notes: Vec<Note>,
        help: Option<String>,
    ) {
        let path = &self.context.files[self.file as usize].path;
        if self.silent > 0 || confidence < self.context.policy.confidence || !self.context.policy.enabled_at(code, path) {
            return;
        }
        self.output.findings.push(Finding {
            code,
            severity: self.context.policy.severity(code),
            confidence,
            range,
            name: name.to_owned(),
            message,
            notes,
            help,
            scope: self.scope_name(),
        });
    }

    fn is_governed(&self, qualified: &str) -> bool {
        self.context.rules.facts.library_of(qualified).is_some_and(|l| self.context.governed[usize::from(l)])
    }

    fn governs(&self, tag: ArrayTag) -> bool {
        self.context.governed[usize::from(tag.library)]
    }

    // --- imports and names ---------------------------------------------------------------------------------------

    pub(super) fn report_import(&mut self, qualified: &str, range: TextRange, code: Code) {
        let path = Arc::clone(&self.context.files[self.file as usize].path);
        if let Some(boundary) = self.context.policy.breached(&path, qualified) {
            let reason = if boundary.reason.is_empty() { String::new() } else { format!(": {}", boundary.reason) };
            let message = format!("`{qualified}` is imported outside the boundary of `{}`{reason}", boundary.module);
            let allowed: Vec<&str> = boundary.allow.iter().map(crate::policy::PathGlob::pattern).collect();
            let help =
                if allowed.is_empty() { "no file may import it".into() } else { format!("only {} may import it", allowed.join(", ")) };
            self.report(codes::BOUNDARY, Confidence::Certain, range, qualified, message, Vec::new(), Some(help));
        }
        let Some(library) = self.context.rules.facts.library_of(qualified) else { return };
        let facts = self.context.rules.facts.library(library);
        let place = self.placement();
        if self.context.governed[usize::from(library)] {
            let verb = if code == codes::REEXPORTED_IMPORT { "is imported through another module of the project" } else { "is imported" };
            self.report(
                code,
                Confidence::Certain,
                range,
                qualified,
                format!("`{qualified}` ({}) {verb}{place}", facts.title),
                Vec::new(),
                None,
            );
        } else if facts.array.is_some() || self.is_ecosystem(library) {
            self.report(
                codes::ECOSYSTEM_IMPORT,
                Confidence::Certain,
                range,
                qualified,
                format!("`{qualified}` ({}) is imported{place}", facts.title),
                Vec::new(),
                None,
            );
        }
    }

    /// Every library with a file of its own counts, Python itself does not.
    fn is_ecosystem(&self, library: u8) -> bool {
        !self.context.rules.facts.is_absolute(library)
    }

    fn placement(&self) -> String {
        let in_function = self.frames.iter().any(|f| matches!(f.kind, super::walk::FrameKind::Function(_)));
        match (in_function, self.guarded_imports > 0) {
            (true, true) => " inside a function, where it may fail".into(),
            (true, false) => " inside a function".into(),
            (false, true) => " where it may fail".into(),
            (false, false) => String::new(),
        }
    }

    /// A name of a library that is used otherwise than by calling it.
    pub(super) fn report_reference(&mut self, expr: &'a Expr, value: &Value, role: Role, outer: Option<TextRange>) {
        // A decorator is called with one argument, like a function that is mapped.
        let mapped = std::mem::take(&mut self.mapped) || role == Role::Decorator;
        if self.silent > 0 || matches!(role, Role::Callee | Role::Base | Role::BaseClass) {
            return;
        }
        if let Some(Atom::External(name)) = value.single() {
            self.check_own(expr, name);
        }
        let Some(name) = value.atoms.iter().find_map(|a| match a {
            Atom::External(name) if self.is_governed(name) => Some(Arc::clone(name)),
            _ => None,
        }) else {
            return;
        };
        let confidence = if value.operands().all(|a| matches!(a, Atom::External(_))) { Confidence::Certain } else { Confidence::Possible };
        let traits = self.context.rules.facts.get(&name).map(|f| f.traits).unwrap_or_default();
        let (code, what) = match role {
            Role::Annotation => (codes::ANNOTATION, "in an annotation"),
            Role::Isinstance => (codes::ISINSTANCE_CHECK, "in a run-time type check"),
            Role::Decorator => (specific(traits).unwrap_or(codes::API_REFERENCE), "as a decorator"),
            _ => (specific(traits).unwrap_or(codes::API_REFERENCE), "as a value"),
        };
        let help = self.counterpart(&name);
        self.report(code, confidence, expr.range(), &name, format!("`{name}` {what}"), Vec::new(), help);
        if confidence == Confidence::Certain {
            self.fix_mention(expr.range(), &name, None, outer, mapped);
        }
    }

    /// What the target offers for a library's name.
    fn counterpart(&self, name: &str) -> Option<String> {
        self.context.rules.counterpart(name)
    }

    pub(super) fn report_class(&mut self, def: &'a StmtClassDef, bases: &[Value]) {
        let Some(arguments) = &def.arguments else { return };
        for (expr, value) in arguments.args.iter().zip(bases) {
            for atom in &value.atoms {
                match atom {
                    Atom::External(name) if self.is_governed(name) => {
                        let name = Arc::clone(name);
                        let traits = self.context.rules.facts.get(&name).map(|f| f.traits).unwrap_or_default();
                        let code = if traits.has(Trait::ModuleBase) {
                            codes::MODULE_SUBCLASS
                        } else {
                            specific(traits).unwrap_or(codes::API_REFERENCE)
                        };
                        self.report(
                            code,
                            Confidence::Certain,
                            expr.range(),
                            &name,
                            format!("class `{}` derives from `{name}`", def.name),
                            Vec::new(),
                            None,
                        );
                        self.fix_mention(expr.range(), &name, None, None, false);
                    }
                    Atom::Class(parent) => {
                        if let Some(tag) = self.module_array_of(*parent) {
                            let title = Arc::clone(&self.context.rules.facts.library(tag.library).title);
                            let parent = self.context.world.class(*parent).qualname.to_string();
                            let message = format!("class `{}` derives from `{parent}`, a module of {title}", def.name);
                            self.report(codes::MODULE_SUBCLASS, Confidence::Certain, expr.range(), &parent, message, Vec::new(), None);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    // --- attributes ----------------------------------------------------------------------------------------------

    pub(super) fn report_attribute(&mut self, attribute: &'a ExprAttribute, base: &Value, outer: Option<TextRange>) {
        if self.silent > 0 {
            return;
        }
        let Some(tag) = base.array().filter(|t| self.governs(*t)) else { return };
        let name = attribute.attr.as_str();
        let facts = &self.context.rules.facts;
        let Some((owner, member)) = facts.member(tag.class, name) else { return };
        let qualified = format!("{}.{name}", owner.name);
        let traits = facts.member_traits(tag.class, name);
        let code = match member {
            Member::Attribute(_) => specific(traits).unwrap_or(codes::ARRAY_ATTRIBUTE),
            Member::Method(_) => specific(traits).unwrap_or(codes::ARRAY_METHOD),
        };
        let confidence = sureness(base);
        let notes = self.evidence("receiver", base);
        let help = self.counterpart(&qualified);
        self.report(code, confidence, attribute.attr.range(), &qualified, format!("`{qualified}` of {}", self.describe(tag)), notes, help);
        self.fix_mention(attribute.range, &qualified, Some((&attribute.value, base)), outer, false);
    }

    // --- calls ---------------------------------------------------------------------------------------------------

    pub(super) fn report_call(
        &mut self,
        call: &'a ExprCall,
        callee: &Value,
        receiver: Option<&Value>,
        arguments: &[Argument<'a>],
        result: &Value,
        outer: Option<TextRange>,
    ) {
        self.follow_trail(call, callee, receiver, arguments);
        if self.silent > 0 {
            return;
        }
        self.fix_callee(call, callee, receiver, arguments, outer);
        let sure = callee.operands().count() <= 1;
        for atom in &callee.atoms {
            match atom {
                Atom::External(name) => {
                    let name = Arc::clone(name);
                    self.report_external_call(call, &name, sure, arguments);
                }
                Atom::LibraryMethod(on, name) => {
                    let (on, name) = (Arc::clone(on), Arc::clone(name));
                    self.report_method_call(call, &on, &name, receiver, arguments, result);
                }
                _ => {}
            }
        }
        // A method that only arrays have, on a receiver nothing is known of.
        if let (Expr::Attribute(attribute), Some(receiver)) = (&*call.func, receiver)
            && receiver.array().is_none()
            && receiver.may_be_unknown()
            && callee.may_be_unknown()
        {
            self.report_unknown_receiver(attribute);
        }
    }

    /// What the rules make of the call, over all that the callee may be.
    fn fix_callee(
        &mut self,
        call: &'a ExprCall,
        callee: &Value,
        receiver: Option<&Value>,
        arguments: &[Argument<'a>],
        outer: Option<TextRange>,
    ) {
        if !self.context.policy.fixes {
            return;
        }
        let facts = &self.context.rules.facts;
        let mut apis: Vec<Arc<str>> = Vec::new();
        let (mut others, mut method) = (false, false);
        for atom in callee.operands() {
            match atom {
                Atom::External(name) if self.is_governed(name) => apis.push(Arc::clone(name)),
                Atom::LibraryMethod(on, name) => {
                    let class = match on.atoms.first() {
                        Some(Atom::Array(tag)) if self.governs(*tag) => Some(tag.class),
                        Some(Atom::Instance(class)) if self.is_governed(class) => facts.class_named(class),
                        _ => None,
                    };
                    match class.and_then(|c| facts.member(c, name)) {
                        Some((owner, _)) => {
                            method = true;
                            apis.push(format!("{}.{name}", owner.name).into());
                        }
                        None => others = true,
                    }
                }
                _ => others = true,
            }
        }
        let on = match (&*call.func, receiver) {
            (Expr::Attribute(attribute), Some(value)) if method => Some((&*attribute.value, value)),
            _ => None,
        };
        if method && on.is_none() {
            others = true;
        }
        self.fix_call(call, &apis, others, on, arguments, outer);
    }

    fn report_unknown_receiver(&mut self, attribute: &'a ExprAttribute) {
        let name = attribute.attr.as_str();
        let facts = &self.context.rules.facts;
        let found = facts.libraries.iter().enumerate().filter(|(i, _)| self.context.governed[*i]).find_map(|(_, library)| {
            let class = library.array?;
            let traits = facts.member_traits(class, name);
            let code = specific(traits)?;
            Some((code, format!("{}.{name}", facts.class(class).name)))
        });
        if let Some((code, qualified)) = found {
            let message = format!("`.{name}()` of a value of unknown kind: if it is an array, this is `{qualified}`");
            self.report(code, Confidence::Unknown, attribute.attr.range(), &qualified, message, Vec::new(), None);
        }
    }

    fn report_external_call(&mut self, call: &'a ExprCall, name: &Arc<str>, sure: bool, arguments: &[Argument<'a>]) {
        let range = call.func.range();
        if let Some(builtin) = name.strip_prefix("builtins.") {
            return self.report_builtin_call(range, builtin, arguments);
        }
        if matches!(&**name, "importlib.import_module" | "importlib.util.find_spec") || name.starts_with("pickle.") {
            return self.report_stdlib_call(range, name, arguments);
        }
        if sure {
            self.check_own(&call.func, name);
        }
        if !self.is_governed(name) {
            return;
        }
        let confidence = if sure { Confidence::Certain } else { Confidence::Possible };
        let facts = &self.context.rules.facts;
        let traits = facts.get(name).map(|f| f.traits).unwrap_or_default();
        let first = arguments.first();
        if traits.has(Trait::Cast) {
            let to = facts.get(name).and_then(|f| f.cast.as_deref()).map_or(Dtype::Unknown, Dtype::parse);
            let from = first.map(|a| a.value.clone()).unwrap_or_default();
            self.report_cast(range, name, &from, to, confidence);
            return;
        }
        let converts = traits.has(Trait::ConvertIn) && first.is_some_and(|a| holds_array(&a.value));
        let code = if converts {
            codes::CONVERT_IN
        } else {
            match specific(traits) {
                Some(code) if !(traits.has(Trait::ConvertIn) && code == codes::CONVERT_IN) => code,
                _ if traits.has(Trait::DefaultTrap) => codes::DEFAULT_TRAP,
                _ => codes::API_CALL,
            }
        };
        let notes = match first {
            Some(argument) if converts => self.evidence("argument", &argument.value),
            _ => Vec::new(),
        };
        let message = match code {
            c if c == codes::CONVERT_IN => format!("`{name}` converts an array into {}", self.title_of(name)),
            c if c == codes::DEFAULT_TRAP => format!("call of `{name}`, whose defaults differ between libraries"),
            _ => format!("call of `{name}`"),
        };
        let help = self.counterpart(name);
        self.report(code, confidence, range, name, message, notes, help);
        if let Some(argument) = arguments.iter().find(|a| a.name == Some("dtype")) {
            let to = self.dtype_of(&argument.value, argument.expr);
            if let Some(tag) = first.and_then(|a| a.value.array()).filter(|t| self.governs(*t))
                && tag.dtype.narrows_to(to) == Some(true)
            {
                let message = format!("`dtype={}` narrows {} of {}", to.name(), self.describe(tag), tag.dtype.name());
                self.report(codes::NARROWING_CAST, confidence, argument.expr.range(), name, message, Vec::new(), None);
            }
        }
        if traits.has(Trait::Synchronize) && self.is_hot() {
            self.report_sync(range, name, confidence);
        }
    }

    fn title_of(&self, name: &str) -> Arc<str> {
        let facts = &self.context.rules.facts;
        facts.library_of(name).map_or_else(|| Arc::from(name), |l| Arc::clone(&facts.library(l).title))
    }

    fn report_builtin_call(&mut self, range: TextRange, builtin: &str, arguments: &[Argument<'a>]) {
        let Some(first) = arguments.first() else { return };
        match builtin {
            "float" | "int" | "bool" | "complex" => {
                let value = self.resolved(&first.value);
                match value.array().filter(|t| self.governs(*t)) {
                    Some(tag) => {
                        let message = format!("`{builtin}()` turns {} into a Python scalar", self.describe(tag));
                        let notes = self.evidence("argument", &first.value);
                        self.report(
                            codes::SCALAR_CAST,
                            sureness(&value),
                            range,
                            builtin,
                            message,
                            notes,
                            Some("keep the array, or convert only where the value leaves array code".into()),
                        );
                    }
                    None if value.may_be_unknown() && !first.expr.is_literal_expr() => {
                        let message = format!("`{builtin}()` of a value of unknown kind");
                        self.report(codes::SCALAR_CAST, Confidence::Unknown, range, builtin, message, Vec::new(), None);
                    }
                    None => {}
                }
            }
            "hasattr" => {
                let Some(text) = arguments.get(1).and_then(|a| a.expr.as_string_literal_expr()) else { return };
                let name = text.value.to_str();
                let facts = &self.context.rules.facts;
                let plain = ["str", "list", "dict", "int", "float"]
                    .iter()
                    .any(|c| facts.class_named(&format!("builtins.{c}")).is_some_and(|c| facts.member(c, name).is_some()));
                let owner = facts
                    .libraries
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| self.context.governed[*i])
                    .find_map(|(_, l)| l.array.filter(|c| facts.member(*c, name).is_some()));
                if let (Some(class), false) = (owner, plain) {
                    let qualified = format!("{}.{name}", facts.class(class).name);
                    let message = format!("`hasattr(…, \"{name}\")` tells arrays by what they can do");
                    self.report(codes::DUCK_CHECK, Confidence::Possible, range, &qualified, message, Vec::new(), None);
                }
            }
            "__import__" => self.report_dynamic_import(range, first),
            _ => {}
        }
    }

    fn report_stdlib_call(&mut self, range: TextRange, name: &Arc<str>, arguments: &[Argument<'a>]) {
        let Some(first) = arguments.first() else { return };
        if name.starts_with("importlib.") {
            self.report_dynamic_import(range, first);
        } else if let Some(tag) = first.value.array().filter(|t| self.governs(*t)) {
            let message = format!("`{name}` of {}", self.describe(tag));
            let notes = self.evidence("argument", &first.value);
            self.report(codes::PICKLE, sureness(&first.value), range, name, message, notes, None);
        }
    }

    fn report_dynamic_import(&mut self, range: TextRange, module: &Argument<'a>) {
        if let Some(text) = module.expr.as_string_literal_expr() {
            let dotted = text.value.to_str();
            let path = Arc::clone(&self.context.files[self.file as usize].path);
            if self.context.policy.breached(&path, dotted).is_some() {
                self.report_import(dotted, range, codes::DYNAMIC_IMPORT);
            } else if self.is_governed(dotted) {
                self.report(
                    codes::DYNAMIC_IMPORT,
                    Confidence::Certain,
                    range,
                    dotted,
                    format!("`{dotted}` is imported by name at run time"),
                    Vec::new(),
                    None,
                );
            }
        }
    }

    fn report_method_call(
        &mut self,
        call: &'a ExprCall,
        on: &Value,
        name: &Arc<str>,
        receiver: Option<&Value>,
        arguments: &[Argument<'a>],
        result: &Value,
    ) {
        let range = match &*call.func {
            Expr::Attribute(attribute) => attribute.attr.range(),
            other => other.range(),
        };
        let facts = &self.context.rules.facts;
        let whole = receiver.unwrap_or(on);
        match on.atoms.first() {
            Some(Atom::Array(tag)) if self.governs(*tag) => {
                let tag = *tag;
                let Some((owner, _)) = facts.member(tag.class, name) else { return };
                let qualified = format!("{}.{name}", owner.name);
                let traits = facts.member_traits(tag.class, name);
                let confidence = sureness(whole);
                let notes = self.evidence("receiver", whole);
                let to_dtype = self.cast_target(tag, name, arguments);
                let moves =
                    traits.has(Trait::ToHost) || traits.has(Trait::ToDevice) || (traits.has(Trait::DeviceByArg) && to_dtype.is_none());
                if let (true, false) = (traits.has(Trait::Cast), moves) {
                    self.report_cast(range, &qualified, whole, to_dtype.unwrap_or_default(), confidence);
                } else {
                    let code = if moves {
                        codes::DEVICE_TRANSFER
                    } else {
                        specific(traits).unwrap_or(if traits.has(Trait::DefaultTrap) { codes::DEFAULT_TRAP } else { codes::ARRAY_METHOD })
                    };
                    let message = self.method_message(code, &qualified, tag, result);
                    let help = self.counterpart(&qualified);
                    self.report(code, confidence, range, &qualified, message, notes, help);
                }
                if traits.has(Trait::Synchronize) && self.is_hot() {
                    self.report_sync(range, &qualified, confidence);
                }
            }
            Some(Atom::Instance(class)) if self.is_governed(class) => {
                let Some(reference) = facts.class_named(class) else { return };
                let Some((owner, _)) = facts.member(reference, name) else { return };
                let qualified = format!("{}.{name}", owner.name);
                let traits = facts.member_traits(reference, name);
                let own = facts.get(class).map(|f| f.traits).unwrap_or_default();
                // The methods of a random generator or an optimizer are what their class is.
                let code = specific(traits)
                    .or_else(|| {
                        [Trait::Seed, Trait::Optimizer, Trait::Scheduler]
                            .iter()
                            .any(|t| own.has(*t))
                            .then(|| if own.has(Trait::Seed) { codes::RANDOM } else { specific(own).unwrap_or(codes::API_CALL) })
                    })
                    .unwrap_or(codes::API_CALL);
                let code = if traits.has(Trait::ToHost) || traits.has(Trait::ToDevice) || traits.has(Trait::DeviceByArg) {
                    codes::DEVICE_TRANSFER
                } else {
                    code
                };
                let help = self.counterpart(&qualified);
                self.report(code, sureness_of_instance(whole), range, &qualified, format!("call of `{qualified}`"), Vec::new(), help);
            }
            _ => {}
        }
    }

    fn method_message(&self, code: Code, qualified: &str, tag: ArrayTag, result: &Value) -> String {
        let what = self.describe(tag);
        match code {
            c if c == codes::ITEM => format!("`{qualified}` turns {what} into a Python scalar"),
            c if c == codes::CONVERT_OUT => match result.array().filter(|t| t.library != tag.library) {
                Some(other) => format!("`{qualified}` turns {what} into {}", self.describe(other)),
                None => format!("`{qualified}` turns {what} into Python objects"),
            },
            c if c == codes::DEVICE_TRANSFER => match result.array().map(|t| t.place) {
                Some(Place::Host) => format!("`{qualified}` moves {what} to the host"),
                Some(Place::Accelerator) => format!("`{qualified}` moves {what} to an accelerator"),
                _ => format!("`{qualified}` moves {what} to a device"),
            },
            c if c == codes::IN_PLACE_METHOD => format!("`{qualified}` writes into {what}, seen through every other name of it"),
            c if c == codes::DEFAULT_TRAP => format!("`{qualified}` of {what}, whose defaults differ between libraries"),
            _ => format!("`{qualified}` of {what}"),
        }
    }

    /// The dtype a cast method casts to: by its name, or by its argument.
    fn cast_target(&self, tag: ArrayTag, name: &str, arguments: &[Argument<'a>]) -> Option<Dtype> {
        let fact = self.context.rules.facts.member_fact(tag.class, name)?;
        if let Some(cast) = &fact.cast {
            return Some(Dtype::parse(cast));
        }
        let named = arguments.iter().find(|a| a.name == Some("dtype"));
        let found = named.or_else(|| arguments.iter().find(|a| a.name.is_none() && self.dtype_of(&a.value, a.expr) != Dtype::Unknown));
        match found {
            Some(argument) => Some(self.dtype_of(&argument.value, argument.expr)),
            // `.astype(t)` casts whatever `t` is; `.to(t)` may as well move.
            None if !fact.traits.has(Trait::DeviceByArg) && !arguments.is_empty() => Some(Dtype::Unknown),
            None => None,
        }
    }

    fn report_cast(&mut self, range: TextRange, name: &str, from: &Value, to: Dtype, confidence: Confidence) {
        let tag = from.array();
        let known = tag.map_or(Dtype::Unknown, |t| t.dtype);
        let target = if to == Dtype::Unknown { "another dtype".to_owned() } else { format!("`{}`", to.name()) };
        let (code, verb) = match known.narrows_to(to) {
            Some(true) => (codes::NARROWING_CAST, "narrows"),
            Some(false) => (codes::WIDENING_CAST, "widens"),
            None if matches!(to, Dtype::Float8 | Dtype::Float16 | Dtype::BFloat16) => (codes::NARROWING_CAST, "narrows"),
            None => (codes::CAST, "casts"),
        };
        let what = tag.map_or_else(|| "an array".to_owned(), |t| self.describe(t));
        let of = if known == Dtype::Unknown { String::new() } else { format!(" of `{}`", known.name()) };
        let notes = self.evidence("array", from);
        let help = self.counterpart(name);
        self.report(code, confidence, range, name, format!("`{name}` {verb} {what}{of} to {target}"), notes, help);
    }

    /// Whether this point runs many times: in a loop, or in the forward pass of a module.
    fn is_hot(&self) -> bool {
        self.in_loop() || self.qualname.last().is_some_and(|n| n.ends_with(".forward"))
    }

    fn report_sync(&mut self, range: TextRange, name: &str, confidence: Confidence) {
        let place = if self.in_loop() { "in a loop" } else { "in a forward pass" };
        let message = format!("`{name}` {place} waits for the device every time");
        self.report(
            codes::SYNC_IN_LOOP,
            confidence,
            range,
            name,
            message,
            Vec::new(),
            Some("collect arrays in the loop and convert once after it".into()),
        );
    }

    // --- round trips ---------------------------------------------------------------------------------------------

    /// Follows a value through the calls that take it out of its library or off its device, and reports when it comes back.
    fn follow_trail(&mut self, call: &'a ExprCall, callee: &Value, receiver: Option<&Value>, arguments: &[Argument<'a>]) {
        let facts = &self.context.rules.facts;
        let file = self.file;
        // What goes in: the receiver of a method, the first array argument of a function.
        let input = match (callee.atoms.first(), receiver) {
            (Some(Atom::LibraryMethod(..)), Some(receiver)) => Some(receiver.clone()),
            _ => arguments.iter().map(|a| &a.value).find(|v| v.array().is_some()).cloned(),
        };
        let Some(input) = input else { return };
        let Some(tag) = input.array() else { return };
        let (traits, name) = match callee.atoms.first() {
            Some(Atom::LibraryMethod(_, name)) => (facts.member_traits(tag.class, name), format!("{}.{name}", facts.class(tag.class).name)),
            Some(Atom::External(name)) => (facts.get(name).map(|f| f.traits).unwrap_or_default(), name.to_string()),
            _ => (Traits::default(), String::new()),
        };
        let before = input.origin.filter(|o| o.file == file).and_then(|o| self.trails.get(&o.range)).cloned();
        let range = match &*call.func {
            Expr::Attribute(attribute) => attribute.attr.range(),
            other => other.range(),
        };
        let to_place = self.call_place(traits, arguments);
        let leaves_device = traits.has(Trait::ToHost) || to_place == Some(Place::Host);
        let enters_device = traits.has(Trait::ToDevice)
            || to_place == Some(Place::Accelerator)
            || (traits.has(Trait::DeviceByArg) && to_place.is_none() && self.device_like(arguments));
        let target = callee.atoms.first().and_then(|a| if let Atom::External(n) = a { facts.library_of(n) } else { None });
        if let Some(trail) = &before {
            let back =
                (enters_device && trail.left_device) || (traits.has(Trait::ConvertIn) && target.is_some() && target == trail.left_library);
            if back {
                let mut notes: Vec<Note> =
                    trail.steps.iter().map(|(range, text)| Note { file: None, range: *range, text: text.clone() }).collect();
                notes.push(Note { file: None, range, text: format!("comes back through `{name}`") });
                let hot = if self.in_loop() {
                    ", in a loop"
                } else if self.is_hot() {
                    ", in a forward pass"
                } else {
                    ""
                };
                let way = if trail.left_library.is_some() && traits.has(Trait::ConvertIn) {
                    "leaves its library and comes back"
                } else {
                    "leaves its device and comes back"
                };
                let message = format!("a value {way} in {} steps{hot}", notes.len());
                self.report(
                    codes::ROUND_TRIP,
                    sureness(&input),
                    range,
                    &name,
                    message,
                    notes,
                    Some("keep the value where it was: do the work between with the library it came from".into()),
                );
                return;
            }
        }
        let leaves_library = traits.has(Trait::ConvertOut);
        if leaves_device || leaves_library {
            let mut trail = before.unwrap_or_default();
            trail.left_device |= leaves_device || leaves_library;
            if leaves_library {
                trail.left_library = Some(tag.library);
            }
            let text = if leaves_library {
                format!("leaves {} through `{name}`", facts.library(tag.library).title)
            } else {
                format!("leaves the device through `{name}`")
            };
            trail.steps.push((range, text));
            self.trails.insert(call.range(), trail);
        } else if let Some(mut trail) = before {
            if trail.steps.len() < 12 && !name.is_empty() {
                trail.steps.push((range, format!("passes through `{name}`")));
            }
            self.trails.insert(call.range(), trail);
        }
    }

    fn call_place(&self, traits: Traits, arguments: &[Argument<'a>]) -> Option<Place> {
        let argument = arguments
            .iter()
            .find(|a| a.name == Some("device"))
            .or_else(|| if traits.has(Trait::DeviceByArg) { arguments.iter().find(|a| a.name.is_none()) } else { None })?;
        self.place_of_device(&argument.value, argument.expr)
    }

    /// Whether the argument of a method that moves or casts is a device rather than a dtype.
    fn device_like(&self, arguments: &[Argument<'a>]) -> bool {
        arguments.iter().any(|a| {
            a.name == Some("device")
                || matches!(a.value.single(), Some(Atom::Device(_)))
                || super::defs::last_name(a.expr).is_some_and(|n| n == "device")
        })
    }

    /// An operator keeps a value on its trail.
    pub(super) fn carry_trail(&mut self, range: TextRange, operands: &[&Value]) {
        if self.trails.is_empty() {
            return;
        }
        let found = operands.iter().filter_map(|v| v.origin).find_map(|o| self.trails.get(&o.range).cloned());
        if let Some(trail) = found {
            self.trails.insert(range, trail);
        }
    }

    // --- operators -----------------------------------------------------------------------------------------------

    /// An operator of which some operand is, or may be, an array.
    pub(super) fn report_operator(&mut self, code: Code, symbol: &str, range: TextRange, operands: &[(&str, &Value)]) {
        if self.silent > 0 {
            return;
        }
        let governed = |tag: &ArrayTag| self.context.governed[usize::from(tag.library)];
        let text = |v: &Value| v.operands().next().is_some() && v.operands().all(|a| matches!(a, Atom::Str | Atom::Bytes | Atom::Path));
        if operands.iter().any(|(_, v)| text(v)) {
            return;
        }
        let holder = operands
            .iter()
            .filter(|(_, v)| v.arrays().any(|t| governed(&t)))
            .max_by_key(|(_, v)| (v.is_surely_array(), v.arrays().any(|t| !t.scalar)));
        if let Some((label, value)) = holder {
            let tag = value.arrays().find(|t| governed(t) && !t.scalar).or_else(|| value.arrays().find(governed));
            let Some(tag) = tag else { return };
            let confidence = sureness(value);
            let notes = self.evidence(label, value);
            let help = self.context.rules.operator_counterpart(symbol, operands.len() == 1);
            let maybe = if confidence == Confidence::Certain { "on" } else { "on what may be" };
            self.report(code, confidence, range, symbol, format!("`{symbol}` {maybe} {}", self.describe(tag)), notes, help);
            return;
        }
        // Numbers with something unknown: the unknown may still be an array. Sequences and objects say otherwise.
        let excluded = |v: &Value| v.operands().next().is_some() && v.operands().all(|a| !matches!(a, Atom::Unknown) && !a.is_number());
        let unknown = operands.iter().any(|(_, v)| v.may_be_unknown()) && !operands.iter().any(|(_, v)| excluded(v));
        if unknown {
            self.output.unknown_operators += 1;
            self.report(code, Confidence::Unknown, range, symbol, format!("`{symbol}` on values of unknown kind"), Vec::new(), None);
        }
    }

    /// Two arrays of different precision, or of different libraries, in one operation.
    pub(super) fn report_mixed(&mut self, symbol: &str, range: TextRange, left: &Value, right: &Value) {
        let (Some(l), Some(r)) = (left.array(), right.array()) else { return };
        if self.silent > 0 || !self.governs(l) || !self.governs(r) || l.scalar || r.scalar {
            return;
        }
        let confidence = sureness(left).min(sureness(right));
        let mut notes = self.evidence("left operand", left);
        notes.extend(self.evidence("right operand", right));
        let wide = |t: ArrayTag| t.dtype == Dtype::Float64;
        let single = |t: ArrayTag| matches!(t.dtype, Dtype::Float32 | Dtype::Float16 | Dtype::BFloat16);
        if l.library != r.library && ((wide(l) && !wide(r)) || (wide(r) && !wide(l))) {
            let message = format!(
                "`{symbol}` lets float64 from {} into {}",
                self.describe(if wide(l) { l } else { r }),
                self.describe(if wide(l) { r } else { l })
            );
            self.report(codes::FLOAT64_LEAK, confidence, range, symbol, message, notes, Some("cast at the boundary, once".into()));
        } else if l.dtype.is_float() && r.dtype.is_float() && l.dtype != r.dtype && (single(l) || single(r)) {
            let message = format!("`{symbol}` joins `{}` and `{}`", l.dtype.name(), r.dtype.name());
            self.report(
                codes::MIXED_PRECISION,
                confidence,
                range,
                symbol,
                message,
                notes,
                Some("cast one operand, so that the result's dtype is chosen, not found out".into()),
            );
        }
    }

    pub(super) fn report_subscript_assignment(&mut self, subscript: &'a ExprSubscript, base: &Value) {
        if let Some(tag) = base.array().filter(|t| self.governs(*t)) {
            let notes = self.evidence("array", base);
            let message = format!("assignment into {}", self.describe(tag));
            self.report(codes::SUBSCRIPT_ASSIGNMENT, sureness(base), subscript.range, "[]=", message, notes, None);
        }
    }

    /// An array where Python asks for true or false.
    pub(super) fn report_truth(&mut self, expr: &'a Expr, value: &Value, place: &str) {
        if self.silent > 0 {
            return;
        }
        if let Some(tag) = value.array().filter(|t| self.governs(*t)) {
            let notes = self.evidence("value", value);
            let message = format!("{place} asks {} for a truth value", self.describe(tag));
            self.report(codes::TRUTH_VALUE, sureness(value), expr.range(), "bool", message, notes, None);
        }
    }

    // --- evidence ------------------------------------------------------------------------------------------------

    /// "a NumPy array", "a PyTorch tensor", "a NumPy scalar".
    pub(super) fn describe(&self, tag: ArrayTag) -> String {
        let facts = &self.context.rules.facts;
        let title = &facts.library(tag.library).title;
        let noun = if tag.scalar {
            "scalar"
        } else if facts.class(tag.class).name.ends_with("Tensor") {
            "tensor"
        } else {
            "array"
        };
        format!("a {title} {noun}")
    }

    /// Why `value` is taken for an array.
    fn evidence(&self, label: &str, value: &Value) -> Vec<Note> {
        if self.silent > 0 {
            return Vec::new();
        }
        let (Some(tag), Some(origin)) = (value.array(), value.origin) else { return Vec::new() };
        let what = self.describe(tag);
        let verb = if value.is_surely_array() { "is" } else { "may be" };
        let excerpt = excerpt(&self.context.files[origin.file as usize].text, origin.range);
        let why = match origin.how {
            How::Annotation => format!("annotated `{excerpt}`"),
            How::Argument => format!("a caller passes `{excerpt}`"),
            How::Usage => "used like one in this function".to_owned(),
            How::Default => format!("its default is `{excerpt}`"),
            How::Import | How::Reference | How::Expression => format!("from `{excerpt}`"),
        };
        let file = (origin.file != self.file).then_some(origin.file);
        vec![Note { file, range: origin.range, text: format!("{label} {verb} {what}: {why}") }]
    }
}

/// The first line of the text of `range`, cut to a readable length.
pub(super) fn excerpt(text: &str, range: TextRange) -> String {
    let whole = text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default();
    let line = whole.lines().next().unwrap_or_default();
    let cut = line.chars().count() > LONGEST_EXCERPT || line.len() < whole.len();
    let mut short: String = line.chars().take(LONGEST_EXCERPT).collect();
    if cut {
        short.push('…');
    }
    short
}

/// How sure it is that `value` is an array.
pub fn sureness(value: &Value) -> Confidence {
    let by_use = value.origin.is_some_and(|o| o.how == How::Usage);
    if value.is_surely_array() && !by_use {
        Confidence::Certain
    } else if value.array().is_some() {
        Confidence::Possible
    } else {
        Confidence::Unknown
    }
}

fn sureness_of_instance(value: &Value) -> Confidence {
    if value.operands().count() <= 1 { Confidence::Certain } else { Confidence::Possible }
}

/// Whether a value is an array or a container of arrays.
fn holds_array(value: &Value) -> bool {
    value.array().is_some()
        || value.atoms.iter().any(|atom| match atom {
            Atom::List(v) | Atom::TupleOf(v) | Atom::Iter(v) => v.array().is_some(),
            Atom::Tuple(items) => items.iter().any(|v| v.array().is_some()),
            _ => false,
        })
}

/// The code that says more than "an API is used".
fn specific(traits: Traits) -> Option<Code> {
    const ORDER: &[(Trait, Code)] = &[
        (Trait::Inplace, codes::IN_PLACE_METHOD),
        (Trait::Seed, codes::SEED),
        (Trait::Rng, codes::RANDOM),
        (Trait::ConvertItem, codes::ITEM),
        (Trait::ConvertOut, codes::CONVERT_OUT),
        (Trait::ToHost, codes::DEVICE_TRANSFER),
        (Trait::ToDevice, codes::DEVICE_TRANSFER),
        (Trait::Optimizer, codes::OPTIMIZER),
        (Trait::Scheduler, codes::SCHEDULER),
        (Trait::NoGrad, codes::NO_GRAD),
        (Trait::Gradient, codes::AUTOGRAD),
        (Trait::Parameter, codes::PARAMETER),
        (Trait::Serialize, codes::SERIALIZATION),
    ];
    ORDER.iter().find(|(which, _)| traits.has(*which)).map(|(_, code)| *code)
}

/// The calls a value went through since it left its library or its device.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// Whether it left an accelerator, or may have.
    pub left_device: bool,
    /// The library it left.
    pub left_library: Option<u8>,
    /// The steps.
    pub steps: Vec<(TextRange, String)>,
}
