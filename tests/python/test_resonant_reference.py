"""Layers and numbers against what PyTorch, NumPy and mpmath gave (`resonant_reference.py` made data/resonant.npz)."""

import math

import numpy as np
import pytest
import resonant_reference as made

from purify import resonant as rs
from purify.resonant import ResonantTensor, losses, nn

DATA = np.load(made.FILE)
FINE = 1 << 50  # the lattice of this bound is finer than 1e-14


def lattice(x, precision=FINE):
    return ResonantTensor(x, precision=precision)


def array(t):
    return np.array(t.to_floats()).reshape(t.shape)


def dressed(module, seed, precision=FINE):
    """A module in evaluation mode with the weights of the reference."""
    for name, p in module.named_parameters():
        p.tensor = lattice(made.draw(name, p.shape, seed), precision)
    return module.eval()


def cases(d, seed):
    """(name, module, inputs) of each layer at width d."""
    x, z = made.draw("input", (3, d), seed), made.draw("input.sequence", (2, 5, d), seed)
    causal = np.tril(np.ones((5, 5), bool)).tolist()
    second, third = made.draw("input.second", (3, d), seed), made.draw("input.third", (3, d), seed)
    P = dict(precision=100)
    yield "ResonantLinear", nn.ResonantLinear(d, 3, **P), (x,)
    yield "DifferentiationLayer", nn.DifferentiationLayer(d, **P), (x,)
    yield "HarmonizationLayer", nn.HarmonizationLayer(d, **P), (x,)
    yield "SyntonicNorm", nn.SyntonicNorm(d, **P), (x,)
    yield "GoldenNorm", nn.GoldenNorm(d, track_running_stats=False, **P), (x,)
    yield "RecursionLayerNorm", nn.RecursionLayerNorm(d, 3, **P), (x, 1)
    yield "SyntonicGate", nn.SyntonicGate(d, **P), (x, second)
    yield "AdaptiveGate", nn.AdaptiveGate(d, **P), (x, second, third)
    yield "RecursionBlock", nn.RecursionBlock(d, **P), (x,)
    yield "SyntonicLinear", nn.SyntonicLinear(d, d, **P), (x,)
    yield "DeepSyntonicMLP", nn.DeepSyntonicMLP(d, d, 3, 2, **P), (x,)
    yield "DifferentiationModule", nn.DifferentiationModule(d, 2, **P), (x,)
    yield "HarmonizationModule", nn.HarmonizationModule(d, 2, **P), (x,)
    yield "SyntonicAttention", nn.SyntonicAttention(d, **P), (z,)
    yield "MultiHeadSyntonicAttention", nn.MultiHeadSyntonicAttention(d, 2, **P), (z, None, None, causal)
    yield "MultiHeadSyntonicAttention.gnosis", nn.MultiHeadSyntonicAttention(d, 2, use_gnosis=True, **P), (z,)
    yield "DHTransformerLayer", nn.DHTransformerLayer(d, 2, 2 * d, **P), (z,)
    yield "DHTransformerDecoderLayer", nn.DHTransformerDecoderLayer(d, 2, 2 * d, **P), (made.draw("input.target", (2, 3, d), seed), z, causal3)
    yield "RotaryEmbedding", nn.RotaryEmbedding(d), (z,)
    yield "WindingDHSRBlock", nn.WindingDHSRBlock(d, **P), (x,)
    if d != 16:
        return
    image, large = made.draw("input.image", (2, 3, 8, 8), seed), made.draw("input.large", (2, 3, 16, 16), seed)
    yield "SyntonicConv2d", nn.SyntonicConv2d(3, 4, **P), (image,)
    yield "RecursionConvBlock", nn.RecursionConvBlock(3, 4, downsample=True, **P), (image,)
    yield "SyntonicCNN", nn.SyntonicCNN(3, 2, 4, (1, 1), **P), (large,)
    yield "CRTTransformer", nn.CRTTransformer(5, 5, 16, 2, 1, 1, 24, **P), made.TOKENS


causal3 = np.tril(np.ones((3, 3), bool)).tolist()


def statistics_of_the_batch(module):
    """The reference normalises by the batch, as training does; nothing here drops anything out."""
    for m in module.modules():
        m.training = isinstance(m, nn.GoldenNorm)
    return module


@pytest.mark.parametrize("seed", made.SEEDS)
@pytest.mark.parametrize("d", made.WIDTHS)
def test_layers_agree_with_pytorch(d, seed):
    names = []
    for name, module, inputs in cases(d, seed):
        statistics_of_the_batch(dressed(module, seed))
        want = DATA[f"layer.{name}.{d}.{seed}"]
        tensors = [lattice(v) if isinstance(v, np.ndarray) else v for v in inputs]
        got = module.reference(*tensors)
        assert got.shape == want.shape, name
        np.testing.assert_allclose(array(got), want, rtol=0, atol=1e-10 * max(1.0, abs(want).max()), err_msg=name)
        names.append(f"layer.{name}.{d}.{seed}")
    assert set(names) == {k for k in DATA.files if k.startswith("layer.") and k.endswith(f".{d}.{seed}")}


@pytest.mark.parametrize("d", [4, 16])
def test_layers_on_the_lattice_stay_within_a_few_snaps(d):
    # How many snaps' worth an element may be off: the number of snaps on its path times how much each is amplified.
    # The residual of a batch norm of three rows divides by small deviations.
    room = {"CRTTransformer": 60, "SyntonicCNN": 60, "GoldenNorm": 60, "RecursionConvBlock": 30, "WindingDHSRBlock": 40}
    precision = 1000
    for name, module, inputs in cases(d, 0):
        dressed(module, 0, precision)
        statistics_of_the_batch(module)
        tensors = [lattice(v, precision) if isinstance(v, np.ndarray) else v for v in inputs]
        got, exact = module(*tensors), module.reference(*tensors)
        bound = rs.snap_error_bound(precision, max(map(abs, exact.to_floats())))
        off = max(abs(a - b) for a, b in zip(got.to_floats(), exact.to_floats())) / bound
        assert off <= room.get(name, 20), f"{name}: {off:.1f} snaps"
        assert off > 0.0, f"{name}: nothing was snapped"


@pytest.mark.parametrize("p", [5, 32, 100, 1000])
def test_snapping_finds_what_a_search_through_all_finds(p):
    x, want = made.snap_points(p), DATA[f"snap.{p}"]
    got = [g.parts() for g in ResonantTensor(x, precision=p).get_lattice()]
    wrong = [(v, g, tuple(w)) for v, g, w in zip(x, got, want.tolist()) if (int(g[0]), int(g[1])) != tuple(w)]
    assert not wrong, wrong[:3]


def test_syntony_and_its_operators_to_the_last_digits():
    for (x, m2), row in zip(made.states(), DATA["operators"]):
        s, up, down, both = row[0], row[1:9], row[9:17], row[17:25]
        assert rs.syntony(x.tolist(), m2.tolist()) == pytest.approx(s, rel=1e-14)
        for gain, want in ((rs.d_gain, up), (rs.h_gain, down), (rs.r_gain, both)):
            got = [v * gain(m, s) for v, m in zip(x.tolist(), m2.tolist())]
            np.testing.assert_allclose(got, want, rtol=2e-15 * 8)


def test_critical_syntony_to_twelve_digits():
    for m, want in zip(made.CRITICAL, DATA["critical"]):
        assert rs.critical_syntony(float(m)) == pytest.approx(want, abs=1e-12)


def test_cycles_without_noise_follow_fifty_digits():
    for (n, start), want in zip(made.TRAJECTORIES.items(), DATA["trajectories"]):
        # So fine a lattice that twenty cycles stay close; where modes blow up, relative to the largest of them.
        x = ResonantTensor(start, precision=1 << 40)
        line = [x.syntony] + [x.cpu_cycle(0.0, 1 << 40) for _ in range(20)]
        np.testing.assert_allclose(line, want, rtol=0, atol=1e-6, err_msg=f"n = {n}")


def test_phase_cost_follows_the_eigenvalues():
    for x, (angle, entropy) in zip(made.BATCHES, DATA["phases"]):
        t, d = lattice(x), x.shape[1]
        assert losses.phase_cost(t) == pytest.approx((angle - math.pi / 2) ** 2, abs=1e-9)
        assert losses.phase_cost(t, "entropy") == pytest.approx(((entropy / math.log(d) - 1) * math.pi / 2) ** 2, abs=1e-9)
        if d == 2:
            assert angle == pytest.approx(math.pi / 2, abs=1e-12)


def test_the_file_says_what_made_it():
    assert all(word in str(DATA["versions"]) for word in ("torch", "numpy", "mpmath"))
