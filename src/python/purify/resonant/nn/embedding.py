"""Embeddings of indices and of positions; indices are nested lists of ints, [batch, n] or of any shape."""

import math

from purify._native._resonant import PHI, ResonantTensor, ShapeError
from purify.resonant import functional as F
from purify.resonant.nn.layers import Dropout, HarmonizationLayer, ResonantLinear, SyntonicNorm
from purify.resonant.nn.module import Module, Parameter
from purify.resonant.nn.reference import Floats, in_doubles

__all__ = ["PositionalEncoding", "RotaryEmbedding", "SyntonicEmbedding", "WindingEmbedding", "coprime_windings"]


class SyntonicEmbedding(Module):
    """A learned vector per index, times sqrt(d), harmonized and normalised: indices [...] to [..., d].

    The table starts with normal numbers of deviation 1/(phi sqrt d). The row of padding_idx is zero, and so is what an
    index of padding gives.
    """

    def __init__(self, num_embeddings, d_model, padding_idx=None, harmonize=True, scale_by_sqrt_dim=True, precision=100, *, seed=0):
        std = 1.0 / (PHI * math.sqrt(d_model))
        values = ResonantTensor.randn([num_embeddings, d_model], std=std, precision=max(precision, 1000), seed=seed).to_floats()
        if padding_idx is not None:
            if not 0 <= padding_idx < num_embeddings:
                raise ValueError(f"SyntonicEmbedding: padding_idx = {padding_idx} is out of range for {num_embeddings} rows")
            values[padding_idx * d_model : (padding_idx + 1) * d_model] = [0.0] * d_model
        self.table = Parameter(ResonantTensor(values, [num_embeddings, d_model], precision=precision))
        self.padding_idx, self.scale = padding_idx, math.sqrt(d_model) if scale_by_sqrt_dim else 1.0
        self.harmonize = HarmonizationLayer(d_model, precision=precision, seed=seed + 1) if harmonize else None
        self.norm = SyntonicNorm(d_model, precision=precision) if harmonize else None

    def forward(self, indices):
        flat, shape = F._flat(indices)
        precision = self.table.tensor.precision
        x = F.lookup(self.table.tensor, flat).scalar_mul(self.scale).resnap(precision)
        if self.harmonize is not None:
            x = self.norm(self.harmonize(x).resnap(precision))
        if self.padding_idx is not None:
            kept = [[float(i != self.padding_idx)] for i in flat]
            x = x * F.constant([v for row in kept for v in row], [len(flat), 1], x)
        return x.reshape([*shape, x.shape[-1]])


def coprime_windings(count):
    """1, 2, 5, 9, 17, 29, 47, 77, ...: each coprime to all before; the search for the next begins at int(phi w) + 1."""
    found = [1]
    while len(found) < count:
        w = int(PHI * found[-1]) + 1
        while any(math.gcd(w, v) != 1 for v in found):
            w += 1
        found.append(w)
    return found[:count]


class WindingEmbedding(Module):
    """cos and sin of 2 pi w t / V for coprime windings w, a linear map and a norm: indices t [...] to [..., d].

    Periodic in t with period V = num_embeddings, since windings stay integers. With learnable=True each winding has an
    amplitude that training may change.
    """

    def __init__(self, num_embeddings, d_model, num_windings=8, learnable=True, precision=100, *, seed=0):
        self.period, self.windings, self.precision = num_embeddings, coprime_windings(num_windings), precision
        self.amplitude = Parameter(ResonantTensor.ones([2 * num_windings], precision)) if learnable else None
        self.linear = ResonantLinear(2 * num_windings, d_model, precision=precision, seed=seed)
        self.norm = SyntonicNorm(d_model, precision=precision)

    def forward(self, indices):
        flat, shape = F._flat(indices)
        values = []
        for t in flat:
            # w t modulo V first, so that the period is exact.
            angles = [2.0 * math.pi * (w * t % self.period) / self.period for w in self.windings]
            values += [math.cos(a) for a in angles] + [math.sin(a) for a in angles]
        x = ResonantTensor(values, [len(flat), 2 * len(self.windings)], precision=self.precision)
        x = F.constant(values, x.shape, Floats(x) if in_doubles() else x)
        if self.amplitude is not None:
            x = (x * self.amplitude.tensor).resnap(self.precision)
        x = self.norm(self.linear(x))
        return x.reshape([*shape, x.shape[-1]])


class PositionalEncoding(Module):
    """x [batch, n, d] plus sin (even columns) and cos (odd columns) of pos * base**(-2i/d), then dropout.

    frequencies: "golden" has as base the least power of phi that is at least max_len, so that the slowest component
    tells all positions apart; "standard" has 10000; "legacy" has phi, whose frequencies all lie in (1/phi, 1].
    """

    def __init__(self, d_model, max_len=5000, dropout=0.1, frequencies="golden", *, seed=0):
        bases = {"golden": PHI ** math.ceil(math.log(max(max_len, 2), PHI)), "standard": 10000.0, "legacy": PHI}
        if frequencies not in bases:
            raise ValueError(f"PositionalEncoding: frequencies is one of {', '.join(bases)}, not {frequencies!r}")
        self.rates = [bases[frequencies] ** (-(i - i % 2) / d_model) for i in range(d_model)]
        self.max_len, self.dropout = max_len, Dropout(dropout, seed)

    def table(self, n, start=0):
        """The encoding of n positions as rows."""
        if start + n > self.max_len:
            raise ShapeError(f"PositionalEncoding: {start + n} positions, but max_len is {self.max_len}")
        wave = (math.sin, math.cos)
        return [[wave[i % 2](pos * rate) for i, rate in enumerate(self.rates)] for pos in range(start, start + n)]

    def forward(self, x):
        n, d = x.shape[-2:]
        if d != len(self.rates):
            raise ShapeError(f"PositionalEncoding: {d} features, but the encoding has {len(self.rates)}")
        return self.dropout(x + F.constant([v for row in self.table(n) for v in row], [n, d], x))


class RotaryEmbedding(Module):
    """x [..., n, dim] with the pairs (2i, 2i + 1) turned by pos * base**(-2i/dim).

    Turning keeps the norm, and the product of two turned vectors depends on the distance of their positions alone.
    """

    def __init__(self, dim, max_len=5000, base=10000.0 * PHI):
        if dim % 2:
            raise ShapeError(f"RotaryEmbedding: {dim} features do not part into pairs")
        self.dim, self.max_len = dim, max_len
        self.rates = [base ** (-(i - i % 2) / dim) for i in range(dim)]
        self.partner = [i ^ 1 for i in range(dim)]

    def forward(self, x, start=0):
        n = x.shape[-2]
        if x.shape[-1] != self.dim or start + n > self.max_len:
            raise ShapeError(f"RotaryEmbedding: shape {tuple(x.shape)} from position {start} exceeds {self.dim} features or {self.max_len} positions")
        angles = [(i, (start + p) * rate) for p in range(n) for i, rate in enumerate(self.rates)]
        cos = F.constant([math.cos(a) for _, a in angles], [n, self.dim], x)
        sin = F.constant([math.sin(a) if i % 2 else -math.sin(a) for i, a in angles], [n, self.dim], x)
        return (x * cos + x.index_select(self.partner, x.ndim - 1) * sin).resnap(x.precision)
