//! The arguments of the command, and the help that teaches them.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use purify_analysis::{Confidence, Selector, Severity};

use crate::report::{Excerpts, Format};
use crate::term::Color;

const EXIT_CODES: &str = "Exit codes:
  0  nothing found (findings of severity `info` do not count)
  1  findings
  2  error: a path that does not exist, no file to look at, a broken configuration";

const SCAN_EXAMPLES: &str = "Examples:
  purify scan                                   everything below the current directory
  purify scan src tests/test_model.py           folders and files
  purify scan --statistics                      how much there is, and where
  purify scan --select imports,PUR505           only imports and device round trips
  purify scan --confidence certain              only where the value is an array on every path
  purify scan --output-format sarif --output-file purify.sarif
  cat model.py | purify scan - --stdin-filename src/model.py

Exit codes:
  0  nothing found (findings of severity `info` do not count)
  1  findings
  2  error: a path that does not exist, no file to look at, a broken configuration";

/// Find every tie to NumPy and PyTorch, plan the way off, and move the code.
#[derive(Debug, Parser)]
#[command(name = "purify", version, propagate_version = true, after_help = EXIT_CODES, max_term_width = 110)]
pub struct Cli {
    /// When to colour: auto respects NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find ties to NumPy, PyTorch and their ecosystem.
    Scan(Box<ScanArgs>),
    /// Move code to the ops module: show a diff, or write it.
    Rewrite(Box<RewriteArgs>),
    /// Move or rename modules, packages and single functions, classes or values, and all that names them: show a diff, or do it.
    Move(Box<MoveArgs>),
    /// Take the last `purify rewrite --apply` or `purify move --apply` back.
    Undo(UndoArgs),
    /// Plan the move: phases, order, what stands in the way, what it costs.
    Plan(Box<PlanArgs>),
    /// Fail only on what is new or worse than a baseline: for continuous integration.
    Gate(Box<GateArgs>),
    /// Draw one HTML page: what is left, where, and how it went.
    Report(Box<ReportArgs>),
    /// List, explain, check and verify the rules by which code moves.
    Rules(Box<RulesArgs>),
    /// Explain finding codes, each with an example that is found and one that is not.
    Explain(ExplainArgs),
    /// Serve an editor: the Language Server Protocol over standard input and output.
    Server(ServerArgs),
    /// Show the settings in force and where each was set.
    Config(ConfigArgs),
    /// Print a completion script for a shell.
    Completions(CompletionArgs),
}

/// What is looked at, and under which settings: shared by all commands that read code.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Files and folders; `-` reads standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// Path that standard input is taken to have, for its configuration and in reports.
    #[arg(long, value_name = "PATH", help_heading = "Files")]
    pub stdin_filename: Option<PathBuf>,

    /// Apply excludes to files named as arguments too (for hooks).
    #[arg(long, help_heading = "Files")]
    pub force_exclude: bool,

    /// Look at files that .gitignore names as well.
    #[arg(long, help_heading = "Files")]
    pub no_respect_gitignore: bool,

    /// Globs of files and folders to leave out besides.
    #[arg(long, value_name = "GLOB", value_delimiter = ',', help_heading = "Files")]
    pub exclude: Vec<String>,

    /// A configuration file, or a single setting (KEY=VALUE); may be repeated.
    #[arg(long, value_name = "FILE|KEY=VALUE", help_heading = "Settings")]
    pub config: Vec<String>,

    /// Leave all configuration files out.
    #[arg(long, help_heading = "Settings")]
    pub isolated: bool,

    /// Codes to report: PUR101, PUR1, round-trip, operators, ALL.
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = selector_text, help_heading = "Settings")]
    pub select: Vec<String>,

    /// Codes not to report.
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = selector_text, help_heading = "Settings")]
    pub ignore: Vec<String>,

    /// Codes to report in addition.
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = selector_text, help_heading = "Settings")]
    pub extend_select: Vec<String>,

    /// Libraries to govern in addition: scipy, pandas, jax, …
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Settings")]
    pub libraries: Vec<String>,

    /// The dialect that code moves to: purify, array-api, torch, …
    #[arg(long, value_name = "NAME", help_heading = "Settings")]
    pub target: Option<String>,

    /// Lowest confidence to report: certain (an array on every path), possible (on some path), unknown.
    #[arg(long, value_name = "LEVEL", value_parser = confidence, help_heading = "Settings")]
    pub confidence: Option<Confidence>,

    /// Leave out the inference of kinds: imports and API uses through names only.
    #[arg(long, help_heading = "Settings")]
    pub no_kinds: bool,

    /// Threads; as many as there are cores when left out.
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub threads: Option<usize>,

    /// Neither read nor write `.purify_cache`.
    #[arg(long, help_heading = "Running")]
    pub no_cache: bool,

    /// Findings only: no summary, no progress.
    #[arg(short, long, help_heading = "Running")]
    pub quiet: bool,

    /// Say what is done and how long it takes (on standard error).
    #[arg(short, long, action = ArgAction::Count, help_heading = "Running")]
    pub verbose: u8,
}

/// `purify scan`.
#[derive(Debug, Args)]
#[command(after_help = SCAN_EXAMPLES)]
pub struct ScanArgs {
    /// What to look at.
    #[command(flatten)]
    pub input: InputArgs,

    /// Lowest severity to report.
    #[arg(long, visible_alias = "severity", value_name = "LEVEL", value_parser = severity, help_heading = "Settings")]
    pub min_severity: Option<Severity>,

    /// Form of the output.
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Format,

    /// Write to this file, whole or not at all, instead of standard output.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output_file: Option<PathBuf>,

    /// Tables instead of findings: files, families, libraries, codes, directories (text or json).
    #[arg(long, help_heading = "Output")]
    pub statistics: bool,

    /// Findings shown per file in text and markdown; 0 shows all.
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = "Output")]
    pub max_per_file: usize,

    /// When text shows source excerpts; auto stops at 100 findings.
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub excerpts: Excerpts,

    /// Only list the files that would be scanned.
    #[arg(long, help_heading = "Output")]
    pub show_files: bool,

    /// Exit with 0 although there are findings.
    #[arg(long, help_heading = "Output")]
    pub exit_zero: bool,
}

const REWRITE_EXAMPLES: &str = "Examples:
  purify rewrite src                            a diff of what would change
  purify rewrite src --apply                    write it; `purify undo` takes it back
  purify rewrite src --stats                    how much of the code the rules move, and why the rest stays
  purify rewrite src --interactive --unsafe     ask about every fix, those that may change a value too
  cat a.py | purify rewrite -                   standard input to standard output

Exit codes:
  0  done (with --check: nothing would change)
  1  with --check: something would change
  2  error: a path that does not exist, no file to look at, a broken configuration";

/// `purify rewrite`.
#[derive(Debug, Args)]
#[command(after_help = REWRITE_EXAMPLES)]
pub struct RewriteArgs {
    /// What to look at.
    #[command(flatten)]
    pub input: InputArgs,

    /// Write the files. Each changes at once or not at all, and `purify undo` takes the run back.
    #[arg(long, conflicts_with_all = ["check", "interactive"], help_heading = "Rewriting")]
    pub apply: bool,

    /// Exit with 1 if anything would change.
    #[arg(long, conflicts_with = "interactive", help_heading = "Rewriting")]
    pub check: bool,

    /// Make fixes too that may change a value, a dtype or an error; each says why.
    #[arg(long = "unsafe", help_heading = "Rewriting")]
    pub unsafe_fixes: bool,

    /// Ask about every fix and write those that are taken.
    #[arg(short, long, help_heading = "Rewriting")]
    pub interactive: bool,

    /// Counts of sites by what becomes of them, instead of a diff.
    #[arg(long, help_heading = "Output")]
    pub stats: bool,

    /// List the sites that stay as well, with the reason.
    #[arg(long, conflicts_with = "stats", help_heading = "Output")]
    pub refused: bool,

    /// Form of the output.
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT", help_heading = "Output")]
    pub output_format: RewriteFormat,

    /// Write to this file, whole or not at all, instead of standard output.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output_file: Option<PathBuf>,
}

/// Forms of `purify rewrite`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RewriteFormat {
    /// A unified diff.
    Text,
    /// Every site with its outcome.
    Json,
}

/// `purify undo`.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// A folder of the project.
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,
}

const RULES_EXAMPLES: &str = "Examples:
  purify rules list numpy.mean                  what becomes of an API
  purify rules explain torch-tensor-mean        a rule with its parameters, refusals and examples
  purify rules check my_rules                   whether a folder of your own rules can be used, and its examples hold
  purify rules coverage src                     how much of the code the rules move, API by API
  purify rules verify numpy-mean                run the rule against the real NumPy

Exit codes:
  0  done
  1  check: an example does not come out as written; verify: a safe rule does not give what the library gives
  2  error: no such rule, a broken rule file, no Python to run";

/// `purify rules`.
#[derive(Debug, Args)]
#[command(after_help = RULES_EXAMPLES)]
pub struct RulesArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// What `purify rules` does.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// One line per rule.
    List(RulesListArgs),
    /// All that rules say, with their examples.
    Explain(RulesExplainArgs),
    /// Read the rule files of a folder and run their examples.
    Check(RulesCheckArgs),
    /// Call sites of a code base by what the rules make of them.
    Coverage(Box<RulesCoverageArgs>),
    /// Run rules against the library they are about: values, dtypes, shapes and errors must agree.
    Verify(RulesVerifyArgs),
}

/// Which rule files count.
#[derive(Debug, Args)]
pub struct RuleFiles {
    /// A configuration file, or a single setting (KEY=VALUE); may be repeated.
    #[arg(long, value_name = "FILE|KEY=VALUE", help_heading = "Settings")]
    pub config: Vec<String>,

    /// Leave all configuration files out.
    #[arg(long, help_heading = "Settings")]
    pub isolated: bool,
}

/// Forms of the output of `purify rules`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// For the terminal.
    Text,
    /// For programs.
    Json,
}

/// `purify rules list`.
#[derive(Debug, Args)]
pub struct RulesListArgs {
    /// Only rules whose id, API or op contains one of these.
    #[arg(value_name = "TEXT")]
    pub texts: Vec<String>,

    /// Which rule files count.
    #[command(flatten)]
    pub files: RuleFiles,

    /// Form of the output.
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub output_format: RulesFormat,
}

/// `purify rules explain`.
#[derive(Debug, Args)]
pub struct RulesExplainArgs {
    /// Ids of rules, or names of APIs.
    #[arg(value_name = "RULE", required = true)]
    pub rules: Vec<String>,

    /// Which rule files count.
    #[command(flatten)]
    pub files: RuleFiles,

    /// Form of the output.
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub output_format: RulesFormat,
}

/// `purify rules check`.
#[derive(Debug, Args)]
pub struct RulesCheckArgs {
    /// A folder laid out like `rules/` of purify; when left out, those that the configuration names and the built-in ones.
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,

    /// Which rule files count.
    #[command(flatten)]
    pub files: RuleFiles,
}

/// `purify rules coverage`.
#[derive(Debug, Args)]
pub struct RulesCoverageArgs {
    /// What to look at.
    #[command(flatten)]
    pub input: InputArgs,

    /// Every API, not the most frequent ones alone.
    #[arg(long, help_heading = "Output")]
    pub all: bool,

    /// Form of the output.
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT", help_heading = "Output")]
    pub output_format: RulesFormat,
}

/// `purify rules verify`.
#[derive(Debug, Args)]
pub struct RulesVerifyArgs {
    /// Only rules whose id, API or op contains one of these.
    #[arg(value_name = "TEXT")]
    pub texts: Vec<String>,

    /// The Python that has purify and NumPy; that of PURIFY_PYTHON or of the active environment when left out.
    #[arg(long, value_name = "FILE")]
    pub python: Option<PathBuf>,

    /// Results of PyTorch that were recorded, for rules of it where it is not installed.
    #[arg(long, value_name = "FILE")]
    pub recorded: Option<PathBuf>,

    /// Which rule files count.
    #[command(flatten)]
    pub files: RuleFiles,

    /// Form of the output.
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub output_format: RulesFormat,
}

const PLAN_EXAMPLES: &str = "Examples:
  purify plan                                   the roadmap, as Markdown
  purify plan -o PLAN.md                        write it; later: bring it up to date, with your own lines kept
  purify plan --inventory core/src -o PLAN.md   what the target can do is read from its source (.rs, .pyi, .py)
  purify plan --diff NOTES.md                   compare a plan that somebody wrote with the graph of the code
  purify plan --since v1.2                      what is done since a revision, and what came back
  purify plan --output-format dot | dot -Tsvg > plan.svg

Exit codes:
  0  done
  1  with --diff: differences; else: a file that was done has ties again
  2  error: a path that does not exist, no file to look at, a broken configuration";

/// `purify plan`.
#[derive(Debug, Args)]
#[command(after_help = PLAN_EXAMPLES)]
pub struct PlanArgs {
    /// What to look at.
    #[command(flatten)]
    pub input: InputArgs,

    /// Sources of what is moved to: Rust with PyO3, stubs, modules, or folders of them; the ops of the target when left out.
    #[arg(long, value_name = "PATH", help_heading = "Planning")]
    pub inventory: Vec<PathBuf>,

    /// Compare this plan, in Markdown, with the graph of the code.
    #[arg(long, value_name = "FILE", conflicts_with = "since", help_heading = "Planning")]
    pub diff: Option<PathBuf>,

    /// Say what changed since a git revision (its merge base with HEAD).
    #[arg(long, value_name = "REV", help_heading = "Planning")]
    pub since: Option<String>,

    /// A roadmap of before, for what is done and what came back; the output file, where it is one.
    #[arg(long, value_name = "FILE", help_heading = "Planning")]
    pub before: Option<PathBuf>,

    /// Form of the output.
    #[arg(long, value_enum, default_value = "markdown", value_name = "FORMAT", help_heading = "Output")]
    pub output_format: PlanFormat,

    /// Write to this file, whole or not at all, instead of standard output.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output_file: Option<PathBuf>,
}

/// Forms of `purify plan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// A roadmap with boxes.
    Markdown,
    /// Everything, for programs.
    Json,
    /// A diagram, for Markdown.
    Mermaid,
    /// A diagram, for Graphviz.
    Dot,
}

const GATE_EXAMPLES: &str = "Examples:
  purify gate --update                          write purify.baseline.json with what there is today
  purify gate                                   fail on findings that it does not hold
  purify gate --since origin/main               the same against a revision, without a file
  purify gate --update                          later: take out what is gone
  purify gate --output-format github --summary \"$GITHUB_STEP_SUMMARY\"

Exit codes:
  0  nothing new
  1  new findings, a budget exceeded, or (with --exact) entries whose finding is gone
  2  error: a path that does not exist, no file to look at, a broken configuration or baseline";

/// `purify gate`.
#[derive(Debug, Args)]
#[command(after_help = GATE_EXAMPLES)]
pub struct GateArgs {
    /// What to look at.
    #[command(flatten)]
    pub input: InputArgs,

    /// The baseline; purify.baseline.json beside the configuration when left out.
    #[arg(long, value_name = "FILE", help_heading = "Baseline")]
    pub baseline: Option<PathBuf>,

    /// Compare with a git revision (its merge base with HEAD) instead of a file.
    #[arg(long, value_name = "REV", conflicts_with = "baseline", help_heading = "Baseline")]
    pub since: Option<String>,

    /// Write the baseline: entries whose finding is gone are taken out, new ones need --allow-growth.
    #[arg(long, help_heading = "Baseline")]
    pub update: bool,

    /// With --update: let new findings in, for this reason, which is kept in the file.
    #[arg(long, value_name = "REASON", value_parser = reason, requires = "update", help_heading = "Baseline")]
    pub allow_growth: Option<String>,

    /// Entries whose finding is gone fail too.
    #[arg(long, help_heading = "Baseline")]
    pub exact: bool,

    /// Form in which new findings are listed.
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Format,

    /// Write to this file, whole or not at all, instead of standard output.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output_file: Option<PathBuf>,

    /// Append a page in Markdown to this file.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub summary: Option<PathBuf>,

    /// Exit with 0 although the gate is closed.
    #[arg(long, help_heading = "Output")]
    pub exit_zero: bool,
}

/// `purify explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  purify explain PUR505\n  purify explain round-trip arithmetic-operator\n  purify explain --all --output-format markdown"
)]
pub struct ExplainArgs {
    /// Codes or their names.
    #[arg(value_name = "CODE", required_unless_present = "all")]
    pub codes: Vec<String>,

    /// Every code.
    #[arg(long, conflicts_with = "codes")]
    pub all: bool,

    /// Form of the output.
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub output_format: ExplainFormat,

    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
}

/// Forms of `purify explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For the terminal.
    Text,
    /// For documents.
    Markdown,
    /// For programs.
    Json,
}

/// `purify config`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  purify config src/model.py     what is in force for a file\n  purify config --keys           every key, with its meaning and an example\n  purify config --schema         JSON schema, for editors"
)]
pub struct ConfigArgs {
    /// File or folder whose settings to show.
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,

    /// A configuration file, or a single setting (KEY=VALUE); may be repeated.
    #[arg(long, value_name = "FILE|KEY=VALUE")]
    pub config: Vec<String>,

    /// Leave all configuration files out.
    #[arg(long)]
    pub isolated: bool,

    /// List every key.
    #[arg(long)]
    pub keys: bool,

    /// Print the JSON schema of the configuration.
    #[arg(long, conflicts_with = "keys")]
    pub schema: bool,

    /// Form of the output.
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub output_format: ConfigFormat,
}

/// Forms of `purify config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ConfigFormat {
    /// TOML with comments.
    Text,
    /// For programs.
    Json,
}

/// `purify completions`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  purify completions bash > ~/.local/share/bash-completion/completions/purify")]
pub struct CompletionArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// A reason is kept for others to read.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("say why, in a few words".to_owned()) } else { Ok(text.to_owned()) }
}

/// A day, as `2027-01-31`.
fn date(text: &str) -> Result<String, String> {
    let parts: Vec<Option<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
    let (&[Some(year), Some(month), Some(day)], 10) = (parts.as_slice(), text.len()) else {
        return Err("write it as 2027-01-31".to_owned());
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => 0,
    };
    if (1..=days).contains(&day) { Ok(text.to_owned()) } else { Err("the calendar has no such day".to_owned()) }
}

fn selector_text(text: &str) -> Result<String, String> {
    let text = text.trim();
    Selector::parse(text).map(|_| text.to_owned()).or_else(|_| crate::config::selector(text).map(|_| text.to_owned()))
}

fn confidence(text: &str) -> Result<Confidence, String> {
    match text {
        "unknown" => Ok(Confidence::Unknown),
        "possible" => Ok(Confidence::Possible),
        "certain" => Ok(Confidence::Certain),
        _ => Err("use certain, possible or unknown".to_owned()),
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    match text {
        "info" => Ok(Severity::Info),
        "warning" => Ok(Severity::Warning),
        "error" => Ok(Severity::Error),
        _ => Err("use info, warning or error".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}

/// `purify server`.
#[derive(Debug, Args)]
#[command(after_help = "docs/editors.md says how to set up VS Code, Neovim and Zed.")]
pub struct ServerArgs {
    /// Speak over standard input and output; the only way there is, accepted because editors pass it.
    #[arg(long)]
    pub stdio: bool,
}

/// `purify report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What to look at.
    #[command(flatten)]
    pub input: InputArgs,

    /// Where to write the page.
    #[arg(short, long, value_name = "FILE", default_value = "purify-report.html", help_heading = "Output")]
    pub output_file: PathBuf,

    /// The heading of the page; the name of the current folder when left out.
    #[arg(long, value_name = "TEXT", help_heading = "Output")]
    pub title: Option<String>,

    /// Leave out the progress that the committed baselines show.
    #[arg(long, help_heading = "Output")]
    pub no_history: bool,
}

const MOVE_EXAMPLES: &str = "Examples:
  purify move pkg.steering pkg.hat.steering     a diff of what would change
  purify move pkg.steering pkg.hat.steering --apply --shims --until 2027-01-31
  purify move pkg.util.norm pkg.linalg.norm     a function, a class or a value, with the imports it uses
  purify move --plan moves.toml --apply         many moves at once, from [[move]] tables with `from` and `to`
  purify move --retire --apply                  remove the shims that nothing in the project imports any more

Exit codes:
  0  done
  1  places are left that a person has to look at, or shims that are still imported
  2  error: a module that does not exist, a name that is taken; nothing was changed";

/// `purify move`.
#[derive(Debug, Args)]
#[command(after_help = MOVE_EXAMPLES)]
pub struct MoveArgs {
    /// Dotted name of a module or package, or of a function, class or value in a module.
    #[arg(value_name = "FROM", requires = "to", required_unless_present_any = ["plan", "retire"])]
    pub from: Option<String>,

    /// Its new dotted name; a module that is there takes a symbol in under the name it has.
    #[arg(value_name = "TO")]
    pub to: Option<String>,

    /// Moves as TOML: `[[move]]` tables with `from` and `to`, made all at once.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub plan: Option<PathBuf>,

    /// Remove shims that nothing in the project imports any more.
    #[arg(long, conflicts_with_all = ["from", "plan", "shims"])]
    pub retire: bool,

    /// Do it, instead of showing what would change; `purify undo` takes it back.
    #[arg(long)]
    pub apply: bool,

    /// Leave something at each old place that warns and passes names on.
    #[arg(long)]
    pub shims: bool,

    /// The day after which the shims may go; written into them.
    #[arg(long, value_name = "DATE", value_parser = date, requires = "shims")]
    pub until: Option<String>,

    /// The folder of the project.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub project: PathBuf,

    /// Only say what is left for a person.
    #[arg(short, long)]
    pub quiet: bool,
}
