//! Inner loops compiled once per instruction set and chosen once at run time.
//!
//! A loop body is generic over the function it applies; `#[target_feature]` wrappers compile the same body for
//! AVX2+FMA and AVX-512, where the compiler vectorises it. Nothing has to be enabled at build time.

use std::sync::atomic::{AtomicU8, Ordering};

/// Whether fused multiply-add is one instruction in the code being compiled.
pub trait Level: Copy + 'static {
    /// True if `mul_add` compiles to an instruction rather than a call.
    const FMA: bool;
}

/// What every processor of the target has.
#[derive(Clone, Copy)]
pub struct Base;
impl Level for Base {
    const FMA: bool = cfg!(target_arch = "aarch64");
}

/// Instruction sets with fused multiply-add.
#[derive(Clone, Copy)]
pub struct Fused;
impl Level for Fused {
    const FMA: bool = true;
}

/// `a * b + c`, fused where that is fast.
#[inline(always)]
pub fn fma64<L: Level>(a: f64, b: f64, c: f64) -> f64 {
    if L::FMA { a.mul_add(b, c) } else { a * b + c }
}

/// `a * b + c`, fused where that is fast.
#[inline(always)]
pub fn fma32<L: Level>(a: f32, b: f32, c: f32) -> f32 {
    if L::FMA { a.mul_add(b, c) } else { a * b + c }
}

/// The instruction sets loops are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Isa {
    /// The target's baseline.
    Base = 1,
    /// AVX2 with FMA.
    Avx2 = 2,
    /// AVX-512 F, BW, DQ, VL.
    Avx512 = 3,
}

static ISA: AtomicU8 = AtomicU8::new(0);

/// The best instruction set of this processor, or the one named by `PURIFY_SIMD` (`base`, `avx2`, `avx512`) if
/// the processor has it.
#[inline]
pub fn isa() -> Isa {
    match ISA.load(Ordering::Relaxed) {
        1 => Isa::Base,
        2 => Isa::Avx2,
        3 => Isa::Avx512,
        _ => detect(),
    }
}

#[cold]
fn detect() -> Isa {
    let limit = match std::env::var("PURIFY_SIMD").as_deref() {
        Ok("base") => Isa::Base,
        Ok("avx2") => Isa::Avx2,
        _ => Isa::Avx512,
    };
    let isa = best().min(limit);
    ISA.store(isa as u8, Ordering::Relaxed);
    isa
}

#[cfg(target_arch = "x86_64")]
fn best() -> Isa {
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    match (avx2, avx512) {
        (true, true) => Isa::Avx512,
        (true, false) => Isa::Avx2,
        _ => Isa::Base,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn best() -> Isa {
    Isa::Base
}

/// Compiles an `#[inline(always)] unsafe fn body<.., L: Level>(args)` for every instruction set and defines
/// `$pick`, which returns the pointer to the best one. After `light`, AVX-512 is left out: for loops with an instruction or two
/// per element, which wait for memory, and of which there are so many that a third copy would be a megabyte of code.
#[macro_export]
#[doc(hidden)]
macro_rules! leveled {
    (light $(#[$doc:meta])* $vis:vis fn $pick:ident<$($g:ident),*> where { $($bound:tt)* } = $body:ident as $ty:ty, ($($arg:ident: $aty:ty),*)) => {
        $(#[$doc])*
        $vis fn $pick<$($g),*>() -> $ty where $($bound)* {
            unsafe fn base<$($g),*>($($arg: $aty),*) where $($bound)* {
                // SAFETY: the contract of the loop type.
                unsafe { $body::<$($g,)* $crate::cpu::simd::Base>($($arg),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2<$($g),*>($($arg: $aty),*) where $($bound)* {
                // SAFETY: the contract of the loop type.
                unsafe { $body::<$($g,)* $crate::cpu::simd::Fused>($($arg),*) }
            }
            match $crate::cpu::simd::isa() {
                #[cfg(target_arch = "x86_64")]
                $crate::cpu::simd::Isa::Avx512 | $crate::cpu::simd::Isa::Avx2 => avx2::<$($g),*>,
                _ => base::<$($g),*>,
            }
        }
    };
    ($(#[$doc:meta])* $vis:vis fn $pick:ident<$($g:ident),*> where { $($bound:tt)* } = $body:ident as $ty:ty, ($($arg:ident: $aty:ty),*)) => {
        $(#[$doc])*
        $vis fn $pick<$($g),*>() -> $ty where $($bound)* {
            unsafe fn base<$($g),*>($($arg: $aty),*) where $($bound)* {
                // SAFETY: the contract of the loop type.
                unsafe { $body::<$($g,)* $crate::cpu::simd::Base>($($arg),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2<$($g),*>($($arg: $aty),*) where $($bound)* {
                // SAFETY: the contract of the loop type.
                unsafe { $body::<$($g,)* $crate::cpu::simd::Fused>($($arg),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
            unsafe fn avx512<$($g),*>($($arg: $aty),*) where $($bound)* {
                // SAFETY: the contract of the loop type.
                unsafe { $body::<$($g,)* $crate::cpu::simd::Fused>($($arg),*) }
            }
            match $crate::cpu::simd::isa() {
                #[cfg(target_arch = "x86_64")]
                $crate::cpu::simd::Isa::Avx512 => avx512::<$($g),*>,
                #[cfg(target_arch = "x86_64")]
                $crate::cpu::simd::Isa::Avx2 => avx2::<$($g),*>,
                _ => base::<$($g),*>,
            }
        }
    };
}

/// A function of one element.
pub trait UnaryFn<T, R = T>: 'static {
    /// The value at `x`.
    fn call<L: Level>(x: T) -> R;

    /// Whether [`UnaryFn::call`] holds only for arguments that are [`UnaryFn::in_range`].
    const BOUNDED: bool = false;

    /// Whether the argument is one that `call` computes.
    #[inline(always)]
    fn in_range(_x: &T) -> bool {
        true
    }

    /// The value at any argument, computed one by one.
    fn slow(x: T) -> R {
        Self::call::<Base>(x)
    }
}

/// A function of two elements.
pub trait BinaryFn<T, R = T>: 'static {
    /// The value at `a` and `b`.
    fn call<L: Level>(a: T, b: T) -> R;
}

/// Applies a function to a run of elements; strides in bytes.
///
/// The runs lie inside their tensors. `out` is either distinct from `x` or the very same run.
pub type UnaryLoop = unsafe fn(x: *const u8, sx: isize, out: *mut u8, so: isize, n: usize);

/// Applies a function to two runs of elements, under the conditions of [`UnaryLoop`].
pub type BinaryLoop = unsafe fn(a: *const u8, sa: isize, b: *const u8, sb: isize, out: *mut u8, so: isize, n: usize);

/// Elements checked together by bounded functions.
const BLOCK: usize = 128;

#[inline(always)]
unsafe fn unary_body<T: Copy, R: Copy, F: UnaryFn<T, R>, L: Level>(x: *const u8, sx: isize, out: *mut u8, so: isize, n: usize) {
    let (item, result) = (size_of::<T>() as isize, size_of::<R>() as isize);
    let (x, out) = (x.cast::<T>(), out.cast::<R>());
    // SAFETY: the contract of `UnaryLoop`.
    unsafe {
        if F::BOUNDED {
            // Blocks, so that one argument out of range costs its neighbours only.
            let mut done = 0;
            while done < n {
                let m = BLOCK.min(n - done);
                let (x, out) = (x.byte_offset(done as isize * sx), out.byte_offset(done as isize * so));
                let mut fits = true;
                for i in 0..m as isize {
                    fits &= F::in_range(&x.byte_offset(i * sx).read());
                }
                if !fits {
                    for i in 0..m as isize {
                        out.byte_offset(i * so).write(F::slow(x.byte_offset(i * sx).read()));
                    }
                } else if sx == item && so == result {
                    for i in 0..m {
                        out.add(i).write(F::call::<L>(x.add(i).read()));
                    }
                } else {
                    for i in 0..m as isize {
                        out.byte_offset(i * so).write(F::call::<L>(x.byte_offset(i * sx).read()));
                    }
                }
                done += m;
            }
        } else if sx == item && so == result {
            if item == result && x.cast::<u8>() == out.cast_const().cast::<u8>() {
                // One pointer for both, or the vectoriser's overlap test would choose the scalar loop.
                for i in 0..n {
                    let p = out.add(i);
                    p.write(F::call::<L>(p.cast::<T>().read()));
                }
            } else {
                for i in 0..n {
                    out.add(i).write(F::call::<L>(x.add(i).read()));
                }
            }
        } else {
            for i in 0..n as isize {
                out.byte_offset(i * so).write(F::call::<L>(x.byte_offset(i * sx).read()));
            }
        }
    }
}

#[inline(always)]
unsafe fn binary_body<T: Copy, R: Copy, F: BinaryFn<T, R>, L: Level>(
    a: *const u8,
    sa: isize,
    b: *const u8,
    sb: isize,
    out: *mut u8,
    so: isize,
    n: usize,
) {
    let (item, result) = (size_of::<T>() as isize, size_of::<R>() as isize);
    let (a, b, out) = (a.cast::<T>(), b.cast::<T>(), out.cast::<R>());
    // SAFETY: the contract of `BinaryLoop`.
    unsafe {
        if so == result && sa == item && sb == item {
            if item == result && a.cast::<u8>() == out.cast_const().cast::<u8>() {
                for i in 0..n {
                    let p = out.add(i);
                    p.write(F::call::<L>(p.cast::<T>().read(), b.add(i).read()));
                }
            } else {
                for i in 0..n {
                    out.add(i).write(F::call::<L>(a.add(i).read(), b.add(i).read()));
                }
            }
        } else if so == result && sa == item && sb == 0 && n > 0 {
            let v = b.read();
            if item == result && a.cast::<u8>() == out.cast_const().cast::<u8>() {
                for i in 0..n {
                    let p = out.add(i);
                    p.write(F::call::<L>(p.cast::<T>().read(), v));
                }
            } else {
                for i in 0..n {
                    out.add(i).write(F::call::<L>(a.add(i).read(), v));
                }
            }
        } else if so == result && sa == 0 && sb == item && n > 0 {
            let v = a.read();
            for i in 0..n {
                out.add(i).write(F::call::<L>(v, b.add(i).read()));
            }
        } else {
            for i in 0..n as isize {
                let (x, y) = (a.byte_offset(i * sa).read(), b.byte_offset(i * sb).read());
                out.byte_offset(i * so).write(F::call::<L>(x, y));
            }
        }
    }
}

leveled! {
    /// The loop of a function that vectorises.
    pub fn unary_loop<T, R, F> where { T: Copy, R: Copy, F: UnaryFn<T, R> } = unary_body as UnaryLoop,
    (x: *const u8, sx: isize, out: *mut u8, so: isize, n: usize)
}

leveled! {
    light
    /// The loop of a function that vectorises.
    pub fn binary_loop<T, R, F> where { T: Copy, R: Copy, F: BinaryFn<T, R> } = binary_body as BinaryLoop,
    (a: *const u8, sa: isize, b: *const u8, sb: isize, out: *mut u8, so: isize, n: usize)
}

unsafe fn unary_scalar<T: Copy, R: Copy, F: UnaryFn<T, R>>(x: *const u8, sx: isize, out: *mut u8, so: isize, n: usize) {
    let (x, out) = (x.cast::<T>(), out.cast::<R>());
    for i in 0..n as isize {
        // SAFETY: the contract of `UnaryLoop`.
        unsafe { out.byte_offset(i * so).write(F::call::<Base>(x.byte_offset(i * sx).read())) }
    }
}

unsafe fn binary_scalar<T: Copy, R: Copy, F: BinaryFn<T, R>>(
    a: *const u8,
    sa: isize,
    b: *const u8,
    sb: isize,
    out: *mut u8,
    so: isize,
    n: usize,
) {
    let (a, b, out) = (a.cast::<T>(), b.cast::<T>(), out.cast::<R>());
    for i in 0..n as isize {
        // SAFETY: the contract of `BinaryLoop`.
        unsafe {
            let (x, y) = (a.byte_offset(i * sa).read(), b.byte_offset(i * sb).read());
            out.byte_offset(i * so).write(F::call::<Base>(x, y));
        }
    }
}

/// The loop of a function that calls into the math library: compiled once.
pub fn unary_plain<T: Copy, R: Copy, F: UnaryFn<T, R>>() -> UnaryLoop {
    unary_scalar::<T, R, F>
}

/// The loop of a function that calls into the math library: compiled once.
pub fn binary_plain<T: Copy, R: Copy, F: BinaryFn<T, R>>() -> BinaryLoop {
    binary_scalar::<T, R, F>
}
