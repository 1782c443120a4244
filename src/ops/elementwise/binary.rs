//! Functions of two operands.

use std::cmp::Ordering;

use crate::backend::{BinaryOp, common_device};
use crate::dispatch;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::{Shape, broadcast_shape};
use crate::promote::{Operand, promote_scalar, promote_types};
use crate::scalar::{FromScalar, Scalar, int_range};
use crate::storage::Device;
use crate::tensor::Tensor;

/// Applies an elementwise function to operands that broadcast against each other.
///
/// Scalars are weak: they take the dtype of the tensor if its kind allows.
///
/// # Errors
/// [`Error::Broadcast`], [`Error::DType`], [`Error::Overflow`] for an integer scalar outside the tensor's dtype.
#[inline]
pub fn binary(op: BinaryOp, a: Operand<'_>, b: Operand<'_>) -> Result<Tensor> {
    match prepared(op, a, b) {
        Ok(Some(out)) => Ok(out),
        Ok(None) => unprepared(op, a, b),
        Err(e) => Err(e),
    }
}

/// [`binary`] of operands that must be converted or broadcast first. Apart, so that the frequent cases need not make room for it.
#[inline(never)]
fn unprepared(op: BinaryOp, a: Operand<'_>, b: Operand<'_>) -> Result<Tensor> {
    let name = op.name();
    if is_comparison(op) {
        if let Some(out) = compare_beyond_range(op, a, b)? {
            return Ok(out);
        }
        if let (Operand::Tensor(x), Operand::Tensor(y)) = (a, b) {
            match (x.dtype(), y.dtype()) {
                (d, DType::UInt64) if d.is_signed() => return compare_signs(op, x, y),
                (DType::UInt64, d) if d.is_signed() => return compare_signs(flipped(op), y, x),
                _ => {}
            }
        }
    }
    let common = match (a, b) {
        (Operand::Tensor(x), Operand::Tensor(y)) => promote_types(x.dtype(), y.dtype()),
        (Operand::Tensor(x), Operand::Scalar(s)) | (Operand::Scalar(s), Operand::Tensor(x)) => promote_scalar(x.dtype(), s.kind()),
        (Operand::Scalar(x), Operand::Scalar(y)) => promote_types(x.default_dtype(), y.default_dtype()),
    };
    let compute = match (op, a, b) {
        // The exponents of `ldexp` are integers of any width, and do not decide the dtype.
        (BinaryOp::Ldexp, Operand::Tensor(x), Operand::Tensor(y)) if y.dtype().is_integer() => compute_dtype(op, x.dtype())?,
        _ => compute_dtype(op, common)?,
    };
    let device = device_of(name, a, b)?;
    let (a, b) = (materialize(name, a, compute, device)?, materialize(name, b, compute, device)?);
    if op == BinaryOp::Pow {
        check_exponent(&b)?;
    }
    let out = op.output(compute);
    if a.shape() == b.shape() {
        let result = Tensor::uninit(name, a.shape(), out, device)?;
        a.backend()?.binary(op, &a, &b, &result)?;
        return Ok(result);
    }
    let shape = broadcast_shape(name, &[a.shape(), b.shape()])?;
    let result = Tensor::uninit(name, &shape, out, device)?;
    a.backend()?.binary(op, &a.broadcast_for(name, &shape)?, &b.broadcast_for(name, &shape)?, &result)?;
    Ok(result)
}

/// The frequent cases, in which no operand needs preparation: two tensors of one dtype, shape and device, or a tensor
/// and a number of a kind that its dtype holds. On small operands the rest of [`binary`] would cost more than the work.
fn prepared(op: BinaryOp, a: Operand<'_>, b: Operand<'_>) -> Result<Option<Tensor>> {
    let (x, number) = match (a, b) {
        (Operand::Tensor(x), Operand::Tensor(y)) => {
            if x.dtype() != y.dtype() || x.shape() != y.shape() || x.device() != y.device() {
                return Ok(None);
            }
            (x, None)
        }
        (Operand::Tensor(x), Operand::Scalar(s)) => (x, Some((s, false))),
        (Operand::Scalar(s), Operand::Tensor(x)) => (x, Some((s, true))),
        _ => return Ok(None),
    };
    let dtype = x.dtype();
    // Integers have checks of their own: exponents, and numbers outside the range.
    let outside = |s| matches!((s, int_range(dtype)), (Scalar::Int(v), Some((lo, hi))) if !(lo..=hi).contains(&v));
    let checked = dtype.is_integer() && (op == BinaryOp::Pow || number.is_some_and(|(s, _)| outside(s)));
    if checked || number.is_some_and(|(s, _)| s.kind() > dtype.kind()) || compute_dtype(op, dtype)? != dtype {
        return Ok(None);
    }
    let out = Tensor::uninit_like(op.name(), x, op.output(dtype))?;
    match (number, b) {
        (Some((value, flipped)), _) => x.backend()?.binary_scalar(op, x, value, flipped, &out)?,
        (None, Operand::Tensor(y)) => x.backend()?.binary(op, x, y, &out)?,
        _ => return Ok(None),
    }
    Ok(Some(out))
}

/// `a = op(a, b)` in the memory of `a`.
///
/// # Errors
/// As [`binary`]; [`Error::Type`] if the result's kind does not fit the tensor, [`Error::Broadcast`] if its shape does not.
pub fn binary_inplace(op: BinaryOp, a: &Tensor, b: Operand<'_>) -> Result<()> {
    let name = op.name();
    if !a.storage().is_writable() {
        return Err(Error::ReadOnly { op: name });
    }
    let common = match b {
        Operand::Tensor(y) => promote_types(a.dtype(), y.dtype()),
        Operand::Scalar(s) => promote_scalar(a.dtype(), s.kind()),
    };
    let compute = compute_dtype(op, common)?;
    let out = op.output(compute);
    if out.kind() > a.dtype().kind() || (out.is_signed() && a.dtype().is_unsigned()) {
        let message = format!("the {out} result does not fit into a {} tensor in place", a.dtype());
        return Err(Error::type_(name, message));
    }
    let shape = match b {
        Operand::Tensor(y) => broadcast_shape(name, &[a.shape(), y.shape()])?,
        Operand::Scalar(_) => Shape::from_slice(a.shape()),
    };
    if shape.as_slice() != a.shape() {
        let message = format!("the result of shape {:?} does not fit into shape {:?} in place", shape.as_slice(), a.shape());
        return Err(Error::value(name, message));
    }
    let other = materialize(name, b, compute, a.device())?;
    if op == BinaryOp::Pow {
        check_exponent(&other)?;
    }
    if compute != a.dtype() || out != a.dtype() {
        return a.assign(&binary(op, Operand::Tensor(a), b)?);
    }
    let same_view = other.layout() == a.layout() && other.storage().same(a.storage());
    let other = if other.may_share_memory(a) && !same_view { other.copy()? } else { other };
    a.backend()?.binary(op, a, &other.broadcast_for(name, a.shape())?, a)
}

fn compute_dtype(op: BinaryOp, common: DType) -> Result<DType> {
    // True division of integers is always in double precision, whatever their width.
    if op == BinaryOp::Divide && !common.is_floating() {
        return Ok(DType::Float64);
    }
    // The standard has no order on complex numbers; NumPy's lexicographic one is kept for migrated code.
    op.domain().compute(op.name(), common)
}

fn device_of(op: &'static str, a: Operand<'_>, b: Operand<'_>) -> Result<Device> {
    match (a, b) {
        (Operand::Tensor(x), Operand::Tensor(y)) => common_device(op, &[x, y]),
        (Operand::Tensor(x), _) | (_, Operand::Tensor(x)) => Ok(x.device()),
        _ => Ok(Device::Cpu),
    }
}

fn materialize(op: &'static str, x: Operand<'_>, dtype: DType, device: Device) -> Result<Tensor> {
    match x {
        Operand::Tensor(t) => t.astype(dtype),
        Operand::Scalar(s) => Tensor::from_scalar(op, s, dtype)?.to_device(device),
    }
}

fn check_exponent(b: &Tensor) -> Result<()> {
    if b.dtype().is_signed() {
        let negative = dispatch!(int: b.dtype(), T => {
            let zero = <T as FromScalar>::from_scalar(Scalar::Int(0));
            if b.size() == 1 { b.item()?.as_i128() < 0 } else { b.to_cow::<T>()?.iter().any(|&v| v < zero) }
        }, else false);
        if negative {
            return Err(Error::value("pow", "integers to negative integer powers are not allowed; convert to a float dtype"));
        }
    }
    Ok(())
}

/// Whether the function compares values, so that an integer outside the dtype's range still has an answer.
fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp as B;
    matches!(op, B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual)
}

/// The comparison with its operands exchanged.
fn flipped(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        same => same,
    }
}

/// Compares signed integers with `uint64` exactly: they promote to `float64`, in which 2^53 + 1 equals 2^53.
fn compare_signs(op: BinaryOp, signed: &Tensor, unsigned: &Tensor) -> Result<Tensor> {
    let negative = binary(BinaryOp::Less, Operand::Tensor(signed), Operand::Scalar(Scalar::Int(0)))?;
    // Wrong for negative numbers only, for which the sign alone decides.
    let answer = binary(op, Operand::Tensor(&signed.astype(DType::UInt64)?), Operand::Tensor(unsigned))?;
    if matches!(op, BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::NotEqual) {
        binary(BinaryOp::LogicalOr, Operand::Tensor(&answer), Operand::Tensor(&negative))
    } else {
        binary(BinaryOp::Greater, Operand::Tensor(&answer), Operand::Tensor(&negative))
    }
}

/// The result of comparing an integer tensor with an integer that its dtype cannot hold.
fn compare_beyond_range(op: BinaryOp, a: Operand<'_>, b: Operand<'_>) -> Result<Option<Tensor>> {
    let (x, v, flipped) = match (a, b) {
        (Operand::Tensor(x), Operand::Scalar(Scalar::Int(v))) => (x, v, false),
        (Operand::Scalar(Scalar::Int(v)), Operand::Tensor(x)) => (x, v, true),
        _ => return Ok(None),
    };
    let Some((lo, hi)) = int_range(x.dtype()) else { return Ok(None) };
    let order = if v < lo {
        Ordering::Greater
    } else if v > hi {
        Ordering::Less
    } else {
        return Ok(None);
    };
    let order = if flipped { order.reverse() } else { order };
    let answer = match op {
        BinaryOp::NotEqual => true,
        BinaryOp::Less | BinaryOp::LessEqual => order == Ordering::Less,
        BinaryOp::Greater | BinaryOp::GreaterEqual => order == Ordering::Greater,
        _ => false,
    };
    let out = Tensor::uninit(op.name(), x.shape(), DType::Bool, x.device())?;
    out.fill(Scalar::Bool(answer))?;
    Ok(Some(out))
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident $op:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<'a>(x1: impl Into<Operand<'a>>, x2: impl Into<Operand<'a>>) -> Result<Tensor> {
            binary(BinaryOp::$op, x1.into(), x2.into())
        }
    )*};
}

functions! {
    /// Sum; logical or of bool.
    add Add;
    /// Angle of the point `(x2, x1)`.
    atan2 Atan2;
    /// Bitwise and; logical and of bool.
    bitwise_and BitwiseAnd;
    /// Shift left; bits shifted out are lost.
    bitwise_left_shift BitwiseLeftShift;
    /// Bitwise or; logical or of bool.
    bitwise_or BitwiseOr;
    /// Shift right, arithmetic for signed integers.
    bitwise_right_shift BitwiseRightShift;
    /// Bitwise exclusive or.
    bitwise_xor BitwiseXor;
    /// Magnitude of `x1` with the sign of `x2`.
    copysign Copysign;
    /// True division; `float64` for integers.
    divide Divide;
    /// Whether equal.
    equal Equal;
    /// Largest integer not above the quotient; 0 for an integer divided by zero.
    floor_divide FloorDivide;
    /// The larger element, a number rather than NaN.
    fmax Fmax;
    /// The smaller element, a number rather than NaN.
    fmin Fmin;
    /// Remainder with the sign of `x1`, as C.
    fmod Fmod;
    /// Greatest common divisor.
    gcd Gcd;
    /// Whether `x1 > x2`.
    greater Greater;
    /// Whether `x1 >= x2`.
    greater_equal GreaterEqual;
    /// Step function: 0 below zero, `x2` at zero, 1 above.
    heaviside Heaviside;
    /// Length of the hypotenuse, without overflow.
    hypot Hypot;
    /// Least common multiple.
    lcm Lcm;
    /// `x1 * 2**x2`.
    ldexp Ldexp;
    /// Whether `x1 < x2`.
    less Less;
    /// Whether `x1 <= x2`.
    less_equal LessEqual;
    /// `log(exp(x1) + exp(x2))`, without overflow.
    logaddexp Logaddexp;
    /// `log2(2**x1 + 2**x2)`, without overflow.
    logaddexp2 Logaddexp2;
    /// Whether both are not zero.
    logical_and LogicalAnd;
    /// Whether one is not zero.
    logical_or LogicalOr;
    /// Whether exactly one is not zero.
    logical_xor LogicalXor;
    /// The larger element; NaN wins.
    maximum Maximum;
    /// The smaller element; NaN wins.
    minimum Minimum;
    /// Product; logical and of bool.
    multiply Multiply;
    /// The next representable number from `x1` towards `x2`.
    nextafter Nextafter;
    /// Whether not equal.
    not_equal NotEqual;
    /// Power.
    pow Pow;
    /// Remainder with the sign of `x2`, as Python's `%`; 0 for an integer divided by zero.
    remainder Remainder;
    /// Difference.
    subtract Subtract;
}
