//! The evolver and the fused perceptron: what is quick gives what is plain.

use purify_resonant::ResonantTensor;
use purify_resonant::evolve::{Config, Distance, Evolver, Fitness, Mlp, Scratch, StopReason, Strategy};
use purify_resonant::exact::{Snapper, nearest};

use crate::draws::Draws;

fn perceptron(rows: usize, layers: &[usize], seed: u64) -> (Mlp, Vec<f64>) {
    let mut draws = Draws::new(seed);
    let data = (0..rows * layers[0]).map(|_| 2.0 * draws.unit()).collect();
    let classes = layers[layers.len() - 1];
    let mlp = Mlp::new(data, (0..rows).map(|i| i % classes).collect(), layers.to_vec()).unwrap();
    let weights = (0..mlp.parameters()).map(|_| draws.unit()).collect();
    (mlp, weights)
}

#[test]
fn the_fused_loss_is_the_same_with_all_instructions_and_close_to_doubles() {
    let shapes: [&[usize]; 7] = [&[2, 16, 16, 2], &[1, 1], &[3, 5, 2], &[2, 7, 3, 10], &[4, 6, 1], &[5, 33], &[2, 4, 4, 4, 3]];
    for layers in shapes {
        for rows in [1, 15, 16, 17, 200, 333] {
            let (mlp, weights) = perceptron(rows, layers, rows as u64);
            let single: Vec<f32> = weights.iter().map(|w| *w as f32).collect();
            let mut scratch = Scratch::default();
            let fused = mlp.fused_loss(&single, &mut scratch);
            assert_eq!(fused.to_bits(), mlp.plain_loss(&single, &mut scratch).to_bits(), "{layers:?}, {rows} rows");
            assert!((fused - mlp.loss(&weights)).abs() < 2e-5 * fused.max(1.0), "{layers:?}: {fused} for {}", mlp.loss(&weights));
            assert_eq!(fused, -mlp.evaluate_values(&weights, &mut scratch));
        }
    }
}

#[test]
fn large_weights_neither_overflow_nor_lose_the_loss() {
    let (mlp, weights) = perceptron(64, &[2, 8, 5], 3);
    for scale in [1e2, 1e4, 1e6] {
        let weights: Vec<f64> = weights.iter().map(|w| w * scale).collect();
        let single: Vec<f32> = weights.iter().map(|w| *w as f32).collect();
        let (got, want) = (mlp.fused_loss(&single, &mut Scratch::default()), mlp.logits(&weights, &[0.0, 0.0]));
        // The loss in doubles clips probabilities at 1e-10; this one does not.
        assert!(got.is_finite() && want.iter().all(|v| v.is_finite()), "{scale}: {got}");
    }
}

#[test]
fn candidates_as_values_evolve_as_tensors_do() {
    let (mlp, weights) = perceptron(40, &[2, 4, 3], 5);
    let target = Distance { target: weights.clone() };
    let template = ResonantTensor::from_floats(&weights, &[weights.len()], None, 300).unwrap();
    let fitnesses: [&dyn Fitness; 2] = [&mlp, &target];
    for strategy in [Strategy::Separable, Strategy::Gradient, Strategy::Random, Strategy::Elitist] {
        for lambda_val in [0.0, 0.1] {
            for fitness in fitnesses {
                let config = Config { strategy, lambda_val, elite: 2, population_size: 9, ..Config::default() };
                let mut quick = Evolver::new(&template, config.clone(), 7).unwrap();
                let mut plain = Evolver::new(&template, config, 7).unwrap();
                let through_tensors = |t: &ResonantTensor| fitness.evaluate(t);
                for _ in 0..6 {
                    quick.step(fitness).unwrap();
                    plain.step(&through_tensors).unwrap();
                }
                let (a, b) = (quick.outcome(StopReason::Generations).unwrap(), plain.outcome(StopReason::Generations).unwrap());
                assert_eq!(a.best, b.best, "{strategy}");
                assert_eq!(a.history, b.history, "{strategy}");
            }
        }
    }
}

#[test]
fn a_table_of_points_snaps_as_the_search_does() {
    let mut draws = Draws::new(11);
    for p in [1, 2, 3, 5, 8, 32, 100, 377, 1000, 4096, 5000] {
        let snapper = Snapper::new(p);
        for i in 0..4000 {
            let x = match i % 4 {
                0 => draws.unit(),
                1 => 9.5 * draws.unit(),
                // The edges of cells, and what lies beside them.
                2 => (i / 8) as f64 * 0.5 - 62.0 + 1e-12 * draws.unit(),
                _ => 3.0 * p as f64 * draws.unit(),
            };
            let want = nearest(x, p);
            assert_eq!(snapper.nearest(x), want, "{x} at {p}");
            assert_eq!(snapper.nearest_value(x), want.to_f64(), "{x} at {p}");
        }
    }
}
