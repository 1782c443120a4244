//! SFC64: Chris Doty-Humphrey's small fast chaotic generator, seeded as in NumPy.

use super::bits::{BitSource, HalfWord};
use super::seed_sequence::{Entropy, SeedSequence};

/// Three chaotic words and a counter; the fastest of the generators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SFC64 {
    /// The three words and the counter.
    pub state: [u64; 4],
    /// Half of a word left by a 32-bit draw.
    pub half: HalfWord,
}

impl SFC64 {
    /// A generator seeded through a [`SeedSequence`] over the given entropy.
    pub fn seed(entropy: impl Into<Entropy>) -> Self {
        SFC64::from_sequence(&SeedSequence::new(entropy))
    }

    /// A generator seeded from a sequence; the first 12 words are thrown away as the author of the method asks.
    pub fn from_sequence(sequence: &SeedSequence) -> Self {
        let words = sequence.generate_u64(3);
        let mut out = SFC64 { state: [words[0], words[1], words[2], 1], half: HalfWord::default() };
        for _ in 0..12 {
            out.next_u64();
        }
        out
    }
}

impl BitSource for SFC64 {
    #[inline(always)]
    fn next_u64(&mut self) -> u64 {
        let [a, b, c, counter] = self.state;
        let out = a.wrapping_add(b).wrapping_add(counter);
        self.state = [b ^ (b >> 11), c.wrapping_add(c << 3), c.rotate_left(24).wrapping_add(out), counter.wrapping_add(1)];
        out
    }

    #[inline(always)]
    fn next_u32(&mut self) -> u32 {
        let mut half = self.half;
        let out = half.next(|| self.next_u64());
        self.half = half;
        out
    }
}
