//! Snapping by table, for many values under one bound: the points of a unit cell in order, found through buckets.
//!
//! Near the middle between two points, where doubles cannot tell which is nearer, the exact search decides. The result is
//! that of [`nearest`] for every value.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::float::times_phi;
use super::golden::Golden;
use super::snap::nearest;

/// Above this bound a table would be large, and the search is as quick.
const MAX_BOUND: u64 = 4096;
/// Cells on either side of zero that get a table.
const REACH: i64 = 32;
/// Tables that are kept for bounds used before.
const KEPT: usize = 8;
/// Distances that differ by less are compared exactly; the points are off by less than 1e-12.
const DOUBT: f64 = 1e-11;

static TABLES: Mutex<Vec<Arc<Table>>> = Mutex::new(Vec::new());

struct Table {
    p: u64,
    cells: [OnceLock<Cell>; (2 * REACH + 1) as usize],
}

/// The points in `[n - 1/2, n + 1/2]` and one on either side, in order, and for each bucket the first that is not to its
/// left. Buckets are narrower than the narrowest gap, so that each has at most one point.
struct Cell {
    /// The points as correctly rounded doubles.
    values: Vec<f64>,
    points: Vec<(i32, i32)>,
    first: Vec<u32>,
    start: f64,
    per_unit: f64,
}

/// Snaps to the lattice of one bound; the same as [`nearest`], quicker for many values.
#[derive(Clone)]
pub struct Snapper {
    p: u64,
    table: Option<Arc<Table>>,
}

impl Snapper {
    /// A snapper with coefficients up to `p`.
    pub fn new(p: u64) -> Snapper {
        let table = (p <= MAX_BOUND).then(|| {
            let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = tables.iter().find(|t| t.p == p) {
                return found.clone();
            }
            if tables.len() == KEPT {
                tables.remove(0);
            }
            let fresh = Arc::new(Table { p, cells: [const { OnceLock::new() }; (2 * REACH + 1) as usize] });
            tables.push(fresh.clone());
            fresh
        });
        Snapper { p, table }
    }

    /// The lattice point nearest to a finite number.
    #[inline]
    pub fn nearest(&self, x: f64) -> Golden {
        if let Some((cell, i)) = self.place(x) {
            let (a, b) = cell.points[i];
            return Golden::new(i64::from(a), i64::from(b));
        }
        nearest(x, self.p)
    }

    /// The double nearest to that lattice point.
    #[inline]
    pub fn nearest_value(&self, x: f64) -> f64 {
        if let Some((cell, i)) = self.place(x) {
            return cell.values[i];
        }
        nearest(x, self.p).to_f64()
    }

    #[inline]
    fn place(&self, x: f64) -> Option<(&Cell, usize)> {
        let table = self.table.as_ref()?;
        if x.abs() > self.p as f64 / 2.0 || x.abs() >= REACH as f64 + 0.5 {
            return None;
        }
        // Half a unit in the last place to the wrong side does not matter: each cell has a neighbour on either side.
        let n = ((x + 0.5f64.copysign(x)) as i64).clamp(-REACH, REACH);
        let cell = table.cells[(n + REACH) as usize].get_or_init(|| Cell::new(n, table.p as i64));
        cell.place(x).map(|i| (cell, i))
    }
}

impl Cell {
    fn new(n: i64, p: i64) -> Cell {
        let start = n as f64 - 0.5;
        let mut all: Vec<(f64, (i32, i32))> = Vec::new();
        for b in -p..=p {
            let (high, _) = times_phi(b as f64);
            let a = (n as f64 - high).round() as i64;
            // A point outside the cell can be the nearest to a value at its edge.
            for a in a - 1..=a + 1 {
                if a.abs() <= p {
                    let value = Golden::new(a, b).to_f64();
                    if (start - 1.0..=start + 2.0).contains(&value) {
                        all.push((value, (a as i32, b as i32)));
                    }
                }
            }
        }
        all.sort_by(|x, y| x.0.total_cmp(&y.0));
        let from = all.partition_point(|v| v.0 < start).saturating_sub(1);
        let to = (all.partition_point(|v| v.0 <= start + 1.0) + 1).min(all.len());
        let all = &all[from..to];
        let narrowest = all.windows(2).map(|w| w[1].0 - w[0].0).fold(1.0, f64::min);
        let buckets = (1.01 / narrowest).ceil();
        let first = (0..=buckets as usize).map(|i| all.partition_point(|v| v.0 < start + i as f64 / buckets) as u32).collect();
        let (values, points) = all.iter().copied().unzip();
        Cell { values, points, first, start, per_unit: buckets }
    }

    /// The place of the nearest point, unless it is too close to call.
    #[inline]
    fn place(&self, x: f64) -> Option<usize> {
        let bucket = (((x - self.start) * self.per_unit) as usize).min(self.first.len() - 1);
        let left = self.first[bucket] as usize;
        let right = left + usize::from(*self.values.get(left)? < x);
        let (below, above) = (self.values.get(right.wrapping_sub(1))?, self.values.get(right)?);
        // Rounding may have put x into the bucket beside its own; the distances are right all the same.
        let (below, above) = ((x - below).abs(), (above - x).abs());
        ((below - above).abs() > DOUBT).then_some(right - usize::from(below < above))
    }
}
