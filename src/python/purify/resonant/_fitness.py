"""Fitness functions that run in Rust: callable on a ResonantTensor, and evaluated in parallel without the interpreter."""

from purify._native._resonant import Q_DEFICIT, NativeFitness


class _Fitness:
    def __call__(self, tensor):
        """The worth of a tensor; higher is better."""
        return self.native(tensor)

    def evaluate_population(self, tensors):
        """The worth of each tensor."""
        return [self(t) for t in tensors]


class DistanceFitness(_Fitness):
    """-|x - target|**2 with as many values as the tensor has elements."""

    def __init__(self, target):
        self.native = NativeFitness.distance(target)


class SyntonyFitness(_Fitness):
    """The syntony of the tensor."""

    def __init__(self):
        self.native = NativeFitness.syntony()


class WavefunctionFitness(_Fitness):
    """-|x - target| over the first four values."""

    def __init__(self, target):
        self.native = NativeFitness.wavefunction(list(target))


class _Supervised(_Fitness):
    lambda_syntony = 0.0

    def loss(self, tensor):
        """The loss of a tensor, in doubles."""
        return self.native.loss(_values(tensor))

    def task_fitness(self, tensor):
        """Minus the loss, without syntony."""
        return self.native(tensor)

    def combined(self, tensor):
        """(score, task fitness, syntony) with score = task fitness + lambda * syntony."""
        task = self.native(tensor)
        return task + self.lambda_syntony * tensor.syntony, task, tensor.syntony


class ClassificationFitness(_Supervised):
    """Minus the cross entropy of a linear classifier.

    The first n_features * n_classes values of the tensor are the weights [n_features, n_classes] row-major; missing ones
    are zero. `X` is [n, n_features], `y` integer labels [n].
    """

    def __init__(self, X, y, n_features, n_classes, lambda_syntony=Q_DEFICIT):
        self.native = NativeFitness.classification(X, y, n_features, n_classes)
        self.lambda_syntony = lambda_syntony

    def accuracy(self, tensor):
        """The share of rows classified as labelled; of equal logits the first counts."""
        return self.native.accuracy(_values(tensor))


class RegressionFitness(_Supervised):
    """Minus the mean squared error, over all outputs, of a linear map with weights [n_features, n_outputs]."""

    def __init__(self, X, y, n_features, n_outputs=1, lambda_syntony=Q_DEFICIT):
        self.native = NativeFitness.regression(X, y, n_features, n_outputs)
        self.lambda_syntony = lambda_syntony


class MLPFitness(_Supervised):
    """Minus the cross entropy of a perceptron with tanh layers.

    `layers` are the widths from input to output; the tensor holds, layer by layer, the weights [out, in] and the biases.
    The search evaluates in single precision, `loss` and `accuracy` in doubles.
    """

    def __init__(self, X, y, layers, lambda_syntony=Q_DEFICIT):
        self.native = NativeFitness.mlp(X, y, list(layers))
        self.layers = tuple(layers)
        self.lambda_syntony = lambda_syntony

    @property
    def parameters(self):
        """The number of weights and biases."""
        return self.native.parameters

    def accuracy(self, tensor):
        """The share of rows classified as labelled."""
        return self.native.accuracy(_values(tensor))

    def logits(self, tensor, X):
        """The logits [n, classes] of rows of features, as a `purify.ops.Tensor`."""
        return self.native.logits(_values(tensor), X)

    def initial(self, precision=1000, seed=0):
        """A template with weights uniform within 1/sqrt(fan_in) and zero biases; mode norms are the squared layer index."""
        from purify._native._resonant import ResonantTensor

        lattice, norms = [], []
        for depth, (n, m) in enumerate(zip(self.layers, self.layers[1:])):
            weights = ResonantTensor.weights(m, n, "uniform", precision, seed=seed + depth)
            lattice += weights.get_lattice() + [0] * m
            norms += [float(depth * depth)] * ((n + 1) * m)
        return ResonantTensor.from_golden_exact(lattice, [len(lattice)], norms, precision)


def _values(tensor):
    return tensor.to_floats() if hasattr(tensor, "to_floats") else tensor
