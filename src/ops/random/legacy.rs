//! What only NumPy's `RandomState` has: its normal and exponential numbers and its hypergeometric distribution.

use super::State;
use super::bits::BitSource;
use super::discrete::{log_gamma, to_i64};
use super::draws::Draws;
use super::hypergeometric::{D1, D2};

/// A bit source together with the second number of its last polar pair.
pub struct Legacy<'a> {
    /// The source.
    pub state: &'a mut State,
    /// The stored normal number, if any.
    pub gauss: &'a mut Option<f64>,
}

impl BitSource for Legacy<'_> {
    #[inline]
    fn next_u64(&mut self) -> u64 {
        self.state.next_u64()
    }

    #[inline]
    fn next_u32(&mut self) -> u32 {
        self.state.next_u32()
    }

    #[inline]
    fn next_f64(&mut self) -> f64 {
        self.state.next_f64()
    }
}

impl Draws for Legacy<'_> {
    const FROZEN: bool = true;

    /// By the polar method, two at a time.
    #[inline]
    fn normal(&mut self) -> f64 {
        if let Some(stored) = self.gauss.take() {
            return stored;
        }
        let (first, second) = polar_pair(self);
        *self.gauss = Some(second);
        first
    }

    /// By inversion.
    #[inline]
    fn exponential(&mut self) -> f64 {
        -(1.0 - self.next_f64()).ln()
    }
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
