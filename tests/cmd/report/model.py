import numpy as np


def norm(x: np.ndarray) -> np.ndarray:
    return x / np.sqrt(np.sum(x * x))
