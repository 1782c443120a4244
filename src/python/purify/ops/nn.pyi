"""Types of `purify.ops.nn`. Made from the op table: `UPDATE=1 pytest tests/python/test_stubs.py`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, SupportsIndex

from . import Tensor, dtype

ArrayLike = Any
Axis = int | tuple[int, ...] | None
Shape = int | Sequence[int]
DTypeLike = Any

def adaptive_avg_pool1d(x: ArrayLike, output_size: ArrayLike, /) -> Tensor:
    """Mean of windows over the last axis that give the wanted output size."""
def adaptive_avg_pool2d(x: ArrayLike, output_size: ArrayLike, /) -> Tensor:
    """Mean of windows over the last 2 axes that give the wanted output size."""
def adaptive_max_pool1d(x: ArrayLike, output_size: ArrayLike, /) -> Tensor:
    """Largest element of windows over the last axis that give the wanted output size."""
def adaptive_max_pool2d(x: ArrayLike, output_size: ArrayLike, /) -> Tensor:
    """Largest element of windows over the last 2 axes that give the wanted output size."""
def avg_pool1d(x: ArrayLike, kernel_size: ArrayLike, /, stride: Any = ..., padding: Any = ..., ceil_mode: Any = ..., count_include_pad: Any = ...) -> Tensor:
    """Mean of each window over the last axis; stride defaults to kernel_size."""
def avg_pool2d(x: ArrayLike, kernel_size: ArrayLike, /, stride: Any = ..., padding: Any = ..., ceil_mode: Any = ..., count_include_pad: Any = ...) -> Tensor:
    """Mean of each window over the last 2 axes; stride defaults to kernel_size."""
def avg_pool3d(x: ArrayLike, kernel_size: ArrayLike, /, stride: Any = ..., padding: Any = ..., ceil_mode: Any = ..., count_include_pad: Any = ...) -> Tensor:
    """Mean of each window over the last 3 axes; stride defaults to kernel_size."""
def batch_norm(x: ArrayLike, mean: ArrayLike, variance: ArrayLike, /, weight: Any = ..., bias: Any = ..., eps: float = ...) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias with one element per channel (axis 1): the inference form, with given statistics."""
def binary_cross_entropy(x: ArrayLike, target: ArrayLike, /, *, weight: Any = ..., reduction: str = ...) -> Tensor:
    """-(target * log(x) + (1 - target) * log(1 - x)) of probabilities x; logarithms are not below -100. reduction is "mean", "sum" or "none"."""
def binary_cross_entropy_with_logits(logits: ArrayLike, target: ArrayLike, /, *, weight: Any = ..., pos_weight: Any = ..., reduction: str = ...) -> Tensor:
    """Binary cross-entropy of sigmoid(logits), computed without overflow. reduction is "mean", "sum" or "none"."""
def cdist(x1: ArrayLike, x2: ArrayLike, /, *, p: Any = ...) -> Tensor:
    """Distances of order p between all rows of x1 (..., P, M) and of x2 (..., R, M): shape (..., P, R)."""
def celu(x: ArrayLike, /, *, alpha: Any = ...) -> Tensor:
    """x for x > 0, else alpha * (exp(x / alpha) - 1), elementwise."""
def chunk(x: ArrayLike, n: SupportsIndex, /, *, axis: Axis = ...) -> Any:
    """At most n parts of equal length along one axis; the last may be shorter. Six elements in four chunks are three of two."""
def conv1d(x: ArrayLike, weight: ArrayLike, /, bias: Any = ..., stride: Any = ..., padding: Any = ..., dilation: Any = ..., groups: Any = ...) -> Tensor:
    """Cross-correlation of x (N, C, L) with weight (out, C / groups, ...); one number or one per axis for stride, padding and dilation; padding may be "valid" or "same"."""
def conv2d(x: ArrayLike, weight: ArrayLike, /, bias: Any = ..., stride: Any = ..., padding: Any = ..., dilation: Any = ..., groups: Any = ...) -> Tensor:
    """Cross-correlation of x (N, C, H, W) with weight (out, C / groups, ...); one number or one per axis for stride, padding and dilation; padding may be "valid" or "same"."""
def conv3d(x: ArrayLike, weight: ArrayLike, /, bias: Any = ..., stride: Any = ..., padding: Any = ..., dilation: Any = ..., groups: Any = ...) -> Tensor:
    """Cross-correlation of x (N, C, D, H, W) with weight (out, C / groups, ...); one number or one per axis for stride, padding and dilation; padding may be "valid" or "same"."""
def conv_transpose1d(x: ArrayLike, weight: ArrayLike, /, bias: Any = ..., stride: Any = ..., padding: Any = ..., output_padding: Any = ..., groups: Any = ..., dilation: Any = ...) -> Tensor:
    """The transpose of conv1d as a linear map: x (N, C, L), weight (C, out / groups, ...)."""
def conv_transpose2d(x: ArrayLike, weight: ArrayLike, /, bias: Any = ..., stride: Any = ..., padding: Any = ..., output_padding: Any = ..., groups: Any = ..., dilation: Any = ...) -> Tensor:
    """The transpose of conv2d as a linear map: x (N, C, H, W), weight (C, out / groups, ...)."""
def cosine_similarity(x1: ArrayLike, x2: ArrayLike, /, *, axis: Axis = ..., eps: float = ...) -> Tensor:
    """sum(x1 * x2) / (max(|x1|, eps) * max(|x2|, eps)) along an axis."""
def cross_entropy(logits: ArrayLike, target: ArrayLike, /, *, weight: Any = ..., ignore_index: Any = ..., reduction: str = ..., label_smoothing: Any = ...) -> Tensor:
    """-log_softmax(logits) at the target classes, over axis 1 (the only axis for one sample); target holds class indices, or probabilities of the shape of logits. reduction is "mean", "sum" or "none"."""
def dropout(x: ArrayLike, /, p: Any = ..., *, training: Any = ...) -> Tensor:
    """x with elements set to 0 with probability p and the others divided by 1 - p; x itself when not training. Draws from the module-level generator of ops.random."""
def elu(x: ArrayLike, /, *, alpha: Any = ...) -> Tensor:
    """x for x > 0, else alpha * (exp(x) - 1), elementwise."""
def embedding(indices: ArrayLike, weight: ArrayLike, /) -> Tensor:
    """Rows of weight at integer indices of any shape: weight[indices]."""
def erf(x: ArrayLike, /) -> Tensor:
    """The error function, elementwise."""
def erfc(x: ArrayLike, /) -> Tensor:
    """1 - erf(x), elementwise, accurate for large x."""
def expand(x: ArrayLike, shape: Shape, /) -> Tensor:
    """Broadcasts to a shape in which -1 keeps the length of an axis. The result is a read-only view."""
def flatten(x: ArrayLike, /, *, start_axis: Any = ..., end_axis: Any = ...) -> Tensor:
    """Joins the axes from start_axis to end_axis, both included, into one."""
def gather(x: ArrayLike, indices: ArrayLike, /, *, axis: Axis) -> Tensor:
    """Elements picked along one axis by an index array of the same rank, whose other lengths may be smaller than those of x: out[i, j] = x[indices[i, j], j] for axis 0."""
def gelu(x: ArrayLike, /, *, approximate: Any = ...) -> Tensor:
    """x * P(X <= x) for a standard normal X, elementwise: exact by erf, or with approximate="tanh" by the usual tanh formula."""
def glu(x: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """The first half along an axis times the sigmoid of the second half; the axis has an even length."""
def group_norm(x: ArrayLike, num_groups: ArrayLike, /, weight: Any = ..., bias: Any = ..., eps: float = ...) -> Tensor:
    """Normalisation over groups of channels (axis 1) and all axes after it; weight and bias have one element per channel."""
def hardshrink(x: ArrayLike, /, *, lambd: Any = ...) -> Tensor:
    """x, but 0 where |x| is at most lambd, elementwise."""
def hardsigmoid(x: ArrayLike, /) -> Tensor:
    """clip(x + 3, 0, 6) / 6, elementwise."""
def hardswish(x: ArrayLike, /) -> Tensor:
    """x * clip(x + 3, 0, 6) / 6, elementwise."""
def hardtanh(x: ArrayLike, /, *, min: Any = ..., max: Any = ...) -> Tensor:
    """clip(x, min, max), elementwise."""
def huber_loss(x: ArrayLike, target: ArrayLike, /, *, reduction: str = ..., delta: Any = ...) -> Tensor:
    """0.5 * d**2 where d = |x - target| is at most delta, else delta * (d - 0.5 * delta). reduction is "mean", "sum" or "none"."""
def index_add(x: ArrayLike, indices: ArrayLike, values: ArrayLike, /, *, axis: Axis, alpha: Any = ...) -> Tensor:
    """A copy of x to whose slices at the given positions of one axis the slices of values, times alpha, are added. Positions may repeat."""
def index_copy(x: ArrayLike, indices: ArrayLike, values: ArrayLike, /, *, axis: Axis) -> Tensor:
    """A copy of x in which the slices at the given positions of one axis are those of values."""
def index_fill(x: ArrayLike, indices: ArrayLike, value: ArrayLike, /, *, axis: Axis) -> Tensor:
    """A copy of x in which the slices at the given positions of one axis are one value."""
def instance_norm(x: ArrayLike, /, weight: Any = ..., bias: Any = ..., *, eps: float = ...) -> Tensor:
    """Normalisation of each sample and channel over all axes after the second."""
def interpolate(x: ArrayLike, /, size: Any = ..., scale_factor: Any = ..., mode: str = ..., align_corners: Any = ...) -> Tensor:
    """Resamples the axes after the second to a size or by a factor: mode nearest, linear, bilinear, bicubic, trilinear, area or nearest-exact."""
def kl_div(x: ArrayLike, target: ArrayLike, /, *, reduction: str = ..., log_target: Any = ...) -> Tensor:
    """target * (log(target) - x), x being log-probabilities. reduction is "mean", "batchmean", "sum" or "none"."""
def kthvalue(x: ArrayLike, k: SupportsIndex, /, *, axis: Axis = ..., keepdims: bool = ...) -> Any:
    """The k-th smallest element (k counts from 1) along one axis and where it stands: a named tuple (values, indices)."""
def l1_loss(x: ArrayLike, target: ArrayLike, /, *, reduction: str = ...) -> Tensor:
    """|x - target|. reduction is "mean", "sum" or "none"."""
def layer_norm(x: ArrayLike, normalized_shape: ArrayLike, /, weight: Any = ..., bias: Any = ..., eps: float = ...) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias over the last axes, whose shape is normalized_shape; the variance divides by n."""
def leaky_relu(x: ArrayLike, /, *, negative_slope: Any = ...) -> Tensor:
    """x for x > 0, else negative_slope * x, elementwise."""
def linear(x: ArrayLike, weight: ArrayLike, /, bias: Any = ...) -> Tensor:
    """x @ weight.T + bias: weight has shape (out, in), the last axis of x has length in."""
def log_sigmoid(x: ArrayLike, /) -> Tensor:
    """log(sigmoid(x)), elementwise, without underflow."""
def log_softmax(x: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """log(softmax(x)) along an axis, computed without underflow."""
def logsumexp(x: ArrayLike, /, *, axis: Axis = ..., keepdims: bool = ...) -> Tensor:
    """log(sum(exp(x))) along axes, after subtracting the largest element."""
def max_pool1d(x: ArrayLike, kernel_size: ArrayLike, /, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: Any = ...) -> Tensor:
    """Largest element of each window over the last axis; stride defaults to kernel_size, padding counts as -inf."""
def max_pool2d(x: ArrayLike, kernel_size: ArrayLike, /, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: Any = ...) -> Tensor:
    """Largest element of each window over the last 2 axes; stride defaults to kernel_size, padding counts as -inf."""
def max_pool3d(x: ArrayLike, kernel_size: ArrayLike, /, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: Any = ...) -> Tensor:
    """Largest element of each window over the last 3 axes; stride defaults to kernel_size, padding counts as -inf."""
def max_with_indices(x: ArrayLike, /, *, axis: Axis, keepdims: bool = ...) -> Any:
    """Largest elements along one axis and where they stand: a named tuple (values, indices). The first of equal elements is taken; NaN counts as largest."""
def min_with_indices(x: ArrayLike, /, *, axis: Axis, keepdims: bool = ...) -> Any:
    """Smallest elements along one axis and where they stand: a named tuple (values, indices). The first of equal elements is taken; NaN counts as smallest."""
def mish(x: ArrayLike, /) -> Tensor:
    """x * tanh(softplus(x)), elementwise."""
def mse_loss(x: ArrayLike, target: ArrayLike, /, *, reduction: str = ...) -> Tensor:
    """(x - target)**2. reduction is "mean", "sum" or "none"."""
def nll_loss(x: ArrayLike, target: ArrayLike, /, *, weight: Any = ..., ignore_index: Any = ..., reduction: str = ...) -> Tensor:
    """-x at the target classes, x being log-probabilities with classes on axis 1. reduction is "mean", "sum" or "none"."""
def no_grad() -> Any:
    """A context manager and decorator that does nothing: ops arrays record no gradients. It keeps the shape of ported code."""
def normalize(x: ArrayLike, /, *, p: Any = ..., axis: Axis = ..., eps: float = ...) -> Tensor:
    """x / max(norm of order p along the axis, eps)."""
def one_hot(x: ArrayLike, /, num_classes: Any = ...) -> Tensor:
    """int64 array with a new last axis of length num_classes, 1 where the class is x; -1 takes one more than the largest x."""
def pad(x: ArrayLike, pad: ArrayLike, /, mode: str = ..., value: Any = ...) -> Tensor:
    """Pads by a flat list of (before, after) pairs that starts with the last axis; mode constant, reflect, replicate or circular. Note that pad takes pairs from the first axis on."""
def pairwise_distance(x1: ArrayLike, x2: ArrayLike, /, *, p: Any = ..., eps: float = ..., keepdims: bool = ...) -> Tensor:
    """Norm of order p of x1 - x2 + eps along the last axis."""
def pixel_shuffle(x: ArrayLike, upscale_factor: ArrayLike, /) -> Tensor:
    """(N, C * r**2, H, W) rearranged to (N, C, H * r, W * r) for a factor r."""
def pixel_unshuffle(x: ArrayLike, downscale_factor: ArrayLike, /) -> Tensor:
    """(N, C, H * r, W * r) rearranged to (N, C * r**2, H, W) for a factor r."""
def prelu(x: ArrayLike, weight: ArrayLike, /) -> Tensor:
    """x for x > 0, else weight * x, elementwise; weight is one number or one per channel (axis 1)."""
def relu(x: ArrayLike, /) -> Tensor:
    """max(x, 0), elementwise; NaN stays NaN."""
def relu6(x: ArrayLike, /) -> Tensor:
    """clip(x, 0, 6), elementwise."""
def rms_norm(x: ArrayLike, normalized_shape: ArrayLike, /, weight: Any = ..., eps: float | None = ...) -> Tensor:
    """x / sqrt(mean(x**2) + eps) * weight over the last axes, whose shape is normalized_shape; eps defaults to the machine epsilon of the dtype."""
def scaled_dot_product_attention(query: ArrayLike, key: ArrayLike, value: ArrayLike, /, mask: Any = ..., *, is_causal: Any = ..., scale: Any = ...) -> Tensor:
    """softmax(query @ key.T * scale + mask) @ value over the last two axes; a boolean mask keeps where it is true; is_causal keeps the lower triangle; scale defaults to 1 / sqrt(last length of query)."""
def scatter(x: ArrayLike, indices: ArrayLike, values: ArrayLike, /, *, axis: Axis, reduction: str | None = ...) -> Tensor:
    """A copy of x in which values (an array, or one number) are written along one axis at the places of an index array of the same rank. With reduction "add" or "multiply" they are combined with what is there; without, the last of equal places wins."""
def selu(x: ArrayLike, /) -> Tensor:
    """scale * elu(x) with the two constants of self-normalising networks, elementwise."""
def sigmoid(x: ArrayLike, /) -> Tensor:
    """1 / (1 + exp(-x)), elementwise, without overflow for large |x|."""
def silu(x: ArrayLike, /) -> Tensor:
    """x * sigmoid(x), elementwise; also called swish."""
def smooth_l1_loss(x: ArrayLike, target: ArrayLike, /, *, reduction: str = ..., beta: Any = ...) -> Tensor:
    """0.5 * d**2 / beta where d = |x - target| is below beta, else d - 0.5 * beta. reduction is "mean", "sum" or "none"."""
def softmax(x: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """exp(x) / sum(exp(x)) along an axis, after subtracting the largest element."""
def softmin(x: ArrayLike, /, *, axis: Axis = ...) -> Tensor:
    """softmax(-x) along an axis."""
def softplus(x: ArrayLike, /, *, beta: Any = ..., threshold: Any = ...) -> Tensor:
    """log(1 + exp(beta * x)) / beta, elementwise; x itself where beta * x exceeds the threshold."""
def softshrink(x: ArrayLike, /, *, lambd: Any = ...) -> Tensor:
    """x moved towards 0 by lambd, and 0 where |x| is at most lambd, elementwise."""
def softsign(x: ArrayLike, /) -> Tensor:
    """x / (1 + |x|), elementwise."""
def sort_with_indices(x: ArrayLike, /, *, axis: Axis = ..., descending: bool = ..., stable: bool = ...) -> Any:
    """Sorted elements along one axis and where they stood: a named tuple (values, indices). NaN sorts last."""
def split(x: ArrayLike, lengths: ArrayLike, /, *, axis: Axis = ...) -> list[Tensor]:
    """Parts of the given length (the last may be shorter), or of the lengths of a list, along one axis. Note that split cuts into a number of parts instead."""
def tanhshrink(x: ArrayLike, /) -> Tensor:
    """x - tanh(x), elementwise."""
def tensor(data: ArrayLike, /, *, dtype: DTypeLike | None = ..., device: str | None = ...) -> Tensor:
    """A copy of Python data or of an array as an array. Python floats become float32 and Python complex numbers complex64, as in PyTorch; integers become int64; an array keeps its dtype."""
def topk(x: ArrayLike, k: SupportsIndex, /, *, axis: Axis = ..., largest: Any = ..., sorted: Any = ...) -> Any:
    """The k largest (or smallest) elements along one axis and where they stand: a named tuple (values, indices), best first when `sorted`."""
def unflatten(x: ArrayLike, /, axis: Axis, shape: Shape) -> Tensor:
    """Splits one axis into axes of the given lengths, one of which may be -1; the inverse of nn.flatten."""
def unfold(x: ArrayLike, kernel_size: ArrayLike, /, dilation: Any = ..., padding: Any = ..., stride: Any = ...) -> Tensor:
    """Sliding blocks of images (N, C, H, W) as columns: shape (N, C * kernel area, number of blocks)."""
