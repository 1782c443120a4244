//! The kind language of the rule files: what a call or an attribute gives, as text such as `tuple[array, ...]`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a name, a call or an attribute gives, relative to the library that says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    /// The library's array class.
    Array,
    /// A 0-d result.
    Scalar,
    /// [`Kind::Scalar`], or [`Kind::Array`] when the call names an axis or keeps dimensions.
    Reduction,
    /// [`Kind::Array`] or [`Kind::Scalar`], following the arguments.
    Elementwise,
    /// [`Kind::Array`] when a size is passed, else the scalar given here.
    Sized(Box<Kind>),
    /// The kind of the first argument or the receiver.
    Same,
    /// What iterating the first argument gives.
    Element,
    /// A Python scalar.
    Int,
    /// A Python float.
    Float,
    /// A Python complex.
    Complex,
    /// A Python bool.
    Bool,
    /// A Python scalar of unknown type.
    Number,
    /// A string.
    Str,
    /// Bytes.
    Bytes,
    /// A file system path object.
    Path,
    /// `None`.
    None,
    /// A dtype object.
    Dtype,
    /// A device object.
    Device,
    /// A module; of a call, the module that its first argument names.
    Module,
    /// The first argument, called with the others.
    Partial,
    /// A tuple of what the call passes by position.
    Arguments,
    /// The class itself.
    Type,
    /// A list of one kind.
    List(Arc<Kind>),
    /// A set of one kind.
    Set(Arc<Kind>),
    /// An iterator of one kind.
    Iter(Arc<Kind>),
    /// A dict.
    Dict(Arc<Kind>, Arc<Kind>),
    /// A tuple of known length.
    Tuple(Vec<Kind>),
    /// A tuple of any length.
    TupleOf(Arc<Kind>),
    /// An instance of a class, by qualified name.
    Instance(Arc<str>),
    /// Either of these.
    Union(Vec<Kind>),
    /// The first alternative whose condition holds.
    ByArguments(Vec<(Vec<Condition>, Kind)>),
    /// Cannot be known.
    Unknown,
}

/// A condition on one parameter of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The parameter's name.
    pub parameter: Arc<str>,
    /// What must hold of it.
    pub test: Test,
}

/// What a condition asks of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Test {
    /// The call passes it.
    Given,
    /// The call does not pass it.
    Absent,
    /// A `*args` parameter receives more than one argument, or a starred one.
    Several,
    /// The literal `None`, or left out with default `None`.
    IsNone,
    /// Passed and not the literal `None`.
    NotNone,
    /// Proved to be an integer.
    Int,
    /// Proved to be a float.
    Float,
    /// Proved to be a bool.
    Bool,
    /// Proved to be a device, or a string that may name one.
    Device,
    /// Proved to be a tuple or list.
    Tuple,
    /// Any literal.
    Literal,
    /// Proved to be an array.
    Array,
    /// Proved to be a Python number.
    Number,
    /// Proved to be a string.
    Str,
    /// Proved to be a dtype.
    Dtype,
    /// Proved to be callable.
    Callable,
    /// Of a receiver alone: it may be something else than an array too.
    Mixed,
    /// This Python literal, or left out with this default.
    Equals(Arc<str>),
}

impl Test {
    /// Reads the right side of a condition.
    pub fn parse(text: &str) -> Self {
        match text {
            "given" => Self::Given,
            "absent" => Self::Absent,
            "several" => Self::Several,
            "none" => Self::IsNone,
            "not-none" => Self::NotNone,
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "device" => Self::Device,
            "tuple" => Self::Tuple,
            "literal" => Self::Literal,
            "array" => Self::Array,
            "number" => Self::Number,
            "str" => Self::Str,
            "dtype" => Self::Dtype,
            "callable" => Self::Callable,
            "mixed" => Self::Mixed,
            other => Self::Equals(other.into()),
        }
    }
}

impl Kind {
    /// Reads a kind; the error says what was not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text };
        let kind = parser.union()?;
        parser.space();
        if parser.rest.is_empty() { Ok(kind) } else { Err(format!("`{}` is left over in the kind `{text}`", parser.rest)) }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn union(&mut self) -> Result<Kind, String> {
        let mut members = vec![self.single()?];
        while self.eat("|") {
            members.push(self.single()?);
        }
        Ok(if members.len() == 1 { members.remove(0) } else { Kind::Union(members) })
    }

    fn single(&mut self) -> Result<Kind, String> {
        self.space();
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        let arguments = if self.eat("[") { Some(self.arguments()?) } else { None };
        let item = |i: usize| arguments.as_ref().and_then(|(kinds, _): &(Vec<Kind>, bool)| kinds.get(i).cloned()).unwrap_or(Kind::Unknown);
        Ok(match word {
            "" => return Err(format!("a kind is missing before `{}`", self.rest)),
            "array" => Kind::Array,
            "scalar" => Kind::Scalar,
            "reduction" => Kind::Reduction,
            "elementwise" => Kind::Elementwise,
            "sized" => Kind::Sized(Box::new(Kind::Float)),
            "sized-int" => Kind::Sized(Box::new(Kind::Int)),
            "sized-scalar" => Kind::Sized(Box::new(Kind::Scalar)),
            "same" => Kind::Same,
            "element" => Kind::Element,
            "int" => Kind::Int,
            "float" => Kind::Float,
            "complex" => Kind::Complex,
            "bool" => Kind::Bool,
            "number" => Kind::Number,
            "str" => Kind::Str,
            "bytes" => Kind::Bytes,
            "path" => Kind::Path,
            "none" => Kind::None,
            "dtype" => Kind::Dtype,
            "device" => Kind::Device,
            "module" => Kind::Module,
            "partial" => Kind::Partial,
            "arguments" => Kind::Arguments,
            "type" => Kind::Type,
            "unknown" => Kind::Unknown,
            "list" => Kind::List(Arc::new(item(0))),
            "set" => Kind::Set(Arc::new(item(0))),
            "iter" => Kind::Iter(Arc::new(item(0))),
            "dict" => Kind::Dict(Arc::new(item(0)), Arc::new(item(1))),
            "tuple" => match arguments {
                None => Kind::TupleOf(Arc::new(Kind::Unknown)),
                Some((_, true)) => Kind::TupleOf(Arc::new(item(0))),
                Some((kinds, false)) => Kind::Tuple(kinds),
            },
            name if name.contains('.') => Kind::Instance(name.into()),
            other => return Err(format!("`{other}` is not a kind; see the table of kinds in rules/README.md")),
        })
    }

    /// The kinds between brackets, and whether they end in `...`.
    fn arguments(&mut self) -> Result<(Vec<Kind>, bool), String> {
        let mut kinds = Vec::new();
        let mut open_ended = false;
        loop {
            if self.eat("...") {
                open_ended = true;
            } else {
                kinds.push(self.union()?);
            }
            if self.eat("]") {
                return Ok((kinds, open_ended));
            }
            if !self.eat(",") {
                return Err(format!("expected `,` or `]` before `{}`", self.rest));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_nest() {
        let kind = Kind::parse("tuple[array, dict[str, list[int]]] | none").unwrap();
        let dict = Kind::Dict(Arc::new(Kind::Str), Arc::new(Kind::List(Arc::new(Kind::Int))));
        assert_eq!(kind, Kind::Union(vec![Kind::Tuple(vec![Kind::Array, dict]), Kind::None]));
        assert_eq!(Kind::parse("tuple[int, ...]").unwrap(), Kind::TupleOf(Arc::new(Kind::Int)));
    }

    #[test]
    fn a_wrong_kind_is_named() {
        assert!(Kind::parse("arry").unwrap_err().contains("arry"));
        assert!(Kind::parse("list[int").is_err());
    }
}
