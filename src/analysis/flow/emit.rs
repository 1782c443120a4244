//! Findings: what the walk reports of names and attributes, with the evidence for it.

use std::sync::Arc;

use ruff_python_ast::{Expr, ExprAttribute, StmtClassDef};
use ruff_text_size::{Ranged, TextRange};

use super::expr::Role;
use super::member::DEEPEST_MRO;
use super::value::{ArrayTag, Atom, ClassId, How, Value};
use super::walk::Walker;
use crate::codes::{self, Code};
use crate::finding::{Confidence, Finding, Note};
use crate::rewrite::Outcome;
use crate::rules::library::Member;
use crate::rules::{Trait, Traits};

/// Evidence longer than this is cut.
const LONGEST_EXCERPT: usize = 60;

impl<'a> Walker<'a> {
    /// Whether nothing that this point finds is wanted.
    pub(super) fn quiet(&self) -> bool {
        self.silent > 0 || !self.reporting
    }

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
        if self.quiet() || confidence < self.context.policy.confidence || !self.context.policy.enabled_at(code, path) {
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

    pub(super) fn is_governed(&self, qualified: &str) -> bool {
        self.context.rules.facts.library_of(qualified).is_some_and(|l| self.context.governed[usize::from(l)])
    }

    pub(super) fn governs(&self, tag: ArrayTag) -> bool {
        self.context.governed[usize::from(tag.library)]
    }

    /// Whether it is an array or an object of the module that the rules lead to.
    pub(super) fn is_own_object(&self, atom: &Atom) -> bool {
        let facts = &self.context.rules.facts;
        facts.own.is_some()
            && match atom {
                Atom::Array(tag) => facts.own == Some(tag.library),
                Atom::Instance(class) => facts.own == facts.library_of(class),
                _ => false,
            }
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
        let in_function = self.frames.iter().any(|f| matches!(f.kind, super::scope::FrameKind::Function(_)));
        match (in_function, self.guarded_imports > 0) {
            (true, true) => " inside a function, where it may fail".into(),
            (true, false) => " inside a function".into(),
            (false, true) => " where it may fail".into(),
            (false, false) => String::new(),
        }
    }

    /// A name of a library that is used otherwise than by calling it.
    /// With `base`, the name is an attribute of that value.
    pub(super) fn report_reference(&mut self, expr: &'a Expr, value: &Value, role: Role, outer: Option<TextRange>, base: Option<&Value>) {
        if matches!(role, Role::Callee | Role::Base | Role::BaseClass) {
            return;
        }
        // A decorator is called with one argument, like a function that is mapped.
        let mapped = std::mem::take(&mut self.mapped) || role == Role::Decorator;
        if self.quiet() {
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
        if confidence == Confidence::Certain && base.is_some_and(holds_attributes) {
            self.refuse_attribute(expr.range(), &name);
        } else {
            self.fix_mention(expr.range(), &name, None, outer, mapped, confidence == Confidence::Certain);
        }
    }

    /// `self.inv` holds a library's function today; others may set it to another one.
    pub(super) fn refuse_attribute(&mut self, range: TextRange, name: &Arc<str>) {
        if self.context.policy.fixes {
            let outcome = Outcome::Refused { reason: "an attribute holds the function, and may be set to another one".into(), rule: None };
            self.push_outcome(range, Arc::clone(name), outcome);
        }
    }

    /// What the target offers for a library's name.
    pub(super) fn counterpart(&self, name: &str) -> Option<String> {
        self.context.rules.counterpart(name)
    }

    /// Whether a library's name is that of its arrays.
    fn is_array_class(&self, name: &str) -> bool {
        let facts = &self.context.rules.facts;
        let array = facts.library_of(name).and_then(|library| facts.library(library).array);
        array.is_some_and(|class| *facts.class(class).name == *facts.canonical(name))
    }

    /// The array class of a library that a class of the project derives from.
    fn array_base_name(&mut self, class: ClassId) -> Option<Arc<str>> {
        self.find_in_bases(class, DEEPEST_MRO, &mut |walker, atom| match atom {
            Atom::External(name) if walker.is_governed(name) && walker.is_array_class(name) => Some(Arc::clone(name)),
            _ => None,
        })
    }

    /// A class that is itself a kind of array stays with all that is in it: the arrays of another library are made otherwise.
    fn refuse_array_class(&mut self, def: &StmtClassDef, name: &Arc<str>) {
        if self.quiet() || !self.context.policy.fixes {
            return;
        }
        let reason = format!(
            "`{}` is a class of arrays (`{name}`), and arrays of the target are made and handed on otherwise: keep an array in an attribute",
            def.name
        );
        let outcome = Outcome::Refused { reason, rule: None };
        self.push_outcome(def.range(), Arc::clone(name), outcome);
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
                        if self.is_array_class(&name) {
                            self.refuse_array_class(def, &name);
                        } else {
                            self.fix_mention(expr.range(), &name, None, None, false, true);
                        }
                    }
                    Atom::Class(parent) => {
                        if let Some(name) = self.array_base_name(*parent) {
                            self.refuse_array_class(def, &name);
                        }
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

    /// `torch.backends.cudnn.deterministic = True`: a library's module changed from outside.
    pub(super) fn report_setting(&mut self, attribute: &'a ExprAttribute, owner: &Arc<str>) {
        if self.is_governed(owner) {
            let name = format!("{owner}.{}", attribute.attr);
            let traits = self.context.rules.facts.get(&name).map(|f| f.traits).unwrap_or_default();
            let code = specific(traits).unwrap_or(codes::API_REFERENCE);
            self.report(code, Confidence::Certain, attribute.range, &name, format!("`{name}` is set"), Vec::new(), None);
        }
    }

    // --- attributes ----------------------------------------------------------------------------------------------

    pub(super) fn report_attribute(&mut self, attribute: &'a ExprAttribute, base: &Value, outer: Option<TextRange>) {
        if self.quiet() {
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
        self.fix_mention(attribute.range, &qualified, Some((&attribute.value, base)), outer, false, true);
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
    pub(super) fn evidence(&self, label: &str, value: &Value) -> Vec<Note> {
        if self.quiet() {
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
            How::Documented => "documented as one".to_owned(),
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

/// Whether an attribute of `base` belongs to an object or a class of the project rather than to a module.
pub(super) fn holds_attributes(base: &Value) -> bool {
    base.operands().any(|atom| matches!(atom, Atom::Object(_) | Atom::Instance(_) | Atom::Class(_) | Atom::Unknown))
}

/// How sure it is that `value` is an array.
pub fn sureness(value: &Value) -> Confidence {
    let by_use = value.origin.is_some_and(|o| matches!(o.how, How::Usage | How::Documented));
    if value.is_surely_array() && !by_use {
        Confidence::Certain
    } else if value.array().is_some() {
        Confidence::Possible
    } else {
        Confidence::Unknown
    }
}

/// How sure it is that `value` is one instance of a library's class.
pub fn sureness_of_instance(value: &Value) -> Confidence {
    if value.operands().count() <= 1 { Confidence::Certain } else { Confidence::Possible }
}

/// Whether a value is an array or a container of arrays.
pub fn holds_array(value: &Value) -> bool {
    value.array().is_some()
        || value.atoms.iter().any(|atom| match atom {
            Atom::List(v) | Atom::TupleOf(v) | Atom::Iter(v) => v.array().is_some(),
            Atom::Tuple(items) => items.iter().any(|v| v.array().is_some()),
            _ => false,
        })
}

/// The code that says more than "an API is used".
pub fn specific(traits: Traits) -> Option<Code> {
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
