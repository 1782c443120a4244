//! Function signatures as Python text, read by the same parser as the code they match, and arguments bound to them.

use std::sync::Arc;

use ruff_python_ast::{Arguments, Expr, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged;

/// How a parameter may be passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// By position only (before `/`).
    Position,
    /// By position or keyword.
    Either,
    /// The `*args` parameter.
    Star,
    /// By keyword only.
    Keyword,
    /// The `**kwargs` parameter.
    DoubleStar,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: Arc<str>,
    /// How it may be passed.
    pub passing: Passing,
    /// The text of its default.
    pub default: Option<Arc<str>>,
}

/// A signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The parameters in order.
    pub parameters: Vec<Parameter>,
}

impl Signature {
    /// Reads `(x, /, *, axis=None)`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let source = format!("def f{}: ...\n", text.trim());
        let parsed = parse_module(&source).map_err(|error| format!("the signature `{text}` is not Python: {error}"))?;
        let Some(Stmt::FunctionDef(def)) = parsed.suite().first() else {
            return Err(format!("the signature `{text}` is not a parameter list in parentheses"));
        };
        let mut parameters = Vec::new();
        let mut push = |name: &str, passing, default: Option<&Expr>| {
            parameters.push(Parameter { name: name.into(), passing, default: default.map(|d| source[d.range()].into()) });
        };
        let list = &def.parameters;
        for p in &list.posonlyargs {
            push(p.name(), Passing::Position, p.default());
        }
        for p in &list.args {
            push(p.name(), Passing::Either, p.default());
        }
        if let Some(p) = &list.vararg {
            push(&p.name, Passing::Star, None);
        }
        for p in &list.kwonlyargs {
            push(p.name(), Passing::Keyword, p.default());
        }
        if let Some(p) = &list.kwarg {
            push(&p.name, Passing::DoubleStar, None);
        }
        Ok(Self { parameters })
    }

    /// The parameter called `name`.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| &*p.name == name)
    }

    /// Binds the arguments of a call; `receiver` is true when the first parameter is the object a method is called on.
    pub fn bind<'a>(&self, arguments: &'a Arguments, receiver: bool) -> Result<Bound<'a>, BindError> {
        let mut bound = Bound { slots: vec![Vec::new(); self.parameters.len()], extra: Vec::new(), open: false };
        let mut next = usize::from(receiver);
        for argument in &arguments.args {
            if argument.is_starred_expr() {
                bound.open = true;
                // Whatever follows may land anywhere; a `*args` parameter can still take it all.
                let Some(star) = self.parameters.iter().position(|p| p.passing == Passing::Star) else { return Ok(bound) };
                if next <= star {
                    next = star;
                }
                bound.slots[star].push(argument);
                continue;
            }
            match self.parameters.get(next).map(|p| p.passing) {
                Some(Passing::Position | Passing::Either) => {
                    bound.slots[next].push(argument);
                    next += 1;
                }
                Some(Passing::Star) => bound.slots[next].push(argument),
                _ if bound.open => {}
                _ => return Err(BindError::TooMany),
            }
        }
        for keyword in &arguments.keywords {
            let Some(name) = &keyword.arg else {
                bound.open = true;
                continue;
            };
            let slot =
                self.parameters.iter().position(|p| &*p.name == name.as_str() && matches!(p.passing, Passing::Either | Passing::Keyword));
            match slot {
                Some(slot) if bound.slots[slot].is_empty() => bound.slots[slot].push(&keyword.value),
                Some(_) => return Err(BindError::Twice(name.to_string())),
                None if self.parameters.iter().any(|p| p.passing == Passing::DoubleStar) => {
                    bound.extra.push((name.to_string(), &keyword.value))
                }
                None => return Err(BindError::Unknown(name.to_string())),
            }
        }
        Ok(bound)
    }
}

/// Why arguments do not fit a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindError {
    /// More positional arguments than parameters.
    TooMany,
    /// A parameter was passed twice.
    Twice(String),
    /// No parameter of that name.
    Unknown(String),
}

/// The arguments of a call, by parameter.
#[derive(Clone, Debug)]
pub struct Bound<'a> {
    /// For each parameter of the signature, the expressions passed; several only for `*args`.
    pub slots: Vec<Vec<&'a Expr>>,
    /// Keywords taken by `**kwargs`.
    pub extra: Vec<(String, &'a Expr)>,
    /// Whether the call unpacks a sequence or a mapping, so that a parameter that looks absent may be passed.
    pub open: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_read() {
        let signature = Signature::parse("(x, /, axis=None, *, keepdims=False, **rest)").unwrap();
        let passing: Vec<_> = signature.parameters.iter().map(|p| p.passing).collect();
        assert_eq!(passing, [Passing::Position, Passing::Either, Passing::Keyword, Passing::DoubleStar]);
        assert_eq!(signature.parameter("axis").unwrap().default.as_deref(), Some("None"));
    }

    #[test]
    fn a_broken_signature_is_an_error() {
        assert!(Signature::parse("(x, ").is_err());
    }
}
