//! Systems of linear equations, inverses and determinants of stacks of matrices.

use purify_factor::{Field, Outcome};

use crate::compose;
use crate::cpu::chunks::Lanes;
use crate::cpu::{expm, small};
use crate::dtype::{Complex128, DType};
use crate::error::{Error, Result};
use crate::layout::{broadcast_shape, normalize_axes};
use crate::linalg::decompositions::{QrMode, Stack, compute_dtype, dispatch_field, none, qr, result_dtype, svd, svdvals};
use crate::linalg::products::matmul;
use crate::memory::zeros;
use crate::promote::{Operand, promote_types};
use crate::storage::Device;
use crate::tensor::Tensor;

/// [`Field::solve`], by plain elimination where the matrix is small.
fn solve_one<T: Field>(a: &[T], n: usize, b: &mut [T], k: usize) -> Outcome {
    if n <= small::LARGEST { small::solve(a, n, b, k) } else { T::solve(a, n, b, k) }
}

/// [`Field::inverse`], likewise.
fn inverse_one<T: Field>(a: &[T], n: usize, out: &mut [T]) -> Outcome {
    if n <= small::LARGEST { small::inverse(a, n, out) } else { T::inverse(a, n, out) }
}

/// [`Field::pivots`], likewise.
fn pivots_one<T: Field>(a: &[T], n: usize) -> (Vec<T>, bool) {
    if n <= small::LARGEST { small::pivots(a, n) } else { T::pivots(a, n) }
}

/// The solution of `a x = b` for square, non-singular `a`.
///
/// `a` is `[..., n, n]`; `b` is a single vector `[n]` or a stack of matrices `[..., n, k]`; leading axes are broadcast.
/// The result has the shape of `b` with the broadcast leading axes.
///
/// # Errors
/// [`Error::LinAlg`] for matrices that are not square or singular, or if `n` differs; [`Error::Broadcast`].
///
/// ```
/// use purify_ops::{Tensor, linalg};
/// let a = Tensor::from_vec(vec![3.0, 1.0, 1.0, 2.0], &[2, 2])?;
/// let b = Tensor::from_vec(vec![9.0, 8.0], &[2])?;
/// assert_eq!(linalg::solve(&a, &b)?.to_vec::<f64>()?, [2.0, 3.0]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn solve(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let op = "solve";
    let dtype = result_dtype(promote_types(a.dtype(), b.dtype()));
    let vector = b.ndim() == 1;
    let columns = if vector { b.reshape(&[b.size(), 1])? } else { b.clone() };
    if columns.ndim() < 2 {
        return Err(Error::linalg(op, "the right-hand side must have at least 1 dimension"));
    }
    let (rank, tail) = (columns.ndim(), &columns.shape()[columns.ndim() - 2..]);
    let (n, k) = (tail[0], tail[1]);
    let a_rank = a.ndim();
    if a_rank >= 2 && a.shape()[a_rank - 1] != n {
        let message = format!("shapes {:?} and {:?} do not fit: {} unknowns, {n} rows", a.shape(), b.shape(), a.shape()[a_rank - 1]);
        return Err(Error::linalg(op, message));
    }
    let batch = broadcast_shape(op, &[&a.shape()[..a_rank.saturating_sub(2)], &columns.shape()[..rank - 2]])?;
    let full = |tail: [usize; 2]| batch.iter().copied().chain(tail).collect::<Vec<_>>();
    let columns = columns.broadcast_to(&full([n, k]))?;
    let stack = if a_rank >= 2 {
        Stack::with_dtype(op, &a.broadcast_to(&full([a.shape()[a_rank - 2], n]))?, dtype)?
    } else {
        Stack::with_dtype(op, a, dtype)?
    };
    stack.check_square(op)?;
    let columns = columns.to_device(Device::Cpu)?.astype(compute_dtype(dtype))?;
    dispatch_field!(stack.compute(), T => {
        let mut x = columns.to_vec::<T>()?;
        stack.each::<T, _, _, _>(op, Lanes(&mut x, n * k), none(), none(), |_, a, x, _, _| solve_one(a, n, x, k))?;
        let tail = [n, k];
        stack.finish(x, if vector { &tail[..1] } else { &tail }, dtype)
    })
}

/// The solution of `tensordot(a, x, x.ndim) = b`: `a` has the shape of `b` followed by that of `x`. `axes` of `a` are moved to
/// its end first.
///
/// # Errors
/// [`Error::LinAlg`] if the sizes do not make a square system, or it is singular; [`Error::Axis`].
pub fn tensorsolve(a: &Tensor, b: &Tensor, axes: Option<&[i64]>) -> Result<Tensor> {
    let op = "tensorsolve";
    let moved = normalize_axes(op, axes.unwrap_or(&[]), a.shape())?;
    let order: Vec<i64> = (0..a.ndim()).filter(|i| !moved.contains(i)).chain(moved.iter().copied()).map(|i| i as i64).collect();
    let a = a.permute(&order)?;
    let unknowns = &a.shape()[b.ndim().min(a.ndim())..];
    let n: usize = unknowns.iter().product();
    if b.size() != n || a.size() != n * n {
        let message = format!("shapes {:?} and {:?} do not make a square system", a.shape(), b.shape());
        return Err(Error::linalg(op, message));
    }
    solve(&a.reshape(&[n, n])?, &b.reshape(&[n])?)?.reshape(unknowns)
}

/// The inverse with respect to [`tensordot`](super::tensordot): the first `ind` axes of `a` are the rows of the system, the
/// others the columns.
///
/// # Errors
/// [`Error::LinAlg`] if the system is not square or singular; [`Error::Value`] if `ind` is 0.
pub fn tensorinv(a: &Tensor, ind: usize) -> Result<Tensor> {
    let op = "tensorinv";
    if ind == 0 || ind > a.ndim() {
        return Err(Error::value(op, format!("ind must be between 1 and {}, got {ind}", a.ndim())));
    }
    let (rows, columns) = a.shape().split_at(ind);
    let (m, n): (usize, usize) = (rows.iter().product(), columns.iter().product());
    if m != n {
        return Err(Error::linalg(op, format!("{rows:?} and {columns:?} do not make a square system")));
    }
    inv(&a.reshape(&[m, n])?)?.reshape(&[columns, rows].concat())
}

/// The inverse of square matrices, `[..., n, n]` to `[..., n, n]`.
///
/// # Errors
/// [`Error::LinAlg`] for matrices that are not square or singular.
pub fn inv(x: &Tensor) -> Result<Tensor> {
    let op = "inv";
    let stack = Stack::square(op, x)?;
    let n = stack.rows;
    dispatch_field!(stack.compute(), T => {
        let mut out = zeros(stack.data.size())?;
        stack.each::<T, _, _, _>(op, Lanes(&mut out, n * n), none(), none(), |_, a, out, _, _| {
            inverse_one(a, n, out)
        })?;
        stack.finish(out, &[n, n], stack.dtype)
    })
}

/// The determinant of square matrices, `[..., n, n]` to `[...]`; 1 for an empty matrix.
///
/// # Errors
/// [`Error::LinAlg`] for matrices that are not square.
pub fn det(x: &Tensor) -> Result<Tensor> {
    let op = "det";
    let stack = Stack::square(op, x)?;
    dispatch_field!(stack.compute(), T => {
        let mut out = zeros(stack.lanes)?;
        stack.each::<T, _, _, _>(op, Lanes(&mut out, 1), none(), none(), |_, a, out, _, _| {
            let (pivots, odd) = pivots_one(a, stack.rows);
            let product = pivots.into_iter().fold(<T as Field>::ONE, |product, pivot| product.times(pivot));
            out[0] = if odd { product.negated() } else { product };
            Ok(())
        })?;
        stack.finish(out, &[], stack.dtype)
    })
}

/// Sign and natural logarithm of the absolute value of the determinant: `[..., n, n]` to two `[...]`. The sign of a complex
/// determinant is a number of modulus one; a singular matrix gives sign 0 and -inf.
///
/// # Errors
/// [`Error::LinAlg`] for matrices that are not square.
pub fn slogdet(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let op = "slogdet";
    let stack = Stack::square(op, x)?;
    dispatch_field!(stack.compute(), T => {
        let mut signs = zeros(stack.lanes)?;
        let mut logs = zeros::<f64>(stack.lanes)?;
        stack.each::<T, _, _, _>(op, Lanes(&mut signs, 1), Lanes(&mut logs, 1), none(), |_, a, sign, log, _| {
            let (pivots, odd) = pivots_one(a, stack.rows);
            sign[0] = if odd { <T as Field>::ONE.negated() } else { <T as Field>::ONE };
            for pivot in pivots {
                let (direction, modulus) = pivot.polar();
                sign[0] = sign[0].times(direction);
                log[0] += modulus.ln();
            }
            Ok(())
        })?;
        Ok((stack.finish(signs, &[], stack.dtype)?, stack.finish(logs, &[], stack.dtype.real())?))
    })
}

/// The tolerance of every matrix of a stack: the default, one for all, or a tensor broadcast to the leading axes.
fn tolerances(op: &'static str, x: &Tensor, rtol: Option<Operand<'_>>) -> Result<Vec<f64>> {
    let (m, n) = matrix_shape(op, x)?;
    let batch = &x.shape()[..x.ndim() - 2];
    match rtol {
        Some(Operand::Tensor(rtol)) => rtol.broadcast_for(op, batch)?.cast_vec(),
        Some(Operand::Scalar(rtol)) => Ok(vec![rtol.as_f64(); batch.iter().product()]),
        None => Ok(vec![default_rtol(x.dtype(), m, n); batch.iter().product()]),
    }
}

/// The Moore-Penrose pseudo-inverse, `[..., m, n]` to `[..., n, m]`. Singular values up to `rtol` (a number, or a tensor
/// broadcast to the leading axes) times the largest count as zero; the default is `max(m, n)` times the machine epsilon of
/// the dtype.
///
/// # Errors
/// As [`svd`]; [`Error::Broadcast`] for `rtol`.
pub fn pinv(x: &Tensor, rtol: Option<Operand<'_>>) -> Result<Tensor> {
    let op = "pinv";
    let tolerances = tolerances(op, x, rtol)?;
    let (u, s, vh) = svd(x, false)?;
    let (m, n) = matrix_shape(op, x)?;
    let singular = s.cast_vec::<f64>()?;
    let k = m.min(n).max(1);
    let mut reciprocal = zeros::<f64>(singular.len())?;
    for ((out, lane), tolerance) in reciprocal.chunks_mut(k).zip(singular.chunks(k)).zip(tolerances) {
        let cutoff = tolerance * lane[0];
        out.iter_mut().zip(lane).filter(|(_, s)| **s > cutoff).for_each(|(out, s)| *out = 1.0 / s);
    }
    let scales = Tensor::from_vec(reciprocal, s.shape())?.astype(s.dtype())?.to_device(x.device())?;
    let v = compose::conj(&vh.matrix_transpose()?)?;
    let scaled = compose::multiply(&v, &expand_rows(&scales)?)?;
    matmul(&scaled, &compose::conj(&u.matrix_transpose()?)?)
}

/// `[..., k]` as `[..., 1, k]`.
fn expand_rows(x: &Tensor) -> Result<Tensor> {
    let (last, lead) = x.shape().split_last().map_or((1, &[][..]), |(last, lead)| (*last, lead));
    let shape: Vec<usize> = lead.iter().copied().chain([1, last]).collect();
    x.reshape(&shape)
}

fn matrix_shape(op: &'static str, x: &Tensor) -> Result<(usize, usize)> {
    match x.shape() {
        [.., m, n] => Ok((*m, *n)),
        shape => Err(Error::linalg(op, format!("a matrix or a stack of matrices is needed, got shape {shape:?}"))),
    }
}

/// The relative tolerance below which a singular value is noise: `max(m, n)` times the machine epsilon.
pub(crate) fn default_rtol(dtype: DType, m: usize, n: usize) -> f64 {
    let eps = match result_dtype(dtype).real() {
        DType::Float64 => f64::EPSILON,
        DType::Float32 => f64::from(f32::EPSILON),
        DType::Float16 => half::f16::EPSILON.to_f64(),
        _ => half::bf16::EPSILON.to_f64(),
    };
    m.max(n) as f64 * eps
}

/// The number of singular values above `rtol` (as in [`pinv`]) times the largest: `[..., m, n]` to `[...]`, int64.
///
/// # Errors
/// As [`pinv`].
pub fn matrix_rank(x: &Tensor, rtol: Option<Operand<'_>>) -> Result<Tensor> {
    let op = "matrix_rank";
    let tolerances = tolerances(op, x, rtol)?;
    let s = svdvals(x)?;
    let (m, n) = matrix_shape(op, x)?;
    let singular = s.cast_vec::<f64>()?;
    let k = m.min(n);
    let rank = |(lane, tolerance): (usize, f64)| {
        let lane = &singular[lane * k..][..k];
        lane.first().map_or(0, |largest| lane.iter().filter(|&&s| s > tolerance * largest).count() as i64)
    };
    let ranks = tolerances.into_iter().enumerate().map(rank).collect();
    Tensor::from_vec(ranks, &x.shape()[..x.ndim() - 2])?.to_device(x.device())
}

/// What [`lstsq`] finds.
#[derive(Clone, Debug)]
pub struct LeastSquares {
    /// The solution of least norm, `[..., n, k]` (or `[n]` for a vector).
    pub solution: Tensor,
    /// Squared norms of `b - a x`, `[..., k]` (or `[1]` for a vector); empty unless `m > n` and all ranks are full.
    pub residuals: Tensor,
    /// Ranks of `a`, `[...]`, int64.
    pub rank: Tensor,
    /// Singular values of `a`, `[..., min(m, n)]`.
    pub singular_values: Tensor,
}

/// The least-squares solution of `a x = b` of least norm, by singular values.
///
/// `a` is `[..., m, n]`, `b` `[m]` or `[..., m, k]` with the same leading axes. Singular values up to `rcond` times the
/// largest count as zero; the default is `max(m, n)` times the machine epsilon.
///
/// # Errors
/// [`Error::LinAlg`] if the numbers of rows differ; else as [`svd`].
pub fn lstsq(a: &Tensor, b: &Tensor, rcond: Option<f64>) -> Result<LeastSquares> {
    let op = "lstsq";
    let dtype = result_dtype(promote_types(a.dtype(), b.dtype()));
    let a = &a.astype(dtype)?;
    let vector = b.ndim() == 1;
    let columns = if vector { b.reshape(&[b.size(), 1])? } else { b.clone() }.astype(dtype)?;
    if a.ndim() < 2 || columns.ndim() < 2 || a.shape()[a.ndim() - 2] != columns.shape()[columns.ndim() - 2] {
        let message = format!("shapes {:?} and {:?} do not fit: both need the same number of rows", a.shape(), b.shape());
        return Err(Error::linalg(op, message));
    }
    let (m, n) = matrix_shape(op, a)?;
    let rcond = rcond.filter(|r| *r >= 0.0).unwrap_or_else(|| default_rtol(dtype, m, n));
    let singular_values = svdvals(a)?;
    let rank = matrix_rank(a, Some(rcond.into()))?;
    let full_rank = m >= n && rank.cast_vec::<i64>()?.iter().all(|&r| r == n as i64);
    let solution = if full_rank && n > 0 {
        // Reflections lose fewer digits than an inverse does, and where `a x = b` has a solution, the difference shows.
        let (q, r) = qr(a, QrMode::Reduced)?;
        solve(&r, &matmul(&compose::conj(&q.matrix_transpose()?)?, &columns)?)?
    } else {
        matmul(&pinv(a, Some(rcond.into()))?, &columns)?
    };
    let residuals = if full_rank && m > n {
        let difference = compose::abs(&compose::subtract(&columns, &matmul(a, &solution)?)?)?;
        let squares = compose::square(&difference)?;
        compose::sum(&squares, Some(&[-2]), None, false)?
    } else {
        Tensor::from_vec(Vec::<f64>::new(), &[0])?.astype(dtype.real())?.to_device(a.device())?
    };
    let solution = if vector { solution.reshape(&[n])? } else { solution };
    Ok(LeastSquares { solution, residuals, rank, singular_values })
}

/// The matrix exponential of square matrices, `[..., n, n]` to `[..., n, n]`, by scaling and squaring with a Padé
/// approximation of degree 13 (Higham, 2005); computed in double precision.
///
/// # Errors
/// [`Error::LinAlg`] for matrices that are not square or not finite.
pub fn matrix_exp(x: &Tensor) -> Result<Tensor> {
    let op = "matrix_exp";
    let dtype = result_dtype(x.dtype());
    let wide = if dtype.is_complex() { DType::Complex128 } else { DType::Float64 };
    let stack = Stack::with_dtype(op, x, wide)?;
    stack.check_square(op)?;
    let n = stack.rows;
    if wide == DType::Float64 {
        let mut out = zeros(stack.data.size())?;
        stack.each::<f64, _, _, _>(op, Lanes(&mut out, n * n), none(), none(), |_, a, out, _, _| expm::expm(a, n, out))?;
        stack.finish(out, &[n, n], dtype)
    } else {
        let mut out = zeros(stack.data.size())?;
        stack.each::<Complex128, _, _, _>(op, Lanes(&mut out, n * n), none(), none(), |_, a, out, _, _| expm::expm(a, n, out))?;
        stack.finish(out, &[n, n], dtype)
    }
}
