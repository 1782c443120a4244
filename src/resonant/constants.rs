//! The constants of the theory, as doubles.

/// phi, the golden ratio.
pub const PHI: f64 = 1.618_033_988_749_895;
/// 1/phi = phi - 1.
pub const PHI_INV: f64 = 0.618_033_988_749_894_9;
/// phi^2 = phi + 1.
pub const PHI_SQUARED: f64 = 2.618_033_988_749_895;
/// phi^-2 = 2 - phi.
pub const PHI_INV_SQUARED: f64 = 0.381_966_011_250_105_1;
/// phi^-3.
pub const PHI_INV_CUBED: f64 = 0.236_067_977_499_789_7;
/// sqrt 5 = 2 phi - 1.
pub const ROOT_FIVE: f64 = 2.236_067_977_499_79;
/// e^pi - pi.
pub const E_STAR: f64 = 19.999_099_979_189_474;
/// (2 phi + e/(2 phi^2)) / (phi^4 (e^pi - pi)).
pub const Q_DEFICIT: f64 = 0.027_395_146_919_696;
/// What small values are compared with when a hierarchy is pruned: the dimension of E8.
pub const PRUNE_DIVISOR: f64 = 248.0;
/// Structure constants: dimensions, numbers of roots and kissing numbers of the Lie groups that the theory names.
pub const STRUCTURE: [(&str, u32); 8] = [
    ("E8_dim", 248),
    ("E8_roots", 240),
    ("E8_positive", 120),
    ("E6_dim", 78),
    ("E6_positive", 36),
    ("E6_fundamental", 27),
    ("D4_kissing", 24),
    ("G2_dim", 14),
];

/// The correction factor `1 + sign q / n` of a structure constant.
pub fn correction(n: u32, sign: f64) -> f64 {
    1.0 + sign * Q_DEFICIT / f64::from(n)
}
