//! The primitive elementwise operations and reductions: names, accepted dtypes, result dtypes.

use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// Which dtypes an elementwise operation computes in, and how others get there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Every dtype as it is.
    Any,
    /// Every dtype but bool.
    Numeric,
    /// Numbers; bool is computed as int8, as in NumPy.
    NumericFromBool,
    /// Real numbers; bool stays bool.
    RealOrBool,
    /// Real numbers without bool.
    Real,
    /// Real numbers; bool is computed as int8.
    RealFromBool,
    /// Bool and integers.
    Bits,
    /// Integers; bool is computed as int8.
    Integer,
    /// Floating point, real or complex; bool and integers are computed in a float of matching width.
    Inexact,
    /// Real floating point; bool and integers likewise.
    RealInexact,
    /// Operands are tested for being zero.
    Truth,
}

/// The float dtype in which NumPy computes a float function of an integer: wide enough for its values.
pub fn float_for(dtype: DType) -> DType {
    match dtype {
        DType::Bool | DType::Int8 | DType::UInt8 => DType::Float16,
        DType::Int16 | DType::UInt16 => DType::Float32,
        d if d.is_integer() => DType::Float64,
        d => d,
    }
}

impl Domain {
    /// The dtype an operand is converted to.
    ///
    /// # Errors
    /// [`Error::DType`] if the operation does not take it.
    pub fn compute(self, op: &'static str, dtype: DType) -> Result<DType> {
        let kind = dtype.kind();
        let fail = |expected| Err(Error::dtype(op, dtype, expected));
        match self {
            Domain::Any | Domain::Truth => Ok(dtype),
            Domain::Numeric if kind == Kind::Bool => fail("it takes numbers; use a logical function for bool"),
            Domain::Numeric => Ok(dtype),
            Domain::NumericFromBool | Domain::RealFromBool | Domain::Integer if kind == Kind::Bool => Ok(DType::Int8),
            Domain::NumericFromBool => Ok(dtype),
            Domain::RealOrBool | Domain::Real | Domain::RealFromBool | Domain::RealInexact if kind == Kind::Complex => {
                fail("it takes real numbers")
            }
            Domain::Real if kind == Kind::Bool => fail("it takes real numbers"),
            Domain::RealOrBool | Domain::Real | Domain::RealFromBool => Ok(dtype),
            Domain::Bits | Domain::Integer if kind > Kind::Int => fail("it takes bool or integers"),
            Domain::Bits | Domain::Integer => Ok(dtype),
            Domain::Inexact | Domain::RealInexact => Ok(float_for(dtype)),
        }
    }
}

/// The dtype of an elementwise result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The dtype computed in.
    Same,
    /// `bool`.
    Bool,
    /// The real dtype of a complex one.
    Real,
}

macro_rules! op_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $text:literal $domain:ident $output:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "each variant is the function of that name in `elementwise`, documented there")]
        pub enum $name { $($variant),* }

        impl $name {
            /// Every operation.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The name of the function.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            /// The dtypes it computes in.
            pub const fn domain(self) -> Domain {
                match self { $($name::$variant => Domain::$domain),* }
            }

            const fn output_rule(self) -> Output {
                match self { $($name::$variant => Output::$output),* }
            }

            /// The operation of that name.
            pub fn from_name(name: &str) -> Option<$name> {
                Self::ALL.iter().copied().find(|op| op.name() == name)
            }

            /// The dtype of the result when computed in `dtype`.
            pub const fn output(self, dtype: DType) -> DType {
                match self.output_rule() {
                    Output::Same => dtype,
                    Output::Bool => DType::Bool,
                    Output::Real => dtype.real(),
                }
            }
        }
    };
}

op_enum! {
    /// Elementwise functions of one operand.
    UnaryOp {
        Abs "abs" Any Real,
        Acos "acos" Inexact Same,
        Acosh "acosh" Inexact Same,
        Angle "angle" Inexact Real,
        Asin "asin" Inexact Same,
        Asinh "asinh" Inexact Same,
        Atan "atan" Inexact Same,
        Atanh "atanh" Inexact Same,
        BitwiseCount "bitwise_count" Integer Same,
        BitwiseInvert "bitwise_invert" Bits Same,
        Cbrt "cbrt" RealInexact Same,
        Ceil "ceil" RealOrBool Same,
        Conj "conj" NumericFromBool Same,
        Cos "cos" Inexact Same,
        Cosh "cosh" Inexact Same,
        Deg2rad "deg2rad" RealInexact Same,
        Digamma "digamma" RealInexact Same,
        Erf "erf" RealInexact Same,
        Erfc "erfc" RealInexact Same,
        Erfinv "erfinv" RealInexact Same,
        Exp "exp" Inexact Same,
        Exp2 "exp2" Inexact Same,
        Expm1 "expm1" Inexact Same,
        Floor "floor" RealOrBool Same,
        GeluErf "gelu" RealInexact Same,
        GeluTanh "gelu_tanh" RealInexact Same,
        I0 "i0" RealInexact Same,
        Imag "imag" Any Real,
        IsFinite "isfinite" Any Bool,
        IsInf "isinf" Any Bool,
        IsNan "isnan" Any Bool,
        Lgamma "lgamma" RealInexact Same,
        Log "log" Inexact Same,
        Log10 "log10" Inexact Same,
        Log1p "log1p" Inexact Same,
        Log2 "log2" Inexact Same,
        LogicalNot "logical_not" Truth Bool,
        LogSigmoid "log_sigmoid" RealInexact Same,
        Negative "negative" Numeric Same,
        Rad2deg "rad2deg" RealInexact Same,
        Real "real" Any Real,
        Reciprocal "reciprocal" NumericFromBool Same,
        Relu "relu" RealFromBool Same,
        Round "round" Any Same,
        Rsqrt "rsqrt" RealInexact Same,
        Sigmoid "sigmoid" RealInexact Same,
        Sign "sign" Numeric Same,
        Signbit "signbit" RealFromBool Bool,
        Silu "silu" RealInexact Same,
        Sin "sin" Inexact Same,
        Sinc "sinc" Inexact Same,
        Sinh "sinh" Inexact Same,
        Sqrt "sqrt" Inexact Same,
        Square "square" NumericFromBool Same,
        Tan "tan" Inexact Same,
        Tanh "tanh" Inexact Same,
        Tgamma "gamma" RealInexact Same,
        Trunc "trunc" RealOrBool Same,
    }
}

op_enum! {
    /// Elementwise functions of two operands.
    BinaryOp {
        Add "add" Any Same,
        Atan2 "atan2" RealInexact Same,
        BitwiseAnd "bitwise_and" Bits Same,
        BitwiseLeftShift "bitwise_left_shift" Integer Same,
        BitwiseOr "bitwise_or" Bits Same,
        BitwiseRightShift "bitwise_right_shift" Integer Same,
        BitwiseXor "bitwise_xor" Bits Same,
        Copysign "copysign" RealInexact Same,
        Divide "divide" Inexact Same,
        Equal "equal" Any Bool,
        FloorDivide "floor_divide" RealFromBool Same,
        Fmax "fmax" Any Same,
        Fmin "fmin" Any Same,
        Fmod "fmod" RealFromBool Same,
        Gcd "gcd" Integer Same,
        Greater "greater" Any Bool,
        GreaterEqual "greater_equal" Any Bool,
        Heaviside "heaviside" RealInexact Same,
        Hypot "hypot" RealInexact Same,
        Lcm "lcm" Integer Same,
        Ldexp "ldexp" RealInexact Same,
        Less "less" Any Bool,
        LessEqual "less_equal" Any Bool,
        Logaddexp "logaddexp" RealInexact Same,
        Logaddexp2 "logaddexp2" RealInexact Same,
        LogicalAnd "logical_and" Truth Bool,
        LogicalOr "logical_or" Truth Bool,
        LogicalXor "logical_xor" Truth Bool,
        Maximum "maximum" Any Same,
        Minimum "minimum" Any Same,
        Multiply "multiply" Any Same,
        Nextafter "nextafter" RealInexact Same,
        NotEqual "not_equal" Any Bool,
        Pow "pow" NumericFromBool Same,
        Remainder "remainder" RealFromBool Same,
        Subtract "subtract" Numeric Same,
    }
}

/// Reductions over axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReduceOp {
    /// Sum, pairwise.
    Sum,
    /// Product.
    Prod,
    /// Largest element; NaN wins.
    Max,
    /// Smallest element; NaN wins.
    Min,
    /// Whether all elements are not zero.
    All,
    /// Whether any element is not zero.
    Any,
    /// Number of elements that are not zero.
    CountNonzero,
    /// Sum of squares of absolute values, in the real dtype.
    SumSquares,
}

impl ReduceOp {
    /// Every reduction, in the order of the enum.
    pub const ALL: &[ReduceOp] = &[
        ReduceOp::Sum,
        ReduceOp::Prod,
        ReduceOp::Max,
        ReduceOp::Min,
        ReduceOp::All,
        ReduceOp::Any,
        ReduceOp::CountNonzero,
        ReduceOp::SumSquares,
    ];

    /// The name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            ReduceOp::Sum => "sum",
            ReduceOp::Prod => "prod",
            ReduceOp::Max => "max",
            ReduceOp::Min => "min",
            ReduceOp::All => "all",
            ReduceOp::Any => "any",
            ReduceOp::CountNonzero => "count_nonzero",
            ReduceOp::SumSquares => "sum_squares",
        }
    }

    /// The dtype of the result: `bool`, `int64` for counts, else the operand's. Sums and products of integers
    /// narrower than 64 bits are accumulated in 64 bits, so those have 64-bit results.
    pub const fn output(self, dtype: DType) -> DType {
        match self {
            ReduceOp::All | ReduceOp::Any => DType::Bool,
            ReduceOp::CountNonzero => DType::Int64,
            ReduceOp::Max | ReduceOp::Min => dtype,
            ReduceOp::SumSquares => widen(dtype.real()),
            ReduceOp::Sum | ReduceOp::Prod => widen(dtype),
        }
    }
}

/// The dtype sums are accumulated in: 64-bit integers for bool and integers, else the dtype itself.
pub const fn widen(dtype: DType) -> DType {
    if dtype.is_unsigned() {
        DType::UInt64
    } else if dtype.is_signed() || dtype.is_bool() {
        DType::Int64
    } else {
        dtype
    }
}

/// Reductions that give an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArgReduceOp {
    /// First index of the largest element; the first NaN wins.
    ArgMax,
    /// First index of the smallest element; the first NaN wins.
    ArgMin,
}

/// Running reductions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanOp {
    /// Running sum.
    Sum,
    /// Running product.
    Prod,
    /// Running maximum.
    Max,
    /// Running minimum.
    Min,
    /// Running log of the sum of exponentials.
    LogSumExp,
}
