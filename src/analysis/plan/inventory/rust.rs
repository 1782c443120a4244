//! The names that Rust sources offer to Python through PyO3: `#[pyfunction]`, `#[pyclass]` and `#[pymethods]`, whatever their
//! visibility, under the names that the attributes give them.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Ident, ImplItem, Item, LitStr, Type};

use super::InventoryError;

/// What all sources of a target bind together: a class may stand in one file and its methods in another.
#[derive(Debug, Default)]
pub struct Bindings {
    /// Rust name → Python name.
    classes: BTreeMap<String, String>,
    /// Rust name of the class → names of its members.
    members: BTreeMap<String, BTreeSet<String>>,
    /// Rust name → Python name.
    functions: BTreeMap<String, String>,
    /// Functions and classes that a module registers.
    registered: BTreeSet<String>,
}

impl Bindings {
    /// The names that Python sees, and those that are defined and registered nowhere.
    pub fn names(self) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut names, mut unregistered) = (BTreeSet::new(), BTreeSet::new());
        // Sources that register nothing are a part of the target: what they define is taken to be there.
        let reachable = |name: &str| self.registered.is_empty() || self.registered.contains(name);
        for (rust, python) in self.functions {
            if reachable(&rust) {
                names.insert(python)
            } else {
                unregistered.insert(python)
            };
        }
        for (rust, python) in &self.classes {
            // A class need not be registered to reach Python: functions return it.
            names.insert(python.clone());
            for member in self.members.get(rust).into_iter().flatten() {
                names.insert(format!("{python}.{member}"));
            }
        }
        for (rust, members) in &self.members {
            if !self.classes.contains_key(rust) {
                names.insert(rust.clone());
                names.extend(members.iter().map(|member| format!("{rust}.{member}")));
            }
        }
        (names, unregistered)
    }
}

/// Reads one source file into `bindings`.
pub fn read(path: &str, text: &str, bindings: &mut Bindings) -> Result<(), InventoryError> {
    let broken = |error: &syn::Error| {
        let start = error.span().start();
        InventoryError { file: path.to_owned(), line: start.line, column: start.column + 1, message: error.to_string() }
    };
    let file = syn::parse_file(text).map_err(|error| broken(&error))?;
    items(&file.items, bindings);
    let tokens: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| broken(&error.into()))?;
    registrations(tokens, &mut bindings.registered);
    Ok(())
}

fn items(list: &[Item], bindings: &mut Bindings) {
    for item in list {
        match item {
            Item::Fn(function) => {
                if let Some(attribute) = named(&function.attrs, "pyfunction") {
                    let rust = function.sig.ident.to_string();
                    let python = python_name(&function.attrs, Some(attribute)).unwrap_or_else(|| plain(&function.sig.ident));
                    bindings.functions.insert(rust, python);
                }
            }
            Item::Struct(item) => class(&item.attrs, &item.ident, bindings),
            Item::Enum(item) => class(&item.attrs, &item.ident, bindings),
            Item::Impl(block) => {
                if named(&block.attrs, "pymethods").is_none() && named(&block.attrs, "pyproto").is_none() {
                    continue;
                }
                let Type::Path(of) = &*block.self_ty else { continue };
                let Some(last) = of.path.segments.last() else { continue };
                let members = bindings.members.entry(last.ident.to_string()).or_default();
                for item in &block.items {
                    match item {
                        ImplItem::Fn(method) => {
                            members.insert(member_name(&method.attrs, &method.sig.ident));
                        }
                        ImplItem::Const(constant) if named(&constant.attrs, "classattr").is_some() => {
                            members.insert(python_name(&constant.attrs, None).unwrap_or_else(|| plain(&constant.ident)));
                        }
                        _ => {}
                    }
                }
            }
            Item::Mod(module) => {
                if let Some((_, inner)) = &module.content {
                    // In a declarative module, what it holds or exports is registered by being there.
                    if named(&module.attrs, "pymodule").is_some() {
                        for item in inner {
                            match item {
                                Item::Fn(function) if named(&function.attrs, "pyfunction").is_some() => {
                                    bindings.registered.insert(function.sig.ident.to_string());
                                }
                                Item::Use(import) if named(&import.attrs, "pymodule_export").is_some() => {
                                    exported(&import.tree, &mut bindings.registered);
                                }
                                _ => {}
                            }
                        }
                    }
                    items(inner, bindings);
                }
            }
            _ => {}
        }
    }
}

fn exported(tree: &syn::UseTree, into: &mut BTreeSet<String>) {
    match tree {
        syn::UseTree::Path(path) => exported(&path.tree, into),
        syn::UseTree::Name(name) => drop(into.insert(name.ident.to_string())),
        syn::UseTree::Rename(rename) => drop(into.insert(rename.ident.to_string())),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| exported(tree, into)),
        syn::UseTree::Glob(_) => {}
    }
}

fn class(attributes: &[Attribute], ident: &Ident, bindings: &mut Bindings) {
    if let Some(attribute) = named(attributes, "pyclass") {
        let python = python_name(attributes, Some(attribute)).unwrap_or_else(|| plain(ident));
        bindings.classes.insert(ident.to_string(), python);
    }
}

/// The name of a method in Python.
fn member_name(attributes: &[Attribute], ident: &Ident) -> String {
    if named(attributes, "new").is_some() {
        return "__new__".to_owned();
    }
    if let Some(name) = python_name(attributes, None) {
        return name;
    }
    let plain = plain(ident);
    for (attribute, prefix) in [("getter", "get_"), ("setter", "set_")] {
        if let Some(attribute) = named(attributes, attribute) {
            // `#[getter(name)]`, or the method's name without `get_`.
            let given = attribute.parse_args::<Ident>().map(|name| name.to_string());
            let given = given.or_else(|_| attribute.parse_args::<LitStr>().map(|name| name.value()));
            return given.unwrap_or_else(|_| plain.strip_prefix(prefix).unwrap_or(&plain).to_owned());
        }
    }
    plain
}

/// The name of an identifier without `r#`.
fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map_or(text.clone(), str::to_owned)
}

/// The attribute whose path ends in `name`: `pyfunction`, `pyo3::pyfunction`.
fn named<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.path().segments.last().is_some_and(|segment| segment.ident == name)).or_else(|| {
        // `#[cfg_attr(feature = "python", pyclass)]` and `#[cfg_attr(…, pyo3::pymethods)]`.
        attributes.iter().find(|attribute| attribute.path().is_ident("cfg_attr") && mentions(attribute, name))
    })
}

fn mentions(attribute: &Attribute, name: &str) -> bool {
    fn within(tokens: TokenStream, name: &str) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == name,
            TokenTree::Group(group) => within(group.stream(), name),
            _ => false,
        })
    }
    matches!(&attribute.meta, syn::Meta::List(list) if within(list.tokens.clone(), name))
}

/// `name = "…"` of `#[pyo3(…)]`, or of the attribute itself.
fn python_name(attributes: &[Attribute], own: Option<&Attribute>) -> Option<String> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("pyo3")).chain(own).find_map(|attribute| match &attribute.meta {
        syn::Meta::List(list) => name_in(list.tokens.clone()),
        _ => None,
    })
}

fn name_in(tokens: TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.windows(3).find_map(|window| match window {
        [TokenTree::Ident(key), TokenTree::Punct(equals), TokenTree::Literal(value)] if key == "name" && equals.as_char() == '=' => {
            syn::parse_str::<LitStr>(&value.to_string()).ok().map(|text| text.value())
        }
        _ => None,
    })
}

/// Collects `wrap_pyfunction!(path)` and `add_class::<Class>()`.
fn registrations(tokens: TokenStream, into: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(ident) if *ident == "wrap_pyfunction" => {
                if let (Some(TokenTree::Punct(mark)), Some(TokenTree::Group(group))) = (tokens.get(index + 1), tokens.get(index + 2))
                    && mark.as_char() == '!'
                {
                    let path = group.stream().into_iter().take_while(|t| !matches!(t, TokenTree::Punct(p) if p.as_char() == ','));
                    let last = path.filter_map(|t| if let TokenTree::Ident(ident) = t { Some(ident.to_string()) } else { None }).last();
                    into.extend(last);
                }
            }
            TokenTree::Ident(ident) if *ident == "add_class" => {
                let path = tokens[index + 1..].iter().take_while(|t| !matches!(t, TokenTree::Group(_)));
                let last = path.filter_map(|t| if let TokenTree::Ident(ident) = t { Some(ident.to_string()) } else { None }).last();
                into.extend(last);
            }
            TokenTree::Group(group) => registrations(group.stream(), into),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (Vec<String>, Vec<String>) {
        let mut bindings = Bindings::default();
        read("lib.rs", text, &mut bindings).unwrap();
        let (names, unregistered) = bindings.names();
        (names.into_iter().collect(), unregistered.into_iter().collect())
    }

    #[test]
    fn visibility_does_not_matter_and_attributes_give_names() {
        let text = r#"
            #[pyclass(name = "ResonantTensor", module = "core")]
            struct Inner { data: Vec<f64> }
            #[pyo3::pymethods]
            impl Inner {
                #[new]
                fn make() -> Self { Inner { data: vec![] } }
                #[getter]
                fn get_shape(&self) -> usize { 0 }
                #[getter(syntony)]
                fn value(&self) -> f64 { 0.0 }
                #[pyo3(name = "matmul", signature = (other, /))]
                fn product(&self, other: &Inner) {}
                #[staticmethod]
                fn r#where() {}
                #[classattr]
                const RANK: usize = 2;
                fn __neg__(&self) {}
            }
            impl Inner { fn hidden(&self) {} }
        "#;
        let expected = ["", ".RANK", ".__neg__", ".__new__", ".matmul", ".shape", ".syntony", ".where"];
        assert_eq!(names(text).0, expected.map(|name| format!("ResonantTensor{name}")));
    }

    #[test]
    fn a_function_that_is_registered_nowhere_is_not_there() {
        let text = r#"
            #[pyfunction]
            #[pyo3(name = "sum")]
            fn total(x: f64) -> f64 { x }
            #[pyfunction]
            fn forgotten() {}
            #[pymodule]
            fn core(m: &Bound<'_, PyModule>) -> PyResult<()> { m.add_function(wrap_pyfunction!(ops::total, m)?)?; Ok(()) }
        "#;
        assert_eq!(names(text), (vec!["sum".to_owned()], vec!["forgotten".to_owned()]));
    }

    #[test]
    fn a_part_of_a_target_registers_nothing_and_offers_all() {
        assert_eq!(names("#[pyfunction(name = \"cat\")] fn concat_all() {}").0, ["cat"]);
    }

    #[test]
    fn a_declarative_module_registers_what_it_holds() {
        let text = "#[pymodule] mod core { #[pyfunction] fn f() {} #[pymodule_export] use super::{a::g}; }\n#[pyfunction] fn g() {}\n#[pyfunction] fn h() {}";
        assert_eq!(names(text).0, ["f", "g"]);
    }
}
