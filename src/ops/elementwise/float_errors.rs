//! Floating-point errors of results, read off the values afterwards: kernels never stop to look, and nobody pays who does not ask.
//!
//! What counts as which error follows IEEE 754 as NumPy reports it: a NaN that no operand held is an invalid operation, an
//! infinity from finite operands is a division by zero at a pole and an overflow anywhere else, and a result that was rounded
//! below the smallest normal number is an underflow.

use num_complex::Complex;

use crate::backend::{BinaryOp, UnaryOp};
use crate::dtype::{Complex128, DType};
use crate::error::Result;
use crate::promote::{Operand, finfo};
use crate::tensor::Tensor;

/// Which floating-point errors occurred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FloatErrors {
    /// A pole: division by zero, the logarithm of zero.
    pub divide: bool,
    /// A finite result beyond the largest number.
    pub over: bool,
    /// A result below the smallest normal number, rounded.
    pub under: bool,
    /// An undefined result.
    pub invalid: bool,
}

impl FloatErrors {
    /// Whether any occurred.
    pub fn any(self) -> bool {
        self.divide || self.over || self.under || self.invalid
    }
}

/// One element of an operand or a result, as far as errors depend on it.
#[derive(Clone, Copy)]
struct Element {
    nan: bool,
    infinite: bool,
    zero: bool,
    negative: bool,
}

impl Element {
    const fn finite(self) -> bool {
        !self.nan && !self.infinite
    }
}

impl From<Complex128> for Element {
    fn from(v: Complex128) -> Self {
        Self {
            nan: v.re.is_nan() || v.im.is_nan(),
            infinite: v.re.is_infinite() || v.im.is_infinite(),
            zero: v.re == 0.0 && v.im == 0.0,
            negative: v.re < 0.0,
        }
    }
}

/// Every dtype that can have an error, as one.
fn elements(t: &Tensor) -> Result<Vec<Complex128>> {
    if t.dtype().is_complex() {
        return t.astype(DType::Complex128)?.to_vec();
    }
    Ok(t.astype(DType::Float64)?.to_vec::<f64>()?.into_iter().map(|v| Complex::new(v, 0.0)).collect())
}

/// The errors of `out = op(a, b)`.
///
/// # Errors
/// Those of reading the operands; none for operands and results that belong together.
pub fn binary_errors(op: BinaryOp, a: Operand<'_>, b: Operand<'_>, out: &Tensor) -> Result<FloatErrors> {
    let mut errors = FloatErrors::default();
    let divides = matches!(op, BinaryOp::Divide | BinaryOp::FloorDivide | BinaryOp::Remainder | BinaryOp::Fmod);
    if out.dtype().is_bool() || out.size() == 0 || (!out.dtype().is_floating() && !divides) {
        return Ok(errors);
    }
    let spread = |operand: Operand<'_>| match operand {
        Operand::Tensor(t) => elements(&t.broadcast_to(out.shape())?),
        Operand::Scalar(s) => Ok(vec![s.as_complex(); out.size()]),
    };
    let (a, b) = (spread(a)?, spread(b)?);
    if !out.dtype().is_floating() {
        // Integers know one error only.
        errors.divide = b.iter().any(|v| v.re == 0.0);
        return Ok(errors);
    }
    let tiny = finfo(out.dtype().real())?.smallest_normal;
    for ((x, y), r) in a.into_iter().zip(b).zip(elements(out)?) {
        let (p, q, s) = (Element::from(x), Element::from(y), Element::from(r));
        errors.invalid |= s.nan && !p.nan && !q.nan;
        let pole = match op {
            BinaryOp::Divide | BinaryOp::FloorDivide => q.zero && !p.zero && p.finite(),
            BinaryOp::Pow => p.zero && q.negative && q.finite(),
            _ => false,
        };
        errors.divide |= pole && (s.infinite || s.nan);
        errors.over |= s.infinite && p.finite() && q.finite() && !pole && can_overflow(op);
        if r.im == 0.0 && r.re.abs() < tiny && p.finite() && q.finite() {
            errors.under |= match op {
                BinaryOp::Multiply => !p.zero && !q.zero && (s.zero || x.re.mul_add(y.re, -r.re) != 0.0),
                BinaryOp::Divide => !p.zero && (s.zero || r.re.mul_add(y.re, -x.re) != 0.0),
                BinaryOp::Pow | BinaryOp::Ldexp => !p.zero && s.zero,
                _ => false,
            };
        }
    }
    Ok(errors)
}

/// Whether an infinity from finite operands is an overflow; the others choose one of their operands.
fn can_overflow(op: BinaryOp) -> bool {
    !matches!(op, BinaryOp::Copysign | BinaryOp::Fmax | BinaryOp::Fmin | BinaryOp::Maximum | BinaryOp::Minimum | BinaryOp::Heaviside)
}

/// The errors of `out = op(x)`.
///
/// # Errors
/// Those of reading the operand; none for an operand and a result that belong together.
pub fn unary_errors(op: UnaryOp, x: &Tensor, out: &Tensor) -> Result<FloatErrors> {
    use UnaryOp as U;
    let mut errors = FloatErrors::default();
    if out.dtype().is_bool() || out.size() == 0 || (!out.dtype().is_floating() && op != U::Reciprocal) {
        return Ok(errors);
    }
    if !out.dtype().is_floating() {
        errors.divide = elements(x)?.iter().any(|v| v.re == 0.0);
        return Ok(errors);
    }
    let tiny = finfo(out.dtype().real())?.smallest_normal;
    let has_pole = matches!(op, U::Log | U::Log2 | U::Log10 | U::Log1p | U::Atanh | U::Reciprocal | U::Rsqrt | U::Lgamma | U::Tgamma);
    for (v, r) in elements(x)?.into_iter().zip(elements(out)?) {
        let (p, s) = (Element::from(v), Element::from(r));
        errors.invalid |= s.nan && !p.nan;
        errors.divide |= s.infinite && p.finite() && has_pole;
        errors.over |= s.infinite && p.finite() && !has_pole;
        errors.under |= match op {
            U::Exp | U::Exp2 => p.finite() && r.im == 0.0 && r.re.abs() < tiny,
            U::Square => p.finite() && !p.zero && r.re.abs() < tiny && (s.zero || v.re.mul_add(v.re, -r.re) != 0.0),
            _ => false,
        };
    }
    Ok(errors)
}

/// The errors of a result that combines many elements: sums, products, matrix products.
///
/// # Errors
/// Those of reading the operands; none for a result of theirs.
pub fn combined_errors(operands: &[&Tensor], out: &Tensor) -> Result<FloatErrors> {
    if !out.dtype().is_floating() {
        return Ok(FloatErrors::default());
    }
    let (mut nan, mut finite) = (false, true);
    for operand in operands {
        for v in elements(operand)? {
            let v = Element::from(v);
            nan |= v.nan;
            finite &= v.finite();
        }
    }
    let mut errors = FloatErrors::default();
    for r in elements(out)? {
        let r = Element::from(r);
        errors.invalid |= r.nan && !nan;
        errors.over |= r.infinite && finite;
    }
    Ok(errors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elementwise::{binary, unary};
    use crate::{DType, matmul, statistical};

    fn text(errors: FloatErrors) -> String {
        let names = [(errors.divide, "divide"), (errors.over, "over"), (errors.under, "under"), (errors.invalid, "invalid")];
        names.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_operator_has_the_errors_of_numpy() {
        use BinaryOp as B;
        let (inf, nan, min) = (f64::INFINITY, f64::NAN, f64::MIN_POSITIVE);
        for (op, a, b, expected) in [
            (B::Divide, 1.0, 0.0, "divide"),
            (B::Divide, 0.0, 0.0, "invalid"),
            (B::Divide, inf, 0.0, ""),
            (B::Divide, inf, inf, "invalid"),
            (B::Divide, nan, 0.0, ""),
            (B::Divide, 1e300, 1e-300, "over"),
            (B::Divide, 1e-300, 1e300, "under"),
            (B::Divide, min, 2.0, ""),
            (B::Divide, min, 3.0, "under"),
            (B::FloorDivide, 1.0, 0.0, "divide"),
            (B::Remainder, 1.0, 0.0, "invalid"),
            (B::Multiply, 1e200, 1e200, "over"),
            (B::Multiply, inf, 0.0, "invalid"),
            (B::Multiply, min, 0.5, ""),
            (B::Multiply, 1e-200, 1e-200, "under"),
            (B::Add, inf, -inf, "invalid"),
            (B::Add, inf, 1.0, ""),
            (B::Pow, 0.0, -1.0, "divide"),
            (B::Pow, -1.0, 0.5, "invalid"),
            (B::Pow, 10.0, 400.0, "over"),
            (B::Maximum, inf, 1.0, ""),
            (B::Less, nan, 1.0, ""),
        ] {
            let out = binary(op, a.into(), b.into()).unwrap();
            let errors = binary_errors(op, a.into(), b.into(), &out).unwrap();
            assert_eq!(text(errors), expected, "{} of {a} and {b}", op.name());
        }
    }

    #[test]
    fn integers_know_division_by_zero_only() {
        let a = Tensor::from_slice(&[1i64, 2], &[2]).unwrap();
        let b = Tensor::from_slice(&[1i64, 0], &[2]).unwrap();
        for (op, expected) in [(BinaryOp::FloorDivide, "divide"), (BinaryOp::Remainder, "divide"), (BinaryOp::Multiply, "")] {
            let out = binary(op, (&a).into(), (&b).into()).unwrap();
            assert_eq!(text(binary_errors(op, (&a).into(), (&b).into(), &out).unwrap()), expected, "{}", op.name());
        }
    }

    #[test]
    fn functions_of_one_operand_have_poles_domains_and_limits() {
        use UnaryOp as U;
        for (op, x, expected) in [
            (U::Log, 0.0, "divide"),
            (U::Log, -1.0, "invalid"),
            (U::Log1p, -1.0, "divide"),
            (U::Atanh, 1.0, "divide"),
            (U::Sqrt, -1.0, "invalid"),
            (U::Exp, 1000.0, "over"),
            (U::Exp, -1000.0, "under"),
            (U::Exp, f64::NEG_INFINITY, ""),
            (U::Acos, 2.0, "invalid"),
            (U::Sin, f64::INFINITY, "invalid"),
            (U::Abs, f64::NAN, ""),
        ] {
            let x = Tensor::from_slice(&[x], &[1]).unwrap();
            let out = unary(op, &x).unwrap();
            assert_eq!(text(unary_errors(op, &x, &out).unwrap()), expected, "{} of {x:?}", op.name());
        }
    }

    #[test]
    fn the_limits_are_those_of_the_results_dtype() {
        let x = Tensor::from_slice(&[1e30], &[1]).unwrap().astype(DType::Float32).unwrap();
        let out = binary(BinaryOp::Multiply, (&x).into(), (&x).into()).unwrap();
        assert_eq!(text(binary_errors(BinaryOp::Multiply, (&x).into(), (&x).into(), &out).unwrap()), "over");
    }

    #[test]
    fn sums_and_products_are_looked_at_as_a_whole() {
        let x = Tensor::from_slice(&[1e308, 1e308], &[1, 2]).unwrap();
        let out = statistical::sum(&x, None, None, false).unwrap();
        assert_eq!(text(combined_errors(&[&x], &out).unwrap()), "over");
        let out = matmul(&x, &x.transpose()).unwrap();
        assert_eq!(text(combined_errors(&[&x, &x], &out).unwrap()), "over");
        let x = Tensor::from_slice(&[f64::INFINITY, f64::NEG_INFINITY], &[2]).unwrap();
        let out = statistical::sum(&x, None, None, false).unwrap();
        assert_eq!(text(combined_errors(&[&x], &out).unwrap()), "invalid");
    }
}
