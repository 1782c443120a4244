"""Rewrites a copy of every corpus package and checks what must hold of any rewrite.

    cargo xtask corpus && cargo xtask rewrites

For each package, `purify rewrite --unsafe --apply` runs on a copy. Then:
  - every file that parsed still parses;
  - outside the edited places every byte is that of the original (each changed file is rebuilt from the reported diff);
  - no name is used without being bound that was bound before;
  - no import is unused that was used before;
  - a second run changes nothing;
  - `purify undo` gives every byte back.

`--sample N` prints N rewritten lines, drawn with a seed, to be read by eye. `--kill N` ends a run with SIGKILL at N random
moments: each file must then be the old or the new one, and `undo` must give every byte back.
"""

import argparse
import ast
import builtins
import difflib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parent.parent.parent
SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", help="names of packages; all of .corpus when left out")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="print N rewritten places")
    parser.add_argument("--seed", type=int, default=0, help="of the sample and of the moments")
    parser.add_argument("--kill", type=int, default=0, metavar="N", help="end N runs at random moments")
    options = parser.parse_args()
    purify = os.environ.get("PURIFY") or sys.exit("set PURIFY, or run `cargo xtask rewrites`")
    corpus = ROOT / ".corpus"
    packages = sorted(p for p in corpus.iterdir() if p.is_dir() and not p.name.startswith(".") and (not options.packages or p.name in options.packages))
    if not packages:
        sys.exit("no package; `cargo xtask corpus` downloads them")
    problems, hunks, changed = [], [], 0
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        for package in packages:
            copy = pathlib.Path(scratch) / package.name
            shutil.copytree(package, copy, symlinks=True)
            before = contents(copy)
            started = time.perf_counter()
            found, count = check(purify, copy, before, hunks)
            changed += count
            problems += [f"{package.name}: {text}" for text in found]
            print(f"{package.name:32}{count:>6} files changed {len(found):>4} problems {time.perf_counter() - started:6.1f} s", flush=True)
            if options.kill:
                problems += [f"{package.name}: {text}" for text in kill(purify, copy, before, options.kill, rng)]
            shutil.rmtree(copy)
    for path, old, new in rng.sample(hunks, min(options.sample, len(hunks))):
        print(f"\n{path}\n- " + "\n- ".join(old) + "\n+ " + "\n+ ".join(new))
    print(f"\n{changed} files changed in {len(packages)} packages, {len(problems)} problems")
    print("\n".join(problems[:200]))
    sys.exit(1 if problems else 0)


def contents(folder):
    """Bytes of the files that a rewrite may touch."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES and path.is_file() and not path.is_symlink()}


def run(purify, *arguments):
    """A finished run of the command; configuration of the package itself does not count."""
    return subprocess.run([purify, *arguments, "--isolated", "--no-respect-gitignore"], capture_output=True, text=True)


def check(purify, copy, before, hunks):
    """What does not hold of a rewrite of `copy`, and how many files changed."""
    problems = []
    done = run(purify, "rewrite", str(copy), "--unsafe", "--apply", "-q", "--output-format", "json")
    if done.returncode == 2 and not done.stdout:
        return [f"the run failed: {done.stderr.strip()[-300:]}"], 0
    after = contents(copy)
    changed = [path for path in before if after.get(path) != before[path]]
    taken = set(re.findall(rb"from\s+[\w.]*?(\w+)\s+import", b"\n".join(before.values())))
    taken = {name.decode() for name in taken}
    for path in changed:
        name = path.relative_to(copy)
        if path.suffix == ".ipynb":
            json.loads(after[path])
            continue
        old, new = before[path].decode(errors="replace"), after[path].decode(errors="replace")
        old_tree, new_tree = parse(old), parse(new)
        if old_tree is None:
            problems.append(f"{name}: changed although Python does not parse it")
            continue
        if new_tree is None:
            problems.append(f"{name}: does not parse any more")
            continue
        missing = unbound(new_tree) - unbound(old_tree)
        if missing:
            problems.append(f"{name}: names without a binding: {sorted(missing)}")
        dead = unused_imports(new_tree) - unused_imports(old_tree)
        # A name that another file takes with a star, or by name, is used there.
        if dead and path.stem not in taken and path.stem != "__init__":
            problems.append(f"{name}: imports that nothing uses any more: {sorted(dead)}")
        hunks += [(f"{copy.name}/{name}", o, n) for o, n in differences(old, new)]
    document = json.loads(done.stdout)
    problems += outside(document, copy, before, after)
    again = run(purify, "rewrite", str(copy), "--unsafe", "--check", "-q")
    if again.returncode != 0:
        problems.append(f"a second run changes again: {again.stdout[:400]}")
    undone = run_undo(purify, copy)
    if undone is not None:
        problems.append(undone)
    if contents(copy) != before:
        problems.append("undo does not give every byte back")
    return problems, len(changed)


def run_undo(purify, copy):
    """Takes the rewrite back; what went wrong, if anything did."""
    done = subprocess.run([purify, "undo", str(copy)], capture_output=True, text=True)
    return None if done.returncode == 0 else f"undo: {done.stderr.strip()[-300:]}"


def parse(text):
    """The tree, or None."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def differences(old, new):
    """Pairs of replaced lines."""
    old, new = old.splitlines(), new.splitlines()
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal" and not (b - a == 1 and "import" in old[a] and d - c <= 1):
            yield old[a:b][:8], new[c:d][:8]


def outside(document, copy, before, after):
    """Lines without a site or an import whose text changed."""
    problems = []
    for file in document["files"]:
        if not file["changed"] or file["path"].endswith(".ipynb"):
            continue
        path = next((p for p in before if str(p).endswith("/" + file["path"].split("/", 1)[-1]) and str(p).endswith(file["path"].lstrip("./"))), None)
        if path is None:
            continue
        old = before[path].decode(errors="replace").splitlines(keepends=True)
        new = after[path].decode(errors="replace").splitlines(keepends=True)
        touched = import_lines(before[path].decode(errors="replace"))
        for site in file["sites"]:
            if site["applied"]:
                touched.update(range(site["start"]["line"], site["end"]["line"] + 1))
        # Every other line stands in the new text as it is, in the same order.
        at = 0
        for line, text in enumerate(old):
            if line + 1 in touched or not text.strip():
                continue
            try:
                at = new.index(text, at) + 1
            except ValueError:
                problems.append(f"{file['path']}:{line + 1}: changed without a site: {text.strip()[:80]}")
                break
    return problems


def import_lines(text):
    """The lines of import statements."""
    statements = (node for node in ast.walk(parse(text) or ast.Module([], [])) if isinstance(node, (ast.Import, ast.ImportFrom)))
    return {line for node in statements for line in range(node.lineno, node.end_lineno + 1)}


def bound_names(tree):
    """Every name that anything in the file binds."""
    names = set(dir(builtins)) | {"__file__", "__name__", "__doc__", "__path__", "__spec__", "__package__", "__class__", "__module__", "__qualname__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            names.update(node.names)
    return names


def unbound(tree):
    """Names that are read and bound nowhere in the file; star imports make every name possible."""
    if any(isinstance(node, ast.alias) and node.name == "*" for node in ast.walk(tree)):
        return set()
    bound = bound_names(tree)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in bound}


def unused_imports(tree):
    """Imported names that nothing in the file reads or exports."""
    imported, used = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.alias):
            imported.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            used.update(word for word in node.value.replace(".", " ").replace("[", " ").replace("]", " ").replace(",", " ").split() if word.isidentifier())
    return imported - used


def kill(purify, copy, before, times, rng):
    """Ends runs of `--apply` at random moments; what does not hold afterwards."""
    line = [purify, "rewrite", str(copy), "--unsafe", "--apply", "-q", "--isolated", "--no-respect-gitignore"]
    started = time.perf_counter()
    subprocess.run(line, capture_output=True)
    whole = time.perf_counter() - started
    after = contents(copy)
    run_undo(purify, copy)
    problems, halfway = [], 0
    for number in range(times):
        # Half of the moments lie in the last part, where the files are written.
        moment = whole * (rng.random() if number % 2 else 0.75 + 0.3 * rng.random())
        process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = contents(copy)
        broken = [path for path in before if now.get(path) not in (before[path], after[path])]
        problems += [f"killed after {moment:.3f} s: {path.relative_to(copy)} is neither old nor new" for path in broken]
        new = sum(1 for path in before if now.get(path) == after[path] != before[path])
        total = sum(1 for path in before if after[path] != before[path])
        halfway += 0 < new < total
        if new:
            run_undo(purify, copy)
        if contents(copy) != before:
            problems.append(f"killed after {moment:.3f} s: undo does not give every byte back")
            for path, data in before.items():
                path.write_bytes(data)
    print(f"    {times} kills within {whole:.2f} s, {halfway} in the middle of the writing")
    return problems


if __name__ == "__main__":
    main()
