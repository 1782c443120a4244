"""The project's own ops."""


def mean(x):
    return sum(x) / len(x)


median = None
