//! The `Backend` of a CUDA device: which kernel does what, one file per family.
//!
//! A primitive without a kernel (complex arithmetic, `digamma` and a few others) is computed by the host on copies of its
//! operands, which the statistics count by name; [`Cuda::allow_fallback`] makes it an error instead.

mod elementwise;
mod indexing;
mod matmul;
mod reduce;
mod sort;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use purify_kernels::Unit;
use purify_ops::cpu::CPU;
use purify_ops::{
    ArgReduceOp, Backend, BinaryOp, DType, Device, Error, Layout, ReduceOp, Result, Scalar, ScanOp, ScatterMode, Storage, Tensor, UnaryOp,
};

use crate::driver::{Address, Grid};
use crate::error::Failure;
use crate::gpu::Gpu;
use crate::launch::{Arguments, Lengths, Steps, merge};

/// The backend of one device.
pub struct Cuda {
    gpu: Arc<Gpu>,
    fallback: AtomicBool,
    libraries: AtomicBool,
    fallbacks: Mutex<BTreeMap<&'static str, u64>>,
}

/// What is done with the merged axes of operands, each with its steps.
type Visit<'a, const N: usize> = &'a mut dyn FnMut(Lengths, [Steps; N], [&Tensor; N]) -> Result<()>;

/// A kernel of the table.
#[derive(Clone, Copy)]
struct Kernel<'a> {
    family: &'a str,
    op: Option<&'a str>,
    dtype: &'a str,
    /// The prefix of the entry point; the family's name, unless the family has several.
    prefix: &'a str,
}

impl<'a> Kernel<'a> {
    fn new(family: &'a str, op: Option<&'a str>, dtype: &'a str) -> Kernel<'a> {
        Kernel { family, op, dtype, prefix: family }
    }

    /// Another entry point of the same family.
    fn entry(self, prefix: &'a str) -> Kernel<'a> {
        Kernel { prefix, ..self }
    }

    fn name(self) -> String {
        match self.op {
            Some(op) => format!("{}_{op}_{}", self.prefix, self.dtype),
            None => format!("{}_{}", self.prefix, self.dtype),
        }
    }

    fn unit(self) -> Option<Unit> {
        purify_kernels::table().ok()?.kernel(self.family, self.op, self.dtype)
    }

    fn exists(self) -> bool {
        let family = purify_kernels::table().ok().and_then(|table| table.families.get(self.family));
        let dtypes = family.and_then(|family| family.kernels.get(&self.op.map(str::to_owned)));
        dtypes.is_some_and(|dtypes| dtypes.iter().any(|dtype| dtype == self.dtype))
    }
}

/// The name of a dtype in the kernels; complex numbers have none.
fn type_name(dtype: DType) -> Option<&'static str> {
    match dtype {
        DType::Bool => Some("bool8"),
        d if d.is_complex() => None,
        d => Some(d.name()),
    }
}

/// The kernels' type for moving elements of a dtype.
fn size_name(dtype: DType) -> &'static str {
    match dtype.size() {
        1 => "uint8",
        2 => "uint16",
        4 => "uint32",
        8 => "uint64",
        _ => "bits128",
    }
}

/// Where a tensor's first element is.
fn address(x: &Tensor) -> Address {
    x.data_ptr::<u8>().expose_provenance() as u64
}

impl Cuda {
    /// The backend of a started device.
    pub fn new(gpu: Arc<Gpu>) -> Cuda {
        Cuda { gpu, fallback: AtomicBool::new(true), libraries: AtomicBool::new(true), fallbacks: Mutex::default() }
    }

    /// The device.
    pub fn gpu(&self) -> &Arc<Gpu> {
        &self.gpu
    }

    /// Whether the host computes what has no kernel; otherwise that is an error with the name of the operation.
    pub fn allow_fallback(&self, yes: bool) {
        self.fallback.store(yes, Ordering::Relaxed);
    }

    /// Whether products are left to cuBLAS where it is there; otherwise our own kernel computes them.
    pub fn use_libraries(&self, yes: bool) {
        self.libraries.store(yes, Ordering::Relaxed);
    }

    /// How often the host computed what has no kernel, by operation.
    pub fn fallbacks(&self) -> BTreeMap<&'static str, u64> {
        self.fallbacks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The error of an operation on this device.
    fn fail(&self, op: &'static str, failure: Failure) -> Error {
        let device = self.gpu.device();
        match failure.of(op) {
            Error::DeviceLost { op, message } => Error::DeviceLost { op, message: format!("{device}: {message}") },
            Error::DeviceMemory { op, message } => Error::DeviceMemory { op, message: format!("{device}: {message}") },
            Error::Device { op, message } => Error::Device { op, message: format!("{device}: {message}") },
            other => other,
        }
    }

    /// Puts a kernel on the stream after everything that used its operands.
    ///
    /// # Safety
    /// The arguments are those of the kernel, and their addresses those of the operands.
    unsafe fn launch(&self, op: &'static str, kernel: Kernel, grid: Grid, arguments: Arguments, operands: &[&Tensor]) -> Result<()> {
        // SAFETY: by contract.
        unsafe { self.launch_entry(op, &kernel.name(), || kernel.unit(), grid, arguments, operands) }
    }

    /// [`Cuda::launch`] by the name of an entry point.
    ///
    /// # Safety
    /// As there.
    unsafe fn launch_entry(
        &self,
        op: &'static str,
        entry: &str,
        unit: impl FnOnce() -> Option<Unit>,
        grid: Grid,
        arguments: Arguments,
        operands: &[&Tensor],
    ) -> Result<()> {
        let stream = self.gpu.stream();
        let ordered = operands.iter().try_for_each(|x| self.gpu.use_on(x.storage(), stream));
        // SAFETY: by contract; storages go back to the allocator only for what comes later on the stream.
        ordered.and_then(|()| unsafe { self.gpu.launch(entry, unit, grid, arguments) }).map_err(|failure| self.fail(op, failure))
    }

    fn multiprocessors(&self) -> u32 {
        self.gpu.info().multiprocessors
    }

    /// A new tensor on this device.
    fn uninit(&self, op: &'static str, shape: &[usize], dtype: DType) -> Result<Tensor> {
        let layout = Layout::contiguous(op, shape)?;
        Tensor::from_parts(self.allocate(layout.size() * dtype.size())?, layout, dtype)
    }

    /// Fills the memory of a dense tensor with zero bytes.
    fn clear(&self, op: &'static str, x: &Tensor) -> Result<()> {
        let (stream, bytes) = (self.gpu.stream(), x.size() * x.dtype().size());
        if bytes == 0 {
            return Ok(());
        }
        let done = self.gpu.use_on(x.storage(), stream);
        // SAFETY: a dense tensor's elements lie one after the other.
        done.and_then(|()| self.gpu.call(|d| unsafe { d.fill_bytes(address(x), 0, bytes, stream) }))
            .map_err(|failure| self.fail(op, failure))
    }

    /// Walks over tensors of one shape; what has too many axes for a kernel is walked part by part.
    fn walk<const N: usize>(&self, tensors: [&Tensor; N], run: Visit<N>) -> Result<()> {
        if tensors[0].size() == 0 {
            return Ok(());
        }
        let shape = tensors[0].shape();
        match merge(shape, tensors.map(Tensor::strides)) {
            Some((lengths, steps)) => run(lengths, steps, tensors),
            None => {
                for i in 0..shape[0] {
                    let parts: Vec<Tensor> = tensors.iter().map(|x| x.select(0, i as i64)).collect::<Result<_>>()?;
                    self.walk(std::array::from_fn(|k| &parts[k]), run)?;
                }
                Ok(())
            }
        }
    }

    /// Computes a primitive that has no kernel on the host.
    fn on_host(
        &self,
        op: &'static str,
        dtype: DType,
        inputs: &[&Tensor],
        out: &Tensor,
        run: impl FnOnce(&[Tensor], &Tensor) -> Result<()>,
    ) -> Result<()> {
        if !self.fallback.load(Ordering::Relaxed) {
            return Err(self.unsupported(op, dtype));
        }
        *self.fallbacks.lock().unwrap_or_else(PoisonError::into_inner).entry(op).or_default() += 1;
        let inputs: Vec<Tensor> = inputs.iter().map(|x| self.to_host(x)).collect::<Result<_>>()?;
        // Writes at indices leave the rest as it is, so it goes along.
        let host = self.to_host(out)?;
        run(&inputs, &host)?;
        self.copy(&self.from_host(&host)?, out)
    }
}

impl Backend for Cuda {
    fn name(&self) -> String {
        self.gpu.device().to_string()
    }

    fn allocate(&self, bytes: usize) -> Result<Storage> {
        self.gpu.allocate(bytes).map_err(|failure| match failure {
            Failure::OutOfMemory => {
                let stats = self.gpu.memory_stats();
                let free = self.gpu.memory_info().map_or_else(|_| "?".to_owned(), |(free, total)| format!("{free} of {total}"));
                let message = format!(
                    "{}: cannot allocate {bytes} bytes; tensors hold {}, {} are kept for reuse, {free} are free",
                    self.gpu.device(),
                    stats.in_use,
                    stats.cached(),
                );
                Error::DeviceMemory { op: "allocate", message }
            }
            other => self.fail("allocate", other),
        })
    }

    fn from_host(&self, x: &Tensor) -> Result<Tensor> {
        let x = x.contiguous()?;
        let out = self.uninit("to_device", x.shape(), x.dtype())?;
        // SAFETY: a dense tensor on the host, and one of the same size on the device.
        let sent = unsafe {
            let bytes = std::slice::from_raw_parts(x.data_ptr::<u8>(), x.size() * x.dtype().size());
            if bytes.is_empty() { Ok(()) } else { self.gpu.upload(bytes, address(&out)) }
        };
        sent.map_err(|failure| self.fail("to_device", failure))?;
        Ok(out)
    }

    fn to_host(&self, x: &Tensor) -> Result<Tensor> {
        let x = x.contiguous()?;
        let out = Tensor::uninit("to_device", x.shape(), x.dtype(), Device::Cpu)?;
        let bytes = x.size() * x.dtype().size();
        if bytes == 0 {
            return Ok(out);
        }
        let stream = self.gpu.stream();
        // SAFETY: a dense tensor on the device, and a new one of the same size on the host.
        let received = self
            .gpu
            .use_on(x.storage(), stream)
            .and_then(|()| unsafe { self.gpu.download(address(&x), std::slice::from_raw_parts_mut(out.data_ptr::<u8>(), bytes)) });
        received.map_err(|failure| self.fail("to_device", failure))?;
        Ok(out)
    }

    fn fill(&self, out: &Tensor, value: Scalar) -> Result<()> {
        self.fill_with("fill", out, value)
    }

    fn copy(&self, x: &Tensor, out: &Tensor) -> Result<()> {
        self.copy_elements(x, out)
    }

    fn unary(&self, op: UnaryOp, x: &Tensor, out: &Tensor) -> Result<()> {
        self.map_one(op, x, out)
    }

    fn binary(&self, op: BinaryOp, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        self.map_two(op, a, b, out)
    }

    fn binary_scalar(&self, op: BinaryOp, x: &Tensor, value: Scalar, flipped: bool, out: &Tensor) -> Result<()> {
        // The number is put there by a kernel that takes it as an argument: nothing is copied from the host.
        let number = self.uninit(op.name(), &[], x.dtype())?;
        self.fill_with(op.name(), &number, value)?;
        let number = number.broadcast_to(x.shape())?;
        if flipped { self.map_two(op, &number, x, out) } else { self.map_two(op, x, &number, out) }
    }

    fn select(&self, cond: &Tensor, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        self.choose(cond, a, b, out)
    }

    fn reduce(&self, op: ReduceOp, x: &Tensor, axes: &[usize], out: &Tensor) -> Result<()> {
        self.reduce_axes(op, x, axes, out)
    }

    fn arg_reduce(&self, op: ArgReduceOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()> {
        self.index_of_extreme(op, x, axis, out)
    }

    fn scan(&self, op: ScanOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()> {
        self.run_along(op, x, axis, out)
    }

    fn gather(&self, x: &Tensor, indices: &[Tensor], at: usize, out: &Tensor) -> Result<()> {
        self.read_at(x, indices, at, out)
    }

    fn scatter(&self, out: &Tensor, indices: &[Tensor], at: usize, values: &Tensor, mode: ScatterMode) -> Result<()> {
        self.write_at(out, indices, at, values, mode)
    }

    fn sort(&self, x: &Tensor, descending: bool, values: Option<&Tensor>, indices: Option<&Tensor>) -> Result<()> {
        self.sort_lines(x, descending, values, indices)
    }

    fn nonzero(&self, x: &Tensor) -> Result<Tensor> {
        self.places_of_nonzero(x)
    }

    fn matmul(&self, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        self.multiply(a, b, out)
    }
}

/// The host's kernels, for what has none here.
const HOST: &dyn Backend = &CPU;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cubins::Cubins;
    use crate::fake::Fake;

    fn launched(run: impl FnOnce(&Cuda) -> Result<()>) -> Vec<String> {
        let fake = Arc::new(Fake::new(1, 1 << 30));
        let cuda = Cuda::new(Gpu::start(fake.clone(), 0, Cubins::new(None)).unwrap());
        run(&cuda).unwrap();
        fake.launches().into_iter().map(|launch| launch.name).collect()
    }

    #[test]
    fn reductions_use_a_thread_a_block_or_several_blocks_per_result() {
        for (shape, axis, expected) in [
            ([1000, 4], 1, &["reduce_rows_sum_float64"][..]),
            ([1000, 400], 1, &["reduce_sum_float64"]),
            ([2, 1 << 20], 1, &["reduce_sum_float64", "reduce_finish_sum_float64"]),
            ([200, 10_000], 0, &["reduce_rows_sum_float64"]),
        ] {
            let found = launched(|cuda| {
                let (x, out) = (cuda.uninit("x", &shape, DType::Float64)?, cuda.uninit("x", &[shape[1 - axis]], DType::Float64)?);
                cuda.reduce(ReduceOp::Sum, &x, &[axis], &out)
            });
            assert_eq!(found, expected, "{shape:?} along {axis}");
        }
    }

    #[test]
    fn copies_use_the_driver_a_tile_or_a_walk() {
        let copy = |view: fn(&Tensor) -> Tensor| {
            launched(|cuda| {
                let x = view(&cuda.uninit("x", &[70, 90], DType::Float32)?);
                cuda.copy(&x, &cuda.uninit("x", x.shape(), x.dtype())?)
            })
        };
        assert_eq!(copy(Tensor::clone), [""; 0]);
        assert_eq!(copy(Tensor::transpose), ["transpose_uint32"]);
        assert_eq!(copy(|x| x.slice(1, 0, 45, 2)), ["move_uint32"]);
        assert_eq!(copy(|x| x.slice(0, 0, 3, 1).transpose()), ["move_uint32"]);
    }

    #[test]
    fn every_kernel_that_the_backend_asks_for_by_a_fixed_name_is_there() {
        for size in ["uint8", "uint16", "uint32", "uint64", "bits128"] {
            for family in ["fill", "move", "select", "gather", "scatter", "transpose"] {
                assert!(Kernel::new(family, None, size).exists(), "{family} {size}");
            }
        }
        for dtype in DType::ALL.into_iter().filter_map(type_name) {
            for (family, op) in
                [("sort", None), ("nonzero", None), ("combine", Some("add")), ("reduce", Some("sum")), ("arg_reduce", Some("max"))]
            {
                assert!(Kernel::new(family, op, dtype).exists(), "{family} {dtype}");
            }
            for to in DType::ALL.into_iter().filter_map(type_name) {
                assert!(Kernel::new("copy", Some(dtype), to).exists(), "{dtype} to {to}");
            }
        }
        assert!(purify_kernels::table().unwrap().fixed("scatter_last").is_some());
    }
}
