//! The bit generators behind one type, so that a generator's algorithm can be chosen at run time.

use super::bits::{BitSource, HalfWord};
use super::mt19937::MT19937;
use super::pcg64::{PCG64, PCG64DXSM};
use super::philox::Philox;
use super::seed_sequence::SeedSequence;
use super::sfc64::SFC64;
use crate::error::{Error, Result};

/// The algorithms, by NumPy's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::upper_case_acronyms)]
pub enum Algorithm {
    /// [`PCG64`], the default of `default_rng`.
    PCG64,
    /// [`PCG64DXSM`].
    PCG64DXSM,
    /// [`MT19937`], the default of `RandomState`.
    MT19937,
    /// [`Philox`].
    Philox,
    /// [`SFC64`].
    SFC64,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Algorithm; 5] = [Algorithm::PCG64, Algorithm::PCG64DXSM, Algorithm::MT19937, Algorithm::Philox, Algorithm::SFC64];

    /// NumPy's name, such as `"PCG64"`.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::PCG64 => "PCG64",
            Algorithm::PCG64DXSM => "PCG64DXSM",
            Algorithm::MT19937 => "MT19937",
            Algorithm::Philox => "Philox",
            Algorithm::SFC64 => "SFC64",
        }
    }

    /// The algorithm of that name.
    ///
    /// # Errors
    /// [`Error::Value`] for any other name.
    pub fn from_name(name: &str) -> Result<Algorithm> {
        Algorithm::ALL.into_iter().find(|a| a.name() == name).ok_or_else(|| {
            let known = Algorithm::ALL.map(Algorithm::name).join(", ");
            Error::value("random", format!("{name:?} is not a bit generator; known are {known}"))
        })
    }
}

/// A generator's state under any of the algorithms.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::upper_case_acronyms)]
pub enum State {
    /// See [`PCG64`].
    PCG64(PCG64),
    /// See [`PCG64DXSM`].
    PCG64DXSM(PCG64DXSM),
    /// See [`MT19937`].
    MT19937(MT19937),
    /// See [`Philox`].
    Philox(Philox),
    /// See [`SFC64`].
    SFC64(SFC64),
}

/// Runs an expression with the concrete generator bound to a name, so that a loop over draws is compiled for it.
macro_rules! with_state {
    ($state:expr, $source:ident => $body:expr) => {
        match $state {
            $crate::random::State::PCG64($source) => $body,
            $crate::random::State::PCG64DXSM($source) => $body,
            $crate::random::State::MT19937($source) => $body,
            $crate::random::State::Philox($source) => $body,
            $crate::random::State::SFC64($source) => $body,
        }
    };
}
pub(crate) use with_state;

impl BitSource for State {
    #[inline]
    fn next_u64(&mut self) -> u64 {
        with_state!(self, source => source.next_u64())
    }

    #[inline]
    fn next_u32(&mut self) -> u32 {
        with_state!(self, source => source.next_u32())
    }

    fn next_raw(&mut self) -> u64 {
        with_state!(self, source => source.next_raw())
    }

    #[inline]
    fn next_f64(&mut self) -> f64 {
        with_state!(self, source => source.next_f64())
    }
}

impl State {
    /// A state seeded from a sequence.
    pub fn new(algorithm: Algorithm, sequence: &SeedSequence) -> State {
        match algorithm {
            Algorithm::PCG64 => State::PCG64(PCG64::from_sequence(sequence)),
            Algorithm::PCG64DXSM => State::PCG64DXSM(PCG64DXSM::from_sequence(sequence)),
            Algorithm::MT19937 => State::MT19937(MT19937::from_sequence(sequence)),
            Algorithm::Philox => State::Philox(Philox::from_sequence(sequence)),
            Algorithm::SFC64 => State::SFC64(SFC64::from_sequence(sequence)),
        }
    }

    /// Which algorithm this is a state of.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            State::PCG64(_) => Algorithm::PCG64,
            State::PCG64DXSM(_) => Algorithm::PCG64DXSM,
            State::MT19937(_) => Algorithm::MT19937,
            State::Philox(_) => Algorithm::Philox,
            State::SFC64(_) => Algorithm::SFC64,
        }
    }

    /// The half word that a 32-bit draw left; MT19937 draws 32 bits at a time and has none.
    pub fn half(&mut self) -> Option<&mut HalfWord> {
        match self {
            State::PCG64(s) => Some(&mut s.half),
            State::PCG64DXSM(s) => Some(&mut s.half),
            State::Philox(s) => Some(&mut s.half),
            State::SFC64(s) => Some(&mut s.half),
            State::MT19937(_) => None,
        }
    }
}

macro_rules! from_algorithm {
    ($($name:ident),*) => {$(
        impl From<$name> for State {
            fn from(source: $name) -> State {
                State::$name(source)
            }
        }
    )*};
}

from_algorithm!(PCG64, PCG64DXSM, MT19937, Philox, SFC64);
