//! Distributions whose parameters must be checked together, shared by both generations.

use super::bits::BitSource;
use super::continuous;
use super::params::{self, Broadcast, Constraint, Param, ParamValue, Size, Values};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::broadcast_shape;
use crate::tensor::Tensor;

/// Runs a check on every combination of broadcast parameters.
pub(crate) fn jointly<P: ParamValue, const N: usize>(
    op: &'static str,
    params: &[Values<P>; N],
    mut check: impl FnMut([P; N]) -> Result<()>,
) -> Result<()> {
    let shape = broadcast_shape(op, &params.each_ref().map(Values::shape))?;
    let mut places = params.each_ref().map(|p| Broadcast::new(p.shape(), &shape));
    for _ in 0..shape.iter().product() {
        let mut i = 0;
        check(places.each_mut().map(|place| {
            let value = params[i].all()[place.next()];
            i += 1;
            value
        }))?;
    }
    Ok(())
}

/// The two bounds of a uniform distribution, checked. `Generator` wants `low <= high`, `RandomState` takes any order.
pub(crate) fn uniform_bounds(low: &Param<f64>, high: &Param<f64>, ordered: bool) -> Result<[Values<f64>; 2]> {
    let op = "uniform";
    let values = [Values::new(op, low, "low", Constraint::None)?, Values::new(op, high, "high", Constraint::None)?];
    jointly(op, &values, |[low, high]| {
        let range = high - low;
        if !range.is_finite() {
            let value = format!("high - low = {range}");
            return Err(Error::Overflow { op, value, dtype: DType::Float64 });
        }
        if ordered { Constraint::NonNegative.check(op, "high - low", range) } else { Ok(()) }
    })?;
    Ok(values)
}

/// Triangular draws.
pub(crate) fn triangular<S: BitSource>(source: &mut S, size: &Size, [left, mode, right]: [&Param<f64>; 3]) -> Result<Tensor> {
    let op = "triangular";
    let values = [
        Values::new(op, left, "left", Constraint::None)?,
        Values::new(op, mode, "mode", Constraint::None)?,
        Values::new(op, right, "right", Constraint::None)?,
    ];
    jointly(op, &values, |[left, mode, right]| {
        let message = if left > mode {
            "left > mode"
        } else if mode > right {
            "mode > right"
        } else if left == right {
            "left == right"
        } else {
            return Ok(());
        };
        Err(Error::value(op, message))
    })?;
    params::draw(op, size, values, |[left, mode, right]| continuous::triangular(source, left, mode, right))
}

/// The three counts of a hypergeometric distribution, checked.
pub(crate) fn hypergeometric_counts([good, bad, sample]: [&Param<i64>; 3], legacy: bool) -> Result<[Values<i64>; 3]> {
    let op = "hypergeometric";
    let at_least = if legacy { Constraint::Gte1 } else { Constraint::NonNegative };
    let values = [
        Values::new(op, good, "ngood", Constraint::NonNegative)?,
        Values::new(op, bad, "nbad", Constraint::NonNegative)?,
        Values::new(op, sample, "nsample", at_least)?,
    ];
    jointly(op, &values, |[good, bad, sample]| {
        if !legacy && (good >= 1_000_000_000 || bad >= 1_000_000_000) {
            return Err(Error::value(op, "both ngood and nbad must be less than 1000000000"));
        }
        match good.checked_add(bad) {
            Some(total) if total >= sample => Ok(()),
            Some(_) => Err(Error::value(op, "ngood + nbad < nsample")),
            None => Err(Error::value(op, "ngood + nbad must fit an int64")),
        }
    })?;
    Ok(values)
}
