//! A call of an op in the words of a target: names, keywords, arguments written out or refused.

use std::sync::Arc;

use crate::flow::value::Dtype;
use crate::rewrite::Part;
use crate::rules::op::{ALIAS, Op, Piece};
use crate::rules::signature::Passing;
use crate::rules::target::Target;

/// What is known of an argument that stands where an op takes an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// An array on every path.
    Array,
    /// A Python float.
    Float,
    /// A Python number that is no float.
    Int,
    /// A list or tuple, of floats or not.
    Sequence {
        /// Whether an element is a float for sure.
        floats: bool,
        /// Whether no element is a float for sure.
        exact: bool,
    },
    /// Nothing, or not enough.
    Unknown,
}

/// One argument of a call of an op.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The op's parameter.
    pub parameter: Arc<str>,
    /// Whether it goes by position.
    pub by_position: bool,
    /// Its text.
    pub parts: Vec<Part>,
    /// The argument of the source call that it is, for keeping the layout.
    pub source: Option<usize>,
    /// Whether its text needs no parentheses wherever it stands.
    pub atomic: bool,
    /// What is known of it.
    pub operand: Operand,
    /// Its text where that is a literal or a name.
    pub text: Arc<str>,
}

impl Argument {
    /// An argument that no source call has.
    pub fn written(parameter: &Arc<str>, text: &str) -> Self {
        Self {
            parameter: Arc::clone(parameter),
            by_position: false,
            parts: vec![Part::Text(text.to_owned())],
            source: None,
            atomic: true,
            operand: Operand::Unknown,
            text: text.into(),
        }
    }
}

/// One argument as the target wants it.
#[derive(Clone, Debug)]
pub struct Spelled {
    /// The keyword, where it does not go by position.
    pub keyword: Option<Arc<str>>,
    /// Its text.
    pub parts: Vec<Part>,
    /// The argument of the source call that it is.
    pub source: Option<usize>,
}

/// A call in the words of a target.
#[derive(Clone, Debug)]
pub enum Call {
    /// A function of the module with its arguments.
    Function(String, Vec<Spelled>),
    /// Another expression.
    Text(Vec<Part>),
}

impl Call {
    /// The whole text.
    pub fn parts(self) -> Vec<Part> {
        match self {
            Self::Text(parts) => parts,
            Self::Function(callee, arguments) => {
                let mut parts = vec![Part::Text(format!("{callee}("))];
                push_arguments(&mut parts, arguments);
                parts.push(Part::Text(")".into()));
                parts
            }
        }
    }
}

fn push_arguments(parts: &mut Vec<Part>, arguments: Vec<Spelled>) {
    for (i, argument) in arguments.into_iter().enumerate() {
        if i > 0 {
            parts.push(Part::Text(", ".into()));
        }
        if let Some(keyword) = argument.keyword {
            parts.push(Part::Text(format!("{keyword}=")));
        }
        parts.extend(argument.parts);
    }
}

/// Spells a call of `op`; the text beside it says what is doubtful, where something is. The error says why it has no such call.
pub fn spell(target: &Target, op: &Op, mut arguments: Vec<Argument>) -> Result<(Call, Option<String>), String> {
    let name = target.spelled(op)?;
    let mut doubt = None;
    let title = &target.title;
    if !target.dtype_calls && Dtype::parse(&op.name) != Dtype::Unknown {
        return Err(format!("{title} has no calls of dtypes; convert with `astype`"));
    }
    if let Some(argument) = arguments.iter().find(|a| !target.takes(op, &a.parameter)) {
        return Err(format!("`{name}` of {title} takes no `{}`", target.parameter(&op.name, &argument.parameter)));
    }
    if let Some(missing) = target.required(&op.name).iter().find(|p| !arguments.iter().any(|a| a.parameter == **p)) {
        return Err(format!("`{name}` of {title} needs `{}`", target.parameter(&op.name, missing)));
    }
    if !target.scalars {
        doubt = operands(target, op, &arguments)?;
    }
    for argument in arguments.iter_mut().filter(|a| &*a.parameter == "dtype") {
        match target.dtype(&argument.text) {
            Ok(Some(spelled)) => argument.parts = vec![Part::Text(spelled.to_string())],
            Ok(None) => {}
            Err(_) => return Err(format!("`dtype={}`: {title} has no such dtype", argument.text)),
        }
    }
    let given = |arguments: &[Argument], parameter: &str| arguments.iter().any(|a| *a.parameter == *parameter);
    for (parameter, text) in target.defaults(&op.name) {
        if !given(&arguments, parameter) {
            arguments.push(Argument::written(parameter, text));
        }
    }
    if let (Some(dtype), Some(deciding), false) = (&target.float, target.floats.get(&op.name), given(&arguments, "dtype")) {
        let operands: Vec<Operand> =
            deciding.iter().filter_map(|p| arguments.iter().find(|a| a.parameter == *p)).map(|a| a.operand).collect();
        let float = deciding.is_empty() || operands.iter().any(|o| matches!(o, Operand::Float | Operand::Sequence { floats: true, .. }));
        let exact = operands.iter().all(|o| matches!(o, Operand::Array | Operand::Int | Operand::Sequence { exact: true, .. }));
        if float {
            arguments.push(Argument::written(&"dtype".into(), dtype));
        } else if !exact {
            doubt = Some(format!("{title} makes floats of another dtype where no `dtype` is given"));
        }
    }
    if let Some(template) = target.template(&op.name) {
        return Ok((Call::Text(fill(op, &template.0, &arguments)?), doubt));
    }
    let spelled = |argument: Argument| Spelled {
        keyword: (!argument.by_position).then(|| target.parameter(&op.name, &argument.parameter)),
        parts: argument.parts,
        source: argument.source,
    };
    if let Some(method) = target.method(&op.name) {
        if arguments.first().is_none_or(|first| !first.by_position) {
            return Err(format!("`{method}` of {title} is called on an array, and the call passes none by position"));
        }
        let receiver = arguments.remove(0);
        if !matches!(receiver.operand, Operand::Array) {
            if !matches!(receiver.operand, Operand::Unknown) {
                return Err(format!("`{method}` of {title} is called on an array, and `{}` is none", receiver.text));
            }
            doubt = Some(format!("`{method}` of {title} is called on an array, and this may be none"));
        }
        let mut parts = Vec::new();
        push_wrapped(&mut parts, receiver.parts, !receiver.atomic);
        parts.push(Part::Text(format!(".{method}(")));
        push_arguments(&mut parts, arguments.into_iter().map(spelled).collect());
        parts.push(Part::Text(")".into()));
        return Ok((Call::Text(parts), doubt));
    }
    if target.module.is_empty() && target.bind.is_none() {
        return Err(format!("{title} has `{name}` neither as a function nor as a method"));
    }
    Ok((Call::Function(format!("{ALIAS}.{name}"), arguments.into_iter().map(spelled).collect()), doubt))
}

/// Whether the arguments may stand where the target takes arrays alone.
fn operands(target: &Target, op: &Op, arguments: &[Argument]) -> Result<Option<String>, String> {
    let title = &target.title;
    let mut doubt = None;
    let places: Vec<&Argument> = arguments.iter().filter(|a| target.arrays.contains(&a.parameter)).collect();
    // One of two operands may be a number, where the target says so.
    let spared = target.numbers.contains(&op.name) && places.iter().any(|a| a.operand == Operand::Array);
    for argument in places {
        match argument.operand {
            Operand::Array => {}
            Operand::Int | Operand::Float if spared => {}
            Operand::Int | Operand::Float => {
                return Err(format!("`{}` of {title} takes an array, and `{}` is a number", op.name, argument.text));
            }
            Operand::Sequence { .. } => {
                return Err(format!("`{}` of {title} takes an array, and `{}` is a sequence", op.name, argument.text));
            }
            Operand::Unknown => doubt = Some(format!("{title} takes arrays alone, and `{}` may be something else", argument.text)),
        }
    }
    Ok(doubt)
}

fn fill(op: &Op, pieces: &[Piece], arguments: &[Argument]) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let text = |piece: Option<&Piece>| if let Some(Piece::Text(text)) = piece { Arc::clone(text) } else { "".into() };
    for (i, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => parts.push(Part::Text(text.to_string())),
            Piece::Hole(name) => {
                let before = text(i.checked_sub(1).and_then(|i| pieces.get(i)));
                let after = text(pieces.get(i + 1));
                let enclosed = before.trim_end().ends_with(['(', '[', ',', '=']) && after.trim_start().starts_with([')', ']', ',']);
                let default = || op.signature.as_ref().and_then(|s| s.parameter(name)).and_then(|p| p.default.clone());
                match arguments.iter().find(|a| a.parameter == *name) {
                    Some(argument) => push_wrapped(&mut parts, argument.parts.clone(), !(enclosed || argument.atomic)),
                    None => match default() {
                        Some(default) => parts.push(Part::Text(default.to_string())),
                        None => return Err(format!("`{name}` has to be passed for this to be rewritten")),
                    },
                }
            }
        }
    }
    Ok(parts)
}

/// Adds `inner`, in parentheses where it needs them.
pub fn push_wrapped(parts: &mut Vec<Part>, inner: Vec<Part>, wrap: bool) {
    if let ([Part::Source(source)], true) = (&inner[..], wrap) {
        parts.push(Part::Operand(*source));
        return;
    }
    if wrap {
        parts.push(Part::Text("(".into()));
    }
    parts.extend(inner);
    if wrap {
        parts.push(Part::Text(")".into()));
    }
}

/// Whether the parameters of `op` up to `parameter` can all go by position.
pub fn leads(op: &Op, parameter: &str) -> bool {
    let Some(signature) = &op.signature else { return false };
    signature.parameters.iter().take_while(|p| &*p.name != parameter).all(|p| matches!(p.passing, Passing::Position | Passing::Either))
}
