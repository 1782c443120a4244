//! The elementwise functions: one Python function for each row of the core's operation enums.
//!
//! They are made from the enums by number, so a new row there is a new function here. They use the calling
//! convention of C functions directly: a call on two small tensors costs about a hundred nanoseconds.

use std::ffi::{CStr, CString};
use std::panic::{AssertUnwindSafe, catch_unwind};

use purify_ops::{BinaryOp, UnaryOp};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyFloat, PyInt, PyTuple};

use crate::convert::Arg;
use crate::error::ObjectNeeded;
use crate::operators::apply;
use crate::tensor::{PyTensor, compute, python};

type Fast = unsafe extern "C" fn(*mut ffi::PyObject, *mut *mut ffi::PyObject, ffi::Py_ssize_t) -> *mut ffi::PyObject;

/// Whether a value is a plain Python number, for which an operator's function is the operator itself.
#[inline]
fn is_number(obj: &Bound<'_, PyAny>) -> bool {
    obj.is_exact_instance_of::<PyFloat>()
        || obj.is_exact_instance_of::<PyInt>()
        || obj.is_exact_instance_of::<PyBool>()
        || obj.is_exact_instance_of::<PyComplex>()
}

/// What Python's own operator answers for two plain numbers; `None` if the function is no operator.
fn python_operator<'py>(op: BinaryOp, a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>) -> Option<PyResult<Bound<'py, PyAny>>> {
    use pyo3::basic::CompareOp::*;
    Some(match op {
        BinaryOp::Add => a.add(b),
        BinaryOp::Subtract => a.sub(b),
        BinaryOp::Multiply => a.mul(b),
        BinaryOp::Divide => a.div(b),
        BinaryOp::FloorDivide => a.floor_div(b),
        BinaryOp::Remainder => a.rem(b),
        BinaryOp::Pow => a.pow(b, a.py().None()),
        BinaryOp::BitwiseAnd => a.bitand(b),
        BinaryOp::BitwiseOr => a.bitor(b),
        BinaryOp::BitwiseXor => a.bitxor(b),
        BinaryOp::BitwiseLeftShift => a.lshift(b),
        BinaryOp::BitwiseRightShift => a.rshift(b),
        BinaryOp::Equal => a.rich_compare(b, Eq),
        BinaryOp::NotEqual => a.rich_compare(b, Ne),
        BinaryOp::Less => a.rich_compare(b, Lt),
        BinaryOp::LessEqual => a.rich_compare(b, Le),
        BinaryOp::Greater => a.rich_compare(b, Gt),
        BinaryOp::GreaterEqual => a.rich_compare(b, Ge),
        _ => return None,
    })
}

fn binary<'py>(py: Python<'py>, op: BinaryOp, args: &[Bound<'py, PyAny>]) -> PyResult<Py<PyAny>> {
    let [a, b] = args else { return Err(wrong_count(op.name(), 2, args.len())) };
    if let (Ok(a), Ok(b)) = (a.cast_exact::<PyTensor>(), b.cast_exact::<PyTensor>()) {
        return apply(py, op, (&a.get().tensor).into(), (&b.get().tensor).into()).map(any);
    }
    if is_number(a)
        && is_number(b)
        && let Some(result) = python_operator(op, a, b)
    {
        return result.map(Bound::unbind);
    }
    let result = Arg::read(a).and_then(|a| Arg::read(b).map(|b| (a, b)));
    match result {
        Ok((a, b)) => apply(py, op, a.operand(), b.operand()).map(any),
        Err(e) => object_call(py, op.name(), args, e),
    }
}

fn unary<'py>(py: Python<'py>, op: UnaryOp, args: &[Bound<'py, PyAny>]) -> PyResult<Py<PyAny>> {
    let [x] = args else { return Err(wrong_count(op.name(), 1, args.len())) };
    let t = match x.cast_exact::<PyTensor>() {
        Ok(t) => t.get().tensor.clone(),
        Err(_) => {
            if is_number(x) {
                match op {
                    UnaryOp::Negative => return x.neg().map(Bound::unbind),
                    UnaryOp::Abs => return x.abs().map(Bound::unbind),
                    UnaryOp::BitwiseInvert => return x.bitnot().map(Bound::unbind),
                    _ => {}
                }
            }
            match Arg::read(x) {
                Ok(arg) => arg.into_tensor()?,
                Err(e) => return object_call(py, op.name(), args, e),
            }
        }
    };
    let out = compute(py, t.size(), || purify_ops::unary(op, &t))?;
    crate::floating::check(py, op.name(), || purify_ops::unary_errors(op, &t, &out))?;
    PyTensor::wrap(py, out).map(any)
}

fn any(t: Py<PyTensor>) -> Py<PyAny> {
    t.into_any()
}

/// Arguments without a numeric dtype go to the object arrays.
#[cold]
fn object_call<'py>(py: Python<'py>, name: &str, args: &[Bound<'py, PyAny>], error: PyErr) -> PyResult<Py<PyAny>> {
    if !error.is_instance_of::<ObjectNeeded>(py) {
        return Err(error);
    }
    let args = PyTuple::new(py, args)?;
    python(py, "purify.ops._object", "elementwise")?.call1((name, args)).map(Bound::unbind)
}

#[cold]
fn wrong_count(name: &str, expected: usize, got: usize) -> PyErr {
    PyTypeError::new_err(format!("{name}: expected {expected} arguments, got {got}"))
}

/// Runs a call that came in through C: Rust's errors and panics become Python's.
///
/// # Safety
/// `args` must point to `count` valid objects, and the interpreter must be attached.
#[inline]
unsafe fn guard(
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    body: impl for<'py> FnOnce(Python<'py>, &[Bound<'py, PyAny>]) -> PyResult<Py<PyAny>>,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls this while attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: a `Bound` is one pointer to an object; the slice borrows references that the caller holds, and is
    // never dropped as owned values.
    let slice = unsafe {
        std::slice::from_raw_parts(if count == 0 { std::ptr::dangling() } else { args.cast::<Bound<'_, PyAny>>() }, count as usize)
    };
    match catch_unwind(AssertUnwindSafe(|| body(py, slice))) {
        Ok(Ok(value)) => value.into_ptr(),
        Ok(Err(e)) => {
            e.restore(py);
            std::ptr::null_mut()
        }
        Err(_) => {
            PyRuntimeError::new_err("internal error; please report the call that led here").restore(py);
            std::ptr::null_mut()
        }
    }
}

unsafe extern "C" fn binary_function<const OP: usize>(
    _module: *mut ffi::PyObject,
    args: *mut *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
) -> *mut ffi::PyObject {
    // SAFETY: this is what the calling convention promises.
    unsafe { guard(args, count, |py, args| binary(py, BinaryOp::ALL[OP], args)) }
}

unsafe extern "C" fn unary_function<const OP: usize>(
    _module: *mut ffi::PyObject,
    args: *mut *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
) -> *mut ffi::PyObject {
    // SAFETY: this is what the calling convention promises.
    unsafe { guard(args, count, |py, args| unary(py, UnaryOp::ALL[OP], args)) }
}

/// The functions of a macro-written list of numbers; those beyond the enum are never used.
macro_rules! numbered {
    ($f:ident: $($i:literal)*) => { [$({ const I: usize = $i; $f::<I> as Fast }),*] };
}

macro_rules! table {
    ($f:ident) => {
        numbered!($f:
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39
            40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75
            76 77 78 79)
    };
}

const BINARY: [Fast; 80] = table!(binary_function);
const UNARY: [Fast; 80] = table!(unary_function);
const _: () = assert!(BinaryOp::ALL.len() <= BINARY.len() && UnaryOp::ALL.len() <= UNARY.len(), "write more numbers in `table!`");

/// A builtin function of this name, documentation and body. It lives as long as the process.
fn function<'py>(m: &Bound<'py, PyModule>, name: &str, signature: &str, doc: &str, body: Fast) -> PyResult<Bound<'py, PyAny>> {
    let text = |s: String| -> &'static CStr { Box::leak(CString::new(s.replace('\0', "")).unwrap_or_default().into_boxed_c_str()) };
    let definition = Box::leak(Box::new(ffi::PyMethodDef {
        ml_name: text(name.to_owned()).as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFast: body },
        ml_flags: ffi::METH_FASTCALL,
        ml_doc: text(format!("{name}{signature}\n--\n\n{doc}")).as_ptr(),
    }));
    let module_name = pyo3::intern!(m.py(), "purify.ops");
    // SAFETY: the definition is valid and never freed; the other arguments are live objects.
    unsafe { Bound::from_owned_ptr_or_err(m.py(), ffi::PyCFunction_NewEx(definition, std::ptr::null_mut(), module_name.as_ptr())) }
}

/// The elements as they are, in a new array; numbers only.
#[pyfunction]
#[pyo3(signature = (x, /))]
fn positive<'py>(py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if is_number(x) || x.is_instance_of::<PyTensor>() {
        return x.pos();
    }
    Ok(PyTensor::wrap(py, crate::convert::asarray(x, None, Some(true))?)?.into_bound(py).into_any())
}

/// Adds the functions to the module, documented from the op table.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    for (i, op) in BinaryOp::ALL.iter().enumerate() {
        m.add(op.name(), function(m, op.name(), "(x1, x2, /)", summary(op.name()), BINARY[i])?)?;
    }
    for (i, op) in UnaryOp::ALL.iter().enumerate() {
        m.add(op.name(), function(m, op.name(), "(x, /)", summary(op.name()), UNARY[i])?)?;
    }
    m.add("degrees", m.getattr("rad2deg")?)?;
    m.add("radians", m.getattr("deg2rad")?)?;
    m.add_function(wrap_pyfunction!(positive, m)?)
}

fn summary(name: &str) -> &'static str {
    let info = purify_ops::op_info(name).or_else(|| purify_ops::op_info(&format!("nn.{name}")));
    info.map_or("", |info| info.summary)
}
