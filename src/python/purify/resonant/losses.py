"""Losses and metrics on lattice tensors, in doubles. None has a gradient; an evolution only compares them."""

import math

from purify._native._resonant import aggregate
from purify.resonant.nn import Module

__all__ = [
    "accuracy", "cross_entropy", "detect_archonic", "golden_decay", "layer_weights", "mse", "phase_cost", "population_diversity",
    "syntonic_loss",
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
