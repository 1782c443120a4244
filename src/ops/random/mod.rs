//! Random numbers with NumPy's streams, bit for bit.
//!
//! [`default_rng`] and [`Generator`] follow NumPy 2.4's `numpy.random.Generator` over any of its bit generators;
//! [`RandomState`] follows the frozen legacy streams. Given the same seed and the same calls, both return the very bits
//! NumPy returns, so results before and after a migration can be compared exactly. What depends on a matrix
//! factorisation (`multivariate_normal`) agrees up to rounding and, beyond order 25 or for equal singular values, sign.
//!
//! NumPy promises that `RandomState` never changes (NEP 19) while `Generator` may between versions: the streams here
//! are those of NumPy 2.4 on x86-64 Linux. Some distributions call the platform's `exp`, `log` and `pow`, as NumPy
//! does, and so may differ in the last bit between platforms.
//!
//! ```
//! use purify_ops::random::default_rng;
//! let mut rng = default_rng(7u64);
//! let noise = rng.normal(&[2, 3], 0.0, 0.1)?;
//! let order = rng.permutation_of(10)?;
//! assert_eq!((noise.shape(), order.shape()), (&[2, 3][..], &[10][..]));
//! # Ok::<(), purify_ops::Error>(())
//! ```

// Comparisons are written as in the published algorithms: `!(a > b)` also holds for NaN, `a <= b` does not.
#![allow(clippy::neg_cmp_op_on_partial_ord, clippy::excessive_precision)]

mod bit_generator;
mod bits;
mod bounded;
mod checks;
mod continuous;
mod covariance;
mod discrete;
mod draw_table;
mod draws;
mod generator;
mod hypergeometric;
mod integers;
mod legacy;
mod mt19937;
mod multivariate;
mod params;
mod pcg64;
mod permute;
mod philox;
mod random_state;
#[cfg(test)]
mod reference_tests;
mod seed_sequence;
mod sfc64;
mod tables;
mod ziggurat;

pub use bit_generator::{Algorithm, State};
pub use bits::{BitSource, HalfWord};
pub use generator::{ExponentialMethod, Generator, default_rng};
pub use mt19937::MT19937;
pub use multivariate::{CovarianceMethod, HypergeometricMethod};
pub use params::{Constraint, Param, Size};
pub use pcg64::{PCG64, PCG64DXSM};
pub use philox::Philox;
pub use random_state::RandomState;
pub use seed_sequence::{DEFAULT_POOL_SIZE, Entropy, SeedSequence};
pub use sfc64::SFC64;
pub use ziggurat::standard_normal;
