//! `purify move`: modules, packages and single symbols get new names or places, and everything that names them follows.

mod others;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use purify_analysis::moves::{self, Input, Outcome, Request, Shim};
use purify_analysis::rules::line_column;
use purify_analysis::{SourceFile, SourceKind};

use crate::Status;
use crate::args::MoveArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::paths;
use crate::project::{Configs, Project, Selection, discover};
use crate::report::count;
use crate::rewrite::{Change, Journal, diff, encode, replace_cells, tell};
use crate::term::{Color, Style};

/// A file of the project as it was read.
#[derive(Clone)]
struct Read {
    path: PathBuf,
    bytes: Vec<u8>,
    source: SourceFile,
}

/// The project after some moves.
struct Moves {
    /// Every file there then is, with the one it was.
    files: Vec<(Read, Option<usize>)>,
    /// Old and new names, and folders that move whole.
    outcome: Outcome,
    /// What a person has to look at: place and text.
    remarks: Vec<(String, String)>,
}

/// Runs the command.
pub fn run(args: &MoveArgs, color: Color) -> Result<Status, Failure> {
    let cwd = crate::current_dir()?;
    crate::scan::set_up_threads(None);
    let project = project(&args.project, &cwd)?;
    let files = read(&project)?;
    let sources: Vec<SourceFile> = files.iter().map(|file| file.source.clone()).collect();
    let roots = &project.settings.policy.roots;
    let work = Work { args, cwd: &cwd, project: &project, files: &files, output: Output::new(None, color) };
    if args.retire {
        return work.retire(&moves::shims(&sources, roots));
    }
    let (symbols, modules) = moves::parted(&sources, roots, requests(args, &cwd)?);
    let mut moved = Moves { files: files.iter().cloned().zip((0..).map(Some)).collect(), outcome: Outcome::default(), remarks: Vec::new() };
    for (requests, work_out) in [(symbols, moves::work_out_symbols as WorkOut), (modules, moves::work_out as WorkOut)] {
        if !requests.is_empty() {
            work.step(&requests, work_out, &mut moved)?;
        }
    }
    work.cycles(&sources, roots, &mut moved);
    work.show_or_apply(&moved)
}

type WorkOut = fn(&Input<'_>) -> Result<Outcome, moves::Refusal>;

fn requests(args: &MoveArgs, cwd: &Path) -> Result<Vec<Request>, Failure> {
    if let (Some(from), Some(to)) = (&args.from, &args.to) {
        return Ok(vec![Request { from: from.clone(), to: to.clone() }]);
    }
    let Some(plan) = &args.plan else { return Err(Failure::new("nothing to move").help("name a module and its new name, or `--plan`")) };
    let path = paths::absolute(plan, cwd);
    let failed = |why: String| Failure::new(format!("cannot use the moves in `{}`", plan.display())).because(why);
    let text = std::fs::read_to_string(&path).map_err(|error| failed(crate::io_message(&error)))?;
    let read: Result<MovesFile, _> = toml::from_str(&text);
    read.map(|file| file.moves).map_err(|error| {
        let (line, column) = line_column(&text, error.span().map_or(0, |span| span.start));
        failed(format!("line {line}, column {column}: {}", error.message())).help("write `[[move]]` tables with `from` and `to`")
    })
}

/// The file of `--plan`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct MovesFile {
    #[serde(rename = "move")]
    moves: Vec<Request>,
}

/// The project at `folder`, with all of its files.
fn project(folder: &Path, cwd: &Path) -> Result<Project, Failure> {
    let folder = paths::absolute(folder, cwd);
    let mut configs = Configs::new(&[], false, cwd)?;
    let mut found = discover(std::slice::from_ref(&folder), &mut configs, Selection::default(), cwd)?;
    if let Some(trouble) = found.troubles.first() {
        return Err(Failure::new(format!("cannot read `{}`", trouble.path))
            .because(trouble.message.clone())
            .help("a move has to see every file; nothing was changed"));
    }
    // The project of the folder itself comes first; folders with a configuration of their own are projects apart.
    found.list.sort_by_key(|project| project.root.as_os_str().len());
    if found.list.is_empty() {
        return Err(Failure::new(format!("no Python file in `{}`", folder.display())).help("`--project` names the folder of the project"));
    }
    Ok(found.list.swap_remove(0))
}

fn read(project: &Project) -> Result<Vec<Read>, Failure> {
    let one = |path: &PathBuf| {
        let unreadable = |error: std::io::Error| {
            Failure::new(format!("cannot read `{}`", path.display()))
                .because(crate::io_message(&error))
                .help("a move has to see every file; nothing was changed")
        };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let source = SourceFile::decode(paths::relative(path, &project.root), &bytes);
        Ok(Read { path: path.clone(), bytes, source })
    };
    project.files.iter().map(one).collect()
}

struct Work<'a> {
    args: &'a MoveArgs,
    cwd: &'a Path,
    project: &'a Project,
    files: &'a [Read],
    output: Output,
}

impl Work<'_> {
    /// Makes `requests` on the files as they are by now.
    fn step(&self, requests: &[Request], work_out: WorkOut, moved: &mut Moves) -> Result<(), Failure> {
        let sources: Vec<SourceFile> = moved.files.iter().map(|(file, _)| file.source.clone()).collect();
        let roots = &self.project.settings.policy.roots;
        let input = Input { files: &sources, roots, requests, shims: self.args.shims, until: self.args.until.as_deref() };
        let outcome = work_out(&input).map_err(|refusal| Failure::new(refusal.message).help(refusal.help))?;
        for remark in &outcome.remarks {
            let source = &sources[remark.file];
            let at = source.position(&source.line_index(), remark.range.start());
            let cell = at.cell.map_or_else(String::new, |cell| format!("cell {cell}:"));
            moved.remarks.push((format!("{}:{cell}{}:{}:", source.path, at.line, at.column), remark.text.clone()));
        }
        for change in &outcome.files {
            let file = &mut moved.files[change.file].0;
            if let Some(text) = &change.text {
                file.bytes = new_bytes(file, text, &change.cells)?;
            }
            if let Some(path) = &change.path {
                file.path = self.project.root.join(path);
            }
            file.source = SourceFile::decode(paths::relative(&file.path, &self.project.root), &file.bytes);
        }
        for (path, text) in &outcome.created {
            let bytes = text.clone().into_bytes();
            let source = SourceFile::decode(path.as_str(), &bytes);
            moved.files.push((Read { path: self.project.root.join(path), bytes, source }, None));
        }
        moved.outcome.names.extend(outcome.names);
        moved.outcome.folders.extend(outcome.folders);
        Ok(())
    }

    /// Tells of circles of imports that the moves make.
    fn cycles(&self, before: &[SourceFile], roots: &[String], moved: &mut Moves) {
        let after: Vec<SourceFile> = moved.files.iter().map(|(file, _)| file.source.clone()).collect();
        let origin: Vec<Option<usize>> = moved.files.iter().map(|(_, origin)| *origin).collect();
        for cycle in moves::new_cycles(before, &after, &origin, roots) {
            let source = &after[cycle.file];
            let at = source.position(&source.line_index(), cycle.range.start());
            let text = format!("a new circle of imports: `{}`", cycle.modules.join("` → `"));
            moved.remarks.push((format!("{}:{}:{}:", source.path, at.line, at.column), text));
        }
    }

    fn show_or_apply(&self, moved: &Moves) -> Result<Status, Failure> {
        let plan = self.args.plan.as_ref().map(|plan| paths::absolute(plan, self.cwd));
        let others = others::look(&self.project.root, plan.as_deref(), &moved.outcome)?;
        let changes = self.changes(moved, &others)?;
        if self.args.apply {
            let done = Journal::new(&self.project.root).apply(&changes)?;
            tell(&done, "written or removed", self.cwd, self.args.quiet);
            if !done.skipped.is_empty() {
                return Ok(Status::Error);
            }
        } else if !self.args.quiet {
            self.show(moved, &others)?;
        }
        let left = self.remarks(moved, &others)?;
        Ok(if left { Status::Findings } else { Status::Clean })
    }

    /// Every file that is made, changes or goes.
    fn changes(&self, moved: &Moves, others: &others::Others) -> Result<Vec<Change>, Failure> {
        let mut made: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        let mut changes = Vec::new();
        for (now, origin) in &moved.files {
            match origin.map(|index| &self.files[index]) {
                Some(before) if before.path == now.path && before.bytes == now.bytes => {}
                Some(before) if before.path == now.path => {
                    changes.push(Change::edit(now.path.clone(), before.bytes.clone(), now.bytes.clone()));
                }
                Some(before) => {
                    made.insert(now.path.clone(), now.bytes.clone());
                    changes.push(Change { path: before.path.clone(), before: Some(before.bytes.clone()), after: None });
                }
                None => drop(made.insert(now.path.clone(), now.bytes.clone())),
            }
        }
        for file in &others.moved {
            made.insert(file.to.clone(), file.bytes.clone());
            changes.push(Change { path: file.from.clone(), before: Some(file.bytes.clone()), after: None });
        }
        for edited in &others.edited {
            changes.push(Change::edit(edited.path.clone(), edited.before.clone().into_bytes(), edited.after.clone().into_bytes()));
        }
        // A file that goes where another one leaves is that file with new bytes.
        for change in &mut changes {
            if change.after.is_none()
                && let Some(bytes) = made.remove(&change.path)
            {
                change.after = Some(bytes);
            }
        }
        if let Some(taken) = made.keys().find(|path| path.exists()) {
            return Err(Failure::new(format!("`{}` exists already", paths::relative(taken, self.cwd)))
                .because("it is not part of what moves".to_owned())
                .help("choose a name that is free; nothing was changed"));
        }
        changes.extend(made.into_iter().map(|(path, bytes)| Change { path, before: None, after: Some(bytes) }));
        Ok(changes)
    }

    fn show(&self, moved: &Moves, others: &others::Others) -> Result<(), Failure> {
        let style = self.output.style();
        let (mut went, mut changed, mut made) = (others.moved.len(), others.edited.len(), 0);
        self.output.with(|out| {
            for (now, origin) in &moved.files {
                let Some(before) = origin.map(|index| &self.files[index]) else { continue };
                if before.path != now.path {
                    went += 1;
                    writeln!(out, "{}", style.bold(format!("{} → {}", before.source.path, now.source.path)))?;
                }
                if before.source.text != now.source.text {
                    changed += 1;
                    diff(&now.source.path, &before.source.text, &now.source.text, style, out)?;
                }
            }
            for file in &others.moved {
                let (from, to) = (paths::relative(&file.from, &self.project.root), paths::relative(&file.to, &self.project.root));
                writeln!(out, "{}", style.bold(format!("{from} → {to}")))?;
            }
            for edited in &others.edited {
                diff(&paths::relative(&edited.path, &self.project.root), &edited.before, &edited.after, style, out)?;
            }
            for (now, _) in moved.files.iter().filter(|(_, origin)| origin.is_none()) {
                made += 1;
                diff(&now.source.path, "", &now.source.text, style, out)?;
            }
            Ok(())
        })?;
        let _ = writeln!(
            std::io::stderr(),
            "{} would move, {} would change, {} would be made; `--apply` does it",
            count(went, "file"),
            count(changed, "file"),
            count(made, "file")
        );
        Ok(())
    }

    /// Says what is left for a person; whether there is anything that may break.
    fn remarks(&self, moved: &Moves, others: &others::Others) -> Result<bool, Failure> {
        let style = self.output.style();
        self.output.with(|out| {
            for (place, text) in &moved.remarks {
                line(out, style, place, text)?;
            }
            for mention in &others.mentions {
                let place = format!("{}:{}:", paths::relative(&mention.path, &self.project.root), mention.line);
                line(out, style, &place, &format!("`{}` is now `{}`", mention.old, mention.new))?;
            }
            Ok(())
        })?;
        Ok(!moved.remarks.is_empty() || !others.mentions.is_empty())
    }

    fn retire(&self, shims: &[Shim]) -> Result<Status, Failure> {
        let style = self.output.style();
        let shown = |shim: &Shim| &self.files[shim.file].source.path;
        // A shim that only other shims import goes with them.
        let is_shim = |index: &usize| shims.iter().any(|shim| shim.file == *index && shim.range.is_none());
        let (gone, kept): (Vec<_>, Vec<_>) = shims.iter().partition(|shim| shim.importers.iter().all(is_shim));
        let mut changes = Vec::new();
        for shim in &gone {
            let file = &self.files[shim.file];
            let after = match shim.range {
                None => None,
                Some(range) => {
                    let text = &file.source.text;
                    let rest = format!("{}{}", &text[..range.start().to_usize()], &text[range.end().to_usize()..]);
                    Some(new_bytes(file, &rest, &[])?)
                }
            };
            changes.push(Change { path: file.path.clone(), before: Some(file.bytes.clone()), after });
        }
        if self.args.apply {
            let done = Journal::new(&self.project.root).apply(&changes)?;
            tell(&done, "removed or rid of shims", self.cwd, self.args.quiet);
        } else {
            self.output.with(|out| {
                gone.iter().try_for_each(|shim| match shim.range {
                    None => writeln!(out, "{} can go", shown(shim)),
                    Some(_) => writeln!(out, "{}: the names that have moved can go", shown(shim)),
                })
            })?;
        }
        self.output.with(|out| {
            for shim in &kept {
                let list: Vec<&str> = shim.importers.iter().map(|file| &*self.files[*file].source.path).collect();
                line(out, style, &format!("{}:", shown(shim)), &format!("still named by {}", list.join(", ")))?;
            }
            Ok(())
        })?;
        if shims.is_empty() && !self.args.quiet {
            let _ = writeln!(std::io::stderr(), "no shim in the project");
        }
        Ok(if kept.is_empty() { Status::Clean } else { Status::Findings })
    }
}

/// `file` with a new text, or new texts of its cells, in its own encoding.
fn new_bytes(file: &Read, text: &str, cells: &[(usize, String)]) -> Result<Vec<u8>, Failure> {
    let cannot = || Failure::new(format!("`{}` cannot be rewritten", file.source.path));
    if file.source.kind == SourceKind::Notebook {
        let json = std::str::from_utf8(&file.bytes).map_err(|error| cannot().because(error.to_string()))?;
        return replace_cells(json, cells).map(String::into_bytes).map_err(|why| cannot().because(why));
    }
    if encode(&file.source, &file.source.text).as_ref() != Ok(&file.bytes) {
        return Err(cannot()
            .because("its bytes do not survive being read and written".to_owned())
            .help("nothing was changed; write its imports by hand, or leave it out with `extend-exclude`"));
    }
    encode(&file.source, text).map_err(|why| cannot().because(why))
}

fn line(out: &mut dyn Write, style: Style, place: &str, text: &str) -> std::io::Result<()> {
    writeln!(out, "{} {text}", style.bold(place))
}
