"""`ops.testing` passes and fails where `numpy.testing` does, and its reports carry the same facts."""

import re
import warnings

import numpy as np
import numpy.testing as reference
import pytest

from purify import ops
from purify.ops import testing

nan, inf = float("nan"), float("inf")

PAIRS = [
    (1, 1),
    (1, 2),
    (1.0, 1),
    (0.0, -0.0),
    (nan, nan),
    (nan, 1.0),
    (inf, inf),
    (inf, -inf),
    (1.0, 1.0 + 1e-8),
    (1.0, 1.00001),
    (1 + 1j, 1 + 1j),
    (1 + 1j, 1 + 2j),
    (complex(nan, 1), complex(nan, 1)),
    ("a", "a"),
    ("a", "b"),
    (True, 1),
    (None, None),
    (None, 0),
    ([1, 2], [1, 2]),
    ([1, 2], [1, 3]),
    ([1, 2], [1, 2, 3]),
    ([1, [2, 3]], [1, [2, 3]]),
    ((1, 2), [1, 2]),
    ({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 2]}),
    ({"a": 1}, {"a": 2}),
    ({"a": 1}, {"b": 1}),
    ({"a": np.array([1.0, nan])}, {"a": np.array([1.0, nan])}),
    (["a", "b"], ["a", "b"]),
    (["a", "b"], ["a", "c"]),
    (np.array([1.0, 2.0]), np.array([1.0, 2.0])),
    (np.array([1.0, 2.0]), np.array([1.0, 2.5])),
    (np.array([1.0, nan]), np.array([1.0, nan])),
    (np.array([1.0, nan]), np.array([nan, 1.0])),
    (np.array([1.0, inf]), np.array([1.0, inf])),
    (np.array([1.0, inf]), np.array([1.0, -inf])),
    (np.array([1.0, inf]), np.array([1.0, 5.0])),
    (np.array([nan, inf]), np.array([nan, inf])),
    (np.zeros((2, 3)), np.zeros((3, 2))),
    (np.zeros((2, 3)), np.zeros(3)),
    (np.zeros((2, 3)), 0.0),
    (0, np.zeros(3)),
    (np.zeros(3), 1),
    (np.zeros(0), np.zeros(0)),
    (np.zeros(0), np.zeros((0, 2))),
    (np.array([1, 2, 3], dtype=np.uint8), np.array([1, 2, 20], dtype=np.uint8)),
    (np.array([True, False]), np.array([True, True])),
    (np.array([True, False]), np.array([True, False])),
    (np.array([1, 2**62]), np.array([1, 2**62 + 1])),
    (np.array([1.0, -0.0]), np.array([1.0, 0.0])),
    (np.float64(1.0), 1.0),
    (np.array(1.0), np.array([1.0])),
    (np.arange(20.0), np.arange(20.0) + 1),
    (np.array([1 + 1j, 2]), np.array([1 + 1j, 3])),
    (np.array([nan, nan]), nan),
    (np.array([1.0, 1.0]), nan),
    (np.float32([1.1, 2.2]), np.array([1.1, 2.2])),
]
ASSERTIONS = ["assert_equal", "assert_array_equal", "assert_allclose", "assert_almost_equal", "assert_array_almost_equal", "assert_array_less"]


def ours(value):
    """The same data with this package's arrays."""
    if isinstance(value, (np.ndarray, np.generic)):
        return ops.asarray(value.copy() if isinstance(value, np.ndarray) else value.item())
    if isinstance(value, dict):
        return {key: ours(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(ours(item) for item in value)
    return value


def outcome(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except AssertionError as error:
        return "fails", str(error)
    except (TypeError, ValueError) as error:
        return "raises", str(error)
    return "passes", ""


def agree(name, actual, desired, **kwargs):
    expected, text = outcome(getattr(reference, name), actual, desired, **kwargs)
    got, our_text = outcome(getattr(testing, name), ours(actual), ours(desired), **kwargs)
    if expected == "raises":  # what cannot be compared: an error is an error
        assert got != "passes", f"NumPy raises {text}"
        return
    assert got == expected, f"NumPy {expected}: {text}\nhere {got}: {our_text}"
    for fact in ("Mismatched elements: ", "nan location", "inf values", "inf location", "mismatch)"):
        lines = [line.strip() for line in text.splitlines() if fact in line]
        for line in lines:
            assert line in our_text, f"{line!r} is missing in\n{our_text}"
    for fact in ("Max absolute difference among violations: ", "Max relative difference among violations: "):
        found = re.search(re.escape(fact) + r"(\S+)", text)
        if found:
            mine = re.search(re.escape(fact) + r"(\S+)", our_text)
            assert mine, f"{fact!r} is missing in\n{our_text}"
            assert float(mine.group(1)) == pytest.approx(float(found.group(1)), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", ASSERTIONS)
@pytest.mark.parametrize("pair", PAIRS, ids=repr)
def test_outcome_and_report_are_those_of_numpy(name, pair):
    for actual, desired in (pair, pair[::-1]):
        agree(name, actual, desired)


@pytest.mark.parametrize("options", [{"rtol": 0.5}, {"atol": 0.5}, {"rtol": 0, "atol": 1e-3}, {"equal_nan": False}])
@pytest.mark.parametrize("pair", [p for p in PAIRS if isinstance(p[0], np.ndarray)], ids=repr)
def test_allclose_takes_numpys_options(options, pair):
    agree("assert_allclose", *pair, **options)


@pytest.mark.parametrize("name", ["assert_array_equal", "assert_allclose", "assert_array_less"])
def test_strict_wants_equal_shapes_and_dtypes(name):
    for pair in [(np.ones(3), 1.0), (np.ones(3), np.ones(3, dtype=np.float32)), (np.zeros(3), np.ones(3))]:
        agree(name, *pair, strict=True)


@pytest.mark.parametrize("significant", [3, 7])
def test_approx_equal(significant):
    for actual, desired in [(0.12345670e-20, 0.1234567e-20), (1.2345, 1.2346), (100.0, 100.04), (nan, nan), (inf, inf), (inf, 1.0), (0.0, 1e-9), (0.0, 0.0)]:
        agree("assert_approx_equal", actual, desired, significant=significant)


def test_messages_show_both_sides_and_the_users_text():
    with pytest.raises(AssertionError) as caught:
        testing.assert_allclose(ops.asarray([1.0, 2.0]), ops.asarray([1.0, 4.0]), err_msg="after the fit")
    for part in ("after the fit", "rtol=1e-07, atol=0", "ACTUAL: ", "DESIRED: ", "[1]: 2.0 (ACTUAL), 4.0 (DESIRED)"):
        assert part in str(caught.value)
    with pytest.raises(AssertionError) as caught:
        testing.assert_array_less(ops.asarray([1.0, 2.0]), ops.asarray([1.0, 4.0]))
    assert " x: " in str(caught.value) and " y: " in str(caught.value)


def test_differences_of_unsigned_integers_do_not_wrap():
    with pytest.raises(AssertionError, match="Max absolute difference among violations: 197"):
        testing.assert_array_equal(ops.asarray([3], dtype=ops.uint8), ops.asarray([200], dtype=ops.uint8))


def test_exceptions():
    testing.assert_raises(ZeroDivisionError, lambda: 1 / 0)
    with testing.assert_raises(ZeroDivisionError):
        1 / 0
    with pytest.raises(AssertionError):
        testing.assert_raises(ZeroDivisionError, lambda: 1)
    testing.assert_raises_regex(ZeroDivisionError, "zero", lambda: 1 / 0)
    with pytest.raises(AssertionError):
        testing.assert_raises_regex(ZeroDivisionError, "nothing", lambda: 1 / 0)
    testing.assert_(True)
    with pytest.raises(AssertionError, match="because"):
        testing.assert_(False, "because")


def test_warnings():
    def warn(category=UserWarning):
        warnings.warn("something odd", category, stacklevel=2)
        return 3

    assert testing.assert_warns(UserWarning, warn) == 3
    with testing.assert_warns(UserWarning):
        warn()
    with pytest.raises(AssertionError, match="No warning raised"):
        testing.assert_warns(UserWarning, lambda: None)
    assert testing.assert_no_warnings(lambda: 4) == 4
    with pytest.raises(AssertionError, match="Got warnings"):
        testing.assert_no_warnings(warn)
    with warnings.catch_warnings(record=True) as outer, testing.suppress_warnings() as suppressed:
        warnings.simplefilter("always")
        suppressed.filter(DeprecationWarning)
        log = suppressed.record(UserWarning, "something")
        warn()
        warn(DeprecationWarning)
        warn(RuntimeWarning)
    assert [w.category for w in log] == [UserWarning]
    assert [w.category for w in outer] == [RuntimeWarning]


def test_strings():
    testing.assert_string_equal("a\nb", "a\nb")
    with pytest.raises(AssertionError, match="Differences in strings"):
        testing.assert_string_equal("a\nb", "a\nc")
    with pytest.raises(AssertionError):
        testing.assert_string_equal("1", 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_between_floats(dtype):
    x = np.array([0.1, 1.0, -3.0, 1e30, 0.0], dtype=dtype)
    for step in (0, 1, 2, 5):
        y = x.copy()
        for _ in range(step):
            y = np.nextafter(y, np.array(inf, dtype=dtype))
        for limit in (1, 4):
            expected, _ = outcome(reference.assert_array_max_ulp, x, y, limit)
            got, text = outcome(testing.assert_array_max_ulp, ours(x), ours(y), limit)
            assert got == expected, text
            expected, _ = outcome(reference.assert_array_almost_equal_nulp, x, y, limit)
            got, text = outcome(testing.assert_array_almost_equal_nulp, ours(x), ours(y), limit)
            assert got == expected, text
