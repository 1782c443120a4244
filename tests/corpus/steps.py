"""Execute a plan step by step on a copy of a package: rewrite level k, import everything, run the tests.

    cargo xtask steps [--python FILE] [--path DIR] [--unsafe] TREE ...

For each tree: `purify plan` gives the levels; level by level, `purify rewrite --apply` moves the files of the level, and the tests
whose needs are all moved, because tests hand their module what it works on. After each level every file has to parse, every module that could be imported before has to be importable (with the dependencies that
the given Python has; `--path` names a folder with the `purify` package), no name may be left without a definition that had one,
and every test that passed before has to pass. Exit code 1 if a level breaks something.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

IMPORT_ALL = """
import importlib, json, sys
result = {}
for name in json.load(sys.stdin):
    try:
        importlib.import_module(name)
        result[name] = ""
    except BaseException as error:
        result[name] = f"{type(error).__name__}: {error}"
print("\\n" + json.dumps(result))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", nargs="+", type=Path)
    parser.add_argument("--purify", default=os.environ.get("PURIFY", "purify"))
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the packages' dependencies and pytest")
    parser.add_argument("--path", type=Path, help="folder with the package `purify` that rewritten code imports")
    parser.add_argument("--unsafe", action="store_true", help="make fixes too that may change a value")
    parser.add_argument("--timeout", type=int, default=300, help="seconds for the tests of one level")
    options = parser.parse_args()
    broken = 0
    for tree in options.tree:
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / tree.name
            shutil.copytree(tree, copy, symlinks=False)
            broken += Run(options, copy).run()
    sys.exit(1 if broken else 0)


class Run:
    def __init__(self, options, root):
        self.options, self.root = options, root
        roots = [root / "src"] if (root / "src").is_dir() else [root]
        paths = [str(path) for path in [*roots, root, options.path] if path]
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
        self.source_root = roots[0]

    def run(self):
        plan = self.plan()
        levels = {}
        for item in plan["items"]:
            if item["status"] in ("READY", "BLOCKED"):
                levels.setdefault(item["level"], []).append(item["path"])
        moved = set()
        level_of = {item["path"]: item["level"] for item in plan["items"]}
        needs = {item["path"]: {need["path"] for need in item["depends_on"]} for item in plan["items"]}
        tests = {test for item in plan["items"] for test in item["tests"] if test in level_of}
        before = self.state(plan)
        importable = sum(1 for error in before["imports"].values() if not error)
        passing = sum(1 for outcome in before["tests"].values() if outcome == "passed")
        print(f"{self.root.name}: {plan['totals']['affected']} files with ties in {len(levels)} levels; "
              f"{importable} of {len(before['imports'])} modules importable, {passing} tests pass")
        broken = 0
        for level in sorted(levels):
            files = [path for path in levels[level] if path not in moved]
            along = [test for test in sorted(tests) if test not in moved and all(level_of[need] <= level for need in needs[test])]
            files += [test for test in along if test not in files]
            moved.update(files)
            if not files:
                continue
            command = [self.options.purify, "rewrite", *files, "--apply", "--no-cache", "--isolated"]
            if self.options.unsafe:
                command.append("--unsafe")
            result = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
            if result.returncode != 0:
                print(f"  level {level}: rewrite failed: {result.stderr.strip()}")
                broken += 1
                continue
            after = self.state(self.plan())
            problems = self.compare(before, after)
            summary = result.stderr.strip().splitlines()[-1:] or ["nothing changed"]
            passing = sum(1 for outcome in after["tests"].values() if outcome == "passed")
            print(f"  level {level}: {len(files)} files, {summary[0]}; {passing} tests pass; {len(problems)} broken")
            for problem in problems[:20]:
                print(f"    {problem}")
            broken += len(problems)
            # What one level breaks is not told again for the next.
            before = {"parse": set(), "imports": after["imports"], "names": after["names"], "tests": after["tests"]}
        left = self.plan()
        print(f"  left: {left['totals']['affected']} files with ties, {left['totals']['importing']} import a library")
        return broken

    def plan(self):
        command = [self.options.purify, "plan", ".", "--output-format", "json", "--no-cache", "--isolated", "--quiet"]
        result = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
        if result.returncode not in (0, 1):
            sys.exit(f"purify plan failed on {self.root.name}: {result.stderr}")
        return json.loads(result.stdout)

    def state(self, plan):
        broken = {risk["path"] for risk in plan["risks"] if risk["kind"] == "syntax-error"}
        names = {(risk["path"], risk["note"]) for risk in plan["risks"] if risk["kind"] != "syntax-error"}
        return {"parse": broken, "names": names, "imports": self.imports(), "tests": self.tests()}

    def imports(self):
        modules = []
        for path in sorted(self.source_root.rglob("*.py")):
            parts = list(path.relative_to(self.source_root).with_suffix("").parts)
            inside = all((self.source_root.joinpath(*parts[:n]) / "__init__.py").exists() for n in range(1, len(parts)))
            if inside and len(parts) > 1 and not any(part in ("tests", "setup", "__main__") for part in parts):
                modules.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        result = subprocess.run([self.options.python, "-c", IMPORT_ALL], input=json.dumps(modules), cwd=self.root, env=self.environment,
                                capture_output=True, text=True, timeout=self.options.timeout)
        if result.returncode != 0:
            sys.exit(f"importing the modules of {self.root.name} failed: {result.stderr}")
        return json.loads(result.stdout.splitlines()[-1])

    def tests(self):
        report = self.root / ".purify-steps.xml"
        report.unlink(missing_ok=True)
        command = [self.options.python, "-m", "pytest", "-q", "--continue-on-collection-errors", "-p", "no:cacheprovider", f"--junitxml={report}", "."]
        if self.options.path:
            # What an installed purify brings to pytest.
            command += ["-p", "purify.pytest_plugin"]
        try:
            subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, timeout=self.options.timeout)
        except subprocess.TimeoutExpired:
            print("  (the tests take longer than --timeout allows and do not count)")
            return {}
        if not report.exists():
            return {}
        outcomes = {}
        for case in ElementTree.parse(report).iter("testcase"):
            kinds = {child.tag for child in case}
            outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
            outcomes[f"{case.get('classname')}::{case.get('name')}"] = outcome
        return outcomes

    @staticmethod
    def compare(before, after):
        problems = [f"{path} does not parse any more" for path in sorted(after["parse"] - before["parse"])]
        problems += [f"{path}: {note}" for path, note in sorted(after["names"] - before["names"])]
        for module, error in after["imports"].items():
            if error and not before["imports"].get(module, "new"):
                problems.append(f"`{module}` cannot be imported any more: {error}")
        for test, outcome in before["tests"].items():
            if outcome == "passed" and after["tests"].get(test) != "passed":
                problems.append(f"{test} passed before: {after['tests'].get(test, 'not found')}")
        return problems


if __name__ == "__main__":
    main()
