//! Selecting and writing parts of a tensor.

mod get;
mod take;

pub use get::*;
pub use take::*;
