//! Changing shapes, joining, splitting and repeating.

mod join;
mod repeat;
mod shape;

pub use join::*;
pub use repeat::*;
pub use shape::*;
