//! Elements as little-endian bytes and back, in pieces, so that no second copy of a tensor is held.

use std::io::{Read, Result, Write};

use half::{bf16, f16};

use crate::dtype::{Complex64, Complex128, Element};

/// Bytes converted at a time.
const PIECE: usize = 1 << 16;

/// An element type with a portable byte form.
pub(super) trait Portable: Element {
    /// Bytes of one number; half of the element for complex types.
    const WORD: usize;

    /// The element from its little-endian bytes, exactly `size_of::<Self>()` many.
    fn from_le(bytes: &[u8]) -> Self;

    /// Appends the little-endian bytes.
    fn push_le(self, out: &mut Vec<u8>);
}

macro_rules! portable {
    ($($type:ty),*) => {$(
        impl Portable for $type {
            const WORD: usize = size_of::<$type>();

            #[inline(always)]
            fn from_le(bytes: &[u8]) -> Self {
                let mut word = [0; size_of::<$type>()];
                word.copy_from_slice(bytes);
                <$type>::from_le_bytes(word)
            }

            #[inline(always)]
            fn push_le(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

portable!(i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64);

impl Portable for bool {
    const WORD: usize = 1;

    #[inline(always)]
    fn from_le(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }

    #[inline(always)]
    fn push_le(self, out: &mut Vec<u8>) {
        out.push(u8::from(self));
    }
}

macro_rules! portable_complex {
    ($($type:ident: $part:ty),*) => {$(
        impl Portable for $type {
            const WORD: usize = size_of::<$part>();

            #[inline(always)]
            fn from_le(bytes: &[u8]) -> Self {
                let (re, im) = bytes.split_at(Self::WORD);
                $type::new(<$part>::from_le(re), <$part>::from_le(im))
            }

            #[inline(always)]
            fn push_le(self, out: &mut Vec<u8>) {
                self.re.push_le(out);
                self.im.push_le(out);
            }
        }
    )*};
}

portable_complex!(Complex64: f32, Complex128: f64);

/// Fills `out` from the reader, reversing the bytes of every number when they are big-endian.
pub(super) fn read<T: Portable>(reader: &mut dyn Read, out: &mut [T], big_endian: bool) -> Result<()> {
    let per_piece = PIECE / size_of::<T>();
    let mut buffer = vec![0u8; per_piece.min(out.len()) * size_of::<T>()];
    for piece in out.chunks_mut(per_piece) {
        let bytes = &mut buffer[..size_of_val(piece)];
        reader.read_exact(bytes)?;
        if big_endian {
            bytes.chunks_exact_mut(T::WORD).for_each(<[u8]>::reverse);
        }
        for (slot, bytes) in piece.iter_mut().zip(bytes.chunks_exact(size_of::<T>())) {
            *slot = T::from_le(bytes);
        }
    }
    Ok(())
}

/// Writes the elements in little-endian order.
pub(super) fn write<T: Portable>(writer: &mut dyn Write, values: &[T]) -> Result<()> {
    let mut buffer = Vec::with_capacity(PIECE.min(size_of_val(values)));
    for piece in values.chunks(PIECE / size_of::<T>()) {
        buffer.clear();
        piece.iter().for_each(|value| value.push_le(&mut buffer));
        writer.write_all(&buffer)?;
    }
    Ok(())
}
