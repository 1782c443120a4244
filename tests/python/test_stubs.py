"""The type stubs are what the op table and the class say. `UPDATE=1 pytest tests/python/test_stubs.py` writes them."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

from purify import _native, ops

FOLDER = Path(__file__).resolve().parents[2] / "src" / "python" / "purify" / "ops"
HEAD = '''"""{what} Made from the op table: `UPDATE=1 pytest tests/python/test_stubs.py`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, SupportsIndex

'''
ALIASES = """ArrayLike = Any
Axis = int | tuple[int, ...] | None
Shape = int | Sequence[int]
DTypeLike = Any
"""
PARAMETERS = {
    "axis": "Axis", "keepdims": "bool", "dtype": "DTypeLike | None", "device": "str | None", "copy": "bool | None", "shape": "Shape",
    "k": "int", "n": "int", "indexing": "str", "mode": "str", "side": "str", "descending": "bool", "stable": "bool", "equal_nan": "bool",
    "rtol": "float", "atol": "float", "correction": "float", "endpoint": "bool", "norm": "str | None", "subscripts": "str | ArrayLike",
    "full_matrices": "bool", "upper": "bool", "include_initial": "bool", "decimals": "int", "num": "int", "eps": "float", "reduction": "str",
}  # fmt: skip
RETURNS = {
    **dict.fromkeys("allclose array_equal array_equiv can_cast isdtype isscalar iscomplexobj isrealobj iterable issubdtype "
                    "shares_memory".split(), "bool"),
    **dict.fromkeys("nonzero meshgrid broadcast_arrays unstack ix_ tril_indices triu_indices tril_indices_from triu_indices_from "
                    "diag_indices diag_indices_from mask_indices unravel_index divmod modf frexp".split(), "tuple[Tensor, ...]"),
    **dict.fromkeys("split array_split hsplit vsplit dsplit".split(), "list[Tensor]"),
    **dict.fromkeys("array_repr array_str array2string base_repr binary_repr format_float_positional "
                    "format_float_scientific".split(), "str"),
    **dict.fromkeys("histogram histogram2d histogramdd slogdet eig eigh svd qr lstsq unique_all unique_counts unique_inverse unique "
                    "finfo iinfo printoptions geterr seterr errstate get_printoptions set_printoptions vectorize average polyfit "
                    "polydiv ndenumerate ndindex broadcast gradient piecewise load loadtxt genfromtxt save savetxt savez savez_compressed copyto "
                    "fill_diagonal place put putmask put_along_axis topk sort_with_indices max_with_indices min_with_indices kthvalue "
                    "chunk no_grad intersect1d".split(), "Any"),
    "shape": "tuple[int, ...]", "broadcast_shapes": "tuple[int, ...]", "ndim": "int", "size": "int", "result_type": "dtype",
}  # fmt: skip


def annotated(signature, name):
    """A signature with types; defaults are left as `...`, as stubs have them."""
    space = {}
    exec(f"def f{signature}: pass", {}, space)
    parts, seen_star, slash_after = [], False, 0
    parameters = list(inspect.signature(space["f"]).parameters.values())
    for i, p in enumerate(parameters):
        if p.kind is p.KEYWORD_ONLY and not seen_star:
            parts.append("*")
            seen_star = True
        kind = PARAMETERS.get(p.name, "ArrayLike" if p.kind is p.POSITIONAL_ONLY else "Any")
        if p.default is None and "None" not in kind and kind not in ("Any", "ArrayLike", "Axis"):
            kind += " | None"
        if kind == "int" and p.default is p.empty and p.kind is p.POSITIONAL_ONLY:
            kind = "SupportsIndex"
        prefix = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        seen_star = seen_star or p.kind is p.VAR_POSITIONAL
        parts.append(f"{prefix}{p.name}: {kind}" + ("" if p.default is p.empty else " = ..."))
        following = parameters[i + 1] if i + 1 < len(parameters) else None
        if p.kind is p.POSITIONAL_ONLY and (following is None or following.kind is not p.POSITIONAL_ONLY):
            parts.append("/")
            slash_after = i
    del slash_after
    return f"def {name}({', '.join(parts)}) -> {RETURNS.get(name, 'Tensor')}: ..."


def functions(space):
    out = []
    for name, category, signature, _, summary in sorted(_native._op_table()):
        prefix, _, last = name.rpartition(".")
        if prefix != space or category == "data_types" and last in vars(_native) and isinstance(getattr(_native, last), _native.dtype):
            continue
        if last in ("dtype", "Tensor", "AxisError"):
            continue
        value = getattr(getattr(ops, space), last) if space else getattr(ops, last)
        if space == "nn" and inspect.isclass(value):
            out.append(layer_class(value, last, signature, summary))
            continue
        if not signature:
            value = ops if not space else getattr(ops, space)
            value = None if last == "newaxis" else getattr(value, last)
            out.append(f"{last}: {'float' if isinstance(value, float) else 'None' if value is None else 'Any'}")
            continue
        out.append(f"{annotated(signature, last)[:-4]}\n    \"\"\"{summary}\"\"\"")
    return "\n".join(out) + "\n"


def layer_class(value, name, signature, summary):
    """A class of `ops.nn`: how it is made, and what it adds to the class it derives from."""
    made = annotated(signature, "__init__").removesuffix(" -> Tensor: ...")
    made = made.replace("(", "(self, ", 1).replace("(self, )", "(self)").replace("ArrayLike", "Any")
    base = "Tensor" if issubclass(value, _native.Tensor) else "" if value is ops.nn.Module else "Module"
    members = {n for c in value.__mro__ if base != "Tensor" and c not in (object, *(() if value is ops.nn.Module else ops.nn.Module.__mro__)) for n in vars(c)}
    known = {"forward"} if value is ops.nn.Module else vars(ops.nn.Module)
    shown = sorted(n for n in members if n in CALLED or not n.startswith("_") and n not in known and callable(getattr(value, n)))
    lines = [f"class {name}{f'({base})' if base else ''}:", f'    """{summary}"""', f"    {made} -> None: ..."]
    lines += [f"    def {n}(self, *args: Any, **kwargs: Any) -> {CALLED.get(n, 'Any')}: ..." for n in shown]
    # Weights, buffers and modules are set as attributes.
    lines += ["    training: bool", "    def __getattr__(self, name: str) -> Any: ..."] if value is ops.nn.Module else []
    return "\n".join(lines)


def tensor_class():
    lines = ["class Tensor:"]
    for name, value in sorted(vars(_native.Tensor).items()):
        if name.startswith("_") and not (name.startswith("__") and name.endswith("__")):
            continue
        if name in ("__new__", "__doc__", "__module__", "__weakref__", "__class_getitem__", "__hash__", "__qualname__"):
            continue
        if name in CLASS:
            lines.append(f"    {CLASS[name]}")
        elif callable(value):
            lines.append(f"    def {name}(self, *args: Any, **kwargs: Any) -> Any: ...")
        else:
            lines.append(f"    @property\n    def {name}(self) -> {ATTRIBUTES.get(name, 'Any')}: ...")
    return "\n".join(lines) + "\n"


CALLED = {"__call__": "Any", "__len__": "int", "__iter__": "Iterator[Any]", "__contains__": "bool", "__getitem__": "Any", "__setitem__": "None", "__delitem__": "None"}
_OPERATORS = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift"
CLASS = {
    **{f"__{p}{n}__": f"def __{p}{n}__(self, other: ArrayLike, /) -> Tensor: ..." for n in _OPERATORS.split() for p in ("", "r", "i")},
    **{f"__{n}__": f"def __{n}__(self, other: ArrayLike, /) -> Tensor: ..." for n in "lt le gt ge".split()},
    **{f"__{n}__": f"def __{n}__(self, other: object, /) -> Tensor: ...  # type: ignore[override]" for n in ("eq", "ne")},
    **{f"__{n}__": f"def __{n}__(self) -> Tensor: ..." for n in "neg pos abs invert copy".split()},
    "__bool__": "def __bool__(self) -> bool: ...", "__int__": "def __int__(self) -> int: ...", "__float__": "def __float__(self) -> float: ...",
    "__complex__": "def __complex__(self) -> complex: ...", "__index__": "def __index__(self) -> int: ...", "__len__": "def __len__(self) -> int: ...",
    "__iter__": "def __iter__(self) -> Iterator[Tensor]: ...", "__getitem__": "def __getitem__(self, key: Any, /) -> Tensor: ...",
    "__setitem__": "def __setitem__(self, key: Any, value: Any, /) -> None: ...", "__contains__": "def __contains__(self, value: object, /) -> bool: ...",
    "__str__": "def __str__(self) -> str: ...", "__repr__": "def __repr__(self) -> str: ...", "__format__": "def __format__(self, spec: str, /) -> str: ...",
    **{n: f"def {n}(self, axis: Axis = ..., dtype: DTypeLike | None = ..., out: Any = ..., keepdims: bool = ...) -> Tensor: ..." for n in ("sum", "prod", "mean")},
    "reshape": "def reshape(self, *shape: Any, order: str = ..., copy: bool | None = ...) -> Tensor: ...",
    "astype": "def astype(self, dtype: DTypeLike, *args: Any, **kwargs: Any) -> Tensor: ...", "copy": "def copy(self, order: str = ...) -> Tensor: ...",
    "tolist": "def tolist(self) -> Any: ...", "tobytes": "def tobytes(self, order: str = ...) -> bytes: ...", "sort": "def sort(self, axis: int = ..., kind: Any = ..., order: Any = ..., *, stable: bool | None = ...) -> None: ...",
    "__reduce__": "def __reduce__(self) -> Any: ...",
}  # fmt: skip
ATTRIBUTES = {
    "shape": "tuple[int, ...]", "strides": "tuple[int, ...]", "ndim": "int", "size": "int", "itemsize": "int", "nbytes": "int", "device": "str",
    "T": "Tensor", "mT": "Tensor", "real": "Tensor", "imag": "Tensor", "dtype": "dtype",
}  # fmt: skip

DTYPE_CLASS = '''class dtype:
    name: str
    itemsize: int
    kind: str
    str: str
    char: str
    def __init__(self, spec: Any, /) -> None: ...
    def __call__(self, value: ArrayLike = ..., /) -> Tensor: ...
    def __or__(self, other: Any, /) -> Any: ...
    def __ror__(self, other: Any, /) -> Any: ...
'''


def main_stub():
    dtypes = [n for n, v in sorted(vars(_native).items()) if isinstance(v, _native.dtype)]
    extra = sorted((set(ops._WHERE) | set(ops._ALIASES)) - {row[0] for row in _native._op_table()} - {"__array_namespace_info__"})
    return (
        HEAD.format(what="Types of `purify.ops`.") + "from . import fft, io, linalg, nn, random, testing\n\n" + ALIASES + "\n" + DTYPE_CLASS
        + "\n" + tensor_class() + "\n" + "\n".join(f"{n}: dtype" for n in dtypes) + "\n\nclass AxisError(ValueError, IndexError): ...\n"
        + "class LinAlgError(ValueError): ...\n\n__array_api_version__: str\ndef __array_namespace_info__() -> Any: ...\n\n"
        + functions("") + "\n# Further names of NumPy's.\n" + "\n".join(f"{n}: Any" for n in extra if n.isidentifier()) + "\n"
    )  # fmt: skip


def space_stub(space):
    what = f"Types of `purify.ops.{space}`."
    return HEAD.format(what=what) + f"from . import Tensor, dtype\n\n{ALIASES}\n" + functions(space)


STUBS = {"__init__.pyi": main_stub, **{f"{s}.pyi": (lambda s=s: space_stub(s)) for s in ("linalg", "fft", "nn")}}


@pytest.mark.parametrize("file", STUBS)
def test_stubs_say_what_the_table_says(file):
    text = STUBS[file]()
    path = FOLDER / file
    if os.environ.get("UPDATE"):
        path.write_text(text)
    assert path.exists() and path.read_text() == text, f"{path.name} is out of date; run UPDATE=1 pytest tests/python/test_stubs.py"


@pytest.mark.parametrize("file", STUBS)
def test_stubs_are_python(file):
    compile((FOLDER / file).read_text(), file, "exec")


RIGHT = """
from purify import ops
x: ops.Tensor = ops.mean(ops.asarray([1.0, 2.0]), axis=0, keepdims=True)
y: float = float(x + 1)
n: int = x.ndim + len(x)
shape: tuple[int, ...] = x.shape
z: ops.Tensor = ops.linalg.inv(ops.eye(2)) @ ops.nn.softmax(ops.fft.rfft(x), axis=-1)[0]
equal: ops.Tensor = x == 1.0
"""
WRONG = ["ops.mean()", "ops.no_such_function(1)", "ops.ones(2).no_such_method()", "ops.mean(ops.ones(2), keepdim=True)", "n: int = ops.ones(2)"]


def mypy(program, tmp_path):
    """What the type checker says to a program, with the installed stubs."""
    (tmp_path / "program.py").write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(tmp_path / "program.py")]
    environment = {**os.environ, "MYPYPATH": str(Path(_native.__file__).resolve().parents[1])} if "site-packages" not in _native.__file__ else None
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    return done.stdout


def test_a_type_checker_accepts_the_stubs(tmp_path):
    pytest.importorskip("mypy")
    out = mypy(RIGHT + "".join(f"{line}\n" for line in WRONG), tmp_path)
    first = RIGHT.count("\n") + 1
    found = {int(line.split(":")[1]) for line in out.splitlines() if ": error:" in line}
    assert found == set(range(first, first + len(WRONG))), out


@pytest.mark.parametrize("name", ["nn", "analysis", "losses", "train"])
def test_stubs_of_resonant_modules_name_every_parameter(name):
    import ast
    from importlib import import_module

    module = import_module("purify.resonant." + name)
    folder = FOLDER.parent / "resonant"
    path = folder / f"{name}.pyi" if (folder / f"{name}.pyi").exists() else folder / name / "__init__.pyi"
    stub = {n.name: n for n in ast.parse(path.read_text()).body if isinstance(n, (ast.ClassDef, ast.FunctionDef))}
    public = {n for n, v in vars(module).items() if not n.startswith("_") and getattr(v, "__module__", "").startswith(module.__name__)}
    assert public <= stub.keys(), f"without a stub: {sorted(public - stub.keys())}"

    def parameters(node):
        return [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]

    for n in sorted(public):
        functions = {n: getattr(module, n)} if inspect.isfunction(getattr(module, n)) else vars(getattr(module, n))
        body = stub[n].body if isinstance(stub[n], ast.ClassDef) else [stub[n]]
        for node in body:
            function = functions.get(node.name) if isinstance(node, ast.FunctionDef) else None
            function = getattr(function, "__func__", function)
            if inspect.isfunction(function):
                signature = inspect.signature(function).parameters.values()
                real = [p.name for p in signature if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
                assert parameters(node) == real, f"{n}.{node.name}"
        real = {k for k, v in functions.items() if inspect.isfunction(v) and not k.startswith("_")}
        assert real <= {node.name for node in body if isinstance(node, ast.FunctionDef)}, n
