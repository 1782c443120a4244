"""Times purify.ops beside NumPy and PyTorch (whichever can be imported) in one process, on the same data.

    python benches/ops.py [--rows TEXT ...] [--threads 1,2] [--rounds 15] [--write]

Libraries take turns, round by round, in rotating order, so that a busy machine slows all of them alike. On one thread the
figure is the median of the process's CPU time, on more the median of wall-clock time; both in microseconds per call. `ratio`
is the better of NumPy and PyTorch divided by purify: above 1, purify is the fastest. Results are compared before they are
timed. On a busy machine `--minimum` takes the least instead of the median. The number of threads is set through the environment, so every number of threads is a process of its own.
`--write` puts the tables into benches/README.md between its markers.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

PAGE = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- ops.py: begin -->", "<!-- ops.py: end -->"
BOUND = 0.1  # Seconds one round of one library may take; short calls are repeated to fill a tenth of it.


class Row:
    """One line of the table: a name, arrays, and a call per library."""

    def __init__(self, name, arrays, call, check=True, torch=None, purify=None, tolerance=1e-4):
        self.name, self.arrays, self.check, self.tolerance = name, arrays, check, tolerance
        self.calls = {"numpy": call, "torch": call if torch is None else torch, "purify": call if purify is None else purify}


def rows(np):
    """The table of shapes. Arrays are made when a row is run: all together would not fit a small machine."""
    rng = np.random.default_rng(1)

    def f(*shape, dtype="float32"):
        return lambda: (rng.random(shape) * 2 - 1).astype(dtype)

    def spd(n, dtype):
        def make():
            a = rng.random((n, n)) - 0.5
            return (a @ a.T + n * np.eye(n)).astype(dtype)
        return make

    def same(name):
        return lambda xp, *a: getattr(xp, name)(*a)

    def no(*_):
        return None

    def torch_nn(name, *args, **kwargs):
        return lambda xp, *a: getattr(xp.nn.functional, name)(*a, *args, **kwargs)

    def nn(name, *args, **kwargs):
        return lambda xp, *a: getattr(xp.nn, name)(*a, *args, **kwargs)

    def linalg(name, *args, **kwargs):
        return lambda xp, *a: getattr(xp.linalg, name)(*a, *args, **kwargs)

    out = []
    add = lambda *a, **k: out.append(Row(*a, **k))
    for dtype in ("float32", "float64"):
        for n in (64, 128, 256, 512, 1024, 2048):
            add(f"matmul {dtype} {n}", [f(n, n, dtype=dtype), f(n, n, dtype=dtype)], same("matmul"), tolerance=1e-2)
    add("matmul 269x(1x128 @ 128x64)", [f(269, 1, 128), f(269, 128, 64)], same("matmul"))
    add("matmul 64x(32x32 @ 32x32)", [f(64, 32, 32), f(64, 32, 32)], same("matmul"))

    # Functions of neural networks; NumPy's are written the way people write them.
    def np_layer_norm(xp, x, w, b):
        centred = x - x.mean(-1, keepdims=True)
        return centred / xp.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-5) * w + b

    def np_softmax(xp, x):
        e = xp.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    for size, shape in (("16K", (16, 1024)), ("4M", (4096, 1024))):
        x, w = f(*shape), f(shape[1])
        add(f"layer_norm {size}", [x, w, w], np_layer_norm,
            torch=lambda xp, x, w, b: xp.nn.functional.layer_norm(x, x.shape[1:], w, b),
            purify=lambda xp, x, w, b: xp.nn.layer_norm(x, x.shape[1:], w, b))
        add(f"softmax {size}", [x], np_softmax, torch=lambda xp, x: xp.softmax(x, -1), purify=lambda xp, x: xp.nn.softmax(x, axis=-1))
        add(f"gelu tanh {size}", [x], lambda xp, x: 0.5 * x * (1 + xp.tanh(0.7978845608 * (x + 0.044715 * x * x * x))),
            torch=torch_nn("gelu", approximate="tanh"), purify=nn("gelu", approximate="tanh"))
        add(f"gelu erf {size}", [x], no, torch=torch_nn("gelu"), purify=nn("gelu"))
        add(f"sigmoid {size}", [x], lambda xp, x: 1 / (1 + xp.exp(-x)), torch=same("sigmoid"), purify=nn("sigmoid"))
        for name in ("exp", "log", "tanh", "sin", "sqrt"):
            add(f"{name} float32 {size}", [f(*shape) if name != "log" else (lambda s=shape: rng.random(s).astype("float32"))],
                same(name), check=name != "sqrt")
        for name in ("exp", "log", "tanh"):
            wide = f(*shape, dtype="float64") if name != "log" else (lambda s=shape: rng.random(s))
            add(f"{name} float64 {size}", [wide], same(name))
        for axis in (0, 1):
            add(f"sum axis {axis} {size}", [x], lambda xp, x, axis=axis: x.sum(axis), tolerance=1e-3)
        add(f"max axis 1 {size}", [x], lambda xp, x: x.max(1), torch=lambda xp, x: x.amax(1))
        add(f"add {size}", [x, x], lambda xp, x, y: x + y)
        add(f"add row {size}", [x, f(shape[1])], lambda xp, x, y: x + y)
        add(f"add column and row {size}", [f(shape[0], 1), f(1, shape[1])], lambda xp, x, y: x + y)
        add(f"x > 0 {size}", [x], lambda xp, x: x > 0)
        add(f"where {size}", [x, x], lambda xp, x, y: xp.where(x > 0, x, y))
        add(f"transposed copy {size}", [x], lambda xp, x: xp.ascontiguousarray(x.T),
            torch=lambda xp, x: x.T.contiguous(), purify=lambda xp, x: x.T.copy())
    parts = [f(1024, 1024)] * 4
    for axis in (0, 1):
        add(f"concat 4x(1024,1024) axis {axis}", parts, lambda xp, *a, axis=axis: xp.concatenate(a, axis),
            torch=lambda xp, *a, axis=axis: xp.cat(a, axis), purify=lambda xp, *a, axis=axis: xp.concat(a, axis=axis))
    index = lambda: rng.integers(0, 4096, 4096)
    flat = lambda: rng.integers(0, 1 << 20, 1 << 20)
    add("x[rows] (4096,1024)", [f(4096, 1024), index], lambda xp, x, i: x[i])
    add("x[i] 1M of 1M", [f(1 << 20), flat], lambda xp, x, i: x[i])
    add("x[i, j] 4096 of (4096,1024)", [f(4096, 1024), index, lambda: rng.integers(0, 1024, 4096)], lambda xp, x, i, j: x[i, j])
    add("x[mask] 1M", [f(1 << 20), lambda: rng.random(1 << 20) < 0.5], lambda xp, x, m: x[m])
    image, weight = f(8, 64, 56, 56), f(64, 64, 3, 3)
    add("conv2d (8,64,56,56) 3x3", [image, weight], no, torch=torch_nn("conv2d", padding=1), purify=nn("conv2d", padding=1), tolerance=1e-2)
    add("conv2d (8,64,56,56) 1x1", [image, f(64, 64, 1, 1)], no, torch=torch_nn("conv2d"), purify=nn("conv2d"), tolerance=1e-2)
    add("conv2d (1,16,28,28) 5x5", [f(1, 16, 28, 28), f(32, 16, 5, 5)], no, torch=torch_nn("conv2d"), purify=nn("conv2d"), tolerance=1e-2)
    for dtype in ("float32", "float64"):
        for shape in ((1 << 20,), (64, 4096), (1024, 256), (1000, 60)):
            add(f"rfft {dtype} {'x'.join(map(str, shape))}", [f(*shape, dtype=dtype)], lambda xp, x: xp.fft.rfft(x), tolerance=1e-2)
        add(f"fft {dtype} 64x4096", [f(64, 4096, dtype=dtype)], lambda xp, x: xp.fft.fft(x), tolerance=1e-2)
    add("sort 1M", [f(1 << 20)], same("sort"), torch=lambda xp, x: xp.sort(x)[0])
    add("argsort 1M", [f(1 << 20)], same("argsort"), check=False)
    add("sort (1024,1024)", [f(1024, 1024)], same("sort"), torch=lambda xp, x: xp.sort(x)[0])
    add("argsort (1024,1024)", [f(1024, 1024)], same("argsort"), check=False)
    add("argsort int64 1M", [lambda: rng.integers(0, 1 << 40, 1 << 20)], same("argsort"), check=False)
    for n in (64, 256, 1024):
        dtype = "float64"
        a, b = f(n, n, dtype=dtype), f(n, n, dtype=dtype)
        add(f"cholesky {n}", [spd(n, dtype)], linalg("cholesky"))
        add(f"solve {n}", [a, b], linalg("solve"), check=False)
        add(f"inv {n}", [a], linalg("inv"), check=False)
        add(f"qr {n}", [a], linalg("qr"), check=False)
        add(f"eigh {n}", [spd(n, dtype)], linalg("eigh"), check=False)
        add(f"svd {n}", [a], linalg("svd", full_matrices=False), check=False)
    add("eig 64", [f(64, 64, dtype="float64")], linalg("eig"), check=False)
    add("inv 1000x3x3", [f(1000, 3, 3, dtype="float64")], linalg("inv"), check=False)
    add("eigh 1000x3x3", [lambda: np.stack([spd(3, "float64")() for _ in range(1000)])], linalg("eigh"), check=False)

    # Generators live with the call: every call draws new numbers.
    def normals(xp):
        state = normals.__dict__
        if xp.__name__ == "torch":
            return xp.randn(100_000, dtype=xp.float64)
        key = xp.__name__
        if key not in state:
            state[key] = xp.random.default_rng(1)
        return state[key].standard_normal(100_000)

    def legacy(xp):
        state = legacy.__dict__
        if xp.__name__ == "torch":
            return None
        if xp.__name__ not in state:
            state[xp.__name__] = xp.random.RandomState(1)
        return state[xp.__name__].standard_normal(100_000)

    def uniforms(xp):
        state = uniforms.__dict__
        if xp.__name__ == "torch":
            return xp.rand(100_000, dtype=xp.float64)
        if xp.__name__ not in state:
            state[xp.__name__] = xp.random.default_rng(1)
        return state[xp.__name__].random(100_000)

    add("standard_normal 100K", [], normals, check=False)
    add("random 100K", [], uniforms, check=False)
    add("RandomState.standard_normal 100K", [], legacy, check=False)
    add("16: a + b", [f(16), f(16)], lambda xp, x, y: x + y)
    add("16: a + 1.0", [f(16)], lambda xp, x: x + 1.0)
    add("16: exp", [f(16)], same("exp"))
    add("16: sum", [f(16)], lambda xp, x: x.sum())
    add("16: maximum", [f(16), f(16)], same("maximum"))
    add("16: matmul 4x4", [f(4, 4), f(4, 4)], same("matmul"))
    add("16: x[3:9]", [f(16)], lambda xp, x: x[3:9])
    return out


def libraries(threads):
    """The libraries that can be imported, by name, with a way to make their arrays."""
    import numpy as np
    found = {"numpy": (np, lambda x: x)}
    try:
        import torch
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        found["torch"] = (torch, torch.from_numpy)
    except Exception as error:  # A broken install raises all sorts of things; the others can still be compared.
        print(f"torch is left out: {error}", file=sys.stderr)
    from purify import ops
    found["purify"] = (ops, ops.asarray)
    return found


def as_numpy(np, x):
    if isinstance(x, (tuple, list)):
        x = x[0]
    return np.asarray(x)


def run(threads, wanted, rounds, clock, middle):
    """The figures of the rows that contain one of `wanted`: name, microseconds by library."""
    import numpy as np
    libs = libraries(threads)
    results = []
    for row in rows(np):
        if wanted and not any(w in row.name for w in wanted):
            continue
        arrays = [make() for make in row.arrays]
        calls = {}
        for name, (module, convert) in libs.items():
            own = [convert(a) for a in arrays]
            call = lambda module=module, own=own, call=row.calls[name]: call(module, *own)
            if call() is not None:
                calls[name] = call
        if row.check:
            reference = as_numpy(np, calls["purify"]())
            for name, call in calls.items():
                other = as_numpy(np, call())
                if not np.allclose(reference, other, rtol=row.tolerance, atol=row.tolerance):
                    sys.exit(f"{row.name}: purify and {name} differ by {np.abs(reference - other).max()}")
        results.append((row.name, measure(calls, rounds, clock, middle)))
        line = "  ".join(f"{n} {t:10.2f}" for n, t in results[-1][1].items())
        print(f"{threads} threads  {row.name:32} {line}  ratio {ratio(results[-1][1]):.2f}", file=sys.stderr, flush=True)
    return results


def measure(calls, rounds, clock, middle):
    """The `middle` (median or minimum) of the time of each call in microseconds, taking turns."""
    counts = {}
    for name, call in calls.items():
        call()
        start = time.perf_counter()
        call()
        once = time.perf_counter() - start
        counts[name] = max(1, int(BOUND / 10 / max(once, 1e-7)))
    times = {name: [] for name in calls}
    names = list(calls)
    deadline = time.perf_counter() + BOUND * rounds * len(calls)
    for turn in range(rounds):
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            call, count = calls[name], counts[name]
            start = clock()
            for _ in range(count):
                call()
            times[name].append((clock() - start) / count)
        if turn >= 4 and time.perf_counter() > deadline:
            break
    return {name: middle(t) * 1e6 for name, t in times.items()}


def ratio(times):
    others = [t for name, t in times.items() if name != "purify"]
    return min(others) / times["purify"]


def table(results, threads, libs, middle):
    clock = "CPU time" if threads == 1 else "wall-clock time"
    lines = [f"{threads} thread{'s' * (threads > 1)}, {clock}, {middle}, µs:", "",
             "| operation | " + " | ".join(libs) + " | ratio |", "|---|" + "---|" * (len(libs) + 1)]
    for name, times in results:
        cells = [f"{times[lib]:.{0 if times[lib] >= 100 else 1 if times[lib] >= 10 else 2}f}" if lib in times else "" for lib in libs]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {ratio(times):.2f} |")
    won = sum(ratio(t) >= 0.97 for _, t in results)
    return "\n".join(lines) + f"\n\n{won} of {len(results)} rows are at least as fast as the better of the others (within 3 %)."


def processor():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith(("model name", "flags")):
                if line.startswith("model"):
                    model = line.split(":", 1)[1].strip()
                else:
                    return model + (", AVX-512" if " avx512f" in line else ", AVX2" if " avx2" in line else "")
    except OSError:
        pass
    return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", nargs="*", default=[], help="only rows whose name contains one of these")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--minimum", action="store_true", help="take the least instead of the median")
    parser.add_argument("--write", action="store_true", help="put the tables into benches/README.md")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        clock = time.process_time if args.worker == 1 else time.perf_counter
        results = run(args.worker, args.rows, args.rounds, clock, min if args.minimum else statistics.median)
        versions = {name: getattr(m, "__version__", "") for name, (m, _) in libraries(args.worker).items()}
        return print(json.dumps({"results": results, "versions": versions}))
    texts = []
    for threads in map(int, args.threads.split(",")):
        env = dict(os.environ)
        for name in ("PURIFY", "OMP", "OPENBLAS", "MKL"):
            env[f"{name}_NUM_THREADS"] = str(threads)
        command = [sys.executable, __file__, "--worker", str(threads), "--rounds", str(args.rounds), "--rows", *args.rows]
        if args.minimum:
            command.insert(2, "--minimum")
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(done.returncode)
        found = json.loads(done.stdout.splitlines()[-1])
        texts.append(table(found["results"], threads, list(found["versions"]), "minimum" if args.minimum else "median"))
    versions = ", ".join(f"{name} {version}".strip() for name, version in found["versions"].items())
    head = f"Measured on {date.today()}: {processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}."
    text = "\n\n".join([head, *texts])
    print(text)
    if args.write:
        page = PAGE.read_text()
        before, rest = page.split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
