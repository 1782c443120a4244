//! Data types: the `DType` enum, the Rust element types behind it, and dispatch from one to the other.

use std::fmt;

use half::{bf16, f16};
use num_complex::Complex;

use crate::error::{Error, Result};

/// Single-precision complex number (`complex64`).
pub type Complex64 = Complex<f32>;
/// Double-precision complex number (`complex128`).
pub type Complex128 = Complex<f64>;

/// The element type of a tensor.
///
/// The names are those of the array API standard; `float16` and `bfloat16` are extensions that are
/// stored in 16 bits and computed in `float32`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[repr(u8)]
pub enum DType {
    /// `bool`
    Bool,
    /// `int8`
    Int8,
    /// `int16`
    Int16,
    /// `int32`
    Int32,
    /// `int64`
    Int64,
    /// `uint8`
    UInt8,
    /// `uint16`
    UInt16,
    /// `uint32`
    UInt32,
    /// `uint64`
    UInt64,
    /// `float16` (IEEE binary16)
    Float16,
    /// `bfloat16`
    BFloat16,
    /// `float32`
    Float32,
    /// `float64`
    Float64,
    /// `complex64`: two `float32`
    Complex64,
    /// `complex128`: two `float64`
    Complex128,
}

/// The kind of number a dtype holds; the order is the order of promotion.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Kind {
    /// Truth values.
    Bool,
    /// Signed or unsigned integers.
    Int,
    /// Real floating point numbers.
    Float,
    /// Complex floating point numbers.
    Complex,
}

impl DType {
    /// Every dtype, in the order of the enum.
    pub const ALL: [DType; 15] = [
        DType::Bool,
        DType::Int8,
        DType::Int16,
        DType::Int32,
        DType::Int64,
        DType::UInt8,
        DType::UInt16,
        DType::UInt32,
        DType::UInt64,
        DType::Float16,
        DType::BFloat16,
        DType::Float32,
        DType::Float64,
        DType::Complex64,
        DType::Complex128,
    ];

    /// The name in the array API standard, such as `"float32"`.
    pub const fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::Int8 => "int8",
            DType::Int16 => "int16",
            DType::Int32 => "int32",
            DType::Int64 => "int64",
            DType::UInt8 => "uint8",
            DType::UInt16 => "uint16",
            DType::UInt32 => "uint32",
            DType::UInt64 => "uint64",
            DType::Float16 => "float16",
            DType::BFloat16 => "bfloat16",
            DType::Float32 => "float32",
            DType::Float64 => "float64",
            DType::Complex64 => "complex64",
            DType::Complex128 => "complex128",
        }
    }

    /// The dtype of that name; NumPy's `bool_` is accepted for `bool`.
    pub fn from_name(name: &str) -> Result<DType> {
        let name = if name == "bool_" { "bool" } else { name };
        Self::ALL.into_iter().find(|d| d.name() == name).ok_or_else(|| Error::Type {
            op: "dtype",
            message: format!("{name:?} is not a dtype; known are {}", Self::ALL.map(DType::name).join(", ")),
        })
    }

    /// Bytes per element.
    #[inline]
    pub const fn size(self) -> usize {
        match self {
            DType::Bool | DType::Int8 | DType::UInt8 => 1,
            DType::Int16 | DType::UInt16 | DType::Float16 | DType::BFloat16 => 2,
            DType::Int32 | DType::UInt32 | DType::Float32 => 4,
            DType::Int64 | DType::UInt64 | DType::Float64 | DType::Complex64 => 8,
            DType::Complex128 => 16,
        }
    }

    /// Whether the elements are truth values, integers, reals or complex numbers.
    #[inline]
    pub const fn kind(self) -> Kind {
        match self {
            DType::Bool => Kind::Bool,
            DType::Float16 | DType::BFloat16 | DType::Float32 | DType::Float64 => Kind::Float,
            DType::Complex64 | DType::Complex128 => Kind::Complex,
            _ => Kind::Int,
        }
    }

    /// True for `bool`.
    #[inline]
    pub const fn is_bool(self) -> bool {
        matches!(self, DType::Bool)
    }

    /// True for signed and unsigned integers, not for `bool`.
    #[inline]
    pub const fn is_integer(self) -> bool {
        matches!(self.kind(), Kind::Int)
    }

    /// True for `int8` to `int64`.
    #[inline]
    pub const fn is_signed(self) -> bool {
        matches!(self, DType::Int8 | DType::Int16 | DType::Int32 | DType::Int64)
    }

    /// True for `uint8` to `uint64`.
    #[inline]
    pub const fn is_unsigned(self) -> bool {
        matches!(self, DType::UInt8 | DType::UInt16 | DType::UInt32 | DType::UInt64)
    }

    /// The unsigned integer of the size of a signed one; any other dtype as it is.
    pub const fn as_unsigned(self) -> DType {
        match self {
            DType::Int8 => DType::UInt8,
            DType::Int16 => DType::UInt16,
            DType::Int32 => DType::UInt32,
            DType::Int64 => DType::UInt64,
            other => other,
        }
    }

    /// True for real floating point dtypes.
    #[inline]
    pub const fn is_real_float(self) -> bool {
        matches!(self.kind(), Kind::Float)
    }

    /// True for complex dtypes.
    #[inline]
    pub const fn is_complex(self) -> bool {
        matches!(self.kind(), Kind::Complex)
    }

    /// True for real and complex floating point dtypes.
    #[inline]
    pub const fn is_floating(self) -> bool {
        matches!(self.kind(), Kind::Float | Kind::Complex)
    }

    /// True for `float16` and `bfloat16`, which are computed in `float32`.
    #[inline]
    pub const fn is_half(self) -> bool {
        matches!(self, DType::Float16 | DType::BFloat16)
    }

    /// The dtype of the real and imaginary parts; itself for a dtype that is not complex.
    #[inline]
    pub const fn real(self) -> DType {
        match self {
            DType::Complex64 => DType::Float32,
            DType::Complex128 => DType::Float64,
            other => other,
        }
    }

    /// The complex dtype that holds this dtype's values as real parts.
    #[inline]
    pub const fn complex(self) -> DType {
        match self {
            DType::Float16 | DType::BFloat16 | DType::Float32 | DType::Complex64 => DType::Complex64,
            _ => DType::Complex128,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A Rust type that can be an element of a tensor.
///
/// # Safety
/// `DTYPE` must describe the memory of `Self` exactly: same size, and `Self` has no padding.
pub unsafe trait Element: Copy + Send + Sync + Default + PartialEq + fmt::Debug + 'static {
    /// The dtype of tensors with such elements.
    const DTYPE: DType;
}

macro_rules! elements {
    ($($ty:ty => $dtype:ident),* $(,)?) => {$(
        // SAFETY: the primitive types, half's transparent wrappers and the repr(C) pair of
        // num-complex have exactly the layout the dtype names.
        unsafe impl Element for $ty {
            const DTYPE: DType = DType::$dtype;
        }
    )*};
}

elements! {
    bool => Bool, i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64,
    u8 => UInt8, u16 => UInt16, u32 => UInt32, u64 => UInt64,
    f16 => Float16, bf16 => BFloat16, f32 => Float32, f64 => Float64,
    Complex64 => Complex64, Complex128 => Complex128,
}

/// Runs `$body` with the type alias `$T` bound to the element type of `$dtype`.
///
/// `dispatch!(dtype, T => expr)` covers every dtype; `dispatch!(real: ...)` leaves out bool and complex,
/// `dispatch!(int: ...)` is integers only, `dispatch!(float: ...)` is `f32` and `f64`, `dispatch!(inexact: ...)`
/// adds the complex dtypes to those. `bits` are the unsigned integers, `signless` are these and the floating dtypes: for what
/// gives the same bits for both signs, after [`DType::as_unsigned`]. The narrower forms take `else` for everything else.
#[macro_export]
macro_rules! dispatch {
    (@arms $dtype:expr, $T:ident => $body:expr, [$($v:ident $t:ty),*] $(, $other:expr)?) => {
        match $dtype {
            $($crate::DType::$v => { type $T = $t; $body })*
            $(_ => $other,)?
        }
    };
    (int: $dtype:expr, $T:ident => $body:expr, else $other:expr) => {
        $crate::dispatch!(@arms $dtype, $T => $body, [Int8 i8, Int16 i16, Int32 i32, Int64 i64,
            UInt8 u8, UInt16 u16, UInt32 u32, UInt64 u64], $other)
    };
    (float: $dtype:expr, $T:ident => $body:expr, else $other:expr) => {
        $crate::dispatch!(@arms $dtype, $T => $body, [Float32 f32, Float64 f64], $other)
    };
    (inexact: $dtype:expr, $T:ident => $body:expr, else $other:expr) => {
        $crate::dispatch!(@arms $dtype, $T => $body, [Float32 f32, Float64 f64,
            Complex64 $crate::Complex64, Complex128 $crate::Complex128], $other)
    };
    (real: $dtype:expr, $T:ident => $body:expr, else $other:expr) => {
        $crate::dispatch!(@arms $dtype, $T => $body, [Int8 i8, Int16 i16, Int32 i32, Int64 i64,
            UInt8 u8, UInt16 u16, UInt32 u32, UInt64 u64, Float32 f32, Float64 f64], $other)
    };
    (numeric: $dtype:expr, $T:ident => $body:expr, else $other:expr) => {
        $crate::dispatch!(@arms $dtype, $T => $body, [Int8 i8, Int16 i16, Int32 i32, Int64 i64,
            UInt8 u8, UInt16 u16, UInt32 u32, UInt64 u64, Float32 f32, Float64 f64,
            Complex64 $crate::Complex64, Complex128 $crate::Complex128], $other)
    };
    (signless: $dtype:expr, $T:ident => $body:expr, else $other:expr) => {
        $crate::dispatch!(@arms $dtype, $T => $body, [UInt8 u8, UInt16 u16, UInt32 u32, UInt64 u64, Float32 f32, Float64 f64,
            Complex64 $crate::Complex64, Complex128 $crate::Complex128], $other)
    };
    (bits: $dtype:expr, $T:ident => $body:expr, else $other:expr) => {
        $crate::dispatch!(@arms $dtype, $T => $body, [UInt8 u8, UInt16 u16, UInt32 u32, UInt64 u64], $other)
    };
    ($dtype:expr, $T:ident => $body:expr) => {
        $crate::dispatch!(@arms $dtype, $T => $body, [Bool bool, Int8 i8, Int16 i16, Int32 i32, Int64 i64,
            UInt8 u8, UInt16 u16, UInt32 u32, UInt64 u64, Float16 ::half::f16, BFloat16 ::half::bf16,
            Float32 f32, Float64 f64, Complex64 $crate::Complex64, Complex128 $crate::Complex128])
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_sizes_match_the_element_types() {
        for dtype in DType::ALL {
            assert_eq!(DType::from_name(dtype.name()), Ok(dtype));
            dispatch!(dtype, T => {
                assert_eq!(<T as Element>::DTYPE, dtype);
                assert_eq!(size_of::<T>(), dtype.size());
            });
        }
        assert_eq!(DType::from_name("bool_"), Ok(DType::Bool));
        assert!(DType::from_name("float8").is_err());
    }
}
