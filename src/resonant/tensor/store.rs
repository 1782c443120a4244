//! Tensors as bytes: a safetensors file with the coefficients as integers, or as decimal text where they are long.

use std::collections::BTreeMap;

use purify_ops::io::{SafeTensors, read_safetensors, write_safetensors};
use purify_ops::{DType, Tensor};

use super::ResonantTensor;
use crate::error::{Error, Result};
use crate::exact::{Golden, check_precision};

const FORMAT: &str = "purify.resonant/1";

/// Named tensors, in order, as the bytes of a safetensors file.
///
/// Each tensor `name` is stored as `name.a`, `name.b` and `name.d`, 64-bit integers of its shape, and `name.mode_norm_sq`;
/// in flux also as `name.flux`. Numbers too long for 64 bits stand in the metadata, as decimal text with their place.
///
/// # Errors
/// When memory cannot be allocated.
pub fn write_tensors(tensors: &[(&str, &ResonantTensor)]) -> Result<Vec<u8>> {
    let mut parts: Vec<(String, Tensor)> = Vec::new();
    let mut metadata = BTreeMap::from([("format".to_owned(), FORMAT.to_owned())]);
    let mut order = Vec::new();
    for (name, t) in tensors {
        order.push(*name);
        let small: Vec<(i64, i64, i64)> = t.lattice.iter().map(|g| g.small().map_or((0, 0, 0), |(a, b, d)| (a, b, d as i64))).collect();
        let column = |f: fn(&(i64, i64, i64)) -> i64| Tensor::from_vec(small.iter().map(f).collect::<Vec<i64>>(), &t.shape);
        parts.push((format!("{name}.a"), column(|p| p.0)?));
        parts.push((format!("{name}.b"), column(|p| p.1)?));
        if small.iter().any(|p| p.2 != 1) {
            parts.push((format!("{name}.d"), column(|p| p.2)?));
        }
        parts.push((format!("{name}.mode_norm_sq"), Tensor::from_vec(t.norms.clone(), &t.shape)?));
        if let Some(flux) = &t.flux {
            parts.push((format!("{name}.flux"), flux.to_device(purify_ops::Device::Cpu)?.contiguous()?));
        }
        metadata.insert(format!("{name}.precision"), t.precision.to_string());
        let long: Vec<String> = t
            .lattice
            .iter()
            .enumerate()
            .filter(|(_, g)| g.small().is_none())
            .map(|(i, g)| format!("{i} {}", g.parts().join(" ")))
            .collect();
        if !long.is_empty() {
            metadata.insert(format!("{name}.long"), long.join("\n"));
        }
    }
    metadata.insert("order".to_owned(), serde_json::Value::from(order).to_string());
    let borrowed: Vec<(&str, &Tensor)> = parts.iter().map(|(n, t)| (n.as_str(), t)).collect();
    Ok(write_safetensors(&borrowed, &metadata)?)
}

/// The named tensors of such bytes, in the order they were written in.
///
/// # Errors
/// [`Error::Value`] for bytes that hold something else.
pub fn read_tensors(bytes: &[u8]) -> Result<Vec<(String, ResonantTensor)>> {
    let file = read_safetensors(bytes)?;
    if file.metadata.get("format").map(String::as_str) != Some(FORMAT) {
        return Err(bad(format!("this safetensors file holds no resonant tensors (format {:?})", file.metadata.get("format"))));
    }
    let order = file.metadata.get("order").map_or("[]", String::as_str);
    let names: Vec<String> = serde_json::from_str(order).map_err(|e| bad(format!("the list of names is damaged: {e}")))?;
    names.into_iter().map(|name| read_one(&file, &name).map(|t| (name, t))).collect()
}

fn bad(message: impl Into<String>) -> Error {
    Error::value("read_tensors", message)
}

fn read_one(file: &SafeTensors, name: &str) -> Result<ResonantTensor> {
    let part = |kind: &str| file.tensors.get(&format!("{name}.{kind}"));
    let needed = |kind: &str, dtype: DType| {
        part(kind).filter(|t| t.dtype() == dtype).ok_or_else(|| bad(format!("{name}.{kind} is missing or not of dtype {dtype}")))
    };
    let (a, b) = (needed("a", DType::Int64)?, needed("b", DType::Int64)?);
    let d = part("d").map(|_| needed("d", DType::Int64)).transpose()?;
    let shape = a.shape().to_vec();
    let (a, b) = (a.to_vec::<i64>()?, b.to_vec::<i64>()?);
    let d = d.map_or_else(|| Ok(vec![1i64; a.len()]), |d| d.to_vec::<i64>())?;
    if a.len() != b.len() || a.len() != d.len() {
        return Err(bad(format!("{name}: the parts differ in length")));
    }
    let long = file.metadata.get(&format!("{name}.long")).map_or("", String::as_str);
    let mut lattice = Vec::with_capacity(a.len());
    for ((a, b), d) in a.into_iter().zip(b).zip(d) {
        lattice.push(match d {
            0 => Golden::ZERO, // a long number, filled in below
            1 => Golden::new(a, b),
            _ => Golden::fraction(a.into(), b.into(), d.into())?,
        });
    }
    for line in long.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let [place, a, b, d] = fields[..] else { return Err(bad(format!("{name}: {line:?} is no long number"))) };
        let at = place.parse::<usize>().ok().and_then(|i| lattice.get_mut(i));
        *at.ok_or_else(|| bad(format!("{name}: no element {place}")))? = Golden::from_parts([a, b, d])?;
    }
    let precision = file.metadata.get(&format!("{name}.precision")).and_then(|p| p.parse::<i64>().ok());
    let precision = check_precision("read_tensors", precision.ok_or_else(|| bad(format!("{name}.precision is missing")))?)?;
    let norms = needed("mode_norm_sq", DType::Float64)?.to_vec::<f64>()?;
    let mut out = ResonantTensor::build("read_tensors", lattice, &shape, norms, precision)?;
    if part("flux").is_some() {
        let flux = needed("flux", DType::Float64)?;
        if flux.shape() != shape {
            return Err(bad(format!("{name}.flux has another shape")));
        }
        out.flux = Some(flux.copy()?);
    }
    Ok(out)
}
