//! What a walk reads of other walks' results, as keys: a file is walked again only after something it read has changed.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::project::FileSummary;
use super::value::{ClassId, FileId, FunctionId, Value};

/// One thing that a walk can read. Two things with one key cost a walk too many, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(u64);

impl Key {
    fn of(what: impl Hash) -> Self {
        let mut hasher = FxHasher::default();
        what.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// A module-level name.
    pub fn global(file: FileId, name: &str) -> Self {
        Self::of((0u8, file, name))
    }

    /// All module-level names of a file, as a star import reads them.
    pub fn globals(file: FileId) -> Self {
        Self::of((1u8, file))
    }

    /// What a function returns.
    pub fn returns(f: FunctionId) -> Self {
        Self::of((2u8, f))
    }

    /// An attribute of a class or of its instances.
    pub fn attribute(class: ClassId, name: &str) -> Self {
        Self::of((3u8, class, name))
    }

    /// The bases of a class.
    pub fn bases(class: ClassId) -> Self {
        Self::of((4u8, class))
    }

    /// The fixtures that a file offers.
    pub fn fixtures(file: FileId) -> Self {
        Self::of((5u8, file))
    }

    /// What callers and others say about the functions of a file; only the file itself reads it.
    pub fn told(file: FileId) -> Self {
        Self::of((6u8, file))
    }
}

/// Adds the keys under which the summaries of `file` differ in what its own walk gave.
pub fn changes(file: FileId, old: &FileSummary, new: &FileSummary, changed: &mut FxHashSet<Key>) {
    let before = changed.len();
    differing(&old.globals, &new.globals, |name| {
        changed.insert(Key::global(file, name));
    });
    if changed.len() > before {
        changed.insert(Key::globals(file));
    }
    let number = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
    for i in 0..old.returns.len().max(new.returns.len()) {
        if old.returns.get(i) != new.returns.get(i) || old.own_returns.get(i) != new.own_returns.get(i) {
            changed.insert(Key::returns(FunctionId { file, index: number(i) }));
        }
    }
    for i in 0..old.attributes.len().max(new.attributes.len()) {
        let class = ClassId { file, index: number(i) };
        let none = FxHashMap::default();
        let (a, b) = (old.attributes.get(i).unwrap_or(&none), new.attributes.get(i).unwrap_or(&none));
        differing(a, b, |name| {
            changed.insert(Key::attribute(class, name));
        });
        if old.bases.get(i) != new.bases.get(i) {
            changed.insert(Key::bases(class));
        }
    }
    if old.fixtures != new.fixtures {
        changed.insert(Key::fixtures(file));
    }
    if old.global_writes != new.global_writes {
        changed.insert(Key::told(file));
    }
}

/// Adds the keys under which what other files say of `file` differs.
pub fn changes_by_others(file: FileId, old: &FileSummary, new: &FileSummary, changed: &mut FxHashSet<Key>) {
    differing(&old.foreign_attributes, &new.foreign_attributes, |(index, name)| {
        changed.insert(Key::attribute(ClassId { file, index: *index }, name));
    });
    if old.arguments != new.arguments {
        changed.insert(Key::told(file));
    }
}

/// Calls `each` for the keys whose values differ.
fn differing<K: Eq + Hash>(old: &FxHashMap<K, Value>, new: &FxHashMap<K, Value>, mut each: impl FnMut(&K)) {
    for (key, value) in new {
        if old.get(key) != Some(value) {
            each(key);
        }
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        each(key);
    }
}
