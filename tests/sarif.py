"""Validate the SARIF that purify writes against the schema of OASIS.

    cargo xtask sarif SCHEMA [FOLDER ...]

SCHEMA is `sarif-schema-2.1.0.json` (https://docs.oasis-open.org/sarif/sarif/v2.1.0/); it is not part of this repository. Scanned are
a small project that has one of everything a log can hold, the fixtures, standard input, and the folders that are named.
Needs `jsonschema`; with `rfc3987-syntax` it looks at the form of URIs as well.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[1]
SHOWN = 10
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": ["import torch\n", "torch.ones(2) + 1"]}
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}
# Evidence in another file, silenced findings with and without a reason, broken files, bytes that are no text, a name to escape.
FILES = {
    "pkg/__init__.py": b"",
    "pkg/make.py": b"import numpy as np\n\ndef make():\n    return np.zeros(3)\n",
    "pkg/trip.py": b"import torch\ndef f(x: torch.Tensor):\n    return torch.from_numpy(x.cpu().numpy()).cuda()\n",
    "pkg/use it ä%#.py": b"""from pkg.make import make
def plot():
    x = make() + 1
    y = make() * 2  # purify: ignore[PUR601] plotted
    return make() - 1  # purify: ignore
""",
    "pkg/broken.py": b"import numpy as np\ndef f(:\n    np.sum(1)\n",
    "pkg/latin.py": b"# -*- coding: utf-8 -*-\nimport numpy\ns = '\xff\xfe'\n",
    "pkg/nul.py": b"import numpy\n\0\n",
    "pkg/book.ipynb": json.dumps(NOTEBOOK).encode(),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("schema", type=Path)
    parser.add_argument("folder", nargs="*", type=Path, help="more folders to scan")
    parser.add_argument("--purify", default=os.environ.get("PURIFY", "purify"))
    options = parser.parse_args()
    schema = json.loads(options.schema.read_text())
    kind = jsonschema.validators.validator_for(schema)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "project"
        for name, data in FILES.items():
            path = project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        folder_that_cannot_be_read(project)
        missing = [part for part, seen in parts(scan(options.purify, project)).items() if not seen]
        if missing:
            sys.exit(f"sarif: the example has no {', '.join(missing)} any more")
        for name, log in {
            "one of everything": scan(options.purify, project),
            "seen from elsewhere": scan(options.purify, ROOT, str(project)),
            "standard input": scan(options.purify, project, "-", text=FILES["pkg/make.py"]),
            "fixtures": scan(options.purify, ROOT, "fixtures"),
            **{str(folder): scan(options.purify, ROOT, str(folder.resolve())) for folder in options.folder},
        }.items():
            errors = list(validator.iter_errors(log))
            failed |= bool(errors)
            print(f"{name:24} {len(log['runs'][0]['results']):6} results  {len(errors):4} errors", flush=True)
            for error in errors[:SHOWN]:
                print(f"    {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    sys.exit(1 if failed else 0)


def folder_that_cannot_be_read(below):
    """Folders within folders until a path names too long; also root, who may read everything, cannot read the last ones."""
    at = os.open(below, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=at)
        deeper = os.open("d" * 250, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = deeper
    os.close(at)


def scan(purify, folder, *paths, text=b""):
    """The log of a scan in `folder`."""
    command = [purify, "scan", *(paths or ["."]), "--isolated", "--no-respect-gitignore", "--no-cache", "--output-format", "sarif"]
    done = subprocess.run(command, cwd=folder, input=text, capture_output=True, check=False)
    if not done.stdout:
        sys.exit(f"sarif: {' '.join(command)} wrote nothing:\n{done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def parts(log):
    """Which of the parts that a log may have this one has."""
    run = log["runs"][0]
    results = run["results"]
    notifications = [n for invocation in run["invocations"] for n in invocation["toolExecutionNotifications"]]
    suppressions = [s for result in results for s in result.get("suppressions", [])]
    return {
        "evidence": any(result.get("relatedLocations") for result in results),
        "suppression with a reason": any("justification" in s for s in suppressions),
        "suppression without a reason": any("justification" not in s for s in suppressions),
        "place without a region": any("region" not in place["physicalLocation"] for result in results for place in result["locations"]),
        "logical location": any("logicalLocations" in place for result in results for place in result["locations"]),
        "escaped path": any("%" in place["physicalLocation"]["artifactLocation"]["uri"] for result in results for place in result["locations"]),
        "fix": any("fixes" in result for result in results),
        "path": any("codeFlows" in result for result in results),
        "trouble": bool(notifications),
    }


if __name__ == "__main__":
    main()
