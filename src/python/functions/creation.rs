//! Creation: arrays from values, shapes and patterns.

use purify_ops::{DType, Device, Indexing, Scalar, Tensor};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::convert::{self, Array, DeviceArg, Number, ShapeArg};
use crate::dtype::{self, DTypeArg};
use crate::error::{ObjectNeeded, OrRaise};
use crate::tensor::{PyTensor, compute, python, wrap};
use crate::{buffer, dlpack};

type Out = PyResult<Py<PyTensor>>;

fn on(device: Option<DeviceArg>) -> Device {
    device.map_or(Device::Cpu, |d| d.0)
}

/// A dtype argument; `Err` means that object arrays are wanted.
fn dtype_or_object(dtype: Option<&Bound<'_, PyAny>>) -> PyResult<Result<Option<DType>, ()>> {
    match dtype.map(dtype::parse).transpose() {
        Ok(d) => Ok(Ok(d)),
        Err(e) => match dtype {
            Some(d) if e.is_instance_of::<ObjectNeeded>(d.py()) => Ok(Err(())),
            _ => Err(e),
        },
    }
}

/// The object array of that creation function.
fn object<'py>(py: Python<'py>, name: &str, args: impl pyo3::call::PyCallArgs<'py>) -> PyResult<Bound<'py, PyAny>> {
    python(py, "purify.ops._object", name)?.call1(args)
}

/// An array of a value: a number, nested sequences, or any object with a buffer, `__dlpack__` or `__array__`.
///
/// Python numbers become int64, float64, complex128 or bool, as in NumPy. `copy=True` always copies, `False` never (or
/// raises ValueError), `None` only where needed.
#[pyfunction]
#[pyo3(signature = (obj, /, *, dtype = None, device = None, copy = None))]
pub fn asarray<'py>(
    py: Python<'py>,
    obj: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<DeviceArg>,
    copy: Option<bool>,
) -> PyResult<Bound<'py, PyAny>> {
    let Ok(dtype) = dtype_or_object(dtype)? else { return object(py, "asarray", (obj, py.None(), copy)) };
    if dtype.is_none() && device.is_none() && copy != Some(true) && obj.is_instance_of::<PyTensor>() {
        return Ok(obj.clone());
    }
    let t = match convert::asarray(obj, dtype, copy) {
        Ok(t) => t,
        Err(e) if e.is_instance_of::<ObjectNeeded>(py) => return object(py, "asarray", (obj, dtype.map(DType::name), copy)),
        Err(e) => return Err(e),
    };
    let t = match device {
        Some(DeviceArg(d)) => t.to_device(d).py()?,
        None => t,
    };
    Ok(PyTensor::wrap(py, t)?.into_bound(py).into_any())
}

macro_rules! shaped {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (shape, *, dtype = None, device = None))]
        fn $name<'py>(py: Python<'py>, shape: &Bound<'py, PyAny>, dtype: Option<&Bound<'py, PyAny>>, device: Option<DeviceArg>) -> PyResult<Bound<'py, PyAny>> {
            let Ok(dtype) = dtype_or_object(dtype)? else { return object(py, stringify!($name), (shape,)) };
            let ShapeArg(lengths) = shape.extract()?;
            let size = lengths.iter().try_fold(1usize, |a, &b| a.checked_mul(b)).unwrap_or(0);
            let t = compute(py, size, move || purify_ops::$name(&lengths, dtype, on(device)))?;
            Ok(PyTensor::wrap(py, t)?.into_bound(py).into_any())
        }
    )*};
}

shaped! {
    /// An array of zeros, by default float64.
    zeros;
    /// An array of ones, by default float64.
    ones;
    /// An array with arbitrary content, by default float64.
    empty;
}

macro_rules! shaped_like {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, dtype = None, device = None))]
        fn $name(py: Python<'_>, x: Array, dtype: Option<DTypeArg>, device: Option<DeviceArg>) -> Out {
            wrap(py, purify_ops::$name(&x.0, dtype.map(|d| d.0), device.map(|d| d.0)))
        }
    )*};
}

shaped_like! {
    /// Zeros with the shape and dtype of `x`.
    zeros_like;
    /// Ones with the shape and dtype of `x`.
    ones_like;
    /// Arbitrary content with the shape and dtype of `x`.
    empty_like;
}

/// An array filled with one value; its dtype by default that of the value.
#[pyfunction]
#[pyo3(signature = (shape, fill_value, *, dtype = None, device = None))]
fn full<'py>(
    py: Python<'py>,
    shape: &Bound<'py, PyAny>,
    fill_value: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<DeviceArg>,
) -> PyResult<Bound<'py, PyAny>> {
    let Ok(dtype) = dtype_or_object(dtype)? else { return object(py, "full", (shape, fill_value)) };
    let ShapeArg(lengths) = shape.extract()?;
    if let Some(value) = convert::scalar(fill_value)? {
        let size = lengths.iter().try_fold(1usize, |a, &b| a.checked_mul(b)).unwrap_or(0);
        let t = compute(py, size, move || purify_ops::full(&lengths, value, dtype, on(device)))?;
        return Ok(PyTensor::wrap(py, t)?.into_bound(py).into_any());
    }
    // An array as fill value is broadcast, as in NumPy.
    let value = match convert::asarray(fill_value, dtype, None) {
        Ok(v) => v,
        Err(e) if e.is_instance_of::<ObjectNeeded>(py) => return object(py, "full", (shape, fill_value)),
        Err(e) => return Err(e),
    };
    let t = value.broadcast_to(&lengths).and_then(|t| t.copy()).and_then(|t| t.to_device(on(device))).py()?;
    Ok(PyTensor::wrap(py, t)?.into_bound(py).into_any())
}

/// One value with the shape and dtype of `x`.
#[pyfunction]
#[pyo3(signature = (x, /, fill_value, *, dtype = None, device = None))]
fn full_like(py: Python<'_>, x: Array, fill_value: &Bound<'_, PyAny>, dtype: Option<DTypeArg>, device: Option<DeviceArg>) -> Out {
    let dtype = dtype.map(|d| d.0);
    if let Some(value) = convert::scalar(fill_value)? {
        return wrap(py, purify_ops::full_like(&x.0, value, dtype, device.map(|d| d.0)));
    }
    let value = convert::asarray(fill_value, Some(dtype.unwrap_or(x.0.dtype())), None)?;
    wrap(py, value.broadcast_to(x.0.shape()).and_then(|t| t.copy()))
}

/// The identity, or ones on another diagonal: shape `(n_rows, n_cols)`.
#[pyfunction]
#[pyo3(signature = (n_rows, n_cols = None, /, *, k = 0, dtype = None, device = None))]
fn eye(
    py: Python<'_>,
    n_rows: usize,
    n_cols: Option<usize>,
    #[pyo3(from_py_with = convert::diagonal)] k: i64,
    dtype: Option<DTypeArg>,
    device: Option<DeviceArg>,
) -> Out {
    wrap(py, purify_ops::eye(n_rows, n_cols, k, dtype.map(|d| d.0), on(device)))
}

/// Evenly spaced numbers `start, start + step, ...` before `stop`; one argument is the stop.
#[pyfunction]
#[pyo3(signature = (start, /, stop = None, step = None, *, dtype = None, device = None))]
fn arange(
    py: Python<'_>,
    start: Number,
    stop: Option<Number>,
    step: Option<Number>,
    dtype: Option<DTypeArg>,
    device: Option<DeviceArg>,
) -> Out {
    let step = step.map_or(Scalar::Int(1), |s| s.0);
    wrap(py, purify_ops::arange(start.0, stop.map(|s| s.0), step, dtype.map(|d| d.0), on(device)))
}

/// `num` evenly spaced numbers from `start` to `stop`, which `endpoint=False` leaves out. With `retstep` a pair with
/// the spacing. Arrays as ends give a new first axis.
#[pyfunction]
#[pyo3(signature = (start, stop, /, num = None, *, dtype = None, device = None, endpoint = true, retstep = false))]
#[expect(clippy::too_many_arguments, reason = "the signature is the standard's")]
fn linspace<'py>(
    py: Python<'py>,
    start: &Bound<'py, PyAny>,
    stop: &Bound<'py, PyAny>,
    num: Option<&Bound<'py, PyAny>>,
    dtype: Option<DTypeArg>,
    device: Option<DeviceArg>,
    endpoint: bool,
    retstep: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let num = num.map_or(Ok(50), convert::index)?;
    let num = usize::try_from(num).map_err(|_| PyValueError::new_err(format!("linspace: num={num} is negative")))?;
    let (a, b) = (Array::extract(start.as_borrowed())?.0, Array::extract(stop.as_borrowed())?.0);
    if a.ndim() > 0 || b.ndim() > 0 {
        let out = python(py, "purify.ops._creation", "linspace_nd")?.call1((start, stop, num, endpoint))?;
        return match dtype {
            Some(d) => out.call_method1("astype", (dtype::object(py, d.0)?,)),
            None => Ok(out),
        };
    }
    let number = |obj: &Bound<'py, PyAny>, t: &Tensor| -> PyResult<Scalar> {
        match convert::scalar(obj)? {
            Some(s) => Ok(s),
            None => t.item().py(),
        }
    };
    let (first, last) = (number(start, &a)?, number(stop, &b)?);
    let t = purify_ops::linspace(first, last, num, dtype.map(|d| d.0), on(device), endpoint).py()?;
    let out = PyTensor::wrap(py, t)?.into_bound(py).into_any();
    if !retstep {
        return Ok(out);
    }
    let parts = if endpoint { num.saturating_sub(1) } else { num };
    let step = if parts == 0 { f64::NAN } else { (last.as_f64() - first.as_f64()) / parts as f64 };
    Ok((out, step).into_pyobject(py)?.into_any())
}

/// Coordinate arrays of a grid; `indexing="xy"` is the order of plots, "ij" that of matrices.
#[pyfunction]
#[pyo3(signature = (*arrays, indexing = "xy", sparse = false, copy = true))]
fn meshgrid<'py>(py: Python<'py>, arrays: &Bound<'py, PyTuple>, indexing: &str, sparse: bool, copy: bool) -> PyResult<Bound<'py, PyTuple>> {
    let _ = copy;
    let kind = match indexing {
        "xy" => Indexing::Xy,
        "ij" => Indexing::Ij,
        _ => return Err(PyValueError::new_err(format!("meshgrid: indexing must be \"xy\" or \"ij\", not {indexing:?}"))),
    };
    let arrays = arrays.iter().map(|a| Ok(a.extract::<Array>()?.0)).collect::<PyResult<Vec<_>>>()?;
    let grids = if sparse {
        let n = arrays.len();
        let place = |i: usize| if kind == Indexing::Xy && n >= 2 && i < 2 { 1 - i } else { i };
        arrays
            .iter()
            .enumerate()
            .map(|(i, a)| a.reshape(&(0..n).map(|d| if d == place(i) { a.size() } else { 1 }).collect::<Vec<_>>()))
            .collect::<purify_ops::Result<Vec<_>>>()
    } else {
        purify_ops::meshgrid(&arrays.iter().collect::<Vec<_>>(), kind)
    };
    tuple(py, grids.py()?)
}

/// A tuple of tensors.
pub fn tuple(py: Python<'_>, parts: Vec<Tensor>) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, parts.into_iter().map(|t| PyTensor::wrap(py, t)).collect::<PyResult<Vec<_>>>()?)
}

/// The lower triangles of matrices: zeros above the `k`-th diagonal.
#[pyfunction]
#[pyo3(signature = (x, /, *, k = 0))]
fn tril(py: Python<'_>, x: Array, #[pyo3(from_py_with = convert::diagonal)] k: i64) -> Out {
    wrap(py, purify_ops::tril(&x.0, k))
}

/// The upper triangles of matrices: zeros below the `k`-th diagonal.
#[pyfunction]
#[pyo3(signature = (x, /, *, k = 0))]
fn triu(py: Python<'_>, x: Array, #[pyo3(from_py_with = convert::diagonal)] k: i64) -> Out {
    wrap(py, purify_ops::triu(&x.0, k))
}

/// An array over the memory of an object with `__dlpack__`.
#[pyfunction]
#[pyo3(signature = (x, /, *, device = None, copy = None))]
fn from_dlpack(py: Python<'_>, x: &Bound<'_, PyAny>, device: Option<DeviceArg>, copy: Option<bool>) -> Out {
    PyTensor::wrap(py, dlpack::from_dlpack(x, device.map(|d| d.0), copy)?)
}

/// A 1-D array of the elements that bytes spell; a copy.
#[pyfunction]
#[pyo3(signature = (data, dtype, /))]
fn from_bytes(py: Python<'_>, data: &[u8], dtype: DTypeArg) -> Out {
    let size = dtype.0.size();
    if !data.len().is_multiple_of(size) {
        return Err(PyValueError::new_err(format!("{} bytes are no multiple of the {size} bytes of {}", data.len(), dtype.0)));
    }
    PyTensor::wrap(py, crate::tensor::from_bytes(data, dtype.0, &[data.len() / size])?)
}

/// The devices that tensors can be on, by name.
#[pyfunction]
fn _devices() -> Vec<String> {
    let started = purify_ops::devices().iter().map(ToString::to_string).collect::<Vec<_>>();
    let there = (0..purify_cuda::count().unwrap_or(0)).map(|i| format!("cuda:{i}")).filter(|name| !started.contains(name));
    let mut all: Vec<String> = started.iter().cloned().chain(there).collect();
    all.sort();
    all
}

/// An array over the buffer of an object; TypeError if it has none.
#[pyfunction]
fn _from_buffer(py: Python<'_>, obj: &Bound<'_, PyAny>) -> Out {
    match buffer::import(obj)? {
        Some(t) => PyTensor::wrap(py, t),
        None => Err(PyTypeError::new_err(format!("{} has no buffer of numbers", obj.get_type().name()?))),
    }
}

/// Adds the functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    macro_rules! add { ($($f:ident)*) => { $(m.add_function(wrap_pyfunction!($f, m)?)?;)* } }
    add!(asarray zeros ones empty zeros_like ones_like empty_like full full_like eye arange linspace meshgrid tril triu
        from_dlpack from_bytes _devices _from_buffer);
    Ok(())
}
