"""Attention over sequences [batch, n, d], and the heads of the differentiation and harmonization modules."""

import math

from purify._native._resonant import ShapeError, concentration
from purify.resonant import functional as F
from purify.resonant.nn.layers import DifferentiationLayer, Dropout, HarmonizationLayer, ResonantLinear, SyntonicNorm
from purify.resonant.nn.module import Module

__all__ = [
    "DifferentiationModule", "GnosisAttention", "HarmonizationModule", "MultiHeadSyntonicAttention", "SyntonicAttention",
]


def _heads(features, n_heads):
    if n_heads < 1 or features % n_heads:
        raise ShapeError(f"{features} features do not part into {n_heads} heads")
    return features // n_heads


class DifferentiationModule(Module):
    """Norm(x + dropout(out(concat_h relu(P_h x)))), the heads P_h from d_model to d_model / n_heads; x is [..., d_model].

    The norm is a plain layer norm with weight and bias. Formula: spec 8.2.
    """

    def __init__(self, d_model, n_heads=8, dropout=0.1, precision=100, *, seed=0):
        width = _heads(d_model, n_heads)
        self.heads = [ResonantLinear(d_model, width, precision=precision, init="xavier", seed=seed + h) for h in range(n_heads)]
        self.out = ResonantLinear(d_model, d_model, precision=precision, init="xavier", seed=seed + 100)
        self.norm, self.dropout = SyntonicNorm(d_model, target="standard", precision=precision), Dropout(dropout, seed)

    def forward(self, x):
        raised = F.concat([F.relu(head(x)) for head in self.heads])
        return self.norm(x + self.dropout(self.out(raised)).resnap(x.precision))


class HarmonizationModule(Module):
    """Norm(x + dropout(out(tanh(T x) - 1/2 concat_h sigmoid(P_h x)))), with the shapes of DifferentiationModule."""

    def __init__(self, d_model, n_heads=8, dropout=0.1, precision=100, *, seed=0):
        width = _heads(d_model, n_heads)
        self.heads = [ResonantLinear(d_model, width, precision=precision, init="xavier", seed=seed + h) for h in range(n_heads)]
        self.syntonic = ResonantLinear(d_model, d_model, precision=precision, init="xavier", seed=seed + 50)
        self.out = ResonantLinear(d_model, d_model, precision=precision, init="xavier", seed=seed + 100)
        self.norm, self.dropout = SyntonicNorm(d_model, target="standard", precision=precision), Dropout(dropout, seed)

    def forward(self, x):
        damped = F.concat([F.sigmoid(head(x), None) for head in self.heads])
        pulled = F.tanh(self.syntonic(x), None) - damped.scalar_mul(0.5)
        return self.norm(x + self.dropout(self.out(pulled)).resnap(x.precision))


def _concentration(weights):
    """The mean over queries of 1 - entropy / log(keys); with a single key, one: there is nothing to spread over."""
    values, n = weights.to_floats(), weights.shape[-1]
    rows = [values[i : i + n] for i in range(0, len(values), n)]
    if n < 2 or not rows:
        return 1.0
    return math.fsum(concentration(row) for row in rows) / len(rows)


class SyntonicAttention(Module):
    """softmax(Q K^T / sqrt d) V of one head, then harmonization and norm; [batch, n, d] to [batch, n, d].

    After a call, `concentration` is the mean of 1 - entropy / log(keys) over the queries.
    """

    def __init__(self, d_model, dropout=0.1, harmonize_output=True, precision=100, *, seed=0):
        linear = lambda s: ResonantLinear(d_model, d_model, precision=precision, init="xavier", seed=seed + s)  # noqa: E731
        self.query, self.key, self.value = linear(0), linear(1), linear(2)
        self.harmonize = HarmonizationLayer(d_model, precision=precision, seed=seed + 3) if harmonize_output else None
        self.norm, self.dropout = SyntonicNorm(d_model, precision=precision), Dropout(dropout, seed)
        self.concentration = None

    def _bias(self, query, key):
        return None

    def forward(self, query, key=None, value=None, mask=None):
        key = query if key is None else key
        value = key if value is None else value
        bias = self._bias(query, key)
        out, weights = F.attention(self.query(query), self.key(key), self.value(value), mask, bias)
        self.concentration = _concentration(weights)
        out = self.dropout(out)
        if self.harmonize is not None:
            out = self.harmonize(out).resnap(query.precision)
        return self.norm(out)


class GnosisAttention(SyntonicAttention):
    """Attention whose weights are multiplied by 1 + g before they are normalised, g = sigmoid(a t + b) in (0, 1).

    t [n, m] is the product of tanh(G_q x) and tanh(G_k y), both [., gnosis_dim], over sqrt(gnosis_dim). Multiplying the
    weight, not the score, raises what the gate opens for, whatever the sign of the score. After a call, `gnosis` is the
    mean of g.
    """

    def __init__(self, d_model, dropout=0.1, gnosis_dim=64, harmonize_output=True, precision=100, *, seed=0):
        super().__init__(d_model, dropout, harmonize_output, precision, seed=seed)
        linear = lambda s: ResonantLinear(d_model, gnosis_dim, precision=precision, init="xavier", seed=seed + s)  # noqa: E731
        self.gnosis_query, self.gnosis_key = linear(10), linear(11)
        self.gate = ResonantLinear(1, 1, precision=precision, seed=seed + 12)
        self.gnosis = None

    def _bias(self, query, key):
        q, k = F.tanh(self.gnosis_query(query), None), F.tanh(self.gnosis_key(key), None)
        t = q.matmul(k).scalar_mul(1.0 / math.sqrt(q.shape[-1])).resnap(query.precision)
        gate = F.sigmoid(self.gate(t.reshape([t.size, 1])), None)
        self.gnosis = float(gate.mean().to_floats()[0])
        return gate.reshape(list(t.shape)).scalar_add(1).log()


class MultiHeadSyntonicAttention(Module):
    """Attention of n_heads heads, a projection, differentiation and harmonization; [batch, n, d] to [batch, n, d].

    `mask` [n, m] is true where a query may look. With use_gnosis the weights of a key are multiplied by
    1 + sigmoid(g(k)), g linear in the key of the head. After a call, `concentration` is as in SyntonicAttention.
    """

    def __init__(self, d_model, n_heads=8, dropout=0.1, use_gnosis=False, precision=100, *, seed=0):
        width = _heads(d_model, n_heads)
        linear = lambda s: ResonantLinear(d_model, d_model, precision=precision, init="xavier", seed=seed + s)  # noqa: E731
        self.query, self.key, self.value, self.out = linear(0), linear(1), linear(2), linear(3)
        self.gate = ResonantLinear(width, 1, precision=precision, seed=seed + 4) if use_gnosis else None
        self.differentiate = DifferentiationLayer(d_model, precision=precision, seed=seed + 5)
        self.harmonize = HarmonizationLayer(d_model, precision=precision, seed=seed + 6)
        self.n_heads, self.dropout = n_heads, Dropout(dropout, seed)
        self.concentration = None

    def attend(self, query, key=None, value=None, mask=None):
        """What the heads see, projected: multi-head attention without what follows it."""
        key = query if key is None else key
        value = key if value is None else value
        q, k, v = (F.split_heads(linear(x), self.n_heads) for linear, x in ((self.query, query), (self.key, key), (self.value, value)))
        bias = None
        if self.gate is not None:
            gate = F.sigmoid(self.gate(k), None).scalar_add(1).log()
            bias = gate.permute([0, 2, 1])  # [batch * heads, 1, m], the same for all queries
        seen, weights = F.attention(q, k, v, mask, bias)
        self.concentration = _concentration(weights)
        return self.out(F.merge_heads(self.dropout(seen), self.n_heads))

    def forward(self, query, key=None, value=None, mask=None):
        raised = self.differentiate(self.attend(query, key, value, mask)).resnap(query.precision)
        return self.harmonize(raised).resnap(query.precision)
