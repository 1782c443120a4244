//! The driver and the compiler of this machine, through `cudarc`'s bindings.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::ptr::null_mut;
use std::sync::OnceLock;

use cudarc::driver::sys as cu;
use cudarc::nvrtc::sys as rtc;

use crate::blas::Blas;
use crate::driver::{Address, DeviceInfo, Driver, Gemm, Grid, Handle};
use crate::error::{Failure, Result};
use crate::library;

/// The driver of this machine. The compiler is loaded when it is first needed: cached kernels run without it.
pub struct Real {
    compiler: OnceLock<Result<()>>,
    blas: Blas,
}

/// Errors after which a context answers nothing any more, by the driver's documentation of `CUresult`.
const FATAL: &[u32] = &[4, 46, 214, 220, 221, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 999];
const OUT_OF_MEMORY: u32 = 2;
/// The stream does not wait for the default stream (`CU_STREAM_NON_BLOCKING`).
const NON_BLOCKING: c_uint = 1;
/// The event takes no time (`CU_EVENT_DISABLE_TIMING`).
const NO_TIMING: c_uint = 2;

impl Real {
    /// Loads and starts the driver.
    ///
    /// # Errors
    /// [`Failure::Missing`] and [`Failure::Outdated`]; what the driver says where there is no device.
    pub fn start() -> Result<Real> {
        library::DRIVER.load()?;
        // SAFETY: the library has the function.
        check("cuInit", unsafe { cu::cuInit(0) })?;
        Ok(Real { compiler: OnceLock::new(), blas: Blas::default() })
    }

    /// The compiler alone, for a machine without a device: every call about one fails or panics.
    ///
    /// # Errors
    /// [`Failure::Missing`] and [`Failure::Outdated`].
    pub fn compiler_alone() -> Result<Real> {
        let real = Real { compiler: OnceLock::new(), blas: Blas::default() };
        real.compiler_library()?;
        Ok(real)
    }

    fn compiler_library(&self) -> Result<()> {
        self.compiler.get_or_init(|| library::NVRTC.load()).clone()
    }
}

fn check(call: &'static str, status: cu::CUresult) -> Result<()> {
    let code = status as u32;
    if code == 0 {
        return Ok(());
    }
    if code == OUT_OF_MEMORY {
        return Err(Failure::OutOfMemory);
    }
    let (mut name, mut text) = (std::ptr::null::<c_char>(), std::ptr::null::<c_char>());
    // SAFETY: the driver writes addresses of static texts, or nothing for a code that it does not know.
    let (name, text) = unsafe {
        cu::cuGetErrorName(status, &raw mut name);
        cu::cuGetErrorString(status, &raw mut text);
        (string(name), string(text))
    };
    let name = if name.is_empty() { format!("error {code}") } else { name };
    Err(if FATAL.contains(&code) { Failure::Lost { call, name, text } } else { Failure::Call { call, name, text } })
}

/// # Safety
/// `text` is null or the address of a text that ends with a zero.
unsafe fn string(text: *const c_char) -> String {
    // SAFETY: by contract.
    if text.is_null() { String::new() } else { unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned() }
}

/// Calls a function of the driver; all of them were found when it was loaded.
macro_rules! call {
    ($function:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: the arguments are as the driver documents them: addresses of locals for results, handles and addresses that
        // it gave out, and memory for which the caller of the trait's method answers.
        check(stringify!($function), unsafe { cu::$function($($argument),*) })
    };
}

/// A handle as the driver's pointer.
fn raw<T>(handle: Handle) -> *mut T {
    std::ptr::with_exposed_provenance_mut(handle.0 as usize)
}

fn handle<T>(pointer: *mut T) -> Handle {
    Handle(pointer.expose_provenance() as u64)
}

fn attribute(device: cu::CUdevice, which: cu::CUdevice_attribute) -> Result<u32> {
    let mut value: c_int = 0;
    call!(cuDeviceGetAttribute(&raw mut value, which, device))?;
    Ok(value as u32)
}

impl Driver for Real {
    fn version(&self) -> Result<u32> {
        let mut version: c_int = 0;
        call!(cuDriverGetVersion(&raw mut version))?;
        Ok(version as u32)
    }

    fn device_count(&self) -> Result<u32> {
        let mut count: c_int = 0;
        call!(cuDeviceGetCount(&raw mut count))?;
        Ok(count as u32)
    }

    fn device(&self, ordinal: u32) -> Result<DeviceInfo> {
        use cu::CUdevice_attribute as attributes;
        let (mut device, mut memory, mut name) = (0, 0usize, [0u8; 256]);
        call!(cuDeviceGet(&raw mut device, ordinal as c_int))?;
        call!(cuDeviceTotalMem_v2(&raw mut memory, device))?;
        call!(cuDeviceGetName(name.as_mut_ptr().cast(), name.len() as c_int, device))?;
        let major = attribute(device, attributes::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?;
        let minor = attribute(device, attributes::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?;
        Ok(DeviceInfo {
            name: CStr::from_bytes_until_nul(&name).unwrap_or_default().to_string_lossy().into_owned(),
            arch: major * 10 + minor,
            memory: memory as u64,
            multiprocessors: attribute(device, attributes::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)?,
        })
    }

    fn context(&self, ordinal: u32) -> Result<Handle> {
        let (mut device, mut context) = (0, null_mut());
        call!(cuDeviceGet(&raw mut device, ordinal as c_int))?;
        call!(cuDevicePrimaryCtxRetain(&raw mut context, device))?;
        Ok(handle(context))
    }

    fn release_context(&self, ordinal: u32) -> Result<()> {
        let mut device = 0;
        call!(cuDeviceGet(&raw mut device, ordinal as c_int))?;
        call!(cuDevicePrimaryCtxRelease_v2(device))
    }

    fn enter(&self, context: Handle) -> Result<()> {
        call!(cuCtxSetCurrent(raw(context)))
    }

    fn memory_info(&self) -> Result<(u64, u64)> {
        let (mut free, mut total) = (0usize, 0usize);
        call!(cuMemGetInfo_v2(&raw mut free, &raw mut total))?;
        Ok((free as u64, total as u64))
    }

    fn allocate(&self, bytes: u64) -> Result<Address> {
        let mut address = 0;
        call!(cuMemAlloc_v2(&raw mut address, bytes as usize))?;
        Ok(address)
    }

    fn free(&self, address: Address) -> Result<()> {
        call!(cuMemFree_v2(address))
    }

    fn allocate_pinned(&self, bytes: usize) -> Result<*mut u8> {
        let mut memory = null_mut();
        call!(cuMemAllocHost_v2(&raw mut memory, bytes))?;
        Ok(memory.cast())
    }

    unsafe fn free_pinned(&self, memory: *mut u8) -> Result<()> {
        call!(cuMemFreeHost(memory.cast()))
    }

    fn stream(&self) -> Result<Handle> {
        let mut stream = null_mut();
        call!(cuStreamCreate(&raw mut stream, NON_BLOCKING))?;
        Ok(handle(stream))
    }

    fn synchronize(&self, stream: Handle) -> Result<()> {
        call!(cuStreamSynchronize(raw(stream)))
    }

    fn synchronize_device(&self) -> Result<()> {
        call!(cuCtxSynchronize())
    }

    fn drop_stream(&self, stream: Handle) -> Result<()> {
        call!(cuStreamDestroy_v2(raw(stream)))
    }

    fn event(&self, timing: bool) -> Result<Handle> {
        let mut event = null_mut();
        call!(cuEventCreate(&raw mut event, if timing { 0 } else { NO_TIMING }))?;
        Ok(handle(event))
    }

    fn drop_event(&self, event: Handle) -> Result<()> {
        call!(cuEventDestroy_v2(raw(event)))
    }

    fn record(&self, event: Handle, stream: Handle) -> Result<()> {
        call!(cuEventRecord(raw(event), raw(stream)))
    }

    fn wait(&self, stream: Handle, event: Handle) -> Result<()> {
        call!(cuStreamWaitEvent(raw(stream), raw(event), 0))
    }

    fn synchronize_event(&self, event: Handle) -> Result<()> {
        call!(cuEventSynchronize(raw(event)))
    }

    fn elapsed(&self, from: Handle, to: Handle) -> Result<f32> {
        let mut milliseconds = 0.0;
        call!(cuEventElapsedTime_v2(&raw mut milliseconds, raw(from), raw(to)))?;
        Ok(milliseconds)
    }

    unsafe fn copy_to_device(&self, to: Address, from: *const u8, bytes: usize, stream: Handle) -> Result<()> {
        call!(cuMemcpyHtoDAsync_v2(to, from.cast(), bytes, raw(stream)))
    }

    unsafe fn copy_to_host(&self, to: *mut u8, from: Address, bytes: usize, stream: Handle) -> Result<()> {
        call!(cuMemcpyDtoHAsync_v2(to.cast(), from, bytes, raw(stream)))
    }

    unsafe fn copy_on_device(&self, to: Address, from: Address, bytes: usize, stream: Handle) -> Result<()> {
        call!(cuMemcpyDtoDAsync_v2(to, from, bytes, raw(stream)))
    }

    unsafe fn fill_bytes(&self, to: Address, value: u8, bytes: usize, stream: Handle) -> Result<()> {
        call!(cuMemsetD8Async(to, value, bytes, raw(stream)))
    }

    fn load(&self, image: &[u8]) -> Result<Handle> {
        let mut module = null_mut();
        call!(cuModuleLoadData(&raw mut module, image.as_ptr().cast()))?;
        Ok(handle(module))
    }

    fn function(&self, module: Handle, name: &str) -> Result<Handle> {
        let (name, mut function) = (text(name), null_mut());
        call!(cuModuleGetFunction(&raw mut function, raw(module), name.as_ptr()))?;
        Ok(handle(function))
    }

    fn unload(&self, module: Handle) -> Result<()> {
        call!(cuModuleUnload(raw(module)))
    }

    unsafe fn launch(&self, function: Handle, grid: Grid, stream: Handle, arguments: &mut [*mut c_void]) -> Result<()> {
        let Grid { blocks, rows, threads } = grid;
        call!(cuLaunchKernel(raw(function), blocks, rows, 1, threads, 1, 1, 0, raw(stream), arguments.as_mut_ptr(), null_mut()))
    }

    unsafe fn multiply(&self, context: Handle, gemm: &Gemm, stream: Handle) -> Result<()> {
        // SAFETY: by contract.
        unsafe { self.blas.gemm(context, gemm, stream) }
    }

    fn compiler(&self) -> Result<(u32, u32)> {
        self.compiler_library()?;
        let (mut major, mut minor) = (0, 0);
        // SAFETY: two locals.
        compiler_check("nvrtcVersion", unsafe { rtc::nvrtcVersion(&raw mut major, &raw mut minor) })?;
        Ok((major as u32, minor as u32))
    }

    fn architectures(&self) -> Result<Vec<u32>> {
        self.compiler_library()?;
        let mut count: c_int = 0;
        // SAFETY: a local.
        compiler_check("nvrtcGetNumSupportedArchs", unsafe { rtc::nvrtcGetNumSupportedArchs(&raw mut count) })?;
        let mut all: Vec<c_int> = vec![0; count as usize];
        // SAFETY: room for as many as there are.
        compiler_check("nvrtcGetSupportedArchs", unsafe { rtc::nvrtcGetSupportedArchs(all.as_mut_ptr()) })?;
        Ok(all.into_iter().map(|arch| arch as u32).collect())
    }

    fn compile(&self, unit: &str, source: &str, arch: u32, options: &[&str]) -> Result<Vec<u8>> {
        self.compiler_library()?;
        Program::new(unit, source)?.compile(unit, arch, options)
    }
}

/// A text for C; a zero within it, which no name or source has, would end it.
fn text(s: &str) -> CString {
    CString::new(s.replace('\0', "")).unwrap_or_default()
}

fn compiler_check(call: &'static str, status: rtc::nvrtcResult) -> Result<()> {
    if status as u32 == 0 {
        return Ok(());
    }
    // SAFETY: the compiler gives a static text for every code.
    let name = unsafe { string(rtc::nvrtcGetErrorString(status)) };
    Err(Failure::Call { call, name, text: "NVRTC".to_owned() })
}

/// A program of the compiler, which is destroyed with it.
struct Program(rtc::nvrtcProgram);

impl Program {
    fn new(unit: &str, source: &str) -> Result<Program> {
        let (source, name, mut program) = (text(source), text(&format!("{unit}.cu")), null_mut());
        // SAFETY: texts that end with zero and live through the call, and no headers.
        compiler_check("nvrtcCreateProgram", unsafe {
            rtc::nvrtcCreateProgram(&raw mut program, source.as_ptr(), name.as_ptr(), 0, std::ptr::null(), std::ptr::null())
        })?;
        Ok(Program(program))
    }

    fn compile(&self, unit: &str, arch: u32, options: &[&str]) -> Result<Vec<u8>> {
        let mut words = vec![text(&format!("--gpu-architecture=sm_{arch}"))];
        words.extend(options.iter().map(|option| text(option)));
        let pointers: Vec<*const c_char> = words.iter().map(|word| word.as_ptr()).collect();
        // SAFETY: as many options as said, which live through the call.
        let status = unsafe { rtc::nvrtcCompileProgram(self.0, pointers.len() as c_int, pointers.as_ptr()) };
        if status as u32 != 0 {
            let log = self.log().unwrap_or_default();
            return match compiler_check("nvrtcCompileProgram", status) {
                // 6: the source is wrong; anything else is about the compiler.
                Err(_) if status as u32 == 6 => Err(Failure::Compile { unit: unit.to_owned(), arch, log }),
                other => other.map(|()| Vec::new()),
            };
        }
        let mut size = 0;
        // SAFETY: a local.
        compiler_check("nvrtcGetCUBINSize", unsafe { rtc::nvrtcGetCUBINSize(self.0, &raw mut size) })?;
        let mut cubin = vec![0u8; size];
        // SAFETY: room for all of it.
        compiler_check("nvrtcGetCUBIN", unsafe { rtc::nvrtcGetCUBIN(self.0, cubin.as_mut_ptr().cast()) })?;
        Ok(cubin)
    }

    fn log(&self) -> Result<String> {
        let mut size = 0;
        // SAFETY: a local.
        compiler_check("nvrtcGetProgramLogSize", unsafe { rtc::nvrtcGetProgramLogSize(self.0, &raw mut size) })?;
        let mut log = vec![0u8; size];
        // SAFETY: room for all of it.
        compiler_check("nvrtcGetProgramLog", unsafe { rtc::nvrtcGetProgramLog(self.0, log.as_mut_ptr().cast()) })?;
        Ok(String::from_utf8_lossy(log.strip_suffix(&[0]).unwrap_or(&log)).into_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: made by `new` and destroyed once.
        unsafe { rtc::nvrtcDestroyProgram(&raw mut self.0) };
    }
}
