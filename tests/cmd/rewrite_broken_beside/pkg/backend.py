import numpy as np


def ones():
    return np.ones(3)
