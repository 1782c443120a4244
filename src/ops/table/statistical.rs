//! Statistics: the rows of the op table.

use super::Dtypes::{Any, Integer, Numeric, Real};
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Statistical, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("average", "(x, /, axis=None, weights=None, returned=False, *, keepdims=False)", "extension", Numeric, "Mean with weights."),
    op("bincount", "(x, /, weights=None, minlength=0)", "extension", Integer, "How often each nonnegative integer occurs."),
    op("convolve", "(a, v, /, mode='full')", "extension", Numeric, "Convolution of two vectors."),
    op("corrcoef", "(x, /, y=None, rowvar=True)", "extension", Numeric, "Correlation coefficients."),
    op("correlate", "(a, v, /, mode='valid')", "extension", Numeric, "Cross-correlation of two vectors."),
    op(
        "cov",
        "(m, /, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None)",
        "extension",
        Numeric,
        "Covariance matrix.",
    ),
    op("cumprod", "(x, /, axis=None, dtype=None)", "extension", Numeric, "Running product; over the flattened array without an axis."),
    op("cumsum", "(x, /, axis=None, dtype=None)", "extension", Numeric, "Running sum; over the flattened array without an axis."),
    op("cumulative_prod", "(x, /, *, axis=None, dtype=None, include_initial=False)", "2024.12", Numeric, "Running product along an axis."),
    op("cumulative_sum", "(x, /, *, axis=None, dtype=None, include_initial=False)", "2024.12", Numeric, "Running sum along an axis."),
    op("digitize", "(x, bins, /, right=False)", "extension", Real, "Which bin each element falls into."),
    op("histogram", "(x, /, bins=10, range=None, density=None, weights=None)", "extension", Real, "Counts and edges of a histogram."),
    op(
        "histogram2d",
        "(x, y, /, bins=10, range=None, density=None, weights=None)",
        "extension",
        Any,
        "Counts and edges of a histogram in two dimensions.",
    ),
    op("histogram_bin_edges", "(x, /, bins=10, range=None, weights=None)", "extension", Any, "Edges that `histogram` would use."),
    op(
        "histogramdd",
        "(sample, /, bins=10, range=None, density=None, weights=None)",
        "extension",
        Any,
        "Counts and edges of a histogram in many dimensions.",
    ),
    op("max", "(x, /, *, axis=None, keepdims=False)", "2024.12", Any, "Largest element; NaN wins."),
    op("mean", "(x, /, *, axis=None, keepdims=False)", "2024.12", Numeric, "Arithmetic mean."),
    op("median", "(x, /, axis=None, *, keepdims=False)", "extension", Real, "The middle element, or the mean of the middle two."),
    op("min", "(x, /, *, axis=None, keepdims=False)", "2024.12", Any, "Smallest element; NaN wins."),
    op("nancumprod", "(x, /, axis=None, *, dtype=None)", "extension", Any, "Running product that counts NaN as one."),
    op("nancumsum", "(x, /, axis=None, *, dtype=None)", "extension", Any, "Running sum that counts NaN as zero."),
    op("nanmax", "(x, /, axis=None, *, keepdims=False)", "extension", Any, "Largest element that is not NaN."),
    op("nanmean", "(x, /, axis=None, *, keepdims=False)", "extension", Numeric, "Mean of the elements that are not NaN."),
    op("nanmedian", "(x, /, axis=None, *, keepdims=False)", "extension", Real, "Median of the elements that are not NaN."),
    op("nanmin", "(x, /, axis=None, *, keepdims=False)", "extension", Any, "Smallest element that is not NaN."),
    op(
        "nanpercentile",
        "(x, q, /, axis=None, *, method='linear', keepdims=False)",
        "extension",
        Real,
        "`percentile` of the elements that are not NaN.",
    ),
    op("nanprod", "(x, /, axis=None, *, dtype=None, keepdims=False)", "extension", Numeric, "Product of the elements that are not NaN."),
    op(
        "nanquantile",
        "(x, q, /, axis=None, *, method='linear', keepdims=False)",
        "extension",
        Real,
        "`quantile` of the elements that are not NaN.",
    ),
    op(
        "nanstd",
        "(x, /, axis=None, *, ddof=0, keepdims=False)",
        "extension",
        Numeric,
        "Standard deviation of the elements that are not NaN.",
    ),
    op("nansum", "(x, /, axis=None, *, dtype=None, keepdims=False)", "extension", Numeric, "Sum of the elements that are not NaN."),
    op("nanvar", "(x, /, axis=None, *, ddof=0, keepdims=False)", "extension", Numeric, "Variance of the elements that are not NaN."),
    op(
        "percentile",
        "(x, q, /, axis=None, *, method='linear', keepdims=False)",
        "extension",
        Real,
        "Value below which a percentage of the elements falls.",
    ),
    op("prod", "(x, /, *, axis=None, dtype=None, keepdims=False)", "2024.12", Numeric, "Product of the elements."),
    op("ptp", "(x, /, axis=None, *, keepdims=False)", "extension", Any, "Largest minus smallest element."),
    op(
        "quantile",
        "(x, q, /, axis=None, *, method='linear', keepdims=False)",
        "extension",
        Real,
        "Value below which a fraction of the elements falls.",
    ),
    op(
        "std",
        "(x, /, *, axis=None, correction=0.0, keepdims=False)",
        "2024.12",
        Numeric,
        "Standard deviation, over n unless a correction is given.",
    ),
    op("sum", "(x, /, *, axis=None, dtype=None, keepdims=False)", "2024.12", Numeric, "Sum of the elements."),
    op("trapezoid", "(y, /, x=None, dx=1.0, axis=-1)", "extension", Numeric, "Integral by the trapezoidal rule."),
    op("var", "(x, /, *, axis=None, correction=0.0, keepdims=False)", "2024.12", Numeric, "Variance, over n unless a correction is given."),
];
