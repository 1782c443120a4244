"""`RESTrainer`: fits a module to data by evolution, one parameter at a time or all together."""

from dataclasses import dataclass

from purify._native._resonant import ResonantTensor
from purify.resonant import losses
from purify.resonant._evolve import RESConfig, ResonantEvolver

__all__ = ["Callback", "FitnessPlateau", "RESTrainer", "StopAtLoss", "SyntonyLog", "TrainingHistory"]


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
    """Stops after `patience` epochs without an improvement of more than min_delta."""

    def __init__(self, patience=10, min_delta=0.001):
        self.patience, self.min_delta, self.best, self.waited = patience, min_delta, float("inf"), 0

    def on_epoch_end(self, trainer, epoch, metrics):
        if metrics["loss"] < self.best - self.min_delta:
            self.best, self.waited = metrics["loss"], 0
        else:
            self.waited += 1
            self.should_stop = self.waited >= self.patience


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
        self.config = config if config is not None else RESConfig(population_size=20, mutation_scale=0.3, lambda_val=0.0)
        self.generations_per_epoch = generations_per_epoch
        self.history = TrainingHistory([], [], [], [], [], [])
        self.evaluations = 0
        self._evolvers = {}

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
            for index, group in enumerate(self._groups()):
                self._epoch_of(index, group, inputs, targets, call)
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

    def _epoch_of(self, index, group, inputs, targets, call):
        before_tensors = [p.tensor for p in group]
        before = self.evaluate(inputs, targets)

        def fitness(tensor):
            self._put(group, tensor)
            return -self.evaluate(inputs, targets)

        # In joint mode one evolver goes on through all epochs; in coordinate mode the landscape changes between them.
        evolver = self._evolvers.get(index) if self.mode == "joint" else None
        if evolver is None:
            evolver = ResonantEvolver(self._taken(group), self.config, self.seed + 1000 * index + len(self.history.loss))
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
