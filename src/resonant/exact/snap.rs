//! The nearest lattice point: integers `a`, `b` of bounded size that bring `a + b phi` closest to a double.
//!
//! For fixed `b` the best `a` is a rounding, so the points to choose from are the multiples of phi modulo one, and the
//! three-gap theorem says how far the nearest can be: among `N` consecutive multiples no gap exceeds phi^-(k-2), with
//! F(k) the largest Fibonacci number up to `N`. In the plane of (distance, b) this leaves a box of bounded area, and the
//! vectors `F(j+1) - F(j) phi` of length phi^-j form a basis that fits its shape: whatever the bound, a handful of
//! candidates are the only lattice points inside. They are compared in twice the precision and, when that cannot
//! decide, exactly.

use num_bigint::BigInt;

use super::float::{times_phi, two_sum};
use super::golden::Golden;
use crate::constants::PHI;
use crate::error::{Error, Result};

/// The largest bound that is accepted: beyond it the lattice is finer than doubles are.
pub const MAX_PRECISION: u64 = 1 << 52;

/// What to do with NaN and infinities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nonfinite {
    /// An error.
    #[default]
    Error,
    /// They become zero.
    Zero,
    /// Infinities become the largest doubles, NaN becomes zero.
    Saturate,
}

impl Nonfinite {
    /// The policy of that name.
    ///
    /// # Errors
    /// [`Error::Value`] for other names.
    pub fn from_name(name: &str) -> Result<Nonfinite> {
        match name {
            "error" => Ok(Nonfinite::Error),
            "zero" => Ok(Nonfinite::Zero),
            "saturate" => Ok(Nonfinite::Saturate),
            _ => Err(Error::value("nonfinite", format!("{name:?} is not one of \"error\", \"zero\", \"saturate\""))),
        }
    }

    /// The finite number that stands for `x`.
    ///
    /// # Errors
    /// [`Error::Value`] if the policy is to fail.
    pub fn apply(self, op: &'static str, x: f64) -> Result<f64> {
        match self {
            _ if x.is_finite() => Ok(x),
            Nonfinite::Error => Err(Error::value(op, format!("{x} has no nearest lattice point; pass nonfinite=\"zero\" or \"saturate\""))),
            Nonfinite::Saturate if !x.is_nan() => Ok(f64::MAX.copysign(x)),
            _ => Ok(0.0),
        }
    }
}

/// Checks a coefficient bound.
///
/// # Errors
/// [`Error::Value`] outside `1..=2^52`.
pub fn check_precision(op: &'static str, p: i64) -> Result<u64> {
    match u64::try_from(p) {
        Ok(p @ 1..=MAX_PRECISION) => Ok(p),
        _ => Err(Error::value(op, format!("precision is a bound on the coefficients, from 1 to 2^52, not {p}"))),
    }
}

/// The element of Z[phi] nearest to the finite number `x`, with coefficients up to `p` in magnitude.
///
/// If `|x| > p/2`, the bound on the integer part holds relative to `x`: `a` lies within `p` of zero or of `x` rounded.
/// Ties go to the smaller value in magnitude, so the function is odd.
pub fn nearest(x: f64, p: u64) -> Golden {
    debug_assert!(x.is_finite() && (1..=MAX_PRECISION).contains(&p));
    let n = x.round();
    if n.abs() >= 9_007_199_254_740_992.0 {
        // An integer already.
        return Golden::from_f64(x).unwrap_or(Golden::ZERO);
    }
    let bound = p as i64;
    let (n, f) = (n as i64, x - n);
    // Relative to n the coefficient of one is within `bound`, or within it of zero.
    let target = Target { n, f };
    let mut best = None;
    if x.abs() <= p as f64 / 2.0 {
        target.search(-bound - n, bound - n, bound, &mut best);
    } else {
        target.search(-bound, bound, bound, &mut best);
        target.search(-bound - n, bound - n, bound, &mut best);
    }
    let (a, b) = best.map_or((0, 0), |p| (p.a, p.b));
    Golden::new(a.saturating_add(n), b)
}

/// An upper bound of `|nearest(x, p) - x|` for `|x| <= X`, or `None` where no bound is proved (`p < X + 1/2`).
///
/// With B = floor((P - X - 1/2)/phi) the multiples b phi, |b| <= B, are all within reach; the nearest of these 2B + 1
/// is within half the widest gap, phi^-(k-2)/2 with F(k) <= 2B + 1 < F(k+1).
pub fn error_bound(p: u64, x: f64) -> Option<f64> {
    let room = p as f64 - x - 0.5;
    if room < 0.0 {
        return None;
    }
    let reach = (room / PHI).floor() as u64;
    Some(half_gap(2 * reach + 1))
}

/// The smallest non-zero magnitude on the lattice: phi^-(k-1) with F(k) the largest Fibonacci number up to `p`.
pub fn resolution(p: u64) -> f64 {
    power(largest_fibonacci(p).0 - 1)
}

fn half_gap(count: u64) -> f64 {
    0.5 * power(largest_fibonacci(count).0 - 2)
}

/// phi^-k.
fn power(k: i32) -> f64 {
    PHI.powi(-k)
}

/// The largest `k` with F(k) <= n, and F(k).
fn largest_fibonacci(n: u64) -> (i32, u64) {
    let (mut k, mut f, mut next) = (2, 1u64, 2u64);
    while next <= n {
        (f, next) = (next, f + next);
        k += 1;
    }
    (k, f)
}

/// The number that is approached, as the integer `n` and the rest `f`, at most a half in magnitude.
#[derive(Clone, Copy)]
struct Target {
    n: i64,
    f: f64,
}

/// A candidate `n + a + b phi` and its distance, as an unevaluated sum.
#[derive(Clone, Copy)]
struct Point {
    a: i64,
    b: i64,
    high: f64,
    low: f64,
}

impl Target {
    #[inline]
    fn point(self, a: i64, b: i64) -> Point {
        let (p, e) = times_phi(b as f64);
        let (s, t) = two_sum(a as f64, p);
        let (s, u) = two_sum(s, -self.f);
        let (high, low) = two_sum(s, t + u + e);
        Point { a, b, high, low }
    }

    /// The point of that `b` that comes closest.
    #[inline]
    fn at(self, b: i64) -> Point {
        let p = self.point(0, b);
        let a = -(p.high + p.low).round();
        self.point(a as i64, b)
    }

    fn consider(self, point: Point, best: &mut Option<Point>) {
        if best.is_none_or(|old| self.closer(point, old)) {
            *best = Some(point);
        }
    }

    fn closer(self, new: Point, old: Point) -> bool {
        let difference = (new.high.abs() - old.high.abs()) + (new.low * new.high.signum() - old.low * old.high.signum());
        let doubt = (new.b.unsigned_abs().max(old.b.unsigned_abs()) as f64 + 1.0) * 1e-29 + (new.low.abs() + old.low.abs()) * 1e-15;
        if difference.abs() > doubt {
            return difference < 0.0;
        }
        if (new.a, new.b) == (old.a, old.b) {
            return false;
        }
        self.closer_exactly(new, old)
    }

    #[cold]
    fn closer_exactly(self, new: Point, old: Point) -> bool {
        let value = |p: Point| Golden::integers(BigInt::from(self.n) + p.a, p.b.into());
        let x = &Golden::from(self.n) + &Golden::from_f64(self.f).unwrap_or(Golden::ZERO);
        let (new, old) = (value(new), value(old));
        let distance = |v: &Golden| (v - &x).abs();
        match distance(&new).cmp(&distance(&old)) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => new.abs() < old.abs(),
        }
    }

    /// Looks through all `b` within `bound` for which an `a` in `low..=high` exists.
    fn search(self, low: i64, high: i64, bound: i64, best: &mut Option<Point>) {
        // `a` is within a half of f - b phi: these are all b that can do, and a few more.
        let first = ((self.f - high as f64 - 0.5) / PHI).floor().max(-(bound as f64)) as i64;
        let last = ((self.f - low as f64 + 0.5) / PHI).ceil().min(bound as f64) as i64;
        let inside = |p: Point| (low..=high).contains(&p.a) && (-bound..=bound).contains(&p.b);
        if last - first < 24 {
            for b in first..=last {
                let p = self.at(b);
                if inside(p) {
                    self.consider(p, best);
                }
            }
            return;
        }
        self.enumerate(first, last, inside, best);
    }

    fn enumerate(self, first: i64, last: i64, inside: impl Fn(Point) -> bool, best: &mut Option<Point>) {
        // Two at each end may have no `a`; the rest are consecutive multiples that all do.
        let (k, _) = largest_fibonacci((last - first - 3) as u64);
        let reach = 0.5 * power(k - 2) * (1.0 + 1e-9);
        let j = k - 1;
        let basis = Basis::new(j);
        // The point in the middle of the strip, moved close to the line by whole basis vectors.
        let mut centre = self.at(first + (last - first) / 2);
        for _ in 0..3 {
            let (m, n) = basis.coordinates(-(centre.high + centre.low), ((first + (last - first) / 2) - centre.b) as f64);
            let (m, n) = (m.round() as i64, n.round() as i64);
            if m == 0 && n == 0 {
                break;
            }
            centre = self.point(centre.a.saturating_add(basis.a(m, n)), centre.b.saturating_add(basis.b(m, n)));
        }
        let u = centre.high + centre.low;
        let (du, db) = ((-u - reach, -u + reach), ((first - centre.b) as f64, (last - centre.b) as f64));
        let corners = [(du.0, db.0), (du.0, db.1), (du.1, db.0), (du.1, db.1)].map(|(u, b)| basis.coordinates(u, b).1);
        let least = corners.iter().copied().fold(f64::INFINITY, f64::min) - 1e-3;
        let most = corners.iter().copied().fold(f64::NEG_INFINITY, f64::max) + 1e-3;
        for n in least.ceil() as i64..=most.floor() as i64 {
            // m from the distance, s (m step - n next) in du, and from b, m f + n g in db.
            let along = n as f64 * basis.next;
            let (x, y) = (basis.sign * du.0, basis.sign * du.1);
            let by_distance = ((x.min(y) + along) / basis.step, (x.max(y) + along) / basis.step);
            let across = n as f64 * basis.g as f64;
            let by_index = ((db.0 - across) / basis.f as f64, (db.1 - across) / basis.f as f64);
            let from = (by_distance.0.max(by_index.0) - 1e-3).ceil() as i64;
            let to = (by_distance.1.min(by_index.1) + 1e-3).floor() as i64;
            for m in from..=to {
                let p = self.point(centre.a.saturating_add(basis.a(m, n)), centre.b.saturating_add(basis.b(m, n)));
                if inside(p) {
                    self.consider(p, best);
                }
            }
        }
    }
}

/// Two neighbouring vectors `F(j) phi - F(j+1)`, whose values are phi^-j with alternating sign.
struct Basis {
    /// F(j), F(j+1), F(j+2).
    f: i64,
    g: i64,
    h: i64,
    /// phi^-j, phi^-(j+1) and the sign of the first.
    step: f64,
    next: f64,
    sign: f64,
}

/// A coefficient as an `i64`; one that is none lies beyond every bound, and its nearest `i64` does too.
fn bounded(coefficient: i128) -> i64 {
    coefficient.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

impl Basis {
    fn new(j: i32) -> Basis {
        let (mut f, mut g) = (0i64, 1i64);
        for _ in 0..j {
            (f, g) = (g, f + g);
        }
        Basis { f, g, h: f + g, step: power(j), next: power(j + 1), sign: if j % 2 == 0 { -1.0 } else { 1.0 } }
    }

    /// Real `(m, n)` with the given change of distance and of `b`; the determinant of the basis is `sign`.
    fn coordinates(&self, du: f64, db: f64) -> (f64, f64) {
        let du = self.sign * du;
        (self.g as f64 * du + self.next * db, self.step * db - self.f as f64 * du)
    }

    fn a(&self, m: i64, n: i64) -> i64 {
        bounded(-(i128::from(m) * i128::from(self.g) + i128::from(n) * i128::from(self.h)))
    }

    fn b(&self, m: i64, n: i64) -> i64 {
        bounded(i128::from(m) * i128::from(self.f) + i128::from(n) * i128::from(self.g))
    }
}
