//! Walks several strided operands of one shape together, in the fewest and longest inner loops.

use smallvec::SmallVec;

use crate::pool;

/// Elements per chunk of work handed to a thread: large enough to hide the hand-over.
pub const GRAIN: usize = 32 << 10;

/// A loop nest over `N` operands; strides in bytes, innermost axis last.
pub struct Nest<const N: usize> {
    shape: SmallVec<[usize; 6]>,
    strides: SmallVec<[[isize; N]; 6]>,
}

/// Addresses and inner strides (in bytes) of the operands of one inner loop, and its length.
pub type Inner<'a, const N: usize> = &'a (dyn Fn([*mut u8; N], [isize; N], usize) + Sync);

impl<const N: usize> Nest<N> {
    /// Plans the loops. `strides` are in elements and `items` are element sizes in bytes. Axes are ordered by the
    /// strides of the last operand (the output) and merged where all operands allow.
    pub fn new(shape: &[usize], strides: [&[isize]; N], items: [usize; N]) -> Nest<N> {
        let mut axes: SmallVec<[(usize, [isize; N]); 6]> = SmallVec::new();
        for (i, &n) in shape.iter().enumerate() {
            if n != 1 {
                axes.push((n, std::array::from_fn(|k| strides[k][i] * items[k] as isize)));
            }
        }
        // Stable, so row-major order decides between equal strides; later operands decide first.
        let key = |s: &[isize; N]| -> [usize; N] { std::array::from_fn(|k| s[N - 1 - k].unsigned_abs()) };
        if axes.windows(2).any(|w| key(&w[0].1) < key(&w[1].1)) {
            axes.sort_by_key(|a| std::cmp::Reverse(key(&a.1)));
        }
        let mut nest = Nest { shape: SmallVec::new(), strides: SmallVec::new() };
        for (n, s) in axes {
            if let (Some(last_n), Some(last_s)) = (nest.shape.last_mut(), nest.strides.last_mut())
                && (0..N).all(|k| last_s[k] == s[k] * n as isize)
            {
                *last_n *= n;
                *last_s = s;
                continue;
            }
            nest.shape.push(n);
            nest.strides.push(s);
        }
        if nest.shape.is_empty() {
            nest.shape.push(1);
            nest.strides.push(std::array::from_fn(|k| items[k] as isize));
        }
        nest
    }

    /// Lengths of the loops, outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Byte strides of the loops, outermost first.
    pub fn strides(&self) -> &[[isize; N]] {
        &self.strides
    }

    /// Calls `inner` for every innermost run, on several threads if there are more than `grain` elements.
    pub fn run(&self, bases: [*mut u8; N], grain: usize, inner: Inner<'_, N>) {
        let (Some((&cols, outer)), Some(&step)) = (self.shape.split_last(), self.strides.last()) else { return };
        let rows: usize = outer.iter().product();
        if rows == 0 || cols == 0 {
            return;
        }
        if rows == 1 && cols <= grain {
            return inner(bases, step, cols);
        }
        let col_block = cols.min(grain.max(1));
        let col_blocks = cols.div_ceil(col_block);
        let row_block = (grain / cols).clamp(1, rows);
        let row_blocks = rows.div_ceil(row_block);
        let bases: [usize; N] = bases.map(|p| p as usize);
        pool::run(row_blocks * col_blocks, &|chunk| {
            let (rb, cb) = (chunk / col_blocks, chunk % col_blocks);
            let col = cb * col_block;
            let n = col_block.min(cols - col);
            let mut row = rb * row_block;
            let end = (row + row_block).min(rows);
            let mut at: [isize; N] = std::array::from_fn(|k| bases[k] as isize + col as isize * step[k]);
            let mut index: SmallVec<[usize; 6]> = SmallVec::from_elem(0, outer.len());
            let mut rest = row;
            for d in (0..outer.len()).rev() {
                index[d] = rest % outer[d];
                rest /= outer[d];
                advance(&mut at, &self.strides[d], index[d] as isize);
            }
            loop {
                inner(at.map(|p| p as *mut u8), step, n);
                row += 1;
                if row == end {
                    break;
                }
                for d in (0..outer.len()).rev() {
                    index[d] += 1;
                    advance(&mut at, &self.strides[d], 1);
                    if index[d] < outer[d] {
                        break;
                    }
                    advance(&mut at, &self.strides[d], -(outer[d] as isize));
                    index[d] = 0;
                }
            }
        });
    }
}

/// Moves all addresses by a number of steps.
#[inline(always)]
fn advance<const N: usize>(at: &mut [isize; N], step: &[isize; N], count: isize) {
    for (a, s) in at.iter_mut().zip(step) {
        *a += s * count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contiguous_and_transposed_operands_become_one_loop() {
        let nest = Nest::new(&[2, 3, 4], [&[12, 4, 1], &[12, 4, 1]], [8, 4]);
        assert_eq!((nest.shape(), nest.strides()), (&[24][..], &[[8, 4]][..]));
        let nest = Nest::new(&[3, 2], [&[1, 3], &[1, 3]], [8, 8]);
        assert_eq!(nest.shape(), &[6]);
        let nest = Nest::new(&[2, 3], [&[0, 1], &[3, 1]], [8, 8]);
        assert_eq!(nest.shape(), &[2, 3]);
    }

    #[test]
    fn every_element_is_visited_once_for_any_grain() {
        for grain in [1, 4, 5, 100] {
            let mut data = vec![0u8; 2 * 3 * 7];
            let nest = Nest::new(&[7, 3, 2], [&[1, 14, 7]], [1]);
            nest.run([data.as_mut_ptr()], grain, &|[p], [s], n| {
                for i in 0..n {
                    unsafe { *p.offset(i as isize * s) += 1 };
                }
            });
            assert!(data.iter().all(|&b| b == 1), "grain {grain}");
        }
    }
}
