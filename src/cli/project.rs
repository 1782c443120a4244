//! From the paths of the command to projects: the files that belong together, with the configuration in force for them.
//!
//! Files whose nearest configuration is the same file are one project and are analysed together. A folder with a
//! configuration of its own inside another project is a project of its own.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{self, ConfigFile, Options, Origin, Settings};
use crate::failure::{Failure, closest};
use crate::paths;
use crate::report::Trouble;
use crate::walk::{Filter, walk};

/// Files that mark the root of a project without a configuration.
const MARKERS: [&str; 4] = ["pyproject.toml", "setup.py", "setup.cfg", ".git"];

/// Finds the configuration of folders, each read once.
#[derive(Debug)]
pub struct Configs {
    known: HashMap<PathBuf, Option<Arc<ConfigFile>>>,
    fixed: Option<Option<Arc<ConfigFile>>>,
    /// What the command line sets.
    pub command_line: Options,
}

impl Configs {
    /// `given` are the values of `--config`: a file, or settings.
    pub fn new(given: &[String], isolated: bool, cwd: &Path) -> Result<Self, Failure> {
        let (files, settings): (Vec<_>, Vec<_>) = given.iter().cloned().partition(|text| !text.contains('='));
        let mut fixed = isolated.then_some(None);
        if let [file] = &files[..] {
            fixed = Some(Some(Arc::new(config::read_file(&paths::absolute(Path::new(file), cwd))?)));
        } else if files.len() > 1 {
            return Err(Failure::new("`--config` names more than one file").help("use `extend` in one of them"));
        }
        if isolated && !files.is_empty() {
            return Err(Failure::new("`--isolated` leaves configuration files out, and `--config` names one").help("drop one of the two"));
        }
        Ok(Self { known: HashMap::new(), fixed, command_line: config::from_command_line(&settings)? })
    }

    /// The configuration of the files directly in `dir`, which is absolute: its own, or the nearest above.
    pub fn above(&mut self, dir: &Path) -> Result<Option<Arc<ConfigFile>>, Failure> {
        if let Some(fixed) = &self.fixed {
            return Ok(fixed.clone());
        }
        if let Some(known) = self.known.get(dir) {
            return Ok(known.clone());
        }
        let found = match config::in_dir(dir)? {
            Some(file) => Some(Arc::new(file)),
            None => match dir.parent() {
                Some(parent) => self.above(parent)?,
                None => None,
            },
        };
        self.known.insert(dir.to_owned(), found.clone());
        Ok(found)
    }

    /// The options in force in `dir`: those of the command line over those of the nearest file.
    pub fn options_above(&mut self, dir: &Path) -> Result<Options, Failure> {
        let file = self.above(dir)?;
        Ok(self.command_line.clone().over(file.map(|file| file.options.clone()).unwrap_or_default()))
    }
}

/// Files that are analysed together.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder that globs and module names are relative to, absolute.
    pub root: PathBuf,
    /// What is in force.
    pub settings: Settings,
    /// Absolute paths, sorted.
    pub files: Vec<PathBuf>,
}

/// What the paths of a command came to.
#[derive(Debug, Default)]
pub struct Projects {
    /// The projects, by their configuration.
    pub list: Vec<Project>,
    /// Folders that could not be read.
    pub troubles: Vec<Trouble>,
    /// What is wrong with configurations in force for files that were left out, each once.
    pub broken: Vec<Failure>,
}

/// How paths are turned into files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection {
    /// Excludes count for files named on the command line too.
    pub force_exclude: bool,
    /// Overrides the configuration.
    pub no_gitignore: bool,
    /// Threads of the walk; 0 takes as many as there are cores.
    pub threads: usize,
    /// Files in folders are left out where their configuration is broken, instead of ending the run.
    pub skip_broken: bool,
}

/// Finds the files below `inputs`.
pub fn discover(inputs: &[PathBuf], configs: &mut Configs, selection: Selection, cwd: &Path) -> Result<Projects, Failure> {
    let mut dirs: BTreeMap<Option<PathBuf>, Vec<PathBuf>> = BTreeMap::new();
    let mut found: Vec<(PathBuf, Option<PathBuf>)> = Vec::new();
    let mut bases = Vec::new();
    for input in inputs {
        let path = paths::absolute(input, cwd);
        let metadata = std::fs::metadata(&path).map_err(|error| missing(input, &path, &error))?;
        if !metadata.is_dir() && !metadata.is_file() {
            return Err(Failure::new(format!("`{}` is neither a file nor a folder", input.display()))
                .help("to scan what a pipe or a device gives, read it from standard input: `purify scan -`"));
        }
        let dir = if metadata.is_dir() { path.clone() } else { path.parent().unwrap_or(&path).to_owned() };
        let config = configs.above(&dir)?.map(|file| file.path.clone());
        bases.push(dir);
        if metadata.is_dir() {
            dirs.entry(config).or_default().push(path);
        } else {
            found.push((path, None));
        }
    }
    let mut projects = Projects::default();
    let fallback = fallback_root(&bases, cwd);
    for (config, dirs) in dirs {
        let (root, settings) = in_force(configs, &dirs[0], selection, &fallback, cwd)?;
        let walked = walk(&dirs, &filter(&root, &settings), selection.threads);
        found.extend(walked.files.into_iter().map(|file| (file, Some(config.clone().unwrap_or_default()))));
        let trouble = |error: crate::walk::WalkError| Trouble { path: paths::relative(&error.path, cwd), message: error.message };
        projects.troubles.extend(walked.errors.into_iter().map(trouble));
    }
    found.sort_unstable();
    found.dedup_by(|a, b| a.0 == b.0);
    let mut list: BTreeMap<Option<PathBuf>, Project> = BTreeMap::new();
    for (file, walked_under) in found {
        let dir = file.parent().unwrap_or(&file);
        let config = match configs.above(dir) {
            Err(failure) if selection.skip_broken && walked_under.is_some() => {
                if !projects.broken.contains(&failure) {
                    projects.broken.push(failure);
                }
                continue;
            }
            config => config?.map(|config| config.path.clone()),
        };
        if !list.contains_key(&config) {
            let (root, settings) = in_force(configs, dir, selection, &fallback, cwd)?;
            list.insert(config.clone(), Project { root, settings, files: Vec::new() });
        }
        let Some(project) = list.get_mut(&config) else { continue };
        let filter = filter(&project.root, &project.settings);
        let keep = match &walked_under {
            // The walk used the filter of an outer configuration; the file's own has the last word.
            Some(outer) if Some(outer) != config.as_ref() && config.is_some() => filter.includes(&file) && !filter.excludes_deep(&file),
            Some(_) => true,
            None => !(selection.force_exclude && filter.excludes_deep(&file)),
        };
        if keep {
            project.files.push(file);
        }
    }
    projects.list = list.into_values().filter(|project| !project.files.is_empty()).collect();
    Ok(projects)
}

/// The root and the settings for files in `dir`.
pub fn in_force(
    configs: &mut Configs,
    dir: &Path,
    selection: Selection,
    fallback: &Path,
    cwd: &Path,
) -> Result<(PathBuf, Settings), Failure> {
    let file = configs.above(dir)?;
    let root = match (&file, &configs.fixed) {
        // A file named by `--config` may lie anywhere; its globs are those of the current directory.
        (Some(_), Some(_)) => cwd.to_owned(),
        (Some(file), None) => file.root().to_owned(),
        (None, _) => fallback.to_owned(),
    };
    let mut settings = Settings::new(configs.options_above(dir)?);
    settings.respect_gitignore &= !selection.no_gitignore;
    Ok((root, settings))
}

/// The rule files of the user that `settings` name, as (path, text).
pub fn user_rules(settings: &Settings, cwd: &Path) -> Result<Vec<(String, String)>, Failure> {
    let Some(set) = &settings.options.rules else { return Ok(Vec::new()) };
    let base = match &set.origin {
        Origin::File { path, .. } => path.parent().unwrap_or(cwd),
        Origin::CommandLine => cwd,
    };
    let mut files = Vec::new();
    for folder in &set.value {
        files.extend(crate::rules::read_folder(&paths::absolute(Path::new(folder), base))?);
    }
    Ok(files)
}

/// What walks below `root` under `settings` take and leave out.
pub fn filter<'a>(root: &'a Path, settings: &'a Settings) -> Filter<'a> {
    Filter {
        root,
        include: &settings.include,
        exclude: settings.exclude.as_deref(),
        extend_exclude: &settings.extend_exclude,
        respect_gitignore: settings.respect_gitignore,
    }
}

/// The root of a project without configuration: the nearest folder with a marker, else the folder of all inputs.
fn fallback_root(bases: &[PathBuf], cwd: &Path) -> PathBuf {
    let shared = paths::common_ancestor(bases.iter().map(PathBuf::as_path)).unwrap_or_else(|| cwd.to_owned());
    let marked = shared.ancestors().find(|dir| MARKERS.iter().any(|marker| dir.join(marker).exists()));
    marked.unwrap_or(&shared).to_owned()
}

fn missing(input: &Path, path: &Path, error: &std::io::Error) -> Failure {
    let failure = Failure::new(format!("cannot find `{}`", input.display()));
    if error.kind() != std::io::ErrorKind::NotFound {
        return failure.because(crate::io_message(error));
    }
    if let Ok(target) = std::fs::read_link(path) {
        return failure.because(format!("it is a link to `{}`, which does not exist", target.display()));
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let siblings: Vec<String> = path
        .parent()
        .and_then(|parent| std::fs::read_dir(parent).ok())
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    match closest(name, siblings.iter().map(String::as_str)) {
        Some(guess) => failure.help(format!("did you mean `{}`?", input.with_file_name(guess).display())),
        None => failure.help("name files or folders that exist; without any, the current directory is scanned"),
    }
}
