//! Primitives with promotion and broadcasting, for operations that are composed from others.

use crate::backend::{BinaryOp, ReduceOp, UnaryOp, common_device};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::{broadcast_shape, normalize_axes};
use crate::promote::{Operand, promote_scalar, promote_types};
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// `op(x)`, elementwise.
pub(crate) fn unary(op: UnaryOp, x: &Tensor) -> Result<Tensor> {
    let dtype = op.domain().compute(op.name(), x.dtype())?;
    let x = x.astype(dtype)?;
    let out = Tensor::uninit(op.name(), x.shape(), op.output(dtype), x.device())?;
    x.backend()?.unary(op, &x, &out)?;
    Ok(out)
}

/// `op(a, b)`, elementwise; scalars take the dtype of the tensor where their kind allows.
pub(crate) fn binary<'a>(op: BinaryOp, a: impl Into<Operand<'a>>, b: impl Into<Operand<'a>>) -> Result<Tensor> {
    let (a, b) = (a.into(), b.into());
    let promoted = match (a, b) {
        (Operand::Tensor(a), Operand::Tensor(b)) => promote_types(a.dtype(), b.dtype()),
        (Operand::Tensor(t), Operand::Scalar(s)) | (Operand::Scalar(s), Operand::Tensor(t)) => promote_scalar(t.dtype(), s.kind()),
        (Operand::Scalar(a), Operand::Scalar(b)) => promote_types(a.default_dtype(), b.default_dtype()),
    };
    let dtype = op.domain().compute(op.name(), promoted)?;
    let take = |x: Operand<'_>| match x {
        Operand::Tensor(t) => t.astype(dtype),
        Operand::Scalar(s) => Tensor::from_scalar(op.name(), s, dtype),
    };
    let (mut a, mut b) = match (a, b) {
        (Operand::Scalar(_), Operand::Tensor(t)) => (take(a)?.to_device(t.device())?, take(b)?),
        (Operand::Tensor(t), Operand::Scalar(_)) => (take(a)?, take(b)?.to_device(t.device())?),
        _ => (take(a)?, take(b)?),
    };
    let device = common_device(op.name(), &[&a, &b])?;
    let shape = broadcast_shape(op.name(), &[a.shape(), b.shape()])?;
    a = a.broadcast_for(op.name(), &shape)?;
    b = b.broadcast_for(op.name(), &shape)?;
    let out = Tensor::uninit(op.name(), &shape, op.output(dtype), device)?;
    out.backend()?.binary(op, &a, &b, &out)?;
    Ok(out)
}

/// Reduces `axes` (all if `None`).
pub(crate) fn reduce(op: ReduceOp, x: &Tensor, axes: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    let mut axes = match axes {
        Some(axes) => normalize_axes(op.name(), axes, x.shape())?,
        None => (0..x.ndim()).collect(),
    };
    axes.sort_unstable();
    if matches!(op, ReduceOp::Max | ReduceOp::Min) && x.size() == 0 && axes.iter().any(|&a| x.shape()[a] == 0) {
        let message = format!("no elements along an axis of shape {:?}, and no identity", x.shape());
        return Err(Error::value(op.name(), message));
    }
    let kept: Vec<usize> = (0..x.ndim()).filter(|a| !axes.contains(a)).map(|a| x.shape()[a]).collect();
    let out = Tensor::uninit(op.name(), &kept, op.output(x.dtype()), x.device())?;
    x.backend()?.reduce(op, x, &axes, &out)?;
    if !keepdims {
        return Ok(out);
    }
    let shape: Vec<usize> = x.shape().iter().enumerate().map(|(a, &n)| if axes.contains(&a) { 1 } else { n }).collect();
    out.reshape(&shape)
}

/// The sum in `dtype` (by default 64-bit integers for integers, else the operand's dtype).
pub(crate) fn sum(x: &Tensor, axes: Option<&[i64]>, dtype: Option<DType>, keepdims: bool) -> Result<Tensor> {
    let x = match dtype {
        // Integers are summed in 64 bits and wrapped at the end, which gives the same as wrapping all along.
        Some(dtype) if !(dtype.is_integer() && x.dtype().is_integer()) => x.astype(dtype)?,
        _ => x.clone(),
    };
    let out = reduce(ReduceOp::Sum, &x, axes, keepdims)?;
    dtype.map_or(Ok(out.clone()), |dtype| out.astype(dtype))
}

/// The mean, in the operand's dtype.
pub(crate) fn mean(x: &Tensor, axes: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
    let total = sum(x, axes, None, keepdims)?;
    let count = x.size() as f64 / total.size().max(1) as f64;
    binary(BinaryOp::Divide, &total, count)
}

/// `cond ? a : b`, elementwise.
pub(crate) fn select<'a>(cond: &Tensor, a: impl Into<Operand<'a>>, b: impl Into<Operand<'a>>) -> Result<Tensor> {
    let (op, a, b) = ("where", a.into(), b.into());
    let dtype = match (a, b) {
        (Operand::Tensor(a), Operand::Tensor(b)) => promote_types(a.dtype(), b.dtype()),
        (Operand::Tensor(t), Operand::Scalar(s)) | (Operand::Scalar(s), Operand::Tensor(t)) => promote_scalar(t.dtype(), s.kind()),
        (Operand::Scalar(a), Operand::Scalar(b)) => promote_types(a.default_dtype(), b.default_dtype()),
    };
    let take = |x: Operand<'_>| match x {
        Operand::Tensor(t) => t.astype(dtype),
        Operand::Scalar(s) => Tensor::from_scalar(op, s, dtype)?.to_device(cond.device()),
    };
    let (a, b, cond) = (take(a)?, take(b)?, cond.astype(DType::Bool)?);
    let device = common_device(op, &[&cond, &a, &b])?;
    let shape = broadcast_shape(op, &[cond.shape(), a.shape(), b.shape()])?;
    let out = Tensor::uninit(op, &shape, dtype, device)?;
    let full = |x: &Tensor| x.broadcast_for(op, &shape);
    out.backend()?.select(&full(&cond)?, &full(&a)?, &full(&b)?, &out)?;
    Ok(out)
}

macro_rules! unary_functions {
    ($($name:ident $op:ident),*) => {$(
        pub(crate) fn $name(x: &Tensor) -> Result<Tensor> {
            unary(UnaryOp::$op, x)
        }
    )*};
}
unary_functions!(abs Abs, sqrt Sqrt, square Square, exp Exp, log Log, log1p Log1p, tanh Tanh, expm1 Expm1, negative Negative);

/// The complex conjugate; real tensors are returned as they are.
pub(crate) fn conj(x: &Tensor) -> Result<Tensor> {
    if x.dtype().is_complex() { unary(UnaryOp::Conj, x) } else { Ok(x.clone()) }
}

macro_rules! binary_functions {
    ($($name:ident $op:ident),*) => {$(
        pub(crate) fn $name<'a>(a: impl Into<Operand<'a>>, b: impl Into<Operand<'a>>) -> Result<Tensor> {
            binary(BinaryOp::$op, a, b)
        }
    )*};
}
binary_functions!(
    add Add, subtract Subtract, multiply Multiply, divide Divide, pow Pow, maximum Maximum, minimum Minimum,
    less Less, less_equal LessEqual, greater Greater, equal Equal, not_equal NotEqual
);

macro_rules! reductions {
    ($($name:ident $op:ident),*) => {$(
        pub(crate) fn $name(x: &Tensor, axes: Option<&[i64]>, keepdims: bool) -> Result<Tensor> {
            reduce(ReduceOp::$op, x, axes, keepdims)
        }
    )*};
}
reductions!(max Max, min Min, any Any, count_nonzero CountNonzero, sum_squares SumSquares);

/// A tensor of one value.
pub(crate) fn full_like(x: &Tensor, shape: &[usize], value: Scalar, dtype: DType) -> Result<Tensor> {
    let out = Tensor::uninit("full", shape, dtype, x.device())?;
    out.fill(value)?;
    Ok(out)
}
