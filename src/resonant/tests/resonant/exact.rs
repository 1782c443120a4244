//! The field Q(phi) against a second implementation, in the basis (1, sqrt 5) with unreduced big fractions.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};
use purify_resonant::exact::{Golden, last_convergent, nearest_fraction};

use crate::draws::Draws;

/// (p + q sqrt 5) / d, never reduced except by the test when it grows.
#[derive(Clone, Debug)]
struct Model {
    p: BigInt,
    q: BigInt,
    d: BigInt,
}

impl Model {
    fn of(a: i64, b: i64, d: i64) -> Model {
        // phi = (1 + sqrt 5)/2.
        Model { p: BigInt::from(a) * 2 + b, q: b.into(), d: BigInt::from(d) * 2 }
    }

    fn add(&self, o: &Model) -> Model {
        Model { p: &self.p * &o.d + &o.p * &self.d, q: &self.q * &o.d + &o.q * &self.d, d: &self.d * &o.d }.trim()
    }

    fn neg(&self) -> Model {
        Model { p: -&self.p, q: -&self.q, d: self.d.clone() }
    }

    fn mul(&self, o: &Model) -> Model {
        Model { p: &self.p * &o.p + &self.q * &o.q * 5, q: &self.p * &o.q + &self.q * &o.p, d: &self.d * &o.d }.trim()
    }

    fn inverse(&self) -> Option<Model> {
        let n: BigInt = &self.p * &self.p - &self.q * &self.q * 5;
        if n.is_zero() {
            return None;
        }
        Some(Model { p: &self.p * &self.d, q: -&self.q * &self.d, d: n }.trim())
    }

    fn trim(self) -> Model {
        let g = self.p.gcd(&self.q).gcd(&self.d);
        if g.is_zero() {
            return self;
        }
        let g = if self.d.is_negative() { -g } else { g };
        Model { p: &self.p / &g, q: &self.q / &g, d: &self.d / &g }
    }

    /// Compared with a number of the crate: (a + b phi)/d = ((2a + b) + b sqrt 5)/(2d).
    fn is(&self, g: &Golden) -> bool {
        let w = g.wide();
        let d: BigInt = &w.d * 2;
        (&w.a * 2 + &w.b) * &self.d == &self.p * &d && &w.b * &self.d == &self.q * &d
    }

    /// The sign, from 200 binary digits beyond the cancellation.
    fn signum(&self) -> i32 {
        let shift = 400 + self.p.bits().max(self.q.bits());
        let root = BigInt::sqrt(&((&self.q * &self.q * 5) << (2 * shift)));
        let v = (&self.p << shift) + if self.q.is_negative() { -root } else { root };
        match v.sign() {
            num_bigint::Sign::Minus => -1,
            num_bigint::Sign::NoSign => 0,
            num_bigint::Sign::Plus => 1,
        }
    }
}

#[test]
fn a_hundred_thousand_chained_operations_agree_with_big_fractions() {
    let mut draws = Draws::new(1);
    let mut operations = 0;
    while operations < 100_000 {
        let (a, b, d) = (draws.within(50), draws.within(50), 1 + draws.below(6) as i64);
        let mut value = Golden::fraction(a.into(), b.into(), d.into()).unwrap();
        let mut model = Model::of(a, b, d);
        for _ in 0..40 {
            operations += 1;
            let (a, b, d) = (draws.within(9), draws.within(9), 1 + draws.below(4) as i64);
            let (operand, other) = (Golden::fraction(a.into(), b.into(), d.into()).unwrap(), Model::of(a, b, d));
            match draws.below(8) {
                0 => (value, model) = (&value + &operand, model.add(&other)),
                1 => (value, model) = (&value - &operand, model.add(&other.neg())),
                2 | 3 => (value, model) = (&value * &operand, model.mul(&other)),
                4 => {
                    if let Some(inverse) = other.inverse() {
                        (value, model) = (value.checked_div(&operand).unwrap(), model.mul(&inverse));
                    } else {
                        assert!(value.checked_div(&operand).is_err());
                    }
                }
                5 => (value, model) = (value.mul_phi(), model.mul(&Model::of(0, 1, 1))),
                6 => (value, model) = (value.div_phi(), model.mul(&Model::of(-1, 1, 1))),
                _ => (value, model) = (value.conjugate(), Model { q: -&model.q, ..model }),
            }
            assert!(model.is(&value), "{value} is not {model:?}");
        }
        assert_eq!(value.signum(), model.signum(), "sign of {value}");
    }
}

fn random(draws: &mut Draws, size: i64) -> Golden {
    Golden::fraction(draws.within(size).into(), draws.within(size).into(), (1 + draws.below(9)).into()).unwrap()
}

#[test]
fn ring_axioms_norm_trace_and_conjugate() {
    let mut draws = Draws::new(2);
    for i in 0..2000 {
        // Above 2^31 products leave the small form, above 2^61 sums do.
        let size = [100, 1 << 33, (1 << 62) - 1][i % 3];
        let [x, y, z] = [0; 3].map(|_| random(&mut draws, size));
        assert_eq!(&(&x + &y) + &z, &x + &(&y + &z));
        assert_eq!(&(&x * &y) * &z, &x * &(&y * &z));
        assert_eq!(&x * &y, &y * &x);
        assert_eq!(&x * &(&y + &z), &(&x * &y) + &(&x * &z));
        assert_eq!(&x + &(-&x), Golden::ZERO);
        assert_eq!((&x * &y).norm(), &x.norm() * &y.norm());
        assert_eq!((&x + &y).trace(), &x.trace() + &y.trace());
        assert_eq!(x.conjugate().conjugate(), x);
        assert_eq!((&x * &y).conjugate(), &x.conjugate() * &y.conjugate());
        assert!(x.norm().is_rational() && x.trace().is_rational());
        if !x.is_zero() {
            assert_eq!(&x * &x.recip().unwrap(), Golden::ONE);
        }
        assert_eq!(x.mul_phi().div_phi(), x);
        assert_eq!(x.mul_phi(), &x * &Golden::PHI);
    }
}

#[test]
fn powers_of_phi_follow_the_fibonacci_numbers() {
    let phi = Golden::PHI;
    let mut up = Golden::ONE;
    let mut down = Golden::ONE;
    for n in 0..=500 {
        assert_eq!(up, Golden::phi_power(n));
        assert_eq!(down, Golden::phi_power(-n));
        assert_eq!(phi.pow(n).unwrap(), up);
        assert_eq!(phi.pow(-n).unwrap(), down);
        assert_eq!(&up * &down, Golden::ONE);
        (up, down) = (up.mul_phi(), down.div_phi());
    }
    // 93 is where 64-bit integers end.
    assert_eq!(Golden::phi_power(93).wide().b.to_string(), "12200160415121876738");
}

#[test]
fn tiny_values_keep_their_digits() {
    assert_eq!(Golden::phi_power(-60).to_f64(), 2.888_960_374_349_908_4e-13);
    for n in 1..=1400 {
        // phi^-n by repeated division in doubles drifts by less than n units in the last place.
        let exact = Golden::phi_power(-n).to_f64();
        let reference = (-(n as f64) * 0.481_211_825_059_603_47_f64).exp();
        assert!((exact - reference).abs() <= reference * n as f64 * 2e-15, "phi^-{n}: {exact} and {reference}");
    }
    assert_eq!(Golden::phi_power(2000).to_f64(), f64::INFINITY);
    assert_eq!(Golden::phi_power(-2000).to_f64(), 0.0);
}

#[test]
fn doubles_are_correctly_rounded() {
    let mut draws = Draws::new(3);
    for i in 0..20_000 {
        let bits = [10, 30, 52, 61][i % 4];
        let x = match i % 5 {
            // Close to cancellation: a is near -b phi.
            0 => {
                let b = draws.within(1 << bits.min(60));
                let a = -(b as f64 * 1.618_033_988_749_895) as i64;
                Golden::new(a.clamp(-(1 << 61), 1 << 61), b)
            }
            1 => {
                Golden::fraction(draws.within(1 << bits).into(), draws.within(1 << bits).into(), (1 + draws.below(1 << 40)).into()).unwrap()
            }
            _ => Golden::new(draws.within(1 << bits), draws.within(1 << bits)),
        };
        let v = x.to_f64();
        let error = (&Golden::from_f64(v).unwrap() - &x).abs();
        for neighbour in [v.next_up(), v.next_down()] {
            let other = (&Golden::from_f64(neighbour).unwrap() - &x).abs();
            assert!(error <= other, "{x} is nearer to {neighbour} than to {v}");
        }
    }
}

#[test]
fn doubles_come_back_unchanged() {
    let mut draws = Draws::new(4);
    for _ in 0..20_000 {
        let v = f64::from_bits(draws.word());
        if v.is_finite() {
            assert_eq!(Golden::from_f64(v).unwrap().to_f64(), v);
        }
    }
    for v in [0.0, 1.0, -0.1, f64::MAX, f64::MIN_POSITIVE, 5e-324, -5e-324] {
        assert_eq!(Golden::from_f64(v).unwrap().to_f64(), v);
    }
}

#[test]
fn signs_are_right_where_the_terms_cancel() {
    let (mut f, mut g) = (BigInt::from(1), BigInt::from(1));
    for k in 2..400 {
        // F(k) phi - F(k+1) = -(1-phi)^k: positive for odd k.
        (f, g) = (g.clone(), &f + &g);
        let x = Golden::integers(-&g, f.clone());
        assert_eq!(x.signum(), if k % 2 == 0 { -1 } else { 1 }, "k = {k}");
        assert_eq!((-&x).signum(), -x.signum());
        assert!(x.abs() < Golden::phi_power(-(k - 1)));
    }
}

#[test]
fn floor_ceil_and_round_are_exact() {
    let mut draws = Draws::new(5);
    for i in 0..3000 {
        let x = random(&mut draws, [20, 1 << 40, (1 << 62) - 1][i % 3]);
        let floor = Golden::integers(x.floor(), BigInt::zero());
        let ceil = Golden::integers(x.ceil(), BigInt::zero());
        assert!(floor <= x && x < &floor + &Golden::ONE);
        assert!(ceil >= x && x > &ceil - &Golden::ONE);
        let half = Golden::fraction(1.into(), 0.into(), 2.into()).unwrap();
        assert!((&Golden::integers(x.round(), BigInt::zero()) - &x).abs() <= half);
    }
    for (half, even) in [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2)] {
        assert_eq!(Golden::fraction(half.into(), 0.into(), 2.into()).unwrap().round(), BigInt::from(even));
    }
}

#[test]
fn order_agrees_with_the_doubles_and_equal_numbers_are_equal() {
    let mut draws = Draws::new(6);
    for _ in 0..3000 {
        let (x, y) = (random(&mut draws, 1000), random(&mut draws, 1000));
        if (x.to_f64() - y.to_f64()).abs() > 1e-9 {
            assert_eq!(x < y, x.to_f64() < y.to_f64());
        }
        assert_eq!(x.cmp(&x.clone()), std::cmp::Ordering::Equal);
    }
    // A number that was long and is short again equals the short one.
    let big = Golden::phi_power(300);
    assert_eq!(big.checked_div(&Golden::phi_power(299)).unwrap(), Golden::PHI);
}

#[test]
fn division_by_zero_is_an_error() {
    assert!(Golden::ZERO.recip().is_err());
    assert!(Golden::ONE.checked_div(&Golden::ZERO).is_err());
    assert!(Golden::ZERO.pow(-1).is_err());
    assert_eq!(Golden::ZERO.pow(0).unwrap(), Golden::ONE);
    assert!(Golden::fraction(1.into(), 0.into(), 0.into()).is_err());
}

#[test]
fn parts_survive_as_text() {
    for x in [Golden::PHI, Golden::phi_power(-700), Golden::fraction(7.into(), (-3).into(), 10.into()).unwrap()] {
        let parts = x.parts();
        assert_eq!(Golden::from_parts([&parts[0], &parts[1], &parts[2]]).unwrap(), x);
    }
    assert!(Golden::from_parts(["1", "x", "1"]).is_err());
    assert_eq!(Golden::fraction(1.into(), (-6).into(), 4.into()).unwrap().to_string(), "1/4 - 3/2*phi");
}

#[test]
fn the_nearest_fraction_is_found_where_no_convergent_is_nearest() {
    let pi = std::f64::consts::PI;
    let text = |g: Golden| g.to_string();
    assert_eq!(text(last_convergent(pi, &100.into()).unwrap()), "22/7");
    assert_eq!(text(nearest_fraction(pi, &100.into()).unwrap()), "311/99");
    assert_eq!(text(nearest_fraction(pi, &113.into()).unwrap()), "355/113");
    assert_eq!(text(nearest_fraction(0.75, &1000.into()).unwrap()), "3/4");
    let mut draws = Draws::new(7);
    for _ in 0..300 {
        let (x, bound) = (draws.unit() * 5.0, 1 + draws.below(30) as i64);
        let found = nearest_fraction(x, &bound.into()).unwrap();
        let target = Golden::from_f64(x).unwrap();
        let off = |g: &Golden| (g - &target).abs();
        for d in 1..=bound {
            let n = (x * d as f64).round() as i64;
            assert!(off(&found) <= off(&Golden::fraction(n.into(), 0.into(), d.into()).unwrap()), "{x} {bound}");
        }
    }
    assert!(nearest_fraction(f64::NAN, &5.into()).is_err());
    assert!(nearest_fraction(0.5, &0.into()).is_err());
}
