//! Maximum and mean over sliding or adaptive windows of one to three spatial axes.

use std::ops::{Add, Div};

use super::chunks::{for_each_lanes, for_each_lanes2};

/// The input positions of one window along one axis: `start, start + step, …` below `end`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// First position inside the input.
    pub start: usize,
    /// One past the last position inside the input.
    pub end: usize,
    /// Distance of neighbours.
    pub step: usize,
    /// Number of positions including padding, as `count_include_pad` counts them.
    pub padded: usize,
}

/// Windows of a fixed length. Windows may leave the input by `padding` on the left, and on the right by `padding` and by
/// what `output` asks for.
pub fn sliding(input: usize, kernel: usize, stride: usize, padding: usize, dilation: usize, output: usize) -> Vec<Span> {
    (0..output)
        .map(|window| {
            let skipped = padding.saturating_sub(window * stride).div_ceil(dilation);
            let start = window * stride + skipped * dilation - padding;
            let stop = (window * stride + (kernel - 1) * dilation + 1).saturating_sub(padding);
            let padded_end = (window * stride + kernel).min(input + 2 * padding);
            let padded = padded_end.saturating_sub(window * stride);
            Span { start, end: stop.min(input), step: dilation, padded }
        })
        .collect()
}

/// `output` windows that cover the input evenly: window `i` runs from `⌊i n / output⌋` to `⌈(i + 1) n / output⌉`.
pub fn adaptive(input: usize, output: usize) -> Vec<Span> {
    (0..output)
        .map(|i| {
            let (start, end) = (i * input / output, ((i + 1) * input).div_ceil(output));
            Span { start, end, step: 1, padded: end - start }
        })
        .collect()
}

/// The windows of all three axes and the shape they lie in.
pub struct Windows {
    /// Depth, height and width of the input.
    pub input: [usize; 3],
    /// Windows along each axis.
    pub spans: [Vec<Span>; 3],
}

impl Windows {
    fn pixels_in(&self) -> usize {
        self.input.iter().product()
    }

    fn pixels_out(&self) -> usize {
        self.spans.iter().map(Vec::len).product()
    }

    /// Calls `visit(window, spans)` for the windows in order.
    fn each(&self, mut visit: impl FnMut(usize, [Span; 3])) {
        let mut window = 0;
        for &depth in &self.spans[0] {
            for &height in &self.spans[1] {
                for &width in &self.spans[2] {
                    visit(window, [depth, height, width]);
                    window += 1;
                }
            }
        }
    }

    /// Calls `visit(flat position)` for the positions of one window in row-major order.
    #[inline(always)]
    fn positions(&self, [depth, height, width]: [Span; 3], mut visit: impl FnMut(usize)) {
        for d in (depth.start..depth.end).step_by(depth.step) {
            for h in (height.start..height.end).step_by(height.step) {
                let row = (d * self.input[1] + h) * self.input[2];
                for w in (width.start..width.end).step_by(width.step) {
                    visit(row + w);
                }
            }
        }
    }
}

/// The largest element of each window of each plane, and its flat position in the plane. NaN counts as largest; padding
/// never wins.
pub fn max_pool<T: Copy + PartialOrd + Send + Sync>(windows: &Windows, input: &[T], lowest: T, out: &mut [T], positions: &mut [i64]) {
    let (pixels_in, pixels_out) = (windows.pixels_in(), windows.pixels_out());
    if out.is_empty() {
        return;
    }
    for_each_lanes2(out, pixels_out, positions, pixels_out, 4, |first, outs, places| {
        let lanes = outs.chunks_exact_mut(pixels_out).zip(places.chunks_exact_mut(pixels_out));
        for (lane, (out, place)) in lanes.enumerate() {
            let plane = &input[(first + lane) * pixels_in..][..pixels_in];
            windows.each(|window, spans| {
                let (mut best, mut at) = (lowest, None);
                windows.positions(spans, |position| {
                    let value = plane[position];
                    let is_nan = value.partial_cmp(&value).is_none();
                    if value > best || is_nan || at.is_none() {
                        (best, at) = (value, Some(position));
                    }
                });
                out[window] = best;
                place[window] = at.map_or(-1, |at| at as i64);
            });
        }
    });
}

/// What the sum of a window is divided by.
#[derive(Clone, Copy, Debug)]
pub enum Divisor {
    /// The number of positions, padding included.
    Padded,
    /// The number of positions inside the input.
    Inside,
    /// A given number.
    Fixed(usize),
}

/// The mean of each window of each plane.
pub fn avg_pool<T>(windows: &Windows, input: &[T], divisor: Divisor, from: impl Fn(usize) -> T + Sync, out: &mut [T])
where
    T: Copy + Send + Sync + Add<Output = T> + Div<Output = T>,
{
    let (pixels_in, pixels_out) = (windows.pixels_in(), windows.pixels_out());
    if out.is_empty() {
        return;
    }
    for_each_lanes(out, pixels_out, 4, |first, outs| {
        for (lane, out) in outs.chunks_exact_mut(pixels_out).enumerate() {
            let plane = &input[(first + lane) * pixels_in..][..pixels_in];
            windows.each(|window, spans| {
                let (mut sum, mut count) = (from(0), 0);
                windows.positions(spans, |position| {
                    sum = sum + plane[position];
                    count += 1;
                });
                let count = match divisor {
                    Divisor::Padded => spans.iter().map(|s| s.padded).product(),
                    Divisor::Inside => count,
                    Divisor::Fixed(n) => n,
                };
                out[window] = sum / from(count);
            });
        }
    });
}
