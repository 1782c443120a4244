//! Sample frequencies of transforms, and moving the zero frequency to the centre.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::{normalize_axes, normalize_axis};
use crate::storage::Device;
use crate::tensor::Tensor;

/// The frequencies of the terms of an [`fft`](super::fft()) of length `n` with sample spacing `d`: `[n]`, float64 unless
/// `dtype` says otherwise.
///
/// # Errors
/// [`Error::Value`] if `n` or `d` is zero; [`Error::DType`] unless the dtype is a real float.
///
/// ```
/// use purify_ops::fft::fftfreq;
/// use purify_ops::Device;
/// assert_eq!(fftfreq(4, 0.5, None, Device::Cpu)?.to_vec::<f64>()?, [0.0, 0.5, -1.0, -0.5]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn fftfreq(n: usize, d: f64, dtype: Option<DType>, device: Device) -> Result<Tensor> {
    let signed = |i: usize| if i < n.div_ceil(2) { i as f64 } else { i as f64 - n as f64 };
    frequencies("fftfreq", n, n, d, signed, dtype, device)
}

/// The frequencies of the terms of an [`rfft`](super::rfft) of length `n`: `[n / 2 + 1]`, else as [`fftfreq`].
///
/// # Errors
/// As [`fftfreq`].
pub fn rfftfreq(n: usize, d: f64, dtype: Option<DType>, device: Device) -> Result<Tensor> {
    frequencies("rfftfreq", n, n / 2 + 1, d, |i| i as f64, dtype, device)
}

fn frequencies(
    op: &'static str,
    n: usize,
    count: usize,
    d: f64,
    index: impl Fn(usize) -> f64,
    dtype: Option<DType>,
    device: Device,
) -> Result<Tensor> {
    if n == 0 || d == 0.0 {
        return Err(Error::value(op, format!("n and d must not be zero, got n={n}, d={d}")));
    }
    let dtype = dtype.unwrap_or(DType::Float64);
    if !dtype.is_real_float() {
        return Err(Error::dtype(op, dtype, "it makes real floating point numbers"));
    }
    let step = 1.0 / (n as f64 * d);
    let mut values = crate::memory::zeros::<f64>(count)?;
    values.iter_mut().enumerate().for_each(|(i, value)| *value = index(i) * step);
    Tensor::from_vec(values, &[count])?.astype(dtype)?.to_device(device)
}

/// Moves the zero frequency to the centre of the given axes (all by default).
///
/// # Errors
/// [`Error::Axis`], [`Error::RepeatedAxis`].
pub fn fftshift(x: &Tensor, axes: Option<&[i64]>) -> Result<Tensor> {
    rotate("fftshift", x, axes, |n| n / 2)
}

/// The inverse of [`fftshift`].
///
/// # Errors
/// [`Error::Axis`], [`Error::RepeatedAxis`].
pub fn ifftshift(x: &Tensor, axes: Option<&[i64]>) -> Result<Tensor> {
    rotate("ifftshift", x, axes, |n| n - n / 2)
}

/// Rotates axes to the right.
fn rotate(op: &'static str, x: &Tensor, axes: Option<&[i64]>, shift: impl Fn(usize) -> usize) -> Result<Tensor> {
    let axes = match axes {
        Some(axes) => {
            normalize_axes(op, axes, x.shape())?;
            axes.to_vec()
        }
        None => (0..x.ndim() as i64).collect(),
    };
    let mut out = x.clone();
    for axis in axes {
        let axis = normalize_axis(op, axis, x.shape())?;
        let n = x.shape()[axis];
        let shift = if n == 0 { 0 } else { shift(n) % n };
        if shift == 0 {
            continue;
        }
        let rotated = Tensor::uninit(op, x.shape(), x.dtype(), x.device())?;
        rotated.slice(axis, shift, n - shift, 1).assign(&out.slice(axis, 0, n - shift, 1))?;
        rotated.slice(axis, 0, shift, 1).assign(&out.slice(axis, n - shift, shift, 1))?;
        out = rotated;
    }
    if out.storage().same(x.storage()) { out.copy() } else { Ok(out) }
}
