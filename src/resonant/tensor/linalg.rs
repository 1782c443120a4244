//! Exact products of matrices, and the bias.

use super::{ModeNorms, ResonantTensor, default_norms};
use crate::error::{Error, Result};
use crate::exact::Golden;
use crate::parallel;

/// Numbers of Z[phi] with small coefficients, apart, so that sums of products run on machine words.
struct Coefficients {
    a: Vec<i64>,
    b: Vec<i64>,
    bits: u32,
}

impl Coefficients {
    fn of(lattice: &[Golden]) -> Option<Coefficients> {
        let (mut a, mut b, mut all) = (Vec::with_capacity(lattice.len()), Vec::with_capacity(lattice.len()), 0u64);
        for g in lattice {
            let (x, y) = g.small_integers()?;
            all |= x.unsigned_abs() | y.unsigned_abs();
            a.push(x);
            b.push(y);
        }
        Some(Coefficients { a, b, bits: 64 - all.leading_zeros() })
    }
}

macro_rules! dot {
    ($word:ty, $a:expr, $b:expr, $x:expr, $y:expr) => {{
        let (mut low, mut cross, mut high): ($word, $word, $word) = (0, 0, 0);
        for (((&a, &b), &x), &y) in $a.iter().zip($b).zip($x).zip($y) {
            let (a, b, x, y) = (a as $word, b as $word, x as $word, y as $word);
            low += a * x;
            cross += a * y + b * x;
            high += b * y;
        }
        (low + high, cross + high)
    }};
}

/// `left [m, k]` times the transpose of `right [n, k]`, exact.
pub(super) fn product(left: &[Golden], right: &[Golden], m: usize, n: usize, k: usize) -> Vec<Golden> {
    let rows = (super::GRAIN / (n * k).max(1)).max(1);
    let words = Coefficients::of(left).zip(Coefficients::of(right));
    let sum_bits = usize::BITS - k.leading_zeros();
    let by_row: Vec<Vec<Golden>> = match words {
        Some((l, r)) if l.bits + r.bits + sum_bits + 2 <= 126 => {
            let narrow = l.bits + r.bits + sum_bits + 2 <= 62;
            parallel::map(m, rows, |i| {
                let row = i * k..(i + 1) * k;
                let (a, b) = (&l.a[row.clone()], &l.b[row]);
                (0..n)
                    .map(|j| {
                        let column = j * k..(j + 1) * k;
                        let (x, y) = (&r.a[column.clone()], &r.b[column]);
                        if narrow {
                            let (p, q) = dot!(i64, a, b, x, y);
                            Golden::new(p, q)
                        } else {
                            let (p, q) = dot!(i128, a, b, x, y);
                            Golden::integers(p.into(), q.into())
                        }
                    })
                    .collect()
            })
        }
        _ => parallel::map(m, rows, |i| {
            (0..n)
                .map(|j| {
                    let pairs = left[i * k..(i + 1) * k].iter().zip(&right[j * k..(j + 1) * k]);
                    pairs.fold(Golden::ZERO, |sum, (x, y)| if x.is_zero() || y.is_zero() { sum } else { &sum + &(x * y) })
                })
                .collect()
        }),
    };
    by_row.into_iter().flatten().collect()
}

impl ResonantTensor {
    /// `X W^T`, exact: `[..., K]` by `[N, K]` gives `[..., N]`, and `[..., M, K]` by `[..., N, K]` with the same leading
    /// axes gives `[..., M, N]`. The norms of the result are the squares of the output column.
    ///
    /// # Errors
    /// [`Error::Shape`] for other shapes, [`Error::Phase`] in flux.
    pub fn matmul(&self, weights: &ResonantTensor) -> Result<ResonantTensor> {
        let op = "matmul";
        self.crystallized(op)?;
        weights.crystallized(op)?;
        let (x, w) = (&self.shape, &weights.shape);
        let fail = || Error::shape(op, format!("X W^T needs [..., K] and [N, K], or equal leading axes; got {x:?} and {w:?}"));
        if x.len() < 2 || w.len() < 2 || x.last() != w.last() {
            return Err(fail());
        }
        let (k, n) = (x[x.len() - 1], w[w.len() - 2]);
        let mut shape = x[..x.len() - 1].to_vec();
        shape.push(n);
        let lattice = if w.len() == 2 {
            product(&self.lattice, &weights.lattice, x[..x.len() - 1].iter().product(), n, k)
        } else {
            if x.len() != w.len() || x[..x.len() - 2] != w[..w.len() - 2] {
                return Err(fail());
            }
            let (batches, m): (usize, usize) = (x[..x.len() - 2].iter().product(), x[x.len() - 2]);
            let mut out = Vec::with_capacity(batches * m * n);
            for i in 0..batches {
                out.extend(product(&self.lattice[i * m * k..(i + 1) * m * k], &weights.lattice[i * n * k..(i + 1) * n * k], m, n, k));
            }
            out
        };
        let norms = default_norms(&shape, ModeNorms::LastAxis);
        ResonantTensor::build(op, lattice, &shape, norms, self.precision.max(weights.precision))
    }

    /// A vector added to every row of a matrix, or of the last axis of a tensor.
    ///
    /// # Errors
    /// [`Error::Shape`] unless the bias is as long as the last axis, [`Error::Phase`] in flux.
    pub fn add_bias(&self, bias: &ResonantTensor) -> Result<ResonantTensor> {
        let columns = self.shape.last().copied();
        if self.ndim() < 2 || bias.ndim() != 1 || columns != Some(bias.size()) {
            let message =
                format!("a bias of shape [N] for a tensor [..., N] of two or more axes; got {:?} and {:?}", bias.shape, self.shape);
            return Err(Error::shape("add_bias", message));
        }
        let mut out = self.add(bias)?;
        out.norms = self.norms.clone();
        Ok(out)
    }
}
