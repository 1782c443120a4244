"""Layers over ResonantTensor: matrix products and sums are exact, activations are snapped to the lattice.

A layer is called with a tensor [batch, features] and leaves it as it is. Parameters are lattice tensors that an
evolution changes (see `purify.resonant.train`); nothing here has a gradient.
"""

import math

from purify._native._resonant import PHI_INV, GoldenExact, ResonantTensor, recursion_residual
from purify.resonant import functional as F
from purify.resonant.nn.module import Module, Parameter

__all__ = [
    "Identity", "ReLU", "Sigmoid", "Tanh", "GELU", "Dropout", "ResonantLinear", "DifferentiationLayer", "HarmonizationLayer",
    "SyntonicNorm", "GoldenNorm", "RecursionLayerNorm", "SyntonicGate", "RecursionBlock", "AdaptiveGate",
    "DeepRecursionNet", "DeepSyntonicMLP", "MLP", "SyntonicLinear", "SyntonicMLP",
]


class Identity(Module):
    """Its argument."""

    def forward(self, x):
        return x


class ReLU(Module):
    """Negative elements become zero, exactly."""

    def forward(self, x):
        return F.relu(x)


class _Snapped(Module):
    def __init__(self, precision=None):
        self.precision = precision

    def forward(self, x):
        return getattr(F, self.function)(x, self.precision)


class Sigmoid(_Snapped):
    """1/(1 + exp(-x))."""

    function = "sigmoid"


class Tanh(_Snapped):
    """tanh(x)."""

    function = "tanh"


class GELU(_Snapped):
    """x/2 (1 + erf(x/sqrt 2))."""

    function = "gelu"


class Dropout(Module):
    """In training mode elements become zero with probability p. Each call takes the next seed."""

    def __init__(self, p=0.1, seed=0):
        self.p, self.seed, self.calls = p, seed, 0

    def forward(self, x):
        if not self.training or self.p == 0.0:
            return x
        self.calls += 1
        return F.dropout(x, self.p, seed=(self.seed << 32) + self.calls)


class ResonantLinear(Module):
    """y = x W^T + b, exact. W is [out, in] with mode norms i + o; b starts at zero.

    init: "uniform" within 1/sqrt(in), "xavier", "golden_norm", or "golden_legacy", which leaves nearly all weights zero.
    """

    def __init__(self, in_features, out_features, bias=True, precision=100, *, init="uniform", seed=0, gain=1.0):
        self.in_features, self.out_features = in_features, out_features
        weight = ResonantTensor.weights(out_features, in_features, init, precision, seed=seed)
        self.weight = Parameter(weight if gain == 1.0 else weight.scalar_mul(gain).resnap(precision))
        self.bias = Parameter(ResonantTensor.zeros([out_features], precision)) if bias else None

    def forward(self, x):
        y = x.matmul(self.weight.tensor)
        if self.bias is not None:
            y.add_bias(self.bias.tensor)
        # Exact products have long coefficients; what follows snaps anyway, so the lattice is kept short here.
        return y.resnap(max(y.precision, x.precision))


class DifferentiationLayer(Module):
    """y = x + alpha relu(W x + b); without x if the widths differ. W starts with Xavier values times 0.1."""

    def __init__(self, in_features, out_features=None, bias=True, alpha_scale=1.0, precision=100, *, seed=0):
        out_features = in_features if out_features is None else out_features
        self.linear = ResonantLinear(in_features, out_features, bias, precision, init="xavier", seed=seed, gain=0.1)
        self.alpha, self.residual_path = alpha_scale, in_features == out_features

    def forward(self, x):
        raised = F.relu(self.linear(x)).scalar_mul(self.alpha)
        return x + raised if self.residual_path else raised

    def complexity_increase(self, x):
        """|y - x| / (|x| + 1e-8)."""
        v, y = x.to_floats(), self(x).to_floats()
        return math.dist(v, y) / (math.hypot(*v) + 1e-8)


class HarmonizationLayer(Module):
    """y = x - beta sigmoid(W_H x + b) + gamma tanh(W_S x + b); without x if the widths differ.

    sigmoid(0) is 1/2: with zero weights the layer subtracts beta/2 from every element, a constant shift.
    """

    def __init__(self, in_features, out_features=None, bias=True, beta_scale=1.0, gamma_scale=1.0, precision=100, *, seed=0):
        out_features = in_features if out_features is None else out_features
        self.damping = ResonantLinear(in_features, out_features, bias, precision, init="xavier", seed=seed, gain=0.1)
        self.syntonic = ResonantLinear(in_features, out_features, bias, precision, init="xavier", seed=seed + 1, gain=0.5)
        self.beta, self.gamma, self.residual_path = beta_scale, gamma_scale, in_features == out_features

    def forward(self, x):
        damped = F.sigmoid(self.damping(x), None).scalar_mul(self.beta)
        pulled = F.tanh(self.syntonic(x), None).scalar_mul(self.gamma)
        out = pulled - damped
        return x + out if self.residual_path else out

    def coherence_gain(self, x):
        """(var x - var y) / (var x + 1e-8)."""
        before, after = float(x.var().to_floats()[0]), float(self(x).var().to_floats()[0])
        return (before - after) / (before + 1e-8)


class SyntonicNorm(Module):
    """Layer norm with variance 1/phi (target="phi_inv"), 1/phi**2 ("legacy") or 1 ("standard"), then weight and bias."""

    def __init__(self, features, eps=1e-5, elementwise_affine=True, target="phi_inv", precision=100):
        if target not in ("phi_inv", "legacy", "standard"):
            raise ValueError(f'SyntonicNorm: target is "phi_inv", "legacy" or "standard", not {target!r}')
        self.features, self.eps, self.target = features, eps, target
        scale = PHI_INV if target == "legacy" else 1.0
        self.weight = Parameter(ResonantTensor([scale] * features, precision=precision)) if elementwise_affine or target == "legacy" else None
        self.bias = Parameter(ResonantTensor.zeros([features], precision)) if elementwise_affine else None

    def forward(self, x):
        tensor = lambda p: None if p is None else p.tensor  # noqa: E731
        return x.layer_norm(tensor(self.weight), tensor(self.bias), self.eps, self.target == "phi_inv")


class GoldenNorm(Module):
    """Batch norm of [batch, features] with variance 1/phi, and running statistics for evaluation."""

    def __init__(self, features, momentum=0.1, eps=1e-5, affine=True, track_running_stats=True, precision=100):
        self.features, self.momentum, self.eps, self.track = features, momentum, eps, track_running_stats
        self.precision = precision
        self.weight = Parameter(ResonantTensor.ones([features], precision)) if affine else None
        self.bias = Parameter(ResonantTensor.zeros([features], precision)) if affine else None
        self.running_mean, self.running_var = [0.0] * features, [1.0] * features

    def forward(self, x):
        tensor = lambda p: None if p is None else p.tensor  # noqa: E731
        if self.training or not self.track:
            if self.track:
                mean, var, m = x.mean(0).to_floats(), x.var(0).to_floats(), self.momentum
                self.running_mean = [(1 - m) * old + m * new for old, new in zip(self.running_mean, mean)]
                self.running_var = [(1 - m) * old + m * new for old, new in zip(self.running_var, var)]
            return x.batch_norm("golden", self.eps, tensor(self.weight), tensor(self.bias))
        scale = [math.sqrt(PHI_INV / (v + self.eps)) for v in self.running_var]
        exact = lambda values: ResonantTensor.from_golden_exact(values, [self.features], None, self.precision)  # noqa: E731
        y = (x - exact(self.running_mean)) * exact(scale)
        if self.weight is not None:
            y = y * self.weight.tensor + self.bias.tensor
        return y.resnap(x.precision)


class RecursionLayerNorm(Module):
    """Layer norm times weight[d] phi**-d plus bias[d], with the depth d clamped to the number of recursions."""

    def __init__(self, features, n_recursions=4, eps=1e-5, precision=100):
        self.eps = eps
        self.weights = [Parameter(ResonantTensor.ones([features], precision)) for _ in range(n_recursions)]
        self.biases = [Parameter(ResonantTensor.zeros([features], precision)) for _ in range(n_recursions)]

    def forward(self, x, depth=0):
        depth = min(max(depth, 0), len(self.weights) - 1)
        gamma = self.weights[depth].tensor.scalar_mul(GoldenExact.phi_to_power(-depth))
        return x.layer_norm(gamma, self.biases[depth].tensor, self.eps, False)


class SyntonicGate(Module):
    """gate p + (1 - gate) x with gate = sigmoid(L2 relu(L1 [x; p]))."""

    def __init__(self, features, hidden=None, precision=100, *, seed=0):
        hidden = features if hidden is None else hidden
        self.first = ResonantLinear(2 * features, hidden, precision=precision, seed=seed)
        self.second = ResonantLinear(hidden, features, precision=precision, seed=seed + 1)

    def forward(self, x, processed):
        gate = F.sigmoid(self.second(F.relu(self.first(F.concat([x, processed])))), None)
        return (gate * processed + gate.one_minus() * x).resnap(x.precision)


class AdaptiveGate(Module):
    """gate h + (1 - gate) x for x, its differentiation d and harmonization h, each [batch, features].

    With c = [x; d; h]: s = sigmoid(L gelu(L c)) is one number per row, base = sigmoid(L gelu(L c)) one per feature, and
    gate = min + (max - min) base sigmoid((s - 1/2) temperature + base). base times that sigmoid stays below
    sigmoid(temperature/2 + 1), so with the defaults no gate exceeds 0.754. After a call, `estimate` is the mean of s.
    """

    def __init__(self, features, syntony_temp=1.0, min_gate=0.1, max_gate=0.9, precision=100, *, seed=0):
        if not 0.0 <= min_gate <= max_gate <= 1.0:
            raise ValueError(f"AdaptiveGate: 0 <= min_gate <= max_gate <= 1 does not hold for {min_gate} and {max_gate}")
        linear = lambda n, m, s: ResonantLinear(n, m, precision=precision, init="xavier", seed=seed + s)  # noqa: E731
        self.estimate_first, self.estimate_last = linear(3 * features, features, 0), linear(features, 1, 1)
        self.first, self.last = linear(3 * features, features, 2), linear(features, features, 3)
        self.temperature, self.min_gate, self.max_gate = syntony_temp, min_gate, max_gate
        self.estimate = None

    def gate(self, x, differentiated, harmonized):
        """The gate, [batch, features]."""
        c = F.concat([x, differentiated, harmonized])
        s = F.sigmoid(self.estimate_last(F.gelu(self.estimate_first(c), None)), None)
        base = F.sigmoid(self.last(F.gelu(self.first(c), None)), None)
        self.estimate = float(s.mean().to_floats()[0])
        steep = F.sigmoid((base + s.scalar_add(-0.5).scalar_mul(self.temperature)).resnap(x.precision), None)
        gate = (base * steep).scalar_mul(self.max_gate - self.min_gate).scalar_add(self.min_gate)
        return gate.resnap(x.precision)

    def forward(self, x, differentiated, harmonized):
        gate = self.gate(x, differentiated, harmonized)
        return (gate * harmonized + gate.one_minus() * x).resnap(x.precision)


class RecursionBlock(Module):
    """Differentiation to the hidden width, harmonization to the output, dropout, and a gate against the input.

    The gate needs equal widths; otherwise the input is projected first. After each call `residual` holds the recursion
    residual 1 - |D - HD| / |D - I| where all widths are equal, else None.
    """

    def __init__(
        self, in_features, hidden=None, out_features=None, use_gate=True, dropout=0.0, precision=100, *, gate_hidden=None, seed=0
    ):
        hidden = in_features if hidden is None else hidden
        out_features = in_features if out_features is None else out_features
        self.differentiate = DifferentiationLayer(in_features, hidden, precision=precision, seed=seed)
        self.harmonize = HarmonizationLayer(hidden, out_features, precision=precision, seed=seed + 10)
        self.dropout = Dropout(dropout, seed)
        self.gate = SyntonicGate(out_features, gate_hidden, precision, seed=seed + 20) if use_gate else None
        projects = use_gate and in_features != out_features
        self.project = ResonantLinear(in_features, out_features, False, precision, seed=seed + 30) if projects else None
        self.residual = None

    def forward(self, x):
        raised = self.differentiate(x)
        settled = self.harmonize(raised)
        equal = x.shape == raised.shape == settled.shape
        self.residual = recursion_residual(x.to_floats(), raised.to_floats(), settled.to_floats()) if equal else None
        out = self.dropout(settled).resnap(x.precision)
        if self.gate is None:
            return out
        return self.gate(x if self.project is None else self.project(x), out)


class DeepRecursionNet(Module):
    """A chain of recursion blocks and a last linear map."""

    def __init__(self, in_features, hidden, out_features, use_gate=True, precision=100, *, seed=0):
        widths = [in_features, *hidden]
        self.blocks = [
            RecursionBlock(n, m, m, use_gate, precision=precision, seed=seed + 100 * i) for i, (n, m) in enumerate(zip(widths, widths[1:]))
        ]
        self.last = ResonantLinear(widths[-1], out_features, precision=precision, seed=seed + 99)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.last(x)


class SyntonicLinear(Module):
    """A linear map, a recursion block (or D and then H), a norm with variance 1/phi, dropout; [batch, in] to [batch, out].

    After a call, `residual` is the block metric 1 - |D - HD|/|D - I|, of the block itself where there is one.
    """

    def __init__(self, in_features, out_features, use_recursion=True, dropout=0.0, bias=True, precision=100, *, seed=0):
        self.linear = ResonantLinear(in_features, out_features, bias, precision, init="xavier", seed=seed)
        self.block = RecursionBlock(out_features, precision=precision, seed=seed + 1) if use_recursion else None
        self.differentiate = None if use_recursion else DifferentiationLayer(out_features, precision=precision, seed=seed + 1)
        self.harmonize = None if use_recursion else HarmonizationLayer(out_features, precision=precision, seed=seed + 2)
        self.norm, self.dropout = SyntonicNorm(out_features, precision=precision), Dropout(dropout, seed)
        self.residual = None

    def forward(self, x):
        y = self.linear(x)
        if self.block is not None:
            out = self.block(y)
        else:
            raised = self.differentiate(y)
            out = self.harmonize(raised).resnap(x.precision)
            self.residual = recursion_residual(y.to_floats(), raised.to_floats(), out.to_floats())
        return self.dropout(self.norm(out))


class SyntonicMLP(Module):
    """A chain of SyntonicLinear and a linear map; output_activation None, "softmax" or "sigmoid"."""

    def __init__(
        self, input_dim, hidden_dims, output_dim, dropout=0.1, use_recursion=True, output_activation=None, precision=100, *, seed=0
    ):
        if output_activation not in (None, "softmax", "sigmoid"):
            raise ValueError(f"SyntonicMLP: output_activation {output_activation!r} is unknown")
        widths = [input_dim, *hidden_dims]
        self.layers = [
            SyntonicLinear(n, m, use_recursion, dropout, precision=precision, seed=seed + 100 * i)
            for i, (n, m) in enumerate(zip(widths, widths[1:]))
        ]
        self.last = ResonantLinear(widths[-1], output_dim, precision=precision, init="xavier", seed=seed + 99)
        self.output_activation = output_activation

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        x = self.last(x)
        return x if self.output_activation is None else getattr(F, self.output_activation)(x, None)


class DeepSyntonicMLP(Module):
    """A linear map, depth times x = block(x) + x/phi, a norm and a linear map; the quotient by phi is exact."""

    def __init__(self, input_dim, hidden_dim, output_dim, depth=6, dropout=0.1, precision=100, *, seed=0):
        self.first = ResonantLinear(input_dim, hidden_dim, precision=precision, init="xavier", seed=seed)
        self.blocks = [RecursionBlock(hidden_dim, dropout=dropout, precision=precision, seed=seed + 100 * (i + 1)) for i in range(depth)]
        self.norm = SyntonicNorm(hidden_dim, precision=precision)
        self.last = ResonantLinear(hidden_dim, output_dim, precision=precision, init="xavier", seed=seed + 1)

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = (block(x) + F.apply_inverse_recursion(x)).resnap(x.precision)
        return self.last(self.norm(x))


class MLP(Module):
    """Linear maps with a norm and an activation between: activation "tanh", "relu" or "gelu"; output None, "softmax" or "sigmoid"."""

    def __init__(
        self, in_features, hidden, out_features, activation="tanh", output_activation=None, use_norm=False, dropout=0.0, precision=100, *, seed=0
    ):
        if activation not in ("tanh", "relu", "gelu") or output_activation not in (None, "softmax", "sigmoid"):
            raise ValueError(f"MLP: activation {activation!r} or output_activation {output_activation!r} is unknown")
        widths = [in_features, *hidden, out_features]
        self.linears = [
            ResonantLinear(n, m, precision=precision, init="xavier", seed=seed + i) for i, (n, m) in enumerate(zip(widths, widths[1:]))
        ]
        self.norms = [SyntonicNorm(m, precision=precision) for m in hidden] if use_norm else []
        self.dropout = Dropout(dropout, seed)
        self.activation, self.output_activation = activation, output_activation

    def forward(self, x):
        for i, linear in enumerate(self.linears[:-1]):
            x = linear(x)
            if self.norms:
                x = self.norms[i](x)
            x = F.relu(x) if self.activation == "relu" else getattr(F, self.activation)(x, None)
            x = self.dropout(x)
        x = self.linears[-1](x)
        if self.output_activation is None:
            return x
        return getattr(F, self.output_activation)(x, None)
