//! What docstrings say of parameters: the types that NumPy's, Google's and Sphinx's conventions give them. Documentation is no
//! code, so it decides only where the code leaves open what a parameter is.

use std::sync::Arc;

use ruff_python_ast::{Expr, Stmt};

use super::dict::Dict;
use super::value::{Atom, Value};
use super::walk::Walker;
use crate::rules::library::{ClassFact, LibraryRef};

/// The text of the docstring that `body` opens with.
pub fn of_body(body: &[Stmt]) -> Option<&str> {
    match body.first()? {
        Stmt::Expr(stmt) => match &*stmt.value {
            Expr::StringLiteral(text) => Some(text.value.to_str()),
            _ => None,
        },
        _ => None,
    }
}

/// The parameters that a docstring names, each with the text of its type.
pub fn parameter_types(doc: &str) -> Vec<(&str, &str)> {
    let lines: Vec<&str> = doc.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let head = line.trim();
        let next = lines.get(at + 1).map_or("", |l| l.trim());
        if matches!(head, "Parameters" | "Other Parameters") && is_rule(next) {
            underlined(&lines, at, &mut found);
        } else if matches!(head, "Args:" | "Arguments:" | "Parameters:" | "Keyword Args:") {
            indented(&lines, at, &mut found);
        } else if let Some(rest) = head.strip_prefix(":type ") {
            found.extend(rest.split_once(':').map(|(name, text)| (name.trim(), text.trim())));
        } else if let Some(rest) = head.strip_prefix(":param ")
            && let Some((typed, _)) = rest.split_once(':')
            && let Some((text, name)) = typed.trim().rsplit_once(' ')
        {
            found.push((name, text.trim()));
        }
    }
    found.retain(|(_, text)| !text.is_empty());
    found
}

/// A line of dashes under a heading.
fn is_rule(line: &str) -> bool {
    line.len() > 2 && line.chars().all(|c| c == '-' || c == '=')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The section of which the heading stands at `at`, underlined: `x, y : array_like` as deep as the heading, text deeper.
fn underlined<'d>(lines: &[&'d str], at: usize, found: &mut Vec<(&'d str, &'d str)>) {
    let depth = indent(lines[at]);
    for (i, line) in lines.iter().enumerate().skip(at + 2) {
        if line.trim().is_empty() || indent(line) > depth {
            continue;
        }
        if indent(line) < depth || lines.get(i + 1).is_some_and(|next| is_rule(next.trim())) {
            return;
        }
        if let Some((names, text)) = line.split_once(':') {
            found.extend(names.split(',').map(|name| (name.trim().trim_start_matches('*'), text.trim())));
        }
    }
}

/// The section of which the heading stands at `at`, indented: `x (Tensor): text`, and what goes on deeper still.
fn indented<'d>(lines: &[&'d str], at: usize, found: &mut Vec<(&'d str, &'d str)>) {
    let mut depth = None;
    for line in lines.iter().skip(at + 1).filter(|line| !line.trim().is_empty()) {
        if indent(line) <= indent(lines[at]) {
            return;
        }
        if indent(line) != *depth.get_or_insert(indent(line)) {
            continue;
        }
        if let Some((name, rest)) = line.trim().split_once([' ', '('])
            && let Some((text, _)) = rest.trim_start_matches('(').rsplit_once("):").or_else(|| rest.split_once("):"))
        {
            found.push((name.trim_start_matches('*'), text.trim()));
        }
    }
}

/// A kind that the text of a type names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named<'d> {
    Atom(&'static str),
    /// An array of whatever library is meant.
    Array,
    /// Perhaps a class, by the last part of its name.
    Class(&'d str),
    /// Something that is not understood.
    Other,
}

/// The alternatives that the text of a type names: `int or array_like, shape (n, m), optional`.
fn alternatives(text: &str) -> Vec<Named<'_>> {
    let mut named = Vec::new();
    if text.contains(['{', '"', '\'']) && !text.starts_with('(') {
        // A choice of words, `{'full', 'valid'}`, or of numbers.
        named.push(if text.contains(['"', '\'']) { Named::Atom("str") } else { Named::Other });
    }
    let mut depth = 0_i32;
    let mut pieces: Vec<(&str, bool)> = Vec::new();
    let (mut from, mut listed) = (0, false);
    for (i, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => {
                if depth == 0 {
                    pieces.push((&text[from..i], listed));
                }
                depth += 1;
            }
            ')' | ']' | '}' => {
                depth -= 1;
                (from, listed) = (i + 1, true);
            }
            ',' | '|' | '/' if depth <= 0 => {
                pieces.push((&text[from..i], listed));
                (from, listed) = (i + 1, c == ',');
            }
            _ => {}
        }
    }
    if depth <= 0 {
        pieces.push((text.get(from..).unwrap_or(""), listed));
    }
    for (piece, listed) in pieces {
        for (i, part) in piece.split(" or ").enumerate() {
            let part = part.trim().trim_start_matches("or ").trim_end_matches('.');
            if part.is_empty() {
                continue;
            }
            match words(part) {
                // What follows a comma may tell of the shape, of the default, of the range.
                None if listed && i == 0 => {}
                None => named.push(Named::Other),
                Some(kind) => named.push(kind),
            }
        }
    }
    named
}

/// The kind that a phrase names: that of the last word which names one, before it goes on about elements.
fn words(phrase: &str) -> Option<Named<'_>> {
    let mut found = None;
    for word in phrase.split_whitespace() {
        if matches!(
            word,
            "of" | "with" | "in" | "that" | "for" | "to" | "containing" | "from" | "between" | "by" | "than" | "default" | "giving"
        ) {
            break;
        }
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
        // `:class:`~numpy.ndarray``
        let bare = bare.rsplit(['`', '~']).next().unwrap_or(bare);
        let last = bare.rsplit(['.', ':']).next().unwrap_or(bare);
        let lower = last.to_ascii_lowercase();
        found = Some(match lower.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "int" | "integer" | "ints" | "integers" => Named::Atom("int"),
            "float" | "floats" | "double" | "real" => Named::Atom("float"),
            "scalar" | "number" => Named::Atom("number"),
            "complex" => Named::Atom("complex"),
            "bool" | "boolean" | "bools" => Named::Atom("bool"),
            "str" | "string" | "strings" => Named::Atom("str"),
            "none" => Named::Atom("none"),
            "callable" | "function" => Named::Atom("callable"),
            "dict" | "dictionary" => Named::Atom("dict"),
            "list" | "lists" => Named::Atom("list"),
            "tuple" | "tuples" => Named::Atom("tuple"),
            "array" | "arrays" | "array_like" | "array-like" | "arraylike" | "nd-array" => Named::Array,
            _ if last.starts_with(|c: char| c.is_ascii_uppercase()) || lower.ends_with("array") => Named::Class(bare),
            _ => continue,
        });
    }
    found
}

impl<'a> Walker<'a> {
    /// What the text of a documented type stands for; unknown where part of it is not understood.
    pub(super) fn documented(&self, text: &str) -> Value {
        let mut value = Value::default();
        for named in alternatives(text) {
            match named {
                Named::Atom(name) => value.add(&plain(name)),
                Named::Array => match self.array_here() {
                    Some(tag) => value.add(&Atom::Array(tag)),
                    None => value.add(&Atom::Unknown),
                },
                Named::Class(name) => value.join(&self.class_called(name)),
                Named::Other => value.add(&Atom::Unknown),
            }
        }
        value
    }

    /// An instance of the class that documentation calls `name`: `ndarray`, `np.random.Generator`. Where several libraries have
    /// one of this name, it is that of one which this file imports.
    fn class_called(&self, name: &str) -> Value {
        let facts = &self.context.rules.facts;
        // What stands before the first dot may be an alias.
        let tail = name.split_once('.').map_or(name, |(_, tail)| tail);
        let called = |whole: &str| whole == name || whole.strip_suffix(tail).is_some_and(|rest| rest.ends_with('.'));
        let near = |library: LibraryRef| 1u64.checked_shl(u32::from(library)).is_some_and(|bit| self.imported_libraries & bit != 0);
        let mut found: Vec<&ClassFact> = facts.classes.iter().filter(|class| called(&class.name)).collect();
        if found.len() > 1 && found.iter().any(|class| near(class.library)) {
            found.retain(|class| near(class.library));
        }
        match found.as_slice() {
            [class] => self.instance(&class.name),
            _ => Value::unknown(),
        }
    }
}

fn plain(name: &str) -> Atom {
    let unknown = || Arc::new(Value::unknown());
    match name {
        "int" => Atom::Int,
        "float" => Atom::Float,
        "complex" => Atom::Complex,
        "bool" => Atom::Bool,
        "str" => Atom::Str,
        "none" => Atom::None,
        "number" => Atom::Number,
        "callable" => Atom::Callable(unknown()),
        "dict" => Dict::unknown().into_atom(),
        "list" => Atom::List(unknown()),
        "tuple" => Atom::TupleOf(unknown()),
        _ => Atom::Unknown,
    }
}

/// Takes into `value`, what the code says of a parameter, what its documentation says.
pub fn settle(value: &mut Value, documented: &Value) {
    if documented.atoms.is_empty() {
        return;
    }
    let open = value.may_be_unknown();
    if documented.array().is_none() {
        // Nothing that is documented is an array, and the code does not prove the opposite.
        let says_all = !documented.may_be_unknown();
        // Where an integer is documented, an array that some caller passes is an element of one.
        let integer = documented.operands().next().is_some() && documented.operands().all(|atom| matches!(atom, Atom::Int));
        if says_all && (open || (value.array().is_some() && (integer || !value.is_surely_array()))) {
            value.atoms.retain(|atom| !matches!(atom, Atom::Unknown | Atom::Crowd | Atom::Array(_)));
            documented.atoms.iter().for_each(|atom| value.add(atom));
        }
        return;
    }
    let only = documented.operands().all(|atom| matches!(atom, Atom::Array(_)));
    if value.array().is_none() && (open || (only && value.operands().all(Atom::is_number))) {
        if value.atoms.contains(&Atom::Crowd) {
            value.atoms = smallvec::smallvec![Atom::Unknown];
        }
        documented.arrays().for_each(|tag| value.add(&Atom::Array(tag)));
        value.origin = documented.origin;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conventions_name_parameters_and_types() {
        let numpy = "Sum.\n\n    Parameters\n    ----------\n    x, y : array_like, shape (n, m)\n        Text: more.\n    n : int, optional\n\n    Returns\n    -------\n    z : float\n";
        assert_eq!(parameter_types(numpy), [("x", "array_like, shape (n, m)"), ("y", "array_like, shape (n, m)"), ("n", "int, optional")]);
        let google = "Sum.\n\n    Args:\n        x (torch.Tensor): text\n            (more): deeper\n        n (int, optional): text\n    Returns:\n        float: text\n";
        assert_eq!(parameter_types(google), [("x", "torch.Tensor"), ("n", "int, optional")]);
        assert_eq!(parameter_types(":param int n: text\n:type x: ndarray"), [("n", "int"), ("x", "ndarray")]);
    }

    #[test]
    fn the_words_of_types_name_kinds() {
        use Named::{Array, Atom, Class, Other};
        let cases: &[(&str, &[Named<'_>])] = &[
            ("int", &[Atom("int")]),
            ("float or array_like", &[Atom("float"), Array]),
            ("array-like of shape (n_samples, n_features), default=None", &[Array]),
            ("(n, m) array of ints", &[Array]),
            ("list of float", &[Atom("list")]),
            ("{'full', 'same'}, optional", &[Atom("str")]),
            ("np.ndarray, optional", &[Class("np.ndarray")]),
            ("pandas.DataFrame or None", &[Class("pandas.DataFrame"), Atom("none")]),
            ("int, must be positive", &[Atom("int")]),
            (":class:`~numpy.ndarray`", &[Class("numpy.ndarray")]),
            ("something else", &[Other]),
        ];
        for (text, expected) in cases {
            assert_eq!(alternatives(text), *expected, "{text}");
        }
    }
}
