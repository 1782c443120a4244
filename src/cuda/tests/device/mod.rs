//! What has to hold on any device, emulated or not: its results are those of the host.

#[allow(dead_code, reason = "shared with the test of the op layer")]
#[path = "../../../ops/tests/calls/mod.rs"]
mod calls;

use calls::{difference, numbers};
use purify_cuda::Cuda;
use purify_ops::*;

const DEVICE: Device = Device::Cuda(0);

/// The tests, by what they hold. One that fails panics.
pub const TESTS: &[(&str, fn())] = &[
    ("a device that is not there is an error", a_device_that_is_not_there_is_an_error),
    ("layouts come across and back", layouts_come_across_and_back),
    ("every kind of operation agrees with the host", every_kind_of_operation_agrees_with_the_host),
    ("elementwise functions agree with the host", elementwise_functions_agree_with_the_host),
    ("dtypes convert as on the host", dtypes_convert_as_on_the_host),
    ("reductions agree with the host", reductions_agree_with_the_host),
    ("indexing agrees with the host", indexing_agrees_with_the_host),
    ("sorting agrees with the host", sorting_agrees_with_the_host),
    ("products agree with the host", products_agree_with_the_host),
    ("what has no kernel is computed by the host or refused", what_has_no_kernel_is_computed_by_the_host_or_refused),
    ("memory is counted and runs out with an error", memory_is_counted_and_runs_out_with_an_error),
    ("a stream of one's own computes the same", a_stream_of_ones_own_computes_the_same),
    ("a forked process is told that it cannot", a_forked_process_is_told_that_it_cannot),
];

fn backend() -> &'static Cuda {
    purify_cuda::backend(0).unwrap()
}

/// Calls that are to give the same on both sides.
fn agree(what: &str, inputs: &[&Tensor], tolerance: f64, call: impl Fn(&[Tensor]) -> Result<Tensor>) {
    let host: Vec<Tensor> = inputs.iter().map(|x| (*x).clone()).collect();
    let there: Vec<Tensor> = inputs.iter().map(|x| across(x)).collect();
    let expected = call(&host).unwrap_or_else(|error| panic!("{what} on the host: {error}"));
    let found = call(&there).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(found.device(), DEVICE, "{what}");
    if let Some(text) = difference(&found, &expected, tolerance) {
        panic!("{what}: {text}");
    }
}

/// A tensor on the device under the same layout.
fn across(x: &Tensor) -> Tensor {
    let bytes = x.storage().bytes() / x.dtype().size();
    let whole = x.with_layout(Layout::new(&[bytes], &[1], 0));
    whole.to_device(DEVICE).unwrap().with_layout(x.layout().clone())
}

/// The same elements dense, transposed, with gaps, backwards, and a broadcast row.
fn layouts(x: &Tensor) -> Vec<Tensor> {
    let (rows, columns) = (x.shape()[0], x.shape()[1]);
    vec![
        x.clone(),
        x.transpose(),
        x.slice(1, 0, columns / 2, 2),
        x.slice(0, rows - 1, rows, -1),
        x.slice(1, columns - 1, columns, -1),
        x.slice(0, 1, 1, 1).broadcast_to(&[5, columns]).unwrap(),
        x.slice(0, 0, 0, 1),
    ]
}

fn a_device_that_is_not_there_is_an_error() {
    let message = numbers(&[2]).to_device(Device::Cuda(99)).unwrap_err().to_string();
    assert!(message.contains("cuda:99 is not available") && message.contains("there is no device 99"), "{message}");
}

fn layouts_come_across_and_back() {
    let x = numbers(&[40, 66]);
    for x in layouts(&x) {
        let back = x.to_device(DEVICE).unwrap().to_device(Device::Cpu).unwrap();
        assert!(difference(&back, &x, 0.0).is_none(), "{x:?}");
        agree("copy", &[&x], 0.0, |x| x[0].copy());
    }
    // Longer than the pinned pieces.
    let long = arange(0.into(), Some(1_500_000.into()), 1.into(), Some(DType::Float64), Device::Cpu).unwrap();
    let back = long.to_device(DEVICE).unwrap().to_device(Device::Cpu).unwrap();
    assert!(difference(&back, &long, 0.0).is_none());
    // More axes than a kernel walks over.
    let deep = numbers(&[1024]).reshape(&[2; 10]).unwrap().permute(&[9, 1, 7, 3, 5, 4, 6, 2, 8, 0]).unwrap();
    agree("copy of ten axes", &[&deep], 0.0, |x| x[0].copy());
    agree("sum of ten axes", &[&deep], 1e-12, |x| sum(&x[0], Some(&[0, 3, 5]), None, false));
    agree("maximum along one of ten axes", &[&deep], 0.0, |x| argmax(&x[0], Some(4), false));
    agree("running sum along one of ten axes", &[&deep], 1e-12, |x| cumulative_sum(&x[0], Some(4), None, false));
}

fn every_kind_of_operation_agrees_with_the_host() {
    let failed = calls::failures(DEVICE);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn elementwise_functions_agree_with_the_host() {
    let x = numbers(&[12, 18]);
    for view in layouts(&x) {
        agree("exp", &[&view], 1e-14, |x| exp(&x[0]));
        agree("multiply", &[&view, &view], 0.0, |x| multiply(&x[0], &x[1]));
        agree("less", &[&view], 0.0, |x| less(&x[0], 0.1));
        agree("where", &[&view], 0.0, |x| where_(&less(&x[0], 0.0)?, &x[0], 2.5));
    }
    for dtype in [DType::Float16, DType::BFloat16, DType::Float32, DType::Int8, DType::UInt64] {
        let x = multiply(&x, 50.0).unwrap().astype(dtype).unwrap();
        agree("add", &[&x], 0.0, |x| add(&x[0], &x[0]));
        agree("maximum", &[&x], 0.0, |x| maximum(&x[0], 3));
    }
    agree("logical_not", &[&less(&x, 0.0).unwrap()], 0.0, |x| logical_not(&x[0]));
    agree("a matrix and a column", &[&x, &x.slice(1, 0, 1, 1)], 0.0, |x| subtract(&x[0], &x[1]));
}

fn dtypes_convert_as_on_the_host() {
    let x = multiply(&numbers(&[7, 5]), 300.0).unwrap();
    for (from, to) in [
        (DType::Float64, DType::Int8),
        (DType::Float64, DType::Float16),
        (DType::Float64, DType::BFloat16),
        (DType::Float32, DType::UInt64),
        (DType::Int64, DType::Bool),
        (DType::Int32, DType::Complex64),
        (DType::Complex64, DType::Complex128),
        (DType::Complex128, DType::Float32),
        (DType::Complex64, DType::Bool),
    ] {
        agree(&format!("{from} to {to}"), &[&x.astype(from).unwrap().transpose()], 0.0, |x| x[0].astype(to));
    }
}

fn reductions_agree_with_the_host() {
    // Few and many results, few and many elements for each: a thread, a block and several blocks per result.
    let small = numbers(&[30, 7]);
    let long = numbers(&[3, 40_000]);
    for (x, axis) in [(&small, 0), (&small, 1), (&long, 0), (&long, 1)] {
        agree("sum", &[x], 1e-12, |x| sum(&x[0], Some(&[axis]), None, false));
        agree("max", &[x], 0.0, |x| max(&x[0], Some(&[axis]), false));
        agree("argmin", &[x], 0.0, |x| argmin(&x[0], Some(axis), false));
    }
    agree("sum of all", &[&long], 1e-12, |x| sum(&x[0], None, None, false));
    agree("sum of a transpose", &[&long.transpose()], 1e-12, |x| sum(&x[0], Some(&[0]), None, true));
    agree("sum of a broadcast", &[&small.slice(0, 0, 1, 1).broadcast_to(&[50, 7]).unwrap()], 1e-12, |x| {
        sum(&x[0], Some(&[0]), None, false)
    });
    agree("sum of nothing", &[&small.slice(0, 0, 0, 1)], 0.0, |x| sum(&x[0], Some(&[0]), None, false));
    for dtype in [DType::Float16, DType::Float32, DType::Int8, DType::Bool] {
        let x = multiply(&small, 4.0).unwrap().astype(dtype).unwrap();
        agree("sum", &[&x], 2e-3, |x| sum(&x[0], Some(&[0]), None, false));
        agree("running sum", &[&x], 2e-3, |x| cumulative_sum(&x[0], Some(0), None, false));
    }
    agree("all", &[&less(&small, 0.4).unwrap()], 0.0, |x| all(&x[0], Some(&[1]), false));
    agree("running sum over chunks", &[&long.slice(1, 0, 3000, 1)], 1e-12, |x| cumulative_sum(&x[0], Some(1), None, false));
}

fn indexing_agrees_with_the_host() {
    let x = numbers(&[9, 8, 5]);
    let i = Tensor::from_vec(vec![3i64, 0, 3, 8], &[4]).unwrap();
    for axis in [0, 1, 2] {
        let i = remainder(&i, x.shape()[axis] as i64).unwrap();
        agree("take", &[&x, &i], 0.0, |x| take(&x[0], &x[1], Some(axis as i64)));
        agree("take from a transpose", &[&x.transpose(), &remainder(&i, x.shape()[2 - axis] as i64).unwrap()], 0.0, |x| {
            take(&x[0], &x[1], Some(axis as i64))
        });
    }
    let scattered = |mode: ScatterMode, dtype: DType| {
        let (x, values) = (x.astype(dtype).unwrap(), multiply(&numbers(&[4, 8, 5]), 9.0).unwrap().astype(dtype).unwrap());
        agree(&format!("{mode:?} at indices of {dtype}"), &[&x, &values, &i], 1e-5, |x| {
            let out = x[0].copy()?;
            out.backend()?.scatter(&out, &[x[2].clone()], 0, &x[1], mode)?;
            Ok(out)
        });
        agree(&format!("{mode:?} at indices of a view of {dtype}"), &[&x, &values, &i], 1e-5, |x| {
            let out = x[0].copy()?;
            let view = out.slice(1, 7, 8, -1);
            view.backend()?.scatter(&view, &[x[2].clone()], 0, &x[1], mode)?;
            Ok(out)
        });
    };
    scattered(ScatterMode::Set, DType::Float64);
    scattered(ScatterMode::Set, DType::Complex128);
    scattered(ScatterMode::Add, DType::Float32);
    scattered(ScatterMode::Add, DType::Complex64);
    scattered(ScatterMode::Max, DType::Int16);
    let long = numbers(&[5000]);
    agree("nonzero", &[&long], 0.0, |x| Ok(nonzero(&less(&x[0], 0.0)?)?.swap_remove(0)));
    agree("nonzero of nothing", &[&long], 0.0, |x| Ok(nonzero(&less(&x[0], -9.0)?)?.swap_remove(0)));
    agree("nonzero of a transpose", &[&numbers(&[40, 50]).transpose()], 0.0, |x| Ok(nonzero(&less(&x[0], 0.0)?)?.swap_remove(1)));
}

fn sorting_agrees_with_the_host() {
    // Ties, so that the order of equals shows.
    let x = floor(&multiply(&numbers(&[3, 2600]), 40.0).unwrap()).unwrap();
    for descending in [false, true] {
        agree("sort", &[&x], 0.0, |x| sort(&x[0], Some(1), descending));
        agree("argsort", &[&x], 0.0, |x| argsort(&x[0], Some(1), descending));
        agree("argsort of columns", &[&x.transpose().slice(0, 0, 700, 1)], 0.0, |x| argsort(&x[0], Some(0), descending));
    }
    agree("topk", &[&x], 0.0, |x| Ok(topk(&x[0], 5, 1, true)?.1));
}

fn products_agree_with_the_host() {
    for libraries in [true, false] {
        backend().use_libraries(libraries);
        let (a, b) = (numbers(&[2, 70, 33]), numbers(&[33, 65]));
        agree("matmul", &[&a, &b], 1e-12, |x| matmul(&x[0], &x[1]));
        agree("matmul of two batches", &[&a, &numbers(&[2, 33, 5])], 1e-12, |x| matmul(&x[0], &x[1]));
        agree("matmul of a transpose", &[&b, &b], 1e-12, |x| matmul(&x[0].transpose(), &x[1]));
        agree("matmul by a transpose", &[&b, &b], 1e-12, |x| matmul(&x[0], &x[1].transpose()));
        agree("matmul with gaps", &[&b.slice(1, 0, 33, 2), &b.slice(0, 32, 33, -1)], 1e-12, |x| matmul(&x[0], &x[1]));
        agree("matmul with a vector", &[&b, &b.select(0, 1).unwrap()], 1e-12, |x| matmul(&x[0], &x[1]));
        agree("a row by a column", &[&b.slice(0, 2, 1, 1), &b.transpose().slice(1, 3, 1, 1)], 1e-12, |x| matmul(&x[0], &x[1]));
        agree("a column by a row", &[&b.slice(1, 2, 1, 1), &b.slice(0, 3, 1, 1)], 1e-12, |x| matmul(&x[0], &x[1]));
        agree("matmul and nothing", &[&a.slice(1, 0, 0, 1), &b], 0.0, |x| matmul(&x[0], &x[1]));
        agree("matmul over nothing", &[&a.slice(2, 0, 0, 1), &b.slice(0, 0, 0, 1)], 0.0, |x| matmul(&x[0], &x[1]));
        let four = numbers(&[3, 2, 6, 5]);
        agree("matmul of a batch out of order", &[&four, &four], 1e-12, |x| {
            let turned = x[0].permute(&[1, 0, 3, 2])?;
            matmul(&turned, &x[1].permute(&[1, 0, 2, 3])?)
        });
        for dtype in [DType::Float16, DType::Complex128] {
            let (a, b) = (a.astype(dtype).unwrap(), b.astype(dtype).unwrap());
            agree("matmul of other numbers", &[&a, &b], if dtype == DType::Float16 { 2e-3 } else { 1e-12 }, |x| matmul(&x[0], &x[1]));
        }
    }
    backend().use_libraries(true);
}

fn what_has_no_kernel_is_computed_by_the_host_or_refused() {
    let x = across(&numbers(&[4]).astype(DType::Complex128).unwrap());
    let before = backend().fallbacks().get("exp").copied().unwrap_or(0);
    exp(&x).unwrap();
    assert_eq!(backend().fallbacks()["exp"], before + 1);
    backend().allow_fallback(false);
    let refused = exp(&x);
    backend().allow_fallback(true);
    let error = refused.unwrap_err();
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::NotImplemented, "exp: not available on cuda:0 for complex128".to_owned()));
}

fn memory_is_counted_and_runs_out_with_an_error() {
    let gpu = backend().gpu();
    gpu.empty_cache().unwrap();
    let before = gpu.memory_stats().in_use;
    let x = zeros(&[1 << 20], Some(DType::Float32), DEVICE).unwrap();
    assert_eq!(gpu.memory_stats().in_use - before, 4 << 20);
    drop(x);
    assert_eq!(gpu.memory_stats().in_use, before);
    let kept = gpu.memory_stats().cached();
    assert!(kept >= 4 << 20 && gpu.empty_cache().unwrap() >= 4 << 20 && gpu.memory_stats().cached() < kept);
    let error = zeros(&[1 << 40], Some(DType::Float32), DEVICE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeviceMemory);
    assert!(error.to_string().contains("cuda:0: cannot allocate 4398046511104 bytes; tensors hold"), "{error}");
    add(&zeros(&[4], None, DEVICE).unwrap(), 1).unwrap();
}

fn a_stream_of_ones_own_computes_the_same() {
    let x = numbers(&[50, 50]);
    let there = across(&x);
    let stream = backend().gpu().new_stream().unwrap();
    let product = stream.with(|| matmul(&exp(&there)?, &there)).unwrap();
    let sum_of_it = sum(&product, None, None, false).unwrap();
    stream.synchronize().unwrap();
    let expected = sum(&matmul(&exp(&x).unwrap(), &x).unwrap(), None, None, false).unwrap();
    assert!(difference(&sum_of_it, &expected, 1e-12).is_none());
}

fn a_forked_process_is_told_that_it_cannot() {
    unsafe extern "C" {
        fn fork() -> i32;
        fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
        fn _exit(status: i32) -> !;
    }
    let x = across(&numbers(&[4]));
    // SAFETY: the child only looks at an error and leaves without running anything of the parent's.
    let child = unsafe { fork() };
    if child == 0 {
        let told = add(&x, 1).is_err_and(|error| error.to_string().contains("forked")) && x.to_device(Device::Cpu).is_err();
        drop(x);
        // SAFETY: ends the child at once.
        unsafe { _exit(i32::from(!told)) }
    }
    let mut status = 0;
    // SAFETY: `child` is our child, `status` a local.
    assert_eq!(unsafe { waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the child was not told");
    add(&x, 1).unwrap();
}

/// Every primitive of every dtype beside the host's: how many were compared, and what differs.
#[allow(dead_code, reason = "for devices: an emulator compiles too slowly for all of it")]
pub fn sweep(dtypes: &[DType]) -> (usize, Vec<String>) {
    let (mut count, mut failed) = (0, Vec::new());
    for &dtype in dtypes {
        let tolerance = match dtype {
            DType::BFloat16 => 3e-2,
            DType::Float16 => 4e-3,
            DType::Float32 => 2e-5,
            DType::Float64 => 1e-12,
            _ => 0.0,
        };
        for (name, output, inputs, call) in primitives(dtype) {
            let expected = Tensor::uninit("sweep", &output.0, output.1, Device::Cpu).unwrap();
            // What the host refuses is no primitive of the dtype.
            if call(backend_of(Device::Cpu).unwrap(), &inputs, &expected).is_err() {
                continue;
            }
            count += 1;
            let there: Vec<Tensor> = inputs.iter().map(across).collect();
            let found = Tensor::uninit("sweep", &output.0, output.1, DEVICE).unwrap();
            match call(backend_of(DEVICE).unwrap(), &there, &found) {
                Ok(()) => failed.extend(difference(&found, &expected, tolerance).map(|text| format!("{name} of {dtype}: {text}"))),
                Err(error) => failed.push(format!("{name} of {dtype}: {error}")),
            }
        }
    }
    (count, failed)
}

type Primitive = (String, (Vec<usize>, DType), Vec<Tensor>, Box<dyn Fn(&dyn Backend, &[Tensor], &Tensor) -> Result<()>>);

fn primitives(dtype: DType) -> Vec<Primitive> {
    let spread = |shape: &[usize], reach: f64| {
        let x = multiply(&numbers(shape), reach).unwrap();
        if dtype.is_unsigned() { abs(&x).unwrap() } else { x }.astype(dtype).unwrap()
    };
    let reach = if dtype.is_integer() { 200.0 } else { 6.0 };
    let (x, y) = (spread(&[37, 41], reach), spread(&[41, 37], reach).transpose());
    // Exponents and shifts of integers.
    let few = abs(&spread(&[37, 41], 12.0)).unwrap();
    let shape = vec![37, 41];
    let mut all: Vec<Primitive> = Vec::new();
    for &op in UnaryOp::ALL {
        let run = move |b: &dyn Backend, x: &[Tensor], out: &Tensor| b.unary(op, &x[0], out);
        all.push((op.name().to_owned(), (shape.clone(), op.output(dtype)), vec![x.clone()], Box::new(run)));
    }
    for &op in BinaryOp::ALL {
        let second = if dtype.is_integer() && (op == BinaryOp::Pow || op.name().ends_with("shift")) { &few } else { &y };
        let run = move |b: &dyn Backend, x: &[Tensor], out: &Tensor| b.binary(op, &x[0], &x[1], out);
        all.push((op.name().to_owned(), (shape.clone(), op.output(dtype)), vec![x.clone(), second.clone()], Box::new(run)));
    }
    let (small, long) = (spread(&[37, 41], 2.0), spread(&[2, 40_000], 2.0));
    for &op in ReduceOp::ALL {
        for (x, axis) in [(&small, 0), (&small, 1), (&long, 1)] {
            let run = move |b: &dyn Backend, x: &[Tensor], out: &Tensor| b.reduce(op, &x[0], &[axis], out);
            all.push((
                format!("{} along {axis}", op.name()),
                (vec![x.shape()[1 - axis]], op.output(dtype)),
                vec![x.clone()],
                Box::new(run),
            ));
        }
    }
    for op in [ArgReduceOp::ArgMax, ArgReduceOp::ArgMin] {
        let run = move |b: &dyn Backend, x: &[Tensor], out: &Tensor| b.arg_reduce(op, &x[0], 1, out);
        all.push((format!("{op:?}"), (vec![37], DType::Int64), vec![x.clone()], Box::new(run)));
    }
    for op in [ScanOp::Sum, ScanOp::Prod, ScanOp::Max, ScanOp::Min, ScanOp::LogSumExp] {
        let run = move |b: &dyn Backend, x: &[Tensor], out: &Tensor| b.scan(op, &x[0], 1, out);
        all.push((format!("running {op:?}"), (shape.clone(), dtype), vec![small.clone()], Box::new(run)));
    }
    for to in DType::ALL {
        let run = |b: &dyn Backend, x: &[Tensor], out: &Tensor| b.copy(&x[0], out);
        all.push((format!("conversion to {to}"), (shape.clone(), to), vec![small.transpose().copy().unwrap().transpose()], Box::new(run)));
    }
    for descending in [false, true] {
        let sort = move |b: &dyn Backend, x: &[Tensor], out: &Tensor| b.sort(&x[0], descending, Some(out), None);
        let order = move |b: &dyn Backend, x: &[Tensor], out: &Tensor| b.sort(&x[0], descending, None, Some(out));
        all.push(("sort".to_owned(), (vec![2, 40_000], dtype), vec![long.clone()], Box::new(sort)));
        all.push(("argsort".to_owned(), (vec![2, 40_000], DType::Int64), vec![long.clone()], Box::new(order)));
    }
    let places = Tensor::from_vec((0..300i64).map(|i| i * i % 37).collect(), &[300]).unwrap();
    for mode in [ScatterMode::Set, ScatterMode::Add, ScatterMode::Mul, ScatterMode::Max, ScatterMode::Min] {
        let run = move |b: &dyn Backend, x: &[Tensor], out: &Tensor| {
            b.copy(&x[0], out)?;
            b.scatter(out, &x[1..2], 0, &x[2], mode)
        };
        let values = if mode == ScatterMode::Mul {
            sign(&spread(&[300, 41], 3.0).astype(DType::Int8).unwrap()).unwrap().astype(dtype).unwrap()
        } else {
            spread(&[300, 41], 2.0)
        };
        all.push((format!("{mode:?} at indices"), (shape.clone(), dtype), vec![small.clone(), places.clone(), values], Box::new(run)));
    }
    let take = |b: &dyn Backend, x: &[Tensor], out: &Tensor| b.gather(&x[0], &x[1..2], 0, out);
    all.push(("take".to_owned(), (vec![300, 41], dtype), vec![x.clone(), places], Box::new(take)));
    let product = |b: &dyn Backend, x: &[Tensor], out: &Tensor| b.matmul(&x[0], &x[1], out);
    all.push(("matmul".to_owned(), (vec![37, 37], dtype), vec![small.clone(), small.transpose()], Box::new(product)));
    all
}
