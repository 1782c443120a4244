"""Modules of neural networks for inference: what holds the parameters of a model, names them, and calls it.

Names, defaults and the keys of `state_dict` are those of `torch.nn`, so that a model moves over with its weights. Nothing
records gradients, and there are no hooks: a model that is trained stays where its gradients are, or is trained without
any (`purify.resonant`).
"""

import itertools
from collections import namedtuple

from purify import ops as xp

IncompatibleKeys = namedtuple("IncompatibleKeys", "missing_keys unexpected_keys")


class Parameter(xp.Tensor):
    """An array that a module counts among its weights when it is set as an attribute. It shares the memory of `data`."""

    def __new__(cls, data=None):
        return super().__new__(cls, xp.empty((0,), dtype=xp.float32) if data is None else data)

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()

    def __deepcopy__(self, memo):
        return memo.setdefault(id(self), type(self)(xp.asarray(self, copy=True)))

    def __reduce__(self):
        return type(self), (xp.Tensor(self, copy=True),)


# What a module keeps by name, and what may stand there. The order is that in which names are looked up.
_KINDS = ("_parameters", "_buffers", "_modules")


class Module:
    """What all layers and models derive from: parameters, buffers and modules by name, and `forward` as the call."""

    def __init__(self):
        for kind in _KINDS:
            object.__setattr__(self, kind, {})
        object.__setattr__(self, "_transient", set())
        object.__setattr__(self, "training", True)

    def forward(self, *args, **kwargs):
        """What a call computes; each model writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no `forward`")

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    # ---- attributes -----------------------------------------------------------------------------

    def __setattr__(self, name, value):
        kind = "_parameters" if isinstance(value, Parameter) else "_modules" if isinstance(value, Module) else None
        if kind is None:
            kind = next((k for k in _KINDS if name in self.__dict__.get(k, ())), None)
            if kind is None:
                object.__setattr__(self, name, value)
                return
            if value is not None and (kind != "_buffers" or not isinstance(value, xp.Tensor)):
                raise TypeError(f"{type(self).__name__}.{name} holds a {_singular(kind)}; {type(value).__name__} is none")
        elif "_parameters" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__}: call `super().__init__()` before setting `{name}`")
        self._keep(kind, name, value)

    def _keep(self, kind, name, value):
        """Stores a value under a name, which it takes from any other kind of value."""
        self.__dict__.pop(name, None)
        for other in _KINDS:
            if other != kind:
                self.__dict__[other].pop(name, None)
        self.__dict__[kind][name] = value

    def __getattr__(self, name):
        # Only called for what is no plain attribute.
        for kind in _KINDS:
            if name in self.__dict__.get(kind, ()):
                return self.__dict__[kind][name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name):
        for kind in _KINDS:
            if name in self.__dict__[kind]:
                del self.__dict__[kind][name]
                self._transient.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self):
        return sorted({*object.__dir__(self), *(name for kind in _KINDS for name in self.__dict__[kind])})

    def _checked(self, name, taken):
        if not isinstance(name, str) or "." in name or not name:
            raise KeyError(f"a name in a module is a text without dots, not {name!r}")
        if hasattr(self, name) and name not in self.__dict__[taken]:
            raise KeyError(f"{type(self).__name__} has an attribute {name!r} already")

    def register_buffer(self, name, tensor, persistent=True):
        """Adds an array that is no weight; one that is not persistent is left out of the state."""
        self._checked(name, "_buffers")
        if tensor is not None and not isinstance(tensor, xp.Tensor):
            raise TypeError(f"buffer {name!r} is a {type(tensor).__name__}, not an array or None")
        self._buffers[name] = tensor
        (self._transient.discard if persistent else self._transient.add)(name)

    def register_parameter(self, name, param):
        """Adds a weight, or None where there could be one."""
        self._checked(name, "_parameters")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"parameter {name!r} is a {type(param).__name__}, not a Parameter or None")
        self._parameters[name] = param

    def register_module(self, name, module):
        """Adds a module, or None where there could be one."""
        self._checked(name, "_modules")
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"module {name!r} is a {type(module).__name__}, not a Module or None")
        self._modules[name] = module

    add_module = register_module

    # ---- what is inside -------------------------------------------------------------------------

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """(name, module) of this module and all below it; one that occurs twice comes once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, _joined(prefix, name), remove_duplicate)

    def modules(self):
        """This module and all below it."""
        return (module for _, module in self.named_modules())

    def named_children(self):
        """(name, module) of the modules directly below."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self):
        """The modules directly below."""
        return (module for _, module in self.named_children())

    def _named(self, kind, prefix, recurse, remove_duplicate):
        seen = set()
        places = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        for place, module in places:
            for name, value in module.__dict__[kind].items():
                if value is None or id(value) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(value))
                yield _joined(place, name), value

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """(name, weight) here and below; one that occurs twice comes once, under its first name."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        """The weights here and below."""
        return (value for _, value in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """(name, array) of the buffers here and below."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """The buffers here and below."""
        return (value for _, value in self.named_buffers(recurse=recurse))

    def get_submodule(self, target):
        """The module of a dotted name."""
        return _follow(self, target.split(".") if target else [], "_modules", target)

    def get_parameter(self, target):
        """The weight of a dotted name."""
        return self._inside(target, "_parameters")

    def get_buffer(self, target):
        """The buffer of a dotted name."""
        return self._inside(target, "_buffers")

    def _inside(self, target, kind):
        *places, name = target.split(".")
        return _follow(_follow(self, places, "_modules", target), [name], kind, target)

    def apply(self, fn):
        """Calls a function with every module below, innermost first, and with this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # ---- state ----------------------------------------------------------------------------------

    def _state(self):
        """(name, array) of what the state of this module alone consists of."""
        for kind in ("_parameters", "_buffers"):
            for name, value in self.__dict__[kind].items():
                if value is not None and name not in self._transient:
                    yield name, value

    def state_dict(self, *, destination=None, prefix="", keep_vars=False):
        """The weights and persistent buffers by dotted name; the arrays share the memory of the module's."""
        state = {} if destination is None else destination
        for name, value in self._state():
            state[prefix + name] = value if keep_vars else xp.Tensor(value)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=state, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        return state

    def load_state_dict(self, state_dict, strict=True, assign=False):
        """Takes over arrays by name: from `state_dict()`, from `ops.io.load_safetensors`, or of any array library.

        Values are copied into the module's arrays and converted to their dtype; with `assign` the arrays take their place.
        Names that are missing or too many are an error if `strict`, and are returned.
        """
        slots = {_joined(place, name): (module, name) for place, module in self.named_modules(remove_duplicate=False) for name, _ in module._state()}
        keys = IncompatibleKeys([n for n in slots if n not in state_dict], [n for n in state_dict if n not in slots])
        problems = [f"missing: {', '.join(keys.missing_keys)}"] * bool(strict and keys.missing_keys)
        problems += [f"unexpected: {', '.join(keys.unexpected_keys)}"] * bool(strict and keys.unexpected_keys)
        arrays = {name: xp.asarray(state_dict[name]) for name in slots if name in state_dict}
        for name, array in arrays.items():
            module, last = slots[name]
            own = getattr(module, last)
            if array.shape != own.shape:
                problems.append(f"{name}: shape {tuple(array.shape)} where the module has {tuple(own.shape)}")
        if problems:
            raise RuntimeError(f"the state does not fit {type(self).__name__}:\n  " + "\n  ".join(problems))
        for name, array in arrays.items():
            module, last = slots[name]
            if assign:
                setattr(module, last, Parameter(array) if last in module._parameters else array)
            else:
                getattr(module, last)[...] = array
        return keys

    # ---- mode, dtype, device --------------------------------------------------------------------

    def train(self, mode=True):
        """Sets the mode here and below: dropout and batch normalisation differ. No gradients are recorded in either."""
        self.training = bool(mode)
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        """The mode of inference, here and below."""
        return self.train(False)

    def _convert(self, change):
        """Puts `change(array)` in the place of every array, once for one that occurs twice."""
        done = {}
        for module in self.modules():
            for kind in ("_parameters", "_buffers"):
                for name, value in module.__dict__[kind].items():
                    if value is None:
                        continue
                    if id(value) not in done:
                        new = change(value)
                        done[id(value)] = new if new is value or kind == "_buffers" else Parameter(new)
                    module.__dict__[kind][name] = done[id(value)]
        return self

    def to(self, *args, **kwargs):
        """Moves the arrays to a device, a dtype (those of floats alone), or those of an array; returns the module."""
        dtype, device = kwargs.pop("dtype", None), kwargs.pop("device", None)
        kwargs.pop("non_blocking", None)
        if kwargs:
            raise TypeError(f"to: unknown argument {min(kwargs)!r}")
        for value in args:
            if isinstance(value, xp.Tensor):
                dtype, device = value.dtype, value.device
            elif isinstance(value, xp.dtype):
                dtype = value
            elif isinstance(value, str):
                device = value
        if dtype is not None and not xp.isdtype(dtype, ("real floating", "complex floating")):
            raise TypeError(f"to: a module is converted to a dtype of floats, not {dtype}")

        def change(array):
            if dtype is not None and xp.isdtype(array.dtype, ("real floating", "complex floating")):
                array = array if array.dtype == dtype else xp.astype(array, dtype)
            return array if device is None or array.device == device else xp.to_device(array, device)

        return self._convert(change)

    def float(self):
        """Floats become float32."""
        return self.to(xp.float32)

    def double(self):
        """Floats become float64."""
        return self.to(xp.float64)

    def half(self):
        """Floats become float16."""
        return self.to(xp.float16)

    def bfloat16(self):
        """Floats become bfloat16."""
        return self.to(xp.bfloat16)

    def cpu(self):
        """Everything to the CPU."""
        return self.to("cpu")

    # ---- text -----------------------------------------------------------------------------------

    def extra_repr(self):
        """What stands between the parentheses of the module's own line."""
        return ""

    def _get_name(self):
        return type(self).__name__

    def __repr__(self):
        lines = [self.extra_repr()] if self.extra_repr() else []
        inner = [f"({name}): {module!r}".replace("\n", "\n  ") for name, module in self._modules.items()]
        if not inner:
            return f"{self._get_name()}({', '.join(lines)})"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines + inner) + "\n)"


def _singular(kind):
    return kind.strip("_").removesuffix("s")


def _joined(prefix, name):
    return f"{prefix}.{name}" if prefix and name else prefix or name


def _follow(module, names, kind, target):
    for name in names:
        if name not in module.__dict__[kind]:
            raise AttributeError(f"{type(module).__name__} has no {_singular(kind)} {name!r} (of {target!r})")
        module = module.__dict__[kind][name]
    return module


class Identity(Module):
    """Gives back what it is called with; takes any arguments."""

    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, input):
        return input


class _Numbered(Module):
    """Modules under the names "0", "1", ...: what lists of modules share."""

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def _renumber(self, modules):
        self._modules.clear()
        self._modules.update((str(i), module) for i, module in enumerate(modules))

    def _index(self, index):
        n = len(self)
        if not -n <= index < n:
            raise IndexError(f"index {index} is out of range for {n} modules")
        return list(self._modules)[index]

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self._of(list(self._modules.items())[index])
        return self._modules[self._index(index)]

    def __setitem__(self, index, module):
        setattr(self, self._index(index), module)

    def __delitem__(self, index):
        gone = list(self._modules)[index] if isinstance(index, slice) else [self._index(index)]
        self._renumber([module for name, module in self._modules.items() if name not in gone])

    def append(self, module):
        """Adds a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        """Adds modules at the end."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index, module):
        """Adds a module before a position."""
        modules = list(self)
        modules.insert(index, module)
        self._renumber(modules)

    def pop(self, key):
        """Takes a module out."""
        module = self[key]
        del self[key]
        return module


class Sequential(_Numbered):
    """Modules called one after another, each with the result of the one before; or a dict of them by name."""

    def __init__(self, *args):
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], dict) else ((str(i), module) for i, module in enumerate(args))
        for name, module in named:
            self.add_module(name, module)

    def _of(self, items):
        return type(self)(dict(items))

    def forward(self, input):
        for module in self:
            input = module(input)
        return input


class ModuleList(_Numbered):
    """A list of modules."""

    def __init__(self, modules=None):
        super().__init__()
        self.extend(modules or ())

    def _of(self, items):
        return type(self)([module for _, module in items])

    def __add__(self, other):
        return type(self)(itertools.chain(self, other))


class _ByName(Module):
    """What modules and weights by name share; a class says where its own are kept and how one is added."""

    _kept: str

    def __init__(self, given):
        super().__init__()
        self.update(given or {})

    def __getitem__(self, key):
        return getattr(self, self._kept)[key]

    def __delitem__(self, key):
        del getattr(self, self._kept)[key]

    def __len__(self):
        return len(getattr(self, self._kept))

    def __iter__(self):
        return iter(getattr(self, self._kept))

    def __contains__(self, key):
        return key in getattr(self, self._kept)

    def keys(self):
        """The names."""
        return getattr(self, self._kept).keys()

    def values(self):
        """What has the names."""
        return getattr(self, self._kept).values()

    def items(self):
        """(name, what has it)."""
        return getattr(self, self._kept).items()

    def get(self, key, default=None):
        """What has a name, or `default`."""
        return getattr(self, self._kept).get(key, default)

    def update(self, given):
        """Adds what a dict or pairs give by name."""
        for key, value in given.items() if hasattr(given, "items") else given:
            self[key] = value


class ModuleDict(_ByName):
    """Modules by name."""

    _kept = "_modules"

    def __init__(self, modules=None):
        super().__init__(modules)

    def __setitem__(self, key, module):
        self.add_module(key, module)

    def clear(self):
        """Takes all modules out."""
        self._modules.clear()

    def pop(self, key):
        """Takes a module out."""
        return self._modules.pop(key)


class ParameterList(Module):
    """A list of weights, under the names "0", "1", ...; arrays become weights."""

    def __init__(self, values=None):
        super().__init__()
        self.extend(values or ())

    def __len__(self):
        return len(self._parameters)

    def __iter__(self):
        return iter(self._parameters.values())

    def __getitem__(self, index):
        values = list(self)
        return type(self)(values[index]) if isinstance(index, slice) else values[index]

    def __setitem__(self, index, value):
        self._parameters[list(self._parameters)[index]] = _weight(value)

    def append(self, value):
        """Adds a weight at the end."""
        self._parameters[str(len(self))] = _weight(value)
        return self

    def extend(self, values):
        """Adds weights at the end."""
        for value in list(values):
            self.append(value)
        return self


class ParameterDict(_ByName):
    """Weights by name; arrays become weights."""

    _kept = "_parameters"

    def __init__(self, parameters=None):
        super().__init__(parameters)

    def __setitem__(self, key, value):
        self._parameters[key] = _weight(value)


def _weight(value):
    return value if isinstance(value, Parameter) else Parameter(value)
