//! NumPy's `.npz` format: a ZIP archive of `.npy` files.

use std::path::Path;

use super::npy::{Prepared, read_npy};
use super::zip::{self, Entry};
use super::{read_file, write_file};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// An opened archive whose arrays are read when asked for.
pub struct Npz {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// Opens an archive held in memory.
///
/// # Errors
/// [`Error::Value`] when the bytes are not a ZIP archive or its directory is damaged.
pub fn read_npz(bytes: impl Into<Vec<u8>>) -> Result<Npz> {
    let bytes = bytes.into();
    let entries = zip::entries(&bytes)?;
    Ok(Npz { bytes, entries })
}

/// Opens an `.npz` file.
///
/// # Errors
/// As [`read_npz`]; [`Error::Io`] when the file cannot be read.
pub fn load_npz(path: impl AsRef<Path>) -> Result<Npz> {
    read_npz(read_file("load_npz", path.as_ref())?)
}

impl Npz {
    /// The names of the arrays, in the order of the archive.
    pub fn names(&self) -> Vec<&str> {
        self.entries.iter().map(|e| e.name.strip_suffix(".npy").unwrap_or(&e.name)).collect()
    }

    /// The array of that name.
    ///
    /// # Errors
    /// [`Error::Value`] when there is none or it is damaged; see [`read_npy`].
    pub fn get(&self, name: &str) -> Result<Tensor> {
        let found = self.names().into_iter().position(|n| n == name).or_else(|| self.entries.iter().position(|e| e.name == name));
        let Some(index) = found else {
            return Err(Error::value("read_npz", format!("no array {name:?}; the archive holds {:?}", self.names())));
        };
        read_npy(&self.entries[index].content(&self.bytes)?)
    }

    /// All arrays with their names.
    ///
    /// # Errors
    /// As [`Npz::get`].
    pub fn all(&self) -> Result<Vec<(String, Tensor)>> {
        self.names().into_iter().map(|name| Ok((name.to_owned(), self.get(name)?))).collect()
    }
}

fn prepare(arrays: &[(&str, &Tensor)]) -> Result<Vec<(String, Prepared)>> {
    let mut out: Vec<(String, Prepared)> = Vec::with_capacity(arrays.len());
    for (name, tensor) in arrays {
        let name = format!("{name}.npy");
        if name.len() > usize::from(u16::MAX) || out.iter().any(|(other, _)| *other == name) {
            return Err(Error::value("write_npz", format!("array name {name:?} is too long or given twice")));
        }
        out.push((name, Prepared::new(tensor)?));
    }
    Ok(out)
}

fn write_prepared(arrays: &[(String, Prepared)], compressed: bool, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let mut writer = zip::Writer::new(out);
    for (name, prepared) in arrays {
        let mut content = Vec::new();
        content
            .try_reserve_exact(usize::try_from(prepared.size()).unwrap_or(usize::MAX))
            .map_err(|_| std::io::Error::from(std::io::ErrorKind::OutOfMemory))?;
        prepared.write(&mut content)?;
        writer.add(name, &content, compressed)?;
    }
    writer.finish()
}

/// The arrays as the bytes of an `.npz` file, stored or deflated.
///
/// # Errors
/// [`Error::DType`] for bfloat16, [`Error::Value`] for a name given twice.
pub fn write_npz(arrays: &[(&str, &Tensor)], compressed: bool) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    write_prepared(&prepare(arrays)?, compressed, &mut out).map_err(|cause| Error::Io { op: "write_npz", message: cause.to_string() })?;
    Ok(out)
}

/// Writes an `.npz` file; an existing one is replaced only when everything was written.
///
/// # Errors
/// As [`write_npz`]; [`Error::Io`] when the file cannot be written.
pub fn save_npz(path: impl AsRef<Path>, arrays: &[(&str, &Tensor)], compressed: bool) -> Result<()> {
    let prepared = prepare(arrays)?;
    write_file("save_npz", path.as_ref(), |out| write_prepared(&prepared, compressed, out))
}
