//! Packs the rule files into the executable, without what only tests and documents read of them: a scan parses them all
//! before it begins, and the examples are half of the text.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("rules");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let mut code = String::from("/// (path below `rules/`, text), sorted by path.\nstatic FILES: &[(&str, &str)] = &[\n");
    for path in &paths {
        let name: Vec<_> = path.strip_prefix(&root).unwrap_or(path).iter().map(|part| part.to_string_lossy()).collect();
        let name = name.join("/");
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // Writing to a string cannot fail.
        let _ = writeln!(code, "    ({name:?}, {:?}),", if name.starts_with("codes/") { text } else { stripped(&text) });
    }
    code.push_str("];\n");
    // The files as they are, with the examples and notes that `purify rules` shows.
    code.push_str("/// The same with all that they say.\nstatic TEXTS: &[(&str, &str)] = &[\n");
    for path in &paths {
        let name: Vec<_> = path.strip_prefix(&root).unwrap_or(path).iter().map(|part| part.to_string_lossy()).collect();
        let _ = writeln!(code, "    ({:?}, include_str!({:?})),", name.join("/"), path.to_string_lossy());
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("rules.rs");
    fs::write(&out, code).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
}

fn collect(dir: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
}

/// `text` without examples and notes. Text that is not TOML stays as it is: loading it says what is wrong, and where.
fn stripped(text: &str) -> String {
    let Ok(mut table) = text.parse::<toml::Table>() else { return text.to_owned() };
    for rule in table.get_mut("rule").and_then(toml::Value::as_array_mut).into_iter().flatten() {
        if let Some(rule) = rule.as_table_mut() {
            for key in ["test", "docs", "verify"] {
                rule.remove(key);
            }
        }
    }
    table.remove("example");
    toml::to_string(&table).unwrap_or_else(|_| text.to_owned())
}
