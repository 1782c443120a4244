//! Moving modules, packages and [symbols]: which files get another path, and what has to be written elsewhere so that every import of
//! the project still leads where it led.
//!
//! [`table`] (requests → new paths) → per file [`imports`] (statements), [`uses`] (`a.b.c` after `import a.b`), [`strings`]
//! (dotted names in strings) and [`depth`] (paths reckoned from `__file__`) → [`shim`] (modules left at the old place).
//! An edit is made only where the text as it stands would no longer lead to the same file.

mod cycles;
mod depth;
mod imports;
mod shim;
mod strings;
mod symbols;
mod table;
mod uses;

use std::sync::Arc;

use rayon::prelude::*;
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustc_hash::FxHashSet;

use crate::flow::project::Project;
use crate::plan::references::References;
use crate::source::SourceFile;
use crate::syntax::{self, Module};

pub use cycles::{Cycle, new_cycles};
pub use shim::is_shim;
pub use table::Request;
use table::Table;

/// What is moved, and what is known of the project.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Every file of the project.
    pub files: &'a [SourceFile],
    /// Configured folders of top-level modules.
    pub roots: &'a [String],
    /// What moves where.
    pub requests: &'a [Request],
    /// Leave a module at each old place that warns and passes everything on.
    pub shims: bool,
    /// The day after which shims may go, as text for people.
    pub until: Option<&'a str>,
}

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Index of the file.
    pub file: usize,
    /// Its new path, if it has one.
    pub path: Option<String>,
    /// Its new text, if it changes.
    pub text: Option<String>,
    /// For a notebook: the new text of each cell that changes, by the cell's number.
    pub cells: Vec<(usize, String)>,
}

/// A place that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Index of the file.
    pub file: usize,
    /// Where.
    pub range: TextRange,
    /// What is to be seen there, and what to write.
    pub text: String,
}

/// What moving comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The files that change or move, in the order of the input.
    pub files: Vec<Moved>,
    /// New files: path and text.
    pub created: Vec<(String, String)>,
    /// Old dotted names and paths with the new ones, for what is not Python; longest first.
    pub names: Vec<(String, String)>,
    /// Places to look at.
    pub remarks: Vec<Remark>,
    /// Folders that move as a whole, with everything in them: old and new path.
    pub folders: Vec<(String, String)>,
}

/// Why nothing can be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// What would work.
    pub help: String,
}

/// A new text for a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    range: TextRange,
    text: String,
}

impl Edit {
    fn replace(range: TextRange, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    fn insert(at: TextSize, text: impl Into<String>) -> Self {
        Self { range: TextRange::empty(at), text: text.into() }
    }
}

/// What the edits of one file are made from.
pub(crate) struct Context<'a> {
    /// Index of the file.
    pub file: u32,
    pub source: &'a SourceFile,
    pub module: &'a Module,
    pub references: &'a [References],
    pub old: &'a Project,
    pub new: &'a Project,
    pub table: &'a Table,
}

impl Context<'_> {
    fn text(&self, range: TextRange) -> &str {
        &self.source.text[range]
    }

    fn own(&self) -> &References {
        &self.references[self.file as usize]
    }
}

/// What the edits and remarks of a file are gathered in.
#[derive(Default)]
pub(crate) struct Gathered {
    edits: Vec<Edit>,
    remarks: Vec<(TextRange, String)>,
}

/// The requests for symbols, and those for modules and packages. Symbols move first, to modules as they are called before
/// those move in their turn.
pub fn parted(files: &[SourceFile], roots: &[String], requests: Vec<Request>) -> (Vec<Request>, Vec<Request>) {
    let paths: Vec<Arc<str>> = files.iter().map(|file| file.path.clone()).collect();
    let project = Project::new(paths.clone(), roots);
    requests.into_iter().partition(|request| symbols::is_symbol(&project, &paths, request))
}

/// Works out what requests for functions, classes and values come to.
pub fn work_out_symbols(input: &Input<'_>) -> Result<Outcome, Refusal> {
    symbols::work_out(input)
}

/// Works out what requests for modules and packages come to. Nothing is done by halves: a refusal moves nothing.
pub fn work_out(input: &Input<'_>) -> Result<Outcome, Refusal> {
    let paths: Vec<Arc<str>> = input.files.iter().map(|file| file.path.clone()).collect();
    let old = Project::new(paths.clone(), input.roots);
    let table = Table::new(&old, &paths, input.requests)?;
    let mut new_paths = table.paths.clone();
    new_paths.extend(table.created.iter().map(|path| Arc::from(path.as_str())));
    let new = Project::new(new_paths, input.roots);
    let modules: Vec<Module> = input.files.par_iter().map(syntax::parse).collect();
    let references: Vec<References> =
        input.files.par_iter().zip(&modules).map(|(source, module)| References::collect(source, module)).collect();
    let one = |index: usize| {
        let source = &input.files[index];
        let context = Context {
            file: u32::try_from(index).unwrap_or(u32::MAX),
            source,
            module: &modules[index],
            references: &references,
            old: &old,
            new: &new,
            table: &table,
        };
        (index, file(&context))
    };
    let gathered: Vec<(usize, Gathered)> = (0..input.files.len()).into_par_iter().map(one).collect();
    let mut outcome = Outcome { names: table.names.clone(), folders: table.folders.clone(), ..Outcome::default() };
    outcome.created.extend(table.created.iter().map(|path| (path.clone(), String::new())));
    for (index, gathered) in gathered {
        let source = &input.files[index];
        let path = (table.paths[index] != source.path).then(|| table.paths[index].to_string());
        outcome.remarks.extend(gathered.remarks.into_iter().map(|(range, text)| Remark { file: index, range, text }));
        let new = (!gathered.edits.is_empty()).then(|| edited(source, gathered.edits));
        if let Some((text, _)) = &new {
            still_parses(source, &modules[index], text)?;
        }
        if path.is_some() || new.is_some() {
            let (text, cells) = new.map_or((None, Vec::new()), |(text, cells)| (Some(text), cells));
            outcome.files.push(Moved { file: index, path, text, cells });
        }
    }
    if input.shims {
        outcome.created.extend(shim::all(input, &table, &references, &old, &new));
    }
    Ok(outcome)
}

fn file(context: &Context<'_>) -> Gathered {
    let mut gathered = Gathered::default();
    // In a file that does not parse nothing is found for sure.
    if !context.module.errors.is_empty() {
        if context.source.text.lines().any(|line| context.table.names.iter().any(|(old, _)| line.contains(old.as_str()))) {
            gathered.remarks.push((TextRange::default(), "the file does not parse and names what moves: look for it by hand".to_owned()));
        }
        return gathered;
    }
    imports::edit(context, &mut gathered);
    uses::edit(context, &mut gathered);
    strings::edit(context, &mut gathered);
    depth::edit(context, &mut gathered);
    gathered
}

/// The text of `source` with `edits` made, and for a notebook the cells that change.
fn edited(source: &SourceFile, edits: Vec<Edit>) -> (String, Vec<(usize, String)>) {
    let mut cells = Vec::new();
    for (number, range) in source.cell_ranges() {
        let inside = |edit: &&Edit| range.contains_range(edit.range) && (edit.range.start() < range.end() || range.is_empty());
        let own: Vec<Edit> =
            edits.iter().filter(inside).map(|edit| Edit { range: edit.range - range.start(), text: edit.text.clone() }).collect();
        if !own.is_empty() {
            let text = apply(&source.text[range], own);
            cells.push((number, text.strip_suffix('\n').map_or(text.clone(), str::to_owned)));
        }
    }
    (apply(&source.text, edits), cells)
}

/// `text` with `edits` made. Edits of one place keep their order, insertions first; one that overlaps the one before it is left
/// out.
fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| (edit.range.start(), !edit.range.is_empty()));
    let mut result = String::with_capacity(text.len() + 64);
    let mut at = TextSize::new(0);
    for edit in &edits {
        if edit.range.start() < at {
            continue;
        }
        result.push_str(&text[TextRange::new(at, edit.range.start())]);
        result.push_str(&edit.text);
        at = edit.range.end();
    }
    result.push_str(&text[at.to_usize()..]);
    result
}

fn still_parses(source: &SourceFile, before: &Module, text: &str) -> Result<(), Refusal> {
    let mut new = SourceFile::from_text("new.py", text);
    new.kind = source.kind;
    let after = syntax::parse(&new);
    if before.errors.is_empty() && !after.errors.is_empty() {
        return Err(Refusal {
            message: format!("the new text of `{}` would not parse", source.path),
            help: "nothing was changed; please report this with the file".to_owned(),
        });
    }
    Ok(())
}

/// The line of `offset` up to its first letter: what a statement beside the one at `offset` is indented with.
fn indent(text: &str, offset: TextSize) -> &str {
    let start = text[..offset.to_usize()].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = &text[start..offset.to_usize()];
    &line[..line.len() - line.trim_start().len()]
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Something left at an old place that warns and passes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shim {
    /// Index of its file.
    pub file: usize,
    /// Where it stands, if the file is more than that.
    pub range: Option<TextRange>,
    /// The files that still need it.
    pub importers: Vec<usize>,
}

/// The shims of a project: `purify move --retire`.
pub fn shims(files: &[SourceFile], roots: &[String]) -> Vec<Shim> {
    let old = Project::new(files.iter().map(|file| file.path.clone()).collect(), roots);
    let modules: Vec<Module> = files.par_iter().map(syntax::parse).collect();
    let references: Vec<References> = files.par_iter().zip(&modules).map(|(s, m)| References::collect(s, m)).collect();
    let graph = crate::plan::graph::Graph::new(&old, &references);
    let importers = |shim: usize| {
        let here = |file: u32| file as usize == shim;
        let edges = graph.edges.iter().filter(|edge| here(edge.to) || edge.via.is_some_and(here)).map(|edge| edge.from as usize);
        let texts = graph.texts.iter().filter(|edge| here(edge.to)).map(|edge| edge.from as usize);
        let found: FxHashSet<usize> = edges.chain(texts).filter(|file| *file != shim).collect();
        let mut found: Vec<usize> = found.into_iter().collect();
        found.sort_unstable();
        Shim { file: shim, range: None, importers: found }
    };
    let mut found: Vec<Shim> = (0..files.len()).filter(|index| is_shim(&files[*index].text)).map(importers).collect();
    let names = symbols::shim::left(files, &old, &references);
    found.extend(names.into_iter().map(|(file, range, importers)| Shim { file, range: Some(range), importers }));
    found
}

/// Whether nothing but a comment follows `node` on its line.
fn ends_line(text: &str, node: &impl Ranged) -> bool {
    let rest = &text[node.end().to_usize()..];
    let line = rest.split(['\n', '\r']).next().unwrap_or_default().trim_start();
    line.is_empty() || line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A project before and after: files as (path, text). What does not change is left out of `after`.
    fn check(before: &[(&str, &str)], moves: &[(&str, &str)], after: &[(&str, &str)]) -> Outcome {
        let files: Vec<SourceFile> = before.iter().map(|(path, text)| SourceFile::from_text(*path, *text)).collect();
        let requests: Vec<Request> = moves.iter().map(|(from, to)| Request { from: (*from).into(), to: (*to).into() }).collect();
        let outcome = work_out(&Input { files: &files, roots: &[], requests: &requests, shims: false, until: None }).unwrap();
        let mut found: Vec<(String, String)> = outcome
            .files
            .iter()
            .map(|moved| {
                let file = &files[moved.file];
                (moved.path.clone().unwrap_or_else(|| file.path.to_string()), moved.text.clone().unwrap_or_else(|| file.text.to_string()))
            })
            .chain(outcome.created.iter().cloned())
            .collect();
        found.sort();
        let mut wanted: Vec<(String, String)> = after.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        wanted.sort();
        assert_eq!(found, wanted);
        outcome
    }

    fn refused(before: &[(&str, &str)], moves: &[(&str, &str)]) -> String {
        let files: Vec<SourceFile> = before.iter().map(|(path, text)| SourceFile::from_text(*path, *text)).collect();
        let requests: Vec<Request> = moves.iter().map(|(from, to)| Request { from: (*from).into(), to: (*to).into() }).collect();
        work_out(&Input { files: &files, roots: &[], requests: &requests, shims: false, until: None }).unwrap_err().message
    }

    const INIT: (&str, &str) = ("pkg/__init__.py", "");

    #[test]
    fn imports_keep_their_style_and_the_names_they_bind() {
        check(
            &[
                INIT,
                ("pkg/old.py", "from . import other\nfrom .other import f\n"),
                ("pkg/other.py", "f = 1\n"),
                ("pkg/user.py", "from .old import a, b as c  # why\nfrom . import old, other\nfrom pkg.old import *\n"),
                ("run.py", "import pkg.old as o\nfrom pkg import old\nfrom pkg import (\n    other,\n    old as x,\n)\n"),
            ],
            &[("pkg.old", "pkg.sub.new")],
            &[
                ("pkg/sub/__init__.py", ""),
                ("pkg/sub/new.py", "from .. import other\nfrom ..other import f\n"),
                (
                    "pkg/user.py",
                    "from .sub.new import a, b as c  # why\nfrom . import other\nfrom .sub import new as old\nfrom pkg.sub.new import *\n",
                ),
                (
                    "run.py",
                    "import pkg.sub.new as o\nfrom pkg.sub import new as old\nfrom pkg import (\n    other,\n)\nfrom pkg.sub import new as x\n",
                ),
            ],
        );
    }

    #[test]
    fn what_follows_an_import_statement_changes_with_it() {
        check(
            &[
                INIT,
                ("pkg/old.py", "f = 1\n"),
                ("pkg/stays.py", "g = 1\n"),
                (
                    "run.py",
                    "import pkg.old\nimport pkg.stays\n\ndef h(x: \"pkg.old.T\"):\n    pkg = 1\n    return pkg.old\n\nprint(pkg.old.f, pkg.stays.g)\n",
                ),
            ],
            &[("pkg.old", "lib.new")],
            &[
                ("lib/__init__.py", ""),
                ("lib/new.py", "f = 1\n"),
                (
                    "run.py",
                    "import lib.new\nimport pkg.stays\n\ndef h(x: \"lib.new.T\"):\n    pkg = 1\n    return pkg.old\n\nprint(lib.new.f, pkg.stays.g)\n",
                ),
            ],
        );
    }

    #[test]
    fn a_name_that_a_package_binds_itself_is_no_submodule() {
        check(
            &[
                ("pkg/__init__.py", "from .solve import solve\n"),
                ("pkg/solve.py", "def solve(): ...\n"),
                ("run.py", "from pkg import solve\n"),
            ],
            &[("pkg.solve", "pkg.core.solve")],
            &[
                ("pkg/__init__.py", "from .core.solve import solve\n"),
                ("pkg/core/__init__.py", ""),
                ("pkg/core/solve.py", "def solve(): ...\n"),
            ],
        );
    }

    #[test]
    fn a_package_that_imports_its_own_submodule_follows_it() {
        check(
            &[
                ("pkg/__init__.py", "from . import old, other\n"),
                ("pkg/old.py", ""),
                ("pkg/other.py", "from .. import pkg\n"),
                ("run.py", "import pkg\nfrom pkg import old\npkg.other.f()\n"),
            ],
            &[("pkg.old", "pkg.sub.new")],
            &[
                ("pkg/__init__.py", "from . import other\nfrom .sub import new as old\n"),
                ("pkg/sub/__init__.py", ""),
                ("pkg/sub/new.py", ""),
                ("run.py", "import pkg\nfrom pkg.sub import new as old\npkg.other.f()\n"),
            ],
        );
    }

    #[test]
    fn packages_move_with_all_that_is_in_them() {
        check(
            &[
                INIT,
                ("pkg/a/__init__.py", "from .m import f\n"),
                ("pkg/a/m.py", "from ..util import g\nfrom . import n\n"),
                ("pkg/a/n.py", ""),
                ("pkg/util.py", "from pkg.a.m import f\n"),
            ],
            &[("pkg.a", "pkg.x.b"), ("pkg.a.n", "pkg.n")],
            &[
                ("pkg/x/__init__.py", ""),
                ("pkg/x/b/__init__.py", "from .m import f\n"),
                ("pkg/x/b/m.py", "from ...util import g\nfrom ... import n\n"),
                ("pkg/n.py", ""),
                ("pkg/util.py", "from pkg.x.b.m import f\n"),
            ],
        );
    }

    #[test]
    fn a_module_that_is_reached_through_its_package_is_imported_by_its_new_name() {
        let outcome = check(
            &[
                INIT,
                ("pkg/sub/__init__.py", "import pkg.sub.old\n"),
                ("pkg/sub/old.py", "f = 1\n"),
                ("run.py", "from pkg import sub\n\nprint(sub.old.f, sub.old)\n"),
                ("taken.py", "from pkg import sub\n\nnew = sub.old.f\n"),
            ],
            &[("pkg.sub.old", "pkg.new")],
            &[
                ("pkg/new.py", "f = 1\n"),
                ("pkg/sub/__init__.py", "import pkg.new\n"),
                ("run.py", "from pkg import sub\nfrom pkg import new\n\nprint(new.f, new)\n"),
            ],
        );
        assert_eq!(outcome.remarks.len(), 1, "{:?}", outcome.remarks);
    }

    #[test]
    fn the_cells_of_a_notebook_are_edited_one_by_one() {
        let json = r##"{"cells":[{"cell_type":"code","execution_count":null,"metadata":{},"outputs":[],"source":["%pylab\n","from pkg.old import f"]},{"cell_type":"code","execution_count":null,"metadata":{},"outputs":[],"source":["f()"]}],"metadata":{"language_info":{"name":"python"}},"nbformat":4,"nbformat_minor":2}"##;
        let files = [
            SourceFile::from_text("pkg/__init__.py", ""),
            SourceFile::from_text("pkg/old.py", ""),
            SourceFile::decode("n.ipynb", json.as_bytes()),
        ];
        let requests = [Request { from: "pkg.old".into(), to: "pkg.new".into() }];
        let outcome = work_out(&Input { files: &files, roots: &[], requests: &requests, shims: false, until: None }).unwrap();
        assert_eq!(outcome.files[1].cells, [(1, "%pylab\nfrom pkg.new import f".to_owned())]);
        assert!(outcome.remarks.is_empty(), "{:?}", outcome.remarks);
    }

    #[test]
    fn two_modules_may_swap_their_names() {
        check(
            &[INIT, ("pkg/a.py", "A = 1\n"), ("pkg/b.py", "from .a import A\n")],
            &[("pkg.a", "pkg.b"), ("pkg.b", "pkg.a")],
            &[("pkg/b.py", "A = 1\n"), ("pkg/a.py", "from .b import A\n")],
        );
    }

    #[test]
    fn strings_are_rewritten_where_they_are_names_and_pointed_out_elsewhere() {
        let outcome = check(
            &[
                INIT,
                ("pkg/old.py", ""),
                (
                    "run.py",
                    "import importlib\nimportlib.import_module('pkg.old')\n@mock.patch(\"pkg.old.f\")\ndef t(): ...\nx = 'pkg.old.f'\ny = 'pkg.older'\n",
                ),
            ],
            &[("pkg.old", "pkg.new")],
            &[
                ("pkg/new.py", ""),
                (
                    "run.py",
                    "import importlib\nimportlib.import_module('pkg.new')\n@mock.patch(\"pkg.new.f\")\ndef t(): ...\nx = 'pkg.old.f'\ny = 'pkg.older'\n",
                ),
            ],
        );
        assert_eq!(outcome.remarks.len(), 1, "{:?}", outcome.remarks);
    }

    #[test]
    fn folders_reckoned_from_the_file_stay_the_same_folders() {
        let climbs = "from pathlib import Path\nimport os\nROOT = Path(__file__).resolve().parents[1]\nHERE = Path(__file__).parent.parent\n\
                      D = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n";
        let deeper = "from pathlib import Path\nimport os\nROOT = Path(__file__).resolve().parents[2]\nHERE = Path(__file__).parent.parent.parent\n\
                      D = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))\n";
        let outcome = check(
            &[INIT, ("pkg/old.py", climbs)],
            &[("pkg.old", "pkg.sub.old")],
            &[("pkg/sub/__init__.py", ""), ("pkg/sub/old.py", deeper)],
        );
        assert!(outcome.remarks.is_empty(), "{:?}", outcome.remarks);
        let back = &[INIT, ("pkg/sub/__init__.py", ""), ("pkg/sub/old.py", deeper)];
        check(back, &[("pkg.sub.old", "pkg.old")], &[("pkg/old.py", climbs)]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let files = &[INIT, ("pkg/a.py", ""), ("pkg/b.py", "")];
        assert!(refused(files, &[("pkg.c", "pkg.d")]).contains("no module `pkg.c`"));
        assert!(refused(files, &[("pkg.a", "pkg.b")]).contains("would both be"));
        assert!(refused(files, &[("pkg.a", "pkg.a.b")]).contains("into itself"));
        assert!(refused(files, &[("pkg.a", "pkg.1")]).contains("no dotted name"));
    }

    #[test]
    fn shims_pass_names_on_and_are_known_again() {
        let files = [SourceFile::from_text("pkg/__init__.py", ""), SourceFile::from_text("pkg/old.py", "def f(): ...\n_g = 1\n")];
        let requests = [Request { from: "pkg.old".into(), to: "pkg.new".into() }];
        let input = Input { files: &files, roots: &[], requests: &requests, shims: true, until: Some("2027-01-31") };
        let outcome = work_out(&input).unwrap();
        let (path, text) = &outcome.created[0];
        assert_eq!(path, "pkg/old.py");
        assert!(is_shim(text) && text.contains("remove after 2027-01-31") && text.contains("\"f\"") && !text.contains("_g\""));
        let shimmed = [
            SourceFile::from_text("pkg/__init__.py", ""),
            SourceFile::from_text("pkg/old.py", text.as_str()),
            SourceFile::from_text("run.py", "from pkg.old import f\n"),
        ];
        assert_eq!(super::shims(&shimmed, &[]), [Shim { file: 1, range: None, importers: vec![2] }]);
    }
}
