//! What the host does with a device, on a driver that keeps accounts (`fake.rs`).

use std::sync::{Arc, Mutex};

use purify_ops::{Backend, DType, Device, ErrorKind, Layout, Scalar, Tensor};

use crate::backend::Cuda;
use crate::cubins::Cubins;
use crate::driver::{Driver, Grid, Handle};
use crate::error::Failure;
use crate::fake::Fake;
use crate::gpu::{Gpu, hand_over};
use crate::launch::Arguments;

const ONE: Grid = Grid { blocks: 1, rows: 1, threads: 32 };

fn start(fake: &Arc<Fake>, ordinal: u32) -> Arc<Gpu> {
    Gpu::start(fake.clone(), ordinal, Cubins::new(None)).unwrap()
}

fn fill_unit() -> Option<purify_kernels::Unit> {
    purify_kernels::table().ok()?.kernel("fill", None, "uint32")
}

/// A kernel that names itself by the number of its blocks.
fn launch(gpu: &Gpu, number: u32) {
    // SAFETY: the kernels of this driver look at nothing.
    unsafe { gpu.launch("fill_uint32", fill_unit, Grid { blocks: number, ..ONE }, Arguments::new().with(number)).unwrap() }
}

/// Numbers of the kernels in the order in which they ran.
fn watch(fake: &Fake) -> Arc<Mutex<Vec<u32>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    fake.on_kernel(move |launch| log.lock().unwrap().push(launch.grid.blocks));
    seen
}

#[test]
fn everything_is_given_back() {
    let fake = Arc::new(Fake::new(1, 1 << 30));
    let gpu = start(&fake, 0);
    let stream = gpu.new_stream().unwrap();
    let storages: Vec<_> = (0..5).map(|i| gpu.allocate(1 << (4 * i)).unwrap()).collect();
    let mut back = vec![0; 16];
    // SAFETY: the third block is longer.
    unsafe {
        let address = storages[2].as_ptr() as u64;
        gpu.upload(b"sixteen numbers!", address).unwrap();
        gpu.download(address, &mut back).unwrap();
    }
    assert_eq!(back, b"sixteen numbers!");
    stream.with(|| launch(&gpu, 1));
    gpu.order(stream.handle(), gpu.stream()).unwrap();
    assert!(gpu.time(|| Ok::<_, Failure>(())).unwrap() > 0.0);
    drop((storages, stream));
    drop(gpu);
    assert_eq!((fake.allocated(), fake.leaks()), (0, 0));
}

#[test]
fn memory_that_another_stream_used_is_reused_after_it() {
    let fake = Arc::new(Fake::new(1, 1 << 30));
    let gpu = start(&fake, 0);
    let seen = watch(&fake);
    let stream = gpu.new_stream().unwrap();
    let x = gpu.allocate(1000).unwrap();
    let address = x.as_ptr();
    stream.with(|| {
        gpu.use_on(&x, gpu.stream()).unwrap();
        launch(&gpu, 1);
    });
    drop(x);
    let y = gpu.allocate(1000).unwrap();
    assert_eq!(y.as_ptr(), address);
    launch(&gpu, 2);
    gpu.synchronize().unwrap();
    assert_eq!(*seen.lock().unwrap(), [1, 2]);
}

#[test]
fn the_use_of_a_tensor_on_two_streams_keeps_its_order() {
    let fake = Arc::new(Fake::new(1, 1 << 30));
    let gpu = start(&fake, 0);
    let seen = watch(&fake);
    let (a, b) = (gpu.new_stream().unwrap(), gpu.new_stream().unwrap());
    let x = gpu.allocate(1000).unwrap();
    for (number, stream) in [(1, &a), (2, &b), (3, &a), (4, &b)] {
        stream.with(|| {
            gpu.use_on(&x, gpu.stream()).unwrap();
            launch(&gpu, number);
        });
    }
    b.synchronize().unwrap();
    assert_eq!(*seen.lock().unwrap(), [1, 2, 3, 4]);
}

#[test]
fn what_one_stream_does_alone_waits_for_nobody() {
    let fake = Arc::new(Fake::new(1, 1 << 30));
    let gpu = start(&fake, 0);
    let x = gpu.allocate(1000).unwrap();
    for number in 1..5 {
        gpu.use_on(&x, gpu.stream()).unwrap();
        launch(&gpu, number);
    }
    assert_eq!((fake.calls("wait"), fake.calls("synchronize"), fake.calls("launch")), (0, 0, 4));
}

#[test]
fn memory_handed_to_another_library_comes_back_after_its_stream() {
    let fake = Arc::new(Fake::new(1, 1 << 30));
    let gpu = start(&fake, 0);
    let seen = watch(&fake);
    let theirs = fake.stream().unwrap();
    let x = gpu.allocate(1000).unwrap();
    launch(&gpu, 1);
    hand_over(&x, theirs.0).unwrap();
    gpu.call(|d| {
        let module = d.load(b"theirs")?;
        let function = d.function(module, "theirs")?;
        // SAFETY: as in `launch`.
        unsafe { d.launch(function, Grid { blocks: 2, ..ONE }, theirs, &mut []) }
    })
    .unwrap();
    drop(x);
    launch(&gpu, 3);
    gpu.synchronize().unwrap();
    assert_eq!(*seen.lock().unwrap(), [1, 2, 3]);
}

#[test]
fn memory_of_another_library_is_let_go_when_we_are_done() {
    struct Owner(Arc<Mutex<Vec<u32>>>);
    impl Drop for Owner {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(99);
        }
    }
    let fake = Arc::new(Fake::new(1, 1 << 30));
    let gpu = start(&fake, 0);
    let seen = watch(&fake);
    let (address, owner) = (fake.allocate(64).unwrap(), Box::new(Owner(seen.clone())));
    let data = std::ptr::NonNull::new(std::ptr::with_exposed_provenance_mut(address as usize)).unwrap();
    // SAFETY: the block is as long, and nobody frees it.
    let x = unsafe { gpu.adopt(data, 64, true, owner) };
    launch(&gpu, 1);
    drop(x);
    assert_eq!(*seen.lock().unwrap(), [1, 99]);
}

#[test]
fn a_lost_device_is_said_to_be_lost_and_not_called_again() {
    let fake = Arc::new(Fake::new(1, 1 << 30));
    let cuda = Cuda::new(start(&fake, 0));
    let storage = cuda.allocate(64).unwrap();
    fake.lose();
    let x = Tensor::from_parts(storage, Layout::contiguous("x", &[8]).unwrap(), DType::Float64).unwrap();
    for _ in 0..2 {
        let error = cuda.to_host(&x).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DeviceLost);
        assert!(error.to_string().contains("cuda:0: the device is lost") && error.to_string().contains("ILLEGAL_ADDRESS"), "{error}");
    }
    let calls = fake.calls("copy_to_host") + fake.calls("allocate_pinned") + fake.calls("event");
    assert_eq!(calls, 1);
    assert_eq!(cuda.allocate(8).unwrap_err().kind(), ErrorKind::DeviceLost);
    drop(x);
}

#[test]
fn memory_that_runs_out_is_an_error_with_the_account() {
    let fake = Arc::new(Fake::new(1, 64 << 20));
    let cuda = Cuda::new(start(&fake, 0));
    let held = cuda.allocate(40 << 20).unwrap();
    let error = cuda.allocate(40 << 20).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeviceMemory);
    let parts = ["cuda:0", "cannot allocate 41943040 bytes", "tensors hold 41943040", "25165824 of 67108864 are free"];
    assert!(parts.iter().all(|part| error.to_string().contains(part)), "{error}");
    drop(held);
    cuda.allocate(40 << 20).unwrap();
}

#[test]
fn devices_are_apart() {
    let fake = Arc::new(Fake::new(2, 1 << 30));
    let (first, second) = (start(&fake, 0), start(&fake, 1));
    assert_eq!((first.device(), second.device()), (Device::Cuda(0), Device::Cuda(1)));
    let stream = first.new_stream().unwrap();
    stream.with(|| {
        assert_eq!(first.stream(), stream.handle());
        assert_ne!(second.stream(), stream.handle());
    });
    let _held = first.allocate(1000).unwrap();
    assert_eq!((first.memory_stats().blocks, second.memory_stats().blocks), (1, 0));
    let absent = Gpu::start(fake.clone(), 2, Cubins::new(None)).err();
    assert_eq!(absent, Some(Failure::NoDevice { ordinal: 2, count: 2 }));
}

#[test]
fn every_thread_enters_the_context_by_itself() {
    let fake = Arc::new(Fake::new(1, 1 << 30));
    let gpu = start(&fake, 0);
    std::thread::scope(|scope| {
        for number in 1..5 {
            let gpu = &gpu;
            scope.spawn(move || {
                let _held = gpu.allocate(100 * number as usize).unwrap();
                launch(gpu, number);
                gpu.synchronize().unwrap();
            });
        }
    });
    assert_eq!((gpu.counts(), gpu.memory_stats().blocks), ((4, 1), 0));
}

#[test]
fn kernels_come_from_the_disk_and_are_made_anew_where_that_fails() {
    let folder = tempfile::tempdir().unwrap();
    let run = |fake: &Arc<Fake>| {
        let gpu = Gpu::start(fake.clone(), 0, Cubins::new(Some(folder.path().to_owned()))).unwrap();
        launch(&gpu, 1);
        launch(&gpu, 2);
        gpu.counts().1
    };
    let fake = Arc::new(Fake::new(1, 1 << 30));
    assert_eq!((run(&fake), run(&fake), fake.calls("compile")), (1, 0, 1));
    // Without a compiler what is there still runs.
    fake.without_compiler();
    assert_eq!(run(&fake), 0);
    let fake = Arc::new(Fake::new(1, 1 << 30));
    fake.refuse_next_load();
    assert_eq!((run(&fake), run(&fake)), (1, 0));
}

#[test]
fn without_a_compiler_a_new_kernel_is_an_error_that_says_what_is_missing() {
    let fake = Arc::new(Fake::new(1, 1 << 30));
    fake.without_compiler();
    let cuda = Cuda::new(start(&fake, 0));
    let x = Tensor::from_parts(cuda.allocate(8).unwrap(), Layout::contiguous("x", &[1]).unwrap(), DType::Float64).unwrap();
    let error = cuda.fill(&x, Scalar::Float(1.0)).unwrap_err().to_string();
    assert!(error.contains("NVRTC") && error.contains("pip install nvidia-cuda-nvrtc"), "{error}");
}

#[test]
fn code_is_made_for_the_newest_architecture_that_runs_on_the_device() {
    for (device, expected) in [(90, Some("sm_90")), (89, Some("sm_86")), (75, Some("sm_75")), (120, None)] {
        let fake = Arc::new(Fake::new(1, 1 << 30));
        fake.be(device);
        let gpu = start(&fake, 0);
        // SAFETY: as in `launch`.
        let done = unsafe { gpu.launch("fill_uint32", fill_unit, ONE, Arguments::new()) };
        match expected {
            Some(arch) => assert!(done.is_ok() && fake.images()[0].contains(&arch[3..]), "{device}: {:?}", fake.images()),
            None => {
                let text = done.unwrap_err().to_string();
                assert!(text.contains("not for sm_120") && text.contains("sm_75, sm_80"), "{text}");
            }
        }
    }
}

#[test]
fn streams_and_events_are_used_again() {
    let fake = Arc::new(Fake::new(1, 1 << 30));
    let gpu = start(&fake, 0);
    let first: Handle = gpu.new_stream().unwrap().handle();
    assert_eq!(gpu.new_stream().unwrap().handle(), first);
    for _ in 0..10 {
        gpu.order(first, gpu.stream()).unwrap();
    }
    assert_eq!((fake.calls("stream"), fake.calls("event")), (2, 1));
}
