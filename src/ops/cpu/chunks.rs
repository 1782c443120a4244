//! Splits output slices into chunks that the thread pool fills, each chunk seen by exactly one task.

use std::marker::PhantomData;

use crate::pool;

/// Work of fewer elements than this is done by the calling thread alone (about 10 µs of memory traffic).
pub const SERIAL: usize = 1 << 14;

/// A slice whose disjoint parts may be borrowed from several threads.
struct Parts<'a, T> {
    start: *mut T,
    len: usize,
    life: PhantomData<&'a mut [T]>,
}
// SAFETY: the parts handed out are disjoint, so this is sending `&mut [T]`s.
unsafe impl<T: Send> Sync for Parts<'_, T> {}

impl<'a, T> Parts<'a, T> {
    fn new(data: &'a mut [T]) -> Self {
        Parts { start: data.as_mut_ptr(), len: data.len(), life: PhantomData }
    }

    /// # Safety
    /// No two live parts may overlap.
    #[allow(clippy::mut_from_ref)]
    unsafe fn part(&self, from: usize, len: usize) -> &mut [T] {
        assert!(from <= self.len && len <= self.len - from);
        // SAFETY: in bounds by the assertion, exclusive by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(from), len) }
    }
}

/// Calls `body(first_lane, lanes)` for groups of consecutive lanes of `lane` elements each, on the pool. `cost` is the work
/// per element relative to a copy; it decides how many lanes one task takes. `lane` must not be 0.
pub fn for_each_lanes<T: Send>(data: &mut [T], lane: usize, cost: usize, body: impl Fn(usize, &mut [T]) + Sync) {
    let lanes = data.len() / lane;
    let group = lanes_per_task(lanes, lane * cost);
    let parts = Parts::new(data);
    pool::run(lanes.div_ceil(group.max(1)), &|task| {
        let first = task * group;
        let count = group.min(lanes - first);
        // SAFETY: tasks have disjoint lane ranges.
        body(first, unsafe { parts.part(first * lane, count * lane) });
    });
}

/// As [`for_each_lanes`] for two slices with the same number of lanes.
pub fn for_each_lanes2<A: Send, B: Send>(
    a: &mut [A],
    a_lane: usize,
    b: &mut [B],
    b_lane: usize,
    cost: usize,
    body: impl Fn(usize, &mut [A], &mut [B]) + Sync,
) {
    let lanes = a.len().checked_div(a_lane).unwrap_or_else(|| b.len() / b_lane);
    let group = lanes_per_task(lanes, (a_lane + b_lane) * cost);
    let (a, b) = (Parts::new(a), Parts::new(b));
    pool::run(lanes.div_ceil(group.max(1)), &|task| {
        let first = task * group;
        let count = group.min(lanes - first);
        // SAFETY: tasks have disjoint lane ranges.
        let (a, b) = unsafe { (a.part(first * a_lane, count * a_lane), b.part(first * b_lane, count * b_lane)) };
        body(first, a, b);
    });
}

/// One of the outputs of [`for_each_matrix`]: a slice and how many of its elements belong to one lane (may be 0).
pub struct Lanes<'a, T>(pub &'a mut [T], pub usize);

/// Calls `body(lane, a, b, c)` for each of `lanes` lanes of three outputs, on the pool. `work` is the work of one lane
/// relative to copying one element.
pub fn for_each_matrix<A: Send, B: Send, C: Send>(
    lanes: usize,
    work: usize,
    Lanes(a, a_lane): Lanes<'_, A>,
    Lanes(b, b_lane): Lanes<'_, B>,
    Lanes(c, c_lane): Lanes<'_, C>,
    body: impl Fn(usize, &mut [A], &mut [B], &mut [C]) + Sync,
) {
    let group = lanes_per_task(lanes, work);
    let (a, b, c) = (Parts::new(a), Parts::new(b), Parts::new(c));
    pool::run(lanes.div_ceil(group.max(1)), &|task| {
        for i in task * group..((task + 1) * group).min(lanes) {
            // SAFETY: every lane is visited once, and lanes do not overlap.
            let (a, b, c) = unsafe { (a.part(i * a_lane, a_lane), b.part(i * b_lane, b_lane), c.part(i * c_lane, c_lane)) };
            body(i, a, b, c);
        }
    });
}

/// How many lanes make one task: enough work per task, and a few tasks per thread to even out a busy machine. Lanes are
/// computed alone, so that no result depends on this.
fn lanes_per_task(lanes: usize, work_per_lane: usize) -> usize {
    let threads = pool::num_threads();
    if threads < 2 || lanes.saturating_mul(work_per_lane) < 2 * SERIAL {
        return lanes;
    }
    lanes.div_ceil(4 * threads).max(SERIAL / work_per_lane.max(1)).max(1)
}
