"""CUDA from Python: without a device what is missing is told, and on the emulated driver of `tests/emulator` the whole way works.

The emulated driver takes the place of the machine's for a process, so every test runs in one of its own.
"""

import os
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def run(code, **environment):
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def emulated(tmp_path_factory):
    """The environment in which the emulated driver is found."""
    sys.path.insert(0, os.path.join(ROOT, "tests", "kernels"))
    try:
        cuda, emulator = pytest.importorskip("cuda"), pytest.importorskip("run").emulator
    finally:
        sys.path.pop(0)
    try:
        folder = emulator()
    except cuda.Absent as absent:
        pytest.skip(str(absent))
    return {"PURIFY_CUDA_PATH": folder, "PURIFY_CUDA_CACHE": str(tmp_path_factory.mktemp("cubins"))}


def test_without_a_driver_it_is_said_what_is_missing():
    out = run(
        """
from purify import ops
if ops.cuda.is_available():
    print("there is a device")
else:
    assert ops.cuda.device_count() == 0 and ops.__array_namespace_info__().devices() == ("cpu",)
    try:
        ops.asarray([1.0], device="cuda:0")
    except RuntimeError as error:
        assert ops.cuda.why_unavailable() in str(error)
        print(error)
"""
    )
    assert "there is a device" in out or ("cuda:0 is not available" in out and "device" in out)


def test_names_of_devices():
    run(
        """
from purify import ops
for name in ("gpu", "cuda:", "cuda:-1", "cuda:+1", "cuda:x"):
    try:
        ops.zeros(2, device=name)
    except ValueError as error:
        assert "cuda:<index>" in str(error), error
    else:
        raise AssertionError(name)
"""
    )


def test_operations_run_where_their_operands_are(emulated):
    run(
        """
from purify import ops
x = ops.asarray([[1.0, 2.0], [3.0, 4.0]], device="cuda:0")
assert x.device == "cuda:0" and "cuda:0" in ops.__array_namespace_info__().devices()
y = (x + 1) * x
assert y.device == "cuda:0" and y.to_device("cpu").tolist() == [[2.0, 6.0], [12.0, 20.0]]
assert y.tolist() == [[2.0, 6.0], [12.0, 20.0]] and float(ops.sum(x)) == 10.0
assert "cuda" not in repr(ops.asarray([1.0]))
x[0] = 7.0
assert x.tolist() == [[7.0, 7.0], [3.0, 4.0]]
try:
    x + ops.asarray([1.0, 2.0])
except RuntimeError as error:
    assert "cuda:0" in str(error) and "cpu" in str(error)
else:
    raise AssertionError
try:
    ops.zeros(2, device="cuda:1")
except RuntimeError as error:
    assert "the only one is cuda:0" in str(error)
else:
    raise AssertionError
""",
        **emulated,
    )


def test_dlpack_shares_memory_of_the_device(emulated):
    run(
        """
from purify import ops
x = ops.asarray([1.0, 2.0, 3.0], device="cuda:0")
assert x.__dlpack_device__() == (2, 0)
y = ops.from_dlpack(x)
assert y.device == "cuda:0"
y[1] = 9.0
assert x.tolist() == [1.0, 9.0, 3.0]
view = ops.from_dlpack(ops.flip(x))
assert view.tolist() == [3.0, 9.0, 1.0]
host = ops.from_dlpack(x, device="cpu")
assert host.device == "cpu" and host.tolist() == [1.0, 9.0, 3.0]
with ops.cuda.Stream() as stream:
    z = ops.from_dlpack(x)
    x.__dlpack__(stream=stream.handle)
del x, y, view
assert z.tolist() == [1.0, 9.0, 3.0]
del z
assert ops.cuda.memory_stats()["in_use"] == 0, ops.cuda.memory_stats()
""",
        **emulated,
    )


def test_memory_is_counted_and_runs_out(emulated):
    run(
        """
from purify import ops
x = ops.zeros(1 << 20, dtype="float32", device="cuda:0")
stats = ops.cuda.memory_stats("cuda:0")
assert stats["in_use"] == 4 << 20 and stats["reserved"] >= stats["in_use"]
del x
assert ops.cuda.memory_stats()["in_use"] == 0 and ops.cuda.memory_stats()["peak_in_use"] == 4 << 20
assert ops.cuda.empty_cache() >= 4 << 20 and ops.cuda.memory_stats()["cached"] == 0
try:
    ops.empty(1 << 30, device="cuda:0")
except MemoryError as error:
    assert isinstance(error, ops.cuda.OutOfMemoryError) and "cannot allocate 8589934592 bytes" in str(error)
else:
    raise AssertionError
assert ops.cuda.device_properties()["name"] == "emulated" and ops.cuda.memory_info()[1] == 256 << 20
assert issubclass(ops.cuda.DeviceLostError, RuntimeError)
try:
    ops.cuda.synchronize("cpu")
except ValueError:
    pass
else:
    raise AssertionError
ops.cuda.synchronize()
""",
        **emulated,
    )


def test_what_the_host_computes_is_counted_or_refused(emulated):
    run(
        """
from purify import ops
x = ops.asarray([1j, 2.0], device="cuda:0")
assert ops.exp(x).device == "cuda:0" and ops.cuda.fallbacks()["exp"] == 1
ops.cuda.allow_fallback(False)
try:
    ops.exp(x)
except NotImplementedError as error:
    assert "exp" in str(error) and "cuda:0" in str(error)
else:
    raise AssertionError
""",
        **emulated,
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_is_told_that_it_cannot(emulated):
    run(
        """
import os
from purify import ops
x = ops.asarray([1.0], device="cuda:0")
child = os.fork()
if child == 0:
    try:
        x + 1
    except RuntimeError as error:
        os._exit(0 if "forked" in str(error) else 2)
    os._exit(1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert (x + 1).tolist() == [2.0]
""",
        **emulated,
    )
