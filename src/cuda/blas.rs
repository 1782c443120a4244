//! Matrix products through cuBLAS.

use std::collections::HashMap;
use std::ffi::{CStr, c_int, c_void};
use std::ptr::null_mut;
use std::sync::{Mutex, OnceLock, PoisonError};

use cudarc::cublas::sys as blas;

use crate::driver::{Gemm, Handle, Scale};
use crate::error::{Failure, Result};
use crate::library::Library;

/// cuBLAS.
pub const CUBLAS: Library = Library {
    what: "cuBLAS (libcublas)",
    name: "cublas",
    // In this order: the library needs the other one.
    beside: &["cublasLt"],
    symbols: &["cublasCreate_v2", "cublasSetStream_v2", "cublasGemmStridedBatchedEx", "cublasGetStatusString"],
    needed: "12.0",
    hint: "pip install nvidia-cublas; without it our own kernel multiplies",
};

/// cuBLAS with a handle for every context. A handle has one stream at a time, so products are started one after the other.
#[derive(Default)]
pub struct Blas {
    loaded: OnceLock<Result<()>>,
    handles: Mutex<HashMap<Handle, usize>>,
}

fn check(call: &'static str, status: blas::cublasStatus_t) -> Result<()> {
    let code = status as u32;
    if code == 0 {
        return Ok(());
    }
    // 3: CUBLAS_STATUS_ALLOC_FAILED.
    if code == 3 {
        return Err(Failure::OutOfMemory);
    }
    // SAFETY: a static text for every code.
    let text = unsafe { CStr::from_ptr(blas::cublasGetStatusString(status)) }.to_string_lossy().into_owned();
    Err(Failure::Call { call, name: format!("cuBLAS status {code}"), text })
}

impl Blas {
    /// Puts a product on a stream of the context that the thread has entered.
    ///
    /// # Safety
    /// The matrices are valid until it is done.
    pub unsafe fn gemm(&self, context: Handle, gemm: &Gemm, stream: Handle) -> Result<()> {
        self.loaded.get_or_init(|| CUBLAS.load()).clone()?;
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        let handle: blas::cublasHandle_t = match handles.get(&context) {
            Some(address) => std::ptr::with_exposed_provenance_mut(*address),
            None => {
                let mut handle = null_mut();
                // SAFETY: a local.
                check("cublasCreate_v2", unsafe { blas::cublasCreate_v2(&raw mut handle) })?;
                handles.insert(context, handle.expose_provenance());
                handle
            }
        };
        let stream = std::ptr::with_exposed_provenance_mut(stream.0 as usize);
        // SAFETY: a handle of this context and a stream of it.
        check("cublasSetStream_v2", unsafe { blas::cublasSetStream_v2(handle, stream) })?;
        // SAFETY: by contract.
        check("cublasGemmStridedBatchedEx", unsafe { start(handle, gemm) })
    }
}

/// # Safety
/// As [`Blas::gemm`].
unsafe fn start(handle: blas::cublasHandle_t, gemm: &Gemm) -> blas::cublasStatus_t {
    use blas::cublasComputeType_t as Compute;
    use blas::cudaDataType_t as Type;
    let (kind, compute) = match gemm.scale {
        Scale::Half => (Type::CUDA_R_16F, Compute::CUBLAS_COMPUTE_32F),
        Scale::Brain => (Type::CUDA_R_16BF, Compute::CUBLAS_COMPUTE_32F),
        Scale::Single => (Type::CUDA_R_32F, Compute::CUBLAS_COMPUTE_32F),
        Scale::Double => (Type::CUDA_R_64F, Compute::CUBLAS_COMPUTE_64F),
        Scale::ComplexSingle => (Type::CUDA_C_32F, Compute::CUBLAS_COMPUTE_32F),
        Scale::ComplexDouble => (Type::CUDA_C_64F, Compute::CUBLAS_COMPUTE_64F),
    };
    // One and zero in the type that is computed in, real or complex: the second number is the imaginary part.
    let (single, double) = ([1.0f32, 0.0], [1.0f64, 0.0]);
    let (none32, none64) = ([0.0f32; 2], [0.0f64; 2]);
    let (one, zero): (*const c_void, *const c_void) = match gemm.scale {
        Scale::Double | Scale::ComplexDouble => (double.as_ptr().cast(), none64.as_ptr().cast()),
        _ => (single.as_ptr().cast(), none32.as_ptr().cast()),
    };
    let turned = |yes| if yes { blas::cublasOperation_t::CUBLAS_OP_T } else { blas::cublasOperation_t::CUBLAS_OP_N };
    let at = |address: u64| std::ptr::with_exposed_provenance::<c_void>(address as usize);
    let algorithm = blas::cublasGemmAlgo_t::CUBLAS_GEMM_DEFAULT;
    let [a, b, c] = &gemm.matrices;
    let (ta, tb) = (turned(a.turned), turned(b.turned));
    let [m, n, k] = gemm.sizes.map(|size| size as c_int);
    let (lda, ldb, ldc) = (a.leading as c_int, b.leading as c_int, c.leading as c_int);
    let out = at(c.address).cast_mut();
    // cuBLAS counts by columns, we by rows: read by columns our matrices are their transposes, and the transpose of the product is
    // the product of the transposes in the other order.
    // SAFETY: by contract; one and zero are of the type that is computed in.
    unsafe {
        blas::cublasGemmStridedBatchedEx(
            handle,
            tb,
            ta,
            n,
            m,
            k,
            one,
            at(b.address),
            kind,
            ldb,
            b.step,
            at(a.address),
            kind,
            lda,
            a.step,
            zero,
            out,
            kind,
            ldc,
            c.step,
            gemm.count as c_int,
            compute,
            algorithm,
        )
    }
}
