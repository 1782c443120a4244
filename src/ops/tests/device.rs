//! The op layer assumes nothing about where memory is: it works on a device whose memory the host cannot read.
//!
//! The device here keeps every byte inverted, so that an operation which reads device memory directly, or leaves its
//! result on the wrong device, gives wrong numbers. Its kernels are those of the CPU around a decoding of the operands.

use std::ptr::NonNull;

use purify_ops::cpu::CPU;
use purify_ops::fft::{self, Norm};
use purify_ops::nn::{self, ConvOptions, Padding, PoolOptions};
use purify_ops::*;

const DEVICE: Device = Device::Cuda(7);

struct Inverted;

/// Memory as bytes inverted in a vector, which its storage owns.
fn storage(mut bytes: Vec<u8>) -> Storage {
    bytes.iter_mut().for_each(|b| *b = !*b);
    let len = bytes.len();
    // Room for at least one element, aligned for all of them.
    let mut words: Vec<u128> = vec![0; len / 16 + 1];
    // SAFETY: the words are at least as long; the vector moves into the owner and its buffer stays.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), words.as_mut_ptr().cast::<u8>(), len);
        let start = NonNull::new(words.as_mut_ptr().cast::<u8>()).unwrap();
        Storage::external(start, len, DEVICE, true, Box::new(words))
    }
}

/// The whole storage behind a tensor on the host, under the same layout.
fn decode(x: &Tensor) -> Result<Tensor> {
    assert_eq!(x.device(), DEVICE, "an operand is not on the device");
    let bytes = x.storage().bytes();
    let host = Storage::host(bytes)?;
    // SAFETY: both storages have so many bytes.
    unsafe {
        for i in 0..bytes {
            *host.as_ptr().add(i) = !*x.storage().as_ptr().add(i);
        }
    }
    Tensor::from_parts(host, x.layout().clone(), x.dtype())
}

/// Copies a decoded storage back.
fn encode(host: &Tensor, out: &Tensor) {
    for i in 0..host.storage().bytes() {
        // SAFETY: `host` was decoded from `out`.
        unsafe { *out.storage().as_ptr().add(i) = !*host.storage().as_ptr().add(i) }
    }
}

/// Runs a kernel of the host on decoded operands.
fn through(inputs: &[&Tensor], out: &Tensor, run: impl FnOnce(&[Tensor], &Tensor) -> Result<()>) -> Result<()> {
    let inputs = inputs.iter().map(|x| decode(x)).collect::<Result<Vec<_>>>()?;
    let host = decode(out)?;
    run(&inputs, &host)?;
    encode(&host, out);
    Ok(())
}

impl Backend for Inverted {
    fn name(&self) -> String {
        "inverted".to_owned()
    }
    fn allocate(&self, bytes: usize) -> Result<Storage> {
        Ok(storage(vec![0; bytes]))
    }
    fn from_host(&self, x: &Tensor) -> Result<Tensor> {
        let out = Tensor::uninit("from_host", x.shape(), x.dtype(), DEVICE)?;
        let host = decode(&out)?;
        CPU.copy(x, &host)?;
        encode(&host, &out);
        Ok(out)
    }
    fn to_host(&self, x: &Tensor) -> Result<Tensor> {
        decode(x)?.copy()
    }
    fn fill(&self, out: &Tensor, value: Scalar) -> Result<()> {
        through(&[], out, |_, out| CPU.fill(out, value))
    }
    fn copy(&self, x: &Tensor, out: &Tensor) -> Result<()> {
        through(&[x], out, |x, out| CPU.copy(&x[0], out))
    }
    fn unary(&self, op: UnaryOp, x: &Tensor, out: &Tensor) -> Result<()> {
        through(&[x], out, |x, out| CPU.unary(op, &x[0], out))
    }
    fn binary(&self, op: BinaryOp, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        through(&[a, b], out, |x, out| CPU.binary(op, &x[0], &x[1], out))
    }
    fn select(&self, cond: &Tensor, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        through(&[cond, a, b], out, |x, out| CPU.select(&x[0], &x[1], &x[2], out))
    }
    fn reduce(&self, op: ReduceOp, x: &Tensor, axes: &[usize], out: &Tensor) -> Result<()> {
        through(&[x], out, |x, out| CPU.reduce(op, &x[0], axes, out))
    }
    fn arg_reduce(&self, op: ArgReduceOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()> {
        through(&[x], out, |x, out| CPU.arg_reduce(op, &x[0], axis, out))
    }
    fn scan(&self, op: ScanOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()> {
        through(&[x], out, |x, out| CPU.scan(op, &x[0], axis, out))
    }
    fn gather(&self, x: &Tensor, indices: &[Tensor], at: usize, out: &Tensor) -> Result<()> {
        let all: Vec<&Tensor> = std::iter::once(x).chain(indices).collect();
        through(&all, out, |x, out| CPU.gather(&x[0], &x[1..], at, out))
    }
    fn scatter(&self, out: &Tensor, indices: &[Tensor], at: usize, values: &Tensor, mode: ScatterMode) -> Result<()> {
        let all: Vec<&Tensor> = std::iter::once(values).chain(indices).collect();
        through(&all, out, |x, out| CPU.scatter(out, &x[1..], at, &x[0], mode))
    }
    fn sort(&self, x: &Tensor, descending: bool, values: Option<&Tensor>, indices: Option<&Tensor>) -> Result<()> {
        let x = decode(x)?;
        for (out, sorted) in [(values, true), (indices, false)] {
            if let Some(out) = out {
                let host = decode(out)?;
                CPU.sort(&x, descending, sorted.then_some(&host), (!sorted).then_some(&host))?;
                encode(&host, out);
            }
        }
        Ok(())
    }
    fn nonzero(&self, x: &Tensor) -> Result<Tensor> {
        self.from_host(&CPU.nonzero(&decode(x)?)?)
    }
}

static INVERTED: Inverted = Inverted;

fn numbers(shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let data = (0..count).map(|i| ((i as f64 + 1.0) * 0.754_877_666_246_693).fract() - 0.5).collect();
    Tensor::from_vec(data, shape).unwrap()
}

type Call = fn(&Tensor) -> Result<Tensor>;

/// A square matrix of order 6 goes in.
const CALLS: &[(&str, Call)] = &[
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

#[test]
fn every_op_works_on_a_device_whose_memory_the_host_cannot_read() {
    register_backend(DEVICE, &INVERTED);
    assert!(devices().contains(&DEVICE));
    let host = numbers(&[6, 6]);
    let there = host.to_device(DEVICE).unwrap();
    assert_eq!(there.device(), DEVICE);
    let mut failed = Vec::new();
    for (name, call) in CALLS {
        let expected = call(&host).unwrap();
        match call(&there) {
            Err(error) => failed.push(format!("{name}: {error}")),
            Ok(found) if found.device() != DEVICE => failed.push(format!("{name}: the result is on {}", found.device())),
            Ok(found) => {
                let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * (1.0 + b.abs()) || (a.is_nan() && b.is_nan());
                let (a, b) = (found.cast_vec::<Complex128>().unwrap(), expected.cast_vec::<Complex128>().unwrap());
                let same = found.shape() == expected.shape()
                    && found.dtype() == expected.dtype()
                    && a.iter().zip(&b).all(|(a, b)| close(a.re, b.re) && close(a.im, b.im));
                if !same {
                    failed.push(format!("{name}: {a:?} instead of {b:?}"));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn tensors_are_created_where_they_are_asked_for() {
    register_backend(DEVICE, &INVERTED);
    for x in [
        zeros(&[2, 3], None, DEVICE),
        full(&[2], 2.5.into(), None, DEVICE),
        arange(0.into(), Some(5.into()), 2.into(), None, DEVICE),
        linspace(0.0.into(), 1.0.into(), 5, None, DEVICE, true),
        eye(3, None, 1, None, DEVICE),
        tri(3, None, 0, None, DEVICE),
        fft::fftfreq(5, 0.5, None, DEVICE),
        indices(&[2, 2], DEVICE),
    ] {
        assert_eq!(x.unwrap().device(), DEVICE);
    }
}

#[test]
fn an_absent_device_and_operands_apart_are_errors() {
    register_backend(DEVICE, &INVERTED);
    let x = numbers(&[2]);
    let message = x.to_device(Device::Cuda(31)).unwrap_err().to_string();
    assert!(message.contains("cuda:31 is not available") && message.contains("cpu"), "{message}");
    assert!(zeros(&[2], None, Device::Cuda(31)).is_err());
    let message = add(&x, &x.to_device(DEVICE).unwrap()).unwrap_err().to_string();
    assert!(message.contains("cpu") && message.contains("cuda:7"), "{message}");
}
