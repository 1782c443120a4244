//! As much of the ZIP format (APPNOTE 6.3, with ZIP64) as `.npz` files use: stored and deflated entries.

use std::io::Write;

use crate::error::{Error, Result};

const OP: &str = "read_npz";
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const LOCAL: u32 = 0x0403_4b50;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Deflate shrinks by at most this factor, so a declared size beyond it is a lie.
const MAX_RATIO: u64 = 1032;

fn bad(message: impl Into<String>) -> Error {
    Error::value(OP, message)
}

/// One file of an archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    method: u16,
    encrypted: bool,
    crc: u32,
    packed: u64,
    unpacked: u64,
    offset: u64,
}

fn field<const N: usize>(bytes: &[u8], at: u64) -> Result<[u8; N]> {
    let start = usize::try_from(at).ok();
    start
        .and_then(|start| bytes.get(start..start.checked_add(N)?))
        .and_then(|slice| slice.try_into().ok())
        .ok_or_else(|| bad("the archive ends inside one of its records"))
}

fn u16_at(bytes: &[u8], at: u64) -> Result<u16> {
    field(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: u64) -> Result<u32> {
    field(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: u64) -> Result<u64> {
    field(bytes, at).map(u64::from_le_bytes)
}

/// The entries of an archive in the order of its directory.
///
/// # Errors
/// [`Error::Value`] when there is no directory or it does not fit into the file.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Entry>> {
    let lowest = bytes.len().saturating_sub(22 + 0xffff);
    let end = (lowest..bytes.len().saturating_sub(21))
        .rev()
        .find(|&at| bytes[at..].starts_with(&END.to_le_bytes()))
        .ok_or_else(|| bad("not an npz file: it has no ZIP directory"))? as u64;
    let mut count = u64::from(u16_at(bytes, end + 10)?);
    let mut at = u64::from(u32_at(bytes, end + 16)?);
    if end >= 20 && u32_at(bytes, end - 20)? == LOCATOR_64 {
        let end_64 = u64_at(bytes, end - 12)?;
        if u32_at(bytes, end_64)? != END_64 {
            return Err(bad("the ZIP64 directory is not where the archive says"));
        }
        count = u64_at(bytes, end_64.saturating_add(32))?;
        at = u64_at(bytes, end_64.saturating_add(48))?;
    }
    // An entry takes 46 bytes at least, which bounds the count before anything is allocated.
    if count > bytes.len() as u64 / 46 {
        return Err(bad(format!("the archive claims {count} entries, more than it has room for")));
    }
    (0..count)
        .map(|_| {
            let (entry, next) = central_entry(bytes, at)?;
            at = next;
            Ok(entry)
        })
        .collect()
}

fn central_entry(bytes: &[u8], at: u64) -> Result<(Entry, u64)> {
    if u32_at(bytes, at)? != CENTRAL {
        return Err(bad("the ZIP directory is damaged"));
    }
    let lengths = [u16_at(bytes, at + 28)?, u16_at(bytes, at + 30)?, u16_at(bytes, at + 32)?];
    let [name, extra, comment] = lengths.map(u64::from);
    let start = (at + 46) as usize;
    let text = bytes.get(start..start + name as usize).ok_or_else(|| bad("an entry's name is cut off"))?;
    let mut entry = Entry {
        name: String::from_utf8_lossy(text).into_owned(),
        encrypted: u16_at(bytes, at + 8)? & 1 == 1,
        method: u16_at(bytes, at + 10)?,
        crc: u32_at(bytes, at + 16)?,
        packed: u32_at(bytes, at + 20)?.into(),
        unpacked: u32_at(bytes, at + 24)?.into(),
        offset: u32_at(bytes, at + 42)?.into(),
    };
    let extra_start = at + 46 + name;
    let extra_end = extra_start + extra;
    let mut place = extra_start;
    while place + 4 <= extra_end {
        let (id, size) = (u16_at(bytes, place)?, u64::from(u16_at(bytes, place + 2)?));
        place += 4;
        if id == 1 {
            // ZIP64: only the fields that are all ones in the record itself follow, in this order.
            let mut inner = place;
            for slot in [&mut entry.unpacked, &mut entry.packed, &mut entry.offset] {
                if *slot == 0xffff_ffff && inner + 8 <= place + size {
                    *slot = u64_at(bytes, inner)?;
                    inner += 8;
                }
            }
        }
        place += size;
    }
    Ok((entry, extra_end + comment))
}

impl Entry {
    /// The content, unpacked and compared with its checksum.
    ///
    /// # Errors
    /// [`Error::Value`] for encrypted or damaged entries and other methods of compression.
    pub(super) fn content(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let damaged = |what: &str| bad(format!("entry {:?} {what}", self.name));
        if self.encrypted {
            return Err(damaged("is encrypted"));
        }
        let header = self.offset;
        if u32_at(bytes, header)? != LOCAL {
            return Err(damaged("is not where the directory says"));
        }
        let skip = 30 + u64::from(u16_at(bytes, header + 26)?) + u64::from(u16_at(bytes, header + 28)?);
        let range = header.checked_add(skip).and_then(|start| Some((start, start.checked_add(self.packed)?)));
        let packed = range
            .and_then(|(start, end)| bytes.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?))
            .ok_or_else(|| damaged("reaches beyond the end of the file"))?;
        let limit = self.packed.saturating_mul(MAX_RATIO).saturating_add(64);
        if self.unpacked > limit {
            return Err(damaged("claims a size that its data cannot unpack to"));
        }
        let content = match self.method {
            STORED => packed.to_vec(),
            DEFLATED => miniz_oxide::inflate::decompress_to_vec_with_limit(packed, self.unpacked as usize)
                .map_err(|_| damaged("does not unpack"))?,
            method => return Err(damaged(&format!("uses compression method {method}; stored and deflated are read"))),
        };
        if content.len() as u64 != self.unpacked || crc32(&content) != self.crc {
            return Err(damaged("does not match its checksum"));
        }
        Ok(content)
    }
}

/// Writes an archive entry by entry.
pub(super) struct Writer<'a> {
    out: &'a mut dyn Write,
    position: u64,
    directory: Vec<u8>,
    count: u64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Writer { out, position: 0, directory: Vec::new(), count: 0 }
    }

    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.position += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    /// Adds an entry. Sizes are always written in ZIP64 form, as NumPy does.
    pub(super) fn add(&mut self, name: &str, content: &[u8], compressed: bool) -> std::io::Result<()> {
        let packed = compressed.then(|| miniz_oxide::deflate::compress_to_vec(content, 6));
        let data = packed.as_deref().unwrap_or(content);
        let offset = self.position;
        let mut record = Vec::with_capacity(64 + name.len());
        let put16 = |record: &mut Vec<u8>, v: u16| record.extend_from_slice(&v.to_le_bytes());
        let put32 = |record: &mut Vec<u8>, v: u32| record.extend_from_slice(&v.to_le_bytes());
        let put64 = |record: &mut Vec<u8>, v: u64| record.extend_from_slice(&v.to_le_bytes());
        // Version 4.5 for ZIP64, names in UTF-8, and the earliest date there is: files do not depend on the clock.
        let common = |record: &mut Vec<u8>, extra: u16| {
            put16(record, 45);
            put16(record, 0x0800);
            put16(record, if compressed { DEFLATED } else { STORED });
            put16(record, 0);
            put16(record, 0x21);
            put32(record, crc32(content));
            put32(record, 0xffff_ffff);
            put32(record, 0xffff_ffff);
            put16(record, name.len() as u16);
            put16(record, extra);
        };
        put32(&mut record, LOCAL);
        common(&mut record, 20);
        record.extend_from_slice(name.as_bytes());
        put16(&mut record, 1);
        put16(&mut record, 16);
        put64(&mut record, content.len() as u64);
        put64(&mut record, data.len() as u64);
        self.put(&record)?;
        self.put(data)?;

        let directory = &mut self.directory;
        put32(directory, CENTRAL);
        put16(directory, 45);
        common(directory, 28);
        put16(directory, 0);
        put16(directory, 0);
        put16(directory, 0);
        put32(directory, 0);
        put32(directory, 0xffff_ffff);
        directory.extend_from_slice(name.as_bytes());
        put16(directory, 1);
        put16(directory, 24);
        put64(directory, content.len() as u64);
        put64(directory, data.len() as u64);
        put64(directory, offset);
        self.count += 1;
        Ok(())
    }

    /// Writes the directory.
    pub(super) fn finish(mut self) -> std::io::Result<()> {
        let start = self.position;
        let directory = std::mem::take(&mut self.directory);
        self.put(&directory)?;
        let end = self.position;
        let mut record = Vec::with_capacity(98);
        record.extend_from_slice(&END_64.to_le_bytes());
        record.extend_from_slice(&44u64.to_le_bytes());
        record.extend_from_slice(&[45, 0, 45, 0]);
        record.extend_from_slice(&[0; 8]);
        for value in [self.count, self.count, end - start, start] {
            record.extend_from_slice(&value.to_le_bytes());
        }
        record.extend_from_slice(&LOCATOR_64.to_le_bytes());
        record.extend_from_slice(&[0; 4]);
        record.extend_from_slice(&end.to_le_bytes());
        record.extend_from_slice(&1u32.to_le_bytes());
        record.extend_from_slice(&END.to_le_bytes());
        record.extend_from_slice(&[0; 4]);
        record.extend_from_slice(&[0xff; 12]);
        record.extend_from_slice(&[0; 2]);
        self.put(&record)
    }
}

const CRC: [[u32; 256]; 8] = crc_tables();

/// Tables for eight bytes at a time ("slicing by 8").
const fn crc_tables() -> [[u32; 256]; 8] {
    let mut tables = [[0u32; 256]; 8];
    let mut i = 0;
    while i < 256 {
        let mut word = i as u32;
        let mut bit = 0;
        while bit < 8 {
            word = if word & 1 == 1 { (word >> 1) ^ 0xedb8_8320 } else { word >> 1 };
            bit += 1;
        }
        tables[0][i] = word;
        i += 1;
    }
    let mut t = 1;
    while t < 8 {
        let mut i = 0;
        while i < 256 {
            let before = tables[t - 1][i];
            tables[t][i] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            i += 1;
        }
        t += 1;
    }
    tables
}

/// The checksum of ZIP (CRC-32, ISO 3309).
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let low = crc ^ u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        crc = CRC[7][(low & 0xff) as usize]
            ^ CRC[6][(low >> 8 & 0xff) as usize]
            ^ CRC[5][(low >> 16 & 0xff) as usize]
            ^ CRC[4][(low >> 24) as usize]
            ^ CRC[3][chunk[4] as usize]
            ^ CRC[2][chunk[5] as usize]
            ^ CRC[1][chunk[6] as usize]
            ^ CRC[0][chunk[7] as usize];
    }
    for &byte in chunks.remainder() {
        crc = (crc >> 8) ^ CRC[0][((crc ^ u32::from(byte)) & 0xff) as usize];
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }
}
