#!/usr/bin/env python3
"""What one call costs on arrays of 16 elements, beside NumPy, and what `import purify.ops` costs.

    pip install numpy
    python benches/calls.py

Minima over many short batches, interleaved, less the empty loop: what a call takes when nothing else runs. Imports are CPU
time of fresh processes, less that of bare Python.
"""

import subprocess
import sys
import time

import numpy as np

from purify import ops

CALLS = [
    "a + b", "add(a, b)", "xp.add(a, b)", "a + 1.0", "relu(a)", "exp(a)", "a > b", "-a", "a[0]", "a[1:3]", "a.shape", "a.dtype",
    "xp.sum(a)", "a.sum()", "a.reshape(4, 4)", "xp.zeros(16)", "xp.asarray(values)", "float(a[0])", "m @ m",
]  # fmt: skip
BATCH = 100


def loops(xp):
    """For each call a function that times a batch of it."""
    a = xp.asarray(np.arange(16, dtype="float32"))
    relu = ops.nn.relu if xp is ops else lambda x: np.maximum(x, 0)
    names = {"a": a, "b": a + a, "m": xp.asarray(np.ones((4, 4), "float32")), "add": xp.add, "exp": xp.exp, "relu": relu, "xp": xp, "values": [1.0] * 16}
    out = {}
    for call in ("pass", *CALLS):
        space = dict(names)
        exec(f"def f(now):\n  start = now()\n  for _ in range({BATCH}): {call}\n  return now() - start", space)
        out[call] = space["f"]
    return out


def calls(rounds=500):
    timed = {(xp.__name__, call): f for xp in (ops, np) for call, f in loops(xp).items()}
    best = dict.fromkeys(timed, float("inf"))
    for _ in range(rounds):
        for key, f in timed.items():
            best[key] = min(best[key], f(time.perf_counter))
    cost = {(lib, call): (t - best[lib, "pass"]) / BATCH * 1e9 for (lib, call), t in best.items()}
    print("| call | purify ns | NumPy ns |\n|---|---|---|")
    for call in CALLS:
        print(f"| `{call}` | {cost['purify.ops', call]:.0f} | {cost['numpy', call]:.0f} |")


def imports(rounds=10):
    program = "import time; start = time.process_time(); {}; print(time.process_time() - start)"
    for module in ("purify.ops", "numpy"):
        runs = [subprocess.run([sys.executable, "-c", program.format(f"import {module}")], capture_output=True, text=True, check=True) for _ in range(rounds)]
        print(f"import {module}: {min(float(r.stdout) for r in runs) * 1e3:.1f} ms of CPU")


if __name__ == "__main__":
    calls()
    print()
    imports()
