//! Maps over indices on the pool of `purify-ops`, in the same order whatever the number of threads.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use purify_ops::pool;

/// `f(0), ..., f(n - 1)`; ranges of at most `grain` may run at the same time.
pub fn map<T: Send>(n: usize, grain: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
    if n <= grain {
        return (0..n).map(f).collect();
    }
    let parts: Vec<Mutex<Vec<T>>> = (0..n.div_ceil(grain)).map(|_| Mutex::default()).collect();
    pool::for_ranges(n, grain, |range: Range<usize>| {
        let index = range.start / grain;
        *parts[index].lock().unwrap_or_else(PoisonError::into_inner) = range.map(&f).collect();
    });
    parts.into_iter().flat_map(|part| part.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// As [`map`], for functions that can fail; of several errors the first is returned.
pub fn try_map<T: Send, E: Send>(n: usize, grain: usize, f: impl Fn(usize) -> Result<T, E> + Sync) -> Result<Vec<T>, E> {
    map(n, grain, f).into_iter().collect()
}
