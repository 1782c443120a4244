"""What an array is to Python: a number when it is 0-d, a buffer, a DLPack capsule, something to copy, pickle, thread and fork with."""

import copy
import math
import os
import pickle
import sys
import threading

import numpy as np
import pytest
from arrays import DTYPES, REALS, agree, array
from hypothesis import given
from test_properties import SETTINGS

from purify import ops


def tensor(values, dtype=None):
    return ops.asarray(values, dtype=dtype)


# ---- 0-d arrays where a number is expected ---------------------------------------------------------


def test_a_0d_array_is_a_number_to_python():
    x, n = tensor(2.5), tensor(3)
    assert float(x) == 2.5 and int(x) == 2 and complex(x) == 2.5 and bool(x)
    assert f"{x:.3f}" == "2.500" and f"{n:04d}" == "0003" and "%.2f" % x == "2.50" and "%d" % n == "3"
    assert math.sin(x) == math.sin(2.5) and math.floor(x) == 2 and math.ceil(x) == 3 and math.trunc(x) == 2
    assert round(x) == 2 and isinstance(round(x), int)
    assert [10, 20, 30, 40][n] == 40 and list(range(n)) == [0, 1, 2] and "ab" * n == "ababab"
    assert x == 2.5 and x != 2 and 2 < x < 3 and max(x, tensor(1.0)) is x
    assert hash(x) == hash(2.5) and hash(n) == hash(3) and {n: "a"}[3] == "a"
    assert sum([tensor(1), tensor(2)]) == 3
    assert divmod(n, 2) == (1, 1) and n**2 == 9 and 2**n == 8 and -n == -3 and abs(tensor(-2.0)) == 2.0


def test_only_one_element_is_a_number():
    for convert in (float, int, complex, hash):
        with pytest.raises(TypeError):
            convert(tensor([1.0, 2.0]))
    with pytest.raises(ValueError, match="ambiguous"):
        bool(tensor([1, 2]))
    with pytest.raises(TypeError):
        [1, 2][tensor(1.0)]
    with pytest.raises(TypeError):
        len(tensor(1.0))
    with pytest.raises(TypeError):
        iter(tensor(1.0))


@pytest.mark.parametrize("dtype", DTYPES)
def test_isinstance_knows_the_dtype_of_a_0d_array(dtype):
    x = ops.asarray(1, dtype=dtype)
    reference = np.dtype(dtype).type(1)
    for family in ("generic", "number", "integer", "signedinteger", "unsignedinteger", "inexact", "floating", "complexfloating"):
        assert isinstance(x, getattr(ops, family)) == isinstance(reference, getattr(np, family)), family
    for other in DTYPES:
        assert (x.dtype == getattr(ops, other)) == (other == dtype)
        assert isinstance(x, getattr(ops, other)) == (other == dtype), other


# ---- numbers and the functions of operators --------------------------------------------------------

OPERATORS = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b, "divide": lambda a, b: a / b,
    "floor_divide": lambda a, b: a // b, "remainder": lambda a, b: a % b, "pow": lambda a, b: a**b, "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b, "less": lambda a, b: a < b, "less_equal": lambda a, b: a <= b, "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b, "bitwise_and": lambda a, b: a & b, "bitwise_or": lambda a, b: a | b, "bitwise_xor": lambda a, b: a ^ b,
    "bitwise_left_shift": lambda a, b: a << b, "bitwise_right_shift": lambda a, b: a >> b,
}  # fmt: skip
NUMBERS = [True, False, 0, 1, -7, 10**30, 2.5, -0.0, math.inf, 1 + 2j]


@pytest.mark.parametrize("name", OPERATORS)
def test_functions_of_plain_numbers_are_the_operators(name):
    def outcome(call):
        try:
            return call()
        except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
            return type(error)

    for a in NUMBERS:
        for b in NUMBERS:
            if name in ("pow", "bitwise_left_shift") and 10**30 in (a, b):
                continue
            expected, got = outcome(lambda: OPERATORS[name](a, b)), outcome(lambda: getattr(ops, name)(a, b))
            assert type(got) is type(expected) and repr(got) == repr(expected), (a, b)
    for name, operator in (("negative", lambda v: -v), ("positive", lambda v: +v), ("abs", abs)):
        for a in NUMBERS:
            assert repr(getattr(ops, name)(a)) == repr(operator(a))


def test_integers_of_both_kinds_compare_exactly():
    big = 2**53 + 1
    signed, unsigned = tensor([-1, big, big], "int64"), tensor([2**64 - 1, big, big - 1], "uint64")
    assert (signed == unsigned).tolist() == [False, True, False]
    assert (signed < unsigned).tolist() == [True, False, False]
    assert (unsigned >= signed).tolist() == [True, True, False]


# ---- copies, pickles, text -------------------------------------------------------------------------


@SETTINGS
@given(array(DTYPES))
def test_copies_and_pickles_are_equal_and_apart(x):
    ours = ops.asarray(x)
    for other in (copy.copy(ours), copy.deepcopy(ours), *(pickle.loads(pickle.dumps(ours, p)) for p in range(2, 6))):
        assert type(other) is ops.Tensor and not ops.shares_memory(ours, other)
        agree(other, x)


def test_dtypes_pickle_to_themselves():
    for name in [*DTYPES, "float16", "bfloat16"]:
        dtype = getattr(ops, name)
        assert pickle.loads(pickle.dumps(dtype)) == dtype and copy.deepcopy(dtype) == dtype


@SETTINGS
@given(array([*REALS, "int64", "bool", "complex128"], max_dims=2, max_side=3))
def test_the_text_is_numpys(x):
    assert str(ops.asarray(x)) == str(x)


def test_long_arrays_are_summarised():
    for shape in [(2000,), (60, 60), (3, 40, 40)]:
        x = np.arange(math.prod(shape), dtype=float).reshape(shape)
        assert str(ops.asarray(x)) == str(x)
    assert "..." in repr(ops.zeros(2000)) and len(repr(ops.zeros((1000, 1000)))) < 500


# ---- interchange -----------------------------------------------------------------------------------


def test_assertions_of_numpy_take_tensors_under_pytest():
    """`assert_almost_equal` asks for NumPy's own class: a test that has not moved yet compares what moved code gives it."""
    import types

    from purify import pytest_plugin

    module = types.ModuleType("testing")
    module.assert_almost_equal, module.assert_equal = np.testing.assert_almost_equal, np.testing.assert_equal
    pytest_plugin._take_tensors(module)
    module.assert_almost_equal(tensor([1.0, 2.0]), tensor([1.0, 2.0]))
    module.assert_equal({"a": 1, "b": 2}, {"a": 1, "b": 2})
    module.assert_equal([tensor([1, 2]), 3], [np.array([1, 2]), 3])
    with pytest.raises(AssertionError):
        module.assert_almost_equal(tensor([1.0, 2.0]), [1.0, 3.0])


def test_functions_of_numpy_take_tensors_as_their_arrays():
    """Code that has not moved yet gets tensors of code that has."""
    array = np.arange(6.0).reshape(2, 3)
    x = ops.asarray(array.copy())
    assert np.all(x >= 0) and not np.any(x < 0)
    for call in (
        lambda a: np.sum(a, axis=0, dtype=np.float32, where=[[True, False, True]] * 2, initial=1),
        lambda a: np.concatenate([a, array], axis=1),
        lambda a: np.where(a > 2, a, 0),
        lambda a: np.max(a, axis=0, initial=3, where=array > 1),
        lambda a: np.linalg.norm(a, axis=1),
        lambda a: np.einsum("ij,ij->i", a, array),
        lambda a: np.round(a / 3, 1),
        lambda a: np.clip(a, 1, None),
        lambda a: np.searchsorted(np.arange(5.0), a, sorter=None),
    ):
        out = call(x)
        assert isinstance(out, np.ndarray)
        np.testing.assert_array_equal(out, call(array), strict=True)
    # Operators are the tensor's on both sides, and a NumPy array takes tensors in.
    assert isinstance(array + x, ops.Tensor) and isinstance(x + array, ops.Tensor)
    array[0] = x[1]
    array += x
    np.testing.assert_array_equal(array[0], [3, 5, 7])
    out = ops.zeros(3)
    assert np.sum(x, axis=0, out=out) is out
    np.testing.assert_array_equal(np.asarray(out), [3, 5, 7])


@SETTINGS
@given(array(DTYPES))
def test_numpy_reads_and_writes_the_same_memory(x):
    ours = ops.asarray(x, copy=True)
    for view in (np.asarray(ours), np.from_dlpack(ours), np.asarray(memoryview(ours))):
        agree(view, x)
        if view.size and view.flags.writeable:
            view[...] = 1
            assert bool(ops.all(ours == 1))
            ours[...] = ops.asarray(x)
    theirs = np.array(x)
    for back in (ops.from_dlpack(theirs), ops.asarray(theirs)):
        agree(back, x)
        if x.size:
            assert np.shares_memory(np.asarray(back), theirs)


def test_strided_views_cross_without_a_copy():
    x = np.arange(24.0).reshape(2, 3, 4)
    view = x[:, ::-1, ::2].transpose(2, 0, 1)
    ours = ops.asarray(view)
    assert ours.strides == view.strides and np.shares_memory(np.asarray(ours), x)
    agree(ours, view)


def test_read_only_memory_stays_read_only():
    x = np.arange(3.0)
    x.flags.writeable = False
    ours = ops.asarray(x)
    assert not ours.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        ours[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        ops.asarray(b"abc")[0] = 1
    assert memoryview(ours).readonly


def test_broadcast_views_are_read_only():
    x = ops.arange(3)
    view = ops.broadcast_to(x, (2, 3))
    assert ops.shares_memory(x, view) and not view.flags.writeable and x.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        view[0, 0] = 1
    x[0] = 7
    assert view.tolist() == [[7, 1, 2], [7, 1, 2]] and view.copy().flags.writeable


def test_a_copy_can_be_demanded_or_forbidden():
    x = np.arange(3.0)
    assert not np.shares_memory(np.asarray(ops.asarray(x, copy=True)), x)
    with pytest.raises(ValueError):
        ops.asarray([1.0], copy=False)
    with pytest.raises(ValueError):
        ops.asarray(x, dtype=ops.float32, copy=False)
    with pytest.raises(ValueError):
        np.array(ops.ones(2, dtype=ops.bfloat16), copy=False)


def test_bfloat16_is_stored_and_computed_in_single_precision():
    x = tensor([1.0, 3.140625, -2.0], "bfloat16")
    assert x.dtype.itemsize == 2 and (x + x).dtype == ops.bfloat16
    assert (x * 2).astype("float32").tolist() == [2.0, 6.28125, -4.0]
    assert np.asarray(x).dtype == np.float32


def test_a_buffer_that_is_in_use_keeps_its_memory():
    x = ops.ones(1000)
    view = memoryview(x)
    del x
    assert view[999] == 1.0


def test_torch_reads_the_same_memory():
    torch = pytest.importorskip("torch")
    x = ops.ones((2, 3))
    torch.from_dlpack(x)[0, 0] = 7.0
    assert float(x[0, 0]) == 7.0
    agree(ops.from_dlpack(torch.arange(4.0)), np.arange(4.0, dtype=np.float32))


# ---- classes, threads, processes -------------------------------------------------------------------


class Labelled(ops.Tensor):
    """A subclass with an attribute of its own."""

    label = "none"


def test_subclasses_are_arrays():
    x = Labelled([1.0, 2.0])
    x.label = "first"
    assert isinstance(x, ops.Tensor) and x.label == "first"
    assert (x + 1).tolist() == [2.0, 3.0] and (1 + x).tolist() == [2.0, 3.0]
    assert ops.add(x, x).tolist() == [2.0, 4.0] and float(ops.sum(x)) == 3.0
    assert x[1] == 2.0 and ops.asarray(x) is x


def test_a_class_of_ones_own_is_asked_first():
    class Quantity:
        __array_priority__ = 1000

        def __radd__(self, other):
            return "mine"

    assert ops.ones(2) + Quantity() == "mine"


def test_weak_references_end_with_the_array():
    import weakref

    x = ops.ones(3)
    reference = weakref.ref(x)
    assert reference() is x
    del x
    assert reference() is None


def test_threads_compute_at_the_same_time():
    x = ops.reshape(ops.arange(90_000, dtype=ops.float64), (300, 300)) / 1e5
    expected = np.asarray(ops.exp(ops.matmul(x, x)))
    results, errors = {}, []

    def work(k):
        try:
            for _ in range(5):
                results[k] = np.asarray(ops.exp(ops.matmul(x, x)))
                ops.sort(ops.random.default_rng(k).random(20_000))
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors and len(results) == 8
    for got in results.values():
        np.testing.assert_array_equal(got, expected)


def test_long_kernels_let_other_threads_run():
    """A thread that counts goes on while another one multiplies; with the interpreter held it would stand still."""
    x = ops.ones((700, 700))
    done, beats = threading.Event(), []

    def count():
        while not done.is_set():
            beats.append(1)
            done.wait(0.0005)

    thread = threading.Thread(target=count)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000.0)  # so that nobody is made to hand over
    try:
        thread.start()
        for _ in range(6):
            ops.matmul(x, x)
        during = len(beats)
    finally:
        sys.setswitchinterval(interval)
        done.set()
        thread.join()
    assert during > 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_child_computes():
    import warnings

    x = ops.ones((400, 400))
    expected = float(ops.sum(ops.matmul(x, x)))  # the pool has threads now
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        value = float(ops.sum(ops.matmul(x, x)))
        os.write(writer, repr(value).encode())
        os._exit(0)
    os.close(writer)
    import select

    ready, _, _ = select.select([reader], [], [], 60)
    if not ready:
        os.kill(child, 9)
    os.waitpid(child, 0)
    assert ready and float(os.read(reader, 100)) == expected


def test_start_up_loads_nothing_that_is_not_needed():
    """The time of `import purify.ops` is that of what it loads; see `benches/calls.py` for the figure."""
    import subprocess

    program = "import sys; before = set(sys.modules); import purify.ops; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"re", "inspect", "typing", "enum", "dataclasses", "collections", "functools", "numpy", "contextlib", "json", "zipfile", "threading"}
    assert heavy.isdisjoint(loaded), heavy.intersection(loaded)
    assert len(loaded) < 20


# ---- floating-point errors -------------------------------------------------------------------------


def test_errstate_is_a_context_and_a_decorator():
    with ops.errstate(divide="ignore", invalid="ignore"):
        assert math.isinf(float(tensor([1.0]) / 0.0))

    @ops.errstate(all="ignore")
    def divided():
        return tensor(1.0) / 0.0

    assert math.isinf(float(divided()))
    assert set(ops.geterr()) == {"divide", "over", "under", "invalid"}
    assert set(ops.seterr(all=None)) == {"divide", "over", "under", "invalid"}
    with pytest.raises(ValueError):
        ops.seterr(divide="explode")


# ---- sizes at the edge -----------------------------------------------------------------------------


def test_diagonals_of_any_number_and_masks_without_elements():
    x = np.arange(6).reshape(2, 3)
    for k in (2**63, -(2**70), 1, -1):
        agree(ops.eye(2, 3, k=k), np.eye(2, 3, k))
        agree(ops.tril(x, k=k), np.tril(x, k) if abs(k) < 9 else (x if k > 0 else 0 * x))
    for shape in ((0, 3), (2, 0), (0,), (0, 0)):
        agree(ops.asarray(x)[ops.zeros(shape, dtype=ops.bool)], x[np.zeros(shape, bool)])
    with pytest.raises(IndexError, match="a mask of shape"):
        ops.asarray(x)[ops.ones((1, 3), dtype=ops.bool)]


@pytest.mark.parametrize("date", [np.timedelta64(3, "D"), np.datetime64("2020-01-01"), np.array([3], "m8[D]"), np.array(["2020-01-01"], "M8[D]")])
def test_dates_are_refused_and_not_read_as_bytes(date):
    with pytest.raises(BufferError):
        ops.asarray(date)
    with pytest.raises(BufferError):
        ops.astype(date, "int")
