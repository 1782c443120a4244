//! The operators of `Tensor`: arithmetic, comparison, bits, their reflected and in-place forms.

use purify_ops::{BinaryOp, Operand, Tensor, UnaryOp};
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::convert::Arg;
use crate::error::{ObjectNeeded, OrRaise};
use crate::floating;
use crate::tensor::{PyTensor, compute, python};

/// `a op b` of two operands as a Python object.
#[inline]
pub fn apply(py: Python<'_>, op: BinaryOp, a: Operand<'_>, b: Operand<'_>) -> PyResult<Py<PyTensor>> {
    let size = |o: &Operand<'_>| if let Operand::Tensor(t) = o { t.size() } else { 0 };
    let out = compute(py, size(&a).max(size(&b)), || purify_ops::binary(op, a, b))?;
    floating::check(py, op.name(), || purify_ops::binary_errors(op, a, b, &out))?;
    PyTensor::wrap(py, out)
}

fn object(py: Python<'_>, t: Py<PyTensor>) -> Py<PyAny> {
    t.into_bound(py).into_any().unbind()
}

/// The other operand of an operator; `None` if the operator should be left to the other object.
fn other_operand(other: &Bound<'_, PyAny>) -> PyResult<Option<Arg>> {
    if other.is_none() || other.is_instance_of::<PyString>() || other.is_instance_of::<PyBytes>() || other.is_instance_of::<PyDict>() {
        return Ok(None);
    }
    match Arg::read(other) {
        Ok(arg) => Ok(Some(arg)),
        Err(e) if e.is_instance_of::<ObjectNeeded>(other.py()) => Ok(None),
        Err(e) => Err(e),
    }
}

#[inline]
fn binary_operator(slf: &Bound<'_, PyTensor>, other: &Bound<'_, PyAny>, op: BinaryOp, reflected: bool) -> PyResult<Py<PyAny>> {
    let py = slf.py();
    let a = &slf.get().tensor;
    if let Ok(b) = other.cast_exact::<PyTensor>() {
        let b = &b.get().tensor;
        let (a, b) = if reflected { (b, a) } else { (a, b) };
        return apply(py, op, a.into(), b.into()).map(|t| object(py, t));
    }
    match other_operand(other)? {
        Some(arg) => {
            let (a, b) = if reflected { (arg.operand(), a.into()) } else { (a.into(), arg.operand()) };
            apply(py, op, a, b).map(|t| object(py, t))
        }
        None => object_operator(slf, other, op.name(), reflected),
    }
}

/// An operand without a numeric dtype (`Decimal`, an object array): the object arrays answer, or nobody does.
#[cold]
fn object_operator(slf: &Bound<'_, PyTensor>, other: &Bound<'_, PyAny>, name: &str, reflected: bool) -> PyResult<Py<PyAny>> {
    let py = slf.py();
    if other.is_none() || other.is_instance_of::<PyString>() || other.is_instance_of::<PyBytes>() || other.is_instance_of::<PyDict>() {
        return Ok(py.NotImplemented());
    }
    if !reflected && answers_itself(other) {
        return Ok(py.NotImplemented());
    }
    python(py, "purify.ops._object", "operator")?.call1((name, slf, other, reflected)).map(Bound::unbind)
}

/// Whether the other operand asked, by the signs that NumPy's arrays look for, that its own operators be taken.
fn answers_itself(other: &Bound<'_, PyAny>) -> bool {
    let priority = other.getattr("__array_priority__").and_then(|p| p.extract::<f64>());
    other.getattr("__array_ufunc__").is_ok_and(|f| f.is_none()) || priority.is_ok_and(|p| p > 0.0)
}

/// `a op= b`: writes into the memory of `a`, so all its views see it, and never changes its dtype. A 0-d tensor is
/// rebound instead, as a number is: `total = x.sum(); best = total; total += 1` leaves `best` alone.
fn in_place(slf: &Bound<'_, PyTensor>, other: &Bound<'_, PyAny>, op: BinaryOp) -> PyResult<Py<PyAny>> {
    let py = slf.py();
    let a = &slf.get().tensor;
    if a.ndim() == 0 {
        return binary_operator(slf, other, op, false);
    }
    let Some(arg) = other_operand(other)? else { return Ok(py.NotImplemented()) };
    let b = arg.operand();
    let out = compute(py, a.size(), || purify_ops::binary(op, a.into(), b))?;
    floating::check(py, op.name(), || purify_ops::binary_errors(op, a.into(), b, &out))?;
    write_back(py, op.name(), a, out)?;
    Ok(slf.clone().into_any().unbind())
}

fn write_back(py: Python<'_>, name: &str, a: &Tensor, out: Tensor) -> PyResult<()> {
    if out.shape() != a.shape() {
        return Err(PyValueError::new_err(format!(
            "{name}: a result of shape {:?} does not fit in place into shape {:?}",
            out.shape(),
            a.shape()
        )));
    }
    if !purify_ops::can_cast_with(out.dtype(), a.dtype(), purify_ops::Casting::SameKind) {
        return Err(PyTypeError::new_err(format!(
            "{name}: a result of {} does not fit in place into {}; write `a = a ... b` instead",
            out.dtype(),
            a.dtype()
        )));
    }
    compute(py, a.size(), || a.assign(&out))
}

fn matmul(py: Python<'_>, a: &Tensor, b: &Tensor) -> PyResult<Tensor> {
    let out = compute(py, a.size().max(b.size()).saturating_mul(16), || purify_ops::linalg::matmul(a, b))?;
    floating::check(py, "matmul", || purify_ops::combined_errors(&[a, b], &out))?;
    Ok(out)
}

fn matmul_operator(slf: &Bound<'_, PyTensor>, other: &Bound<'_, PyAny>, reflected: bool) -> PyResult<Py<PyAny>> {
    let py = slf.py();
    let a = &slf.get().tensor;
    let b = match other_operand(other)? {
        Some(Arg::Tensor(b)) => b,
        Some(Arg::Scalar(_)) => return Err(PyTypeError::new_err("matmul: both operands need dimensions, one is a number")),
        None => return object_operator(slf, other, "matmul", reflected),
    };
    let out = if reflected { matmul(py, &b, a)? } else { matmul(py, a, &b)? };
    Ok(object(py, PyTensor::wrap(py, out)?))
}

fn unary_operator(slf: &Bound<'_, PyTensor>, op: UnaryOp) -> PyResult<Py<PyTensor>> {
    let py = slf.py();
    let t = &slf.get().tensor;
    let out = compute(py, t.size(), || purify_ops::unary(op, t))?;
    floating::check(py, op.name(), || purify_ops::unary_errors(op, t, &out))?;
    PyTensor::wrap(py, out)
}

macro_rules! operators {
    ($($name:ident $reflected:ident $in_place:ident $op:ident;)*) => {
        #[pymethods]
        impl PyTensor {
            $(
                fn $name(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                    binary_operator(slf, other, BinaryOp::$op, false)
                }
                fn $reflected(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                    binary_operator(slf, other, BinaryOp::$op, true)
                }
                fn $in_place(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                    in_place(slf, other, BinaryOp::$op)
                }
            )*

            fn __pow__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>, modulo: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
                no_modulo(modulo)?;
                binary_operator(slf, other, BinaryOp::Pow, false)
            }
            fn __rpow__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>, modulo: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
                no_modulo(modulo)?;
                binary_operator(slf, other, BinaryOp::Pow, true)
            }
            fn _ipow(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                in_place(slf, other, BinaryOp::Pow)
            }
            fn __matmul__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                matmul_operator(slf, other, false)
            }
            fn __rmatmul__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                matmul_operator(slf, other, true)
            }
            fn _imatmul(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                let py = slf.py();
                let Some(Arg::Tensor(b)) = other_operand(other)? else { return Ok(py.NotImplemented()) };
                let out = matmul(py, &slf.get().tensor, &b)?;
                write_back(py, "matmul", &slf.get().tensor, out)?;
                Ok(slf.clone().into_any().unbind())
            }
            fn __divmod__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<(Py<PyAny>, Py<PyAny>)> {
                Ok((binary_operator(slf, other, BinaryOp::FloorDivide, false)?, binary_operator(slf, other, BinaryOp::Remainder, false)?))
            }
            fn __rdivmod__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<(Py<PyAny>, Py<PyAny>)> {
                Ok((binary_operator(slf, other, BinaryOp::FloorDivide, true)?, binary_operator(slf, other, BinaryOp::Remainder, true)?))
            }
            fn __neg__(slf: &Bound<'_, Self>) -> PyResult<Py<PyTensor>> {
                unary_operator(slf, UnaryOp::Negative)
            }
            fn __pos__(slf: &Bound<'_, Self>) -> PyResult<Py<PyTensor>> {
                let t = &slf.get().tensor;
                if t.dtype().is_bool() {
                    return Err(PyTypeError::new_err("positive: dtype bool is not supported; it takes numbers"));
                }
                PyTensor::wrap(slf.py(), t.copy().py()?)
            }
            fn __abs__(slf: &Bound<'_, Self>) -> PyResult<Py<PyTensor>> {
                unary_operator(slf, UnaryOp::Abs)
            }
            fn __invert__(slf: &Bound<'_, Self>) -> PyResult<Py<PyTensor>> {
                unary_operator(slf, UnaryOp::BitwiseInvert)
            }
            fn __richcmp__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>, op: CompareOp) -> PyResult<Py<PyAny>> {
                compare(slf, other, op)
            }
        }
    };
}

operators! {
    __add__ __radd__ _iadd Add;
    __sub__ __rsub__ _isub Subtract;
    __mul__ __rmul__ _imul Multiply;
    __truediv__ __rtruediv__ _itruediv Divide;
    __floordiv__ __rfloordiv__ _ifloordiv FloorDivide;
    __mod__ __rmod__ _imod Remainder;
    __and__ __rand__ _iand BitwiseAnd;
    __or__ __ror__ _ior BitwiseOr;
    __xor__ __rxor__ _ixor BitwiseXor;
    __lshift__ __rlshift__ _ilshift BitwiseLeftShift;
    __rshift__ __rrshift__ _irshift BitwiseRightShift;
}

const IN_PLACE: [&str; 13] =
    ["iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "iand", "ior", "ixor", "ilshift", "irshift", "ipow", "imatmul"];

fn no_modulo(modulo: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    if modulo.is_some() { Err(PyTypeError::new_err("pow of a tensor takes no modulus")) } else { Ok(()) }
}

fn compare(slf: &Bound<'_, PyTensor>, other: &Bound<'_, PyAny>, op: CompareOp) -> PyResult<Py<PyAny>> {
    let py = slf.py();
    let code = match op {
        CompareOp::Lt => BinaryOp::Less,
        CompareOp::Le => BinaryOp::LessEqual,
        CompareOp::Eq => BinaryOp::Equal,
        CompareOp::Ne => BinaryOp::NotEqual,
        CompareOp::Gt => BinaryOp::Greater,
        CompareOp::Ge => BinaryOp::GreaterEqual,
    };
    // Nothing equals None, element by element, as in NumPy.
    if other.is_none() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        let out = Tensor::uninit("equal", slf.get().tensor.shape(), purify_ops::DType::Bool, slf.get().tensor.device()).py()?;
        out.fill(purify_ops::Scalar::Bool(matches!(op, CompareOp::Ne))).py()?;
        return Ok(object(py, PyTensor::wrap(py, out)?));
    }
    binary_operator(slf, other, code, false)
}

/// Puts the in-place operators on the class. They return what the name is bound to next, which the slots of PyO3
/// cannot express, so they are ordinary methods under their special names.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let class = m.py().get_type::<PyTensor>();
    for name in IN_PLACE {
        let hidden = format!("_{name}");
        let method = class.getattr("__dict__")?.get_item(&hidden)?;
        class.setattr(format!("__{name}__"), method)?;
        class.delattr(hidden)?;
    }
    Ok(())
}
