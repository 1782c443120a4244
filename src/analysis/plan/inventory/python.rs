//! The names that a Python module or stub offers.

use std::collections::BTreeSet;

use ruff_python_ast::Stmt;

use super::InventoryError;
use crate::plan::references::References;
use crate::source::SourceFile;
use crate::syntax;

/// The public names of the module at `path`, which is relative to the target's package, with the methods of its classes.
pub fn names(path: &str, text: &str) -> Result<BTreeSet<String>, InventoryError> {
    let source = SourceFile::from_text(path, text);
    let module = syntax::parse(&source);
    if let Some(error) = module.errors.first() {
        let position = source.position(&source.line_index(), error.range.start());
        let (line, column) = (position.line, position.column);
        return Err(InventoryError { file: path.to_owned(), line, column, message: error.message.clone() });
    }
    let references = References::collect(&source, &module);
    let prefix = prefix(path);
    let public = |name: &str| match &references.all {
        Some(all) => all.iter().any(|n| n == name),
        None => !name.starts_with('_'),
    };
    let mut names: BTreeSet<String> = references.bound.keys().filter(|name| public(name)).map(|name| format!("{prefix}{name}")).collect();
    for stmt in &module.tree.body {
        let Stmt::ClassDef(class) = stmt else { continue };
        if !public(&class.name) {
            continue;
        }
        for member in &class.body {
            let name = match member {
                Stmt::FunctionDef(def) => &def.name.id,
                Stmt::AnnAssign(assign) => match &*assign.target {
                    ruff_python_ast::Expr::Name(name) => &name.id,
                    _ => continue,
                },
                _ => continue,
            };
            if !name.starts_with('_') || name.starts_with("__") {
                names.insert(format!("{prefix}{}.{name}", class.name));
            }
        }
    }
    Ok(names)
}

/// `linalg.` for `linalg.py`; nothing for the package's own module and for a file that stands alone.
fn prefix(path: &str) -> String {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let stem = stem.strip_prefix("./").unwrap_or(stem);
    let stem = stem.strip_suffix("__init__").unwrap_or(stem).trim_end_matches('/');
    match (stem.is_empty(), path.contains('/') || path.ends_with("__init__.py") || path.ends_with("__init__.pyi")) {
        (true, _) => String::new(),
        // A file that was named by itself is the target.
        (false, false) => String::new(),
        (false, true) => format!("{}.", stem.replace('/', ".")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_offers_what_its_init_binds_and_its_modules_define() {
        let init = names("./__init__.py", "from .core import concat, _hidden\nfrom . import linalg\nx: int = 1\n").unwrap();
        assert_eq!(init.into_iter().collect::<Vec<_>>(), ["concat", "linalg", "x"]);
        let stub = names("./linalg.pyi", "__all__ = ['qr']\ndef qr(x): ...\ndef svd(x): ...\n").unwrap();
        assert_eq!(stub.into_iter().collect::<Vec<_>>(), ["linalg.qr"]);
    }
}
