//! The thread that analyses: the projects of the open documents, with their text in place of what lies on disk.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use purify_analysis::{Analysis, FileReport, Policy, Quiet, RuleSet, SourceFile, analyze};
use rayon::prelude::*;

use crate::config::Settings;
use crate::failure::Failure;
use crate::paths;
use crate::project::{Configs, Project, Selection, discover, filter, in_force, user_rules};
use crate::rules;

/// The text of an open document.
#[derive(Clone, Debug)]
pub struct Open {
    /// The editor's count of its states.
    pub version: i32,
    /// The text, which may not be saved.
    pub text: Arc<str>,
}

/// What to analyse.
pub struct Job {
    /// The folders that the editor has open.
    pub folders: Vec<PathBuf>,
    /// The documents, by path.
    pub open: BTreeMap<PathBuf, Open>,
}

/// What a job gave.
pub struct Outcome {
    /// Each open document with its version; nothing where the settings leave it out.
    pub files: HashMap<PathBuf, (i32, Option<Analysed>)>,
    /// Why there is no more, such as a broken configuration.
    pub failure: Option<String>,
}

/// An analysed project.
pub struct ProjectAnalysis {
    /// Absolute paths of the files of `analysis`.
    pub paths: Vec<PathBuf>,
    /// What was found, sites of rewrites included.
    pub analysis: Analysis,
    /// The rules it was made with.
    pub rules: Arc<RuleSet>,
    /// The settings in force.
    pub settings: Settings,
}

/// A file of an analysed project.
#[derive(Clone)]
pub struct Analysed {
    /// The project.
    pub project: Arc<ProjectAnalysis>,
    /// Which of its files.
    pub file: usize,
}

impl Analysed {
    /// The file's own report.
    pub fn report(&self) -> &FileReport {
        &self.project.analysis.files[self.file]
    }
}

/// Starts the worker: jobs go in, outcomes come out, in order.
pub fn start() -> Result<(Sender<Job>, Receiver<Outcome>), Failure> {
    let (jobs, received) = bounded::<Job>(1);
    let (done, outcomes) = unbounded();
    let work = move || {
        let mut known = Loaded::default();
        for job in received {
            if done.send(perform(&job, &mut known)).is_err() {
                break;
            }
        }
    };
    // The walks over deeply nested code need more stack than threads have by default.
    let spawned = std::thread::Builder::new().name("analysis".to_owned()).stack_size(16 << 20).spawn(work);
    spawned.map_err(|error| Failure::new("cannot start a thread").because(crate::io_message(&error)))?;
    Ok((jobs, outcomes))
}

/// The rules last used, with what went into them.
#[derive(Default)]
struct Loaded(Option<(Ingredients, Arc<RuleSet>)>);

/// The rule files of the user's own, and the settings that rules depend on.
type Ingredients = (Vec<(String, String)>, String);

impl Loaded {
    fn rules(&mut self, project: &Project) -> Result<Arc<RuleSet>, Failure> {
        let options = &project.settings.options;
        let user = user_rules(&project.settings, &project.root)?;
        let ingredients = (user, format!("{:?} {:?} {:?}", options.target, options.ops_module, options.operators));
        if let Some((known, rules)) = &self.0
            && *known == ingredients
        {
            return Ok(rules.clone());
        }
        let mut rules = rules::all(&ingredients.0)?;
        rules::aim(&mut rules, &project.settings)?;
        let rules = Arc::new(rules);
        self.0 = Some((ingredients, rules.clone()));
        Ok(rules)
    }
}

fn perform(job: &Job, loaded: &mut Loaded) -> Outcome {
    let mut files: HashMap<PathBuf, (i32, Option<Analysed>)> =
        job.open.iter().map(|(path, open)| (path.clone(), (open.version, None))).collect();
    let mut failure = None;
    match projects(job) {
        Err(error) => failure = Some(error.to_string()),
        Ok(projects) => {
            for project in &projects {
                match analysed(project, job, loaded) {
                    Err(error) => failure = Some(error.to_string()),
                    Ok(project) => {
                        let project = Arc::new(project);
                        for (file, path) in project.paths.iter().enumerate() {
                            if let Some((_, analysed)) = files.get_mut(path) {
                                *analysed = Some(Analysed { project: project.clone(), file });
                            }
                        }
                    }
                }
            }
        }
    }
    Outcome { files, failure }
}

/// The projects that hold an open document.
fn projects(job: &Job) -> Result<Vec<Project>, Failure> {
    let selection = Selection { force_exclude: true, ..Selection::default() };
    let inside = |path: &Path| job.folders.iter().any(|folder| path.starts_with(folder));
    let mut inputs: Vec<PathBuf> = job.folders.iter().filter(|folder| folder.is_dir()).cloned().collect();
    // Without a folder around it, a document is a project of its own.
    inputs.extend(job.open.keys().filter(|path| !inside(path) && path.is_file()).cloned());
    let cwd = inputs.first().cloned().unwrap_or_default();
    let mut configs = Configs::new(&[], false, &cwd)?;
    let mut projects = discover(&inputs, &mut configs, selection, &cwd)?.list;
    let listed: HashSet<PathBuf> = projects.iter().flat_map(|project| project.files.iter().cloned()).collect();
    for path in job.open.keys().filter(|path| !listed.contains(*path) && !path.exists()) {
        // Not saved yet: it belongs where it would be saved.
        let dir = path.parent().unwrap_or(path);
        let (root, settings) = in_force(&mut configs, dir, selection, dir, &cwd)?;
        let rules = filter(&root, &settings);
        if !rules.includes(path) || rules.excludes_deep(path) {
            continue;
        }
        match projects.iter_mut().filter(|project| path.starts_with(&project.root)).max_by_key(|project| project.root.as_os_str().len()) {
            Some(project) => project.files.push(path.clone()),
            None => projects.push(Project { root, settings, files: vec![path.clone()] }),
        }
    }
    projects.retain(|project| project.files.iter().any(|file| job.open.contains_key(file)));
    Ok(projects)
}

fn analysed(project: &Project, job: &Job, loaded: &mut Loaded) -> Result<ProjectAnalysis, Failure> {
    let rules = loaded.rules(project)?;
    let read = |path: &PathBuf| {
        let name = paths::relative(path, &project.root);
        let source = match job.open.get(path) {
            // What the editor sends is decoded; a notebook opened as text is still one.
            Some(open) if path.extension().is_some_and(|extension| extension == "ipynb") => SourceFile::decode(name, open.text.as_bytes()),
            Some(open) => SourceFile::from_text(name, open.text.clone()),
            None => SourceFile::decode(name, &std::fs::read(path).ok()?),
        };
        Some((path.clone(), source))
    };
    let (paths, sources): (Vec<_>, Vec<_>) = project.files.par_iter().filter_map(read).unzip();
    let policy = Policy { fixes: true, ..project.settings.policy.clone() };
    let analysis = analyze(sources, &rules, &policy, &Quiet);
    Ok(ProjectAnalysis { paths, analysis, rules, settings: project.settings.clone() })
}
