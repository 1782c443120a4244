//! Configuration: `[tool.purify]` of `pyproject.toml`, or `purify.toml`, the nearest above each file.

mod options;
mod plan;
mod source;
mod values;

use std::path::{Path, PathBuf};

use purify_analysis::{Boundary, Confidence, PathGlob, PathRule, Policy, Selector, Severity};
use toml::de::{DeTable, DeValue};

pub use options::{Entry, KEYS, Key, Options, Set, schema};
pub use plan::PlanSpec;
pub use source::{ConfigError, Origin, Place};
pub use values::{Boundaries, Codes, Globs, MinConfidence, MoreCodes, MoreGlobs, PerPath, Severities, selector};

use crate::failure::Failure;

/// File names that hold a configuration, the first one found in a folder wins.
const FILE_NAMES: [&str; 3] = [".purify.toml", "purify.toml", "pyproject.toml"];

/// A configuration file, read together with what it extends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// The file.
    pub path: PathBuf,
    /// What it sets.
    pub options: Options,
}

impl ConfigFile {
    /// The folder that globs and roots of this file are relative to.
    pub fn root(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}

/// The configuration of folder `dir` itself, if it has one. A `pyproject.toml` without `[tool.purify]` is none.
pub fn in_dir(dir: &Path) -> Result<Option<ConfigFile>, Failure> {
    for name in FILE_NAMES {
        let path = dir.join(name);
        // A folder that cannot be read is reported by the walk; here it has no configuration.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if name != "pyproject.toml" || has_table(&text) {
            return read(&path, &text, &mut Vec::new()).map(Some);
        }
    }
    Ok(None)
}

/// Reads the configuration file at `path`, which has to exist.
pub fn read_file(path: &Path) -> Result<ConfigFile, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("cannot read the configuration file `{}`", path.display())).because(crate::io_message(&error))
    })?;
    read(path, &text, &mut Vec::new())
}

/// Reads options given on the command line as `key=value`; a value that is not TOML is taken as a string.
pub fn from_command_line(assignments: &[String]) -> Result<Options, Failure> {
    let mut options = Options::default();
    for assignment in assignments {
        let Some((key, value)) = assignment.split_once('=') else {
            return Err(Failure::new(format!("`--config {assignment}` is neither a file nor a setting"))
                .help("write `--config path/to/purify.toml` or `--config key=value`, as in `--config confidence=certain`"));
        };
        let (key, value) = (key.trim(), value.trim());
        let as_toml = format!("{key} = {value}");
        let text = if DeTable::parse(&as_toml).is_ok() { as_toml } else { format!("{key} = {}", toml::Value::String(value.to_owned())) };
        let place = Place { path: None, text: &text };
        let table = DeTable::parse(&text).map_err(|error| place.syntax(&error))?;
        let (read, extend) = Options::read(table.get_ref(), &place)?;
        if extend.is_some() {
            return Err(
                Failure::new("`extend` works in configuration files only").help("name the file itself: `--config path/to/purify.toml`")
            );
        }
        options = read.over(options);
    }
    Ok(options)
}

/// Whether `[tool.purify]` is worth parsing for: most `pyproject.toml` do not mention it.
fn has_table(text: &str) -> bool {
    text.contains("purify")
        && DeTable::parse(text).map_or(true, |table| {
            table.get_ref().get("tool").and_then(|tool| tool.get_ref().as_table()).is_some_and(|tool| tool.contains_key("purify"))
        })
}

fn read(path: &Path, text: &str, seen: &mut Vec<PathBuf>) -> Result<ConfigFile, Failure> {
    let place = Place { path: Some(path), text };
    let document = DeTable::parse(text).map_err(|error| place.syntax(&error))?;
    let own = document.get_ref();
    let is_pyproject = path.file_name().is_some_and(|name| name == "pyproject.toml");
    let section = own.get("tool").and_then(|tool| tool.get_ref().as_table()).and_then(|tool| tool.get("purify"));
    let table = match (is_pyproject, section) {
        (false, _) => own,
        (true, Some(section)) => match section.get_ref() {
            DeValue::Table(table) => table,
            _ => return Err(place.wrong_type(section, "a table `[tool.purify]`").into()),
        },
        (true, None) => return Ok(ConfigFile { path: path.to_owned(), options: Options::default() }),
    };
    let (mut options, extend) = Options::read(table, &place)?;
    if let Some((base, at)) = extend {
        seen.push(path.to_owned());
        let base_path = path.parent().unwrap_or(Path::new("")).join(&base);
        let base_path = crate::paths::normalize(&base_path);
        if seen.contains(&base_path) {
            return Err(place.error(at, format!("`extend` leads back to `{base}`")).into());
        }
        let base_text = std::fs::read_to_string(&base_path).map_err(|error| {
            Failure::from(place.error(at, format!("cannot read `{base}`, which this file extends"))).because(crate::io_message(&error))
        })?;
        options = options.over(read(&base_path, &base_text, seen)?.options);
    }
    Ok(ConfigFile { path: path.to_owned(), options })
}

/// The meaning of merged options.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the analyzer is told.
    pub policy: Policy,
    /// Globs of files to scan in folders; empty means all Python files and notebooks.
    pub include: Vec<PathGlob>,
    /// Globs to leave out instead of the default list.
    pub exclude: Option<Vec<PathGlob>>,
    /// Globs to leave out besides.
    pub extend_exclude: Vec<PathGlob>,
    /// Whether ignore files count.
    pub respect_gitignore: bool,
    /// Folders with rule files of the user.
    pub rules: Vec<String>,
    /// Whether results are cached.
    pub cache: bool,
    /// The options these settings were made from.
    pub options: Options,
}

impl Settings {
    /// Gives `options` their meaning.
    pub fn new(options: Options) -> Self {
        fn value<T: Clone + Default>(set: &Option<Set<T>>) -> T {
            set.as_ref().map(|set| set.value.clone()).unwrap_or_default()
        }
        let policy = Policy {
            select: value(&options.select).selectors(),
            ignore: value(&options.ignore).selectors(),
            extend_select: value(&options.extend_select).0.selectors(),
            per_path: path_rules(&value(&options.per_path)),
            boundaries: boundaries(&value(&options.boundaries)),
            severities: severities(&value(&options.severities)),
            confidence: options.confidence.as_ref().map_or(Confidence::Possible, |set| set.value.0),
            governed: value(&options.libraries),
            ungoverned: value(&options.ungoverned),
            roots: value(&options.roots),
            require_reason: value(&options.require_reason),
            unsuppressible: value(&options.unsuppressible).selectors(),
            kinds: true,
            fixes: false,
        };
        Self {
            policy,
            include: value(&options.include).compiled(),
            exclude: options.exclude.as_ref().map(|set| set.value.compiled()),
            extend_exclude: value(&options.extend_exclude).0.compiled(),
            respect_gitignore: options.respect_gitignore.as_ref().is_none_or(|set| set.value),
            rules: value(&options.rules),
            cache: options.cache.as_ref().is_none_or(|set| set.value),
            options,
        }
    }
}

fn path_rules(per_path: &PerPath) -> Vec<PathRule> {
    let compile = |(glob, codes): (&String, &Codes)| Some(PathRule { glob: PathGlob::new(glob).ok()?, ignore: codes.selectors() });
    per_path.0.iter().filter_map(compile).collect()
}

fn boundaries(boundaries: &Boundaries) -> Vec<Boundary> {
    let compile =
        |spec: &values::BoundarySpec| Boundary { module: spec.module.clone(), allow: spec.allow.compiled(), reason: spec.reason.clone() };
    boundaries.0.iter().map(compile).collect()
}

fn severities(severities: &Severities) -> Vec<(Selector, Severity)> {
    severities.0.iter().filter_map(|(codes, severity)| Some((Selector::parse(codes).ok()?, *severity))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, Failure> {
        read(Path::new("purify.toml"), text, &mut Vec::new()).map(|file| file.options)
    }

    fn message(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_key() {
        let text = message("select = [\"PUR1\"]\nselct = []\n");
        assert!(text.starts_with("purify.toml:2:1: unknown key `selct`"), "{text}");
        assert!(text.contains("did you mean `select`?") && text.contains("accepted keys: extend, select, ignore"), "{text}");
    }

    #[test]
    fn a_wrong_type_says_what_was_expected() {
        assert!(message("select = \"PUR1\"").contains("1:10: expected a list of strings, found a string"));
        assert!(message("require-reason = 1").contains("expected true or false, found an integer"));
        assert!(message("[severities]\nPUR1 = \"fatal\"").contains("`fatal` is not one of \"info\", \"warning\", \"error\""));
    }

    #[test]
    fn a_selector_that_selects_nothing_points_into_the_list() {
        let text = message("ignore = [\"PUR1\", \"roundtrip\"]");
        assert!(text.starts_with("purify.toml:1:19: `roundtrip` selects no code"), "{text}");
        assert!(text.contains("did you mean `round-trip`?"), "{text}");
    }

    #[test]
    fn broken_toml_and_broken_globs_point_at_their_place() {
        assert!(message("select = [").starts_with("purify.toml:1:"));
        assert!(message("exclude = [\"a[\"]").contains("`a[` is not a glob"));
    }

    #[test]
    fn boundaries_need_module_and_allow() {
        assert!(message("[[boundaries]]\nmodule = \"numpy\"").contains("a boundary needs `allow`"));
        assert!(message("[[boundaries]]\nmodul = \"numpy\"").contains("did you mean `module`?"));
        let settings = Settings::new(parse("[[boundaries]]\nmodule = \"numpy\"\nallow = [\"a/*\"]").unwrap());
        assert!(settings.policy.breached("b/c.py", "numpy").is_some());
    }

    #[test]
    fn nearer_options_replace_and_extending_lists_add_up() {
        let base = parse("select = [\"imports\"]\nextend-exclude = [\"a\"]\nignore = [\"PUR204\"]").unwrap();
        let near = parse("select = [\"api\"]\nextend-exclude = [\"b\"]").unwrap().over(base);
        assert_eq!(near.select.unwrap().value.0, ["api"]);
        assert_eq!(near.extend_exclude.unwrap().value.0.0, ["a", "b"]);
        assert_eq!(near.ignore.unwrap().value.0, ["PUR204"]);
    }

    #[test]
    fn command_line_values_are_toml_or_plain_words() {
        let options = from_command_line(&["confidence=certain".into(), "libraries=[\"scipy\"]".into()]).unwrap();
        assert_eq!(options.confidence.unwrap().value.0, Confidence::Certain);
        assert_eq!(options.libraries.unwrap().value, ["scipy"]);
        assert!(from_command_line(&["confidence".into()]).is_err());
    }

    #[test]
    fn files_extend_each_other_but_not_in_a_circle() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("base.toml"), "ignore = [\"PUR204\"]\n").unwrap();
        std::fs::write(dir.path().join("pyproject.toml"), "[tool.purify]\nextend = \"base.toml\"\nselect = [\"ALL\"]\n").unwrap();
        let file = in_dir(dir.path()).unwrap().unwrap();
        assert_eq!(file.options.ignore.unwrap().value.0, ["PUR204"]);
        std::fs::write(dir.path().join("base.toml"), "extend = \"pyproject.toml\"\n").unwrap();
        assert!(in_dir(dir.path()).unwrap_err().to_string().contains("leads back"));
    }

    #[test]
    fn a_pyproject_without_our_table_is_no_configuration() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("pyproject.toml"), "[project]\nname = \"purify-user\"\n").unwrap();
        assert_eq!(in_dir(dir.path()).unwrap(), None);
    }
}
