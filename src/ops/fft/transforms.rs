//! Transforms along one or several axes.

use crate::compose;
use crate::cpu::fft::{self as kernel, Lanes};
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::layout::{Shape, normalize_axes, normalize_axis};
use crate::storage::{Device, Storage};
use crate::tensor::Tensor;
use num_complex::Complex;

/// Where the factor `1/n` goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Norm {
    /// On the inverse transform.
    #[default]
    Backward,
    /// Its square root on both.
    Ortho,
    /// On the forward transform.
    Forward,
}

impl Norm {
    /// The norm of that name.
    ///
    /// # Errors
    /// [`Error::Value`] for names other than `"backward"`, `"ortho"` and `"forward"`.
    pub fn from_name(name: &str) -> Result<Norm> {
        match name {
            "backward" => Ok(Norm::Backward),
            "ortho" => Ok(Norm::Ortho),
            "forward" => Ok(Norm::Forward),
            _ => Err(Error::value("fft", format!("norm {name:?} is unknown; use \"backward\", \"ortho\" or \"forward\""))),
        }
    }

    /// The factor on a transform of length `n`.
    fn scale(self, n: usize, inverse: bool) -> f64 {
        match (self, inverse) {
            (Norm::Ortho, _) => 1.0 / (n as f64).sqrt(),
            (Norm::Backward, true) | (Norm::Forward, false) => 1.0 / n as f64,
            _ => 1.0,
        }
    }

    /// The norm with which a forward transform scales as this one's inverse does.
    fn swapped(self) -> Norm {
        match self {
            Norm::Backward => Norm::Forward,
            Norm::Ortho => Norm::Ortho,
            Norm::Forward => Norm::Backward,
        }
    }
}

/// Runs `$body` with `$T` bound to the real type a transform is computed in.
macro_rules! precision {
    ($dtype:expr, $T:ident => $body:expr) => {
        if single($dtype) {
            type $T = f32;
            $body
        } else {
            type $T = f64;
            $body
        }
    };
}

/// Whether a dtype is transformed in single precision.
fn single(dtype: DType) -> bool {
    matches!(dtype, DType::Float16 | DType::BFloat16 | DType::Float32 | DType::Complex64)
}

/// Lengths from which a plan and its work space are big enough to ask for the memory beforehand.
const LONG: usize = 1 << 22;

/// Lets `run` fill a new tensor with the shape of `x`, but `m` along `axis`, from the lanes of `x`; `n` is the length of the
/// transform.
fn along<A: Element, B: Element>(
    op: &'static str,
    x: &Tensor,
    axis: usize,
    n: usize,
    m: usize,
    run: impl FnOnce(Lanes, &[A], &mut [B]),
) -> Result<Tensor> {
    let mut shape = Shape::from_slice(x.shape());
    shape[axis] = m;
    let out = Tensor::uninit(op, &shape, B::DTYPE, Device::Cpu)?;
    if n >= LONG {
        // The planner and the work space take three to four times the transform, and abort where there is none.
        drop(Storage::host(n.saturating_mul(4 * size_of::<Complex<f64>>()))?);
    }
    let host = x.to_device(Device::Cpu)?.astype(A::DTYPE)?.contiguous()?;
    let product = |lengths: &[usize]| lengths.iter().product();
    let lanes = Lanes { outer: product(&x.shape()[..axis]), length: x.shape()[axis], inner: product(&x.shape()[axis + 1..]) };
    // SAFETY: `out` is new, so nobody else reads or writes it.
    run(lanes, host.as_slice()?, unsafe { out.as_mut_slice()? });
    out.to_device(x.device())
}

fn length(op: &'static str, x: &Tensor, n: Option<usize>, axis: i64) -> Result<(usize, usize)> {
    let axis = normalize_axis(op, axis, x.shape())?;
    let n = n.unwrap_or(x.shape()[axis]);
    if n == 0 {
        return Err(Error::value(op, "the transform needs at least 1 data point along its axis, got 0"));
    }
    Ok((n, axis))
}

fn complex_to_complex(op: &'static str, x: &Tensor, n: Option<usize>, axis: i64, norm: Norm, inverse: bool) -> Result<Tensor> {
    let (n, axis) = length(op, x, n, axis)?;
    precision!(x.dtype(), T => {
        along(op, x, axis, n, n, |lanes, input: &[Complex<T>], out| {
            kernel::complex(lanes, input, out, n, inverse, norm.scale(n, inverse) as T);
        })
    })
}

/// The Fourier transform along `axis`, of length `n` (cut or padded with zeros; the length of the axis by default).
///
/// Any dtype, to complex64 or complex128.
///
/// # Errors
/// [`Error::Axis`]; [`Error::Value`] for length 0.
///
/// ```
/// use purify_ops::{Complex128, Tensor, fft::{self, Norm}};
/// let x = Tensor::from_vec(vec![1.0, 0.0, -1.0, 0.0], &[4])?;
/// let y = fft::fft(&x, None, -1, Norm::Backward)?.to_vec::<Complex128>()?;
/// assert_eq!(y.iter().map(|z| z.re).collect::<Vec<_>>(), [0.0, 2.0, 0.0, 2.0]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn fft(x: &Tensor, n: Option<usize>, axis: i64, norm: Norm) -> Result<Tensor> {
    complex_to_complex("fft", x, n, axis, norm, false)
}

/// The inverse of [`fft()`].
///
/// # Errors
/// As [`fft()`].
pub fn ifft(x: &Tensor, n: Option<usize>, axis: i64, norm: Norm) -> Result<Tensor> {
    complex_to_complex("ifft", x, n, axis, norm, true)
}

/// The `n / 2 + 1` terms of non-negative frequency of the transform of real input.
///
/// # Errors
/// As [`fft()`]; [`Error::DType`] for complex input.
pub fn rfft(x: &Tensor, n: Option<usize>, axis: i64, norm: Norm) -> Result<Tensor> {
    rfft_as("rfft", x, n, axis, norm)
}

fn rfft_as(op: &'static str, x: &Tensor, n: Option<usize>, axis: i64, norm: Norm) -> Result<Tensor> {
    if x.dtype().is_complex() {
        return Err(Error::dtype(op, x.dtype(), "it transforms real numbers; use fft for complex ones"));
    }
    let (n, axis) = length(op, x, n, axis)?;
    precision!(x.dtype(), T => {
        along(op, x, axis, n, n / 2 + 1, |lanes, input: &[T], out| {
            kernel::real_to_complex(lanes, input, out, n, norm.scale(n, false) as T);
        })
    })
}

/// The inverse of [`rfft`]: `n` real elements, by default `2 (m - 1)` for an axis of length `m`. The imaginary parts of the
/// first term and, for even `n`, of term `n / 2` are ignored.
///
/// # Errors
/// As [`fft()`].
pub fn irfft(x: &Tensor, n: Option<usize>, axis: i64, norm: Norm) -> Result<Tensor> {
    irfft_as("irfft", x, n, axis, norm)
}

fn irfft_as(op: &'static str, x: &Tensor, n: Option<usize>, axis: i64, norm: Norm) -> Result<Tensor> {
    let at = normalize_axis(op, axis, x.shape())?;
    let n = n.unwrap_or_else(|| 2 * x.shape()[at].saturating_sub(1));
    let (n, axis) = length(op, x, Some(n), axis)?;
    precision!(x.dtype(), T => {
        along(op, x, axis, n, n, |lanes, input: &[Complex<T>], out| {
            kernel::complex_to_real(lanes, input, out, n, norm.scale(n, true) as T);
        })
    })
}

/// The transform of a signal with Hermitian symmetry (given by its non-negative half), which is real: `n` elements, by
/// default `2 (m - 1)`.
///
/// # Errors
/// As [`fft()`].
pub fn hfft(x: &Tensor, n: Option<usize>, axis: i64, norm: Norm) -> Result<Tensor> {
    irfft_as("hfft", &compose::conj(x)?, n, axis, norm.swapped())
}

/// The inverse of [`hfft`]: `n / 2 + 1` terms of real input.
///
/// # Errors
/// As [`rfft`].
pub fn ihfft(x: &Tensor, n: Option<usize>, axis: i64, norm: Norm) -> Result<Tensor> {
    compose::conj(&rfft_as("ihfft", x, n, axis, norm.swapped())?)
}

/// The axes of a transform over several axes and its length along each.
fn plan(op: &'static str, x: &Tensor, s: Option<&[usize]>, axes: Option<&[i64]>) -> Result<Vec<(usize, Option<usize>)>> {
    let axes: Vec<i64> = match (axes, s) {
        (Some(axes), _) => axes.to_vec(),
        (None, Some(s)) => (0..s.len()).map(|i| i as i64 - s.len() as i64).collect(),
        (None, None) => (0..x.ndim() as i64).collect(),
    };
    if s.is_some_and(|s| s.len() != axes.len()) {
        let message = format!("{} lengths given for {} axes", s.map_or(0, <[_]>::len), axes.len());
        return Err(Error::value(op, message));
    }
    // NumPy transforms an axis that is named twice twice; the standard leaves it open. It is an error here.
    let axes = normalize_axes(op, &axes, x.shape())?;
    Ok(axes.iter().enumerate().map(|(i, &axis)| (axis, s.map(|s| s[i]))).collect())
}

fn complex_n(op: &'static str, x: &Tensor, s: Option<&[usize]>, axes: Option<&[i64]>, norm: Norm, inverse: bool) -> Result<Tensor> {
    let plan = plan(op, x, s, axes)?;
    let mut out = x.clone();
    for &(axis, n) in plan.iter().rev() {
        out = complex_to_complex(op, &out, n, axis as i64, norm, inverse)?;
    }
    if plan.is_empty() {
        let dtype = if single(x.dtype()) { DType::Complex64 } else { DType::Complex128 };
        return x.astype(dtype)?.copy();
    }
    Ok(out)
}

/// The transform over several axes (by default all, or the last `s.len()`), with lengths `s`.
///
/// # Errors
/// As [`fft()`]; [`Error::RepeatedAxis`]; [`Error::Value`] if `s` and `axes` differ in length.
pub fn fftn(x: &Tensor, s: Option<&[usize]>, axes: Option<&[i64]>, norm: Norm) -> Result<Tensor> {
    complex_n("fftn", x, s, axes, norm, false)
}

/// The inverse of [`fftn`].
///
/// # Errors
/// As [`fftn`].
pub fn ifftn(x: &Tensor, s: Option<&[usize]>, axes: Option<&[i64]>, norm: Norm) -> Result<Tensor> {
    complex_n("ifftn", x, s, axes, norm, true)
}

fn rfft_n(op: &'static str, x: &Tensor, s: Option<&[usize]>, axes: Option<&[i64]>, norm: Norm) -> Result<Tensor> {
    let plan = plan(op, x, s, axes)?;
    let Some((&(last, n), rest)) = plan.split_last() else {
        return Err(Error::value(op, "at least 1 axis is needed"));
    };
    let mut out = rfft_as(op, x, n, last as i64, norm)?;
    for &(axis, n) in rest.iter().rev() {
        out = complex_to_complex(op, &out, n, axis as i64, norm, false)?;
    }
    Ok(out)
}

fn irfft_n(op: &'static str, x: &Tensor, s: Option<&[usize]>, axes: Option<&[i64]>, norm: Norm) -> Result<Tensor> {
    let plan = plan(op, x, s, axes)?;
    let Some((&(last, n), rest)) = plan.split_last() else {
        return Err(Error::value(op, "at least 1 axis is needed"));
    };
    let mut out = x.clone();
    for &(axis, n) in rest {
        out = complex_to_complex(op, &out, n, axis as i64, norm, true)?;
    }
    irfft_as(op, &out, n, last as i64, norm)
}

/// The transform of real input over several axes; the last of them keeps the terms of non-negative frequency.
///
/// # Errors
/// As [`fftn`]; [`Error::DType`] for complex input.
pub fn rfftn(x: &Tensor, s: Option<&[usize]>, axes: Option<&[i64]>, norm: Norm) -> Result<Tensor> {
    rfft_n("rfftn", x, s, axes, norm)
}

/// The inverse of [`rfftn`]; the last axis gets length `2 (m - 1)` unless `s` says otherwise.
///
/// # Errors
/// As [`fftn`].
pub fn irfftn(x: &Tensor, s: Option<&[usize]>, axes: Option<&[i64]>, norm: Norm) -> Result<Tensor> {
    irfft_n("irfftn", x, s, axes, norm)
}

/// [`fftn`] over two axes, by default the last two.
///
/// # Errors
/// As [`fftn`].
pub fn fft2(x: &Tensor, s: Option<&[usize]>, axes: [i64; 2], norm: Norm) -> Result<Tensor> {
    complex_n("fft2", x, s, Some(&axes), norm, false)
}

/// [`ifftn`] over two axes.
///
/// # Errors
/// As [`fftn`].
pub fn ifft2(x: &Tensor, s: Option<&[usize]>, axes: [i64; 2], norm: Norm) -> Result<Tensor> {
    complex_n("ifft2", x, s, Some(&axes), norm, true)
}

/// [`rfftn`] over two axes.
///
/// # Errors
/// As [`rfftn`].
pub fn rfft2(x: &Tensor, s: Option<&[usize]>, axes: [i64; 2], norm: Norm) -> Result<Tensor> {
    rfft_n("rfft2", x, s, Some(&axes), norm)
}

/// [`irfftn`] over two axes.
///
/// # Errors
/// As [`irfftn`].
pub fn irfft2(x: &Tensor, s: Option<&[usize]>, axes: [i64; 2], norm: Norm) -> Result<Tensor> {
    irfft_n("irfft2", x, s, Some(&axes), norm)
}
