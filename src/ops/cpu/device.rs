//! The `Backend` implementation of the host.

use crate::backend::{ArgReduceOp, Backend, BinaryOp, ReduceOp, ScanOp, ScatterMode, UnaryOp};
use crate::cpu::cast::cast_loop;
use crate::cpu::iterate::{GRAIN, Nest};
use crate::dispatch;
use crate::error::Result;
use crate::scalar::Scalar;
use crate::storage::Storage;
use crate::tensor::Tensor;

/// The host.
pub struct Cpu;

/// The one instance.
pub static CPU: Cpu = Cpu;

impl Backend for Cpu {
    fn name(&self) -> String {
        "cpu".to_owned()
    }

    fn allocate(&self, bytes: usize) -> Result<Storage> {
        Storage::host(bytes)
    }

    fn from_host(&self, x: &Tensor) -> Result<Tensor> {
        x.copy()
    }

    fn to_host(&self, x: &Tensor) -> Result<Tensor> {
        x.copy()
    }

    fn fill(&self, out: &Tensor, value: Scalar) -> Result<()> {
        let one = dispatch!(out.dtype(), T => Tensor::scalar(<T as crate::scalar::FromScalar>::from_scalar(value)))?;
        self.copy(&one.broadcast_to(out.shape())?, out)
    }

    fn copy(&self, x: &Tensor, out: &Tensor) -> Result<()> {
        debug_assert_eq!(x.shape(), out.shape());
        let run = cast_loop(x.dtype(), out.dtype());
        let nest = Nest::new(out.shape(), [x.strides(), out.strides()], [x.dtype().size(), out.dtype().size()]);
        nest.run([x.data_ptr(), out.data_ptr()], GRAIN, &|[x, out], [sx, so], n| {
            // SAFETY: both tensors have this shape, so every run of the nest lies inside them.
            unsafe { run(x, sx, out, so, n) }
        });
        Ok(())
    }

    fn unary(&self, op: UnaryOp, x: &Tensor, out: &Tensor) -> Result<()> {
        let _ = out;
        Err(self.unsupported(op.name(), x.dtype()))
    }

    fn binary(&self, op: BinaryOp, a: &Tensor, _b: &Tensor, _out: &Tensor) -> Result<()> {
        Err(self.unsupported(op.name(), a.dtype()))
    }

    fn select(&self, _cond: &Tensor, a: &Tensor, _b: &Tensor, _out: &Tensor) -> Result<()> {
        Err(self.unsupported("where", a.dtype()))
    }

    fn reduce(&self, op: ReduceOp, x: &Tensor, _axes: &[usize], _out: &Tensor) -> Result<()> {
        Err(self.unsupported(op.name(), x.dtype()))
    }

    fn arg_reduce(&self, _op: ArgReduceOp, x: &Tensor, _axis: usize, _out: &Tensor) -> Result<()> {
        Err(self.unsupported("argmax", x.dtype()))
    }

    fn scan(&self, _op: ScanOp, x: &Tensor, _axis: usize, _out: &Tensor) -> Result<()> {
        Err(self.unsupported("cumulative_sum", x.dtype()))
    }

    fn gather(&self, x: &Tensor, _indices: &[Tensor], _at: usize, _out: &Tensor) -> Result<()> {
        Err(self.unsupported("take", x.dtype()))
    }

    fn scatter(&self, out: &Tensor, _i: &[Tensor], _at: usize, _v: &Tensor, _mode: ScatterMode) -> Result<()> {
        Err(self.unsupported("put", out.dtype()))
    }

    fn sort(&self, x: &Tensor, _d: bool, _values: Option<&Tensor>, _indices: Option<&Tensor>) -> Result<()> {
        Err(self.unsupported("sort", x.dtype()))
    }

    fn matmul(&self, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        crate::cpu::matmul::matmul_tensors(a, b, out)
    }

    fn nonzero(&self, x: &Tensor) -> Result<Tensor> {
        Err(self.unsupported("nonzero", x.dtype()))
    }
}
