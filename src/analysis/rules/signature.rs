//! Function signatures as Python text. Read by hand, so that the build can check the rule files without the parser of Python;
//! a test of the analyzer compares every signature of the rules with what that parser makes of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How a parameter may be passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: Arc<str>,
    /// How it may be passed.
    pub passing: Passing,
    /// The text of its default.
    pub default: Option<Arc<str>>,
}

/// A signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The parameters in order.
    pub parameters: Vec<Parameter>,
}

impl Signature {
    /// Reads `(x, /, *, axis=None)`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fail = |message: &str| format!("the signature `{text}` is not Python: {message}");
        let inner = text.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let inner = inner.ok_or_else(|| format!("the signature `{text}` is not a parameter list in parentheses"))?;
        let mut parameters: Vec<Parameter> = Vec::new();
        let (mut keyword_only, mut bare_star) = (false, false);
        for part in split(inner).map_err(fail)? {
            let part = part.trim();
            let ends = parameters.last().is_some_and(|p| p.passing == Passing::DoubleStar);
            if ends {
                return Err(fail("nothing may follow `**`"));
            }
            if part == "/" {
                if keyword_only || parameters.is_empty() || parameters.iter().any(|p| p.passing == Passing::Position) {
                    return Err(fail("`/` stands once, after a parameter and before any `*`"));
                }
                parameters.iter_mut().for_each(|p| p.passing = Passing::Position);
                continue;
            }
            if part.starts_with('*') && !part.starts_with("**") && std::mem::replace(&mut keyword_only, true) {
                return Err(fail("`*` stands once"));
            }
            if part == "*" {
                bare_star = true;
                continue;
            }
            let passing = match part {
                _ if part.starts_with("**") => Passing::DoubleStar,
                _ if part.starts_with('*') => Passing::Star,
                _ if keyword_only => Passing::Keyword,
                _ => Passing::Either,
            };
            let parameter = parameter(part.trim_start_matches('*'), passing).map_err(|message| fail(&message))?;
            if parameters.iter().any(|known| known.name == parameter.name) {
                return Err(fail(&format!("`{}` stands twice", parameter.name)));
            }
            let optional = |p: &Parameter| matches!(p.passing, Passing::Position | Passing::Either) && p.default.is_some();
            if passing == Passing::Either && parameter.default.is_none() && parameters.iter().any(optional) {
                return Err(fail(&format!("`{}` needs a default, because a parameter before it has one", parameter.name)));
            }
            bare_star &= passing == Passing::DoubleStar;
            parameters.push(parameter);
        }
        if bare_star {
            return Err(fail("a parameter must follow `*`"));
        }
        Ok(Self { parameters })
    }

    /// The parameter called `name`.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| &*p.name == name)
    }
}

/// Reads `axis: int = None` without its stars.
fn parameter(text: &str, passing: Passing) -> Result<Parameter, String> {
    let (head, default) = match cut(text, '=') {
        Some((head, default)) => (head, Some(default.trim())),
        None => (text, None),
    };
    let name = cut(head, ':').map_or(head, |(name, _)| name).trim();
    let is_identifier = name.starts_with(|c: char| c.is_alphabetic() || c == '_') && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !is_identifier {
        return Err(if name.is_empty() { "a parameter is missing".into() } else { format!("`{name}` is not a name") });
    }
    match default {
        Some("") => Err(format!("the default of `{name}` is missing")),
        Some(_) if matches!(passing, Passing::Star | Passing::DoubleStar) => Err(format!("`{name}` takes no default")),
        default => Ok(Parameter { name: name.into(), passing, default: default.map(Arc::from) }),
    }
}

/// What stands before and after the first `at` outside of brackets and strings.
fn cut(text: &str, at: char) -> Option<(&str, &str)> {
    let mut outside = Outside::default();
    let (place, _) = text.char_indices().find(|(_, c)| outside.step(*c) && *c == at)?;
    Some((&text[..place], &text[place + at.len_utf8()..]))
}

/// The parts between commas outside of brackets and strings; a trailing comma ends the last part.
fn split(text: &str) -> Result<Vec<&str>, &'static str> {
    let (mut parts, mut from, mut outside) = (Vec::new(), 0, Outside::default());
    for (place, c) in text.char_indices() {
        if outside.step(c) && c == ',' {
            parts.push(&text[from..place]);
            from = place + 1;
        }
    }
    if outside != Outside::default() {
        return Err("a bracket or a string is not closed");
    }
    if !text[from..].trim().is_empty() {
        parts.push(&text[from..]);
    }
    Ok(parts)
}

/// Follows brackets and strings, character by character.
#[derive(Default, PartialEq)]
struct Outside {
    depth: i32,
    quote: Option<char>,
    escaped: bool,
}

impl Outside {
    /// Takes the next character in; tells whether it stands outside of all brackets and strings.
    fn step(&mut self, c: char) -> bool {
        if let Some(quote) = self.quote {
            self.quote = if c == quote && !self.escaped { None } else { Some(quote) };
            self.escaped = c == '\\' && !self.escaped;
            return false;
        }
        match c {
            '"' | '\'' => self.quote = Some(c),
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => self.depth -= 1,
            _ => return self.depth == 0,
        }
        false
    }
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
    fn commas_and_equal_signs_inside_a_default_belong_to_it() {
        let signature = Signature::parse("(a: dict[str, int]={1: (2, 3)}, b='x=\\',y', *c,)").unwrap();
        let defaults: Vec<_> = signature.parameters.iter().map(|p| p.default.as_deref()).collect();
        assert_eq!(defaults, [Some("{1: (2, 3)}"), Some("'x=\\',y'"), None]);
    }

    /// What the parser of Python makes of a signature.
    fn parsed(text: &str) -> Signature {
        use ruff_python_ast::{Expr, Stmt};
        use ruff_text_size::Ranged;
        let source = format!("def f{}: ...\n", text.trim());
        let module = ruff_python_parser::parse_module(&source).unwrap();
        let Some(Stmt::FunctionDef(def)) = module.suite().first() else { panic!("{text}") };
        let list = &def.parameters;
        let one = |name: &str, passing, default: Option<&Expr>| Parameter {
            name: name.into(),
            passing,
            default: default.map(|d| source[d.range()].into()),
        };
        let mut parameters: Vec<Parameter> = Vec::new();
        parameters.extend(list.posonlyargs.iter().map(|p| one(p.name(), Passing::Position, p.default())));
        parameters.extend(list.args.iter().map(|p| one(p.name(), Passing::Either, p.default())));
        parameters.extend(list.vararg.iter().map(|p| one(&p.name, Passing::Star, None)));
        parameters.extend(list.kwonlyargs.iter().map(|p| one(p.name(), Passing::Keyword, p.default())));
        parameters.extend(list.kwarg.iter().map(|p| one(&p.name, Passing::DoubleStar, None)));
        Signature { parameters }
    }

    /// Every text in a rule file that is read as a signature.
    fn signatures(value: &toml::Value, found: &mut Vec<String>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    match (key.as_str(), value) {
                        ("signature", toml::Value::String(text)) if text.starts_with('(') => found.push(text.clone()),
                        ("signatures", toml::Value::Table(texts)) => {
                            found.extend(texts.values().filter_map(|v| v.as_str().map(str::to_owned)))
                        }
                        _ => signatures(value, found),
                    }
                }
            }
            toml::Value::Array(list) => list.iter().for_each(|value| signatures(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_signature_of_the_rules_is_what_python_makes_of_it() {
        let (mut folders, mut found) = (vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../rules")], Vec::new());
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "toml") {
                    let text = std::fs::read_to_string(path).unwrap();
                    signatures(&toml::Value::Table(text.parse().unwrap()), &mut found);
                }
            }
        }
        assert!(found.len() > 1000, "{}", found.len());
        for text in found {
            assert_eq!(Signature::parse(&text).unwrap(), parsed(&text), "{text}");
        }
    }

    #[test]
    fn a_broken_signature_is_an_error() {
        for broken in
            ["(x, ", "x", "(x y)", "(x,,y)", "(a=1, b)", "(*, /)", "(*)", "(*, **k)", "(x, x)", "(a=)", "(**k, a)", "(a=[)", "(1)"]
        {
            assert!(Signature::parse(broken).is_err(), "{broken}");
        }
    }
}
