//! The factorisations themselves, generic over `faer`'s fields. Only the impls in `lib.rs` instantiate them.

use faer::linalg::solvers::{DenseSolveCore, Eigen, Llt, PartialPivLu, Qr, SelfAdjointEigen, Solve, Svd};
use faer::mat::{MatMut, MatRef};
use faer::traits::ComplexField;
use faer::{Mat, Side};
use num_complex::Complex64;

use crate::{Failure, Field, General, Outcome};

/// What the kernels need of a scalar.
pub trait Scalar: Field + ComplexField {}
impl Scalar for f32 {}
impl Scalar for f64 {}
impl Scalar for Complex64 {}

/// The type of norms.
type Norm<T> = <T as ComplexField>::Real;

fn input<T>(data: &[T], rows: usize, cols: usize) -> MatRef<'_, T> {
    MatRef::from_row_major_slice(data, rows, cols)
}

fn output<T>(data: &mut [T], rows: usize, cols: usize) -> MatMut<'_, T> {
    MatMut::from_row_major_slice_mut(data, rows, cols)
}

fn store<T: Scalar>(data: &mut [T], value: MatRef<'_, T>) {
    output(data, value.nrows(), value.ncols()).copy_from(value);
}

fn all_finite<T: Scalar>(a: &[T]) -> Outcome {
    if a.iter().all(|x| x.finite()) { Ok(()) } else { Err(Failure::NoConvergence) }
}

/// Cholesky factor of a Hermitian positive definite matrix: `L` with `A = L Lᴴ`, or `U` with `A = Uᴴ U`. Only the triangle
/// of that name is read; the other triangle of `out` is zero.
pub fn cholesky<T: Scalar>(a: &[T], n: usize, upper: bool, out: &mut [T]) -> Outcome {
    let side = if upper { Side::Upper } else { Side::Lower };
    let factor = Llt::new(input(a, n, n), side).map_err(|_| Failure::NotPositiveDefinite)?;
    let lower = factor.L();
    for i in 0..n {
        for j in 0..n {
            out[i * n + j] = match (upper, i >= j) {
                (false, true) => lower[(i, j)],
                (true, _) if i <= j => lower[(j, i)].conjugate(),
                _ => <T as Field>::ZERO,
            };
        }
    }
    // Comparisons with NaN are false, so a NaN can pass the factorisation unnoticed.
    if (0..n).any(|i| !out[i * n + i].finite()) { Err(Failure::NotPositiveDefinite) } else { Ok(()) }
}

/// A factor with a zero on its diagonal cannot be solved with.
fn regular<T: Scalar>(factor: &PartialPivLu<T>, n: usize) -> Outcome {
    let upper = factor.U();
    if (0..n).any(|i| upper[(i, i)] == <T as Field>::ZERO) { Err(Failure::Singular) } else { Ok(()) }
}

/// Solves `A x = b` for the `k` columns of `b`, which become the solution.
pub fn solve<T: Scalar>(a: &[T], n: usize, b: &mut [T], k: usize) -> Outcome {
    if n == 0 || k == 0 {
        return Ok(());
    }
    let factor = PartialPivLu::new(input(a, n, n));
    regular(&factor, n)?;
    // Columns are solved in place faster in column order than in the row order of `b`.
    let mut columns = input(b, n, k).to_owned();
    factor.solve_in_place(columns.as_mut());
    store(b, columns.as_ref());
    Ok(())
}

/// The inverse.
pub fn inverse<T: Scalar>(a: &[T], n: usize, out: &mut [T]) -> Outcome {
    if n == 0 {
        return Ok(());
    }
    let factor = PartialPivLu::new(input(a, n, n));
    regular(&factor, n)?;
    store(out, factor.inverse().as_ref());
    Ok(())
}

/// The diagonal of `U` in `P A = L U`, and whether `P` is an odd permutation: all that determinants need.
pub fn pivots<T: Scalar>(a: &[T], n: usize) -> (Vec<T>, bool) {
    if n == 0 {
        return (Vec::new(), false);
    }
    let factor = PartialPivLu::new(input(a, n, n));
    let upper = factor.U();
    let forward = factor.P().arrays().0;
    // A permutation is odd when its number of elements minus its number of cycles is odd.
    let (mut seen, mut odd) = (vec![false; n], false);
    for start in 0..n {
        let mut next = start;
        while !seen[next] {
            seen[next] = true;
            next = forward[next];
            odd ^= next != start;
        }
    }
    let mut pivots: Vec<T> = (0..n).map(|i| upper[(i, i)]).collect();
    // Elimination divides by a zero pivot; what follows it is noise that must not hide the zero.
    if let Some(zero) = pivots.iter().position(|&p| p == <T as Field>::ZERO).filter(|_| a.iter().all(|x| x.finite())) {
        pivots[zero + 1..].fill(<T as Field>::ONE);
    }
    (pivots, odd)
}

/// `A = Q R` of an `m × n` matrix. `q` holds `m × k`, `r` `k × n` elements, with `k = m` if `complete`, else `min(m, n)`.
/// `q` may be left out.
pub fn qr<T: Scalar>(a: &[T], [m, n]: [usize; 2], complete: bool, q: Option<&mut [T]>, r: &mut [T]) {
    let thin = m.min(n);
    let rank = if complete { m } else { thin };
    r.fill(<T as Field>::ZERO);
    if thin == 0 {
        if let Some(q) = q {
            store(q, Mat::<T>::identity(m, rank).as_ref());
        }
        return;
    }
    let factor = Qr::new(input(a, m, n));
    let triangle = factor.thin_R();
    let phases: Vec<T> = (0..thin).map(|i| triangle[(i, i)].real_phase()).collect();
    for i in 0..thin {
        for j in i..n {
            r[i * n + j] = triangle[(i, j)].times(phases[i]);
        }
    }
    if let Some(q) = q {
        let orthogonal = if complete { factor.compute_Q() } else { factor.compute_thin_Q() };
        for i in 0..m {
            for j in 0..rank {
                let phase = if j < thin { phases[j].conjugate() } else { <T as Field>::ONE };
                q[i * rank + j] = orthogonal[(i, j)].times(phase);
            }
        }
    }
}

/// Eigenvalues in ascending order and, if wanted, eigenvectors as columns of a Hermitian matrix, of which only one triangle
/// is read.
pub fn eigh<T: Scalar>(a: &[T], n: usize, upper: bool, values: &mut [Norm<T>], vectors: Option<&mut [T]>) -> Outcome {
    if n == 0 {
        return Ok(());
    }
    // The other triangle is mirrored, so that what it holds (perhaps NaN) cannot matter.
    let source = input(a, n, n);
    let matrix = Mat::from_fn(n, n, |i, j| {
        let here = if upper { i <= j } else { i >= j };
        if here { source[(i, j)] } else { source[(j, i)].conjugate() }
    });
    if (0..n).any(|j| (0..n).any(|i| !matrix[(i, j)].finite())) {
        return Err(Failure::NoConvergence);
    }
    let failed = |_| Failure::NoConvergence;
    match vectors {
        Some(vectors) => {
            let eigen = SelfAdjointEigen::new(matrix.as_ref(), Side::Lower).map_err(failed)?;
            let diagonal = eigen.S().column_vector();
            for (i, value) in values.iter_mut().enumerate() {
                *value = faer::traits::math_utils::real(&diagonal[i]);
            }
            store(vectors, eigen.U());
        }
        None => {
            let found = matrix.self_adjoint_eigenvalues(Side::Lower).map_err(failed)?;
            values.clone_from_slice(&found);
        }
    }
    Ok(())
}

/// Singular values in descending order and, if wanted, `u` (`m × k`) and `vh` (`k' × n`): `k = k' = min(m, n)`, or the full
/// orthogonal bases.
pub fn svd<T: Scalar>(a: &[T], [m, n]: [usize; 2], full: bool, values: &mut [Norm<T>], vectors: Option<(&mut [T], &mut [T])>) -> Outcome {
    all_finite(a)?;
    let rank = m.min(n);
    if rank == 0 {
        if let (Some((u, vh)), true) = (vectors, full) {
            store(u, Mat::<T>::identity(m, m).as_ref());
            store(vh, Mat::<T>::identity(n, n).as_ref());
        }
        return Ok(());
    }
    let matrix = input(a, m, n);
    let failed = |_| Failure::NoConvergence;
    let Some((u, vh)) = vectors else {
        let found = matrix.singular_values().map_err(failed)?;
        values.clone_from_slice(&found);
        return Ok(());
    };
    let found = if full { Svd::new(matrix) } else { Svd::new_thin(matrix) }.map_err(failed)?;
    let diagonal = found.S().column_vector();
    for (i, value) in values.iter_mut().enumerate() {
        *value = faer::traits::math_utils::real(&diagonal[i]);
    }
    store(u, found.U());
    let right = found.V();
    let mut target = output(vh, right.ncols(), n);
    for i in 0..right.ncols() {
        for j in 0..n {
            target[(i, j)] = right[(j, i)].conjugate();
        }
    }
    Ok(())
}

/// Eigenvalues and, if wanted, right eigenvectors as columns, of a general square matrix.
pub fn eig(a: General<'_>, n: usize, values: &mut [Complex64], vectors: Option<&mut [Complex64]>) -> Outcome {
    match a {
        General::Real(a) => all_finite(a)?,
        General::Complex(a) => all_finite(a)?,
    }
    if n == 0 {
        return Ok(());
    }
    let failed = |_| Failure::NoConvergence;
    let Some(vectors) = vectors else {
        let found = match a {
            General::Real(a) => input(a, n, n).eigenvalues(),
            General::Complex(a) => input(a, n, n).eigenvalues(),
        };
        values.copy_from_slice(&found.map_err(failed)?);
        return Ok(());
    };
    let eigen = match a {
        General::Real(a) => Eigen::new_from_real(input(a, n, n)),
        General::Complex(a) => Eigen::new(input(a, n, n)),
    }
    .map_err(failed)?;
    let diagonal = eigen.S().column_vector();
    let basis = eigen.U();
    for j in 0..n {
        values[j] = diagonal[j];
        let column = || (0..n).map(|i| basis[(i, j)]);
        let length = column().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
        let largest = column().fold(Complex64::ZERO, |best, z| if z.norm_sqr() > best.norm_sqr() { z } else { best });
        // A real vector keeps its sign; a complex one is turned until its largest component is real.
        let phase = if column().all(|z| z.im == 0.0) || length == 0.0 { Complex64::ONE } else { largest.conj() / largest.norm() };
        for i in 0..n {
            let mut z = basis[(i, j)] * phase / if length == 0.0 { 1.0 } else { length };
            if basis[(i, j)] == largest && phase != Complex64::ONE {
                z.im = 0.0;
            }
            vectors[i * n + j] = z;
        }
    }
    Ok(())
}
