//! Array operations with the names of the Python array API standard.

mod backend;
#[allow(dead_code, reason = "the layers above take these into use one by one")]
mod compose;
mod dtype;
mod error;
mod kernel_ops;
mod layout;
mod memory;
mod promote;
mod scalar;
mod storage;
mod tensor;

pub mod cpu;
pub mod fft;
pub mod io;
pub mod linalg;
pub mod pool;
pub mod random;

pub use backend::{Backend, BinaryOp, ReduceOp, ScanOp, ArgReduceOp, ScatterMode, UnaryOp, common_device, devices, register as register_backend};
pub use dtype::{Complex64, Complex128, DType, Element, Kind};
pub use error::{Error, ErrorKind, Result};
pub use layout::{Layout, MAX_NDIM, Shape, Strides};
pub use promote::{
    Casting, FInfo, IInfo, Operand, Participant, can_cast, can_cast_with, finfo, iinfo, isdtype, promote_scalar,
    promote_types, result_type,
};
pub use scalar::{FromScalar, Scalar, int_range};
pub use storage::{Device, Owner, Storage};
pub use tensor::Tensor;
