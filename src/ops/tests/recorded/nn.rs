//! Calls of neural network functions.

use purify_ops::nn::{self, ConvOptions, Interpolation, Padding, PoolOptions, Reduction};
use purify_ops::{Result, Tensor};

use crate::case::Case;

pub fn call(c: &Case) -> Result<Vec<Tensor>> {
    let one = |x: Tensor| Ok(vec![x]);
    if let Some(out) = activation(c) {
        return one(out?);
    }
    if let Some(out) = loss(c) {
        return one(out?);
    }
    let (weight, bias) = (c.opt("weight"), c.opt("bias"));
    let (weight, bias) = (weight.as_ref(), bias.as_ref());
    let shape = c.sizes("normalized_shape").unwrap_or_default();
    let axis = c.int("axis");
    match c.op() {
        "layer_norm" => one(nn::layer_norm(&c.t("x"), &shape, weight, bias, c.float("eps").unwrap())?),
        "rms_norm" => one(nn::rms_norm(&c.t("x"), &shape, weight, c.float("eps"))?),
        "batch_norm" => {
            let (mean, var) = (c.opt("running_mean"), c.opt("running_var"));
            let (momentum, eps) = (c.float("momentum").unwrap(), c.float("eps").unwrap());
            let out = nn::batch_norm(&c.t("x"), mean.as_ref(), var.as_ref(), weight, bias, c.flag("training"), momentum, eps)?;
            Ok([Some(out), mean, var].into_iter().flatten().collect())
        }
        "group_norm" => one(nn::group_norm(&c.t("x"), c.int("groups").unwrap() as usize, weight, bias, c.float("eps").unwrap())?),
        "instance_norm" => one(nn::instance_norm(&c.t("x"), weight, bias, c.float("eps").unwrap())?),
        "normalize" => one(nn::normalize(&c.t("x"), c.float("p").unwrap(), axis.unwrap(), c.float("eps").unwrap())?),
        "linear" => one(nn::linear(&c.t("x"), &c.t("weight"), bias)?),
        "conv1d" | "conv2d" | "conv3d" | "conv_transpose1d" | "conv_transpose2d" | "unfold" => convolution(c),
        "max_pool1d" | "max_pool2d" | "max_pool3d" | "avg_pool1d" | "avg_pool2d" | "avg_pool3d" => pool(c),
        "adaptive_avg_pool1d" => one(nn::adaptive_avg_pool1d(&c.t("x"), Some(c.sizes("output").unwrap()[0]))?),
        "adaptive_max_pool1d" => nn::adaptive_max_pool1d(&c.t("x"), Some(c.sizes("output").unwrap()[0])).map(|(a, b)| vec![a, b]),
        "adaptive_avg_pool2d" => one(nn::adaptive_avg_pool2d(&c.t("x"), two(c))?),
        "adaptive_max_pool2d" => nn::adaptive_max_pool2d(&c.t("x"), two(c)).map(|(a, b)| vec![a, b]),
        "interpolate" => {
            let mode = match c.text("mode").unwrap() {
                "nearest" => Interpolation::Nearest,
                "nearest-exact" => Interpolation::NearestExact,
                "area" => Interpolation::Area,
                "bicubic" => Interpolation::Cubic,
                _ => Interpolation::Linear,
            };
            let (size, factor) = (c.sizes("size"), c.floats("scale_factor"));
            one(nn::interpolate(&c.t("x"), size.as_deref(), factor.as_deref(), mode, c.flag("align_corners"))?)
        }
        "pixel_shuffle" => one(nn::pixel_shuffle(&c.t("x"), c.int("factor").unwrap() as usize)?),
        "pixel_unshuffle" => one(nn::pixel_unshuffle(&c.t("x"), c.int("factor").unwrap() as usize)?),
        "attention" => {
            let mask = c.opt("mask");
            let (causal, scale, gqa) = (c.flag("causal"), c.float("scale"), c.flag("gqa"));
            one(nn::scaled_dot_product_attention(&c.t("q"), &c.t("k"), &c.t("v"), mask.as_ref(), causal, scale, gqa)?)
        }
        "cdist" => one(nn::cdist(&c.t("x1"), &c.t("x2"), c.float("p").unwrap())?),
        "cosine_similarity" => one(nn::cosine_similarity(&c.t("x1"), &c.t("x2"), axis.unwrap(), c.float("eps").unwrap())?),
        "pairwise_distance" => one(nn::pairwise_distance(&c.t("x1"), &c.t("x2"), c.float("p").unwrap(), c.float("eps").unwrap(), false)?),
        "embedding" => one(nn::embedding(&c.t("ids"), &c.t("weight"))?),
        "one_hot" => one(nn::one_hot(&c.t("ids"), c.int("classes").map(|n| n as usize))?),
        "softmax" => one(nn::softmax(&c.t("x"), axis.unwrap())?),
        "softmin" => one(nn::softmin(&c.t("x"), axis.unwrap())?),
        "log_softmax" => one(nn::log_softmax(&c.t("x"), axis.unwrap())?),
        "logsumexp" => one(nn::logsumexp(&c.t("x"), c.ints("axis").as_deref(), c.flag("keepdims"))?),
        other => panic!("no call for {other}"),
    }
}

fn two(c: &Case) -> [Option<usize>; 2] {
    let output = c.sizes("output").unwrap();
    [Some(output[0]), Some(output[1])]
}

fn activation(c: &Case) -> Option<Result<Tensor>> {
    let float = |name: &str| c.float(name).unwrap();
    let simple: fn(&Tensor) -> Result<Tensor> = match c.op() {
        "relu" => nn::relu,
        "relu6" => nn::relu6,
        "sigmoid" => nn::sigmoid,
        "log_sigmoid" => nn::log_sigmoid,
        "silu" => nn::silu,
        "selu" => nn::selu,
        "mish" => nn::mish,
        "hardsigmoid" => nn::hardsigmoid,
        "hardswish" => nn::hardswish,
        "softsign" => nn::softsign,
        "tanhshrink" => nn::tanhshrink,
        "gelu" => return Some(nn::gelu(&c.t("x"), c.flag("tanh"))),
        "elu" => return Some(nn::elu(&c.t("x"), float("alpha"))),
        "celu" => return Some(nn::celu(&c.t("x"), float("alpha"))),
        "leaky_relu" => return Some(nn::leaky_relu(&c.t("x"), float("negative_slope"))),
        "softplus" => return Some(nn::softplus(&c.t("x"), float("beta"), float("threshold"))),
        "hardtanh" => return Some(nn::hardtanh(&c.t("x"), float("min"), float("max"))),
        "hardshrink" => return Some(nn::hardshrink(&c.t("x"), float("lambd"))),
        "softshrink" => return Some(nn::softshrink(&c.t("x"), float("lambd"))),
        "glu" => return Some(nn::glu(&c.t("x"), c.int("axis").unwrap())),
        "prelu" => return Some(nn::prelu(&c.t("x"), &c.t("weight"))),
        _ => return None,
    };
    Some(simple(&c.t("x")))
}

fn loss(c: &Case) -> Option<Result<Tensor>> {
    let reduction = Reduction::from_name(c.text("reduction")?).unwrap();
    let (x, target, weight) = (c.t("x"), c.t("target"), c.opt("weight"));
    let weight = weight.as_ref();
    let ignore = c.int("ignore_index").unwrap_or(-100);
    Some(match c.op() {
        "mse_loss" => nn::mse_loss(&x, &target, reduction),
        "l1_loss" => nn::l1_loss(&x, &target, reduction),
        "smooth_l1_loss" => nn::smooth_l1_loss(&x, &target, c.float("beta").unwrap(), reduction),
        "huber_loss" => nn::huber_loss(&x, &target, c.float("delta").unwrap(), reduction),
        "binary_cross_entropy" => nn::binary_cross_entropy(&x, &target, weight, reduction),
        "bce_with_logits" => nn::binary_cross_entropy_with_logits(&x, &target, weight, c.opt("pos_weight").as_ref(), reduction),
        "kl_div" => nn::kl_div(&x, &target, reduction, c.flag("log_target")),
        "nll_loss" => nn::nll_loss(&x, &target, weight, ignore, reduction),
        "cross_entropy" => nn::cross_entropy(&x, &target, weight, ignore, reduction, c.float("label_smoothing").unwrap_or(0.0)),
        _ => return None,
    })
}

fn convolution(c: &Case) -> Result<Vec<Tensor>> {
    let (stride, dilation) = (c.sizes("stride").unwrap_or(vec![1]), c.sizes("dilation").unwrap_or(vec![1]));
    let zeros = if c.text("padding").is_some() { None } else { c.sizes("padding") };
    let padding = match (&zeros, c.text("padding")) {
        (Some(zeros), _) => Padding::Zeros(zeros),
        (None, Some(_)) => Padding::Same,
        (None, None) => Padding::Valid,
    };
    let options = ConvOptions { stride: &stride, padding, dilation: &dilation, groups: c.int("groups").unwrap_or(1) as usize };
    let (x, bias) = (c.t("x"), c.opt("bias"));
    let bias = bias.as_ref();
    let extra = c.sizes("output_padding").unwrap_or(vec![0]);
    let out = match c.op() {
        "conv1d" => nn::conv1d(&x, &c.t("weight"), bias, &options),
        "conv2d" => nn::conv2d(&x, &c.t("weight"), bias, &options),
        "conv3d" => nn::conv3d(&x, &c.t("weight"), bias, &options),
        "conv_transpose1d" => nn::conv_transpose1d(&x, &c.t("weight"), bias, &options, &extra),
        "conv_transpose2d" => nn::conv_transpose2d(&x, &c.t("weight"), bias, &options, &extra),
        _ => nn::unfold(&x, &c.sizes("kernel_size").unwrap(), &options),
    };
    Ok(vec![out?])
}

fn pool(c: &Case) -> Result<Vec<Tensor>> {
    let (kernel, stride) = (c.sizes("kernel").unwrap(), c.sizes("stride"));
    let (padding, dilation) = (c.sizes("padding").unwrap_or(vec![0]), c.sizes("dilation").unwrap_or(vec![1]));
    let options = PoolOptions {
        stride: stride.as_deref(),
        padding: &padding,
        dilation: &dilation,
        ceil_mode: c.flag("ceil_mode"),
        count_include_pad: c.arg("count_include_pad").is_none_or(|v| v.as_bool().unwrap()),
        divisor: c.int("divisor_override").map(|n| n as usize),
        ..PoolOptions::new(&kernel)
    };
    let x = c.t("x");
    match c.op() {
        "max_pool1d" => nn::max_pool1d(&x, &options).map(|(a, b)| vec![a, b]),
        "max_pool2d" => nn::max_pool2d(&x, &options).map(|(a, b)| vec![a, b]),
        "max_pool3d" => nn::max_pool3d(&x, &options).map(|(a, b)| vec![a, b]),
        "avg_pool1d" => Ok(vec![nn::avg_pool1d(&x, &options)?]),
        "avg_pool3d" => Ok(vec![nn::avg_pool3d(&x, &options)?]),
        _ => Ok(vec![nn::avg_pool2d(&x, &options)?]),
    }
}
