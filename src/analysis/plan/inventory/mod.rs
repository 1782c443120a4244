//! What the target can do: the ops of the rules, or the names that the target's own source offers.

mod python;
mod rust;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use crate::rules::RuleSet;

/// A source file of the target that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct InventoryError {
    /// The file.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// The names that the target offers.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// What it was read from, for people.
    pub sources: Vec<String>,
    /// Dotted names below the target: `concat`, `linalg.qr`, `Tensor.matmul`.
    pub names: BTreeSet<String>,
    /// Names that the source defines and registers nowhere, so that Python cannot reach them.
    pub unregistered: BTreeSet<String>,
    last: FxHashSet<String>,
    renames: BTreeMap<String, String>,
    open: bool,
}

impl Inventory {
    /// The ops of the rules that the target they are aimed at has.
    pub fn of_rules(rules: &RuleSet) -> Self {
        let there = rules.rules.ops.values().filter(|op| rules.target.spelled(op).is_ok());
        let names = there.map(|op| op.name.to_string()).collect();
        Self { sources: vec![rules.target.title.to_string()], names, open: true, ..Self::default() }.indexed()
    }

    /// What the files of the target offer, given as (path, text): stubs and modules (`.pyi`, `.py`), and Rust sources with
    /// PyO3 functions and methods. Paths are relative to the target's package.
    pub fn read(files: &[(String, String)]) -> Result<Self, InventoryError> {
        let mut inventory = Self { sources: files.iter().map(|(path, _)| path.clone()).collect(), ..Self::default() };
        let mut bindings = rust::Bindings::default();
        for (path, text) in files {
            if path.ends_with(".rs") {
                rust::read(path, text, &mut bindings)?;
            } else {
                inventory.names.extend(python::names(path, text)?);
            }
        }
        let (names, unregistered) = bindings.names();
        inventory.names.extend(names);
        inventory.unregistered = unregistered;
        Ok(inventory.indexed())
    }

    /// The same, with names of its own for ops and APIs.
    #[must_use]
    pub fn with_names(mut self, renames: &BTreeMap<String, String>) -> Self {
        self.renames = renames.clone();
        self
    }

    fn indexed(mut self) -> Self {
        self.last = self.names.iter().filter_map(|name| name.rsplit('.').next()).map(str::to_owned).collect();
        self
    }

    /// Whether operators on arrays stay as they are whatever the inventory says: true of the ops of the rules.
    pub fn keeps_operators(&self) -> bool {
        self.open
    }

    /// Whether there is an op or, under a name of its own, an API of that name. In the source of a target, a method does
    /// as well as a function.
    pub fn has(&self, name: &str) -> bool {
        if let Some(own) = self.renames.get(name) {
            return self.names.contains(own) || self.last.contains(own.rsplit('.').next().unwrap_or(own));
        }
        self.names.contains(name) || (!self.open && self.last.contains(name.rsplit('.').next().unwrap_or(name)))
    }

    /// Whether an operator works on the target's arrays: by its special method, or by the op it stands for.
    pub fn has_operator(&self, symbol: &str, unary: bool) -> bool {
        let Some((method, op)) = operator(symbol, unary) else { return true };
        self.open || self.last.contains(method) || self.has(op)
    }

    /// Whether a class or a function named like the API is there, for APIs that no rule is about.
    pub fn has_api(&self, api: &str) -> bool {
        self.renames.contains_key(api) && self.has(api) || (!self.open && self.last.contains(api.rsplit('.').next().unwrap_or(api)))
    }
}

/// The special method and the op of an operator.
pub fn operator(symbol: &str, unary: bool) -> Option<(&'static str, &'static str)> {
    Some(match (symbol.trim_end_matches('='), unary) {
        ("-", true) => ("__neg__", "negative"),
        ("+", true) => ("__pos__", "positive"),
        ("~", _) => ("__invert__", "bitwise_invert"),
        ("+", false) => ("__add__", "add"),
        ("-", false) => ("__sub__", "subtract"),
        ("*", false) => ("__mul__", "multiply"),
        ("/", false) => ("__truediv__", "divide"),
        ("//", false) => ("__floordiv__", "floor_divide"),
        ("%", false) => ("__mod__", "remainder"),
        ("**", false) => ("__pow__", "pow"),
        ("@", false) => ("__matmul__", "matmul"),
        ("&", false) => ("__and__", "bitwise_and"),
        ("|", false) => ("__or__", "bitwise_or"),
        ("^", false) => ("__xor__", "bitwise_xor"),
        ("<<", false) => ("__lshift__", "bitwise_left_shift"),
        (">>", false) => ("__rshift__", "bitwise_right_shift"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Inventory {
        let files: Vec<(String, String)> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Inventory::read(&files).unwrap()
    }

    #[test]
    fn methods_of_a_rust_class_are_ops() {
        let text = "#[pymethods]\nimpl T {\n  fn __add__(&self, o: &T) -> T { todo!() }\n  fn matmul(&self) {}\n}\n#[pyclass] struct T;";
        let inventory = read(&[("tensor.rs", text)]);
        assert!(inventory.has("matmul") && inventory.has_operator("+", false) && inventory.has_operator("+=", false));
        assert!(!inventory.has("concat") && !inventory.has_operator("-", true));
    }

    #[test]
    fn a_name_of_its_own_stands_for_an_op() {
        let names = BTreeMap::from([("concat".to_owned(), "T.cat".to_owned()), ("lib.Linear".to_owned(), "Dense".to_owned())]);
        let inventory = read(&[("t.pyi", "class T:\n    def cat(self): ...\nclass Dense: ...\n")]).with_names(&names);
        assert!(inventory.has("concat") && inventory.has_api("lib.Linear") && !inventory.has_api("lib.Conv"));
    }

    #[test]
    fn a_broken_source_is_named_with_its_place() {
        let error = Inventory::read(&[("a.rs".into(), "fn f( {\n".into())]).unwrap_err();
        assert!(error.to_string().starts_with("a.rs:1:"), "{error}");
        let error = Inventory::read(&[("a.pyi".into(), "x = 1\ndef f(:\n".into())]).unwrap_err();
        assert!(error.to_string().starts_with("a.pyi:2:"), "{error}");
    }
}
