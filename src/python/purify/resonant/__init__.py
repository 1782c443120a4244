"""`purify.resonant`: tensors of exact golden numbers `a + b*phi`, their resonance cycle, and training without gradients.

    from purify.resonant import ResonantTensor
    x = ResonantTensor([[0.5, 1.0], [2.0, -1.5]])      # snapped to the lattice, then exact
    y = x @ x                                          # exact: no rounding at all
    y.to_floats()                                      # correctly rounded doubles

The compiled core is `purify-resonant`; what is written in Python is loaded on first use.
"""

import sys as _sys

from purify._native import _resonant as _native

# A module inside the compiled one is found by its name only if it is listed.
_sys.modules.setdefault("purify._native._resonant", _native)

# Names that the core gives as they are.
from purify._native._resonant import (  # noqa: F401
    E_STAR,
    PHI,
    PHI_INV,
    PHI_INV_CUBED,
    PHI_INV_SQUARED,
    PHI_SQUARED,
    Q_DEFICIT,
    SQRT5,
    STRUCTURE,
    Attractors,
    DeviceError,
    GoldenExact,
    InvalidPhaseError,
    NativeFitness,
    ResonantTensor,
    ShapeError,
    aggregate,
    concentration,
    critical_syntony,
    d_gain,
    differentiate_state,
    enumerate_windings,
    fermat,
    fibonacci,
    golden_map,
    golden_map_back,
    golden_measure,
    golden_weight,
    h_gain,
    harmonize_state,
    is_square_free,
    lucas,
    mersenne,
    mertens,
    mobius,
    r_gain,
    recursion_residual,
    resolution,
    snap_error_bound,
    state_stability,
    steadiness,
    syntony,
    winding_functional,
    winding_generation,
)

S_TARGET = 1.0

# Where the names written in Python are: file -> names.
_FILES = {
    "_rational": "Rational",
    "_evolve": "RESConfig RESResult RESEvolver ResonantEvolver ProgressBar",
    "_fitness": "ClassificationFitness DistanceFitness MLPFitness RegressionFitness SyntonyFitness WavefunctionFitness",
    "_store": "load save load_bytes save_bytes",
}
_WHERE = {_name: _file for _file, _names in _FILES.items() for _name in _names.split()}
_SPACES = ("functional", "nn", "losses", "analysis", "train", "datasets", "compat", "plot", "demo")

# A star import takes the classes and functions, not the modules.
__all__ = sorted({n for n in (*globals(), *_WHERE) if not n.startswith("_")})


def __getattr__(name):
    from importlib import import_module

    if name in _SPACES:
        value = import_module("purify.resonant." + name)
    elif name in _WHERE:
        value = getattr(import_module("purify.resonant." + _WHERE[name]), name)
    else:
        raise AttributeError(f"module 'purify.resonant' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({n for n in (*globals(), *_WHERE, *_SPACES) if not n.startswith("_")})
