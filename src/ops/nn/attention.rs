//! Scaled dot-product attention.

use crate::compose;
use crate::error::{Error, Result};
use crate::linalg::products::matmul_as;
use crate::nn::softmax::softmax;
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use crate::{DType, Layout};

/// `softmax(query keyᵀ scale + mask) value`, with leading axes broadcast.
///
/// `query` is `[..., L, E]`, `key` `[..., S, E]`, `value` `[..., S, V]`; the result is `[..., L, V]`. A bool mask (broadcast to
/// `[..., L, S]`) says where attention is allowed, any other is added. `is_causal` allows position `i` the keys `0..=i`.
/// `scale` is `1 / √E` by default. A row with nothing allowed gives zeros. With `enable_gqa` the query has a multiple of the
/// heads (axis -3) of key and value, and each of their heads serves consecutive query heads.
///
/// # Errors
/// [`Error::Value`] for shapes that do not fit, or if both a mask and `is_causal` are given.
pub fn scaled_dot_product_attention(
    query: &Tensor,
    key: &Tensor,
    value: &Tensor,
    mask: Option<&Tensor>,
    is_causal: bool,
    scale: Option<f64>,
    enable_gqa: bool,
) -> Result<Tensor> {
    let op = "scaled_dot_product_attention";
    for x in [query, key, value] {
        if x.ndim() < 2 {
            return Err(Error::value(op, format!("operands need at least 2 dimensions, got shape {:?}", x.shape())));
        }
    }
    if mask.is_some() && is_causal {
        return Err(Error::value(op, "give a mask or is_causal, not both"));
    }
    let (length, width) = (query.shape()[query.ndim() - 2], query.shape()[query.ndim() - 1]);
    let keys = key.shape()[key.ndim() - 2];
    if enable_gqa && query.ndim() >= 3 && key.ndim() >= 3 {
        let (heads, groups) = (query.shape()[query.ndim() - 3], key.shape()[key.ndim() - 3]);
        if groups == 0 || heads % groups != 0 {
            return Err(Error::value(op, format!("{heads} query heads are not a multiple of {groups} key heads")));
        }
        if heads != groups {
            let (key, value) = (repeat_heads(key, heads / groups)?, repeat_heads(value, heads / groups)?);
            return scaled_dot_product_attention(query, &key, &value, mask, is_causal, scale, false);
        }
    }
    let dtype = query.dtype();
    let wide = |x: &Tensor| if x.dtype().is_half() { x.astype(DType::Float32) } else { Ok(x.clone()) };
    let (query, key, value) = (wide(query)?, wide(key)?, wide(value)?);
    let scale = scale.unwrap_or_else(|| 1.0 / (width as f64).sqrt());
    let mut scores = matmul_as(op, &compose::multiply(&query, scale)?, &key.matrix_transpose()?)?;
    let causal = if is_causal { Some(lower_triangle(length, keys)?.to_device(query.device())?) } else { None };
    let masked = mask.is_some();
    if let Some(allowed) = causal.as_ref().or(mask) {
        scores = if allowed.dtype() == DType::Bool {
            compose::select(allowed, &scores, f64::NEG_INFINITY)?
        } else {
            compose::add(&scores, &wide(allowed)?)?
        };
    }
    let mut weights = softmax(&scores, -1)?;
    if masked && keys > 0 {
        let nothing = compose::equal(&compose::max(&scores, Some(&[-1]), true)?, f64::NEG_INFINITY)?;
        weights = compose::select(&nothing, 0.0, &weights)?;
    }
    matmul_as(op, &weights, &value)?.astype(dtype)
}

/// Repeats every head (axis -3) `times` times.
fn repeat_heads(x: &Tensor, times: usize) -> Result<Tensor> {
    let rank = x.ndim();
    let spread = x.with_layout(x.layout().insert_axis(rank - 2));
    let mut shape = spread.shape().to_vec();
    shape[rank - 2] = times;
    let mut merged = x.shape().to_vec();
    merged[rank - 3] *= times;
    spread.broadcast_to(&shape)?.reshape(&merged)
}

/// True on and below the diagonal.
fn lower_triangle(rows: usize, cols: usize) -> Result<Tensor> {
    let out = Tensor::uninit("tril", &[rows, cols], DType::Bool, crate::Device::Cpu)?;
    out.fill(Scalar::Bool(false))?;
    for row in 0..rows {
        let allowed = (row + 1).min(cols);
        let line = out.with_layout(Layout::new(&[allowed], &[1], row * cols));
        line.fill(Scalar::Bool(true))?;
    }
    Ok(out)
}
