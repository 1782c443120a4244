//! The double nearest to a [`Golden`]: correctly rounded, halves to even, for coefficients of any size.
//!
//! `a + b phi` is first evaluated in twice the precision. Where that cannot tell which way to round, as it cannot
//! when `a` and `b phi` cancel, the digits are taken from an integer square root.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use super::golden::{Golden, Wide, scaled_floor};

/// phi = HIGH + LOW + 2.7e-33; HIGH = H1 + H2, where H1 has 26 bits.
pub(super) const HIGH: f64 = 1.618033988749895;
pub(super) const LOW: f64 = -5.432115203682506e-17;
const H1: f64 = 1.6180339753627777;
const H2: f64 = 1.3387117192564801e-8;
/// 2^27 + 1 splits a double into two halves of 26 bits.
const SPLIT: f64 = 134_217_729.0;
/// Integers below this are doubles.
const EXACT: u64 = 1 << 53;

#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let t = s - a;
    (s, (a - (s - t)) + (b - t))
}

/// `b phi` as an unevaluated sum, with a relative error below 2^-104, for integers below 2^53.
#[inline(always)]
pub(super) fn times_phi(b: f64) -> (f64, f64) {
    let c = SPLIT * b;
    let top = c - (c - b);
    let bottom = b - top;
    let p = b * HIGH;
    let e = ((top * H1 - p) + top * H2 + bottom * H1) + bottom * H2;
    (p, e + b * LOW)
}

/// The double nearest to the number; beyond the range of doubles, an infinity.
#[inline]
pub fn to_f64(x: &Golden) -> f64 {
    match x.small() {
        Some((a, b, d)) if a.unsigned_abs() < EXACT && b.unsigned_abs() < EXACT && d < EXACT => {
            if b == 0 {
                return a as f64 / d as f64;
            }
            if d == 1 {
                let (p, e) = times_phi(b as f64);
                let (s, t) = two_sum(a as f64, p);
                let rest = t + e;
                let (high, low) = two_sum(s, rest);
                // What the sum may be off by: the error of `b phi`, and the rounding of `rest`.
                let doubt = (b as f64).abs() * 1e-30 + rest.abs() * 1.2e-16;
                if high == high + (low + doubt) && high == high + (low - doubt) {
                    return high;
                }
            }
            exact(&x.wide())
        }
        _ => exact(&x.wide()),
    }
}

fn exact(w: &Wide) -> f64 {
    // floor(|x| 2^shift) with at least 66 bits, and a bit that says whether something was cut off.
    let negative = {
        let p: BigInt = &w.a * 2 + &w.b;
        let (top, _) = scaled_floor(w, 0);
        if p.is_zero() && w.b.is_zero() {
            return 0.0;
        }
        top.is_negative()
    };
    let w = if negative { Wide { a: -&w.a, b: -&w.b, d: w.d.clone() } } else { w.clone() };
    let divisor: BigInt = &w.d * 2;
    let mut shift = 70 + w.d.bits() as i64 - w.a.bits().max(w.b.bits()) as i64;
    loop {
        let (digits, exact) = if shift >= 0 {
            let (top, exact) = scaled_floor(&w, shift as usize);
            let (q, r) = top.div_mod_floor(&divisor);
            (q, exact && r.is_zero())
        } else {
            let (top, exact) = scaled_floor(&w, 0);
            let (q, r) = top.div_mod_floor(&(&divisor << (-shift) as usize));
            (q, exact && r.is_zero())
        };
        let bits = digits.bits() as i64;
        if bits >= 66 {
            let v = assemble(&digits, exact, shift);
            return if negative { -v } else { v };
        }
        shift += 72 - bits;
    }
}

/// The double nearest to `digits * 2^-shift`, plus a little if not `exact`.
fn assemble(digits: &BigInt, exact: bool, shift: i64) -> f64 {
    let bits = digits.bits() as i64;
    // The value lies in [2^(top-1), 2^top).
    let top = bits - shift;
    if top > 1024 {
        return f64::INFINITY;
    }
    // Doubles below 2^-1022 have fewer bits.
    let keep = 53.min(top + 1074);
    if keep < 0 {
        return 0.0;
    }
    let drop = (bits - keep) as usize;
    let kept: BigInt = digits >> drop;
    let rest: BigInt = digits - (&kept << drop);
    let half: BigInt = BigInt::from(1) << (drop - 1);
    let up = match rest.cmp(&half) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => !exact || kept.is_odd(),
    };
    let kept = kept.to_u64().unwrap_or(0) + u64::from(up);
    // Two factors, each a normal double, so that the product is exact even among the subnormal numbers.
    let exponent = (top - keep) as i32;
    let first = exponent / 2;
    kept as f64 * pow2(first) * pow2(exponent - first)
}

fn pow2(e: i32) -> f64 {
    f64::from_bits(((e + 1023) as u64) << 52)
}
