//! Reading and writing files: the rows of the op table.

use super::Dtypes::Any;
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Io, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("fromfile", "(file, /, dtype=float, count=-1, sep='', offset=0)", "extension", Any, "Numbers read from a binary or text file."),
    op(
        "genfromtxt",
        "(file, /, dtype=float, comments='#', delimiter=None, skip_header=0, skip_footer=0, converters=None, missing_values=None, filling_values=None, usecols=None, unpack=None, max_rows=None, encoding=None, *, ndmin=0, names=None)",
        "extension",
        Any,
        "Numbers read from text with gaps.",
    ),
    op("load", "(file, /, mmap_mode=None)", "extension", Any, "Arrays read from a `.npy` or `.npz` file."),
    op(
        "loadtxt",
        "(file, /, dtype=float, comments='#', delimiter=None, converters=None, skiprows=0, usecols=None, unpack=False, ndmin=0, encoding=None, max_rows=None)",
        "extension",
        Any,
        "Numbers read from text.",
    ),
    op("save", "(file, x, /)", "extension", Any, "An array written to a `.npy` file."),
    op(
        "savetxt",
        "(file, x, /, fmt='%.18e', delimiter=' ', newline='\\n', header='', footer='', comments='# ', encoding=None)",
        "extension",
        Any,
        "An array written as text.",
    ),
    op("savez", "(file, *args, **kwds)", "extension", Any, "Arrays written to a `.npz` archive."),
    op("savez_compressed", "(file, *args, **kwds)", "extension", Any, "Arrays written to a compressed `.npz` archive."),
];
