"""Layers for winding states, selection by number theory, and gates by fixed vectors."""

import math

from purify._native._resonant import PHI_INV, ResonantTensor, resolution
from purify.resonant import functional as F
from purify.resonant.nn.module import Module, Parameter

__all__ = ["PrimeSelectionLayer", "WindingStateEmbedding", "GoldenConeGate"]


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
