//! Data types: the rows of the op table.

use super::Dtypes::Any;
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::DataTypes, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("AxisError", "", "extension", Any, "Raised for an axis that an array does not have."),
    op("Tensor", "", "extension", Any, "The array class."),
    op("astype", "(x, dtype, /, *, copy=True, device=None)", "2024.12", Any, "The elements converted to a dtype."),
    op("bfloat16", "(value=0, /)", "extension", Any, "The bfloat16 dtype; called, it converts to it."),
    op("bool", "(value=0, /)", "2024.12", Any, "The bool dtype; called, it converts to it."),
    op("can_cast", "(from_, to, /, casting='safe')", "2024.12", Any, "Whether one dtype converts to another under a rule."),
    op("complex128", "(value=0, /)", "2024.12", Any, "The complex128 dtype; called, it converts to it."),
    op("complex64", "(value=0, /)", "2024.12", Any, "The complex64 dtype; called, it converts to it."),
    op("complexfloating", "", "extension", Any, "Complex floating point."),
    op("dtype", "(dtype, /)", "extension", Any, "The class of dtypes; called, the dtype that an object names."),
    op("finfo", "(type, /)", "2024.12", Any, "Limits of a float dtype."),
    op("float16", "(value=0, /)", "extension", Any, "The float16 dtype; called, it converts to it."),
    op("float32", "(value=0, /)", "2024.12", Any, "The float32 dtype; called, it converts to it."),
    op("float64", "(value=0, /)", "2024.12", Any, "The float64 dtype; called, it converts to it."),
    op("floating", "", "extension", Any, "Real floating point."),
    op("generic", "", "extension", Any, "Every dtype."),
    op("iinfo", "(type, /)", "2024.12", Any, "Limits of an integer dtype."),
    op("inexact", "", "extension", Any, "Real and complex floating point."),
    op("int16", "(value=0, /)", "2024.12", Any, "The int16 dtype; called, it converts to it."),
    op("int32", "(value=0, /)", "2024.12", Any, "The int32 dtype; called, it converts to it."),
    op("int64", "(value=0, /)", "2024.12", Any, "The int64 dtype; called, it converts to it."),
    op("int8", "(value=0, /)", "2024.12", Any, "The int8 dtype; called, it converts to it."),
    op("integer", "", "extension", Any, "Signed and unsigned integers."),
    op("iscomplexobj", "(x, /)", "extension", Any, "Whether the dtype is complex."),
    op("isdtype", "(dtype, kind)", "2024.12", Any, "Whether a dtype is of a kind."),
    op("isrealobj", "(x, /)", "extension", Any, "Whether the dtype is not complex."),
    op("issctype", "(value, /)", "extension", Any, "Whether a value names a dtype."),
    op("issubdtype", "(dtype, family, /)", "extension", Any, "Whether a dtype belongs to a family of dtypes, or is that dtype."),
    op("min_scalar_type", "(value, /)", "extension", Any, "The smallest dtype that holds a number."),
    op(
        "mintypecode",
        "(typechars, /, typeset='GDFgdf', default='d')",
        "extension",
        Any,
        "The code of the smallest dtype to which all of the codes convert.",
    ),
    op("number", "", "extension", Any, "Every dtype but bool."),
    op("object_", "", "extension", Any, "The dtype of arrays whose elements are Python objects."),
    op("result_type", "(*arrays_and_dtypes)", "2024.12", Any, "The dtype that an operation on these would have."),
    op("signedinteger", "", "extension", Any, "Signed integers."),
    op("uint16", "(value=0, /)", "2024.12", Any, "The uint16 dtype; called, it converts to it."),
    op("uint32", "(value=0, /)", "2024.12", Any, "The uint32 dtype; called, it converts to it."),
    op("uint64", "(value=0, /)", "2024.12", Any, "The uint64 dtype; called, it converts to it."),
    op("uint8", "(value=0, /)", "2024.12", Any, "The uint8 dtype; called, it converts to it."),
    op("unsignedinteger", "", "extension", Any, "Unsigned integers."),
];
