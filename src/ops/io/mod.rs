//! Reading and writing tensors: NumPy's `.npy` and `.npz`, and safetensors. Nothing read is ever executed.
//!
//! Every size in a file is checked against the bytes that are really there before memory is asked for, so a damaged
//! or hostile file gives an error. Object arrays, which need Python's pickle, are refused.
//!
//! ```
//! use purify_ops::{Tensor, io};
//! let x = Tensor::from_vec(vec![1.0f32, 2.0, 3.0], &[3])?;
//! let bytes = io::write_npy(&x)?;
//! assert_eq!(io::read_npy(&bytes)?.to_vec::<f32>()?, [1.0, 2.0, 3.0]);
//! # Ok::<(), purify_ops::Error>(())
//! ```

mod elements;
mod header;
mod npy;
mod npz;
mod safetensors;
#[cfg(test)]
mod tests;
mod zip;

pub use npy::{load_npy, read_npy, save_npy, write_npy};
pub use npz::{Npz, load_npz, read_npz, save_npz, write_npz};
pub use safetensors::{SafeTensors, load_safetensors, read_safetensors, save_safetensors, write_safetensors};

use std::path::Path;

use crate::error::{Error, Result};

/// An error of the file system with the path it concerns.
fn io_error(op: &'static str, path: &Path, cause: &std::io::Error) -> Error {
    Error::Io { op, message: format!("{}: {cause}", path.display()) }
}

/// The bytes of a file.
fn read_file(op: &'static str, path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|cause| io_error(op, path, &cause))
}

/// Writes a file through a neighbour that is renamed at the end, so that a failure leaves no half-written file.
fn write_file(op: &'static str, path: &Path, write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> Result<()> {
    let fail = |cause: std::io::Error| io_error(op, path, &cause);
    if path.exists() && !path.is_file() {
        // Pipes and devices cannot be replaced.
        let mut file = std::fs::OpenOptions::new().write(true).open(path).map_err(fail)?;
        return write(&mut file).map_err(fail);
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let result = (|| {
        let mut file = std::io::BufWriter::with_capacity(1 << 18, std::fs::File::create(&part)?);
        write(&mut file)?;
        std::io::Write::flush(&mut file)?;
        std::fs::rename(&part, path)
    })();
    result.map_err(|cause| {
        // The first failure is what matters; the leftover may not even exist.
        let _ = std::fs::remove_file(&part);
        fail(cause)
    })
}
