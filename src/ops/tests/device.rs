//! The op layer assumes nothing about where memory is: it works on a device whose memory the host cannot read.
//!
//! The device here keeps every byte inverted, so that an operation which reads device memory directly, or leaves its
//! result on the wrong device, gives wrong numbers. Its kernels are those of the CPU around a decoding of the operands.

mod calls;

use std::ptr::NonNull;

use calls::numbers;
use purify_ops::cpu::CPU;
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

#[test]
fn every_op_works_on_a_device_whose_memory_the_host_cannot_read() {
    register_backend(DEVICE, &INVERTED);
    assert!(devices().contains(&DEVICE));
    let failed = calls::failures(DEVICE);
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
