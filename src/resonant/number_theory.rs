//! Integers that the theory uses: Moebius, Mertens, Fibonacci, Lucas and Fermat numbers, windings, the golden map.

use num_bigint::BigInt;
use num_traits::One;

use crate::constants::PHI;
use crate::error::{Error, Result};
use crate::exact::{Golden, fibonacci_pair};

/// The Moebius function: 0 for `n <= 0` and for multiples of a square, else (-1) to the number of prime factors.
pub fn mobius(n: i64) -> i32 {
    if n <= 0 {
        return 0;
    }
    let (mut n, mut sign, mut p) = (n as u64, 1, 2u64);
    while p.saturating_mul(p) <= n {
        if n.is_multiple_of(p) {
            n /= p;
            if n.is_multiple_of(p) {
                return 0;
            }
            sign = -sign;
        }
        p += 1 + (p > 2) as u64;
    }
    if n > 1 { -sign } else { sign }
}

/// Moebius of `0..=n`, by a sieve.
pub fn mobius_sieve(n: usize) -> Vec<i32> {
    let mut mu = vec![0i32; n + 1];
    if n >= 1 {
        mu[1] = 1;
    }
    for i in 1..=n {
        if mu[i] != 0 {
            let own = mu[i];
            for multiple in (2 * i..=n).step_by(i) {
                mu[multiple] -= own;
            }
        }
    }
    mu
}

/// Whether no square above one divides `n`.
pub fn is_square_free(n: i64) -> bool {
    mobius(n) != 0
}

/// The sum of Moebius up to `n`.
pub fn mertens(n: usize) -> i64 {
    mobius_sieve(n).iter().map(|&m| i64::from(m)).sum()
}

/// The n-th Fibonacci number, F(1) = F(2) = 1, for any sign of `n`.
pub fn fibonacci(n: i64) -> BigInt {
    let f = fibonacci_pair(n.unsigned_abs()).0;
    if n < 0 && n % 2 == 0 { -f } else { f }
}

/// The n-th Lucas number, L(0) = 2, L(1) = 1: the trace of phi^n.
pub fn lucas(n: i64) -> BigInt {
    Golden::phi_power(n).trace().wide().a
}

/// The n-th Fermat number 2^(2^n) + 1.
///
/// # Errors
/// [`Error::Overflow`] above n = 24, whose number has five million digits.
pub fn fermat(n: u32) -> Result<BigInt> {
    if n > 24 {
        return Err(Error::Overflow { op: "fermat", message: format!("the Fermat number of index {n} is too long; up to 24 works") });
    }
    Ok((BigInt::one() << (1usize << n)) + 1)
}

/// The Mersenne number 2^p - 1.
pub fn mersenne(p: u32) -> BigInt {
    (BigInt::one() << p as usize) - 1
}

/// floor(phi n), exact.
pub fn golden_map(n: &BigInt) -> BigInt {
    Golden::integers(BigInt::default(), n.clone()).floor()
}

/// floor(n / phi), exact. Undoes [`golden_map`] only up to one.
pub fn golden_map_back(n: &BigInt) -> BigInt {
    Golden::integers(-n, n.clone()).floor()
}

/// A winding state: four integers.
pub type Winding = [i64; 4];

/// The squared length of a winding state.
pub fn winding_norm_sq(w: Winding) -> i64 {
    w.iter().map(|n| n * n).sum()
}

/// The generation of a winding state: 0 for the vacuum, else 1 + floor(log_phi of the largest component).
pub fn winding_generation(w: Winding) -> u32 {
    let largest = w.iter().map(|n| n.unsigned_abs()).max().unwrap_or(0);
    if largest == 0 {
        return 0;
    }
    // phi^k <= largest, decided exactly near the boundary.
    let mut k = ((largest as f64).ln() / PHI.ln()) as i64 + 1;
    let bound = Golden::integers(largest.into(), BigInt::default());
    while k > 0 && Golden::phi_power(k) > bound {
        k -= 1;
    }
    1 + k as u32
}

/// All states in the ball of radius `max_norm`, in lexicographic order.
pub fn enumerate_windings(max_norm: u32) -> Vec<Winding> {
    let r = i64::from(max_norm);
    let mut out = Vec::new();
    let reach = |left: i64| (left as u64).isqrt() as i64;
    for a in -r..=r {
        let left = r * r - a * a;
        for b in -reach(left)..=reach(left) {
            let left = left - b * b;
            for c in -reach(left)..=reach(left) {
                let left = left - c * c;
                for d in -reach(left)..=reach(left) {
                    out.push([a, b, c, d]);
                }
            }
        }
    }
    out
}
