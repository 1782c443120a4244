//! Elementwise functions: promotion, broadcasting and allocation here, the arithmetic in the backend.

mod binary;
mod compose;
mod unary;

pub use binary::*;
pub use compose::*;
pub use unary::*;
