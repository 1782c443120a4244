//! Losses: how far predictions are from targets.

use crate::compose::{
    abs, add, divide, exp, greater, less, less_equal, log, log1p, maximum, mean, multiply, negative, select, square, subtract, sum,
};
use crate::error::{Error, Result};
use crate::nn::softmax::log_softmax;
use crate::nn::{check_shape, precision};
use crate::tensor::Tensor;

/// What becomes of the losses of single elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reduction {
    /// They are returned.
    None,
    /// Their mean; for classes with weights, the weighted mean.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// Their sum divided by the length of the first axis ([`kl_div`] only; the mean elsewhere).
    BatchMean,
}

impl Reduction {
    /// The reduction of that name.
    ///
    /// # Errors
    /// [`Error::Value`] for names other than `none`, `mean`, `sum` and `batchmean`.
    pub fn from_name(name: &str) -> Result<Reduction> {
        match name {
            "none" => Ok(Reduction::None),
            "mean" => Ok(Reduction::Mean),
            "sum" => Ok(Reduction::Sum),
            "batchmean" => Ok(Reduction::BatchMean),
            _ => Err(Error::value("loss", format!("reduction {name:?} is unknown; use none, mean, sum or batchmean"))),
        }
    }
}

fn reduce(losses: Tensor, reduction: Reduction) -> Result<Tensor> {
    match reduction {
        Reduction::None => Ok(losses),
        Reduction::Mean | Reduction::BatchMean => mean(&losses, None, false),
        Reduction::Sum => sum(&losses, None, None, false),
    }
}

/// `(x - target)²`.
///
/// # Errors
/// [`Error::Broadcast`], here and in the other elementwise losses.
pub fn mse_loss(x: &Tensor, target: &Tensor, reduction: Reduction) -> Result<Tensor> {
    reduce(square(&subtract(x, target)?)?, reduction)
}

/// `|x - target|`.
///
/// # Errors
/// As [`mse_loss`].
pub fn l1_loss(x: &Tensor, target: &Tensor, reduction: Reduction) -> Result<Tensor> {
    reduce(abs(&subtract(x, target)?)?, reduction)
}

/// `d² / (2 beta)` for differences `d` below `beta`, else `|d| - beta / 2`.
///
/// # Errors
/// As [`mse_loss`]; [`Error::Value`] for a negative `beta`.
pub fn smooth_l1_loss(x: &Tensor, target: &Tensor, beta: f64, reduction: Reduction) -> Result<Tensor> {
    if beta < 0.0 {
        return Err(Error::value("smooth_l1_loss", format!("beta must not be negative, got {beta}")));
    }
    if beta == 0.0 {
        return l1_loss(x, target, reduction);
    }
    let d = abs(&subtract(x, target)?)?;
    let near = divide(&square(&d)?, 2.0 * beta)?;
    reduce(select(&less(&d, beta)?, &near, &subtract(&d, beta / 2.0)?)?, reduction)
}

/// `d² / 2` for differences `d` up to `delta`, else `delta (|d| - delta / 2)`.
///
/// # Errors
/// As [`mse_loss`]; [`Error::Value`] unless `delta` is positive.
pub fn huber_loss(x: &Tensor, target: &Tensor, delta: f64, reduction: Reduction) -> Result<Tensor> {
    if delta <= 0.0 {
        return Err(Error::value("huber_loss", format!("delta must be positive, got {delta}")));
    }
    let d = abs(&subtract(x, target)?)?;
    let far = multiply(&subtract(&d, delta / 2.0)?, delta)?;
    reduce(select(&less_equal(&d, delta)?, &multiply(&square(&d)?, 0.5)?, &far)?, reduction)
}

/// `-weight (target log x + (1 - target) log(1 - x))` for probabilities `x`; logarithms are limited to -100 from below.
///
/// # Errors
/// As [`mse_loss`].
pub fn binary_cross_entropy(x: &Tensor, target: &Tensor, weight: Option<&Tensor>, reduction: Reduction) -> Result<Tensor> {
    let yes = multiply(target, &maximum(&log(x)?, -100.0)?)?;
    let no = multiply(&subtract(1.0, target)?, &maximum(&log1p(&negative(x)?)?, -100.0)?)?;
    let losses = negative(&add(&yes, &no)?)?;
    reduce(weighted(losses, weight)?, reduction)
}

fn weighted(losses: Tensor, weight: Option<&Tensor>) -> Result<Tensor> {
    match weight {
        Some(weight) => multiply(&losses, weight),
        None => Ok(losses),
    }
}

/// [`binary_cross_entropy`] of `sigmoid(x)`, without overflow; `pos_weight` multiplies the part of positive targets.
///
/// # Errors
/// As [`mse_loss`].
pub fn binary_cross_entropy_with_logits(
    x: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    pos_weight: Option<&Tensor>,
    reduction: Reduction,
) -> Result<Tensor> {
    // -log(sigmoid(x)) = log(1 + exp(-|x|)) + max(-x, 0)
    let soft = add(&log1p(&exp(&negative(&abs(x)?)?)?)?, &maximum(&negative(x)?, 0.0)?)?;
    let soft = match pos_weight {
        Some(w) => multiply(&soft, &add(&multiply(&subtract(w, 1.0)?, target)?, 1.0)?)?,
        None => soft,
    };
    let losses = add(&multiply(&subtract(1.0, target)?, x)?, &soft)?;
    reduce(weighted(losses, weight)?, reduction)
}

/// `target (log target - x)` for log-probabilities `x`, with 0 where the target is 0; with `log_target` the target is a
/// logarithm too.
///
/// # Errors
/// As [`mse_loss`].
pub fn kl_div(x: &Tensor, target: &Tensor, reduction: Reduction, log_target: bool) -> Result<Tensor> {
    let losses = if log_target {
        multiply(&exp(target)?, &subtract(target, x)?)?
    } else {
        let positive = greater(target, 0.0)?;
        // Where the target is not positive the logarithm is of 1, so that no NaN arises.
        let own = multiply(target, &log(&select(&positive, target, 1.0)?)?)?;
        subtract(&own, &multiply(target, x)?)?
    };
    if reduction == Reduction::BatchMean {
        let count = x.shape().first().copied().unwrap_or(1) as f64;
        return divide(&sum(&losses, None, None, false)?, count);
    }
    reduce(losses, reduction)
}

/// The negative log-likelihood of classes, from log-probabilities: `x` is `[batch, classes, ...]` (or `[classes]`), `target`
/// holds class indices, `[batch, ...]`; `weight` is `[classes]`. Targets equal to `ignore_index` count for nothing; the mean
/// is weighted.
///
/// # Errors
/// [`Error::ShapeMismatch`]; [`Error::OutOfBounds`] for indices that are no class.
pub fn nll_loss(x: &Tensor, target: &Tensor, weight: Option<&Tensor>, ignore_index: i64, reduction: Reduction) -> Result<Tensor> {
    class_loss("nll_loss", x, target, weight, ignore_index, reduction, 0.0)
}

/// Cross entropy of logits: [`nll_loss`] of their log-softmax over the classes (axis 1, or 0 of a vector).
///
/// `target` holds class indices (integers, `[batch, ...]`) or probabilities (floats, the shape of `x`). `label_smoothing`
/// mixes the target with the uniform distribution.
///
/// # Errors
/// As [`nll_loss`]; [`Error::Value`] if `label_smoothing` is outside `0..=1`.
pub fn cross_entropy(
    x: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    ignore_index: i64,
    reduction: Reduction,
    label_smoothing: f64,
) -> Result<Tensor> {
    let op = "cross_entropy";
    if !(0.0..=1.0).contains(&label_smoothing) {
        return Err(Error::value(op, format!("label_smoothing must be between 0 and 1, got {label_smoothing}")));
    }
    if x.ndim() == 0 {
        return Err(Error::value(op, "at least 1 dimension is needed"));
    }
    let axis = i64::from(x.ndim() > 1);
    let logs = log_softmax(x, axis)?;
    if !target.dtype().is_floating() {
        return class_loss(op, &logs, target, weight, ignore_index, reduction, label_smoothing);
    }
    check_shape(op, Some(target), x.shape())?;
    let classes = x.shape()[axis as usize];
    check_shape(op, weight, &[classes])?;
    let target = add(&multiply(target, 1.0 - label_smoothing)?, label_smoothing / classes as f64)?;
    let mut terms = multiply(&logs, &target)?;
    if let Some(weight) = weight {
        let mut shape = vec![1; x.ndim()];
        shape[axis as usize] = classes;
        terms = multiply(&terms, &weight.reshape(&shape)?)?;
    }
    let losses = negative(&sum(&terms, Some(&[axis]), None, false)?)?;
    reduce(losses, reduction)
}

/// Losses of class indices from log-probabilities.
fn class_loss(
    op: &'static str,
    logs: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    ignore_index: i64,
    reduction: Reduction,
    smoothing: f64,
) -> Result<Tensor> {
    if !target.dtype().is_integer() {
        return Err(Error::dtype(op, target.dtype(), "class indices must be integers"));
    }
    let p = precision(op, &[logs])?;
    let rank = logs.ndim();
    if rank == 0 {
        return Err(Error::value(op, "at least 1 dimension is needed"));
    }
    let axis = usize::from(rank > 1);
    let classes = logs.shape()[axis];
    let expected: Vec<usize> = logs.shape().iter().enumerate().filter(|(a, _)| *a != axis).map(|(_, &n)| n).collect();
    check_shape(op, Some(target), &expected)?;
    check_shape(op, weight, &[classes])?;
    let weights = match weight {
        Some(weight) => weight.cast_vec::<f64>()?,
        None => vec![1.0; classes],
    };
    let order: Vec<i64> = (0..rank).filter(|&a| a != axis).chain([axis]).map(|a| a as i64).collect();
    let rows = logs.permute(&order)?.cast_vec::<f64>()?;
    let indices = target.cast_vec::<i64>()?;
    let (mut losses, mut total_weight) = (Vec::with_capacity(indices.len()), 0.0);
    for (sample, &index) in indices.iter().enumerate() {
        if index == ignore_index {
            losses.push(0.0);
            continue;
        }
        if index < 0 || index as usize >= classes {
            return Err(Error::OutOfBounds { op, index, axis, size: classes });
        }
        let row = &rows[sample * classes..][..classes];
        let own = weights[index as usize];
        let mut loss = -own * row[index as usize];
        if smoothing > 0.0 {
            let spread: f64 = -row.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>();
            loss = (1.0 - smoothing) * loss + smoothing / classes as f64 * spread;
        }
        total_weight += own;
        losses.push(loss);
    }
    let out = match reduction {
        Reduction::None => Tensor::from_vec(losses, &expected)?,
        Reduction::Sum => Tensor::scalar(losses.iter().sum::<f64>())?,
        Reduction::Mean | Reduction::BatchMean => Tensor::scalar(losses.iter().sum::<f64>() / total_weight)?,
    };
    out.astype(p.result)?.to_device(logs.device())
}
