//! Which classes of the project derive from which, and which methods override which: what is passed to a method of a base
//! reaches the methods that override it.

use rustc_hash::FxHashMap;

use super::project::World;
use super::value::{Atom, ClassId, FileId, FunctionId, Value};

/// Bases followed upwards from a class.
const DEEPEST: usize = 12;

/// The classes and methods of the project by what they derive from.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Hierarchy {
    /// The classes that derive from a class, near or far, in the order of their files.
    pub derived: FxHashMap<ClassId, Vec<ClassId>>,
    /// The methods that override a method.
    pub overrides: FxHashMap<FunctionId, Vec<FunctionId>>,
}

impl Hierarchy {
    /// Reads the hierarchy off the bases as evaluated so far.
    pub fn new(world: &World) -> Self {
        let mut hierarchy = Self::default();
        for (file, defs) in (0..).zip(&world.defs) {
            for (index, class) in (0..).zip(&defs.classes) {
                let id = ClassId { file, index };
                let mut methods: Vec<(&str, u32)> = class.methods.iter().map(|(name, index)| (name.as_str(), *index)).collect();
                methods.sort_by_key(|(_, index)| *index);
                for ancestor in ancestors(world, id) {
                    hierarchy.derived.entry(ancestor).or_default().push(id);
                    let above = &world.class(ancestor).methods;
                    for (name, index) in methods.iter().filter(|(name, _)| !is_constructor(name)) {
                        if let Some(&base) = above.get(*name) {
                            let base = FunctionId { file: ancestor.file, index: base };
                            hierarchy.overrides.entry(base).or_default().push(FunctionId { file, index: *index });
                        }
                    }
                }
            }
        }
        hierarchy
    }

    /// Passes on to the overriding methods what callers pass to the methods they override.
    pub fn pass_on(&self, world: &World, arguments: &mut [FxHashMap<(u32, u32), Value>]) {
        let mut passed: Vec<(FileId, (u32, u32), Value)> = Vec::new();
        let mut bases: Vec<_> = self.overrides.iter().collect();
        bases.sort_by_key(|(base, _)| **base);
        for (base, methods) in bases {
            let above = &world.function(*base).parameters;
            let declared = &world.summaries[base.file as usize].declared;
            for method in methods {
                for (i, parameter) in world.function(*method).parameters.iter().enumerate().skip(1) {
                    if parameter.annotated {
                        continue;
                    }
                    // By name, else by position.
                    let Some(at) = above.iter().position(|p| p.name == parameter.name).or((i < above.len()).then_some(i)) else { continue };
                    let number = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
                    let key = (base.index, number(at));
                    if let Some(value) = arguments[base.file as usize].get(&key).or_else(|| declared.get(&key)) {
                        passed.push((method.file, (method.index, number(i)), value.clone()));
                    }
                }
            }
        }
        for (file, key, value) in passed {
            arguments[file as usize].entry(key).or_default().join(&value);
        }
    }
}

/// The classes of the project that `class` derives from, nearest first.
fn ancestors(world: &World, class: ClassId) -> Vec<ClassId> {
    let mut found: Vec<ClassId> = Vec::new();
    let mut layer = vec![class];
    for _ in 0..DEEPEST {
        let mut above = Vec::new();
        for id in &layer {
            for atom in world.bases(*id).iter().flat_map(|base| &base.atoms) {
                if let Atom::Class(parent) = atom
                    && *parent != class
                    && !found.contains(parent)
                {
                    found.push(*parent);
                    above.push(*parent);
                }
            }
        }
        if above.is_empty() {
            break;
        }
        layer = above;
    }
    found
}

/// What makes an instance is called for its own class only.
fn is_constructor(name: &str) -> bool {
    matches!(name, "__init__" | "__new__" | "__post_init__" | "__init_subclass__" | "__class_getitem__")
}
