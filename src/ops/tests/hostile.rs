//! Sizes that no memory holds are errors, not the end of the process.
//!
//! A failed allocation inside `vec!` aborts, which no test survives: every call runs in a process of its own.

use std::process::Command;

use purify_ops::fft::{self, Norm};
use purify_ops::nn::{self, ConvOptions, Interpolation, Padding, PoolOptions};
use purify_ops::random::{RandomState, default_rng};
use purify_ops::*;

const CASE: &str = "PURIFY_HOSTILE_CASE";
/// Elements that fit an address but no memory.
const HUGE: usize = 1 << 45;

type Case = (&'static str, fn() -> Result<Tensor>);

fn small(shape: &[usize]) -> Tensor {
    Tensor::from_vec((0..shape.iter().product()).map(|i: usize| i as f64).collect(), shape).unwrap()
}

fn image() -> Tensor {
    small(&[1, 1, 3, 3])
}

fn conv(options: &ConvOptions<'_>) -> Result<Tensor> {
    nn::conv2d(&image(), &small(&[1, 1, 2, 2]), None, options)
}

fn tall() -> Tensor {
    small(&[1 << 22, 1])
}

const CASES: &[Case] = &[
    ("zeros", || zeros(&[HUGE], None, Device::Cpu)),
    ("zeros beyond addresses", || zeros(&[HUGE, HUGE], None, Device::Cpu)),
    ("arange", || arange(0.into(), Some((HUGE as i64).into()), 1.into(), None, Device::Cpu)),
    ("arange beyond addresses", || arange(0.0.into(), Some(1e300.into()), 1.0.into(), None, Device::Cpu)),
    ("linspace", || linspace(0.0.into(), 1.0.into(), HUGE, None, Device::Cpu, true)),
    ("logspace", || logspace(0.0, 1.0, HUGE, 10.0, None, Device::Cpu, true)),
    ("eye", || eye(HUGE, None, 0, None, Device::Cpu)),
    ("tri", || tri(HUGE, None, 0, None, Device::Cpu)),
    ("vander", || vander(&small(&[3]), Some(HUGE), false)),
    ("indices", || indices(&[HUGE, 2], Device::Cpu)),
    ("fftfreq", || fft::fftfreq(HUGE, 1.0, None, Device::Cpu)),
    ("copy of a broadcast", || small(&[1]).broadcast_to(&[HUGE])?.copy()),
    ("sum of a broadcast", || add(&small(&[1]).broadcast_to(&[HUGE])?, 1)),
    ("tile", || tile(&small(&[3]), &[HUGE])),
    ("tile beyond addresses", || tile(&small(&[3]), &[usize::MAX])),
    ("pad", || pad(&small(&[3]), &[(HUGE, 0)], PadMode::Constant(0.into()))),
    ("outer", || linalg::outer(&small(&[1 << 23]), &small(&[1 << 23]))),
    ("fft", || fft::fft(&small(&[3]), Some(HUGE), -1, Norm::Backward)),
    ("rfft", || fft::rfft(&small(&[3]), Some(HUGE), -1, Norm::Backward)),
    ("irfft", || fft::irfft(&small(&[3]), Some(HUGE), -1, Norm::Backward)),
    ("complete qr", || Ok(linalg::qr(&tall(), linalg::QrMode::Complete)?.0)),
    ("full svd", || Ok(linalg::svd(&tall(), true)?.0)),
    ("one_hot", || nn::one_hot(&Tensor::from_slice(&[0i64], &[1])?, Some(HUGE))),
    ("bincount", || bincount(&Tensor::from_slice(&[i64::MAX], &[1])?, None, 0)),
    ("conv padding", || conv(&ConvOptions { padding: Padding::Zeros(&[1 << 40]), ..ConvOptions::default() })),
    ("conv padding beyond addresses", || conv(&ConvOptions { padding: Padding::Zeros(&[usize::MAX / 2 + 1]), ..ConvOptions::default() })),
    ("conv dilation", || conv(&ConvOptions { dilation: &[usize::MAX], ..ConvOptions::default() })),
    ("conv dilation, same", || conv(&ConvOptions { dilation: &[usize::MAX], padding: Padding::Same, ..ConvOptions::default() })),
    ("conv_transpose stride", || {
        nn::conv_transpose2d(&image(), &small(&[1, 1, 2, 2]), None, &ConvOptions { stride: &[1 << 62], ..ConvOptions::default() }, &[0])
    }),
    ("unfold", || nn::unfold(&image(), &[usize::MAX], &ConvOptions::default())),
    ("max_pool", || Ok(nn::max_pool2d(&image(), &PoolOptions { padding: &[usize::MAX / 2], ..PoolOptions::new(&[usize::MAX]) })?.0)),
    ("adaptive pool", || nn::adaptive_avg_pool2d(&image(), [Some(HUGE), None])),
    ("interpolate", || nn::interpolate(&image(), Some(&[HUGE, 1]), None, Interpolation::Linear, false)),
    ("interpolate beyond addresses", || nn::interpolate(&image(), Some(&[HUGE, HUGE]), None, Interpolation::Nearest, false)),
    ("random", || default_rng(1u64).random(HUGE, DType::Float64)),
    ("normal", || default_rng(1u64).normal(HUGE, 0.0, 1.0)),
    ("random bool", || default_rng(1u64).integers_of(HUGE, 0i64, 2i64, DType::Bool, false)),
    ("permutation", || default_rng(1u64).permutation_of(HUGE)),
    ("legacy permutation", || RandomState::seed(1).permutation_of(HUGE)),
    ("choice", || default_rng(1u64).choice(HUGE, 10, true, None, true)),
    ("choice without replacement", || default_rng(1u64).choice(HUGE / 2, HUGE, false, None, true)),
];

#[test]
fn sizes_beyond_memory_are_errors() {
    if let Ok(case) = std::env::var(CASE) {
        let (name, call) = CASES[case.parse::<usize>().unwrap()];
        let error = call().expect_err(name);
        assert!(!error.to_string().is_empty());
        return;
    }
    let program = std::env::current_exe().unwrap();
    let mut failed = Vec::new();
    for (i, (name, _)) in CASES.iter().enumerate() {
        let output = Command::new(&program).arg("sizes_beyond_memory_are_errors").env(CASE, i.to_string()).output().unwrap();
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr)
                .lines()
                .chain(String::from_utf8_lossy(&output.stdout).lines())
                .take(6)
                .collect::<Vec<_>>()
                .join("\n");
            failed.push(format!("{name}: {}\n{text}", output.status));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
