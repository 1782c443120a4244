//! Manipulation: shapes, axes, joining and repeating.

use purify_ops::{Repeats, Storage, Tensor};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::creation::tuple;
use crate::convert::{self, Array, Arrays, Ints, ShapeArg};
use crate::error::OrRaise;
use crate::tensor::{PyTensor, compute, wrap};

type Out = PyResult<Py<PyTensor>>;

fn refs(tensors: &[Tensor]) -> Vec<&Tensor> {
    tensors.iter().collect()
}

/// `x` with another shape and the same elements; one length may be -1. A view where the memory allows it.
#[pyfunction]
#[pyo3(signature = (x, /, shape, *, copy = None))]
fn reshape(py: Python<'_>, x: Array, shape: Ints, copy: Option<bool>) -> Out {
    wrap(py, purify_ops::reshape(&x.0, &shape.0, copy))
}

/// `x` with an axis of length one inserted at a position (or several).
#[pyfunction]
#[pyo3(signature = (x, /, axis))]
fn expand_dims(py: Python<'_>, x: Array, axis: Ints) -> Out {
    wrap(py, purify_ops::expand_dims(&x.0, &axis.0))
}

/// `x` without the given axes, which must be of length one; by default without all such axes.
#[pyfunction]
#[pyo3(signature = (x, /, axis = None))]
fn squeeze(py: Python<'_>, x: Array, axis: Option<Ints>) -> Out {
    wrap(py, purify_ops::squeeze(&x.0, axis.as_ref().map(|a| a.0.as_slice())))
}

/// `x` with its axes in another order. A view.
#[pyfunction]
#[pyo3(signature = (x, /, axes))]
fn permute_dims(py: Python<'_>, x: Array, axes: Ints) -> Out {
    wrap(py, purify_ops::permute_dims(&x.0, &axes.0))
}

/// `x` with axes moved to other positions. A view.
#[pyfunction]
#[pyo3(signature = (x, source, destination, /))]
fn moveaxis(py: Python<'_>, x: Array, source: Ints, destination: Ints) -> Out {
    wrap(py, purify_ops::moveaxis(&x.0, &source.0, &destination.0))
}

/// `x` with two axes exchanged. A view.
#[pyfunction]
#[pyo3(signature = (x, axis1, axis2, /))]
fn swapaxes(py: Python<'_>, x: Array, axis1: i64, axis2: i64) -> Out {
    wrap(py, purify_ops::swapaxes(&x.0, axis1, axis2))
}

/// `x` in reverse order along axes, by default all. A view.
#[pyfunction]
#[pyo3(signature = (x, /, *, axis = None))]
fn flip(py: Python<'_>, x: Array, axis: Option<Ints>) -> Out {
    wrap(py, purify_ops::flip(&x.0, axis.as_ref().map(|a| a.0.as_slice())))
}

/// `x` shifted along axes; what leaves one end enters at the other. Without an axis the flattened array is shifted.
#[pyfunction]
#[pyo3(signature = (x, /, shift, *, axis = None))]
fn roll(py: Python<'_>, x: Array, shift: Ints, axis: Option<Ints>) -> Out {
    let t = x.0;
    let out = compute(py, t.size(), || purify_ops::roll(&t, &shift.0, axis.as_ref().map(|a| a.0.as_slice())))?;
    PyTensor::wrap(py, out)
}

/// The same memory under another storage that refuses to be written.
fn read_only(t: &Tensor) -> purify_ops::Result<Tensor> {
    let storage = t.storage();
    let Some(data) = std::ptr::NonNull::new(storage.as_ptr()) else { return t.copy() };
    // SAFETY: the memory is that of the storage, which the new one keeps alive as its owner.
    let alias = unsafe { Storage::external(data, storage.bytes(), storage.device(), false, Box::new(storage.clone())) };
    Tensor::from_parts(alias, t.layout().clone(), t.dtype())
}

/// `x` repeated to a larger shape by the rules of broadcasting. A view, and read-only: a write would show in every repetition.
#[pyfunction]
#[pyo3(signature = (x, /, shape))]
fn broadcast_to(py: Python<'_>, x: Array, shape: ShapeArg) -> Out {
    let view = purify_ops::broadcast_to(&x.0, &shape.0).py()?;
    wrap(py, read_only(&view))
}

/// All arrays broadcast against each other; a tuple of views.
#[pyfunction]
#[pyo3(signature = (*arrays))]
fn broadcast_arrays<'py>(py: Python<'py>, arrays: Vec<Array>) -> PyResult<Bound<'py, PyTuple>> {
    let arrays: Vec<Tensor> = arrays.into_iter().map(|a| a.0).collect();
    tuple(py, purify_ops::broadcast_arrays(&refs(&arrays)).py()?)
}

/// The shape that shapes broadcast to.
#[pyfunction]
#[pyo3(signature = (*shapes))]
fn broadcast_shapes<'py>(py: Python<'py>, shapes: Vec<ShapeArg>) -> PyResult<Bound<'py, PyTuple>> {
    let shapes: Vec<&[usize]> = shapes.iter().map(|s| s.0.as_slice()).collect();
    PyTuple::new(py, purify_ops::broadcast_shapes(&shapes).py()?.iter())
}

/// Joins arrays along an existing axis; `axis=None` flattens them first.
#[pyfunction]
#[pyo3(signature = (arrays, /, *, axis = Some(0)))]
fn concat(py: Python<'_>, arrays: Arrays, axis: Option<i64>) -> Out {
    let size = arrays.0.iter().map(Tensor::size).sum();
    let out = compute(py, size, || purify_ops::concat(&refs(&arrays.0), axis))?;
    PyTensor::wrap(py, out)
}

/// Joins arrays of one shape along a new axis.
#[pyfunction]
#[pyo3(signature = (arrays, /, *, axis = 0))]
fn stack(py: Python<'_>, arrays: Arrays, axis: i64) -> Out {
    let size = arrays.0.iter().map(Tensor::size).sum();
    let out = compute(py, size, || purify_ops::stack(&refs(&arrays.0), axis))?;
    PyTensor::wrap(py, out)
}

/// The slices along an axis; a tuple of views.
#[pyfunction]
#[pyo3(signature = (x, /, *, axis = 0))]
fn unstack<'py>(py: Python<'py>, x: Array, axis: i64) -> PyResult<Bound<'py, PyTuple>> {
    tuple(py, purify_ops::unstack(&x.0, axis).py()?)
}

macro_rules! stacks {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (arrays, /))]
        fn $name(py: Python<'_>, arrays: Arrays) -> Out {
            let size = arrays.0.iter().map(Tensor::size).sum();
            let out = compute(py, size, || purify_ops::$name(&refs(&arrays.0)))?;
            PyTensor::wrap(py, out)
        }
    )*};
}

stacks! {
    /// Stacks row-wise: vectors become rows.
    vstack;
    /// Joins along the second axis, vectors along the first.
    hstack;
    /// Stacks along the third axis.
    dstack;
    /// Vectors as the columns of a matrix; matrices are joined as they are.
    column_stack;
}

/// Each element repeated, or each slice along an axis; one number or one per element.
#[pyfunction]
#[pyo3(signature = (x, repeats, /, *, axis = None))]
fn repeat(py: Python<'_>, x: Array, repeats: &Bound<'_, PyAny>, axis: Option<i64>) -> Out {
    let counts = Array::extract(repeats.as_borrowed())?.0;
    if !counts.dtype().is_integer() && counts.size() > 0 && !counts.dtype().is_bool() {
        return Err(PyTypeError::new_err(format!("repeat: repeats must be integers, got {}", counts.dtype())));
    }
    if counts.size() == 1 {
        let n = counts.item().py()?.as_i128();
        let n = usize::try_from(n).map_err(|_| PyValueError::new_err(format!("repeat: repeats={n} is negative or too large")))?;
        let out = compute(py, x.0.size().saturating_mul(n), || purify_ops::repeat(&x.0, Repeats::Each(n), axis))?;
        return PyTensor::wrap(py, out);
    }
    wrap(py, purify_ops::repeat(&x.0, Repeats::Counts(&counts.astype(purify_ops::DType::Int64).py()?), axis))
}

/// The whole array repeated along each axis.
#[pyfunction]
#[pyo3(signature = (x, repetitions, /))]
fn tile(py: Python<'_>, x: Array, repetitions: ShapeArg) -> Out {
    let out = compute(py, x.0.size(), || purify_ops::tile(&x.0, &repetitions.0))?;
    PyTensor::wrap(py, out)
}

/// `astype(x, dtype)`: the elements converted. `copy=False` returns `x` itself if it has that dtype.
#[pyfunction]
#[pyo3(signature = (x, dtype, /, *, copy = true, device = None))]
fn astype<'py>(
    py: Python<'py>,
    x: &Bound<'py, PyAny>,
    dtype: &Bound<'py, PyAny>,
    copy: bool,
    device: Option<convert::DeviceArg>,
) -> PyResult<Bound<'py, PyAny>> {
    let x = match x.cast::<PyTensor>() {
        Ok(_) => x.clone(),
        Err(_) => super::creation::asarray(py, x, None, None, None)?,
    };
    let Ok(t) = x.cast::<PyTensor>() else { return x.call_method1("astype", (dtype,)) };
    let target = match crate::dtype::parse(dtype) {
        Ok(target) => target,
        Err(e) if e.is_instance_of::<crate::error::ObjectNeeded>(py) => return x.call_method1("astype", (dtype,)),
        Err(e) => return Err(e),
    };
    let t = &t.get().tensor;
    if !copy && t.dtype() == target && device.as_ref().is_none_or(|d| d.0 == t.device()) {
        return Ok(x.clone());
    }
    let t = match device {
        Some(convert::DeviceArg(d)) => t.to_device(d).py()?,
        None => t.clone(),
    };
    let same = t.dtype() == target;
    let out = compute(py, t.size(), move || if same { t.copy() } else { t.astype(target) })?;
    Ok(PyTensor::wrap(py, out)?.into_bound(py).into_any())
}

/// Adds the functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    macro_rules! add { ($($f:ident)*) => { $(m.add_function(wrap_pyfunction!($f, m)?)?;)* } }
    add!(reshape expand_dims squeeze permute_dims moveaxis swapaxes flip roll broadcast_to broadcast_arrays broadcast_shapes
        concat stack unstack vstack hstack dstack column_stack repeat tile astype);
    Ok(())
}
