"""Execute a plan of moves on a copy of a package: its tests pass before and after, and `purify undo` restores every byte.

    cargo xtask moves [--python FILE] [--tests PATH] TREE PLAN

For instance `.corpus/emcee-3.1.6 tests/corpus/moves/emcee.toml --tests src/emcee/tests/unit`. Exit code 1 if a test that
passed fails or is gone after the moves, or a file differs after the undo.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--purify", default=os.environ.get("PURIFY", "purify"))
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the package's dependencies and pytest")
    parser.add_argument("--tests", default=".", help="what pytest is given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / options.tree.name
        shutil.copytree(options.tree, copy, symlinks=False)
        # Without one, the folders around the copy are asked for a configuration.
        (copy / "purify.toml").touch()
        sys.exit(1 if check(options, copy) else 0)


def check(options, copy):
    bytes_before, tests_before = contents(copy), tests(options, copy)
    command = [options.purify, "move", "--project", str(copy), "--plan", str(options.plan.resolve()), "--apply"]
    moved = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    print(moved.stdout + moved.stderr, end="")
    if moved.returncode not in (0, 1):
        return True
    tests_after = tests(options, copy)
    # A test is known by its name: its module may have moved.
    lost = sorted(set(tests_before) - set(tests_after))
    print(f"{len(tests_before)} tests pass before, {len(tests_after)} after the moves; lost: {', '.join(lost) or 'none'}")
    subprocess.run([options.purify, "undo", str(copy)], cwd=copy, check=True)
    bytes_after = contents(copy)
    differ = sorted(str(path) for path in bytes_before.keys() | bytes_after.keys() if bytes_before.get(path) != bytes_after.get(path))
    print(f"{len(bytes_before)} files before, {len(differ)} differ after the undo{': ' if differ else ''}{', '.join(differ)}")
    return bool(lost or differ)


def contents(root):
    ours = (".purify_undo", ".purify_cache")
    files = (path for path in root.rglob("*") if path.is_file() and not set(path.relative_to(root).parts) & set(ours))
    return {path.relative_to(root): path.read_bytes() for path in files}


def tests(options, root):
    """The names of the tests that pass."""
    source = root / "src" if (root / "src").is_dir() else root
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        command = [options.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", options.tests]
        subprocess.run(command, cwd=root, env=environment, capture_output=True)
        if not report.exists():
            sys.exit(f"pytest gave no report for {root.name}")
        cases = ElementTree.parse(report).iter("testcase")
        return {f"{case.get('classname')}::{case.get('name')}" for case in cases if not {child.tag for child in case}}


if __name__ == "__main__":
    main()
