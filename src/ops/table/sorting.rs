//! Sorting: the rows of the op table.

use super::Dtypes::Any;
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Sorting, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("argpartition", "(x, kth, /, axis=-1)", "extension", Any, "The positions of the elements around the k-th smallest."),
    op("argsort", "(x, /, *, axis=-1, descending=False, stable=True)", "2024.12", Any, "The positions that put the elements in order."),
    op("lexsort", "(keys, /, axis=-1)", "extension", Any, "Order by several keys, the last one first."),
    op("partition", "(x, kth, /, axis=-1)", "extension", Any, "The elements around the k-th smallest."),
    op("sort", "(x, /, *, axis=-1, descending=False, stable=True)", "2024.12", Any, "The elements in order."),
    op("sort_complex", "(x, /)", "extension", Any, "The elements in order, as complex numbers."),
];
