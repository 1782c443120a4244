"""What all layers share: parameters, modules and their containers, state as exact decimal strings."""

from purify._native._resonant import GoldenExact, ResonantTensor, ShapeError

__all__ = ["Parameter", "Module", "Sequential", "ModuleList"]


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

    def named_parameters(self, prefix="", _seen=None):
        """(name, parameter) pairs, depth first in the order of definition; a shared one once, under its first name."""
        seen = set() if _seen is None else _seen
        for name, child in self._children():
            if isinstance(child, Parameter):
                if id(child) not in seen:
                    seen.add(id(child))
                    yield prefix + name, child
            else:
                yield from child.named_parameters(f"{prefix}{name}.", seen)

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

    def reference(self, *args):
        """The module on the same inputs in doubles, without snapping, as `Floats`; its parameters are as they are."""
        from purify.resonant.nn.reference import Floats, doubles

        with doubles():
            return self(*(Floats(a, a.precision) if isinstance(a, ResonantTensor) else a for a in args))

    def to_precision(self, precision):
        """Snaps all parameters to the lattice of that bound."""
        for p in self.parameters():
            p.tensor = p.tensor.resnap(precision)
        return self

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
