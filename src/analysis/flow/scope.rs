//! Scopes during the walk: environments, frames, closures, and how names are looked up and bound.

use std::rc::Rc;

use ruff_python_ast::name::Name;
use rustc_hash::FxHashMap;

use super::defs::ScopeTable;
use super::value::{Atom, How, Origin, Value};
use super::walk::Walker;

/// The values of the names of one scope at one point of the walk. Branches share what neither changes.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// By slot.
    pub slots: Rc<Vec<Value>>,
    /// What is known of dotted places such as `self.x`, beyond what their class says.
    pub places: Rc<FxHashMap<String, Value>>,
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
        if !Rc::ptr_eq(&self.slots, &other.slots) {
            for (mine, theirs) in Rc::make_mut(&mut self.slots).iter_mut().zip(other.slots.iter()) {
                // A name that only one branch binds is that value wherever it is used without failing.
                mine.join(theirs);
            }
        }
        if !Rc::ptr_eq(&self.places, &other.places) && !self.places.is_empty() {
            Rc::make_mut(&mut self.places).retain(|place, value| {
                let theirs = other.places.get(place);
                theirs.into_iter().for_each(|theirs| value.join(theirs));
                theirs.is_some()
            });
        }
    }

    /// Makes the name in `slot` be `value`.
    pub fn set(&mut self, slot: usize, value: Value) {
        Rc::make_mut(&mut self.slots)[slot] = value;
    }

    /// Makes the dotted `place` be `value`.
    pub fn set_place(&mut self, place: String, value: Value) {
        Rc::make_mut(&mut self.places).insert(place, value);
    }

    /// Forgets what is known of places below `base`.
    pub fn forget_below(&mut self, base: &str) {
        let below = |place: &str| place.strip_prefix(base).is_some_and(|rest| rest.starts_with('.'));
        if self.places.keys().any(|place| below(place)) {
            Rc::make_mut(&mut self.places).retain(|place, _| !below(place));
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
    /// The same without what is handed back of the arguments.
    pub own_returns: Value,
    /// What `yield` gave so far.
    pub yields: Value,
    /// Environments at the `break`s of the loops around this point.
    pub breaks: Vec<Option<Env>>,
    /// Loops around this point within this frame.
    pub loops: u32,
}

/// A finished function frame, as its inner functions see it.
pub struct Closure<'a> {
    /// Its names.
    pub table: &'a ScopeTable,
    /// Everything ever assigned to each.
    pub values: Vec<Value>,
    /// The class it is a method of.
    pub class: Option<u32>,
    /// The function around it.
    pub parent: Option<Rc<Closure<'a>>>,
}

/// Names bound by a comprehension or a lambda.
pub type Overlay = Vec<(Name, Value)>;

impl<'a> Walker<'a> {
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
            if let Some(&file) = self.star_files.get(name) {
                self.output.used_elsewhere.insert((file, Name::new(name)));
            }
            return value.clone();
        }
        // Builtins are facts like any other, under their own names.
        match self.context.rules.facts.joined("builtins", name) {
            Ok(known) => Atom::External(known).into(),
            Err(builtin) if self.context.rules.facts.get(&builtin).is_some() || super::builtins::is_special_builtin(name) => {
                Atom::External(builtin.into()).into()
            }
            Err(_) => {
                self.missed = true;
                Value::unknown()
            }
        }
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
        let value = self.known_by_use(name, value);
        let frame = self.top();
        if let Some(&slot) = frame.table.slots.get(name) {
            let slot = slot as usize;
            frame.ever[slot].join(&value);
            frame.env.set(slot, value);
            frame.env.forget_below(name);
        }
        if let FrameKind::Class(class) = self.top().kind {
            let value = self.top_value(name);
            self.output.summary.attributes[class as usize].entry(name.clone()).or_default().join(&value);
        }
    }

    /// A local name of which nothing is known but what its function does with it.
    fn known_by_use(&mut self, name: &Name, mut value: Value) -> Value {
        let FrameKind::Function(index) = self.top().kind else { return value };
        if !matches!(value.atoms.as_slice(), [Atom::Unknown]) || !self.context.policy.kinds {
            return value;
        }
        let uses = self.defs.functions[index as usize].locals.get(name);
        if let Some(tag) = uses.and_then(|uses| self.array_by_use(uses, true)) {
            value.add(&Atom::Array(tag));
            value.origin = value.origin.map(|origin| Origin { how: How::Usage, ..origin });
        }
        value
    }

    fn top_value(&self, name: &Name) -> Value {
        let Some(frame) = self.frames.last() else { return Value::default() };
        frame.table.slots.get(name).map(|&slot| frame.env.slots[slot as usize].clone()).unwrap_or_default()
    }
}
