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
const REACH: i64 = 8;
/// Tables that are kept for bounds used before.
const KEPT: usize = 8;
/// Distances that differ by less are compared exactly; the points are off by less than 1e-12.
const DOUBT: f64 = 1e-11;

static TABLES: Mutex<Vec<Arc<Table>>> = Mutex::new(Vec::new());

struct Table {
    p: u64,
    cells: [OnceLock<Cell>; (2 * REACH + 1) as usize],
}

/// The points in and beside `[n - 1/2, n + 1/2]`, in order, and for each bucket the first that is not to its left.
struct Cell {
    values: Vec<f64>,
    points: Vec<(i32, i32)>,
    /// The points as correctly rounded doubles.
    rounded: Vec<f64>,
    first: Vec<u32>,
    start: f64,
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
        if let Some(table) = &self.table
            && x.abs() <= self.p as f64 / 2.0
            && x.abs() < REACH as f64 + 0.5
        {
            let n = x.round() as i64;
            let cell = table.cells[(n + REACH) as usize].get_or_init(|| Cell::new(n, table.p as i64));
            if let Some(i) = cell.place(x) {
                let (a, b) = cell.points[i];
                return Golden::new(i64::from(a), i64::from(b));
            }
        }
        nearest(x, self.p)
    }

    /// The double nearest to that lattice point.
    #[inline]
    pub fn nearest_value(&self, x: f64) -> f64 {
        if let Some(table) = &self.table
            && x.abs() <= self.p as f64 / 2.0
            && x.abs() < REACH as f64 + 0.5
        {
            let n = x.round() as i64;
            let cell = table.cells[(n + REACH) as usize].get_or_init(|| Cell::new(n, table.p as i64));
            if let Some(i) = cell.place(x) {
                return cell.rounded[i];
            }
        }
        nearest(x, self.p).to_f64()
    }
}

impl Cell {
    fn new(n: i64, p: i64) -> Cell {
        let mut all: Vec<(f64, (i32, i32))> = Vec::new();
        for b in -p..=p {
            let (high, low) = times_phi(b as f64);
            let a = (n as f64 - high).round() as i64;
            // A point outside the cell can be the nearest to a value at its edge.
            for a in a - 1..=a + 1 {
                if a.abs() <= p {
                    all.push(((a as f64 + high) + low, (a as i32, b as i32)));
                }
            }
        }
        all.sort_by(|x, y| x.0.total_cmp(&y.0));
        let start = n as f64 - 0.5;
        let buckets = 2 * all.len() / 3;
        let first = (0..=buckets).map(|i| all.partition_point(|v| v.0 < start + i as f64 / buckets as f64) as u32).collect();
        let rounded = all.iter().map(|(_, (a, b))| Golden::new(i64::from(*a), i64::from(*b)).to_f64()).collect();
        let (values, points) = all.into_iter().unzip();
        Cell { values, points, rounded, first, start }
    }

    /// The place of the nearest point, unless it is too close to call.
    #[inline]
    fn place(&self, x: f64) -> Option<usize> {
        let buckets = self.first.len() - 1;
        let bucket = (((x - self.start) * buckets as f64) as usize).min(buckets);
        let mut right = self.first[bucket] as usize;
        while right < self.values.len() && self.values[right] < x {
            right += 1;
        }
        // Rounding may have put x into the bucket after its own.
        while right > 0 && self.values[right - 1] >= x {
            right -= 1;
        }
        if right == 0 || right == self.values.len() {
            return None;
        }
        let (below, above) = (x - self.values[right - 1], self.values[right] - x);
        ((below - above).abs() > DOUBT).then_some(if below < above { right - 1 } else { right })
    }
}
