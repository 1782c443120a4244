//! The module that code is moved to as a library: what its functions give and what its arrays and classes have, read off the
//! rules that lead to it. Code that is half moved, or is looked at again, is understood by it as it was before.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::kind::Kind;
use super::library::{Facts, Member, Moved};
use super::op::{Action, Rules};
use super::target::Target;

/// Tells `facts` of the target's ops, arrays and classes.
pub(super) fn describe(facts: &mut Facts, rules: &Rules, target: &Target) {
    if target.module.is_empty() || target.array.is_empty() {
        return;
    }
    let mut moved = Moved { module: Arc::clone(&target.module), title: Arc::clone(&target.title), ..Moved::default() };
    moved.array = format!("{}.{}", target.module, target.array).into();
    for rule in &rules.rules {
        let Some(op) = &rule.op else { continue };
        let is_array = rule.attribute && **op == *target.array;
        for api in rule.apis.iter().filter(|_| is_array || rule.class) {
            if let Some(class) = facts.class_named(api).filter(|class| rule.class || facts.class(*class).is_array) {
                let name = if is_array { Arc::clone(&moved.array) } else { format!("{}.{op}", target.module).into() };
                moved.names.insert(Arc::clone(&facts.class(class).name), Arc::clone(&name));
                moved.classes.push((class, name));
            }
        }
    }
    for rule in rules.rules.iter().filter(|rule| !rule.attribute && !rule.class && matches!(rule.action, Action::Call(_))) {
        let Some(op) = &rule.op else { continue };
        let name: Arc<str> = format!("{}.{op}", target.module).into();
        if !moved.functions.iter().any(|(known, _)| *known == name)
            // What Python's own functions give says nothing of arrays.
            && let Some(kind) = rule.apis.iter().filter(|api| !facts.library_of(api).is_some_and(|l| facts.is_absolute(l))).find_map(|api| given_by(facts, api))
        {
            let kind = renamed(&kind, &moved.names);
            moved.functions.push((name, kind));
        }
    }
    facts.add_target(&moved);
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
            Member::Method(kind) | Member::Attribute(kind) => Some(kind.clone()),
        },
        None => facts.library_of(api).map(|library| facts.library(library).default.clone()),
    }
}

/// The kind where it is given by the target: instances of a library's classes are those of its own, or none of its.
pub(super) fn renamed(kind: &Kind, names: &FxHashMap<Arc<str>, Arc<str>>) -> Kind {
    let each = |kinds: &[Kind]| kinds.iter().map(|kind| renamed(kind, names)).collect();
    let shared = |kind: &Kind| Arc::new(renamed(kind, names));
    match kind {
        Kind::Instance(class) => names.get(class).map_or(Kind::Unknown, |name| Kind::Instance(Arc::clone(name))),
        Kind::Type => Kind::Unknown,
        // Results without axes are arrays as well.
        Kind::Scalar | Kind::Reduction | Kind::Elementwise => Kind::Array,
        Kind::Sized(kind) => Kind::Sized(Box::new(renamed(kind, names))),
        Kind::List(kind) => Kind::List(shared(kind)),
        Kind::Set(kind) => Kind::Set(shared(kind)),
        Kind::Iter(kind) => Kind::Iter(shared(kind)),
        Kind::Dict(key, value) => Kind::Dict(shared(key), shared(value)),
        Kind::Tuple(kinds) => Kind::Tuple(each(kinds)),
        Kind::TupleOf(kind) => Kind::TupleOf(shared(kind)),
        Kind::Union(kinds) => Kind::Union(each(kinds)),
        // What depends on arguments in a library has an op of its own for each special case.
        Kind::ByArguments(cases) => cases.last().map_or(Kind::Unknown, |(_, kind)| renamed(kind, names)),
        other => other.clone(),
    }
}
