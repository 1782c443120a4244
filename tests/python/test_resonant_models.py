"""Attention, transformers, convolutions, windings, embeddings and analyses: what must hold beside their formulas."""

import json
import math

import numpy as np
import pytest

from purify import resonant as rs
from purify.resonant import RESConfig, ResonantTensor, ShapeError, analysis, functional, losses, nn, train

P = 1000


def batch(*shape, seed=0, precision=P):
    return ResonantTensor(np.random.default_rng(seed).normal(size=shape), precision=precision)


def array(t):
    return np.array(t.to_floats()).reshape(t.shape)


# ---- attention -----------------------------------------------------------------------------------


def test_rows_of_attention_sum_to_one_exactly_and_masks_hide():
    q, k = batch(2, 4, 6, seed=1), batch(2, 5, 6, seed=2)
    mask = [[j <= i for j in range(5)] for i in range(4)]
    _, weights = functional.attention(q, k, k, mask)
    assert all(x == 1 for x in weights.sum(-1).to_golden())
    w = array(weights)
    assert (w[:, np.triu(np.ones((4, 5), bool), 1)] == 0.0).all() and (w >= 0.0).all() and (w[:, 3, :4] > 0.0).all()
    # What is hidden does not matter: other keys and values there give the same.
    other = ResonantTensor(np.concatenate([array(k)[:, :4], 9.0 * np.ones((2, 1, 6))], 1), precision=P)
    assert functional.attention(q, k, k, mask)[0].equals(functional.attention(q, other, other, mask)[0])
    with pytest.raises(ValueError):
        functional.masked_fill(q, mask)


def test_one_head_is_attention_without_heads():
    x = batch(2, 5, 6, seed=3)
    layer = nn.MultiHeadSyntonicAttention(6, 1, precision=P).eval()
    seen, _ = functional.attention(layer.query(x), layer.key(x), layer.value(x))
    assert layer.attend(x).equals(layer.out(seen))
    assert functional.merge_heads(functional.split_heads(x, 3), 3).equals(x.reshape([2, 5, 6]))
    with pytest.raises(ShapeError):
        nn.MultiHeadSyntonicAttention(6, 4)


def test_concentration_lies_between_evenly_spread_and_one_key():
    layer = nn.SyntonicAttention(4, precision=P).eval()
    layer(batch(2, 1, 4))
    assert layer.concentration == 1.0
    for p in layer.query.parameters():
        p.tensor = ResonantTensor.zeros(p.shape, P)
    layer(batch(2, 6, 4))
    assert layer.concentration == pytest.approx(0.0, abs=1e-4)


def test_gnosis_runs_at_any_width_and_opens_whatever_the_sign_of_a_score():
    x = batch(1, 4, 6, seed=4)
    layer = nn.GnosisAttention(6, gnosis_dim=5, precision=P).eval()
    assert layer(x).shape == (1, 4, 6) and 0.0 < layer.gnosis < 1.0
    # A wide open gate multiplies all weights alike, and so changes nothing.
    layer.gate.bias.tensor = ResonantTensor([50.0], precision=P)
    layer.gate.weight.tensor = ResonantTensor([[0.0]], precision=P)
    plain = nn.SyntonicAttention(6, precision=P).eval()
    for name, p in plain.named_parameters():
        p.tensor = dict(layer.named_parameters())[name].tensor
    np.testing.assert_allclose(array(layer(x)), array(plain(x)), atol=20 * rs.snap_error_bound(P, 3.0))


# ---- transformers --------------------------------------------------------------------------------


def test_a_decoder_sees_no_later_tokens_and_shared_tables_are_one_parameter():
    model = nn.CRTTransformer(7, 7, 8, 2, 1, 1, 16, share_embeddings=True, precision=P, seed=3).eval()
    source = [[1, 2, 3]]
    a, b = model(source, [[4, 5, 6]]), model(source, [[4, 5, 0]])
    assert a.shape == (1, 3, 7)
    assert a[:, :2].equals(b[:, :2]) and not a.equals(b)
    names = [n for n, _ in model.named_parameters()]
    assert len(names) == len(set(map(id, model.parameters()))) and "output.weight" not in names and "target.table" not in names
    again = nn.CRTTransformer(7, 7, 8, 2, 1, 1, 16, share_embeddings=True, precision=P, seed=9).eval()
    again.load_state_dict(json.loads(json.dumps(model.state_dict())))
    assert again(source, [[4, 5, 6]]).equals(a)
    assert len(model.encoder.stabilities) == 1 and 0.0 < model.encoder.stabilities[0] < 1.0
    with pytest.raises(ValueError):
        nn.CRTTransformer(7, 8, 8, 2, share_embeddings=True)
    with pytest.raises(ValueError):
        model([[7]], [[0]])


def test_the_published_pure_transformer_has_equal_outputs_and_one_live_row():
    published = nn.PureResonantTransformer(5, 16, 3)
    y = array(published(batch(4, 5, precision=100)))
    assert (y == y[:, :1]).all()
    weight = np.array(published.layers[0].weight.to_floats()).reshape(16, 16)
    assert np.count_nonzero(weight) == 9 and np.count_nonzero(weight.any(1)) == 1
    drawn = array(nn.PureResonantTransformer(5, 16, 3, seed=1)(batch(4, 5, precision=100)))
    assert (drawn != drawn[:, :1]).any()


# ---- embeddings ----------------------------------------------------------------------------------


def test_turning_keeps_norms_and_knows_distances_alone():
    layer = nn.RotaryEmbedding(8)
    fine = batch(1, 6, 8, seed=5, precision=1 << 40)
    turned = layer(fine)
    np.testing.assert_allclose(np.linalg.norm(array(turned), axis=-1), np.linalg.norm(array(fine), axis=-1), rtol=1e-9)
    q, k = batch(1, 1, 8, seed=6, precision=1 << 40), batch(1, 1, 8, seed=7, precision=1 << 40)
    product = lambda m, n: float((array(layer(q, m)) * array(layer(k, n))).sum())  # noqa: E731
    assert product(3, 1) == pytest.approx(product(40, 38), abs=1e-9) and product(3, 1) != pytest.approx(product(3, 2), abs=1e-3)
    with pytest.raises(ShapeError):
        nn.RotaryEmbedding(7)


def test_positions_are_told_apart_also_by_odd_widths():
    for d in (8, 7):
        table = np.array(nn.PositionalEncoding(d, 500).table(500))
        assert table.shape == (500, d)
        gaps = np.linalg.norm(table[:, None] - table[None], axis=-1) + 10 * np.eye(500)
        assert gaps.min() > 1e-3
    # The slowest component of the golden frequencies spans the length; the published ones all turn within a few steps.
    slow = nn.PositionalEncoding(64, 500).rates[-1]
    assert slow * 500 < 2 * math.pi and min(nn.PositionalEncoding(64, 500, frequencies="legacy").rates) > rs.PHI_INV
    standard = nn.PositionalEncoding(4, 10, frequencies="standard").table(3)
    assert standard[2] == pytest.approx([math.sin(2), math.cos(2), math.sin(0.02), math.cos(0.02)])
    with pytest.raises(ShapeError):
        nn.PositionalEncoding(4, 2)(batch(1, 3, 4))


def test_embeddings_are_drawn_padded_and_periodic():
    layer = nn.SyntonicEmbedding(50, 16, padding_idx=0, precision=P)
    y = array(layer([[0, 3], [4, 0]]))
    assert y.shape == (2, 2, 16) and not y[0, 0].any() and not y[1, 1].any() and y[0, 1].any()
    table = np.array(layer.table.to_floats()).reshape(50, 16)[1:]
    assert table.std() == pytest.approx(1 / (rs.PHI * 4), rel=0.1) and len({tuple(r) for r in table.tolist()}) == 49
    assert nn.coprime_windings(8) == [1, 2, 5, 9, 17, 29, 47, 77]
    winding = nn.WindingEmbedding(12, 8, precision=P).eval()
    assert winding([5]).equals(winding([17])) and not winding([5]).equals(winding([6]))
    assert "amplitude" in dict(winding.named_parameters())
    assert "amplitude" not in dict(nn.WindingEmbedding(12, 8, learnable=False).named_parameters())
    with pytest.raises(ValueError):
        layer([[50]])
    with pytest.raises(ValueError):
        layer([[1, 2], [3]])


# ---- gates, perceptrons, convolutions --------------------------------------------------------------


def test_the_adaptive_gate_stays_below_its_supremum():
    gate = nn.AdaptiveGate(4, precision=P)
    for p in (gate.last.bias, gate.estimate_last.bias):
        p.tensor = ResonantTensor([40.0] * p.shape[0], precision=P)
    x = batch(6, 4)
    top = array(gate.gate(x, x, x))
    assert top.max() <= 0.1 + 0.8 / (1 + math.exp(-1.5)) + rs.snap_error_bound(P) and top.max() > 0.74
    assert array(nn.AdaptiveGate(4, precision=P).gate(x, x, x)).min() >= 0.1 - rs.snap_error_bound(P)


def test_blocks_of_every_model_report_their_metric():
    x, image = batch(6, 5), batch(2, 3, 8, 8)
    for model, inputs in (
        (nn.SyntonicMLP(5, [4, 4], 2, precision=P), x),
        (nn.SyntonicMLP(5, [4, 4], 2, use_recursion=False, output_activation="softmax", precision=P), x),
        (nn.DeepSyntonicMLP(5, 4, 2, 3, precision=P), x),
        (nn.SyntonicConv2d(3, 4, use_recursion=False, precision=P), image),
        (nn.SyntonicConv2d(3, 4, precision=P), image),
        (nn.RecursionConvBlock(3, 3, precision=P), image),
    ):
        assert model.block_metrics == []
        y = model.eval()(inputs)
        assert model.block_metrics and all(0.0 <= m <= 1.0 for m in model.block_metrics) and 0.0 < model.syntony < 1.0
        if getattr(model, "output_activation", None) == "softmax":
            assert all(v == 1 for v in y.sum(-1).to_golden())
    with pytest.raises(ValueError):
        nn.SyntonicMLP(5, [4], 2, output_activation="relu")


def test_convolutions_halve_where_asked_and_learn_no_shape():
    assert nn.RecursionConvBlock(3, 6, downsample=True)(batch(1, 3, 8, 8)).shape == (1, 6, 4, 4)
    net = nn.SyntonicCNN(3, 5, 4, (1, 1), precision=100)
    assert net(batch(2, 3, 16, 16, precision=100)).shape == (2, 5)
    assert nn.RecursionConvBlock(3, 3).shortcut is None and nn.RecursionConvBlock(3, 4).shortcut is not None


# ---- windings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("max_winding", "count"), [(3, 312_834), (5, 485_378)])
def test_the_winding_net_has_the_published_number_of_parameters(max_winding, count):
    assert sum(p.tensor.size for p in nn.WindingNet(max_winding).parameters()) == count


def test_a_winding_net_classifies_states_and_its_weights_crystallize():
    net = nn.WindingNet(2, 8, precision=P, seed=2).eval()
    states = list(net.embedding.states)[:6]
    total, task, syntony = net.loss(states, [0, 1, 0, 1, 0, 1])
    assert total == pytest.approx(task + rs.Q_DEFICIT * (1.0 - syntony)) and 0.0 < syntony < 1.0
    net.crystallize_weights(50)
    assert all(p.tensor.precision == 50 for p in net.parameters())
    assert net(states).shape == (6, 2)


def test_a_ledger_finds_any_change():
    ledger = nn.Ledger()
    for i in range(3):
        ledger.append(0.1 * i, batch(4, seed=i))
    assert ledger.verify() and len(ledger) == 3
    for field, value in (("syntony", 0.5), ("index", 7), ("state", ledger.entries[0].state), ("digest", "0" * 64)):
        changed = nn.Ledger()
        changed.entries = list(ledger.entries)
        e = changed.entries[1]
        changed.entries[1] = nn.LedgerEntry(**{**e.__dict__, field: value})
        assert not changed.verify(), field
    swapped = nn.Ledger()
    swapped.entries = [ledger.entries[i] for i in (1, 0, 2)]
    assert not swapped.verify()


def test_blocks_accept_rising_syntony_alone_and_repeat_from_their_seed():
    x = batch(5, 8, seed=2)
    block = nn.WindingDHSRBlock(8, precision=P).eval()
    block(x)
    assert block.accepted and len(block.ledger) == 1 and block.ledger.verify()
    block(x)
    assert not block.accepted and len(block.ledger) == 1
    first, second = (nn.ResonantWindingDHSRBlock(8, precision=P, seed=4) for _ in range(2))
    assert first(x).equals(second(x)) and not first(x).equals(nn.ResonantWindingDHSRBlock(8, precision=P, seed=5)(x))
    with pytest.raises(TypeError):
        first.reference(x)


def test_windings_hierarchies_and_syntony_by_sample():
    a = nn.WindingState(3, -1)
    assert a + nn.WindingState(1, 1) == (4, 0, 0, 0) and -a == (-3, 1, 0, 0) and (a - a).generation == 0
    assert (a.norm_squared, a.max_component, a.generation) == (10, 3, 3) and a.golden_weight == rs.golden_weight(10.0)
    h = nn.FibonacciHierarchy(6)
    assert h.layer_dims(64)[-1] == 832 and h.sequence[:6] == [1, 1, 2, 3, 5, 8] and h.expansion_factor(2) == 3
    x = batch(3, 4)
    computer = nn.WindingSyntonyComputer(4, [0.0, 1.0, 1.0, 4.0])
    rows = [rs.syntony(r.tolist(), computer.mode_norm_sq) for r in array(x)]
    assert computer.per_sample(x) == pytest.approx(rows) and min(rows) <= computer(x) <= max(rows)
    flat, indexed = (nn.ResonantWindingEmbedding(1, 3, norms=n).table.tensor.get_mode_norm_sq() for n in ("winding", "indexed"))
    assert [b - a for a, b in zip(flat, indexed)] == [0.0, 1.0, 4.0] * 9
    layer = nn.PrimeSelectionLayer(10)
    assert layer.get_composite_indices() == [3, 7, 8] and len(layer.get_prime_indices()) == 7


# ---- doubles -------------------------------------------------------------------------------------


def test_floats_do_what_tensors_do():
    x, y = batch(3, 4, seed=8, precision=1 << 40), batch(3, 4, seed=9, precision=1 << 40)
    a, b = nn.Floats(x), nn.Floats(y)
    pairs = [
        (x + y, a + b), (x - y, a - b), (x * y, a * b), (-x, -a), (x.one_minus(), a.one_minus()), (x.matmul(y), a.matmul(b)),
        (x.sum(1), a.sum(1)), (x.mean(), a.mean()), (x.var(0, True), a.var(0, True)), (x.transpose(), a.transpose()),
        (x.exp(), a.exp()), (x.layer_norm(), a.layer_norm()), (x.batch_norm("golden"), a.batch_norm("golden")),
        *((getattr(functional, f)(x), getattr(functional, f)(a)) for f in ("relu", "apply_recursion", "apply_inverse_recursion")),
        *((getattr(functional, f)(x, None), getattr(functional, f)(a, None)) for f in ("sigmoid", "tanh", "gelu", "softmax")),
        (functional.dropout(x, 0.5, seed=3), functional.dropout(a, 0.5, seed=3)), (x[1:, 2], a[1:, 2]),
        (x.index_select([2, 0], 1), a.index_select([2, 0], 1)), (x.scalar_mul(0.3).scalar_add(2), a.scalar_mul(0.3).scalar_add(2)),
        (functional.prune_hierarchy(x, 100.0), functional.prune_hierarchy(a, 100.0)),
        (batch(1, 2, 4, 4, seed=1).global_avg_pool2d(), nn.Floats(batch(1, 2, 4, 4, seed=1)).global_avg_pool2d()),
    ]  # fmt: skip
    for i, (exact, double) in enumerate(pairs):
        assert tuple(exact.shape) == tuple(double.shape), i
        np.testing.assert_allclose(exact.to_floats(), double.to_floats(), atol=2e-9 if i < len(pairs) - 1 else 1e-2, err_msg=str(i))
    assert x.syntony == pytest.approx(a.syntony) and a.to_floats() == x.to_floats()
    with pytest.raises(ShapeError):
        a.matmul(nn.Floats(batch(3, 5)))
    report = nn.deviation(nn.MLP(4, [5], 2, precision=P), batch(6, 4))
    assert 0.0 < report["snaps"] < 20 and report["largest"] == pytest.approx(report["snaps"] * report["bound"])


# ---- analyses, callbacks, regularisers ---------------------------------------------------------------


def test_a_monitor_knows_mean_slope_and_peak():
    m = analysis.SyntonyMonitor(0.5, 4)
    assert m.current == m.mean == m.trend == 0.0
    for v in (0.9, 0.1, 0.2, 0.3, 0.6):
        m.update(v)
    assert (m.current, m.peak, m.fraction_above_target) == (0.6, 0.9, 0.25)
    assert m.mean == pytest.approx(0.3) and m.trend == pytest.approx(0.16) and m.variance == pytest.approx(0.035)
    swing = analysis.SyntonyMonitor(window=52)
    for i in range(60):
        swing.update(0.3 + 0.4 * (i % 2))
    assert swing.archonic()


def test_health_sees_weights_and_activations():
    model = nn.MLP(4, [6], 2, activation="relu", precision=P).eval()
    x = batch(5, 4)
    health = analysis.NetworkHealth(model)
    report = health.check(x)
    assert report.weight_health == 1.0 and report.activation_health == 1.0 and not report.warnings
    assert report.overall == pytest.approx(0.5 * report.syntony_health + 0.5) and report.syntony_health == pytest.approx(model.syntony)
    assert [n for n, _ in health.activations(x)] and "forward" not in vars(model.linears[0])
    model.linears[0].weight.tensor = ResonantTensor(np.full((6, 4), -30.0) + np.arange(24.0).reshape(6, 4) * 3, precision=P)
    sick = health.check(x)
    assert sick.weight_health == pytest.approx(0.81) and sick.overall < report.overall and any("std" in w for w in sick.warnings)
    # Everything cut off by relu: more than half of the outputs are zero.
    model.linears[0].bias.tensor = ResonantTensor([-1e3] * 6, precision=P)
    model.linears[0].weight.tensor = ResonantTensor.zeros([6, 4], P)
    assert any("exceed 10" in w for w in health.check(x).warnings)
    assert analysis.NetworkHealth(model).check().activation_health is None


def trained(**options):
    points, labels = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    model = nn.MLP(2, [3], 2, precision=P, seed=1)
    return train.RESTrainer(model, RESConfig(population_size=6, lambda_val=0.0), seed=1, generations_per_epoch=2, **options), (points, labels)


def test_ways_out_move_weights_and_begin_anew():
    for escape in (analysis.NoiseInjection(0.05, seed=2), analysis.WeightPerturbation(0.5), analysis.WeightPerturbation(0.5, direction="syntony")):
        trainer, data = trained()
        trainer.fit(data, 1)
        before = [p.tensor for p in trainer.model.parameters()]
        escape.apply(trainer, 2.0)
        after = [p.tensor for p in trainer.model.parameters()]
        assert any(not a.equals(b) for a, b in zip(before, after)) and all(math.isfinite(v) for t in after for v in t.to_floats())
        assert [t.get_mode_norm_sq() for t in before] == [t.get_mode_norm_sq() for t in after] and trainer._evolvers == {}
        if getattr(escape, "direction", "") == "syntony":
            # Of a step and its mirror image the better one was kept.
            for a, b in zip(before, after):
                mirror = ResonantTensor([2 * u - v for u, v in zip(a.to_floats(), b.to_floats())], a.shape, a.get_mode_norm_sq(), P)
                assert b.syntony >= mirror.syntony - 1e-2
    # One element has no spread; the noise is finite all the same.
    one = nn.Sequential(nn.ResonantLinear(1, 1, bias=False))
    analysis.NoiseInjection(0.5).apply(train.RESTrainer(one))
    assert math.isfinite(one.parameters()[0].to_floats()[0])
    with pytest.raises(ValueError):
        analysis.WeightPerturbation(direction="up")


def test_a_shock_widens_the_step_and_ends():
    factors = {d: [analysis.MutationShock(3.0, 4, d).factor_at(g) for g in range(6)] for d in ("linear", "exponential", "step")}
    assert factors["linear"] == pytest.approx([3.0, 2.5, 2.0, 1.5, 1.0, 1.0]) and factors["step"] == [3.0] * 4 + [1.0] * 2
    assert factors["exponential"] == pytest.approx([3.0 ** (1 - g / 4) for g in range(4)] + [1.0, 1.0])
    trainer, data = trained()
    seen = []
    trainer.fit(data, 1)
    analysis.CombinedEscape(analysis.MutationShock(4.0, 2, "step")).apply(trainer, 0.5)
    original = trainer._config_now
    trainer._config_now = lambda: seen.append(original().mutation_scale) or RESConfig(population_size=6, mutation_scale=seen[-1], lambda_val=0.0)
    losses_before = trainer.history.loss[-1]
    history = trainer.fit(data, 4)
    assert seen == pytest.approx([0.3 * 2.5, 0.3 * 2.5, 0.3, 0.3]) and history.loss[-1] <= losses_before


def test_callbacks_write_stop_and_boost(tmp_path):
    trainer, data = trained()
    checkpoint = train.SyntonyCheckpoint(tmp_path / "states", save_interval=2)
    trainer.fit(data, 4, callbacks=[checkpoint, train.MetricsLogger(tmp_path / "log.jsonl")])
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [0, 1, 2, 3] and lines[-1]["loss"] == trainer.history.loss[-1]
    names = sorted(p.name for p in (tmp_path / "states").iterdir())
    assert names == ["best.json", "epoch_2.json", "epoch_4.json"]
    fresh, _ = trained()
    train.SyntonyCheckpoint.load(tmp_path / "states" / "epoch_4.json", fresh.model)
    assert all(a.tensor.equals(b.tensor) for a, b in zip(fresh.model.parameters(), trainer.model.parameters()))
    # Nothing improves when the step is zero: the training stops, or escapes and goes on.
    still, data = trained()
    still.config = RESConfig(population_size=2, mutation_scale=0.0, lambda_val=0.0)
    assert len(still.fit(data, 30, callbacks=[train.ArchonicEarlyStop(patience=3)]).loss) == 4
    escape = train.ArchonicEarlyStop(patience=3, escape=analysis.NoiseInjection(0.1))
    still.history.loss.clear()
    still.fit(data, 9, callbacks=[escape])
    assert escape.escapes == 2 and len(still.history.loss) == 9
    boosted, data = trained()
    boosted.config = RESConfig(population_size=2, mutation_scale=1e-9, lambda_val=0.0)
    boosted.fit(data, 12, callbacks=[train.FitnessPlateau(2, boosts=2, mutation_boost=10.0)])
    assert boosted.config.mutation_scale == pytest.approx(1e-7)


def test_regularisers_follow_their_formulas():
    model = nn.Sequential(nn.ResonantLinear(3, 2, precision=P))
    w = np.array([[1.0, -2.0, 0.0], [0.0, 2.0, 2.0]])
    model[0].weight.tensor, model[0].bias.tensor = ResonantTensor(w, precision=P), ResonantTensor([0.0, 1.0], precision=P)
    share = 3 / 8
    assert losses.sparsity(model) == pytest.approx(8 / 8 + (share - rs.PHI_INV) ** 2)
    ratio = [np.linalg.norm(w) / (2 * math.sqrt(6)) - 1, 1 / math.sqrt(2) - 1]
    assert losses.coherence(model) == pytest.approx(np.mean(np.square(ratio)))
    assert losses.spectral(model) == pytest.approx((np.linalg.svd(w)[1][0] - rs.PHI) ** 2)
    decay = 0.01 * (np.square(w).sum() + 1.0 / rs.PHI)
    assert losses.golden_decay(model) == pytest.approx(decay)
    weights = losses.layer_weights(2)
    s = [p.syntony for p in model.parameters()]
    assert losses.layerwise_syntony_loss(model, 0.5) == pytest.approx(0.5 * sum(a * (1 - b) for a, b in zip(weights, s)))
    assert losses.syntony_constraint(0.4, 2.0, 1.0, 0.1) == pytest.approx(2.0 * 0.25) and losses.syntony_constraint(0.95, margin=0.1) == 0.0
    swing = [0.2, 0.6] * 30
    assert losses.archonic_penalty(swing, 3.0, 52) == pytest.approx(3.0 * 0.04 * 0.6) and losses.archonic_penalty([0.5] * 60) == 0.0
    quarter = ResonantTensor([[1.0, 0.0, 0.0, 3.0]], precision=P)
    assert losses.i_pi_constraint(quarter) == 0.0
    assert losses.i_pi_constraint(ResonantTensor([[1.0, 2.0, 2.0, 4.0]], precision=P), 3.0, 2.0) == pytest.approx(1.5)
    assert losses.phase_target(-1.0) == 0.0 and losses.phase_target(2.0) == math.pi / 2
    assert losses.phase_target(0.5, 1.0, 2.0) == pytest.approx(2.0 - 0.5**rs.PHI)
    both = losses.MetricsAggregator().update(losses.TrainingMetrics(1.0, 0.5, 0.2, 3)).update(losses.TrainingMetrics(3.0, None, 0.6, 1))
    assert both.compute() == losses.TrainingMetrics(1.5, 0.5, pytest.approx(0.3), 4)
    for bad in (lambda: losses.i_pi_constraint(batch(2, 3)), lambda: losses.MetricsAggregator().compute()):
        with pytest.raises(ValueError):
            bad()
