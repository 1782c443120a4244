//! Stable sorting along the last axis: radix sort of order-preserving integer keys.

use half::{bf16, f16};

use crate::dispatch;
use crate::dtype::{Complex64, Complex128, DType, Element};
use crate::error::Result;
use crate::pool;
use crate::tensor::Tensor;

/// An unsigned integer that sorts as the element does; NaN last, both zeros equal.
trait Key: Element {
    /// The key.
    fn key(self) -> u64;
    /// Bits of the key that are used.
    const BITS: u32;
}

macro_rules! keys {
    ($($t:ty, $bits:expr, |$x:ident| $e:expr;)*) => {$(
        impl Key for $t {
            #[inline(always)]
            fn key(self) -> u64 { let $x = self; $e }
            const BITS: u32 = $bits;
        }
    )*};
}
keys! {
    bool, 8, |x| x as u64;
    u8, 8, |x| x.into();
    u16, 16, |x| x.into();
    u32, 32, |x| x.into();
    u64, 64, |x| x;
    i8, 8, |x| (x as u8 ^ 0x80).into();
    i16, 16, |x| (x as u16 ^ 0x8000).into();
    i32, 32, |x| (x as u32 ^ 0x8000_0000).into();
    i64, 64, |x| x as u64 ^ (1 << 63);
    f16, 16, |x| float_key(u64::from(x.to_bits()), 16, x.is_nan());
    bf16, 16, |x| float_key(u64::from(x.to_bits()), 16, x.is_nan());
    f32, 32, |x| float_key(u64::from(x.to_bits()), 32, x.is_nan());
    f64, 64, |x| float_key(x.to_bits(), 64, x.is_nan());
}

#[inline(always)]
fn float_key(bits: u64, width: u32, nan: bool) -> u64 {
    let sign = 1u64 << (width - 1);
    let all = u64::MAX >> (64 - width);
    if nan {
        all
    } else if bits & sign == 0 || bits == sign {
        (bits & !sign) | sign
    } else {
        !bits & all
    }
}

/// Sorts every run along the last axis; see [`crate::Backend::sort`].
pub fn sort(x: &Tensor, descending: bool, values: Option<&Tensor>, indices: Option<&Tensor>) -> Result<()> {
    let x = x.contiguous()?;
    let n = *x.shape().last().unwrap_or(&1);
    let rows = x.size().checked_div(n).unwrap_or(0);
    let value_ptr = values.map_or(0, |t| t.data_ptr::<u8>() as usize);
    let index_ptr = indices.map_or(0, |t| t.data_ptr::<u8>() as usize);
    let grain = (16384 / n.max(1)).max(1);
    macro_rules! rows {
        ($t:ty, $order:ident) => {{
            let data = x.as_slice::<$t>()?;
            pool::for_ranges(rows, grain, |range| {
                let mut work = Work::default();
                for r in range {
                    let row = &data[r * n..(r + 1) * n];
                    $order(row, descending, &mut work);
                    // SAFETY: outputs are contiguous tensors of the shape of `x`; rows are disjoint.
                    unsafe {
                        if value_ptr != 0 {
                            let out = std::slice::from_raw_parts_mut((value_ptr as *mut $t).add(r * n), n);
                            for (o, pair) in out.iter_mut().zip(&work.pairs) {
                                *o = row[pair.1 as usize];
                            }
                        }
                        if index_ptr != 0 {
                            let out = std::slice::from_raw_parts_mut((index_ptr as *mut i64).add(r * n), n);
                            for (o, pair) in out.iter_mut().zip(&work.pairs) {
                                *o = i64::from(pair.1);
                            }
                        }
                    }
                }
            });
        }};
    }
    if n > u32::MAX as usize {
        return Err(crate::error::Error::value("sort", format!("an axis of {n} elements is too long to sort")));
    }
    match x.dtype() {
        DType::Complex64 => rows!(Complex64, order_complex),
        DType::Complex128 => rows!(Complex128, order_complex),
        dtype => dispatch!(@arms dtype, T => rows!(T, order), [Bool bool, Int8 i8, Int16 i16, Int32 i32, Int64 i64,
            UInt8 u8, UInt16 u16, UInt32 u32, UInt64 u64, Float16 f16, BFloat16 bf16, Float32 f32, Float64 f64], ()),
    }
    Ok(())
}

/// Keys with positions, and room to move them.
#[derive(Default)]
struct Work {
    pairs: Vec<(u64, u32)>,
    other: Vec<(u64, u32)>,
}

fn order<T: Key>(row: &[T], descending: bool, work: &mut Work) {
    let all = u64::MAX >> (64 - T::BITS);
    let flip = if descending { all } else { 0 };
    work.pairs.clear();
    work.pairs.extend(row.iter().enumerate().map(|(i, v)| (v.key() ^ flip, i as u32)));
    // Below this the counting passes cost more than they save.
    if row.len() < 512 {
        work.pairs.sort_by_key(|p| p.0);
        return;
    }
    work.other.clear();
    work.other.resize(row.len(), (0, 0));
    for shift in (0..T::BITS).step_by(8) {
        let mut counts = [0u32; 256];
        for p in &work.pairs {
            counts[(p.0 >> shift) as usize & 255] += 1;
        }
        if counts.iter().any(|&c| c as usize == row.len()) {
            continue;
        }
        let mut at = 0;
        for c in &mut counts {
            (at, *c) = (at + *c, at);
        }
        for p in &work.pairs {
            let slot = &mut counts[(p.0 >> shift) as usize & 255];
            work.other[*slot as usize] = *p;
            *slot += 1;
        }
        std::mem::swap(&mut work.pairs, &mut work.other);
    }
}

/// Complex numbers by real part, then imaginary part.
fn order_complex<T>(row: &[num_complex::Complex<T>], descending: bool, work: &mut Work)
where
    T: Key,
{
    work.pairs.clear();
    work.pairs.extend((0..row.len()).map(|i| (0, i as u32)));
    work.pairs.sort_by(|a, b| {
        let key = |i: u32| (row[i as usize].re.key(), row[i as usize].im.key());
        let (x, y) = (key(a.1), key(b.1));
        if descending { y.cmp(&x) } else { x.cmp(&y) }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_floats_with_nan_last() {
        let v = [f64::NEG_INFINITY, -2.5, -1e-310, 0.0, 1e-310, 3.0, f64::INFINITY, f64::NAN];
        assert!(v.windows(2).all(|w| w[0].key() < w[1].key()));
        assert_eq!((-0.0f64).key(), 0.0f64.key());
        assert!((-1.0f32).key() < 0.5f32.key());
    }

    #[test]
    fn long_rows_are_sorted_stably() {
        let data: Vec<i32> = (0..5000).map(|i| (i * 7919) % 97 - 40).collect();
        let mut work = Work::default();
        for descending in [false, true] {
            order(&data, descending, &mut work);
            for w in work.pairs.windows(2) {
                let (a, b) = (data[w[0].1 as usize], data[w[1].1 as usize]);
                let ordered = if descending { a > b } else { a < b };
                assert!(ordered || (a == b && w[0].1 < w[1].1));
            }
        }
    }
}
