//! Assertions for tests: the rows of the op table.

use super::Dtypes::Any;
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Testing, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("testing.assert_", "(val, msg='')", "extension", Any, "A condition holds."),
    op(
        "testing.assert_allclose",
        "(actual, desired, rtol=1e-07, atol=0, equal_nan=True, err_msg='', verbose=True, *, strict=False)",
        "extension",
        Any,
        "Elements are equal within a tolerance.",
    ),
    op(
        "testing.assert_almost_equal",
        "(actual, desired, decimal=7, err_msg='', verbose=True)",
        "extension",
        Any,
        "Numbers or arrays are equal to some decimals.",
    ),
    op(
        "testing.assert_approx_equal",
        "(actual, desired, significant=7, err_msg='', verbose=True)",
        "extension",
        Any,
        "Numbers are equal to some significant digits.",
    ),
    op(
        "testing.assert_array_almost_equal",
        "(actual, desired, decimal=6, err_msg='', verbose=True)",
        "extension",
        Any,
        "Arrays are equal to some decimals.",
    ),
    op("testing.assert_array_almost_equal_nulp", "(x, y, nulp=1)", "extension", Any, "Arrays are equal to some units in the last place."),
    op("testing.assert_array_equal", "(actual, desired, err_msg='', verbose=True, *, strict=False)", "extension", Any, "Arrays are equal."),
    op("testing.assert_array_less", "(x, y, err_msg='', verbose=True, *, strict=False)", "extension", Any, "Elements are smaller."),
    op("testing.assert_array_max_ulp", "(a, b, maxulp=1, dtype=None)", "extension", Any, "Arrays differ by few units in the last place."),
    op("testing.assert_equal", "(actual, desired, err_msg='', verbose=True, *, strict=False)", "extension", Any, "Objects are equal."),
    op("testing.assert_no_warnings", "(*args, **kwargs)", "extension", Any, "No warning is given."),
    op("testing.assert_raises", "(*args, **kwargs)", "extension", Any, "An exception is raised."),
    op(
        "testing.assert_raises_regex",
        "(exception_class, expected_regexp, *args, **kwargs)",
        "extension",
        Any,
        "An exception with a message is raised.",
    ),
    op("testing.assert_string_equal", "(actual, desired)", "extension", Any, "Texts are equal."),
    op("testing.assert_warns", "(warning_class, *args, **kwargs)", "extension", Any, "A warning is given."),
];
