//! Integers in a closed interval without bias: Lemire's multiplication and the masked rejection it replaced.
//!
//! D. Lemire, "Fast Random Integer Generation in an Interval" (ACM TOMACS 29, 2019). Which of both methods is used, how
//! wide a word is drawn and how narrow types share one 32-bit word decide the stream; all follow NumPy 2.4.

use super::bits::BitSource;

/// How a word is brought into range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Lemire's method: `Generator`.
    Lemire,
    /// Rejection of masked words: `RandomState`.
    Masked,
}

/// The smallest all-ones mask that covers `max`.
#[inline]
pub(super) fn mask(max: u64) -> u64 {
    if max == 0 { 0 } else { u64::MAX >> max.leading_zeros() }
}

/// A number in `[0, max]` by masked rejection, which shuffles and permutations use.
#[inline]
pub fn interval<S: BitSource + ?Sized>(source: &mut S, max: u64) -> u64 {
    if max == 0 {
        return 0;
    }
    let mask = mask(max);
    if max <= 0xffff_ffff {
        loop {
            let value = u64::from(source.next_u32()) & mask;
            if value <= max {
                return value;
            }
        }
    }
    loop {
        let value = source.next_u64() & mask;
        if value <= max {
            return value;
        }
    }
}

/// A word of the drawn integer's width, which knows how to come from the bit source.
pub trait Word: Copy + PartialEq {
    /// A number in `[0, range]`.
    fn bounded<S: BitSource + ?Sized>(source: &mut S, range: u64, method: Method, buffer: &mut Buffer) -> Self;

    /// The low bits of a wide number.
    fn truncate(value: u64) -> Self;

    /// Sum modulo the width.
    fn add(self, other: Self) -> Self;
}

/// The 32-bit word that 8- and 16-bit draws and booleans are cut from; it lives as long as one call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Buffer {
    word: u32,
    left: u32,
}

impl Buffer {
    #[inline]
    fn next<S: BitSource + ?Sized>(&mut self, source: &mut S, bits: u32) -> u32 {
        if self.left == 0 {
            self.word = source.next_u32();
            self.left = 32 / bits - 1;
        } else {
            self.word >>= bits;
            self.left -= 1;
        }
        self.word
    }
}

#[inline(always)]
fn lemire_u32<S: BitSource + ?Sized>(source: &mut S, range: u32) -> u32 {
    let count = range.wrapping_add(1);
    let mut product = u64::from(source.next_u32()) * u64::from(count);
    if (product as u32) < count {
        let threshold = (u32::MAX - range) % count;
        while (product as u32) < threshold {
            product = u64::from(source.next_u32()) * u64::from(count);
        }
    }
    (product >> 32) as u32
}

#[inline(always)]
fn lemire_u64<S: BitSource + ?Sized>(source: &mut S, range: u64) -> u64 {
    let count = range.wrapping_add(1);
    let mut product = u128::from(source.next_u64()) * u128::from(count);
    if (product as u64) < count {
        let threshold = (u64::MAX - range) % count;
        while (product as u64) < threshold {
            product = u128::from(source.next_u64()) * u128::from(count);
        }
    }
    (product >> 64) as u64
}

#[inline(always)]
fn masked(range: u64, mut draw: impl FnMut() -> u64) -> u64 {
    let mask = mask(range);
    loop {
        let value = draw() & mask;
        if value <= range {
            return value;
        }
    }
}

impl Word for u64 {
    #[inline(always)]
    fn bounded<S: BitSource + ?Sized>(source: &mut S, range: u64, method: Method, _: &mut Buffer) -> u64 {
        const MAX_32: u64 = u32::MAX as u64;
        match (range, method) {
            (0, _) => 0,
            (MAX_32, _) => u64::from(source.next_u32()),
            (u64::MAX, _) => source.next_u64(),
            (..MAX_32, Method::Lemire) => u64::from(lemire_u32(source, range as u32)),
            (..MAX_32, Method::Masked) => masked(range, || u64::from(source.next_u32())),
            (_, Method::Lemire) => lemire_u64(source, range),
            (_, Method::Masked) => masked(range, || source.next_u64()),
        }
    }

    fn truncate(value: u64) -> u64 {
        value
    }

    fn add(self, other: u64) -> u64 {
        self.wrapping_add(other)
    }
}

impl Word for u32 {
    #[inline(always)]
    fn bounded<S: BitSource + ?Sized>(source: &mut S, range: u64, method: Method, _: &mut Buffer) -> u32 {
        match (range as u32, method) {
            (0, _) => 0,
            (u32::MAX, _) => source.next_u32(),
            (range, Method::Lemire) => lemire_u32(source, range),
            (range, Method::Masked) => masked(range.into(), || source.next_u32().into()) as u32,
        }
    }

    fn truncate(value: u64) -> u32 {
        value as u32
    }

    fn add(self, other: u32) -> u32 {
        self.wrapping_add(other)
    }
}

macro_rules! narrow {
    ($type:ty, $wide:ty, $bits:literal) => {
        impl Word for $type {
            #[inline(always)]
            fn bounded<S: BitSource + ?Sized>(source: &mut S, range: u64, method: Method, buffer: &mut Buffer) -> $type {
                let mut draw = || buffer.next(source, $bits) as $type;
                match (range as $type, method) {
                    (0, _) => 0,
                    (<$type>::MAX, _) => draw(),
                    (range, Method::Masked) => masked(range.into(), || draw().into()) as $type,
                    (range, Method::Lemire) => {
                        let count = range.wrapping_add(1);
                        let mut product = <$wide>::from(draw()) * <$wide>::from(count);
                        if (product as $type) < count {
                            let threshold = (<$type>::MAX - range) % count;
                            while (product as $type) < threshold {
                                product = <$wide>::from(draw()) * <$wide>::from(count);
                            }
                        }
                        (product >> $bits) as $type
                    }
                }
            }

            fn truncate(value: u64) -> $type {
                value as $type
            }

            fn add(self, other: $type) -> $type {
                self.wrapping_add(other)
            }
        }
    };
}

narrow!(u16, u32, 16);
narrow!(u8, u16, 8);

impl Word for bool {
    #[inline(always)]
    fn bounded<S: BitSource + ?Sized>(source: &mut S, range: u64, _: Method, buffer: &mut Buffer) -> bool {
        range != 0 && buffer.next(source, 1) & 1 == 1
    }

    fn truncate(value: u64) -> bool {
        value & 1 == 1
    }

    fn add(self, other: bool) -> bool {
        // A drawn bit is the result itself; an offset occurs with an empty range only.
        self || other
    }
}

/// Fills `out` with numbers in `[offset, offset + range]`, wrapping in the width of `W`.
pub fn fill<W: Word, S: BitSource + ?Sized>(source: &mut S, offset: u64, range: u64, method: Method, out: &mut [W]) {
    let offset = W::truncate(offset);
    let mut buffer = Buffer::default();
    for slot in out {
        *slot = W::bounded(source, range, method, &mut buffer).add(offset);
    }
}
