"""Floating-point errors, treated as NumPy's `errstate` says: ignored, warned of, raised, or given to a function.

Results are looked at only while somebody has asked for more than ignoring. That is the one difference: NumPy warns from
the start, here every error is ignored until `seterr` or `errstate` says otherwise. What is asked for holds for the
calling thread or task.
"""

import contextlib
import contextvars
import sys
import warnings

from purify import _native, ops

_KINDS = ("divide", "over", "under", "invalid")
_MODES = ("ignore", "warn", "raise", "call", "print", "log")
_TEXTS = {"divide": "divide by zero", "over": "overflow", "under": "underflow", "invalid": "invalid value"}
# How each kind is treated, and the function or log that is told.
_state = contextvars.ContextVar("purify.ops floating-point errors", default=(("ignore",) * 4, None))


def _watches(state):
    return any(mode != "ignore" for mode in state[0])


def _changed(all, given):
    """The state of this context with other modes."""
    modes, call = _state.get()
    for mode in (all, *given):
        if mode is not None and mode not in _MODES:
            raise ValueError(f"seterr: {mode!r} is not one of {', '.join(_MODES)}")
    return tuple(new or all or old for old, new in zip(modes, given)), call


def _told(call):
    if call is not None and not callable(call) and not hasattr(call, "write"):
        raise TypeError("seterrcall: a function or an object with a method `write` is needed")
    return call


def _set(state):
    _native._watch_float_errors(_watches(state) - _watches(_state.get()))
    _state.set(state)


def geterr():
    """How each kind of floating-point error is treated in this thread or task."""
    return dict(zip(_KINDS, _state.get()[0]))


def seterr(all=None, divide=None, over=None, under=None, invalid=None):
    """Says how floating-point errors are treated from now on; returns how they were."""
    old = geterr()
    _set(_changed(all, (divide, over, under, invalid)))
    return old


def geterrcall():
    """The function or log that is told of errors whose mode is "call" or "log"."""
    return _state.get()[1]


def seterrcall(func, /):
    """Says which function or log is told of errors whose mode is "call" or "log"; returns the one before."""
    old = geterrcall()
    _set((_state.get()[0], _told(func)))
    return old


_KEEP = object()


class errstate(contextlib.ContextDecorator):
    """A context, or a decorator, in which floating-point errors are treated differently."""

    def __init__(self, *, call=_KEEP, all=None, divide=None, over=None, under=None, invalid=None):
        self._call = call if call is _KEEP else _told(call)
        self._all, self._given = all, (divide, over, under, invalid)
        _changed(all, self._given)
        self._tokens = []

    def _recreate_cm(self):
        # A decorated function may run in several threads, or within itself.
        new = errstate(all=self._all, **dict(zip(_KINDS, self._given)))
        new._call = self._call
        return new

    def __enter__(self):
        modes, call = _changed(self._all, self._given)
        state = modes, (call if self._call is _KEEP else self._call)
        _native._watch_float_errors(int(_watches(state)))
        self._tokens.append(_state.set(state))

    def __exit__(self, *exc):
        _native._watch_float_errors(-int(_watches(_state.get())))
        _state.reset(self._tokens.pop())


def watching():
    """Whether this thread or task wants to know of any error."""
    return _watches(_state.get())


def report(name, *happened):
    """Tells of the errors of a result, in the order of `_KINDS`."""
    modes, call = _state.get()
    for i, (kind, mode) in enumerate(zip(_KINDS, modes)):
        if not happened[i] or mode == "ignore":
            continue
        message = f"{_TEXTS[kind]} encountered in {_names().get(name, name)}"
        if mode == "warn":
            warnings.warn(message, RuntimeWarning, stacklevel=2)
        elif mode == "raise":
            raise FloatingPointError(message)
        elif mode == "print":
            print(f"Warning: {message}", file=sys.stderr)
        elif call is None:
            raise NameError(f"{mode} specified for {_TEXTS[kind]} (in {name}), but no function or log was given to seterrcall")
        elif mode == "call":
            call(_TEXTS[kind], 1 << i)
        else:
            call.write(f"Warning: {message}\n")


def _names():
    """NumPy's names of functions, which its messages say."""
    return {new: old for old, new in ops._ALIASES.items() if old not in ("true_divide", "mod", "asanyarray", "bitwise_not")} | {
        "sum": "reduce", "prod": "reduce", "cumsum": "accumulate", "cumprod": "accumulate",
    }  # fmt: skip
