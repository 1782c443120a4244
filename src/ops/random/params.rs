//! Sizes and parameters of a draw: scalars or tensors that broadcast, checked as NumPy checks them.

use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::layout::{Shape, broadcast_shape, checked_size};
use crate::storage::Device;
use crate::tensor::Tensor;

/// The shape of the result: given, or that of the broadcast parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    /// The broadcast shape of the parameters; a 0-d tensor when all are scalars.
    Broadcast,
    /// This shape; the parameters must broadcast to it without enlarging it.
    Shape(Shape),
}

impl From<&[usize]> for Size {
    fn from(shape: &[usize]) -> Self {
        Size::Shape(Shape::from_slice(shape))
    }
}

impl<const N: usize> From<&[usize; N]> for Size {
    fn from(shape: &[usize; N]) -> Self {
        Size::Shape(Shape::from_slice(shape))
    }
}

impl From<&Vec<usize>> for Size {
    fn from(shape: &Vec<usize>) -> Self {
        Size::Shape(Shape::from_slice(shape))
    }
}

impl From<usize> for Size {
    fn from(length: usize) -> Self {
        Size::Shape(Shape::from_slice(&[length]))
    }
}

impl From<Option<&[usize]>> for Size {
    fn from(shape: Option<&[usize]>) -> Self {
        shape.map_or(Size::Broadcast, Size::from)
    }
}

impl Size {
    /// The shape, `()` when none was given.
    pub fn shape(&self) -> &[usize] {
        match self {
            Size::Broadcast => &[],
            Size::Shape(shape) => shape,
        }
    }
}

/// A parameter of a distribution: one number or a tensor of them.
#[derive(Clone)]
pub enum Param<T> {
    /// The same for every draw.
    Scalar(T),
    /// One per draw, broadcast against the others.
    Tensor(Tensor),
}

impl<T> From<&Tensor> for Param<T> {
    fn from(tensor: &Tensor) -> Self {
        Param::Tensor(tensor.clone())
    }
}

impl From<f64> for Param<f64> {
    fn from(value: f64) -> Self {
        Param::Scalar(value)
    }
}

impl From<i64> for Param<i64> {
    fn from(value: i64) -> Self {
        Param::Scalar(value)
    }
}

impl From<i128> for Param<i128> {
    fn from(value: i128) -> Self {
        Param::Scalar(value)
    }
}

impl From<i64> for Param<i128> {
    fn from(value: i64) -> Self {
        Param::Scalar(value.into())
    }
}

/// The number types of parameters.
pub(crate) trait ParamValue: Copy {
    /// The values of a tensor in row-major order.
    ///
    /// # Errors
    /// [`Error::Type`] when the dtype does not convert safely.
    fn read(op: &'static str, tensor: &Tensor) -> Result<Vec<Self>>;

    /// For the checks, which all compare with small numbers.
    fn as_f64(self) -> f64;
}

impl ParamValue for f64 {
    fn read(op: &'static str, tensor: &Tensor) -> Result<Vec<f64>> {
        if tensor.dtype().is_complex() {
            return Err(Error::dtype(op, tensor.dtype(), "parameters are real numbers"));
        }
        tensor.cast_vec::<f64>()
    }

    fn as_f64(self) -> f64 {
        self
    }
}

impl ParamValue for i64 {
    fn read(op: &'static str, tensor: &Tensor) -> Result<Vec<i64>> {
        if tensor.dtype().is_floating() {
            return Err(Error::dtype(op, tensor.dtype(), "this parameter takes integers"));
        }
        tensor.cast_vec::<i64>()
    }

    fn as_f64(self) -> f64 {
        self as f64
    }
}

impl ParamValue for i128 {
    fn read(_: &'static str, tensor: &Tensor) -> Result<Vec<i128>> {
        if tensor.dtype() == DType::UInt64 {
            return Ok(tensor.cast_vec::<u64>()?.into_iter().map(i128::from).collect());
        }
        if tensor.dtype().is_floating() {
            // Bounds may be floats, which are cut off as `int()` does.
            return Ok(tensor.cast_vec::<f64>()?.into_iter().map(|v| v as i128).collect());
        }
        Ok(tensor.cast_vec::<i64>()?.into_iter().map(i128::from).collect())
    }

    fn as_f64(self) -> f64 {
        self as f64
    }
}

/// A condition on a parameter, with NumPy's names and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Anything.
    None,
    /// Not negative; `-0.0` counts as negative, NaN passes.
    NonNegative,
    /// Above 0; NaN passes.
    Positive,
    /// Above 0.
    PositiveNotNan,
    /// In `[0, 1]`.
    Bounded01,
    /// In `(0, 1]`.
    BoundedGt01,
    /// In `[0, 1)`.
    BoundedLt01,
    /// Above 1.
    Gt1,
    /// At least 1.
    Gte1,
    /// In `[0, 9.22e18]`: a mean whose Poisson draws fit an `int64`.
    Poisson,
}

/// The largest mean of a Poisson distribution: `i64::MAX - 10 sqrt(i64::MAX)`.
pub(crate) const POISSON_MAX: f64 = 9.223_372_006_484_771e18;

impl Constraint {
    /// What is wrong with `value`, if anything.
    fn violation(self, value: f64, name: &str) -> Option<String> {
        let broken = |holds: bool, message: String| (!holds).then_some(message);
        match self {
            Constraint::None => None,
            Constraint::NonNegative => broken(value.is_nan() || value.is_sign_positive(), format!("{name} < 0")),
            Constraint::PositiveNotNan if value.is_nan() => Some(format!("{name} must not be NaN")),
            Constraint::Positive | Constraint::PositiveNotNan => broken(value.is_nan() || value > 0.0, format!("{name} <= 0")),
            Constraint::Bounded01 => broken((0.0..=1.0).contains(&value), format!("{name} < 0, {name} > 1 or {name} contains NaNs")),
            Constraint::BoundedGt01 => broken(value > 0.0 && value <= 1.0, format!("{name} <= 0, {name} > 1 or {name} contains NaNs")),
            Constraint::BoundedLt01 => broken((0.0..1.0).contains(&value), format!("{name} < 0, {name} >= 1 or {name} contains NaNs")),
            Constraint::Gt1 => broken(value > 1.0, format!("{name} <= 1 or {name} contains NaNs")),
            Constraint::Gte1 => broken(value >= 1.0, format!("{name} < 1 or {name} contains NaNs")),
            Constraint::Poisson if value > POISSON_MAX => Some(format!("{name} value too large")),
            Constraint::Poisson => broken(value >= 0.0, format!("{name} < 0 or {name} contains NaNs")),
        }
    }

    /// Checks one value.
    pub(crate) fn check(self, op: &'static str, name: &str, value: f64) -> Result<()> {
        self.violation(value, name).map_or(Ok(()), |message| Err(Error::value(op, message)))
    }
}

/// A parameter whose values are at hand.
pub(crate) enum Values<T> {
    /// One value.
    One(T),
    /// Values in row-major order and their shape.
    Many(Vec<T>, Shape),
}

impl<T: ParamValue> Values<T> {
    /// Reads and checks a parameter.
    pub(crate) fn new(op: &'static str, param: &Param<T>, name: &str, constraint: Constraint) -> Result<Self> {
        let values = match param {
            Param::Scalar(value) => Values::One(*value),
            Param::Tensor(tensor) => {
                let data = T::read(op, tensor)?;
                match (tensor.ndim(), data.first()) {
                    (0, Some(&value)) => Values::One(value),
                    _ => Values::Many(data, Shape::from_slice(tensor.shape())),
                }
            }
        };
        for value in values.all() {
            constraint.check(op, name, value.as_f64())?;
        }
        Ok(values)
    }

    /// The distinct values.
    pub(crate) fn all(&self) -> &[T] {
        match self {
            Values::One(value) => std::slice::from_ref(value),
            Values::Many(values, _) => values,
        }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        match self {
            Values::One(_) => &[],
            Values::Many(_, shape) => shape,
        }
    }

    pub(crate) fn scalar(&self) -> Option<T> {
        match self {
            Values::One(value) => Some(*value),
            Values::Many(..) => None,
        }
    }
}

/// The shape of a result over parameters of the given shapes.
///
/// # Errors
/// [`Error::Broadcast`] when they do not fit together, [`Error::Value`] when they would enlarge the given size.
pub(crate) fn output_shape(op: &'static str, size: &Size, params: &[&[usize]]) -> Result<Shape> {
    let common = broadcast_shape(op, params)?;
    let Size::Shape(shape) = size else { return Ok(common) };
    let joint = broadcast_shape(op, &[shape, &common])?;
    if joint != *shape {
        let message = format!("Output size {shape:?} is not compatible with broadcast dimensions of inputs {joint:?}.");
        return Err(Error::value(op, message));
    }
    Ok(joint)
}

/// Row-major offsets into an operand of shape `from` for every element of shape `to`.
pub(crate) struct Broadcast {
    counters: Shape,
    steps: Vec<usize>,
    shape: Shape,
    offset: usize,
}

impl Broadcast {
    pub(crate) fn new(from: &[usize], to: &[usize]) -> Self {
        let mut steps = vec![0; to.len()];
        let mut step = 1;
        let lead = to.len() - from.len();
        for (axis, &length) in from.iter().enumerate().rev() {
            if length != 1 {
                steps[lead + axis] = step;
            }
            step *= length;
        }
        Broadcast { counters: Shape::from_elem(0, to.len()), steps, shape: Shape::from_slice(to), offset: 0 }
    }

    /// The current offset; moves on to the next element.
    #[inline]
    pub(crate) fn next(&mut self) -> usize {
        let out = self.offset;
        for axis in (0..self.shape.len()).rev() {
            self.counters[axis] += 1;
            self.offset += self.steps[axis];
            if self.counters[axis] < self.shape[axis] {
                break;
            }
            self.offset -= self.steps[axis] * self.shape[axis];
            self.counters[axis] = 0;
        }
        out
    }
}

/// A new tensor whose elements `fill` writes, every one of them.
pub(crate) fn filled<T: Element>(op: &'static str, shape: &[usize], fill: impl FnOnce(&mut [T])) -> Result<Tensor> {
    if T::DTYPE == DType::Bool {
        // Fresh memory need not hold valid truth values, so these start from a vector.
        let mut data = crate::memory::zeros::<T>(checked_size(op, shape)?)?;
        fill(&mut data);
        return Tensor::from_slice(&data, shape);
    }
    let out = Tensor::uninit(op, shape, T::DTYPE, Device::Cpu)?;
    // SAFETY: the tensor was made here and is shared with nobody; every bit pattern is a valid number.
    fill(unsafe { out.as_mut_slice::<T>()? });
    Ok(out)
}

/// Draws one element per place of the result from `N` parameters of one type.
pub(crate) fn draw<P: ParamValue, T: Element, const N: usize>(
    op: &'static str,
    size: &Size,
    params: [Values<P>; N],
    mut draw: impl FnMut([P; N]) -> T,
) -> Result<Tensor> {
    let shape = output_shape(op, size, &params.each_ref().map(Values::shape))?;
    if params.iter().all(|p| p.scalar().is_some()) {
        let values = params.map(|p| p.all()[0]);
        return filled(op, &shape, |out| out.iter_mut().for_each(|slot| *slot = draw(values)));
    }
    let mut places = params.each_ref().map(|p| Broadcast::new(p.shape(), &shape));
    filled(op, &shape, |out| {
        for slot in out {
            let mut i = 0;
            let values = places.each_mut().map(|place| {
                let value = params[i].all()[place.next()];
                i += 1;
                value
            });
            *slot = draw(values);
        }
    })
}

/// [`draw`] with a call through a pointer for every number, compiled once: for the many distributions to which a
/// nanosecond is little.
pub(crate) fn draw_each<P: ParamValue, T: Element, const N: usize>(
    op: &'static str,
    size: &Size,
    params: [Values<P>; N],
    draw_one: &mut dyn FnMut([P; N]) -> T,
) -> Result<Tensor> {
    draw(op, size, params, draw_one)
}
