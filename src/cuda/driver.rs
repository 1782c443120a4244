//! What the backend needs of a driver and a compiler, as a trait: the real ones are in `real.rs`, one that checks how it is
//! called in `fake.rs`.

use std::ffi::c_void;

use crate::error::Result;

/// An address in device memory.
pub type Address = u64;

/// A context, stream, event, module or function: the driver's pointer as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(pub u64);

/// What a device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The maker's name.
    pub name: String,
    /// The architecture: 90 for `sm_90`.
    pub arch: u32,
    /// Bytes of memory.
    pub memory: u64,
    /// Number of multiprocessors.
    pub multiprocessors: u32,
}

/// How many threads run a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Blocks along x.
    pub blocks: u32,
    /// Blocks along y.
    pub rows: u32,
    /// Threads of a block: a multiple of 32, at most 1024.
    pub threads: u32,
}

/// What the numbers of a matrix product are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// float16, summed in float32.
    Half,
    /// bfloat16, summed in float32.
    Brain,
    /// float32.
    Single,
    /// float64.
    Double,
    /// complex64.
    ComplexSingle,
    /// complex128.
    ComplexDouble,
}

/// A matrix of a batch, by rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// The first element.
    pub address: Address,
    /// Whether the columns lie one after the other instead of the rows.
    pub turned: bool,
    /// Elements from one row (or column) to the next.
    pub leading: i64,
    /// Elements from one matrix of the batch to the next; zero if it is the same.
    pub step: i64,
}

/// A batch of matrix products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gemm {
    /// What the numbers are.
    pub scale: Scale,
    /// Rows of the first matrix, columns of the second, and what is summed over.
    pub sizes: [u64; 3],
    /// Both factors, and the product, which is not turned.
    pub matrices: [Matrix; 3],
    /// How many.
    pub count: u64,
}

/// A driver with its compiler. Calls about memory, streams, events and modules concern the context that the calling thread
/// has entered.
pub trait Driver: Send + Sync {
    /// The version of CUDA that the driver supports, such as 13000.
    fn version(&self) -> Result<u32>;
    /// The number of devices.
    fn device_count(&self) -> Result<u32>;
    /// What the device of a number is.
    fn device(&self, ordinal: u32) -> Result<DeviceInfo>;
    /// The device's primary context, which other libraries of the process share.
    fn context(&self, ordinal: u32) -> Result<Handle>;
    /// Gives the primary context back.
    fn release_context(&self, ordinal: u32) -> Result<()>;
    /// Makes a context the one of the calling thread.
    fn enter(&self, context: Handle) -> Result<()>;

    /// Free and total bytes of the device.
    fn memory_info(&self) -> Result<(u64, u64)>;
    /// New device memory.
    fn allocate(&self, bytes: u64) -> Result<Address>;
    /// Frees device memory, waiting for work that uses it.
    fn free(&self, address: Address) -> Result<()>;
    /// Host memory that the device can reach while the host goes on.
    fn allocate_pinned(&self, bytes: usize) -> Result<*mut u8>;
    /// Frees such memory.
    ///
    /// # Safety
    /// `memory` came from [`Driver::allocate_pinned`] and nothing uses it any more.
    unsafe fn free_pinned(&self, memory: *mut u8) -> Result<()>;

    /// A new stream that does not wait for the default one.
    fn stream(&self) -> Result<Handle>;
    /// Waits for everything that was put on a stream.
    fn synchronize(&self, stream: Handle) -> Result<()>;
    /// Waits for everything on the device.
    fn synchronize_device(&self) -> Result<()>;
    /// Destroys a stream.
    fn drop_stream(&self, stream: Handle) -> Result<()>;
    /// A new event; one with `timing` can be compared by [`Driver::elapsed`].
    fn event(&self, timing: bool) -> Result<Handle>;
    /// Destroys an event.
    fn drop_event(&self, event: Handle) -> Result<()>;
    /// Marks the current end of a stream.
    fn record(&self, event: Handle, stream: Handle) -> Result<()>;
    /// Lets what comes next on a stream wait for an event.
    fn wait(&self, stream: Handle, event: Handle) -> Result<()>;
    /// Lets the host wait for an event.
    fn synchronize_event(&self, event: Handle) -> Result<()>;
    /// Milliseconds between two recorded events.
    fn elapsed(&self, from: Handle, to: Handle) -> Result<f32>;

    /// Puts a copy from the host on a stream.
    ///
    /// # Safety
    /// Both ranges are valid until the copy is done.
    unsafe fn copy_to_device(&self, to: Address, from: *const u8, bytes: usize, stream: Handle) -> Result<()>;
    /// Puts a copy to the host on a stream.
    ///
    /// # Safety
    /// Both ranges are valid until the copy is done.
    unsafe fn copy_to_host(&self, to: *mut u8, from: Address, bytes: usize, stream: Handle) -> Result<()>;
    /// Puts a copy within the device on a stream.
    ///
    /// # Safety
    /// Both ranges are valid until the copy is done, and apart.
    unsafe fn copy_on_device(&self, to: Address, from: Address, bytes: usize, stream: Handle) -> Result<()>;
    /// Puts filling with a byte on a stream.
    ///
    /// # Safety
    /// The range is valid until it is filled.
    unsafe fn fill_bytes(&self, to: Address, value: u8, bytes: usize, stream: Handle) -> Result<()>;

    /// Loads compiled code.
    fn load(&self, image: &[u8]) -> Result<Handle>;
    /// The kernel of that name in loaded code.
    fn function(&self, module: Handle, name: &str) -> Result<Handle>;
    /// Unloads code.
    fn unload(&self, module: Handle) -> Result<()>;
    /// Puts a kernel on a stream.
    ///
    /// # Safety
    /// `arguments` point to values of the types that the kernel takes, and device memory among them is valid until it is done.
    unsafe fn launch(&self, function: Handle, grid: Grid, stream: Handle, arguments: &mut [*mut c_void]) -> Result<()>;

    /// Puts matrix products on a stream, by a library for them.
    ///
    /// # Safety
    /// As [`Driver::launch`].
    ///
    /// # Errors
    /// [`crate::Failure::Missing`] where there is none.
    unsafe fn multiply(&self, context: Handle, gemm: &Gemm, stream: Handle) -> Result<()>;

    /// The compiler's version, such as (13, 0).
    fn compiler(&self) -> Result<(u32, u32)>;
    /// Architectures that the compiler knows, in ascending order.
    fn architectures(&self) -> Result<Vec<u32>>;
    /// Compiles a translation unit to code for an architecture.
    fn compile(&self, unit: &str, source: &str, arch: u32, options: &[&str]) -> Result<Vec<u8>>;
}
