//! Discrete Fourier transforms: the `fft` extension of the array API standard and NumPy's two-dimensional forms.
//!
//! float32 and complex64 are transformed in single precision; float64, complex128, integers and bool in double; the
//! 16-bit floats in single.

mod frequencies;
mod transforms;

pub use frequencies::{fftfreq, fftshift, ifftshift, rfftfreq};
pub use transforms::{Norm, fft, fft2, fftn, hfft, ifft, ifft2, ifftn, ihfft, irfft, irfft2, irfftn, rfft, rfft2, rfftn};
