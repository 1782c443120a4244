//! The functions of the namespace, one file per category.

mod creation;
mod data_types;
mod elementwise;
mod fft;
mod io;
mod linalg;
mod manipulation;
mod nn;
mod random;
mod searching;
mod statistical;

use pyo3::prelude::*;

/// Adds all functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    creation::register(m)?;
    data_types::register(m)?;
    elementwise::register(m)?;
    manipulation::register(m)?;
    searching::register(m)?;
    statistical::register(m)?;
    linalg::register(m)?;
    fft::register(m)?;
    nn::register(m)?;
    io::register(m)?;
    random::register(m)
}
