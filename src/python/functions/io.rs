//! `ops.io`: tensors as bytes and files. What works on paths and file objects alike is in `purify/ops/_io.py`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use purify_ops::Tensor;
use purify_ops::io;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::convert::Array;
use crate::error::OrRaise;
use crate::tensor::PyTensor;

type Named = Vec<(String, Array)>;

fn borrowed(arrays: &[(String, Array)]) -> Vec<(&str, &Tensor)> {
    arrays.iter().map(|(name, array)| (name.as_str(), &array.0)).collect()
}

fn wrapped<'py>(py: Python<'py>, arrays: impl IntoIterator<Item = (String, Tensor)>) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    for (name, tensor) in arrays {
        out.set_item(name, PyTensor::wrap(py, tensor)?)?;
    }
    Ok(out)
}

/// A tensor from the bytes of an `.npy` file.
#[pyfunction]
fn _read_npy(py: Python<'_>, data: &[u8]) -> PyResult<Py<PyTensor>> {
    PyTensor::wrap(py, io::read_npy(data).py()?)
}

/// A tensor from an `.npy` file.
#[pyfunction]
fn _load_npy(py: Python<'_>, path: PathBuf) -> PyResult<Py<PyTensor>> {
    PyTensor::wrap(py, py.detach(|| io::load_npy(path)).py()?)
}

/// A tensor as the bytes of an `.npy` file.
#[pyfunction]
fn _write_npy(py: Python<'_>, array: Array) -> PyResult<Bound<'_, PyBytes>> {
    Ok(PyBytes::new(py, &io::write_npy(&array.0).py()?))
}

/// Writes a tensor as an `.npy` file.
#[pyfunction]
fn _save_npy(py: Python<'_>, path: PathBuf, array: Array) -> PyResult<()> {
    py.detach(|| io::save_npy(path, &array.0)).py()
}

/// An opened `.npz` archive.
#[pyclass(frozen, name = "_Npz", module = "purify._native")]
struct Npz(io::Npz);

#[pymethods]
impl Npz {
    #[new]
    fn new(data: Vec<u8>) -> PyResult<Self> {
        io::read_npz(data).py().map(Npz)
    }

    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        py.detach(|| io::load_npz(path)).py().map(Npz)
    }

    fn names(&self) -> Vec<&str> {
        self.0.names()
    }

    fn get(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, py.detach(|| self.0.get(name)).py()?)
    }
}

/// Named tensors as the bytes of an `.npz` file.
#[pyfunction]
fn _write_npz(py: Python<'_>, arrays: Named, compressed: bool) -> PyResult<Bound<'_, PyBytes>> {
    let out = py.detach(|| io::write_npz(&borrowed(&arrays), compressed)).py()?;
    Ok(PyBytes::new(py, &out))
}

/// Writes named tensors as an `.npz` file.
#[pyfunction]
fn _save_npz(py: Python<'_>, path: PathBuf, arrays: Named, compressed: bool) -> PyResult<()> {
    py.detach(|| io::save_npz(path, &borrowed(&arrays), compressed)).py()
}

/// Tensors and metadata from the bytes of a safetensors file.
#[pyfunction]
fn _read_safetensors<'py>(py: Python<'py>, data: &[u8]) -> PyResult<(Bound<'py, PyDict>, BTreeMap<String, String>)> {
    let read = io::read_safetensors(data).py()?;
    Ok((wrapped(py, read.tensors)?, read.metadata))
}

/// Tensors and metadata from a safetensors file.
#[pyfunction]
fn _load_safetensors(py: Python<'_>, path: PathBuf) -> PyResult<(Bound<'_, PyDict>, BTreeMap<String, String>)> {
    let read = py.detach(|| io::load_safetensors(path)).py()?;
    Ok((wrapped(py, read.tensors)?, read.metadata))
}

/// Named tensors as the bytes of a safetensors file.
#[pyfunction]
fn _write_safetensors(py: Python<'_>, arrays: Named, metadata: BTreeMap<String, String>) -> PyResult<Bound<'_, PyBytes>> {
    let out = py.detach(|| io::write_safetensors(&borrowed(&arrays), &metadata)).py()?;
    Ok(PyBytes::new(py, &out))
}

/// Writes named tensors as a safetensors file.
#[pyfunction]
fn _save_safetensors(py: Python<'_>, path: PathBuf, arrays: Named, metadata: BTreeMap<String, String>) -> PyResult<()> {
    py.detach(|| io::save_safetensors(path, &borrowed(&arrays), &metadata)).py()
}

/// Adds the functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Npz>()?;
    m.add_function(wrap_pyfunction!(_read_npy, m)?)?;
    m.add_function(wrap_pyfunction!(_load_npy, m)?)?;
    m.add_function(wrap_pyfunction!(_write_npy, m)?)?;
    m.add_function(wrap_pyfunction!(_save_npy, m)?)?;
    m.add_function(wrap_pyfunction!(_write_npz, m)?)?;
    m.add_function(wrap_pyfunction!(_save_npz, m)?)?;
    m.add_function(wrap_pyfunction!(_read_safetensors, m)?)?;
    m.add_function(wrap_pyfunction!(_load_safetensors, m)?)?;
    m.add_function(wrap_pyfunction!(_write_safetensors, m)?)?;
    m.add_function(wrap_pyfunction!(_save_safetensors, m)?)
}
