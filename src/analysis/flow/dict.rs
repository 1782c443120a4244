//! Dicts: what they hold under each key that the code writes out, and under all others.

use std::sync::Arc;

use ruff_python_ast::Expr;
use ruff_python_ast::name::Name;
use ruff_text_size::Ranged;

use super::arguments::Argument;
use super::value::{Atom, Value};
use super::walk::Walker;

/// Keys beyond this many are not told apart.
const MOST_NAMED: usize = 64;
/// A dict of more parts tells only its own keys apart, not those of the dicts within, or, if that does not help, none.
const MOST_PARTS: usize = 192;

/// What is known of a dict.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dict {
    /// The keys that are not written out.
    pub keys: Value,
    /// What stands under them.
    pub values: Value,
    /// What stands under the keys that are, in the order of their names.
    named: Vec<(Name, Value)>,
}

impl Dict {
    /// A dict of which no single key is known.
    pub fn of(keys: Value, values: Value) -> Self {
        Self { keys, values, named: Vec::new() }
    }

    /// A dict of anything.
    pub fn unknown() -> Self {
        Self::of(Value::unknown(), Value::unknown())
    }

    /// As one possibility of a value.
    pub fn into_atom(self) -> Atom {
        Atom::Dict(Arc::new(self.limited()))
    }

    /// Dicts that functions pass on with more keys each, and keep in one another, would grow without end.
    fn limited(self) -> Self {
        let fits = |dict: &Self| {
            let mut budget = MOST_PARTS;
            dict.named.iter().all(|(_, value)| value.fits(&mut budget))
        };
        if fits(&self) {
            return self;
        }
        let plain = self.map(&Value::with_plain_dicts);
        if fits(&plain) { plain } else { Self::of(plain.all_keys(), plain.all()) }
    }

    /// The keys that the code writes out, with what stands under them.
    pub fn named(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.named.iter().map(|(name, value)| (name, value))
    }

    /// Everything that it holds, under whatever key.
    pub fn all(&self) -> Value {
        let mut all = self.values.clone();
        self.named.iter().for_each(|(_, value)| all.join(value));
        all
    }

    /// All of its keys.
    pub fn all_keys(&self) -> Value {
        let keys = self.keys.clone();
        if self.named.is_empty() { keys } else { keys.joined(&Atom::Str.into()) }
    }

    /// What stands under the key `name`, as far as anything was seen to be put there.
    pub fn get(&self, name: &str) -> Option<Value> {
        let other = || Some(self.values.clone()).filter(|v| !v.is_bottom());
        match self.position(name) {
            // What stays `None` here was set under a key that only running the code tells.
            Ok(at) if self.named[at].1.operands().next().is_none() => Some(self.named[at].1.clone().joined(&self.values)),
            Ok(at) => Some(self.named[at].1.clone()),
            Err(_) => other(),
        }
    }

    /// Puts `value` under the key `name`, in place of what stood there.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.position(name) {
            Ok(at) => self.named[at].1 = value,
            Err(at) if self.named.len() < MOST_NAMED => self.named.insert(at, (Name::new(name), value)),
            Err(_) => self.put(&Atom::Str.into(), &value),
        }
    }

    /// Puts `value` under some key.
    pub fn put(&mut self, key: &Value, value: &Value) {
        self.keys.join(key);
        self.values.join(value);
    }

    /// Takes over what `other` holds, as `update` does.
    pub fn update(&mut self, other: &Self) {
        for (name, value) in &other.named {
            self.set(name, value.clone());
        }
        self.keys.join(&other.keys);
        self.values.join(&other.values);
    }

    /// What either dict may be. What one of them holds under a name may stand among the others' unnamed.
    pub fn joined(&self, other: &Self) -> Self {
        let mut result = Self::of(self.keys.clone().joined(&other.keys), self.values.clone().joined(&other.values));
        for (mine, theirs) in [(self, other), (other, self)] {
            for (name, value) in &mine.named {
                // Its part in the other was joined the first time, in an order that stays.
                if result.position(name).is_ok() {
                    continue;
                }
                let more = match theirs.position(name) {
                    Ok(at) => &theirs.named[at].1,
                    Err(_) => &theirs.values,
                };
                result.set(name, value.clone().joined(more));
            }
        }
        result
    }

    /// The same dict with `change` made to everything that it knows.
    pub fn map(&self, change: &dyn Fn(&Value) -> Value) -> Self {
        let named = self.named.iter().map(|(name, value)| (name.clone(), change(value))).collect();
        Self { keys: change(&self.keys), values: change(&self.values), named }
    }

    /// The parts of what it holds.
    pub fn parts(&self) -> impl Iterator<Item = &Value> {
        [&self.keys, &self.values].into_iter().chain(self.named.iter().map(|(_, value)| value))
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.named.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

/// The text of a key that is written out.
pub fn literal_key(expr: &Expr) -> Option<&str> {
    expr.as_string_literal_expr().map(|text| text.value.to_str())
}

impl<'a> Walker<'a> {
    /// The dict that a display gives.
    pub(super) fn dict_display(&mut self, display: &'a ruff_python_ast::ExprDict) -> Dict {
        let mut dict = Dict::default();
        for item in &display.items {
            let Some(key) = &item.key else {
                let value = self.eval(&item.value);
                self.unpack_into(&mut dict, &value);
                continue;
            };
            let kind = self.eval(key);
            let value = self.eval(&item.value);
            match literal_key(key) {
                Some(name) => dict.set(name, value),
                None => dict.put(&kind, &value),
            }
        }
        dict
    }

    /// `{**value}`.
    fn unpack_into(&self, dict: &mut Dict, value: &Value) {
        for atom in &value.atoms {
            match atom {
                Atom::Dict(inner) => dict.update(inner),
                Atom::None => {}
                _ => dict.put(&Value::unknown(), &Value::unknown()),
            }
        }
    }

    /// `dict(…)`: of another dict or of pairs, and of keywords.
    pub(super) fn dict_called(&mut self, arguments: &[Argument<'a>]) -> Dict {
        let mut dict = Dict::default();
        for argument in arguments {
            match argument.name {
                Some(name) => dict.set(name, argument.value.clone()),
                None if argument.unpacked || matches!(argument.value.single(), Some(Atom::Dict(_))) => {
                    self.unpack_into(&mut dict, &argument.value);
                }
                None => {
                    let pair = self.element_of_value(&argument.value);
                    match pair.single() {
                        Some(Atom::Tuple(items)) if items.len() == 2 => dict.put(&items[0], &items[1]),
                        _ => dict.put(&Value::unknown(), &Value::unknown()),
                    }
                }
            }
        }
        dict
    }

    /// A method that takes one key out of a dict, where the key is written out.
    pub(super) fn dict_method(&self, dict: &Dict, name: &str, arguments: &[Argument<'a>]) -> Option<Value> {
        if !matches!(name, "get" | "pop" | "setdefault") || arguments.iter().any(|a| a.unpacked) {
            return None;
        }
        let key = literal_key(arguments.first()?.expr)?;
        let default = arguments.get(1).map(|a| a.value.clone());
        Some(match (dict.get(key), default) {
            (Some(known), None) => known,
            (None, None) => Value::unknown(),
            (Some(known), Some(default)) => known.joined(&default),
            // Others may have put it there.
            (None, Some(default)) => default.joined(&Value::unknown()),
        })
    }

    /// What stands at `slice` of a dict.
    pub(super) fn dict_item(&self, dict: &Dict, slice: &Expr) -> Value {
        let known = match literal_key(slice) {
            Some(name) => dict.get(name),
            None => Some(dict.all()).filter(|all| !all.is_bottom()),
        };
        known.unwrap_or_else(Value::unknown)
    }

    /// The container `base` after `value` was put at `slice`, if that changes what is known of it.
    pub(super) fn with_item(&self, base: &Value, slice: &Expr, key: &Value, value: &Value) -> Option<Value> {
        let mut changed = base.clone();
        for atom in &mut changed.atoms {
            match atom {
                Atom::Dict(known) => {
                    let mut dict = (**known).clone();
                    match literal_key(slice) {
                        Some(name) => dict.set(name, value.clone()),
                        None => dict.put(key, value),
                    }
                    *atom = dict.into_atom();
                }
                Atom::List(element) if !slice.is_slice_expr() => *atom = Atom::List(Arc::new((**element).clone().joined(value))),
                _ => {}
            }
        }
        (changed != *base).then_some(changed)
    }

    /// Replaces what is known of the container that stands at a subscript, in the container around it.
    pub(super) fn update_item(&mut self, subscript: &'a ruff_python_ast::ExprSubscript, value: &Value) {
        // The expressions were evaluated, and reported, where the change was found.
        self.silent += 1;
        let base = self.eval(&subscript.value);
        let key = self.eval(&subscript.slice);
        self.silent -= 1;
        if let Some(changed) = self.with_item(&base, &subscript.slice, &key, value) {
            self.update_place(&subscript.value, changed.with_origin(self.file, subscript.range(), super::value::How::Expression));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dict(named: &[(&str, Atom)]) -> Dict {
        let mut dict = Dict::default();
        named.iter().for_each(|(name, atom)| dict.set(name, atom.clone().into()));
        dict
    }

    #[test]
    fn a_key_that_is_written_out_holds_its_own() {
        let mut table = dict(&[("n", Atom::Int), ("x", Atom::Float)]);
        assert_eq!(table.get("n"), Some(Atom::Int.into()));
        assert_eq!(table.get("y"), None);
        table.put(&Value::unknown(), &Atom::Str.into());
        assert_eq!(table.get("n"), Some(Atom::Int.into()));
        assert_eq!(table.get("y"), Some(Atom::Str.into()));
        table.set("n", Atom::None.into());
        assert_eq!(table.get("n"), Some(Value::from(Atom::None).joined(&Atom::Str.into())));
    }

    #[test]
    fn dicts_join_key_by_key() {
        let one = dict(&[("b", Atom::Int), ("a", Atom::Int)]);
        let other = dict(&[("a", Atom::Str)]);
        let joined = one.joined(&other);
        assert_eq!(joined.get("a"), Some(Value::from(Atom::Int).joined(&Atom::Str.into())));
        assert_eq!(joined.get("b"), Some(Atom::Int.into()));
        let open = one.joined(&Dict::unknown());
        assert_eq!(open.get("b"), Some(Value::from(Atom::Int).joined(&Value::unknown())));
    }

    #[test]
    fn more_keys_than_are_told_apart_go_together() {
        let mut table = Dict::default();
        for i in 0..100 {
            table.set(&format!("k{i}"), Atom::Int.into());
        }
        assert_eq!(table.named().count(), MOST_NAMED);
        assert_eq!(table.get("k99"), Some(Atom::Int.into()));
    }

    #[test]
    fn dicts_within_dicts_do_not_grow_without_end() {
        let mut value = Value::from(Atom::Int);
        for _ in 0..3 {
            let mut table = Dict::default();
            (0..20).for_each(|i| table.set(&format!("k{i}"), value.clone()));
            value = table.into_atom().into();
        }
        let mut budget = 2 * MOST_PARTS;
        assert!(value.fits(&mut budget));
        let Some(Atom::Dict(table)) = value.single() else { panic!("no dict") };
        assert_eq!(table.named().count(), 20);
    }
}
