"""Draw operators of the corpus at random, to be labelled by hand.

    python tests/labels/draw.py binary 340            the draw as JSON lines, without labels
    python tests/labels/draw.py binary 340 --show     the same with the code one needs to label them
    python tests/labels/draw.py binary 160 --set fresh   from the packages of `tests/corpus/fresh.toml`, or of `blind.toml` or `unseen.toml`

Design. The population is every operator of the kind in every `.py` file of the corpus that Python parses, tests and
examples included. A package with more than CAP of them contributes CAP, drawn at random, so that four packages with
half of all operators do not decide the figures; from the union of what the packages contribute the sample is drawn
uniformly without replacement. All choices are hashes of the seed, the package and the position: the draw repeats on
any machine. A second hash, of another seed, puts each drawn operator into "tune" or "holdout". The other sets have
seeds and caps of their own, and all of them is "holdout".
"""

import argparse
import ast
import json
import sys

from corpus import SETS, coin, folder, operators, packages, sources

CAP = {name: 1500 if name == "corpus" else 120 for name in SETS}
SEED = {name: "purify operators 1" if name == "corpus" else f"purify operators {name} 1" for name in SETS}
SPLIT_SEED = "purify operators split 1"


def draw(kind, count, chosen="corpus"):
    """The sample: a list of (package, operator) in random order."""
    pool, seed, cap = [], SEED[chosen], CAP[chosen]
    for package in packages(chosen):
        found = [
            (coin(seed, kind, package["name"], item.path, item.at), item)
            for path, data, tree in sources(package)
            for item in operators(path, data, tree)
            if item.kind == kind
        ]
        found.sort()
        pool += [(package, item) for _, item in found[:cap]]
        print(f"{package['name']:28} {len(found):7} {min(len(found), cap):6}", file=sys.stderr)
    # A fresh hash: the one above is small for what survived a cap, and would favour the large packages again.
    pool.sort(key=lambda row: coin(seed, "sample", kind, row[0]["name"], row[1].path, row[1].at))
    print(f"{'pool':28} {'':7} {len(pool):6}", file=sys.stderr)
    return pool[:count]


def record(package, item):
    return {
        "package": package["name"], "version": package["version"], "file": item.path,
        "line": item.line, "column": item.column, "at": item.at, "start": item.start, "end": item.end,
        "kind": item.kind, "operator": item.symbol,
        "split": "tune" if package["set"] == "corpus" and coin(SPLIT_SEED, package["name"], item.path, item.at) < 0.5 else "holdout",
    }  # fmt: skip


def show(number, package, item):
    """Print the operator, the heads of its enclosing definitions and the lines that define the names in it."""
    data = (folder(package) / item.path).read_bytes()
    tree = ast.parse(data)
    lines = data.decode("utf-8").splitlines()
    first = data.count(b"\n", 0, item.start) + 1
    last = data.count(b"\n", 0, item.end) + 1
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    around = [n for n in ast.walk(tree) if isinstance(n, definitions) and n.lineno <= first and last <= n.end_lineno]
    around.sort(key=lambda node: node.lineno)
    wanted = set(range(max(1, first - 3), min(len(lines), last + 1) + 1))
    for node in around:
        wanted |= set(range(node.lineno, min(node.body[0].lineno, node.lineno + 14)))
    scope = next((node for node in reversed(around) if not isinstance(node, ast.ClassDef)), tree)
    statement = next(n for n in ast.walk(tree) if hasattr(n, "lineno") and n.lineno == first)
    wanted |= definitions_of(names_in(statement), scope, last, depth=2)
    print(f"\n=== {number} {package['name']} {item.path}:{item.line}:{item.column}  {item.symbol}")
    before = 0
    for line in sorted(wanted):
        if line > before + 1 and before:
            print("   ...")
        print(f"{'>' if first <= line <= last else ' '}{line:5} {lines[line - 1][:150]}")
        before = line
    print(f"   OP: {data[item.start : item.end].decode()[:300]!r}")


def definitions_of(names, scope, last, depth):
    """The lines up to `last` that assign one of the names, and the lines that assign the names used there."""
    wanted, used = set(), set()
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
            targets, value = [node.target], node.value
        elif isinstance(node, ast.For):
            targets, value = [node.target], node.iter
        else:
            continue
        if node.lineno <= last and set().union(*map(names_in, targets)) & names:
            wanted |= set(range(node.lineno, min(value.end_lineno if value else node.lineno, node.lineno + 5) + 1))
            used |= names_in(value) if value else set()
    return wanted | (definitions_of(used, scope, last, depth - 1) if depth > 1 else set())


def names_in(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["binary", "augmented", "comparison"])
    parser.add_argument("count", type=int)
    parser.add_argument("--show", action="store_true", help="print the code around each operator")
    parser.add_argument("--set", choices=SETS, default="corpus", help="the packages to draw from")
    options = parser.parse_args()
    for number, (package, item) in enumerate(draw(options.kind, options.count, options.set)):
        if options.show:
            show(number, package, item)
        else:
            print(json.dumps(record(package, item)))


if __name__ == "__main__":
    main()
