//! The evolver and the fitness functions; the loop around them is in `purify/resonant/_evolve.py`.

use std::sync::Arc;

use purify_ops::{DType, Tensor};
use purify_resonant::evolve::{
    Attractors, Classification, Config, Distance, Evolver, Fitness, Mlp, Outcome, Regression, Scratch, StopReason, Syntony, Wavefunction,
    compat,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::OrRaise;
use super::tensor::PyResonant;
use crate::convert::Array;
use crate::error::OrRaise as _;
use crate::tensor::PyTensor;

fn doubles(t: &Tensor) -> PyResult<Vec<f64>> {
    t.astype(DType::Float64).py()?.to_vec::<f64>().py()
}

fn labels(t: &Tensor) -> PyResult<Vec<usize>> {
    let all = t.astype(DType::Int64).py()?.to_vec::<i64>().py()?;
    let negative = |l: i64| PyValueError::new_err(format!("label {l} is negative"));
    all.into_iter().map(|l| usize::try_from(l).map_err(|_| negative(l))).collect()
}

#[derive(Clone)]
enum Kind {
    Distance(Arc<Distance>),
    Syntony,
    Wavefunction(Arc<Wavefunction>),
    Classification(Arc<Classification>),
    Regression(Arc<Regression>),
    Mlp(Arc<Mlp>),
}

impl Kind {
    fn fitness(&self) -> &dyn Fitness {
        match self {
            Kind::Distance(f) => &**f,
            Kind::Syntony => &Syntony,
            Kind::Wavefunction(f) => &**f,
            Kind::Classification(f) => &**f,
            Kind::Regression(f) => &**f,
            Kind::Mlp(f) => &**f,
        }
    }
}

/// A fitness function in Rust, evaluated without the interpreter. Called with a ResonantTensor it returns its worth.
#[pyclass(frozen, name = "NativeFitness", module = "purify.resonant")]
pub struct PyFitness(Kind);

#[pymethods]
impl PyFitness {
    /// -|x - target|**2.
    #[staticmethod]
    fn distance(target: Array) -> PyResult<Self> {
        Ok(PyFitness(Kind::Distance(Arc::new(Distance { target: doubles(&target.0)? }))))
    }

    /// The syntony.
    #[staticmethod]
    fn syntony() -> Self {
        PyFitness(Kind::Syntony)
    }

    /// -|x - target| over four values.
    #[staticmethod]
    fn wavefunction(target: [f64; 4]) -> Self {
        PyFitness(Kind::Wavefunction(Arc::new(Wavefunction { target })))
    }

    /// Minus the cross entropy of a linear classifier.
    #[staticmethod]
    fn classification(x: Array, y: Array, n_features: usize, n_classes: usize) -> PyResult<Self> {
        let f = Classification::new(doubles(&x.0)?, labels(&y.0)?, n_features, n_classes).py()?;
        Ok(PyFitness(Kind::Classification(Arc::new(f))))
    }

    /// Minus the mean squared error of a linear map.
    #[staticmethod]
    fn regression(x: Array, y: Array, n_features: usize, n_outputs: usize) -> PyResult<Self> {
        let f = Regression::new(doubles(&x.0)?, doubles(&y.0)?, n_features, n_outputs).py()?;
        Ok(PyFitness(Kind::Regression(Arc::new(f))))
    }

    /// Minus the cross entropy of a tanh perceptron.
    #[staticmethod]
    fn mlp(x: Array, y: Array, layers: Vec<usize>) -> PyResult<Self> {
        Ok(PyFitness(Kind::Mlp(Arc::new(Mlp::new(doubles(&x.0)?, labels(&y.0)?, layers).py()?))))
    }

    fn __call__(&self, py: Python<'_>, candidate: PyRef<'_, PyResonant>) -> PyResult<f64> {
        let candidate = candidate.inner.clone();
        self.0.fitness().check(&candidate).py()?;
        Ok(py.detach(|| self.0.fitness().evaluate(&candidate)))
    }

    /// The worth of plain values, as the search sees it: no tensor is made.
    fn of_values(&self, values: Array) -> PyResult<f64> {
        let values = doubles(&values.0)?;
        self.count(&values)?;
        if !self.0.fitness().sees_values_alone() {
            return Err(PyValueError::new_err("this fitness needs a tensor: its mode norms matter"));
        }
        Ok(self.0.fitness().evaluate_values(&values, &mut Scratch::default()))
    }

    /// The loss of plain weights, in doubles.
    fn loss(&self, weights: Array) -> PyResult<f64> {
        let w = doubles(&weights.0)?;
        self.count(&w)?;
        match &self.0 {
            Kind::Classification(f) => Ok(f.loss(&w)),
            Kind::Regression(f) => Ok(f.loss(&w)),
            Kind::Mlp(f) => Ok(f.loss(&w)),
            _ => Err(PyValueError::new_err("this fitness has no loss")),
        }
    }

    /// The accuracy of plain weights, in doubles.
    fn accuracy(&self, weights: Array) -> PyResult<f64> {
        let w = doubles(&weights.0)?;
        self.count(&w)?;
        match &self.0 {
            Kind::Classification(f) => Ok(f.accuracy(&w)),
            Kind::Mlp(f) => Ok(f.accuracy(&w)),
            _ => Err(PyValueError::new_err("this fitness has no accuracy")),
        }
    }

    /// The logits that weights give for rows of features, as [n, classes].
    fn logits(&self, py: Python<'_>, weights: Array, x: Array) -> PyResult<Py<PyTensor>> {
        let (w, rows) = (doubles(&weights.0)?, doubles(&x.0)?);
        self.count(&w)?;
        let Kind::Mlp(f) = &self.0 else { return Err(PyValueError::new_err("only a perceptron computes logits of other rows")) };
        if x.0.ndim() != 2 || x.0.shape()[1] != f.inputs() {
            return Err(super::ShapeError::new_err(format!("rows of {} features, not an array of shape {:?}", f.inputs(), x.0.shape())));
        }
        let out = f.logits(&w, &rows);
        let n = x.0.shape()[0];
        PyTensor::wrap(py, Tensor::from_vec(out, &[n, f.outputs()]).py()?)
    }

    /// The number of weights that a perceptron has.
    #[getter]
    fn parameters(&self) -> Option<usize> {
        match &self.0 {
            Kind::Mlp(f) => Some(f.parameters()),
            _ => None,
        }
    }

    /// How often per second one thread evaluates a candidate, measured over `count` evaluations: `(through the tensor,
    /// of single-precision weights alone)`.
    fn throughput(&self, py: Python<'_>, candidate: PyRef<'_, PyResonant>, count: u32) -> PyResult<(f64, Option<f64>)> {
        let candidate = candidate.inner.clone();
        self.0.fitness().check(&candidate).py()?;
        Ok(py.detach(|| {
            let per_second = |f: &dyn Fn() -> f64| {
                let start = std::time::Instant::now();
                let sum: f64 = (0..count).map(|_| f()).sum();
                std::hint::black_box(sum);
                f64::from(count) / start.elapsed().as_secs_f64()
            };
            let whole = per_second(&|| self.0.fitness().evaluate(&candidate));
            let fused = match &self.0 {
                Kind::Mlp(f) => {
                    let w: Vec<f32> = candidate.to_floats().iter().map(|x| *x as f32).collect();
                    let scratch = std::cell::RefCell::new(Scratch::default());
                    Some(per_second(&|| f.fused_loss(std::hint::black_box(&w), &mut scratch.borrow_mut())))
                }
                _ => None,
            };
            (whole, fused)
        }))
    }
}

impl PyFitness {
    fn count(&self, w: &[f64]) -> PyResult<()> {
        match &self.0 {
            Kind::Mlp(f) if f.parameters() != w.len() => {
                Err(super::ShapeError::new_err(format!("the perceptron has {} weights, not {}", f.parameters(), w.len())))
            }
            _ => Ok(()),
        }
    }
}

fn outcome<'py>(py: Python<'py>, o: Outcome) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("best_tensor", Py::new(py, PyResonant::from(o.best.tensor))?)?;
    out.set_item("best_score", o.best.score)?;
    out.set_item("best_fitness", o.best.fitness)?;
    out.set_item("generations", o.generations)?;
    out.set_item("evaluations", o.evaluations)?;
    out.set_item("invalid", o.invalid)?;
    out.set_item("stop_reason", o.stop_reason.name())?;
    out.set_item("converged", o.converged)?;
    let history = PyDict::new(py);
    for (name, column) in o.history.columns() {
        history.set_item(name, PyTensor::wrap(py, Tensor::from_slice(column, &[column.len()]).py()?)?)?;
    }
    out.set_item("history", history)?;
    Ok(out)
}

fn config_of(settings: &Bound<'_, PyDict>) -> PyResult<Config> {
    let mut config = Config::default();
    for (name, value) in settings {
        config.set(&name.extract::<String>()?, &value.extract::<String>()?).py()?;
    }
    config.check().py()?;
    Ok(config)
}

/// The defaults of all settings, as text by name.
#[pyfunction]
fn config_defaults(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    for name in Config::NAMES {
        out.set_item(name, Config::default().get(name).py()?)?;
    }
    Ok(out)
}

/// Checks settings given as text by name.
#[pyfunction]
fn check_config(settings: &Bound<'_, PyDict>) -> PyResult<()> {
    config_of(settings).map(drop)
}

/// The evolver behind `purify.resonant.ResonantEvolver`.
#[pyclass(name = "NativeEvolver", module = "purify.resonant")]
pub struct PyEvolver(Evolver);

#[pymethods]
impl PyEvolver {
    #[new]
    fn new(template: PyRef<'_, PyResonant>, settings: &Bound<'_, PyDict>, seed: u64) -> PyResult<Self> {
        Evolver::new(&template.inner, config_of(settings)?, seed).py().map(PyEvolver)
    }

    /// The candidates of the generation.
    fn ask(&mut self) -> PyResult<Vec<PyResonant>> {
        Ok(self.0.ask().py()?.into_iter().map(PyResonant::from).collect())
    }

    /// Takes their fitness; returns whether the best improved.
    fn tell(&mut self, fitness: Vec<f64>) -> PyResult<bool> {
        self.0.tell(&fitness).py()
    }

    /// One generation with a fitness in Rust, on the pool and without the interpreter.
    fn step(&mut self, py: Python<'_>, fitness: &PyFitness) -> PyResult<()> {
        let evolver = &mut self.0;
        py.detach(|| evolver.step(fitness.0.fitness())).py()
    }

    /// Why the run is over, or None; a stalled run with restarts left starts again here.
    #[pyo3(signature = (target, generations))]
    fn stopped(&mut self, target: Option<f64>, generations: u64) -> Option<&'static str> {
        self.0.stopped(target, generations).map(StopReason::name)
    }

    /// The result as it stands.
    fn outcome<'py>(&self, py: Python<'py>, reason: &str) -> PyResult<Bound<'py, PyDict>> {
        let reason = match reason {
            "generations" => StopReason::Generations,
            "target" => StopReason::Target,
            "plateau" => StopReason::Plateau,
            "aborted" => StopReason::Aborted,
            _ => return Err(PyValueError::new_err(format!("{reason:?} is no reason to stop"))),
        };
        outcome(py, self.0.outcome(reason).py()?)
    }

    /// The settings, as text by name.
    fn settings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(py);
        for name in Config::NAMES {
            out.set_item(name, self.0.config().get(name).py()?)?;
        }
        Ok(out)
    }

    /// The state between two generations, as bytes.
    fn checkpoint<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyBytes>> {
        Ok(pyo3::types::PyBytes::new(py, &self.0.checkpoint().py()?))
    }

    /// The evolver of such bytes.
    #[staticmethod]
    fn restore(data: &[u8]) -> PyResult<Self> {
        Evolver::restore(data).py().map(PyEvolver)
    }

    /// Generations so far.
    #[getter]
    fn generation(&self) -> u64 {
        self.0.generation()
    }

    /// Evaluations so far.
    #[getter]
    fn evaluations(&self) -> u64 {
        self.0.evaluations()
    }

    /// The current step size.
    #[getter]
    fn scale(&self) -> f64 {
        self.0.scale()
    }

    /// (tensor, fitness, score) of the best so far, or None.
    #[getter]
    fn best(&self) -> Option<(PyResonant, f64, f64)> {
        self.0.best().map(|b| (b.tensor.clone().into(), b.fitness, b.score))
    }
}

/// The published evolution, by syntony alone; see `purify.resonant.compat`.
#[pyfunction]
#[pyo3(signature = (template, seed, *, population_size = 64, survivor_count = 16, mutation_scale = 0.1, precision = 100, noise_scale = 0.01,
    max_generations = 1000, convergence_threshold = 1e-6, enable_retrocausal = false, attractor_capacity = 32,
    attractor_pull_strength = 0.3, attractor_min_syntony = 0.7, attractor_decay_rate = 0.98))]
#[allow(clippy::too_many_arguments, reason = "these are the settings of the original, by name")]
fn compat_run<'py>(
    py: Python<'py>,
    template: PyRef<'py, PyResonant>,
    seed: u64,
    population_size: usize,
    survivor_count: usize,
    mutation_scale: f64,
    precision: i64,
    noise_scale: f64,
    max_generations: usize,
    convergence_threshold: f64,
    enable_retrocausal: bool,
    attractor_capacity: usize,
    attractor_pull_strength: f64,
    attractor_min_syntony: f64,
    attractor_decay_rate: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let config = compat::CompatConfig {
        population_size,
        survivor_count,
        mutation_scale,
        precision,
        noise_scale,
        max_generations,
        convergence_threshold,
        retrocausal: enable_retrocausal,
        attractor_capacity,
        attractor_pull_strength,
        attractor_min_syntony,
        attractor_decay_rate,
    };
    let template = template.inner.clone();
    let found = py.detach(|| compat::run(&template, &config, seed)).py()?;
    outcome(py, found)
}

/// A memory of states that pulls others towards their weighted mean, the weight being decay**age * syntony**2.
#[pyclass(name = "Attractors", module = "purify.resonant")]
pub struct PyAttractors(Attractors);

#[pymethods]
impl PyAttractors {
    #[new]
    #[pyo3(signature = (capacity = 32, min_syntony = 0.7, decay = 0.98))]
    fn new(capacity: usize, min_syntony: f64, decay: f64) -> PyResult<Self> {
        Attractors::new(capacity, min_syntony, decay).py().map(PyAttractors)
    }

    /// Remembers a state; returns whether it was taken.
    fn store(&mut self, values: Vec<f64>, syntony: f64) -> bool {
        self.0.store(&values, syntony)
    }

    /// Makes all states one generation older.
    fn age(&mut self) {
        self.0.age();
    }

    /// The weights, in the order of storing.
    fn weights(&self) -> Vec<f64> {
        self.0.weights()
    }

    /// The weighted mean, or None.
    fn centroid(&self) -> Option<Vec<f64>> {
        self.0.centroid()
    }

    /// (1 - pull) H[x] + pull * centroid.
    fn harmonize(&self, values: Vec<f64>, mode_norm_sq: Vec<f64>, beta: f64, pull: f64) -> PyResult<Vec<f64>> {
        self.0.harmonize(&values, &mode_norm_sq, beta, pull).py()
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }
}

/// Adds the classes and functions.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyFitness>()?;
    m.add_class::<PyEvolver>()?;
    m.add_class::<PyAttractors>()?;
    m.add_function(wrap_pyfunction!(config_defaults, m)?)?;
    m.add_function(wrap_pyfunction!(check_config, m)?)?;
    m.add_function(wrap_pyfunction!(compat_run, m)?)
}
