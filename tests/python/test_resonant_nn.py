"""Layers against the same formulas in NumPy, their state, losses, and training by evolution."""

import math

import numpy as np
import pytest

from purify import resonant as rs
from purify.resonant import GoldenExact, RESConfig, ResonantTensor, ShapeError, losses, nn, train

P = 1000


def batch(n, d, seed=0):
    return ResonantTensor(np.random.default_rng(seed).normal(size=(n, d)), precision=P)


def array(t):
    return np.array(t.to_floats()).reshape(t.shape)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def linear(layer, x):
    y = x @ array(layer.weight.tensor).T
    return y if layer.bias is None else y + array(layer.bias.tensor)


def e(magnitude=4.0):
    return rs.snap_error_bound(P, magnitude)


@pytest.mark.parametrize("d", [4, 16])
@pytest.mark.parametrize("seed", [0, 1])
def test_layers_follow_their_formulas(d, seed):
    x = batch(5, d, seed)
    v = array(x)
    layer = nn.ResonantLinear(d, 3, precision=P, seed=seed)
    layer.bias.tensor = ResonantTensor([0.5, -0.25, 1.0], precision=P)
    np.testing.assert_allclose(array(layer(x)), linear(layer, v), atol=e())
    up = nn.DifferentiationLayer(d, precision=P, seed=seed)
    np.testing.assert_allclose(array(up(x)), v + np.maximum(linear(up.linear, v), 0), atol=3 * e())
    down = nn.HarmonizationLayer(d, beta_scale=0.5, precision=P, seed=seed)
    want = v - 0.5 * sigmoid(linear(down.damping, v)) + np.tanh(linear(down.syntonic, v))
    np.testing.assert_allclose(array(down(x)), want, atol=5 * e())
    gate = nn.SyntonicGate(d, precision=P, seed=seed)
    p = batch(5, d, seed + 7)
    w = array(p)
    g = sigmoid(linear(gate.second, np.maximum(linear(gate.first, np.concatenate([v, w], 1)), 0)))
    np.testing.assert_allclose(array(gate(x, p)), g * w + (1 - g) * v, atol=40 * e())
    assert array(x).tolist() == v.tolist()


def test_harmonization_with_zero_weights_is_a_shift():
    layer = nn.HarmonizationLayer(3, precision=P)
    for p in layer.parameters():
        p.tensor = ResonantTensor.zeros(p.shape, P)
    x = batch(2, 3)
    np.testing.assert_allclose(array(layer(x)), array(x) - 0.5, atol=e(1.0))


def test_norms_reach_their_variance():
    x = batch(40, 16, 3)
    for target, variance in (("phi_inv", rs.PHI_INV), ("legacy", rs.PHI_INV**2), ("standard", 1.0)):
        y = array(nn.SyntonicNorm(16, target=target, precision=P)(x))
        assert abs(y.var(1) - variance).max() < 6 * e() and abs(y.mean(1)).max() < 2 * e()
    norm = nn.GoldenNorm(16, precision=P)
    assert abs(array(norm(x)).var(0) - rs.PHI_INV).max() < 4 * e()
    assert nn.GoldenNorm(16, affine=False, precision=P)(x).equals(norm(x))
    for _ in range(200):
        norm(x)
    np.testing.assert_allclose(array(norm.eval()(x)).var(0), rs.PHI_INV, atol=0.01)
    deep = nn.RecursionLayerNorm(16, 3, precision=P)
    assert array(deep(x, 2)).std() == pytest.approx(rs.PHI**-2, abs=0.01) and deep(x, 9).equals(deep(x, 2))


def test_blocks_report_the_residual_and_gates_need_no_equal_widths():
    block = nn.RecursionBlock(6, precision=P)
    assert block.residual is None
    block(batch(4, 6))
    assert 0.0 <= block.residual <= 1.0
    net = nn.DeepRecursionNet(6, [8, 6], 2, precision=P)
    assert net(batch(4, 6)).shape == (4, 2) and net.block_metrics == []
    assert len(net.parameters()) == len({n for n, _ in net.named_parameters()})


def test_state_is_exact_and_refuses_what_does_not_fit():
    a, b = nn.MLP(2, [8], 2, seed=1), nn.MLP(2, [8], 2, seed=2)
    a.linears[0].bias.tensor = ResonantTensor.from_golden_exact([GoldenExact.phi_to_power(200)] * 8, [8])
    b.load_state_dict(a.state_dict())
    assert all(p.tensor.equals(q.tensor) for p, q in zip(a.parameters(), b.parameters()))
    with pytest.raises(ShapeError):
        b.load_state_dict(nn.MLP(2, [9], 2).state_dict())
    with pytest.raises(ValueError):
        b.load_state_dict({})


def test_parameters_mutate_within_their_step():
    import random

    p = nn.Parameter([0.5] * 200, mode_norm_sq=[1.0] * 200, precision=50)
    before = p.clone()
    p.mutate(0.3, 1, random.Random(1))
    steps = [x - y for x, y in zip(p.to_lattice(), before.to_lattice())]
    assert 20 < sum(s != 0 for s in steps) < 100 and all(abs(s) <= GoldenExact.golden_squared() for s in steps)
    assert p.tensor.get_mode_norm_sq() == [1.0] * 200 and p.tensor.precision == 50


def test_windings_stay_apart_and_primes_are_square_free_numbers():
    table = nn.WindingStateEmbedding(2, 8, seed=1)
    rows = [tuple(table(state).to_floats()) for state in table.states]
    assert len(rows) == 89 == len(set(rows)) and table.get_mode_norm((1, 1, 0, 0)) == 2.0
    assert table([(0, 0, 0, 0), (1, 0, 0, 0)]).shape == (2, 8)
    with pytest.raises(ValueError):
        table([(5, 5, 5, 5)])
    assert nn.PrimeSelectionLayer(12).mask == [1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0]
    cone = nn.GoldenConeGate(8, 36)
    assert cone.live_heads < 36 and cone(batch(2, 8)).shape == (2, 8)


def test_dropout_acts_in_training_alone():
    x = batch(10, 10)
    layer = nn.Dropout(0.5, seed=1)
    assert 20 < sum(v == 0.0 for v in layer(x).to_floats()) < 80 and layer.eval()(x) is x


def test_losses():
    logits = ResonantTensor([[1e4, -1e4], [0.0, 0.0]], precision=10)
    assert losses.cross_entropy(logits, [1, 0]) == pytest.approx((2e4 + math.log(2)) / 2)
    assert losses.accuracy(logits, [0, 0]) == 1.0 and losses.mse([1.0, 2.0], [0.0, 0.0]) == 2.5
    low, high = losses.syntonic_loss(1.0, 0.2)[0], losses.syntonic_loss(1.0, 0.7)[0]
    assert (low - high) / 0.5 == pytest.approx(0.1)
    for bad in (lambda: losses.cross_entropy(logits, [0]), lambda: losses.cross_entropy(logits, [2, 0]), lambda: losses.mse([], [])):
        with pytest.raises(ValueError):
            bad()
    # The stated phase cost: vacuous for two features, out of reach for three.
    assert losses.phase_cost(batch(9, 2)) == pytest.approx(0.0, abs=1e-12)
    mixed = ResonantTensor(np.eye(3))
    assert losses.phase_cost(mixed) == pytest.approx((math.pi / 3 - math.pi / 2) ** 2)
    assert losses.phase_cost(ResonantTensor([[1.0, 0.0, 0.0]])) == pytest.approx((math.pi / 2) ** 2)
    assert losses.phase_cost(mixed, "entropy") == pytest.approx(0.0, abs=1e-12)
    swing = [0.2, 0.6] * 26
    assert losses.detect_archonic(swing, 52) and not losses.detect_archonic(swing[:10]) and not losses.detect_archonic([0.5] * 50)
    assert losses.population_diversity([ResonantTensor([0.0]), ResonantTensor([3.0])]) == 3.0


class Count(train.Callback):
    def __init__(self):
        self.calls = {}

    def __getattribute__(self, name):
        if name.startswith("on_"):
            calls = object.__getattribute__(self, "calls")
            calls[name] = calls.get(name, 0) + 1
        return object.__getattribute__(self, name)


@pytest.mark.parametrize("mode", ["joint", "coordinate"])
def test_training_never_raises_the_loss_and_learns_the_corners(mode):
    corners, labels = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    model = nn.MLP(2, [8], 2, precision=P, seed=1)
    config = RESConfig(population_size=12, mutation_scale=0.5, lambda_val=0.0)
    trainer = train.RESTrainer(model, config, seed=1, mode=mode, generations_per_epoch=4)
    count = Count()
    first = trainer.evaluate(ResonantTensor(corners, precision=P), labels)
    history = trainer.fit((corners, labels), 25, val=(corners, labels), callbacks=[count, train.StopAtLoss(0.05)])
    assert all(b <= a for a, b in zip([first, *history.loss], history.loss))
    epochs = len(history.loss)
    assert count.calls["on_epoch_begin"] == count.calls["on_epoch_end"] == epochs == len(history.val_loss)
    assert count.calls["on_train_begin"] == count.calls["on_train_end"] == 1
    groups = 1 if mode == "joint" else 4
    assert count.calls["on_generation_end"] == 4 * epochs * groups == len(history.generations)
    assert trainer.evaluations == 12 * 4 * epochs * groups
    assert losses.accuracy(model(ResonantTensor(corners, precision=P)), labels) == 1.0
