//! Kernels over one contiguous lane of reals: softmax, moments, normalisation. Compiled for several instruction sets.
//!
//! Sums run in 32 interleaved accumulators, blocks of which are added up in double precision: accurate for long lanes,
//! and the same on every machine up to fused multiply-adds.

use crate::cpu::math;
use crate::cpu::simd::{Level, fma32, fma64};
use crate::leveled;

/// float32 and float64.
pub trait Real:
    Copy
    + PartialOrd
    + Send
    + Sync
    + Default
    + 'static
    + std::ops::Add<Output = Self>
    + std::ops::AddAssign
    + std::ops::Sub<Output = Self>
    + std::ops::Mul<Output = Self>
    + std::ops::Div<Output = Self>
{
    /// Negative infinity.
    const LOWEST: Self;
    /// From double precision.
    fn from_f64(x: f64) -> Self;
    /// To double precision.
    fn to_f64(self) -> f64;
    /// `e^self`.
    fn exp<L: Level>(self) -> Self;
    /// `self * b + c`.
    fn fma<L: Level>(self, b: Self, c: Self) -> Self;
}

macro_rules! real {
    ($type:ty, $exp:path, $fma:path) => {
        impl Real for $type {
            const LOWEST: Self = <$type>::NEG_INFINITY;
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $type
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            fn exp<L: Level>(self) -> Self {
                $exp(self)
            }
            #[inline(always)]
            fn fma<L: Level>(self, b: Self, c: Self) -> Self {
                $fma(self, b, c)
            }
        }
    };
}
real!(f32, math::exp_f32::<L>, fma32::<L>);
real!(f64, math::exp_f64::<L>, fma64::<L>);

const WIDTH: usize = 32;
const BLOCK: usize = 1024;

/// `Σ f(x[i])`.
#[inline(always)]
fn sum<T: Real>(x: &[T], f: impl Fn(T) -> T) -> f64 {
    let mut total = 0.0;
    for block in x.chunks(BLOCK) {
        let mut sums = [T::default(); WIDTH];
        let groups = block.chunks_exact(WIDTH);
        let mut rest = T::default();
        groups.remainder().iter().for_each(|&v| rest += f(v));
        for group in groups {
            for (sum, &v) in sums.iter_mut().zip(group) {
                *sum += f(v);
            }
        }
        let mut width = WIDTH / 2;
        while width > 0 {
            for i in 0..width {
                sums[i] += sums[i + width];
            }
            width /= 2;
        }
        total += (sums[0] + rest).to_f64();
    }
    total
}

/// The largest element; NaN is passed over.
#[inline(always)]
fn largest<T: Real>(x: &[T]) -> T {
    let mut lanes = [T::LOWEST; WIDTH];
    let groups = x.chunks_exact(WIDTH);
    let rest = groups.remainder();
    for group in groups {
        for (best, &v) in lanes.iter_mut().zip(group) {
            *best = if v > *best { v } else { *best };
        }
    }
    lanes.iter().chain(rest).fold(T::LOWEST, |best, &v| if v > best { v } else { best })
}

/// A kernel of one lane.
pub type LaneFn<T> = unsafe fn(x: *const T, out: *mut T, n: usize);

#[inline(always)]
unsafe fn softmax_body<T: Real, L: Level>(x: *const T, out: *mut T, n: usize) {
    // SAFETY: the contract of `LaneFn`.
    let (x, out) = unsafe { (std::slice::from_raw_parts(x, n), std::slice::from_raw_parts_mut(out, n)) };
    let top = largest(x);
    out.iter_mut().zip(x).for_each(|(o, &v)| *o = (v - top).exp::<L>());
    let total = T::from_f64(sum(out, |v| v));
    out.iter_mut().for_each(|o| *o = *o / total);
}

#[inline(always)]
unsafe fn log_softmax_body<T: Real, L: Level>(x: *const T, out: *mut T, n: usize) {
    // SAFETY: the contract of `LaneFn`.
    let (x, out) = unsafe { (std::slice::from_raw_parts(x, n), std::slice::from_raw_parts_mut(out, n)) };
    let top = largest(x);
    let total = T::from_f64(sum(x, |v| (v - top).exp::<L>()).ln());
    out.iter_mut().zip(x).for_each(|(o, &v)| *o = (v - top) - total);
}

leveled! {
    /// `exp(x - max) / Σ exp(x - max)`. `x` and `out` must be distinct lanes of `n` elements.
    pub fn softmax<T> where { T: Real } = softmax_body as LaneFn<T>, (x: *const T, out: *mut T, n: usize)
}
leveled! {
    /// `x - max - log Σ exp(x - max)`. `x` and `out` must be distinct lanes of `n` elements.
    pub fn log_softmax<T> where { T: Real } = log_softmax_body as LaneFn<T>, (x: *const T, out: *mut T, n: usize)
}

/// Sum of the elements, and sum of the squared distances from `centre`.
pub type SumFn<T> = unsafe fn(x: *const T, n: usize, centre: f64, out: *mut f64);

#[inline(always)]
#[expect(clippy::extra_unused_type_parameters, reason = "`leveled!` names the instruction set for every body")]
unsafe fn sum_body<T: Real, L: Level>(x: *const T, n: usize, _centre: f64, out: *mut f64) {
    // SAFETY: the contract of `SumFn`.
    unsafe { *out = sum(std::slice::from_raw_parts(x, n), |v| v) };
}

#[inline(always)]
#[expect(clippy::extra_unused_type_parameters, reason = "`leveled!` names the instruction set for every body")]
unsafe fn squares_body<T: Real, L: Level>(x: *const T, n: usize, centre: f64, out: *mut f64) {
    let centre = T::from_f64(centre);
    // SAFETY: the contract of `SumFn`.
    unsafe { *out = sum(std::slice::from_raw_parts(x, n), |v| (v - centre) * (v - centre)) };
}

leveled! {
    /// `Σ x`; the centre is not used.
    fn sum_loop<T> where { T: Real } = sum_body as SumFn<T>, (x: *const T, n: usize, centre: f64, out: *mut f64)
}
leveled! {
    /// `Σ (x - centre)²`.
    fn squares_loop<T> where { T: Real } = squares_body as SumFn<T>, (x: *const T, n: usize, centre: f64, out: *mut f64)
}

/// `Σ x`.
pub fn total<T: Real>(x: &[T]) -> f64 {
    let mut out = 0.0;
    // SAFETY: pointer and length of a slice, and a local.
    unsafe { sum_loop::<T>()(x.as_ptr(), x.len(), 0.0, &raw mut out) };
    out
}

/// `Σ (x - centre)²`.
pub fn squares<T: Real>(x: &[T], centre: f64) -> f64 {
    let mut out = 0.0;
    // SAFETY: pointer and length of a slice, and a local.
    unsafe { squares_loop::<T>()(x.as_ptr(), x.len(), centre, &raw mut out) };
    out
}

/// `out = (x - mean) * scale`, then `* weight + bias` elementwise where these are not null.
pub type NormFn<T> = unsafe fn(x: *const T, out: *mut T, n: usize, mean: T, scale: T, weight: *const T, bias: *const T);

#[inline(always)]
unsafe fn normalize_body<T: Real, L: Level>(x: *const T, out: *mut T, n: usize, mean: T, scale: T, weight: *const T, bias: *const T) {
    // SAFETY: the contract of `NormFn`.
    let (x, out) = unsafe { (std::slice::from_raw_parts(x, n), std::slice::from_raw_parts_mut(out, n)) };
    match (weight.is_null(), bias.is_null()) {
        (true, true) => out.iter_mut().zip(x).for_each(|(o, &v)| *o = (v - mean) * scale),
        (false, true) => {
            // SAFETY: not null, so `n` elements by the contract.
            let weight = unsafe { std::slice::from_raw_parts(weight, n) };
            out.iter_mut().zip(x).zip(weight).for_each(|((o, &v), &w)| *o = (v - mean) * scale * w);
        }
        (true, false) => {
            // SAFETY: as above.
            let bias = unsafe { std::slice::from_raw_parts(bias, n) };
            out.iter_mut().zip(x).zip(bias).for_each(|((o, &v), &b)| *o = (v - mean) * scale + b);
        }
        (false, false) => {
            // SAFETY: as above.
            let (weight, bias) = unsafe { (std::slice::from_raw_parts(weight, n), std::slice::from_raw_parts(bias, n)) };
            out.iter_mut().zip(x).zip(weight).zip(bias).for_each(|(((o, &v), &w), &b)| *o = ((v - mean) * scale).fma::<L>(w, b));
        }
    }
}

leveled! {
    /// Normalises one lane. `out` must be distinct from the inputs; `weight` and `bias` are null or `n` elements long.
    fn normalize_loop<T> where { T: Real } = normalize_body as NormFn<T>,
    (x: *const T, out: *mut T, n: usize, mean: T, scale: T, weight: *const T, bias: *const T)
}

/// `out = (x - mean) * scale * weight + bias`.
pub fn normalize<T: Real>(x: &[T], out: &mut [T], mean: T, scale: T, weight: Option<&[T]>, bias: Option<&[T]>) {
    let n = x.len();
    assert!(out.len() == n && weight.is_none_or(|w| w.len() == n) && bias.is_none_or(|b| b.len() == n));
    let pointer = |x: Option<&[T]>| x.map_or(std::ptr::null(), <[T]>::as_ptr);
    // SAFETY: lengths were checked; `out` is borrowed mutably, so it overlaps nothing.
    unsafe { normalize_loop::<T>()(x.as_ptr(), out.as_mut_ptr(), n, mean, scale, pointer(weight), pointer(bias)) };
}

#[inline(always)]
unsafe fn affine_body<T: Real, L: Level>(x: *const T, out: *mut T, n: usize, scale: T, shift: T) {
    // SAFETY: the contract of the loop.
    let (x, out) = unsafe { (std::slice::from_raw_parts(x, n), std::slice::from_raw_parts_mut(out, n)) };
    out.iter_mut().zip(x).for_each(|(o, &v)| *o = v.fma::<L>(scale, shift));
}

leveled! {
    /// `out = x * scale + shift` of distinct lanes of `n` elements.
    fn affine_loop<T> where { T: Real } = affine_body as unsafe fn(*const T, *mut T, usize, T, T),
    (x: *const T, out: *mut T, n: usize, scale: T, shift: T)
}

/// `out = x * scale + shift`.
pub fn affine<T: Real>(x: &[T], out: &mut [T], scale: T, shift: T) {
    assert_eq!(x.len(), out.len());
    // SAFETY: equal lengths; `out` is borrowed mutably, so it overlaps nothing.
    unsafe { affine_loop::<T>()(x.as_ptr(), out.as_mut_ptr(), x.len(), scale, shift) };
}

#[inline(always)]
unsafe fn add_scaled_body<T: Real, L: Level>(x: *const T, out: *mut T, n: usize, scale: T) {
    // SAFETY: the contract of the loop.
    let (x, out) = unsafe { (std::slice::from_raw_parts(x, n), std::slice::from_raw_parts_mut(out, n)) };
    out.iter_mut().zip(x).for_each(|(o, &v)| *o = v.fma::<L>(scale, *o));
}

leveled! {
    /// `out += x * scale` of distinct lanes of `n` elements.
    fn add_scaled_loop<T> where { T: Real } = add_scaled_body as unsafe fn(*const T, *mut T, usize, T),
    (x: *const T, out: *mut T, n: usize, scale: T)
}

/// `out += x * scale`.
pub fn add_scaled<T: Real>(x: &[T], out: &mut [T], scale: T) {
    assert_eq!(x.len(), out.len());
    // SAFETY: equal lengths; `out` is borrowed mutably, so it overlaps nothing.
    unsafe { add_scaled_loop::<T>()(x.as_ptr(), out.as_mut_ptr(), x.len(), scale) };
}

#[inline(always)]
unsafe fn add_squares_body<T: Real, L: Level>(x: *const T, out: *mut T, n: usize, centre: T) {
    // SAFETY: the contract of the loop.
    let (x, out) = unsafe { (std::slice::from_raw_parts(x, n), std::slice::from_raw_parts_mut(out, n)) };
    out.iter_mut().zip(x).for_each(|(o, &v)| *o = (centre - v).fma::<L>(centre - v, *o));
}

leveled! {
    /// `out += (centre - x)²` of distinct lanes of `n` elements.
    fn add_squares_loop<T> where { T: Real } = add_squares_body as unsafe fn(*const T, *mut T, usize, T),
    (x: *const T, out: *mut T, n: usize, centre: T)
}

/// `out += (centre - x)²`.
pub fn add_squares<T: Real>(x: &[T], out: &mut [T], centre: T) {
    assert_eq!(x.len(), out.len());
    // SAFETY: equal lengths; `out` is borrowed mutably, so it overlaps nothing.
    unsafe { add_squares_loop::<T>()(x.as_ptr(), out.as_mut_ptr(), x.len(), centre) };
}

/// Applies a lane kernel to every lane of `n` elements.
pub fn each_lane<T: Real>(kernel: LaneFn<T>, x: &[T], n: usize, out: &mut [T]) {
    if x.is_empty() {
        return;
    }
    assert!(x.len() == out.len() && x.len().is_multiple_of(n));
    super::chunks::for_each_lanes(out, n, 4, |first, lanes| {
        for (i, lane) in lanes.chunks_exact_mut(n).enumerate() {
            let source = &x[(first + i) * n..][..n];
            // SAFETY: both are lanes of `n` elements, and `out` is borrowed mutably.
            unsafe { kernel(source.as_ptr(), lane.as_mut_ptr(), n) };
        }
    });
}
