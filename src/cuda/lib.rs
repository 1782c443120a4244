//! The CUDA backend of `purify-ops`.
//!
//! Nothing of CUDA is needed to build, and nothing is loaded before a tensor is put on a device: [`register`] only says who is
//! asked for `cuda:0`. A missing library is an error that names it. The kernels are texts ([`purify_kernels`]), compiled when
//! they are first called and kept on disk.
//!
//! ```
//! use purify_ops::{Device, Tensor};
//! purify_cuda::register();
//! let x = Tensor::from_vec(vec![1.0, 2.0], &[2])?;
//! match x.to_device(Device::Cuda(0)) {
//!     Ok(there) => assert_eq!(purify_ops::add(&there, 1)?.to_vec::<f64>()?, [2.0, 3.0]),
//!     Err(error) => println!("SKIPPED: {error}"),
//! }
//! # Ok::<(), purify_ops::Error>(())
//! ```

// The machine: libraries, driver and compiler, as a trait.
mod blas;
pub mod driver;
mod error;
#[cfg(test)]
mod fake;
pub mod library;
mod real;

// One device: memory, transfers, compiled kernels, and how they are launched.
mod allocator;
mod cubins;
mod gpu;
mod launch;
mod staging;

// What the op layer sees of it.
mod backend;
mod devices;

pub use allocator::MemoryStats;
pub use backend::Cuda;
pub use cubins::Cubins;
pub use devices::{absence, backend, count, register};
pub use error::{Failure, Result};
pub use gpu::{Gpu, Stream, hand_over};
pub use real::Real;
