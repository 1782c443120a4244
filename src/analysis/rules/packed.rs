//! The rule set as bytes: made while purify is built, loaded at every start. What a command may not need is left packed until
//! somebody asks for it.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::op::{Action, Rule};
use super::stars::Stars;
use super::{Draft, RuleError, RuleSet};

/// The bytes of a rule set, by what they hold.
#[derive(Clone, Copy, Debug)]
pub struct Packed<B> {
    /// What is known of the libraries, settled.
    pub facts: B,
    /// How their APIs become ops.
    pub rules: B,
    /// What to use in place of an API.
    pub counterparts: B,
    /// The explanations of the codes.
    pub explanations: B,
    /// The dialects that code can be moved to.
    pub targets: B,
    /// Everything before it was settled, so that files of the user can still be added.
    pub draft: B,
}

impl<B> Packed<B> {
    /// The parts with their names, which are those of the files that hold them.
    pub fn parts(self) -> [(&'static str, B); 6] {
        [
            ("facts", self.facts),
            ("rules", self.rules),
            ("counterparts", self.counterparts),
            ("explanations", self.explanations),
            ("targets", self.targets),
            ("draft", self.draft),
        ]
    }
}

impl RuleSet {
    /// Checks rule files and packs what they say. Explanations and examples of single rules are left out: only tests and
    /// documents read them.
    pub fn pack<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Packed<Vec<u8>>, RuleError> {
        let mut draft = Draft::default();
        draft.add(files)?;
        for rule in &mut draft.rules.rules {
            rule.docs = Arc::from("");
            rule.tests = Vec::new();
        }
        let unsettled = bytes(&draft);
        let mut set = draft.settle()?;
        for target in &mut set.targets {
            target.examples = Vec::new();
        }
        Ok(Packed {
            facts: bytes(&set.facts),
            rules: bytes(&*set.rules),
            counterparts: bytes(&*set.counterparts),
            explanations: bytes(&*set.explanations),
            targets: bytes(&set.targets),
            draft: unsettled,
        })
    }

    /// The rules of `packed`, as [`RuleSet::pack`] made it.
    pub fn unpack(packed: Packed<&'static [u8]>) -> Self {
        let (rules, counterparts) = (Lazy::packed(packed.rules), Lazy::packed(packed.counterparts));
        Self::of(value(packed.targets), value(packed.facts), rules, counterparts, Lazy::packed(packed.explanations))
    }

    /// The rules of `packed` together with those of `files`.
    pub fn unpack_with<'a>(packed: Packed<&'static [u8]>, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, RuleError> {
        let mut draft: Draft = value(packed.draft);
        draft.rules.begin_own();
        draft.add(files)?;
        draft.settle()
    }
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("plain data can be packed")
}

fn value<T: DeserializeOwned>(bytes: &[u8]) -> T {
    postcard::from_bytes(bytes).expect("the bytes were packed by the same build")
}

/// What a rule has in place of an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counterpart {
    /// Nothing that could be named.
    Nothing,
    /// Advice.
    Text(Arc<str>),
    /// An op.
    Op(Arc<str>),
}

impl Counterpart {
    /// What `rule` says.
    pub fn of(rule: &Rule) -> Self {
        match (&rule.action, &rule.op) {
            (Action::Refuse(text), _) => Self::Text(Arc::clone(text)),
            (Action::Keep | Action::Drop, _) | (_, None) => Self::Nothing,
            (_, Some(op)) => Self::Op(Arc::clone(op)),
        }
    }
}

/// What to use in place of each API: what a scan needs of the rules.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Counterparts {
    /// By canonical name.
    pub names: FxHashMap<Arc<str>, Counterpart>,
    /// By beginning of the name.
    pub stars: Stars<Counterpart>,
}

impl Counterparts {
    /// What to use in place of the API called `canonical`.
    pub fn of(&self, canonical: &str) -> Option<&Counterpart> {
        self.names.get(canonical).or_else(|| self.stars.find(canonical).map(|(_, found)| found))
    }
}

/// A value that stays packed until it is read.
#[derive(Clone, Debug, Default)]
pub struct Lazy<T> {
    value: OnceLock<T>,
    packed: &'static [u8],
}

impl<T> Lazy<T> {
    fn packed(packed: &'static [u8]) -> Self {
        Self { value: OnceLock::new(), packed }
    }
}

impl<T> From<T> for Lazy<T> {
    fn from(known: T) -> Self {
        Self { value: OnceLock::from(known), packed: &[] }
    }
}

impl<T: DeserializeOwned + Default> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.get_or_init(|| if self.packed.is_empty() { T::default() } else { value(self.packed) })
    }
}

impl<T: DeserializeOwned + Default> DerefMut for Lazy<T> {
    fn deref_mut(&mut self) -> &mut T {
        let _ = &**self;
        self.value.get_mut().expect("reading a packed value unpacks it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMPY: &str = "[library]\nname = \"numpy\"\narray = \"numpy.ndarray\"\ndefault = \"array\"\n[classes.ndarray]\nattributes = { T = \"array\" }\n[traits]\nrng = [\"random.*\"]\n";
    const MEAN: &str = "[op]\nname = \"mean\"\nsignature = \"(x, /)\"\n[[rule]]\nid = \"numpy-mean\"\napi = \"numpy.mean\"\nsignature = \"(a)\"\nargs = { x = \"a\" }\ndocs = \"d\"\n";

    const TARGET: &str = "[target]\nname = \"own\"\nalias = \"ops\"\nimport = \"import ops\"\n";

    fn leaked(packed: Packed<Vec<u8>>) -> Packed<&'static [u8]> {
        Packed {
            facts: packed.facts.leak(),
            rules: packed.rules.leak(),
            counterparts: packed.counterparts.leak(),
            explanations: packed.explanations.leak(),
            targets: packed.targets.leak(),
            draft: packed.draft.leak(),
        }
    }

    #[test]
    fn packed_rules_say_what_the_files_say() {
        let files = [("libraries/numpy.toml", NUMPY), ("statistical/mean.toml", MEAN), ("targets/own.toml", TARGET)];
        let set = RuleSet::unpack(leaked(RuleSet::pack(files).unwrap()));
        assert_eq!(set.counterpart("numpy.mean").as_deref(), Some("use `ops.mean`"));
        assert!(set.facts.class_named("numpy.ndarray").is_some_and(|class| set.facts.class(class).is_array));
        assert_eq!(set.rules.of("numpy.mean").count(), 1);
    }

    #[test]
    fn files_of_the_user_are_as_if_they_had_been_there() {
        let own = "[[rule]]\nid = \"own\"\napi = \"numpy.own\"\nrefuse = \"write it out\"\n";
        let more = "[library]\nname = \"own\"\n[returns]\n\"f\" = \"numpy.ndarray\"\n";
        let base = leaked(
            RuleSet::pack([("libraries/numpy.toml", NUMPY), ("statistical/mean.toml", MEAN), ("targets/own.toml", TARGET)]).unwrap(),
        );
        let files = [("libraries/own.toml", more), ("statistical/own.toml", own)];
        let set = RuleSet::unpack_with(base, files).unwrap();
        assert_eq!(set.counterpart("numpy.own").as_deref(), Some("write it out"));
        assert_eq!(set.counterpart("numpy.mean").as_deref(), Some("use `ops.mean`"));
        assert!(set.facts.library_of("own").is_some() && set.facts.library_of("numpy").is_some());
        let error = RuleSet::unpack_with(base, [("statistical/own.toml", "[[rule]]\nid = 3\n")]).unwrap_err();
        assert_eq!((error.file.as_str(), error.line), ("statistical/own.toml", 2));
    }
}
