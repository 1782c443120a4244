"""Losses and metrics on lattice tensors, in doubles. None has a gradient; an evolution only compares them."""

import math
from dataclasses import dataclass, field

from purify._native._resonant import PHI, PHI_INV, aggregate
from purify.resonant.nn import Module

__all__ = [
    "MetricsAggregator", "TrainingMetrics", "accuracy", "archonic_penalty", "coherence", "cross_entropy", "detect_archonic",
    "golden_decay", "i_pi_constraint", "layer_weights", "layerwise_syntony_loss", "mse", "phase_cost", "phase_target",
    "population_diversity", "sparsity", "spectral", "syntonic_loss", "syntony_constraint", "syntony_gap",
]


def _rows(x):
    n = x.shape[-1]
    values = x.to_floats()
    return [values[i : i + n] for i in range(0, len(values), n)]


def cross_entropy(logits, labels):
    """The mean of log(sum exp(row)) - row[label]; finite for logits of any size."""
    rows = _rows(logits)
    if len(rows) != len(labels) or not rows:
        raise ValueError(f"cross_entropy: {len(rows)} rows for {len(labels)} labels")
    total = 0.0
    for row, label in zip(rows, labels):
        if not 0 <= label < len(row):
            raise ValueError(f"cross_entropy: label {label} is out of range for {len(row)} classes")
        top = max(row)
        total += top + math.log(math.fsum(math.exp(v - top) for v in row)) - row[label]
    return total / len(rows)


def mse(output, target):
    """The mean squared difference over all elements."""
    a = output.to_floats() if hasattr(output, "to_floats") else list(output)
    b = target.to_floats() if hasattr(target, "to_floats") else list(target)
    if len(a) != len(b) or not a:
        raise ValueError(f"mse: {len(a)} values for {len(b)} targets")
    return math.fsum((x - y) ** 2 for x, y in zip(a, b)) / len(a)


def accuracy(logits, labels):
    """The share of rows whose first largest entry is at the label."""
    rows = _rows(logits)
    if len(rows) != len(labels) or not rows:
        raise ValueError(f"accuracy: {len(rows)} rows for {len(labels)} labels")
    return sum(row.index(max(row)) == label for row, label in zip(rows, labels)) / len(rows)


def syntonic_loss(task, syntony, phase=0.0, lambda_syntony=0.1, mu_phase=0.01):
    """task + lambda (1 - S) + mu C: falls with the syntony S by lambda. Returns (total, dict of parts)."""
    total = task + lambda_syntony * (1.0 - syntony) + mu_phase * phase
    return total, {"loss_task": task, "loss_syntony": 1.0 - syntony, "loss_phase": phase, "loss_total": total, "syntony": syntony}


def phase_cost(x, method="trace"):
    """How far the phase of a batch [n, d] is from pi/2.

    "trace": |arg Tr exp(i pi rho) - pi/2|**2 with rho = X^T X / n for rows of length one. It is identically zero for d = 2
    and cannot be zero for d >= 3. "entropy": (entropy(rho) / log d * pi/2 - pi/2)**2, zero for a maximally mixed batch.
    """
    from purify import ops

    if method not in ("trace", "entropy"):
        raise ValueError(f'phase_cost: method is "trace" or "entropy", not {method!r}')
    rows = [[v / length for v in row] for row in _rows(x) if (length := math.hypot(*row)) > 0.0]
    if not rows:
        raise ValueError("phase_cost: all rows are zero")
    X = ops.asarray(rows)
    rho = ops.matmul(ops.permute_dims(X, (1, 0)), X) / float(len(rows))
    values = [min(max(v, 0.0), 1.0) for v in ops.linalg.eigvalsh(rho).tolist()]
    if method == "trace":
        angle = math.atan2(math.fsum(math.sin(math.pi * v) for v in values), math.fsum(math.cos(math.pi * v) for v in values))
        return (angle - math.pi / 2) ** 2
    if len(values) < 2:
        return (math.pi / 2) ** 2
    entropy = -math.fsum(v * math.log(v) for v in values if v > 0.0)
    return ((entropy / math.log(len(values)) - 1.0) * math.pi / 2) ** 2


def layer_weights(n):
    """phi**i / sum: later layers weigh more."""
    phi = (1.0 + math.sqrt(5.0)) / 2.0
    raw = [phi ** (i - n) for i in range(n)]
    return [w / math.fsum(raw) for w in raw]


def golden_decay(module: Module, strength=0.01, min_decay=0.0):
    """sum over tensors l of max(strength phi**-l, min_decay) |W_l|**2."""
    phi = (1.0 + math.sqrt(5.0)) / 2.0
    return math.fsum(
        max(strength * phi**-level, min_decay) * math.fsum(v * v for v in p.to_floats()) for level, p in enumerate(module.parameters())
    )


def detect_archonic(history, window=50, variance=0.01, trend=0.001, target=1.0, margin=0.1):
    """Whether the last `window` values move a lot and lead nowhere: variance above, drift below, mean short of the target."""
    if len(history) < window:
        return False
    values = list(history)[-window:]
    half = window // 2
    mean = math.fsum(values) / window
    spread = math.fsum((v - mean) ** 2 for v in values) / window
    drift = abs(math.fsum(values[half:]) / (window - half) - math.fsum(values[:half]) / max(half, 1))
    return spread > variance and drift < trend and mean < target - margin


def population_diversity(tensors):
    """The mean Euclidean distance of all pairs; 0 for fewer than two."""
    values = [t.to_floats() for t in tensors]
    distances = [math.dist(a, b) for i, a in enumerate(values) for b in values[:i]]
    return aggregate(distances, "mean") or 0.0


def sparsity(module: Module):
    """mean |a| + (share of |a| < 0.01 - 1/phi)**2 over all parameters together."""
    values = [v for p in module.parameters() for v in p.to_floats()]
    if not values:
        return 0.0
    small = sum(abs(v) < 0.01 for v in values) / len(values)
    return math.fsum(map(abs, values)) / len(values) + (small - PHI_INV) ** 2


def coherence(module: Module):
    """mean over tensors of (|W|_F/(max|W| sqrt n) - 1)**2: zero where all entries have one magnitude, never above one."""
    parts = []
    for p in module.parameters():
        v = p.to_floats()
        largest = max(map(abs, v), default=0.0)
        if largest > 0.0:
            parts.append((math.hypot(*v) / (largest * math.sqrt(len(v))) - 1.0) ** 2)
    return aggregate(parts, "mean") or 0.0


def spectral(module: Module, bound=PHI):
    """The sum over matrices of (largest singular value - bound)**2 where it exceeds the bound."""
    from purify import ops

    total = 0.0
    for p in module.parameters():
        if len(p.shape) >= 2 and p.tensor.size:
            matrix = ops.reshape(p.tensor.to_ops(), (p.shape[0], -1))
            largest = float(ops.max(ops.linalg.svdvals(matrix)))
            total += max(largest - bound, 0.0) ** 2
    return total


def syntony_gap(syntony, target=1.0):
    """How far a syntony is below its target; never negative."""
    return max(target - syntony, 0.0)


def syntony_constraint(syntony, weight=1.0, target=1.0, margin=0.0):
    """weight (target - margin - S)**2 where S is below target - margin, else 0."""
    return weight * syntony_gap(syntony, target - margin) ** 2


def layerwise_syntony_loss(module: Module, strength=0.1):
    """strength times the mean of 1 - S over the parameters, later ones weighing more by `layer_weights`."""
    values = [p.syntony for p in module.parameters()]
    return strength * math.fsum(w * (1.0 - s) for w, s in zip(layer_weights(len(values)), values)) if values else 0.0


def archonic_penalty(history, weight=1.0, window=50, target=1.0):
    """weight * variance * (target - mean) of the last values if they are archonic, else 0.

    The published one is divided by the drift, which is close to zero whenever the flag is set; here it is not.
    """
    if not detect_archonic(history, window, target=target):
        return 0.0
    values = list(history)[-window:]
    mean = math.fsum(values) / window
    return weight * math.fsum((v - mean) ** 2 for v in values) / window * (target - mean)


def i_pi_constraint(x, weight=1.0, temperature=1.0):
    """weight/temperature times the mean over rows of cos**2 between their first and second half, taken as real and
    imaginary part: zero where all are a quarter turn apart. The last axis of x is even."""
    rows = _rows(x)
    if not rows or len(rows[0]) % 2:
        raise ValueError(f"i_pi_constraint: rows of even length, not shape {tuple(x.shape)}")
    half, total = len(rows[0]) // 2, []
    for row in rows:
        a, b = row[:half], row[half:]
        size = math.hypot(*a) * math.hypot(*b)
        total.append((math.fsum(u * v for u, v in zip(a, b)) / size) ** 2 if size > 0.0 else 0.0)
    return weight / temperature * math.fsum(total) / len(total)


def phase_target(progress, start=0.0, end=math.pi / 2):
    """start + (end - start)(1 - (1 - t)**phi) for the share t of training that is done, held within 0 and 1."""
    t = min(max(progress, 0.0), 1.0)
    return start + (end - start) * (1.0 - (1.0 - t) ** PHI)


@dataclass
class TrainingMetrics:
    """What was measured on some examples."""

    loss: float = 0.0
    accuracy: float | None = None
    syntony: float = 0.0
    count: int = 1


@dataclass
class MetricsAggregator:
    """Means of metrics weighted by their counts."""

    parts: list = field(default_factory=list)

    def update(self, metrics: TrainingMetrics):
        """Takes the metrics of some examples."""
        if metrics.count < 1:
            raise ValueError("MetricsAggregator: count is at least 1")
        self.parts.append(metrics)
        return self

    def compute(self):
        """The metrics of all examples together; accuracy over those that have one."""
        n = sum(m.count for m in self.parts)
        if n == 0:
            raise ValueError("MetricsAggregator: nothing was added")
        rated = [m for m in self.parts if m.accuracy is not None]
        mean = lambda ms, name: math.fsum(getattr(m, name) * m.count for m in ms) / sum(m.count for m in ms)  # noqa: E731
        return TrainingMetrics(mean(self.parts, "loss"), mean(rated, "accuracy") if rated else None, mean(self.parts, "syntony"), n)
