"""`purify rules verify`: a rule that does not give what its library gives is not safe."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("numpy")
pytest.importorskip("purify.ops")

ROOT = pathlib.Path(__file__).parent.parent.parent


def command():
    """The `purify` to run: that of PURIFY, or the one on the path."""
    return os.environ.get("PURIFY") or shutil.which("purify") or pytest.skip("the command `purify` is not installed; set PURIFY")


def verify(*arguments):
    """The table of a run as JSON, and its exit code."""
    recorded = ROOT / "tests/reference/torch_rules.jsonl"
    line = [command(), "rules", "verify", "--isolated", "--python", sys.executable, "--recorded", recorded, "--output-format", "json", *arguments]
    done = subprocess.run(line, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout), done.returncode


def test_every_safe_rule_gives_what_its_library_gives():
    table, code = verify()
    assert [] == [f"{row['rule']}: {row['failures'][0]}" for row in table["rows"] if row["safe"] and row["failures"]]
    assert code == 0
    assert sum(row["cases"] for row in table["rows"]) > 5000


def test_calls_are_made_from_signatures():
    table, _ = verify("numpy-mean")
    (row,) = [row for row in table["rows"] if row["rule"] == "numpy-mean"]
    # Four arguments on seven inputs, beside the examples.
    assert row["cases"] >= 28 and row["verdict"] == "agrees"
