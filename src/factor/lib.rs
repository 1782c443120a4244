//! Matrix factorisations and solvers of one row-major matrix, by `faer`, compiled once.
//!
//! `faer` is the slowest dependency to instantiate (a minute of processor time in release mode), so it is a crate of its own
//! and its entry points are not generic: whoever works on `purify-ops` does not compile it again. Real matrices are worked on
//! in their own precision; complex64 is computed in complex128 by the callers, and eigenvalues of general matrices always in
//! double precision, which keeps the code small.
//!
//! Signs follow LAPACK where they are free: `R` has the signs of Householder reflections (a real diagonal for complex
//! matrices), eigenvectors of general matrices have unit length and a real largest component.
//!
//! Slices must have the lengths their shapes say; other lengths panic.

mod kernels;

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
pub trait Field: Copy + Default + PartialEq + Send + Sync + 'static {
    /// The type of singular values and of eigenvalues of Hermitian matrices.
    type Norm: Copy + Default + Send + Sync + 'static;
    /// Whether all parts are finite.
    fn finite(self) -> bool;
    /// The factor of modulus one that turns `self` into a real number of the same sign of its real part.
    fn real_phase(self) -> Self;
    /// Complex conjugate.
    fn conjugate(self) -> Self;
    /// Product.
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

    /// Cholesky factor of a Hermitian positive definite `n × n` matrix: `L` with `A = L Lᴴ`, or `U` with `A = Uᴴ U`. Only the
    /// triangle of that name is read; the other triangle of `out` is zero.
    fn cholesky(a: &[Self], n: usize, upper: bool, out: &mut [Self]) -> Outcome;
    /// Solves `A x = b` for the `k` columns of `b`, which become the solution.
    fn solve(a: &[Self], n: usize, b: &mut [Self], k: usize) -> Outcome;
    /// The inverse.
    fn inverse(a: &[Self], n: usize, out: &mut [Self]) -> Outcome;
    /// The diagonal of `U` in `P A = L U`, and whether `P` is an odd permutation: all that determinants need.
    fn pivots(a: &[Self], n: usize) -> (Vec<Self>, bool);
    /// `A = Q R` of an `m × n` matrix. `q` holds `m × k`, `r` `k × n` elements, with `k = m` if `complete`, else `min(m, n)`.
    /// `q` may be left out.
    fn qr(a: &[Self], shape: [usize; 2], complete: bool, q: Option<&mut [Self]>, r: &mut [Self]);
    /// Eigenvalues in ascending order and, if wanted, eigenvectors as columns of a Hermitian matrix, of which only one
    /// triangle is read.
    fn eigh(a: &[Self], n: usize, upper: bool, values: &mut [Self::Norm], vectors: Option<&mut [Self]>) -> Outcome;
    /// Singular values in descending order and, if wanted, `u` (`m × k`) and `vh` (`k' × n`): `k = k' = min(m, n)`, or the
    /// full orthogonal bases.
    fn svd(a: &[Self], shape: [usize; 2], full: bool, values: &mut [Self::Norm], vectors: Option<(&mut [Self], &mut [Self])>) -> Outcome;
}

/// Forwards to the kernels; being no generics, these are compiled here and nowhere else.
macro_rules! factorisations {
    () => {
        fn cholesky(a: &[Self], n: usize, upper: bool, out: &mut [Self]) -> Outcome {
            kernels::cholesky(a, n, upper, out)
        }
        fn solve(a: &[Self], n: usize, b: &mut [Self], k: usize) -> Outcome {
            kernels::solve(a, n, b, k)
        }
        fn inverse(a: &[Self], n: usize, out: &mut [Self]) -> Outcome {
            kernels::inverse(a, n, out)
        }
        fn pivots(a: &[Self], n: usize) -> (Vec<Self>, bool) {
            kernels::pivots(a, n)
        }
        fn qr(a: &[Self], shape: [usize; 2], complete: bool, q: Option<&mut [Self]>, r: &mut [Self]) {
            kernels::qr(a, shape, complete, q, r);
        }
        fn eigh(a: &[Self], n: usize, upper: bool, values: &mut [Self::Norm], vectors: Option<&mut [Self]>) -> Outcome {
            kernels::eigh(a, n, upper, values, vectors)
        }
        fn svd(
            a: &[Self],
            shape: [usize; 2],
            full: bool,
            values: &mut [Self::Norm],
            vectors: Option<(&mut [Self], &mut [Self])>,
        ) -> Outcome {
            kernels::svd(a, shape, full, values, vectors)
        }
    };
}

macro_rules! real_field {
    ($type:ty) => {
        impl Field for $type {
            type Norm = $type;
            factorisations!();
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
    type Norm = f64;
    factorisations!();
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
    kernels::eig(a, n, values, vectors)
}
