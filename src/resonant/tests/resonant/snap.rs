//! Snapping against a search through every point, against the proved bound, and its symmetries.

use purify_resonant::Golden;
use purify_resonant::constants::PHI;
use purify_resonant::exact::{Snapper, error_bound, nearest, resolution};

use crate::draws::Draws;

/// Every `b` within the bound, every `a` beside the rounding, compared exactly.
fn brute(x: f64, p: i64) -> Golden {
    let exact = Golden::from_f64(x).unwrap();
    let n = x.round() as i64;
    let near = x.abs() <= p as f64 / 2.0;
    let mut best: Option<(Golden, f64)> = None;
    let mut off = |v: Golden| {
        let d = (&v - &exact).abs();
        let rough = d.to_f64();
        let better = match &best {
            None => true,
            Some((_, old)) if (rough - old).abs() > 1e-12 => rough < *old,
            Some((old, _)) => {
                let e = (old - &exact).abs();
                d < e || d == e && v.abs() < old.abs()
            }
        };
        if better {
            best = Some((v, rough));
        }
    };
    for b in -p..=p {
        let middle = (x - b as f64 * PHI).round() as i64;
        for a in middle - 1..=middle + 1 {
            if a.abs() <= p || (!near && (a - n).abs() <= p) {
                off(Golden::new(a, b));
            }
        }
    }
    best.unwrap().0
}

#[test]
fn the_optimum_is_found_for_every_bound_up_to_sixty() {
    for p in 1..=60u64 {
        let mut draws = Draws::new(p);
        for i in 0..16 {
            let x = draws.unit() * [1.0, p as f64 / 2.0, 3.0 * p as f64, 0.01][i % 4];
            assert_eq!(nearest(x, p), brute(x, p as i64), "x = {x}, P = {p}");
        }
    }
}

#[test]
fn the_optimum_is_found_for_large_bounds() {
    for p in [64, 89, 100, 144, 200, 377, 500, 1000, 2000, 2001] {
        let mut draws = Draws::new(p);
        for i in 0..4 {
            let x = draws.unit() * [1.0, p as f64 / 2.0, 2.2 * p as f64, 1.0][i % 4];
            assert_eq!(nearest(x, p), brute(x, p as i64), "x = {x}, P = {p}");
        }
    }
}

#[test]
fn midpoints_between_neighbours_go_to_the_nearer_one() {
    // Where the decision is hardest: doubles beside the middle of two neighbouring points.
    for p in [5u64, 32, 100] {
        let mut points: Vec<Golden> =
            (-(p as i64)..=p as i64).map(|b| Golden::new(-(b as f64 * PHI).round() as i64, b)).filter(|v| v.to_f64().abs() < 0.5).collect();
        points.sort();
        for pair in points.windows(2).step_by(7) {
            let middle = (pair[0].to_f64() + pair[1].to_f64()) / 2.0;
            for x in [middle, middle.next_up(), middle.next_down()] {
                assert_eq!(nearest(x, p), brute(x, p as i64), "x = {x:e}, P = {p}");
            }
        }
    }
}

#[test]
fn the_error_stays_within_the_proved_bound() {
    let bounds = [1u64, 2, 3, 5, 8, 10, 20, 32, 50, 64, 100, 144, 200, 300, 500, 1000, 2000, 2001, 5000, 100_000];
    for p in bounds {
        let mut draws = Draws::new(p);
        let mut largest: f64 = 0.0;
        for i in 0..5000 {
            let x = draws.unit();
            let v = nearest(x, p);
            let error = (v.to_f64() - x).abs();
            largest = largest.max(error);
            if let Some(bound) = error_bound(p, x.abs()) {
                assert!(error <= bound * (1.0 + 1e-12), "P = {p}, x = {x}: {error} > {bound}");
            }
            // Farther out, up to half of P, where it is proved as well.
            let far = draws.unit() * p as f64 / 2.0;
            if let (Some(bound), 0) = (error_bound(p, far.abs()), i % 5) {
                let error = (&nearest(far, p) - &Golden::from_f64(far).unwrap()).abs().to_f64();
                assert!(error <= bound * (1.0 + 1e-12), "P = {p}, x = {far}: {error} > {bound}");
            }
        }
        if let (Some(bound), 8..=2001) = (error_bound(p, 1.0), p) {
            assert!(largest > bound * 0.4, "the bound {bound} for P = {p} is far from {largest}");
        }
    }
}

#[test]
fn the_bound_has_the_tabulated_values() {
    let table =
        [(10, 0.0729), (32, 0.01722), (50, 0.01064), (100, 0.006578), (200, 0.002512), (500, 0.000960), (1000, 0.000593), (2001, 0.000367)];
    for (p, e) in table {
        let bound = error_bound(p, 1.0).unwrap();
        assert!((bound - e).abs() < 0.006 * e, "P = {p}: {bound}, not {e}");
    }
    assert!((error_bound(100_000, 1.0).unwrap() - 4.82e-6).abs() < 1e-8);
    assert_eq!(error_bound(1, 0.6), None);
    for p in 20..3000u64 {
        for x in [0.0, 1.0, p as f64 / 2.0 - 3.0] {
            assert!(error_bound(p, x).unwrap() < 0.8 / (p as f64 - x - 3.0));
        }
    }
}

#[test]
fn snapping_is_odd_idempotent_and_monotone() {
    for p in [1u64, 2, 7, 32, 100, 1000, 1_000_000] {
        let mut draws = Draws::new(p);
        let mut points: Vec<(f64, Golden)> = (0..300)
            .map(|_| {
                let x = draws.unit() * p as f64 / 2.0;
                let v = nearest(x, p);
                assert_eq!(nearest(-x, p), -&v);
                if v.to_f64().abs() <= p as f64 / 2.0 {
                    assert_eq!(nearest(v.to_f64(), p), v, "x = {x}, P = {p}");
                }
                (x, v)
            })
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(points.windows(2).all(|w| w[0].1 <= w[1].1));
    }
}

#[test]
fn every_lattice_point_within_the_bound_is_its_own_nearest() {
    let mut draws = Draws::new(9);
    for p in [1i64, 3, 10, 32, 100, 1000, 100_000] {
        for _ in 0..300 {
            let v = Golden::new(draws.within(p), draws.within(p));
            assert_eq!(nearest(v.to_f64(), p as u64), v, "P = {p}");
        }
    }
}

#[test]
fn a_larger_bound_is_never_worse() {
    let mut draws = Draws::new(10);
    for _ in 0..200 {
        let x = draws.unit() * 2.0;
        let target = Golden::from_f64(x).unwrap();
        let mut last: Option<Golden> = None;
        for p in (4..40).chain([64, 100, 101, 300, 2000, 2001, 1 << 20, 1 << 40]) {
            let error = (&nearest(x, p) - &target).abs();
            assert!(last.is_none_or(|l| error <= l), "x = {x}, P = {p}");
            last = Some(error);
        }
    }
}

#[test]
fn ties_go_to_the_smaller_value() {
    assert_eq!(nearest(0.5, 100), Golden::new(28, -17));
    assert_eq!(nearest(-0.5, 100), Golden::new(-28, 17));
    for p in [1, 2, 7, 50, 144, 600] {
        for x in [0.5, 1.5, 2.5, 17.5] {
            assert_eq!(nearest(x, p), brute(x, p as i64), "x = {x}, P = {p}");
        }
    }
}

#[test]
fn known_points() {
    assert_eq!(nearest(1.0 / 3.0, 100), Golden::new(78, -48));
    assert_eq!(nearest(0.618, 100), Golden::new(-1, 1));
    assert_eq!(nearest(1e-3, 100), Golden::ZERO);
    for (p, r) in [(32, 0.03444), (100, 0.00813), (1000, 7.33e-4)] {
        assert!((resolution(p) - r).abs() < 1e-3 * r);
        assert_eq!(nearest(0.49 * resolution(p), p), Golden::ZERO);
        assert!(!nearest(0.51 * resolution(p), p).is_zero());
    }
}

#[test]
fn numbers_beyond_the_bound_keep_their_integer_part() {
    for x in [1e300, -1e300, 9.1e15, 12345.678, -7.0e14, f64::MAX] {
        let v = nearest(x, 10);
        assert!((v.to_f64() - x).abs() <= 0.08 * (x.abs() < 1e9) as u8 as f64, "{x}: {v}");
    }
    // The finest lattice that is allowed.
    let x = 0.123_456_789_012_345_67;
    assert!((nearest(x, 1 << 52).to_f64() - x).abs() < 4e-16);
}

#[test]
fn the_table_gives_what_the_search_gives() {
    for p in [1u64, 2, 3, 10, 32, 100, 1000, 4096, 5000] {
        let (snapper, mut draws) = (Snapper::new(p), Draws::new(p));
        for i in 0..2000 {
            let x = draws.unit() * [1.0, 9.0, 0.01, p as f64][i % 4];
            assert_eq!(snapper.nearest(x), nearest(x, p), "x = {x}, P = {p}");
        }
        for x in [0.0, 0.5, -0.5, 1.5, 8.5, -8.5, 8.499999999999998, 7.5, 1e9] {
            assert_eq!(snapper.nearest(x), nearest(x, p), "x = {x}, P = {p}");
        }
    }
}
