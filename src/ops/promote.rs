//! Type promotion: what dtype results from several, with the standard's table extended as NumPy does.

use crate::dtype::DType::*;
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// The dtype to which two dtypes promote.
///
/// Inside the standard's table this is the standard's answer. Outside it (bool with numbers, integers with floats,
/// `uint64` with signed integers) it is NumPy's: the smallest dtype that holds both ranges, with `float64` for
/// `uint64` and signed integers. `bfloat16` with `float16` gives `float32`.
pub fn promote_types(a: DType, b: DType) -> DType {
    if a == b {
        return a;
    }
    let (lo, hi) = if a.kind() <= b.kind() { (a, b) } else { (b, a) };
    match (lo.kind(), hi.kind()) {
        (Kind::Bool, _) => hi,
        (Kind::Int, Kind::Int) => promote_integers(lo, hi),
        (Kind::Int, Kind::Float) => promote_floats(float_holding(lo, hi), hi),
        (Kind::Float, Kind::Float) => promote_floats(lo, hi),
        (Kind::Int, Kind::Complex) => complex_of(promote_floats(float_holding(lo, Float16), hi.real())),
        (Kind::Float, Kind::Complex) => complex_of(promote_floats(lo, hi.real())),
        (Kind::Complex, Kind::Complex) => Complex128,
        _ => hi,
    }
}

fn promote_integers(a: DType, b: DType) -> DType {
    if a.is_signed() == b.is_signed() {
        return if a.size() >= b.size() { a } else { b };
    }
    let (signed, unsigned) = if a.is_signed() { (a, b) } else { (b, a) };
    if signed.size() > unsigned.size() {
        return signed;
    }
    match unsigned {
        UInt8 => Int16,
        UInt16 => Int32,
        UInt32 => Int64,
        _ => Float64,
    }
}

/// The smallest float that holds an integer dtype's range next to a 16-bit float of the other operand.
fn float_holding(int: DType, other: DType) -> DType {
    match int.size() {
        1 if other == BFloat16 => BFloat16,
        1 => Float16,
        2 => Float32,
        _ => Float64,
    }
}

fn promote_floats(a: DType, b: DType) -> DType {
    if a == b {
        a
    } else if a.is_half() && b.is_half() {
        Float32
    } else if a.size() >= b.size() {
        a
    } else {
        b
    }
}

fn complex_of(real: DType) -> DType {
    if real == Float64 { Complex128 } else { Complex64 }
}

/// The dtype in which a tensor of `dtype` and a weak scalar combine.
pub fn promote_scalar(dtype: DType, kind: Kind) -> DType {
    if dtype.kind() >= kind {
        return dtype;
    }
    match kind {
        Kind::Int => Int64,
        Kind::Float => Float64,
        _ => match dtype {
            Float16 | BFloat16 | Float32 => Complex64,
            _ => Complex128,
        },
    }
}

/// Something that takes part in promotion.
#[derive(Clone, Copy, Debug)]
pub enum Participant {
    /// A dtype, or a tensor of it.
    DType(DType),
    /// A weak scalar.
    Weak(Kind),
}

/// The dtype resulting from an operation on all participants.
///
/// # Errors
/// [`Error::Value`] if there are none.
pub fn result_type(participants: &[Participant]) -> Result<DType> {
    let mut strong: Option<DType> = None;
    let mut weak: Option<Kind> = None;
    for p in participants {
        match *p {
            Participant::DType(d) => strong = Some(strong.map_or(d, |s| promote_types(s, d))),
            Participant::Weak(k) => weak = weak.max(Some(k)),
        }
    }
    match (strong, weak) {
        (Some(d), Some(k)) => Ok(promote_scalar(d, k)),
        (Some(d), None) => Ok(d),
        (None, Some(k)) => Ok(promote_scalar(Bool, k)),
        (None, None) => Err(Error::value("result_type", "at least one array or dtype is needed")),
    }
}

/// Whether every value of `from` converts to `to` by the promotion rules.
pub fn can_cast(from: DType, to: DType) -> bool {
    promote_types(from, to) == to
}

/// How strictly NumPy's `can_cast` judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Casting {
    /// Same dtype only.
    No,
    /// Values are preserved.
    Safe,
    /// Safe, or within one kind.
    SameKind,
    /// Anything.
    Unsafe,
}

/// NumPy's `can_cast` with a rule.
pub fn can_cast_with(from: DType, to: DType, casting: Casting) -> bool {
    match casting {
        Casting::No => from == to,
        Casting::Safe => can_cast(from, to),
        Casting::SameKind => can_cast(from, to) || (from.kind() <= to.kind() && !(from.is_signed() && to.is_unsigned())),
        Casting::Unsafe => true,
    }
}

/// Whether a dtype belongs to a kind of the standard: `"bool"`, `"signed integer"`, `"unsigned integer"`,
/// `"integral"`, `"real floating"`, `"complex floating"`, `"numeric"`.
///
/// # Errors
/// [`Error::Value`] for another name.
pub fn isdtype(dtype: DType, kind: &str) -> Result<bool> {
    Ok(match kind {
        "bool" => dtype.is_bool(),
        "signed integer" => dtype.is_signed(),
        "unsigned integer" => dtype.is_unsigned(),
        "integral" => dtype.is_integer(),
        "real floating" => dtype.is_real_float(),
        "complex floating" => dtype.is_complex(),
        "numeric" => !dtype.is_bool(),
        _ => {
            let known = "bool, signed integer, unsigned integer, integral, real floating, complex floating, numeric";
            return Err(Error::value("isdtype", format!("{kind:?} is not a kind of dtype; known are {known}")));
        }
    })
}

/// Machine limits of a floating point dtype; for complex dtypes those of its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FInfo {
    /// The real dtype the limits are of.
    pub dtype: DType,
    /// Number of bits.
    pub bits: u32,
    /// Distance from one to the next larger number.
    pub eps: f64,
    /// Largest finite number.
    pub max: f64,
    /// Smallest finite number.
    pub min: f64,
    /// Smallest positive normal number.
    pub smallest_normal: f64,
    /// Smallest positive number.
    pub smallest_subnormal: f64,
    /// Decimal digits that survive a round trip.
    pub precision: u32,
}

/// Machine limits of a floating point dtype.
///
/// # Errors
/// [`Error::DType`] for bool and integers.
pub fn finfo(dtype: DType) -> Result<FInfo> {
    let f = |bits, mantissa: i32, min_exp: i32, max: f64, precision| FInfo {
        dtype: dtype.real(),
        bits,
        eps: 2f64.powi(-mantissa),
        max,
        min: -max,
        smallest_normal: 2f64.powi(min_exp),
        // Two exact steps, because powi of -1074 goes through an overflowing reciprocal.
        smallest_subnormal: 2f64.powi(min_exp) * 2f64.powi(-mantissa),
        precision,
    };
    Ok(match dtype.real() {
        Float16 => f(16, 10, -14, 65504.0, 3),
        BFloat16 => f(16, 7, -126, half::bf16::MAX.to_f64(), 2),
        Float32 => f(32, 23, -126, f32::MAX.into(), 6),
        Float64 => f(64, 52, -1022, f64::MAX, 15),
        _ => return Err(Error::dtype("finfo", dtype, "it takes floating point dtypes; use iinfo for integers")),
    })
}

/// Limits of an integer dtype.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IInfo {
    /// The dtype.
    pub dtype: DType,
    /// Number of bits.
    pub bits: u32,
    /// Largest value.
    pub max: i128,
    /// Smallest value.
    pub min: i128,
}

/// Limits of an integer dtype.
///
/// # Errors
/// [`Error::DType`] for other dtypes.
pub fn iinfo(dtype: DType) -> Result<IInfo> {
    let (min, max) = crate::scalar::int_range(dtype)
        .ok_or_else(|| Error::dtype("iinfo", dtype, "it takes integer dtypes; use finfo for floating point"))?;
    Ok(IInfo { dtype, bits: dtype.size() as u32 * 8, max, min })
}

/// An operand of an operation: a tensor, or a scalar that takes the other operand's dtype.
#[derive(Clone, Copy, Debug)]
pub enum Operand<'a> {
    /// A tensor.
    Tensor(&'a Tensor),
    /// A weak scalar.
    Scalar(Scalar),
}

impl<'a> From<&'a Tensor> for Operand<'a> {
    fn from(t: &'a Tensor) -> Self {
        Operand::Tensor(t)
    }
}

impl<T: Into<Scalar>> From<T> for Operand<'_> {
    fn from(s: T) -> Self {
        Operand::Scalar(s.into())
    }
}

impl Operand<'_> {
    /// How the operand takes part in promotion.
    #[inline]
    pub fn participant(&self) -> Participant {
        match self {
            Operand::Tensor(t) => Participant::DType(t.dtype()),
            Operand::Scalar(s) => Participant::Weak(s.kind()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promotion_agrees_with_numpy() {
        // Rows and columns in the order of `ORDER`; recorded from numpy.promote_types (2.4).
        const ORDER: [DType; 14] =
            [Bool, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64, Float16, Float32, Float64, Complex64, Complex128];
        let expected = [
            "? b h i q B H I Q e f d F D",
            "b b h i q h i q d e f d F D",
            "h h h i q h i q d f f d F D",
            "i i i i q i i q d d d d D D",
            "q q q q q q q q d d d d D D",
            "B h h i q B H I Q e f d F D",
            "H i i i q H H I Q f f d F D",
            "I q q q q I I I Q d d d D D",
            "Q d d d d Q Q Q Q d d d D D",
            "e e f d d e f d d e f d F D",
            "f f f d d f f d d f f d F D",
            "d d d d d d d d d d d d D D",
            "F F F D D F F D D F F D F D",
            "D D D D D D D D D D D D D D",
        ];
        let letter = |d: DType| "?bhiqBHIQefdFD".chars().nth(ORDER.iter().position(|&o| o == d).unwrap()).unwrap();
        for (i, row) in expected.iter().enumerate() {
            for (j, want) in row.split(' ').enumerate() {
                let got = promote_types(ORDER[i], ORDER[j]);
                assert_eq!(letter(got).to_string(), want, "{} with {}", ORDER[i], ORDER[j]);
            }
        }
    }

    #[test]
    fn weak_scalars_take_the_dtype_of_the_array() {
        assert_eq!(promote_scalar(Float32, Kind::Float), Float32);
        assert_eq!(promote_scalar(Int8, Kind::Int), Int8);
        assert_eq!(promote_scalar(Int8, Kind::Float), Float64);
        assert_eq!(promote_scalar(Bool, Kind::Int), Int64);
        assert_eq!(promote_scalar(Float32, Kind::Complex), Complex64);
        assert_eq!(promote_scalar(Int32, Kind::Complex), Complex128);
    }

    #[test]
    fn limits_are_those_of_ieee_754() {
        let f = finfo(Complex64).unwrap();
        assert_eq!((f.dtype, f.bits, f.eps as f32, f.max as f32), (Float32, 32, f32::EPSILON, f32::MAX));
        assert_eq!(finfo(Float64).unwrap().smallest_subnormal, f64::from_bits(1));
        assert_eq!(finfo(Float32).unwrap().smallest_subnormal as f32, f32::from_bits(1));
        assert_eq!(iinfo(UInt64).unwrap().max, u64::MAX as i128);
        assert!(finfo(Int8).is_err() && iinfo(Bool).is_err());
    }
}
