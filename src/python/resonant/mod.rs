//! Bindings of `purify-resonant`: `purify._native._resonant`, which `purify.resonant` puts a Python package around.

mod evolve;
mod exact;
mod quantities;
mod shape;
mod tensor;

use purify_resonant::Error;
use pyo3::exceptions::{PyIndexError, PyOverflowError, PyRuntimeError, PyValueError, PyZeroDivisionError};
use pyo3::prelude::*;

use crate::error::exception;

pyo3::create_exception!(purify.resonant, ShapeError, PyValueError, "Shapes or lengths that do not fit.");
pyo3::create_exception!(
    purify.resonant,
    InvalidPhaseError,
    PyRuntimeError,
    "A tensor in flux where a crystallized one is needed, or the other way round."
);
pyo3::create_exception!(purify.resonant, DeviceError, PyRuntimeError, "A device that is absent.");

/// `.py()` turns a result of the core into a result of Python.
trait OrRaise<T> {
    fn py(self) -> PyResult<T>;
}

impl<T> OrRaise<T> for purify_resonant::Result<T> {
    #[inline]
    fn py(self) -> PyResult<T> {
        self.map_err(|error| {
            let text = error.to_string();
            match error {
                Error::Shape { .. } => ShapeError::new_err(text),
                Error::Phase { .. } => InvalidPhaseError::new_err(text),
                Error::Device { .. } => DeviceError::new_err(text),
                Error::Index { .. } => PyIndexError::new_err(text),
                Error::Overflow { .. } => PyOverflowError::new_err(text),
                Error::ZeroDivision { .. } => PyZeroDivisionError::new_err(text),
                Error::Ops(inner) => exception(inner),
                _ => PyValueError::new_err(text),
            }
        })
    }
}

/// Adds the sub-module, without naming it among the names that `from purify._native import *` takes.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = m.py();
    let sub = PyModule::new(py, "_resonant")?;
    sub.add("ShapeError", py.get_type::<ShapeError>())?;
    sub.add("InvalidPhaseError", py.get_type::<InvalidPhaseError>())?;
    sub.add("DeviceError", py.get_type::<DeviceError>())?;
    exact::register(&sub)?;
    tensor::register(&sub)?;
    quantities::register(&sub)?;
    evolve::register(&sub)?;
    m.setattr("_resonant", sub)
}
