"""Operators in Python source, by Python's own `ast`: shared by the draw, the viewer and the scorer."""

import ast
import bisect
import hashlib
import re
import sys
import tomllib
import warnings
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/corpus"))
from fetch import SETS, base  # noqa: E402

CORPUS = base("corpus")
SYMBOLS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Operator:
    """One operator. `at` is the byte offset of its token, `start`/`end` the byte range of the whole expression."""

    path: str
    at: int
    start: int
    end: int
    line: int  # of the token, counted from 1
    column: int  # of the token, counted from 1 in characters
    symbol: str
    kind: str  # "binary", "augmented", "comparison"


def packages(name="corpus"):
    """The pinned packages of a set as dictionaries, in file order."""
    listed = SETS[name][0]
    return [package | {"set": name} for package in tomllib.loads((ROOT / "tests/corpus" / listed).read_text())["package"]]


def folder(package):
    return base(package["set"]) / f"{package['name']}-{package['version']}"


def sources(package):
    """The package's `.py` files that this Python can decode and parse, sorted, as (relative path, bytes, tree)."""
    top = folder(package)
    if not top.is_dir():
        raise SystemExit(f"{top} is missing: run `cargo xtask corpus --set {package['set']}`")
    for path in sorted(top.rglob("*.py")):
        data = path.read_bytes()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(data)
            data.decode("utf-8")
        except (SyntaxError, ValueError, RecursionError):
            continue
        yield path.relative_to(top).as_posix(), data, tree


def operators(path, data, tree):
    """Every binary operator, augmented assignment and single comparison of a file.

    Chained comparisons (`a < b < c`) and the operators `in`, `is`, `not in`, `is not` are left out: they are no
    element-wise operators of arrays.
    """
    lines = line_starts(data)
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            kind, left, operator, right = "binary", node.left, node.op, node.right
        elif isinstance(node, ast.AugAssign):
            kind, left, operator, right = "augmented", node.target, node.op, node.value
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in SYMBOLS:
            kind, left, operator, right = "comparison", node.left, node.ops[0], node.comparators[0]
        else:
            continue
        symbol = SYMBOLS[type(operator)] + ("=" if kind == "augmented" else "")
        gap = lines[left.end_lineno - 1] + left.end_col_offset
        at = token(data, gap, lines[right.lineno - 1] + right.col_offset, symbol.encode())
        if at is None:
            continue  # inside an f-string of a Python whose `ast` has no true positions there
        line = bisect.bisect_right(lines, at, hi=len(lines) - 1)
        column = len(data[lines[line - 1] : at].decode("utf-8")) + 1
        start = lines[node.lineno - 1] + node.col_offset
        end = lines[node.end_lineno - 1] + node.end_col_offset
        yield Operator(path, at, start, end, line, column, symbol, kind)


def line_starts(data):
    """Byte offsets at which Python's tokenizer begins lines: after `\\n`, `\\r\\n` and a lone `\\r`."""
    starts = [0] + [match.end() for match in re.finditer(rb"\r\n|\r|\n", data)]
    bom = 3 if data.startswith(b"\xef\xbb\xbf") else 0  # `ast` counts columns after the mark
    starts[0] = bom
    return starts + [len(data)]


def token(data, at, end, symbol):
    """The offset of the operator between two operands; parentheses, blanks and comments may stand around it."""
    while at < end:
        if data[at : at + 1] == b"#":
            at = data.find(b"\n", at)
            if at < 0:
                return None
        elif data[at] in b" \t\r\n\f\\()":
            at += 1
        else:
            return at if data.startswith(symbol, at) else None
    return None


def coin(*parts):
    """A number in [0, 1) that depends on nothing but the parts: draws stay the same on every machine and Python."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
