"""Lines moved, and the formatter ran."""

import numpy as np


def other():
    return 1


def f(n):
    return (
        np.zeros(n)
        + 1
    )
