//! Continuous distributions of NumPy's `Generator` and `RandomState`, one draw per call.
//!
//! Every function consumes exactly the words that NumPy 2.4 consumes and rounds in the same order, so the streams
//! agree bit for bit. Elementary functions are the system's, as in NumPy. Parameters are assumed to be checked.

use std::f64::consts::PI;

use super::bits::BitSource;
use super::discrete::poisson;
use super::draws::Draws;
use super::ziggurat::{standard_exponential_f32, standard_normal_f32};

/// Normal with mean `loc` and standard deviation `scale`.
#[inline(always)]
pub fn normal<S: Draws + ?Sized>(source: &mut S, loc: f64, scale: f64) -> f64 {
    loc + scale * source.normal()
}

/// Exponential with mean `scale`.
#[inline(always)]
pub fn exponential<S: Draws + ?Sized>(source: &mut S, scale: f64) -> f64 {
    scale * source.exponential()
}

/// Uniform on `[low, low + range)`.
#[inline(always)]
pub fn uniform<S: BitSource + ?Sized>(source: &mut S, low: f64, range: f64) -> f64 {
    low + range * source.next_f64()
}

macro_rules! standard_gamma {
    ($(#[$doc:meta])* $name:ident, $type:ident, $bound:ident, $uniform:ident, $exponential:expr, $normal:expr) => {
        $(#[$doc])*
        pub fn $name<S: $bound + ?Sized>(source: &mut S, shape: $type) -> $type {
            let (exponential, normal) = ($exponential, $normal);
            if shape == 1.0 {
                return exponential(source);
            }
            if shape == 0.0 {
                return 0.0;
            }
            if shape < 1.0 {
                loop {
                    let u = source.$uniform();
                    let v = exponential(source);
                    if u <= 1.0 - shape {
                        let x = u.powf(1.0 / shape);
                        if x <= v {
                            return x;
                        }
                    } else {
                        let y = -((1.0 - u) / shape).ln();
                        let x = (1.0 - shape + shape * y).powf(1.0 / shape);
                        if x <= v + y {
                            return x;
                        }
                    }
                }
            }
            let b = shape - 1.0 / 3.0;
            let c = 1.0 / (9.0 * b).sqrt();
            loop {
                let (x, v) = loop {
                    let x = normal(source);
                    let v = 1.0 + c * x;
                    // Written so that NaN leaves the loop, as in C.
                    if !(v <= 0.0) {
                        break (x, v * v * v);
                    }
                };
                let u = source.$uniform();
                if u < 1.0 - 0.0331 * (x * x) * (x * x) || u.ln() < 0.5 * x * x + b * (1.0 - v + v.ln()) {
                    return b * v;
                }
                if shape.is_nan() {
                    return $type::NAN;
                }
            }
        }
    };
}
standard_gamma! {
    /// Gamma with unit scale: Marsaglia and Tsang (2000) for shapes of at least 1, Ahrens and Dieter (1974) below.
    standard_gamma, f64, Draws, next_f64, S::exponential, S::normal
}
standard_gamma! {
    /// [`standard_gamma`] in single precision.
    standard_gamma_f32, f32, BitSource, next_f32, standard_exponential_f32, standard_normal_f32
}

/// Gamma.
pub fn gamma<S: Draws + ?Sized>(source: &mut S, shape: f64, scale: f64) -> f64 {
    scale * standard_gamma(source, shape)
}

/// Beta, by Jöhnk's method when both parameters are at most 1, else from two gammas.
pub fn beta<S: Draws + ?Sized>(source: &mut S, a: f64, b: f64) -> f64 {
    /// Below this the result is 0 or 1 but for one case in 10^100.
    const TINY: f64 = 3e-103;
    if !(a <= 1.0 && b <= 1.0) {
        let first = standard_gamma(source, a);
        let second = standard_gamma(source, b);
        return first / (first + second);
    }
    if a < TINY && b < TINY && !S::FROZEN {
        let u = source.next_f64();
        return f64::from((a + b) * u < a);
    }
    loop {
        let u = source.next_f64();
        let v = source.next_f64();
        let x = u.powf(1.0 / a);
        let y = v.powf(1.0 / b);
        let sum = x + y;
        if S::FROZEN {
            if sum <= 1.0 {
                return if sum > 0.0 { x / sum } else { frozen_beta_ratio(u.ln() / a, v.ln() / b) };
            }
        } else if sum <= 1.0 && u + v > 0.0 {
            if x > 0.0 && y > 0.0 {
                return x / sum;
            }
            // A power underflowed: the ratio is formed from logarithms.
            let delta = u.ln() / a - v.ln() / b;
            return if delta > 0.0 { (-(-delta).exp().ln_1p()).exp() } else { (delta - delta.exp().ln_1p()).exp() };
        }
    }
}

/// `e^x / (e^x + e^y)` where both powers underflow, as the frozen streams form it.
fn frozen_beta_ratio(log_x: f64, log_y: f64) -> f64 {
    let log_max = if log_x > log_y { log_x } else { log_y };
    let (log_x, log_y) = (log_x - log_max, log_y - log_max);
    (log_x - (log_x.exp() + log_y.exp()).ln()).exp()
}

/// Chi-square with `df` degrees of freedom.
pub fn chisquare<S: Draws + ?Sized>(source: &mut S, df: f64) -> f64 {
    2.0 * standard_gamma(source, df / 2.0)
}

/// Fisher's F.
pub fn f<S: Draws + ?Sized>(source: &mut S, dfnum: f64, dfden: f64) -> f64 {
    let numerator = chisquare(source, dfnum) * dfden;
    let denominator = chisquare(source, dfden) * dfnum;
    numerator / denominator
}

/// Noncentral chi-square.
pub fn noncentral_chisquare<S: Draws + ?Sized>(source: &mut S, df: f64, nonc: f64) -> f64 {
    if nonc.is_nan() && !S::FROZEN {
        return f64::NAN;
    }
    if nonc == 0.0 {
        return chisquare(source, df);
    }
    if 1.0 < df {
        let central = chisquare(source, df - 1.0);
        let n = source.normal() + nonc.sqrt();
        return central + n * n;
    }
    let i = poisson(source, nonc / 2.0);
    let out = chisquare(source, df + i.wrapping_mul(2) as f64);
    // The frozen streams draw before they answer NaN.
    if nonc.is_nan() { f64::NAN } else { out }
}

/// Noncentral F.
pub fn noncentral_f<S: Draws + ?Sized>(source: &mut S, dfnum: f64, dfden: f64, nonc: f64) -> f64 {
    let t = noncentral_chisquare(source, dfnum, nonc) * dfden;
    t / (chisquare(source, dfden) * dfnum)
}

/// Standard Cauchy: the ratio of two normals.
pub fn standard_cauchy<S: Draws + ?Sized>(source: &mut S) -> f64 {
    let first = source.normal();
    let second = source.normal();
    first / second
}

/// Pareto II (Lomax).
pub fn pareto<S: Draws + ?Sized>(source: &mut S, a: f64) -> f64 {
    let x = source.exponential() / a;
    if S::FROZEN { x.exp() - 1.0 } else { x.exp_m1() }
}

/// Weibull.
pub fn weibull<S: Draws + ?Sized>(source: &mut S, a: f64) -> f64 {
    if a == 0.0 {
        return 0.0;
    }
    source.exponential().powf(1.0 / a)
}

/// Power function distribution on `[0, 1]`.
pub fn power<S: Draws + ?Sized>(source: &mut S, a: f64) -> f64 {
    let x = -source.exponential();
    (if S::FROZEN { 1.0 - x.exp() } else { -x.exp_m1() }).powf(1.0 / a)
}

/// Laplace.
pub fn laplace<S: BitSource + ?Sized>(source: &mut S, loc: f64, scale: f64) -> f64 {
    loop {
        let u = source.next_f64();
        if u >= 0.5 {
            return loc - scale * (2.0 - u - u).ln();
        }
        if u > 0.0 {
            return loc + scale * (u + u).ln();
        }
    }
}

/// Gumbel.
pub fn gumbel<S: BitSource + ?Sized>(source: &mut S, loc: f64, scale: f64) -> f64 {
    loop {
        let u = 1.0 - source.next_f64();
        if u < 1.0 {
            return loc - scale * (-u.ln()).ln();
        }
    }
}

/// Logistic.
pub fn logistic<S: BitSource + ?Sized>(source: &mut S, loc: f64, scale: f64) -> f64 {
    loop {
        let u = source.next_f64();
        if u > 0.0 {
            return loc + scale * (u / (1.0 - u)).ln();
        }
    }
}

/// Lognormal.
pub fn lognormal<S: Draws + ?Sized>(source: &mut S, mean: f64, sigma: f64) -> f64 {
    normal(source, mean, sigma).exp()
}

/// Rayleigh.
pub fn rayleigh<S: Draws + ?Sized>(source: &mut S, scale: f64) -> f64 {
    let squared = if S::FROZEN { -2.0 * (-source.next_f64()).ln_1p() } else { 2.0 * source.exponential() };
    scale * squared.sqrt()
}

/// Student's t.
pub fn standard_t<S: Draws + ?Sized>(source: &mut S, df: f64) -> f64 {
    let numerator = source.normal();
    let denominator = standard_gamma(source, df / 2.0);
    (df / 2.0).sqrt() * numerator / denominator.sqrt()
}

/// Wald (inverse Gaussian).
pub fn wald<S: Draws + ?Sized>(source: &mut S, mean: f64, scale: f64) -> f64 {
    let y = source.normal();
    let y = mean * y * y;
    let x = if S::FROZEN {
        mean + mean / (2.0 * scale) * (y - (4.0 * scale * y + y * y).sqrt())
    } else {
        mean * (1.0 - 2.0 / (1.0 + (1.0 + 4.0 * scale / y).sqrt()))
    };
    let u = source.next_f64();
    if u <= mean / (mean + x) { x } else { mean * mean / x }
}

/// Von Mises on `[-pi, pi]`: Best and Fisher (1979), a wrapped normal above a concentration of
/// 10^6, which the frozen streams do not know.
pub fn vonmises<S: Draws + ?Sized>(source: &mut S, mu: f64, kappa: f64) -> f64 {
    if kappa > 1e6 && !S::FROZEN {
        let out = mu + (1.0 / kappa).sqrt() * source.normal();
        let out = if out < -PI { out + 2.0 * PI } else { out };
        return if out > PI { out - 2.0 * PI } else { out };
    }
    if kappa.is_nan() {
        return f64::NAN;
    }
    if kappa < 1e-8 {
        return PI * (2.0 * source.next_f64() - 1.0);
    }
    let s = if kappa < 1e-5 {
        1.0 / kappa + kappa
    } else {
        let r = 1.0 + (1.0 + 4.0 * kappa * kappa).sqrt();
        let rho = (r - (2.0 * r).sqrt()) / (2.0 * kappa);
        (1.0 + rho * rho) / (2.0 * rho)
    };
    let w = loop {
        let u = source.next_f64();
        let z = (PI * u).cos();
        let w = (1.0 + s * z) / (s + z);
        let y = kappa * (s - w);
        let v = source.next_f64();
        if y * (2.0 - y) - v >= 0.0 || (y / v).ln() + 1.0 - y >= 0.0 {
            break w;
        }
    };
    let u = source.next_f64();
    let mut out = w.acos();
    if u < 0.5 {
        out = -out;
    }
    out += mu;
    let wrapped = (out.abs() + PI) % (2.0 * PI) - PI;
    if out < 0.0 { -wrapped } else { wrapped }
}

/// Triangular.
pub fn triangular<S: BitSource + ?Sized>(source: &mut S, left: f64, mode: f64, right: f64) -> f64 {
    let base = right - left;
    let left_base = mode - left;
    let ratio = left_base / base;
    let left_product = left_base * base;
    let right_product = (right - mode) * base;
    let u = source.next_f64();
    if u <= ratio { left + (u * left_product).sqrt() } else { right - ((1.0 - u) * right_product).sqrt() }
}
