//! PCG64 and PCG64DXSM: 128-bit linear congruential generators with a permuted 64-bit output.
//!
//! M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
//! Generation" (2014). State, seeding and outputs are those of NumPy.

use super::bits::{BitSource, HalfWord};
use super::seed_sequence::{Entropy, SeedSequence};

const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;
const CHEAP_MULTIPLIER: u64 = 0xda94_2042_e4dd_58b5;
/// Steps of one jump: the golden ratio of 2^128, so that jumped streams lie far apart.
const JUMP: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// NumPy's default bit generator (XSL-RR output).
#[allow(clippy::upper_case_acronyms)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PCG64 {
    /// The congruential state.
    pub state: u128,
    /// The increment, always odd; it selects the stream.
    pub inc: u128,
    /// Half of a word left by a 32-bit draw.
    pub half: HalfWord,
}

/// PCG64 with the DXSM output and a 64-bit multiplier: NumPy's candidate for the next default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PCG64DXSM {
    /// The congruential state.
    pub state: u128,
    /// The increment, always odd; it selects the stream.
    pub inc: u128,
    /// Half of a word left by a 32-bit draw.
    pub half: HalfWord,
}

/// State and increment from a sequence. NumPy starts PCG64DXSM with the multiplier of PCG64 as well.
fn start(sequence: &SeedSequence) -> (u128, u128) {
    let words = sequence.generate_u64(4);
    let initial = u128::from(words[0]) << 64 | u128::from(words[1]);
    let inc = (u128::from(words[2]) << 64 | u128::from(words[3])) << 1 | 1;
    let state = inc.wrapping_add(initial).wrapping_mul(MULTIPLIER).wrapping_add(inc);
    (state, inc)
}

/// `delta` steps of the congruential generator at once (F. B. Brown, "Random Number Generation with Arbitrary
/// Stride", Trans. Am. Nucl. Soc. 71, 1994).
fn advance(state: u128, mut delta: u128, mut multiplier: u128, mut plus: u128) -> u128 {
    let (mut total_multiplier, mut total_plus) = (1u128, 0u128);
    while delta > 0 {
        if delta & 1 == 1 {
            total_multiplier = total_multiplier.wrapping_mul(multiplier);
            total_plus = total_plus.wrapping_mul(multiplier).wrapping_add(plus);
        }
        plus = multiplier.wrapping_add(1).wrapping_mul(plus);
        multiplier = multiplier.wrapping_mul(multiplier);
        delta >>= 1;
    }
    total_multiplier.wrapping_mul(state).wrapping_add(total_plus)
}

macro_rules! pcg {
    ($name:ident, $multiplier:expr) => {
        impl $name {
            /// A generator seeded through a [`SeedSequence`] over the given entropy.
            pub fn seed(entropy: impl Into<Entropy>) -> Self {
                $name::from_sequence(&SeedSequence::new(entropy))
            }

            /// A generator seeded from a sequence.
            pub fn from_sequence(sequence: &SeedSequence) -> Self {
                let (state, inc) = start(sequence);
                $name { state, inc, half: HalfWord::default() }
            }

            /// Moves the state as if `delta` words had been drawn, modulo 2^128; a stored half word is dropped.
            pub fn advance(&mut self, delta: u128) {
                self.state = advance(self.state, delta, $multiplier, self.inc);
                self.half = HalfWord::default();
            }

            /// A copy whose stream starts `jumps` times about 2^127.3 words later.
            pub fn jumped(&self, jumps: u128) -> Self {
                let mut other = self.clone();
                other.advance(JUMP.wrapping_mul(jumps));
                other
            }
        }
    };
}

pcg!(PCG64, MULTIPLIER);
pcg!(PCG64DXSM, CHEAP_MULTIPLIER as u128);

impl BitSource for PCG64 {
    #[inline(always)]
    fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.inc);
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }

    #[inline(always)]
    fn next_u32(&mut self) -> u32 {
        let mut half = self.half;
        let out = half.next(|| self.next_u64());
        self.half = half;
        out
    }
}

impl BitSource for PCG64DXSM {
    #[inline(always)]
    fn next_u64(&mut self) -> u64 {
        let mut high = (self.state >> 64) as u64;
        let low = self.state as u64 | 1;
        high ^= high >> 32;
        high = high.wrapping_mul(CHEAP_MULTIPLIER);
        high ^= high >> 48;
        high = high.wrapping_mul(low);
        self.state = self.state.wrapping_mul(CHEAP_MULTIPLIER as u128).wrapping_add(self.inc);
        high
    }

    #[inline(always)]
    fn next_u32(&mut self) -> u32 {
        let mut half = self.half;
        let out = half.next(|| self.next_u64());
        self.half = half;
        out
    }
}
