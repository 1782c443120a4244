"""Records in `torch_rules.jsonl` what PyTorch makes of the examples of the rules, which purify.ops must make of them too.

Run with PyTorch 2.15:  python tests/reference/torch_rules.py

Every example of a safe rule for `torch.*` is run as it stands before the rewrite, on the first generated inputs that
PyTorch accepts. A line holds the rule, the name of the example, its inputs and its result. Arrays are written as
{"dtype", "shape", "data"}, complex elements as [real, imaginary], NaN and infinities as JSON's NaN and Infinity.
"""

import ast
import json
import pathlib
import tomllib
import warnings
import zlib

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
RULES = HERE.parent.parent / "rules"

# Examples that only spell another one differently.
RESPELLED = ("the same by keyword", "NumPy's keywords are understood")

# Results that are determined up to signs or order only.
FREE = ("torch-linalg-eig", "torch-linalg-eigvals", "torch-linalg-eigh", "torch-linalg-svd", "torch-linalg-qr")

# What parameters that are no arrays stand for.
SCALARS = {"int": 4, "float": 0.5, "str": "cpu", "tuple": (2, 3), "bool": False, None: 2}
SHAPES = [(3, 3), (4,), (2, 6), (6,), (2, 8), (2, 3, 3), (2, 4, 6), (1, 4, 6, 6), (1, 4, 4, 4, 4), (1,), ()]
WEIGHTS = [(4, 3), (5, 3), (4, 4), (4, 4, 3), (4, 4, 3, 3), (4, 4, 3, 3, 3), (8,), (6,), (3,), (4,)]


def safe_examples():
    """(rule, example) of the safe rules for PyTorch that change something and can be compared."""
    for path in sorted(RULES.glob("*/*.toml")):
        if path.parent.name in ("libraries", "targets", "codes"):
            continue
        for rule in tomllib.loads(path.read_text()).get("rule", []):
            if not rule["id"].startswith("torch-") or rule["id"] in FREE or rule.get("applicability", "safe") != "safe" or rule.get("verify") is False:
                continue
            for example in rule.get("test", []):
                if "after" in example and "def f(" in example["before"] and example["name"] not in RESPELLED:
                    yield rule, example


def parameters(source):
    """Names of the array parameters of `f`, and the values of the others."""
    function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    arrays, others = [], {}
    for argument in function.args.args:
        annotation = ast.unparse(argument.annotation) if argument.annotation else None
        if annotation and "Tensor" in annotation:
            arrays.append(argument.arg)
        else:
            others[argument.arg] = SCALARS.get(annotation, 2)
    return arrays, others


def candidates(names, rng):
    """Inputs to try, plain ones first."""
    def draw(name, shape, integers=False):
        if name == "mask":
            return rng.random(shape) > 0.5
        if name == "idx" or integers:
            return rng.integers(0, 2, shape)
        return (rng.random(shape) + 0.1).astype(np.float32)

    if not names:
        yield {}
        return
    first, rest = names[0], names[1:]
    for shape in SHAPES:
        yield {name: draw(name, shape) for name in names}
        if len(shape) == 2 and shape[0] == shape[1] and not rest:
            square = draw(first, shape)
            yield {first: square @ square.T + 3 * np.eye(shape[0], dtype=np.float32)}
        for other in [*SHAPES, *WEIGHTS] if rest else []:
            yield {first: draw(first, shape), **{name: draw(name, other) for name in rest}}
            yield {first: draw(first, shape), **{name: draw(name, other, integers=True) for name in rest}}
    for shape in [(1, 4, 6), (1, 4, 6, 6), (1, 4, 4, 4, 4), (2, 3), (2, 4, 3)] if rest else []:
        for weight in WEIGHTS:
            for bias in [(weight[0],), weight, shape]:
                yield {first: draw(first, shape), rest[0]: draw(rest[0], weight), **{n: draw(n, bias) for n in rest[1:]}}
    for shape in SHAPES:
        yield {name: draw(name, shape, integers=True) for name in names}
        yield {name: draw(name, shape) > 0.6 for name in names}
        yield {name: (draw(name, shape) + 1j * draw(name, shape)).astype(np.complex64) for name in names}


def encode(value):
    """A result or input as JSON, or a TypeError."""
    if isinstance(value, torch.Tensor):
        value = value.detach().resolve_conj().resolve_neg().numpy()
    if isinstance(value, (np.ndarray, np.generic)):
        flat = np.asarray(value).ravel()
        data = [[float(z.real), float(z.imag)] for z in flat] if flat.dtype.kind == "c" else flat.tolist()
        if flat.dtype == np.float32:
            data = [float(f"{number:.9g}") for number in data]
        return {"dtype": flat.dtype.name, "shape": list(np.shape(value)), "data": data}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(type(value).__name__)


def record(example, rng):
    """Inputs and result of an example, or None if PyTorch takes none of the inputs or the result is no data."""
    arrays, others = parameters(example["before"])
    namespace = {"print": lambda value: value}
    exec(compile(example["before"], "before", "exec"), namespace)  # our own rule files
    for inputs in candidates(arrays, rng):
        try:
            result = namespace["f"](**{name: torch.from_numpy(np.array(value)) for name, value in inputs.items()}, **others)
        except Exception:
            continue
        try:
            return {"arrays": {name: encode(np.asarray(value)) for name, value in inputs.items()}, "others": others, "result": encode(result)}
        except TypeError:
            return None
    return None


def main():
    warnings.simplefilter("ignore")
    recorded, skipped = [], []
    for rule, example in safe_examples():
        rng = np.random.default_rng(zlib.crc32(f"{rule['id']} {example['name']}".encode()))
        found = record(example, rng)
        if found is None:
            skipped.append(f"{rule['id']}: {example['name']}")
        else:
            recorded.append({"rule": rule["id"], "example": example["name"], **found})
    with open(HERE / "torch_rules.jsonl", "w") as file:
        for line in recorded:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
    print(f"{len(recorded)} examples recorded with PyTorch {torch.__version__.split('+')[0]}, {len(skipped)} without data:")
    print("\n".join(f"  {name}" for name in skipped))


if __name__ == "__main__":
    main()
