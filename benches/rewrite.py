"""Times `purify rewrite` beside `purify scan` and beside a LibCST codemod on the same trees.

    python benches/rewrite.py --purify PURIFY --libcst PYTHON [--rounds N] [--write] [TREE ...]

TREE is a folder of `.corpus` (or any folder); `--libcst` names an interpreter that has LibCST. Each round runs, in rotating
order and on one thread: the scan, the rewrite (all rules, `--unsafe`, the diff is thrown away), and a codemod that renames one
function in every file. CPU seconds of the process; ratios are those within a round. The trees are copied first: a rewrite reads
the whole project around what it is given, which for a folder of `.corpus` would be this repository.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- rewrite: begin -->", "<!-- rewrite: end -->"
TREES = ["numpy-financial-1.0.0", "cmaes-0.13.1", "filterpy-2.0.0", "emcee-3.1.6", "botorch-0.18.1", "kornia-0.9.0"]
# A codemod that does as little as one can: `anything.mean(…)` gets another name.
CODEMOD = """
import sys
from pathlib import Path
import libcst as cst

class Rename(cst.CSTTransformer):
    def leave_Call(self, original, updated):
        if isinstance(updated.func, cst.Attribute) and updated.func.attr.value == "mean":
            return updated.with_changes(func=updated.func.with_changes(attr=cst.Name("average")))
        return updated

changed = 0
for path in sorted(Path(sys.argv[1]).rglob("*.py")):
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        changed += cst.parse_module(text).visit(Rename()).code != text
    except cst.ParserSyntaxError:
        pass
print(changed)
"""


def main():
    parser = argparse.ArgumentParser(description="Time `purify rewrite` beside `purify scan` and a LibCST codemod.")
    parser.add_argument("trees", nargs="*", default=TREES, metavar="TREE")
    parser.add_argument("--purify", default="purify", help="the command, a release build")
    parser.add_argument("--libcst", default=sys.executable, help="an interpreter with LibCST")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write the table into benches/README.md")
    options = parser.parse_args()
    lines = ["| tree | files | scan, CPU s | rewrite, CPU s | LibCST, CPU s | rewrite / scan | LibCST / rewrite |", "|---|---|---|---|---|---|---|"]
    for name in options.trees:
        lines.append(row(name, options))
        print(lines[-1], flush=True)
    if options.write:
        head, rest = PAGE.read_text().split(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{rest.split(END)[1]}")


def row(name, options):
    tree = Path(name) if Path(name).is_dir() else ROOT / ".corpus" / name
    if not tree.is_dir():
        sys.exit(f"rewrite: no folder {tree}; `cargo xtask corpus` downloads the corpus")
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / tree.name
        shutil.copytree(tree, copy)
        return timed(name, copy, options)


def timed(name, tree, options):
    common = ["--no-cache", "--isolated", "--no-respect-gitignore", "--threads", "1", "--output-format", "json", str(tree)]
    tools = {
        "scan": [options.purify, "scan", *common],
        "rewrite": [options.purify, "rewrite", "--unsafe", *common],
        "libcst": [options.libcst, "-c", CODEMOD, str(tree)],
    }
    times = {tool: [] for tool in tools}
    order = list(tools)
    for _ in range(options.rounds):
        for tool in order:
            times[tool].append(cpu(tools[tool]))
        order.append(order.pop(0))
    ratio = lambda a, b: statistics.median(x / y for x, y in zip(times[a], times[b]))  # noqa: E731
    files = sum(1 for _ in tree.rglob("*.py"))
    seconds = " | ".join(f"{statistics.median(times[tool]):.2f}" for tool in tools)
    return f"| {name} | {files} | {seconds} | {ratio('rewrite', 'scan'):.2f} | {ratio('libcst', 'rewrite'):.1f} |"


def cpu(command):
    """CPU seconds of a command, which must end by itself; findings are no error."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"rewrite: {' '.join(command[:3])} failed: {errors[-500:]}")
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
