"""Assertions on warnings, and their suppression, as in `numpy.testing`."""

import contextlib
import functools
import re
import warnings


class suppress_warnings:
    """Suppresses or records chosen warnings in a `with` block or a decorated function; others pass on.

    `filter(category, message, module)` drops what matches, `record(...)` collects it and returns the list, which is `log` for all.
    """

    def __init__(self, forwarding_rule="always", _warn=True):
        if forwarding_rule not in ("always", "module", "once", "location"):
            raise ValueError("unsupported forwarding rule.")
        self._rule = forwarding_rule
        self._rules = []
        self._entered = False
        self.log = []

    def filter(self, category=Warning, message="", module=None):
        """Drops matching warnings."""
        self._add(category, message, module, None)

    def record(self, category=Warning, message="", module=None):
        """Collects matching warnings in the list that is returned."""
        return self._add(category, message, module, [])

    def _add(self, category, message, module, log):
        rule = (category, re.compile(message, re.IGNORECASE), module, log)
        if self._entered:
            self._active.append(rule)
        else:
            self._rules.append(rule)
        return log

    def __enter__(self):
        if self._entered:
            raise RuntimeError("cannot enter suppress_warnings twice.")
        self._context = warnings.catch_warnings()
        self._context.__enter__()
        self._forward = warnings.showwarning
        self._forward_message = getattr(warnings, "_showwarnmsg", None)
        self._seen = set()
        self._entered = True
        self._active = [(category, text, module, None if log is None else log) for category, text, module, log in self._rules]
        for _, _, _, log in self._active:
            if log is not None:
                log.clear()
        self.log.clear()
        warnings.simplefilter("always")
        warnings.showwarning = self._show
        return self

    def __exit__(self, *exc_info):
        self._context.__exit__(*exc_info)
        self._entered = False
        del self._active

    def _show(self, message, category, filename, lineno, file=None, line=None):
        shown = warnings.WarningMessage(message, category, filename, lineno, file, line)
        for rule_category, text, module, log in reversed(self._active):
            if not issubclass(category, rule_category) or not text.match(str(message)):
                continue
            if module is not None and not str(getattr(module, "__file__", "")).startswith(filename):
                continue
            if log is not None:
                log.append(shown)
                self.log.append(shown)
            return
        signature = {
            "always": None,
            "once": (str(message), category),
            "module": (str(message), category, filename),
            "location": (str(message), category, filename, lineno),
        }[self._rule]
        if signature is not None:
            if signature in self._seen:
                return
            self._seen.add(signature)
        self._forward(message, category, filename, lineno, file, line)

    def __call__(self, func):
        """The function with the suppression around every call."""

        @functools.wraps(func)
        def wrapped(*args, **kwargs):
            with self:
                return func(*args, **kwargs)

        return wrapped


@contextlib.contextmanager
def _raised(warning_class, name=None):
    __tracebackhide__ = True
    with suppress_warnings() as suppressed:
        found = suppressed.record(warning_class)
        yield
        if not found:
            raise AssertionError("No warning raised" + (f" when calling {name}" if name else ""))


def assert_warns(warning_class, *args, **kwargs):
    """Fails unless a call, or the block of a `with`, warns: `assert_warns(UserWarning, f, x)`."""
    __tracebackhide__ = True
    if not args:
        if kwargs:
            raise RuntimeError("assert_warns(...) needs at least one arg")
        return _raised(warning_class)
    func, *rest = args
    with _raised(warning_class, getattr(func, "__name__", repr(func))):
        return func(*rest, **kwargs)


@contextlib.contextmanager
def _silent(name=None):
    __tracebackhide__ = True
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield
        if found:
            raise AssertionError(f"Got warnings{f' when calling {name}' if name else ''}: {found}")


def assert_no_warnings(*args, **kwargs):
    """Fails if a call, or the block of a `with`, warns."""
    __tracebackhide__ = True
    if not args:
        return _silent()
    func, *rest = args
    with _silent(getattr(func, "__name__", repr(func))):
        return func(*rest, **kwargs)
