//! Discrete distributions of NumPy's `Generator` and `RandomState`, one draw per call; see [`super::continuous`] for the contract.

use std::hint::black_box;

use super::bits::BitSource;
use super::continuous::gamma;
use super::draws::Draws;

/// C's conversion to a 64-bit integer on x86-64: out of range and NaN give the smallest integer.
#[inline]
pub(super) fn to_i64(x: f64) -> i64 {
    if (-9.223_372_036_854_775_8e18..9.223_372_036_854_775_8e18).contains(&x) { x as i64 } else { i64::MIN }
}

/// `ln(Gamma(x))` by Stirling's series (S. Zhang and J. Jin, "Computation of Special Functions", 1996).
pub(super) fn log_gamma(x: f64) -> f64 {
    const SERIES: [f64; 10] = [
        8.333333333333333e-02,
        -2.777777777777778e-03,
        7.936507936507937e-04,
        -5.952380952380952e-04,
        8.417508417508418e-04,
        -1.917526917526918e-03,
        6.410256410256410e-03,
        -2.955065359477124e-02,
        1.796443723688307e-01,
        -1.39243221690590e+00,
    ];
    const LN_2_PI: f64 = 1.8378770664093453e+00;
    if x == 1.0 || x == 2.0 {
        return 0.0;
    }
    let n = if x < 7.0 { to_i64(7.0 - x) } else { 0 };
    let mut x0 = x + n as f64;
    let x2 = (1.0 / x0) * (1.0 / x0);
    let mut sum = SERIES[9];
    for &term in SERIES[..9].iter().rev() {
        sum *= x2;
        sum += term;
    }
    let mut out = sum / x0 + 0.5 * LN_2_PI + (x0 - 0.5) * x0.ln() - x0;
    if x < 7.0 {
        for _ in 0..n {
            out -= (x0 - 1.0).ln();
            x0 -= 1.0;
        }
    }
    out
}

/// Poisson: multiplication of uniforms below a mean of 10, Hörmann's transformed rejection (PTRS, 1993) above.
pub fn poisson<S: BitSource + ?Sized>(source: &mut S, lam: f64) -> i64 {
    if lam >= 10.0 {
        return poisson_rejection(source, lam);
    }
    if lam == 0.0 {
        return 0;
    }
    let limit = (-lam).exp();
    let mut count = 0;
    let mut product = 1.0;
    loop {
        product *= source.next_f64();
        if product > limit {
            count += 1;
        } else {
            return count;
        }
    }
}

fn poisson_rejection<S: BitSource + ?Sized>(source: &mut S, lam: f64) -> i64 {
    let root = lam.sqrt();
    let log_lam = lam.ln();
    let b = 0.931 + 2.53 * root;
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let v_r = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let u = source.next_f64() - 0.5;
        let v = source.next_f64();
        let us = 0.5 - u.abs();
        let k = to_i64(((2.0 * a / us + b) * u + lam + 0.43).floor());
        if us >= 0.07 && v <= v_r {
            return k;
        }
        if k < 0 || (us < 0.013 && v > us) {
            continue;
        }
        let left = v.ln() + inverse_alpha.ln() - (a / (us * us) + b).ln();
        if left <= -lam + k as f64 * log_lam - log_gamma(k as f64 + 1.0) {
            return k;
        }
    }
}

/// Negative binomial: a Poisson whose mean is a gamma.
pub fn negative_binomial<S: Draws + ?Sized>(source: &mut S, n: f64, p: f64) -> i64 {
    let mean = gamma(source, n, (1.0 - p) / p);
    poisson(source, mean)
}

/// The constants of a binomial for given `n` and `p`, so that many draws share them.
#[derive(Clone, Debug)]
pub struct Binomial {
    n: i64,
    p: f64,
    flipped: bool,
    method: Method,
}

#[derive(Clone, Debug)]
enum Method {
    Zero,
    Inversion { q: f64, start: f64, bound: i64 },
    Btpe(Box<Btpe>),
}

impl Binomial {
    /// The constants of `Generator.binomial`.
    pub fn new(n: i64, p: f64) -> Self {
        if n == 0 || p == 0.0 {
            return Binomial { n, p, flipped: false, method: Method::Zero };
        }
        Binomial::with_start(n, p, |n, p| (n * (-p).ln_1p()).exp())
    }

    /// The constants of `RandomState.binomial`, which draws for `n = 0` too and takes `ln(1 - p)` for `log1p(-p)`.
    pub fn legacy(n: i64, p: f64) -> Self {
        Binomial::with_start(n, p, |n, p| (n * (1.0 - p).ln()).exp())
    }

    fn with_start(n: i64, p: f64, start: impl Fn(f64, f64) -> f64) -> Self {
        let flipped = !(p <= 0.5);
        let p = if flipped { 1.0 - p } else { p };
        let method = if p * n as f64 <= 30.0 {
            let q = 1.0 - p;
            let mean = n as f64 * p;
            let limit = mean + 10.0 * (mean * q + 1.0).sqrt();
            let bound = if (n as f64) < limit { n } else { to_i64(limit) };
            Method::Inversion { q, start: start(n as f64, p), bound }
        } else {
            Method::Btpe(Box::new(Btpe::new(n, p)))
        };
        Binomial { n, p, flipped, method }
    }

    /// One draw.
    #[inline]
    pub fn draw<S: BitSource + ?Sized>(&self, source: &mut S) -> i64 {
        let out = match &self.method {
            Method::Zero => return 0,
            Method::Inversion { q, start, bound } => binomial_inversion(source, self.n, self.p, *q, *start, *bound),
            Method::Btpe(constants) => constants.draw(source, self.n),
        };
        if self.flipped { self.n - out } else { out }
    }
}

fn binomial_inversion<S: BitSource + ?Sized>(source: &mut S, n: i64, p: f64, q: f64, start: f64, bound: i64) -> i64 {
    let mut x = 0i64;
    let mut px = start;
    let mut u = source.next_f64();
    while u > px {
        x += 1;
        if x > bound {
            x = 0;
            px = start;
            u = source.next_f64();
        } else {
            u -= px;
            px = ((n - x + 1) as f64 * p * px) / (x as f64 * q);
        }
    }
    x
}

/// Constants of the algorithm BTPE (V. Kachitvichyanukul and B. W. Schmeiser, "Binomial Random Variate Generation",
/// Comm. ACM 31, 1988), named as in the paper.
#[derive(Clone, Debug)]
struct Btpe {
    r: f64,
    q: f64,
    m: i64,
    p1: f64,
    xm: f64,
    xl: f64,
    xr: f64,
    c: f64,
    laml: f64,
    lamr: f64,
    p2: f64,
    p3: f64,
    p4: f64,
}

impl Btpe {
    fn new(n: i64, p: f64) -> Self {
        let count = n as f64;
        let r = if p < 1.0 - p { p } else { 1.0 - p };
        let q = 1.0 - r;
        let fm = count * r + r;
        let m = to_i64(fm.floor());
        let p1 = (2.195 * (count * r * q).sqrt() - 4.6 * q).floor() + 0.5;
        let xm = m as f64 + 0.5;
        let xl = xm - p1;
        let xr = xm + p1;
        let c = 0.134 + 20.5 / (15.3 + m as f64);
        let a = (fm - xl) / (fm - xl * r);
        let laml = a * (1.0 + a / 2.0);
        let a = (xr - fm) / (xr * q);
        let lamr = a * (1.0 + a / 2.0);
        let p2 = p1 * (1.0 + 2.0 * c);
        let p3 = p2 + c / laml;
        let p4 = p3 + c / lamr;
        Btpe { r, q, m, p1, xm, xl, xr, c, laml, lamr, p2, p3, p4 }
    }

    fn draw<S: BitSource + ?Sized>(&self, source: &mut S, n: i64) -> i64 {
        let nrq = n as f64 * self.r * self.q;
        loop {
            let u = source.next_f64() * self.p4;
            let mut v = source.next_f64();
            let y;
            if u <= self.p1 {
                // The triangle: always accepted.
                return to_i64((self.xm - self.p1 * v + u).floor());
            } else if u <= self.p2 {
                // The parallelogram.
                let x = self.xl + (u - self.p1) / self.c;
                v = v * self.c + 1.0 - (self.m as f64 - x + 0.5).abs() / self.p1;
                if v > 1.0 {
                    continue;
                }
                y = to_i64(x.floor());
            } else if u <= self.p3 {
                // The left exponential tail.
                y = to_i64((self.xl + v.ln() / self.laml).floor());
                if y < 0 || v == 0.0 {
                    continue;
                }
                v = v * (u - self.p2) * self.laml;
            } else {
                // The right exponential tail.
                y = to_i64((self.xr - v.ln() / self.lamr).floor());
                if y > n || v == 0.0 {
                    continue;
                }
                v = v * (u - self.p3) * self.lamr;
            }
            if self.accepts(n, nrq, y, v) {
                return y;
            }
        }
    }

    fn accepts(&self, n: i64, nrq: f64, y: i64, v: f64) -> bool {
        let m = self.m;
        let k = (y - m).wrapping_abs();
        if !(k > 20 && (k as f64) < nrq / 2.0 - 1.0) {
            let s = self.r / self.q;
            let a = s * (n.wrapping_add(1)) as f64;
            let mut f = 1.0;
            for i in m + 1..=y {
                f *= a / i as f64 - s;
            }
            for i in y + 1..=m {
                f /= a / i as f64 - s;
            }
            return !(v > f);
        }
        let kf = k as f64;
        let rho = (kf / nrq) * ((kf * (kf / 3.0 + 0.625) + 0.16666666666666666) / nrq + 0.5);
        let t = (-k).wrapping_mul(k) as f64 / (2.0 * nrq);
        let a = v.ln();
        if a < t - rho {
            return true;
        }
        if a > t + rho {
            return false;
        }
        let x1 = y as f64 + 1.0;
        let f1 = m as f64 + 1.0;
        let z = n as f64 + 1.0 - m as f64;
        let w = n as f64 - y as f64 + 1.0;
        let stirling = |x: f64| {
            let x2 = x * x;
            (13680.0 - (462.0 - (132.0 - (99.0 - 140.0 / x2) / x2) / x2) / x2) / x / 166320.0
        };
        let limit = self.xm * (f1 / x1).ln()
            + ((n - m) as f64 + 0.5) * (z / w).ln()
            + (y - m) as f64 * (w * self.r / (x1 * self.q)).ln()
            + stirling(f1)
            + stirling(z)
            + stirling(x1)
            + stirling(w);
        !(a > limit)
    }
}

/// Logarithmic series.
pub fn logseries<S: Draws + ?Sized>(source: &mut S, p: f64) -> i64 {
    let r = if S::FROZEN { (1.0 - p).ln() } else { (-p).ln_1p() };
    loop {
        let v = source.next_f64();
        if v >= p {
            return 1;
        }
        // 1 - (1 - p)^u
        let exponent = r * source.next_f64();
        let q = if S::FROZEN { 1.0 - exponent.exp() } else { -exponent.exp_m1() };
        if v <= q * q {
            let out = to_i64((1.0 + v.ln() / q.ln()).floor());
            if out < 1 || v == 0.0 {
                continue;
            }
            return out;
        }
        return if v >= q { 1 } else { 2 };
    }
}

/// The probability from which the geometric distribution is searched instead of inverted.
const GEOMETRIC_SEARCH: f64 = 0.333_333_333_333_333_333_333_333;

/// Geometric by search, for large probabilities.
fn geometric_search<S: BitSource + ?Sized>(source: &mut S, p: f64) -> i64 {
    let q = 1.0 - p;
    let (mut sum, mut product) = (p, p);
    let mut x = 1;
    let u = source.next_f64();
    while u > sum {
        product *= q;
        sum += product;
        x += 1;
    }
    x
}

/// Geometric: the number of trials up to the first success.
pub fn geometric<S: Draws + ?Sized>(source: &mut S, p: f64) -> i64 {
    if p >= GEOMETRIC_SEARCH {
        return geometric_search(source, p);
    }
    if S::FROZEN {
        return to_i64(((-source.next_f64()).ln_1p() / (1.0 - p).ln()).ceil());
    }
    let z = (-source.exponential() / (-p).ln_1p()).ceil();
    if z >= 9.223_372_036_854_776e18 { i64::MAX } else { to_i64(z) }
}

/// Zipf by rejection, cut off at the largest integer.
pub fn zipf<S: Draws + ?Sized>(source: &mut S, a: f64) -> i64 {
    if a >= 1025.0 && !S::FROZEN {
        return 1; // a larger value has a probability below 3e-309
    }
    let a_minus_1 = a - 1.0;
    // The optimiser must not turn this into `exp2`, which rounds differently.
    let b = black_box(2.0f64).powf(a_minus_1);
    let u_min = (i64::MAX as f64).powf(-a_minus_1);
    loop {
        let u01 = source.next_f64();
        let u = if S::FROZEN { 1.0 - u01 } else { u01 * u_min + (1.0 - u01) };
        let v = source.next_f64();
        let x = u.powf(-1.0 / a_minus_1).floor();
        if x > i64::MAX as f64 || x < 1.0 {
            continue;
        }
        let t = (1.0 + 1.0 / x).powf(a_minus_1);
        if v * x * (t - 1.0) / (b - 1.0) <= t / b {
            // 2^63 itself passes the test above; C converts it to the smallest integer.
            return to_i64(x);
        }
    }
}

/// Multinomial: successive binomials over `pvals`, whose last entry takes the rest. `out` must be zero.
pub fn multinomial<S: BitSource + ?Sized>(source: &mut S, n: i64, pvals: &[f64], out: &mut [i64], binomial: impl Fn(i64, f64) -> Binomial) {
    let Some((last, rest)) = out.split_last_mut() else { return };
    let mut remaining_p = 1.0;
    let mut remaining = n;
    for (slot, &p) in rest.iter_mut().zip(pvals) {
        *slot = binomial(remaining, p / remaining_p).draw(source);
        remaining -= *slot;
        if remaining <= 0 {
            break;
        }
        remaining_p -= p;
    }
    if remaining > 0 {
        *last = remaining;
    }
}
