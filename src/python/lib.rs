//! Python bindings of the operations: convert arguments, forward, wrap results.
//!
//! `tensor.rs`, `operators.rs` and `index.rs` are the class; `functions/` holds one file per category of the op
//! table; `resonant/` binds `purify-resonant`;
//! `convert.rs`, `buffer.rs` and `dlpack.rs` take in other objects; `cuda.rs` is what there is to say about devices. What is written in Python lies in
//! `purify/ops/`.

mod buffer;
mod convert;
mod cuda;
mod dlpack;
mod dtype;
mod error;
mod floating;
mod functions;
mod index;
#[allow(unsafe_op_in_unsafe_fn, reason = "the methods come out of a macro, where PyO3's own `unsafe` blocks are not seen")]
mod operators;
mod resonant;
mod tensor;

use pyo3::prelude::*;

/// The compiled part of `purify`.
#[pymodule]
fn _native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    error::register(m)?;
    floating::register(m)?;
    dtype::register(m)?;
    tensor::register(m)?;
    operators::register(m)?;
    functions::register(m)?;
    cuda::register(m)?;
    resonant::register(m)
}
