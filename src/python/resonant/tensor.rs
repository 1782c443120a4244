//! `ResonantTensor`: arguments in, results out; what it means is in `purify-resonant`.

use purify_ops::{Device, Tensor};
use purify_resonant::operators::Amplify;
use purify_resonant::{
    BatchNormTarget, CycleOptions, Extremum, Gelu, Golden, Init, Layout2d, ModeNorms, Nonfinite, Rescale, ResonantTensor, default_norms,
    read_tensors, write_tensors,
};
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use super::OrRaise;
use super::exact::{Exact, PyGolden};
use super::shape::{Both, Dims};
use crate::convert::{Array, DeviceArg};
use crate::error::OrRaise as _;
use crate::tensor::PyTensor;

/// A tensor of exact golden numbers with a mode norm per element.
///
/// `ResonantTensor(data, shape=None, mode_norm_sq=None, precision=100, *, nonfinite="error")` takes each value of `data`
/// (nested sequences or an array) to the nearest point `a + b*phi` with integers up to `precision`. Methods called as in
/// the original library work in place and return the tensor; `purify.resonant.functional` has the same without changes.
#[pyclass(subclass, weakref, name = "ResonantTensor", module = "purify.resonant")]
pub struct PyResonant {
    pub inner: ResonantTensor,
}

impl From<ResonantTensor> for PyResonant {
    fn from(inner: ResonantTensor) -> Self {
        PyResonant { inner }
    }
}

type Result1 = PyResult<PyResonant>;
type Ref<'py> = PyRef<'py, PyResonant>;

fn made(result: purify_resonant::Result<ResonantTensor>) -> Result1 {
    result.py().map(PyResonant::from)
}

/// Puts a result in the place of the tensor, which changes only if there is one.
fn replace<'py>(
    mut slf: PyRefMut<'py, PyResonant>,
    f: impl FnOnce(&ResonantTensor) -> purify_resonant::Result<ResonantTensor>,
) -> PyResult<PyRefMut<'py, PyResonant>> {
    slf.inner = f(&slf.inner).py()?;
    Ok(slf)
}

fn policy(name: &str) -> PyResult<Nonfinite> {
    Nonfinite::from_name(name).py()
}

fn norms_of(mode_norm_sq: Option<Vec<f64>>, mode_norms: &str, shape: &[usize]) -> PyResult<Option<Vec<f64>>> {
    match (mode_norm_sq, mode_norms) {
        (Some(n), _) => Ok(Some(n)),
        (None, "last_axis") => Ok(None),
        (None, "flat") => Ok(Some(default_norms(shape, ModeNorms::Flat))),
        _ => Err(PyValueError::new_err(format!("mode_norms: {mode_norms:?} is not one of \"last_axis\", \"flat\""))),
    }
}

fn optional<'a>(t: &'a Option<Ref<'_>>) -> Option<&'a ResonantTensor> {
    t.as_ref().map(|t| &t.inner)
}

/// A scalar: exact, or a float taken to the lattice with the bound `snap`.
fn scalar(c: Exact, snap: Option<i64>) -> PyResult<Golden> {
    match snap {
        None => Ok(c.0),
        Some(p) => {
            let p = purify_resonant::exact::check_precision("snap", p).py()?;
            Ok(purify_resonant::exact::nearest(c.0.to_f64(), p))
        }
    }
}

/// The other operand: a tensor or a number.
enum Operand<'py> {
    Tensor(Ref<'py>),
    Number(Golden),
}

fn operand<'py>(obj: &Bound<'py, PyAny>) -> PyResult<Option<Operand<'py>>> {
    if let Ok(t) = obj.cast::<PyResonant>() {
        return Ok(Some(Operand::Tensor(t.try_borrow()?)));
    }
    match obj.extract::<Exact>() {
        Ok(c) => Ok(Some(Operand::Number(c.0))),
        Err(e) if e.is_instance_of::<PyTypeError>(obj.py()) => Ok(None),
        Err(e) => Err(e),
    }
}

fn answer<'py>(py: Python<'py>, result: Option<purify_resonant::Result<ResonantTensor>>) -> PyResult<Bound<'py, PyAny>> {
    match result {
        Some(r) => Ok(Bound::new(py, made(r)?)?.into_any()),
        None => Ok(py.NotImplemented().into_bound(py)),
    }
}

#[pymethods]
impl PyResonant {
    #[new]
    #[pyo3(signature = (data, shape = None, mode_norm_sq = None, precision = 100, *, nonfinite = "error", mode_norms = "last_axis"))]
    fn new(data: Array, shape: Option<Dims>, mode_norm_sq: Option<Vec<f64>>, precision: i64, nonfinite: &str, mode_norms: &str) -> Result1 {
        let data = match shape {
            None => data.0,
            Some(shape) => {
                let shape = shape.lengths()?;
                if shape.iter().product::<usize>() != data.0.size() {
                    let text = format!("ResonantTensor: {} values do not fill shape {shape:?}", data.0.size());
                    return Err(super::ShapeError::new_err(text));
                }
                data.0.reshape(&shape).py()?
            }
        };
        let norms = norms_of(mode_norm_sq, mode_norms, data.shape())?;
        made(ResonantTensor::from_ops(&data, norms, precision, policy(nonfinite)?))
    }

    /// A tensor of the very numbers: GoldenExact, int, Fraction, or floats by their binary value.
    #[staticmethod]
    #[pyo3(signature = (lattice, shape, mode_norm_sq = None, precision = 100))]
    fn from_golden_exact(lattice: Vec<Exact>, shape: Dims, mode_norm_sq: Option<Vec<f64>>, precision: i64) -> Result1 {
        made(ResonantTensor::from_lattice(lattice.into_iter().map(|e| e.0).collect(), &shape.lengths()?, mode_norm_sq, precision))
    }

    /// Snapped floats with the default mode norms.
    #[staticmethod]
    #[pyo3(signature = (data, shape, precision = 100))]
    fn from_floats_default_modes(data: Array, shape: Dims, precision: i64) -> Result1 {
        PyResonant::new(data, Some(shape), None, precision, "error", "last_axis")
    }

    /// Zeros.
    #[staticmethod]
    #[pyo3(signature = (shape, precision = 100))]
    fn zeros(shape: Dims, precision: i64) -> Result1 {
        made(ResonantTensor::zeros(&shape.lengths()?, precision))
    }

    /// Ones.
    #[staticmethod]
    #[pyo3(signature = (shape, precision = 100))]
    fn ones(shape: Dims, precision: i64) -> Result1 {
        made(ResonantTensor::ones(&shape.lengths()?, precision))
    }

    /// A tensor filled with one exact number.
    #[staticmethod]
    #[pyo3(signature = (shape, value, precision = 100))]
    fn full(shape: Dims, value: Exact, precision: i64) -> Result1 {
        made(ResonantTensor::full(&shape.lengths()?, value.0, precision))
    }

    /// Normal numbers, snapped; the same for the same seed on every platform.
    #[staticmethod]
    #[pyo3(signature = (shape, mean = 0.0, std = 1.0, precision = 100, *, seed = 0))]
    fn randn(shape: Dims, mean: f64, std: f64, precision: i64, seed: u64) -> Result1 {
        made(ResonantTensor::randn(&shape.lengths()?, mean, std, precision, seed))
    }

    /// Uniform numbers in [low, high), snapped.
    #[staticmethod]
    #[pyo3(signature = (shape, low = 0.0, high = 1.0, precision = 100, *, seed = 0))]
    fn uniform(shape: Dims, low: f64, high: f64, precision: i64, seed: u64) -> Result1 {
        made(ResonantTensor::uniform(&shape.lengths()?, low, high, precision, seed))
    }

    /// Golden initial values u*exp(-m2/(2*phi)), u uniform within `scale`; the precision is raised until modes with an
    /// attenuation of at least `floor` are above the resolution.
    #[staticmethod]
    #[pyo3(signature = (shape, scale = 1.0, mode_norm_sq = None, precision = 100, *, floor = 1e-3, seed = 0))]
    fn golden(shape: Dims, scale: f64, mode_norm_sq: Option<Vec<f64>>, precision: i64, floor: f64, seed: u64) -> Result1 {
        made(ResonantTensor::golden(&shape.lengths()?, scale, mode_norm_sq, precision, floor, seed))
    }

    /// The weights [fan_out, fan_in] of a layer: init "uniform", "xavier", "golden_norm" or "golden_legacy".
    #[staticmethod]
    #[pyo3(signature = (fan_out, fan_in, init = "uniform", precision = 100, *, seed = 0))]
    fn weights(fan_out: usize, fan_in: usize, init: &str, precision: i64, seed: u64) -> Result1 {
        made(ResonantTensor::weights(fan_out, fan_in, Init::from_name(init).py()?, precision, seed))
    }

    /// Tensors joined along an axis.
    #[staticmethod]
    #[pyo3(signature = (tensors, dim = -1))]
    fn concat(tensors: Vec<Ref<'_>>, dim: i64) -> Result1 {
        made(ResonantTensor::concat(&tensors.iter().map(|t| &t.inner).collect::<Vec<_>>(), dim))
    }

    // ---- state --------------------------------------------------------------------------------

    /// Lengths of the axes.
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.shape())
    }

    /// Number of axes.
    #[getter]
    fn ndim(&self) -> usize {
        self.inner.ndim()
    }

    /// Number of elements.
    #[getter]
    fn size(&self) -> usize {
        self.inner.size()
    }

    /// The share of x**2 that the golden weights leave (see `purify.resonant.syntony`), of the lattice as it is.
    #[getter]
    fn syntony(&self) -> f64 {
        self.inner.syntony()
    }

    /// "crystallized" or "flux". This is a state, not the phase of a complex number.
    #[getter]
    fn phase(&self) -> &'static str {
        self.inner.phase()
    }

    /// The coefficient bound of the last snap.
    #[getter]
    fn precision(&self) -> u64 {
        self.inner.precision()
    }

    /// "cpu", or the device of the flux.
    #[getter]
    fn device(&self) -> String {
        self.inner.flux().map_or_else(|_| Device::Cpu.to_string(), |t| t.device().to_string())
    }

    /// Bits of the longest coefficient: exact products make them grow, `resnap` makes them short.
    #[getter]
    fn max_coeff_bits(&self) -> u64 {
        self.inner.max_coeff_bits()
    }

    /// Whether three cycles in a row lowered the syntony while some mode grew.
    #[getter]
    fn diverging(&self) -> bool {
        self.inner.is_diverging()
    }

    /// Nanoseconds of the last D phase.
    #[getter]
    fn last_d_duration_ns(&self) -> u64 {
        self.inner.durations().0.as_nanos() as u64
    }

    /// Nanoseconds of the snap after it.
    #[getter]
    fn last_h_duration_ns(&self) -> u64 {
        self.inner.durations().1.as_nanos() as u64
    }

    /// The exact numbers, flat in row-major order.
    fn get_lattice(&self) -> Vec<PyGolden> {
        self.inner.lattice().iter().cloned().map(PyGolden).collect()
    }

    /// As `get_lattice`.
    fn to_lattice_list(&self) -> Vec<PyGolden> {
        self.get_lattice()
    }

    /// As `get_lattice`.
    fn to_golden(&self) -> Vec<PyGolden> {
        self.get_lattice()
    }

    /// The mode norm squared of each element, flat.
    fn get_mode_norm_sq(&self) -> Vec<f64> {
        self.inner.mode_norm_sq().to_vec()
    }

    /// The same numbers under other mode norms.
    fn with_mode_norms(&self, mode_norm_sq: Vec<f64>) -> Result1 {
        made(self.inner.with_mode_norms(mode_norm_sq))
    }

    /// The numbers, correctly rounded to doubles, flat.
    fn to_floats(&self) -> Vec<f64> {
        self.inner.to_floats()
    }

    /// As `to_floats`.
    fn to_list(&self) -> Vec<f64> {
        self.inner.to_floats()
    }

    /// The numbers as a `purify.ops.Tensor` of float64 with the same shape.
    fn to_ops(&self, py: Python<'_>) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, self.inner.to_ops().py()?)
    }

    /// A crystallized copy.
    fn clone(&self) -> Self {
        self.inner.clone().into()
    }

    fn __copy__(&self) -> Self {
        self.clone()
    }

    // ---- exact operations -----------------------------------------------------------------------

    /// X W^T, exact: [..., K] by [N, K], or equal leading axes.
    fn matmul(&self, weights: Ref<'_>) -> Result1 {
        made(self.inner.matmul(&weights.inner))
    }

    /// Adds a vector to every row, in place.
    fn add_bias<'py>(slf: Bound<'py, Self>, bias: &Bound<'py, PyResonant>) -> PyResult<Bound<'py, Self>> {
        // Read before the tensor is borrowed to be changed: the two may be one object.
        let out = slf.try_borrow()?.inner.add_bias(&bias.try_borrow()?.inner).py()?;
        slf.try_borrow_mut()?.inner = out;
        Ok(slf)
    }

    /// Negative elements become zero, in place.
    fn relu(slf: PyRefMut<'_, Self>) -> PyResult<PyRefMut<'_, Self>> {
        replace(slf, ResonantTensor::relu)
    }

    /// Multiplies by phi, in place.
    fn apply_recursion(slf: PyRefMut<'_, Self>) -> PyResult<PyRefMut<'_, Self>> {
        replace(slf, ResonantTensor::recursion)
    }

    /// Divides by phi, in place.
    fn apply_inverse_recursion(slf: PyRefMut<'_, Self>) -> PyResult<PyRefMut<'_, Self>> {
        replace(slf, ResonantTensor::inverse_recursion)
    }

    /// Elements below q/divisor in magnitude become zero, in place.
    #[pyo3(signature = (q = purify_resonant::constants::Q_DEFICIT, divisor = 248.0))]
    fn prune_hierarchy(slf: PyRefMut<'_, Self>, q: f64, divisor: f64) -> PyResult<PyRefMut<'_, Self>> {
        replace(slf, |x| x.prune(q / divisor))
    }

    /// The sum, with broadcasting.
    fn elementwise_add(&self, other: Ref<'_>) -> Result1 {
        made(self.inner.add(&other.inner))
    }

    /// The product element by element, with broadcasting.
    fn elementwise_mul(&self, other: Ref<'_>) -> Result1 {
        made(self.inner.mul(&other.inner))
    }

    /// Times a number: exact, or with `snap=P` the lattice point nearest to it.
    #[pyo3(signature = (c, *, snap = None))]
    fn scalar_mul(&self, c: Exact, snap: Option<i64>) -> Result1 {
        made(self.inner.mul_scalar(&scalar(c, snap)?))
    }

    /// Plus a number: exact, or with `snap=P` the lattice point nearest to it.
    #[pyo3(signature = (c, *, snap = None))]
    fn scalar_add(&self, c: Exact, snap: Option<i64>) -> Result1 {
        made(self.inner.add_scalar(&scalar(c, snap)?))
    }

    /// The negatives.
    fn negate(&self) -> Result1 {
        made(self.inner.neg())
    }

    /// One minus each element.
    fn one_minus(&self) -> Result1 {
        made(self.inner.one_minus())
    }

    /// The nearest lattice points under another coefficient bound.
    fn resnap(&self, precision: i64) -> Result1 {
        made(self.inner.resnap(precision))
    }

    fn __add__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let result = operand(other)?.map(|o| match o {
            Operand::Tensor(t) => self.inner.add(&t.inner),
            Operand::Number(c) => self.inner.add_scalar(&c),
        });
        answer(other.py(), result)
    }

    fn __radd__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.__add__(other)
    }

    fn __sub__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let result = operand(other)?.map(|o| match o {
            Operand::Tensor(t) => self.inner.sub(&t.inner),
            Operand::Number(c) => self.inner.add_scalar(&-&c),
        });
        answer(other.py(), result)
    }

    fn __rsub__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let result = operand(other)?.map(|o| match o {
            Operand::Tensor(t) => t.inner.sub(&self.inner),
            Operand::Number(c) => self.inner.neg().and_then(|x| x.add_scalar(&c)),
        });
        answer(other.py(), result)
    }

    fn __mul__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let result = operand(other)?.map(|o| match o {
            Operand::Tensor(t) => self.inner.mul(&t.inner),
            Operand::Number(c) => self.inner.mul_scalar(&c),
        });
        answer(other.py(), result)
    }

    fn __rmul__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.__mul__(other)
    }

    fn __truediv__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let result = operand(other)?.map(|o| match o {
            Operand::Tensor(t) => self.inner.div(&t.inner),
            Operand::Number(c) => c.recip().and_then(|r| self.inner.mul_scalar(&r)),
        });
        answer(other.py(), result)
    }

    /// The ordinary product of matrices, X Y.
    fn __matmul__(&self, other: Ref<'_>) -> Result1 {
        made(other.inner.transpose(-1, -2).and_then(|w| self.inner.matmul(&w)))
    }

    fn __neg__(&self) -> Result1 {
        self.negate()
    }

    fn __abs__(&self) -> Result1 {
        made(self.inner.abs())
    }

    fn __richcmp__<'py>(&self, other: &Bound<'py, PyAny>, op: CompareOp) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        let holds = move |o| op.matches(o);
        let result = match operand(other)? {
            None => return Ok(py.NotImplemented().into_bound(py)),
            Some(Operand::Tensor(t)) => self.inner.compare(&t.inner, holds),
            Some(Operand::Number(c)) => self.inner.compare_scalar(&c, holds),
        };
        Ok(PyTensor::wrap(py, result.py()?)?.into_bound(py).into_any())
    }

    /// Whether shape, numbers, mode norms and precision of another tensor are the same.
    fn equals(&self, other: Ref<'_>) -> bool {
        self.inner == other.inner
    }

    // ---- snapped operations -----------------------------------------------------------------------

    /// 1/(1 + exp(-x)), snapped, in place.
    #[pyo3(signature = (precision = 100))]
    fn sigmoid(slf: PyRefMut<'_, Self>, precision: Option<i64>) -> PyResult<PyRefMut<'_, Self>> {
        replace(slf, |x| x.sigmoid(precision))
    }

    /// tanh(x), snapped, in place.
    #[pyo3(signature = (precision = 100))]
    fn tanh(slf: PyRefMut<'_, Self>, precision: Option<i64>) -> PyResult<PyRefMut<'_, Self>> {
        replace(slf, |x| x.tanh(precision))
    }

    /// x/2 (1 + erf(x/sqrt 2)), or the tanh form with approximate="tanh"; snapped, in place.
    #[pyo3(signature = (precision = 100, *, approximate = "none"))]
    fn gelu<'py>(slf: PyRefMut<'py, Self>, precision: Option<i64>, approximate: &str) -> PyResult<PyRefMut<'py, Self>> {
        let form = match approximate {
            "none" => Gelu::Erf,
            "tanh" => Gelu::Tanh,
            _ => return Err(PyValueError::new_err(format!("gelu: approximate is \"none\" or \"tanh\", not {approximate:?}"))),
        };
        replace(slf, |x| x.gelu(precision, form))
    }

    /// exp(x), snapped.
    #[pyo3(signature = (precision = None, *, nonfinite = "error"))]
    fn exp(&self, precision: Option<i64>, nonfinite: &str) -> Result1 {
        made(self.inner.apply("exp", precision, policy(nonfinite)?, f64::exp))
    }

    /// log(x), snapped.
    #[pyo3(signature = (precision = None, *, nonfinite = "error"))]
    fn log(&self, precision: Option<i64>, nonfinite: &str) -> Result1 {
        made(self.inner.apply("log", precision, policy(nonfinite)?, f64::ln))
    }

    /// sqrt(x), snapped.
    #[pyo3(signature = (precision = None, *, nonfinite = "error"))]
    fn sqrt(&self, precision: Option<i64>, nonfinite: &str) -> Result1 {
        made(self.inner.apply("sqrt", precision, policy(nonfinite)?, f64::sqrt))
    }

    /// sin(x), snapped.
    #[pyo3(signature = (precision = None))]
    fn sin(&self, precision: Option<i64>) -> Result1 {
        made(self.inner.apply("sin", precision, Nonfinite::Error, f64::sin))
    }

    /// cos(x), snapped.
    #[pyo3(signature = (precision = None))]
    fn cos(&self, precision: Option<i64>) -> Result1 {
        made(self.inner.apply("cos", precision, Nonfinite::Error, f64::cos))
    }

    /// x**exponent, snapped.
    #[pyo3(signature = (exponent, precision = None, *, nonfinite = "error"))]
    fn pow(&self, exponent: f64, precision: Option<i64>, nonfinite: &str) -> Result1 {
        made(self.inner.apply("pow", precision, policy(nonfinite)?, move |x| x.powf(exponent)))
    }

    /// Softmax along an axis, snapped, in place; with `renormalize` each line sums to exactly 1.
    #[pyo3(signature = (precision = None, dim = -1, *, renormalize = true))]
    fn softmax(slf: PyRefMut<'_, Self>, precision: Option<i64>, dim: i64, renormalize: bool) -> PyResult<PyRefMut<'_, Self>> {
        replace(slf, |x| x.softmax(dim, precision, renormalize))
    }

    /// Elements zero with probability p, the rest times 1/(1 - p), in place.
    #[pyo3(signature = (p = 0.5, *, seed = 0))]
    fn dropout(slf: PyRefMut<'_, Self>, p: f64, seed: u64) -> PyResult<PyRefMut<'_, Self>> {
        replace(slf, |x| x.dropout(p, seed))
    }

    /// Per row (x - mean)/sqrt(var + eps), times sqrt(1/phi) with golden_target, times gamma plus beta; snapped.
    #[pyo3(signature = (gamma = None, beta = None, eps = 1e-8, golden_target = true))]
    fn layer_norm(&self, gamma: Option<Ref<'_>>, beta: Option<Ref<'_>>, eps: f64, golden_target: bool) -> Result1 {
        made(self.inner.layer_norm(optional(&gamma), optional(&beta), eps, golden_target))
    }

    /// Per channel of [B, F] or [B, C, H, W]; target "golden" (variance 1/phi), "standard" (1) or a positive number.
    #[pyo3(signature = (target = None, eps = 1e-5, gamma = None, beta = None))]
    fn batch_norm(&self, target: Option<&Bound<'_, PyAny>>, eps: f64, gamma: Option<Ref<'_>>, beta: Option<Ref<'_>>) -> Result1 {
        let goal = match target {
            None => BatchNormTarget::Golden,
            Some(t) => match t.extract::<String>().as_deref() {
                Ok("golden") => BatchNormTarget::Golden,
                Ok("standard") => BatchNormTarget::Standard,
                Ok(other) => {
                    return Err(PyValueError::new_err(format!("batch_norm: {other:?} is not \"golden\", \"standard\" or a number")));
                }
                Err(_) => BatchNormTarget::Custom(t.extract()?),
            },
        };
        made(self.inner.batch_norm(goal, eps, optional(&gamma), optional(&beta)))
    }

    // ---- statistics -------------------------------------------------------------------------------

    /// The sum, exact.
    #[pyo3(signature = (dim = None, keepdim = false))]
    fn sum(&self, dim: Option<i64>, keepdim: bool) -> Result1 {
        made(self.inner.sum(dim, keepdim))
    }

    /// The mean, exact; with `precision`, the lattice point nearest to it.
    #[pyo3(signature = (dim = None, keepdim = false, precision = None))]
    fn mean(&self, dim: Option<i64>, keepdim: bool, precision: Option<i64>) -> Result1 {
        made(self.inner.mean(dim, keepdim).and_then(|m| precision.map_or(Ok(m.clone()), |p| m.resnap(p))))
    }

    /// The population variance, exact; with `precision`, the lattice point nearest to it.
    #[pyo3(signature = (dim = None, keepdim = false, precision = None))]
    fn var(&self, dim: Option<i64>, keepdim: bool, precision: Option<i64>) -> Result1 {
        made(self.inner.var(dim, keepdim).and_then(|m| precision.map_or(Ok(m.clone()), |p| m.resnap(p))))
    }

    /// The product, exact.
    #[pyo3(signature = (dim = None, keepdim = false))]
    fn prod(&self, dim: Option<i64>, keepdim: bool) -> Result1 {
        made(self.inner.prod(dim, keepdim))
    }

    /// The largest elements, exact.
    #[pyo3(signature = (dim = None, keepdim = false))]
    fn max(&self, dim: Option<i64>, keepdim: bool) -> Result1 {
        made(self.inner.extremum(Extremum::Max, dim, keepdim))
    }

    /// The smallest elements, exact.
    #[pyo3(signature = (dim = None, keepdim = false))]
    fn min(&self, dim: Option<i64>, keepdim: bool) -> Result1 {
        made(self.inner.extremum(Extremum::Min, dim, keepdim))
    }

    /// (sum |x|**p)**(1/p), snapped.
    #[pyo3(signature = (p = 2.0, dim = None, keepdim = false, precision = None))]
    fn norm(&self, p: f64, dim: Option<i64>, keepdim: bool, precision: Option<i64>) -> Result1 {
        made(self.inner.norm(p, dim, keepdim, precision))
    }

    // ---- convolution and rearrangement --------------------------------------------------------------

    /// Cross-correlation with a kernel [O, I, kh, kw], exact.
    #[pyo3(signature = (kernel, bias = None, stride = Both([1, 1]), padding = Both([0, 0]), layout = "NCHW"))]
    fn conv2d(&self, kernel: Ref<'_>, bias: Option<Ref<'_>>, stride: Both, padding: Both, layout: &str) -> Result1 {
        let layout = Layout2d::from_name(layout).py()?;
        made(self.inner.conv2d(&kernel.inner, optional(&bias), stride.0, padding.0, layout))
    }

    /// The largest element of each window of [N, C, H, W].
    #[pyo3(signature = (kernel_size, stride = None, padding = Both([0, 0])))]
    fn max_pool2d(&self, kernel_size: Both, stride: Option<Both>, padding: Both) -> Result1 {
        made(self.inner.max_pool2d(kernel_size.0, stride.map_or(kernel_size.0, |s| s.0), padding.0))
    }

    /// The mean of each window of [N, C, H, W], exact.
    #[pyo3(signature = (kernel_size, stride = None, padding = Both([0, 0]), count_include_pad = true))]
    fn avg_pool2d(&self, kernel_size: Both, stride: Option<Both>, padding: Both, count_include_pad: bool) -> Result1 {
        made(self.inner.avg_pool2d(kernel_size.0, stride.map_or(kernel_size.0, |s| s.0), padding.0, count_include_pad))
    }

    /// The mean of each channel: [N, C, H, W] to [N, C], exact.
    fn global_avg_pool2d(&self) -> Result1 {
        made(self.inner.global_avg_pool2d())
    }

    /// The same elements in another shape; one length may be -1.
    #[pyo3(signature = (*shape))]
    fn reshape(&self, shape: &Bound<'_, PyTuple>) -> Result1 {
        let dims: Dims = if shape.len() == 1 { shape.get_item(0)?.extract()? } else { Dims(shape.extract()?) };
        made(self.inner.reshape(&dims.0))
    }

    /// As `reshape`.
    #[pyo3(signature = (*shape))]
    fn view(&self, shape: &Bound<'_, PyTuple>) -> Result1 {
        self.reshape(shape)
    }

    /// Two axes exchanged.
    #[pyo3(signature = (dim0 = -2, dim1 = -1))]
    fn transpose(&self, dim0: i64, dim1: i64) -> Result1 {
        made(self.inner.transpose(dim0, dim1))
    }

    /// The axes in another order.
    #[pyo3(signature = (*dims))]
    fn permute(&self, dims: &Bound<'_, PyTuple>) -> Result1 {
        let dims: Dims = if dims.len() == 1 { dims.get_item(0)?.extract()? } else { Dims(dims.extract()?) };
        made(self.inner.permute(&dims.0))
    }

    /// The entries of an axis at the given indices.
    #[pyo3(signature = (indices, dim = 0))]
    fn index_select(&self, indices: Array, dim: i64) -> Result1 {
        made(self.inner.index_select(dim, &indices.0))
    }

    /// The elements where a mask is true, as a vector.
    fn masked_select(&self, mask: Array) -> Result1 {
        made(self.inner.masked_select(&mask.0))
    }

    /// out[i][j] = self[index[i][j]][j] for dim 0, and likewise for the others.
    fn gather(&self, dim: i64, index: Array) -> Result1 {
        made(self.inner.gather(dim, &index.0))
    }

    /// self[index[i][j]][j] = source[i][j] for dim 0, in place.
    fn scatter<'py>(slf: Bound<'py, Self>, dim: i64, index: Array, source: &Bound<'py, PyResonant>) -> PyResult<Bound<'py, Self>> {
        let out = slf.try_borrow()?.inner.scatter(dim, &index.0, &source.try_borrow()?.inner).py()?;
        slf.try_borrow_mut()?.inner = out;
        Ok(slf)
    }

    /// Elements by basic and advanced indices, as of an array of this shape.
    fn __getitem__(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> Result1 {
        let places = Tensor::from_vec((0..self.inner.size() as i64).collect(), self.inner.shape()).py()?;
        let chosen = PyTensor::wrap(py, places)?.bind(py).as_any().get_item(key)?;
        let chosen: Array = chosen.extract()?;
        let shape: Vec<i64> = chosen.0.shape().iter().map(|&d| d as i64).collect();
        let flat = chosen.0.reshape(&[chosen.0.size()]).py()?;
        made(self.inner.reshape(&[-1]).and_then(|x| x.index_select(0, &flat)).and_then(|x| x.reshape(&shape)))
    }

    fn __len__(&self) -> PyResult<usize> {
        self.inner.shape().first().copied().ok_or_else(|| PyTypeError::new_err("a tensor without axes has no len()"))
    }

    // ---- phases and cycles --------------------------------------------------------------------------

    /// Goes into flux on a device; returns the flux as a `purify.ops.Tensor` that shares its memory.
    #[pyo3(signature = (device = DeviceArg(Device::Cpu)))]
    fn wake_flux(mut slf: PyRefMut<'_, Self>, device: DeviceArg) -> PyResult<Py<PyTensor>> {
        slf.inner.wake_flux(device.0).py()?;
        let flux = slf.inner.flux().py()?.clone();
        PyTensor::wrap(slf.py(), flux)
    }

    /// Goes into flux and returns its values as a list.
    fn wake_flux_values(&mut self) -> PyResult<Vec<f64>> {
        self.inner.wake_flux(Device::Cpu).py()?;
        self.inner.flux().py()?.to_vec::<f64>().py()
    }

    /// The flux as a `purify.ops.Tensor` that shares its memory: what is written there crystallizes.
    fn flux_values(&self, py: Python<'_>) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, self.inner.flux().py()?.clone())
    }

    /// Replaces the values in flux.
    fn set_flux(mut slf: PyRefMut<'_, Self>, values: Array) -> PyResult<PyRefMut<'_, Self>> {
        slf.inner.set_flux(&values.0).py()?;
        Ok(slf)
    }

    /// Snaps the flux to the lattice and returns the new syntony; with `harmonize`, H attenuates it first.
    #[pyo3(signature = (precision = None, harmonize = false))]
    fn crystallize(&mut self, precision: Option<i64>, harmonize: bool) -> PyResult<f64> {
        self.inner.crystallize(precision, harmonize).py()
    }

    /// Takes values as flux and crystallizes them.
    #[pyo3(signature = (values, precision = None, harmonize = false))]
    fn crystallize_from_values(&mut self, values: Array, precision: Option<i64>, harmonize: bool) -> PyResult<f64> {
        let woken = self.inner.phase() == "crystallized";
        if woken {
            self.inner.wake_flux(Device::Cpu).py()?;
        }
        let result = self.inner.set_flux(&values.0).and_then(|()| self.inner.crystallize(precision, harmonize));
        if result.is_err() && woken {
            self.inner.destroy_shadow().py()?;
        }
        result.py()
    }

    /// Leaves flux and keeps the lattice.
    fn destroy_shadow(mut slf: PyRefMut<'_, Self>) -> PyResult<PyRefMut<'_, Self>> {
        slf.inner.destroy_shadow().py()?;
        Ok(slf)
    }

    /// One cycle D, noise, H, snap, in place; returns the new syntony. amplify "sqrt" or "saturating", normalize None or "l2".
    #[pyo3(signature = (noise_scale = 0.01, precision = None, *, seed = None, amplify = "sqrt", normalize = None))]
    fn cpu_cycle(
        &mut self,
        noise_scale: f64,
        precision: Option<i64>,
        seed: Option<u64>,
        amplify: &str,
        normalize: Option<&str>,
    ) -> PyResult<f64> {
        self.inner.cycle(&cycle_options(noise_scale, precision, seed, amplify, normalize)?).py()
    }

    /// One cycle per entry of the first axis, in place; returns their syntonies.
    #[pyo3(signature = (noise_scale = 0.01, precision = None, *, seed = None, amplify = "sqrt", normalize = None))]
    fn batch_cpu_cycle(
        &mut self,
        noise_scale: f64,
        precision: Option<i64>,
        seed: Option<u64>,
        amplify: &str,
        normalize: Option<&str>,
    ) -> PyResult<Vec<f64>> {
        self.inner.batch_cycle(&cycle_options(noise_scale, precision, seed, amplify, normalize)?).py()
    }

    // ---- protocols ----------------------------------------------------------------------------------

    #[pyo3(signature = (**options))]
    fn __dlpack__<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        self.flux_values(py)?.bind(py).call_method("__dlpack__", (), options)
    }

    fn __dlpack_device__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.flux_values(py)?.bind(py).call_method0("__dlpack_device__")
    }

    /// The tensor as the bytes of a safetensors file.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &write_tensors(&[("tensor", &self.inner)]).py()?))
    }

    /// The tensor of such bytes.
    #[staticmethod]
    fn from_bytes(data: &[u8]) -> Result1 {
        let found = read_tensors(data).py()?.into_iter().next();
        found.map(|(_, t)| t.into()).ok_or_else(|| PyValueError::new_err("from_bytes: the file holds no tensor"))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let py = slf.py();
        Ok((py.get_type::<PyResonant>().getattr("from_bytes")?, (slf.try_borrow()?.to_bytes(py)?,)))
    }

    fn __repr__(&self) -> String {
        let t = &self.inner;
        let values: Vec<String> = t.lattice().iter().take(6).map(|g| format!("{:.6}", g.to_f64())).collect();
        let more = if t.size() > 6 { ", ..." } else { "" };
        let (phase, precision) = (t.phase(), t.precision());
        format!(
            "ResonantTensor([{}{more}], shape={:?}, syntony={:.6}, phase={phase:?}, precision={precision})",
            values.join(", "),
            t.shape(),
            t.syntony()
        )
    }
}

fn cycle_options(
    noise_scale: f64,
    precision: Option<i64>,
    seed: Option<u64>,
    amplify: &str,
    normalize: Option<&str>,
) -> PyResult<CycleOptions> {
    let rescale = match normalize {
        None => Rescale::None,
        Some("l2") => Rescale::L2,
        Some(other) => return Err(PyValueError::new_err(format!("normalize: {other:?} is not None or \"l2\""))),
    };
    // Without a seed each call draws its own, from the system.
    let fresh = || purify_ops::random::SeedSequence::from_system().generate_u64(1)[0];
    Ok(CycleOptions { noise_scale, precision, seed: seed.unwrap_or_else(fresh), amplify: Amplify::from_name(amplify).py()?, rescale })
}

/// Named tensors as the bytes of a safetensors file.
#[pyfunction]
#[pyo3(name = "write_tensors")]
fn write_named<'py>(py: Python<'py>, tensors: Vec<(String, Ref<'py>)>) -> PyResult<Bound<'py, PyBytes>> {
    let borrowed: Vec<(&str, &ResonantTensor)> = tensors.iter().map(|(n, t)| (n.as_str(), &t.inner)).collect();
    Ok(PyBytes::new(py, &write_tensors(&borrowed).py()?))
}

/// The named tensors of such bytes.
#[pyfunction]
#[pyo3(name = "read_tensors")]
fn read_named(data: &[u8]) -> PyResult<Vec<(String, PyResonant)>> {
    Ok(read_tensors(data).py()?.into_iter().map(|(n, t)| (n, t.into())).collect())
}

/// Adds the class and its functions.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyResonant>()?;
    m.add_function(wrap_pyfunction!(write_named, m)?)?;
    m.add_function(wrap_pyfunction!(read_named, m)?)
}
