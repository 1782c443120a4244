"""Score `purify scan` against the hand-labelled operators.

    cargo xtask labels             figures on the tuning half, with every miss and false hit
    cargo xtask labels --final     figures on both halves, no single rows
    cargo xtask labels --set fresh   figures on packages never tuned on, no single rows
    cargo xtask labels --set blind   the same on the packages of `tests/corpus/blind.toml`
    cargo xtask labels --set unseen  the same on the packages of `tests/corpus/unseen.toml`

A row is a hit when an operator finding starts at the operator's token. "Certain" counts findings of that confidence
only; "possible" counts both. "Unknown" is the share of operators that the scan reports as unknown: they are neither
hits nor misses of the first two tiers until one asks for them.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from corpus import SETS, folder, packages

POSITIVE = {"array", "numpy-scalar"}
# The label files of each set of packages.
FILES = {name: ("operators.jsonl", "others.jsonl") if name == "corpus" else (f"{name}.jsonl",) for name in SETS}
# Codes of the operator family, PUR6xx.
FAMILY = "PUR6"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--final", action="store_true", help="also the holdout half; prints no single rows")
    parser.add_argument("--set", choices=SETS, default="corpus", help="the packages and labels to score")
    parser.add_argument("--purify", default=os.environ.get("PURIFY", "purify"), help="the command to score")
    parser.add_argument("--without", nargs="+", default=[], metavar="PACKAGE", help="leave the rows of these packages out")
    options = parser.parse_args()
    for name in FILES[options.set]:
        path = Path(__file__).with_name(name)
        if not path.exists():
            continue
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        rows = [row for row in rows if row["package"] not in options.without]
        answer(rows, options.purify, options.set)
        for kind in sorted({row["kind"] for row in rows}):
            of_kind = [row for row in rows if row["kind"] == kind]
            halves = ["holdout"] if options.set != "corpus" else ["tune", "holdout"] if options.final else ["tune"]
            for half in halves:
                table(kind, half, [row for row in of_kind if row["split"] == half])
            if options.final and len(halves) > 1:
                table(kind, "both", of_kind)
        if "tune" in halves and not options.final:
            list_errors([row for row in rows if row["split"] == "tune"])


def answer(rows, purify, chosen):
    """Fill in each row's `verdict`: the confidence of the finding at its operator, or None."""
    wanted = defaultdict(list)
    for row in rows:
        row["verdict"] = None
        wanted[row["package"]].append(row)
    for package in packages(chosen):
        if package["name"] not in wanted:
            continue
        found = scan(purify, folder(package))
        for row in wanted[package["name"]]:
            row["verdict"] = found.get((row["file"], row["line"], row["column"]))


def scan(purify, path):
    """The operator findings of a folder: {(file, line, column): confidence}."""
    command = [purify, "scan", ".", "--isolated", "--no-respect-gitignore", "--no-cache", "--output-format", "jsonl",
               "--confidence", "unknown", "--select", FAMILY]  # fmt: skip
    done = subprocess.run(command, cwd=path, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"score: {' '.join(command)} in {path}: exit code {done.returncode}\n{done.stderr}")
    found = {}
    for line in done.stdout.splitlines():
        finding = json.loads(line)
        if not finding.get("code", "").startswith(FAMILY):
            continue
        start = finding["start"]
        found[finding["path"].removeprefix("./"), start["line"], start["column"]] = finding["confidence"]
    return found


def table(kind, half, rows):
    judged = [row for row in rows if row["label"] != "undecidable" and neutral(row) is False]
    labels = Counter(row["label"] for row in judged)
    print(f"\n{kind} operators, {half}: {len(judged)} judged ({', '.join(f'{n} {k}' for k, n in labels.most_common())}), "
          f"{len(rows) - len(judged)} left out")
    print(f"  {'':34}{'precision':>26}{'recall':>26}")
    for name, tier in (("certain", {"certain"}), ("certain + possible", {"certain", "possible"})):
        line(name, judged, lambda row, tier=tier: row["verdict"] in tier, POSITIVE)
    line("  the same, arrays only", [r for r in judged if r["label"] != "numpy-scalar"],
         lambda row: row["verdict"] in {"certain", "possible"}, {"array"})
    line("naive: every operator", judged, lambda row: True, POSITIVE)
    unknown = [row for row in judged if row["verdict"] == "unknown"]
    hidden = sum(row["label"] in POSITIVE for row in unknown)
    print(f"  unknown: {len(unknown)} of {len(judged)} ({len(unknown) / max(1, len(judged)):.0%}), {hidden} of them arrays or NumPy scalars")


def neutral(row):
    return row["label"] in POSITIVE and row["library"] not in {"numpy", "torch"}


def line(name, rows, flagged, positive):
    hits = [row for row in rows if flagged(row)]
    true = sum(row["label"] in positive for row in hits)
    all_true = sum(row["label"] in positive for row in rows)
    print(f"  {name:34}{share(true, len(hits)):>26}{share(true, all_true):>26}")


def share(part, whole):
    """`0.97 (66/68, 0.90-0.99)`: the value and its 95 % Wilson interval."""
    if not whole:
        return "- (0/0)"
    p, z = part / whole, 1.96
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    return f"{p:.3f} ({part}/{whole}, {middle - half:.2f}-{min(1, middle + half):.2f})"


def list_errors(rows):
    rows = [row for row in rows if row["label"] != "undecidable" and not neutral(row)]
    for title, wrong in (
        ("false hits", [r for r in rows if r["label"] not in POSITIVE and r["verdict"] in {"certain", "possible"}]),
        ("misses", [r for r in rows if r["label"] in POSITIVE and r["verdict"] not in {"certain", "possible"}]),
    ):
        print(f"\n{title} (tune):")
        for row in wrong:
            place = f"{row['package']}-{row['version']}/{row['file']}:{row['line']}:{row['column']}"
            print(f"  {row['operator']:3} {row['label']:13} {row['verdict'] or 'silent':9} {place}  {row['reason']}")


if __name__ == "__main__":
    main()
