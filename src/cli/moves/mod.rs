//! `purify move`: modules and packages get new names, and everything that names them follows.

mod others;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use purify_analysis::SourceFile;
use purify_analysis::moves::{self, Input, Outcome, Request};
use purify_analysis::rules::line_column;

use crate::Status;
use crate::args::MoveArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::paths;
use crate::project::{Configs, Project, Selection, discover};
use crate::report::count;
use crate::rewrite::{Change, Journal, diff, encode, tell};
use crate::term::{Color, Style};

/// A file of the project as it was read.
struct Read {
    path: PathBuf,
    bytes: Vec<u8>,
    source: SourceFile,
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
        return work.retire(&moves::importers_of_shims(&sources, roots));
    }
    let requests = requests(args, &cwd)?;
    let input = Input { files: &sources, roots, requests: &requests, shims: args.shims, until: args.until.as_deref() };
    let outcome = moves::work_out(&input).map_err(|refusal| Failure::new(refusal.message).help(refusal.help))?;
    work.show_or_apply(&outcome)
}

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
    let selection = Selection { force_exclude: false, no_gitignore: false, threads: 0 };
    let mut found = discover(std::slice::from_ref(&folder), &mut configs, selection, cwd)?;
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
    fn show_or_apply(&self, outcome: &Outcome) -> Result<Status, Failure> {
        let plan = self.args.plan.as_ref().map(|plan| paths::absolute(plan, self.cwd));
        let others = others::look(&self.project.root, plan.as_deref(), outcome)?;
        let changes = self.changes(outcome, &others)?;
        if self.args.apply {
            let done = Journal::new(&self.project.root).apply(&changes)?;
            tell(&done, "written or removed", self.cwd, self.args.quiet);
            if !done.skipped.is_empty() {
                return Ok(Status::Error);
            }
        } else if !self.args.quiet {
            self.show(outcome, &others)?;
        }
        let left = self.remarks(outcome, &others)?;
        Ok(if left { Status::Findings } else { Status::Clean })
    }

    /// Every file that is made, changes or goes.
    fn changes(&self, outcome: &Outcome, others: &others::Others) -> Result<Vec<Change>, Failure> {
        let root = &self.project.root;
        let mut made: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        let mut changes = Vec::new();
        for moved in &outcome.files {
            let file = &self.files[moved.file];
            let bytes = match &moved.text {
                None => file.bytes.clone(),
                Some(text) => {
                    if encode(&file.source, &file.source.text).as_ref() != Ok(&file.bytes) || file.source.notebook().is_some() {
                        return Err(Failure::new(format!("`{}` cannot be rewritten", file.source.path))
                            .because("its bytes do not survive being read and written".to_owned())
                            .help("nothing was changed; write its imports by hand, or leave it out with `extend-exclude`"));
                    }
                    encode(&file.source, text)
                        .map_err(|why| Failure::new(format!("`{}` cannot be rewritten", file.source.path)).because(why))?
                }
            };
            match &moved.path {
                None => changes.push(Change::edit(file.path.clone(), file.bytes.clone(), bytes)),
                Some(path) => {
                    made.insert(root.join(path), bytes);
                    changes.push(Change { path: file.path.clone(), before: Some(file.bytes.clone()), after: None });
                }
            }
        }
        for (path, text) in &outcome.created {
            made.insert(root.join(path), text.clone().into_bytes());
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

    fn show(&self, outcome: &Outcome, others: &others::Others) -> Result<(), Failure> {
        let style = self.output.style();
        self.output.with(|out| {
            for moved in &outcome.files {
                let file = &self.files[moved.file].source;
                if let Some(path) = &moved.path {
                    writeln!(out, "{}", style.bold(format!("{} → {path}", file.path)))?;
                }
                if let Some(text) = &moved.text {
                    diff(moved.path.as_deref().unwrap_or(&file.path), &file.text, text, style, out)?;
                }
            }
            for file in &others.moved {
                let (from, to) = (paths::relative(&file.from, &self.project.root), paths::relative(&file.to, &self.project.root));
                writeln!(out, "{}", style.bold(format!("{from} → {to}")))?;
            }
            for edited in &others.edited {
                diff(&paths::relative(&edited.path, &self.project.root), &edited.before, &edited.after, style, out)?;
            }
            for (path, text) in &outcome.created {
                diff(path, "", text, style, out)?;
            }
            Ok(())
        })?;
        let moved = outcome.files.iter().filter(|file| file.path.is_some()).count() + others.moved.len();
        let changed = outcome.files.iter().filter(|file| file.text.is_some()).count() + others.edited.len();
        let _ = writeln!(
            std::io::stderr(),
            "{} would move, {} would change, {} would be made; `--apply` does it",
            count(moved, "file"),
            count(changed, "file"),
            count(outcome.created.len(), "file")
        );
        Ok(())
    }

    /// Says what is left for a person; whether there is anything that may break.
    fn remarks(&self, outcome: &Outcome, others: &others::Others) -> Result<bool, Failure> {
        let style = self.output.style();
        self.output.with(|out| {
            for remark in &outcome.remarks {
                let source = &self.files[remark.file].source;
                let at = source.position(&source.line_index(), remark.range.start());
                line(out, style, &format!("{}:{}:{}:", source.path, at.line, at.column), &remark.text)?;
            }
            for mention in &others.mentions {
                let place = format!("{}:{}:", paths::relative(&mention.path, &self.project.root), mention.line);
                line(out, style, &place, &format!("`{}` is now `{}`", mention.old, mention.new))?;
            }
            Ok(())
        })?;
        Ok(!outcome.remarks.is_empty() || !others.mentions.is_empty())
    }

    fn retire(&self, shims: &[(usize, Vec<usize>)]) -> Result<Status, Failure> {
        let style = self.output.style();
        let shim = |index: usize| &self.files[index];
        // A shim that only other shims import goes with them.
        let is_shim = |index: &usize| shims.iter().any(|(shim, _)| shim == index);
        let (gone, kept): (Vec<_>, Vec<_>) = shims.iter().partition(|(_, importers)| importers.iter().all(is_shim));
        let changes: Vec<Change> = gone
            .iter()
            .map(|(index, _)| Change { path: shim(*index).path.clone(), before: Some(shim(*index).bytes.clone()), after: None })
            .collect();
        if self.args.apply {
            let done = Journal::new(&self.project.root).apply(&changes)?;
            tell(&done, "removed", self.cwd, self.args.quiet);
        } else {
            self.output.with(|out| gone.iter().try_for_each(|(index, _)| writeln!(out, "{} can go", shim(*index).source.path)))?;
        }
        self.output.with(|out| {
            for (index, importers) in &kept {
                let list: Vec<&str> = importers.iter().map(|file| &*self.files[*file].source.path).collect();
                line(out, style, &format!("{}:", shim(*index).source.path), &format!("still named by {}", list.join(", ")))?;
            }
            Ok(())
        })?;
        if shims.is_empty() && !self.args.quiet {
            let _ = writeln!(std::io::stderr(), "no shim in the project");
        }
        Ok(if kept.is_empty() { Status::Clean } else { Status::Findings })
    }
}

fn line(out: &mut dyn Write, style: Style, place: &str, text: &str) -> std::io::Result<()> {
    writeln!(out, "{} {text}", style.bold(place))
}
