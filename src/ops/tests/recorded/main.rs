//! Replays calls whose results were recorded from NumPy, SciPy and torch (`tests/data/record_*.py`).

mod case;
mod core;
mod fft;
mod linalg;
mod nn;

use case::{Case, load};

/// Runs every case of a file and reports all that differ.
fn replay(file: &str, call: impl Fn(&Case) -> purify_ops::Result<Vec<purify_ops::Tensor>>) {
    let cases = load(file);
    let failures: Vec<String> = cases
        .iter()
        .enumerate()
        .filter_map(|(i, case)| case.check(call(case)).err().map(|e| format!("{file} {}: {} {e}", i + 2, case.describe())))
        .collect();
    assert!(failures.is_empty(), "{} of {} cases differ:\n{}", failures.len(), cases.len(), failures.join("\n"));
    assert!(cases.len() > 100, "{file} holds only {} cases", cases.len());
}

#[test]
fn the_core_agrees_with_numpy() {
    replay("core.json", core::call);
}

#[test]
fn linalg_agrees_with_numpy() {
    replay("linalg.json", linalg::call);
}

#[test]
fn fft_agrees_with_numpy() {
    replay("fft.json", fft::call);
}

#[test]
fn nn_agrees_with_torch() {
    replay("nn.json", nn::call);
}
