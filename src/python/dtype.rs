//! The class of dtype objects and the reading of dtype arguments.

use std::hash::{Hash, Hasher};

use purify_ops::{DType, Kind};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyComplex, PyFloat, PyInt, PyString, PyTuple, PyType};

use crate::error::ObjectNeeded;
use crate::tensor::PyTensor;

/// A data type: `ops.float32`, `ops.int64`, ...
///
/// Calling it converts: `ops.float32(x)`. It equals its name, Python's own type of that meaning
/// (`float`, `int`, `bool`, `complex`) and the dtype of that name in other libraries.
#[pyclass(frozen, name = "dtype", module = "purify.ops")]
pub struct PyDType {
    pub dtype: DType,
}

static ALL: PyOnceLock<Vec<Py<PyDType>>> = PyOnceLock::new();

/// The one object of a dtype.
pub fn object(py: Python<'_>, dtype: DType) -> PyResult<Py<PyDType>> {
    let all = ALL.get_or_try_init(py, || DType::ALL.iter().map(|&dtype| Py::new(py, PyDType { dtype })).collect::<PyResult<Vec<_>>>())?;
    Ok(all[dtype as usize].clone_ref(py))
}

/// The type code of NumPy: `"f8"` for `float64`.
pub fn code(dtype: DType) -> String {
    format!("{}{}", kind_char(dtype), dtype.size())
}

fn kind_char(dtype: DType) -> char {
    match dtype.kind() {
        Kind::Bool => 'b',
        Kind::Int if dtype.is_unsigned() => 'u',
        Kind::Int => 'i',
        // bfloat16 has no code in NumPy; "V2" (two raw bytes) is what its extension uses.
        Kind::Float if dtype == DType::BFloat16 => 'V',
        Kind::Float => 'f',
        Kind::Complex => 'c',
    }
}

/// The format character of Python's `struct`, as the buffer protocol uses it.
pub fn format(dtype: DType) -> Option<&'static std::ffi::CStr> {
    Some(match dtype {
        DType::Bool => c"?",
        DType::Int8 => c"b",
        DType::Int16 => c"h",
        DType::Int32 => c"i",
        DType::Int64 => c"q",
        DType::UInt8 => c"B",
        DType::UInt16 => c"H",
        DType::UInt32 => c"I",
        DType::UInt64 => c"Q",
        DType::Float16 => c"e",
        DType::BFloat16 => return None,
        DType::Float32 => c"f",
        DType::Float64 => c"d",
        DType::Complex64 => c"Zf",
        DType::Complex128 => c"Zd",
    })
}

/// The dtype a text names: the standard's names, NumPy's codes and C's names.
pub fn from_text(text: &str) -> Option<DType> {
    let text = text.strip_prefix("torch.").unwrap_or(text);
    let text = text.strip_prefix(['<', '=', '|']).unwrap_or(text);
    if let Ok(dtype) = DType::from_name(text) {
        return Some(dtype);
    }
    Some(match text {
        "?" | "b1" | "bool8" => DType::Bool,
        "b" | "i1" | "byte" => DType::Int8,
        "h" | "i2" | "short" => DType::Int16,
        "i" | "i4" | "intc" => DType::Int32,
        "l" | "q" | "i8" | "int" | "int_" | "long" | "longlong" | "intp" | "p" => DType::Int64,
        "B" | "u1" | "ubyte" => DType::UInt8,
        "H" | "u2" | "ushort" => DType::UInt16,
        "I" | "u4" | "uintc" => DType::UInt32,
        "L" | "Q" | "u8" | "uint" | "ulong" | "ulonglong" | "uintp" | "P" => DType::UInt64,
        "e" | "f2" | "half" => DType::Float16,
        "f" | "f4" | "single" => DType::Float32,
        "d" | "f8" | "float" | "float_" | "double" => DType::Float64,
        "F" | "c8" | "csingle" | "cfloat" => DType::Complex64,
        "D" | "c16" | "complex" | "complex_" | "cdouble" => DType::Complex128,
        _ => return None,
    })
}

/// Reads a dtype argument.
pub fn parse(obj: &Bound<'_, PyAny>) -> PyResult<DType> {
    if let Ok(d) = obj.cast_exact::<PyDType>() {
        return Ok(d.get().dtype);
    }
    if let Ok(text) = obj.cast::<PyString>() {
        let text = text.to_cow()?;
        return match from_text(&text) {
            Some(dtype) => Ok(dtype),
            None if matches!(&*text, "O" | "object") => Err(ObjectNeeded::new_err("object arrays are not numeric")),
            None => Err(PyTypeError::new_err(unknown(&text))),
        };
    }
    if let Ok(class) = obj.cast::<PyType>() {
        let py = obj.py();
        for (python, dtype) in [
            (py.get_type::<PyFloat>(), DType::Float64),
            (py.get_type::<PyInt>(), DType::Int64),
            (py.get_type::<PyBool>(), DType::Bool),
            (py.get_type::<PyComplex>(), DType::Complex128),
        ] {
            if class.is(&python) {
                return Ok(dtype);
            }
        }
        let name = class.name()?;
        return match from_text(name.to_str()?) {
            Some(dtype) => Ok(dtype),
            None if name == "object" => Err(ObjectNeeded::new_err("object arrays are not numeric")),
            None => Err(PyTypeError::new_err(unknown(name.to_str()?))),
        };
    }
    // Another library's dtype: NumPy's has a name, PyTorch's is named by its text.
    let name = match obj.getattr("name") {
        Ok(name) if name.is_instance_of::<PyString>() => name,
        _ => obj.str()?.into_any(),
    };
    let name = name.extract::<String>()?;
    match from_text(&name) {
        Some(dtype) => Ok(dtype),
        None if name == "object" => Err(ObjectNeeded::new_err("object arrays are not numeric")),
        None => Err(PyTypeError::new_err(unknown(&name))),
    }
}

fn unknown(text: &str) -> String {
    format!("{text:?} is not a dtype; known are {}", DType::ALL.map(DType::name).join(", "))
}

/// A dtype argument of a function; `None` is left to `Option`.
pub struct DTypeArg(pub DType);

impl<'a, 'py> FromPyObject<'a, 'py> for DTypeArg {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        parse(&obj).map(DTypeArg)
    }
}

#[pymethods]
impl PyDType {
    #[new]
    fn new(py: Python<'_>, spec: &Bound<'_, PyAny>) -> PyResult<Py<PyDType>> {
        object(py, if spec.is_none() { DType::Float64 } else { parse(spec)? })
    }

    /// The name in the array API standard.
    #[getter]
    fn name(&self) -> &'static str {
        self.dtype.name()
    }

    /// Bytes per element.
    #[getter]
    fn itemsize(&self) -> usize {
        self.dtype.size()
    }

    /// "b", "i", "u", "f" or "c".
    #[getter]
    fn kind(&self) -> char {
        if self.dtype == DType::BFloat16 { 'f' } else { kind_char(self.dtype) }
    }

    /// The type code with the byte order, as in `__array_interface__`.
    #[getter]
    fn str(&self) -> String {
        let order = if self.dtype.size() == 1 { '|' } else { '<' };
        format!("{order}{}", code(self.dtype))
    }

    /// The one-letter code of `struct`.
    #[getter]
    fn char(&self) -> &'static str {
        match self.dtype {
            DType::Complex64 => "F",
            DType::Complex128 => "D",
            DType::Int64 => "l",
            DType::UInt64 => "L",
            other => format(other).and_then(|c| c.to_str().ok()).unwrap_or("V"),
        }
    }

    /// The callable that makes scalars of this dtype: the dtype itself.
    #[getter]
    fn r#type(slf: &Bound<'_, Self>) -> Py<PyDType> {
        slf.clone().unbind()
    }

    /// "=": elements are in the byte order of the machine.
    #[getter]
    fn byteorder(&self) -> char {
        if self.dtype.size() == 1 { '|' } else { '=' }
    }

    #[getter]
    fn isnative(&self) -> bool {
        true
    }

    #[getter]
    fn hasobject(&self) -> bool {
        false
    }

    /// The name, so that the object reads like NumPy's scalar types.
    #[getter(__name__)]
    fn dunder_name(&self) -> &'static str {
        self.dtype.name()
    }

    /// Converts a value to a tensor of this dtype.
    #[pyo3(signature = (value = None, /))]
    fn __call__(&self, py: Python<'_>, value: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyTensor>> {
        let t = match value {
            Some(value) => crate::convert::asarray(value, Some(self.dtype), Some(true))?,
            None => crate::convert::scalar_tensor(purify_ops::Scalar::Bool(false), self.dtype)?,
        };
        PyTensor::wrap(py, t)
    }

    /// `isinstance(x, ops.float64)`: whether a value is a 0-d tensor of this dtype, as NumPy's scalars are of theirs.
    fn __instancecheck__(&self, value: &Bound<'_, PyAny>) -> bool {
        value.cast::<PyTensor>().is_ok_and(|t| t.get().tensor.ndim() == 0 && t.get().tensor.dtype() == self.dtype)
    }

    /// `ops.float64 | int`: a union for annotations, as NumPy's scalar types give one.
    fn __or__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        union(slf.as_any(), other, other)
    }

    fn __ror__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        union(other, slf.as_any(), other)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        if let Ok(d) = other.cast_exact::<PyDType>() {
            return d.get().dtype == self.dtype;
        }
        if other.is_none() {
            return false;
        }
        matches!(parse(other), Ok(dtype) if dtype == self.dtype)
    }

    fn __hash__(&self) -> u64 {
        let mut h = std::hash::DefaultHasher::new();
        self.dtype.name().hash(&mut h);
        h.finish()
    }

    fn __str__(&self) -> &'static str {
        self.dtype.name()
    }

    fn __repr__(&self) -> String {
        format!("dtype('{}')", self.dtype.name())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        Ok((py.get_type::<PyDType>(), PyTuple::new(py, [slf.get().dtype.name()])?))
    }
}

/// `typing.Union` of two members; `NotImplemented` where `other`, one of the two, is no type.
fn union<'py>(first: &Bound<'py, PyAny>, second: &Bound<'py, PyAny>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = other.py();
    if !(other.is_none() || other.is_callable() || other.hasattr("__args__")?) {
        return Ok(py.NotImplemented().into_bound(py));
    }
    py.import("typing")?.getattr("Union")?.get_item((first, second))
}

/// Adds the class and the objects to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyDType>()?;
    for dtype in DType::ALL {
        m.add(dtype.name(), object(m.py(), dtype)?)?;
    }
    for (alias, dtype) in [
        ("bool_", DType::Bool),
        ("int_", DType::Int64),
        ("intp", DType::Int64),
        ("intc", DType::Int32),
        ("longlong", DType::Int64),
        ("byte", DType::Int8),
        ("ubyte", DType::UInt8),
        ("short", DType::Int16),
        ("ushort", DType::UInt16),
        ("uint", DType::UInt64),
        ("uintp", DType::UInt64),
        ("half", DType::Float16),
        ("single", DType::Float32),
        ("double", DType::Float64),
        ("csingle", DType::Complex64),
        ("cdouble", DType::Complex128),
    ] {
        m.add(alias, object(m.py(), dtype)?)?;
    }
    Ok(())
}
