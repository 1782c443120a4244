//! Floating-point errors for Python: whether anybody asked for them, and the call that tells.

use std::sync::atomic::{AtomicIsize, Ordering};

use purify_ops::FloatErrors;
use pyo3::prelude::*;

use crate::error::OrRaise;
use crate::tensor::python;

/// How many threads or tasks want to know of errors. While it is zero, a call costs one load more.
static WATCHERS: AtomicIsize = AtomicIsize::new(0);

/// Tells of the errors of a result, if anybody wants to know. `find` looks for them.
#[inline]
pub fn check(py: Python<'_>, name: &str, find: impl FnOnce() -> purify_ops::Result<FloatErrors>) -> PyResult<()> {
    if WATCHERS.load(Ordering::Relaxed) <= 0 { Ok(()) } else { tell(py, name, find) }
}

#[cold]
fn tell(py: Python<'_>, name: &str, find: impl FnOnce() -> purify_ops::Result<FloatErrors>) -> PyResult<()> {
    if !python(py, "purify.ops._floating", "watching")?.call0()?.extract::<bool>()? {
        return Ok(());
    }
    let errors = find().py()?;
    if errors.any() {
        let arguments = (name, errors.divide, errors.over, errors.under, errors.invalid);
        python(py, "purify.ops._floating", "report")?.call1(arguments)?;
    }
    Ok(())
}

/// Counts those who want to know of floating-point errors.
#[pyfunction]
fn _watch_float_errors(change: isize) {
    WATCHERS.fetch_add(change, Ordering::Relaxed);
}

/// Adds the counter to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(_watch_float_errors, m)?)
}
