//! Discrete Fourier transforms along one axis of a contiguous tensor, by `rustfft` and `realfft`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, TryLockError};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_traits::Zero;
use rustfft::{Fft, FftDirection, FftNum, FftPlanner};

use num_complex::Complex;

use super::chunks::{SERIAL, for_each_lanes};
use super::lane::Real;
use super::simd::Level;
use crate::leveled;
use crate::pool;

/// Plans that have been made, by length and direction. Making one costs about as much as using it a hundred times.
pub struct Plans<T> {
    complex: HashMap<(usize, bool), Arc<dyn Fft<T>>>,
    forward: HashMap<usize, Arc<dyn RealToComplex<T>>>,
    inverse: HashMap<usize, Arc<dyn ComplexToReal<T>>>,
    halved: HashMap<usize, Halved<T>>,
}

/// Plans kept per table; a table that is full is emptied, which bounds memory in programs that try every length.
const KEPT: usize = 64;

impl<T> Default for Plans<T> {
    fn default() -> Self {
        Plans { complex: HashMap::new(), forward: HashMap::new(), inverse: HashMap::new(), halved: HashMap::new() }
    }
}

/// float32 and float64.
pub trait FftReal: FftNum + Real {
    /// From double precision.
    fn narrow(x: f64) -> Self {
        Real::from_f64(x)
    }
    /// The plans for this precision.
    fn plans() -> &'static Mutex<Plans<Self>>;
}

macro_rules! fft_real {
    ($type:ty) => {
        impl FftReal for $type {
            fn plans() -> &'static Mutex<Plans<Self>> {
                static PLANS: LazyLock<Mutex<Plans<$type>>> = LazyLock::new(Mutex::default);
                &PLANS
            }
        }
    };
}
fft_real!(f32);
fft_real!(f64);

/// The plan of that key from one of the tables, or a new one.
///
/// A lock that stays taken, as that of a thread which a forked child does not have, only costs the reuse.
fn cached<T: FftReal, K: std::hash::Hash + Eq, P: Clone>(
    key: K,
    table: impl Fn(&mut Plans<T>) -> &mut HashMap<K, P>,
    make: impl FnOnce() -> P,
) -> P {
    let lock = || {
        (0..1000).find_map(|_| match T::plans().try_lock() {
            Ok(plans) => Some(plans),
            Err(TryLockError::Poisoned(plans)) => Some(plans.into_inner()),
            Err(TryLockError::WouldBlock) => {
                std::hint::spin_loop();
                None
            }
        })
    };
    if let Some(plan) = lock().and_then(|mut plans| table(&mut plans).get(&key).cloned()) {
        return plan;
    }
    let plan = make();
    if let Some(mut plans) = lock() {
        let table = table(&mut plans);
        if table.len() >= KEPT {
            table.clear();
        }
        table.insert(key, plan.clone());
    }
    plan
}

/// Arithmetic per element relative to a copy, for deciding how lanes are shared among threads.
fn cost(n: usize) -> usize {
    (n.max(2).ilog2() as usize / 2).max(1)
}

/// The lanes along one axis of a contiguous tensor `[outer, length, inner]`.
#[derive(Clone, Copy, Debug)]
pub struct Lanes {
    /// Product of the axes before.
    pub outer: usize,
    /// Length of the axis in the input; lanes are cut or padded with zeros to the length of the transform.
    pub length: usize,
    /// Product of the axes behind.
    pub inner: usize,
}

/// Neighbouring lanes gathered together where lanes are not contiguous: as many as fill a cache line or two.
const TOGETHER: usize = 8;

/// An output whose elements are written by different tasks.
struct Scattered<B>(*mut B);
// SAFETY: tasks write disjoint elements.
unsafe impl<B: Send> Sync for Scattered<B> {}

impl<B> Scattered<B> {
    fn at(&self, i: usize) -> *mut B {
        self.0.wrapping_add(i)
    }
}

/// Calls `run(work, lane, out)` for every lane, `out` having `m` elements; `make` gives each task its work space.
fn each<A: Copy + Default + Sync, B: Copy + Default + Send, W>(
    lanes: Lanes,
    input: &[A],
    output: &mut [B],
    m: usize,
    cost: usize,
    make: impl Fn() -> W + Sync,
    run: impl Fn(&mut W, &[A], &mut [B]) + Sync,
) {
    let Lanes { outer, length, inner } = lanes;
    assert!(input.len() == outer * length * inner && output.len() == outer * m * inner, "lanes of a transform");
    if output.is_empty() {
        return;
    }
    if inner == 1 {
        return for_each_lanes(output, m, cost, |first, outputs| {
            let mut work = make();
            for (i, out) in outputs.chunks_exact_mut(m).enumerate() {
                run(&mut work, &input[(first + i) * length..][..length], out);
            }
        });
    }
    let blocks = inner.div_ceil(TOGETHER);
    let target = Scattered(output.as_mut_ptr());
    pool::for_ranges(outer * blocks, (SERIAL / (TOGETHER * m * cost)).max(1), |range| {
        let mut work = make();
        let mut gathered = vec![A::default(); TOGETHER * length];
        let mut results = vec![B::default(); TOGETHER * m];
        for block in range {
            let (o, first) = (block / blocks, block % blocks * TOGETHER);
            let width = TOGETHER.min(inner - first);
            for k in 0..length {
                let line = &input[(o * length + k) * inner + first..][..width];
                line.iter().enumerate().for_each(|(j, &v)| gathered[j * length + k] = v);
            }
            for j in 0..width {
                run(&mut work, &gathered[j * length..][..length], &mut results[j * m..][..m]);
            }
            for k in 0..m {
                let start = (o * m + k) * inner + first;
                // SAFETY: inside the output by the assertion above; no other task has these lanes.
                (0..width).for_each(|j| unsafe { target.at(start + j).write(results[j * m + k]) });
            }
        }
    });
}

/// Cuts a lane or pads it with zeros.
fn fit<A: Copy + Default>(lane: &[A], to: &mut [A]) {
    let n = lane.len().min(to.len());
    to[..n].copy_from_slice(&lane[..n]);
    to[n..].fill(A::default());
}

fn scaled<Z: Copy + std::ops::Mul<T, Output = Z>, T: FftReal>(out: &mut [Z], scale: T) {
    if scale != T::one() {
        out.iter_mut().for_each(|z| *z = *z * scale);
    }
}

/// Transforms each lane to `n` terms, times `scale`. `n` must not be 0.
pub fn complex<T: FftReal>(lanes: Lanes, input: &[Complex<T>], output: &mut [Complex<T>], n: usize, inverse: bool, scale: T) {
    let direction = if inverse { FftDirection::Inverse } else { FftDirection::Forward };
    let plan = cached((n, inverse), |plans: &mut Plans<T>| &mut plans.complex, || FftPlanner::new().plan_fft(n, direction));
    each(
        lanes,
        input,
        output,
        n,
        2 * cost(n),
        || vec![Complex::zero(); plan.get_inplace_scratch_len()],
        |work, lane, out| {
            fit(lane, out);
            plan.process_with_scratch(out, work);
            scaled(out, scale);
        },
    );
}

/// Transforms each real lane to the `n / 2 + 1` terms of non-negative frequency, times `scale`.
pub fn real_to_complex<T: FftReal>(lanes: Lanes, input: &[T], output: &mut [Complex<T>], n: usize, scale: T) {
    if n.is_multiple_of(2) {
        return even_to_complex(lanes, input, output, n, scale);
    }
    let plan = cached(n, |plans: &mut Plans<T>| &mut plans.forward, || RealFftPlanner::new().plan_fft_forward(n));
    each(
        lanes,
        input,
        output,
        n / 2 + 1,
        cost(n),
        || (plan.make_input_vec(), plan.make_scratch_vec()),
        |(lane, scratch), input, out| {
            fit(input, lane);
            // The only errors are wrong lengths, which `each` rules out.
            let _ = plan.process_with_scratch(lane, out, scratch);
            scaled(out, scale);
        },
    );
}

/// What the transform of an even number of real elements needs: the complex transform of half the length, and `-i/2` times
/// the roots of unity for the terms up to a quarter.
type Halved<T> = (Arc<dyn Fft<T>>, Arc<[Complex<T>]>);

/// [`real_to_complex`] of even length: neighbouring elements make a complex number, whose transform is then taken apart.
fn even_to_complex<T: FftReal>(lanes: Lanes, input: &[T], output: &mut [Complex<T>], n: usize, scale: T) {
    let m = n / 2;
    let (plan, roots) = cached(
        n,
        |plans: &mut Plans<T>| &mut plans.halved,
        || {
            let root = |k: usize| {
                let (sin, cos) = (2.0 * std::f64::consts::PI * k as f64 / n as f64).sin_cos();
                Complex::new(T::narrow(-0.5 * sin), T::narrow(-0.5 * cos))
            };
            (FftPlanner::new().plan_fft_forward(m), (0..m / 2 + 1).map(root).collect())
        },
    );
    let split = split_loop::<T>();
    each(
        lanes,
        input,
        output,
        m + 1,
        cost(n),
        || vec![Complex::zero(); plan.get_inplace_scratch_len()],
        |work, input, out| {
            // SAFETY: `m` complex numbers hold `n` reals side by side.
            fit(input, unsafe { std::slice::from_raw_parts_mut(out.as_mut_ptr().cast::<T>(), n) });
            plan.process_with_scratch(&mut out[..m], work);
            // SAFETY: `m + 1` terms, and a root for each up to the middle.
            unsafe { split(out.as_mut_ptr(), m, roots.as_ptr()) };
            scaled(out, scale);
        },
    );
}

/// Takes the transform `z` of `m` pairs apart into the `m + 1` terms of the real transform, in place.
///
/// # Safety
/// `z` must hold `m + 1` elements, `roots` `m / 2 + 1`.
#[inline(always)]
unsafe fn split_body<T: Real, L: Level>(z: *mut Complex<T>, m: usize, roots: *const Complex<T>) {
    // SAFETY: the caller's promise. The lower and the upper half are walked towards each other and meet at most in the middle.
    unsafe {
        let first = *z;
        *z = Complex { re: first.re + first.im, im: T::default() };
        *z.add(m) = Complex { re: first.re - first.im, im: T::default() };
        let half = T::from_f64(0.5);
        let (low, high) = (z.add(1), z.add(m - 1));
        for k in 0..(m - 1) / 2 {
            let (a, b, w) = (*low.add(k), *high.sub(k), *roots.add(k + 1));
            let (even_re, even_im) = ((a.re + b.re) * half, (a.im - b.im) * half);
            let (odd_re, odd_im) = (a.re - b.re, a.im + b.im);
            let turned_re = odd_re * w.re - odd_im * w.im;
            let turned_im = odd_im.fma::<L>(w.re, odd_re * w.im);
            *low.add(k) = Complex { re: even_re + turned_re, im: even_im + turned_im };
            *high.sub(k) = Complex { re: even_re - turned_re, im: turned_im - even_im };
        }
        if m.is_multiple_of(2) {
            // The middle is its own partner.
            let middle = z.add(m / 2);
            (*middle).im = T::default() - (*middle).im;
        }
    }
}

leveled! {
    fn split_loop<T> where { T: Real } = split_body as unsafe fn(*mut Complex<T>, usize, *const Complex<T>),
    (z: *mut Complex<T>, m: usize, roots: *const Complex<T>)
}

/// The inverse of [`real_to_complex`]: lanes of terms of non-negative frequency to `n` real elements, times `scale`. The
/// imaginary parts of the first term and, for even `n`, of term `n / 2` are taken as zero.
pub fn complex_to_real<T: FftReal>(lanes: Lanes, input: &[Complex<T>], output: &mut [T], n: usize, scale: T) {
    let plan = cached(n, |plans: &mut Plans<T>| &mut plans.inverse, || RealFftPlanner::new().plan_fft_inverse(n));
    let half = n / 2;
    each(
        lanes,
        input,
        output,
        n,
        cost(n),
        || (plan.make_input_vec(), plan.make_scratch_vec()),
        |(lane, scratch), input, out| {
            fit(input, lane);
            lane[0].im = T::zero();
            if n.is_multiple_of(2) {
                lane[half].im = T::zero();
            }
            // The only errors are wrong lengths and the imaginary parts just cleared.
            let _ = plan.process_with_scratch(lane, out, scratch);
            scaled(out, scale);
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_transforms_of_every_small_length_agree_with_the_sum() {
        for n in 1..40 {
            let x: Vec<f64> = (0..n).map(|i| ((i * 7919 + 3) % 101) as f64 / 8.0 - 6.0).collect();
            let mut out = vec![Complex::new(0.0, 0.0); n / 2 + 1];
            real_to_complex(Lanes { outer: 1, length: n, inner: 1 }, &x, &mut out, n, 1.0);
            for (k, found) in out.iter().enumerate() {
                let term = |(i, v): (usize, &f64)| Complex::from_polar(*v, -2.0 * std::f64::consts::PI * (i * k % n) as f64 / n as f64);
                let expected: Complex<f64> = x.iter().enumerate().map(term).sum();
                assert!((found - expected).norm() < 1e-12 * n as f64, "length {n}, term {k}: {found} instead of {expected}");
            }
        }
    }

    #[test]
    fn lanes_along_any_axis_are_cut_and_padded() {
        let x: Vec<f32> = (0..2 * 5 * 19).map(|i| ((i * 7919 + 3) % 101) as f32 / 8.0).collect();
        for n in [3, 5, 8] {
            let lanes = Lanes { outer: 2, length: 5, inner: 19 };
            let mut out = vec![Complex::new(0.0, 0.0); 2 * (n / 2 + 1) * 19];
            real_to_complex(lanes, &x, &mut out, n, 1.0);
            for (o, j) in (0..2).flat_map(|o| (0..19).map(move |j| (o, j))) {
                let lane: Vec<f32> = (0..n).map(|k| if k < 5 { x[(o * 5 + k) * 19 + j] } else { 0.0 }).collect();
                let mut one = vec![Complex::new(0.0, 0.0); n / 2 + 1];
                real_to_complex(Lanes { outer: 1, length: n, inner: 1 }, &lane, &mut one, n, 1.0);
                let found: Vec<_> = (0..n / 2 + 1).map(|k| out[(o * (n / 2 + 1) + k) * 19 + j]).collect();
                assert_eq!(found, one);
            }
        }
    }
}
