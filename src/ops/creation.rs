//! Creation of tensors from shapes, ranges, scalars and other tensors.
//!
//! ```
//! use purify_ops::{Device, arange, eye, full};
//! let x = arange(0.into(), Some(6.into()), 2.into(), None, Device::Cpu)?;
//! assert_eq!(x.to_vec::<i64>()?, [0, 2, 4]);
//! assert_eq!(full(&[2, 2], 1.5.into(), None, Device::Cpu)?.to_vec::<f64>()?, [1.5; 4]);
//! assert_eq!(eye(2, Some(3), 1, None, Device::Cpu)?.to_vec::<f64>()?, [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
//! # Ok::<(), purify_ops::Error>(())
//! ```

use crate::backend;
use crate::dispatch;
use crate::dtype::DType;
use crate::elementwise;
use crate::error::{Error, Result};
use crate::layout::Shape;
use crate::promote::Operand;
use crate::scalar::{FromScalar, Scalar};
use crate::storage::Device;
use crate::tensor::Tensor;

/// The dtype of floating point tensors created without one.
pub const DEFAULT_FLOAT: DType = DType::Float64;

/// A tensor of one value; the dtype is the scalar's default if none is given.
///
/// # Errors
/// [`Error::Overflow`] if an integer does not fit the dtype, [`Error::TooLarge`] for an unaddressable shape.
pub fn full(shape: &[usize], value: Scalar, dtype: Option<DType>, device: Device) -> Result<Tensor> {
    let out = Tensor::uninit("full", shape, dtype.unwrap_or(value.default_dtype()), device)?;
    out.fill(value)?;
    Ok(out)
}

/// A tensor of zeros, `float64` if no dtype is given.
pub fn zeros(shape: &[usize], dtype: Option<DType>, device: Device) -> Result<Tensor> {
    full(shape, Scalar::Bool(false), Some(dtype.unwrap_or(DEFAULT_FLOAT)), device)
}

/// A tensor of ones, `float64` if no dtype is given.
pub fn ones(shape: &[usize], dtype: Option<DType>, device: Device) -> Result<Tensor> {
    full(shape, Scalar::Bool(true), Some(dtype.unwrap_or(DEFAULT_FLOAT)), device)
}

/// A tensor whose content is unspecified (zeros here, so that nothing of other computations shows through).
pub fn empty(shape: &[usize], dtype: Option<DType>, device: Device) -> Result<Tensor> {
    zeros(shape, dtype, device)
}

/// A tensor of one value with the shape (and, if none is given, dtype) of another.
pub fn full_like(x: &Tensor, value: Scalar, dtype: Option<DType>, device: Option<Device>) -> Result<Tensor> {
    full(x.shape(), value, Some(dtype.unwrap_or(x.dtype())), device.unwrap_or(x.device()))
}

/// Zeros with the shape of another tensor.
pub fn zeros_like(x: &Tensor, dtype: Option<DType>, device: Option<Device>) -> Result<Tensor> {
    full_like(x, Scalar::Bool(false), dtype, device)
}

/// Ones with the shape of another tensor.
pub fn ones_like(x: &Tensor, dtype: Option<DType>, device: Option<Device>) -> Result<Tensor> {
    full_like(x, Scalar::Bool(true), dtype, device)
}

/// Unspecified content with the shape of another tensor.
pub fn empty_like(x: &Tensor, dtype: Option<DType>, device: Option<Device>) -> Result<Tensor> {
    zeros_like(x, dtype, device)
}

/// `start, start + step, ...` below (or above, for a negative step) `stop`; with `stop` left out from zero to `start`.
///
/// The dtype is `int64` if all arguments are integers, else `float64`. The length is `ceil((stop - start) / step)`.
///
/// # Errors
/// [`Error::Value`] for a step of zero.
pub fn arange(start: Scalar, stop: Option<Scalar>, step: Scalar, dtype: Option<DType>, device: Device) -> Result<Tensor> {
    let (start, stop) = match stop {
        Some(stop) => (start, stop),
        None => (Scalar::Int(0), start),
    };
    let whole = [start, stop, step].iter().all(|s| matches!(s, Scalar::Int(_) | Scalar::Bool(_)));
    let dtype = dtype.unwrap_or(if whole { DType::Int64 } else { DEFAULT_FLOAT });
    if step.as_f64() == 0.0 {
        return Err(Error::value("arange", "step must not be zero"));
    }
    let len = if whole {
        let (a, b, s) = (start.as_i128(), stop.as_i128(), step.as_i128());
        let n = if s > 0 { (b - a + s - 1).div_euclid(s) } else { (a - b - s - 1).div_euclid(-s) };
        usize::try_from(n.max(0)).unwrap_or(usize::MAX)
    } else {
        let n = ((stop.as_f64() - start.as_f64()) / step.as_f64()).ceil();
        if !n.is_finite() || n > 1e18 {
            return Err(Error::value("arange", format!("the range has no finite length ({n})")));
        }
        n.max(0.0) as usize
    };
    let out = Tensor::uninit("arange", &[len], dtype, Device::Cpu)?;
    if whole && !dtype.is_floating() {
        let (a, s) = (start.as_i128(), step.as_i128());
        dispatch!(dtype, T => fill_with::<T>(&out, |i| Scalar::Int(a + i as i128 * s))?);
    } else {
        // NumPy derives the increment from the first two elements in the result's dtype.
        let (a, s) = (start.as_f64(), step.as_f64());
        let s = if dtype == DType::Float64 { (a + s) - a } else { s };
        dispatch!(dtype, T => fill_with::<T>(&out, |i| Scalar::Float(a + i as f64 * s))?);
    }
    out.to_device(device)
}

fn fill_with<T: FromScalar>(out: &Tensor, f: impl Fn(usize) -> Scalar) -> Result<()> {
    // SAFETY: `out` was just created by the caller and is not shared.
    let slots = unsafe { out.as_mut_slice::<T>()? };
    for (i, slot) in slots.iter_mut().enumerate() {
        *slot = T::from_scalar(f(i));
    }
    Ok(())
}

/// `num` evenly spaced numbers from `start` to `stop`, which is left out if `endpoint` is false.
pub fn linspace(start: Scalar, stop: Scalar, num: usize, dtype: Option<DType>, device: Device, endpoint: bool) -> Result<Tensor> {
    let complex = [start, stop].iter().any(|s| matches!(s, Scalar::Complex(_)));
    let dtype = dtype.unwrap_or(if complex { DType::Complex128 } else { DEFAULT_FLOAT });
    let out = Tensor::uninit("linspace", &[num], dtype, Device::Cpu)?;
    let intervals = if endpoint { num.saturating_sub(1) } else { num } as f64;
    let point = |a: f64, b: f64, i: usize| {
        if endpoint && i + 1 == num && num > 1 {
            return b;
        }
        let step = (b - a) / intervals;
        if intervals == 0.0 {
            a
        } else if step == 0.0 || !step.is_finite() {
            // A step that underflows or overflows is applied after scaling the index instead.
            i as f64 / intervals * (b - a) + a
        } else {
            i as f64 * step + a
        }
    };
    let (a, b) = (start.as_complex(), stop.as_complex());
    dispatch!(dtype, T => fill_with::<T>(&out, |i| {
        if dtype.is_complex() {
            Scalar::Complex(crate::Complex128::new(point(a.re, b.re, i), point(a.im, b.im, i)))
        } else if dtype.is_floating() {
            Scalar::Float(point(a.re, b.re, i))
        } else {
            Scalar::Float(point(a.re, b.re, i).floor())
        }
    })?);
    out.to_device(device)
}

/// Numbers spaced evenly on a logarithmic scale: `base ** linspace(start, stop)`.
pub fn logspace(start: f64, stop: f64, num: usize, base: f64, dtype: Option<DType>, device: Device, endpoint: bool) -> Result<Tensor> {
    let exponents = linspace(start.into(), stop.into(), num, None, device, endpoint)?;
    elementwise::pow(base, &exponents)?.astype(dtype.unwrap_or(DEFAULT_FLOAT))
}

/// Numbers in geometric progression from `start` to `stop`, which keep one sign.
///
/// # Errors
/// [`Error::Value`] if an end is zero or the signs differ.
pub fn geomspace(start: f64, stop: f64, num: usize, dtype: Option<DType>, device: Device, endpoint: bool) -> Result<Tensor> {
    if start == 0.0 || stop == 0.0 || (start < 0.0) != (stop < 0.0) {
        return Err(Error::value("geomspace", "both ends must be non-zero and of one sign"));
    }
    let sign = start.signum();
    let (a, b) = (start.abs().log10(), stop.abs().log10());
    let out = elementwise::multiply(&logspace(a, b, num, 10.0, None, device, endpoint)?, sign)?;
    if num > 0 {
        out.slice(0, 0, 1, 1).fill(start.into())?;
        if endpoint && num > 1 {
            out.slice(0, num - 1, 1, 1).fill(stop.into())?;
        }
    }
    out.astype(dtype.unwrap_or(DEFAULT_FLOAT))
}

/// A matrix with ones on the `k`-th diagonal; square if `n_cols` is left out.
pub fn eye(n_rows: usize, n_cols: Option<usize>, k: i64, dtype: Option<DType>, device: Device) -> Result<Tensor> {
    let out = zeros(&[n_rows, n_cols.unwrap_or(n_rows)], dtype, device)?;
    crate::linalg::diagonal(&out, k)?.fill(Scalar::Bool(true))?;
    Ok(out)
}

/// A tensor from anything convertible: an alias of a tensor if dtype and device match and no copy is asked for.
///
/// # Errors
/// [`Error::Value`] if `copy` is false but one is needed.
pub fn asarray(x: &Tensor, dtype: Option<DType>, device: Option<Device>, copy: Option<bool>) -> Result<Tensor> {
    let (dtype, device) = (dtype.unwrap_or(x.dtype()), device.unwrap_or(x.device()));
    let needed = dtype != x.dtype() || device != x.device();
    match copy {
        Some(false) if needed => {
            Err(Error::value("asarray", format!("a copy is needed to make {} on {} of {} on {}", dtype, device, x.dtype(), x.device())))
        }
        Some(true) if !needed => x.copy(),
        _ => x.to_device(device)?.astype(dtype),
    }
}

/// How [`meshgrid`] orders the first two axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexing {
    /// Cartesian: the second input varies along the first axis.
    Xy,
    /// Matrix: inputs in order.
    Ij,
}

/// Coordinate tensors of a grid from coordinate vectors.
///
/// # Errors
/// [`Error::Value`] for an input of more than one dimension, [`Error::Type`] for differing dtypes under the standard.
pub fn meshgrid(vectors: &[&Tensor], indexing: Indexing) -> Result<Vec<Tensor>> {
    let n = vectors.len();
    let swap = indexing == Indexing::Xy && n >= 2;
    let place = |i: usize| match i {
        0 if swap => 1,
        1 if swap => 0,
        i => i,
    };
    let mut shape: Shape = Shape::from_elem(1, n);
    for (i, v) in vectors.iter().enumerate() {
        if v.ndim() > 1 {
            return Err(Error::value("meshgrid", format!("inputs must have at most one dimension, got shape {:?}", v.shape())));
        }
        shape[place(i)] = v.size();
    }
    vectors
        .iter()
        .enumerate()
        .map(|(i, v)| {
            let mut one: Shape = Shape::from_elem(1, n);
            one[place(i)] = v.size();
            v.reshape(&one)?.broadcast_to(&shape)?.copy()
        })
        .collect()
}

/// Coordinates of every position of a shape, stacked along a new first axis, as `int64`.
pub fn indices(shape: &[usize], device: Device) -> Result<Tensor> {
    let out = Tensor::uninit("indices", &[&[shape.len()], shape].concat(), DType::Int64, device)?;
    for (d, &n) in shape.iter().enumerate() {
        let mut one: Shape = Shape::from_elem(1, shape.len());
        one[d] = n;
        let range = arange(Scalar::Int(0), Some(Scalar::from(n)), Scalar::Int(1), None, device)?;
        out.select(0, d as i64)?.assign(&range.reshape(&one)?)?;
    }
    Ok(out)
}

fn triangle(name: &'static str, x: &Tensor, k: i64, lower: bool) -> Result<Tensor> {
    let n = x.ndim();
    if n < 2 {
        return Err(Error::value(name, format!("at least 2 dimensions are needed, got shape {:?}", x.shape())));
    }
    let mask = tri(x.shape()[n - 2], Some(x.shape()[n - 1]), if lower { k } else { k.saturating_sub(1) }, Some(DType::Bool), x.device())?;
    let zero = Tensor::from_scalar(name, Scalar::Bool(false), x.dtype())?.to_device(x.device())?;
    if lower { elementwise::where_(&mask, x, &zero) } else { elementwise::where_(&mask, &zero, x) }
}

/// The lower triangle up to the `k`-th diagonal of the last two axes, zeros elsewhere.
pub fn tril(x: &Tensor, k: i64) -> Result<Tensor> {
    triangle("tril", x, k, true)
}

/// The upper triangle from the `k`-th diagonal of the last two axes, zeros elsewhere.
pub fn triu(x: &Tensor, k: i64) -> Result<Tensor> {
    triangle("triu", x, k, false)
}

/// A matrix with ones at and below the `k`-th diagonal.
pub fn tri(n_rows: usize, n_cols: Option<usize>, k: i64, dtype: Option<DType>, device: Device) -> Result<Tensor> {
    let m = n_cols.unwrap_or(n_rows);
    let range = |n: usize| arange(Scalar::Int(0), Some(Scalar::from(n)), Scalar::Int(1), None, device);
    // Diagonals beyond a corner are all alike, and adding a large one would overflow.
    let k = k.clamp(-(n_rows as i64), m as i64);
    let rows = elementwise::add(&range(n_rows)?.reshape(&[n_rows, 1])?, k)?;
    elementwise::greater_equal(&rows, &range(m)?)?.astype(dtype.unwrap_or(DEFAULT_FLOAT))
}

/// Row and column indices of a triangle of an `n` by `m` matrix.
fn triangle_indices(n: usize, m: usize, k: i64, lower: bool, device: Device) -> Result<Vec<Tensor>> {
    let mask = tri(n, Some(m), if lower { k } else { k.saturating_sub(1) }, Some(DType::Bool), device)?;
    let mask = if lower { mask } else { elementwise::logical_not(&mask)? };
    crate::searching::nonzero(&mask)
}

/// Indices of the lower triangle.
pub fn tril_indices(n: usize, k: i64, m: Option<usize>, device: Device) -> Result<Vec<Tensor>> {
    triangle_indices(n, m.unwrap_or(n), k, true, device)
}

/// Indices of the upper triangle.
pub fn triu_indices(n: usize, k: i64, m: Option<usize>, device: Device) -> Result<Vec<Tensor>> {
    triangle_indices(n, m.unwrap_or(n), k, false, device)
}

/// A matrix with the vector on its `k`-th diagonal; of a matrix its `k`-th diagonal, copied.
///
/// # Errors
/// [`Error::Value`] for other numbers of dimensions.
pub fn diag(x: &Tensor, k: i64) -> Result<Tensor> {
    match x.ndim() {
        1 => {
            let n = x.size().saturating_add(k.unsigned_abs() as usize);
            let out = zeros(&[n, n], Some(x.dtype()), x.device())?;
            crate::linalg::diagonal(&out, k)?.assign(x)?;
            Ok(out)
        }
        2 => crate::linalg::diagonal(x, k)?.copy(),
        _ => Err(Error::value("diag", format!("a vector or matrix is needed, got shape {:?}", x.shape()))),
    }
}

/// A matrix with all elements, in row-major order, on its `k`-th diagonal.
pub fn diagflat(x: &Tensor, k: i64) -> Result<Tensor> {
    diag(&x.reshape(&[x.size()])?, k)
}

/// A Vandermonde matrix: powers of the elements of a vector, decreasing unless `increasing`.
pub fn vander(x: &Tensor, n: Option<usize>, increasing: bool) -> Result<Tensor> {
    if x.ndim() != 1 {
        return Err(Error::value("vander", format!("a vector is needed, got shape {:?}", x.shape())));
    }
    let n = n.unwrap_or(x.size());
    let powers = arange(Scalar::Int(0), Some(Scalar::from(n)), Scalar::Int(1), None, x.device())?;
    let powers = if increasing { powers } else { crate::manipulation::flip(&powers, None)? };
    let x = if x.dtype().is_floating() { x.clone() } else { x.astype(DType::Int64)? };
    elementwise::pow(&x.reshape(&[x.size(), 1])?, &powers.astype(x.dtype())?)
}

/// Window functions of signal processing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    /// `0.5 - 0.5 cos`
    Hann,
    /// `0.54 - 0.46 cos`
    Hamming,
    /// `0.42 - 0.5 cos + 0.08 cos 2`
    Blackman,
    /// A triangle that ends at zero.
    Bartlett,
    /// Bessel window with a shape parameter.
    Kaiser(f64),
}

/// A symmetric window of `n` points, as `float64`.
pub fn window(kind: Window, n: usize) -> Result<Tensor> {
    let value = |i: usize| {
        if n == 1 {
            return 1.0;
        }
        let t = i as f64 / (n - 1) as f64;
        let angle = 2.0 * std::f64::consts::PI * t;
        match kind {
            Window::Hann => 0.5 - 0.5 * angle.cos(),
            Window::Hamming => 0.54 - 0.46 * angle.cos(),
            Window::Blackman => 0.42 - 0.5 * angle.cos() + 0.08 * (2.0 * angle).cos(),
            Window::Bartlett => 1.0 - (2.0 * t - 1.0).abs(),
            Window::Kaiser(beta) => {
                let r = 2.0 * t - 1.0;
                crate::cpu::math::bessel_i0(beta * (1.0 - r * r).max(0.0).sqrt()) / crate::cpu::math::bessel_i0(beta)
            }
        }
    };
    Tensor::from_vec((0..n).map(value).collect(), &[n])
}

/// The devices tensors can be created on.
pub fn available_devices() -> Vec<Device> {
    backend::devices()
}

/// A tensor of the values of an operand: scalars become 0-d tensors of their default dtype.
pub fn from_operand(x: Operand<'_>) -> Result<Tensor> {
    match x {
        Operand::Tensor(t) => Ok(t.clone()),
        Operand::Scalar(s) => Tensor::from_scalar("asarray", s, s.default_dtype()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(t: &Tensor) -> Vec<i64> {
        t.cast_vec().unwrap()
    }

    #[test]
    fn ranges_have_the_length_of_pythons() {
        let range = |a: i64, b: i64, s: i64| ints(&arange(a.into(), Some(b.into()), s.into(), None, Device::Cpu).unwrap());
        assert_eq!(range(0, 5, 2), [0, 2, 4]);
        assert_eq!(range(5, 0, -2), [5, 3, 1]);
        assert!(range(3, 3, 1).is_empty());
        assert!(range(3, 0, 1).is_empty());
        let f = arange(0.0.into(), Some(1.0.into()), 0.1.into(), None, Device::Cpu).unwrap();
        assert_eq!(f.to_vec::<f64>().unwrap()[3], 0.30000000000000004);
        assert!(arange(0.into(), Some(1.into()), 0.into(), None, Device::Cpu).is_err());
    }

    #[test]
    fn linspace_ends_exactly_at_stop() {
        let v = linspace(0.0.into(), 0.3.into(), 4, None, Device::Cpu, true).unwrap().to_vec::<f64>().unwrap();
        assert_eq!(v, [0.0, 0.09999999999999999, 0.19999999999999998, 0.3]);
        assert_eq!(linspace(2.0.into(), 3.0.into(), 1, None, Device::Cpu, true).unwrap().to_vec::<f64>().unwrap(), [2.0]);
        assert_eq!(linspace(0.0.into(), 1.0.into(), 2, None, Device::Cpu, false).unwrap().to_vec::<f64>().unwrap(), [0.0, 0.5]);
    }

    #[test]
    fn triangles_and_diagonals() {
        assert_eq!(ints(&eye(2, Some(3), 1, None, Device::Cpu).unwrap()), [0, 1, 0, 0, 0, 1]);
        assert_eq!(ints(&eye(2, None, -5, None, Device::Cpu).unwrap()), [0; 4]);
        let x = ones(&[3, 3], Some(DType::Int8), Device::Cpu).unwrap();
        assert_eq!(ints(&tril(&x, -1).unwrap()), [0, 0, 0, 1, 0, 0, 1, 1, 0]);
        assert_eq!(ints(&triu(&x, 1).unwrap()), [0, 1, 1, 0, 0, 1, 0, 0, 0]);
        let ij = tril_indices(3, -1, None, Device::Cpu).unwrap();
        assert_eq!((ints(&ij[0]), ints(&ij[1])), (vec![1, 2, 2], vec![0, 0, 1]));
    }

    #[test]
    fn diagonals_beyond_a_corner_are_empty() {
        let x = Tensor::from_vec((1..7i64).collect(), &[2, 3]).unwrap();
        for k in [i64::MAX, i64::MIN] {
            assert_eq!(ints(&eye(2, None, k, Some(DType::Int64), Device::Cpu).unwrap()), [0; 4]);
            let whole = [ints(&x), vec![0; 6]];
            let (low, up) = (ints(&tril(&x, k).unwrap()), ints(&triu(&x, k).unwrap()));
            assert_eq!([low, up], if k > 0 { whole } else { [whole[1].clone(), whole[0].clone()] });
            assert!(diag(&x.select(0, 0).unwrap(), k).is_err());
        }
    }

    #[test]
    fn meshgrid_in_both_orders() {
        let (a, b) = (Tensor::from_slice(&[1i64, 2, 3], &[3]).unwrap(), Tensor::from_slice(&[4i64, 5], &[2]).unwrap());
        let xy = meshgrid(&[&a, &b], Indexing::Xy).unwrap();
        assert_eq!((xy[0].shape(), ints(&xy[1])), (&[2, 3][..], vec![4, 4, 4, 5, 5, 5]));
        let ij = meshgrid(&[&a, &b], Indexing::Ij).unwrap();
        assert_eq!(ij[0].shape(), &[3, 2]);
    }
}
