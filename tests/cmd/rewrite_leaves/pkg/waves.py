import numpy as np


def damped(x, **options):
    return np.exp(-x) * np.max(x, **options)


def included():
    return np.get_include()
