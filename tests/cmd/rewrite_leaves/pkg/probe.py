try:
    import numpy
except ImportError:
    raise SystemExit("no arrays")


def mean(x):
    return numpy.mean(x)


def included():
    return numpy.get_include()
