//! Findings of calls: APIs, casts, conversions, transfers, dynamic imports.

use std::sync::Arc;

use ruff_python_ast::{Expr, ExprAttribute, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use super::arguments::Argument;
use super::emit::{holds_array, holds_attributes, specific, sureness, sureness_of_instance};
use super::value::{ArrayTag, Atom, Dtype, Place, Value};
use super::walk::Walker;
use crate::codes::{self, Code};
use crate::finding::Confidence;
use crate::rules::Trait;

impl<'a> Walker<'a> {
    pub(super) fn report_call(
        &mut self,
        call: &'a ExprCall,
        callee: &Value,
        receiver: Option<&Value>,
        arguments: &[Argument<'a>],
        result: &Value,
        outer: Option<TextRange>,
    ) {
        if !self.reporting {
            return;
        }
        self.follow_trail(call, callee, receiver, arguments);
        if self.quiet() {
            return;
        }
        self.fix_callee(call, callee, receiver, arguments, outer);
        if let (Expr::Attribute(attribute), Some(base)) = (&*call.func, receiver) {
            self.check_own_member(&call.func, attribute, base);
        }
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
        if let (Some(Atom::External(name)), true) = (callee.single(), receiver.is_some_and(holds_attributes)) {
            if self.is_governed(name) {
                self.refuse_attribute(call.range(), name);
            }
            return;
        }
        let facts = &self.context.rules.facts;
        let mut apis: Vec<Arc<str>> = Vec::new();
        let (mut others, mut method) = (false, false);
        let mut own: Option<(&Atom, Arc<str>)> = None;
        for atom in callee.operands() {
            match atom {
                Atom::External(name) if self.is_governed(name) => apis.push(Arc::clone(name)),
                // What the target's arrays and modules do is theirs, and what becomes of the same of a library's means the same.
                Atom::LibraryMethod(on, name) if on.atoms.first().is_some_and(|atom| self.is_own_object(atom)) => {
                    own = on.atoms.first().map(|atom| (atom, Arc::clone(name)));
                }
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
        if let (Some((on, name)), true, Expr::Attribute(attribute), Some(value)) = (own, apis.is_empty(), &*call.func, receiver) {
            let others = others || callee.may_be_unknown();
            self.keep_refused(call, (on, &name), others, (&*attribute.value, value), arguments, outer);
        }
    }

    fn report_unknown_receiver(&mut self, attribute: &'a ExprAttribute) {
        if self.context.policy.confidence > Confidence::Unknown {
            return;
        }
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
        if converts && traits.has(Trait::DtypeOfValue) && !arguments.iter().any(|a| a.name == Some("dtype")) {
            self.report_leak(range, name, &first.map(|a| a.value.clone()).unwrap_or_default());
        }
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

    /// A float64 array that enters a library whose own floats are narrower, and stays float64 there.
    fn report_leak(&mut self, range: TextRange, name: &str, value: &Value) {
        let facts = &self.context.rules.facts;
        let Some(library) = facts.library_of(name) else { return };
        let narrower = facts.library(library).float.as_deref().is_some_and(|f| Dtype::Float64.narrows_to(Dtype::parse(f)) == Some(true));
        let Some(tag) = value.array().filter(|t| t.library != library && t.dtype == Dtype::Float64 && !t.scalar) else { return };
        if narrower && !self.context.changed_floats[usize::from(library)] {
            let message = format!("`{name}` lets float64 from {} into {}", self.describe(tag), self.title_of(name));
            let notes = self.evidence("argument", value);
            let help = "give the dtype where the array is made".to_owned();
            self.report(codes::FLOAT64_LEAK, sureness(value), range, name, message, notes, Some(help));
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
                    None if self.context.policy.confidence == Confidence::Unknown
                        && value.may_be_unknown()
                        && !first.expr.is_literal_expr() =>
                    {
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
                let owner = facts
                    .libraries
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| self.context.governed[*i])
                    .find_map(|(_, l)| l.array.filter(|c| facts.member_traits(*c, name).has(Trait::ArrayOnly)));
                if let Some(class) = owner {
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
    pub(super) fn is_hot(&self) -> bool {
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
}
