//! Reading and writing at index tensors, selection by condition, and positions of non-zero elements.

use smallvec::SmallVec;

use crate::backend::ScatterMode;
use crate::cpu::binary::{Add, Maximum, Minimum, Multiply};
use crate::cpu::iterate::{GRAIN, Nest};
use crate::cpu::simd::{Base, BinaryFn};
use crate::dispatch;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::layout::Shape;
use crate::pool;
use crate::tensor::Tensor;

/// `out = cond ? a : b` on operands of one shape.
pub fn select(cond: &Tensor, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
    let item = out.dtype().size();
    let run = match item {
        1 => select_run::<u8>,
        2 => select_run::<u16>,
        4 => select_run::<u32>,
        8 => select_run::<u64>,
        _ => select_run::<[u64; 2]>,
    };
    let nest = Nest::new(out.shape(), [cond.strides(), a.strides(), b.strides(), out.strides()], [1, item, item, item]);
    nest.run([cond.data_ptr(), a.data_ptr(), b.data_ptr(), out.data_ptr()], GRAIN, &|p, s, n| {
        // SAFETY: all four have the shape of the nest.
        unsafe { run(p, s, n) }
    });
    Ok(())
}

unsafe fn select_run<T: Copy>([c, a, b, out]: [*mut u8; 4], [sc, sa, sb, so]: [isize; 4], n: usize) {
    let item = size_of::<T>() as isize;
    // SAFETY: runs inside their tensors.
    unsafe {
        if sc == 1 && sa == item && sb == item && so == item {
            let (a, b, out) = (a.cast::<T>(), b.cast::<T>(), out.cast::<T>());
            for i in 0..n {
                let (x, y) = (a.add(i).read(), b.add(i).read());
                out.add(i).write(if c.add(i).read() != 0 { x } else { y });
            }
            return;
        }
        for i in 0..n as isize {
            let from = if c.offset(i * sc).read() != 0 { a.offset(i * sa) } else { b.offset(i * sb) };
            out.offset(i * so).cast::<T>().write(from.cast::<T>().read());
        }
    }
}

/// Byte offsets of the positions of an index, in row-major order.
enum Offsets<'a> {
    /// Of one index tensor, as it lies in memory: `index[q] * stride`.
    Indexed(&'a [i64], isize),
    /// Evenly spaced: `q * stride`.
    Even(isize),
    /// Any.
    Many(Vec<isize>),
}

impl Offsets<'_> {
    #[inline(always)]
    fn at(&self, q: usize) -> isize {
        match self {
            Offsets::Indexed(index, stride) => index[q] as isize * stride,
            Offsets::Even(stride) => q as isize * stride,
            Offsets::Many(offsets) => offsets[q],
        }
    }
}

/// A gather or scatter taken apart: where every index position lies on both sides, and the axes that are copied whole
/// at each.
struct Plan<'a> {
    count: usize,
    indexed: Offsets<'a>,
    plain: Offsets<'a>,
    rest: Shape,
    indexed_rest: SmallVec<[isize; 6]>,
    plain_rest: SmallVec<[isize; 6]>,
}

/// `indexed` is the tensor whose leading axes are indexed; `plain` has the index axes at `at`.
fn plan<'a>(indexed: &Tensor, indices: &'a [Tensor], at: usize, plain: &Tensor) -> Result<Plan<'a>> {
    let item = indexed.dtype().size() as isize;
    let k = indices.len();
    let index_shape: Shape = indices.first().map(|t| Shape::from_slice(t.shape())).unwrap_or_default();
    let m = index_shape.len();
    let count: usize = index_shape.iter().product();
    let offsets = match indices {
        [index] if index.is_contiguous() => Offsets::Indexed(index.as_slice()?, indexed.strides()[0] * item),
        _ => {
            let mut offsets = vec![0isize; count];
            for (d, index) in indices.iter().enumerate() {
                let stride = indexed.strides()[d] * item;
                for (o, &i) in offsets.iter_mut().zip(index.to_cow::<i64>()?.iter()) {
                    *o += i as isize * stride;
                }
            }
            Offsets::Many(offsets)
        }
    };
    let rest_axes: SmallVec<[usize; 6]> = (0..at).chain(at + m..plain.ndim()).collect();
    Ok(Plan {
        count,
        indexed: offsets,
        plain: row_major_offsets(&index_shape, &plain.strides()[at..at + m], item),
        rest: rest_axes.iter().map(|&a| plain.shape()[a]).collect(),
        indexed_rest: indexed.strides()[k..].iter().copied().collect(),
        plain_rest: rest_axes.iter().map(|&a| plain.strides()[a]).collect(),
    })
}

/// Offsets in bytes of all positions of a strided shape.
fn row_major_offsets(shape: &[usize], strides: &[isize], item: isize) -> Offsets<'static> {
    let even = (1..shape.len()).all(|d| strides[d - 1] == strides[d] * shape[d] as isize);
    if even {
        return Offsets::Even(strides.last().map_or(0, |s| s * item));
    }
    let mut out = vec![0isize];
    for (&n, &s) in shape.iter().zip(strides) {
        out = out.iter().flat_map(|&o| (0..n as isize).map(move |i| o + i * s * item)).collect();
    }
    Offsets::Many(out)
}

/// Reads elements at index tensors; see [`crate::Backend::gather`].
pub fn gather(x: &Tensor, indices: &[Tensor], at: usize, out: &Tensor) -> Result<()> {
    let plan = plan(x, indices, at, out)?;
    let item = x.dtype().size();
    let nest = Nest::new(&plan.rest, [&plan.indexed_rest, &plan.plain_rest], [item; 2]);
    let (from, to) = (x.data_ptr::<u8>() as usize, out.data_ptr::<u8>() as usize);
    let width: usize = plan.rest.iter().product();
    if width == 0 {
        return Ok(());
    }
    let copy = crate::cpu::cast::cast_loop(x.dtype(), x.dtype());
    let single = match item {
        1 => gather_single::<u8>,
        2 => gather_single::<u16>,
        4 => gather_single::<u32>,
        8 => gather_single::<u64>,
        _ => gather_single::<[u64; 2]>,
    };
    let one_run = match (nest.shape(), nest.strides()) {
        ([n], [s]) => Some((*n, *s)),
        _ => None,
    };
    pool::for_ranges(plan.count, (GRAIN / width).max(1), |range| {
        if width == 1 {
            // SAFETY: as below.
            return unsafe { single(&plan, range, from as *const u8, to as *mut u8) };
        }
        for q in range {
            let (src, dst) = ((from as isize + plan.indexed.at(q)) as *mut u8, (to as isize + plan.plain.at(q)) as *mut u8);
            // SAFETY: indices were checked against the shape, so both addresses start a sub-tensor of the rest's
            // shape; every position of `out` is written by one q alone.
            unsafe {
                match one_run {
                    Some((n, [sx, so])) => copy(src, sx, dst, so, n),
                    None => nest.run([src, dst], usize::MAX, &|[a, b], [sa, sb], n| copy(a, sa, b, sb, n)),
                }
            }
        }
    });
    Ok(())
}

/// Single elements at the positions of a range.
///
/// # Safety
/// All offsets must lead to elements of the size of `T` from `from`, and distinct ones from `to`.
unsafe fn gather_single<T: Copy>(plan: &Plan<'_>, range: std::ops::Range<usize>, from: *const u8, to: *mut u8) {
    // SAFETY: the caller's promise.
    let copy =
        |src: isize, dst: isize| unsafe { to.offset(dst).cast::<T>().write_unaligned(from.offset(src).cast::<T>().read_unaligned()) };
    match (&plan.indexed, &plan.plain) {
        // The usual case without the choice at every element.
        (Offsets::Indexed(index, stride), Offsets::Even(step)) => {
            for (&i, q) in index[range.clone()].iter().zip(range) {
                copy(i as isize * stride, q as isize * step);
            }
        }
        (indexed, plain) => range.for_each(|q| copy(indexed.at(q), plain.at(q))),
    }
}

/// Writes elements at index tensors; see [`crate::Backend::scatter`].
pub fn scatter(out: &Tensor, indices: &[Tensor], at: usize, values: &Tensor, mode: ScatterMode) -> Result<()> {
    let plan = plan(out, indices, at, values)?;
    let item = out.dtype().size();
    let nest = Nest::new(&plan.rest, [&plan.plain_rest, &plan.indexed_rest], [item; 2]);
    let combine = combine_loop(out.dtype(), mode)?;
    if plan.rest.contains(&0) {
        return Ok(());
    }
    let (from, to) = (values.data_ptr::<u8>(), out.data_ptr::<u8>());
    // In order and on one thread: the same element may be written several times.
    for q in 0..plan.count {
        let (src, dst) = (from.wrapping_offset(plan.plain.at(q)), to.wrapping_offset(plan.indexed.at(q)));
        nest.run([src, dst], usize::MAX, &|[a, b], [sa, sb], n| {
            // SAFETY: as in `gather`, with the roles exchanged.
            unsafe { combine(a, sa, b, sb, n) }
        });
    }
    Ok(())
}

fn combine_loop(dtype: DType, mode: ScatterMode) -> Result<crate::cpu::cast::CastLoop> {
    macro_rules! pick {
        ($f:ident) => {
            match dtype {
                DType::Float16 => Ok(combine_half::<half::f16, $f>),
                DType::BFloat16 => Ok(combine_half::<half::bf16, $f>),
                DType::Bool => Ok(combine_bool::<$f>),
                _ => dispatch!(numeric: dtype, T => Ok(combine_run::<T, $f>),
                    else Err(Error::Unsupported { op: "scatter", device: "cpu".to_owned(), dtype })),
            }
        };
    }
    match mode {
        ScatterMode::Set => Ok(crate::cpu::cast::cast_loop(dtype, dtype)),
        ScatterMode::Add => pick!(Add),
        ScatterMode::Mul => pick!(Multiply),
        ScatterMode::Min => pick!(Minimum),
        ScatterMode::Max => pick!(Maximum),
    }
}

unsafe fn combine_run<T: Element, F: BinaryFn<T>>(x: *const u8, sx: isize, out: *mut u8, so: isize, n: usize) {
    for i in 0..n as isize {
        // SAFETY: runs inside their tensors.
        unsafe {
            let o = out.offset(i * so).cast::<T>();
            o.write(F::call::<Base>(o.read(), x.offset(i * sx).cast::<T>().read()));
        }
    }
}

unsafe fn combine_bool<F: BinaryFn<u8>>(x: *const u8, sx: isize, out: *mut u8, so: isize, n: usize) {
    for i in 0..n as isize {
        // SAFETY: runs inside their tensors; the result is 0 or 1 again.
        unsafe {
            let o = out.offset(i * so);
            o.write(u8::from(F::call::<Base>(o.read(), x.offset(i * sx).read()) != 0));
        }
    }
}

unsafe fn combine_half<T: Element + Into<f32> + crate::cpu::cast::CastFrom<f32>, F: BinaryFn<f32>>(
    x: *const u8,
    sx: isize,
    out: *mut u8,
    so: isize,
    n: usize,
) {
    for i in 0..n as isize {
        // SAFETY: runs inside their tensors.
        unsafe {
            let o = out.offset(i * so).cast::<T>();
            let v = F::call::<Base>(o.read().into(), x.offset(i * sx).cast::<T>().read().into());
            o.write(T::cast_from(v));
        }
    }
}

/// Row-major positions of elements that are not zero.
pub fn nonzero(x: &Tensor) -> Result<Tensor> {
    let mask = x.astype(DType::Bool)?.contiguous()?;
    let mask = mask.as_slice::<bool>()?;
    let count = mask.iter().filter(|&&m| m).count();
    let out = Tensor::uninit("nonzero", &[count], DType::Int64, x.device())?;
    // SAFETY: `out` is fresh.
    let slots = unsafe { out.as_mut_slice::<i64>()? };
    // Without a branch on the condition, which a random mask would mispredict half the time.
    let mut found = 0;
    for (i, &m) in mask.iter().enumerate() {
        if let Some(slot) = slots.get_mut(found) {
            *slot = i as i64;
        }
        found += usize::from(m);
    }
    Ok(out)
}
