//! Seeds of any size mixed into well-spread state words: NumPy's `SeedSequence`.
//!
//! Written after the description in NEP 19 and NumPy 2.4's `bit_generator.pyx`; the hash is M. E. O'Neill's `seed_seq`.

use std::collections::hash_map::RandomState as ProcessRandom;
use std::hash::{BuildHasher, Hasher};

/// Words of the entropy pool unless more are asked for: 128 bits.
pub const DEFAULT_POOL_SIZE: usize = 4;

const INIT_A: u32 = 0x43b0_d7e5;
const MULT_A: u32 = 0x931e_8875;
const INIT_B: u32 = 0x8b51_f9dd;
const MULT_B: u32 = 0x58f3_8ded;
const MIX_MULT_L: u32 = 0xca01_f9dd;
const MIX_MULT_R: u32 = 0x4973_f715;

/// Mixes entropy of any length into seeds for bit generators, and spawns independent children.
///
/// ```
/// use purify_ops::random::SeedSequence;
/// let sequence = SeedSequence::new(42u64);
/// assert_eq!(sequence.generate_u32(2), [3444837047, 2669555309]); // as NumPy
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedSequence {
    entropy: Vec<u32>,
    spawn_key: Vec<u32>,
    pool: Vec<u32>,
    children_spawned: u32,
}

/// Non-negative integers of any size as little-endian 32-bit words, the form in which entropy is mixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entropy(pub Vec<u32>);

impl Entropy {
    /// Fresh entropy from the operating system, `words` words long.
    pub fn from_system(words: usize) -> Self {
        // `RandomState` of the standard library is keyed from the system's generator; hashing a counter
        // under fresh keys yields as many words as needed without a dependency.
        let mut out = Vec::with_capacity(words);
        while out.len() < words {
            let mut hasher = ProcessRandom::new().build_hasher();
            hasher.write_usize(out.len());
            hasher.write_u128(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_nanos()));
            let value = hasher.finish();
            out.push(value as u32);
            out.push((value >> 32) as u32);
        }
        out.truncate(words);
        Entropy(out)
    }
}

impl From<u64> for Entropy {
    fn from(value: u64) -> Self {
        Entropy::from(u128::from(value))
    }
}

impl From<u128> for Entropy {
    fn from(value: u128) -> Self {
        let mut words = vec![value as u32];
        let mut rest = value >> 32;
        while rest > 0 {
            words.push(rest as u32);
            rest >>= 32;
        }
        Entropy(words)
    }
}

impl From<&[u64]> for Entropy {
    /// A sequence of integers: each contributes its own words, so `[1, 2]` is not `1 + (2 << 32)` by accident only
    /// when the values fit into 32 bits, exactly as in NumPy.
    fn from(values: &[u64]) -> Self {
        Entropy(values.iter().flat_map(|&v| Entropy::from(v).0).collect())
    }
}

impl From<Vec<u32>> for Entropy {
    fn from(words: Vec<u32>) -> Self {
        Entropy(words)
    }
}

impl SeedSequence {
    /// A sequence over the given entropy with the default pool of 128 bits.
    pub fn new(entropy: impl Into<Entropy>) -> Self {
        SeedSequence::with_options(entropy, &[], DEFAULT_POOL_SIZE, 0)
    }

    /// A sequence over fresh entropy of the operating system.
    pub fn from_system() -> Self {
        SeedSequence::new(Entropy::from_system(DEFAULT_POOL_SIZE))
    }

    /// A sequence with every parameter of NumPy's constructor. `spawn_key` holds 32-bit words, `pool_size` is raised
    /// to [`DEFAULT_POOL_SIZE`] where it is smaller.
    pub fn with_options(entropy: impl Into<Entropy>, spawn_key: &[u32], pool_size: usize, children_spawned: u32) -> Self {
        let entropy = entropy.into().0;
        let pool_size = pool_size.max(DEFAULT_POOL_SIZE);
        let mut assembled = entropy.clone();
        if !spawn_key.is_empty() && assembled.len() < pool_size {
            // Without the padding a short seed with a spawn key could equal a longer seed without one.
            assembled.resize(pool_size, 0);
        }
        assembled.extend_from_slice(spawn_key);
        SeedSequence { entropy, spawn_key: spawn_key.to_vec(), pool: mix_entropy(&assembled, pool_size), children_spawned }
    }

    /// The entropy as 32-bit words.
    pub fn entropy(&self) -> &[u32] {
        &self.entropy
    }

    /// The path in the tree of spawned sequences.
    pub fn spawn_key(&self) -> &[u32] {
        &self.spawn_key
    }

    /// Words in the pool.
    pub fn pool_size(&self) -> usize {
        self.pool.len()
    }

    /// The mixed pool itself.
    pub fn pool(&self) -> &[u32] {
        &self.pool
    }

    /// How many children were spawned so far.
    pub fn children_spawned(&self) -> u32 {
        self.children_spawned
    }

    /// `count` words of 32 bits to seed a bit generator with.
    pub fn generate_u32(&self, count: usize) -> Vec<u32> {
        let mut hash = INIT_B;
        (0..count)
            .map(|i| {
                let mut word = self.pool[i % self.pool.len()] ^ hash;
                hash = hash.wrapping_mul(MULT_B);
                word = word.wrapping_mul(hash);
                word ^ (word >> 16)
            })
            .collect()
    }

    /// `count` words of 64 bits, each from two 32-bit words, low word first.
    pub fn generate_u64(&self, count: usize) -> Vec<u64> {
        self.generate_u32(2 * count).chunks_exact(2).map(|pair| u64::from(pair[0]) | u64::from(pair[1]) << 32).collect()
    }

    /// `count` children whose streams are independent of each other and of this sequence; later calls give new ones.
    pub fn spawn(&mut self, count: u32) -> Vec<SeedSequence> {
        let first = self.children_spawned;
        self.children_spawned = first.wrapping_add(count);
        (first..first.wrapping_add(count))
            .map(|child| {
                let mut key = self.spawn_key.clone();
                key.push(child);
                SeedSequence::with_options(self.entropy.clone(), &key, self.pool.len(), 0)
            })
            .collect()
    }
}

fn mix_entropy(entropy: &[u32], pool_size: usize) -> Vec<u32> {
    let mut hash = INIT_A;
    let mut hashmix = |value: u32| {
        let mut value = value ^ hash;
        hash = hash.wrapping_mul(MULT_A);
        value = value.wrapping_mul(hash);
        value ^ (value >> 16)
    };
    let mut pool: Vec<u32> = (0..pool_size).map(|i| hashmix(entropy.get(i).copied().unwrap_or(0))).collect();
    for source in 0..pool_size {
        for target in 0..pool_size {
            if source != target {
                pool[target] = mix(pool[target], hashmix(pool[source]));
            }
        }
    }
    for &word in entropy.iter().skip(pool_size) {
        for slot in &mut pool {
            *slot = mix(*slot, hashmix(word));
        }
    }
    pool
}

fn mix(x: u32, y: u32) -> u32 {
    let result = MIX_MULT_L.wrapping_mul(x).wrapping_sub(MIX_MULT_R.wrapping_mul(y));
    result ^ (result >> 16)
}
