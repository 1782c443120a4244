"""Time `purify scan` beside ruff and ast-grep on the same trees, and purify alone while a tree grows.

    cargo xtask bench --tools DIR [--rounds N] [TREE ...]

Every round runs every command once on a tree, in an order that rotates, so that whatever else the machine does falls on
all of them alike. The tables give the median of the CPU time (user plus system, of the process and its children) with the
least and the median of the ratio to ruff *within a round*, the median wall time and the peak memory. Trees are copied, so that a cache can
be written beside them. Runs without a cache are cold for the tools and warm for the file system (one unmeasured round
first). ruff and ast-grep come from PyPI (`pip install ruff ast-grep-cli`); `--tools` names the folder of their programs.
"""

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("PURIFY_CORPUS", ROOT / ".corpus"))
AST_GREP_RULE = """\
id: numpy-call
language: Python
rule: { any: [{ pattern: np.$F($$$) }, { pattern: torch.$F($$$) }] }
"""


# Packages of the corpus that are timed when no tree is given: dense and sparse in ties, small and large.
TREES = ["botorch-0.18.1", "kornia-0.9.0", "librosa-0.11.0", "statsmodels-0.15.0", "networkx-3.6.1"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", nargs="*", type=Path, help="folders to scan (default: packages of the corpus, then growing trees)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--purify", default=os.environ.get("PURIFY", "purify"))
    parser.add_argument("--tools", type=Path, help="folder that holds ruff and ast-grep")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--growth", type=int, nargs="*", default=[100, 1000, 10000], help="numbers of files for the growth table")
    parser.add_argument("--no-trees", action="store_true", help="the growth table alone")
    options = parser.parse_args()
    tools = {name: find(name, options.tools) for name in ("ruff", "ast-grep")}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        rule = scratch / "rule.yml"
        rule.write_text(AST_GREP_RULE)
        print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {options.rounds} interleaved rounds\n")
        for name in ("ruff", "ast-grep"):
            if tools[name]:
                print(subprocess.run([tools[name], "--version"], capture_output=True, text=True, check=False).stdout.strip())
        trees = [] if options.no_trees else options.tree or [CORPUS / name for name in TREES]
        for source in trees:
            tree = scratch / "trees" / (source.name or "tree")
            shutil.copytree(source, tree, ignore=shutil.ignore_patterns(".purify_cache"), ignore_dangling_symlinks=True)
            files = list(tree.rglob("*.py"))
            lines = sum(path.read_bytes().count(b"\n") for path in files)
            print(f"\n{tree.name}: {len(files)} .py files, {lines / 1000:.0f} k lines")
            for threads in options.threads:
                table(commands(options.purify, tools, rule, tree, threads), threads, options.rounds, len(files))
            shutil.rmtree(tree)
        if not options.tree:
            growth(options, scratch, rule, tools)


def find(name, folder):
    found = shutil.which(name, path=str(folder) if folder else None)
    if not found:
        print(f"(no {name}: left out; `pip install ruff ast-grep-cli`, then `--tools`)")
    return found


def commands(purify, tools, rule, tree, threads):
    """{label: (command, environment)}; each exits with 0 or 1."""
    rayon = {"RAYON_NUM_THREADS": str(threads)}
    scan = [purify, "scan", str(tree), "--isolated", "--no-respect-gitignore", "--threads", str(threads), "--output-format", "jsonl"]
    listed = {
        "purify scan": ([*scan, "--no-cache"], {}),
        "purify scan --no-kinds": ([*scan, "--no-cache", "--no-kinds"], {}),
        # The unmeasured round fills the cache.
        "purify scan, warm cache": (scan, {}),
    }
    if tools["ruff"]:
        ruff = [tools["ruff"], "check", "--no-cache", "--isolated", "--no-respect-gitignore", "--quiet", "--output-format", "json-lines"]
        listed["ruff check NPY,F401"] = ([*ruff, "--select", "NPY,F401", str(tree)], rayon)
    if tools["ast-grep"]:
        grep = [tools["ast-grep"], "scan", "--rule", str(rule), "--no-ignore", "hidden", "--threads", str(threads), "--json=stream", str(tree)]
        listed["ast-grep, 1 rule"] = (grep, {})
    return listed


def rotate(listed, rounds):
    """{label: [(CPU, wall, peak), ...]} of interleaved rounds."""
    figures = {label: [] for label in listed}
    labels = list(listed)
    for number in range(rounds + 1):
        for label in labels[number % len(labels):] + labels[: number % len(labels)]:
            measured = measure(*listed[label])
            if number:  # the first round warms the file system, and fills the cache
                figures[label].append(measured)
    return figures


def table(listed, threads, rounds, files):
    figures = rotate(listed, rounds)
    reference = next((label for label in listed if label.startswith("ruff")), None)
    print(f"\n  {threads} thread{'s' if threads > 1 else ''}\n")
    print("  | command | CPU s | wall s | CPU ms per file | peak MB | CPU vs ruff | least |\n  |---|---|---|---|---|---|---|")
    for label, runs in figures.items():
        cpu = statistics.median(row[0] for row in runs)
        wall = statistics.median(row[1] for row in runs)
        peak = max(row[2] for row in runs)
        print(f"  | {label} | {cpu:.2f} | {wall:.2f} | {1000 * cpu / max(1, files):.3f} | {peak:.0f} | {ratios(runs, figures.get(reference))} |")


def ratios(runs, reference):
    """Median and least ratio to the reference of the same round, as two columns."""
    if not reference:
        return "- | -"
    each = [run[0] / max(1e-3, base[0]) for run, base in zip(runs, reference, strict=True)]
    return f"{statistics.median(each):.2f} | {min(each):.2f}"


def measure(command, environment):
    """(CPU seconds, wall seconds, peak resident MB) of one run."""
    # A forked child of its own, so that the counters for "children" hold exactly this run.
    read, write = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.close(read)
        done = subprocess.run(command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        text = done.stderr[-500:].decode("utf-8", "replace") if done.returncode not in (0, 1) else ""
        os.write(write, f"{usage.ru_utime + usage.ru_stime} {usage.ru_maxrss / 1024} {text}".encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    wall = time.perf_counter() - started
    cpu, peak, error = answer.split(" ", 2)
    if error:
        sys.exit(f"bench: {' '.join(command)} failed:\n{error}")
    return float(cpu), wall, float(peak)


def growth(options, scratch, rule, tools):
    """Cost per file while the tree grows: one project of so many files, drawn evenly from the corpus."""
    every = sorted(path for path in CORPUS.rglob("*.py") if 200 < path.stat().st_size < 30_000)
    rounds = max(3, options.rounds // 3)
    print(f"\ngrowth: one project, files of the corpus drawn evenly; 1 thread, {rounds} interleaved rounds\n")
    print("  | files | k lines | command | CPU s | CPU ms per file | CPU ms per k lines | peak MB | CPU vs ruff |\n  |---|---|---|---|---|---|---|---|")
    for number in options.growth:
        tree = scratch / f"tree{number}"
        lines = 0
        for index in range(number):
            source = every[index * len(every) // number % len(every)]
            place = tree / f"pkg{index // 100}" / f"m{index}.py"
            place.parent.mkdir(parents=True, exist_ok=True)
            data = source.read_bytes()
            lines += data.count(b"\n")
            place.write_bytes(data)
        listed = {label: command for label, command in commands(options.purify, tools, rule, tree, 1).items() if "ast-grep" not in label}
        figures = rotate(listed, rounds)
        reference = next((runs for label, runs in figures.items() if label.startswith("ruff")), None)
        for label, runs in figures.items():
            cpu = statistics.median(run[0] for run in runs)
            ratio = ratios(runs, reference).split(" |")[0]
            print(f"  | {number} | {lines / 1000:.0f} | {label} | {cpu:.2f} | {1000 * cpu / number:.3f} | {1e6 * cpu / lines:.2f} "
                  f"| {max(run[2] for run in runs):.0f} | {ratio} |")  # fmt: skip
        shutil.rmtree(tree)


if __name__ == "__main__":
    main()
