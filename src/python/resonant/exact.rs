//! `GoldenExact`, and Python numbers as elements of Q(phi).

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use num_bigint::BigInt;
use purify_resonant::Golden;
use purify_resonant::exact::{self, check_precision};
use pyo3::basic::CompareOp;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyTuple};

use super::OrRaise;

/// An exact element `a + b*phi` of Q(phi), with rational `a` and `b` of any size.
///
/// `GoldenExact(a_num, a_den, b_num, b_den)`. Numbers compare, hash and mix with `int` and `fractions.Fraction` exactly;
/// `float(x)` is correctly rounded. phi is the golden ratio, the positive root of x**2 = x + 1.
#[pyclass(frozen, name = "GoldenExact", module = "purify.resonant")]
#[derive(Clone)]
pub struct PyGolden(pub Golden);

/// Any exact number: `GoldenExact`, `int`, anything with `numerator` and `denominator`, and finite floats by their
/// binary value.
pub struct Exact(pub Golden);

/// The exact number of an object, or `None` if it is none.
fn exact_of(obj: &Bound<'_, PyAny>) -> PyResult<Option<Golden>> {
    if let Ok(g) = obj.cast::<PyGolden>() {
        return Ok(Some(g.get().0.clone()));
    }
    if obj.is_instance_of::<PyInt>() {
        return Ok(Some(Golden::integers(obj.extract()?, BigInt::default())));
    }
    if let Ok(x) = obj.cast::<PyFloat>() {
        let text = || purify_resonant::Error::value("GoldenExact", format!("{} is not finite", x.value()));
        return Golden::from_f64(x.value()).ok_or_else(text).py().map(Some);
    }
    if let (Ok(p), Ok(q)) = (obj.getattr("numerator"), obj.getattr("denominator"))
        && let (Ok(p), Ok(q)) = (p.extract::<BigInt>(), q.extract::<BigInt>())
    {
        return Golden::fraction(p, BigInt::default(), q).py().map(Some);
    }
    Ok(None)
}

impl<'a, 'py> FromPyObject<'a, 'py> for Exact {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        exact_of(&obj)?.map(Exact).ok_or_else(|| {
            let name = obj.get_type().name().map_or_else(|_| "object".to_owned(), |n| n.to_string());
            PyTypeError::new_err(format!("expected GoldenExact, int, Fraction or float, not {name}"))
        })
    }
}

#[pymethods]
impl PyGolden {
    #[new]
    #[pyo3(signature = (a_num = BigInt::default(), a_den = BigInt::from(1), b_num = BigInt::default(), b_den = BigInt::from(1)))]
    fn new(a_num: BigInt, a_den: BigInt, b_num: BigInt, b_den: BigInt) -> PyResult<Self> {
        Golden::from_pairs((a_num, a_den), (b_num, b_den)).py().map(PyGolden)
    }

    /// `a + b*phi` with integers.
    #[staticmethod]
    fn from_integers(a: BigInt, b: BigInt) -> Self {
        PyGolden(Golden::integers(a, b))
    }

    /// The exact value of a number: `int`, `Fraction`, or the binary value of a float.
    #[staticmethod]
    fn from_number(x: Exact) -> Self {
        PyGolden(x.0)
    }

    /// phi.
    #[staticmethod]
    fn golden_ratio() -> Self {
        PyGolden(Golden::PHI)
    }

    /// phi**2 = 1 + phi.
    #[staticmethod]
    fn golden_squared() -> Self {
        PyGolden(Golden::PHI.mul_phi())
    }

    /// 1/phi = phi - 1.
    #[staticmethod]
    fn coherence_parameter() -> Self {
        PyGolden(Golden::PHI_INV)
    }

    /// sqrt(5) = 2*phi - 1.
    #[staticmethod]
    fn root_five() -> Self {
        PyGolden(Golden::ROOT_FIVE)
    }

    /// phi**n = F(n-1) + F(n)*phi for any integer n.
    #[staticmethod]
    fn phi_to_power(n: i64) -> Self {
        PyGolden(Golden::phi_power(n))
    }

    /// The nearest point with integer coefficients up to `max_coeff` in magnitude; see `snap_error_bound`.
    #[staticmethod]
    fn nearest(x: f64, max_coeff: i64) -> PyResult<Self> {
        let p = check_precision("nearest", max_coeff).py()?;
        let x = exact::Nonfinite::Error.apply("nearest", x).py()?;
        Ok(PyGolden(exact::nearest(x, p)))
    }

    /// The nearest fraction with a denominator up to `max_denom`.
    #[staticmethod]
    fn nearest_rational(x: f64, max_denom: BigInt) -> PyResult<Self> {
        exact::nearest_fraction(x, &max_denom).py().map(PyGolden)
    }

    /// The last convergent of the continued fraction of `x` with a denominator up to `max_denom`.
    #[staticmethod]
    fn last_convergent(x: f64, max_denom: BigInt) -> PyResult<Self> {
        exact::last_convergent(x, &max_denom).py().map(PyGolden)
    }

    /// The nearest points of several values, and what is left over: `(lattice, residuals)`.
    #[staticmethod]
    fn snap(values: Vec<f64>, max_coeff: i64) -> PyResult<(Vec<PyGolden>, Vec<f64>)> {
        let p = check_precision("snap", max_coeff).py()?;
        let mut out = (Vec::with_capacity(values.len()), Vec::with_capacity(values.len()));
        for x in values {
            let x = exact::Nonfinite::Error.apply("snap", x).py()?;
            let v = exact::nearest(x, p);
            let rest = &Golden::from_f64(x).unwrap_or(Golden::ZERO) - &v;
            out.1.push(rest.to_f64());
            out.0.push(PyGolden(v));
        }
        Ok(out)
    }

    /// The number of three decimal texts `(a, b, d)` for `(a + b*phi)/d`.
    #[staticmethod]
    fn from_parts(a: &str, b: &str, d: &str) -> PyResult<Self> {
        Golden::from_parts([a, b, d]).py().map(PyGolden)
    }

    /// `(a, b, d)` as decimal texts with `(a + b*phi)/d` in lowest terms.
    fn parts(&self) -> (String, String, String) {
        let [a, b, d] = self.0.parts();
        (a, b, d)
    }

    /// The rational coefficient as (numerator, denominator).
    #[getter]
    fn rational_coefficient(&self) -> (BigInt, BigInt) {
        self.0.rational_part()
    }

    /// The coefficient of phi as (numerator, denominator).
    #[getter]
    fn phi_coefficient(&self) -> (BigInt, BigInt) {
        self.0.phi_part()
    }

    /// (a + b) - b*phi.
    fn galois_conjugate(&self) -> Self {
        PyGolden(self.0.conjugate())
    }

    /// As `galois_conjugate`.
    fn conjugate(&self) -> Self {
        self.galois_conjugate()
    }

    /// a**2 + a*b - b**2, a rational number.
    fn field_norm(&self) -> Self {
        PyGolden(self.0.norm())
    }

    /// As `field_norm`.
    fn norm(&self) -> Self {
        self.field_norm()
    }

    /// 2*a + b, a rational number.
    fn field_trace(&self) -> Self {
        PyGolden(self.0.trace())
    }

    /// The number raised to an integer power.
    fn power(&self, n: i64) -> PyResult<Self> {
        self.0.pow(n).py().map(PyGolden)
    }

    /// 1/x; ZeroDivisionError for zero.
    fn reciprocal(&self) -> PyResult<Self> {
        self.0.recip().py().map(PyGolden)
    }

    /// phi*x.
    fn mul_phi(&self) -> Self {
        PyGolden(self.0.mul_phi())
    }

    /// x/phi.
    fn div_phi(&self) -> Self {
        PyGolden(self.0.div_phi())
    }

    /// The nearest double.
    fn eval(&self) -> f64 {
        self.0.to_f64()
    }

    /// The nearest double.
    fn to_float(&self) -> f64 {
        self.0.to_f64()
    }

    /// The sign: -1, 0 or 1, decided exactly.
    fn sign(&self) -> i32 {
        self.0.signum()
    }

    /// Whether the coefficient of phi is zero.
    fn is_purely_rational(&self) -> bool {
        self.0.is_rational()
    }

    /// Whether the rational coefficient is zero.
    fn is_purely_golden(&self) -> bool {
        self.0.is_golden_multiple()
    }

    /// Whether both coefficients are integers.
    fn is_integral(&self) -> bool {
        self.0.is_integral()
    }

    /// `|self - x|`, from the exact difference.
    fn error_from(&self, x: Exact) -> f64 {
        (&self.0 - &x.0).abs().to_f64()
    }

    fn __float__(&self) -> f64 {
        self.0.to_f64()
    }

    fn __bool__(&self) -> bool {
        !self.0.is_zero()
    }

    fn __neg__(&self) -> Self {
        PyGolden(-&self.0)
    }

    fn __pos__(&self) -> Self {
        self.clone()
    }

    fn __abs__(&self) -> Self {
        PyGolden(self.0.abs())
    }

    fn __floor__(&self) -> BigInt {
        self.0.floor()
    }

    fn __ceil__(&self) -> BigInt {
        self.0.ceil()
    }

    fn __int__(&self) -> BigInt {
        self.__trunc__()
    }

    fn __trunc__(&self) -> BigInt {
        if self.0.signum() < 0 { self.0.ceil() } else { self.0.floor() }
    }

    #[pyo3(signature = (ndigits = None))]
    fn __round__(&self, ndigits: Option<Bound<'_, PyAny>>) -> PyResult<BigInt> {
        if ndigits.is_some() {
            return Err(PyTypeError::new_err("round() of a GoldenExact takes no number of digits; round(float(x), n) does"));
        }
        Ok(self.0.round())
    }

    fn __add__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.with(other, |x, y| Ok(x + y))
    }

    fn __radd__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.with(other, |x, y| Ok(x + y))
    }

    fn __sub__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.with(other, |x, y| Ok(x - y))
    }

    fn __rsub__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.with(other, |x, y| Ok(y - x))
    }

    fn __mul__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.with(other, |x, y| Ok(x * y))
    }

    fn __rmul__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.with(other, |x, y| Ok(x * y))
    }

    fn __truediv__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.with(other, |x, y| x.checked_div(y))
    }

    fn __rtruediv__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.with(other, |x, y| y.checked_div(x))
    }

    fn __pow__(&self, n: i64, modulo: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        if modulo.is_some() {
            return Err(PyTypeError::new_err("pow() of a GoldenExact takes no modulus"));
        }
        self.power(n)
    }

    fn __richcmp__<'py>(&self, other: &Bound<'py, PyAny>, op: CompareOp) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        // NaN and infinities compare as Python's numbers do with them.
        if let Ok(x) = other.cast::<PyFloat>()
            && !x.value().is_finite()
        {
            return self.0.to_f64().into_pyobject(py)?.rich_compare(other, op);
        }
        Ok(match exact_of(other)? {
            Some(o) => op.matches(self.0.cmp(&o)).into_pyobject(py)?.to_owned().into_any(),
            None => py.NotImplemented().into_bound(py),
        })
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        if self.0.is_rational() {
            // Equal to an int or a Fraction, so hashed as one.
            let (p, q) = self.0.rational_part();
            return py.import("fractions")?.getattr("Fraction")?.call1((p, q))?.hash();
        }
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        Ok(hasher.finish() as isize)
    }

    fn __repr__(&self) -> String {
        let ((p, q), (r, s)) = (self.0.rational_part(), self.0.phi_part());
        format!("GoldenExact({p}, {q}, {r}, {s})")
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let parts = PyTuple::new(py, slf.get().0.parts())?;
        Ok((py.get_type::<PyGolden>().getattr("from_parts")?, parts))
    }
}

impl PyGolden {
    fn with<'py>(
        &self,
        other: &Bound<'py, PyAny>,
        f: impl FnOnce(&Golden, &Golden) -> purify_resonant::Result<Golden>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        // A tensor on the other side knows what to do.
        Ok(match exact_of(other)? {
            Some(o) => Bound::new(py, PyGolden(f(&self.0, &o).py()?))?.into_any(),
            None => py.NotImplemented().into_bound(py),
        })
    }
}

/// An upper bound of the error of snapping values up to `magnitude`, or None where none is proved.
#[pyfunction]
#[pyo3(signature = (precision, magnitude = 1.0))]
fn snap_error_bound(precision: i64, magnitude: f64) -> PyResult<Option<f64>> {
    Ok(exact::error_bound(check_precision("snap_error_bound", precision).py()?, magnitude.abs()))
}

/// The smallest non-zero magnitude on the lattice with coefficients up to `precision`.
#[pyfunction]
fn resolution(precision: i64) -> PyResult<f64> {
    Ok(exact::resolution(check_precision("resolution", precision).py()?))
}

/// Adds the class and its functions.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyGolden>()?;
    m.add_function(wrap_pyfunction!(snap_error_bound, m)?)?;
    m.add_function(wrap_pyfunction!(resolution, m)?)
}
