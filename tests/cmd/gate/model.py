import numpy as np


def f(n):
    return np.zeros(n) + 1
