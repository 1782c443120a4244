//! Fourier transforms: the rows of the op table.

use super::Dtypes::Floating;
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Fft, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("fft.fft", "(x, /, *, n=None, axis=-1, norm='backward')", "2024.12", Floating, "Discrete Fourier transform of one axis."),
    op("fft.fft2", "(x, /, s=None, axes=(-2, -1), norm=None)", "extension", Floating, "Discrete Fourier transform of two axes."),
    op("fft.fftfreq", "(n, /, *, d=1.0, dtype=None, device=None)", "2024.12", Floating, "Sample frequencies of `fft`."),
    op("fft.fftn", "(x, /, *, s=None, axes=None, norm='backward')", "2024.12", Floating, "Discrete Fourier transform of several axes."),
    op("fft.fftshift", "(x, /, *, axes=None)", "2024.12", Floating, "The zero frequency moved to the middle."),
    op("fft.hfft", "(x, /, *, n=None, axis=-1, norm='backward')", "2024.12", Floating, "Transform of Hermitian input."),
    op("fft.ifft", "(x, /, *, n=None, axis=-1, norm='backward')", "2024.12", Floating, "Inverse of `fft`."),
    op("fft.ifft2", "(x, /, s=None, axes=(-2, -1), norm=None)", "extension", Floating, "Inverse of `fft2`."),
    op("fft.ifftn", "(x, /, *, s=None, axes=None, norm='backward')", "2024.12", Floating, "Inverse of `fftn`."),
    op("fft.ifftshift", "(x, /, *, axes=None)", "2024.12", Floating, "Inverse of `fftshift`."),
    op("fft.ihfft", "(x, /, *, n=None, axis=-1, norm='backward')", "2024.12", Floating, "Inverse of `hfft`."),
    op("fft.irfft", "(x, /, *, n=None, axis=-1, norm='backward')", "2024.12", Floating, "Inverse of `rfft`."),
    op("fft.irfft2", "(x, /, s=None, axes=(-2, -1), norm=None)", "extension", Floating, "Inverse of `rfft2`."),
    op("fft.irfftn", "(x, /, *, s=None, axes=None, norm='backward')", "2024.12", Floating, "Inverse of `rfftn`."),
    op("fft.rfft", "(x, /, *, n=None, axis=-1, norm='backward')", "2024.12", Floating, "Transform of real input."),
    op("fft.rfft2", "(x, /, s=None, axes=(-2, -1), norm=None)", "extension", Floating, "Transform of two axes of real input."),
    op("fft.rfftfreq", "(n, /, *, d=1.0, dtype=None, device=None)", "2024.12", Floating, "Sample frequencies of `rfft`."),
    op("fft.rfftn", "(x, /, *, s=None, axes=None, norm='backward')", "2024.12", Floating, "Transform of several axes of real input."),
];
