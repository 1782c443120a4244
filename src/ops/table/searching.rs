//! Searching: the rows of the op table.

use super::Dtypes::Any;
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Searching, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("argmax", "(x, /, *, axis=None, keepdims=False)", "2024.12", Any, "Position of the largest element."),
    op("argmin", "(x, /, *, axis=None, keepdims=False)", "2024.12", Any, "Position of the smallest element."),
    op("argwhere", "(x, /)", "extension", Any, "Positions of the nonzero elements, one row each."),
    op("count_nonzero", "(x, /, *, axis=None, keepdims=False)", "2024.12", Any, "How many elements are not zero."),
    op("flatnonzero", "(x, /)", "extension", Any, "Positions of the nonzero elements of the flattened array."),
    op("nanargmax", "(x, /, axis=None, *, keepdims=False)", "extension", Any, "Position of the largest element that is not NaN."),
    op("nanargmin", "(x, /, axis=None, *, keepdims=False)", "extension", Any, "Position of the smallest element that is not NaN."),
    op("nonzero", "(x, /)", "2024.12", Any, "Positions of the elements that are not zero, one array per axis."),
    op("searchsorted", "(x1, x2, /, *, side='left', sorter=None)", "2024.12", Any, "Where values would be inserted to keep the order."),
    op("where", "(condition, x1, x2, /)", "2024.12", Any, "Elements of one array or another by a condition."),
];
