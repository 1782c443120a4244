"""Layers for winding states, selection by number theory, and gates by fixed vectors."""

import hashlib
import math
from dataclasses import dataclass

from purify._native._resonant import (
    PHI_INV, Q_DEFICIT, ResonantTensor, ShapeError, golden_weight, resolution, syntony, winding_generation,
)  # fmt: skip
from purify.resonant import functional as F
from purify.resonant.nn.layers import Dropout, RecursionBlock, ResonantLinear, SyntonicNorm
from purify.resonant.nn.module import Module, Parameter

__all__ = [
    "FibonacciHierarchy", "GoldenConeGate", "Ledger", "LedgerEntry", "PrimeSelectionLayer", "ResonantWindingDHSRBlock",
    "ResonantWindingEmbedding", "WindingDHSRBlock", "WindingNet", "WindingState", "WindingStateEmbedding", "WindingSyntonyComputer",
]


class PrimeSelectionLayer(Module):
    """Keeps feature j (counted from 1) where the Moebius function is not zero: square-free numbers, 1 and 6 included."""

    def __init__(self, features):
        from purify._native._resonant import mobius

        self.mask = [int(mobius(j + 1) != 0) for j in range(features)]

    def get_prime_indices(self):
        """The columns that are kept, counted from 0."""
        return [j for j, kept in enumerate(self.mask) if kept]

    def get_composite_indices(self):
        """The columns that become zero."""
        return [j for j, kept in enumerate(self.mask) if not kept]

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

    def indices(self, states):
        """The rows of states, as a list."""
        return [self._index(s) for s in states]

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


class ResonantWindingEmbedding(WindingStateEmbedding):
    """As WindingStateEmbedding, with a choice of mode norms: norms="winding" repeats |n|**2 along a row, "indexed" adds
    the squared column, |n|**2 + j**2."""

    def __init__(self, max_n=5, embed_dim=64, init_scale=None, precision=100, norms="winding", *, seed=0):
        super().__init__(max_n, embed_dim, init_scale, precision, seed=seed)
        if norms not in ("winding", "indexed"):
            raise ValueError(f'ResonantWindingEmbedding: norms is "winding" or "indexed", not {norms!r}')
        if norms == "indexed":
            table = self.table.tensor
            added = [m2 + float(i % embed_dim) ** 2 for i, m2 in enumerate(table.get_mode_norm_sq())]
            self.table = Parameter(table.with_mode_norms(added))


class WindingState(tuple):
    """Four integers (n7, n8, n9, n10): how often a state winds around each circle. Added and subtracted by component."""

    def __new__(cls, n7, n8=0, n9=0, n10=0):
        return super().__new__(cls, (int(n7), int(n8), int(n9), int(n10)))

    def __add__(self, other):
        return WindingState(*(a + b for a, b in zip(self, other, strict=True)))

    def __sub__(self, other):
        return WindingState(*(a - b for a, b in zip(self, other, strict=True)))

    def __neg__(self):
        return WindingState(*(-a for a in self))

    @property
    def norm_squared(self):
        """The sum of squares, an integer of any size."""
        return sum(a * a for a in self)

    @property
    def norm(self):
        """The Euclidean length."""
        return math.sqrt(self.norm_squared)

    @property
    def max_component(self):
        """The largest component in magnitude."""
        return max(abs(a) for a in self)

    @property
    def generation(self):
        """0 for the vacuum, else 1 + floor(log_phi of the largest component)."""
        return winding_generation(tuple(self))

    @property
    def golden_weight(self):
        """exp(-|n|**2/phi)."""
        return golden_weight(float(self.norm_squared))


class WindingSyntonyComputer(Module):
    """Syntony of a batch [n, dim] under given mode norms [dim]: of the whole, and of each row."""

    def __init__(self, dim, mode_norm_sq=None):
        self.mode_norm_sq = [float(j * j) for j in range(dim)] if mode_norm_sq is None else [float(m) for m in mode_norm_sq]
        if len(self.mode_norm_sq) != dim:
            raise ShapeError(f"WindingSyntonyComputer: {len(self.mode_norm_sq)} mode norms for {dim} features")

    def forward(self, x):
        """The syntony of all rows together."""
        values = x.to_floats()
        return syntony(values, self.mode_norm_sq * (len(values) // len(self.mode_norm_sq)))

    def per_sample(self, x):
        """The syntony of each row."""
        values, n = x.to_floats(), len(self.mode_norm_sq)
        return [syntony(values[i : i + n], self.mode_norm_sq) for i in range(0, len(values), n)]


class FibonacciHierarchy:
    """Widths and factors by the sequence f = 1, 1, 2, 3, 5, ..."""

    def __init__(self, max_depth=5):
        if max_depth < 0:
            raise ValueError("FibonacciHierarchy: max_depth is at least 0")
        self.max_depth, self.sequence = max_depth, [1, 1]
        while len(self.sequence) < max_depth + 2:
            self.sequence.append(self.sequence[-1] + self.sequence[-2])

    def layer_dims(self, base):
        """base * f_k for k = 0, ..., max_depth."""
        return [base * f for f in self.sequence[: self.max_depth + 1]]

    def expansion_factor(self, level):
        """f_(level + 1)."""
        if not 0 <= level <= self.max_depth:
            raise ValueError(f"FibonacciHierarchy: level {level} is not between 0 and {self.max_depth}")
        return self.sequence[level + 1]


@dataclass(frozen=True)
class LedgerEntry:
    """One accepted state: its place, its syntony, the exact mean state as decimal strings, and the chained hash."""

    index: int
    syntony: float
    state: tuple
    previous: str
    digest: str


class Ledger:
    """States in order, each with a SHA-256 over its content and the hash before it: a change anywhere is found."""

    def __init__(self):
        self.entries = []

    @staticmethod
    def _digest(index, value, state, previous):
        return hashlib.sha256(repr((index, value.hex(), state, previous)).encode()).hexdigest()

    def append(self, value, mean_state):
        """Adds a state: a tensor whose exact numbers are kept."""
        state = tuple(tuple(g.parts()) for g in mean_state.get_lattice())
        previous = self.entries[-1].digest if self.entries else "0" * 64
        index = len(self.entries)
        self.entries.append(LedgerEntry(index, float(value), state, previous, self._digest(index, float(value), state, previous)))
        return self.entries[-1]

    def verify(self):
        """Whether every entry is as it was added, in its place."""
        previous = "0" * 64
        for i, e in enumerate(self.entries):
            if (e.index, e.previous, e.digest) != (i, previous, self._digest(i, e.syntony, e.state, previous)):
                return False
            previous = e.digest
        return True

    def __len__(self):
        return len(self.entries)


class _Recorded(Module):
    """A block that records the mean state where syntony rose by more than a threshold since the last call."""

    def _start(self, threshold):
        self.consensus_threshold, self.ledger, self.last_syntony, self.accepted = threshold, Ledger(), 0.0, False

    def _record(self, x):
        value = x.syntony
        self.accepted = value - self.last_syntony > self.consensus_threshold
        self.last_syntony = value
        if self.accepted and isinstance(x, ResonantTensor):
            self.ledger.append(value, x.mean(0))


class WindingDHSRBlock(_Recorded):
    """x + phi**-3 (1 - S) P relu(E x), the square-free mask, a recursion block and a norm; [batch, dim] to the same.

    S is the syntony of x. E widens to expand * dim and P comes back. After a call, `last_syntony` is that of the result,
    `residual` the metric of the recursion block, and the mean state is in the `ledger` if syntony rose by more than the
    threshold.
    """

    def __init__(
        self, dim, expand=1, use_prime_filter=True, consensus_threshold=0.024, dropout=0.1, precision=100, *, seed=0
    ):
        self.expand = ResonantLinear(dim, expand * dim, precision=precision, seed=seed)
        self.contract = ResonantLinear(expand * dim, dim, precision=precision, seed=seed + 1)
        self.prime = PrimeSelectionLayer(dim) if use_prime_filter else None
        self.block = RecursionBlock(dim, dropout=dropout, precision=precision, gate_hidden=2 * dim, seed=seed + 2)
        self.norm = SyntonicNorm(dim, precision=precision)
        self._start(consensus_threshold)

    def forward(self, x):
        strength = PHI_INV**3 * (1.0 - x.syntony)
        y = (x + self.contract(F.relu(self.expand(x))).scalar_mul(strength)).resnap(x.precision)
        if self.prime is not None:
            y = self.prime(y)
        y = self.norm(self.block(y))
        self._record(y)
        return y


class ResonantWindingDHSRBlock(_Recorded):
    """Expansion and back, one cycle per row, the square-free mask and dropout; [batch, dim] to the same.

    Rows cycle with their own syntony; noise_scale acts in training alone, and each call takes the next seed.
    """

    def __init__(
        self, dim, fib_expand_factor=3, use_prime_filter=True, consensus_threshold=0.024, precision=100, noise_scale=0.01, dropout=0.1, *,
        seed=0,
    ):  # fmt: skip
        self.expand = ResonantLinear(dim, fib_expand_factor * dim, precision=precision, seed=seed)
        self.contract = ResonantLinear(fib_expand_factor * dim, dim, precision=precision, seed=seed + 1)
        self.prime = PrimeSelectionLayer(dim) if use_prime_filter else None
        self.dropout, self.noise_scale, self.seed, self.calls = Dropout(dropout, seed), noise_scale, seed, 0
        self._start(consensus_threshold)

    def forward(self, x):
        if not isinstance(x, ResonantTensor):
            raise TypeError("ResonantWindingDHSRBlock: a cycle needs a lattice; there is no reference in doubles")
        self.calls += 1
        y = (x + self.contract(F.relu(self.expand(x)))).resnap(x.precision)
        y = F.batch_cpu_cycle(y, self.noise_scale if self.training else 0.0, seed=(self.seed << 32) + self.calls, amplify="saturating")
        if self.prime is not None:
            y = self.prime(y)
        y = self.dropout(y).resnap(x.precision)
        self._record(y)
        return y


class WindingNet(Module):
    """Winding states to class logits [batch, output_dim]: an embedding, blocks of width base_dim * (1, 1, 2, 3, ...), a
    linear map and relu between them, and a linear map at the end.

    With expansions of one, gates of twice the width and a norm per block it has the published number of parameters,
    312,834 for max_winding = 3 and 485,378 for 5.
    """

    def __init__(
        self, max_winding=5, base_dim=64, num_blocks=3, output_dim=2, use_prime_filter=True, consensus_threshold=0.024, dropout=0.1,
        precision=100, *, seed=0,
    ):  # fmt: skip
        dims = FibonacciHierarchy(max(num_blocks - 1, 0)).layer_dims(base_dim)
        self.embedding = WindingStateEmbedding(max_winding, base_dim, precision=precision, seed=seed)
        self.blocks = [
            WindingDHSRBlock(d, 1, use_prime_filter, consensus_threshold, dropout, precision, seed=seed + 100 * (i + 1))
            for i, d in enumerate(dims)
        ]
        self.transitions = [
            ResonantLinear(n, m, precision=precision, seed=seed + 50 + i) for i, (n, m) in enumerate(zip(dims, dims[1:]))
        ]
        self.last = ResonantLinear(dims[-1], output_dim, precision=precision, seed=seed + 1)
        self.precision = precision

    @property
    def network_syntony(self):
        """The mean syntony of the blocks' last results."""
        return sum(b.last_syntony for b in self.blocks) / len(self.blocks)

    def forward(self, states):
        x = F.lookup(self.embedding.table.tensor, self.embedding.indices(states)).resnap(self.precision)
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i < len(self.transitions):
                x = F.relu(self.transitions[i](x))
        return self.last(x)

    def loss(self, states, labels):
        """(cross entropy + q (1 - S), cross entropy, S) with S the syntony of the network in this call."""
        from purify.resonant.losses import cross_entropy

        task = cross_entropy(self(states), labels)
        return task + Q_DEFICIT * (1.0 - self.network_syntony), task, self.network_syntony

    def crystallize_weights(self, precision):
        """Snaps all weights to the lattice of that bound. From then on forward() is exact but for activations and norms."""
        return self.to_precision(precision)
