//! Convolutions (cross-correlations, as in torch), their transposes, and the linear layer.

use crate::backend::BinaryOp;
use crate::cpu::conv::{self as kernel, Axis, Conv};
use crate::dispatch;
use crate::error::{Error, Result};
use crate::linalg::products::matmul_as;
use crate::nn::{check_shape, precision, present};
use crate::tensor::Tensor;

/// What is added around the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding<'a> {
    /// Nothing.
    Valid,
    /// Zeros such that the output is as long as the input; the stride must be 1.
    Same,
    /// So many zeros on both ends of each axis (one number for all axes, or one per axis).
    Zeros(&'a [usize]),
}

/// Options of a convolution; lists hold one number for all spatial axes, or one per axis.
#[derive(Clone, Copy, Debug)]
pub struct ConvOptions<'a> {
    /// Step between windows.
    pub stride: &'a [usize],
    /// What is added around the input.
    pub padding: Padding<'a>,
    /// Step between the elements of a window.
    pub dilation: &'a [usize],
    /// Number of groups of channels that are convolved apart.
    pub groups: usize,
}

impl Default for ConvOptions<'_> {
    fn default() -> Self {
        ConvOptions { stride: &[1], padding: Padding::Valid, dilation: &[1], groups: 1 }
    }
}

/// One number per spatial axis.
pub(super) fn per_axis(op: &'static str, what: &str, values: &[usize], axes: usize, least: usize) -> Result<Vec<usize>> {
    let out = match values {
        [one] => vec![*one; axes],
        many if many.len() == axes => many.to_vec(),
        _ => return Err(Error::value(op, format!("{what} needs 1 or {axes} numbers, got {values:?}"))),
    };
    if out.iter().any(|&v| v < least) {
        return Err(Error::value(op, format!("{what} must be at least {least}, got {values:?}")));
    }
    Ok(out)
}

/// The linear layer `x @ weightᵀ + bias`: `x` is `[..., in]`, `weight` `[out, in]`, `bias` `[out]`, the result `[..., out]`.
///
/// # Errors
/// [`Error::Value`] if the lengths do not fit.
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let op = "linear";
    let weight = if weight.ndim() == 2 { weight.matrix_transpose()? } else { weight.clone() };
    let out = matmul_as(op, x, &weight)?;
    let Some(bias) = bias else { return Ok(out) };
    if bias.dtype() != out.dtype() {
        return crate::compose::add(&out, bias);
    }
    // The product is ours alone, so the bias is added in place.
    let bias = bias.broadcast_for(op, out.shape())?;
    out.backend()?.binary(BinaryOp::Add, &out, &bias, &out)?;
    Ok(out)
}

/// Convolution over one spatial axis: `x` is `[batch, in, L]` (or `[in, L]`), `weight` `[out, in / groups, k]`, `bias`
/// `[out]`, the result `[batch, out, L']`.
///
/// # Errors
/// [`Error::Value`] for shapes or options that do not fit.
pub fn conv1d(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, options: &ConvOptions<'_>) -> Result<Tensor> {
    conv_nd("conv1d", 1, x, weight, bias, options)
}

/// Convolution over two spatial axes: `x` is `[batch, in, H, W]` (or `[in, H, W]`), `weight` `[out, in / groups, kH, kW]`.
///
/// # Errors
/// As [`conv1d`].
///
/// ```
/// use purify_ops::{Tensor, nn};
/// let x = Tensor::from_vec((0..9).map(f64::from).collect(), &[1, 1, 3, 3])?;
/// let w = Tensor::from_vec(vec![1.0, 0.0, 0.0, 1.0], &[1, 1, 2, 2])?;
/// let y = nn::conv2d(&x, &w, None, &nn::ConvOptions::default())?;
/// assert_eq!(y.to_vec::<f64>()?, [4.0, 6.0, 10.0, 12.0]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn conv2d(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, options: &ConvOptions<'_>) -> Result<Tensor> {
    conv_nd("conv2d", 2, x, weight, bias, options)
}

/// Convolution over three spatial axes.
///
/// # Errors
/// As [`conv1d`].
pub fn conv3d(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, options: &ConvOptions<'_>) -> Result<Tensor> {
    conv_nd("conv3d", 3, x, weight, bias, options)
}

/// Adds the batch axis where it is missing.
pub(super) fn batched(op: &'static str, x: &Tensor, axes: usize) -> Result<Tensor> {
    match x.ndim() {
        n if n == axes + 2 => Ok(x.clone()),
        n if n == axes + 1 => Ok(x.with_layout(x.layout().insert_axis(0))),
        _ => Err(Error::value(op, format!("{} or {} dimensions are needed, got shape {:?}", axes + 1, axes + 2, x.shape()))),
    }
}

/// Lists of up to three spatial axes as exactly three.
fn three(axes: &[Axis]) -> [Axis; 3] {
    let mut out = [Axis::UNIT; 3];
    out[3 - axes.len()..].copy_from_slice(axes);
    out
}

/// How far a window reaches; `None` if that is no address.
fn span(kernel: usize, dilation: usize) -> Option<usize> {
    dilation.checked_mul(kernel.saturating_sub(1))?.checked_add(1)
}

/// How far a window can move along an axis padded at both ends.
///
/// # Errors
/// [`Error::Value`] if it does not fit.
pub(super) fn room(op: &'static str, input: usize, padding: usize, kernel: usize, dilation: usize) -> Result<usize> {
    let length = padding.checked_mul(2).and_then(|p| p.checked_add(input)).filter(|&n| n <= isize::MAX as usize);
    match (span(kernel, dilation), length) {
        (Some(span), Some(length)) if span <= length => Ok(length - span),
        _ => {
            let message = format!(
                "a window of {kernel} elements with dilation {dilation} does not fit an axis of {input} with padding {padding} at both ends"
            );
            Err(Error::value(op, message))
        }
    }
}

fn conv_nd(op: &'static str, axes: usize, x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, options: &ConvOptions<'_>) -> Result<Tensor> {
    let images = batched(op, x, axes)?;
    if weight.ndim() != axes + 2 {
        return Err(Error::value(op, format!("the weight needs {} dimensions, got shape {:?}", axes + 2, weight.shape())));
    }
    let (batch, channels) = (images.shape()[0], images.shape()[1]);
    let (outputs, per_group) = (weight.shape()[0], weight.shape()[1]);
    let groups = options.groups;
    if groups == 0 || channels != per_group * groups || outputs % groups != 0 {
        let message = format!(
            "{channels} input channels in {groups} groups do not fit a weight of shape {:?}; it needs [out, {channels} / {groups}, ...] with out divisible by {groups}",
            weight.shape()
        );
        return Err(Error::value(op, message));
    }
    check_shape(op, bias, &[outputs])?;
    let stride = per_axis(op, "stride", options.stride, axes, 1)?;
    let dilation = per_axis(op, "dilation", options.dilation, axes, 1)?;
    let padding = match options.padding {
        Padding::Zeros(padding) => per_axis(op, "padding", padding, axes, 0)?,
        _ => vec![0; axes],
    };
    if options.padding == Padding::Same && stride.iter().any(|&s| s != 1) {
        return Err(Error::value(op, format!("padding 'same' needs stride 1, got {stride:?}")));
    }
    let plan = (0..axes).map(|i| {
        let (input, kernel) = (images.shape()[2 + i], weight.shape()[2 + i]);
        let (before, output) = if options.padding == Padding::Same {
            let reach = span(kernel, dilation[i]).filter(|&reach| reach <= isize::MAX as usize - input);
            let reach = reach.ok_or_else(|| Error::value(op, format!("dilation {} is too large", dilation[i])))?;
            (reach.saturating_sub(1) / 2, input)
        } else {
            (padding[i], room(op, input, padding[i], kernel, dilation[i])? / stride[i] + 1)
        };
        Ok(Axis { input, kernel, stride: stride[i], padding: before, dilation: dilation[i], output })
    });
    let plan = plan.collect::<Result<Vec<Axis>>>()?;
    let sizes = Conv { batch, groups, channels_in: per_group, channels_out: outputs / groups, axes: three(&plan) };
    let p = precision(op, &present(&[x, weight], &[bias]))?;
    let (data, weight, bias) = (p.host(&images)?, p.host(weight)?, p.host_option(bias)?);
    let shape: Vec<usize> = [batch, outputs].into_iter().chain(plan.iter().map(|a| a.output)).collect();
    let out = Tensor::uninit(op, &shape, p.compute, data.device())?;
    dispatch!(float: p.compute, T => {
        let bias = bias.as_ref().map(|b| b.as_slice::<T>()).transpose()?;
        // SAFETY: `out` is new, so nobody else reads or writes it.
        let target = unsafe { out.as_mut_slice::<T>()? };
        kernel::conv(&sizes, data.as_slice()?, weight.as_slice()?, bias, target);
    }, else ());
    finish(out, x, axes)?.astype(p.result)?.to_device(x.device())
}

/// Takes the batch axis away that [`batched`] added.
pub(super) fn finish(out: Tensor, x: &Tensor, axes: usize) -> Result<Tensor> {
    if x.ndim() == axes + 1 { out.select(0, 0) } else { Ok(out) }
}

/// Transposed convolution over one spatial axis; see [`conv_transpose2d`].
///
/// # Errors
/// As [`conv1d`].
pub fn conv_transpose1d(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: &ConvOptions<'_>,
    output_padding: &[usize],
) -> Result<Tensor> {
    transpose_nd("conv_transpose1d", 1, x, weight, bias, options, output_padding)
}

/// Transposed convolution: `x` is `[batch, in, H, W]`, `weight` `[in, out / groups, kH, kW]`; the result has length
/// `(H - 1) stride - 2 padding + dilation (kH - 1) + output_padding + 1`.
///
/// # Errors
/// As [`conv1d`]; [`Error::Value`] for padding `Same`.
pub fn conv_transpose2d(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: &ConvOptions<'_>,
    output_padding: &[usize],
) -> Result<Tensor> {
    transpose_nd("conv_transpose2d", 2, x, weight, bias, options, output_padding)
}

fn transpose_nd(
    op: &'static str,
    axes: usize,
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: &ConvOptions<'_>,
    output_padding: &[usize],
) -> Result<Tensor> {
    let images = batched(op, x, axes)?;
    if weight.ndim() != axes + 2 || weight.shape()[0] != images.shape()[1] {
        let message = format!("the weight needs shape [{}, out, ...], got {:?}", images.shape()[1], weight.shape());
        return Err(Error::value(op, message));
    }
    let (batch, channels, per_group, groups) = (images.shape()[0], images.shape()[1], weight.shape()[1], options.groups);
    if groups == 0 || channels % groups != 0 {
        return Err(Error::value(op, format!("{channels} channels do not divide into {groups} groups")));
    }
    check_shape(op, bias, &[per_group * groups])?;
    let stride = per_axis(op, "stride", options.stride, axes, 1)?;
    let dilation = per_axis(op, "dilation", options.dilation, axes, 1)?;
    let extra = per_axis(op, "output_padding", output_padding, axes, 0)?;
    let padding = match options.padding {
        Padding::Zeros(padding) => per_axis(op, "padding", padding, axes, 0)?,
        Padding::Valid => vec![0; axes],
        Padding::Same => return Err(Error::value(op, "padding 'same' is not defined here; give numbers")),
    };
    let plan = (0..axes).map(|i| {
        let (input, kernel) = (images.shape()[2 + i], weight.shape()[2 + i]);
        let full = (|| {
            let steps = input.saturating_sub(1).checked_mul(stride[i])?;
            let whole = steps.checked_add(span(kernel, dilation[i])?)?.checked_add(extra[i])?;
            whole.checked_sub(padding[i].checked_mul(2)?).filter(|&n| n > 0 && input > 0 && whole <= isize::MAX as usize)
        })();
        let Some(output) = full else {
            return Err(Error::value(op, format!("padding {} leaves no output on an axis of {input}", padding[i])));
        };
        Ok(Axis { input: output, kernel, stride: stride[i], padding: padding[i], dilation: dilation[i], output: input })
    });
    let plan = plan.collect::<Result<Vec<Axis>>>()?;
    let sizes = Conv { batch, groups, channels_in: per_group, channels_out: channels / groups, axes: three(&plan) };
    let p = precision(op, &present(&[x, weight], &[bias]))?;
    let (data, weight, bias) = (p.host(&images)?, p.host(weight)?, p.host_option(bias)?);
    let shape: Vec<usize> = [batch, per_group * groups].into_iter().chain(plan.iter().map(|a| a.input)).collect();
    let out = Tensor::uninit(op, &shape, p.compute, data.device())?;
    dispatch!(float: p.compute, T => {
        let bias = bias.as_ref().map(|b| b.as_slice::<T>()).transpose()?;
        // SAFETY: `out` is new, so nobody else reads or writes it.
        let target = unsafe { out.as_mut_slice::<T>()? };
        kernel::conv_transpose(&sizes, data.as_slice()?, weight.as_slice()?, bias, target);
    }, else ());
    finish(out, x, axes)?.astype(p.result)?.to_device(x.device())
}

/// The windows of images as columns: `[batch, channels, H, W]` to `[batch, channels * kH * kW, windows]`. Only `Valid` and
/// `Zeros` padding.
///
/// # Errors
/// As [`conv1d`].
pub fn unfold(x: &Tensor, kernel_size: &[usize], options: &ConvOptions<'_>) -> Result<Tensor> {
    let op = "unfold";
    let images = batched(op, x, 2)?;
    let kernel = per_axis(op, "kernel_size", kernel_size, 2, 1)?;
    let stride = per_axis(op, "stride", options.stride, 2, 1)?;
    let dilation = per_axis(op, "dilation", options.dilation, 2, 1)?;
    let padding = match options.padding {
        Padding::Zeros(padding) => per_axis(op, "padding", padding, 2, 0)?,
        Padding::Valid => vec![0; 2],
        Padding::Same => return Err(Error::value(op, "padding 'same' is not defined here; give numbers")),
    };
    let plan = (0..2).map(|i| {
        let input = images.shape()[2 + i];
        let room = room(op, input, padding[i], kernel[i], dilation[i])?;
        Ok(Axis { input, kernel: kernel[i], stride: stride[i], padding: padding[i], dilation: dilation[i], output: room / stride[i] + 1 })
    });
    let plan = plan.collect::<Result<Vec<Axis>>>()?;
    let (batch, channels) = (images.shape()[0], images.shape()[1]);
    let windows: usize = plan.iter().map(|a| a.output).product();
    let rows = channels * kernel[0] * kernel[1];
    let sizes = Conv { batch, groups: 1, channels_in: channels, channels_out: 1, axes: three(&plan) };
    let data = images.to_device(crate::Device::Cpu)?.contiguous()?;
    let out = Tensor::uninit(op, &[batch, rows, windows], x.dtype(), data.device())?;
    dispatch!(x.dtype(), T => {
        let input = data.as_slice::<T>()?;
        // SAFETY: `out` is new, so nobody else reads or writes it.
        let target = unsafe { out.as_mut_slice::<T>()? };
        let size = input.len() / batch.max(1);
        if !target.is_empty() {
            for (image, columns) in input.chunks_exact(size.max(1)).zip(target.chunks_exact_mut(rows * windows)) {
                kernel::unfold(&sizes, image, columns);
            }
        }
    });
    finish(out, x, 2)?.to_device(x.device())
}
