//! Neural network functions, with the semantics of `torch.nn.functional`: pure functions, weights are arguments.
//!
//! Floating dtypes; integers are computed in float64, the 16-bit floats in float32 (and returned in their own dtype).
//! Axes are called `axis`, images are `[batch, channels, spatial...]`.
//!
//! ```
//! use purify_ops::{Tensor, nn};
//! let x = Tensor::from_vec(vec![1.0f32, 2.0, 3.0, 6.0], &[2, 2])?;
//! let y = nn::layer_norm(&x, &[2], None, None, 0.0)?;
//! assert_eq!(y.to_vec::<f32>()?, [-1.0, 1.0, -1.0, 1.0]);
//! let w = Tensor::from_vec(vec![1.0f32, -1.0], &[1, 2])?;
//! assert_eq!(nn::relu(&nn::linear(&x, &w, None)?)?.to_vec::<f32>()?, [0.0, 0.0]);
//! # Ok::<(), purify_ops::Error>(())
//! ```

mod activation;
mod attention;
mod conv;
mod distance;
mod embedding;
mod loss;
mod normalization;
mod pooling;
mod resize;
mod softmax;

pub use activation::{
    celu, elu, gelu, glu, hardshrink, hardsigmoid, hardswish, hardtanh, leaky_relu, log_sigmoid, mish, prelu, relu, relu6, selu, sigmoid,
    silu, softplus, softshrink, softsign, tanhshrink,
};
pub use attention::scaled_dot_product_attention;
pub use conv::{ConvOptions, Padding, conv_transpose1d, conv_transpose2d, conv1d, conv2d, conv3d, linear, unfold};
pub use distance::{cdist, cosine_similarity, pairwise_distance};
pub use embedding::{dropout, embedding, one_hot};
pub use loss::{
    Reduction, binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, huber_loss, kl_div, l1_loss, mse_loss, nll_loss,
    smooth_l1_loss,
};
pub use normalization::{batch_norm, group_norm, instance_norm, layer_norm, normalize, rms_norm};
pub use pooling::{
    PoolOptions, adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_max_pool1d, adaptive_max_pool2d, avg_pool1d, avg_pool2d, avg_pool3d,
    max_pool1d, max_pool2d, max_pool3d,
};
pub use resize::{Interpolation, interpolate, pixel_shuffle, pixel_unshuffle};
pub use softmax::{log_softmax, logsumexp, softmax, softmin};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::promote::promote_types;
use crate::storage::Device;
use crate::tensor::Tensor;

/// The dtype of results and the dtype they are computed in.
#[derive(Clone, Copy)]
struct Precision {
    result: DType,
    compute: DType,
}

/// The precision of a function of these operands.
fn precision(op: &'static str, operands: &[&Tensor]) -> Result<Precision> {
    let dtype = operands.iter().map(|x| x.dtype()).reduce(promote_types).unwrap_or(DType::Float64);
    let result = if dtype.is_floating() { dtype } else { DType::Float64 };
    if result.is_complex() {
        return Err(Error::dtype(op, result, "it takes real numbers"));
    }
    Ok(Precision { result, compute: if result.is_half() { DType::Float32 } else { result } })
}

impl Precision {
    /// An operand on the host, contiguous, in the dtype of the computation.
    fn host(self, x: &Tensor) -> Result<Tensor> {
        x.to_device(Device::Cpu)?.astype(self.compute)?.contiguous()
    }

    /// The same for an operand that may be missing.
    fn host_option(self, x: Option<&Tensor>) -> Result<Option<Tensor>> {
        x.map(|x| self.host(x)).transpose()
    }
}

/// The operands that are there.
fn present<'a>(required: &[&'a Tensor], optional: &[Option<&'a Tensor>]) -> Vec<&'a Tensor> {
    required.iter().copied().chain(optional.iter().copied().flatten()).collect()
}

/// An error unless an optional operand has this shape.
fn check_shape(op: &'static str, x: Option<&Tensor>, shape: &[usize]) -> Result<()> {
    match x {
        Some(x) if x.shape() != shape => Err(Error::ShapeMismatch { op, expected: shape.to_vec(), got: x.shape().to_vec() }),
        _ => Ok(()),
    }
}
