//! Sets: the rows of the op table.

use super::Dtypes::Any;
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Set, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("intersect1d", "(x1, x2, /, assume_unique=False, return_indices=False)", "extension", Any, "The elements of both arrays."),
    op("isin", "(element, test_elements, /, assume_unique=False, invert=False)", "2025.12", Any, "Which elements occur in another array."),
    op("setdiff1d", "(x1, x2, /, assume_unique=False)", "extension", Any, "The elements of the first array that are not in the second."),
    op("setxor1d", "(x1, x2, /, assume_unique=False)", "extension", Any, "The elements that are in one array only."),
    op("union1d", "(x1, x2, /)", "extension", Any, "The elements of either array."),
    op(
        "unique",
        "(x, /, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True, sorted=True)",
        "extension",
        Any,
        "The different elements, in order.",
    ),
    op("unique_all", "(x, /)", "2024.12", Any, "The different elements, with positions, inverse and counts."),
    op("unique_counts", "(x, /)", "2024.12", Any, "The different elements and how often they occur."),
    op("unique_inverse", "(x, /)", "2024.12", Any, "The different elements and where each came from."),
    op("unique_values", "(x, /)", "2024.12", Any, "The different elements."),
];
