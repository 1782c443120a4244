"""Rewrite real packages with one command and run their own tests without NumPy.

    python benches/packages.py --wheel purify-….whl [--quick] [--only NAME ...] [--work FOLDER] [--write]

For each package of `packages.toml`: its source distribution is fetched by pip (its configured index, proxies and
certificates), checked against the pinned SHA-256 and unpacked twice. One copy runs its tests with NumPy. The other is
rewritten by `purify rewrite --apply` (with `--unsafe` where the data say so) and runs the same tests in an environment that
has purify, pytest and no NumPy and no PyTorch; that neither can be imported is checked first. No file is edited by hand.

The exit status is 0 if every test that passed before passes afterwards, or is listed as lost with its reason in the data.
`--write` puts the table into `benches/README.md`. `--wheel` may be left out if `PURIFY` names a command and
`PYTHONPATH_PURIFY` a folder with the package, which saves building a wheel while one works on it.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(__file__).with_name("packages.toml")
PAGE = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- packages: begin -->", "<!-- packages: end -->"
# A suite that hangs is a suite that fails.
LONGEST = 900


def main():
    parser = argparse.ArgumentParser(description="Rewrite real packages and run their own tests without NumPy.")
    parser.add_argument("--wheel", type=Path, help="the wheel to test (default: built with `pip wheel .`)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these packages")
    parser.add_argument("--quick", action="store_true", help="only the packages that the data mark as quick")
    parser.add_argument("--work", type=Path, help="keep archives, environments and trees in this folder")
    parser.add_argument("--write", action="store_true", help="write the table into benches/README.md")
    options = parser.parse_args()
    packages = chosen(tomllib.loads(DATA.read_text())["package"], options)
    with tempfile.TemporaryDirectory(prefix="purify-packages-") as temporary:
        work = (options.work or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        rows = run(packages, options, work)
    text = table(rows)
    print(text)
    if options.write:
        write(text)
    lost = [row for row in rows if row["lost"] != row["expected"]]
    for row in lost:
        missing, back = set(row["lost"]) - set(row["expected"]), set(row["expected"]) - set(row["lost"])
        print(f"{row['name']}: {len(missing)} tests no longer pass {sorted(missing)[:10]}, {len(back)} pass again {sorted(back)[:10]}")
    passed = sum(row["after"] for row in rows)
    print(f"{passed} passed, {sum(len(set(row['lost']) - set(row['expected'])) for row in rows)} failed")
    sys.exit(1 if lost else 0)


def chosen(packages, options):
    names = {package["name"] for package in packages}
    unknown = sorted(set(options.only or ()) - names)
    if unknown:
        sys.exit(f"packages: not in {DATA.name}: {', '.join(unknown)}; known: {', '.join(sorted(names))}")
    if options.only:
        return [package for package in packages if package["name"] in options.only]
    return [package for package in packages if package.get("quick") or not options.quick]


def run(packages, options, work):
    archives = fetch(packages, work / "archives")
    requires = sorted({name for package in packages for name in package.get("requires", [])})
    before = environment(work / "with-numpy", ["pytest", "numpy", *requires])
    if options.wheel or "PURIFY" not in os.environ:
        after = environment(work / "without-numpy", ["pytest", str(options.wheel or ROOT), *requires])
        purify, extra = str(Path(after).with_name("purify")), []
    else:
        after = environment(work / "without-numpy", ["pytest", *requires])
        purify, extra = os.environ["PURIFY"], [os.environ["PYTHONPATH_PURIFY"]]
    absent(after)
    rows = []
    for package in packages:
        folder = f"{package['name']}-{package['version']}"
        trees = [unpack(archives[package["name"]], work / kind / folder) for kind in ("original", "rewritten")]
        passed, total = suite(before, trees[0], package, [], work / f"{folder}-before.xml")
        counts = rewrite(purify, trees[1], package)
        now, _ = suite(after, trees[1], package, extra, work / f"{folder}-after.xml")
        expected = sorted(name for names in package.get("lost", {}).values() for name in names)
        rows.append({
            "name": package["name"], "version": package["version"], "command": bool(package.get("unsafe")), **counts,
            "before": len(passed), "total": total, "after": len(passed & now), "lost": sorted(passed - now), "expected": expected,
            "why": package.get("why", ""),
        })  # fmt: skip
        print(f"{folder}: {len(passed & now)} of {len(passed)} tests pass without NumPy", file=sys.stderr, flush=True)
    return rows


def fetch(packages, folder):
    """The archives by package, fetched by the corpus' downloader where they are not there yet."""
    spec = importlib.util.spec_from_file_location("corpus_fetch", ROOT / "tests/corpus/fetch.py")
    corpus = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    known = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in folder.iterdir()}
    found = {package["name"]: known[package["sha256"]] for package in packages if package["sha256"] in known}
    missing = [package for package in packages if package["name"] not in found]
    for package, path in corpus.download(missing, folder) if missing else ():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != package["sha256"]:
            sys.exit(f"packages: {package['name']} {package['version']}: sha256 is {digest}, pinned is {package['sha256']}")
        found[package["name"]] = path
    return found


def environment(folder, requirements):
    """The interpreter of a fresh virtual environment with these distributions."""
    venv.create(folder, clear=True, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements], check=True)
    return python


def absent(python):
    """Ends the run if the interpreter finds NumPy or PyTorch: the whole point is that it cannot."""
    code = "import importlib.util; print(*(n for n in ('numpy', 'torch') if importlib.util.find_spec(n)))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    if found:
        sys.exit(f"packages: {python} can import {found}")


def unpack(archive, target):
    """The archive's files without its own top folder."""
    if target.exists():
        import shutil

        shutil.rmtree(target)
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as zipped:
                zipped.extractall(temporary)
        else:
            with tarfile.open(archive) as tar:
                tar.extractall(temporary, filter="data")
        (top,) = Path(temporary).iterdir()
        target.rmdir()
        top.rename(target)
    return target


def rewrite(purify, tree, package):
    """Rewrites the tree by one command; returns what became of the call sites."""
    command = [purify, "rewrite", "--apply", "--output-format", "json", *(["--unsafe"] if package.get("unsafe") else [])]
    done = subprocess.run([*command, *package["paths"]], cwd=tree, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"packages: {' '.join(map(str, command))} failed in {tree}:\n{done.stderr}")
    summary = json.loads(done.stdout)["summary"]
    return {key: summary[key] for key in ("sites", "safe", "unsafe", "kept", "refused")}


def suite(python, tree, package, extra, report):
    """The names of the tests that pass, and how many there are."""
    tests = [str(path.relative_to(tree)) for pattern in package["tests"] for path in sorted(tree.glob(pattern))]
    path = os.pathsep.join([*(str(tree / root) for root in package.get("roots", ["."])), *extra])
    command = [python, "-m", "pytest", "-q", "--continue-on-collection-errors", "-p", "no:cacheprovider", f"--junitxml={report}", *package.get("options", []), *tests]
    plugin = ["-p", "purify.pytest_plugin"] if extra else []
    environ = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    report.unlink(missing_ok=True)
    try:
        subprocess.run([*command, *plugin], cwd=tree, env=environ, capture_output=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        print(f"packages: the tests of {tree} did not end within {LONGEST} s", file=sys.stderr)
    if not report.exists():
        return set(), 0
    cases = list(ElementTree.parse(report).iter("testcase"))
    bad = {"failure", "error", "skipped"}
    passed = {f"{c.get('classname')}::{c.get('name')}" for c in cases if not bad & {child.tag for child in c}}
    # A test and its subtests are cases of one name: all of them must pass.
    return passed - {f"{c.get('classname')}::{c.get('name')}" for c in cases if {"failure", "error"} & {child.tag for child in c}}, len(cases)


def table(rows):
    lines = [
        "| package | version | command | call sites | safe | unsafe | stays valid | refused | hand edits | tests before | tests after |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        share = {key: f"{100 * row[key] / max(row['sites'], 1):.1f} %" for key in ("safe", "unsafe", "kept", "refused")}
        command = "`--unsafe --apply`" if row["command"] else "`--apply`"
        lines.append(
            f"| {row['name']} | {row['version']} | {command} | {row['sites']} | {share['safe']} | {share['unsafe']} "
            f"| {share['kept']} | {share['refused']} | 0 | {row['before']} | {row['after']} |"
        )
    notes = [f"* {row['name']}: {row['why']}" for row in rows if row["why"]]
    return "\n".join(lines + ([""] + notes if notes else []))


def write(text):
    page = PAGE.read_text()
    head, rest = page.split(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
