"""purify.ops makes of the rewritten examples of the NumPy rules what NumPy makes of the originals.

Each example of a safe rule is run twice on the same inputs, before and after the rewrite: results, dtypes, shapes and
what was written in place must agree. `verify = false` in a rule, with its reason, leaves it out. `test_verify.py` runs
the calls that `purify rules verify` makes up as well.
"""

import pathlib
import tomllib

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("purify.ops")

from purify._verify import cases, runs  # noqa: E402 - needs the two above
from purify._verify.compare import Distance  # noqa: E402

ROOT = pathlib.Path(__file__).parent.parent.parent


def examples():
    """The examples of the safe NumPy rules that change something and can be called with arrays alone."""
    for path in sorted((ROOT / "rules").glob("*/*.toml")):
        if path.parent.name in ("libraries", "targets", "codes"):
            continue
        for rule in tomllib.loads(path.read_text()).get("rule", []):
            if rule["id"].startswith("numpy-") and rule.get("applicability", "safe") == "safe":
                for case in cases.of_rule(rule)[0]:
                    if case["after"] is not None:
                        yield pytest.param(case, id=f"{rule['id']}: {case['name']}")


@pytest.mark.parametrize("case", list(examples()))
def test_rewritten_example_gives_what_numpy_gives(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some examples write files
    runs.against_numpy(case, np, Distance())


def test_a_wrong_rewrite_is_told():
    case = {"before": "def f(x):\n    return x.mean(axis=0)\n", "after": "def f(x):\n    return x.mean(axis=1)\n"}
    rest = {"name": "wrong", "inputs": "", "setup": "", "without": [], "tolerance": None}
    with pytest.raises(runs.Differs, match="result"):
        runs.against_numpy({**case, **rest}, np, Distance())
