//! Storage: a reference-counted block of memory on some device, shared by all views of it.

use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

use crate::error::{Error, Result};
use crate::memory;

/// Where a tensor's memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Device {
    /// The host.
    #[default]
    Cpu,
    /// The CUDA device with this index.
    Cuda(u32),
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Device::Cpu => f.write_str("cpu"),
            Device::Cuda(i) => write!(f, "cuda:{i}"),
        }
    }
}

impl Device {
    /// The device of a name: `cpu`, `cuda:1`, or `cuda` for the first one. Whether it is there is asked when it is used.
    ///
    /// # Errors
    /// [`Error::Value`] for any other text.
    ///
    /// ```
    /// use purify_ops::Device;
    /// assert_eq!(Device::parse("cuda:1")?, Device::Cuda(1));
    /// assert!(Device::parse("cuda:-1").is_err());
    /// # Ok::<(), purify_ops::Error>(())
    /// ```
    pub fn parse(name: &str) -> Result<Device> {
        // The standard's integers accept a sign, device names do not.
        let index = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        let device = match name {
            "cpu" => Some(Device::Cpu),
            "cuda" => Some(Device::Cuda(0)),
            other => other.strip_prefix("cuda:").and_then(index).map(Device::Cuda),
        };
        device.ok_or_else(|| Error::value("device", format!("{name:?} is not a device; known are \"cpu\" and \"cuda:<index>\"")))
    }
}

/// Keeps foreign memory alive; dropped with the last view.
pub type Owner = Box<dyn std::any::Any + Send + Sync>;

/// The bookkeeping of a storage. For memory of our own it sits in the first cache line or two of
/// the block itself, so that a tensor costs one allocation.
#[repr(C, align(64))]
struct Header {
    refs: AtomicUsize,
    data: NonNull<u8>,
    bytes: usize,
    block: usize,
    device: Device,
    writable: bool,
    owner: Option<Owner>,
}

const HEADER: usize = size_of::<Header>();

/// A block of memory with shared ownership and, as in NumPy, shared mutability: a write through
/// one view is seen by all others. Two threads that write and read the same elements at the same
/// time get unspecified values, as with NumPy and torch.
pub struct Storage(NonNull<Header>);

// SAFETY: the header is only changed through the atomic counter; the data is plain numbers, and
// access to it from several threads is the caller's to order (see the type's documentation).
unsafe impl Send for Storage {}
// SAFETY: as above.
unsafe impl Sync for Storage {}

impl Storage {
    /// Host memory of `bytes` bytes with arbitrary content.
    ///
    /// # Errors
    /// [`crate::Error::OutOfMemory`] if the allocator has none left.
    #[inline]
    pub fn host(bytes: usize) -> Result<Storage> {
        let (block, size) = memory::acquire(bytes.saturating_add(HEADER))?;
        let header = block.cast::<Header>();
        // SAFETY: the block is aligned to 64 and longer than a header, and `data` starts after it.
        unsafe {
            header.write(Header {
                refs: AtomicUsize::new(1),
                data: block.add(HEADER),
                bytes,
                block: size,
                device: Device::Cpu,
                writable: true,
                owner: None,
            });
        }
        Ok(Storage(header))
    }

    /// Memory that belongs to someone else: a Python buffer, a DLPack capsule, device memory.
    /// `owner` is dropped with the last reference.
    ///
    /// # Safety
    /// `data` must be valid for reads of `bytes` bytes (and writes, if `writable`) on `device` for as
    /// long as `owner` lives. `data` may be dangling if `bytes` is zero.
    pub unsafe fn external(data: NonNull<u8>, bytes: usize, device: Device, writable: bool, owner: Owner) -> Storage {
        let header = Header { refs: AtomicUsize::new(1), data, bytes, block: 0, device, writable, owner: Some(owner) };
        Storage(NonNull::from(Box::leak(Box::new(header))))
    }

    #[inline]
    fn header(&self) -> &Header {
        // SAFETY: the header lives until the last reference is dropped.
        unsafe { self.0.as_ref() }
    }

    /// The first byte. On a device other than the CPU it must not be followed from the host.
    #[inline]
    pub fn as_ptr(&self) -> *mut u8 {
        self.header().data.as_ptr()
    }

    /// Length in bytes.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.header().bytes
    }

    /// Where the memory is.
    #[inline]
    pub fn device(&self) -> Device {
        self.header().device
    }

    /// Whether the memory may be written.
    #[inline]
    pub fn is_writable(&self) -> bool {
        self.header().writable
    }

    /// Whether this is the only reference.
    #[inline]
    pub fn is_unique(&self) -> bool {
        self.header().refs.load(Ordering::Acquire) == 1
    }

    /// The foreign owner, if the memory is not our own.
    pub fn owner(&self) -> Option<&Owner> {
        self.header().owner.as_ref()
    }

    /// Whether two tensors share memory of the same origin.
    #[inline]
    pub fn same(&self, other: &Storage) -> bool {
        self.0 == other.0
    }
}

impl Clone for Storage {
    #[inline]
    fn clone(&self) -> Storage {
        self.header().refs.fetch_add(1, Ordering::Relaxed);
        Storage(self.0)
    }
}

impl Drop for Storage {
    #[inline]
    fn drop(&mut self) {
        if self.header().refs.fetch_sub(1, Ordering::Release) != 1 {
            return;
        }
        fence(Ordering::Acquire);
        let block = self.header().block;
        // SAFETY: this was the last reference. With a block size the header lies at the start of a
        // block from `memory::acquire`; otherwise it was boxed by `external`.
        unsafe {
            if block != 0 {
                memory::release(self.0.cast(), block);
            } else {
                drop(Box::from_raw(self.0.as_ptr()));
            }
        }
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Storage({} bytes on {})", self.bytes(), self.device())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn the_owner_is_dropped_with_the_last_view() {
        struct Flag(Arc<AtomicBool>);
        impl Drop for Flag {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let gone = Arc::new(AtomicBool::new(false));
        let s = unsafe { Storage::external(NonNull::dangling(), 0, Device::Cpu, false, Box::new(Flag(gone.clone()))) };
        let t = s.clone();
        drop(s);
        assert!(!gone.load(Ordering::SeqCst) && !t.is_writable());
        drop(t);
        assert!(gone.load(Ordering::SeqCst));
    }
}
