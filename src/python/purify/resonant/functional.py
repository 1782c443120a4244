"""Functions that leave their argument as it is: twins of the methods of `ResonantTensor` that work in place, and what
attention is made of. All take `ResonantTensor` or `nn.Floats`."""

import math

_IN_PLACE = (
    "add_bias apply_inverse_recursion apply_recursion dropout gelu prune_hierarchy relu scatter sigmoid softmax tanh"
).split()
_CYCLES = ("cpu_cycle", "batch_cpu_cycle")

__all__ = [*_IN_PLACE, *_CYCLES, "attention", "causal_mask", "concat", "constant", "lookup", "masked_fill", "merge_heads", "split_heads"]


def _twin(name):
    def function(x, *args, **kwargs):
        out = _copy(x, name)
        getattr(out, name)(*args, **kwargs)
        return out

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The result of `ResonantTensor.{name}` as a new tensor."
    return function


def _copy(x, name):
    if x.phase == "flux":
        from purify.resonant import InvalidPhaseError

        raise InvalidPhaseError(f"{name}: the tensor is in flux; call crystallize() or destroy_shadow() first")
    return x.clone()


for _name in (*_IN_PLACE, *_CYCLES):
    globals()[_name] = _twin(_name)


def _lattice(x):
    from purify._native._resonant import ResonantTensor

    return ResonantTensor if isinstance(x, ResonantTensor) else None


def concat(tensors, dim=-1):
    """Tensors side by side along an axis."""
    lattice = _lattice(tensors[0])
    if lattice is not None:
        return lattice.concat(list(tensors), dim)
    from purify import ops

    return tensors[0]._new(ops.concat([t.data for t in tensors], axis=dim))


def constant(values, shape, like):
    """Fixed numbers as the kind of tensor that `like` is, on its lattice if it has one."""
    lattice = _lattice(like)
    if lattice is not None:
        return lattice(values, list(shape), precision=like.precision)
    from purify import ops

    return like._new(ops.reshape(ops.asarray(values, dtype=ops.float64), tuple(shape)))


def lookup(table, indices):
    """Rows of a table [n, d] by nested lists of indices of any shape: [..., d]."""
    from purify.resonant.nn.reference import Floats, in_doubles

    flat, shape = _flat(indices)
    n = table.shape[0]
    for i in flat:
        if not 0 <= i < n:
            raise ValueError(f"lookup: index {i} is out of range for a table of {n} rows")
    rows = (Floats(table) if in_doubles() else table).index_select(flat, 0)
    return rows.reshape([*shape, table.shape[1]])


def _flat(indices):
    values = indices.tolist() if hasattr(indices, "tolist") else indices
    if not isinstance(values, (list, tuple)):
        return [int(values)], []
    if not values or not isinstance(values[0], (list, tuple)):
        return [int(v) for v in values], [len(values)]
    parts = [_flat(v) for v in values]
    if any(p[1] != parts[0][1] for p in parts):
        raise ValueError("lookup: the lists of indices have different lengths")
    return [v for p in parts for v in p[0]], [len(parts), *parts[0][1]]


def causal_mask(n, m=None):
    """Rows that see themselves and what comes before: n lists of m truth values."""
    return [[j <= i for j in range(n if m is None else m)] for i in range(n)]


def masked_fill(x, mask, value=-1_000_000_000):
    """`x` where the mask [rows, columns] is true, `value` elsewhere; exact. The last two axes of x have the mask's shape."""
    rows, columns = len(mask), len(mask[0]) if mask else 0
    if tuple(x.shape[-2:]) != (rows, columns):
        raise ValueError(f"masked_fill: a mask of {rows} by {columns} for a tensor of shape {tuple(x.shape)}")
    flat = [bool(v) for row in mask for v in row]
    keep = constant([float(v) for v in flat], [rows, columns], x)
    fill = constant([0.0 if v else float(value) for v in flat], [rows, columns], x)
    return x * keep + fill


def split_heads(x, heads):
    """[batch, n, d] as [batch * heads, n, d / heads]."""
    b, n, d = x.shape
    return x.reshape([b, n, heads, d // heads]).permute([0, 2, 1, 3]).reshape([b * heads, n, d // heads])


def merge_heads(x, heads):
    """[batch * heads, n, d] as [batch, n, heads * d]."""
    b, n, d = x.shape
    return x.reshape([b // heads, heads, n, d]).permute([0, 2, 1, 3]).reshape([b // heads, n, heads * d])


def attention(q, k, v, mask=None, bias=None):
    """softmax(Q K^T / sqrt d + bias) V and the weights, for Q [b, n, d], K [b, m, d], V [b, m, e].

    `mask` [n, m] is true where a query may look; `bias` is a tensor of the shape of the scores. Rows of weights sum to
    one exactly.
    """
    scores = q.matmul(k).scalar_mul(1.0 / math.sqrt(q.shape[-1])).resnap(q.precision)
    if bias is not None:
        scores = scores + bias
    if mask is not None:
        scores = masked_fill(scores, mask)
    weights = softmax(scores, q.precision, -1)  # noqa: F821
    return weights.matmul(v.transpose(-2, -1)).resnap(q.precision), weights
