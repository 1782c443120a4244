//! The module that code is moved to as a library: what its functions give and what its arrays have, read off the rules that
//! lead to it. Code that is half moved, or is looked at again, is understood by it as it was before.

use std::sync::Arc;

use super::kind::Kind;
use super::library::{ClassRef, Facts};
use super::op::{Action, Rules};
use super::target::Target;

/// Tells `facts` of the target's ops and arrays.
pub(super) fn describe(facts: &mut Facts, rules: &Rules, target: &Target) {
    if target.module.is_empty() || target.array.is_empty() {
        return;
    }
    let mut classes: Vec<ClassRef> = Vec::new();
    let mut functions: Vec<(Arc<str>, Kind)> = Vec::new();
    for rule in &rules.rules {
        let Some(op) = &rule.op else { continue };
        if rule.attribute && **op == *target.array {
            classes.extend(rule.apis.iter().filter_map(|api| facts.class_named(api)).filter(|class| facts.class(*class).is_array));
        }
        let makes_call = !rule.attribute && matches!(rule.action, Action::Call(_));
        if makes_call
            && !functions.iter().any(|(known, _)| known == op)
            && let Some(kind) = rule.apis.iter().find_map(|api| given_by(facts, api))
        {
            functions.push((Arc::clone(op), of_target(&kind)));
        }
    }
    facts.add_target(&target.module, &target.title, &target.array, &classes, functions);
}

/// What a function or a method of a library gives.
fn given_by(facts: &Facts, api: &str) -> Option<Kind> {
    let fact = facts.get(api);
    if let Some(kind) = fact.and_then(|fact| fact.kind.clone()) {
        return Some(kind);
    }
    if fact.is_some_and(|fact| fact.class.is_some()) {
        return None;
    }
    match api.rsplit_once('.').and_then(|(class, member)| Some((facts.class_named(class)?, member))) {
        Some((class, member)) => match facts.member(class, member)?.1 {
            super::library::Member::Method(kind) | super::library::Member::Attribute(kind) => Some(kind.clone()),
        },
        None => facts.library_of(api).map(|library| facts.library(library).default.clone()),
    }
}

/// The kind where it is given by the target: instances of a library's classes are none of its.
pub(super) fn of_target(kind: &Kind) -> Kind {
    let each = |kinds: &[Kind]| kinds.iter().map(of_target).collect();
    let boxed = |kind: &Kind| Arc::new(of_target(kind));
    match kind {
        Kind::Instance(_) | Kind::Type => Kind::Unknown,
        Kind::Sized(kind) => Kind::Sized(Box::new(of_target(kind))),
        Kind::List(kind) => Kind::List(boxed(kind)),
        Kind::Set(kind) => Kind::Set(boxed(kind)),
        Kind::Iter(kind) => Kind::Iter(boxed(kind)),
        Kind::Dict(key, value) => Kind::Dict(boxed(key), boxed(value)),
        Kind::Tuple(kinds) => Kind::Tuple(each(kinds)),
        Kind::TupleOf(kind) => Kind::TupleOf(boxed(kind)),
        Kind::Union(kinds) => Kind::Union(each(kinds)),
        Kind::ByArguments(cases) => Kind::ByArguments(cases.iter().map(|(when, kind)| (when.clone(), of_target(kind))).collect()),
        other => other.clone(),
    }
}
