//! Eigenvalues and eigenvectors of small general real matrices, with the signs and the order that LAPACK gives them.
//!
//! Code compares eigenvectors with what it once printed, so their free signs should be those of `geev`. They follow from the way
//! to the real Schur form: balancing, Householder reflections to Hessenberg form, then the QR iteration with implicit double
//! shifts and early deflation (Francis, 1961; Ahues and Tisseur, 1997), each 2x2 block standardised. The steps here are those
//! of LAPACK for matrices of up to 75 rows; beyond that it takes another iteration, and so do the callers.

use num_complex::Complex64;

/// The largest order for which LAPACK takes these steps.
pub(crate) const LARGEST: usize = 75;

const ULP: f64 = f64::EPSILON;
const SAFE: f64 = f64::MIN_POSITIVE;
/// The iterations without deflation after which a shift is made up.
const EXCEPTIONAL: usize = 10;

/// A square matrix, column by column.
struct Square {
    n: usize,
    at: Vec<f64>,
}

impl std::ops::Index<(usize, usize)> for Square {
    type Output = f64;
    fn index(&self, (i, j): (usize, usize)) -> &f64 {
        &self.at[j * self.n + i]
    }
}

impl std::ops::IndexMut<(usize, usize)> for Square {
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut f64 {
        &mut self.at[j * self.n + i]
    }
}

impl Square {
    fn identity(n: usize) -> Self {
        let mut at = vec![0.0; n * n];
        at.iter_mut().step_by(n + 1).for_each(|x| *x = 1.0);
        Self { n, at }
    }

    fn swap_columns(&mut self, a: usize, b: usize, rows: std::ops::Range<usize>) {
        rows.for_each(|i| self.at.swap(a * self.n + i, b * self.n + i));
    }

    fn swap_rows(&mut self, a: usize, b: usize, columns: std::ops::Range<usize>) {
        columns.for_each(|j| self.at.swap(j * self.n + a, j * self.n + b));
    }

    /// Turns two columns: `(x, y)` becomes `(c x + s y, c y - s x)`.
    fn turn_columns(&mut self, (a, b): (usize, usize), rows: std::ops::Range<usize>, (c, s): (f64, f64)) {
        for i in rows {
            let (x, y) = (self[(i, a)], self[(i, b)]);
            self[(i, a)] = c * x + s * y;
            self[(i, b)] = c * y - s * x;
        }
    }

    fn turn_rows(&mut self, (a, b): (usize, usize), columns: std::ops::Range<usize>, (c, s): (f64, f64)) {
        for j in columns {
            let (x, y) = (self[(a, j)], self[(b, j)]);
            self[(a, j)] = c * x + s * y;
            self[(b, j)] = c * y - s * x;
        }
    }

    /// Applies `I - t v v'` from the right, to the columns from `at` on.
    fn reflect_columns(&mut self, at: usize, rows: std::ops::Range<usize>, v: &[f64], t: f64) {
        for i in rows {
            let sum: f64 = v.iter().enumerate().map(|(k, v)| v * self[(i, at + k)]).sum();
            v.iter().enumerate().for_each(|(k, v)| self[(i, at + k)] -= t * sum * v);
        }
    }

    /// Applies `I - t v v'` from the left, to the rows from `at` on.
    fn reflect_rows(&mut self, at: usize, columns: std::ops::Range<usize>, v: &[f64], t: f64) {
        for j in columns {
            let column = &mut self.at[j * self.n + at..][..v.len()];
            let sum: f64 = v.iter().zip(&*column).map(|(v, x)| v * x).sum();
            column.iter_mut().zip(v).for_each(|(x, v)| *x -= t * sum * v);
        }
    }
}

/// The reflection that turns `x` into a multiple of the first axis. Leaves the multiple and 1 in front of `v`, and gives `t`.
fn reflector(x: &mut [f64]) -> (f64, f64) {
    let (alpha, rest) = (x[0], &mut x[1..]);
    let length = rest.iter().fold(0.0, |length: f64, x| length.hypot(*x));
    x[0] = 1.0;
    if length == 0.0 {
        return (alpha, 0.0);
    }
    let beta = -alpha.hypot(length).copysign(alpha);
    x[1..].iter_mut().for_each(|x| *x /= alpha - beta);
    (beta, (beta - alpha) / beta)
}

/// Rows and columns that were exchanged or scaled, and the part between which is left to work on.
struct Balance {
    low: usize,
    high: usize,
    scale: Vec<f64>,
    swaps: Vec<(usize, usize)>,
}

/// Exchanges rows and columns so that single eigenvalues stand apart, and scales by powers of two what is left.
fn balance(a: &mut Square) -> Balance {
    let n = a.n;
    let (mut low, mut high) = (0, n);
    let mut swaps = Vec::new();
    let mut exchange = |a: &mut Square, i: usize, with: usize, low: usize, high: usize| {
        if i != with {
            a.swap_columns(i, with, 0..high);
            a.swap_rows(i, with, low..n);
            swaps.push((i, with));
        }
    };
    let mut again = true;
    while again && high > 1 {
        again = false;
        for i in (0..high).rev() {
            if i < high && (0..high).all(|j| j == i || a[(i, j)] == 0.0) {
                exchange(a, i, high - 1, low, high);
                again = true;
                high -= 1;
                if high == 1 {
                    break;
                }
            }
        }
    }
    again = high > 1;
    while again {
        again = false;
        let first = low;
        for j in first..high {
            if j >= low && (low..high).all(|i| i == j || a[(i, j)] == 0.0) {
                exchange(a, j, low, low, high);
                again = true;
                low += 1;
            }
        }
    }
    let mut scale = vec![1.0; n];
    again = true;
    while again {
        again = false;
        for i in low..high {
            let norm = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |length: f64, x| length.hypot(x));
            let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |most: f64, x| most.max(x.abs()));
            let (mut c, mut r) = (norm(&mut (low..high).map(|k| a[(k, i)])), norm(&mut (low..high).map(|k| a[(i, k)])));
            let (mut ca, mut ra) = (largest(&mut (0..high).map(|k| a[(k, i)])), largest(&mut (low..n).map(|k| a[(i, k)])));
            if c == 0.0 || r == 0.0 {
                continue;
            }
            let (least, most) = (SAFE / ULP * 2.0, ULP / SAFE / 2.0);
            let (mut f, total) = (1.0f64, c + r);
            let mut g = r / 2.0;
            while c < g && f.max(c).max(ca) < most && r.min(g).min(ra) > least {
                (f, c, ca, r, g, ra) = (f * 2.0, c * 2.0, ca * 2.0, r / 2.0, g / 2.0, ra / 2.0);
            }
            g = c / 2.0;
            while g >= r && r.max(ra) < most && f.min(c).min(g).min(ca) > least {
                (f, c, g, ca, r, ra) = (f / 2.0, c / 2.0, g / 2.0, ca / 2.0, r * 2.0, ra * 2.0);
            }
            let outgrown =
                (f < 1.0 && scale[i] < 1.0 && f * scale[i] <= SAFE / ULP) || (f > 1.0 && scale[i] > 1.0 && scale[i] >= ULP / SAFE / f);
            if c + r >= 0.95 * total || outgrown {
                continue;
            }
            scale[i] *= f;
            again = true;
            (low..n).for_each(|j| a[(i, j)] /= f);
            (0..high).for_each(|k| a[(k, i)] *= f);
        }
    }
    Balance { low, high, scale, swaps }
}

/// Reduces the part that is left to Hessenberg form; the product of the reflections.
fn hessenberg(a: &mut Square, low: usize, high: usize) -> Square {
    let n = a.n;
    let mut reflections = Vec::new();
    for i in low..high.saturating_sub(1) {
        let mut v: Vec<f64> = (i + 1..high).map(|k| a[(k, i)]).collect();
        let (beta, t) = reflector(&mut v);
        a.reflect_columns(i + 1, 0..high, &v, t);
        a.reflect_rows(i + 1, i + 1..n, &v, t);
        (i + 2..high).for_each(|k| a[(k, i)] = 0.0);
        a[(i + 1, i)] = beta;
        reflections.push((i + 1, v, t));
    }
    let mut q = Square::identity(n);
    for (at, v, t) in reflections.iter().rev() {
        q.reflect_rows(*at, *at..high, v, *t);
    }
    q
}

/// The rotation that makes a 2x2 block triangular, or gives it equal diagonal elements and off-diagonal ones of unlike signs.
fn standardize([mut a, mut b, mut c, mut d]: [f64; 4]) -> ([f64; 4], (f64, f64)) {
    let (mut cs, mut sn) = (1.0, 0.0);
    if c == 0.0 {
    } else if b == 0.0 {
        (cs, sn) = (0.0, 1.0);
        (a, b, c, d) = (d, -c, 0.0, a);
    } else if a - d == 0.0 && b.signum() != c.signum() {
    } else {
        let mut temp = a - d;
        let mut p = 0.5 * temp;
        let bcmax = b.abs().max(c.abs());
        let bcmis = b.abs().min(c.abs()) * b.signum() * c.signum();
        let mut scale = p.abs().max(bcmax);
        let z = p / scale * p + bcmax / scale * bcmis;
        if z >= 4.0 * ULP {
            let z = p + (scale.sqrt() * z.sqrt()).copysign(p);
            a = d + z;
            d -= bcmax / z * bcmis;
            let tau = c.hypot(z);
            (cs, sn) = (z / tau, c / tau);
            b -= c;
            c = 0.0;
        } else {
            let mut sigma = b + c;
            // Neither tiny nor huge sums may lose digits.
            scale = temp.abs().max(sigma.abs());
            if scale > 0.0 && !(1e-140..1e140).contains(&scale) {
                sigma /= scale;
                temp /= scale;
            }
            p = 0.5 * temp;
            let tau = sigma.hypot(temp);
            cs = (0.5 * (1.0 + sigma.abs() / tau)).sqrt();
            sn = -(p / (tau * cs)) * 1f64.copysign(sigma);
            let (aa, bb, cc, dd) = (a * cs + b * sn, b * cs - a * sn, c * cs + d * sn, d * cs - c * sn);
            (a, b, c, d) = (aa * cs + cc * sn, bb * cs + dd * sn, cc * cs - aa * sn, dd * cs - bb * sn);
            let middle = 0.5 * (a + d);
            (a, d) = (middle, middle);
            if c != 0.0 && b == 0.0 {
                (b, c) = (-c, 0.0);
                (cs, sn) = (-sn, cs);
            } else if c != 0.0 && b.signum() == c.signum() {
                let (sab, sac) = (b.abs().sqrt(), c.abs().sqrt());
                let p = (sab * sac).copysign(c);
                let tau = 1.0 / (b + c).abs().sqrt();
                (a, d) = (middle + p, middle - p);
                b -= c;
                c = 0.0;
                let (cs1, sn1) = (sab * tau, sac * tau);
                (cs, sn) = (cs * cs1 - sn * sn1, cs * sn1 + sn * cs1);
            }
        }
    }
    ([a, b, c, d], (cs, sn))
}

/// The two shifts that a trailing 2x2 block gives: real parts and imaginary parts.
fn shifts([h11, h12, h21, h22]: [f64; 4]) -> ((f64, f64), (f64, f64)) {
    let s = h11.abs() + h12.abs() + h21.abs() + h22.abs();
    if s == 0.0 {
        return ((0.0, 0.0), (0.0, 0.0));
    }
    let (h11, h12, h21, h22) = (h11 / s, h12 / s, h21 / s, h22 / s);
    let middle = (h11 + h22) / 2.0;
    let det = (h11 - middle) * (h22 - middle) - h12 * h21;
    let root = det.abs().sqrt();
    if det >= 0.0 {
        return ((middle * s, root * s), (middle * s, -root * s));
    }
    let (one, two) = (middle + root, middle - root);
    let near = if (one - h22).abs() <= (two - h22).abs() { one } else { two };
    ((near * s, 0.0), (near * s, 0.0))
}

/// Where the active block that ends with row `i` begins: the last row whose element beside the diagonal is negligible.
fn deflation(h: &Square, low: usize, high: usize, first: usize, i: usize, small: f64) -> usize {
    for k in (first + 1..=i).rev() {
        let below = h[(k, k - 1)].abs();
        if below <= small {
            return k;
        }
        let mut around = h[(k - 1, k - 1)].abs() + h[(k, k)].abs();
        if around == 0.0 {
            around += if k >= low + 2 { h[(k - 1, k - 2)].abs() } else { 0.0 };
            around += if k + 1 < high { h[(k + 1, k)].abs() } else { 0.0 };
        }
        if below <= ULP * around {
            let (ab, ba) = (below.max(h[(k - 1, k)].abs()), below.min(h[(k - 1, k)].abs()));
            let (diagonal, apart) = (h[(k, k)].abs(), (h[(k - 1, k - 1)] - h[(k, k)]).abs());
            let (aa, bb) = (diagonal.max(apart), diagonal.min(apart));
            let s = aa + ab;
            if ba * (ab / s) <= small.max(ULP * (bb * (aa / s))) {
                return k;
            }
        }
    }
    first
}

/// Brings a Hessenberg matrix to real Schur form; `z` takes the rotations. `None` if it does not settle.
fn schur(h: &mut Square, low: usize, high: usize, z: &mut Square) -> Option<()> {
    let n = h.n;
    if low >= high {
        return Some(());
    }
    let small = SAFE * ((high - low) as f64 / ULP);
    let most = 30 * (high - low).max(10);
    let mut end = high;
    while end > low {
        let i = end - 1;
        let mut l = low;
        let mut kept = 0;
        for round in 0.. {
            if round > most {
                return None;
            }
            l = deflation(h, low, high, l, i, small);
            if l > low {
                h[(l, l - 1)] = 0.0;
            }
            if l + 1 >= i {
                break;
            }
            kept += 1;
            let made_up = |s: f64, corner: f64| [0.75 * s + corner, -0.4375 * s, s, 0.75 * s + corner];
            let block = if kept % (2 * EXCEPTIONAL) == 0 {
                made_up(h[(i, i - 1)].abs() + h[(i - 1, i - 2)].abs(), h[(i, i)])
            } else if kept % EXCEPTIONAL == 0 {
                made_up(h[(l + 1, l)].abs() + h[(l + 2, l + 1)].abs(), h[(l, l)])
            } else {
                [h[(i - 1, i - 1)], h[(i - 1, i)], h[(i, i - 1)], h[(i, i)]]
            };
            sweep(h, z, l, i, shifts(block));
        }
        if l + 1 == i {
            let (block, turn) = standardize([h[(i - 1, i - 1)], h[(i - 1, i)], h[(i, i - 1)], h[(i, i)]]);
            [h[(i - 1, i - 1)], h[(i - 1, i)], h[(i, i - 1)], h[(i, i)]] = block;
            h.turn_rows((i - 1, i), i + 1..n, turn);
            h.turn_columns((i - 1, i), 0..i - 1, turn);
            z.turn_columns((i - 1, i), 0..n, turn);
        }
        end = l;
    }
    Some(())
}

/// One step of the QR iteration with two shifts on rows `l` to `i`.
fn sweep(h: &mut Square, z: &mut Square, l: usize, i: usize, ((r1, i1), (r2, i2)): ((f64, f64), (f64, f64))) {
    let n = h.n;
    let mut m = i - 2;
    let mut v;
    loop {
        let s = (h[(m, m)] - r2).abs() + i2.abs() + h[(m + 1, m)].abs();
        let below = h[(m + 1, m)] / s;
        v = [
            below * h[(m, m + 1)] + (h[(m, m)] - r1) * ((h[(m, m)] - r2) / s) - i1 * (i2 / s),
            below * (h[(m, m)] + h[(m + 1, m + 1)] - r1 - r2),
            below * h[(m + 2, m + 1)],
        ];
        let s = v[0].abs() + v[1].abs() + v[2].abs();
        v.iter_mut().for_each(|x| *x /= s);
        if m == l {
            break;
        }
        let around = h[(m - 1, m - 1)].abs() + h[(m, m)].abs() + h[(m + 1, m + 1)].abs();
        if h[(m, m - 1)].abs() * (v[1].abs() + v[2].abs()) <= ULP * v[0].abs() * around {
            break;
        }
        m -= 1;
    }
    for k in m..i {
        let size = 3.min(i - k + 1);
        if k > m {
            (0..size).for_each(|r| v[r] = h[(k + r, k - 1)]);
        }
        let (beta, t) = reflector(&mut v[..size]);
        if k > m {
            h[(k, k - 1)] = beta;
            (1..size).for_each(|r| h[(k + r, k - 1)] = 0.0);
        } else if m > l {
            h[(k, k - 1)] *= 1.0 - t;
        }
        h.reflect_rows(k, k..n, &v[..size], t);
        h.reflect_columns(k, 0..(k + 4).min(i + 1), &v[..size], t);
        z.reflect_columns(k, 0..n, &v[..size], t);
    }
}

/// `x / d` where the square of `d` may be too small for a number.
fn quotient(x: Complex64, d: Complex64) -> Complex64 {
    let size = d.re.abs().max(d.im.abs());
    (x / size) / (d / size)
}

/// The eigenvector of a matrix in Schur form for the eigenvalue `w` of row `j`: `x` holds what is known of it from row `j` on
/// (two rows for a pair), the rest is solved for from below.
fn back_substitute(t: &Square, j: usize, w: Complex64, x: &mut [Complex64]) {
    let smallest = (ULP * (w.re.abs() + w.im.abs())).max(SAFE * (t.n as f64 / ULP));
    let floor = |d: Complex64| if d.norm() < smallest { Complex64::new(smallest, 0.0) } else { d };
    // What the known part contributes.
    let known: Vec<(usize, Complex64)> = x.iter().copied().enumerate().filter(|(_, x)| *x != Complex64::ZERO).collect();
    let mut right: Vec<Complex64> = (0..j).map(|k| known.iter().map(|(c, x)| -*x * t[(k, *c)]).sum()).collect();
    let mut row = j;
    while row > 0 {
        let pair = row > 1 && t[(row - 1, row - 2)] != 0.0;
        let first = if pair { row - 2 } else { row - 1 };
        if pair {
            let (a, b) = (t[(first, first)] - w, t[(first, first + 1)]);
            let (c, d) = (t[(first + 1, first)], t[(first + 1, first + 1)] - w);
            let det = floor((a * d - b * c) / (b.abs() + c.abs())) * (b.abs() + c.abs());
            let (p, q) = (right[first], right[first + 1]);
            x[first] = quotient(p * d - q * b, det);
            x[first + 1] = quotient(q * a - p * c, det);
        } else {
            x[first] = quotient(right[first], floor(t[(first, first)] - w));
        }
        for solved in first..row {
            let value = x[solved];
            right[..first].iter_mut().enumerate().for_each(|(k, r)| *r -= value * t[(k, solved)]);
        }
        // Nearly defective matrices let the numbers grow without bound.
        let largest = x[first..row].iter().fold(0.0, |most: f64, x| most.max(x.norm()));
        if largest > 1e100 {
            x.iter_mut().chain(&mut right).for_each(|x| *x /= largest);
        }
        row = first;
    }
}

/// Eigenvalues and, if wanted, right eigenvectors (columns of unit length, largest component real) of a row-major matrix of
/// finite numbers. `None` if the iteration does not settle.
pub(crate) fn eig(a: &[f64], n: usize, values: &mut [Complex64], vectors: Option<&mut [Complex64]>) -> Option<()> {
    // Huge and tiny numbers would leave the range of what is squared on the way.
    let largest = a.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let by = if largest > 0.0 && !(1e-140..1e140).contains(&largest) { largest } else { 1.0 };
    let mut h = Square { n, at: (0..n * n).map(|at| a[at % n * n + at / n] / by).collect() };
    let balanced = balance(&mut h);
    let mut z = hessenberg(&mut h, balanced.low, balanced.high);
    schur(&mut h, balanced.low, balanced.high, &mut z)?;
    let mut j = 0;
    while j < n {
        let pair = j + 1 < n && h[(j + 1, j)] != 0.0;
        if pair {
            let imaginary = h[(j, j + 1)].abs().sqrt() * h[(j + 1, j)].abs().sqrt();
            values[j] = Complex64::new(h[(j, j)], imaginary) * by;
            values[j + 1] = values[j].conj();
        } else {
            values[j] = Complex64::new(h[(j, j)] * by, 0.0);
        }
        j += if pair { 2 } else { 1 };
    }
    let Some(vectors) = vectors else { return Some(()) };
    let mut j = 0;
    while j < n {
        let value = values[j] / by;
        let pair = value.im != 0.0 && j + 1 < n && h[(j + 1, j)] != 0.0;
        let mut x = vec![Complex64::ZERO; n];
        if pair {
            let (above, below) = (h[(j, j + 1)], h[(j + 1, j)]);
            if above.abs() >= below.abs() {
                x[j] = Complex64::ONE;
                x[j + 1] = Complex64::new(0.0, value.im / above);
            } else {
                x[j] = Complex64::new(-value.im / below, 0.0);
                x[j + 1] = Complex64::I;
            }
        } else {
            x[j] = Complex64::ONE;
        }
        back_substitute(&h, j, value, &mut x);
        let last = if pair { j + 2 } else { j + 1 };
        let mut column: Vec<Complex64> = (0..n).map(|i| (0..last).map(|k| x[k] * z[(i, k)]).sum()).collect();
        column.iter_mut().zip(&balanced.scale).for_each(|(x, scale)| *x *= scale);
        balanced.swaps.iter().rev().for_each(|(a, b)| column.swap(*a, *b));
        normalize(&mut column);
        for (i, value) in column.into_iter().enumerate() {
            vectors[i * n + j] = value;
            if pair {
                vectors[i * n + j + 1] = value.conj();
            }
        }
        j = last;
    }
    Some(())
}

/// Scales a vector to unit length and turns it until its largest component is real.
fn normalize(column: &mut [Complex64]) {
    let largest = column.iter().fold(0.0, |most: f64, x| most.max(x.re.abs()).max(x.im.abs()));
    if largest == 0.0 {
        return;
    }
    column.iter_mut().for_each(|x| *x /= largest);
    let length = column.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    column.iter_mut().for_each(|x| *x /= length);
    if column.iter().all(|x| x.im == 0.0) {
        return;
    }
    let most = (0..column.len()).fold(0, |best, i| if column[i].norm_sqr() > column[best].norm_sqr() { i } else { best });
    let pivot = column[most];
    // The real part keeps its sign.
    let phase = pivot.conj() / pivot.norm() * 1f64.copysign(pivot.re);
    column.iter_mut().for_each(|x| *x *= phase);
    column[most].im = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decompose(rows: &[&[f64]]) -> (Vec<Complex64>, Vec<Complex64>) {
        let n = rows.len();
        let (mut values, mut vectors) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n * n]);
        eig(&rows.concat(), n, &mut values, Some(&mut vectors)).expect("settles");
        (values, vectors)
    }

    #[test]
    fn signs_and_order_are_those_that_lapack_printed() {
        // `numpy.linalg.eig` of NumPy 2.4 (OpenBLAS).
        let close = |found: &[Complex64], wanted: &[f64]| {
            assert!(found.iter().zip(wanted).all(|(f, w)| f.im == 0.0 && (f.re - w).abs() < 1e-12), "{found:?}, not {wanted:?}");
        };
        let half = 0.5f64.sqrt();
        let (values, vectors) = decompose(&[&[2.0, 1.0], &[1.0, 2.0]]);
        close(&values, &[3.0, 1.0]);
        close(&vectors, &[half, -half, half, half]);
        let (values, vectors) = decompose(&[&[1.0, 0.0, 0.0], &[0.0, 2.0, 0.0], &[0.0, 0.0, 3.0]]);
        close(&values, &[1.0, 2.0, 3.0]);
        close(&vectors, &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn every_vector_is_one_of_its_value_and_has_unit_length() {
        let rotation: &[&[f64]] = &[&[0.0, -1.0, 0.0], &[1.0, 0.0, 0.0], &[0.5, 0.25, 1.0]];
        let defective: &[&[f64]] = &[&[2.0, 1.0, 0.0, 0.0], &[0.0, 2.0, 1.0, 0.0], &[0.0, 0.0, 2.0, 1.0], &[0.0, 0.0, 0.0, 2.0]];
        let scaled: &[&[f64]] = &[&[1.0, 1e8, 0.0], &[1e-8, 2.0, 1e5], &[0.0, 1e-6, 3.0]];
        let huge: &[&[f64]] = &[&[1e200, 2e200], &[-3e200, 4e200]];
        let nothing: &[&[f64]] = &[&[0.0, 0.0], &[0.0, 0.0]];
        let hilbert: Vec<Vec<f64>> = (0..30).map(|i| (0..30).map(|j| ((i * 7 + j * 13) % 17) as f64 - 8.0).collect()).collect();
        let wide: Vec<&[f64]> = hilbert.iter().map(Vec::as_slice).collect();
        for rows in [rotation, defective, scaled, huge, nothing, &wide] {
            let n = rows.len();
            let (values, vectors) = decompose(rows);
            let size = rows.concat().iter().fold(0.0, |most: f64, x| most.max(x.abs())).max(1e-300);
            for j in 0..n {
                let length: f64 = (0..n).map(|i| vectors[i * n + j].norm_sqr()).sum();
                assert!((length - 1.0).abs() < 1e-12, "{length}");
                for (i, row) in rows.iter().enumerate() {
                    let image: Complex64 = (0..n).map(|k| vectors[k * n + j] * row[k]).sum();
                    assert!((image - values[j] * vectors[i * n + j]).norm() < 1e-12 * size * n as f64, "{rows:?}: {j}");
                }
            }
        }
    }
}
