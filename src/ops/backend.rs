//! The primitives a device must provide; every operation of the crate is composed from these.
//!
//! The op layer prepares operands (dtype promotion, broadcasting, output allocation) and then calls one
//! primitive, so a backend sees operands of the stated dtypes and shapes only, all in its own memory, which the op layer
//! never reads. What has no primitive (transforms, factorisations, convolutions) is computed on the host by the op layer,
//! and so are the methods with a default body; results go back to the device. `tests/device.rs` holds every kind of
//! operation to that with a backend whose memory the host cannot read.

use std::sync::RwLock;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use crate::storage::{Device, Storage};
use crate::tensor::Tensor;

pub use crate::kernel_ops::{ArgReduceOp, BinaryOp, ReduceOp, ScanOp, UnaryOp};

/// How colliding writes of [`Backend::scatter`] combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScatterMode {
    /// The last write wins.
    Set,
    /// Values are added.
    Add,
    /// Values are multiplied.
    Mul,
    /// The smallest value is kept.
    Min,
    /// The largest value is kept.
    Max,
}

/// A device's kernels.
pub trait Backend: Send + Sync {
    /// The device's name in messages.
    fn name(&self) -> String;

    /// New memory with arbitrary content.
    fn allocate(&self, bytes: usize) -> Result<Storage>;

    /// Copies a host tensor to a new tensor on this device.
    #[expect(clippy::wrong_self_convention, reason = "the pair of `to_host`")]
    fn from_host(&self, x: &Tensor) -> Result<Tensor>;

    /// Copies a tensor of this device to a new host tensor.
    fn to_host(&self, x: &Tensor) -> Result<Tensor>;

    /// Writes one value into every element of `out`.
    fn fill(&self, out: &Tensor, value: Scalar) -> Result<()>;

    /// Copies elements between tensors of one shape, converting the dtype.
    fn copy(&self, x: &Tensor, out: &Tensor) -> Result<()>;

    /// `out[i] = op(x[i])`; the dtypes are those of [`UnaryOp::output`].
    fn unary(&self, op: UnaryOp, x: &Tensor, out: &Tensor) -> Result<()>;

    /// `out[i] = op(a[i], b[i])` for operands of one dtype and shape; `out` is bool for comparisons.
    fn binary(&self, op: BinaryOp, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()>;

    /// `out[i] = op(x[i], value)`, or `op(value, x[i])` if `flipped`; the value is one that the dtype of `x` holds.
    fn binary_scalar(&self, op: BinaryOp, x: &Tensor, value: Scalar, flipped: bool, out: &Tensor) -> Result<()> {
        let number = Tensor::from_scalar(op.name(), value, x.dtype())?.to_device(x.device())?;
        let number = number.broadcast_to(x.shape())?;
        if flipped { self.binary(op, &number, x, out) } else { self.binary(op, x, &number, out) }
    }

    /// `out[i] = if cond[i] { a[i] } else { b[i] }`.
    fn select(&self, cond: &Tensor, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()>;

    /// Reduces `axes` (sorted, distinct); `out` has the remaining axes and the dtype of [`ReduceOp::output`].
    fn reduce(&self, op: ReduceOp, x: &Tensor, axes: &[usize], out: &Tensor) -> Result<()>;

    /// Index (`int64`) of the extreme element along `axis`; `out` lacks that axis.
    fn arg_reduce(&self, op: ArgReduceOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()>;

    /// Running reduction along `axis`, operand and result of one dtype and shape.
    fn scan(&self, op: ScanOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()>;

    /// `out[p, q, r] = x[i_0[q], ..., p, r]`: reads elements at index tensors.
    ///
    /// `indices` are `int64` tensors of one shape (that of the axes `at..at + n` of `out`), already checked and
    /// non-negative, one for each of the leading `indices.len()` axes of `x`; the other axes of `x` follow in order
    /// in the other axes of `out`.
    fn gather(&self, x: &Tensor, indices: &[Tensor], at: usize, out: &Tensor) -> Result<()>;

    /// The inverse of [`Backend::gather`]: writes `values` into `out` at index tensors.
    fn scatter(&self, out: &Tensor, indices: &[Tensor], at: usize, values: &Tensor, mode: ScatterMode) -> Result<()>;

    /// Sorts along the last axis, stably, NaN last. Writes what is asked for: sorted values, `int64` indices.
    fn sort(&self, x: &Tensor, descending: bool, values: Option<&Tensor>, indices: Option<&Tensor>) -> Result<()>;

    /// Flat row-major positions (`int64`) of the elements that are not zero.
    fn nonzero(&self, x: &Tensor) -> Result<Tensor>;

    /// Batched matrix product: `a` is `[..., m, k]`, `b` is `[..., k, n]`, `out` is `[..., m, n]`, one dtype,
    /// the leading axes already broadcast against each other.
    ///
    /// By default computed on the host.
    fn matmul(&self, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        let host = Tensor::uninit("matmul", out.shape(), out.dtype(), Device::Cpu)?;
        crate::cpu::CPU.matmul(&self.to_host(a)?, &self.to_host(b)?, &host)?;
        self.copy(&self.from_host(&host)?, out)
    }

    /// The error of a kernel that does not exist.
    fn unsupported(&self, op: &'static str, dtype: DType) -> Error {
        Error::Unsupported { op, device: self.name(), dtype }
    }
}

/// Starts the backend of a device that nobody has registered yet, or says why there is none.
pub type Provider = fn(Device) -> Result<&'static dyn Backend>;

static OTHERS: RwLock<Vec<(Device, &'static dyn Backend)>> = RwLock::new(Vec::new());
static PROVIDER: RwLock<Option<Provider>> = RwLock::new(None);

/// Names what is asked for a device that has no backend yet. Its backend is registered with the first tensor on it.
pub fn provide(provider: Provider) {
    *PROVIDER.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(provider);
}

/// Makes a backend available for a device; the latest registration wins.
pub fn register(device: Device, backend: &'static dyn Backend) {
    let mut others = OTHERS.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    others.retain(|(d, _)| *d != device);
    others.push((device, backend));
}

/// The devices that tensors can be on.
pub fn devices() -> Vec<Device> {
    let others = OTHERS.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    std::iter::once(Device::Cpu).chain(others.iter().map(|(d, _)| *d)).collect()
}

/// The backend of a device.
///
/// # Errors
/// [`Error::Device`] if none is registered.
#[inline]
pub fn of(device: Device) -> Result<&'static dyn Backend> {
    if device == Device::Cpu {
        return Ok(&crate::cpu::CPU);
    }
    let others = OTHERS.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    let found = others.iter().find(|(d, _)| *d == device).map(|(_, b)| *b);
    drop(others);
    match found {
        Some(backend) => Ok(backend),
        None => start(device),
    }
}

#[cold]
fn start(device: Device) -> Result<&'static dyn Backend> {
    let provider = *PROVIDER.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(provider) = provider {
        let backend = provider(device)?;
        register(device, backend);
        return Ok(backend);
    }
    let known: Vec<String> = devices().iter().map(Device::to_string).collect();
    Err(Error::Device { op: "device", message: format!("{device} is not available; available: {}", known.join(", ")) })
}

/// Copies a tensor from its device to another one.
pub fn transfer(x: &Tensor, device: Device) -> Result<Tensor> {
    let target = of(device)?;
    let host = if x.device() == Device::Cpu { x.clone() } else { x.backend()?.to_host(x)? };
    if device == Device::Cpu { Ok(host) } else { target.from_host(&host) }
}

/// The common device of several operands.
///
/// # Errors
/// [`Error::Device`] if they differ.
pub fn common_device(op: &'static str, tensors: &[&Tensor]) -> Result<Device> {
    let device = tensors.first().map_or(Device::Cpu, |t| t.device());
    for t in tensors {
        if t.device() != device {
            let message = format!("operands are on {device} and {}; move them to one device", t.device());
            return Err(Error::Device { op, message });
        }
    }
    Ok(device)
}
