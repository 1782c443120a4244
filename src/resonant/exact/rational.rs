//! Rational approximations: convergents of a continued fraction, and the nearest fraction with a bounded denominator.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::golden::Golden;
use crate::error::{Error, Result};

/// Terms of an expansion that are looked at, as many as any double can have and more.
const MAX_TERMS: usize = 2200;

fn exact(op: &'static str, x: f64) -> Result<(BigInt, BigInt)> {
    let x = Golden::from_f64(x).ok_or_else(|| Error::value(op, format!("{x} is not a finite number")))?;
    Ok(x.rational_part())
}

fn check(op: &'static str, max_denominator: &BigInt) -> Result<()> {
    if max_denominator.is_positive() {
        return Ok(());
    }
    Err(Error::value(op, format!("the largest denominator is at least 1, not {max_denominator}")))
}

/// The last convergent of the continued fraction of `x` whose denominator is at most `max_denominator`.
///
/// A convergent is not always the nearest fraction; see [`nearest_fraction`].
///
/// # Errors
/// [`Error::Value`] if `x` is not finite or the bound is below 1.
pub fn last_convergent(x: f64, max_denominator: &BigInt) -> Result<Golden> {
    check("convergent", max_denominator)?;
    let (p, q, _) = walk(exact("convergent", x)?, max_denominator);
    Golden::fraction(p.0, BigInt::zero(), q.0)
}

/// The fraction nearest to `x` among those with a denominator up to `max_denominator`; of two, the one of smaller
/// denominator.
///
/// # Errors
/// [`Error::Value`] if `x` is not finite or the bound is below 1.
pub fn nearest_fraction(x: f64, max_denominator: &BigInt) -> Result<Golden> {
    check("nearest_fraction", max_denominator)?;
    let value = exact("nearest_fraction", x)?;
    let target = Golden::fraction(value.0.clone(), BigInt::zero(), value.1.clone())?;
    let (p, q, done) = walk(value, max_denominator);
    let convergent = Golden::fraction(p.0.clone(), BigInt::zero(), q.0.clone())?;
    if done {
        return Ok(convergent);
    }
    // The best semiconvergent goes as many steps from the previous convergent as the bound allows.
    let steps = (max_denominator - &q.1).div_floor(&q.0);
    let between = Golden::fraction(p.1 + &steps * p.0, BigInt::zero(), q.1 + &steps * q.0)?;
    let off = |v: &Golden| (v - &target).abs();
    match off(&between).cmp(&off(&convergent)) {
        std::cmp::Ordering::Less => Ok(between),
        std::cmp::Ordering::Greater => Ok(convergent),
        std::cmp::Ordering::Equal => {
            let denominator = |v: &Golden| v.rational_part().1;
            Ok(if denominator(&between) < denominator(&convergent) { between } else { convergent })
        }
    }
}

type Pair = (BigInt, BigInt);

/// Numerators and denominators of the last two convergents within the bound, and whether the last one is exact.
fn walk((mut n, mut d): Pair, bound: &BigInt) -> (Pair, Pair, bool) {
    let (mut p, mut q) = ((BigInt::one(), BigInt::zero()), (BigInt::zero(), BigInt::one()));
    for _ in 0..MAX_TERMS {
        let term = n.div_floor(&d);
        let next = (&term * &p.0 + &p.1, &term * &q.0 + &q.1);
        if next.1 > *bound {
            return (p, q, false);
        }
        p = (next.0, p.0);
        q = (next.1, q.0);
        let rest = &n - &term * &d;
        if rest.is_zero() {
            return (p, q, true);
        }
        (n, d) = (d, rest);
    }
    (p, q, false)
}
