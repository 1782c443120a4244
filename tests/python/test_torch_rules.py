"""purify.ops makes of the rewritten examples of the PyTorch rules what PyTorch made of the originals.

The recorded results are those of `tests/reference/torch_rules.py`.
"""

import json
import math
import pathlib
import tomllib

import pytest

ops = pytest.importorskip("purify.ops")

ROOT = pathlib.Path(__file__).parent.parent.parent
RECORDS = [json.loads(line) for line in (ROOT / "tests/reference/torch_rules.jsonl").read_text().splitlines()]

# Relative and absolute tolerance by dtype: sums in float32 are made in another order.
TOLERANCE = {
    "float16": (2e-3, 1e-3),
    "float32": (2e-4, 2e-5),
    "float64": (1e-9, 1e-12),
    "complex64": (2e-4, 2e-5),
    "complex128": (1e-9, 1e-12),
}


def rewritten_examples():
    """Text of each example after the rewrite, by rule and name."""
    found = {}
    for path in (ROOT / "rules").glob("*/*.toml"):
        if path.parent.name not in ("libraries", "targets", "codes"):
            for rule in tomllib.loads(path.read_text()).get("rule", []):
                for example in rule.get("test", []):
                    found[rule["id"], example["name"]] = example.get("after")
    return found


EXAMPLES = rewritten_examples()


def elements(record):
    """The recorded elements as Python scalars."""
    return [complex(*item) if isinstance(item, list) else item for item in record["data"]]


def decode(record):
    """The recorded input as an array of purify.ops."""
    array = ops.asarray(elements(record), dtype=getattr(ops, record["dtype"]))
    return ops.reshape(array, tuple(record["shape"]))


def close(got, wanted, tolerance):
    """Whether two Python scalars agree; NaN agrees with NaN."""
    if isinstance(wanted, complex):
        return close(got.real, wanted.real, tolerance) and close(got.imag, wanted.imag, tolerance)
    if math.isnan(wanted):
        return math.isnan(got)
    return math.isclose(got, wanted, rel_tol=tolerance[0], abs_tol=tolerance[1])


def compare(got, wanted):
    """Asserts that a result is the recorded one: structure, dtype, shape and elements."""
    if isinstance(wanted, dict):
        assert str(got.dtype).split(".")[-1] == wanted["dtype"]
        assert list(got.shape) == wanted["shape"]
        flat, expected = ops.reshape(got, (-1,)).tolist(), elements(wanted)
        if wanted["dtype"] in TOLERANCE:
            tolerance = TOLERANCE[wanted["dtype"]]
            assert [] == [pair for pair in zip(flat, expected, strict=True) if not close(*pair, tolerance)][:3]
        else:
            assert flat == expected
    elif isinstance(wanted, list):
        assert len(got) == len(wanted)
        for one, other in zip(got, wanted):
            compare(one, other)
    elif isinstance(wanted, float) and math.isnan(wanted):
        assert math.isnan(got)
    else:
        assert got == wanted


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['rule']}: {record['example']}")
def test_rewritten_example_gives_what_pytorch_gave(record):
    after = EXAMPLES[record["rule"], record["example"]]
    namespace = {"print": lambda value: value}
    exec(compile(after, "after", "exec"), namespace)  # our own rule files
    arrays = {name: decode(value) for name, value in record["arrays"].items()}
    others = {name: tuple(value) if isinstance(value, list) else value for name, value in record["others"].items()}
    compare(namespace["f"](**arrays, **others), record["result"])
