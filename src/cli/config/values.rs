//! The types a configuration value can have: how each is read from TOML, described in the JSON schema and shown.

use std::collections::BTreeMap;

use purify_analysis::rules::target::Operators;
use purify_analysis::{Code, Confidence, PathGlob, Selector, Severity};
use serde_json::{Value as Json, json};
use toml::Spanned;
use toml::de::DeValue;

use super::source::{ConfigError, Place};
use crate::failure::closest;

/// A value that a configuration key can take.
pub trait OptionValue: Sized + Clone {
    /// Reads it, or says what would have been accepted.
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError>;
    /// Its JSON schema.
    fn schema() -> Json;
    /// The value as TOML.
    fn show(&self) -> String;
    /// Takes over the values of the file that this one extends. Most values replace what they extend.
    fn build_on(&mut self, _base: &Self) {}
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn show_list<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

fn read_strings(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Vec<(String, usize)>, ConfigError> {
    let array = value.get_ref().as_array().ok_or_else(|| place.wrong_type(value, "a list of strings"))?;
    array
        .iter()
        .map(|item| {
            let text = item.get_ref().as_str().ok_or_else(|| place.wrong_type(item, "a string"))?;
            Ok((text.to_owned(), item.span().start))
        })
        .collect()
}

fn read_word<T: Copy>(value: &Spanned<DeValue<'_>>, place: &Place<'_>, words: &[(&str, T)]) -> Result<T, ConfigError> {
    let accepted = || words.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    let text = value.get_ref().as_str().ok_or_else(|| place.wrong_type(value, &format!("one of {}", accepted())))?;
    words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning).ok_or_else(|| {
        let hint = closest(text, words.iter().map(|(word, _)| *word)).map_or(String::new(), |word| format!("; did you mean \"{word}\"?"));
        place.error(value.span().start, format!("`{text}` is not one of {}{hint}", accepted()))
    })
}

impl OptionValue for bool {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        value.get_ref().as_bool().ok_or_else(|| place.wrong_type(value, "true or false"))
    }
    fn schema() -> Json {
        json!({ "type": "boolean" })
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl OptionValue for String {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        value.get_ref().as_str().map(str::to_owned).ok_or_else(|| place.wrong_type(value, "a string"))
    }
    fn schema() -> Json {
        json!({ "type": "string" })
    }
    fn show(&self) -> String {
        quoted(self)
    }
}

impl OptionValue for Vec<String> {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        Ok(read_strings(value, place)?.into_iter().map(|(text, _)| text).collect())
    }
    fn schema() -> Json {
        json!({ "type": "array", "items": { "type": "string" } })
    }
    fn show(&self) -> String {
        show_list(self)
    }
}

/// A list of selectors of codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes(pub Vec<String>);

/// Reads one selector; the error suggests the nearest code, name or family.
pub fn selector(text: &str) -> Result<Selector, String> {
    Selector::parse(text).map_err(|error| {
        let codes: Vec<String> = purify_analysis::codes::ALL.iter().map(Code::to_string).collect();
        let names = purify_analysis::codes::ALL.iter().map(|code| code.name());
        let families = purify_analysis::Family::ALL.iter().map(|family| family.as_str());
        // A code that is one digit off is rarely a slip of that digit, so numbers are not guessed at.
        let guess = if codes.iter().any(|code| code.len() == text.len() && code[..3].eq_ignore_ascii_case(text.get(..3).unwrap_or(""))) {
            None
        } else {
            closest(text, names.chain(families))
        };
        guess.map_or(error.clone(), |guess| format!("{error}; did you mean `{guess}`?"))
    })
}

impl Codes {
    /// The selectors; the texts were checked when they were read.
    pub fn selectors(&self) -> Vec<Selector> {
        self.0.iter().filter_map(|text| Selector::parse(text).ok()).collect()
    }

    fn checked(items: Vec<(String, usize)>, place: &Place<'_>) -> Result<Self, ConfigError> {
        for (text, at) in &items {
            selector(text).map_err(|message| place.error(*at, message))?;
        }
        Ok(Self(items.into_iter().map(|(text, _)| text).collect()))
    }
}

impl OptionValue for Codes {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        Self::checked(read_strings(value, place)?, place)
    }
    fn schema() -> Json {
        json!({ "type": "array", "items": { "$ref": "#/$defs/selector" } })
    }
    fn show(&self) -> String {
        show_list(&self.0)
    }
}

/// A list of codes that adds to the one it extends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoreCodes(pub Codes);

impl OptionValue for MoreCodes {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        Codes::read(value, place).map(Self)
    }
    fn schema() -> Json {
        Codes::schema()
    }
    fn show(&self) -> String {
        self.0.show()
    }
    fn build_on(&mut self, base: &Self) {
        let own = std::mem::take(&mut self.0.0);
        self.0.0 = base.0.0.iter().cloned().chain(own).collect();
    }
}

/// A list of globs over paths relative to the configuration's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Globs(pub Vec<String>);

impl Globs {
    /// The compiled globs; the texts were checked when they were read.
    pub fn compiled(&self) -> Vec<PathGlob> {
        self.0.iter().filter_map(|text| PathGlob::new(text).ok()).collect()
    }
}

impl OptionValue for Globs {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        let items = read_strings(value, place)?;
        for (text, at) in &items {
            PathGlob::new(text).map_err(|message| place.error(*at, message))?;
        }
        Ok(Self(items.into_iter().map(|(text, _)| text).collect()))
    }
    fn schema() -> Json {
        json!({ "type": "array", "items": { "type": "string" } })
    }
    fn show(&self) -> String {
        show_list(&self.0)
    }
}

/// A list of globs that adds to the one it extends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoreGlobs(pub Globs);

impl OptionValue for MoreGlobs {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        Globs::read(value, place).map(Self)
    }
    fn schema() -> Json {
        Globs::schema()
    }
    fn show(&self) -> String {
        self.0.show()
    }
    fn build_on(&mut self, base: &Self) {
        let own = std::mem::take(&mut self.0.0);
        self.0.0 = base.0.0.iter().cloned().chain(own).collect();
    }
}

/// Globs, each with the codes that do not apply to its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PerPath(pub BTreeMap<String, Codes>);

impl OptionValue for PerPath {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        let table = value.get_ref().as_table().ok_or_else(|| place.wrong_type(value, "a table of globs, each with a list of codes"))?;
        let mut rules = BTreeMap::new();
        for (key, codes) in table {
            PathGlob::new(key.get_ref()).map_err(|message| place.error(key.span().start, message))?;
            rules.insert(key.get_ref().to_string(), Codes::read(codes, place)?);
        }
        Ok(Self(rules))
    }
    fn schema() -> Json {
        json!({ "type": "object", "additionalProperties": Codes::schema() })
    }
    fn show(&self) -> String {
        let rows: Vec<_> = self.0.iter().map(|(glob, codes)| format!("{} = {}", quoted(glob), codes.show())).collect();
        format!("{{ {} }}", rows.join(", "))
    }
}

/// Globs, each with a limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budgets(pub BTreeMap<String, usize>);

impl OptionValue for Budgets {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        let table = value.get_ref().as_table().ok_or_else(|| place.wrong_type(value, "a table of globs, each with a number"))?;
        let mut budgets = BTreeMap::new();
        for (key, limit) in table {
            PathGlob::new(key.get_ref()).map_err(|message| place.error(key.span().start, message))?;
            let number = limit.get_ref().as_integer().and_then(|number| usize::from_str_radix(number.as_str(), number.radix()).ok());
            budgets.insert(key.get_ref().to_string(), number.ok_or_else(|| place.wrong_type(limit, "a number that is not negative"))?);
        }
        Ok(Self(budgets))
    }
    fn schema() -> Json {
        json!({ "type": "object", "additionalProperties": { "type": "integer", "minimum": 0 } })
    }
    fn show(&self) -> String {
        let rows: Vec<_> = self.0.iter().map(|(glob, limit)| format!("{} = {limit}", quoted(glob))).collect();
        format!("{{ {} }}", rows.join(", "))
    }
}

/// Selectors, each with its severity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Severities(pub BTreeMap<String, Severity>);

/// The spellings of the severities.
pub const SEVERITIES: [(&str, Severity); 3] = [("info", Severity::Info), ("warning", Severity::Warning), ("error", Severity::Error)];

impl OptionValue for Severities {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        let table = value.get_ref().as_table().ok_or_else(|| place.wrong_type(value, "a table of codes, each with a severity"))?;
        let mut severities = BTreeMap::new();
        for (key, severity) in table {
            selector(key.get_ref()).map_err(|message| place.error(key.span().start, message))?;
            severities.insert(key.get_ref().to_string(), read_word(severity, place, &SEVERITIES)?);
        }
        Ok(Self(severities))
    }
    fn schema() -> Json {
        json!({
            "type": "object",
            "propertyNames": { "$ref": "#/$defs/selector" },
            "additionalProperties": { "enum": ["info", "warning", "error"] }
        })
    }
    fn show(&self) -> String {
        let rows: Vec<_> = self.0.iter().map(|(codes, severity)| format!("{} = \"{}\"", quoted(codes), severity.as_str())).collect();
        format!("{{ {} }}", rows.join(", "))
    }
}

/// "Only these files may import this module."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundarySpec {
    /// The module the boundary is drawn around.
    pub module: String,
    /// Globs of the files that may import it.
    pub allow: Globs,
    /// Why.
    pub reason: String,
}

/// All boundaries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Boundaries(pub Vec<BoundarySpec>);

impl OptionValue for Boundaries {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        const KEYS: [&str; 3] = ["module", "allow", "reason"];
        let array = value.get_ref().as_array().ok_or_else(|| place.wrong_type(value, "a list of tables (`[[…boundaries]]`)"))?;
        let mut boundaries = Vec::new();
        for item in array.iter() {
            let table =
                item.get_ref().as_table().ok_or_else(|| place.wrong_type(item, "a table with `module`, `allow` and perhaps `reason`"))?;
            let (mut module, mut allow, mut reason) = (None, None, String::new());
            for (key, value) in table {
                match key.get_ref().as_ref() {
                    "module" => module = Some(String::read(value, place)?),
                    "allow" => allow = Some(Globs::read(value, place)?),
                    "reason" => reason = String::read(value, place)?,
                    other => return Err(place.unknown_key(key.span().start, other, &KEYS)),
                }
            }
            let missing = |key: &str| place.error(item.span().start, format!("a boundary needs `{key}`"));
            boundaries.push(BoundarySpec {
                module: module.ok_or_else(|| missing("module"))?,
                allow: allow.ok_or_else(|| missing("allow"))?,
                reason,
            });
        }
        Ok(Self(boundaries))
    }
    fn schema() -> Json {
        json!({
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "module": { "type": "string", "description": "Module the boundary is drawn around, such as `numpy` or `torch.distributed`." },
                    "allow": { "type": "array", "items": { "type": "string" }, "description": "Globs of the only files that may import it." },
                    "reason": { "type": "string", "description": "Why; shown with each breach." }
                },
                "required": ["module", "allow"],
                "additionalProperties": false
            }
        })
    }
    fn show(&self) -> String {
        let rows = self.0.iter().map(|boundary| {
            let mut row = format!("{{ module = {}, allow = {}", quoted(&boundary.module), boundary.allow.show());
            if !boundary.reason.is_empty() {
                row.push_str(&format!(", reason = {}", quoted(&boundary.reason)));
            }
            row + " }"
        });
        format!("[{}]", rows.collect::<Vec<_>>().join(", "))
    }
}

/// What becomes of operators on arrays, as a configuration value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorPolicy(pub Operators);

const OPERATORS: [(&str, Operators); 2] = [("keep", Operators::Keep), ("functions", Operators::Functions)];

impl OptionValue for OperatorPolicy {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        read_word(value, place, &OPERATORS).map(Self)
    }
    fn schema() -> Json {
        json!({ "enum": ["keep", "functions"] })
    }
    fn show(&self) -> String {
        quoted(OPERATORS.iter().find(|(_, operators)| *operators == self.0).map_or("keep", |(name, _)| name))
    }
}

/// The lowest confidence worth reporting, as a configuration value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinConfidence(pub Confidence);

/// The spellings of the confidences.
pub const CONFIDENCES: [(&str, Confidence); 3] =
    [("unknown", Confidence::Unknown), ("possible", Confidence::Possible), ("certain", Confidence::Certain)];

impl OptionValue for MinConfidence {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        read_word(value, place, &CONFIDENCES).map(Self)
    }
    fn schema() -> Json {
        json!({ "enum": ["unknown", "possible", "certain"] })
    }
    fn show(&self) -> String {
        quoted(self.0.as_str())
    }
}
