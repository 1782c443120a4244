"""What NumPy's functions of two arrays have as methods, beside NumPy; and the classes of NumPy that have no counterpart."""

import typing

import numpy as np
import pytest

from purify import ops

EXACT = ("logical_or", "logical_and", "logical_xor", "bitwise_or", "bitwise_and", "bitwise_xor", "gcd")


def same(ours, theirs):
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs), strict=True)


@pytest.mark.parametrize("shape", [(1,), (7,), (5, 4), (2, 3, 4)])
def test_accumulate_reduce_and_reduceat(shape):
    rng = np.random.default_rng(3)
    floats, ints = rng.integers(-5, 5, shape).astype(float), rng.integers(0, 9, shape)
    floats.flat[0] = np.nan
    for axis in range(-len(shape), len(shape)):
        indices = rng.integers(0, shape[axis], 4).tolist()
        for name in ("maximum", "minimum", "fmax", "fmin"):
            ours, theirs = getattr(ops, name), getattr(np, name)
            same(ops.accumulate(ours, ops.asarray(floats), axis=axis), theirs.accumulate(floats, axis=axis))
            same(ops.reduceat(ours, ops.asarray(floats), indices, axis=axis), theirs.reduceat(floats, indices, axis=axis))
        for name in EXACT:
            ours, theirs = getattr(ops, name), getattr(np, name)
            same(ops.accumulate(ours, ops.asarray(ints), axis=axis), theirs.accumulate(ints, axis=axis))
            same(ops.reduce(ours, ops.asarray(ints), axis=axis), theirs.reduce(ints, axis=axis))
            same(ops.reduceat(ours, ops.asarray(ints), indices, axis=axis), theirs.reduceat(ints, indices, axis=axis))
        same(ops.reduceat(ops.add, ops.asarray(ints), indices, axis=axis), np.add.reduceat(ints, indices, axis=axis))


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "maximum", "minimum"])
def test_update_at_takes_repeated_indices_in_turn(name):
    rng = np.random.default_rng(4)
    theirs, places, values = rng.random(6), rng.integers(0, 6, 20), rng.random(20)
    ours = ops.asarray(theirs.copy())
    getattr(np, name).at(theirs, places, values)
    assert ops.update_at(getattr(ops, name), ours, ops.asarray(places), ops.asarray(values)) is None
    same(ours, theirs)


def test_update_at_takes_any_index():
    theirs, ours = np.zeros((3, 4)), ops.zeros((3, 4))
    for index, value in (([0, 0, 2], [1, 1, 3]), 1.0), ([0, 0, 2], [1.0, 2.0, 3.0, 4.0]), ((slice(None), [0, 0]), 1.0), (1, 2):
        np.add.at(theirs, index, value)
        ops.update_at(ops.add, ours, index, value)
        same(ours, theirs)
    np.negative.at(theirs, [0, 0, 1])
    ops.update_at(ops.negative, ours, [0, 0, 1])
    same(ours, theirs)
    with pytest.raises(TypeError):
        ops.update_at(ops.add, ops.zeros(3, dtype=ops.int64), [0], 1.5)


@pytest.mark.parametrize("name", ["add", "subtract", "less", "maximum"])
def test_apply_outer(name):
    a, b = [1.0, 4.0], [[3.0, 4.0, 5.0]]
    same(ops.apply_outer(getattr(ops, name), a, b), getattr(np, name).outer(a, b))


def test_einsum_writes_into_out():
    x = ops.arange(6.0).reshape(2, 3)
    out = ops.zeros((2, 2))
    assert ops.einsum("ij,kj->ik", x, x, out=out) is out
    same(out, np.einsum("ij,kj->ik", np.asarray(x), np.asarray(x)))
    with pytest.raises(ValueError):
        ops.einsum("ij,kj->ik", x, x, out=ops.zeros(2))
    with pytest.raises(TypeError):
        ops.einsum("ij,kj->ik", x, x, out=ops.zeros((2, 2), dtype=ops.int64))


@pytest.mark.parametrize(
    "axes", [([0, 1], [2, 1], [0, 2]), ([0, 1], [2, 1]), ([30, 1], [2, 1]), ([0, 1], [0, 1], []), ([..., 1], [..., 1], [...]), ([0, 51], [0, 3])]
)
def test_einsum_takes_numbers_for_axes(axes):
    x, y = ops.arange(6.0).reshape(2, 3), ops.arange(6.0, 12.0).reshape(2, 3)
    a, b, *rest = axes
    same(ops.einsum(x, a, y, b, *rest), np.einsum(np.asarray(x), a, np.asarray(y), b, *rest))


def test_einsum_refuses_numbers_that_are_no_axes():
    x = ops.zeros((2, 2))
    for axes in ([0, 52], [-1, 0]):
        with pytest.raises(ValueError):
            ops.einsum(x, axes)


def test_classes_without_a_counterpart_can_be_asked_for():
    assert not isinstance(3, ops.timedelta64) and not isinstance("a", (ops.str_, ops.matrix))
    # NumPy is imported here, so its own instances are recognised.
    assert isinstance(np.timedelta64(1, "s"), ops.timedelta64) and isinstance(np.datetime64("2024"), ops.datetime64)
    assert issubclass(np.str_, ops.str_) and not issubclass(int, ops.str_)
    for name in ("datetime64", "str_", "void", "character", "flexible"):
        for dtype in (float, str, bytes):
            assert ops.issubdtype(dtype, getattr(ops, name)) == np.issubdtype(dtype, getattr(np, name))
    with pytest.raises(TypeError, match="datetime"):
        ops.datetime64("2024-01-01")


def test_families_take_what_annotations_put_in_brackets():
    assert ops.floating[typing.Any] is ops.floating


@pytest.mark.parametrize("name", ["ComplexWarning", "ModuleDeprecationWarning", "VisibleDeprecationWarning"])
def test_warnings_can_be_filtered_as_numpys(name):
    ours, theirs = getattr(ops, name), getattr(np.exceptions, name)
    assert ours.__bases__ == theirs.__bases__


def test_the_version_is_one_whose_names_are_followed():
    major, minor = (int(part) for part in ops.numpy_version.split(".")[:2])
    assert (major, minor) == tuple(int(part) for part in np.__version__.split(".")[:2])
