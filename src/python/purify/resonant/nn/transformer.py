"""Transformers of differentiation and harmonization, over sequences [batch, n, d]."""

import math

from purify._native._resonant import PHI_INV, Q_DEFICIT, ResonantTensor, state_stability
from purify.resonant import functional as F
from purify.resonant.nn.attention import MultiHeadSyntonicAttention
from purify.resonant.nn.embedding import PositionalEncoding, SyntonicEmbedding
from purify.resonant.nn.layers import DifferentiationLayer, Dropout, HarmonizationLayer, ResonantLinear, SyntonicNorm
from purify.resonant.nn.module import Module, Parameter
from purify.resonant.nn.winding import GoldenConeGate

__all__ = [
    "CRTTransformer", "DHTransformerDecoderLayer", "DHTransformerLayer", "PureResonantTransformer", "RecursiveLayer",
    "SyntonicTransformerDecoder", "SyntonicTransformerEncoder",
]


class _Sublayer(Module):
    """x + D(f(H(norm x)))/phi for a function f; the quotient by phi is exact."""

    def __init__(self, d_model, dropout, precision, seed):
        self.norm = SyntonicNorm(d_model, precision=precision)
        self.harmonize = HarmonizationLayer(d_model, precision=precision, seed=seed)
        self.differentiate = DifferentiationLayer(d_model, precision=precision, seed=seed + 5)
        self.dropout = Dropout(dropout, seed)

    def forward(self, x, f):
        settled = self.harmonize(self.norm(x)).resnap(x.precision)
        raised = self.dropout(self.differentiate(f(settled)).resnap(x.precision))
        return x + F.apply_inverse_recursion(raised)


class _FeedForward(Module):
    def __init__(self, d_model, d_ff, precision, seed):
        self.first = ResonantLinear(d_model, d_ff, precision=precision, init="xavier", seed=seed)
        self.second = ResonantLinear(d_ff, d_model, precision=precision, init="xavier", seed=seed + 1)

    def forward(self, x):
        return self.second(F.gelu(self.first(x), None))


class DHTransformerLayer(Module):
    """x += D(attention(H(norm x)))/phi, x += D(W2 gelu(W1 H(norm x)))/phi; [batch, n, d] to [batch, n, d].

    After a call, `stability` is 1/(1 + |y - x|), `state_stability` of input and output. Formula: spec 10.
    """

    def __init__(self, d_model, n_heads=8, d_ff=2048, dropout=0.1, use_gnosis=False, precision=100, *, seed=0):
        self.attention = MultiHeadSyntonicAttention(d_model, n_heads, dropout, use_gnosis, precision, seed=seed)
        self.feed_forward = _FeedForward(d_model, d_ff, precision, seed + 20)
        self.around_attention = _Sublayer(d_model, dropout, precision, seed + 30)
        self.around_feed_forward = _Sublayer(d_model, dropout, precision, seed + 40)
        self.stability = None

    def forward(self, x, mask=None):
        y = self.around_attention(x, lambda h: self.attention(h, mask=mask))
        y = self.around_feed_forward(y, self.feed_forward)
        self.stability = state_stability(x.to_floats(), y.to_floats())
        return y


class DHTransformerDecoderLayer(Module):
    """As DHTransformerLayer, with attention to a memory [batch, m, d] between the two."""

    def __init__(self, d_model, n_heads=8, d_ff=2048, dropout=0.1, use_gnosis=False, precision=100, *, seed=0):
        self.attention = MultiHeadSyntonicAttention(d_model, n_heads, dropout, use_gnosis, precision, seed=seed)
        self.cross = MultiHeadSyntonicAttention(d_model, n_heads, dropout, use_gnosis, precision, seed=seed + 10)
        self.feed_forward = _FeedForward(d_model, d_ff, precision, seed + 20)
        self.around_attention = _Sublayer(d_model, dropout, precision, seed + 30)
        self.around_cross = _Sublayer(d_model, dropout, precision, seed + 35)
        self.around_feed_forward = _Sublayer(d_model, dropout, precision, seed + 40)
        self.stability = None

    def forward(self, x, memory, mask=None, memory_mask=None):
        y = self.around_attention(x, lambda h: self.attention(h, mask=mask))
        y = self.around_cross(y, lambda h: self.cross(h, memory, mask=memory_mask))
        y = self.around_feed_forward(y, self.feed_forward)
        self.stability = state_stability(x.to_floats(), y.to_floats())
        return y


class _Stack(Module):
    layer = None

    def __init__(self, d_model, n_heads=8, n_layers=6, d_ff=2048, dropout=0.1, use_gnosis=False, precision=100, *, seed=0):
        self.layers = [
            self.layer(d_model, n_heads, d_ff, dropout, use_gnosis, precision, seed=seed + 1000 * i) for i in range(n_layers)
        ]
        self.norm = SyntonicNorm(d_model, precision=precision)

    @property
    def stabilities(self):
        """The stability of each layer in the last call."""
        return [layer.stability for layer in self.layers]


class SyntonicTransformerEncoder(_Stack):
    """A stack of DHTransformerLayer and a norm."""

    layer = DHTransformerLayer

    def forward(self, x, mask=None):
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)


class SyntonicTransformerDecoder(_Stack):
    """A stack of DHTransformerDecoderLayer and a norm; the mask is causal unless another is given."""

    layer = DHTransformerDecoderLayer

    def forward(self, x, memory, mask=None, memory_mask=None):
        mask = F.causal_mask(x.shape[1]) if mask is None else mask
        for layer in self.layers:
            x = layer(x, memory, mask, memory_mask)
        return self.norm(x)


class CRTTransformer(Module):
    """Encoder and decoder over token indices: source [batch, n] and target [batch, m] to logits [batch, m, tgt_vocab].

    With share_embeddings source, target and the output map have one table; the vocabularies are then equal.
    """

    def __init__(
        self, src_vocab, tgt_vocab, d_model=512, n_heads=8, n_encoder_layers=6, n_decoder_layers=6, d_ff=2048, dropout=0.1,
        max_len=5000, share_embeddings=False, precision=100, *, seed=0,
    ):  # fmt: skip
        if share_embeddings and src_vocab != tgt_vocab:
            raise ValueError(f"CRTTransformer: vocabularies of {src_vocab} and {tgt_vocab} tokens cannot share embeddings")
        self.source = SyntonicEmbedding(src_vocab, d_model, precision=precision, seed=seed)
        self.target = self.source if share_embeddings else SyntonicEmbedding(tgt_vocab, d_model, precision=precision, seed=seed + 10)
        self.position = PositionalEncoding(d_model, max_len, dropout, seed=seed)
        self.encoder = SyntonicTransformerEncoder(d_model, n_heads, n_encoder_layers, d_ff, dropout, precision=precision, seed=seed + 100)
        self.decoder = SyntonicTransformerDecoder(d_model, n_heads, n_decoder_layers, d_ff, dropout, precision=precision, seed=seed + 50_000)
        self.output = ResonantLinear(d_model, tgt_vocab, precision=precision, init="xavier", seed=seed + 20)
        if share_embeddings:
            self.output.weight = self.source.table

    def forward(self, source, target, source_mask=None):
        memory = self.encoder(self.position(self.source(source)), source_mask)
        return self.output(self.decoder(self.position(self.target(target)), memory))


class RecursiveLayer(Module):
    """num_iterations times: x W^T, times phi, values below q/248 to zero, relu; [batch, dim] to [batch, dim].

    init is that of ResonantLinear; "published" has W = exp(-i/phi) over the flat index i, nearly all of which is zero
    on the lattice.
    """

    def __init__(self, dim, num_iterations=3, precision=100, *, init="xavier", seed=0):
        if init == "published":
            weight = ResonantTensor([math.exp(-i * PHI_INV) for i in range(dim * dim)], [dim, dim], precision=precision)
        else:
            weight = ResonantTensor.weights(dim, dim, init, precision, seed=seed)
        self.weight, self.num_iterations = Parameter(weight), num_iterations

    def forward(self, x):
        for _ in range(self.num_iterations):
            y = x.matmul(self.weight.tensor).resnap(x.precision)
            x = y.apply_recursion().prune_hierarchy(Q_DEFICIT, 248.0).relu()
        return x


class PureResonantTransformer(Module):
    """A projection, layers of a cone gate and a recursive layer, and an output map: [batch, input] to [batch, output].

    Without a seed it is the published one: the projection is exp(-|i - j|/phi), the output weights are all
    1/sqrt(hidden), so that all outputs are equal, whatever the input. With a seed all weights are drawn.
    """

    def __init__(self, input_dim, hidden_dim, output_dim, num_layers=2, precision=100, *, seed=None):
        init = "published" if seed is None else "xavier"
        self.gates = [GoldenConeGate(hidden_dim, precision=precision) for _ in range(num_layers)]
        self.layers = [RecursiveLayer(hidden_dim, precision=precision, init=init, seed=(seed or 0) + i) for i in range(num_layers)]
        if seed is None:
            decay = [[math.exp(-abs(i - j) * PHI_INV) for j in range(input_dim)] for i in range(hidden_dim)]
            self.projection = Parameter(ResonantTensor(decay, precision=precision))
            self.output = Parameter(ResonantTensor([1.0 / math.sqrt(hidden_dim)] * (output_dim * hidden_dim), [output_dim, hidden_dim], precision=precision))
        else:
            self.projection = Parameter(ResonantTensor.weights(hidden_dim, input_dim, "xavier", precision, seed=seed + 100))
            self.output = Parameter(ResonantTensor.weights(output_dim, hidden_dim, "xavier", precision, seed=seed + 101))

    def forward(self, x):
        precision = x.precision
        x = x.matmul(self.projection.tensor).resnap(precision)
        for gate, layer in zip(self.gates, self.layers):
            x = layer(gate(x))
        return x.matmul(self.output.tensor).resnap(precision)
