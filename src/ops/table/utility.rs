//! Utilities: the rows of the op table.

use super::Dtypes::{Any, Numeric, Real};
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Utility, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("all", "(x, /, *, axis=None, keepdims=False)", "2024.12", Any, "Whether all elements are true."),
    op("allclose", "(a, b, /, rtol=1e-05, atol=1e-08, equal_nan=False)", "extension", Any, "Whether all elements are equal within a tolerance."),
    op("any", "(x, /, *, axis=None, keepdims=False)", "2024.12", Any, "Whether any element is true."),
    op("apply_along_axis", "(func1d, axis, x, /, *args, **kwargs)", "extension", Any, "A function of vectors called along an axis."),
    op("apply_over_axes", "(func, x, axes, /)", "extension", Any, "A function called over several axes in turn."),
    op("array2string", "(a, /, max_line_width=None, precision=None, suppress_small=None, separator=' ', prefix='', *, formatter=None, threshold=None, edgeitems=None, sign=None, floatmode=None, suffix='')", "extension", Any, "An array as text."),
    op("array_equal", "(x1, x2, /, equal_nan=False)", "extension", Any, "Whether two arrays have the same shape and elements."),
    op("array_equiv", "(x1, x2, /)", "extension", Any, "Whether two arrays are equal after broadcasting."),
    op("array_repr", "(x, /, max_line_width=None, precision=None, suppress_small=None)", "extension", Any, "An array as `repr` shows it."),
    op("array_str", "(x, /, max_line_width=None, precision=None, suppress_small=None)", "extension", Any, "An array as `str` shows it."),
    op("base_repr", "(number, /, base=2, padding=0)", "extension", Any, "A number in another base, as text."),
    op("binary_repr", "(num, /, width=None)", "extension", Any, "A number in binary, as text."),
    op("diff", "(x, /, *, axis=-1, n=1, prepend=None, append=None)", "2024.12", Numeric, "Differences of neighbouring elements."),
    op("ediff1d", "(x, /, to_end=None, to_begin=None)", "extension", Any, "Differences of neighbouring elements of the flattened array."),
    op("errstate", "(*, all=None, divide=None, over=None, under=None, invalid=None)", "extension", Any, "How floating-point errors are treated inside a `with` block."),
    op("format_float_positional", "(x, /, precision=None, *, unique=True, fractional=True, trim='k', sign=False, pad_left=None, pad_right=None, min_digits=None)", "extension", Any, "A number in decimal notation."),
    op("format_float_scientific", "(x, /, precision=None, *, unique=True, trim='k', sign=False, pad_left=None, exp_digits=None, min_digits=None)", "extension", Any, "A number in scientific notation."),
    op("frompyfunc", "(func, /, nin, nout, *, identity=None)", "extension", Any, "A function of scalars made elementwise."),
    op("get_printoptions", "()", "extension", Any, "How arrays are printed."),
    op("geterr", "()", "extension", Any, "How floating-point errors are treated."),
    op("gradient", "(f, /, *varargs, axis=None, edge_order=1)", "extension", Numeric, "Numerical gradient by central differences."),
    op("interp", "(x, xp, fp, /, left=None, right=None, period=None)", "extension", Real, "Piecewise linear interpolation."),
    op("isscalar", "(element, /)", "extension", Any, "Whether an object is a scalar."),
    op("iterable", "(y, /)", "extension", Any, "Whether an object can be iterated."),
    op("may_share_memory", "(x1, x2, /, max_work=None)", "extension", Any, "Whether the memory bounds of two arrays overlap."),
    op("ndenumerate", "(x, /)", "extension", Any, "Positions and elements in turn."),
    op("ndim", "(x, /)", "extension", Any, "The number of axes of an array or nested sequence."),
    op("ndindex", "(*shape)", "extension", Any, "Positions of a shape in turn."),
    op("nditer", "(op, /)", "extension", Any, "The elements in row-major order, to be read."),
    op("poly", "(roots, /)", "extension", Any, "Coefficients of the polynomial with these roots."),
    op("poly1d", "(c_or_r, r=False, variable=None)", "extension", Any, "A polynomial as an object."),
    op("polyadd", "(a, b, /)", "extension", Any, "Sum of polynomials."),
    op("polyder", "(p, /, m=1)", "extension", Any, "Derivative of a polynomial."),
    op("polydiv", "(u, v, /)", "extension", Any, "Quotient and remainder of polynomials."),
    op("polyfit", "(x, y, deg, /, rcond=None, full=False, w=None, cov=False)", "extension", Any, "Least-squares fit of a polynomial."),
    op("polyint", "(p, /, m=1, k=None)", "extension", Any, "Integral of a polynomial."),
    op("polymul", "(a, b, /)", "extension", Any, "Product of polynomials."),
    op("polysub", "(a, b, /)", "extension", Any, "Difference of polynomials."),
    op("polyval", "(p, x, /)", "extension", Any, "Value of a polynomial."),
    op("printoptions", "(precision=None, threshold=None, edgeitems=None, linewidth=None, suppress=None, nanstr=None, infstr=None, formatter=None, sign=None, floatmode=None)", "extension", Any, "How arrays are printed inside a `with` block."),
    op("roots", "(p, /)", "extension", Any, "Roots of a polynomial."),
    op("set_printoptions", "(precision=None, threshold=None, edgeitems=None, linewidth=None, suppress=None, nanstr=None, infstr=None, formatter=None, sign=None, floatmode=None)", "extension", Any, "How arrays are printed from now on."),
    op("seterr", "(all=None, divide=None, over=None, under=None, invalid=None)", "extension", Any, "How floating-point errors are treated from now on."),
    op("shape", "(x, /)", "extension", Any, "The shape of an array or nested sequence."),
    op("shares_memory", "(x1, x2, /, max_work=None)", "extension", Any, "Whether two arrays share an element in memory."),
    op("size", "(x, /, axis=None)", "extension", Any, "The number of elements."),
    op("vectorize", "(pyfunc=None, otypes=None, doc=None, excluded=None, cache=False, signature=None)", "extension", Any, "A function of scalars made elementwise."),
];
