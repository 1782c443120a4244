//! NumPy's `.npy` format, versions 1 to 3 (NEP 1).

use std::io::{Read, Write};
use std::path::Path;

use super::elements;
use super::header::{self, Header, MAX_HEADER};
use super::{io_error, write_file};
use crate::dispatch;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::layout::checked_size;
use crate::storage::Device;
use crate::tensor::Tensor;

const OP: &str = "read_npy";

fn truncated(what: &str) -> Error {
    Error::value(OP, format!("the file ends inside {what}"))
}

/// Reads a tensor from the bytes of an `.npy` file. Bytes behind the array are ignored.
///
/// # Errors
/// [`Error::Value`] for other formats, damaged files, object and structured arrays and unsupported dtypes.
pub fn read_npy(bytes: &[u8]) -> Result<Tensor> {
    let mut reader = bytes;
    read(&mut reader, bytes.len() as u64)
}

/// Reads an `.npy` file.
///
/// # Errors
/// As [`read_npy`]; [`Error::Io`] when the file cannot be read.
pub fn load_npy(path: impl AsRef<Path>) -> Result<Tensor> {
    let path = path.as_ref();
    let fail = |cause: std::io::Error| io_error("load_npy", path, &cause);
    let file = std::fs::File::open(path).map_err(fail)?;
    let length = file.metadata().map_err(fail)?.len();
    let mut reader = std::io::BufReader::with_capacity(1 << 16, file);
    read(&mut reader, length).map_err(|error| match error {
        Error::Value { op, message } => Error::Value { op, message: format!("{}: {message}", path.display()) },
        other => other,
    })
}

/// Reads a tensor from a reader that holds `length` bytes.
pub(super) fn read(reader: &mut dyn Read, length: u64) -> Result<Tensor> {
    let mut start = [0u8; 8];
    reader.read_exact(&mut start).map_err(|_| truncated("the magic number"))?;
    if &start[..6] != b"\x93NUMPY" {
        return Err(Error::value(OP, "not an npy file: it does not start with \\x93NUMPY"));
    }
    let mut size = [0u8; 4];
    let wide = match start[6] {
        1 => 2,
        2 | 3 => 4,
        major => {
            let message = format!("format version {major}.{} is unknown; 1.0, 2.0 and 3.0 are read", start[7]);
            return Err(Error::value(OP, message));
        }
    };
    reader.read_exact(&mut size[..wide]).map_err(|_| truncated("the header"))?;
    let size = u32::from_le_bytes(size) as usize;
    let before = 8 + wide as u64;
    if size > MAX_HEADER || size as u64 > length.saturating_sub(before) {
        let message = format!("a header of {size} bytes in a file of {length} bytes; at most {MAX_HEADER} are read");
        return Err(Error::value(OP, message));
    }
    let mut text = vec![0u8; size];
    reader.read_exact(&mut text).map_err(|_| truncated("the header"))?;
    // Versions 1 and 2 are Latin-1; what a supported header holds is ASCII in every version.
    let text = String::from_utf8(text).map_err(|_| Error::value(OP, "the header is not text"))?;
    let header = header::parse(&text)?;
    read_array(reader, &header, length - before - size as u64)
}

fn read_array(reader: &mut dyn Read, header: &Header, available: u64) -> Result<Tensor> {
    let count = checked_size(OP, &header.shape)?;
    let bytes = (count as u64).checked_mul(header.dtype.size() as u64);
    if bytes.is_none_or(|bytes| bytes > available) {
        let message = format!("shape {:?} of {} needs more than the {available} bytes that follow the header", header.shape, header.dtype);
        return Err(Error::value(OP, message));
    }
    let mut shape = header.shape.clone();
    if header.fortran_order {
        shape.reverse();
    }
    let out = dispatch!(header.dtype, T => read_elements::<T>(reader, &shape, header.big_endian))?;
    Ok(if header.fortran_order { out.transpose() } else { out })
}

/// A new contiguous tensor with elements from the reader.
pub(super) fn read_elements<T: elements::Portable + Element>(reader: &mut dyn Read, shape: &[usize], big_endian: bool) -> Result<Tensor> {
    let failed = |_| truncated("the array");
    if T::DTYPE == DType::Bool {
        // Fresh memory need not hold valid truth values.
        let mut data = crate::memory::zeros::<T>(checked_size(OP, shape)?)?;
        elements::read(reader, &mut data, false).map_err(failed)?;
        return Tensor::from_vec(data, shape);
    }
    let out = Tensor::uninit(OP, shape, T::DTYPE, Device::Cpu)?;
    // SAFETY: the tensor was made here and is shared with nobody; every bit pattern is a valid number.
    elements::read(reader, unsafe { out.as_mut_slice::<T>()? }, big_endian).map_err(failed)?;
    Ok(out)
}

/// The tensor as the bytes of an `.npy` file of version 1.0, equal to what NumPy writes.
///
/// # Errors
/// [`Error::DType`] for bfloat16, which the format cannot name.
pub fn write_npy(tensor: &Tensor) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    out.try_reserve_exact(tensor.size() * tensor.dtype().size() + 256)
        .map_err(|_| Error::OutOfMemory { bytes: tensor.size() * tensor.dtype().size() })?;
    Prepared::new(tensor)?.write(&mut out).map_err(|cause| Error::Io { op: "write_npy", message: cause.to_string() })?;
    Ok(out)
}

/// Writes an `.npy` file; an existing one is replaced only when everything was written.
///
/// # Errors
/// As [`write_npy`]; [`Error::Io`] when the file cannot be written.
pub fn save_npy(path: impl AsRef<Path>, tensor: &Tensor) -> Result<()> {
    let prepared = Prepared::new(tensor)?;
    write_file("save_npy", path.as_ref(), |writer| prepared.write(writer))
}

/// A header and a contiguous host tensor that follows it.
pub(super) struct Prepared {
    header: Vec<u8>,
    tensor: Tensor,
}

impl Prepared {
    pub(super) fn new(tensor: &Tensor) -> Result<Self> {
        let tensor = tensor.to_device(Device::Cpu)?;
        let fortran_order = tensor.layout().is_f_contiguous() && !tensor.is_contiguous();
        let header = header::write(tensor.dtype(), fortran_order, tensor.shape())?;
        let tensor = if fortran_order { tensor.transpose() } else { tensor.contiguous()? };
        Ok(Prepared { header, tensor })
    }

    pub(super) fn write(&self, writer: &mut dyn Write) -> std::io::Result<()> {
        writer.write_all(&self.header)?;
        write_elements(writer, &self.tensor)
    }

    pub(super) fn size(&self) -> u64 {
        self.header.len() as u64 + (self.tensor.size() * self.tensor.dtype().size()) as u64
    }
}

/// The elements of a contiguous host tensor in little-endian order.
pub(super) fn write_elements(writer: &mut dyn Write, tensor: &Tensor) -> std::io::Result<()> {
    dispatch!(tensor.dtype(), T => {
        let values = tensor.as_slice::<T>().map_err(std::io::Error::other)?;
        elements::write(writer, values)
    })
}
