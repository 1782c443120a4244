"""Floating-point errors: ignored, warned of, raised or told, as NumPy's errstate has it."""

import threading
import warnings

import numpy as np
import pytest

from purify import ops

CASES = {
    "divide by zero": lambda xp: xp.asarray(1.0) / xp.asarray(0.0),
    "array divided by zero": lambda xp: xp.asarray([1.0, 2.0]) / 0,
    "zero by zero": lambda xp: xp.asarray([0.0]) / 0,
    "log of zero": lambda xp: xp.log(xp.asarray([0.0, 1.0])),
    "log of minus one": lambda xp: xp.log(xp.asarray([-1.0])),
    "power": lambda xp: xp.asarray([0.0]) ** -3,
    "overflow": lambda xp: xp.asarray([1e200]) * 1e200,
    "exp": lambda xp: xp.exp(xp.asarray([1000.0])),
    "underflow": lambda xp: xp.asarray([1e-200]) * 1e-200,
    "sum": lambda xp: xp.sum(xp.asarray([1e308, 1e308])),
    "inf minus inf": lambda xp: xp.asarray([np.inf]) - np.inf,
    "integer division": lambda xp: xp.asarray([1, 2]) // xp.asarray([0, 1]),
    "in place": lambda xp: xp.asarray([1.0]).__itruediv__(0.0),
    "nothing wrong": lambda xp: xp.asarray([1.0, np.nan, np.inf]) * 2,
}


def outcome(xp, case, **modes):
    with warnings.catch_warnings(record=True) as caught, xp.errstate(**modes):
        warnings.simplefilter("always")
        try:
            CASES[case](xp)
        except FloatingPointError as error:
            return f"raised {error}"
    return [str(w.message) for w in caught]


@pytest.mark.parametrize("kind", ["divide", "over", "under", "invalid", "all"])
@pytest.mark.parametrize("case", CASES)
def test_raises_and_warns_as_numpy_does(case, kind):
    modes = {"all": "ignore", kind: "raise"}
    assert outcome(ops, case, **modes) == outcome(np, case, **modes)
    modes[kind] = "warn"
    assert outcome(ops, case, **modes) == outcome(np, case, **modes)


def test_nothing_is_said_unless_asked_for():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ops.isinf(ops.asarray([1.0]) / 0)
    assert ops.geterr() == dict.fromkeys(("divide", "over", "under", "invalid"), "ignore")


def test_the_state_comes_back_after_the_block_and_after_an_error():
    with pytest.raises(FloatingPointError), ops.errstate(divide="raise"):
        assert ops.geterr()["divide"] == "raise"
        ops.asarray([1.0]) / 0
    assert ops.geterr()["divide"] == "ignore"
    old = ops.seterr(over="warn")
    assert (old["over"], ops.geterr()["over"]) == ("ignore", "warn")
    ops.seterr(**old)


def test_a_decorated_function_may_call_itself():
    @ops.errstate(invalid="raise")
    def depth(n):
        if n:
            depth(n - 1)
        return ops.geterr()["invalid"]

    assert depth(3) == "raise"
    assert ops.geterr()["invalid"] == "ignore"


def test_other_threads_are_not_concerned():
    seen = []
    with ops.errstate(all="raise"):
        worker = threading.Thread(target=lambda: seen.append(ops.isinf(ops.asarray([1.0]) / 0)))
        worker.start()
        worker.join()
    assert len(seen) == 1 and seen[0]


def test_functions_and_logs_are_told():
    told = []

    class Log:
        def write(self, text):
            told.append(text)

    with ops.errstate(divide="call", call=lambda kind, flag: told.append((kind, flag))):
        ops.asarray([1.0]) / 0
    with ops.errstate(divide="log", call=Log()):
        ops.asarray([1.0]) / 0
    assert told == [("divide by zero", 1), "Warning: divide by zero encountered in divide\n"]
    with pytest.raises(NameError), ops.errstate(divide="call"):
        ops.asarray([1.0]) / 0
    with pytest.raises(ValueError):
        ops.seterr(all="loud")
    with pytest.raises(TypeError):
        ops.seterrcall(3)
