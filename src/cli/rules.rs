//! The rule files: those that are part of the executable, and folders of the user's own.

use std::path::Path;

use include_dir::{Dir, include_dir};
use purify_analysis::{RuleError, RuleSet};

use crate::failure::Failure;
use crate::paths;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// Every embedded rule file whose path begins with `folder`, as (path below `rules/`, text).
fn embedded(folder: &str) -> Vec<(String, &'static str)> {
    fn collect(dir: &'static Dir<'static>, folder: &str, files: &mut Vec<(String, &'static str)>) {
        for file in dir.files() {
            let path = paths::slashes(file.path());
            if path.ends_with(".toml") && path.starts_with(folder) {
                files.extend(file.contents_utf8().map(|text| (path, text)));
            }
        }
        for dir in dir.dirs() {
            collect(dir, folder, files);
        }
    }
    let mut files = Vec::new();
    collect(&EMBEDDED, folder, &mut files);
    files.sort_unstable();
    files
}

/// The explanations of the codes alone, which load quickly.
pub fn explanations() -> Result<RuleSet, Failure> {
    load(&embedded("codes/"), &[])
}

/// All embedded rules with those of the folders `user`.
pub fn all(user: &[(String, String)]) -> Result<RuleSet, Failure> {
    load(&embedded(""), user)
}

/// What a scan needs: everything but the explanations, which take a fifth of the time.
pub fn for_scan(user: &[(String, String)]) -> Result<RuleSet, Failure> {
    let mut files = embedded("");
    files.retain(|(path, _)| !path.starts_with("codes/"));
    load(&files, user)
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

fn load(own: &[(String, &str)], user: &[(String, String)]) -> Result<RuleSet, Failure> {
    let files = own.iter().map(|(path, text)| (path.as_str(), *text));
    RuleSet::load(files.chain(user.iter().map(|(path, text)| (path.as_str(), text.as_str())))).map_err(|error| failure(&error))
}

fn failure(error: &RuleError) -> Failure {
    Failure::new(format!("the rule file cannot be used: {error}")).help("rules/README.md of purify describes every key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_rules_load() {
        all(&[]).unwrap();
    }

    #[test]
    fn a_broken_rule_file_of_the_user_is_named() {
        let error = all(&[("codes/x.toml".into(), "[[code]]\nnam = 1\n".into())]).unwrap_err();
        assert!(error.to_string().contains("codes/x.toml:2:1"), "{error}");
    }
}
