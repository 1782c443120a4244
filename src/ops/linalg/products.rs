//! Products of vectors, matrices and tensors.

use crate::backend::common_device;
use crate::compose;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::{broadcast_shape, normalize_axes, normalize_axis};
use crate::linalg::solvers::inv;
use crate::promote::promote_types;
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// The matrix product of the last two axes; leading axes are broadcast. A vector is a row on the left and a column on the
/// right, and its axis vanishes from the result.
///
/// Any dtypes, promoted: integers wrap around, bool is an "or" of "ands", 16-bit floats are computed in float32.
///
/// # Errors
/// [`Error::Value`] for 0-d operands or if the contracted lengths differ; [`Error::Broadcast`] for the leading axes.
///
/// ```
/// use purify_ops::{Tensor, linalg};
/// let a = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], &[2, 2])?;
/// let v = Tensor::from_vec(vec![1.0, 1.0], &[2])?;
/// assert_eq!(linalg::matmul(&a, &v)?.to_vec::<f64>()?, [3.0, 7.0]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn matmul(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    matmul_as("matmul", x1, x2)
}

pub(crate) fn matmul_as(op: &'static str, x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    if x1.ndim() == 0 || x2.ndim() == 0 {
        return Err(Error::value(op, "operands need at least 1 dimension; use multiply for scalars"));
    }
    let dtype = promote_types(x1.dtype(), x2.dtype());
    let compute = if dtype.is_half() { DType::Float32 } else { dtype };
    let device = common_device(op, &[x1, x2])?;
    let (a, b) = (x1.astype(compute)?, x2.astype(compute)?);
    let a = if a.ndim() == 1 { a.with_layout(a.layout().insert_axis(0)) } else { a };
    let b = if b.ndim() == 1 { b.with_layout(b.layout().insert_axis(1)) } else { b };
    let (a_lead, a_tail) = a.shape().split_at(a.ndim() - 2);
    let (b_lead, b_tail) = b.shape().split_at(b.ndim() - 2);
    if a_tail[1] != b_tail[0] {
        let message = format!(
            "shapes {:?} and {:?} do not fit: the last axis of the first has length {}, the contracted axis of the second {}",
            x1.shape(),
            x2.shape(),
            a_tail[1],
            b_tail[0]
        );
        return Err(Error::value(op, message));
    }
    let lead = broadcast_shape(op, &[a_lead, b_lead])?;
    let full = |tail: [usize; 2]| lead.iter().copied().chain(tail).collect::<Vec<_>>();
    let out = Tensor::uninit(op, &full([a_tail[0], b_tail[1]]), compute, device)?;
    let a_full = a.broadcast_for(op, &full([a_tail[0], a_tail[1]]))?;
    let b_full = b.broadcast_for(op, &full([b_tail[0], b_tail[1]]))?;
    out.backend()?.matmul(&a_full, &b_full, &out)?;
    let rank = out.ndim();
    let out = match (x1.ndim() == 1, x2.ndim() == 1) {
        (false, false) => out,
        (true, false) => out.with_layout(out.layout().remove_axis(rank - 2)),
        (false, true) => out.with_layout(out.layout().remove_axis(rank - 1)),
        (true, true) => out.with_layout(out.layout().remove_axis(rank - 1).remove_axis(rank - 2)),
    };
    out.astype(dtype)
}

/// The view with the last two axes exchanged.
///
/// # Errors
/// [`Error::Value`] below two dimensions.
pub fn matrix_transpose(x: &Tensor) -> Result<Tensor> {
    x.matrix_transpose()
}

/// Which axes [`tensordot`] sums over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TensordotAxes {
    /// The last `n` of the first operand with the first `n` of the second.
    Count(usize),
    /// These axes of the first with those of the second, in order.
    Pairs(Vec<i64>, Vec<i64>),
}

/// The sum of products over pairs of axes; the axes that remain are those of `x1`, then those of `x2`.
///
/// # Errors
/// [`Error::Value`] if the lengths of a pair differ (there is no broadcasting); [`Error::Axis`], [`Error::RepeatedAxis`].
pub fn tensordot(x1: &Tensor, x2: &Tensor, axes: &TensordotAxes) -> Result<Tensor> {
    let op = "tensordot";
    let (first, second) = match axes {
        TensordotAxes::Count(n) if *n > x1.ndim() || *n > x2.ndim() => {
            return Err(Error::value(op, format!("{n} axes asked for, shapes are {:?} and {:?}", x1.shape(), x2.shape())));
        }
        TensordotAxes::Count(n) => ((x1.ndim() - n..x1.ndim()).map(|a| a as i64).collect(), (0..*n as i64).collect::<Vec<_>>()),
        TensordotAxes::Pairs(first, second) => (first.clone(), second.clone()),
    };
    let first = normalize_axes(op, &first, x1.shape())?;
    let second = normalize_axes(op, &second, x2.shape())?;
    let lengths = |x: &Tensor, axes: &[usize]| axes.iter().map(|&a| x.shape()[a]).collect::<Vec<_>>();
    if lengths(x1, &first) != lengths(x2, &second) {
        let message =
            format!("axes {first:?} of shape {:?} and axes {second:?} of shape {:?} have different lengths", x1.shape(), x2.shape());
        return Err(Error::value(op, message));
    }
    let kept = |x: &Tensor, axes: &[usize]| (0..x.ndim()).filter(|a| !axes.contains(a)).collect::<Vec<_>>();
    let (kept1, kept2) = (kept(x1, &first), kept(x2, &second));
    let order = |axes: &[usize], rest: &[usize]| axes.iter().chain(rest).map(|&a| a as i64).collect::<Vec<_>>();
    let size = |lengths: Vec<usize>| lengths.iter().product::<usize>();
    let (rows, depth, cols) = (size(lengths(x1, &kept1)), size(lengths(x1, &first)), size(lengths(x2, &kept2)));
    let a = x1.permute(&order(&kept1, &first))?.reshape(&[rows, depth])?;
    let b = x2.permute(&order(&second, &kept2))?.reshape(&[depth, cols])?;
    let shape = [lengths(x1, &kept1), lengths(x2, &kept2)].concat();
    matmul_as(op, &a, &b)?.reshape(&shape)
}

/// The sum over `axis` of `conj(x1) * x2`, with broadcasting of the other axes.
///
/// # Errors
/// [`Error::Value`] if the lengths along `axis` differ, [`Error::Axis`], [`Error::Broadcast`].
pub fn vecdot(x1: &Tensor, x2: &Tensor, axis: i64) -> Result<Tensor> {
    let op = "vecdot";
    let a = last_axis(op, x1, axis)?;
    let b = last_axis(op, x2, axis)?;
    let (n1, n2) = (a.shape()[a.ndim() - 1], b.shape()[b.ndim() - 1]);
    if n1 != n2 {
        let message = format!("axis {axis} has length {n1} in shape {:?} and {n2} in shape {:?}", x1.shape(), x2.shape());
        return Err(Error::value(op, message));
    }
    let a = compose::conj(&a)?;
    let row = a.with_layout(a.layout().insert_axis(a.ndim() - 1));
    let column = b.with_layout(b.layout().insert_axis(b.ndim()));
    let out = matmul_as(op, &row, &column)?;
    let rank = out.ndim();
    Ok(out.with_layout(out.layout().remove_axis(rank - 1).remove_axis(rank - 2)))
}

fn last_axis(op: &'static str, x: &Tensor, axis: i64) -> Result<Tensor> {
    let axis = normalize_axis(op, axis, x.shape())?;
    let order: Vec<i64> = (0..x.ndim()).filter(|&a| a != axis).chain([axis]).map(|a| a as i64).collect();
    x.permute(&order)
}

/// NumPy's `dot`: a product with a 0-d operand, [`matmul`] up to two dimensions; above, the sum over the last axis of `x1`
/// and the second to last (or only) axis of `x2`.
///
/// # Errors
/// [`Error::Value`] if the lengths differ.
pub fn dot(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    if x1.ndim() == 0 || x2.ndim() == 0 {
        return compose::multiply(x1, x2);
    }
    if x2.ndim() == 1 || (x1.ndim() <= 2 && x2.ndim() == 2) {
        return matmul_as("dot", x1, x2);
    }
    tensordot(x1, x2, &TensordotAxes::Pairs(vec![-1], vec![-2]))
}

/// NumPy's `inner`: the sum of products over the last axis of both operands.
///
/// # Errors
/// [`Error::Value`] if the lengths differ.
pub fn inner(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    if x1.ndim() == 0 || x2.ndim() == 0 {
        return compose::multiply(x1, x2);
    }
    tensordot(x1, x2, &TensordotAxes::Pairs(vec![-1], vec![-1]))
}

/// NumPy's `vdot`: the sum of `conj(x1) * x2` over all elements; both are flattened.
///
/// # Errors
/// [`Error::Value`] if the numbers of elements differ.
pub fn vdot(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    matmul_as("vdot", &compose::conj(&x1.reshape(&[x1.size()])?)?, &x2.reshape(&[x2.size()])?)
}

/// The products of all pairs of elements: `[m]` and `[n]` to `[m, n]`. Operands of more dimensions are flattened.
///
/// # Errors
/// [`Error::TooLarge`].
pub fn outer(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    compose::multiply(&x1.reshape(&[x1.size(), 1])?, &x2.reshape(&[1, x2.size()])?)
}

/// The Kronecker product; the operand of fewer dimensions gets leading axes of length one.
///
/// # Errors
/// [`Error::Value`] above 32 dimensions.
pub fn kron(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let rank = x1.ndim().max(x2.ndim());
    let padded = |x: &Tensor| std::iter::repeat_n(1, rank - x.ndim()).chain(x.shape().iter().copied()).collect::<Vec<_>>();
    let (s1, s2) = (padded(x1), padded(x2));
    let spread = |shape: &[usize], first: bool| -> Vec<usize> { shape.iter().flat_map(|&n| if first { [n, 1] } else { [1, n] }).collect() };
    let product = compose::multiply(&x1.reshape(&spread(&s1, true))?, &x2.reshape(&spread(&s2, false))?)?;
    let shape: Vec<usize> = s1.iter().zip(&s2).map(|(a, b)| a * b).collect();
    product.reshape(&shape)
}

/// The cross product of vectors of length 3 along `axis`; other axes are broadcast.
///
/// # Errors
/// [`Error::Value`] if `axis` has another length in an operand.
pub fn cross(x1: &Tensor, x2: &Tensor, axis: i64) -> Result<Tensor> {
    let op = "cross";
    let shape = broadcast_shape(op, &[x1.shape(), x2.shape()])?;
    let at = normalize_axis(op, axis, &shape)?;
    let check = |x: &Tensor| -> Result<Tensor> {
        let own = at.checked_sub(shape.len() - x.ndim());
        if own.is_none_or(|own| x.shape()[own] != 3) {
            return Err(Error::value(op, format!("axis {axis} must have length 3, the shape is {:?}", x.shape())));
        }
        x.broadcast_for(op, &shape)
    };
    let (a, b) = (check(x1)?, check(x2)?);
    let dtype = promote_types(a.dtype(), b.dtype());
    let out = Tensor::uninit(op, &shape, dtype, common_device(op, &[&a, &b])?)?;
    for i in 0..3_i64 {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        let plus = compose::multiply(&a.select(at, j)?, &b.select(at, k)?)?;
        let minus = compose::multiply(&a.select(at, k)?, &b.select(at, j)?)?;
        out.select(at, i)?.assign(&compose::subtract(&plus, &minus)?)?;
    }
    Ok(out)
}

/// The diagonals of the last two axes, as a view: `[..., m, n]` to `[..., k]`. A positive `offset` counts to the right, a
/// negative one down.
///
/// # Errors
/// [`Error::Value`] below two dimensions.
pub fn diagonal(x: &Tensor, offset: i64) -> Result<Tensor> {
    let rank = x.ndim();
    diagonal_of("diagonal", x, offset, rank as i64 - 2, rank as i64 - 1)
}

/// As [`diagonal`], of any two axes, as NumPy has it; the diagonal becomes the last axis.
///
/// # Errors
/// [`Error::Axis`], [`Error::RepeatedAxis`]; [`Error::Value`] below two dimensions.
pub fn diagonal_of(op: &'static str, x: &Tensor, offset: i64, axis1: i64, axis2: i64) -> Result<Tensor> {
    if x.ndim() < 2 {
        return Err(Error::value(op, format!("at least 2 dimensions are needed, got shape {:?}", x.shape())));
    }
    let axes = normalize_axes(op, &[axis1, axis2], x.shape())?;
    let (rows, cols) = (x.shape()[axes[0]] as i64, x.shape()[axes[1]] as i64);
    let (top, left) = if offset >= 0 { (0, offset.min(cols)) } else { (offset.saturating_neg().min(rows), 0) };
    let len = (rows - top).min(cols - left).max(0) as usize;
    let cut = x.layout().slice(axes[0], top as usize, len, 1).slice(axes[1], left as usize, len, 1);
    let strides = cut.strides();
    let step = strides[axes[0]] + strides[axes[1]];
    let kept = || (0..x.ndim()).filter(|a| !axes.contains(a));
    let shape: Vec<usize> = kept().map(|a| x.shape()[a]).chain([len]).collect();
    let strides: Vec<isize> = kept().map(|a| strides[a]).chain([step]).collect();
    Ok(x.with_layout(crate::Layout::new(&shape, &strides, cut.offset())))
}

/// The sums of the diagonals of the last two axes: `[..., m, n]` to `[...]`. Integers are summed in 64 bits unless `dtype`
/// says otherwise.
///
/// # Errors
/// As [`diagonal`].
pub fn trace(x: &Tensor, offset: i64, dtype: Option<DType>) -> Result<Tensor> {
    compose::sum(&diagonal(x, offset)?, Some(&[-1]), dtype, false)
}

/// Square matrices to an integer power; negative powers invert first.
///
/// # Errors
/// [`Error::LinAlg`] for matrices that are not square, or singular with a negative power.
pub fn matrix_power(x: &Tensor, n: i64) -> Result<Tensor> {
    let op = "matrix_power";
    let rank = x.ndim();
    if rank < 2 || x.shape()[rank - 1] != x.shape()[rank - 2] {
        return Err(Error::linalg(op, format!("square matrices are needed, got shape {:?}", x.shape())));
    }
    let mut base = if n < 0 { inv(x)? } else { x.clone() };
    let mut rest = n.unsigned_abs();
    let mut result: Option<Tensor> = None;
    while rest > 0 {
        if rest & 1 == 1 {
            result = Some(match result {
                None => base.clone(),
                Some(product) => matmul_as(op, &product, &base)?,
            });
        }
        rest >>= 1;
        if rest > 0 {
            base = matmul_as(op, &base, &base)?;
        }
    }
    match result {
        Some(result) if n == 1 => result.copy(),
        Some(result) => Ok(result),
        None => identity_like(x),
    }
}

/// Identity matrices in the shape and dtype of `x`.
fn identity_like(x: &Tensor) -> Result<Tensor> {
    let out = Tensor::uninit("eye", x.shape(), x.dtype(), x.device())?;
    out.fill(Scalar::Int(0))?;
    diagonal(&out, 0)?.fill(Scalar::Int(1))?;
    Ok(out)
}

/// The product of two or more matrices (the first and last may be vectors) in the order that takes the fewest
/// multiplications.
///
/// # Errors
/// [`Error::Value`] for fewer than two operands or wrong dimensions.
pub fn multi_dot(arrays: &[&Tensor]) -> Result<Tensor> {
    let op = "multi_dot";
    let count = arrays.len();
    if count < 2 {
        return Err(Error::value(op, format!("at least 2 arrays are needed, got {count}")));
    }
    for (i, x) in arrays.iter().enumerate() {
        let end = i == 0 || i == count - 1;
        if !(x.ndim() == 2 || (end && x.ndim() == 1)) {
            let message = format!("array {i} has shape {:?}; only the first and last may have 1 dimension, the others 2", x.shape());
            return Err(Error::value(op, message));
        }
    }
    // Dynamic programming over the chain; lengths[i] and lengths[i + 1] are the sides of matrix i.
    let side = |x: &Tensor, i: usize| match (x.ndim(), i) {
        (1, 0) => 1,
        (1, _) => x.size(),
        _ => x.shape()[0],
    };
    let mut lengths: Vec<u128> = arrays.iter().enumerate().map(|(i, x)| side(x, i) as u128).collect();
    let last = arrays[count - 1];
    lengths.push(if last.ndim() == 1 { 1 } else { last.shape()[1] as u128 });
    let mut cost = vec![vec![0_u128; count]; count];
    let mut split = vec![vec![0; count]; count];
    for span in 1..count {
        for i in 0..count - span {
            let j = i + span;
            let price = |k: usize| cost[i][k] + cost[k + 1][j] + lengths[i] * lengths[k + 1] * lengths[j + 1];
            let best = (i..j).min_by_key(|&k| price(k)).unwrap_or(i);
            (cost[i][j], split[i][j]) = (price(best), best);
        }
    }
    fn product(arrays: &[&Tensor], split: &[Vec<usize>], i: usize, j: usize) -> Result<Tensor> {
        if i == j {
            return Ok(arrays[i].clone());
        }
        let k = split[i][j];
        matmul_as("multi_dot", &product(arrays, split, i, k)?, &product(arrays, split, k + 1, j)?)
    }
    product(arrays, &split, 0, count - 1)
}
