//! The arguments of a call, by the parameters of a signature that the rules give.

use ruff_python_ast::{Arguments, Expr};

use crate::rules::signature::{Passing, Signature};

/// Binds the arguments of a call; `receiver` is true when the first parameter is the object a method is called on.
pub fn bind<'a>(signature: &Signature, arguments: &'a Arguments, receiver: bool) -> Result<Bound<'a>, BindError> {
    let mut bound = Bound { slots: vec![Vec::new(); signature.parameters.len()], extra: Vec::new(), open: false };
    let mut next = usize::from(receiver);
    for argument in &arguments.args {
        if argument.is_starred_expr() {
            bound.open = true;
            // Whatever follows may land anywhere; a `*args` parameter can still take it all.
            let Some(star) = signature.parameters.iter().position(|p| p.passing == Passing::Star) else { return Ok(bound) };
            if next <= star {
                next = star;
            }
            bound.slots[star].push(argument);
            continue;
        }
        match signature.parameters.get(next).map(|p| p.passing) {
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
            signature.parameters.iter().position(|p| &*p.name == name.as_str() && matches!(p.passing, Passing::Either | Passing::Keyword));
        match slot {
            Some(slot) if bound.slots[slot].is_empty() => bound.slots[slot].push(&keyword.value),
            Some(_) => return Err(BindError::Twice(name.to_string())),
            None if signature.parameters.iter().any(|p| p.passing == Passing::DoubleStar) => {
                bound.extra.push((name.to_string(), &keyword.value))
            }
            None => return Err(BindError::Unknown(name.to_string())),
        }
    }
    Ok(bound)
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
