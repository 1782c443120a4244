from lab import ops


def f(x):
    return ops.mean(x), ops.median, ops.averge(x), ops.meen, ops.root(x)
