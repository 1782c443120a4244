"""Install the hooks of `.pre-commit-hooks.yaml` with the real pre-commit, from a local clone, and run them.

    python tests/hooks.py [--pre-commit FILE] [--binary FILE]

pre-commit installs the clone as anybody would: it builds the wheel, which takes minutes (15 with
two cores shared with other jobs, 11 of CPU). `--binary` puts the given executable
into a package of its own instead, so that what the hooks pass and which files they take is tested alone.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETUP = """\
from setuptools import setup
setup(name="purify", version="0", scripts=["bin/purify"], py_modules=[])
"""
GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pre-commit", default=shutil.which("pre-commit") or "pre-commit")
    parser.add_argument("--binary", type=lambda text: Path(text).resolve())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        os.environ["PRE_COMMIT_HOME"] = str(scratch / "cache")
        hooks = scratch / "purify"
        revision = clone(hooks, options.binary)
        project = scratch / "project"
        project.mkdir()
        git(project, "init", "--quiet", "--initial-branch=main")
        (project / ".pre-commit-config.yaml").write_text(
            f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: purify-scan\n  - id: purify-gate\n  - id: purify-rewrite\n"
        )
        (project / "purify.toml").write_text("")
        (project / "old.py").write_text("import numpy as np\n\n\ndef f(n):\n    return np.zeros(n)\n")
        (project / "notes.txt").write_text("import numpy\n")
        git(project, "add", ".")
        run = Hooks(options.pre_commit, project)
        # No baseline: the gate is closed by what is there.
        run.expect("purify-gate", 1, "PUR101")
        run.expect("purify-scan", 1, "old.py:1:8: PUR101")
        command = [options.binary or run.installed("purify"), "gate", "--update", "--no-cache"]
        subprocess.run(command, cwd=project, check=True, capture_output=True)
        git(project, "add", ".")
        run.expect("purify-gate", 0, "Passed")
        # A staged file with a new tie: the gate looks at the whole project and fails on that tie.
        (project / "new.py").write_text("from old import f\n\n\ndef g(n):\n    return f(n) + 1\n")
        git(project, "add", ".")
        run.expect("purify-gate", 1, "new.py:5:17: PUR601")
        # The rewrite changes the staged file, which pre-commit takes for a failure.
        run.expect("purify-rewrite", 1, "files were modified by this hook")
        assert "ops.zeros" in (project / "old.py").read_text(), (project / "old.py").read_text()
        git(project, "add", ".")
        run.expect("purify-rewrite", 0, "Passed")
        # Files that are no Python are none of its business.
        git(project, "commit", "--quiet", "--no-verify", "-m", "all")
        (project / "notes.txt").write_text("import numpy, torch\n")
        git(project, "add", ".")
        run.expect("purify-scan", 0, "no files to check")
    print("hooks: all as expected")


def clone(target, binary):
    git(ROOT, "clone", "--quiet", "--no-hardlinks", str(ROOT), str(target))
    if binary:
        (target / "bin").mkdir()
        shutil.copy(binary, target / "bin" / "purify")
        for name in ("pyproject.toml", "Cargo.toml", "Cargo.lock"):
            (target / name).unlink()
        (target / "setup.py").write_text(SETUP)
        # setuptools reads scripts as text; the executable goes in as a wrapper around its copy.
        (target / "bin" / "purify").rename(target / "bin" / "purify-native")
        wrapper = f'#!/bin/sh\nexec "{target}/bin/purify-native" "$@"\n'
        (target / "bin" / "purify").write_text(wrapper)
        (target / "bin" / "purify").chmod(0o755)
        git(target, "add", "--all", "--force", ".")
        git(target, "commit", "--quiet", "--no-verify", "-m", "binary")
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=target, check=True, capture_output=True, text=True).stdout.strip()


def git(folder, *arguments):
    subprocess.run([*GIT, *arguments], cwd=folder, check=True)


class Hooks:
    def __init__(self, program, project):
        self.program, self.project = program, project

    def expect(self, hook, code, text):
        result = subprocess.run([self.program, "run", hook, "--color", "never", "--verbose"], cwd=self.project, capture_output=True, text=True)
        output = result.stdout + result.stderr
        if result.returncode != code or text not in output:
            sys.exit(f"{hook}: expected exit {code} with `{text}`, got {result.returncode}:\n{output}")
        print(f"{hook}: exit {code}, {text}")

    @staticmethod
    def installed(name):
        """The program that pre-commit installed."""
        found = sorted(Path(os.environ["PRE_COMMIT_HOME"]).rglob(f"bin/{name}"))
        return found[0] if found else sys.exit("pre-commit installed no purify")


if __name__ == "__main__":
    main()
