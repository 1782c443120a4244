//! Modules left at the old places: they warn, and pass every name on.

use ruff_python_ast::name::Name;

use super::Input;
use super::table::Table;
use crate::flow::project::Project;
use crate::plan::references::{References, SymbolKind};

/// The beginning of the first line of a shim, by which it is known again.
const MARK: &str = "# purify: shim";

/// Whether `text` is a shim that `purify move` wrote.
pub fn is_shim(text: &str) -> bool {
    text.starts_with(MARK)
}

/// Path and text of the shim of every module that moves, but for those whose old place is taken.
pub fn all(input: &Input<'_>, table: &Table, references: &[References], old: &Project, new: &Project) -> Vec<(String, String)> {
    let mut moved: Vec<u32> = table.moved.iter().copied().collect();
    moved.sort_unstable();
    let free = |file: &u32| {
        let path = old.path(*file);
        path.ends_with(".py") && !table.paths.iter().any(|taken| &**taken == path) && !table.created.iter().any(|taken| taken == path)
    };
    moved
        .iter()
        .filter(|file| free(file))
        .map(|file| {
            let names = offered(&references[*file as usize]);
            (old.path(*file).to_owned(), text(&old.name_of(*file), &new.name_of(*file), &names, input.until))
        })
        .collect()
}

/// What a star import of the module brings.
fn offered(references: &References) -> Vec<Name> {
    if let Some(all) = &references.all {
        return all.clone();
    }
    let symbols = references.symbols.iter().filter(|symbol| symbol.kind != SymbolKind::Body);
    symbols.map(|symbol| symbol.name.clone()).filter(|name| !name.starts_with('_')).collect()
}

fn text(old: &str, new: &str, names: &[Name], until: Option<&str>) -> String {
    let until = until.map_or_else(String::new, |until| format!("; remove after {until}"));
    let list: String = names.iter().map(|name| format!("    \"{name}\",\n")).collect();
    let all = if list.is_empty() { "[]".to_owned() } else { format!("[\n{list}]") };
    format!(
        r#"{MARK} for {new}{until}
"""`{old}` has moved to `{new}`. This module passes every name on until nothing imports it any more."""

import importlib
import warnings

__all__ = {all}


def __getattr__(name):
    module = importlib.import_module("{new}")
    try:
        value = getattr(module, name)
    except AttributeError:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}") from None
    warnings.warn("`{old}` has moved to `{new}`", DeprecationWarning, stacklevel=2)
    return value


def __dir__():
    return dir(importlib.import_module("{new}"))
"#
    )
}
