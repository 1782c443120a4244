"""`ops.linalg`: decompositions, solvers, norms. The functions are those of the compiled core."""

from purify import _native

for _name, _value in vars(_native.linalg).items():
    if not _name.startswith("_"):
        globals()[_name] = _value



def tensorsolve(a, b, /, axes=None):
    """The array `x` with `tensordot(a, x, x.ndim) == b`; `axes` of `a` are moved to the end first."""
    from purify import ops as xp

    a, b = xp.asarray(a), xp.asarray(b)
    if axes is not None:
        for axis in axes:
            a = xp.moveaxis(a, axis, -1)
    shape = tuple(a.shape[b.ndim :])
    size = xp.size(xp.zeros(shape))
    if a.size != size * size:
        raise LinAlgError(f"tensorsolve: shape {tuple(a.shape)} is no square map onto shape {tuple(b.shape)}")  # noqa: F821
    return xp.reshape(solve(xp.reshape(a, (size, size)), xp.reshape(b, (-1,))), shape)  # noqa: F821


def tensorinv(a, /, ind=2):
    """The inverse of `a` as a map of the last axes onto the first `ind`."""
    from purify import ops as xp

    a = xp.asarray(a)
    if ind <= 0:
        raise ValueError("tensorinv: ind must be positive")
    front, back = tuple(a.shape[:ind]), tuple(a.shape[ind:])
    rows = xp.size(xp.zeros(front))
    return xp.reshape(inv(xp.reshape(a, (rows, -1))), back + front)  # noqa: F821
