//! Dtype functions: promotion, kinds, limits.

use purify_ops::{Casting, DType, Participant};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};

use crate::convert;
use crate::dtype::{self, DTypeArg, PyDType};
use crate::error::OrRaise;
use crate::tensor::{PyTensor, number};

fn participant(obj: &Bound<'_, PyAny>) -> PyResult<Participant> {
    if let Ok(t) = obj.cast::<PyTensor>() {
        return Ok(Participant::DType(t.get().tensor.dtype()));
    }
    if let Some(value) = convert::scalar(obj)? {
        return Ok(Participant::Weak(value.kind()));
    }
    if obj.is_instance_of::<PyDType>() || obj.is_instance_of::<PyType>() || obj.is_instance_of::<PyString>() {
        return dtype::parse(obj).map(Participant::DType);
    }
    match convert::asarray(obj, None, None) {
        Ok(t) => Ok(Participant::DType(t.dtype())),
        Err(_) => dtype::parse(obj).map(Participant::DType),
    }
}

/// The dtype that an operation on all arguments (arrays, dtypes, Python numbers) would compute in.
#[pyfunction]
#[pyo3(signature = (*arrays_and_dtypes))]
fn result_type(py: Python<'_>, arrays_and_dtypes: &Bound<'_, PyTuple>) -> PyResult<Py<PyDType>> {
    let parts = arrays_and_dtypes.iter().map(|a| participant(&a)).collect::<PyResult<Vec<_>>>()?;
    dtype::object(py, purify_ops::result_type(&parts).py()?)
}

/// The dtype that two dtypes promote to.
#[pyfunction]
#[pyo3(signature = (type1, type2, /))]
fn promote_types(py: Python<'_>, type1: DTypeArg, type2: DTypeArg) -> PyResult<Py<PyDType>> {
    dtype::object(py, purify_ops::promote_types(type1.0, type2.0))
}

/// Whether one dtype (or that of an array) converts to another: by promotion ("safe"), or by another of NumPy's rules.
#[pyfunction]
#[pyo3(signature = (from_, to, /, casting = "safe"))]
fn can_cast(from_: &Bound<'_, PyAny>, to: DTypeArg, casting: &str) -> PyResult<bool> {
    let from = match participant(from_)? {
        Participant::DType(d) => d,
        Participant::Weak(_) => {
            let message = "can_cast: a Python number has no dtype; pass an array or a dtype";
            return Err(PyTypeError::new_err(message));
        }
    };
    let casting = match casting {
        "no" | "equiv" => Casting::No,
        "safe" => Casting::Safe,
        "same_kind" => Casting::SameKind,
        "unsafe" => Casting::Unsafe,
        other => return Err(PyValueError::new_err(format!("can_cast: {other:?} is not one of no, equiv, safe, same_kind, unsafe"))),
    };
    Ok(purify_ops::can_cast_with(from, to.0, casting))
}

/// Whether a dtype is of a kind ("bool", "integral", "real floating", ...), is another dtype, or either of a tuple.
#[pyfunction]
#[pyo3(signature = (dtype, kind))]
fn isdtype(dtype: DTypeArg, kind: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let Ok(kinds) = kind.cast::<PyTuple>() {
        for kind in kinds.iter() {
            if one_kind(dtype.0, &kind)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    one_kind(dtype.0, kind)
}

fn one_kind(dtype: DType, kind: &Bound<'_, PyAny>) -> PyResult<bool> {
    match kind.cast::<PyString>() {
        Ok(name) => purify_ops::isdtype(dtype, name.to_str()?).py(),
        Err(_) => Ok(dtype == dtype::parse(kind)?),
    }
}

/// The limits of a floating-point dtype, in the order of `finfo`'s attributes.
#[pyfunction]
fn _finfo(py: Python<'_>, dtype: DTypeArg) -> PyResult<Bound<'_, PyTuple>> {
    let f = purify_ops::finfo(dtype.0).py()?;
    let real = dtype::object(py, f.dtype)?;
    let values = (real, f.bits, f.eps, f.max, f.min, f.smallest_normal, f.smallest_subnormal, f.precision);
    values.into_pyobject(py)
}

/// The limits of an integer dtype, in the order of `iinfo`'s attributes.
#[pyfunction]
fn _iinfo(py: Python<'_>, dtype: DTypeArg) -> PyResult<Bound<'_, PyTuple>> {
    let i = purify_ops::iinfo(dtype.0).py()?;
    let bound = |v| number(py, purify_ops::Scalar::Int(v));
    (dtype::object(py, i.dtype)?, i.bits, bound(i.max)?, bound(i.min)?).into_pyobject(py)
}

/// The shortest digits that read back as the same number of a dtype, in scientific notation.
#[pyfunction]
fn _shortest(value: f64, dtype: &str) -> String {
    match dtype {
        "float32" => format!("{:e}", value as f32),
        "float16" => shortest_half(value, |v| half::f16::from_f64(v).to_f64()),
        "bfloat16" => shortest_half(value, |v| half::bf16::from_f64(v).to_f64()),
        _ => format!("{value:e}"),
    }
}

/// The 16-bit formats have at most five digits, so trying one count after another is enough.
fn shortest_half(value: f64, round: impl Fn(f64) -> f64) -> String {
    (0..6)
        .map(|digits| format!("{value:.digits$e}"))
        .find(|text| text.parse::<f64>().is_ok_and(|v| round(v) == value))
        .unwrap_or_else(|| format!("{value:e}"))
}

/// The op table: name, category, signature, version of the standard and summary of every op.
#[pyfunction]
fn _op_table() -> Vec<(&'static str, &'static str, &'static str, &'static str, &'static str)> {
    purify_ops::ops().map(|op| (op.name, op.category.name(), op.signature, op.standard, op.summary)).collect()
}

/// Adds the functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    macro_rules! add { ($($f:ident)*) => { $(m.add_function(wrap_pyfunction!($f, m)?)?;)* } }
    add!(result_type promote_types can_cast isdtype _finfo _iinfo _shortest _op_table);
    Ok(())
}
