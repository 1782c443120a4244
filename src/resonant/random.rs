//! Random streams named by what they are for, not by when they are drawn: the same on every platform and for every
//! number of threads.
//!
//! A stream is Philox under the key `(seed, purpose)`, started at a counter that holds up to three indices, such as
//! generation and child.

use purify_ops::random::{BitSource, Philox};

/// What a stream is for. The numbers are part of the format: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Initial values of tensors.
    Init = 1,
    /// Noise of a cycle.
    Cycle = 2,
    /// Mutations of a population.
    Mutation = 3,
    /// Dropout masks.
    Dropout = 4,
    /// Starting points of restarts.
    Restart = 5,
}

/// A stream of random numbers.
pub struct Stream(Philox);

impl Stream {
    /// The stream of a purpose under a seed, at the place of the given indices.
    pub fn new(seed: u64, purpose: Purpose, at: [u64; 3]) -> Stream {
        Stream(Philox::from_key([seed, purpose as u64], [0, at[0], at[1], at[2]]))
    }

    /// 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `[0, 1)`.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        self.0.next_f64()
    }

    /// Standard normal.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        purify_ops::random::standard_normal(&mut self.0)
    }

    /// Uniform among `0..n`, for `n` up to 2^53.
    #[inline]
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }
}
