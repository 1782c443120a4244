"""Runs cases before and after the rewrite on the same inputs, and compares."""

import inspect
import json
import math

from purify import ops
from purify._verify.compare import Differs, Distance, compare

# What examples call their arguments. Elements lie in (0, 1) where functions such as `arcsin` need it.
FLOATS = {
    "x": [[0.5, 0.25, 0.125], [0.75, 0.9, 0.3], [0.1, 0.6, 0.45]],
    "y": [[1.5, 0.2, 0.3], [0.4, 2.5, 0.6], [0.7, 0.8, 3.5]],
    "v": [0.5, 1.0, 1.5],
}
INTEGERS = {"x": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "y": [[2, 2, 2], [2, 2, 2], [2, 2, 2]], "v": [1, 2, 3]}

EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, math.inf, -math.inf, math.nan, 1e-310, 1e300, -2.5, 3.5]


def run(cases, recorded):
    """A row per rule: cases, failures, largest errors, verdict."""
    try:
        import numpy as np
    except ImportError:
        np = None
    try:
        import torch
    except ImportError:
        torch = None
    records = {}
    if recorded:
        with open(recorded) as file:
            records = {(r["rule"], r["example"]): r for r in map(json.loads, file)}
    rows = {}
    for case in cases:
        row = rows.setdefault(
            case["rule"], {"rule": case["rule"], "cases": 0, "raising": 0, "laxer": 0, "failures": [], "max_abs": 0.0, "max_ulp": 0.0, "skipped": ""}
        )
        distance = Distance()
        try:
            if case["rule"].startswith("numpy-"):
                if np is None:
                    row["skipped"] = "NumPy is not installed"
                    continue
                ran, raising, laxer = against_numpy(case, np, distance)
            elif (case["rule"], case["name"]) in records:
                ran, raising, laxer = against_record(case, records[case["rule"], case["name"]], np, distance), 0, 0
            elif torch is None:
                row["skipped"] = "PyTorch is not installed, and no result of it is recorded"
                continue
            else:
                row["skipped"] = "record the results of PyTorch with tests/reference/torch_rules.py"
                continue
            row["cases"] += ran
            row["raising"] += raising
            row["laxer"] += laxer
        except Differs as error:
            row["cases"] += 1
            row["failures"].append(f"{case['name']}: {error}")
        row["max_abs"] = max(row["max_abs"], distance.absolute)
        row["max_ulp"] = max(row["max_ulp"], distance.ulp)
    versions = {"numpy": getattr(np, "__version__", None), "torch": getattr(torch, "__version__", None)}
    for row in rows.values():
        row["verdict"] = "differs" if row["failures"] else "agrees" if row["cases"] else "not run"
    return {"rows": list(rows.values()), "versions": versions}


def function(source):
    """The function `f` of a case."""
    namespace = {"print": lambda value: value}
    exec(compile(source, "<case>", "exec"), namespace)  # rule files are trusted like code
    return namespace.get("f")


def against_numpy(case, np, distance):
    """Numbers of inputs that gave values, of those for which both sides raise, and of those that the library alone refuses."""
    try:
        original = function(case["before"])
        names = list(inspect.signature(original).parameters)
    except Exception:
        return 0, 0, 0
    if case["inputs"] != "wide" and not set(names) <= set(FLOATS):
        return 0, 0, 0
    rewritten = function(case["after"])
    ran = raising = laxer = 0
    for label, inputs in input_sets(case["inputs"], names, np):
        if label in case["without"]:
            continue
        wanted, arguments, error = attempt(original, np, inputs, case, np)
        got, written, failure = attempt(rewritten, ops, inputs, case, np)
        if error is not None and failure is not None:
            raising += 1
            continue
        if error is not None:
            # What only the library refuses is no value that working code relies on.
            laxer += 1
            continue
        if failure is not None:
            raise Differs(f"on {label}: {type(failure).__name__}: {failure}")
        try:
            compare(got, wanted, ops, np, distance, tolerance=case["tolerance"])
            compare(written, arguments, ops, np, distance, "an argument")
        except Differs as differs:
            raise Differs(f"on {label}: {differs}") from None
        ran += 1
    return ran, raising, laxer


def attempt(wanted, library, inputs, case, np):
    """Result, arguments afterwards and exception of a call."""
    arguments = {name: library.asarray(value.tolist(), dtype=getattr(library, value.dtype.name)) for name, value in inputs.items()}
    # Lists lose the shape of what is empty.
    arguments = {name: library.reshape(value, inputs[name].shape) for name, value in arguments.items()}
    if case["setup"] or ".random." in case["before"]:
        library.random.seed(0)
    try:
        return wanted(**arguments), arguments, None
    except Exception as error:
        return None, arguments, error


def input_sets(kind, names, np):
    """(label, arrays by name) to run a case on."""
    if kind != "wide":
        values = INTEGERS if kind == "int" else FLOATS
        yield "plain", {name: np.asarray(values[name]) for name in names}
        return
    rng = np.random.default_rng(0)
    square = {name: rng.random((3, 3)) + i for i, name in enumerate(names)}
    yield "plain", square
    if not names:
        return
    yield "a vector", {name: value[0] for name, value in square.items()}
    yield "three axes", {name: rng.random((2, 3, 4)) for name in names}
    yield "float32", {name: value.astype(np.float32) for name, value in square.items()}
    # No two elements are equal: the order of equal ones is free.
    yield "integers", {name: rng.permutation(9).reshape(3, 3) + 1 for name in names}
    yield "booleans", {name: rng.random((3, 3)) > 0.5 for name in names}
    yield "edge values", {name: np.roll(np.asarray(EDGES), i).reshape(3, 4) for i, name in enumerate(names)}
    if len(names) > 1:
        yield "broadcasting", {name: value[:1] if i else value for i, (name, value) in enumerate(square.items())}


def against_record(case, record, np, distance):
    """Compares with what PyTorch gave when it was recorded."""
    rewritten = function(case["after"])
    arrays = {name: decode(value) for name, value in record["arrays"].items()}
    others = {name: tuple(value) if isinstance(value, list) else value for name, value in record["others"].items()}
    try:
        got = rewritten(**arrays, **others)
    except Exception as error:
        raise Differs(f"{type(error).__name__}: {error}") from None
    compare_record(got, record["result"], distance)
    return 1


# Relative and absolute tolerance by dtype: PyTorch sums float32 in another order.
RECORDED = {
    "float16": (2e-3, 1e-3),
    "float32": (2e-4, 2e-5),
    "float64": (1e-9, 1e-12),
    "complex64": (2e-4, 2e-5),
    "complex128": (1e-9, 1e-12),
}


def elements(record):
    """The recorded elements as Python scalars."""
    return [complex(*item) if isinstance(item, list) else item for item in record["data"]]


def decode(record):
    """A recorded input as an array of purify.ops."""
    array = ops.asarray(elements(record), dtype=getattr(ops, record["dtype"]))
    return ops.reshape(array, tuple(record["shape"]))


def close(got, wanted, tolerance):
    """Whether two Python scalars agree; NaN agrees with NaN."""
    if isinstance(wanted, complex):
        return close(got.real, wanted.real, tolerance) and close(got.imag, wanted.imag, tolerance)
    if math.isnan(wanted):
        return math.isnan(got)
    return math.isclose(got, wanted, rel_tol=tolerance[0], abs_tol=tolerance[1])


def compare_record(got, wanted, distance, where="result"):
    """Raises `Differs` unless a result is the recorded one: structure, dtype, shape and elements."""
    if isinstance(wanted, dict):
        dtype = str(got.dtype).split(".")[-1]
        if dtype != wanted["dtype"] or list(got.shape) != wanted["shape"]:
            raise Differs(f"{where}: {dtype}{list(got.shape)} for {wanted['dtype']}{wanted['shape']}")
        for one, other in zip(ops.reshape(got, (-1,)).tolist(), elements(wanted), strict=True):
            tolerance = RECORDED.get(wanted["dtype"])
            if not (close(one, other, tolerance) if tolerance else one == other):
                raise Differs(f"{where}: {one!r} for {other!r}")
            if isinstance(other, float) and math.isfinite(other):
                distance.note(one, other, 32 if wanted["dtype"] == "float32" else 64)
    elif isinstance(wanted, list):
        if len(got) != len(wanted):
            raise Differs(f"{where}: {len(got)} parts for {len(wanted)}")
        for i, (one, other) in enumerate(zip(got, wanted)):
            compare_record(one, other, distance, f"{where}[{i}]")
    elif isinstance(wanted, float) and math.isnan(wanted):
        if not math.isnan(got):
            raise Differs(f"{where}: {got!r} for nan")
    elif got != wanted:
        raise Differs(f"{where}: {got!r} for {wanted!r}")
