//! Python values as tensors: numbers, nested sequences, buffers, DLPack and other libraries' arrays.

use num_complex::Complex;
use purify_ops::{DType, Device, Kind, Operand, Scalar, Tensor};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyDict, PyFloat, PyInt, PyList, PyMapping, PyRange, PySequence, PySet, PyString, PyTuple};

use crate::error::{ObjectNeeded, OrRaise};
use crate::tensor::PyTensor;
use crate::{buffer, dlpack};

/// Arrays deeper than this are a list that contains itself, or a mistake.
const MAX_DEPTH: usize = 64;

/// A 0-d tensor of a Python number.
pub fn scalar_tensor(value: Scalar, dtype: DType) -> PyResult<Tensor> {
    Tensor::from_scalar("asarray", value, dtype).py()
}

/// The value as a tensor of `dtype` (by default that of its elements). `copy` as in the standard:
/// `Some(true)` always copies, `Some(false)` fails if a copy is needed, `None` copies if needed.
pub fn asarray(obj: &Bound<'_, PyAny>, dtype: Option<DType>, copy: Option<bool>) -> PyResult<Tensor> {
    if let Ok(t) = obj.cast::<PyTensor>() {
        return with_dtype(&t.get().tensor, dtype, copy);
    }
    if let Some(value) = scalar(obj)? {
        refuse_copy(copy)?;
        return scalar_tensor(value, dtype.unwrap_or(value.default_dtype()));
    }
    if is_plain_sequence(obj) {
        refuse_copy(copy)?;
        return nested(obj, dtype);
    }
    if let Some(t) = foreign(obj)? {
        return with_dtype(&t, dtype, copy);
    }
    if is_sequence(obj) {
        refuse_copy(copy)?;
        return nested(obj.cast::<PySequence>()?.to_list()?.as_any(), dtype);
    }
    Err(not_numeric(obj))
}

fn refuse_copy(copy: Option<bool>) -> PyResult<()> {
    if copy == Some(false) {
        return Err(PyValueError::new_err("asarray: copy=False, but a Python value cannot be used without a copy"));
    }
    Ok(())
}

fn with_dtype(t: &Tensor, dtype: Option<DType>, copy: Option<bool>) -> PyResult<Tensor> {
    let target = dtype.unwrap_or(t.dtype());
    if target != t.dtype() {
        if copy == Some(false) {
            let message = format!("asarray: copy=False, but {} cannot become {target} without a copy", t.dtype());
            return Err(PyValueError::new_err(message));
        }
        return t.astype(target).py();
    }
    if copy == Some(true) { t.copy().py() } else { Ok(t.clone()) }
}

/// Why a value is no array of numbers; the object arrays take over on this error.
pub fn not_numeric(obj: &Bound<'_, PyAny>) -> PyErr {
    let name = obj.get_type().name().map_or_else(|_| "object".to_owned(), |n| n.to_string());
    ObjectNeeded::new_err(format!("a value of type {name} cannot be converted to a numeric array"))
}

/// A Python number, or `None` for anything else. NumPy's scalar classes that derive from `float` and
/// `complex` count as those.
#[inline]
pub fn scalar(obj: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    if let Ok(v) = obj.cast_exact::<PyFloat>() {
        return Ok(Some(Scalar::Float(v.value())));
    }
    if obj.is_exact_instance_of::<PyInt>() {
        return integer(obj).map(Some);
    }
    if let Ok(v) = obj.cast_exact::<PyBool>() {
        return Ok(Some(Scalar::Bool(v.is_true())));
    }
    if let Ok(v) = obj.cast_exact::<PyComplex>() {
        return Ok(Some(Scalar::Complex(Complex::new(v.real(), v.imag()))));
    }
    slow_scalar(obj)
}

/// Subclasses of the number types (enumerations, other libraries' scalars) count as their base.
#[cold]
fn slow_scalar(obj: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    if obj.is_instance_of::<PyTensor>() {
        return Ok(None);
    }
    if let Ok(v) = obj.cast::<PyFloat>() {
        return Ok(Some(Scalar::Float(v.value())));
    }
    if obj.is_instance_of::<PyInt>() {
        return integer(obj).map(Some);
    }
    if let Ok(v) = obj.cast::<PyComplex>() {
        return Ok(Some(Scalar::Complex(Complex::new(v.real(), v.imag()))));
    }
    Ok(None)
}

#[inline]
fn integer(obj: &Bound<'_, PyAny>) -> PyResult<Scalar> {
    if let Ok(v) = obj.extract::<i64>() {
        return Ok(Scalar::Int(i128::from(v)));
    }
    // More than any dtype holds: it can be compared with, and is a float where floats are asked for.
    let wide = obj.extract::<i128>().map_err(|_| PyOverflowError::new_err(format!("the integer {obj} does not fit in 128 bits")))?;
    Ok(Scalar::Int(wide))
}

fn is_plain_sequence(obj: &Bound<'_, PyAny>) -> bool {
    obj.is_instance_of::<PyList>() || obj.is_instance_of::<PyTuple>() || obj.is_instance_of::<PyRange>()
}

fn is_sequence(obj: &Bound<'_, PyAny>) -> bool {
    obj.cast::<PySequence>().is_ok()
        && !obj.is_instance_of::<PyString>()
        && !obj.is_instance_of::<PyDict>()
        && !obj.is_instance_of::<PySet>()
        && obj.cast::<PyMapping>().is_ok_and(|_| obj.hasattr("__len__").unwrap_or(false))
}

/// The array of another library: by buffer (NumPy, `array`, `bytes`, `memoryview`), by DLPack (everything else).
pub fn foreign(obj: &Bound<'_, PyAny>) -> PyResult<Option<Tensor>> {
    if let Some(t) = buffer::import(obj)? {
        return Ok(Some(t));
    }
    if obj.hasattr("__dlpack__")? {
        return dlpack::from_dlpack(obj, None, None).map(Some);
    }
    // Objects that only offer `__array__` hand out an array that has a buffer.
    if obj.hasattr("__array__")? && !obj.is_instance_of::<pyo3::types::PyType>() {
        let inner = obj.call_method0("__array__")?;
        if !inner.get_type().is(obj.get_type()) {
            return foreign(&inner);
        }
    }
    Ok(None)
}

/// The elements of nested sequences while their common dtype is not yet known: each variant holds
/// what came so far, and a wider number moves all of it to the next one.
enum Leaves {
    Bool(Vec<bool>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Any(Vec<Scalar>),
}

impl Leaves {
    fn len(&self) -> usize {
        match self {
            Leaves::Bool(v) => v.len(),
            Leaves::Int(v) => v.len(),
            Leaves::Float(v) => v.len(),
            Leaves::Any(v) => v.len(),
        }
    }

    #[inline]
    fn push(&mut self, value: Scalar) {
        match (&mut *self, value) {
            (Leaves::Float(v), Scalar::Float(x)) => v.push(x),
            (Leaves::Int(v), Scalar::Int(x)) if i64::try_from(x).is_ok() => v.push(x as i64),
            (Leaves::Bool(v), Scalar::Bool(x)) => v.push(x),
            _ => self.push_other(value),
        }
    }

    #[cold]
    fn push_other(&mut self, value: Scalar) {
        if self.len() == 0 {
            *self = match value {
                Scalar::Bool(x) => Leaves::Bool(vec![x]),
                Scalar::Int(x) if i64::try_from(x).is_ok() => Leaves::Int(vec![x as i64]),
                Scalar::Float(x) => Leaves::Float(vec![x]),
                other => Leaves::Any(vec![other]),
            };
            return;
        }
        let mut all: Vec<Scalar> = match std::mem::replace(self, Leaves::Bool(Vec::new())) {
            Leaves::Bool(v) => v.into_iter().map(Scalar::Bool).collect(),
            Leaves::Int(v) => v.into_iter().map(|x| Scalar::Int(i128::from(x))).collect(),
            Leaves::Float(v) => v.into_iter().map(Scalar::Float).collect(),
            Leaves::Any(v) => v,
        };
        all.push(value);
        *self = Leaves::Any(all);
    }
}

struct Nest {
    shape: Vec<usize>,
    leaves: Leaves,
    /// The dtype of the tensors among the leaves.
    strong: Option<DType>,
    /// The widest kind among the Python numbers.
    weak: Option<Kind>,
    path: usize,
}

fn nested(obj: &Bound<'_, PyAny>, dtype: Option<DType>) -> PyResult<Tensor> {
    if let Some(t) = stacked(obj, dtype)? {
        return Ok(t);
    }
    let mut nest = Nest { shape: Vec::new(), leaves: Leaves::Float(Vec::new()), strong: None, weak: None, path: 0 };
    nest.measure(obj)?;
    nest.read(obj, 0)?;
    nest.finish(dtype)
}

/// A sequence of arrays of one shape is their stack, made without looking at single elements.
fn stacked(obj: &Bound<'_, PyAny>, dtype: Option<DType>) -> PyResult<Option<Tensor>> {
    let first = match obj.get_item(0) {
        Ok(first) => first,
        Err(_) => return Ok(None),
    };
    let is_array = first.cast::<PyTensor>().is_ok_and(|t| t.get().tensor.ndim() > 0)
        || (!is_plain_sequence(&first)
            && scalar(&first)?.is_none()
            && first.getattr("ndim").is_ok_and(|n| n.extract::<usize>().is_ok_and(|n| n > 0)));
    if !is_array {
        return Ok(None);
    }
    let mut parts = Vec::new();
    for item in obj.try_iter()? {
        parts.push(asarray(&item?, None, None)?);
    }
    let shape = parts[0].shape().to_vec();
    let mut target = parts[0].dtype();
    for part in &parts {
        if part.shape() != shape {
            return Err(inhomogeneous(&[parts.len()]));
        }
        target = purify_ops::promote_types(target, part.dtype());
    }
    let full: Vec<usize> = std::iter::once(parts.len()).chain(shape).collect();
    let out = Tensor::uninit("asarray", &full, dtype.unwrap_or(target), Device::Cpu).py()?;
    for (i, part) in parts.iter().enumerate() {
        out.select(0, i as i64).py()?.assign(part).py()?;
    }
    Ok(Some(out))
}

fn inhomogeneous(shape: &[usize]) -> PyErr {
    PyValueError::new_err(format!("asarray: the nested sequence has an inhomogeneous shape after {} dimensions {shape:?}", shape.len()))
}

impl Nest {
    /// The shape, from the first element at each level.
    fn measure(&mut self, obj: &Bound<'_, PyAny>) -> PyResult<()> {
        let mut here = obj.clone();
        loop {
            if is_plain_sequence(&here)
                || (scalar(&here)?.is_none() && here.cast::<PyTensor>().is_err() && !here.hasattr("dtype")? && is_sequence(&here))
            {
                let n = here.len()?;
                self.shape.push(n);
                if self.shape.len() > MAX_DEPTH {
                    return Err(PyValueError::new_err(format!("asarray: nested deeper than {MAX_DEPTH} levels")));
                }
                if n == 0 {
                    return Ok(());
                }
                here = here.get_item(0)?;
            } else {
                if scalar(&here)?.is_none()
                    && let Ok(shape) = here.getattr("shape")
                    && let Ok(shape) = shape.extract::<Vec<usize>>()
                {
                    self.shape.extend(shape);
                }
                return Ok(());
            }
        }
    }

    fn read(&mut self, obj: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
        self.path = self.path.max(depth);
        if depth == self.shape.len() {
            return self.leaf(obj);
        }
        if let Ok(list) = obj.cast_exact::<PyList>() {
            self.check(list.len(), depth)?;
            for item in list.iter() {
                self.item(&item, depth)?;
            }
        } else if let Ok(tuple) = obj.cast_exact::<PyTuple>() {
            self.check(tuple.len(), depth)?;
            for item in tuple.iter_borrowed() {
                self.item(&item, depth)?;
            }
        } else if let Ok(t) = obj.cast::<PyTensor>() {
            self.tensor(&t.get().tensor, depth)?;
        } else if scalar(obj)?.is_some() || obj.is_instance_of::<PyString>() {
            return Err(inhomogeneous(&self.shape[..depth]));
        } else if !is_plain_sequence(obj)
            && let Some(t) = foreign(obj)?
        {
            self.tensor(&t, depth)?;
        } else if is_plain_sequence(obj) || is_sequence(obj) {
            self.check(obj.len()?, depth)?;
            for item in obj.try_iter()? {
                self.item(&item?, depth)?;
            }
        } else {
            return Err(not_numeric(obj));
        }
        Ok(())
    }

    #[inline]
    fn item(&mut self, item: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
        if depth + 1 == self.shape.len() {
            if let Ok(v) = item.cast_exact::<PyFloat>() {
                self.leaves.push(Scalar::Float(v.value()));
                self.weak = self.weak.max(Some(Kind::Float));
                return Ok(());
            }
            return self.leaf(item);
        }
        self.read(item, depth + 1)
    }

    fn check(&self, len: usize, depth: usize) -> PyResult<()> {
        if len == self.shape[depth] { Ok(()) } else { Err(inhomogeneous(&self.shape[..depth])) }
    }

    fn leaf(&mut self, item: &Bound<'_, PyAny>) -> PyResult<()> {
        if let Some(value) = scalar(item)? {
            // NumPy's scalar classes derive from `float` but are not weak.
            self.weak = self.weak.max(Some(value.kind()));
            self.leaves.push(value);
            return Ok(());
        }
        if is_plain_sequence(item) {
            return Err(inhomogeneous(&self.shape));
        }
        let t = match item.cast::<PyTensor>() {
            Ok(t) => t.get().tensor.clone(),
            Err(_) => foreign(item)?.ok_or_else(|| not_numeric(item))?,
        };
        self.tensor(&t, self.shape.len())
    }

    fn tensor(&mut self, t: &Tensor, depth: usize) -> PyResult<()> {
        if t.shape() != &self.shape[depth..] {
            return Err(inhomogeneous(&self.shape[..depth]));
        }
        self.strong = Some(self.strong.map_or(t.dtype(), |d| purify_ops::promote_types(d, t.dtype())));
        for value in t.to_scalars().py()? {
            self.leaves.push(value);
        }
        Ok(())
    }

    fn finish(self, dtype: Option<DType>) -> PyResult<Tensor> {
        let size: usize = self.shape.iter().product();
        if size != self.leaves.len() {
            return Err(inhomogeneous(&self.shape));
        }
        let shape = &self.shape;
        let t = match self.leaves {
            Leaves::Float(v) if self.strong.is_none() => Tensor::from_vec(v, shape).py()?,
            Leaves::Int(v) if self.strong.is_none() && dtype.is_none_or(|d| d == DType::Int64 || !d.is_integer()) => {
                Tensor::from_vec(v, shape).py()?
            }
            Leaves::Bool(v) if self.strong.is_none() => Tensor::from_vec(v, shape).py()?,
            leaves => {
                let all: Vec<Scalar> = match leaves {
                    Leaves::Any(v) => v,
                    Leaves::Float(v) => v.into_iter().map(Scalar::Float).collect(),
                    Leaves::Int(v) => v.into_iter().map(|x| Scalar::Int(i128::from(x))).collect(),
                    Leaves::Bool(v) => v.into_iter().map(Scalar::Bool).collect(),
                };
                let target = dtype.unwrap_or_else(|| common(&all, self.strong, self.weak));
                return fill(&all, shape, target);
            }
        };
        match dtype {
            Some(d) if d != t.dtype() => t.astype(d).py(),
            _ => Ok(t),
        }
    }
}

/// The dtype of mixed elements: tensors count with theirs, Python numbers with their default dtype, as in NumPy.
fn common(all: &[Scalar], strong: Option<DType>, weak: Option<Kind>) -> DType {
    let mut dtype = strong;
    let mut widen = |d: DType| dtype = Some(dtype.map_or(d, |have| purify_ops::promote_types(have, d)));
    match weak {
        Some(Kind::Bool) => widen(DType::Bool),
        Some(Kind::Float) => widen(DType::Float64),
        Some(Kind::Complex) => widen(DType::Complex128),
        Some(Kind::Int) => {
            let (mut low, mut high) = (0, 0);
            for v in all {
                if let Scalar::Int(v) = *v {
                    low = low.min(v);
                    high = high.max(v);
                }
            }
            // Beyond int64 only uint64 remains, or float64 if there are negative numbers too.
            widen(match (low < 0, high > i128::from(i64::MAX)) {
                (_, false) => DType::Int64,
                (false, true) => DType::UInt64,
                (true, true) => DType::Float64,
            });
        }
        None => {}
    }
    dtype.unwrap_or(DType::Float64)
}

fn fill(all: &[Scalar], shape: &[usize], dtype: DType) -> PyResult<Tensor> {
    purify_ops::dispatch!(dtype, T => {
        let mut data: Vec<T> = Vec::with_capacity(all.len());
        for v in all {
            data.push(v.to_element::<T>("asarray").py()?);
        }
        Tensor::from_vec(data, shape).py()
    })
}

/// An argument of an elementwise function: a tensor, or a number that takes the other operand's dtype.
pub enum Arg {
    /// An array, or what was converted to one.
    Tensor(Tensor),
    /// A Python number.
    Scalar(Scalar),
}

impl Arg {
    /// Reads an argument.
    #[inline]
    pub fn read(obj: &Bound<'_, PyAny>) -> PyResult<Arg> {
        if let Ok(t) = obj.cast_exact::<PyTensor>() {
            return Ok(Arg::Tensor(t.get().tensor.clone()));
        }
        if let Some(value) = scalar(obj)? {
            return Ok(Arg::Scalar(value));
        }
        asarray(obj, None, None).map(Arg::Tensor)
    }

    /// As the core takes it.
    #[inline]
    pub fn operand(&self) -> Operand<'_> {
        match self {
            Arg::Tensor(t) => Operand::Tensor(t),
            Arg::Scalar(s) => Operand::Scalar(*s),
        }
    }

    /// As a tensor; a number gets its default dtype.
    pub fn into_tensor(self) -> PyResult<Tensor> {
        match self {
            Arg::Tensor(t) => Ok(t),
            Arg::Scalar(s) => scalar_tensor(s, s.default_dtype()),
        }
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Arg {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Arg::read(&obj)
    }
}

/// An argument that becomes a tensor: arrays, numbers, nested sequences.
pub struct Array(pub Tensor);

impl<'a, 'py> FromPyObject<'a, 'py> for Array {
    type Error = PyErr;

    #[inline]
    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(t) = obj.cast_exact::<PyTensor>() {
            return Ok(Array(t.get().tensor.clone()));
        }
        asarray(&obj, None, None).map(Array)
    }
}

/// A sequence of arrays (list, tuple, or an array whose first axis is the sequence).
pub struct Arrays(pub Vec<Tensor>);

impl<'a, 'py> FromPyObject<'a, 'py> for Arrays {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let mut out = Vec::new();
        for item in obj.try_iter()? {
            out.push(asarray(&item?, None, None)?);
        }
        Ok(Arrays(out))
    }
}

/// A Python number as an argument.
pub struct Number(pub Scalar);

impl<'a, 'py> FromPyObject<'a, 'py> for Number {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Some(value) = scalar(&obj)? {
            return Ok(Number(value));
        }
        let t = asarray(&obj, None, None)?;
        if t.ndim() == 0 {
            return t.item().py().map(Number);
        }
        Err(PyTypeError::new_err(format!("expected a number, got an array of shape {:?}", t.shape())))
    }
}

/// One integer: an `int`, or anything with `__index__` such as a 0-d integer tensor.
pub fn index(obj: &Bound<'_, PyAny>) -> PyResult<i64> {
    if let Ok(v) = obj.extract::<i64>() {
        return Ok(v);
    }
    obj.call_method0("__index__")
        .map_err(|_| PyTypeError::new_err(format!("expected an integer, got {obj}")))?
        .extract()
        .map_err(|_| PyOverflowError::new_err(format!("the integer {obj} does not fit in 64 bits")))
}

/// Which diagonal: an integer of any size, since all diagonals beyond a corner are empty.
pub fn diagonal(obj: &Bound<'_, PyAny>) -> PyResult<i64> {
    match index(obj) {
        Err(e) if e.is_instance_of::<PyOverflowError>(obj.py()) => Ok(if obj.lt(0)? { i64::MIN } else { i64::MAX }),
        other => other,
    }
}

/// One integer or a sequence of them: axes, repetitions, indices.
pub struct Ints(pub Vec<i64>);

impl<'a, 'py> FromPyObject<'a, 'py> for Ints {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        // Tuples first: to find out that one is no integer costs an exception.
        if let Ok(tuple) = obj.cast_exact::<PyTuple>() {
            return tuple.iter_borrowed().map(|item| index(&item)).collect::<PyResult<Vec<_>>>().map(Ints);
        }
        if let Ok(v) = obj.extract::<i64>() {
            return Ok(Ints(vec![v]));
        }
        if let Ok(t) = obj.cast::<PyTensor>()
            && t.get().tensor.ndim() == 0
        {
            return Ok(Ints(vec![index(&obj)?]));
        }
        if let Ok(items) = obj.try_iter() {
            let mut out = Vec::new();
            for item in items {
                out.push(index(&item?)?);
            }
            return Ok(Ints(out));
        }
        Ok(Ints(vec![index(&obj)?]))
    }
}

/// A shape argument: an integer or a sequence of them, none negative.
pub struct ShapeArg(pub Vec<usize>);

impl<'a, 'py> FromPyObject<'a, 'py> for ShapeArg {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let Ints(values) = obj.extract()?;
        values
            .into_iter()
            .map(|n| usize::try_from(n).map_err(|_| PyValueError::new_err(format!("a shape cannot have the negative length {n}"))))
            .collect::<PyResult<Vec<_>>>()
            .map(ShapeArg)
    }
}

/// A device argument: "cpu", "cuda", "cuda:1", or what `x.device` gives.
pub struct DeviceArg(pub Device);

impl<'a, 'py> FromPyObject<'a, 'py> for DeviceArg {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let device = Device::parse(&obj.str()?.to_string()).py()?;
        if device != Device::Cpu {
            crate::cuda::look_beside(obj.py());
        }
        Ok(DeviceArg(device))
    }
}
