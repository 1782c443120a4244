"""`RESTrainer`: fits a module to data by evolution, one parameter at a time or all together."""

import json
import os
from dataclasses import dataclass, replace

from purify._native._resonant import ResonantTensor
from purify.resonant import losses
from purify.resonant._evolve import RESConfig, ResonantEvolver

__all__ = [
    "ArchonicEarlyStop", "Callback", "FitnessPlateau", "MetricsLogger", "RESTrainer", "StopAtLoss", "SyntonyCheckpoint", "SyntonyLog",
    "TrainingHistory",
]


class Callback:
    """Hooks of a training; a subclass overrides what it needs and sets should_stop to end it."""

    should_stop = False

    def on_train_begin(self, trainer): ...
    def on_train_end(self, trainer): ...
    def on_epoch_begin(self, trainer, epoch): ...
    def on_epoch_end(self, trainer, epoch, metrics): ...
    def on_generation_begin(self, trainer, generation): ...
    def on_generation_end(self, trainer, generation, metrics): ...


class StopAtLoss(Callback):
    """Stops once the loss is at or below a value."""

    def __init__(self, loss):
        self.loss = loss

    def on_epoch_end(self, trainer, epoch, metrics):
        self.should_stop = metrics["loss"] <= self.loss


class FitnessPlateau(Callback):
    """After `patience` epochs without an improvement of more than min_delta, widens the step of the evolution by
    mutation_boost, up to `boosts` times, and then stops."""

    def __init__(self, patience=10, min_delta=0.001, mutation_boost=2.0, boosts=0):
        self.patience, self.min_delta, self.best, self.waited = patience, min_delta, float("inf"), 0
        self.mutation_boost, self.boosts = mutation_boost, boosts

    def on_epoch_end(self, trainer, epoch, metrics):
        if metrics["loss"] < self.best - self.min_delta:
            self.best, self.waited = metrics["loss"], 0
        else:
            self.waited += 1
            if self.waited >= self.patience and self.boosts > 0:
                self.boosts, self.waited = self.boosts - 1, 0
                trainer.config = replace(trainer.config, mutation_scale=trainer.config.mutation_scale * self.mutation_boost)
                trainer.restart()
            self.should_stop = self.waited >= self.patience


class ArchonicEarlyStop(Callback):
    """Acts when the loss of the last `patience` epochs swings (variance above the threshold) or stands still, and did not
    fall by more than min_improvement: stops, or with `escape` lets it act and goes on."""

    def __init__(self, patience=20, variance_threshold=0.01, min_improvement=0.001, escape=None):
        self.patience, self.variance_threshold, self.min_improvement, self.escape = patience, variance_threshold, min_improvement, escape
        self.losses, self.syntonies, self.escapes, self.archonic = [], [], 0, False

    def on_epoch_end(self, trainer, epoch, metrics):
        self.losses.append(metrics["loss"])
        self.syntonies.append(metrics["syntony"])
        if len(self.losses) <= self.patience:
            return
        self.archonic = losses.detect_archonic(self.syntonies, self.patience, self.variance_threshold)
        gained = self.losses[-1 - self.patience] - self.losses[-1]
        if not self.archonic and gained > self.min_improvement:
            return
        if self.escape is None:
            self.should_stop = True
        else:
            self.escape.apply(trainer)
            self.escapes += 1
            self.losses, self.syntonies = [], []


class SyntonyCheckpoint(Callback):
    """Writes the model's `state_dict` as JSON into a folder: every `save_interval` epochs, and with save_best as
    `best.json` when the loss is the lowest so far and syntony is at least min_syntony. A file appears whole or not at
    all."""

    def __init__(self, directory, save_best=True, save_interval=10, min_syntony=0.0):
        self.directory, self.save_best, self.save_interval, self.min_syntony = directory, save_best, save_interval, min_syntony
        self.best, self.written = float("inf"), []
        os.makedirs(directory, exist_ok=True)

    def _write(self, name, trainer):
        path = os.path.join(self.directory, name)
        with open(path + ".tmp", "w", encoding="utf-8") as file:
            json.dump(trainer.model.state_dict(), file)
        os.replace(path + ".tmp", path)
        self.written.append(path)

    def on_epoch_end(self, trainer, epoch, metrics):
        if (epoch + 1) % self.save_interval == 0:
            self._write(f"epoch_{epoch + 1}.json", trainer)
        if self.save_best and metrics["loss"] < self.best and metrics["syntony"] >= self.min_syntony:
            self.best = metrics["loss"]
            self._write("best.json", trainer)

    @staticmethod
    def load(path, model):
        """Puts a written state into a model."""
        with open(path, encoding="utf-8") as file:
            return model.load_state_dict(json.load(file))


class MetricsLogger(Callback):
    """Appends one line of JSON per epoch to a file."""

    def __init__(self, path):
        self.path = path

    def on_epoch_end(self, trainer, epoch, metrics):
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"epoch": epoch, **metrics}) + "\n")


class SyntonyLog(Callback):
    """Prints loss and syntony every few epochs."""

    def __init__(self, interval=10):
        self.interval = interval

    def on_epoch_end(self, trainer, epoch, metrics):
        if epoch % self.interval == 0:
            print(f"epoch {epoch}: loss {metrics['loss']:.4f}, syntony {metrics['syntony']:.4f}")


@dataclass
class TrainingHistory:
    """One entry per epoch; generations holds one dict per generation."""

    loss: list
    syntony: list
    accuracy: list
    evaluations: list
    val_loss: list
    generations: list


class RESTrainer:
    """Trains a module without gradients.

    mode "joint" evolves all parameters as one tensor, "coordinate" one after the other in each epoch. A step is kept only
    if the loss on the whole data does not rise, so the training loss never does. loss_fn(output, targets) -> float.
    """

    def __init__(self, model, config=None, loss_fn=losses.cross_entropy, seed=0, mode="joint", generations_per_epoch=5):
        if mode not in ("joint", "coordinate"):
            raise ValueError(f'RESTrainer: mode is "joint" or "coordinate", not {mode!r}')
        self.model, self.loss_fn, self.seed, self.mode = model, loss_fn, seed, mode
        self.config = config if config is not None else RESConfig(lambda_val=0.0)
        self.generations_per_epoch = generations_per_epoch
        self.history = TrainingHistory([], [], [], [], [], [])
        self.evaluations = 0
        self._evolvers, self._shock, self._shocked = {}, None, 0

    def restart(self):
        """Begins the search anew from the weights as they are: what evolvers learnt is dropped."""
        self._evolvers = {}

    def shock(self, factor_at):
        """Multiplies the step size by factor_at(0), factor_at(1), ... in the epochs to come, until it is 1."""
        self._shock, self._shocked = factor_at, 0

    def _config_now(self):
        if self._shock is None:
            return self.config
        factor = self._shock(self._shocked)
        self._shocked += 1
        if factor == 1.0:
            self._shock = None
            return self.config
        self.restart()
        return replace(self.config, mutation_scale=self.config.mutation_scale * factor)

    def evaluate(self, inputs, targets):
        """The loss of the model as it is, in evaluation mode."""
        was = self.model.training
        self.model.eval()
        try:
            return float(self.loss_fn(self.model(inputs), targets))
        finally:
            self.model.train(was)

    def _groups(self):
        parameters = self.model.parameters()
        if not parameters:
            raise ValueError("RESTrainer: the model has no parameters")
        return [parameters] if self.mode == "joint" else [[p] for p in parameters]

    @staticmethod
    def _put(group, tensor):
        lattice, at = tensor.get_lattice(), 0
        for p in group:
            t = p.tensor
            p.tensor = ResonantTensor.from_golden_exact(lattice[at : at + t.size], t.shape, t.get_mode_norm_sq(), t.precision)
            at += t.size

    @staticmethod
    def _taken(group):
        lattice = [x for p in group for x in p.to_lattice()]
        norms = [m for p in group for m in p.tensor.get_mode_norm_sq()]
        return ResonantTensor.from_golden_exact(lattice, [len(lattice)], norms, max(p.tensor.precision for p in group))

    def fit(self, data, epochs, val=None, callbacks=()):
        """Trains on data = (inputs, targets) for a number of epochs; returns the history."""
        inputs, targets = data
        inputs = inputs if isinstance(inputs, ResonantTensor) else ResonantTensor(inputs, precision=1000)
        if val is not None and not isinstance(val[0], ResonantTensor):
            val = (ResonantTensor(val[0], precision=1000), val[1])
        call = lambda hook, *args: [getattr(c, hook)(self, *args) for c in callbacks]  # noqa: E731
        call("on_train_begin")
        for epoch in range(epochs):
            call("on_epoch_begin", epoch)
            config = self._config_now()
            for index, group in enumerate(self._groups()):
                self._epoch_of(index, group, inputs, targets, call, config)
            metrics = {"loss": self.evaluate(inputs, targets), "syntony": self.model.syntony, "evaluations": self.evaluations}
            self.history.loss.append(metrics["loss"])
            self.history.syntony.append(metrics["syntony"])
            self.history.evaluations.append(self.evaluations)
            if self.loss_fn is losses.cross_entropy:
                metrics["accuracy"] = losses.accuracy(self.model.eval()(inputs), targets)
                self.model.train()
                self.history.accuracy.append(metrics["accuracy"])
            if val is not None:
                metrics["val_loss"] = self.evaluate(*val)
                self.history.val_loss.append(metrics["val_loss"])
            call("on_epoch_end", epoch, metrics)
            if any(c.should_stop for c in callbacks):
                break
        call("on_train_end")
        return self.history

    def _epoch_of(self, index, group, inputs, targets, call, config):
        before_tensors = [p.tensor for p in group]
        before = self.evaluate(inputs, targets)

        def fitness(tensor):
            self._put(group, tensor)
            return -self.evaluate(inputs, targets)

        # In joint mode one evolver goes on through all epochs; in coordinate mode the landscape changes between them.
        evolver = self._evolvers.get(index) if self.mode == "joint" else None
        if evolver is None:
            evolver = ResonantEvolver(self._taken(group), config, self.seed + 1000 * index + len(self.history.loss))
            self._evolvers[index] = evolver
        start = evolver.evaluations
        for _ in range(self.generations_per_epoch):
            call("on_generation_begin", evolver.generation)
            evolver.tell([fitness(c) for c in evolver.ask()])
            metrics = {"loss": -evolver.best_fitness, "fitness": evolver.best_fitness, "syntony": evolver.best_syntony}
            metrics["evaluations"] = self.evaluations + evolver.evaluations - start
            self.history.generations.append(metrics)
            call("on_generation_end", evolver.generation, metrics)
        self.evaluations += evolver.evaluations - start
        self._put(group, evolver.best)
        if self.evaluate(inputs, targets) > before:
            for p, tensor in zip(group, before_tensors):
                p.tensor = tensor
