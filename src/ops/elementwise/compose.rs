//! Elementwise functions made of others: selection, clipping, tolerance, replacement of NaN.

use crate::backend::common_device;
use crate::dtype::DType;
use crate::elementwise::{abs, add, equal, isfinite, isnan, less_equal, logical_and, logical_or, maximum, minimum, multiply, subtract};
use crate::error::{Error, Result};
use crate::layout::broadcast_shape;
use crate::promote::{Operand, finfo, result_type};
use crate::scalar::Scalar;
use crate::statistical;
use crate::tensor::Tensor;

/// Elements of `x1` where the condition is not zero, else of `x2`; all three broadcast.
///
/// # Errors
/// [`Error::Broadcast`] if the shapes are not compatible.
pub fn where_<'a>(condition: &Tensor, x1: impl Into<Operand<'a>>, x2: impl Into<Operand<'a>>) -> Result<Tensor> {
    let (a, b) = (x1.into(), x2.into());
    let dtype = result_type(&[a.participant(), b.participant()])?;
    let device = condition.device();
    let tensor = |x: Operand<'_>| match x {
        Operand::Tensor(t) => t.astype(dtype),
        Operand::Scalar(s) => Tensor::from_scalar("where", s, dtype)?.to_device(device),
    };
    let (a, b, condition) = (tensor(a)?, tensor(b)?, condition.astype(DType::Bool)?);
    common_device("where", &[&condition, &a, &b])?;
    let shape = broadcast_shape("where", &[condition.shape(), a.shape(), b.shape()])?;
    let out = Tensor::uninit("where", &shape, dtype, device)?;
    let fit = |t: &Tensor| t.broadcast_for("where", &shape);
    out.backend()?.select(&fit(&condition)?, &fit(&a)?, &fit(&b)?, &out)?;
    Ok(out)
}

/// Limits elements to `min..=max`; either bound may be left out. The result has the dtype of `x`.
///
/// # Errors
/// [`Error::Broadcast`] if a bound does not broadcast to the tensor's shape.
pub fn clip(x: &Tensor, min: Option<Operand<'_>>, max: Option<Operand<'_>>) -> Result<Tensor> {
    // An integer bound outside the dtype's range is replaced by the end of the range.
    let saturate = |bound: Operand<'_>| match (bound, crate::scalar::int_range(x.dtype())) {
        (Operand::Scalar(Scalar::Int(v)), Some((lo, hi))) => Scalar::Int(v.clamp(lo, hi)),
        (Operand::Scalar(s), _) => s,
        _ => Scalar::Bool(false),
    };
    let apply = |t: &Tensor, bound: Operand<'_>, op: fn(Operand<'_>, Operand<'_>) -> Result<Tensor>| match bound {
        Operand::Tensor(_) => op(Operand::Tensor(t), bound),
        Operand::Scalar(_) => op(Operand::Tensor(t), Operand::Scalar(saturate(bound))),
    };
    let mut out = x.clone();
    if let Some(min) = min {
        out = apply(&out, min, |a, b| maximum(a, b))?;
    }
    if let Some(max) = max {
        out = apply(&out, max, |a, b| minimum(a, b))?;
    }
    if out.storage().same(x.storage()) { x.copy() } else { Ok(out) }
}

impl<'a> From<&'a Scalar> for Operand<'a> {
    fn from(s: &'a Scalar) -> Self {
        Operand::Scalar(*s)
    }
}

/// Whether elements agree within `atol + rtol * |x2|`.
///
/// Infinities agree with themselves; NaN only with `equal_nan`.
pub fn isclose<'a>(x1: impl Into<Operand<'a>>, x2: impl Into<Operand<'a>>, rtol: f64, atol: f64, equal_nan: bool) -> Result<Tensor> {
    let as_tensor = |x: Operand<'_>| match x {
        Operand::Tensor(t) => Ok(t.clone()),
        Operand::Scalar(s) => Tensor::from_scalar("isclose", s, s.default_dtype()),
    };
    let (a, b) = (as_tensor(x1.into())?, as_tensor(x2.into())?);
    let widen = |t: Tensor| if t.dtype().is_floating() { Ok(t) } else { t.astype(DType::Float64) };
    let (a, b) = (widen(a)?, widen(b)?);
    let bound = add(&multiply(&abs(&b)?, rtol)?, atol)?;
    let near = less_equal(&abs(&subtract(&a, &b)?)?, &bound)?;
    // A finite bound around infinity would accept anything, so finite values are compared by distance, others exactly.
    let near = logical_and(&logical_and(&near, &isfinite(&b)?)?, &isfinite(&a)?)?;
    let mut out = logical_or(&near, &equal(&a, &b)?)?;
    if equal_nan {
        out = logical_or(&out, &logical_and(&isnan(&a)?, &isnan(&b)?)?)?;
    }
    Ok(out)
}

/// Whether all elements agree as in [`isclose`].
pub fn allclose<'a>(x1: impl Into<Operand<'a>>, x2: impl Into<Operand<'a>>, rtol: f64, atol: f64, equal_nan: bool) -> Result<bool> {
    Ok(statistical::all(&isclose(x1, x2, rtol, atol, equal_nan)?, None, false)?.item()?.as_bool())
}

/// Whether two tensors have the same shape and equal elements.
pub fn array_equal(x1: &Tensor, x2: &Tensor, equal_nan: bool) -> Result<bool> {
    if x1.shape() != x2.shape() {
        return Ok(false);
    }
    let mut same = equal(x1, x2)?;
    if equal_nan {
        same = logical_or(&same, &logical_and(&isnan(x1)?, &isnan(x2)?)?)?;
    }
    Ok(statistical::all(&same, None, false)?.item()?.as_bool())
}

/// Whether two tensors broadcast to a common shape with equal elements.
pub fn array_equiv(x1: &Tensor, x2: &Tensor) -> Result<bool> {
    if broadcast_shape("array_equiv", &[x1.shape(), x2.shape()]).is_err() {
        return Ok(false);
    }
    Ok(statistical::all(&equal(x1, x2)?, None, false)?.item()?.as_bool())
}

/// Replaces NaN by `nan`, infinities by the given numbers or else the largest finite ones.
pub fn nan_to_num(x: &Tensor, nan: f64, posinf: Option<f64>, neginf: Option<f64>) -> Result<Tensor> {
    if !x.dtype().is_floating() {
        return x.copy();
    }
    if x.dtype().is_complex() {
        let out = x.copy()?;
        for part in 0..2 {
            out.complex_part(part).assign(&nan_to_num(&x.complex_part(part), nan, posinf, neginf)?)?;
        }
        return Ok(out);
    }
    let limits = finfo(x.dtype())?;
    let inf = f64::INFINITY;
    let mut out = where_(&isnan(x)?, nan, x)?;
    out = where_(&equal(x, inf)?, posinf.unwrap_or(limits.max), &out)?;
    where_(&equal(x, -inf)?, neginf.unwrap_or(limits.min), &out)
}

/// Elements rounded to a number of decimals, halves to even, as NumPy does it: scaled, rounded, scaled back.
pub fn round_decimals(x: &Tensor, decimals: i32) -> Result<Tensor> {
    if decimals == 0 || (!x.dtype().is_floating() && decimals > 0) {
        return crate::elementwise::round(x);
    }
    if !x.dtype().is_floating() {
        let scaled = crate::elementwise::divide(x, 10f64.powi(-decimals))?;
        return multiply(&crate::elementwise::round(&scaled)?, 10f64.powi(-decimals))?.astype(x.dtype());
    }
    let scale = 10f64.powi(decimals.abs());
    if decimals > 0 {
        crate::elementwise::divide(&crate::elementwise::round(&multiply(x, scale)?)?, scale)
    } else {
        multiply(&crate::elementwise::round(&crate::elementwise::divide(x, scale)?)?, scale)
    }
}

/// Quotient and remainder, as Python's `divmod`.
pub fn divmod<'a>(x1: impl Into<Operand<'a>>, x2: impl Into<Operand<'a>>) -> Result<(Tensor, Tensor)> {
    let (a, b) = (x1.into(), x2.into());
    Ok((crate::elementwise::floor_divide(a, b)?, crate::elementwise::remainder(a, b)?))
}

/// Fractional and integral parts, both with the sign of the element.
pub fn modf(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let x = if x.dtype().is_floating() { x.clone() } else { x.astype(DType::Float64)? };
    let whole = crate::elementwise::trunc(&x)?;
    let fraction = where_(&crate::elementwise::isinf(&x)?, 0.0, &subtract(&x, &whole)?)?;
    Ok((crate::elementwise::copysign(&fraction, &x)?, whole))
}

/// Mantissa in `[0.5, 1)` and exponent (`int32`) with `x = m * 2**e`.
pub fn frexp(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let dtype = if x.dtype().is_real_float() { x.dtype() } else { DType::Float64 };
    let values = x.cast_vec::<f64>()?;
    let (m, e): (Vec<f64>, Vec<i32>) = values.into_iter().map(libm::frexp).unzip();
    let e = e.iter().zip(&m).map(|(&e, m)| if m.is_finite() { e } else { 0 }).collect::<Vec<_>>();
    let there = x.device();
    Ok((Tensor::from_vec(m, x.shape())?.astype(dtype)?.to_device(there)?, Tensor::from_vec(e, x.shape())?.to_device(there)?))
}

/// `log(x / (1 - x))`, after limiting `x` to `eps..=1 - eps` if given.
pub fn logit(x: &Tensor, eps: Option<f64>) -> Result<Tensor> {
    let x = match eps {
        Some(eps) => clip(x, Some(eps.into()), Some((1.0 - eps).into()))?,
        None => x.clone(),
    };
    let odds = crate::elementwise::divide(&x, &subtract(1.0, &x)?)?;
    crate::elementwise::log(&odds)
}

/// Angles with jumps of more than `discontinuity` (half a period if `None`) along an axis removed by adding periods.
pub fn unwrap(x: &Tensor, discontinuity: Option<f64>, axis: i64, period: f64) -> Result<Tensor> {
    use crate::elementwise::{less, remainder};
    let a = crate::layout::normalize_axis("unwrap", axis, x.shape())?;
    let x = if x.dtype().is_floating() { x.clone() } else { x.astype(DType::Float64)? };
    let n = x.shape()[a];
    if n < 2 {
        return x.copy();
    }
    let half = period / 2.0;
    let steps = statistical::diff(&x, 1, axis, None, None)?;
    let folded = subtract(&remainder(&add(&steps, half)?, period)?, half)?;
    // A step of exactly half a period keeps its direction.
    let at_edge = logical_and(&equal(&folded, -half)?, &crate::elementwise::greater(&steps, 0)?)?;
    let folded = where_(&at_edge, half, &folded)?;
    let correction = where_(&less(&abs(&steps)?, discontinuity.unwrap_or(half))?, 0.0, &subtract(&folded, &steps)?)?;
    let out = x.copy()?;
    let tail = out.slice(a, 1, n - 1, 1);
    tail.assign(&add(&tail, &statistical::cumsum(&correction, Some(axis), None)?)?)?;
    Ok(out)
}

/// Whether `x` is real everywhere: `imag(x) == 0`.
pub fn isreal(x: &Tensor) -> Result<Tensor> {
    equal(&crate::elementwise::imag(x)?, 0)
}

/// Whether `x` has an imaginary part that is not zero.
pub fn iscomplex(x: &Tensor) -> Result<Tensor> {
    crate::elementwise::not_equal(&crate::elementwise::imag(x)?, 0)
}

/// Whether elements are positive infinity.
pub fn isposinf(x: &Tensor) -> Result<Tensor> {
    infinite(x, f64::INFINITY)
}

/// Whether elements are negative infinity.
pub fn isneginf(x: &Tensor) -> Result<Tensor> {
    infinite(x, f64::NEG_INFINITY)
}

fn infinite(x: &Tensor, which: f64) -> Result<Tensor> {
    if x.dtype().is_complex() {
        return Err(Error::dtype("isposinf", x.dtype(), "it takes real numbers"));
    }
    equal(x, which)
}

/// Distance between each element and the next representable number away from zero.
pub fn spacing(x: &Tensor) -> Result<Tensor> {
    let x = if x.dtype().is_floating() { x.clone() } else { x.astype(DType::Float64)? };
    let away = crate::elementwise::copysign(f64::INFINITY, &x)?.astype(x.dtype())?;
    subtract(&crate::elementwise::nextafter(&x, &away)?, &x)
}
