//! Targets: the dialects that rewritten code may be written in, and which ops exist in each.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::op::{ALIAS, Applicability, Example, Op, Rules, Template};
use super::{RuleError, line_column, toml_error};

/// Whether ops are called as functions or as methods of the array class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// `ops.mean(x)`.
    #[default]
    Functions,
    /// `x.mean()` for the ops that the target lists as methods.
    Methods,
}

/// What becomes of operators on arrays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operators {
    /// `a + b` stays.
    #[default]
    Keep,
    /// `ops.add(a, b)`.
    Functions,
}

/// Which ops exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Names {
    /// All that the rule folder knows.
    #[default]
    Rules,
    /// Those of the Python array API standard.
    Standard,
    /// Those that are listed.
    List,
}

/// How one name of the target moved.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The old qualified name.
    pub from: String,
    /// The new one.
    pub to: String,
    /// The version of the target that made the move.
    #[serde(default)]
    pub since: String,
}

/// A way out of a library and back that says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RoundTrip {
    /// The method that leaves, without arguments.
    pub exit: Arc<str>,
    /// The functions that come back, with one argument.
    pub entry: Vec<Arc<str>>,
    /// What stays of the array `{x}` that left.
    pub keeps: Template,
    /// What coming back makes of `{x}`.
    pub becomes: Template,
    /// Methods on the way to the host, which are left out where the result goes to a device.
    pub host: Vec<Arc<str>>,
    /// Methods that send an array to a device.
    pub onward: Vec<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoundTripText {
    exit: String,
    entry: Vec<String>,
    keeps: String,
    becomes: String,
    #[serde(default)]
    host: Vec<String>,
    #[serde(default)]
    onward: Vec<String>,
}

/// Of ops: what stands instead of what.
type Pairs = FxHashMap<Arc<str>, Vec<(Arc<str>, Arc<str>)>>;

/// The target has no such dtype.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDType;

/// A dialect: how ops are spelled, and which exist.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Target {
    /// What the configuration says.
    pub name: Arc<str>,
    /// In messages.
    pub title: Arc<str>,
    /// Qualified name of the module that holds the ops; empty where it is found at run time.
    pub module: Arc<str>,
    /// How code spells the module.
    pub alias: Arc<str>,
    /// The statement that code needs.
    pub import: Arc<str>,
    /// The array class, relative to the module; empty if it has no name.
    pub array: Arc<str>,
    /// Functions or methods.
    pub style: Style,
    /// What becomes of operators.
    pub operators: Operators,
    /// Whether ops take Python scalars in place of arrays.
    pub scalars: bool,
    /// Parameters of ops that take arrays: what `scalars` is about.
    pub arrays: Vec<Arc<str>>,
    /// Ops that take a number as one of two operands although `scalars` does not hold.
    pub numbers: FxHashSet<Arc<str>>,
    /// A dtype that is written out where the target would make floats of another one.
    pub float: Option<Arc<str>>,
    /// Ops that make floats without being told, with the parameters that decide whether they do.
    pub floats: FxHashMap<Arc<str>, Vec<Arc<str>>>,
    /// Whether dtypes can be called to convert.
    pub dtype_calls: bool,
    /// A statement for the head of functions.
    pub bind: Option<Arc<str>>,
    /// Whether a function is rewritten as a whole or not at all.
    pub whole: bool,
    /// Whether code moves to it to be rid of its library: what is left of the library is then imported where it is used.
    pub leaves: bool,
    /// The most that a fix can be.
    pub applicability: Applicability,
    /// What may differ, where fixes are not safe.
    pub why: Arc<str>,
    /// Builtins and strings that are no dtypes.
    pub no_dtypes: Vec<Arc<str>>,
    /// Members of the array class that code may go on using; `None` for all that the rules keep.
    pub members: Option<FxHashSet<Arc<str>>>,
    /// Names that exist beside the ops.
    pub others: FxHashSet<Arc<str>>,
    /// How the target's own names moved, oldest first.
    pub moved: Vec<Moved>,
    /// Ways out and back that are taken out.
    pub round_trips: Vec<RoundTrip>,
    /// Whole files before and after.
    pub examples: Vec<Example>,
    /// Whether nothing differs from the way the rules are written, but for the alias.
    pub plain: bool,
    names: Names,
    standard: Arc<str>,
    listed: FxHashSet<Arc<str>>,
    missing: FxHashSet<Arc<str>>,
    renames: FxHashMap<Arc<str>, Arc<str>>,
    arguments: Pairs,
    defaults: Pairs,
    absent: FxHashMap<Arc<str>, Vec<Arc<str>>>,
    required: FxHashMap<Arc<str>, Vec<Arc<str>>>,
    templates: FxHashMap<Arc<str>, Template>,
    methods: FxHashMap<Arc<str>, Arc<str>>,
    dtypes: FxHashMap<Arc<str>, Arc<str>>,
}

impl Target {
    /// How the op called `name` is spelled below the module, or why it is not.
    pub fn spelled(&self, op: &Op) -> Result<Arc<str>, String> {
        if self.has(op) {
            Ok(self.renames.get(&op.name).cloned().unwrap_or_else(|| Arc::clone(&op.name)))
        } else {
            Err(format!("{} has no `{}`", self.title, op.name))
        }
    }

    fn has(&self, op: &Op) -> bool {
        if self.missing.contains(&op.name) {
            return false;
        }
        let written = self.templates.contains_key(&op.name) || self.methods.contains_key(&op.name);
        written
            || match self.names {
                Names::Rules => true,
                Names::Standard => op.is_standard(&self.standard),
                Names::List => self.listed.contains(&op.name),
            }
    }

    /// The target's name for a parameter of an op.
    pub fn parameter(&self, op: &str, parameter: &Arc<str>) -> Arc<str> {
        let of = |key: &str| self.arguments.get(key).and_then(|list| list.iter().find(|(from, _)| from == parameter));
        of(op).or_else(|| of("*")).map_or_else(|| Arc::clone(parameter), |(_, to)| Arc::clone(to))
    }

    /// Arguments to write out where a call leaves them out, as (parameter, text).
    pub fn defaults(&self, op: &str) -> &[(Arc<str>, Arc<str>)] {
        self.defaults.get(op).map_or(&[], Vec::as_slice)
    }

    /// Whether the target's op takes `parameter`.
    pub fn takes(&self, op: &Op, parameter: &str) -> bool {
        let standard = self.names != Names::Standard
            || !op.beyond.iter().any(|p| **p == *parameter)
            || self.defaults(&op.name).iter().any(|(p, _)| **p == *parameter);
        standard && !self.absent.get(&op.name).is_some_and(|list| list.iter().any(|p| **p == *parameter))
    }

    /// Parameters without which the target has no such call.
    pub fn required(&self, op: &str) -> &[Arc<str>] {
        self.required.get(op).map_or(&[], Vec::as_slice)
    }

    /// The expression that an op is spelled as.
    pub fn template(&self, op: &str) -> Option<&Template> {
        self.templates.get(op)
    }

    /// The method of the array class that an op is.
    pub fn method(&self, op: &str) -> Option<&Arc<str>> {
        if self.style == Style::Methods { self.methods.get(op) } else { None }
    }

    /// How a dtype that is written as `text` is spelled here, or [`NoDType`] if the target has none like it.
    pub fn dtype(&self, text: &str) -> Result<Option<&Arc<str>>, NoDType> {
        let text = text.replace('"', "'");
        match self.dtypes.get(&*text) {
            Some(spelled) => Ok(Some(spelled)),
            None if self.no_dtypes.iter().any(|no| names_dtype(&text, no)) => Err(NoDType),
            None => Ok(None),
        }
    }

    /// Whether `qualified` is a name of the target's own module; its tail if so.
    pub fn own<'q>(&self, qualified: &'q str) -> Option<&'q str> {
        if self.module.is_empty() { None } else { qualified.strip_prefix(&*self.module)?.strip_prefix('.') }
    }

    /// The newest name of `qualified`, if it moved, with the version that moved it last.
    pub fn newest(&self, qualified: &str) -> Option<(&str, &str)> {
        let mut now: Option<(&str, &str)> = None;
        // A name that moved twice has two entries; each is passed at most once, so that a circle ends.
        for moved in &self.moved {
            if moved.from == now.map_or(qualified, |(name, _)| name) {
                now = Some((&moved.to, &moved.since));
            }
        }
        now
    }

    /// Whether `tail` is a name that the target has: an op as it is spelled here, another name, or a module of ops.
    pub fn knows(&self, tail: &str, rules: &Rules) -> bool {
        self.offers(rules).any(|name| match name.strip_suffix('*') {
            Some(prefix) => tail.starts_with(prefix),
            None => name == tail || name.strip_prefix(tail).is_some_and(|rest| rest.starts_with('.')),
        })
    }

    /// Every name that the target has.
    pub fn offers<'t>(&'t self, rules: &'t Rules) -> impl Iterator<Item = &'t str> {
        let ops = rules.ops.values().filter(|op| self.has(op) && !self.templates.contains_key(&op.name));
        let spelled = ops.map(|op| self.renames.get(&op.name).map_or(&*op.name, |name| &**name));
        let moved = self.moved.iter().filter_map(|moved| self.own(&moved.to));
        spelled.chain(self.others.iter().map(|name| &**name)).chain(moved)
    }

    /// The target with its ops in another module, `pkg.ops`.
    #[must_use]
    pub fn in_module(mut self, module: &str) -> Self {
        let (package, name) = module.rsplit_once('.').unwrap_or(("", module));
        let prefix = format!("{}.", self.module);
        for moved in &mut self.moved {
            for end in [&mut moved.from, &mut moved.to] {
                if let Some(tail) = end.strip_prefix(&prefix) {
                    *end = format!("{module}.{tail}");
                }
            }
        }
        self.title = module.into();
        self.alias = name.into();
        self.import = if package.is_empty() { format!("import {name}") } else { format!("from {package} import {name}") }.into();
        self.module = module.into();
        self
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetFile {
    target: TargetText,
    #[serde(default)]
    renames: Table<String>,
    #[serde(default)]
    arguments: Table<BTreeMap<String, String>>,
    #[serde(default)]
    defaults: Table<BTreeMap<String, String>>,
    #[serde(default)]
    absent: Table<Vec<String>>,
    #[serde(default)]
    required: Table<Vec<String>>,
    #[serde(default)]
    templates: Table<String>,
    #[serde(default)]
    methods: Table<String>,
    #[serde(default)]
    floats: Table<Vec<String>>,
    #[serde(default)]
    dtypes: BTreeMap<String, String>,
    #[serde(default)]
    moved: Vec<Moved>,
    #[serde(default, rename = "round-trip")]
    round_trip: Vec<RoundTripText>,
    #[serde(default)]
    example: Vec<Example>,
}

type Table<T> = BTreeMap<Spanned<String>, T>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TargetText {
    name: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    module: String,
    alias: String,
    import: String,
    #[serde(default)]
    array: String,
    #[serde(default)]
    style: Style,
    #[serde(default)]
    operators: Operators,
    #[serde(default = "yes")]
    scalars: bool,
    #[serde(default)]
    arrays: Vec<String>,
    #[serde(default)]
    numbers: Vec<Spanned<String>>,
    float: Option<String>,
    #[serde(default = "yes")]
    dtype_calls: bool,
    bind: Option<String>,
    #[serde(default)]
    whole: bool,
    #[serde(default)]
    leaves: bool,
    #[serde(default)]
    applicability: Applicability,
    #[serde(default)]
    why: String,
    #[serde(default)]
    names: Names,
    #[serde(default)]
    standard: String,
    #[serde(default)]
    ops: Vec<Spanned<String>>,
    #[serde(default)]
    missing: Vec<Spanned<String>>,
    #[serde(default)]
    others: Vec<String>,
    #[serde(default)]
    no_dtypes: Vec<String>,
    members: Option<Vec<String>>,
}

fn yes() -> bool {
    true
}

/// Reads one target file. `rules` are all ops, so that a name that is none is told.
pub fn load(rules: &Rules, path: &str, text: &str) -> Result<Target, RuleError> {
    let file: TargetFile = toml::from_str(text).map_err(|error| toml_error(path, text, &error))?;
    let error = |offset: usize, message: String| {
        let (line, column) = line_column(text, offset);
        RuleError { file: path.to_owned(), line, column, message }
    };
    let known = |name: &Spanned<String>| {
        let key = name.get_ref();
        if key == "*" || rules.ops.contains_key(&**key) {
            return Ok(());
        }
        let near = closest(key, rules.ops.keys().map(|op| &**op));
        let guess = near.map_or_else(|| "the ops are those of the rule folder".to_owned(), |near| format!("did you mean `{near}`?"));
        Err(error(name.span().start, format!("`{key}` is no op; {guess}")))
    };
    fn keys<T>(table: &Table<T>) -> impl Iterator<Item = &Spanned<String>> {
        table.keys()
    }
    let text_of = file.target;
    let named = keys(&file.renames)
        .chain(keys(&file.arguments))
        .chain(keys(&file.defaults))
        .chain(keys(&file.absent))
        .chain(keys(&file.required))
        .chain(keys(&file.templates))
        .chain(keys(&file.methods))
        .chain(keys(&file.floats))
        .chain(&text_of.ops)
        .chain(&text_of.missing)
        .chain(&text_of.numbers);
    named.into_iter().try_for_each(known)?;
    if text_of.bind.as_ref().is_some_and(|bind| !bind.contains("{arrays}")) {
        return Err(error(0, "`bind` needs `{arrays}`, the place of the array arguments".to_owned()));
    }
    let arc = |text: &str| Arc::<str>::from(text);
    let spell = |text: &str| super::op::spell_alias(text, &text_of.alias);
    let plain = matches!(text_of.names, Names::Rules)
        && text_of.style == Style::Functions
        && text_of.scalars
        && text_of.dtype_calls
        && text_of.float.is_none()
        && text_of.bind.is_none()
        && text_of.members.is_none()
        && text_of.applicability == Applicability::Safe
        && text_of.missing.is_empty()
        && file.renames.is_empty()
        && file.arguments.is_empty()
        && file.defaults.is_empty()
        && file.absent.is_empty()
        && file.required.is_empty()
        && file.templates.is_empty();
    let pairs = |table: Table<BTreeMap<String, String>>| -> Pairs {
        let pair = |(a, b): (&String, &String)| (arc(a), Arc::from(spell(b)));
        table.iter().map(|(op, list)| (arc(op.get_ref()), list.iter().map(pair).collect())).collect()
    };
    let lists = |table: Table<Vec<String>>| -> FxHashMap<Arc<str>, Vec<Arc<str>>> {
        table.iter().map(|(op, list)| (arc(op.get_ref()), list.iter().map(|name| arc(name)).collect())).collect()
    };
    let names =
        |table: Table<String>| -> FxHashMap<Arc<str>, Arc<str>> { table.iter().map(|(op, name)| (arc(op.get_ref()), arc(name))).collect() };
    let trip = |text: &RoundTripText| RoundTrip {
        exit: arc(&text.exit),
        entry: text.entry.iter().map(|name| arc(name)).collect(),
        keeps: Template::parse_for(&text.keeps, &text_of.alias),
        becomes: Template::parse_for(&text.becomes, &text_of.alias),
        host: text.host.iter().map(|name| arc(name)).collect(),
        onward: text.onward.iter().map(|name| arc(name)).collect(),
    };
    let set = |list: &[Spanned<String>]| -> FxHashSet<Arc<str>> { list.iter().map(|name| arc(name.get_ref())).collect() };
    Ok(Target {
        title: arc(if text_of.title.is_empty() { &text_of.name } else { &text_of.title }),
        name: arc(&text_of.name),
        module: arc(&text_of.module),
        alias: arc(&text_of.alias),
        import: arc(&text_of.import),
        array: arc(&text_of.array),
        style: text_of.style,
        operators: text_of.operators,
        scalars: text_of.scalars,
        arrays: text_of.arrays.iter().map(|name| arc(name)).collect(),
        numbers: set(&text_of.numbers),
        float: text_of.float.as_deref().map(|dtype| Arc::from(format!("{ALIAS}.{dtype}"))),
        dtype_calls: text_of.dtype_calls,
        bind: text_of.bind.as_deref().map(arc),
        whole: text_of.whole,
        leaves: text_of.leaves,
        applicability: text_of.applicability,
        why: arc(&text_of.why),
        no_dtypes: text_of.no_dtypes.iter().map(|name| arc(name)).collect(),
        members: text_of.members.as_ref().map(|list| list.iter().map(|name| arc(name)).collect()),
        others: text_of.others.iter().map(|name| arc(name)).collect(),
        round_trips: file.round_trip.iter().map(trip).collect(),
        moved: file.moved,
        examples: file.example,
        plain,
        names: text_of.names,
        standard: arc(&text_of.standard),
        listed: set(&text_of.ops),
        missing: set(&text_of.missing),
        templates: file.templates.iter().map(|(op, text)| (arc(op.get_ref()), Template::parse_for(text, &text_of.alias))).collect(),
        dtypes: file.dtypes.iter().map(|(name, text)| (arc(name), Arc::from(spell(text)))).collect(),
        floats: lists(file.floats),
        renames: names(file.renames),
        arguments: pairs(file.arguments),
        defaults: pairs(file.defaults),
        absent: lists(file.absent),
        required: lists(file.required),
        methods: names(file.methods),
    })
}

/// Whether `text` is the builtin or the string `name`; one letter is a type code, which only strings hold: `'<U5'`. What
/// stands in brackets is the unit of a time: `'M8[D]'`, `'datetime64[D]'`.
fn names_dtype(text: &str, name: &str) -> bool {
    match text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(string) => {
            let string = string.trim_start_matches(['<', '>', '=', '|']);
            let string = string.split('[').next().unwrap_or(string);
            string == name || string.trim_end_matches(|c: char| c.is_ascii_digit()) == name
        }
        None => text == name && name.len() > 1,
    }
}

/// The candidate that `text` was most likely meant to be, if one is close enough to be worth suggesting.
pub fn closest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(text, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count().min(text.chars().count()) / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let mut rules = Rules::default();
        let text = "[[op]]\nname = \"concat\"\nsignature = \"(arrays, /, *, axis=0)\"\n[[op]]\nname = \"mean\"\nsignature = \"(x, /)\"\n";
        super::super::op::load(&mut rules, "manipulation/concat.toml", text).unwrap();
        rules
    }

    const HEAD: &str = "[target]\nname = \"t\"\nmodule = \"m\"\nalias = \"m\"\nimport = \"import m\"\n";

    #[test]
    fn a_name_that_is_no_op_is_told_with_its_place() {
        let text = format!("{HEAD}[renames]\n\"concta\" = \"cat\"\n");
        let error = load(&rules(), "targets/t.toml", &text).unwrap_err();
        assert_eq!((error.line, error.column), (7, 1));
        assert!(error.message.contains("did you mean `concat`"), "{error}");
    }

    #[test]
    fn a_name_that_moved_twice_has_its_newest_name() {
        let moved = "[[moved]]\nfrom = \"m.a\"\nto = \"m.b\"\n[[moved]]\nfrom = \"m.b\"\nto = \"m.c\"\nsince = \"2\"\n";
        let target = load(&rules(), "targets/t.toml", &format!("{HEAD}{moved}")).unwrap();
        assert_eq!(target.newest("m.a"), Some(("m.c", "2")));
        assert_eq!(target.newest("m.c"), None);
    }

    #[test]
    fn what_the_target_lacks_is_said() {
        let rules = rules();
        let target = load(&rules, "targets/t.toml", &format!("{HEAD}names = \"list\"\nops = [\"mean\"]\n")).unwrap();
        assert_eq!(&*target.spelled(&rules.ops["mean"]).unwrap(), "mean");
        assert_eq!(target.spelled(&rules.ops["concat"]).unwrap_err(), "t has no `concat`");
        assert!(target.knows("mean", &rules) && !target.knows("concat", &rules));
    }
}
