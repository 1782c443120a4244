//! What a library file says: the names of a library, what they return, and what they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::kind::{Condition, Kind, Test};
use super::signature::Signature;
use super::stars::Stars;
use super::{RuleError, line_column, toml_error};

/// What an API is, beside what it returns. Findings are made of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the table of traits in rules/README.md explains each")]
#[repr(u8)]
pub enum Trait {
    Rng,
    Seed,
    Serialize,
    ConvertOut,
    ConvertItem,
    ConvertIn,
    ToHost,
    ToDevice,
    DeviceByArg,
    Cast,
    Inplace,
    Gradient,
    Optimizer,
    Scheduler,
    NoGrad,
    ModuleBase,
    Parameter,
    DefaultTrap,
    Synchronize,
    DeviceQuery,
    Annotation,
    DefaultFloat,
    SetsDefaultFloat,
    DtypeOfValue,
    ArrayOnly,
    TakesArray,
    Fixture,
    Parametrize,
    ModuleTable,
    Kernel,
    SetsAttribute,
}

const TRAITS: &[(&str, Trait)] = &[
    ("rng", Trait::Rng),
    ("seed", Trait::Seed),
    ("serialize", Trait::Serialize),
    ("convert-out", Trait::ConvertOut),
    ("convert-item", Trait::ConvertItem),
    ("convert-in", Trait::ConvertIn),
    ("to-host", Trait::ToHost),
    ("to-device", Trait::ToDevice),
    ("device-by-arg", Trait::DeviceByArg),
    ("cast", Trait::Cast),
    ("inplace", Trait::Inplace),
    ("gradient", Trait::Gradient),
    ("optimizer", Trait::Optimizer),
    ("scheduler", Trait::Scheduler),
    ("no-grad", Trait::NoGrad),
    ("module-base", Trait::ModuleBase),
    ("parameter", Trait::Parameter),
    ("default-trap", Trait::DefaultTrap),
    ("synchronize", Trait::Synchronize),
    ("device-query", Trait::DeviceQuery),
    ("annotation", Trait::Annotation),
    ("default-float", Trait::DefaultFloat),
    ("sets-default-float", Trait::SetsDefaultFloat),
    ("dtype-of-value", Trait::DtypeOfValue),
    ("array-only", Trait::ArrayOnly),
    ("takes-array", Trait::TakesArray),
    ("fixture", Trait::Fixture),
    ("parametrize", Trait::Parametrize),
    ("module-table", Trait::ModuleTable),
    ("kernel", Trait::Kernel),
    ("sets-attribute", Trait::SetsAttribute),
];

/// A set of [`Trait`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits(u32);

impl Traits {
    /// Whether `which` is in the set.
    pub fn has(self, which: Trait) -> bool {
        self.0 & (1 << which as u8) != 0
    }

    fn add(&mut self, which: Trait) {
        self.0 |= 1 << which as u8;
    }
}

/// Index of a class in [`Facts::classes`].
pub type ClassRef = u16;

/// Index of a library in [`Facts::libraries`].
pub type LibraryRef = u8;

/// A library as a whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Library {
    /// Dotted root.
    pub name: Arc<str>,
    /// Name for people.
    pub title: Arc<str>,
    /// Conventional alias.
    pub alias: Option<Arc<str>>,
    /// The array class.
    pub array: Option<ClassRef>,
    /// The class of 0-d results, where it is not the array class.
    pub scalar: Option<ClassRef>,
    /// What unlisted functions return.
    pub default: Kind,
    /// Whether its use is a finding without configuration.
    pub governed: bool,
    /// Dtype of floats made without a dtype.
    pub float: Option<Arc<str>>,
}

/// What is known of one qualified name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Fact {
    /// What it returns when called, or what it is.
    pub kind: Option<Kind>,
    /// What it is.
    pub traits: Traits,
    /// As a dtype object: the canonical dtype.
    pub dtype: Option<Arc<str>>,
    /// As a cast: the dtype it casts to.
    pub cast: Option<Arc<str>>,
    /// The dtype of its results, whatever goes in.
    pub result: Option<Arc<str>>,
    /// Its parameters, where they are known.
    pub signature: Option<Arc<Signature>>,
    /// As a class.
    pub class: Option<ClassRef>,
    /// What the function that is its first argument is called with.
    pub callback: Vec<Kind>,
}

/// What is known of a class.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClassFact {
    /// Qualified name.
    pub name: Arc<str>,
    /// The library it belongs to.
    pub library: LibraryRef,
    /// Qualified names of bases.
    pub bases: Vec<Arc<str>>,
    /// Kinds of attributes.
    pub attributes: FxHashMap<Arc<str>, Kind>,
    /// What methods return.
    pub methods: FxHashMap<Arc<str>, Kind>,
    /// What calling an instance returns.
    pub call: Option<Kind>,
    /// What subscripting an instance returns.
    pub getitem: Option<Kind>,
    /// Whether instances are arrays (the array class, its scalar class, and classes derived from them).
    pub is_array: bool,
    /// Whether instances are 0-d scalars.
    pub is_scalar: bool,
}

/// A member of a class.
#[derive(Clone, Copy, Debug)]
pub enum Member<'a> {
    /// An attribute of this kind.
    Attribute(&'a Kind),
    /// A method that returns this kind.
    Method(&'a Kind),
}

/// The module that code is moved to, in the words of the libraries that it comes from.
#[derive(Clone, Debug, Default)]
pub struct Moved {
    /// Its dotted name.
    pub module: Arc<str>,
    /// Its name for people.
    pub title: Arc<str>,
    /// The name of its array class.
    pub array: Arc<str>,
    /// The classes of libraries that become classes of it, with the names of these.
    pub classes: Vec<(ClassRef, Arc<str>)>,
    /// The same by name.
    pub names: FxHashMap<Arc<str>, Arc<str>>,
    /// What its functions give.
    pub functions: Vec<(Arc<str>, Kind)>,
}

/// The names of a library's array class and scalar class, until all files are read.
type ArrayNames = (Option<Arc<str>>, Option<Arc<str>>);

/// Everything the library files say, indexed by qualified name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The libraries.
    pub libraries: Vec<Library>,
    /// Their classes.
    pub classes: Vec<ClassFact>,
    /// The module that the rules lead to, as one of the libraries.
    pub own: Option<LibraryRef>,
    roots: FxHashMap<Arc<str>, LibraryRef>,
    names: FxHashMap<Arc<str>, Fact>,
    stars: Stars<Fact>,
    canonical: FxHashMap<Arc<str>, Arc<str>>,
    canonical_stars: Stars<Arc<str>>,
    class_names: FxHashMap<Arc<str>, ClassRef>,
    modules: FxHashSet<Arc<str>>,
    absolute: Vec<bool>,
    /// Array and scalar class of each library. They may belong to another library: pandas gives NumPy's arrays.
    array_names: Vec<ArrayNames>,
}

impl Facts {
    /// The library that `qualified` belongs to.
    pub fn library_of(&self, qualified: &str) -> Option<LibraryRef> {
        let root = qualified.split('.').next().unwrap_or(qualified);
        self.roots.get(root).copied()
    }

    /// The library at `index`.
    pub fn library(&self, index: LibraryRef) -> &Library {
        &self.libraries[usize::from(index)]
    }

    /// The class at `index`.
    pub fn class(&self, index: ClassRef) -> &ClassFact {
        &self.classes[usize::from(index)]
    }

    /// The canonical spelling of `qualified`.
    pub fn canonical<'a>(&'a self, qualified: &'a str) -> std::borrow::Cow<'a, str> {
        if let Some(name) = self.canonical.get(qualified) {
            return (&**name).into();
        }
        let Some((prefix, target)) = self.canonical_stars.find(qualified) else { return qualified.into() };
        let moved = [target, &qualified[prefix.len()..]].concat();
        match self.canonical.get(moved.as_str()) {
            Some(name) => (&**name).into(),
            None => moved.into(),
        }
    }

    /// What is known of `qualified`, under any of its spellings.
    pub fn get(&self, qualified: &str) -> Option<&Fact> {
        if let Some(fact) = self.names.get(qualified) {
            return Some(fact);
        }
        self.library_of(qualified)?;
        let canonical = self.canonical(qualified);
        if let Some(fact) = self.names.get(&*canonical) {
            return Some(fact);
        }
        self.stars.find(&canonical).map(|(_, fact)| fact)
    }

    /// The name `member` of `base` as one dotted name: the one that is known, shared, or else a new text.
    pub fn joined(&self, base: &str, member: &str) -> Result<Arc<str>, String> {
        match with_dot(base, member, |whole| self.names.get_key_value(whole)) {
            Some((known, _)) => Ok(Arc::clone(known)),
            None => Err([base, ".", member].concat()),
        }
    }

    fn fact_of_member(&self, class: &ClassFact, name: &str) -> Option<&Fact> {
        with_dot(&class.name, name, |whole| self.names.get(whole))
    }

    /// The class called `qualified`, under any of its spellings.
    pub fn class_named(&self, qualified: &str) -> Option<ClassRef> {
        self.class_names.get(qualified).or_else(|| self.class_names.get(&*self.canonical(qualified))).copied()
    }

    /// Whether the names of the library at `index` are whole names: Python itself.
    pub fn is_absolute(&self, index: LibraryRef) -> bool {
        self.absolute[usize::from(index)]
    }

    /// The names that have the trait `which`.
    pub fn names_with(&self, which: Trait) -> impl Iterator<Item = &str> {
        self.names.iter().filter(move |(_, fact)| fact.traits.has(which)).map(|(name, _)| &**name)
    }

    /// The names directly below `module`: short and whole.
    pub fn members_of<'a>(&'a self, module: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut members: Vec<(&str, &str)> = self
            .names
            .keys()
            .chain(self.canonical.keys())
            .filter_map(|name| {
                let rest = name.strip_prefix(module)?.strip_prefix('.')?;
                (!rest.contains('.') && !rest.is_empty()).then_some((rest, &**name))
            })
            .collect();
        members.sort_unstable();
        members.dedup();
        members.into_iter()
    }

    /// Whether `qualified` is known to be a module: some known name lies below it.
    pub fn is_module(&self, qualified: &str) -> bool {
        self.modules.contains(qualified)
    }

    /// The member `name` of `class`, and the class that defines it.
    pub fn member(&self, class: ClassRef, name: &str) -> Option<(&ClassFact, Member<'_>)> {
        self.member_within(class, name, 8)
    }

    fn member_within(&self, class: ClassRef, name: &str, depth: u8) -> Option<(&ClassFact, Member<'_>)> {
        let fact = self.class(class);
        if let Some(kind) = fact.attributes.get(name) {
            return Some((fact, Member::Attribute(kind)));
        }
        if let Some(kind) = fact.methods.get(name) {
            return Some((fact, Member::Method(kind)));
        }
        if depth == 0 {
            return None;
        }
        fact.bases.iter().filter_map(|base| self.class_named(base)).find_map(|base| self.member_within(base, name, depth - 1))
    }

    /// What `pick` finds in `class` or, failing that, in its bases.
    pub fn inherited<T>(&self, class: ClassRef, pick: impl Fn(&ClassFact) -> Option<T> + Copy) -> Option<T> {
        self.inherited_within(class, pick, 8)
    }

    fn inherited_within<T>(&self, class: ClassRef, pick: impl Fn(&ClassFact) -> Option<T> + Copy, depth: u8) -> Option<T> {
        let fact = self.class(class);
        pick(fact).or_else(|| {
            if depth == 0 {
                return None;
            }
            fact.bases.iter().filter_map(|base| self.class_named(base)).find_map(|base| self.inherited_within(base, pick, depth - 1))
        })
    }

    /// Traits of the method or attribute `name` as defined in `class`, or re-listed for a base.
    pub fn member_traits(&self, class: ClassRef, name: &str) -> Traits {
        self.inherited(class, |fact| self.fact_of_member(fact, name).map(|f| f.traits).filter(|t| *t != Traits::default()))
            .unwrap_or_default()
    }

    /// What is known of the method `name` of `class` as an API.
    pub fn member_fact(&self, class: ClassRef, name: &str) -> Option<&Fact> {
        self.member_fact_within(class, name, 8)
    }

    fn member_fact_within(&self, class: ClassRef, name: &str, depth: u8) -> Option<&Fact> {
        let fact = self.class(class);
        self.fact_of_member(fact, name).or_else(|| {
            let next = depth.checked_sub(1)?;
            fact.bases.iter().filter_map(|base| self.class_named(base)).find_map(|base| self.member_fact_within(base, name, next))
        })
    }

    /// Adds the module that code is moved to, which is no library to be rid of.
    pub fn add_target(&mut self, moved: &Moved) {
        let root = moved.module.split('.').next().unwrap_or(&moved.module);
        let Ok(library) = LibraryRef::try_from(self.libraries.len()) else { return };
        if self.roots.contains_key(root) {
            return;
        }
        self.roots.insert(root.into(), library);
        self.own = Some(library);
        for (source, name) in &moved.classes {
            self.add_moved_class(*source, name, library, moved);
        }
        for (name, kind) in &moved.functions {
            self.names.entry(Arc::clone(name)).or_default().kind = Some(kind.clone());
        }
        self.array_names.push((Some(Arc::clone(&moved.array)), None));
        self.absolute.push(false);
        self.libraries.push(Library {
            name: Arc::clone(&moved.module),
            title: Arc::clone(&moved.title),
            alias: None,
            array: None,
            scalar: None,
            default: Kind::Unknown,
            governed: false,
            float: None,
        });
        self.finish();
    }

    /// Makes the class `name` what the class `source` is; of several sources the first that has a member says what it is.
    fn add_moved_class(&mut self, source: ClassRef, name: &Arc<str>, library: LibraryRef, moved: &Moved) {
        let other = self.class(source).clone();
        let kind = |kind: &Kind| super::own::renamed(kind, &moved.names);
        let reference = match self.class_names.get(name) {
            Some(known) => *known,
            None => {
                let Ok(reference) = ClassRef::try_from(self.classes.len()) else { return };
                self.classes.push(ClassFact {
                    name: Arc::clone(name),
                    library,
                    bases: other.bases.iter().filter_map(|base| moved.names.get(base).cloned()).collect(),
                    attributes: FxHashMap::default(),
                    methods: FxHashMap::default(),
                    call: other.call.as_ref().map(kind),
                    getitem: other.getitem.as_ref().map(kind),
                    is_array: false,
                    is_scalar: false,
                });
                self.class_names.insert(Arc::clone(name), reference);
                reference
            }
        };
        let class = &mut self.classes[usize::from(reference)];
        for (member, given) in &other.attributes {
            class.attributes.entry(Arc::clone(member)).or_insert_with(|| kind(given));
        }
        for (member, given) in other.methods.iter().filter(|(member, _)| !other.attributes.contains_key(*member)) {
            class.methods.entry(Arc::clone(member)).or_insert_with(|| kind(given));
        }
        let traits = self.names.get(&other.name).map(|fact| fact.traits).unwrap_or_default();
        let of_members: Vec<(Arc<str>, Traits)> = other
            .methods
            .keys()
            .filter_map(|member| Some((format!("{name}.{member}").into(), self.fact_of_member(&other, member)?.traits)))
            .collect();
        let fact = self.names.entry(Arc::clone(name)).or_default();
        (fact.class, fact.traits) = (Some(reference), traits);
        for (member, traits) in of_members {
            self.names.entry(member).or_default().traits = traits;
        }
    }

    /// Attaches parameter lists known from elsewhere (the rules) to names that have none.
    pub fn add_signature(&mut self, qualified: &str, signature: &Arc<Signature>) {
        let fact = self.names.entry(qualified.into()).or_default();
        fact.signature.get_or_insert_with(|| Arc::clone(signature));
    }
}

/// Gives `base.member` to `look`, in a buffer on the stack where it fits: it is only looked up.
fn with_dot<R>(base: &str, member: &str, look: impl FnOnce(&str) -> R) -> R {
    let mut buffer = [0; 120];
    let length = base.len() + 1 + member.len();
    if let Some(whole) = buffer.get_mut(..length) {
        whole[..base.len()].copy_from_slice(base.as_bytes());
        whole[base.len()] = b'.';
        whole[base.len() + 1..].copy_from_slice(member.as_bytes());
        if let Ok(whole) = std::str::from_utf8(whole) {
            return look(whole);
        }
    }
    look(&[base, ".", member].concat())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LibraryFile {
    library: Header,
    #[serde(default)]
    canonical: BTreeMap<String, String>,
    #[serde(default)]
    returns: BTreeMap<String, toml::Spanned<KindText>>,
    #[serde(default)]
    signatures: BTreeMap<String, toml::Spanned<String>>,
    #[serde(default)]
    classes: BTreeMap<String, ClassTable>,
    #[serde(default)]
    traits: BTreeMap<String, toml::Spanned<Vec<String>>>,
    #[serde(default)]
    dtypes: BTreeMap<String, String>,
    #[serde(default)]
    casts: BTreeMap<String, String>,
    #[serde(default)]
    callbacks: BTreeMap<String, toml::Spanned<Vec<String>>>,
    #[serde(default, rename = "result-dtypes")]
    results: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    name: String,
    title: Option<String>,
    alias: Option<String>,
    array: Option<String>,
    scalar: Option<String>,
    #[serde(default = "unknown")]
    default: toml::Spanned<KindText>,
    #[serde(default)]
    governed: bool,
    float: Option<String>,
    #[serde(default)]
    absolute: bool,
}

fn unknown() -> toml::Spanned<KindText> {
    toml::Spanned::new(0..0, KindText::One("unknown".into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassTable {
    #[serde(default)]
    bases: Vec<String>,
    #[serde(default)]
    attributes: BTreeMap<String, toml::Spanned<KindText>>,
    #[serde(default)]
    methods: BTreeMap<String, toml::Spanned<KindText>>,
    call: Option<toml::Spanned<KindText>>,
    getitem: Option<toml::Spanned<KindText>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum KindText {
    One(String),
    Alternatives(Vec<AlternativeText>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AlternativeText {
    When { when: BTreeMap<String, String>, returns: String },
    Otherwise(String),
}

impl KindText {
    fn kind(&self) -> Result<Kind, String> {
        match self {
            Self::One(text) => Kind::parse(text),
            Self::Alternatives(list) => {
                let alternatives = list.iter().map(|alternative| match alternative {
                    AlternativeText::Otherwise(text) => Ok((Vec::new(), Kind::parse(text)?)),
                    AlternativeText::When { when, returns } => {
                        let conditions =
                            when.iter().map(|(p, t)| Condition { parameter: p.as_str().into(), test: Test::parse(t) }).collect();
                        Ok((conditions, Kind::parse(returns)?))
                    }
                });
                Ok(Kind::ByArguments(alternatives.collect::<Result<_, String>>()?))
            }
        }
    }
}

/// Reads one library file into `facts`.
pub fn load(facts: &mut Facts, path: &str, text: &str) -> Result<(), RuleError> {
    let file: LibraryFile = toml::from_str(text).map_err(|error| toml_error(path, text, &error))?;
    let at = |span: std::ops::Range<usize>, message: String| {
        let (line, column) = line_column(text, span.start);
        RuleError { file: path.to_owned(), line, column, message }
    };
    let kind = |value: &toml::Spanned<KindText>| value.get_ref().kind().map_err(|message| at(value.span(), message));
    let root = file.library.name.as_str();
    let absolute = file.library.absolute;
    let full = |name: &str| if absolute { name.to_owned() } else { format!("{root}.{name}") };

    let index = LibraryRef::try_from(facts.libraries.len()).map_err(|_| at(0..0, "too many libraries".into()))?;
    let own_classes: FxHashSet<&str> = file.classes.keys().flat_map(|names| names.split_whitespace()).collect();
    for (names, table) in &file.classes {
        for name in names.split_whitespace() {
            let members = |table: &BTreeMap<String, toml::Spanned<KindText>>| -> Result<FxHashMap<Arc<str>, Kind>, RuleError> {
                let mut map = FxHashMap::default();
                for (names, value) in table {
                    let kind = kind(value)?;
                    map.extend(names.split_whitespace().map(|name| (Arc::from(name), kind.clone())));
                }
                Ok(map)
            };
            let qualified: Arc<str> = full(name).into();
            let class = ClassFact {
                name: Arc::clone(&qualified),
                library: index,
                bases: table
                    .bases
                    .iter()
                    .map(|base| if own_classes.contains(base.as_str()) { full(base).into() } else { base.as_str().into() })
                    .collect(),
                attributes: members(&table.attributes)?,
                methods: members(&table.methods)?,
                call: table.call.as_ref().map(&kind).transpose()?,
                getitem: table.getitem.as_ref().map(&kind).transpose()?,
                is_array: false,
                is_scalar: false,
            };
            let reference = ClassRef::try_from(facts.classes.len()).map_err(|_| at(0..0, "too many classes".into()))?;
            facts.classes.push(class);
            facts.class_names.insert(Arc::clone(&qualified), reference);
            facts.names.entry(qualified).or_default().class = Some(reference);
        }
    }
    for (names, target) in &file.canonical {
        for name in names.split_whitespace() {
            match name.strip_suffix('*') {
                Some(prefix) => {
                    let target = full(target.strip_suffix('*').unwrap_or(target));
                    facts.canonical_stars.push(full(prefix).into(), target.into());
                }
                None => drop(facts.canonical.insert(full(name).into(), full(target).into())),
            }
        }
    }
    for (names, value) in &file.returns {
        let kind = kind(value)?;
        for name in names.split_whitespace() {
            facts.entry(&full(name)).kind = Some(kind.clone());
        }
    }
    for (names, value) in &file.signatures {
        let signature = Arc::new(Signature::parse(value.get_ref()).map_err(|message| at(value.span(), message))?);
        for name in names.split_whitespace() {
            facts.entry(&full(name)).signature = Some(Arc::clone(&signature));
        }
    }
    for (name, members) in &file.traits {
        let Some((_, which)) = TRAITS.iter().find(|(spelling, _)| spelling == name) else {
            let known: Vec<_> = TRAITS.iter().map(|(spelling, _)| *spelling).collect();
            return Err(at(members.span(), format!("`{name}` is not a trait; the traits are {}", known.join(", "))));
        };
        for member in members.get_ref().iter().flat_map(|m| m.split_whitespace()) {
            facts.entry(&full(member)).traits.add(*which);
        }
    }
    for (names, dtype) in &file.dtypes {
        for name in names.split_whitespace() {
            facts.entry(&full(name)).dtype = Some(dtype.as_str().into());
        }
    }
    for (names, dtype) in &file.results {
        for name in names.split_whitespace() {
            facts.entry(&full(name)).result = Some(dtype.as_str().into());
        }
    }
    for (names, kinds) in &file.callbacks {
        let parsed = kinds.get_ref().iter().map(|text| Kind::parse(text)).collect::<Result<Vec<Kind>, _>>();
        let parsed = parsed.map_err(|message| at(kinds.span(), message))?;
        for name in names.split_whitespace() {
            facts.entry(&full(name)).callback.clone_from(&parsed);
        }
    }
    for (names, dtype) in &file.casts {
        for name in names.split_whitespace() {
            let entry = facts.entry(&full(name));
            entry.cast = Some(dtype.as_str().into());
            entry.traits.add(Trait::Cast);
        }
    }
    let library = Library {
        name: root.into(),
        title: file.library.title.as_deref().unwrap_or(root).into(),
        alias: file.library.alias.as_deref().map(Arc::from),
        array: None,
        scalar: None,
        default: kind(&file.library.default)?,
        governed: file.library.governed,
        float: file.library.float.as_deref().map(Arc::from),
    };
    if !absolute {
        facts.roots.insert(root.split('.').next().unwrap_or(root).into(), index);
    }
    facts.array_names.push((file.library.array.as_deref().map(Arc::from), file.library.scalar.as_deref().map(Arc::from)));
    facts.absolute.push(absolute);
    facts.libraries.push(library);
    Ok(())
}

impl Facts {
    fn entry(&mut self, qualified: &str) -> &mut Fact {
        match qualified.strip_suffix('*') {
            Some(prefix) => self.stars.entry(prefix, Fact::default),
            None => self.names.entry(qualified.into()).or_default(),
        }
    }

    /// Settles what depends on all files: which classes are arrays, which names are modules, the order of the stars.
    pub fn finish(&mut self) {
        for (library, (array, scalar)) in self.libraries.iter_mut().zip(&self.array_names) {
            let class = |name: &Option<Arc<str>>| name.as_deref().and_then(|name| self.class_names.get(name).copied());
            (library.array, library.scalar) = (class(array), class(scalar));
        }
        self.stars.settle();
        self.canonical_stars.settle();
        for (name, fact) in &mut self.names {
            for (_, star) in self.stars.all(name) {
                fact.traits.0 |= star.traits.0;
                if fact.kind.is_none() {
                    fact.kind.clone_from(&star.kind);
                }
            }
        }
        // Member names beside their modules: names of the form `library.module.function` make `library.module` a module,
        // unless it is a class.
        let mut modules = FxHashSet::default();
        for name in self.names.keys() {
            let mut end = name.rfind('.');
            while let Some(at) = end {
                let parent = &name[..at];
                if !self.class_names.contains_key(parent) {
                    modules.insert(Arc::from(parent));
                }
                end = parent.rfind('.');
            }
        }
        for (prefix, _) in self.stars.iter() {
            modules.insert(Arc::from(prefix.trim_end_matches('.')));
        }
        // A library of whole names owns every root that no other library claims.
        if let Some(owner) = self.absolute.iter().position(|a| *a).and_then(|at| LibraryRef::try_from(at).ok()) {
            let roots: Vec<Arc<str>> = self
                .names
                .keys()
                .chain(self.stars.iter().map(|(prefix, _)| prefix))
                .map(|n| n.split('.').next().unwrap_or(n).into())
                .collect();
            for root in roots {
                self.roots.entry(root).or_insert(owner);
            }
        }
        self.modules = modules;
        for index in 0..self.classes.len() {
            let reference = ClassRef::try_from(index).unwrap_or(ClassRef::MAX);
            let is = |facts: &Self, pick: fn(&Library) -> Option<ClassRef>| {
                facts.inherited(reference, |fact| {
                    let own = facts.class_names.get(&fact.name).copied();
                    facts.libraries.iter().any(|library| pick(library).is_some() && pick(library) == own).then_some(())
                })
            };
            let scalar = is(self, |library| library.scalar).is_some();
            let array = scalar || is(self, |library| library.array).is_some();
            self.classes[index].is_scalar = scalar;
            self.classes[index].is_array = array;
        }
    }
}
