//! One device of this process: its context, streams, memory and kernels.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use purify_kernels::Unit;
use purify_ops::{Device, Storage};

use crate::allocator::{Allocator, MemoryStats};
use crate::cubins::{Cubins, Key, OPTIONS};
use crate::driver::{Address, DeviceInfo, Driver, Gemm, Grid, Handle};
use crate::error::{Failure, Result};
use crate::launch::Arguments;
use crate::staging::Staging;

/// A device, started.
pub struct Gpu {
    driver: Arc<dyn Driver>,
    ordinal: u32,
    info: DeviceInfo,
    context: Handle,
    /// The process that started it: a forked one cannot use what it inherits.
    process: u32,
    /// The stream of everybody who names no other.
    main: Handle,
    memory: Mutex<Allocator>,
    staging: Mutex<Staging>,
    /// Streams and events that nobody uses now. They are never destroyed: a block may still name the stream.
    streams: Mutex<Vec<Handle>>,
    events: Mutex<Vec<Handle>>,
    functions: RwLock<HashMap<String, Function>>,
    modules: Mutex<Vec<Handle>>,
    cubins: Cubins,
    target: OnceLock<Result<Target>>,
    lost: OnceLock<Failure>,
    launches: AtomicU64,
    compiled: AtomicU64,
}

/// A loaded kernel, and whether it was ever put on a stream.
struct Function {
    handle: Handle,
    launched: AtomicBool,
}

/// What kernels are compiled for, and by which compiler if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Target {
    arch: u32,
    compiler: Option<(u32, u32)>,
}

thread_local! {
    /// Streams that this thread works on, by the device's context; the last one counts.
    static CURRENT: RefCell<Vec<(u32, Handle)>> = const { RefCell::new(Vec::new()) };
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gpu {
    /// Starts a device.
    ///
    /// # Errors
    /// [`Failure::NoDevice`], and what the driver says.
    pub fn start(driver: Arc<dyn Driver>, ordinal: u32, cubins: Cubins) -> Result<Arc<Gpu>> {
        let count = driver.device_count()?;
        if ordinal >= count {
            return Err(Failure::NoDevice { ordinal, count });
        }
        let info = driver.device(ordinal)?;
        let context = driver.context(ordinal)?;
        driver.enter(context)?;
        let main = driver.stream()?;
        Ok(Arc::new(Gpu {
            driver,
            ordinal,
            info,
            context,
            process: std::process::id(),
            main,
            memory: Mutex::default(),
            staging: Mutex::default(),
            streams: Mutex::default(),
            events: Mutex::default(),
            functions: RwLock::default(),
            modules: Mutex::default(),
            cubins,
            target: OnceLock::new(),
            lost: OnceLock::new(),
            launches: AtomicU64::new(0),
            compiled: AtomicU64::new(0),
        }))
    }

    /// The device in the words of the op layer.
    pub fn device(&self) -> Device {
        Device::Cuda(self.ordinal)
    }

    /// What it is.
    pub fn info(&self) -> &DeviceInfo {
        &self.info
    }

    /// Kernels put on streams, and kernels compiled rather than found, so far.
    pub fn counts(&self) -> (u64, u64) {
        (self.launches.load(Ordering::Relaxed), self.compiled.load(Ordering::Relaxed))
    }

    /// Entry points that were put on a stream so far.
    pub fn entries(&self) -> Vec<String> {
        let functions = self.functions.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<String> =
            functions.iter().filter(|(_, function)| function.launched.load(Ordering::Relaxed)).map(|(name, _)| name.clone()).collect();
        all.sort();
        all
    }

    /// Whether this process can use it.
    ///
    /// # Errors
    /// [`Failure::Forked`]; [`Failure::Lost`] as it was first met.
    pub fn alive(&self) -> Result<()> {
        if self.process != std::process::id() {
            return Err(Failure::Forked);
        }
        self.lost.get().map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Calls the driver in the device's context, and remembers it if the device turns out to be lost.
    pub fn call<T>(&self, run: impl FnOnce(&dyn Driver) -> Result<T>) -> Result<T> {
        self.alive()?;
        // Always: another library of the process may have entered a context of its own on this thread.
        let result = self.driver.enter(self.context).and_then(|()| run(&*self.driver));
        if let Err(failure @ Failure::Lost { .. }) = &result {
            let _ = self.lost.set(failure.clone());
        }
        result
    }

    // ---- streams ------------------------------------------------------------------------------

    /// The stream that this thread works on.
    pub fn stream(&self) -> Handle {
        CURRENT.with_borrow(|all| all.iter().rev().find(|(ordinal, _)| *ordinal == self.ordinal).map_or(self.main, |(_, stream)| *stream))
    }

    /// Another stream.
    ///
    /// # Errors
    /// The driver's.
    pub fn new_stream(self: &Arc<Gpu>) -> Result<Stream> {
        self.alive()?;
        let spare = lock(&self.streams).pop();
        let handle = match spare {
            Some(stream) => stream,
            None => self.call(|d| d.stream())?,
        };
        Ok(Stream { gpu: self.clone(), handle })
    }

    /// Waits for what was put on this thread's stream.
    ///
    /// # Errors
    /// The driver's; errors of kernels show here.
    pub fn synchronize(&self) -> Result<()> {
        let stream = self.stream();
        self.call(|d| d.synchronize(stream))
    }

    /// Waits for everything on the device.
    ///
    /// # Errors
    /// As [`Gpu::synchronize`].
    pub fn synchronize_device(&self) -> Result<()> {
        self.call(|d| d.synchronize_device())
    }

    /// Lets what comes next on one stream wait for what is on another now.
    pub fn order(&self, stream: Handle, after: Handle) -> Result<()> {
        let event = self.take_event()?;
        let done = self.call(|d| d.record(event, after).and_then(|()| d.wait(stream, event)));
        // The wait is for the state of the event at the call: it may be recorded anew.
        lock(&self.events).push(event);
        done
    }

    fn take_event(&self) -> Result<Handle> {
        self.alive()?;
        let spare = lock(&self.events).pop();
        spare.map_or_else(|| self.call(|d| d.event(false)), Ok)
    }

    /// The time that what `run` puts on this thread's stream takes, in milliseconds.
    ///
    /// # Errors
    /// The driver's, and those of `run`.
    pub fn time<E: From<Failure>>(&self, run: impl FnOnce() -> std::result::Result<(), E>) -> std::result::Result<f64, E> {
        let stream = self.stream();
        let (from, to) = self.call(|d| Ok((d.event(true)?, d.event(true)?)))?;
        self.call(|d| d.record(from, stream))?;
        let ran = run();
        let elapsed = self.call(|d| {
            d.record(to, stream)?;
            d.synchronize_event(to)?;
            d.elapsed(from, to)
        });
        self.call(|d| d.drop_event(from).and_then(|()| d.drop_event(to)))?;
        ran.and(elapsed.map(f64::from).map_err(E::from))
    }

    // ---- memory -------------------------------------------------------------------------------

    /// New memory for this thread's stream, as a storage of the op layer.
    ///
    /// # Errors
    /// [`Failure::OutOfMemory`]; the driver's.
    pub fn allocate(self: &Arc<Gpu>, bytes: usize) -> Result<Storage> {
        self.alive()?;
        if bytes == 0 {
            // SAFETY: nothing is ever read or written there.
            return Ok(unsafe { Storage::external(NonNull::<u128>::dangling().cast(), 0, self.device(), true, Box::new(())) });
        }
        let home = self.stream();
        let address = self.call(|d| lock(&self.memory).allocate(d, bytes as u64, home))?;
        let block = Block { gpu: self.clone(), address, home, last: AtomicU64::new(home.0) };
        let data = NonNull::new(std::ptr::with_exposed_provenance_mut::<u8>(address as usize)).ok_or(Failure::OutOfMemory)?;
        // SAFETY: the block is as long, on this device, and lives as long as its storage.
        Ok(unsafe { Storage::external(data, bytes, self.device(), true, Box::new(block)) })
    }

    /// A storage over memory of another library on this device. What that library put on its stream must come before what is
    /// put on ours from now on, which is the exchange's to arrange.
    ///
    /// # Safety
    /// `data` is valid for `bytes` bytes on this device as long as `owner` lives.
    pub unsafe fn adopt(self: &Arc<Gpu>, data: NonNull<u8>, bytes: usize, writable: bool, owner: purify_ops::Owner) -> Storage {
        let owner = Box::new(Foreign { gpu: self.clone(), owner: Some(owner) });
        // SAFETY: by contract.
        unsafe { Storage::external(data, bytes, self.device(), writable, owner) }
    }

    /// What the allocator has done and holds.
    pub fn memory_stats(&self) -> MemoryStats {
        if self.process == std::process::id() { lock(&self.memory).stats() } else { MemoryStats::default() }
    }

    /// Lets the peaks of the statistics start anew.
    pub fn reset_peaks(&self) {
        if self.process == std::process::id() {
            lock(&self.memory).reset_peaks();
        }
    }

    /// Gives memory that no tensor holds back to the driver; the number of bytes.
    ///
    /// # Errors
    /// The driver's.
    pub fn empty_cache(&self) -> Result<u64> {
        self.call(|d| lock(&self.memory).empty_cache(d))
    }

    /// Free and total bytes of the device, whoever holds the rest.
    ///
    /// # Errors
    /// The driver's.
    pub fn memory_info(&self) -> Result<(u64, u64)> {
        self.call(|d| d.memory_info())
    }

    /// Orders the use of a storage on a stream after its use on the stream before, if that was another one.
    ///
    /// # Errors
    /// The driver's.
    pub fn use_on(&self, storage: &Storage, stream: Handle) -> Result<()> {
        let Some(block) = block(storage) else { return Ok(()) };
        let before = Handle(block.last.swap(stream.0, Ordering::AcqRel));
        if before == stream { Ok(()) } else { self.order(stream, before) }
    }

    /// Copies bytes of the host to the device, through pinned memory: `from` may be changed when this returns, and what comes
    /// next on the stream finds them there.
    ///
    /// # Safety
    /// `to` is valid for as many bytes.
    ///
    /// # Errors
    /// The driver's.
    pub unsafe fn upload(&self, from: &[u8], to: Address) -> Result<()> {
        let stream = self.stream();
        // SAFETY: by contract.
        self.call(|d| unsafe { lock(&self.staging).upload(d, from, to, stream) })
    }

    /// Copies bytes of the device to the host when everything before on the stream is done, and waits for it.
    ///
    /// # Safety
    /// `from` is valid for as many bytes.
    ///
    /// # Errors
    /// The driver's; errors of kernels show here.
    pub unsafe fn download(&self, from: Address, to: &mut [u8]) -> Result<()> {
        let stream = self.stream();
        // SAFETY: by contract.
        self.call(|d| unsafe { lock(&self.staging).download(d, from, to, stream) })
    }

    // ---- kernels ------------------------------------------------------------------------------

    /// Puts a kernel on this thread's stream, compiling it if it was never called.
    ///
    /// # Safety
    /// The arguments are what the kernel takes, and the memory they name is valid until it is done.
    ///
    /// # Errors
    /// [`Failure::Compile`] and the driver's; errors while it runs show at a later call.
    pub unsafe fn launch(&self, entry: &str, unit: impl FnOnce() -> Option<Unit>, grid: Grid, mut arguments: Arguments) -> Result<()> {
        let function = self.function(entry, unit)?;
        let stream = self.stream();
        let mut pointers = arguments.pointers();
        // SAFETY: by contract.
        self.call(|d| unsafe { d.launch(function, grid, stream, &mut pointers) })?;
        self.launches.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Puts matrix products on this thread's stream, by a library for them.
    ///
    /// # Safety
    /// The matrices are valid until they are done.
    ///
    /// # Errors
    /// [`Failure::Missing`] where there is no library; the library's own.
    pub unsafe fn multiply(&self, gemm: &Gemm) -> Result<()> {
        let stream = self.stream();
        // SAFETY: by contract.
        self.call(|d| unsafe { d.multiply(self.context, gemm, stream) })
    }

    fn function(&self, entry: &str, unit: impl FnOnce() -> Option<Unit>) -> Result<Handle> {
        self.alive()?;
        let known = || {
            let functions = self.functions.read().unwrap_or_else(PoisonError::into_inner);
            functions.get(entry).map(|function| {
                function.launched.store(true, Ordering::Relaxed);
                function.handle
            })
        };
        if let Some(function) = known() {
            return Ok(function);
        }
        // One thread compiles at a time, and what another one was waiting for may be there by now.
        let mut modules = lock(&self.modules);
        if let Some(function) = known() {
            return Ok(function);
        }
        let absent = || Failure::Call { call: "kernel", name: entry.to_owned(), text: "the table has no such kernel".to_owned() };
        let unit = unit().ok_or_else(absent)?;
        let module = self.module(&unit)?;
        modules.push(module);
        for name in &unit.entries {
            let handle = self.call(|d| d.function(module, name))?;
            let mut functions = self.functions.write().unwrap_or_else(PoisonError::into_inner);
            functions.insert(name.clone(), Function { handle, launched: AtomicBool::new(false) });
        }
        known().ok_or_else(absent)
    }

    /// A unit as loaded code: from the cache, else compiled.
    fn module(&self, unit: &Unit) -> Result<Handle> {
        let Target { arch, compiler } = self.target()?;
        let source = unit.source();
        let key = Key { source: &source, arch, compiler, options: OPTIONS };
        if let Some(image) = self.cubins.get(&key) {
            match self.call(|d| d.load(&image)) {
                Ok(module) => return Ok(module),
                // Whole, and yet nothing that this driver loads: made anew below.
                Err(Failure::Call { .. }) => self.cubins.remove(&key),
                Err(error) => return Err(error),
            }
        }
        let image = self.call(|d| d.compile(&unit.name, &source, arch, OPTIONS))?;
        self.compiled.fetch_add(1, Ordering::Relaxed);
        let module = self.call(|d| d.load(&image))?;
        self.cubins.put(&key, &image);
        Ok(module)
    }

    /// The newest architecture of the device's generation that the compiler knows: code for it runs here. Without a compiler
    /// only what was compiled before can run, and the missing compiler is reported where something is not there.
    fn target(&self) -> Result<Target> {
        self.target.get_or_init(|| self.find_target()).clone()
    }

    fn find_target(&self) -> Result<Target> {
        let device = self.info.arch;
        let compiler = match self.call(|d| d.compiler()) {
            Ok(version) => version,
            Err(Failure::Missing { .. } | Failure::Outdated { .. }) => return Ok(Target { arch: device, compiler: None }),
            Err(error) => return Err(error),
        };
        let known = self.call(|d| d.architectures())?;
        match known.iter().copied().filter(|arch| arch / 10 == device / 10 && *arch <= device).max() {
            Some(arch) => Ok(Target { arch, compiler: Some(compiler) }),
            None => {
                let list: Vec<String> = known.iter().map(|arch| format!("sm_{arch}")).collect();
                Err(Failure::Architecture { arch: device, compiler: format!("{}.{}", compiler.0, compiler.1), known: list.join(", ") })
            }
        }
    }
}

impl Drop for Gpu {
    /// Nothing is given back by a process that cannot use it.
    fn drop(&mut self) {
        let _ = self.call(|d| {
            d.synchronize_device()?;
            lock(&self.memory).empty_cache(d)?;
            lock(&self.staging).clear(d)?;
            lock(&self.modules).drain(..).try_for_each(|module| d.unload(module))?;
            lock(&self.events).drain(..).try_for_each(|event| d.drop_event(event))?;
            lock(&self.streams).drain(..).chain([self.main]).try_for_each(|stream| d.drop_stream(stream))?;
            d.release_context(self.ordinal)
        });
    }
}

/// A stream of one's own.
pub struct Stream {
    gpu: Arc<Gpu>,
    handle: Handle,
}

impl Stream {
    /// The driver's handle, which other libraries of the process understand.
    pub fn handle(&self) -> Handle {
        self.handle
    }

    /// Runs something with this as the stream of the thread.
    pub fn with<T>(&self, run: impl FnOnce() -> T) -> T {
        struct Leave<'a>(&'a Stream);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.leave();
            }
        }
        self.enter();
        let _leave = Leave(self);
        run()
    }

    /// Makes this the stream of the thread until [`Stream::leave`].
    pub fn enter(&self) {
        CURRENT.with_borrow_mut(|all| all.push((self.gpu.ordinal, self.handle)));
    }

    /// Ends the last [`Stream::enter`] of this stream on this thread; false if there was none.
    pub fn leave(&self) -> bool {
        CURRENT.with_borrow_mut(|all| {
            let at = all.iter().rposition(|entry| *entry == (self.gpu.ordinal, self.handle));
            at.map(|at| all.remove(at)).is_some()
        })
    }

    /// Waits for what was put on it.
    ///
    /// # Errors
    /// The driver's.
    pub fn synchronize(&self) -> Result<()> {
        self.gpu.call(|d| d.synchronize(self.handle))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.gpu.process == std::process::id() {
            lock(&self.gpu.streams).push(self.handle);
        }
    }
}

/// A block of the allocator, as the owner of a storage.
struct Block {
    gpu: Arc<Gpu>,
    address: Address,
    /// The stream that it was allocated for and goes back to.
    home: Handle,
    /// The stream that it was last used on. Earlier ones need no account: each waited for the one before.
    last: AtomicU64,
}

impl Drop for Block {
    fn drop(&mut self) {
        if self.gpu.alive().is_err() {
            return;
        }
        let last = Handle(self.last.load(Ordering::Acquire));
        // If the order cannot be made the device is lost, and nobody gets the block again.
        if last == self.home || self.gpu.order(self.home, last).is_ok() {
            lock(&self.gpu.memory).release(self.address);
        }
    }
}

/// The block behind a storage, also where the storage is an alias of another one.
fn block(storage: &Storage) -> Option<&Block> {
    let owner = storage.owner()?;
    (**owner).downcast_ref::<Block>().or_else(|| (**owner).downcast_ref::<Storage>().and_then(block))
}

/// Memory of another library. Its owner may reuse it at once, so what we put on streams is done first.
struct Foreign {
    gpu: Arc<Gpu>,
    owner: Option<purify_ops::Owner>,
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = self.gpu.synchronize_device();
        drop(self.owner.take());
    }
}

/// Lets what a library does on its stream with a storage of ours come after what we put on ours, and what we do with the memory
/// afterwards come after that. The numbers 1 and 2 are the driver's default streams.
///
/// # Errors
/// The driver's.
pub fn hand_over(storage: &Storage, stream: u64) -> Result<()> {
    match block(storage) {
        Some(block) => block.gpu.use_on(storage, Handle(stream)),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "gpu_tests.rs"]
mod tests;
