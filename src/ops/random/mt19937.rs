//! MT19937, the Mersenne Twister: the generator of NumPy's `RandomState`, of Python's `random` and of torch's CPU streams.
//!
//! M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudorandom number
//! generator" (ACM TOMACS 8, 1998), with the seedings of 2002.

use super::bits::BitSource;
use super::seed_sequence::{Entropy, SeedSequence};

/// Words of the state.
pub const WORDS: usize = 624;
const MIDDLE: usize = 397;
/// The polynomial x^(2^128) modulo the characteristic polynomial, over two elements: bit `i % 8` of byte `i / 8` is the
/// coefficient of x^i. Computed from the lowest bits of 39,874 draws by Berlekamp and Massey's algorithm and 128 squarings.
static JUMP: &[u8; 2493] = include_bytes!("mt19937_jump.bin");

/// The Mersenne Twister with its 624 words of state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MT19937 {
    /// The state words.
    pub key: Box<[u32; WORDS]>,
    /// The next word to be drawn; [`WORDS`] when the state must be advanced first.
    pub position: usize,
}

impl MT19937 {
    /// A generator seeded through a [`SeedSequence`], as `numpy.random.MT19937(seed)` does it. The legacy seeding of
    /// `numpy.random.RandomState(seed)` is [`MT19937::legacy`].
    pub fn seed(entropy: impl Into<Entropy>) -> Self {
        MT19937::from_sequence(&SeedSequence::new(entropy))
    }

    /// A generator seeded from a sequence.
    pub fn from_sequence(sequence: &SeedSequence) -> Self {
        let mut key = Box::new([0; WORDS]);
        key.copy_from_slice(&sequence.generate_u32(WORDS));
        key[0] = 0x8000_0000; // never all zero
        // NumPy starts at the last word, not behind it.
        MT19937 { key, position: WORDS - 1 }
    }

    /// The seeding of 2002 by one integer (`init_genrand`): `RandomState(seed)`.
    pub fn legacy(seed: u32) -> Self {
        let mut key = Box::new([0; WORDS]);
        let mut word = seed;
        for (i, slot) in key.iter_mut().enumerate() {
            *slot = word;
            word = 1_812_433_253u32.wrapping_mul(word ^ (word >> 30)).wrapping_add(i as u32 + 1);
        }
        MT19937 { key, position: WORDS }
    }

    /// The seeding of 2002 by an array (`init_by_array`): `RandomState([1, 2, 3])`. An empty array counts as `[0]`.
    pub fn legacy_array(seed: &[u32]) -> Self {
        let seed = if seed.is_empty() { &[0][..] } else { seed };
        let MT19937 { mut key, .. } = MT19937::legacy(19_650_218);
        let (mut i, mut j) = (1, 0);
        for _ in 0..WORDS.max(seed.len()) {
            let mixed = (key[i - 1] ^ (key[i - 1] >> 30)).wrapping_mul(1_664_525);
            key[i] = (key[i] ^ mixed).wrapping_add(seed[j]).wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= WORDS {
                key[0] = key[WORDS - 1];
                i = 1;
            }
            if j >= seed.len() {
                j = 0;
            }
        }
        for _ in 0..WORDS - 1 {
            let mixed = (key[i - 1] ^ (key[i - 1] >> 30)).wrapping_mul(1_566_083_941);
            key[i] = (key[i] ^ mixed).wrapping_sub(i as u32);
            i += 1;
            if i >= WORDS {
                key[0] = key[WORDS - 1];
                i = 1;
            }
        }
        key[0] = 0x8000_0000;
        MT19937 { key, position: WORDS }
    }

    /// Moves the state 2^128 words on, as NumPy's `jumped` does it (H. Haramoto, M. Matsumoto, T. Nishimura, F. Panneton and
    /// P. L'Ecuyer, "Efficient jump ahead for F2-linear random number generators", 2008): the state after `n` words is a
    /// linear combination of the states after the first 19,937, with the coefficients of `x^n` modulo the characteristic
    /// polynomial of the recurrence.
    pub fn jump(&mut self) {
        let coefficient = |i: usize| JUMP[i / 8] >> (i % 8) & 1 == 1;
        let degree = (0..JUMP.len() * 8).rev().find(|&i| coefficient(i)).unwrap_or(0);
        // Like NumPy, the words from the position on, then those before it, though some of these are of the round before.
        let from = if self.position >= WORDS { 0 } else { self.position };
        let mut words: Vec<u32> = self.key[from..].iter().chain(&self.key[..from]).copied().collect();
        for n in 0..degree {
            words.push(words[n + MIDDLE] ^ twist(words[n], words[n + 1]));
        }
        let mut sum = [0u32; WORDS];
        for i in (0..=degree).filter(|&i| coefficient(i)) {
            sum.iter_mut().zip(&words[i..]).for_each(|(s, w)| *s ^= w);
        }
        self.position = (from + degree) % WORDS;
        for (k, word) in sum.into_iter().enumerate() {
            self.key[(self.position + k) % WORDS] = word;
        }
    }

    #[inline(never)]
    fn refill(&mut self) {
        let key = &mut *self.key;
        for i in 0..WORDS - MIDDLE {
            key[i] = key[i + MIDDLE] ^ twist(key[i], key[i + 1]);
        }
        for i in WORDS - MIDDLE..WORDS - 1 {
            key[i] = key[i + MIDDLE - WORDS] ^ twist(key[i], key[i + 1]);
        }
        key[WORDS - 1] = key[MIDDLE - 1] ^ twist(key[WORDS - 1], key[0]);
        self.position = 0;
    }
}

#[inline(always)]
fn twist(upper: u32, lower: u32) -> u32 {
    let word = (upper & 0x8000_0000) | (lower & 0x7fff_ffff);
    (word >> 1) ^ ((word & 1).wrapping_neg() & 0x9908_b0df)
}

impl BitSource for MT19937 {
    #[inline(always)]
    fn next_u32(&mut self) -> u32 {
        if self.position >= WORDS {
            self.refill();
        }
        let mut word = self.key[self.position];
        self.position += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    #[inline(always)]
    fn next_u64(&mut self) -> u64 {
        let high = u64::from(self.next_u32());
        high << 32 | u64::from(self.next_u32())
    }

    fn next_raw(&mut self) -> u64 {
        u64::from(self.next_u32())
    }

    #[inline(always)]
    fn next_f64(&mut self) -> f64 {
        let high = (self.next_u32() >> 5) as i32 as f64;
        let low = (self.next_u32() >> 6) as i32 as f64;
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_are_numpys() {
        let mut rng = MT19937::legacy(7);
        rng.jump();
        assert_eq!((rng.position, [rng.next_u32(), rng.next_u32(), rng.next_u32()]), (589, [1_286_596_512, 252_303_688, 1_302_755_088]));
    }
}
