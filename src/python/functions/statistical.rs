//! Statistical: reductions and running sums.

use purify_ops::Tensor;
use pyo3::prelude::*;

use crate::convert::{Array, Ints};
use crate::dtype::DTypeArg;
use crate::tensor::{PyTensor, compute};

type Out = PyResult<Py<PyTensor>>;

#[inline]
fn run(py: Python<'_>, size: usize, f: impl FnOnce() -> purify_ops::Result<Tensor> + Send) -> Out {
    PyTensor::wrap(py, compute(py, size, f)?)
}

#[inline]
fn axes(axis: &Option<Ints>) -> Option<&[i64]> {
    axis.as_ref().map(|a| a.0.as_slice())
}

macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, axis = None, keepdims = false))]
        fn $name(py: Python<'_>, x: Array, axis: Option<Ints>, keepdims: bool) -> Out {
            run(py, x.0.size(), || purify_ops::$name(&x.0, axes(&axis), keepdims))
        }
    )*};
}

plain! {
    /// The largest elements along axes (by default all); NaN wins.
    max;
    /// The smallest elements along axes (by default all); NaN wins.
    min;
    /// The arithmetic means along axes (by default all); integers give float64.
    mean;
    /// Whether all elements along axes are not zero.
    all;
    /// Whether any element along axes is not zero.
    any;
    /// The number of elements along axes that are not zero; int64.
    count_nonzero;
    /// The logarithm of the sum of exponentials along axes, without overflow.
    logsumexp;
}

macro_rules! accumulating {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, axis = None, dtype = None, keepdims = false))]
        fn $name(py: Python<'_>, x: Array, axis: Option<Ints>, dtype: Option<DTypeArg>, keepdims: bool) -> Out {
            run(py, x.0.size(), || purify_ops::$name(&x.0, axes(&axis), dtype.map(|d| d.0), keepdims))
        }
    )*};
}

accumulating! {
    /// The sums along axes (by default all); narrow integers and bool are summed in 64 bits.
    sum;
    /// The products along axes (by default all); narrow integers and bool are multiplied in 64 bits.
    prod;
}

macro_rules! spread {
    ($($(#[$doc:meta])* $function:ident $name:ident $text:literal;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(name = $text, signature = (x, /, *, axis = None, correction = 0.0, keepdims = false))]
        fn $function(py: Python<'_>, x: Array, axis: Option<Ints>, correction: f64, keepdims: bool) -> Out {
            run(py, x.0.size(), || purify_ops::$name(&x.0, axes(&axis), correction, keepdims))
        }
    )*};
}

spread! {
    /// The variances along axes, with divisor `n - correction`.
    variance var "var";
    /// The standard deviations along axes, with divisor `n - correction`.
    deviation std "std";
}

macro_rules! running {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, axis = None, dtype = None, include_initial = false))]
        fn $name(py: Python<'_>, x: Array, axis: Option<i64>, dtype: Option<DTypeArg>, include_initial: bool) -> Out {
            run(py, x.0.size(), || purify_ops::$name(&x.0, axis, dtype.map(|d| d.0), include_initial))
        }
    )*};
}

running! {
    /// Running sums along an axis, which only a vector may leave out; `include_initial` puts a zero in front.
    cumulative_sum;
    /// Running products along an axis, which only a vector may leave out; `include_initial` puts a one in front.
    cumulative_prod;
}

macro_rules! flat_running {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, axis = None, dtype = None))]
        fn $name(py: Python<'_>, x: Array, axis: Option<i64>, dtype: Option<DTypeArg>) -> Out {
            run(py, x.0.size(), || purify_ops::$name(&x.0, axis, dtype.map(|d| d.0)))
        }
    )*};
}

flat_running! {
    /// Running sums along an axis, or of the flattened array.
    cumsum;
    /// Running products along an axis, or of the flattened array.
    cumprod;
}

/// The largest minus the smallest element along axes.
#[pyfunction]
#[pyo3(signature = (x, /, axis = None, *, keepdims = false))]
fn ptp(py: Python<'_>, x: Array, axis: Option<Ints>, keepdims: bool) -> Out {
    run(py, x.0.size(), || purify_ops::ptp(&x.0, axes(&axis), keepdims))
}

/// Adds the functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    macro_rules! add { ($($f:ident)*) => { $(m.add_function(wrap_pyfunction!($f, m)?)?;)* } }
    add!(max min mean all any count_nonzero logsumexp sum prod variance deviation cumulative_sum cumulative_prod cumsum cumprod ptp);
    Ok(())
}
