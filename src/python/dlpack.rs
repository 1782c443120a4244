//! DLPack in both directions: arrays shared with other libraries without a copy (DLPack 1.0, `dlpack.h`).

use std::ffi::{CStr, c_void};

use purify_ops::{DType, Device, Tensor};
use pyo3::exceptions::{PyAttributeError, PyBufferError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::error::OrRaise;
use crate::{buffer, cuda};

const NAME: &CStr = c"dltensor";
const USED: &CStr = c"used_dltensor";
const NAME_VERSIONED: &CStr = c"dltensor_versioned";
const USED_VERSIONED: &CStr = c"used_dltensor_versioned";
const FLAG_READ_ONLY: u64 = 1;
const FLAG_COPIED: u64 = 2;
/// `kDLCPU` and `kDLCUDA`.
const CPU: i32 = 1;
const CUDA: i32 = 2;

#[repr(C)]
#[derive(Clone, Copy)]
struct DLDevice {
    device_type: i32,
    device_id: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct DLDataType {
    code: u8,
    bits: u8,
    lanes: u16,
}

#[repr(C)]
struct DLTensor {
    data: *mut c_void,
    device: DLDevice,
    ndim: i32,
    dtype: DLDataType,
    shape: *mut i64,
    strides: *mut i64,
    byte_offset: u64,
}

#[repr(C)]
struct DLManagedTensor {
    dl_tensor: DLTensor,
    manager_ctx: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut DLManagedTensor)>,
}

#[repr(C)]
struct DLManagedTensorVersioned {
    major: u32,
    minor: u32,
    manager_ctx: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut DLManagedTensorVersioned)>,
    flags: u64,
    dl_tensor: DLTensor,
}

/// What lives behind `manager_ctx`: the tensor, and the arrays the description points to.
struct Context {
    _tensor: Tensor,
    shape: Vec<i64>,
    strides: Vec<i64>,
}

fn type_code(dtype: DType) -> DLDataType {
    let code = match dtype {
        DType::Bool => 6,
        DType::BFloat16 => 4,
        d if d.is_complex() => 5,
        d if d.is_real_float() => 2,
        d if d.is_unsigned() => 1,
        _ => 0,
    };
    DLDataType { code, bits: (dtype.size() * 8) as u8, lanes: 1 }
}

fn dtype_of(t: DLDataType) -> Option<DType> {
    if t.lanes != 1 {
        return None;
    }
    DType::ALL.into_iter().find(|&d| {
        let own = type_code(d);
        (own.code, own.bits) == (t.code, t.bits)
    })
}

/// The pair that `__dlpack_device__` returns.
pub fn device_pair(t: &Tensor) -> (i32, i32) {
    match t.device() {
        Device::Cpu => (CPU, 0),
        Device::Cuda(i) => (CUDA, i as i32),
    }
}

fn describe(t: Tensor) -> (Box<Context>, DLTensor) {
    let mut context = Box::new(Context {
        shape: t.shape().iter().map(|&n| n as i64).collect(),
        strides: t.strides().iter().map(|&s| s as i64).collect(),
        _tensor: t,
    });
    let t = &context._tensor;
    let (device_type, device_id) = device_pair(t);
    let description = DLTensor {
        data: if t.size() == 0 { std::ptr::null_mut() } else { t.data_ptr::<c_void>() },
        device: DLDevice { device_type, device_id },
        ndim: t.ndim() as i32,
        dtype: type_code(t.dtype()),
        shape: context.shape.as_mut_ptr(),
        strides: context.strides.as_mut_ptr(),
        byte_offset: 0,
    };
    (context, description)
}

unsafe extern "C" fn delete(p: *mut DLManagedTensor) {
    // SAFETY: both boxes were leaked by `export`, and the consumer calls this once.
    unsafe {
        drop(Box::from_raw((*p).manager_ctx.cast::<Context>()));
        drop(Box::from_raw(p));
    }
}

unsafe extern "C" fn delete_versioned(p: *mut DLManagedTensorVersioned) {
    // SAFETY: as in `delete`.
    unsafe {
        drop(Box::from_raw((*p).manager_ctx.cast::<Context>()));
        drop(Box::from_raw(p));
    }
}

/// Runs when a capsule dies: if nobody consumed it, the tensor in it is ours to delete.
unsafe extern "C" fn destroy(capsule: *mut ffi::PyObject) {
    // SAFETY: the capsule is one made by `export`; the name says whether it was consumed.
    unsafe {
        if ffi::PyCapsule_IsValid(capsule, NAME.as_ptr()) != 0 {
            let p = ffi::PyCapsule_GetPointer(capsule, NAME.as_ptr()).cast::<DLManagedTensor>();
            delete(p);
        } else if ffi::PyCapsule_IsValid(capsule, NAME_VERSIONED.as_ptr()) != 0 {
            let p = ffi::PyCapsule_GetPointer(capsule, NAME_VERSIONED.as_ptr()).cast::<DLManagedTensorVersioned>();
            delete_versioned(p);
        }
    }
}

/// `x.__dlpack__(*, stream, max_version, dl_device, copy)`.
pub fn export<'py>(
    py: Python<'py>,
    t: &Tensor,
    stream: Option<i64>,
    max_version: Option<(u32, u32)>,
    dl_device: Option<(i32, i32)>,
    copy: Option<bool>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut copied = copy == Some(true);
    let mut t = if copied { t.copy().py()? } else { t.clone() };
    if let Some(target) = dl_device
        && target != device_pair(&t)
    {
        if copy == Some(false) {
            return Err(PyBufferError::new_err("__dlpack__: copy=False, but another device needs a copy"));
        }
        let device = match target.0 {
            CPU => Device::Cpu,
            CUDA => Device::Cuda(target.1 as u32),
            other => return Err(PyBufferError::new_err(format!("__dlpack__: device type {other} is not supported"))),
        };
        t = t.to_device(device).map_err(|e| PyBufferError::new_err(e.to_string()))?;
        copied = true;
    }
    if t.device() != Device::Cpu {
        cuda::hand_over(&t, stream)?;
    }
    let readonly = !t.storage().is_writable();
    let versioned = max_version.is_some_and(|(major, _)| major >= 1);
    if readonly && !versioned {
        return Err(PyBufferError::new_err("__dlpack__: a read-only tensor needs max_version=(1, 0) or a copy"));
    }
    let (context, dl_tensor) = describe(t);
    let manager_ctx = Box::into_raw(context).cast();
    let (pointer, name): (*mut c_void, &CStr) = if versioned {
        let flags = if readonly { FLAG_READ_ONLY } else { 0 } | if copied { FLAG_COPIED } else { 0 };
        let managed = DLManagedTensorVersioned { major: 1, minor: 0, manager_ctx, deleter: Some(delete_versioned), flags, dl_tensor };
        (Box::into_raw(Box::new(managed)).cast(), NAME_VERSIONED)
    } else {
        let managed = DLManagedTensor { dl_tensor, manager_ctx, deleter: Some(delete) };
        (Box::into_raw(Box::new(managed)).cast(), NAME)
    };
    // SAFETY: the pointer and the static name are valid; `destroy` deletes what nobody consumes.
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyCapsule_New(pointer, name.as_ptr(), Some(destroy))) }
}

/// Memory that another library handed over; its deleter runs with the last tensor over it.
enum Taken {
    Plain(*mut DLManagedTensor),
    Versioned(*mut DLManagedTensorVersioned),
}

// SAFETY: DLPack lets the consumer call the deleter from any thread; nothing else is touched.
unsafe impl Send for Taken {}
// SAFETY: as above.
unsafe impl Sync for Taken {}

impl Drop for Taken {
    fn drop(&mut self) {
        // Deleters of Python libraries drop Python objects, so the interpreter must be attached.
        // SAFETY: the pointers came out of a capsule that was marked used, so this call is the only one.
        let run = || unsafe {
            match *self {
                Taken::Plain(p) => (*p).deleter.into_iter().for_each(|f| f(p)),
                Taken::Versioned(p) => (*p).deleter.into_iter().for_each(|f| f(p)),
            }
        };
        if unsafe { ffi::Py_IsInitialized() } != 0 {
            Python::attach(|_| run());
        }
    }
}

/// `from_dlpack(x, device, copy)`: a tensor over the memory of an object with `__dlpack__`.
pub fn from_dlpack(obj: &Bound<'_, PyAny>, device: Option<Device>, copy: Option<bool>) -> PyResult<Tensor> {
    let py = obj.py();
    if !obj.hasattr("__dlpack__")? {
        let message = format!("from_dlpack: {} has no __dlpack__ method", obj.get_type().name()?);
        return Err(PyAttributeError::new_err(message));
    }
    let kwargs = PyDict::new(py);
    kwargs.set_item("max_version", PyTuple::new(py, [1, 0])?)?;
    if let Some(Device::Cpu) = device {
        kwargs.set_item("dl_device", PyTuple::new(py, [CPU, 0])?)?;
    } else if let Some(ordinal) = cuda_ordinal(obj)? {
        // The producer lets this stream come after its own.
        cuda::look_beside(py);
        kwargs.set_item("stream", cuda::current_stream(ordinal)?)?;
    }
    if copy.is_some() {
        kwargs.set_item("copy", copy)?;
    }
    let capsule = match obj.call_method("__dlpack__", (), Some(&kwargs)) {
        Ok(capsule) => capsule,
        // Producers from before DLPack 1.0 do not know the keywords.
        Err(e) if e.is_instance_of::<PyTypeError>(py) => obj.call_method0("__dlpack__")?,
        Err(e) => return Err(e),
    };
    let t = consume(&capsule)?;
    let t = match device {
        Some(device) if device != t.device() && copy == Some(false) => {
            return Err(PyValueError::new_err("from_dlpack: copy=False, but another device needs a copy"));
        }
        Some(device) => t.to_device(device).py()?,
        None => t,
    };
    // A producer that ignored `copy=True` is copied here.
    if copy == Some(true) { t.copy().py() } else { Ok(t) }
}

/// The device that an object's memory is on, if that is one of CUDA.
fn cuda_ordinal(obj: &Bound<'_, PyAny>) -> PyResult<Option<u32>> {
    if !obj.hasattr("__dlpack_device__")? {
        return Ok(None);
    }
    let pair: (i64, i64) = obj.call_method0("__dlpack_device__")?.extract()?;
    Ok((pair.0 == i64::from(CUDA)).then_some(pair.1 as u32))
}

fn consume(capsule: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    let raw = capsule.as_ptr();
    // SAFETY: the names are checked before the pointers are used, and a capsule is renamed once its content is
    // ours, which is DLPack's protocol.
    unsafe {
        if ffi::PyCapsule_IsValid(raw, NAME_VERSIONED.as_ptr()) != 0 {
            let p = ffi::PyCapsule_GetPointer(raw, NAME_VERSIONED.as_ptr()).cast::<DLManagedTensorVersioned>();
            if (*p).major > 1 {
                return Err(PyBufferError::new_err(format!("from_dlpack: DLPack {}.{} is not supported", (*p).major, (*p).minor)));
            }
            check(&(*p).dl_tensor)?;
            ffi::PyCapsule_SetName(raw, USED_VERSIONED.as_ptr());
            let readonly = (*p).flags & FLAG_READ_ONLY != 0;
            return build(&(*p).dl_tensor, readonly, Taken::Versioned(p));
        }
        if ffi::PyCapsule_IsValid(raw, NAME.as_ptr()) != 0 {
            let p = ffi::PyCapsule_GetPointer(raw, NAME.as_ptr()).cast::<DLManagedTensor>();
            check(&(*p).dl_tensor)?;
            ffi::PyCapsule_SetName(raw, USED.as_ptr());
            return build(&(*p).dl_tensor, false, Taken::Plain(p));
        }
    }
    Err(PyTypeError::new_err("from_dlpack: `__dlpack__` did not return an unused DLPack capsule"))
}

fn check(t: &DLTensor) -> PyResult<()> {
    if dtype_of(t.dtype).is_none() {
        let d = t.dtype;
        return Err(PyBufferError::new_err(format!(
            "from_dlpack: the data type (code {}, {} bits, {} lanes) is not supported",
            d.code, d.bits, d.lanes
        )));
    }
    // Pinned host memory (kDLCUDAHost) is readable like any other.
    if !matches!(t.device.device_type, CPU | CUDA | 3) {
        let kind = t.device.device_type;
        return Err(PyBufferError::new_err(format!("from_dlpack: memory of device type {kind} must be moved to the cpu first")));
    }
    Ok(())
}

/// # Safety
/// `t` must be the valid description that `owner` keeps alive.
unsafe fn build(t: &DLTensor, readonly: bool, owner: Taken) -> PyResult<Tensor> {
    let dtype = dtype_of(t.dtype).unwrap_or(DType::UInt8);
    let ndim = t.ndim as usize;
    // SAFETY: DLPack guarantees `ndim` entries in `shape`, and in `strides` unless it is null.
    let part = |p: *mut i64| if ndim == 0 || p.is_null() { &[][..] } else { unsafe { std::slice::from_raw_parts(p, ndim) } };
    let shape: Vec<usize> = part(t.shape).iter().map(|&n| n as usize).collect();
    let strides: Vec<isize> = if t.strides.is_null() {
        purify_ops::contiguous_strides(&shape).iter().map(|&s| s * dtype.size() as isize).collect()
    } else {
        part(t.strides).iter().map(|&s| s as isize * dtype.size() as isize).collect()
    };
    let data = t.data.cast::<u8>().wrapping_add(t.byte_offset as usize);
    if t.device.device_type == CUDA {
        // SAFETY: by contract, and the device is the one that the description names.
        return unsafe { on_device(t.device.device_id as u32, data, &shape, &strides, dtype, !readonly, owner) };
    }
    buffer::from_strided(data, &shape, &strides, dtype, !readonly, Box::new(owner))
}

/// A tensor over memory of a device; strides in bytes.
///
/// # Safety
/// The memory is that of the device, in which shape and strides stay as long as `owner` lives.
unsafe fn on_device(
    ordinal: u32,
    data: *mut u8,
    shape: &[usize],
    strides: &[isize],
    dtype: DType,
    writable: bool,
    owner: Taken,
) -> PyResult<Tensor> {
    let device = Device::Cuda(ordinal);
    let op = "from_dlpack";
    // The op layer is asked first, so that it knows the device.
    purify_ops::backend_of(device).py()?;
    let gpu = purify_cuda::backend(ordinal).map_err(|failure| failure.of(op)).py()?.gpu();
    if shape.contains(&0) {
        return Tensor::uninit(op, shape, dtype, device).py();
    }
    let item = dtype.size() as isize;
    if !(data as usize).is_multiple_of(item as usize) {
        return Err(PyBufferError::new_err(format!("from_dlpack: the memory is not aligned for {dtype}; copy it first")));
    }
    let reach = |negative: bool| -> isize {
        shape.iter().zip(strides).filter(|(_, s)| (**s < 0) == negative).map(|(&n, &s)| (n as isize - 1) * s).sum()
    };
    let (low, high) = (reach(true), reach(false));
    let first =
        std::ptr::NonNull::new(data.wrapping_offset(low)).ok_or_else(|| PyBufferError::new_err("from_dlpack: the address is null"))?;
    let steps: Vec<isize> = strides.iter().map(|s| s / item).collect();
    // SAFETY: by contract.
    let storage = unsafe { gpu.adopt(first, (high - low + item) as usize, writable, Box::new(owner)) };
    Tensor::from_parts(storage, purify_ops::Layout::new(shape, &steps, (-low / item) as usize), dtype).py()
}
