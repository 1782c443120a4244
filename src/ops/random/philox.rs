//! Philox4x64-10: a counter hashed under a key, so any place of the stream is reached at once.
//!
//! J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC11, 2011); state and seeding are NumPy's.

use super::bits::{BitSource, HalfWord};
use super::seed_sequence::{Entropy, SeedSequence};

/// Words of one block.
pub const BLOCK: usize = 4;
const ROUNDS: usize = 10;

/// A counter-based generator: 256-bit counter, 128-bit key, blocks of four words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Philox {
    /// The counter, least significant word first; it is raised before a block is made.
    pub counter: [u64; 4],
    /// The key.
    pub key: [u64; 2],
    /// The current block.
    pub buffer: [u64; BLOCK],
    /// The next word of the block to be drawn; [`BLOCK`] when it is used up.
    pub position: usize,
    /// Half of a word left by a 32-bit draw.
    pub half: HalfWord,
}

impl Philox {
    /// A generator whose key comes from a [`SeedSequence`] over the given entropy.
    pub fn seed(entropy: impl Into<Entropy>) -> Self {
        Philox::from_sequence(&SeedSequence::new(entropy))
    }

    /// A generator whose key comes from a sequence.
    pub fn from_sequence(sequence: &SeedSequence) -> Self {
        let words = sequence.generate_u64(2);
        Philox::from_key([words[0], words[1]], [0; 4])
    }

    /// A generator with the given key and counter.
    pub fn from_key(key: [u64; 2], counter: [u64; 4]) -> Self {
        Philox { counter, key, buffer: [0; BLOCK], position: BLOCK, half: HalfWord::default() }
    }

    /// Adds `delta` (256 bits, least significant word first) to the counter: each unit is one block of four words.
    /// The rest of the current block is dropped.
    pub fn advance(&mut self, delta: [u64; 4]) {
        // The carries are NumPy's: one that is taken in and another that arises in the same word count once.
        let mut carry = false;
        for (word, step) in self.counter.iter_mut().zip(delta) {
            if carry {
                *word = word.wrapping_add(1);
                carry = *word == 0;
            }
            let before = *word;
            *word = word.wrapping_add(step);
            carry = carry || *word < before;
        }
        self.position = BLOCK;
        self.buffer = [0; BLOCK];
        self.half = HalfWord::default();
    }

    /// A copy whose stream starts `jumps` times 2^128 blocks later.
    pub fn jumped(&self, jumps: u128) -> Self {
        let mut other = self.clone();
        other.advance([0, 0, jumps as u64, (jumps >> 64) as u64]);
        other
    }

    #[inline]
    fn refill(&mut self) {
        for word in &mut self.counter {
            *word = word.wrapping_add(1);
            if *word != 0 {
                break;
            }
        }
        let mut block = self.counter;
        let mut key = self.key;
        for round in 0..ROUNDS {
            if round > 0 {
                key[0] = key[0].wrapping_add(0x9e37_79b9_7f4a_7c15);
                key[1] = key[1].wrapping_add(0xbb67_ae85_84ca_a73b);
            }
            let first = u128::from(block[0]) * 0xd2e7_470e_e14c_6c93;
            let second = u128::from(block[2]) * 0xca5a_8263_9512_1157;
            block = [(second >> 64) as u64 ^ block[1] ^ key[0], second as u64, (first >> 64) as u64 ^ block[3] ^ key[1], first as u64];
        }
        self.buffer = block;
        self.position = 0;
    }
}

impl BitSource for Philox {
    #[inline(always)]
    fn next_u64(&mut self) -> u64 {
        if self.position >= BLOCK {
            self.refill();
        }
        let out = self.buffer[self.position];
        self.position += 1;
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
