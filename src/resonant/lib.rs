//! Tensors whose elements are exact numbers of the golden field Q(phi), and what is done with them.
//!
//! ```
//! use purify_resonant::ResonantTensor;
//! let x = ResonantTensor::from_floats(&[0.5, 1.0], &[2], None, 100)?;
//! // 0.5 is not on the lattice: with coefficients up to 100 its nearest point is 28 - 17 phi.
//! assert_eq!(x.lattice()[0].to_string(), "28 - 17*phi");
//! assert_eq!(x.add(&x.neg()?)?.to_floats(), [0.0, 0.0]);
//! # Ok::<(), purify_resonant::Error>(())
//! ```

// Numbers.
pub mod constants;
mod error;
pub mod exact;
pub mod number_theory;
mod parallel;
pub mod random;

// Quantities and operators on plain values.
pub mod operators;
pub mod syntony;

// The tensor.
mod tensor;

// Search over tensors.
pub mod evolve;

pub use error::{Error, Result};
pub use exact::{Golden, Nonfinite};
pub use tensor::*;
