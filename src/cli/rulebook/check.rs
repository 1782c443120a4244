//! `purify rules check`: reads rule files and runs their examples.

use std::path::Path;

use purify_analysis::rewrite::Spelling;
use purify_analysis::rules::op::{Applicability, Example};
use purify_analysis::{Policy, Quiet, RuleSet, SourceFile, analyze};

use super::settings;
use crate::Status;
use crate::args::RulesCheckArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::project::user_rules;
use crate::report::count;
use crate::rules;
use crate::term::Color;
use crate::{paths, tell};

/// Runs the command.
pub fn run(args: &RulesCheckArgs, cwd: &Path) -> Result<Status, Failure> {
    let settings = settings(&args.files, cwd)?;
    let mut user = user_rules(&settings, cwd)?;
    let mut shown = String::new();
    if let Some(dir) = &args.dir {
        user = rules::read_folder(&paths::absolute(dir, cwd))?;
        shown = paths::relative(&paths::absolute(dir, cwd), cwd);
        if user.is_empty() {
            return Err(
                Failure::new(format!("no rule file in `{shown}`")).help("rule files end in `.toml`; rules/README.md describes them")
            );
        }
    }
    if !tell_broken(&user, &shown) {
        return Ok(Status::Error);
    }
    let set = rules::with_examples(&user)?;
    // With a folder, its own examples are at stake; without, all are.
    let own = |file: &str| args.dir.is_none() || user.iter().any(|(path, _)| path == file);
    let (mut total, mut wrong) = (0, Vec::new());
    let mine: Vec<_> = set.rules.rules.iter().filter(|rule| own(&rule.file)).collect();
    for rule in &mine {
        for example in &rule.tests {
            total += 1;
            wrong.extend(problem(example, &set).map(|text| format!("{} in {}: {text}", rule.id, rule.file)));
        }
    }
    let built_in: Vec<_> = rules::texts().filter(|(path, _)| path.starts_with("targets/")).map(|(path, _)| path).collect();
    for target in &set.targets {
        let from_user = user.iter().any(|(path, text)| path.starts_with("targets/") && text.contains(&*target.name));
        if args.dir.is_some() && !from_user || built_in.is_empty() {
            continue;
        }
        let mut aimed = set.clone();
        purify_analysis::adapt::aim(&mut aimed, &target.name, None).map_err(Failure::new)?;
        for example in &target.examples {
            total += 1;
            wrong.extend(problem(example, &aimed).map(|text| format!("target {}: {text}", target.name)));
        }
    }
    Output::new(None, Color::Never).with(|out| {
        for text in &wrong {
            writeln!(out, "{text}")?;
        }
        let verdict =
            if wrong.is_empty() { "all come out as written".to_owned() } else { format!("{} do not come out as written", wrong.len()) };
        writeln!(out, "{}, {}: {verdict}", count(mine.len(), "rule"), count(total, "example"))
    })?;
    Ok(if wrong.is_empty() { Status::Clean } else { Status::Findings })
}

/// Tells of every file that cannot be read as a rule file; `false` if there is one.
fn tell_broken(user: &[(String, String)], folder: &str) -> bool {
    let mut whole = true;
    for (path, text) in user {
        if let Err(mut error) = RuleSet::load(rules::texts().chain([(path.as_str(), text.as_str())])) {
            whole = false;
            if error.file == *path && !folder.is_empty() && folder != "." {
                error.file = format!("{folder}/{path}");
            }
            tell(&Failure::new(format!("the rule file cannot be used: {error}")).help("rules/README.md of purify describes every key"));
        }
    }
    whole
}

/// How an example does not come out as written, if it does not.
fn problem(example: &Example, set: &RuleSet) -> Option<String> {
    let after = rewritten(&example.before, set);
    let expected = example.after.as_ref().unwrap_or(&example.before);
    if after != *expected {
        let lines = similar::TextDiff::from_lines(expected, &after).unified_diff().header("expected", "got").to_string();
        return Some(format!("{}\n{lines}", example.name));
    }
    (rewritten(&after, set) != after).then(|| format!("{}: a second run changes it again", example.name))
}

/// What the rules make of a whole file.
pub fn rewritten(text: &str, set: &RuleSet) -> String {
    let policy = Policy { fixes: true, ..Policy::default() };
    let analysis = analyze(vec![SourceFile::from_text("example.py", text)], set, &policy, &Quiet);
    analysis.files.first().map_or_else(|| text.to_owned(), |file| file.rewrite(Applicability::Unsafe, &Spelling::of(&set.target)).text)
}
