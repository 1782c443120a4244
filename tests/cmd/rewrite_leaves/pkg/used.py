import numpy as np


def included():
    return np.zeros(3), np.get_include()
