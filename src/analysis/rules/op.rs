//! The rules: how a library's API becomes an op of the target.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::kind::{Condition, Test};
use super::signature::{Parameter, Passing, Signature};
use super::stars::Stars;
use super::{Counterpart, Counterparts, RuleError, line_column, toml_error};

/// An op of the target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Op {
    /// Dotted name below the target's module.
    pub name: Arc<str>,
    /// Folder of its rule file.
    pub category: Arc<str>,
    /// Its parameters; `None` for an attribute such as `pi`.
    pub signature: Option<Arc<Signature>>,
    /// The signature as written.
    pub signature_text: Arc<str>,
    /// One line.
    pub summary: Arc<str>,
    /// The standard's version it belongs to, or `extension`.
    pub standard: Arc<str>,
    /// Parameters, or defaults of parameters, that it has beyond the standard.
    pub beyond: Vec<Arc<str>>,
}

impl Op {
    /// Whether the standard has had it since `version`, or longer.
    pub fn is_standard(&self, version: &str) -> bool {
        self.standard.starts_with(|c: char| c.is_ascii_digit()) && *self.standard <= *version
    }
}

/// How sure it is that a rewrite keeps the meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// For every input that the evidence allows.
    #[default]
    Safe,
    /// Something may differ; the rule says what.
    Unsafe,
    /// Shown, never applied.
    Display,
}

/// Where an argument of the op comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// A parameter of the source, moved as written.
    From {
        /// The parameter.
        parameter: Arc<str>,
        /// What stands for it when the call leaves it out.
        default: Option<Arc<str>>,
        /// Translation of literals.
        map: Option<Vec<(Arc<str>, Arc<str>)>>,
        /// Text around it.
        template: Option<Template>,
    },
    /// Always this text.
    Value(Arc<str>),
    /// A `*args` parameter as one tuple.
    Pack(Arc<str>),
    /// Several parameters as one tuple.
    Tuple(Vec<Arc<str>>),
}

/// Python text with holes for arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template(pub Vec<Piece>);

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Text; the target's alias is [`ALIAS`].
    Text(Arc<str>),
    /// The argument of this parameter.
    Hole(Arc<str>),
}

/// Stands for the target's alias in generated text, until the file's own spelling of it is known.
pub const ALIAS: char = '\u{1}';

/// What a rule makes of a call or an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// A call of the op with these arguments.
    Call(Vec<(Arc<str>, Form)>),
    /// This text.
    Template(Template),
    /// This statement in place of the statement that the call is.
    Statement(Template),
    /// Nothing; the text says what to write instead.
    Refuse(Arc<str>),
    /// The call is removed, its receiver stays.
    Drop,
    /// Nothing: valid on the target.
    Keep,
}

/// One rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// Unique name.
    pub id: Arc<str>,
    /// The APIs it is about.
    pub apis: Vec<Arc<str>>,
    /// Whether it is about an attribute or a mention rather than a call.
    pub attribute: bool,
    /// Whether what is called is a class, which code names without calling it as well.
    pub class: bool,
    /// Whether the brackets after the name go with it.
    pub drops_subscript: bool,
    /// The op it makes.
    pub op: Option<Arc<str>>,
    /// Parameters of the source.
    pub signature: Option<Arc<Signature>>,
    /// Other spellings of parameters.
    pub aliases: Vec<(Arc<str>, Arc<str>)>,
    /// What to do.
    pub action: Action,
    /// Parameters that refuse the call when passed, and what to write instead.
    pub unsupported: FxHashMap<Arc<str>, Arc<str>>,
    /// Parameters that are left out.
    pub ignored: FxHashMap<Arc<str>, Arc<str>>,
    /// When it applies.
    pub when: Vec<Condition>,
    /// What must follow directly, and is replaced as well.
    pub member: Vec<Arc<str>>,
    /// Parameters whose argument a template uses where the target takes arrays alone; empty until rules are aimed at a target.
    pub needs_arrays: Vec<Arc<str>>,
    /// How sure it is.
    pub applicability: Applicability,
    /// What may differ.
    pub why: Arc<str>,
    /// Explanation.
    pub docs: Arc<str>,
    /// Examples.
    pub tests: Vec<Example>,
    /// The file it stands in.
    pub file: Arc<str>,
}

/// An example of a rule: a whole file before and after.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The file.
    pub before: String,
    /// The file after the rewrite; left out where it stays as it is.
    pub after: Option<String>,
}

/// All ops and rules.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rules {
    /// The ops by name.
    pub ops: FxHashMap<Arc<str>, Op>,
    /// The rules, in the order in which those of one API are tried.
    pub rules: Vec<Rule>,
    by_api: FxHashMap<Arc<str>, Vec<usize>>,
    stars: Stars<usize>,
    /// Where the rules of the user begin; they are tried before all others of their API.
    own: usize,
}

impl Rules {
    /// The rules of `api`, in the order in which they are tried.
    pub fn of<'a>(&'a self, api: &str) -> impl Iterator<Item = &'a Rule> {
        let exact = self.by_api.get(api).map_or(&[][..], Vec::as_slice);
        let star = if exact.is_empty() { self.stars.find(api).map(|(_, i)| *i) } else { None };
        exact.iter().copied().chain(star).map(|i| &self.rules[i])
    }

    /// Makes the rules that are added from now on those of the user.
    pub fn begin_own(&mut self) {
        self.own = self.rules.len();
    }

    /// Settles the order in which rules are tried: those of the user first, and of either those with a condition first.
    pub fn finish(&mut self) {
        self.by_api.clear();
        self.stars = Stars::default();
        let own = self.own.min(self.rules.len());
        let (others, own) = (0..own, own..self.rules.len());
        for (range, conditional) in [(own.clone(), true), (own, false), (others.clone(), true), (others, false)] {
            for i in range {
                let rule = &self.rules[i];
                if rule.is_conditional() != conditional {
                    continue;
                }
                for api in &rule.apis {
                    match api.strip_suffix('*') {
                        Some(prefix) => self.stars.push(prefix.into(), i),
                        None => self.by_api.entry(Arc::clone(api)).or_default().push(i),
                    }
                }
            }
        }
        self.stars.settle();
    }
}

impl Rules {
    /// For every API, what to use in its place.
    pub fn counterparts(&self) -> Counterparts {
        // The last rule is the general one, those before it have conditions; but those of the user stand before all others.
        let general = |list: &Vec<usize>| {
            let found = list.iter().rev().find(|i| **i >= self.own).or(list.last());
            found.map_or(Counterpart::Nothing, |i| Counterpart::of(&self.rules[*i]))
        };
        Counterparts {
            names: self.by_api.iter().map(|(api, list)| (Arc::clone(api), general(list))).collect(),
            stars: self.stars.map(|i| Counterpart::of(&self.rules[*i])),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpFile {
    op: Option<OneOrMany<OpText>>,
    #[serde(default)]
    rule: Vec<toml::Spanned<RuleText>>,
}

enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

/// Written out, because errors of an untagged enum name neither the key nor its place.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
        use serde::de::{Error, MapAccess, SeqAccess, Visitor};
        struct Either<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = OneOrMany<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("one, or a list of them")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                T::deserialize(StrDeserializer::new(text)).map(OneOrMany::One)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(OneOrMany::One)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(OneOrMany::Many)
            }
        }
        deserializer.deserialize_any(Either(std::marker::PhantomData))
    }
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpText {
    name: String,
    signature: Option<String>,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    standard: String,
    #[serde(default)]
    beyond: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    id: String,
    op: Option<String>,
    api: OneOrMany<String>,
    kind: Option<String>,
    #[serde(default)]
    class: bool,
    subscript: Option<String>,
    signature: Option<String>,
    #[serde(default)]
    aliases: BTreeMap<String, String>,
    args: Option<toml::Table>,
    template: Option<String>,
    statement: Option<String>,
    refuse: Option<String>,
    #[serde(default)]
    drop: bool,
    #[serde(default)]
    keep: bool,
    #[serde(default)]
    unsupported: BTreeMap<String, String>,
    #[serde(default)]
    ignored: BTreeMap<String, String>,
    #[serde(default)]
    when: BTreeMap<String, String>,
    member: Option<OneOrMany<String>>,
    #[serde(default)]
    applicability: Applicability,
    #[serde(default)]
    why: String,
    #[serde(default)]
    docs: String,
    #[serde(default)]
    test: Vec<Example>,
    #[allow(dead_code, reason = "read by the verification, which runs the libraries")]
    verify: Option<toml::Value>,
}

/// Reads one op file.
pub fn load(rules: &mut Rules, path: &str, text: &str) -> Result<(), RuleError> {
    let file: OpFile = toml::from_str(text).map_err(|error| toml_error(path, text, &error))?;
    let error = |offset: usize, message: String| {
        let (line, column) = line_column(text, offset);
        RuleError { file: path.to_owned(), line, column, message }
    };
    let category: Arc<str> = path.split('/').next().unwrap_or_default().into();
    let stem = path.rsplit('/').next().unwrap_or(path);
    let mut sole = None;
    for op in file.op.map(OneOrMany::into_vec).unwrap_or_default() {
        let signature = op.signature.as_deref().map(Signature::parse).transpose().map_err(|message| error(0, message))?;
        let name: Arc<str> = op.name.as_str().into();
        sole = Some(Arc::clone(&name));
        let entry = Op {
            name: Arc::clone(&name),
            category: Arc::clone(&category),
            signature: signature.map(Arc::new),
            signature_text: op.signature.as_deref().unwrap_or_default().into(),
            summary: op.summary.as_str().into(),
            standard: op.standard.as_str().into(),
            beyond: op.beyond.iter().map(|name| name.as_str().into()).collect(),
        };
        rules.ops.insert(name, entry);
    }
    if sole.is_none() {
        // `mean.torch.toml` adds rules to the op of `mean.toml`.
        let base = stem.split('.').next().unwrap_or(stem);
        let named = |exact: bool| {
            rules.ops.values().filter(|op| op.category == category).find(|op| {
                if exact { op.name.replace('.', "_") == base || *op.name == *base } else { op.name.rsplit('.').next() == Some(base) }
            })
        };
        sole = named(true).or_else(|| named(false)).map(|op| Arc::clone(&op.name));
    }
    for spanned in file.rule {
        let offset = spanned.span().start;
        let rule = convert(spanned.into_inner(), sole.as_ref(), path).map_err(|message| error(offset, message))?;
        rules.rules.push(rule);
    }
    Ok(())
}

fn convert(text: RuleText, sole: Option<&Arc<str>>, path: &str) -> Result<Rule, String> {
    let id = text.id;
    let fail = |message: String| format!("rule `{id}`: {message}");
    let signature = text.signature.as_deref().map(Signature::parse).transpose().map_err(&fail)?.map(Arc::new);
    let action = match (text.template, text.statement, text.refuse, text.drop, text.keep, text.args) {
        (Some(template), None, None, false, false, None) => Action::Template(Template::parse(&template)),
        (None, Some(statement), None, false, false, None) => Action::Statement(Template::parse(&statement)),
        (None, None, Some(refuse), false, false, _) => Action::Refuse(refuse.into()),
        (None, None, None, true, false, _) => Action::Drop,
        (None, None, None, false, true, _) => Action::Keep,
        (None, None, None, false, false, args) => {
            let args = args.unwrap_or_default();
            Action::Call(
                args.iter()
                    .map(|(name, value)| Ok((Arc::from(name.as_str()), form(value)?)))
                    .collect::<Result<_, String>>()
                    .map_err(&fail)?,
            )
        }
        _ => return Err(fail("give one of `args`, `template`, `statement`, `refuse`, `drop` and `keep`".into())),
    };
    let rule = Rule {
        apis: match text.api {
            OneOrMany::One(api) => vec![api.as_str().into()],
            OneOrMany::Many(apis) => apis.iter().map(|a| a.as_str().into()).collect(),
        },
        attribute: text.kind.as_deref() == Some("attribute"),
        class: text.class,
        drops_subscript: text.subscript.as_deref() == Some("drop"),
        op: text.op.as_deref().map(Arc::from).or_else(|| sole.cloned()),
        signature,
        aliases: text.aliases.iter().map(|(a, b)| (a.as_str().into(), b.as_str().into())).collect(),
        action,
        unsupported: text.unsupported.iter().map(|(a, b)| (a.as_str().into(), b.as_str().into())).collect(),
        ignored: text.ignored.iter().map(|(a, b)| (a.as_str().into(), b.as_str().into())).collect(),
        when: text.when.iter().map(|(p, t)| Condition { parameter: p.as_str().into(), test: Test::parse(t) }).collect(),
        member: text.member.map(OneOrMany::into_vec).unwrap_or_default().iter().map(|m| m.as_str().into()).collect(),
        needs_arrays: Vec::new(),
        applicability: text.applicability,
        why: text.why.into(),
        docs: text.docs.into(),
        tests: text.test,
        file: path.into(),
        id: id.as_str().into(),
    };
    if let (Some(signature), Action::Call(args)) = (&rule.signature, &rule.action) {
        let covered = |name: &str| {
            rule.unsupported.contains_key(name)
                || rule.ignored.contains_key(name)
                || rule.when.iter().any(|c| &*c.parameter == name)
                || args.iter().any(|(_, form)| form.mentions(name))
        };
        if let Some(forgotten) = signature.parameters.iter().find(|p| !covered(&p.name)) {
            return Err(format!(
                "rule `{id}`: the parameter `{}` is neither in `args` nor in `unsupported` nor in `ignored`",
                forgotten.name
            ));
        }
    }
    Ok(rule)
}

fn form(value: &toml::Value) -> Result<Form, String> {
    let text = |value: &toml::Value| value.as_str().map(Arc::<str>::from).ok_or_else(|| format!("`{value}` must be text"));
    match value {
        toml::Value::String(parameter) => Ok(Form::From { parameter: parameter.as_str().into(), default: None, map: None, template: None }),
        toml::Value::Table(table) => {
            let known = ["value", "from", "default", "map", "pack", "tuple", "template"];
            if let Some(key) = table.keys().find(|k| !known.contains(&k.as_str())) {
                return Err(format!("`{key}` is not a key of an argument; the keys are {}", known.join(", ")));
            }
            if let Some(value) = table.get("value") {
                return Ok(Form::Value(spell(&text(value)?).into()));
            }
            if let Some(pack) = table.get("pack") {
                return Ok(Form::Pack(text(pack)?));
            }
            if let Some(toml::Value::Array(members)) = table.get("tuple") {
                return Ok(Form::Tuple(members.iter().map(text).collect::<Result<_, _>>()?));
            }
            let parameter = text(table.get("from").ok_or("an argument needs `from`, `value`, `pack` or `tuple`")?)?;
            let default = table.get("default").map(text).transpose()?.map(|d| spell(&d).into());
            let map = match table.get("map") {
                Some(toml::Value::Table(map)) => {
                    Some(map.iter().map(|(k, v)| Ok((Arc::from(k.as_str()), spell(&text(v)?).into()))).collect::<Result<_, String>>()?)
                }
                _ => None,
            };
            let template = table.get("template").map(text).transpose()?.map(|t| Template::parse(&t));
            Ok(Form::From { parameter, default, map, template })
        }
        other => Err(format!("`{other}` is not an argument: write a parameter's name or a table")),
    }
}

impl Form {
    fn mentions(&self, name: &str) -> bool {
        match self {
            Self::From { parameter, template, .. } => {
                **parameter == *name
                    || template.as_ref().is_some_and(|t| t.0.iter().any(|p| matches!(p, Piece::Hole(hole) if **hole == *name)))
            }
            Self::Pack(parameter) => **parameter == *name,
            Self::Tuple(parameters) => parameters.iter().any(|p| **p == *name),
            Self::Value(_) => false,
        }
    }
}

impl Template {
    /// Reads `ops.nonzero({condition})[0]`. Braces that hold no identifier are text.
    pub fn parse(text: &str) -> Self {
        Self::parse_for(text, CANONICAL)
    }

    /// The same with another alias for the target's module.
    pub fn parse_for(text: &str, alias: &str) -> Self {
        let spell = |text: &str| spell_alias(text, alias);
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let after = &rest[open + 1..];
            let end = after.find('}');
            match end.map(|end| &after[..end]).filter(|name| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')) {
                Some(name) => {
                    plain.push_str(&rest[..open]);
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(spell(&std::mem::take(&mut plain)).into()));
                    }
                    pieces.push(Piece::Hole(name.into()));
                    rest = &after[name.len() + 1..];
                }
                None => {
                    plain.push_str(&rest[..=open]);
                    rest = after;
                }
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(spell(&plain).into()));
        }
        Self(pieces)
    }
}

/// The alias that rule files write.
const CANONICAL: &str = "ops";

/// Replaces the alias of the rule files by its placeholder.
fn spell(text: &str) -> String {
    spell_alias(text, CANONICAL)
}

/// Replaces `alias`, as a whole word before a dot, by the placeholder.
pub fn spell_alias(text: &str, alias: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    let word = format!("{alias}.");
    while let Some(at) = rest.find(&word) {
        let before_ok = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.'));
        result.push_str(&rest[..at]);
        if before_ok {
            result.push(ALIAS);
            result.push('.');
        } else {
            result.push_str(&word);
        }
        rest = &rest[at + word.len()..];
    }
    result.push_str(rest);
    result
}

impl Rule {
    /// Whether the rule is about some calls of its API only.
    fn is_conditional(&self) -> bool {
        !self.when.is_empty() || !self.member.is_empty()
    }

    /// Whether what a call unpacks after `written` positional arguments reaches the op as it would reach the source: the parameters
    /// that the op takes have the same names and order, and take what a `*` (where there is one) or a `**` gives them.
    pub fn passes_on(&self, op: &Op, written: usize, star: bool) -> bool {
        let (Action::Call(args), Some(source), Some(target)) = (&self.action, &self.signature, &op.signature) else { return false };
        let same = |name: &Arc<str>| {
            let as_it_is =
                |form: &Form| matches!(form, Form::From { parameter, default: None, map: None, template: None } if parameter == name);
            args.iter().any(|(to, form)| to == name && as_it_is(form))
        };
        let carried = |p: &&Parameter| !self.unsupported.contains_key(&p.name) && !self.ignored.contains_key(&p.name);
        if !star {
            return self.takes_keywords(args, source, target, written);
        }
        let reached = |(from, to): (&Parameter, &Parameter)| match to.passing {
            Passing::Position | Passing::Either => true,
            Passing::Keyword => from.passing == Passing::Keyword,
            Passing::Star | Passing::DoubleStar => false,
        };
        let pairs = || source.parameters.iter().filter(carried).zip(&target.parameters);
        self.only_renames(op) && pairs().all(|(from, to)| from.name == to.name && same(&to.name)) && pairs().all(reached)
    }

    /// Whether a call with `written` positional arguments and a `**` reaches the op as it would reach the source: what is written goes
    /// by position, and every keyword that the op takes has the name and the meaning that it has in the source.
    fn takes_keywords(&self, args: &[(Arc<str>, Form)], source: &Signature, target: &Signature, written: usize) -> bool {
        let becomes = |from: &Arc<str>, to: &Arc<str>| {
            let plain =
                |form: &Form| matches!(form, Form::From { parameter, default: None, map: None, template: None } if parameter == from);
            args.iter().any(|(name, form)| name == to && plain(form))
        };
        let refused = |p: &Parameter| self.unsupported.contains_key(&p.name) || self.ignored.contains_key(&p.name);
        let (first, rest) = source.parameters.split_at(written.min(source.parameters.len()));
        let by_position = first
            .iter()
            .zip(&target.parameters)
            .all(|(from, to)| !refused(from) && matches!(to.passing, Passing::Position | Passing::Either) && becomes(&from.name, &to.name));
        let by_name = |from: &Parameter| {
            let to = target.parameters.iter().find(|p| p.name == from.name);
            to.is_some_and(|to| matches!(to.passing, Passing::Keyword | Passing::Either)) && becomes(&from.name, &from.name)
        };
        by_position && first.len() <= target.parameters.len() && rest.iter().filter(|p| !refused(p)).all(by_name)
    }

    /// Whether a mention of the API can become a mention of the op: only names differ, and the leading parameters agree.
    pub fn only_renames(&self, op: &Op) -> bool {
        let (Action::Call(args), Some(source), Some(target)) = (&self.action, &self.signature, &op.signature) else { return false };
        let leading = |s: &Signature| {
            s.parameters
                .iter()
                .filter(|p| matches!(p.passing, Passing::Position | Passing::Either) && p.default.is_none())
                .map(|p| Arc::clone(&p.name))
                .collect::<Vec<_>>()
        };
        let (from, to) = (leading(source), leading(target));
        // Where nothing has to be passed, whoever calls it passes the first parameter.
        let first = |s: &Signature| s.parameters.iter().find(|p| p.passing != Passing::Keyword).map(|p| Arc::clone(&p.name));
        let (from, to) = match (first(source), first(target)) {
            (Some(a), Some(b)) if from.is_empty() && to.is_empty() => (vec![a], vec![b]),
            _ => (from, to),
        };
        self.when.is_empty()
            && !from.is_empty()
            && from.len() == to.len()
            && from.iter().zip(&to).all(|(s, t)| {
                args.iter().any(|(name, form)| {
                    name == t && matches!(form, Form::From { parameter, default: None, map: None, template: None } if parameter == s)
                })
            })
            && args.iter().all(|(_, form)| matches!(form, Form::From { default: None, map: None, template: None, .. }))
    }
}
