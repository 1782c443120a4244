"""Compare the import and API findings of `purify scan` with the oracle, package by package.

    cargo xtask oracle [PACKAGE ...]        exit code 1 if a difference is not explained

Compared are imports of NumPy and PyTorch (PUR1xx) and every dotted expression that the oracle resolves to one of their
names, with its byte range. What is not compared: methods and attributes of arrays, operators, casts: the oracle knows
no values. A finding that starts with a name the oracle does not resolve is a difference, unless it is about a value: a
method or attribute, known by the rule data's classes, or a call result.

`explained.toml` holds the differences that are understood, each with a reason; entries that match nothing are errors.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "labels"))
from corpus import CORPUS, ROOT, folder, packages  # noqa: E402
from oracle import LIBRARIES, Project  # noqa: E402

EXPLAINED = Path(__file__).with_name("explained.toml")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", nargs="*", help="names of corpus packages, or folders (default: the whole corpus)")
    parser.add_argument("--purify", default=os.environ.get("PURIFY", "purify"))
    parser.add_argument("--limit", type=int, default=15, help="differences shown per package")
    options = parser.parse_args()
    known = {package["name"]: folder(package) for package in packages()}
    chosen = options.package or list(known)
    rules = Rules(ROOT / "rules" / "libraries")
    explained = Explained(tomllib.loads(EXPLAINED.read_text()).get("difference", []) if EXPLAINED.exists() else [])
    total = Counter()
    for name in chosen:
        base = known.get(name, Path(name))
        if not base.is_dir():
            sys.exit(f"oracle: {base} is missing: run `cargo xtask corpus`")
        counts, differences = compare(base, options.purify, rules)
        open_ones = [d for d in differences if not explained.covers(name, d)]
        counts["explained"] = len(differences) - len(open_ones)
        counts["differences"] = len(open_ones)
        total += counts
        print(f"{name:28} {counts['imports']:6} imports {counts['uses']:7} uses  "
              f"{counts['differences']:4} differences, {counts['explained']:4} explained", flush=True)  # fmt: skip
        for difference in open_ones[: options.limit]:
            print(f"    {difference['side']:7} {difference['path']}:{difference['line']}  {difference['what']}")
    print(f"{'total':28} {total['imports']:6} imports {total['uses']:7} uses  "
          f"{total['differences']:4} differences, {total['explained']:4} explained")  # fmt: skip
    stale = explained.unused() if not options.package else []
    for entry in stale:
        print(f"explained.toml: nothing differs any more at {entry}")
    sys.exit(1 if total["differences"] or stale else 0)


class Rules:
    """Canonical spellings and value classes of the rule data, for comparing names."""

    def __init__(self, path):
        self.exact, self.prefixes = {}, []
        for file in sorted(path.glob("*.toml")):
            data = tomllib.loads(file.read_text())
            root = data["library"]["name"]
            for source, target in data.get("canonical", {}).items():
                full = target if target.split(".")[0] in LIBRARIES and source != target else f"{root}.{target}"
                if source.endswith("*"):
                    stem = f"{root}.{source[:-1]}"
                    self.prefixes.append((stem, f"{root}." if target == "*" else full.removesuffix("*")))
                else:
                    self.exact[f"{root}.{source}"] = full
        self.prefixes.sort(key=lambda pair: -len(pair[0]))

    def canonical(self, name):
        for _ in range(4):
            before = name
            if name in self.exact:
                name = self.exact[name]
            else:
                # `numpy.core.umath` may be a module that is renamed: rename the longest known head, keep the tail.
                parts = name.split(".")
                for cut in range(len(parts) - 1, 1, -1):
                    head = ".".join(parts[:cut])
                    if head in self.exact:
                        name = ".".join([self.exact[head], *parts[cut:]])
                        break
                else:
                    for stem, target in self.prefixes:
                        if name.startswith(stem) and name != stem:
                            name = target + name[len(stem):]
                            break
            if name == before:
                return name
        return name


class Explained:
    """Entries `package`, `path`, `what` (regular expressions, all optional) and `reason` (required)."""

    def __init__(self, entries):
        self.entries = [[entry, 0] for entry in entries]
        for entry in entries:
            if not entry.get("reason"):
                sys.exit(f"{EXPLAINED}: an entry has no reason: {entry}")

    def covers(self, package, difference):
        for pair in self.entries:
            entry = pair[0]
            fits = re.fullmatch(entry.get("package", ".*"), package) and re.fullmatch(entry.get("path", ".*"), difference["path"])
            if fits and entry.get("side", difference["side"]) == difference["side"] and re.fullmatch(entry.get("what", ".*"), difference["what"]):
                pair[1] += 1
                return True
        return False

    def unused(self):
        return [entry for entry, count in self.entries if not count]


def compare(base, purify, rules):
    """Counts and differences of one folder."""
    found = defaultdict(list)
    for finding in scan(purify, base):
        found[finding["path"].removeprefix("./")].append(finding)
    counts, differences = Counter(), []
    project = Project(base)
    skipped = {path for path, _ in project.skipped}
    for module in project.files:
        if module.path not in skipped:
            compare_file(project, module, found.get(module.path, []), rules, counts, differences)
    return counts, differences


def scan(purify, base):
    command = [purify, "scan", ".", "--isolated", "--no-respect-gitignore", "--no-cache", "--output-format", "jsonl",
               "--confidence", "unknown", "--select", "ALL"]
    done = subprocess.run(command, cwd=base, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"oracle: {' '.join(command)} in {base}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare_file(project, module, findings, rules, counts, differences):
    def differ(side, line, what):
        differences.append({"side": side, "path": module.path, "line": line, "what": what})

    # Imports: the same modules on the same lines.
    ours = Counter((f["start"]["line"], head(rules.canonical(f["name"]))) for f in findings
                   if f["code"] in {"PUR101", "PUR102"} and f["name"].split(".")[0] in LIBRARIES)  # fmt: skip
    theirs = Counter((item.line, head(rules.canonical(item.name))) for item in module.imports)
    counts["imports"] += sum(theirs.values())
    for line, name in sorted(theirs.keys() - ours.keys()):
        differ("oracle", line, f"import {name}")
    for line, name in sorted(ours.keys() - theirs.keys()):
        differ("purify", line, f"import {name}")

    # Uses: every chain of the oracle has a finding of that name that begins where the chain begins.
    text = module.data
    at = defaultdict(set)
    for finding in findings:
        if not finding["code"].startswith("PUR1"):
            at[finding["bytes"][0]].add((rules.canonical(finding["name"]), finding["bytes"][1]))
    starts = set()
    for use in sorted(project.uses(module), key=lambda use: use.start):
        if use.names[-1] in project.modules or is_module(use.names[-1]):
            starts.add(use.start)
            continue
        starts.add(use.start)
        if use.alias and not use.called and not is_module(use.names[0]):
            continue  # reading a variable that holds `np.inf` is no use of NumPy; where it got its value is
        counts["uses"] += 1
        wanted = {rules.canonical(name) for name in use.names}
        hits = {name for name, _ in at.get(use.start, ())}
        if not hits & wanted:
            seen = f", purify says {', '.join(sorted(hits))}" if hits else ""
            differ("oracle", use.line, use.names[-1] + seen)
    for finding in findings:
        start, end = finding["bytes"]
        if start in starts or finding["code"][:4] not in {"PUR2", "PUR3"} or finding["code"] in {"PUR203", "PUR204"}:
            continue
        if finding["name"].split(".")[0] not in LIBRARIES:
            continue
        if b"# type:" in text[text.rfind(b"\n", 0, start) + 1 : start]:
            continue  # `ast` gives type comments no positions
        spelled = text[start:end].decode("utf-8", "replace")
        # A chain that the oracle saw and took for something else, as opposed to a method on some value.
        if re.fullmatch(r"(?!self\.|cls\.)[A-Za-z_][\w.]*", spelled) and about_a_name(finding, spelled):
            differ("purify", finding["start"]["line"], f"{spelled} is {finding['name']}")


def head(name):
    """What is imported, without the member: `from numpy import sum` and `import numpy` both tie the line to NumPy."""
    return name.split(".")[0]


def about_a_name(finding, spelled):
    """Whether the finding claims that the text names a member of a module, rather than of a value."""
    return finding["name"].split(".")[-1] == spelled.split(".")[-1] and len(finding["name"].split(".")) == 2


MODULES = re.compile(r"(numpy|torch)(\.(linalg|fft|random|testing|ma|lib|core|polynomial|typing|nn|nn\.functional|nn\.init|nn\.utils|optim|"
                     r"optim\.lr_scheduler|utils|utils\.data|cuda|autograd|distributed|distributions|jit|fx|onnx|backends|special|sparse|multiprocessing|_C|hub))?")  # fmt: skip


def is_module(name):
    """Bare mentions of a module (`xp = np`, `f(torch)`) are no use of its API."""
    return MODULES.fullmatch(name) is not None


if __name__ == "__main__":
    main()
