//! The CPU backend: plain loops over strided operands, instantiated for several instruction sets.

pub mod cast;
pub(crate) mod chunks;
pub(crate) mod decompositions;
pub(crate) mod expm;
pub(crate) mod fft;
pub(crate) mod matmul;
pub mod iterate;

mod device;
pub use device::CPU;
