//! Softmax and its logarithm.

use crate::compose;
use crate::cpu::lane;
use crate::dispatch;
use crate::error::Result;
use crate::layout::normalize_axis;
use crate::nn::precision;
use crate::tensor::Tensor;

/// `exp(x) / Σ exp(x)` along `axis`, without overflow.
///
/// # Errors
/// [`crate::Error::Axis`]; [`crate::Error::DType`] for complex numbers.
///
/// ```
/// use purify_ops::{Tensor, nn};
/// let x = Tensor::from_vec(vec![0.0, 0.0, 1000.0, 1000.0], &[2, 2])?;
/// assert_eq!(nn::softmax(&x, -1)?.to_vec::<f64>()?, [0.5; 4]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn softmax(x: &Tensor, axis: i64) -> Result<Tensor> {
    along("softmax", x, axis, false)
}

/// [`softmax`] of `-x`.
///
/// # Errors
/// As [`softmax`].
pub fn softmin(x: &Tensor, axis: i64) -> Result<Tensor> {
    along("softmin", &compose::negative(x)?, axis, false)
}

/// The logarithm of [`softmax`], computed as `x - logsumexp(x)`.
///
/// # Errors
/// As [`softmax`].
pub fn log_softmax(x: &Tensor, axis: i64) -> Result<Tensor> {
    along("log_softmax", x, axis, true)
}

fn along(op: &'static str, x: &Tensor, axis: i64, log: bool) -> Result<Tensor> {
    let p = precision(op, &[x])?;
    // A 0-d tensor is a lane of one element, as in torch.
    let whole = if x.ndim() == 0 { x.reshape(&[1])? } else { x.clone() };
    let at = normalize_axis(op, axis, whole.shape())?;
    let last = whole.ndim() - 1;
    let moved = p.host(&whole.swap_axes(at, last))?;
    let n = moved.shape()[last];
    let out = Tensor::uninit(op, moved.shape(), p.compute, moved.device())?;
    dispatch!(float: p.compute, T => {
        // SAFETY: `out` is new, so nobody else reads or writes it.
        let target = unsafe { out.as_mut_slice::<T>()? };
        lane::each_lane(if log { lane::log_softmax::<T>() } else { lane::softmax::<T>() }, moved.as_slice()?, n, target);
    }, else ());
    let out = out.astype(p.result)?.swap_axes(at, last).contiguous()?;
    out.reshape(x.shape())?.to_device(x.device())
}

/// `log Σ exp(x)` over `axis` (all axes if `None`), without overflow.
///
/// # Errors
/// As [`softmax`].
pub fn logsumexp(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    let op = "logsumexp";
    let p = precision(op, &[x])?;
    let wide = x.astype(p.compute)?;
    if wide.size() == 0 {
        let sum = compose::sum(&wide, axis, None, keepdims)?;
        return compose::log(&sum)?.astype(p.result);
    }
    let top = compose::max(&wide, axis, true)?;
    // An infinite maximum would give inf - inf; it decides the result alone.
    let shift = compose::select(&compose::less(&compose::abs(&top)?, f64::INFINITY)?, &top, 0.0)?;
    let total = compose::sum(&compose::exp(&compose::subtract(&wide, &shift)?)?, axis, None, keepdims)?;
    let shift = shift.reshape(total.shape())?;
    compose::add(&compose::log(&total)?, &shift)?.astype(p.result)
}
