//! The `Backend` implementation of the host.

use crate::backend::{ArgReduceOp, Backend, BinaryOp, ReduceOp, ScanOp, ScatterMode, UnaryOp};
use crate::cpu::cast::cast_loop;
use crate::cpu::iterate::{GRAIN, Nest};
use crate::cpu::simd::{Level, UnaryFn, UnaryLoop, unary_loop};
use crate::cpu::{binary, index, reduce, scan, sort, transpose, unary};
use crate::dispatch;
use crate::dtype::DType;
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
        if x.dtype() == out.dtype() && out.size() <= GRAIN && x.is_contiguous() && out.is_contiguous() {
            // SAFETY: two contiguous tensors of one shape and dtype; a copy onto itself is allowed.
            unsafe { std::ptr::copy(x.data_ptr::<u8>(), out.data_ptr::<u8>(), out.size() * x.dtype().size()) };
            return Ok(());
        }
        let run = cast_loop(x.dtype(), out.dtype());
        let nest = Nest::new(out.shape(), [x.strides(), out.strides()], [x.dtype().size(), out.dtype().size()]);
        // SAFETY: both tensors have the shape of the nest, and the operands of a copy do not overlap.
        if x.dtype() == out.dtype() && unsafe { transpose::copy(&nest, x.data_ptr(), out.data_ptr(), x.dtype().size()) } {
            return Ok(());
        }
        nest.run([x.data_ptr(), out.data_ptr()], GRAIN, &|[x, out], [sx, so], n| {
            // SAFETY: both tensors have this shape, so every run of the nest lies inside them.
            unsafe { run(x, sx, out, so, n) }
        });
        Ok(())
    }

    fn unary(&self, op: UnaryOp, x: &Tensor, out: &Tensor) -> Result<()> {
        if unary::is_identity(op, x.dtype()) {
            return self.copy(x, out);
        }
        match (op, x.dtype()) {
            (UnaryOp::LogicalNot, dtype) => {
                let truth = x.astype(DType::Bool)?;
                if dtype == DType::Bool { self.run_unary(binary_not(), &truth, out) } else { self.unary(op, &truth, out) }
            }
            (UnaryOp::BitwiseInvert, DType::Bool) => self.run_unary(binary_not(), x, out),
            // Integers and bool are never NaN or infinite, and have no imaginary part.
            (UnaryOp::IsNan | UnaryOp::IsInf | UnaryOp::Imag, d) if !d.is_floating() => self.fill(out, Scalar::Bool(false)),
            (UnaryOp::IsFinite, d) if !d.is_floating() => self.fill(out, Scalar::Bool(true)),
            (UnaryOp::Imag, d) if !d.is_complex() => self.fill(out, Scalar::Int(0)),
            (_, d) if d.is_half() => {
                let wide = op.output(DType::Float32);
                let result = Tensor::uninit(op.name(), x.shape(), wide, x.device())?;
                self.unary(op, &x.astype(DType::Float32)?, &result)?;
                self.copy(&result, out)
            }
            (_, dtype) => match unary::lookup(op, dtype) {
                Some(run) => self.run_unary(run, x, out),
                None => Err(self.unsupported(op.name(), dtype)),
            },
        }
    }

    fn binary(&self, op: BinaryOp, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        let dtype = a.dtype();
        let logical = matches!(op, BinaryOp::LogicalAnd | BinaryOp::LogicalOr | BinaryOp::LogicalXor);
        if logical && dtype != DType::Bool {
            return self.binary(op, &a.astype(DType::Bool)?, &b.astype(DType::Bool)?, out);
        }
        if op == BinaryOp::Nextafter && dtype.is_half() {
            return half_nextafter(a, b, out);
        }
        if dtype.is_half() {
            let result = Tensor::uninit(op.name(), out.shape(), op.output(DType::Float32), out.device())?;
            self.binary(op, &a.astype(DType::Float32)?, &b.astype(DType::Float32)?, &result)?;
            return self.copy(&result, out);
        }
        let Some(run) = binary::lookup(op, dtype) else { return Err(self.unsupported(op.name(), dtype)) };
        let (item, result) = (dtype.size(), out.dtype().size());
        let n = out.size();
        if n <= GRAIN && a.is_contiguous() && b.is_contiguous() && out.is_contiguous() {
            // SAFETY: three contiguous tensors of one shape.
            unsafe {
                run(a.data_ptr(), item as isize, b.data_ptr(), item as isize, out.data_ptr(), result as isize, n);
            }
            return Ok(());
        }
        let nest = Nest::new(out.shape(), [a.strides(), b.strides(), out.strides()], [item, item, result]);
        nest.run([a.data_ptr(), b.data_ptr(), out.data_ptr()], GRAIN, &|[a, b, out], [sa, sb, so], n| {
            // SAFETY: all three have the shape of the nest.
            unsafe { run(a, sa, b, sb, out, so, n) }
        });
        Ok(())
    }

    fn binary_scalar(&self, op: BinaryOp, x: &Tensor, value: Scalar, flipped: bool, out: &Tensor) -> Result<()> {
        let dtype = x.dtype();
        if dtype.is_half() {
            let number = Tensor::from_scalar(op.name(), value, dtype)?.broadcast_to(x.shape())?;
            return if flipped { self.binary(op, &number, x, out) } else { self.binary(op, x, &number, out) };
        }
        let logical = matches!(op, BinaryOp::LogicalAnd | BinaryOp::LogicalOr | BinaryOp::LogicalXor);
        if logical && dtype != DType::Bool {
            return self.binary_scalar(op, &x.astype(DType::Bool)?, Scalar::Bool(value.as_bool()), flipped, out);
        }
        let Some(run) = binary::lookup(op, dtype) else { return Err(self.unsupported(op.name(), dtype)) };
        let (item, result) = (dtype.size(), out.dtype().size());
        let number = Number::new(op.name(), value, dtype)?;
        // An address, because other threads may run the closure.
        let number = std::ptr::from_ref(&number) as usize;
        let apply = |x: *mut u8, sx: isize, out: *mut u8, so: isize, n: usize| {
            let number = number as *const u8;
            // SAFETY: both tensors have this shape, and the one number is read with stride zero.
            unsafe { if flipped { run(number, 0, x, sx, out, so, n) } else { run(x, sx, number, 0, out, so, n) } }
        };
        let n = out.size();
        if n <= GRAIN && x.is_contiguous() && out.is_contiguous() {
            apply(x.data_ptr(), item as isize, out.data_ptr(), result as isize, n);
            return Ok(());
        }
        let nest = Nest::new(out.shape(), [x.strides(), out.strides()], [item, result]);
        nest.run([x.data_ptr(), out.data_ptr()], GRAIN, &|[x, out], [sx, so], n| apply(x, sx, out, so, n));
        Ok(())
    }

    fn select(&self, cond: &Tensor, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        index::select(cond, a, b, out)
    }

    fn reduce(&self, op: ReduceOp, x: &Tensor, axes: &[usize], out: &Tensor) -> Result<()> {
        if !x.dtype().is_half() {
            return reduce::reduce(op, x, axes, out);
        }
        let result = Tensor::uninit(op.name(), out.shape(), op.output(DType::Float32), out.device())?;
        reduce::reduce(op, &x.astype(DType::Float32)?, axes, &result)?;
        self.copy(&result, out)
    }

    fn arg_reduce(&self, op: ArgReduceOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()> {
        scan::arg_reduce(op, x, axis, out)
    }

    fn scan(&self, op: ScanOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()> {
        let compute = match x.dtype() {
            d if d.is_half() => DType::Float32,
            DType::Bool => DType::UInt8,
            d => return scan::scan(op, x, axis, out).map_err(|_| self.unsupported("scan", d)),
        };
        let result = Tensor::uninit("scan", out.shape(), compute, out.device())?;
        scan::scan(op, &x.astype(compute)?, axis, &result)?;
        self.copy(&result, out)
    }

    fn gather(&self, x: &Tensor, indices: &[Tensor], at: usize, out: &Tensor) -> Result<()> {
        index::gather(x, indices, at, out)
    }

    fn scatter(&self, out: &Tensor, indices: &[Tensor], at: usize, values: &Tensor, mode: ScatterMode) -> Result<()> {
        index::scatter(out, indices, at, values, mode)
    }

    fn sort(&self, x: &Tensor, descending: bool, values: Option<&Tensor>, indices: Option<&Tensor>) -> Result<()> {
        sort::sort(x, descending, values, indices)
    }

    fn matmul(&self, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        crate::cpu::matmul::matmul_tensors(a, b, out)
    }

    fn nonzero(&self, x: &Tensor) -> Result<Tensor> {
        index::nonzero(x)
    }
}

/// The bytes of one element of any dtype.
#[repr(C, align(16))]
struct Number([u8; 16]);

impl Number {
    fn new(op: &'static str, value: Scalar, dtype: DType) -> Result<Number> {
        let mut bytes = Number([0; 16]);
        // SAFETY: no element is longer or has a stricter alignment than the bytes.
        dispatch!(dtype, T => unsafe { bytes.0.as_mut_ptr().cast::<T>().write(value.to_element::<T>(op)?) });
        Ok(bytes)
    }
}

impl Cpu {
    fn run_unary(&self, run: UnaryLoop, x: &Tensor, out: &Tensor) -> Result<()> {
        let (item, result) = (x.dtype().size(), out.dtype().size());
        let n = out.size();
        if n <= GRAIN / 4 && x.is_contiguous() && out.is_contiguous() {
            // SAFETY: two contiguous tensors of one shape.
            unsafe { run(x.data_ptr(), item as isize, out.data_ptr(), result as isize, n) };
            return Ok(());
        }
        let nest = Nest::new(out.shape(), [x.strides(), out.strides()], [item, result]);
        nest.run([x.data_ptr(), out.data_ptr()], GRAIN / 4, &|[x, out], [sx, so], n| {
            // SAFETY: both have the shape of the nest.
            unsafe { run(x, sx, out, so, n) }
        });
        Ok(())
    }
}

/// Complement of bool, which is stored as 0 or 1.
fn binary_not() -> UnaryLoop {
    struct Not;
    impl UnaryFn<u8> for Not {
        #[inline(always)]
        fn call<L: Level>(x: u8) -> u8 {
            x ^ 1
        }
    }
    unary_loop::<u8, u8, Not>()
}

/// The next 16-bit float: one step in the order of the bit patterns.
fn half_nextafter(a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
    let (x, y) = (a.cast_vec::<f32>()?, b.cast_vec::<f32>()?);
    let bits = a.bitcast(DType::UInt16)?.to_vec::<u16>()?;
    let target = b.bitcast(DType::UInt16)?.to_vec::<u16>()?;
    let nan = if a.dtype() == DType::Float16 { half::f16::NAN.to_bits() } else { half::bf16::NAN.to_bits() };
    let next: Vec<u16> = (0..x.len())
        .map(|i| {
            if x[i].is_nan() || y[i].is_nan() {
                nan
            } else if x[i] == y[i] {
                target[i]
            } else if x[i] == 0.0 {
                if y[i] > 0.0 { 1 } else { 0x8001 }
            } else if (y[i] > x[i]) == (x[i] > 0.0) {
                bits[i] + 1
            } else {
                bits[i] - 1
            }
        })
        .collect();
    out.bitcast(DType::UInt16)?.assign(&Tensor::from_vec(next, a.shape())?)
}
