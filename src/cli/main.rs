//! The `purify` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    purify_cli::run(std::env::args_os())
}
