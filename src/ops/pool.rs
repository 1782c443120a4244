//! The thread pool: fork-join over numbered chunks, in which the calling thread takes part.
//!
//! Chunks are claimed one by one, so a thread that is descheduled delays nobody. Workers spin briefly and then
//! sleep. A forked child has no workers; the pool notices by the process id and starts its own. What a
//! chunk computes must not depend on which thread runs it: then results are the same for any number of threads.
//!
//! ```
//! purify_ops::pool::set_num_threads(2);
//! let sum = std::sync::atomic::AtomicUsize::new(0);
//! purify_ops::pool::for_ranges(1000, 64, |range| {
//!     sum.fetch_add(range.len(), std::sync::atomic::Ordering::Relaxed);
//! });
//! assert_eq!(sum.into_inner(), 1000);
//! ```

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize};
use std::sync::{Condvar, Mutex, PoisonError};

const SPINS: u32 = 20_000;

struct Job {
    run: *const (dyn Fn(usize) + Sync),
    chunks: usize,
    next: AtomicUsize,
    panicked: AtomicBool,
}

struct Pool {
    pid: u32,
    workers: usize,
    busy: AtomicBool,
    epoch: AtomicUsize,
    open: AtomicBool,
    inside: AtomicUsize,
    limit: AtomicUsize,
    job: AtomicPtr<Job>,
    sleepers: AtomicUsize,
    lock: Mutex<()>,
    wake: Condvar,
}

static POOL: AtomicPtr<Pool> = AtomicPtr::new(std::ptr::null_mut());
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static IN_POOL: Cell<bool> = const { Cell::new(false) };
}

/// The number of threads an operation may use: `PURIFY_NUM_THREADS`, else `OMP_NUM_THREADS`, else the
/// number of processors this process may run on.
pub fn num_threads() -> usize {
    match THREADS.load(Relaxed) {
        0 => {
            let n = default_threads();
            THREADS.store(n, Relaxed);
            n
        }
        n => n,
    }
}

/// Sets the number of threads; zero goes back to the default.
pub fn set_num_threads(n: usize) {
    THREADS.store(if n == 0 { default_threads() } else { n.min(1024) }, Relaxed);
}

fn default_threads() -> usize {
    let from = |name| std::env::var(name).ok().and_then(|v: String| v.trim().parse::<usize>().ok()).filter(|&n| n > 0);
    from("PURIFY_NUM_THREADS")
        .or_else(|| from("OMP_NUM_THREADS"))
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()))
        .min(1024)
}

/// Runs `f(0)`, ..., `f(chunks - 1)`, possibly at the same time, and returns when all are done.
pub fn run(chunks: usize, f: &(dyn Fn(usize) + Sync)) {
    let threads = num_threads();
    if chunks <= 1 || threads <= 1 || IN_POOL.get() {
        return (0..chunks).for_each(f);
    }
    let pool = pool(threads - 1);
    if pool.busy.swap(true, AcqRel) {
        // Another thread is using the workers: its caller and ours are parallel already.
        return (0..chunks).for_each(f);
    }
    let panicked = pool.fork_join(chunks, threads - 1, f);
    pool.busy.store(false, Release);
    if panicked {
        std::panic::panic_any("a chunk of a parallel operation panicked");
    }
}

/// Splits `0..n` into ranges of at most `grain` and runs `f` on each.
pub fn for_ranges(n: usize, grain: usize, f: impl Fn(std::ops::Range<usize>) + Sync) {
    let grain = grain.max(1);
    if n <= grain {
        if n > 0 {
            f(0..n);
        }
        return;
    }
    run(n.div_ceil(grain), &|i| f(i * grain..((i + 1) * grain).min(n)));
}

fn pool(workers: usize) -> &'static Pool {
    let pid = std::process::id();
    let current = POOL.load(Acquire);
    // SAFETY: pools are leaked, so a pointer once stored stays valid.
    if let Some(p) = unsafe { current.as_ref() }
        && p.pid == pid
        && p.workers >= workers
    {
        return p;
    }
    let fresh: &'static Pool = Box::leak(Box::new(Pool {
        pid,
        workers,
        busy: AtomicBool::new(false),
        epoch: AtomicUsize::new(0),
        open: AtomicBool::new(false),
        inside: AtomicUsize::new(0),
        limit: AtomicUsize::new(0),
        job: AtomicPtr::new(std::ptr::null_mut()),
        sleepers: AtomicUsize::new(0),
        lock: Mutex::new(()),
        wake: Condvar::new(),
    }));
    for id in 0..workers {
        // A worker that cannot be started is no error: the caller does its share.
        let _ = std::thread::Builder::new().name(format!("purify-{id}")).spawn(move || fresh.work(id));
    }
    POOL.store(std::ptr::from_ref(fresh).cast_mut(), Release);
    fresh
}

impl Pool {
    fn fork_join(&self, chunks: usize, helpers: usize, f: &(dyn Fn(usize) + Sync)) -> bool {
        // SAFETY: only the lifetime is erased; this function does not return while a worker is inside.
        let run: *const (dyn Fn(usize) + Sync) =
            unsafe { std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), *const (dyn Fn(usize) + Sync + 'static)>(f) };
        let job = Job { run, chunks, next: AtomicUsize::new(0), panicked: AtomicBool::new(false) };
        self.job.store(std::ptr::from_ref(&job).cast_mut(), Release);
        self.limit.store(helpers.min(chunks - 1), Release);
        self.open.store(true, SeqCst);
        self.epoch.fetch_add(1, SeqCst);
        if self.sleepers.load(SeqCst) > 0 {
            let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.wake.notify_all();
        }
        IN_POOL.set(true);
        job.claim();
        IN_POOL.set(false);
        // A worker announces itself before it looks whether the job is open, so after this store
        // either it sees the job closed or we see it inside.
        self.open.store(false, SeqCst);
        let mut spins = 0u32;
        while self.inside.load(SeqCst) != 0 {
            spins += 1;
            if spins < SPINS { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        job.panicked.load(Acquire)
    }

    fn work(&self, id: usize) {
        IN_POOL.set(true);
        let mut seen = 0;
        loop {
            seen = self.await_epoch(seen);
            self.inside.fetch_add(1, SeqCst);
            if self.open.load(SeqCst) && id < self.limit.load(Acquire) {
                // SAFETY: the job is open and we are counted inside, so its frame is alive.
                if let Some(job) = unsafe { self.job.load(Acquire).as_ref() } {
                    job.claim();
                }
            }
            self.inside.fetch_sub(1, SeqCst);
        }
    }

    fn await_epoch(&self, seen: usize) -> usize {
        for _ in 0..SPINS {
            let now = self.epoch.load(Acquire);
            if now != seen {
                return now;
            }
            std::hint::spin_loop();
        }
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, SeqCst);
        let now = loop {
            let now = self.epoch.load(SeqCst);
            if now != seen {
                break now;
            }
            guard = self.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        };
        self.sleepers.fetch_sub(1, SeqCst);
        now
    }
}

impl Job {
    fn claim(&self) {
        loop {
            let i = self.next.fetch_add(1, Relaxed);
            if i >= self.chunks {
                return;
            }
            // SAFETY: the closure outlives the job (see `fork_join`).
            if catch_unwind(AssertUnwindSafe(|| unsafe { (*self.run)(i) })).is_err() {
                self.panicked.store(true, Release);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chunk_runs_exactly_once() {
        set_num_threads(3);
        for chunks in [0, 1, 2, 7, 1000] {
            let hits: Vec<AtomicUsize> = (0..chunks).map(|_| AtomicUsize::new(0)).collect();
            for _ in 0..20 {
                run(chunks, &|i| {
                    hits[i].fetch_add(1, Relaxed);
                });
            }
            assert!(hits.iter().all(|h| h.load(Relaxed) == 20));
        }
        set_num_threads(0);
    }

    #[test]
    fn a_nested_call_runs_inline() {
        let count = AtomicUsize::new(0);
        run(4, &|_| {
            run(4, &|_| {
                count.fetch_add(1, Relaxed);
            })
        });
        assert_eq!(count.load(Relaxed), 16);
    }
}
