//! Array operations with the names of the Python array API standard.
//!
//! [`Tensor`] is an n-dimensional array: a reference-counted [`Storage`], a [`Layout`] and a [`DType`]. Functions stand
//! flat in the crate, under the standard's names, grouped in modules by the standard's categories:
//!
//! ```
//! use purify_ops::{Tensor, add, mean, sqrt};
//! let x = Tensor::from_vec(vec![1.0, 4.0, 9.0, 16.0], &[2, 2])?;
//! let y = add(&sqrt(&x)?, 1)?;
//! assert_eq!(mean(&y, Some(&[0]), false)?.to_vec::<f64>()?, [3.0, 4.0]);
//! # Ok::<(), purify_ops::Error>(())
//! ```

// What a tensor is.
mod dtype;
mod error;
mod format;
mod layout;
mod memory;
mod promote;
mod scalar;
mod storage;
mod tensor;

// How it is computed on a device.
mod backend;
#[allow(dead_code, reason = "the layers above take these into use one by one")]
mod compose;
pub mod cpu;
mod kernel_ops;
pub mod pool;

// The functions, by category.
pub mod creation;
pub mod elementwise;
pub mod fft;
pub mod indexing;
pub mod io;
pub mod linalg;
pub mod manipulation;
pub mod nn;
pub mod polynomial;
pub mod random;
pub mod searching;
pub mod set;
pub mod sorting;
pub mod statistical;
pub mod table;

pub use backend::{
    ArgReduceOp, Backend, BinaryOp, Provider, ReduceOp, ScanOp, ScatterMode, UnaryOp, common_device, devices, of as backend_of,
    provide as provide_backends, register as register_backend,
};
pub use dtype::{Complex64, Complex128, DType, Element, Kind};
pub use error::{Error, ErrorKind, Result};
pub use format::{PrintOptions, array_repr, array_str, array2string};
pub use layout::{Layout, MAX_NDIM, Shape, Strides, broadcast_shape, checked_size, contiguous_strides, normalize_axes, normalize_axis};
pub use memory::clear as clear_memory_pool;
pub use promote::{
    Casting, FInfo, IInfo, Operand, Participant, can_cast, can_cast_with, finfo, iinfo, isdtype, promote_scalar, promote_types, result_type,
};
pub use scalar::{FromScalar, Scalar, int_range};
pub use storage::{Device, Owner, Storage};
pub use table::{OPS, OpInfo, op_info, ops};
pub use tensor::Tensor;

pub use creation::*;
pub use elementwise::*;
pub use indexing::*;
pub use linalg::{matmul, matrix_transpose, tensordot, vecdot};
pub use manipulation::*;
pub use polynomial::*;
pub use searching::*;
pub use set::*;
pub use sorting::*;
pub use statistical::*;
