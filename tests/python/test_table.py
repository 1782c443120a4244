"""Every op of the table is in the namespace, with the table's signature."""

import inspect

import pytest

from purify import _native, ops

TABLE = [row for row in _native._op_table()]
FUNCTIONS = [row for row in TABLE if row[2]]


def find(name):
    value = ops
    for part in name.split("."):
        value = getattr(value, part)
    return value


def shape_of(signature):
    """Names, kinds and whether there is a default: what callers can see of a signature."""
    return [(p.name, p.kind.name, p.default is not inspect.Parameter.empty) for p in signature.parameters.values()]


def parsed(text):
    space = {}
    exec(f"def f{text}: pass", {}, space)
    return inspect.signature(space["f"])


@pytest.mark.parametrize("name", [row[0] for row in TABLE])
def test_every_op_exists(name):
    if name == "newaxis":
        assert ops.newaxis is None
    else:
        assert find(name) is not None


@pytest.mark.parametrize("name, text", [(row[0], row[2]) for row in FUNCTIONS])
def test_calls_that_the_table_allows_are_allowed(name, text):
    value = find(name)
    if isinstance(value, _native.dtype):
        return
    own, table = inspect.signature(value), parsed(text)
    required = [p.name for p in own.parameters.values() if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    given = [p for p in table.parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    names = {p.name for p in given}
    positional = [p for p in table.parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    keyword = {p.name for p in given if p.kind is not p.POSITIONAL_ONLY}
    catches = any(p.kind is p.VAR_KEYWORD for p in own.parameters.values())
    reachable = {p.name for p in own.parameters.values() if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    assert catches or keyword <= reachable, f"{name}: keywords {keyword - reachable} are missing in {own}"
    slots = [p for p in own.parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    takes_any = any(p.kind is p.VAR_POSITIONAL for p in own.parameters.values())
    assert takes_any or len(slots) >= len(positional), f"{name}: {own} takes fewer positional arguments than {text}"
    assert len(required) <= len(names), f"{name}: {own} requires more than {text}"
