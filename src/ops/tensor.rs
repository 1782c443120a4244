//! The tensor: a storage, a layout and a dtype. Cloning makes an alias, never a copy.

use std::borrow::Cow;
use std::ptr::NonNull;

use crate::backend::{self, Backend};
use crate::dispatch;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::layout::{self, Layout, Shape};
use crate::scalar::{FromScalar, Scalar};
use crate::storage::{Device, Storage};

/// An n-dimensional array.
///
/// Clones and views share the storage; a write through one is seen by all. Operations return new
/// tensors, except the views (`reshape` where possible, slices, transposes, broadcasts).
///
/// ```
/// use purify_ops::Tensor;
/// let t = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], &[2, 2])?;
/// assert_eq!(t.shape(), &[2, 2]);
/// assert_eq!(t.to_vec::<f64>()?, [1.0, 2.0, 3.0, 4.0]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
#[derive(Clone)]
pub struct Tensor {
    storage: Storage,
    layout: Layout,
    dtype: DType,
}

impl Tensor {
    // ---- construction -------------------------------------------------------------------------

    /// A new tensor with arbitrary content, for kernels that write every element.
    #[inline]
    pub fn uninit(op: &'static str, shape: &[usize], dtype: DType, device: Device) -> Result<Tensor> {
        let layout = Layout::contiguous(op, shape)?;
        let bytes = layout.size() * dtype.size();
        let storage = match device {
            Device::Cpu => Storage::host(bytes)?,
            _ => backend::of(device)?.allocate(bytes)?,
        };
        Ok(Tensor { storage, layout, dtype })
    }

    /// [`Tensor::uninit`] with the shape and device of another tensor.
    #[inline]
    pub fn uninit_like(op: &'static str, x: &Tensor, dtype: DType) -> Result<Tensor> {
        if x.device() != Device::Cpu || !x.is_contiguous() {
            return Tensor::uninit(op, x.shape(), dtype, x.device());
        }
        // The size was found to be addressable, whatever the dtype, when `x` was made.
        let storage = Storage::host(x.size() * dtype.size())?;
        Ok(Tensor { storage, layout: x.layout.at(0), dtype })
    }

    /// A tensor over existing storage.
    ///
    /// # Errors
    /// [`Error::Value`] if the layout reaches outside the storage.
    pub fn from_parts(storage: Storage, layout: Layout, dtype: DType) -> Result<Tensor> {
        if let Some((lo, hi)) = layout.span() {
            let count = (storage.bytes() / dtype.size()) as isize;
            if lo < 0 || hi >= count {
                return Err(Error::value("tensor", format!("the layout touches elements {lo} to {hi} of a storage of {count}")));
            }
        }
        Ok(Tensor { storage, layout, dtype })
    }

    /// A tensor of the elements of `data` in row-major order.
    ///
    /// # Errors
    /// [`Error::Value`] if the length does not match the shape.
    pub fn from_slice<T: Element>(data: &[T], shape: &[usize]) -> Result<Tensor> {
        let out = Tensor::uninit("tensor", shape, T::DTYPE, Device::Cpu)?;
        if out.size() != data.len() {
            return Err(Error::value("tensor", format!("{} elements do not fill shape {shape:?}", data.len())));
        }
        // SAFETY: the new storage holds exactly `data.len()` elements of T and is not shared yet.
        unsafe { std::ptr::copy_nonoverlapping(data.as_ptr(), out.data_ptr::<T>(), data.len()) };
        Ok(out)
    }

    /// Like [`Tensor::from_slice`]; a long vector is taken over without copying.
    pub fn from_vec<T: Element>(mut data: Vec<T>, shape: &[usize]) -> Result<Tensor> {
        const TAKE_OVER: usize = 64 << 10;
        let bytes = size_of_val(data.as_slice());
        if bytes < TAKE_OVER {
            return Tensor::from_slice(&data, shape);
        }
        let layout = Layout::contiguous("tensor", shape)?;
        if layout.size() != data.len() {
            return Err(Error::value("tensor", format!("{} elements do not fill shape {shape:?}", data.len())));
        }
        let Some(p) = NonNull::new(data.as_mut_ptr().cast::<u8>()) else { return Tensor::from_slice(&data, shape) };
        // SAFETY: the vector moves into the owner, its buffer stays where it is and is `bytes` long.
        let storage = unsafe { Storage::external(p, bytes, Device::Cpu, true, Box::new(data)) };
        Ok(Tensor { storage, layout, dtype: T::DTYPE })
    }

    /// A 0-d tensor.
    pub fn scalar<T: Element>(value: T) -> Result<Tensor> {
        Tensor::from_slice(&[value], &[])
    }

    /// A 0-d tensor of a scalar in a given dtype.
    ///
    /// # Errors
    /// [`Error::Overflow`] if an integer does not fit the dtype.
    pub fn from_scalar(op: &'static str, value: Scalar, dtype: DType) -> Result<Tensor> {
        dispatch!(dtype, T => Tensor::scalar(value.to_element::<T>(op)?))
    }

    // ---- description --------------------------------------------------------------------------

    /// Lengths of the axes.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        self.layout.shape()
    }

    /// Steps between neighbours along each axis, in elements.
    #[inline]
    pub fn strides(&self) -> &[isize] {
        self.layout.strides()
    }

    /// Number of axes.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.layout.ndim()
    }

    /// Number of elements.
    #[inline]
    pub fn size(&self) -> usize {
        self.layout.size()
    }

    /// Element type.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Where the elements are.
    #[inline]
    pub fn device(&self) -> Device {
        self.storage.device()
    }

    /// Shape, strides and offset.
    #[inline]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The memory behind this tensor and its aliases.
    #[inline]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Whether the elements lie one after another in row-major order.
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        self.layout.is_contiguous()
    }

    /// The backend of this tensor's device.
    pub fn backend(&self) -> Result<&'static dyn Backend> {
        backend::of(self.device())
    }

    /// Whether two tensors may share elements.
    pub fn may_share_memory(&self, other: &Tensor) -> bool {
        let range = |t: &Tensor| {
            t.layout.span().map(|(lo, hi)| {
                let (base, item) = (t.storage.as_ptr() as isize, t.dtype.size() as isize);
                (base + lo * item, base + (hi + 1) * item)
            })
        };
        match (range(self), range(other)) {
            (Some(a), Some(b)) => self.device() == other.device() && a.0 < b.1 && b.0 < a.1,
            _ => false,
        }
    }

    // ---- host access --------------------------------------------------------------------------

    /// Address of the first element. Meaningful on the host only for CPU tensors.
    #[inline]
    pub fn data_ptr<T>(&self) -> *mut T {
        // The offset lies inside the storage for every tensor with elements; wrapping keeps the
        // computation harmless for those without.
        self.storage.as_ptr().wrapping_add(self.layout.offset() * self.dtype.size()).cast()
    }

    /// The elements as a slice, if the tensor is contiguous, on the host and of type `T`.
    ///
    /// # Errors
    /// [`Error::Type`] for another dtype, [`Error::Value`] if not contiguous, [`Error::Device`] off the host.
    pub fn as_slice<T: Element>(&self) -> Result<&[T]> {
        self.check_host::<T>("as_slice")?;
        if !self.is_contiguous() {
            return Err(Error::value("as_slice", "the tensor is not contiguous; call `contiguous` first"));
        }
        let p: *const T = self.data_ptr();
        if self.size() == 0 {
            return Ok(&[]);
        }
        // SAFETY: checked dtype, host and contiguity; the layout lies inside the storage, which
        // outlives the borrow.
        Ok(unsafe { std::slice::from_raw_parts(p, self.size()) })
    }

    /// The elements as a mutable slice, under the same conditions as [`Tensor::as_slice`].
    ///
    /// # Safety
    /// Storage is shared: no other slice of the same elements may be in use.
    #[expect(clippy::mut_from_ref, reason = "storage is shared and mutable by design; the caller answers for exclusivity")]
    pub unsafe fn as_mut_slice<T: Element>(&self) -> Result<&mut [T]> {
        self.check_host::<T>("as_mut_slice")?;
        if !self.storage.is_writable() {
            return Err(Error::ReadOnly { op: "as_mut_slice" });
        }
        if !self.is_contiguous() {
            return Err(Error::value("as_mut_slice", "the tensor is not contiguous"));
        }
        if self.size() == 0 {
            return Ok(&mut []);
        }
        // SAFETY: as in `as_slice`; exclusivity is the caller's promise.
        Ok(unsafe { std::slice::from_raw_parts_mut(self.data_ptr::<T>(), self.size()) })
    }

    fn check_host<T: Element>(&self, op: &'static str) -> Result<()> {
        if T::DTYPE != self.dtype {
            return Err(Error::type_(op, format!("the tensor holds {}, not {}", self.dtype, T::DTYPE)));
        }
        if self.device() != Device::Cpu {
            return Err(Error::Device { op, message: format!("the tensor is on {}; move it to cpu first", self.device()) });
        }
        Ok(())
    }

    /// The elements in row-major order.
    ///
    /// # Errors
    /// [`Error::Type`] if `T` is not the tensor's dtype.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        Ok(self.to_device(Device::Cpu)?.contiguous()?.as_slice::<T>()?.to_vec())
    }

    /// The elements in row-major order, converted to `T` if they are of another dtype.
    pub fn cast_vec<T: Element>(&self) -> Result<Vec<T>> {
        self.astype(T::DTYPE)?.to_vec()
    }

    /// The one element of a tensor of size one.
    ///
    /// # Errors
    /// [`Error::Value`] for any other size.
    pub fn item(&self) -> Result<Scalar> {
        if self.size() != 1 {
            let message = format!("only a tensor of size 1 converts to a scalar, this one has shape {:?}", self.shape());
            return Err(Error::value("item", message));
        }
        let host = self.to_device(Device::Cpu)?;
        // SAFETY: one element exists at the offset, on the host, of the dispatched type.
        dispatch!(self.dtype, T => Ok(unsafe { *host.data_ptr::<T>() }.to_scalar()))
    }

    /// All elements as scalars in row-major order.
    pub fn to_scalars(&self) -> Result<Vec<Scalar>> {
        dispatch!(self.dtype, T => Ok(self.to_vec::<T>()?.into_iter().map(FromScalar::to_scalar).collect()))
    }

    // ---- views --------------------------------------------------------------------------------

    /// The same storage under another layout.
    #[inline]
    pub fn with_layout(&self, layout: Layout) -> Tensor {
        debug_assert!(layout.span().is_none_or(|(lo, hi)| lo >= 0 && (hi as usize + 1) * self.dtype.size() <= self.storage.bytes()));
        Tensor { storage: self.storage.clone(), layout, dtype: self.dtype }
    }

    /// A view with axes in the order given; negative axes count from the end.
    ///
    /// # Errors
    /// [`Error::Axis`] or [`Error::RepeatedAxis`]; [`Error::Value`] if the count is wrong.
    pub fn permute(&self, axes: &[i64]) -> Result<Tensor> {
        let op = "permute_dims";
        let axes = layout::normalize_axes(op, axes, self.shape())?;
        if axes.len() != self.ndim() {
            return Err(Error::value(op, format!("{} axes given for a tensor of {} dimensions", axes.len(), self.ndim())));
        }
        Ok(self.with_layout(self.layout.permute(&axes)))
    }

    /// A view with all axes reversed.
    pub fn transpose(&self) -> Tensor {
        self.with_layout(self.layout.reversed())
    }

    /// A view with the last two axes exchanged.
    ///
    /// # Errors
    /// [`Error::Value`] below two dimensions.
    pub fn matrix_transpose(&self) -> Result<Tensor> {
        let n = self.ndim();
        if n < 2 {
            return Err(Error::value("matrix_transpose", format!("at least 2 dimensions are needed, got shape {:?}", self.shape())));
        }
        Ok(self.swap_axes(n - 2, n - 1))
    }

    pub(crate) fn swap_axes(&self, a: usize, b: usize) -> Tensor {
        let mut axes: Shape = (0..self.ndim()).collect();
        axes.swap(a, b);
        self.with_layout(self.layout.permute(&axes))
    }

    /// A read-only-by-convention view of another shape with repeated elements.
    ///
    /// # Errors
    /// [`Error::Broadcast`] if the shapes are not compatible.
    pub fn broadcast_to(&self, shape: &[usize]) -> Result<Tensor> {
        self.broadcast_for("broadcast_to", shape)
    }

    pub(crate) fn broadcast_for(&self, op: &'static str, shape: &[usize]) -> Result<Tensor> {
        if self.shape() == shape {
            return Ok(self.clone());
        }
        Ok(self.with_layout(self.layout.broadcast_to(op, shape)?))
    }

    /// The same elements under another shape: a view if the strides allow, else a copy.
    ///
    /// # Errors
    /// [`Error::Value`] if the number of elements differs.
    pub fn reshape(&self, shape: &[usize]) -> Result<Tensor> {
        let want = layout::checked_size("reshape", shape)?;
        if want != self.size() || shape.len() > layout::MAX_NDIM {
            let message = format!("a tensor of shape {:?} cannot become shape {shape:?}", self.shape());
            return Err(Error::value("reshape", message));
        }
        match self.layout.reshape(shape) {
            Some(layout) => Ok(self.with_layout(layout)),
            None => {
                let copy = self.contiguous()?;
                let layout = Layout::contiguous("reshape", shape)?;
                Ok(copy.with_layout(layout))
            }
        }
    }

    /// A view of `len` elements from `start` on with a step along an axis.
    pub fn slice(&self, axis: usize, start: usize, len: usize, step: isize) -> Tensor {
        self.with_layout(self.layout.slice(axis, start, len, step))
    }

    /// A view at one index along an axis, which disappears.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`].
    pub fn select(&self, axis: usize, index: i64) -> Result<Tensor> {
        let size = self.shape()[axis];
        let i = if index < 0 { index + size as i64 } else { index };
        if !(0..size as i64).contains(&i) {
            return Err(Error::OutOfBounds { op: "index", index, axis, size });
        }
        Ok(self.with_layout(self.layout.select(axis, i as usize)))
    }

    /// A 0-d tensor of its own with the element at one index for each axis; negative ones count from the end.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`]; [`Error::Value`] if there are not as many indices as axes.
    pub fn element(&self, index: &[i64]) -> Result<Tensor> {
        let op = "index";
        if index.len() != self.ndim() {
            return Err(Error::value(op, format!("{} indices for an element of shape {:?}", index.len(), self.shape())));
        }
        let mut offset = self.layout.offset() as isize;
        for (axis, &at) in index.iter().enumerate() {
            let (size, stride) = (self.shape()[axis], self.strides()[axis]);
            let i = if at < 0 { at + size as i64 } else { at };
            if !(0..size as i64).contains(&i) {
                return Err(Error::OutOfBounds { op, index: at, axis, size });
            }
            offset += i as isize * stride;
        }
        let offset = offset as usize;
        if self.device() != Device::Cpu {
            return self.with_layout(Layout::new(&[], &[], offset)).copy();
        }
        let size = self.dtype.size();
        let out = Tensor { storage: Storage::host(size)?, layout: Layout::new(&[], &[], 0), dtype: self.dtype };
        // SAFETY: the offset is that of an element, and the new storage holds one.
        unsafe { std::ptr::copy_nonoverlapping(self.storage.as_ptr().add(offset * size), out.data_ptr::<u8>(), size) };
        Ok(out)
    }

    /// The same bytes read as another dtype of the same size.
    ///
    /// # Errors
    /// [`Error::Type`] if the sizes differ or the target is `bool`.
    pub fn bitcast(&self, dtype: DType) -> Result<Tensor> {
        if dtype.size() != self.dtype.size() || (dtype == DType::Bool && self.dtype != DType::Bool) {
            return Err(Error::type_("bitcast", format!("{} cannot be read as {dtype}", self.dtype)));
        }
        Ok(Tensor { storage: self.storage.clone(), layout: self.layout.clone(), dtype })
    }

    /// The real (0) or imaginary (1) parts of a complex tensor as a view.
    pub(crate) fn complex_part(&self, part: usize) -> Tensor {
        debug_assert!(self.dtype.is_complex());
        let strides: layout::Strides = self.strides().iter().map(|s| s * 2).collect();
        let layout = Layout::new(self.shape(), &strides, self.layout.offset() * 2 + part);
        Tensor { storage: self.storage.clone(), layout, dtype: self.dtype.real() }
    }

    // ---- copies -------------------------------------------------------------------------------

    /// This tensor if contiguous, else a contiguous copy.
    pub fn contiguous(&self) -> Result<Tensor> {
        if self.is_contiguous() { Ok(self.clone()) } else { self.copy() }
    }

    /// A contiguous copy.
    pub fn copy(&self) -> Result<Tensor> {
        let out = Tensor::uninit("copy", self.shape(), self.dtype, self.device())?;
        self.backend()?.copy(self, &out)?;
        Ok(out)
    }

    /// The elements converted to a dtype; an alias if it is the tensor's own.
    ///
    /// Conversions are those of NumPy on x86-64, everywhere: floats truncate towards zero, values outside an
    /// integer's range wrap or become its minimum, complex to real drops the imaginary part.
    pub fn astype(&self, dtype: DType) -> Result<Tensor> {
        if dtype == self.dtype {
            return Ok(self.clone());
        }
        let out = Tensor::uninit("astype", self.shape(), dtype, self.device())?;
        self.backend()?.copy(self, &out)?;
        Ok(out)
    }

    /// The tensor on another device; an alias if it is there already.
    ///
    /// # Errors
    /// [`Error::Device`] if there is no such device.
    pub fn to_device(&self, device: Device) -> Result<Tensor> {
        if device == self.device() {
            return Ok(self.clone());
        }
        backend::transfer(self, device)
    }

    /// Writes `value`, broadcast and converted, into the elements of this tensor.
    ///
    /// # Errors
    /// [`Error::Broadcast`], [`Error::ReadOnly`].
    pub fn assign(&self, value: &Tensor) -> Result<()> {
        if !self.storage.is_writable() {
            return Err(Error::ReadOnly { op: "assign" });
        }
        let value = value.to_device(self.device())?;
        let value = if value.may_share_memory(self) { value.copy()? } else { value };
        // Leading axes of length one are dropped, as NumPy does on assignment.
        let mut value = value;
        while value.ndim() > self.ndim() && value.shape()[0] == 1 {
            value = value.select(0, 0)?;
        }
        self.backend()?.copy(&value.broadcast_for("assign", self.shape())?, self)
    }

    /// Writes one scalar into every element of this tensor.
    ///
    /// # Errors
    /// [`Error::Overflow`] if an integer does not fit the dtype.
    pub fn fill(&self, value: Scalar) -> Result<()> {
        if !self.storage.is_writable() {
            return Err(Error::ReadOnly { op: "fill" });
        }
        dispatch!(self.dtype, T => { value.to_element::<T>("fill")?; });
        self.backend()?.fill(self, value)
    }

    /// The elements as a slice, borrowed if possible and copied if the tensor is not contiguous.
    pub fn to_cow<T: Element>(&self) -> Result<Cow<'_, [T]>> {
        if self.is_contiguous() && self.device() == Device::Cpu {
            Ok(Cow::Borrowed(self.as_slice()?))
        } else {
            Ok(Cow::Owned(self.to_vec()?))
        }
    }
}

impl std::fmt::Debug for Tensor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tensor(shape={:?}, dtype={}, device={})", self.shape(), self.dtype, self.device())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_through_a_view_are_seen_by_the_others() {
        let t = Tensor::from_vec(vec![0i32; 6], &[2, 3]).unwrap();
        t.select(0, 1).unwrap().fill(Scalar::Int(7)).unwrap();
        assert_eq!(t.to_vec::<i32>().unwrap(), [0, 0, 0, 7, 7, 7]);
        t.transpose().select(0, -1).unwrap().assign(&Tensor::from_vec(vec![1.9, -2.9], &[2]).unwrap()).unwrap();
        assert_eq!(t.to_vec::<i32>().unwrap(), [0, 0, 1, 7, 7, -2]);
    }

    #[test]
    fn a_reshape_of_a_transpose_copies() {
        let t = Tensor::from_vec((0..6i64).collect(), &[2, 3]).unwrap();
        let r = t.transpose().reshape(&[6]).unwrap();
        assert_eq!(r.to_vec::<i64>().unwrap(), [0, 3, 1, 4, 2, 5]);
        assert!(!r.storage().same(t.storage()));
        assert!(t.reshape(&[3, 2]).unwrap().storage().same(t.storage()));
        assert!(t.reshape(&[4]).is_err());
    }

    #[test]
    fn overlapping_assignment_uses_the_old_values() {
        let t = Tensor::from_vec((0..5i64).collect(), &[5]).unwrap();
        t.slice(0, 1, 4, 1).assign(&t.slice(0, 0, 4, 1)).unwrap();
        assert_eq!(t.to_vec::<i64>().unwrap(), [0, 0, 1, 2, 3]);
    }

    #[test]
    fn a_long_vector_is_taken_over() {
        let v = vec![1.5f64; 100_000];
        let p = v.as_ptr();
        let t = Tensor::from_vec(v, &[100, 1000]).unwrap();
        assert_eq!(t.as_slice::<f64>().unwrap().as_ptr(), p);
    }
}
