//! Elementwise functions of one operand on the CPU, and the table from operation and dtype to loop.

use num_complex::Complex;

use crate::backend::UnaryOp;
use crate::cpu::complex::{self, wide};
use crate::cpu::math;
use crate::cpu::simd::{Level, UnaryFn, UnaryLoop, unary_loop, unary_plain};
use crate::dispatch;
use crate::dtype::{Complex64, Complex128, DType};

macro_rules! unary {
    ($f:ident, $($t:ty),* => |$x:ident| $e:expr) => {$(
        impl UnaryFn<$t> for $f {
            #[inline(always)]
            fn call<L: Level>($x: $t) -> $t { $e }
        }
    )*};
    ($f:ident -> $r:ty, $($t:ty),* => |$x:ident| $e:expr) => {$(
        impl UnaryFn<$t, $r> for $f {
            #[inline(always)]
            fn call<L: Level>($x: $t) -> $r { $e }
        }
    )*};
}

macro_rules! functions {
    ($($name:ident),* $(,)?) => {$(
        pub(crate) struct $name;
    )*};
}
functions!(
    Abs, Negative, Square, Sign, Invert, Conj, RealPart, ImagPart, Angle, Count, Reciprocal, Relu, IsNan, IsInf, IsFinite, Signbit, Ceil,
    Floor, Trunc, Round, Sqrt, Rsqrt, Deg2rad, Rad2deg,
);

unary!(Negative, i8, i16, i32, i64, u8, u16, u32, u64 => |x| x.wrapping_neg());
unary!(Negative, f32, f64, Complex64, Complex128 => |x| -x);
unary!(Abs, i8, i16, i32, i64 => |x| x.wrapping_abs());
unary!(Abs, f32, f64 => |x| x.abs());
unary!(Abs -> f32, Complex64 => |x| x.re.hypot(x.im));
unary!(Abs -> f64, Complex128 => |x| x.re.hypot(x.im));
unary!(Square, i8, i16, i32, i64, u8, u16, u32, u64 => |x| x.wrapping_mul(x));
unary!(Square, f32, f64 => |x| x * x);
unary!(Square, Complex64, Complex128 => |x| Complex::new(x.re * x.re - x.im * x.im, x.re * x.im + x.im * x.re));
unary!(Sign, i8, i16, i32, i64 => |x| x.signum());
unary!(Sign, u8, u16, u32, u64 => |x| x.min(1));
unary!(Sign, f32, f64 => |x| if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else { x + 0.0 });
unary!(Sign, Complex64, Complex128 => |x| wide(x, complex::sign));
unary!(Invert, i8, i16, i32, i64, u8, u16, u32, u64 => |x| !x);
unary!(Conj, Complex64, Complex128 => |x| Complex::new(x.re, -x.im));
unary!(RealPart -> f32, Complex64 => |x| x.re);
unary!(RealPart -> f64, Complex128 => |x| x.re);
unary!(ImagPart -> f32, Complex64 => |x| x.im);
unary!(ImagPart -> f64, Complex128 => |x| x.im);
unary!(Angle -> f32, Complex64 => |x| x.im.atan2(x.re));
unary!(Angle -> f64, Complex128 => |x| x.im.atan2(x.re));
unary!(Angle, f32 => |x| if x.is_nan() { x } else if x.is_sign_negative() && x != 0.0 { std::f32::consts::PI } else { 0.0 });
unary!(Angle, f64 => |x| if x.is_nan() { x } else if x.is_sign_negative() && x != 0.0 { std::f64::consts::PI } else { 0.0 });
unary!(Count, i8, i16, i32, i64 => |x| x.unsigned_abs().count_ones() as _);
unary!(Count, u8, u16, u32, u64 => |x| x.count_ones() as _);
unary!(Reciprocal, i8, i16, i32, i64 => |x| if x == 0 { Self::at_zero(x) } else { 1 / x });
unary!(Reciprocal, u8, u16, u32, u64 => |x| if x == 0 { Self::at_zero(x) } else { 1 / x });
unary!(Reciprocal, f32, f64 => |x| 1.0 / x);
unary!(Reciprocal, Complex64, Complex128 => |x| complex::reciprocal(x));
unary!(Relu, i8, i16, i32, i64 => |x| x.max(0));
unary!(Relu, u8, u16, u32, u64 => |x| x);
// A NaN stays, as in torch and in `maximum(x, 0)`.
unary!(Relu, f32, f64 => |x| if x <= 0.0 { 0.0 } else { x });
unary!(IsNan -> bool, f32, f64 => |x| x.is_nan());
unary!(IsNan -> bool, Complex64, Complex128 => |x| x.re.is_nan() || x.im.is_nan());
unary!(IsInf -> bool, f32, f64 => |x| x.is_infinite());
unary!(IsInf -> bool, Complex64, Complex128 => |x| x.re.is_infinite() || x.im.is_infinite());
unary!(IsFinite -> bool, f32, f64 => |x| x.is_finite());
unary!(IsFinite -> bool, Complex64, Complex128 => |x| x.re.is_finite() && x.im.is_finite());
unary!(Signbit -> bool, i8, i16, i32, i64 => |x| x < 0);
unary!(Signbit -> bool, u8, u16, u32, u64 => |_x| false);
unary!(Signbit -> bool, f32, f64 => |x| x.is_sign_negative());
unary!(Ceil, f32, f64 => |x| x.ceil());
unary!(Floor, f32, f64 => |x| x.floor());
unary!(Trunc, f32, f64 => |x| x.trunc());
unary!(Round, f32, f64 => |x| x.round_ties_even());
unary!(Round, Complex64, Complex128 => |x| Complex::new(x.re.round_ties_even(), x.im.round_ties_even()));
unary!(Sqrt, f32, f64 => |x| x.sqrt());
unary!(Sqrt, Complex64, Complex128 => |x| wide(x, complex::sqrt));
unary!(Rsqrt, f32, f64 => |x| 1.0 / x.sqrt());
unary!(Deg2rad, f32 => |x| x * (std::f32::consts::PI / 180.0));
unary!(Deg2rad, f64 => |x| x * (std::f64::consts::PI / 180.0));
unary!(Rad2deg, f32 => |x| x * (180.0 / std::f32::consts::PI));
unary!(Rad2deg, f64 => |x| x * (180.0 / std::f64::consts::PI));

impl Reciprocal {
    /// What x86 gives for the integer part of 1/0, and with it NumPy: the minimum for 32 and 64 bits signed, else 0.
    #[inline(always)]
    fn at_zero<T: crate::scalar::FromScalar>(_: T) -> T {
        use crate::scalar::{Scalar, int_range};
        let min = int_range(T::DTYPE).map_or(0, |r| r.0);
        T::from_scalar(Scalar::Int(if T::DTYPE.size() >= 4 { min } else { 0 }))
    }
}

/// A function of the vectorised math module.
macro_rules! vector {
    ($($f:ident $f32:ident $f64:ident),*) => {$(
        pub(crate) struct $f;
        impl UnaryFn<f32> for $f {
            #[inline(always)]
            fn call<L: Level>(x: f32) -> f32 { math::$f32::<L>(x) }
        }
        impl UnaryFn<f64> for $f {
            #[inline(always)]
            fn call<L: Level>(x: f64) -> f64 { math::$f64::<L>(x) }
        }
    )*};
}
vector!(Exp exp_f32 exp_f64, Log log_f32 log_f64, Tanh tanh_f32 tanh_f64,
        Erf erf_f32 erf_f64, Sigmoid sigmoid_f32 sigmoid_f64, Silu silu_f32 silu_f64, GeluErf gelu_f32 gelu_f64,
        GeluTanh gelu_tanh_f32 gelu_tanh_f64);

/// A circular function: vectorised up to a limit, the system's beyond.
macro_rules! circular {
    ($($f:ident $method:ident $f32:ident $f64:ident),*) => {$(
        pub(crate) struct $f;
        circular!(@one $f f32 $method $f32);
        circular!(@one $f f64 $method $f64);
    )*};
    (@one $f:ident $t:ident $method:ident $fast:ident) => {
        impl UnaryFn<$t> for $f {
            const BOUNDED: bool = true;
            #[inline(always)]
            fn call<L: Level>(x: $t) -> $t { math::$fast::<L>(x) }
            #[inline(always)]
            fn in_range(x: &$t) -> bool { x.abs() <= math::ANGLE_LIMIT as $t }
            fn slow(x: $t) -> $t { x.$method() }
        }
    };
}
circular!(Sin sin sin_f32 sin_f64, Cos cos cos_f32 cos_f64);

/// A function of the system's math library, exact to within an ulp and not vectorised.
macro_rules! library {
    ($($f:ident |$x:ident| $e:expr),* $(,)?) => {$(
        pub(crate) struct $f;
        impl UnaryFn<f64> for $f {
            #[inline]
            fn call<L: Level>($x: f64) -> f64 { $e }
        }
        impl UnaryFn<f32> for $f {
            #[inline]
            fn call<L: Level>($x: f32) -> f32 { $e }
        }
    )*};
}
library!(
    Acos | x | x.acos(),
    Acosh | x | math::acosh(x),
    Asin | x | x.asin(),
    Asinh | x | math::asinh(x),
    Atan | x | x.atan(),
    Atanh | x | math::atanh(x),
    Cbrt | x | x.cbrt(),
    Cosh | x | x.cosh(),
    Exp2 | x | x.exp2(),
    Expm1 | x | x.exp_m1(),
    Log10 | x | x.log10(),
    Log1p | x | x.ln_1p(),
    Log2 | x | x.log2(),
    Sinh | x | x.sinh(),
    Tan | x | x.tan()
);

/// A function computed in double precision for both dtypes.
macro_rules! doubled {
    ($($f:ident |$x:ident| $e:expr),* $(,)?) => {$(
        pub(crate) struct $f;
        impl UnaryFn<f64> for $f {
            #[inline]
            fn call<L: Level>($x: f64) -> f64 { $e }
        }
        impl UnaryFn<f32> for $f {
            #[inline]
            fn call<L: Level>(x: f32) -> f32 { <$f as UnaryFn<f64>>::call::<L>(x as f64) as f32 }
        }
    )*};
}
doubled!(
    Erfc | x | libm::erfc(x),
    Erfinv | x | math::erfinv(x),
    Lgamma | x | math::lgamma(x),
    Tgamma | x | libm::tgamma(x),
    Digamma | x | math::digamma(x),
    I0 | x | math::bessel_i0(x),
    Sinc | x | math::sinc(x),
    LogSigmoid | x | x.min(0.0) - (-x.abs()).exp().ln_1p()
);

/// A complex function computed in double precision.
macro_rules! complex_functions {
    ($($f:ident $g:ident),*) => {$(
        unary!($f, Complex64, Complex128 => |x| wide(x, complex::$g));
    )*};
}
complex_functions!(Exp exp, Log log, Tanh tanh, Sin sin, Cos cos, Acos acos, Acosh acosh, Asin asin, Asinh asinh,
                   Atan atan, Atanh atanh, Cosh cosh, Expm1 expm1, Log10 log10, Log1p log1p, Log2 log2,
                   Sinh sinh, Tan tan);
unary!(Exp2, Complex64, Complex128 => |x| wide(x, |z| complex::exp(z * std::f64::consts::LN_2)));
unary!(Sinc, Complex64, Complex128 => |x| wide(x, |z| {
    let y = z * std::f64::consts::PI;
    if y.re == 0.0 && y.im == 0.0 { Complex::new(1.0, 0.0) } else { complex::divide(complex::sin(y), y) }
}));

/// The loop for an operation in the dtype it is computed in; `None` if there is none for that dtype.
///
/// Bool is handled as `uint8`; operations that copy their operand give `None` and are done by the caller.
pub fn lookup(op: UnaryOp, dtype: DType) -> Option<UnaryLoop> {
    use UnaryOp as U;
    macro_rules! fast {
        ($kind:ident, $f:ident) => { dispatch!($kind: dtype, T => Some(unary_loop::<T, T, $f>()), else None) };
    }
    macro_rules! math {
        ($f:ident) => {
            match dtype {
                DType::Float32 => Some(unary_loop::<f32, f32, $f>()),
                DType::Float64 => Some(unary_loop::<f64, f64, $f>()),
                _ => complex_math!($f),
            }
        };
    }
    macro_rules! library {
        ($f:ident) => {
            match dtype {
                DType::Float32 => Some(unary_plain::<f32, f32, $f>()),
                DType::Float64 => Some(unary_plain::<f64, f64, $f>()),
                _ => complex_math!($f),
            }
        };
    }
    macro_rules! complex_math {
        ($f:ident) => {
            match dtype {
                DType::Complex64 => Some(unary_plain::<Complex64, Complex64, $f>()),
                DType::Complex128 => Some(unary_plain::<Complex128, Complex128, $f>()),
                _ => None,
            }
        };
    }
    macro_rules! real_math {
        ($pick:ident, $f:ident) => { dispatch!(float: dtype, T => Some($pick::<T, T, $f>()), else None) };
    }
    macro_rules! to_real {
        ($f:ident) => {
            match dtype {
                DType::Complex64 => Some(unary_plain::<Complex64, f32, $f>()),
                DType::Complex128 => Some(unary_plain::<Complex128, f64, $f>()),
                _ => None,
            }
        };
    }
    macro_rules! test {
        ($f:ident) => { dispatch!(inexact: dtype, T => Some(unary_loop::<T, bool, $f>()), else None) };
    }
    macro_rules! rounding {
        ($f:ident) => { dispatch!(float: dtype, T => Some(unary_loop::<T, T, $f>()), else None) };
    }
    match op {
        U::Abs if dtype.is_complex() => to_real!(Abs),
        U::Abs if dtype.is_signed() => dispatch!(@arms dtype, T => Some(unary_loop::<T, T, Abs>()),
            [Int8 i8, Int16 i16, Int32 i32, Int64 i64], None),
        U::Abs => rounding!(Abs),
        U::Angle if dtype.is_complex() => to_real!(Angle),
        U::Angle => real_math!(unary_loop, Angle),
        U::Real => to_real!(RealPart),
        U::Imag => to_real!(ImagPart),
        U::Negative => fast!(numeric, Negative),
        U::Square => fast!(numeric, Square),
        U::Sign => fast!(numeric, Sign),
        U::Reciprocal => fast!(numeric, Reciprocal),
        U::BitwiseInvert => fast!(int, Invert),
        U::BitwiseCount => fast!(int, Count),
        U::Conj => complex_math!(Conj),
        U::Relu => fast!(real, Relu),
        U::Signbit => dispatch!(real: dtype, T => Some(unary_loop::<T, bool, Signbit>()), else None),
        U::IsNan => test!(IsNan),
        U::IsInf => test!(IsInf),
        U::IsFinite => test!(IsFinite),
        U::Ceil => rounding!(Ceil),
        U::Floor => rounding!(Floor),
        U::Trunc => rounding!(Trunc),
        U::Round => fast!(inexact, Round),
        U::Sqrt => math!(Sqrt),
        U::Rsqrt => real_math!(unary_loop, Rsqrt),
        U::Deg2rad => real_math!(unary_loop, Deg2rad),
        U::Rad2deg => real_math!(unary_loop, Rad2deg),
        U::Exp => math!(Exp),
        U::Log => math!(Log),
        U::Tanh => math!(Tanh),
        U::Sin => math!(Sin),
        U::Cos => math!(Cos),
        U::Erf => real_math!(unary_loop, Erf),
        U::Sigmoid => real_math!(unary_loop, Sigmoid),
        U::Silu => real_math!(unary_loop, Silu),
        U::GeluErf => real_math!(unary_loop, GeluErf),
        U::GeluTanh => real_math!(unary_loop, GeluTanh),
        U::Acos => library!(Acos),
        U::Acosh => library!(Acosh),
        U::Asin => library!(Asin),
        U::Asinh => library!(Asinh),
        U::Atan => library!(Atan),
        U::Atanh => library!(Atanh),
        U::Cosh => library!(Cosh),
        U::Exp2 => library!(Exp2),
        U::Expm1 => library!(Expm1),
        U::Log10 => library!(Log10),
        U::Log1p => library!(Log1p),
        U::Log2 => library!(Log2),
        U::Sinc => library!(Sinc),
        U::Sinh => library!(Sinh),
        U::Tan => library!(Tan),
        U::Cbrt => real_math!(unary_plain, Cbrt),
        U::Erfc => real_math!(unary_plain, Erfc),
        U::Erfinv => real_math!(unary_plain, Erfinv),
        U::Lgamma => real_math!(unary_plain, Lgamma),
        U::Tgamma => real_math!(unary_plain, Tgamma),
        U::Digamma => real_math!(unary_plain, Digamma),
        U::I0 => real_math!(unary_plain, I0),
        U::LogSigmoid => real_math!(unary_plain, LogSigmoid),
        U::LogicalNot => None,
    }
}

/// True where the operation returns its operand unchanged in this dtype.
pub fn is_identity(op: UnaryOp, dtype: DType) -> bool {
    use UnaryOp as U;
    match op {
        U::Ceil | U::Floor | U::Trunc | U::Round => !dtype.is_floating(),
        U::Abs => dtype.is_bool() || dtype.is_unsigned(),
        U::Real | U::Conj => !dtype.is_complex(),
        _ => false,
    }
}
