//! Constants, syntony and the quantities near it, operators on plain values, number theory.

use num_bigint::BigInt;
use purify_resonant::operators::{self, Amplify, StateOperators};
use purify_resonant::syntony::{self, Aggregate};
use purify_resonant::{constants, number_theory};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::OrRaise;

/// exp(-m2/phi), the golden weight of a mode whose norm squared is `m2`.
#[pyfunction]
fn golden_weight(m2: f64) -> f64 {
    syntony::golden_weight(m2)
}

/// sum x**2 exp(-m2/phi) / sum x**2, between 0 and 1; 0 for all zeros.
#[pyfunction]
#[pyo3(name = "syntony")]
fn syntony_of(values: Vec<f64>, mode_norm_sq: Vec<f64>) -> PyResult<f64> {
    syntony::syntony(&values, &mode_norm_sq).py()
}

/// Several syntonies as one: "mean", "min" or "geometric"; None for an empty list.
#[pyfunction]
#[pyo3(signature = (values, how = "mean"))]
fn aggregate(values: Vec<f64>, how: &str) -> PyResult<Option<f64>> {
    let how = match how {
        "mean" => Aggregate::Mean,
        "min" => Aggregate::Min,
        "geometric" => Aggregate::Geometric,
        _ => return Err(PyValueError::new_err(format!("aggregate: {how:?} is not one of \"mean\", \"min\", \"geometric\""))),
    };
    Ok(syntony::aggregate(&values, how))
}

/// 1 - |D - HD| / (|D - I| + 1e-10), within 0 and 1.
#[pyfunction]
fn recursion_residual(input: Vec<f64>, differentiated: Vec<f64>, harmonized: Vec<f64>) -> PyResult<f64> {
    syntony::recursion_residual(&input, &differentiated, &harmonized).py()
}

/// 1 / (1 + |output - input|).
#[pyfunction]
fn state_stability(input: Vec<f64>, output: Vec<f64>) -> PyResult<f64> {
    syntony::state_stability(&input, &output).py()
}

/// 1 - entropy / log(n) of weights that are divided by their sum.
#[pyfunction]
fn concentration(weights: Vec<f64>) -> PyResult<f64> {
    syntony::concentration(&weights).py()
}

/// 1 / (1 + variance).
#[pyfunction]
fn steadiness(values: Vec<f64>) -> f64 {
    syntony::steadiness(&values)
}

/// phi * sum |c|**2 exp(-l/phi) / sum |c|**2.
#[pyfunction]
fn winding_functional(coefficients: Vec<f64>, eigenvalues: Vec<f64>) -> PyResult<f64> {
    syntony::winding_functional(&coefficients, &eigenvalues).py()
}

/// The golden weights of modes, divided by their sum.
#[pyfunction]
fn golden_measure(mode_norm_sq: Vec<f64>) -> Vec<f64> {
    syntony::golden_measure(&mode_norm_sq)
}

fn law(amplify: &str) -> PyResult<Amplify> {
    Amplify::from_name(amplify).py()
}

/// 1 + phi**-2 (1 - S) m: what differentiation multiplies a mode by; "saturating" replaces m by m/(1 + m).
#[pyfunction]
#[pyo3(signature = (m2, syntony, amplify = "sqrt"))]
fn d_gain(m2: f64, syntony: f64, amplify: &str) -> PyResult<f64> {
    Ok(operators::d_gain(m2, syntony, law(amplify)?))
}

/// 1 - S/phi (1 - exp(-m2/phi)): what harmonization multiplies a mode by.
#[pyfunction]
fn h_gain(m2: f64, syntony: f64) -> f64 {
    operators::h_gain(m2, syntony)
}

/// The gain of one cycle without noise: d_gain * h_gain.
#[pyfunction]
#[pyo3(signature = (m2, syntony, amplify = "sqrt"))]
fn r_gain(m2: f64, syntony: f64, amplify: &str) -> PyResult<f64> {
    Ok(operators::r_gain(m2, syntony, law(amplify)?))
}

/// The syntony above which a mode of radius m shrinks in a cycle.
#[pyfunction]
#[pyo3(signature = (m, amplify = "sqrt"))]
fn critical_syntony(m: f64, amplify: &str) -> PyResult<f64> {
    operators::critical_syntony(m, law(amplify)?).py()
}

/// D on a state rather than on modes: Fourier projectors and a periodic Laplacian.
#[pyfunction]
#[pyo3(signature = (state, syntony, *, alpha = 0.1, zeta = 0.01))]
fn differentiate_state(state: Vec<f64>, syntony: f64, alpha: f64, zeta: f64) -> PyResult<Vec<f64>> {
    StateOperators { alpha, zeta, ..StateOperators::default() }.differentiate(&state, syntony).py()
}

/// H on a state rather than on modes: low-pass filters, a pull to the mean and nonlinear damping.
#[pyfunction]
#[pyo3(signature = (state, syntony, moved = 0.0, *, beta = 0.618, gamma = 0.1, eta = 0.01))]
fn harmonize_state(state: Vec<f64>, syntony: f64, moved: f64, beta: f64, gamma: f64, eta: f64) -> PyResult<Vec<f64>> {
    StateOperators { beta, gamma, eta, ..StateOperators::default() }.harmonize(&state, syntony, moved).py()
}

/// The Moebius function.
#[pyfunction]
fn mobius(n: i64) -> i32 {
    number_theory::mobius(n)
}

/// Whether no square above one divides n.
#[pyfunction]
fn is_square_free(n: i64) -> bool {
    number_theory::is_square_free(n)
}

/// The sum of the Moebius function up to n.
#[pyfunction]
fn mertens(n: usize) -> i64 {
    number_theory::mertens(n)
}

/// The n-th Fibonacci number, of any size and sign of n.
#[pyfunction]
fn fibonacci(n: i64) -> BigInt {
    number_theory::fibonacci(n)
}

/// The n-th Lucas number.
#[pyfunction]
fn lucas(n: i64) -> BigInt {
    number_theory::lucas(n)
}

/// 2**(2**n) + 1.
#[pyfunction]
fn fermat(n: u32) -> PyResult<BigInt> {
    number_theory::fermat(n).py()
}

/// 2**p - 1.
#[pyfunction]
fn mersenne(p: u32) -> BigInt {
    number_theory::mersenne(p)
}

/// floor(phi*n), exact.
#[pyfunction]
fn golden_map(n: BigInt) -> BigInt {
    number_theory::golden_map(&n)
}

/// floor(n/phi), exact.
#[pyfunction]
fn golden_map_back(n: BigInt) -> BigInt {
    number_theory::golden_map_back(&n)
}

/// All integer 4-vectors of length up to max_norm, in lexicographic order.
#[pyfunction]
fn enumerate_windings(max_norm: u32) -> Vec<(i64, i64, i64, i64)> {
    number_theory::enumerate_windings(max_norm).into_iter().map(|[a, b, c, d]| (a, b, c, d)).collect()
}

/// 0 for the vacuum, else 1 + floor(log_phi of the largest component).
#[pyfunction]
fn winding_generation(state: (i64, i64, i64, i64)) -> u32 {
    number_theory::winding_generation([state.0, state.1, state.2, state.3])
}

/// Adds the functions and the constants.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    for (name, value) in [
        ("PHI", constants::PHI),
        ("PHI_INV", constants::PHI_INV),
        ("PHI_SQUARED", constants::PHI_SQUARED),
        ("PHI_INV_SQUARED", constants::PHI_INV_SQUARED),
        ("PHI_INV_CUBED", constants::PHI_INV_CUBED),
        ("SQRT5", constants::ROOT_FIVE),
        ("E_STAR", constants::E_STAR),
        ("Q_DEFICIT", constants::Q_DEFICIT),
    ] {
        m.add(name, value)?;
    }
    let structure = PyDict::new(m.py());
    for (name, n) in constants::STRUCTURE {
        structure.set_item(name, n)?;
    }
    m.add("STRUCTURE", structure)?;
    m.add_function(wrap_pyfunction!(golden_weight, m)?)?;
    m.add_function(wrap_pyfunction!(syntony_of, m)?)?;
    m.add_function(wrap_pyfunction!(aggregate, m)?)?;
    m.add_function(wrap_pyfunction!(recursion_residual, m)?)?;
    m.add_function(wrap_pyfunction!(state_stability, m)?)?;
    m.add_function(wrap_pyfunction!(concentration, m)?)?;
    m.add_function(wrap_pyfunction!(steadiness, m)?)?;
    m.add_function(wrap_pyfunction!(winding_functional, m)?)?;
    m.add_function(wrap_pyfunction!(golden_measure, m)?)?;
    m.add_function(wrap_pyfunction!(d_gain, m)?)?;
    m.add_function(wrap_pyfunction!(h_gain, m)?)?;
    m.add_function(wrap_pyfunction!(r_gain, m)?)?;
    m.add_function(wrap_pyfunction!(critical_syntony, m)?)?;
    m.add_function(wrap_pyfunction!(differentiate_state, m)?)?;
    m.add_function(wrap_pyfunction!(harmonize_state, m)?)?;
    m.add_function(wrap_pyfunction!(mobius, m)?)?;
    m.add_function(wrap_pyfunction!(is_square_free, m)?)?;
    m.add_function(wrap_pyfunction!(mertens, m)?)?;
    m.add_function(wrap_pyfunction!(fibonacci, m)?)?;
    m.add_function(wrap_pyfunction!(lucas, m)?)?;
    m.add_function(wrap_pyfunction!(fermat, m)?)?;
    m.add_function(wrap_pyfunction!(mersenne, m)?)?;
    m.add_function(wrap_pyfunction!(golden_map, m)?)?;
    m.add_function(wrap_pyfunction!(golden_map_back, m)?)?;
    m.add_function(wrap_pyfunction!(enumerate_windings, m)?)?;
    m.add_function(wrap_pyfunction!(winding_generation, m)?)
}
