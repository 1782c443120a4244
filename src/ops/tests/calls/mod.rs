//! One call of every kind of operation, and how its result on a device is compared with that of the host: for the test of the
//! op layer (`device.rs`) and for every backend's own.

use purify_ops::fft::{self, Norm};
use purify_ops::nn::{self, ConvOptions, Padding, PoolOptions};
use purify_ops::*;

/// Numbers between -0.5 and 0.5 without a pattern.
pub fn numbers(shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let data = (0..count).map(|i| ((i as f64 + 1.0) * 0.754_877_666_246_693).fract() - 0.5).collect();
    Tensor::from_vec(data, shape).unwrap()
}

/// A call.
pub type Call = fn(&Tensor) -> Result<Tensor>;

/// A square matrix of order 6 goes in.
pub const CALLS: &[(&str, Call)] = &[
    ("add", |x| add(x, x)),
    ("add a scalar", |x| add(x, 1.5)),
    ("add a row", |x| add(x, &x.select(0, 1)?)),
    ("less", |x| less(x, 0.0)),
    ("pow of integers", |x| pow(&x.astype(DType::Int64)?, &ones_like(x, Some(DType::Int64), None)?)),
    ("int64 and uint64", |x| less(&x.astype(DType::Int64)?, &ones_like(x, Some(DType::UInt64), None)?)),
    ("exp", |x| exp(x)),
    ("astype", |x| x.astype(DType::Complex64)),
    ("copy of a transpose", |x| x.transpose().copy()),
    ("reshape of a transpose", |x| x.transpose().reshape(&[36])),
    ("where", |x| where_(&less(x, 0.0)?, x, 1.0)),
    ("sum", |x| sum(x, Some(&[0]), None, false)),
    ("mean", |x| mean(x, None, true)),
    ("var", |x| var(x, Some(&[1]), 1.0, false)),
    ("max", |x| max(x, Some(&[1]), false)),
    ("median", |x| median(x, Some(&[1]), false)),
    ("argmax", |x| argmax(x, Some(1), false)),
    ("cumulative_sum", |x| cumulative_sum(x, Some(0), None, false)),
    ("sort", |x| sort(x, Some(0), false)),
    ("argsort", |x| argsort(x, Some(1), true)),
    ("topk", |x| Ok(topk(x, 2, 1, true)?.0)),
    ("unique", |x| unique_values(&less(x, 0.0)?.astype(DType::Int8)?)),
    ("concat", |x| concat(&[x, x], Some(1))),
    ("stack", |x| stack(&[x, x], 0)),
    ("roll", |x| roll(x, &[2], Some(&[0]))),
    ("flip", |x| flip(x, None)),
    ("repeat", |x| repeat(x, Repeats::Each(2), Some(0))),
    ("tile", |x| tile(x, &[2, 1])),
    ("pad", |x| pad(x, &[(1, 2), (0, 1)], PadMode::Constant(7.into()))),
    ("tril", |x| tril(x, -1)),
    ("index by a slice", |x| x.index(&[Index::Slice { start: Some(1), stop: None, step: Some(2) }])),
    ("index by a mask", |x| x.index(&[Index::BoolMask(less(x, 0.0)?)])),
    ("take", |x| take(x, &argsort(&x.select(0, 0)?, None, false)?, Some(1))),
    ("take_along_axis", |x| take_along_axis(x, &argsort(x, Some(1), false)?, 1)),
    ("nonzero", |x| Ok(nonzero(&less(x, 0.0)?)?.swap_remove(1))),
    ("assign", |x| {
        let y = x.copy()?;
        y.slice(0, 1, 2, 1).assign(&x.slice(0, 3, 2, 1))?;
        Ok(y)
    }),
    ("matmul", |x| matmul(x, x)),
    ("matmul of integers", |x| matmul(&x.astype(DType::Int32)?, &x.astype(DType::Int32)?)),
    ("vecdot", |x| vecdot(x, x, -1)),
    ("tensordot", |x| tensordot(x, x, &linalg::TensordotAxes::Count(1))),
    ("solve", |x| linalg::solve(x, x)),
    ("inv", |x| linalg::inv(x)),
    ("det", |x| linalg::det(x)),
    ("qr", |x| Ok(linalg::qr(x, linalg::QrMode::Reduced)?.1)),
    ("svdvals", |x| linalg::svdvals(x)),
    ("eigvalsh", |x| linalg::eigvalsh(x, false)),
    ("pinv", |x| linalg::pinv(x, None)),
    ("matrix_rank", |x| linalg::matrix_rank(x, None)),
    ("matrix_exp", |x| linalg::matrix_exp(x)),
    ("einsum", |x| linalg::einsum("ij,jk->ik", &[x, x])),
    ("fft", |x| fft::fft(x, None, 0, Norm::Backward)),
    ("rfft", |x| fft::rfft(x, Some(9), -1, Norm::Ortho)),
    ("irfft", |x| fft::irfft(x, None, 0, Norm::Backward)),
    ("softmax", |x| nn::softmax(x, 0)),
    ("logsumexp", |x| nn::logsumexp(x, Some(&[1]), false)),
    ("layer_norm", |x| nn::layer_norm(x, &[6], None, None, 1e-5)),
    ("gelu", |x| nn::gelu(x, true)),
    ("linear", |x| nn::linear(x, x, Some(&x.select(0, 0)?.copy()?))),
    ("conv2d", |x| {
        let image = x.reshape(&[1, 1, 6, 6])?;
        nn::conv2d(
            &image,
            &image.slice(2, 0, 3, 1).slice(3, 0, 3, 1),
            None,
            &ConvOptions { padding: Padding::Same, ..ConvOptions::default() },
        )
    }),
    ("max_pool2d", |x| Ok(nn::max_pool2d(&x.reshape(&[1, 1, 6, 6])?, &PoolOptions::new(&[2]))?.0)),
    ("attention", |x| {
        let x = x.reshape(&[1, 1, 6, 6])?;
        nn::scaled_dot_product_attention(&x, &x, &x, None, true, None, false)
    }),
    ("one_hot", |x| nn::one_hot(&argmax(x, Some(1), false)?, None)),
    ("cross_entropy", |x| nn::cross_entropy(x, &argmax(x, Some(0), false)?, None, -100, nn::Reduction::Mean, 0.0)),
    ("bincount", |x| bincount(&argmax(x, Some(0), false)?, None, 3)),
    ("diff", |x| diff(x, 1, 1, None, None)),
    ("interp", |x| interp(x, &sort(&x.select(0, 0)?, None, false)?, &x.select(0, 1)?, None, None, None)),
    ("polyval", |x| polyval(&x.select(0, 0)?, x)),
];

/// What a device answers to every call that is not as the host's answer, or not on the device.
pub fn failures(device: Device) -> Vec<String> {
    let host = numbers(&[6, 6]);
    let there = host.to_device(device).unwrap();
    assert_eq!(there.device(), device);
    let mut failed = Vec::new();
    for (name, call) in CALLS {
        let expected = call(&host).unwrap();
        match call(&there) {
            Err(error) => failed.push(format!("{name}: {error}")),
            Ok(found) if found.device() != device => failed.push(format!("{name}: the result is on {}", found.device())),
            Ok(found) => failed.extend(difference(&found, &expected, 1e-12).map(|text| format!("{name}: {text}"))),
        }
    }
    failed
}

/// How a result differs from what is expected, if it does.
pub fn difference(found: &Tensor, expected: &Tensor, tolerance: f64) -> Option<String> {
    if found.shape() != expected.shape() || found.dtype() != expected.dtype() {
        return Some(format!("{found:?} instead of {expected:?}"));
    }
    let close = |a: f64, b: f64| a == b || (a - b).abs() <= tolerance * (1.0 + b.abs()) || (a.is_nan() && b.is_nan());
    let (a, b) = (found.cast_vec::<Complex128>().unwrap(), expected.cast_vec::<Complex128>().unwrap());
    let at = a.iter().zip(&b).position(|(a, b)| !close(a.re, b.re) || !close(a.im, b.im))?;
    Some(format!("{} instead of {} at {at} of {}", a[at], b[at], a.len()))
}
