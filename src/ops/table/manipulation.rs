//! Shapes, joining and splitting: the rows of the op table.

use super::Dtypes::Any;
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Manipulation, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("append", "(x, values, /, axis=None)", "extension", Any, "Values joined to the end of an array."),
    op("array_split", "(x, indices_or_sections, /, axis=0)", "extension", Any, "Parts along an axis of nearly equal length."),
    op("atleast_1d", "(*arrays)", "extension", Any, "Arrays of at least one dimension."),
    op("atleast_2d", "(*arrays)", "extension", Any, "Arrays of at least two dimensions."),
    op("atleast_3d", "(*arrays)", "extension", Any, "Arrays of at least three dimensions."),
    op("block", "(arrays, /)", "extension", Any, "An array put together from nested lists of blocks."),
    op("broadcast_arrays", "(*arrays)", "2024.12", Any, "Arrays broadcast against each other."),
    op("broadcast_shapes", "(*shapes)", "2025.12", Any, "The shape that shapes broadcast to."),
    op("broadcast_to", "(x, /, shape)", "2024.12", Any, "A read-only view of a larger shape."),
    op("column_stack", "(arrays, /)", "extension", Any, "Vectors as the columns of a matrix."),
    op("concat", "(arrays, /, *, axis=0)", "2024.12", Any, "Arrays joined along an axis."),
    op("delete", "(x, obj, /, axis=None)", "extension", Any, "Positions left out."),
    op("dsplit", "(x, indices_or_sections, /)", "extension", Any, "Parts along the third axis."),
    op("dstack", "(arrays, /)", "extension", Any, "Arrays stacked along the third axis."),
    op("expand_dims", "(x, /, axis)", "2024.12", Any, "A new axis of length one."),
    op("flip", "(x, /, *, axis=None)", "2024.12", Any, "The elements of an axis in reverse order."),
    op("fliplr", "(x, /)", "extension", Any, "Columns in reverse order."),
    op("flipud", "(x, /)", "extension", Any, "Rows in reverse order."),
    op("hsplit", "(x, indices_or_sections, /)", "extension", Any, "Parts along the second axis, or the only one."),
    op("hstack", "(arrays, /)", "extension", Any, "Arrays stacked by columns."),
    op("insert", "(x, obj, values, /, axis=None)", "extension", Any, "Values inserted before positions."),
    op("moveaxis", "(x, source, destination, /)", "2024.12", Any, "Axes moved to other positions."),
    op("packbits", "(x, /, axis=None, bitorder='big')", "extension", Any, "Bits packed into bytes."),
    op(
        "pad",
        "(x, pad_width, /, mode='constant', *, constant_values=0, end_values=0, stat_length=None, reflect_type='even')",
        "extension",
        Any,
        "An array with margins.",
    ),
    op("permute_dims", "(x, /, axes)", "2024.12", Any, "The axes in another order."),
    op("ravel", "(x, /, order='C')", "extension", Any, "The elements as a vector."),
    op("repeat", "(x, repeats, /, *, axis=None)", "2024.12", Any, "Each element repeated."),
    op("reshape", "(x, /, shape, *, copy=None)", "2024.12", Any, "The elements in another shape."),
    op("resize", "(x, new_shape, /)", "extension", Any, "The elements repeated to fill a shape."),
    op("roll", "(x, /, shift, *, axis=None)", "2024.12", Any, "Elements moved along an axis, around the end."),
    op("rollaxis", "(x, axis, /, start=0)", "extension", Any, "An axis moved to before another."),
    op("rot90", "(x, /, k=1, axes=(0, 1))", "extension", Any, "Rotation by right angles in a plane of two axes."),
    op("sliding_window_view", "(x, window_shape, /, axis=None)", "extension", Any, "A view of all windows of a shape."),
    op("split", "(x, indices_or_sections, /, axis=0)", "extension", Any, "Equal parts along an axis, or parts between indices."),
    op("squeeze", "(x, /, axis=None)", "2024.12", Any, "Axes of length one removed."),
    op("stack", "(arrays, /, *, axis=0)", "2024.12", Any, "Arrays joined along a new axis."),
    op("swapaxes", "(x, axis1, axis2, /)", "extension", Any, "Two axes exchanged."),
    op("tile", "(x, repetitions, /)", "2024.12", Any, "An array repeated as a whole."),
    op("transpose", "(x, /, axes=None)", "extension", Any, "All axes in reverse order, or in the given order."),
    op("trim_zeros", "(x, /, trim='fb')", "extension", Any, "Leading and trailing zeros removed."),
    op("unpackbits", "(x, /, axis=None, count=None, bitorder='big')", "extension", Any, "Bytes unpacked into bits."),
    op("unstack", "(x, /, *, axis=0)", "2024.12", Any, "The slices along an axis."),
    op("vsplit", "(x, indices_or_sections, /)", "extension", Any, "Parts along the first axis."),
    op("vstack", "(arrays, /)", "extension", Any, "Arrays stacked by rows."),
];
