"""How recorded cases are written: one JSON object per line, small enough to review and diff."""

import json
import math
from pathlib import Path

import numpy as np


def number(x):
    # The shortest decimal that gives a float32 back, not the digits of its double.
    x = float(str(x)) if isinstance(x, np.float32) else float(x)
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    return int(x) if x == int(x) and abs(x) < 2**53 and not (x == 0 and math.copysign(1, x) < 0) else x


def tensor(x):
    """Shape, dtype and flat data; complex numbers as pairs of real ones."""
    x = np.asarray(x)
    flat = x.ravel()
    if x.dtype.kind == "c":
        flat = flat.view(flat.real.dtype)
    data = [int(v) for v in flat] if x.dtype.kind in "biu" else [number(v) for v in flat]
    return {"dtype": str(x.dtype), "shape": list(x.shape), "data": data}


class Recorder:
    def __init__(self):
        self.cases = []

    def add(self, op, inputs, args, out, rtol, how="close"):
        """One call: named operands, other arguments, the results and how they are compared."""
        outs = out if isinstance(out, (tuple, list)) else [out]
        self.cases.append({
            "op": op,
            "in": {k: tensor(v) for k, v in inputs.items() if v is not None},
            "args": {k: v for k, v in args.items() if v is not None},
            "out": [tensor(o) for o in outs],
            "rtol": rtol,
            "how": how,
        })

    def fails(self, op, inputs, args, kind):
        """One call that must fail, with the class of the error."""
        self.cases.append({"op": op, "in": {k: tensor(v) for k, v in inputs.items()}, "args": args, "error": kind})

    def write(self, name):
        path = Path(__file__).parent / name
        lines = [json.dumps(c, separators=(",", ":"), allow_nan=False) for c in self.cases]
        path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
        print(path.name, len(self.cases), "cases,", path.stat().st_size, "bytes")
