//! Selecting and writing parts of a tensor.
//!
//! ```
//! use purify_ops::{Index, Tensor, greater, take};
//! let x = Tensor::from_vec(vec![1, 2, 3, 4, 5, 6i64], &[2, 3])?;
//! let last = x.index(&[Index::Ellipsis, Index::Int(-1)])?; // x[..., -1]
//! assert_eq!(last.to_vec::<i64>()?, [3, 6]);
//! let large = x.index(&[Index::BoolMask(greater(&x, 4)?)])?; // x[x > 4]
//! assert_eq!(large.to_vec::<i64>()?, [5, 6]);
//! let columns = take(&x, &Tensor::from_vec(vec![2i64, 0], &[2])?, Some(1))?;
//! assert_eq!(columns.to_vec::<i64>()?, [3, 1, 6, 4]);
//! # Ok::<(), purify_ops::Error>(())
//! ```

mod get;
mod take;

pub use get::*;
pub use take::*;
