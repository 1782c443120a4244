//! Scalars outside tensors: Python numbers, fill values, results of `item`.

use half::{bf16, f16};
use num_complex::Complex;

use crate::dtype::{Complex64, Complex128, DType, Element, Kind};
use crate::error::{Error, Result};

/// A number without a dtype, as Python has them.
///
/// Combined with a tensor it is *weak*: it takes the tensor's dtype if the kind allows, so
/// `float32` plus `1.0` stays `float32`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// A Python `bool`.
    Bool(bool),
    /// A Python `int`; wide enough for `int64` and `uint64`.
    Int(i128),
    /// A Python `float`.
    Float(f64),
    /// A Python `complex`.
    Complex(Complex128),
}

impl Scalar {
    /// The kind of the number.
    pub fn kind(self) -> Kind {
        match self {
            Scalar::Bool(_) => Kind::Bool,
            Scalar::Int(_) => Kind::Int,
            Scalar::Float(_) => Kind::Float,
            Scalar::Complex(_) => Kind::Complex,
        }
    }

    /// The dtype of a tensor made from this scalar alone: `bool`, `int64`, `float64` or `complex128`;
    /// `uint64` for an integer that only fits there.
    pub fn default_dtype(self) -> DType {
        match self {
            Scalar::Bool(_) => DType::Bool,
            Scalar::Int(v) if v > i128::from(i64::MAX) => DType::UInt64,
            Scalar::Int(_) => DType::Int64,
            Scalar::Float(_) => DType::Float64,
            Scalar::Complex(_) => DType::Complex128,
        }
    }

    /// The value as `f64`; the real part of a complex number.
    pub fn as_f64(self) -> f64 {
        match self {
            Scalar::Bool(v) => f64::from(u8::from(v)),
            Scalar::Int(v) => v as f64,
            Scalar::Float(v) => v,
            Scalar::Complex(v) => v.re,
        }
    }

    /// The value as a complex number.
    pub fn as_complex(self) -> Complex128 {
        match self {
            Scalar::Complex(v) => v,
            other => Complex::new(other.as_f64(), 0.0),
        }
    }

    /// The value as an integer, truncated towards zero.
    pub fn as_i128(self) -> i128 {
        match self {
            Scalar::Bool(v) => i128::from(v),
            Scalar::Int(v) => v,
            Scalar::Float(v) => v as i128,
            Scalar::Complex(v) => v.re as i128,
        }
    }

    /// Whether the value is not zero.
    pub fn as_bool(self) -> bool {
        match self {
            Scalar::Bool(v) => v,
            Scalar::Int(v) => v != 0,
            Scalar::Float(v) => v != 0.0,
            Scalar::Complex(v) => v.re != 0.0 || v.im != 0.0,
        }
    }

    /// Converts to an element, with an error where an integer does not fit the integer type.
    ///
    /// # Errors
    /// [`Error::Overflow`] for an integer outside the range of `T`.
    pub fn to_element<T: FromScalar>(self, op: &'static str) -> Result<T> {
        if let Scalar::Int(v) = self
            && let Some((lo, hi)) = int_range(T::DTYPE)
            && !(lo..=hi).contains(&v)
        {
            return Err(Error::Overflow { op, value: v.to_string(), dtype: T::DTYPE });
        }
        Ok(T::from_scalar(self))
    }
}

/// The smallest and largest value of an integer dtype; `None` for other kinds.
pub fn int_range(dtype: DType) -> Option<(i128, i128)> {
    Some(match dtype {
        DType::Int8 => (i8::MIN.into(), i8::MAX.into()),
        DType::Int16 => (i16::MIN.into(), i16::MAX.into()),
        DType::Int32 => (i32::MIN.into(), i32::MAX.into()),
        DType::Int64 => (i64::MIN.into(), i64::MAX.into()),
        DType::UInt8 => (0, u8::MAX.into()),
        DType::UInt16 => (0, u16::MAX.into()),
        DType::UInt32 => (0, u32::MAX.into()),
        DType::UInt64 => (0, u64::MAX.into()),
        _ => return None,
    })
}

/// Conversion between elements and [`Scalar`]s. Integers wrap, as C casts do.
pub trait FromScalar: Element {
    /// The scalar as an element of this type.
    fn from_scalar(s: Scalar) -> Self;
    /// The element as a scalar.
    fn to_scalar(self) -> Scalar;
}

macro_rules! int_scalar {
    ($($t:ty),*) => {$(
        impl FromScalar for $t {
            #[inline]
            fn from_scalar(s: Scalar) -> Self { s.as_i128() as $t }
            #[inline]
            fn to_scalar(self) -> Scalar { Scalar::Int(self as i128) }
        }
    )*};
}
int_scalar!(i8, i16, i32, i64, u8, u16, u32, u64);

impl FromScalar for bool {
    #[inline]
    fn from_scalar(s: Scalar) -> Self {
        s.as_bool()
    }
    #[inline]
    fn to_scalar(self) -> Scalar {
        Scalar::Bool(self)
    }
}

macro_rules! float_scalar {
    ($($t:ty, $from:expr, $to:expr);*) => {$(
        impl FromScalar for $t {
            #[inline]
            fn from_scalar(s: Scalar) -> Self { $from(s.as_f64()) }
            #[inline]
            fn to_scalar(self) -> Scalar { Scalar::Float($to(self)) }
        }
    )*};
}
float_scalar!(f16, f16::from_f64, f16::to_f64; bf16, bf16::from_f64, bf16::to_f64;
              f32, |v| v as f32, f64::from; f64, |v| v, |v| v);

impl FromScalar for Complex64 {
    #[inline]
    fn from_scalar(s: Scalar) -> Self {
        let c = s.as_complex();
        Complex::new(c.re as f32, c.im as f32)
    }
    #[inline]
    fn to_scalar(self) -> Scalar {
        Scalar::Complex(Complex::new(self.re.into(), self.im.into()))
    }
}

impl FromScalar for Complex128 {
    #[inline]
    fn from_scalar(s: Scalar) -> Self {
        s.as_complex()
    }
    #[inline]
    fn to_scalar(self) -> Scalar {
        Scalar::Complex(self)
    }
}

macro_rules! scalar_from {
    ($($t:ty => $v:ident),*) => {$(
        impl From<$t> for Scalar {
            fn from(v: $t) -> Scalar { Scalar::$v(v.into()) }
        }
    )*};
}
scalar_from!(bool => Bool, i32 => Int, i64 => Int, u32 => Int, u64 => Int, f32 => Float, f64 => Float, Complex128 => Complex);

impl From<usize> for Scalar {
    fn from(v: usize) -> Scalar {
        Scalar::Int(v as i128)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_that_does_not_fit_is_an_error() {
        assert_eq!(Scalar::Int(255).to_element::<u8>("full"), Ok(255));
        assert!(matches!(Scalar::Int(256).to_element::<u8>("full"), Err(Error::Overflow { .. })));
        assert!(matches!(Scalar::Int(-1).to_element::<u64>("full"), Err(Error::Overflow { .. })));
        assert_eq!(Scalar::Int(300).to_element::<f32>("full"), Ok(300.0));
    }
}
