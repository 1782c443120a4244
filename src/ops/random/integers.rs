//! Bounded integers of every integer dtype: checks, broadcasting and the choice of the drawn word.

use super::bit_generator::{State, with_state};
use super::bits::BitSource;
use super::bounded::{self, Buffer, Method, Word};
use super::params::{Broadcast, Constraint, Param, Size, Values, filled, output_shape};
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::scalar::int_range;
use crate::tensor::Tensor;

/// What is asked for: the interval, the dtype, whether `high` belongs to it, and by which method.
pub(crate) struct Request {
    pub(crate) op: &'static str,
    pub(crate) low: Param<i128>,
    pub(crate) high: Param<i128>,
    pub(crate) dtype: DType,
    pub(crate) endpoint: bool,
    pub(crate) method: Method,
}

/// Draws integers of the requested interval.
///
/// # Errors
/// [`Error::Value`] when a bound does not fit the dtype or an interval is empty, [`Error::DType`] for dtypes other
/// than integers and bool.
pub(crate) fn integers(state: &mut State, size: &Size, request: &Request) -> Result<Tensor> {
    let Request { op, dtype, .. } = *request;
    let unsigned = match dtype {
        DType::Bool => return typed::<bool>(state, size, request),
        DType::Int8 | DType::UInt8 => typed::<u8>(state, size, request),
        DType::Int16 | DType::UInt16 => typed::<u16>(state, size, request),
        DType::Int32 | DType::UInt32 => typed::<u32>(state, size, request),
        DType::Int64 | DType::UInt64 => typed::<u64>(state, size, request),
        _ => return Err(Error::dtype(op, dtype, "integer dtypes and bool are")),
    };
    if dtype.is_signed() { unsigned?.bitcast(dtype) } else { unsigned }
}

/// The closed interval `[low, high]`, checked, as offset and range modulo 2^64.
fn interval(request: &Request, low: i128, high: i128) -> Result<(u64, u64)> {
    let Request { op, dtype, endpoint, .. } = *request;
    let high = if endpoint { high } else { high.saturating_sub(1) };
    let (min, max) = int_range(dtype).unwrap_or((0, 1));
    let message = if low < min {
        format!("low is out of bounds for {dtype}")
    } else if high > max {
        format!("high is out of bounds for {dtype}")
    } else if low > high {
        match (low == 0, endpoint) {
            (true, true) => "high < 0".into(),
            (true, false) => "high <= 0".into(),
            (false, true) => "low > high".into(),
            (false, false) => "low >= high".into(),
        }
    } else {
        return Ok((low as u64, (high - low) as u64));
    };
    Err(Error::value(op, message))
}

fn typed<W: Word + Element>(state: &mut State, size: &Size, request: &Request) -> Result<Tensor> {
    let op = request.op;
    if matches!(size, Size::Shape(shape) if shape.contains(&0)) {
        return filled::<W>(op, size.shape(), |_| ());
    }
    let low = Values::new(op, &request.low, "low", Constraint::None)?;
    let high = Values::new(op, &request.high, "high", Constraint::None)?;
    if let (Some(low), Some(high)) = (low.scalar(), high.scalar()) {
        let (offset, range) = interval(request, low, high)?;
        return filled(
            op,
            size.shape(),
            |out: &mut [W]| with_state!(state, source => bounded::fill(source, offset, range, request.method, out)),
        );
    }
    let shape = output_shape(op, size, &[low.shape(), high.shape()])?;
    let count = shape.iter().product::<usize>();
    let mut places = (Broadcast::new(low.shape(), &shape), Broadcast::new(high.shape(), &shape));
    // Every interval is checked before the first word is drawn, so that an error leaves the stream as it was.
    let intervals =
        (0..count).map(|_| interval(request, low.all()[places.0.next()], high.all()[places.1.next()])).collect::<Result<Vec<_>>>()?;
    let mut buffer = Buffer::default();
    filled(op, &shape, |out: &mut [W]| {
        for (slot, (offset, range)) in out.iter_mut().zip(intervals) {
            let draw = W::bounded(state, range, request.method, &mut buffer);
            *slot = draw.add(W::truncate(offset));
        }
    })
}

/// `length` random bytes: 32-bit words in little-endian order.
pub(crate) fn bytes(state: &mut State, length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length.next_multiple_of(4));
    while out.len() < length {
        out.extend_from_slice(&state.next_u32().to_le_bytes());
    }
    out.truncate(length);
    out
}
