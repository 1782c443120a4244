//! A forked child, which has the caller's thread alone, computes as its parent does.
#![cfg(unix)]

use std::time::{Duration, Instant};

use purify_ops::fft::{self, Norm};
use purify_ops::{Result, Tensor, exp, linalg, pool, sum};

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
    fn kill(pid: i32, signal: i32) -> i32;
    fn _exit(status: i32) -> !;
}

const NO_HANG: i32 = 1;
const KILL: i32 = 9;

/// Work for the pool, for the pool of memory blocks and for the table of transforms.
fn compute(x: &Tensor) -> Result<Vec<u64>> {
    let y = exp(x)?;
    let product = linalg::matmul(&y, &y)?;
    let spectrum = fft::rfft(&y, None, -1, Norm::Backward)?;
    let parts = [sum(&product, None, None, false)?, sum(&spectrum, None, None, false)?];
    Ok(parts.iter().flat_map(|p| p.cast_vec::<f64>().unwrap_or_default()).map(f64::to_bits).collect())
}

#[test]
fn a_forked_child_computes_what_its_parent_does() {
    pool::set_num_threads(3);
    let x = Tensor::from_vec((0..640_000).map(|i| f64::from(i % 977) / 1e3).collect(), &[800, 800]).unwrap();
    let expected = compute(&x).unwrap();
    // Another thread keeps the workers and the locks busy, so that some forks happen in the middle of its work.
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                compute(&x).unwrap();
            }
        });
        for _ in 0..5 {
            // SAFETY: the child only computes and leaves without running anything of the parent's.
            let child = unsafe { fork() };
            if child == 0 {
                let same = compute(&x).is_ok_and(|found| found == expected);
                // SAFETY: ends the child at once.
                unsafe { _exit(i32::from(!same)) }
            }
            assert!(child > 0, "fork failed");
            let (mut status, start) = (0, Instant::now());
            // SAFETY: `child` is our child, `status` a local.
            while unsafe { waitpid(child, &raw mut status, NO_HANG) } == 0 {
                if start.elapsed() > Duration::from_secs(60) {
                    // SAFETY: it has not been waited for, so the number is still its own.
                    unsafe { kill(child, KILL) };
                    stop.store(true, std::sync::atomic::Ordering::Relaxed);
                    panic!("the child hangs");
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            if status != 0 {
                stop.store(true, std::sync::atomic::Ordering::Relaxed);
                panic!("the child ended with status {status}");
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    pool::set_num_threads(0);
}
