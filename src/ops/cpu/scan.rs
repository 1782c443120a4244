//! Running reductions and positions of extremes on the CPU.

use crate::backend::{ArgReduceOp, ScanOp};
use crate::cpu::binary::{Add, Logaddexp, Maximum, Minimum, Multiply};
use crate::cpu::iterate::{GRAIN, Nest};
use crate::cpu::simd::{Base, BinaryFn};
use crate::dispatch;
use crate::dtype::{Complex64, Complex128, Element};
use crate::error::{Error, Result};
use crate::pool;
use crate::tensor::Tensor;

/// Running reduction along an axis; see [`crate::Backend::scan`].
pub fn scan(op: ScanOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()> {
    let unsupported = || Error::Unsupported { op: "scan", device: "cpu".to_owned(), dtype: x.dtype() };
    macro_rules! numeric {
        ($f:ident) => { dispatch!(numeric: x.dtype(), T => { run::<T, $f>(x, axis, out); Ok(()) }, else Err(unsupported())) };
    }
    match op {
        ScanOp::Sum => numeric!(Add),
        ScanOp::Prod => numeric!(Multiply),
        ScanOp::Max => numeric!(Maximum),
        ScanOp::Min => numeric!(Minimum),
        ScanOp::LogSumExp => dispatch!(float: x.dtype(), T => { run::<T, Logaddexp>(x, axis, out); Ok(()) }, else Err(unsupported())),
    }
}

fn run<T: Element, F: BinaryFn<T>>(x: &Tensor, axis: usize, out: &Tensor) {
    let n = x.shape()[axis];
    if n == 0 {
        return;
    }
    let (first, target) = (x.slice(axis, 0, 1, 1), out.slice(axis, 0, 1, 1));
    let item = size_of::<T>();
    let (step, out_step) = (x.strides()[axis] * item as isize, out.strides()[axis] * item as isize);
    let nest = Nest::new(first.shape(), [first.strides(), target.strides()], [item; 2]);
    nest.run([first.data_ptr(), target.data_ptr()], (GRAIN / n).max(1), &|[x, out], [sx, so], m| {
        // SAFETY: the nest covers the tensors' first slices; each position has `n` elements along the axis.
        unsafe {
            for j in 0..m as isize {
                let v = x.offset(j * sx).cast::<T>().read();
                out.offset(j * so).cast::<T>().write(v);
            }
            if m == 1 {
                let mut acc = x.cast::<T>().read();
                for k in 1..n as isize {
                    acc = F::call::<Base>(acc, x.offset(k * step).cast::<T>().read());
                    out.offset(k * out_step).cast::<T>().write(acc);
                }
                return;
            }
            for k in 1..n as isize {
                let (x, out) = (x.offset(k * step), out.offset(k * out_step));
                for j in 0..m as isize {
                    let o = out.offset(j * so);
                    let v = F::call::<Base>(o.offset(-out_step).cast::<T>().read(), x.offset(j * sx).cast::<T>().read());
                    o.cast::<T>().write(v);
                }
            }
        }
    });
}

/// An order in which NaN comes before everything, for either direction.
trait Extreme: Element {
    /// Whether `self` replaces the best element so far.
    fn beats(self, best: Self, max: bool) -> bool;
    /// Whether nothing can beat this element.
    fn is_final(self) -> bool;
}

macro_rules! extreme {
    ($($t:ty),* => |$x:ident| $nan:expr, $less:expr) => {$(
        impl Extreme for $t {
            #[inline(always)]
            fn beats(self, best: Self, max: bool) -> bool {
                let less: fn($t, $t) -> bool = $less;
                self.is_final() || if max { less(best, self) } else { less(self, best) }
            }
            #[inline(always)]
            fn is_final(self) -> bool { let $x = self; $nan }
        }
    )*};
}
extreme!(bool => |_x| false, |a, b| !a & b);
extreme!(i8, i16, i32, i64, u8, u16, u32, u64 => |_x| false, |a, b| a < b);
extreme!(f32, f64 => |x| x.is_nan(), |a, b| a < b);
extreme!(half::f16, half::bf16 => |x| x.is_nan(), |a, b| a < b);
extreme!(Complex64, Complex128 => |x| x.re.is_nan() || x.im.is_nan(), |a, b| a.re < b.re || (a.re == b.re && a.im < b.im));

/// Position of the first extreme along an axis; see [`crate::Backend::arg_reduce`].
pub fn arg_reduce(op: ArgReduceOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()> {
    // Elements of one run side by side: a strided axis is copied once instead of missing the cache n times.
    let mut order: Vec<i64> = (0..x.ndim() as i64).filter(|&a| a != axis as i64).collect();
    order.push(axis as i64);
    let x = x.permute(&order)?.contiguous()?;
    let n = *x.shape().last().unwrap_or(&1);
    // SAFETY: `out` is fresh and written by this call alone.
    let out = unsafe { out.as_mut_slice::<i64>()? };
    let target = out.as_mut_ptr() as usize;
    let count = out.len();
    dispatch!(x.dtype(), T => {
        let data = x.as_slice::<T>()?;
        pool::for_ranges(count, (GRAIN / n.max(1)).max(1), |range| {
            for i in range {
                let at = first_extreme(&data[i * n..(i + 1) * n], op == ArgReduceOp::ArgMax);
                // SAFETY: every index is written by exactly one range.
                unsafe { (target as *mut i64).add(i).write(at as i64) }
            }
        });
    });
    Ok(())
}

fn first_extreme<T: Extreme>(data: &[T], max: bool) -> usize {
    let Some((&first, rest)) = data.split_first() else { return 0 };
    let (mut at, mut best) = (0, first);
    if best.is_final() {
        return 0;
    }
    for (i, &v) in rest.iter().enumerate() {
        if v.beats(best, max) {
            (at, best) = (i + 1, v);
            if v.is_final() {
                break;
            }
        }
    }
    at
}
