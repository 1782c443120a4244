//! A module-level `__getattr__` at the old place, which warns and passes names on to where they are now.

use ruff_text_size::{TextRange, TextSize};

use super::{Moving, Sheet, Work};
use crate::flow::project::{Project, Resolved};
use crate::moves::Edit;
use crate::plan::graph::{Resolver, Target};
use crate::plan::references::References;

/// The line before such a function.
const BEGIN: &str = "# purify: names that have moved";
/// The line after it.
const END: &str = "# purify: end of the names that have moved";
const TABLE: &str = "    moved = {\n";

pub(super) fn gather(work: &Work<'_>, until: Option<&str>, sheets: &mut [Sheet]) {
    for (index, sheet) in sheets.iter_mut().enumerate().take(work.files.len()) {
        let file = u32::try_from(index).unwrap_or(u32::MAX);
        let names: Vec<&Moving> = work.moving.iter().filter(|moving| moving.file == file).collect();
        if !names.is_empty() {
            one(work, file, &names, until, sheet);
        }
    }
}

fn one(work: &Work<'_>, file: u32, names: &[&Moving], until: Option<&str>, sheet: &mut Sheet) {
    let text = work.text(file);
    let rows: String = names
        .iter()
        .map(|moving| format!("        \"{}\": (\"{}\", \"{}\"),\n", moving.name, work.new.name_of(moving.to), moving.new))
        .collect();
    let size = |at: usize| TextSize::try_from(at).unwrap_or_default();
    if let Some(table) = text.find(BEGIN).and_then(|begin| text[begin..].find(TABLE).map(|at| begin + at + TABLE.len())) {
        sheet.gathered.edits.push(Edit::insert(size(table), rows));
        return;
    }
    if work.references[file as usize].bound.contains_key("__getattr__") {
        let text = "the module has a `__getattr__` of its own, so no shim was written: pass the old names on there".to_owned();
        sheet.gathered.remarks.push((TextRange::default(), text));
        return;
    }
    let module = work.old.name_of(file);
    let until = until.map_or_else(String::new, |until| format!("; remove after {until}"));
    let block = format!(
        r#"{BEGIN}{until}
def __getattr__(name):
{TABLE}{rows}    }}
    if name not in moved:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    import importlib
    import warnings

    module, new = moved[name]
    warnings.warn(f"`{module}.{{name}}` has moved to `{{module}}.{{new}}`", DeprecationWarning, stacklevel=2)
    return getattr(importlib.import_module(module), new)


{END}
"#
    );
    let line = crate::moves::newline(text);
    // Before what runs the module as a program, and after all else that is put there.
    sheet.tail = Some(block.replace('\n', line));
}

/// A function of moved names: where it stands, and who still asks for one of them.
pub fn left(files: &[crate::source::SourceFile], project: &Project, references: &[References]) -> Vec<(usize, TextRange, Vec<usize>)> {
    let resolver = Resolver { project, references };
    let mut found = Vec::new();
    for (index, source) in files.iter().enumerate() {
        let Some((range, names)) = block(&source.text) else { continue };
        let file = u32::try_from(index).unwrap_or(u32::MAX);
        let asks = |other: usize| {
            let (at, own) = (u32::try_from(other).unwrap_or(u32::MAX), &references[other]);
            let imported = own.imports.iter().any(|import| {
                import.member.as_ref().is_some_and(|member| names.iter().any(|name| *name == **member))
                    && project.resolve(at, import.level, &import.module) == Some(Resolved::File(file))
            });
            let reached = own.uses.iter().any(|used| {
                (1..used.chain.len()).any(|length| {
                    names.iter().any(|name| *name == *used.chain[length])
                        && resolver.chain(at, &used.chain[..length]) == Target::Module(file)
                })
            });
            let said = own.texts.iter().any(|text| {
                let named = |name: &&str| {
                    text.text.strip_suffix(*name).and_then(|rest| rest.strip_suffix('.')) == Some(project.name_of(file).as_str())
                };
                names.iter().any(|name| named(&name.as_str()))
            });
            imported || reached || said
        };
        found.push((index, range, (0..files.len()).filter(|other| *other != index && asks(*other)).collect()));
    }
    found
}

/// Where such a function stands in `text`, and the names it knows.
pub fn block(text: &str) -> Option<(TextRange, Vec<String>)> {
    let start = text.find(BEGIN)?;
    let end = start + text[start..].find(END)? + END.len();
    let end = end + text[end..].find('\n').map_or(0, |at| at + 1);
    let rows =
        text[start..end].lines().filter_map(|line| line.strip_prefix("        \"")?.split_once("\": (\"").map(|(name, _)| name.to_owned()));
    // The blank lines before it were made with it.
    let start = text[..start].trim_end().len();
    let start = start + text[start..].find('\n').map_or(0, |at| at + 1);
    let size = |at: usize| TextSize::try_from(at).unwrap_or_default();
    Some((TextRange::new(size(start), size(end)), rows.collect()))
}
