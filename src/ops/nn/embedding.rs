//! Looking rows up, one-hot vectors, dropout.

use crate::compose;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// Checked indices below `size`, as `int64` on the host.
fn indices(op: &'static str, x: &Tensor, size: usize) -> Result<Vec<i64>> {
    if !x.dtype().is_integer() {
        return Err(Error::dtype(op, x.dtype(), "indices must be integers"));
    }
    let values = x.cast_vec::<i64>()?;
    match values.iter().find(|&&i| i < 0 || i as usize >= size) {
        Some(&index) => Err(Error::OutOfBounds { op, index, axis: 0, size }),
        None => Ok(values),
    }
}

/// The rows of `weight` (`[count, ...]`) at integer indices of any shape: `ids.shape + weight.shape[1:]`.
///
/// # Errors
/// [`Error::OutOfBounds`] for indices outside `0..count`; [`Error::DType`] for indices that are not integers.
pub fn embedding(ids: &Tensor, weight: &Tensor) -> Result<Tensor> {
    let op = "embedding";
    if weight.ndim() == 0 {
        return Err(Error::value(op, "the weight needs at least 1 dimension"));
    }
    let rows = Tensor::from_vec(indices(op, ids, weight.shape()[0])?, ids.shape())?.to_device(weight.device())?;
    let shape = [ids.shape(), &weight.shape()[1..]].concat();
    let out = Tensor::uninit(op, &shape, weight.dtype(), weight.device())?;
    weight.backend()?.gather(weight, &[rows], 0, &out)?;
    Ok(out)
}

/// Vectors with a 1 at the index and 0 elsewhere: `[...]` to `[..., classes]`, `int64`. Without `classes`, one more than the
/// largest index.
///
/// # Errors
/// As [`embedding`]; [`Error::Value`] without indices and classes.
pub fn one_hot(ids: &Tensor, classes: Option<usize>) -> Result<Tensor> {
    let op = "one_hot";
    let values = indices(op, ids, classes.unwrap_or(usize::MAX >> 1))?;
    let classes = match classes {
        Some(classes) => classes,
        None => values
            .iter()
            .max()
            .map(|&i| i as usize + 1)
            .ok_or_else(|| Error::value(op, "the number of classes is needed when there are no indices"))?,
    };
    let shape = [ids.shape(), &[classes]].concat();
    let mut out = crate::memory::zeros::<i64>(crate::layout::checked_size(op, &shape)?)?;
    for (row, &index) in values.iter().enumerate() {
        out[row * classes + index as usize] = 1;
    }
    Tensor::from_vec(out, &shape)?.to_device(ids.device())
}

/// Sets elements to zero with probability `p` and divides the others by `1 - p`; the identity unless `training`.
///
/// `draw` fills a slice with uniform numbers from `[0, 1)`; an element is kept where its number is at least `p`.
///
/// # Errors
/// [`Error::Value`] if `p` is outside `0..=1`.
pub fn dropout(x: &Tensor, p: f64, training: bool, draw: &mut dyn FnMut(&mut [f64])) -> Result<Tensor> {
    if !(0.0..=1.0).contains(&p) {
        return Err(Error::value("dropout", format!("p must be between 0 and 1, got {p}")));
    }
    if !training || p == 0.0 {
        return Ok(x.clone());
    }
    let mut uniform = vec![0.0; x.size()];
    draw(&mut uniform);
    let factor = if p == 1.0 { 0.0 } else { 1.0 / (1.0 - p) };
    let factors: Vec<f64> = uniform.iter().map(|&u| if u >= p { factor } else { 0.0 }).collect();
    let dtype = if x.dtype().is_floating() { x.dtype().real() } else { DType::Float64 };
    let mask = Tensor::from_vec(factors, x.shape())?.astype(dtype)?.to_device(x.device())?;
    compose::multiply(x, &mask.to_device(x.device())?)
}
