//! The whole host side without a GPU: `cudarc`'s bindings, the driver layer, the allocator, the cache of kernels and the backend
//! run on the emulated driver and compiler of `tests/emulator`, which run the kernels for real, one thread after the other.
//!
//! It shows that arguments, geometry and orders are right, not speed, nor what happens when threads run at the same time.
//! Without a C++ compiler it says SKIPPED.

mod device;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use purify_cuda::{Cubins, Cuda, Failure, Gpu, Real};
use purify_ops::*;

fn main() {
    let Some(compiler) = compiler() else {
        println!("SKIPPED: no C++ compiler for the emulator; install g++, or name one in CXX");
        return;
    };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    build(&compiler, &folder);
    // SAFETY: no other thread runs yet.
    unsafe {
        std::env::set_var("PURIFY_CUDA_PATH", &folder);
        std::env::set_var("PURIFY_CUDA_CACHE", folder.join("cubins"));
        std::env::set_var("EMULATOR", emulator());
        std::env::set_var("CXX", &compiler);
    }
    purify_cuda::register();
    let only: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    for (name, test) in TESTS.iter().chain(device::TESTS) {
        if only.is_empty() || only.iter().any(|part| name.contains(part.as_str())) {
            println!("emulated: {name}");
            test();
        }
    }
    if std::env::args().any(|a| a == "--sweep") {
        let (compared, differences) = device::sweep(&[DType::Float32, DType::Int16, DType::Bool]);
        assert!(compared > 100 && differences.is_empty(), "{}", differences.join("\n"));
    }
    println!("emulated: all passed");
}

const TESTS: &[(&str, fn())] = &[
    ("the device is what the driver says", the_device_is_what_the_driver_says),
    ("a kernel is compiled once", a_kernel_is_compiled_once),
    ("products go to the library", products_go_to_the_library),
];

fn emulator() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/emulator")
}

fn compiler() -> Option<String> {
    let named = std::env::var("CXX").ok().filter(|name| !name.is_empty());
    named.into_iter().chain(["g++".to_owned(), "clang++".to_owned()]).find(|name| Command::new(name).arg("--version").output().is_ok())
}

/// The emulated libraries, under the names by which `cudarc` asks first. What older ones compiled is thrown away.
fn build(compiler: &str, folder: &Path) {
    let age = |path: PathBuf| path.metadata().and_then(|m| m.modified()).ok();
    let newest = ["cuda.cpp", "nvrtc.cpp", "cublas.cpp", "device.h"].iter().filter_map(|name| age(emulator().join(name))).max();
    if ["libcuda.so", "libnvrtc.so", "libcublas.so"].iter().all(|name| age(folder.join(name)) > newest) {
        return;
    }
    let _ = std::fs::remove_dir_all(folder.join("cubins"));
    for name in ["cuda", "nvrtc", "cublas"] {
        let mut command = Command::new(compiler);
        command.args(["-std=c++17", "-O1", "-fPIC", "-shared"]).arg(emulator().join(format!("{name}.cpp")));
        command.arg("-o").arg(folder.join(format!("lib{name}.so"))).args(["-ldl", &format!("-Wl,-soname,lib{name}.so")]);
        assert!(command.status().is_ok_and(|status| status.success()), "the emulator does not compile");
    }
}

fn the_device_is_what_the_driver_says() {
    let gpu = purify_cuda::backend(0).unwrap().gpu();
    assert_eq!((gpu.info().name.as_str(), gpu.info().arch, purify_cuda::count().unwrap()), ("emulated", 90, 1));
    assert_eq!(gpu.device(), Device::Cuda(0));
    assert_eq!(gpu.memory_info().unwrap().1, gpu.info().memory);
}

fn a_kernel_is_compiled_once() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let gpu = Gpu::start(Arc::new(Real::start().unwrap()), 0, Cubins::new(Some(folder.path().to_owned()))).unwrap();
        let cuda = Cuda::new(gpu);
        let x = Tensor::from_parts(cuda.allocate(64).unwrap(), Layout::contiguous("x", &[8]).unwrap(), DType::Float64).unwrap();
        cuda.fill(&x, Scalar::Float(1.5)).unwrap();
        cuda.fill(&x, Scalar::Float(2.5)).unwrap();
        (cuda.gpu().counts(), cuda.to_host(&x).unwrap().to_vec::<f64>().unwrap())
    };
    assert_eq!(run(), ((2, 1), vec![2.5; 8]));
    assert_eq!(run(), ((2, 0), vec![2.5; 8]));
    // A damaged entry is compiled anew.
    let entry = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&entry, b"damaged").unwrap();
    assert_eq!(run(), ((2, 1), vec![2.5; 8]));
    // A whole one that the driver does not load, too.
    let bad = Gpu::start(Arc::new(Real::start().unwrap()), 7, Cubins::new(None));
    assert!(matches!(bad, Err(Failure::NoDevice { ordinal: 7, count: 1 })));
}

/// Complex numbers have no kernel: without the library the host would compute them.
fn products_go_to_the_library() {
    let x = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], &[2, 2]).unwrap().to_device(Device::Cuda(0)).unwrap();
    let product = matmul(&x.astype(DType::Complex64).unwrap(), &x.astype(DType::Complex64).unwrap()).unwrap();
    assert_eq!(product.cast_vec::<f64>().unwrap(), [7.0, 10.0, 15.0, 22.0]);
    let cuda = purify_cuda::backend(0).unwrap();
    assert_eq!(cuda.fallbacks().get("matmul"), None);
    assert!(!cuda.gpu().entries().iter().any(|entry| entry.starts_with("matmul")));
}
