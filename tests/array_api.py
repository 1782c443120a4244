#!/usr/bin/env python3
"""Runs the public conformance suite of the Python array API standard on `purify.ops` and prints the counts.

The suite is not part of this repository. To get it:

    git clone https://github.com/data-apis/array-api-tests suite
    git clone https://github.com/data-apis/array-api suite/array-api
    git -C suite/array-api checkout 5f847a3858875c682ae901aa22b0413bf24be9da
    pip install pytest "hypothesis>=6.151" "ndindex>=1.8" pytest-json-report

Then, with `purify` installed in the same environment:

    python tests/array_api.py suite

Deviations are listed in `tests/array_api_deviations.txt`: one test per line, the reason behind `#`. A listed test must
fail, every other one must pass; the exit status says whether that is so.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEVIATIONS = HERE / "array_api_deviations.txt"


def listed():
    """The tests that are known to fail."""
    if not DEVIATIONS.exists():
        return []
    lines = (line.partition("#")[0].strip() for line in DEVIATIONS.read_text().splitlines())
    return [line for line in lines if line]


def run(suite, version, examples, module, extra):
    """Runs pytest in the suite; returns its JSON report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--max-examples", str(examples),
            "--disable-deadline", "--json-report", f"--json-report-file={report}", *extra, "array_api_tests/",
        ]  # fmt: skip
        environment = {**os.environ, "ARRAY_API_TESTS_MODULE": module, "ARRAY_API_TESTS_VERSION": version}
        subprocess.run(command, cwd=suite, env=environment, stdout=subprocess.DEVNULL)
        if not report.exists():
            raise SystemExit("array_api: the suite did not start; run it by hand to see why:\n  " + " ".join(command))
        return json.loads(report.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path, help="folder of the checked-out suite")
    parser.add_argument("--version", default="2025.12", help="version of the standard (default: %(default)s)")
    parser.add_argument("--max-examples", type=int, default=20, help="examples per property (default: %(default)s)")
    parser.add_argument("--module", default="purify.ops", help="namespace under test (default: %(default)s)")
    parser.add_argument("pytest", nargs="*", help="further arguments for pytest, after --")
    args = parser.parse_args()
    if not (args.suite / "array_api_tests").is_dir():
        parser.error(f"{args.suite} is no checkout of the suite; --help says how to get one")

    report = run(args.suite.resolve(), args.version, args.max_examples, args.module, args.pytest)
    outcomes = {test["nodeid"]: test["outcome"] for test in report["tests"]}
    failed = {name for name, outcome in outcomes.items() if outcome not in ("passed", "skipped")}
    known = set(listed())
    summary = report["summary"]
    print(
        f"array API {args.version}, {args.module}, {args.max_examples} examples: "
        f"{summary.get('passed', 0)} passed, {len(failed)} failed, {summary.get('skipped', 0)} skipped, "
        f"{summary.get('total', len(outcomes))} in all"
    )
    new, gone = sorted(failed - known), sorted((known & set(outcomes)) - failed)
    for name in new:
        print(f"  fails: {name}")
    for name in gone:
        print(f"  passes, but is listed as a deviation: {name}")
    return 1 if new or gone or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
