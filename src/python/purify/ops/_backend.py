"""Other backends behind the same names: NumPy, PyTorch, or any array API namespace.

While the default backend is alone, `ops.add` is the compiled function itself. As soon as another one is selected
anywhere, the names leave the module's dictionary, and each access `ops.<name>` asks for the backend of the calling
thread or task. When the last selection ends, the names go back.
"""

import contextvars
import importlib
import threading

from purify import ops

_selected = contextvars.ContextVar("purify.ops backend", default=None)
_lock = threading.Lock()
_process = None
_users = 0
_backends = {}


class Backend:
    """Names of `purify.ops` answered by another library's namespace."""

    def __init__(self, name, namespace, overrides=None):
        self.name = name
        self.namespace = namespace
        self.overrides = overrides or {}
        self.found = {}

    def resolve(self, name):
        """The object that `ops.<name>` stands for."""
        try:
            return self.found[name]
        except KeyError:
            value = self.found[name] = self._find(name)
            return value

    def _find(self, name):
        if name in _OWN:
            return ops._load(name)
        if name in self.overrides:
            return self.overrides[name]
        if name in ("linalg", "fft"):
            return _Space(self, name)
        # Extensions are computed from the standard's functions, so that they mean the same on every backend.
        if name in ops._WHERE:
            return getattr(importlib.import_module("purify.ops." + ops._WHERE[name]), name)
        if name in ops._ALIASES:
            return self.resolve(ops._ALIASES[name])
        value = getattr(self.namespace, name, None)
        if value is None and name not in ("newaxis",):
            raise AttributeError(f"the backend {self.name!r} has no {name!r}")
        return value

    def __repr__(self):
        return f"<backend {self.name!r}>"


class _Space:
    """`ops.linalg` and `ops.fft` of another backend."""

    def __init__(self, backend, name):
        self._backend, self._name = backend, name

    def __getattr__(self, name):
        overrides = self._backend.overrides.get(self._name + "." + name)
        if overrides is not None:
            return overrides
        value = getattr(getattr(self._backend.namespace, self._name), name, None)
        if value is not None:
            return value
        generic = importlib.import_module(f"purify.ops._{self._name}_extra")
        try:
            return getattr(generic, name)
        except AttributeError:
            raise AttributeError(f"the backend {self._backend.name!r} has no {self._name}.{name!r}") from None


# Names that mean the same under every backend: the selection itself, exceptions, printing, comparison in tests.
_OWN = frozenset(
    "available_backends get_backend set_backend using_backend AxisError LinAlgError Tensor errstate seterr geterr seterrcall geterrcall "
    "testing io random nn set_printoptions get_printoptions printoptions ndindex object_".split()
)


def _get(backend):
    """The `Backend` that a name or a namespace stands for; None for the default."""
    if isinstance(backend, Backend):
        return backend
    if backend is None or backend == "purify" or backend is ops:
        return None
    if isinstance(backend, str):
        if backend not in _backends:
            _backends[backend] = _named(backend)
        return _backends[backend]
    missing = [n for n in ("asarray", "add", "sum", "reshape") if not hasattr(backend, n)]
    if missing:
        raise TypeError(f"set_backend: {backend!r} is no array API namespace; it lacks {', '.join(missing)}")
    return Backend(getattr(backend, "__name__", repr(backend)), backend)


def _named(name):
    try:
        if name == "torch":
            from ._torch import overrides

            return Backend(name, importlib.import_module("torch"), overrides())
        namespace = importlib.import_module(name)
    except ImportError as error:
        known = ", ".join(available_backends())
        raise ValueError(f"set_backend: {name!r} cannot be imported ({error}); available: {known}") from None
    if name == "numpy":
        from ._numpy import overrides

        return Backend(name, namespace, overrides())
    return Backend(name, namespace)


def available_backends():
    """The names that `set_backend` takes on this machine."""
    from importlib.util import find_spec

    return ["purify", *(name for name in ("numpy", "torch") if find_spec(name) is not None)]


def get_backend():
    """The name of the backend that `ops` functions use here."""
    backend = _current()
    return "purify" if backend is None else backend.name


def _current():
    backend = _selected.get()
    if backend is None:
        return _process
    return None if backend is _DEFAULT else backend


_DEFAULT = Backend("purify", ops)


def set_backend(backend):
    """Selects the backend for the whole process: "purify", "numpy", "torch" or an array API namespace.

    Functions imported by name before (`from purify.ops import add`) stay what they were: call `ops.add`.
    """
    global _process
    new = _get(backend)
    with _lock:
        old, _process = _process, new
        _count((new is not None) - (old is not None))


class using_backend:
    """A context in which this thread or task uses another backend: `with ops.using_backend("numpy"): ...`."""

    def __init__(self, backend):
        self.backend = _get(backend) or _DEFAULT

    def __enter__(self):
        with _lock:
            _count(1)
        self.token = _selected.set(self.backend)
        return self

    def __exit__(self, *exc):
        _selected.reset(self.token)
        with _lock:
            _count(-1)


def _count(change):
    """Takes the names out of the module when the first selection begins, and puts them back after the last."""
    global _users
    before, _users = _users, _users + change
    names = vars(ops)
    if before == 0 and _users > 0:
        _public.clear()
        for name in [n for n in names if not n.startswith("_")]:
            _public[name] = names.pop(name)
        names["_resolve"] = _resolve
    elif before > 0 and _users == 0:
        names["_resolve"] = None
        names.update(_public)


_public = {}


def _resolve(name):
    backend = _current()
    if backend is not None:
        return backend.resolve(name)
    if name in _public:
        return _public[name]
    value = _public[name] = ops._load(name)
    return value
