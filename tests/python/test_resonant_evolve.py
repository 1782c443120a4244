"""The evolution strategy: that it improves, repeats, survives lost workers and restarts, and tells the truth about it."""

import concurrent.futures
import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from purify import resonant as rs
from purify.resonant import DistanceFitness, MLPFitness, RESConfig, ResonantEvolver, ResonantTensor, SyntonyFitness, compat, datasets

TARGET = [0.3, -0.7, 0.1, 0.9, -0.2, 0.5, -0.4, 0.6]


def start(n=8):
    return ResonantTensor.zeros([n])


def squared(tensor):
    return -sum((x - t) ** 2 for x, t in zip(tensor.to_floats(), TARGET))


def lethal(tensor):
    """Ends the process of a worker once, then behaves."""
    flag = os.environ["PURIFY_TEST_FLAG"]
    if not os.path.exists(flag):
        open(flag, "w").close()
        os._exit(1)
    return squared(tensor)


@pytest.mark.parametrize("strategy", ["elitist", "separable"])
def test_eight_values_are_found_to_the_resolution_of_the_lattice(strategy):
    evolver = ResonantEvolver(start(), RESConfig(strategy=strategy, lambda_val=0.0, population_size=64), seed=1)
    result = evolver.run_with_fitness(DistanceFitness(TARGET), 100)
    assert -result.best_fitness <= 32 * rs.snap_error_bound(100) ** 2
    score = result.history["score"].tolist()
    assert all(a <= b for a, b in zip(score, score[1:])) and result.evaluations == 6400 and len(score) == 100


def test_syntony_rises_from_a_random_start_where_the_original_stands_still():
    template = ResonantTensor.randn([50], seed=5)
    assert template.syntony < 0.2
    result = ResonantEvolver(template, RESConfig(population_size=32, mutation_scale=0.3), seed=1).run(100)
    assert result.final_syntony > 0.99 and result.syntony_history[-1] > result.syntony_history[0]
    old = compat.run(template, 1)
    assert old.final_syntony < 0.3 and not old.converged and old.stop_reason == "plateau" and old.generations <= 12


@pytest.mark.parametrize("strategy", ["elitist", "separable", "gradient"])
def test_better_than_random_search_at_equal_evaluations(strategy):
    wins = 0
    for seed in range(8):
        target = np.random.default_rng(seed).normal(size=30)
        found = {}
        for name in (strategy, "random"):
            config = RESConfig(strategy=name, lambda_val=0.0, population_size=32, mutation_scale=0.3)
            found[name] = ResonantEvolver(start(30), config, seed).run_with_fitness(DistanceFitness(target), 60)
        assert found[strategy].evaluations == found["random"].evaluations
        wins += found[strategy].best_fitness > found["random"].best_fitness
    assert wins == 8  # by chance: 1 in 256


def test_the_same_seed_gives_the_same_run_for_every_number_of_threads():
    program = (
        "from purify.resonant import DistanceFitness, RESConfig, ResonantEvolver, ResonantTensor\n"
        "start = ResonantTensor.zeros([40])\n"
        "evolver = ResonantEvolver(start, RESConfig(population_size=64), seed=7)\n"
        "print(evolver.run_with_fitness(DistanceFitness([i / 40 for i in range(40)]), 10).best_tensor.get_lattice())\n"
    )
    found = {
        subprocess.run([sys.executable, "-c", program], env={**os.environ, "PURIFY_NUM_THREADS": threads},
                       check=True, capture_output=True, text=True).stdout
        for threads in ("1", "2", "5")
    }
    assert len(found) == 1 and len(found.pop()) > 100


def test_the_same_seed_gives_the_same_run_for_every_kind_of_fitness():
    runs = []
    for fitness in (DistanceFitness(TARGET), squared):
        evolver = ResonantEvolver(start(), RESConfig(population_size=16), seed=7)
        runs.append(evolver.run_with_fitness(fitness, 10).best_tensor)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        evolver = ResonantEvolver(start(), RESConfig(population_size=16), seed=7)
        runs.append(evolver.run_with_fitness(squared, 10, executor=pool).best_tensor)
    assert all(r.get_lattice() == runs[0].get_lattice() for r in runs)
    other = ResonantEvolver(start(), RESConfig(population_size=16), seed=8).run_with_fitness(squared, 10)
    assert other.best_tensor.get_lattice() != runs[0].get_lattice()


def test_a_killed_worker_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("PURIFY_TEST_FLAG", str(tmp_path / "flag"))
    config = RESConfig(population_size=8)
    want = ResonantEvolver(start(), config, 3).run_with_fitness(squared, 3)
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        got = ResonantEvolver(start(), config, 3).run_with_fitness(lethal, 3, executor=pool)
    assert (tmp_path / "flag").exists()
    assert got.best_tensor.equals(want.best_tensor) and got.evaluations == want.evaluations == 24


def test_a_dask_worker_killed_in_the_middle_changes_nothing():
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    import signal
    import threading
    import time

    target = list(TARGET)

    def slow(tensor):
        time.sleep(0.01)
        return -sum((x - t) ** 2 for x, t in zip(tensor.to_floats(), target))

    run = lambda **options: ResonantEvolver(start(), RESConfig(population_size=12, lambda_val=0.0), seed=3).run_with_fitness(  # noqa: E731
        slow, 8, **options
    )
    killed = []
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = list(client.run(os.getpid).values())

        def strike(evolver):
            if evolver.generation == 3:
                # Half of the twelve evaluations of the next generation are under way by then.
                threading.Timer(0.03, lambda: (os.kill(pids[0], signal.SIGKILL), killed.append(pids[0]))).start()

        spread = run(executor=client.get_executor(), callback=strike)
        client.wait_for_workers(2, timeout=60)
        assert killed and killed[0] not in client.run(os.getpid).values()
    alone = run()
    assert spread.best_tensor.equals(alone.best_tensor) and spread.evaluations == alone.evaluations == 96
    assert all(a.tolist() == b.tolist() for a, b in zip(spread.history.values(), alone.history.values()))


def test_an_error_of_the_fitness_reaches_the_caller():
    def broken(tensor):
        raise LookupError("no such data")

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for executor in (None, pool):
            with pytest.raises(LookupError, match="no such data"):
                ResonantEvolver(start()).run_with_fitness(broken, 2, executor=executor)
    with pytest.raises(TypeError, match="number"):
        ResonantEvolver(start()).run_with_fitness(lambda t: "good", 1)


def test_a_checkpoint_goes_on_as_if_nothing_had_happened(tmp_path):
    path = tmp_path / "run.safetensors"
    for strategy in ("elitist", "separable", "gradient"):
        config = RESConfig(strategy=strategy, population_size=12, elite=3)
        whole = ResonantEvolver(start(), config, 5).run_with_fitness(squared, 20)
        first = ResonantEvolver(start(), config, 5)
        first.run_with_fitness(squared, 8, checkpoint=path)
        again = ResonantEvolver.load(path)
        assert again.config == config and again.generation == 8
        rest = again.run_with_fitness(squared, 12)
        assert rest.best_tensor.equals(whole.best_tensor) and rest.evaluations == whole.evaluations
        assert [c.tolist() for c in rest.history.values()] == [c.tolist() for c in whole.history.values()]
    with pytest.raises(ValueError):
        path.write_bytes(path.read_bytes()[:-9])
        ResonantEvolver.load(path)


def test_reasons_to_stop_are_the_true_ones():
    def stop(evolver):
        return evolver.generation < 3

    aborted = ResonantEvolver(start()).run_with_fitness(squared, 50, callback=stop)
    assert (aborted.stop_reason, aborted.generations, aborted.converged) == ("aborted", 3, False)
    target = ResonantEvolver(start()).run_with_fitness(squared, 200, target=-0.5)
    assert (target.stop_reason, target.converged) == ("target", True) and target.best_fitness >= -0.5
    flat = ResonantEvolver(start(), RESConfig(patience=4, lambda_val=0.0)).run_with_fitness(lambda t: 1.0, 50)
    assert (flat.stop_reason, flat.converged, flat.generations) == ("plateau", False, 5)
    assert ResonantEvolver(start()).run_with_fitness(squared, 2).stop_reason == "generations"
    restarted = ResonantEvolver(start(), RESConfig(patience=2, restarts=1, population_size=4, lambda_val=0.0)).run_with_fitness(lambda t: 1.0, 50)
    assert restarted.evaluations == 3 * 4 + 2 * 8


def test_values_that_are_not_finite_rank_last_and_are_counted():
    def partial(tensor):
        value = squared(tensor)
        return value if tensor.to_floats()[0] >= 0 else math.nan

    result = ResonantEvolver(start(), seed=2).run_with_fitness(partial, 20)
    assert math.isfinite(result.best_fitness) and 0 < result.invalid < result.evaluations and result.best_tensor.to_floats()[0] >= 0


def test_filter_and_cycle_are_options():
    config = RESConfig(filter="syntony", survivor_count=4, population_size=16, use_cycle=True, noise_scale=0.0)
    evolver = ResonantEvolver(ResonantTensor([1.0, 0.5, 0.2]), config)
    assert len(evolver.ask()) == 4
    result = evolver.run_with_fitness(SyntonyFitness(), 5)
    assert result.evaluations == 20


def test_settings_that_do_not_fit_are_refused():
    for bad in ({"population_size": 0}, {"survivor_count": 65, "filter": "syntony"}, {"mutation_scale": -1.0}, {"strategy": "magic"}, {"patience": 0},
                {"mutation_rate": 2.0}, {"max_coeff": 0}, {"elite": 0}):
        with pytest.raises(ValueError):
            ResonantEvolver(start(), RESConfig(**bad))
    with pytest.raises(ValueError):
        ResonantEvolver(ResonantTensor.zeros([0]))
    with pytest.raises(ValueError):
        ResonantEvolver(start(3)).run_with_fitness(DistanceFitness(TARGET), 1)
    evolver = ResonantEvolver(start())
    with pytest.raises(ValueError):
        evolver.tell([1.0])
    evolver.ask()
    with pytest.raises(ValueError):
        evolver.tell([1.0])


def test_candidates_travel_as_pickles():
    candidates = ResonantEvolver(start()).ask()
    assert [pickle.loads(pickle.dumps(c)).get_lattice() for c in candidates] == [c.get_lattice() for c in candidates]


def test_supervised_fitness_agrees_with_numpy():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.integers(0, 3, 40)
    W = ResonantTensor(rng.normal(size=9))
    logits = X @ np.array(W.to_floats()).reshape(3, 3)
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    f = rs.ClassificationFitness(X, y, 3, 3)
    assert f.loss(W) == pytest.approx(-np.log(np.clip(p[np.arange(40), y], 1e-10, 1)).mean(), abs=1e-12)
    assert f.accuracy(W) == (logits.argmax(1) == y).mean() and f.task_fitness(W) == -f.loss(W)
    score, task, s = f.combined(W)
    assert score == task + rs.Q_DEFICIT * s and s == W.syntony
    Y = rng.normal(size=(40, 2))
    r = rs.RegressionFitness(X, Y, 3, 2)
    V = ResonantTensor(rng.normal(size=6))
    assert r.loss(V) == pytest.approx(((X @ np.array(V.to_floats()).reshape(3, 2) - Y) ** 2).mean(), abs=1e-12)
    with pytest.raises(ValueError):
        rs.ClassificationFitness(X, y + 5, 3, 3)
    with pytest.raises(ValueError):
        rs.ClassificationFitness([], [], 3, 3)


def test_the_fused_perceptron_agrees_with_numpy():
    points, labels = datasets.make_moons(200, 0.1, seed=1)
    f = MLPFitness(points, labels, [2, 16, 16, 2])
    assert f.parameters == 354
    t = ResonantTensor(2.0 * np.random.default_rng(0).normal(size=354), precision=1000)
    w, state, at = np.array(t.to_floats()), np.array(points), 0
    for depth, (n, m) in enumerate(((2, 16), (16, 16), (16, 2))):
        state = state @ w[at:at + n * m].reshape(m, n).T + w[at + n * m:at + (n + 1) * m]
        at += (n + 1) * m
        state = np.tanh(state) if depth < 2 else state
    top = state.max(1, keepdims=True)
    loss = (np.log(np.exp(state - top).sum(1)) + top[:, 0] - state[np.arange(200), labels]).mean()
    assert f.loss(t) == pytest.approx(loss, rel=1e-9)
    assert -f(t) == pytest.approx(loss, rel=1e-4)
    np.testing.assert_allclose(np.array(f.logits(t, points).tolist()), state, atol=1e-9)


def test_attractors_pull_towards_their_mean():
    memory = rs.Attractors(2, 0.5, 0.9)
    assert memory.centroid() is None and not memory.store([1.0, 0.0], 0.4)
    assert memory.store([1.0, 0.0], 0.6) and memory.store([0.0, 1.0], 0.8)
    memory.age()
    weights = memory.weights()
    assert weights == pytest.approx([0.9 * 0.36, 0.9 * 0.64])
    assert memory.store([1.0, 1.0], 0.9) and len(memory) == 2
    centre = memory.centroid()
    # A state at the centre stays there when H is the identity, for every strength of the pull.
    for pull in (0.0, 0.3, 1.0):
        assert memory.harmonize(centre, [0.0, 0.0], 0.5, pull) == pytest.approx(centre)
    x, m2 = [0.3, -0.2], [0.0, 4.0]
    assert memory.harmonize(x, m2, 0.5, 1.0) == pytest.approx(centre)
    assert memory.harmonize(x, m2, 0.5, 0.0) == pytest.approx([0.3, -0.2 * (1 - 0.5 * (1 - rs.golden_weight(4.0)))])


def test_a_history_is_arrays_and_a_picture(tmp_path):
    result = ResonantEvolver(start()).run_with_fitness(squared, 12)
    assert all(c.shape == (12,) and str(c.dtype) == "float64" for c in result.history.values())
    path = tmp_path / "history.png"
    result.plot(path)
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
