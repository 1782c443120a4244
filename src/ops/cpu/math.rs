//! Real elementary and special functions, written so that the compiler can vectorise them.
//!
//! Every function here is branch-free up to selects in its common path.

#![allow(clippy::excessive_precision, reason = "coefficients keep the digits of their fit")]

use crate::cpu::simd::{Level, fma32, fma64};

/// Logistic function.
#[inline(always)]
pub fn sigmoid_f32<L: Level>(x: f32) -> f32 {
    1.0 / (1.0 + exp_f32::<L>(-x))
}

/// Logistic function.
#[inline(always)]
pub fn sigmoid_f64<L: Level>(x: f64) -> f64 {
    1.0 / (1.0 + exp_f64::<L>(-x))
}

/// `x * sigmoid(x)`.
#[inline(always)]
pub fn silu_f32<L: Level>(x: f32) -> f32 {
    x / (1.0 + exp_f32::<L>(-x))
}

/// `x * sigmoid(x)`.
#[inline(always)]
pub fn silu_f64<L: Level>(x: f64) -> f64 {
    x / (1.0 + exp_f64::<L>(-x))
}

/// Gaussian error linear unit, exact form.
#[inline(always)]
pub fn gelu_f32<L: Level>(x: f32) -> f32 {
    0.5 * x * (1.0 + erf_f32::<L>(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// Gaussian error linear unit, exact form.
#[inline(always)]
pub fn gelu_f64<L: Level>(x: f64) -> f64 {
    0.5 * x * (1.0 + erf_f64::<L>(x * std::f64::consts::FRAC_1_SQRT_2))
}

/// Gaussian error linear unit, tanh form: `0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`.
#[inline(always)]
pub fn gelu_tanh_f32<L: Level>(x: f32) -> f32 {
    const SCALE: f32 = 0.797_884_56;
    let inner = SCALE * fma32::<L>(0.044_715 * x * x, x, x);
    0.5 * x * (1.0 + tanh_f32::<L>(inner))
}

/// Gaussian error linear unit, tanh form.
#[inline(always)]
pub fn gelu_tanh_f64<L: Level>(x: f64) -> f64 {
    const SCALE: f64 = 0.797_884_560_802_865_4;
    let inner = SCALE * fma64::<L>(0.044_715 * x * x, x, x);
    0.5 * x * (1.0 + tanh_f64::<L>(inner))
}

/// `c[0] + c[1] x + ...` by Horner's rule.
#[inline(always)]
fn poly64<L: Level>(x: f64, c: &[f64]) -> f64 {
    c.iter().rev().copied().reduce(|acc, c| fma64::<L>(acc, x, c)).unwrap_or(0.0)
}

/// `c[0] + c[1] x + ...` by Horner's rule.
#[inline(always)]
fn poly32<L: Level>(x: f32, c: &[f32]) -> f32 {
    c.iter().rev().copied().reduce(|acc, c| fma32::<L>(acc, x, c)).unwrap_or(0.0)
}

// The coefficients below are Chebyshev fits made by `coefficients.py`.
const EXP64: [f64; 10] = [
    0.500_000_000_000_000_1,
    0.166_666_666_666_666_67,
    0.041_666_666_666_624_13,
    0.008_333_333_333_330_062,
    0.001_388_888_891_721_371_7,
    0.000_198_412_698_630_536_17,
    2.480_152_129_595_437_5e-5,
    2.755_726_845_999_706_5e-6,
    2.762_008_844_540_975e-7,
    2.510_038_549_551_032e-8,
];
const EXP32: [f32; 5] = [0.5, 0.166_665_77, 0.041_666_555, 0.008_363_179, 0.001_392_618_4];
const LOG64: [f64; 7] = [
    0.666_666_666_666_667,
    0.399_999_999_998_982_73,
    0.285_714_286_265_336_16,
    0.222_222_110_437_768_58,
    0.181_828_957_501_191_94,
    0.153_315_016_111_453_28,
    0.146_191_661_348_879_7,
];
const LOG32: [f32; 4] = [0.666_666_67, 0.400_001_23, 0.285_507_36, 0.233_327_63];
const TANH64: [f64; 11] = [
    -0.333_333_333_333_333_2,
    0.133_333_333_333_266_58,
    -0.053_968_253_961_395_57,
    0.021_869_488_260_559_115,
    -0.008_863_229_830_925_709,
    0.003_592_058_977_473_455_3,
    -0.001_455_309_297_534_642,
    0.000_587_437_286_009_438_2,
    -0.000_230_776_162_695_198_58,
    7.959_955_735_264_808e-5,
    -1.724_487_449_484_433e-5,
];
const TANH32: [f32; 5] = [-0.333_333_3, 0.133_327_7, -0.053_850_91, 0.020_997_18, -0.006_096_714];
const SIN64: [f64; 6] = [
    -0.166_666_666_666_666_66,
    0.008_333_333_333_330_925,
    -0.000_198_412_698_367_224_18,
    2.755_731_608_381_635_9e-6,
    -2.505_112_794_401_419e-8,
    1.591_784_852_480_826e-10,
];
const COS64: [f64; 6] = [
    0.041_666_666_666_666_664,
    -0.001_388_888_888_888_738_2,
    2.480_158_729_874_307e-5,
    -2.755_731_726_000_884e-7,
    2.087_614_382_799_313e-9,
    -1.138_245_677_806_130_6e-11,
];
const SIN32: [f32; 3] = [-0.166_666_65, 0.008_332_746, -0.000_195_873_87];
const COS32: [f32; 3] = [0.041_666_664_6, -0.001_388_830_07, 2.454_743_7e-5];
const ERF32: [f32; 7] =
    [std::f32::consts::FRAC_2_SQRT_PI, -0.376_126_27, 0.112_835_95, -0.026_854_212, 0.005_189_087_4, -0.000_801_686_4, 7.875_875e-5];
const LOG_ERFC32: [f32; 9] = [
    0.000_319_028_2,
    -1.130_228_8,
    -0.631_834_3,
    -0.110_071_93,
    0.026_416_238,
    -0.004_757_767,
    0.000_596_391_04,
    -4.600_586_5e-5,
    1.634_356_4e-6,
];

/// Adding this rounds a double to an integer, whose low bits are then those of the sum.
const ROUND64: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
const ROUND32: f32 = 12_582_912.0; // 1.5 * 2^23
const LN2_HI64: f64 = 6.931_471_803_691_238e-1; // 33 bits, so products with exponents are exact
const LN2_LO64: f64 = 1.908_214_929_270_587_7e-10;
const LN2_HI32: f32 = 0.693_359_375;
const LN2_LO32: f32 = -2.121_944_4e-4;

/// Exponential: `2^k * e^r` with `|r| <= ln(2) / 2`. The power is applied in two steps, so that results that are
/// subnormal are rounded once and overflow happens only where it should.
#[inline(always)]
pub fn exp_f64<L: Level>(x: f64) -> f64 {
    // Comparisons that are false for NaN keep it.
    let x = if x < -746.0 { -746.0 } else { x };
    let x = if x > 710.0 { 710.0 } else { x };
    let k = fma64::<L>(x, std::f64::consts::LOG2_E, ROUND64) - ROUND64;
    let r = fma64::<L>(k, -LN2_LO64, fma64::<L>(k, -LN2_HI64, x));
    let y = fma64::<L>(r * r, poly64::<L>(r, &EXP64), r) + 1.0;
    let half = (fma64::<L>(k, 0.5, ROUND64)) - ROUND64;
    y * power_of_two_64(half) * power_of_two_64(k - half)
}

/// `2^k` for an integer `k` in the range of exponents.
#[inline(always)]
fn power_of_two_64(k: f64) -> f64 {
    f64::from_bits((k + ROUND64).to_bits().wrapping_add(1023) << 52)
}

/// Exponential; see [`exp_f64`].
#[inline(always)]
pub fn exp_f32<L: Level>(x: f32) -> f32 {
    let x = if x < -105.0 { -105.0 } else { x };
    let x = if x > 89.0 { 89.0 } else { x };
    let k = fma32::<L>(x, std::f32::consts::LOG2_E, ROUND32) - ROUND32;
    let r = fma32::<L>(k, -LN2_LO32, fma32::<L>(k, -LN2_HI32, x));
    let y = fma32::<L>(r * r, poly32::<L>(r, &EXP32), r) + 1.0;
    let half = fma32::<L>(k, 0.5, ROUND32) - ROUND32;
    y * power_of_two_32(half) * power_of_two_32(k - half)
}

/// Exponential of arguments whose results are neither subnormal nor infinite: no bounds, and one step to the power.
#[inline(always)]
fn exp_normal_f64<L: Level>(x: f64) -> f64 {
    let k = fma64::<L>(x, std::f64::consts::LOG2_E, ROUND64) - ROUND64;
    let r = fma64::<L>(k, -LN2_LO64, fma64::<L>(k, -LN2_HI64, x));
    (fma64::<L>(r * r, poly64::<L>(r, &EXP64), r) + 1.0) * power_of_two_64(k)
}

/// See [`exp_normal_f64`].
#[inline(always)]
fn exp_normal_f32<L: Level>(x: f32) -> f32 {
    let k = fma32::<L>(x, std::f32::consts::LOG2_E, ROUND32) - ROUND32;
    let r = fma32::<L>(k, -LN2_LO32, fma32::<L>(k, -LN2_HI32, x));
    (fma32::<L>(r * r, poly32::<L>(r, &EXP32), r) + 1.0) * power_of_two_32(k)
}

#[inline(always)]
fn power_of_two_32(k: f32) -> f32 {
    f32::from_bits((k + ROUND32).to_bits().wrapping_add(127) << 23)
}

/// Natural logarithm: `k ln(2) + log(m)` with `m` between `sqrt(1/2)` and `sqrt(2)`, and
/// `log(m) = 2 atanh(s)` for `s = (m - 1) / (m + 1)`.
#[inline(always)]
pub fn log_f64<L: Level>(x: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    let tiny = x < f64::MIN_POSITIVE;
    let scaled = if tiny { x * 18_014_398_509_481_984.0 } else { x };
    let bits = scaled.to_bits().wrapping_add(ONE - SQRT_HALF);
    // The exponent becomes a float by way of the mantissa of 2^52, which every instruction set can do.
    let k = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let k = if tiny { k - 54.0 } else { k };
    let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * poly64::<L>(z, &LOG64);
    let h = 0.5 * f * f;
    let y = fma64::<L>(k, LN2_HI64, -((h - fma64::<L>(s, h + r, k * LN2_LO64)) - f));
    log_special(x, y, f64::INFINITY, f64::NAN)
}

/// Natural logarithm; see [`log_f64`].
#[inline(always)]
pub fn log_f32<L: Level>(x: f32) -> f32 {
    const SQRT_HALF: u32 = 0x3f35_04f3;
    const ONE: u32 = 0x3f80_0000;
    let tiny = x < f32::MIN_POSITIVE;
    let scaled = if tiny { x * 33_554_432.0 } else { x };
    let bits = scaled.to_bits().wrapping_add(ONE - SQRT_HALF);
    let k = ((bits >> 23) as i32 - 127) as f32;
    let k = if tiny { k - 25.0 } else { k };
    let f = f32::from_bits((bits & 0x007f_ffff).wrapping_add(SQRT_HALF)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * poly32::<L>(z, &LOG32);
    let h = 0.5 * f * f;
    let y = fma32::<L>(k, LN2_HI32, -((h - fma32::<L>(s, h + r, k * LN2_LO32)) - f));
    log_special(x, y, f32::INFINITY, f32::NAN)
}

#[inline(always)]
fn log_special<T: super::complex::Real>(x: T, y: T, inf: T, nan: T) -> T {
    let y = if x == inf { x } else { y };
    let y = if x == T::ZERO { -inf } else { y };
    // Not `x < 0`, so that NaN is caught as well.
    if x >= T::ZERO { y } else { nan }
}

/// Hyperbolic tangent: a polynomial near zero, `1 - 2 / (exp(2x) + 1)` elsewhere.
#[inline(always)]
pub fn tanh_f64<L: Level>(x: f64) -> f64 {
    let a = x.abs();
    let z = x * x;
    let near = fma64::<L>(a * z, poly64::<L>(z, &TANH64), a);
    // Beyond 20 the result rounds to one; NaN passes the comparison.
    let b = if a > 20.0 { 20.0 } else { a };
    let far = 1.0 - 2.0 / (exp_normal_f64::<L>(2.0 * b) + 1.0);
    (if a < 0.625 { near } else { far }).copysign(x)
}

/// Hyperbolic tangent; see [`tanh_f64`].
#[inline(always)]
pub fn tanh_f32<L: Level>(x: f32) -> f32 {
    let a = x.abs();
    let z = x * x;
    let near = fma32::<L>(a * z, poly32::<L>(z, &TANH32), a);
    let b = if a > 10.0 { 10.0 } else { a };
    let far = 1.0 - 2.0 / (exp_normal_f32::<L>(2.0 * b) + 1.0);
    (if a < 0.625 { near } else { far }).copysign(x)
}

/// Beyond this, reducing an angle needs more digits of pi than [`reduce`] has; the system's functions have them.
pub const ANGLE_LIMIT: f64 = 500_000.0;

/// An angle as a multiple of pi/2 (the number modulo 4 in the low bits) and the rest, in two parts.
#[inline(always)]
fn reduce<L: Level>(x: f64) -> (u64, f64, f64) {
    // Pi/2 in parts of 33, 33 and 53 bits: products of the first two with k are exact.
    const P1: f64 = 1.570_796_326_734_125_6;
    const P2: f64 = 6.077_100_506_303_966e-11;
    const P3: f64 = 2.022_266_248_795_950_6e-21;
    let t = fma64::<L>(x, std::f64::consts::FRAC_2_PI, ROUND64);
    let k = t - ROUND64;
    let r = x - k * P1;
    let w = k * P2;
    let high = r - w;
    let low = (r - high) - w - k * P3;
    let y = high + low;
    (t.to_bits(), y, (high - y) + low)
}

/// Sine or, with the quadrant moved by one, cosine.
#[inline(always)]
fn circular<L: Level>(x: f64, shift: u64) -> f64 {
    let (q, y, tail) = reduce::<L>(x);
    let q = q.wrapping_add(shift);
    let z = y * y;
    let sine = y + fma64::<L>(y * z, poly64::<L>(z, &SIN64), tail);
    let h = 0.5 * z;
    let w = 1.0 - h;
    let cosine = w + (((1.0 - w) - h) + fma64::<L>(z * z, poly64::<L>(z, &COS64), -(y * tail)));
    let v = if q & 1 == 0 { sine } else { cosine };
    f64::from_bits(v.to_bits() ^ ((q & 2) << 62))
}

/// Sine for angles up to [`ANGLE_LIMIT`].
#[inline(always)]
pub fn sin_f64<L: Level>(x: f64) -> f64 {
    // The sum in the reduction would lose the sign of zero.
    let y = circular::<L>(x, 0);
    if x == 0.0 { x } else { y }
}

/// Cosine for angles up to [`ANGLE_LIMIT`].
#[inline(always)]
pub fn cos_f64<L: Level>(x: f64) -> f64 {
    circular::<L>(x, 1)
}

/// As [`circular`], in single precision but for the reduction, which double precision makes exact enough.
#[inline(always)]
fn circular_f32<L: Level>(x: f32, shift: u32) -> f32 {
    // Pi/2 in parts of 33 and 53 bits: products of the first with k are exact.
    const P1: f64 = 1.570_796_326_734_125_6;
    const P2: f64 = 6.077_100_506_506_192e-11;
    let t = fma32::<L>(x, std::f32::consts::FRAC_2_PI, ROUND32);
    let k = f64::from(t - ROUND32);
    let y = (fma64::<L>(k, -P2, fma64::<L>(k, -P1, f64::from(x)))) as f32;
    let q = t.to_bits().wrapping_add(shift);
    let z = y * y;
    let sine = fma32::<L>(y * z, poly32::<L>(z, &SIN32), y);
    let cosine = fma32::<L>(z * z, poly32::<L>(z, &COS32), fma32::<L>(z, -0.5, 1.0));
    let v = if q & 1 == 0 { sine } else { cosine };
    f32::from_bits(v.to_bits() ^ ((q & 2) << 30))
}

/// Sine for angles up to [`ANGLE_LIMIT`].
#[inline(always)]
pub fn sin_f32<L: Level>(x: f32) -> f32 {
    let y = circular_f32::<L>(x, 0);
    if x == 0.0 { x } else { y }
}

/// Cosine for angles up to [`ANGLE_LIMIT`].
#[inline(always)]
pub fn cos_f32<L: Level>(x: f32) -> f32 {
    circular_f32::<L>(x, 1)
}

/// Error function: a polynomial below one, `1 - exp(p(x))` above.
#[inline(always)]
pub fn erf_f32<L: Level>(x: f32) -> f32 {
    let a = x.abs();
    let near = x * poly32::<L>(x * x, &ERF32);
    let b = if a > 4.0 { 4.0 } else { a };
    let far = (1.0 - exp_normal_f32::<L>(poly32::<L>(b, &LOG_ERFC32))).copysign(x);
    if a < 1.0 { near } else { far }
}

/// Error function.
#[inline(always)]
pub fn erf_f64<L: Level>(x: f64) -> f64 {
    libm::erf(x)
}

/// Inverse hyperbolic functions, exact near zero and for large arguments (Rust's own lose digits there).
pub trait Inverse: Sized {
    /// Inverse hyperbolic cosine.
    fn acosh(self) -> Self;
    /// Inverse hyperbolic sine.
    fn asinh(self) -> Self;
    /// Inverse hyperbolic tangent.
    fn atanh(self) -> Self;
}

impl Inverse for f64 {
    fn acosh(self) -> f64 {
        // The library's formula gives infinities for some arguments below the domain.
        if self < 1.0 { f64::NAN } else { libm::acosh(self) }
    }
    fn asinh(self) -> f64 {
        libm::asinh(self)
    }
    fn atanh(self) -> f64 {
        libm::atanh(self)
    }
}

impl Inverse for f32 {
    fn acosh(self) -> f32 {
        Inverse::acosh(f64::from(self)) as f32
    }
    fn asinh(self) -> f32 {
        libm::asinh(self as f64) as f32
    }
    fn atanh(self) -> f32 {
        libm::atanh(self as f64) as f32
    }
}

/// Inverse hyperbolic cosine.
pub fn acosh<T: Inverse>(x: T) -> T {
    Inverse::acosh(x)
}

/// Inverse hyperbolic sine.
pub fn asinh<T: Inverse>(x: T) -> T {
    Inverse::asinh(x)
}

/// Inverse hyperbolic tangent.
pub fn atanh<T: Inverse>(x: T) -> T {
    Inverse::atanh(x)
}

/// `sin(pi x) / (pi x)`, one at zero.
pub fn sinc(x: f64) -> f64 {
    let y = x * std::f64::consts::PI;
    if y == 0.0 { 1.0 } else { y.sin() / y }
}

/// Logarithm of the absolute value of the gamma function.
pub fn lgamma(x: f64) -> f64 {
    if x == f64::NEG_INFINITY {
        return f64::INFINITY;
    }
    libm::lgamma(x)
}

/// Logarithmic derivative of the gamma function: reflection, recurrence up to 10, asymptotic series.
pub fn digamma(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY.copysign(-x);
    }
    if x < 0.0 {
        if x == x.floor() {
            return f64::NAN;
        }
        let r = x - x.floor();
        return digamma(1.0 - x) - std::f64::consts::PI / (std::f64::consts::PI * r).tan();
    }
    let (mut x, mut shift) = (x, 0.0);
    while x < 10.0 {
        shift -= 1.0 / x;
        x += 1.0;
    }
    // Bernoulli numbers B_2n / 2n.
    const SERIES: [f64; 7] = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32760.0, 1.0 / 12.0];
    let z = 1.0 / (x * x);
    let tail = SERIES.iter().rev().fold(0.0, |acc, b| (acc + b) * z);
    shift + x.ln() - 0.5 / x - tail
}

/// Modified Bessel function of the first kind of order zero: its power series, whose terms are all positive, or for large
/// arguments, where the series takes many roundings, its asymptotic expansion (Abramowitz and Stegun, 9.7.1).
pub fn bessel_i0(x: f64) -> f64 {
    let q = x * x / 4.0;
    if !q.is_finite() {
        return if x.is_nan() { x } else { f64::INFINITY };
    }
    let x = x.abs();
    if x >= 20.0 {
        let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
        while term > 1e-17 && k < 2.0 * x {
            let odd = 2.0 * k - 1.0;
            term *= odd * odd / (8.0 * k * x);
            sum += term;
            k += 1.0;
        }
        // In two steps, because exp(x) overflows before the function does.
        let half = (x / 2.0).exp();
        return half / (2.0 * std::f64::consts::PI * x).sqrt() * sum * half;
    }
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * 1e-17 && k < 2000.0 {
        term *= q / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

/// Inverse error function: M. Giles's approximation ("Approximating the erfinv function", 2010), sharpened by two
/// steps of Halley's method.
pub fn erfinv(x: f64) -> f64 {
    if x.abs() >= 1.0 || x.is_nan() {
        return if x.abs() == 1.0 { f64::INFINITY.copysign(x) } else { f64::NAN };
    }
    if x == 0.0 {
        return x;
    }
    let w = -((1.0 - x) * (1.0 + x)).ln();
    const CENTRE: [f64; 9] = [
        2.810_226_36e-8,
        3.432_739_39e-7,
        -3.523_387_7e-6,
        -4.391_506_54e-6,
        0.000_218_580_87,
        -0.001_253_725_03,
        -0.004_177_681_64,
        0.246_640_727,
        1.501_409_41,
    ];
    const TAIL: [f64; 9] = [
        -0.000_200_214_257,
        0.000_100_950_558,
        0.001_349_343_22,
        -0.003_673_428_44,
        0.005_739_507_73,
        -0.007_622_461_3,
        0.009_438_870_47,
        1.001_674_06,
        2.832_976_82,
    ];
    let (t, series) = if w < 5.0 { (w - 2.5, CENTRE) } else { (w.sqrt() - 3.0, TAIL) };
    let mut y = series.iter().fold(0.0, |acc, c| acc * t + c) * x;
    for _ in 0..2 {
        // The complement keeps digits where erf is close to one.
        let error = if x.abs() < 0.5 { libm::erf(y) - x } else { ((1.0 - x.abs()) - libm::erfc(y.abs())) * x.signum() };
        let slope = std::f64::consts::FRAC_2_SQRT_PI * (-y * y).exp();
        let u = error / slope;
        y -= u / (1.0 + y * u);
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distance in units of the last place of the exact result.
    fn ulp32(got: f32, want: f64) -> f64 {
        if got as f64 == want || (got.is_nan() && want.is_nan()) || got == want as f32 {
            return 0.0;
        }
        let w = (want as f32).abs().max(f32::MIN_POSITIVE);
        (got as f64 - want).abs() / (w.next_up() - w) as f64
    }

    fn ulp64(got: f64, want: f64) -> f64 {
        if got == want || (got.is_nan() && want.is_nan()) {
            return 0.0;
        }
        let w = want.abs().max(f64::MIN_POSITIVE);
        (got - want).abs() / (w.next_up() - w)
    }

    /// Numbers spread over all magnitudes, with special ones.
    fn samples() -> Vec<f64> {
        let mut v = vec![0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1.0, -1.0, f64::MIN_POSITIVE, 5e-324, f64::MAX];
        let mut state = 12345u64;
        for i in 0..40_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let u = (state >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0;
            v.push(u * [1.0, 10.0, 100.0, 800.0, 1e-5, 4e5, 1e-300, 1e300][i % 8]);
        }
        v
    }

    /// Worst distance from the system's double precision functions, which are within an ulp themselves.
    fn worst<L: Level>() -> Vec<(&'static str, f64, f64)> {
        type Row = (&'static str, fn(f64) -> f64, fn(f32) -> f32, fn(f64) -> f64, f64);
        let rows: [Row; 6] = [
            ("exp", exp_f64::<L>, exp_f32::<L>, f64::exp, f64::INFINITY),
            ("log", log_f64::<L>, log_f32::<L>, f64::ln, f64::INFINITY),
            ("tanh", tanh_f64::<L>, tanh_f32::<L>, f64::tanh, f64::INFINITY),
            ("sin", sin_f64::<L>, sin_f32::<L>, f64::sin, ANGLE_LIMIT),
            ("cos", cos_f64::<L>, cos_f32::<L>, f64::cos, ANGLE_LIMIT),
            ("erf", erf_f64::<L>, erf_f32::<L>, libm::erf, f64::INFINITY),
        ];
        rows.iter()
            .map(|&(name, f, g, exact, limit)| {
                let mut e = (0f64, 0f64);
                for x in samples().into_iter().filter(|x| limit == f64::INFINITY || x.abs() <= limit) {
                    e.0 = e.0.max(ulp64(f(x), exact(x)));
                    e.1 = e.1.max(ulp32(g(x as f32), exact(x as f32 as f64)));
                }
                (name, e.0, e.1)
            })
            .collect()
    }

    #[test]
    fn polynomials_are_within_two_ulp_at_every_level() {
        for rows in [worst::<crate::cpu::simd::Base>(), worst::<crate::cpu::simd::Fused>()] {
            for (name, double, single) in rows {
                assert!(double <= 2.0 && single <= 2.5, "{name}: {double} ulp in f64, {single} ulp in f32");
            }
        }
    }

    #[test]
    fn special_functions_agree_with_scipy() {
        // scipy.special 1.17.
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 4e-15 * b.abs().max(1e-3), "{a} {b}");
        close(digamma(0.3), -3.502_524_222_200_133);
        close(digamma(-2.5), 1.103_156_640_645_243_1);
        close(digamma(1e6), 13.815_510_057_964_19);
        close(bessel_i0(3.5), 7.378_203_432_225_48);
        close(erfinv(0.5), 0.476_936_276_204_469_9);
        close(erfinv(-0.999_999), -3.458_910_737_275_499);
        close(erfinv(1e-8), 8.862_269_254_527_58e-9);
        assert_eq!(erfinv(1.0), f64::INFINITY);
        assert!(erfinv(1.5).is_nan());
        assert_eq!(sinc(0.0), 1.0);
    }
}
