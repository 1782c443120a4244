//! Shapes and the order of axes. Everything here is a view where the strides allow.

use smallvec::SmallVec;

use crate::error::{Error, Result};
use crate::layout::{self, Shape, normalize_axes, normalize_axis};
use crate::tensor::Tensor;

/// The same elements under another shape; one length may be -1 and is then derived.
///
/// With `copy` true the result never shares memory, with false an error tells that it would have to be copied.
///
/// # Errors
/// [`Error::Value`] if the number of elements differs or a needed copy is forbidden.
pub fn reshape(x: &Tensor, shape: &[i64], copy: Option<bool>) -> Result<Tensor> {
    let shape = derive_shape(x, shape)?;
    let out = x.reshape(&shape)?;
    let shared = out.storage().same(x.storage());
    match copy {
        Some(true) if shared => out.copy(),
        Some(false) if !shared => {
            Err(Error::value("reshape", format!("shape {:?} to {shape:?} needs a copy with these strides", x.shape())))
        }
        _ => Ok(out),
    }
}

fn derive_shape(x: &Tensor, shape: &[i64]) -> Result<Shape> {
    let fail = || Error::value("reshape", format!("a tensor of shape {:?} cannot become shape {shape:?}", x.shape()));
    let mut known = 1usize;
    let mut open = None;
    for (i, &n) in shape.iter().enumerate() {
        match usize::try_from(n) {
            Ok(n) => known = known.checked_mul(n).ok_or_else(fail)?,
            Err(_) if n == -1 && open.is_none() => open = Some(i),
            Err(_) => return Err(fail()),
        }
    }
    let mut out: Shape = shape.iter().map(|&n| n.max(0) as usize).collect();
    if let Some(i) = open {
        if known == 0 || !x.size().is_multiple_of(known) {
            return Err(fail());
        }
        out[i] = x.size() / known;
    }
    Ok(out)
}

/// All elements in one axis, in row-major order, as a new tensor.
pub fn flatten(x: &Tensor) -> Result<Tensor> {
    x.copy()?.reshape(&[x.size()])
}

/// All elements in one axis, in row-major order, as a view where possible.
pub fn ravel(x: &Tensor) -> Result<Tensor> {
    x.reshape(&[x.size()])
}

/// The axes from `start` to `end`, both included, merged into one, as torch does.
pub fn flatten_axes(x: &Tensor, start: i64, end: i64) -> Result<Tensor> {
    if x.ndim() == 0 {
        return x.reshape(&[1]);
    }
    let (a, b) = (normalize_axis("flatten", start, x.shape())?, normalize_axis("flatten", end, x.shape())?);
    if a > b {
        return Err(Error::value("flatten", format!("the start axis {start} lies behind the end axis {end}")));
    }
    let s = x.shape();
    let merged: usize = s[a..=b].iter().product();
    x.reshape(&[&s[..a], &[merged], &s[b + 1..]].concat())
}

/// Splits one axis into several; one length may be -1.
pub fn unflatten(x: &Tensor, axis: i64, sizes: &[i64]) -> Result<Tensor> {
    let a = normalize_axis("unflatten", axis, x.shape())?;
    let s: Vec<i64> = x.shape().iter().map(|&n| n as i64).collect();
    reshape(x, &[&s[..a], sizes, &s[a + 1..]].concat(), None)
}

/// Inserts axes of length one at the given positions of the result.
///
/// # Errors
/// [`Error::Axis`] or [`Error::RepeatedAxis`].
pub fn expand_dims(x: &Tensor, axis: &[i64]) -> Result<Tensor> {
    let ndim = x.ndim() + axis.len();
    let full: Shape = SmallVec::from_elem(1, ndim);
    let mut axes = normalize_axes("expand_dims", axis, &full)?;
    axes.sort_unstable();
    if ndim > layout::MAX_NDIM {
        return Err(Error::value("expand_dims", format!("{ndim} dimensions; at most {} are supported", layout::MAX_NDIM)));
    }
    let mut layout = x.layout().clone();
    for a in axes {
        layout = layout.insert_axis(a);
    }
    Ok(x.with_layout(layout))
}

/// Removes axes of length one: those given, or all.
///
/// # Errors
/// [`Error::Value`] if a given axis is longer than one.
pub fn squeeze(x: &Tensor, axis: Option<&[i64]>) -> Result<Tensor> {
    let axes: SmallVec<[usize; 6]> = match axis {
        Some(axis) => normalize_axes("squeeze", axis, x.shape())?,
        None => (0..x.ndim()).filter(|&a| x.shape()[a] == 1).collect(),
    };
    let mut layout = x.layout().clone();
    for a in (0..x.ndim()).rev().filter(|a| axes.contains(a)) {
        if x.shape()[a] != 1 {
            return Err(Error::value("squeeze", format!("axis {a} of shape {:?} is not of length one", x.shape())));
        }
        layout = layout.remove_axis(a);
    }
    Ok(x.with_layout(layout))
}

/// Axes in another order.
pub fn permute_dims(x: &Tensor, axes: &[i64]) -> Result<Tensor> {
    x.permute(axes)
}

/// Axes moved to new positions, the others in their order.
///
/// # Errors
/// [`Error::Value`] if the numbers of sources and destinations differ.
pub fn moveaxis(x: &Tensor, source: &[i64], destination: &[i64]) -> Result<Tensor> {
    let op = "moveaxis";
    let from = normalize_axes(op, source, x.shape())?;
    let to = normalize_axes(op, destination, x.shape())?;
    if from.len() != to.len() {
        return Err(Error::value(op, format!("{} source and {} destination axes", from.len(), to.len())));
    }
    let mut order: Vec<usize> = (0..x.ndim()).filter(|a| !from.contains(a)).collect();
    let mut pairs: Vec<(usize, usize)> = to.into_iter().zip(from).collect();
    pairs.sort_unstable();
    for (d, s) in pairs {
        order.insert(d, s);
    }
    Ok(x.with_layout(x.layout().permute(&order)))
}

/// Two axes exchanged.
pub fn swapaxes(x: &Tensor, axis1: i64, axis2: i64) -> Result<Tensor> {
    let op = "swapaxes";
    Ok(x.swap_axes(normalize_axis(op, axis1, x.shape())?, normalize_axis(op, axis2, x.shape())?))
}

/// Elements in reverse order along the given axes, or all.
pub fn flip(x: &Tensor, axis: Option<&[i64]>) -> Result<Tensor> {
    let axes: SmallVec<[usize; 6]> = match axis {
        Some(axis) => normalize_axes("flip", axis, x.shape())?,
        None => (0..x.ndim()).collect(),
    };
    let mut layout = x.layout().clone();
    for a in axes {
        let n = x.shape()[a];
        layout = layout.slice(a, n.saturating_sub(1), n, -1);
    }
    Ok(x.with_layout(layout))
}

/// A quarter turn, `k` times, in the plane of two axes.
pub fn rot90(x: &Tensor, k: i64, axes: [i64; 2]) -> Result<Tensor> {
    let a = normalize_axes("rot90", &axes, x.shape())?;
    let (p, q) = (a[0] as i64, a[1] as i64);
    match k.rem_euclid(4) {
        0 => Ok(x.clone()),
        1 => swapaxes(&flip(x, Some(&[q]))?, p, q),
        2 => flip(x, Some(&[p, q])),
        _ => flip(&swapaxes(x, p, q)?, Some(&[q])),
    }
}

/// Elements shifted along axes, those that leave at one end returning at the other. Without an axis the elements are
/// shifted in row-major order.
///
/// # Errors
/// [`Error::Value`] if the numbers of shifts and axes differ.
pub fn roll(x: &Tensor, shift: &[i64], axis: Option<&[i64]>) -> Result<Tensor> {
    let Some(axis) = axis else {
        let total: i64 = shift.iter().sum();
        return roll(&ravel(x)?, &[total], Some(&[0]))?.reshape(x.shape());
    };
    let count = shift.len().max(axis.len());
    if (shift.len() != count && shift.len() != 1) || (axis.len() != count && axis.len() != 1) {
        return Err(Error::value("roll", format!("{} shifts for {} axes", shift.len(), axis.len())));
    }
    let mut out = x.clone();
    for i in 0..count {
        let a = normalize_axis("roll", axis[i % axis.len()], x.shape())?;
        let n = x.shape()[a];
        if n == 0 {
            continue;
        }
        let k = shift[i % shift.len()].rem_euclid(n as i64) as usize;
        let next = Tensor::uninit("roll", out.shape(), out.dtype(), out.device())?;
        next.slice(a, k, n - k, 1).assign(&out.slice(a, 0, n - k, 1))?;
        next.slice(a, 0, k, 1).assign(&out.slice(a, n - k, k, 1))?;
        out = next;
    }
    if out.storage().same(x.storage()) { x.copy() } else { Ok(out) }
}

/// A view with repeated elements.
pub fn broadcast_to(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    x.broadcast_to(shape)
}

/// All tensors broadcast to their common shape, as views.
pub fn broadcast_arrays(tensors: &[&Tensor]) -> Result<Vec<Tensor>> {
    let shapes: Vec<&[usize]> = tensors.iter().map(|t| t.shape()).collect();
    let shape = layout::broadcast_shape("broadcast_arrays", &shapes)?;
    tensors.iter().map(|t| t.broadcast_for("broadcast_arrays", &shape)).collect()
}

/// The shape that all shapes broadcast to.
pub fn broadcast_shapes(shapes: &[&[usize]]) -> Result<Shape> {
    layout::broadcast_shape("broadcast_shapes", shapes)
}

/// At least one dimension.
pub fn atleast_1d(x: &Tensor) -> Result<Tensor> {
    if x.ndim() == 0 { x.reshape(&[1]) } else { Ok(x.clone()) }
}

/// At least two dimensions; a vector becomes a row.
pub fn atleast_2d(x: &Tensor) -> Result<Tensor> {
    match x.ndim() {
        0 => x.reshape(&[1, 1]),
        1 => expand_dims(x, &[0]),
        _ => Ok(x.clone()),
    }
}

/// At least three dimensions; a vector gets an axis on both sides, a matrix one behind.
pub fn atleast_3d(x: &Tensor) -> Result<Tensor> {
    match x.ndim() {
        0 => x.reshape(&[1, 1, 1]),
        1 => expand_dims(x, &[0, 2]),
        2 => expand_dims(x, &[2]),
        _ => Ok(x.clone()),
    }
}

/// Sliding windows of the given lengths over axes (all if `None`), as a read-only view; the window axes come last.
///
/// # Errors
/// [`Error::Value`] if a window is longer than its axis.
pub fn sliding_window_view(x: &Tensor, window: &[usize], axis: Option<&[i64]>) -> Result<Tensor> {
    let op = "sliding_window_view";
    let axes: Vec<usize> = match axis {
        // Unlike elsewhere an axis may occur twice here.
        Some(axis) => axis.iter().map(|&a| normalize_axis(op, a, x.shape())).collect::<Result<_>>()?,
        None => (0..x.ndim()).collect(),
    };
    if axes.len() != window.len() {
        return Err(Error::value(op, format!("{} window lengths for {} axes", window.len(), axes.len())));
    }
    let (mut shape, mut strides) = (x.shape().to_vec(), x.strides().to_vec());
    for (&a, &w) in axes.iter().zip(window) {
        if w > shape[a] || w == 0 {
            return Err(Error::value(op, format!("a window of {w} does not fit axis {a} of shape {:?}", x.shape())));
        }
        shape[a] -= w - 1;
        strides.push(strides[a]);
    }
    shape.extend_from_slice(window);
    Ok(x.with_layout(crate::Layout::new(&shape, &strides, x.layout().offset())))
}

/// Sliding windows of length `size` every `step` elements along one axis, as torch's `Tensor.unfold`; a view.
pub fn unfold_axis(x: &Tensor, axis: i64, size: usize, step: usize) -> Result<Tensor> {
    let a = normalize_axis("unfold", axis, x.shape())?;
    if step == 0 || size > x.shape()[a] {
        return Err(Error::value("unfold", format!("a window of {size} every {step} does not fit shape {:?}", x.shape())));
    }
    let windows = sliding_window_view(x, &[size], Some(&[axis]))?;
    let n = (windows.shape()[a] - 1) / step + 1;
    Ok(windows.slice(a, 0, n, step as isize))
}
