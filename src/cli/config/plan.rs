//! `plan`: what a project says about its plan, as a configuration value.

use std::collections::BTreeMap;

use purify_analysis::plan::settings::{Costs, PhaseRule, Settings, Threshold};
use serde_json::{Value as Json, json};
use toml::Spanned;
use toml::de::DeValue;

use super::source::{ConfigError, Place};
use super::values::{Codes, Globs, OptionValue};

/// The table `plan`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanSpec {
    /// Rules of the phases, in order.
    pub phases: Option<Vec<PhaseSpec>>,
    /// Codes whose classes are deleted.
    pub obsolete: Codes,
    /// Files that are deleted.
    pub delete: Globs,
    /// Files and folders with the target's source.
    pub inventory: Vec<String>,
    /// Names of the target for ops and APIs.
    pub names: BTreeMap<String, String>,
    /// Hours, by what is done.
    pub effort: BTreeMap<String, f64>,
}

// Hours are never NaN: TOML's `nan` is refused when they are read.
impl Eq for PlanSpec {}

/// When a file belongs to a phase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhaseSpec {
    name: String,
    paths: Globs,
    except: Globs,
    imported_by: Option<usize>,
    ties: Option<usize>,
    public: bool,
}

const KEYS: [&str; 6] = ["phases", "obsolete", "delete", "inventory", "names", "effort"];
const PHASE_KEYS: [&str; 6] = ["name", "paths", "except", "imported-by", "ties", "public"];
const EFFORT_KEYS: [&str; 7] = ["safe", "review", "manual", "missing-op", "module", "boundary", "file"];

impl PlanSpec {
    /// What the planner is told.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        if let Some(phases) = &self.phases {
            settings.phases = phases.iter().map(PhaseSpec::rule).collect();
        }
        settings.obsolete = self.obsolete.selectors();
        settings.delete = self.delete.compiled();
        settings.names = self.names.clone();
        for (key, hours) in &self.effort {
            *slot(&mut settings.effort, key) = *hours;
        }
        settings
    }
}

impl PhaseSpec {
    fn rule(&self) -> PhaseRule {
        PhaseRule {
            name: self.name.clone(),
            paths: self.paths.compiled(),
            except: self.except.compiled(),
            imported_by: self.imported_by.map(Threshold::Count),
            ties: self.ties,
            public: self.public,
        }
    }
}

/// The cost that a key of `effort` sets; the keys were checked when they were read.
fn slot<'a>(costs: &'a mut Costs, key: &str) -> &'a mut f64 {
    match key {
        "safe" => &mut costs.safe,
        "review" => &mut costs.review,
        "manual" => &mut costs.manual,
        "missing-op" => &mut costs.missing,
        "module" => &mut costs.module,
        "boundary" => &mut costs.boundary,
        _ => &mut costs.file,
    }
}

fn count(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<usize, ConfigError> {
    let number = value.get_ref().as_integer().and_then(|number| usize::from_str_radix(number.as_str(), number.radix()).ok());
    number.ok_or_else(|| place.wrong_type(value, "a number that is not negative"))
}

fn hours(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<f64, ConfigError> {
    let float = value.get_ref().as_float().and_then(|number| number.as_str().replace('_', "").parse::<f64>().ok());
    let whole = value.get_ref().as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok()).map(|n| n as f64);
    float
        .or(whole)
        .filter(|hours| hours.is_finite() && *hours >= 0.0)
        .ok_or_else(|| place.wrong_type(value, "hours, as a number that is not negative"))
}

fn phase(item: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<PhaseSpec, ConfigError> {
    let table = item.get_ref().as_table().ok_or_else(|| place.wrong_type(item, "a table with `name` and conditions"))?;
    let mut phase = PhaseSpec::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "name" => phase.name = String::read(value, place)?,
            "paths" => phase.paths = Globs::read(value, place)?,
            "except" => phase.except = Globs::read(value, place)?,
            "imported-by" => phase.imported_by = Some(count(value, place)?),
            "ties" => phase.ties = Some(count(value, place)?),
            "public" => phase.public = bool::read(value, place)?,
            other => return Err(place.unknown_key(key.span().start, other, &PHASE_KEYS)),
        }
    }
    if phase.name.is_empty() {
        return Err(place.error(item.span().start, "a phase needs `name`".to_owned()));
    }
    Ok(phase)
}

impl OptionValue for PlanSpec {
    fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, ConfigError> {
        let table = value.get_ref().as_table().ok_or_else(|| place.wrong_type(value, "a table"))?;
        let mut spec = Self::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "phases" => {
                    let list =
                        value.get_ref().as_array().ok_or_else(|| place.wrong_type(value, "a list of tables (`[[…plan.phases]]`)"))?;
                    spec.phases = Some(list.iter().map(|item| phase(item, place)).collect::<Result<_, _>>()?);
                }
                "obsolete" => spec.obsolete = Codes::read(value, place)?,
                "delete" => spec.delete = Globs::read(value, place)?,
                "inventory" => spec.inventory = Vec::<String>::read(value, place)?,
                "names" => {
                    let names = value.get_ref().as_table().ok_or_else(|| place.wrong_type(value, "a table of names"))?;
                    for (name, own) in names {
                        spec.names.insert(name.get_ref().to_string(), String::read(own, place)?);
                    }
                }
                "effort" => {
                    let costs = value.get_ref().as_table().ok_or_else(|| place.wrong_type(value, "a table of hours"))?;
                    for (name, cost) in costs {
                        if !EFFORT_KEYS.contains(&name.get_ref().as_ref()) {
                            return Err(place.unknown_key(name.span().start, name.get_ref(), &EFFORT_KEYS));
                        }
                        spec.effort.insert(name.get_ref().to_string(), hours(cost, place)?);
                    }
                }
                other => return Err(place.unknown_key(key.span().start, other, &KEYS)),
            }
        }
        Ok(spec)
    }

    fn schema() -> Json {
        let phase = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string" },
                "paths": { "type": "array", "items": { "type": "string" }, "description": "The file matches one of these globs." },
                "except": { "type": "array", "items": { "type": "string" }, "description": "The file matches none of these globs." },
                "imported-by": { "type": "integer", "minimum": 0, "description": "At least so many modules import the file." },
                "ties": { "type": "integer", "minimum": 0, "description": "The file has at least so many ties." },
                "public": { "type": "boolean", "description": "A top-level package offers names of the file." }
            },
            "required": ["name"],
            "additionalProperties": false
        });
        let hours: serde_json::Map<String, Json> =
            EFFORT_KEYS.iter().map(|key| ((*key).to_owned(), json!({ "type": "number", "minimum": 0 }))).collect();
        json!({
            "type": "object",
            "properties": {
                "phases": { "type": "array", "items": phase, "description": "Rules in order: the first that fits a file gives its phase. Rules of one name are one phase." },
                "obsolete": { "type": "array", "items": { "$ref": "#/$defs/selector" }, "description": "Codes: a class that derives from such an API is deleted, not ported." },
                "delete": { "type": "array", "items": { "type": "string" }, "description": "Globs of files that are deleted." },
                "inventory": { "type": "array", "items": { "type": "string" }, "description": "Sources of the target (.pyi, .py, .rs, or folders), relative to this file: what they offer is its inventory." },
                "names": { "type": "object", "additionalProperties": { "type": "string" }, "description": "What the target calls an op or an API." },
                "effort": { "type": "object", "properties": hours, "additionalProperties": false, "description": "Hours." }
            },
            "additionalProperties": false
        })
    }

    fn show(&self) -> String {
        let mut rows = Vec::new();
        let list = |items: &Globs| items.show();
        if let Some(phases) = &self.phases {
            let phases: Vec<String> = phases
                .iter()
                .map(|phase| {
                    let mut row = format!("{{ name = {}", phase.name.show());
                    if !phase.paths.0.is_empty() {
                        row.push_str(&format!(", paths = {}", list(&phase.paths)));
                    }
                    if !phase.except.0.is_empty() {
                        row.push_str(&format!(", except = {}", list(&phase.except)));
                    }
                    if let Some(count) = phase.imported_by {
                        row.push_str(&format!(", imported-by = {count}"));
                    }
                    if let Some(count) = phase.ties {
                        row.push_str(&format!(", ties = {count}"));
                    }
                    if phase.public {
                        row.push_str(", public = true");
                    }
                    row + " }"
                })
                .collect();
            rows.push(format!("phases = [{}]", phases.join(", ")));
        }
        if !self.obsolete.0.is_empty() {
            rows.push(format!("obsolete = {}", self.obsolete.show()));
        }
        if !self.delete.0.is_empty() {
            rows.push(format!("delete = {}", list(&self.delete)));
        }
        if !self.inventory.is_empty() {
            rows.push(format!("inventory = {}", self.inventory.show()));
        }
        if !self.names.is_empty() {
            let names: Vec<String> = self.names.iter().map(|(name, own)| format!("{} = {}", name.show(), own.show())).collect();
            rows.push(format!("names = {{ {} }}", names.join(", ")));
        }
        if !self.effort.is_empty() {
            let costs: Vec<String> = self.effort.iter().map(|(key, hours)| format!("{key} = {hours}")).collect();
            rows.push(format!("effort = {{ {} }}", costs.join(", ")));
        }
        if rows.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", rows.join(", ")) }
    }
}
