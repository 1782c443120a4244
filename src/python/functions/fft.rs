//! `ops.fft`: discrete Fourier transforms.

use purify_ops::fft as core;
use purify_ops::fft::Norm;
use purify_ops::{Device, Tensor};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::convert::{Array, DeviceArg, Ints};
use crate::dtype::DTypeArg;
use crate::error::OrRaise;
use crate::tensor::{PyTensor, compute};

type Out = PyResult<Py<PyTensor>>;

fn run(py: Python<'_>, size: usize, f: impl FnOnce() -> purify_ops::Result<Tensor> + Send) -> Out {
    PyTensor::wrap(py, compute(py, size.saturating_mul(8), f)?)
}

fn length(n: Option<i64>) -> PyResult<Option<usize>> {
    match n {
        Some(n) if n < 1 => Err(PyValueError::new_err(format!("fft: the length must be at least 1, got {n}"))),
        Some(n) => Ok(Some(n as usize)),
        None => Ok(None),
    }
}

/// Lengths along the axes; -1 takes the length that the axis has.
fn lengths(x: &Tensor, s: Option<Ints>, axes: &Option<Vec<i64>>) -> PyResult<Option<Vec<usize>>> {
    let Some(s) = s else { return Ok(None) };
    let first = x.ndim() as i64 - s.0.len() as i64;
    let mut out = Vec::with_capacity(s.0.len());
    for (i, &n) in s.0.iter().enumerate() {
        if n == -1 {
            let axis = axes.as_ref().map_or(first + i as i64, |a| a.get(i).copied().unwrap_or(0));
            let axis = if axis < 0 { axis + x.ndim() as i64 } else { axis };
            let here = usize::try_from(axis).ok().and_then(|a| x.shape().get(a));
            out.push(*here.ok_or_else(|| PyValueError::new_err(format!("fft: axis {axis} is out of range for shape {:?}", x.shape())))?);
        } else {
            out.push(length(Some(n))?.unwrap_or(1));
        }
    }
    Ok(Some(out))
}

fn norm_of(norm: Option<&str>) -> PyResult<Norm> {
    norm.map_or(Ok(Norm::Backward), Norm::from_name).py()
}

macro_rules! one_axis {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, n = None, axis = -1, norm = "backward"))]
        fn $name(py: Python<'_>, x: Array, n: Option<i64>, axis: i64, norm: Option<&str>) -> Out {
            let (n, norm) = (length(n)?, norm_of(norm)?);
            run(py, x.0.size(), move || core::$name(&x.0, n, axis, norm))
        }
    )*};
}

one_axis! {
    /// The transform along one axis, cut or padded with zeros to `n` elements. Complex.
    fft;
    /// The inverse transform along one axis. Complex.
    ifft;
    /// The transform of real input: the `n // 2 + 1` values that are not redundant.
    rfft;
    /// The inverse of `rfft`: real output of `n` elements, by default `2 * (m - 1)`.
    irfft;
    /// The transform of a Hermitian-symmetric signal: real output.
    hfft;
    /// The inverse of `hfft`.
    ihfft;
}

macro_rules! many_axes {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, s = None, axes = None, norm = "backward"))]
        fn $name(py: Python<'_>, x: Array, s: Option<Ints>, axes: Option<Ints>, norm: Option<&str>) -> Out {
            let axes = axes.map(|a| a.0);
            let (s, norm) = (lengths(&x.0, s, &axes)?, norm_of(norm)?);
            run(py, x.0.size(), move || core::$name(&x.0, s.as_deref(), axes.as_deref(), norm))
        }
    )*};
}

many_axes! {
    /// The transform along several axes, by default all.
    fftn;
    /// The inverse transform along several axes.
    ifftn;
    /// The transform of real input along several axes; the last of them is halved.
    rfftn;
    /// The inverse of `rfftn`.
    irfftn;
}

macro_rules! two_axes {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, s = None, axes = None, norm = "backward"))]
        fn $name(py: Python<'_>, x: Array, s: Option<Ints>, axes: Option<Ints>, norm: Option<&str>) -> Out {
            let axes = axes.map_or(vec![-2, -1], |a| a.0);
            let [a, b] = axes[..] else {
                return Err(PyTypeError::new_err(format!("fft: two axes are expected, got {axes:?}")));
            };
            let (s, norm) = (lengths(&x.0, s, &Some(axes.clone()))?, norm_of(norm)?);
            run(py, x.0.size(), move || core::$name(&x.0, s.as_deref(), [a, b], norm))
        }
    )*};
}

two_axes! {
    /// The transform along two axes, by default the last.
    fft2;
    /// The inverse transform along two axes.
    ifft2;
    /// The transform of real input along two axes.
    rfft2;
    /// The inverse of `rfft2`.
    irfft2;
}

macro_rules! frequencies {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (n, /, d = 1.0, *, dtype = None, device = None))]
        fn $name(py: Python<'_>, n: i64, d: f64, dtype: Option<DTypeArg>, device: Option<DeviceArg>) -> Out {
            let n = length(Some(n))?.unwrap_or(1);
            run(py, 0, move || core::$name(n, d, dtype.map(|d| d.0), device.map_or(Device::Cpu, |d| d.0)))
        }
    )*};
}

frequencies! {
    /// The frequencies of `fft` of `n` samples at spacing `d`.
    fftfreq;
    /// The frequencies of `rfft` of `n` samples at spacing `d`.
    rfftfreq;
}

macro_rules! shifts {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, axes = None))]
        fn $name(py: Python<'_>, x: Array, axes: Option<Ints>) -> Out {
            run(py, x.0.size() / 8, move || core::$name(&x.0, axes.as_ref().map(|a| a.0.as_slice())))
        }
    )*};
}

shifts! {
    /// Moves the zero frequency to the middle.
    fftshift;
    /// The inverse of `fftshift`.
    ifftshift;
}

/// Adds the functions to `fft` of the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let space = PyModule::new(m.py(), "fft")?;
    macro_rules! add { ($($f:ident)*) => { $(space.add_function(wrap_pyfunction!($f, &space)?)?;)* } }
    add!(fft ifft rfft irfft hfft ihfft fftn ifftn rfftn irfftn fft2 ifft2 rfft2 irfft2 fftfreq rfftfreq fftshift ifftshift);
    m.add("fft", space)
}
