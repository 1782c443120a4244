//! Values of the flow analysis: what an expression may be, as a small set of atoms, and where that knowledge comes from.

use std::sync::Arc;

use ruff_text_size::TextRange;
use smallvec::{SmallVec, smallvec};

use super::dict::Dict;
use crate::rules::library::{ClassRef, LibraryRef};

/// Index of a file in the run.
pub type FileId = u32;

/// A function of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId {
    /// Its file.
    pub file: FileId,
    /// Its number within the file, in source order.
    pub index: u32,
}

/// A class of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId {
    /// Its file.
    pub file: FileId,
    /// Its number within the file, in source order.
    pub index: u32,
}

/// An element type, where it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are those of the Python array API")]
pub enum Dtype {
    #[default]
    Unknown,
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float8,
    Float16,
    BFloat16,
    Float32,
    Float64,
    Complex64,
    Complex128,
}

impl Dtype {
    /// Reads a canonical dtype name, or the spelling of a dtype string such as `f4`.
    pub fn parse(name: &str) -> Self {
        match name {
            "bool" | "?" | "b1" => Self::Bool,
            "int8" | "i1" => Self::Int8,
            "int16" | "i2" => Self::Int16,
            "int32" | "i4" => Self::Int32,
            "int64" | "i8" | "int" => Self::Int64,
            "uint8" | "u1" => Self::UInt8,
            "uint16" | "u2" => Self::UInt16,
            "uint32" | "u4" => Self::UInt32,
            "uint64" | "u8" => Self::UInt64,
            "float16" | "f2" | "half" => Self::Float16,
            "bfloat16" => Self::BFloat16,
            "float32" | "f4" | "single" => Self::Float32,
            "float64" | "f8" | "float" | "double" => Self::Float64,
            "complex64" | "c8" => Self::Complex64,
            "complex128" | "c16" | "complex" => Self::Complex128,
            other if other.starts_with("float8") => Self::Float8,
            _ => Self::Unknown,
        }
    }

    /// The canonical name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Bool => "bool",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::UInt8 => "uint8",
            Self::UInt16 => "uint16",
            Self::UInt32 => "uint32",
            Self::UInt64 => "uint64",
            Self::Float8 => "float8",
            Self::Float16 => "float16",
            Self::BFloat16 => "bfloat16",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Complex64 => "complex64",
            Self::Complex128 => "complex128",
        }
    }

    /// Whether it holds floats, real or complex.
    pub fn is_float(self) -> bool {
        self >= Self::Float8
    }

    /// Precision of what it can hold exactly, as (class, bits of the significand or integer range); orders casts.
    fn capacity(self) -> Option<(u8, u8)> {
        Some(match self {
            Self::Unknown => return None,
            Self::Bool => (0, 1),
            Self::Int8 | Self::UInt8 => (1, 8),
            Self::Int16 | Self::UInt16 => (1, 16),
            Self::Int32 | Self::UInt32 => (1, 32),
            Self::Int64 | Self::UInt64 => (1, 64),
            Self::Float8 => (2, 4),
            Self::BFloat16 => (2, 8),
            Self::Float16 => (2, 11),
            Self::Float32 => (2, 24),
            Self::Float64 => (2, 53),
            Self::Complex64 => (3, 24),
            Self::Complex128 => (3, 53),
        })
    }

    /// Whether converting to `to` can lose information: `None` when either is unknown.
    pub fn narrows_to(self, to: Self) -> Option<bool> {
        let ((from_class, from_bits), (to_class, to_bits)) = (self.capacity()?, to.capacity()?);
        Some(if self == to {
            false
        } else if from_class > to_class {
            true
        } else if from_class == 1 && to_class >= 2 {
            from_bits > to_bits
        } else {
            to_bits < from_bits || (matches!((self, to), (Self::Float16, Self::BFloat16) | (Self::BFloat16, Self::Float16)))
        })
    }
}

/// Where an array lives, where that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Not known.
    #[default]
    Unknown,
    /// In the memory of the host.
    Host,
    /// On an accelerator.
    Accelerator,
}

/// What is known of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ArrayTag {
    /// Its class.
    pub class: ClassRef,
    /// The library of the class.
    pub library: LibraryRef,
    /// Whether it is a 0-d result of a class of its own.
    pub scalar: bool,
    /// Whether it was taken out of an array by one index, so that it may be 0-d.
    pub part: bool,
    /// Its element type.
    pub dtype: Dtype,
    /// Where it lives.
    pub place: Place,
}

/// One thing an expression may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Atom {
    /// Anything.
    Unknown,
    /// Anything, after so many kinds met that each alone says nothing. Joined with whatever, it stays.
    Crowd,
    /// A name that `del` removed: using it fails.
    Deleted,
    /// `None`.
    None,
    /// A Python bool.
    Bool,
    /// A Python int.
    Int,
    /// A Python float.
    Float,
    /// A Python complex.
    Complex,
    /// A Python number of unknown type.
    Number,
    /// A string.
    Str,
    /// Bytes.
    Bytes,
    /// A path object.
    Path,
    /// A dtype object.
    Dtype(Dtype),
    /// A device object.
    Device(Place),
    /// An array.
    Array(ArrayTag),
    /// A module, function or class of a library, by qualified name.
    External(Arc<str>),
    /// An instance of a library's class that is no array.
    Instance(Arc<str>),
    /// A class known only as a class.
    SomeClass,
    /// A module of the project.
    Module(FileId),
    /// A package of the project without an `__init__` file, by dotted name.
    Namespace(Arc<str>),
    /// A function of the project.
    Function(FunctionId),
    /// A function of the project bound to a receiver.
    Method(FunctionId, Arc<Value>),
    /// A method of a library's class bound to a receiver.
    LibraryMethod(Arc<Value>, Arc<str>),
    /// A class of the project.
    Class(ClassId),
    /// An instance of a class of the project.
    Object(ClassId),
    /// `super()` within a class of the project.
    Super(ClassId),
    /// A lambda or another callable that is not followed; what it returns.
    Callable(Arc<Value>),
    /// A list.
    List(Arc<Value>),
    /// A set.
    Set(Arc<Value>),
    /// An iterator.
    Iter(Arc<Value>),
    /// A dict.
    Dict(Arc<Dict>),
    /// A tuple of known length.
    Tuple(Arc<[Value]>),
    /// A tuple of any length.
    TupleOf(Arc<Value>),
}

impl Atom {
    /// Whether this is a Python number.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Bool | Self::Int | Self::Float | Self::Complex | Self::Number)
    }
}

/// How a value came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// An import.
    Import,
    /// An attribute of a module.
    Reference,
    /// The result of a call, an operator or another expression.
    Expression,
    /// An annotation.
    Annotation,
    /// What callers pass.
    Argument,
    /// How the function uses it.
    Usage,
    /// What the docstring says.
    Documented,
    /// A default value.
    Default,
}

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub file: FileId,
    /// The expression.
    pub range: TextRange,
    /// How.
    pub how: How,
}

/// What an expression may be. No atom at all means: not reached, or not known yet.
#[derive(Debug, Default)]
pub struct Value {
    /// The possibilities.
    pub atoms: SmallVec<[Atom; 1]>,
    /// Where the knowledge comes from. Not part of the value's identity.
    pub origin: Option<Origin>,
}

impl Clone for Value {
    fn clone(&self) -> Self {
        // Most values are one atom, and a value is cloned wherever a name is used.
        let atoms = match &*self.atoms {
            [atom] => smallvec![atom.clone()],
            atoms => atoms.iter().cloned().collect(),
        };
        Self { atoms, origin: self.origin }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.atoms == other.atoms
    }
}

/// More atoms than this say too little to carry along.
const MOST_ATOMS: usize = 8;
/// Functions of the project say something together even in numbers: a table of them, or what one decorator is put on.
const MOST_FUNCTIONS: usize = 64;
/// Arguments of as many sorts beside arrays say that a function takes everything.
const MOST_SORTS: usize = 4;
/// Containers nested deeper than this are unknown inside.
const DEEPEST: usize = 4;

impl From<Atom> for Value {
    fn from(atom: Atom) -> Self {
        Self { atoms: smallvec![atom], origin: None }
    }
}

impl Value {
    /// Anything.
    pub fn unknown() -> Self {
        Atom::Unknown.into()
    }

    /// The same value, known from elsewhere.
    pub fn with_origin(mut self, file: FileId, range: TextRange, how: How) -> Self {
        self.origin = Some(Origin { file, range, how });
        self
    }

    /// Whether nothing is known, not even that nothing can be.
    pub fn is_bottom(&self) -> bool {
        self.atoms.is_empty()
    }

    /// Whether it may be anything.
    pub fn may_be_unknown(&self) -> bool {
        self.atoms.is_empty() || self.atoms.iter().any(|a| matches!(a, Atom::Unknown | Atom::Crowd))
    }

    /// The atoms that can be operands: without `None`, which an operator rejects anyway.
    pub fn operands(&self) -> impl Iterator<Item = &Atom> {
        self.atoms.iter().filter(|atom| !matches!(atom, Atom::None | Atom::Deleted))
    }

    /// The arrays among the atoms.
    pub fn arrays(&self) -> impl Iterator<Item = ArrayTag> + '_ {
        self.atoms.iter().filter_map(|atom| if let Atom::Array(tag) = atom { Some(*tag) } else { None })
    }

    /// The first array among the atoms; arrays of full rank before 0-d ones.
    pub fn array(&self) -> Option<ArrayTag> {
        self.arrays().find(|tag| !tag.scalar).or_else(|| self.arrays().next())
    }

    /// Whether every possibility is an array.
    pub fn is_surely_array(&self) -> bool {
        let mut operands = self.operands().peekable();
        operands.peek().is_some() && operands.all(|atom| matches!(atom, Atom::Array(_)))
    }

    /// The single atom, if there is exactly one (besides `None`).
    pub fn single(&self) -> Option<&Atom> {
        let mut operands = self.operands();
        operands.next().filter(|_| operands.next().is_none())
    }

    /// Adds the possibilities of `other`.
    pub fn join(&mut self, other: &Self) {
        if self.atoms.is_empty() {
            *self = other.clone();
            return;
        }
        for atom in &other.atoms {
            self.add(atom);
        }
        // A name that an import may have bound is the library's, whatever else it may be.
        if let Some(other) = other.origin
            && other.how == How::Import
        {
            self.origin = Some(other);
        }
        // Evidence points at the array rather than at `None` or at what is unknown.
        if self.origin.is_none() || (self.array().is_some() && self.atoms.len() > 1 && other.is_surely_array()) {
            self.origin = other.origin.or(self.origin);
        }
    }

    /// The possibilities of both.
    pub fn joined(mut self, other: &Self) -> Self {
        self.join(other);
        self
    }

    /// Adds one possibility.
    pub fn add(&mut self, atom: &Atom) {
        self.add_within(atom, DEEPEST);
    }

    fn add_within(&mut self, atom: &Atom, depth: usize) {
        if self.atoms.contains(atom) || self.atoms.contains(&Atom::Crowd) {
            return;
        }
        if *atom == Atom::Crowd {
            self.atoms = smallvec![Atom::Crowd];
            return;
        }
        for known in &mut self.atoms {
            if let Some(merged) = merge(known, atom, depth) {
                *known = merged;
                return;
            }
        }
        let functions =
            || matches!(atom, Atom::Function(_)) && self.atoms.iter().all(|a| matches!(a, Atom::Function(_) | Atom::Unknown | Atom::None));
        if self.atoms.len() < MOST_ATOMS || (self.atoms.len() < MOST_FUNCTIONS && functions()) {
            self.atoms.push(atom.clone());
        } else {
            self.atoms = smallvec![Atom::Crowd];
        }
    }

    /// Where some callers pass Python numbers, what others take out of their arrays by one index is a number too.
    pub fn settle_parts(&mut self) {
        if self.atoms.iter().any(Atom::is_number) {
            self.atoms.retain(|atom| !matches!(atom, Atom::Array(tag) if tag.part));
        }
    }

    /// What callers pass says nothing of arrays where they pass everything: numbers, text, sequences, objects and functions.
    pub fn lose_what_everything_is_passed_with(&mut self) {
        let sort = |atom: &Atom| match atom {
            atom if atom.is_number() => Some(0),
            Atom::Str | Atom::Bytes | Atom::Path => Some(1),
            Atom::List(_) | Atom::Tuple(_) | Atom::TupleOf(_) | Atom::Set(_) | Atom::Iter(_) | Atom::Dict(_) => Some(2),
            Atom::Object(_) | Atom::Instance(_) => Some(3),
            Atom::Function(_) | Atom::Method(..) | Atom::Callable(_) | Atom::Class(_) | Atom::External(_) | Atom::SomeClass => Some(4),
            _ => None,
        };
        let mut seen = [false; 5];
        self.atoms.iter().filter_map(sort).for_each(|i| seen[i] = true);
        if self.array().is_some() && seen.iter().filter(|s| **s).count() >= MOST_SORTS {
            self.atoms = smallvec![Atom::Crowd];
        }
    }

    /// The value with containers cut below the depth that is tracked.
    pub fn bounded(self) -> Self {
        if self.depth() > DEEPEST { self.cut(DEEPEST) } else { self }
    }

    fn depth(&self) -> usize {
        self.atoms
            .iter()
            .map(|atom| children(atom).map_or(0, |list| 1 + list.iter().map(|v| v.depth()).max().unwrap_or(0)))
            .max()
            .unwrap_or(0)
    }

    fn cut(&self, depth: usize) -> Self {
        self.map_parts(&|value| if depth == 0 { Value::unknown() } else { value.cut(depth - 1) })
    }

    /// The same value, with dicts that do not tell their keys apart.
    pub fn with_plain_dicts(&self) -> Self {
        let mut value = self.map_parts(&Self::with_plain_dicts);
        for atom in &mut value.atoms {
            if let Atom::Dict(dict) = atom {
                *atom = Dict::of(dict.all_keys(), dict.all()).into_atom();
            }
        }
        value
    }

    /// Whether it has fewer parts than `budget`, of which as many are taken away.
    pub fn fits(&self, budget: &mut usize) -> bool {
        self.atoms.iter().all(|atom| {
            *budget = budget.saturating_sub(1);
            *budget > 0 && children(atom).is_none_or(|parts| parts.iter().all(|part| part.fits(budget)))
        })
    }

    /// The same value with `change` made to what its containers and callables hold.
    fn map_parts(&self, change: &dyn Fn(&Value) -> Value) -> Self {
        let atoms = self
            .atoms
            .iter()
            .map(|atom| match atom {
                Atom::List(v) => Atom::List(Arc::new(change(v))),
                Atom::Set(v) => Atom::Set(Arc::new(change(v))),
                Atom::Iter(v) => Atom::Iter(Arc::new(change(v))),
                Atom::TupleOf(v) => Atom::TupleOf(Arc::new(change(v))),
                Atom::Dict(d) => d.map(change).into_atom(),
                Atom::Tuple(items) => Atom::Tuple(items.iter().map(change).collect()),
                Atom::Callable(v) => Atom::Callable(Arc::new(change(v))),
                Atom::Method(f, v) => Atom::Method(*f, Arc::new(change(v))),
                Atom::LibraryMethod(v, n) => Atom::LibraryMethod(Arc::new(change(v)), Arc::clone(n)),
                other => other.clone(),
            })
            .collect();
        Self { atoms, origin: self.origin }
    }
}

fn children(atom: &Atom) -> Option<SmallVec<[&Value; 2]>> {
    Some(match atom {
        Atom::List(v)
        | Atom::Set(v)
        | Atom::Iter(v)
        | Atom::TupleOf(v)
        | Atom::Callable(v)
        | Atom::Method(_, v)
        | Atom::LibraryMethod(v, _) => smallvec![&**v],
        Atom::Dict(d) => d.parts().collect(),
        Atom::Tuple(items) => items.iter().collect(),
        _ => return None,
    })
}

/// One atom that stands for both, where there is one.
fn merge(a: &Atom, b: &Atom, depth: usize) -> Option<Atom> {
    let both = |x: &Arc<Value>, y: &Arc<Value>| -> Arc<Value> {
        if x == y {
            return Arc::clone(x);
        }
        if depth == 0 {
            return Arc::new(Value::unknown());
        }
        let mut joined = (**x).clone();
        if joined.is_bottom() {
            return Arc::clone(y);
        }
        for atom in &y.atoms {
            joined.add_within(atom, depth - 1);
        }
        Arc::new(joined)
    };
    Some(match (a, b) {
        (Atom::Array(x), Atom::Array(y)) if x.library == y.library && x.scalar == y.scalar => Atom::Array(ArrayTag {
            class: if x.class == y.class { x.class } else { x.class.min(y.class) },
            dtype: if x.dtype == y.dtype { x.dtype } else { Dtype::Unknown },
            place: if x.place == y.place { x.place } else { Place::Unknown },
            part: x.part && y.part,
            ..*x
        }),
        (Atom::Dtype(_), Atom::Dtype(_)) => Atom::Dtype(Dtype::Unknown),
        (Atom::Device(_), Atom::Device(_)) => Atom::Device(Place::Unknown),
        (Atom::List(x), Atom::List(y)) => Atom::List(both(x, y)),
        (Atom::Set(x), Atom::Set(y)) => Atom::Set(both(x, y)),
        (Atom::Iter(x), Atom::Iter(y)) => Atom::Iter(both(x, y)),
        (Atom::TupleOf(x), Atom::TupleOf(y)) => Atom::TupleOf(both(x, y)),
        (Atom::Callable(x), Atom::Callable(y)) => Atom::Callable(both(x, y)),
        (Atom::Dict(x), Atom::Dict(y)) => {
            if depth == 0 {
                return Some(Dict::unknown().into_atom());
            }
            x.joined(y).into_atom()
        }
        (Atom::Tuple(x), Atom::Tuple(y)) if x.len() == y.len() => {
            Atom::Tuple(x.iter().zip(y.iter()).map(|(p, q)| p.clone().joined(q)).collect())
        }
        (Atom::Tuple(x), Atom::Tuple(y)) => {
            let mut all = Value::default();
            for item in x.iter().chain(y.iter()) {
                all.join(item);
            }
            Atom::TupleOf(Arc::new(all))
        }
        (Atom::TupleOf(x), Atom::Tuple(y)) | (Atom::Tuple(y), Atom::TupleOf(x)) => {
            let mut all = (**x).clone();
            for item in y.iter() {
                all.join(item);
            }
            Atom::TupleOf(Arc::new(all))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_join_inside() {
        let list = |atom: Atom| Value::from(Atom::List(Arc::new(atom.into())));
        let joined = list(Atom::Int).joined(&list(Atom::Str));
        assert_eq!(joined.atoms.len(), 1);
        let Atom::List(inner) = &joined.atoms[0] else { panic!("not a list") };
        assert_eq!(inner.atoms.as_slice(), [Atom::Int, Atom::Str]);
    }

    #[test]
    fn casts_have_a_direction() {
        assert_eq!(Dtype::Float64.narrows_to(Dtype::Float32), Some(true));
        assert_eq!(Dtype::Float32.narrows_to(Dtype::Float64), Some(false));
        assert_eq!(Dtype::Int64.narrows_to(Dtype::Float64), Some(true));
        assert_eq!(Dtype::Int32.narrows_to(Dtype::Float64), Some(false));
        assert_eq!(Dtype::Float32.narrows_to(Dtype::Int64), Some(true));
        assert_eq!(Dtype::Float16.narrows_to(Dtype::BFloat16), Some(true));
        assert_eq!(Dtype::Unknown.narrows_to(Dtype::BFloat16), None);
    }
}
