//! Exact numbers: the field Q(phi), its embedding into doubles, and the way back onto the lattice Z[phi].

mod float;
mod golden;
mod rational;
mod snap;
mod table;

pub use float::to_f64;
pub use golden::{Golden, Wide, fibonacci_pair};
pub use rational::{last_convergent, nearest_fraction};
pub use snap::{MAX_PRECISION, Nonfinite, check_precision, error_bound, nearest, resolution};
pub use table::Snapper;

impl Golden {
    /// The double nearest to the value.
    #[inline]
    pub fn to_f64(&self) -> f64 {
        to_f64(self)
    }
}
