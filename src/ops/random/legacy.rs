//! Distributions of NumPy's `RandomState`, frozen since NumPy 1.16 (NEP 19), where they differ from `Generator`'s.

use std::hint::black_box;

use super::bits::BitSource;
use super::continuous::vonmises_rejection;
use super::discrete::{GEOMETRIC_SEARCH, geometric_search, log_gamma, logseries_with, poisson, to_i64, zipf_accept};
use super::hypergeometric::{D1, D2};

/// A source with the second number of the last polar pair.
pub trait LegacySource: BitSource {
    /// The stored normal number, if any.
    fn gauss(&mut self) -> &mut Option<f64>;
}

/// Standard normal by the polar method, two at a time.
#[inline]
pub fn standard_normal<S: LegacySource + ?Sized>(source: &mut S) -> f64 {
    if let Some(stored) = source.gauss().take() {
        return stored;
    }
    let (first, second) = polar_pair(source);
    *source.gauss() = Some(second);
    first
}

/// Both numbers of one step of the polar method, in the order in which they are handed out.
#[inline(always)]
pub fn polar_pair<S: BitSource + ?Sized>(source: &mut S) -> (f64, f64) {
    loop {
        let x1 = 2.0 * source.next_f64() - 1.0;
        let x2 = 2.0 * source.next_f64() - 1.0;
        let r2 = x1 * x1 + x2 * x2;
        if r2 < 1.0 && r2 != 0.0 {
            let f = (-2.0 * r2.ln() / r2).sqrt();
            return (f * x2, f * x1);
        }
    }
}

/// Normal.
pub fn normal<S: LegacySource + ?Sized>(source: &mut S, loc: f64, scale: f64) -> f64 {
    loc + scale * standard_normal(source)
}

/// Lognormal.
pub fn lognormal<S: LegacySource + ?Sized>(source: &mut S, mean: f64, sigma: f64) -> f64 {
    normal(source, mean, sigma).exp()
}

/// Standard exponential by inversion.
pub fn standard_exponential<S: BitSource + ?Sized>(source: &mut S) -> f64 {
    -(1.0 - source.next_f64()).ln()
}

/// Exponential.
pub fn exponential<S: BitSource + ?Sized>(source: &mut S, scale: f64) -> f64 {
    scale * standard_exponential(source)
}

/// Gamma with unit scale.
pub fn standard_gamma<S: LegacySource + ?Sized>(source: &mut S, shape: f64) -> f64 {
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

/// Gamma.
pub fn gamma<S: LegacySource + ?Sized>(source: &mut S, shape: f64, scale: f64) -> f64 {
    scale * standard_gamma(source, shape)
}

/// Pareto II (Lomax).
pub fn pareto<S: BitSource + ?Sized>(source: &mut S, a: f64) -> f64 {
    (standard_exponential(source) / a).exp() - 1.0
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
    (1.0 - (-standard_exponential(source)).exp()).powf(1.0 / a)
}

/// Chi-square.
pub fn chisquare<S: LegacySource + ?Sized>(source: &mut S, df: f64) -> f64 {
    2.0 * standard_gamma(source, df / 2.0)
}

/// Rayleigh.
pub fn rayleigh<S: BitSource + ?Sized>(source: &mut S, scale: f64) -> f64 {
    scale * (-2.0 * (-source.next_f64()).ln_1p()).sqrt()
}

/// Noncentral chi-square.
pub fn noncentral_chisquare<S: LegacySource + ?Sized>(source: &mut S, df: f64, nonc: f64) -> f64 {
    if nonc == 0.0 {
        return chisquare(source, df);
    }
    if 1.0 < df {
        let central = chisquare(source, df - 1.0);
        let n = standard_normal(source) + nonc.sqrt();
        return central + n * n;
    }
    let i = poisson(source, nonc / 2.0);
    let out = chisquare(source, df + i.wrapping_mul(2) as f64);
    if nonc.is_nan() { f64::NAN } else { out }
}

/// Noncentral F.
pub fn noncentral_f<S: LegacySource + ?Sized>(source: &mut S, dfnum: f64, dfden: f64, nonc: f64) -> f64 {
    let t = noncentral_chisquare(source, dfnum, nonc) * dfden;
    t / (chisquare(source, dfden) * dfnum)
}

/// Wald (inverse Gaussian).
pub fn wald<S: LegacySource + ?Sized>(source: &mut S, mean: f64, scale: f64) -> f64 {
    let mu_2l = mean / (2.0 * scale);
    let y = standard_normal(source);
    let y = mean * y * y;
    let x = mean + mu_2l * (y - (4.0 * scale * y + y * y).sqrt());
    let u = source.next_f64();
    if u <= mean / (mean + x) { x } else { mean * mean / x }
}

/// Student's t.
pub fn standard_t<S: LegacySource + ?Sized>(source: &mut S, df: f64) -> f64 {
    let numerator = standard_normal(source);
    let denominator = standard_gamma(source, df / 2.0);
    (df / 2.0).sqrt() * numerator / denominator.sqrt()
}

/// Negative binomial.
pub fn negative_binomial<S: LegacySource + ?Sized>(source: &mut S, n: f64, p: f64) -> i64 {
    let mean = gamma(source, n, (1.0 - p) / p);
    poisson(source, mean)
}

/// Standard Cauchy.
pub fn standard_cauchy<S: LegacySource + ?Sized>(source: &mut S) -> f64 {
    let first = standard_normal(source);
    let second = standard_normal(source);
    first / second
}

/// Beta.
pub fn beta<S: LegacySource + ?Sized>(source: &mut S, a: f64, b: f64) -> f64 {
    if !(a <= 1.0 && b <= 1.0) {
        let first = standard_gamma(source, a);
        let second = standard_gamma(source, b);
        return first / (first + second);
    }
    loop {
        let u = source.next_f64();
        let v = source.next_f64();
        let x = u.powf(1.0 / a);
        let y = v.powf(1.0 / b);
        if x + y <= 1.0 {
            if x + y > 0.0 {
                return x / (x + y);
            }
            let mut log_x = u.ln() / a;
            let mut log_y = v.ln() / b;
            let log_max = if log_x > log_y { log_x } else { log_y };
            log_x -= log_max;
            log_y -= log_max;
            return (log_x - (log_x.exp() + log_y.exp()).ln()).exp();
        }
    }
}

/// Fisher's F.
pub fn f<S: LegacySource + ?Sized>(source: &mut S, dfnum: f64, dfden: f64) -> f64 {
    let numerator = chisquare(source, dfnum) * dfden;
    let denominator = chisquare(source, dfden) * dfnum;
    numerator / denominator
}

/// Von Mises.
pub fn vonmises<S: BitSource + ?Sized>(source: &mut S, mu: f64, kappa: f64) -> f64 {
    vonmises_rejection(source, mu, kappa)
}

/// Logarithmic series.
pub fn logseries<S: BitSource + ?Sized>(source: &mut S, p: f64) -> i64 {
    let r = (1.0 - p).ln();
    logseries_with(source, p, |u| 1.0 - (r * u).exp())
}

/// Geometric.
pub fn geometric<S: BitSource + ?Sized>(source: &mut S, p: f64) -> i64 {
    if p >= GEOMETRIC_SEARCH {
        return geometric_search(source, p);
    }
    to_i64(((-source.next_f64()).ln_1p() / (1.0 - p).ln()).ceil())
}

/// Zipf.
pub fn zipf<S: BitSource + ?Sized>(source: &mut S, a: f64) -> i64 {
    let a_minus_1 = a - 1.0;
    let b = black_box(2.0f64).powf(a_minus_1);
    loop {
        let u = 1.0 - source.next_f64();
        if let Some(out) = zipf_accept(source, u, a_minus_1, b) {
            return out;
        }
    }
}

/// Hypergeometric.
pub fn hypergeometric<S: BitSource + ?Sized>(source: &mut S, good: i64, bad: i64, sample: i64) -> i64 {
    if sample > 10 {
        ratio_of_uniforms(source, good, bad, sample)
    } else if sample > 0 {
        one_by_one(source, good, bad, sample)
    } else {
        0
    }
}

fn one_by_one<S: BitSource + ?Sized>(source: &mut S, good: i64, bad: i64, sample: i64) -> i64 {
    let d1 = bad + good - sample;
    let d2 = bad.min(good) as f64;
    let mut y = d2;
    let mut k = sample;
    while y > 0.0 {
        let u = source.next_f64();
        y -= to_i64((u + y / (d1 + k) as f64).floor()) as f64;
        k -= 1;
        if k == 0 {
            break;
        }
    }
    let z = to_i64(d2 - y);
    if good > bad { sample - z } else { z }
}

fn ratio_of_uniforms<S: BitSource + ?Sized>(source: &mut S, good: i64, bad: i64, sample: i64) -> i64 {
    let fewer = good.min(bad);
    let total = good + bad;
    let more = good.max(bad);
    let m = sample.min(total - sample);
    let d4 = fewer as f64 / total as f64;
    let d5 = 1.0 - d4;
    let d6 = m as f64 * d4 + 0.5;
    let d7 = ((total - m) as f64 * sample as f64 * d4 * d5 / (total - 1) as f64 + 0.5).sqrt();
    let d8 = D1 * d7 + D2;
    let d9 = to_i64(((m + 1) as f64 * (fewer + 1) as f64 / (total + 2) as f64).floor());
    let log_weight = |z: i64| {
        log_gamma((z + 1) as f64) + log_gamma((fewer - z + 1) as f64) + log_gamma((m - z + 1) as f64) + log_gamma((more - m + z + 1) as f64)
    };
    let d10 = log_weight(d9);
    let first = m.min(fewer) as f64 + 1.0;
    let second = (d6 + 16.0 * d7).floor();
    let d11 = if first < second { first } else { second };
    let mut z = loop {
        let x = source.next_f64();
        let y = source.next_f64();
        let w = d6 + d8 * (y - 0.5) / x;
        if w < 0.0 || w >= d11 {
            continue;
        }
        let z = to_i64(w.floor());
        let t = d10 - log_weight(z);
        if x * (4.0 - x) - 3.0 <= t {
            break z;
        }
        if x * (x - t) >= 1.0 {
            continue;
        }
        if 2.0 * x.ln() <= t {
            break z;
        }
    };
    if good > bad {
        z = m - z;
    }
    if m < sample {
        z = good - z;
    }
    z
}
