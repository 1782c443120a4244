//! The CPU backend: plain loops over strided operands, instantiated for several instruction sets.

pub mod cast;
pub mod iterate;

mod device;
pub use device::CPU;
