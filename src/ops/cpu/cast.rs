//! Conversion of elements between dtypes, with the results NumPy has on x86-64, on every machine.

use half::{bf16, f16};
use num_complex::Complex;

use crate::dispatch;
use crate::dtype::{Complex64, Complex128, DType};

/// A conversion from `S`.
pub trait CastFrom<S> {
    /// Converts one element.
    fn cast_from(s: S) -> Self;
}

/// `f64` to `i64` as the hardware does it: out of range and NaN give the minimum.
#[inline(always)]
pub fn f64_to_i64(x: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&x) { x as i64 } else { i64::MIN }
}

/// `f64` to `i32` likewise.
#[inline(always)]
fn f64_to_i32(x: f64) -> i32 {
    if x > -2_147_483_649.0 && x < 2_147_483_648.0 { x as i32 } else { i32::MIN }
}

/// `f64` to `u64`: negative numbers wrap.
#[inline(always)]
fn f64_to_u64(x: f64) -> u64 {
    const TWO63: f64 = 9_223_372_036_854_775_808.0;
    if x < TWO63 { f64_to_i64(x) as u64 } else { (f64_to_i64(x - TWO63) as u64) ^ (1 << 63) }
}

macro_rules! cast {
    ($($s:ty),* => $t:ty, |$v:ident| $e:expr) => {$(
        impl CastFrom<$s> for $t {
            #[inline(always)]
            #[allow(clippy::unnecessary_cast)]
            fn cast_from($v: $s) -> $t { $e }
        }
    )*};
}

macro_rules! int_targets {
    ($($t:ty, $from_f64:expr);*) => {$(
        cast!(i8, i16, i32, i64, u8, u16, u32, u64 => $t, |v| v as $t);
        cast!(bool => $t, |v| v as u8 as $t);
        cast!(f16, bf16 => $t, |v| $from_f64(v.to_f64()) as $t);
        cast!(f32, f64 => $t, |v| $from_f64(v as f64) as $t);
        cast!(Complex64, Complex128 => $t, |v| $from_f64(v.re as f64) as $t);
    )*};
}
int_targets!(i8, f64_to_i32; i16, f64_to_i32; i32, f64_to_i32; i64, f64_to_i64;
             u8, f64_to_i32; u16, f64_to_i32; u32, f64_to_i64; u64, f64_to_u64);

macro_rules! float_targets {
    ($($t:ty),*) => {$(
        cast!(i8, i16, i32, i64, u8, u16, u32, u64 => $t, |v| v as $t);
        cast!(bool => $t, |v| v as u8 as $t);
        cast!(f16, bf16 => $t, |v| v.to_f32() as $t);
        cast!(f32, f64 => $t, |v| v as $t);
        cast!(Complex64, Complex128 => $t, |v| v.re as $t);
    )*};
}
float_targets!(f32, f64);

macro_rules! half_targets {
    ($($t:ty),*) => {$(
        cast!(i8, i16, i32, i64, u8, u16, u32, u64, f64 => $t, |v| <$t>::from_f64(v as f64));
        cast!(bool => $t, |v| <$t>::from_f32(v as u8 as f32));
        cast!(f32 => $t, |v| <$t>::from_f32(v));
        cast!(Complex64 => $t, |v| <$t>::from_f32(v.re));
        cast!(Complex128 => $t, |v| <$t>::from_f64(v.re));
    )*};
}
half_targets!(f16, bf16);
cast!(f16 => f16, |v| v);
cast!(bf16 => bf16, |v| v);
cast!(bf16 => f16, |v| f16::from_f32(v.to_f32()));
cast!(f16 => bf16, |v| bf16::from_f32(v.to_f32()));

cast!(bool => bool, |v| v);
cast!(i8, i16, i32, i64, u8, u16, u32, u64 => bool, |v| v != 0);
cast!(f16, bf16 => bool, |v| v.to_f32() != 0.0);
cast!(f32, f64 => bool, |v| v != 0.0);
cast!(Complex64, Complex128 => bool, |v| v.re != 0.0 || v.im != 0.0);

macro_rules! complex_targets {
    ($($t:ty, $r:ty);*) => {$(
        cast!(bool, i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64 => $t,
              |v| Complex::new(<$r>::cast_from(v), 0.0));
        cast!(Complex64, Complex128 => $t, |v| Complex::new(v.re as $r, v.im as $r));
    )*};
}
complex_targets!(Complex64, f32; Complex128, f64);

/// Converts a run of elements; strides in bytes.
pub type CastLoop = unsafe fn(x: *const u8, sx: isize, out: *mut u8, so: isize, n: usize);

/// The loop that converts `from` to `to`.
pub fn cast_loop(from: DType, to: DType) -> CastLoop {
    if from == to {
        return match from.size() {
            1 => copy_run::<u8>,
            2 => copy_run::<u16>,
            4 => copy_run::<u32>,
            8 => copy_run::<u64>,
            _ => copy_run::<u128>,
        };
    }
    dispatch!(from, S => dispatch!(to, T => cast_run::<S, T>))
}

unsafe fn cast_run<S: Copy, T: CastFrom<S>>(x: *const u8, sx: isize, out: *mut u8, so: isize, n: usize) {
    let (x, out) = (x.cast::<S>(), out.cast::<T>());
    // SAFETY: the nest passes runs that lie inside both operands.
    unsafe {
        if sx == size_of::<S>() as isize && so == size_of::<T>() as isize {
            for i in 0..n {
                out.add(i).write(T::cast_from(x.add(i).read()));
            }
        } else {
            for i in 0..n as isize {
                out.byte_offset(i * so).write(T::cast_from(x.byte_offset(i * sx).read()));
            }
        }
    }
}

unsafe fn copy_run<T: Copy>(x: *const u8, sx: isize, out: *mut u8, so: isize, n: usize) {
    let item = size_of::<T>() as isize;
    // SAFETY: as in `cast_run`; operands of a copy do not overlap. Unaligned access, because u128 asks for
    // more alignment than a pair of doubles from outside has.
    unsafe {
        let (x, out) = (x.cast::<T>(), out.cast::<T>());
        if sx == item && so == item {
            std::ptr::copy_nonoverlapping(x.cast::<u8>(), out.cast::<u8>(), n * size_of::<T>());
        } else if sx == 0 {
            let v = x.read_unaligned();
            for i in 0..n as isize {
                out.byte_offset(i * so).write_unaligned(v);
            }
        } else {
            for i in 0..n as isize {
                out.byte_offset(i * so).write_unaligned(x.byte_offset(i * sx).read_unaligned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{DType, Tensor};

    #[test]
    fn floats_become_integers_as_in_numpy() {
        let x = Tensor::from_vec(vec![300.7, -1.5, f64::NAN, 1e20, -3e9], &[5]).unwrap();
        let as_i64 = |d| x.astype(d).unwrap().cast_vec::<i64>().unwrap();
        assert_eq!(as_i64(DType::UInt8), [44, 255, 0, 0, 0]);
        assert_eq!(as_i64(DType::Int32), [300, -1, -2147483648, -2147483648, -2147483648]);
        assert_eq!(as_i64(DType::Int64), [300, -1, i64::MIN, i64::MIN, -3000000000]);
        assert_eq!(as_i64(DType::UInt32), [300, 4294967295, 0, 0, 1294967296]);
    }
}
