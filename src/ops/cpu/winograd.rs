//! Convolution with windows of 3 × 3 by Winograd's minimal filtering, F(2 × 2, 3 × 3).
//!
//! A tile of 2 × 2 output pixels needs 16 products per pair of channels instead of 36, between transforms that only add (and
//! halve, for the weights): the products are 16 matrix products over channels. A. Lavin and S. Gray, "Fast Algorithms for
//! Convolutional Neural Networks" (2016). Integers that stay small come out exactly, as from the direct sum; else the error is
//! that of float32 relative to the largest of the 4 × 4 pixels of a tile, about twice that of the direct sum on ordinary
//! images. float64, which is chosen for its digits, is summed directly, and so is what holds infinities or NaN, which
//! differences would spread over the tile.

use crate::leveled;
use crate::pool;

use super::conv::{Axis, Conv};
use super::lane::Real;
use super::matmul::{MatmulScalar, Strided, matmul_serial};
use super::simd::Level;

/// Products of a tile.
const POINTS: usize = 16;
/// Tiles transformed together, about: enough for the matrix products to run at full speed, few enough for the caches.
const TILES: usize = 128;

/// Whether this way is open, and shorter than the direct one: with few channels the transforms cost more than they save.
pub fn suits(c: &Conv) -> bool {
    let [depth, height, width] = c.axes;
    let plain = |a: &Axis| a.kernel == 3 && a.stride == 1 && a.dilation == 1;
    let flat = depth.kernel == 1 && depth.stride == 1 && depth.padding == 0 && depth.output == depth.input;
    flat && plain(&height) && plain(&width) && c.channels_in >= 16 && c.channels_out >= 16 && height.output >= 4 && width.output >= 8
}

/// Whether all values are far from where their sums overflow.
pub fn tame<T: Real>(x: &[T]) -> bool {
    let bound = T::from_f64(1e30);
    let below = T::default() - bound;
    // Without a way out of the loop, so that it vectorises.
    x.iter().fold(true, |tame, &v| tame & (v < bound) & (v > below))
}

/// The output, whose parts are written by different tasks.
struct Scattered<T>(*mut T);
// SAFETY: tasks write disjoint rows.
unsafe impl<T: Send> Sync for Scattered<T> {}

impl<T> Scattered<T> {
    fn at(&self, i: usize) -> *mut T {
        self.0.wrapping_add(i)
    }
}

/// As [`super::conv::conv`], where [`suits`] holds.
pub fn conv<T: MatmulScalar + Real>(c: &Conv, input: &[T], weight: &[T], bias: Option<&[T]>, out: &mut [T]) {
    let [depth, height, width] = c.axes;
    let (rows, cols) = (height.output.div_ceil(2), width.output.div_ceil(2));
    let (plane_in, plane_out) = (height.input * width.input, height.output * width.output);
    let (channels_in, channels_out) = (c.channels_in, c.channels_out);
    let filters: Vec<Vec<T>> =
        (0..c.groups).map(|g| transform_weights(&weight[g * channels_out * channels_in * 9..], channels_out, channels_in)).collect();
    let rows_per_task = (TILES / cols).clamp(1, rows);
    let blocks = rows.div_ceil(rows_per_task);
    // One lane is one group of one image at one depth.
    let lanes = c.batch * c.groups * depth.output;
    let target = Scattered(out.as_mut_ptr());
    let (transform_in, transform_out) = (input_loop::<T>(), output_loop::<T>());
    // Columns of the four input lines of a row of tiles, with their padding.
    let line = 2 * cols + 2;
    pool::run(lanes * blocks, &|task| {
        let (lane, block) = (task / blocks, task % blocks);
        let (image, d) = (lane / depth.output, lane % depth.output);
        let group = image % c.groups;
        let first = block * rows_per_task;
        let count = rows_per_task.min(rows - first);
        let tiles = count * cols;
        let mut lines = vec![T::default(); 4 * line];
        let mut work = vec![T::default(); 8 * (cols + 1)];
        let mut inputs = vec![T::default(); POINTS * channels_in * tiles];
        let mut products = vec![T::default(); POINTS * channels_out * tiles];
        for channel in 0..channels_in {
            let source = &input[((image * channels_in + channel) * depth.input + d) * plane_in..][..plane_in];
            for row in 0..count {
                for (i, to) in lines.chunks_exact_mut(line).enumerate() {
                    fill_line(&height, &width, source, 2 * (first + row) + i, to);
                }
                let at = channel * tiles + row * cols;
                // SAFETY: `cols` elements from `at` on in each of the planes of the inputs, and room for the work.
                unsafe { transform_in(lines.as_ptr(), cols, inputs.as_mut_ptr().add(at), channels_in * tiles, work.as_mut_ptr()) };
            }
        }
        for point in 0..POINTS {
            let a = Strided { data: &filters[group][point * channels_out * channels_in..], offset: 0, strides: &[channels_in as isize, 1] };
            let b = Strided { data: &inputs[point * channels_in * tiles..], offset: 0, strides: &[tiles as isize, 1] };
            let to = &mut products[point * channels_out * tiles..][..channels_out * tiles];
            matmul_serial([channels_out, channels_in, tiles], a, b, to, tiles);
        }
        let mut results = vec![T::default(); 4 * cols];
        for channel in 0..channels_out {
            let offset = bias.map_or(T::default(), |bias| bias[group * channels_out + channel]);
            let plane = ((image * channels_out + channel) * depth.output + d) * plane_out;
            for row in 0..count {
                let at = channel * tiles + row * cols;
                // SAFETY: `cols` elements from `at` on in each of the planes of the products; two lines of results.
                unsafe { transform_out(products.as_ptr().add(at), channels_out * tiles, cols, results.as_mut_ptr(), offset) };
                for (i, result) in results.chunks_exact(2 * cols).enumerate() {
                    let y = 2 * (first + row) + i;
                    if y < height.output {
                        // SAFETY: a line of the output, which no other task writes.
                        unsafe { std::ptr::copy_nonoverlapping(result.as_ptr(), target.at(plane + y * width.output), width.output) };
                    }
                }
            }
        }
    });
}

/// Line `y` of the padded input, as far as a row of tiles reaches.
fn fill_line<T: Copy + Default>(height: &Axis, width: &Axis, plane: &[T], y: usize, to: &mut [T]) {
    let Some(y) = y.checked_sub(height.padding).filter(|&y| y < height.input) else { return to.fill(T::default()) };
    let source = &plane[y * width.input..][..width.input];
    let start = width.padding.min(to.len());
    let n = source.len().min(to.len() - start);
    to[..start].fill(T::default());
    to[start..start + n].copy_from_slice(&source[..n]);
    to[start + n..].fill(T::default());
}

/// `G g Gᵀ` of every filter: `[point, out, in]`.
fn transform_weights<T: Real>(weight: &[T], channels_out: usize, channels_in: usize) -> Vec<T> {
    let pairs = channels_out * channels_in;
    let half = T::from_f64(0.5);
    let column = |g: [T; 3]| {
        let (outer, middle) = ((g[0] + g[2]) * half, g[1] * half);
        [g[0], outer + middle, outer - middle, g[2]]
    };
    let mut out = vec![T::default(); POINTS * pairs];
    for (pair, g) in weight.chunks_exact(9).take(pairs).enumerate() {
        let vertical: [[T; 4]; 3] = std::array::from_fn(|j| column([g[j], g[3 + j], g[6 + j]]));
        for i in 0..4 {
            let line = column([vertical[0][i], vertical[1][i], vertical[2][i]]);
            (0..4).for_each(|j| out[(4 * i + j) * pairs + pair] = line[j]);
        }
    }
    out
}

/// `Bᵀ d B` for a row of tiles: four lines of `2 tiles + 2` elements to 16 planes `step` apart; `work` holds
/// `8 (tiles + 1)` elements.
#[inline(always)]
#[expect(clippy::extra_unused_type_parameters, reason = "the level is part of every leveled body")]
unsafe fn input_body<T: Real, L: Level>(lines: *const T, tiles: usize, out: *mut T, step: usize, work: *mut T) {
    let line = 2 * tiles + 2;
    let half = tiles + 1;
    // SAFETY: the contract above.
    unsafe {
        // Down the columns first, even columns apart from odd ones.
        for parity in 0..2 {
            for j in 0..half {
                let d = [0, 1, 2, 3].map(|i| *lines.add(i * line + 2 * j + parity));
                let v = [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]];
                for (i, &v) in v.iter().enumerate() {
                    *work.add((2 * i + parity) * half + j) = v;
                }
            }
        }
        for i in 0..4 {
            let (even, odd, out) = (work.add(2 * i * half), work.add((2 * i + 1) * half), out.add(4 * i * step));
            for j in 0..tiles {
                let d = [*even.add(j), *odd.add(j), *even.add(j + 1), *odd.add(j + 1)];
                *out.add(j) = d[0] - d[2];
                *out.add(step + j) = d[1] + d[2];
                *out.add(2 * step + j) = d[2] - d[1];
                *out.add(3 * step + j) = d[1] - d[3];
            }
        }
    }
}

/// `Aᵀ m A + bias` for a row of tiles: 16 planes `step` apart to two lines of `2 tiles` elements.
#[inline(always)]
#[expect(clippy::extra_unused_type_parameters, reason = "the level is part of every leveled body")]
unsafe fn output_body<T: Real, L: Level>(products: *const T, step: usize, tiles: usize, out: *mut T, bias: T) {
    // SAFETY: the contract above.
    unsafe {
        for j in 0..tiles {
            let m = |i: usize, k: usize| *products.add((4 * i + k) * step + j);
            let top: [T; 4] = std::array::from_fn(|k| m(0, k) + m(1, k) + m(2, k));
            let bottom: [T; 4] = std::array::from_fn(|k| m(1, k) - m(2, k) - m(3, k));
            for (y, s) in [top, bottom].into_iter().enumerate() {
                *out.add(2 * (y * tiles + j)) = s[0] + s[1] + s[2] + bias;
                *out.add(2 * (y * tiles + j) + 1) = s[1] - s[2] - s[3] + bias;
            }
        }
    }
}

leveled! {
    fn input_loop<T> where { T: Real } = input_body as unsafe fn(*const T, usize, *mut T, usize, *mut T),
    (lines: *const T, tiles: usize, out: *mut T, step: usize, work: *mut T)
}
leveled! {
    fn output_loop<T> where { T: Real } = output_body as unsafe fn(*const T, usize, usize, *mut T, T),
    (products: *const T, step: usize, tiles: usize, out: *mut T, bias: T)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum that a convolution is, one output at a time.
    fn direct(c: &Conv, input: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
        let [depth, height, width] = c.axes;
        let mut out = Vec::new();
        for image in 0..c.batch * c.groups {
            let group = image % c.groups;
            for o in 0..c.channels_out {
                for d in 0..depth.output {
                    for y in 0..height.output {
                        for x in 0..width.output {
                            let mut sum = bias[group * c.channels_out + o];
                            for i in 0..c.channels_in {
                                for (ky, kx) in (0..9).map(|k| (k / 3, k % 3)) {
                                    if let Some((y, x)) = height.position(y, ky).zip(width.position(x, kx)) {
                                        let at = ((image * c.channels_in + i) * depth.input + d) * height.input + y;
                                        let filter = (group * c.channels_out + o) * c.channels_in + i;
                                        sum += input[at * width.input + x] * weight[filter * 9 + ky * 3 + kx];
                                    }
                                }
                            }
                            out.push(sum);
                        }
                    }
                }
            }
        }
        out
    }

    #[test]
    fn integers_come_out_as_from_the_direct_sum() {
        for (batch, groups, depth, size, padding) in
            [(2, 1, 1, [7, 9], 1), (1, 2, 2, [6, 20], 0), (1, 1, 1, [4, 300], 2), (1, 1, 1, [5, 8], 3)]
        {
            let axis = |input: usize| Axis { input, kernel: 3, stride: 1, padding, dilation: 1, output: input + 2 * padding - 2 };
            let flat = Axis { input: depth, output: depth, ..Axis::UNIT };
            let c = Conv { batch, groups, channels_in: 16, channels_out: 17, axes: [flat, axis(size[0]), axis(size[1])] };
            let numbers = |n: usize, m: usize| (0..n).map(|i| ((i * 7919 + 13) % m) as f64 - (m / 2) as f64).collect::<Vec<_>>();
            let input = numbers(batch * groups * 16 * depth * size[0] * size[1], 11);
            let weight = numbers(groups * 17 * 16 * 9, 7);
            let bias = numbers(groups * 17, 5);
            let expected = direct(&c, &input, &weight, &bias);
            assert!(suits(&c) || size[0] + 2 * padding < 6);
            let mut out = vec![f64::NAN; expected.len()];
            conv(&c, &input, &weight, Some(&bias), &mut out);
            assert_eq!(out, expected);
            let single = |x: &[f64]| x.iter().map(|&v| v as f32).collect::<Vec<_>>();
            let mut out = vec![f32::NAN; expected.len()];
            conv(&c, &single(&input), &single(&weight), Some(&single(&bias)), &mut out);
            assert_eq!(out, single(&expected));
        }
    }
}
