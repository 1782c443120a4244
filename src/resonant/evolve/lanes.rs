//! Sixteen single-precision numbers at a time, in whatever registers the processor has.
//!
//! Every operation is the one that IEEE 754 defines, fused multiply-add included, and sums run over the same sixteen
//! lanes everywhere: results agree bit for bit on all processors. Without fused instructions they are slow, not different.

/// How many numbers are handled together.
pub const LANES: usize = 16;

/// Sixteen numbers. The implementations for one kind of processor must only be reached where it has been found.
pub trait Lanes: Copy {
    /// All the same.
    fn splat(x: f32) -> Self;
    /// From memory.
    fn load(x: &[f32; LANES]) -> Self;
    /// To memory.
    fn store(self, x: &mut [f32; LANES]);
    /// `self * a + b` with one rounding.
    fn fma(self, a: Self, b: Self) -> Self;
    /// Sum.
    fn add(self, o: Self) -> Self;
    /// Difference.
    fn sub(self, o: Self) -> Self;
    /// Product.
    fn mul(self, o: Self) -> Self;
    /// Quotient.
    fn div(self, o: Self) -> Self;
    /// The larger; the second of the two if they cannot be compared.
    fn max(self, o: Self) -> Self;
    /// The smaller; the second of the two if they cannot be compared.
    fn min(self, o: Self) -> Self;
    /// 2^n for the integer `n = round(self)`, halves to even, and `n`; for `-126 <= n <= 127`.
    fn exp2_round(self) -> (Self, Self);
}

/// For any processor.
#[derive(Clone, Copy)]
pub struct Plain([f32; LANES]);

impl Plain {
    #[inline(always)]
    fn zip(self, o: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Plain(std::array::from_fn(|i| f(self.0[i], o.0[i])))
    }
}

impl Lanes for Plain {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Plain([x; LANES])
    }
    #[inline(always)]
    fn load(x: &[f32; LANES]) -> Self {
        Plain(*x)
    }
    #[inline(always)]
    fn store(self, x: &mut [f32; LANES]) {
        *x = self.0;
    }
    #[inline(always)]
    fn fma(self, a: Self, b: Self) -> Self {
        Plain(std::array::from_fn(|i| self.0[i].mul_add(a.0[i], b.0[i])))
    }
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        self.zip(o, |x, y| x + y)
    }
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        self.zip(o, |x, y| x - y)
    }
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        self.zip(o, |x, y| x * y)
    }
    #[inline(always)]
    fn div(self, o: Self) -> Self {
        self.zip(o, |x, y| x / y)
    }
    #[inline(always)]
    fn max(self, o: Self) -> Self {
        self.zip(o, |x, y| if x > y { x } else { y })
    }
    #[inline(always)]
    fn min(self, o: Self) -> Self {
        self.zip(o, |x, y| if x < y { x } else { y })
    }
    #[inline(always)]
    fn exp2_round(self) -> (Self, Self) {
        let n = Plain(self.0.map(f32::round_ties_even));
        (Plain(n.0.map(|n| f32::from_bits(((n as i32).wrapping_add(127) << 23) as u32))), n)
    }
}

#[cfg(target_arch = "x86_64")]
pub mod x86 {
    //! Registers of AVX2 with FMA, and of AVX-512.

    use std::arch::x86_64::*;

    use super::{LANES, Lanes};

    /// Two registers of AVX2.
    #[derive(Clone, Copy)]
    pub struct Avx2(__m256, __m256);

    /// One register of AVX-512.
    #[derive(Clone, Copy)]
    pub struct Avx512(__m512);

    // SAFETY of all blocks below: `Mlp::fused_loss` asks the processor before it calls code that uses these types, and the
    // loads and stores stay within the array behind the reference.
    macro_rules! avx2 {
        ($($name:ident = $intrinsic:ident;)+) => {
            $(#[inline(always)]
            fn $name(self, o: Self) -> Self {
                unsafe { Avx2($intrinsic(self.0, o.0), $intrinsic(self.1, o.1)) }
            })+
        };
    }

    macro_rules! avx512 {
        ($($name:ident = $intrinsic:ident;)+) => {
            $(#[inline(always)]
            fn $name(self, o: Self) -> Self {
                unsafe { Avx512($intrinsic(self.0, o.0)) }
            })+
        };
    }

    impl Lanes for Avx2 {
        #[inline(always)]
        fn splat(x: f32) -> Self {
            unsafe { Avx2(_mm256_set1_ps(x), _mm256_set1_ps(x)) }
        }
        #[inline(always)]
        fn load(x: &[f32; LANES]) -> Self {
            unsafe { Avx2(_mm256_loadu_ps(x.as_ptr()), _mm256_loadu_ps(x.as_ptr().add(8))) }
        }
        #[inline(always)]
        fn store(self, x: &mut [f32; LANES]) {
            unsafe {
                _mm256_storeu_ps(x.as_mut_ptr(), self.0);
                _mm256_storeu_ps(x.as_mut_ptr().add(8), self.1);
            }
        }
        #[inline(always)]
        fn fma(self, a: Self, b: Self) -> Self {
            unsafe { Avx2(_mm256_fmadd_ps(self.0, a.0, b.0), _mm256_fmadd_ps(self.1, a.1, b.1)) }
        }
        avx2! {
            add = _mm256_add_ps; sub = _mm256_sub_ps; mul = _mm256_mul_ps; div = _mm256_div_ps; max = _mm256_max_ps; min = _mm256_min_ps;
        }
        #[inline(always)]
        fn exp2_round(self) -> (Self, Self) {
            unsafe {
                let bias = _mm256_set1_epi32(127);
                let low = _mm256_round_ps(self.0, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
                let high = _mm256_round_ps(self.1, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
                let a = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(low), bias), 23);
                let b = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(high), bias), 23);
                (Avx2(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b)), Avx2(low, high))
            }
        }
    }

    impl Lanes for Avx512 {
        #[inline(always)]
        fn splat(x: f32) -> Self {
            unsafe { Avx512(_mm512_set1_ps(x)) }
        }
        #[inline(always)]
        fn load(x: &[f32; LANES]) -> Self {
            unsafe { Avx512(_mm512_loadu_ps(x.as_ptr())) }
        }
        #[inline(always)]
        fn store(self, x: &mut [f32; LANES]) {
            unsafe { _mm512_storeu_ps(x.as_mut_ptr(), self.0) }
        }
        #[inline(always)]
        fn fma(self, a: Self, b: Self) -> Self {
            unsafe { Avx512(_mm512_fmadd_ps(self.0, a.0, b.0)) }
        }
        avx512! {
            add = _mm512_add_ps; sub = _mm512_sub_ps; mul = _mm512_mul_ps; div = _mm512_div_ps; max = _mm512_max_ps; min = _mm512_min_ps;
        }
        #[inline(always)]
        fn exp2_round(self) -> (Self, Self) {
            unsafe {
                let n = _mm512_roundscale_ps(self.0, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
                let bits = _mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23);
                (Avx512(_mm512_castsi512_ps(bits)), Avx512(n))
            }
        }
    }
}
