//! Results must not depend on the number of threads, to the last bit.

use purify_ops::fft::{self, Norm};
use purify_ops::nn::{self, ConvOptions, Padding};
use purify_ops::{DType, Result, Tensor, linalg, pool};

/// Numbers with full mantissas, so that another order of summation shows.
fn numbers(shape: &[usize], dtype: DType) -> Tensor {
    let count: usize = shape.iter().product();
    let data: Vec<f64> = (0..count).map(|i| ((i as f64 + 1.0) * 0.754_877_666_246_693).fract() - 0.5).collect();
    Tensor::from_vec(data, shape).unwrap().astype(dtype).unwrap()
}

fn bits(x: &Tensor) -> Vec<(u64, u64)> {
    x.cast_vec::<purify_ops::Complex128>().unwrap().iter().map(|z| (z.re.to_bits(), z.im.to_bits())).collect()
}

#[test]
fn no_result_depends_on_the_number_of_threads() {
    type Call = Box<dyn Fn() -> Result<Tensor>>;
    let mut calls: Vec<(String, Call)> = Vec::new();
    let shapes = [
        ([300, 600], [600, 100]),
        ([1000, 300], [300, 3]),
        ([3, 300], [300, 1000]),
        ([130, 1100], [1100, 65]),
        ([1, 900], [900, 900]),
        ([5000, 80], [80, 1]),
        ([200, 513], [513, 100]),
    ];
    for dtype in [DType::Float32, DType::Float64, DType::Complex64, DType::Int32] {
        // Integer products are exact in any order; two shapes show that the cuts are right.
        let count = if dtype == DType::Int32 { 2 } else { shapes.len() };
        for (a, b) in shapes.into_iter().take(count) {
            let (x, y) = (numbers(&a, dtype), numbers(&b, dtype));
            let (xt, yt) = (numbers(&[a[1], a[0]], dtype).transpose(), numbers(&[b[1], b[0]], dtype).transpose());
            calls.push((format!("matmul {dtype} {a:?} {b:?}"), Box::new(move || linalg::matmul(&x, &y))));
            calls.push((format!("matmul of transposes {dtype} {a:?} {b:?}"), Box::new(move || linalg::matmul(&xt, &yt))));
        }
        let (x, y) = (numbers(&[3, 200, 150], dtype), numbers(&[3, 150, 170], dtype));
        calls.push((format!("batch {dtype}"), Box::new(move || linalg::matmul(&x, &y))));
        let (x, y) = (numbers(&[300, 9, 20], dtype), numbers(&[300, 20, 30], dtype));
        calls.push((format!("small batch {dtype}"), Box::new(move || linalg::matmul(&x, &y))));
    }
    for dtype in [DType::Float32, DType::Float64] {
        let x = numbers(&[12, 12, 12], dtype);
        calls.push((format!("svd {dtype}"), Box::new(move || Ok(linalg::svd(&x, false)?.0))));
        let x = numbers(&[20, 1000], dtype);
        calls.push((format!("fft {dtype}"), Box::new(move || fft::fft(&x, None, -1, Norm::Backward))));
        let x = numbers(&[300, 301], dtype);
        let y = x.clone();
        calls.push((format!("softmax {dtype}"), Box::new(move || nn::softmax(&x, 0))));
        calls.push((format!("layer_norm {dtype}"), Box::new(move || nn::layer_norm(&y, &[301], None, None, 1e-5))));
        for batch in [1, 5] {
            let (x, w) = (numbers(&[batch, 8, 40, 41], dtype), numbers(&[10, 8, 3, 3], dtype));
            let options = ConvOptions { padding: Padding::Zeros(&[1]), ..ConvOptions::default() };
            calls.push((format!("conv2d {dtype} {batch}"), Box::new(move || nn::conv2d(&x, &w, None, &options))));
        }
    }
    for dtype in [DType::Float32, DType::Float64, DType::Int64, DType::UInt8] {
        let x = purify_ops::multiply(&numbers(&[400, 501], DType::Float64), 1e6).unwrap().astype(dtype).unwrap();
        let rows = Tensor::from_vec((0..300i64).map(|i| i * 7919 % 400).collect(), &[300]).unwrap();
        let every: [fn(&Tensor) -> Result<Tensor>; 12] = [
            |x| purify_ops::add(x, x),
            |x| purify_ops::exp(x),
            |x| purify_ops::sin(x),
            |x| purify_ops::sum(x, None, None, false),
            |x| purify_ops::sum(x, Some(&[0]), None, false),
            |x| purify_ops::sum(x, Some(&[1]), None, false),
            |x| purify_ops::max(&x.transpose(), Some(&[1]), false),
            |x| purify_ops::cumulative_sum(x, Some(1), None, false),
            |x| purify_ops::sort(x, Some(0), false),
            |x| purify_ops::argsort(x, None, true),
            |x| x.transpose().copy(),
            |x| x.index(&[purify_ops::Index::BoolMask(purify_ops::greater(x, 9)?)]),
        ];
        for (i, call) in every.into_iter().enumerate() {
            let x = x.clone();
            calls.push((format!("call {i} of {dtype}"), Box::new(move || call(&x))));
        }
        calls.push((format!("take {dtype}"), Box::new(move || purify_ops::take(&x, &rows, Some(0)))));
        let x = numbers(&[30, 60, 50], dtype);
        calls.push((format!("fft along the middle, {dtype}"), Box::new(move || fft::fft(&x, None, 1, Norm::Backward))));
    }
    for (name, call) in calls {
        let results: Vec<_> = [1, 2, 7]
            .map(|threads| {
                pool::set_num_threads(threads);
                bits(&call().unwrap())
            })
            .into();
        assert!(results.iter().all(|r| *r == results[0]), "{name}");
    }
    pool::set_num_threads(0);
}
