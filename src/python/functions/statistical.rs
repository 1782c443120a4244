//! Statistical: reductions and running sums.

use purify_ops::Tensor;
use pyo3::prelude::*;

use crate::convert::{self, Arg, Array, Ints};
use crate::dtype::DTypeArg;
use crate::error::OrRaise;
use crate::tensor::{PyTensor, compute, python};

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
            let out = compute(py, x.0.size(), || purify_ops::$name(&x.0, axes(&axis), dtype.map(|d| d.0), keepdims))?;
            crate::floating::check(py, stringify!($name), || purify_ops::combined_errors(&[&x.0], &out))?;
            PyTensor::wrap(py, out)
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

macro_rules! ordered {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, axis = None, *, keepdims = false))]
        fn $name(py: Python<'_>, x: Array, axis: Option<Ints>, keepdims: bool) -> Out {
            run(py, x.0.size(), || purify_ops::$name(&x.0, axes(&axis), keepdims))
        }
    )*};
}

ordered! {
    /// The middle value along axes (by default all), of an even number the mean of the middle two; NaN if there is one.
    median;
    /// The median of the elements that are not NaN; NaN where there is none.
    nanmedian;
    /// The arithmetic mean of the elements that are not NaN; NaN where there is none.
    nanmean;
}

macro_rules! fractions {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, q, /, axis = None, *, method = "linear", keepdims = false))]
        fn $name(py: Python<'_>, x: Array, q: Arg, axis: Option<Ints>, method: &str, keepdims: bool) -> Out {
            let method = purify_ops::QuantileMethod::from_name(method).py()?;
            run(py, x.0.size(), || match &q {
                Arg::Scalar(q) => purify_ops::$name(&x.0, &Tensor::from_scalar(stringify!($name), *q, q.default_dtype())?, axes(&axis), method, keepdims),
                Arg::Tensor(q) if q.ndim() > 0 => purify_ops::$name(&x.0, q, axes(&axis), method, keepdims),
                // A 0-d array has a dtype to promote with, which a number has not.
                Arg::Tensor(q) => purify_ops::$name(&x.0, &q.reshape(&[1])?, axes(&axis), method, keepdims)?.select(0, 0),
            })
        }
    )*};
}

fractions! {
    /// The values below which the fractions `q` (a number or an array) of the elements lie. The methods are those of
    /// Hyndman and Fan (1996) under NumPy's names.
    quantile;
    /// `quantile` with `q` between 0 and 100.
    percentile;
    /// The quantiles of the elements that are not NaN; NaN where there is none.
    nanquantile;
    /// `nanquantile` with `q` between 0 and 100.
    nanpercentile;
}

/// How often each non-negative integer occurs; with weights, the sum of the weights of its places.
#[pyfunction]
#[pyo3(signature = (x, /, weights = None, minlength = 0))]
fn bincount(py: Python<'_>, x: Array, weights: Option<Array>, minlength: usize) -> Out {
    run(py, x.0.size(), || purify_ops::bincount(&x.0, weights.as_ref().map(|w| &w.0), minlength))
}

/// The number of the bin that each element falls in; `bins` is monotonic.
#[pyfunction]
#[pyo3(signature = (x, bins, /, right = None))]
fn digitize(py: Python<'_>, x: Array, bins: Array, right: Option<&Bound<'_, PyAny>>) -> Out {
    // Any value with a truth value, as in NumPy.
    let right = right.map_or(Ok(false), |r| r.is_truthy())?;
    run(py, x.0.size(), || purify_ops::digitize(&x.0, &bins.0, right))
}

/// Piecewise linear interpolation through the points `(xp, fp)` at the places `x`; `xp` increases.
#[pyfunction]
#[pyo3(signature = (x, xp, fp, /, left = None, right = None, period = None))]
fn interp<'py>(
    py: Python<'py>,
    x: Array,
    xp: Array,
    fp: Array,
    left: Option<&Bound<'py, PyAny>>,
    right: Option<&Bound<'py, PyAny>>,
    period: Option<f64>,
) -> PyResult<Bound<'py, PyAny>> {
    let real = |v: Option<&Bound<'py, PyAny>>| v.is_none_or(|v| !v.is_instance_of::<pyo3::types::PyComplex>());
    if fp.0.dtype().is_complex() || !real(left) || !real(right) {
        let wrap = |t: Tensor| PyTensor::wrap(py, t);
        let args = (wrap(x.0)?, wrap(xp.0)?, wrap(fp.0)?, left, right, period);
        return python(py, "purify.ops._statistics", "interp")?.call1(args);
    }
    let end = |v: Option<&Bound<'py, PyAny>>| v.map(|v| v.extract::<f64>()).transpose();
    let (left, right) = (end(left)?, end(right)?);
    let out = run(py, x.0.size(), || purify_ops::interp(&x.0, &xp.0, &fp.0, left, right, period))?;
    Ok(out.into_bound(py).into_any())
}

/// Counts (or sums of weights, or densities) of the elements in bins, and the edges of the bins: a pair. `bins` is a
/// number, the edges, or the name of a rule as `histogram_bin_edges` takes it.
#[pyfunction]
#[pyo3(signature = (x, /, bins = None, range = None, density = None, weights = None))]
fn histogram<'py>(
    py: Python<'py>,
    x: Array,
    bins: Option<&Bound<'py, PyAny>>,
    range: Option<(f64, f64)>,
    density: Option<bool>,
    weights: Option<Array>,
) -> PyResult<Bound<'py, PyAny>> {
    if weights.as_ref().is_some_and(|w| w.0.dtype().is_complex()) {
        let bins = match bins {
            Some(b) => b.clone(),
            None => 10i64.into_pyobject(py)?.into_any(),
        };
        let weights = weights.map(|w| PyTensor::wrap(py, w.0)).transpose()?;
        let args = (PyTensor::wrap(py, x.0)?, bins, range, density, weights);
        return python(py, "purify.ops._statistics", "histogram")?.call1(args);
    }
    let edges = match bins {
        None => None,
        Some(b) if b.is_instance_of::<pyo3::types::PyString>() => {
            let args = (PyTensor::wrap(py, x.0.clone())?, b, range);
            Some(python(py, "purify.ops._statistics", "histogram_bin_edges")?.call1(args)?.extract::<Array>()?.0)
        }
        Some(b) if convert::index(b).is_ok() => None,
        Some(b) => Some(b.extract::<Array>()?.0),
    };
    let count = match (&edges, bins) {
        (None, Some(b)) => usize::try_from(convert::index(b)?).unwrap_or(0),
        _ => 10,
    };
    let (counts, edges) = compute(py, x.0.size(), || {
        let bins = edges.as_ref().map_or(purify_ops::Bins::Count(count), purify_ops::Bins::Edges);
        purify_ops::histogram(&x.0, bins, range, density.unwrap_or(false), weights.as_ref().map(|w| &w.0))
    })?;
    Ok((PyTensor::wrap(py, counts)?, PyTensor::wrap(py, edges)?).into_pyobject(py)?.into_any())
}

/// Adds the functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    macro_rules! add { ($($f:ident)*) => { $(m.add_function(wrap_pyfunction!($f, m)?)?;)* } }
    add!(max min mean all any count_nonzero logsumexp sum prod variance deviation cumulative_sum cumulative_prod cumsum cumprod ptp);
    add!(median nanmedian nanmean quantile percentile nanquantile nanpercentile bincount digitize interp histogram);
    Ok(())
}
