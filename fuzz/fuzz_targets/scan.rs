//! `cargo +nightly fuzz run scan`: the whole scan of one file, with every code on.
#![no_main]

use libfuzzer_sys::fuzz_target;

const RULES_FOLDER: &str = "../rules";
include!("../check.rs");

fuzz_target!(|data: &[u8]| check(data));
