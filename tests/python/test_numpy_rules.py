"""purify.ops makes of the rewritten examples of the NumPy rules what NumPy makes of the originals.

Each example of a safe rule is run twice on the same inputs, before and after the rewrite: results, dtypes, shapes and
what was written in place must agree. `verify = false` in a rule, with its reason, leaves it out.
"""

import inspect
import math
import pathlib
import tomllib
import warnings

import pytest

np = pytest.importorskip("numpy")
ops = pytest.importorskip("purify.ops")

ROOT = pathlib.Path(__file__).parent.parent.parent

# What the examples call their arguments. Elements lie in (0, 1) where functions such as `arcsin` need it.
FLOATS = {
    "x": [[0.5, 0.25, 0.125], [0.75, 0.9, 0.3], [0.1, 0.6, 0.45]],
    "y": [[1.5, 0.2, 0.3], [0.4, 2.5, 0.6], [0.7, 0.8, 3.5]],
    "v": [0.5, 1.0, 1.5],
}
INTEGERS = {"x": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "y": [[2, 2, 2], [2, 2, 2], [2, 2, 2]], "v": [1, 2, 3]}

# Relative tolerance by dtype: sums and transcendental functions may round elsewhere.
TOLERANCE = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-11, "complex64": 2e-6, "complex128": 1e-11}


def examples():
    """The examples of the safe NumPy rules that change something and can be called with arrays alone."""
    for path in sorted((ROOT / "rules").glob("*/*.toml")):
        if path.parent.name in ("libraries", "targets", "codes"):
            continue
        for rule in tomllib.loads(path.read_text()).get("rule", []):
            verify = rule.get("verify", {})
            if not rule["id"].startswith("numpy-") or verify is False or rule.get("applicability", "safe") != "safe":
                continue
            integers = any(str(value).startswith("int") for value in verify.values())
            for example in rule.get("test", []):
                if "after" in example and takes_arrays(example["before"]):
                    yield pytest.param(example, integers, id=f"{rule['id']}: {example['name']}")


def function(source):
    """The function `f` of an example."""
    namespace = {}
    exec(compile(source, "<example>", "exec"), namespace)  # our own rule files
    return namespace.get("f")


def takes_arrays(before):
    """Whether the example is a function of x, y and v."""
    try:
        original = function(before)
    except (ImportError, AttributeError):
        return False
    return original is not None and set(inspect.signature(original).parameters) <= set(FLOATS)


def call(source, library, integers):
    """The result of an example and what it left in its arguments."""
    if ".random." in source:
        library.random.seed(0)
    values = INTEGERS if integers else FLOATS
    wanted = function(source)
    arguments = {name: library.asarray(values[name]) for name in inspect.signature(wanted).parameters}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return wanted(**arguments), arguments


def compare(got, wanted):
    """Asserts that a result of purify.ops is that of NumPy."""
    if isinstance(wanted, float) and isinstance(got, float):  # NumPy's float64 scalars are Python floats
        assert close(got, wanted, TOLERANCE["float64"])
    elif isinstance(wanted, (np.ndarray, np.generic)):
        assert got.dtype.name == wanted.dtype.name.replace("bool_", "bool")
        assert tuple(got.shape) == wanted.shape
        elements = zip(ops.reshape(got, (-1,)).tolist(), np.ravel(wanted).tolist(), strict=True)
        tolerance = TOLERANCE.get(wanted.dtype.name, 0.0)
        assert [] == [pair for pair in elements if not close(*pair, tolerance)][:3]
    elif isinstance(wanted, (tuple, list)):
        assert len(got) == len(wanted)
        for one, other in zip(got, wanted):
            compare(one, other)
    elif isinstance(wanted, dict):
        assert list(got) == list(wanted)
        compare(list(got.values()), list(wanted.values()))
    elif isinstance(wanted, np.dtype):
        assert got.name == wanted.name
    elif isinstance(wanted, (bool, int, float, complex)):
        assert close(got.item() if hasattr(got, "item") else got, wanted, 1e-12)
    elif isinstance(wanted, (str, bytes)):
        assert got == wanted
    else:
        assert (got is None) == (wanted is None)


def close(got, wanted, tolerance):
    """Whether two Python scalars agree; NaN agrees with NaN."""
    if isinstance(wanted, complex):
        return close(got.real, wanted.real, tolerance) and close(got.imag, wanted.imag, tolerance)
    if isinstance(wanted, float) and math.isnan(wanted):
        return math.isnan(got)
    if isinstance(wanted, float):
        return math.isclose(got, wanted, rel_tol=tolerance, abs_tol=tolerance / 10)
    return got == wanted


@pytest.mark.parametrize(("example", "integers"), list(examples()))
def test_rewritten_example_gives_what_numpy_gives(example, integers):
    wanted, arguments = call(example["before"], np, integers)
    got, written = call(example["after"], ops, integers)
    compare(got, wanted)
    compare(written, arguments)
