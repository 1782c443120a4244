"""Training without gradients: speed, accuracy beside gradients, and other evolution strategies.

    python benches/resonant.py [speed] [moons] [tasks] [signs]      # all parts by default
    python benches/resonant.py tasks --torch                        # trains the baselines anew and records them

Seconds are CPU time of one thread (the pools of all libraries are set to one before they load). Packages that are not
installed (cma, evosax, nevergrad, torch) are named and left out. The accuracies of gradient descent are read from
resonant_torch.json, which `--torch` writes together with the versions that made it.
"""

import argparse
import json
import math
import os
import platform
import sys
import time
from pathlib import Path

if __name__ == "__main__":  # whoever imports this keeps the threads it has
    for _name in ("PURIFY_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[_name] = "1"
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

from purify import ops  # noqa: E402
from purify.resonant import MLPFitness, RESConfig, ResonantEvolver, datasets  # noqa: E402

RECORD = Path(__file__).parent / "resonant_torch.json"
LAYERS = [2, 16, 16, 2]
MT = "mt19937_numpy"
TRAIN, TEST, SEEDS = 500, 2000, range(5)
# Data set, evaluations of the evolution, steps of Adam, and the accuracy that no classifier exceeds in the mean.
TASKS = {
    "xor": (datasets.make_xor, 8_000, 500, 0.923),
    "moons": (datasets.make_moons, 8_000, 500, None),
    "circles": (datasets.make_circles, 8_000, 500, None),
    "spiral": (datasets.make_spiral, 40_000, 1000, None),
    "winding_xor": (datasets.make_winding_xor, 8_000, 500, 0.994),
}


def clock(f, repeats=5):
    """The least CPU time of a few calls."""
    best = math.inf
    for _ in range(repeats):
        start = time.process_time()
        f()
        best = min(best, time.process_time() - start)
    return best


def moons_task():
    return datasets.make_moons(200, 0.1, seed=0, rng=MT)


# ---- speed ---------------------------------------------------------------------------------------


def batched(xp, data, labels, population):
    """The losses of a population [p, 354] by array operations of a namespace, in single precision.

    `data` is [features, rows], so that rows lie side by side; `labels` is 1 for class 0 and -1 for class 1.
    """
    p = population.shape[0]
    h, at = data, 0
    for i, (n, m) in enumerate(zip(LAYERS, LAYERS[1:])):
        w = population[:, at : at + n * m]
        b = xp.reshape(population[:, at + n * m : at + (n + 1) * m], (p, m, 1))
        at += (n + 1) * m
        if i == 0:
            # All candidates see the same rows: one product of matrices.
            h = xp.reshape(xp.matmul(xp.reshape(w, (p * m, n)), h), (p, m, -1))
        else:
            h = xp.matmul(xp.reshape(w, (p, m, n)), h)
        h += b
        if i + 2 < len(LAYERS):
            h = xp.tanh(h)
    # -ln p of the label: with two classes ln(1 + exp(d)) for class 0, and with -d for class 1.
    d = (h[:, 1] - h[:, 0]) * labels
    return xp.mean(xp.nn.softplus(d) if xp is ops else xp.logaddexp(d, xp.zeros_like(d)), axis=1)


def speed():
    import numpy as np

    points, labels = moons_task()
    fitness = MLPFitness(points, labels, LAYERS)
    template = fitness.initial()
    rows = []
    count = 20_000
    best = math.inf
    for _ in range(5):
        start = time.process_time()
        whole, fused = fitness.native.throughput(template, count)
        spent = time.process_time() - start
        best = min(best, spent * (1 / fused) / (1 / whole + 1 / fused) / count)
    rows.append(("fused, of single-precision weights", 1 / best))
    evolver = ResonantEvolver(template, RESConfig(), 0)
    start = time.process_time()
    evolver.run_with_fitness(fitness, 400)
    rows.append(("whole generations: drawing, snapping, evaluating, learning", evolver.evaluations / (time.process_time() - start)))
    # Eight at a time fit the second cache of most processors.
    population = np.random.default_rng(0).normal(size=(8, fitness.parameters)).astype(np.float32) * np.float32(0.5)
    sign = np.where(np.array(labels) == 0, 1.0, -1.0).astype(np.float32)
    libraries = [("batched `purify.ops`, eight at a time", ops), ("batched NumPy, eight at a time", np)]
    try:
        import torch

        torch.set_num_threads(1)
        libraries.append(("batched PyTorch, eight at a time", torch))
    except ImportError:
        print("torch is not installed and left out")
    for name, xp in libraries:
        x, y, w = (xp.asarray(v) for v in (np.array(points, dtype=np.float32).T.copy(), sign, population))
        losses = [float(v) for v in batched(xp, x, y, w)[:3]]
        want = [fitness.native.loss([float(v) for v in row]) for row in population[:3]]
        assert all(abs(a - b) < 1e-4 for a, b in zip(losses, want)), (losses, want)
        rows.append((name, 8 * 80 / clock(lambda xp=xp, x=x, y=y, w=w: [batched(xp, x, y, w) for _ in range(80)], 15)))
    print("\n| evaluations of the moons task (200 points, 2-16-16-2, 354 weights) | per second and core |\n|---|---|")
    for name, rate in rows:
        print(f"| {name} | {rate:,.0f} |")


# ---- the moons task --------------------------------------------------------------------------------

TARGET, LIMIT = 0.05, 12_000


class Done(Exception):
    """The loss is below the target, or the evaluations are spent."""


class Counted:
    """The fused loss of plain weights; says when the target was reached and after how many evaluations."""

    def __init__(self, limit=LIMIT):
        points, labels = moons_task()
        self.fitness = MLPFitness(points, labels, LAYERS)
        self.count, self.best, self.limit = 0, math.inf, limit
        self.n = self.fitness.parameters

    def __call__(self, weights):
        loss = -self.fitness.native.of_values(weights)
        self.count += 1
        self.best = min(self.best, loss)
        if self.best < TARGET or self.count >= self.limit:
            raise Done
        return loss


def start_weights(counted, seed):
    import numpy as np

    return np.array(counted.fitness.initial(1000, seed).to_floats())


def by_res(seed, **config):
    points, labels = moons_task()
    fitness = MLPFitness(points, labels, LAYERS)
    template = fitness.initial(1000, seed)
    start = time.process_time()
    config = RESConfig(**config)
    result = ResonantEvolver(template, config, seed).run_with_fitness(fitness, LIMIT // config.population_size, target=-TARGET)
    return result.evaluations, time.process_time() - start, -result.best_fitness


def by_openai_es(seed):
    import numpy as np

    loss, rng = Counted(), np.random.default_rng(seed)
    mean = start_weights(loss, seed)
    m, v, sigma, rate, half = np.zeros_like(mean), np.zeros_like(mean), 0.1, 0.05, 32
    start = time.process_time()
    try:
        for t in range(1, 10**6):
            noise = rng.normal(size=(half, loss.n))
            noise = np.concatenate([noise, -noise])
            values = np.array([loss(w) for w in mean + sigma * noise])
            ranks = np.empty(2 * half)
            ranks[np.argsort(values)] = np.linspace(-0.5, 0.5, 2 * half)
            g = ranks @ noise / (2 * half * sigma)
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            mean = mean - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            loss(mean)
    except Done:
        pass
    return loss.count, time.process_time() - start, loss.best


def by_cma(seed, diagonal):
    import warnings

    warnings.simplefilter("ignore")
    import cma

    loss = Counted()
    x0 = start_weights(loss, seed)
    start = time.process_time()
    options = {"seed": seed + 1, "verbose": -9, "popsize": 64, "CMA_diagonal": diagonal}
    try:
        cma.fmin2(loss, x0, 0.3, options)
    except Done:
        pass
    return loss.count, time.process_time() - start, loss.best


def by_nevergrad(seed):
    import nevergrad as ng

    loss = Counted(2000)
    parametrization = ng.p.Array(init=start_weights(loss, seed))
    parametrization.random_state.seed(seed)
    optimizer = ng.optimizers.NGOpt(parametrization=parametrization, budget=2000)
    start = time.process_time()
    try:
        while True:
            x = optimizer.ask()
            optimizer.tell(x, loss(x.value))
    except Done:
        pass
    return loss.count, time.process_time() - start, loss.best


def by_evosax(seed):
    import jax
    import jax.numpy as jnp
    import numpy as np
    from evosax.algorithms import Sep_CMA_ES

    loss = Counted(20_000)
    strategy = Sep_CMA_ES(population_size=64, solution=jnp.zeros(loss.n))
    params = strategy.default_params
    key = jax.random.key(seed)
    mean = jnp.asarray(start_weights(loss, seed), dtype=jnp.float32)
    start = time.process_time()
    state = strategy.init(key, mean, params)
    state = state.replace(std=0.3)
    try:
        while True:
            key, a, b = jax.random.split(key, 3)
            population, state = strategy.ask(a, state, params)
            values = [loss(w) for w in np.asarray(population, dtype=float)]
            state, _ = strategy.tell(b, population, jnp.asarray(values), state, params)
    except Done:
        pass
    return loss.count, time.process_time() - start, loss.best


def by_adam(seed):
    import torch

    torch.set_num_threads(1)
    points, labels = moons_task()
    model = torch_model(seed)
    x, y = torch.tensor(points, dtype=torch.float32), torch.tensor(labels)
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    start = time.process_time()
    for step in range(1, 2000):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        if loss.item() < TARGET:
            break
    return step, time.process_time() - start, loss.item()


def moons():
    contenders = [
        ("RES, as it is by default", lambda s: by_res(s)),
        ('RES, strategy="gradient"', lambda s: by_res(s, strategy="gradient")),
        ('RES, strategy="elitist"', lambda s: by_res(s, strategy="elitist")),
        ('random search, strategy="random"', lambda s: by_res(s, strategy="random")),
        ("NumPy OpenAI-ES (mirrored, ranks, Adam 0.05)", by_openai_es),
        ("pycma, full covariance", lambda s: by_cma(s, False)),
        ("pycma, diagonal", lambda s: by_cma(s, True)),
        ("evosax Sep_CMA_ES", by_evosax),
        ("nevergrad NGOpt", by_nevergrad),
        ("gradients: torch Adam 0.05, steps", by_adam),
    ]
    print(f"\n| to a loss below {TARGET} on moons (seeds 0 to 4) | evaluations | CPU s | reached |\n|---|---|---|---|")
    for name, run in contenders:
        try:
            found = [run(seed) for seed in SEEDS]
        except ImportError as missing:
            print(f"| {name} | not installed: {missing.name} | | |")
            continue
        counts, seconds = [f[0] for f in found], [f[1] for f in found]
        reached = sum(f[2] <= TARGET for f in found)
        print(f"| {name} | {min(counts):,} to {max(counts):,} | {min(seconds):.3f} to {max(seconds):.3f} | {reached} of {len(found)} |", flush=True)


# ---- accuracies beside gradients -------------------------------------------------------------------


def task_data(make, seed):
    """(points, labels) to train on, and as many as `TEST` others."""
    points, labels = make(TRAIN + TEST, seed=seed, rng=MT)
    return (points[:TRAIN], labels[:TRAIN]), (points[TRAIN:], labels[TRAIN:])


def torch_model(seed):
    import torch

    torch.manual_seed(seed)
    parts = []
    for n, m in zip(LAYERS, LAYERS[1:]):
        parts += [torch.nn.Linear(n, m), torch.nn.Tanh()]
    return torch.nn.Sequential(*parts[:-1])


def torch_accuracy(make, steps, seed):
    import torch

    torch.set_num_threads(1)
    (x, y), (u, v) = task_data(make, seed)
    model = torch_model(seed)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        return float((model(torch.tensor(u, dtype=torch.float32)).argmax(1) == torch.tensor(v)).double().mean())


def record_torch():
    import torch

    accuracies = {name: [torch_accuracy(make, steps, s) for s in SEEDS] for name, (make, _, steps, _) in TASKS.items()}
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    what = f"Adam 0.01 on cross entropy, layers {LAYERS} with tanh, {TRAIN} points to train, {TEST} to test, seeds {list(SEEDS)}"
    RECORD.write_text(json.dumps({"versions": versions, "what": what, "accuracies": accuracies}, indent=1) + "\n")


def res_accuracy(make, evaluations, seed, **config):
    """(accuracy on unseen points, syntony of the first generation's best, of the last)."""
    (x, y), (u, v) = task_data(make, seed)
    fitness = MLPFitness(x, y, LAYERS)
    config = RESConfig(**config)
    result = ResonantEvolver(fitness.initial(1000, seed), config, seed).run_with_fitness(fitness, evaluations // config.population_size)
    accuracy = MLPFitness(u, v, LAYERS).accuracy(result.best_tensor)
    return accuracy, result.syntony_history[0], result.final_syntony


def spread(values):
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values))


def tasks(torch_now=False):
    if torch_now:
        record_torch()
    recorded = json.loads(RECORD.read_text())
    print(f"\nGradients: {recorded['what']}; {', '.join(f'{k} {v}' for k, v in recorded['versions'].items())}.\n")
    print("| task | evaluations | RES | random search | Adam (steps) | RES less Adam, in standard errors | ceiling | syntony, first to last |")
    print("|---|---|---|---|---|---|---|---|")
    for name, (make, evaluations, steps, ceiling) in TASKS.items():
        found = [res_accuracy(make, evaluations, s) for s in SEEDS]
        random = spread([res_accuracy(make, evaluations, s, strategy="random")[0] for s in SEEDS])
        gradient = recorded["accuracies"][name]
        res, adam = spread([f[0] for f in found]), spread(gradient)
        error = math.hypot(res[1], adam[1], math.sqrt(2 * res[0] * (1 - res[0]) / TEST / len(SEEDS)))
        rises = f"{spread([f[1] for f in found])[0]:.2f} to {spread([f[2] for f in found])[0]:.2f}"
        print(
            f"| {name} | {evaluations:,} | {res[0]:.3f} | {random[0]:.3f} | {adam[0]:.3f} ({steps}) | {(res[0] - adam[0]) / error:+.1f} | "
            f"{ceiling or ''} | {rises} |",
            flush=True,
        )


# ---- 30 trials against random search -----------------------------------------------------------------


def sign_test(wins, trials):
    """The chance of so many wins or more by a fair coin."""
    return sum(math.comb(trials, k) for k in range(wins, trials + 1)) / 2**trials


def trial(seed, strategy, evaluations=1000):
    points, labels = datasets.make_moons(200, 0.1, seed=seed, rng=MT)
    fitness = MLPFitness(points, labels, LAYERS)
    config = RESConfig(strategy=strategy)
    return ResonantEvolver(fitness.initial(1000, seed), config, seed).run_with_fitness(fitness, evaluations // config.population_size).best_fitness


def signs(trials=30):
    print("\n| 30 moons tasks, 1,000 evaluations each | wins against random search | sign test |\n|---|---|---|")
    random = [trial(s, "random") for s in range(trials)]
    for strategy in ("separable", "elitist", "gradient"):
        wins = sum(trial(s, strategy) > random[s] for s in range(trials))
        print(f"| {strategy} | {wins} of {trials} | p = {sign_test(wins, trials):.1e} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=["speed", "moons", "tasks", "signs", []])
    parser.add_argument("--torch", action="store_true", help="train the gradient baselines now and record them")
    arguments = parser.parse_args()
    parts = arguments.parts or ["speed", "moons", "tasks", "signs"]
    for part, run in (("speed", speed), ("moons", moons), ("tasks", lambda: tasks(arguments.torch)), ("signs", signs)):
        if part in parts:
            run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
