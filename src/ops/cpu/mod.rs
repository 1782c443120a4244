//! The CPU backend: plain loops over strided operands, instantiated for several instruction sets.

pub mod binary;
pub mod cast;
pub(crate) mod chunks;
pub mod complex;
pub(crate) mod conv;
pub(crate) mod expm;
pub(crate) mod fft;
pub mod index;
pub mod iterate;
pub(crate) mod lane;
pub mod math;
pub(crate) mod matmul;
pub(crate) mod pooling;
pub mod reduce;
pub(crate) mod resample;
pub mod scan;
pub mod simd;
pub(crate) mod small;
pub mod sort;
mod transpose;
pub mod unary;
mod winograd;

mod device;
pub use device::CPU;
