//! Convolution and pooling of images, exact in Q(phi).

use super::linalg::product;
use super::{ModeNorms, ResonantTensor, default_norms};
use crate::error::{Error, Result};
use crate::exact::Golden;

/// A value for height and one for width.
pub type Pair = [usize; 2];

/// The order of the axes of images and kernels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout2d {
    /// Images `[N, C, H, W]`, kernels `[O, I, kh, kw]`.
    #[default]
    Nchw,
    /// Images `[N, H, W, C]`, kernels `[O, kh, kw, I]`.
    Nhwc,
}

impl Layout2d {
    /// The layout of that name.
    ///
    /// # Errors
    /// [`Error::Value`] for other names.
    pub fn from_name(name: &str) -> Result<Layout2d> {
        match name {
            "NCHW" => Ok(Layout2d::Nchw),
            "NHWC" => Ok(Layout2d::Nhwc),
            _ => Err(Error::value("layout", format!("{name:?} is not one of \"NCHW\", \"NHWC\""))),
        }
    }
}

/// The windows that slide over a padded image.
struct Windows {
    stride: Pair,
    padding: Pair,
    out: Pair,
}

impl Windows {
    fn new(op: &'static str, image: Pair, size: Pair, stride: Pair, padding: Pair) -> Result<Windows> {
        if stride.contains(&0) || size.contains(&0) {
            return Err(Error::value(op, format!("window {size:?} and stride {stride:?} must be positive")));
        }
        let mut out = [0; 2];
        for axis in 0..2 {
            let padded = image[axis] + 2 * padding[axis];
            if size[axis] > padded {
                return Err(Error::shape(op, format!("the window {size:?} is larger than the image {image:?} with padding {padding:?}")));
            }
            out[axis] = (padded - size[axis]) / stride[axis] + 1;
        }
        Ok(Windows { stride, padding, out })
    }

    /// The place in the image under an element of a window, or `None` in the padding.
    fn place(&self, image: Pair, at: Pair, offset: Pair) -> Option<Pair> {
        let mut place = [0; 2];
        for axis in 0..2 {
            let padded = at[axis] * self.stride[axis] + offset[axis];
            place[axis] = padded.checked_sub(self.padding[axis]).filter(|&i| i < image[axis])?;
        }
        Some(place)
    }

    fn count(&self) -> usize {
        self.out[0] * self.out[1]
    }
}

impl ResonantTensor {
    fn images(&self, op: &'static str) -> Result<[usize; 4]> {
        self.crystallized(op)?;
        <[usize; 4]>::try_from(&self.shape[..])
            .map_err(|_| Error::shape(op, format!("images have four axes, [N, C, H, W]; got {:?}", self.shape)))
    }

    /// Cross-correlation with a kernel, plus a bias per output channel; exact, so that nothing is snapped.
    ///
    /// # Errors
    /// [`Error::Shape`] unless image and kernel have four axes with equal channels, the kernel fits into the padded
    /// image and the bias has one number per output channel; [`Error::Value`] for a stride of zero.
    pub fn conv2d(
        &self,
        kernel: &ResonantTensor,
        bias: Option<&ResonantTensor>,
        stride: Pair,
        padding: Pair,
        layout: Layout2d,
    ) -> Result<ResonantTensor> {
        let op = "conv2d";
        if layout == Layout2d::Nhwc {
            let out = self.permute(&[0, 3, 1, 2]).and_then(|x| {
                let k = kernel.permute(&[0, 3, 1, 2])?;
                x.conv2d(&k, bias, stride, padding, Layout2d::Nchw)
            })?;
            return out.permute(&[0, 2, 3, 1]);
        }
        let [n, c, h, w] = self.images(op)?;
        let [o, i, kh, kw] = kernel.images(op)?;
        if c != i {
            return Err(Error::shape(op, format!("the image has {c} channels, the kernel {i}")));
        }
        if let Some(b) = bias {
            b.crystallized(op)?;
            if b.shape != [o] {
                return Err(Error::shape(op, format!("the bias of {o} output channels has shape [{o}], not {:?}", b.shape)));
            }
        }
        let windows = Windows::new(op, [h, w], [kh, kw], stride, padding)?;
        let (count, k) = (windows.count(), c * kh * kw);
        let mut lattice = Vec::with_capacity(n * o * count);
        for image in self.lattice.chunks((c * h * w).max(1)).take(n) {
            let mut patches = Vec::with_capacity(count * k);
            for y in 0..windows.out[0] {
                for x in 0..windows.out[1] {
                    for channel in 0..c {
                        for dy in 0..kh {
                            for dx in 0..kw {
                                let place = windows.place([h, w], [y, x], [dy, dx]);
                                patches.push(place.map_or(Golden::ZERO, |[y, x]| image[(channel * h + y) * w + x].clone()));
                            }
                        }
                    }
                }
            }
            lattice.extend(product(&kernel.lattice, &patches, o, count, k));
        }
        if let Some(b) = bias {
            for (index, v) in lattice.iter_mut().enumerate() {
                *v = &*v + &b.lattice[index / count % o];
            }
        }
        let shape = [n, o, windows.out[0], windows.out[1]];
        let norms = default_norms(&shape, ModeNorms::LastAxis);
        ResonantTensor::build(op, lattice, &shape, norms, self.precision.max(kernel.precision))
    }

    fn pool(
        &self,
        op: &'static str,
        size: Pair,
        stride: Pair,
        padding: Pair,
        combine: impl Fn(&mut dyn Iterator<Item = &Golden>) -> Golden,
    ) -> Result<ResonantTensor> {
        let [n, c, h, w] = self.images(op)?;
        let windows = Windows::new(op, [h, w], size, stride, padding)?;
        if (0..2).any(|axis| 2 * padding[axis] > size[axis]) {
            return Err(Error::value(op, format!("padding {padding:?} is more than half of the window {size:?}")));
        }
        let mut lattice = Vec::with_capacity(n * c * windows.count());
        for plane in self.lattice.chunks((h * w).max(1)).take(n * c) {
            for y in 0..windows.out[0] {
                for x in 0..windows.out[1] {
                    let offsets = (0..size[0]).flat_map(|dy| (0..size[1]).map(move |dx| [dy, dx]));
                    let mut inside = offsets.filter_map(|d| windows.place([h, w], [y, x], d)).map(|[y, x]| &plane[y * w + x]);
                    lattice.push(combine(&mut inside));
                }
            }
        }
        ResonantTensor::with_default_norms(op, lattice, &[n, c, windows.out[0], windows.out[1]], self.precision)
    }

    /// The largest element of each window; exact.
    ///
    /// # Errors
    /// As [`ResonantTensor::conv2d`]; padding up to half the window.
    pub fn max_pool2d(&self, size: Pair, stride: Pair, padding: Pair) -> Result<ResonantTensor> {
        self.pool("max_pool2d", size, stride, padding, |window| window.max().cloned().unwrap_or(Golden::ZERO))
    }

    /// The mean of each window, exact; padding counts as zeros, or not at all.
    ///
    /// # Errors
    /// As [`ResonantTensor::max_pool2d`].
    pub fn avg_pool2d(&self, size: Pair, stride: Pair, padding: Pair, count_include_pad: bool) -> Result<ResonantTensor> {
        let area = (size[0] * size[1]) as i64;
        self.pool("avg_pool2d", size, stride, padding, |window| {
            let (mut sum, mut count) = (Golden::ZERO, 0);
            window.for_each(|v| {
                sum = &sum + v;
                count += 1;
            });
            let by = if count_include_pad { area } else { count.max(1) };
            sum.checked_div(&Golden::from(by)).unwrap_or(Golden::ZERO)
        })
    }

    /// The mean of each channel, exact: `[N, C, H, W]` to `[N, C]`.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there are four axes and the images are not empty.
    pub fn global_avg_pool2d(&self) -> Result<ResonantTensor> {
        let [n, c, h, w] = self.images("global_avg_pool2d")?;
        self.avg_pool2d([h, w], [1, 1], [0, 0], true)?.reshape(&[n as i64, c as i64])
    }
}
