//! What changed since a revision: the plan of that time beside the plan of today.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use purify_analysis::plan::inventory::Inventory;
use purify_analysis::plan::settings::Settings;
use purify_analysis::plan::survey::Survey;
use purify_analysis::plan::{self, Input};
use purify_analysis::{Policy, Quiet, SourceFile, analyze};
use serde::Serialize;

use super::States;
use crate::args::PlanArgs;
use crate::failure::Failure;
use crate::gate::history;
use crate::paths;
use crate::project::{Project, filter, user_rules};
use crate::rules;

/// The state of the project at a revision.
#[derive(Clone, Debug, Serialize)]
pub struct Since {
    /// The revision.
    pub revision: String,
    /// Files with ties at that time, with the number of their findings.
    pub affected: BTreeMap<String, usize>,
    /// Files without.
    #[serde(skip)]
    clean: BTreeSet<String>,
}

/// What happened to the files since.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Files that lost their ties.
    pub done: Vec<String>,
    /// Files with ties that are gone.
    pub gone: Vec<String>,
    /// Files that had no ties and have some.
    pub regressed: Vec<String>,
    /// New files with ties.
    pub new: Vec<String>,
    /// Findings then and now.
    pub findings: (usize, usize),
}

impl Since {
    /// Reads and analyses the files of `revision`.
    pub fn read(revision: &str, args: &PlanArgs, project: &Project, cwd: &Path) -> Result<Self, Failure> {
        let top = history::top_level(&project.root)?;
        let inputs: Vec<PathBuf> = args.input.paths.iter().map(|path| paths::absolute(path, cwd)).collect();
        let filter = filter(&project.root, &project.settings);
        let wanted = |path: &str| {
            let full = top.join(path);
            let python = ["py", "pyi", "pyw", "ipynb"].iter().any(|known| full.extension().is_some_and(|extension| extension == *known));
            python && inputs.iter().any(|input| full.starts_with(input)) && filter.includes(&full) && !filter.excludes_deep(&full)
        };
        let files = history::files_at(&top, revision, &wanted)?;
        let sources: Vec<SourceFile> =
            files.iter().map(|(path, bytes)| SourceFile::decode(paths::relative(&top.join(path), &project.root), bytes)).collect();
        let rules = rules::all(&user_rules(&project.settings, cwd)?)?;
        let policy = Policy { fixes: true, ..project.settings.policy.clone() };
        let analysis = analyze(sources, &rules, &policy, &Quiet);
        let settings = Settings::default();
        // Whether a file has ties does not depend on what the target lacks.
        let inventory = Inventory::of_rules(&rules);
        let before = BTreeMap::new();
        let input =
            Input { files: &analysis.files, rules: &rules, policy: &policy, settings: &settings, inventory: &inventory, before: &before };
        let plan = plan::build(&input);
        Ok(Self {
            revision: revision.to_owned(),
            affected: plan.items.iter().map(|item| (item.path.clone(), item.findings.values().sum())).collect(),
            clean: plan.clean.into_iter().collect(),
        })
    }

    /// The files of that time for the plan of today: those with ties, and those without that have some now.
    pub fn states(&self, survey: &Survey<'_>) -> States {
        let mut states: States = self.affected.keys().map(|path| (path.clone(), false)).collect();
        // A file that never had ties is no news while it has none.
        let tied = survey.files.iter().zip(&survey.affected).filter(|(_, affected)| **affected).map(|(file, _)| &*file.source.path);
        states.extend(tied.filter(|path| self.clean.contains(*path)).map(|path| (path.to_owned(), true)));
        states
    }

    /// What changed until `plan`.
    pub fn change(&self, plan: &plan::model::Plan) -> Change {
        use plan::model::Status;
        let mut change = Change {
            findings: (self.affected.values().sum(), plan.items.iter().flat_map(|item| item.findings.values()).sum()),
            ..Change::default()
        };
        for item in &plan.items {
            let before = self.affected.contains_key(&item.path);
            match item.status {
                Status::Done if before => change.done.push(item.path.clone()),
                Status::Absent if before => change.gone.push(item.path.clone()),
                Status::Ready | Status::Blocked | Status::Delete if !before => {
                    let list = if self.clean.contains(&item.path) { &mut change.regressed } else { &mut change.new };
                    list.push(item.path.clone());
                }
                _ => {}
            }
        }
        change
    }
}
