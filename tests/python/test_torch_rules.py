"""purify.ops makes of the rewritten examples of the PyTorch rules what PyTorch made of the originals.

The recorded results are those of `tests/reference/torch_rules.py`.
"""

import json
import pathlib
import tomllib

import pytest

pytest.importorskip("purify.ops")

from purify._verify import runs  # noqa: E402 - needs the one above
from purify._verify.compare import Distance  # noqa: E402

ROOT = pathlib.Path(__file__).parent.parent.parent
RECORDS = [json.loads(line) for line in (ROOT / "tests/reference/torch_rules.jsonl").read_text().splitlines()]


def rewritten_examples():
    """Text of each example after the rewrite, by rule and name."""
    found = {}
    for path in (ROOT / "rules").glob("*/*.toml"):
        if path.parent.name not in ("libraries", "targets", "codes"):
            for rule in tomllib.loads(path.read_text()).get("rule", []):
                for example in rule.get("test", []):
                    found[rule["id"], example["name"]] = example.get("after")
    return found


EXAMPLES = rewritten_examples()


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['rule']}: {record['example']}")
def test_rewritten_example_gives_what_pytorch_gave(record):
    case = {"after": EXAMPLES[record["rule"], record["example"]]}
    runs.against_record(case, record, None, Distance())
