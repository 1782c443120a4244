//! `purify plan`: the roadmap off the libraries, computed from the scan.

mod diagram;
mod differences;
mod json;
mod notes;
mod roadmap;
mod since;
mod sources;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use purify_analysis::plan::inventory::Inventory;
use purify_analysis::plan::model::Plan;
use purify_analysis::plan::survey::Survey;
use purify_analysis::plan::{self, Input, diff, handwritten};

use crate::Status;
use crate::args::{PlanArgs, PlanFormat};
use crate::config::PlanSpec;
use crate::failure::Failure;
use crate::output::Output;
use crate::paths;
use crate::project::Project;
use crate::report::count;
use crate::scan::{self, ForRewrite};
use crate::term::Color;

use notes::Roadmap;
use since::Since;

/// Runs the command.
pub fn run(args: &PlanArgs, color: Color) -> Result<Status, Failure> {
    let cwd = crate::current_dir()?;
    scan::set_up_threads(args.input.threads);
    let mut projects = scan::projects(&args.input, &cwd)?;
    let project = only(&mut projects.list, &cwd)?;
    let mut troubles = projects.troubles;
    let mut read = scan::analyze_for_rewrite(&project, &args.input, &cwd)?;
    troubles.append(&mut read.troubles);
    scan::tell_troubles(&troubles);
    let spec = project.settings.options.plan.as_ref().map(|set| set.value.clone()).unwrap_or_default();
    let settings = spec.settings();
    let inventory = inventory(args, &spec, &project, &read, &cwd)?.with_names(&settings.names);
    let old = old_roadmap(args, &cwd)?;
    let mut before = old.as_ref().map(Roadmap::states).unwrap_or_default();
    let since = args.since.as_deref().map(|revision| Since::read(revision, args, &project, &cwd)).transpose()?;
    let input = Input {
        files: &read.analysis.files,
        rules: &read.rules,
        policy: &read.policy,
        settings: &settings,
        inventory: &inventory,
        before: &States::new(),
    };
    let survey = Survey::new(&input);
    if let Some(since) = &since {
        before.extend(since.states(&survey));
    }
    let plan = plan::plan_of(&survey, &Input { before: &before, ..input });
    let output = Output::new(args.output_file.clone(), color);
    let found = match &args.diff {
        Some(path) => differences(path, &survey, &plan, &inventory, args, &output, &cwd)?,
        None => {
            show(&plan, args.output_format, old.as_ref(), since.as_ref(), &output)?;
            tell(&plan, args);
            plan.items.iter().any(|item| item.regressed)
        }
    };
    Ok(match (troubles.is_empty(), found) {
        (false, _) => Status::Error,
        (true, true) => Status::Findings,
        (true, false) => Status::Clean,
    })
}

/// The one project that is planned.
fn only(projects: &mut Vec<Project>, cwd: &Path) -> Result<Project, Failure> {
    if projects.len() > 1 {
        let roots: Vec<String> = projects.iter().map(|project| format!("`{}`", paths::relative(&project.root, cwd))).collect();
        return Err(Failure::new("these paths belong to more than one project")
            .because(format!("Each of these has a configuration of its own: {}.", roots.join(", ")))
            .help("plan them one by one: `purify plan FOLDER`"));
    }
    projects.pop().ok_or_else(|| Failure::new("there is nothing to plan"))
}

fn inventory(args: &PlanArgs, spec: &PlanSpec, project: &Project, read: &ForRewrite, cwd: &Path) -> Result<Inventory, Failure> {
    let (sources, base) = if args.inventory.is_empty() {
        (spec.inventory.iter().map(|path| paths::absolute(Path::new(path), &project.root)).collect::<Vec<_>>(), &project.root)
    } else {
        (args.inventory.iter().map(|path| paths::absolute(path, cwd)).collect(), &cwd.to_owned())
    };
    if sources.is_empty() { Ok(Inventory::of_rules(&read.rules)) } else { sources::read(&sources, base) }
}

/// The roadmap of before: the one named, or the output file.
fn old_roadmap(args: &PlanArgs, cwd: &Path) -> Result<Option<Roadmap>, Failure> {
    let markdown = args.output_format == PlanFormat::Markdown && args.diff.is_none();
    let path = args.before.as_ref().or(args.output_file.as_ref().filter(|_| markdown));
    let Some(path) = path else { return Ok(None) };
    match std::fs::read_to_string(paths::absolute(path, cwd)) {
        Ok(text) => Ok(Some(Roadmap::read(&text))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && args.before.is_none() => Ok(None),
        Err(error) => Err(Failure::new(format!("cannot read the roadmap `{}`", path.display())).because(crate::io_message(&error))),
    }
}

fn show(plan: &Plan, format: PlanFormat, old: Option<&Roadmap>, since: Option<&Since>, output: &Output) -> Result<(), Failure> {
    output.with(|out| match format {
        PlanFormat::Markdown => out.write_all(roadmap::text(plan, old, since).as_bytes()),
        PlanFormat::Json => json::write(plan, since, out),
        PlanFormat::Mermaid => out.write_all(diagram::mermaid(plan).as_bytes()),
        PlanFormat::Dot => out.write_all(diagram::dot(plan).as_bytes()),
    })
}

/// One line on standard error, where the plan itself goes to a file.
fn tell(plan: &Plan, args: &PlanArgs) {
    if args.input.quiet {
        return;
    }
    let status = |name: &str| plan.totals.by_status.get(name).copied().unwrap_or(0);
    let mut line = format!(
        "{} with ties in {}, {} and about {:.0} h; {} ready, {} blocked",
        count(plan.totals.affected, "file"),
        count(plan.phases.len(), "phase"),
        count(plan.steps.len(), "step"),
        plan.totals.effort.likely,
        status("READY"),
        status("BLOCKED"),
    );
    let regressed: Vec<&str> = plan.items.iter().filter(|item| item.regressed).map(|item| item.path.as_str()).collect();
    if !regressed.is_empty() {
        line.push_str(&format!("\n{} done before and has ties again: {}", count(regressed.len(), "file"), regressed.join(", ")));
    }
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn differences(
    path: &Path,
    survey: &Survey<'_>,
    plan: &Plan,
    inventory: &Inventory,
    args: &PlanArgs,
    output: &Output,
    cwd: &Path,
) -> Result<bool, Failure> {
    let text = std::fs::read_to_string(paths::absolute(path, cwd))
        .map_err(|error| Failure::new(format!("cannot read the plan `{}`", path.display())).because(crate::io_message(&error)))?;
    let index = handwritten::Index::new(survey.files.iter().map(|file| &*file.source.path));
    let written = handwritten::read(&text, &index);
    let found = diff::compare(&written, plan, survey, inventory);
    let shown = path.to_string_lossy();
    output.with(|out| match args.output_format {
        PlanFormat::Json => differences::json(&found, &shown, out),
        _ => differences::text(&found, &shown, &written, out),
    })?;
    Ok(!found.is_empty())
}

/// States of files: whether each was done.
type States = BTreeMap<String, bool>;
