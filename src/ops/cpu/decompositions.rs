//! Matrix factorisations and solvers of one row-major matrix, by `faer`.
//!
//! All of `faer` is instantiated here and nowhere else: it is the slowest dependency to compile. Real matrices are worked on
//! in their own precision; complex64 is computed in complex128 by the callers, and eigenvalues of general matrices always
//! in double precision, which keeps the code small.
//!
//! Signs follow LAPACK where they are free: `R` has the signs of Householder reflections (a real diagonal for complex
//! matrices), eigenvectors of general matrices have unit length and a real largest component.

use faer::linalg::solvers::{DenseSolveCore, Eigen, Llt, PartialPivLu, Qr, SelfAdjointEigen, Solve, Svd};
use faer::mat::{MatMut, MatRef};
use faer::traits::ComplexField;
use faer::{Mat, Side};
use num_complex::Complex64;

/// Why a factorisation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A pivot is exactly zero.
    Singular,
    /// A leading minor is not positive.
    NotPositiveDefinite,
    /// The iteration did not settle, or the input is not finite.
    NoConvergence,
}

/// Result of a kernel.
pub type Outcome<T = ()> = Result<T, Failure>;

/// The scalars that factorisations are compiled for.
pub trait Field: ComplexField + Copy + Send + Sync + 'static {
    /// Real part.
    fn real_part(self) -> Self::Real;
    /// Whether all parts are finite.
    fn finite(self) -> bool;
    /// The factor of modulus one that turns `self` into a real number of the same sign of its real part.
    fn real_phase(self) -> Self;
    /// Complex conjugate.
    fn conjugate(self) -> Self;
    /// Product, under a name that does not collide with the operators of `faer`'s traits.
    fn times(self, other: Self) -> Self;
    /// Negation.
    fn negated(self) -> Self;
    /// Sum.
    fn plus(self, other: Self) -> Self;
    /// Product with a real number.
    fn scaled(self, factor: f64) -> Self;
    /// Direction (modulus one, or 0) and modulus.
    fn polar(self) -> (Self, f64);
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
}

macro_rules! real_field {
    ($type:ty) => {
        impl Field for $type {
            fn real_part(self) -> $type {
                self
            }
            fn finite(self) -> bool {
                self.is_finite()
            }
            fn real_phase(self) -> Self {
                1.0
            }
            fn conjugate(self) -> Self {
                self
            }
            fn times(self, other: Self) -> Self {
                self * other
            }
            fn negated(self) -> Self {
                -self
            }
            fn plus(self, other: Self) -> Self {
                self + other
            }
            fn scaled(self, factor: f64) -> Self {
                self * factor as $type
            }
            fn polar(self) -> (Self, f64) {
                let direction = if self == 0.0 || self.is_nan() { self } else { self.signum() };
                (direction, f64::from(self).abs())
            }
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
        }
    };
}
real_field!(f32);
real_field!(f64);

impl Field for Complex64 {
    fn real_part(self) -> f64 {
        self.re
    }
    fn finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }
    fn real_phase(self) -> Self {
        let norm = self.re.hypot(self.im);
        if self.im == 0.0 || norm == 0.0 {
            return Self::ONE;
        }
        let sign = if self.re < 0.0 { -norm } else { norm };
        Complex64::new(self.re / sign, -self.im / sign)
    }
    fn conjugate(self) -> Self {
        self.conj()
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn negated(self) -> Self {
        -self
    }
    fn plus(self, other: Self) -> Self {
        self + other
    }
    fn scaled(self, factor: f64) -> Self {
        self * factor
    }
    fn polar(self) -> (Self, f64) {
        let modulus = self.re.hypot(self.im);
        (if modulus == 0.0 { self } else { self / modulus }, modulus)
    }
    const ZERO: Self = Complex64 { re: 0.0, im: 0.0 };
    const ONE: Self = Complex64 { re: 1.0, im: 0.0 };
}

fn input<T>(data: &[T], rows: usize, cols: usize) -> MatRef<'_, T> {
    MatRef::from_row_major_slice(data, rows, cols)
}

fn output<T>(data: &mut [T], rows: usize, cols: usize) -> MatMut<'_, T> {
    MatMut::from_row_major_slice_mut(data, rows, cols)
}

fn store<T: Field>(data: &mut [T], value: MatRef<'_, T>) {
    output(data, value.nrows(), value.ncols()).copy_from(value);
}

fn all_finite<T: Field>(a: &[T]) -> Outcome {
    if a.iter().all(|x| x.finite()) { Ok(()) } else { Err(Failure::NoConvergence) }
}

/// Cholesky factor of a Hermitian positive definite matrix: `L` with `A = L Lᴴ`, or `U` with `A = Uᴴ U`. Only the triangle
/// of that name is read; the other triangle of `out` is zero.
pub fn cholesky<T: Field>(a: &[T], n: usize, upper: bool, out: &mut [T]) -> Outcome {
    let side = if upper { Side::Upper } else { Side::Lower };
    let factor = Llt::new(input(a, n, n), side).map_err(|_| Failure::NotPositiveDefinite)?;
    let lower = factor.L();
    for i in 0..n {
        for j in 0..n {
            out[i * n + j] = match (upper, i >= j) {
                (false, true) => lower[(i, j)],
                (true, _) if i <= j => lower[(j, i)].conjugate(),
                _ => T::ZERO,
            };
        }
    }
    // Comparisons with NaN are false, so a NaN can pass the factorisation unnoticed.
    if (0..n).any(|i| !out[i * n + i].finite()) { Err(Failure::NotPositiveDefinite) } else { Ok(()) }
}

/// A factor with a zero on its diagonal cannot be solved with.
fn regular<T: Field>(factor: &PartialPivLu<T>, n: usize) -> Outcome {
    let upper = factor.U();
    if (0..n).any(|i| upper[(i, i)] == T::ZERO) { Err(Failure::Singular) } else { Ok(()) }
}

/// Solves `A x = b` for the `k` columns of `b`, which become the solution.
pub fn solve<T: Field>(a: &[T], n: usize, b: &mut [T], k: usize) -> Outcome {
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
pub fn inverse<T: Field>(a: &[T], n: usize, out: &mut [T]) -> Outcome {
    if n == 0 {
        return Ok(());
    }
    let factor = PartialPivLu::new(input(a, n, n));
    regular(&factor, n)?;
    store(out, factor.inverse().as_ref());
    Ok(())
}

/// The diagonal of `U` in `P A = L U`, and whether `P` is an odd permutation: all that determinants need.
pub fn pivots<T: Field>(a: &[T], n: usize) -> (Vec<T>, bool) {
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
    if let Some(zero) = pivots.iter().position(|&p| p == T::ZERO).filter(|_| a.iter().all(|x| x.finite())) {
        pivots[zero + 1..].fill(T::ONE);
    }
    (pivots, odd)
}

/// `A = Q R` of an `m × n` matrix. `q` holds `m × k`, `r` `k × n` elements, with `k = m` if `complete`, else `min(m, n)`.
/// `q` may be left out.
pub fn qr<T: Field>(a: &[T], [m, n]: [usize; 2], complete: bool, q: Option<&mut [T]>, r: &mut [T]) {
    let thin = m.min(n);
    let rank = if complete { m } else { thin };
    r.fill(T::ZERO);
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
                let phase = if j < thin { phases[j].conjugate() } else { T::ONE };
                q[i * rank + j] = orthogonal[(i, j)].times(phase);
            }
        }
    }
}

/// Eigenvalues in ascending order and, if wanted, eigenvectors as columns of a Hermitian matrix, of which only one triangle
/// is read.
pub fn eigh<T: Field>(a: &[T], n: usize, upper: bool, values: &mut [T::Real], vectors: Option<&mut [T]>) -> Outcome {
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
                *value = diagonal[i].real_part();
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
pub fn svd<T: Field>(a: &[T], [m, n]: [usize; 2], full: bool, values: &mut [T::Real], vectors: Option<(&mut [T], &mut [T])>) -> Outcome {
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
        *value = diagonal[i].real_part();
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

/// A general matrix in double precision.
#[derive(Clone, Copy)]
pub enum General<'a> {
    /// float64
    Real(&'a [f64]),
    /// complex128
    Complex(&'a [Complex64]),
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
