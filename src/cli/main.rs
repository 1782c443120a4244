//! The `purify` command.

fn main() {}
