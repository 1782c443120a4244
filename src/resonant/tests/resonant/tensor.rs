//! The tensor: exact operations, snapped operations within their bound, phases, cycles, storage.

use num_bigint::BigInt;
use purify_ops::{Device, Tensor};
use purify_resonant::exact::error_bound;
use purify_resonant::operators::Amplify;
use purify_resonant::*;

use crate::draws::Draws;

fn tensor(values: &[f64], shape: &[usize]) -> ResonantTensor {
    ResonantTensor::from_floats(values, shape, None, 100).unwrap()
}

fn random(seed: u64, shape: &[usize]) -> ResonantTensor {
    let mut draws = Draws::new(seed);
    let n = shape.iter().product();
    tensor(&(0..n).map(|_| 2.0 * draws.unit()).collect::<Vec<_>>(), shape)
}

fn close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() <= tolerance, "{got:?} is not {want:?}");
    }
}

#[test]
fn integer_matrices_multiply_as_integers_do() {
    let x = ResonantTensor::from_lattice((1..=6).map(Golden::from).collect(), &[2, 3], None, 100).unwrap();
    let w = ResonantTensor::from_lattice((1..=12).map(Golden::from).collect(), &[4, 3], None, 100).unwrap();
    let y = x.matmul(&w).unwrap();
    assert_eq!((y.shape(), y.to_floats()), (&[2, 4][..], vec![14.0, 32.0, 50.0, 68.0, 32.0, 77.0, 122.0, 167.0]));
    assert_eq!(&y.mode_norm_sq()[..4], [0.0, 1.0, 4.0, 9.0]);
    assert!(x.matmul(&y).is_err());
}

#[test]
fn products_are_exact_in_words_in_double_words_and_beyond() {
    for bits in [20, 45, 61] {
        let mut draws = Draws::new(bits);
        let mut numbers =
            |n: usize| -> Vec<Golden> { (0..n).map(|_| Golden::new(draws.within(1 << bits), draws.within(1 << bits))).collect() };
        let (x, w) = (numbers(15), numbers(10));
        let y = ResonantTensor::from_lattice(x.clone(), &[3, 5], None, 100)
            .unwrap()
            .matmul(&ResonantTensor::from_lattice(w.clone(), &[2, 5], None, 100).unwrap())
            .unwrap();
        for i in 0..3 {
            for j in 0..2 {
                let sum = (0..5).fold(Golden::ZERO, |s, k| &s + &(&x[i * 5 + k] * &w[j * 5 + k]));
                assert_eq!(y.lattice()[i * 2 + j], sum);
            }
        }
    }
}

#[test]
fn a_batch_of_products_is_the_products_of_a_batch() {
    let (x, w) = (random(1, &[2, 3, 4]), random(2, &[2, 5, 4]));
    let y = x.matmul(&w).unwrap();
    assert_eq!(y.shape(), [2, 3, 5]);
    let pick = |t: &ResonantTensor, i: i64| {
        let index = Tensor::from_vec(vec![i], &[1]).unwrap();
        let rest: Vec<i64> = t.shape()[1..].iter().map(|&d| d as i64).collect();
        t.index_select(0, &index).unwrap().reshape(&rest).unwrap()
    };
    for i in 0..2 {
        assert_eq!(pick(&y, i).lattice(), pick(&x, i).matmul(&pick(&w, i)).unwrap().lattice());
    }
}

#[test]
fn forty_chained_products_stay_exact() {
    let mut value = random(3, &[8, 8]);
    let factor = random(4, &[8, 8]);
    let mut model: Vec<Golden> = value.lattice().to_vec();
    for _ in 0..40 {
        value = value.matmul(&factor).unwrap();
        model =
            (0..64).map(|i| (0..8).fold(Golden::ZERO, |s, k| &s + &(&model[i / 8 * 8 + k] * &factor.lattice()[i % 8 * 8 + k]))).collect();
    }
    assert_eq!(value.lattice(), model);
    let bits = random(3, &[8, 8]).max_coeff_bits() + 40 * (factor.max_coeff_bits() + 3 + 2);
    assert!(value.max_coeff_bits() > 200 && value.max_coeff_bits() <= bits);
    let short = value.mul_scalar(&Golden::fraction(1.into(), 0.into(), BigInt::from(10).pow(40)).unwrap()).unwrap().resnap(1000).unwrap();
    assert!(short.lattice().iter().all(Golden::is_integral) && short.precision() == 1000);
}

#[test]
fn recursion_follows_fibonacci_and_leaves_syntony() {
    let x = random(5, &[12]);
    let mut y = x.clone();
    let (mut f, mut g) = (BigInt::from(0), BigInt::from(1));
    for _ in 0..30 {
        y = y.recursion().unwrap();
        (f, g) = (g.clone(), &f + &g);
        // n steps map (a, b) to (F(n-1) a + F(n) b, F(n) a + F(n+1) b); here f = F(n), g = F(n+1).
        for (v, w) in y.lattice().iter().zip(x.lattice()) {
            let (v, w) = (v.wide(), w.wide());
            assert_eq!(v.a, (&g - &f) * &w.a + &f * &w.b);
            assert_eq!(v.b, &f * &w.a + &g * &w.b);
        }
        assert!((y.syntony() - x.syntony()).abs() < 1e-14);
    }
    for _ in 0..30 {
        y = y.inverse_recursion().unwrap();
    }
    assert_eq!(y, x);
}

#[test]
fn syntony_is_never_stale() {
    let x = random(6, &[3, 4]);
    let checked = |t: ResonantTensor| {
        assert_eq!(t.syntony(), syntony::syntony(&t.to_floats(), t.mode_norm_sq()).unwrap());
        t
    };
    let bias = random(7, &[4]);
    checked(x.add_bias(&bias).unwrap());
    checked(x.relu().unwrap());
    checked(x.prune(0.5).unwrap());
    checked(x.sigmoid(None).unwrap());
    let mut y = x.clone();
    y.cycle(&CycleOptions::default()).unwrap();
    let y = checked(y);
    checked(y.concat_with_itself());
}

trait ConcatWithItself {
    fn concat_with_itself(&self) -> ResonantTensor;
}

impl ConcatWithItself for ResonantTensor {
    fn concat_with_itself(&self) -> ResonantTensor {
        ResonantTensor::concat(&[self, self], -1).unwrap()
    }
}

#[test]
fn the_order_of_a_batch_does_not_change_syntony() {
    let x = random(8, &[4, 5]);
    let order = Tensor::from_vec(vec![2i64, 0, 3, 1], &[4]).unwrap();
    assert!((x.index_select(0, &order).unwrap().syntony() - x.syntony()).abs() < 1e-15);
    // Under flat norms it does; they exist to compare with old results.
    let flat = x.with_mode_norms(default_norms(x.shape(), ModeNorms::Flat)).unwrap();
    assert!((flat.syntony() - x.syntony()).abs() > 1e-3);
}

#[test]
fn elementwise_operations_broadcast_and_are_exact() {
    let (x, row) = (random(9, &[3, 4]), random(10, &[4]));
    let sum = x.add(&row).unwrap();
    for i in 0..12 {
        assert_eq!(sum.lattice()[i], &x.lattice()[i] + &row.lattice()[i % 4]);
    }
    let column = random(11, &[3, 1]);
    let product = row.mul(&column).unwrap();
    assert_eq!(product.shape(), [3, 4]);
    assert_eq!(product.lattice()[5], &row.lattice()[1] * &column.lattice()[1]);
    assert!(x.add(&random(1, &[5])).is_err());
    assert!(x.sub(&x).unwrap().lattice().iter().all(Golden::is_zero));
    assert_eq!(x.one_minus().unwrap().one_minus().unwrap(), x);
    assert!(x.div(&x.sub(&x).unwrap()).is_err());
    assert!(x.div(&x).unwrap().lattice().iter().all(|v| *v == Golden::ONE));
    let below = x.compare(&row, |o| o.is_lt()).unwrap().to_vec::<bool>().unwrap();
    let values = (x.to_floats(), row.to_floats());
    assert!((0..12).all(|i| below[i] == (values.0[i] < values.1[i % 4])));
}

#[test]
fn statistics_are_exact_and_agree_with_doubles() {
    let x = random(12, &[3, 4]);
    let v = x.to_floats();
    let rows: Vec<f64> = v.chunks(4).map(|r| r.iter().sum::<f64>() / 4.0).collect();
    let mean = x.mean(Some(1), false).unwrap();
    close(&mean.to_floats(), &rows, 1e-15);
    assert_eq!((mean.shape(), x.mean(Some(-1), true).unwrap().shape()), (&[3][..], &[3, 1][..]));
    let vars: Vec<f64> = v.chunks(4).zip(&rows).map(|(r, m)| r.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / 4.0).collect();
    close(&x.var(Some(1), false).unwrap().to_floats(), &vars, 1e-14);
    // Deviations from an exact mean sum to exactly zero.
    let rest = x.sub(&x.mean(Some(1), true).unwrap()).unwrap().sum(Some(1), false).unwrap();
    assert!(rest.lattice().iter().all(Golden::is_zero));
    let all = x.mean(None, false).unwrap();
    assert_eq!((all.shape(), all.mode_norm_sq()), (&[1][..], &[0.0][..]));
    let top = x.extremum(Extremum::Max, Some(0), false).unwrap();
    assert!((0..4).all(|j| top.to_floats()[j] == v[j].max(v[4 + j]).max(v[8 + j])));
    let norm = x.norm(2.0, None, false, Some(1000)).unwrap().to_floats()[0];
    assert!((norm - v.iter().map(|x| x * x).sum::<f64>().sqrt()).abs() < error_bound(1000, norm).unwrap());
    assert!(tensor(&[], &[0]).mean(None, false).is_err());
    assert_eq!(tensor(&[2.0, 3.0], &[2]).prod(None, false).unwrap().to_floats(), [6.0]);
}

#[test]
fn snapped_functions_stay_within_the_bound() {
    let x = random(13, &[200]);
    let bound = error_bound(100, 2.1).unwrap() + 1e-15;
    for (y, f) in [(x.sigmoid(None).unwrap(), (|x: f64| 1.0 / (1.0 + (-x).exp())) as fn(f64) -> f64), (x.tanh(None).unwrap(), f64::tanh)] {
        let want: Vec<f64> = x.to_floats().into_iter().map(f).collect();
        close(&y.to_floats(), &want, bound);
    }
    close(&tensor(&[1.0, 2.0, -1.0, -2.0], &[4]).sigmoid(None).unwrap().to_floats(), &[0.729490, 0.875388, 0.270510, 0.124612], 5e-7);
    close(&tensor(&[0.0, 1.0, -1.0], &[3]).tanh(None).unwrap().to_floats(), &[0.0, 0.763932, -0.763932], 5e-7);
    close(&tensor(&[1.0], &[1]).gelu(Some(5000), Gelu::Erf).unwrap().to_floats(), &[0.841344746], 2e-4);
    close(&tensor(&[1.0], &[1]).gelu(Some(5000), Gelu::Tanh).unwrap().to_floats(), &[0.841191990], 2e-4);
    let log = |x: f64| x.ln();
    assert!(tensor(&[0.0], &[1]).apply("log", None, Nonfinite::Error, log).is_err());
    assert_eq!(tensor(&[0.0], &[1]).apply("log", None, Nonfinite::Zero, log).unwrap().to_floats(), [0.0]);
    assert!(tensor(&[1000.0], &[1]).apply("exp", None, Nonfinite::Error, f64::exp).is_err());
}

#[test]
fn softmax_sums_to_one_exactly_when_asked() {
    close(&tensor(&[1.0, 2.0, 3.0], &[3]).softmax(-1, Some(32), false).unwrap().to_floats(), &[0.0901699, 0.2360680, 0.6737621], 5e-8);
    let x = random(14, &[3, 4, 5]);
    for axis in 0..3 {
        let n = x.shape()[axis] as f64;
        let plain = x.softmax(axis as i64, None, false).unwrap();
        let off = plain.sum(Some(axis as i64), false).unwrap().to_floats();
        assert!(off.iter().all(|s| (s - 1.0).abs() <= n * error_bound(100, 1.0).unwrap()));
        let whole = x.softmax(axis as i64, None, true).unwrap();
        assert!(whole.sum(Some(axis as i64), false).unwrap().lattice().iter().all(|s| *s == Golden::ONE));
        assert!(whole.lattice().iter().chain(plain.lattice()).all(|v| v.signum() >= 0));
    }
}

#[test]
fn layer_norm_reaches_its_target() {
    let x = random(15, &[6, 16]).resnap(1000).unwrap();
    let e = error_bound(1000, 3.0).unwrap();
    let y = x.layer_norm(None, None, 1e-5, false).unwrap();
    for (got, row) in y.to_floats().chunks(16).zip(x.to_floats().chunks(16)) {
        let mean = row.iter().sum::<f64>() / 16.0;
        let var = row.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 16.0;
        let want: Vec<f64> = row.iter().map(|v| (v - mean) / (var + 1e-5).sqrt()).collect();
        close(got, &want, e + 1e-12);
    }
    let golden = x.layer_norm(None, None, 1e-8, true).unwrap();
    for row in golden.to_floats().chunks(16) {
        let mean = row.iter().sum::<f64>() / 16.0;
        let var = row.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 16.0;
        assert!(mean.abs() <= e && (var - 0.618_034).abs() <= 4.0 * e);
    }
    let beta = tensor(&[0.5, -1.0], &[2]);
    let constant = tensor(&[3.0, 3.0], &[1, 2]).layer_norm(None, Some(&beta), 1e-8, true).unwrap();
    assert_eq!(constant.lattice(), beta.lattice());
    assert_eq!(tensor(&[], &[0, 4]).layer_norm(None, None, 1e-8, true).unwrap().shape(), [0, 4]);
    assert!(x.layer_norm(Some(&beta), None, 1e-8, true).is_err());
    let b = x.batch_norm(BatchNormTarget::Golden, 1e-9, None, None).unwrap();
    let column: Vec<f64> = b.to_floats().iter().step_by(16).copied().collect();
    let mean = column.iter().sum::<f64>() / 6.0;
    assert!(mean.abs() <= e && (column.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 6.0 - 0.618_034).abs() < 4.0 * e);
    assert!(x.batch_norm(BatchNormTarget::Custom(-1.0), 1e-5, None, None).is_err());
}

#[test]
fn convolution_agrees_with_its_definition_exactly() {
    let (image, kernel, bias) = (random(16, &[2, 3, 6, 5]), random(17, &[4, 3, 3, 2]), random(18, &[4]));
    for (stride, padding) in [([1, 1], [0, 0]), ([2, 1], [1, 2]), ([3, 2], [2, 0])] {
        let y = image.conv2d(&kernel, Some(&bias), stride, padding, Layout2d::Nchw).unwrap();
        let [n, o, h, w] = <[usize; 4]>::try_from(y.shape()).unwrap();
        assert_eq!((n, o), (2, 4));
        let mut at = 0;
        for image_index in 0..n {
            for channel in 0..o {
                for (oy, ox) in (0..h).flat_map(|y| (0..w).map(move |x| (y, x))) {
                    let mut sum = bias.lattice()[channel].clone();
                    for (i, ky, kx) in (0..3).flat_map(|i| (0..3).flat_map(move |y| (0..2).map(move |x| (i, y, x)))) {
                        let (y, x) = ((oy * stride[0] + ky) as i64 - padding[0] as i64, (ox * stride[1] + kx) as i64 - padding[1] as i64);
                        if (0..6).contains(&y) && (0..5).contains(&x) {
                            let v = &image.lattice()[((image_index * 3 + i) * 6 + y as usize) * 5 + x as usize];
                            sum = &sum + &(v * &kernel.lattice()[((channel * 3 + i) * 3 + ky) * 2 + kx]);
                        }
                    }
                    assert_eq!(y.lattice()[at], sum);
                    at += 1;
                }
            }
        }
        let last = image.permute(&[0, 2, 3, 1]).unwrap();
        let other = last.conv2d(&kernel.permute(&[0, 2, 3, 1]).unwrap(), Some(&bias), stride, padding, Layout2d::Nhwc).unwrap();
        assert_eq!(other.permute(&[0, 3, 1, 2]).unwrap().lattice(), y.lattice());
    }
    let one = ResonantTensor::from_lattice(vec![Golden::ONE], &[1, 1, 1, 1], None, 100).unwrap();
    let single = random(19, &[1, 1, 4, 4]);
    assert_eq!(single.conv2d(&one, None, [1, 1], [0, 0], Layout2d::Nchw).unwrap().lattice(), single.lattice());
    assert!(image.conv2d(&random(1, &[4, 2, 3, 3]), None, [1, 1], [0, 0], Layout2d::Nchw).is_err());
    assert!(image.conv2d(&kernel, None, [0, 1], [0, 0], Layout2d::Nchw).is_err());
    assert!(image.conv2d(&random(1, &[1, 3, 9, 9]), None, [1, 1], [0, 0], Layout2d::Nchw).is_err());
    let pooled = single.max_pool2d([2, 2], [2, 2], [0, 0]).unwrap();
    let v = single.to_floats();
    assert_eq!(pooled.to_floats()[0], v[0].max(v[1]).max(v[4]).max(v[5]));
    let mean = single.global_avg_pool2d().unwrap();
    assert_eq!((mean.shape(), &mean.lattice()[0]), (&[1, 1][..], &single.mean(None, false).unwrap().lattice()[0]));
    let padded = single.avg_pool2d([2, 2], [2, 2], [1, 1], false).unwrap();
    assert_eq!(padded.lattice()[0], single.lattice()[0]);
}

#[test]
fn rearrangements_carry_numbers_and_norms() {
    let x = random(20, &[2, 3, 4]);
    let y = x.permute(&[2, 0, 1]).unwrap();
    assert_eq!(y.shape(), [4, 2, 3]);
    for (i, j, k) in (0..2).flat_map(|i| (0..3).flat_map(move |j| (0..4).map(move |k| (i, j, k)))) {
        assert_eq!(y.lattice()[(k * 2 + i) * 3 + j], x.lattice()[(i * 3 + j) * 4 + k]);
        assert_eq!(y.mode_norm_sq()[(k * 2 + i) * 3 + j], x.mode_norm_sq()[(i * 3 + j) * 4 + k]);
    }
    assert_eq!(y.permute(&[1, 2, 0]).unwrap(), x);
    assert_eq!(x.transpose(0, -1).unwrap().transpose(0, 2).unwrap(), x);
    assert_eq!(x.reshape(&[-1, 4]).unwrap().shape(), [6, 4]);
    assert!(x.reshape(&[-1, 7]).is_err() && x.reshape(&[-1, -1]).is_err());
    let joined = ResonantTensor::concat(&[&x, &x.relu().unwrap()], 1).unwrap();
    assert_eq!(joined.shape(), [2, 6, 4]);
    assert_eq!(joined.lattice()[24 + 12..48], x.relu().unwrap().lattice()[12..]);
    assert!(ResonantTensor::concat(&[], 0).is_err() && ResonantTensor::concat(&[&x, &random(1, &[2, 3, 5])], 1).is_err());
    let mask = Tensor::from_vec(vec![true, false, true, false], &[4]).unwrap();
    assert_eq!(x.masked_select(&mask).unwrap().shape(), [12]);
    let index = Tensor::from_vec(vec![0i64, 2, -1, 1, 0, 0], &[2, 3, 1]).unwrap();
    let gathered = x.gather(2, &index).unwrap();
    assert_eq!(gathered.lattice()[2], x.lattice()[11]);
    let back = x.scatter(2, &index, &gathered).unwrap();
    assert_eq!(back, x);
    assert!(x.index_select(0, &Tensor::from_vec(vec![2i64], &[1]).unwrap()).is_err());
}

#[test]
fn waking_and_crystallizing_changes_nothing() {
    let mut x = random(21, &[3, 4]);
    let before = x.clone();
    x.wake_flux(Device::Cpu).unwrap();
    assert_eq!((x.phase(), x.flux().unwrap().to_vec::<f64>().unwrap()), ("flux", before.to_floats()));
    for failed in [x.add(&before).err(), before.add(&x).err(), x.relu().err(), x.sigmoid(None).err(), x.reshape(&[12]).err()] {
        assert!(matches!(failed, Some(Error::Phase { .. })), "{failed:?}");
    }
    assert!(x.wake_flux(Device::Cpu).is_err());
    assert_eq!(x.crystallize(None, false).unwrap(), before.syntony());
    assert_eq!(x, before);
    assert!(x.crystallize(None, false).is_err() && x.flux().is_err() && x.destroy_shadow().is_err());
    // Long exact numbers survive as well.
    let mut long = before.mul(&before).unwrap().mul(&before).unwrap();
    let kept = long.clone();
    long.wake_flux(Device::Cpu).unwrap();
    long.crystallize(None, false).unwrap();
    assert_eq!(long, kept);
}

#[test]
fn what_is_written_to_flux_crystallizes() {
    let mut x = tensor(&[1.0, 2.0], &[2]);
    x.wake_flux(Device::Cpu).unwrap();
    x.set_flux(&Tensor::from_vec(vec![0.5, 0.25], &[2]).unwrap()).unwrap();
    assert!(x.set_flux(&Tensor::from_vec(vec![0.5], &[1]).unwrap()).is_err());
    x.crystallize(Some(1000), false).unwrap();
    close(&x.to_floats(), &[0.5, 0.25], 6e-4);
    assert_eq!(x.precision(), 1000);
    x.wake_flux(Device::Cpu).unwrap();
    x.set_flux(&Tensor::from_vec(vec![f64::NAN, 0.0], &[2]).unwrap()).unwrap();
    assert!(x.crystallize(None, false).is_err());
    assert_eq!(x.phase(), "flux");
    x.destroy_shadow().unwrap();
    close(&x.to_floats(), &[0.5, 0.25], 6e-4);
    // H attenuates the second mode by 1 - S/phi (1 - w(1)).
    let s = x.syntony();
    x.wake_flux(Device::Cpu).unwrap();
    x.crystallize(Some(100_000), true).unwrap();
    close(&x.to_floats(), &[0.5, 0.25 * (1.0 - s * 0.618_034 * (1.0 - 0.539_003))], 7e-4);
}

#[test]
fn cycles_without_noise_follow_the_gains() {
    // Published trajectories of S: two and four modes rise, eight collapse.
    for (n, start, end) in [(2usize, 0.743, 0.988), (4, 0.643, 0.972)] {
        let mut draws = Draws::new(n as u64);
        loop {
            let mut x = tensor(&(0..n).map(|_| draws.unit()).collect::<Vec<_>>(), &[n]);
            if (x.syntony() - start).abs() > 0.02 {
                continue;
            }
            let options = CycleOptions { noise_scale: 0.0, ..CycleOptions::default() };
            for _ in 0..8 {
                x.cycle(&options).unwrap();
            }
            assert!(x.syntony() > end - 0.03, "n = {n}: {}", x.syntony());
            break;
        }
    }
    let x = ResonantTensor::randn(&[50], 0.0, 1.0, 100, 3).unwrap();
    assert!(x.syntony() < 0.3);
    let run = |amplify, rescale| {
        let mut x = x.clone();
        for _ in 0..8 {
            x.cycle(&CycleOptions { noise_scale: 0.0, amplify, rescale, ..CycleOptions::default() }).unwrap();
        }
        let largest = x.to_floats().into_iter().fold(0.0f64, |m, v| m.max(v.abs()));
        (x.syntony(), largest, x.is_diverging())
    };
    let (s, largest, diverging) = run(Amplify::Sqrt, Rescale::None);
    assert!(s < 1e-6 && largest > 1e8 && diverging);
    assert!(run(Amplify::Sqrt, Rescale::L2).1 < 20.0);
    assert!(run(Amplify::Saturating, Rescale::None).1 < 1e3);
}

#[test]
fn noise_depends_on_the_seed_alone_and_rows_are_independent() {
    let x = random(22, &[3, 4]);
    let run = |seed| {
        let mut x = x.clone();
        x.cycle(&CycleOptions { seed, noise_scale: 0.5, ..CycleOptions::default() }).unwrap();
        x
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let options = CycleOptions { noise_scale: 0.0, ..CycleOptions::default() };
    let mut whole = x.clone();
    let rows = whole.batch_cycle(&options).unwrap();
    for (i, s) in rows.iter().enumerate() {
        let index = Tensor::from_vec(vec![i as i64], &[1]).unwrap();
        let mut row = x.index_select(0, &index).unwrap().reshape(&[4]).unwrap();
        assert_eq!(row.cycle(&options).unwrap(), *s);
        assert_eq!(row.lattice(), &whole.lattice()[i * 4..(i + 1) * 4]);
    }
    assert!(random(1, &[4]).batch_cycle(&options).is_err());
    assert!(x.clone().cycle(&CycleOptions { noise_scale: -1.0, ..options }).is_err());
}

#[test]
fn constructors_refuse_what_they_cannot_hold() {
    assert!(matches!(ResonantTensor::from_floats(&[1.0], &[2], None, 100), Err(Error::Shape { .. })));
    assert!(ResonantTensor::from_floats(&[1.0], &[1], Some(vec![0.0, 1.0]), 100).is_err());
    assert!(ResonantTensor::from_floats(&[1.0], &[1], Some(vec![-1.0]), 100).is_err());
    for p in [0, -1, (1 << 52) + 1] {
        assert!(ResonantTensor::from_floats(&[1.0], &[1], None, p).is_err());
    }
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(ResonantTensor::from_floats(&[bad], &[1], None, 100).is_err());
        assert!(ResonantTensor::from_floats_with(&[bad], &[1], None, 100, Nonfinite::Saturate).is_ok());
    }
    assert_eq!(tensor(&[1.5], &[]).size(), 1);
    assert_eq!(ResonantTensor::zeros(&[2, 3], 10).unwrap().syntony(), 0.0);
    assert!(ResonantTensor::zeros(&[usize::MAX, 2], 10).is_err());
}

#[test]
fn fresh_weights_are_alive() {
    for (o, i) in [(64, 64), (128, 256)] {
        for init in [Init::Uniform, Init::Xavier, Init::GoldenNorm] {
            let w = ResonantTensor::weights(o, i, init, 100, 1).unwrap();
            let alive = w.lattice().iter().filter(|v| !v.is_zero()).count() as f64 / w.size() as f64;
            assert!(alive >= 0.9, "{init:?} {o}x{i}: {alive}");
            if init == Init::GoldenNorm {
                let square = w.to_floats().iter().map(|v| v * v).sum::<f64>() / w.size() as f64;
                assert!((square * i as f64 - 1.0).abs() < 0.15, "{square}");
            }
        }
        // What the published initialisation leaves: almost nothing.
        let old = ResonantTensor::weights(o, i, Init::GoldenLegacy, 100, 1).unwrap();
        assert!(old.lattice().iter().filter(|v| !v.is_zero()).count() * 50 < old.size());
    }
    let golden = ResonantTensor::golden(&[6], 1.0, None, 100, 1e-3, 5).unwrap();
    assert!(golden.precision() >= 100);
    assert_eq!(ResonantTensor::randn(&[9], 0.0, 1.0, 100, 7).unwrap(), ResonantTensor::randn(&[9], 0.0, 1.0, 100, 7).unwrap());
}

#[test]
fn tensors_survive_as_bytes() {
    let mut flux = random(23, &[2, 2]);
    flux.wake_flux(Device::Cpu).unwrap();
    let mean = random(24, &[7]).mean(None, false).unwrap();
    let long = ResonantTensor::from_lattice(vec![Golden::phi_power(500), Golden::PHI], &[2], Some(vec![3.0, 0.5]), 77).unwrap();
    let bytes = write_tensors(&[("z", &flux), ("a", &mean), ("long", &long)]).unwrap();
    let back = read_tensors(&bytes).unwrap();
    assert_eq!(back.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["z", "a", "long"]);
    assert_eq!((&back[1].1, &back[2].1), (&mean, &long));
    assert_eq!(back[0].1.phase(), "flux");
    assert_eq!(back[0].1.lattice(), flux.lattice());
    assert!(read_tensors(&bytes[..bytes.len() - 3]).is_err());
    let plain = purify_ops::io::write_safetensors(&[], &Default::default()).unwrap();
    assert!(read_tensors(&plain).is_err());
}
