//! Resizing along one axis at a time: every output element is a weighted sum of a few input elements.

use super::chunks::for_each_lanes;

/// How positions between input elements are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// The element the position falls into.
    Nearest,
    /// The element whose centre is closest.
    NearestExact,
    /// Two neighbours, weighted by distance.
    Linear,
    /// Four neighbours, cubic convolution with `a = -0.75`.
    Cubic,
}

/// The taps of one axis: for each output element `width` pairs of position and weight.
pub struct Taps {
    width: usize,
    taps: Vec<(usize, f64)>,
}

/// The taps that resize `input` elements to `output`. `scale` is the input distance of output neighbours if it was given
/// by the caller, else it follows from the lengths. `input` and `output` must not be 0.
pub fn taps(kernel: Kernel, input: usize, output: usize, scale: Option<f64>, align_corners: bool) -> Taps {
    let ratio = scale.unwrap_or(input as f64 / output as f64);
    let last = input as isize - 1;
    let clamp = |position: f64| (position as isize).clamp(0, last) as usize;
    let source = |i: usize| {
        if align_corners {
            if output > 1 { i as f64 * last as f64 / (output as f64 - 1.0) } else { 0.0 }
        } else {
            ratio * (i as f64 + 0.5) - 0.5
        }
    };
    let (width, taps) = match kernel {
        // Positions of nearest neighbours are rounded as torch does, in single precision.
        Kernel::Nearest => (1, (0..output).map(|i| (clamp((i as f32 * ratio as f32).floor().into()), 1.0)).collect()),
        Kernel::NearestExact => (1, (0..output).map(|i| (clamp(((i as f32 + 0.5) * ratio as f32).floor().into()), 1.0)).collect()),
        Kernel::Linear => {
            let pair = |i| {
                let position: f64 = f64::max(source(i), 0.0);
                let low = clamp(position.floor());
                let weight = (position - low as f64).clamp(0.0, 1.0);
                [(low, 1.0 - weight), (clamp(low as f64 + 1.0), weight)]
            };
            (2, (0..output).flat_map(pair).collect())
        }
        Kernel::Cubic => {
            let four = |i| {
                let position: f64 = source(i);
                let low = position.floor();
                let t = position - low;
                [-1.0, 0.0, 1.0, 2.0].map(|step: f64| (clamp(low + step), cubic((t - step).abs())))
            };
            (4, (0..output).flat_map(four).collect())
        }
    };
    Taps { width, taps }
}

/// Keys' cubic convolution kernel with `a = -0.75`.
fn cubic(x: f64) -> f64 {
    const A: f64 = -0.75;
    if x <= 1.0 { ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0 } else { ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A }
}

/// Resizes the middle axis of `[outer, input, inner]` to `[outer, output, inner]`.
pub fn resample<T>(taps: &Taps, data: &[T], input: usize, inner: usize, from: impl Fn(f64) -> T + Sync, out: &mut [T])
where
    T: Copy + Send + Sync + std::ops::Mul<Output = T> + std::ops::Add<Output = T>,
{
    let output = taps.taps.len() / taps.width;
    if out.is_empty() {
        return;
    }
    for_each_lanes(out, output * inner, taps.width, |first, lanes| {
        for (lane, out) in lanes.chunks_exact_mut(output * inner).enumerate() {
            let source = &data[(first + lane) * input * inner..][..input * inner];
            if inner == 1 {
                // Rows of one element: the sum is taken directly.
                for (x, taps) in out.iter_mut().zip(taps.taps.chunks_exact(taps.width)) {
                    let mut sum = source[taps[0].0];
                    if taps.len() > 1 {
                        sum = from(taps[0].1) * sum;
                    }
                    for &(position, weight) in &taps[1..] {
                        sum = sum + from(weight) * source[position];
                    }
                    *x = sum;
                }
                continue;
            }
            for (row, taps) in out.chunks_exact_mut(inner).zip(taps.taps.chunks_exact(taps.width)) {
                let line = |tap: usize| &source[taps[tap].0 * inner..][..inner];
                if taps.len() == 1 {
                    row.copy_from_slice(line(0));
                    continue;
                }
                let weight = from(taps[0].1);
                row.iter_mut().zip(line(0)).for_each(|(x, &y)| *x = weight * y);
                for (tap, &(_, weight)) in taps.iter().enumerate().skip(1) {
                    let weight = from(weight);
                    row.iter_mut().zip(line(tap)).for_each(|(x, &y)| *x = *x + weight * y);
                }
            }
        }
    });
}
