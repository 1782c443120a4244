//! The safetensors format: a JSON header that names tensors, then their bytes.
//!
//! Layout after the format's README: 8 bytes little-endian header length, the header padded with spaces to a multiple
//! of 8, the data without gaps.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::npy::{read_elements, write_elements};
use super::{read_file, write_file};
use crate::dispatch;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::checked_size;
use crate::storage::Device;
use crate::tensor::Tensor;

/// Longest header that is read, as in the reference implementation.
const MAX_HEADER: u64 = 100_000_000;

/// Dtypes in the order in which the reference implementation lays tensors out, last first.
const DTYPES: [(&str, DType); 14] = [
    ("BOOL", DType::Bool),
    ("U8", DType::UInt8),
    ("I8", DType::Int8),
    ("I16", DType::Int16),
    ("U16", DType::UInt16),
    ("F16", DType::Float16),
    ("BF16", DType::BFloat16),
    ("I32", DType::Int32),
    ("U32", DType::UInt32),
    ("F32", DType::Float32),
    ("C64", DType::Complex64),
    ("F64", DType::Float64),
    ("I64", DType::Int64),
    ("U64", DType::UInt64),
];

/// The content of a file.
#[derive(Clone)]
pub struct SafeTensors {
    /// The tensors, sorted by name.
    pub tensors: BTreeMap<String, Tensor>,
    /// Free text under free names.
    pub metadata: BTreeMap<String, String>,
}

fn bad(message: impl Into<String>) -> Error {
    Error::value("read_safetensors", message)
}

/// Reads the bytes of a safetensors file.
///
/// # Errors
/// [`Error::Value`] for damaged files, unsupported dtypes, and tensors that overlap, leave gaps or exceed the data.
pub fn read_safetensors(bytes: &[u8]) -> Result<SafeTensors> {
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(|| bad("the file is shorter than 8 bytes"))?;
    let length = u64::from_le_bytes(*length);
    if length > MAX_HEADER || length > rest.len() as u64 {
        return Err(bad(format!("a header of {length} bytes in a file of {}", bytes.len())));
    }
    let (header, data) = rest.split_at(length as usize);
    let header: Map<String, Value> =
        serde_json::from_slice(header).map_err(|cause| bad(format!("the header is not a JSON object: {cause}")))?;
    let mut out = SafeTensors { tensors: BTreeMap::new(), metadata: BTreeMap::new() };
    let mut places = Vec::new();
    for (name, value) in header {
        if name == "__metadata__" {
            out.metadata = metadata(&value)?;
            continue;
        }
        let (dtype, shape, start, end) = describe(&name, &value)?;
        let content = usize::try_from(start).ok().zip(usize::try_from(end).ok()).and_then(|(s, e)| data.get(s..e));
        let needed = checked_size("read_safetensors", &shape)?.checked_mul(dtype.size());
        let Some(mut content) = content.filter(|c| Some(c.len()) == needed) else {
            return Err(bad(format!("tensor {name:?} of shape {shape:?} and dtype {dtype} does not fit its offsets {start}..{end}")));
        };
        let tensor = dispatch!(dtype, T => read_elements::<T>(&mut content, &shape, false))?;
        places.push((start, end));
        out.tensors.insert(name, tensor);
    }
    places.sort_unstable();
    let mut covered = 0;
    for (start, end) in places {
        if start != covered {
            return Err(bad(format!("the tensors overlap or leave a gap at byte {covered} of the data")));
        }
        covered = end;
    }
    if covered != data.len() as u64 {
        return Err(bad(format!("the tensors cover {covered} of {} bytes of data", data.len())));
    }
    Ok(out)
}

fn metadata(value: &Value) -> Result<BTreeMap<String, String>> {
    let text = || bad("__metadata__ must map names to text");
    value.as_object().ok_or_else(text)?.iter().map(|(key, value)| Ok((key.clone(), value.as_str().ok_or_else(text)?.to_owned()))).collect()
}

fn describe(name: &str, value: &Value) -> Result<(DType, Vec<usize>, u64, u64)> {
    let lacks = || bad(format!("tensor {name:?} lacks a valid dtype, shape or data_offsets"));
    let dtype = value.get("dtype").and_then(Value::as_str).ok_or_else(lacks)?;
    let Some((_, dtype)) = DTYPES.iter().find(|(known, _)| *known == dtype) else {
        let known = DTYPES.map(|(known, _)| known).join(", ");
        return Err(bad(format!("tensor {name:?} has dtype {dtype:?}; {known} are supported")));
    };
    let numbers = |key: &str| -> Result<Vec<u64>> {
        let list = value.get(key).and_then(Value::as_array).ok_or_else(lacks)?;
        list.iter().map(|v| v.as_u64().ok_or_else(lacks)).collect()
    };
    let shape = numbers("shape")?.into_iter().map(|n| usize::try_from(n).map_err(|_| lacks()));
    let shape = shape.collect::<Result<Vec<_>>>()?;
    match numbers("data_offsets")?[..] {
        [start, end] if start <= end => Ok((*dtype, shape, start, end)),
        _ => Err(lacks()),
    }
}

/// Reads a safetensors file.
///
/// # Errors
/// As [`read_safetensors`]; [`Error::Io`] when the file cannot be read.
pub fn load_safetensors(path: impl AsRef<Path>) -> Result<SafeTensors> {
    read_safetensors(&read_file("load_safetensors", path.as_ref())?)
}

/// The header's bytes and the tensors in the order of their data.
fn prepare(tensors: &[(&str, &Tensor)], metadata: &BTreeMap<String, String>) -> Result<(Vec<u8>, Vec<Tensor>)> {
    const OP: &str = "write_safetensors";
    let mut sorted = Vec::with_capacity(tensors.len());
    for &(name, tensor) in tensors {
        let Some(rank) = DTYPES.iter().position(|(_, d)| *d == tensor.dtype()) else {
            return Err(Error::dtype(OP, tensor.dtype(), "every dtype but complex128 is; convert to complex64"));
        };
        if name == "__metadata__" {
            return Err(Error::value(OP, "__metadata__ cannot be the name of a tensor"));
        }
        sorted.push((std::cmp::Reverse(rank), name, tensor));
    }
    sorted.sort_by_key(|&(rank, name, _)| (rank, name));
    let mut header = String::from("{");
    if !metadata.is_empty() {
        header.push_str(&format!("\"__metadata__\":{}", json!(metadata)));
    }
    let (mut offset, mut data) = (0, Vec::with_capacity(sorted.len()));
    let mut last = None;
    for (std::cmp::Reverse(rank), name, tensor) in sorted {
        if last.replace(name) == Some(name) {
            return Err(Error::value(OP, format!("tensor name {name:?} is given twice")));
        }
        let end = offset + tensor.size() * tensor.dtype().size();
        let comma = if header.len() > 1 { "," } else { "" };
        let shape = json!(tensor.shape());
        let dtype = DTYPES[rank].0;
        header.push_str(&format!("{comma}{}:{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[{offset},{end}]}}", json!(name)));
        data.push(tensor.to_device(Device::Cpu)?.contiguous()?);
        offset = end;
    }
    header.push('}');
    header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    Ok((bytes, data))
}

/// Tensors and metadata as the bytes of a safetensors file.
///
/// # Errors
/// [`Error::DType`] for complex128, [`Error::Value`] for a name given twice.
pub fn write_safetensors(tensors: &[(&str, &Tensor)], metadata: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let (mut out, data) = prepare(tensors, metadata)?;
    for tensor in &data {
        write_elements(&mut out, tensor).map_err(|e| Error::Io { op: "write_safetensors", message: e.to_string() })?;
    }
    Ok(out)
}

/// Writes a safetensors file; an existing one is replaced only when everything was written.
///
/// # Errors
/// As [`write_safetensors`]; [`Error::Io`] when the file cannot be written.
pub fn save_safetensors(path: impl AsRef<Path>, tensors: &[(&str, &Tensor)], metadata: &BTreeMap<String, String>) -> Result<()> {
    let (header, data) = prepare(tensors, metadata)?;
    write_file("save_safetensors", path.as_ref(), |out| {
        out.write_all(&header)?;
        data.iter().try_for_each(|tensor| write_elements(out, tensor))
    })
}
