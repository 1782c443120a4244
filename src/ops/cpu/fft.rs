//! Discrete Fourier transforms of contiguous lanes, by `rustfft` and `realfft`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_traits::Zero;
use rustfft::{Fft, FftDirection, FftNum, FftPlanner};

use num_complex::Complex;

use super::chunks::{for_each_lanes, for_each_lanes2};

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
pub trait FftReal: FftNum + std::ops::MulAssign {
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

fn cached<K: std::hash::Hash + Eq, P: Clone>(table: &mut HashMap<K, P>, key: K, make: impl FnOnce() -> P) -> P {
    if let Some(plan) = table.get(&key) {
        return plan.clone();
    }
    if table.len() >= KEPT {
        table.clear();
    }
    let plan = make();
    table.insert(key, plan.clone());
    plan
}

/// Arithmetic per element relative to a copy, for deciding how lanes are shared among threads.
fn cost(n: usize) -> usize {
    (n.max(2).ilog2() as usize / 2).max(1)
}

/// Transforms each lane of `n` elements in place and multiplies by `scale`. `n` must not be 0.
pub fn complex<T: FftReal>(data: &mut [Complex<T>], n: usize, inverse: bool, scale: T) {
    let plan = {
        let mut plans = T::plans().lock().unwrap_or_else(PoisonError::into_inner);
        let direction = if inverse { FftDirection::Inverse } else { FftDirection::Forward };
        cached(&mut plans.complex, (n, inverse), || FftPlanner::new().plan_fft(n, direction))
    };
    for_each_lanes(data, n, 2 * cost(n), |_, lanes| {
        let mut scratch = vec![Complex::zero(); plan.get_inplace_scratch_len()];
        for lane in lanes.chunks_exact_mut(n) {
            plan.process_with_scratch(lane, &mut scratch);
            if scale != T::one() {
                lane.iter_mut().for_each(|z| *z = *z * scale);
            }
        }
    });
}

/// Transforms each real lane of `n` elements to the `n / 2 + 1` terms of non-negative frequency, times `scale`. `input` is
/// used as work space.
pub fn real_to_complex<T: FftReal>(input: &mut [T], n: usize, output: &mut [Complex<T>], scale: T) {
    let plan = {
        let mut plans = T::plans().lock().unwrap_or_else(PoisonError::into_inner);
        cached(&mut plans.forward, n, || RealFftPlanner::new().plan_fft_forward(n))
    };
    let half = n / 2 + 1;
    for_each_lanes2(input, n, output, half, cost(n), |_, inputs, outputs| {
        let mut scratch = plan.make_scratch_vec();
        for (lane, out) in inputs.chunks_exact_mut(n).zip(outputs.chunks_exact_mut(half)) {
            // The only errors are wrong lengths, which the chunks rule out.
            let _ = plan.process_with_scratch(lane, out, &mut scratch);
            if scale != T::one() {
                out.iter_mut().for_each(|z| *z = *z * scale);
            }
        }
    });
}

/// The inverse of [`real_to_complex`]: lanes of `n / 2 + 1` terms to `n` real elements, times `scale`. `input` is used as
/// work space. The imaginary parts of the first term and, for even `n`, of the last one are taken as zero.
pub fn complex_to_real<T: FftReal>(input: &mut [Complex<T>], n: usize, output: &mut [T], scale: T) {
    let plan = {
        let mut plans = T::plans().lock().unwrap_or_else(PoisonError::into_inner);
        cached(&mut plans.inverse, n, || RealFftPlanner::new().plan_fft_inverse(n))
    };
    let half = n / 2 + 1;
    for_each_lanes2(input, half, output, n, cost(n), |_, inputs, outputs| {
        let mut scratch = plan.make_scratch_vec();
        for (lane, out) in inputs.chunks_exact_mut(half).zip(outputs.chunks_exact_mut(n)) {
            lane[0].im = T::zero();
            if n % 2 == 0 {
                lane[half - 1].im = T::zero();
            }
            // The only errors are wrong lengths and the imaginary parts just cleared.
            let _ = plan.process_with_scratch(lane, out, &mut scratch);
            if scale != T::one() {
                out.iter_mut().for_each(|x| *x *= scale);
            }
        }
    });
}
