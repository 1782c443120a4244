//! Discrete Fourier transforms along one axis of a contiguous tensor, by `rustfft` and `realfft`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, TryLockError};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_traits::Zero;
use rustfft::{Fft, FftDirection, FftNum, FftPlanner};

use num_complex::Complex;

use super::chunks::{SERIAL, for_each_lanes};
use crate::pool;

/// Plans that have been made, by length and direction. Making one costs about as much as using it a hundred times.
pub struct Plans<T> {
    complex: HashMap<(usize, bool), Arc<dyn Fft<T>>>,
    forward: HashMap<usize, Arc<dyn RealToComplex<T>>>,
    inverse: HashMap<usize, Arc<dyn ComplexToReal<T>>>,
}

/// Plans kept per table; a table that is full is emptied, which bounds memory in programs that try every length.
const KEPT: usize = 64;

impl<T> Default for Plans<T> {
    fn default() -> Self {
        Plans { complex: HashMap::new(), forward: HashMap::new(), inverse: HashMap::new() }
    }
}

/// float32 and float64.
pub trait FftReal: FftNum + Default {
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
    let scratch = plan.get_immutable_scratch_len().max(plan.get_inplace_scratch_len());
    each(
        lanes,
        input,
        output,
        n,
        2 * cost(n),
        || vec![Complex::zero(); scratch],
        |work, lane, out| {
            if lane.len() >= n {
                plan.process_immutable_with_scratch(&lane[..n], out, work);
            } else {
                fit(lane, out);
                plan.process_with_scratch(out, work);
            }
            scaled(out, scale);
        },
    );
}

/// Transforms each real lane to the `n / 2 + 1` terms of non-negative frequency, times `scale`.
pub fn real_to_complex<T: FftReal>(lanes: Lanes, input: &[T], output: &mut [Complex<T>], n: usize, scale: T) {
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
            if n % 2 == 0 {
                lane[half].im = T::zero();
            }
            // The only errors are wrong lengths and the imaginary parts just cleared.
            let _ = plan.process_with_scratch(lane, out, scratch);
            scaled(out, scale);
        },
    );
}
