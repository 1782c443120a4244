"""Layers over ResonantTensor: matrix products and sums are exact, activations are snapped to the lattice.

A layer is called with a tensor [batch, features] and leaves it as it is. Parameters are lattice tensors that an
evolution changes (see `purify.resonant.train`); nothing here has a gradient.
"""

import math

from purify._native._resonant import PHI_INV, GoldenExact, ResonantTensor, ShapeError, recursion_residual, resolution
from purify.resonant import functional as F

__all__ = [
    "Parameter", "Module", "Sequential", "ModuleList", "Identity", "ReLU", "Sigmoid", "Tanh", "GELU", "Dropout", "ResonantLinear",
    "DifferentiationLayer", "HarmonizationLayer", "SyntonicNorm", "GoldenNorm", "RecursionLayerNorm", "SyntonicGate", "RecursionBlock",
    "DeepRecursionNet", "SyntonicMLP", "PrimeSelectionLayer", "WindingStateEmbedding", "GoldenConeGate",
]


class Parameter:
    """A tensor that training may change. `tensor` is replaced, never changed in place."""

    def __init__(self, data, shape=None, mode_norm_sq=None, precision=100):
        self.tensor = data if isinstance(data, ResonantTensor) else ResonantTensor(data, shape, mode_norm_sq, precision)

    @classmethod
    def from_tensor(cls, tensor):
        """A parameter with a copy of the tensor."""
        return cls(tensor.clone())

    @property
    def shape(self):
        """Lengths of the axes."""
        return self.tensor.shape

    @property
    def syntony(self):
        """The syntony of the tensor."""
        return self.tensor.syntony

    def to_floats(self):
        """The values as doubles, flat."""
        return self.tensor.to_floats()

    def to_lattice(self):
        """The exact values, flat."""
        return self.tensor.get_lattice()

    def clone(self):
        """A parameter with the same numbers, mode norms and precision."""
        return Parameter(self.tensor.clone())

    def cpu_cycle(self, noise_scale=0.01, seed=None):
        """One cycle of the tensor; returns the new syntony."""
        tensor = self.tensor.clone()
        out = tensor.cpu_cycle(noise_scale, seed=seed)
        self.tensor = tensor
        return out

    def mutate(self, mutation_rate=0.1, magnitude=1, rng=None):
        """Adds da + db*phi, integers up to `magnitude`, to each value with the given probability; keeps mode norms."""
        import random

        rng = rng or random.Random()
        step = lambda: rng.randint(-magnitude, magnitude)  # noqa: E731
        lattice = [x + GoldenExact.from_integers(step(), step()) if rng.random() < mutation_rate else x for x in self.to_lattice()]
        t = self.tensor
        self.tensor = ResonantTensor.from_golden_exact(lattice, t.shape, t.get_mode_norm_sq(), t.precision)
        return self


class Module:
    """What all layers share: parameters by name, training mode, state as exact decimal strings."""

    training = True

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def _children(self):
        for name, value in vars(self).items():
            if isinstance(value, (Module, Parameter)):
                yield name, value
            elif isinstance(value, (list, tuple)):
                yield from ((f"{name}.{i}", v) for i, v in enumerate(value) if isinstance(v, (Module, Parameter)))

    def named_parameters(self, prefix=""):
        """(name, parameter) pairs, depth first in the order of definition."""
        for name, child in self._children():
            if isinstance(child, Parameter):
                yield prefix + name, child
            else:
                yield from child.named_parameters(f"{prefix}{name}.")

    def parameters(self):
        """All parameters."""
        return [p for _, p in self.named_parameters()]

    def modules(self):
        """This module and all below it."""
        yield self
        for _, child in self._children():
            if isinstance(child, Module):
                yield from child.modules()

    def train(self, mode=True):
        """Sets training mode here and below."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self):
        """Leaves training mode here and below."""
        return self.train(False)

    @property
    def syntony(self):
        """The mean syntony of the parameters; 0 without any."""
        values = [p.syntony for p in self.parameters()]
        return sum(values) / len(values) if values else 0.0

    @property
    def block_metrics(self):
        """The recursion residuals of the blocks below, from their last calls; see `recursion_residual`."""
        return [m.residual for m in self.modules() if getattr(m, "residual", None) is not None]

    def state_dict(self):
        """The parameters by name: shape, precision, mode norms, and each number as three decimal strings."""
        out = {}
        for name, p in self.named_parameters():
            t = p.tensor
            out[name] = {
                "shape": list(t.shape), "precision": t.precision, "mode_norm_sq": t.get_mode_norm_sq(),
                "lattice": [list(g.parts()) for g in t.get_lattice()],
            }  # fmt: skip
        return out

    def load_state_dict(self, state):
        """Takes over the numbers of `state_dict`; names and shapes must agree, or nothing changes."""
        own = dict(self.named_parameters())
        if own.keys() != state.keys():
            raise ValueError(f"load_state_dict: names differ: {sorted(own.keys() ^ state.keys())}")
        fresh = {}
        for name, entry in state.items():
            if tuple(entry["shape"]) != own[name].shape:
                raise ShapeError(f"load_state_dict: {name} has shape {own[name].shape}, the state {tuple(entry['shape'])}")
            lattice = [GoldenExact.from_parts(*parts) for parts in entry["lattice"]]
            fresh[name] = ResonantTensor.from_golden_exact(lattice, entry["shape"], entry["mode_norm_sq"], entry["precision"])
        for name, tensor in fresh.items():
            own[name].tensor = tensor
        return self


class Sequential(Module):
    """Modules one after the other."""

    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, i):
        return self.layers[i]


class ModuleList(Module):
    """Modules to index and iterate."""

    def __init__(self, modules=()):
        self.items = list(modules)

    def append(self, module):
        """Adds a module at the end."""
        self.items.append(module)
        return self

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


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
        exact = lambda values: ResonantTensor.from_golden_exact(values, [self.features], None, x.precision)  # noqa: E731
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
        gate = F.sigmoid(self.second(F.relu(self.first(ResonantTensor.concat([x, processed])))), None)
        return (gate * processed + gate.one_minus() * x).resnap(x.precision)


class RecursionBlock(Module):
    """Differentiation to the hidden width, harmonization to the output, dropout, and a gate against the input.

    The gate needs equal widths; otherwise the input is projected first. After each call `residual` holds the recursion
    residual 1 - |D - HD| / |D - I| where all widths are equal, else None.
    """

    def __init__(self, in_features, hidden=None, out_features=None, use_gate=True, dropout=0.0, precision=100, *, seed=0):
        hidden = in_features if hidden is None else hidden
        out_features = in_features if out_features is None else out_features
        self.differentiate = DifferentiationLayer(in_features, hidden, precision=precision, seed=seed)
        self.harmonize = HarmonizationLayer(hidden, out_features, precision=precision, seed=seed + 10)
        self.dropout = Dropout(dropout, seed)
        self.gate = SyntonicGate(out_features, precision=precision, seed=seed + 20) if use_gate else None
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


class SyntonicMLP(Module):
    """Linear maps with a norm and an activation between: activation "tanh", "relu" or "gelu"; output None, "softmax" or "sigmoid"."""

    def __init__(
        self, in_features, hidden, out_features, activation="tanh", output_activation=None, use_norm=False, dropout=0.0, precision=100, *, seed=0
    ):
        if activation not in ("tanh", "relu", "gelu") or output_activation not in (None, "softmax", "sigmoid"):
            raise ValueError(f"SyntonicMLP: activation {activation!r} or output_activation {output_activation!r} is unknown")
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


class PrimeSelectionLayer(Module):
    """Keeps feature j (counted from 1) where the Moebius function is not zero: square-free numbers, 1 and 6 included."""

    def __init__(self, features):
        from purify._native._resonant import mobius

        self.mask = [int(mobius(j + 1) != 0) for j in range(features)]

    def forward(self, x):
        return x * ResonantTensor.from_golden_exact(self.mask, [len(self.mask)], None, x.precision)


class WindingStateEmbedding(Module):
    """A vector for each winding state in a ball: standard deviation scale exp(-|n|**2/(2 phi)), on a lattice fine enough
    that the states farthest out stay apart."""

    def __init__(self, max_n=5, embed_dim=64, init_scale=None, precision=100, *, seed=0):
        from purify._native._resonant import enumerate_windings

        self.states = {state: i for i, state in enumerate(enumerate_windings(max_n))}
        scale = 1.0 / math.sqrt(embed_dim) if init_scale is None else init_scale
        self.norms = [float(sum(n * n for n in state)) for state in self.states]
        noise = ResonantTensor.randn([len(self.states), embed_dim], seed=seed, precision=1 << 20).to_floats()
        weakest = scale * math.exp(-max(self.norms) * PHI_INV / 2.0)
        while resolution(precision) > 0.1 * weakest and precision < 1 << 40:
            precision *= 2
        values = [scale * math.exp(-m2 * PHI_INV / 2.0) * v for i, m2 in enumerate(self.norms) for v in noise[i * embed_dim : (i + 1) * embed_dim]]
        norms = [m2 for m2 in self.norms for _ in range(embed_dim)]
        self.table = Parameter(ResonantTensor(values, [len(self.states), embed_dim], norms, precision))

    def get_mode_norm(self, state):
        """|n|**2 of a state."""
        return self.norms[self._index(state)]

    def _index(self, state):
        try:
            return self.states[tuple(state)]
        except KeyError:
            raise ValueError(f"WindingStateEmbedding: {state!r} is not a state of the ball") from None

    def forward(self, states):
        """[len(states), embed_dim]; for one state [embed_dim]."""
        if states and isinstance(states[0], int):
            return self.table.tensor[self._index(states)]
        return self.table.tensor.index_select([self._index(s) for s in states], 0)


class GoldenConeGate(Module):
    """x times the mean over heads of sigmoid(x . v_h / phi), v_hi = exp(-h**2/phi) cos(2 pi h i/d). Mixes no rows."""

    def __init__(self, features, num_heads=4, precision=100):
        vectors = [
            [math.exp(-h * h * PHI_INV) * math.cos(2 * math.pi * h * i / features) * PHI_INV for i in range(features)] for h in range(num_heads)
        ]
        self.vectors = ResonantTensor(vectors, precision=precision)

    @property
    def live_heads(self):
        """How many of the vectors are not zero on the lattice."""
        values, n = self.vectors.to_floats(), self.vectors.shape[1]
        return sum(any(values[i : i + n]) for i in range(0, len(values), n))

    def forward(self, x):
        gates = F.sigmoid(x.matmul(self.vectors).resnap(x.precision), None).mean(-1, keepdim=True)
        return (x * gates).resnap(x.precision)
