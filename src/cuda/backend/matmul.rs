//! Matrix products: by cuBLAS where it is there, else by our own kernel.

use std::sync::atomic::Ordering;

use purify_ops::{DType, Result, Tensor};

use super::{Cuda, HOST, Kernel, address, type_name};
use crate::driver::{Gemm, Grid, Matrix, Scale};
use crate::error::Failure;
use crate::launch::{Arguments, merge};

/// Rows and columns that a block computes.
const TILE: u64 = 64;

/// A product of matrices, as the kernels' structure of that name.
#[repr(C)]
#[derive(Clone, Copy)]
struct Product {
    m: u64,
    n: u64,
    k: u64,
    steps: [i64; 6],
}

impl Cuda {
    pub(super) fn multiply(&self, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        if out.size() == 0 {
            return Ok(());
        }
        if self.libraries.load(Ordering::Relaxed) && self.multiply_by_library(a, b, out)? {
            return Ok(());
        }
        let kernel = type_name(a.dtype()).map(|name| Kernel::new("matmul", None, name)).filter(|kernel| kernel.exists());
        let Some(kernel) = kernel else {
            return self.on_host("matmul", a.dtype(), &[a, b], out, |x, out| HOST.matmul(&x[0], &x[1], out));
        };
        let axes = out.ndim() - 2;
        let leading = |x: &Tensor| x.strides()[..axes].to_vec();
        let Some((batch, [xs, ys, os])) = merge(&out.shape()[..axes], [&leading(a), &leading(b), &leading(out)]) else {
            let dense = self.uninit("matmul", out.shape(), out.dtype())?;
            self.multiply(&a.copy()?, &b.copy()?, &dense)?;
            return self.copy_elements(&dense, out);
        };
        let (m, n, k) = (out.shape()[axes] as u64, out.shape()[axes + 1] as u64, a.shape()[axes + 1] as u64);
        let inner = |x: &Tensor| [x.strides()[axes] as i64, x.strides()[axes + 1] as i64];
        let ([a0, a1], [b0, b1], [o0, o1]) = (inner(a), inner(b), inner(out));
        let arguments = Arguments::new().with(Product { m, n, k, steps: [a0, a1, b0, b1, o0, o1] }).with(batch);
        let arguments = arguments.at(address(a)).with(xs).at(address(b)).with(ys).at(address(out)).with(os);
        let jobs = batch.size() * m.div_ceil(TILE) * n.div_ceil(TILE);
        let grid = Grid { blocks: jobs.min(u64::from(self.multiprocessors()) * 16) as u32, rows: 1, threads: 256 };
        // SAFETY: `matmul_T(Product, Shape, const T*, Steps, const T*, Steps, T*, Steps)` in blocks of 256 threads.
        unsafe { self.launch("matmul", kernel, grid, arguments, &[a, b, out]) }
    }
    /// False if the library is not there, or does not do this.
    fn multiply_by_library(&self, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<bool> {
        let Some(scale) = scale(a.dtype()) else { return Ok(false) };
        // What is in no order that the library knows is copied; the product is made dense.
        let (a, b) = (dense(a)?, dense(b)?);
        let target = if out.is_contiguous() { out.clone() } else { self.uninit("matmul", out.shape(), out.dtype())? };
        let axes = out.ndim() - 2;
        let leading = |x: &Tensor| x.strides()[..axes].to_vec();
        let merged = merge(&out.shape()[..axes], [&leading(&a), &leading(&b), &leading(&target)]);
        let Some((batch, steps)) = merged.filter(|(batch, _)| batch.axes().len() <= 1) else { return Ok(false) };
        let sizes = [out.shape()[axes] as u64, out.shape()[axes + 1] as u64, a.shape()[axes + 1] as u64];
        let [x, y, z] = [&a, &b, &target].map(|x| order(x, axes));
        let (Some(x), Some(y), Some(z)) = (x, y, z) else { return Ok(false) };
        let lengths = [x.1, y.1, z.1].into_iter().chain(sizes.map(|size| size as i64)).chain([batch.size() as i64]);
        if sizes[2] == 0 || lengths.into_iter().any(|n| n > i64::from(i32::MAX)) {
            return Ok(false);
        }
        let matrix = |x: &Tensor, (turned, leading): (bool, i64), k: usize| {
            let step = if batch.axes().is_empty() { 0 } else { steps[k].by(0) };
            Matrix { address: address(x), turned, leading, step }
        };
        let gemm = Gemm { scale, sizes, matrices: [matrix(&a, x, 0), matrix(&b, y, 1), matrix(&target, z, 2)], count: batch.size() };
        let stream = self.gpu.stream();
        let ordered = [&a, &b, &target].iter().try_for_each(|x| self.gpu.use_on(x.storage(), stream));
        // SAFETY: matrices of these sizes lie in the tensors, as `order` has found.
        match ordered.and_then(|()| unsafe { self.gpu.multiply(&gemm) }) {
            Ok(()) if target.storage().same(out.storage()) => Ok(true),
            Ok(()) => self.copy_elements(&target, out).map(|()| true),
            Err(Failure::Missing { .. } | Failure::Outdated { .. }) => Ok(false),
            Err(failure) => Err(self.fail("matmul", failure)),
        }
    }
}

fn scale(dtype: DType) -> Option<Scale> {
    match dtype {
        DType::Float16 => Some(Scale::Half),
        DType::BFloat16 => Some(Scale::Brain),
        DType::Float32 => Some(Scale::Single),
        DType::Float64 => Some(Scale::Double),
        DType::Complex64 => Some(Scale::ComplexSingle),
        DType::Complex128 => Some(Scale::ComplexDouble),
        _ => None,
    }
}

/// Whether the columns of a matrix lie one after the other, and the elements from one to the next; `None` if neither rows nor
/// columns do.
fn order(x: &Tensor, axes: usize) -> Option<(bool, i64)> {
    let (rows, columns) = (x.shape()[axes] as i64, x.shape()[axes + 1] as i64);
    let (down, across) = (x.strides()[axes] as i64, x.strides()[axes + 1] as i64);
    // A step along an axis of one element does not count.
    let (by_rows, by_columns) = (across == 1 || columns == 1, down == 1 || rows == 1);
    match () {
        () if by_rows && rows == 1 => Some((false, columns.max(1))),
        () if by_rows && down >= columns.max(1) => Some((false, down)),
        () if by_columns && columns == 1 => Some((true, rows.max(1))),
        () if by_columns && across >= rows.max(1) => Some((true, across)),
        () => None,
    }
}

/// A tensor whose matrices lie in an order that the library knows.
fn dense(x: &Tensor) -> Result<Tensor> {
    let known = order(x, x.ndim() - 2).is_some() && x.strides()[..x.ndim() - 2].iter().all(|step| *step >= 0);
    if known { Ok(x.clone()) } else { x.copy() }
}
