#!/usr/bin/env python3
"""Errors of the transcendental functions in units in the last place, beside NumPy's: writes `docs/accuracy.md`.

    pip install numpy mpmath
    python benches/ulp.py > docs/accuracy.md

The truth is computed with 40 digits (mpmath). Arguments are drawn evenly over the exponents of the range in which the
result is an ordinary number, and densely around the places where functions are hard: zeros, one, and multiples of pi.
"""

import argparse

import mpmath
import numpy as np

from purify import ops

mpmath.mp.dps = 40
WHOLE = (1e-30, 1e30)
# Function -> (truth, range of magnitudes, whether negative arguments count).
FUNCTIONS = {
    "exp": (mpmath.exp, (1e-8, 80), True), "exp2": (lambda v: mpmath.power(2, v), (1e-8, 120), True), "expm1": (mpmath.expm1, (1e-12, 80), True),
    "log": (mpmath.log, WHOLE, False), "log2": (lambda v: mpmath.log(v, 2), WHOLE, False), "log10": (mpmath.log10, WHOLE, False),
    "log1p": (mpmath.log1p, WHOLE, False), "sin": (mpmath.sin, (1e-8, 1e4), True), "cos": (mpmath.cos, (1e-8, 1e4), True),
    "tan": (mpmath.tan, (1e-8, 1e4), True), "asin": (mpmath.asin, (1e-8, 1), True), "acos": (mpmath.acos, (1e-8, 1), True),
    "atan": (mpmath.atan, WHOLE, True), "sinh": (mpmath.sinh, (1e-8, 80), True), "cosh": (mpmath.cosh, (1e-8, 80), True),
    "tanh": (mpmath.tanh, (1e-8, 40), True), "asinh": (mpmath.asinh, (1e-12, 1e30), True), "acosh": (mpmath.acosh, (1.0000001, 1e30), False),
    "atanh": (mpmath.atanh, (1e-8, 0.9999999), True), "cbrt": (mpmath.cbrt, WHOLE, False), "sqrt": (mpmath.sqrt, WHOLE, False),
    "nn.erf": (mpmath.erf, (1e-8, 5), True), "nn.erfc": (mpmath.erfc, (1e-8, 9), True), "nn.sigmoid": (lambda v: 1 / (1 + mpmath.exp(-v)), (1e-8, 80), True),
    "i0": (lambda v: mpmath.besseli(0, v), (1e-8, 80), True),
}  # fmt: skip


def arguments(low, high, negative, dtype, count):
    """Magnitudes spread over the exponents, and a quarter of them near multiples of pi / 2 and near one."""
    rng = np.random.default_rng(0)
    x = np.exp(rng.uniform(np.log(low), np.log(high), count))
    near = np.concatenate([np.arange(1, count // 8 + 1) * (np.pi / 2), 1 + rng.normal(0, 1e-3, count // 8)])
    x = np.concatenate([x, near[(near > low) & (near < high)]]).astype(dtype)
    x = np.concatenate([x, -x]) if negative else x
    return x[(np.abs(x) >= low) & (np.abs(x) <= high)]


def errors(got, truth, dtype):
    """Distances from the truth, in steps between neighbouring numbers of the dtype there."""
    out = []
    for g, t in zip(got, truth):
        rounded = dtype(float(t))
        step = np.spacing(abs(rounded)) if np.isfinite(rounded) else np.nan
        if np.isfinite(step) and abs(rounded) > np.finfo(dtype).tiny:
            out.append(abs(float((mpmath.mpf(float(g)) - t) / mpmath.mpf(float(step)))))
    return np.array(out)


def find(space, name):
    for part in name.split("."):
        space = getattr(space, part, None)
    return space


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="arguments per function (default: %(default)s)")
    count = parser.parse_args().count
    print("# Accuracy\n\nErrors of the transcendental functions in units in the last place: half a unit is a correctly rounded result.")
    print(f"Made by `python benches/ulp.py --count {count}`, which says what is drawn; beside NumPy {np.__version__}.\n")
    print("| function | float32: largest | mean | NumPy | float64: largest | mean | NumPy |\n|---|---|---|---|---|---|---|")
    for name, (truth, (low, high), negative) in FUNCTIONS.items():
        cells = []
        for dtype in (np.float32, np.float64):
            x = arguments(low, high, negative, dtype, count)
            exact = [truth(mpmath.mpf(float(v))) for v in x]
            ours = errors(np.asarray(find(ops, name)(ops.asarray(x))), exact, dtype)
            theirs = find(np, name)
            theirs = f"{errors(theirs(x), exact, dtype).max():.2f}" if theirs else ""
            cells += [f"{ours.max():.2f}", f"{ours.mean():.2f}", theirs]
        print(f"| `{name}` | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
