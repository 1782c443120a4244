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
    /// An element of that key.
    fn from_key(key: u64) -> Self;
    /// Whether other elements have the same key.
    fn has_twins(&self) -> bool;
    /// Bits of the key that are used.
    const BITS: u32;
}

macro_rules! integer_keys {
    ($($t:ty, $unsigned:ty, $flip:expr;)*) => {$(
        impl Key for $t {
            #[inline(always)]
            fn key(self) -> u64 { (self as $unsigned ^ $flip).into() }
            #[inline(always)]
            fn from_key(key: u64) -> Self { (key as $unsigned ^ $flip) as $t }
            #[inline(always)]
            fn has_twins(&self) -> bool { false }
            const BITS: u32 = <$unsigned>::BITS;
        }
    )*};
}
integer_keys! {
    u8, u8, 0; u16, u16, 0; u32, u32, 0; u64, u64, 0;
    i8, u8, 1 << 7; i16, u16, 1 << 15; i32, u32, 1 << 31; i64, u64, 1 << 63;
}

impl Key for bool {
    #[inline(always)]
    fn key(self) -> u64 {
        self.into()
    }
    #[inline(always)]
    fn from_key(key: u64) -> Self {
        key != 0
    }
    #[inline(always)]
    fn has_twins(&self) -> bool {
        false
    }
    const BITS: u32 = 8;
}

macro_rules! float_keys {
    ($($t:ty, $bits:ty;)*) => {$(
        impl Key for $t {
            #[inline(always)]
            fn key(self) -> u64 { float_key(self.to_bits().into(), <$bits>::BITS, self.is_nan()) }
            #[inline(always)]
            fn from_key(key: u64) -> Self {
                const SIGN: u64 = 1 << (<$bits>::BITS - 1);
                <$t>::from_bits((if key & SIGN != 0 { key ^ SIGN } else { !key }) as $bits)
            }
            #[inline(always)]
            fn has_twins(&self) -> bool { self.is_nan() || self.to_bits() == 1 << (<$bits>::BITS - 1) }
            const BITS: u32 = <$bits>::BITS;
        }
    )*};
}
float_keys! { f16, u16; bf16, u16; f32, u32; f64, u64; }

#[inline(always)]
fn float_key(bits: u64, width: u32, nan: bool) -> u64 {
    let sign = 1u64 << (width - 1);
    let all = u64::MAX >> (64 - width);
    // Selections without jumps: signs and NaN of real data are not to be guessed.
    let bits = if bits == sign { 0 } else { bits };
    let key = bits ^ if bits & sign != 0 { all } else { sign };
    if nan { all } else { key }
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
        ($t:ty, $order:ident, $values_only:expr) => {{
            let data = x.as_slice::<$t>()?;
            pool::for_ranges(rows, grain, |range| {
                let mut work = Work::default();
                for r in range {
                    let row = &data[r * n..(r + 1) * n];
                    let range = r * n..(r + 1) * n;
                    // SAFETY: outputs are contiguous tensors of the shape of `x`; rows are disjoint.
                    let sorted = (value_ptr != 0).then(|| unsafe { part(value_ptr as *mut $t, &range) });
                    // SAFETY: as above.
                    let positions = (index_ptr != 0).then(|| unsafe { part(index_ptr as *mut i64, &range) });
                    match (sorted, positions) {
                        (Some(out), None) => {
                            if !$values_only(row, descending, &mut work, &mut *out) {
                                $order(row, descending, &mut work);
                                work.values(row, out);
                            }
                        }
                        (sorted, positions) => {
                            $order(row, descending, &mut work);
                            if let Some(out) = sorted {
                                work.values(row, out);
                            }
                            if let Some(out) = positions {
                                out.iter_mut().zip(&work.order).for_each(|(o, &i)| *o = i64::from(i));
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
        DType::Complex64 => rows!(Complex64, order_complex, |_, _, _, _| false),
        DType::Complex128 => rows!(Complex128, order_complex, |_, _, _, _| false),
        dtype => dispatch!(@arms dtype, T => rows!(T, order, sort_values), [Bool bool, Int8 i8, Int16 i16, Int32 i32, Int64 i64,
            UInt8 u8, UInt16 u16, UInt32 u32, UInt64 u64, Float16 f16, BFloat16 bf16, Float32 f32, Float64 f64], ()),
    }
    Ok(())
}

/// Room to sort in, kept from row to row.
#[derive(Default)]
struct Work {
    /// The answer: positions in order.
    order: Vec<u32>,
    halves: Vec<u32>,
    other_halves: Vec<u32>,
    words: Vec<u64>,
    other_words: Vec<u64>,
    pairs: Vec<(u64, u32)>,
    other_pairs: Vec<(u64, u32)>,
}

impl Work {
    /// The elements of a row in the order found.
    fn values<T: Copy>(&self, row: &[T], out: &mut [T]) {
        out.iter_mut().zip(&self.order).for_each(|(o, &i)| *o = row[i as usize]);
    }
}

/// A row of an output.
///
/// # Safety
/// The range must lie inside what `start` points to, and be used by one task alone.
unsafe fn part<'a, T>(start: *mut T, range: &std::ops::Range<usize>) -> &'a mut [T] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts_mut(start.add(range.start), range.len()) }
}

/// Leaves the positions of the elements in sorted order in `work.order`; equal elements keep their order.
fn order<T: Key>(row: &[T], descending: bool, work: &mut Work) {
    let flip = if descending { u64::MAX >> (64 - T::BITS) } else { 0 };
    let keys = || row.iter().map(|v| v.key() ^ flip);
    let (low, high) = keys().fold((u64::MAX, 0), |(low, high), key| (low.min(key), high.max(key)));
    let bits = u64::BITS - high.saturating_sub(low).leading_zeros();
    work.order.clear();
    if bits <= u32::BITS {
        // Key and position in one word: half the memory to move.
        work.words.clear();
        work.words.extend(keys().zip(0u64..).map(|(key, i)| (key - low) << 32 | i));
        radix(&mut work.words, &mut work.other_words, 32, bits);
        work.order.extend(work.words.iter().map(|&word| word as u32));
    } else {
        work.pairs.clear();
        work.pairs.extend(keys().zip(0u32..).map(|(key, i)| (key - low, i)));
        radix(&mut work.pairs, &mut work.other_pairs, 0, bits);
        work.order.extend(work.pairs.iter().map(|pair| pair.1));
    }
}

/// Sorts the values alone, if none of them has equals that differ (NaN with its payloads, zeros of both signs): those have
/// to keep their order.
fn sort_values<T: Key>(row: &[T], descending: bool, work: &mut Work, out: &mut [T]) -> bool {
    if row.iter().any(T::has_twins) {
        return false;
    }
    let flip = if descending { u64::MAX >> (64 - T::BITS) } else { 0 };
    let keys = row.iter().map(|v| v.key() ^ flip);
    if T::BITS <= u32::BITS {
        // Digits that all have in common are passed over, so the range need not be known.
        work.halves.clear();
        work.halves.extend(keys.map(|key| key as u32));
        radix(&mut work.halves, &mut work.other_halves, 0, T::BITS);
        out.iter_mut().zip(&work.halves).for_each(|(o, &key)| *o = T::from_key(u64::from(key) ^ flip));
        return true;
    }
    let low = keys.clone().fold(u64::MAX, u64::min);
    let high = keys.clone().fold(0, u64::max);
    let bits = u64::BITS - high.saturating_sub(low).leading_zeros();
    if bits <= u32::BITS {
        work.halves.clear();
        work.halves.extend(keys.map(|key| (key - low) as u32));
        radix(&mut work.halves, &mut work.other_halves, 0, bits);
        out.iter_mut().zip(&work.halves).for_each(|(o, &key)| *o = T::from_key((u64::from(key) + low) ^ flip));
    } else {
        work.words.clear();
        work.words.extend(keys.map(|key| key - low));
        radix(&mut work.words, &mut work.other_words, 0, bits);
        out.iter_mut().zip(&work.words).for_each(|(o, &key)| *o = T::from_key((key + low) ^ flip));
    }
    true
}

/// What [`radix`] sorts: a key, perhaps with a position, in such a form that equal items need no order.
trait Item: Copy + Default + Ord {
    /// The bits that are sorted by.
    fn bits(self) -> u64;
}
impl Item for u32 {
    #[inline(always)]
    fn bits(self) -> u64 {
        self.into()
    }
}
impl Item for u64 {
    #[inline(always)]
    fn bits(self) -> u64 {
        self
    }
}
impl Item for (u64, u32) {
    #[inline(always)]
    fn bits(self) -> u64 {
        self.0
    }
}

/// Sorts by `bits` bits from `start` on, digit by digit. Positions below or beside those bits are in order already.
fn radix<T: Item>(items: &mut Vec<T>, other: &mut Vec<T>, start: u32, bits: u32) {
    match items.len() {
        // Counting costs more than it saves.
        0..256 => items.sort_unstable(),
        // Wide digits save passes, but their counters must be cleared and summed, and fall out of the nearest cache.
        8192.. if bits > 32 => radix_by::<T, 2048, 6>(items, other, start, bits),
        _ => radix_by::<T, 256, 8>(items, other, start, bits),
    }
}

/// [`radix`] by at most `DIGITS` digits of `SIZE` values, which are counted in one pass.
fn radix_by<T: Item, const SIZE: usize, const DIGITS: usize>(items: &mut Vec<T>, other: &mut Vec<T>, start: u32, bits: u32) {
    let n = items.len();
    let width = SIZE.trailing_zeros();
    other.clear();
    other.resize(n, T::default());
    let digit = |x: &T, d: usize| (x.bits() >> (start + d as u32 * width)) as usize & (SIZE - 1);
    let digits = (bits.div_ceil(width) as usize).min(DIGITS);
    let mut all_counts = [[0u32; SIZE]; DIGITS];
    macro_rules! count {
        ($($n:literal)*) => {
            match digits {
                // A known number of digits is a loop without a counter.
                $($n if $n <= DIGITS => items.iter().for_each(|x| (0..$n).for_each(|d| all_counts[d][digit(x, d)] += 1)),)*
                _ => items.iter().for_each(|x| (0..digits).for_each(|d| all_counts[d][digit(x, d)] += 1)),
            }
        };
    }
    count!(1 2 3 4);
    for (d, counts) in all_counts.iter_mut().enumerate().take(digits) {
        let digit = |x: &T| digit(x, d);
        if counts[digit(&items[0])] as usize == n {
            continue;
        }
        let mut at = 0;
        for c in counts.iter_mut() {
            (at, *c) = (at + *c, at);
        }
        let to = other.as_mut_ptr();
        for x in items.iter() {
            let slot = &mut counts[digit(x)];
            // SAFETY: the counts of all digits add up to `n`, so every item has a place of its own below `n`.
            unsafe { to.add(*slot as usize).write(*x) };
            *slot += 1;
        }
        std::mem::swap(items, other);
    }
}

/// Complex numbers by real part, then imaginary part.
fn order_complex<T>(row: &[num_complex::Complex<T>], descending: bool, work: &mut Work)
where
    T: Key,
{
    work.order.clear();
    work.order.extend(0..row.len() as u32);
    work.order.sort_by(|&a, &b| {
        let key = |i: u32| (row[i as usize].re.key(), row[i as usize].im.key());
        let (x, y) = (key(a), key(b));
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
    fn rows_of_any_length_are_sorted_stably() {
        let mut work = Work::default();
        for n in [0, 1, 2, 255, 256, 5000, 20_000] {
            let narrow: Vec<i32> = (0..n).map(|i| (i * 7919) % 97 - 40).collect();
            let wide: Vec<f64> = narrow.iter().map(|&v| f64::from(v) * 1e100).collect();
            for descending in [false, true] {
                order(&narrow, descending, &mut work);
                check(&narrow, descending, &work);
                order(&wide, descending, &mut work);
                check(&wide, descending, &work);
            }
        }
    }

    fn check<T: PartialOrd + Copy>(data: &[T], descending: bool, work: &Work) {
        assert_eq!(work.order.len(), data.len());
        for w in work.order.windows(2) {
            let (a, b) = (data[w[0] as usize], data[w[1] as usize]);
            let ordered = if descending { a > b } else { a < b };
            assert!(ordered || (a == b && w[0] < w[1]));
        }
    }

    #[test]
    fn values_alone_are_sorted_as_by_position() {
        fn agree<T: Key + PartialEq + std::fmt::Debug>(data: &[T]) {
            for descending in [false, true] {
                let mut work = Work::default();
                let mut out = data.to_vec();
                assert!(sort_values(data, descending, &mut work, &mut out));
                order(data, descending, &mut work);
                assert!(out.iter().zip(&work.order).all(|(v, &i)| *v == data[i as usize]));
            }
        }
        for n in [3, 300, 10_000] {
            let numbers = || (0..n).map(|i| (i * 7919 + 5) % 10_007 - 5000);
            agree(&numbers().collect::<Vec<i32>>());
            agree(&numbers().map(|v| v as i8).collect::<Vec<_>>());
            agree(&numbers().map(|v| (v as u64).wrapping_mul(3)).collect::<Vec<_>>());
            agree(&numbers().map(|v| i64::from(v) << 45).collect::<Vec<_>>());
            agree(&numbers().map(|v| v as f32 * 1e-3).collect::<Vec<_>>());
            agree(&numbers().map(|v| f64::from(v).powi(3)).collect::<Vec<_>>());
            agree(&numbers().map(|v| f16::from_f32(v as f32)).collect::<Vec<_>>());
            agree(&numbers().map(|v| v % 2 == 0).collect::<Vec<_>>());
        }
        // Zeros of both signs are equal and keep their order; so do NaN.
        let mixed = [1.0f32, 0.0, -0.0, 0.0, f32::NAN, -1.0];
        assert!(!sort_values(&mixed, false, &mut Work::default(), &mut mixed.clone()));
        let sorted = crate::sort(&Tensor::from_slice(&mixed, &[6]).unwrap(), Some(0), false).unwrap().to_vec::<f32>().unwrap();
        assert_eq!(sorted.iter().map(|v| v.to_bits()).collect::<Vec<_>>()[..5], [-1.0f32, 0.0, -0.0, 0.0, 1.0].map(f32::to_bits));
    }
}
