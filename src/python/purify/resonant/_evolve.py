"""The resonant evolution strategy: search for the tensor of highest fitness, without gradients.

`ResonantEvolver.run_with_fitness` takes a function in Rust (`purify.resonant.*Fitness`) or any Python function of a
tensor. A Python function may run on any `concurrent.futures.Executor`: processes, Dask, MPI. Which worker evaluates
what, and in which order answers come, does not change the result.
"""

import os
import sys
import time
from concurrent.futures import CancelledError, Executor
from dataclasses import dataclass, field, fields

from purify._native import _resonant as _native

_DEFAULTS = _native.config_defaults()


def _text(value):
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(float(value)) if isinstance(value, float) else str(value)


def _default(name):
    text = _DEFAULTS[name]
    if text in ("true", "false"):
        return text == "true"
    if text == "none" and name not in ("filter",):
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


@dataclass
class RESConfig:
    """The settings of an evolution. What does not fit is refused when the evolver is made.

    strategy: "separable" (a mean and a variance per element, both adapted), "elitist" (mutants of the best, one-fifth
    rule), "gradient" (mirrored samples, Adam steps along their ranks), "random" (independent samples).
    score = fitness + lambda_val * syntony. filter="syntony" evaluates only the survivor_count children of highest
    syntony; use_cycle sends each child through a cycle first. patience generations without an improvement of more than
    convergence_threshold end the run, or restart it `restarts` times with twice the population.
    """

    strategy: str = _default("strategy")
    population_size: int = _default("population_size")
    survivor_count: int = _default("survivor_count")
    elite: int = _default("elite")
    lambda_val: float = _default("lambda_val")
    mutation_scale: float = _default("mutation_scale")
    mutation: str = _default("mutation")
    mutation_rate: float = _default("mutation_rate")
    adapt: str | None = _default("adapt")
    learning_rate: float = _default("learning_rate")
    filter: str = _default("filter")
    use_cycle: bool = _default("use_cycle")
    noise_scale: float = _default("noise_scale")
    max_coeff: int | None = _default("max_coeff")
    max_generations: int = _default("max_generations")
    convergence_threshold: float = _default("convergence_threshold")
    patience: int | None = _default("patience")
    restarts: int = _default("restarts")

    def _settings(self):
        return {f.name: _text(getattr(self, f.name)) for f in fields(self)}


@dataclass
class RESResult:
    """What an evolution found. History columns are float64 `purify.ops.Tensor`s with one entry per generation.

    converged is True only if the target was reached, or if the run ended on a plateau after it had improved on its
    template; standing still from the start is not convergence.
    """

    best_tensor: object
    best_score: float
    best_fitness: float
    generations: int
    evaluations: int
    invalid: int
    stop_reason: str
    converged: bool
    history: dict = field(repr=False)
    seconds: float = 0.0

    @property
    def winner(self):
        """As best_tensor."""
        return self.best_tensor

    @property
    def final_syntony(self):
        """The syntony of the best tensor."""
        return self.best_tensor.syntony

    @property
    def syntony_history(self):
        """The syntony of the best after each generation, as a list."""
        return [float(s) for s in self.history["syntony"]]

    def plot(self, path, columns=("fitness", "syntony"), size=(640, 360)):
        """Draws columns of the history as curves into a PNG file, each over its own range."""
        from purify.resonant import plot

        curves = [[float(v) for v in self.history[name]] for name in columns]
        plot.write_png(path, plot.curves(curves, columns, size))


class ProgressBar:
    """A callback that draws one line on a terminal, and nothing elsewhere."""

    def __init__(self, total=None, stream=None, width=30):
        self.total, self.stream, self.width = total, stream or sys.stderr, width
        self.shown = 0.0

    def __call__(self, evolver):
        total = self.total or evolver.config.max_generations
        done = min(evolver.generation / max(total, 1), 1.0)
        if not self.stream.isatty() or (done < 1.0 and time.monotonic() - self.shown < 0.1):
            return
        self.shown = time.monotonic()
        bar = "#" * round(done * self.width)
        line = f"\r[{bar:<{self.width}}] {evolver.generation}/{total}  fitness {evolver.best_fitness:.6g}  S {evolver.best_syntony:.4f}"
        self.stream.write(line + ("\n" if done >= 1.0 else ""))
        self.stream.flush()


class ResonantEvolver:
    """A population of lattice tensors that evolves from a template towards higher fitness.

    All randomness comes from `seed`, the generation and the index of a child, so runs repeat exactly, whatever the number
    of threads or workers.
    """

    def __init__(self, template, config=None, seed=0):
        self.config = config if config is not None else RESConfig()
        self._native = _native.NativeEvolver(template, self.config._settings(), seed)

    # ---- one generation at a time ----------------------------------------------------------------

    def ask(self):
        """The candidates of this generation, as tensors; the same ones until `tell`."""
        return self._native.ask()

    def tell(self, fitness):
        """Takes the fitness of the candidates, higher is better; returns whether the best improved."""
        return self._native.tell([_number(f) for f in fitness])

    @property
    def generation(self):
        """Generations so far."""
        return self._native.generation

    @property
    def evaluations(self):
        """Evaluations so far."""
        return self._native.evaluations

    @property
    def scale(self):
        """The current step size."""
        return self._native.scale

    @property
    def best(self):
        """The best tensor so far, or None before the first generation."""
        found = self._native.best
        return found and found[0]

    @property
    def best_fitness(self):
        """The fitness of the best tensor."""
        found = self._native.best
        return found[1] if found else float("nan")

    @property
    def best_syntony(self):
        """The syntony of the best tensor."""
        found = self._native.best
        return found[0].syntony if found else float("nan")

    # ---- whole runs ------------------------------------------------------------------------------

    def run_with_fitness(
        self, fitness, generations=None, target=None, callback=None, *, executor=None, retries=2, progress=False, checkpoint=None,
        checkpoint_every=10,
    ):
        """Evolves and returns a RESResult.

        fitness: an object with `.native` (runs in Rust on all threads), or a function tensor -> float. Numbers that are
        not finite rank last. generations: how many more, by default up to config.max_generations in all. target: a fitness
        at which to stop. callback(evolver) runs after each generation and ends the run by returning False.
        executor: a concurrent.futures.Executor for a Python fitness; evaluations lost with a worker are repeated up to
        `retries` times there and then here, and the result is the same. An error that the fitness itself raises ends the
        run. checkpoint: a path that is written every `checkpoint_every` generations and at the end.
        """
        last = self.config.max_generations if generations is None else self.generation + generations
        watchers = [w for w in (callback, ProgressBar(last) if progress else None) if w is not None]
        native = getattr(fitness, "native", fitness if isinstance(fitness, _native.NativeFitness) else None)
        if executor is not None and native is not None:
            raise ValueError("run_with_fitness: a fitness in Rust runs on threads of this process; leave executor out")
        if executor is not None and not (isinstance(executor, Executor) or hasattr(executor, "submit")):
            raise TypeError("run_with_fitness: executor has no submit(); pass a concurrent.futures.Executor")
        started, reason = time.perf_counter(), "generations"
        while self.generation < last:
            if native is not None:
                self._native.step(native)
            else:
                self.tell(_evaluate(fitness, self.ask(), executor, retries))
            if checkpoint is not None and self.generation % checkpoint_every == 0:
                self.save(checkpoint)
            # Every watcher sees every generation.
            if any([w(self) is False for w in watchers]):
                reason = "aborted"
                break
            found = self._native.stopped(target, last)
            if found is not None:
                reason = found
                break
        if checkpoint is not None:
            self.save(checkpoint)
        return RESResult(**self._native.outcome(reason), seconds=time.perf_counter() - started)

    def run(self, generations=None, **options):
        """Evolves towards higher syntony alone."""
        from purify.resonant._fitness import SyntonyFitness

        return self.run_with_fitness(SyntonyFitness(), generations, **options)

    # ---- checkpoints -----------------------------------------------------------------------------

    def save(self, path):
        """Writes the state between two generations; the file appears whole or not at all."""
        beside = f"{os.fspath(path)}.tmp{os.getpid()}"
        with open(beside, "wb") as file:
            file.write(self._native.checkpoint())
        os.replace(beside, path)

    @classmethod
    def load(cls, path):
        """The evolver of a checkpoint: it goes on as if it had never stopped."""
        with open(path, "rb") as file:
            data = file.read()
        out = cls.__new__(cls)
        out._native = _native.NativeEvolver.restore(data)
        out.config = RESConfig(**{name: _typed(name, text) for name, text in out._native.settings().items()})
        return out


RESEvolver = ResonantEvolver


def _typed(name, text):
    if text in ("true", "false"):
        return text == "true"
    if text == "none":
        return "none" if name == "filter" else None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        name = type(value).__name__
        raise TypeError(f"run_with_fitness: the fitness of a candidate is a number, not {name}") from None


def _lost(error):
    """Whether an evaluation was lost with its worker, rather than failed in the fitness."""
    if isinstance(error, (CancelledError, ConnectionError, EOFError)):
        return True
    names = {c.__name__ for c in type(error).__mro__}
    return bool(names & {"BrokenExecutor", "KilledWorker", "TimeoutError", "CommClosedError", "WorkerCrashedError", "FutureCancelledError"})


def _evaluate(fitness, candidates, executor, retries):
    if executor is None:
        return [fitness(c) for c in candidates]
    results = [None] * len(candidates)
    missing = list(range(len(candidates)))
    for _ in range(retries + 1):
        futures = []
        for i in missing:
            try:
                futures.append((i, executor.submit(fitness, candidates[i])))
            except RuntimeError:  # a pool that broke takes no more work
                break
        still = missing[len(futures):]
        for i, future in futures:
            try:
                results[i] = future.result()
            except Exception as error:
                if not _lost(error):
                    raise
                still.append(i)
        missing = still
        if not missing:
            return results
    for i in missing:
        results[i] = fitness(candidates[i])
    return results
