//! `purify report`: one HTML file for people who would rather look. It needs no network and no other file.

mod data;
mod past;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use purify_analysis::plan;
use purify_analysis::plan::inventory::Inventory;
use purify_analysis::plan::model::Plan;

use crate::Status;
use crate::args::ReportArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::paths;
use crate::project::Project;
use crate::report::{Report, count};
use crate::rewrite::eligible;
use crate::rules;
use crate::scan::{self, ForRewrite};
use crate::term::Color;

use data::{Order, Page, Site};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Runs the command.
pub fn run(args: &ReportArgs, color: Color) -> Result<Status, Failure> {
    let cwd = crate::current_dir()?;
    if args.input.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::new("a report is about files, and `-` is standard input").help("name files or folders"));
    }
    scan::set_up_threads(args.input.threads);
    let projects = scan::projects(&args.input, &cwd)?;
    let (mut report, mut sources, mut sites) = (Report::default(), Vec::new(), Vec::new());
    let mut order = Order::default();
    report.troubles = projects.troubles;
    let mut history = Vec::new();
    for project in &projects.list {
        let mut read = scan::analyze_for_rewrite(project, &args.input, &cwd)?;
        report.troubles.append(&mut read.troubles);
        let shown = read.files.iter().map(|(path, _)| paths::relative(path, &cwd)).collect();
        order.add(&plan(project, &read), |path| paths::relative(&project.root.join(path), &cwd));
        let offset = sources.len();
        report.append(Report::new(&read.analysis, shown));
        for (file, one) in read.analysis.files.into_iter().enumerate() {
            sources.push(one.source.clone());
            sites.extend(eligible(one, &project.settings).sites.into_iter().map(|site| Site { file: offset + file, site }));
        }
        // The progress is that of the first project with a committed baseline.
        if history.is_empty() && !args.no_history {
            history = past::of(&project.root);
        }
    }
    scan::tell_troubles(&report.troubles);
    let explanations = rules::embedded();
    let title = args.title.clone().unwrap_or_else(|| name_of(&cwd));
    let mut page = Page::new(&title, &now(), &report, &sources, &sites, &history, &explanations);
    page.order = order;
    let html = render(&title, &page)?;
    let file = args.output_file.clone();
    Output::new(Some(file.clone()), color).with(|out| out.write_all(html.as_bytes()))?;
    if !args.input.quiet {
        let findings = report.files.iter().map(|file| file.findings.len()).sum::<usize>();
        let what = format!("{} in {}", count(findings, "finding"), count(report.files.len(), "file"));
        // Where nobody reads it is no failure.
        let _ = writeln!(std::io::stderr(), "wrote {}: {what}", file.display());
    }
    Ok(if report.troubles.is_empty() { Status::Clean } else { Status::Error })
}

/// The plan of a project for the target of its rules.
fn plan(project: &Project, read: &ForRewrite) -> Plan {
    let settings = project.settings.options.plan.as_ref().map(|set| set.value.clone()).unwrap_or_default().settings();
    let inventory = Inventory::of_rules(&read.rules).with_names(&settings.names);
    plan::build(&plan::Input {
        files: &read.analysis.files,
        rules: &read.rules,
        policy: &read.policy,
        settings: &settings,
        inventory: &inventory,
        before: &BTreeMap::new(),
    })
}

/// The page with its data, style and script inside.
fn render(title: &str, page: &Page) -> Result<String, Failure> {
    let json = serde_json::to_string(page).map_err(|error| Failure::new(error.to_string()))?;
    // Inside a script element only `<` can end it, and JSON needs none outside strings.
    let json = json.replace('<', "\\u003c");
    let mut html = String::with_capacity(json.len() + TEMPLATE.len() + STYLE.len() + SCRIPT.len());
    let mut rest = TEMPLATE;
    while let Some(at) = rest.find("{{") {
        let (before, after) = rest.split_at(at);
        let Some(end) = after.find("}}") else { break };
        html.push_str(before);
        match &after[2..end] {
            "title" => html.push_str(&escape(title)),
            "style" => html.push_str(STYLE),
            "script" => html.push_str(SCRIPT),
            "data" => html.push_str(&json),
            other => return Err(Failure::new(format!("the template names `{other}`, which nothing fills"))),
        }
        rest = &after[end + 2..];
    }
    html.push_str(rest);
    Ok(html)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn name_of(dir: &Path) -> String {
    dir.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Today, or what `SOURCE_DATE_EPOCH` says for reproducible builds.
fn now() -> String {
    let set = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let seconds = set.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()));
    date(seconds)
}

/// The civil date of a number of seconds since 1970, by counting days in eras of 400 years that begin on 1 March.
fn date(seconds: u64) -> String {
    let days = i64::try_from(seconds / 86_400).unwrap_or(0) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(1_795_824_000), "2026-11-28");
    }

    #[test]
    fn data_cannot_end_the_script() {
        let mut page = Page::default();
        page.title = "</script><script>alert(1)".to_owned();
        let html = render(&page.title, &page).unwrap();
        assert_eq!(html.matches("</script>").count(), TEMPLATE.matches("</script>").count());
        assert!(!html.contains("<script>alert"));
    }
}
