//! What every bit generator offers to the distributions: 32- and 64-bit words and uniform doubles.

/// A source of random words. The distributions are written against this trait alone.
pub trait BitSource {
    /// The next 64 random bits.
    fn next_u64(&mut self) -> u64;

    /// The next 32 random bits. Generators of 64-bit words keep the other half for the following call.
    fn next_u32(&mut self) -> u32;

    /// The generator's own word, 32 bits wide for MT19937 and 64 bits for the others.
    fn next_raw(&mut self) -> u64 {
        self.next_u64()
    }

    /// Uniform double in `[0, 1)` with 53 random bits.
    #[inline(always)]
    fn next_f64(&mut self) -> f64 {
        // The shifted word has 53 bits: the signed conversion is exact and one instruction.
        (self.next_u64() >> 11) as i64 as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform float in `[0, 1)` with 24 random bits.
    #[inline(always)]
    fn next_f32(&mut self) -> f32 {
        (self.next_u32() >> 8) as i32 as f32 * (1.0 / 16_777_216.0)
    }
}

/// The unused upper half of a 64-bit word, which the next 32-bit draw takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HalfWord {
    /// Whether `value` is still to be drawn (`has_uint32` in NumPy's state).
    pub full: bool,
    /// The half, kept after it was drawn as NumPy keeps it (`uinteger`).
    pub value: u32,
}

impl HalfWord {
    /// The next 32-bit draw: the stored half, or the low half of a new word.
    #[inline(always)]
    pub fn next(&mut self, word: impl FnOnce() -> u64) -> u32 {
        if self.full {
            self.full = false;
            return self.value;
        }
        let word = word();
        *self = HalfWord { full: true, value: (word >> 32) as u32 };
        word as u32
    }
}
