//! Matrix products on strided slices: `gemm` for large floating products, own kernels for the small and the exact.
//!
//! Every output element is summed in the order of `k`, whatever the partition into blocks, so results do not depend on the
//! number of threads. What `gemm` does for one element depends on `k` and on which of its paths is taken; [`blocks`] only
//! cuts where no cut changes the path.

use num_complex::Complex;

use crate::dispatch;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::pool;
use crate::tensor::Tensor;

/// A read-only operand: `data[offset + Σ index[i] * strides[i]]`, batch axes first, then rows and columns.
///
/// Batch axes that are broadcast have stride 0. Strides may be negative.
#[derive(Clone, Copy)]
pub struct Strided<'a, T> {
    /// The whole buffer the operand lies in.
    pub data: &'a [T],
    /// Position of the first element.
    pub offset: usize,
    /// One stride per batch axis, then the row and the column stride, in elements.
    pub strides: &'a [isize],
}

impl<T> Strided<'_, T> {
    /// Panics if the extents reach outside `data`, which makes the pointer walks below sound.
    fn check(&self, batch: &[usize], rows: usize, cols: usize) {
        assert_eq!(self.strides.len(), batch.len() + 2, "operand rank");
        let extents = batch.iter().copied().chain([rows, cols]);
        let (mut low, mut high) = (self.offset as isize, self.offset as isize);
        for (extent, &stride) in extents.zip(self.strides) {
            if extent == 0 {
                return;
            }
            let reach = (extent as isize - 1) * stride;
            if reach < 0 { low += reach } else { high += reach }
        }
        assert!(low >= 0 && (high as usize) < self.data.len(), "operand reaches outside its buffer");
    }
}

/// Shapes and strides of one product inside a batch.
struct Product<T> {
    m: usize,
    k: usize,
    n: usize,
    a: *const T,
    a_row: isize,
    a_col: isize,
    b: *const T,
    b_row: isize,
    b_col: isize,
    out: *mut T,
    out_row: isize,
}

impl<T> Clone for Product<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Product<T> {}

/// Raw pointers of disjoint blocks, handed to the pool.
struct Shared<T>(Product<T>);
// SAFETY: inputs are only read, and each task writes rows or columns of the output that no other task touches.
unsafe impl<T: Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    fn get(&self) -> &Product<T> {
        &self.0
    }
}

/// Batched matrix product of host tensors, as [`crate::Backend::matmul`] asks for it.
///
/// # Errors
/// [`Error::DType`] for the 16-bit floats, which the op layer computes in float32.
pub fn matmul_tensors(a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
    let rank = out.ndim();
    let (batch, tail) = out.shape().split_at(rank - 2);
    let extents = [tail[0], a.shape()[rank - 1], tail[1]];
    macro_rules! run {
        ($type:ty) => {{
            // SAFETY: `out` is new, so nobody else reads or writes it.
            let target = unsafe { out.as_mut_slice::<$type>()? };
            matmul(batch, extents, strided::<$type>(a), strided::<$type>(b), target);
            Ok(())
        }};
    }
    match out.dtype() {
        DType::Bool => run!(bool),
        DType::Float16 | DType::BFloat16 => Err(Error::dtype("matmul", out.dtype(), "it computes in float32")),
        _ => dispatch!(numeric: out.dtype(), T => run!(T), else Ok(())),
    }
}

/// A tensor as an operand. The dtype must be that of `T`, the device the host.
fn strided<T: Element>(x: &Tensor) -> Strided<'_, T> {
    debug_assert_eq!(x.dtype(), T::DTYPE);
    let len = x.storage().bytes() / size_of::<T>();
    let data = if len == 0 {
        &[][..]
    } else {
        // SAFETY: the storage holds `len` elements and lives as long as the tensor.
        unsafe { std::slice::from_raw_parts(x.storage().as_ptr().cast::<T>(), len) }
    };
    Strided { data, offset: x.layout().offset(), strides: x.strides() }
}

/// A scalar that matrix products are defined for.
pub trait MatmulScalar: Copy + Send + Sync + 'static {
    /// The empty sum.
    const ZERO: Self;
    /// Whether [`MatmulScalar::product`] calls `gemm`, whose blocks are best left large.
    const USES_GEMM: bool;
    /// Writes `a @ b` of one matrix pair.
    ///
    /// # Safety
    /// All elements that the pointers, extents and strides describe must be valid, and `out` must not overlap the inputs.
    #[doc(hidden)]
    unsafe fn product(p: &RawProduct<Self>);
}

/// Opaque wrapper, so that the trait can be public while its pointers stay private.
#[doc(hidden)]
pub struct RawProduct<T>(Product<T>);

/// `out = a @ b` for every matrix pair of the batch; `out` is contiguous with shape `batch + [m, n]`.
///
/// # Panics
/// If an operand reaches outside its buffer or `out` has another length; callers pass checked layouts.
pub fn matmul<T: MatmulScalar>(batch: &[usize], [m, k, n]: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, out: &mut [T]) {
    let count: usize = batch.iter().product();
    assert_eq!(out.len(), count * m * n, "matmul output length");
    if out.is_empty() {
        return;
    }
    if k == 0 {
        out.fill(T::ZERO);
        return;
    }
    a.check(batch, m, k);
    b.check(batch, k, n);
    let rank = batch.len();
    let whole = Product {
        m,
        k,
        n,
        a: a.data.as_ptr().wrapping_add(a.offset),
        a_row: a.strides[rank],
        a_col: a.strides[rank + 1],
        b: b.data.as_ptr().wrapping_add(b.offset),
        b_row: b.strides[rank],
        b_col: b.strides[rank + 1],
        out: out.as_mut_ptr(),
        out_row: n as isize,
    };
    if let Some(stacked) = stack_batch(batch, &whole, a.strides, b.strides) {
        return run_one(stacked);
    }
    if count == 1 {
        return run_one(whole);
    }
    let shared = Shared(whole);
    let work = m * k * n;
    // Small products are grouped so that one task has enough to do; large ones are one task each.
    let per_task = (SMALL_WORK / work.max(1)).clamp(1, count);
    // Few large ones are cut themselves.
    if count < 4 * pool::num_threads() && work >= 8 * SMALL_WORK {
        for index in 0..count {
            // SAFETY: `check` has covered every batch index.
            run_one(unsafe { at(&shared, batch, a.strides, b.strides, index) });
        }
        return;
    }
    pool::run(count.div_ceil(per_task), &|task| {
        for index in task * per_task..((task + 1) * per_task).min(count) {
            // SAFETY: as above, and each index writes its own m*n elements of `out`.
            unsafe { T::product(&RawProduct(at(&shared, batch, a.strides, b.strides, index))) };
        }
    });
}

/// One product on the calling thread, into rows that are `pitch` apart: the building block of convolutions.
///
/// # Panics
/// As [`matmul`].
pub fn matmul_serial<T: MatmulScalar>([m, k, n]: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, out: &mut [T], pitch: usize) {
    if m == 0 || n == 0 {
        return;
    }
    assert!(pitch >= n && out.len() >= (m - 1) * pitch + n, "matmul output length");
    if k == 0 {
        out.chunks_mut(pitch).take(m).for_each(|row| row[..n].fill(T::ZERO));
        return;
    }
    a.check(&[], m, k);
    b.check(&[], k, n);
    let product = Product {
        m,
        k,
        n,
        a: a.data.as_ptr().wrapping_add(a.offset),
        a_row: a.strides[0],
        a_col: a.strides[1],
        b: b.data.as_ptr().wrapping_add(b.offset),
        b_row: b.strides[0],
        b_col: b.strides[1],
        out: out.as_mut_ptr(),
        out_row: pitch as isize,
    };
    // SAFETY: extents and strides were checked against all three slices.
    unsafe { T::product(&RawProduct(product)) };
}

/// Multiplications below which a task is not worth handing to another thread (about 10 µs of work).
const SMALL_WORK: usize = 1 << 18;

/// Treats `[batch, m, k] @ [k, n]` as one `[batch * m, k] @ [k, n]` when `b` is shared and the rows of `a` are evenly spaced.
fn stack_batch<T>(batch: &[usize], p: &Product<T>, a_strides: &[isize], b_strides: &[isize]) -> Option<Product<T>> {
    let rank = batch.len();
    if b_strides[..rank].iter().zip(batch).any(|(&stride, &extent)| stride != 0 && extent != 1) {
        return None;
    }
    let mut expected = p.a_row * p.m as isize;
    for axis in (0..rank).rev() {
        if batch[axis] != 1 && a_strides[axis] != expected {
            return None;
        }
        expected *= batch[axis] as isize;
    }
    Some(Product { m: p.m * batch.iter().product::<usize>(), ..*p })
}

/// The product at a flat batch index.
///
/// # Safety
/// `index` must be below the product of `batch`, and the operands must cover the whole batch.
unsafe fn at<T>(shared: &Shared<T>, batch: &[usize], a_strides: &[isize], b_strides: &[isize], index: usize) -> Product<T> {
    let p = *shared.get();
    let (mut rest, mut a, mut b) = (index, 0, 0);
    for axis in (0..batch.len()).rev() {
        let position = (rest % batch[axis]) as isize;
        rest /= batch[axis];
        a += position * a_strides[axis];
        b += position * b_strides[axis];
    }
    Product { a: p.a.wrapping_offset(a), b: p.b.wrapping_offset(b), out: p.out.wrapping_add(index * p.m * p.n), ..p }
}

/// One product, cut into row or column blocks for the pool.
fn run_one<T: MatmulScalar>(p: Product<T>) {
    let tasks = blocks(p.m, p.k, p.n, if T::USES_GEMM { pool::num_threads() } else { 4 * pool::num_threads() });
    let shared = Shared(p);
    pool::run(tasks.count, &|task| {
        let p = *shared.get();
        let start = task * tasks.size;
        let block = if tasks.by_rows {
            Product {
                m: tasks.size.min(p.m - start),
                a: p.a.wrapping_offset(start as isize * p.a_row),
                out: p.out.wrapping_offset(start as isize * p.out_row),
                ..p
            }
        } else {
            Product {
                n: tasks.size.min(p.n - start),
                b: p.b.wrapping_offset(start as isize * p.b_col),
                out: p.out.wrapping_add(start),
                ..p
            }
        };
        // SAFETY: the block is a part of the checked product, and blocks do not overlap.
        unsafe { T::product(&RawProduct(block)) };
    });
}

/// How one product is cut.
struct Blocks {
    count: usize,
    size: usize,
    by_rows: bool,
}

/// Cuts rows (or, for short and wide products, columns) into even blocks that `gemm` treats as it would treat the whole:
/// at least 65 long (below, it fixes its own depth) and more than 512 elements (below, other kernels take over).
fn blocks(m: usize, k: usize, n: usize, threads: usize) -> Blocks {
    let whole = |by_rows| Blocks { count: 1, size: if by_rows { m } else { n }, by_rows };
    let (by_rows, long, short) = if m >= n { (true, m, n) } else { (false, n, m) };
    let smallest = 96.max(1024 / short);
    if threads < 2 || m * n * k < SMALL_WORK || long < 2 * smallest {
        return whole(by_rows);
    }
    // Twice as many blocks as threads evens out a busy machine; multiples of 16 keep SIMD tiles full.
    let wanted = long.div_ceil(2 * threads).max(smallest).next_multiple_of(16);
    let count = (long / wanted).max(1);
    let size = long.div_ceil(count).next_multiple_of(16);
    let count = long.div_ceil(size);
    if count < 2 || long - (count - 1) * size < smallest {
        // A short last block is merged by making all blocks a little longer.
        let count = count.saturating_sub(1).max(1);
        let size = long.div_ceil(count);
        return Blocks { count, size, by_rows };
    }
    Blocks { count, size, by_rows }
}

/// Products up to this many multiplications run faster in plain loops than through `gemm`'s set-up (about 60 ns).
const TINY_WORK: usize = 512;

macro_rules! float_product {
    ($type:ty, $block:literal) => {
        impl MatmulScalar for $type {
            const ZERO: Self = 0.0;
            const USES_GEMM: bool = true;
            unsafe fn product(raw: &RawProduct<Self>) {
                let p = &raw.0;
                // SAFETY: the caller vouches for the pointers; both kernels stay within the stated extents.
                unsafe {
                    if p.b_col == 1 && (p.n > 1 || p.k <= 16) && (p.m == 1 || p.m * p.k * p.n <= TINY_WORK) {
                        for row in 0..p.m as isize {
                            simd::vec_mat::<Self, $block>(
                                [p.k, p.n],
                                p.a.wrapping_offset(row * p.a_row),
                                p.a_col,
                                p.b,
                                p.b_row,
                                p.out.wrapping_offset(row * p.out_row),
                            );
                        }
                    } else {
                        call_gemm(p, 1.0, 0.0);
                    }
                }
            }
        }
    };
}
float_product!(f32, 64);
float_product!(f64, 32);

macro_rules! complex_product {
    ($type:ty) => {
        impl MatmulScalar for Complex<$type> {
            const ZERO: Self = Complex { re: 0.0, im: 0.0 };
            const USES_GEMM: bool = true;
            unsafe fn product(raw: &RawProduct<Self>) {
                // SAFETY: the caller vouches for the pointers.
                unsafe { call_gemm(&raw.0, Complex { re: 1.0, im: 0.0 }, Self::ZERO) }
            }
        }
    };
}
complex_product!(f32);
complex_product!(f64);

/// # Safety
/// As for [`MatmulScalar::product`].
unsafe fn call_gemm<T: 'static>(p: &Product<T>, one: T, zero: T) {
    // SAFETY: the caller vouches for the pointers; `T` is one of the types `gemm` knows. The old output is not read.
    unsafe {
        gemm::gemm(
            p.m,
            p.n,
            p.k,
            p.out,
            1,
            p.out_row,
            false,
            p.a,
            p.a_col,
            p.a_row,
            p.b,
            p.b_col,
            p.b_row,
            zero,
            one,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

macro_rules! integer_product {
    ($($type:ty),*) => {$(
        impl MatmulScalar for $type {
            const ZERO: Self = 0;
            const USES_GEMM: bool = false;
            unsafe fn product(raw: &RawProduct<Self>) {
                // SAFETY: the caller vouches for the pointers.
                unsafe { exact(&raw.0, |sum, x: $type, y: $type| sum.wrapping_add(x.wrapping_mul(y))) }
            }
        }
    )*};
}
integer_product!(i8, i16, i32, i64, u8, u16, u32, u64);

/// Boolean products are "or of ands", as in NumPy.
impl MatmulScalar for bool {
    const ZERO: Self = false;
    const USES_GEMM: bool = false;
    unsafe fn product(raw: &RawProduct<Self>) {
        // SAFETY: the caller vouches for the pointers.
        unsafe { exact(&raw.0, |sum, x, y| sum | (x & y)) }
    }
}

/// Exact (integer or boolean) product: for each row, scaled rows of `b` are added up, which vectorises.
///
/// # Safety
/// As for [`MatmulScalar::product`].
#[inline(always)]
unsafe fn exact<T: MatmulScalar>(p: &Product<T>, add: impl Fn(T, T, T) -> T + Copy) {
    // Columns of a transposed `b` are gathered once, so that the inner loop always runs over neighbours.
    let packed: Vec<T>;
    let (b, b_row) = if p.b_col == 1 || p.n == 1 {
        (p.b, p.b_row)
    } else {
        packed = (0..p.k * p.n)
            // SAFETY: in bounds by the caller's promise.
            .map(|i| unsafe { *p.b.offset((i / p.n) as isize * p.b_row + (i % p.n) as isize * p.b_col) })
            .collect();
        (packed.as_ptr(), p.n as isize)
    };
    for row in 0..p.m as isize {
        // SAFETY: output rows are disjoint and `p.n` long; reads are in bounds by the caller's promise.
        unsafe {
            let out = std::slice::from_raw_parts_mut(p.out.offset(row * p.out_row), p.n);
            out.fill(T::ZERO);
            for depth in 0..p.k as isize {
                let x = *p.a.offset(row * p.a_row + depth * p.a_col);
                let line = std::slice::from_raw_parts(b.offset(depth * b_row), p.n);
                for (sum, &y) in out.iter_mut().zip(line) {
                    *sum = add(*sum, x, y);
                }
            }
        }
    }
}

/// Row vector times matrix, compiled for several instruction sets.
mod simd {
    /// The two real types, with a fused multiply-add where the caller's target has one.
    pub trait Real: Copy {
        const ZERO: Self;
        fn add_product<const FUSED: bool>(self, x: Self, y: Self) -> Self;
    }
    macro_rules! real {
        ($type:ty) => {
            impl Real for $type {
                const ZERO: Self = 0.0;
                #[inline(always)]
                fn add_product<const FUSED: bool>(self, x: Self, y: Self) -> Self {
                    if FUSED { x.mul_add(y, self) } else { self + x * y }
                }
            }
        };
    }
    real!(f32);
    real!(f64);

    /// `out[j] = Σ_k a[k] * b[k, j]`, `BLOCK` columns at a time held in registers.
    ///
    /// # Safety
    /// `a` must hold `k` elements `a_step` apart, `b` `k` rows of `n` neighbours, `out` `n` elements, not overlapping.
    pub unsafe fn vec_mat<T: Real, const BLOCK: usize>(
        [k, n]: [usize; 2],
        a: *const T,
        a_step: isize,
        b: *const T,
        b_row: isize,
        out: *mut T,
    ) {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                // SAFETY: the feature was just detected; the rest is the caller's promise.
                return unsafe { vec_mat_avx512::<T, BLOCK>([k, n], a, a_step, b, b_row, out) };
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                // SAFETY: as above.
                return unsafe { vec_mat_avx2::<T, BLOCK>([k, n], a, a_step, b, b_row, out) };
            }
        }
        // SAFETY: the caller's promise. AArch64 always has fused multiply-add.
        unsafe { body::<T, BLOCK, { cfg!(target_arch = "aarch64") }>([k, n], a, a_step, b, b_row, out) }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,fma")]
    unsafe fn vec_mat_avx512<T: Real, const BLOCK: usize>(
        shape: [usize; 2],
        a: *const T,
        a_step: isize,
        b: *const T,
        b_row: isize,
        out: *mut T,
    ) {
        // SAFETY: the caller's promise.
        unsafe { body::<T, BLOCK, true>(shape, a, a_step, b, b_row, out) }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn vec_mat_avx2<T: Real, const BLOCK: usize>(
        shape: [usize; 2],
        a: *const T,
        a_step: isize,
        b: *const T,
        b_row: isize,
        out: *mut T,
    ) {
        // SAFETY: the caller's promise.
        unsafe { body::<T, BLOCK, true>(shape, a, a_step, b, b_row, out) }
    }

    #[inline(always)]
    unsafe fn body<T: Real, const BLOCK: usize, const FUSED: bool>(
        [k, n]: [usize; 2],
        a: *const T,
        a_step: isize,
        b: *const T,
        b_row: isize,
        out: *mut T,
    ) {
        let mut column = 0;
        while column + BLOCK <= n {
            // SAFETY: `column + BLOCK <= n`.
            unsafe { columns::<T, BLOCK, FUSED>(k, a, a_step, b.add(column), b_row, out.add(column)) };
            column += BLOCK;
        }
        while column + 8 <= n {
            // SAFETY: `column + 8 <= n`.
            unsafe { columns::<T, 8, FUSED>(k, a, a_step, b.add(column), b_row, out.add(column)) };
            column += 8;
        }
        while column < n {
            // SAFETY: `column < n`.
            unsafe { columns::<T, 1, FUSED>(k, a, a_step, b.add(column), b_row, out.add(column)) };
            column += 1;
        }
    }

    #[inline(always)]
    unsafe fn columns<T: Real, const WIDTH: usize, const FUSED: bool>(
        k: usize,
        a: *const T,
        a_step: isize,
        b: *const T,
        b_row: isize,
        out: *mut T,
    ) {
        let mut sums = [T::ZERO; WIDTH];
        for depth in 0..k as isize {
            // SAFETY: within the `k` elements and rows the caller promises.
            let (x, line) = unsafe { (*a.offset(depth * a_step), &*b.offset(depth * b_row).cast::<[T; WIDTH]>()) };
            for (sum, &y) in sums.iter_mut().zip(line) {
                *sum = sum.add_product::<FUSED>(x, y);
            }
        }
        // SAFETY: `WIDTH` output elements follow.
        unsafe { out.cast::<[T; WIDTH]>().write(sums) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(count: usize) -> Vec<f64> {
        (0..count).map(|i| ((i * 7919 + 13) % 97) as f64 / 16.0 - 3.0).collect()
    }

    /// Textbook product of row-major matrices.
    fn reference(m: usize, k: usize, n: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; m * n];
        for i in 0..m {
            for j in 0..n {
                out[i * n + j] = (0..k).map(|p| a[i * k + p] * b[p * n + j]).sum();
            }
        }
        out
    }

    #[test]
    fn every_size_and_layout_agrees_with_the_textbook() {
        for (m, k, n) in [(1, 1, 1), (1, 128, 64), (3, 2, 5), (17, 33, 9), (130, 7, 131), (200, 150, 3), (5, 600, 70)] {
            let (a, b) = (values(m * k), values(k * n));
            let expected = reference(m, k, n, &a, &b);
            let transposed: Vec<f64> = (0..k * n).map(|i| b[(i % k) * n + i / k]).collect();
            let reversed: Vec<f64> = a.iter().rev().copied().collect();
            for (b_data, b_strides) in [(&b, [n as isize, 1]), (&transposed, [1, k as isize])] {
                let mut out = vec![f64::NAN; m * n];
                let b_op = Strided { data: b_data, offset: 0, strides: &b_strides };
                let a_op = Strided { data: &a, offset: 0, strides: &[k as isize, 1] };
                matmul(&[], [m, k, n], a_op, b_op, &mut out);
                // Values are multiples of 1/16, so every summation order is exact.
                assert_eq!(out, expected, "{m}x{k}x{n}");
                let a_op = Strided { data: &reversed, offset: m * k - 1, strides: &[-(k as isize), -1] };
                matmul(&[], [m, k, n], a_op, b_op, &mut out);
                assert_eq!(out, expected, "negative strides, {m}x{k}x{n}");
            }
        }
    }

    #[test]
    fn integers_wrap_and_booleans_are_or_of_ands() {
        let a = Strided { data: &[100_i8, 100], offset: 0, strides: &[2, 1] };
        let b = Strided { data: &[2_i8, 1], offset: 0, strides: &[1, 1] };
        let mut out = [0_i8];
        matmul(&[], [1, 2, 1], a, b, &mut out);
        assert_eq!(out[0], 100_i8.wrapping_mul(2).wrapping_add(100));
        let a = Strided { data: &[true, false, true, true], offset: 0, strides: &[2, 1] };
        let b = Strided { data: &[false, true], offset: 0, strides: &[1, 1] };
        let mut out = [true; 2];
        matmul(&[], [2, 2, 1], a, b, &mut out);
        assert_eq!(out, [false, true]);
    }

    #[test]
    fn blocks_cover_everything_once_and_stay_long() {
        for threads in 1..9 {
            for (m, k, n) in [(1000, 64, 3), (3, 500, 4000), (257, 257, 257), (4097, 31, 65), (70, 5000, 70)] {
                let cut = blocks(m, k, n, threads);
                let (long, short) = if cut.by_rows { (m, n) } else { (n, m) };
                assert!((cut.count - 1) * cut.size < long && cut.count * cut.size >= long);
                let last = long - (cut.count - 1) * cut.size;
                assert!(cut.count == 1 || (last > 64 && last * short > 256), "{m}x{k}x{n} on {threads}: last {last}");
            }
        }
    }
}
