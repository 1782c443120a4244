//! `purify rules`: what the rules say, whether rule files can be used, how much of a code base they move, and whether they
//! are true.

mod check;
mod coverage;
mod list;
mod verify;

use std::path::Path;

use purify_analysis::RuleSet;
use purify_analysis::rules::op::{Action, Rule};

use crate::Status;
use crate::args::{RuleFiles, RulesArgs, RulesCommand};
use crate::config::Settings;
use crate::failure::Failure;
use crate::project::{Configs, user_rules};
use crate::rules;
use crate::term::Color;

/// Runs the command.
pub fn run(args: &RulesArgs, color: Color) -> Result<Status, Failure> {
    let cwd = crate::current_dir()?;
    match &args.command {
        RulesCommand::List(args) => list::list(args, &cwd, color),
        RulesCommand::Explain(args) => list::explain(args, &cwd, color),
        RulesCommand::Check(args) => check::run(args, &cwd),
        RulesCommand::Coverage(args) => coverage::run(args, &cwd, color),
        RulesCommand::Verify(args) => verify::run(args, &cwd, color),
    }
}

/// The settings in force in `cwd`.
fn settings(files: &RuleFiles, cwd: &Path) -> Result<Settings, Failure> {
    let mut configs = Configs::new(&files.config, files.isolated, cwd)?;
    Ok(Settings::new(configs.options_above(cwd)?))
}

/// All rules that count, with their examples, aimed at the target that the settings name.
fn book(files: &RuleFiles, cwd: &Path) -> Result<RuleSet, Failure> {
    let settings = settings(files, cwd)?;
    let mut set = rules::with_examples(&user_rules(&settings, cwd)?)?;
    rules::aim(&mut set, &settings)?;
    Ok(set)
}

/// The rules whose id, API or op contains one of `texts`; all of them if there is none.
fn chosen<'r>(set: &'r RuleSet, texts: &[String]) -> Result<Vec<&'r Rule>, Failure> {
    let fits = |rule: &Rule, text: &str| {
        rule.id.contains(text) || rule.apis.iter().any(|api| api.contains(text)) || rule.op.as_ref().is_some_and(|op| op.contains(text))
    };
    let found: Vec<&Rule> = set.rules.rules.iter().filter(|rule| texts.is_empty() || texts.iter().any(|text| fits(rule, text))).collect();
    if found.is_empty() {
        let names = set.rules.rules.iter().map(|rule| &*rule.id).chain(set.rules.rules.iter().flat_map(|r| &r.apis).map(|api| &**api));
        let failure = Failure::new(format!("no rule about {}", texts.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ")));
        return Err(match texts.first().and_then(|text| crate::failure::closest(text, names)) {
            Some(near) => failure.help(format!("did you mean `{near}`? `purify rules list` shows all")),
            None => failure.help("`purify rules list` shows all"),
        });
    }
    Ok(found)
}

/// What a rule makes of its API, in a few words.
fn becomes(set: &RuleSet, rule: &Rule) -> String {
    let op = || match rule.op.as_ref().and_then(|name| set.rules.ops.get(name)) {
        Some(op) => {
            set.target.spelled(op).map_or_else(|reason| format!("refused: {reason}"), |name| format!("{}.{name}", set.target.alias))
        }
        None => "another name".to_owned(),
    };
    match &rule.action {
        Action::Call(_) | Action::Template(_) | Action::Statement(_) => op(),
        Action::Refuse(_) => "refused".to_owned(),
        Action::Drop => "removed".to_owned(),
        Action::Keep => "kept".to_owned(),
    }
}
