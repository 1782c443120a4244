"""`python -m purify.resonant.demo xor`: trains a small perceptron without gradients and draws what it learnt.

The picture shows the decision regions on the left, loss and syntony over the generations on the right.
"""

import argparse
import math
import time

from purify.resonant import datasets, plot
from purify.resonant._evolve import RESConfig, ResonantEvolver
from purify.resonant._fitness import MLPFitness

MAKERS = {
    "xor": (datasets.make_xor, 0.1),
    "moons": (datasets.make_moons, 0.1),
    "circles": (datasets.make_circles, 0.1),
    "spiral": (datasets.make_spiral, 0.02),
}


def train(name, generations=200, samples=400, hidden=(16, 16), seed=0, progress=False):
    """Trains on a data set; returns a dict with the fitness, the result and the accuracies."""
    maker, noise = MAKERS[name]
    points, labels = maker(samples, noise, seed=seed)
    test_points, test_labels = maker(2000, noise, seed=seed + 1)
    fitness = MLPFitness(points, labels, [2, *hidden, max(labels) + 1])
    evolver = ResonantEvolver(fitness.initial(1000, seed), RESConfig(mutation_scale=0.3), seed=seed)
    result = evolver.run_with_fitness(fitness, generations, progress=progress)
    held_out = MLPFitness(test_points, test_labels, fitness.layers)
    return {
        "points": points, "labels": labels, "fitness": fitness, "result": result,
        "train": fitness.accuracy(result.best_tensor), "test": held_out.accuracy(result.best_tensor), "loss": fitness.loss(result.best_tensor),
    }  # fmt: skip


def draw(found, path):
    """Draws the decision regions and the curves of a training into a PNG file."""
    fitness, result = found["fitness"], found["result"]

    def classify(points):
        rows = fitness.logits(result.best_tensor, [list(p) for p in points]).tolist()
        out = []
        for row in rows:
            top = max(row)
            total = sum(math.exp(v - top) for v in row)
            # A certain answer has probability 1, a blind guess 1/n.
            out.append((row.index(top), (1.0 / total - 1.0 / len(row)) / (1.0 - 1.0 / len(row))))
        return out

    canvas = plot.Canvas(780, 400)
    canvas.text(12, 8, f"accuracy {100 * found['test']:.1f}% on new points")
    canvas.paste(plot.regions(classify, found["points"], found["labels"]), 12, 28)
    history = result.history
    loss = [-float(f) for f in history["fitness"]]
    canvas.paste(plot.curves([loss, [float(s) for s in history["syntony"]]], ["loss", "syntony"], (384, 360)), 384, 28)
    plot.write_png(path, canvas)


def main(arguments=None):
    """Reads the command line, trains, prints one summary and writes the picture."""
    parser = argparse.ArgumentParser(prog="python -m purify.resonant.demo", description="Train without gradients and draw the result.")
    parser.add_argument("dataset", choices=sorted(MAKERS))
    parser.add_argument("--generations", type=int, default=200, help="generations of 64 candidates (default: %(default)s)")
    parser.add_argument("--samples", type=int, default=400, help="training points (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of data and search (default: %(default)s)")
    parser.add_argument("--output", help="the picture (default: resonant-DATASET.png)")
    options = parser.parse_args(arguments)
    if options.generations < 1 or options.samples < 2:
        parser.error("--generations is at least 1 and --samples at least 2")
    started = time.perf_counter()
    found = train(options.dataset, options.generations, options.samples, seed=options.seed, progress=True)
    path = options.output or f"resonant-{options.dataset}.png"
    draw(found, path)
    result = found["result"]
    print(f"{result.evaluations} evaluations, {time.perf_counter() - started:.1f} s")
    print(f"loss {found['loss']:.4f}, accuracy {100 * found['train']:.1f} % on the training points, {100 * found['test']:.1f} % on 2000 new ones")
    print(f"syntony {result.syntony_history[0]:.4f} at the start, {result.final_syntony:.4f} at the end")
    print(f"drawn to {path}")


if __name__ == "__main__":
    main()
