"""Odds and ends."""

import math


# The length of a vector.
def norm(x):
    return math.sqrt(sum(y * y for y in x))


def unit(x):
    return [y / norm(x) for y in x]


LIMIT = 10
