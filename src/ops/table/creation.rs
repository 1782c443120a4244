//! Creation of tensors: the rows of the op table.

use super::Dtypes::{Any};
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Creation, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("arange", "(start, /, stop=None, step=1, *, dtype=None, device=None)", "2024.12", Any, "Evenly spaced values of a half-open range."),
    op("array", "(x, /, dtype=None, *, copy=True, ndmin=0, device=None)", "extension", Any, "A new array with the values of an object."),
    op("asarray", "(obj, /, *, dtype=None, device=None, copy=None)", "2024.12", Any, "An array of the values of an object; no copy where none is needed."),
    op("asarray_chkfinite", "(x, /, dtype=None)", "extension", Any, "An array, or an error if it holds NaN or infinities."),
    op("ascontiguousarray", "(x, /, dtype=None)", "extension", Any, "An array in row-major memory, of at least one dimension."),
    op("bartlett", "(n, /)", "extension", Any, "The Bartlett window."),
    op("blackman", "(n, /)", "extension", Any, "The Blackman window."),
    op("copy", "(x, /)", "extension", Any, "A copy that shares nothing with the original."),
    op("diag", "(x, /, k=0)", "extension", Any, "A diagonal taken out, or a matrix made of one."),
    op("diagflat", "(x, /, k=0)", "extension", Any, "A matrix with the flattened input on a diagonal."),
    op("e", "", "2024.12", Any, "Base of the natural logarithm."),
    op("empty", "(shape, *, dtype=None, device=None)", "2024.12", Any, "An array whose elements are not set."),
    op("empty_like", "(x, /, *, dtype=None, device=None)", "2024.12", Any, "An array like another whose elements are not set."),
    op("euler_gamma", "", "extension", Any, "Euler's constant."),
    op("eye", "(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None)", "2024.12", Any, "Ones on a diagonal, zeros elsewhere."),
    op("from_dlpack", "(x, /, *, device=None, copy=None)", "2024.12", Any, "An array of another library, without a copy where possible."),
    op("frombuffer", "(buffer, /, dtype=float, count=-1, offset=0)", "extension", Any, "A view of bytes as an array."),
    op("fromfunction", "(function, shape, /, *, dtype=float, **kwargs)", "extension", Any, "A function called with the coordinates of a grid."),
    op("fromiter", "(iterable, /, dtype=None, count=-1)", "extension", Any, "An array of the items of an iterable."),
    op("fromstring", "(text, /, dtype=float, count=-1, *, sep)", "extension", Any, "An array of the numbers in a text."),
    op("full", "(shape, fill_value, *, dtype=None, device=None)", "2024.12", Any, "An array filled with one value."),
    op("full_like", "(x, /, fill_value, *, dtype=None, device=None)", "2024.12", Any, "One value with the shape and dtype of an array."),
    op("geomspace", "(start, stop, /, num=50, *, endpoint=True, dtype=None)", "extension", Any, "Values of a geometric progression."),
    op("hamming", "(n, /)", "extension", Any, "The Hamming window."),
    op("hanning", "(n, /)", "extension", Any, "The Hann window."),
    op("identity", "(n, /, dtype=None)", "extension", Any, "The identity matrix."),
    op("indices", "(dimensions, /, dtype=None, sparse=False)", "extension", Any, "Coordinate arrays of a grid of a shape."),
    op("inf", "", "2024.12", Any, "Infinity."),
    op("kaiser", "(n, beta, /)", "extension", Any, "The Kaiser window."),
    op("linspace", "(start, stop, /, num=50, *, dtype=None, device=None, endpoint=True, retstep=False)", "2024.12", Any, "Evenly spaced values of a closed range."),
    op("logspace", "(start, stop, /, num=50, *, endpoint=True, base=10.0, dtype=None)", "extension", Any, "Values evenly spaced on a logarithmic scale, by exponents."),
    op("meshgrid", "(*arrays, indexing='xy', sparse=False, copy=True)", "2024.12", Any, "Coordinate arrays of a grid."),
    op("nan", "", "2024.12", Any, "Not a number."),
    op("newaxis", "", "2024.12", Any, "`None`, as an index that adds an axis."),
    op("ones", "(shape, *, dtype=None, device=None)", "2024.12", Any, "An array of ones."),
    op("ones_like", "(x, /, *, dtype=None, device=None)", "2024.12", Any, "Ones with the shape and dtype of an array."),
    op("pi", "", "2024.12", Any, "Circle constant."),
    op("require", "(x, /, dtype=None, requirements=None)", "extension", Any, "An array that is contiguous, writable and owns its memory, as far as required."),
    op("tri", "(n, /, m=None, k=0, dtype=None)", "extension", Any, "Ones at and below a diagonal."),
    op("tril", "(x, /, *, k=0)", "2024.12", Any, "Lower triangle, zeros elsewhere."),
    op("triu", "(x, /, *, k=0)", "2024.12", Any, "Upper triangle, zeros elsewhere."),
    op("vander", "(x, /, n=None, increasing=False)", "extension", Any, "Vandermonde matrix."),
    op("zeros", "(shape, *, dtype=None, device=None)", "2024.12", Any, "An array of zeros."),
    op("zeros_like", "(x, /, *, dtype=None, device=None)", "2024.12", Any, "Zeros with the shape and dtype of an array."),
];
