//! Elementwise functions of two operands on the CPU, and the table from operation and dtype to loop.

use num_complex::Complex;

use crate::backend::BinaryOp;
use crate::cpu::complex::Real;
use crate::cpu::simd::{BinaryFn, BinaryLoop, Level, binary_loop, binary_plain};
use crate::dispatch;
use crate::dtype::{Complex64, Complex128, DType};

macro_rules! functions {
    ($($name:ident),*) => {$(
        pub(crate) struct $name;
    )*};
}
functions!(
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Fmod,
    Pow,
    Maximum,
    Minimum,
    Fmax,
    Fmin,
    And,
    Or,
    Xor,
    Shl,
    Shr,
    Gcd,
    Lcm,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Atan2,
    Hypot,
    Copysign,
    Nextafter,
    Logaddexp,
    Logaddexp2,
    Heaviside,
    Ldexp
);

macro_rules! binary {
    ($f:ident, $($t:ty),* => |$a:ident, $b:ident| $e:expr) => { binary!($f -> same, $($t),* => |$a, $b| $e); };
    ($f:ident -> same, $($t:ty),* => |$a:ident, $b:ident| $e:expr) => {$(
        impl BinaryFn<$t> for $f {
            #[inline(always)]
            fn call<L: Level>($a: $t, $b: $t) -> $t { $e }
        }
    )*};
    ($f:ident -> bool, $($t:ty),* => |$a:ident, $b:ident| $e:expr) => {$(
        impl BinaryFn<$t, bool> for $f {
            #[inline(always)]
            fn call<L: Level>($a: $t, $b: $t) -> bool { $e }
        }
    )*};
}

macro_rules! ints {
    ($f:ident => |$a:ident, $b:ident| $e:expr) => {
        binary!($f, i8, i16, i32, i64, u8, u16, u32, u64 => |$a, $b| $e);
    };
}

ints!(Add => |a, b| a.wrapping_add(b));
ints!(Subtract => |a, b| a.wrapping_sub(b));
ints!(Multiply => |a, b| a.wrapping_mul(b));
ints!(And => |a, b| a & b);
ints!(Or => |a, b| a | b);
ints!(Xor => |a, b| a ^ b);
ints!(Maximum => |a, b| a.max(b));
ints!(Minimum => |a, b| a.min(b));
// Division by zero gives zero, as in NumPy.
ints!(Fmod => |a, b| if b == 0 { 0 } else { a.wrapping_rem(b) });
// Shifts by the width or more move everything out; a negative count is a huge unsigned one.
ints!(Shl => |a, b| if (b as u64) < Self::width(a) { a << b } else { 0 });
ints!(Shr => |a, b| if (b as u64) < Self::width(a) { a >> b } else { a >> (Self::width(a) - 1) >> 1 });
ints!(Pow => |a, b| power(a, b as u64, |x, y| x.wrapping_mul(y), 1));

trait Width<T> {
    fn width(_: T) -> u64 {
        size_of::<T>() as u64 * 8
    }
}
impl<T> Width<T> for Shl {}
impl<T> Width<T> for Shr {}

binary!(FloorDivide, u8, u16, u32, u64 => |a, b| a.checked_div(b).unwrap_or(0));
binary!(Remainder, u8, u16, u32, u64 => |a, b| a.checked_rem(b).unwrap_or(0));
binary!(FloorDivide, i8, i16, i32, i64 => |a, b| {
    if b == 0 { 0 } else {
        let (q, r) = (a.wrapping_div(b), a.wrapping_rem(b));
        if r != 0 && (r < 0) != (b < 0) { q - 1 } else { q }
    }
});
binary!(Remainder, i8, i16, i32, i64 => |a, b| {
    if b == 0 { 0 } else {
        let r = a.wrapping_rem(b);
        if r != 0 && (r < 0) != (b < 0) { r + b } else { r }
    }
});

/// `x` to the power `n` by squaring.
#[inline(always)]
pub(crate) fn power<T: Copy>(x: T, mut n: u64, mul: impl Fn(T, T) -> T, one: T) -> T {
    let (mut base, mut out) = (x, one);
    while n > 0 {
        if n & 1 == 1 {
            out = mul(out, base);
        }
        n >>= 1;
        if n > 0 {
            base = mul(base, base);
        }
    }
    out
}

macro_rules! gcd {
    ($($t:ty, $u:ty, $abs:expr);*) => {$(
        binary!(Gcd, $t => |a, b| gcd($abs(a) as u64, $abs(b) as u64) as $t);
        binary!(Lcm, $t => |a, b| {
            let (x, y) = ($abs(a) as u64, $abs(b) as u64);
            let g = gcd(x, y);
            if g == 0 { 0 } else { (x / g).wrapping_mul(y) as $t }
        });
    )*};
}
gcd!(i8, u8, i8::unsigned_abs; i16, u16, i16::unsigned_abs; i32, u32, i32::unsigned_abs; i64, u64, i64::unsigned_abs;
     u8, u8, |v: u8| v; u16, u16, |v: u16| v; u32, u32, |v: u32| v; u64, u64, |v: u64| v);

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

binary!(Add, f32, f64, Complex64, Complex128 => |a, b| a + b);
binary!(Subtract, f32, f64, Complex64, Complex128 => |a, b| a - b);
binary!(Multiply, f32, f64 => |a, b| a * b);
binary!(Multiply, Complex64, Complex128 => |a, b| Complex::new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re));
binary!(Divide, f32, f64 => |a, b| a / b);
binary!(Divide, Complex64, Complex128 => |a, b| crate::cpu::complex::divide(a, b));
binary!(Fmod, f32, f64 => |a, b| a % b);
binary!(Pow, f32 => |a, b| a.powf(b));
binary!(Pow, f64 => |a, b| a.powf(b));
binary!(Pow, Complex64, Complex128 => |a, b| crate::cpu::complex::pow(a, b));
binary!(Atan2, f32, f64 => |a, b| a.atan2(b));
binary!(Hypot, f32, f64 => |a, b| a.hypot(b));
binary!(Copysign, f32, f64 => |a, b| a.copysign(b));
binary!(Nextafter, f32, f64 => |a, b| {
    if a.is_nan() || b.is_nan() { a + b } else if a == b { b } else if a < b { a.next_up() } else { a.next_down() }
});
binary!(Ldexp, f32 => |a, b| libm::ldexpf(a, b.clamp(-4000.0, 4000.0) as i32));
binary!(Ldexp, f64 => |a, b| libm::ldexp(a, b.clamp(-4000.0, 4000.0) as i32));
binary!(Heaviside, f32, f64 => |a, b| if a.is_nan() { a } else if a == 0.0 { b } else if a < 0.0 { 0.0 } else { 1.0 });
binary!(Logaddexp, f32, f64 => |a, b| {
    let d = a - b;
    if a == b { a + <Self as Consts<_>>::ln2(a) } else if d > 0.0 { a + (-d).exp().ln_1p() } else if d <= 0.0 { b + d.exp().ln_1p() } else { d }
});
binary!(Logaddexp2, f32, f64 => |a, b| {
    let d = a - b;
    let log2e = 1.0 / <Self as Consts<_>>::ln2(a);
    if a == b { a + 1.0 } else if d > 0.0 { a + (-d).exp2().ln_1p() * log2e } else if d <= 0.0 { b + d.exp2().ln_1p() * log2e } else { d }
});

trait Consts<T> {
    fn ln2(_: T) -> T;
}
impl<F> Consts<f32> for F {
    #[inline(always)]
    fn ln2(_: f32) -> f32 {
        std::f32::consts::LN_2
    }
}
impl<F> Consts<f64> for F {
    #[inline(always)]
    fn ln2(_: f64) -> f64 {
        std::f64::consts::LN_2
    }
}

/// Floor of the quotient together with the remainder of the divisor's sign, for finite operands as exactly as
/// possible: the quotient is derived from the exact remainder.
#[inline(always)]
fn floor_divide<T: Real>(a: T, b: T) -> T {
    let zero = T::ZERO;
    if b == zero || a.is_infinite() || b.is_infinite() {
        // The quotient is NaN for 0/0 and inf/inf, an infinity or a zero with the right sign else. The standard asks
        // for that where NumPy gives NaN (a finite divisor of infinity) or -1 (an infinite divisor of the other sign).
        return a / b;
    }
    let mut r = a % b;
    let mut q = (a - r) / b;
    if r != zero && (b < zero) != (r < zero) {
        r = r + b;
        q = q - T::ONE;
    }
    let _ = r;
    if q != zero {
        let f = q.floor();
        if q - f > T::HALF { f + T::ONE } else { f }
    } else {
        zero.copysign(a / b)
    }
}

#[inline(always)]
fn remainder<T: Real>(a: T, b: T) -> T {
    let r = a % b;
    if r != T::ZERO { if (b < T::ZERO) != (r < T::ZERO) { r + b } else { r } } else { T::ZERO.copysign(b) }
}
binary!(FloorDivide, f32, f64 => |a, b| floor_divide(a, b));
binary!(Remainder, f32, f64 => |a, b| if b == 0.0 || a.is_nan() || b.is_nan() { a % b } else { remainder(a, b) });

binary!(Maximum, f32, f64 => |a, b| if a > b || a.is_nan() { a } else { b });
binary!(Minimum, f32, f64 => |a, b| if a < b || a.is_nan() { a } else { b });
binary!(Fmax, f32, f64 => |a, b| if a >= b || b.is_nan() { a } else { b });
binary!(Fmin, f32, f64 => |a, b| if a <= b || b.is_nan() { a } else { b });
ints!(Fmax => |a, b| a.max(b));
ints!(Fmin => |a, b| a.min(b));

// Complex numbers are ordered by real part, then imaginary part, as NumPy does.
macro_rules! complex_order {
    ($($t:ty),*) => {$(
        binary!(Less -> bool, $t => |a, b| a.re < b.re || (a.re == b.re && a.im < b.im));
        binary!(LessEqual -> bool, $t => |a, b| a.re < b.re || (a.re == b.re && a.im <= b.im));
        binary!(Greater -> bool, $t => |a, b| a.re > b.re || (a.re == b.re && a.im > b.im));
        binary!(GreaterEqual -> bool, $t => |a, b| a.re > b.re || (a.re == b.re && a.im >= b.im));
        binary!(Maximum, $t => |a, b| if nan(a) || (!nan(b) && <GreaterEqual as BinaryFn<$t, bool>>::call::<L>(a, b)) { a } else { b });
        binary!(Minimum, $t => |a, b| if nan(a) || (!nan(b) && <LessEqual as BinaryFn<$t, bool>>::call::<L>(a, b)) { a } else { b });
        binary!(Fmax, $t => |a, b| if nan(b) || <GreaterEqual as BinaryFn<$t, bool>>::call::<L>(a, b) { a } else { b });
        binary!(Fmin, $t => |a, b| if nan(b) || <LessEqual as BinaryFn<$t, bool>>::call::<L>(a, b) { a } else { b });
    )*};
}
complex_order!(Complex64, Complex128);

fn nan<T: Real>(c: Complex<T>) -> bool {
    c.re.is_nan() || c.im.is_nan()
}

macro_rules! compare {
    ($($f:ident $op:tt),*) => {$(
        binary!($f -> bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64 => |a, b| a $op b);
    )*};
}
compare!(Equal ==, NotEqual !=, Less <, LessEqual <=, Greater >, GreaterEqual >=);
binary!(Equal -> bool, Complex64, Complex128 => |a, b| a.re == b.re && a.im == b.im);
binary!(NotEqual -> bool, Complex64, Complex128 => |a, b| a.re != b.re || a.im != b.im);

/// The loop for an operation on operands of one dtype; `None` if there is none for that dtype.
///
/// Bool is handled as `uint8` holding 0 and 1. The 16-bit floats have no loops: they are computed in `float32`.
pub fn lookup(op: BinaryOp, dtype: DType) -> Option<BinaryLoop> {
    use BinaryOp as B;
    if dtype == DType::Bool {
        return boolean(op);
    }
    // These give the same bits for both signs: one loop serves two dtypes.
    let signless = matches!(
        op,
        B::Add | B::Subtract | B::Multiply | B::BitwiseAnd | B::BitwiseOr | B::BitwiseXor | B::BitwiseLeftShift | B::Equal | B::NotEqual
    );
    let dtype = if signless { dtype.as_unsigned() } else { dtype };
    macro_rules! same {
        ($kind:ident, $f:ident) => { dispatch!($kind: dtype, T => Some(binary_loop::<T, T, $f>()), else None) };
    }
    macro_rules! plain {
        ($kind:ident, $f:ident) => { dispatch!($kind: dtype, T => Some(binary_plain::<T, T, $f>()), else None) };
    }
    macro_rules! to_bool {
        ($kind:ident, $f:ident) => { dispatch!($kind: dtype, T => Some(binary_loop::<T, bool, $f>()), else None) };
    }
    match op {
        B::Add => same!(signless, Add),
        B::Subtract => same!(signless, Subtract),
        B::Multiply => same!(signless, Multiply),
        B::Divide => same!(inexact, Divide),
        B::Maximum => same!(numeric, Maximum),
        B::Minimum => same!(numeric, Minimum),
        B::Fmax => same!(numeric, Fmax),
        B::Fmin => same!(numeric, Fmin),
        B::BitwiseAnd => same!(bits, And),
        B::BitwiseOr => same!(bits, Or),
        B::BitwiseXor => same!(bits, Xor),
        B::BitwiseLeftShift => same!(bits, Shl),
        B::BitwiseRightShift => same!(int, Shr),
        B::Copysign => same!(float, Copysign),
        B::Heaviside => same!(float, Heaviside),
        B::FloorDivide => plain!(real, FloorDivide),
        B::Remainder => plain!(real, Remainder),
        B::Fmod => plain!(real, Fmod),
        B::Pow => plain!(numeric, Pow),
        B::Gcd => plain!(int, Gcd),
        B::Lcm => plain!(int, Lcm),
        B::Atan2 => plain!(float, Atan2),
        B::Hypot => plain!(float, Hypot),
        B::Nextafter => plain!(float, Nextafter),
        B::Ldexp => plain!(float, Ldexp),
        B::Logaddexp => plain!(float, Logaddexp),
        B::Logaddexp2 => plain!(float, Logaddexp2),
        B::Equal => to_bool!(signless, Equal),
        B::NotEqual => to_bool!(signless, NotEqual),
        B::Less => to_bool!(numeric, Less),
        B::LessEqual => to_bool!(numeric, LessEqual),
        B::Greater => to_bool!(numeric, Greater),
        B::GreaterEqual => to_bool!(numeric, GreaterEqual),
        B::LogicalAnd | B::LogicalOr | B::LogicalXor => None,
    }
}

fn boolean(op: BinaryOp) -> Option<BinaryLoop> {
    use BinaryOp as B;
    Some(match op {
        B::Add | B::Maximum | B::Fmax | B::BitwiseOr | B::LogicalOr => binary_loop::<u8, u8, Or>(),
        B::Multiply | B::Minimum | B::Fmin | B::BitwiseAnd | B::LogicalAnd => binary_loop::<u8, u8, And>(),
        B::BitwiseXor | B::LogicalXor | B::NotEqual => binary_loop::<u8, u8, Xor>(),
        B::Equal => binary_loop::<u8, bool, Equal>(),
        B::Less => binary_loop::<u8, bool, Less>(),
        B::LessEqual => binary_loop::<u8, bool, LessEqual>(),
        B::Greater => binary_loop::<u8, bool, Greater>(),
        B::GreaterEqual => binary_loop::<u8, bool, GreaterEqual>(),
        _ => return None,
    })
}
