//! The devices of this machine, started when the first tensor is put on them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use purify_ops::{Backend, Device, Error};

use crate::backend::Cuda;
use crate::cubins::Cubins;
use crate::driver::Driver;
use crate::error::{Failure, Result};
use crate::gpu::Gpu;
use crate::real::Real;

static DRIVER: OnceLock<Result<Arc<dyn Driver>>> = OnceLock::new();
static STARTED: Mutex<Option<HashMap<u32, &'static Cuda>>> = Mutex::new(None);

fn started() -> MutexGuard<'static, Option<HashMap<u32, &'static Cuda>>> {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets the op layer ask here for devices that it does not know. Nothing is loaded yet.
pub fn register() {
    purify_ops::provide_backends(provide);
}

fn provide(device: Device) -> purify_ops::Result<&'static dyn Backend> {
    match device {
        Device::Cuda(ordinal) => match backend(ordinal) {
            Ok(backend) => Ok(backend),
            Err(failure) => Err(match failure.of("device") {
                Error::Device { op, message } => Error::Device { op, message: format!("{device} is not available: {message}") },
                other => other,
            }),
        },
        Device::Cpu => purify_ops::backend_of(device),
    }
}

fn driver() -> Result<Arc<dyn Driver>> {
    DRIVER.get_or_init(|| Real::start().map(|real| Arc::new(real) as Arc<dyn Driver>)).clone()
}

/// The number of devices.
///
/// # Errors
/// [`Failure::Missing`] and [`Failure::Outdated`] for the driver, and what it says.
pub fn count() -> Result<u32> {
    driver()?.device_count()
}

/// The backend of a device, which is started if need be.
///
/// # Errors
/// As [`count`]; [`Failure::NoDevice`].
pub fn backend(ordinal: u32) -> Result<&'static Cuda> {
    let driver = driver()?;
    let mut started = started();
    let all = started.get_or_insert_default();
    if let Some(backend) = all.get(&ordinal) {
        return Ok(backend);
    }
    // Kept to the end of the process: the op layer holds on to backends, and tensors to their device.
    let backend: &'static Cuda = Box::leak(Box::new(Cuda::new(Gpu::start(driver, ordinal, Cubins::of_user())?)));
    all.insert(ordinal, backend);
    Ok(backend)
}

/// Why a device is not there, for messages of tests that skip.
pub fn absence() -> Option<Failure> {
    match count() {
        Ok(0) => Some(Failure::NoDevice { ordinal: 0, count: 0 }),
        Ok(_) => None,
        Err(failure) => Some(failure),
    }
}
