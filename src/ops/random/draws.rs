//! The two basic continuous draws, by which the streams of `Generator` and of `RandomState` differ.

use super::bits::BitSource;
use super::mt19937::MT19937;
use super::pcg64::{PCG64, PCG64DXSM};
use super::philox::Philox;
use super::sfc64::SFC64;
use super::{State, ziggurat};

/// A source together with how it makes normal and exponential numbers. The distributions built on these are the same
/// functions for both generations, but for the few places that ask [`Draws::FROZEN`].
pub trait Draws: BitSource {
    /// Whether the streams are those of `RandomState`, which NumPy froze with version 1.16 (NEP 19).
    const FROZEN: bool = false;

    /// One standard normal number.
    #[inline(always)]
    fn normal(&mut self) -> f64 {
        ziggurat::standard_normal(self)
    }

    /// One standard exponential number.
    #[inline(always)]
    fn exponential(&mut self) -> f64 {
        ziggurat::standard_exponential(self)
    }
}

macro_rules! current {
    ($($source:ty),*) => {$(
        impl Draws for $source {}
    )*};
}
current!(State, PCG64, PCG64DXSM, MT19937, Philox, SFC64);
