//! Changing shapes, joining, splitting and repeating.

mod edit;
mod join;
mod repeat;
mod shape;

pub use edit::*;
pub use join::*;
pub use repeat::*;
pub use shape::*;
