//! `ops.random`: bit generators and their distributions. The classes users see are in `purify/ops/random.py`.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use purify_ops::random::{
    Algorithm, CovarianceMethod, ExponentialMethod, Generator, HalfWord, HypergeometricMethod, MT19937, Param, Philox, RandomState,
    SeedSequence, Size, State,
};
use purify_ops::{Result, Tensor};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFloat};

use crate::convert::Array;
use crate::dtype::DTypeArg;
use crate::error::OrRaise;
use crate::tensor::{DETACH_ABOVE, PyTensor, number};

/// The `size` argument: `None`, a length or a tuple of lengths.
struct SizeArg(Size);

impl<'a, 'py> FromPyObject<'a, 'py> for SizeArg {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if obj.is_none() {
            return Ok(SizeArg(Size::Broadcast));
        }
        if let Ok(length) = index(&obj) {
            return Ok(SizeArg(Size::from(&[length?])));
        }
        let items = obj
            .try_iter()
            .map_err(|_| PyTypeError::new_err(format!("size must be an integer, a tuple of integers or None, not {}", obj.get_type())))?;
        let mut shape = Vec::new();
        for item in items {
            shape.push(index(&item?)??);
        }
        Ok(SizeArg(Size::from(&shape)))
    }
}

/// A length: the outer error says that it is no integer, the inner one that it is negative.
fn index(obj: &Bound<'_, PyAny>) -> PyResult<PyResult<usize>> {
    let value = match obj.extract::<i64>() {
        Ok(value) => value,
        Err(_) => obj.call_method0("__index__")?.extract::<i64>()?,
    };
    Ok(usize::try_from(value).map_err(|_| PyValueError::new_err("negative dimensions are not allowed")))
}

/// A real parameter: a number or an array of them.
struct Real(Param<f64>);

impl<'a, 'py> FromPyObject<'a, 'py> for Real {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(value) = obj.cast_exact::<PyFloat>() {
            return Ok(Real(Param::Scalar(value.value())));
        }
        if let Ok(value) = obj.extract::<f64>() {
            return Ok(Real(Param::Scalar(value)));
        }
        Ok(Real(Param::Tensor(obj.extract::<Array>()?.0)))
    }
}

/// An integer parameter.
struct Count(Param<i64>);

impl<'a, 'py> FromPyObject<'a, 'py> for Count {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(value) = obj.extract::<i64>() {
            return Ok(Count(Param::Scalar(value)));
        }
        // A Python float is cut off, as NumPy does; arrays of floats are refused.
        if let Ok(value) = obj.cast::<PyFloat>() {
            return Ok(Count(Param::Scalar(value.value() as i64)));
        }
        Ok(Count(Param::Tensor(obj.extract::<Array>()?.0)))
    }
}

/// A bound of an interval of integers. Floats are cut off, as `int()` does.
struct Bound128(Param<i128>);

impl<'a, 'py> FromPyObject<'a, 'py> for Bound128 {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(value) = obj.extract::<i64>() {
            return Ok(Bound128(Param::Scalar(value.into())));
        }
        if let Ok(value) = obj.extract::<i128>() {
            return Ok(Bound128(Param::Scalar(value)));
        }
        if let Ok(value) = obj.cast::<PyFloat>() {
            return Ok(Bound128(Param::Scalar(value.value() as i128)));
        }
        Ok(Bound128(Param::Tensor(obj.extract::<Array>()?.0)))
    }
}

/// A result as Python hands it out: a number where no size was given and the parameters are numbers.
fn give(py: Python<'_>, size: &Size, out: Tensor) -> PyResult<Py<PyAny>> {
    if *size == Size::Broadcast && out.ndim() == 0 {
        return Ok(number(py, out.item().py()?)?.unbind());
    }
    Ok(PyTensor::wrap(py, out)?.into_any())
}

fn elements(size: &Size) -> usize {
    size.shape().iter().product()
}

/// Locks without the risk of a deadlock: while another thread draws, the interpreter is released.
fn lock<'a, T: Send>(py: Python<'_>, mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
    loop {
        match mutex.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                py.detach(|| drop(mutex.lock().unwrap_or_else(PoisonError::into_inner)));
            }
        }
    }
}

/// Runs `f` on the locked value, without the interpreter if many numbers are drawn.
fn run<T: Send, R: Send>(py: Python<'_>, size: usize, mutex: &Mutex<T>, f: impl FnOnce(&mut T) -> Result<R> + Send) -> PyResult<R> {
    if size <= DETACH_ABOVE {
        return f(&mut lock(py, mutex)).py();
    }
    py.detach(|| f(&mut mutex.lock().unwrap_or_else(PoisonError::into_inner))).py()
}

/// Entropy mixed into a pool (`SeedSequence`).
#[pyclass(frozen, name = "_SeedPool", module = "purify._native")]
struct SeedPool(SeedSequence);

#[pymethods]
impl SeedPool {
    #[new]
    fn new(entropy: Vec<u32>, spawn_key: Vec<u32>, pool_size: usize) -> Self {
        SeedPool(SeedSequence::with_options(entropy, &spawn_key, pool_size, 0))
    }

    fn pool(&self, py: Python<'_>) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, Tensor::from_slice(self.0.pool(), &[self.0.pool_size()]).py()?)
    }

    fn generate_u32(&self, py: Python<'_>, count: usize) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, Tensor::from_vec(self.0.generate_u32(count), &[count]).py()?)
    }

    fn generate_u64(&self, py: Python<'_>, count: usize) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, Tensor::from_vec(self.0.generate_u64(count), &[count]).py()?)
    }
}

/// A bit generator with the distributions of `Generator`.
#[pyclass(frozen, name = "_Stream", module = "purify._native")]
pub struct Stream(Mutex<Generator>);

fn stream(state: State) -> Stream {
    Stream(Mutex::new(Generator::new(state)))
}

#[pymethods]
impl Stream {
    #[new]
    fn new(algorithm: &str, pool: &SeedPool) -> PyResult<Self> {
        Ok(stream(State::new(Algorithm::from_name(algorithm).py()?, &pool.0)))
    }

    /// MT19937 with the legacy seeding by one integer.
    #[staticmethod]
    fn legacy(seed: u32) -> Self {
        stream(MT19937::legacy(seed).into())
    }

    /// MT19937 with the legacy seeding by an array.
    #[staticmethod]
    fn legacy_array(seed: Vec<u32>) -> Self {
        stream(MT19937::legacy_array(&seed).into())
    }

    /// Philox with a given key and counter.
    #[staticmethod]
    fn philox(key: [u64; 2], counter: [u64; 4]) -> Self {
        stream(Philox::from_key(key, counter).into())
    }

    /// The state as integers in the order of the algorithm's fields, `has_uint32` and `uinteger`.
    fn state(&self, py: Python<'_>) -> (Vec<u128>, bool, u32) {
        let mut rng = lock(py, &self.0);
        let half = rng.state_mut().half().copied().unwrap_or_default();
        let words = match rng.state() {
            State::PCG64(s) => vec![s.state, s.inc],
            State::PCG64DXSM(s) => vec![s.state, s.inc],
            State::SFC64(s) => s.state.map(u128::from).to_vec(),
            State::Philox(s) => {
                let words = s.counter.iter().chain(&s.key).chain(&s.buffer);
                words.map(|&w| w.into()).chain([s.position as u128]).collect()
            }
            State::MT19937(s) => s.key.iter().map(|&w| w.into()).chain([s.position as u128]).collect(),
        };
        (words, half.full, half.value)
    }

    /// Sets what `state` gives.
    fn set_state(&self, py: Python<'_>, words: Vec<u128>, has_uint32: bool, uinteger: u32) -> PyResult<()> {
        let mut rng = lock(py, &self.0);
        let wrong = || PyValueError::new_err(format!("the state of this bit generator has another number of words than {}", words.len()));
        match rng.state_mut() {
            State::PCG64(s) => [s.state, s.inc] = words[..].try_into().map_err(|_| wrong())?,
            State::PCG64DXSM(s) => [s.state, s.inc] = words[..].try_into().map_err(|_| wrong())?,
            State::SFC64(s) => {
                let words: [u128; 4] = words[..].try_into().map_err(|_| wrong())?;
                s.state = words.map(|w| w as u64);
            }
            State::Philox(s) => {
                let words: [u128; 11] = words[..].try_into().map_err(|_| wrong())?;
                let word = |i: usize| words[i] as u64;
                s.counter = std::array::from_fn(word);
                s.key = std::array::from_fn(|i| word(4 + i));
                s.buffer = std::array::from_fn(|i| word(6 + i));
                s.position = words[10].min(4) as usize;
            }
            State::MT19937(s) => {
                let (&position, key) = words.split_last().filter(|(_, key)| key.len() == s.key.len()).ok_or_else(wrong)?;
                s.key.iter_mut().zip(key).for_each(|(slot, &w)| *slot = w as u32);
                s.position = position.min(key.len() as u128) as usize;
            }
        }
        if let Some(half) = rng.state_mut().half() {
            *half = HalfWord { full: has_uint32, value: uinteger };
        }
        Ok(())
    }

    /// Moves the state on: `delta` is taken modulo the period, as four 64-bit words.
    fn advance(&self, py: Python<'_>, delta: [u64; 4]) -> PyResult<()> {
        let low = u128::from(delta[0]) | u128::from(delta[1]) << 64;
        match lock(py, &self.0).state_mut() {
            State::PCG64(s) => s.advance(low),
            State::PCG64DXSM(s) => s.advance(low),
            State::Philox(s) => s.advance(delta),
            State::SFC64(_) | State::MT19937(_) => {
                return Err(PyTypeError::new_err("this bit generator cannot be advanced"));
            }
        }
        Ok(())
    }

    /// Moves an MT19937 state 2^128 words on, so many times.
    fn jump(&self, py: Python<'_>, jumps: usize) -> PyResult<()> {
        match lock(py, &self.0).state_mut() {
            State::MT19937(s) => (0..jumps).for_each(|_| s.jump()),
            _ => return Err(PyTypeError::new_err("this bit generator jumps by `advance`")),
        }
        Ok(())
    }

    fn random_raw(&self, py: Python<'_>, size: SizeArg) -> PyResult<Py<PyAny>> {
        let out = run(py, elements(&size.0), &self.0, |rng| rng.random_raw(size.0.clone()))?;
        give(py, &size.0, out)
    }

    /// A distribution of the table by name.
    fn draw(&self, py: Python<'_>, name: &str, size: SizeArg, params: Vec<Real>) -> PyResult<Py<PyAny>> {
        let params: Vec<Param<f64>> = params.into_iter().map(|p| p.0).collect();
        let out = run(py, elements(&size.0), &self.0, |rng| rng.draw(name, &size.0, &params))?;
        give(py, &size.0, out)
    }

    fn random(&self, py: Python<'_>, size: SizeArg, dtype: DTypeArg) -> PyResult<Py<PyAny>> {
        let out = run(py, elements(&size.0), &self.0, |rng| rng.random(size.0.clone(), dtype.0))?;
        give(py, &size.0, out)
    }

    fn standard_normal(&self, py: Python<'_>, size: SizeArg, dtype: DTypeArg) -> PyResult<Py<PyAny>> {
        let out = run(py, elements(&size.0), &self.0, |rng| rng.standard_normal(size.0.clone(), dtype.0))?;
        give(py, &size.0, out)
    }

    fn standard_exponential(&self, py: Python<'_>, size: SizeArg, dtype: DTypeArg, inverse: bool) -> PyResult<Py<PyAny>> {
        let method = if inverse { ExponentialMethod::Inverse } else { ExponentialMethod::Ziggurat };
        let out = run(py, elements(&size.0), &self.0, |rng| rng.standard_exponential(size.0.clone(), dtype.0, method))?;
        give(py, &size.0, out)
    }

    fn standard_gamma(&self, py: Python<'_>, size: SizeArg, shape: Real, dtype: DTypeArg) -> PyResult<Py<PyAny>> {
        let out = run(py, elements(&size.0), &self.0, |rng| rng.standard_gamma(size.0.clone(), shape.0, dtype.0))?;
        give(py, &size.0, out)
    }

    fn integers(
        &self,
        py: Python<'_>,
        size: SizeArg,
        low: Bound128,
        high: Bound128,
        dtype: DTypeArg,
        endpoint: bool,
    ) -> PyResult<Py<PyAny>> {
        let draw = |rng: &mut Generator| rng.integers_of(size.0.clone(), low.0, high.0, dtype.0, endpoint);
        let out = run(py, elements(&size.0), &self.0, draw)?;
        give(py, &size.0, out)
    }

    fn binomial(&self, py: Python<'_>, size: SizeArg, n: Count, p: Real) -> PyResult<Py<PyAny>> {
        let out = run(py, elements(&size.0), &self.0, |rng| rng.binomial(size.0.clone(), n.0, p.0))?;
        give(py, &size.0, out)
    }

    fn hypergeometric(&self, py: Python<'_>, size: SizeArg, ngood: Count, nbad: Count, nsample: Count) -> PyResult<Py<PyAny>> {
        let draw = |rng: &mut Generator| rng.hypergeometric(size.0.clone(), ngood.0, nbad.0, nsample.0);
        let out = run(py, elements(&size.0), &self.0, draw)?;
        give(py, &size.0, out)
    }

    fn multinomial(&self, py: Python<'_>, size: SizeArg, n: Count, pvals: Array) -> PyResult<Py<PyTensor>> {
        let out = run(py, elements(&size.0), &self.0, |rng| rng.multinomial(size.0, n.0, &pvals.0))?;
        PyTensor::wrap(py, out)
    }

    fn multivariate_hypergeometric(
        &self,
        py: Python<'_>,
        size: SizeArg,
        colors: Array,
        nsample: i64,
        count: bool,
    ) -> PyResult<Py<PyTensor>> {
        let method = if count { HypergeometricMethod::Count } else { HypergeometricMethod::Marginals };
        let draw = |rng: &mut Generator| rng.multivariate_hypergeometric(size.0.clone(), &colors.0, nsample, method);
        PyTensor::wrap(py, run(py, elements(&size.0), &self.0, draw)?)
    }

    fn dirichlet(&self, py: Python<'_>, size: SizeArg, alpha: Array) -> PyResult<Py<PyTensor>> {
        let out = run(py, elements(&size.0), &self.0, |rng| rng.dirichlet(size.0.clone(), &alpha.0))?;
        PyTensor::wrap(py, out)
    }

    /// Draws, and whether the covariance was positive semidefinite.
    fn multivariate_normal(
        &self,
        py: Python<'_>,
        size: SizeArg,
        mean: Array,
        cov: Array,
        method: &str,
        tol: f64,
    ) -> PyResult<(Py<PyTensor>, bool)> {
        let method = match method {
            "svd" => CovarianceMethod::Svd,
            "eigh" => CovarianceMethod::Eigh,
            "cholesky" => CovarianceMethod::Cholesky,
            _ => return Err(PyValueError::new_err("method must be one of {'eigh', 'svd', 'cholesky'}")),
        };
        let draw = |rng: &mut Generator| rng.multivariate_normal(size.0.clone(), &mean.0, &cov.0, method, tol);
        let (out, valid) = run(py, elements(&size.0), &self.0, draw)?;
        Ok((PyTensor::wrap(py, out)?, valid))
    }

    fn choice(
        &self,
        py: Python<'_>,
        size: SizeArg,
        population: usize,
        replace: bool,
        p: Option<Array>,
        shuffle: bool,
    ) -> PyResult<Py<PyAny>> {
        let p = p.map(|p| p.0);
        let draw = |rng: &mut Generator| rng.choice(size.0.clone(), population, replace, p.as_ref(), shuffle);
        let out = run(py, elements(&size.0), &self.0, draw)?;
        give(py, &size.0, out)
    }

    #[expect(clippy::too_many_arguments, reason = "what the Python method takes")]
    fn choice_of(
        &self,
        py: Python<'_>,
        size: SizeArg,
        x: Array,
        replace: bool,
        p: Option<Array>,
        axis: i64,
        shuffle: bool,
    ) -> PyResult<Py<PyAny>> {
        let p = p.map(|p| p.0);
        let draw = |rng: &mut Generator| rng.choice_of(size.0.clone(), &x.0, replace, p.as_ref(), axis, shuffle);
        let out = run(py, elements(&size.0), &self.0, draw)?;
        give(py, &size.0, out)
    }

    /// The order in which a shuffle puts `n` items, as a list.
    fn order(&self, py: Python<'_>, n: usize) -> PyResult<Vec<i64>> {
        run(py, n, &self.0, |rng| rng.order(n))
    }

    fn permutation_of(&self, py: Python<'_>, n: usize) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, run(py, n, &self.0, |rng| rng.permutation_of(n))?)
    }

    fn permutation(&self, py: Python<'_>, x: Array, axis: i64) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, run(py, x.0.size(), &self.0, |rng| rng.permutation(&x.0, axis))?)
    }

    #[pyo3(signature = (x, axis = None))]
    fn permuted(&self, py: Python<'_>, x: Array, axis: Option<i64>) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, run(py, x.0.size(), &self.0, |rng| rng.permuted(&x.0, axis))?)
    }

    fn shuffle(&self, py: Python<'_>, x: &PyTensor, axis: i64) -> PyResult<()> {
        run(py, x.tensor.size(), &self.0, |rng| rng.shuffle(&x.tensor, axis))
    }

    fn bytes<'py>(&self, py: Python<'py>, length: usize) -> pyo3::Bound<'py, PyBytes> {
        PyBytes::new(py, &lock(py, &self.0).bytes(length))
    }
}

/// The legacy distributions over a bit generator that others may share, and the stored normal number.
#[pyclass(frozen, name = "_LegacyStream", module = "purify._native")]
struct LegacyStream {
    stream: Py<Stream>,
    gauss: Mutex<Option<f64>>,
}

impl LegacyStream {
    fn run<R: Send>(&self, py: Python<'_>, size: usize, f: impl FnOnce(&mut RandomState) -> Result<R> + Send) -> PyResult<R> {
        let stored = &self.gauss;
        run(py, size, &self.stream.get().0, move |rng| {
            // The bit generator's lock is held, so nobody else uses the stored number.
            let mut gauss = stored.lock().unwrap_or_else(PoisonError::into_inner);
            let idle = State::SFC64(purify_ops::random::SFC64 { state: [0; 4], half: HalfWord::default() });
            let state = std::mem::replace(rng.state_mut(), idle);
            let mut random = RandomState::from_parts(state, gauss.take());
            let out = f(&mut random);
            (*rng.state_mut(), *gauss) = random.into_parts();
            out
        })
    }
}

#[pymethods]
impl LegacyStream {
    #[new]
    fn new(stream: Py<Stream>) -> Self {
        LegacyStream { stream, gauss: Mutex::new(None) }
    }

    #[getter]
    fn gauss(&self, py: Python<'_>) -> Option<f64> {
        *lock(py, &self.gauss)
    }

    fn set_gauss(&self, py: Python<'_>, value: Option<f64>) {
        *lock(py, &self.gauss) = value;
    }

    fn draw(&self, py: Python<'_>, name: &str, size: SizeArg, params: Vec<Real>) -> PyResult<Py<PyAny>> {
        let params: Vec<Param<f64>> = params.into_iter().map(|p| p.0).collect();
        let out = self.run(py, elements(&size.0), |random| random.draw(name, &size.0, &params))?;
        give(py, &size.0, out)
    }

    fn random_sample(&self, py: Python<'_>, size: SizeArg) -> PyResult<Py<PyAny>> {
        let out = self.run(py, elements(&size.0), |random| random.random_sample(size.0.clone()))?;
        give(py, &size.0, out)
    }

    fn standard_normal(&self, py: Python<'_>, size: SizeArg) -> PyResult<Py<PyAny>> {
        let out = self.run(py, elements(&size.0), |random| random.standard_normal(size.0.clone()))?;
        give(py, &size.0, out)
    }

    fn tomaxint(&self, py: Python<'_>, size: SizeArg) -> PyResult<Py<PyAny>> {
        let out = self.run(py, elements(&size.0), |random| random.tomaxint(size.0.clone()))?;
        give(py, &size.0, out)
    }

    fn randint(&self, py: Python<'_>, size: SizeArg, low: Bound128, high: Bound128, dtype: DTypeArg) -> PyResult<Py<PyAny>> {
        let out = self.run(py, elements(&size.0), |random| random.randint(size.0.clone(), low.0, high.0, dtype.0))?;
        give(py, &size.0, out)
    }

    fn binomial(&self, py: Python<'_>, size: SizeArg, n: Count, p: Real) -> PyResult<Py<PyAny>> {
        let out = self.run(py, elements(&size.0), |random| random.binomial(size.0.clone(), n.0, p.0))?;
        give(py, &size.0, out)
    }

    fn hypergeometric(&self, py: Python<'_>, size: SizeArg, ngood: Count, nbad: Count, nsample: Count) -> PyResult<Py<PyAny>> {
        let draw = |random: &mut RandomState| random.hypergeometric(size.0.clone(), ngood.0, nbad.0, nsample.0);
        let out = self.run(py, elements(&size.0), draw)?;
        give(py, &size.0, out)
    }

    fn multinomial(&self, py: Python<'_>, size: SizeArg, n: i64, pvals: Array) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, self.run(py, elements(&size.0), |random| random.multinomial(size.0.clone(), n, &pvals.0))?)
    }

    fn dirichlet(&self, py: Python<'_>, size: SizeArg, alpha: Array) -> PyResult<Py<PyTensor>> {
        PyTensor::wrap(py, self.run(py, elements(&size.0), |random| random.dirichlet(size.0.clone(), &alpha.0))?)
    }

    fn multivariate_normal(&self, py: Python<'_>, size: SizeArg, mean: Array, cov: Array, tol: f64) -> PyResult<(Py<PyTensor>, bool)> {
        let draw = |random: &mut RandomState| random.multivariate_normal(size.0.clone(), &mean.0, &cov.0, tol);
        let (out, valid) = self.run(py, elements(&size.0), draw)?;
        Ok((PyTensor::wrap(py, out)?, valid))
    }

    fn choice(&self, py: Python<'_>, size: SizeArg, population: usize, replace: bool, p: Option<Array>) -> PyResult<Py<PyAny>> {
        let p = p.map(|p| p.0);
        let out = self.run(py, elements(&size.0), |random| random.choice(size.0.clone(), population, replace, p.as_ref()))?;
        give(py, &size.0, out)
    }

    fn choice_of(&self, py: Python<'_>, size: SizeArg, x: Array, replace: bool, p: Option<Array>) -> PyResult<Py<PyAny>> {
        let p = p.map(|p| p.0);
        let out = self.run(py, elements(&size.0), |random| random.choice_of(size.0.clone(), &x.0, replace, p.as_ref()))?;
        give(py, &size.0, out)
    }
}

/// Adds the classes to the module.
pub fn register(m: &pyo3::Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<SeedPool>()?;
    m.add_class::<Stream>()?;
    m.add_class::<LegacyStream>()
}
