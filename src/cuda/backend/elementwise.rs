//! Filling, copying, converting, choosing, and functions of one and of two operands.

use purify_ops::cpu::CPU;
use purify_ops::{Backend, BinaryOp, DType, Device, Layout, Result, Scalar, Strides, Tensor, UnaryOp};

use super::{Cuda, HOST, Kernel, address, size_name, type_name};
use crate::driver::Grid;
use crate::launch::{Arguments, Lengths, Steps, spread};

/// Elements per thread: packs of four floats, one load each.
const EACH: u64 = 4;
/// Matrices with a shorter side than a tile are copied element by element.
const TILE: u64 = 32;
/// Blocks along y that every device allows.
const ROWS: u64 = 65_535;

/// The bytes of one element.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct Bits([u64; 2]);

/// The real (0) or imaginary (1) parts of complex numbers as a view.
fn part(x: &Tensor, which: usize) -> Result<Tensor> {
    let strides: Strides = x.strides().iter().map(|s| s * 2).collect();
    let layout = Layout::new(x.shape(), &strides, x.layout().offset() * 2 + which);
    Tensor::from_parts(x.storage().clone(), layout, x.dtype().real())
}

impl Cuda {
    pub(super) fn fill_with(&self, op: &'static str, out: &Tensor, value: Scalar) -> Result<()> {
        // The host's conversion of a number to an element.
        let element = Tensor::uninit(op, &[], out.dtype(), Device::Cpu)?;
        CPU.fill(&element, value)?;
        let mut bits = Bits([0; 2]);
        // SAFETY: no element is longer than the bits.
        unsafe { std::ptr::copy_nonoverlapping(element.data_ptr::<u8>(), (&raw mut bits).cast(), out.dtype().size()) };
        let kernel = Kernel::new("fill", None, size_name(out.dtype()));
        self.walk([out], &mut |lengths, [by], [out]| {
            let arguments = Arguments::new().with(lengths).with(bits).at(address(out)).with(by);
            // SAFETY: `fill_T(Shape, T, T*, Steps)`; the first bytes of the bits are the T.
            unsafe { self.launch(op, kernel, spread(lengths.size(), EACH, self.multiprocessors()), arguments, &[out]) }
        })
    }

    pub(super) fn copy_elements(&self, x: &Tensor, out: &Tensor) -> Result<()> {
        let (from, to) = (x.dtype(), out.dtype());
        match (from.is_complex(), to.is_complex()) {
            _ if from == to => self.move_elements(x, out),
            (true, true) => {
                self.copy_elements(&part(x, 0)?, &part(out, 0)?)?;
                self.copy_elements(&part(x, 1)?, &part(out, 1)?)
            }
            (false, true) => {
                self.copy_elements(x, &part(out, 0)?)?;
                self.fill_with("astype", &part(out, 1)?, Scalar::Float(0.0))
            }
            // A complex number is true if either part is.
            (true, false) if to == DType::Bool => self.on_host("astype", from, &[x], out, |x, out| CPU.copy(&x[0], out)),
            (true, false) => self.copy_elements(&part(x, 0)?, out),
            (false, false) => self.convert_elements(x, out),
        }
    }

    fn convert_elements(&self, x: &Tensor, out: &Tensor) -> Result<()> {
        let (Some(from), Some(to)) = (type_name(x.dtype()), type_name(out.dtype())) else {
            return Err(self.unsupported("astype", x.dtype()));
        };
        let kernel = Kernel::new("copy", Some(from), to);
        self.walk([x, out], &mut |lengths, [xs, os], [x, out]| {
            let arguments = Arguments::new().with(lengths).at(address(x)).with(xs).at(address(out)).with(os);
            // SAFETY: `copy_T_D(Shape, const T*, Steps, D*, Steps)`.
            unsafe { self.launch("astype", kernel, spread(lengths.size(), EACH, self.multiprocessors()), arguments, &[x, out]) }
        })
    }

    fn move_elements(&self, x: &Tensor, out: &Tensor) -> Result<()> {
        let bytes = x.size() * x.dtype().size();
        if bytes == 0 || (address(x) == address(out) && x.strides() == out.strides()) {
            return Ok(());
        }
        if x.is_contiguous() && out.is_contiguous() {
            let stream = self.gpu.stream();
            let ordered = self.gpu.use_on(x.storage(), stream).and_then(|()| self.gpu.use_on(out.storage(), stream));
            // SAFETY: two dense tensors of one size, apart by the contract of a copy.
            let copied = ordered.and_then(|()| self.gpu.call(|d| unsafe { d.copy_on_device(address(out), address(x), bytes, stream) }));
            return copied.map_err(|failure| self.fail("copy", failure));
        }
        let size = size_name(x.dtype());
        self.walk([x, out], &mut |lengths, [xs, os], [x, out]| {
            if let Some((grid, rows, columns)) = turned(&lengths, &xs, &os) {
                let arguments = Arguments::new().with(rows).with(columns).at(address(x)).at(address(out));
                // SAFETY: `transpose_T(rows, columns, const T*, T*)` of dense matrices.
                return unsafe { self.launch("copy", Kernel::new("transpose", None, size), grid, arguments, &[x, out]) };
            }
            let arguments = Arguments::new().with(lengths).at(address(x)).with(xs).at(address(out)).with(os);
            let grid = spread(lengths.size(), EACH, self.multiprocessors());
            // SAFETY: `move_T(Shape, const T*, Steps, T*, Steps)`.
            unsafe { self.launch("copy", Kernel::new("move", None, size), grid, arguments, &[x, out]) }
        })
    }

    pub(super) fn map_one(&self, op: UnaryOp, x: &Tensor, out: &Tensor) -> Result<()> {
        let dtype = x.dtype();
        match op {
            UnaryOp::Real | UnaryOp::Conj if !dtype.is_complex() => return self.copy_elements(x, out),
            UnaryOp::Imag if !dtype.is_complex() => return self.fill_with(op.name(), out, Scalar::Int(0)),
            UnaryOp::Real => return self.copy_elements(&part(x, 0)?, out),
            UnaryOp::Imag => return self.copy_elements(&part(x, 1)?, out),
            UnaryOp::Conj => {
                self.copy_elements(&part(x, 0)?, &part(out, 0)?)?;
                return self.map_one(UnaryOp::Negative, &part(x, 1)?, &part(out, 1)?);
            }
            // Truth values are whole and not negative.
            UnaryOp::Abs | UnaryOp::Ceil | UnaryOp::Floor | UnaryOp::Round | UnaryOp::Trunc if dtype == DType::Bool => {
                return self.copy_elements(x, out);
            }
            _ => {}
        }
        let family = if op.output(DType::Float64) == DType::Bool { "test" } else { "unary" };
        let kernel = type_name(dtype).map(|name| Kernel::new(family, Some(op.name()), name)).filter(|kernel| kernel.exists());
        let Some(kernel) = kernel else { return self.on_host(op.name(), dtype, &[x], out, |x, out| HOST.unary(op, &x[0], out)) };
        self.walk([x, out], &mut |lengths, [xs, os], [x, out]| {
            let arguments = Arguments::new().with(lengths).at(address(x)).with(xs).at(address(out)).with(os);
            let grid = spread(lengths.size(), EACH, self.multiprocessors());
            // SAFETY: `unary_OP_T(Shape, const T*, Steps, R*, Steps)`, where R is T or bool as the op layer says.
            unsafe { self.launch(op.name(), kernel, grid, arguments, &[x, out]) }
        })
    }

    pub(super) fn map_two(&self, op: BinaryOp, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        let dtype = a.dtype();
        let family = if op.output(DType::Float64) == DType::Bool { "compare" } else { "binary" };
        let kernel = type_name(dtype).map(|name| Kernel::new(family, Some(op.name()), name)).filter(|kernel| kernel.exists());
        let Some(kernel) = kernel else {
            return self.on_host(op.name(), dtype, &[a, b], out, |x, out| HOST.binary(op, &x[0], &x[1], out));
        };
        self.walk([a, b, out], &mut |lengths, [xs, ys, os], [a, b, out]| {
            let arguments = Arguments::new().with(lengths).at(address(a)).with(xs).at(address(b)).with(ys).at(address(out)).with(os);
            let grid = spread(lengths.size(), EACH, self.multiprocessors());
            // SAFETY: `binary_OP_T(Shape, const T*, Steps, const T*, Steps, R*, Steps)`.
            unsafe { self.launch(op.name(), kernel, grid, arguments, &[a, b, out]) }
        })
    }

    pub(super) fn choose(&self, cond: &Tensor, a: &Tensor, b: &Tensor, out: &Tensor) -> Result<()> {
        let kernel = Kernel::new("select", None, size_name(a.dtype()));
        self.walk([cond, a, b, out], &mut |lengths, [cs, xs, ys, os], [cond, a, b, out]| {
            let arguments = Arguments::new().with(lengths).at(address(cond)).with(cs).at(address(a)).with(xs);
            let arguments = arguments.at(address(b)).with(ys).at(address(out)).with(os);
            let grid = spread(lengths.size(), EACH, self.multiprocessors());
            // SAFETY: `select_T(Shape, const bool8*, Steps, const T*, Steps, const T*, Steps, T*, Steps)`.
            unsafe { self.launch("where", kernel, grid, arguments, &[cond, a, b, out]) }
        })
    }
}

/// The grid, rows and columns of a copy that turns dense matrices over, if it is one.
fn turned(lengths: &Lengths, xs: &Steps, os: &Steps) -> Option<(Grid, u64, u64)> {
    let (batch, [columns, rows], [x_column, x_row], [o_column, o_row]) = match lengths.axes() {
        [columns, rows] => (1, [*columns, *rows], [xs.by(0), xs.by(1)], [os.by(0), os.by(1)]),
        [batch, columns, rows] if xs.by(0) == (columns * rows) as i64 && os.by(0) == xs.by(0) => {
            (*batch, [*columns, *rows], [xs.by(1), xs.by(2)], [os.by(1), os.by(2)])
        }
        _ => return None,
    };
    let dense = x_column == 1 && x_row == columns as i64 && o_row == 1 && o_column == rows as i64;
    let tiles = rows.div_ceil(TILE) * columns.div_ceil(TILE);
    let fits = rows.min(columns) >= TILE && batch <= ROWS && tiles <= i32::MAX as u64;
    (dense && fits).then_some((Grid { blocks: tiles as u32, rows: batch as u32, threads: 256 }, rows, columns))
}
