//! Activation functions, elementwise.

use crate::backend::UnaryOp;
use crate::compose::{abs, add, divide, exp, expm1, greater, less, log1p, maximum, minimum, multiply, select, subtract, tanh, unary};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::normalize_axis;
use crate::tensor::Tensor;

/// Integers as float64.
fn float(x: &Tensor) -> Result<Tensor> {
    if x.dtype().is_floating() { Ok(x.clone()) } else { x.astype(DType::Float64) }
}

/// `max(x, 0)`; NaN stays.
///
/// # Errors
/// [`Error::DType`] for complex numbers, here and in the other activations.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    unary(UnaryOp::Relu, x)
}

/// `min(max(x, 0), 6)`.
///
/// # Errors
/// As [`relu`].
pub fn relu6(x: &Tensor) -> Result<Tensor> {
    hardtanh(x, 0.0, 6.0)
}

/// The logistic function `1 / (1 + exp(-x))`.
///
/// # Errors
/// As [`relu`].
pub fn sigmoid(x: &Tensor) -> Result<Tensor> {
    unary(UnaryOp::Sigmoid, &float(x)?)
}

/// `log(sigmoid(x))`, without overflow.
///
/// # Errors
/// As [`relu`].
pub fn log_sigmoid(x: &Tensor) -> Result<Tensor> {
    unary(UnaryOp::LogSigmoid, &float(x)?)
}

/// `x * sigmoid(x)`, also called swish.
///
/// # Errors
/// As [`relu`].
pub fn silu(x: &Tensor) -> Result<Tensor> {
    unary(UnaryOp::Silu, &float(x)?)
}

/// The Gaussian error linear unit: `x Φ(x)` exactly (by `erf`), or with `tanh_approximation`
/// `x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2`.
///
/// # Errors
/// As [`relu`].
pub fn gelu(x: &Tensor, tanh_approximation: bool) -> Result<Tensor> {
    unary(if tanh_approximation { UnaryOp::GeluTanh } else { UnaryOp::GeluErf }, &float(x)?)
}

/// `x` where positive, else `alpha (exp(x) - 1)`.
///
/// # Errors
/// As [`relu`].
pub fn elu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    let x = float(x)?;
    select(&greater(&x, 0.0)?, &x, &multiply(&expm1(&minimum(&x, 0.0)?)?, alpha)?)
}

/// `x` where positive, else `alpha (exp(x / alpha) - 1)`.
///
/// # Errors
/// As [`relu`]; [`Error::Value`] if `alpha` is 0.
pub fn celu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    if alpha == 0.0 {
        return Err(Error::value("celu", "alpha must not be 0"));
    }
    let x = float(x)?;
    select(&greater(&x, 0.0)?, &x, &multiply(&expm1(&divide(&minimum(&x, 0.0)?, alpha)?)?, alpha)?)
}

/// The self-normalising [`elu`] of Klambauer et al. (2017).
///
/// # Errors
/// As [`relu`].
pub fn selu(x: &Tensor) -> Result<Tensor> {
    const ALPHA: f64 = 1.673_263_242_354_377_2;
    const SCALE: f64 = 1.050_700_987_355_480_5;
    multiply(&elu(x, ALPHA)?, SCALE)
}

/// `x` where positive, else `negative_slope * x`.
///
/// # Errors
/// As [`relu`].
pub fn leaky_relu(x: &Tensor, negative_slope: f64) -> Result<Tensor> {
    let x = float(x)?;
    select(&greater(&x, 0.0)?, &x, &multiply(&x, negative_slope)?)
}

/// `x` where positive, else `weight * x`, with one weight for all or one per channel (axis 1).
///
/// # Errors
/// As [`relu`]; [`Error::Value`] if the number of weights is neither 1 nor the number of channels.
pub fn prelu(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    let weight = if weight.size() == 1 {
        weight.reshape(&[])?
    } else {
        let channels = if x.ndim() < 2 { 1 } else { x.shape()[1] };
        if weight.size() != channels {
            return Err(Error::value("prelu", format!("{} weights for {channels} channels", weight.size())));
        }
        let mut shape = vec![1; x.ndim() - 1];
        shape[0] = channels;
        weight.reshape(&shape)?
    };
    select(&greater(x, 0.0)?, x, &multiply(x, &weight)?)
}

/// `log(1 + exp(beta x)) / beta`, and `x` itself where `beta x` exceeds `threshold`.
///
/// # Errors
/// As [`relu`].
pub fn softplus(x: &Tensor, beta: f64, threshold: f64) -> Result<Tensor> {
    let x = float(x)?;
    let scaled = multiply(&x, beta)?;
    let soft = divide(&log1p(&exp(&minimum(&scaled, threshold)?)?)?, beta)?;
    select(&greater(&scaled, threshold)?, &x, &soft)
}

/// `x * tanh(softplus(x))`.
///
/// # Errors
/// As [`relu`].
pub fn mish(x: &Tensor) -> Result<Tensor> {
    let x = float(x)?;
    multiply(&x, &tanh(&softplus(&x, 1.0, 20.0)?)?)
}

/// `x` limited to `min..=max`.
///
/// # Errors
/// As [`relu`].
pub fn hardtanh(x: &Tensor, min: f64, max: f64) -> Result<Tensor> {
    minimum(&maximum(&float(x)?, min)?, max)
}

/// `x / 6 + 1/2`, limited to `0..=1`.
///
/// # Errors
/// As [`relu`].
pub fn hardsigmoid(x: &Tensor) -> Result<Tensor> {
    divide(&hardtanh(&add(&float(x)?, 3.0)?, 0.0, 6.0)?, 6.0)
}

/// `x * hardsigmoid(x)`.
///
/// # Errors
/// As [`relu`].
pub fn hardswish(x: &Tensor) -> Result<Tensor> {
    multiply(x, &hardsigmoid(x)?)
}

/// `x / (1 + |x|)`.
///
/// # Errors
/// As [`relu`].
pub fn softsign(x: &Tensor) -> Result<Tensor> {
    let x = float(x)?;
    divide(&x, &add(&abs(&x)?, 1.0)?)
}

/// `x - tanh(x)`.
///
/// # Errors
/// As [`relu`].
pub fn tanhshrink(x: &Tensor) -> Result<Tensor> {
    let x = float(x)?;
    subtract(&x, &tanh(&x)?)
}

/// `x`, but 0 where `|x| <= lambda`.
///
/// # Errors
/// As [`relu`].
pub fn hardshrink(x: &Tensor, lambda: f64) -> Result<Tensor> {
    let x = float(x)?;
    let outside = add(&greater(&x, lambda)?, &less(&x, -lambda)?)?;
    select(&outside, &x, 0.0)
}

/// `x` moved towards 0 by `lambda`.
///
/// # Errors
/// As [`relu`].
pub fn softshrink(x: &Tensor, lambda: f64) -> Result<Tensor> {
    let x = float(x)?;
    let up = select(&greater(&x, lambda)?, &subtract(&x, lambda)?, 0.0)?;
    select(&less(&x, -lambda)?, &add(&x, lambda)?, &up)
}

/// The first half of `axis` times the sigmoid of the second half.
///
/// # Errors
/// [`Error::Axis`]; [`Error::Value`] if the axis has odd length.
pub fn glu(x: &Tensor, axis: i64) -> Result<Tensor> {
    let at = normalize_axis("glu", axis, x.shape())?;
    let n = x.shape()[at];
    if !n.is_multiple_of(2) {
        return Err(Error::value("glu", format!("axis {axis} of shape {:?} has odd length", x.shape())));
    }
    multiply(&x.slice(at, 0, n / 2, 1), &sigmoid(&x.slice(at, n / 2, n / 2, 1))?)
}
