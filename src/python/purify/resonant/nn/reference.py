"""`Floats`: doubles with the methods of ResonantTensor that layers call, so that the same layer computes without a lattice.

`module.reference(x)` runs a module so: what it returns is what the formulas give in double precision, with the
parameters as they are. `deviation` says how far the lattice is from it.
"""

import math
from contextlib import contextmanager
from contextvars import ContextVar

from purify import ops
from purify._native._resonant import PHI, PHI_INV, ResonantTensor, ShapeError, snap_error_bound, syntony

__all__ = ["Floats", "deviation"]

_ON = ContextVar("purify.resonant.nn.reference", default=False)


@contextmanager
def doubles():
    """Within it, tables are looked up as Floats."""
    token = _ON.set(True)
    try:
        yield
    finally:
        _ON.reset(token)


def in_doubles():
    """Whether `doubles` is in force."""
    return _ON.get()


def _data(x):
    if isinstance(x, Floats):
        return x.data
    if isinstance(x, ResonantTensor):
        return x.to_ops()
    return ops.asarray(x, dtype=ops.float64)


def _operand(x):
    # Numbers stay numbers; an exact number of the golden field becomes a double.
    return _data(x) if isinstance(x, (Floats, ResonantTensor)) else float(x)


class Floats:
    """An array of doubles [any shape] that layers take in place of a ResonantTensor. Nothing is snapped."""

    phase = "crystallized"

    def __init__(self, data, precision=100):
        self.data, self.precision = ops.astype(_data(data), ops.float64), precision

    def _new(self, data):
        return Floats(data, self.precision)

    shape = property(lambda self: tuple(self.data.shape))
    ndim = property(lambda self: len(self.data.shape))
    size = property(lambda self: math.prod(self.data.shape))

    def to_ops(self):
        """The array."""
        return self.data

    def to_floats(self):
        """The values, flat."""
        return ops.reshape(self.data, (-1,)).tolist()

    @property
    def syntony(self):
        """The syntony under the default mode norms, the squared index along the last axis."""
        n = self.shape[-1] if self.shape else 1
        return syntony(self.to_floats(), [float((i % n) ** 2) for i in range(self.size)])

    def clone(self):
        """A copy."""
        return self._new(ops.asarray(self.data, copy=True))

    def resnap(self, precision):
        """The same values: there is no lattice."""
        return self

    # ---- arithmetic ----------------------------------------------------------------------------

    def __add__(self, other):
        return self._new(self.data + _operand(other))

    def __sub__(self, other):
        return self._new(self.data - _operand(other))

    def __mul__(self, other):
        return self._new(self.data * _operand(other))

    def __rsub__(self, other):
        return self._new(_operand(other) - self.data)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return self._new(-self.data)

    def __getitem__(self, key):
        return self._new(self.data[key])

    def scalar_mul(self, c, snap=None):
        """Times a number."""
        return self * c

    def scalar_add(self, c, snap=None):
        """Plus a number."""
        return self + c

    def one_minus(self):
        """1 - x."""
        return self._new(1.0 - self.data)

    def matmul(self, weights):
        """X W^T, with the shapes of `ResonantTensor.matmul`."""
        w = _data(weights)
        if self.ndim < 2 or len(w.shape) < 2 or self.shape[-1] != w.shape[-1]:
            raise ShapeError(f"matmul: X W^T needs [..., K] and [N, K]; got {self.shape} and {tuple(w.shape)}")
        return self._new(ops.matmul(self.data, ops.matrix_transpose(w)))

    # ---- in place, as the methods of the tensor are --------------------------------------------

    def add_bias(self, bias):
        """Plus a vector along the last axis."""
        self.data = self.data + _data(bias)
        return self

    def relu(self):
        """Negative values become zero."""
        self.data = ops.maximum(self.data, 0.0)
        return self

    def sigmoid(self, precision=None):
        """1/(1 + exp(-x))."""
        self.data = ops.nn.sigmoid(self.data)
        return self

    def tanh(self, precision=None):
        """tanh(x)."""
        self.data = ops.tanh(self.data)
        return self

    def gelu(self, precision=None, approximate="none"):
        """x/2 (1 + erf(x/sqrt 2))."""
        self.data = ops.nn.gelu(self.data, approximate=approximate)
        return self

    def softmax(self, precision=None, dim=-1, renormalize=True):
        """exp(x) over its sum along an axis."""
        self.data = ops.nn.softmax(self.data, axis=dim)
        return self

    def apply_recursion(self):
        """Times phi."""
        self.data = self.data * PHI
        return self

    def apply_inverse_recursion(self):
        """Over phi."""
        self.data = self.data * PHI_INV
        return self

    def prune_hierarchy(self, q, divisor=248.0):
        """Values below q/divisor become zero."""
        self.data = ops.where(ops.abs(self.data) < q / divisor, 0.0, self.data)
        return self

    def dropout(self, p=0.5, seed=0):
        """The same elements become zero as for a tensor of this shape and seed."""
        kept = ResonantTensor.ones(list(self.shape)).dropout(p, seed=seed)
        self.data = ops.where(kept.to_ops() == 0.0, 0.0, self.data / (1.0 - p))
        return self

    # ---- functions -----------------------------------------------------------------------------

    def log(self, precision=None, nonfinite="error"):
        """Natural logarithm."""
        return self._new(ops.log(self.data))

    def exp(self, precision=None, nonfinite="error"):
        """e to the power."""
        return self._new(ops.exp(self.data))

    def sum(self, dim=None, keepdim=False):
        """Sum along an axis, or of all as [1]."""
        return self._new(ops.reshape(ops.sum(self.data), (1,)) if dim is None else ops.sum(self.data, axis=dim, keepdims=keepdim))

    def mean(self, dim=None, keepdim=False, precision=None):
        """Mean along an axis, or of all as [1]."""
        return self._new(ops.reshape(ops.mean(self.data), (1,)) if dim is None else ops.mean(self.data, axis=dim, keepdims=keepdim))

    def var(self, dim=None, keepdim=False, precision=None):
        """Population variance along an axis, or of all as [1]."""
        return self._new(ops.reshape(ops.var(self.data), (1,)) if dim is None else ops.var(self.data, axis=dim, keepdims=keepdim))

    def _normed(self, axes, eps, target, gamma, beta, shape):
        mean, var = ops.mean(self.data, axis=axes, keepdims=True), ops.var(self.data, axis=axes, keepdims=True)
        y = (self.data - mean) / ops.sqrt(var + eps) * math.sqrt(target)
        if gamma is not None:
            y = y * ops.reshape(_data(gamma), shape)
        return self._new(y if beta is None else y + ops.reshape(_data(beta), shape))

    def layer_norm(self, gamma=None, beta=None, eps=1e-8, golden_target=True):
        """Over the last axis, with variance 1/phi or 1."""
        return self._normed(-1, eps, PHI_INV if golden_target else 1.0, gamma, beta, (self.shape[-1],))

    def batch_norm(self, target=None, eps=1e-5, gamma=None, beta=None):
        """Of [batch, features] per feature, or of [batch, channels, height, width] per channel."""
        value = {None: PHI_INV, "golden": PHI_INV, "standard": 1.0}.get(target, target)
        axes, shape = (0, (-1,)) if self.ndim == 2 else ((0, 2, 3), (1, -1, 1, 1))
        return self._normed(axes, eps, value, gamma, beta, shape)

    def conv2d(self, kernel, bias=None, stride=1, padding=0, layout="NCHW"):
        """Cross-correlation of [batch, channels, height, width]."""
        if layout != "NCHW":
            raise ValueError("conv2d: Floats has the layout NCHW alone")
        return self._new(ops.nn.conv2d(self.data, _data(kernel), None if bias is None else _data(bias), stride=stride, padding=padding))

    def max_pool2d(self, kernel_size, stride=None, padding=0):
        """The largest of each window."""
        return self._new(ops.nn.max_pool2d(self.data, kernel_size, stride=stride, padding=padding))

    def global_avg_pool2d(self):
        """The mean of each channel, [batch, channels]."""
        return self._new(ops.mean(self.data, axis=(2, 3)))

    # ---- rearrangements ------------------------------------------------------------------------

    def reshape(self, *shape):
        """Another shape."""
        return self._new(ops.reshape(self.data, tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape))

    view = reshape

    def permute(self, *dims):
        """Another order of axes."""
        return self._new(ops.permute_dims(self.data, tuple(dims[0]) if len(dims) == 1 and not isinstance(dims[0], int) else dims))

    def transpose(self, dim0=-2, dim1=-1):
        """Two axes swapped."""
        order = list(range(self.ndim))
        order[dim0], order[dim1] = order[dim1], order[dim0]
        return self.permute(order)

    def index_select(self, indices, dim=0):
        """Entries along an axis."""
        return self._new(ops.take(self.data, ops.asarray(indices, dtype=ops.int64), axis=dim))


def deviation(module, *inputs):
    """How far a module on the lattice is from the same formulas in doubles.

    Returns a dict: "largest" deviation of an element of the output, the proved "bound" of a single snap at the output's
    magnitude, and their quotient "snaps": how many times the error of one snap came through. Evaluation mode is used.
    """
    was = module.training
    module.eval()
    try:
        lattice, exact = module(*inputs), module.reference(*inputs)
    finally:
        module.train(was)
    y = exact.to_floats()
    largest = max((abs(a - b) for a, b in zip(lattice.to_floats(), y)), default=0.0)
    bound = snap_error_bound(lattice.precision, max((abs(v) for v in y), default=0.0))
    return {"largest": largest, "bound": bound, "snaps": None if bound is None else largest / bound}
