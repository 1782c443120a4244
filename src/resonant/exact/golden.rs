//! [`Golden`]: a number `(a + b phi) / d` with integers of any size, in lowest terms.
//!
//! Coefficients below 2^62 are held in place and multiplied in 128 bits; anything larger moves to big integers by
//! itself and comes back when it fits. No operation wraps and none loses a digit.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU64;
use std::ops::{Add, Mul, Neg, Sub};

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use crate::error::{Error, Result};

/// Coefficients of the small form lie strictly below this in magnitude: sums of three products fit 127 bits.
const SMALL: i128 = 1 << 62;
const ONE: NonZeroU64 = NonZeroU64::MIN;

/// An element of Q(phi), the field of the golden ratio phi = (1 + sqrt 5)/2, a root of x^2 = x + 1.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Golden(Repr);

// The small form is used whenever the numbers fit, so equal values have equal representations.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Small { a: i64, b: i64, d: NonZeroU64 },
    Big(Box<Wide>),
}

/// The parts as big integers: `(a + b phi) / d` with `d > 0`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wide {
    /// The rational part's numerator over the common denominator.
    pub a: BigInt,
    /// The numerator of phi's coefficient over the common denominator.
    pub b: BigInt,
    /// The common denominator, positive, without a factor common to both numerators.
    pub d: BigInt,
}

fn fits(v: i128) -> bool {
    v.unsigned_abs() < SMALL as u128
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// floor(sqrt(n)).
fn root(n: u128) -> u128 {
    n.isqrt()
}

impl Golden {
    /// Zero.
    pub const ZERO: Golden = Golden(Repr::Small { a: 0, b: 0, d: ONE });
    /// One.
    pub const ONE: Golden = Golden(Repr::Small { a: 1, b: 0, d: ONE });
    /// The golden ratio.
    pub const PHI: Golden = Golden(Repr::Small { a: 0, b: 1, d: ONE });
    /// 1/phi = phi - 1.
    pub const PHI_INV: Golden = Golden(Repr::Small { a: -1, b: 1, d: ONE });
    /// sqrt 5 = 2 phi - 1.
    pub const ROOT_FIVE: Golden = Golden(Repr::Small { a: -1, b: 2, d: ONE });

    /// `a + b phi`.
    #[inline]
    pub fn new(a: i64, b: i64) -> Golden {
        Golden::reduced(i128::from(a), i128::from(b), 1)
    }

    /// `a + b phi` with integers of any size.
    pub fn integers(a: BigInt, b: BigInt) -> Golden {
        Golden::shrink(Wide { a, b, d: BigInt::one() })
    }

    /// `(a + b phi) / d`.
    ///
    /// # Errors
    /// [`Error::ZeroDivision`] for a zero denominator.
    pub fn fraction(a: BigInt, b: BigInt, d: BigInt) -> Result<Golden> {
        if d.is_zero() {
            return Err(Error::ZeroDivision { op: "GoldenExact" });
        }
        Ok(Golden::lowest(a, b, d))
    }

    /// `p/q + (r/s) phi`.
    ///
    /// # Errors
    /// [`Error::ZeroDivision`] for a zero denominator.
    pub fn from_pairs((p, q): (BigInt, BigInt), (r, s): (BigInt, BigInt)) -> Result<Golden> {
        Golden::fraction(&p * &s, r * &q, q * s)
    }

    /// The exact value of a finite double.
    pub fn from_f64(x: f64) -> Option<Golden> {
        if !x.is_finite() {
            return None;
        }
        let bits = x.to_bits();
        let field = (bits >> 52) & 0x7ff;
        let mantissa = if field == 0 { bits & ((1 << 52) - 1) } else { (bits & ((1 << 52) - 1)) | 1 << 52 };
        if mantissa == 0 {
            return Some(Golden::ZERO);
        }
        let zeros = mantissa.trailing_zeros();
        let exponent = field.max(1) as i32 - 1075 + zeros as i32;
        let magnitude = (mantissa >> zeros) as i64;
        let a = if x < 0.0 { -magnitude } else { magnitude };
        Some(match exponent {
            e @ 0.. if (64 - magnitude.leading_zeros()) as i32 + e < 62 => Golden::reduced(i128::from(a) << e, 0, 1),
            e @ 0.. => Golden::integers(BigInt::from(a) << e as usize, BigInt::zero()),
            e @ -61..0 => Golden::reduced(i128::from(a), 0, 1 << -e),
            e => Golden::shrink(Wide { a: BigInt::from(a), b: BigInt::zero(), d: BigInt::one() << (-e) as usize }),
        })
    }

    /// phi^n = F(n-1) + F(n) phi, for any `n`.
    pub fn phi_power(n: i64) -> Golden {
        let (f, next) = fibonacci_pair(n.unsigned_abs());
        // F(n) and F(n-1) for |n|; phi^-n is the conjugate up to sign, which gives F(-n) = (-1)^(n+1) F(n).
        let (a, b) = (&next - &f, f);
        if n >= 0 {
            return Golden::integers(a, b);
        }
        if n % 2 == 0 { Golden::integers(next, -b) } else { Golden::integers(-next, b) }
    }

    #[inline]
    fn reduced(mut a: i128, mut b: i128, mut d: i128) -> Golden {
        if d != 1 {
            let g = gcd(gcd(a.unsigned_abs(), b.unsigned_abs()), d.unsigned_abs()) as i128;
            (a, b, d) = (a / g, b / g, d / g);
        }
        if fits(a) && fits(b) && fits(d) {
            return Golden(Repr::Small { a: a as i64, b: b as i64, d: NonZeroU64::new(d as u64).unwrap_or(ONE) });
        }
        Golden(Repr::Big(Box::new(Wide { a: a.into(), b: b.into(), d: d.into() })))
    }

    fn lowest(mut a: BigInt, mut b: BigInt, mut d: BigInt) -> Golden {
        let mut g = a.gcd(&b).gcd(&d);
        if d.sign() == Sign::Minus {
            g = -g;
        }
        if !g.is_one() {
            a /= &g;
            b /= &g;
            d /= &g;
        }
        Golden::shrink(Wide { a, b, d })
    }

    /// Back to the small form if everything fits; the parts are in lowest terms already.
    fn shrink(w: Wide) -> Golden {
        let small = |v: &BigInt| i64::try_from(v).ok().filter(|&v| fits(i128::from(v)));
        if let (Some(a), Some(b), Some(d)) = (small(&w.a), small(&w.b), small(&w.d)) {
            return Golden(Repr::Small { a, b, d: NonZeroU64::new(d as u64).unwrap_or(ONE) });
        }
        Golden(Repr::Big(Box::new(w)))
    }

    /// `(a, b, d)` if all parts are below 2^62.
    #[inline]
    pub fn small(&self) -> Option<(i64, i64, u64)> {
        match &self.0 {
            Repr::Small { a, b, d } => Some((*a, *b, d.get())),
            Repr::Big(_) => None,
        }
    }

    /// `(a, b)` if the number is an element of Z[phi] with coefficients below 2^62.
    #[inline]
    pub fn small_integers(&self) -> Option<(i64, i64)> {
        match &self.0 {
            Repr::Small { a, b, d } if *d == ONE => Some((*a, *b)),
            _ => None,
        }
    }

    /// The parts as big integers.
    pub fn wide(&self) -> Wide {
        match &self.0 {
            Repr::Small { a, b, d } => Wide { a: (*a).into(), b: (*b).into(), d: d.get().into() },
            Repr::Big(w) => (**w).clone(),
        }
    }

    /// The rational part as numerator and denominator in lowest terms.
    pub fn rational_part(&self) -> (BigInt, BigInt) {
        let w = self.wide();
        lowest_fraction(w.a, w.d)
    }

    /// The coefficient of phi as numerator and denominator in lowest terms.
    pub fn phi_part(&self) -> (BigInt, BigInt) {
        let w = self.wide();
        lowest_fraction(w.b, w.d)
    }

    /// Whether the coefficient of phi is zero.
    pub fn is_rational(&self) -> bool {
        match &self.0 {
            Repr::Small { b, .. } => *b == 0,
            Repr::Big(w) => w.b.is_zero(),
        }
    }

    /// Whether the rational part is zero.
    pub fn is_golden_multiple(&self) -> bool {
        match &self.0 {
            Repr::Small { a, .. } => *a == 0,
            Repr::Big(w) => w.a.is_zero(),
        }
    }

    /// Whether both coefficients are integers, so that the number lies in Z[phi].
    pub fn is_integral(&self) -> bool {
        match &self.0 {
            Repr::Small { d, .. } => *d == ONE,
            Repr::Big(w) => w.d.is_one(),
        }
    }

    /// Whether the number is zero.
    #[inline]
    pub fn is_zero(&self) -> bool {
        matches!(&self.0, Repr::Small { a: 0, b: 0, .. })
    }

    /// Bits of the largest of the three parts.
    pub fn bits(&self) -> u64 {
        match &self.0 {
            Repr::Small { a, b, d } => u64::from(64 - (a.unsigned_abs() | b.unsigned_abs() | (d.get() - 1)).leading_zeros()),
            Repr::Big(w) => w.a.bits().max(w.b.bits()).max(w.d.bits()),
        }
    }

    /// The Galois conjugate, which sends phi to 1 - phi: `(a + b) - b phi`.
    pub fn conjugate(&self) -> Golden {
        match &self.0 {
            Repr::Small { a, b, d } => Golden::reduced(i128::from(*a) + i128::from(*b), -i128::from(*b), i128::from(d.get())),
            Repr::Big(w) => Golden::lowest(&w.a + &w.b, -&w.b, w.d.clone()),
        }
    }

    /// The field norm `a^2 + a b - b^2`, a rational number: the product with the conjugate.
    pub fn norm(&self) -> Golden {
        self * &self.conjugate()
    }

    /// The field trace `2 a + b`, a rational number: the sum with the conjugate.
    pub fn trace(&self) -> Golden {
        self + &self.conjugate()
    }

    /// 1/x = conjugate / norm.
    ///
    /// # Errors
    /// [`Error::ZeroDivision`] for zero.
    pub fn recip(&self) -> Result<Golden> {
        if self.is_zero() {
            return Err(Error::ZeroDivision { op: "reciprocal" });
        }
        // (a + b phi)/d has the inverse d (a + b - b phi) / (a^2 + ab - b^2).
        let w = self.wide();
        let norm = &w.a * (&w.a + &w.b) - &w.b * &w.b;
        Ok(Golden::lowest((&w.a + &w.b) * &w.d, -&w.b * &w.d, norm))
    }

    /// The quotient.
    ///
    /// # Errors
    /// [`Error::ZeroDivision`] for a zero divisor.
    pub fn checked_div(&self, other: &Golden) -> Result<Golden> {
        if other.is_zero() {
            return Err(Error::ZeroDivision { op: "division" });
        }
        Ok(self * &other.recip()?)
    }

    /// The number raised to an integer power.
    ///
    /// # Errors
    /// [`Error::ZeroDivision`] for a negative power of zero.
    pub fn pow(&self, n: i64) -> Result<Golden> {
        let mut base = if n < 0 { self.recip()? } else { self.clone() };
        let mut left = n.unsigned_abs();
        let mut out = Golden::ONE;
        while left > 0 {
            if left & 1 == 1 {
                out = &out * &base;
            }
            left >>= 1;
            if left > 0 {
                base = &base * &base;
            }
        }
        Ok(out)
    }

    /// Multiplied by phi: (a, b) becomes (b, a + b).
    pub fn mul_phi(&self) -> Golden {
        match &self.0 {
            Repr::Small { a, b, d } => Golden::reduced(i128::from(*b), i128::from(*a) + i128::from(*b), i128::from(d.get())),
            Repr::Big(w) => Golden::lowest(w.b.clone(), &w.a + &w.b, w.d.clone()),
        }
    }

    /// Divided by phi: (a, b) becomes (b - a, a).
    pub fn div_phi(&self) -> Golden {
        match &self.0 {
            Repr::Small { a, b, d } => Golden::reduced(i128::from(*b) - i128::from(*a), i128::from(*a), i128::from(d.get())),
            Repr::Big(w) => Golden::lowest(&w.b - &w.a, w.a.clone(), w.d.clone()),
        }
    }

    /// The sign of the value: -1, 0 or 1, decided in integers.
    pub fn signum(&self) -> i32 {
        // 2 d x = p + q sqrt 5 with p = 2a + b and q = b.
        match &self.0 {
            Repr::Small { a, b, .. } => {
                let (p, q) = (2 * i128::from(*a) + i128::from(*b), i128::from(*b));
                if p.signum() * q.signum() >= 0 {
                    return (p.signum() + q.signum()).signum() as i32;
                }
                // |p| < 3 * 2^62, so the square fits 128 bits without a sign.
                match p.unsigned_abs().pow(2).cmp(&(5 * q.unsigned_abs().pow(2))) {
                    Ordering::Greater => p.signum() as i32,
                    _ => q.signum() as i32,
                }
            }
            Repr::Big(w) => {
                let p: BigInt = &w.a * 2 + &w.b;
                let (sp, sq) = (sign(&p), sign(&w.b));
                if sp * sq >= 0 {
                    return (sp + sq).signum();
                }
                if &p * &p > &w.b * &w.b * 5 { sp } else { sq }
            }
        }
    }

    /// The absolute value.
    pub fn abs(&self) -> Golden {
        if self.signum() < 0 { -self } else { self.clone() }
    }

    /// The largest integer that is not greater.
    pub fn floor(&self) -> BigInt {
        if let Repr::Small { a, b, d } = &self.0 {
            let (p, q) = (2 * i128::from(*a) + i128::from(*b), i128::from(*b));
            let r = root(5 * q.unsigned_abs().pow(2)) as i128;
            // sqrt(5 q^2) is irrational unless q is zero, so its ceiling is one more than its floor.
            let top = match q.signum() {
                1 => p + r,
                -1 => p - r - 1,
                _ => p,
            };
            return top.div_euclid(2 * i128::from(d.get())).into();
        }
        let w = self.wide();
        let (top, _) = scaled_floor(&w, 0);
        top.div_floor(&(w.d * 2))
    }

    /// The smallest integer that is not less.
    pub fn ceil(&self) -> BigInt {
        -(-self).floor()
    }

    /// The nearest integer; halves go to the even one.
    pub fn round(&self) -> BigInt {
        let doubled = self + self;
        let half_up = (&doubled + &Golden::ONE).floor().div_floor(&BigInt::from(2));
        // Only a rational can lie half-way.
        if self.is_rational() && half_up.is_odd() && doubled.is_integral() && doubled.wide().a.is_odd() {
            return half_up - 1;
        }
        half_up
    }

    /// Text of the parts, `a`, `b` and `d` in decimal, for storage.
    pub fn parts(&self) -> [String; 3] {
        let w = self.wide();
        [w.a.to_string(), w.b.to_string(), w.d.to_string()]
    }

    /// The number of such parts.
    ///
    /// # Errors
    /// [`Error::Value`] for text that is no integer, [`Error::ZeroDivision`] for a zero denominator.
    pub fn from_parts(parts: [&str; 3]) -> Result<Golden> {
        let number = |s: &str| s.parse::<BigInt>().map_err(|_| Error::value("GoldenExact", format!("{s:?} is not a decimal integer")));
        Golden::fraction(number(parts[0])?, number(parts[1])?, number(parts[2])?)
    }
}

fn lowest_fraction(p: BigInt, q: BigInt) -> (BigInt, BigInt) {
    let g = p.gcd(&q);
    (p / &g, q / g)
}

fn sign(v: &BigInt) -> i32 {
    match v.sign() {
        Sign::Minus => -1,
        Sign::NoSign => 0,
        Sign::Plus => 1,
    }
}

/// floor(2^shift (p + q sqrt 5)) for the number `(p + q sqrt 5) / (2 d)`, and whether the floor is exact.
pub(super) fn scaled_floor(w: &Wide, shift: usize) -> (BigInt, bool) {
    let p: BigInt = (&w.a * 2 + &w.b) << shift;
    if w.b.is_zero() {
        return (p, true);
    }
    let q: BigInt = &w.b << shift;
    let r = BigInt::sqrt(&(&q * &q * 5));
    (if q.is_positive() { p + r } else { p - r - 1 }, false)
}

/// (F(n), F(n+1)) by doubling.
pub fn fibonacci_pair(n: u64) -> (BigInt, BigInt) {
    let (mut f, mut g) = (BigInt::zero(), BigInt::one());
    for i in (0..64 - n.leading_zeros()).rev() {
        let double: BigInt = &f * (&g * 2 - &f);
        let next: BigInt = &f * &f + &g * &g;
        (f, g) = if n >> i & 1 == 1 { (next.clone(), double + next) } else { (double, next) };
    }
    (f, g)
}

impl<'a> Add<&'a Golden> for &'a Golden {
    type Output = Golden;

    #[inline]
    fn add(self, other: &Golden) -> Golden {
        if let (Some((a, b, d)), Some((x, y, e))) = (self.small(), other.small()) {
            let [a, b, x, y] = [a, b, x, y].map(i128::from);
            if d == e {
                return Golden::reduced(a + x, b + y, i128::from(d));
            }
            let (d, e) = (i128::from(d), i128::from(e));
            return Golden::reduced(a * e + x * d, b * e + y * d, d * e);
        }
        let (l, r) = (self.wide(), other.wide());
        if l.d == r.d {
            return Golden::lowest(l.a + r.a, l.b + r.b, l.d);
        }
        Golden::lowest(l.a * &r.d + r.a * &l.d, l.b * &r.d + r.b * &l.d, l.d * r.d)
    }
}

impl<'a> Sub<&'a Golden> for &'a Golden {
    type Output = Golden;

    fn sub(self, other: &Golden) -> Golden {
        self + &(-other)
    }
}

impl<'a> Mul<&'a Golden> for &'a Golden {
    type Output = Golden;

    #[inline]
    fn mul(self, other: &Golden) -> Golden {
        if let (Some((a, b, d)), Some((x, y, e))) = (self.small(), other.small()) {
            let [a, b, x, y] = [a, b, x, y].map(i128::from);
            let high = b * y;
            return Golden::reduced(a * x + high, a * y + b * x + high, i128::from(d) * i128::from(e));
        }
        let (l, r) = (self.wide(), other.wide());
        let high = &l.b * &r.b;
        Golden::lowest(&l.a * &r.a + &high, &l.a * &r.b + &l.b * &r.a + high, l.d * r.d)
    }
}

impl Neg for &Golden {
    type Output = Golden;

    fn neg(self) -> Golden {
        match &self.0 {
            Repr::Small { a, b, d } => Golden(Repr::Small { a: -a, b: -b, d: *d }),
            Repr::Big(w) => Golden(Repr::Big(Box::new(Wide { a: -&w.a, b: -&w.b, d: w.d.clone() }))),
        }
    }
}

impl Ord for Golden {
    /// By value, decided exactly.
    fn cmp(&self, other: &Self) -> Ordering {
        (self - other).signum().cmp(&0)
    }
}

impl PartialOrd for Golden {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Golden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((p, q), (r, s)) = (self.rational_part(), self.phi_part());
        let part = |f: &mut fmt::Formatter<'_>, n: &BigInt, d: &BigInt| if d.is_one() { write!(f, "{n}") } else { write!(f, "{n}/{d}") };
        if r.is_zero() {
            return part(f, &p, &q);
        }
        if !p.is_zero() {
            part(f, &p, &q)?;
            f.write_str(if r.is_negative() { " - " } else { " + " })?;
            part(f, &r.abs(), &s)?;
        } else {
            part(f, &r, &s)?;
        }
        f.write_str("*phi")
    }
}

impl fmt::Debug for Golden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Golden({self})")
    }
}

impl From<i64> for Golden {
    fn from(v: i64) -> Golden {
        Golden::new(v, 0)
    }
}
