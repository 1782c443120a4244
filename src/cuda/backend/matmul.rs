//! Matrix products.

use purify_ops::{Result, Tensor};

use super::{Cuda, HOST, Kernel, address, type_name};
use crate::driver::Grid;
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
}
