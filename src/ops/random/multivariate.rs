//! Distributions whose draws are vectors: multinomial, multivariate hypergeometric, Dirichlet, multivariate normal.

use super::bits::BitSource;
use super::covariance::{self, Svd};
use super::discrete::{Binomial, multinomial};
use super::hypergeometric::{multivariate_count, multivariate_marginals};
use super::params::{Broadcast, Constraint, Param, Size, Values, filled, output_shape};
use super::permute::kahan_sum;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::Shape;
use crate::linalg;
use crate::tensor::Tensor;

fn with_last(shape: &[usize], last: usize) -> Shape {
    let mut out = Shape::from_slice(shape);
    out.push(last);
    out
}

/// Multinomial draws; `n` and the leading axes of `pvals` broadcast.
///
/// # Errors
/// [`Error::Value`] for a negative `n`, probabilities outside `[0, 1]`, or rows whose sum exceeds 1.
pub(crate) fn draw_multinomial<S: BitSource>(
    op: &'static str,
    source: &mut S,
    size: &Size,
    n: &Param<i64>,
    pvals: &Tensor,
    binomial: fn(i64, f64) -> Binomial,
) -> Result<Tensor> {
    let Some((&categories, lead)) = pvals.shape().split_last().filter(|(d, _)| **d > 0) else {
        let message = "pvals must have at least 1 dimension and the last dimension of pvals must be greater than 0.";
        return Err(Error::value(op, message));
    };
    let p = pvals.cast_vec::<f64>()?;
    for &value in &p {
        Constraint::Bounded01.check(op, "pvals", value)?;
    }
    for row in p.chunks_exact(categories) {
        if kahan_sum(&row[..categories - 1]) > 1.0 + 1e-12 {
            let message = "sum(pvals[..., :-1]) > 1.0; pvals are summed in float64, where rounded smaller floats may exceed 1";
            return Err(Error::value(op, message));
        }
    }
    let n = Values::new(op, n, "n", Constraint::NonNegative)?;
    let shape = output_shape(op, size, &[n.shape(), lead])?;
    let mut places = (Broadcast::new(n.shape(), &shape), Broadcast::new(lead, &shape));
    filled(op, &with_last(&shape, categories), |out: &mut [i64]| {
        out.fill(0);
        for row in out.chunks_exact_mut(categories) {
            let count = n.all()[places.0.next()];
            let pvals = &p[places.1.next() * categories..][..categories];
            multinomial(source, count, pvals, row, binomial);
        }
    })
}

/// The two algorithms of the multivariate hypergeometric distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HypergeometricMethod {
    /// Successive hypergeometric draws: few colors of many items.
    Marginals,
    /// A shuffle of the items: few items.
    Count,
}

/// Multivariate hypergeometric draws.
///
/// # Errors
/// [`Error::Value`] for colors that are not a vector of non-negative integers or too many, or `nsample` above their sum.
pub(crate) fn draw_multivariate_hypergeometric<S: BitSource>(
    source: &mut S,
    size: &Size,
    colors: &Tensor,
    nsample: i64,
    method: HypergeometricMethod,
) -> Result<Tensor> {
    let op = "multivariate_hypergeometric";
    let fail = |message: &str| Err(Error::value(op, message));
    if nsample < 0 {
        return fail("nsample must be nonnegative.");
    }
    let integers = colors.dtype().is_integer() || colors.size() == 0;
    let values = if integers { colors.cast_vec::<i64>()? } else { vec![-1] };
    if colors.ndim() != 1 || values.iter().any(|&v| v < 0) {
        return fail("colors must be a one-dimensional sequence of nonnegative integers below 2**63.");
    }
    let Some(total) = values.iter().try_fold(0i64, |sum, &v| sum.checked_add(v)) else {
        return fail("sum(colors) must not exceed the maximum value of a 64 bit signed integer");
    };
    if method == HypergeometricMethod::Marginals && total >= 1_000_000_000 {
        return fail("When method is \"marginals\", sum(colors) must be less than 1000000000.");
    }
    if nsample > total {
        return fail("nsample > sum(colors)");
    }
    let mut choices: Vec<usize> = Vec::new();
    if method == HypergeometricMethod::Count {
        let bytes = (total as u64).saturating_mul(8);
        if total as u64 > isize::MAX as u64 / 8 || choices.try_reserve_exact(total as usize).is_err() {
            return Err(Error::OutOfMemory { bytes: usize::try_from(bytes).unwrap_or(usize::MAX) });
        }
        for (color, &count) in values.iter().enumerate() {
            choices.extend(std::iter::repeat_n(color, count as usize));
        }
    }
    filled(op, &with_last(size.shape(), values.len()), |out: &mut [i64]| {
        out.fill(0);
        match method {
            HypergeometricMethod::Marginals => multivariate_marginals(source, total, &values, nsample, out),
            HypergeometricMethod::Count => multivariate_count(source, &mut choices, &values, nsample, out),
        }
    })
}

/// Dirichlet draws by normalised gammas; `gamma` is the generation's own.
pub(crate) fn dirichlet_by_gamma<S>(source: &mut S, size: &Size, alpha: &[f64], gamma: impl Fn(&mut S, f64) -> f64) -> Result<Tensor> {
    filled("dirichlet", &with_last(size.shape(), alpha.len()), |out: &mut [f64]| {
        for row in out.chunks_exact_mut(alpha.len().max(1)) {
            let mut sum = 0.0;
            for (slot, &a) in row.iter_mut().zip(alpha) {
                *slot = gamma(source, a);
                sum += *slot;
            }
            let inverse = 1.0 / sum;
            row.iter_mut().for_each(|slot| *slot *= inverse);
        }
    })
}

/// Dirichlet draws by breaking a stick with betas: for parameters so small that all gammas could vanish.
pub(crate) fn dirichlet_by_beta<S: BitSource>(
    source: &mut S,
    size: &Size,
    alpha: &[f64],
    beta: impl Fn(&mut S, f64, f64) -> f64,
) -> Result<Tensor> {
    let k = alpha.len();
    let mut tail = vec![0.0; k];
    let mut sum = 0.0;
    for j in (0..k).rev() {
        sum += alpha[j];
        tail[j] = sum;
    }
    filled("dirichlet", &with_last(size.shape(), k), |out: &mut [f64]| {
        out.fill(0.0);
        if !(sum > 0.0) {
            return;
        }
        for row in out.chunks_exact_mut(k) {
            let mut rest = 1.0;
            for j in 0..k - 1 {
                let v = beta(source, alpha[j], tail[j + 1]);
                row[j] = rest * v;
                rest *= 1.0 - v;
                if tail[j + 1] == 0.0 {
                    break; // v was 1: nothing is left for the others
                }
            }
            row[k - 1] = rest;
        }
    })
}

/// The parameters of a Dirichlet distribution.
///
/// # Errors
/// [`Error::Value`] when they are not a vector.
pub(crate) fn dirichlet_alpha(alpha: &Tensor) -> Result<Vec<f64>> {
    if alpha.ndim() != 1 {
        return Err(Error::value("dirichlet", "alpha must be 1-dimensional"));
    }
    alpha.cast_vec::<f64>()
}

/// The factorisation of the covariance behind `multivariate_normal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CovarianceMethod {
    /// Singular values; any symmetric positive semidefinite matrix.
    Svd,
    /// Eigenvalues; any symmetric positive semidefinite matrix.
    Eigh,
    /// Cholesky; the covariance must be positive definite.
    Cholesky,
}

/// Checked mean and covariance of a multivariate normal distribution.
pub(crate) struct NormalParams {
    mean: Vec<f64>,
    cov: Tensor,
}

impl NormalParams {
    /// # Errors
    /// [`Error::Value`] unless `mean` has shape `[n]` and `cov` `[n, n]`, [`Error::DType`] for complex ones.
    pub(crate) fn new(mean: &Tensor, cov: &Tensor) -> Result<Self> {
        const OP: &str = "multivariate_normal";
        for tensor in [mean, cov] {
            if tensor.dtype().is_complex() {
                return Err(Error::dtype(OP, tensor.dtype(), "mean and cov must not be complex"));
            }
        }
        let &[n] = mean.shape() else { return Err(Error::value(OP, "mean must be 1 dimensional")) };
        let &[rows, columns] = cov.shape() else {
            return Err(Error::value(OP, "cov must be 2 dimensional and square"));
        };
        if rows != columns {
            return Err(Error::value(OP, "cov must be 2 dimensional and square"));
        }
        if rows != n {
            return Err(Error::value(OP, "mean and cov must have same length"));
        }
        Ok(NormalParams { mean: mean.cast_vec()?, cov: cov.astype(DType::Float64)? })
    }

    /// The shape of the standard normals that one call draws.
    pub(crate) fn shape(&self, size: &Size) -> Shape {
        with_last(size.shape(), self.mean.len())
    }

    /// Turns standard normals into draws: `mean + x A'` with `A A' = cov`. Also says whether the covariance was positive
    /// semidefinite within `tol`; Cholesky fails when it is not.
    pub(crate) fn apply(&self, x: &Tensor, method: CovarianceMethod, tol: f64, legacy: bool) -> Result<(Tensor, bool)> {
        let n = self.mean.len();
        if n == 0 {
            return Ok((x.clone(), true));
        }
        let (factor, valid) = self.factor(method, tol, legacy)?;
        let rows = x.size() / n;
        let product = linalg::matmul(&x.reshape(&[rows, n])?, &Tensor::from_vec(factor, &[n, n])?)?;
        let product = product.to_vec::<f64>()?;
        let out = filled("multivariate_normal", x.shape(), |out: &mut [f64]| {
            for (i, (slot, value)) in out.iter_mut().zip(product).enumerate() {
                *slot = self.mean[i % n] + value;
            }
        })?;
        Ok((out, valid))
    }

    /// `A'` in row-major order. `RandomState` takes the right singular vectors, `Generator` the left ones.
    fn factor(&self, method: CovarianceMethod, tol: f64, legacy: bool) -> Result<(Vec<f64>, bool)> {
        let n = self.mean.len();
        let transposed = |scaled: &dyn Fn(usize, usize) -> f64| -> Vec<f64> { (0..n * n).map(|i| scaled(i % n, i / n)).collect() };
        Ok(match method {
            CovarianceMethod::Cholesky => {
                let lower = linalg::cholesky(&self.cov, false)?.to_vec::<f64>()?;
                (transposed(&|row, column| lower[row * n + column]), true)
            }
            CovarianceMethod::Eigh => {
                let (values, vectors) = linalg::eigh(&self.cov, false)?;
                let (values, vectors) = (values.to_vec::<f64>()?, vectors.to_vec::<f64>()?);
                let factor = transposed(&|row, column| vectors[row * n + column] * values[column].abs().sqrt());
                (factor, values.iter().all(|&v| v >= -tol))
            }
            CovarianceMethod::Svd => {
                let cov = self.cov.to_vec::<f64>()?;
                let Svd { left, values, right } = match covariance::svd(&cov, n) {
                    Some(svd) => svd,
                    None => {
                        let (u, s, vh) = linalg::svd(&self.cov, true)?;
                        let rows =
                            |t: &Tensor| -> Result<Vec<Vec<f64>>> { Ok(t.to_vec::<f64>()?.chunks_exact(n).map(<[f64]>::to_vec).collect()) };
                        Svd { left: rows(&u.transpose())?, values: s.to_vec()?, right: rows(&vh)? }
                    }
                };
                let valid = (0..n * n).all(|i| {
                    let rebuilt: f64 = (0..n).map(|k| right[k][i / n] * values[k] * right[k][i % n]).sum();
                    (rebuilt - cov[i]).abs() <= tol + tol * cov[i].abs()
                });
                let vectors = if legacy { right } else { left };
                (transposed(&|row, column| vectors[column][row] * values[column].sqrt()), valid)
            }
        })
    }
}
