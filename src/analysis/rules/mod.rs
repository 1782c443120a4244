//! What is known of the libraries, read from the files of `rules/`.

pub mod kind;
pub mod library;
pub mod op;
pub mod signature;
pub mod target;

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
    /// The dialects that code can be moved to.
    pub targets: Vec<target::Target>,
    /// The one that is aimed at.
    pub target: target::Target,
    /// The op that stands for the array class.
    pub array_op: std::sync::Arc<str>,
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
        let mut targets = Vec::new();
        for (path, text) in files {
            if path.starts_with("targets/") {
                targets.push((path, text));
            } else if path.starts_with("codes/") {
                set.explanations.extend(parse_codes(path, text)?);
            } else if path.starts_with("libraries/") {
                library::load(&mut set.facts, path, text)?;
            } else {
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
        for (path, text) in targets {
            let target = target::load(&set.rules, path, text)?;
            // A file of the user's takes the place of a built-in one of the same name.
            set.targets.retain(|other| other.name != target.name);
            set.targets.push(target);
        }
        // The rules are written in the words of the target that differs from them in nothing.
        if let Some(target) = set.targets.iter().find(|target| target.plain) {
            set.array_op = target.array.clone();
            set.target = target.clone();
        }
        set.explanations.sort_by_key(Explanation::code);
        Ok(set)
    }
}

impl RuleSet {
    /// Makes the target called `name` the one that is aimed at; its ops may lie in another module than its file says. The
    /// error lists the targets there are.
    pub fn choose(&mut self, name: &str, module: Option<&str>) -> Result<(), String> {
        let Some(target) = self.targets.iter().find(|target| *target.name == *name) else {
            let mut names: Vec<&str> = self.targets.iter().map(|target| &*target.name).collect();
            names.sort_unstable();
            return Err(format!("`{name}` is no target; there are {}", names.join(", ")));
        };
        let target = target.clone();
        self.target = if let Some(module) = module { target.in_module(module) } else { target };
        Ok(())
    }

    /// What to use in place of a library's API, as a sentence.
    pub fn counterpart(&self, api: &str) -> Option<String> {
        let canonical = self.facts.canonical(api);
        // The last rule is the general one; those before it have conditions.
        let rule = self.rules.of(&canonical).last()?;
        match &rule.action {
            op::Action::Refuse(text) => Some(text.to_string()),
            op::Action::Keep | op::Action::Drop => None,
            _ => {
                let op = self.rules.ops.get(rule.op.as_ref()?)?;
                let spelled = self.target.spelled(op).ok()?;
                Some(format!("use `{}.{spelled}`", self.target.alias))
            }
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
