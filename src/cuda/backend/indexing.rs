//! Reading and writing at indices, and the places of what is not zero.

use purify_ops::{Backend, BinaryOp, DType, Layout, Result, Scalar, ScanOp, ScatterMode, Tensor};

use super::{Cuda, HOST, Kernel, address, size_name, type_name};
use crate::driver::Grid;
use crate::launch::{Arguments, merge, spread};

impl Cuda {
    /// Where elements lie that index tensors name: the sum of every index times the step of its axis.
    fn offsets(&self, op: &'static str, x: &Tensor, indices: &[Tensor]) -> Result<Tensor> {
        let mut total: Option<Tensor> = None;
        for (axis, index) in indices.iter().enumerate() {
            let step = x.strides()[axis] as i64;
            let scaled = self.uninit(op, index.shape(), DType::Int64)?;
            self.binary_scalar(BinaryOp::Multiply, index, Scalar::Int(step.into()), false, &scaled)?;
            if let Some(sum) = &total {
                self.map_two(BinaryOp::Add, sum, &scaled, &scaled)?;
            }
            total = Some(scaled);
        }
        total.map_or_else(|| Tensor::from_vec(vec![0i64], &[])?.to_device(self.gpu.device()), Ok)
    }

    /// Views of one shape: of `x` with its indexed axes standing still, of the offsets with the others standing still.
    fn aligned(&self, x: &Tensor, indexed: usize, offsets: &Tensor, at: usize, shape: &[usize]) -> (Tensor, Tensor) {
        let inside = at..at + offsets.ndim();
        let mut rest = indexed;
        let (mut xs, mut qs) = (Vec::new(), Vec::new());
        for axis in 0..shape.len() {
            if inside.contains(&axis) {
                xs.push(0);
                qs.push(offsets.strides()[axis - at]);
            } else {
                xs.push(x.strides()[rest]);
                qs.push(0);
                rest += 1;
            }
        }
        let view = |t: &Tensor, strides: &[isize]| t.with_layout(Layout::new(shape, strides, t.layout().offset()));
        (view(x, &xs), view(offsets, &qs))
    }

    pub(super) fn read_at(&self, x: &Tensor, indices: &[Tensor], at: usize, out: &Tensor) -> Result<()> {
        if out.size() == 0 {
            return Ok(());
        }
        let offsets = self.offsets("take", x, indices)?;
        let (view, places) = self.aligned(x, indices.len(), &offsets, at, out.shape());
        let kernel = Kernel::new("gather", None, size_name(x.dtype()));
        self.walk([&view, &places, out], &mut |lengths, [xs, qs, os], [x, places, out]| {
            let arguments = Arguments::new().with(lengths).at(address(x)).with(xs).at(address(places)).with(qs).at(address(out)).with(os);
            let grid = spread(lengths.size(), 2, self.multiprocessors());
            // SAFETY: `gather_T(Shape, const T*, Steps, const int64*, Steps, T*, Steps)`; the indices were checked.
            unsafe { self.launch("take", kernel, grid, arguments, &[x, places, out]) }
        })
    }

    pub(super) fn write_at(&self, out: &Tensor, indices: &[Tensor], at: usize, values: &Tensor, mode: ScatterMode) -> Result<()> {
        if values.size() == 0 {
            return Ok(());
        }
        let op = match mode {
            ScatterMode::Set => return self.write_last(out, indices, at, values),
            ScatterMode::Add => "add",
            ScatterMode::Mul => "mul",
            ScatterMode::Max => "max",
            ScatterMode::Min => "min",
        };
        let kernel = type_name(out.dtype()).map(|dtype| Kernel::new("combine", Some(op), dtype)).filter(|kernel| kernel.exists());
        let Some(kernel) = kernel else {
            let mut inputs = vec![values];
            inputs.extend(indices);
            return self.on_host("scatter", out.dtype(), &inputs, out, |x, out| HOST.scatter(out, &x[1..], at, &x[0], mode));
        };
        let offsets = self.offsets("scatter", out, indices)?;
        let (view, places) = self.aligned(out, indices.len(), &offsets, at, values.shape());
        self.walk([&view, &places, values], &mut |lengths, [xs, qs, vs], [out, places, values]| {
            let arguments = Arguments::new().with(lengths).at(address(out)).with(xs).at(address(places)).with(qs);
            let grid = spread(lengths.size(), 2, self.multiprocessors());
            // SAFETY: `combine_OP_T(Shape, T*, Steps, const int64*, Steps, const T*, Steps)`.
            unsafe { self.launch("scatter", kernel, grid, arguments.at(address(values)).with(vs), &[out, places, values]) }
        })
    }

    /// Of colliding writes the last one wins: first they agree on it, element by element, then it alone writes.
    fn write_last(&self, out: &Tensor, indices: &[Tensor], at: usize, values: &Tensor) -> Result<()> {
        let offsets = self.offsets("scatter", out, indices)?;
        let (view, places) = self.aligned(out, indices.len(), &offsets, at, values.shape());
        let Some((lengths, [xs, qs, vs])) = merge(values.shape(), [view.strides(), places.strides(), values.strides()]) else {
            // Too many axes: a dense copy of the values under one axis per group.
            let inputs: Vec<&Tensor> = std::iter::once(values).chain(indices).collect();
            return self.on_host("scatter", out.dtype(), &inputs, out, |x, out| HOST.scatter(out, &x[1..], at, &x[0], ScatterMode::Set));
        };
        // One number per element that the layout of `out` spans, counted from its first.
        let (low, high) = out.layout().span().unwrap_or((0, 0));
        let last = self.uninit("scatter", &[(high - low + 1) as usize], DType::UInt64)?;
        self.clear("scatter", &last)?;
        let first = address(&last).wrapping_add_signed((out.layout().offset() as i64 - low as i64) * 8);
        let grid = spread(lengths.size(), 2, self.multiprocessors());
        let arguments = Arguments::new().with(lengths).at(first).with(xs).at(address(&places)).with(qs);
        let unit = || purify_kernels::table().ok()?.fixed("scatter_last");
        // SAFETY: `scatter_last(Shape, uint64*, Steps, const int64*, Steps)`; places are those of `out`.
        unsafe { self.launch_entry("scatter", "scatter_last", unit, grid, arguments, &[&last, &places])? };
        let arguments = Arguments::new().with(lengths).at(address(out)).with(xs).at(address(&places)).with(qs);
        let kernel = Kernel::new("scatter", None, size_name(out.dtype()));
        // SAFETY: `scatter_T(Shape, T*, Steps, const int64*, Steps, const T*, Steps, const uint64*)`.
        unsafe { self.launch("scatter", kernel, grid, arguments.at(address(values)).with(vs).at(first), &[out, &places, values, &last]) }
    }

    pub(super) fn places_of_nonzero(&self, x: &Tensor) -> Result<Tensor> {
        let name = type_name(x.dtype());
        let shaped = name.and_then(|name| merge(x.shape(), [x.strides()]).map(|(lengths, [by])| (name, lengths, by)));
        let Some((name, lengths, by)) = shaped else {
            if x.dtype().is_complex() {
                let truth = x.astype(DType::Bool)?;
                return self.places_of_nonzero(&truth);
            }
            return self.places_of_nonzero(&x.copy()?);
        };
        if x.size() == 0 {
            return self.uninit("nonzero", &[0], DType::Int64);
        }
        let most = u64::from(self.multiprocessors()) * 8;
        let parts = lengths.size().div_ceil(1024).min(most);
        let chunk = lengths.size().div_ceil(parts);
        let kernel = Kernel::new("nonzero", None, name);
        let grid = Grid { blocks: parts as u32, rows: 1, threads: 256 };
        let counts = self.uninit("nonzero", &[parts as usize], DType::Int64)?;
        let arguments = Arguments::new().with(lengths).at(address(x)).with(by).with(chunk).at(address(&counts));
        // SAFETY: `nonzero_count_T(Shape, const T*, Steps, uint64 chunk, int64* counts)`, a count per block.
        unsafe { self.launch("nonzero", kernel.entry("nonzero_count"), grid, arguments, &[x, &counts])? };
        let ends = self.uninit("nonzero", counts.shape(), DType::Int64)?;
        self.run_along(ScanOp::Sum, &counts, 0, &ends)?;
        let total = ends.select(0, -1)?.to_vec::<i64>()?[0] as usize;
        let out = self.uninit("nonzero", &[total], DType::Int64)?;
        if total > 0 {
            let arguments = Arguments::new().with(lengths).at(address(x)).with(by).with(chunk).at(address(&ends)).at(address(&out));
            // SAFETY: `nonzero_write_T(Shape, const T*, Steps, uint64 chunk, const int64* ends, int64* out)`.
            unsafe { self.launch("nonzero", kernel.entry("nonzero_write"), grid, arguments, &[x, &ends, &out])? };
        }
        Ok(out)
    }
}
