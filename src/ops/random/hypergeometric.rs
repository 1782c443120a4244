//! Draws without replacement: the hypergeometric distribution and its multivariate form.

use super::bits::BitSource;
use super::bounded::interval;
use super::discrete::to_i64;
use super::tables;

/// `2 sqrt(2/e)`, of the ratio-of-uniforms method.
pub(super) const D1: f64 = 1.7155277699214135;
/// `3 - 2 sqrt(3/e)`.
pub(super) const D2: f64 = 0.8989161620588988;

/// `ln(k!)` from a table up to 125 and Stirling's series above.
fn log_factorial(k: i64) -> f64 {
    if let Some(&bits) = usize::try_from(k).ok().and_then(|k| tables::LOG_FACTORIAL.get(k)) {
        return f64::from_bits(bits);
    }
    const HALF_LN_2_PI: f64 = 0.9189385332046728;
    let x = k as f64;
    (x + 0.5) * x.ln() - x + (HALF_LN_2_PI + (1.0 / x) * (1.0 / 12.0 - 1.0 / (360.0 * x * x)))
}

/// The number of good items among `sample` drawn from `good + bad` without replacement.
pub fn hypergeometric<S: BitSource + ?Sized>(source: &mut S, good: i64, bad: i64, sample: i64) -> i64 {
    if sample >= 10 && sample <= good + bad - 10 {
        ratio_of_uniforms(source, good, bad, sample)
    } else {
        one_by_one(source, good, bad, sample)
    }
}

fn one_by_one<S: BitSource + ?Sized>(source: &mut S, good: i64, bad: i64, sample: i64) -> i64 {
    let total = good + bad;
    let complement = sample > total / 2;
    let mut todo = if complement { total - sample } else { sample };
    let mut remaining = total;
    let mut remaining_good = good;
    while todo > 0 && remaining_good > 0 && remaining > remaining_good {
        remaining -= 1;
        if (interval(source, remaining as u64) as i64) < remaining_good {
            remaining_good -= 1;
        }
        todo -= 1;
    }
    if remaining == remaining_good {
        remaining_good -= todo;
    }
    if complement { remaining_good } else { good - remaining_good }
}

/// E. Stadlober, "The Ratio of Uniforms Approach for Generating Discrete Random Variates" (1989), algorithm HRUA.
fn ratio_of_uniforms<S: BitSource + ?Sized>(source: &mut S, good: i64, bad: i64, sample: i64) -> i64 {
    let total = good + bad;
    let drawn = sample.min(total - sample);
    let fewer = good.min(bad);
    let more = good.max(bad);
    let p = fewer as f64 / total as f64;
    let q = more as f64 / total as f64;
    let a = drawn as f64 * p + 0.5;
    let variance = (total - drawn) as f64 * drawn as f64 * p * q / (total - 1) as f64;
    let c = (variance + 0.5).sqrt();
    let h = D1 * c + D2;
    let mode = to_i64(((drawn + 1) as f64 * (fewer + 1) as f64 / (total + 2) as f64).floor());
    let log_weight = |k: i64| log_factorial(k) + log_factorial(fewer - k) + log_factorial(drawn - k) + log_factorial(more - drawn + k);
    let g = log_weight(mode);
    let first = (drawn.min(fewer) + 1) as f64;
    let second = (a + 16.0 * c).floor();
    let bound = if first < second { first } else { second };
    let mut k = loop {
        let u = source.next_f64();
        let v = source.next_f64();
        let x = a + h * (v - 0.5) / u;
        if x < 0.0 || x >= bound {
            continue;
        }
        let k = to_i64(x.floor());
        let t = g - log_weight(k);
        if u * (4.0 - u) - 3.0 <= t {
            break k;
        }
        if u * (u - t) >= 1.0 {
            continue;
        }
        if 2.0 * u.ln() <= t {
            break k;
        }
    };
    if good > bad {
        k = drawn - k;
    }
    if drawn < sample {
        k = good - k;
    }
    k
}

/// Multivariate hypergeometric by successive hypergeometrics. `out` holds one zeroed row per variate.
pub fn multivariate_marginals<S: BitSource + ?Sized>(source: &mut S, total: i64, colors: &[i64], sample: i64, out: &mut [i64]) {
    if total == 0 || sample == 0 || colors.is_empty() {
        return;
    }
    let complement = sample > total / 2;
    let sample = if complement { total - sample } else { sample };
    for row in out.chunks_exact_mut(colors.len()) {
        let mut todo = sample;
        let mut remaining = total;
        for (j, &color) in colors[..colors.len() - 1].iter().enumerate() {
            if todo <= 0 {
                break;
            }
            remaining -= color;
            row[j] = hypergeometric(source, color, remaining, todo);
            todo -= row[j];
        }
        if todo > 0 {
            row[colors.len() - 1] = todo;
        }
        if complement {
            row.iter_mut().zip(colors).for_each(|(slot, color)| *slot = color - *slot);
        }
    }
}

/// Multivariate hypergeometric by shuffling the items themselves; `choices` is one entry (its color) per item.
pub fn multivariate_count<S: BitSource + ?Sized>(source: &mut S, choices: &mut [usize], colors: &[i64], sample: i64, out: &mut [i64]) {
    let total = choices.len() as i64;
    if total == 0 || sample == 0 || colors.is_empty() {
        return;
    }
    let complement = sample > total / 2;
    let sample = if complement { total - sample } else { sample };
    for row in out.chunks_exact_mut(colors.len()) {
        for j in 0..sample as usize {
            let k = j + interval(source, (choices.len() - j - 1) as u64) as usize;
            choices.swap(k, j);
        }
        for &color in &choices[..sample as usize] {
            row[color] += 1;
        }
        if complement {
            row.iter_mut().zip(colors).for_each(|(slot, color)| *slot = color - *slot);
        }
    }
}
