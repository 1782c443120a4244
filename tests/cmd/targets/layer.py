from lab import array as la
from lab.array import root


def f(x):
    return la.root(x), root(x), la.averge_of(x), la.average_of(x)
