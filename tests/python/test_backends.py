"""The same program on every backend that is installed gives the same numbers."""

import importlib.util
import math

import pytest

from purify import ops

BACKENDS = ["purify", *(n for n in ("numpy", "torch") if importlib.util.find_spec(n))]
X = [[1.0, -2.0, 3.5], [4.0, 0.5, -6.0]]

PROGRAMS = {
    "softmax": lambda x: (lambda e: e / ops.sum(e, axis=1, keepdims=True))(ops.exp(x - ops.max(x, axis=1, keepdims=True))),
    "standardise": lambda x: (x - ops.mean(x, axis=0)) / ops.std(x, axis=0, correction=0.0),
    "gram": lambda x: ops.matmul(x, ops.matrix_transpose(x)),
    "median": lambda x: ops.median(x, axis=1),
    "percentile": lambda x: ops.percentile(x, 40),
    "histogram": lambda x: ops.histogram(x, 4)[0],
    "unique": lambda x: ops.unique(ops.floor(x)),
    "cov": lambda x: ops.cov(x),
    "pad": lambda x: ops.pad(x, 1, mode="edge"),
    "roll": lambda x: ops.roll(x, 1, axis=1),
    "where": lambda x: ops.where(x > 0, x, 0.0),
    "vstack": lambda x: ops.vstack([x, x]),
    "interp": lambda x: ops.interp(x, [-10.0, 0.0, 10.0], [0.0, 1.0, 4.0]),
    "gradient": lambda x: ops.gradient(x, axis=1),
    "isclose": lambda x: ops.isclose(x, x + 1e-12),
    "nan_to_num": lambda x: ops.nan_to_num(ops.where(x > 3.0, math.nan, x)),
    "convolve": lambda x: ops.convolve(x[0, :], x[1, :]),
    "argsort": lambda x: ops.argsort(x, axis=1),
    "diag": lambda x: ops.diag(x[0, :]),
    "trapezoid": lambda x: ops.trapezoid(x, axis=1),
}


def run(name, backend):
    with ops.using_backend(backend):
        out = PROGRAMS[name](ops.asarray(X))
        return out.tolist()


def flat(value):
    return [v for row in value for v in flat(row)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("backend", BACKENDS[1:])
@pytest.mark.parametrize("name", PROGRAMS)
def test_backends_agree(name, backend):
    assert flat(run(name, backend)) == pytest.approx(flat(run(name, "purify")), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_backend_is_selected_and_put_back(backend):
    own = ops.add
    with ops.using_backend(backend):
        assert ops.get_backend() == backend
        type(ops.asarray([1.0]))
    assert ops.get_backend() == "purify"
    assert ops.add is own


def test_results_are_arrays_of_the_backend():
    numpy = pytest.importorskip("numpy")
    with ops.using_backend("numpy"):
        assert type(ops.zeros((2,))) is numpy.ndarray
        assert ops.float32 is numpy.float32
    assert type(ops.zeros((2,))) is ops.Tensor


def test_a_selection_for_the_process_reaches_other_threads():
    pytest.importorskip("numpy")
    from threading import Thread

    seen = []
    ops.set_backend("numpy")
    try:
        thread = Thread(target=lambda: seen.append(ops.get_backend()))
        thread.start()
        thread.join()
    finally:
        ops.set_backend("purify")
    assert seen == ["numpy"] and ops.get_backend() == "purify"


def test_a_context_stays_in_its_thread():
    pytest.importorskip("numpy")
    from threading import Thread

    seen = []
    with ops.using_backend("numpy"):
        thread = Thread(target=lambda: seen.append((ops.get_backend(), type(ops.zeros(1)) is ops.Tensor)))
        thread.start()
        thread.join()
    assert seen[0][0] == "purify"


def test_an_unknown_backend_is_an_error():
    with pytest.raises(ValueError, match="available: purify"):
        ops.set_backend("no_such_library")
    with pytest.raises(TypeError, match="no array API namespace"):
        ops.set_backend(math)
