//! Calls of the core: elementwise functions, reductions, indexing, sorting, sets, shapes.

use purify_ops as ops;
use purify_ops::{
    BinaryOp, ConvolveMode, DType, Device, Index, Operand, PadMode, QuantileMethod, Repeats, Result, Scalar, ScatterMode, Side, Spacing,
    Tensor, UnaryOp,
};
use serde_json::Value;

use crate::case::Case;

pub fn call(c: &Case) -> Result<Vec<Tensor>> {
    let x = || c.t("x");
    let axes = c.ints("axis");
    let axes = axes.as_deref();
    let axis = || c.int("axis");
    let one = match c.op() {
        "unary" => ops::unary(UnaryOp::from_name(c.text("f").unwrap()).unwrap(), &x()),
        "binary" => {
            let op = BinaryOp::from_name(c.text("f").unwrap()).unwrap();
            ops::binary(op, Operand::Tensor(&x()), Operand::Tensor(&c.t("y")))
        }
        "reduce" => reduce(c, &x(), axes),
        "along" => match (c.text("f").unwrap(), x()) {
            ("cumsum", x) => ops::cumsum(&x, axis(), None),
            ("cumprod", x) => ops::cumprod(&x, axis(), None),
            ("argmax", x) => ops::argmax(&x, axis(), false),
            ("argmin", x) => ops::argmin(&x, axis(), false),
            ("sort", x) => ops::sort(&x, axis(), false),
            (_, x) => ops::argsort(&x, axis(), false),
        },
        "quantile" => ops::quantile(&x(), &c.t("q"), axes, QuantileMethod::from_name(c.text("method").unwrap())?, false),
        "getitem" => x().index(&index(c)),
        "setitem" => x().copy().and_then(|y| y.index_put(&index(c), &c.t("value")).map(|()| y)),
        "addat" => x().copy().and_then(|y| y.index_combine(&index(c), &c.t("value"), ScatterMode::Add).map(|()| y)),
        "diff" => ops::diff(&x(), c.int("n").unwrap() as usize, axis().unwrap(), None, None),
        "roll" => ops::roll(&x(), &c.ints("shift").unwrap(), axes),
        "pad" => ops::pad(&x(), &widths(c), pad_mode(c.text("mode").unwrap())),
        "tile" => ops::tile(&x(), &c.sizes("reps").unwrap()),
        "repeat" => match c.opt("counts") {
            Some(counts) => ops::repeat(&x(), Repeats::Counts(&counts), axis()),
            None => ops::repeat(&x(), Repeats::Each(c.int("k").unwrap() as usize), axis()),
        },
        "unique" => {
            let u = ops::unique(&x(), true)?;
            return Ok(vec![u.values, u.indices, u.inverse, u.counts]);
        }
        "searchsorted" => {
            let side = if c.text("side") == Some("left") { Side::Left } else { Side::Right };
            ops::searchsorted(&c.t("s"), &c.t("v"), side, None)
        }
        "isin" => ops::isin(&x(), &c.t("y"), false),
        "interp" => ops::interp(&x(), &c.t("xp"), &c.t("fp"), None, None, c.float("period")),
        "histogram" => {
            let (h, e) = ops::histogram(&x(), ops::Bins::Count(c.int("bins").unwrap() as usize), None, false, None)?;
            return Ok(vec![h, e]);
        }
        "gradient" => match c.opt("c") {
            Some(at) => ops::gradient(&x(), Spacing::Coordinates(&at), axis().unwrap(), c.int("order").unwrap() as usize),
            None => ops::gradient(&x(), Spacing::Uniform(c.float("h").unwrap()), axis().unwrap(), c.int("order").unwrap() as usize),
        },
        "trapezoid" => ops::trapezoid(&x(), Spacing::Coordinates(&c.t("c")), axis().unwrap()),
        "cov" => ops::cov(&x(), None, true, 1.0),
        "corrcoef" => ops::corrcoef(&x(), None, true),
        "convolve" => ops::convolve(&c.t("a"), &c.t("v"), convolve_mode(c)),
        "correlate" => ops::correlate(&c.t("a"), &c.t("v"), convolve_mode(c)),
        "where" => ops::where_(&c.t("c"), &x(), &c.t("y")),
        "astype" => x().astype(DType::from_name(c.text("dtype").unwrap())?),
        "arange" => ops::arange(scalar(c, "start"), Some(scalar(c, "stop")), scalar(c, "step"), None, Device::Cpu),
        "linspace" => {
            let num = c.int("num").unwrap() as usize;
            ops::linspace(scalar(c, "start"), scalar(c, "stop"), num, None, Device::Cpu, c.flag("endpoint"))
        }
        other => panic!("no call for {other}"),
    };
    Ok(vec![one?])
}

fn reduce(c: &Case, x: &Tensor, axes: Option<&[i64]>) -> Result<Tensor> {
    let keep = c.flag("keepdims");
    match c.text("f").unwrap() {
        "sum" => ops::sum(x, axes, None, keep),
        "prod" => ops::prod(x, axes, None, keep),
        "max" => ops::max(x, axes, keep),
        "min" => ops::min(x, axes, keep),
        "all" => ops::all(x, axes, keep),
        "any" => ops::any(x, axes, keep),
        "mean" => ops::mean(x, axes, keep),
        "var" => ops::var(x, axes, 0.0, keep),
        "std" => ops::std(x, axes, 0.0, keep),
        "count_nonzero" => ops::count_nonzero(x, axes, keep),
        "ptp" => ops::ptp(x, axes, keep),
        "median" => ops::median(x, axes, keep),
        "nansum" => ops::nansum(x, axes, None, keep),
        "nanprod" => ops::nanprod(x, axes, None, keep),
        "nanmean" => ops::nanmean(x, axes, keep),
        "nanvar" => ops::nanvar(x, axes, 0.0, keep),
        "nanstd" => ops::nanstd(x, axes, 0.0, keep),
        "nanmax" => ops::nanmax(x, axes, keep),
        "nanmin" => ops::nanmin(x, axes, keep),
        _ => ops::nanmedian(x, axes, keep),
    }
}

fn scalar(c: &Case, name: &str) -> Scalar {
    match c.arg(name).unwrap() {
        Value::Number(n) if n.is_i64() => Scalar::Int(n.as_i64().unwrap().into()),
        other => Scalar::Float(other.as_f64().unwrap()),
    }
}

fn index(c: &Case) -> Vec<Index> {
    let part = |v: &Value| match v {
        Value::Number(n) => Index::Int(n.as_i64().unwrap()),
        Value::Array(s) => Index::Slice { start: s[0].as_i64(), stop: s[1].as_i64(), step: s[2].as_i64() },
        Value::String(s) if s == "..." => Index::Ellipsis,
        Value::String(s) if s == "new" => Index::NewAxis,
        Value::String(name) => {
            let t = c.t(name);
            if t.dtype() == DType::Bool { Index::BoolMask(t) } else { Index::IntArray(t) }
        }
        other => panic!("no index {other}"),
    };
    c.arg("index").unwrap().as_array().unwrap().iter().map(part).collect()
}

fn widths(c: &Case) -> Vec<(usize, usize)> {
    let pair = |v: &Value| (v[0].as_u64().unwrap() as usize, v[1].as_u64().unwrap() as usize);
    c.arg("widths").unwrap().as_array().unwrap().iter().map(pair).collect()
}

fn pad_mode(name: &str) -> PadMode {
    match name {
        "constant" => PadMode::Constant(Scalar::Int(0)),
        "edge" => PadMode::Edge,
        "reflect" => PadMode::Reflect,
        "symmetric" => PadMode::Symmetric,
        "wrap" => PadMode::Wrap,
        "maximum" => PadMode::Maximum,
        "minimum" => PadMode::Minimum,
        "mean" => PadMode::Mean,
        "median" => PadMode::Median,
        _ => PadMode::LinearRamp(0.0),
    }
}

fn convolve_mode(c: &Case) -> ConvolveMode {
    match c.text("mode").unwrap() {
        "full" => ConvolveMode::Full,
        "same" => ConvolveMode::Same,
        _ => ConvolveMode::Valid,
    }
}
