//! NumPy's `Generator`: the current distributions over any bit generator, returning tensors.

use super::bit_generator::{Algorithm, State, with_state};
use super::bits::BitSource;
use super::bounded::Method;
use super::checks;
use super::discrete::{self, Binomial};
use super::draw_table::distributions;
use super::multivariate::{self, CovarianceMethod, HypergeometricMethod, NormalParams};
use super::params::{self, Constraint, POISSON_MAX, Param, Size, Values, filled};
use super::permute::{self, Choice};
use super::seed_sequence::{Entropy, SeedSequence};
use super::{continuous, hypergeometric, integers, ziggurat};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::normalize_axis;
use crate::tensor::Tensor;

/// Random numbers with the streams of NumPy 2.4's `Generator`, bit for bit.
///
/// ```
/// use purify_ops::random::{Generator, PCG64, default_rng};
/// let mut rng = Generator::new(PCG64::seed(42u64));
/// let x = rng.normal(&[3, 4], 0.0, 1.0)?;
/// assert_eq!(x.shape(), &[3, 4]);
/// assert_eq!(x.to_vec::<f64>()?[0], 0.30471707975443135); // numpy.random.default_rng(42).normal()
/// assert_eq!(default_rng(42u64).integers(&[3], 0i64, 10i64)?.to_vec::<i64>()?, [0, 7, 6]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Generator {
    state: State,
    sequence: Option<SeedSequence>,
}

/// A [`Generator`] over PCG64 seeded by the given entropy: `numpy.random.default_rng`.
pub fn default_rng(seed: impl Into<Entropy>) -> Generator {
    Generator::from_sequence(Algorithm::PCG64, SeedSequence::new(seed))
}

/// How standard exponential numbers are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExponentialMethod {
    /// The ziggurat (`"zig"`).
    Ziggurat,
    /// Inversion of the distribution function (`"inv"`).
    Inverse,
}

impl Generator {
    /// A generator over the given bit generator.
    pub fn new(source: impl Into<State>) -> Self {
        Generator { state: source.into(), sequence: None }
    }

    /// A generator seeded from a sequence, which it keeps for [`Generator::spawn`].
    pub fn from_sequence(algorithm: Algorithm, sequence: SeedSequence) -> Self {
        Generator { state: State::new(algorithm, &sequence), sequence: Some(sequence) }
    }

    /// The bit generator's state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The bit generator's state, to be replaced or drawn from directly.
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// The sequence this generator was seeded from, if it is known.
    pub fn seed_sequence(&self) -> Option<&SeedSequence> {
        self.sequence.as_ref()
    }

    /// `count` generators of the same algorithm with independent streams.
    ///
    /// # Errors
    /// [`Error::Type`] when the generator was made from a bare state.
    pub fn spawn(&mut self, count: u32) -> Result<Vec<Generator>> {
        let algorithm = self.state.algorithm();
        let Some(sequence) = &mut self.sequence else {
            let message = "the generator has no seed sequence; make it with `default_rng` or `from_sequence`";
            return Err(Error::type_("spawn", message));
        };
        let children = sequence.spawn(count);
        Ok(children.into_iter().map(|child| Generator::from_sequence(algorithm, child)).collect())
    }

    /// Words of the bit generator itself, as `uint64`.
    pub fn random_raw(&mut self, size: impl Into<Size>) -> Result<Tensor> {
        with_state!(&mut self.state, source => filled("random_raw", size.into().shape(), |out: &mut [u64]| {
            out.iter_mut().for_each(|slot| *slot = source.next_raw());
        }))
    }

    /// Uniform numbers in `[0, 1)` as `float64` or `float32`.
    ///
    /// # Errors
    /// [`Error::DType`] for any other dtype.
    pub fn random(&mut self, size: impl Into<Size>, dtype: DType) -> Result<Tensor> {
        let (op, size) = ("random", size.into());
        with_state!(&mut self.state, source => floats(op, &size, dtype, source, BitSource::next_f64, BitSource::next_f32))
    }

    /// Standard normal numbers as `float64` or `float32`.
    ///
    /// # Errors
    /// [`Error::DType`] for any other dtype.
    pub fn standard_normal(&mut self, size: impl Into<Size>, dtype: DType) -> Result<Tensor> {
        let (op, size) = ("standard_normal", size.into());
        with_state!(&mut self.state, source => {
            floats(op, &size, dtype, source, ziggurat::standard_normal, ziggurat::standard_normal_f32)
        })
    }

    /// Standard exponential numbers as `float64` or `float32`.
    ///
    /// # Errors
    /// [`Error::DType`] for any other dtype.
    pub fn standard_exponential(&mut self, size: impl Into<Size>, dtype: DType, method: ExponentialMethod) -> Result<Tensor> {
        use ziggurat as z;
        let (op, size) = ("standard_exponential", size.into());
        with_state!(&mut self.state, source => match method {
            ExponentialMethod::Ziggurat => {
                floats(op, &size, dtype, source, z::standard_exponential, z::standard_exponential_f32)
            }
            ExponentialMethod::Inverse => floats(
                op, &size, dtype, source, z::standard_exponential_inverse, z::standard_exponential_inverse_f32,
            ),
        })
    }

    /// Gamma numbers of unit scale as `float64` or `float32`.
    ///
    /// # Errors
    /// [`Error::DType`] for any other dtype, [`Error::Value`] for a negative shape.
    pub fn standard_gamma(&mut self, size: impl Into<Size>, shape: impl Into<Param<f64>>, dtype: DType) -> Result<Tensor> {
        let (op, size) = ("standard_gamma", size.into());
        let shape = [Values::new(op, &shape.into(), "shape", Constraint::NonNegative)?];
        let source = &mut self.state;
        match dtype {
            DType::Float64 => params::draw(op, &size, shape, |[a]| continuous::standard_gamma(source, a)),
            DType::Float32 => params::draw(op, &size, shape, |[a]| continuous::standard_gamma_f32(source, a as f32)),
            _ => Err(Error::dtype(op, dtype, FLOATS)),
        }
    }

    distributions! { this => &mut this.state; }

    /// Distributions outside the table, by name.
    fn draw_checked(&mut self, name: &str, size: &Size, params: &[Param<f64>]) -> Result<Tensor> {
        match (name, params) {
            ("uniform", [low, high]) => {
                let values = checks::uniform_bounds(low, high, true)?;
                with_state!(&mut self.state, source => params::draw("uniform", size, values, |[low, high]| {
                    continuous::uniform(source, low, high - low)
                }))
            }
            ("normal", [loc, scale]) => {
                let values =
                    [Values::new("normal", loc, "loc", Constraint::None)?, Values::new("normal", scale, "scale", Constraint::NonNegative)?];
                with_state!(&mut self.state, source => params::draw("normal", size, values, |[loc, scale]| {
                    continuous::normal(source, loc, scale)
                }))
            }
            ("exponential", [scale]) => {
                let values = [Values::new("exponential", scale, "scale", Constraint::NonNegative)?];
                with_state!(&mut self.state, source => params::draw("exponential", size, values, |[scale]| {
                    continuous::exponential(source, scale)
                }))
            }
            ("triangular", [left, mode, right]) => checks::triangular(&mut self.state, size, [left, mode, right]),
            ("negative_binomial", [n, p]) => {
                let op = "negative_binomial";
                let values = [Values::new(op, n, "n", Constraint::PositiveNotNan)?, Values::new(op, p, "p", Constraint::BoundedGt01)?];
                checks::jointly(op, &values, |[n, p]| {
                    if (1.0 - p) / p * (n + 10.0 * n.sqrt()) > POISSON_MAX {
                        return Err(Error::value(op, "n too large or p too small: the counts would not fit an int64"));
                    }
                    Ok(())
                })?;
                let source = &mut self.state;
                params::draw(op, size, values, |[n, p]| discrete::negative_binomial(source, n, p))
            }
            _ => Err(Error::value("random", format!("{name:?} with {} parameters is not a distribution", params.len()))),
        }
    }

    /// Uniform numbers in `[low, high)`.
    ///
    /// # Errors
    /// [`Error::Overflow`] when `high - low` is not finite, [`Error::Value`] when it is negative.
    pub fn uniform(&mut self, size: impl Into<Size>, low: impl Into<Param<f64>>, high: impl Into<Param<f64>>) -> Result<Tensor> {
        self.draw_checked("uniform", &size.into(), &[low.into(), high.into()])
    }

    /// Normal numbers of mean `loc` and standard deviation `scale`.
    ///
    /// # Errors
    /// [`Error::Value`] for a negative scale.
    pub fn normal(&mut self, size: impl Into<Size>, loc: impl Into<Param<f64>>, scale: impl Into<Param<f64>>) -> Result<Tensor> {
        self.draw_checked("normal", &size.into(), &[loc.into(), scale.into()])
    }

    /// Exponential numbers of mean `scale`.
    ///
    /// # Errors
    /// [`Error::Value`] for a negative scale.
    pub fn exponential(&mut self, size: impl Into<Size>, scale: impl Into<Param<f64>>) -> Result<Tensor> {
        self.draw_checked("exponential", &size.into(), &[scale.into()])
    }

    /// Triangular numbers on `[left, right]` with the given mode.
    ///
    /// # Errors
    /// [`Error::Value`] unless `left <= mode <= right` and `left < right`.
    pub fn triangular(
        &mut self,
        size: impl Into<Size>,
        left: impl Into<Param<f64>>,
        mode: impl Into<Param<f64>>,
        right: impl Into<Param<f64>>,
    ) -> Result<Tensor> {
        self.draw_checked("triangular", &size.into(), &[left.into(), mode.into(), right.into()])
    }

    /// Failures before the `n`-th success of probability `p`, as `int64`; `n` may be any positive number.
    ///
    /// # Errors
    /// [`Error::Value`] for parameters outside their domain or counts beyond `int64`.
    pub fn negative_binomial(&mut self, size: impl Into<Size>, n: impl Into<Param<f64>>, p: impl Into<Param<f64>>) -> Result<Tensor> {
        self.draw_checked("negative_binomial", &size.into(), &[n.into(), p.into()])
    }

    /// Integers in `[low, high)` as `int64`; see [`Generator::integers_of`] for the rest.
    pub fn integers(&mut self, size: impl Into<Size>, low: impl Into<Param<i128>>, high: impl Into<Param<i128>>) -> Result<Tensor> {
        self.integers_of(size, low, high, DType::Int64, false)
    }

    /// Integers in `[low, high)`, or `[low, high]` with `endpoint`, of any integer dtype or bool.
    ///
    /// # Errors
    /// [`Error::Value`] when a bound does not fit the dtype or the interval is empty.
    pub fn integers_of(
        &mut self,
        size: impl Into<Size>,
        low: impl Into<Param<i128>>,
        high: impl Into<Param<i128>>,
        dtype: DType,
        endpoint: bool,
    ) -> Result<Tensor> {
        let request = integers::Request { op: "integers", low: low.into(), high: high.into(), dtype, endpoint, method: Method::Lemire };
        integers::integers(&mut self.state, &size.into(), &request)
    }

    /// Random bytes.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        integers::bytes(&mut self.state, length)
    }

    /// Successes in `n` trials of probability `p`, as `int64`.
    ///
    /// # Errors
    /// [`Error::Value`] for a negative `n` or a `p` outside `[0, 1]`.
    pub fn binomial(&mut self, size: impl Into<Size>, n: impl Into<Param<i64>>, p: impl Into<Param<f64>>) -> Result<Tensor> {
        draw_binomial(&mut self.state, &size.into(), &n.into(), &p.into(), Binomial::new)
    }

    /// Good items among `nsample` drawn without replacement from `ngood + nbad`, as `int64`.
    ///
    /// # Errors
    /// [`Error::Value`] for negative or too large counts.
    pub fn hypergeometric(
        &mut self,
        size: impl Into<Size>,
        ngood: impl Into<Param<i64>>,
        nbad: impl Into<Param<i64>>,
        nsample: impl Into<Param<i64>>,
    ) -> Result<Tensor> {
        let counts = [&ngood.into(), &nbad.into(), &nsample.into()];
        let values = checks::hypergeometric_counts(counts, false)?;
        let source = &mut self.state;
        params::draw("hypergeometric", &size.into(), values, |[good, bad, sample]| {
            hypergeometric::hypergeometric(source, good, bad, sample)
        })
    }

    /// Counts of the categories in `n` trials, as `int64` of shape `size + [categories]`.
    ///
    /// # Errors
    /// [`Error::Value`] for probabilities outside `[0, 1]` or of a sum above 1.
    pub fn multinomial(&mut self, size: impl Into<Size>, n: impl Into<Param<i64>>, pvals: &Tensor) -> Result<Tensor> {
        let source = &mut self.state;
        multivariate::draw_multinomial("multinomial", source, &size.into(), &n.into(), pvals, Binomial::new)
    }

    /// Items of each color among `nsample` drawn without replacement, as `int64` of shape `size + [colors]`.
    ///
    /// # Errors
    /// [`Error::Value`] for negative counts or more draws than items.
    pub fn multivariate_hypergeometric(
        &mut self,
        size: impl Into<Size>,
        colors: &Tensor,
        nsample: i64,
        method: HypergeometricMethod,
    ) -> Result<Tensor> {
        let source = &mut self.state;
        multivariate::draw_multivariate_hypergeometric(source, &size.into(), colors, nsample, method)
    }

    /// Normal vectors of the given mean and covariance, of shape `size + [n]`, and whether the covariance was positive
    /// semidefinite within `tol` (NumPy warns when it is not).
    ///
    /// The standard normals behind them are NumPy's, bit for bit. The factor of the covariance is unique for
    /// [`CovarianceMethod::Cholesky`]; for [`CovarianceMethod::Svd`] up to order 25 it has the signs LAPACK gives it: there
    /// draws agree with NumPy's up to rounding, unless singular values coincide. Other factors may differ in sign.
    ///
    /// # Errors
    /// [`Error::Value`] unless `mean` has shape `[n]` and `cov` `[n, n]`; [`Error::LinAlg`] when Cholesky fails.
    pub fn multivariate_normal(
        &mut self,
        size: impl Into<Size>,
        mean: &Tensor,
        cov: &Tensor,
        method: CovarianceMethod,
        tol: f64,
    ) -> Result<(Tensor, bool)> {
        let params = NormalParams::new(mean, cov)?;
        let shape = params.shape(&size.into());
        let x = self.standard_normal(Size::Shape(shape), DType::Float64)?;
        params.apply(&x, method, tol, false)
    }

    /// Points of the simplex by the Dirichlet distribution, of shape `size + [len(alpha)]`.
    ///
    /// # Errors
    /// [`Error::Value`] for a negative parameter.
    pub fn dirichlet(&mut self, size: impl Into<Size>, alpha: &Tensor) -> Result<Tensor> {
        let alpha = multivariate::dirichlet_alpha(alpha)?;
        if alpha.iter().any(|&a| a < 0.0) {
            return Err(Error::value("dirichlet", "alpha < 0"));
        }
        let (source, size) = (&mut self.state, size.into());
        // Below this all gammas could vanish at once, which the stick cannot.
        if !alpha.is_empty() && alpha.iter().all(|&a| a < 0.1) {
            return multivariate::dirichlet_by_beta(source, &size, &alpha, continuous::beta);
        }
        multivariate::dirichlet_by_gamma(source, &size, &alpha, continuous::standard_gamma)
    }

    /// Draws from `0..population`, as `int64`: with or without replacement, weighted by `p`, in random order or
    /// (`shuffle` off, which is faster without replacement) in no particular one.
    ///
    /// # Errors
    /// [`Error::Value`] for bad probabilities or more draws than items.
    pub fn choice(&mut self, size: impl Into<Size>, population: usize, replace: bool, p: Option<&Tensor>, shuffle: bool) -> Result<Tensor> {
        let choice = Choice { op: "choice", population, replace, p, shuffle, legacy: false };
        choice.indices(&mut self.state, &size.into())
    }

    /// Items of `x` along an axis drawn as by [`Generator::choice`]; the axis is replaced by the axes of `size`.
    ///
    /// # Errors
    /// As [`Generator::choice`], and [`Error::Axis`].
    pub fn choice_of(
        &mut self,
        size: impl Into<Size>,
        x: &Tensor,
        replace: bool,
        p: Option<&Tensor>,
        axis: i64,
        shuffle: bool,
    ) -> Result<Tensor> {
        let axis = normalize_axis("choice", axis, x.shape())?;
        let indices = self.choice(size, x.shape()[axis], replace, p, shuffle)?;
        permute::take_shaped("choice", x, &indices, axis)
    }

    /// The integers below `n` in random order, as `int64`.
    pub fn permutation_of(&mut self, n: usize) -> Result<Tensor> {
        Tensor::from_vec(self.order(n)?, &[n])
    }

    /// The same order as plain integers: place `i` of a shuffled sequence takes item `order[i]`.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn order(&mut self, n: usize) -> Result<Vec<i64>> {
        with_state!(&mut self.state, source => permute::shuffled(source, n))
    }

    /// A copy of `x` with its slices along an axis in random order.
    ///
    /// # Errors
    /// [`Error::Axis`].
    pub fn permutation(&mut self, x: &Tensor, axis: i64) -> Result<Tensor> {
        permute::permutation("permutation", &mut self.state, x, axis)
    }

    /// A copy of `x` with every line along `axis` shuffled by itself; with no axis, all elements.
    ///
    /// # Errors
    /// [`Error::Axis`].
    pub fn permuted(&mut self, x: &Tensor, axis: Option<i64>) -> Result<Tensor> {
        permute::permuted("permuted", &mut self.state, x, axis)
    }

    /// Brings the slices of `x` along an axis into random order, in place.
    ///
    /// # Errors
    /// [`Error::Axis`], [`Error::ReadOnly`].
    pub fn shuffle(&mut self, x: &Tensor, axis: i64) -> Result<()> {
        x.assign(&permute::permutation("shuffle", &mut self.state, x, axis)?)
    }
}

pub(crate) const FLOATS: &str = "float32 and float64 are";

/// Draws of either float dtype.
pub(crate) fn floats<S: BitSource>(
    op: &'static str,
    size: &Size,
    dtype: DType,
    source: &mut S,
    double: impl Fn(&mut S) -> f64,
    single: impl Fn(&mut S) -> f32,
) -> Result<Tensor> {
    match dtype {
        DType::Float64 => filled(op, size.shape(), |out: &mut [f64]| {
            out.iter_mut().for_each(|slot| *slot = double(source));
        }),
        DType::Float32 => filled(op, size.shape(), |out: &mut [f32]| {
            out.iter_mut().for_each(|slot| *slot = single(source));
        }),
        _ => Err(Error::dtype(op, dtype, FLOATS)),
    }
}

/// Binomial draws of either generation.
pub(crate) fn draw_binomial(
    source: &mut State,
    size: &Size,
    n: &Param<i64>,
    p: &Param<f64>,
    make: fn(i64, f64) -> Binomial,
) -> Result<Tensor> {
    let op = "binomial";
    let n = Values::new(op, n, "n", Constraint::NonNegative)?;
    let p = Values::new(op, p, "p", Constraint::Bounded01)?;
    let shape = params::output_shape(op, size, &[n.shape(), p.shape()])?;
    if let (Some(n), Some(p)) = (n.scalar(), p.scalar()) {
        let constants = make(n, p);
        return filled(op, &shape, |out: &mut [i64]| {
            out.iter_mut().for_each(|slot| *slot = constants.draw(source));
        });
    }
    let mut places = (params::Broadcast::new(n.shape(), &shape), params::Broadcast::new(p.shape(), &shape));
    filled(op, &shape, |out: &mut [i64]| {
        for slot in out {
            *slot = make(n.all()[places.0.next()], p.all()[places.1.next()]).draw(source);
        }
    })
}
