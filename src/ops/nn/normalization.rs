//! Normalisation by mean and variance.

use crate::compose;
use crate::cpu::chunks::{for_each_lanes, for_each_lanes2};
use crate::cpu::lane::{self, Real};
use crate::dispatch;
use crate::error::{Error, Result};
use crate::linalg::vector_norm;
use crate::nn::{check_shape, precision, present};
use crate::tensor::Tensor;

fn slice<T: crate::Element>(x: &Option<Tensor>) -> Result<Option<&[T]>> {
    x.as_ref().map(|x| x.as_slice::<T>()).transpose()
}

/// `(x - mean) / √(var + eps) * weight + bias` over the last axes, which must have the lengths `normalized_shape`; the
/// variance is that of the population.
///
/// # Errors
/// [`Error::ShapeMismatch`] if `x`, `weight` or `bias` do not fit `normalized_shape`.
pub fn layer_norm(x: &Tensor, normalized_shape: &[usize], weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) -> Result<Tensor> {
    lane_norm("layer_norm", x, normalized_shape, weight, bias, Some(eps), true)
}

/// `x / √(mean(x²) + eps) * weight` over the last axes. Without `eps`, the machine epsilon of the dtype.
///
/// # Errors
/// As [`layer_norm`].
pub fn rms_norm(x: &Tensor, normalized_shape: &[usize], weight: Option<&Tensor>, eps: Option<f64>) -> Result<Tensor> {
    lane_norm("rms_norm", x, normalized_shape, weight, None, eps, false)
}

fn lane_norm(
    op: &'static str,
    x: &Tensor,
    normalized: &[usize],
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    eps: Option<f64>,
    centred: bool,
) -> Result<Tensor> {
    if normalized.is_empty() || !x.shape().ends_with(normalized) {
        return Err(Error::ShapeMismatch { op, expected: normalized.to_vec(), got: x.shape().to_vec() });
    }
    check_shape(op, weight, normalized)?;
    check_shape(op, bias, normalized)?;
    let p = precision(op, &present(&[x], &[weight, bias]))?;
    let n: usize = normalized.iter().product();
    let (data, weight, bias) = (p.host(x)?, p.host_option(weight)?, p.host_option(bias)?);
    let out = Tensor::uninit(op, x.shape(), p.compute, data.device())?;
    let eps = match eps {
        Some(eps) => eps,
        None => crate::promote::finfo(p.result)?.eps,
    };
    dispatch!(float: p.compute, T => {
        let (input, weight, bias) = (data.as_slice::<T>()?, slice::<T>(&weight)?, slice::<T>(&bias)?);
        // SAFETY: `out` is new, so nobody else reads or writes it.
        let target = unsafe { out.as_mut_slice::<T>()? };
        if n > 0 {
            for_each_lanes(target, n, 3, |first, lanes| {
                for (i, lane) in lanes.chunks_exact_mut(n).enumerate() {
                    let source = &input[(first + i) * n..][..n];
                    let mean = if centred { lane::total(source) / n as f64 } else { 0.0 };
                    let variance = lane::squares(source, mean) / n as f64;
                    let scale = T::from_f64(1.0 / (variance + eps).sqrt());
                    lane::normalize(source, lane, T::from_f64(mean), scale, weight, bias);
                }
            });
        }
    }, else ());
    out.astype(p.result)?.to_device(x.device())
}

/// Batch, channels and pixels per channel of an image tensor.
fn image(op: &'static str, x: &Tensor) -> Result<[usize; 3]> {
    match x.shape() {
        [batch, channels, pixels @ ..] => Ok([*batch, *channels, pixels.iter().product()]),
        shape => Err(Error::value(op, format!("[batch, channels, ...] is needed, got shape {shape:?}"))),
    }
}

/// Normalises every channel by the mean and variance over the batch and all pixels (`training`), or by the running
/// statistics.
///
/// `x` is `[batch, channels, ...]`; the other operands are `[channels]`. In training, running statistics that are given are
/// updated in place: `(1 - momentum) * old + momentum * new`, the running variance with Bessel's correction, as in torch.
///
/// # Errors
/// [`Error::ShapeMismatch`]; [`Error::Value`] if running statistics are missing outside training, or for a training batch
/// of one value per channel.
#[expect(clippy::too_many_arguments, reason = "the signature users know")]
pub fn batch_norm(
    x: &Tensor,
    running_mean: Option<&Tensor>,
    running_var: Option<&Tensor>,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    training: bool,
    momentum: f64,
    eps: f64,
) -> Result<Tensor> {
    let op = "batch_norm";
    let [batch, channels, pixels] = image(op, x)?;
    for operand in [running_mean, running_var, weight, bias] {
        check_shape(op, operand, &[channels])?;
    }
    let p = precision(op, &present(&[x], &[weight, bias]))?;
    let data = p.host(x)?;
    let count = batch * pixels;
    if training && count <= 1 {
        let message = format!("more than 1 value per channel is needed in training, got shape {:?}", x.shape());
        return Err(Error::value(op, message));
    }
    let (mut means, mut variances) = (vec![0.0; channels], vec![0.0; channels]);
    if training {
        dispatch!(float: p.compute, T => {
            let input = data.as_slice::<T>()?;
            let planes = |c: usize| (0..batch).map(move |b| &input[(b * channels + c) * pixels..][..pixels]);
            for_each_lanes2(&mut means, 1, &mut variances, 1, count, |first, means, variances| {
                for (i, (mean, variance)) in means.iter_mut().zip(variances).enumerate() {
                    *mean = planes(first + i).map(lane::total).sum::<f64>() / count as f64;
                    *variance = planes(first + i).map(|x| lane::squares(x, *mean)).sum::<f64>() / count as f64;
                }
            });
        }, else ());
        let update = |running: Option<&Tensor>, new: &[f64], correction: f64| -> Result<()> {
            let Some(running) = running else { return Ok(()) };
            let old = running.cast_vec::<f64>()?;
            let mix = |(old, new): (&f64, &f64)| (1.0 - momentum) * old + momentum * correction * new;
            let mixed: Vec<f64> = old.iter().zip(new).map(mix).collect();
            running.assign(&Tensor::from_vec(mixed, &[channels])?.astype(running.dtype())?)
        };
        update(running_mean, &means, 1.0)?;
        update(running_var, &variances, count as f64 / (count as f64 - 1.0))?;
    } else {
        let (Some(mean), Some(variance)) = (running_mean, running_var) else {
            return Err(Error::value(op, "running_mean and running_var are needed unless training"));
        };
        (means, variances) = (mean.cast_vec::<f64>()?, variance.cast_vec::<f64>()?);
    }
    let factors = |x: Option<&Tensor>, default: f64| match x {
        Some(x) => x.cast_vec::<f64>(),
        None => Ok(vec![default; channels]),
    };
    let (weight, bias) = (factors(weight, 1.0)?, factors(bias, 0.0)?);
    let scales: Vec<f64> = variances.iter().zip(&weight).map(|(v, w)| w / (v + eps).sqrt()).collect();
    let out = Tensor::uninit(op, x.shape(), p.compute, data.device())?;
    dispatch!(float: p.compute, T => {
        let input = data.as_slice::<T>()?;
        // SAFETY: `out` is new, so nobody else reads or writes it.
        let target = unsafe { out.as_mut_slice::<T>()? };
        if pixels > 0 {
            for_each_lanes(target, pixels, 1, |first, planes| {
                for (i, plane) in planes.chunks_exact_mut(pixels).enumerate() {
                    let channel = (first + i) % channels;
                    let shift = bias[channel] - means[channel] * scales[channel];
                    let source = &input[(first + i) * pixels..][..pixels];
                    lane::affine(source, plane, T::from_f64(scales[channel]), T::from_f64(shift));
                }
            });
        }
    }, else ());
    out.astype(p.result)?.to_device(x.device())
}

/// Normalises groups of channels of every image: `x` is `[batch, channels, ...]`, `weight` and `bias` are `[channels]`.
///
/// # Errors
/// [`Error::ShapeMismatch`]; [`Error::Value`] if `groups` does not divide the channels.
pub fn group_norm(x: &Tensor, groups: usize, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) -> Result<Tensor> {
    grouped("group_norm", x, groups, weight, bias, eps)
}

/// Normalises every channel of every image by its own mean and variance.
///
/// # Errors
/// As [`group_norm`].
pub fn instance_norm(x: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) -> Result<Tensor> {
    let [_, channels, _] = image("instance_norm", x)?;
    grouped("instance_norm", x, channels.max(1), weight, bias, eps)
}

fn grouped(op: &'static str, x: &Tensor, groups: usize, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) -> Result<Tensor> {
    let [_, channels, pixels] = image(op, x)?;
    if groups == 0 || channels % groups != 0 {
        return Err(Error::value(op, format!("{channels} channels do not divide into {groups} groups")));
    }
    check_shape(op, weight, &[channels])?;
    check_shape(op, bias, &[channels])?;
    let p = precision(op, &present(&[x], &[weight, bias]))?;
    let (data, weight, bias) = (p.host(x)?, p.host_option(weight)?, p.host_option(bias)?);
    let out = Tensor::uninit(op, x.shape(), p.compute, data.device())?;
    let per_group = channels / groups;
    let n = per_group * pixels;
    dispatch!(float: p.compute, T => {
        let (input, weight, bias) = (data.as_slice::<T>()?, slice::<T>(&weight)?, slice::<T>(&bias)?);
        // SAFETY: `out` is new, so nobody else reads or writes it.
        let target = unsafe { out.as_mut_slice::<T>()? };
        if n > 0 {
            for_each_lanes(target, n, 3, |first, lanes| {
                for (i, lane) in lanes.chunks_exact_mut(n).enumerate() {
                    let source = &input[(first + i) * n..][..n];
                    let mean = lane::total(source) / n as f64;
                    let inverse = 1.0 / (lane::squares(source, mean) / n as f64 + eps).sqrt();
                    let planes = source.chunks_exact(pixels).zip(lane.chunks_exact_mut(pixels));
                    for (c, (plane, out)) in planes.enumerate() {
                        let channel = (first + i) % groups * per_group + c;
                        let scale = inverse * weight.map_or(1.0, |w| w[channel].to_f64());
                        let shift = bias.map_or(0.0, |b| b[channel].to_f64()) - mean * scale;
                        lane::affine(plane, out, T::from_f64(scale), T::from_f64(shift));
                    }
                }
            });
        }
    }, else ());
    out.astype(p.result)?.to_device(x.device())
}

/// `x / max(‖x‖_p, eps)` along `axis`.
///
/// # Errors
/// [`Error::Axis`].
pub fn normalize(x: &Tensor, p: f64, axis: i64, eps: f64) -> Result<Tensor> {
    let norm = vector_norm(x, Some(&[axis]), true, p)?;
    compose::divide(x, &compose::maximum(&norm, eps)?)
}
