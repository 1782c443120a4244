//! Continuous distributions of NumPy's `Generator`, one draw per call.
//!
//! Every function consumes exactly the words that NumPy 2.4 consumes and rounds in the same order, so the streams
//! agree bit for bit. Elementary functions are the system's, as in NumPy. Parameters are assumed to be checked.

use std::f64::consts::PI;

use super::bits::BitSource;
use super::discrete::poisson;
use super::ziggurat::{standard_exponential, standard_exponential_f32, standard_normal, standard_normal_f32};

/// Normal with mean `loc` and standard deviation `scale`.
#[inline(always)]
pub fn normal<S: BitSource + ?Sized>(source: &mut S, loc: f64, scale: f64) -> f64 {
    loc + scale * standard_normal(source)
}

/// Exponential with mean `scale`.
#[inline(always)]
pub fn exponential<S: BitSource + ?Sized>(source: &mut S, scale: f64) -> f64 {
    scale * standard_exponential(source)
}

/// Uniform on `[low, low + range)`.
#[inline(always)]
pub fn uniform<S: BitSource + ?Sized>(source: &mut S, low: f64, range: f64) -> f64 {
    low + range * source.next_f64()
}

/// Gamma with unit scale: Marsaglia and Tsang (2000) for shapes of at least 1, Ahrens and Dieter (1974) below.
pub fn standard_gamma<S: BitSource + ?Sized>(source: &mut S, shape: f64) -> f64 {
    if shape == 1.0 {
        return standard_exponential(source);
    }
    if shape == 0.0 {
        return 0.0;
    }
    if shape < 1.0 {
        loop {
            let u = source.next_f64();
            let v = standard_exponential(source);
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
            let x = standard_normal(source);
            let v = 1.0 + c * x;
            // Written so that NaN leaves the loop, as in C.
            if !(v <= 0.0) {
                break (x, v * v * v);
            }
        };
        let u = source.next_f64();
        if u < 1.0 - 0.0331 * (x * x) * (x * x) || u.ln() < 0.5 * x * x + b * (1.0 - v + v.ln()) {
            return b * v;
        }
        if shape.is_nan() {
            return f64::NAN;
        }
    }
}

/// [`standard_gamma`] in single precision.
pub fn standard_gamma_f32<S: BitSource + ?Sized>(source: &mut S, shape: f32) -> f32 {
    if shape == 1.0 {
        return standard_exponential_f32(source);
    }
    if shape == 0.0 {
        return 0.0;
    }
    if shape < 1.0 {
        loop {
            let u = source.next_f32();
            let v = standard_exponential_f32(source);
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
            let x = standard_normal_f32(source);
            let v = 1.0 + c * x;
            if !(v <= 0.0) {
                break (x, v * v * v);
            }
        };
        let u = source.next_f32();
        if u < 1.0 - 0.0331 * (x * x) * (x * x) || u.ln() < 0.5 * x * x + b * (1.0 - v + v.ln()) {
            return b * v;
        }
        if shape.is_nan() {
            return f32::NAN;
        }
    }
}

/// Gamma.
pub fn gamma<S: BitSource + ?Sized>(source: &mut S, shape: f64, scale: f64) -> f64 {
    scale * standard_gamma(source, shape)
}

/// Beta, by Jöhnk's method when both parameters are at most 1, else from two gammas.
pub fn beta<S: BitSource + ?Sized>(source: &mut S, a: f64, b: f64) -> f64 {
    /// Below this the result is 0 or 1 but for one case in 10^100.
    const TINY: f64 = 3e-103;
    if !(a <= 1.0 && b <= 1.0) {
        let first = standard_gamma(source, a);
        let second = standard_gamma(source, b);
        return first / (first + second);
    }
    if a < TINY && b < TINY {
        let u = source.next_f64();
        return f64::from((a + b) * u < a);
    }
    loop {
        let u = source.next_f64();
        let v = source.next_f64();
        let x = u.powf(1.0 / a);
        let y = v.powf(1.0 / b);
        let sum = x + y;
        if sum <= 1.0 && u + v > 0.0 {
            if x > 0.0 && y > 0.0 {
                return x / sum;
            }
            // A power underflowed: the ratio is formed from logarithms.
            let delta = u.ln() / a - v.ln() / b;
            return if delta > 0.0 { (-(-delta).exp().ln_1p()).exp() } else { (delta - delta.exp().ln_1p()).exp() };
        }
    }
}

/// Chi-square with `df` degrees of freedom.
pub fn chisquare<S: BitSource + ?Sized>(source: &mut S, df: f64) -> f64 {
    2.0 * standard_gamma(source, df / 2.0)
}

/// Fisher's F.
pub fn f<S: BitSource + ?Sized>(source: &mut S, dfnum: f64, dfden: f64) -> f64 {
    let numerator = chisquare(source, dfnum) * dfden;
    let denominator = chisquare(source, dfden) * dfnum;
    numerator / denominator
}

/// Noncentral chi-square.
pub fn noncentral_chisquare<S: BitSource + ?Sized>(source: &mut S, df: f64, nonc: f64) -> f64 {
    if nonc.is_nan() {
        return f64::NAN;
    }
    if nonc == 0.0 {
        return chisquare(source, df);
    }
    if 1.0 < df {
        let central = chisquare(source, df - 1.0);
        let n = standard_normal(source) + nonc.sqrt();
        return central + n * n;
    }
    let i = poisson(source, nonc / 2.0);
    chisquare(source, df + i.wrapping_mul(2) as f64)
}

/// Noncentral F.
pub fn noncentral_f<S: BitSource + ?Sized>(source: &mut S, dfnum: f64, dfden: f64, nonc: f64) -> f64 {
    let t = noncentral_chisquare(source, dfnum, nonc) * dfden;
    t / (chisquare(source, dfden) * dfnum)
}

/// Standard Cauchy: the ratio of two normals.
pub fn standard_cauchy<S: BitSource + ?Sized>(source: &mut S) -> f64 {
    let first = standard_normal(source);
    let second = standard_normal(source);
    first / second
}

/// Pareto II (Lomax).
pub fn pareto<S: BitSource + ?Sized>(source: &mut S, a: f64) -> f64 {
    (standard_exponential(source) / a).exp_m1()
}

/// Weibull.
pub fn weibull<S: BitSource + ?Sized>(source: &mut S, a: f64) -> f64 {
    if a == 0.0 {
        return 0.0;
    }
    standard_exponential(source).powf(1.0 / a)
}

/// Power function distribution on `[0, 1]`.
pub fn power<S: BitSource + ?Sized>(source: &mut S, a: f64) -> f64 {
    (-(-standard_exponential(source)).exp_m1()).powf(1.0 / a)
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
pub fn lognormal<S: BitSource + ?Sized>(source: &mut S, mean: f64, sigma: f64) -> f64 {
    normal(source, mean, sigma).exp()
}

/// Rayleigh.
pub fn rayleigh<S: BitSource + ?Sized>(source: &mut S, scale: f64) -> f64 {
    scale * (2.0 * standard_exponential(source)).sqrt()
}

/// Student's t.
pub fn standard_t<S: BitSource + ?Sized>(source: &mut S, df: f64) -> f64 {
    let numerator = standard_normal(source);
    let denominator = standard_gamma(source, df / 2.0);
    (df / 2.0).sqrt() * numerator / denominator.sqrt()
}

/// Wald (inverse Gaussian).
pub fn wald<S: BitSource + ?Sized>(source: &mut S, mean: f64, scale: f64) -> f64 {
    let y = standard_normal(source);
    let y = mean * y * y;
    let d = 1.0 + (1.0 + 4.0 * scale / y).sqrt();
    let x = mean * (1.0 - 2.0 / d);
    let u = source.next_f64();
    if u <= mean / (mean + x) { x } else { mean * mean / x }
}

/// Von Mises on `[-pi, pi]`: Best and Fisher (1979), a wrapped normal above a concentration of 10^6.
pub fn vonmises<S: BitSource + ?Sized>(source: &mut S, mu: f64, kappa: f64) -> f64 {
    if kappa > 1e6 {
        let out = mu + (1.0 / kappa).sqrt() * standard_normal(source);
        let out = if out < -PI { out + 2.0 * PI } else { out };
        return if out > PI { out - 2.0 * PI } else { out };
    }
    vonmises_rejection(source, mu, kappa)
}

/// The rejection method alone, which the legacy generator uses for every concentration.
pub fn vonmises_rejection<S: BitSource + ?Sized>(source: &mut S, mu: f64, kappa: f64) -> f64 {
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
