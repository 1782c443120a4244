//! `ops.nn`: the functions of neural networks.

use purify_ops::Tensor;
use purify_ops::nn::{self, ConvOptions, Interpolation, Padding, PoolOptions, Reduction};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::creation::tuple;
use crate::convert::{Array, Ints, ShapeArg};
use crate::error::OrRaise;
use crate::tensor::{PyTensor, compute};

type Out = PyResult<Py<PyTensor>>;

fn run(py: Python<'_>, size: usize, f: impl FnOnce() -> purify_ops::Result<Tensor> + Send) -> Out {
    PyTensor::wrap(py, compute(py, size, f)?)
}

fn opt(x: &Option<Array>) -> Option<&Tensor> {
    x.as_ref().map(|a| &a.0)
}

macro_rules! activations {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /))]
        fn $name(py: Python<'_>, x: Array) -> Out {
            run(py, x.0.size(), || nn::$name(&x.0))
        }
    )*};
}

activations! {
    /// `min(max(x, 0), 6)`.
    relu6;
    /// `1 / (1 + exp(-x))`.
    sigmoid;
    /// `log(sigmoid(x))`.
    log_sigmoid;
    /// `x * sigmoid(x)`.
    silu;
    /// The self-normalising exponential linear unit.
    selu;
    /// `x * tanh(softplus(x))`.
    mish;
    /// `min(max(x + 3, 0), 6) / 6`.
    hardsigmoid;
    /// `x * hardsigmoid(x)`.
    hardswish;
    /// `x / (1 + |x|)`.
    softsign;
    /// `x - tanh(x)`.
    tanhshrink;
}

/// The Gaussian error linear unit; `approximate` is "none" (by erf) or "tanh".
#[pyfunction]
#[pyo3(signature = (x, /, *, approximate = "none"))]
fn gelu(py: Python<'_>, x: Array, approximate: &str) -> Out {
    let tanh = match approximate {
        "none" => false,
        "tanh" => true,
        _ => return Err(PyValueError::new_err(format!("gelu: approximate must be \"none\" or \"tanh\", not {approximate:?}"))),
    };
    run(py, x.0.size(), || nn::gelu(&x.0, tanh))
}

macro_rules! with_number {
    ($($(#[$doc:meta])* $name:ident($arg:ident = $default:literal);)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, $arg = $default))]
        fn $name(py: Python<'_>, x: Array, $arg: f64) -> Out {
            run(py, x.0.size(), || nn::$name(&x.0, $arg))
        }
    )*};
}

with_number! {
    /// `x` above zero, `alpha * (exp(x) - 1)` below.
    elu(alpha = 1.0);
    /// `x` above zero, `alpha * (exp(x / alpha) - 1)` below.
    celu(alpha = 1.0);
    /// `x` above zero, `negative_slope * x` below.
    leaky_relu(negative_slope = 0.01);
    /// `x` outside `[-lambd, lambd]`, else zero.
    hardshrink(lambd = 0.5);
    /// `x` moved towards zero by `lambd`.
    softshrink(lambd = 0.5);
}

/// `x` above zero, `weight * x` below; one weight or one per channel.
#[pyfunction]
#[pyo3(signature = (x, weight, /))]
fn prelu(py: Python<'_>, x: Array, weight: Array) -> Out {
    run(py, x.0.size(), || nn::prelu(&x.0, &weight.0))
}

/// `log(1 + exp(beta * x)) / beta`, linear above `threshold`.
#[pyfunction]
#[pyo3(signature = (x, /, *, beta = 1.0, threshold = 20.0))]
fn softplus(py: Python<'_>, x: Array, beta: f64, threshold: f64) -> Out {
    run(py, x.0.size(), || nn::softplus(&x.0, beta, threshold))
}

/// `x` limited to an interval.
#[pyfunction]
#[pyo3(signature = (x, /, *, min = -1.0, max = 1.0))]
fn hardtanh(py: Python<'_>, x: Array, min: f64, max: f64) -> Out {
    run(py, x.0.size(), || nn::hardtanh(&x.0, min, max))
}

macro_rules! along_axis {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, /, *, axis = -1))]
        fn $name(py: Python<'_>, x: Array, axis: i64) -> Out {
            run(py, x.0.size(), || nn::$name(&x.0, axis))
        }
    )*};
}

along_axis! {
    /// `exp(x) / sum(exp(x))` along an axis.
    softmax;
    /// `softmax(-x)` along an axis.
    softmin;
    /// `log(softmax(x))` along an axis.
    log_softmax;
    /// The first half along an axis times the sigmoid of the second.
    glu;
}

/// The logarithm of the sum of exponentials along axes.
#[pyfunction]
#[pyo3(signature = (x, /, *, axis = None, keepdims = false))]
fn logsumexp(py: Python<'_>, x: Array, axis: Option<Ints>, keepdims: bool) -> Out {
    run(py, x.0.size(), || nn::logsumexp(&x.0, axis.as_ref().map(|a| a.0.as_slice()), keepdims))
}

/// `x @ weight.T + bias`; the weight is `(out, in)`.
#[pyfunction]
#[pyo3(signature = (x, weight, /, bias = None))]
fn linear(py: Python<'_>, x: Array, weight: Array, bias: Option<Array>) -> Out {
    run(py, x.0.size() * 16, || nn::linear(&x.0, &weight.0, opt(&bias)))
}

/// How a convolution pads: "valid", "same", or zeros on both sides.
enum Pad {
    Valid,
    Same,
    Zeros(Vec<usize>),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Pad {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = obj.cast::<PyString>() {
            return match text.to_str()? {
                "valid" => Ok(Pad::Valid),
                "same" => Ok(Pad::Same),
                other => Err(PyValueError::new_err(format!("padding must be \"valid\", \"same\" or numbers, not {other:?}"))),
            };
        }
        let ShapeArg(n) = obj.extract()?;
        Ok(Pad::Zeros(n))
    }
}

impl Pad {
    fn padding(&self) -> Padding<'_> {
        match self {
            Pad::Valid => Padding::Valid,
            Pad::Same => Padding::Same,
            Pad::Zeros(n) => Padding::Zeros(n),
        }
    }
}

fn one() -> ShapeArg {
    ShapeArg(vec![1])
}

macro_rules! convolutions {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, weight, /, bias = None, stride = None, padding = None, dilation = None, groups = 1))]
        #[expect(clippy::too_many_arguments, reason = "the signature is that of the field")]
        fn $name(
            py: Python<'_>, x: Array, weight: Array, bias: Option<Array>, stride: Option<ShapeArg>, padding: Option<Pad>,
            dilation: Option<ShapeArg>, groups: usize,
        ) -> Out {
            let (stride, dilation) = (stride.unwrap_or_else(one), dilation.unwrap_or_else(one));
            let padding = padding.unwrap_or(Pad::Valid);
            let options = ConvOptions { stride: &stride.0, padding: padding.padding(), dilation: &dilation.0, groups };
            run(py, x.0.size() * 16, || nn::$name(&x.0, &weight.0, opt(&bias), &options))
        }
    )*};
}

convolutions! {
    /// Cross-correlation over one spatial axis: `x` is `(batch, in, length)`, `weight` `(out, in / groups, width)`.
    conv1d;
    /// Cross-correlation over two spatial axes: `x` is `(batch, in, height, width)`.
    conv2d;
    /// Cross-correlation over three spatial axes.
    conv3d;
}

macro_rules! transposed {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, weight, /, bias = None, stride = None, padding = None, output_padding = None, groups = 1, dilation = None))]
        #[expect(clippy::too_many_arguments, reason = "the signature is that of the field")]
        fn $name(
            py: Python<'_>, x: Array, weight: Array, bias: Option<Array>, stride: Option<ShapeArg>, padding: Option<Pad>,
            output_padding: Option<ShapeArg>, groups: usize, dilation: Option<ShapeArg>,
        ) -> Out {
            let (stride, dilation) = (stride.unwrap_or_else(one), dilation.unwrap_or_else(one));
            let padding = padding.unwrap_or(Pad::Valid);
            let extra = output_padding.map_or(vec![0], |p| p.0);
            let options = ConvOptions { stride: &stride.0, padding: padding.padding(), dilation: &dilation.0, groups };
            run(py, x.0.size() * 16, || nn::$name(&x.0, &weight.0, opt(&bias), &options, &extra))
        }
    )*};
}

transposed! {
    /// Transposed convolution over one spatial axis; `weight` is `(in, out / groups, width)`.
    conv_transpose1d;
    /// Transposed convolution over two spatial axes.
    conv_transpose2d;
}

/// The patches that a convolution sees, as columns.
#[pyfunction]
#[pyo3(signature = (x, kernel_size, /, dilation = None, padding = None, stride = None))]
fn unfold(
    py: Python<'_>,
    x: Array,
    kernel_size: ShapeArg,
    dilation: Option<ShapeArg>,
    padding: Option<Pad>,
    stride: Option<ShapeArg>,
) -> Out {
    let (stride, dilation) = (stride.unwrap_or_else(one), dilation.unwrap_or_else(one));
    let padding = padding.unwrap_or(Pad::Valid);
    let options = ConvOptions { stride: &stride.0, padding: padding.padding(), dilation: &dilation.0, groups: 1 };
    run(py, x.0.size() * 4, || nn::unfold(&x.0, &kernel_size.0, &options))
}

fn pool<'a>(
    kernel: &'a ShapeArg,
    stride: &'a Option<ShapeArg>,
    padding: &'a [usize],
    dilation: &'a [usize],
    ceil_mode: bool,
) -> PoolOptions<'a> {
    PoolOptions { stride: stride.as_ref().map(|s| s.0.as_slice()), padding, dilation, ceil_mode, ..PoolOptions::new(&kernel.0) }
}

macro_rules! max_pools {
    ($($(#[$doc:meta])* $name:ident $pairs:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, kernel_size, /, stride = None, padding = None, dilation = None, ceil_mode = false))]
        fn $name(
            py: Python<'_>, x: Array, kernel_size: ShapeArg, stride: Option<ShapeArg>, padding: Option<ShapeArg>,
            dilation: Option<ShapeArg>, ceil_mode: bool,
        ) -> Out {
            let (padding, dilation) = (padding.map_or(vec![0], |p| p.0), dilation.unwrap_or_else(one).0);
            let options = pool(&kernel_size, &stride, &padding, &dilation, ceil_mode);
            run(py, x.0.size() * 4, || Ok(nn::$name(&x.0, &options)?.0))
        }

        /// As without `_with_indices`, and the flat positions of the elements taken: a pair.
        #[pyfunction]
        #[pyo3(signature = (x, kernel_size, /, stride = None, padding = None, dilation = None, ceil_mode = false))]
        fn $pairs<'py>(
            py: Python<'py>, x: Array, kernel_size: ShapeArg, stride: Option<ShapeArg>, padding: Option<ShapeArg>,
            dilation: Option<ShapeArg>, ceil_mode: bool,
        ) -> PyResult<Bound<'py, PyTuple>> {
            let (padding, dilation) = (padding.map_or(vec![0], |p| p.0), dilation.unwrap_or_else(one).0);
            let options = pool(&kernel_size, &stride, &padding, &dilation, ceil_mode);
            let (v, i) = compute(py, x.0.size() * 4, || nn::$name(&x.0, &options))?;
            tuple(py, vec![v, i])
        }
    )*};
}

max_pools! {
    /// The largest element of each window along the last axis.
    max_pool1d max_pool1d_with_indices;
    /// The largest element of each window over the last two axes.
    max_pool2d max_pool2d_with_indices;
}

macro_rules! avg_pools {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, kernel_size, /, stride = None, padding = None, ceil_mode = false, count_include_pad = true))]
        fn $name(
            py: Python<'_>, x: Array, kernel_size: ShapeArg, stride: Option<ShapeArg>, padding: Option<ShapeArg>,
            ceil_mode: bool, count_include_pad: bool,
        ) -> Out {
            let padding = padding.map_or(vec![0], |p| p.0);
            let options = PoolOptions { count_include_pad, ..pool(&kernel_size, &stride, &padding, &[1], ceil_mode) };
            run(py, x.0.size() * 4, || nn::$name(&x.0, &options))
        }
    )*};
}

avg_pools! {
    /// The mean of each window along the last axis.
    avg_pool1d;
    /// The mean of each window over the last two axes.
    avg_pool2d;
}

/// The output lengths of adaptive pooling: a number, or one or two, of which None keeps the length.
fn lengths(obj: &Bound<'_, PyAny>) -> PyResult<[Option<usize>; 2]> {
    if let Ok(n) = obj.extract::<Option<usize>>() {
        return Ok([n, n]);
    }
    let all: Vec<Option<usize>> = obj.extract()?;
    match all[..] {
        [n] => Ok([n, n]),
        [a, b] => Ok([a, b]),
        _ => Err(PyTypeError::new_err(format!("output_size needs one or two numbers, got {}", all.len()))),
    }
}

/// The means of `output_size` equal stretches of the last axis.
#[pyfunction]
#[pyo3(signature = (x, output_size, /))]
fn adaptive_avg_pool1d(py: Python<'_>, x: Array, output_size: &Bound<'_, PyAny>) -> Out {
    let [n, _] = lengths(output_size)?;
    run(py, x.0.size(), || nn::adaptive_avg_pool1d(&x.0, n))
}

/// The means of equal tiles of the last two axes.
#[pyfunction]
#[pyo3(signature = (x, output_size, /))]
fn adaptive_avg_pool2d(py: Python<'_>, x: Array, output_size: &Bound<'_, PyAny>) -> Out {
    let n = lengths(output_size)?;
    run(py, x.0.size(), || nn::adaptive_avg_pool2d(&x.0, n))
}

/// The largest elements of `output_size` equal stretches of the last axis.
#[pyfunction]
#[pyo3(signature = (x, output_size, /))]
fn adaptive_max_pool1d(py: Python<'_>, x: Array, output_size: &Bound<'_, PyAny>) -> Out {
    let [n, _] = lengths(output_size)?;
    run(py, x.0.size(), || Ok(nn::adaptive_max_pool1d(&x.0, n)?.0))
}

/// The largest elements of equal tiles of the last two axes.
#[pyfunction]
#[pyo3(signature = (x, output_size, /))]
fn adaptive_max_pool2d(py: Python<'_>, x: Array, output_size: &Bound<'_, PyAny>) -> Out {
    let n = lengths(output_size)?;
    run(py, x.0.size(), || Ok(nn::adaptive_max_pool2d(&x.0, n)?.0))
}

/// `(x - mean) / sqrt(var + eps) * weight + bias` over the last axes, whose lengths are `normalized_shape`.
#[pyfunction]
#[pyo3(signature = (x, normalized_shape, /, weight = None, bias = None, eps = 1e-5))]
fn layer_norm(py: Python<'_>, x: Array, normalized_shape: ShapeArg, weight: Option<Array>, bias: Option<Array>, eps: f64) -> Out {
    run(py, x.0.size(), || nn::layer_norm(&x.0, &normalized_shape.0, opt(&weight), opt(&bias), eps))
}

/// `x / sqrt(mean(x**2) + eps) * weight` over the last axes.
#[pyfunction]
#[pyo3(signature = (x, normalized_shape, /, weight = None, eps = None))]
fn rms_norm(py: Python<'_>, x: Array, normalized_shape: ShapeArg, weight: Option<Array>, eps: Option<f64>) -> Out {
    run(py, x.0.size(), || nn::rms_norm(&x.0, &normalized_shape.0, opt(&weight), eps))
}

/// Normalises each channel (axis 1) by the given mean and variance, or, where they are None, by those of the batch.
#[pyfunction]
#[pyo3(signature = (x, mean = None, variance = None, /, weight = None, bias = None, eps = 1e-5))]
fn batch_norm(
    py: Python<'_>,
    x: Array,
    mean: Option<Array>,
    variance: Option<Array>,
    weight: Option<Array>,
    bias: Option<Array>,
    eps: f64,
) -> Out {
    let training = mean.is_none() || variance.is_none();
    run(py, x.0.size(), || nn::batch_norm(&x.0, opt(&mean), opt(&variance), opt(&weight), opt(&bias), training, 0.0, eps))
}

/// Normalises groups of channels.
#[pyfunction]
#[pyo3(signature = (x, num_groups, /, weight = None, bias = None, eps = 1e-5))]
fn group_norm(py: Python<'_>, x: Array, num_groups: usize, weight: Option<Array>, bias: Option<Array>, eps: f64) -> Out {
    run(py, x.0.size(), || nn::group_norm(&x.0, num_groups, opt(&weight), opt(&bias), eps))
}

/// Normalises each channel of each sample.
#[pyfunction]
#[pyo3(signature = (x, /, weight = None, bias = None, *, eps = 1e-5))]
fn instance_norm(py: Python<'_>, x: Array, weight: Option<Array>, bias: Option<Array>, eps: f64) -> Out {
    run(py, x.0.size(), || nn::instance_norm(&x.0, opt(&weight), opt(&bias), eps))
}

/// `x / max(norm, eps)` along an axis.
#[pyfunction]
#[pyo3(signature = (x, /, *, p = 2.0, axis = -1, eps = 1e-12))]
fn normalize(py: Python<'_>, x: Array, p: f64, axis: i64, eps: f64) -> Out {
    run(py, x.0.size(), || nn::normalize(&x.0, p, axis, eps))
}

/// The cosine of the angle between vectors along an axis.
#[pyfunction]
#[pyo3(signature = (x1, x2, /, *, axis = -1, eps = 1e-8))]
fn cosine_similarity(py: Python<'_>, x1: Array, x2: Array, axis: i64, eps: f64) -> Out {
    run(py, x1.0.size(), || nn::cosine_similarity(&x1.0, &x2.0, axis, eps))
}

/// The distance of vectors along the last axis.
#[pyfunction]
#[pyo3(signature = (x1, x2, /, *, p = 2.0, eps = 1e-6, keepdims = false))]
fn pairwise_distance(py: Python<'_>, x1: Array, x2: Array, p: f64, eps: f64, keepdims: bool) -> Out {
    run(py, x1.0.size(), || nn::pairwise_distance(&x1.0, &x2.0, p, eps, keepdims))
}

/// The distances of all pairs of rows.
#[pyfunction]
#[pyo3(signature = (x1, x2, /, *, p = 2.0))]
fn cdist(py: Python<'_>, x1: Array, x2: Array, p: f64) -> Out {
    run(py, x1.0.size() * 16, || nn::cdist(&x1.0, &x2.0, p))
}

/// The rows of `weight` at the indices.
#[pyfunction]
#[pyo3(signature = (indices, weight, /))]
fn embedding(py: Python<'_>, indices: Array, weight: Array) -> Out {
    run(py, indices.0.size() * 16, || nn::embedding(&indices.0, &weight.0))
}

/// Vectors with a one at the place of the index; -1 derives the number of classes from the indices.
#[pyfunction]
#[pyo3(signature = (x, /, num_classes = -1))]
fn one_hot(py: Python<'_>, x: Array, num_classes: i64) -> Out {
    run(py, x.0.size(), || nn::one_hot(&x.0, usize::try_from(num_classes).ok()))
}

fn reduction(name: &str) -> PyResult<Reduction> {
    Reduction::from_name(name).py()
}

macro_rules! losses {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (x, target, /, *, reduction = "mean"))]
        fn $name(py: Python<'_>, x: Array, target: Array, reduction: &str) -> Out {
            let how = self::reduction(reduction)?;
            run(py, x.0.size(), || nn::$name(&x.0, &target.0, how))
        }
    )*};
}

losses! {
    /// The squared error.
    mse_loss;
    /// The absolute error.
    l1_loss;
}

/// Squared near zero, absolute beyond `beta`.
#[pyfunction]
#[pyo3(signature = (x, target, /, *, reduction = "mean", beta = 1.0))]
fn smooth_l1_loss(py: Python<'_>, x: Array, target: Array, reduction: &str, beta: f64) -> Out {
    let how = self::reduction(reduction)?;
    run(py, x.0.size(), || nn::smooth_l1_loss(&x.0, &target.0, beta, how))
}

/// Squared near zero, linear with slope `delta` beyond it.
#[pyfunction]
#[pyo3(signature = (x, target, /, *, reduction = "mean", delta = 1.0))]
fn huber_loss(py: Python<'_>, x: Array, target: Array, reduction: &str, delta: f64) -> Out {
    let how = self::reduction(reduction)?;
    run(py, x.0.size(), || nn::huber_loss(&x.0, &target.0, delta, how))
}

/// The cross entropy of probabilities `x` with truth values `target`.
#[pyfunction]
#[pyo3(signature = (x, target, /, *, weight = None, reduction = "mean"))]
fn binary_cross_entropy(py: Python<'_>, x: Array, target: Array, weight: Option<Array>, reduction: &str) -> Out {
    let how = self::reduction(reduction)?;
    run(py, x.0.size(), || nn::binary_cross_entropy(&x.0, &target.0, opt(&weight), how))
}

/// `binary_cross_entropy` of `sigmoid(logits)`, without overflow.
#[pyfunction]
#[pyo3(signature = (logits, target, /, *, weight = None, pos_weight = None, reduction = "mean"))]
fn binary_cross_entropy_with_logits(
    py: Python<'_>,
    logits: Array,
    target: Array,
    weight: Option<Array>,
    pos_weight: Option<Array>,
    reduction: &str,
) -> Out {
    let how = self::reduction(reduction)?;
    let x = logits.0;
    run(py, x.size(), || nn::binary_cross_entropy_with_logits(&x, &target.0, opt(&weight), opt(&pos_weight), how))
}

/// The Kullback-Leibler divergence; `x` holds log-probabilities.
#[pyfunction]
#[pyo3(signature = (x, target, /, *, reduction = "mean", log_target = false))]
fn kl_div(py: Python<'_>, x: Array, target: Array, reduction: &str, log_target: bool) -> Out {
    let how = self::reduction(reduction)?;
    run(py, x.0.size(), || nn::kl_div(&x.0, &target.0, how, log_target))
}

/// The negative log-probability of the target classes; `x` is `(batch, classes, ...)`.
#[pyfunction]
#[pyo3(signature = (x, target, /, *, weight = None, ignore_index = -100, reduction = "mean"))]
fn nll_loss(py: Python<'_>, x: Array, target: Array, weight: Option<Array>, ignore_index: i64, reduction: &str) -> Out {
    let how = self::reduction(reduction)?;
    run(py, x.0.size(), || nn::nll_loss(&x.0, &target.0, opt(&weight), ignore_index, how))
}

/// `nll_loss` of `log_softmax(logits)`; the target holds class indices or probabilities.
#[pyfunction]
#[pyo3(signature = (logits, target, /, *, weight = None, ignore_index = -100, reduction = "mean", label_smoothing = 0.0))]
fn cross_entropy(
    py: Python<'_>,
    logits: Array,
    target: Array,
    weight: Option<Array>,
    ignore_index: i64,
    reduction: &str,
    label_smoothing: f64,
) -> Out {
    let how = self::reduction(reduction)?;
    let x = logits.0;
    run(py, x.size(), || nn::cross_entropy(&x, &target.0, opt(&weight), ignore_index, how, label_smoothing))
}

/// `softmax(query @ key.T * scale + mask) @ value`; a bool mask says what takes part.
#[pyfunction]
#[pyo3(signature = (query, key, value, /, mask = None, *, is_causal = false, scale = None, enable_gqa = false))]
#[expect(clippy::too_many_arguments, reason = "the signature is that of the field")]
fn scaled_dot_product_attention(
    py: Python<'_>,
    query: Array,
    key: Array,
    value: Array,
    mask: Option<Array>,
    is_causal: bool,
    scale: Option<f64>,
    enable_gqa: bool,
) -> Out {
    run(py, query.0.size() * 16, || nn::scaled_dot_product_attention(&query.0, &key.0, &value.0, opt(&mask), is_causal, scale, enable_gqa))
}

/// Images `(batch, channels, ...)` resampled to a size or by a factor; `mode` is "nearest", "nearest-exact", "linear",
/// "bilinear", "trilinear", "bicubic" or "area".
#[pyfunction]
#[pyo3(signature = (x, /, size = None, scale_factor = None, mode = "nearest", align_corners = false))]
fn interpolate(
    py: Python<'_>,
    x: Array,
    size: Option<ShapeArg>,
    scale_factor: Option<&Bound<'_, PyAny>>,
    mode: &str,
    align_corners: bool,
) -> Out {
    let kind = match mode {
        "nearest" => Interpolation::Nearest,
        "nearest-exact" => Interpolation::NearestExact,
        "linear" | "bilinear" | "trilinear" => Interpolation::Linear,
        "bicubic" => Interpolation::Cubic,
        "area" => Interpolation::Area,
        _ => return Err(PyValueError::new_err(format!("interpolate: mode {mode:?} is not known"))),
    };
    let spatial = x.0.ndim().saturating_sub(2).max(1);
    let spread = |n: usize, one: usize| if n == 1 { one } else { n };
    let size = size.map(|s| if s.0.len() == 1 { vec![s.0[0]; spread(1, spatial)] } else { s.0 });
    let factor = scale_factor
        .map(|f| match f.extract::<f64>() {
            Ok(v) => Ok(vec![v; spatial]),
            Err(_) => f.extract::<Vec<f64>>(),
        })
        .transpose()?;
    run(py, x.0.size() * 4, || nn::interpolate(&x.0, size.as_deref(), factor.as_deref(), kind, align_corners))
}

/// Moves channels into space: `(batch, c * r * r, h, w)` becomes `(batch, c, h * r, w * r)`.
#[pyfunction]
#[pyo3(signature = (x, upscale_factor, /))]
fn pixel_shuffle(py: Python<'_>, x: Array, upscale_factor: usize) -> Out {
    run(py, x.0.size(), || nn::pixel_shuffle(&x.0, upscale_factor))
}

/// The inverse of `pixel_shuffle`.
#[pyfunction]
#[pyo3(signature = (x, downscale_factor, /))]
fn pixel_unshuffle(py: Python<'_>, x: Array, downscale_factor: usize) -> Out {
    run(py, x.0.size(), || nn::pixel_unshuffle(&x.0, downscale_factor))
}

/// Adds the functions to `nn` of the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let space = PyModule::new(m.py(), "nn")?;
    macro_rules! add { ($($f:ident)*) => { $(space.add_function(wrap_pyfunction!($f, &space)?)?;)* } }
    add!(relu6 sigmoid log_sigmoid silu selu mish hardsigmoid hardswish softsign tanhshrink gelu elu celu leaky_relu
        hardshrink softshrink prelu softplus hardtanh softmax softmin log_softmax glu logsumexp linear conv1d conv2d conv3d
        conv_transpose1d conv_transpose2d unfold max_pool1d max_pool2d max_pool1d_with_indices max_pool2d_with_indices
        avg_pool1d avg_pool2d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool1d adaptive_max_pool2d layer_norm rms_norm
        batch_norm group_norm instance_norm normalize cosine_similarity pairwise_distance cdist embedding one_hot mse_loss l1_loss
        smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits kl_div nll_loss cross_entropy
        scaled_dot_product_attention interpolate pixel_shuffle pixel_unshuffle);
    // A primitive of the core, whose function there is called without any preparation.
    space.add("relu", m.getattr("relu")?)?;
    m.add("nn", space)
}
