//! Maximum and mean over windows of images.

use crate::cpu::pooling::{self as kernel, Divisor, Span, Windows};
use crate::dispatch;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::nn::conv::{batched, finish, per_axis, room};
use crate::nn::precision;
use crate::storage::Storage;
use crate::tensor::Tensor;

/// Options of pooling; lists hold one number for all spatial axes, or one per axis.
#[derive(Clone, Copy, Debug)]
pub struct PoolOptions<'a> {
    /// Lengths of the window.
    pub kernel: &'a [usize],
    /// Step between windows; the length of the window if `None`.
    pub stride: Option<&'a [usize]>,
    /// Positions added on both ends of each axis.
    pub padding: &'a [usize],
    /// Step between the elements of a window (maximum only).
    pub dilation: &'a [usize],
    /// Whether windows may leave the input on the right.
    pub ceil_mode: bool,
    /// Whether padding counts in means.
    pub count_include_pad: bool,
    /// What means are divided by, instead of the number of positions.
    pub divisor: Option<usize>,
}

impl<'a> PoolOptions<'a> {
    /// Windows of these lengths side by side, as torch defaults.
    pub fn new(kernel: &'a [usize]) -> Self {
        PoolOptions { kernel, stride: None, padding: &[0], dilation: &[1], ceil_mode: false, count_include_pad: true, divisor: None }
    }
}

fn sliding(op: &'static str, axes: usize, x: &Tensor, options: &PoolOptions<'_>) -> Result<Vec<Vec<Span>>> {
    let kernel = per_axis(op, "kernel_size", options.kernel, axes, 1)?;
    let stride = per_axis(op, "stride", options.stride.unwrap_or(options.kernel), axes, 1)?;
    let padding = per_axis(op, "padding", options.padding, axes, 0)?;
    let dilation = per_axis(op, "dilation", options.dilation, axes, 1)?;
    (0..axes)
        .map(|i| {
            let input = x.shape()[2 + i];
            if padding[i] > kernel[i] / 2 {
                let message = format!("padding {} exceeds half of the window, {}", padding[i], kernel[i]);
                return Err(Error::value(op, message));
            }
            let room = room(op, input, padding[i], kernel[i], dilation[i])?;
            let mut output = room / stride[i] + 1;
            // A window may hang over the end, but must start inside the input or its left padding.
            if options.ceil_mode && room % stride[i] != 0 && output.saturating_mul(stride[i]) < input + padding[i] {
                output += 1;
            }
            Ok(kernel::sliding(input, kernel[i], stride[i], padding[i], dilation[i], output))
        })
        .collect()
}

fn windows(images: &Tensor, spans: Vec<Vec<Span>>) -> (Windows, Vec<usize>) {
    let mut shape = images.shape()[..2].to_vec();
    shape.extend(spans.iter().map(Vec::len));
    let mut input = [1; 3];
    let mut all = [vec![Span { start: 0, end: 1, step: 1, padded: 1 }], Vec::new(), Vec::new()];
    all[1] = all[0].clone();
    all[2] = all[0].clone();
    let first = 3 - spans.len();
    for (i, spans) in spans.into_iter().enumerate() {
        input[first + i] = images.shape()[2 + i];
        all[first + i] = spans;
    }
    (Windows { input, spans: all }, shape)
}

/// Integers are pooled in float64 and returned as they were.
fn result_dtype(x: &Tensor, computed: DType) -> DType {
    if x.dtype().is_integer() { x.dtype() } else { computed }
}

fn max_nd(op: &'static str, axes: usize, x: &Tensor, spans: impl FnOnce(&Tensor) -> Result<Vec<Vec<Span>>>) -> Result<(Tensor, Tensor)> {
    let images = batched(op, x, axes)?;
    let (windows, shape) = windows(&images, spans(&images)?);
    let p = precision(op, &[x])?;
    let data = p.host(&images)?;
    let out = Tensor::uninit(op, &shape, p.compute, data.device())?;
    let places = Tensor::uninit(op, &shape, DType::Int64, data.device())?;
    dispatch!(float: p.compute, T => {
        // SAFETY: both tensors are new, so nobody else reads or writes them.
        let (target, positions) = unsafe { (out.as_mut_slice::<T>()?, places.as_mut_slice::<i64>()?) };
        kernel::max_pool(&windows, data.as_slice()?, T::NEG_INFINITY, target, positions);
    }, else ());
    let out = finish(out, x, axes)?.astype(result_dtype(x, p.result))?.to_device(x.device())?;
    Ok((out, finish(places, x, axes)?.to_device(x.device())?))
}

fn mean_nd(
    op: &'static str,
    axes: usize,
    x: &Tensor,
    divisor: Divisor,
    spans: impl FnOnce(&Tensor) -> Result<Vec<Vec<Span>>>,
) -> Result<Tensor> {
    let images = batched(op, x, axes)?;
    let (windows, shape) = windows(&images, spans(&images)?);
    let p = precision(op, &[x])?;
    let data = p.host(&images)?;
    let out = Tensor::uninit(op, &shape, p.compute, data.device())?;
    dispatch!(float: p.compute, T => {
        // SAFETY: `out` is new, so nobody else reads or writes it.
        let target = unsafe { out.as_mut_slice::<T>()? };
        kernel::avg_pool(&windows, data.as_slice()?, divisor, |n| n as T, target);
    }, else ());
    finish(out, x, axes)?.astype(p.result)?.to_device(x.device())
}

fn divisor(options: &PoolOptions<'_>) -> Divisor {
    match options.divisor {
        Some(n) => Divisor::Fixed(n),
        None if options.count_include_pad => Divisor::Padded,
        None => Divisor::Inside,
    }
}

/// The largest elements of windows along one axis, `[batch, channels, L]` (or `[channels, L]`), and their positions in the
/// input (`int64`). NaN counts as largest.
///
/// # Errors
/// [`Error::Value`] for options that do not fit the shape.
pub fn max_pool1d(x: &Tensor, options: &PoolOptions<'_>) -> Result<(Tensor, Tensor)> {
    max_nd("max_pool1d", 1, x, |x| sliding("max_pool1d", 1, x, options))
}

/// The largest elements of windows over two axes, `[batch, channels, H, W]`, and their positions in the flattened image.
///
/// # Errors
/// As [`max_pool1d`].
pub fn max_pool2d(x: &Tensor, options: &PoolOptions<'_>) -> Result<(Tensor, Tensor)> {
    max_nd("max_pool2d", 2, x, |x| sliding("max_pool2d", 2, x, options))
}

/// The largest elements of windows over three axes, `[batch, channels, D, H, W]`, and their positions in the flattened volume.
///
/// # Errors
/// As [`max_pool1d`].
pub fn max_pool3d(x: &Tensor, options: &PoolOptions<'_>) -> Result<(Tensor, Tensor)> {
    max_nd("max_pool3d", 3, x, |x| sliding("max_pool3d", 3, x, options))
}

/// The means of windows along one axis.
///
/// # Errors
/// As [`max_pool1d`].
pub fn avg_pool1d(x: &Tensor, options: &PoolOptions<'_>) -> Result<Tensor> {
    mean_nd("avg_pool1d", 1, x, divisor(options), |x| sliding("avg_pool1d", 1, x, options))
}

/// The means of windows over two axes.
///
/// # Errors
/// As [`max_pool1d`].
pub fn avg_pool2d(x: &Tensor, options: &PoolOptions<'_>) -> Result<Tensor> {
    mean_nd("avg_pool2d", 2, x, divisor(options), |x| sliding("avg_pool2d", 2, x, options))
}

/// The means of windows over three axes.
///
/// # Errors
/// As [`max_pool1d`].
pub fn avg_pool3d(x: &Tensor, options: &PoolOptions<'_>) -> Result<Tensor> {
    mean_nd("avg_pool3d", 3, x, divisor(options), |x| sliding("avg_pool3d", 3, x, options))
}

/// Windows that cover the input evenly; `None` keeps the length of an axis.
fn adaptive(op: &'static str, x: &Tensor, output: &[Option<usize>]) -> Result<Vec<Vec<Span>>> {
    output
        .iter()
        .zip(&x.shape()[2..])
        .map(|(output, &input)| {
            if input == 0 {
                return Err(Error::value(op, format!("spatial axes must not be empty, got shape {:?}", x.shape())));
            }
            let output = output.unwrap_or(input);
            // The table of windows aborts where there is no memory for it.
            drop(Storage::host(output.saturating_mul(size_of::<Span>()))?);
            Ok(kernel::adaptive(input, output))
        })
        .collect()
}

/// The means of `output` windows that cover the axis evenly; `None` keeps the length.
///
/// # Errors
/// [`Error::Value`] for an empty axis.
pub fn adaptive_avg_pool1d(x: &Tensor, output: Option<usize>) -> Result<Tensor> {
    mean_nd("adaptive_avg_pool1d", 1, x, Divisor::Inside, |x| adaptive("adaptive_avg_pool1d", x, &[output]))
}

/// As [`adaptive_avg_pool1d`], over two axes.
///
/// # Errors
/// As [`adaptive_avg_pool1d`].
pub fn adaptive_avg_pool2d(x: &Tensor, output: [Option<usize>; 2]) -> Result<Tensor> {
    // One window is a mean, which torch takes of any number of leading axes.
    if output == [Some(1); 2] && x.ndim() > 1 && x.dtype().is_floating() && x.shape()[x.ndim() - 2..].iter().all(|&n| n > 0) {
        return crate::statistical::mean(x, Some(&[-2, -1]), true);
    }
    mean_nd("adaptive_avg_pool2d", 2, x, Divisor::Inside, |x| adaptive("adaptive_avg_pool2d", x, &output))
}

/// The largest elements of `output` windows that cover the axis evenly, and their positions.
///
/// # Errors
/// As [`adaptive_avg_pool1d`].
pub fn adaptive_max_pool1d(x: &Tensor, output: Option<usize>) -> Result<(Tensor, Tensor)> {
    max_nd("adaptive_max_pool1d", 1, x, |x| adaptive("adaptive_max_pool1d", x, &[output]))
}

/// As [`adaptive_max_pool1d`], over two axes.
///
/// # Errors
/// As [`adaptive_avg_pool1d`].
pub fn adaptive_max_pool2d(x: &Tensor, output: [Option<usize>; 2]) -> Result<(Tensor, Tensor)> {
    max_nd("adaptive_max_pool2d", 2, x, |x| adaptive("adaptive_max_pool2d", x, &output))
}
