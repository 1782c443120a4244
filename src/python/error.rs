//! Errors of the core as Python exceptions: the classes NumPy users catch.

use purify_ops::{Error, ErrorKind};
use pyo3::exceptions::*;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

pyo3::create_exception!(
    purify.ops,
    ObjectNeeded,
    PyTypeError,
    "Raised inside when a value has no numeric dtype, so that the object arrays in Python take over."
);

pyo3::create_exception!(purify.ops.cuda, OutOfMemoryError, PyMemoryError, "A device has no memory left.");
pyo3::create_exception!(
    purify.ops.cuda,
    DeviceLostError,
    PyRuntimeError,
    "A device stopped working for this process, which must be started anew to use it."
);

static AXIS_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static LINALG_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// `AxisError`: both a `ValueError` and an `IndexError`, as NumPy's.
pub fn axis_error(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    AXIS_ERROR
        .get_or_try_init(py, || {
            let bases = PyTuple::new(py, [py.get_type::<PyValueError>(), py.get_type::<PyIndexError>()])?;
            let body = PyDict::new(py);
            body.set_item("__module__", "purify.ops")?;
            body.set_item("__doc__", "An axis outside the dimensions of an array.")?;
            Ok::<_, PyErr>(py.get_type::<PyType>().call1(("AxisError", bases, body))?.cast_into::<PyType>()?.unbind())
        })
        .map(|t| t.bind(py))
}

/// `LinAlgError`, a `ValueError`.
pub fn linalg_error(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    LINALG_ERROR
        .get_or_try_init(py, || {
            let base = py.get_type::<PyValueError>();
            let doc = c"A matrix that has no such decomposition, inverse or solution.";
            PyErr::new_type(py, c"purify.ops.LinAlgError", Some(doc), Some(&base), None)
        })
        .map(|t| t.bind(py))
}

/// The exception of an error.
#[cold]
pub fn exception(error: Error) -> PyErr {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::Axis => Python::attach(|py| match axis_error(py) {
            Ok(class) => PyErr::from_type(class.clone(), text),
            Err(e) => e,
        }),
        ErrorKind::LinAlg => Python::attach(|py| match linalg_error(py) {
            Ok(class) => PyErr::from_type(class.clone(), text),
            Err(e) => e,
        }),
        ErrorKind::Value => PyValueError::new_err(text),
        ErrorKind::Type => PyTypeError::new_err(text),
        ErrorKind::Index => PyIndexError::new_err(text),
        ErrorKind::Overflow => PyOverflowError::new_err(text),
        ErrorKind::Memory => PyMemoryError::new_err(text),
        ErrorKind::DeviceMemory => OutOfMemoryError::new_err(text),
        ErrorKind::DeviceLost => DeviceLostError::new_err(text),
        ErrorKind::NotImplemented => PyNotImplementedError::new_err(text),
        ErrorKind::Io => PyOSError::new_err(text),
        ErrorKind::Runtime => PyRuntimeError::new_err(text),
    }
}

/// `.py()` turns a result of the core into a result of Python.
pub trait OrRaise<T> {
    /// The value, or the exception of the error.
    fn py(self) -> PyResult<T>;
}

impl<T> OrRaise<T> for purify_ops::Result<T> {
    #[inline]
    fn py(self) -> PyResult<T> {
        self.map_err(exception)
    }
}

/// Adds the exception classes to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("AxisError", axis_error(m.py())?)?;
    m.add("LinAlgError", linalg_error(m.py())?)?;
    m.add("ObjectNeeded", m.py().get_type::<ObjectNeeded>())
}
