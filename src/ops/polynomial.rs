//! Polynomials in one variable, as vectors of coefficients from the highest power down.
//!
//! ```
//! use purify_ops::{Tensor, polyval};
//! let p = Tensor::from_vec(vec![2.0, 0.0, -1.0], &[3])?; // 2 x^2 - 1
//! let x = Tensor::from_vec(vec![0.0, 3.0], &[2])?;
//! assert_eq!(polyval(&p, &x)?.to_vec::<f64>()?, [-1.0, 17.0]);
//! # Ok::<(), purify_ops::Error>(())
//! ```

use crate::creation::{arange, eye, vander, zeros};
use crate::dtype::DType;
use crate::elementwise::{abs, add, divide, equal, multiply, real, sqrt, subtract};
use crate::error::{Error, Result};
use crate::linalg;
use crate::manipulation::{concat, ravel};
use crate::promote::promote_types;
use crate::searching;
use crate::statistical::{self, ConvolveMode, convolve};
use crate::tensor::Tensor;

fn vector(op: &'static str, p: &Tensor) -> Result<Tensor> {
    if p.ndim() > 1 {
        return Err(Error::value(op, format!("coefficients must form a vector, got shape {:?}", p.shape())));
    }
    ravel(p)
}

/// The values of a polynomial at the elements of `x`, by Horner's rule.
///
/// # Errors
/// [`Error::Value`] if the coefficients are no vector.
pub fn polyval(p: &Tensor, x: &Tensor) -> Result<Tensor> {
    let p = vector("polyval", p)?;
    let mut y = zeros(x.shape(), Some(promote_types(p.dtype(), x.dtype())), x.device())?;
    for i in 0..p.size() {
        y = add(&multiply(&y, x)?, &p.select(0, i as i64)?)?;
    }
    Ok(y)
}

/// Coefficients of the polynomial of a degree that is nearest to the points in the sense of least squares. `y` may have
/// several columns; `weights` multiply the residuals.
///
/// # Errors
/// [`Error::Value`] without points or if the shapes do not fit.
pub fn polyfit(x: &Tensor, y: &Tensor, degree: usize, rcond: Option<f64>, weights: Option<&Tensor>) -> Result<Tensor> {
    let op = "polyfit";
    let float = |t: &Tensor| t.astype(if t.dtype().is_floating() && !t.dtype().is_half() { t.dtype() } else { DType::Float64 });
    let (x, y) = (float(x)?, float(y)?);
    if x.ndim() != 1 || x.size() == 0 || y.ndim() == 0 || y.ndim() > 2 || y.shape()[0] != x.size() {
        return Err(Error::value(op, format!("{:?} abscissae do not match values of shape {:?}", x.shape(), y.shape())));
    }
    let (mut left, mut right) = (vander(&x, Some(degree + 1), false)?, y);
    if let Some(w) = weights {
        let w = float(w)?;
        if w.shape() != x.shape() {
            return Err(Error::ShapeMismatch { op, expected: x.shape().to_vec(), got: w.shape().to_vec() });
        }
        let column = w.reshape(&[x.size(), 1])?;
        left = multiply(&left, &column)?;
        right = if right.ndim() == 2 { multiply(&right, &column)? } else { multiply(&right, &w)? };
    }
    // Columns of one length keep high powers from drowning the low ones.
    let scale = sqrt(&statistical::sum(&multiply(&left, &left)?, Some(&[0]), None, false)?)?;
    let eps = crate::promote::finfo(x.dtype())?.eps;
    let solution = linalg::lstsq(&divide(&left, &scale)?, &right, Some(rcond.unwrap_or(x.size() as f64 * eps)))?.solution;
    if solution.ndim() == 2 { divide(&solution, &scale.reshape(&[degree + 1, 1])?) } else { divide(&solution, &scale) }
}

/// The zeros of a polynomial: the eigenvalues of its companion matrix. Complex unless all are real.
///
/// # Errors
/// [`Error::Value`] if the coefficients are no vector.
pub fn roots(p: &Tensor) -> Result<Tensor> {
    let p = vector("roots", p)?;
    let p = p.astype(if p.dtype().is_floating() && !p.dtype().is_half() { p.dtype() } else { DType::Float64 })?;
    let at = searching::flatnonzero(&p)?.to_vec::<i64>()?;
    let (Some(&first), Some(&last)) = (at.first(), at.last()) else {
        return Tensor::from_slice::<f64>(&[], &[0])?.to_device(p.device());
    };
    // Trailing zeros are zeros at the origin; leading ones carry no power.
    let at_origin = p.size() - 1 - last as usize;
    let p = p.slice(0, first as usize, (last - first + 1) as usize, 1);
    let n = p.size() - 1;
    let origin = zeros(&[at_origin], Some(p.dtype()), p.device())?;
    if n == 0 {
        return Ok(origin);
    }
    let companion = eye(n, None, -1, Some(p.dtype()), p.device())?;
    let row = divide(&p.slice(0, 1, n, 1), &p.slice(0, 0, 1, 1))?;
    companion.select(0, 0)?.assign(&crate::elementwise::negative(&row)?)?;
    let values = linalg::eigvals(&companion)?;
    let whole =
        |t: &Tensor| -> Result<bool> { Ok(statistical::all(&equal(&crate::elementwise::imag(t)?, 0)?, None, false)?.item()?.as_bool()) };
    let values = if values.dtype().is_complex() && !p.dtype().is_complex() && whole(&values)? { real(&values)?.copy()? } else { values };
    concat(&[&values, &origin], Some(0))
}

/// Coefficients of the polynomial with the given zeros and leading coefficient one.
pub fn poly(zeros_at: &Tensor) -> Result<Tensor> {
    let z = vector("poly", zeros_at)?;
    let z = z.astype(if z.dtype().is_floating() { z.dtype() } else { DType::Float64 })?;
    let mut out = crate::creation::ones(&[1], Some(z.dtype()), z.device())?;
    for i in 0..z.size() {
        let one = crate::creation::ones(&[1], Some(z.dtype()), z.device())?;
        let factor = concat(&[&one, &crate::elementwise::negative(&z.slice(0, i, 1, 1))?], Some(0))?;
        out = convolve(&out, &factor, ConvolveMode::Full)?;
    }
    Ok(out)
}

/// Both with leading zeros up to one length.
fn aligned(op: &'static str, a: &Tensor, b: &Tensor) -> Result<(Tensor, Tensor)> {
    let (a, b) = (vector(op, a)?, vector(op, b)?);
    let n = a.size().max(b.size());
    let fill = |t: &Tensor| concat(&[&zeros(&[n - t.size()], Some(t.dtype()), t.device())?, t], Some(0));
    Ok((fill(&a)?, fill(&b)?))
}

/// The sum of two polynomials.
pub fn polyadd(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = aligned("polyadd", a, b)?;
    add(&a, &b)
}

/// The difference of two polynomials.
pub fn polysub(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = aligned("polysub", a, b)?;
    subtract(&a, &b)
}

/// The product of two polynomials.
pub fn polymul(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    convolve(&vector("polymul", a)?, &vector("polymul", b)?, ConvolveMode::Full)
}

/// Quotient and remainder of two polynomials; leading coefficients of the remainder that vanish are left out.
///
/// # Errors
/// [`Error::Value`] if the divisor has no coefficients.
pub fn polydiv(u: &Tensor, v: &Tensor) -> Result<(Tensor, Tensor)> {
    let op = "polydiv";
    let dtype = crate::statistical::mean_dtype(promote_types(u.dtype(), v.dtype()));
    let (u, v) = (vector(op, u)?.astype(dtype)?, vector(op, v)?.astype(dtype)?);
    if v.size() == 0 {
        return Err(Error::value(op, "the divisor has no coefficients"));
    }
    let (n, m) = (u.size(), v.size());
    let steps = (n + 1).saturating_sub(m);
    let quotient = zeros(&[steps.max(1)], Some(dtype), u.device())?;
    let rest = u.copy()?;
    let lead = v.slice(0, 0, 1, 1);
    for k in 0..steps {
        let d = divide(&rest.slice(0, k, 1, 1), &lead)?;
        quotient.slice(0, k, 1, 1).assign(&d)?;
        let window = rest.slice(0, k, m, 1);
        window.assign(&subtract(&window, &multiply(&d, &v)?)?)?;
    }
    let small = crate::elementwise::less_equal(&abs(&rest)?, 1e-14)?.to_vec::<bool>()?;
    let skip = small.iter().take_while(|s| **s).count().min(n.saturating_sub(1));
    Ok((quotient, rest.slice(0, skip, n - skip, 1).copy()?))
}

/// The `m`-th derivative.
pub fn polyder(p: &Tensor, m: usize) -> Result<Tensor> {
    let mut p = vector("polyder", p)?;
    for _ in 0..m {
        let n = p.size().saturating_sub(1);
        let powers = arange((n as i64).into(), Some(0.into()), (-1).into(), None, p.device())?;
        p = multiply(&p.slice(0, 0, n, 1), &powers)?;
    }
    Ok(p)
}

/// The `m`-th antiderivative, with a constant of integration per step (zero if `constants` is empty).
pub fn polyint(p: &Tensor, m: usize, constants: &[f64]) -> Result<Tensor> {
    let mut p = vector("polyint", p)?;
    p = p.astype(crate::statistical::mean_dtype(p.dtype()))?;
    for step in 0..m {
        let n = p.size();
        let powers = arange((n as i64).into(), Some(0.into()), (-1).into(), None, p.device())?;
        let constant =
            Tensor::from_slice(&[constants.get(step).copied().unwrap_or(0.0)], &[1])?.astype(p.dtype())?.to_device(p.device())?;
        p = concat(&[&divide(&p, &powers.astype(p.dtype())?)?, &constant], Some(0))?;
    }
    Ok(p)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(t: &Tensor) -> Vec<f64> {
        t.cast_vec().unwrap()
    }

    fn t(v: &[f64]) -> Tensor {
        Tensor::from_slice(v, &[v.len()]).unwrap()
    }

    fn close(got: &Tensor, want: &[f64]) {
        let got = values(got);
        assert_eq!(got.len(), want.len(), "{got:?}");
        assert!(got.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-9), "{got:?} {want:?}");
    }

    #[test]
    fn fitting_finds_the_polynomial_again() {
        let x = t(&[0.0, 1.0, 2.0, 3.0, 4.0]);
        let p = t(&[2.0, -3.0, 0.5]);
        let y = polyval(&p, &x).unwrap();
        close(&y, &[0.5, -0.5, 2.5, 9.5, 20.5]);
        close(&polyfit(&x, &y, 2, None, None).unwrap(), &[2.0, -3.0, 0.5]);
    }

    #[test]
    fn zeros_products_and_quotients() {
        let p = poly(&t(&[1.0, 2.0, 3.0])).unwrap();
        close(&p, &[1.0, -6.0, 11.0, -6.0]);
        let mut r = values(&roots(&p).unwrap());
        r.sort_by(f64::total_cmp);
        close(&t(&r), &[1.0, 2.0, 3.0]);
        assert!(roots(&t(&[1.0, 0.0, 1.0])).unwrap().dtype().is_complex());
        let (q, rest) = polydiv(&t(&[3.0, 5.0, 2.0]), &t(&[2.0, 1.0])).unwrap();
        close(&q, &[1.5, 1.75]);
        close(&rest, &[0.25]);
        close(&polyder(&t(&[1.0, 2.0, 3.0]), 1).unwrap(), &[2.0, 2.0]);
        close(&polyint(&t(&[2.0, 2.0]), 1, &[7.0]).unwrap(), &[1.0, 2.0, 7.0]);
        close(&polyadd(&t(&[1.0]), &t(&[1.0, 1.0])).unwrap(), &[1.0, 2.0]);
    }
}
