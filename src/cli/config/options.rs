//! Every configuration key, once: its name, type and meaning. Reading, the JSON schema, the documentation and
//! `purify config` all come from this table.

use serde_json::{Value as Json, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::plan::PlanSpec;
use super::source::{ConfigError, Origin, Place};
use super::values::{
    Boundaries, Budgets, Codes, Globs, MinConfidence, MoreCodes, MoreGlobs, OperatorPolicy, OptionValue, PerPath, Severities,
};

/// A value with the place it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T> {
    /// The value.
    pub value: T,
    /// Where it was set.
    pub origin: Origin,
}

/// A key as documentation shows it.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The spelling in TOML.
    pub name: &'static str,
    /// The value without configuration, as TOML or in words.
    pub default: &'static str,
    /// An example, as TOML.
    pub example: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// One key of a configuration in force.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// Its value as TOML and where it was set, unless it is the default.
    pub value: Option<(String, Origin)>,
}

macro_rules! options {
    ($($field:ident: $type:ty, $name:literal, default $default:literal, example $example:literal, $doc:literal;)*) => {
        /// The values that one configuration file, or several merged ones, set.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Options {
            $(
                #[doc = $doc]
                pub $field: Option<Set<$type>>,
            )*
        }

        /// Every key, in the order of the documentation. `extend` is handled before the others are read.
        pub const KEYS: &[Key] = &[
            Key {
                name: "extend",
                default: "none",
                example: "\"../purify.toml\"",
                doc: "Another configuration file, relative to this one, whose values hold where this file says nothing.",
            },
            $(Key { name: $name, default: $default, example: $example, doc: $doc },)*
        ];

        impl Options {
            /// Reads one key; `false` if there is no such key.
            fn assign(&mut self, key: &str, value: &Spanned<DeValue<'_>>, place: &Place<'_>, at: usize) -> Result<bool, ConfigError> {
                match key {
                    $($name => self.$field = Some(Set { value: <$type>::read(value, place)?, origin: place.origin(at) }),)*
                    _ => return Ok(false),
                }
                Ok(true)
            }

            /// These values over those of `base`: a key set here wins, `extend-…` keys add up.
            #[must_use]
            pub fn over(mut self, base: Self) -> Self {
                $(
                    match (&mut self.$field, base.$field) {
                        (Some(own), Some(base)) => own.value.build_on(&base.value),
                        (own @ None, base) => *own = base,
                        (Some(_), None) => {}
                    }
                )*
                self
            }

            /// Every key with its value, for `purify config`.
            pub fn entries(&self) -> Vec<Entry> {
                let values = [$(self.$field.as_ref().map(|set| (set.value.show(), set.origin.clone())),)*];
                KEYS[1..].iter().copied().zip(values).map(|(key, value)| Entry { key, value }).collect()
            }
        }

        fn property_schemas() -> Vec<(&'static str, Json)> {
            vec![("extend", String::schema()), $(($name, <$type>::schema()),)*]
        }
    };
}

options! {
    select: Codes, "select", default "the codes that are on by default", example "[\"imports\", \"PUR505\"]",
        "Codes to report: codes (`PUR101`), prefixes (`PUR1`), names (`round-trip`), families (`operators`) or `ALL`. The most specific selector wins over `ignore`.";
    ignore: Codes, "ignore", default "[]", example "[\"PUR204\"]",
        "Codes not to report.";
    extend_select: MoreCodes, "extend-select", default "[]", example "[\"PUR105\"]",
        "Codes to report in addition to `select` or to the default.";
    per_path: PerPath, "per-path", default "{}", example "{ \"tests/**\" = [\"api\"] }",
        "Codes not to report in the files that match a glob.";
    boundaries: Boundaries, "boundaries", default "[]", example "[{ module = \"numpy\", allow = [\"pkg/backend/numpy*\"], reason = \"the only bridge\" }]",
        "Modules that only some files may import. Every other import of them is PUR106.";
    severities: Severities, "severities", default "{}", example "{ \"PUR204\" = \"warning\" }",
        "Severities that differ from the default: `info`, `warning` or `error`. Findings of severity `info` do not fail a run.";
    confidence: MinConfidence, "confidence", default "\"possible\"", example "\"certain\"",
        "Lowest confidence worth reporting: `certain` (an array on every path), `possible` (on some path) or `unknown`.";
    include: Globs, "include", default "[\"*.py\", \"*.pyi\", \"*.pyw\", \"*.ipynb\"]", example "[\"*.py\"]",
        "Globs of the files that are scanned when a folder is given.";
    exclude: Globs, "exclude", default "version control, virtual environments, caches, build, dist, node_modules, site-packages", example "[\"vendored\"]",
        "Globs of files and folders to leave out; replaces the default list.";
    extend_exclude: MoreGlobs, "extend-exclude", default "[]", example "[\"pkg/generated\"]",
        "Globs of files and folders to leave out in addition to `exclude`.";
    respect_gitignore: bool, "respect-gitignore", default "true", example "false",
        "Whether files that `.gitignore` and `.ignore` name are left out.";
    roots: Vec<String>, "roots", default "found by the packages themselves", example "[\"src\", \"python\"]",
        "Folders, relative to this file, in which the project's own top-level modules lie.";
    libraries: Vec<String>, "libraries", default "[]", example "[\"scipy\", \"pandas\"]",
        "Libraries to govern beside those that are governed by default.";
    ungoverned: Vec<String>, "ungoverned", default "[]", example "[\"torch\"]",
        "Libraries to leave alone although they are governed by default.";
    require_reason: bool, "require-reason", default "false", example "true",
        "Whether a suppression comment needs a reason (PUR004).";
    unsuppressible: Codes, "unsuppressible", default "[]", example "[\"boundary\"]",
        "Codes that no comment may silence.";
    rules: Vec<String>, "rules", default "[]", example "[\"tools/purify-rules\"]",
        "Folders, relative to this file, with rule files of your own, laid out like the folder `rules/` of purify.";
    target: String, "target", default "\"purify\"", example "\"array-api\"",
        "The dialect that `purify rewrite` writes: `purify`, `array-api`, `in-house`, `syntonic`, `torch`, or one of your own in `targets/` of a folder of `rules`.";
    operators: OperatorPolicy, "operators", default "what the target says", example "\"functions\"",
        "What becomes of operators on arrays: `keep` leaves `a + b`, `functions` writes `ops.add(a, b)`.";
    ops_module: String, "ops-module", default "the target's own, `purify.ops`", example "\"pkg.ops\"",
        "The module whose functions `purify rewrite` writes: `from pkg import ops`, `ops.mean(x)`.";
    budgets: Budgets, "budgets", default "{}", example "{ \"pkg/legacy/**\" = 120 }",
        "For `purify gate`: globs, each with the most findings that its files may have together.";
    plan: PlanSpec, "plan", default "{}", example "{ inventory = [\"core/src\"], obsolete = [\"optimizer\"], delete = [\"pkg/legacy/**\"] }",
        "For `purify plan`: `phases`, `obsolete`, `delete`, `inventory`, `names` and `effort`; see [plan.md](plan.md).";
    cache: bool, "cache", default "true", example "false",
        "Whether results are kept in `.purify_cache` beside this file, for runs over unchanged files.";
}

impl Options {
    /// Reads the keys of `table`. `extend` is given back as text with its offset.
    pub fn read(table: &DeTable<'_>, place: &Place<'_>) -> Result<(Self, Option<(String, usize)>), ConfigError> {
        let mut options = Self::default();
        let mut extend = None;
        // In file order, so that the first mistake of a file is the one that is told.
        let mut rows: Vec<_> = table.iter().collect();
        rows.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in rows {
            let at = key.span().start;
            if key.get_ref() == "extend" {
                extend = Some((String::read(value, place)?, value.span().start));
            } else if !options.assign(key.get_ref(), value, place, at)? {
                let names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
                return Err(place.unknown_key(at, key.get_ref(), &names));
            }
        }
        Ok((options, extend))
    }
}

/// The JSON schema of the configuration.
pub fn schema() -> Json {
    let mut properties = serde_json::Map::new();
    for ((name, mut schema), key) in property_schemas().into_iter().zip(KEYS) {
        schema["description"] = json!(key.doc);
        properties.insert(name.to_owned(), schema);
    }
    let mut selectors: Vec<Json> = vec![json!("ALL")];
    selectors.extend(purify_analysis::Family::ALL.iter().map(|family| json!(family.as_str())));
    selectors.extend(purify_analysis::codes::ALL.iter().map(|code| json!(code.name())));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "purify",
        "description": "Configuration of purify: the top level of purify.toml, or [tool.purify] of pyproject.toml.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": {
            "selector": { "anyOf": [{ "type": "string", "pattern": "^(?i:PUR[0-9]{0,3})$" }, { "enum": selectors }] }
        }
    })
}
