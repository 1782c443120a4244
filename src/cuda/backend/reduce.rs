//! Reductions, indices of extremes, running reductions.

use purify_ops::{ArgReduceOp, DType, ReduceOp, Result, ScanOp, Tensor};

use super::{Cuda, HOST, Kernel, address, type_name};
use crate::driver::Grid;
use crate::launch::{Arguments, Lengths, Steps, blocks, merge, spread};

/// Up to so many elements per result a thread adds them alone.
const FEW: u64 = 32;
/// Elements that a block should have before a result is shared among several.
const SLICE: u64 = 1 << 14;
/// No accumulator is longer.
const ACCUMULATOR: usize = 16;

/// What stays and what goes, each walked on its own.
struct Split {
    kept: Lengths,
    kept_steps: Steps,
    out_steps: Steps,
    gone: Lengths,
    gone_steps: Steps,
}

impl Split {
    /// `None` if there are too many axes for a kernel.
    fn new(x: &Tensor, axes: &[usize], out: &Tensor) -> Option<Split> {
        let stays: Vec<usize> = (0..x.ndim()).filter(|axis| !axes.contains(axis)).collect();
        let lengths = |of: &[usize]| of.iter().map(|&axis| x.shape()[axis]).collect::<Vec<_>>();
        let strides = |of: &[usize]| of.iter().map(|&axis| x.strides()[axis]).collect::<Vec<_>>();
        let (kept, [kept_steps, out_steps]) = merge(&lengths(&stays), [&strides(&stays), out.strides()])?;
        let (gone, [gone_steps]) = merge(&lengths(axes), [&strides(axes)])?;
        Some(Split { kept, kept_steps, out_steps, gone, gone_steps })
    }
}

/// How a reduction is spread over the device.
enum Plan {
    /// A thread per result.
    Threads(Grid),
    /// So many blocks per result.
    Blocks(Grid, u64),
}

fn plan(split: &Split, multiprocessors: u32) -> Plan {
    let (kept, gone) = (split.kept.size(), split.gone.size());
    let busy = u64::from(multiprocessors) * 8;
    // Results side by side in memory whose elements lie apart: neighbouring threads read neighbouring elements.
    let across = split.kept_steps.last(&split.kept) == 1 && split.gone_steps.last(&split.gone) != 1 && kept >= busy * 32;
    if gone <= FEW || across {
        return Plan::Threads(spread(kept, 1, multiprocessors));
    }
    let slices = gone.div_ceil(SLICE).min(busy.div_ceil(kept.max(1))).max(1);
    Plan::Blocks(blocks(kept * slices, gone.div_ceil(slices).div_ceil(4), 512, multiprocessors), slices)
}

/// A dense copy with some axes moved to the end: walked with two axes at most.
fn gathered(x: &Tensor, axes: &[usize]) -> Result<(Tensor, Vec<usize>)> {
    let order: Vec<i64> = (0..x.ndim()).filter(|axis| !axes.contains(axis)).chain(axes.iter().copied()).map(|axis| axis as i64).collect();
    let copy = x.permute(&order)?.copy()?;
    Ok((copy, (x.ndim() - axes.len()..x.ndim()).collect()))
}

impl Cuda {
    pub(super) fn reduce_axes(&self, op: ReduceOp, x: &Tensor, axes: &[usize], out: &Tensor) -> Result<()> {
        if out.size() == 0 {
            return Ok(());
        }
        // The sum of squares of truth values is their sum.
        let op = if x.dtype() == DType::Bool && op == ReduceOp::SumSquares { ReduceOp::Sum } else { op };
        let kernel = type_name(x.dtype()).map(|name| Kernel::new("reduce", Some(op.name()), name)).filter(|kernel| kernel.exists());
        let Some(kernel) = kernel else {
            return self.on_host(op.name(), x.dtype(), &[x], out, |x, out| HOST.reduce(op, &x[0], axes, out));
        };
        let Some(split) = Split::new(x, axes, out) else {
            let (x, axes) = gathered(x, axes)?;
            let dense = self.uninit(op.name(), out.shape(), out.dtype())?;
            self.reduce_axes(op, &x, &axes, &dense)?;
            return self.copy_elements(&dense, out);
        };
        let Split { kept, kept_steps, out_steps, gone, gone_steps } = split;
        let arguments =
            Arguments::new().with(kept).with(kept_steps).with(gone).with(gone_steps).at(address(x)).at(address(out)).with(out_steps);
        let (grid, slices) = match plan(&split, self.multiprocessors()) {
            // SAFETY: `reduce_rows_OP_T(Shape, Steps, Shape, Steps, const T*, R*, Steps)`.
            Plan::Threads(grid) => return unsafe { self.launch(op.name(), kernel.entry("reduce_rows"), grid, arguments, &[x, out]) },
            Plan::Blocks(grid, slices) => (grid, slices),
        };
        let room = if slices == 1 { 0 } else { ACCUMULATOR * (kept.size() * slices) as usize };
        let partial = self.uninit(op.name(), &[room], DType::UInt8)?;
        let arguments = arguments.with(slices).at(address(&partial));
        // SAFETY: `reduce_OP_T(..., uint64 slices, void* partial)` with room for every slice.
        unsafe { self.launch(op.name(), kernel, grid, arguments, &[x, out, &partial])? };
        if slices == 1 {
            return Ok(());
        }
        let arguments = Arguments::new().with(kept).with(slices).at(address(&partial)).at(address(out)).with(out_steps);
        let grid = spread(kept.size(), 1, self.multiprocessors());
        // SAFETY: `reduce_finish_OP_T(Shape, uint64 slices, const void*, R*, Steps)`.
        unsafe { self.launch(op.name(), kernel.entry("reduce_finish"), grid, arguments, &[&partial, out]) }
    }

    pub(super) fn index_of_extreme(&self, op: ArgReduceOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()> {
        let (name, kernel) = match op {
            ArgReduceOp::ArgMax => ("argmax", "max"),
            ArgReduceOp::ArgMin => ("argmin", "min"),
        };
        let kernel = type_name(x.dtype()).map(|dtype| Kernel::new("arg_reduce", Some(kernel), dtype)).filter(|kernel| kernel.exists());
        let Some(kernel) = kernel else {
            return self.on_host(name, x.dtype(), &[x], out, |x, out| HOST.arg_reduce(op, &x[0], axis, out));
        };
        if out.size() == 0 {
            return Ok(());
        }
        let Some(split) = Split::new(x, &[axis], out) else {
            let (x, axes) = gathered(x, &[axis])?;
            let dense = self.uninit(name, out.shape(), out.dtype())?;
            self.index_of_extreme(op, &x, axes[0], &dense)?;
            return self.copy_elements(&dense, out);
        };
        let (n, by) = (x.shape()[axis] as u64, x.strides()[axis] as i64);
        let arguments = Arguments::new().with(split.kept).with(split.kept_steps).with(n).with(by).at(address(x)).at(address(out));
        let grid = blocks(split.kept.size(), n.div_ceil(4), 512, self.multiprocessors());
        // SAFETY: `arg_reduce_OP_T(Shape, Steps, uint64 n, int64 by, const T*, int64*, Steps)`.
        unsafe { self.launch(name, kernel, grid, arguments.with(split.out_steps), &[x, out]) }
    }

    pub(super) fn run_along(&self, op: ScanOp, x: &Tensor, axis: usize, out: &Tensor) -> Result<()> {
        if x.size() == 0 {
            return Ok(());
        }
        if x.dtype() == DType::Bool {
            let (x, wide) = (x.astype(DType::UInt8)?, self.uninit("scan", out.shape(), DType::UInt8)?);
            self.run_along(op, &x, axis, &wide)?;
            return self.copy_elements(&wide, out);
        }
        let name = match op {
            ScanOp::Sum => "sum",
            ScanOp::Prod => "prod",
            ScanOp::Max => "max",
            ScanOp::Min => "min",
            ScanOp::LogSumExp => "logsumexp",
        };
        let kernel = type_name(x.dtype()).map(|dtype| Kernel::new("scan", Some(name), dtype)).filter(|kernel| kernel.exists());
        let Some(kernel) = kernel else {
            return self.on_host("scan", x.dtype(), &[x], out, |x, out| HOST.scan(op, &x[0], axis, out));
        };
        let line = out.select(axis, 0)?;
        let Some(split) = Split::new(x, &[axis], &line) else {
            let (x, axes) = gathered(x, &[axis])?;
            let dense = self.uninit("scan", x.shape(), out.dtype())?;
            self.run_along(op, &x, axes[0], &dense)?;
            let mut back: Vec<i64> = (0..dense.ndim() as i64 - 1).collect();
            back.insert(axis, dense.ndim() as i64 - 1);
            return self.copy_elements(&dense.permute(&back)?, out);
        };
        let (n, by, out_by) = (x.shape()[axis] as u64, x.strides()[axis] as i64, out.strides()[axis] as i64);
        let arguments = Arguments::new().with(split.kept).with(split.kept_steps).with(n).with(by).at(address(x)).at(address(out));
        let grid = blocks(split.kept.size(), n, 1024, self.multiprocessors());
        // SAFETY: `scan_OP_T(Shape, Steps, uint64 n, int64 by, const T*, T*, Steps, int64 out_by)`.
        unsafe { self.launch("scan", kernel, grid, arguments.with(split.out_steps).with(out_by), &[x, out]) }
    }
}
