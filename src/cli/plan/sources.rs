//! Reads the sources that say what the target can do.

use std::path::{Path, PathBuf};

use purify_analysis::plan::inventory::Inventory;

use crate::failure::Failure;
use crate::paths;

/// The inventory of `sources`, which are absolute: files, and folders of them. Folders of Rust hold what PyO3 binds; folders
/// of Python are packages. Paths are told relative to `base`.
pub fn read(sources: &[PathBuf], base: &Path) -> Result<Inventory, Failure> {
    let mut files: Vec<(String, String)> = Vec::new();
    let mut places: Vec<PathBuf> = Vec::new();
    for source in sources {
        let found = if source.is_dir() { below(source)? } else { vec![(name(source), source.clone())] };
        if found.is_empty() {
            return Err(Failure::new(format!("no source in `{}`", paths::relative(source, base)))
                .because("Rust (.rs), stubs (.pyi) and modules (.py) are read.")
                .help("name the folder that holds the bindings, or the stub"));
        }
        for (shown, path) in found {
            let text = std::fs::read_to_string(&path).map_err(|error| {
                Failure::new(format!("cannot read the target's source `{}`", paths::relative(&path, base)))
                    .because(crate::io_message(&error))
            })?;
            files.push((shown, text));
            places.push(path);
        }
    }
    let mut inventory = Inventory::read(&files).map_err(|error| {
        let place = files.iter().position(|(shown, _)| *shown == error.file).map(|index| paths::relative(&places[index], base));
        let place = place.unwrap_or_else(|| error.file.clone());
        Failure::new(format!("{place}:{}:{}: the target's source cannot be read: {}", error.line, error.column, error.message))
    })?;
    inventory.sources = sources.iter().map(|source| paths::relative(source, base)).collect();
    if inventory.names.is_empty() {
        return Err(Failure::new(format!("nothing is offered by {}", inventory.sources.join(", ")))
            .because("Of Rust, `#[pyfunction]`, `#[pyclass]` and `#[pymethods]` count; of Python, public names.")
            .help("name the file that defines what Python sees"));
    }
    Ok(inventory)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The sources below a folder: (path relative to it, path). A module that has a stub is spoken for by the stub.
fn below(folder: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut files = Vec::new();
    for entry in ignore::WalkBuilder::new(folder).build() {
        let entry =
            entry.map_err(|error| Failure::new(format!("cannot read the folder `{}`", folder.display())).because(error.to_string()))?;
        let path = entry.path();
        let wanted = path.extension().is_some_and(|extension| ["rs", "pyi", "py"].iter().any(|known| extension == *known));
        if wanted && path.is_file() {
            let shown = format!("./{}", paths::slashes(path.strip_prefix(folder).unwrap_or(path)));
            files.push((shown, path.to_owned()));
        }
    }
    files.sort();
    let stubs: std::collections::HashSet<String> =
        files.iter().filter_map(|(shown, _)| shown.strip_suffix(".pyi").map(str::to_owned)).collect();
    files.retain(|(shown, _)| shown.strip_suffix(".py").is_none_or(|stem| !stubs.contains(stem)));
    Ok(files)
}
