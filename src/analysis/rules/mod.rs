//! What is known of the libraries, read from the files of `rules/`.

pub mod kind;
pub mod library;
pub mod op;
pub mod signature;

use crate::explain::Explanation;
pub use library::{Facts, Trait, Traits};

/// Everything the rule files say.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The explanations of the codes, in the order of the codes.
    pub explanations: Vec<Explanation>,
    /// What is known of the libraries.
    pub facts: Facts,
    /// How their APIs become ops.
    pub rules: op::Rules,
}

/// A rule file that cannot be used: which one, where, and what would have been accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct RuleError {
    /// Path of the rule file.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl RuleSet {
    /// Reads rule files given as (path below `rules/`, text).
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, RuleError> {
        let mut set = Self::default();
        for (path, text) in files {
            if path.starts_with("codes/") {
                set.explanations.extend(parse_codes(path, text)?);
            } else if path.starts_with("libraries/") {
                library::load(&mut set.facts, path, text)?;
            } else if !path.starts_with("targets/") {
                op::load(&mut set.rules, path, text)?;
            }
        }
        set.rules.finish();
        for rule in &set.rules.rules {
            if let (Some(signature), false) = (&rule.signature, rule.attribute) {
                for api in rule.apis.iter().filter(|api| !api.ends_with('*')) {
                    set.facts.add_signature(api, signature);
                }
            }
        }
        set.facts.finish();
        set.explanations.sort_by_key(Explanation::code);
        Ok(set)
    }
}

impl RuleSet {
    /// What to use in place of a library's API, as a sentence.
    pub fn counterpart(&self, api: &str) -> Option<String> {
        let canonical = self.facts.canonical(api);
        // The last rule is the general one; those before it have conditions.
        let rule = self.rules.of(&canonical).last()?;
        match &rule.action {
            op::Action::Refuse(text) => Some(text.to_string()),
            op::Action::Keep | op::Action::Drop => None,
            _ => rule.op.as_ref().map(|op| format!("use `ops.{op}`")),
        }
    }

    /// What to use in place of an operator, as a sentence.
    pub fn operator_counterpart(&self, _symbol: &str, _unary: bool) -> Option<String> {
        None
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CodesFile {
    code: Vec<Explanation>,
}

fn parse_codes(path: &str, text: &str) -> Result<Vec<Explanation>, RuleError> {
    let file: CodesFile = toml::from_str(text).map_err(|error| toml_error(path, text, &error))?;
    Ok(file.code)
}

fn toml_error(path: &str, text: &str, error: &toml::de::Error) -> RuleError {
    let (line, column) = line_column(text, error.span().map_or(0, |span| span.start));
    RuleError { file: path.to_owned(), line, column, message: error.message().to_owned() }
}

/// 1-based line and column of a byte offset.
fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1)
}
