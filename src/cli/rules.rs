//! The rule files: those that are part of the executable, and folders of the user's own.

use std::path::Path;

use purify_analysis::rules::Packed;
use purify_analysis::{RuleError, RuleSet};

use crate::config::Settings;
use crate::failure::Failure;
use crate::paths;

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The embedded rules with those of the folders `user`.
pub fn all(user: &[(String, String)]) -> Result<RuleSet, Failure> {
    if user.is_empty() {
        return Ok(embedded());
    }
    RuleSet::unpack_with(PACKED, user.iter().map(|(path, text)| (path.as_str(), text.as_str()))).map_err(|error| failure(&error))
}

/// The embedded rules.
pub fn embedded() -> RuleSet {
    RuleSet::unpack(PACKED)
}

/// The built-in files with their examples and notes, as (path, text), but for the explanations of the codes.
pub fn texts<'a>() -> impl Iterator<Item = (&'a str, &'a str)> {
    TEXTS.iter().copied().filter(|(path, _)| !path.starts_with("codes/"))
}

/// The built-in rules with their examples and notes, and those of the folders `user`.
pub fn with_examples(user: &[(String, String)]) -> Result<RuleSet, Failure> {
    RuleSet::load_with(texts(), user.iter().map(|(path, text)| (path.as_str(), text.as_str()))).map_err(|error| failure(&error))
}

/// Aims `rules` at the target that `settings` name.
pub fn aim(rules: &mut RuleSet, settings: &Settings) -> Result<(), Failure> {
    let options = &settings.options;
    let name = options.target.as_ref().map_or("purify", |set| set.value.as_str());
    let module = options.ops_module.as_ref().map(|set| set.value.as_str());
    purify_analysis::adapt::aim(rules, name, module).map_err(|message| {
        Failure::new(message)
            .help("targets of your own are files in the folder `targets` of a folder that `rules` in the configuration names")
    })?;
    if let Some(operators) = &options.operators {
        rules.target.operators = operators.value.0;
    }
    Ok(())
}

/// The rule files below the folder `dir`, as (path below it, text), sorted.
pub fn read_folder(dir: &Path) -> Result<Vec<(String, String)>, Failure> {
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::new(format!("cannot read the rule folder `{}`", dir.display()))
            .because(format!("{}: {error}", path.display()))
            .help("`rules` in the configuration lists folders laid out like the folder `rules/` of purify")
    };
    if !dir.is_dir() {
        return Err(unreadable(dir, &"not a folder"));
    }
    let mut files = Vec::new();
    for entry in ignore::WalkBuilder::new(dir).standard_filters(false).build() {
        let entry = entry.map_err(|error| unreadable(dir, &error))?;
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
            files.push((paths::slashes(path.strip_prefix(dir).unwrap_or(path)), text));
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn failure(error: &RuleError) -> Failure {
    Failure::new(format!("the rule file cannot be used: {error}")).help("rules/README.md of purify describes every key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_rules_unpack() {
        let rules = embedded();
        assert!(rules.explanations.len() > 10 && rules.rules.rules.len() > 100);
        assert!(rules.facts.class_named("numpy.ndarray").is_some());
        assert!(rules.counterpart("numpy.mean").is_some());
    }

    #[test]
    fn a_broken_rule_file_of_the_user_is_named() {
        let error = all(&[("codes/x.toml".into(), "[[code]]\nnam = 1\n".into())]).unwrap_err();
        assert!(error.to_string().contains("codes/x.toml:2:1"), "{error}");
    }
}
