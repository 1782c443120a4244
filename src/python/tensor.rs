//! The `Tensor` class: attributes, conversions to Python, protocols. Operators are in `operators.rs`.

use std::ffi::c_int;

use purify_ops::{DType, Device, Kind, Scalar, Tensor};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyComplex, PyDict, PyFloat, PyList, PyString, PyTuple, PyType};

use crate::convert::{self, Array, DeviceArg};
use crate::dtype::{self, PyDType};
use crate::error::OrRaise;
use crate::{buffer, dlpack, index};

/// An n-dimensional array of numbers.
///
/// Made by `ops.asarray`, `ops.zeros` and the other creation functions. Slices and transposes share memory with
/// their source; an element taken with integers alone is a 0-d tensor of its own that behaves like a number.
#[pyclass(frozen, subclass, weakref, name = "Tensor", module = "purify.ops")]
pub struct PyTensor {
    pub tensor: Tensor,
}

impl PyTensor {
    /// A Python object of a tensor.
    #[inline]
    pub fn wrap(py: Python<'_>, tensor: Tensor) -> PyResult<Py<PyTensor>> {
        Py::new(py, PyTensor { tensor })
    }
}

/// A result of the core as a Python object.
#[inline]
pub fn wrap(py: Python<'_>, result: purify_ops::Result<Tensor>) -> PyResult<Py<PyTensor>> {
    PyTensor::wrap(py, result.py()?)
}

/// Above this many elements the interpreter is released during the work; below, releasing costs more than it gives.
pub const DETACH_ABOVE: usize = 16 << 10;

/// Runs `f`, without the interpreter if the work is long enough.
#[inline]
pub fn compute<T: Send>(py: Python<'_>, size: usize, f: impl FnOnce() -> purify_ops::Result<T> + Send) -> PyResult<T> {
    if size > DETACH_ABOVE { py.detach(f).py() } else { f().py() }
}

/// A Python number of a scalar.
pub fn number<'py>(py: Python<'py>, value: Scalar) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Scalar::Bool(v) => PyBool::new(py, v).to_owned().into_any(),
        Scalar::Int(v) => match i64::try_from(v) {
            Ok(v) => v.into_pyobject(py)?.into_any(),
            Err(_) => (v as u64).into_pyobject(py)?.into_any(),
        },
        Scalar::Float(v) => PyFloat::new(py, v).into_any(),
        Scalar::Complex(v) => PyComplex::from_doubles(py, v.re, v.im).into_any(),
    })
}

/// A function of a Python module of this package, looked up once.
pub fn python<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static CACHE: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let cache = CACHE.get_or_init(py, || PyDict::new(py).unbind()).bind(py);
    let key = PyString::new(py, &format!("{module}.{name}"));
    if let Some(f) = cache.get_item(&key)? {
        return Ok(f);
    }
    let f = py.import(module)?.getattr(name)?;
    cache.set_item(key, &f)?;
    Ok(f)
}

impl PyTensor {
    fn only(&self, what: &str) -> PyResult<Scalar> {
        if self.tensor.size() != 1 {
            return Err(PyTypeError::new_err(format!(
                "only a tensor of one element converts to {what}, this one has shape {:?}",
                self.tensor.shape()
            )));
        }
        self.tensor.item().py()
    }
}

#[pymethods]
impl PyTensor {
    #[new]
    #[pyo3(signature = (data, /, dtype = None, *, copy = None))]
    fn new(data: Array, dtype: Option<dtype::DTypeArg>, copy: Option<bool>) -> PyResult<Self> {
        let t = match dtype {
            Some(d) => data.0.astype(d.0).py()?,
            None => data.0,
        };
        Ok(PyTensor { tensor: if copy == Some(true) { t.copy().py()? } else { t } })
    }

    // ---- attributes ---------------------------------------------------------------------------

    /// Lengths of the axes.
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.tensor.shape())
    }

    /// Changes the shape in place is not possible: use `ops.reshape`.
    #[getter]
    fn ndim(&self) -> usize {
        self.tensor.ndim()
    }

    /// The class as `isinstance` sees it. A 0-d result stands where NumPy has a scalar, which is a `float`, a `complex` or an
    /// `Integral` to code that asks: a 0-d tensor answers so too, and is a `Tensor` all the same.
    #[getter]
    fn __class__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let t = &slf.get().tensor;
        if t.ndim() > 0 || t.dtype().is_bool() {
            return Ok(slf.get_type().into_any());
        }
        python(slf.py(), "purify.ops._scalars", t.dtype().name())
    }

    /// Number of elements.
    #[getter]
    fn size(&self) -> usize {
        self.tensor.size()
    }

    /// Element type.
    #[getter]
    fn dtype(&self, py: Python<'_>) -> PyResult<Py<PyDType>> {
        dtype::object(py, self.tensor.dtype())
    }

    /// "cpu", or the name of another device.
    #[getter]
    fn device<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        match self.tensor.device() {
            Device::Cpu => pyo3::intern!(py, "cpu").clone(),
            other => PyString::new(py, &other.to_string()),
        }
    }

    /// Bytes per element.
    #[getter]
    fn itemsize(&self) -> usize {
        self.tensor.dtype().size()
    }

    /// Bytes of all elements.
    #[getter]
    fn nbytes(&self) -> usize {
        self.tensor.size() * self.tensor.dtype().size()
    }

    /// Steps between neighbours along each axis, in bytes.
    #[getter]
    fn strides<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let item = self.tensor.dtype().size() as isize;
        PyTuple::new(py, self.tensor.strides().iter().map(|s| s * item).collect::<Vec<_>>())
    }

    /// The tensor with all axes reversed: the transpose of a matrix. A view.
    #[getter(T)]
    fn transposed(&self, py: Python<'_>) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, self.tensor.transpose())
    }

    /// The tensor with the last two axes exchanged. A view.
    #[getter(mT)]
    fn matrix_transposed(&self, py: Python<'_>) -> PyResult<Py<PyTensor>> {
        wrap(py, self.tensor.matrix_transpose())
    }

    /// Whether the memory may be written, and how it lies.
    #[getter]
    fn flags<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let flags = python(py, "purify.ops._methods", "Flags")?;
        let t = &self.tensor;
        flags.call1((t.is_contiguous(), t.layout().is_f_contiguous(), t.storage().is_writable(), t.storage().owner().is_none()))
    }

    // ---- conversions to Python ----------------------------------------------------------------

    fn __bool__(&self) -> PyResult<bool> {
        if self.tensor.size() != 1 {
            let shape = self.tensor.shape();
            return Err(PyValueError::new_err(format!(
                "the truth value of a tensor of shape {shape:?} is ambiguous; use ops.any(x) or ops.all(x)"
            )));
        }
        Ok(self.tensor.item().py()?.as_bool())
    }

    fn __int__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.only("int")? {
            // Python's own conversion raises for NaN and infinity, and is exact beyond 64 bits.
            Scalar::Float(v) => PyFloat::new(py, v).call_method0("__int__"),
            Scalar::Complex(_) => Err(PyTypeError::new_err("a complex tensor does not convert to int; take ops.real(x) first")),
            Scalar::Bool(v) => Ok(i64::from(v).into_pyobject(py)?.into_any()),
            other => number(py, other),
        }
    }

    fn __float__(&self) -> PyResult<f64> {
        match self.only("float")? {
            Scalar::Complex(_) => Err(PyTypeError::new_err("a complex tensor does not convert to float; take ops.real(x) first")),
            other => Ok(other.as_f64()),
        }
    }

    fn __complex__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyComplex>> {
        let v = self.only("complex")?.as_complex();
        Ok(PyComplex::from_doubles(py, v.re, v.im))
    }

    fn __index__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.tensor.ndim() != 0 || self.tensor.dtype().kind() != Kind::Int {
            return Err(PyTypeError::new_err(format!(
                "only a 0-d integer tensor can be used as an index, this one is {} of shape {:?}",
                self.tensor.dtype(),
                self.tensor.shape()
            )));
        }
        number(py, self.tensor.item().py()?)
    }

    /// The one element as a Python number; with arguments, the element at that position.
    #[pyo3(signature = (*args))]
    fn item<'py>(slf: &Bound<'py, Self>, args: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let t = &slf.get().tensor;
        if args.is_empty() {
            return number(py, t.item().py()?);
        }
        let first = args.get_item(0)?;
        if args.len() == 1 && !first.is_instance_of::<PyTuple>() {
            let flat = t.reshape(&[t.size()]).py()?;
            return number(py, flat.select(0, convert::index(&first)?).and_then(|t| t.item()).py()?);
        }
        let key = if first.is_instance_of::<PyTuple>() { first } else { args.clone().into_any() };
        let item = slf.get_item(key)?;
        number(py, item.cast::<PyTensor>()?.get().tensor.item().py()?)
    }

    /// The elements as nested lists of Python numbers; of a 0-d tensor, the number.
    fn tolist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let t = self.tensor.to_device(Device::Cpu).py()?.contiguous().py()?;
        if t.ndim() == 0 {
            return number(py, t.item().py()?);
        }
        purify_ops::dispatch!(t.dtype(), T => nested_list(py, t.as_slice::<T>().py()?, t.shape()))
    }

    /// The elements in row-major order as bytes.
    #[pyo3(signature = (order = "C"))]
    fn tobytes<'py>(&self, py: Python<'py>, order: &str) -> PyResult<Bound<'py, PyBytes>> {
        let t = if order == "F" { self.tensor.transpose() } else { self.tensor.clone() };
        let t = t.to_device(Device::Cpu).py()?.contiguous().py()?;
        let length = t.size() * t.dtype().size();
        // SAFETY: a contiguous tensor on the host has exactly this many bytes from its first element on.
        let bytes = if length == 0 { &[][..] } else { unsafe { std::slice::from_raw_parts(t.data_ptr::<u8>(), length) } };
        Ok(PyBytes::new(py, bytes))
    }

    fn __hash__(slf: &Bound<'_, Self>) -> PyResult<isize> {
        let t = &slf.get().tensor;
        if t.ndim() == 0 {
            return number(slf.py(), t.item().py()?)?.hash();
        }
        Err(PyTypeError::new_err("unhashable type: 'Tensor' (only 0-d tensors hash, like numbers)"))
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        python(slf.py(), "purify.ops._printing", "array_repr")?.call1((slf,))
    }

    fn __str__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        python(slf.py(), "purify.ops._printing", "array_str")?.call1((slf,))
    }

    fn __format__<'py>(slf: &Bound<'py, Self>, spec: &str) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        if spec.is_empty() {
            return Ok(slf.str()?.into_any());
        }
        let t = &slf.get().tensor;
        if t.ndim() > 0 {
            return Err(PyTypeError::new_err(format!(
                "unsupported format string {spec:?} for a tensor of shape {:?}; format its elements",
                t.shape()
            )));
        }
        number(py, t.item().py()?)?.call_method1("__format__", (spec,))
    }

    #[pyo3(signature = (ndigits = None))]
    fn __round__<'py>(slf: &Bound<'py, Self>, ndigits: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let t = &slf.get().tensor;
        if t.ndim() == 0 && ndigits.is_none() && t.dtype().kind() != Kind::Complex {
            return number(py, t.item().py()?)?.call_method0("__round__");
        }
        let places = ndigits.map_or(Ok(0), convert::index)?;
        python(py, "purify.ops._elementwise", "around")?.call1((slf, places))
    }

    fn __trunc__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.call_method0("__int__")
    }

    fn __len__(&self) -> PyResult<usize> {
        match self.tensor.shape().first() {
            Some(&n) => Ok(n),
            None => Err(PyTypeError::new_err("len() of a 0-d tensor")),
        }
    }

    fn __contains__(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        let equal = slf.rich_compare(value, pyo3::basic::CompareOp::Eq)?;
        let Ok(equal) = equal.cast::<PyTensor>() else { return equal.is_truthy() };
        let t = &equal.get().tensor;
        Ok(purify_ops::any(t, None, false).py()?.item().py()?.as_bool())
    }

    fn __iter__(slf: &Bound<'_, Self>) -> PyResult<Iter> {
        if slf.get().tensor.ndim() == 0 {
            return Err(PyTypeError::new_err("iteration over a 0-d tensor"));
        }
        Ok(Iter { tensor: slf.get().tensor.clone(), next: std::sync::atomic::AtomicUsize::new(0) })
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        index::get(slf, key)
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        index::set(&self.tensor, key, value)
    }

    // ---- copies -------------------------------------------------------------------------------

    fn __copy__(&self, py: Python<'_>) -> PyResult<Py<PyTensor>> {
        wrap(py, self.tensor.copy())
    }

    fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> PyResult<Py<PyTensor>> {
        wrap(py, self.tensor.copy())
    }

    /// The same elements under another shape, given as one argument or several; a view where the memory allows it.
    #[pyo3(signature = (*shape, order = "C", copy = None))]
    fn reshape(&self, py: Python<'_>, shape: &Bound<'_, PyTuple>, order: &str, copy: Option<bool>) -> PyResult<Py<PyTensor>> {
        let convert::Ints(mut lengths) = if shape.len() == 1 { shape.get_item(0)?.extract()? } else { shape.extract()? };
        if order == "F" {
            lengths.reverse();
            return wrap(py, purify_ops::reshape(&self.tensor.transpose(), &lengths, copy).map(|t| t.transpose()));
        }
        wrap(py, purify_ops::reshape(&self.tensor, &lengths, copy))
    }

    /// A copy; `order` is accepted for NumPy's sake and has no effect on the values.
    #[pyo3(signature = (order = "C"))]
    fn copy(&self, py: Python<'_>, order: &str) -> PyResult<Py<PyTensor>> {
        let _ = order;
        let t = self.tensor.clone();
        let copy = compute(py, t.size(), move || t.copy())?;
        PyTensor::wrap(py, copy)
    }

    /// The elements converted to another dtype.
    #[pyo3(signature = (dtype, order = "K", casting = "unsafe", subok = true, copy = true, *, device = None))]
    fn astype<'py>(
        slf: &Bound<'py, Self>,
        dtype: &Bound<'py, PyAny>,
        order: &str,
        casting: &str,
        subok: bool,
        copy: bool,
        device: Option<DeviceArg>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let _ = (order, casting, subok);
        let target = match dtype::parse(dtype) {
            Ok(d) => d,
            Err(e) if e.is_instance_of::<crate::error::ObjectNeeded>(py) => {
                return python(py, "purify.ops._object", "from_tensor")?.call1((slf,));
            }
            Err(e) => return Err(e),
        };
        let t = match device {
            Some(DeviceArg(d)) => slf.get().tensor.to_device(d).py()?,
            None => slf.get().tensor.clone(),
        };
        let same = t.dtype() == target;
        let out = compute(py, t.size(), move || if same && copy { t.copy() } else { t.astype(target) })?;
        Ok(PyTensor::wrap(py, out)?.into_bound(py).into_any())
    }

    /// The tensor on another device.
    #[pyo3(signature = (device, /, *, stream = None))]
    fn to_device(&self, py: Python<'_>, device: DeviceArg, stream: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyTensor>> {
        if stream.is_some() && self.tensor.device() == Device::Cpu {
            return Err(PyValueError::new_err("to_device: a stream has no meaning for a tensor on the cpu"));
        }
        wrap(py, self.tensor.to_device(device.0))
    }

    /// Writes one value into every element.
    fn fill(&self, value: convert::Number) -> PyResult<()> {
        self.tensor.fill(value.0).py()
    }

    /// The same bytes as another dtype (or, without an argument, an alias).
    #[pyo3(signature = (dtype = None))]
    fn view(&self, py: Python<'_>, dtype: Option<dtype::DTypeArg>) -> PyResult<Py<PyTensor>> {
        let Some(dtype::DTypeArg(target)) = dtype else { return PyTensor::wrap(py, self.tensor.clone()) };
        wrap(py, reinterpret(&self.tensor, target))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let py = slf.py();
        let t = &slf.get().tensor;
        let args = (slf.call_method0("tobytes")?, t.dtype().name(), PyTuple::new(py, t.shape())?);
        Ok((py.import("purify._native")?.getattr("_unpickle")?, args.into_pyobject(py)?.into_any()))
    }

    // ---- interchange --------------------------------------------------------------------------

    #[pyo3(signature = (*, api_version = None))]
    fn __array_namespace__<'py>(&self, py: Python<'py>, api_version: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(v) = api_version
            && !matches!(v, "2021.12" | "2022.12" | "2023.12" | "2024.12" | "2025.12")
        {
            return Err(PyValueError::new_err(format!("array API version {v:?} is not supported; the newest is 2025.12")));
        }
        python(py, "purify", "ops")
    }

    #[pyo3(signature = (*, stream = None, max_version = None, dl_device = None, copy = None))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<&Bound<'py, PyAny>>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let stream = match (stream, self.tensor.device()) {
            (_, Device::Cpu) => None,
            (stream, _) => stream.map(|s| s.extract::<i64>()).transpose()?,
        };
        dlpack::export(py, &self.tensor, stream, max_version, dl_device, copy)
    }

    fn __dlpack_device__(&self) -> (i32, i32) {
        dlpack::device_pair(&self.tensor)
    }

    #[getter]
    fn __array_priority__(&self) -> f64 {
        1000.0
    }

    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let t = &self.tensor;
        if t.device() != Device::Cpu || t.dtype() == DType::BFloat16 {
            return Err(pyo3::exceptions::PyAttributeError::new_err(format!(
                "__array_interface__ needs a tensor on the cpu of a NumPy dtype, this one is {} on {}",
                t.dtype(),
                t.device()
            )));
        }
        let d = PyDict::new(py);
        d.set_item("version", 3)?;
        d.set_item("shape", self.shape(py)?)?;
        d.set_item("strides", self.strides(py)?)?;
        d.set_item("typestr", dtype::object(py, t.dtype())?.getattr(py, "str")?)?;
        d.set_item("data", (t.data_ptr::<u8>() as usize, !t.storage().is_writable()))?;
        Ok(d)
    }

    /// A NumPy array over the same memory where possible. Needs NumPy.
    #[pyo3(signature = (dtype = None, *, copy = None))]
    fn __array__<'py>(slf: &Bound<'py, Self>, dtype: Option<&Bound<'py, PyAny>>, copy: Option<bool>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let numpy = py.import("numpy")?;
        let t = &slf.get().tensor;
        let source = if t.dtype() == DType::BFloat16 {
            PyTensor::wrap(py, t.astype(DType::Float32).py()?)?.into_bound(py).into_any()
        } else {
            slf.clone().into_any()
        };
        let view = pyo3::types::PyMemoryView::from(&source)?;
        let kwargs = PyDict::new(py);
        kwargs.set_item("dtype", dtype)?;
        if copy == Some(false) {
            if t.dtype() == DType::BFloat16 {
                return Err(PyValueError::new_err("__array__: copy=False, but NumPy has no bfloat16, so that a copy is needed"));
            }
            kwargs.set_item("copy", false)?;
            return numpy.call_method("array", (view,), Some(&kwargs));
        }
        let out = numpy.call_method("asarray", (view,), Some(&kwargs))?;
        if copy == Some(true) { out.call_method0("copy") } else { Ok(out) }
    }

    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        // SAFETY: the interpreter passes a valid structure.
        unsafe { buffer::export(slf, view, flags) }
    }

    unsafe fn __releasebuffer__(&self, view: *mut ffi::Py_buffer) {
        // SAFETY: the interpreter passes back what `__getbuffer__` filled.
        unsafe { buffer::release(view) }
    }

    #[classmethod]
    fn __class_getitem__<'py>(cls: &Bound<'py, PyType>, _item: &Bound<'py, PyAny>) -> Bound<'py, PyType> {
        cls.clone()
    }
}

/// The same bytes under another dtype: of another size, the last axis shrinks or grows.
pub fn reinterpret(t: &Tensor, target: DType) -> purify_ops::Result<Tensor> {
    let (old, new) = (t.dtype().size(), target.size());
    if old == new {
        return t.bitcast(target);
    }
    let op = "view";
    let Some(&last) = t.shape().last() else {
        return Err(purify_ops::Error::value(op, format!("a 0-d tensor cannot change its item size from {old} to {new}")));
    };
    if !t.is_contiguous() {
        return Err(purify_ops::Error::value(op, "the tensor is not contiguous; copy it first"));
    }
    let bytes = last * old;
    if bytes % new != 0 {
        return Err(purify_ops::Error::value(op, format!("the last axis has {bytes} bytes, which is no multiple of {new}")));
    }
    let mut shape = t.shape().to_vec();
    if let Some(n) = shape.last_mut() {
        *n = bytes / new;
    }
    let start = t.layout().offset() * old;
    if !start.is_multiple_of(new) {
        return reinterpret(&t.copy()?, target);
    }
    let strides = purify_ops::contiguous_strides(&shape);
    Tensor::from_parts(t.storage().clone(), purify_ops::Layout::new(&shape, &strides, start / new), target)
}

fn nested_list<'py, T: purify_ops::FromScalar>(py: Python<'py>, data: &[T], shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
    if shape.len() == 1 {
        let mut items = Vec::with_capacity(data.len());
        for v in data {
            items.push(number(py, v.to_scalar())?);
        }
        return Ok(PyList::new(py, items)?.into_any());
    }
    let step: usize = shape[1..].iter().product();
    let mut rows = Vec::with_capacity(shape[0]);
    for i in 0..shape[0] {
        rows.push(nested_list(py, &data[i * step..(i + 1) * step], &shape[1..])?);
    }
    Ok(PyList::new(py, rows)?.into_any())
}

/// Iteration over the first axis.
#[pyclass(frozen, name = "TensorIterator", module = "purify.ops")]
pub struct Iter {
    tensor: Tensor,
    next: std::sync::atomic::AtomicUsize,
}

#[pymethods]
impl Iter {
    #[expect(clippy::self_named_constructors, reason = "Python names it")]
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyTensor>>> {
        let i = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if i >= self.tensor.shape()[0] {
            return Ok(None);
        }
        let item = self.tensor.select(0, i as i64).py()?;
        let item = if item.ndim() == 0 { item.copy().py()? } else { item };
        PyTensor::wrap(py, item).map(Some)
    }

    fn __length_hint__(&self) -> usize {
        self.tensor.shape()[0].saturating_sub(self.next.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// Rebuilds a pickled tensor.
#[pyfunction]
fn _unpickle(py: Python<'_>, data: &[u8], dtype: &str, shape: Vec<usize>) -> PyResult<Py<PyTensor>> {
    PyTensor::wrap(py, from_bytes(data, DType::from_name(dtype).py()?, &shape)?)
}

/// A tensor of the elements that bytes spell.
pub fn from_bytes(data: &[u8], dtype: DType, shape: &[usize]) -> PyResult<Tensor> {
    let t = Tensor::uninit("frombuffer", shape, dtype, Device::Cpu).py()?;
    if t.size() * dtype.size() != data.len() {
        return Err(PyValueError::new_err(format!("{} bytes do not fill shape {shape:?} of {dtype}", data.len())));
    }
    if dtype == DType::Bool && data.iter().any(|&b| b > 1) {
        return Err(PyValueError::new_err("a bool is stored as the byte 0 or 1; the data has others"));
    }
    // SAFETY: the new tensor has exactly this many bytes, and any bytes are valid elements of its dtype.
    unsafe { std::ptr::copy_nonoverlapping(data.as_ptr(), t.data_ptr::<u8>(), data.len()) };
    Ok(t)
}

/// Adds the classes to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyTensor>()?;
    m.add_class::<Iter>()?;
    m.add_function(wrap_pyfunction!(_unpickle, m)?)
}
