//! What Python can ask about CUDA devices beside putting tensors on them: the core of `purify.ops.cuda`.

use std::path::{Path, PathBuf};
use std::sync::Once;

use purify_cuda::{Cuda, Gpu};
use purify_ops::Device;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert::DeviceArg;
use crate::error::{DeviceLostError, OrRaise, OutOfMemoryError, exception};

/// Lets libraries of CUDA be found that were installed as wheels beside this package (`nvidia/*/lib`), as PyTorch brings them.
/// The folders are looked at once, when a device is first named.
pub fn look_beside(py: Python<'_>) {
    static ONCE: Once = Once::new();
    if ONCE.is_completed() {
        return;
    }
    let folders = py.import("sys").and_then(|sys| sys.getattr("path")?.extract::<Vec<PathBuf>>()).unwrap_or_default();
    ONCE.call_once(|| folders.iter().for_each(|folder| add_wheels(folder)));
}

/// `nvidia/cu13/lib` and the older `nvidia/cuda_nvrtc/lib`, the newest version first.
fn add_wheels(folder: &Path) {
    let entries = std::fs::read_dir(folder.join("nvidia")).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path().join("lib")).filter(|lib| lib.is_dir()).collect();
    found.sort();
    found.iter().rev().for_each(|lib| purify_cuda::library::add_folder(lib));
}

/// Why no device can be used, or nothing.
#[pyfunction]
fn absence(py: Python<'_>) -> Option<String> {
    look_beside(py);
    py.detach(purify_cuda::absence).map(|failure| failure.to_string())
}

/// The number of devices; none where there is no driver.
#[pyfunction]
fn device_count(py: Python<'_>) -> u32 {
    look_beside(py);
    py.detach(|| purify_cuda::count().unwrap_or(0))
}

/// The backend of a device of CUDA.
fn backend(py: Python<'_>, device: &DeviceArg) -> PyResult<&'static Cuda> {
    let Device::Cuda(ordinal) = device.0 else {
        return Err(PyValueError::new_err("a device of CUDA is needed, such as \"cuda:0\", not \"cpu\""));
    };
    // The op layer is asked first, so that both speak of one backend.
    let started = py.detach(|| {
        purify_ops::backend_of(device.0)?;
        purify_cuda::backend(ordinal).map_err(|failure| failure.of("device"))
    });
    started.py()
}

/// A failure of the driver as an exception.
fn raise<T>(result: purify_cuda::Result<T>) -> PyResult<T> {
    result.map_err(|failure| exception(failure.of("cuda")))
}

#[pyfunction]
fn device_properties<'py>(py: Python<'py>, device: DeviceArg) -> PyResult<Bound<'py, PyDict>> {
    let info = backend(py, &device)?.gpu().info();
    let all = PyDict::new(py);
    all.set_item("name", &info.name)?;
    all.set_item("capability", (info.arch / 10, info.arch % 10))?;
    all.set_item("memory", info.memory)?;
    all.set_item("multiprocessors", info.multiprocessors)?;
    Ok(all)
}

#[pyfunction]
fn memory_stats<'py>(py: Python<'py>, device: DeviceArg) -> PyResult<Bound<'py, PyDict>> {
    let stats = backend(py, &device)?.gpu().memory_stats();
    let all = PyDict::new(py);
    for (name, value) in [
        ("in_use", stats.in_use),
        ("peak_in_use", stats.peak_in_use),
        ("cached", stats.cached()),
        ("reserved", stats.reserved),
        ("peak_reserved", stats.peak_reserved),
        ("blocks", stats.blocks),
        ("allocations", stats.allocations),
        ("reused", stats.reused),
        ("segments", stats.segments),
        ("retries", stats.retries),
        ("failures", stats.failures),
    ] {
        all.set_item(name, value)?;
    }
    Ok(all)
}

#[pyfunction]
fn memory_info(py: Python<'_>, device: DeviceArg) -> PyResult<(u64, u64)> {
    raise(backend(py, &device)?.gpu().memory_info())
}

#[pyfunction]
fn reset_peaks(py: Python<'_>, device: DeviceArg) -> PyResult<()> {
    backend(py, &device)?.gpu().reset_peaks();
    Ok(())
}

#[pyfunction]
fn empty_cache(py: Python<'_>, device: DeviceArg) -> PyResult<u64> {
    let gpu = backend(py, &device)?.gpu();
    raise(py.detach(|| gpu.empty_cache()))
}

#[pyfunction]
fn synchronize(py: Python<'_>, device: DeviceArg) -> PyResult<()> {
    let gpu = backend(py, &device)?.gpu();
    raise(py.detach(|| gpu.synchronize_device()))
}

#[pyfunction]
fn fallbacks<'py>(py: Python<'py>, device: DeviceArg) -> PyResult<Bound<'py, PyDict>> {
    let all = PyDict::new(py);
    for (name, count) in backend(py, &device)?.fallbacks() {
        all.set_item(name, count)?;
    }
    Ok(all)
}

#[pyfunction]
fn allow_fallback(py: Python<'_>, yes: bool, device: DeviceArg) -> PyResult<()> {
    backend(py, &device)?.allow_fallback(yes);
    Ok(())
}

/// A stream: what is put on it in a `with` block runs beside what others put on theirs. Tensors are ordered by themselves.
#[pyclass(module = "purify.ops.cuda", frozen)]
struct Stream {
    inner: purify_cuda::Stream,
    device: Device,
}

#[pymethods]
impl Stream {
    #[new]
    #[pyo3(signature = (device = DeviceArg(Device::Cuda(0))))]
    fn new(py: Python<'_>, device: DeviceArg) -> PyResult<Stream> {
        let gpu = backend(py, &device)?.gpu();
        Ok(Stream { inner: raise(gpu.new_stream())?, device: device.0 })
    }

    fn __enter__(slf: Py<Stream>) -> Py<Stream> {
        slf.get().inner.enter();
        slf
    }

    fn __exit__(&self, _kind: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>, _trace: &Bound<'_, PyAny>) -> PyResult<()> {
        if self.inner.leave() {
            Ok(())
        } else {
            Err(PyRuntimeError::new_err("the stream was left on another thread than it was entered on"))
        }
    }

    /// Waits for everything that was put on it.
    fn synchronize(&self, py: Python<'_>) -> PyResult<()> {
        raise(py.detach(|| self.inner.synchronize()))
    }

    /// The number by which other libraries know it.
    #[getter]
    fn handle(&self) -> u64 {
        self.inner.handle().0
    }

    #[getter]
    fn device(&self) -> String {
        self.device.to_string()
    }
}

/// The number of the stream that this thread works on, for an exchange with another library.
pub fn current_stream(ordinal: u32) -> PyResult<u64> {
    let gpu: &Gpu = raise(purify_cuda::backend(ordinal))?.gpu();
    Ok(gpu.stream().0)
}

/// Lets another library's stream come after what was put on ours with a tensor. `None` is the driver's default stream, -1 asks
/// for no order.
pub fn hand_over(tensor: &purify_ops::Tensor, stream: Option<i64>) -> PyResult<()> {
    let stream = match stream {
        Some(-1) => return Ok(()),
        None => 1,
        Some(n) if n > 0 => n as u64,
        Some(n) => return Err(PyValueError::new_err(format!("__dlpack__: {n} is not a stream of CUDA"))),
    };
    raise(purify_cuda::hand_over(tensor.storage(), stream))
}

/// Adds the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    purify_cuda::register();
    let space = PyModule::new(m.py(), "_cuda")?;
    macro_rules! add { ($($f:ident)*) => { $(space.add_function(wrap_pyfunction!($f, &space)?)?;)* } }
    add!(absence device_count device_properties memory_stats memory_info reset_peaks empty_cache synchronize fallbacks allow_fallback);
    space.add_class::<Stream>()?;
    space.add("OutOfMemoryError", m.py().get_type::<OutOfMemoryError>())?;
    space.add("DeviceLostError", m.py().get_type::<DeviceLostError>())?;
    m.add("_cuda", space)
}
