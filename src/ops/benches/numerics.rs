//! Times matrix products, decompositions, transforms and neural network functions; `numerics.py` times NumPy and torch.
//!
//!     PURIFY_NUM_THREADS=1 cargo bench -p purify-ops --bench numerics [-- filter]
//!
//! Prints the case and its best and median time in microseconds.

use std::hint::black_box;
use std::time::Instant;

use purify_ops::fft::{self, Norm};
use purify_ops::linalg;
use purify_ops::nn::{self, ConvOptions, Padding, PoolOptions};
use purify_ops::{DType, Tensor};

fn random(shape: &[usize], dtype: DType) -> Tensor {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let data: Vec<f64> = (0..shape.iter().product()).map(|_| next()).collect();
    Tensor::from_vec(data, shape).unwrap().astype(dtype).unwrap()
}

fn time(name: &str, filter: &str, mut call: impl FnMut() -> Tensor) {
    if !name.contains(filter) {
        return;
    }
    let start = Instant::now();
    black_box(call());
    let once = start.elapsed().as_secs_f64();
    let rounds = (0.3 / once.max(1e-7)).clamp(5.0, 20_000.0) as usize;
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            black_box(call());
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name} {:.2} {:.2}", times[0], times[rounds / 2]);
}

fn main() {
    let filter = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    let f = filter.as_str();
    let (single, double) = (DType::Float32, DType::Float64);
    for n in [4, 16, 64, 256, 1024] {
        for (dtype, tag) in [(single, "f32"), (double, "f64")] {
            let (a, b) = (random(&[n, n], dtype), random(&[n, n], dtype));
            time(&format!("matmul_{tag}_{n}"), f, || linalg::matmul(&a, &b).unwrap());
        }
    }
    let (a, b) = (random(&[269, 1, 128], single), random(&[269, 128, 64], single));
    time("bmm_269x1x128x64", f, || linalg::matmul(&a, &b).unwrap());
    let (a, b) = (random(&[64, 32, 32], single), random(&[64, 32, 32], single));
    time("bmm_64x32x32", f, || linalg::matmul(&a, &b).unwrap());
    let (a, v) = (random(&[1024, 1024], single), random(&[1024], single));
    time("matvec_1024", f, || linalg::matmul(&a, &v).unwrap());
    time("vecmat_1024", f, || linalg::matmul(&v, &a).unwrap());
    let (a, b) = (random(&[8, 12, 64, 64], single), random(&[8, 12, 64, 64], single));
    time("einsum_bhqd_bhkd", f, || linalg::einsum("bhqd,bhkd->bhqk", &[&a, &b]).unwrap());
    for (dtype, tag) in [(single, "f32"), (double, "f64")] {
        for n in [64, 256] {
            let a = random(&[n, n], dtype);
            let spd = linalg::matmul(&a, &a.transpose()).unwrap();
            let spd = plus_identity(&spd, n);
            let b = random(&[n, n], dtype);
            time(&format!("cholesky_{tag}_{n}"), f, || linalg::cholesky(&spd, false).unwrap());
            time(&format!("solve_{tag}_{n}"), f, || linalg::solve(&a, &b).unwrap());
            time(&format!("inv_{tag}_{n}"), f, || linalg::inv(&a).unwrap());
            time(&format!("qr_{tag}_{n}"), f, || linalg::qr(&a, linalg::QrMode::Reduced).unwrap().0);
            time(&format!("eigh_{tag}_{n}"), f, || linalg::eigh(&spd, false).unwrap().0);
            time(&format!("svd_{tag}_{n}"), f, || linalg::svd(&a, false).unwrap().0);
        }
        let a = random(&[64, 64], dtype);
        time(&format!("eig_{tag}_64"), f, || linalg::eig(&a).unwrap().0);
        let small = random(&[1000, 3, 3], dtype);
        time(&format!("inv_{tag}_1000x3x3"), f, || linalg::inv(&small).unwrap());
        time(&format!("svd_{tag}_1000x3x3"), f, || linalg::svd(&small, false).unwrap().0);
        let x = random(&[1 << 20], dtype);
        time(&format!("rfft_{tag}_1M"), f, || fft::rfft(&x, None, -1, Norm::Backward).unwrap());
        let x = random(&[64, 4096], dtype);
        time(&format!("rfft_{tag}_64x4096"), f, || fft::rfft(&x, None, -1, Norm::Backward).unwrap());
        time(&format!("fft_{tag}_64x4096"), f, || fft::fft(&x, None, -1, Norm::Backward).unwrap());
        let x = random(&[256, 256], dtype);
        time(&format!("fft2_{tag}_256"), f, || fft::fft2(&x, None, [-2, -1], Norm::Backward).unwrap());
    }
    let x = random(&[4096, 1024], single);
    let w = random(&[1024], single);
    time("layer_norm_4096x1024", f, || nn::layer_norm(&x, &[1024], Some(&w), Some(&w), 1e-5).unwrap());
    time("softmax_4096x1024", f, || nn::softmax(&x, -1).unwrap());
    time("log_softmax_4096x1024", f, || nn::log_softmax(&x, -1).unwrap());
    let x = random(&[16, 1024], single);
    time("layer_norm_16x1024", f, || nn::layer_norm(&x, &[1024], Some(&w), Some(&w), 1e-5).unwrap());
    time("softmax_16x1024", f, || nn::softmax(&x, -1).unwrap());
    let (x, w) = (random(&[8, 64, 56, 56], single), random(&[64, 64, 3, 3], single));
    let padded = ConvOptions { padding: Padding::Zeros(&[1]), ..ConvOptions::default() };
    time("conv2d_8x64x56x56_3x3", f, || nn::conv2d(&x, &w, None, &padded).unwrap());
    let (one, depthwise) = (random(&[64, 64, 1, 1], single), random(&[64, 1, 3, 3], single));
    time("conv2d_1x1", f, || nn::conv2d(&x, &one, None, &ConvOptions::default()).unwrap());
    time("conv2d_depthwise", f, || nn::conv2d(&x, &depthwise, None, &ConvOptions { groups: 64, ..padded }).unwrap());
    time("max_pool2d_2", f, || nn::max_pool2d(&x, &PoolOptions::new(&[2])).unwrap().0);
    time("avg_pool2d_2", f, || nn::avg_pool2d(&x, &PoolOptions::new(&[2])).unwrap());
    time("batch_norm", f, || nn::batch_norm(&x, None, None, None, None, true, 0.1, 1e-5).unwrap());
    time("interpolate_2x", f, || nn::interpolate(&x, None, Some(&[2.0]), nn::Interpolation::Linear, false).unwrap());
    let q = random(&[8, 8, 128, 64], single);
    time("attention_8x8x128x64", f, || nn::scaled_dot_product_attention(&q, &q, &q, None, false, None, false).unwrap());
    let p = random(&[1000, 16], single);
    time("cdist_1000x1000x16", f, || nn::cdist(&p, &p, 2.0).unwrap());
    let (x, w, b) = (random(&[256, 512], single), random(&[512, 512], single), random(&[512], single));
    time("linear_256x512x512", f, || nn::linear(&x, &w, Some(&b)).unwrap());
}

/// `x + n I`, which makes a Gram matrix well conditioned.
fn plus_identity(x: &Tensor, n: usize) -> Tensor {
    let mut values = x.cast_vec::<f64>().unwrap();
    (0..n).for_each(|i| values[i * n + i] += n as f64);
    Tensor::from_vec(values, &[n, n]).unwrap().astype(x.dtype()).unwrap()
}
