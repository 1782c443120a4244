//! What is known of the libraries, read from the files of `rules/`. A crate of its own, because the build of the command
//! checks and packs the rules with it.

pub mod explain;
pub mod kind;
pub mod library;
pub mod op;
mod own;
pub mod packed;
pub mod signature;
pub mod stars;
pub mod target;

use explain::Explanation;
pub use library::{Facts, Trait, Traits};
pub use packed::{Counterpart, Counterparts, Lazy, Packed};

use std::sync::Arc;

/// Everything the rule files say.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The explanations of the codes, in the order of the codes.
    pub explanations: Lazy<Vec<Explanation>>,
    /// What is known of the libraries.
    pub facts: Facts,
    /// How their APIs become ops.
    pub rules: Lazy<op::Rules>,
    /// The dialects that code can be moved to.
    pub targets: Vec<target::Target>,
    /// The one that is aimed at.
    pub target: target::Target,
    /// The op that stands for the array class.
    pub array_op: Arc<str>,
    counterparts: Lazy<Counterparts>,
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

/// What rule files say, before it is settled what they say together.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
struct Draft {
    explanations: Vec<Explanation>,
    facts: Facts,
    rules: op::Rules,
    /// The target files as they are: what they say is checked against all ops.
    targets: Vec<(String, String)>,
}

impl Draft {
    fn add<'a>(&mut self, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), RuleError> {
        for (path, text) in files {
            if path.starts_with("targets/") {
                self.targets.push((path.to_owned(), text.to_owned()));
            } else if path.starts_with("codes/") {
                self.explanations.extend(parse_codes(path, text)?);
            } else if path.starts_with("libraries/") {
                library::load(&mut self.facts, path, text)?;
            } else {
                op::load(&mut self.rules, path, text)?;
            }
        }
        Ok(())
    }

    fn settle(mut self) -> Result<RuleSet, RuleError> {
        self.rules.finish();
        for rule in &self.rules.rules {
            if let (Some(signature), false) = (&rule.signature, rule.attribute) {
                for api in rule.apis.iter().filter(|api| !api.ends_with('*')) {
                    self.facts.add_signature(api, signature);
                }
            }
        }
        self.facts.finish();
        self.explanations.sort_by(|a, b| a.code.cmp(&b.code));
        let mut targets: Vec<target::Target> = Vec::new();
        for (path, text) in &self.targets {
            let target = target::load(&self.rules, path, text)?;
            // A file of the user's takes the place of a built-in one of the same name.
            targets.retain(|other| other.name != target.name);
            targets.push(target);
        }
        if let Some(plain) = targets.iter().find(|target| target.plain) {
            own::describe(&mut self.facts, &self.rules, plain);
        }
        let counterparts = self.rules.counterparts();
        Ok(RuleSet::of(targets, self.facts, self.rules.into(), counterparts.into(), self.explanations.into()))
    }
}

impl RuleSet {
    /// Reads rule files given as (path below `rules/`, text).
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, RuleError> {
        let mut draft = Draft::default();
        draft.add(files)?;
        draft.settle()
    }

    /// The same with rule files of the user, which come before the others.
    ///
    /// # Errors
    /// As [`RuleSet::load`].
    pub fn load_with<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        user: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, RuleError> {
        let mut draft = Draft::default();
        draft.add(files)?;
        draft.rules.begin_own();
        draft.add(user)?;
        draft.settle()
    }

    fn of(
        targets: Vec<target::Target>,
        facts: Facts,
        rules: Lazy<op::Rules>,
        counterparts: Lazy<Counterparts>,
        explanations: Lazy<Vec<Explanation>>,
    ) -> Self {
        // The rules are written in the words of the target that differs from them in nothing.
        let target = targets.iter().find(|target| target.plain).cloned().unwrap_or_default();
        Self { explanations, facts, rules, targets, array_op: Arc::clone(&target.array), target, counterparts }
    }

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
        let made;
        let found = if self.target.plain {
            self.counterparts.of(&canonical)?
        } else {
            // Aiming at another target has changed the rules.
            made = Counterpart::of(self.rules.of(&canonical).last()?);
            &made
        };
        match found {
            Counterpart::Nothing => None,
            Counterpart::Text(text) => Some(text.to_string()),
            Counterpart::Op(name) if self.target.plain => Some(format!("use `{}.{name}`", self.target.alias)),
            Counterpart::Op(name) => {
                let spelled = self.target.spelled(self.rules.ops.get(name)?).ok()?;
                Some(format!("use `{}.{spelled}`", self.target.alias))
            }
        }
    }

    /// The path below the target at which what is imported as `qualified` lies: empty for the library itself, `asin` for
    /// `numpy.arcsin`. `None` for what no rule simply renames.
    pub fn target_of(&self, qualified: &str) -> Option<String> {
        if self.facts.libraries.iter().any(|library| *library.name == *qualified) {
            return Some(String::new());
        }
        let canonical = self.facts.canonical(qualified);
        let renames = |rule: &&op::Rule| {
            rule.attribute || rule.op.as_ref().and_then(|op| self.rules.ops.get(op)).is_some_and(|op| rule.only_renames(op))
        };
        if let Some(op) = self.rules.of(&canonical).filter(renames).find_map(|rule| rule.op.as_ref()) {
            return Some(op.to_string());
        }
        let (_, below) = canonical.split_once('.')?;
        let space = format!("{below}.");
        self.rules.ops.keys().any(|op| op.starts_with(&space)).then(|| below.to_owned())
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

/// 1-based line and column, in characters, of a byte offset.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1)
}
