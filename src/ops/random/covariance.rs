//! Singular vectors of small matrices with the signs LAPACK gives them, so that `multivariate_normal` draws what NumPy draws.
//!
//! Singular vectors are unique up to sign only, and the sign decides the draws. LAPACK's `gesdd`, which NumPy calls, reduces to
//! bidiagonal form by Householder reflections and iterates with implicit QR steps up to order 25. The same steps are taken here:
//! J. Demmel and W. Kahan, "Accurate Singular Values of Bidiagonal Matrices" (SIAM J. Sci. Stat. Comput. 11, 1990), with the
//! choices of LAPACK 3.12's `bdsqr` for direction, shift and convergence.

/// The largest order for which LAPACK iterates instead of dividing.
pub(super) const MAX_ORDER: usize = 25;
const EPS: f64 = f64::EPSILON / 2.0;

/// Square matrices as rows.
type Rows = Vec<Vec<f64>>;

/// `A = U diag(s) V'` of a square matrix.
pub(super) struct Svd {
    /// The columns of `U`.
    pub(super) left: Rows,
    /// The singular values, descending.
    pub(super) values: Vec<f64>,
    /// The columns of `V`.
    pub(super) right: Rows,
}

/// The decomposition, or `None` when the matrix is not finite or the iteration does not end.
pub(super) fn svd(matrix: &[f64], n: usize) -> Option<Svd> {
    if n == 0 || n > MAX_ORDER || matrix.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mut a: Rows = matrix.chunks_exact(n).map(<[f64]>::to_vec).collect();
    let identity = || (0..n).map(|i| (0..n).map(|j| f64::from(i == j)).collect()).collect::<Rows>();
    let (mut left, mut right) = (identity(), identity());
    let (mut d, mut e) = (vec![0.0; n], vec![0.0; n.saturating_sub(1)]);
    for i in 0..n {
        let column: Vec<f64> = (i..n).map(|k| a[k][i]).collect();
        let (beta, v, tau) = reflector(&column);
        for j in i..n {
            let w: f64 = tau * v.iter().enumerate().map(|(k, v)| v * a[i + k][j]).sum::<f64>();
            v.iter().enumerate().for_each(|(k, v)| a[i + k][j] -= v * w);
        }
        reflect(&mut left, i, &v, tau);
        d[i] = beta;
        if i + 1 < n {
            let (beta, v, tau) = reflector(&a[i][i + 1..]);
            for row in &mut a[i..] {
                let w: f64 = tau * v.iter().zip(&row[i + 1..]).map(|(v, x)| v * x).sum::<f64>();
                v.iter().zip(&mut row[i + 1..]).for_each(|(v, x)| *x -= v * w);
            }
            reflect(&mut right, i + 1, &v, tau);
            e[i] = beta;
        }
    }
    iterate(&mut d, &mut e, &mut left, &mut right)?;
    for (value, vector) in d.iter_mut().zip(&mut right) {
        if value.is_sign_negative() {
            *value = -*value;
            vector.iter_mut().for_each(|x| *x = -*x);
        }
    }
    for i in 0..n {
        let mut largest = i;
        for j in i + 1..n {
            if d[j] > d[largest] {
                largest = j;
            }
        }
        d.swap(i, largest);
        left.swap(i, largest);
        right.swap(i, largest);
    }
    Some(Svd { left, values: d, right })
}

/// The Householder reflection `1 - tau v v'` that maps `x` to `(beta, 0, ...)`, with `v[0] = 1`.
fn reflector(x: &[f64]) -> (f64, Vec<f64>, f64) {
    let rest = x[1..].iter().map(|v| v * v).sum::<f64>().sqrt();
    if rest == 0.0 {
        return (x[0], vec![0.0; x.len()], 0.0);
    }
    let beta = -x[0].hypot(rest).copysign(x[0]);
    let mut v: Vec<f64> = x.iter().map(|v| v / (x[0] - beta)).collect();
    v[0] = 1.0;
    (beta, v, (beta - x[0]) / beta)
}

/// Multiplies an orthogonal matrix, given by its columns, by a reflection from the right.
fn reflect(columns: &mut Rows, start: usize, v: &[f64], tau: f64) {
    if tau == 0.0 {
        return;
    }
    for j in 0..columns.len() {
        let w: f64 = tau * v.iter().enumerate().map(|(k, v)| v * columns[start + k][j]).sum::<f64>();
        v.iter().enumerate().for_each(|(k, v)| columns[start + k][j] -= v * w);
    }
}

/// The plane rotation with `c f + s g = r` and `c >= 0` (`lartg`): cosine, sine, r.
fn rotation(f: f64, g: f64) -> (f64, f64, f64) {
    if g == 0.0 {
        return (1.0, 0.0, f);
    }
    if f == 0.0 {
        return (0.0, 1f64.copysign(g), g.abs());
    }
    let length = (f * f + g * g).sqrt();
    let r = length.copysign(f);
    (f.abs() / length, g / r, r)
}

fn rotate(columns: &mut Rows, i: usize, (c, s): (f64, f64)) {
    let (upper, lower) = columns.split_at_mut(i + 1);
    for (x, y) in upper[i].iter_mut().zip(&mut lower[0]) {
        (*x, *y) = (s * *y + c * *x, c * *y - s * *x);
    }
}

/// The smaller singular value of `[[f, g], [0, h]]` (`las2`).
fn smaller_value(f: f64, g: f64, h: f64) -> f64 {
    let (low, high) = (f.abs().min(h.abs()), f.abs().max(h.abs()));
    let g = g.abs();
    if low == 0.0 {
        return 0.0;
    }
    let (a, t) = (1.0 + low / high, (high - low) / high);
    if g < high {
        let u = (g / high) * (g / high);
        return low * (2.0 / ((a * a + u).sqrt() + (t * t + u).sqrt()));
    }
    let u = high / g;
    if u == 0.0 {
        return low * high / g;
    }
    let c = 1.0 / ((1.0 + (a * u) * (a * u)).sqrt() + (1.0 + (t * u) * (t * u)).sqrt());
    2.0 * (low * c) * u
}

/// The decomposition of `[[f, g], [0, h]]` (`lasv2`): values, right rotation, left rotation.
fn two_by_two(f: f64, g: f64, h: f64) -> (f64, f64, (f64, f64), (f64, f64)) {
    let one = |x: f64| 1f64.copysign(x);
    let swap = h.abs() > f.abs();
    let (ft, ht) = if swap { (h, f) } else { (f, h) };
    let (fa, ha, ga) = (ft.abs(), ht.abs(), g.abs());
    let mut largest = if swap { 3 } else { 1 };
    let (small, large, left, right);
    if ga == 0.0 {
        (small, large, left, right) = (ha, fa, (1.0, 0.0), (1.0, 0.0));
    } else {
        if ga > fa {
            largest = 2;
        }
        if ga > fa && fa / ga < EPS {
            small = if ha > 1.0 { fa / (ga / ha) } else { fa / ga * ha };
            (large, left, right) = (ga, (1.0, ht / g), (ft / g, 1.0));
        } else {
            let d = fa - ha;
            let l = if d == fa { 1.0 } else { d / fa };
            let m = g / ft;
            let t = 2.0 - l;
            let mm = m * m;
            let s = (t * t + mm).sqrt();
            let r = if l == 0.0 { m.abs() } else { (l * l + mm).sqrt() };
            let a = 0.5 * (s + r);
            (small, large) = (ha / a, fa * a);
            let t = if mm != 0.0 {
                (m / (s + t) + m / (r + l)) * (1.0 + a)
            } else if l == 0.0 {
                2f64.copysign(ft) * one(g)
            } else {
                g / d.copysign(ft) + m / t
            };
            let l = (t * t + 4.0).sqrt();
            right = (2.0 / l, t / l);
            left = ((right.0 + right.1 * m) / a, ht / ft * right.1 / a);
        }
    }
    let (left, right) = if swap { ((right.1, right.0), (left.1, left.0)) } else { (left, right) };
    let sign = match largest {
        1 => one(right.0) * one(left.0) * one(f),
        2 => one(right.1) * one(left.0) * one(g),
        _ => one(right.1) * one(left.1) * one(h),
    };
    (small.copysign(sign * one(f) * one(h)), large.copysign(sign), right, left)
}

/// Implicit QR steps on the bidiagonal matrix with diagonal `d` and superdiagonal `e` until it is diagonal.
fn iterate(d: &mut [f64], e: &mut [f64], left: &mut Rows, right: &mut Rows) -> Option<()> {
    let n = d.len();
    let tolerance = EPS.powf(-0.125).clamp(10.0, 100.0) * EPS;
    let mut smallest = d[0].abs();
    let mut mu = smallest;
    for i in 1..n {
        if smallest == 0.0 {
            break;
        }
        mu = d[i].abs() * (mu / (mu + e[i - 1].abs()));
        smallest = smallest.min(mu);
    }
    let threshold = (tolerance * (smallest / (n as f64).sqrt())).max(6.0 * (n * n) as f64 * f64::MIN_POSITIVE);
    let mut old: Option<(usize, usize)> = None;
    let mut down = true;
    let mut m = n - 1;
    for _ in 0..6 * n * n + 50 {
        if m == 0 {
            return Some(());
        }
        // The last block without a zero on the superdiagonal: rows `first..=m`.
        if d[m].abs() <= threshold {
            d[m] = 0.0;
        }
        let mut largest = d[m].abs();
        let mut first = 0;
        for l in (0..m).rev() {
            if d[l].abs() <= threshold {
                d[l] = 0.0;
            }
            if e[l].abs() <= threshold {
                e[l] = 0.0;
                first = l + 1;
                break;
            }
            largest = largest.max(d[l].abs()).max(e[l].abs());
        }
        if first == m {
            m -= 1;
            continue;
        }
        if first + 1 == m {
            let (small, large, turn_right, turn_left) = two_by_two(d[m - 1], e[m - 1], d[m]);
            (d[m - 1], e[m - 1], d[m]) = (large, 0.0, small);
            rotate(right, m - 1, turn_right);
            rotate(left, m - 1, turn_left);
            if m < 2 {
                return Some(());
            }
            m -= 2;
            continue;
        }
        if old.is_none_or(|(old_first, old_m)| first > old_m || m < old_first) {
            down = d[first].abs() >= d[m].abs();
        }
        let Some(low) = negligible(d, e, first, m, down, tolerance) else { continue };
        old = Some((first, m));
        let mut shift = 0.0;
        if n as f64 * tolerance * (low / largest) > EPS.max(0.01 * tolerance) {
            let start;
            (start, shift) = if down {
                (d[first].abs(), smaller_value(d[m - 1], e[m - 1], d[m]))
            } else {
                (d[m].abs(), smaller_value(d[first], e[first], d[first + 1]))
            };
            if start > 0.0 && (shift / start) * (shift / start) < EPS {
                shift = 0.0;
            }
        }
        step(d, e, left, right, (first, m), down, shift);
        let end = if down { m - 1 } else { first };
        if e[end].abs() <= threshold {
            e[end] = 0.0;
        }
    }
    None
}

/// Sets a negligible superdiagonal element to zero and gives `None`; else a lower bound of the smallest singular value.
fn negligible(d: &[f64], e: &mut [f64], first: usize, m: usize, down: bool, tolerance: f64) -> Option<f64> {
    let (end, anchor, start) = if down { (m - 1, m, first) } else { (first, first, m) };
    if e[end].abs() <= tolerance * d[anchor].abs() {
        e[end] = 0.0;
        return None;
    }
    let mut mu = d[start].abs();
    let mut low = mu;
    for k in 0..m - first {
        let (l, next) = if down { (first + k, first + k + 1) } else { (m - 1 - k, m - 1 - k) };
        if e[l].abs() <= tolerance * mu {
            e[l] = 0.0;
            return None;
        }
        mu = d[next].abs() * (mu / (mu + e[l].abs()));
        low = low.min(mu);
    }
    Some(low)
}

/// One QR step on the block, chasing the bulge down or up, with or without a shift.
fn step(d: &mut [f64], e: &mut [f64], left: &mut Rows, right: &mut Rows, (first, m): (usize, usize), down: bool, shift: f64) {
    // Going up is going down on the block read backwards: `at` and `off` are its diagonal and superdiagonal.
    let count = m - first;
    let at = |k: usize| if down { first + k } else { m - k };
    let off = |k: usize| if down { first + k } else { m - 1 - k };
    let mut turns = Vec::with_capacity(count);
    if shift == 0.0 {
        let (mut c, mut old_c, mut old_s) = (1.0, 1.0, 0.0);
        for k in 0..count {
            let (cosine, s, r) = rotation(d[at(k)] * c, e[off(k)]);
            c = cosine;
            if k > 0 {
                e[off(k - 1)] = old_s * r;
            }
            let below = d[at(k + 1)] * s;
            (old_c, old_s, d[at(k)]) = rotation(old_c * r, below);
            turns.push(((c, s), (old_c, old_s)));
        }
        let h = d[at(count)] * c;
        d[at(count)] = h * old_c;
        e[off(count - 1)] = h * old_s;
    } else {
        let head = d[at(0)];
        let mut f = (head.abs() - shift) * (1f64.copysign(head) + shift / head);
        let mut g = e[off(0)];
        for k in 0..count {
            let (cr, sr, r) = rotation(f, g);
            if k > 0 {
                e[off(k - 1)] = r;
            }
            f = cr * d[at(k)] + sr * e[off(k)];
            e[off(k)] = cr * e[off(k)] - sr * d[at(k)];
            g = sr * d[at(k + 1)];
            d[at(k + 1)] *= cr;
            let (cl, sl, r) = rotation(f, g);
            d[at(k)] = r;
            f = cl * e[off(k)] + sl * d[at(k + 1)];
            d[at(k + 1)] = cl * d[at(k + 1)] - sl * e[off(k)];
            if k + 1 < count {
                g = sl * e[off(k + 1)];
                e[off(k + 1)] *= cl;
            }
            turns.push(((cr, sr), (cl, sl)));
        }
        e[off(count - 1)] = f;
    }
    for (k, (one, other)) in turns.into_iter().enumerate() {
        // Upwards the two sides change roles and the rotations turn the other way.
        if down {
            rotate(right, first + k, one);
            rotate(left, first + k, other);
        } else {
            rotate(right, off(k), (other.0, -other.1));
            rotate(left, off(k), (one.0, -one.1));
        }
    }
}
