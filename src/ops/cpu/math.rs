//! Real elementary and special functions, written so that the compiler can vectorise them.
//!
//! Every function here is branch-free up to selects in its common path.

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

macro_rules! system {
    ($($f32:ident $f64:ident |$x:ident| $e:expr),*) => {$(
        /// The system's function.
        #[inline(always)]
        pub fn $f32<L: Level>($x: f32) -> f32 { $e }
        /// The system's function.
        #[inline(always)]
        pub fn $f64<L: Level>($x: f64) -> f64 { $e }
    )*};
}
system!(exp_f32 exp_f64 |x| x.exp(), log_f32 log_f64 |x| x.ln(), tanh_f32 tanh_f64 |x| x.tanh(),
        sin_f32 sin_f64 |x| x.sin(), cos_f32 cos_f64 |x| x.cos());

/// Error function.
#[inline(always)]
pub fn erf_f32<L: Level>(x: f32) -> f32 {
    libm::erff(x)
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
        libm::acosh(self)
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
        libm::acosh(self as f64) as f32
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

/// Modified Bessel function of the first kind of order zero: its power series, whose terms are all positive.
pub fn bessel_i0(x: f64) -> f64 {
    let q = x * x / 4.0;
    if !q.is_finite() {
        return if x.is_nan() { x } else { f64::INFINITY };
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
        2.810_226_36e-8, 3.432_739_39e-7, -3.523_387_7e-6, -4.391_506_54e-6, 0.000_218_580_87, -0.001_253_725_03,
        -0.004_177_681_64, 0.246_640_727, 1.501_409_41,
    ];
    const TAIL: [f64; 9] = [
        -0.000_200_214_257, 0.000_100_950_558, 0.001_349_343_22, -0.003_673_428_44, 0.005_739_507_73, -0.007_622_461_3,
        0.009_438_870_47, 1.001_674_06, 2.832_976_82,
    ];
    let (t, series) = if w < 5.0 { (w - 2.5, CENTRE) } else { (w.sqrt() - 3.0, TAIL) };
    let mut y = series.iter().fold(0.0, |acc, c| acc * t + c) * x;
    for _ in 0..2 {
        // The complement keeps digits where erf is close to one.
        let error = if x.abs() < 0.5 {
            libm::erf(y) - x
        } else {
            ((1.0 - x.abs()) - libm::erfc(y.abs())) * x.signum()
        };
        let slope = std::f64::consts::FRAC_2_SQRT_PI * (-y * y).exp();
        let u = error / slope;
        y -= u / (1.0 + y * u);
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

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
