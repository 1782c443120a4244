//! Indexing: the rows of the op table.

use super::Dtypes::Any;
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Indexing, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("c_", "", "extension", Any, "Columns joined by indexing."),
    op("choose", "(x, choices, /, mode='raise')", "extension", Any, "Elements of several arrays by an array of numbers."),
    op("compress", "(condition, x, /, axis=None)", "extension", Any, "Slices where a condition holds."),
    op("copyto", "(dst, src, /, casting='same_kind', where=True)", "extension", Any, "Values written into an array, in place."),
    op("diag_indices", "(n, /, ndim=2)", "extension", Any, "Positions of a diagonal."),
    op("diag_indices_from", "(x, /)", "extension", Any, "Positions of the diagonal of an array."),
    op("extract", "(condition, x, /)", "extension", Any, "Elements where a condition holds."),
    op("fill_diagonal", "(x, value, /, wrap=False)", "extension", Any, "The diagonal of an array written in place."),
    op("index_exp", "", "extension", Any, "An index expression as a tuple."),
    op("ix_", "(*sequences)", "extension", Any, "Open grids of positions for a cross product."),
    op("mask_indices", "(n, mask_func, /, k=0)", "extension", Any, "Positions that a triangle function keeps."),
    op("mgrid", "", "extension", Any, "Dense grids by slicing."),
    op("ogrid", "", "extension", Any, "Open grids by slicing."),
    op("place", "(x, mask, values, /)", "extension", Any, "Values written in turn where a mask holds, in place."),
    op("put", "(x, indices, values, /, mode='raise')", "extension", Any, "Values written to positions of the flattened array, in place."),
    op("put_along_axis", "(x, indices, values, /, axis)", "extension", Any, "Values written by position, one per slice."),
    op("putmask", "(x, mask, values, /)", "extension", Any, "Values written by position where a mask holds, in place."),
    op("r_", "", "extension", Any, "Rows joined by indexing."),
    op("ravel_multi_index", "(multi_index, dims, /, mode='raise', order='C')", "extension", Any, "Positions per axis as flat positions."),
    op("s_", "", "extension", Any, "An index expression as a value."),
    op("take", "(x, indices, /, *, axis=None)", "2024.12", Any, "Elements by position along an axis."),
    op("take_along_axis", "(x, indices, /, *, axis=-1)", "2024.12", Any, "Elements by position, with one position per slice."),
    op("tril_indices", "(n, /, k=0, m=None)", "extension", Any, "Positions of the lower triangle."),
    op("tril_indices_from", "(x, /, k=0)", "extension", Any, "Positions of the lower triangle of an array."),
    op("triu_indices", "(n, /, k=0, m=None)", "extension", Any, "Positions of the upper triangle."),
    op("triu_indices_from", "(x, /, k=0)", "extension", Any, "Positions of the upper triangle of an array."),
    op("unravel_index", "(indices, shape, /, order='C')", "extension", Any, "Flat positions as positions per axis."),
    op(
        "update_at",
        "(f, x, indices, values=None, /)",
        "extension",
        Any,
        "Replaces the elements at some indices by a function of them and of values; indices may repeat.",
    ),
];
