"""Runs one model of `models.toml` in the interpreter at hand and prints what it computes: JSON in, JSON out.

With `"library": "torch"` the model is the original, with `"ops"` the rewritten one. Weights and inputs come from NumPy's
generator of the given seed, which `ops.random` gives bit for bit, so no weights have to be stored.
"""

import importlib
import json
import math
import sys
import time


def library(name):
    """What differs between the libraries: a generator, an array from its numbers, and numbers from an array."""
    if name == "torch":
        import numpy as np
        import torch

        array = lambda x, dtype: torch.from_numpy(np.asarray(x, dtype=dtype))  # noqa: E731
        return np.random.default_rng, array, lambda x: x.detach().double().flatten().tolist(), torch.no_grad()
    from purify import ops

    return ops.random.default_rng, lambda x, dtype: ops.asarray(x, dtype=dtype), lambda x: ops.reshape(ops.astype(x, "float64"), (-1,)).tolist(), ops.nn.no_grad()


def weights(model, rng, array):
    """A state of the model's own names and shapes: a spread that keeps activations in range, positive variances."""
    state = {}
    for name, value in model.state_dict().items():
        shape = tuple(value.shape)
        if name.endswith("num_batches_tracked") or "mask" in name.rsplit(".", 1)[-1]:
            # What counts or is computed by the model stays as it is.
            state[name] = value
            continue
        drawn = rng.standard_normal(shape)
        if name.endswith("running_var"):
            drawn = 0.5 + drawn * drawn
        elif len(shape) < 2:
            drawn = (0.1 * drawn) + (1.0 if name.rsplit(".", 1)[-1] in ("weight", "scale") else 0.0)
        else:
            drawn = drawn / math.sqrt(math.prod(shape[1:]))
        state[name] = array(drawn, "float32")
    return state


def main():
    spec = json.load(sys.stdin)
    sys.path[:0] = [spec["root"]]
    generator, array, flat, recording = library(spec["library"])
    rng = generator(spec["seed"])
    with recording:
        model = eval(spec["build"], vars(importlib.import_module(spec["module"])))
        model.eval()
        model.load_state_dict(weights(model, rng, array))
        inputs = [
            array(rng.integers(0, one["below"], tuple(one["shape"])), "int64") if "below" in one
            else array(rng.standard_normal(tuple(one["shape"])), "float32")
            for one in spec["inputs"]
        ]  # fmt: skip
        result = model(*inputs)
        times = []
        for _ in range(spec.get("times", 0)):
            started = time.perf_counter()
            model(*inputs)
            times.append(time.perf_counter() - started)
    json.dump(
        {
            "shape": list(result.shape),
            "values": flat(result),
            "parameters": sum(math.prod(p.shape) for p in model.parameters()),
            "loaded": sorted(name for name in ("torch", "numpy") if name in sys.modules),
            "times": times,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
