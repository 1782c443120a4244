//! What the rules make of a call or a mention: replacements of source text, or the reason why not.

use std::sync::Arc;

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use super::arguments::{Argument, Call};
use super::fix_text::{Applied, is_atomic, is_place, push_wrapped};
use super::value::{Atom, How, Value};
use super::walk::Walker;
use crate::dialect::{self, Operand};
use crate::rewrite::{NO_RULE, Outcome, Part, Replacement, Site};
use crate::rules::kind::Test;
use crate::rules::library::ClassRef;
use crate::rules::op::{ALIAS, Action, Applicability, Op, Piece, Rule};
use crate::rules::signature::{Passing, Signature};
use crate::rules::target::Style;

/// The parameter by which functions write their result into an array.
const OUT: &str = "out";

/// Why a site stays whose new text has no place for a comment.
const COMMENT_LOST: &str = "a comment inside the call would be lost; move it out";

/// Why a rule cannot be applied to a call.
pub(super) type Refusal = String;

impl<'a> Walker<'a> {
    /// Adds a site of which there is nothing to say but what becomes of it.
    pub(super) fn push_outcome(&mut self, range: TextRange, name: Arc<str>, outcome: Outcome) {
        self.push_site(Site { range, name, outcome, stays: None, moved: None, indirect: false, scope: self.scope_name() });
    }

    /// Adds a site. What an f-string shows as text stays: `f"{np.mean(x)=}"`.
    pub(super) fn push_site(&mut self, mut site: Site) {
        if self.shown > 0 && matches!(site.outcome, Outcome::Fix { .. }) {
            site.outcome = Outcome::Refused { reason: "the f-string shows the text of this expression".into(), rule: None };
        }
        if let Outcome::Fix { replacements, rule, .. } = &mut site.outcome {
            // What a rule takes with the name, such as the subscript of `np.ndarray[Any, DType]`, is of the site.
            site.range = replacements.iter().fold(site.range, |whole, replacement| whole.cover(replacement.range));
            if replacements.iter().any(|replacement| self.loses_comment(replacement)) {
                site.outcome = Outcome::Refused { reason: COMMENT_LOST.into(), rule: Some(Arc::clone(rule)) };
            } else if !requote(replacements, &self.quotes) {
                let reason = "the new text has quotes that cannot stand in this f-string".into();
                site.outcome = Outcome::Refused { reason, rule: Some(Arc::clone(rule)) };
            }
        }
        let target = &self.context.rules.target;
        if target.applicability != Applicability::Safe {
            site.outcome.weaken(&target.why);
        }
        // Only a module of functions can take an import over, and only a class with all that the rules keep takes methods over.
        if target.module.is_empty() || target.style != Style::Functions || target.applicability != Applicability::Safe {
            site.moved = None;
        }
        if target.members.is_some() {
            site.stays = None;
        }
        self.output.sites.push(site);
    }

    /// Whether a comment stands in what is replaced, and in none of the source that the new text holds.
    fn loses_comment(&self, replacement: &Replacement) -> bool {
        let range = replacement.range;
        let kept = |at: TextRange| {
            let sources = replacement.parts.iter().filter_map(|part| match part {
                Part::Source(source) | Part::Operand(source) => Some(source),
                Part::Text(_) => None,
            });
            sources.into_iter().any(|source| source.contains_range(at))
        };
        self.text[range].contains('#') && !self.module.comments_in(range).all(kept)
    }

    /// Records what the rules make of a call of `apis` (one per possibility of the callee).
    pub(super) fn fix_call(
        &mut self,
        call: &'a ExprCall,
        apis: &[Arc<str>],
        others: bool,
        receiver: Option<(&'a Expr, &Value)>,
        arguments: &[Argument<'a>],
        outer: Option<TextRange>,
    ) {
        if self.quiet() || !self.context.policy.fixes || apis.is_empty() {
            return;
        }
        let api = Arc::clone(&apis[0]);
        let mut outcome = if others {
            Outcome::Refused { reason: format!("the callee may be `{api}` or something else"), rule: None }
        } else {
            self.call_outcome(call, &api, receiver, arguments, outer)
        };
        // Several possibilities (an array or its 0-d result) are one where their rules make the same text.
        for other in &apis[1..] {
            let second = self.call_outcome(call, other, receiver, arguments, outer);
            if !outcome.same_edit(&second) {
                outcome = Outcome::Refused {
                    reason: format!("the callee may be `{api}` or `{other}`, which are rewritten differently"),
                    rule: None,
                };
            }
        }
        if let Some((_, value)) = receiver {
            let guessed = value.origin.is_some_and(|o| matches!(o.how, How::Usage | How::Documented | How::Argument | How::Default));
            if !value.is_surely_array() && !matches!(value.single(), Some(Atom::Instance(_))) || guessed {
                outcome.weaken("the receiver is not proved to be an array for every caller");
            }
        }
        let stays = receiver.and_then(|_| apis.iter().map(|api| self.stays_valid(api)).reduce(|a, b| a.and(b)).flatten());
        let moved = match (&outcome, receiver) {
            (Outcome::Refused { .. }, None) => self.moves_with_import(call, apis, arguments, outer),
            _ => None,
        };
        self.push_site(Site { range: call.range(), name: api, outcome, stays, moved, indirect: others, scope: self.scope_name() });
    }

    /// A method of the target's own arrays and modules that the rules refuse of a library's stays with what is in it, as it did
    /// when the object was a library's: a call that was left as a whole is not taken apart afterwards.
    pub(super) fn keep_refused(
        &mut self,
        call: &'a ExprCall,
        (on, name): (&Atom, &str),
        others: bool,
        receiver: (&'a Expr, &Value),
        arguments: &[Argument<'a>],
        outer: Option<TextRange>,
    ) {
        if self.quiet() || !self.context.policy.fixes {
            return;
        }
        for class in self.sources_of(on) {
            let Some((owner, _)) = self.context.rules.facts.member(class, name) else { continue };
            let api: Arc<str> = format!("{}.{name}", owner.name).into();
            if self.stays_valid(&api).is_some() {
                continue;
            }
            let outcome = if others {
                Outcome::Refused { reason: format!("the callee may be `{api}` or something else"), rule: None }
            } else {
                self.call_outcome(call, &api, Some(receiver), arguments, outer)
            };
            if matches!(outcome, Outcome::Refused { .. }) {
                let (range, scope) = (call.range(), self.scope_name());
                self.push_site(Site { range, name: api, outcome, stays: None, moved: None, indirect: others, scope });
            }
        }
    }

    /// The classes of libraries whose objects have become one of the target's: their arrays, or what its class was.
    fn sources_of(&self, atom: &Atom) -> Vec<ClassRef> {
        let (rules, facts) = (&self.context.rules.rules, &self.context.rules.facts);
        if let Atom::Instance(class) = atom {
            let made = |op: &Arc<str>| class.strip_suffix(&**op).is_some_and(|module| module.ends_with('.'));
            let sources = rules.rules.iter().filter(|rule| rule.class && rule.op.as_ref().is_some_and(made));
            return sources.flat_map(|rule| &rule.apis).filter_map(|api| facts.class_named(api)).collect();
        }
        let governed = facts.libraries.iter().zip(&self.context.governed).filter(|(_, governed)| **governed);
        governed.filter_map(|(library, _)| library.array).collect()
    }

    /// The rule by which a method call means the same on the target where it is left as it is.
    fn stays_valid(&self, api: &str) -> Option<Arc<str>> {
        let rules = self.context.rules;
        let canonical = rules.facts.canonical(api);
        let mixed = |rule: &&Rule| matches!(rule.action, Action::Keep) && rule.when.iter().any(|c| c.test == Test::Mixed);
        rules.rules.of(&canonical).find(mixed).map(|rule| Arc::clone(&rule.id))
    }

    /// How sure it is that a call means the same as written once the name it begins with is imported from the target: if every
    /// library function that it may reach would only change its name.
    fn moves_with_import(
        &mut self,
        call: &'a ExprCall,
        apis: &[Arc<str>],
        arguments: &[Argument<'a>],
        outer: Option<TextRange>,
    ) -> Option<Applicability> {
        let callee = call.func.range();
        let path = self.text[callee].split_once('.').map(|(_, path)| path);
        let mut sure = Applicability::Safe;
        for api in apis {
            let Outcome::Fix { replacements, applicability, .. } = self.call_outcome(call, api, None, arguments, outer) else {
                return None;
            };
            let [Replacement { range, parts }] = replacements.as_slice() else { return None };
            let [Part::Text(text)] = parts.as_slice() else { return None };
            if *range != callee || path.is_some_and(|path| !self.target_has(text, path)) {
                return None;
            }
            sure = sure.max(applicability);
        }
        Some(sure)
    }

    fn call_outcome(
        &mut self,
        call: &'a ExprCall,
        api: &str,
        receiver: Option<(&'a Expr, &Value)>,
        arguments: &[Argument<'a>],
        outer: Option<TextRange>,
    ) -> Outcome {
        let context = self.context;
        let rules = context.rules;
        let canonical = rules.facts.canonical(api).into_owned();
        if rules.target.own(&canonical).is_some() {
            return Outcome::Kept { rule: Arc::clone(&rules.target.name) };
        }
        let mut any = false;
        for rule in rules.rules.of(&canonical).filter(|r| !r.attribute) {
            any = true;
            match self.apply_rule(call, rule, &canonical, receiver, arguments, outer) {
                Ok(Some(outcome)) => return outcome,
                // The rule is about other calls of this API.
                Ok(None) => {}
                // The first rule that the call binds to and whose conditions hold decides.
                Err(reason) => return Outcome::Refused { reason, rule: Some(Arc::clone(&rule.id)) },
            }
        }
        let reason =
            if any { format!("the arguments do not fit the signature of `{canonical}`") } else { format!("{NO_RULE}`{canonical}`") };
        Outcome::Refused { reason, rule: None }
    }

    fn apply_rule(
        &self,
        call: &'a ExprCall,
        rule: &'a Rule,
        api: &str,
        receiver: Option<(&'a Expr, &Value)>,
        arguments: &[Argument<'a>],
        outer: Option<TextRange>,
    ) -> Result<Option<Outcome>, Refusal> {
        let respelled: Vec<Argument<'a>> = arguments
            .iter()
            .map(|a| Argument {
                expr: a.expr,
                value: a.value.clone(),
                name: a.name.map(|n| alias_of(&rule.aliases, n)),
                unpacked: a.unpacked,
            })
            .collect();
        let method = receiver.is_some();
        let view = Call { arguments: &respelled, signature: rule.signature.as_deref(), method };
        if let Some(signature) = &rule.signature
            && !binds(signature, &respelled, method)
        {
            return Ok(None);
        }
        let holds = |condition: &crate::rules::kind::Condition| {
            if let (Some((_, value)), "self") = (receiver, &*condition.parameter) {
                return condition.test != Test::Mixed && value.is_surely_array();
            }
            view.holds(condition) || self.equals_name(&view, condition) || self.is_dtype(&view, condition)
        };
        if !rule.when.iter().all(holds) {
            return Ok(None);
        }
        let mut range = call.range();
        if !rule.member.is_empty() {
            let Some(outer) = outer else { return Ok(None) };
            let tail: String = self.text[TextRange::new(call.range().end(), outer.end())].split_whitespace().collect();
            if !rule.member.iter().any(|m| **m == *tail) {
                return Ok(None);
            }
            range = outer;
        }
        let fix = |replacements: Vec<Replacement>| {
            Ok(Some(Outcome::Fix {
                rule: Arc::clone(&rule.id),
                applicability: rule.applicability,
                replacements,
                why: rule.why.to_string(),
            }))
        };
        match &rule.action {
            Action::Refuse(text) => return Err(text.to_string()),
            Action::Keep => return Ok(Some(self.kept(rule, api))),
            _ => {}
        }
        for parameter in &rule.needs_arrays {
            let operand = match (receiver, view.passed(parameter).first()) {
                (Some((_, value)), None) if &**parameter == "self" => operand(value),
                (_, Some(argument)) => operand(&argument.value),
                (_, None) => continue,
            };
            if !matches!(operand, Operand::Array | Operand::Unknown) {
                return Err(format!("{} takes an array for `{parameter}`, and this is none", self.context.rules.target.title));
            }
        }
        if respelled.iter().any(|a| a.unpacked && a.name.is_none() && !takes_star(rule, arguments))
            || arguments.iter().any(|a| a.unpacked && call.arguments.keywords.iter().any(|k| k.arg.is_none()))
        {
            // What only changes its name takes whatever is unpacked.
            let written_out = arguments.iter().filter(|a| a.name.is_none() && !a.unpacked).count();
            let star = call.arguments.args.iter().any(Expr::is_starred_expr);
            let op = rule.op.as_ref().and_then(|name| self.context.rules.rules.ops.get(name));
            let target = &self.context.rules.target;
            let plain = |op: &&Op| receiver.is_none() && target.plain && rule.passes_on(op, written_out, star);
            if let Some(spelled) = op.filter(plain).and_then(|op| target.spelled(op).ok()) {
                let callee = vec![Part::Text(format!("{ALIAS}.{spelled}"))];
                return Ok(Some(Outcome::Fix {
                    rule: Arc::clone(&rule.id),
                    applicability: rule.applicability.max(Applicability::Unsafe),
                    replacements: vec![Replacement { range: call.func.range(), parts: callee }],
                    why: "what is unpacked cannot be seen here".into(),
                }));
            }
            return Err("the call unpacks its arguments; write them out".into());
        }
        // `np.sum(x, out=y)` as a statement writes into `y`.
        let written = self.written_to(call, rule, &view);
        if let Some(reason) = unsupported(rule, &view, self.text, written.map(|_| OUT)) {
            return Err(reason);
        }
        // Arguments that go to `**kwds` keep their names, so the callee alone changes.
        if let (Some(signature), Action::Call(_)) = (&rule.signature, &rule.action)
            && respelled.iter().any(|a| a.name.is_some_and(|name| signature.parameter(name).is_none()))
        {
            let op = rule.op.as_ref().and_then(|name| self.context.rules.rules.ops.get(name)).ok_or("the rule names no op")?;
            let takes_rest = |s: &Signature| s.parameters.iter().any(|p| p.passing == Passing::DoubleStar);
            let known =
                |name: &str| signature.parameter(name).is_none() || op.signature.as_ref().is_some_and(|s| s.parameter(name).is_some());
            if receiver.is_some() || !op.signature.as_deref().is_some_and(takes_rest) || !respelled.iter().filter_map(|a| a.name).all(known)
            {
                return Err("the call passes arguments by names of its own".into());
            }
            let callee = vec![Part::Text(format!("{ALIAS}.{}", self.context.rules.target.spelled(op)?))];
            return fix(vec![Replacement { range: call.func.range(), parts: callee }]);
        }
        let applied = Applied { rule, view: &view, receiver, call };
        match &rule.action {
            Action::Drop => {
                let kept = match receiver {
                    Some((expr, _)) => self.outer_range(expr, call.range().start()),
                    None => respelled.first().ok_or("nothing to keep")?.expr.range(),
                };
                fix(vec![Replacement { range, parts: vec![Part::Source(kept)] }])
            }
            Action::Template(template) => {
                let parts = self.fill(template, applied)?;
                fix(vec![Replacement { range, parts }])
            }
            Action::Statement(template) => {
                if self.statement_call != Some(call.range()) {
                    return Err(if rule.docs.is_empty() {
                        "the result of this call is used; write it as a statement of its own".into()
                    } else {
                        rule.docs.to_string()
                    });
                }
                let target = template.0.iter().find_map(|p| if let Piece::Hole(name) = p { Some(name) } else { None });
                if let Some(name) = target {
                    let expr = if &**name == "self" { receiver.map(|(e, _)| e) } else { view.passed(name).first().map(|a| a.expr) };
                    if !expr.is_some_and(is_place) {
                        return Err(if rule.docs.is_empty() { "what is written to has no name".into() } else { rule.docs.to_string() });
                    }
                }
                let parts = self.fill(template, applied)?;
                fix(vec![Replacement { range, parts }])
            }
            Action::Call(args) => {
                let op = rule.op.as_ref().and_then(|name| self.context.rules.rules.ops.get(name)).ok_or("the rule names no op")?;
                let new = self.new_arguments(op, args, applied)?;
                let (spelled, doubt) = dialect::spell(&self.context.rules.target, op, new)?;
                let in_place = match &spelled {
                    dialect::Call::Function(callee, new) if rule.member.is_empty() => {
                        self.edit_in_place(call, callee, new, receiver, arguments)
                    }
                    _ => None,
                };
                let replacements = match in_place {
                    _ if let Some(place) = written => {
                        if self.has_comment(call.range()) {
                            return Err(COMMENT_LOST.into());
                        }
                        let mut parts = vec![Part::Source(place), Part::Text("[...] = ".into())];
                        parts.extend(spelled.parts());
                        vec![Replacement { range, parts }]
                    }
                    Some(replacements) => replacements,
                    None => {
                        if self.has_comment(call.range()) {
                            return Err(COMMENT_LOST.into());
                        }
                        vec![Replacement { range, parts: spelled.parts() }]
                    }
                };
                let mut fixed = fix(replacements);
                if let (Ok(Some(outcome)), Some(doubt)) = (&mut fixed, doubt) {
                    outcome.weaken(&doubt);
                }
                fixed
            }
            Action::Refuse(_) | Action::Keep => Ok(None),
        }
    }

    /// The array that a call writes its result into, where the call is a whole statement and the op only lacks the parameter.
    fn written_to(&self, call: &'a ExprCall, rule: &Rule, view: &Call<'_, 'a>) -> Option<TextRange> {
        let out = view.passed(OUT).first()?.expr;
        let array = |value: &Value| value.operands().next().is_some() && !value.atoms.iter().any(|a| matches!(a, Atom::None));
        let fits = matches!(rule.action, Action::Call(_))
            && rule.unsupported.contains_key(OUT)
            && rule.member.is_empty()
            && self.statement_call == Some(call.range())
            && is_place(out)
            && array(&view.passed(OUT).first()?.value);
        fits.then(|| out.range())
    }

    /// What a rule keeps, if the target's arrays have it.
    fn kept(&self, rule: &Rule, api: &str) -> Outcome {
        let target = &self.context.rules.target;
        let member = api.rsplit('.').next().unwrap_or(api);
        match &target.members {
            Some(members) if !members.contains(member) => Outcome::Refused {
                reason: format!("arrays of {} have no `{member}` that means the same", target.title),
                rule: Some(Arc::clone(&rule.id)),
            },
            _ => Outcome::Kept { rule: Arc::clone(&rule.id) },
        }
    }

    /// Conditions that compare with a qualified name (`numpy.floating`).
    fn equals_name(&self, view: &Call<'_, 'a>, condition: &crate::rules::kind::Condition) -> bool {
        let crate::rules::kind::Test::Equals(text) = &condition.test else { return false };
        view.passed(&condition.parameter).first().is_some_and(|a| matches!(a.value.single(), Some(Atom::External(name)) if *self.context.rules.facts.canonical(name) == **text || **name == **text))
    }

    /// A dtype is often still the name of one: `torch.float32`.
    fn is_dtype(&self, view: &Call<'_, 'a>, condition: &crate::rules::kind::Condition) -> bool {
        condition.test == crate::rules::kind::Test::Dtype
            && view.passed(&condition.parameter).first().is_some_and(|a| {
                matches!(a.value.single(), Some(Atom::External(name)) if self.context.rules.facts.get(name).is_some_and(|f| f.dtype.is_some()))
            })
    }

    /// Records what the rules make of a name that is mentioned without being called, or of an attribute of an array.
    pub(super) fn fix_mention(
        &mut self,
        range: TextRange,
        api: &str,
        receiver: Option<(&'a Expr, &Value)>,
        outer: Option<TextRange>,
        mapped: bool,
        certain: bool,
    ) {
        if self.quiet() || !self.context.policy.fixes {
            return;
        }
        let rules = &self.context.rules;
        let canonical = rules.facts.canonical(api).into_owned();
        let target = &rules.target;
        let mut outcome = Outcome::Refused { reason: format!("{NO_RULE}`{canonical}`"), rule: None };
        if target.own(&canonical).is_some() {
            let outcome = Outcome::Kept { rule: Arc::clone(&target.name) };
            self.push_outcome(range, api.into(), outcome);
            return;
        }
        // A rule about the name itself comes before those about calling it.
        let (about_name, about_calls): (Vec<&Rule>, Vec<&Rule>) = rules.rules.of(&canonical).partition(|rule| rule.attribute);
        for rule in about_name.into_iter().chain(about_calls) {
            let mut whole = range;
            if !rule.member.is_empty() {
                let Some(outer) = outer else { continue };
                let tail: String = self.text[TextRange::new(range.end(), outer.end())].split_whitespace().collect();
                if !rule.member.iter().any(|m| **m == *tail) {
                    continue;
                }
                whole = outer;
            } else if rule.drops_subscript
                && let Some(outer) = outer
            {
                whole = outer;
            }
            let fix = |parts: Vec<Part>, applicability: Applicability, why: String| Outcome::Fix {
                rule: Arc::clone(&rule.id),
                applicability,
                replacements: vec![Replacement { range: whole, parts }],
                why,
            };
            if !rule.attribute {
                // A class, or a function as a value; a method that is not called keeps its object, which no function has.
                let op = rule.op.as_ref().and_then(|name| rules.rules.ops.get(name));
                if let Some(op) = op.filter(|op| receiver.is_none() && (rule.class || rule.only_renames(op))) {
                    let (applicability, why) = if rule.class {
                        (rule.applicability, rule.why.to_string())
                    } else if mapped && rule.applicability == Applicability::Safe {
                        (Applicability::Safe, String::new())
                    } else {
                        (Applicability::Unsafe, "nobody knows how the function will be called".to_owned())
                    };
                    outcome = match target.spelled(op) {
                        // The target may name parameters otherwise, and nobody sees how the function is called.
                        Ok(_) if target.template(&op.name).is_some() || target.method(&op.name).is_some() || !target.scalars => {
                            Outcome::Refused {
                                reason: "the function is passed on; its arguments cannot be seen here".into(),
                                rule: Some(Arc::clone(&rule.id)),
                            }
                        }
                        Ok(spelled) => fix(vec![Part::Text(format!("{ALIAS}.{spelled}"))], applicability, why),
                        Err(reason) => Outcome::Refused { reason, rule: Some(Arc::clone(&rule.id)) },
                    };
                    break;
                }
                if let Action::Refuse(text) = &rule.action {
                    outcome = Outcome::Refused { reason: text.to_string(), rule: Some(Arc::clone(&rule.id)) };
                } else {
                    outcome = Outcome::Refused {
                        reason: "the function is passed on; its arguments cannot be seen here".into(),
                        rule: Some(Arc::clone(&rule.id)),
                    };
                }
                continue;
            }
            outcome = match &rule.action {
                Action::Keep => self.kept(rule, &canonical),
                Action::Refuse(text) => Outcome::Refused { reason: text.to_string(), rule: Some(Arc::clone(&rule.id)) },
                Action::Drop => match receiver {
                    Some((expr, _)) => {
                        fix(vec![Part::Source(self.outer_range(expr, range.start()))], rule.applicability, rule.why.to_string())
                    }
                    None => Outcome::Refused { reason: "nothing to keep".into(), rule: Some(Arc::clone(&rule.id)) },
                },
                Action::Template(template) => {
                    let mut parts = Vec::new();
                    for (i, piece) in template.0.iter().enumerate() {
                        match (piece, receiver) {
                            (Piece::Text(text), _) => parts.push(Part::Text(text.to_string())),
                            (Piece::Hole(_), Some((expr, _))) => {
                                let before = template.0[..i].last().map_or("", |p| if let Piece::Text(t) = p { t } else { "" });
                                let source = self.outer_range(expr, range.start());
                                let bare = before.ends_with('(') || is_atomic(expr) || source != expr.range();
                                push_wrapped(&mut parts, Part::Source(source), !bare);
                            }
                            (Piece::Hole(_), None) => {}
                        }
                    }
                    fix(parts, rule.applicability, rule.why.to_string())
                }
                Action::Call(_) | Action::Statement(_) => {
                    let op = rule.op.as_ref().and_then(|name| rules.rules.ops.get(name)).ok_or("the rule names no op".to_owned());
                    let made = op.and_then(|op| match receiver {
                        None if *op.name == *rules.array_op && target.array.is_empty() => {
                            Err(format!("the arrays of {} have no class with a name", target.title))
                        }
                        // The class itself may be what code imports.
                        None if *op.name == *rules.array_op && target.array == target.alias => {
                            Ok((vec![Part::Text(ALIAS.to_string())], None))
                        }
                        None if *op.name == *rules.array_op => Ok((vec![Part::Text(format!("{ALIAS}.{}", target.array))], None)),
                        None => Ok((vec![Part::Text(format!("{ALIAS}.{}", target.spelled(op)?))], None)),
                        Some((expr, value)) => {
                            let source = self.outer_range(expr, range.start());
                            let argument = dialect::Argument {
                                parameter: op.signature.as_ref().and_then(|s| s.parameters.first()).map_or("x".into(), |p| p.name.clone()),
                                by_position: true,
                                parts: vec![Part::Source(source)],
                                source: None,
                                atomic: is_atomic(expr) || source != expr.range(),
                                operand: operand(value),
                                text: self.text[source].into(),
                            };
                            dialect::spell(target, op, vec![argument]).map(|(call, doubt)| (call.parts(), doubt))
                        }
                    });
                    match made {
                        Ok((parts, doubt)) => {
                            let mut outcome = fix(parts, rule.applicability, rule.why.to_string());
                            if let Some(doubt) = doubt {
                                outcome.weaken(&doubt);
                            }
                            outcome
                        }
                        Err(reason) => Outcome::Refused { reason, rule: Some(Arc::clone(&rule.id)) },
                    }
                }
            };
            break;
        }
        if let Some((_, value)) = receiver
            && !value.is_surely_array()
        {
            outcome.weaken("the receiver is not proved to be an array for every caller");
        }
        if self.strange_dtype == Some(range) {
            outcome.weaken("the dtype is passed to something that may not know those of the target");
        }
        let moved = receiver.is_none().then(|| self.mention_moves(range, &canonical, &outcome)).flatten();
        if !certain {
            outcome = Outcome::Refused { reason: format!("it may be `{api}` or something else"), rule: None };
        }
        self.push_site(Site { range, name: api.into(), outcome, stays: None, moved, indirect: false, scope: self.scope_name() });
    }

    /// Whether the target has what it spells `text` under the path that the code writes as well.
    fn target_has(&self, text: &str, path: &str) -> bool {
        *text == format!("{ALIAS}.{path}") || self.context.rules.target.others.contains(path)
    }

    /// How sure it is that a mention means the same as written once the name it begins with is imported from the target.
    fn mention_moves(&self, range: TextRange, canonical: &str, outcome: &Outcome) -> Option<Applicability> {
        // The library's module itself: whoever gets it finds only what the target has.
        if self.context.rules.facts.libraries.iter().any(|library| *library.name == *canonical) {
            return Some(Applicability::Unsafe);
        }
        let Outcome::Fix { replacements, applicability, .. } = outcome else { return None };
        let [Replacement { range: replaced, parts }] = replacements.as_slice() else { return None };
        let [Part::Text(text)] = parts.as_slice() else { return None };
        let path = self.text[range].split_once('.').map(|(_, path)| path);
        (*replaced == range && path.is_none_or(|path| self.target_has(text, path))).then_some(*applicability)
    }
}

/// Gives new text within f-strings quotes that do not end them: before Python 3.12 a field cannot hold those of its string.
/// Whether that is possible; text of the source has such quotes already.
fn requote(replacements: &mut [Replacement], around: &[char]) -> bool {
    if around.is_empty() {
        return true;
    }
    let texts = replacements.iter_mut().flat_map(|replacement| &mut replacement.parts);
    for part in texts {
        let Part::Text(text) = part else { continue };
        let taken: Vec<char> = ['"', '\''].into_iter().filter(|quote| text.contains(*quote)).collect();
        if text.contains('\\') {
            return false;
        }
        if !taken.iter().any(|quote| around.contains(quote)) {
            continue;
        }
        let free = ['"', '\''].into_iter().find(|quote| !around.contains(quote));
        let ([quote], Some(free)) = (taken.as_slice(), free) else { return false };
        *text = text.replace(*quote, &free.to_string());
    }
    true
}

fn alias_of<'s>(aliases: &'s [(Arc<str>, Arc<str>)], name: &'s str) -> &'s str {
    aliases.iter().find(|(alias, _)| **alias == *name).map_or(name, |(_, real)| real)
}

/// Whether the arguments fit the parameters, as far as can be told without running anything.
fn binds(signature: &Signature, arguments: &[Argument<'_>], method: bool) -> bool {
    let receiver = usize::from(method && signature.parameters.first().is_some_and(|p| &*p.name == "self"));
    let slots = signature.parameters.iter().skip(receiver).filter(|p| matches!(p.passing, Passing::Position | Passing::Either)).count();
    let star = signature.parameters.iter().any(|p| p.passing == Passing::Star);
    let rest = signature.parameters.iter().any(|p| p.passing == Passing::DoubleStar);
    let positional: Vec<_> = arguments.iter().filter(|a| a.name.is_none() && !a.unpacked).collect();
    let open = arguments.iter().any(|a| a.unpacked);
    if positional.len() > slots && !star {
        return false;
    }
    for argument in arguments.iter().filter_map(|a| a.name) {
        match signature
            .parameters
            .iter()
            .skip(receiver)
            .position(|p| &*p.name == argument && matches!(p.passing, Passing::Either | Passing::Keyword))
        {
            Some(at) => {
                let by_position = signature
                    .parameters
                    .iter()
                    .skip(receiver)
                    .take(at)
                    .filter(|p| matches!(p.passing, Passing::Position | Passing::Either))
                    .count();
                if signature.parameters[receiver + at].passing == Passing::Either && by_position < positional.len() {
                    return false;
                }
            }
            None if rest => {}
            None => return false,
        }
    }
    // What has no default must be passed.
    let required = |p: &&crate::rules::signature::Parameter| p.passing == Passing::Keyword && p.default.is_none();
    if !open && signature.parameters.iter().filter(required).any(|p| !arguments.iter().any(|a| a.name == Some(&p.name))) {
        return false;
    }
    open || signature
        .parameters
        .iter()
        .skip(receiver)
        .filter(|p| matches!(p.passing, Passing::Position | Passing::Either))
        .enumerate()
        .all(|(i, p)| p.default.is_some() || i < positional.len() || arguments.iter().any(|a| a.name == Some(&p.name)))
}

/// Whether a `*args` of the call lands in a `*args` of the op.
fn takes_star(rule: &Rule, arguments: &[Argument<'_>]) -> bool {
    let star = rule.signature.as_ref().and_then(|s| s.parameters.iter().find(|p| p.passing == Passing::Star));
    let before = rule
        .signature
        .as_ref()
        .map_or(0, |s| s.parameters.iter().filter(|p| &*p.name != "self").take_while(|p| p.passing != Passing::Star).count());
    star.is_some() && arguments.iter().filter(|a| a.name.is_none()).position(|a| a.unpacked).is_some_and(|at| at >= before)
}

/// The reason why a passed parameter cannot be carried over.
fn unsupported(rule: &Rule, view: &Call<'_, '_>, text: &str, except: Option<&str>) -> Option<String> {
    let signature = rule.signature.as_deref()?;
    for parameter in signature.parameters.iter().filter(|p| except != Some(&*p.name)) {
        let Some(reason) = rule.unsupported.get(&parameter.name) else { continue };
        for argument in view.passed(&parameter.name) {
            let written = text[argument.expr.range()].replace('"', "'");
            if parameter.default.as_deref() != Some(&*written) {
                return Some(format!("`{}={written}`: {reason}", parameter.name));
            }
        }
    }
    None
}

/// What is known of a value that stands where an op takes an array.
pub(super) fn operand(value: &Value) -> Operand {
    let floats = |value: &Value| value.single().is_some_and(|atom| matches!(atom, Atom::Float));
    let exact =
        |value: &Value| value.operands().next().is_some() && value.operands().all(|a| matches!(a, Atom::Int | Atom::Bool | Atom::Array(_)));
    if value.is_surely_array() {
        return Operand::Array;
    }
    match value.single() {
        Some(Atom::Float | Atom::Complex) => Operand::Float,
        Some(Atom::Int | Atom::Bool) => Operand::Int,
        Some(Atom::Number) => Operand::Float,
        Some(Atom::List(element) | Atom::TupleOf(element)) => Operand::Sequence { floats: floats(element), exact: exact(element) },
        Some(Atom::Tuple(elements)) => Operand::Sequence { floats: elements.iter().any(floats), exact: elements.iter().all(exact) },
        _ => Operand::Unknown,
    }
}
