//! The target's own names in the code: those that moved are brought up to date, those that it lacks are reported.

use std::sync::Arc;

use ruff_python_ast::{Alias, Expr, ExprAttribute};
use ruff_text_size::{Ranged, TextRange};

use super::project::Resolved;
use super::value::{Atom, Value};
use super::walk::Walker;
use crate::codes;
use crate::finding::Confidence;
use crate::rewrite::{Outcome, Part, Replacement};
use crate::rules::op::{ALIAS, Applicability};
use crate::rules::target::closest;

impl<'a> Walker<'a> {
    /// Looks at a use of `qualified`, written as `expr`: a report and an edit, if the target's module lacks it now.
    pub(super) fn check_own(&mut self, expr: &'a Expr, qualified: &Arc<str>) {
        // A name that was imported from the module is dealt with where it is imported.
        if expr.is_name_expr() {
            return;
        }
        if let Some((to, since)) = self.report_own(expr.range(), qualified) {
            self.fix_moved(expr, qualified, &to, &since);
        }
    }

    /// Looks at `ops.mean` where the module of ops is part of the project: its own names are there, whatever the target says.
    pub(super) fn check_own_member(&mut self, expr: &'a Expr, attribute: &'a ExprAttribute, base: &Value) {
        let Some(Atom::Module(file)) = base.single() else { return };
        let (world, target) = (&self.context.world, &self.context.rules.target);
        if self.quiet() || target.module.is_empty() || !world.project.named(&target.module).contains(file) {
            return;
        }
        let name = attribute.attr.as_str();
        let is_there = world.global(*file, name).is_some()
            || world.project.submodule(*file, name).is_some()
            || self.known_dynamically(Some(&Resolved::File(*file)), name);
        if !is_there {
            self.check_own(expr, &format!("{}.{name}", target.module).into());
        }
    }

    /// Reports a name that the target's module lacks; gives its newest name and the version that moved it, if it moved.
    fn report_own(&mut self, range: TextRange, qualified: &Arc<str>) -> Option<(String, String)> {
        let rules = &self.context.rules;
        let tail = rules.target.own(qualified)?;
        let is_library = rules.facts.library_of(qualified).is_some_and(|library| rules.facts.own != Some(library));
        let moved = rules.target.newest(qualified).map(|(to, since)| (to.to_owned(), since.to_owned()));
        // A library with a file of its own is known better than by the ops that are mapped to it.
        if moved.is_none() && (is_library || tail.split('.').any(|part| part.starts_with('_')) || rules.target.knows(tail, &rules.rules)) {
            return None;
        }
        let title = Arc::clone(&rules.target.title);
        let (message, help) = match &moved {
            Some((to, since)) if since.is_empty() => (format!("`{qualified}` of {title} has moved"), Some(format!("use `{to}`"))),
            Some((to, since)) => (format!("`{qualified}` of {title} has moved in {since}"), Some(format!("use `{to}`"))),
            None => {
                let near = closest(tail, rules.target.offers(&rules.rules)).map(|near| format!("did you mean `{near}`?"));
                (format!("{title} has no `{tail}`"), near)
            }
        };
        self.report(codes::UNKNOWN_OP, Confidence::Certain, range, qualified, message, Vec::new(), help);
        moved
    }

    /// Looks at `from ops import set_ops`: the import takes the new name, the file goes on with the old one.
    pub(super) fn check_own_import(&mut self, alias: &'a Alias, qualified: &Arc<str>) {
        let Some((to, since)) = self.report_own(alias.range, qualified) else { return };
        let outcome = match (qualified.rsplit_once('.'), to.rsplit_once('.')) {
            (Some((old, _)), Some((new, name))) if old == new => {
                let bound = alias.asname.as_ref().map_or(alias.name.as_str(), |bound| bound.as_str());
                fix(alias.range, if bound == name { name.to_owned() } else { format!("{name} as {bound}") }, &since)
            }
            _ => Outcome::Refused { reason: format!("`{qualified}` is now `{to}`, in another module; import it from there"), rule: None },
        };
        if !self.quiet() && self.context.policy.fixes {
            self.push_outcome(alias.range, Arc::clone(qualified), outcome);
        }
    }

    fn fix_moved(&mut self, expr: &'a Expr, qualified: &Arc<str>, to: &str, since: &str) {
        if self.quiet() || !self.context.policy.fixes {
            return;
        }
        let target = &self.context.rules.target;
        let written = &self.text[expr.range()];
        let last = qualified.rsplit('.').next().unwrap_or(qualified);
        let same_module = || {
            let (old, new) = (qualified.rsplit_once('.')?.0, to.rsplit_once('.')?);
            (old == new.0).then_some(new.1)
        };
        let outcome = match (expr, same_module(), target.own(to)) {
            // `ops.set_ops` keeps what stands before the dot.
            (Expr::Attribute(attribute), Some(name), _) if attribute.attr.as_str() == last => {
                fix(attribute.attr.range(), name.to_owned(), since)
            }
            (Expr::Attribute(_), None, Some(tail)) => fix(expr.range(), format!("{ALIAS}.{tail}"), since),
            _ => Outcome::Refused { reason: format!("`{written}` is now `{to}`; change its import too"), rule: None },
        };
        self.push_outcome(expr.range(), Arc::clone(qualified), outcome);
    }
}

fn fix(range: TextRange, text: String, since: &str) -> Outcome {
    Outcome::Fix {
        rule: format!("moved-in-{since}").trim_end_matches("-in-").into(),
        applicability: Applicability::Safe,
        replacements: vec![Replacement { range, parts: vec![Part::Text(text)] }],
        why: String::new(),
    }
}
