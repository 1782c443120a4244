//! Elimination of matrices up to 8 × 8 in place: for these, setting up the blocked factorisation takes longer than the work
//! (a 3 × 3 inverse is several times faster here).

use purify_factor::{Failure, Field, Outcome};

/// The largest order handled here.
pub const LARGEST: usize = 8;

/// A copy of the matrix, eliminated column by column.
struct Elimination<T> {
    a: [T; LARGEST * LARGEST],
    n: usize,
}

impl<T: Field> Elimination<T> {
    fn new(a: &[T], n: usize) -> Self {
        let mut copy = [T::ZERO; LARGEST * LARGEST];
        copy[..n * n].copy_from_slice(a);
        Elimination { a: copy, n }
    }

    /// Moves the largest element of a column, from the diagonal down, to the diagonal. Returns the row it came from.
    fn pivot(&mut self, column: usize) -> usize {
        let n = self.n;
        let (mut row, mut largest) = (column, self.a[column * n + column].polar().1);
        for i in column + 1..n {
            let modulus = self.a[i * n + column].polar().1;
            if modulus > largest {
                (row, largest) = (i, modulus);
            }
        }
        if row != column {
            (0..n).for_each(|j| self.a.swap(row * n + j, column * n + j));
        }
        row
    }

    /// Clears a column below the diagonal; `each(row, factor)` is told what was subtracted from which row.
    fn clear(&mut self, column: usize, mut each: impl FnMut(usize, T)) {
        let n = self.n;
        let inverse = reciprocal(self.a[column * n + column]);
        for row in column + 1..n {
            let factor = self.a[row * n + column].times(inverse).negated();
            for j in column + 1..n {
                self.a[row * n + j] = self.a[row * n + j].plus(factor.times(self.a[column * n + j]));
            }
            each(row, factor);
        }
    }
}

fn reciprocal<T: Field>(x: T) -> T {
    let (direction, modulus) = x.polar();
    direction.conjugate().scaled(1.0 / modulus)
}

/// As [`Field::solve`], for `n` up to [`LARGEST`].
pub fn solve<T: Field>(a: &[T], n: usize, b: &mut [T], k: usize) -> Outcome {
    let mut work = Elimination::new(a, n);
    for column in 0..n {
        let from = work.pivot(column);
        if work.a[column * n + column] == T::ZERO {
            return Err(Failure::Singular);
        }
        if from != column {
            (0..k).for_each(|j| b.swap(from * k + j, column * k + j));
        }
        work.clear(column, |row, factor| {
            for j in 0..k {
                b[row * k + j] = b[row * k + j].plus(factor.times(b[column * k + j]));
            }
        });
    }
    for row in (0..n).rev() {
        let inverse = reciprocal(work.a[row * n + row]);
        for j in 0..k {
            let mut sum = b[row * k + j];
            for i in row + 1..n {
                sum = sum.plus(work.a[row * n + i].times(b[i * k + j]).negated());
            }
            b[row * k + j] = sum.times(inverse);
        }
    }
    Ok(())
}

/// As [`Field::inverse`], for `n` up to [`LARGEST`].
pub fn inverse<T: Field>(a: &[T], n: usize, out: &mut [T]) -> Outcome {
    out.fill(T::ZERO);
    (0..n).for_each(|i| out[i * n + i] = T::ONE);
    solve(a, n, out, n)
}

/// As [`Field::pivots`], for `n` up to [`LARGEST`].
pub fn pivots<T: Field>(a: &[T], n: usize) -> (Vec<T>, bool) {
    let mut work = Elimination::new(a, n);
    let (mut pivots, mut odd) = (vec![T::ONE; n], false);
    for column in 0..n {
        odd ^= work.pivot(column) != column;
        pivots[column] = work.a[column * n + column];
        if pivots[column] == T::ZERO {
            // The determinant is zero, whatever follows; but NaN anywhere makes it NaN.
            if let Some(odd_one) = a.iter().find(|x| !x.finite()) {
                pivots[column] = odd_one.times(T::ZERO);
            }
            break;
        }
        work.clear(column, |_, _| {});
    }
    (pivots, odd)
}
