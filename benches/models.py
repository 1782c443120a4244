"""Rewrite models written with PyTorch by one command and compare what they compute, without PyTorch, with what it computed.

    python benches/models.py --wheel purify-….whl [--only NAME ...] [--work FOLDER] [--write]
    python benches/models.py --record --torch PYTHON        # after a change of models.toml
    python benches/models.py --wheel … --torch PYTHON       # against PyTorch itself instead of its recorded results

For each model of `models.toml`: the source distribution is fetched by pip, checked against the pinned SHA-256, unpacked and
rewritten by `purify rewrite --unsafe --apply`. The model is then built in an environment that has purify and neither NumPy
nor PyTorch (which is checked first), gets weights from a seeded generator through `load_state_dict`, and is called once. Its
result must be within the tolerance of what PyTorch gave: `models_torch.json`, or with `--torch` what the named interpreter
gives now. No file is edited by hand.

`--write` puts the table into `benches/README.md`. `--wheel` may be left out if `PURIFY` names a command and
`PYTHONPATH_PURIFY` a folder with the package.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import packages

DATA = Path(__file__).with_name("models.toml")
RECORD = Path(__file__).with_name("models_torch.json")
PAGE = Path(__file__).with_name("README.md")
RUN = Path(__file__).with_name("model_run.py")
BEGIN, END = "<!-- models: begin -->", "<!-- models: end -->"
SEED = 20261128
# Of the largest value: sums in another order differ by a few units in the last place of float32 per layer.
TOLERANCE = 2e-5


def main():
    parser = argparse.ArgumentParser(description="Rewrite models written with PyTorch and compare what they compute without it.")
    parser.add_argument("--wheel", type=Path, help="the wheel to test (default: built with `pip wheel .`)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only the models of these packages")
    parser.add_argument("--torch", metavar="PYTHON", help="an interpreter with PyTorch and NumPy: compare with what it computes now")
    parser.add_argument("--record", action="store_true", help="only record what PyTorch computes")
    parser.add_argument("--times", type=int, default=0, metavar="N", help="call each model N times more and print the median")
    parser.add_argument("--work", type=Path, help="keep archives, environments and trees in this folder")
    parser.add_argument("--write", action="store_true", help="write the table into benches/README.md")
    options = parser.parse_args()
    if options.record and not options.torch:
        parser.error("--record needs --torch PYTHON")
    models = packages.chosen(tomllib.loads(DATA.read_text())["model"], argparse.Namespace(only=options.only, quick=False))
    with tempfile.TemporaryDirectory(prefix="purify-models-") as temporary:
        work = (options.work or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        archives = packages.fetch(models, work / "archives")
        expected = originals(models, archives, options, work)
        if options.record:
            RECORD.write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in expected.items()) + "\n}\n")
            print(f"recorded {len(models)} models in {RECORD.name}")
            return
        rows = compare(models, archives, expected, options, work)
    text = table(rows, expected["versions"])
    print(text)
    if options.write:
        head, rest = PAGE.read_text().split(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")
    failed = [row["name"] for row in rows if not row["difference"] <= TOLERANCE]
    print(f"{len(rows) - len(failed)} passed, {len(failed)} failed {failed or ''}")
    sys.exit(1 if failed else 0)


def originals(models, archives, options, work):
    """What PyTorch computes, by package: recorded, or by the interpreter that is named."""
    if not options.torch:
        return json.loads(RECORD.read_text())
    code = "import torch, numpy; print(torch.__version__.split('+')[0], numpy.__version__)"
    torch, numpy = subprocess.run([options.torch, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    results = {"versions": {"torch": torch, "numpy": numpy, "seed": SEED}}
    for model in models:
        tree = packages.unpack(archives[model["name"]], work / "original" / model["name"])
        result = called(options.torch, tree, model, "torch", [], options.times)
        results[model["name"]] = {**result, "values": [float(f"{x:.8g}") for x in result["values"]]}
        del results[model["name"]]["loaded"]
    return results


def compare(models, archives, expected, options, work):
    """A row for each model: what became of its calls, and how far its result is from PyTorch's."""
    if options.wheel or "PURIFY" not in os.environ:
        python = packages.environment(work / "without-torch", [str(options.wheel or packages.ROOT)])
        purify, extra = str(Path(python).with_name("purify")), []
    else:
        python = packages.environment(work / "without-torch", ["pip"])
        purify, extra = os.environ["PURIFY"], [os.environ["PYTHONPATH_PURIFY"]]
    packages.absent(python)
    rows = []
    for model in models:
        tree = packages.unpack(archives[model["name"]], work / "rewritten" / model["name"])
        counts = packages.rewrite(purify, tree, {**model, "unsafe": True})
        there = expected[model["name"]]
        try:
            result = called(python, tree, model, "ops", extra, options.times)
        except RuntimeError as error:
            print(error, file=sys.stderr)
            result = {"shape": [], "values": [], "times": []}
        difference = distance(result, there)
        rows.append({**model, **counts, "difference": difference, "parameters": there["parameters"], "here": result, "there": there})
        print(f"{model['name']}: {difference:.2g} of the largest value", file=sys.stderr, flush=True)
    return rows


def called(python, tree, model, library, extra, times):
    """What the model computes in that interpreter; a RuntimeError says why it does not."""
    spec = {"root": str(tree / model.get("root", ".")), "library": library, "seed": SEED, "times": times,
            "module": model["module"], "build": model["build"], "inputs": model["inputs"]}  # fmt: skip
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(extra), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([python, RUN], input=json.dumps(spec), capture_output=True, text=True, env=environ, cwd=tree)
    if done.returncode:
        raise RuntimeError(f"models: {model['name']} does not run with {library} in {tree}:\n{done.stderr[-3000:]}")
    result = json.loads(done.stdout)
    if library == "ops" and result["loaded"]:
        raise RuntimeError(f"models: {model['name']} loaded {', '.join(result['loaded'])}")
    return result


def distance(result, expected):
    """The largest difference, as a share of the largest value; infinite where shapes or infinities differ."""
    if result["shape"] != expected["shape"] or len(result["values"]) != len(expected["values"]):
        return float("inf")
    scale = max(abs(x) for x in expected["values"]) or 1.0
    difference = max(abs(a - b) for a, b in zip(result["values"], expected["values"], strict=True)) / scale
    return difference if difference == difference else float("inf")


def table(rows, versions):
    timed = rows and rows[0]["here"]["times"] and rows[0]["there"].get("times")
    lines = [
        f"PyTorch {versions['torch']}, weights and inputs of seed {versions['seed']}.",
        "",
        "| model | package | version | parameters | call sites | safe | unsafe | stays valid | refused | hand edits | largest difference |"
        + (" time / PyTorch's |" if timed else ""),
        "|---|---|---|---|---|---|---|---|---|---|---|" + ("---|" if timed else ""),
    ]
    for row in rows:
        share = {key: f"{100 * row[key] / max(row['sites'], 1):.1f} %" for key in ("safe", "unsafe", "kept", "refused")}
        line = (
            f"| {row['title']} | {row['name']} | {row['version']} | {row['parameters']} | {row['sites']} | {share['safe']} | {share['unsafe']} "
            f"| {share['kept']} | {share['refused']} | 0 | {row['difference']:.1e} |"
        )
        if timed:
            line += f" {sorted(row['here']['times'])[len(row['here']['times']) // 2] / sorted(row['there']['times'])[len(row['there']['times']) // 2]:.2f} |"
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    main()
