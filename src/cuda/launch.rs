//! Arguments and geometry of kernels: the structures of `kernels/prelude.cu`, and how many threads run.

use std::ffi::c_void;

use smallvec::SmallVec;

use crate::driver::{Address, Grid};

/// Axes that one kernel walks over at most.
pub const AXES: usize = 8;

/// Lengths of merged axes, as `Shape` of the kernels.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    ndim: u32,
    unused: u32,
    size: u64,
    length: [u64; AXES],
}

impl Lengths {
    /// The number of elements.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The merged axes.
    pub fn axes(&self) -> &[u64] {
        &self.length[..self.ndim as usize]
    }
}

/// Steps along merged axes in elements, as `Steps` of the kernels.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps([i64; AXES]);

impl Steps {
    /// The step along a merged axis.
    pub fn by(&self, axis: usize) -> i64 {
        self.0[axis]
    }

    /// The step along the last of the axes, which moves fastest; one where there is none.
    pub fn last(&self, lengths: &Lengths) -> i64 {
        lengths.axes().len().checked_sub(1).map_or(1, |axis| self.0[axis])
    }
}

/// Axes of several operands with those that can be walked as one merged, and those of length one left out.
///
/// `None` if more than [`AXES`] remain.
pub fn merge<const N: usize>(shape: &[usize], strides: [&[isize]; N]) -> Option<(Lengths, [Steps; N])> {
    let mut lengths: SmallVec<[u64; AXES]> = SmallVec::new();
    let mut steps: [SmallVec<[i64; AXES]>; N] = std::array::from_fn(|_| SmallVec::new());
    for axis in (0..shape.len()).filter(|&axis| shape[axis] != 1) {
        let n = shape[axis] as u64;
        let next: [i64; N] = std::array::from_fn(|k| strides[k][axis] as i64);
        let joined =
            lengths.last().is_some() && (0..N).all(|k| steps[k].last().is_some_and(|&outer| outer == next[k].wrapping_mul(n as i64)));
        if joined {
            let last = lengths.len() - 1;
            lengths[last] *= n;
            (0..N).for_each(|k| steps[k][last] = next[k]);
        } else {
            lengths.push(n);
            (0..N).for_each(|k| steps[k].push(next[k]));
        }
    }
    if lengths.len() > AXES {
        return None;
    }
    let mut merged = Lengths { ndim: lengths.len() as u32, unused: 0, size: shape.iter().map(|&n| n as u64).product(), length: [1; AXES] };
    merged.length[..lengths.len()].copy_from_slice(&lengths);
    let by = std::array::from_fn(|k| {
        let mut by = [0; AXES];
        by[..steps[k].len()].copy_from_slice(&steps[k]);
        Steps(by)
    });
    Some((merged, by))
}

#[cfg(test)]
/// A walk over elements one after the other.
pub fn flat(size: u64) -> (Lengths, Steps) {
    let mut lengths = Lengths { ndim: 1, unused: 0, size, length: [1; AXES] };
    lengths.length[0] = size;
    let mut by = [0; AXES];
    by[0] = 1;
    (lengths, Steps(by))
}

/// The arguments of a launch by value, in order.
#[derive(Default)]
pub struct Arguments {
    words: SmallVec<[u128; 64]>,
    starts: SmallVec<[usize; 12]>,
}

impl Arguments {
    /// No arguments yet.
    pub fn new() -> Arguments {
        Arguments::default()
    }

    /// With one more. What a kernel takes as a pointer is an [`Address`].
    pub fn with<T: Copy>(mut self, value: T) -> Arguments {
        const { assert!(align_of::<T>() <= 16) };
        let start = self.words.len();
        self.starts.push(start);
        self.words.resize(start + size_of::<T>().div_ceil(16).max(1), 0);
        // SAFETY: the words from `start` on have room for a T and are aligned for it.
        unsafe { self.words.as_mut_ptr().add(start).cast::<T>().write(value) };
        self
    }

    /// With an address.
    pub fn at(self, address: Address) -> Arguments {
        self.with(address)
    }

    /// Where each argument is; valid until the arguments change or are moved.
    pub fn pointers(&mut self) -> SmallVec<[*mut c_void; 12]> {
        let base = self.words.as_mut_ptr();
        // SAFETY: every start lies within the words.
        self.starts.iter().map(|&start| unsafe { base.add(start) }.cast()).collect()
    }
}

/// Threads for work in which every thread does elements on its own.
///
/// A block has 256 threads, fewer for less work; there are as many blocks as `each` elements per thread need, up to as many as
/// keep the device busy several times over: kernels go on in steps of the whole grid.
pub fn spread(work: u64, each: u64, multiprocessors: u32) -> Grid {
    let threads = work.div_ceil(each.max(1)).clamp(1, 256).next_multiple_of(32);
    let blocks = work.div_ceil(threads * each.max(1)).clamp(1, u64::from(multiprocessors.max(1)) * 32);
    Grid { blocks: blocks as u32, rows: 1, threads: threads as u32 }
}

/// Blocks that do one job each with as many threads as it has elements, up to `most`.
pub fn blocks(jobs: u64, length: u64, most: u64, multiprocessors: u32) -> Grid {
    let threads = length.clamp(1, most).next_multiple_of(32);
    Grid { blocks: jobs.clamp(1, u64::from(multiprocessors.max(1)) * 64) as u32, rows: 1, threads: threads as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_merge_where_all_operands_walk_on() {
        let (lengths, [a, b]) = merge(&[2, 3, 4], [&[12, 4, 1], &[12, 4, 1]]).unwrap();
        assert_eq!((lengths.ndim, lengths.size, lengths.length[0], a.0[0], b.0[0]), (1, 24, 24, 1, 1));
        // The second operand is a row that is repeated: only the inner axes go on in it.
        let (lengths, [a, b]) = merge(&[2, 3, 4], [&[12, 4, 1], &[0, 4, 1]]).unwrap();
        assert_eq!((lengths.ndim, &lengths.length[..2], &a.0[..2], &b.0[..2]), (2, &[2, 12][..], &[12, 1][..], &[0, 1][..]));
    }

    #[test]
    fn axes_of_one_element_do_not_count() {
        let shape = [1; 20];
        let (lengths, [a]) = merge(&shape, [&[77; 20]]).unwrap();
        assert_eq!((lengths.ndim, lengths.size, a.0), (0, 1, [0; AXES]));
    }

    #[test]
    fn a_walk_backwards_merges_too() {
        let (lengths, [a]) = merge(&[2, 3], [&[-3, -1]]).unwrap();
        assert_eq!((lengths.ndim, lengths.length[0], a.0[0]), (1, 6, -1));
    }

    #[test]
    fn too_many_axes_are_told() {
        let strides: Vec<isize> = (0..9).map(|i| 3isize.pow(9 - i)).collect();
        assert!(merge(&[2; 9], [&strides]).is_none());
        assert!(merge(&[2; 8], [&strides[1..]]).is_some());
    }

    #[test]
    fn nothing_to_do_keeps_the_size_zero() {
        assert_eq!(merge(&[3, 0], [&[0, 1]]).unwrap().0.size, 0);
    }

    #[test]
    fn arguments_keep_their_values_and_alignment() {
        let mut arguments = Arguments::new().with(1u32).with(flat(5).0).at(0xABCD).with(2.5f64).with(7u8);
        let pointers = arguments.pointers();
        assert!(pointers.iter().all(|p| p.addr().is_multiple_of(16)));
        // SAFETY: as they were put in.
        unsafe {
            assert_eq!(*pointers[0].cast::<u32>(), 1);
            assert_eq!(*pointers[1].cast::<Lengths>(), flat(5).0);
            assert_eq!(*pointers[2].cast::<u64>(), 0xABCD);
            assert_eq!(*pointers[3].cast::<f64>(), 2.5);
            assert_eq!(*pointers[4].cast::<u8>(), 7);
        }
    }

    #[test]
    fn grids_are_whole_warps_and_never_empty() {
        for work in [0, 1, 31, 33, 1000, 1 << 20, 1 << 40] {
            for grid in [spread(work, 4, 132), blocks(work, work, 512, 132)] {
                assert!(grid.threads.is_multiple_of(32) && (32..=512).contains(&grid.threads), "{grid:?}");
                assert!((1..=132 * 64).contains(&grid.blocks), "{grid:?}");
            }
        }
    }
}
