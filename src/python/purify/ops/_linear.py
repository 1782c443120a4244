"""Linear algebra extensions, over the standard's own functions, for backends whose own versions differ."""

from purify import _native
from purify import ops as xp

from ._shared import axis_tuple


def dot(a, b, /):
    """NumPy's `dot`: matrices multiply, vectors give their inner product, higher dimensions contract the last axis of the
    first with the second to last of the second."""
    a, b = xp.asarray(a), xp.asarray(b)
    if a.ndim == 0 or b.ndim == 0:
        return xp.multiply(a, b)
    if b.ndim <= 2 and a.ndim <= 2:
        return xp.matmul(a, b)
    return xp.tensordot(a, b, axes=((a.ndim - 1,), (max(b.ndim - 2, 0),)))


def inner(a, b, /):
    """The sum of products over the last axes."""
    a, b = xp.asarray(a), xp.asarray(b)
    if a.ndim == 0 or b.ndim == 0:
        return xp.multiply(a, b)
    return xp.tensordot(a, b, axes=((a.ndim - 1,), (b.ndim - 1,)))


def vdot(a, b, /):
    """The inner product of both operands flattened, the first conjugated."""
    return xp.vecdot(xp.reshape(xp.asarray(a), (-1,)), xp.reshape(xp.asarray(b), (-1,)))


def outer(a, b, /):
    """All products of an element of the first with one of the second; operands are flattened."""
    return xp.multiply(xp.reshape(xp.asarray(a), (-1, 1)), xp.reshape(xp.asarray(b), (1, -1)))


def kron(a, b, /):
    """The Kronecker product."""
    a, b = xp.asarray(a), xp.asarray(b)
    n = max(a.ndim, b.ndim)
    left = (1,) * (n - a.ndim) + tuple(a.shape)
    right = (1,) * (n - b.ndim) + tuple(b.shape)
    wide_a = xp.reshape(a, tuple(v for d in left for v in (d, 1)))
    wide_b = xp.reshape(b, tuple(v for d in right for v in (1, d)))
    return xp.reshape(xp.multiply(wide_a, wide_b), tuple(i * j for i, j in zip(left, right)))


def cross(a, b, /, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """The cross product of vectors of three elements (or two, whose third is zero)."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = xp.moveaxis(xp.asarray(a), axisa, -1), xp.moveaxis(xp.asarray(b), axisb, -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise ValueError("cross: the vectors must have 2 or 3 elements")
    if a.shape[-1] == 2 and b.shape[-1] == 2:
        return xp.subtract(a[..., 0] * b[..., 1], a[..., 1] * b[..., 0])
    a, b = _third(a), _third(b)
    shape = xp.broadcast_arrays(a, b)[0].shape
    out = xp.linalg.cross(xp.broadcast_to(a, shape), xp.broadcast_to(b, shape))
    return xp.moveaxis(out, -1, axisc)


def _third(v):
    if v.shape[-1] == 3:
        return v
    return xp.concat([v, xp.zeros(tuple(v.shape[:-1]) + (1,), dtype=v.dtype)], axis=-1)


def trace(x, /, offset=0, axis1=0, axis2=1, *, dtype=None):
    """The sum of the diagonal of two axes, as NumPy counts them: by default the first two."""
    return xp.sum(xp.diagonal(x, offset, axis1, axis2), axis=-1, dtype=dtype)


def norm(x, /, ord=None, axis=None, keepdims=False):
    """NumPy's `norm`: of all elements by default, of vectors along one axis, of matrices along two."""
    x = xp.asarray(x)
    if axis is None and ord is None:
        return xp.linalg.vector_norm(x, keepdims=keepdims)
    axes = axis_tuple(axis, x.ndim)
    if len(axes) == 1:
        return xp.linalg.vector_norm(x, axis=axes[0], ord=2 if ord is None else ord, keepdims=keepdims)
    if len(axes) != 2:
        raise ValueError(f"norm: one or two axes are possible, got {len(axes)}")
    rest = tuple(i for i in range(x.ndim) if i not in axes)
    out = xp.linalg.matrix_norm(xp.permute_dims(x, rest + axes), ord="fro" if ord is None else ord)
    return xp.expand_dims(out, axis=tuple(sorted(axes))) if keepdims else out


def einsum(subscripts, /, *operands, out=None):
    """The sum of products by Einstein's convention: `einsum("ij,jk->ik", a, b)`, or with numbers for axes behind each operand and for
    the result: `einsum(a, [0, 1], b, [1, 2], [0, 2])`. `out` receives the result and is returned."""
    if not isinstance(subscripts, str):
        subscripts, operands = _interleaved((subscripts, *operands))
    # The core's function is that of the default backend.
    result = _native.einsum(subscripts, *operands) if xp._resolve is None else _einsum(subscripts, operands)
    if out is None:
        return result
    if tuple(out.shape) != tuple(result.shape):
        raise ValueError(f"einsum: out has shape {tuple(out.shape)}, the result has {tuple(result.shape)}")
    if not xp.can_cast(result.dtype, out.dtype):
        raise TypeError(f"einsum: out of {out.dtype} cannot hold a result of {result.dtype}")
    out[...] = result
    return out


def _interleaved(arguments):
    """The subscripts and the operands of arguments that take turns."""
    pairs, result = (arguments[:-1], [arguments[-1]]) if len(arguments) % 2 else (arguments, [])

    def term(axes):
        if not all(axis is Ellipsis or 0 <= axis < 52 for axis in axes):
            raise ValueError("einsum: axes are numbers from 0 to 51, or `...`")
        # In the order of the letters, which is that of the axes of a result that is not given.
        return "".join("..." if axis is Ellipsis else chr(axis + (65 if axis < 26 else 71)) for axis in axes)

    return "->".join([",".join(map(term, pairs[1::2])), *map(term, result)]), pairs[::2]


def _einsum(subscripts, operands):
    operands = [xp.asarray(o) for o in operands]
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise ValueError(f"einsum: {len(terms)} terms for {len(operands)} operands")
    if not arrow:
        letters = sorted({c for c in left if c.isalpha()})
        right = ("..." if "..." in left else "") + "".join(c for c in letters if left.count(c) == 1)
    spare = iter(c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in subscripts)
    extra = max((o.ndim - len(t.replace("...", "")) for t, o in zip(terms, operands) if "..." in t), default=0)
    dots = [next(spare) for _ in range(extra)]
    terms = [t.replace("...", "".join(dots[extra - (o.ndim - len(t) + 3):])) for t, o in zip(terms, operands)]
    right = right.replace("...", "".join(dots))
    letters = list(dict.fromkeys(right + "".join(terms)))
    out = None
    for term, operand in zip(terms, operands):
        for letter in [c for c in dict.fromkeys(term) if term.count(c) > 1]:
            while term.count(letter) > 1:
                i = term.index(letter)
                j = term.index(letter, i + 1)
                operand = xp.diagonal(operand, 0, i, j)
                term = term[:i] + term[i + 1 : j] + term[j + 1 :] + letter
        order = sorted(range(len(term)), key=lambda k: letters.index(term[k]))
        shape = {c: n for c, n in zip(term, operand.shape)}
        spread = xp.reshape(xp.permute_dims(operand, tuple(order)), tuple(shape.get(c, 1) for c in letters))
        out = spread if out is None else out * spread
    summed = tuple(i for i, c in enumerate(letters) if c not in right)
    return xp.sum(out, axis=summed) if summed else out
