//! What is done on a machine with a GPU, as one program without Rust, a toolkit or a network: `tests/gpu.sh` runs it.
//!
//!     gpu check                run everything that has to hold on a device, and list kernels that did not run
//!     gpu bench                measure kernels against the device's own copy rate
//!     gpu cubins FOLDER ARCH   compile every kernel for an architecture, on any machine with NVRTC
//!
//! Where there is no device, `check` and `bench` say SKIPPED and end with 0; with `--require` with 1.

#[path = "../tests/device/mod.rs"]
mod device;

use std::path::PathBuf;
use std::process::ExitCode;

use purify_cuda::{Cubins, Failure, Gpu, Real};
use purify_ops::*;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    purify_cuda::register();
    let require = words.contains(&"--require");
    match words.first() {
        Some(&"cubins") if words.len() == 3 => cubins(PathBuf::from(words[1]), words[2]),
        Some(&("check" | "bench")) => {
            if let Some(failure) = purify_cuda::absence() {
                println!("SKIPPED: {failure}");
                return ExitCode::from(u8::from(require));
            }
            if words[0] == "check" { check() } else { bench() }
        }
        _ => {
            eprintln!("usage: gpu check|bench [--require], gpu cubins FOLDER ARCH");
            ExitCode::from(2)
        }
    }
}

/// Compiles every kernel as it would be when it is first called, into a cache.
fn cubins(folder: PathBuf, arch: &str) -> ExitCode {
    let compiled = arch.parse().map_err(|_| format!("{arch} is no architecture")).and_then(|arch| {
        let real = Real::compiler_alone().map_err(|failure| failure.to_string())?;
        Cubins::new(Some(folder)).fill(&real, arch).map_err(|failure| failure.to_string())
    });
    match compiled {
        Ok((units, bytes)) => println!("{units} kernels for sm_{arch}, {bytes} bytes"),
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn gpu() -> &'static Gpu {
    purify_cuda::backend(0).unwrap_or_else(|failure| panic!("{failure}")).gpu()
}

/// The dtypes with kernels of their own.
fn dtypes() -> Vec<DType> {
    DType::ALL.into_iter().filter(|dtype| !dtype.is_complex()).collect()
}

fn check() -> ExitCode {
    let info = gpu().info();
    println!("## Checks on {} (sm_{}, {} multiprocessors)\n", info.name, info.arch, info.multiprocessors);
    let mut failed = 0;
    for (name, test) in device::TESTS {
        let passed = std::panic::catch_unwind(test).is_ok();
        failed += u32::from(!passed);
        println!("- {}: {name}", if passed { "passed" } else { "**failed**" });
    }
    let dtypes = dtypes();
    let (compared, differences) = device::sweep(&dtypes);
    println!("\n{compared} primitives of {} dtypes compared with the host's, {} differ:\n", dtypes.len(), differences.len());
    differences.iter().for_each(|text| println!("- {text}"));
    failed += differences.len() as u32;
    let ran = gpu().entries();
    let all: Vec<String> = purify_kernels::table().map(|table| table.units()).into_iter().flatten().flat_map(|unit| unit.entries).collect();
    let missing: Vec<&String> = all.iter().filter(|entry| !ran.contains(entry)).collect();
    println!("\n{failed} failed. {} of {} kernels ran; not run by these checks:\n", all.len() - missing.len(), all.len());
    missing.chunks(8).for_each(|line| println!("    {}", line.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(" ")));
    ExitCode::from(u8::from(failed > 0))
}

/// Milliseconds that the device takes, the median of several runs after two that warm up.
fn median(run: &dyn Fn() -> Result<Tensor>) -> std::result::Result<f64, String> {
    const RUNS: usize = 21;
    let mut times = Vec::new();
    for i in 0..RUNS + 2 {
        let mut outcome = Ok(());
        let time = gpu().time(|| {
            outcome = run().map(drop);
            Ok::<_, Failure>(())
        });
        outcome.map_err(|error| error.to_string())?;
        if i >= 2 {
            times.push(time.map_err(|failure| failure.to_string())?);
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times[RUNS / 2])
}

type Case<'a> = (&'static str, f64, Box<dyn Fn() -> Result<Tensor> + 'a>);

fn bench() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Numbers are drawn anew for each run of the program; the table names what was measured and on what.
fn measure() -> std::result::Result<(), String> {
    const N: usize = 1 << 26;
    let text = |error: Error| error.to_string();
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |t| t.subsec_nanos());
    let draw = |shape: &[usize]| -> Result<Tensor> {
        let count = shape.iter().product::<usize>();
        let golden = |i: usize| ((i as f64 + f64::from(seed)) * 0.618_033_988_749_895).fract() as f32 - 0.5;
        Tensor::from_vec((0..count).map(golden).collect::<Vec<f32>>(), shape)?.to_device(gpu().device())
    };
    let (x, y, square) = (draw(&[N]).map_err(text)?, draw(&[N]).map_err(text)?, draw(&[4096, 4096]).map_err(text)?);
    let rows = x.reshape(&[N / 1024, 1024]).map_err(text)?;
    let (pass, bytes) = (2.0 * 4.0 * N as f64, 4.0 * N as f64);
    let cases: Vec<Case> = vec![
        ("copy, float32, 64M", pass, Box::new(|| x.copy())),
        ("add", pass + bytes, Box::new(|| add(&x, &y))),
        ("exp", pass, Box::new(|| exp(&x))),
        ("gelu", pass, Box::new(|| nn::gelu(&x, false))),
        ("transpose of 65536 x 1024", pass, Box::new(|| rows.transpose().copy())),
        ("sum of all", bytes, Box::new(|| sum(&x, None, None, false))),
        ("sum of rows", bytes, Box::new(|| sum(&rows, Some(&[1]), None, false))),
        ("sum of columns", bytes, Box::new(|| sum(&rows, Some(&[0]), None, false))),
        ("softmax of rows", pass, Box::new(|| nn::softmax(&rows, -1))),
        ("layer_norm of rows", pass, Box::new(|| nn::layer_norm(&rows, &[1024], None, None, 1e-5))),
        ("running sum of rows", pass, Box::new(|| cumulative_sum(&rows, Some(1), None, false))),
        ("sort of rows", pass, Box::new(|| sort(&rows, Some(1), false))),
        ("astype float16", bytes * 1.5, Box::new(|| x.astype(DType::Float16))),
    ];
    let info = gpu().info();
    println!("## Times on {} (sm_{})\n\nMedians of 21 runs by events, float32.\n", info.name, info.arch);
    println!("| | ms | GB/s | of the copy |\n|---|---|---|---|");
    let mut copy = None;
    for (name, bytes, run) in &cases {
        match median(&**run) {
            Ok(ms) => {
                let rate = bytes / ms / 1e6;
                let own = *copy.get_or_insert(rate);
                println!("| {name} | {ms:.3} | {rate:.0} | {:.2} |", rate / own);
            }
            Err(message) => println!("| {name} | failed: {message} | | |"),
        }
    }
    let ms = median(&|| matmul(&square, &square))?;
    println!("| matmul of 4096 x 4096 | {ms:.3} | {:.1} TFLOP/s | |", 2.0 * 4096f64.powi(3) / ms / 1e9);
    let computed = purify_cuda::backend(0).map_err(|failure| failure.to_string())?.fallbacks();
    println!("\nComputed by the host because there is no kernel: {computed:?}");
    Ok(())
}
