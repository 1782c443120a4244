//! The constants, syntony and the operators: what holds for every input, and the published thresholds.

use purify_resonant::constants::*;
use purify_resonant::operators::*;
use purify_resonant::syntony::*;

use crate::draws::Draws;

#[test]
fn constants_follow_from_their_formulas() {
    let close = |a: f64, b: f64| assert!((a - b).abs() <= 2e-15 * b.abs(), "{a} is not {b}");
    let phi = (1.0 + 5f64.sqrt()) / 2.0;
    close(PHI, phi);
    close(PHI_INV, 1.0 / phi);
    close(PHI_SQUARED, phi * phi);
    close(PHI_INV_SQUARED, 2.0 - phi);
    close(PHI_INV_CUBED, 5f64.sqrt() - 2.0);
    close(ROOT_FIVE, 5f64.sqrt());
    close(E_STAR, std::f64::consts::PI.exp() - std::f64::consts::PI);
    let q = (2.0 * phi + std::f64::consts::E / (2.0 * phi * phi)) / (phi.powi(4) * E_STAR);
    assert!((Q_DEFICIT - q).abs() < 1e-11);
    assert!((correction(248, 1.0) - 1.0 - 1.10464e-4).abs() < 1e-9);
    for (m2, w) in [(1.0, 0.539003), (2.0, 0.290524), (4.0, 0.084404), (9.0, 0.003840), (16.0, 5.0753e-5)] {
        assert!((golden_weight(m2) - w).abs() < 1e-6);
    }
}

#[test]
fn syntony_is_bounded_and_blind_to_scale_and_order() {
    let mut draws = Draws::new(1);
    for _ in 0..500 {
        let n = 1 + draws.below(20) as usize;
        let x: Vec<f64> = (0..n).map(|_| draws.unit()).collect();
        let m2: Vec<f64> = (0..n).map(|_| draws.below(30) as f64).collect();
        let s = syntony(&x, &m2).unwrap();
        let weights = m2.iter().map(|m| golden_weight(*m));
        let (least, most) = weights.fold((1.0f64, 0.0f64), |(a, b), w| (a.min(w), b.max(w)));
        assert!(s >= least - 1e-15 && s <= most + 1e-15);
        for scale in [1e-200, 1e-9, 3.0, 1e200] {
            let scaled: Vec<f64> = x.iter().map(|v| v * scale).collect();
            assert!((syntony(&scaled, &m2).unwrap() - s).abs() < 1e-14);
        }
        let (back, backward): (Vec<f64>, Vec<f64>) = (x.iter().rev().copied().collect(), m2.iter().rev().copied().collect());
        assert!((syntony(&back, &backward).unwrap() - s).abs() < 1e-15);
        let plain = x.iter().zip(&m2).map(|(v, m)| v * v * golden_weight(*m)).sum::<f64>() / x.iter().map(|v| v * v).sum::<f64>();
        assert!((s - plain).abs() < 1e-14);
    }
    assert_eq!(syntony(&[0.0, 0.0], &[0.0, 1.0]).unwrap(), 0.0);
    assert_eq!(syntony(&[3.0, 0.0], &[0.0, 1.0]).unwrap(), 1.0);
    assert!(syntony(&[1.0], &[0.0, 1.0]).is_err());
}

#[test]
fn the_two_block_metrics_of_the_literature_are_never_both_positive() {
    let mut draws = Draws::new(2);
    for _ in 0..300 {
        let [i, d, h]: [Vec<f64>; 3] = [0; 3].map(|_| (0..6).map(|_| draws.unit()).collect());
        let residual = recursion_residual(&i, &d, &h).unwrap();
        // The other one puts the distances the other way round.
        let gap = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt();
        let other = (1.0 - gap(&d, &i) / (gap(&d, &h) + 1e-8)).clamp(0.0, 1.0);
        assert!(residual.min(other) < 1e-6, "{residual} {other}");
    }
    assert_eq!(recursion_residual(&[0.0], &[1.0], &[1.0]).unwrap(), 1.0);
    assert_eq!(state_stability(&[1.0, 2.0], &[1.0, 2.0]).unwrap(), 1.0);
    assert_eq!(concentration(&[1.0]).unwrap(), 1.0);
    assert!(concentration(&[1.0, 1.0, 1.0]).unwrap() < 1e-15);
    assert!(concentration(&[-1.0]).is_err());
    assert_eq!(aggregate(&[], Aggregate::Mean), None);
    assert!((aggregate(&[0.25, 1.0], Aggregate::Geometric).unwrap() - 0.5).abs() < 1e-15);
    let measure = golden_measure(&[1000.0, 1001.0]);
    assert!((measure[1] / measure[0] - golden_weight(1.0)).abs() < 1e-14);
}

#[test]
fn gains_are_within_their_bounds_and_mode_zero_is_fixed() {
    for s in (0..=20).map(|i| f64::from(i) / 20.0) {
        let sum = differentiation_strength(s) + harmonization_strength(s);
        assert!((PHI_INV_SQUARED - 1e-15..=PHI_INV + 1e-15).contains(&sum));
        for m2 in [0.0, 0.5, 1.0, 9.0, 400.0, 1e8] {
            for law in [Amplify::Sqrt, Amplify::Saturating] {
                assert!(d_gain(m2, s, law) >= 1.0);
                let h = h_gain(m2, s);
                assert!(h <= 1.0 && h >= 1.0 - harmonization_strength(s) && h >= PHI_INV_SQUARED - 1e-15);
            }
            assert!(d_gain(m2, s, Amplify::Saturating) <= 1.0 + PHI_INV_SQUARED);
        }
        assert_eq!((d_gain(0.0, s, Amplify::Sqrt), h_gain(0.0, s)), (1.0, 1.0));
    }
}

#[test]
fn d_and_h_commute_only_while_syntony_is_held() {
    let (x, m2) = ([1.0, 0.7, -0.4], [0.0, 1.0, 4.0]);
    let s = syntony(&x, &m2).unwrap();
    let d = |v: &[f64], s: f64| apply(v, &m2, |m| d_gain(m, s, Amplify::Sqrt)).unwrap();
    let h = |v: &[f64], s: f64| apply(v, &m2, |m| h_gain(m, s)).unwrap();
    let (first, second) = (h(&d(&x, s), s), d(&h(&x, s), s));
    assert!(first.iter().zip(&second).all(|(a, b)| (a - b).abs() < 1e-15));
    let dx = d(&x, s);
    let hx = h(&x, s);
    let (first, second) = (h(&dx, syntony(&dx, &m2).unwrap()), d(&hx, syntony(&hx, &m2).unwrap()));
    assert!(first.iter().zip(&second).any(|(a, b)| (a - b).abs() > 1e-3));
    let scaled = apply(&x, &m2, |m| 7.0 * r_gain(m, s, Amplify::Sqrt)).unwrap();
    let cycled = apply(&x, &m2, |m| r_gain(m, s, Amplify::Sqrt)).unwrap();
    assert!(scaled.iter().zip(&cycled).all(|(a, b)| (a - 7.0 * b).abs() < 1e-14));
}

#[test]
fn a_non_increasing_gain_never_lowers_syntony() {
    let mut draws = Draws::new(3);
    let mut checked = 0;
    for _ in 0..3000 {
        let n = 2 + draws.below(4) as usize;
        let x: Vec<f64> = (0..n).map(|_| draws.unit()).collect();
        let m2: Vec<f64> = (0..n).map(|i| (i * i) as f64).collect();
        let s = syntony(&x, &m2).unwrap();
        for law in [Amplify::Sqrt, Amplify::Saturating] {
            let gains: Vec<f64> = m2.iter().map(|m| r_gain(*m, s, law)).collect();
            if gains.windows(2).all(|g| g[1] <= g[0]) {
                checked += 1;
                let after = syntony(&apply(&x, &m2, |m| r_gain(m, s, law)).unwrap(), &m2).unwrap();
                assert!(after >= s - 1e-14);
            }
        }
    }
    assert!(checked > 100);
}

#[test]
fn critical_syntony_has_the_tabulated_values() {
    let table = [
        (1.0, 0.5321),
        (2.0, 0.4932),
        (3.0, 0.5514),
        (5.0, 0.6492),
        (7.0, 0.7086),
        (9.0, 0.7492),
        (15.0, 0.8205),
        (31.0, 0.8954),
        (49.0, 0.9281),
        (63.0, 0.9421),
        (99.0, 0.9613),
        (255.0, 0.9841),
    ];
    for (m, s) in table {
        assert!((critical_syntony(m, Amplify::Sqrt).unwrap() - s).abs() < 6e-5, "m = {m}");
        assert!(critical_syntony(m, Amplify::Saturating).unwrap() <= 0.375);
    }
    assert!((critical_syntony(1.0, Amplify::Saturating).unwrap() - 0.3745).abs() < 6e-5);
    assert!((critical_syntony(100.0, Amplify::Saturating).unwrap() - 0.328).abs() < 6e-4);
    assert!((r_gain(255.0 * 255.0, 0.0, Amplify::Sqrt) - 98.4).abs() < 0.05);
    assert!(critical_syntony(0.0, Amplify::Sqrt).is_err());
}

#[test]
fn state_operators_leave_a_constant_alone_and_smooth_the_rest() {
    let ops = StateOperators::default();
    let flat = vec![0.25; 12];
    let d = ops.differentiate(&flat, 0.3).unwrap();
    assert!(d.iter().all(|x| (x - 0.25).abs() < 1e-14));
    let wave: Vec<f64> = (0..12).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
    let h = ops.harmonize(&wave, 1.0, 0.0).unwrap();
    assert!(h.iter().map(|x| x * x).sum::<f64>() < 12.0 * 0.5);
    assert_eq!(ops.differentiate(&wave, 1.0).unwrap(), wave);
}
