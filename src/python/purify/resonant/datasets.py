"""Small data sets for classification, as nested lists and integer labels.

Random numbers come from Python's generator (rng="stdlib"), or with rng="mt19937_numpy" from the streams of NumPy's
`RandomState`, bit for bit. Each function says in which order it draws.
"""

import math
import random

__all__ = [
    "PureRNG", "linspace", "make_circles", "make_golden_sequence", "make_moons", "make_spiral", "make_winding_xor", "make_xor",
    "train_test_split",
]


class PureRNG:
    """Uniform and normal numbers and permutations from one seed. Sizes are an int or a pair."""

    def __init__(self, seed=None, rng="stdlib"):
        if rng == "stdlib":
            self._random, self._state = random.Random(seed), None
        elif rng == "mt19937_numpy":
            from purify import ops

            self._random, self._state = None, ops.random.RandomState(seed)
        else:
            raise ValueError(f'PureRNG: rng is "stdlib" or "mt19937_numpy", not {rng!r}')

    def _filled(self, size, draw, bulk):
        if size is not None and not isinstance(size, int) and len(size) > 2:
            raise ValueError(f"PureRNG: size is an int or a pair, not {size!r}")
        if self._state is not None:
            out = bulk(size)
            return float(out) if size is None else out.tolist()
        if size is None:
            return draw()
        if isinstance(size, int) or len(size) == 1:
            return [draw() for _ in range(size if isinstance(size, int) else size[0])]
        return [[draw() for _ in range(size[1])] for _ in range(size[0])]

    def uniform(self, low=0.0, high=1.0, size=None):
        """Uniform numbers in [low, high)."""
        return self._filled(size, lambda: low + (high - low) * self._random.random(), lambda s: self._state.uniform(low, high, s))

    def normal(self, loc=0.0, scale=1.0, size=None):
        """Normal numbers."""
        return self._filled(size, lambda: self._random.gauss(loc, scale), lambda s: self._state.normal(loc, scale, s))

    def permutation(self, n):
        """The numbers 0, ..., n-1 in random order."""
        if self._state is not None:
            return [int(i) for i in self._state.permutation(n).tolist()]
        order = list(range(n))
        self._random.shuffle(order)
        return order


def linspace(start, stop, num=50):
    """num numbers from start to stop, both included; one number is start."""
    if num < 2:
        return [float(start)] * num
    step = (stop - start) / (num - 1)
    return [start + step * i for i in range(num - 1)] + [float(stop)]


def _noisy(points, noise, rng):
    if noise <= 0.0:
        return points
    deviations = rng.normal(0.0, noise, (len(points), 2))
    return [[x + dx, y + dy] for (x, y), (dx, dy) in zip(points, deviations)]


def _shuffled(points, labels, rng):
    order = rng.permutation(len(points))
    return [points[i] for i in order], [labels[i] for i in order]


def make_xor(n_samples=1000, noise=0.1, seed=None, rng="stdlib"):
    """Points uniform in the square, labelled by (x1 > 0) xor (x2 > 0) before the noise is added.

    With noise 0.1 a sign flips with probability 0.04, so 7.66 % of the labels disagree with the signs: no classifier
    exceeds 92.3 % in the mean. Draws: uniform (n, 2), normal (n, 2).
    """
    rng = PureRNG(seed, rng)
    points = rng.uniform(-1.0, 1.0, (n_samples, 2))
    labels = [int((x > 0) != (y > 0)) for x, y in points]
    return _noisy(points, noise, rng), labels


def make_moons(n_samples=1000, noise=0.1, seed=None, rng="stdlib"):
    """Two interleaving half circles. Draws: a permutation, normal (n, 2)."""
    rng = PureRNG(seed, rng)
    first = n_samples // 2
    points = [[math.cos(t), math.sin(t)] for t in linspace(0.0, math.pi, first)]
    points += [[1.0 - math.cos(t), 0.5 - math.sin(t)] for t in linspace(0.0, math.pi, n_samples - first)]
    points, labels = _shuffled(points, [0] * first + [1] * (n_samples - first), rng)
    return _noisy(points, noise, rng), labels


def make_circles(n_samples=1000, noise=0.1, factor=0.5, seed=None, rng="stdlib"):
    """A circle of radius 1 (class 0) and one of radius `factor` (class 1), uniform angles.

    Draws: uniform angles of each class, a permutation, normal (n, 2).
    """
    rng = PureRNG(seed, rng)
    first = n_samples // 2
    outer = rng.uniform(0.0, 2.0 * math.pi, first)
    inner = rng.uniform(0.0, 2.0 * math.pi, n_samples - first)
    points = [[math.cos(t), math.sin(t)] for t in outer] + [[factor * math.cos(t), factor * math.sin(t)] for t in inner]
    points, labels = _shuffled(points, [0] * first + [1] * (n_samples - first), rng)
    return _noisy(points, noise, rng), labels


def make_spiral(n_samples=1000, noise=0.1, n_classes=2, seed=None, rng="stdlib"):
    """Spiral arms of one and a half turns: arm c is arm 0 turned by 2 pi c / n_classes. Draws: a permutation, normal (n, 2)."""
    rng = PureRNG(seed, rng)
    points, labels = [], []
    for c in range(n_classes):
        count = n_samples // n_classes + (1 if c < n_samples % n_classes else 0)
        turn = 2.0 * math.pi * c / n_classes
        for t in linspace(0.0, 3.0 * math.pi, count):
            radius = t / (3.0 * math.pi)
            points.append([radius * math.cos(t + turn), radius * math.sin(t + turn)])
            labels.append(c)
    points, labels = _shuffled(points, labels, rng)
    return _noisy(points, noise, rng), labels


def make_winding_xor(n_samples=500, noise=0.1, seed=None, rng="stdlib"):
    """The four corners of the unit square with noise, rounded to the cells round(2x) in 0..2, labelled by the corner.

    At most nine inputs are distinct, and cells with a 1 are ambiguous (1.24 %): the ceiling is 99.4 %.
    Draws: uniform (n, 2) for the corners, normal (n, 2).
    """
    rng = PureRNG(seed, rng)
    corners = [[float(x >= 0.5), float(y >= 0.5)] for x, y in rng.uniform(0.0, 1.0, (n_samples, 2))]
    labels = [int(x != y) for x, y in corners]
    cells = [[min(max(round(2.0 * v), 0), 2) for v in point] for point in _noisy(corners, noise, rng)]
    return cells, labels


def make_golden_sequence(n=100, noise=0.01, seed=None, rng="stdlib"):
    """Numbers with f0 = 1, f1 = phi, f(i) = f(i-1) + f(i-2), divided by the largest, with normal noise.

    They are powers of phi, so the quotient is computed directly and no length overflows. Draws: normal (n).
    """
    phi = (1.0 + math.sqrt(5.0)) / 2.0
    values = [phi ** (i - n + 1) if i - n + 1 > -1400 else 0.0 for i in range(n)]
    deviations = PureRNG(seed, rng).normal(0.0, noise, n) if noise > 0.0 else [0.0] * n
    return [v + d for v, d in zip(values, deviations)]


def train_test_split(X, y, test_size=0.2, seed=None, rng="stdlib"):
    """(X_train, X_test, y_train, y_test): the first int(n * test_size) of a permutation are the test set."""
    if len(X) != len(y):
        raise ValueError(f"train_test_split: {len(X)} rows, but {len(y)} labels")
    order = PureRNG(seed, rng).permutation(len(X))
    test = int(len(X) * test_size)
    pick = lambda values, places: [values[i] for i in places]  # noqa: E731
    return pick(X, order[test:]), pick(X, order[:test]), pick(y, order[test:]), pick(y, order[:test])
