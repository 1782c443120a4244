"""0-d results stand where NumPy has scalars: what `isinstance`, `numbers` and `pytest.approx` make of them."""

import copy
import numbers
import pickle

import numpy as np
import pytest

from purify import ops

ASKED = [float, complex, int, bool, numbers.Number, numbers.Complex, numbers.Real, numbers.Integral]


@pytest.mark.parametrize("dtype", "float64 float32 float16 complex128 complex64 int64 int32 int8 uint8 bool".split())
def test_isinstance_answers_as_for_numpys_scalar(dtype):
    ours = ops.asarray([1], dtype=getattr(ops, dtype))
    theirs = np.asarray([1], dtype=dtype)
    for asked in ASKED:
        assert isinstance(ours[0], asked) == isinstance(theirs[0], asked), asked
        assert not isinstance(ours, asked)
    assert isinstance(ours[0], ops.Tensor)


def test_dtypes_are_asked_for_as_scalar_classes():
    x = ops.asarray([1.5])[0]
    assert isinstance(x, ops.float64) and not isinstance(x, ops.float32) and not isinstance(1.5, ops.float64)
    assert isinstance(x, (int, ops.floating))


def test_copies_and_pickles_are_tensors():
    x = ops.asarray(1.5)
    for y in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert type(y) is ops.Tensor and y == 1.5


def test_object_arrays_are_arrays_to_isinstance():
    from decimal import Decimal

    assert isinstance(ops.asarray([Decimal(1)]), ops.Tensor)
    assert isinstance(ops.asarray(Decimal(1)) + ops.asarray(0), (ops.Tensor, Decimal))


def test_where_of_objects_keeps_an_array_whose_elements_can_be_read_flat():
    from decimal import Decimal

    one = ops.asarray(Decimal(1))
    chosen = ops.where(ops.asarray(1) == 1, one, 0)
    assert chosen.shape == () and chosen.flat[0] == Decimal(1)
    many = ops.asarray([[Decimal(1), Decimal(2)]])
    many.flat[1] = Decimal(5)
    assert list(many.flat) == [1, 5] and many.flat[1:].shape == (1,)


def test_approx_of_tensors():
    x = ops.asarray([[1.0, 2.0], [3.0, 4.0]])
    near = x + 1e-9
    assert x == pytest.approx(near)
    assert pytest.approx(near) == x
    assert x.tolist() == pytest.approx(near)
    assert not x == pytest.approx(near[0])
    assert x != pytest.approx(x + 1)
    assert x[0, 0] == pytest.approx(near[0, 0]) and float(x[0, 0]) == pytest.approx(near[0, 0])
    assert ops.ones((2, 2)) == pytest.approx(1.0) and not x == pytest.approx(1.0)
    assert (x[0, 0], x[0, 1]) == pytest.approx((1.0, near[0, 1]))
    assert {"a": x[0, 0]} == pytest.approx({"a": near[0, 0]})
    assert [1.0, 2.0] == pytest.approx([1.0, 2.0]) and 0.1 + 0.2 == pytest.approx(0.3)


@pytest.mark.parametrize("order", ["C", "F", "K"])
@pytest.mark.parametrize("transposed", [False, True])
def test_nditer_visits_what_numpys_does(order, transposed):
    def visited(xp):
        x = xp.reshape(xp.arange(6), (2, 3))
        x = x.T if transposed else x
        it = xp.nditer(x, flags=["multi_index", "c_index"], order=order)
        out = []
        while not it.finished:
            out.append((it.multi_index, it.index, int(it[0])))
            it.iternext()
        return out, [int(v) for v in xp.nditer(x, order=order)]

    assert visited(ops) == visited(np)


def test_nditer_writes_and_broadcasts():
    x = ops.arange(6.0).reshape(2, 3)
    with ops.nditer(x, op_flags=["readwrite"]) as it:
        for v in it:
            v[...] = 2 * v
    assert x.tolist() == [[0, 2, 4], [6, 8, 10]]
    pairs = [(int(a), int(b)) for a, b in ops.nditer([ops.arange(2)[:, None], ops.arange(3)])]
    assert pairs == [(int(a), int(b)) for a, b in np.nditer([np.arange(2)[:, None], np.arange(3)])]
    with pytest.raises(ValueError):
        ops.nditer(ops.ones(0))
    with pytest.raises(NotImplementedError):
        ops.nditer(x, flags=["external_loop"])


@pytest.mark.parametrize("big", [300, -1, 2**63, 2**64, -(2**70), 2**100])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64", "float32", "float64"])
def test_integers_that_no_dtype_holds_compare_and_become_floats(dtype, big):
    ours, theirs = ops.asarray([0, 1, 100], dtype=getattr(ops, dtype)), np.asarray([0, 1, 100], dtype=dtype)
    for name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"):
        assert getattr(ops, name)(ours, big).tolist() == getattr(np, name)(theirs, big).tolist(), name
        assert getattr(ops, name)(big, ours).tolist() == getattr(np, name)(big, theirs).tolist(), name
    if dtype.startswith("float"):
        assert (ours * big).tolist() == (theirs * big).tolist()
        assert (ours / big).dtype == getattr(ops, dtype)


def test_an_integer_that_no_dtype_holds_is_no_element():
    for values in (2**64, [2**64, 1], [-(2**70)]):
        with pytest.raises(OverflowError):
            ops.asarray(values)
    with pytest.raises(OverflowError):
        ops.asarray([1, 2]) + 2**64


@pytest.mark.parametrize("asked", [object, str, bytes, list, type(None), int, float, bool, complex, "O", "float32", "i4"])
def test_classes_that_stand_for_no_dtype_are_objects_to_issubdtype(asked):
    families = "integer floating complexfloating inexact number generic signedinteger".split()
    for name in families:
        assert ops.issubdtype(asked, getattr(ops, name)) == np.issubdtype(asked, getattr(np, name)), name
    for family in (object, str, bytes, float, int):
        assert ops.issubdtype(asked, family) == np.issubdtype(asked, family), family
    assert ops.issubdtype(object, ops.object_) and not ops.issubdtype(float, ops.object_)
    assert not ops.issubdtype(ops.Tensor, ops.integer) and not ops.issubdtype(ops.asarray([1, None]).dtype, ops.floating)


def test_a_dtype_is_a_member_of_unions():
    # What NumPy's scalar types give in an alias of types; `typing` says what cannot be a member.
    assert (int | ops.float64).__args__ == (int, ops.float64)
    assert (ops.float32 | None).__args__ == (ops.float32, type(None))
    assert (ops.float32 | str | ops.int8).__args__ == (ops.float32, str, ops.int8)
    with pytest.raises(TypeError):
        ops.float64 | 5
