"""How a model is doing while it trains, and ways out when it stands still. Without gradients: nothing here asks for one."""

import math
from collections import deque
from dataclasses import dataclass, field

from purify._native._resonant import PHI, GoldenExact, ResonantTensor
from purify.resonant.losses import detect_archonic

__all__ = [
    "CombinedEscape", "Escape", "HealthReport", "MutationShock", "NetworkHealth", "NoiseInjection", "SyntonyMonitor", "WeightPerturbation",
    "layer_syntonies", "weight_statistics",
]


def _mean(values):
    return math.fsum(values) / len(values) if values else 0.0


class SyntonyMonitor:
    """The last `window` values of a syntony and what they say; target is the value that counts as reached."""

    def __init__(self, target=1.0, window=100):
        if window < 1:
            raise ValueError("SyntonyMonitor: window is at least 1")
        self.target, self.values, self.peak = target, deque(maxlen=window), 0.0

    def update(self, value):
        """Takes a value."""
        self.values.append(float(value))
        self.peak = max(self.peak, float(value))
        return self

    @property
    def current(self):
        """The last value; 0 before the first."""
        return self.values[-1] if self.values else 0.0

    @property
    def mean(self):
        """The mean of the window."""
        return _mean(self.values)

    @property
    def variance(self):
        """The population variance of the window."""
        mean = self.mean
        return _mean([(v - mean) ** 2 for v in self.values])

    @property
    def trend(self):
        """The slope of the least-squares line, per step."""
        n = len(self.values)
        if n < 2:
            return 0.0
        centre, mean = (n - 1) / 2, self.mean
        return math.fsum((i - centre) * (v - mean) for i, v in enumerate(self.values)) / math.fsum((i - centre) ** 2 for i in range(n))

    @property
    def fraction_above_target(self):
        """The share of the window at or above the target."""
        return _mean([float(v >= self.target) for v in self.values])

    def archonic(self, variance=0.01, trend=0.001):
        """Whether the window swings and leads nowhere; see `detect_archonic`."""
        return detect_archonic(self.values, self.values.maxlen, variance, trend, self.target)


def weight_statistics(model):
    """By parameter: mean, std (population, 0 for one element), largest magnitude, share of zeros, syntony."""
    out = {}
    for name, p in model.named_parameters():
        v = p.to_floats()
        mean = _mean(v)
        std = math.sqrt(_mean([(x - mean) ** 2 for x in v]))
        out[name] = {"mean": mean, "std": std, "largest": max(map(abs, v)), "zeros": _mean([float(x == 0.0) for x in v]), "syntony": p.syntony}
    return out


def layer_syntonies(model):
    """(name, syntony) of each parameter."""
    return [(name, p.syntony) for name, p in model.named_parameters()]


@dataclass
class HealthReport:
    """Parts between 0 and 1, their weighted mean, and what is wrong in words."""

    overall: float
    syntony_health: float
    weight_health: float
    activation_health: float | None
    syntony: float
    is_healthy: bool
    warnings: list = field(default_factory=list)


class NetworkHealth:
    """Checks a model: overall = 0.5 syntony + 0.25 weights + 0.25 activations, without the part that is not known.

    These are the published weights 0.4, 0.2 and 0.2 without the gradients' 0.2, scaled to one. syntony_health is
    1 - max(target - S, 0)/target. Each weight matrix with |mean| > 1, std < 1e-4 or std > 10 multiplies its part by 0.9.
    Of the outputs of each layer, more than half below 1e-6 multiplies by 0.8, more than a tenth above 10 by 0.9.
    Healthy is above 0.6 with syntony_health above `minimum_syntony`.
    """

    def __init__(self, model, target=1.0, minimum_syntony=0.4):
        if target <= 0.0:
            raise ValueError("NetworkHealth: target is positive")
        self.model, self.target, self.minimum_syntony = model, target, minimum_syntony

    def activations(self, *inputs):
        """(module name, output) of every module below that a call on these inputs went through, in order."""
        seen = []
        with _tapped(self.model, seen):
            self.model(*inputs)
        return seen

    def check(self, *inputs):
        """A HealthReport; with inputs, a call of the model on them shows its activations."""
        warnings = []
        syntony = self.model.syntony
        syntony_health = 1.0 - max(self.target - syntony, 0.0) / self.target
        weights = 1.0
        for name, s in weight_statistics(self.model).items():
            if len(self._shape(name)) < 2:
                continue
            for bad, what in ((abs(s["mean"]) > 1.0, "mean"), (s["std"] < 1e-4, "std"), (s["std"] > 10.0, "std")):
                if bad:
                    weights *= 0.9
                    warnings.append(f"{name}: {what} = {s[what]:.3g}")
        alive = None
        if inputs:
            alive = 1.0
            for name, output in self.activations(*inputs):
                v = output.to_floats()
                dead, saturated = _mean([float(abs(x) < 1e-6) for x in v]), _mean([float(abs(x) > 10.0) for x in v])
                if dead > 0.5:
                    alive *= 0.8
                    warnings.append(f"{name}: {dead:.0%} of the outputs are zero")
                if saturated > 0.1:
                    alive *= 0.9
                    warnings.append(f"{name}: {saturated:.0%} of the outputs exceed 10")
        parts = [(0.4, syntony_health), (0.2, weights)] + ([] if alive is None else [(0.2, alive)])
        overall = math.fsum(w * v for w, v in parts) / math.fsum(w for w, _ in parts)
        healthy = overall > 0.6 and syntony_health > self.minimum_syntony
        return HealthReport(overall, syntony_health, weights, alive, syntony, healthy, warnings)

    def _shape(self, name):
        return dict(self.model.named_parameters())[name].shape


class _tapped:
    """While it lasts, modules below a model report what they return."""

    def __init__(self, model, seen):
        self.model, self.seen, self.wrapped = model, seen, []

    def __enter__(self):
        for name, module in _named_modules(self.model):
            if module is self.model:
                continue
            inner = module.forward

            def forward(*args, _inner=inner, _name=name, **kwargs):
                out = _inner(*args, **kwargs)
                if hasattr(out, "to_floats"):
                    self.seen.append((_name, out))
                return out

            module.__dict__["forward"] = forward
            self.wrapped.append(module)

    def __exit__(self, *_):
        for module in self.wrapped:
            del module.__dict__["forward"]


def _named_modules(module, prefix="", seen=None):
    seen = set() if seen is None else seen
    if id(module) in seen:
        return
    seen.add(id(module))
    yield prefix or "model", module
    for name, child in module._children():
        if hasattr(child, "forward"):
            yield from _named_modules(child, f"{prefix}.{name}" if prefix else name, seen)


# ---- ways out ----------------------------------------------------------------------------------


class Escape:
    """A way out of a standstill. `apply(trainer, severity)` acts on the trainer's model; severity 1 is as configured.

    What was evaluated before keeps its worth: an evolver that goes on is told nothing, so `RESTrainer.restart` is called
    where weights change.
    """

    def apply(self, trainer, severity=1.0):
        raise NotImplementedError(f"{type(self).__name__} does not say how to escape")


def _moved(p, steps):
    t = p.tensor
    values = [x + s for x, s in zip(t.to_floats(), steps)]
    p.tensor = ResonantTensor(values, t.shape, t.get_mode_norm_sq(), t.precision)


class NoiseInjection(Escape):
    """Normal noise on every parameter, of deviation scale times its own; with golden_scaling times phi**(-i/n) for the
    i-th of n, so that early layers move most. A parameter without spread moves by `scale` itself."""

    def __init__(self, scale=0.01, golden_scaling=True, seed=0):
        self.scale, self.golden_scaling, self.seed, self.calls = scale, golden_scaling, seed, 0

    def apply(self, trainer, severity=1.0):
        parameters = trainer.model.parameters()
        self.calls += 1
        for i, p in enumerate(parameters):
            v = p.to_floats()
            mean = _mean(v)
            std = math.sqrt(_mean([(x - mean) ** 2 for x in v])) or 1.0
            size = severity * self.scale * std * (PHI ** (-i / len(parameters)) if self.golden_scaling else 1.0)
            noise = ResonantTensor.randn([len(v)], seed=self.seed + 1000 * self.calls + i, precision=1 << 30).to_floats()
            _moved(p, [size * x for x in noise])
        trainer.restart()


class WeightPerturbation(Escape):
    """Lattice steps: each weight moves with a given probability by da + db phi, integers up to `magnitude`, times
    `scale`. direction "random", or "syntony", which keeps of each tensor the better of the step and its mirror image by
    syntony."""

    def __init__(self, rate=0.1, magnitude=1, scale=0.05, direction="random", seed=0):
        if direction not in ("random", "syntony"):
            raise ValueError(f'WeightPerturbation: direction is "random" or "syntony", not {direction!r}')
        self.rate, self.magnitude, self.scale, self.direction, self.seed, self.calls = rate, magnitude, scale, direction, seed, 0

    def apply(self, trainer, severity=1.0):
        import random

        self.calls += 1
        rng = random.Random(self.seed * 1_000_003 + self.calls)
        m = self.magnitude
        for p in trainer.model.parameters():
            step = [
                severity * self.scale * float(GoldenExact.from_integers(rng.randint(-m, m), rng.randint(-m, m)))
                if rng.random() < self.rate
                else 0.0
                for _ in range(p.tensor.size)
            ]
            before = p.tensor
            _moved(p, step)
            if self.direction == "syntony":
                there = p.tensor
                p.tensor = before
                _moved(p, [-s for s in step])
                if there.syntony >= p.tensor.syntony:
                    p.tensor = there
        trainer.restart()


class MutationShock(Escape):
    """A wider step of the evolution for some generations: the trainer's mutation_scale times `factor` times severity,
    coming back linearly, exponentially or at once ("linear", "exponential", "step")."""

    def __init__(self, factor=3.0, generations=10, decay="linear"):
        if decay not in ("linear", "exponential", "step"):
            raise ValueError(f'MutationShock: decay is "linear", "exponential" or "step", not {decay!r}')
        self.factor, self.generations, self.decay = factor, generations, decay

    def factor_at(self, generation, severity=1.0):
        """The factor after some generations of the shock; 1 once it is over."""
        if generation >= self.generations:
            return 1.0
        top = 1.0 + (self.factor - 1.0) * severity
        done = generation / self.generations
        if self.decay == "step":
            return top
        return 1.0 + (top - 1.0) * (1.0 - done) if self.decay == "linear" else top ** (1.0 - done)

    def apply(self, trainer, severity=1.0):
        trainer.shock(lambda generation: self.factor_at(generation, severity))


class CombinedEscape(Escape):
    """Several ways out, one after the other, all with the severity given."""

    def __init__(self, *escapes):
        self.escapes = escapes

    def apply(self, trainer, severity=1.0):
        for escape in self.escapes:
            escape.apply(trainer, severity)
