"""What the original library did, for comparison. Nothing else in `purify.resonant` uses it.

`run` evolves by syntony alone with a cycle per survivor. Above about eight modes it cannot improve a random tensor;
`converged` says so.
"""

import time

from purify._native import _resonant as _native

__all__ = ["run", "S_TARGET"]

# phi - q: no syntony can reach it.
S_TARGET = _native.PHI - _native.Q_DEFICIT


def run(template, seed=0, **settings):
    """The published evolution with its settings and defaults; returns a RESResult.

    settings: population_size=64, survivor_count=16, mutation_scale=0.1, precision=100, noise_scale=0.01,
    max_generations=1000, convergence_threshold=1e-6, enable_retrocausal=False, attractor_capacity=32,
    attractor_pull_strength=0.3, attractor_min_syntony=0.7, attractor_decay_rate=0.98.
    """
    from purify.resonant._evolve import RESResult

    started = time.perf_counter()
    return RESResult(**_native.compat_run(template, seed, **settings), seconds=time.perf_counter() - started)
