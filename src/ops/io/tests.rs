//! Files recorded from NumPy and safetensors (`tests/reference/io_files.tsv`), and damaged ones.

use std::collections::BTreeMap;

use super::*;
use crate::{DType, Tensor, dispatch};

const FILES: &str = include_str!("../../../tests/reference/io_files.tsv");

struct Recorded {
    kind: &'static str,
    name: &'static str,
    shape: Vec<usize>,
    dtype: &'static str,
    values: Vec<u8>,
    file: Vec<u8>,
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn recorded(kind: &str) -> Vec<Recorded> {
    let lines = FILES.lines().map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [kind, name, shape, dtype, values, file] = fields[..] else { panic!("six fields: {line}") };
        let shape = shape.split('x').filter(|n| *n != ".").map(|n| n.parse().unwrap()).collect();
        Recorded { kind, name, shape, dtype, values: bytes(values), file: bytes(file) }
    });
    let out: Vec<Recorded> = lines.filter(|r| r.kind == kind).collect();
    assert!(!out.is_empty(), "no recorded files of kind {kind}");
    out
}

fn little(tensor: &Tensor) -> Vec<u8> {
    let mut out = Vec::new();
    dispatch!(tensor.dtype(), T => elements::write(&mut out, &tensor.to_vec::<T>().unwrap()).unwrap());
    out
}

fn check(tensor: &Tensor, expected: &Recorded) {
    assert_eq!(tensor.shape(), expected.shape, "{}", expected.name);
    assert_eq!(tensor.dtype().name(), expected.dtype, "{}", expected.name);
    assert_eq!(little(tensor), expected.values, "{}", expected.name);
}

/// The first arrays of the recording, one per dtype.
fn arrays() -> Vec<(Recorded, Tensor)> {
    let all = recorded("same").into_iter().filter(|r| r.name == r.dtype);
    all.map(|r| {
        let t = read_npy(&r.file).unwrap();
        (r, t)
    })
    .collect()
}

#[test]
fn files_of_numpy_are_read_and_written_byte_for_byte() {
    for expected in recorded("same") {
        let tensor = read_npy(&expected.file).unwrap();
        check(&tensor, &expected);
        assert_eq!(write_npy(&tensor).unwrap(), expected.file, "{}", expected.name);
    }
}

#[test]
fn big_endian_files_and_later_versions_are_read() {
    for expected in recorded("read") {
        check(&read_npy(&expected.file).unwrap(), &expected);
    }
}

#[test]
fn archives_are_read_and_survive_a_round_trip() {
    let arrays = arrays();
    for file in recorded("npz") {
        let archive = read_npz(file.file).unwrap();
        assert_eq!(archive.names().len(), arrays.len());
        for (expected, _) in &arrays {
            check(&archive.get(expected.name).unwrap(), expected);
        }
    }
    let named: Vec<(&str, &Tensor)> = arrays.iter().map(|(r, t)| (r.name, t)).collect();
    for compressed in [false, true] {
        let archive = read_npz(write_npz(&named, compressed).unwrap()).unwrap();
        for ((name, tensor), (expected, _)) in archive.all().unwrap().into_iter().zip(&arrays) {
            assert_eq!(name, expected.name);
            check(&tensor, expected);
        }
    }
}

#[test]
fn safetensors_are_those_of_the_reference_implementation() {
    let file = &recorded("safetensors")[0].file;
    let read = read_safetensors(file).unwrap();
    assert_eq!(read.metadata["note"], "café \"quoted\"");
    let arrays = arrays();
    let mut named: Vec<(&str, &Tensor)> = Vec::new();
    for (expected, tensor) in arrays.iter().filter(|(r, _)| !r.name.starts_with("complex")) {
        check(&read.tensors[expected.name], expected);
        named.push((expected.name, tensor));
    }
    let written = write_safetensors(&named, &read.metadata).unwrap();
    // Metadata is unordered there, so only what follows it is compared byte for byte.
    let tail = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text[text.find("\"int64\"").or_else(|| text.find("\"uint64\"")).unwrap()..].to_owned()
    };
    assert_eq!(tail(&written), tail(file));
    assert_eq!(written.len(), file.len());
}

#[test]
fn bfloat16_is_kept_by_safetensors_and_refused_by_npy() {
    let x = Tensor::from_vec(vec![1.5f32, -2.0], &[2]).unwrap().astype(DType::BFloat16).unwrap();
    assert!(write_npy(&x).unwrap_err().to_string().contains("safetensors"));
    let bytes = write_safetensors(&[("x", &x)], &BTreeMap::new()).unwrap();
    let read = read_safetensors(&bytes).unwrap();
    assert_eq!(read.tensors["x"].cast_vec::<f32>().unwrap(), [1.5, -2.0]);
}

/// Every prefix of a file, and the file with every single byte changed in three ways.
fn damage(file: &[u8], mut read: impl FnMut(&[u8])) {
    for end in 0..file.len() {
        read(&file[..end]);
    }
    for i in 0..file.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut copy = file.to_vec();
            copy[i] ^= flip;
            read(&copy);
        }
    }
}

#[test]
fn damaged_files_are_errors_or_arrays_but_never_aborts() {
    for expected in recorded("same").iter().take(2) {
        damage(&expected.file, |bytes| drop(read_npy(bytes)));
    }
    let x = Tensor::from_vec((0..40).map(f64::from).collect(), &[5, 8]).unwrap();
    for compressed in [false, true] {
        let archive = write_npz(&[("x", &x), ("y", &x)], compressed).unwrap();
        damage(&archive, |bytes| {
            if let Ok(archive) = read_npz(bytes) {
                drop(archive.all());
            }
        });
    }
    let file = write_safetensors(&[("x", &x)], &BTreeMap::new()).unwrap();
    damage(&file, |bytes| drop(read_safetensors(bytes)));
}

#[test]
fn sizes_beyond_the_file_are_refused_before_memory_is_asked_for() {
    let huge = |shape: &str| {
        let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend_from_slice(&(text.len() as u16).to_le_bytes());
        file.extend_from_slice(text.as_bytes());
        file
    };
    for shape in ["(1000000000000,)", "(18446744073709551615, 2)", "(4294967296, 4294967296)", "(1,) * 3"] {
        assert!(read_npy(&huge(shape)).is_err(), "{shape}");
    }
    assert_eq!(read_npy(&huge("(0, 1000000000000)")).unwrap().shape(), &[0, 1_000_000_000_000]);
    let mut header = b"\x93NUMPY\x02\x00".to_vec();
    header.extend_from_slice(&u32::MAX.to_le_bytes());
    assert!(read_npy(&header).is_err());
}

#[test]
fn files_are_replaced_whole_and_errors_name_the_path() {
    let folder = std::env::temp_dir().join(format!("purify-io-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let x = Tensor::from_vec(vec![1u8, 2, 3], &[3]).unwrap();
    let path = folder.join("x.npy");
    save_npy(&path, &x).unwrap();
    save_npy(&path, &x).unwrap();
    assert_eq!(load_npy(&path).unwrap().to_vec::<u8>().unwrap(), [1, 2, 3]);
    save_npz(folder.join("x.npz"), &[("x", &x)], true).unwrap();
    assert_eq!(load_npz(folder.join("x.npz")).unwrap().names(), ["x"]);
    let message = load_npy(folder.join("missing.npy")).unwrap_err().to_string();
    assert!(message.contains("missing.npy"), "{message}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "no temporary file is left");
    std::fs::remove_dir_all(&folder).unwrap();
}
