//! Reductions on the CPU. The order of every summation is fixed by the shape alone: the same on any number of
//! threads and for any instruction set, and pairwise, so that the error grows with the logarithm of the length.

use std::mem::MaybeUninit;

use num_complex::Complex;
use smallvec::SmallVec;

use crate::backend::ReduceOp;
use crate::cpu::simd::Level;
use crate::dtype::{Complex64, Complex128, DType};
use crate::error::Result;
use crate::layout::Shape;
use crate::leveled;
use crate::pool;
use crate::tensor::Tensor;

/// How elements of `T` are folded.
pub trait Fold<T: Copy>: 'static {
    /// The accumulator.
    type Acc: Copy + Send + Sync;
    /// The accumulator of no elements.
    fn init() -> Self::Acc;
    /// One more element.
    fn step(acc: Self::Acc, x: T) -> Self::Acc;
    /// Two parts.
    fn merge(a: Self::Acc, b: Self::Acc) -> Self::Acc;
}

macro_rules! folds {
    ($($fold:ident [$($t:ty => $acc:ty),*] $init:ident, |$a:ident, $x:ident| $step:expr, |$b:ident, $c:ident| $merge:expr;)*) => {$($(
        impl Fold<$t> for $fold {
            type Acc = $acc;
            #[inline(always)]
            fn init() -> $acc { <$acc as Limits>::$init }
            #[inline(always)]
            fn step($a: $acc, $x: $t) -> $acc { let $x = <$acc as crate::cpu::cast::CastFrom<$t>>::cast_from($x); $step }
            #[inline(always)]
            fn merge($b: $acc, $c: $acc) -> $acc { $merge }
        }
    )*)*};
}

/// Neutral elements.
trait Limits {
    const ZERO: Self;
    const ONE: Self;
    const LEAST: Self;
    const GREATEST: Self;
}
macro_rules! limits {
    ($($t:ty, $zero:expr, $one:expr, $least:expr, $greatest:expr;)*) => {$(
        impl Limits for $t {
            const ZERO: Self = $zero;
            const ONE: Self = $one;
            const LEAST: Self = $least;
            const GREATEST: Self = $greatest;
        }
    )*};
}
limits! {
    i8, 0, 1, i8::MIN, i8::MAX; i16, 0, 1, i16::MIN, i16::MAX; i32, 0, 1, i32::MIN, i32::MAX; i64, 0, 1, i64::MIN, i64::MAX;
    u8, 0, 1, 0, u8::MAX; u16, 0, 1, 0, u16::MAX; u32, 0, 1, 0, u32::MAX; u64, 0, 1, 0, u64::MAX;
    bool, false, true, false, true;
    f32, 0.0, 1.0, f32::NEG_INFINITY, f32::INFINITY; f64, 0.0, 1.0, f64::NEG_INFINITY, f64::INFINITY;
    Complex64, Complex::new(0.0, 0.0), Complex::new(1.0, 0.0), Complex::new(f32::NEG_INFINITY, f32::NEG_INFINITY), Complex::new(f32::INFINITY, f32::INFINITY);
    Complex128, Complex::new(0.0, 0.0), Complex::new(1.0, 0.0), Complex::new(f64::NEG_INFINITY, f64::NEG_INFINITY), Complex::new(f64::INFINITY, f64::INFINITY);
}

struct Sum;
struct Prod;
struct Max;
struct Min;
struct All;
struct Any;
struct Count;
struct Squares;

folds! {
    Sum [i8 => i64, i16 => i64, i32 => i64, i64 => i64, bool => i64] ZERO, |a, x| a.wrapping_add(x), |b, c| b.wrapping_add(c);
    Sum [u8 => u64, u16 => u64, u32 => u64, u64 => u64] ZERO, |a, x| a.wrapping_add(x), |b, c| b.wrapping_add(c);
    Sum [f32 => f32, f64 => f64, Complex64 => Complex64, Complex128 => Complex128] ZERO, |a, x| a + x, |b, c| b + c;
    Prod [i8 => i64, i16 => i64, i32 => i64, i64 => i64, bool => i64] ONE, |a, x| a.wrapping_mul(x), |b, c| b.wrapping_mul(c);
    Prod [u8 => u64, u16 => u64, u32 => u64, u64 => u64] ONE, |a, x| a.wrapping_mul(x), |b, c| b.wrapping_mul(c);
    Prod [f32 => f32, f64 => f64] ONE, |a, x| a * x, |b, c| b * c;
    Prod [Complex64 => Complex64, Complex128 => Complex128] ONE, |a, x| times(a, x), |b, c| times(b, c);
    Max [i8 => i8, i16 => i16, i32 => i32, i64 => i64, u8 => u8, u16 => u16, u32 => u32, u64 => u64] LEAST, |a, x| a.max(x), |b, c| b.max(c);
    Min [i8 => i8, i16 => i16, i32 => i32, i64 => i64, u8 => u8, u16 => u16, u32 => u32, u64 => u64] GREATEST, |a, x| a.min(x), |b, c| b.min(c);
    Max [f32 => f32, f64 => f64] LEAST, |a, x| if x > a || x.is_nan() { x } else { a }, |b, c| if c > b || c.is_nan() { c } else { b };
    Min [f32 => f32, f64 => f64] GREATEST, |a, x| if x < a || x.is_nan() { x } else { a }, |b, c| if c < b || c.is_nan() { c } else { b };
    Max [Complex64 => Complex64, Complex128 => Complex128] LEAST, |a, x| larger(a, x, true), |b, c| larger(b, c, true);
    Min [Complex64 => Complex64, Complex128 => Complex128] GREATEST, |a, x| larger(a, x, false), |b, c| larger(b, c, false);
    Squares [i8 => i64, i16 => i64, i32 => i64, i64 => i64, bool => i64] ZERO, |a, x| a.wrapping_add(x.wrapping_mul(x)), |b, c| b.wrapping_add(c);
    Squares [u8 => u64, u16 => u64, u32 => u64, u64 => u64] ZERO, |a, x| a.wrapping_add(x.wrapping_mul(x)), |b, c| b.wrapping_add(c);
    Squares [f32 => f32, f64 => f64] ZERO, |a, x| a + x * x, |b, c| b + c;
}
macro_rules! complex_squares {
    ($($t:ty, $r:ty);*) => {$(
        impl Fold<$t> for Squares {
            type Acc = $r;
            #[inline(always)]
            fn init() -> $r { 0.0 }
            #[inline(always)]
            fn step(a: $r, x: $t) -> $r { a + (x.re * x.re + x.im * x.im) }
            #[inline(always)]
            fn merge(a: $r, b: $r) -> $r { a + b }
        }
    )*};
}
complex_squares!(Complex64, f32; Complex128, f64);

fn times<T: crate::cpu::complex::Real>(a: Complex<T>, b: Complex<T>) -> Complex<T> {
    Complex::new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
}

fn larger<T: crate::cpu::complex::Real>(a: Complex<T>, b: Complex<T>, larger: bool) -> Complex<T> {
    if a.re.is_nan() || a.im.is_nan() {
        return a;
    }
    if b.re.is_nan() || b.im.is_nan() {
        return b;
    }
    let greater = b.re > a.re || (b.re == a.re && b.im > a.im);
    if greater == larger { b } else { a }
}

macro_rules! truth {
    ($($t:ty),*) => {$(
        impl Fold<$t> for All {
            type Acc = bool;
            #[inline(always)]
            fn init() -> bool { true }
            #[inline(always)]
            fn step(a: bool, x: $t) -> bool { a & <bool as crate::cpu::cast::CastFrom<$t>>::cast_from(x) }
            #[inline(always)]
            fn merge(a: bool, b: bool) -> bool { a & b }
        }
        impl Fold<$t> for Any {
            type Acc = bool;
            #[inline(always)]
            fn init() -> bool { false }
            #[inline(always)]
            fn step(a: bool, x: $t) -> bool { a | <bool as crate::cpu::cast::CastFrom<$t>>::cast_from(x) }
            #[inline(always)]
            fn merge(a: bool, b: bool) -> bool { a | b }
        }
        impl Fold<$t> for Count {
            type Acc = i64;
            #[inline(always)]
            fn init() -> i64 { 0 }
            #[inline(always)]
            fn step(a: i64, x: $t) -> i64 { a + <bool as crate::cpu::cast::CastFrom<$t>>::cast_from(x) as i64 }
            #[inline(always)]
            fn merge(a: i64, b: i64) -> i64 { a + b }
        }
    )*};
}
truth!(bool, u8, u16, u32, u64, f32, f64, Complex64, Complex128);

const LANES: usize = 32;
/// Lanes of short runs, and the longest of those.
const NARROW: usize = 8;
const SHORT: usize = 128;
/// Elements summed straight into the lanes before two such sums are added.
const LEAF: usize = 1024;
/// Rows added straight into a row of accumulators before that is added to another.
const ROWS: usize = 64;
/// Columns reduced together when the reduced axis is not the innermost.
const COLUMNS: usize = 512;
/// Elements of one chunk when a single result is computed by several threads.
const CHUNK: usize = 128 << 10;

type Run = unsafe fn(x: *const u8, stride: isize, n: usize, acc: *mut u8);
type Columns = unsafe fn(x: *const u8, row: isize, rows: usize, col: isize, cols: usize, acc: *mut u8);

#[inline(always)]
#[expect(clippy::extra_unused_type_parameters, reason = "the level is part of every leveled body")]
unsafe fn run_body<T: Copy, F: Fold<T>, L: Level>(x: *const u8, stride: isize, n: usize, acc: *mut u8) {
    // SAFETY: the reduction passes runs inside the tensor and room for one accumulator.
    unsafe { acc.cast::<F::Acc>().write(pairwise::<T, F>(x, stride, n)) }
}

#[inline(always)]
unsafe fn leaf<T: Copy, F: Fold<T>>(x: *const u8, stride: isize, n: usize) -> F::Acc {
    // SAFETY: as in `run_body`.
    unsafe {
        // What does not lie side by side is gathered first, so that the folding is compiled once.
        let mut buffer = [MaybeUninit::<T>::uninit(); LEAF];
        let x = if stride == size_of::<T>() as isize {
            x.cast::<T>()
        } else {
            for (i, slot) in buffer.iter_mut().enumerate().take(n) {
                slot.write(x.offset(i as isize * stride).cast::<T>().read());
            }
            buffer.as_ptr().cast()
        };
        // Short runs are added up as NumPy adds them, bit for bit, and very short ones as the rows of a table are.
        if n < NARROW {
            return (0..n).fold(F::init(), |acc, i| F::step(acc, x.add(i).read()));
        }
        if n <= SHORT {
            let mut r = [F::init(); NARROW];
            let full = n / NARROW * NARROW;
            for i in (0..full).step_by(NARROW) {
                for (l, lane) in r.iter_mut().enumerate() {
                    *lane = F::step(*lane, x.add(i + l).read());
                }
            }
            let (low, high) = (F::merge(F::merge(r[0], r[1]), F::merge(r[2], r[3])), F::merge(F::merge(r[4], r[5]), F::merge(r[6], r[7])));
            return (full..n).fold(F::merge(low, high), |acc, i| F::step(acc, x.add(i).read()));
        }
        let mut lanes = [F::init(); LANES];
        let full = n / LANES * LANES;
        for i in (0..full).step_by(LANES) {
            for (l, lane) in lanes.iter_mut().enumerate() {
                *lane = F::step(*lane, x.add(i + l).read());
            }
        }
        for (l, lane) in lanes.iter_mut().enumerate().take(n - full) {
            *lane = F::step(*lane, x.add(full + l).read());
        }
        let mut width = LANES / 2;
        while width > 0 {
            for l in 0..width {
                lanes[l] = F::merge(lanes[l], lanes[l + width]);
            }
            width /= 2;
        }
        lanes[0]
    }
}

#[inline(always)]
unsafe fn pairwise<T: Copy, F: Fold<T>>(x: *const u8, stride: isize, n: usize) -> F::Acc {
    // A binary counter of partial results gives the pairwise tree without recursion.
    let mut stack: [F::Acc; 48] = [F::init(); 48];
    let (mut depth, mut done, mut leaves) = (0usize, 0usize, 0usize);
    loop {
        let take = LEAF.min(n - done);
        // SAFETY: as in `run_body`.
        let mut part = unsafe { leaf::<T, F>(x.offset(done as isize * stride), stride, take) };
        done += take;
        leaves += 1;
        if done == n {
            while depth > 0 {
                depth -= 1;
                part = F::merge(stack[depth], part);
            }
            return part;
        }
        let mut carry = leaves;
        while carry & 1 == 0 {
            depth -= 1;
            part = F::merge(stack[depth], part);
            carry >>= 1;
        }
        stack[depth] = part;
        depth += 1;
    }
}

#[inline(always)]
#[expect(clippy::extra_unused_type_parameters, reason = "`leveled!` names the instruction set for every body")]
unsafe fn columns_body<T: Copy, F: Fold<T>, L: Level>(x: *const u8, row: isize, rows: usize, col: isize, cols: usize, acc: *mut u8) {
    let acc = acc.cast::<F::Acc>();
    // SAFETY: as in `run_body`, with room for `cols` accumulators.
    unsafe {
        if col == size_of::<T>() as isize {
            for r in 0..rows {
                let x = x.offset(r as isize * row).cast::<T>();
                for j in 0..cols {
                    let a = acc.add(j);
                    a.write(F::step(a.read(), x.add(j).read()));
                }
            }
        } else {
            for r in 0..rows {
                let x = x.offset(r as isize * row);
                for j in 0..cols {
                    let a = acc.add(j);
                    a.write(F::step(a.read(), x.offset(j as isize * col).cast::<T>().read()));
                }
            }
        }
    }
}

leveled! {
    light fn run_loop<T, F> where { T: Copy, F: Fold<T> } = run_body as Run, (x: *const u8, stride: isize, n: usize, acc: *mut u8)
}
leveled! {
    light fn columns_loop<T, F> where { T: Copy, F: Fold<T> } = columns_body as Columns,
    (x: *const u8, row: isize, rows: usize, col: isize, cols: usize, acc: *mut u8)
}

/// A fold with its types erased, so that the driver below exists once.
struct Folder {
    size: usize,
    init: unsafe fn(acc: *mut u8, n: usize),
    run: Run,
    columns: Columns,
    merge: unsafe fn(acc: *mut u8, other: *const u8, n: usize),
}

unsafe fn init<T: Copy, F: Fold<T>>(acc: *mut u8, n: usize) {
    for i in 0..n {
        // SAFETY: room for `n` accumulators.
        unsafe { acc.cast::<F::Acc>().add(i).write(F::init()) }
    }
}

unsafe fn merge<T: Copy, F: Fold<T>>(acc: *mut u8, other: *const u8, n: usize) {
    for i in 0..n {
        // SAFETY: both hold `n` accumulators.
        unsafe {
            let a = acc.cast::<F::Acc>().add(i);
            a.write(F::merge(a.read(), other.cast::<F::Acc>().add(i).read()));
        }
    }
}

fn folder<T: Copy, F: Fold<T>>() -> Folder {
    Folder { size: size_of::<F::Acc>(), init: init::<T, F>, run: run_loop::<T, F>(), columns: columns_loop::<T, F>(), merge: merge::<T, F> }
}

fn lookup(op: ReduceOp, dtype: DType) -> Option<Folder> {
    // What wraps, or only asks for zero, is the same for both signs; narrow sums are not, for they widen.
    let dtype = match (op, dtype) {
        (ReduceOp::All | ReduceOp::Any | ReduceOp::CountNonzero, d) => d.as_unsigned(),
        (ReduceOp::Sum | ReduceOp::Prod | ReduceOp::SumSquares, DType::Int64) => DType::UInt64,
        (_, d) => d,
    };
    macro_rules! nonzero {
        ($f:ident) => {
            match dtype {
                DType::Bool => Some(folder::<bool, $f>()),
                _ => crate::dispatch!(signless: dtype, T => Some(folder::<T, $f>()), else None),
            }
        };
    }
    macro_rules! widening {
        ($f:ident) => {
            match dtype {
                DType::Bool => Some(folder::<bool, $f>()),
                DType::Int8 => Some(folder::<i8, $f>()),
                DType::Int16 => Some(folder::<i16, $f>()),
                DType::Int32 => Some(folder::<i32, $f>()),
                _ => crate::dispatch!(signless: dtype, T => Some(folder::<T, $f>()), else None),
            }
        };
    }
    macro_rules! numeric {
        ($f:ident) => { crate::dispatch!(numeric: dtype, T => Some(folder::<T, $f>()), else None) };
    }
    match op {
        ReduceOp::Sum => widening!(Sum),
        ReduceOp::Prod => widening!(Prod),
        ReduceOp::SumSquares => widening!(Squares),
        ReduceOp::Max if dtype.is_bool() => Some(folder::<bool, Any>()),
        ReduceOp::Min if dtype.is_bool() => Some(folder::<bool, All>()),
        ReduceOp::Max => numeric!(Max),
        ReduceOp::Min => numeric!(Min),
        ReduceOp::All => nonzero!(All),
        ReduceOp::Any => nonzero!(Any),
        ReduceOp::CountNonzero => nonzero!(Count),
    }
}

/// An accumulator of any type.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct Slot([u8; 16]);

type Axes = SmallVec<[(usize, isize); 6]>;

/// Merges neighbouring axes, given outermost first.
fn merged(mut axes: Axes) -> Axes {
    axes.retain(|a| a.0 != 1);
    axes.sort_by_key(|a| std::cmp::Reverse(a.1.unsigned_abs()));
    let mut out: Axes = SmallVec::new();
    for (n, s) in axes {
        match out.last_mut() {
            Some(last) if last.1 == s * n as isize => *last = (last.0 * n, s),
            _ => out.push((n, s)),
        }
    }
    out
}

/// Reduces `axes` of `x` into `out`; see [`crate::Backend::reduce`].
pub fn reduce(op: ReduceOp, x: &Tensor, axes: &[usize], out: &Tensor) -> Result<()> {
    let Some(fold) = lookup(op, x.dtype()) else {
        return Err(crate::error::Error::Unsupported { op: op.name(), device: "cpu".to_owned(), dtype: x.dtype() });
    };
    let item = x.dtype().size() as isize;
    let reduced = merged(axes.iter().map(|&a| (x.shape()[a], x.strides()[a] * item)).collect());
    let kept: SmallVec<[usize; 6]> = (0..x.ndim()).filter(|a| !axes.contains(a)).collect();
    let base: *const u8 = x.data_ptr();
    let target: *mut u8 = out.data_ptr();
    let count = out.size();
    if count == 0 {
        return Ok(());
    }
    let reduced_size: usize = axes.iter().map(|&a| x.shape()[a]).product();
    if reduced_size == 0 {
        // SAFETY: `out` is contiguous and holds accumulators of this fold.
        unsafe { (fold.init)(target, count) };
        return Ok(());
    }
    let kept_shape: Shape = kept.iter().map(|&a| x.shape()[a]).collect();
    let kept_strides: SmallVec<[isize; 6]> = kept.iter().map(|&a| x.strides()[a] * item).collect();
    let job = Job { fold, reduced, kept_shape, kept_strides, base: base as usize, target: target as usize };
    let inner_kept = job.kept_strides.iter().zip(&job.kept_shape).filter(|(_, n)| **n > 1).map(|(s, _)| s.unsigned_abs()).min();
    let inner_reduced = job.reduced.last().map_or(usize::MAX, |a| a.1.unsigned_abs());
    if count == 1 {
        job.single(reduced_size);
    } else if inner_kept.is_some_and(|k| k < inner_reduced) && job.kept_strides.last().map(|s| s.unsigned_abs()) == inner_kept {
        job.by_columns(reduced_size);
    } else {
        job.by_rows(count, reduced_size);
    }
    Ok(())
}

struct Job {
    fold: Folder,
    reduced: Axes,
    kept_shape: Shape,
    kept_strides: SmallVec<[isize; 6]>,
    base: usize,
    target: usize,
}

impl Job {
    /// Offset in bytes of the kept element with this row-major number, over the first `axes` kept axes.
    fn kept_offset(&self, mut index: usize, axes: usize) -> isize {
        let mut offset = 0;
        for d in (0..axes).rev() {
            offset += (index % self.kept_shape[d]) as isize * self.kept_strides[d];
            index /= self.kept_shape[d];
        }
        offset
    }

    /// Folds the reduced axes from `axis` on, starting at `x`.
    ///
    /// # Safety
    /// `x` must be the first of such a sub-tensor, `acc` room for one accumulator.
    unsafe fn fold_from(&self, axes: &[(usize, isize)], x: *const u8, acc: *mut u8) {
        // SAFETY: inherited.
        unsafe {
            match axes {
                [] => (self.fold.run)(x, 0, 1, acc),
                [(n, s)] => (self.fold.run)(x, *s, *n, acc),
                [(n, s), rest @ ..] => {
                    self.fold_from(rest, x, acc);
                    let mut part = Slot([0; 16]);
                    for i in 1..*n as isize {
                        self.fold_from(rest, x.offset(i * s), part.0.as_mut_ptr());
                        (self.fold.merge)(acc, part.0.as_ptr(), 1);
                    }
                }
            }
        }
    }

    /// One result: chunks of fixed size along the outermost reduced axis, merged in order as a tree.
    fn single(&self, size: usize) {
        let (base, target) = (self.base as *const u8, self.target as *mut u8);
        let Some((&(n, s), rest)) = self.reduced.split_first().filter(|_| size > CHUNK) else {
            // SAFETY: `base` is the first element, `target` the only result.
            return unsafe { self.fold_from(&self.reduced, base, target) };
        };
        let inner = size / n;
        let per = (CHUNK / inner).max(1);
        let chunks = n.div_ceil(per);
        let parts: Vec<Slot> = vec![Slot([0; 16]); chunks];
        let at = parts.as_ptr() as usize;
        pool::run(chunks, &|i| {
            let (first, len) = (i * per, per.min(n - i * per));
            let mut axes: Axes = SmallVec::from_slice(&[(len, s)]);
            axes.extend_from_slice(rest);
            // SAFETY: every chunk writes its own slot of `parts`, which outlives the run.
            unsafe { self.fold_from(&axes, (self.base as *const u8).offset(first as isize * s), (at as *mut Slot).add(i).cast()) }
        });
        let mut parts = parts;
        let mut width = 1;
        while width < chunks {
            for i in (0..chunks - width).step_by(2 * width) {
                let other = parts[i + width];
                // SAFETY: slots hold one accumulator each.
                unsafe { (self.fold.merge)(parts[i].0.as_mut_ptr(), other.0.as_ptr(), 1) };
            }
            width *= 2;
        }
        // SAFETY: `target` is the only result, of the accumulator's size.
        unsafe { std::ptr::copy_nonoverlapping(parts[0].0.as_ptr(), target, self.fold.size) };
    }

    /// Every result from its own run of elements.
    fn by_rows(&self, count: usize, size: usize) {
        pool::for_ranges(count, (CHUNK / 4 / size).max(1), |range| {
            for i in range {
                let x = self.base as isize + self.kept_offset(i, self.kept_shape.len());
                // SAFETY: results are contiguous; `x` is the first element of the i-th sub-tensor.
                unsafe { self.fold_from(&self.reduced, x as *const u8, (self.target as *mut u8).add(i * self.fold.size)) }
            }
        });
    }

    /// Results of neighbouring columns together, row after row.
    fn by_columns(&self, size: usize) {
        let axes = self.kept_shape.len() - 1;
        let (cols, col) = (self.kept_shape[axes], self.kept_strides[axes]);
        let outer: usize = self.kept_shape[..axes].iter().product();
        let blocks = cols.div_ceil(COLUMNS);
        let per = (CHUNK / 4 / (size * cols.min(COLUMNS))).max(1);
        pool::for_ranges(outer * blocks, per, |range| {
            let mut tree = Tree::new(&self.fold);
            for i in range {
                let (o, first) = (i / blocks, i % blocks * COLUMNS);
                let n = COLUMNS.min(cols - first);
                let x = self.base as isize + self.kept_offset(o, axes) + first as isize * col;
                tree.restart(n);
                // SAFETY: the block lies inside the tensor; its results are contiguous in `out`.
                unsafe {
                    self.leaves(&self.reduced, x as *const u8, &mut |x, stride, rows| tree.add(x, stride, rows, col));
                    let out = (self.target as *mut u8).add((o * cols + first) * self.fold.size);
                    std::ptr::copy_nonoverlapping(tree.total(), out, n * self.fold.size);
                }
            }
        });
    }

    /// Calls `f` with runs of at most `ROWS` rows that together make up the reduced axes: first row, stride, number.
    ///
    /// # Safety
    /// `x` must be the first of such a sub-tensor.
    unsafe fn leaves(&self, axes: &[(usize, isize)], x: *const u8, f: &mut dyn FnMut(*const u8, isize, usize)) {
        match axes {
            [] => f(x, 0, 1),
            [(rows, s)] => {
                for r in (0..*rows).step_by(ROWS) {
                    // SAFETY: rows of the sub-tensor.
                    f(unsafe { x.offset(r as isize * s) }, *s, ROWS.min(rows - r));
                }
            }
            [(count, s), rest @ ..] => {
                for i in 0..*count as isize {
                    // SAFETY: inherited.
                    unsafe { self.leaves(rest, x.offset(i * s), f) }
                }
            }
        }
    }
}

/// Rows of accumulators merged pairwise: level `k` holds the fold of `2^k` leaves.
struct Tree<'a> {
    fold: &'a Folder,
    levels: Vec<Vec<Slot>>,
    depth: usize,
    leaves: usize,
    columns: usize,
}

impl<'a> Tree<'a> {
    fn new(fold: &'a Folder) -> Tree<'a> {
        Tree { fold, levels: Vec::new(), depth: 0, leaves: 0, columns: 0 }
    }

    fn restart(&mut self, columns: usize) {
        (self.depth, self.leaves, self.columns) = (0, 0, columns);
    }

    fn row(&mut self, level: usize) -> *mut u8 {
        if self.levels.len() <= level {
            self.levels.push(vec![Slot([0; 16]); COLUMNS * self.fold.size / 16 + 1]);
        }
        self.levels[level].as_mut_ptr().cast()
    }

    /// Folds a few rows and merges them with the rows before.
    fn add(&mut self, x: *const u8, stride: isize, rows: usize, col: isize) {
        let (n, top) = (self.columns, self.row(self.depth));
        // SAFETY: every level has room for COLUMNS accumulators, and `x` is a block of rows of the tensor.
        unsafe {
            (self.fold.init)(top, n);
            (self.fold.columns)(x, stride, rows, col, n, top);
        }
        self.depth += 1;
        self.leaves += 1;
        let mut carry = self.leaves;
        while carry & 1 == 0 {
            self.merge_top();
            carry >>= 1;
        }
    }

    fn merge_top(&mut self) {
        let (low, high) = (self.row(self.depth - 2), self.row(self.depth - 1));
        // SAFETY: both rows hold accumulators; the lower one holds the earlier rows.
        unsafe { (self.fold.merge)(low, high, self.columns) };
        self.depth -= 1;
    }

    /// The fold of all rows.
    fn total(&mut self) -> *const u8 {
        while self.depth > 1 {
            self.merge_top();
        }
        self.row(0)
    }
}
