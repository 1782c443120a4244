//! Distances and similarities of vectors.

use crate::compose;
use crate::cpu::chunks::for_each_lanes;
use crate::cpu::lane;
use crate::dispatch;
use crate::error::{Error, Result};
use crate::layout::broadcast_shape;
use crate::linalg::vector_norm;
use crate::nn::precision;
use crate::tensor::Tensor;

/// `x1 · x2 / (max(‖x1‖, eps) max(‖x2‖, eps))` along `axis`, after broadcasting.
///
/// # Errors
/// [`Error::Broadcast`], [`Error::Axis`].
pub fn cosine_similarity(x1: &Tensor, x2: &Tensor, axis: i64, eps: f64) -> Result<Tensor> {
    let op = "cosine_similarity";
    let shape = broadcast_shape(op, &[x1.shape(), x2.shape()])?;
    let axes = [axis];
    let (a, b) = (x1.broadcast_for(op, &shape)?, x2.broadcast_for(op, &shape)?);
    let norm = |x: &Tensor| compose::maximum(&vector_norm(x, Some(&axes), true, 2.0)?, eps);
    let (a, b) = (compose::divide(&a, &norm(&a)?)?, compose::divide(&b, &norm(&b)?)?);
    compose::sum(&compose::multiply(&a, &b)?, Some(&axes), None, false)
}

/// `‖x1 - x2 + eps‖_p` along the last axis.
///
/// # Errors
/// [`Error::Broadcast`].
pub fn pairwise_distance(x1: &Tensor, x2: &Tensor, p: f64, eps: f64, keepdims: bool) -> Result<Tensor> {
    vector_norm(&compose::add(&compose::subtract(x1, x2)?, eps)?, Some(&[-1]), keepdims, p)
}

/// The `p`-norm distances between all pairs of rows: `[..., n, d]` and `[..., m, d]` to `[..., n, m]`. Differences are taken
/// before squaring, so that close rows have exact distances.
///
/// # Errors
/// [`Error::Value`] if the rows have different lengths or `p` is negative; [`Error::Broadcast`] for the leading axes.
pub fn cdist(x1: &Tensor, x2: &Tensor, p: f64) -> Result<Tensor> {
    let op = "cdist";
    let ([lead1 @ .., n, d1], [lead2 @ .., m, d2]) = (x1.shape(), x2.shape()) else {
        return Err(Error::value(op, "operands need at least 2 dimensions"));
    };
    if d1 != d2 || p.is_nan() || p < 0.0 {
        let message = format!("rows of one length and p >= 0 are needed, got {:?}, {:?}, p={p}", x1.shape(), x2.shape());
        return Err(Error::value(op, message));
    }
    let (n, m, d) = (*n, *m, *d1);
    let lead = broadcast_shape(op, &[lead1, lead2])?;
    let full = |tail: [usize; 2]| [&lead[..], &tail].concat();
    let precision = precision(op, &[x1, x2])?;
    let a = precision.host(&x1.broadcast_for(op, &full([n, d]))?)?;
    // The second operand is transposed, so that the inner loops run over neighbours.
    let b = precision.host(&x2.broadcast_for(op, &full([m, d]))?.matrix_transpose()?)?;
    let out = Tensor::uninit(op, &full([n, m]), precision.compute, a.device())?;
    dispatch!(float: precision.compute, T => {
        let (a, b) = (a.as_slice::<T>()?, b.as_slice::<T>()?);
        // SAFETY: `out` is new, so nobody else reads or writes it.
        let target = unsafe { out.as_mut_slice::<T>()? };
        if m > 0 {
            for_each_lanes(target, m, d, |first, rows| {
                for (i, row) in rows.chunks_exact_mut(m).enumerate() {
                    let index = first + i;
                    let point = &a[index * d..][..d];
                    let others = &b[index / n * (d * m)..][..d * m];
                    row.fill(0.0);
                    for (&x, line) in point.iter().zip(others.chunks_exact(m)) {
                        if p == 2.0 {
                            lane::add_squares(line, row, x);
                            continue;
                        }
                        let pairs = row.iter_mut().zip(line);
                        match p {
                            0.0 => pairs.for_each(|(s, &y)| *s += if x == y { 0.0 } else { 1.0 }),
                            1.0 => pairs.for_each(|(s, &y)| *s += (x - y).abs()),
                            f64::INFINITY => pairs.for_each(|(s, &y)| *s = if (x - y).abs() <= *s { *s } else { (x - y).abs() }),
                            _ => pairs.for_each(|(s, &y)| *s += (x - y).abs().powf(p as T)),
                        }
                    }
                    match p {
                        0.0 | 1.0 | f64::INFINITY => {}
                        2.0 => row.iter_mut().for_each(|s| *s = s.sqrt()),
                        _ => row.iter_mut().for_each(|s| *s = s.powf(1.0 / p as T)),
                    }
                }
            });
        }
    }, else ());
    out.astype(precision.result)?.to_device(x1.device())
}
