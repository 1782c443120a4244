"""A dtype that goes to a library that stays is not sure to be known there."""

import numpy as np
from scipy import sparse


def matrix(shape):
    return sparse.lil_matrix(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)


def drawn(random_state, seed):
    rng = np.random.default_rng(seed) if random_state is None else random_state
    return rng.choice(np.arange(3))
