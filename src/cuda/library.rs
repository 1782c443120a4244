//! Finding the libraries of CUDA before anything calls them: a missing one is an error that says what was tried.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cudarc::get_lib_name_candidates;

use crate::error::{Failure, Result};

/// A library that is loaded at run time, and the functions of it that are called.
pub struct Library {
    /// What it is, for messages.
    pub what: &'static str,
    /// Its name without prefix and suffix.
    pub name: &'static str,
    /// Names of files that it needs beside it and does not find by itself.
    pub beside: &'static [&'static str],
    /// The functions that are called.
    pub symbols: &'static [&'static str],
    /// The version that has all of them.
    pub needed: &'static str,
    /// What brings it.
    pub hint: &'static str,
}

/// Folders to look in before the names that the system's loader knows.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Adds a folder in which libraries of CUDA are looked for, such as `site-packages/nvidia/cu13/lib`.
pub fn add_folder(folder: &Path) {
    let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if !folders.iter().any(|f| f == folder) {
        folders.push(folder.to_owned());
    }
}

/// What `PURIFY_CUDA_PATH` names, what was added, and where toolkits usually are.
fn folders() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::env::var_os("PURIFY_CUDA_PATH").map(|v| std::env::split_paths(&v).filter(|p| p.is_dir()).collect()).unwrap_or_default();
    all.extend(FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
    let toolkit = ["CUDA_HOME", "CUDA_PATH"].iter().filter_map(std::env::var_os).map(|root| PathBuf::from(root).join("lib64"));
    all.extend(toolkit.chain([PathBuf::from("/usr/local/cuda/lib64")]).filter(|p| p.is_dir()));
    all
}

impl Library {
    /// Loads the library and checks that it has what is called; afterwards the bindings of `cudarc` find it.
    ///
    /// # Errors
    /// [`Failure::Missing`], [`Failure::Outdated`].
    pub fn load(&self) -> Result<()> {
        let folders = folders();
        let kept: Vec<libloading::Library> = folders.iter().filter_map(|folder| self.load_from(folder)).take(1).collect();
        // Never unloaded: kernels and contexts outlive every scope that could hold the library.
        kept.into_iter().for_each(std::mem::forget);
        let library = get_lib_name_candidates(self.name).into_iter().find_map(|name| open(Path::new(&name)));
        let Some(library) = library else { return Err(self.missing(&folders)) };
        let absent = self.symbols.iter().find(|symbol| !has(&library, symbol));
        std::mem::forget(library);
        match absent {
            None => Ok(()),
            Some(symbol) => Err(Failure::Outdated { library: self.what, symbol, needed: self.needed }),
        }
    }

    /// The library from a folder, after what it needs beside it.
    fn load_from(&self, folder: &Path) -> Option<libloading::Library> {
        for name in self.beside {
            files(folder, name).iter().filter_map(|path| open(path)).for_each(std::mem::forget);
        }
        files(folder, self.name).iter().find_map(|path| open(path))
    }

    fn missing(&self, folders: &[PathBuf]) -> Failure {
        let mut tried = format!("lib{0}.so and lib{0}.so.13 to .1 of the system's loader", self.name);
        for folder in folders {
            tried.push_str(&format!(", {}", folder.display()));
        }
        Failure::Missing { library: self.what, tried, hint: self.hint }
    }
}

/// Files `libNAME.so*` of a folder, newest version first.
fn files(folder: &Path, name: &str) -> Vec<PathBuf> {
    let stem = format!("lib{name}.so");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = entries.filter(|p| p.file_name().is_some_and(|f| f.to_string_lossy().starts_with(&stem))).collect();
    found.sort();
    found.reverse();
    found
}

/// Opens a library with its symbols visible to those loaded later.
fn open(path: &Path) -> Option<libloading::Library> {
    #[cfg(unix)]
    {
        use libloading::os::unix;
        // SAFETY: the libraries of CUDA run nothing but their own initialisers when they are loaded.
        unsafe { unix::Library::open(Some(path), unix::RTLD_NOW | unix::RTLD_GLOBAL) }.ok().map(Into::into)
    }
    #[cfg(not(unix))]
    {
        // SAFETY: as above.
        unsafe { libloading::Library::new(path) }.ok()
    }
}

fn has(library: &libloading::Library, symbol: &str) -> bool {
    // SAFETY: the symbol is only looked for, not called.
    unsafe { library.get::<*const ()>(symbol.as_bytes()) }.is_ok()
}

/// The driver.
pub const DRIVER: Library = Library {
    what: "the CUDA driver (libcuda)",
    name: "cuda",
    beside: &[],
    symbols: &[
        "cuInit",
        "cuDriverGetVersion",
        "cuDeviceGetCount",
        "cuDeviceGet",
        "cuDeviceGetName",
        "cuDeviceTotalMem_v2",
        "cuDeviceGetAttribute",
        "cuDevicePrimaryCtxRetain",
        "cuDevicePrimaryCtxRelease_v2",
        "cuCtxSetCurrent",
        "cuCtxSynchronize",
        "cuStreamCreate",
        "cuStreamDestroy_v2",
        "cuStreamSynchronize",
        "cuStreamWaitEvent",
        "cuEventCreate",
        "cuEventDestroy_v2",
        "cuEventRecord",
        "cuEventSynchronize",
        "cuEventElapsedTime_v2",
        "cuMemGetInfo_v2",
        "cuMemAlloc_v2",
        "cuMemFree_v2",
        "cuMemAllocHost_v2",
        "cuMemFreeHost",
        "cuMemcpyHtoDAsync_v2",
        "cuMemcpyDtoHAsync_v2",
        "cuMemcpyDtoDAsync_v2",
        "cuMemsetD8Async",
        "cuModuleLoadData",
        "cuModuleUnload",
        "cuModuleGetFunction",
        "cuLaunchKernel",
        "cuGetErrorName",
        "cuGetErrorString",
    ],
    needed: "12.8",
    hint: "it comes with NVIDIA's display driver; without a GPU use device=\"cpu\"",
};

/// The compiler.
pub const NVRTC: Library = Library {
    what: "NVRTC, CUDA's run-time compiler (libnvrtc)",
    name: "nvrtc",
    beside: &["nvrtc-builtins"],
    symbols: &[
        "nvrtcVersion",
        "nvrtcGetErrorString",
        "nvrtcGetNumSupportedArchs",
        "nvrtcGetSupportedArchs",
        "nvrtcCreateProgram",
        "nvrtcDestroyProgram",
        "nvrtcCompileProgram",
        "nvrtcGetProgramLogSize",
        "nvrtcGetProgramLog",
        "nvrtcGetCUBINSize",
        "nvrtcGetCUBIN",
    ],
    needed: "11.2",
    hint: "pip install nvidia-cuda-nvrtc, or name its folder in PURIFY_CUDA_PATH",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_library_is_an_error_that_says_what_was_tried() {
        let folder = tempfile::tempdir().unwrap();
        add_folder(folder.path());
        let nothing = Library { name: "purify_no_such_library", ..NVRTC };
        let message = nothing.load().unwrap_err().to_string();
        for part in ["NVRTC", "libpurify_no_such_library.so", &folder.path().display().to_string(), "pip install nvidia-cuda-nvrtc"] {
            assert!(message.contains(part), "{part} is not in: {message}");
        }
    }

    #[test]
    fn a_library_without_a_function_is_an_error_that_names_it() {
        // The C library is everywhere; it has no function of NVRTC.
        let other = Library { name: "m", symbols: &["cos", "nvrtcVersion"], ..NVRTC };
        match other.load() {
            Err(Failure::Outdated { symbol, .. }) => assert_eq!(symbol, "nvrtcVersion"),
            // `libm.so` is a text for the linker on machines with a compiler, and libm.so.6 is no candidate.
            Err(Failure::Missing { .. }) => {}
            found => panic!("{found:?}"),
        }
    }
}
