//! Functions of one operand.

use crate::backend::UnaryOp;
use crate::dtype::DType;
use crate::error::Result;
use crate::tensor::Tensor;

/// Applies an elementwise function.
///
/// Bool and integers are converted to the float that NumPy would compute in where the function needs one.
///
/// # Errors
/// [`crate::Error::DType`] if the function does not take the dtype.
pub fn unary(op: UnaryOp, x: &Tensor) -> Result<Tensor> {
    let compute = match op {
        // NumPy writes these two in Python and converts integers to double precision, however narrow.
        UnaryOp::I0 | UnaryOp::Sinc if !x.dtype().is_floating() => DType::Float64,
        _ => op.domain().compute(op.name(), x.dtype())?,
    };
    match op {
        UnaryOp::Real if !x.dtype().is_complex() => return Ok(x.clone()),
        UnaryOp::Real => return Ok(x.complex_part(0)),
        UnaryOp::Imag if x.dtype().is_complex() => return Ok(x.complex_part(1)),
        _ => {}
    }
    if compute != x.dtype() {
        return unary(op, &x.astype(compute)?);
    }
    let out = Tensor::uninit_like(op.name(), x, op.output(compute))?;
    x.backend()?.unary(op, x, &out)?;
    Ok(out)
}

/// Applies an elementwise function in place.
///
/// # Errors
/// [`crate::Error::Type`] if the result has another dtype than the tensor.
pub fn unary_inplace(op: UnaryOp, x: &Tensor) -> Result<()> {
    if op.output(op.domain().compute(op.name(), x.dtype())?) != x.dtype() {
        let message = format!("the result does not fit into a {} tensor", x.dtype());
        return Err(crate::error::Error::type_(op.name(), message));
    }
    if !x.storage().is_writable() {
        return Err(crate::error::Error::ReadOnly { op: op.name() });
    }
    x.backend()?.unary(op, x, x)
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident $op:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(x: &Tensor) -> Result<Tensor> {
            unary(UnaryOp::$op, x)
        }
    )*};
}

functions! {
    /// Absolute value; the magnitude of complex numbers.
    abs Abs;
    /// Inverse cosine.
    acos Acos;
    /// Inverse hyperbolic cosine.
    acosh Acosh;
    /// Argument of complex numbers in radians; 0 or pi for real ones.
    angle Angle;
    /// Inverse sine.
    asin Asin;
    /// Inverse hyperbolic sine.
    asinh Asinh;
    /// Inverse tangent.
    atan Atan;
    /// Inverse hyperbolic tangent.
    atanh Atanh;
    /// Number of one bits in the absolute value.
    bitwise_count_same BitwiseCount;
    /// Bitwise complement; logical complement of bool.
    bitwise_invert BitwiseInvert;
    /// Cube root.
    cbrt Cbrt;
    /// Smallest integer not below; integers stay as they are.
    ceil Ceil;
    /// Complex conjugate.
    conj Conj;
    /// Cosine.
    cos Cos;
    /// Hyperbolic cosine.
    cosh Cosh;
    /// Degrees to radians.
    deg2rad Deg2rad;
    /// Logarithmic derivative of the gamma function.
    digamma Digamma;
    /// Error function.
    erf Erf;
    /// Complementary error function.
    erfc Erfc;
    /// Inverse error function.
    erfinv Erfinv;
    /// Exponential.
    exp Exp;
    /// Power of two.
    exp2 Exp2;
    /// `exp(x) - 1`, exact near zero.
    expm1 Expm1;
    /// Largest integer not above; integers stay as they are.
    floor Floor;
    /// Gamma function.
    gamma Tgamma;
    /// Modified Bessel function of the first kind of order zero.
    i0 I0;
    /// Imaginary part; zeros for real dtypes.
    imag Imag;
    /// Whether elements are neither infinite nor NaN.
    isfinite IsFinite;
    /// Whether elements are infinite.
    isinf IsInf;
    /// Whether elements are NaN.
    isnan IsNan;
    /// Logarithm of the absolute value of the gamma function.
    lgamma Lgamma;
    /// Natural logarithm.
    log Log;
    /// Logarithm to base ten.
    log10 Log10;
    /// `log(1 + x)`, exact near zero.
    log1p Log1p;
    /// Logarithm to base two.
    log2 Log2;
    /// Logarithm of the logistic function.
    log_sigmoid LogSigmoid;
    /// Whether elements are zero.
    logical_not LogicalNot;
    /// Negation.
    negative Negative;
    /// Radians to degrees.
    rad2deg Rad2deg;
    /// Real part, as a view of complex tensors.
    real Real;
    /// One divided by the element; integer division for integers.
    reciprocal Reciprocal;
    /// The element or zero, whichever is larger.
    relu Relu;
    /// Nearest integer, halves to even.
    round Round;
    /// One divided by the square root.
    rsqrt Rsqrt;
    /// Logistic function `1 / (1 + exp(-x))`.
    sigmoid Sigmoid;
    /// -1, 0 or 1 by sign; `z / |z|` for complex numbers.
    sign Sign;
    /// Whether the sign bit is set.
    signbit Signbit;
    /// `x * sigmoid(x)`.
    silu Silu;
    /// Sine.
    sin Sin;
    /// `sin(pi x) / (pi x)`.
    sinc Sinc;
    /// Hyperbolic sine.
    sinh Sinh;
    /// Square root.
    sqrt Sqrt;
    /// Square.
    square Square;
    /// Tangent.
    tan Tan;
    /// Hyperbolic tangent.
    tanh Tanh;
    /// Integer part.
    trunc Trunc;
}

/// A copy of the elements, as NumPy's unary plus.
///
/// # Errors
/// [`crate::Error::DType`] for bool.
pub fn positive(x: &Tensor) -> Result<Tensor> {
    if x.dtype().is_bool() {
        return Err(crate::error::Error::dtype("positive", DType::Bool, "it takes numbers"));
    }
    x.copy()
}

/// Number of one bits in the absolute value, as `uint8`.
pub fn bitwise_count(x: &Tensor) -> Result<Tensor> {
    bitwise_count_same(x)?.astype(DType::UInt8)
}

/// Gaussian error linear unit: `x Phi(x)`, or its tanh approximation.
pub fn gelu(x: &Tensor, tanh_approximation: bool) -> Result<Tensor> {
    unary(if tanh_approximation { UnaryOp::GeluTanh } else { UnaryOp::GeluErf }, x)
}
