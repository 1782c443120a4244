//! Reading index expressions: `x[...]` and `x[...] = value`.

use purify_ops::{DType, Index, Kind, Tensor};
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyEllipsis, PyInt, PySlice, PyTuple};

use crate::convert;
use crate::error::OrRaise;
use crate::tensor::{PyTensor, python};

/// `x[key]`: a view for slices and integers, a copy for index arrays. An element taken with integers alone is a
/// 0-d tensor of its own, so that it keeps its value as a number does when `x` changes.
pub fn get<'py>(slf: &Bound<'py, PyTensor>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = slf.py();
    let t = &slf.get().tensor;
    if let Some(i) = plain_int(key) {
        if t.ndim() == 0 {
            return Err(PyIndexError::new_err("a 0-d tensor takes no integer index"));
        }
        let item = if t.ndim() == 1 { t.element(&[i]).py()? } else { t.select(0, i).py()? };
        return Ok(PyTensor::wrap(py, item)?.into_bound(py).into_any());
    }
    if let Ok(tuple) = key.cast_exact::<PyTuple>()
        && tuple.len() == t.ndim()
        && let Some(place) = plain_ints(tuple)
    {
        return Ok(PyTensor::wrap(py, t.element(&place).py()?)?.into_bound(py).into_any());
    }
    let key = parse(t, key)?;
    let out = t.index(&key).py()?;
    let all_integers = out.ndim() == 0 && key.iter().all(|k| matches!(k, Index::Int(_)));
    let out = if all_integers { out.copy().py()? } else { out };
    Ok(PyTensor::wrap(py, out)?.into_bound(py).into_any())
}

/// `x[key] = value`, with the value broadcast and converted to the dtype of `x`.
pub fn set(t: &Tensor, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = key.py();
    let target = match plain_int(key) {
        Some(i) if t.ndim() > 0 => Some(t.select(0, i).py()?),
        _ => match key.cast_exact::<PyTuple>() {
            Ok(tuple) if tuple.len() == t.ndim() => element(t, tuple)?,
            _ => None,
        },
    };
    if let Some(target) = &target
        && let Some(number) = convert::scalar(value)?
    {
        check_kind(t.dtype(), number.kind())?;
        return target.fill(number).py();
    }
    let value = match convert::asarray(value, None, None) {
        Ok(v) => v,
        Err(e) if e.is_instance_of::<crate::error::ObjectNeeded>(py) => {
            // Decimal and the like: taken as the numbers they convert to.
            let numeric = python(py, "purify.ops._object", "to_numeric")?.call1((value,))?;
            convert::asarray(&numeric, None, None)?
        }
        Err(e) => return Err(e),
    };
    check_kind(t.dtype(), value.dtype().kind())?;
    if let Some(target) = target {
        return target.assign(&value).py();
    }
    let key = parse(t, key)?;
    t.index_put(&key, &value).py()
}

/// A complex value has no place in a real tensor; everything else converts, as in NumPy.
fn check_kind(dtype: DType, value: Kind) -> PyResult<()> {
    if value == Kind::Complex && !dtype.is_complex() {
        return Err(PyTypeError::new_err(format!("a complex value cannot be assigned to a tensor of {dtype}; take ops.real(value) first")));
    }
    Ok(())
}

#[inline]
fn plain_int(key: &Bound<'_, PyAny>) -> Option<i64> {
    if key.is_exact_instance_of::<PyInt>() { key.extract().ok() } else { None }
}

fn plain_ints(key: &Bound<'_, PyTuple>) -> Option<Vec<i64>> {
    key.iter_borrowed().map(|item| plain_int(&item)).collect()
}

/// The 0-d view at a tuple of plain integers.
fn element(t: &Tensor, key: &Bound<'_, PyTuple>) -> PyResult<Option<Tensor>> {
    let Some(place) = plain_ints(key) else { return Ok(None) };
    let mut here = t.clone();
    for (axis, i) in place.into_iter().enumerate() {
        let size = t.shape()[axis];
        let k = if i < 0 { i + size as i64 } else { i };
        if !(0..size as i64).contains(&k) {
            return Err(crate::error::exception(purify_ops::Error::OutOfBounds { op: "index", index: i, axis, size }));
        }
        here = here.select(0, k).py()?;
    }
    Ok(Some(here))
}

/// An index expression as the core takes it.
pub fn parse(t: &Tensor, key: &Bound<'_, PyAny>) -> PyResult<Vec<Index>> {
    let _ = t;
    match key.cast::<PyTuple>() {
        Ok(tuple) => tuple.iter().map(|item| one(&item)).collect(),
        Err(_) => Ok(vec![one(key)?]),
    }
}

fn one(item: &Bound<'_, PyAny>) -> PyResult<Index> {
    if let Some(i) = plain_int(item) {
        return Ok(Index::Int(i));
    }
    if let Ok(slice) = item.cast::<PySlice>() {
        return bounds(slice);
    }
    if item.is_none() {
        return Ok(Index::NewAxis);
    }
    if item.is_instance_of::<PyEllipsis>() {
        return Ok(Index::Ellipsis);
    }
    if let Ok(b) = item.cast::<PyBool>() {
        return Ok(Index::BoolMask(Tensor::scalar(b.is_true()).py()?));
    }
    if let Ok(t) = item.cast::<PyTensor>() {
        let t = &t.get().tensor;
        if t.ndim() == 0 && t.dtype().is_integer() {
            return Ok(Index::Int(convert::index(item)?));
        }
        return of_tensor(t.clone());
    }
    if !item.is_instance_of::<pyo3::types::PyFloat>()
        && item.hasattr("__index__")?
        && item.getattr("ndim").map_or(true, |n| n.extract::<usize>().is_ok_and(|n| n == 0))
    {
        return Ok(Index::Int(convert::index(item)?));
    }
    match convert::asarray(item, None, None) {
        // An empty list has no dtype of its own; as an index it selects nothing.
        Ok(t) if t.size() == 0 && t.dtype().is_real_float() && item.is_instance_of::<pyo3::types::PyList>() => {
            Ok(Index::IntArray(t.astype(DType::Int64).py()?))
        }
        Ok(t) => of_tensor(t),
        Err(_) => Err(PyIndexError::new_err(format!("{item} is no index; integers, slices, `...`, None, and integer or bool arrays are"))),
    }
}

fn of_tensor(t: Tensor) -> PyResult<Index> {
    if t.dtype().is_bool() {
        return Ok(Index::BoolMask(t));
    }
    if t.dtype().is_integer() {
        return Ok(Index::IntArray(t));
    }
    Err(PyIndexError::new_err(format!("arrays used as indices must be of integer or bool dtype, not {}", t.dtype())))
}

/// A slice, read as Python reads it: bounds beyond 64 bits mean the ends.
fn bounds(slice: &Bound<'_, PySlice>) -> PyResult<Index> {
    let (mut start, mut stop, mut step) = (0, 0, 0);
    // SAFETY: the object is a slice, and the three places are ours.
    if unsafe { ffi::PySlice_Unpack(slice.as_ptr(), &mut start, &mut stop, &mut step) } < 0 {
        return Err(PyErr::fetch(slice.py()));
    }
    // What a missing bound is read as.
    let (first, last) = if step < 0 { (isize::MAX, isize::MIN) } else { (0, isize::MAX) };
    let part = |value: isize, missing: isize| (value != missing).then_some(value as i64);
    Ok(Index::Slice { start: part(start, first), stop: part(stop, last), step: Some(step as i64) })
}
