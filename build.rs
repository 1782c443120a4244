//! Checks the rule files and packs what they say into the executable, so that a start reads no TOML and a rule file that
//! cannot be used is found by the build.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use purify_rules::RuleSet;

fn main() {
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("rules");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort();
    let packed = RuleSet::pack(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).unwrap_or_else(|error| {
        println!("cargo::error=rules/{error}");
        process::exit(1)
    });
    let mut code = String::from("static PACKED: Packed<&'static [u8]> = Packed {\n");
    for (name, bytes) in packed.parts() {
        let path = out.join(format!("{name}.rules"));
        fs::write(&path, bytes).unwrap_or_else(|error| fail(&path, &error));
        code.push_str(&format!("    {name}: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.rules\")),\n"));
    }
    code.push_str("};\n");
    // The files as they are, with the examples and notes that `purify rules` shows.
    code.push_str("/// (path below `rules/`, text), sorted by path.\nstatic TEXTS: &[(&str, &str)] = &[\n");
    for (name, _) in &files {
        code.push_str(&format!("    ({name:?}, include_str!({:?})),\n", root.join(name).to_string_lossy()));
    }
    code.push_str("];\n");
    let path = out.join("rules.rs");
    fs::write(&path, code).unwrap_or_else(|error| fail(&path, &error));
}

/// The rule files below `dir`, as (path below `root`, text).
fn collect(dir: &Path, root: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(dir).unwrap_or_else(|error| fail(dir, &error)) {
        let path = entry.unwrap_or_else(|error| fail(dir, &error)).path();
        if path.is_dir() {
            collect(&path, root, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let name: Vec<_> = path.strip_prefix(root).unwrap_or(&path).iter().map(|part| part.to_string_lossy()).collect();
            files.push((name.join("/"), fs::read_to_string(&path).unwrap_or_else(|error| fail(&path, &error))));
        }
    }
}

fn fail(path: &Path, error: &dyn std::fmt::Display) -> ! {
    println!("cargo::error={}: {error}", path.display());
    process::exit(1)
}
