//! What the rules make of a call or a mention: replacements of source text, or the reason why not.

use std::sync::Arc;

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::arguments::{Argument, Call};
use super::value::{Atom, How, Value};
use super::walk::Walker;
use crate::dialect::{self, Operand, Spelled};
use crate::rewrite::{NO_RULE, Outcome, Part, Replacement, Site};
use crate::rules::kind::Test;
use crate::rules::op::{ALIAS, Action, Applicability, Form, Op, Piece, Rule, Template};
use crate::rules::signature::{Passing, Signature};
use crate::rules::target::Style;

/// The parameter by which functions write their result into an array.
const OUT: &str = "out";

/// Why a rule cannot be applied to a call.
type Refusal = String;

/// What an argument form makes: text, the argument of the source call that it is, and whether that went by position.
type Made<'a> = (Vec<Part>, Option<usize>, bool, Option<(&'a Expr, Operand)>);

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
        match &rule.action {
            Action::Drop => {
                let kept = match receiver {
                    Some((expr, _)) => self.outer_range(expr, call.range().start()),
                    None => respelled.first().ok_or("nothing to keep")?.expr.range(),
                };
                fix(vec![Replacement { range, parts: vec![Part::Source(kept)] }])
            }
            Action::Template(template) => {
                let parts = self.fill(template, rule, &view, receiver, call)?;
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
                let parts = self.fill(template, rule, &view, receiver, call)?;
                fix(vec![Replacement { range, parts }])
            }
            Action::Call(args) => {
                let op = rule.op.as_ref().and_then(|name| self.context.rules.rules.ops.get(name)).ok_or("the rule names no op")?;
                let new = self.new_arguments(op, args, rule, &view, receiver, call)?;
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
                            return Err("a comment inside the call would be lost; move it out".into());
                        }
                        let mut parts = vec![Part::Source(place), Part::Text("[...] = ".into())];
                        parts.extend(spelled.parts());
                        vec![Replacement { range, parts }]
                    }
                    Some(replacements) => replacements,
                    None => {
                        if self.has_comment(call.range()) {
                            return Err("a comment inside the call would be lost; move it out".into());
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

    fn has_comment(&self, range: TextRange) -> bool {
        let tokens = &self.module.tokens;
        tokens.in_range(range).iter().any(|t| t.kind() == TokenKind::Comment)
    }

    /// An expression with its own parentheses, given that the expression around it begins at `start`.
    pub(super) fn outer_range(&self, expr: &Expr, start: TextSize) -> TextRange {
        let tokens = &self.module.tokens;
        let mut range = expr.range();
        for token in tokens.in_range(TextRange::new(start, range.start())).iter().rev() {
            if token.kind() == TokenKind::Lpar {
                range = TextRange::new(token.range().start(), range.end());
            }
        }
        let opened = self.text[TextRange::new(range.start(), expr.range().start())].matches('(').count();
        let mut closed = 0;
        for token in tokens.after(expr.range().end()) {
            if closed == opened {
                break;
            }
            match token.kind() {
                TokenKind::Rpar => {
                    closed += 1;
                    range = TextRange::new(range.start(), token.range().end());
                }
                kind if kind.is_trivia() => {}
                _ => break,
            }
        }
        range
    }

    /// The text of an argument in a place that needs no more than an argument.
    fn argument_part(&self, expr: &Expr) -> Part {
        Part::Source(expr.range())
    }

    fn fill(
        &self,
        template: &Template,
        rule: &Rule,
        view: &Call<'_, 'a>,
        receiver: Option<(&'a Expr, &Value)>,
        call: &'a ExprCall,
    ) -> Result<Vec<Part>, Refusal> {
        let mut parts = Vec::new();
        for (i, piece) in template.0.iter().enumerate() {
            match piece {
                Piece::Text(text) => parts.push(Part::Text(text.to_string())),
                Piece::Hole(name) => {
                    let before = template.0[..i].last().map_or("", |p| if let Piece::Text(t) = p { t } else { "" });
                    let after = template.0.get(i + 1).map_or("", |p| if let Piece::Text(t) = p { t } else { "" });
                    let enclosed = before.trim_end().ends_with(['(', '[', ',', '=']) && (after.trim_start().starts_with([')', ']', ',']));
                    if let (Some((expr, _)), "self") = (receiver, &**name) {
                        let whole = self.outer_range(expr, call.range().start());
                        let bare = enclosed || is_atomic(expr) || whole != expr.range();
                        push_wrapped(&mut parts, Part::Source(whole), !bare);
                        continue;
                    }
                    let signature = rule.signature.as_deref();
                    let is_star = signature.and_then(|s| s.parameter(name)).is_some_and(|p| p.passing == Passing::Star);
                    let passed = view.passed(name);
                    if is_star {
                        parts.extend(pack_parts(&passed));
                        continue;
                    }
                    match passed.first() {
                        Some(argument) => {
                            let bare =
                                enclosed || is_atomic(argument.expr) || (argument.expr.is_number_literal_expr() && !after.starts_with('.'));
                            push_wrapped(&mut parts, self.argument_part(argument.expr), !bare);
                        }
                        None => {
                            let default =
                                signature.and_then(|s| s.parameter(name)).and_then(|p| p.default.as_deref()).filter(|d| *d != "...");
                            match default {
                                Some(default) => parts.push(Part::Text(default.to_owned())),
                                None => return Err(format!("`{name}` has to be passed for this to be rewritten")),
                            }
                        }
                    }
                }
            }
        }
        Ok(parts)
    }

    /// The arguments of the op's call, in their order.
    fn new_arguments(
        &self,
        op: &Op,
        args: &[(Arc<str>, Form)],
        rule: &Rule,
        view: &Call<'_, 'a>,
        receiver: Option<(&'a Expr, &Value)>,
        call: &'a ExprCall,
    ) -> Result<Vec<dialect::Argument>, Refusal> {
        let Some(target) = op.signature.as_deref() else { return Err(format!("`{}` of the target is no function", op.name)) };
        let mut positional: Vec<dialect::Argument> = Vec::new();
        let mut keywords: Vec<(usize, dialect::Argument)> = Vec::new();
        let mut unbroken = true;
        for parameter in &target.parameters {
            let Some((_, form)) = args.iter().find(|(name, _)| *name == parameter.name) else {
                unbroken = false;
                continue;
            };
            let star = parameter.passing == Passing::Star;
            let made = self.make(form, rule, view, receiver, call, star)?;
            if made.is_empty() {
                unbroken = false;
                continue;
            }
            for (parts, source, by_position, known) in made {
                let by_position = match parameter.passing {
                    Passing::Position => {
                        if !unbroken {
                            return Err(format!("`{}` cannot be left out before `{}`", op.name, parameter.name));
                        }
                        true
                    }
                    Passing::Star => true,
                    Passing::Either => unbroken && by_position,
                    Passing::Keyword | Passing::DoubleStar => false,
                };
                let text = match (&parts[..], known) {
                    (_, Some((expr, _))) => self.text[expr.range()].into(),
                    ([Part::Text(text)], None) => text.as_str().into(),
                    _ => parameter.name.clone(),
                };
                let new = dialect::Argument {
                    parameter: Arc::clone(&parameter.name),
                    by_position,
                    parts,
                    source,
                    atomic: known.is_none_or(|(expr, _)| is_atomic(expr)),
                    operand: known.map_or(Operand::Unknown, |(_, operand)| operand),
                    text,
                };
                if by_position {
                    positional.push(new);
                } else {
                    unbroken = false;
                    keywords.push((source.unwrap_or(usize::MAX), new));
                }
            }
        }
        keywords.sort_by_key(|(order, _)| *order);
        positional.extend(keywords.into_iter().map(|(_, new)| new));
        Ok(positional)
    }

    /// What an argument form gives; several only for `*args`.
    fn make(
        &self,
        form: &Form,
        rule: &Rule,
        view: &Call<'_, 'a>,
        receiver: Option<(&'a Expr, &Value)>,
        call: &'a ExprCall,
        star: bool,
    ) -> Result<Vec<Made<'a>>, Refusal> {
        let index = |argument: &Argument<'a>| view.arguments.iter().position(|a| a.expr.range() == argument.expr.range());
        Ok(match form {
            Form::Value(text) => vec![(vec![Part::Text(text.to_string())], None, false, None)],
            Form::Pack(parameter) => {
                let passed = view.passed(parameter);
                if passed.is_empty() { Vec::new() } else { vec![(pack_parts(&passed), passed.first().and_then(|a| index(a)), true, None)] }
            }
            Form::Tuple(parameters) => {
                let mut parts = vec![Part::Text("(".into())];
                for (i, parameter) in parameters.iter().enumerate() {
                    if i > 0 {
                        parts.push(Part::Text(", ".into()));
                    }
                    match view.passed(parameter).first() {
                        Some(argument) => parts.push(self.argument_part(argument.expr)),
                        None => match rule.signature.as_ref().and_then(|s| s.parameter(parameter)).and_then(|p| p.default.as_deref()) {
                            Some(default) => parts.push(Part::Text(default.to_owned())),
                            None => return Ok(Vec::new()),
                        },
                    }
                }
                parts.push(Part::Text(")".into()));
                vec![(parts, None, false, None)]
            }
            Form::From { parameter, default, map, template } => {
                if let (Some((expr, value)), "self") = (receiver, &**parameter) {
                    let whole = self.outer_range(expr, call.range().start());
                    let parts = match template {
                        Some(template) => self.fill(template, rule, view, receiver, call)?,
                        None => vec![Part::Source(whole)],
                    };
                    return Ok(vec![(parts, None, true, Some((expr, operand(value))))]);
                }
                let passed = view.passed(parameter);
                let is_star = rule.signature.as_ref().and_then(|s| s.parameter(parameter)).is_some_and(|p| p.passing == Passing::Star);
                if is_star && star {
                    return Ok(passed
                        .iter()
                        .map(|a| {
                            let mut parts = vec![self.argument_part(a.expr)];
                            if a.unpacked {
                                parts.insert(0, Part::Text("*".into()));
                            }
                            (parts, index(a), true, Some((a.expr, if a.unpacked { Operand::Unknown } else { operand(&a.value) })))
                        })
                        .collect());
                }
                let Some(argument) = passed.first() else {
                    return Ok(match default {
                        Some(text) => vec![(vec![Part::Text(text.to_string())], None, false, None)],
                        None => Vec::new(),
                    });
                };
                let by_position = argument.name.is_none();
                let parts = match (map, template) {
                    (Some(map), _) => {
                        let text = &self.text[argument.expr.range()];
                        let qualified = match argument.value.single() {
                            Some(Atom::External(name)) => Some(self.context.rules.facts.canonical(name).into_owned()),
                            _ => None,
                        };
                        let literal = text.replace('"', "'");
                        let found = map.iter().find(|(key, _)| **key == *text || **key == *literal || qualified.as_deref() == Some(key));
                        match found {
                            Some((_, value)) => vec![Part::Text(value.to_string())],
                            None => {
                                return Err(format!(
                                    "`{parameter}={text}` has no counterpart: {}",
                                    map.iter().map(|(k, _)| format!("`{k}`")).collect::<Vec<_>>().join(", ")
                                ));
                            }
                        }
                    }
                    (None, Some(template)) => self.fill(template, rule, view, receiver, call)?,
                    (None, None) => vec![self.argument_part(argument.expr)],
                };
                let known = (map.is_none() && template.is_none()).then(|| (argument.expr, operand(&argument.value)));
                vec![(parts, index(argument), by_position, known)]
            }
        })
    }

    /// Edits that keep the layout: only the callee and keywords change, all arguments stay where they are.
    fn edit_in_place(
        &self,
        call: &'a ExprCall,
        callee: &str,
        new: &[Spelled],
        receiver: Option<(&'a Expr, &Value)>,
        arguments: &[Argument<'a>],
    ) -> Option<Vec<Replacement>> {
        let rest = if let Some((expr, _)) = receiver {
            let first = new.first()?;
            let whole = self.outer_range(expr, call.range().start());
            if first.keyword.is_some() || first.source.is_some() || first.parts != [Part::Source(whole)] {
                return None;
            }
            &new[1..]
        } else {
            new
        };
        let same = rest.len() == arguments.len()
            && rest
                .iter()
                .enumerate()
                .all(|(i, n)| n.source == Some(i) && n.parts == [Part::Source(arguments[i].expr.range())] && !arguments[i].unpacked);
        // The written order is the order in `arguments` only if no keyword stands before a positional argument.
        if !same || arguments.windows(2).any(|w| w[0].expr.range().start() > w[1].expr.range().start()) {
            return None;
        }
        let mut edits = Vec::new();
        let tokens = &self.module.tokens;
        match receiver {
            None => edits.push(Replacement { range: call.func.range(), parts: vec![Part::Text(callee.to_owned())] }),
            Some((expr, _)) => {
                let Expr::Attribute(attribute) = &*call.func else { return None };
                let whole = self.outer_range(expr, call.range().start());
                let dot = tokens
                    .in_range(TextRange::new(whole.end(), attribute.attr.range().start()))
                    .iter()
                    .find(|t| t.kind() == TokenKind::Dot)?;
                // Parentheses around the receiver become those of the call: `(a * b).sum()` is `ops.sum(a * b)`.
                let (before, after) =
                    (TextRange::new(call.range().start(), expr.range().start()), TextRange::new(expr.range().end(), dot.range().start()));
                let blank = |range: TextRange| self.text[range].chars().all(|c| matches!(c, '(' | ')' | ' '));
                let bare = whole.start() == call.range().start() && is_argument(expr) && blank(before) && blank(after);
                let head = if bare { before } else { TextRange::empty(call.range().start()) };
                edits.push(Replacement { range: head, parts: vec![Part::Text(format!("{callee}("))] });
                let separator = if rest.is_empty() { "" } else { ", " };
                let open = tokens.after(attribute.attr.range().end()).iter().find(|t| t.kind() == TokenKind::Lpar)?;
                // `x.mean(` on one line is one edit; spread over lines, each token goes by itself so that comments stay.
                let start = if bare { expr.range().end() } else { dot.range().start() };
                let between = TextRange::new(start, open.range().end());
                if self.has_comment(between) || self.text[between].contains('\n') {
                    if bare {
                        edits.push(Replacement { range: after, parts: Vec::new() });
                    }
                    edits.push(Replacement { range: dot.range(), parts: vec![Part::Text(separator.trim_end().to_owned())] });
                    edits.push(Replacement {
                        range: TextRange::new(attribute.attr.range().start(), open.range().end()),
                        parts: vec![Part::Text(if rest.is_empty() { String::new() } else { " ".into() })],
                    });
                } else {
                    // Where the arguments begin on the next line, no blank is left at the end of this one.
                    let breaks = self.text[open.range().end().to_usize()..].starts_with(['\n', '\r']);
                    let separator = if breaks { separator.trim_end() } else { separator };
                    edits.push(Replacement { range: between, parts: vec![Part::Text(separator.to_owned())] });
                }
            }
        }
        for (n, argument) in rest.iter().zip(arguments) {
            let keyword = call.arguments.keywords.iter().find(|k| k.value.range() == argument.expr.range());
            let old = keyword.and_then(|k| k.arg.as_ref());
            match (old, &n.keyword) {
                (Some(old), Some(new)) if old.as_str() != &**new => {
                    edits.push(Replacement { range: old.range(), parts: vec![Part::Text(new.to_string())] })
                }
                (None, Some(new)) => {
                    let start = self.outer_range(argument.expr, self.argument_start(call, argument.expr)).start();
                    edits.push(Replacement { range: TextRange::empty(start), parts: vec![Part::Text(format!("{new}="))] });
                }
                (Some(_), None) => {
                    let keyword = keyword?;
                    edits.push(Replacement {
                        range: TextRange::new(
                            keyword.range().start(),
                            self.outer_range(argument.expr, keyword.arg.as_ref()?.range().end()).start(),
                        ),
                        parts: Vec::new(),
                    });
                }
                _ => {}
            }
        }
        Some(edits)
    }

    /// Where the text before an argument ends: after the comma or the opening parenthesis.
    fn argument_start(&self, call: &ExprCall, expr: &Expr) -> TextSize {
        let tokens = &self.module.tokens;
        let open = call.arguments.range().start() + TextSize::new(1);
        let before = tokens.in_range(TextRange::new(open, expr.range().start()));
        before.iter().rev().find(|t| t.kind() == TokenKind::Comma).map_or(open, |t| t.range().end())
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
                // A function as a value.
                let op = rule.op.as_ref().and_then(|name| rules.rules.ops.get(name));
                if let Some(op) = op.filter(|op| rule.only_renames(op)) {
                    let (applicability, why) = if mapped && rule.applicability == Applicability::Safe {
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

/// A `*shape` as one tuple; a single tuple, list or shape passes as it is.
fn pack_parts(passed: &[&Argument<'_>]) -> Vec<Part> {
    if let [only] = passed {
        // One argument that is not proved to be a number may be the whole shape; the op takes either.
        let number = only.value.operands().next().is_some() && only.value.operands().all(Atom::is_number);
        let display = matches!(only.expr, Expr::Tuple(_) | Expr::List(_));
        if !only.unpacked && (display || !number) {
            return vec![Part::Source(only.expr.range())];
        }
        let star = if only.unpacked { "(*" } else { "(" };
        return vec![Part::Text(star.into()), Part::Source(only.expr.range()), Part::Text(",)".into())];
    }
    let mut parts = vec![Part::Text("(".into())];
    for (i, argument) in passed.iter().enumerate() {
        if i > 0 {
            parts.push(Part::Text(", ".into()));
        }
        if argument.unpacked {
            parts.push(Part::Text("*".into()));
        }
        parts.push(Part::Source(argument.expr.range()));
    }
    parts.push(Part::Text(")".into()));
    parts
}

fn push_wrapped(parts: &mut Vec<Part>, part: Part, wrap: bool) {
    dialect::push_wrapped(parts, vec![part], wrap);
}

/// Whether an expression needs no parentheses wherever it stands.
pub(super) fn is_atomic(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Name(_)
            | Expr::Attribute(_)
            | Expr::Call(_)
            | Expr::Subscript(_)
            | Expr::List(_)
            | Expr::Dict(_)
            | Expr::Set(_)
            | Expr::ListComp(_)
            | Expr::SetComp(_)
            | Expr::DictComp(_)
            | Expr::StringLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
    ) || matches!(expr, Expr::Tuple(t) if t.parenthesized)
}

/// Whether an expression needs no parentheses of its own as an argument.
fn is_argument(expr: &Expr) -> bool {
    !matches!(expr, Expr::Named(_) | Expr::Generator(_) | Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Starred(_))
}

/// Whether an expression can stand left of `[...] =` without being evaluated twice to another effect.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) => true,
        Expr::Attribute(attribute) => is_place(&attribute.value),
        Expr::Subscript(subscript) => is_place(&subscript.value),
        _ => false,
    }
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
