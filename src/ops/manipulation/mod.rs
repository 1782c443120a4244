//! Changing shapes, joining, splitting and repeating.
//!
//! ```
//! use purify_ops::{Tensor, concat, flip, roll};
//! let x = Tensor::from_vec(vec![1, 2, 3, 4i64], &[2, 2])?;
//! assert_eq!(concat(&[&x, &x], Some(1))?.to_vec::<i64>()?, [1, 2, 1, 2, 3, 4, 3, 4]);
//! assert_eq!(flip(&x, Some(&[0]))?.to_vec::<i64>()?, [3, 4, 1, 2]);
//! assert_eq!(roll(&x, &[1], None)?.to_vec::<i64>()?, [4, 1, 2, 3]);
//! # Ok::<(), purify_ops::Error>(())
//! ```

mod edit;
mod join;
mod repeat;
mod shape;

pub use edit::*;
pub use join::*;
pub use repeat::*;
pub use shape::*;
