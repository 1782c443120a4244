//! Searching, sorting, sets, and selecting by condition or position.

use purify_ops::{DType, Side, Tensor};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::creation::tuple;
use crate::convert::{Arg, Array, Arrays, Ints};
use crate::error::{ObjectNeeded, OrRaise};
use crate::tensor::{PyTensor, compute, python, wrap};

type Out = PyResult<Py<PyTensor>>;

fn named<'py>(py: Python<'py>, name: &str, parts: Vec<Tensor>) -> PyResult<Bound<'py, PyAny>> {
    python(py, "purify.ops._results", name)?.call1(tuple(py, parts)?)
}

fn run(py: Python<'_>, size: usize, f: impl FnOnce() -> purify_ops::Result<Tensor> + Send) -> Out {
    PyTensor::wrap(py, compute(py, size, f)?)
}

/// The elements of `x1` where the condition holds, of `x2` elsewhere.
#[pyfunction]
#[pyo3(name = "where", signature = (condition, x1, x2, /))]
fn where_<'py>(
    py: Python<'py>,
    condition: &Bound<'py, PyAny>,
    x1: &Bound<'py, PyAny>,
    x2: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let parts = Array::extract(condition.as_borrowed()).and_then(|c| Ok((c.0, Arg::read(x1)?, Arg::read(x2)?)));
    let (c, a, b) = match parts {
        Ok(parts) => parts,
        Err(e) if e.is_instance_of::<ObjectNeeded>(py) => {
            return python(py, "purify.ops._object", "where")?.call1((condition, x1, x2));
        }
        Err(e) => return Err(e),
    };
    let size = c.size();
    let out = compute(py, size, || purify_ops::where_(&c, a.operand(), b.operand()))?;
    Ok(PyTensor::wrap(py, out)?.into_bound(py).into_any())
}

/// The elements limited to the interval from `min` to `max`; either may be left out.
#[pyfunction]
#[pyo3(signature = (x, /, min = None, max = None))]
fn clip<'py>(
    py: Python<'py>,
    x: &Bound<'py, PyAny>,
    min: Option<&Bound<'py, PyAny>>,
    max: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let parts = Array::extract(x.as_borrowed()).and_then(|t| Ok((t.0, min.map(Arg::read).transpose()?, max.map(Arg::read).transpose()?)));
    let (t, low, high) = match parts {
        Ok(parts) => parts,
        Err(e) if e.is_instance_of::<ObjectNeeded>(py) => {
            return python(py, "purify.ops._object", "clip")?.call1((x, min, max));
        }
        Err(e) => return Err(e),
    };
    let out = compute(py, t.size(), || purify_ops::clip(&t, low.as_ref().map(Arg::operand), high.as_ref().map(Arg::operand)))?;
    Ok(PyTensor::wrap(py, out)?.into_bound(py).into_any())
}

macro_rules! positions {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, axis = None, keepdims = false))]
        fn $name(py: Python<'_>, x: Array, axis: Option<i64>, keepdims: bool) -> Out {
            run(py, x.0.size(), || purify_ops::$name(&x.0, axis, keepdims))
        }
    )*};
}

positions! {
    /// The index of the first largest element along an axis, or in the flattened array; int64.
    argmax;
    /// The index of the first smallest element along an axis, or in the flattened array; int64.
    argmin;
}

/// The indices of the elements that are not zero: one array per axis.
#[pyfunction]
#[pyo3(signature = (x, /))]
fn nonzero<'py>(py: Python<'py>, x: Array) -> PyResult<Bound<'py, PyTuple>> {
    let parts = compute(py, x.0.size(), || purify_ops::nonzero(&x.0))?;
    tuple(py, parts)
}

/// Where the elements of `x2` would be inserted into the sorted vector `x1`; "left" or "right" of equal ones.
#[pyfunction]
#[pyo3(signature = (x1, x2, /, *, side = "left", sorter = None))]
fn searchsorted(py: Python<'_>, x1: Array, x2: Arg, side: &str, sorter: Option<Array>) -> Out {
    let side = match side {
        "left" => Side::Left,
        "right" => Side::Right,
        _ => return Err(PyValueError::new_err(format!("searchsorted: side must be \"left\" or \"right\", not {side:?}"))),
    };
    let size = match &x2 {
        Arg::Tensor(t) => t.size(),
        Arg::Scalar(_) => 1,
    };
    run(py, size, || purify_ops::searchsorted(&x1.0, x2.operand(), side, sorter.as_ref().map(|s| &s.0)))
}

macro_rules! sorting {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, axis = Some(-1), descending = false, stable = true))]
        fn $name(py: Python<'_>, x: Array, axis: Option<i64>, descending: bool, stable: bool) -> Out {
            // Every sort here is stable.
            let _ = stable;
            run(py, x.0.size(), || purify_ops::$name(&x.0, axis, descending))
        }
    )*};
}

sorting! {
    /// The elements sorted along an axis (`None`: of the flattened array), NaN last; always stable.
    sort;
    /// The indices that sort along an axis; always stable.
    argsort;
}

/// The distinct elements, sorted, with first indices, inverse and counts; every NaN is distinct.
#[pyfunction]
#[pyo3(signature = (x, /))]
fn unique_all<'py>(py: Python<'py>, x: Array) -> PyResult<Bound<'py, PyAny>> {
    let u = compute(py, x.0.size(), || purify_ops::unique_all(&x.0))?;
    named(py, "UniqueAllResult", vec![u.values, u.indices, u.inverse, u.counts])
}

/// The distinct elements, sorted, and how often each occurs.
#[pyfunction]
#[pyo3(signature = (x, /))]
fn unique_counts<'py>(py: Python<'py>, x: Array) -> PyResult<Bound<'py, PyAny>> {
    let (v, c) = compute(py, x.0.size(), || purify_ops::unique_counts(&x.0))?;
    named(py, "UniqueCountsResult", vec![v, c])
}

/// The distinct elements, sorted, and for each element the position of its value.
#[pyfunction]
#[pyo3(signature = (x, /))]
fn unique_inverse<'py>(py: Python<'py>, x: Array) -> PyResult<Bound<'py, PyAny>> {
    let (v, i) = compute(py, x.0.size(), || purify_ops::unique_inverse(&x.0))?;
    named(py, "UniqueInverseResult", vec![v, i])
}

/// The distinct elements, sorted; every NaN is distinct.
#[pyfunction]
#[pyo3(signature = (x, /))]
fn unique_values(py: Python<'_>, x: Array) -> Out {
    run(py, x.0.size(), || purify_ops::unique_values(&x.0))
}

/// Where elements of the first operand are among those of the second.
#[pyfunction]
#[pyo3(signature = (x1, x2, /, assume_unique = false, invert = false))]
fn isin(py: Python<'_>, x1: Arg, x2: Arg, assume_unique: bool, invert: bool) -> Out {
    let _ = assume_unique;
    wrap(py, purify_ops::isin(x1.operand(), x2.operand(), invert))
}

fn integers(t: &Tensor, name: &str) -> PyResult<Tensor> {
    if t.dtype().is_integer() || t.dtype().is_bool() || t.size() == 0 {
        return t.astype(DType::Int64).py();
    }
    Err(PyTypeError::new_err(format!("{name}: indices must be integers, got {}", t.dtype())))
}

/// The slices at positions along an axis, or the elements at positions of the flattened array.
#[pyfunction]
#[pyo3(signature = (x, indices, /, *, axis = None))]
fn take(py: Python<'_>, x: Array, indices: Array, axis: Option<i64>) -> Out {
    let index = integers(&indices.0, "take")?;
    run(py, index.size(), || purify_ops::take(&x.0, &index, axis))
}

/// The elements at positions along an axis, one per element of `indices`.
#[pyfunction]
#[pyo3(signature = (x, indices, /, *, axis = Some(-1)))]
fn take_along_axis(py: Python<'_>, x: Array, indices: Array, axis: Option<i64>) -> Out {
    let index = integers(&indices.0, "take_along_axis")?;
    let (t, axis) = match axis {
        Some(axis) => (x.0, axis),
        None => (x.0.reshape(&[x.0.size()]).py()?, 0),
    };
    run(py, index.size(), || purify_ops::take_along_axis(&t, &index, axis))
}

/// Indices that sort by several keys, the last one first in rank.
#[pyfunction]
#[pyo3(signature = (keys, /, axis = -1))]
fn lexsort(py: Python<'_>, keys: Arrays, axis: i64) -> Out {
    run(py, keys.0.iter().map(Tensor::size).sum(), || purify_ops::lexsort(&keys.0.iter().collect::<Vec<_>>(), axis))
}

/// The `k` largest (or smallest) elements along an axis and their indices: a named tuple.
#[pyfunction]
#[pyo3(signature = (x, k, /, *, axis = -1, largest = true, sorted = true))]
fn topk<'py>(py: Python<'py>, x: Array, k: usize, axis: i64, largest: bool, sorted: bool) -> PyResult<Bound<'py, PyAny>> {
    let _ = sorted;
    let (v, i) = compute(py, x.0.size(), || purify_ops::topk(&x.0, k, axis, largest))?;
    named(py, "TopkResult", vec![v, i])
}

macro_rules! partitions {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, kth, /, axis = Some(-1)))]
        fn $name(py: Python<'_>, x: Array, kth: Ints, axis: Option<i64>) -> Out {
            run(py, x.0.size(), || purify_ops::$name(&x.0, &kth.0, axis))
        }
    )*};
}

partitions! {
    /// `x` with the `kth` smallest elements in their places, smaller ones before them.
    partition;
    /// The indices that `partition`.
    argpartition;
}

/// The flat positions of the elements that are not zero.
#[pyfunction]
#[pyo3(signature = (x, /))]
fn flatnonzero(py: Python<'_>, x: Array) -> Out {
    run(py, x.0.size(), || purify_ops::flatnonzero(&x.0))
}

/// Differences of neighbours along an axis, `n` times.
#[pyfunction]
#[pyo3(signature = (x, /, *, axis = -1, n = 1, prepend = None, append = None))]
fn diff(py: Python<'_>, x: Array, axis: i64, n: i64, prepend: Option<Array>, append: Option<Array>) -> Out {
    let n = usize::try_from(n).map_err(|_| PyValueError::new_err(format!("diff: n={n} is negative")))?;
    run(py, x.0.size(), || {
        // A number counts as a slice of length one along the axis.
        let fit = |edge: Option<Array>| -> purify_ops::Result<Option<Tensor>> {
            let Some(Array(edge)) = edge else { return Ok(None) };
            if edge.ndim() > 0 {
                return Ok(Some(edge));
            }
            let mut shape = x.0.shape().to_vec();
            let at = purify_ops::normalize_axis("diff", axis, &shape)?;
            shape[at] = 1;
            edge.broadcast_to(&shape).map(Some)
        };
        let (before, after) = (fit(prepend)?, fit(append)?);
        purify_ops::diff(&x.0, n, axis, before.as_ref(), after.as_ref())
    })
}

/// Adds the functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    macro_rules! add { ($($f:ident)*) => { $(m.add_function(wrap_pyfunction!($f, m)?)?;)* } }
    add!(where_ clip argmax argmin nonzero searchsorted sort argsort unique_all unique_counts unique_inverse unique_values isin
        take take_along_axis lexsort topk partition argpartition flatnonzero diff);
    Ok(())
}
