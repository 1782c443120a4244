//! NumPy's legacy `RandomState`: streams that have been frozen since NumPy 1.16.

use super::bit_generator::{Algorithm, State, with_state};
use super::bits::BitSource;
use super::bounded::Method;
use super::checks;
use super::discrete::{self, Binomial};
use super::draw_table::distributions;
use super::draws::Draws;
use super::generator::{draw_binomial, floats};
use super::legacy::{self, Legacy};
use super::mt19937::MT19937;
use super::multivariate::{CovarianceMethod, NormalParams};
use super::params::{self, Constraint, Param, Size, Values, filled};
use super::permute::{self, Choice};
use super::seed_sequence::SeedSequence;
use super::{continuous, integers, multivariate};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// Random numbers with the streams of `numpy.random.RandomState`, bit for bit.
///
/// ```
/// use purify_ops::random::RandomState;
/// let mut random = RandomState::seed(0);
/// let x = random.standard_normal(&[2])?.to_vec::<f64>()?;
/// assert_eq!(x, [1.764052345967664, 0.4001572083672233]); // numpy.random.seed(0); numpy.random.randn(2)
/// # Ok::<(), purify_ops::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RandomState {
    state: State,
    gauss: Option<f64>,
}

impl RandomState {
    /// A generator over any bit generator; NumPy's own is [`MT19937`].
    pub fn new(source: impl Into<State>) -> Self {
        RandomState { state: source.into(), gauss: None }
    }

    /// `RandomState(seed)` for an integer seed.
    pub fn seed(seed: u32) -> Self {
        RandomState::new(MT19937::legacy(seed))
    }

    /// `RandomState(seed)` for a sequence of integers.
    pub fn seed_array(seed: &[u32]) -> Self {
        RandomState::new(MT19937::legacy_array(seed))
    }

    /// `RandomState()`: fresh entropy of the operating system.
    pub fn from_system() -> Self {
        RandomState::new(State::new(Algorithm::MT19937, &SeedSequence::from_system()))
    }

    /// The bit generator's state and the stored normal number, which together make `get_state()`.
    pub fn parts(&self) -> (&State, Option<f64>) {
        (&self.state, self.gauss)
    }

    /// A generator in the given state, as `set_state()` makes it.
    pub fn from_parts(state: State, gauss: Option<f64>) -> Self {
        RandomState { state, gauss }
    }

    /// The parts themselves.
    pub fn into_parts(self) -> (State, Option<f64>) {
        (self.state, self.gauss)
    }

    /// Uniform numbers in `[0, 1)`.
    pub fn random_sample(&mut self, size: impl Into<Size>) -> Result<Tensor> {
        let size = size.into();
        with_state!(&mut self.state, source => {
            floats("random_sample", &size, DType::Float64, source, BitSource::next_f64, BitSource::next_f32)
        })
    }

    /// Standard normal numbers by the polar method.
    pub fn standard_normal(&mut self, size: impl Into<Size>) -> Result<Tensor> {
        self.draw_normal("standard_normal", &size.into(), |x| x)
    }

    fn draw_normal(&mut self, op: &'static str, size: &Size, scale: impl Fn(f64) -> f64) -> Result<Tensor> {
        let RandomState { state, gauss } = self;
        with_state!(state, source => filled(op, size.shape(), |out: &mut [f64]| {
            let stored = if out.is_empty() { None } else { gauss.take() };
            let (first, rest) = out.split_at_mut(usize::from(stored.is_some()));
            first.iter_mut().zip(stored).for_each(|(slot, stored)| *slot = scale(stored));
            let mut pairs = rest.chunks_exact_mut(2);
            for pair in &mut pairs {
                let (first, second) = legacy::polar_pair(source);
                pair[0] = scale(first);
                pair[1] = scale(second);
            }
            if let [last] = pairs.into_remainder() {
                let (first, second) = legacy::polar_pair(source);
                *last = scale(first);
                *gauss = Some(second);
            }
        }))
    }

    distributions! {
        this => &mut Legacy { state: &mut this.state, gauss: &mut this.gauss };
        /// Exponential distribution of mean `scale`.
        exponential(scale: NonNegative) = continuous::exponential;
        /// Standard exponential distribution.
        standard_exponential() = Draws::exponential;
        /// Gamma distribution of unit scale.
        standard_gamma(shape: NonNegative) = continuous::standard_gamma;
        /// Negative binomial distribution, as `int64`.
        negative_binomial(n: Positive, p: Bounded01) = discrete::negative_binomial;
    }

    fn draw_checked(&mut self, name: &str, size: &Size, params: &[Param<f64>]) -> Result<Tensor> {
        match (name, params) {
            ("uniform", [low, high]) => {
                let values = checks::uniform_bounds(low, high, false)?;
                with_state!(&mut self.state, source => params::draw("uniform", size, values, |[low, high]| {
                    continuous::uniform(source, low, high - low)
                }))
            }
            ("normal", [loc, scale]) => {
                let values =
                    [Values::new("normal", loc, "loc", Constraint::None)?, Values::new("normal", scale, "scale", Constraint::NonNegative)?];
                if let (Some(loc), Some(scale)) = (values[0].scalar(), values[1].scalar()) {
                    return self.draw_normal("normal", size, |x| loc + scale * x);
                }
                let mut source = Legacy { state: &mut self.state, gauss: &mut self.gauss };
                params::draw("normal", size, values, |[loc, scale]| continuous::normal(&mut source, loc, scale))
            }
            ("triangular", [left, mode, right]) => checks::triangular(&mut self.state, size, [left, mode, right]),
            _ => Err(Error::value("random", format!("{name:?} with {} parameters is not a distribution", params.len()))),
        }
    }

    /// Uniform numbers between `low` and `high`, in either order.
    ///
    /// # Errors
    /// [`Error::Overflow`] when `high - low` is not finite.
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

    /// Integers in `[low, high)` of any integer dtype or bool.
    ///
    /// # Errors
    /// [`Error::Value`] when a bound does not fit the dtype or the interval is empty.
    pub fn randint(
        &mut self,
        size: impl Into<Size>,
        low: impl Into<Param<i128>>,
        high: impl Into<Param<i128>>,
        dtype: DType,
    ) -> Result<Tensor> {
        let request =
            integers::Request { op: "randint", low: low.into(), high: high.into(), dtype, endpoint: false, method: Method::Masked };
        integers::integers(&mut self.state, &size.into(), &request)
    }

    /// Integers in `[0, 2^63)`.
    pub fn tomaxint(&mut self, size: impl Into<Size>) -> Result<Tensor> {
        let source = &mut self.state;
        filled("tomaxint", size.into().shape(), |out: &mut [i64]| {
            out.iter_mut().for_each(|slot| *slot = (source.next_u64() >> 1) as i64);
        })
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
        draw_binomial(&mut self.state, &size.into(), &n.into(), &p.into(), Binomial::legacy)
    }

    /// Good items among `nsample` drawn without replacement from `ngood + nbad`, as `int64`.
    ///
    /// # Errors
    /// [`Error::Value`] for negative counts or more draws than items.
    pub fn hypergeometric(
        &mut self,
        size: impl Into<Size>,
        ngood: impl Into<Param<i64>>,
        nbad: impl Into<Param<i64>>,
        nsample: impl Into<Param<i64>>,
    ) -> Result<Tensor> {
        let counts = [&ngood.into(), &nbad.into(), &nsample.into()];
        let values = checks::hypergeometric_counts(counts, true)?;
        let source = &mut self.state;
        params::draw("hypergeometric", &size.into(), values, |[good, bad, sample]| legacy::hypergeometric(source, good, bad, sample))
    }

    /// Counts of the categories in `n` trials, as `int64` of shape `size + [categories]`.
    ///
    /// # Errors
    /// [`Error::Value`] for probabilities outside `[0, 1]` or of a sum above 1.
    pub fn multinomial(&mut self, size: impl Into<Size>, n: i64, pvals: &Tensor) -> Result<Tensor> {
        let source = &mut self.state;
        multivariate::draw_multinomial("multinomial", source, &size.into(), &n.into(), pvals, Binomial::new)
    }

    /// Normal vectors of the given mean and covariance, of shape `size + [n]`, and whether the covariance was positive
    /// semidefinite within `tol`; see [`Generator::multivariate_normal`](super::Generator::multivariate_normal).
    ///
    /// # Errors
    /// [`Error::Value`] unless `mean` has shape `[n]` and `cov` `[n, n]`.
    pub fn multivariate_normal(&mut self, size: impl Into<Size>, mean: &Tensor, cov: &Tensor, tol: f64) -> Result<(Tensor, bool)> {
        let params = NormalParams::new(mean, cov)?;
        let shape = params.shape(&size.into());
        let x = self.standard_normal(Size::Shape(shape))?;
        params.apply(&x, CovarianceMethod::Svd, tol, true)
    }

    /// Points of the simplex by the Dirichlet distribution, of shape `size + [len(alpha)]`.
    ///
    /// # Errors
    /// [`Error::Value`] for a parameter that is not positive.
    pub fn dirichlet(&mut self, size: impl Into<Size>, alpha: &Tensor) -> Result<Tensor> {
        let alpha = multivariate::dirichlet_alpha(alpha)?;
        if alpha.iter().any(|&a| a <= 0.0) {
            return Err(Error::value("dirichlet", "alpha <= 0"));
        }
        let mut source = Legacy { state: &mut self.state, gauss: &mut self.gauss };
        multivariate::dirichlet_by_gamma(&mut source, &size.into(), &alpha, continuous::standard_gamma)
    }

    /// Draws from `0..population`, as `int64`, with or without replacement, weighted by `p`.
    ///
    /// # Errors
    /// [`Error::Value`] for bad probabilities or more draws than items.
    pub fn choice(&mut self, size: impl Into<Size>, population: usize, replace: bool, p: Option<&Tensor>) -> Result<Tensor> {
        let choice = Choice { op: "choice", population, replace, p, shuffle: true, legacy: true };
        choice.indices(&mut self.state, &size.into())
    }

    /// Items of the vector `x` drawn as by [`RandomState::choice`].
    ///
    /// # Errors
    /// As [`RandomState::choice`]; [`Error::Value`] when `x` is not one-dimensional.
    pub fn choice_of(&mut self, size: impl Into<Size>, x: &Tensor, replace: bool, p: Option<&Tensor>) -> Result<Tensor> {
        let &[length] = x.shape() else {
            return Err(Error::value("choice", "a must be 1-dimensional or an integer"));
        };
        let indices = self.choice(size, length, replace, p)?;
        permute::take_shaped("choice", x, &indices, 0)
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

    /// A copy of `x` with its slices along the first axis in random order.
    ///
    /// # Errors
    /// [`Error::Axis`] for a 0-d tensor.
    pub fn permutation(&mut self, x: &Tensor) -> Result<Tensor> {
        permute::permutation("permutation", &mut self.state, x, 0)
    }

    /// Brings the slices of `x` along the first axis into random order, in place.
    ///
    /// # Errors
    /// [`Error::Axis`] for a 0-d tensor, [`Error::ReadOnly`].
    pub fn shuffle(&mut self, x: &Tensor) -> Result<()> {
        x.assign(&permute::permutation("shuffle", &mut self.state, x, 0)?)
    }
}
