//! Copies whose operands are contiguous along different axes, tile by tile.
//!
//! Element after element, such a copy touches a new cache line for every read (or write) and has lost it again before the
//! next element of that line is wanted. Here each line is read and written once, by way of a buffer of one tile.

use std::mem::MaybeUninit;

use smallvec::SmallVec;

use crate::cpu::iterate::Nest;
use crate::pool;

/// Rows and columns of the block one task copies: small enough for its lines and pages to stay in the caches.
const BLOCK: usize = 128;

/// The two axes that are exchanged, and the others. Strides in bytes: of the input, of the output.
struct Plan {
    /// Contiguous in the input.
    rows: (usize, [isize; 2]),
    /// Contiguous in the output.
    cols: (usize, [isize; 2]),
    outer: SmallVec<[(usize, [isize; 2]); 4]>,
}

fn plan(nest: &Nest<2>, item: usize) -> Option<Plan> {
    let axes = || nest.shape().iter().copied().zip(nest.strides().iter().copied());
    let contiguous = |k: usize| axes().position(|(n, s)| n >= 4 && s[k] == item as isize);
    let (rows, cols) = (contiguous(0)?, contiguous(1)?);
    if rows == cols {
        return None;
    }
    let outer = axes().enumerate().filter(|(i, _)| *i != rows && *i != cols).map(|(_, a)| a).collect();
    Some(Plan { rows: axes().nth(rows)?, cols: axes().nth(cols)?, outer })
}

/// Copies elements of `item` bytes if the nest calls for tiles; says whether it did.
///
/// # Safety
/// `x` and `out` must be the first elements of two distinct operands of the nest.
pub unsafe fn copy(nest: &Nest<2>, x: *const u8, out: *mut u8, item: usize) -> bool {
    let Some(plan) = plan(nest, item) else { return false };
    let tile = match item {
        1 => tiles::<u8, 32>,
        2 => tiles::<u16, 32>,
        4 => tiles::<u32, 16>,
        8 => tiles::<u64, 8>,
        16 => tiles::<[u64; 2], 4>,
        _ => return false,
    };
    let blocks = [plan.rows.0.div_ceil(BLOCK), plan.cols.0.div_ceil(BLOCK)];
    let outer: usize = plan.outer.iter().map(|a| a.0).product();
    let bases = [x as usize, out as usize];
    pool::run(outer * blocks[0] * blocks[1], &|task| {
        let (mut rest, block) = (task / (blocks[0] * blocks[1]), task % (blocks[0] * blocks[1]));
        let mut at = bases.map(|p| p as isize);
        for (n, s) in plan.outer.iter().rev() {
            let i = (rest % n) as isize;
            rest /= n;
            at = [at[0] + i * s[0], at[1] + i * s[1]];
        }
        let (row, col) = (block / blocks[1] * BLOCK, block % blocks[1] * BLOCK);
        let size = [BLOCK.min(plan.rows.0 - row), BLOCK.min(plan.cols.0 - col)];
        let corner = |k: usize| at[k] + row as isize * plan.rows.1[k] + col as isize * plan.cols.1[k];
        // SAFETY: the block lies inside both operands; blocks of different tasks do not overlap.
        unsafe { tile(corner(0) as *const u8, plan.cols.1[0], corner(1) as *mut u8, plan.rows.1[1], size) }
    });
    true
}

/// Copies a block: `x` is contiguous along rows and steps by `x_col` from column to column, `out` is contiguous along
/// columns and steps by `out_row` from row to row.
unsafe fn tiles<T: Copy, const N: usize>(x: *const u8, x_col: isize, out: *mut u8, out_row: isize, [rows, cols]: [usize; 2]) {
    let item = size_of::<T>() as isize;
    let mut buffer = [[MaybeUninit::<T>::uninit(); N]; N];
    for col in (0..cols).step_by(N) {
        for row in (0..rows).step_by(N) {
            let (height, width) = (N.min(rows - row), N.min(cols - col));
            // SAFETY: the tile lies inside the block.
            unsafe {
                let x = x.offset(row as isize * item + col as isize * x_col);
                let out = out.offset(row as isize * out_row + col as isize * item);
                if height == N && width == N {
                    for (c, line) in buffer.iter_mut().enumerate() {
                        *line = x.offset(c as isize * x_col).cast::<[MaybeUninit<T>; N]>().read_unaligned();
                    }
                    for r in 0..N {
                        let line: [MaybeUninit<T>; N] = std::array::from_fn(|c| buffer[c][r]);
                        out.offset(r as isize * out_row).cast::<[MaybeUninit<T>; N]>().write_unaligned(line);
                    }
                } else {
                    for r in 0..height as isize {
                        for c in 0..width as isize {
                            let value = x.offset(c * x_col + r * item).cast::<T>().read_unaligned();
                            out.offset(r * out_row + c * item).cast::<T>().write_unaligned(value);
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{DType, Tensor};

    #[test]
    fn every_element_arrives_for_any_shape_and_item_size() {
        for shape in [[1, 300, 5], [2, 5, 300], [3, 130, 129], [1, 16, 16], [5, 7, 4]] {
            let count: usize = shape.iter().product();
            let x = Tensor::from_vec((0..count as i64).collect(), &shape).unwrap();
            for dtype in [DType::Int8, DType::Int16, DType::Float32, DType::Int64, DType::Complex128] {
                let x = x.astype(dtype).unwrap();
                for axes in [[0, 2, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
                    let copy = x.permute(&axes).unwrap().copy().unwrap().cast_vec::<i64>().unwrap();
                    let flat = x.cast_vec::<i64>().unwrap();
                    let steps = [shape[1] * shape[2], shape[2], 1];
                    let [a, b, c] = axes.map(|axis| axis as usize);
                    let mut expected = Vec::new();
                    for i in 0..shape[a] {
                        for j in 0..shape[b] {
                            expected.extend((0..shape[c]).map(|k| flat[i * steps[a] + j * steps[b] + k * steps[c]]));
                        }
                    }
                    assert!(copy == expected, "{shape:?} {axes:?} {dtype}");
                }
            }
        }
    }
}
