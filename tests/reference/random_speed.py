"""Nanoseconds per number of NumPy's random streams, to set beside `cargo run --release -p purify-ops --example random_speed`."""

import time

import numpy as np

COUNT = 100_000


def measure(name, draw):
    best = float("inf")
    for _ in range(60):
        start = time.perf_counter()
        draw()
        best = min(best, time.perf_counter() - start)
    print(f"{name:32} {best * 1e9 / COUNT:7.2f}")


rng, old = np.random.default_rng(1), np.random.RandomState(1)
measure("random float64", lambda: rng.random(COUNT))
measure("random float32", lambda: rng.random(COUNT, dtype=np.float32))
measure("standard_normal float64", lambda: rng.standard_normal(COUNT))
measure("standard_normal float32", lambda: rng.standard_normal(COUNT, dtype=np.float32))
measure("normal(1, 2)", lambda: rng.normal(1, 2, COUNT))
measure("standard_exponential", lambda: rng.standard_exponential(COUNT))
measure("integers(0, 1000)", lambda: rng.integers(0, 1000, COUNT))
measure("gamma(2.5)", lambda: rng.gamma(2.5, 1, COUNT))
measure("beta(2, 3)", lambda: rng.beta(2, 3, COUNT))
measure("poisson(3)", lambda: rng.poisson(3, COUNT))
measure("binomial(100, 0.4)", lambda: rng.binomial(100, 0.4, COUNT))
measure("permutation", lambda: rng.permutation(COUNT))
measure("RandomState.random_sample", lambda: old.random_sample(COUNT))
measure("RandomState.standard_normal", lambda: old.standard_normal(COUNT))
measure("RandomState.randint(0, 1000)", lambda: old.randint(0, 1000, COUNT))
