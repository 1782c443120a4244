"""Statistics."""

import numpy as np


def spread(values):
    # The comment stays where it is.
    return np.sqrt(np.mean(values))


def kept(values):
    return np.median(values)  # purify: ignore[PUR201] compared with the paper
