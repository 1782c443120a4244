//! The buffer protocol in both directions: memory shared with NumPy, `array`, `bytes` and `memoryview`.

use std::ffi::{CStr, c_int, c_void};
use std::ptr::{self, NonNull};

use purify_ops::{DType, Device, Layout, Storage, Tensor};
use pyo3::exceptions::{PyBufferError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::dtype;
use crate::error::OrRaise;
use crate::tensor::PyTensor;

/// A buffer that is given back when the last tensor over it is gone.
struct Held(Box<ffi::Py_buffer>);

// SAFETY: the view is only read, and given back with the interpreter attached.
unsafe impl Send for Held {}
// SAFETY: as above.
unsafe impl Sync for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        // A tensor may outlive the interpreter at shutdown; then the memory goes with the process.
        // SAFETY: the view was filled by PyObject_GetBuffer and is released once, while attached.
        if unsafe { ffi::Py_IsInitialized() } != 0 {
            Python::attach(|_| unsafe { ffi::PyBuffer_Release(&mut *self.0) });
        }
    }
}

fn dtype_of(format: &CStr, itemsize: usize) -> Option<DType> {
    let text = format.to_str().ok()?;
    let native = text.strip_prefix(['@', '=', '<', '|']).unwrap_or(text);
    Some(match native {
        "?" => DType::Bool,
        "b" => DType::Int8,
        "B" | "c" => DType::UInt8,
        "h" => DType::Int16,
        "H" => DType::UInt16,
        "i" | "l" | "q" | "n" => match itemsize {
            4 => DType::Int32,
            _ => DType::Int64,
        },
        "I" | "L" | "Q" | "N" => match itemsize {
            4 => DType::UInt32,
            _ => DType::UInt64,
        },
        "e" => DType::Float16,
        "f" => DType::Float32,
        "d" => DType::Float64,
        "Zf" => DType::Complex64,
        "Zd" => DType::Complex128,
        _ => return None,
    })
}

/// A tensor over the memory of an object with a buffer; `None` if it has none or of another kind of data.
pub fn import(obj: &Bound<'_, PyAny>) -> PyResult<Option<Tensor>> {
    if unsafe { ffi::PyObject_CheckBuffer(obj.as_ptr()) } == 0 || obj.is_instance_of::<PyType>() {
        return Ok(None);
    }
    let mut view = Box::new(ffi::Py_buffer::new());
    // Writable if it can be had; read-only memory gives a read-only tensor.
    // SAFETY: `view` is a valid place for the description, released in `Held` if the call succeeds.
    let failed = unsafe {
        ffi::PyObject_GetBuffer(obj.as_ptr(), &mut *view, ffi::PyBUF_FULL) != 0 && {
            ffi::PyErr_Clear();
            ffi::PyObject_GetBuffer(obj.as_ptr(), &mut *view, ffi::PyBUF_FULL_RO) != 0
        }
    };
    if failed {
        // Other libraries' arrays refuse a buffer for dtypes without a format; DLPack may still do.
        unsafe { ffi::PyErr_Clear() };
        return Ok(None);
    }
    let held = Held(view);
    let view = &*held.0;
    let format = if view.format.is_null() { c"B" } else { unsafe { CStr::from_ptr(view.format) } };
    let itemsize = view.itemsize as usize;
    let Some(dtype) = dtype_of(format, itemsize).filter(|d| d.size() == itemsize) else {
        return match format.to_bytes().first() {
            Some(b'>' | b'!') => Err(PyTypeError::new_err("asarray: big-endian data is not supported; byteswap it first")),
            _ => Ok(None),
        };
    };
    let ndim = view.ndim as usize;
    // NumPy shows a date as the bytes of its value, without the strides that were asked for.
    if ndim > 0 && view.strides.is_null() {
        return Ok(None);
    }
    // SAFETY: with PyBUF_FULL both arrays have `ndim` entries, unless ndim is 0.
    let part = |p: *mut ffi::Py_ssize_t| if ndim == 0 || p.is_null() { &[][..] } else { unsafe { std::slice::from_raw_parts(p, ndim) } };
    if !view.suboffsets.is_null() && part(view.suboffsets).iter().any(|&s| s >= 0) {
        return Ok(None);
    }
    let shape: Vec<usize> = part(view.shape).iter().map(|&n| n as usize).collect();
    let bytes: Vec<isize> = part(view.strides).to_vec();
    let (data, writable) = (view.buf.cast::<u8>(), view.readonly == 0);
    from_strided(data, &shape, &bytes, dtype, writable, Box::new(held)).map(Some)
}

/// A tensor over strided foreign memory; strides in bytes, possibly negative. Copies if they are no
/// multiple of the element size or the memory is misaligned.
pub fn from_strided(
    data: *mut u8,
    shape: &[usize],
    strides: &[isize],
    dtype: DType,
    writable: bool,
    owner: purify_ops::Owner,
) -> PyResult<Tensor> {
    let item = dtype.size() as isize;
    if shape.contains(&0) {
        return Tensor::uninit("asarray", shape, dtype, Device::Cpu).py();
    }
    let (mut low, mut high) = (0isize, 0isize);
    for (&n, &s) in shape.iter().zip(strides) {
        let reach = (n as isize - 1) * s;
        if reach < 0 { low += reach } else { high += reach }
    }
    let align = item.min(8) as usize;
    if !(data as usize).is_multiple_of(align) || strides.iter().any(|s| s % item != 0) {
        let bytes = gather_bytes(data, shape, strides, item as usize);
        let out = Tensor::uninit("asarray", shape, dtype, Device::Cpu).py()?;
        // SAFETY: the new tensor is contiguous and as long as the gathered bytes.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), out.data_ptr::<u8>(), bytes.len()) };
        return Ok(out);
    }
    let first = data.wrapping_offset(low);
    let length = (high - low + item) as usize;
    let pointer = NonNull::new(first).unwrap_or(NonNull::dangling());
    let steps: Vec<isize> = strides.iter().map(|s| s / item).collect();
    let layout = Layout::new(shape, &steps, (-low / item) as usize);
    // SAFETY: the exporter guarantees the span of its shape and strides for as long as `owner` lives.
    let storage = unsafe { Storage::external(pointer, length, Device::Cpu, writable, owner) };
    Tensor::from_parts(storage, layout, dtype).py()
}

fn gather_bytes(data: *mut u8, shape: &[usize], strides: &[isize], item: usize) -> Vec<u8> {
    let size: usize = shape.iter().product();
    let mut out = vec![0u8; size * item];
    let mut index = vec![0usize; shape.len()];
    for k in 0..size {
        let offset: isize = index.iter().zip(strides).map(|(&i, &s)| i as isize * s).sum();
        // SAFETY: the exporter's shape and strides stay inside its memory; `out` has `size` items.
        unsafe { ptr::copy_nonoverlapping(data.offset(offset), out.as_mut_ptr().add(k * item), item) };
        for d in (0..shape.len()).rev() {
            index[d] += 1;
            if index[d] < shape[d] {
                break;
            }
            index[d] = 0;
        }
    }
    out
}

/// What a buffer handed out keeps alive: the tensor, and the shape and strides the consumer points to.
struct Exported {
    _tensor: Tensor,
    shape: Vec<ffi::Py_ssize_t>,
    strides: Vec<ffi::Py_ssize_t>,
}

/// Fills a buffer request for a tensor.
///
/// # Safety
/// `view` must be a valid buffer structure, as in `__getbuffer__`.
pub unsafe fn export(slf: Bound<'_, PyTensor>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
    let tensor = slf.get().tensor.clone();
    let Some(format) = dtype::format(tensor.dtype()) else {
        return Err(PyBufferError::new_err(format!("{} has no buffer format; convert it first", tensor.dtype())));
    };
    if tensor.device() != Device::Cpu {
        return Err(PyBufferError::new_err(format!("the tensor is on {}; move it to the cpu first", tensor.device())));
    }
    let readonly = !tensor.storage().is_writable();
    if flags & ffi::PyBUF_WRITABLE == ffi::PyBUF_WRITABLE && readonly {
        return Err(PyBufferError::new_err("the tensor is read-only"));
    }
    let strided = flags & ffi::PyBUF_STRIDES == ffi::PyBUF_STRIDES;
    let need_c = flags & ffi::PyBUF_C_CONTIGUOUS == ffi::PyBUF_C_CONTIGUOUS || !strided;
    if need_c && !tensor.is_contiguous() {
        return Err(PyBufferError::new_err("the tensor is not contiguous; copy it first"));
    }
    if flags & ffi::PyBUF_F_CONTIGUOUS == ffi::PyBUF_F_CONTIGUOUS && !tensor.layout().is_f_contiguous() {
        return Err(PyBufferError::new_err("the tensor is not contiguous in column order; copy it first"));
    }
    let item = tensor.dtype().size();
    let mut out = Box::new(Exported {
        shape: tensor.shape().iter().map(|&n| n as ffi::Py_ssize_t).collect(),
        strides: tensor.strides().iter().map(|&s| s * item as isize).collect(),
        _tensor: tensor,
    });
    let tensor = &out._tensor;
    // SAFETY: the caller gave a valid structure; every pointer lives as long as `internal` does.
    unsafe {
        (*view).buf = tensor.data_ptr::<c_void>();
        (*view).len = (tensor.size() * item) as ffi::Py_ssize_t;
        (*view).readonly = c_int::from(readonly);
        (*view).itemsize = item as ffi::Py_ssize_t;
        (*view).format = if flags & ffi::PyBUF_FORMAT == ffi::PyBUF_FORMAT { format.as_ptr().cast_mut() } else { ptr::null_mut() };
        (*view).ndim = out.shape.len() as c_int;
        (*view).shape = if flags & ffi::PyBUF_ND == ffi::PyBUF_ND { out.shape.as_mut_ptr() } else { ptr::null_mut() };
        (*view).strides = if strided { out.strides.as_mut_ptr() } else { ptr::null_mut() };
        (*view).suboffsets = ptr::null_mut();
        (*view).internal = Box::into_raw(out).cast();
        (*view).obj = slf.into_any().into_ptr();
    }
    Ok(())
}

/// Gives a buffer back.
///
/// # Safety
/// `view` must be one that `export` filled.
pub unsafe fn release(view: *mut ffi::Py_buffer) {
    // SAFETY: `internal` is the box that `export` leaked, and this runs once per export.
    drop(unsafe { Box::from_raw((*view).internal.cast::<Exported>()) });
}
