//! The exponential of one matrix: scaling, a Padé approximation of degree 13, squaring.
//!
//! N. J. Higham, "The scaling and squaring method for the matrix exponential revisited", SIAM J. Matrix Anal. Appl. 26 (2005).

use purify_factor::{Failure, Field, Outcome};

use super::matmul::{MatmulScalar, Strided, matmul_serial};

/// Coefficients of the numerator of degree 13; the denominator has alternating signs.
const PADE: [f64; 14] = [
    64764752532480000.0,
    32382376266240000.0,
    7771770303897600.0,
    1187353796428800.0,
    129060195264000.0,
    10559470521600.0,
    670442572800.0,
    33522128640.0,
    1323241920.0,
    40840800.0,
    960960.0,
    16380.0,
    182.0,
    1.0,
];

/// The largest 1-norm for which degree 13 is exact to double precision.
const THETA: f64 = 5.371920351148152;

/// `out = exp(a)` for an `n × n` matrix in double precision.
pub fn expm<T: Field + MatmulScalar>(a: &[T], n: usize, out: &mut [T]) -> Outcome {
    if n == 0 {
        return Ok(());
    }
    let norm = (0..n).map(|j| (0..n).map(|i| a[i * n + j].polar().1).sum::<f64>()).fold(0.0, f64::max);
    if !a.iter().all(|x| x.finite()) {
        return Err(Failure::NoConvergence);
    }
    let squarings = if norm > THETA { (norm / THETA).log2().ceil() as i32 } else { 0 };
    let scaled: Vec<T> = a.iter().map(|&x| x.scaled(0.5_f64.powi(squarings))).collect();
    let product = |x: &[T], y: &[T]| {
        let mut out = vec![<T as Field>::ZERO; n * n];
        let strides = [n as isize, 1];
        let (x, y) = (Strided { data: x, offset: 0, strides: &strides }, Strided { data: y, offset: 0, strides: &strides });
        matmul_serial([n, n, n], x, y, &mut out, n);
        out
    };
    let a2 = product(&scaled, &scaled);
    let a4 = product(&a2, &a2);
    let a6 = product(&a2, &a4);
    // c6 A⁶ + c4 A⁴ + c2 A² + c0 I
    let combine = |c6: f64, c4: f64, c2: f64, c0: f64| -> Vec<T> {
        let term = |i: usize| {
            let sum = a6[i].scaled(c6).plus(a4[i].scaled(c4)).plus(a2[i].scaled(c2));
            if i / n == i % n { sum.plus(<T as Field>::ONE.scaled(c0)) } else { sum }
        };
        (0..n * n).map(term).collect()
    };
    let add = |mut x: Vec<T>, y: &[T]| {
        x.iter_mut().zip(y).for_each(|(x, &y)| *x = x.plus(y));
        x
    };
    let odd = add(product(&a6, &combine(PADE[13], PADE[11], PADE[9], 0.0)), &combine(PADE[7], PADE[5], PADE[3], PADE[1]));
    let odd = product(&scaled, &odd);
    let even = add(product(&a6, &combine(PADE[12], PADE[10], PADE[8], 0.0)), &combine(PADE[6], PADE[4], PADE[2], PADE[0]));
    let denominator: Vec<T> = even.iter().zip(&odd).map(|(&e, &o)| e.plus(o.negated())).collect();
    let mut result = add(even, &odd);
    T::solve(&denominator, n, &mut result, n)?;
    for _ in 0..squarings {
        result = product(&result, &result);
    }
    out.copy_from_slice(&result);
    Ok(())
}
