//! Resizing of images, and moving pixels between channels and space.

use crate::cpu::pooling::{Divisor, Windows, adaptive, avg_pool};
use crate::cpu::resample::{self, Kernel};
use crate::dispatch;
use crate::error::{Error, Result};
use crate::layout::checked_size;
use crate::memory::zeros;
use crate::nn::precision;
use crate::tensor::Tensor;

/// How [`interpolate`] fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The element a position falls into.
    Nearest,
    /// The element whose centre is closest.
    NearestExact,
    /// Linear along each spatial axis (`linear`, `bilinear`, `trilinear`).
    Linear,
    /// Cubic convolution along each spatial axis.
    Cubic,
    /// Means of the covered elements.
    Area,
}

/// Resizes the spatial axes of `[batch, channels, ...]` (one to three of them) to `size`, or by `scale_factor`.
///
/// With `align_corners` (linear and cubic only) the corner elements keep their values; else elements are areas. A scale
/// factor that is given also fixes the positions, as in torch.
///
/// # Errors
/// [`Error::Value`] unless exactly one of `size` and `scale_factor` is given, with one number per spatial axis (or one for
/// all), or for empty axes.
pub fn interpolate(
    x: &Tensor,
    size: Option<&[usize]>,
    scale_factor: Option<&[f64]>,
    mode: Interpolation,
    align_corners: bool,
) -> Result<Tensor> {
    let op = "interpolate";
    let axes = x.ndim().saturating_sub(2);
    if !(1..=3).contains(&axes) {
        return Err(Error::value(op, format!("[batch, channels, ...] with 1 to 3 spatial axes is needed, got {:?}", x.shape())));
    }
    let spatial = &x.shape()[2..];
    let (output, scales): (Vec<usize>, Vec<Option<f64>>) = match (size, scale_factor) {
        (Some(size), None) if size.len() == axes => (size.to_vec(), vec![None; axes]),
        (Some(&[size]), None) => (vec![size; axes], vec![None; axes]),
        (None, Some(factors)) if factors.len() == axes || factors.len() == 1 => {
            let factor = |i: usize| factors[i.min(factors.len() - 1)];
            let output = (0..axes).map(|i| (spatial[i] as f64 * factor(i)).floor() as usize).collect();
            (output, (0..axes).map(|i| Some(1.0 / factor(i))).collect())
        }
        _ => {
            let message = format!("give size or scale_factor, with 1 or {axes} numbers");
            return Err(Error::value(op, message));
        }
    };
    if spatial.contains(&0) || output.contains(&0) {
        return Err(Error::value(op, format!("spatial axes must not be empty, got {spatial:?} to {output:?}")));
    }
    let p = precision(op, &[x])?;
    let data = p.host(x)?;
    let mut shape = x.shape().to_vec();
    // Whether there is memory for the result is asked first: what follows makes tables of its lengths.
    drop(Tensor::uninit(op, &[&shape[..2], &output[..]].concat(), p.compute, data.device())?);
    let out = dispatch!(float: p.compute, T => {
        let mut values = data.to_vec::<T>()?;
        if mode == Interpolation::Area {
            let mut spans: [Vec<_>; 3] = std::array::from_fn(|_| adaptive(1, 1));
            let mut input = [1; 3];
            for i in 0..axes {
                input[3 - axes + i] = spatial[i];
                spans[3 - axes + i] = adaptive(spatial[i], output[i]);
            }
            shape[2..].copy_from_slice(&output);
            let mut out = zeros(checked_size(op, &shape)?)?;
            avg_pool(&Windows { input, spans }, &values, Divisor::Inside, |n| n as T, &mut out);
            values = out;
        } else {
            let kernel = match mode {
                Interpolation::Nearest => Kernel::Nearest,
                Interpolation::NearestExact => Kernel::NearestExact,
                Interpolation::Linear => Kernel::Linear,
                _ => Kernel::Cubic,
            };
            for axis in (0..axes).rev() {
                let input = shape[2 + axis];
                // Only linear and cubic positions are changed by an axis that keeps its length and has a scale.
                if input == output[axis] && scales[axis].is_none() {
                    continue;
                }
                let taps = resample::taps(kernel, input, output[axis], scales[axis], align_corners);
                let inner: usize = shape[3 + axis..].iter().product();
                shape[2 + axis] = output[axis];
                let mut out = zeros(checked_size(op, &shape)?)?;
                resample::resample(&taps, &values, input, inner, |w| w as T, &mut out);
                values = out;
            }
        }
        Tensor::from_vec(values, &shape)?
    }, else data);
    out.astype(p.result)?.to_device(x.device())
}

/// Moves blocks of `r²` channels into space: `[..., c r², h, w]` to `[..., c, h r, w r]`.
///
/// # Errors
/// [`Error::Value`] if `r²` does not divide the channels.
pub fn pixel_shuffle(x: &Tensor, upscale_factor: usize) -> Result<Tensor> {
    let (op, r) = ("pixel_shuffle", upscale_factor);
    let (lead, [channels, height, width]) = image(op, x)?;
    if r == 0 || channels % (r * r) != 0 {
        return Err(Error::value(op, format!("{channels} channels are not a multiple of {r} squared")));
    }
    let c = channels / (r * r);
    let split = [lead, &[c, r, r, height, width]].concat();
    let n = lead.len() as i64;
    let order: Vec<i64> = (0..n).chain([n, n + 3, n + 1, n + 4, n + 2]).collect();
    x.reshape(&split)?.permute(&order)?.reshape(&[lead, &[c, height * r, width * r]].concat())
}

/// The inverse of [`pixel_shuffle`]: `[..., c, h r, w r]` to `[..., c r², h, w]`.
///
/// # Errors
/// [`Error::Value`] if `r` does not divide height and width.
pub fn pixel_unshuffle(x: &Tensor, downscale_factor: usize) -> Result<Tensor> {
    let (op, r) = ("pixel_unshuffle", downscale_factor);
    let (lead, [channels, height, width]) = image(op, x)?;
    if r == 0 || height % r != 0 || width % r != 0 {
        return Err(Error::value(op, format!("{height} x {width} pixels are not a multiple of {r}")));
    }
    let split = [lead, &[channels, height / r, r, width / r, r]].concat();
    let n = lead.len() as i64;
    let order: Vec<i64> = (0..n).chain([n, n + 2, n + 4, n + 1, n + 3]).collect();
    x.reshape(&split)?.permute(&order)?.reshape(&[lead, &[channels * r * r, height / r, width / r]].concat())
}

fn image<'a>(op: &'static str, x: &'a Tensor) -> Result<(&'a [usize], [usize; 3])> {
    match x.shape() {
        [lead @ .., channels, height, width] => Ok((lead, [*channels, *height, *width])),
        shape => Err(Error::value(op, format!("at least 3 dimensions are needed, got shape {shape:?}"))),
    }
}
