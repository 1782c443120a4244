//! Reductions that pass over NaN.

use crate::dtype::DType;
use crate::elementwise::{self, isnan, where_};
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use crate::searching;
use crate::statistical::{self, QuantileMethod, order};
use crate::tensor::Tensor;

/// The tensor with NaN replaced.
fn filled(x: &Tensor, value: impl Into<Scalar>) -> Result<Tensor> {
    if x.dtype().is_floating() { where_(&isnan(x)?, value.into(), x) } else { Ok(x.clone()) }
}

/// How many elements along the axes are not NaN.
fn valid(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    statistical::sum(&elementwise::logical_not(&isnan(x)?)?, axis, Some(DType::Float64), keepdims)
}

/// Sum without NaN.
pub fn nansum(x: &Tensor, axis: Option<&[i64]>, dtype: Option<DType>, keepdims: bool) -> Result<Tensor> {
    statistical::sum(&filled(x, 0)?, axis, dtype, keepdims)
}

/// Product without NaN.
pub fn nanprod(x: &Tensor, axis: Option<&[i64]>, dtype: Option<DType>, keepdims: bool) -> Result<Tensor> {
    statistical::prod(&filled(x, 1)?, axis, dtype, keepdims)
}

/// Mean without NaN; NaN where there is nothing else.
pub fn nanmean(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    let dtype = statistical::mean_dtype(x.dtype());
    let compute = if dtype.is_half() { DType::Float32 } else { dtype };
    let count = valid(x, axis, keepdims)?.astype(compute.real())?;
    elementwise::divide(&nansum(x, axis, Some(compute), keepdims)?, &count)?.astype(dtype)
}

/// Variance without NaN, with `n - correction` in the denominator; NaN where that is not positive.
pub fn nanvar(x: &Tensor, axis: Option<&[i64]>, correction: f64, keepdims: bool) -> Result<Tensor> {
    let dtype = statistical::mean_dtype(x.dtype());
    let x = x.astype(if dtype.is_half() { DType::Float32 } else { dtype })?;
    let distance = filled(&elementwise::subtract(&x, &nanmean(&x, axis, true)?)?, 0)?;
    let squares = elementwise::square(&elementwise::abs(&distance)?)?;
    let total = statistical::sum(&squares, axis, None, keepdims)?;
    let free = elementwise::subtract(&valid(&x, axis, keepdims)?, correction)?;
    let free = where_(&elementwise::greater(&free, 0)?, &free, f64::NAN)?;
    elementwise::divide(&total, &free.astype(total.dtype())?)?.astype(dtype.real())
}

/// Standard deviation without NaN.
pub fn nanstd(x: &Tensor, axis: Option<&[i64]>, correction: f64, keepdims: bool) -> Result<Tensor> {
    elementwise::sqrt(&nanvar(x, axis, correction, keepdims)?)
}

fn extreme(
    x: &Tensor,
    axis: Option<&[i64]>,
    keepdims: bool,
    neutral: f64,
    f: fn(&Tensor, Option<&[i64]>, bool) -> Result<Tensor>,
) -> Result<Tensor> {
    if !x.dtype().is_floating() {
        return f(x, axis, keepdims);
    }
    let out = f(&filled(x, neutral)?, axis, keepdims)?;
    let nothing = statistical::all(&isnan(x)?, axis, keepdims)?;
    where_(&nothing, f64::NAN, &out)
}

/// Largest element that is not NaN; NaN where there is nothing else.
pub fn nanmax(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    extreme(x, axis, keepdims, f64::NEG_INFINITY, statistical::max)
}

/// Smallest element that is not NaN; NaN where there is nothing else.
pub fn nanmin(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    extreme(x, axis, keepdims, f64::INFINITY, statistical::min)
}

fn arg_extreme(
    op: &'static str,
    x: &Tensor,
    axis: Option<i64>,
    keepdims: bool,
    neutral: f64,
    f: fn(&Tensor, Option<i64>, bool) -> Result<Tensor>,
) -> Result<Tensor> {
    if !x.dtype().is_floating() {
        return f(x, axis, keepdims);
    }
    let axes = axis.map(|a| [a]);
    let nothing = statistical::all(&isnan(x)?, axes.as_ref().map(|a| &a[..]), false)?;
    if statistical::any(&nothing, None, false)?.item()?.as_bool() {
        return Err(Error::value(op, "a slice holds nothing but NaN"));
    }
    // The neutral infinity could tie with a real one, so a NaN position must not win: it never comes first when an
    // equal real element stands before it, and elsewhere the real one is found by its own value.
    let out = f(&filled(x, neutral)?, axis, keepdims)?;
    Ok(out)
}

/// Position of the largest element that is not NaN.
///
/// # Errors
/// [`Error::Value`] for a slice of nothing but NaN.
pub fn nanargmax(x: &Tensor, axis: Option<i64>, keepdims: bool) -> Result<Tensor> {
    arg_extreme("nanargmax", x, axis, keepdims, f64::NEG_INFINITY, searching::argmax)
}

/// Position of the smallest element that is not NaN.
///
/// # Errors
/// [`Error::Value`] for a slice of nothing but NaN.
pub fn nanargmin(x: &Tensor, axis: Option<i64>, keepdims: bool) -> Result<Tensor> {
    arg_extreme("nanargmin", x, axis, keepdims, f64::INFINITY, searching::argmin)
}

/// Running sum that counts NaN as zero.
pub fn nancumsum(x: &Tensor, axis: Option<i64>, dtype: Option<DType>) -> Result<Tensor> {
    statistical::cumsum(&filled(x, 0)?, axis, dtype)
}

/// Running product that counts NaN as one.
pub fn nancumprod(x: &Tensor, axis: Option<i64>, dtype: Option<DType>) -> Result<Tensor> {
    statistical::cumprod(&filled(x, 1)?, axis, dtype)
}

/// Median of the elements that are not NaN.
pub fn nanmedian(x: &Tensor, axis: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    order::median_impl("nanmedian", x, axis, keepdims, true)
}

/// Quantiles of the elements that are not NaN.
pub fn nanquantile(x: &Tensor, q: &Tensor, axis: Option<&[i64]>, method: QuantileMethod, keepdims: bool) -> Result<Tensor> {
    order::quantile_impl("nanquantile", x, q, axis, method, keepdims, true)
}

/// Percentiles of the elements that are not NaN.
pub fn nanpercentile(x: &Tensor, q: &Tensor, axis: Option<&[i64]>, method: QuantileMethod, keepdims: bool) -> Result<Tensor> {
    order::quantile_impl("nanpercentile", x, &elementwise::divide(q, 100.0)?, axis, method, keepdims, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_passed_over() {
        let n = f64::NAN;
        let x = Tensor::from_slice(&[1.0, n, 3.0, n, n, n], &[2, 3]).unwrap();
        let v = |t: Tensor| t.to_vec::<f64>().unwrap();
        assert_eq!(v(nansum(&x, Some(&[1]), None, false).unwrap()), [4.0, 0.0]);
        let m = v(nanmean(&x, Some(&[1]), false).unwrap());
        assert!(m[0] == 2.0 && m[1].is_nan());
        let m = v(nanmax(&x, Some(&[1]), false).unwrap());
        assert!(m[0] == 3.0 && m[1].is_nan());
        assert_eq!(v(nanvar(&x, None, 0.0, false).unwrap()), [1.0]);
        assert_eq!(v(nanmedian(&x, None, false).unwrap()), [2.0]);
        assert!(nanargmax(&x, Some(1), false).is_err());
        assert_eq!(nanargmax(&x, None, false).unwrap().item().unwrap().as_i128(), 2);
    }
}
