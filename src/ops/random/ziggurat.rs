//! Standard normal and exponential numbers by NumPy's ziggurats of 256 strips, in double and single precision.
//!
//! G. Marsaglia and W. W. Tsang, "The Ziggurat Method for Generating Random Variables" (J. Stat. Softw. 5, 2000), in the
//! variant with one word per draw. The constants are NumPy's ([`super::tables`]).

use super::bits::BitSource;
use super::tables;

const NORMAL_R: f64 = 3.654_152_885_361_009;
const NORMAL_INV_R: f64 = 0.273_661_237_329_758_27;
const EXPONENTIAL_R: f64 = 7.697_117_470_131_05;
const NORMAL_R_F32: f32 = NORMAL_R as f32;
const NORMAL_INV_R_F32: f32 = NORMAL_INV_R as f32;
const EXPONENTIAL_R_F32: f32 = EXPONENTIAL_R as f32;

/// Acceptance bound, width and height of one strip side by side, so that a draw touches one cache line.
#[derive(Clone, Copy)]
struct Strip {
    bound: u64,
    width: f64,
}

#[derive(Clone, Copy)]
struct StripF32 {
    bound: u32,
    width: f32,
}

const fn strips(bounds: &[u64; 256], widths: &[u64; 256]) -> [Strip; 256] {
    let mut out = [Strip { bound: 0, width: 0.0 }; 256];
    let mut i = 0;
    while i < 256 {
        out[i] = Strip { bound: bounds[i], width: f64::from_bits(widths[i]) };
        i += 1;
    }
    out
}

const fn strips_f32(bounds: &[u32; 256], widths: &[u32; 256]) -> [StripF32; 256] {
    let mut out = [StripF32 { bound: 0, width: 0.0 }; 256];
    let mut i = 0;
    while i < 256 {
        out[i] = StripF32 { bound: bounds[i], width: f32::from_bits(widths[i]) };
        i += 1;
    }
    out
}

const fn heights(bits: &[u64; 256]) -> [f64; 256] {
    let mut out = [0.0; 256];
    let mut i = 0;
    while i < 256 {
        out[i] = f64::from_bits(bits[i]);
        i += 1;
    }
    out
}

const fn heights_f32(bits: &[u32; 256]) -> [f32; 256] {
    let mut out = [0.0; 256];
    let mut i = 0;
    while i < 256 {
        out[i] = f32::from_bits(bits[i]);
        i += 1;
    }
    out
}

static NORMAL: [Strip; 256] = strips(&tables::NORMAL_K, &tables::NORMAL_W);
static NORMAL_HEIGHT: [f64; 256] = heights(&tables::NORMAL_F);
static NORMAL_F32: [StripF32; 256] = strips_f32(&tables::NORMAL_K_F32, &tables::NORMAL_W_F32);
static NORMAL_HEIGHT_F32: [f32; 256] = heights_f32(&tables::NORMAL_F_F32);
static EXPONENTIAL: [Strip; 256] = strips(&tables::EXPONENTIAL_K, &tables::EXPONENTIAL_W);
static EXPONENTIAL_HEIGHT: [f64; 256] = heights(&tables::EXPONENTIAL_F);
static EXPONENTIAL_F32: [StripF32; 256] = strips_f32(&tables::EXPONENTIAL_K_F32, &tables::EXPONENTIAL_W_F32);
static EXPONENTIAL_HEIGHT_F32: [f32; 256] = heights_f32(&tables::EXPONENTIAL_F_F32);

/// One standard normal number.
#[inline(always)]
pub fn standard_normal<S: BitSource + ?Sized>(source: &mut S) -> f64 {
    let word = source.next_u64();
    let strip = NORMAL[(word & 0xff) as usize];
    let magnitude = (word >> 9) & 0x000f_ffff_ffff_ffff;
    let x = magnitude as i64 as f64 * strip.width;
    let x = f64::from_bits(x.to_bits() ^ ((word >> 8) & 1) << 63);
    if magnitude < strip.bound {
        return x; // 99.3 % of the draws
    }
    normal_edge(source, word, x)
}

/// The draws that fall on the edge of a strip or into the tail.
#[cold]
#[inline(never)]
fn normal_edge<S: BitSource + ?Sized>(source: &mut S, mut word: u64, mut x: f64) -> f64 {
    loop {
        let index = (word & 0xff) as usize;
        let magnitude = (word >> 9) & 0x000f_ffff_ffff_ffff;
        if magnitude < NORMAL[index].bound {
            return x;
        }
        if index == 0 {
            loop {
                // `1 - U` instead of `U` keeps the logarithm finite.
                let tail = -NORMAL_INV_R * (-source.next_f64()).ln_1p();
                let height = -(-source.next_f64()).ln_1p();
                if height + height > tail * tail {
                    let negative = (magnitude >> 8) & 1 == 1;
                    return if negative { -(NORMAL_R + tail) } else { NORMAL_R + tail };
                }
            }
        }
        let height = &NORMAL_HEIGHT;
        let level = (height[index - 1] - height[index]) * source.next_f64() + height[index];
        if level < (-0.5 * x * x).exp() {
            return x;
        }
        word = source.next_u64();
        let magnitude = (word >> 9) & 0x000f_ffff_ffff_ffff;
        x = magnitude as i64 as f64 * NORMAL[(word & 0xff) as usize].width;
        x = f64::from_bits(x.to_bits() ^ ((word >> 8) & 1) << 63);
    }
}

/// One standard normal number in single precision.
#[inline]
pub fn standard_normal_f32<S: BitSource + ?Sized>(source: &mut S) -> f32 {
    loop {
        let word = source.next_u32();
        let index = (word & 0xff) as usize;
        let strip = NORMAL_F32[index];
        let magnitude = (word >> 9) & 0x007f_ffff;
        let x = magnitude as i32 as f32 * strip.width;
        let x = f32::from_bits(x.to_bits() ^ ((word >> 8) & 1) << 31);
        if magnitude < strip.bound {
            return x;
        }
        if index == 0 {
            loop {
                let tail = -NORMAL_INV_R_F32 * (-source.next_f32()).ln_1p();
                let height = -(-source.next_f32()).ln_1p();
                if height + height > tail * tail {
                    let negative = (magnitude >> 8) & 1 == 1;
                    return if negative { -(NORMAL_R_F32 + tail) } else { NORMAL_R_F32 + tail };
                }
            }
        }
        let height = &NORMAL_HEIGHT_F32;
        let level = (height[index - 1] - height[index]) * source.next_f32() + height[index];
        // The density is evaluated in double precision, as in NumPy.
        if f64::from(level) < (-0.5 * f64::from(x) * f64::from(x)).exp() {
            return x;
        }
    }
}

/// One standard exponential number.
#[inline(always)]
pub fn standard_exponential<S: BitSource + ?Sized>(source: &mut S) -> f64 {
    let word = source.next_u64() >> 3;
    let strip = EXPONENTIAL[(word & 0xff) as usize];
    let magnitude = word >> 8;
    let x = magnitude as i64 as f64 * strip.width;
    if magnitude < strip.bound {
        return x; // 98.9 % of the draws
    }
    exponential_edge(source, (word & 0xff) as usize, x)
}

#[cold]
#[inline(never)]
fn exponential_edge<S: BitSource + ?Sized>(source: &mut S, mut index: usize, mut x: f64) -> f64 {
    loop {
        if index == 0 {
            return EXPONENTIAL_R - (-source.next_f64()).ln_1p();
        }
        let height = &EXPONENTIAL_HEIGHT;
        let level = (height[index - 1] - height[index]) * source.next_f64() + height[index];
        if level < (-x).exp() {
            return x;
        }
        let word = source.next_u64() >> 3;
        index = (word & 0xff) as usize;
        let magnitude = word >> 8;
        x = magnitude as i64 as f64 * EXPONENTIAL[index].width;
        if magnitude < EXPONENTIAL[index].bound {
            return x;
        }
    }
}

/// One standard exponential number in single precision.
#[inline]
pub fn standard_exponential_f32<S: BitSource + ?Sized>(source: &mut S) -> f32 {
    loop {
        let word = source.next_u32() >> 1;
        let index = (word & 0xff) as usize;
        let magnitude = word >> 8;
        let strip = EXPONENTIAL_F32[index];
        let x = magnitude as i32 as f32 * strip.width;
        if magnitude < strip.bound {
            return x;
        }
        if index == 0 {
            return EXPONENTIAL_R_F32 - (-source.next_f32()).ln_1p();
        }
        let height = &EXPONENTIAL_HEIGHT_F32;
        let level = (height[index - 1] - height[index]) * source.next_f32() + height[index];
        if level < (-x).exp() {
            return x;
        }
    }
}

/// One standard exponential number by inversion of the distribution function (`method="inv"`).
#[inline]
pub fn standard_exponential_inverse<S: BitSource + ?Sized>(source: &mut S) -> f64 {
    -(-source.next_f64()).ln_1p()
}

/// [`standard_exponential_inverse`] of a 24-bit uniform; the logarithm is taken in double precision, as in NumPy.
#[inline]
pub fn standard_exponential_inverse_f32<S: BitSource + ?Sized>(source: &mut S) -> f32 {
    -f64::from(-source.next_f32()).ln_1p() as f32
}
