"""Properties of the functions that networks are built of: arguments and a plain reference in NumPy, for each."""

import math

import numpy as np
from hypothesis import strategies as st
from arrays import INTEGERS, REALS, Case, along, array, call, small, tame, whole

erf = np.vectorize(math.erf, otypes=[float])
erfc = np.vectorize(math.erfc, otypes=[float])


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(x, axis=-1):
    low = x - np.max(x, axis=axis, keepdims=True)
    return low - np.log(np.sum(np.exp(low), axis=axis, keepdims=True))


def normalized(x, axes, eps, weight=None, bias=None, shape=None):
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    out = (x - mean) / np.sqrt(var + eps)
    if weight is not None:
        out = out * (weight if shape is None else weight.reshape(shape))
    if bias is not None:
        out = out + (bias if shape is None else bias.reshape(shape))
    return out


def in_double(reference):
    """The reference computed in double precision; the result has the dtype of the first argument."""

    def run(x, *args, **kwargs):
        wide = lambda v: v.astype(float) if isinstance(v, np.ndarray) and v.dtype == np.float32 else v  # noqa: E731
        return np.asarray(reference(wide(x), *map(wide, args), **{k: wide(v) for k, v in kwargs.items()})).astype(x.dtype)

    return run


def of_one(reference, **keywords):
    """An activation: elementwise, with numbers as keywords."""
    strategies = {k: st.sampled_from(v) for k, v in keywords.items()}
    return [Case(call(array(REALS, elements=tame), **strategies), in_double(reference), rtol=1e-5, atol=1e-6)]


def along_axis(reference):
    return [Case(along(array(REALS, min_dims=1, min_side=1, elements=tame), none=False), in_double(reference), rtol=1e-4, atol=1e-5)]


ACTIVATIONS = {
    "relu": of_one(lambda x: np.maximum(x, 0)),
    "relu6": of_one(lambda x: np.clip(x, 0, 6)),
    "sigmoid": of_one(sigmoid),
    "log_sigmoid": of_one(lambda x: -np.logaddexp(0, -x)),
    "silu": of_one(lambda x: x * sigmoid(x)),
    "mish": of_one(lambda x: x * np.tanh(np.logaddexp(0, x))),
    "elu": of_one(lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))), alpha=[0.5, 2.0]),
    "celu": of_one(lambda x, alpha=1.0: np.maximum(x, 0) + np.minimum(0, alpha * np.expm1(np.minimum(x, 0) / alpha)), alpha=[0.5, 2.0]),
    "selu": of_one(lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))),
    "leaky_relu": of_one(lambda x, negative_slope=0.01: np.where(x > 0, x, x * negative_slope), negative_slope=[0.2]),
    "hardtanh": of_one(lambda x, min=-1.0, max=1.0: np.clip(x, min, max), min=[-2.0], max=[2.0]),
    "hardsigmoid": of_one(lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    "hardswish": of_one(lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    "hardshrink": of_one(lambda x, lambd=0.5: np.where(np.abs(x) > lambd, x, 0), lambd=[1.0]),
    "softshrink": of_one(lambda x, lambd=0.5: np.sign(x) * np.maximum(np.abs(x) - lambd, 0), lambd=[1.0]),
    "softplus": of_one(lambda x, beta=1.0, threshold=20.0: np.where(x * beta > threshold, x, np.logaddexp(0, np.minimum(x * beta, 700)) / beta), beta=[2.0], threshold=[3.0]),
    "softsign": of_one(lambda x: x / (1 + np.abs(x))),
    "tanhshrink": of_one(lambda x: x - np.tanh(x)),
    "erf": of_one(erf),
    "erfc": of_one(erfc),
    "softmax": along_axis(softmax),
    "softmin": along_axis(lambda x, axis=-1: softmax(-x, axis)),
    "log_softmax": along_axis(log_softmax),
    "logsumexp": [Case(along(array(REALS, min_dims=1, min_side=1, elements=tame), several=True, keepdims=st.booleans()),
                       in_double(lambda x, axis=None, keepdims=False: np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))), rtol=1e-5, atol=1e-6)],
    "normalize": along_axis(lambda x, axis=-1: x / np.maximum(np.linalg.norm(x, axis=axis, keepdims=True), 1e-12)),
    "glu": [Case(call(array(REALS, (3, 4), elements=tame), axis=st.just(-1)), in_double(lambda x, axis=-1: np.split(x, 2, axis)[0] * sigmoid(np.split(x, 2, axis)[1])), rtol=1e-5, atol=1e-6)],
    "prelu": [Case(call(array(REALS, (2, 3, 2), elements=tame), st.just(np.array([0.5, -1.0, 2.0]))),
                   in_double(lambda x, w: np.where(x > 0, x, x * w[:, None])), rtol=1e-5, dtype=False)],
}  # fmt: skip

# ---- layers ----------------------------------------------------------------------------------------

LOOSE = {"rtol": 1e-4, "atol": 1e-4}
F64 = "float64"


def weights(n, dtype=F64):
    return array(dtype, (n,), elements=tame)


@st.composite
def layer(draw, lead, n=4, both=True):
    """A tensor that is not constant along the axes to normalise, and weights for them."""
    x = draw(array(F64, (*lead, n), elements=tame)) + np.arange(float(n)) * 3
    kwargs = {"weight": draw(weights(n))} if draw(st.booleans()) else {}
    if both and draw(st.booleans()):
        kwargs["bias"] = draw(weights(n))
    return x, kwargs


@st.composite
def layers(draw, both=True):
    x, kwargs = draw(layer((2, 3), both=both))
    return (x, draw(st.sampled_from([4, (4,)]))), kwargs


@st.composite
def channels(draw, groups=False, stats=False):
    x = draw(array(F64, (2, 4, 3), elements=tame)) + np.arange(24.0).reshape(2, 4, 3)
    kwargs = {k: draw(weights(4)) for k in ("weight", "bias") if draw(st.booleans())}
    if stats:
        return (x, draw(weights(4)), np.abs(draw(weights(4))) + 0.5), kwargs
    return ((x, draw(st.sampled_from([1, 2, 4]))) if groups else (x,)), kwargs


def group_norm(x, groups, weight=None, bias=None, eps=1e-5):
    n, c = x.shape[:2]
    out = normalized(x.reshape(n, groups, -1), 2, eps).reshape(x.shape)
    side = (1, c) + (1,) * (x.ndim - 2)
    return out * (1 if weight is None else weight.reshape(side)) + (0 if bias is None else bias.reshape(side))


def batch_norm(x, mean, variance, weight=None, bias=None, eps=1e-5):
    side = (1, -1) + (1,) * (x.ndim - 2)
    out = (x - mean.reshape(side)) / np.sqrt(variance.reshape(side) + eps)
    return out * (1 if weight is None else weight.reshape(side)) + (0 if bias is None else bias.reshape(side))


def rms_norm(x, shape, weight=None, eps=None):
    eps = np.finfo(x.dtype).eps if eps is None else eps
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + eps) * (1 if weight is None else weight)


def attention(q, k, v, mask=None, is_causal=False, scale=None):
    scores = q @ np.swapaxes(k, -1, -2) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if is_causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf) if mask.dtype == bool else scores + mask
    return softmax(scores) @ v


@st.composite
def attended(draw):
    q, k, v = (draw(array(F64, (2, n, 4), elements=tame)) for n in (3, 5, 5))
    kwargs = draw(st.fixed_dictionaries({}, optional={"scale": st.just(0.5)}))
    which = draw(st.integers(0, 2))
    if which == 1:
        kwargs["is_causal"] = True
    elif which == 2:
        kwargs["mask"] = draw(array(F64, (3, 5), elements=tame))
    return (q, k, v), kwargs


def dilate(w, step):
    out = np.zeros((*w.shape[:2], *((n - 1) * step + 1 for n in w.shape[2:])), w.dtype)
    out[(slice(None), slice(None), *(slice(None, None, step) for _ in w.shape[2:]))] = w
    return out


def conv(x, w, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Cross-correlation by definition: a sum over every window."""
    w = dilate(w, dilation)
    x = np.pad(x, [(0, 0), (0, 0), *[(padding, padding)] * (x.ndim - 2)])
    views = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=tuple(range(2, x.ndim)))
    views = views[(slice(None), slice(None), *(slice(None, None, stride) for _ in w.shape[2:]))]
    d = x.ndim - 2
    each, out = w.shape[1], []
    for g in range(groups):
        part = views[:, g * each : (g + 1) * each]
        kernel = w[g * (w.shape[0] // groups) : (g + 1) * (w.shape[0] // groups)]
        out.append(np.moveaxis(np.tensordot(part, kernel, axes=([1, *range(2 + d, 2 + 2 * d)], list(range(1, 2 + d)))), -1, 1))
    out = np.concatenate(out, axis=1)
    return out if bias is None else out + bias.reshape(1, -1, *[1] * d)


def conv_transpose(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The adjoint of `conv`: every element of `x` adds a copy of the kernel."""
    d = x.ndim - 2
    w = dilate(w, dilation)
    sizes = [(n - 1) * stride + k + output_padding for n, k in zip(x.shape[2:], w.shape[2:])]
    each = x.shape[1] // groups
    out = np.zeros((x.shape[0], w.shape[1] * groups, *sizes))
    for at in np.ndindex(*x.shape[2:]):
        window = tuple(slice(i * stride, i * stride + k) for i, k in zip(at, w.shape[2:]))
        for g in range(groups):
            part = np.tensordot(x[(slice(None), slice(g * each, (g + 1) * each), *at)], w[g * each : (g + 1) * each], axes=(1, 0))
            out[(slice(None), slice(g * w.shape[1], (g + 1) * w.shape[1]), *window)] += part
    if padding:
        out = out[(slice(None), slice(None), *(slice(padding, n - padding) for n in sizes))]
    return out if bias is None else out + bias.reshape(1, -1, *[1] * d)


@st.composite
def convolutions(draw, dims, transposed=False):
    groups = draw(st.sampled_from([1, 2]))
    cin, cout, k = 2 * groups, 2 * groups, draw(st.integers(1, 3))
    size = 5 if dims < 3 else 4
    x = draw(array(F64, (draw(st.integers(1, 2)), cin, *[size] * dims), elements=whole))
    shape = (cin, cout // groups) if transposed else (cout, cin // groups)
    w = draw(array(F64, (*shape, *[k] * dims), elements=whole))
    kwargs = draw(st.fixed_dictionaries({"groups": st.just(groups)}, optional={"stride": st.integers(1, 2), "padding": st.integers(0, (k - 1) if transposed else 2)}))
    if k > 1 and size >= (k - 1) * 2 + 1 and draw(st.booleans()):
        kwargs["dilation"] = 2
    if draw(st.booleans()):
        kwargs["bias"] = draw(weights(cout))
    return (x, w), kwargs


def pool(reduce, fill):
    def run(x, kernel, stride=None, padding=0, **_):
        stride = kernel if stride is None else stride
        d = x.ndim - 2
        x = np.pad(x, [(0, 0), (0, 0), *[(padding, padding)] * d], constant_values=fill)
        views = np.lib.stride_tricks.sliding_window_view(x, [kernel] * d, axis=tuple(range(2, x.ndim)))
        views = views[(slice(None), slice(None), *(slice(None, None, stride),) * d)]
        return reduce(views, axis=tuple(range(2 + d, 2 + 2 * d)))

    return run


@st.composite
def pooled(draw, dims):
    k = draw(st.integers(1, 3))
    x = draw(array(F64, (2, 2, *[draw(st.integers(3, 5)) for _ in range(dims)]), elements=tame))
    return (x, k), draw(st.fixed_dictionaries({}, optional={"stride": st.integers(1, 3), "padding": st.integers(0, k // 2)}))


def adaptive(reduce):
    def run(x, size):
        dims = x.ndim - 2
        for axis, n in zip(range(2, x.ndim), [size] * dims):
            length = x.shape[axis]
            parts = [reduce(x.take(range(i * length // n, -(-(i + 1) * length // n)), axis=axis), axis=axis, keepdims=True) for i in range(n)]
            x = np.concatenate(parts, axis=axis)
        return x

    return run


@st.composite
def adaptively(draw, dims):
    return (draw(array(F64, (2, 2, *[draw(st.integers(3, 6)) for _ in range(dims)]), elements=tame)), draw(st.integers(1, 3))), {}


LAYERS = {
    "layer_norm": [Case(layers(), lambda x, s, weight=None, bias=None: normalized(x, -1, 1e-5, weight, bias), **LOOSE)],
    "rms_norm": [Case(layers(both=False), rms_norm, **LOOSE)],
    "group_norm": [Case(channels(groups=True), group_norm, **LOOSE)],
    "instance_norm": [Case(channels(), lambda x, weight=None, bias=None: group_norm(x, 4, weight, bias), **LOOSE)],
    "batch_norm": [Case(channels(stats=True), batch_norm, **LOOSE)],
    "linear": [Case(call(array(F64, (2, 3), elements=whole), array(F64, (4, 3), elements=whole), bias=weights(4)),
                    lambda x, w, bias=None: x @ w.T + (0 if bias is None else bias))],
    "scaled_dot_product_attention": [Case(attended(), attention, **LOOSE)],
    **{f"conv{d}d": [Case(convolutions(d), conv, **LOOSE)] for d in (1, 2, 3)},
    **{f"conv_transpose{d}d": [Case(convolutions(d, transposed=True), conv_transpose, **LOOSE)] for d in (1, 2)},
    **{f"max_pool{d}d": [Case(pooled(d), pool(np.max, -np.inf))] for d in (1, 2, 3)},
    **{f"avg_pool{d}d": [Case(pooled(d), pool(np.mean, 0.0), rtol=1e-12, atol=1e-12)] for d in (1, 2, 3)},
    **{f"adaptive_avg_pool{d}d": [Case(adaptively(d), adaptive(np.mean), rtol=1e-10, atol=1e-12)] for d in (1, 2)},
    **{f"adaptive_max_pool{d}d": [Case(adaptively(d), adaptive(np.max))] for d in (1, 2)},
}  # fmt: skip

# ---- elements by position --------------------------------------------------------------------------


@st.composite
def placed(draw, values=True, number=False):
    """A tensor, a vector of positions along an axis, and what goes there."""
    x = draw(array(F64, (3, 4), elements=whole))
    axis = draw(st.integers(0, 1))
    at = np.array(draw(st.permutations(range(x.shape[axis])))[: draw(st.integers(0, 3))], dtype=np.int64)
    if number:
        return (x, at, draw(st.integers(-5, 5))), {"axis": axis}
    shape = list(x.shape)
    shape[axis] = len(at)
    return (x, at, draw(array(F64, tuple(shape), elements=whole))), {"axis": axis}


def index_write(how):
    def run(x, at, values, axis):
        out = x.copy()
        key = (slice(None),) * axis
        for i, k in enumerate(at):
            value = values if isinstance(values, int) else values[(*key, i)]
            out[(*key, k)] = how(out[(*key, k)], value)
        return out

    return run


@st.composite
def gathered(draw):
    x = draw(array(F64, (3, 4), elements=whole))
    axis = draw(st.integers(0, 1))
    return (x, draw(array("int64", (2, 2), elements=lambda d: st.integers(0, x.shape[axis] - 1)))), {"axis": axis}


@st.composite
def scattered(draw):
    (x, at), kwargs = draw(gathered())
    kwargs["reduction"] = draw(st.sampled_from(["add", "multiply"]))
    return (x, at, draw(array(F64, (2, 2), elements=whole))), kwargs


def scatter(x, at, values, axis, reduction):
    out = x.copy()
    for i in np.ndindex(*at.shape):
        k = (at[i], i[1]) if axis == 0 else (i[0], at[i])
        out[k] = out[k] + values[i] if reduction == "add" else out[k] * values[i]
    return out


@st.composite
def topped(draw):
    x = draw(array(["float64", "int64"], (2, 5), elements=lambda d: st.integers(-99, 99).map(np.dtype(d).type)))
    return (x, draw(st.integers(1, 5))), draw(st.fixed_dictionaries({}, optional={"largest": st.booleans()}))


def topk(x, k, largest=True):
    ordered = np.sort(x, axis=-1)
    return (ordered[..., ::-1] if largest else ordered)[..., :k]


def distances(x1, x2, p=2.0):
    gap = np.abs(x1[..., :, None, :] - x2[..., None, :, :])
    return gap.max(-1) if p == math.inf else (gap**p).sum(-1) ** (1 / p)


def first(results):
    """The values of a pair of values and positions."""
    return results if isinstance(results, np.ndarray) else results[0]


def extreme(name):
    return lambda x, axis, keepdims=False: (getattr(np, name)(x, axis=axis, keepdims=keepdims), getattr(np, "arg" + name)(x, axis=axis, keepdims=keepdims))


def unfold(x, kernel, **kwargs):
    """Every window as a column."""
    n, c = x.shape[:2]
    views = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(2, 3))
    return np.moveaxis(views, (4, 5), (2, 3)).reshape(n, c * kernel * kernel, -1)


def shuffle(x, r):
    n, c, h, w = x.shape
    return x.reshape(n, c // r**2, r, r, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, c // r**2, h * r, w * r)


def unshuffle(x, r):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // r, r, w // r, r).transpose(0, 1, 3, 5, 2, 4).reshape(n, c * r**2, h // r, w // r)


def pairs(shape=(3, 4)):
    return call(array(F64, shape, elements=tame), array(F64, shape, elements=tame))


POSITIONS = {
    "embedding": [Case(call(array("int64", max_dims=2, elements=lambda d: st.integers(0, 4)), array(REALS, (5, 3), elements=whole)), lambda i, w: w[i])],
    "one_hot": [Case(call(array("int64", max_dims=2, elements=lambda d: st.integers(0, 4)), st.just(5)), lambda x, n: np.eye(n, dtype=np.int64)[x])],
    "gather": [Case(gathered(), lambda x, i, axis: np.array([[x[i[a, b], b] if axis == 0 else x[a, i[a, b]] for b in range(2)] for a in range(2)]))],
    "scatter": [Case(scattered(), scatter)],
    "index_add": [Case(placed(), index_write(lambda a, b: a + b))],
    "index_copy": [Case(placed(), index_write(lambda a, b: b))],
    "index_fill": [Case(placed(number=True), index_write(lambda a, b: b))],
    "topk": [Case(topped(), topk, view=first)],
    "kthvalue": [Case(topped().map(lambda c: (c[0], {})), lambda x, k: np.sort(x, axis=-1)[..., k - 1], view=first)],
    "sort_with_indices": [Case(topped().map(lambda c: (c[0][:1], {})), lambda x: (np.sort(x, axis=-1), np.argsort(x, axis=-1, stable=True)), view=tuple)],
    **{f"{n}_with_indices": [Case(along(array(["float64", "int32"], min_dims=1, min_side=1, elements=small), none=False, keepdims=st.booleans()), extreme(n), view=tuple)]
       for n in ("max", "min")},
    "cdist": [Case(call(array(F64, (2, 3, 4), elements=tame), array(F64, (2, 5, 4), elements=tame), p=st.sampled_from([1.0, 2.0, math.inf])), distances, rtol=1e-6, atol=1e-6)],
    "pairwise_distance": [Case(pairs(), lambda a, b: np.linalg.norm(a - b + 1e-6, axis=-1), rtol=1e-9)],
    "cosine_similarity": [Case(pairs(), lambda a, b: np.sum(a * b, -1) / np.maximum(np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1), 1e-8), rtol=1e-9, atol=1e-9)],
    "flatten": [Case(call(array(min_dims=2, max_dims=3), start_axis=st.just(1)), lambda x, start_axis=0: x.reshape(*x.shape[:start_axis], math.prod(x.shape[start_axis:])))],
    "unflatten": [Case(call(array(shape=(2, 6)), st.just(1), st.sampled_from([(2, 3), (3, 2)])), lambda x, axis, s: x.reshape(2, *s))],
    "expand": [Case(call(array(shape=(3, 1)), st.sampled_from([(2, 3, 4), (3, 5)])), lambda x, s: np.broadcast_to(x, s))],
    "chunk": [Case(call(array(shape=(6, 2)), st.integers(1, 3)), lambda x, n: np.split(x, n), view=list)],
    "split": [Case(call(array(shape=(6, 2)), st.sampled_from([2, 3, [1, 5], [2, 2, 2]])), lambda x, n: np.split(x, range(n, 6, n) if isinstance(n, int) else np.cumsum(n)[:-1]), view=list)],
    "pixel_shuffle": [Case(call(array(INTEGERS, (1, 8, 2, 3)), st.just(2)), shuffle)],
    "pixel_unshuffle": [Case(call(array(INTEGERS, (1, 2, 4, 6)), st.just(2)), unshuffle)],
    "unfold": [Case(call(array(F64, (2, 2, 4, 5), elements=whole), st.integers(1, 3)), unfold)],
    "tensor": [Case(call(st.lists(st.lists(st.integers(-9, 9), min_size=2, max_size=2), min_size=1, max_size=3)), lambda v: np.array(v))],
}  # fmt: skip

# ---- losses ----------------------------------------------------------------------------------------

REDUCTION = st.sampled_from(["none", "mean", "sum"])


def reduced(values, reduction):
    return values if reduction == "none" else getattr(np, reduction)(values)


def loss(of_each):
    """An elementwise loss with a reduction."""
    return lambda x, t, reduction="mean", **k: reduced(of_each(x, t, **k), reduction)


def two(elements=tame, **keywords):
    return call(array(F64, (3, 4), elements=elements), array(F64, (3, 4), elements=elements), reduction=REDUCTION, **keywords)


def chances(d):
    return st.integers(1, 15).map(lambda v: v / 16)


def huber(x, t, delta=1.0):
    gap = np.abs(x - t)
    return np.where(gap <= delta, 0.5 * gap**2, delta * (gap - 0.5 * delta))


def with_logits(x, t, weight=None, pos_weight=None):
    more = 1 if pos_weight is None else 1 + (pos_weight - 1) * t
    return ((1 - t) * x + more * (np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0))) * (1 if weight is None else weight)


def cross_entropy(x, t, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0, logits=True):
    low = log_softmax(x) if logits else x
    w = np.ones(x.shape[1]) if weight is None else weight
    kept = t != ignore_index
    safe = np.where(kept, t, 0)
    each = -low[np.arange(len(t)), safe] * w[safe] * kept
    smooth = -(low * w).sum(1) * kept / x.shape[1]
    each = (1 - label_smoothing) * each + label_smoothing * smooth
    return each.sum() / (w[safe] * kept).sum() if reduction == "mean" else reduced(each, reduction)


@st.composite
def classified(draw, smoothing):
    x = draw(array(F64, (4, 3), elements=tame))
    t = np.array([1, *draw(st.lists(st.integers(0, 2), min_size=3, max_size=3))])
    kwargs = draw(st.fixed_dictionaries({}, optional={"reduction": REDUCTION, "weight": st.just(np.array([1.0, 2.0, 0.5])), "ignore_index": st.just(2)}))
    if smoothing and draw(st.booleans()):
        kwargs["label_smoothing"] = 0.25
    return (x, t), kwargs


@st.composite
def outlined(draw):
    x = draw(array(["float64", "int64"], (2, 3, 4), elements=whole))
    mode = draw(st.sampled_from(["constant", "reflect", "replicate", "circular"]))
    widths = draw(st.lists(st.integers(0, 2), min_size=2, max_size=2))
    return (x, widths), {"mode": mode} if mode != "constant" else {"value": draw(st.integers(-3, 3))}


def outline(x, widths, mode="constant", value=0):
    """The widths of the last axis come first."""
    pairs = [(0, 0)] * (x.ndim - 1) + [tuple(widths)]
    names = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    return np.pad(x, pairs, mode=names[mode], **({"constant_values": value} if mode == "constant" else {}))


def resized(x, size=None, mode="nearest", align_corners=False):
    n = x.shape[-1]
    if mode == "nearest":
        return x[..., np.arange(size) * n // size]
    at = np.arange(size) * ((n - 1) / max(size - 1, 1)) if align_corners else np.maximum((np.arange(size) + 0.5) * n / size - 0.5, 0)
    low = np.minimum(at.astype(int), n - 1)
    high = np.minimum(low + 1, n - 1)
    return x[..., low] * (1 - (at - low)) + x[..., high] * (at - low)


@st.composite
def sizes(draw):
    x = draw(array(F64, (1, 2, draw(st.integers(1, 6))), elements=tame))
    mode = draw(st.sampled_from(["nearest", "linear"]))
    return (x,), {"size": draw(st.integers(1, 9)), "mode": mode, **({"align_corners": draw(st.booleans())} if mode == "linear" else {})}


def gelu(x, approximate="none"):
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * erfc(-x / math.sqrt(2)).reshape(x.shape)


LOSSES = {
    "gelu": of_one(gelu, approximate=["none", "tanh"]),
    "l1_loss": [Case(two(), loss(lambda x, t: np.abs(x - t)), rtol=1e-12)],
    "mse_loss": [Case(two(), loss(lambda x, t: (x - t) ** 2), rtol=1e-12)],
    "huber_loss": [Case(two(delta=st.just(0.5)), loss(huber), rtol=1e-12)],
    "smooth_l1_loss": [Case(two(beta=st.just(0.5)), loss(lambda x, t, beta=1.0: huber(x, t, beta) / beta), rtol=1e-12)],
    "kl_div": [Case(two(chances, log_target=st.booleans()), loss(lambda x, t, log_target=False: np.exp(t) * (t - x) if log_target else t * (np.log(t) - x)), rtol=1e-10, atol=1e-12)],
    "binary_cross_entropy": [Case(two(chances), loss(lambda x, t: -(t * np.log(x) + (1 - t) * np.log(1 - x))), rtol=1e-10)],
    "binary_cross_entropy_with_logits": [Case(two(chances, pos_weight=st.just(np.array([1.0, 2.0, 3.0, 0.5]))), loss(with_logits), rtol=1e-10)],
    "cross_entropy": [Case(classified(True), cross_entropy, rtol=1e-9, atol=1e-12)],
    "nll_loss": [Case(classified(False), lambda x, t, **k: cross_entropy(x, t, logits=False, **k), rtol=1e-9, atol=1e-12)],
    "pad": [Case(outlined(), outline)],
    "interpolate": [Case(sizes(), resized, rtol=1e-9, atol=1e-9)],
}  # fmt: skip

CASES = {f"nn.{name}": cases for group in (ACTIVATIONS, LAYERS, POSITIONS, LOSSES) for name, cases in group.items()}
