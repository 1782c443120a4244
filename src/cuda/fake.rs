//! A driver for tests that has no device: it keeps accounts of what the host asks for and stops at the first mistake.
//!
//! Device memory is host memory that it alone knows. What is put on a stream is not done at once but when something waits
//! for it, each stream at its own pace, so that a host which forgets to order two streams reads what was there before. Kernels
//! do nothing; a test gives a function for what it needs.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ffi::c_void;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::driver::{Address, DeviceInfo, Driver, Gemm, Grid, Handle};
use crate::error::{Failure, Result};

type Kernel = Box<dyn Fn(&Launch) + Send>;

/// A kernel that was put on a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The entry point.
    pub name: String,
    /// How many threads.
    pub grid: Grid,
    /// The stream.
    pub stream: Handle,
    /// The number of arguments.
    pub arguments: usize,
}

enum Work {
    Fill { to: Address, value: u8, bytes: usize },
    Write { to: Address, from: usize, bytes: usize },
    Move { to: Address, from: Address, bytes: usize },
    Read { to: usize, from: Address, bytes: usize },
    Kernel(Launch),
    Record(Handle, u64),
    Wait(Handle, u64),
}

#[derive(Default)]
struct Event {
    /// How often it was recorded, and up to which of these the stream has come.
    recorded: u64,
    reached: u64,
}

#[derive(Default)]
struct State {
    memory: u64,
    devices: u32,
    next: u64,
    blocks: BTreeMap<Address, Vec<u8>>,
    /// By address. The host writes into them by the pointers it was given, so they are only read here.
    pinned: HashMap<usize, Box<[u8]>>,
    streams: BTreeMap<Handle, VecDeque<Work>>,
    events: HashMap<Handle, Event>,
    modules: HashMap<Handle, Vec<u8>>,
    functions: HashMap<Handle, String>,
    retained: HashMap<u32, u32>,
    calls: HashMap<&'static str, usize>,
    launches: Vec<Launch>,
    refuse: bool,
    no_compiler: bool,
    arch: u32,
    lost: bool,
    kernel: Option<Kernel>,
}

/// The driver. A mistake of the host is a panic that says what was wrong.
pub struct Fake(Mutex<State>);

thread_local! {
    static ENTERED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

impl Fake {
    /// So many devices with so much memory each.
    pub fn new(devices: u32, memory: u64) -> Fake {
        Fake(Mutex::new(State { memory, devices, next: 1 << 20, arch: 90, ..State::default() }))
    }

    fn state(&self, call: &'static str) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state.calls.entry(call).or_default() += 1;
        state
    }

    fn inspect(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state for a call that needs a context and a living device.
    fn inside(&self, call: &'static str) -> Result<MutexGuard<'_, State>> {
        assert!(ENTERED.get() != 0, "{call}: no context was entered on this thread");
        let state = self.state(call);
        match state.lost {
            true => Err(lost(call)),
            false => Ok(state),
        }
    }

    /// How often a method was called.
    pub fn calls(&self, method: &str) -> usize {
        self.inspect().calls.get(method).copied().unwrap_or(0)
    }

    /// Bytes of device memory that were allocated and not freed.
    pub fn allocated(&self) -> u64 {
        self.inspect().blocks.values().map(|block| block.len() as u64).sum()
    }

    /// Streams, events, modules, contexts and pinned blocks that were made and not given back.
    pub fn leaks(&self) -> usize {
        let state = self.inspect();
        state.streams.len()
            + state.events.len()
            + state.modules.len()
            + state.pinned.len()
            + state.retained.values().filter(|n| **n > 0).count()
    }

    /// Kernels put on streams so far.
    pub fn launches(&self) -> Vec<Launch> {
        self.inspect().launches.clone()
    }

    /// From now on every call fails as on a device that fell off the bus.
    pub fn lose(&self) {
        self.inspect().lost = true;
    }

    /// The next code that is loaded is none that the driver takes.
    pub fn refuse_next_load(&self) {
        self.inspect().refuse = true;
    }

    /// From now on there is no compiler.
    pub fn without_compiler(&self) {
        self.inspect().no_compiler = true;
    }

    /// The devices are of this architecture.
    pub fn be(&self, arch: u32) {
        self.inspect().arch = arch;
    }

    /// Code that is loaded now.
    pub fn images(&self) -> Vec<String> {
        self.inspect().modules.values().map(|image| String::from_utf8_lossy(image).into_owned()).collect()
    }

    /// What kernels do when their turn comes.
    pub fn on_kernel(&self, run: impl Fn(&Launch) + Send + 'static) {
        self.inspect().kernel = Some(Box::new(run));
    }
}

fn no_compiler() -> Failure {
    Failure::Missing { library: crate::library::NVRTC.what, tried: "nothing".to_owned(), hint: crate::library::NVRTC.hint }
}

fn lost(call: &'static str) -> Failure {
    Failure::Lost { call, name: "CUDA_ERROR_ILLEGAL_ADDRESS".to_owned(), text: "an illegal memory access was encountered".to_owned() }
}

impl State {
    fn fresh(&mut self) -> Handle {
        self.next += 1;
        Handle(self.next)
    }

    /// The block that a range lies in, and where.
    fn range(&mut self, at: Address, bytes: usize) -> &mut [u8] {
        let found = self.blocks.range_mut(..=at).next_back().filter(|(start, block)| at + bytes as u64 <= **start + block.len() as u64);
        let Some((start, block)) = found else { panic!("{bytes} bytes at {at:#x} are not allocated") };
        &mut block[(at - start) as usize..][..bytes]
    }

    /// A range of pinned memory as it is now.
    fn pinned_range(&self, from: usize, bytes: usize) -> Option<&[u8]> {
        self.pinned.iter().find_map(|(start, block)| block.get(from.checked_sub(*start)?..)?.get(..bytes))
    }

    fn put(&mut self, stream: Handle, work: Work) {
        let Some(queue) = self.streams.get_mut(&stream) else { panic!("{stream:?} is no stream") };
        queue.push_back(work);
    }

    /// Runs a stream to its end, and those that it waits for as far as needed.
    fn run(&mut self, stream: Handle) {
        while let Some(work) = self.streams.get_mut(&stream).unwrap_or_else(|| panic!("{stream:?} is no stream")).pop_front() {
            self.step(work);
        }
    }

    fn step(&mut self, work: Work) {
        match work {
            Work::Fill { to, value, bytes } => self.range(to, bytes).fill(value),
            Work::Write { to, from, bytes } => {
                let content = self.pinned_range(from, bytes).expect("a pinned block was freed before its copy was done").to_vec();
                self.range(to, bytes).copy_from_slice(&content);
            }
            Work::Move { to, from, bytes } => {
                let content = self.range(from, bytes).to_vec();
                self.range(to, bytes).copy_from_slice(&content);
            }
            Work::Read { to, from, bytes } => {
                let content = self.range(from, bytes).to_vec();
                // SAFETY: the caller of `copy_to_host` answers for the range until the copy is done.
                unsafe { std::ptr::copy_nonoverlapping(content.as_ptr(), std::ptr::with_exposed_provenance_mut(to), bytes) };
            }
            Work::Kernel(launch) => {
                if let Some(kernel) = self.kernel.take() {
                    kernel(&launch);
                    self.kernel = Some(kernel);
                }
            }
            Work::Record(event, count) => self.events.entry(event).or_default().reached = count,
            Work::Wait(event, count) => self.reach(event, count),
        }
    }

    /// Runs whichever stream records an event until it has.
    fn reach(&mut self, event: Handle, count: u64) {
        let streams: Vec<Handle> = self.streams.keys().copied().collect();
        for stream in streams {
            let holds = self.streams[&stream].iter().any(|w| matches!(w, Work::Record(e, n) if *e == event && *n <= count));
            while holds && self.events[&event].reached < count {
                let Some(work) = self.streams.get_mut(&stream).and_then(VecDeque::pop_front) else { break };
                self.step(work);
            }
        }
    }
}

impl Driver for Fake {
    fn version(&self) -> Result<u32> {
        Ok(13000)
    }
    fn device_count(&self) -> Result<u32> {
        Ok(self.state("device_count").devices)
    }
    fn device(&self, ordinal: u32) -> Result<DeviceInfo> {
        let state = self.state("device");
        assert!(ordinal < state.devices, "there is no device {ordinal}");
        Ok(DeviceInfo { name: format!("fake {ordinal}"), arch: state.arch, memory: state.memory, multiprocessors: 4 })
    }
    fn context(&self, ordinal: u32) -> Result<Handle> {
        let mut state = self.state("context");
        *state.retained.entry(ordinal).or_default() += 1;
        Ok(Handle(u64::from(ordinal) + 1))
    }
    fn release_context(&self, ordinal: u32) -> Result<()> {
        let mut state = self.state("release_context");
        let count = state.retained.entry(ordinal).or_default();
        assert!(*count > 0, "the context of device {ordinal} was not retained");
        *count -= 1;
        Ok(())
    }
    fn enter(&self, context: Handle) -> Result<()> {
        ENTERED.set(context.0);
        Ok(())
    }
    fn memory_info(&self) -> Result<(u64, u64)> {
        let state = self.inside("memory_info")?;
        let used: u64 = state.blocks.values().map(|block| block.len() as u64).sum();
        Ok((state.memory - used, state.memory))
    }
    fn allocate(&self, bytes: u64) -> Result<Address> {
        let mut state = self.inside("allocate")?;
        assert!(bytes > 0, "allocating nothing is an error of the driver");
        let used: u64 = state.blocks.values().map(|block| block.len() as u64).sum();
        if used.saturating_add(bytes) > state.memory {
            return Err(Failure::OutOfMemory);
        }
        // Gaps between blocks, so that writing past one hits nothing.
        let address = state.next.next_multiple_of(4096) + 4096;
        state.next = address + bytes;
        state.blocks.insert(address, vec![0xA5; bytes as usize]);
        Ok(address)
    }
    fn free(&self, address: Address) -> Result<()> {
        let mut state = self.inside("free")?;
        // The driver waits for work that may use the memory.
        let streams: Vec<Handle> = state.streams.keys().copied().collect();
        streams.into_iter().for_each(|stream| state.run(stream));
        assert!(state.blocks.remove(&address).is_some(), "{address:#x} was freed and is no block");
        Ok(())
    }
    fn allocate_pinned(&self, bytes: usize) -> Result<*mut u8> {
        let mut state = self.inside("allocate_pinned")?;
        let mut block = vec![0u8; bytes].into_boxed_slice();
        let start = block.as_mut_ptr();
        state.pinned.insert(start.expose_provenance(), block);
        Ok(start)
    }
    unsafe fn free_pinned(&self, memory: *mut u8) -> Result<()> {
        let mut state = self.inside("free_pinned")?;
        assert!(state.pinned.remove(&memory.addr()).is_some(), "a pinned block was freed that is none");
        Ok(())
    }
    fn stream(&self) -> Result<Handle> {
        let mut state = self.inside("stream")?;
        let stream = state.fresh();
        state.streams.insert(stream, VecDeque::new());
        Ok(stream)
    }
    fn synchronize(&self, stream: Handle) -> Result<()> {
        self.inside("synchronize")?.run(stream);
        Ok(())
    }
    fn synchronize_device(&self) -> Result<()> {
        let mut state = self.inside("synchronize_device")?;
        let streams: Vec<Handle> = state.streams.keys().copied().collect();
        streams.into_iter().for_each(|stream| state.run(stream));
        Ok(())
    }
    fn drop_stream(&self, stream: Handle) -> Result<()> {
        let mut state = self.inside("drop_stream")?;
        state.run(stream);
        state.streams.remove(&stream);
        Ok(())
    }
    fn event(&self, _timing: bool) -> Result<Handle> {
        let mut state = self.inside("event")?;
        let event = state.fresh();
        state.events.insert(event, Event::default());
        Ok(event)
    }
    fn drop_event(&self, event: Handle) -> Result<()> {
        assert!(self.inside("drop_event")?.events.remove(&event).is_some(), "{event:?} is no event");
        Ok(())
    }
    fn record(&self, event: Handle, stream: Handle) -> Result<()> {
        let mut state = self.inside("record")?;
        let Some(known) = state.events.get_mut(&event) else { panic!("{event:?} is no event") };
        known.recorded += 1;
        let count = known.recorded;
        state.put(stream, Work::Record(event, count));
        Ok(())
    }
    fn wait(&self, stream: Handle, event: Handle) -> Result<()> {
        let mut state = self.inside("wait")?;
        let Some(count) = state.events.get(&event).map(|known| known.recorded) else { panic!("{event:?} is no event") };
        state.put(stream, Work::Wait(event, count));
        Ok(())
    }
    fn synchronize_event(&self, event: Handle) -> Result<()> {
        let mut state = self.inside("synchronize_event")?;
        let count = state.events[&event].recorded;
        state.reach(event, count);
        Ok(())
    }
    fn elapsed(&self, _from: Handle, _to: Handle) -> Result<f32> {
        Ok(1.0)
    }
    unsafe fn copy_to_device(&self, to: Address, from: *const u8, bytes: usize, stream: Handle) -> Result<()> {
        let mut state = self.inside("copy_to_device")?;
        state.range(to, bytes);
        assert!(state.pinned_range(from.addr(), bytes).is_some(), "the host's side of a copy is not pinned: it would not be asynchronous");
        state.put(stream, Work::Write { to, from: from.addr(), bytes });
        Ok(())
    }
    unsafe fn copy_to_host(&self, to: *mut u8, from: Address, bytes: usize, stream: Handle) -> Result<()> {
        let mut state = self.inside("copy_to_host")?;
        state.range(from, bytes);
        state.put(stream, Work::Read { to: to.expose_provenance(), from, bytes });
        Ok(())
    }
    unsafe fn copy_on_device(&self, to: Address, from: Address, bytes: usize, stream: Handle) -> Result<()> {
        let mut state = self.inside("copy_on_device")?;
        state.range(to, bytes);
        state.range(from, bytes);
        state.put(stream, Work::Move { to, from, bytes });
        Ok(())
    }
    unsafe fn fill_bytes(&self, to: Address, value: u8, bytes: usize, stream: Handle) -> Result<()> {
        let mut state = self.inside("fill_bytes")?;
        state.range(to, bytes);
        state.put(stream, Work::Fill { to, value, bytes });
        Ok(())
    }
    fn load(&self, image: &[u8]) -> Result<Handle> {
        let mut state = self.inside("load")?;
        if std::mem::take(&mut state.refuse) {
            return Err(Failure::Call { call: "load", name: "CUDA_ERROR_INVALID_IMAGE".to_owned(), text: "invalid".to_owned() });
        }
        let module = state.fresh();
        state.modules.insert(module, image.to_vec());
        Ok(module)
    }
    fn function(&self, module: Handle, name: &str) -> Result<Handle> {
        let mut state = self.inside("function")?;
        assert!(state.modules.contains_key(&module), "{module:?} is no module");
        let function = state.fresh();
        state.functions.insert(function, name.to_owned());
        Ok(function)
    }
    fn unload(&self, module: Handle) -> Result<()> {
        assert!(self.inside("unload")?.modules.remove(&module).is_some(), "{module:?} is no module");
        Ok(())
    }
    unsafe fn launch(&self, function: Handle, grid: Grid, stream: Handle, arguments: &mut [*mut c_void]) -> Result<()> {
        let mut state = self.inside("launch")?;
        let Some(name) = state.functions.get(&function).cloned() else { panic!("{function:?} is no function") };
        assert!(grid.blocks > 0 && grid.rows > 0 && grid.rows <= 65_535, "{name}: {grid:?}");
        assert!(grid.threads > 0 && grid.threads <= 1024 && grid.threads.is_multiple_of(32), "{name}: {grid:?}");
        assert!(arguments.iter().all(|a| !a.is_null()), "{name}: an argument is null");
        let launch = Launch { name, grid, stream, arguments: arguments.len() };
        state.launches.push(launch.clone());
        state.put(stream, Work::Kernel(launch));
        Ok(())
    }
    unsafe fn multiply(&self, _context: Handle, _gemm: &Gemm, _stream: Handle) -> Result<()> {
        drop(self.inside("multiply")?);
        let library = &crate::blas::CUBLAS;
        Err(Failure::Missing { library: library.what, tried: "nothing".to_owned(), hint: library.hint })
    }
    fn compiler(&self) -> Result<(u32, u32)> {
        if self.inspect().no_compiler { Err(no_compiler()) } else { Ok((13, 0)) }
    }
    fn architectures(&self) -> Result<Vec<u32>> {
        Ok(vec![75, 80, 86, 90, 100])
    }
    fn compile(&self, unit: &str, source: &str, arch: u32, options: &[&str]) -> Result<Vec<u8>> {
        if self.state("compile").no_compiler {
            return Err(no_compiler());
        }
        if source.contains("#error") {
            return Err(Failure::Compile { unit: unit.to_owned(), arch, log: "#error".to_owned() });
        }
        Ok(format!("{unit} {arch} {}", options.join(" ")).into_bytes())
    }
}
