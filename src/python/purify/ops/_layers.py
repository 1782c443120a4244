"""The layers of `ops.nn`: modules with weights, and modules around one function.

Parameters, defaults and names of weights are those of `torch.nn`. Fresh weights are drawn from the distributions that it
uses, by the module-level generator of `ops.random`: other numbers, of the same spread.
"""

import inspect
import math

from purify import ops as xp

from ._modules import Module, Parameter

__all__ = []


def _exported(layer):
    __all__.append(layer.__name__)
    return layer


def _several(value, n):
    return (value,) * n if hasattr(value, "__index__") else tuple(value)


def _weight(shape, bound, dtype, device):
    """A weight drawn evenly between -bound and bound."""
    values = xp.random.uniform(-bound, bound, shape) if bound else xp.zeros(shape)
    return Parameter(xp.asarray(xp.astype(values, xp.float32 if dtype is None else dtype), device=device))


def _filled(shape, value, dtype, device):
    return Parameter(xp.full(shape, value, dtype=xp.float32 if dtype is None else dtype, device=device))


class _Layer(Module):
    """A module that keeps its settings as attributes and shows some of them."""

    _shown = ()

    def _set(self, **settings):
        Module.__init__(self)
        for name, value in settings.items():
            setattr(self, name, value)

    def extra_repr(self):
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self._shown)


# ---- linear maps and tables -----------------------------------------------------------------------


@_exported
class Linear(_Layer):
    """`x @ weight.T + bias` over the last axis."""

    _shown = ("in_features", "out_features")

    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        self._set(in_features=in_features, out_features=out_features)
        bound = 1 / math.sqrt(in_features) if in_features else 0
        self.weight = _weight((out_features, in_features), bound, dtype, device)
        self.register_parameter("bias", _weight((out_features,), bound, dtype, device) if bias else None)

    def forward(self, input):
        return xp.nn.linear(input, self.weight, self.bias)


@_exported
class Bilinear(_Layer):
    """`x1 @ weight[k] @ x2 + bias[k]` over the last axes, for each output k."""

    _shown = ("in1_features", "in2_features", "out_features")

    def __init__(self, in1_features, in2_features, out_features, bias=True, device=None, dtype=None):
        self._set(in1_features=in1_features, in2_features=in2_features, out_features=out_features)
        bound = 1 / math.sqrt(in1_features)
        self.weight = _weight((out_features, in1_features, in2_features), bound, dtype, device)
        self.register_parameter("bias", _weight((out_features,), bound, dtype, device) if bias else None)

    def forward(self, input1, input2):
        out = xp.einsum("...i,kij,...j->...k", input1, self.weight, input2)
        return out if self.bias is None else out + self.bias


@_exported
class Embedding(_Layer):
    """The rows of a table at integer positions."""

    _shown = ("num_embeddings", "embedding_dim")

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False,
                 sparse=False, _weight=None, _freeze=False, device=None, dtype=None):  # fmt: skip
        if max_norm is not None:
            raise NotImplementedError("Embedding: `max_norm` rescales the table while it is read; scale it once before")
        # The last flags are about gradients.
        self._set(num_embeddings=num_embeddings, embedding_dim=embedding_dim, padding_idx=padding_idx)
        if _weight is None:
            table = xp.random.standard_normal((num_embeddings, embedding_dim))
            if padding_idx is not None:
                table[padding_idx] = 0
            _weight = xp.astype(table, xp.float32 if dtype is None else dtype)
        self.weight = Parameter(xp.asarray(_weight, device=device))

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, padding_idx=None):
        """An embedding with this table."""
        return cls(*embeddings.shape, padding_idx=padding_idx, _weight=embeddings)

    def forward(self, input):
        return xp.nn.embedding(input, self.weight)


# ---- normalisation --------------------------------------------------------------------------------


def _shape(normalized_shape):
    return (normalized_shape,) if hasattr(normalized_shape, "__index__") else tuple(normalized_shape)


@_exported
class LayerNorm(_Layer):
    """Values over the last axes with mean 0 and variance 1, times a weight, plus a bias."""

    _shown = ("normalized_shape", "eps", "elementwise_affine")

    def __init__(self, normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, device=None, dtype=None):
        shape = _shape(normalized_shape)
        self._set(normalized_shape=shape, eps=eps, elementwise_affine=elementwise_affine)
        self.register_parameter("weight", _filled(shape, 1.0, dtype, device) if elementwise_affine else None)
        self.register_parameter("bias", _filled(shape, 0.0, dtype, device) if elementwise_affine and bias else None)

    def forward(self, input):
        return xp.nn.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


@_exported
class RMSNorm(_Layer):
    """Values over the last axes divided by the root of their mean square, times a weight."""

    _shown = ("normalized_shape", "eps", "elementwise_affine")

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None):
        shape = _shape(normalized_shape)
        self._set(normalized_shape=shape, eps=eps, elementwise_affine=elementwise_affine)
        self.register_parameter("weight", _filled(shape, 1.0, dtype, device) if elementwise_affine else None)

    def forward(self, input):
        return xp.nn.rms_norm(input, self.normalized_shape, self.weight, self.eps)


@_exported
class GroupNorm(_Layer):
    """Groups of channels with mean 0 and variance 1, times a weight, plus a bias."""

    _shown = ("num_groups", "num_channels", "eps", "affine")

    def __init__(self, num_groups, num_channels, eps=1e-05, affine=True, device=None, dtype=None, *, bias=True):
        self._set(num_groups=num_groups, num_channels=num_channels, eps=eps, affine=affine)
        self.register_parameter("weight", _filled((num_channels,), 1.0, dtype, device) if affine else None)
        self.register_parameter("bias", _filled((num_channels,), 0.0, dtype, device) if affine and bias else None)

    def forward(self, input):
        return xp.nn.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


class _Running(_Layer):
    """What normalisations share that may keep the mean and variance of what they have seen."""

    _shown = ("num_features", "eps", "momentum", "affine", "track_running_stats")

    def __init_subclass__(cls, ranks=(), **kwargs):
        super().__init_subclass__(**kwargs)
        cls._ranks = ranks

    def _prepare(self, num_features, eps, momentum, affine, track_running_stats, device, dtype, bias):
        self._set(num_features=num_features, eps=eps, momentum=momentum, affine=affine, track_running_stats=track_running_stats)
        self.register_parameter("weight", _filled((num_features,), 1.0, dtype, device) if affine else None)
        self.register_parameter("bias", _filled((num_features,), 0.0, dtype, device) if affine and bias else None)
        for name, value in (("running_mean", 0.0), ("running_var", 1.0)):
            self.register_buffer(name, xp.Tensor(_filled((num_features,), value, dtype, device)) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", xp.asarray(0, dtype=xp.int64) if track_running_stats else None)

    def _look(self, x):
        if x.ndim not in self._ranks:
            raise ValueError(f"{type(self).__name__}: the input has {x.ndim} axes, not {' or '.join(map(str, self._ranks))}")

    def _update(self, x, axes):
        """Moves the running statistics towards those of a batch, whose variance counts as that of a sample."""
        self.num_batches_tracked = self.num_batches_tracked + 1
        step = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        for running, new in ((self.running_mean, xp.mean(x, axis=axes)), (self.running_var, xp.var(x, axis=axes, correction=1))):
            running[...] = (1 - step) * running + step * new


class _BatchNorm(_Running):
    """Channels (axis 1) with mean 0 and variance 1, times a weight, plus a bias.

    In the mode of inference by the running statistics, in that of training by those of the batch, which they follow.
    """

    def __init__(self, num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None, *, bias=True):
        self._prepare(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input):
        self._look(input)
        if not self.training and self.running_mean is not None:
            mean, variance = self.running_mean, self.running_var
        else:
            axes = (0, *range(2, input.ndim))
            mean, variance = xp.mean(input, axis=axes), xp.var(input, axis=axes)
            if self.training and self.running_mean is not None:
                self._update(input, axes)
        return xp.nn.batch_norm(input, mean, variance, self.weight, self.bias, self.eps)


class _InstanceNorm(_Running):
    """Each channel of each sample with mean 0 and variance 1, times a weight, plus a bias."""

    def __init__(self, num_features, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False, device=None, dtype=None, *, bias=True):
        if track_running_stats:
            raise NotImplementedError(f"{type(self).__name__}: `track_running_stats` is not supported")
        self._prepare(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input):
        self._look(input)
        alone = input.ndim == self._ranks[0]
        out = xp.nn.instance_norm(xp.expand_dims(input, axis=0) if alone else input, self.weight, self.bias, eps=self.eps)
        return out[0] if alone else out


@_exported
class BatchNorm1d(_BatchNorm, ranks=(2, 3)):
    __doc__ = _BatchNorm.__doc__


@_exported
class BatchNorm2d(_BatchNorm, ranks=(4,)):
    __doc__ = _BatchNorm.__doc__


@_exported
class BatchNorm3d(_BatchNorm, ranks=(5,)):
    __doc__ = _BatchNorm.__doc__


@_exported
class InstanceNorm1d(_InstanceNorm, ranks=(2, 3)):
    __doc__ = _InstanceNorm.__doc__


@_exported
class InstanceNorm2d(_InstanceNorm, ranks=(3, 4)):
    __doc__ = _InstanceNorm.__doc__


@_exported
class InstanceNorm3d(_InstanceNorm, ranks=(4, 5)):
    __doc__ = _InstanceNorm.__doc__


# ---- convolution ----------------------------------------------------------------------------------

# How `torch.nn` calls the margins of a convolution -> what `ops.nn.pad` calls them.
_MARGINS = ("zeros", "reflect", "replicate", "circular")


class _Convolution(_Layer):
    """What convolutions share: settings with one number for each axis, and the spread of their weights."""

    _shown = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "padding_mode")

    def __init_subclass__(cls, axes=0, **kwargs):
        super().__init_subclass__(**kwargs)
        cls._axes = axes

    def _prepare(self, transposed, in_channels, out_channels, bias, device, dtype, groups, kernel_size, **settings):
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"{type(self).__name__}: {groups} groups do not divide {in_channels} and {out_channels} channels")
        several = {n: v if isinstance(v, str) else _several(v, self._axes) for n, v in {"kernel_size": kernel_size, **settings}.items()}
        self._set(in_channels=in_channels, out_channels=out_channels, groups=groups, **several)
        ends = (in_channels, out_channels // groups) if transposed else (out_channels, in_channels // groups)
        shape = (*ends, *self.kernel_size)
        bound = 1 / math.sqrt(math.prod(shape[1:]) or 1)
        self.weight = _weight(shape, bound, dtype, device)
        self.register_parameter("bias", _weight((out_channels,), bound, dtype, device) if bias else None)

    def _run(self, function, x, *settings):
        """The function on a batch; `x` may be a single sample."""
        if x.ndim == self._axes + 1:
            return function(xp.expand_dims(x, axis=0), self.weight, self.bias, *settings)[0]
        return function(x, self.weight, self.bias, *settings)


class _Conv(_Convolution):
    """Cross-correlation with a weight of shape (out, in / groups, ...), plus a bias."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
                 padding_mode="zeros", device=None, dtype=None):  # fmt: skip
        if padding_mode not in _MARGINS:
            raise ValueError(f"{type(self).__name__}: padding_mode {padding_mode!r} is not one of {', '.join(_MARGINS)}")
        self._prepare(False, in_channels, out_channels, bias, device, dtype, groups, kernel_size, stride=stride, padding=padding, dilation=dilation)
        self.padding_mode = padding_mode

    def _margins(self):
        """The margins of all axes as `ops.nn.pad` takes them: pairs, the last axis first."""
        if self.padding == "valid":
            return []
        if self.padding != "same":
            return [n for width in reversed(self.padding) for n in (width, width)]
        whole = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
        return [n for width in reversed(whole) for n in (width // 2, width - width // 2)]

    def forward(self, input):
        function = getattr(xp.nn, f"conv{self._axes}d")
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = xp.nn.pad(input, self._margins(), mode=self.padding_mode), 0
        return self._run(function, input, self.stride, padding, self.dilation, self.groups)


class _ConvTranspose(_Convolution):
    """The transpose of a convolution, with a weight of shape (in, out / groups, ...), plus a bias."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True,
                 dilation=1, padding_mode="zeros", device=None, dtype=None):  # fmt: skip
        if padding_mode != "zeros":
            raise ValueError(f"{type(self).__name__}: padding_mode is always 'zeros'")
        self._prepare(True, in_channels, out_channels, bias, device, dtype, groups, kernel_size, stride=stride, padding=padding,
                      output_padding=output_padding, dilation=dilation)  # fmt: skip
        self.padding_mode = padding_mode

    def forward(self, input):
        function = getattr(xp.nn, f"conv_transpose{self._axes}d")
        return self._run(function, input, self.stride, self.padding, self.output_padding, self.groups, self.dilation)


@_exported
class Conv1d(_Conv, axes=1):
    __doc__ = _Conv.__doc__


@_exported
class Conv2d(_Conv, axes=2):
    __doc__ = _Conv.__doc__


@_exported
class Conv3d(_Conv, axes=3):
    __doc__ = _Conv.__doc__


@_exported
class ConvTranspose1d(_ConvTranspose, axes=1):
    __doc__ = _ConvTranspose.__doc__


@_exported
class ConvTranspose2d(_ConvTranspose, axes=2):
    __doc__ = _ConvTranspose.__doc__


# ---- attention ------------------------------------------------------------------------------------


@_exported
class MultiheadAttention(_Layer):
    """Attention of several heads over [length, batch, features], or [batch, length, features] with `batch_first`.

    A call gives the result and, with `need_weights`, the weights, as a mean over the heads or each by itself.
    """

    def __init__(self, embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None, vdim=None,
                 batch_first=False, device=None, dtype=None):  # fmt: skip
        if embed_dim % num_heads:
            raise ValueError(f"MultiheadAttention: {embed_dim} features do not part into {num_heads} heads")
        if add_bias_kv or add_zero_attn or (kdim or embed_dim) != embed_dim or (vdim or embed_dim) != embed_dim:
            raise NotImplementedError("MultiheadAttention: add_bias_kv, add_zero_attn, kdim and vdim are not supported")
        self._set(embed_dim=embed_dim, num_heads=num_heads, dropout=dropout, batch_first=batch_first, head_dim=embed_dim // num_heads)
        # As for a linear layer with as many inputs as outputs together.
        self.in_proj_weight = _weight((3 * embed_dim, embed_dim), math.sqrt(6 / (4 * embed_dim)), dtype, device)
        self.register_parameter("in_proj_bias", _filled((3 * embed_dim,), 0.0, dtype, device) if bias else None)
        self.out_proj = Linear(embed_dim, embed_dim, bias, device, dtype)

    def _heads(self, x, i):
        """Part i (query, key, value) of the projection of [batch, length, features], as [batch, heads, length, features]."""
        part = slice(i * self.embed_dim, (i + 1) * self.embed_dim)
        out = xp.nn.linear(x, self.in_proj_weight[part], None if self.in_proj_bias is None else self.in_proj_bias[part])
        return xp.permute_dims(xp.reshape(out, (*out.shape[:2], self.num_heads, self.head_dim)), (0, 2, 1, 3))

    def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True, is_causal=False):
        alone = query.ndim == 2
        if alone:
            query, key, value = (xp.expand_dims(x, axis=0) for x in (query, key, value))
            key_padding_mask = None if key_padding_mask is None else xp.expand_dims(key_padding_mask, axis=0)
        elif not self.batch_first:
            query, key, value = (xp.permute_dims(x, (1, 0, 2)) for x in (query, key, value))
        q, k, v = self._heads(query, 0), self._heads(key, 1), self._heads(value, 2)
        scores = xp.matmul(q, xp.matrix_transpose(k)) * (1 / math.sqrt(self.head_dim))
        if attn_mask is not None:
            shaped = attn_mask if attn_mask.ndim == 2 else xp.reshape(attn_mask, (-1, self.num_heads, *attn_mask.shape[-2:]))
            scores = _masked(scores, shaped)
        if key_padding_mask is not None:
            scores = _masked(scores, xp.expand_dims(key_padding_mask, axis=(1, 2)))
        weights = xp.nn.dropout(xp.nn.softmax(scores, axis=-1), self.dropout, training=self.training)
        out = xp.permute_dims(xp.matmul(weights, v), (0, 2, 1, 3))
        out = self.out_proj(xp.reshape(out, (*out.shape[:2], self.embed_dim)))
        out = out[0] if alone else out if self.batch_first else xp.permute_dims(out, (1, 0, 2))
        if not need_weights:
            return out, None
        weights = xp.mean(weights, axis=1) if average_attn_weights else weights
        return out, weights[0] if alone else weights


def _masked(scores, mask):
    """Scores without those where a mask is true, or with the mask's numbers added."""
    return xp.where(mask, -math.inf, scores) if mask.dtype == xp.bool else scores + mask


# ---- modules around one function ------------------------------------------------------------------


class _Dropout(_Layer):
    """Zeros elements with probability p and scales the others, in the mode of training; else gives back its argument."""

    _shown = ("p", "inplace")
    # The axes, after the first two, over which an element is kept or zeroed as a whole.
    _whole = 0

    def __init__(self, p=0.5, inplace=False):
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"{type(self).__name__}: p={p} is not a probability")
        self._set(p=p, inplace=inplace)

    def forward(self, input):
        if not self.training or not self.p:
            return input
        if self._whole:
            lead = input.ndim - self._whole
            mask = xp.nn.dropout(xp.ones(tuple(input.shape[:lead]) + (1,) * self._whole, dtype=input.dtype), self.p)
            return _into(input, input * mask, self.inplace)
        return _into(input, xp.nn.dropout(input, self.p), self.inplace)


for _name, _axes in {"Dropout": 0, "Dropout1d": 1, "Dropout2d": 2, "Dropout3d": 3}.items():
    globals()[_name] = _exported(type(_name, (_Dropout,), {"__doc__": _Dropout.__doc__, "__module__": __name__, "_whole": _axes}))


@_exported
class PReLU(_Layer):
    """x where it is positive, else x times a weight."""

    _shown = ("num_parameters",)

    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        self._set(num_parameters=num_parameters)
        self.weight = _filled((num_parameters,), init, dtype, device)

    def forward(self, input):
        return xp.nn.prelu(input, self.weight)


def _into(x, value, inplace):
    if inplace:
        x[...] = value
        return x
    return value


def _layer(name, doc, compute, inputs=1, buffers=()):
    """Defines the layer that calls `compute` with its inputs and its settings, which are the parameters after the inputs."""
    parameters = list(inspect.signature(compute).parameters.values())[inputs:]
    signature = inspect.Signature(parameters)
    settings = tuple(signature.parameters)

    def __init__(self, *args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        self._set(**{n: v for n, v in bound.arguments.items() if n not in buffers})
        for n in buffers:
            self.register_buffer(n, bound.arguments[n])

    def forward(self, *args):
        if len(args) != inputs:
            raise TypeError(f"{name}: {len(args)} arguments where {inputs} are expected")
        return compute(*args, **{n: getattr(self, n) for n in settings})

    members = {"__doc__": doc, "__init__": __init__, "forward": forward, "__signature__": signature, "__module__": __name__,
               "_shown": tuple(n for n in settings if n not in buffers)}  # fmt: skip
    globals()[name] = _exported(type(name, (_Layer,), members))


def _classes(x, dim):
    """The axis that PyTorch takes where a softmax is told none."""
    return dim if dim is not None else 0 if x.ndim in (0, 1, 3) else 1


# Name, what it is the layer of, and the call; parameters after the input are settings of the layer.
for _name, _function, _compute in (
    ("ReLU", "nn.relu", lambda x, inplace=False: _into(x, xp.nn.relu(x), inplace)),
    ("ReLU6", "nn.relu6", lambda x, inplace=False: _into(x, xp.nn.relu6(x), inplace)),
    ("GELU", "nn.gelu", lambda x, approximate="none": xp.nn.gelu(x, approximate=approximate)),
    ("SiLU", "nn.silu", lambda x, inplace=False: _into(x, xp.nn.silu(x), inplace)),
    ("Mish", "nn.mish", lambda x, inplace=False: _into(x, xp.nn.mish(x), inplace)),
    ("ELU", "nn.elu", lambda x, alpha=1.0, inplace=False: _into(x, xp.nn.elu(x, alpha=alpha), inplace)),
    ("CELU", "nn.celu", lambda x, alpha=1.0, inplace=False: _into(x, xp.nn.celu(x, alpha=alpha), inplace)),
    ("SELU", "nn.selu", lambda x, inplace=False: _into(x, xp.nn.selu(x), inplace)),
    ("LeakyReLU", "nn.leaky_relu",
     lambda x, negative_slope=0.01, inplace=False: _into(x, xp.nn.leaky_relu(x, negative_slope=negative_slope), inplace)),
    ("Sigmoid", "nn.sigmoid", lambda x: xp.nn.sigmoid(x)),
    ("LogSigmoid", "nn.log_sigmoid", lambda x: xp.nn.log_sigmoid(x)),
    ("Hardsigmoid", "nn.hardsigmoid", lambda x, inplace=False: _into(x, xp.nn.hardsigmoid(x), inplace)),
    ("Hardswish", "nn.hardswish", lambda x, inplace=False: _into(x, xp.nn.hardswish(x), inplace)),
    ("Hardtanh", "nn.hardtanh",
     lambda x, min_val=-1.0, max_val=1.0, inplace=False: _into(x, xp.nn.hardtanh(x, min=min_val, max=max_val), inplace)),
    ("Hardshrink", "nn.hardshrink", lambda x, lambd=0.5: xp.nn.hardshrink(x, lambd=lambd)),
    ("Softshrink", "nn.softshrink", lambda x, lambd=0.5: xp.nn.softshrink(x, lambd=lambd)),
    ("Tanh", "tanh", lambda x: xp.tanh(x)),
    ("Tanhshrink", "nn.tanhshrink", lambda x: xp.nn.tanhshrink(x)),
    ("Softplus", "nn.softplus", lambda x, beta=1.0, threshold=20.0: xp.nn.softplus(x, beta=beta, threshold=threshold)),
    ("Softsign", "nn.softsign", lambda x: xp.nn.softsign(x)),
    ("Threshold", "where", lambda x, threshold, value, inplace=False: _into(x, xp.where(x > threshold, x, value), inplace)),
    ("Softmax", "nn.softmax", lambda x, dim=None: xp.nn.softmax(x, axis=_classes(x, dim))),
    ("LogSoftmax", "nn.log_softmax", lambda x, dim=None: xp.nn.log_softmax(x, axis=_classes(x, dim))),
    ("Softmin", "nn.softmin", lambda x, dim=None: xp.nn.softmin(x, axis=_classes(x, dim))),
    ("GLU", "nn.glu", lambda x, dim=-1: xp.nn.glu(x, axis=dim)),
    ("Flatten", "nn.flatten", lambda x, start_dim=1, end_dim=-1: xp.nn.flatten(x, start_axis=start_dim, end_axis=end_dim)),
    ("Unflatten", "nn.unflatten", lambda x, dim, unflattened_size: xp.nn.unflatten(x, dim, unflattened_size)),
    ("Upsample", "nn.interpolate", lambda x, size=None, scale_factor=None, mode="nearest", align_corners=None: xp.nn.interpolate(
        x, size=size, scale_factor=scale_factor, mode=mode, align_corners=bool(align_corners))),
    ("PixelShuffle", "nn.pixel_shuffle", lambda x, upscale_factor: xp.nn.pixel_shuffle(x, upscale_factor)),
    ("PixelUnshuffle", "nn.pixel_unshuffle", lambda x, downscale_factor: xp.nn.pixel_unshuffle(x, downscale_factor)),
    ("Unfold", "nn.unfold", lambda x, kernel_size, dilation=1, padding=0, stride=1: xp.nn.unfold(
        x, kernel_size, dilation=dilation, padding=padding, stride=stride)),
):  # fmt: skip
    _layer(_name, f"`ops.{_function}` as a layer.", _compute)

# The same for two inputs: losses and similarities. Weights of classes are buffers.
for _name, _function, _compute, _buffers in (
    ("MSELoss", "mse_loss", lambda x, y, reduction="mean": xp.nn.mse_loss(x, y, reduction=reduction), ()),
    ("L1Loss", "l1_loss", lambda x, y, reduction="mean": xp.nn.l1_loss(x, y, reduction=reduction), ()),
    ("SmoothL1Loss", "smooth_l1_loss", lambda x, y, reduction="mean", beta=1.0: xp.nn.smooth_l1_loss(x, y, reduction=reduction, beta=beta), ()),
    ("HuberLoss", "huber_loss", lambda x, y, reduction="mean", delta=1.0: xp.nn.huber_loss(x, y, reduction=reduction, delta=delta), ()),
    ("KLDivLoss", "kl_div", lambda x, y, reduction="mean", log_target=False: xp.nn.kl_div(x, y, reduction=reduction, log_target=log_target), ()),
    ("BCELoss", "binary_cross_entropy",
     lambda x, y, weight=None, reduction="mean": xp.nn.binary_cross_entropy(x, y, weight=weight, reduction=reduction), ("weight",)),
    ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits",
     lambda x, y, weight=None, reduction="mean", pos_weight=None: xp.nn.binary_cross_entropy_with_logits(
         x, y, weight=weight, pos_weight=pos_weight, reduction=reduction), ("weight", "pos_weight")),
    ("NLLLoss", "nll_loss", lambda x, y, weight=None, ignore_index=-100, reduction="mean": xp.nn.nll_loss(
        x, y, weight=weight, ignore_index=ignore_index, reduction=reduction), ("weight",)),
    ("CrossEntropyLoss", "cross_entropy",
     lambda x, y, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0: xp.nn.cross_entropy(
         x, y, weight=weight, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing), ("weight",)),
    ("CosineSimilarity", "cosine_similarity", lambda x, y, dim=1, eps=1e-08: xp.nn.cosine_similarity(x, y, axis=dim, eps=eps), ()),
    ("PairwiseDistance", "pairwise_distance",
     lambda x, y, p=2.0, eps=1e-06, keepdim=False: xp.nn.pairwise_distance(x, y, p=p, eps=eps, keepdims=keepdim), ()),
):  # fmt: skip
    _layer(_name, f"`ops.nn.{_function}` as a layer.", _compute, 2, _buffers)


# ---- windows and margins --------------------------------------------------------------------------


def _along(function, axes, x, *settings, **keywords):
    """A function of batches, called with a batch or with a single sample of so many axes after its channels."""
    if x.ndim == axes + 1:
        return function(xp.expand_dims(x, axis=0), *settings, **keywords)[0]
    return function(x, *settings, **keywords)


def _max_pool(axes):
    def compute(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        return _along(getattr(xp.nn, f"max_pool{axes}d"), axes, x, kernel_size, stride, padding, dilation, ceil_mode)

    return compute


def _avg_pool(axes):
    def compute(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
        return _along(getattr(xp.nn, f"avg_pool{axes}d"), axes, x, kernel_size, stride, padding, ceil_mode, count_include_pad)

    return compute


def _adaptive(kind):
    def make(axes):
        return lambda x, output_size: _along(getattr(xp.nn, f"adaptive_{kind}_pool{axes}d"), axes, x, output_size)

    return make


def _pad(mode):
    def make(axes):
        def widths(padding):
            return (padding,) * (2 * axes) if hasattr(padding, "__index__") else tuple(padding)

        if mode == "constant":
            return lambda x, padding, value: xp.nn.pad(x, widths(padding), value=value)
        return lambda x, padding: xp.nn.pad(x, widths(padding), mode=mode or "constant")

    return make


# Names, with the number of axes in place of the braces; the function of the layer; and what makes the call.
for _names, _functions, _make, _ranks in (
    ("MaxPool{}d", "max_pool{}d", _max_pool, (1, 2, 3)),
    ("AvgPool{}d", "avg_pool{}d", _avg_pool, (1, 2, 3)),
    ("AdaptiveAvgPool{}d", "adaptive_avg_pool{}d", _adaptive("avg"), (1, 2)),
    ("AdaptiveMaxPool{}d", "adaptive_max_pool{}d", _adaptive("max"), (1, 2)),
    ("ZeroPad{}d", "pad", _pad(""), (1, 2, 3)),
    ("ConstantPad{}d", "pad", _pad("constant"), (1, 2, 3)),
    ("ReflectionPad{}d", "pad", _pad("reflect"), (1, 2, 3)),
    ("ReplicationPad{}d", "pad", _pad("replicate"), (1, 2, 3)),
    ("CircularPad{}d", "pad", _pad("circular"), (1, 2, 3)),
):
    for _axes in _ranks:
        _layer(_names.format(_axes), f"`ops.nn.{_functions.format(_axes)}` as a layer.", _make(_axes))
