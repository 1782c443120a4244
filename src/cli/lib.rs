//! The command line as a library, so that tests and the wheel call the same entry point.
//!
//! In the order data passes through: [`args`] → [`config`] and [`project`] (which files, under which settings) →
//! [`walk`] → [`cache`] or the analyzer → [`report`] (one file per output format) → [`output`].

pub mod args;
pub mod cache;
pub mod config;
mod explain;
pub mod failure;
pub mod files;
pub mod fingerprint;
mod fixes;
mod gate;
mod moves;
pub mod output;
mod page;
pub mod paths;
mod plan;
mod progress;
pub mod project;
pub mod report;
mod rewrite;
mod rulebook;
pub mod rules;
mod scan;
#[cfg(test)]
mod schema_check;
mod server;
mod show_config;
pub mod term;
pub mod walk;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Cli, Command};
use crate::failure::Failure;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing found.
    Clean,
    /// Something found.
    Findings,
    /// Something could not be done.
    Error,
}

impl Status {
    /// The exit code of the process, the same for every command.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Error => 2,
        }
    }
}

/// Runs `purify` with `args`, the first of which is the name of the program.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are "errors" of clap too, with exit code 0. A closed pipe is not worth a word.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    std::panic::set_hook(Box::new(|fault| tell(&internal(fault))));
    let status = std::panic::catch_unwind(|| dispatch(&cli)).map_or(Status::Error, |result| {
        result.unwrap_or_else(|failure| {
            tell(&failure);
            Status::Error
        })
    });
    ExitCode::from(status.code())
}

/// What a user is told of a fault of ours; a backtrace is for us.
fn internal(fault: &std::panic::PanicHookInfo<'_>) -> Failure {
    let place = fault.location().map_or_else(String::new, |place| format!(" ({}:{})", place.file(), place.line()));
    let text = fault.payload_as_str().unwrap_or("no message");
    Failure::new(format!("purify failed: {text}{place}")).help("this is a bug; please report it with the command and, if you can, the file")
}

fn dispatch(cli: &Cli) -> Result<Status, Failure> {
    match &cli.command {
        Command::Scan(args) => scan::run(args, cli.color),
        Command::Rewrite(args) => rewrite::run(args, cli.color),
        Command::Move(args) => moves::run(args, cli.color),
        Command::Undo(args) => rewrite::undo(args),
        Command::Plan(args) => plan::run(args, cli.color),
        Command::Gate(args) => gate::run(args, cli.color),
        Command::Report(args) => page::run(args, cli.color),
        Command::Rules(args) => rulebook::run(args, cli.color),
        Command::Explain(args) => explain::run(args, cli.color).map(|()| Status::Clean),
        Command::Server(_) => server::run(),
        Command::Config(args) => show_config::run(args, cli.color).map(|()| Status::Clean),
        Command::Completions(args) => {
            // Into memory first: the generator panics where its reader has gone.
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "purify", &mut script);
            output::Output::new(None, cli.color).with(|out| out.write_all(&script)).map(|()| Status::Clean)
        }
    }
}

/// Writes `failure` to standard error.
pub(crate) fn tell(failure: &Failure) {
    tell_as(purify_analysis::Severity::Error, "error:", failure);
}

/// Writes to standard error what does not keep the run from its end.
pub(crate) fn warn(failure: &Failure) {
    tell_as(purify_analysis::Severity::Warning, "warning:", failure);
}

fn tell_as(severity: purify_analysis::Severity, word: &str, failure: &Failure) {
    let style = term::Style::new(term::Color::Auto.enabled(term::stderr_is_terminal()));
    let head = style.severity(severity, word);
    // Nobody is left to be told of a standard error that is closed.
    let _ = writeln!(std::io::stderr(), "{head} {failure}");
}

/// The folder that relative paths are relative to.
pub(crate) fn current_dir() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| Failure::new("the current directory cannot be found").because(io_message(&error)))
}

/// The text of an I/O error without the number that the operating system gives it.
pub(crate) fn io_message(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Compares `text` with the checked-in file at `path`; with `UPDATE` set, writes it.
#[cfg(test)]
pub(crate) fn checked_in(path: &str, text: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "{path} is out of date; run `UPDATE=1 cargo test` and read the diff");
}
